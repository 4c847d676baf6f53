//! Handlers that end their own registration: what stands beside that end happens once for each registration.

use crate::facts::{Node, NodeId};
use crate::link::{Func, Project, Ref, Use};

/// How many registrations may stand within each other, each ended by its own handler.
const MAX_NESTED: usize = 4;

impl Project {
    /// Where the code around a node is begun, if it ends there and then: the registration of a handler that takes itself
    /// off beside the node, and not the node, which the handler's next run does not reach.
    pub fn begun_by(&self, at: Ref) -> Ref {
        let mut at = at;
        for _ in 0..MAX_NESTED {
            match self.ended_beside(at) {
                Some(registration) => at = registration,
                None => break,
            }
        }
        at
    }

    /// Whether the program ends behind a node, on every way that its block goes on: `warn(); process.exit(1);`.
    pub fn ends_program_behind(&self, at: Ref) -> bool {
        let facts = self.facts(at.file);
        let mut blocks = Vec::new();
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) | Node::Loop { .. } => break,
                Node::Block(list) => blocks.push((up, list, below)),
                _ => {}
            }
            below = up;
        }
        let ends = &self.tables.conventions.ends_process;
        let methods = ends.iter().filter_map(|path| path.rsplit('.').next());
        let mut calls = methods.flat_map(|m| self.calls_named(at.file, m)).copied();
        calls.any(|call: NodeId| {
            let block = facts.parent(call);
            let behind = blocks.iter().find(|(b, ..)| *b == block);
            let Node::Call { callee, .. } = facts.node(call) else {
                return false;
            };
            behind.is_some_and(|&(_, list, below)| facts.list(list).skip_while(|&s| s != below).any(|s| s == call))
                && self
                    .path_of(Ref { node: callee, ..at })
                    .is_some_and(|path| ends.contains(&path))
        })
    }

    /// The registration of the function that a node stands in, if a statement that every way to the node passes ends it:
    /// `clearInterval(timer)` beside the node, `observer.disconnect()`, `target.removeEventListener(key, self)`.
    fn ended_beside(&self, at: Ref) -> Option<Ref> {
        let f = self.function_at(at);
        let registration = self.uses(f).iter().find_map(|used| match used {
            Use::Passed { call, arg } => self.context_of(*call, *arg).map(|_| *call),
            _ => None,
        })?;
        let facts = self.facts(at.file);
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return None,
                Node::Block(statements) => {
                    let mut around = facts.list(statements).map(|node| Ref { node, ..at });
                    if around.any(|statement| self.ends_registration(statement, registration, f)) {
                        return Some(registration).filter(|r| r.file == at.file);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn ends_registration(&self, statement: Ref, registration: Ref, handler: Func) -> bool {
        let Node::Call { callee, args, .. } = self.node(statement) else {
            return false;
        };
        let facts = self.facts(statement.file);
        let callee = Ref {
            node: callee,
            ..statement
        };
        let Some(name) = self.last_name(callee) else {
            return false;
        };
        let is_handle = |node| self.holds_result(Ref { node, ..statement }, registration);
        let is_release = !self.tables.releases_named(name).is_empty();
        let by_method = matches!(self.node(callee), Node::Member { object, .. } if is_handle(object));
        let by_handle = is_release && facts.list(args).any(is_handle);
        let by_itself = || {
            let is_self = |node| self.function_value(Ref { node, ..statement }, 0) == Some(handler);
            is_release && facts.list(args).any(is_self)
        };
        let ends = self.tables.conventions.end.iter().any(|end| end == name) || is_release;
        by_method && ends || by_handle || by_itself()
    }

    /// Whether an expression names what a registration gave back.
    fn holds_result(&self, at: Ref, registration: Ref) -> bool {
        let facts = self.facts(registration.file);
        let here = |node| Ref { node, ..registration };
        let held = match facts.node(facts.parent(registration.node)) {
            Node::Declare { target, value } if value == registration.node => here(target),
            Node::Assign { target, value, .. } if value == registration.node => here(target),
            _ => return false,
        };
        matches!(self.node(at), Node::Binding(_) | Node::Member { .. })
            && self.same_place(&self.place(at), &self.place(held))
    }
}
