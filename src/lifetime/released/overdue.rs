//! What a timeout does that fires after the end of what it was started for: much, or nothing that anybody notices.

use rustc_hash::FxHashSet;

use crate::facts::Node;
use crate::finding::Confidence;
use crate::lifetime::Judge;
use crate::lifetime::released::pending::Pending;
use crate::link::{Func, Ref, Root};

/// A timeout up to this, in milliseconds, is soon over.
const LONG_DELAY: f64 = 60_000.0;

/// How many functions a callback is followed into.
const MAX_FUNCTIONS: usize = 24;

/// Why a timeout is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Overdue {
    /// The chain that it begins has no end.
    Chain,
    /// The promise that it guards was settled by something else.
    Settled,
    /// A path skips its release.
    Skipped,
    /// The owner or the activation that it was started for has ended.
    Ended,
    /// The owner has ended, which is known by what its teardown clears beside it.
    Beside,
    /// The same of one that the code knows how to clear.
    Missed,
}

impl Judge<'_> {
    /// How sure it is that somebody wants a timeout cleared that ends by itself: it has to keep or to touch something
    /// for a while after the end.
    pub(in crate::lifetime) fn overdue(&self, p: &Pending<'_>, why: Overdue) -> Confidence {
        let delay = p.delay().and_then(|d| self.number(d, 0));
        let is_soon = delay.is_some_and(|ms| ms <= LONG_DELAY);
        // `this.isOpen = false`, after nobody knows how long: nobody notices that it is set once more.
        let marks = |f: Func| delay.is_none() && self.project.calls_in(f).is_empty();
        let is_noticed = || !p.callback.is_some_and(|f| self.asks_owner(f) || marks(f));
        let ends = || p.callback.is_some_and(|f| self.ends_something(f));
        let heavy = match why {
            Overdue::Chain => true,
            Overdue::Settled => ends(),
            Overdue::Skipped => !is_soon && ends(),
            Overdue::Ended => (!is_soon || ends()) && is_noticed(),
            Overdue::Beside => !is_soon,
            Overdue::Missed => is_noticed(),
        };
        if heavy { Confidence::Medium } else { Confidence::Low }
    }

    /// Whether a callback ends an object that was made elsewhere: closes a socket, kills a process.
    fn ends_something(&self, callback: Func) -> bool {
        let end = &self.project.tables.conventions.end;
        let mut queue = vec![callback];
        let mut seen: FxHashSet<Func> = queue.iter().copied().collect();
        while let Some(f) = queue.pop() {
            for &node in self.project.calls_in(f) {
                let call = Ref { file: f.file, node };
                let Node::Call { callee, .. } = self.project.node(call) else {
                    continue;
                };
                let facts = self.project.facts(f.file);
                if let Node::Member { object, property, .. } = facts.node(callee) {
                    let receiver = facts.node(object);
                    let is_held = matches!(receiver, Node::Binding(_) | Node::This | Node::Member { .. });
                    if is_held && end.iter().any(|e| e == facts.name(property)) {
                        return true;
                    }
                }
                if let Some(g) = self.project.called_function(call)
                    && seen.len() < MAX_FUNCTIONS
                    && seen.insert(g)
                {
                    queue.push(g);
                }
            }
        }
        false
    }

    /// Whether a callback does nothing but what a field of its owner allows: `if (!this.closed) this.close()`.
    fn asks_owner(&self, callback: Func) -> bool {
        let facts = self.project.facts(callback.file);
        let calls = self.project.calls_in(callback);
        let mut outer = calls
            .iter()
            .copied()
            .filter(|&call| !calls.iter().any(|&other| other != call && facts.is_inside(call, other)));
        let asks = |test| {
            self.asks_field(Ref {
                file: callback.file,
                node: test,
            })
        };
        let is_asked = |call| {
            facts
                .ancestors(call)
                .take_while(|&up| !matches!(facts.node(up), Node::Function(_)))
                .any(|up| {
                    // What is called to ask does nothing by that.
                    match facts.node(up) {
                        Node::If { test, .. } | Node::Conditional { test, .. } => asks(test),
                        Node::Logical { left, .. } => asks(left),
                        _ => false,
                    }
                })
        };
        !calls.is_empty() && outer.all(is_asked)
    }

    /// Whether an expression asks a field or method of the owner: `this.closed`, `!this.isActive()`.
    fn asks_field(&self, at: Ref) -> bool {
        let here = |node| Ref { file: at.file, node };
        match self.project.node(at) {
            Node::Unary { value, .. } => self.asks_field(here(value)),
            Node::Binary { left, right, .. } | Node::Logical { left, right, .. } => {
                self.asks_field(here(left)) || self.asks_field(here(right))
            }
            Node::Member { .. } => matches!(self.project.place(at).root, Root::This(_)),
            // `this.mayEnd()`
            Node::Call { callee, .. } => self.asks_field(here(callee)),
            _ => false,
        }
    }
}
