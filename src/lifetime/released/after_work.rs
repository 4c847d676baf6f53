//! Releases at the end of the work that something was acquired for: further on in the same run, or in what comes after a
//! promise that the run waits for.

use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Func, Ref, Use};

/// How many functions may stand between, each waiting for a promise.
const MAX_STEPS: usize = 4;

impl Judge<'_> {
    /// The release that each run of a handler comes to itself, whatever its component's end does.
    pub(in crate::lifetime) fn ended_after_its_work(&self, a: &Acquisition, right: &[&Release]) -> Option<Ref> {
        let f = self.project.function_at(a.at);
        let is_for_one_work = a.row().is_some_and(|row| self.project.tables.pairs[row].scoped);
        let mut later = right.iter().filter(|r| self.is_before(a.at, r.at));
        let found = later.find(|r| {
            let g = self.project.function_at(r.at);
            g == f || is_for_one_work && self.comes_after_promise(g, f)
        });
        found.map(|r| r.at)
    }

    /// Whether a function runs when a promise of another function's run is settled: `then(() => { ... })`.
    fn comes_after_promise(&self, g: Func, f: Func) -> bool {
        let mut at = g;
        for _ in 0..MAX_STEPS {
            let uses = self.project.uses(at);
            let [Use::Passed { call, .. }] = &uses[..] else {
                return false;
            };
            if !self.is_promise_step(*call) {
                return false;
            }
            at = self.project.function_at(*call);
            if at == f {
                return true;
            }
        }
        false
    }
}
