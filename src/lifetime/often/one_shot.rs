//! Timers and callbacks that end by themselves, unless they re-arm.

use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::pending::Pending;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Judge, Verdict};
use crate::link::{Func, Ref, Repetition, Use};
use crate::tables::PairRow;

/// How many promises in each other are looked through.
const MAX_PROMISES: usize = 4;

impl Judge<'_> {
    /// Timeouts and frames end by themselves: only an endless chain is a leak, or one that a teardown forgets.
    pub(in crate::lifetime) fn judge_one_shot(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        scope: &Scope,
        repetition: &Repetition,
        releases: &[Release],
    ) -> Verdict {
        if let Some(drained) = &row.drained {
            let Some((evidence, into)) = self.left_half_read(a, row, releases) else {
                return Verdict::bounded("it ends by itself");
            };
            let mut leak = self.leak(a, row, Cause::NotOnEveryPath, scope, repetition, true, vec![evidence]);
            if let Verdict::Leak(leak) = &mut leak {
                leak.remedy.end = format!("when `{}` closes, or use {}", self.show(into), drained.better).into();
            }
            return leak;
        }
        let Some(handler) = a.handler() else {
            return Verdict::bounded("it ends by itself");
        };
        let callback = self.project.function_value(handler, 0);
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        let pending = Pending {
            a,
            row,
            flow,
            scope,
            repetition,
            right: &right,
            callback,
        };
        let ends = |why: &str| {
            self.judge_pending(&pending)
                .unwrap_or_else(|| Verdict::bounded(why.to_owned()))
        };
        let f = self.project.function_at(a.at);
        let begins = |g: Func| callback.is_some_and(|c| c == g || self.calls_unconditionally(c, g));
        let is_bare = |at: Ref| !self.is_conditional(at) && !self.has_early_exit(at);
        if !begins(f)
            && !self
                .promises_around(a.at)
                .into_iter()
                .any(|at| begins(self.project.function_at(at)) && is_bare(at))
        {
            return ends("it ends by itself");
        }
        if let Some(verdict) = self.released(a, scope, flow, &right) {
            return match verdict {
                Ok(released) => released,
                Err((cause, evidence)) => self.leak(a, row, cause, scope, repetition, true, evidence),
            };
        }
        let goes_on = is_bare(a.at) || right.is_empty() && self.is_up_to_settings(a.at, scope);
        if !goes_on {
            return ends("it re-arms under a condition only");
        }
        if let Some(verdict) = self.transferred(row, false, flow, releases) {
            return verdict;
        }
        self.leak(a, row, Cause::NeverReleased, scope, repetition, true, Vec::new())
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
            let is_plain = !self.is_conditional(inside) && !self.has_early_exit(inside);
            let runs = is_on(&conventions.on_success) || is_on(&conventions.either_way);
            if !runs || !is_plain || call.file != at.file || !facts.is_inside(at.node, call.node) {
                break;
            }
            out.push(call);
            inside = call;
        }
        out
    }
}
