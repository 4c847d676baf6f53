//! Nodes and instances that a registry of the module keeps after they have left the page.

use crate::facts::{CallKind, FunctionId, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::grown::growth::Growth;
use crate::lifetime::grown::touches::Touch;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{Func, Key, OwnerId, Place, Ref, Repetition, Root};

const RULE: &str = "detached-node";

/// What a registry holds.
enum Held {
    /// A node of the document that is taken out of it; where.
    Node(Ref),
    /// An object that ends: a component, a widget with a teardown.
    Instance(OwnerId),
}

impl Judge<'_> {
    /// The verdict on a growth of a module's registry by nodes that leave or by instances that end.
    pub(in crate::lifetime) fn judge_detached(&self, growth: &Growth, place: &Place) -> Option<Judged> {
        if !self.is_registry(place) {
            return None;
        }
        let added = self.added_values(growth);
        let held = added.iter().find_map(|v| self.leaving(*v))?;
        if let Held::Instance(owner) = held
            && self.project.lifecycle(owner).is_none()
            && !added.iter().any(|v| self.is_node(*v))
        {
            // An object like any other.
            return None;
        }
        let verdict = self.detached_verdict(growth, place, &held)?;
        let what = match held {
            Held::Node(_) => "node",
            Held::Instance(_) => "instance",
        };
        Some(Judged {
            acquisition: Acquisition {
                rule: RULE.to_owned(),
                what: what.to_owned(),
                at: growth.at,
                kind: Kind::Growth {
                    place: place.clone(),
                    key: growth.key,
                },
            },
            verdict,
        })
    }

    /// A variable of the module or a static of a class of the module.
    pub(super) fn is_registry(&self, place: &Place) -> bool {
        match place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(file).binding(b);
                binding.function == FunctionId::MODULE && place.path.len() <= 1
            }
            _ => false,
        }
    }

    fn added_values(&self, growth: &Growth) -> Vec<Ref> {
        let facts = self.project.facts(growth.at.file);
        let here = |node| Ref {
            file: growth.at.file,
            node,
        };
        match facts.node(growth.at.node) {
            Node::Call { args, .. } => facts.list(args).map(here).collect(),
            Node::Assign { value, .. } => vec![here(value)],
            _ => Vec::new(),
        }
    }

    /// A node of a document.
    fn is_node(&self, value: Ref) -> bool {
        let found = self.project.type_of(value);
        found.is_some_and(|t| self.project.tables.is_a(t, "Element"))
    }

    /// What is known to leave or to end about a value.
    fn leaving(&self, value: Ref) -> Option<Held> {
        let place = self.project.place(value);
        if let (Root::This(owner), true) = (&place.root, place.path.is_empty()) {
            let (teardowns, _) = self.teardowns(*owner);
            let ends = self.project.lifecycle(*owner).is_some() || !teardowns.is_empty();
            return ends.then_some(Held::Instance(*owner));
        }
        if !self.is_node(value) {
            return None;
        }
        let facts = self.project.facts(value.file);
        // What leaves the page on a way that ends before it is kept is another one than what is kept.
        let is_another = |node| self.leaves_before(Ref { node, ..value }, value);
        let leaves = facts.calls.iter().find(|&&node| {
            let Node::Call {
                callee,
                kind: CallKind::Call,
                ..
            } = facts.node(node)
            else {
                return false;
            };
            let Node::Member { object, property, .. } = facts.node(callee) else {
                return false;
            };
            let shrink = &self.project.tables.conventions.shrink;
            shrink.iter().any(|s| s == facts.name(property))
                && self.project.same_place(
                    &self.project.place(Ref {
                        file: value.file,
                        node: object,
                    }),
                    &place,
                )
                && !is_another(node)
        })?;
        Some(Held::Node(Ref {
            file: value.file,
            node: *leaves,
        }))
    }

    /// Nothing where this is no matter of nodes after all.
    fn detached_verdict(&self, growth: &Growth, place: &Place, held: &Held) -> Option<Verdict> {
        if self.not_a_plain_collection(place, growth).is_some() {
            return None;
        }
        let f = self.project.function_at(growth.at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(growth.at, f, &scope);
        if f.function == FunctionId::MODULE || matches!(repetition, Repetition::Once) {
            return None;
        }
        let mut shrinks = Vec::new();
        for at in self.collection_references(place, growth.at) {
            if self.is_slot_emptied(at) {
                shrinks.push(at);
                continue;
            }
            match self.touch(at, place, 0) {
                Touch::Shrinks(_) => shrinks.push(at),
                Touch::Escapes => return None,
                _ => {}
            }
        }
        let (cause, told) = match held {
            Held::Node(leaves) => match shrinks.first() {
                Some(_) => return None,
                None => (
                    Cause::NeverReleased,
                    (*leaves, "the node leaves the page here, and stays in the list"),
                ),
            },
            Held::Instance(owner) => {
                let (teardowns, _) = self.teardowns(*owner);
                let reach = self.project.reach(&teardowns);
                match shrinks.first() {
                    None => (Cause::NeverReleased, (growth.at, "")),
                    Some(at)
                        if shrinks
                            .iter()
                            .any(|s| self.same_method(self.project.function_at(*s), f)) =>
                    {
                        return Some(Verdict::released("taken out by what put it in", Some(*at)));
                    }
                    Some(at) if teardowns.is_empty() || !self.stands_in_owner(*owner, *at) => {
                        return Some(Verdict::released("something takes it out", Some(*at)));
                    }
                    Some(at) if shrinks.iter().any(|s| reach.contains(&self.project.function_at(*s))) => {
                        return Some(Verdict::released("taken out by the teardown", Some(*at)));
                    }
                    Some(at) => (Cause::NotOnTeardown, (*at, "the teardown does not reach this")),
                }
            }
        };
        let mut evidence = Vec::new();
        if !told.1.is_empty() {
            evidence.push(Evidence {
                role: Role::Release,
                at: told.0,
                text: told.1.to_owned(),
            });
        }
        evidence.extend(self.declaration(place).map(|at| Evidence {
            role: Role::Holder,
            at,
            text: "lives as long as the page".into(),
        }));
        evidence.extend(self.context_evidence(&repetition));
        let proven = matches!(repetition, Repetition::Repeated { proven: true, .. });
        Some(Verdict::Leak(Leak {
            cause,
            confidence: if proven { Confidence::High } else { Confidence::Medium },
            holder: format!("`{}`", self.show_place(place)),
            often: self.often(&repetition, growth.at),
            remedy: Remedy::default(),
            evidence,
        }))
    }

    /// `registry[key] = null`: the slot stays, what it held does not.
    fn is_slot_emptied(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        let is_slot = matches!(facts.node(up), Node::Index { object, .. } if object == at.node);
        is_slot
            && matches!(
                facts.node(facts.parent(up)),
                Node::Assign { target, value, .. }
                    if target == up && facts.node(value).is_nullish()
            )
    }

    /// Whether a node stands in a method of an owner, or of what it extends.
    fn stands_in_owner(&self, owner: OwnerId, at: Ref) -> bool {
        let f: Func = self.project.function_at(at);
        self.project
            .method_around(f)
            .is_some_and(|(o, ..)| self.project.is_related(o, owner))
    }

    /// Whether a value is the node that a component's reference holds: `input.current` with `<input ref={input}>`.
    pub(in crate::lifetime) fn is_referenced_node(&self, value: Ref) -> bool {
        let place = self.project.place(value);
        let conventions = &self.project.tables.conventions;
        let Some(Key::Name(member)) = place.path.last() else {
            return false;
        };
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        if place.path.len() != 1 || !conventions.node_members.iter().any(|m| **m == **member) {
            return false;
        }
        let facts = self.project.facts(file);
        facts.references_of(b).any(|node| {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Property { key, .. } => {
                    matches!(facts.node(facts.parent(up)), Node::Jsx { .. })
                        && facts
                            .string(key)
                            .is_some_and(|k| conventions.node_attributes.iter().any(|a| a == k))
                }
                _ => false,
            }
        })
    }
}
