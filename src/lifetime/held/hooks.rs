//! What the hooks of a component keep: its state, what is made once for it, what a reference holds.

use crate::facts::{BindingKind, Node};
use crate::lifetime::Judge;
use crate::lifetime::held::flow::Flow;
use crate::link::{Func, Key, Place, Ref, Root, Use};

impl Judge<'_> {
    /// Follows what a hook is given into what the component keeps it in: `useRef(new Worker(url))`,
    /// `useState(new Worker(url))`. Whether the call is such a hook.
    pub(super) fn follow_into_hook(&self, call: Ref, flow: &mut Flow, depth: u32) -> bool {
        let Some(hook) = self.hook_called(call) else {
            return false;
        };
        let conventions = &self.project.tables.conventions;
        if conventions.state_hooks.contains(&hook) {
            self.follow_into_state(call, flow, depth);
            return true;
        }
        let keeps = conventions.ref_hooks.contains(&hook);
        if keeps {
            self.follow_into_reference(call, flow, depth);
        }
        keeps
    }

    /// Follows what a function gives back: into what a component keeps it in, where a hook calls the function.
    pub(super) fn follow_returned(&self, f: Func, flow: &mut Flow, depth: u32) {
        let conventions = &self.project.tables.conventions;
        let made_by = self.hook_that_calls(f);
        match made_by.filter(|_| !self.project.function(f).flags.is_async) {
            Some((call, hook)) if conventions.memo_hooks.contains(&hook) => self.follow(call, flow, depth + 1),
            Some((call, hook)) if conventions.state_hooks.contains(&hook) => self.follow_into_state(call, flow, depth),
            _ => flow.returned.push(f),
        }
    }

    /// The variable of a component that keeps what a function gives back, where a hook calls the function:
    /// `const panel = useMemo(() => new Panel())`, `const [panel] = useState(() => new Panel())`.
    pub(super) fn kept_by_hook(&self, f: Func) -> Option<Place> {
        let conventions = &self.project.tables.conventions;
        let (call, hook) = self.hook_that_calls(f)?;
        let facts = self.project.facts(call.file);
        let state = || self.part_named(call, 0);
        let memo = || match facts.node(facts.parent(call.node)) {
            Node::Declare { target, value } if value == call.node => Some(Ref { node: target, ..call }),
            _ => None,
        };
        let named = match conventions.memo_hooks.contains(&hook) {
            true => memo(),
            false => state().filter(|_| conventions.state_hooks.contains(&hook)),
        };
        let named = named.filter(|at| matches!(self.project.node(*at), Node::Binding(_)))?;
        Some(self.project.place(named))
    }

    /// The hook that is given a function first, with its call.
    fn hook_that_calls(&self, f: Func) -> Option<(Ref, String)> {
        self.project.uses(f).iter().find_map(|used| match used {
            Use::Passed { call, arg: 0 } => Some((*call, self.hook_called(*call)?)),
            _ => None,
        })
    }

    fn follow_into_state(&self, call: Ref, flow: &mut Flow, depth: u32) {
        match self.part_named(call, 0) {
            Some(state) => {
                self.follow_into(state, flow, depth + 1);
                flow.places.push(self.project.place(state));
            }
            None => flow.other = true,
        }
    }

    /// `const worker = useRef(new Worker(url))`: the property of the reference holds it, wherever that is read.
    fn follow_into_reference(&self, call: Ref, flow: &mut Flow, depth: u32) {
        let facts = self.project.facts(call.file);
        let target = match facts.node(facts.parent(call.node)) {
            Node::Declare { target, value } if value == call.node => target,
            _ => {
                flow.other = true;
                return;
            }
        };
        let Node::Binding(b) = facts.node(target) else {
            flow.other = true;
            return;
        };
        let members = &self.project.tables.conventions.node_members;
        let Some(held) = members.first() else {
            return;
        };
        let mut place = self.project.place(Ref { node: target, ..call });
        place.path.push(Key::Name(held.as_str().into()));
        flow.places.push(place);
        for node in facts.references_of(b) {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Member { object, property, .. }
                    if object == node && members.iter().any(|m| m == facts.name(property)) =>
                {
                    if !facts.is_written(up) {
                        self.follow(Ref { node: up, ..call }, flow, depth + 1);
                    }
                }
                Node::Declare { .. } => {}
                Node::Array(_) if self.is_dependency_list(Ref { node: up, ..call }) => {}
                _ => flow.other = true,
            }
        }
    }

    /// Whether a list says what a function given before it depends on: `useEffect(() => { ... }, [worker])`.
    pub(in crate::lifetime) fn is_dependency_list(&self, list: Ref) -> bool {
        let call = Ref {
            node: self.project.facts(list.file).parent(list.node),
            ..list
        };
        let is_last = self
            .callee_of(call)
            .is_some_and(|(_, args)| matches!(args[..], [_, last] if last == list));
        let hooks = &self.project.tables.conventions.memo_hooks;
        is_last
            && (self.project.context_of(call, 0).is_some()
                || self.hook_called(call).is_some_and(|h| hooks.contains(&h)))
    }

    /// The hook that a call calls, by its path.
    pub(in crate::lifetime) fn hook_called(&self, call: Ref) -> Option<String> {
        let (callee, _) = self.callee_of(call)?;
        self.project.path_of(callee)
    }

    /// The name that a part of what a call gives is taken apart into.
    fn part_named(&self, made: Ref, part: usize) -> Option<Ref> {
        let facts = self.project.facts(made.file);
        let Node::Declare { target, .. } = facts.node(facts.parent(made.node)) else {
            return None;
        };
        let Node::ArrayPattern(parts) = facts.node(target) else {
            return None;
        };
        let node = facts.item(parts, part)?;
        matches!(facts.node(node), Node::Binding(_)).then_some(Ref { node, ..made })
    }

    /// What a component calls a property that an element of it is given: `props.observer`, where
    /// `<Seen observer={observer} />` draws `function Seen(props)`.
    pub(super) fn property_in_component(&self, tag: Ref, property: Ref) -> Option<Place> {
        let Node::Property { key, .. } = self.project.node(property) else {
            return None;
        };
        let name = self.project.facts(property.file).string(key)?;
        let component = self.project.function_value(tag, 0)?;
        let facts = self.project.facts(component.file);
        let given = facts.item(self.project.function(component).params, 0)?;
        let mut place = self.project.place(Ref {
            file: component.file,
            node: given,
        });
        place.path.push(Key::Name(name.into()));
        matches!(facts.node(given), Node::Binding(_) | Node::ObjectPattern(_)).then_some(place)
    }

    /// The variable of a component's state that a function sets: `url` for the `setUrl` of
    /// `const [url, setUrl] = useState()`.
    pub(in crate::lifetime) fn set_state(&self, callee: Ref) -> Option<Ref> {
        let (made, part) = self.part_of_state(&self.project.place(callee))?;
        self.part_named(made, 0).filter(|_| part == 1)
    }

    /// Whether something is what sets a component's state, or a property that is named like a callback: `onMessage` of
    /// `({ onMessage }) => ...`.
    pub(in crate::lifetime) fn is_callback_of_component(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        if self.part_of_state(&place).is_some_and(|(_, part)| part == 1) {
            return true;
        }
        let name = self.project.last_name(at).unwrap_or_default();
        let mut beginnings = self.project.tables.conventions.callback_names.iter();
        self.is_property_of_component(&place)
            && beginnings.any(|begin| {
                let rest = name.strip_prefix(&**begin);
                rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
            })
    }

    /// Whether a place is a part of what a function is handed: a property, where that is a component.
    pub(in crate::lifetime) fn is_property_of_component(&self, place: &Place) -> bool {
        match place.root {
            Root::Value(from) => matches!(self.project.node(from), Node::ObjectPattern(_)),
            Root::Binding(file, b) => {
                !place.path.is_empty() && self.project.facts(file).binding(b).kind == BindingKind::Param
            }
            _ => false,
        }
    }

    /// Whether a place is the value of a component's state.
    pub(in crate::lifetime) fn is_state(&self, place: &Place) -> bool {
        self.part_of_state(place).is_some_and(|(_, part)| part == 0)
    }

    /// The call that makes a component's state, and which part of what it gives: the value (0), or what sets it (1).
    fn part_of_state(&self, place: &Place) -> Option<(Ref, usize)> {
        let (Root::Value(made), [Key::Name(part), ..]) = (&place.root, place.path.as_slice()) else {
            return None;
        };
        let hook = self.hook_called(*made)?;
        let is_state = self.project.tables.conventions.state_hooks.contains(&hook);
        is_state.then_some((*made, part.parse().ok()?))
    }
}
