//! Collections that get the same things, of which the method that clears their object leaves one.

use crate::finding::Cause;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown, Growths, LEFTOVER};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// Where what clears an object empties another collection that gets the same things, and not this one:
    /// `clear() { this.byId.clear(); }`, where `byName` has them, too.
    pub(in crate::lifetime) fn left_by_clearing(
        &self,
        grown: &Grown,
        touched: &Touched,
        growths: &Growths,
    ) -> Option<Found> {
        let is_one_by_one = touched.shrinks.iter().all(|(_, how)| matches!(how, Shrink::Entry(_)));
        if touched.leaves.is_some() || !is_one_by_one {
            return None;
        }
        let is_sibling = |other: &&Grown| {
            other.place != grown.place
                && self.same_holder(grown.holder, other.holder)
                && other.f == grown.f
                && self.is_reached_with(grown.growth.at, other.growth.at)
                && self.is_reached_with(other.growth.at, grown.growth.at)
                && self.same_thing(grown, other)
        };
        let at = growths.all.iter().filter(is_sibling).find_map(|other| {
            let beside = self.touched_by(other, growths);
            let mut emptied = beside.shrinks.iter().filter(|(_, how)| *how == Shrink::All);
            emptied.find_map(|&(at, _)| self.clears_without(at, grown, growths).then_some(at))
        })?;
        let text = "empties what gets the same things, and not this one";
        Some(Found::by_release(LEFTOVER, Cause::NeverReleased, at, text))
    }

    /// Whether a collection is emptied where its object is cleared for good: a method that is there for nothing else,
    /// does not look at the other collection, and fills none of the object's again.
    fn clears_without(&self, emptied: Ref, grown: &Grown, growths: &Growths) -> bool {
        let f = self.project.function_at(emptied);
        let empty = &self.project.tables.conventions.empty;
        let is_clearing = |name: &str| empty.iter().any(|e| e == name.trim_start_matches(['_', '#']));
        let takes_nothing = |f: Func| {
            let facts = self.project.facts(f.file);
            facts.list(self.project.function(f).params).len() == 0
        };
        let named = self.name_around(f).is_some_and(is_clearing);
        if !named || !takes_nothing(f) || !self.conditions_of(emptied).is_empty() {
            return false;
        }
        let reach = self.project.reach(&[f]);
        let fills = |other: &Grown| reach.contains(&other.f);
        !self.mentioned_in(&reach, &grown.place) && !growths.all.iter().any(fills)
    }
}
