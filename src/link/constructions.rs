//! Where objects of the project's classes are made.

use std::sync::Arc;

use super::known::Rank;
use super::uses::Use;
use super::{Func, OwnerId, OwnerKind, Project, Ref, Root};
use crate::facts::{CallKind, Node, NodeId};

impl Project {
    /// Where objects of an owner are made, by themselves or by a function that is handed their class.
    pub fn constructions(&self, owner: OwnerId) -> Vec<Ref> {
        self.known(Rank::Constructions, &self.known.constructions, owner, || {
            self.find_constructions(owner)
        })
    }

    fn find_constructions(&self, owner: OwnerId) -> Vec<Ref> {
        let at = Ref {
            file: owner.file,
            node: self.owner(owner).node,
        };
        let uses = self.uses_of_class(owner);
        let mut out: Vec<_> = uses
            .iter()
            .filter_map(|u| match *u {
                Use::Called { call } => self.is_construction(call).then_some(call),
                Use::Passed { call, arg } => self.constructs_argument(call, arg).then_some(call),
                _ => None,
            })
            .collect();
        if self.begun_with(at).next().is_none() {
            self.add_constructions_of_part(owner, &mut out);
        }
        self.add_constructions_by_statics(owner, &mut out);
        out.sort_unstable();
        out.dedup();
        out
    }

    /// What happens to a class or constructor.
    pub(super) fn uses_of_class(&self, owner: OwnerId) -> Arc<[Use]> {
        self.known(Rank::ClassUses, &self.known.class_uses, owner, || {
            self.find_uses_of_class(owner).into()
        })
    }

    /// Whether a class is put where any page or script finds it, to make objects of it: `window.Chart = Chart`.
    pub fn is_put_on_global(&self, owner: OwnerId) -> bool {
        let is_global = |used: &Use| matches!(used, Use::Stored { place, .. } if matches!(place.root, Root::Global));
        self.uses_of_class(owner).iter().any(is_global)
    }

    fn find_uses_of_class(&self, owner: OwnerId) -> Vec<Use> {
        let at = Ref {
            file: owner.file,
            node: self.owner(owner).node,
        };
        let mut uses = Vec::new();
        let facts = self.facts(owner.file);
        match self.begun_with(at).next() {
            Some(b) => {
                self.binding_uses(
                    owner.file,
                    b,
                    facts.bindings[b.0 as usize].init.unwrap_or(at.node),
                    &mut uses,
                    0,
                );
            }
            None => self.value_uses(at, &mut uses, 0),
        }
        // `new class Settings {}`: its name is for itself.
        let up = facts.parent(at.node);
        if let (Node::Call { callee, .. }, true) = (facts.node(up), self.begun_with(at).next().is_some())
            && callee == at.node
        {
            uses.push(Use::Called {
                call: Ref { node: up, ..at },
            });
        }
        self.export_uses(at, &mut uses, 0);
        uses
    }

    /// Where the constructor of an owner runs for objects of those that extend it: their `super(...)`, or, where they have
    /// no constructor of their own, wherever they are made.
    pub(super) fn constructions_of_heirs(&self, owner: OwnerId) -> Vec<Ref> {
        let mut out = Vec::new();
        let mut queue = vec![owner];
        let mut seen = vec![owner];
        while let Some(of) = queue.pop() {
            for used in self.uses_of_class(of).iter() {
                let &Use::Extended { by } = used else { continue };
                let Some(heir) = self.owner_made_by(by).filter(|heir| !seen.contains(heir)) else {
                    continue;
                };
                seen.push(heir);
                match self.own_constructor(heir) {
                    Some(constructor) => out.extend(self.calls_of_super(constructor)),
                    None => {
                        out.extend(self.constructions(heir));
                        queue.push(heir);
                    }
                }
            }
        }
        out
    }

    /// The constructor that a class has itself.
    fn own_constructor(&self, owner: OwnerId) -> Option<Func> {
        let constructor = self.constructor(owner)?;
        let (of, ..) = self.method_around(constructor)?;
        (of == owner).then_some(constructor)
    }

    fn calls_of_super(&self, constructor: Func) -> Vec<Ref> {
        let facts = self.facts(constructor.file);
        let here = |node| Ref {
            file: constructor.file,
            node,
        };
        let is_super = |node: &&NodeId| match facts.node(**node) {
            Node::Call { callee, .. } => facts.node(callee) == Node::Super,
            _ => false,
        };
        let calls = self.calls_in(constructor).iter();
        calls.filter(is_super).map(|&node| here(node)).collect()
    }

    fn is_construction(&self, call: Ref) -> bool {
        matches!(
            self.node(call),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        )
    }

    /// `add(Kind)` of `function add(Kind) { this.kinds.push(new Kind()); }`
    fn constructs_argument(&self, call: Ref, arg: usize) -> bool {
        let Some(f) = self.called_function(call) else {
            return false;
        };
        let facts = self.facts(f.file);
        let Some(Node::Binding(b)) = facts.item(self.function(f).params, arg).map(|p| facts.node(p)) else {
            return false;
        };
        facts.references_of(b).any(|node| {
            let up = Ref {
                file: f.file,
                node: facts.parent(node),
            };
            let is_made = matches!(facts.node(up.node), Node::Call { callee, .. } if callee == node);
            is_made && self.is_construction(up) && self.function_at(up) == f
        })
    }

    /// `static create() { return new this(); }`
    fn add_constructions_by_statics(&self, owner: OwnerId, out: &mut Vec<Ref>) {
        let facts = self.facts(owner.file);
        let OwnerKind::Class(class) = self.owner(owner).kind else {
            return;
        };
        let members = facts.classes[class.0 as usize].members.iter();
        for node in members.filter(|m| m.is_static).filter_map(|m| m.value) {
            let Node::Function(function) = facts.node(node) else {
                continue;
            };
            let f = Func {
                file: owner.file,
                function,
            };
            let makes_this = |node: &&NodeId| {
                let Node::Call { callee, kind, .. } = facts.node(**node) else {
                    return false;
                };
                kind == CallKind::New && facts.node(callee) == Node::This
            };
            let calls = self.calls_in(f).iter().filter(makes_this);
            out.extend(calls.map(|&node| Ref { file: owner.file, node }));
        }
    }

    /// `new Outer.Part()`, where a class is a static of another one: `static Part = class { ... }`.
    fn add_constructions_of_part(&self, owner: OwnerId, out: &mut Vec<Ref>) {
        let facts = self.facts(owner.file);
        let node = self.owner(owner).node;
        let mut members = facts.classes.iter().flat_map(|class| &class.members);
        let Some(part) = members.find(|m| m.is_static && m.value == Some(node)) else {
            return;
        };
        let name = facts.name(part.name);
        for &file in self.files_naming(name).iter() {
            for &call in self.calls_named(file, name) {
                if let Node::Call {
                    callee,
                    kind: CallKind::New,
                    ..
                } = self.facts(file).node(call)
                    && self.owner_of_class_value(Ref { file, node: callee }, 0) == Some(owner)
                {
                    out.push(Ref { file, node: call });
                }
            }
        }
    }
}
