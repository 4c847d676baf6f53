//! Timers and callbacks that end by themselves, unless they re-arm.

use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::pending::Pending;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Judge, Verdict};
use crate::link::Repetition;
use crate::tables::PairRow;

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
        let rearms = callback.is_some_and(|c| c == f || self.calls_unconditionally(c, f));
        if !rearms {
            return ends("it ends by itself");
        }
        if let Some(verdict) = self.released(a, scope, flow, &right) {
            return match verdict {
                Ok(released) => released,
                Err((cause, evidence)) => self.leak(a, row, cause, scope, repetition, true, evidence),
            };
        }
        if self.is_conditional(a.at) || self.has_early_exit(a.at) {
            return ends("it re-arms under a condition only");
        }
        if let Some(verdict) = self.transferred(row, false, flow, releases) {
            return verdict;
        }
        self.leak(a, row, Cause::NeverReleased, scope, repetition, true, Vec::new())
    }
}
