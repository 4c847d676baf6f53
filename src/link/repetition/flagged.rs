//! Functions that are called behind a flag of the call which they were handed to: a program's own `once(f)`.

use crate::facts::{AssignOp, BindingId, BindingKind, Node, NodeId, UnaryOp};
use crate::link::{Func, Project, Ref};

impl Project {
    /// Whether what a function gives back calls something at its first run only, since it sets a flag of that function
    /// then: `(f) => { let ran = false; return () => { if (ran) return; ran = true; f(); }; }`.
    pub(super) fn is_called_at_first_run(&self, to: Func, call: Ref) -> bool {
        let facts = self.facts(call.file);
        let inner = self.function_at(call);
        let body = self.function(inner).body;
        let mut blocks = Vec::new();
        let mut flags = Vec::new();
        let mut below = call.node;
        for up in facts.ancestors(call.node) {
            match facts.node(up) {
                Node::If { test, yes, no } => flags.extend(self.flag_tested(test, yes == below, no == below, call)),
                Node::Block(list) => {
                    blocks.push(up);
                    let before = facts.list(list).take_while(|&s| s != below);
                    flags.extend(before.filter_map(|s| self.flag_that_ends(s, call)));
                }
                Node::Loop { .. } | Node::Function(_) => break,
                _ => {}
            }
            if up == body {
                break;
            }
            below = up;
        }
        flags.into_iter().any(|b| self.is_flag_of(to, b, call, &blocks))
    }

    /// The variable that is falsy where a branch of a test is taken: `if (!ran) { ... }`.
    fn flag_tested(&self, test: NodeId, in_yes: bool, in_no: bool, at: Ref) -> Option<BindingId> {
        let facts = self.facts(at.file);
        match facts.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } if in_yes => match facts.node(value) {
                Node::Binding(b) => Some(b),
                _ => None,
            },
            Node::Binding(b) if in_no => Some(b),
            _ => None,
        }
    }

    /// The variable at whose truth a statement leaves the function: `if (ran) return result;`.
    fn flag_that_ends(&self, statement: NodeId, at: Ref) -> Option<BindingId> {
        let facts = self.facts(at.file);
        let Node::If { test, yes, .. } = facts.node(statement) else {
            return None;
        };
        let last = match facts.node(yes) {
            Node::Block(list) => facts.list(list).last()?,
            _ => yes,
        };
        let leaves = matches!(facts.node(last), Node::Return(_) | Node::Throw(_));
        match facts.node(test) {
            Node::Binding(b) if leaves => Some(b),
            _ => None,
        }
    }

    /// Whether a variable of a function begins as false, and is only ever set to true: by a statement of one of the blocks
    /// that a call stands in, which cannot be reached without it.
    fn is_flag_of(&self, to: Func, b: BindingId, call: Ref, blocks: &[NodeId]) -> bool {
        let facts = self.facts(call.file);
        let binding = facts.binding(b);
        let is_unset = binding
            .init
            .is_none_or(|init| matches!(facts.node(init), Node::Bool(false) | Node::Null | Node::Undefined));
        if to.file != call.file || binding.function != to.function || binding.kind == BindingKind::Param || !is_unset {
            return false;
        }
        let mut is_set = false;
        let mut written = 0;
        for node in facts.references_of(b) {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Assign { target, value, op } if target == node => {
                    if op != AssignOp::Set || facts.node(value) != Node::Bool(true) {
                        return false;
                    }
                    written += 1;
                    is_set |= blocks.contains(&facts.parent(up));
                }
                _ => {}
            }
        }
        is_set && written == binding.writes
    }
}
