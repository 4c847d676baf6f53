//! Code that calls itself again: what a turn registers on a receiver that stays the same, and leaves there when it goes
//! on to the next one.

use crate::facts::{FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Root};

impl Judge<'_> {
    /// Why a registration of one turn is still there in the next one: the way that ends takes it off, the one that goes
    /// on does not.
    pub(in crate::lifetime) fn left_by_turn(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<(Cause, Vec<Evidence>)> {
        let (target, handler) = a.registration()?;
        let row = a.row()?;
        let f = self.project.function_at(a.at);
        let on_target = self.project.tables.pairs[row].release_is_on_target();
        if !on_target || f.function == FunctionId::MODULE || !self.is_new_function(handler) {
            return None;
        }
        if self.is_conditional(a.at) || self.is_of_turn(&self.project.place(target), f) {
            return None;
        }
        let next = self.next_turns(f, handler);
        if next.is_empty() {
            return None;
        }
        let releases = releases();
        let right: Vec<Ref> = releases.iter().filter(|r| r.wrong.is_none()).map(|r| r.at).collect();
        let (again, end) = next.into_iter().find_map(|call| {
            let g = self.project.function_at(call);
            let on_way = |r: &&Ref| self.project.function_at(**r) == g;
            let ended = right.iter().any(|r| self.stands_on_way(*r, call)) || self.ends_by_call(&right, call);
            (!ended).then_some((call, *right.iter().find(on_way)?))
        })?;
        let evidence = vec![
            Evidence {
                role: Role::Context,
                at: again,
                text: "goes on with another turn, which adds another one".into(),
            },
            Evidence {
                role: Role::Release,
                at: end,
                text: "only on the way that ends".into(),
            },
        ];
        Some((Cause::NotOnEveryPath, evidence))
    }

    /// Whether a place is a variable of one activation, or a part of what one holds.
    fn is_of_turn(&self, place: &Place, f: Func) -> bool {
        match place.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(file);
                let made_in = facts.binding(b).function;
                file == f.file && (made_in == f.function || facts.is_nested(made_in, f.function))
            }
            Root::Value(_) => true,
            _ => false,
        }
    }

    /// The calls of a function in the functions inside it, but for those in what is registered.
    fn next_turns(&self, f: Func, handler: Ref) -> Vec<Ref> {
        let registered = self.project.function_value(handler, 0);
        let mut calls = self.project.callers(f).calls;
        calls.retain(|call| {
            let g = self.project.function_at(*call);
            g != f && self.project.is_within(g, f) && !registered.is_some_and(|h| self.project.is_within(g, h))
        });
        calls
    }

    /// Whether who reaches a call comes by another node of the same function, before or after.
    pub(in crate::lifetime) fn stands_on_way(&self, node: Ref, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        node.file == call.file
            && self.project.function_at(node) == self.project.function_at(call)
            && facts.is_inside(call.node, self.branch_of(node))
    }

    /// The part of a function that runs as a whole with a node: a branch, or the function's body.
    fn branch_of(&self, at: Ref) -> NodeId {
        let facts = self.project.facts(at.file);
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) | Node::Case { .. } | Node::Catch { .. } => return up,
                Node::If { test, .. } | Node::Conditional { test, .. } if test != below => return below,
                Node::Logical { right, .. } if right == below => return below,
                _ => {}
            }
            below = up;
        }
        below
    }

    /// Whether a call on the way of another one runs a function that releases: `cleanup(); retry();`.
    fn ends_by_call(&self, right: &[Ref], call: Ref) -> bool {
        let g = self.project.function_at(call);
        self.project.calls_in(g).iter().any(|&node| {
            let other = Ref { node, ..call };
            let called = self.project.called_function(other).filter(|_| other != call);
            called.is_some_and(|h| {
                let reach = self.project.reach(&[h]);
                right.iter().any(|r| reach.contains(&self.project.function_at(*r))) && self.stands_on_way(other, call)
            })
        })
    }
}
