//! Methods that get another value each time they run: `load(source)`. What the last value began goes on where nothing
//! ends it first, and the end of the object knows the newest only.

use crate::facts::Node;
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::often::rerun::Begun;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, OwnerId, Place, Ref, Use};

/// Through how many functions the method is looked for that runs some code.
const MAX_CALLERS: usize = 3;

impl Judge<'_> {
    /// `load(source)`: a method that is named so begins something for what it is given, and the end of it is for the end of
    /// the object alone.
    pub(super) fn loads_value(&self, owner: OwnerId, name: &str, begun: &Begun<'_>) -> bool {
        let is_last = |g: &Func| {
            let around = self.project.method_around(*g);
            around.is_some_and(|(_, end, _)| self.is_last_of_all(end))
        };
        let for_value = || {
            let given = self.values_used(begun.top);
            let facts = self.project.facts(begun.at.file);
            given.iter().any(|at| facts.is_inside(at.node, begun.at.node))
                || !given.is_empty() && self.may_be_given_another(owner, name)
        };
        self.gets_values(name)
            && begun.at.file == begun.top.file
            && begun.ended_in.iter().all(is_last)
            && !self.is_part_of_construction(owner, name)
            && for_value()
    }

    /// Whether a method of such a name gets another value each time.
    fn gets_values(&self, name: &str) -> bool {
        self.project.tables.conventions.value_methods.iter().any(|m| m == name)
    }

    /// Whether a method of such a name is the end of its object, after which nothing begins anew.
    fn is_last_of_all(&self, name: &str) -> bool {
        let conventions = &self.project.tables.conventions;
        conventions.last.iter().any(|l| l == name) && !conventions.toggled.iter().any(|t| t == name)
    }

    /// Where a function uses its parameters.
    fn values_used(&self, f: Func) -> Vec<Ref> {
        let facts = self.project.facts(f.file);
        let mut out = Vec::new();
        for param in facts.list(self.project.function(f).params) {
            if let Node::Binding(b) = facts.node(param) {
                let used = facts.references_of(b).filter(|&node| node != param);
                out.extend(used.map(|node| Ref { file: f.file, node }));
            }
        }
        out
    }

    /// Whether nobody in sight gives a method its value, or somebody does so again and again.
    fn may_be_given_another(&self, owner: OwnerId, name: &str) -> bool {
        let uses = self.project.method_uses(owner, name);
        uses.is_empty()
            || uses.iter().any(|used| match used {
                Use::Called { call } => {
                    let g = self.project.function_at(*call);
                    self.listens_with(g).is_some() && !self.is_let_in_by(*call, g, &|test| self.asks_state(test))
                }
                _ => false,
            })
    }

    /// The releases other than those by which an interval ends itself once something has come about: the next value may
    /// come before.
    pub(in crate::lifetime) fn apart_from_own_end<'r>(
        &self,
        a: &Acquisition,
        right: &[&'r Release],
    ) -> Vec<&'r Release> {
        let run = a.handler().and_then(|h| self.project.function_value(h, 0));
        let is_own = |r: &Release| {
            run.is_some_and(|run| {
                self.project.is_within(self.project.function_at(r.at), run)
                    && !self.conditions_of(r.at).is_empty()
                    && !self.counts_steps(r.at, run)
            })
        };
        right.iter().copied().filter(|r| !is_own(r)).collect()
    }

    /// Evidence that a function which is put on an object gets another value, and overwrites the only handle of what the
    /// one before began: `self.load = function (source) { timer = setInterval(...) }`.
    pub(in crate::lifetime) fn lost_by_new_value(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let (held, outer) = self.variable_of_component(self.project.function_at(a.at), flow, right)?;
        let right = self.apart_from_own_end(a, right);
        let is_for_the_end = |r: &&Release| {
            let put = self.method_put(self.project.function_at(r.at));
            put.is_some_and(|place| place.last().is_some_and(|name| self.is_last_of_all(name)))
        };
        if right.is_empty() || !right.iter().all(is_for_the_end) || !self.goes_on_by_itself(a) {
            return None;
        }
        let mut at = a.at;
        for _ in 0..MAX_CALLERS {
            let f = self.project.function_at(at);
            let is_guard = |test: Ref| self.asks_state(test) && !self.leaves_alone(test, f);
            if f == outer || self.is_read_before(&held, at, f) || self.is_let_in_by(at, f, &is_guard) {
                return None;
            }
            if let Some(put) = self.method_put(f) {
                let again = put.last().is_some_and(|name| self.gets_values(name)) && !self.values_used(f).is_empty();
                return again.then(|| {
                    vec![Evidence {
                        role: Role::Context,
                        at: self.project.function_node(f),
                        text: format!("runs for each new value, and overwrites `{}`", self.show_place(&held)),
                    }]
                });
            }
            at = self.single_call(f)?;
        }
        None
    }

    /// The one property that a function is put at.
    fn method_put(&self, f: Func) -> Option<Place> {
        match &self.project.uses(f)[..] {
            [Use::Stored { place, .. }] => Some(place.clone()),
            _ => None,
        }
    }

    /// Whether a function sets none of the variables that a test asks.
    fn leaves_alone(&self, test: Ref, f: Func) -> bool {
        let facts = self.project.facts(test.file);
        let reach = self.project.reach(&[f]);
        let mut open = vec![test.node];
        while let Some(node) = open.pop() {
            let place = match facts.node(node) {
                Node::Binding(_) | Node::Member { .. } => self.project.place(Ref { node, ..test }),
                Node::Call { .. } => return false,
                _ => {
                    facts.children(node, |child| open.push(child));
                    continue;
                }
            };
            let mut set = self.project.definitions(&place).into_iter();
            if set.any(|d| reach.contains(&self.project.function_at(d))) {
                return false;
            }
        }
        true
    }
}
