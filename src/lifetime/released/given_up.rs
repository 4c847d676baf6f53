//! Waiting that is given up: a promise that a timer settles while the listener that would have settled it stays.

use crate::facts::{BindingId, CallKind, Node};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, Ref};

impl Judge<'_> {
    /// Evidence that only the event takes a listener off, although the code that waits for the event gives up after a
    /// while.
    pub(in crate::lifetime) fn left_by_timer(&self, a: &Acquisition, right: &[&Release]) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let g = self.project.function_value(handler, 0)?;
        let by_event = |r: &&Release| self.project.is_within(self.project.function_at(r.at), g);
        if right.is_empty() || !right.iter().all(by_event) {
            return None;
        }
        let promise = self.promise_around(a.at)?;
        let place = self.project.place(target);
        if self.begins_within(&place, promise) || matches!(self.project.life_of(&place), Life::Call(_) | Life::Request)
        {
            return None;
        }
        let at = self.settling_timer(a, promise, right)?;
        Some(vec![Evidence {
            role: Role::Flow,
            at,
            text: "gives up waiting, and leaves it".into(),
        }])
    }

    /// A timer within a promise whose function settles the promise, and releases nothing.
    fn settling_timer(&self, a: &Acquisition, promise: Ref, right: &[&Release]) -> Option<Ref> {
        let facts = self.project.facts(promise.file);
        let executor = self.project.function_value(self.project.argument(promise, 0)?, 0)?;
        facts.calls.iter().find_map(|&node| {
            let call = Ref { node, ..promise };
            if !facts.is_inside(node, promise.node) || facts.is_inside(a.at.node, node) {
                return None;
            }
            let run = self.project.function_value(self.delayed(call)?, 0)?;
            let releases = self.project.reach(&[run]);
            let frees = right.iter().any(|r| releases.contains(&self.project.function_at(r.at)));
            (!frees && self.settles_promise(run, executor)).then_some(call)
        })
    }

    /// The function that a call runs once, after a while.
    fn delayed(&self, call: Ref) -> Option<Ref> {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, kind, .. } = facts.node(call.node) else {
            return None;
        };
        let last = self.project.last_name(Ref { node: callee, ..call })?;
        let pairs = &self.project.tables.pairs;
        let entries = self.project.tables.acquisitions(last);
        let delays = |row: usize| pairs[row].one_shot && pairs[row].acquire.iter().any(|p| p.contains("delay"));
        let is_timer = kind != CallKind::New && entries.iter().any(|e| delays(e.row));
        self.project.argument(call, 0).filter(|_| is_timer)
    }

    /// Whether a function calls what settles the promise of an executor.
    fn settles_promise(&self, f: Func, executor: Func) -> bool {
        let facts = self.project.facts(f.file);
        let is_settling = |b: BindingId| f.file == executor.file && facts.binding(b).function == executor.function;
        self.project.calls_in(f).iter().any(|&node| {
            let Node::Call { callee, .. } = facts.node(node) else {
                return false;
            };
            matches!(facts.node(callee), Node::Binding(b) if is_settling(b) && self.is_of_executor(f.file, b))
        })
    }
}
