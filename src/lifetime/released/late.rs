//! Acquisitions that may happen after the teardown that would release them: behind an `await`, in the continuation of
//! a promise, in a timer's callback.

use crate::facts::{FunctionId, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Phase, Place, Ref, Root, Use};
use crate::tables::Every;

impl Judge<'_> {
    /// Evidence that an acquisition can come after the teardown which releases it, with nothing that looks whether
    /// its owner is still there.
    pub(in crate::lifetime) fn too_late(
        &self,
        a: &Acquisition,
        scope: &Scope,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let (top, teardowns) = self
            .mounted(a, scope)
            .or_else(|| self.visited(a, scope, right))
            .or_else(|| self.begun_by_effect(a, scope))?;
        let reach = self.project.reach(&teardowns);
        let is_at_end = |r: &&Release| {
            reach.contains(&self.project.function_at(r.at)) || self.run_as_kept(r.at, top, &reach).is_some()
        };
        let release = right.iter().copied().find(|r| is_at_end(r))?;
        if !right.iter().copied().all(|r| is_at_end(&r)) {
            return None;
        }
        let waits = self.waits_before(a.at, top);
        let waits = waits.or_else(|| self.arrives_late(a, flow, top, right))?;
        let text = "the owner may be gone when this goes on";
        Some(vec![
            Evidence {
                role: Role::Flow,
                at: waits,
                text: text.into(),
            },
            Evidence {
                role: Role::Release,
                at: release.at,
                text: "has run by then".into(),
            },
        ])
    }

    /// The handler of a connection or request, and the functions that it registers for the end of that before it goes on
    /// to wait for something: `response.on('close', leave); await load(); news.on('item', write);`
    fn visited(&self, a: &Acquisition, scope: &Scope, right: &[&Release]) -> Option<(Func, Vec<Func>)> {
        let f = self.project.function_at(a.at);
        let waits = match scope {
            Scope::Function if self.is_ended_by_visit(f, right) => self.waits_before(a.at, f)?,
            _ => return None,
        };
        let ends: Vec<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        let is_before = |used: &Use| match used {
            Use::Passed { call, .. } => self.is_before(*call, waits),
            _ => false,
        };
        let are_before = ends.iter().all(|end| self.project.uses(*end).iter().all(is_before));
        are_before.then_some((f, ends))
    }

    /// The function that an effect calls, and what runs at the effect's end: `useEffect(() => { begin(); return end; })`.
    fn begun_by_effect(&self, a: &Acquisition, scope: &Scope) -> Option<(Func, Vec<Func>)> {
        if !matches!(scope, Scope::Function) {
            return None;
        }
        let mut around = Some(self.project.function_at(a.at).function);
        while let Some(function) = around.filter(|f| *f != FunctionId::MODULE) {
            let f = Func {
                file: a.at.file,
                function,
            };
            let setup = self.project.callers(f).calls.into_iter().find_map(|call| {
                let g = self.project.function_at(call);
                match self.scope_of(g) {
                    Scope::Effect { setup } if setup == g => Some(setup),
                    _ => None,
                }
            });
            if let Some(setup) = setup {
                return Some((f, self.ends_of_effect(setup)));
            }
            around = self.project.function(f).parent;
        }
        None
    }

    /// The function that runs when the owner appears, and those that run when it goes.
    fn mounted(&self, a: &Acquisition, scope: &Scope) -> Option<(Func, Vec<Func>)> {
        match scope {
            Scope::Effect { setup } => {
                // What stands beside the effect and runs at the end, too: `onDestroy(() => undo())`.
                Some((*setup, self.ends_of_effect(*setup)))
            }
            Scope::Owner { owner, method } => {
                let cycle = self.project.lifecycle(*owner)?;
                if cycle.row.every != Every::Mount || cycle.phase(method) != Phase::Setup {
                    return None;
                }
                let (_, _, top) = self.project.method_around(self.project.function_at(a.at))?;
                Some((top, self.teardowns(*owner).0))
            }
            Scope::Setup { outer, teardowns } => Some((*outer, teardowns.clone())),
            Scope::Function => None,
        }
    }

    /// What an acquisition waits for on its way from the function around it, unless a test comes between.
    fn waits_before(&self, at: Ref, top: Func) -> Option<Ref> {
        let mut node = at.node;
        let facts = self.project.facts(at.file);
        if at.file != top.file {
            return None;
        }
        loop {
            let f = facts.enclosing_function(node);
            if self.is_tested(at, f, node) {
                return None;
            }
            if let Some(found) = self.last_await_of(at, f, node, |value| !self.is_soon(value)) {
                let from = facts.span(found).start;
                return (!self.is_left_between(at, f, from, node)).then_some(Ref {
                    file: at.file,
                    node: found,
                });
            }
            if f == top.function || f == FunctionId::MODULE || self.is_left_between(at, f, 0, node) {
                return None;
            }
            let here = Func {
                file: at.file,
                function: f,
            };
            let uses = self.project.uses(here);
            let handed = uses.iter().filter_map(|used| match used {
                Use::Passed { call, arg } => {
                    let (row, _) = self.project.context_of(*call, *arg)?;
                    Some((*call, self.project.tables.contexts[row].every))
                }
                _ => None,
            });
            let handed: Vec<(Ref, Every)> = handed.collect();
            // What ended during a wait before this is never mounted.
            if handed.iter().any(|(_, every)| *every == Every::Mount) {
                return None;
            }
            let later = handed
                .iter()
                .find(|(_, every)| *every == Every::Later)
                .map(|(call, _)| *call);
            let is_inline = |call: &Ref| call.file == at.file && facts.is_inside(facts.function(f).node, call.node);
            if let Some(call) = later.filter(is_inline).filter(|call| !self.is_soon(*call)) {
                // A timer's callback can be cleared with its timer; a promise goes on by itself.
                let is_cancelled = self.pair_acquisitions(at.file).iter().any(|a| a.at == call);
                return (!is_cancelled && !self.is_given_up(call)).then_some(call);
            }
            node = facts.function(f).node;
        }
    }

    /// The acquisition itself, where it is waited for, and what it gives is put at once where the teardown finds it:
    /// `this.stream = await getUserMedia()`, `.then(stream => { camera = stream })`.
    fn arrives_late(&self, a: &Acquisition, flow: &Flow, top: Func, right: &[&Release]) -> Option<Ref> {
        let facts = self.project.facts(a.at.file);
        let up = facts.parent(a.at.node);
        let (f, from) = match facts.node(up) {
            Node::Await(_) => (self.project.function_at(a.at), up),
            Node::Member { object, property, .. } if object == a.at.node => {
                let conventions = &self.project.tables.conventions;
                let call = Ref {
                    node: facts.parent(up),
                    ..a.at
                };
                let step = self
                    .project
                    .argument(call, 0)
                    .filter(|_| conventions.on_success.iter().any(|s| s == facts.name(property)));
                let f = self.project.function_value(step?, 0)?;
                (f, self.project.function(f).node)
            }
            _ => return None,
        };
        if !self.project.is_within(f, top) || self.is_given_up(a.at) || self.is_soon(a.at) {
            return None;
        }
        if self.is_ended_on_arrival(f, right) {
            return None;
        }
        let is_kept_in = |place: &&Place| match place.root {
            Root::Binding(file, b) => {
                file == f.file
                    && !self
                        .project
                        .facts(file)
                        .is_nested(self.project.facts(file).binding(b).function, f.function)
            }
            _ => true,
        };
        let kept = flow
            .places
            .iter()
            .filter(is_kept_in)
            .flat_map(|place| self.project.definitions(place));
        let start = facts.span(from).start;
        let mut kept = kept.filter(|d| d.file == f.file && self.project.function_at(*d) == f);
        let is_plain = |d: Ref| {
            let tests = self.conditions_of(d);
            !self.is_left_between(d, f.function, start, d.node)
                && tests.into_iter().all(|(test, _)| facts.span(test.node).start < start)
        };
        kept.next().is_some_and(is_plain).then_some(a.at)
    }

    /// Whether the function that gets what arrives calls what releases it: `stream = found; if (isOver) stop();`.
    fn is_ended_on_arrival(&self, f: Func, right: &[&Release]) -> bool {
        let mut calls = self.project.calls_in(f).iter().map(|&node| Ref { file: f.file, node });
        calls.any(|call| {
            self.project.called_function(call).is_some_and(|called| {
                let reach = self.project.reach(&[called]);
                right.iter().any(|r| reach.contains(&self.project.function_at(r.at)))
            })
        })
    }

    /// Whether a node stands under a condition within a function.
    fn is_tested(&self, at: Ref, f: FunctionId, node: NodeId) -> bool {
        self.is_conditional(Ref { file: at.file, node }) && f != FunctionId::MODULE
    }

    /// Whether what waits for a call goes on before anything else can happen: after a tick.
    pub(in crate::lifetime) fn is_soon(&self, call: Ref) -> bool {
        let Node::Call { callee, .. } = self.project.node(call) else {
            return false;
        };
        let name = self.project.last_name(Ref { node: callee, ..call });
        let soon = &self.project.tables.conventions.soon;
        name.is_some_and(|name| soon.iter().any(|s| s == name))
    }

    /// The last thing awaited before a node in a function.
    pub(in crate::lifetime) fn last_await(&self, at: Ref, f: FunctionId, node: NodeId) -> Option<NodeId> {
        self.last_await_of(at, f, node, |_| true)
    }

    /// The last thing of a kind awaited before a node in a function.
    pub(in crate::lifetime) fn last_await_of(
        &self,
        at: Ref,
        f: FunctionId,
        node: NodeId,
        counts: impl Fn(Ref) -> bool,
    ) -> Option<NodeId> {
        let facts = self.project.facts(at.file);
        let before = facts.span(node).start;
        let span = facts.function(f).span;
        let f = Func {
            file: at.file,
            function: f,
        };
        let awaits = self.project.jumps_in(f).iter().copied().filter(|&n| {
            let here = facts.span(n);
            matches!(facts.node(n), Node::Await(value) if counts(Ref { file: at.file, node: value }))
                && here.start >= span.start
                && here.end <= before
                && !facts.is_inside(n, node)
        });
        let last = awaits.max_by_key(|&n| facts.span(n).end)?;
        let Node::Await(value) = facts.node(last) else {
            return None;
        };
        (!self.is_given_up(Ref {
            file: at.file,
            node: value,
        }))
        .then_some(last)
    }

    /// Whether a call is told when to give up: `fetch(url, { signal })`.
    pub(in crate::lifetime) fn is_given_up(&self, call: Ref) -> bool {
        let Node::Call { args, callee, .. } = self.project.node(call) else {
            return false;
        };
        let facts = self.project.facts(call.file);
        let names = &self.project.tables.conventions.gives_up;
        let told = facts.list(args).any(|node| {
            let arg = Ref { file: call.file, node };
            names.iter().any(|n| self.project.property(arg, n).is_some())
        });
        // `fetch(url, { signal }).then(...)`.
        told || match facts.node(callee) {
            Node::Member { object, .. } => self.is_given_up(Ref {
                file: call.file,
                node: object,
            }),
            _ => false,
        }
    }

    /// Whether a function can be left by a `return` or `throw` between an offset and a node.
    fn is_left_between(&self, at: Ref, f: FunctionId, from: u32, node: NodeId) -> bool {
        let facts = self.project.facts(at.file);
        let to = facts.span(node).start;
        let from = from.max(facts.function(f).span.start);
        let f = Func {
            file: at.file,
            function: f,
        };
        self.project.jumps_in(f).iter().any(|&n| {
            matches!(facts.node(n), Node::Return(_) | Node::Throw(_)) && (from..to).contains(&facts.span(n).start)
        })
    }
}
