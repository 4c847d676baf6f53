//! Effects that run again on what stays: each run adds one more listener to a node of the component, or to what is made
//! once for it.
//!
//! `useEffect(() => { box.current.addEventListener("scroll", () => tell(count)); }, [count]);`: after ten changes the box
//! has ten listeners. That the box goes with the component bounds them by the component's life only.

use crate::facts::{BindingKind, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Place, Ref, Root, Use};
use crate::tables::Every;

/// Through how many hooks a value that changes is looked for.
const MAX_HOOKS: u32 = 3;

/// Why an effect runs again.
enum Rerun {
    /// Whenever something changes.
    Changed(Ref),
    /// Each time the component is drawn.
    Drawn(Ref),
}

impl Judge<'_> {
    /// Evidence that each run of an effect adds a new function to a receiver that stays the same from run to run.
    pub(in crate::lifetime) fn added_by_each_effect(
        &self,
        a: &Acquisition,
        scope: &Scope,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let Scope::Effect { setup } = *scope else {
            return None;
        };
        let Kind::Pair { options: None, .. } = a.kind else {
            return None;
        };
        let target = self.adds_one_more(a)?;
        if self.project.function_at(a.at) != setup || self.project.tables.pairs[a.row()?].stream {
            return None;
        }
        let tests: Vec<Ref> = self.conditions_of(a.at).into_iter().map(|(test, _)| test).collect();
        let on = self.project.place(target);
        let (rerun, changed, text) = match self.why_again(setup, &on, &tests)? {
            Rerun::Changed(at) => (
                at,
                Some(at),
                "whenever this changes, the effect runs again and adds another one",
            ),
            Rerun::Drawn(at) => (at, None, "runs each time the component is drawn, and adds another one"),
        };
        if !self.stays_between_runs(target, &on, setup, changed) {
            return None;
        }
        let flow = self.flow(a.at);
        let is_kept = !flow.places.is_empty() || !flow.collections.is_empty() || !flow.passed.is_empty();
        (!is_kept && flow.returned.is_empty() && releases().is_empty()).then(|| {
            vec![Evidence {
                role: Role::Context,
                at: rerun,
                text: text.into(),
            }]
        })
    }

    /// Why an effect runs again without another receiver, and whatever the tests before say.
    fn why_again(&self, setup: Func, on: &Place, tests: &[Ref]) -> Option<Rerun> {
        let Some(list) = self.dependencies(setup) else {
            return self.has_no_list(setup).map(Rerun::Drawn);
        };
        let changed = list.into_iter().find(|&d| {
            self.changes(d, 0) && !self.stands_for_receiver(d, on) && !tests.iter().any(|t| self.is_read_in(d, *t))
        })?;
        Some(Rerun::Changed(changed))
    }

    /// The call that gives an effect nothing but its setup.
    fn has_no_list(&self, setup: Func) -> Option<Ref> {
        self.project.uses(setup).iter().find_map(|used| {
            let Use::Passed { call, arg: 0 } = used else {
                return None;
            };
            let (_, args) = self.callee_of(*call)?;
            // What each subscriber of a stream runs is no effect of a component.
            let (row, _) = self.project.context_of(*call, 0)?;
            let is_of_component = self.project.tables.contexts[row].every == Every::Mount;
            (args.len() == 1 && is_of_component && !self.is_of_mount(*call)).then_some(*call)
        })
    }

    /// Whether a dependency changes while its component lives: its state, a property of it that is no callback, or what a
    /// hook makes of such a thing.
    fn changes(&self, dependency: Ref, depth: u32) -> bool {
        if self.is_changing_property_or_state(dependency) {
            return true;
        }
        let Some(value) = self.project.value_of_place(&self.project.place(dependency)) else {
            return false;
        };
        let Node::Call { callee, .. } = self.project.node(value) else {
            return false;
        };
        if depth >= MAX_HOOKS {
            return false;
        }
        let conventions = &self.project.tables.conventions;
        if let Some(hook) = self.hook_called(value) {
            if conventions.value_hooks.contains(&hook) {
                return true;
            }
            if conventions.memo_hooks.contains(&hook) || conventions.callback_hooks.contains(&hook) {
                let made = self.memo_dependencies(value);
                return made.is_some_and(|list| list.into_iter().any(|d| self.changes(d, depth + 1)));
            }
        }
        // A hook of the project gives its own state.
        let callee = Ref { node: callee, ..value };
        let own = self.project.function_value(callee, 0);
        own.is_some_and(|f| {
            let given = self.project.returned_values(f);
            !given.is_empty() && given.into_iter().all(|v| self.is_state(&self.project.place(v)))
        })
    }

    /// What the value that a hook keeps is made of: the list after its function.
    fn memo_dependencies(&self, call: Ref) -> Option<Vec<Ref>> {
        let list = self.project.argument(call, 1)?;
        let Node::Array(items) = self.project.node(list) else {
            return None;
        };
        let facts = self.project.facts(list.file);
        Some(facts.list(items).map(|node| Ref { node, ..list }).collect())
    }

    /// Whether a dependency is the receiver, or what the receiver is a part of or comes from.
    fn stands_for_receiver(&self, dependency: Ref, on: &Place) -> bool {
        let place = self.project.place(dependency);
        place.root == on.root
    }

    /// Whether what a dependency names is read within a node.
    fn is_read_in(&self, dependency: Ref, within: Ref) -> bool {
        let place = self.project.place(dependency);
        let facts = self.project.facts(within.file);
        let mut stack = vec![within.node];
        while let Some(node) = stack.pop() {
            let is_name = matches!(facts.node(node), Node::Binding(_) | Node::Member { .. });
            if is_name
                && self
                    .project
                    .same_place(&self.project.place(Ref { node, ..within }), &place)
            {
                return true;
            }
            facts.children(node, |child| stack.push(child));
        }
        false
    }

    /// Whether an effect finds the same at a receiver at each run: what is made once for the component, or a node of it
    /// that the markup always has.
    fn stays_between_runs(&self, target: Ref, on: &Place, setup: Func, changed: Option<Ref>) -> bool {
        if self.is_reference_of_template(on) {
            return self.is_always_drawn(on);
        }
        let facts = self.project.facts(target.file);
        let Node::Binding(b) = facts.node(target.node) else {
            return false;
        };
        let binding = facts.binding(b);
        if binding.kind == BindingKind::Param {
            // Who hands it in may hand in another one with the property that changes.
            let is_own = |d: &Ref| self.is_state(&self.project.place(*d)) || !self.is_changing_property_or_state(*d);
            let is_same = changed.as_ref().is_none_or(is_own);
            return is_same && binding.writes == 0 && binding.function != setup.function;
        }
        let Some(made) = binding.init.filter(|_| binding.writes == 0) else {
            return false;
        };
        let made = Ref { node: made, ..target };
        let memo = &self.project.tables.conventions.memo_hooks;
        let is_kept = self.hook_called(made).is_some_and(|hook| memo.contains(&hook));
        let is_outside = !self.project.is_within(self.project.function_at(made), setup);
        is_kept && is_outside && self.memo_dependencies(made).is_some_and(|list| list.is_empty())
    }

    /// Whether the markup of a component gives a reference to one node that it draws under no condition, and the code puts
    /// nothing there itself.
    fn is_always_drawn(&self, on: &Place) -> bool {
        let Root::Binding(file, b) = on.root else { return false };
        let facts = self.project.facts(file);
        let is_of_component = |node| facts.enclosing_function(node) == facts.binding(b).function;
        let mut drawn = false;
        for node in facts.references_of(b) {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Property { key, value, .. } if value == node => {
                    let is_ref = facts.string(key).is_some_and(|k| self.project.is_node_attribute(k));
                    if !is_ref || drawn || !is_of_component(node) || !self.is_drawn_each_time(Ref { file, node: up }) {
                        return false;
                    }
                    drawn = true;
                }
                Node::Member { object, .. } if object == node && facts.is_written(up) => return false,
                _ => {}
            }
        }
        drawn
    }

    /// Whether an attribute stands in what its component always gives back, in an element of the page that is never
    /// another one. A component around it may draw it or not.
    fn is_drawn_each_time(&self, attribute: Ref) -> bool {
        let facts = self.project.facts(attribute.file);
        let is_key = |p: NodeId| matches!(facts.node(p), Node::Property { key, .. } if facts.string(key) == Some(KEY));
        for (up, depth) in facts.ancestors(attribute.node).zip(0..) {
            match facts.node(up) {
                Node::Jsx { tag, attributes, .. } => {
                    let is_of_page = depth == 0 || matches!(facts.node(tag), Node::Str(_) | Node::Empty);
                    if !is_of_page || facts.list(attributes).any(is_key) {
                        return false;
                    }
                }
                Node::Return(_) => return self.conditions_of(Ref { node: up, ..attribute }).is_empty(),
                Node::Function(_) => return true,
                _ => return false,
            }
        }
        false
    }
}

/// The attribute by which an element becomes another one.
const KEY: &str = "key";
