//! How long a timeout may take, as far as it is written down.

use crate::facts::{BinaryOp, BindingId, BindingKind, LogicalOp, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{FileId, Place, Ref, Root};

/// A timeout below this, in milliseconds, is over before anybody misses its owner.
const BRIEF_DELAY: f64 = 5000.0;

/// How many names a delay is followed through.
const MAX_NAMES: u32 = 6;

impl Judge<'_> {
    /// Whether a delay is long, or up to others: a parameter, an option, a setting, and no short default beside it.
    pub(in crate::lifetime) fn may_be_long(&self, delay: Ref, depth: u32) -> bool {
        if let Some(ms) = self.number(delay, 0) {
            return ms >= BRIEF_DELAY;
        }
        if depth > MAX_NAMES {
            return false;
        }
        let long = |node| self.may_be_long(Ref { node, ..delay }, depth + 1);
        let brief = |node| self.number(Ref { node, ..delay }, 0).is_some_and(|ms| ms < BRIEF_DELAY);
        match self.project.node(delay) {
            Node::Conditional { test, yes, no } => {
                let asked = |node| self.is_tested_by(Ref { node: test, ..delay }, node);
                let by_default = brief(no) && asked(yes) || brief(yes) && asked(no);
                !by_default && (long(yes) || long(no))
            }
            Node::Logical {
                left,
                right,
                op: LogicalOp::Or | LogicalOp::Nullish,
            } => !brief(right) && (long(left) || long(right)),
            Node::Binary {
                left,
                right,
                op: BinaryOp::Add | BinaryOp::Mul,
            } => long(left) || long(right),
            Node::Binary {
                left,
                op: BinaryOp::Sub,
                ..
            } => long(left),
            Node::Binding(b) => self.named_delay_may_be_long(delay, b, depth),
            Node::Member { .. } => {
                let place = self.project.place(delay);
                let is_field = matches!(place.root, Root::This(_)) && place.path.len() == 1;
                let written = self.project.definitions(&place);
                let is_constant = place.last().is_some_and(|n| !n.contains(|c: char| c.is_lowercase()));
                match written.is_empty() {
                    true => !is_field && !is_constant,
                    false => written.iter().any(|d| *d != delay && self.may_be_long(*d, depth + 1)),
                }
            }
            _ => false,
        }
    }

    fn named_delay_may_be_long(&self, delay: Ref, b: BindingId, depth: u32) -> bool {
        if let Some(node) = self.default_of(delay.file, b) {
            return self.may_be_long(Ref { node, ..delay }, depth + 1);
        }
        let binding = self.project.facts(delay.file).binding(b);
        let place = Place::root(Root::Binding(delay.file, b));
        let written = self.project.definitions(&place);
        match binding.kind {
            BindingKind::Param => true,
            _ => written.iter().any(|d| *d != delay && self.may_be_long(*d, depth + 1)),
        }
    }

    /// Whether a test asks for a place that is used then: `options.wait !== undefined ? options.wait : 80`.
    fn is_tested_by(&self, test: Ref, used: NodeId) -> bool {
        let place = self.project.place(Ref { node: used, ..test });
        let facts = self.project.facts(test.file);
        let is_same = |node| {
            self.project
                .same_place(&self.project.place(Ref { node, ..test }), &place)
        };
        match facts.node(test.node) {
            Node::Binary { left, right, .. } => is_same(left) || is_same(right),
            _ => is_same(test.node),
        }
    }

    /// What a parameter or part of one is where nobody gives it.
    fn default_of(&self, file: FileId, b: BindingId) -> Option<NodeId> {
        let facts = self.project.facts(file);
        facts
            .references_of(b)
            .find_map(|node| match facts.node(facts.parent(node)) {
                Node::Default { target, value } if target == node => Some(value),
                _ => None,
            })
    }
}
