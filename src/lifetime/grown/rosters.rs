//! Rosters: objects that put themselves in a list of their module when they are made, or hand themselves to code that
//! lists them.

use crate::facts::{BindingKind, CallKind, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown};
use crate::lifetime::held::holding::Holder;
use crate::lifetime::{Evidence, Judge};
use crate::link::{OwnerId, Ref, Repetition, Root};

/// Through how many functions an object is followed to who hands it in.
const MAX_HANDED_ON: u32 = 3;

/// At how many callers of one function is looked.
const MAX_CALLERS: usize = 16;

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
    /// A list that outlives them gets objects with an end of their own, from themselves, and nothing takes one out.
    pub(in crate::lifetime) fn lists_what_ends(&self, grown: &Grown) -> Option<Found> {
        let at = self.instance_handed_in(grown)?;
        Some(Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: vec![Evidence {
                role: Role::Flow,
                at,
                text: "this object has an end, which leaves it there".into(),
            }],
            tells: true,
        })
    }

    /// Where an object with an end hands itself to the function that adds it to what there is once in the program.
    pub(in crate::lifetime) fn instance_handed_in(&self, grown: &Grown) -> Option<Ref> {
        let is_lasting = match grown.holder {
            Holder::Process => true,
            Holder::Field(owner) => matches!(self.project.instances_of(owner), Repetition::Once),
            Holder::Closure(_) => false,
        };
        if !is_lasting {
            return None;
        }
        let added = grown.growth.key.into_iter().chain(grown.growth.value);
        added.flat_map(|at| self.parts_of_literal(at)).find_map(|at| {
            let of_caller = self.handed_by(at, 0);
            of_caller.or_else(|| self.puts_itself_in(at).or_else(|| self.made_for_caller(grown, at)))
        })
    }

    /// `list.push(this)` in any method of what comes and goes.
    fn puts_itself_in(&self, at: Ref) -> Option<Ref> {
        match self.project.place(at) {
            place if !place.path.is_empty() => None,
            place => match place.root {
                Root::This(owner) => self.comes_and_goes(owner, at).then_some(at),
                _ => None,
            },
        }
    }

    /// `const thing = new Thing(); list.push(thing); return thing;`: who gets it ends it one day.
    fn made_for_caller(&self, grown: &Grown, at: Ref) -> Option<Ref> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let binding = self.project.facts(at.file).binding(b);
        let place = self.project.place(at);
        let set = self.set_within(at, &place);
        let made = match (binding.init, set.as_deref()) {
            (Some(node), _) if binding.writes == 0 => Ref { node, ..at },
            (_, Some([only])) => *only,
            _ => return None,
        };
        let is_new = matches!(
            self.project.node(made),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        );
        if !is_new || binding.function != grown.f.function || binding.in_loop {
            return None;
        }
        let child = self.project.owner_of_object(made, 0)?;
        let is_it = |v: &Ref| self.project.place(*v) == place;
        let given = self.project.returned_values(grown.f).iter().any(is_it);
        (given && !self.final_methods(child).is_empty() && self.comes_and_goes(child, at)).then_some(made)
    }

    /// What an object or an array that is written down has in it, or else the value itself.
    fn parts_of_literal(&self, at: Ref) -> Vec<Ref> {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { node, ..at };
        match facts.node(at.node) {
            Node::Array(items) => facts.list(items).map(here).collect(),
            Node::Object(parts) => facts
                .list(parts)
                .filter_map(|part| match facts.node(part) {
                    Node::Property { value, .. } => Some(here(value)),
                    _ => None,
                })
                .collect(),
            _ => vec![at],
        }
    }

    /// Where the object that a parameter stands for is `this`.
    fn handed_by(&self, at: Ref, depth: u32) -> Option<Ref> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let facts = self.project.facts(at.file);
        let binding = facts.binding(b);
        if depth > MAX_HANDED_ON || binding.kind != BindingKind::Param || binding.writes > 0 {
            return None;
        }
        let (f, index) = self.project.param_position(at.file, b)?;
        let calls = self.project.callers(f).calls.into_iter().take(MAX_CALLERS);
        calls
            .filter(|call| !self.project.is_test_of(call.file, at.file))
            .find_map(|call| {
                let given = self.project.argument(call, index)?;
                let place = self.project.place(given);
                match place.root {
                    Root::This(owner) if place.path.is_empty() => self.comes_and_goes(owner, call).then_some(call),
                    _ => self.handed_by(given, depth + 1),
                }
            })
    }

    /// Whether there are many objects of an owner, each with an end, and one of them runs this before its end.
    fn comes_and_goes(&self, owner: OwnerId, at: Ref) -> bool {
        let (teardowns, _) = self.teardowns(owner);
        let ends = self.project.lifecycle(owner).is_some() || !self.final_methods(owner).is_empty();
        ends && !self.is_singleton(owner)
            && !matches!(self.project.instances_of(owner), Repetition::Once)
            && !self.project.reach(&teardowns).contains(&self.project.function_at(at))
    }
}
