//! Slots of the module that keep the last one of what comes and goes: an event, the node it came to, an object that has
//! ended.

use crate::facts::{BinaryOp, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::{Evidence, Judge, Verdict};
use crate::link::{Key, Life, OwnerId, Place, Ref, Repetition, Root};

impl Judge<'_> {
    /// The verdict on what a slot keeps of the last event, or on the last object that was put there: with the rule and
    /// what is kept.
    pub(in crate::lifetime) fn judge_last_one(
        &self,
        at: Ref,
        place: &Place,
        value: Ref,
    ) -> Option<(&'static str, &'static str, Verdict)> {
        if self.is_scratch(place)
            && let Some((rule, what)) = self.of_an_event(value)
        {
            let verdict = self.judge_parking(at, place, self.emptying(place));
            return Some((rule, what, at_most_medium(verdict)));
        }
        let verdict = self.judge_last_object(at, place, value)?;
        Some(("accidental-global", "object", verdict))
    }

    /// An event of the page, or a node that it came to.
    fn of_an_event(&self, value: Ref) -> Option<(&'static str, &'static str)> {
        let nodes_of = |t| self.project.tables.type_row(t).nodes.as_slice();
        if let Some(t) = self.project.type_of(value) {
            return (!nodes_of(t).is_empty()).then_some(("accidental-global", "event"));
        }
        let place = self.project.place(value);
        let event = self.project.type_of_place(&place.parent()?, 0)?;
        let member = place.last()?;
        nodes_of(event)
            .iter()
            .any(|n| n == member)
            .then_some(("detached-node", "node"))
    }

    /// `manager.current = this`, of objects that have an end which leaves it there.
    fn judge_last_object(&self, at: Ref, place: &Place, value: Ref) -> Option<Verdict> {
        let given = self.project.place(value);
        let Root::This(owner) = given.root else { return None };
        if !given.path.is_empty() || !self.is_shared_slot(place) || self.is_singleton(owner) {
            return None;
        }
        let (teardowns, by_framework) = self.teardowns(owner);
        let end = *teardowns.iter().find(|f| by_framework || self.ends_its_object(**f))?;
        // The one object of a class makes itself known so.
        let instances = self.project.instances_of(owner);
        let before = match instances {
            Repetition::Repeated { .. } => None,
            Repetition::Unknown => Some(self.takes_over(at, place)?),
            Repetition::Once => return None,
        };
        let emptied = self.emptyings(place);
        if let Some(at) = self.set_to_another(owner, place, &given) {
            return Some(Verdict::released("it is emptied again", Some(at)));
        }
        if let Some(at) = emptied.iter().find(|at| !self.is_passed_by_end(owner, **at)) {
            return Some(Verdict::released("it is emptied again", Some(*at)));
        }
        let told = match emptied.first() {
            Some(at) => Evidence {
                role: Role::Release,
                at: *at,
                text: "the end of the object may come before this, and does not reach it".into(),
            },
            None => Evidence {
                role: Role::Release,
                at: self.project.function_node(end),
                text: "ends the object and leaves it there".into(),
            },
        };
        let mut verdict = self.slot_leak(
            place,
            "process",
            Confidence::Medium,
            self.emptying(place),
            Some(told),
            (at, &instances),
        );
        if let Verdict::Leak(leak) = &mut verdict {
            leak.evidence.extend(before);
            if !emptied.is_empty() {
                leak.cause = Cause::NotOnTeardown;
            }
        }
        Some(verdict)
    }

    /// Evidence that an object puts itself in the place of another one of its kind: `current.close(); current = this`,
    /// `if (current !== this)`. So there are several.
    fn takes_over(&self, at: Ref, place: &Place) -> Option<Evidence> {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        let is_this = |node| facts.node(node) == Node::This;
        let tells_of_another = |read: &Ref| {
            let up = facts.parent(read.node);
            match facts.node(up) {
                Node::Member { object, .. } => {
                    object == read.node
                        && matches!(facts.node(facts.parent(up)), Node::Call { callee, .. } if callee == up)
                }
                Node::Binary {
                    left,
                    right,
                    op: BinaryOp::Eq | BinaryOp::Ne,
                } => is_this(left) || is_this(right),
                _ => false,
            }
        };
        let reads = self.references_in(place, at.file).into_iter();
        let mut before = reads.filter(|read| read.node < at.node && self.project.function_at(*read) == f);
        let told = before.find(tells_of_another)?;
        Some(Evidence {
            role: Role::Context,
            at: told,
            text: "another object was there before".into(),
        })
    }

    /// A variable of the module, a static field, or a named part of an object that lives as long. What stands on the
    /// global object itself is there to be found.
    fn is_shared_slot(&self, place: &Place) -> bool {
        let is_named = place.path.iter().all(|key| matches!(key, Key::Name(_)));
        let is_of_object = match place.root {
            Root::This(_) => false,
            Root::Global => place.path.len() > 1,
            _ => !place.path.is_empty(),
        };
        is_named && (self.is_scratch(place) || is_of_object) && matches!(self.project.life_of(place), Life::Process)
    }

    /// Another method of the objects that puts something else there.
    fn set_to_another(&self, owner: OwnerId, place: &Place, this: &Place) -> Option<Ref> {
        let facts = self.project.facts(owner.file);
        let here = |node| Ref { file: owner.file, node };
        facts
            .assignments()
            .find(|a| {
                self.project.same_place(&self.project.place(here(a.target)), place)
                    && !self.project.same_place(&self.project.place(here(a.value)), this)
                    && !self.project.node(here(a.value)).is_unset()
                    && self
                        .project
                        .method_around(self.project.function_at(here(a.at)))
                        .is_some()
            })
            .map(|a| here(a.at))
    }
}
