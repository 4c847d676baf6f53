//! Rosters: objects that put themselves in a list of their module when they are made.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::Grown;
use crate::link::{OwnerId, Ref, Root};

impl Judge<'_> {
    /// Whether an object adds itself in its constructor, and has a method that ends it. Its author means the objects to
    /// come to an end; that the list keeps them was forgotten.
    pub(in crate::lifetime) fn lists_itself(&self, grown: &Grown) -> bool {
        let is_this = |at: Ref| matches!(self.project.node(at), Node::This);
        let itself = grown.growth.value.into_iter().chain(grown.growth.key).any(is_this) || self.is_own_entry(grown);
        let Some((owner, "constructor", method)) = self.project.method_around(grown.f) else {
            return false;
        };
        // A list of its own goes with it.
        let is_own = matches!(grown.place.root, Root::This(_)) && grown.place.path.len() == 1;
        itself && !is_own && method == grown.f && self.has_end(owner)
    }

    /// `PRIVATE[this.id] = {}`: an object of its own, under what tells one object from another.
    fn is_own_entry(&self, grown: &Grown) -> bool {
        let is_field_of_this = |key: Ref| match self.project.node(key) {
            Node::Member { object, .. } => self.project.node(Ref { node: object, ..key }) == Node::This,
            _ => false,
        };
        let is_made = |value: Ref| matches!(self.project.node(value), Node::Object(_) | Node::Array(_));
        grown.growth.key.is_some_and(is_field_of_this) && grown.growth.value.is_some_and(is_made)
    }

    /// Whether a class has a method that ends its objects and means nothing less.
    fn has_end(&self, owner: OwnerId) -> bool {
        let ends = &self.project.tables.conventions.end;
        ends.iter().any(|end| self.project.method(owner, end).is_some())
    }
}
