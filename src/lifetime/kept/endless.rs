//! Chains of promises that wait for themselves: each run of a function waits for its own next run, so the promise of
//! every run stays until the last one is over, and there is no last one.
//!
//! `const poll = () => ask().then(() => poll())`, where an end is only a failure or a mark that somebody sets.

use crate::facts::{BindingKind, FunctionId, Node, NodeId};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::grown::collections::PROMISE;
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Func, Ref, Root, Use};

/// How many steps of a chain may follow the one that goes on.
const MAX_STEPS: usize = 8;

/// Through how many functions around a call the one that it calls is looked for.
const MAX_AROUND: usize = 4;

impl Judge<'_> {
    /// Judges functions that wait for their own next run.
    pub(in crate::lifetime) fn judge_endless(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        for &node in &facts.calls {
            let call = Ref { file, node };
            if !self.goes_back_to_caller(call) {
                continue;
            }
            let Some((step, name)) = self.endless_step(call) else {
                continue;
            };
            let verdict = Verdict::Leak(Leak {
                cause: Cause::NeverBounded,
                confidence: Confidence::Medium,
                holder: format!("`{name}`"),
                often: "each time it is over".into(),
                remedy: Remedy::default(),
                evidence: vec![Evidence {
                    role: Role::Flow,
                    at: step,
                    text: "waits for the next run".into(),
                }],
            });
            let place = self.project.place(step);
            out.push(Judged::parked(PROMISE, "run", step, place, verdict));
        }
    }

    /// Whether a function gives back what a call gives, or waits for it.
    fn goes_back_to_caller(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let mut value = call.node;
        loop {
            let up = facts.parent(value);
            match facts.node(up) {
                Node::Conditional { test, .. } if test != value => value = up,
                Node::Await(_) | Node::Return(_) => return true,
                Node::Function(f) => return facts.function(f).body == value,
                _ => return false,
            }
        }
    }

    /// The step that goes on for ever with the function around a call, by the name that both have.
    fn endless_step(&self, call: Ref) -> Option<(Ref, &str)> {
        let (callee, _) = self.callee_of(call)?;
        // The same method of another object is another run.
        let is_own = match self.project.node(callee) {
            Node::Binding(_) => true,
            Node::Member { object, .. } => self.project.node(Ref { node: object, ..callee }) == Node::This,
            _ => false,
        };
        if !is_own {
            return None;
        }
        let called = self.project.last_name(callee)?;
        let mut around = Some(self.project.function_at(call));
        for _ in 0..MAX_AROUND {
            let f = around.filter(|f| f.function != FunctionId::MODULE)?;
            if self.name_by_which_called(f) == Some(called) && self.is_method_of_this(callee, f) {
                return self.waits_for_itself(call, f).map(|step| (step, called));
            }
            let parent = self.project.function(f).parent;
            around = parent.map(|function| Func { file: f.file, function });
        }
        None
    }

    /// Whether `this.next()` may call a function: an arrow in an object has the `this` of what is around the object.
    fn is_method_of_this(&self, callee: Ref, f: Func) -> bool {
        let Node::Member { object, .. } = self.project.node(callee) else {
            return true;
        };
        let this = self.project.place(Ref { node: object, ..callee });
        let facts = self.project.facts(f.file);
        let up = facts.parent(self.project.function_node(f).node);
        let is_arrow_of_object =
            facts.function(f.function).flags.is_arrow && matches!(facts.node(up), Node::Property { .. });
        !(is_arrow_of_object && matches!(this.root, Root::This(_)))
    }

    /// The step of a function's promise that waits for a call of the function itself, if nothing but a failure or a
    /// mark ends that.
    fn waits_for_itself(&self, call: Ref, f: Func) -> Option<Ref> {
        if self.project.called_function(call) != Some(f) || !self.hands_on_its_own(call, f) || self.is_another_try(call)
        {
            return None;
        }
        let within = self.project.function_at(call);
        if within == f {
            let is_async = self.project.function(f).flags.is_async;
            return (is_async && self.is_waited_for(call) && self.goes_on(call)).then_some(call);
        }
        let step = self
            .step_of(within)
            .filter(|step| self.project.function_at(*step) == f)?;
        let end = self.last_step(step);
        let is_given_back = self.project.returned_values(f).contains(&end);
        (is_given_back && self.goes_on(call) && self.goes_on(step)).then_some(step)
    }

    /// `await next()`, `return next()`.
    fn is_waited_for(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        self.loop_around(call).is_none() && !matches!(facts.node(facts.parent(call.node)), Node::Function(_))
    }

    /// `catch { return ask(); }`, and one of the cases of a state.
    fn is_another_try(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let around = facts.ancestors(call.node);
        let mut around = around.take_while(|&up| !matches!(facts.node(up), Node::Function(_)));
        around.any(|up| matches!(facts.node(up), Node::Catch { .. } | Node::Switch { .. }))
    }

    /// The `then` whose first function this is.
    fn step_of(&self, f: Func) -> Option<Ref> {
        let uses = self.project.uses(f);
        let [Use::Passed { call, arg: 0 }] = uses[..] else {
            return None;
        };
        let method = self.project.facts(call.file).method_call(call.node)?.method;
        let on_success = &self.project.tables.conventions.on_success;
        on_success
            .iter()
            .any(|n| n == self.project.text(call.file, method))
            .then_some(call)
    }

    /// The last step of a chain that goes on from this one.
    fn last_step(&self, step: Ref) -> Ref {
        let facts = self.project.facts(step.file);
        let mut end = step.node;
        for _ in 0..MAX_STEPS {
            let member = facts.parent(end);
            let next = facts.parent(member);
            let goes_on = matches!(facts.node(member), Node::Member { object, .. } if object == end)
                && matches!(facts.node(next), Node::Call { callee, .. } if callee == member);
            if !goes_on {
                break;
            }
            end = next;
        }
        Ref { node: end, ..step }
    }

    /// Whether a call gives its function what that was given itself: another page, one attempt less have an end.
    fn hands_on_its_own(&self, call: Ref, f: Func) -> bool {
        let Node::Call { args, .. } = self.project.node(call) else {
            return false;
        };
        let facts = self.project.facts(call.file);
        let params: Vec<NodeId> = facts.list(self.project.function(f).params).collect();
        facts.list(args).enumerate().all(
            |(i, arg)| match (facts.node(arg), params.get(i).map(|p| facts.node(*p))) {
                (Node::Binding(given), Some(Node::Binding(own))) => {
                    let binding = facts.binding(given);
                    given == own && binding.kind == BindingKind::Param && binding.writes == 0
                }
                _ => false,
            },
        )
    }

    /// Whether nothing ends the runs before a node but a failure, or a mark by whose name something is over.
    fn goes_on(&self, at: Ref) -> bool {
        self.conditions_of(at).into_iter().all(|(test, _)| {
            let mut asks = Vec::new();
            self.parts_of_test(test, &mut asks);
            let is_mark = |part: &Ref| self.project.last_name(*part).is_some_and(|n| self.is_ending_name(n));
            asks.iter().all(is_mark) || self.other_way_fails(test, at)
        })
    }

    /// What a test asks, without `!`, `&&` and `||`.
    fn parts_of_test(&self, test: Ref, out: &mut Vec<Ref>) {
        let here = |node| Ref { node, ..test };
        match self.project.node(test) {
            Node::Unary { value, .. } => self.parts_of_test(here(value), out),
            Node::Logical { left, right, .. } => {
                self.parts_of_test(here(left), out);
                self.parts_of_test(here(right), out);
            }
            _ => out.push(test),
        }
    }

    /// Whether the other way of a test throws, or gives back a promise that is rejected.
    fn other_way_fails(&self, test: Ref, at: Ref) -> bool {
        let facts = self.project.facts(test.file);
        let up = facts
            .ancestors(test.node)
            .find(|&up| matches!(facts.node(up), Node::If { .. } | Node::Conditional { .. }));
        let Some(Node::If { yes, no, .. } | Node::Conditional { yes, no, .. }) = up.map(|up| facts.node(up)) else {
            return false;
        };
        let other = if facts.is_inside(at.node, yes) { no } else { yes };
        self.fails(Ref { node: other, ..test })
    }

    fn fails(&self, way: Ref) -> bool {
        let facts = self.project.facts(way.file);
        let here = |node| Ref { node, ..way };
        match facts.node(way.node) {
            Node::Throw(_) => true,
            Node::Return(value) => self.fails(here(value)),
            Node::Block(list) => facts.list(list).next_back().is_some_and(|last| self.fails(here(last))),
            Node::Call { callee, .. } => {
                let rejects = &self.project.tables.conventions.rejects;
                self.project
                    .last_name(here(callee))
                    .is_some_and(|name| rejects.iter().any(|r| r == name))
            }
            _ => false,
        }
    }
}
