//! Branches that no caller takes: a flag is a parameter, and everybody gives the other value.

use crate::facts::{Node, UnaryOp};
use crate::lifetime::Judge;
use crate::link::{Func, Ref};

/// How many tests around a node are asked.
const MAX_TESTS: usize = 8;

impl Judge<'_> {
    /// Whether a node stands under a test of a parameter for which every caller in the project gives the value that
    /// leads elsewhere.
    pub(in crate::lifetime) fn is_never_taken(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let mut below = at.node;
        let mut tests = 0;
        for up in facts.ancestors(at.node) {
            let needed = match facts.node(up) {
                Node::Function(_) => return false,
                Node::If { test, yes, no } | Node::Conditional { test, yes, no } => {
                    if below == yes {
                        Some((test, true))
                    } else if below == no {
                        Some((test, false))
                    } else {
                        None
                    }
                }
                _ => None,
            };
            below = up;
            if let Some((test, outcome)) = needed {
                tests += 1;
                if tests > MAX_TESTS {
                    return false;
                }
                if self.always_comes_out(Ref {
                    file: at.file,
                    node: test,
                }) == Some(!outcome)
                {
                    return true;
                }
            }
        }
        false
    }

    /// How a test of a parameter comes out, if all callers in the project give the same.
    fn always_comes_out(&self, test: Ref) -> Option<bool> {
        match self.project.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => self.always_comes_out(Ref { node: value, ..test }).map(|b| !b),
            Node::Binding(b) => {
                let facts = self.project.facts(test.file);
                if facts.binding(b).writes > 0 {
                    return None;
                }
                let (f, index) = self.project.param_position(test.file, b)?;
                let calls = self.project.callers(f).calls;
                let (first, rest) = calls.split_first()?;
                let value = self.given_flag(*first, f, index)?;
                rest.iter()
                    .all(|&call| self.given_flag(call, f, index) == Some(value))
                    .then_some(value)
            }
            _ => None,
        }
    }

    /// The truth of what a call gives for a parameter, or of its default.
    fn given_flag(&self, call: Ref, f: Func, index: usize) -> Option<bool> {
        let Node::Call { args, .. } = self.project.node(call) else {
            return None;
        };
        let facts = self.project.facts(call.file);
        if facts.list(args).any(|a| matches!(facts.node(a), Node::Spread(_))) {
            return None;
        }
        if let Some(node) = facts.item(args, index) {
            return truth(facts.node(node));
        }
        let facts = self.project.facts(f.file);
        match facts
            .item(facts.function(f.function).params, index)
            .map(|p| facts.node(p))
        {
            Some(Node::Default { value, .. }) => truth(facts.node(value)),
            Some(_) => Some(false),
            None => None,
        }
    }
}

fn truth(node: Node) -> Option<bool> {
    match node {
        Node::Bool(b) => Some(b),
        Node::Null | Node::Undefined => Some(false),
        _ => None,
    }
}
