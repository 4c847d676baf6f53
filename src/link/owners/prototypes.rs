//! Classes written by hand: constructor functions and what is put on their prototypes.

use super::{Finder, Owner, OwnerKind, OwnerMember};
use crate::facts::{CallKind, FunctionId, MemberKind, Name, Node, NodeId, PropertyKind};

impl Finder<'_> {
    /// The owner that `X` in `X.prototype` makes.
    fn constructor_owner(&mut self, node: NodeId) -> Option<u32> {
        let value = self.constructors.named(self.facts, node)?;
        match self.facts.node(value) {
            Node::Function(f) => Some(self.owner_of_function(f)),
            Node::Class(c) => Some(c.0),
            _ => None,
        }
    }

    pub(super) fn owner_of_function(&mut self, f: FunctionId) -> u32 {
        if let Some(&known) = self.by_function.get(&f) {
            return known;
        }
        let index = self.owners.len() as u32;
        let function = self.facts.function(f);
        let constructor = OwnerMember {
            name: function.name.unwrap_or(Name(0)),
            value: Some(function.node),
            function: Some(f),
            kind: MemberKind::Constructor,
            is_static: false,
            type_name: None,
            at: function.span,
        };
        self.owners.push(Owner {
            kind: OwnerKind::Constructor(f),
            name: function.name,
            node: function.node,
            members: vec![constructor],
            superclass: None,
        });
        self.by_function.insert(f, index);
        self.own(f, index);
        index
    }

    /// `X.prototype`, written out or through an alias: the node of `X`.
    fn prototype_of(&self, node: NodeId) -> Option<NodeId> {
        let node = match self.facts.node(node) {
            Node::Binding(b) => self.facts.binding(b).init?,
            _ => node,
        };
        // `var proto = X.prototype = {...}`.
        let node = match self.facts.node(node) {
            Node::Assign { target, .. } => target,
            _ => node,
        };
        match self.facts.node(node) {
            Node::Member { object, property, .. } if self.text(property) == "prototype" => Some(object),
            _ => None,
        }
    }

    pub(super) fn prototypes(&mut self) {
        for &write in &self.facts.writes {
            let Node::Assign { target, value, .. } = self.facts.node(write) else {
                continue;
            };
            let Node::Member { object, property, .. } = self.facts.node(target) else {
                continue;
            };
            if let Some(x) = self.prototype_of(object) {
                if let Some(owner) = self.constructor_owner(x) {
                    if self.text(property) == "__proto__" {
                        self.owners[owner as usize].superclass = self.prototype_of(value);
                    } else {
                        let span = self.facts.span(target);
                        self.add_method(owner, property, value, span);
                    }
                }
            } else if self.text(property) == "prototype"
                && let Some(owner) = self.constructor_owner(object)
            {
                self.adopt_prototype(owner, value);
            }
        }
        for &call in &self.facts.calls {
            let Node::Call { callee, args, .. } = self.facts.node(call) else {
                continue;
            };
            let args: Vec<_> = self.facts.list(args).take(4).collect();
            let Some(&first) = args.first() else { continue };
            if let Some(x) = self.prototype_of(first) {
                let Some(owner) = self.constructor_owner(x) else {
                    continue;
                };
                for &arg in &args[1..] {
                    match self.facts.node(arg) {
                        Node::Object(_) => self.adopt_object(owner, arg),
                        _ => {
                            if let Some(parent) = self.prototype_of(arg) {
                                self.owners[owner as usize].superclass.get_or_insert(parent);
                            }
                        }
                    }
                }
            } else if let (true, Some(&parent)) = (self.last_name(callee) == Some("inherits"), args.get(1))
                && let Some(owner) = self.constructor_owner(first)
            {
                self.owners[owner as usize].superclass = Some(parent);
            } else if args[1..].iter().any(|&a| matches!(self.facts.node(a), Node::Array(_))) {
                self.adopt_descriptors(first, &args[1..]);
            }
        }
    }

    pub(super) fn last_name(&self, callee: NodeId) -> Option<&str> {
        match self.facts.node(callee) {
            Node::Member { property, .. } => Some(self.text(property)),
            Node::Global(n) => Some(self.text(n)),
            Node::Binding(b) => Some(self.text(self.facts.binding(b).name)),
            _ => None,
        }
    }

    fn adopt_prototype(&mut self, owner: u32, value: NodeId) {
        match self.facts.node(value) {
            Node::Object(_) => self.adopt_object(owner, value),
            // `Object.create(Y.prototype)`, `Object.create(Y.prototype, {...})`, `new Y`.
            Node::Call { callee, args, kind } => {
                if kind == CallKind::New {
                    self.owners[owner as usize].superclass = Some(callee);
                } else {
                    let args: Vec<_> = self.facts.list(args).collect();
                    for arg in args {
                        if let Some(parent) = self.prototype_of(arg) {
                            self.owners[owner as usize].superclass = Some(parent);
                        } else if matches!(self.facts.node(arg), Node::Object(_)) {
                            self.adopt_object(owner, arg);
                        }
                    }
                }
            }
            _ => {
                if let Some(parent) = self.prototype_of(value) {
                    self.owners[owner as usize].superclass = Some(parent);
                }
            }
        }
    }

    /// `_createClass(X, [{ key: "name", value: function () {} }])`: what compilers make of a class body.
    fn adopt_descriptors(&mut self, class: NodeId, lists: &[NodeId]) {
        for &list in lists {
            let Node::Array(elements) = self.facts.node(list) else {
                continue;
            };
            let elements: Vec<_> = self.facts.list(elements).collect();
            for element in elements {
                let Some((name, value)) = self.descriptor(element) else {
                    return;
                };
                let Some(owner) = self.constructor_owner(class) else {
                    return;
                };
                self.by_object.insert(element, owner);
                let span = self.facts.span(element);
                self.add_method(owner, name, value, span);
            }
        }
    }

    /// The name and function of `{ key: "name", value: function () {} }`.
    fn descriptor(&self, object: NodeId) -> Option<(Name, NodeId)> {
        let Node::Object(properties) = self.facts.node(object) else {
            return None;
        };
        let (mut name, mut function) = (None, None);
        for property in self.facts.list(properties) {
            let Node::Property { key, value, .. } = self.facts.node(property) else {
                return None;
            };
            match (self.facts.string(key)?, self.facts.node(value)) {
                ("key", Node::Str(n)) => name = Some(n),
                ("value" | "get" | "set", Node::Function(_)) => function = Some(value),
                _ => return None,
            }
        }
        Some((name?, function?))
    }

    fn add_method(&mut self, owner: u32, name: Name, value: NodeId, at: crate::finding::Span) {
        let value = self.facts.assigned(value);
        let function = self.function_of(Some(self.value_of(value)));
        if let Some(f) = function
            && self.this[f.0 as usize].is_none()
        {
            self.own(f, owner);
        }
        let kind = if function.is_some() {
            MemberKind::Method
        } else {
            MemberKind::Field
        };
        self.owners[owner as usize].members.push(OwnerMember {
            name,
            value: Some(value),
            function,
            kind,
            is_static: false,
            type_name: None,
            at,
        });
    }

    /// Takes an object literal's properties as members; groups such as `methods: {...}` too.
    pub(super) fn adopt_object(&mut self, owner: u32, object: NodeId) {
        if self.by_object.insert(object, owner).is_some() {
            return;
        }
        let Node::Object(properties) = self.facts.node(object) else {
            return;
        };
        let properties: Vec<_> = self.facts.list(properties).collect();
        for property in properties {
            let Node::Property { key, value, kind } = self.facts.node(property) else {
                continue;
            };
            let Node::Str(name) = self.facts.node(key) else {
                continue;
            };
            let is_group = self
                .tables
                .lifecycles
                .iter()
                .any(|l| l.groups.iter().any(|g| g == self.text(name)));
            if is_group && matches!(self.facts.node(value), Node::Object(_)) {
                self.adopt_object(owner, value);
                continue;
            }
            let span = self.facts.span(key);
            self.add_method(owner, name, value, span);
            if let Some(member) = self.owners[owner as usize].members.last_mut() {
                match kind {
                    PropertyKind::Getter => member.kind = MemberKind::Getter,
                    PropertyKind::Setter => member.kind = MemberKind::Setter,
                    PropertyKind::Value | PropertyKind::Method => {}
                }
            }
        }
    }
}
