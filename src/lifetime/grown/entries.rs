//! Single entries of a collection: whether one is there already, whether one that is looked up may be ended there, and whether
//! two additions exclude each other.

use crate::facts::{FileFacts, Node, NodeId};
use crate::finding::Cause;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown, LEFTOVER};
use crate::lifetime::grown::growth::Growth;
use crate::link::{Place, Ref};

impl Judge<'_> {
    /// Whether the entry that an assignment writes is there already: the same function uses it as an object before,
    /// whatever happens.
    pub(in crate::lifetime) fn is_there_before(&self, growth: &Growth, place: &Place) -> bool {
        let Some(key) = growth.key.filter(|_| self.is_by_brackets(growth)) else {
            return false;
        };
        let facts = self.project.facts(growth.at.file);
        let f = facts.enclosing_function(growth.at.node);
        let before = facts.span(growth.at.node).start;
        let span = facts.function(f).span;
        let here = |node| Ref {
            file: growth.at.file,
            node,
        };
        // The collection of another file has its references there as well.
        let references = self.references_in(place, growth.at.file).into_iter();
        references.filter(|at| at.file == growth.at.file).any(|at| {
            let entry = facts.parent(at.node);
            let Node::Index { object, key: other } = facts.node(entry) else {
                return false;
            };
            let needs_it = match facts.node(facts.parent(entry)) {
                Node::Member { object, optional, .. } => object == entry && !optional,
                Node::Index { object, .. } => object == entry,
                _ => false,
            };
            object == at.node
                && needs_it
                && facts.span(entry).start >= span.start
                && (facts.span(entry).end <= before || growth.value.is_some_and(|v| facts.is_inside(entry, v.node)))
                && facts.enclosing_function(entry) == f
                && !self.is_conditional(here(entry))
                && self.project.same_key(here(other), key)
        })
    }

    /// `table[key] = table[key] || {}`, and all that the function does with the entry is to take something out of it: for a
    /// key that was removed before, this makes an entry that nobody removes.
    pub(in crate::lifetime) fn made_to_take_from(&self, grown: &Grown) -> Option<Found> {
        let key = grown.growth.key.filter(|_| self.is_by_brackets(&grown.growth))?;
        let facts = self.project.facts(grown.growth.at.file);
        let at = grown.growth.at;
        let Node::Assign { value, .. } = facts.node(at.node) else {
            return None;
        };
        let Node::Logical { right, .. } = facts.node(value) else {
            return None;
        };
        if !matches!(facts.node(right), Node::Object(list) if facts.list(list).len() == 0) {
            return None;
        }
        let entry_of = |reference: Ref| {
            let entry = facts.parent(reference.node);
            match facts.node(entry) {
                Node::Index { object, key: other } if object == reference.node => {
                    let other = Ref { node: other, ..at };
                    self.project.same_key(other, key).then_some(entry)
                }
                _ => None,
            }
        };
        let mut taken = None;
        for reference in self.references_in(&grown.place, at.file) {
            if self.project.function_at(reference) != grown.f || facts.is_inside(reference.node, at.node) {
                continue;
            }
            let entry = entry_of(reference)?;
            if !self.takes_a_part(Ref { node: entry, ..at }) {
                return None;
            }
            taken.get_or_insert(Ref { node: entry, ..at });
        }
        Some(Found::by_release(
            LEFTOVER,
            Cause::ReleaseWithoutEffect,
            taken?,
            "made above only to take something out of it",
        ))
    }

    /// `delete entry[part]`, `entry.delete(part)`.
    fn takes_a_part(&self, entry: Ref) -> bool {
        let facts = self.project.facts(entry.file);
        let up = facts.parent(entry.node);
        let outer = facts.parent(up);
        match facts.node(up) {
            Node::Index { object, .. } if object == entry.node => matches!(facts.node(outer), Node::Delete(_)),
            Node::Member { object, property, .. } if object == entry.node => {
                let take = &self.project.tables.conventions.take;
                take.iter().any(|t| t == facts.name(property))
                    && matches!(facts.node(outer), Node::Call { callee, .. } if callee == up)
            }
            _ => false,
        }
    }

    /// Whether an element that is looked up may be ended there: it is used for more than a test, and nothing is written
    /// to it, as to one that goes on.
    pub(in crate::lifetime) fn may_be_ended(&self, looked_up: Ref) -> bool {
        let facts = self.project.facts(looked_up.file);
        let up = facts.parent(looked_up.node);
        let outer = facts.parent(up);
        let mut value = match (facts.node(up), facts.node(outer)) {
            (Node::Member { .. }, Node::Call { callee, .. }) if callee == up => outer,
            _ => up,
        };
        while let Node::Logical { .. } | Node::Assign { .. } | Node::Conditional { .. } | Node::Await(_) =
            facts.node(facts.parent(value))
        {
            value = facts.parent(value);
        }
        match facts.node(facts.parent(value)) {
            Node::Declare { target, .. } => match facts.node(target) {
                Node::Binding(b) => {
                    let uses = || facts.references_of(b).filter(|&r| r != target);
                    uses().any(|r| is_more_than_test(facts, r)) && !uses().any(|r| is_written_to(facts, r))
                }
                _ => true,
            },
            _ => is_more_than_test(facts, value) && !is_written_to(facts, value),
        }
    }

    /// Whether two nodes stand in the two branches of one test, or one in a branch that leaves before the other: a run
    /// does only one of them.
    pub(in crate::lifetime) fn exclude_each_other(&self, x: Ref, y: Ref) -> bool {
        if x.file != y.file {
            return false;
        }
        if self.leaves_before(x, y) || self.leaves_before(y, x) {
            return true;
        }
        let facts = self.project.facts(x.file);
        facts.ancestors(x.node).any(|up| match facts.node(up) {
            Node::If { yes, no, .. } | Node::Conditional { yes, no, .. } => {
                let within = |branch| (facts.is_inside(x.node, branch), facts.is_inside(y.node, branch));
                matches!(
                    (within(yes), within(no)),
                    ((true, false), (false, true)) | ((false, true), (true, false))
                )
            }
            _ => false,
        })
    }
}

/// `element.part = value`.
fn is_written_to(facts: &FileFacts, element: NodeId) -> bool {
    let up = facts.parent(element);
    matches!(facts.node(up), Node::Member { object, .. } if object == element)
        && matches!(facts.node(facts.parent(up)), Node::Assign { target, .. } if target == up)
}

fn is_more_than_test(facts: &FileFacts, node: NodeId) -> bool {
    match facts.node(facts.parent(node)) {
        Node::Unary { .. } | Node::Binary { .. } | Node::Logical { .. } => false,
        Node::If { test, .. } | Node::Conditional { test, .. } => test != node,
        _ => true,
    }
}
