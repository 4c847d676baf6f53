//! Intervals that nothing but their own function ends, once something has come about: what began them may end before.

use rustc_hash::FxHashSet;

use crate::facts::{AssignOp, Node};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, OwnerId, Phase, Place, Ref, Repetition, Root, Use};
use crate::tables::Every;

impl Judge<'_> {
    /// Evidence that an interval of an object or component, or a listener on the page, waits for something else than the
    /// object's end, which leaves it.
    pub(in crate::lifetime) fn left_to_own_condition(
        &self,
        a: &Acquisition,
        scope: &Scope,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let row = &self.project.tables.pairs[a.row()?];
        let run = a.handler().and_then(|h| self.project.function_value(h, 0))?;
        if row.one_shot || row.collectable || row.inferred || !flow.returned.is_empty() || flow.other {
            return None;
        }
        if a.target().is_some() && !self.is_left_on_page(a, right) {
            return None;
        }
        let first = right.first()?;
        let is_own = |r: &&Release| {
            self.project.is_within(self.project.function_at(r.at), run)
                && !self.conditions_of(r.at).is_empty()
                && self.falsy_values(r.at).is_empty()
        };
        let reach = self.project.reach(&self.ends_of_scope(scope));
        if !right.iter().all(is_own) || right.iter().any(|r| self.asks_whether_over(r.at, &reach, run)) {
            return None;
        }
        let is_left = match scope {
            Scope::Owner { owner, method } => {
                self.is_run_as_it_begins(*owner, method)
                    || a.target().is_none() && self.is_left_by_own_end(*owner, flow, run, right)
            }
            Scope::Setup { .. } | Scope::Function => self.is_run_at_mount(self.project.function_at(a.at)),
            Scope::Effect { .. } => false,
        };
        is_left.then(|| {
            vec![Evidence {
                role: Role::Release,
                at: first.at,
                text: "only this condition ends it; the object may end before".into(),
            }]
        })
    }

    /// What runs at the end of a scope.
    fn ends_of_scope(&self, scope: &Scope) -> Vec<Func> {
        match scope {
            Scope::Owner { owner, .. } => self.teardowns(*owner).0,
            Scope::Setup { teardowns, .. } => teardowns.clone(),
            Scope::Effect { setup } => self.cleanup_of(*setup),
            Scope::Function => Vec::new(),
        }
    }

    /// Whether a function is registered to run as a component appears, and does nothing else.
    fn is_run_at_mount(&self, f: Func) -> bool {
        let uses = self.project.uses(f);
        let at_mount = |used: &Use| matches!(self.project.run_by_context(used), Some((_, Every::Mount)));
        !uses.is_empty() && uses.iter().all(at_mount) && !matches!(self.project.repetition(f), Repetition::Once)
    }

    /// Whether a framework runs a method as an object begins, or only such methods call it.
    fn is_run_as_it_begins(&self, owner: OwnerId, method: &str) -> bool {
        let is_setup = |name: &str| self.phase(owner, name) == (Phase::Setup, true);
        is_setup(method) || self.is_called_only(owner, method, |_, _, name, _| is_setup(name))
    }

    /// Whether an object has an end of its own, which could reach the handle and does not, and the interval waits for
    /// more than a number of steps.
    fn is_left_by_own_end(&self, owner: OwnerId, flow: &Flow, run: Func, right: &[&Release]) -> bool {
        let (teardowns, by_framework) = self.teardowns(owner);
        let is_one = self.is_singleton(owner) || self.project.instances_of(owner) == Repetition::Once;
        let in_field = flow.places.iter().any(|p| matches!(p.root, Root::This(_)));
        in_field
            && !by_framework
            && !is_one
            && teardowns.iter().any(|t| self.ends_its_object(*t))
            && !right.iter().any(|r| self.counts_steps(r.at, run))
    }

    /// Whether a test before a release asks a field that the end of the object sets.
    fn asks_whether_over(&self, release: Ref, reach: &FxHashSet<Func>, run: Func) -> bool {
        // A part of what is no longer there cannot be asked for: `this.video = null` ends no `this.video.ready`.
        let is_set = |d: &Ref, whole: bool| {
            reach.contains(&self.project.function_at(*d)) && (whole || !self.project.node(*d).is_nullish())
        };
        let asked = self.fields_asked(release, run);
        asked
            .iter()
            .any(|(field, whole)| self.project.definitions(field).iter().any(|d| is_set(d, *whole)))
    }

    /// Whether a test before a release compares what the interval's own function counts.
    pub(in crate::lifetime) fn counts_steps(&self, release: Ref, run: Func) -> bool {
        let facts = self.project.facts(run.file);
        let counted: Vec<Place> = facts
            .writes
            .iter()
            .filter(|&&write| {
                let at = Ref {
                    file: run.file,
                    node: write,
                };
                self.project.is_within(self.project.function_at(at), run)
            })
            .filter_map(|&write| match facts.node(write) {
                Node::Update { target, .. } => Some(target),
                Node::Assign { target, op, .. } if op != AssignOp::Set => Some(target),
                _ => None,
            })
            .map(|node| self.project.place(Ref { file: run.file, node }))
            .collect();
        let asked = self.fields_asked(release, run);
        asked
            .iter()
            .any(|(a, _)| counted.iter().any(|c| self.project.same_place(a, c)))
    }

    /// What the tests before a release within a function ask, and whether it is asked as a whole rather than for a part.
    fn fields_asked(&self, release: Ref, run: Func) -> Vec<(Place, bool)> {
        let facts = self.project.facts(release.file);
        let mut out = Vec::new();
        let mut at = release;
        loop {
            for (test, _) in self.conditions_of(at) {
                let mut open = vec![test.node];
                while let Some(node) = open.pop() {
                    if matches!(facts.node(node), Node::Member { .. } | Node::Binding(_)) {
                        let is_whole = !matches!(facts.node(facts.parent(node)),
                            Node::Member { object, optional: false, .. } if object == node);
                        out.push((self.project.place(Ref { node, ..release }), is_whole));
                    }
                    facts.children(node, |child| open.push(child));
                }
            }
            let f = self.project.function_at(at);
            if f == run {
                return out;
            }
            at = self.project.function_node(f);
        }
    }
}
