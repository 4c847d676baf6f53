//! Lists whose class has a method to take out what another one adds, and that method leaves the element in.
//!
//! `addListener(l) { this.all.push(l) }`, and `removeListener(l) { l.active = false }`.

use crate::facts::{BindingKind, Node};
use crate::finding::Cause;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown, LEFTOVER};
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// The other half of the method that adds takes nothing out, and neither does any other code.
    pub(in crate::lifetime) fn left_by_other_half(&self, grown: &Grown) -> Option<Found> {
        let (owner, name, _) = self
            .project
            .method_around(grown.f)
            .filter(|(.., method)| *method == grown.f)?;
        let added = grown.growth.value.into_iter().chain(grown.growth.key);
        let given = added.filter_map(|at| self.added_parameter(at, grown.f)).next()?;
        let bare = name.trim_start_matches(['_', '#']);
        let half = self.other_halves(bare).into_iter().find_map(|half| {
            let sibling = name.replacen(bare, &half, 1);
            self.project.method(owner, &sibling)
        })?;
        let is_same = self.takes_the_same(half, &given);
        let is_left = !self.mentions(half, &grown.place) || self.only_adds(half, grown);
        (is_same && is_left && !self.only_throws(half)).then(|| {
            Found::by_release(
                LEFTOVER,
                Cause::NeverReleased,
                self.project.function_node(half),
                "this leaves it in",
            )
        })
    }

    /// `throw new Error('not implemented')` alone.
    fn only_throws(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        match facts.node(self.project.function(f).body) {
            Node::Block(list) => facts.list(list).all(|s| matches!(facts.node(s), Node::Throw(_))),
            _ => false,
        }
    }

    /// The name and the written type of the parameter that a method adds.
    fn added_parameter(&self, at: Ref, f: Func) -> Option<(&str, Option<&str>)> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let facts = self.project.facts(at.file);
        let binding = facts.binding(b);
        let is_given = binding.kind == BindingKind::Param && binding.function == f.function && binding.writes == 0;
        is_given.then(|| (facts.name(binding.name), binding.type_name.map(|t| facts.name(t))))
    }

    /// Whether a method is given such a thing as the other half adds: by the same name, or of the same type.
    fn takes_the_same(&self, half: Func, (name, kind): &(&str, Option<&str>)) -> bool {
        let facts = self.project.facts(half.file);
        let first = facts.item(self.project.function(half).params, 0).map(|p| facts.node(p));
        let Some(Node::Binding(b)) = first else {
            return false;
        };
        let binding = facts.binding(b);
        facts.name(binding.name) == *name || kind.is_some() && binding.type_name.map(|t| facts.name(t)) == *kind
    }

    /// Whether a method adds its own parameter to the list as well: `if (!list.includes(x)) list.push(x)`.
    fn only_adds(&self, half: Func, grown: &Grown) -> bool {
        let facts = self.project.facts(half.file);
        let grow = &self.project.tables.conventions.grow;
        self.project.calls_in(half).iter().any(|&node| {
            facts.method_call(node).is_some_and(|call| {
                let object = Ref {
                    file: half.file,
                    node: call.object,
                };
                let value = facts.item(call.args, 0).map(|node| Ref { node, ..object });
                grow.iter().any(|g| g == facts.name(call.method))
                    && self.narrowed_entry(half.file, node).is_none()
                    && value.is_some_and(|value| self.added_parameter(value, half).is_some())
                    && self.project.same_place(&self.project.place(object), &grown.place)
            })
        })
    }
}
