//! Entries that wait for an answer: what settles one on another way than the answer leaves it in its table.

use crate::facts::{BindingId, BindingKind, CallKind, FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown};
use crate::lifetime::grown::leftovers::MAX_NODES;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Func, Ref, Use};
use crate::tables::Every;

impl Judge<'_> {
    /// Why an entry that is taken out when its answer comes stays when something else ends it.
    pub(in crate::lifetime) fn settled_but_kept(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        grown.growth.key?;
        let taken = touched
            .shrinks
            .iter()
            .find(|(_, how)| matches!(how, Shrink::Entry(_)))?
            .0;
        let known = |(at, how): &(Ref, Shrink)| match how {
            Shrink::Entry(_) => true,
            Shrink::All => self.ends_holder(self.project.function_at(*at)),
            Shrink::Some => false,
        };
        if touched.leaves.is_some() || !touched.shrinks.iter().all(known) {
            return None;
        }
        let (at, text) = self
            .given_up(grown, touched)
            .or_else(|| self.cut_short(grown, touched))
            .or_else(|| self.run_once(grown, touched))
            .or_else(|| self.all_told(grown, touched))
            .or_else(|| self.answered_and_left(grown, touched))
            .or_else(|| self.left_when_cut_off(grown, touched))
            .or_else(|| self.timeout_called_off(grown, touched))?;
        Some(Found::on_some_ways((at, text), (taken, "taken out only here")))
    }

    /// A timer or the end of something settles what waits, and the entry stays.
    fn given_up(&self, grown: &Grown, touched: &Touched) -> Option<(Ref, &'static str)> {
        let settlers = self.settlers(grown);
        let facts = self.project.facts(grown.f.file);
        if self.is_taken_out_beside(grown, touched)? {
            return None;
        }
        let is_called =
            |&node: &NodeId| matches!(facts.node(facts.parent(node)), Node::Call { callee, .. } if callee == node);
        let mut found: Vec<Ref> = settlers
            .iter()
            .flat_map(|&b| facts.references_of(b))
            .chain(self.settled_as_members(grown, &settlers))
            .filter(is_called)
            .map(|node| Ref {
                file: grown.f.file,
                node,
            })
            .filter(|at| {
                let h = self.project.function_at(*at);
                let settled_by = self.project.function_value(*at, 0);
                self.is_another_end(h)
                    && !self.takes_out(h, touched)
                    && !settled_by.is_some_and(|s| self.takes_out(s, touched))
            })
            .collect();
        found.sort_unstable();
        Some((*found.first()?, "settled here, and left in the table"))
    }

    /// Whether the code around the entry takes it out itself: a promise's reaction, code after an `await`.
    pub(in crate::lifetime) fn is_taken_out_beside(&self, grown: &Grown, touched: &Touched) -> Option<bool> {
        let facts = self.project.facts(grown.f.file);
        let around = self.outermost(grown.f);
        let value = grown.growth.value?;
        Some(touched.shrinks.iter().any(|(at, _)| {
            let f = self.project.function_at(*at);
            self.outermost(f) == around && !facts.is_inside(at.node, value.node) && !self.is_handler_of_event(f)
        }))
    }

    /// `entry.reject` where an entry is a variable's object, one of whose members settles what waits.
    fn settled_as_members(&self, grown: &Grown, settlers: &[BindingId]) -> Vec<NodeId> {
        let facts = self.project.facts(grown.f.file);
        let Some(Node::Binding(entry)) = grown.growth.value.map(|v| facts.node(v.node)) else {
            return Vec::new();
        };
        let Some(Node::Object(list)) = facts.binding(entry).init.map(|i| facts.node(i)) else {
            return Vec::new();
        };
        let is_settler = |node: NodeId| matches!(facts.node(node), Node::Binding(b) if settlers.contains(&b));
        let members: Vec<&str> = facts
            .list(list)
            .filter_map(|part| match facts.node(part) {
                Node::Property { key, value, .. } if is_settler(value) => facts.string(key),
                _ => None,
            })
            .collect();
        let is_member = |up: &NodeId| matches!(facts.node(*up), Node::Member { property, .. } if members.contains(&facts.name(property)));
        facts
            .references_of(entry)
            .map(|node| facts.parent(node))
            .filter(is_member)
            .collect()
    }

    /// Whether a name stands for a function that calls one of the parameters of a promise's executor.
    fn calls_settler(&self, grown: &Grown, node: NodeId) -> bool {
        let file = grown.f.file;
        let facts = self.project.facts(file);
        let settles = |h: Func| {
            let mut captures = self.project.function(h).captures.iter();
            captures.any(|&c| facts.binding(c).kind == BindingKind::Param && self.executed_by(file, c).is_some())
        };
        self.project.function_value(Ref { file, node }, 0).is_some_and(settles)
    }

    /// Variables that settle what an entry waits for: those that the entry is made of, and the other settler of the
    /// same promise.
    fn settlers(&self, grown: &Grown) -> Vec<BindingId> {
        let facts = self.project.facts(grown.f.file);
        let mut out = Vec::new();
        let mut stack: Vec<NodeId> = grown.growth.value.map(|v| v.node).into_iter().collect();
        for _ in 0..MAX_NODES {
            let Some(node) = stack.pop() else { break };
            match facts.node(node) {
                Node::Binding(b) => {
                    let binding = facts.binding(b);
                    match binding.kind {
                        BindingKind::Param if binding.function != FunctionId::MODULE => {
                            self.with_other_settlers(grown, b, &mut out);
                        }
                        BindingKind::Function if self.calls_settler(grown, node) => out.push(b),
                        BindingKind::Const | BindingKind::Let | BindingKind::Var
                            if binding.function == grown.f.function =>
                        {
                            stack.extend(
                                binding
                                    .init
                                    .filter(|&i| matches!(facts.node(i), Node::Object(_) | Node::Array(_))),
                            );
                        }
                        _ => {}
                    }
                }
                Node::Object(list) | Node::Array(list) => stack.extend(facts.list(list)),
                Node::Property { value, .. } => stack.push(value),
                Node::Function(f) => {
                    for &b in &facts.function(f).captures {
                        let is_called = facts.references_of(b).any(|r| {
                            facts.is_inside(r, node)
                                && matches!(facts.node(facts.parent(r)), Node::Call { callee, .. } if callee == r)
                        });
                        if is_called && facts.binding(b).kind == BindingKind::Param {
                            self.with_other_settlers(grown, b, &mut out);
                        }
                    }
                }
                _ => {}
            }
        }
        out
    }

    fn with_other_settlers(&self, grown: &Grown, b: BindingId, out: &mut Vec<BindingId>) {
        if out.contains(&b) {
            return;
        }
        out.push(b);
        if self.executed_by(grown.f.file, b).is_none() {
            return;
        }
        let facts = self.project.facts(grown.f.file);
        let executor = facts.binding(b).function;
        for node in facts.list(facts.function(executor).params) {
            if let Node::Binding(other) = facts.node(node)
                && !out.contains(&other)
            {
                out.push(other);
            }
        }
    }

    /// Whether a function is the callback of a timeout, or hears of the end of something.
    pub(in crate::lifetime) fn is_another_end(&self, h: Func) -> bool {
        self.project.uses(h).iter().any(|used| match used {
            Use::Passed { call, arg } => {
                let react = &self.project.tables.conventions.react;
                let name = self
                    .callee_of(*call)
                    .and_then(|(callee, _)| self.project.last_name(callee));
                let later = self
                    .project
                    .context_of(*call, *arg)
                    .is_some_and(|(row, _)| self.project.tables.contexts[row].every == Every::Later);
                later && *arg == 0 && !name.is_some_and(|n| react.iter().any(|r| r == n) || n == "catch")
                    || *arg > 0 && self.hears_of_end(*call)
            }
            _ => false,
        })
    }

    fn hears_of_end(&self, call: Ref) -> bool {
        let Node::Call { args, .. } = self.project.node(call) else {
            return false;
        };
        let event = self.project.facts(call.file).item(args, 0);
        let ends = &self.project.tables.conventions.ending_events;
        event.is_some_and(|node| self.project.is_text_of(Ref { file: call.file, node }, ends))
    }

    /// A callback that is registered under a name, which no end has.
    fn is_handler_of_event(&self, f: Func) -> bool {
        self.project
            .uses(f)
            .iter()
            .any(|used| matches!(used, Use::Passed { call, arg } if *arg > 0 && !self.hears_of_end(*call)))
    }

    /// Whether what a function runs takes something out.
    pub(in crate::lifetime) fn takes_out(&self, f: Func, touched: &Touched) -> bool {
        let reach = self.project.reach(&[f]);
        touched.shrinks.iter().any(|(at, _)| {
            let there = self.project.function_at(*at);
            reach.contains(&there) || self.project.is_within(there, f)
        })
    }

    /// Each call puts in a function under a number of its own, which is called once, later; only who cancels it takes
    /// it out.
    fn run_once(&self, grown: &Grown, touched: &Touched) -> Option<(Ref, &'static str)> {
        self.fresh_key(grown.growth.key?, 0)?;
        let only_cancelled = touched.shrinks.iter().all(|(at, _)| {
            let f = self.project.function_at(*at);
            f != grown.f && self.cancels_one(f)
        });
        if !only_cancelled {
            return None;
        }
        let later = self
            .project
            .inner_functions(grown.f)
            .find(|&h| self.runs_once_later(h))?;
        let reach = self.project.reach(&[later]);
        let (at, _) = touched.looked_up.iter().find(|(at, _)| {
            let f = self.project.function_at(*at);
            reach.contains(&f) && self.calls_looked_up(*at)
        })?;
        (!self.takes_out(later, touched)).then_some((*at, "called here, once, and left in"))
    }

    fn runs_once_later(&self, h: Func) -> bool {
        self.project.uses(h).iter().any(|used| match used {
            Use::Passed { call, arg } => self
                .project
                .context_of(*call, *arg)
                .is_some_and(|(row, _)| self.project.tables.contexts[row].every == Every::Later),
            _ => false,
        })
    }

    /// Whether a function is there to end one entry before its time, by its name.
    pub(in crate::lifetime) fn cancels_one(&self, f: Func) -> bool {
        let empties = |name: &str| {
            self.project
                .tables
                .conventions
                .empty
                .iter()
                .any(|e| name.starts_with(e.as_str()))
        };
        self.ends_one(f) || self.name_around(f).is_some_and(empties)
    }

    /// Whether an element that is looked up is called there.
    fn calls_looked_up(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let is_called = |node: NodeId| matches!(facts.node(facts.parent(node)), Node::Call { callee, kind: CallKind::Call, .. } if callee == node);
        let element = self.entry_looked_up(at);
        match facts.node(facts.parent(element)) {
            Node::Declare { target, value } if value == element => match facts.node(target) {
                Node::Binding(b) => facts.references_of(b).any(is_called),
                _ => false,
            },
            _ => is_called(element),
        }
    }

    /// The answer calls an entry and takes it out; another function calls all that are left, and leaves them in.
    fn all_told(&self, grown: &Grown, touched: &Touched) -> Option<(Ref, &'static str)> {
        let facts = self.project.facts(grown.growth.at.file);
        let answers: Vec<Func> = touched
            .looked_up
            .iter()
            .filter(|(at, _)| self.calls_looked_up(*at))
            .map(|(at, _)| self.project.function_at(*at))
            .collect();
        let taken = |f: Func| touched.shrinks.iter().any(|(at, _)| self.project.function_at(*at) == f);
        if !answers.iter().any(|f| taken(*f)) {
            return None;
        }
        let told = facts.calls.iter().find_map(|&node| {
            let Node::Call {
                callee,
                kind: CallKind::Call,
                ..
            } = facts.node(node)
            else {
                return None;
            };
            let at = Ref {
                file: grown.growth.at.file,
                node: callee,
            };
            let Node::Binding(_) = facts.node(callee) else {
                return None;
            };
            let f = self.project.function_at(at);
            let is_element = self
                .collection_of(at, 0)
                .is_some_and(|place| self.project.same_place(&place, &grown.place));
            let emptied = touched.shrinks.iter().any(|(s, _)| {
                let g = self.project.function_at(*s);
                self.project.is_within(f, g) || self.project.is_within(g, f)
            });
            (is_element && !emptied && !self.takes_out(f, touched)).then_some(at)
        })?;
        Some((told, "each is told here that no answer will come, and stays"))
    }
}
