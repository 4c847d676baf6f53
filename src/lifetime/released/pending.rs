//! Timeouts that end by themselves, yet too late: what they hold ended before, and nothing cleared them.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, CallKind, FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::overdue::Overdue;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{Func, Ref, Repetition, Root, Use};
use crate::tables::{Base, PairRow};

/// A timeout up to this, in milliseconds, keeps what it holds no longer than many a teardown takes.
const SHORT_DELAY: f64 = 1000.0;

/// Through how many names a promise is followed to the race it takes part in.
const MAX_RACE_STEPS: u32 = 4;

/// What a timeout is judged by.
pub(in crate::lifetime) struct Pending<'a> {
    pub a: &'a Acquisition,
    pub row: &'a PairRow,
    pub flow: &'a Flow,
    pub scope: &'a Scope,
    pub repetition: &'a Repetition,
    pub right: &'a [&'a Release],
    pub callback: Option<Func>,
}

impl Pending<'_> {
    /// After how long it fires, as it is written.
    pub(in crate::lifetime) fn delay(&self) -> Option<Ref> {
        match &self.a.kind {
            Kind::Pair { delay, .. } => *delay,
            _ => None,
        }
    }
}

impl Judge<'_> {
    /// A leak, if a one-shot timer goes on after the end of what it was started for.
    pub(in crate::lifetime) fn judge_pending(&self, p: &Pending<'_>) -> Option<Verdict> {
        let Kind::Pair { delay, handler, .. } = &p.a.kind else {
            return None;
        };
        let starts_chain = p.callback.and_then(|f| self.cleared_chain(p, f));
        if let Some(evidence) = starts_chain {
            return Some(self.pending_leak(p, Cause::NotOnTeardown, Overdue::Chain, evidence));
        }
        let ms = self.number((*delay)?, 0);
        if ms.is_some_and(|ms| ms <= SHORT_DELAY) {
            return None;
        }
        match self.released(p.a, p.scope, p.flow, p.right) {
            Some(Ok(_)) => {
                let missed = self.path_miss(p.a, p.row, p.flow, p.right);
                return match missed.and_then(|e| e.into_iter().next()) {
                    Some(evidence) => Some(self.pending_leak(p, Cause::NotOnEveryPath, Overdue::Skipped, evidence)),
                    None => {
                        let beside = self.missed_by_sibling(p).map(|e| (Overdue::Ended, e));
                        let (why, evidence) = beside.or_else(|| self.left_armed(p))?;
                        Some(self.pending_leak(p, Cause::NotOnTeardown, why, evidence))
                    }
                };
            }
            Some(Err((cause, evidence))) => {
                // Cleared somewhere, and the framework's teardown is not that place.
                let in_field = p.flow.places.iter().any(|q| matches!(q.root, Root::This(_)));
                let keeps_owner = in_field && p.callback.is_some_and(|f| self.project.function(f).flags.uses_this);
                let found = evidence.into_iter().next().filter(|_| keeps_owner);
                let found = found.map(|e| (cause, Overdue::Ended, e));
                let armed = || self.left_armed(p).map(|(why, e)| (Cause::NotOnTeardown, why, e));
                let (cause, why, evidence) = found.or_else(armed)?;
                return Some(self.pending_leak(p, cause, why, evidence));
            }
            None => {}
        }
        let given_back = p.flow.returned.iter().any(|f| !self.is_executor(*f));
        if !p.flow.passed.is_empty() || given_back || p.flow.other {
            return None;
        }
        if let Some(evidence) = handler.and_then(|h| self.guards_promise(p, h)) {
            return Some(self.pending_leak(p, Cause::NeverReleased, Overdue::Settled, evidence));
        }
        if let Some(evidence) = ms.and_then(|_| self.missed_by_owner(p)) {
            return Some(self.pending_leak(p, Cause::NotOnTeardown, Overdue::Beside, evidence));
        }
        let evidence = self.missed_by_undo(p)?;
        Some(self.pending_leak(p, Cause::NotOnTeardown, Overdue::Ended, evidence))
    }

    fn pending_leak(&self, p: &Pending<'_>, cause: Cause, why: Overdue, evidence: Evidence) -> Verdict {
        let mut verdict = self.leak(p.a, p.row, cause, p.scope, p.repetition, true, vec![evidence]);
        if let Verdict::Leak(leak) = &mut verdict {
            leak.confidence = self.overdue(p, why);
        }
        verdict
    }

    /// The first timer of a chain is dropped, while the teardown clears the ones after it.
    fn cleared_chain(&self, p: &Pending<'_>, callback: Func) -> Option<Evidence> {
        let Scope::Owner { owner, .. } = p.scope else {
            return None;
        };
        if !p.flow.dropped {
            return None;
        }
        let (teardowns, _) = self.teardowns(*owner);
        let ended = self.project.reach(&teardowns);
        let started = self.runs_directly(callback);
        let release = self.pair_acquisitions(p.a.at.file).iter().find_map(|other| {
            let inner = self.project.function_at(other.at);
            if other.rule != p.a.rule || other.at == p.a.at || !started.contains(&inner) {
                return None;
            }
            let handler = other.handler()?;
            let again = self.project.function_value(handler, 0)?;
            let chain = self.runs_directly(again);
            if !chain.contains(&inner) || chain.contains(&self.project.function_at(p.a.at)) {
                return None;
            }
            let releases = self.releases_of(other, &self.flow(other.at));
            releases
                .into_iter()
                .find(|r| r.wrong.is_none() && ended.contains(&self.project.function_at(r.at)))
        })?;
        Some(Evidence {
            role: Role::Release,
            at: release.at,
            text: "clears the timers after this one only".into(),
        })
    }

    /// A function, the functions it calls itself, and the functions written in any of them.
    fn runs_directly(&self, f: Func) -> FxHashSet<Func> {
        let called = self
            .project
            .calls_in(f)
            .iter()
            .filter_map(|&node| self.project.called_function(Ref { file: f.file, node }));
        let mut queue: Vec<Func> = called.chain([f]).collect();
        let mut seen: FxHashSet<Func> = queue.iter().copied().collect();
        while let Some(g) = queue.pop() {
            let new: Vec<Func> = self.project.inner_functions(g).filter(|h| seen.insert(*h)).collect();
            queue.extend(new);
        }
        seen
    }

    /// Calls in some functions that clear timers of this kind.
    pub(in crate::lifetime) fn clears(&self, functions: &FxHashSet<Func>, row: &PairRow) -> Vec<Ref> {
        let mut out: Vec<Ref> = Vec::new();
        for &f in functions {
            for &node in self.project.calls_in(f) {
                let call = Ref { file: f.file, node };
                if self.is_clear(call, row) {
                    out.push(call);
                }
            }
        }
        out.sort_unstable();
        out
    }

    /// Whether a call is a release of this kind that stands by itself: `clearTimeout(x)`, `URL.revokeObjectURL(x)`.
    pub(in crate::lifetime) fn is_clear(&self, call: Ref, row: &PairRow) -> bool {
        let Node::Call { callee, .. } = self.project.node(call) else {
            return false;
        };
        let last = self.project.last_name(Ref {
            file: call.file,
            node: callee,
        });
        self.project.tables.pairs.iter().enumerate().any(|(i, other)| {
            other.rule == row.rule
                && self.project.tables.releases[i].iter().any(|pattern| {
                    matches!(pattern.base, Base::Global | Base::Module(_))
                        && last == Some(pattern.last())
                        && self.project.matches_callee(call, pattern, true).is_some()
                })
        })
    }

    /// The owner's teardown clears other timers, or others clear this one, and the teardown misses it.
    fn missed_by_owner(&self, p: &Pending<'_>) -> Option<Evidence> {
        let Scope::Owner { owner, .. } = p.scope else {
            return None;
        };
        if !p.callback.is_some_and(|f| self.project.function(f).flags.uses_this) || self.is_for_the_page(*owner) {
            return None;
        }
        let (teardowns, _) = self.teardowns(*owner);
        if teardowns.is_empty() {
            return None;
        }
        let reach = self.project.reach(&teardowns);
        if reach.contains(&self.project.function_at(p.a.at)) {
            return None;
        }
        let other = self.clears(&reach, p.row).into_iter().next()?;
        Some(Evidence {
            role: Role::Release,
            at: other,
            text: "the teardown clears another timer".into(),
        })
    }

    /// `new Promise((resolve, reject) => { setTimeout(() => reject(...), n); ... })` that something else settles too:
    /// the timer stays armed when that comes first.
    fn guards_promise(&self, p: &Pending<'_>, handler: Ref) -> Option<Evidence> {
        let f = self.project.function_at(p.a.at);
        let facts = self.project.facts(f.file);
        let function = facts.function(f.function);
        let promise = facts.parent(function.node);
        if !self.is_executor(f) {
            return None;
        }
        let settlers: Vec<BindingId> = facts
            .list(function.params)
            .filter_map(|n| match facts.node(n) {
                Node::Binding(b) => Some(b),
                _ => None,
            })
            .collect();
        let inside = |node: NodeId| match p.callback {
            Some(c) => c.file == f.file && facts.is_inside(node, facts.function(c.function).node),
            None => node == handler.node,
        };
        let uses: Vec<NodeId> = settlers
            .iter()
            .flat_map(|&b| facts.references_of(b))
            .filter(|&n| facts.parent(n) != function.node)
            .collect();
        let own = uses.iter().any(|&n| inside(n));
        // Something that comes later than the timer was started: in another callback, or handed on.
        let timers: Vec<NodeId> = self
            .pair_acquisitions(f.file)
            .iter()
            .filter(|o| o.rule == p.a.rule)
            .map(|o| o.at.node)
            .collect();
        let comes_later = |n: NodeId| {
            let is_called = matches!(facts.node(facts.parent(n)), Node::Call { callee, .. } if callee == n);
            let at_once = is_called && facts.enclosing_function(n) == f.function;
            !at_once && !timers.iter().any(|&t| facts.is_inside(n, t))
        };
        let mut others = uses.iter().copied().filter(|&n| !inside(n)).peekable();
        let is_alone = others.peek().is_none();
        let other = others.find(|&n| comes_later(n));
        if let Some(at) = other {
            // A timer that settles nothing guards as well if it closes what would: it tests or uses what the others do.
            if own || self.closes_something(p.callback?) {
                return Some(Evidence {
                    role: Role::Flow,
                    at: Ref { file: f.file, node: at },
                    text: "settled here, and the timer stays armed".into(),
                });
            }
            return None;
        }
        if !own || !is_alone {
            return None;
        }
        let at = self.raced(
            Ref {
                file: f.file,
                node: promise,
            },
            0,
        )?;
        Some(Evidence {
            role: Role::Flow,
            at,
            text: "when another one wins, the timer stays armed".into(),
        })
    }

    /// Whether a callback ends an object: calls a method of the teardown kind on something it captured.
    fn closes_something(&self, callback: Func) -> bool {
        self.project.calls_in(callback).iter().any(|&node| {
            let Node::Call { callee, .. } = self.project.node(Ref {
                file: callback.file,
                node,
            }) else {
                return false;
            };
            let facts = self.project.facts(callback.file);
            match facts.node(callee) {
                Node::Member { object, property, .. } => {
                    matches!(facts.node(object), Node::Binding(_) | Node::This | Node::Member { .. })
                        && self.project.tables.is_teardown(facts.name(property))
                }
                _ => false,
            }
        })
    }

    /// Whether a function is what a promise is made with.
    pub(in crate::lifetime) fn is_executor(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        self.is_promise(Ref {
            file: f.file,
            node: facts.parent(facts.function(f.function).node),
        })
    }

    fn is_promise(&self, at: Ref) -> bool {
        let Node::Call {
            callee,
            kind: CallKind::New,
            ..
        } = self.project.node(at)
        else {
            return false;
        };
        let path = self.project.path_of(Ref {
            file: at.file,
            node: callee,
        });
        path.is_some_and(|p| self.project.tables.conventions.settled.contains(&p))
    }

    /// The race that a promise takes part in: `Promise.race([work, promise])`, directly or through names and calls.
    pub(in crate::lifetime) fn raced(&self, at: Ref, depth: u32) -> Option<Ref> {
        if depth > MAX_RACE_STEPS {
            return None;
        }
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        let here = |node| Ref { file: at.file, node };
        match facts.node(up) {
            Node::Array(list) => {
                let call = facts.parent(up);
                let Node::Call { callee, .. } = facts.node(call) else {
                    return None;
                };
                let path = self.project.path_of(here(callee))?;
                let is_race = self.project.tables.conventions.races.contains(&path);
                (is_race && facts.list(list).len() > 1).then(|| here(call))
            }
            Node::Declare { target, .. } => match facts.node(target) {
                Node::Binding(b) => facts
                    .references_of(b)
                    .filter(|&n| n != target)
                    .find_map(|n| self.raced(here(n), depth + 1)),
                _ => None,
            },
            Node::Return(_) | Node::Function(_) => {
                let is_body = matches!(facts.node(up), Node::Return(_))
                    || matches!(facts.node(up), Node::Function(f) if facts.function(f).body == at.node);
                if !is_body {
                    return None;
                }
                let f = match facts.node(up) {
                    Node::Function(function) => Func {
                        file: at.file,
                        function,
                    },
                    _ => self.project.function_at(here(up)),
                };
                self.project.uses(f).iter().find_map(|used| match used {
                    Use::Called { call } => self.raced(*call, depth + 1),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// A function that gives its undo back, which clears another timer of it and misses this one.
    fn missed_by_undo(&self, p: &Pending<'_>) -> Option<Evidence> {
        let mut at = self.project.function(self.project.function_at(p.a.at)).parent;
        while let Some(function) = at.filter(|f| *f != FunctionId::MODULE) {
            let g = Func {
                file: p.a.at.file,
                function,
            };
            let undo: Vec<Func> = self
                .project
                .returned_values(g)
                .into_iter()
                .filter_map(|v| self.project.function_value(v, 0))
                .filter(|u| self.project.function(*u).parent == Some(function))
                .collect();
            if !undo.is_empty() {
                let reach = self.project.reach(&undo);
                if reach.contains(&self.project.function_at(p.a.at)) {
                    return None;
                }
                let other = self
                    .clears(&reach, p.row)
                    .into_iter()
                    .find(|c| undo.contains(&self.project.function_at(*c)))?;
                return Some(Evidence {
                    role: Role::Release,
                    at: other,
                    text: "the undo that is given back clears another timer".into(),
                });
            }
            at = self.project.function(g).parent;
        }
        None
    }

    /// Another timer of the same activation is cleared where this one is not: that is where both should end.
    fn missed_by_sibling(&self, p: &Pending<'_>) -> Option<Evidence> {
        let place = p.flow.places.first()?;
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let facts = self.project.facts(file);
        let around = facts.binding(b).function;
        if around == FunctionId::MODULE || file != p.a.at.file || !place.path.is_empty() {
            return None;
        }
        let activation = Func { file, function: around };
        if matches!(self.project.repetition(activation), Repetition::Once) {
            return None;
        }
        let released: Vec<Func> = p.right.iter().map(|r| self.project.function_at(r.at)).collect();
        self.pair_acquisitions(file).iter().find_map(|other| {
            let row = other.row()?;
            let repeats = other.rule == p.a.rule && !self.project.tables.pairs[row].one_shot;
            if !repeats || other.at == p.a.at {
                return None;
            }
            let flow = self.flow(other.at);
            let is_sibling = flow.places.iter().any(
                |q| matches!(q.root, Root::Binding(f, c) if f == file && c != b && facts.binding(c).function == around),
            );
            // The interval arms the timeout, or stands beside it.
            if !is_sibling {
                return None;
            }
            let ends: Vec<Release> = self
                .releases_of(other, &flow)
                .into_iter()
                .filter(|r| r.wrong.is_none())
                .collect();
            let missed = ends.iter().find(|r| {
                let g = self.project.function_at(r.at);
                g != self.project.function_at(p.a.at) && !released.contains(&g)
            })?;
            let all_miss = ends.iter().all(|r| !released.contains(&self.project.function_at(r.at)));
            let reach: FxHashSet<Func> = self.project.reach(&[self.project.function_at(missed.at)]);
            let ends_both = released.iter().any(|g| reach.contains(g)) || self.runs_both(missed.at, &released, p.a.at);
            (all_miss && !ends_both).then(|| Evidence {
                role: Role::Release,
                at: missed.at,
                text: "ends the interval beside it, and not this timer".into(),
            })
        })
    }

    /// Whether one function calls what ends the one and what ends the other, and does not begin the other itself:
    /// `function teardown() { clearStart(); clearClock(); }`.
    fn runs_both(&self, end: Ref, others: &[Func], begun: Ref) -> bool {
        let calls = self.project.callers(self.project.function_at(end)).calls;
        calls.iter().any(|call| {
            let reach = self.project.reach(&[self.project.function_at(*call)]);
            others.iter().any(|g| reach.contains(g)) && !reach.contains(&self.project.function_at(begun))
        })
    }
}
