//! Entries that wait for an answer of what is cut off: the object hears of that, and leaves who waits in its table.

use rustc_hash::FxHashSet;

use crate::lifetime::grown::collections::Grown;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Func, Ref, Root};

impl Judge<'_> {
    /// The listener for the end of what answers, which neither looks at the table nor tells those in it. An object that is
    /// made with what answers goes with it.
    pub(in crate::lifetime) fn left_when_cut_off(
        &self,
        grown: &Grown,
        touched: &Touched,
    ) -> Option<(Ref, &'static str)> {
        self.promise_of(grown.growth.value?, 0)?;
        let Root::This(owner) = grown.place.root else {
            return None;
        };
        let entries = touched
            .shrinks
            .iter()
            .filter(|(_, how)| matches!(how, Shrink::Entry(_)));
        let taken: Vec<Func> = entries.map(|(at, _)| self.project.function_at(*at)).collect();
        let references = self.collection_references(&grown.place, grown.growth.at);
        let looks: FxHashSet<Func> = references.iter().map(|r| self.project.function_at(*r)).collect();
        let run = |o: &Acquisition| -> Option<FxHashSet<Func>> {
            let h = self.project.function_value(o.handler()?, 0)?;
            Some(self.project.reach(&[h]))
        };
        let is_own = |o: &&Acquisition| {
            let around = self.project.method_around(self.project.function_at(o.at));
            around.is_some_and(|(of, name, _)| name != "constructor" && self.project.is_related(of, owner))
        };
        let heard: Vec<&Acquisition> = self
            .pair_acquisitions(owner.file)
            .iter()
            .filter(|o| o.registration().is_some())
            .filter(is_own)
            .collect();
        let hangups = &self.project.tables.conventions.hangups;
        let cut_off = heard.iter().find(|end| {
            let is_end = self.is_of_its_end(end) && self.is_for_one_of(end, hangups);
            let is_failure = self.is_for_one_of(end, &self.project.tables.conventions.error_names);
            let leaves = || run(end).is_some_and(|run| run.is_disjoint(&looks));
            let answers = |o: &&&Acquisition| {
                let is_beside = o.at != end.at && self.project.function_at(o.at) == self.project.function_at(end.at);
                let same_target = o.target().zip(end.target()).is_some_and(|(x, y)| {
                    let (x, y) = (self.project.place(x), self.project.place(y));
                    self.project.same_place(&x, &y)
                });
                is_beside
                    && same_target
                    && !self.is_of_its_end(o)
                    && run(o).is_some_and(|run| taken.iter().all(|f| run.contains(f)))
            };
            is_end && !is_failure && leaves() && heard.iter().any(|o| answers(&o))
        })?;
        Some((
            cut_off.at,
            "when this comes, no answer does any more, and who waits is left in",
        ))
    }
}
