//! Waiting that is given up: a promise that a timer settles while the listener that would have settled it stays.

use crate::facts::{CallKind, Node};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Key, Life, Place, Ref, Root, Use};

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
        self.settled_by_timer(a, promise, right, "gives up waiting, and leaves it")
    }

    /// Evidence that code which waits for an event of its own, under a name that is made for one run, gives up after a
    /// while: nobody tells of that event any more. `bus.once('answer-' + id, resolve); setTimeout(reject, 1000)`
    pub(in crate::lifetime) fn left_with_own_event(
        &self,
        a: &Acquisition,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let (target, _) = a.registration()?;
        let promise = self.promise_around(a.at)?;
        let place = self.project.place(target);
        let goes = matches!(
            self.project.life_of(&place),
            Life::Call(_) | Life::Request | Life::Instance(_)
        );
        if goes || self.begins_within(&place, promise) || !self.is_name_of_one_run(a.key()?) {
            return None;
        }
        self.settled_by_timer(a, promise, right, "gives up waiting, and leaves it")
    }

    /// The same on a part of the object, which each call of a method finds again.
    pub(in crate::lifetime) fn left_on_part_by_timer(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, _) = a.registration()?;
        let place = self.project.place(target);
        let made = match (&place.root, place.path.as_slice()) {
            (Root::This(_), []) => Vec::new(),
            (Root::This(owner), [Key::Name(name), ..]) => self.project.field_definitions(*owner, name),
            _ => return None,
        };
        let promise = self.promise_around(a.at)?;
        let top = self.outermost(self.project.function_at(a.at));
        let is_made_anew = |d: &Ref| self.project.is_within(self.project.function_at(*d), top);
        if !matches!(self.project.life_of(&place), Life::Instance(_)) || made.iter().any(is_made_anew) {
            return None;
        }
        let releases = releases();
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        let evidence = self.left_by_timer(a, &right)?;
        let timer = self.settling_timer(a, promise, &right)?;
        (!self.timer_touches(timer, &place)).then_some(evidence)
    }

    /// Evidence that code which waits for something in a promise, a process or a thread say, gives up after a while, and
    /// leaves it at work: nothing but its own events end it.
    pub(in crate::lifetime) fn abandoned_by_timer(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let f = self.project.function_at(a.at);
        let is_held_here = self.is_held_here(flow, f);
        let is_by_event = |r: &&Release| {
            let uses = self.project.uses(self.project.function_at(r.at));
            let listens = |call: Ref| self.pair_acquisitions(call.file).iter().any(|o| o.at == call);
            let mut uses = uses.iter().peekable();
            uses.peek().is_some() && uses.all(|used| matches!(used, Use::Passed { call, .. } if listens(*call)))
        };
        if a.handler().is_some() || flow.places.is_empty() || !is_held_here || !right.iter().all(is_by_event) {
            return None;
        }
        let promise = self.promise_around(a.at).or_else(|| self.promise_made_in(f))?;
        self.settled_by_timer(a, promise, right, "gives up waiting, and leaves it at work")
    }

    /// Whether nothing but variables of a function holds a handle.
    pub(in crate::lifetime) fn is_held_here(&self, flow: &Flow, f: Func) -> bool {
        flow.collections.is_empty()
            && flow.passed.is_empty()
            && flow.returned.is_empty()
            && !flow.other
            && !flow.taken_apart
            && flow.places.iter().all(|place| self.is_local(place, f))
    }

    /// Evidence of the timer that settles a promise.
    fn settled_by_timer(&self, a: &Acquisition, promise: Ref, right: &[&Release], text: &str) -> Option<Vec<Evidence>> {
        let at = self.settling_timer(a, promise, right)?;
        Some(vec![Evidence {
            role: Role::Flow,
            at,
            text: text.into(),
        }])
    }

    /// The only promise that a function itself makes with an executor.
    fn promise_made_in(&self, f: Func) -> Option<Ref> {
        let calls = self.project.calls_in(f).iter().map(|&node| Ref { file: f.file, node });
        let mut made = calls.filter(|call| {
            let executor = self.project.argument(*call, 0);
            executor
                .and_then(|e| self.project.function_value(e, 0))
                .is_some_and(|e| self.is_executor(e))
        });
        made.next().filter(|_| made.next().is_none())
    }

    /// Whether what a timer runs calls something on a receiver, or ends the object.
    fn timer_touches(&self, timer: Ref, receiver: &Place) -> bool {
        let Some(run) = self.delayed(timer).and_then(|h| self.project.function_value(h, 0)) else {
            return true;
        };
        self.project.reach(&[run]).iter().any(|g| {
            let facts = self.project.facts(g.file);
            self.project.calls_in(*g).iter().any(|&node| {
                let Node::Call { callee, .. } = facts.node(node) else {
                    return false;
                };
                let Node::Member { object, .. } = facts.node(callee) else {
                    return false;
                };
                let on = self.project.place(Ref {
                    file: g.file,
                    node: object,
                });
                self.project.same_place(&on, receiver)
            })
        })
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
            let delayed = self.delayed(call)?;
            let beside = self.project.function_at(call) == self.project.function_at(a.at);
            if beside && !self.is_reached_with(call, a.at) {
                return None;
            }
            // `setTimeout(reject, 1000)`
            if matches!(self.project.node(delayed), Node::Binding(b) if self.is_settling(executor, delayed.file, b)) {
                return Some(call);
            }
            let run = self.project.function_value(delayed, 0)?;
            let releases = self.project.reach(&[run]);
            let frees = right.iter().any(|r| releases.contains(&self.project.function_at(r.at)));
            (!frees && self.settles_promise(run, executor)).then_some(call)
        })
    }

    /// The function that a call runs once, after a while.
    pub(in crate::lifetime) fn delayed(&self, call: Ref) -> Option<Ref> {
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
        let mut calls = self.project.calls_in(f).iter();
        calls.any(|&node| self.is_settling_call(executor, Ref { file: f.file, node }))
    }
}
