//! Entries that wait for an answer, where a timer or an end gives up the waiting: who waits is told, by the entry or by a
//! race with the timer, and the entry stays.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::Grown;
use crate::lifetime::grown::touched::Touched;
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// Where the waiting is cut short, although only an answer takes the entry out.
    pub(in crate::lifetime) fn cut_short(&self, grown: &Grown, touched: &Touched) -> Option<(Ref, &'static str)> {
        if self.is_taken_out_beside(grown, touched)? {
            return None;
        }
        self.told_by_entry(grown, touched).or_else(|| self.loses_race(grown))
    }

    /// `setTimeout(() => this.fail(id))`, where `fail` looks the entry up and tells it, as the answer does, which takes it
    /// out as well.
    fn told_by_entry(&self, grown: &Grown, touched: &Touched) -> Option<(Ref, &'static str)> {
        let is_answered = touched.looked_up.iter().any(|(at, _)| {
            let f = self.project.function_at(*at);
            self.told_at(*at, grown).is_some() && self.takes_out(f, touched)
        });
        if !is_answered {
            return None;
        }
        let around = self.project.method_around(grown.f).map(|(_, _, method)| method);
        let around = around.unwrap_or_else(|| self.outermost(grown.f));
        let mut later = self
            .project
            .functions_within(around)
            .filter(|h| self.is_another_end(*h) && !self.takes_out(*h, touched));
        let at = later.find_map(|h| {
            let looked_up = touched.looked_up.iter();
            let mut of_entry = looked_up.filter(|(at, key)| self.is_entry_asked_by(h, *at, *key, grown));
            of_entry.find_map(|(at, _)| self.told_at(*at, grown))
        })?;
        Some((at, "settled here, and left in the table"))
    }

    /// Whether a function, or one that it calls with the key, looks up the entry that is put in.
    fn is_entry_asked_by(&self, later: Func, at: Ref, key: Ref, grown: &Grown) -> bool {
        let Some(own) = grown.growth.key else { return false };
        let f = self.project.function_at(at);
        if self.project.is_within(f, later) {
            return self.project.same_key(key, own);
        }
        let Node::Binding(b) = self.project.node(key) else {
            return false;
        };
        let Some((g, index)) = self.project.param_position(key.file, b).filter(|(g, _)| *g == f) else {
            return false;
        };
        self.project.calls_in(later).iter().any(|&node| {
            let call = Ref { node, file: later.file };
            let given = self.project.argument(call, index);
            self.project.called_function(call) == Some(g) && given.is_some_and(|k| self.project.same_key(k, own))
        })
    }

    /// Where an entry that is looked up is called, or a part of it that was put in as a function.
    fn told_at(&self, at: Ref, grown: &Grown) -> Option<Ref> {
        let element = Ref {
            node: self.entry_looked_up(at),
            ..at
        };
        self.told_by_name(element, grown).or_else(|| {
            let facts = self.project.facts(at.file);
            let mut names = facts.references_of(self.looked_up_as(at)?);
            names.find_map(|node| self.told_by_name(Ref { node, ..at }, grown))
        })
    }

    /// `entry()`, `entry.reject()`, `const { reject } = entry` and a call of that.
    fn told_by_name(&self, entry: Ref, grown: &Grown) -> Option<Ref> {
        let facts = self.project.facts(entry.file);
        if let Some(node) = facts.call_through(entry.node) {
            let call = Ref { node, ..entry };
            let called = self.settler_called(call, grown);
            return called.is_some_and(|put| self.may_be_told(put)).then_some(call);
        }
        let Node::Declare { target, .. } = facts.node(facts.parent(entry.node)) else {
            return None;
        };
        let Node::ObjectPattern(parts) = facts.node(target) else {
            return None;
        };
        let whole = self.put_as(grown)?;
        facts.list(parts).find_map(|part| {
            let Node::Property { key, value, .. } = facts.node(part) else {
                return None;
            };
            let Node::Binding(b) = facts.node(value) else {
                return None;
            };
            let put = self.project.property(whole, facts.string(key)?)?;
            let mut calls = facts.references_of(b).filter_map(|node| facts.call_through(node));
            let node = calls.next().filter(|_| self.may_be_told(put))?;
            Some(Ref { node, ..entry })
        })
    }

    /// Whether what was put in is a function by all that is seen: it is one, or a variable has it.
    fn may_be_told(&self, put: Ref) -> bool {
        matches!(self.project.node(put), Node::Binding(_) | Node::Function(_))
    }

    /// The promise that the entry settles is raced with a timer, and lost sight of when that wins.
    fn loses_race(&self, grown: &Grown) -> Option<(Ref, &'static str)> {
        let promise = self.promise_of(grown.growth.value?, 0)?;
        let race = self.raced(promise, 0)?;
        let facts = self.project.facts(race.file);
        let Node::Array(list) = self.project.node(self.project.argument(race, 0)?) else {
            return None;
        };
        let mut others = facts.list(list).map(|node| Ref { node, ..race });
        others
            .any(|other| self.is_timed(other))
            .then_some((race, "when the timer wins, the entry is left in the table"))
    }

    /// Whether a value is a promise that a timer settles: `new Promise((_, no) => setTimeout(no, 100))`, `late(100)`.
    fn is_timed(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let value = match facts.node(at.node) {
            Node::Binding(b) => facts.binding(b).init.map_or(at, |node| Ref { node, ..at }),
            _ => at,
        };
        let run = match self.project.called_function(value) {
            Some(f) => f,
            None => {
                let executor = self.project.argument(value, 0);
                let Some(f) = executor.and_then(|e| self.project.function_value(e, 0)) else {
                    return false;
                };
                f
            }
        };
        let mut reach = self.project.reach(&[run]).iter().copied().collect::<Vec<_>>();
        reach.retain(|g| self.project.is_within(*g, run));
        reach.iter().any(|g| {
            let mut calls = self.project.calls_in(*g).iter();
            calls.any(|&node| self.delayed(Ref { node, file: g.file }).is_some())
        })
    }
}
