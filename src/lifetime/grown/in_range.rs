//! Keys that are numbers between two constants: there are only so many.

use crate::facts::{BinaryOp, Node, UnaryOp};
use crate::lifetime::Judge;
use crate::link::Ref;

/// Which side of a number a test bounds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

impl Judge<'_> {
    /// Whether code is reached only with a key that stands between two constants: `if (0 <= n && n < 128) cache[n] = made`.
    pub(in crate::lifetime) fn is_in_range(&self, key: Ref, growth: Ref) -> bool {
        let conditions = self.conditions_of(growth);
        let bounds = |side: Side| {
            let tells = |part: Ref, result: bool, _: u32| self.bounded_side(part, result, key) == Some(side);
            conditions
                .iter()
                .any(|&(test, result)| self.says(test, result, 0, &tells))
        };
        !conditions.is_empty() && bounds(Side::Below) && bounds(Side::Above)
    }

    /// On which side a comparison of a key with a constant bounds the key, where it comes out this way.
    fn bounded_side(&self, test: Ref, result: bool, key: Ref) -> Option<Side> {
        let Node::Binary { left, right, op } = self.project.node(test) else {
            return None;
        };
        let here = |node| Ref { node, ..test };
        let is_less = match op {
            BinaryOp::Lt | BinaryOp::Le => true,
            BinaryOp::Gt | BinaryOp::Ge => false,
            _ => return None,
        };
        let is_key = |node| self.project.same_key(here(node), key);
        let is_on_left = match (self.is_number(here(left)), self.is_number(here(right))) {
            (false, true) if is_key(left) => true,
            (true, false) if is_key(right) => false,
            _ => return None,
        };
        Some(match (is_less == is_on_left) == result {
            true => Side::Above,
            false => Side::Below,
        })
    }

    /// A number as it is written: `128`, `-128`.
    pub(in crate::lifetime) fn is_number(&self, at: Ref) -> bool {
        match self.project.node(at) {
            Node::Number(_) => true,
            Node::Unary {
                value,
                op: UnaryOp::Minus,
            } => matches!(self.project.node(Ref { node: value, ..at }), Node::Number(_)),
            _ => false,
        }
    }
}
