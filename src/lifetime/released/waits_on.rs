//! One-time listeners that the end of their object leaves waiting, while it takes off the same function elsewhere.
//!
//! `host.once('loaded', this.update)` ends by itself if the host loads. An object whose end takes `this.update` off for
//! other events of the host says that the host goes on without it; whether it has loaded by then nobody asks.

use crate::finding::Role;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Life, Ref};

impl Judge<'_> {
    /// Where the teardown takes the function of a one-time listener off for another event of the same target, and not
    /// for this one.
    pub(in crate::lifetime) fn left_waiting(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let (
            Kind::Pair {
                target: Some(target),
                handler: Some(handler),
                ..
            },
            Scope::Owner { owner, .. },
        ) = (&a.kind, scope)
        else {
            return None;
        };
        let on = self.project.place(*target);
        if matches!(self.project.life_of(&on), Life::Instance(_) | Life::Call(_)) || self.is_of_its_end(a) {
            return None;
        }
        let function = self.project.place(*handler);
        let (teardowns, _) = self.teardowns(*owner);
        let reach = self.project.reach(&teardowns);
        let others = self.pair_acquisitions(a.at.file).iter();
        let at: Ref = others.filter(|o| o.at != a.at && o.rule == a.rule).find_map(|o| {
            let Kind::Pair {
                target: Some(t),
                handler: Some(h),
                ..
            } = &o.kind
            else {
                return None;
            };
            let same = self.project.same_place(&self.project.place(*h), &function)
                && self.project.same_place(&self.project.place(*t), &on);
            if !same {
                return None;
            }
            let releases = self.releases_of(o, &self.flow(o.at));
            let taken = releases.iter().find(|r| r.wrong.is_none())?;
            reach.contains(&self.project.function_at(taken.at)).then_some(taken.at)
        })?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: "the same function is taken off for another event here, and may still wait for this one".into(),
        })
    }
}
