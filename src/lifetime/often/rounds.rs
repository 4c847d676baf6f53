//! Chains of timeouts: how the function of one leads to the next.

use rustc_hash::FxHashSet;

use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Root, Use};

/// How many promises and timeouts in each other are looked through.
const MAX_WAITS: usize = 4;

/// Through how many functions a chain is followed.
const MAX_STEPS: u32 = 3;

/// How many calls of a function are looked at.
const MAX_CALLS: usize = 8;

impl Judge<'_> {
    /// How the function of a timeout leads to a node, if it does each time: the node, the promises that it stands behind,
    /// the call of the function around, and so on. Under what the node itself stands is not asked.
    pub(in crate::lifetime) fn round_to(&self, at: Ref, callback: Func) -> Option<Vec<Ref>> {
        self.way_to(at, callback, true, 0)
    }

    /// Evidence that the function of an interval can begin it anew, which overwrites the handle of the one that runs, and
    /// releases that on no part of the way.
    pub(in crate::lifetime) fn lost_by_own_tick(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        if self.project.tables.pairs[a.row()?].one_shot || a.target().is_some() {
            return None;
        }
        let [place] = &flow.places[..] else { return None };
        let f = self.project.function_at(a.at);
        let is_field = matches!(place.root, Root::This(_)) && place.path.len() == 1;
        let callback = self.project.function_value(a.handler()?, 0)?;
        if !is_field || !flow.passed.is_empty() || !self.project.reach(&[callback]).contains(&f) {
            return None;
        }
        let way = self.way_to(a.at, callback, false, 0)?;
        let releasers: FxHashSet<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        let ends = |call: Ref| {
            let called = self.project.called_function(call);
            right.iter().any(|r| r.at == call)
                || called.is_some_and(|g| g != f && self.project.reach(&[g]).iter().any(|h| releasers.contains(h)))
        };
        let is_ended = |step: &Ref| {
            let tests = self.conditions_of(*step);
            // Whether there is one to release is asked of what holds it.
            let is_known = |test: &(Ref, bool)| tests.contains(test) || self.reads_place(test.0, place);
            let on_way = |call: Ref| self.conditions_of(call).iter().all(is_known);
            let g = self.project.function_at(*step);
            let calls = self.project.calls_in(g).iter().map(|&node| Ref { file: g.file, node });
            let mut others = calls.filter(|call| !way.contains(call));
            // What the tick asks lets it begin the interval anew; what is asked beyond it, of what changes, may be a guard.
            let is_guard = |test: Ref| !self.project.is_within(g, callback) && self.asks_state(test);
            tests
                .iter()
                .any(|(test, _)| is_guard(*test) || self.reads_place(*test, place))
                || others.any(|call| on_way(call) && ends(call))
        };
        if way.iter().any(is_ended) {
            return None;
        }
        let at = *way.last()?;
        Some(vec![Evidence {
            role: Role::Context,
            at,
            text: format!(
                "its own tick begins it anew, which overwrites `{}`",
                self.show_place(place)
            ),
        }])
    }

    /// Whether an expression reads a place.
    fn reads_place(&self, value: Ref, place: &Place) -> bool {
        self.reads_in(value)
            .iter()
            .any(|read| self.project.same_place(read, place))
    }

    /// Whether a node is reached whenever its function runs.
    pub(in crate::lifetime) fn is_bare(&self, at: Ref) -> bool {
        !self.is_conditional(at) && !self.has_early_exit(at)
    }

    /// How a function leads to a node, from the node on; at need only where each step is reached whenever its function
    /// runs.
    fn way_to(&self, at: Ref, callback: Func, each_time: bool, depth: u32) -> Option<Vec<Ref>> {
        let mut way = vec![at];
        let mut waits = self.waits_around(at, each_time).into_iter();
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
                    .filter(|call| (!each_time || self.is_bare(*call)) && is_call(call));
                if let Some(rest) = bare.find_map(|call| self.way_to(call, callback, each_time, depth + 1)) {
                    way.extend(rest);
                    return Some(way);
                }
            }
            inside = waits.next().filter(|call| !each_time || self.is_bare(*call))?;
            way.push(inside);
        }
    }

    /// The calls whose function stands around a node and runs once, when a promise is fulfilled or a timeout is over, from
    /// the inside out: `load().then(() => { ... })`. Each is reached whenever the one around it is, if that is asked.
    fn waits_around(&self, at: Ref, each_time: bool) -> Vec<Ref> {
        let conventions = &self.project.tables.conventions;
        let mut out: Vec<Ref> = Vec::new();
        let mut inside = at;
        for _ in 0..MAX_WAITS {
            let f = self.project.function_at(inside);
            let [Use::Passed { call, arg: 0 }] = self.project.uses(f)[..] else {
                break;
            };
            let facts = self.project.facts(call.file);
            let name = self
                .callee_of(call)
                .and_then(|(callee, _)| self.project.last_name(callee));
            let is_on = |list: &[String]| name.is_some_and(|n| list.iter().any(|l| l == n));
            let is_timeout = || self.delayed(call).and_then(|d| self.project.function_value(d, 0)) == Some(f);
            let runs = is_on(&conventions.on_success) || is_on(&conventions.either_way) || is_timeout();
            if !runs
                || each_time && !self.is_bare(inside)
                || call.file != at.file
                || !facts.is_inside(at.node, call.node)
            {
                break;
            }
            out.push(call);
            inside = call;
        }
        out
    }
}
