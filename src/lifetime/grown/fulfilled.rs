//! Entries that are taken out where a promise is fulfilled only: one that is rejected leaves its entry.

use crate::facts::{Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Func, Phase, Ref, Use};

/// How many steps a chain of promises may have.
const MAX_STEPS: usize = 8;

impl Judge<'_> {
    /// What takes single entries out. That an object empties its collection at its own end is for all that is left.
    pub(in crate::lifetime) fn before_the_end<'t>(&self, touched: &'t Touched) -> Vec<&'t (Ref, Shrink)> {
        let at_end = |at: Ref| {
            let around = self.project.method_around(self.project.function_at(at));
            around.is_some_and(|(owner, name, _)| self.phase(owner, name).0 == Phase::Teardown)
        };
        let shrinks = touched.shrinks.iter();
        shrinks
            .filter(|(at, how)| *how != Shrink::All || !at_end(*at))
            .collect()
    }

    /// `table.set(key, work); work.then(() => table.delete(key))`, with nothing for the case that the work fails.
    pub(in crate::lifetime) fn only_where_fulfilled(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key.or(grown.growth.value)?;
        let shrinks = self.before_the_end(touched);
        let mut failing = None;
        for (at, how) in &shrinks {
            match how {
                Shrink::Entry(k) if self.project.same_key(*k, key) => {}
                _ => return None,
            }
            failing = Some(self.fails_before(*at).or_else(|| self.fails_within(*at, grown))?);
        }
        let &&(release, _) = shrinks.first()?;
        Some(Found::on_some_ways(
            (failing?, "if this is rejected, the entry stays"),
            (release, "taken out only when everything went well"),
        ))
    }

    /// The promise before a `then` in whose first function a node stands, if it may be rejected.
    fn fails_before(&self, at: Ref) -> Option<Ref> {
        let uses = self.project.uses(self.project.function_at(at));
        let [Use::Passed { call, arg: 0 }] = uses[..] else {
            return None;
        };
        let mut step = self.on_success_of(call)?;
        for _ in 0..MAX_STEPS {
            let Node::Call { .. } = self.project.node(step) else {
                break;
            };
            match self.on_success_of(step) {
                Some(before) => step = before,
                None => break,
            }
        }
        let made = match self.project.node(step) {
            Node::Binding(_) => {
                let definitions = self.project.definitions(&self.project.place(step));
                let [only] = definitions[..] else { return None };
                only
            }
            _ => step,
        };
        self.may_fail(made).then_some(step)
    }

    /// What an async function waits for before it takes out the entry that holds its own promise, if that may fail.
    fn fails_within(&self, at: Ref, grown: &Grown) -> Option<Ref> {
        let g = self.project.function_at(at);
        let value = grown.growth.value?;
        let is_another = self.project.function(g).flags.is_async && g != grown.f;
        let made = match self.project.node(value) {
            Node::Binding(_) => self.project.definitions(&self.project.place(value)),
            _ => vec![value],
        };
        let is_kept = is_another && made.iter().any(|d| self.is_run_by(g, *d));
        if !is_kept || self.tries_around(at).any(|[block, ..]| !self.is_part(at, block)) {
            return None;
        }
        let facts = self.project.facts(g.file);
        let is_caught = |waits: Ref| {
            self.tries_around(waits)
                .any(|[block, handler]| self.is_part(waits, block) && facts.node(handler) != Node::Empty)
        };
        let calls = self.project.calls_in(g).iter();
        let mut calls = calls.map(|&node| Ref { node, ..at });
        calls.find(|call| {
            let waits = matches!(facts.node(facts.parent(call.node)), Node::Await(_));
            waits && self.is_before(*call, at) && !is_caught(*call) && self.may_fail(*call)
        })
    }

    /// The block and the handler of each `try` around a node of the same function.
    fn tries_around(&self, at: Ref) -> impl Iterator<Item = [NodeId; 2]> + '_ {
        let facts = self.project.facts(at.file);
        let body = self.project.function(self.project.function_at(at)).node;
        let around = facts.ancestors(at.node).take_while(move |&up| up != body);
        around.filter_map(move |up| match facts.node(up) {
            Node::Try { block, handler, .. } => Some([block, handler]),
            _ => None,
        })
    }

    fn is_part(&self, at: Ref, of: NodeId) -> bool {
        self.project.facts(at.file).is_inside(at.node, of)
    }

    /// `g()`, `g.call(this)`.
    fn is_run_by(&self, g: Func, call: Ref) -> bool {
        if self.project.called_function(call) == Some(g) {
            return true;
        }
        let applied = || {
            let (callee, _) = self.callee_of(call)?;
            let Node::Member { object, property, .. } = self.project.node(callee) else {
                return None;
            };
            let name = self.project.facts(call.file).name(property);
            let of = Ref { node: object, ..call };
            matches!(name, "call" | "apply").then(|| self.project.function_value(of, 0))?
        };
        applied() == Some(g)
    }

    /// The promise that a `then` with one function is called on.
    fn on_success_of(&self, call: Ref) -> Option<Ref> {
        let (callee, args) = self.callee_of(call)?;
        let Node::Member { object, property, .. } = self.project.node(callee) else {
            return None;
        };
        let name = self.project.facts(call.file).name(property);
        let is_then = self.project.tables.conventions.on_success.iter().any(|n| n == name);
        (is_then && args.len() == 1).then_some(Ref { node: object, ..call })
    }
}
