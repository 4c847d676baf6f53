//! Entries that are taken out only to be put in anew: `table.delete(key); table.set(key, await load(key))`. That makes
//! room for the next one under the same key, and nothing less.

use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Grown, Growths};
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Place, Ref};

impl Judge<'_> {
    /// Whether the code that takes an entry out always puts one in under the same key afterwards.
    pub(in crate::lifetime) fn is_put_anew(&self, place: &Place, taken: &(Ref, Shrink), growths: &Growths) -> bool {
        let (at, Shrink::Entry(key)) = *taken else {
            return false;
        };
        let f = self.project.function_at(at);
        let comes_back = |grown: &Grown| {
            let growth = &grown.growth;
            grown.f == f
                && growth.value != growth.key
                && growth.key.is_some_and(|put| self.project.same_key(put, key))
                && self.project.same_place(&grown.place, place)
                && self.is_before(at, growth.at)
                && self.follows_always(at, growth.at.node)
        };
        growths.all.iter().any(comes_back)
    }
}
