//! Handles that the setup of an object puts in a field, and that another method's first run overwrites: the setup runs
//! before any other method, so what it began is lost as soon as the other one runs, once or often.

use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Key, Life, OwnerId, Phase, Place, Ref, Root, Use};

impl Judge<'_> {
    /// Evidence that a method overwrites the only handle of what the setup of its object began.
    pub(in crate::lifetime) fn lost_after_setup(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let (field, top) = self.field_for_teardown(a, owner, flow, right)?;
        let (of, name, _) = self.project.method_around(top)?;
        let [Key::Name(slot)] = field.path.as_slice() else {
            return None;
        };
        if self.phase(of, name).0 != Phase::Other || !self.runs_unasked(of, name, &field) {
            return None;
        }
        let begun = self
            .project
            .field_definitions(owner, slot)
            .into_iter()
            .find(|d| self.begins_in_setup(owner, *d, a, top))?;
        Some(vec![Evidence {
            role: Role::Context,
            at: begun,
            text: format!(
                "begun before, and the next one takes its place in `{}`",
                self.show_place(&field)
            ),
        }])
    }

    /// Whether a value of a field is begun whenever an object is set up, in a way that does not lead to a method.
    fn begins_in_setup(&self, owner: OwnerId, value: Ref, a: &Acquisition, method: Func) -> bool {
        let g = self.project.function_at(value);
        let around = self.project.method_around(g);
        let is_setup = around.is_some_and(|(of, name, top)| {
            top == g && self.project.is_related(of, owner) && self.phase(of, name).0 == Phase::Setup
        });
        is_setup
            && !self.is_conditional(value)
            && !self.has_early_exit(value)
            && !self.project.reach(&[g]).contains(&method)
            && self
                .pair_acquisitions(value.file)
                .iter()
                .any(|begun| begun.at == value && begun.rule == a.rule && self.goes_on_unheld(begun, &self.flow(value)))
    }

    /// Whether a method runs without a look at a field before: markup runs it, or other code.
    fn runs_unasked(&self, owner: OwnerId, name: &str, field: &Place) -> bool {
        let uses = self.project.method_uses(owner, name);
        let is_drawn = || self.project.lifecycle(owner).is_some();
        uses.is_empty() && is_drawn()
            || uses.iter().any(|used| match used {
                Use::Called { call } => !self.is_read_before(field, *call, self.project.function_at(*call)),
                Use::Passed { .. } | Use::Attribute { .. } => true,
                _ => false,
            })
    }

    /// Evidence that what is subscribed to a stream of unknown life is overwritten in a field: that the stream has to be
    /// left, the object's own teardown says.
    pub(in crate::lifetime) fn lost_by_word_of_teardown(
        &self,
        a: &Acquisition,
        scope: &Scope,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let Scope::Owner { owner, .. } = scope else {
            return None;
        };
        let stream = self.stream_of(a.target()?)?;
        let is_plain = |at: Ref| matches!(self.project.node(at), crate::facts::Node::Member { .. });
        let goes_on = stream.sources.iter().all(|s| {
            !s.completes && s.guards.is_empty() && matches!(s.life, Life::Unknown | Life::Outer) && is_plain(s.at)
        });
        let lost = || {
            self.lost_by_rerun(a, *owner, flow, right)
                .or_else(|| self.lost_after_setup(a, *owner, flow, right))
        };
        (goes_on && !right.is_empty()).then(lost).flatten()
    }

    /// Whether each run of a method subscribes to the same thing, which gives back what ends that.
    pub(in crate::lifetime) fn subscribes_to_the_same(&self, a: &Acquisition) -> bool {
        let Kind::Pair {
            row,
            target: Some(target),
            ..
        } = &a.kind
        else {
            return false;
        };
        let row = &self.project.tables.pairs[*row];
        if row.release_is_on_target() {
            return false;
        }
        if !row.stream {
            return self.is_the_same_each_time(&self.project.place(*target));
        }
        self.stream_of(*target).is_some_and(|stream| {
            stream.sources.iter().all(|source| {
                let facts = self.project.facts(source.at.file);
                let asked = facts.method_call(source.at.node).map(|call| call.object);
                let of = asked.map_or(source.at, |node| Ref { node, ..source.at });
                source.life == Life::Process || self.is_the_same_each_time(&self.project.place(of))
            })
        })
    }

    /// Whether a place holds the same thing for as long as an object lives: its field is set by its setup alone, or given
    /// from outside.
    pub(in crate::lifetime) fn is_the_same_each_time(&self, place: &Place) -> bool {
        let (Root::This(owner), Some(Key::Name(first))) = (&place.root, place.path.first()) else {
            return matches!(self.project.life_of(place), Life::Process);
        };
        self.project.field_definitions(*owner, first).into_iter().all(|d| {
            let around = self.project.method_around(self.project.function_at(d));
            let by_setup = around.is_none_or(|(of, name, _)| self.phase(of, name).0 == Phase::Setup);
            by_setup || self.project.node(d).is_absent()
        })
    }
}
