//! Entries that have a time, after which the code no longer gives them out: it says that they are over, and leaves
//! them in.
//!
//! `const entry = table.get(key); if (entry.until < Date.now()) return undefined;`

use crate::facts::{BinaryOp, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown};
use crate::lifetime::grown::leftovers::MAX_NODES;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Place, Ref, Root};

impl Judge<'_> {
    /// An entry that is looked up is found to be over, and stays; only who names a key takes one out.
    pub(in crate::lifetime) fn expired_and_left(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        grown.growth.key?;
        let by_name = |(at, how): &(Ref, Shrink)| {
            let f = self.project.function_at(*at);
            match how {
                Shrink::Entry(_) => self.ends_one(f) && self.activation(f) == f && self.loop_around(*at).is_none(),
                Shrink::All => self.ends_holder(f),
                Shrink::Some => false,
            }
        };
        if touched.leaves.is_some() || !touched.shrinks.iter().all(by_name) {
            return None;
        }
        let at = touched
            .looked_up
            .iter()
            .find_map(|&(at, _)| self.found_over(at, grown))?;
        let taken = touched.shrinks.first().map_or(at, |(at, _)| *at);
        Some(Found::on_some_ways(
            (at, "found to be over here, and left in"),
            (taken, "nothing else takes out what is over"),
        ))
    }

    /// The test by which a function finds that an entry is over, where it is not the one that adds.
    fn found_over(&self, at: Ref, grown: &Grown) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        if f == grown.f || self.project.reach(&[f]).contains(&grown.f) {
            return None;
        }
        let b = self.looked_up_as(at)?;
        let place = Place::root(Root::Binding(at.file, b));
        facts.references_of(b).find_map(|read| {
            let is_part = matches!(facts.node(facts.parent(read)), Node::Member { object, .. } if object == read);
            let compared = facts
                .ancestors(read)
                .find(|&up| matches!(facts.node(up), Node::Binary { op, .. } if is_order(op)))?;
            let test = Ref { node: compared, ..at };
            (is_part && self.asks_clock(test) && self.gives_nothing_then(test, &place)).then_some(test)
        })
    }

    /// Whether a comparison asks what time it is, itself or by a variable.
    fn asks_clock(&self, test: Ref) -> bool {
        let facts = self.project.facts(test.file);
        let clocks = &self.project.tables.conventions.clocks;
        let is_clock = |node: NodeId| match facts.node(node) {
            Node::Call { callee, .. } => {
                let path = self.project.path_of(Ref { node: callee, ..test });
                path.is_some_and(|path| clocks.contains(&path))
            }
            _ => false,
        };
        let mut stack = vec![test.node];
        for _ in 0..MAX_NODES {
            let Some(node) = stack.pop() else { break };
            if is_clock(node)
                || matches!(facts.node(node), Node::Binding(b) if facts.binding(b).init.is_some_and(is_clock))
            {
                return true;
            }
            facts.children(node, |c| stack.push(c));
        }
        false
    }

    /// Whether a function returns behind a test, and not with a part of what a variable has.
    fn gives_nothing_then(&self, test: Ref, entry: &Place) -> bool {
        let facts = self.project.facts(test.file);
        let Some(branch) = facts.ancestors(test.node).find_map(|up| match facts.node(up) {
            Node::If { test: asked, yes, .. } if facts.is_inside(test.node, asked) => Some(yes),
            _ => None,
        }) else {
            return false;
        };
        let reads = self.references_in(entry, test.file);
        self.always_leaves(Ref { node: branch, ..test }) && !reads.iter().any(|read| facts.is_inside(read.node, branch))
    }
}

/// `<`, `>` and the like.
fn is_order(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge)
}
