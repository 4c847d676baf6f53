//! The way of one question from function to function, and what of its answer can be kept.

use super::Repetition;
use crate::link::Func;

/// How many calls a chain of callers may be long.
const MAX_CALLERS: usize = 12;

/// How many functions one question may visit; beyond it the answer is unknown.
const MAX_VISITED: usize = 200;

/// The functions a question is going through.
pub(in crate::link) struct Walk {
    /// From the function that was asked about to the one at hand.
    stack: Vec<Func>,
    /// All that were gone through, in order.
    pub(super) visited: Vec<Func>,
    /// How far down the stack something was left out because it stood there already.
    leans_on: usize,
    /// How many functions the stack has held at most.
    deepest: usize,
    /// Whether a bound was reached.
    is_cut: bool,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            stack: Vec::new(),
            visited: Vec::new(),
            leans_on: usize::MAX,
            deepest: 0,
            is_cut: false,
        }
    }
}

impl Walk {
    /// Whether a function is on the stack; if so, the answer at hand depends on that.
    pub(super) fn contains(&mut self, f: Func) -> bool {
        let at = self.stack.iter().position(|other| *other == f);
        self.leans_on = self.leans_on.min(at.unwrap_or(usize::MAX));
        at.is_some()
    }

    pub(super) fn push(&mut self, f: Func) {
        self.visited.push(f);
        self.stack.push(f);
        self.deepest = self.deepest.max(self.stack.len());
    }

    pub(super) fn pop(&mut self) {
        self.stack.pop();
    }

    /// Whether the stack is as long as it may be, beyond which nothing is followed.
    pub(super) fn is_too_long(&mut self) -> bool {
        let is = self.stack.len() >= MAX_CALLERS;
        self.is_cut |= is;
        is
    }

    pub(super) fn has_too_many(&mut self) -> bool {
        let has = self.visited.len() >= MAX_VISITED;
        self.is_cut |= has;
        has
    }

    /// Takes the answer of a question that was asked before, if going through it from here would give the same.
    pub(super) fn take(&mut self, known: &Known) -> Option<Repetition> {
        let through = known.through.as_ref()?;
        let fits = self.stack.len() + known.height < MAX_CALLERS && self.visited.len() + through.len() < MAX_VISITED;
        if !fits || through.iter().any(|f| self.stack.contains(f)) {
            return None;
        }
        self.visited.extend_from_slice(through);
        self.deepest = self.deepest.max(self.stack.len() + known.height);
        Some(known.found.clone())
    }

    /// Goes through a function, and tells what is known by that.
    pub(super) fn through(&mut self, f: Func, ask: impl FnOnce(&mut Self) -> Repetition) -> Known {
        let start = self.visited.len();
        let depth = self.stack.len();
        let leans_on = std::mem::replace(&mut self.leans_on, usize::MAX);
        let deepest = std::mem::replace(&mut self.deepest, depth);
        let is_cut = std::mem::take(&mut self.is_cut);
        self.push(f);
        let found = ask(self);
        self.pop();
        let is_whole = self.leans_on >= depth && !self.is_cut;
        let known = Known {
            found,
            height: self.deepest - depth,
            through: is_whole.then(|| self.visited[start..].into()),
        };
        let below = Some(self.leans_on).filter(|at| *at < depth);
        self.leans_on = leans_on.min(below.unwrap_or(usize::MAX));
        self.deepest = self.deepest.max(deepest);
        self.is_cut |= is_cut;
        known
    }
}

/// How often a function runs, and the way on which that was found.
#[derive(Debug)]
pub(in crate::link) struct Known {
    pub(super) found: Repetition,
    /// How many functions were on the stack at most, itself included.
    height: usize,
    /// All that were gone through, unless the answer depends on where the question came from.
    pub(super) through: Option<Box<[Func]>>,
}
