//! Entries that only a timeout takes out, and whose answer calls the timeout off: whoever is answered in time stays.
//!
//! `const timeout = setTimeout(() => waiting.delete(id), ms)`, and `waiting.set(id, () => clearTimeout(timeout))`.

use crate::lifetime::grown::collections::Grown;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// Where the timeout that alone takes an entry out is called off, and the entry is left in.
    pub(in crate::lifetime) fn timeout_called_off(
        &self,
        grown: &Grown,
        touched: &Touched,
    ) -> Option<(Ref, &'static str)> {
        let method = self.project.method_around(grown.f);
        let around = method.map_or_else(|| self.outermost(grown.f), |(.., method)| method);
        let entries = touched
            .shrinks
            .iter()
            .filter(|(_, how)| matches!(how, Shrink::Entry(_)));
        let mut timeouts: Vec<&Acquisition> = Vec::new();
        for (at, _) in entries {
            timeouts.push(self.timeout_that_runs(self.project.function_at(*at), around)?);
        }
        let begun: Vec<Func> = timeouts.iter().map(|a| self.project.function_at(a.at)).collect();
        // What begins the time anew only puts its end off.
        let leaves = |g: Func| {
            let reach = self.project.reach(&[g]);
            self.project.is_within(g, grown.f)
                && g != grown.f
                && !begun.iter().any(|f| *f == g || reach.contains(f))
                && !self.takes_out(g, touched)
        };
        let at = timeouts.iter().find_map(|a| {
            let mut releases = self.releases_of(a, &self.flow_of(a)).into_iter();
            releases
                .find(|r| r.wrong.is_none() && leaves(self.project.function_at(r.at)))
                .map(|r| r.at)
        })?;
        Some((
            at,
            "the timeout that takes it out is called off here, and the entry stays",
        ))
    }

    /// The timeout of an activation in whose callback a function stands.
    fn timeout_that_runs(&self, f: Func, around: Func) -> Option<&Acquisition> {
        self.pair_acquisitions(around.file).iter().find(|a| {
            let is_timeout = a.target().is_none() && a.row().is_some_and(|row| self.project.tables.pairs[row].one_shot);
            let run = a.handler().filter(|_| is_timeout);
            let run = run.and_then(|h| self.project.function_value(h, 0));
            run.is_some_and(|run| self.project.is_within(f, run))
                && self.project.is_within(self.project.function_at(a.at), around)
        })
    }
}
