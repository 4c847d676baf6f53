//! Slots: fields whose object is replaced by a method that registers on each new one.
//!
//! `set model(model) { this.model = model; model.on('change', this.draw) }` has two ends to think of: the one before
//! has to be left when another one comes, and the last one when the owner ends.

use crate::facts::{AssignOp, BindingKind, MemberKind, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Key, OwnerId, Place, Ref, Root};

/// A field, or an entry of one, and where it gets the target of an acquisition.
struct Slot {
    place: Place,
    /// The parameter it gets.
    given: Place,
    assigned: Ref,
}

impl Judge<'_> {
    /// Why an object that is replaced, or that stays after its owner's end, keeps what was registered on it.
    pub(in crate::lifetime) fn left_in_slot(
        &self,
        a: &Acquisition,
        scope: &Scope,
        releases: &[Release],
    ) -> Option<(Cause, Vec<Evidence>)> {
        let (
            Kind::Pair {
                target: Some(target),
                row,
                ..
            },
            Scope::Owner { owner, method },
        ) = (&a.kind, scope)
        else {
            return None;
        };
        if !self.project.tables.pairs[*row].release_is_on_target() && !self.is_undo_in_field(a) {
            return None;
        }
        let f = self.project.function_at(a.at);
        let right: Vec<Ref> = releases.iter().filter(|r| r.wrong.is_none()).map(|r| r.at).collect();
        if method == "constructor" || right.is_empty() || !self.is_replacing(*owner, method, f) {
            return None;
        }
        let slot = self.slot_of(f, *target)?;
        let in_f = |at: &Ref| self.project.function_at(*at) == f;
        let frees = self.project.reach(&[f]);
        if right
            .iter()
            .any(|at| !in_f(at) && frees.contains(&self.project.function_at(*at)))
        {
            return None;
        }
        let before: Vec<Ref> = right.iter().copied().filter(|at| in_f(at)).collect();
        if before.iter().any(|at| !self.is_before(*at, a.at)) {
            return None;
        }
        // An undo goes with what it was given by, whatever is in the field.
        if !self.project.tables.pairs[*row].release_is_on_target() {
            return before
                .is_empty()
                .then(|| self.left_when_replaced(&slot, &right, &before))?;
        }
        match before.iter().find(|at| !self.is_released_from(**at, &slot.given)) {
            None => self.left_when_replaced(&slot, &right, &before),
            Some(freed) if before.len() == right.len() => self.left_at_the_end(a, *owner, f, *freed),
            Some(_) => None,
        }
    }

    /// `this.listening = model.onDidChange(draw)`: the handle is in a field, and nowhere else.
    fn is_undo_in_field(&self, a: &Acquisition) -> bool {
        let facts = self.project.facts(a.at.file);
        let to = match facts.node(facts.parent(a.at.node)) {
            Node::Assign { target, value, .. } if value == a.at.node => target,
            _ => return false,
        };
        let place = self.project.place(Ref { node: to, ..a.at });
        matches!(place.root, Root::This(_)) && matches!(place.path[..], [Key::Name(_)])
    }

    /// A setter, or a method named like one: the field gets another object each time.
    fn is_replacing(&self, owner: OwnerId, method: &str, f: Func) -> bool {
        let named_set = method
            .trim_start_matches('_')
            .strip_prefix("set")
            .is_some_and(|rest| rest.starts_with(char::is_uppercase));
        let members = self.project.owner(owner).members.iter();
        let mut setters = members.filter(|m| m.kind == MemberKind::Setter);
        named_set || setters.any(|m| m.function == Some(f.function) && owner.file == f.file)
    }

    /// The field that a function puts a target into, where the target is what the function was given.
    fn slot_of(&self, f: Func, target: Ref) -> Option<Slot> {
        let facts = self.project.facts(f.file);
        let wanted = self.project.place(target);
        let given = |place: &Place| self.is_given_here(place, f);
        self.project.writes_in(f).iter().find_map(|&write| {
            let Node::Assign {
                target: to,
                value,
                op: AssignOp::Set,
            } = facts.node(write)
            else {
                return None;
            };
            let place = self.project.place(Ref { file: f.file, node: to });
            let value = self.project.place(Ref {
                file: f.file,
                node: value,
            });
            let is_field = matches!(place.root, Root::This(_)) && matches!(place.path.len(), 1 | 2);
            let named = place.path.len() == 1 || matches!(place.path.last(), Some(Key::Dynamic(_)));
            let is_it = self.project.same_place(&value, &wanted) || self.project.same_place(&place, &wanted);
            (is_field && named && is_it && given(&value)).then_some(Slot {
                place,
                given: value,
                assigned: Ref {
                    file: f.file,
                    node: write,
                },
            })
        })
    }

    /// Whether a place is a parameter of a function.
    pub(in crate::lifetime) fn is_given_here(&self, place: &Place, f: Func) -> bool {
        match place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(file).binding(b);
                place.path.is_empty()
                    && file == f.file
                    && binding.kind == BindingKind::Param
                    && binding.function == f.function
            }
            _ => false,
        }
    }

    /// Whether a release takes off what is registered on the object that a place names.
    fn is_released_from(&self, release: Ref, place: &Place) -> bool {
        let facts = self.project.facts(release.file);
        let Node::Call { callee, .. } = facts.node(release.node) else {
            return false;
        };
        let Node::Member { object, .. } = facts.node(callee) else {
            return false;
        };
        let from = self.project.place(Ref {
            node: object,
            ..release
        });
        self.project.same_place(&from, place)
    }

    /// The object before keeps it: only the end of the owner takes it off, from the last one.
    fn left_when_replaced(&self, slot: &Slot, right: &[Ref], before: &[Ref]) -> Option<(Cause, Vec<Evidence>)> {
        let at = *right.iter().find(|at| !before.contains(at))?;
        // What comes later than the assignment, or looks at the field before it, may let go in another way.
        let is_asked = self
            .references_in(&slot.place, slot.assigned.file)
            .into_iter()
            .any(|read| {
                let facts = self.project.facts(read.file);
                self.project.function_at(read) == self.project.function_at(slot.assigned)
                    && !facts.is_written(read.node)
                    && self.is_before(read, slot.assigned)
                    && !self.is_compared(read)
            });
        (!is_asked).then(|| {
            let replaced = Evidence {
                role: Role::Flow,
                at: slot.assigned,
                text: "the object before is replaced here, and keeps it".into(),
            };
            let released = Evidence {
                role: Role::Release,
                at,
                text: "takes it off the last one only".into(),
            };
            (Cause::HandleLost, vec![replaced, released])
        })
    }

    /// `this.model === model`, `this.model !== model`
    fn is_compared(&self, read: Ref) -> bool {
        let facts = self.project.facts(read.file);
        matches!(facts.node(facts.parent(read.node)), Node::Binary { .. })
    }

    /// The object that comes last keeps it: the end of the owner does not take it off.
    fn left_at_the_end(&self, a: &Acquisition, owner: OwnerId, f: Func, freed: Ref) -> Option<(Cause, Vec<Evidence>)> {
        let ends = &self.project.tables.conventions.end;
        let (teardowns, by_framework) = self.teardowns(owner);
        let end = teardowns.iter().copied().find(|&t| {
            let around = self.project.method_around(t);
            // What a base class does at its end, it does for others.
            let own_end = around.is_some_and(|(o, name, _)| o == owner && ends.iter().any(|e| e == name));
            by_framework || own_end
        })?;
        let reach = self.project.reach(&teardowns);
        if reach.contains(&f) || self.sets_again(owner, f, &reach) {
            return None;
        }
        let target = a.target()?;
        if self.ends_target(a, target).is_some() {
            return None;
        }
        let before = Evidence {
            role: Role::Release,
            at: freed,
            text: "takes it off the one before only".into(),
        };
        let missed = Evidence {
            role: Role::Release,
            at: self.project.function_node(end),
            text: "leaves it on the last one".into(),
        };
        Some((Cause::NotOnTeardown, vec![before, missed]))
    }

    /// Whether a setter is run by an assignment in one of some functions: `this.model = null`.
    fn sets_again(&self, owner: OwnerId, setter: Func, functions: &rustc_hash::FxHashSet<Func>) -> bool {
        let Some((_, name, _)) = self.project.method_around(setter) else {
            return false;
        };
        let files = self.project.lineage(owner).into_iter().map(|o| o.file);
        files.into_iter().any(|file| {
            let writes: &[NodeId] = self.project.writes_to(file, name);
            let at = |&node: &NodeId| functions.contains(&self.project.function_at(Ref { file, node }));
            writes.iter().any(at)
        })
    }
}
