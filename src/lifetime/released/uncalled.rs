//! Releases in a method that nobody calls, on an object that has another end.

use crate::finding::Role;
use crate::lifetime::held::lent::Lent;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::OwnerId;

impl Judge<'_> {
    /// Evidence that what the making of an object acquires is released by methods alone that no code calls, while the
    /// object has a teardown, which does not reach them.
    pub(in crate::lifetime) fn released_by_nobody(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        method: &str,
        right: &[&Release],
    ) -> Option<Evidence> {
        let is_begin = method == "constructor" || self.is_part_of_construction(owner, method);
        let f = self.project.function_at(a.at);
        let is_in_method = || self.project.method_around(f).is_some_and(|(_, _, top)| top == f);
        // A target that nobody is known to hand over may well end together with the object.
        let outlives = || a.target().is_none_or(|t| self.lent(a, t) == Lent::Outlives);
        if !is_begin || !is_in_method() || !outlives() {
            return None;
        }
        let (teardowns, _) = self.teardowns(owner);
        if !teardowns.iter().any(|t| self.ends_its_object(*t)) {
            return None;
        }
        let is_uncalled = |release: &&Release| {
            let g = self.project.function_at(release.at);
            self.project.method_around(g).is_some_and(|(of, name, top)| {
                top == g
                    && self.project.is_related(of, owner)
                    && self.project.uses(g).is_empty()
                    && self.project.method_references(owner, name).is_empty()
            })
        };
        let first = right.first()?;
        right.iter().all(is_uncalled).then(|| Evidence {
            role: Role::Release,
            at: first.at,
            text: "nobody calls this, and the teardown does not reach it".into(),
        })
    }
}
