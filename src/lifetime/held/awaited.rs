//! Promises that wait for something to happen to what they listen to: once in its life, or its end.

use crate::facts::{CallKind, Node};
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Life, Ref};
use crate::tables::Every;

impl Judge<'_> {
    /// Whether the code waits for what happens once in the life of the target (`open`, `end`): it runs once for each.
    pub(in crate::lifetime) fn waits_for_its_life(&self, a: &Acquisition, target: Ref) -> bool {
        if matches!(self.project.life_of(&self.project.place(target)), Life::Process) {
            return false;
        }
        let once_events = &self.project.tables.conventions.once_events;
        let names_one = |b: &Acquisition| self.is_for_one_of(b, once_events);
        names_one(a) || self.siblings(a, target).iter().any(names_one) || self.waits_for_end_of_whole(a, target)
    }

    /// Whether the promise in which code listens to a part of something waits for the end of the whole: of the process
    /// whose output it reads.
    fn waits_for_end_of_whole(&self, a: &Acquisition, target: Ref) -> bool {
        let Some(whole) = self.project.place(target).parent() else {
            return false;
        };
        let Some(promise) = self.promise_around(a.at) else {
            return false;
        };
        let facts = self.project.facts(a.at.file);
        let ends = &self.project.tables.conventions.own_ends;
        self.pair_acquisitions(a.at.file).iter().any(|b| {
            let Kind::Pair {
                target: Some(on),
                key: Some(key),
                ..
            } = &b.kind
            else {
                return false;
            };
            facts.is_inside(b.at.node, promise.node)
                && self.project.is_text_of(*key, ends)
                && self.project.same_place(&self.project.place(*on), &whole)
        })
    }

    /// The promise whose executor a node stands in.
    pub(in crate::lifetime) fn promise_around(&self, at: Ref) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        let mut f = facts.enclosing_function(at.node);
        loop {
            let function = facts.function(f);
            if let Node::Call {
                kind: CallKind::New, ..
            } = facts.node(facts.parent(function.node))
                && self.runs_at_once(Ref {
                    file: at.file,
                    node: facts.parent(function.node),
                })
            {
                let promise = facts.parent(function.node);
                // One that is kept is made once for its keeper.
                let kept = matches!(facts.node(facts.parent(promise)), Node::Assign { .. });
                return (!kept).then_some(Ref {
                    file: at.file,
                    node: promise,
                });
            }
            f = function.parent?;
        }
    }

    /// Whether a construction runs its first argument at once, as promises do with their executor.
    pub(in crate::lifetime) fn runs_at_once(&self, call: Ref) -> bool {
        self.project
            .context_of(call, 0)
            .is_some_and(|(row, _)| self.project.tables.contexts[row].every == Every::Call)
    }

    /// Whether code listens for what tells the process to end.
    pub(in crate::lifetime) fn waits_for_end_of_program(&self, target: Ref, key: Option<Ref>) -> bool {
        let ends = &self.project.tables.conventions.told_to_end;
        let of_process = self.project.type_of(target);
        of_process.is_some_and(|t| self.project.tables.type_row(t).rare)
            && key.is_some_and(|key| self.project.is_text_of(key, ends))
    }
}
