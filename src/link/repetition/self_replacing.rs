//! Functions that put another one in their own place: `let begin = () => { begin = () => {}; ... }`. Whoever calls the
//! variable again runs the other one.

use crate::facts::{BindingId, FunctionId, Node};
use crate::link::{Func, Project, Ref};

impl Project {
    /// Whether a function runs once, since its first run puts another one into the only variable that it is called by.
    pub(super) fn replaces_itself(&self, f: Func) -> bool {
        let facts = self.facts(f.file);
        let Some(b) = self.variable_of(f) else { return false };
        let is_outermost = facts.binding(b).function == FunctionId::MODULE;
        let mut replaced = false;
        let all_are_calls = facts.references_of(b).all(|node| {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Declare { target, .. } => target == node,
                Node::Function(_) => true,
                Node::Call { callee, .. } => callee == node,
                Node::Assign { target, value, .. } if target == node => {
                    let is_own = facts.enclosing_function(up) == f.function && self.is_statement_of(up, f);
                    replaced |= is_own;
                    is_own
                        && self.function_value(
                            Ref {
                                file: f.file,
                                node: value,
                            },
                            0,
                        ) != Some(f)
                }
                _ => false,
            }
        });
        is_outermost && all_are_calls && replaced && !self.is_given_away(f, b)
    }

    /// The variable that a function is the first value of, if it is written again.
    fn variable_of(&self, f: Func) -> Option<BindingId> {
        let facts = self.facts(f.file);
        let at = self.function_node(f);
        if let Node::Declare { target, value } = facts.node(facts.parent(at.node))
            && value == at.node
            && let Node::Binding(b) = facts.node(target)
        {
            return Some(b).filter(|_| facts.binding(b).writes > 0);
        }
        let mut named = self.begun_with(at);
        named.find(|&b| facts.binding(b).writes > 0)
    }

    /// Whether a node is a statement of a function's own block, and not of a branch of it.
    fn is_statement_of(&self, node: crate::facts::NodeId, f: Func) -> bool {
        let facts = self.facts(f.file);
        facts.parent(node) == facts.function(f.function).body
    }

    fn is_given_away(&self, f: Func, b: BindingId) -> bool {
        let mut exports = self.facts(f.file).exports.iter();
        exports.any(|e| matches!(&e.value, crate::facts::ExportValue::Binding(x) if *x == b))
    }
}
