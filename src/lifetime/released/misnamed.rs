//! Listeners that the code tries to take off a receiver which goes on, under the name of another event.
//!
//! `old.off("change", this.change); old.off("onFold", this.fold)`, where `fold` is the event: that the last receiver ends
//! with its object says nothing of those it had before.

use crate::finding::{Cause, Role};
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::Life;

impl Judge<'_> {
    /// The release under another event's name, beside one of a sibling that is right, before the end of the object.
    pub(in crate::lifetime) fn taken_off_by_another_name(
        &self,
        a: &Acquisition,
        scope: &Scope,
        releases: &[Release],
    ) -> Option<Vec<Evidence>> {
        let (target, _) = a.registration()?;
        // What is made here ends with what it holds, and what waits for one event with that.
        let is_own = matches!(self.project.life_of(&self.project.place(target)), Life::Call(_));
        if is_own || self.project.tables.pairs[a.row()?].one_shot || releases.iter().any(|r| r.wrong.is_none()) {
            return None;
        }
        let ends = self.run_by_ends_alone(self.end_functions(scope));
        let (at, text) = releases.iter().find_map(|r| match &r.wrong {
            Some((Cause::WrongKey, text)) if !ends.contains(&self.project.function_at(r.at)) => {
                Some((r.at, text.clone()))
            }
            _ => None,
        })?;
        let f = self.project.function_at(a.at);
        let on = self.project.place(target);
        let beside = |o: &&Acquisition| {
            o.at != a.at
                && o.row() == a.row()
                && self.project.function_at(o.at) == f
                && o.target()
                    .is_some_and(|t| self.project.same_place(&self.project.place(t), &on))
        };
        let is_taken_off = |o: &Acquisition| {
            let taken = self.releases_of(o, &self.flow_of(o));
            let mut right = taken.iter().filter(|r| r.wrong.is_none());
            right.any(|r| self.project.function_at(r.at) == self.project.function_at(at))
        };
        let mut siblings = self.pair_acquisitions(a.at.file).iter().filter(beside);
        siblings.any(is_taken_off).then(|| {
            vec![Evidence {
                role: Role::Release,
                at,
                text,
            }]
        })
    }
}
