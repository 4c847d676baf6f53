//! Paths through a function: what is reached only under a condition, or not at all after an early exit.

use super::Judge;
use crate::facts::Node;
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// Whether a function calls another one whatever happens.
    pub(super) fn calls_unconditionally(&self, from: Func, to: Func) -> bool {
        self.project.calls_in(from).iter().any(|&node| {
            let call = Ref { file: from.file, node };
            self.project.called_function(call) == Some(to) && !self.is_conditional(call)
        })
    }

    /// Whether a node is reached under a condition only, within its function.
    pub(super) fn is_conditional(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return false,
                Node::If { test, .. } | Node::Conditional { test, .. } if test != below => return true,
                Node::Logical { right, .. } if right == below => return true,
                Node::Case { .. } | Node::Catch { .. } => return true,
                _ => {}
            }
            below = up;
        }
        false
    }

    /// Whether the function of a node can return before it is reached.
    pub(super) fn has_early_exit(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let f = facts.enclosing_function(at.node);
        let start = facts.span(at.node).start;
        facts.nodes.iter().enumerate().any(|(i, n)| {
            let id = crate::facts::NodeId(i as u32);
            matches!(n, Node::Return(_) | Node::Throw(_))
                && facts.span(id).start < start
                && facts.span(id).start >= facts.function(f).span.start
                && facts.enclosing_function(id) == f
        })
    }
}
