//! Ends that a subclass puts aside: its own method takes the place of the one that releases, and does not call it.

use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, OwnerId, Phase, Ref, Repetition};

impl Judge<'_> {
    /// Evidence that objects of a class which extends an owner acquire as the owner's do, and that their own end does not
    /// come to what releases.
    pub(in crate::lifetime) fn put_aside_by_heir(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let heirs = self.project.heirs(owner);
        heirs.into_iter().find_map(|heir| {
            let end = self.end_beside(owner, heir, right)?;
            let is_made = self.project.instances_of(heir) != Repetition::Once && self.acquires_as(a.at, owner, heir);
            is_made.then(|| {
                vec![Evidence {
                    role: Role::Release,
                    at: self.project.function_node(end),
                    text: "takes the place of the end that releases it, and does not call that with `super`".into(),
                }]
            })
        })
    }

    /// The end of an heir that is in the place of one that its base has, where nothing that releases is reached any more.
    fn end_beside(&self, owner: OwnerId, heir: OwnerId, right: &[&Release]) -> Option<Func> {
        let (ends, by_framework) = self.teardowns(heir);
        let releases =
            |reach: &rustc_hash::FxHashSet<Func>| right.iter().any(|r| reach.contains(&self.project.function_at(r.at)));
        if self.project.is_test_of(heir.file, owner.file) || releases(&self.project.reach(&ends)) {
            return None;
        }
        let (before, _) = self.teardowns(owner);
        let is_aside = |end: &Func| releases(&self.project.reach(&[*end])) && self.project.is_put_aside(heir, *end);
        let aside = before.into_iter().find(is_aside)?;
        let (_, name, _) = self.project.method_around(aside)?;
        let end = self.project.method(heir, name)?;
        (by_framework || self.ends_its_object(end)).then_some(end)
    }

    /// Whether what an owner's method acquires is acquired for objects of an heir as well: by the constructor, or by a
    /// method that a framework or the constructor runs, and that the heir does not replace.
    fn acquires_as(&self, at: Ref, owner: OwnerId, heir: OwnerId) -> bool {
        let f = self.project.function_at(at);
        let Some((_, name, top)) = self.project.method_around(f) else {
            return false;
        };
        // Of what only some objects acquire, nobody says that the heir's do.
        if f != top || self.is_conditional(at) {
            return false;
        }
        name == "constructor"
            || !self.project.is_put_aside(heir, top)
                && (self.phase(heir, name) == (Phase::Setup, true) || self.is_part_of_construction(owner, name))
    }
}
