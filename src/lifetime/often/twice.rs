//! Handles that one run of a function overwrites: it puts a second one where the first stands, and nobody has released
//! that by then.

use crate::facts::{Node, UnaryOp};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref};

/// How deep a test is taken apart.
const MAX_TESTS: u32 = 8;

impl Judge<'_> {
    /// Evidence that the same run puts another handle where the only one of an acquisition stands.
    pub(in crate::lifetime) fn lost_in_run(
        &self,
        a: &Acquisition,
        flow: &Flow,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let row = &self.project.tables.pairs[a.row()?];
        let [held] = &flow.places[..] else { return None };
        if row.one_shot || row.collectable || row.inferred {
            return None;
        }
        let (run, from) = self.run_of(a.at);
        let other = self.pair_acquisitions(a.at.file).iter().find_map(|b| {
            let (other_run, at) = self.run_of(b.at);
            let is_deferred = |at: Ref, place: Ref| at != place;
            let comes_later = match (is_deferred(a.at, from), is_deferred(b.at, at)) {
                (true, false) => false,
                (false, true) => true,
                _ => self.is_before(from, at),
            };
            (b.at != a.at && other_run == run && comes_later && self.flow(b.at).places.contains(held))
                .then_some((b.at, at))
        });
        let (other, at) = other?;
        let ends = self.ends_of_handle(a, row, flow, releases);
        let right: Vec<&Release> = ends.iter().collect();
        self.only_holder(flow, self.project.function_at(a.at), &right)?;
        let is_safe = |at: Ref| self.is_over_before(at, held, &right);
        if right.is_empty() || is_safe(other) || is_safe(at) || self.is_either((a.at, from), (other, at)) {
            return None;
        }
        Some(vec![Evidence {
            role: Role::Context,
            at: other,
            text: format!("the same run overwrites `{}`", self.show_place(held)),
        }])
    }

    /// The function whose run reaches a node, and where it does: what a timeout or a promise runs later belongs to the
    /// run that begins it.
    fn run_of(&self, at: Ref) -> (Func, Ref) {
        let f = self.project.function_at(at);
        let facts = self.project.facts(f.file);
        let call = facts.parent(facts.function(f.function).node);
        let Node::Call { callee, .. } = facts.node(call) else {
            return (f, at);
        };
        let call = Ref { node: call, ..at };
        let reacts = || match facts.node(callee) {
            Node::Member { property, .. } => {
                let react = &self.project.tables.conventions.react;
                react.iter().any(|r| r == facts.name(property))
            }
            _ => false,
        };
        let is_timeout = || {
            let mut acquired = self.pair_acquisitions(at.file).iter();
            acquired.any(|b| b.at == call && b.row().is_some_and(|row| self.project.tables.pairs[row].one_shot))
        };
        match reacts() || is_timeout() {
            true => (self.project.function_at(call), call),
            false => (f, at),
        }
    }

    /// Whether a run reaches one of two nodes at most, each of which stands in a callback that begins at the other place.
    fn is_either(&self, a: (Ref, Ref), b: (Ref, Ref)) -> bool {
        let tests = |(at, from): (Ref, Ref)| {
            let mut tests = self.conditions_of(at);
            if at != from {
                tests.extend(self.conditions_of(from));
            }
            tests
        };
        let parts = |tests: &[(Ref, bool)]| {
            let mut parts = Vec::new();
            for &(test, truth) in tests {
                self.tested(test, Some(truth), 0, &mut parts);
            }
            parts
        };
        let (of_a, of_b) = (tests(a), tests(b));
        let one_test = of_a
            .iter()
            .any(|(test, truth)| of_b.iter().any(|(other, t)| other == test && t != truth));
        let (of_a, of_b) = (parts(&of_a), parts(&of_b));
        let one_value = of_a.iter().any(|(place, truth)| {
            let mut same = of_b.iter().filter(|(other, _)| other == place);
            same.any(|(_, t)| t.is_none() || truth.is_none() || t != truth)
        });
        one_test || one_value || self.is_one_way_of(a.1, b.1) || self.is_one_way_of(b.1, a.1)
    }

    /// Whether a node stands in a case of a `switch`, or in a `catch`, and another in the same statement, not in there.
    fn is_one_way_of(&self, at: Ref, other: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let mut ways = facts
            .ancestors(at.node)
            .take_while(|&up| !matches!(facts.node(up), Node::Function(_)));
        ways.any(|up| {
            matches!(facts.node(up), Node::Case { .. } | Node::Catch { .. })
                && facts.is_inside(other.node, facts.parent(up))
                && !facts.is_inside(other.node, up)
        })
    }

    /// The places that a test asks, and whether each has to be truthy; nothing where it is compared.
    fn tested(&self, test: Ref, truth: Option<bool>, depth: u32, out: &mut Vec<(Place, Option<bool>)>) {
        if depth > MAX_TESTS {
            return;
        }
        let facts = self.project.facts(test.file);
        let here = |node| Ref { node, ..test };
        match facts.node(test.node) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => self.tested(here(value), truth.map(|t| !t), depth + 1, out),
            Node::Logical { left, right, .. } => {
                self.tested(here(left), truth, depth + 1, out);
                self.tested(here(right), truth, depth + 1, out);
            }
            Node::Binding(_) | Node::Member { .. } | Node::Global(_) => out.push((self.project.place(test), truth)),
            _ => facts.children(test.node, |node| self.tested(here(node), None, depth + 1, out)),
        }
    }
}
