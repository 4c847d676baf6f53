//! Which bounds of the analysis were reached.
//!
//! A bound that is reached makes an answer "unknown", and findings may be missing for it: whoever asked is told. What
//! was reached is part of an answer and goes with it where it is remembered, so that it does not depend on who asked
//! first. How far an idea is carried by its definition (how many aliases a name may have, how deep a helper may lie) is
//! no such bound.

use std::cell::Cell;

/// A bound on the work behind one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Questions behind one question.
    Questions,
    /// Questions within questions.
    Nesting,
    /// Functions that a teardown reaches.
    Reach,
    /// Functions that are looked through for who calls a function.
    Callers,
    /// Files that import one name.
    Importers,
    /// Places that one value is handed on to.
    Flow,
    /// Statements that are walked for one acquisition.
    Steps,
    /// References to one collection.
    References,
    /// Operators and sources of one stream.
    Streams,
    /// Other registrations on one object.
    Siblings,
}

impl Limit {
    /// Every bound.
    pub const ALL: [Limit; 10] = [
        Limit::Questions,
        Limit::Nesting,
        Limit::Reach,
        Limit::Callers,
        Limit::Importers,
        Limit::Flow,
        Limit::Steps,
        Limit::References,
        Limit::Streams,
        Limit::Siblings,
    ];

    /// What was not followed to its end, in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Limit::Questions => "the types and values behind an expression",
            Limit::Nesting => "a long chain of types and values",
            Limit::Reach => "what a teardown calls",
            Limit::Callers => "who calls a function",
            Limit::Importers => "who imports a name",
            Limit::Flow => "where a value is handed on to",
            Limit::Steps => "the ways through a long function",
            Limit::References => "the references to a collection",
            Limit::Streams => "the operators and sources of a stream",
            Limit::Siblings => "the other registrations on an object",
        }
    }
}

/// A set of bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits(u16);

impl Limits {
    /// Those that are in the set.
    pub fn iter(self) -> impl Iterator<Item = Limit> {
        Limit::ALL.into_iter().filter(move |&limit| self.0 & bit(limit) != 0)
    }

    /// Counts them as reached for what is asked now.
    pub fn note(self) {
        REACHED.with(|reached| reached.set(Limits(reached.get().0 | self.0)));
    }
}

const fn bit(limit: Limit) -> u16 {
    1 << limit as u16
}

thread_local! {
    /// What the question that this thread is at has reached.
    static REACHED: Cell<Limits> = const { Cell::new(Limits(0)) };
}

/// Notes that a bound was reached.
pub fn reached(limit: Limit) {
    Limits(bit(limit)).note();
}

/// Whether a count is beyond a bound; if so, that is noted.
pub fn exceeds(limit: Limit, beyond: bool) -> bool {
    if beyond {
        reached(limit);
    }
    beyond
}

/// Asks a question and tells which bounds its answer has reached. A question within it is part of it.
pub fn watched<T>(ask: impl FnOnce() -> T) -> (T, Limits) {
    let around = REACHED.replace(Limits::default());
    let answer = ask();
    let reached = REACHED.replace(around);
    reached.note();
    (answer, reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_reaches_what_its_parts_reach() {
        let ((_, inner), outer) = watched(|| {
            reached(Limit::Reach);
            watched(|| assert!(exceeds(Limit::Flow, true) && !exceeds(Limit::Steps, false)))
        });
        assert_eq!(inner.iter().collect::<Vec<_>>(), [Limit::Flow]);
        assert_eq!(outer.iter().collect::<Vec<_>>(), [Limit::Reach, Limit::Flow]);
        assert_eq!(watched(|| ()).1, Limits::default());
    }
}
