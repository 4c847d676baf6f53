//! Chains of timeouts: how the function of one leads to the next.

use crate::lifetime::Judge;
use crate::link::{Func, Ref, Use};

/// How many promises in each other are looked through.
const MAX_PROMISES: usize = 4;

/// Through how many functions a chain is followed.
const MAX_STEPS: u32 = 3;

/// How many calls of a function are looked at.
const MAX_CALLS: usize = 8;

impl Judge<'_> {
    /// How the function of a timeout leads to a node, if it does each time: the node, the promises that it stands behind,
    /// the call of the function around, and so on. Under what the node itself stands is not asked.
    pub(in crate::lifetime) fn round_to(&self, at: Ref, callback: Func) -> Option<Vec<Ref>> {
        self.way_to(at, callback, 0)
    }

    /// Whether a node is reached whenever its function runs.
    pub(in crate::lifetime) fn is_bare(&self, at: Ref) -> bool {
        !self.is_conditional(at) && !self.has_early_exit(at)
    }

    fn way_to(&self, at: Ref, callback: Func, depth: u32) -> Option<Vec<Ref>> {
        let mut way = vec![at];
        let mut promises = self.promises_around(at).into_iter();
        let mut inside = at;
        loop {
            let f = self.project.function_at(inside);
            if f == callback {
                return Some(way);
            }
            if depth < MAX_STEPS {
                let calls = self.project.callers(f).calls.into_iter();
                let calls = calls.filter(|call| call.file == callback.file && self.project.function_at(*call) != f);
                // `const alert = window.alert` may stand for what was there before this function took its place.
                let is_call = |call: &Ref| self.project.called_function(*call) == Some(f);
                let mut bare = calls
                    .take(MAX_CALLS)
                    .filter(|call| self.is_bare(*call) && is_call(call));
                if let Some(rest) = bare.find_map(|call| self.way_to(call, callback, depth + 1)) {
                    way.extend(rest);
                    return Some(way);
                }
            }
            inside = promises.next().filter(|call| self.is_bare(*call))?;
            way.push(inside);
        }
    }

    /// The calls whose function stands around a node and runs once a promise is fulfilled, from the inside out:
    /// `load().then(() => { ... })`. Each is reached whenever the one around it is.
    fn promises_around(&self, at: Ref) -> Vec<Ref> {
        let conventions = &self.project.tables.conventions;
        let mut out: Vec<Ref> = Vec::new();
        let mut inside = at;
        for _ in 0..MAX_PROMISES {
            let f = self.project.function_at(inside);
            let [Use::Passed { call, arg: 0 }] = self.project.uses(f)[..] else {
                break;
            };
            let facts = self.project.facts(call.file);
            let name = self
                .callee_of(call)
                .and_then(|(callee, _)| self.project.last_name(callee));
            let is_on = |list: &[String]| name.is_some_and(|n| list.iter().any(|l| l == n));
            let runs = is_on(&conventions.on_success) || is_on(&conventions.either_way);
            if !runs || !self.is_bare(inside) || call.file != at.file || !facts.is_inside(at.node, call.node) {
                break;
            }
            out.push(call);
            inside = call;
        }
        out
    }
}
