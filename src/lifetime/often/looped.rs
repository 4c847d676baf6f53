//! Loops: a handle that each turn overwrites, and what each turn registers on something that was there before the loop.

use crate::facts::{BinaryOp, CallKind, FunctionId, LoopKind, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Root};

/// Through how many callers a loop is looked for.
const MAX_CALLERS: usize = 3;

impl Judge<'_> {
    /// Evidence that the turns of a loop overwrite the only handle of what the turn before began, which somebody ends.
    pub(in crate::lifetime) fn lost_by_loop(
        &self,
        a: &Acquisition,
        flow: &Flow,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let row = &self.project.tables.pairs[a.row()?];
        if row.one_shot || row.collectable || row.inferred || flow.places.len() != 1 {
            return None;
        }
        let way = self.way_to_loop(a.at)?;
        let ends = self.ends_of_handle(a, row, flow, releases);
        let right: Vec<&Release> = ends.iter().collect();
        let held = self.only_holder(flow, self.project.function_at(a.at), &right)?;
        let (looped, outer) = way.split_last()?;
        let is_safe = |at: &Ref| self.is_over_before(*at, &held, &right);
        // Each turn makes another object, with a field of its own.
        let is_made = |at: &Ref| {
            matches!(
                self.project.node(*at),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            )
        };
        let is_of_turn = |at: &Ref| is_made(at) || self.calls_on_element(*at);
        let is_own = matches!(held.root, Root::This(_)) && outer.iter().skip(1).any(is_of_turn);
        if right.is_empty() || is_own || outer.iter().any(is_safe) {
            return None;
        }
        Some(vec![Evidence {
            role: Role::Context,
            at: *looped,
            text: format!("each turn of this loop overwrites `{}`", self.show_place(&held)),
        }])
    }

    /// `for (const part of parts) part.start()`: the method runs on another object in each turn.
    fn calls_on_element(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let Some(method) = facts.method_call(call.node) else {
            return false;
        };
        matches!(facts.node(method.object), Node::Binding(b) if self.project.is_element(call.file, b))
    }

    /// A node, the calls that lead to it, and the loop around the last of them, if nothing chooses one of its turns.
    fn way_to_loop(&self, at: Ref) -> Option<Vec<Ref>> {
        let mut way = vec![at];
        for _ in 0..=MAX_CALLERS {
            let last = *way.last()?;
            let chooses = |(test, _): (Ref, bool)| self.compares(test);
            if self.conditions_of(last).into_iter().any(chooses) {
                return None;
            }
            if let Some(looped) = self.loop_around(last) {
                let leaves = self.leaves_loop(last, looped);
                way.push(looped);
                return (!leaves).then_some(way);
            }
            let f = self.project.function_at(last);
            way.push(self.call_in_loop(f)?);
        }
        None
    }

    /// The call of a function that stands in a loop, or the only one.
    fn call_in_loop(&self, f: Func) -> Option<Ref> {
        let calls = self.project.callers(f).calls;
        let looped = calls.iter().find(|call| self.loop_around(**call).is_some());
        looped.copied().or_else(|| self.single_call(f))
    }

    /// The loop around a node within its function.
    pub(in crate::lifetime) fn loop_around(&self, at: Ref) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        if facts.enclosing_function(at.node) == FunctionId::MODULE {
            return None;
        }
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return None,
                Node::Loop { body, .. } if body == below => return Some(Ref { node: up, ..at }),
                _ => {}
            }
            below = up;
        }
        None
    }

    /// Whether a test compares values: it may choose one turn of a loop.
    fn compares(&self, test: Ref) -> bool {
        let facts = self.project.facts(test.file);
        let is_nothing = |node| facts.node(node).is_nullish();
        let mut found = match facts.node(test.node) {
            Node::Binary { op, left, right } => {
                matches!(op, BinaryOp::Eq | BinaryOp::Ne) && !is_nothing(left) && !is_nothing(right)
            }
            Node::Call { .. } => true,
            _ => false,
        };
        facts.children(test.node, |node| found = found || self.compares(Ref { node, ..test }));
        found
    }

    /// Whether the turn that reaches a node is the last one.
    fn leaves_loop(&self, at: Ref, looped: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let (from, to) = (facts.span(at.node).end, facts.span(looped.node).end);
        let returned = facts
            .ancestors(at.node)
            .any(|up| matches!(facts.node(up), Node::Return(_)));
        returned
            || self.project.jumps_in(self.project.function_at(at)).iter().any(|&node| {
                matches!(facts.node(node), Node::Return(_) | Node::Throw(_) | Node::Break)
                    && facts.span(node).start >= from
                    && facts.span(node).end <= to
                    && self.stands_on_way(Ref { node, ..at }, at)
            })
    }

    /// Evidence that each turn of a loop which waits for something registers another function on what was there before.
    pub(in crate::lifetime) fn for_each_turn_of_loop(&self, a: &Acquisition) -> Option<Evidence> {
        let (target, handler) = a.registration()?;
        if !self.is_new_function(handler) {
            return None;
        }
        let mut at = a.at;
        // `await new Promise((resolve, reject) => token.onCancelled(reject))`
        while self.is_executor(self.project.function_at(at)) {
            at = self.project.function_node(self.project.function_at(at));
        }
        let looped = self.loop_around(at).filter(|l| self.waits_each_turn(*l))?;
        let was_there = self.is_from_before(&self.project.place(target), looped);
        (was_there && !self.leaves_loop(at, looped)).then(|| Evidence {
            role: Role::Context,
            at: looped,
            text: "each turn of this loop adds another one".into(),
        })
    }

    /// Whether a loop goes on for as long as something lasts: it waits in each turn, and nothing counts its turns.
    fn waits_each_turn(&self, looped: Ref) -> bool {
        let facts = self.project.facts(looped.file);
        let Node::Loop { kind, .. } = facts.node(looped.node) else {
            return false;
        };
        let mut jumps = self.project.jumps_in(self.project.function_at(looped)).iter();
        matches!(kind, LoopKind::While | LoopKind::DoWhile)
            && jumps.any(|&node| {
                matches!(facts.node(node), Node::Await(_) | Node::Yield(_)) && facts.is_inside(node, looped.node)
            })
    }

    /// Whether a place begins outside a loop.
    pub(super) fn is_from_before(&self, place: &Place, looped: Ref) -> bool {
        match place.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(file);
                let mut references = facts.references_of(b);
                let in_loop = |node: NodeId| facts.is_inside(node, looped.node);
                let binding = facts.binding(b);
                let made_outside = !binding.init.is_some_and(in_loop) && file == looped.file;
                made_outside && binding.writes == 0 && references.any(in_loop) && {
                    let f = facts.enclosing_function(looped.node);
                    binding.function == f || facts.is_nested(f, binding.function)
                }
            }
            Root::This(_) => !place.path.is_empty(),
            _ => false,
        }
    }
}
