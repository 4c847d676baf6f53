//! Lists and objects that belong to other code: what is put in them is that code's to end.

use crate::facts::{CallKind, Node};
use crate::lifetime::Judge;
use crate::link::{Key, Place, Ref, Root};

impl Judge<'_> {
    /// Whether a list belongs to code that is not seen: a field that only a base class of a package can have, or a
    /// property of something handed in.
    pub(super) fn is_list_of_others(&self, place: &Place) -> bool {
        let is_others = match (&place.root, place.path.first()) {
            (Root::This(owner), Some(Key::Name(name))) => {
                let top = self.project.lineage(*owner).pop().unwrap_or(*owner);
                self.project.owner(top).superclass.is_some()
                    && self.project.member(*owner, name).is_none()
                    && self.project.field_definitions(*owner, name).is_empty()
            }
            (Root::Binding(..), Some(_)) => self.is_parameter(place),
            _ => false,
        };
        is_others || self.is_list_of_part(place)
    }

    /// Whether a list is reached through a field that holds what was handed in: `this.container.context.subscriptions`.
    fn is_list_of_part(&self, place: &Place) -> bool {
        let [first, _, ..] = place.path.as_slice() else {
            return false;
        };
        let field = Place {
            root: place.root.clone(),
            path: vec![first.clone()],
        };
        let is_made = |d: Ref| matches!(self.project.node(d), Node::Object(_) | Node::Call { .. });
        matches!(place.root, Root::This(_))
            && self.project.definitions(place).is_empty()
            && !self.project.definitions(&field).into_iter().any(is_made)
    }

    /// Whether an object is a field that another function fills, as `this.slot = this.register(new Slot())`: what is put
    /// into the object may be that function's to end.
    pub(super) fn is_held_by_others(&self, object: Ref) -> bool {
        let place = self.project.place(object);
        let (Root::This(owner), [Key::Name(name)]) = (&place.root, place.path.as_slice()) else {
            return false;
        };
        let is_call = |d: Ref| {
            matches!(
                self.project.node(d),
                Node::Call {
                    kind: CallKind::Call,
                    ..
                }
            )
        };
        self.project.field_definitions(*owner, name).into_iter().any(is_call)
    }
}
