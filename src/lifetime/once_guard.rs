//! Guards that let code through once: `if (!started) { started = true; ... }`, and `if (started) return; started = true;`.
//!
//! What stands behind such a guard runs once in the life of the variable that guards it, however often the code around
//! it runs, as long as nothing sets the variable back.

use super::Judge;
use crate::facts::{AssignOp, BinaryOp, FunctionId, LogicalOp, Node, NodeId, UnaryOp};
use crate::link::{FileId, Place, Ref, Root};

/// How many statements around an acquisition are looked at.
const MAX_AROUND: usize = 24;

impl Judge<'_> {
    /// The guard of an acquisition, if it is a variable that lives as long as the process and that nothing sets back.
    pub(super) fn once_guard(&self, at: Ref) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        let f = facts.enclosing_function(at.node);
        let mut below = at.node;
        for up in facts.ancestors(at.node).take(MAX_AROUND) {
            if facts.enclosing_function(up) != f {
                return None;
            }
            let found = match facts.node(up) {
                Node::If { test, yes, .. } if yes == below => self.guard_in(at.file, test, false, yes),
                Node::Block(list) => facts
                    .list(list)
                    .take_while(|&s| s != below)
                    .filter_map(|s| match facts.node(s) {
                        Node::If { test, yes, .. } if self.leaves(at.file, yes) => {
                            self.guard_in(at.file, test, true, up)
                        }
                        _ => None,
                    })
                    .next(),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
            below = up;
        }
        None
    }

    /// Whether a branch ends in `return` or `throw`.
    fn leaves(&self, file: FileId, branch: NodeId) -> bool {
        let facts = self.project.facts(file);
        match facts.node(branch) {
            Node::Return(_) | Node::Throw(_) => true,
            Node::Block(list) => facts.list(list).next_back().is_some_and(|s| self.leaves(file, s)),
            _ => false,
        }
    }

    /// The guard in a test: something that must be unset (or, for a branch that leaves, set), is set inside `region`,
    /// and never unset.
    fn guard_in(&self, file: FileId, test: NodeId, set: bool, region: NodeId) -> Option<Ref> {
        let facts = self.project.facts(file);
        if let Node::Logical { left, right, op } = facts.node(test) {
            let narrows = op == if set { LogicalOp::Or } else { LogicalOp::And };
            return narrows
                .then(|| {
                    self.guard_in(file, left, set, region)
                        .or_else(|| self.guard_in(file, right, set, region))
                })
                .flatten();
        }
        let tested = match facts.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } if !set => value,
            Node::Binding(_) | Node::Member { .. } if set => test,
            Node::Binary { left, right, op } => {
                let empty = |n| matches!(facts.node(n), Node::Null | Node::Undefined);
                if op != if set { BinaryOp::Ne } else { BinaryOp::Eq } || !empty(right) {
                    return None;
                }
                left
            }
            _ => return None,
        };
        let at = Ref { file, node: tested };
        let place = self.project.place(at);
        (self.lives_with_the_process(&place) && self.is_set_for_good(file, &place, region)).then_some(at)
    }

    /// A variable at module level, or a fixed property of one.
    fn lives_with_the_process(&self, place: &Place) -> bool {
        let fixed = place.path.iter().all(|k| matches!(k, crate::link::Key::Name(_)));
        let module = match &place.root {
            Root::Binding(file, b) => self.project.facts(*file).binding(*b).function == FunctionId::MODULE,
            Root::Module(_) | Root::Global => true,
            _ => false,
        };
        fixed && module
    }

    /// Whether a variable is set inside a region, and nothing in its file sets it back.
    fn is_set_for_good(&self, file: FileId, place: &Place, region: NodeId) -> bool {
        let facts = self.project.facts(file);
        let mut set = false;
        for at in self.references_to(place, &[file]) {
            let up = facts.parent(at.node);
            match facts.node(up) {
                Node::Assign { target, value, op } if target == at.node => {
                    if op != AssignOp::Set || self.is_empty_value(file, value) {
                        return false;
                    }
                    set |= facts.is_inside(up, region);
                }
                Node::Declare { .. } => {}
                Node::Delete(_) => return false,
                _ if facts.is_written(at.node) => return false,
                _ => {}
            }
        }
        set
    }

    fn is_empty_value(&self, file: FileId, value: NodeId) -> bool {
        let facts = self.project.facts(file);
        match facts.node(value) {
            Node::Null | Node::Undefined | Node::Bool(false) | Node::Empty => true,
            Node::Unary { op, .. } => op != UnaryOp::Plus,
            Node::Number(n) => facts.numbers[n as usize] == 0.0,
            Node::Assign { value, .. } => self.is_empty_value(file, value),
            _ => false,
        }
    }
}
