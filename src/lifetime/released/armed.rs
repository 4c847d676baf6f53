//! Timeouts that can be called off, and that the end of their owner leaves armed.
//!
//! `this.hide = setTimeout(() => this.close(), this.delay)` is cleared before the next one is set, or when somebody comes
//! back: the code knows how to call it off. An end of the owner that does not keeps the owner until the delay is over.

use rustc_hash::FxHashSet;

use crate::facts::{BindingKind, FunctionId, Node};
use crate::finding::Role;
use crate::lifetime::released::overdue::Overdue;
use crate::lifetime::released::pending::Pending;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Evidence, Judge};
use crate::link::{Func, OwnerId, Place, Ref, Root, Use};
use crate::tables::Param;

/// What the end of a timeout's owner runs.
struct End {
    /// Where it begins.
    teardowns: Vec<Func>,
    /// Everything that it reaches.
    reach: FxHashSet<Func>,
    /// The function of the component or hook, if the owner is no object.
    function: Option<Func>,
}

impl Judge<'_> {
    /// The clear that can call a timeout off, if the owner has an end that does not reach any, and the delay may be long.
    pub(in crate::lifetime) fn left_armed(&self, p: &Pending<'_>) -> Option<(Overdue, Evidence)> {
        let first = p.right.first()?;
        let f = self.project.function_at(p.a.at);
        let handed_on = p.flow.passed.iter().any(|call| p.right.iter().all(|r| r.at != *call));
        if handed_on || p.flow.other || !p.flow.collections.is_empty() {
            return None;
        }
        let place = p.flow.places.iter().find(|q| self.outlasts_run(q, f))?;
        let end = self.end_of_holder(p, place)?;
        let released = |g: &Func| end.reach.contains(g);
        // A function that the arming makes clears it when what it guards comes or fails.
        let clears = |g: Func| released(&g) || g != f && self.project.is_within(g, f);
        if released(&f) || p.right.iter().any(|r| clears(self.project.function_at(r.at))) {
            return None;
        }
        if !self.keeps_owner(p.a.handler()?, f) || self.ends_in_the_same_run(p.a.at, p.right) {
            return None;
        }
        let lasting = p.right.iter().filter(|r| !self.fills_again(r.at, place));
        let lasting: FxHashSet<Func> = lasting.map(|r| self.project.function_at(r.at)).collect();
        let is_known = match end.function {
            Some(outer) => self.run_in_handlers_only(&lasting, outer),
            None => lasting.iter().all(|g| self.runs_as_method(*g, &end)),
        };
        if !is_known {
            return None;
        }
        let release = |at, text: &str| Evidence {
            role: Role::Release,
            at,
            text: text.into(),
        };
        // An end that clears other timers says that they matter, however soon they are over.
        if self.number(p.delay()?, 0).is_some()
            && let Some(other) = self.clears_of_same_kind(p, &end.reach)
        {
            let text = "the end of its owner clears another timer; this one keeps the owner until its delay is over";
            return Some((Overdue::Missed, release(other, text)));
        }
        let text = "cleared here, and not at the end of its owner, which it keeps until its delay is over";
        (self.may_be_long(p.delay()?, 0)).then(|| (Overdue::Ended, release(first.at, text)))
    }

    /// A call in some functions that clears a timer of the same kind, by the name that is meant for that kind.
    fn clears_of_same_kind(&self, p: &Pending<'_>, functions: &FxHashSet<Func>) -> Option<Ref> {
        let own = self.project.tables.releases[p.a.row()?].first()?;
        let clears = self.clears(functions, p.row).into_iter();
        let mut clears = clears.filter(|call| self.project.matches_callee(*call, own, true).is_some());
        clears.next()
    }

    /// Whether a place is there for more than one run of a function: a field, a ref, a variable around it.
    fn outlasts_run(&self, place: &Place, f: Func) -> bool {
        match &place.root {
            Root::This(_) => place.path.len() == 1,
            Root::Binding(file, b) => {
                let around = self.project.facts(*file).binding(*b).function;
                *file == f.file && around != f.function && around != FunctionId::MODULE
                    || self.project.facts(*file).instance == Some(around)
            }
            Root::Value(at) => {
                at.file == f.file
                    && matches!(self.project.node(*at), Node::Call { .. })
                    && self.project.function_at(*at) != f
                    && place.path.len() == 1
            }
            _ => false,
        }
    }

    /// What runs at the end of whoever has the handle.
    fn end_of_holder(&self, p: &Pending<'_>, place: &Place) -> Option<End> {
        let function = match &place.root {
            Root::This(owner) => return self.end_of_object(p, *owner),
            Root::Binding(file, b) => Func {
                file: *file,
                function: self.project.facts(*file).binding(*b).function,
            },
            Root::Value(at) => self.project.function_at(*at),
            _ => return None,
        };
        let mut ends = self.teardown_callbacks(function);
        let own = self.cleanups_in(function);
        ends.extend(own);
        if matches!(p.scope, Scope::Effect { setup } if *setup == function) {
            ends.extend(self.cleanup_of(function));
        }
        (!ends.is_empty()).then(|| End {
            reach: self.project.reach(&ends),
            teardowns: ends,
            function: Some(function),
        })
    }

    /// What the effects of a component or hook give back to be run at the end.
    pub(in crate::lifetime) fn cleanups_in(&self, f: Func) -> Vec<Func> {
        let mut out = Vec::new();
        for &node in self.project.calls_in(f) {
            let call = Ref { file: f.file, node };
            let Node::Call { args, .. } = self.project.node(call) else {
                continue;
            };
            let Some(first) = self.project.facts(f.file).item(args, 0) else {
                continue;
            };
            if let Some((_, Param::Setup)) = self.project.context_of(call, 0)
                && let Some(setup) = self.project.function_value(Ref { node: first, ..call }, 0)
            {
                out.extend(self.cleanup_of(setup));
            }
        }
        out
    }

    /// The end of an object that comes and goes, and that has something else to end.
    fn end_of_object(&self, p: &Pending<'_>, owner: OwnerId) -> Option<End> {
        let Scope::Owner { owner: scope, .. } = p.scope else {
            return None;
        };
        let (teardowns, by_framework) = self.teardowns(owner);
        let own = |r: Ref| self.is_ended_by_others(owner, r);
        if teardowns.is_empty() || !self.project.is_related(*scope, owner) || p.right.iter().any(|r| own(r.at)) {
            return None;
        }
        if !by_framework {
            let ends = |t: &Func| self.is_plainly_an_end(*t) && self.ends_parts(&self.project.reach(&[*t]));
            if !teardowns.iter().any(ends) || self.is_singleton(owner) || self.is_made_at_start(owner) {
                return None;
            }
        }
        let by_event = p.right.iter().any(|r| self.ends_with_gesture(r.at));
        let by_ref = || self.released_by_callback_ref(owner, p.right).is_some();
        (!by_event && !by_ref()).then(|| End {
            reach: self.project.reach(&teardowns),
            teardowns,
            function: None,
        })
    }

    /// Whether the name of a method means the end of its object and nothing else.
    pub(in crate::lifetime) fn is_plainly_an_end(&self, teardown: Func) -> bool {
        let weak = &self.project.tables.conventions.weak_teardown;
        let named = self.project.method_around(teardown);
        named.is_none_or(|(_, name, _)| !weak.iter().any(|w| w == name.trim_start_matches(['_', '#'])))
    }

    /// Whether a function that clears a timeout of an object is one of its methods or handlers, and none that leads to
    /// its end, is registered for the last event of something, or is handed to other code.
    fn runs_as_method(&self, g: Func, end: &End) -> bool {
        let reach = self.project.reach(&[g]);
        if end.teardowns.iter().any(|t| reach.contains(t)) || self.hears_last_event(g) {
            return false;
        }
        let is_method = self.project.method_around(g).is_some_and(|(_, _, top)| top == g);
        is_method
            || self.project.uses(g).iter().all(|used| match used {
                Use::Called { .. } | Use::Stored { .. } => true,
                Use::Passed { call, arg } => {
                    self.project.is_taken_off(*call, *arg) || self.project.context_of(*call, *arg).is_some()
                }
                _ => false,
            })
    }

    /// Whether some functions end something of theirs.
    fn ends_parts(&self, functions: &FxHashSet<Func>) -> bool {
        functions.iter().any(|f| {
            self.project.calls_in(*f).iter().any(|&node| {
                let Node::Call { callee, .. } = self.project.node(Ref { file: f.file, node }) else {
                    return false;
                };
                let last = self.project.last_name(Ref {
                    file: f.file,
                    node: callee,
                });
                last.is_some_and(|name| self.project.tables.is_teardown(name))
            })
        })
    }

    /// Whether some functions within a component run in its handlers: nobody else is given one to call.
    fn run_in_handlers_only(&self, functions: &FxHashSet<Func>, outer: Func) -> bool {
        if functions.contains(&outer) || functions.iter().any(|g| !self.project.is_within(*g, outer)) {
            return false;
        }
        let within: Vec<Func> = self.project.functions_within(outer).collect();
        within
            .iter()
            .filter(|g| self.project.reach(&[**g]).iter().any(|h| functions.contains(h)))
            .all(|g| self.is_setup(*g) || self.runs_in_handlers_only(*g, outer))
    }

    /// Whether a function is what an effect runs.
    fn is_setup(&self, f: Func) -> bool {
        self.project.uses(f).iter().any(|used| match used {
            Use::Passed { call, arg } => matches!(self.project.context_of(*call, *arg), Some((_, Param::Setup))),
            _ => false,
        })
    }

    /// Whether a function is registered for an event that something ends with, other than its failure.
    fn hears_last_event(&self, f: Func) -> bool {
        let conventions = &self.project.tables.conventions;
        self.project.uses(f).iter().any(|used| {
            let Use::Passed { call, .. } = used else { return false };
            let key = self.project.argument(*call, 0);
            let event = key.and_then(|k| self.project.constant_text(k, 0));
            event.is_some_and(|e| {
                let is_in = |list: &[String]| list.iter().any(|x| **x == *e);
                is_in(&conventions.ending_events) && !is_in(&conventions.error_names)
            })
        })
    }

    /// Whether the function of a timeout keeps something of its owner.
    fn keeps_owner(&self, handler: Ref, f: Func) -> bool {
        let facts = self.project.facts(handler.file);
        let is_of_owner = || match facts.node(handler.node) {
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let around = facts.instance == Some(binding.function) || binding.function != FunctionId::MODULE;
                around && binding.kind != BindingKind::Import
            }
            _ => false,
        };
        let known = self.project.function_value(handler, 0).is_some();
        self.keeps_state(handler, f) || !known && is_of_owner()
    }
}
