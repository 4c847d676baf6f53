//! Objects of the module that hold the nodes they were given last: a range that is made once and set anew for each node.

use crate::facts::{BindingKind, Node, NodeId};
use crate::finding::{Confidence, Role};
use crate::lifetime::{Evidence, Judge, Verdict};
use crate::link::{Place, Ref, Repetition};

impl Judge<'_> {
    /// The verdict on a variable of the module that keeps an object for good, where the object is told to hold a node that
    /// is handed in.
    pub(in crate::lifetime) fn judge_positioned(&self, at: Ref, place: &Place, value: Ref) -> Option<Verdict> {
        let holds = &self.project.tables.type_row(self.project.type_of(value)?).holds;
        let told = self.told_to_hold(at, place, holds).filter(|_| !holds.is_empty())?;
        let f = self.project.function_at(at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(at, f, &scope);
        if matches!(repetition, Repetition::Once) {
            return None;
        }
        if let Some(emptied) = self.emptied_anywhere(place) {
            return Some(Verdict::released("it is emptied again", Some(emptied)));
        }
        let told = Evidence {
            role: Role::Captured,
            at: told,
            text: "holds this node until it gets another one".into(),
        };
        Some(self.slot_leak(
            place,
            "page",
            Confidence::Medium,
            self.emptying(place),
            Some(told),
            (at, &repetition),
        ))
    }

    /// The parameter that a method call on the object in a slot is given: by the slot's name, or by that of a variable that
    /// gets it where the slot does.
    fn told_to_hold(&self, at: Ref, place: &Place, holds: &[String]) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        let is_param = |node: &NodeId| match facts.node(*node) {
            Node::Binding(b) => facts.binding(b).kind == BindingKind::Param,
            _ => false,
        };
        let is_it = |node: NodeId| match facts.node(node) {
            Node::Binding(b) if facts.binding(b).init.is_some_and(|init| facts.is_inside(at.node, init)) => true,
            _ => self.project.same_place(&self.project.place(Ref { node, ..at }), place),
        };
        facts
            .method_calls()
            .filter(|call| holds.iter().any(|h| h == facts.name(call.method)) && is_it(call.object))
            .find_map(|call| facts.list(call.args).find(is_param))
            .map(|node| Ref { node, ..at })
    }
}
