//! Ways out of a function and its parts: throws, jumps, loops, and what `finally` makes of them.

use super::{Exit, HELD, Handler, Miss, State, Target, Walk, merge};
use crate::facts::{LoopKind, Node, NodeId};
use rustc_hash::FxHashMap;

impl<'j, 'p> Walk<'j, 'p> {
    pub(super) fn throw(&mut self, at: NodeId, state: State) {
        match self.handlers.last_mut() {
            Some(h) => {
                h.state |= state;
                if state & HELD != 0 {
                    h.at.get_or_insert(at);
                }
            }
            None => self.exits.push((state, Miss { at, exit: Exit::Throws })),
        }
    }

    /// A call that may throw. What `finally` blocks call on the way to a release is taken to go well, as is what they
    /// await.
    pub(super) fn throw_weakly(&mut self, at: NodeId, state: State) {
        if self.finalizing == 0 && self.handlers.last().is_some_and(|h| h.catches) {
            self.throw(at, state);
        }
    }

    pub(super) fn jump_target(&mut self, node: NodeId, state: State) -> State {
        self.targets.push(Target {
            is_switch: matches!(self.facts.node(node), Node::Switch { .. }),
            ..Target::default()
        });
        match self.facts.node(node) {
            Node::Loop { parts, body, kind } => self.run_loop(node, parts, body, kind, state),
            Node::Switch { value, cases } => self.run_switch(value, cases, state),
            _ => state,
        }
    }

    fn run_loop(
        &mut self,
        node: NodeId,
        parts: crate::facts::List,
        body: NodeId,
        kind: LoopKind,
        state: State,
    ) -> State {
        let before = self.walk_list(parts, state);
        let turned = self.walk(body, before);
        let target = self.targets.pop().unwrap_or_default();
        let turned = turned | target.continues;
        if turned & HELD != 0 && self.facts.is_inside(self.acquired, body) {
            // The next turn acquires another one.
            let (exit, at) = match self.caught {
                Some(at) => (Exit::Caught, at),
                None => (Exit::Ends, self.acquired),
            };
            self.exits.push((HELD, Miss { at, exit }));
        }
        let endless = self
            .judge
            .project
            .endless_loop_around(self.at(body))
            .is_some_and(|l| l.node == node)
            && kind != LoopKind::ForAwait;
        if endless {
            return target.breaks;
        }
        let skipped = if kind == LoopKind::DoWhile { 0 } else { before };
        merge(turned, skipped) | target.breaks
    }

    fn run_switch(&mut self, value: NodeId, cases: crate::facts::List, state: State) -> State {
        let before = self.walk(value, state);
        let cases: Vec<_> = self.facts.list(cases).collect();
        let mut out = 0;
        let mut has_default = false;
        for case in cases {
            if let Node::Case { test, body } = self.facts.node(case) {
                has_default |= matches!(self.facts.node(test), Node::Empty);
                out = self.walk(body, before | out);
            }
        }
        let target = self.targets.pop().unwrap_or_default();
        let out = merge(out, target.breaks);
        if has_default { out } else { merge(out, before) }
    }

    pub(super) fn attempt(&mut self, block: NodeId, handler: NodeId, finalizer: NodeId, state: State) -> State {
        let has_finalizer = !matches!(self.facts.node(finalizer), Node::Empty);
        let exits_before = self.exits.len();
        let jumps_before = self.targets.last().copied();
        if has_finalizer && let Some(t) = self.targets.last_mut() {
            (t.breaks, t.continues) = (0, 0);
        }
        let catch_body = match self.facts.node(handler) {
            Node::Catch { body, .. } => Some(body),
            _ => None,
        };
        let mut out;
        // What leaves the whole statement by throwing.
        self.handlers.push(Handler::default());
        if let Some(body) = catch_body {
            self.handlers.push(Handler {
                catches: true,
                ..Handler::default()
            });
            out = self.walk(block, state);
            let thrown = self.handlers.pop().unwrap_or_default();
            let handled = self.walk(body, thrown.state);
            if handled & HELD != 0 && thrown.state & HELD != 0 {
                self.caught = self.caught.or(thrown.at);
            }
            out |= handled;
        } else {
            out = self.walk(block, state);
        }
        let thrown = self.handlers.pop().unwrap_or_default();
        let mut leaving = thrown.state;
        if has_finalizer {
            self.finalizing += 1;
            out = self.walk(finalizer, out);
            leaving = self.walk(finalizer, leaving);
            self.finalize_exits(finalizer, exits_before, jumps_before);
            self.finalizing -= 1;
        }
        if leaving != 0 {
            self.throw(thrown.at.unwrap_or(block), leaving);
        }
        out
    }

    /// What leaves the block by `return`, `break` or `continue` goes through its `finally` first.
    fn finalize_exits(&mut self, finalizer: NodeId, from: usize, jumps_before: Option<Target>) {
        let mut memo: FxHashMap<State, State> = FxHashMap::default();
        for i in from..self.exits.len() {
            let state = self.exits[i].0;
            let after = match memo.get(&state) {
                Some(&after) => after,
                None => {
                    let after = self.walk(finalizer, state);
                    memo.insert(state, after);
                    after
                }
            };
            self.exits[i].0 = after;
        }
        if let Some(before) = jumps_before
            && let Some(&now) = self.targets.last()
        {
            let breaks = self.walk(finalizer, now.breaks);
            let continues = self.walk(finalizer, now.continues);
            if let Some(t) = self.targets.last_mut() {
                t.breaks = before.breaks | breaks;
                t.continues = before.continues | continues;
            }
        }
    }
}
