//! A bound on the work behind one question.
//!
//! Types, uses, owners and functions ask each other, in circles where code is circular. Every such question spends
//! from a budget that the outermost one opens; when it is spent, the rest of the answer is "unknown". The budget
//! belongs to the question, not to the thread or the run, so answers do not depend on the order of work.

use std::cell::Cell;

use super::known::Rank;
use super::limits::{self, Limit};

/// How many questions may be asked on behalf of one.
const MAX_QUESTIONS: u32 = 4_000;

/// How deep they may be nested.
const MAX_NESTED: u32 = 160;

thread_local! {
    static STATE: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
    /// The kept question that is being answered.
    static RANK: Cell<Rank> = const { Cell::new(Rank::Outermost) };
}

/// Leave to go on; given back when dropped.
pub(super) struct Leave(());

/// Asks for leave to answer one more question.
pub(super) fn spend() -> Option<Leave> {
    STATE.with(|state| {
        let (depth, left) = state.get();
        let left = if depth == 0 { MAX_QUESTIONS } else { left };
        let nested = limits::exceeds(Limit::Nesting, depth >= MAX_NESTED);
        if limits::exceeds(Limit::Questions, left == 0) || nested {
            return None;
        }
        state.set((depth + 1, left - 1));
        Some(Leave(()))
    })
}

/// Whether the kept question that is being answered is above this one, and may ask it apart.
pub(super) fn is_above(rank: Rank) -> bool {
    RANK.get() > rank
}

/// Asks a kept question with a budget of its own.
pub(super) fn apart<T>(rank: Rank, ask: impl FnOnce() -> T) -> T {
    let around = Around(STATE.replace((0, 0)), RANK.replace(rank));
    let answer = ask();
    drop(around);
    answer
}

/// The question around one that is asked apart; it goes on when this is dropped.
struct Around((u32, u32), Rank);

impl Drop for Around {
    fn drop(&mut self) {
        STATE.set(self.0);
        RANK.set(self.1);
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        STATE.with(|state| {
            let (depth, left) = state.get();
            state.set((depth.saturating_sub(1), left));
        });
    }
}
