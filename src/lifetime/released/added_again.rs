//! Ends that add once more what they should take off.
//!
//! `destroy() { grid.on("enter", this.show); }`, where the constructor said the same: a slip of the pen for `off`. So is
//! `removeListeners()` that says what `addListeners()` says.

use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Phase};

impl Judge<'_> {
    /// Evidence that the end of an owner registers the same function again for the same event of the same receiver, and
    /// nothing takes it off.
    pub(in crate::lifetime) fn added_again_at_end(
        &self,
        a: &Acquisition,
        scope: &Scope,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let Kind::Pair {
            row, key, via: None, ..
        } = a.kind
        else {
            return None;
        };
        let pair = &self.project.tables.pairs[row];
        if !pair.release_is_on_target() || pair.one_shot || pair.stream {
            return None;
        }
        let f = self.project.function_at(a.at);
        let mut ends = self.run_by_ends_alone(self.last_functions(scope));
        ends.extend(self.removing_half(f));
        if ends.is_empty() || ends.contains(&f) {
            return None;
        }
        let on = self.project.place(target);
        let again = self.pair_acquisitions(a.at.file).iter().find(|o| {
            let Kind::Pair { key: other, .. } = o.kind else {
                return false;
            };
            let is_same_key = match (key, other) {
                (Some(x), Some(y)) => self.project.same_key(x, y),
                (x, y) => x.is_none() && y.is_none(),
            };
            o.row() == Some(row)
                && is_same_key
                && ends.contains(&self.project.function_at(o.at))
                && o.registration().is_some_and(|(t, h)| {
                    self.project.same_place(&self.project.place(t), &on) && self.same_handler(handler, h)
                })
        })?;
        releases().is_empty().then(|| {
            vec![Evidence {
                role: Role::Release,
                at: again.at,
                text: "the end adds it once more, and does not take it off".into(),
            }]
        })
    }

    /// The method that by its name takes off what another one adds: `removeListeners` for `addListeners`.
    fn removing_half(&self, f: Func) -> Option<Func> {
        let (owner, name, _) = self.project.method_around(f).filter(|(.., method)| *method == f)?;
        let bare = name.trim_start_matches(['_', '#']);
        let mut halves = self.other_halves(bare).into_iter();
        halves.find_map(|half| self.project.method(owner, &name.replacen(bare, &half, 1)))
    }

    /// Some ends, and the functions that only they call.
    pub(super) fn run_by_ends_alone(&self, ends: Vec<Func>) -> Vec<Func> {
        let mut out = ends;
        let reach = self.project.reach(&out);
        let is_called_here = |f: &Func| {
            let callers = self.project.callers(*f).calls;
            !callers.is_empty()
                && callers
                    .iter()
                    .all(|call| out.contains(&self.project.function_at(*call)))
        };
        let more: Vec<Func> = reach
            .iter()
            .filter(|f| !out.contains(f) && is_called_here(f))
            .copied()
            .collect();
        out.extend(more);
        out
    }

    /// The functions that run at the end of what a scope belongs to, after which nothing comes.
    fn last_functions(&self, scope: &Scope) -> Vec<Func> {
        let Scope::Owner { owner, .. } = scope else {
            return self.end_functions(scope);
        };
        let last = &self.project.tables.conventions.last;
        let (ends, _) = self.teardowns(*owner);
        let is_last = |f: &Func| {
            self.project.method_around(*f).is_some_and(|(o, name, _)| {
                last.iter().any(|n| n == name) || self.phase(o, name) == (Phase::Teardown, true)
            })
        };
        ends.into_iter().filter(is_last).collect()
    }
}
