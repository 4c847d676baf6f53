//! Functions that are added inside another one and taken off as they are.
//!
//! `on(type, handler) { this.emitter.on(type, (event) => handler(event)); }` and
//! `off(type, handler) { this.emitter.off(type, handler); }`: what `off` names was never added.

use crate::facts::{BindingKind, Node};
use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Ref};
use crate::tables::{CallPattern, Param};

impl Judge<'_> {
    /// Evidence that a method registers a new function around the one it is given, while its counterpart takes off the
    /// one it is given.
    pub(in crate::lifetime) fn added_in_wrapper(&self, a: &Acquisition) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let Kind::Pair {
            row,
            key: Some(key),
            via: None,
            options: None,
            ..
        } = a.kind
        else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let (owner, _, top) = self.project.method_around(f)?;
        let wrapped = self.parameter_called_by(handler, f)?;
        if f != top || !self.project.tables.pairs[row].release_is_on_target() || !self.is_unset_parameter_of(key, f) {
            return None;
        }
        let on = self.project.place(target);
        let patterns = &self.project.tables.releases[row];
        let mut removed = patterns.iter().flat_map(|p| {
            let calls = self.project.calls_named(a.at.file, p.last()).iter();
            calls.map(move |&node| (p, Ref { node, ..a.at }))
        });
        let at = removed.find_map(|(pattern, call)| {
            let g = self.project.function_at(call);
            let (p, _, other) = self.project.method_around(g)?;
            let is_counterpart = g == other && g != f && self.project.is_related(p, owner);
            (is_counterpart && self.takes_off_parameter(call, pattern, g) && self.is_called_on(call, &on))
                .then_some(call)
        })?;
        Some(vec![
            Evidence {
                role: Role::Release,
                at,
                text: "takes off the function it is given, which was never added itself".into(),
            },
            Evidence {
                role: Role::Flow,
                at: wrapped,
                text: "called by the function that is added".into(),
            },
        ])
    }

    /// Where a function that is written here calls a parameter of the function around it.
    fn parameter_called_by(&self, handler: Ref, f: Func) -> Option<Ref> {
        let Node::Function(function) = self.project.node(handler) else {
            return None;
        };
        let inner = Func {
            file: handler.file,
            function,
        };
        self.project.calls_in(inner).iter().find_map(|&node| {
            let Node::Call { callee, .. } = self.project.node(Ref { node, ..handler }) else {
                return None;
            };
            let called = Ref {
                node: callee,
                ..handler
            };
            self.is_unset_parameter_of(called, f).then_some(called)
        })
    }

    fn is_unset_parameter_of(&self, at: Ref, f: Func) -> bool {
        let Node::Binding(b) = self.project.node(at) else {
            return false;
        };
        let binding = self.project.facts(at.file).binding(b);
        binding.kind == BindingKind::Param && binding.function == f.function && binding.writes == 0
    }

    /// Whether a call takes off, under a key that its function is given, a function that it is given.
    fn takes_off_parameter(&self, call: Ref, pattern: &CallPattern, g: Func) -> bool {
        let given = |param: Param| {
            let index = pattern.position(&param)?;
            self.project.argument(call, index)
        };
        let is_given = |param: Param| given(param).is_some_and(|at| self.is_unset_parameter_of(at, g));
        is_given(Param::Key) && is_given(Param::Handler)
    }

    fn is_called_on(&self, call: Ref, on: &crate::link::Place) -> bool {
        let method = self.project.facts(call.file).method_call(call.node);
        method.is_some_and(|m| {
            let object = Ref { node: m.object, ..call };
            self.project.same_place(&self.project.place(object), on)
        })
    }
}
