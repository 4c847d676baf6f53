//! Timers and callbacks that end by themselves, unless they re-arm.

use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::released::pending::Pending;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Judge, Verdict};
use crate::link::{Ref, Repetition};
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
            let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
            if let Some(evidence) = self.abandoned_by_timer(a, flow, &right) {
                let leak = self.leak(a, row, Cause::NotOnEveryPath, scope, repetition, true, evidence);
                return self.at_least_medium(at_most_medium(leak));
            }
            if right.is_empty()
                && let Some((asked, is_seen)) = self.asked_and_left(a, row, flow)
            {
                let leak = self.leak(a, row, Cause::NeverReleased, scope, repetition, true, vec![asked]);
                return if is_seen { leak } else { at_most_medium(leak) };
            }
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
        let Some(way) = callback.and_then(|c| self.round_to(a.at, c)) else {
            return ends("it ends by itself");
        };
        if let Some(verdict) = self.released_round(&pending, &way) {
            return verdict;
        }
        let goes_on = self.is_bare(a.at) || right.is_empty() && self.is_up_to_settings(a.at, scope);
        if !goes_on {
            let kept_going = callback
                .and_then(|c| self.kept_going(a, scope, c))
                .filter(|_| right.is_empty());
            if let Some(evidence) = kept_going {
                let leak = self.leak(a, row, Cause::NotOnTeardown, scope, repetition, true, evidence);
                return self.at_least_medium(at_most_medium(leak));
            }
            return ends("it re-arms under a condition only");
        }
        if let Some(verdict) = self.transferred(row, false, flow, releases) {
            return verdict;
        }
        if self.is_begun_by_only_object(a.at, scope) {
            return Verdict::bounded("it goes on for the only object of its class, which nobody begins it on again");
        }
        self.leak(a, row, Cause::NeverReleased, scope, repetition, true, Vec::new())
    }

    /// Whether a method keeps itself going on an object that is made once, and nothing is known to begin it anew there.
    fn is_begun_by_only_object(&self, at: Ref, scope: &Scope) -> bool {
        let Scope::Owner { owner, .. } = scope else {
            return false;
        };
        let begun = || self.project.repetition_but_by(self.project.function_at(at), &[at]);
        self.project.instances_of(*owner) == Repetition::Once
            && self.teardowns(*owner).0.is_empty()
            && !begun().is_repeated()
    }

    /// The verdict on a chain of timeouts that something releases.
    fn released_round(&self, p: &Pending<'_>, way: &[Ref]) -> Option<Verdict> {
        let leak = |cause, evidence| self.leak(p.a, p.row, cause, p.scope, p.repetition, true, evidence);
        if let Some((cause, evidence)) = self.only_restarted(p.a, p.scope, p.flow, p.right, way) {
            return Some(at_most_medium(leak(cause, vec![evidence])));
        }
        let released = match self.released(p.a, p.scope, p.flow, p.right)? {
            Ok(released) => released,
            Err((cause, evidence)) => return Some(leak(cause, evidence)),
        };
        let Some((evidence, by_framework)) = self.rearmed_after_end(p.a, p.scope, p.right, way) else {
            return Some(released);
        };
        let late = leak(Cause::ReleasedTooEarly, evidence);
        Some(if by_framework { late } else { at_most_medium(late) })
    }
}
