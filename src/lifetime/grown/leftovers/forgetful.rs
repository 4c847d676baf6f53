//! Undos that forget a part of what was added: some of its values are released, others stay.

use super::MAX_NODES;
use crate::facts::{BindingId, BindingKind, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, Grown, Growths, LEFTOVER};
use crate::lifetime::{Evidence, Judge};
use crate::link::{Func, Ref, Root};

impl Judge<'_> {
    /// Something that undoes what the function did is made there, uses what was added, and leaves it in.
    pub(super) fn undo_forgets(&self, grown: &Grown, growths: &Growths) -> Option<Found> {
        let undo = self.forgetful_undo(grown, growths)?;
        Some(Found {
            rule: LEFTOVER,
            cause: Cause::NeverReleased,
            evidence: vec![Evidence {
                role: Role::Release,
                at: self.project.function_node(undo),
                text: format!("undoes this and leaves it in `{}`", self.show_place(&grown.place)),
            }],
            tells: true,
        })
    }

    /// A function made where the growth is that ends what was added without taking it out.
    pub(super) fn forgetful_undo(&self, grown: &Grown, growths: &Growths) -> Option<Func> {
        let facts = self.project.facts(grown.f.file);
        let inner = self.project.functions_within(grown.f);
        let mut ends = inner
            .filter(|&f| {
                let node = facts.function(f.function).node;
                self.is_end_within(f, grown.f) && !facts.is_inside(grown.growth.at.node, node)
            })
            .peekable();
        // Most growths have none, and names are looked for among all growths.
        ends.peek()?;
        let names = self.names_of_added(grown, growths);
        if names.is_empty() {
            return None;
        }
        ends.find(|&f| self.releases_any(f, &names) && !self.mentions(f, &grown.place))
    }

    /// The variables of the activation that stand for what was added: the added value's own, and lists it is in.
    fn names_of_added(&self, grown: &Grown, growths: &Growths) -> Vec<BindingId> {
        let facts = self.project.facts(grown.f.file);
        let mut names = Vec::new();
        let Node::Call { args, .. } = facts.node(grown.growth.at.node) else {
            if let Some(value) = grown.growth.value {
                self.local_names(value, grown.f, &mut names);
            }
            return names;
        };
        for node in facts.list(args) {
            self.local_names(
                Ref {
                    file: grown.f.file,
                    node,
                },
                grown.f,
                &mut names,
            );
        }
        let lists: Vec<_> = growths
            .all
            .iter()
            .filter(|other| other.place != grown.place && self.same_thing(grown, other))
            .filter_map(|other| match other.place.root {
                Root::Binding(file, b) if file == grown.f.file && other.place.path.is_empty() => Some(b),
                _ => None,
            })
            .collect();
        names.extend(lists);
        names.extend(self.local_lists(grown));
        names
    }

    /// Local lists that get what the growth adds.
    fn local_lists(&self, grown: &Grown) -> Vec<BindingId> {
        let Some(value) = grown.growth.value else {
            return Vec::new();
        };
        let place = self.project.place(value);
        if matches!(place.root, Root::Value(_)) {
            return Vec::new();
        }
        let facts = self.project.facts(value.file);
        let grow = &self.project.tables.conventions.grow;
        self.project
            .calls_in(grown.f)
            .iter()
            .filter_map(|&call| {
                let Node::Call { callee, args, .. } = facts.node(call) else {
                    return None;
                };
                let Node::Member { object, property, .. } = facts.node(callee) else {
                    return None;
                };
                let Node::Binding(b) = facts.node(object) else {
                    return None;
                };
                let node = facts.item(args, 0)?;
                (grow.iter().any(|g| g == facts.name(property))
                    && facts.binding(b).function == grown.f.function
                    && self.project.place(Ref { file: value.file, node }) == place)
                    .then_some(b)
            })
            .collect()
    }

    /// Variables of a function's activation, or of those around it, that an expression names.
    fn local_names(&self, at: Ref, f: Func, out: &mut Vec<BindingId>) {
        let facts = self.project.facts(at.file);
        let mut stack = vec![at.node];
        for _ in 0..MAX_NODES {
            let Some(node) = stack.pop() else { return };
            match facts.node(node) {
                Node::Binding(b) => {
                    let binding = facts.binding(b);
                    if binding.function == f.function
                        && !matches!(binding.kind, BindingKind::Import | BindingKind::Function)
                        && !out.contains(&b)
                    {
                        out.push(b);
                    }
                }
                Node::Array(_) | Node::Object(_) | Node::Spread(_) => facts.children(node, |c| stack.push(c)),
                Node::Property { value, .. } => stack.push(value),
                _ => {}
            }
        }
    }

    /// Whether a function ends what one of these names stands for: calls it, or calls a release and uses it.
    fn releases_any(&self, f: Func, names: &[BindingId]) -> bool {
        let facts = self.project.facts(f.file);
        let function = facts.function(f.function);
        let used = |b: &&BindingId| function.captures.contains(b);
        names.iter().filter(used).any(|b| self.is_called(f, *b))
            || names.iter().any(|b| used(&b))
                && facts.calls.iter().any(|&node| {
                    facts.is_inside(node, function.node)
                        && matches!(facts.node(node), Node::Call { callee, .. }
                            if self.project.last_name(Ref { file: f.file, node: callee }).is_some_and(|n| self.is_removal_name(n))
                                && !self.is_method_of(Ref { file: f.file, node: callee }, names))
                })
    }

    /// A method of one of these: something is taken out of it, which does not end it.
    fn is_method_of(&self, callee: Ref, names: &[BindingId]) -> bool {
        let facts = self.project.facts(callee.file);
        match facts.node(callee.node) {
            Node::Member { object, property, .. } => {
                let method = facts.name(property);
                self.project.tables.conventions.take.iter().any(|t| t == method)
                    && matches!(facts.node(object), Node::Binding(b) if names.contains(&b))
            }
            _ => false,
        }
    }

    /// Whether a function calls what a name stands for, or each element of that.
    fn is_called(&self, f: Func, b: BindingId) -> bool {
        let facts = self.project.facts(f.file);
        let node = facts.function(f.function).node;
        facts.references_of(b).filter(|&r| facts.is_inside(r, node)).any(|r| {
            matches!(facts.node(facts.parent(r)), Node::Call { callee, .. } if callee == r)
                || self.calls_elements(Ref { file: f.file, node: r })
        })
    }

    /// `list.forEach((element) => element())`, `for (const element of list) element()`.
    fn calls_elements(&self, list: Ref) -> bool {
        let facts = self.project.facts(list.file);
        let called = |b: BindingId| {
            facts
                .references_of(b)
                .any(|r| matches!(facts.node(facts.parent(r)), Node::Call { callee, .. } if callee == r))
        };
        let named = |node: NodeId| match facts.node(node) {
            Node::Binding(b) => called(b),
            _ => false,
        };
        let up = facts.parent(list.node);
        match facts.node(up) {
            Node::Loop { parts, .. } if facts.item(parts, 1) == Some(list.node) => {
                facts.item(parts, 0).is_some_and(|target| match facts.node(target) {
                    Node::Declare { target, .. } => named(target),
                    _ => named(target),
                })
            }
            Node::Member { object, .. } if object == list.node => {
                let Some(call) = facts.method_call(facts.parent(up)) else {
                    return false;
                };
                let callback = facts.item(call.args, 0).map(|node| Ref { file: list.file, node });
                let Some(f) = callback.and_then(|c| self.project.function_value(c, 0)) else {
                    return false;
                };
                let there = self.project.function(f);
                f.file == list.file && call.object == list.node && facts.item(there.params, 0).is_some_and(named)
            }
            _ => false,
        }
    }
}
