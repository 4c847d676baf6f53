//! Entries that count who uses something: where the last one goes, the count is nothing, and its key stays.
//!
//! `const left = users.get(key) - 1; users.set(key, left); if (left === 0) end(key);`

use crate::facts::{AssignOp, BinaryOp, Node, NodeId, UnaryOp};
use crate::finding::Cause;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown, LEFTOVER};
use crate::lifetime::grown::touched::Touched;
use crate::link::Ref;

impl Judge<'_> {
    /// A function counts an entry down, asks whether that was the last one, and leaves the entry in.
    pub(in crate::lifetime) fn counted_down(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        grown.growth.key?;
        let at = touched.looked_up.iter().find_map(|&(at, _)| {
            let counted = self.count_of(at)?;
            let is_other = self.project.function_at(at) != grown.f;
            let asked = is_other.then(|| self.asked_for_nothing(counted));
            asked?
        })?;
        Some(Found::by_release(
            LEFTOVER,
            Cause::ReleaseWithoutEffect,
            at,
            "nobody uses it any more; the key stays",
        ))
    }

    /// The expression that is one less than the entry that is looked up at a reference to a table.
    fn count_of(&self, table: Ref) -> Option<Ref> {
        let facts = self.project.facts(table.file);
        let mut entry = self.entry_looked_up(table);
        let one = |node| matches!(facts.node(node), Node::Number(n) if facts.numbers[n as usize] == 1.0);
        // `(table.get(key) ?? 1) - 1`
        if let Node::Logical { left, .. } = facts.node(facts.parent(entry))
            && left == entry
        {
            entry = facts.parent(entry);
        }
        let counted = facts.parent(entry);
        let is_less = match facts.node(counted) {
            Node::Binary {
                left,
                right,
                op: BinaryOp::Sub,
            } => left == entry && one(right),
            Node::Update { increment: false, .. } => true,
            Node::Assign {
                target,
                value,
                op: AssignOp::Other,
            } => target == entry && one(value),
            _ => false,
        };
        is_less.then_some(Ref { node: counted, ..table })
    }

    /// Where a function asks whether a count is nothing now.
    fn asked_for_nothing(&self, counted: Ref) -> Option<Ref> {
        let facts = self.project.facts(counted.file);
        let is_test = |node: NodeId| match facts.node(facts.parent(node)) {
            Node::Unary { op: UnaryOp::Not, .. } => true,
            Node::Binary { right, left, op } => {
                let zero = |node| matches!(facts.node(node), Node::Number(n) if facts.numbers[n as usize] == 0.0);
                let asks = matches!(op, BinaryOp::Eq | BinaryOp::Le | BinaryOp::Ne | BinaryOp::Gt);
                asks && (left == node && zero(right) || right == node && zero(left))
            }
            Node::If { test, .. } | Node::Conditional { test, .. } => test == node,
            _ => false,
        };
        let here = |node| Ref { node, ..counted };
        if is_test(counted.node) {
            return Some(counted);
        }
        if let Node::Declare { target, .. } = facts.node(facts.parent(counted.node))
            && let Node::Binding(b) = facts.node(target)
        {
            return facts.references_of(b).find(|&node| is_test(node)).map(here);
        }
        // `counts[key]--; if (counts[key] === 0)`
        let (Node::Update { target, .. } | Node::Assign { target, .. }) = facts.node(counted.node) else {
            return None;
        };
        let Node::Index { object, key } = facts.node(target) else {
            return None;
        };
        let table = self.project.place(here(object));
        let f = self.project.function_at(counted);
        let again = self.references_in(&table, counted.file).into_iter().find(|at| {
            let up = facts.parent(at.node);
            let same = matches!(facts.node(up), Node::Index { key: other, .. }
                if self.project.same_key(here(other), here(key)));
            same && up != target && is_test(up) && self.project.function_at(*at) == f
        });
        again.map(|at| here(facts.parent(at.node)))
    }
}
