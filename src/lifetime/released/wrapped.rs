//! Functions that are added inside another one and taken off as they are.
//!
//! `on(type, handler) { this.emitter.on(type, (event) => handler(event)); }` and
//! `off(type, handler) { this.emitter.off(type, handler); }`: what `off` names was never added. Nor was it where the
//! function that adds gives back an undo which names it.

use crate::facts::{BindingId, BindingKind, FunctionId, Node};
use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, Place, Ref};
use crate::tables::{CallPattern, Param};

/// A function that is registered around one that was handed in.
struct Wrapper {
    /// The parameter that is called.
    wrapped: BindingId,
    /// Where.
    call: Ref,
    /// Under which key, on what.
    key: Ref,
    on: Place,
}

impl Judge<'_> {
    /// Evidence that code registers a new function around the one it is given, while its counterpart, or what it gives
    /// back, takes off the one it is given.
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
        let (wrapped, call) = self.parameter_called_by(handler)?;
        let on = self.project.place(target);
        // What is made here goes with what it holds.
        let pair = &self.project.tables.pairs[row];
        let is_own = matches!(self.project.life_of(&on), Life::Call(_));
        if is_own || pair.one_shot || !pair.release_is_on_target() || self.is_added_as_it_is(a, wrapped) {
            return None;
        }
        let wrapper = Wrapper { wrapped, call, key, on };
        let patterns = &self.project.tables.releases[row];
        let mut removed = patterns.iter().flat_map(|p| {
            let calls = self.project.calls_named(a.at.file, p.last()).iter();
            calls.map(move |&node| (p, Ref { node, ..a.at }))
        });
        let at = removed.find_map(|(pattern, removal)| {
            (self.is_called_on(removal, &wrapper.on) && self.takes_off_wrapped(a, &wrapper, removal, pattern))
                .then_some(removal)
        })?;
        Some(vec![
            Evidence {
                role: Role::Release,
                at,
                text: "takes off the function it is given, which was never added itself".into(),
            },
            Evidence {
                role: Role::Flow,
                at: wrapper.call,
                text: "called by the function that is added".into(),
            },
        ])
    }

    /// Whether a removal names the function inside: the same parameter, or what the counterpart is given for it.
    fn takes_off_wrapped(&self, a: &Acquisition, wrapper: &Wrapper, removal: Ref, pattern: &CallPattern) -> bool {
        let given = |param: Param| {
            let index = pattern.position(&param)?;
            self.project.argument(removal, index)
        };
        let (Some(key), Some(handler)) = (given(Param::Key), given(Param::Handler)) else {
            return false;
        };
        let (f, g) = (self.project.function_at(a.at), self.project.function_at(removal));
        let facts = self.project.facts(a.at.file);
        if facts.node(handler.node) == Node::Binding(wrapper.wrapped) {
            return self.project.same_key(wrapper.key, key);
        }
        let is_given = |at: Ref, f: Func| {
            self.unset_parameter(at)
                .is_some_and(|b| facts.binding(b).function == f.function)
        };
        let is_constant = |at: Ref| self.project.constant_text(at, 0).is_some();
        let is_same_key = match (is_constant(wrapper.key), is_constant(key)) {
            (true, true) => self.project.same_key(wrapper.key, key),
            (false, false) => is_given(wrapper.key, f) && is_given(key, g),
            _ => false,
        };
        let is_of_f = facts.binding(wrapper.wrapped).function == f.function;
        is_of_f && is_same_key && is_given(handler, g) && self.is_counterpart(f, g) && !self.has_others(a, wrapper)
    }

    /// Whether something else is registered under the same constant key on the same thing, which may be what is taken off.
    fn has_others(&self, a: &Acquisition, wrapper: &Wrapper) -> bool {
        self.pair_acquisitions(a.at.file)
            .iter()
            .any(|other| match (&other.kind, other.target()) {
                (Kind::Pair { key: Some(key), .. }, Some(target)) if other.at != a.at => {
                    self.project.same_key(*key, wrapper.key)
                        && self.project.same_place(&self.project.place(target), &wrapper.on)
                }
                _ => false,
            })
    }

    /// Whether one of two functions undoes what the other one does: methods of one object, functions of one module.
    fn is_counterpart(&self, f: Func, g: Func) -> bool {
        let around = |f| self.project.method_around(f).map(|(owner, _, top)| (owner, top == f));
        match (around(f), around(g)) {
            (Some((of, true)), Some((to, true))) => f != g && self.project.is_related(to, of),
            (None, None) => {
                let facts = self.project.facts(f.file);
                let is_of_module = |f: Func| facts.function(f.function).parent == Some(FunctionId::MODULE);
                f != g && is_of_module(f) && is_of_module(g)
            }
            _ => false,
        }
    }

    /// Whether a parameter is registered itself on the same thing: that is what the removal is for.
    fn is_added_as_it_is(&self, a: &Acquisition, wrapped: BindingId) -> bool {
        let facts = self.project.facts(a.at.file);
        let others = self.pair_acquisitions(a.at.file);
        others
            .iter()
            .filter_map(|other| other.handler())
            .any(|handler| handler.file == a.at.file && facts.node(handler.node) == Node::Binding(wrapped))
    }

    /// The parameter of a function around it that a registered function calls, and where. Nobody but the registration
    /// has that function.
    fn parameter_called_by(&self, handler: Ref) -> Option<(BindingId, Ref)> {
        let facts = self.project.facts(handler.file);
        let function = match facts.node(handler.node) {
            Node::Function(function) => function,
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let mut uses = facts.references_of(b).filter(|&node| node != handler.node);
                let is_declaration =
                    |node| matches!(facts.node(facts.parent(node)), Node::Declare { target, .. } if target == node);
                if binding.writes > 0 || !uses.all(is_declaration) {
                    return None;
                }
                match facts.node(binding.init?) {
                    Node::Function(function) => function,
                    _ => return None,
                }
            }
            _ => return None,
        };
        let inner = Func {
            file: handler.file,
            function,
        };
        self.project.calls_in(inner).iter().find_map(|&node| {
            let Node::Call { callee, .. } = facts.node(node) else {
                return None;
            };
            let called = Ref {
                node: callee,
                ..handler
            };
            let b = self.unset_parameter(called)?;
            (facts.binding(b).function != function).then_some((b, called))
        })
    }

    /// The parameter that a name stands for, if nothing else is ever put there.
    fn unset_parameter(&self, at: Ref) -> Option<BindingId> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let binding = self.project.facts(at.file).binding(b);
        (binding.kind == BindingKind::Param && binding.writes == 0).then_some(b)
    }

    pub(in crate::lifetime) fn is_called_on(&self, call: Ref, on: &Place) -> bool {
        let method = self.project.facts(call.file).method_call(call.node);
        method.is_some_and(|m| {
            let object = Ref { node: m.object, ..call };
            self.project.same_place(&self.project.place(object), on)
        })
    }
}
