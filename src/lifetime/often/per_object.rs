//! What happens at most once for each object, however often its code runs: under a mark of the object, or with the same
//! function each time, which the target keeps once.

use crate::facts::{MemberKind, Node};
use crate::lifetime::often::guards::Guard;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Func, Key, Life, OwnerId, OwnerKind, Ref, Repetition, Root};
use crate::tables::{Every, PairRow};

impl Judge<'_> {
    /// How often an acquisition happens, if that is no more than once for each object.
    pub(in crate::lifetime) fn at_most_per_object(
        &self,
        a: &Acquisition,
        row: &PairRow,
        found: Repetition,
    ) -> Repetition {
        let Repetition::Repeated { every, .. } = found else {
            return found;
        };
        if matches!(every, Every::Mount | Every::Instance) {
            return found;
        }
        let owner = self.marked_by_object(a.at).or_else(|| self.registered_once_by(a, row));
        let owner = owner.filter(|owner| !self.is_handed_to_call(*owner));
        owner.map_or(found, |owner| self.project.instances_of(owner))
    }

    /// The object that has a mark which lets code run once.
    fn marked_by_object(&self, at: Ref) -> Option<OwnerId> {
        let Guard::Mark(place, _) = self.guard_of(at)? else {
            return None;
        };
        match (&place.root, &place.path[..]) {
            (Root::This(owner), [Key::Name(_)]) => Some(*owner),
            _ => None,
        }
    }

    /// The object whose one function is added to the page: `document.addEventListener('click', this.close)`.
    fn registered_once_by(&self, a: &Acquisition, row: &PairRow) -> Option<OwnerId> {
        // A helper may wrap the function in another one.
        let Kind::Pair { via: None, .. } = a.kind else {
            return None;
        };
        let (target, handler) = a.registration()?;
        let place = self.project.place(handler);
        let (Root::This(owner), [Key::Name(name)]) = (&place.root, &place.path[..]) else {
            return None;
        };
        let is_of_page = self.project.life_of(&self.project.place(target)) == Life::Process;
        let is_one_event = a.key().is_none_or(|key| self.project.constant_text(key, 0).is_some());
        (row.idempotent && is_of_page && is_one_event && self.is_one_function_of(*owner, name)).then_some(*owner)
    }

    fn is_method(&self, f: Func) -> bool {
        let around = self.project.method_around(f);
        around.is_some_and(|(.., method)| method == f)
    }

    /// Whether a member is one function for as long as its object: a method, or a field that is filled as it is made.
    fn is_one_function_of(&self, owner: OwnerId, name: &str) -> bool {
        let mut values = self.project.field_definitions(owner, name);
        values.retain(|value| !matches!(self.project.node(*value), Node::Function(f) if self.is_method(Func { file: value.file, function: f })));
        match (self.project.member(owner, name), &values[..]) {
            (Some((_, member)), []) => {
                let is_getter = matches!(member.kind, MemberKind::Getter | MemberKind::Setter);
                member.function.is_some() && !is_getter
            }
            (_, [only]) => {
                let is_function = matches!(self.project.node(*only), Node::Function(_) | Node::Call { .. });
                let f = self.project.function_at(*only);
                let is_made_with = match self.project.owner(owner).kind {
                    OwnerKind::Class(_) => {
                        let around = self.project.method_around(f);
                        around.is_none_or(|(_, method, g)| g == f && method == "constructor")
                    }
                    OwnerKind::Object(_) | OwnerKind::Constructor(_) => self.project.constructor(owner) == Some(f),
                };
                is_function && is_made_with
            }
            _ => false,
        }
    }
}
