//! Receivers that are kept in a table: who listens to a part of an object has to leave that part, not the object.

use crate::facts::{BindingKind, Node};
use crate::lifetime::Judge;
use crate::link::{Func, Key, Place, Ref, Root};

impl Judge<'_> {
    /// Whether a receiver is the object whose part is the target: the code that registers on `room.state` has put
    /// `room` into `this.rooms`, and the receiver is an element of that.
    pub(in crate::lifetime) fn is_whole_of(&self, target: &Place, receiver: Ref) -> bool {
        let Root::Binding(file, b) = target.root else {
            return false;
        };
        let facts = self.project.facts(file);
        let is_part = target.path.iter().all(|key| matches!(key, Key::Name(_))) && !target.path.is_empty();
        if !is_part || facts.binding(b).kind != BindingKind::Param {
            return false;
        }
        let element_of = |place: &Place| match place.path.last() {
            Some(Key::Dynamic(_)) => place.parent(),
            _ => None,
        };
        let names = self.names_of_object(&self.project.place(receiver));
        let tables: Vec<Place> = names.iter().filter_map(element_of).collect();
        if tables.is_empty() {
            return false;
        }
        let f = Func {
            file,
            function: facts.binding(b).function,
        };
        self.project.writes_in(f).iter().any(|&write| {
            let Node::Assign { target, value, .. } = facts.node(write) else {
                return false;
            };
            facts.node(value) == Node::Binding(b)
                && element_of(&self.project.place(Ref { file, node: target }))
                    .is_some_and(|put| tables.iter().any(|table| self.project.same_place(table, &put)))
        })
    }
}
