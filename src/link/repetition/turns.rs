//! Loops without an end in sight: each of their turns runs the code in them again.

use super::{NEXT_TURN, Repetition, Step};
use crate::facts::{FunctionId, LoopKind, Node, NodeId};
use crate::link::{Project, Ref};
use crate::tables::Every;

impl Project {
    /// What each turn of a loop runs. Whether the loop goes on for good is known only where nothing leads out of it: one
    /// over what comes later ends with that, and so does one that is left.
    pub fn by_turn(&self, loop_at: Ref) -> Repetition {
        Repetition::Repeated {
            every: Every::Turn,
            proven: !self.may_end(loop_at),
            steps: vec![Step {
                at: loop_at,
                text: NEXT_TURN.to_owned(),
                row: None,
            }],
        }
    }

    /// Whether a loop goes through something, or is left by a jump of its own.
    fn may_end(&self, loop_at: Ref) -> bool {
        let facts = self.facts(loop_at.file);
        let Node::Loop { kind, body, .. } = facts.node(loop_at.node) else {
            return true;
        };
        let is_own = |node: NodeId| {
            let mut around = facts.ancestors(node).take_while(|&up| up != loop_at.node);
            around.all(|up| !matches!(facts.node(up), Node::Loop { .. } | Node::Switch { .. }))
        };
        let leaves = |&node: &NodeId| match facts.node(node) {
            Node::Return(_) => true,
            Node::Break => is_own(node),
            _ => false,
        };
        let jumps = self.jumps_in(self.function_at(loop_at));
        kind == LoopKind::ForAwait || jumps.iter().filter(|&&node| facts.is_inside(node, body)).any(leaves)
    }

    /// A loop without an end in sight around a node, within its function: `while (true)`, `for await`. A function that
    /// cannot wait comes to the end of each of its loops, or nothing else would ever run.
    pub fn endless_loop_around(&self, at: Ref) -> Option<Ref> {
        let facts = self.facts(at.file);
        let f = self.function_at(at);
        let flags = &self.function(f).flags;
        if f.function != FunctionId::MODULE && !flags.is_async && !flags.is_generator {
            return None;
        }
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return None,
                Node::Loop { kind, parts, .. } => {
                    let test = |i| facts.item(parts, i).map(|n| facts.node(n));
                    let endless = match kind {
                        LoopKind::ForAwait => true,
                        LoopKind::While | LoopKind::DoWhile => {
                            matches!(test(0), Some(Node::Bool(true) | Node::Number(_)))
                        }
                        LoopKind::For => matches!(test(1), Some(Node::Empty | Node::Bool(true))),
                        LoopKind::ForIn | LoopKind::ForOf => false,
                    };
                    if endless {
                        return Some(Ref {
                            file: at.file,
                            node: up,
                        });
                    }
                }
                _ => {}
            }
        }
        None
    }
}
