//! Promises that several callbacks settle: whichever comes first ends the waiting, and has to take its listeners off.

use crate::facts::{BindingId, BindingKind, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, Place, Ref};
use crate::tables::Every;

/// A listener that a promise waits for, or something that is made for the waiting.
pub(in crate::lifetime) struct Wait<'a> {
    pub a: &'a Acquisition,
    /// What it listens to, or the variable that holds what is made.
    pub on: Place,
    /// The function of the listener.
    pub handler: Option<Ref>,
    /// The function that the promise is made with, or that is given the callback.
    pub executor: Func,
    /// The callback that ends the waiting, where no promise is settled.
    pub callback: Option<BindingId>,
    /// The releases that count.
    pub right: &'a [&'a Release],
}

impl Judge<'_> {
    /// Evidence that a callback settles the promise that a listener waits in, or that something is made for, and leaves
    /// it, which other callbacks of the promise take off or end.
    pub(in crate::lifetime) fn left_by_settler(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
        releases: impl Fn() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let wait = match a.registration() {
            Some((target, handler)) => self.wait_of_listener(a, target, handler, right)?,
            None => self.wait_with_handle(a, flow, right)?,
        };
        let mut calls = self.project.calls_in(wait.executor).iter();
        let by_call = calls.find_map(|&node| self.settled_by(&wait, Ref { node, ..a.at }, &releases));
        let found = by_call.or_else(|| self.settled_by_property(&wait, &releases));
        let at = found.or_else(|| self.settled_on_the_way(&wait))?;
        Some(vec![Evidence {
            role: Role::Flow,
            at,
            text: match wait.callback {
                Some(_) => "gives up waiting, and leaves it".into(),
                None => "settles the promise, and leaves it".into(),
            },
        }])
    }

    fn wait_of_listener<'a>(
        &self,
        a: &'a Acquisition,
        target: Ref,
        handler: Ref,
        right: &'a [&'a Release],
    ) -> Option<Wait<'a>> {
        let (executor, around, callback) = match self.promise_around(a.at) {
            Some(promise) => {
                let executor = self.project.function_value(self.project.argument(promise, 0)?, 0)?;
                (executor, promise, None)
            }
            None => {
                let f = self.project.function_at(a.at);
                (f, self.project.function_node(f), Some(self.callback_of_wait(f, right)?))
            }
        };
        let on = self.project.place(target);
        let life = self.project.life_of(&on);
        let is_given = callback.is_some() && self.is_given_here(&on, executor);
        let goes = matches!(life, Life::Call(_) | Life::Request) || self.begins_within(&on, around) && !is_given;
        let waits_for_its_end = life != Life::Process && self.is_of_its_end(a);
        if goes || waits_for_its_end || self.project.function_at(a.at) != executor {
            return None;
        }
        let is_in_callback = |r: &&Release| {
            let g = self.project.function_at(r.at);
            g != executor && self.project.is_within(g, executor)
        };
        if right.is_empty() || !right.iter().all(is_in_callback) {
            return None;
        }
        Some(Wait {
            a,
            on,
            handler: Some(handler),
            executor,
            callback,
            right,
        })
    }

    /// The argument of a call that is a callback which settles the promise of a wait and leaves the listener.
    fn settled_by(&self, wait: &Wait<'_>, call: Ref, releases: &impl Fn() -> Vec<Release>) -> Option<Ref> {
        if call == wait.a.at || !self.is_reached_with(call, wait.a.at) || self.hears_its_end(call, wait) {
            return None;
        }
        let (_, args) = self.callee_of(call)?;
        let leaves = |(i, at): &(usize, Ref)| match self.project.node(*at) {
            // `.then(resolve, reject)`
            Node::Binding(b) if self.settles_when_called(wait, call, at.file, b) => {
                self.calls_later(call) && !self.is_released_later(wait, None)
            }
            _ => {
                let runs_now = self
                    .project
                    .context_of(call, *i)
                    .is_some_and(|(row, _)| self.project.tables.contexts[row].every == Every::Call);
                let g = self.project.function_value(*at, 0).filter(|_| !runs_now);
                g.is_some_and(|g| self.leaves_for_good(wait, g, releases))
            }
        };
        let (_, found) = args.into_iter().enumerate().find(leaves)?;
        (!self.is_released_in_chain(wait, call, found)).then_some(found)
    }

    /// Whether a callback settles the promise of a wait and leaves the listener, and nothing takes it off later.
    pub(in crate::lifetime) fn leaves_for_good(
        &self,
        wait: &Wait<'_>,
        g: Func,
        releases: &impl Fn() -> Vec<Release>,
    ) -> bool {
        self.leaves_as_it_settles(wait, g, releases) && !self.is_released_later(wait, Some(g))
    }

    /// Whether a call of the same function is reached whenever a listener was added before, or has been.
    pub(in crate::lifetime) fn is_reached_with(&self, call: Ref, added: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let mut below = call.node;
        for up in facts.ancestors(call.node) {
            let is_one_way = match facts.node(up) {
                Node::Function(_) => break,
                Node::If { test, .. } | Node::Conditional { test, .. } => test != below,
                Node::Logical { right, .. } => right == below,
                Node::Case { .. } | Node::Catch { .. } | Node::Loop { .. } => true,
                _ => false,
            };
            if is_one_way && !facts.is_inside(added.node, below) {
                return false;
            }
            below = up;
        }
        let (from, to) = (facts.span(added.node).start, facts.span(call.node).start);
        let mut jumps = self.project.jumps_in(self.project.function_at(call)).iter();
        !jumps.any(|&node| {
            matches!(facts.node(node), Node::Return(_) | Node::Throw(_))
                && (from..to).contains(&facts.span(node).start)
                && !facts.is_inside(call.node, node)
        })
    }

    /// Whether a call is known to call later what it is given: a step of a promise, a timer, a listener.
    fn calls_later(&self, call: Ref) -> bool {
        let name = self.last_name_called(call);
        name.is_some_and(|name| self.is_step(name) || !self.project.tables.acquisitions(name).is_empty())
    }

    fn last_name_called(&self, call: Ref) -> Option<&str> {
        let (callee, _) = self.callee_of(call)?;
        self.project.last_name(callee)
    }

    /// Whether a method of that name goes on when a promise is settled.
    fn is_step(&self, name: &str) -> bool {
        let conventions = &self.project.tables.conventions;
        let mut steps = conventions.react.iter().chain(&conventions.settles_call);
        steps.any(|s| s == name)
    }

    /// Whether a call listens for the end or the failure of what a wait listens to.
    pub(in crate::lifetime) fn hears_its_end(&self, call: Ref, wait: &Wait<'_>) -> bool {
        self.pair_acquisitions(call.file).iter().any(|o| {
            let is_part = |t: Ref| {
                let other = self.project.place(t);
                std::iter::successors(Some(wait.on.clone()), Place::parent).any(|p| self.project.same_place(&p, &other))
            };
            let is_survived = || match &o.kind {
                Kind::Pair { key: Some(key), .. } => {
                    let event = self.project.constant_text(*key, 0);
                    event.is_some_and(|event| self.is_survived(wait, &event))
                }
                _ => false,
            };
            o.at == call && o.target().is_some_and(is_part) && self.is_of_its_end(o) && !is_survived()
        })
    }

    /// Whether a callback settles the promise of a wait and runs nothing that may take the listener off or end what it
    /// is on.
    fn leaves_as_it_settles(&self, wait: &Wait<'_>, g: Func, releases: &impl Fn() -> Vec<Release>) -> bool {
        if !self.project.is_within(g, wait.executor) {
            return false;
        }
        let reached = self.project.reach(&[g]);
        let releases_there = |r: &&Release| reached.contains(&self.project.function_at(r.at));
        if wait.right.iter().any(releases_there) {
            return self.settles_before_release(wait, g).is_some();
        }
        let own = wait.handler.and_then(|h| self.project.function_value(h, 0));
        let is_of_handler = own.is_some_and(|h| self.project.is_within(g, h));
        let calls = || self.project.calls_in(g).iter().map(|&node| Ref { file: g.file, node });
        let settles = !is_of_handler && calls().any(|call| self.ends_wait(wait, call));
        settles && !calls().any(|call| self.may_end(wait, call)) && !self.touches_handler(wait, g, releases)
    }

    /// Whether a call runs what nobody sees, or does something with what a wait listens to besides its listeners.
    pub(in crate::lifetime) fn may_end(&self, wait: &Wait<'_>, call: Ref) -> bool {
        let Some((callee, args)) = self.callee_of(call) else {
            return true;
        };
        let is_it = |at: Ref| self.project.same_place(&self.project.place(at), &wait.on);
        if args.into_iter().any(is_it) {
            return true;
        }
        match self.project.node(callee) {
            Node::Binding(b) => {
                let binding = self.project.facts(callee.file).binding(b);
                let is_import = binding.kind == BindingKind::Import;
                !is_import
                    && self.project.called_function(call).is_none()
                    && !self.is_settling(wait.executor, callee.file, b)
                    && wait.callback != Some(b)
            }
            Node::Member { object, .. } => {
                let name = self.project.last_name(callee).unwrap_or_default();
                let tables = &self.project.tables;
                let is_of_listeners = !tables.releases_named(name).is_empty() || !tables.acquisitions(name).is_empty();
                is_it(Ref { node: object, ..callee }) && !is_of_listeners
            }
            _ => false,
        }
    }

    /// Whether a callback does more with the function of a listener than to take it off under a wrong key.
    fn touches_handler(&self, wait: &Wait<'_>, g: Func, releases: &impl Fn() -> Vec<Release>) -> bool {
        let Some(Node::Binding(b)) = wait.handler.map(|h| self.project.node(h)) else {
            return false;
        };
        let facts = self.project.facts(g.file);
        let around = self.project.function(g).node;
        let mut named = facts
            .references_of(b)
            .filter(|&n| facts.is_inside(n, around))
            .peekable();
        if named.peek().is_none() {
            return false;
        }
        let releases = releases();
        let is_mistaken = |n| {
            releases.iter().any(|r| {
                let is_wrong = matches!(r.wrong, Some((Cause::WrongKey, _)));
                is_wrong
                    && r.at.file == g.file
                    && facts.is_inside(n, r.at.node)
                    && !self.is_meant_for_another(wait.a, r)
            })
        };
        !named.all(is_mistaken)
    }

    /// Whether something that runs in any case, a timer that a callback does not clear, takes the listener off later.
    pub(in crate::lifetime) fn is_released_later(&self, wait: &Wait<'_>, callback: Option<Func>) -> bool {
        let facts = self.project.facts(wait.executor.file);
        let is_named = |b: BindingId| {
            callback.is_some_and(|g| {
                let around = self.project.function(g).node;
                facts.references_of(b).any(|n| facts.is_inside(n, around))
            })
        };
        self.project.calls_in(wait.executor).iter().any(|&node| {
            let call = Ref { node, ..wait.a.at };
            let Some((_, args)) = self.callee_of(call) else {
                return false;
            };
            if call == wait.a.at && wait.right.iter().all(|r| self.is_conditional(r.at)) {
                return false;
            }
            let releases = args.into_iter().any(|at| {
                let run = self.project.function_value(at, 0).filter(|g| Some(*g) != callback);
                let reached = run.map(|f| self.project.reach(&[f])).unwrap_or_default();
                wait.right
                    .iter()
                    .any(|r| reached.contains(&self.project.function_at(r.at)))
            });
            let is_kept = matches!(
                facts.node(facts.parent(node)),
                Node::Declare { target, .. } | Node::Assign { target, .. }
                    if matches!(facts.node(target), Node::Binding(b) if is_named(b))
            );
            releases && !is_kept && !self.comes_perhaps(call)
        })
    }

    /// Whether nobody knows that what a call is given runs one day: a listener, a step of a promise.
    fn comes_perhaps(&self, call: Ref) -> bool {
        if let Some(o) = self.pair_acquisitions(call.file).iter().find(|o| o.at == call) {
            return o.target().is_some();
        }
        self.last_name_called(call).is_some_and(|name| self.is_step(name))
    }

    /// Whether another function of the chain of a promise that a call is a step of takes the listener off:
    /// `work().then(resolve).finally(() => bus.off(f))`.
    fn is_released_in_chain(&self, wait: &Wait<'_>, call: Ref, step: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let mut top = call.node;
        while let up = facts.parent(top)
            && (matches!(facts.node(up), Node::Member { object, .. } if object == top)
                || matches!(facts.node(up), Node::Call { callee, .. } if callee == top))
        {
            top = up;
        }
        wait.right.iter().any(|r| {
            let f = self.project.function_at(r.at);
            let is_of_step = facts.is_inside(r.at.node, step.node);
            r.at.file == call.file && facts.is_inside(self.project.function(f).node, top) && !is_of_step
        })
    }

    /// `resolve(value)`, `reject(error)`.
    pub(in crate::lifetime) fn is_settling_call(&self, executor: Func, call: Ref) -> bool {
        let callee = self.callee_of(call).map(|(callee, _)| callee);
        callee
            .is_some_and(|c| matches!(self.project.node(c), Node::Binding(b) if self.is_settling(executor, c.file, b)))
    }

    /// Whether a variable is what settles the promise of an executor.
    pub(in crate::lifetime) fn is_settling(&self, executor: Func, file: crate::link::FileId, b: BindingId) -> bool {
        let binding = self.project.facts(file).binding(b);
        let is_own = file == executor.file && binding.function == executor.function;
        is_own && binding.kind == BindingKind::Param && self.is_of_executor(file, b)
    }
}
