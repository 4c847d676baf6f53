//! Slots that are forgotten where another reference to the same thing is let go: one of two variables is emptied, or one of
//! two objects that know each other.

use crate::facts::{Assignment, BindingKind, FunctionId, Node, NodeId};
use crate::finding::{Confidence, Role};
use crate::lifetime::{Evidence, Judge, Verdict};
use crate::link::{Func, Key, Place, Ref, Repetition, Root};

/// How many writes of a file are looked at for another reference to what a slot holds.
const MAX_WRITES: usize = 2_000;

/// What is let go elsewhere, while the slot keeps its reference.
struct LetGo {
    /// Where.
    at: Ref,
    text: String,
    /// The variable that had the other reference.
    other: Option<Place>,
}

impl Judge<'_> {
    /// The verdict on a slot of the module that gets an object handed in, if the code lets go of another reference to it
    /// and never of this one.
    pub(in crate::lifetime) fn judge_forgotten_slot(&self, at: Ref, place: &Place, value: Ref) -> Option<Verdict> {
        if !self.is_slot(place) || !self.is_parameter_part(value) {
            return None;
        }
        let f = self.project.function_at(at);
        let let_go = self
            .other_variable(place, value)
            .or_else(|| self.other_side(at, place, value))?;
        if let Some(emptied) = self.emptied_anywhere(place) {
            return Some(Verdict::released("it is emptied again", Some(emptied)));
        }
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(at, f, &scope);
        if matches!(repetition, Repetition::Once) || !self.is_object(place, let_go.other.as_ref()) {
            return None;
        }
        let told = Evidence {
            role: Role::Release,
            at: let_go.at,
            text: let_go.text,
        };
        Some(self.slot_leak(
            place,
            "process",
            Confidence::Medium,
            self.emptying(place),
            Some(told),
            (at, &repetition),
        ))
    }

    /// A variable of the module that is written again, or a field of an object of the module.
    fn is_slot(&self, place: &Place) -> bool {
        if self.is_scratch(place) {
            return true;
        }
        let (Root::Binding(file, b), [Key::Name(_)]) = (&place.root, place.path.as_slice()) else {
            return false;
        };
        let facts = self.project.facts(*file);
        let binding = facts.binding(*b);
        binding.function == FunctionId::MODULE
            && binding.kind == BindingKind::Const
            && binding
                .init
                .is_some_and(|init| matches!(facts.node(init), Node::Object(_)))
    }

    /// A parameter, or a part of one.
    fn is_parameter_part(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        match facts.node(value.node) {
            Node::Binding(b) => facts.binding(b).kind == BindingKind::Param,
            _ => false,
        }
    }

    /// Another variable of the module gets the same thing, and is emptied.
    fn other_variable(&self, place: &Place, value: Ref) -> Option<LetGo> {
        let facts = self.project.facts(value.file);
        let here = |node| Ref { file: value.file, node };
        let f = self.project.function_at(value);
        facts.assignments().take(MAX_WRITES).find_map(
            |Assignment {
                 at,
                 target,
                 value: given,
             }| {
                let other = self.project.place(here(target));
                let taken = self.project.place(here(given));
                let in_f = || self.project.function_at(here(at)) == f;
                let same = self.project.same_place(&taken, place)
                    || in_f() && self.project.same_place(&taken, &self.project.place(value));
                if !same || !self.is_scratch(&other) || self.project.same_place(&other, place) {
                    return None;
                }
                let emptied = self.nulled_anywhere(&other)?;
                Some(LetGo {
                    at: emptied,
                    text: format!(
                        "lets go of it in `{}`; `{}` keeps it",
                        self.show_place(&other),
                        self.show_place(place)
                    ),
                    other: Some(other),
                })
            },
        )
    }

    /// `value.part = it` beside the slot's own assignment, and `slot.part = null` elsewhere.
    fn other_side(&self, at: Ref, place: &Place, value: Ref) -> Option<LetGo> {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        let part_of = |node: NodeId| match facts.node(node) {
            Node::Member { object, property, .. } => Some((object, property)),
            _ => None,
        };
        let is = |node: NodeId, wanted: &Place| {
            self.project
                .same_place(&self.project.place(Ref { file: at.file, node }), wanted)
        };
        let given = self.project.place(value);
        let parts: Vec<_> = facts
            .assignments()
            .filter(|a| self.in_function(at, a.at, f) && !facts.node(a.value).is_nullish())
            .filter_map(|a| part_of(a.target))
            .filter(|&(object, _)| is(object, &given))
            .map(|(_, property)| property)
            .collect();
        let cut = facts.assignments().find(|a| {
            !self.in_function(at, a.at, f)
                && facts.node(a.value).is_nullish()
                && part_of(a.target).is_some_and(|(object, property)| parts.contains(&property) && is(object, place))
        })?;
        Some(LetGo {
            at: Ref { node: cut.at, ..at },
            text: format!("the object lets go here; `{}` keeps the object", self.show_place(place)),
            other: None,
        })
    }

    fn in_function(&self, at: Ref, node: NodeId, f: Func) -> bool {
        self.project.function_at(Ref { node, ..at }) == f
    }

    /// Where a variable is set to nothing.
    fn nulled_anywhere(&self, place: &Place) -> Option<Ref> {
        let Root::Binding(file, _) = place.root else {
            return None;
        };
        let facts = self.project.facts(file);
        let found = facts.assignments().find(|a| {
            let target = self.project.place(Ref { file, node: a.target });
            facts.node(facts.assigned(a.value)).is_nullish()
                && facts.enclosing_function(a.at) != FunctionId::MODULE
                && self.project.same_place(&target, place)
        })?;
        Some(Ref { file, node: found.at })
    }

    /// Whether the code uses what a slot holds as an object: asks for a part of it, or whether a node contains it.
    fn is_object(&self, place: &Place, other: Option<&Place>) -> bool {
        let Root::Binding(file, _) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        let has_parts = |at: Ref| {
            let up = facts.parent(at.node);
            matches!(facts.node(up), Node::Member { object, .. } if object == at.node)
        };
        let given = facts.assignments().filter_map(|a| {
            let target = Ref { file, node: a.target };
            let from = Ref { file, node: a.value };
            let is_it = |at| self.project.same_place(&self.project.place(at), place);
            // What gets it, or what it gets, is the same object.
            match (is_it(target), is_it(from)) {
                (true, false) => Some(self.project.place(from)),
                (false, true) => Some(self.project.place(target)),
                _ => None,
            }
        });
        let names: Vec<Place> = std::iter::once(place).chain(other).cloned().chain(given).collect();
        names.iter().any(|name| {
            let references = self.references_in(name, file);
            references
                .into_iter()
                .any(|at| has_parts(at) || self.is_asked_of_a_node(at))
        })
    }

    /// `element.contains(node)`.
    fn is_asked_of_a_node(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let asks = &self.project.tables.conventions.node_asks;
        facts
            .method_call(facts.parent(at.node))
            .is_some_and(|call| asks.iter().any(|a| a == facts.name(call.method)) && call.object != at.node)
    }
}
