//! Listeners for a failure that stay when the other thing came: each wait, or each piece of work, leaves one more on
//! what is used again.

use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, Place, Ref, Root, Use};

impl Judge<'_> {
    /// The other one of two one-time listeners, which waits until something is ready while this one waits for its
    /// failure, in code that asks first whether it is ready already: it is called again and again, and whoever comes
    /// before leaves a listener.
    pub(in crate::lifetime) fn fails_beside_ready(&self, a: &Acquisition, target: Ref) -> Option<Evidence> {
        let conventions = &self.project.tables.conventions;
        let is_once = |o: &Acquisition| o.row().is_some_and(|row| self.project.tables.pairs[row].one_shot);
        if !is_once(a) || !self.is_for_one_of(a, &conventions.error_names) {
            return None;
        }
        let f = self.project.function_at(a.at);
        let top = self
            .project
            .method_around(f)
            .map_or_else(|| self.outermost(f), |(.., method)| method);
        let on = self.project.place(target);
        if self.is_filled_by(&on, top) || !self.is_let_in_by(a.at, top, &|test| self.asks_part_of(test, &on)) {
            return None;
        }
        let mut others = self.pair_acquisitions(a.at.file).iter();
        let beside = others.find(|o| {
            o.at != a.at
                && o.rule == a.rule
                && is_once(o)
                && self.project.function_at(o.at) == f
                && self.is_for_one_of(o, &conventions.once_events)
                && !self.is_of_its_end(o)
                && self.is_reached_with(a.at, o.at)
                && self.is_reached_with(o.at, a.at)
                && o.target()
                    .is_some_and(|t| self.project.same_place(&self.project.place(t), &on))
        })?;
        Some(Evidence {
            role: Role::Flow,
            at: beside.at,
            text: "when this comes, the listener for the failure stays".into(),
        })
    }

    /// Whether a test asks a part of an object, or its own state where the object is `this`: `client.connected`.
    fn asks_part_of(&self, test: Ref, object: &Place) -> bool {
        let place = self.project.place(test);
        if place.root == object.root && place.path.len() > object.path.len() && place.path.starts_with(&object.path) {
            return !object.path.is_empty() || !matches!(object.root, Root::This(_)) || self.changes_later(&place);
        }
        let facts = self.project.facts(test.file);
        let mut found = false;
        facts.children(test.node, |node| {
            found = found || self.asks_part_of(Ref { node, ..test }, object);
        });
        found
    }

    /// Whether a field is set by other code than what makes its object.
    fn changes_later(&self, field: &Place) -> bool {
        let set = self.project.definitions(field).into_iter();
        let mut set = set.map(|d| self.project.function_at(d));
        set.any(|f| {
            let around = self.project.method_around(f);
            around.is_some_and(|(_, name, method)| name != "constructor" || method != f)
        })
    }

    /// The release of another listener, on the same receiver or a part of it, that is reached from the handler of this
    /// one as well as from one of something else that ends the work: the receiver goes on then, and keeps this one.
    pub(in crate::lifetime) fn left_when_work_is_done(&self, a: &Acquisition) -> Option<Evidence> {
        let (target, handler) = a.registration()?;
        let on = self.project.place(target);
        let conventions = &self.project.tables.conventions;
        if self.project.life_of(&on) != Life::Outer || !self.is_for_one_of(a, &conventions.error_names) {
            return None;
        }
        let f = self.project.function_at(a.at);
        let run = self.project.reach(&[self.project.function_value(handler, 0)?]);
        let is_beside = |o: &&Acquisition| o.at != a.at && o.rule == a.rule && self.project.function_at(o.at) == f;
        let others: Vec<&Acquisition> = self.pair_acquisitions(a.at.file).iter().filter(is_beside).collect();
        let at = others.iter().find_map(|o| {
            let theirs = self.project.place(o.target()?);
            if theirs.root != on.root || !theirs.path.starts_with(&on.path) {
                return None;
            }
            let releases = self.releases_of(o, &self.flow(o.at));
            let found = releases.iter().find(|r| {
                let g = self.project.function_at(r.at);
                let calls = self.calls_of_field_with(g);
                let is_run = |call: &Ref| run.contains(&self.project.function_at(*call));
                let by_event = || run.contains(&g) && self.is_ended_by_others_than(&on, g, &others);
                // `this.stop = () => ...`, which another method calls as well.
                let by_method = || calls.iter().any(is_run) && !calls.iter().all(is_run);
                r.wrong.is_none() && g != f && (by_event() || by_method())
            });
            found.map(|r| r.at)
        })?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: "the work ends here as well, and leaves this one on what goes on".into(),
        })
    }

    /// The calls of the field of an object that a function is put into.
    fn calls_of_field_with(&self, g: Func) -> Vec<Ref> {
        let uses = self.project.uses(g);
        let fields = uses.iter().filter_map(|used| match used {
            Use::Stored { place, .. } if matches!(place.root, Root::This(_)) && place.path.len() == 1 => Some(place),
            _ => None,
        });
        let calls = fields.flat_map(|field| {
            let reads = self.references_in(field, g.file).into_iter();
            reads.filter_map(|read| {
                let up = self.project.facts(read.file).parent(read.node);
                let call = Ref { node: up, ..read };
                let is_callee = self.callee_of(call).is_some_and(|(callee, _)| callee == read);
                is_callee.then_some(call)
            })
        });
        calls.collect()
    }

    /// Whether a function is reached from the handler of something else than an object's own end.
    fn is_ended_by_others_than(&self, object: &Place, g: Func, listeners: &[&Acquisition]) -> bool {
        listeners.iter().any(|o| {
            let Some((target, handler)) = o.registration() else {
                return false;
            };
            let is_its_own = self.project.same_place(&self.project.place(target), object);
            let h = self.project.function_value(handler, 0);
            !(is_its_own && self.is_of_its_end(o)) && h.is_some_and(|h| self.project.reach(&[h]).contains(&g))
        })
    }
}
