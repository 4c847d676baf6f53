//! Whose call a helper's caller makes: the function that stands for nested code, its names and its parameters.

use super::{MAX_BACK, Slot, Undo};
use crate::facts::{BindingId, BindingKind, CallKind, FunctionId, Node};
use crate::lifetime::Judge;
use crate::link::{Func, Life, Place, Ref, Root, Use};
use crate::tables::{Every, Param};

/// How far lists of lists are followed.
const MAX_NESTED: u32 = 4;

impl Judge<'_> {
    /// The names a function is called by: its own, and those it is exported under.
    pub(super) fn names_of(&self, f: Func) -> Vec<Box<str>> {
        let facts = self.project.facts(f.file);
        let function = facts.function(f.function);
        let mut names: Vec<Box<str>> = function.name.map(|n| facts.name(n).into()).into_iter().collect();
        names.extend(self.chosen_as(f).map(|b| facts.name(facts.binding(b).name).into()));
        if let Some((_, name, method)) = self.project.method_around(f)
            && method == f
        {
            names.push(name.into());
        }
        for export in &facts.exports {
            let is_it = match export.value {
                crate::facts::ExportValue::Binding(b) => facts.binding(b).init == Some(function.node),
                crate::facts::ExportValue::Node(n) => n == function.node,
                crate::facts::ExportValue::From { .. } => false,
            };
            if is_it {
                names.push(facts.name(export.name).into());
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The function whose activation a callback that runs at once is part of.
    pub(in crate::lifetime) fn activation(&self, f: Func) -> Func {
        let known = &self.survey.activations;
        let ask = || self.project.remembered(known, f, || self.find_activation(f));
        known.get(&f).unwrap_or_else(ask)
    }

    pub(super) fn find_activation(&self, f: Func) -> Func {
        let mut at = f;
        for _ in 0..3 {
            let at_once = self.project.uses(at).iter().any(|u| {
                matches!(u, Use::Passed { call, arg } if self.project.context_of(*call, *arg).is_some_and(|(row, param)| {
                    param == Param::Handler && self.project.tables.contexts[row].every == Every::Call
                }))
            });
            let Some(parent) = self.project.function(at).parent.filter(|_| at_once) else {
                return at;
            };
            at.function = parent;
        }
        at
    }

    /// Functions that no caller of the project names: constructors, life-cycle methods, components, callbacks.
    pub(super) fn is_not_callable(&self, f: Func) -> bool {
        let function = self.project.function(f);
        if function.flags.has_jsx {
            return true;
        }
        match self.project.method_around(f) {
            Some((owner, name, method)) if method == f => {
                name == "constructor"
                    || self
                        .project
                        .lifecycle(owner)
                        .is_some_and(|c| c.phase(name) != crate::link::Phase::Other)
            }
            _ => function.name.is_none() && self.chosen_as(f).is_none(),
        }
    }

    /// The variable that holds a function which another one gives back: a wrapper of it, `const on = useCallback(f)`, or one
    /// that is called on the spot, `const on = (() => { return f; })()`.
    pub(super) fn chosen_as(&self, f: Func) -> Option<BindingId> {
        let facts = self.project.facts(f.file);
        let node = self.project.function(f).node;
        let wrapper = facts.parent(node);
        if let Node::Call { callee, .. } = facts.node(wrapper)
            && callee != node
            && let Node::Declare { target, .. } = facts.node(facts.parent(wrapper))
            && let Node::Binding(b) = facts.node(target)
        {
            let named = Ref {
                file: f.file,
                node: wrapper,
            };
            return (self.project.function_value(named, 0) == Some(f)).then_some(b);
        }
        let chooser = facts.function(f.function).parent.filter(|p| *p != FunctionId::MODULE)?;
        let node = facts.function(chooser).node;
        let call = facts.parent(node);
        let Node::Call { callee, .. } = facts.node(call) else {
            return None;
        };
        let Node::Declare { target, .. } = facts.node(facts.parent(call)) else {
            return None;
        };
        match facts.node(target) {
            Node::Binding(b) if callee == node => Some(b),
            _ => None,
        }
    }

    /// Which parameter of a function a name is.
    pub(super) fn param_of(&self, f: Func, at: Ref) -> Option<usize> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let binding = self.project.facts(at.file).binding(b);
        if at.file != f.file || binding.kind != BindingKind::Param || binding.function != f.function {
            return None;
        }
        self.project.param_position(at.file, b).map(|(_, i)| i)
    }

    /// The parameter a handler is, or calls.
    pub(super) fn handler_slot(&self, f: Func, at: Ref) -> Slot {
        if let Some(i) = self.param_of(f, at) {
            return Slot::Param(i);
        }
        let Some(inner) = self.project.function_value(at, 0) else {
            // One of several wrappers, by the kind of event.
            let definitions = self.project.definitions(&self.project.place(at));
            let mut wrappers = definitions
                .into_iter()
                .filter(|d| matches!(self.project.node(*d), Node::Function(_)))
                .map(|d| self.handler_slot(f, d));
            return wrappers.find(|s| *s != Slot::None).unwrap_or(Slot::None);
        };
        let facts = self.project.facts(f.file);
        if inner == f || !self.project.is_within(inner, f) {
            return Slot::None;
        }
        // `e => handler.call(context, e)`.
        let captures = &facts.function(inner.function).captures;
        for &b in captures {
            let binding = facts.binding(b);
            if binding.kind != BindingKind::Param || binding.function != f.function {
                continue;
            }
            let is_called = facts.references_of(b).any(|node| {
                let up = facts.parent(node);
                let callee = match facts.node(up) {
                    Node::Member { object, property, .. }
                        if object == node && matches!(facts.name(property), "call" | "apply") =>
                    {
                        up
                    }
                    _ => node,
                };
                matches!(facts.node(facts.parent(callee)), Node::Call { callee: c, .. } if c == callee)
                    && facts.enclosing_function(node) == inner.function
            });
            if is_called && let Some((_, i)) = self.project.param_position(f.file, b) {
                return Slot::Param(i);
            }
        }
        Slot::None
    }

    /// Where a helper's target comes from. Nothing if it ends with the call.
    pub(super) fn target_slot(&self, f: Func, at: Ref) -> Option<Slot> {
        // `this.sources.forEach((source) => source.on(...))`: where the list comes from, its elements do.
        let at = self.list_behind(at);
        if let Some(i) = self.param_behind(f, at, false, 0) {
            return Some(Slot::Param(i));
        }
        let place = self.project.place(at);
        match (&place.root, self.project.life_of(&place)) {
            (_, Life::Process) => Some(Slot::Fixed(at)),
            (Root::This(_), _) => Some(Slot::This),
            _ if self.is_given_to_all(at) => Some(Slot::Fixed(at)),
            _ => None,
        }
    }

    /// The list that a name goes through, or the list which that one is an element of; what is no element itself.
    fn list_behind(&self, mut at: Ref) -> Ref {
        for _ in 0..MAX_NESTED {
            match self.project.place(at).root {
                Root::Binding(file, b) => match self.project.gone_through(file, b) {
                    Some((of, _)) => at = of,
                    None => break,
                },
                _ => break,
            }
        }
        at
    }

    /// `Hub.instance()`: a call without arguments of what all share.
    fn is_given_to_all(&self, at: Ref) -> bool {
        let Some((callee, args)) = self.callee_of(at) else {
            return false;
        };
        let Node::Member { object, .. } = self.project.node(callee) else {
            return false;
        };
        let place = self.project.place(Ref { node: object, ..at });
        args.is_empty() && place.path.is_empty() && self.project.life_of(&place) == Life::Process
    }

    /// Whether the undo that a function gives back is also what an event, a timer or a signal runs that the function
    /// registers it with: who drops it does not lose it.
    pub(super) fn is_run_by_event(&self, f: Func, undo: &Undo) -> bool {
        let given = self.project.returned_values(f).into_iter();
        let undos: Vec<Func> = match undo {
            Undo::Call => given.filter_map(|v| self.project.function_value(v, 0)).collect(),
            Undo::Methods(names) => given
                .flat_map(|v| names.iter().filter_map(move |name| self.project.property(v, name)))
                .filter_map(|v| self.project.function_value(v, 0))
                .collect(),
            Undo::No | Undo::Handle => return false,
        };
        let runs_later = |call: Ref, arg: usize| {
            let found = self.project.context_of(call, arg);
            found.is_some_and(|(row, param)| {
                matches!(param, Param::Handler | Param::Handlers)
                    && self.project.tables.contexts[row].every != Every::Call
            })
        };
        undos
            .into_iter()
            .filter(|g| *g != f && self.project.is_within(*g, f))
            .any(|g| {
                self.project.uses(g).iter().any(|used| match used {
                    Use::Passed { call, arg } => {
                        let (callee, _) = match self.callee_of(*call) {
                            Some(found) => found,
                            None => return false,
                        };
                        let is_optional = matches!(self.project.node(callee), Node::Member { optional: true, .. });
                        self.project.function_at(*call) == f
                            && !is_optional
                            && !self.is_conditional(*call)
                            && runs_later(*call, *arg)
                    }
                    _ => false,
                })
            })
    }

    /// The parameter a value is, or is a part of; with `made`, also one that a call made it from.
    pub(super) fn param_behind(&self, f: Func, at: Ref, made: bool, depth: u32) -> Option<usize> {
        if depth > MAX_BACK {
            return None;
        }
        if let Some(i) = self.param_of(f, at) {
            return Some(i);
        }
        let facts = self.project.facts(at.file);
        let inner = |node| self.param_behind(f, Ref { file: at.file, node }, made, depth + 1);
        match facts.node(at.node) {
            Node::Binding(b) => {
                let place = Place::root(Root::Binding(at.file, b));
                let definitions = self.project.definitions(&place);
                let of_list = || self.list_of_element(at).filter(|_| made);
                definitions
                    .into_iter()
                    .find_map(|d| self.param_behind(f, d, made, depth + 1))
                    .or_else(|| self.param_behind(f, of_list()?, made, depth + 1))
            }
            Node::Member { object, .. } | Node::Index { object, .. } => inner(object),
            Node::Logical { left, right, .. } => inner(left).or_else(|| inner(right)),
            Node::Conditional { yes, no, .. } => inner(yes).or_else(|| inner(no)),
            Node::Call {
                args,
                kind: CallKind::Call,
                ..
            } if made => facts.list(args).find_map(inner).or_else(|| {
                // `names.split(" ")`
                let call = facts.method_call(at.node)?;
                let is_apart = self.project.tables.conventions.takes_apart(facts.name(call.method));
                is_apart.then(|| inner(call.object)).flatten()
            }),
            _ => None,
        }
    }
}
