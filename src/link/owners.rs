//! Owners: the things whose methods share a `this` — classes, constructor functions with their prototypes, and
//! object literals with methods (component options, widgets, mixins).

mod constructors;
mod prototypes;

use rustc_hash::FxHashMap;

use super::FileId;
use crate::facts::{CallKind, ClassId, FileFacts, FunctionId, MemberKind, Name, Node, NodeId};
use crate::tables::{LifecycleRow, Tables};

/// An owner of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId {
    /// Its file.
    pub file: FileId,
    /// Index in that file.
    pub index: u32,
}

/// What an owner is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerKind {
    /// `class`.
    Class(ClassId),
    /// A function called with `new`, with methods on its prototype.
    Constructor(FunctionId),
    /// An object literal.
    Object(NodeId),
}

/// A member of an owner.
#[derive(Clone, Debug)]
pub struct OwnerMember {
    /// Its name.
    pub name: Name,
    /// Its value or function node; the parameter for parameter properties.
    pub value: Option<NodeId>,
    /// Its function, if it is one.
    pub function: Option<FunctionId>,
    /// What it is.
    pub kind: MemberKind,
    /// Belongs to the class itself.
    pub is_static: bool,
    /// Annotated type.
    pub type_name: Option<Name>,
    /// Where its name stands.
    pub at: crate::finding::Span,
}

/// A class, a constructor function or an object with methods.
#[derive(Clone, Debug)]
pub struct Owner {
    /// What it is.
    pub kind: OwnerKind,
    /// Its name.
    pub name: Option<Name>,
    /// Its node.
    pub node: NodeId,
    /// Its members.
    pub members: Vec<OwnerMember>,
    /// What it extends.
    pub superclass: Option<NodeId>,
}

/// When a method of an owner runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Once for each object.
    Setup,
    /// Again and again on one object.
    Repeat,
    /// At its end.
    Teardown,
    /// Nobody says.
    Other,
}

/// What a framework does with the objects of an owner.
#[derive(Clone, Copy)]
pub struct Lifecycle<'t> {
    /// The row.
    pub row: &'t LifecycleRow,
}

impl Lifecycle<'_> {
    /// The methods that run at the end.
    pub fn teardown_names(&self) -> &[String] {
        &self.row.teardown
    }

    /// What older versions call the first of them.
    pub fn formerly(&self) -> Option<&str> {
        self.row.formerly.as_deref()
    }

    /// When a method runs.
    pub fn phase(&self, method: &str) -> Phase {
        let has = |list: &[String]| list.iter().any(|m| m == method);
        if has(&self.row.teardown) {
            Phase::Teardown
        } else if has(&self.row.repeat) {
            Phase::Repeat
        } else if has(&self.row.setup) {
            Phase::Setup
        } else {
            Phase::Other
        }
    }
}

struct Finder<'a> {
    file: FileId,
    facts: &'a FileFacts,
    tables: &'a Tables,
    owners: Vec<Owner>,
    this: Vec<Option<OwnerId>>,
    by_function: FxHashMap<FunctionId, u32>,
    by_object: FxHashMap<NodeId, u32>,
    constructors: constructors::Constructors,
}

/// The owners of a file, and for each of its functions the one that is `this`.
pub(super) fn find(file: FileId, facts: &FileFacts, tables: &Tables) -> (Vec<Owner>, Vec<Option<OwnerId>>) {
    let mut finder = Finder {
        file,
        facts,
        tables,
        owners: Vec::new(),
        this: vec![None; facts.functions.len()],
        by_function: FxHashMap::default(),
        by_object: FxHashMap::default(),
        constructors: constructors::Constructors::default(),
    };
    finder.classes();
    finder.prototypes();
    finder.constructed();
    finder.objects();
    finder.inherit_this();
    (finder.owners, finder.this)
}

/// Whether all functions of an object literal are hooks of one kind, and one takes what only hooks of that kind take.
pub(super) fn has_signature_of(facts: &FileFacts, object: NodeId, row: &LifecycleRow) -> bool {
    let Node::Object(properties) = facts.node(object) else {
        return false;
    };
    if row.signatures.is_empty() {
        return false;
    }
    let functions = facts.list(properties).filter_map(|p| match facts.node(p) {
        Node::Property { key, value, .. } => match facts.node(value) {
            Node::Function(f) => Some((facts.string(key)?, f)),
            _ => None,
        },
        _ => None,
    });
    let is_written = |name: &str, f: FunctionId| {
        row.signatures.iter().any(|signature| {
            let hook = signature.split_once('(').filter(|(hook, _)| *hook == name);
            hook.is_some_and(|(_, taken)| taken.split(',').count() <= facts.list(facts.function(f).params).len())
        })
    };
    let cycle = Lifecycle { row };
    let mut found = false;
    for (name, f) in functions {
        if cycle.phase(name) == Phase::Other {
            return false;
        }
        found |= is_written(name, f);
    }
    found
}

impl Finder<'_> {
    fn id(&self, index: u32) -> OwnerId {
        OwnerId { file: self.file, index }
    }

    fn own(&mut self, function: FunctionId, owner: u32) {
        self.this[function.0 as usize] = Some(self.id(owner));
    }

    fn text(&self, name: Name) -> &str {
        self.facts.name(name)
    }

    fn classes(&mut self) {
        for (i, class) in self.facts.classes.iter().enumerate() {
            let index = self.owners.len() as u32;
            let members = class
                .members
                .iter()
                .map(|m| OwnerMember {
                    name: m.name,
                    value: m.value,
                    function: self.function_of(m.value).filter(|_| m.kind != MemberKind::ParamField),
                    kind: m.kind,
                    is_static: m.is_static,
                    type_name: m.type_name,
                    at: m.span,
                })
                .collect();
            for member in &class.members {
                if member.kind == MemberKind::ParamField {
                    continue;
                }
                if let Some(f) = self.function_of(member.evaluator.or(member.value)) {
                    self.own(f, index);
                }
            }
            self.owners.push(Owner {
                kind: OwnerKind::Class(ClassId(i as u32)),
                name: class.name,
                node: class.node,
                members,
                superclass: class.superclass,
            });
        }
    }

    fn function_of(&self, node: Option<NodeId>) -> Option<FunctionId> {
        match self.facts.node(node?) {
            Node::Function(f) => Some(f),
            _ => None,
        }
    }

    /// The node a never-written name was declared with.
    fn value_of(&self, node: NodeId) -> NodeId {
        match self.facts.node(node) {
            Node::Binding(b) => self.facts.binding(b).init.unwrap_or(node),
            _ => node,
        }
    }

    /// Functions called with `new`, named like a class and writing to `this`, or putting functions on `this`.
    fn constructed(&mut self) {
        for &call in &self.facts.calls {
            if let Node::Call {
                callee,
                kind: CallKind::New,
                ..
            } = self.facts.node(call)
                && let Node::Binding(_) = self.facts.node(callee)
                && let Node::Function(f) = self.facts.node(self.value_of(callee))
                && self.facts.function(f).flags.uses_this
            {
                self.owner_of_function(f);
            }
        }
        let makers = self.makers();
        for i in 0..self.facts.functions.len() {
            let function = &self.facts.functions[i];
            let named_like_a_class = function
                .name
                .is_some_and(|n| self.text(n).starts_with(|c: char| c.is_ascii_uppercase()));
            let makes = makers.get(&FunctionId(i as u32)).is_some_and(|methods| *methods > 1);
            if (named_like_a_class || makes)
                && function.flags.uses_this
                && !function.flags.is_arrow
                && !function.flags.is_method
                && !self.is_property(function.node)
                && self.this[i].is_none()
            {
                self.owner_of_function(FunctionId(i as u32));
            }
        }
    }

    /// How many functions each function puts on `this`: one that puts several there makes an object of it.
    fn makers(&self) -> FxHashMap<FunctionId, usize> {
        let mut makers = FxHashMap::default();
        for &write in &self.facts.writes {
            if let Node::Assign { target, value, .. } = self.facts.node(write)
                && matches!(self.facts.node(value), Node::Function(_))
                && let Node::Member { object, .. } = self.facts.node(target)
                && self.facts.node(object) == Node::This
            {
                *makers.entry(self.facts.enclosing_function(write)).or_default() += 1;
            }
        }
        makers
    }

    /// Whether a function is a property of an object literal: `new Class({ initialize: function Go() {} })`.
    fn is_property(&self, function: NodeId) -> bool {
        matches!(self.facts.node(self.facts.parent(function)), Node::Property { value, .. } if value == function)
    }

    fn objects(&mut self) {
        // Outer literals come after inner ones in the arena, and must claim their groups first.
        for i in (0..self.facts.nodes.len()).rev() {
            let node = NodeId(i as u32);
            let Node::Object(properties) = self.facts.nodes[i] else {
                continue;
            };
            if self.by_object.contains_key(&node) {
                continue;
            }
            let has_method = self.facts.list(properties).any(|p| match self.facts.node(p) {
                Node::Property { value, .. } => match self.facts.node(value) {
                    Node::Function(f) => !self.facts.function(f).flags.is_arrow,
                    Node::Object(_) => match self.facts.node(p) {
                        Node::Property { key, .. } => self
                            .facts
                            .string(key)
                            .is_some_and(|k| self.tables.lifecycles.iter().any(|l| l.groups.iter().any(|g| g == k))),
                        _ => false,
                    },
                    _ => false,
                },
                _ => false,
            });
            let is_hooks = |row| has_signature_of(self.facts, node, row);
            if !has_method && !self.tables.lifecycles.iter().any(is_hooks) {
                continue;
            }
            let index = self.owners.len() as u32;
            self.owners.push(Owner {
                kind: OwnerKind::Object(node),
                name: None,
                node,
                members: Vec::new(),
                superclass: None,
            });
            self.adopt_object(index, node);
        }
    }

    /// `this` of arrows, of functions bound to `this`, and of callbacks given a `thisArg`.
    fn inherit_this(&mut self) {
        for i in 0..self.facts.functions.len() {
            if self.this[i].is_some() {
                continue;
            }
            let function = &self.facts.functions[i];
            let Some(parent) = function.parent else { continue };
            if function.flags.is_arrow || self.is_given_this(function.node) {
                self.this[i] = self.this[parent.0 as usize];
            } else if let Some(from) = self.put_on_this(function.node) {
                self.this[i] = self.this[from.0 as usize];
            }
        }
    }

    /// `this.draw = function () {...}`, also by another name of `this`: the function whose `this` it is put on.
    fn put_on_this(&self, node: NodeId) -> Option<FunctionId> {
        let up = self.facts.parent(node);
        let Node::Assign { target, value, .. } = self.facts.node(up) else {
            return None;
        };
        let Node::Member { object, .. } = self.facts.node(target) else {
            return None;
        };
        if value != node {
            return None;
        }
        match self.facts.node(object) {
            Node::This => Some(self.facts.enclosing_function(up)),
            Node::Binding(b) => {
                let binding = self.facts.binding(b);
                let is_this = binding.init.is_some_and(|init| self.facts.node(init) == Node::This);
                (is_this && binding.writes == 0).then_some(binding.function)
            }
            _ => None,
        }
    }

    fn is_given_this(&self, node: NodeId) -> bool {
        let up = self.facts.parent(node);
        match self.facts.node(up) {
            Node::Member { object, property, .. } if object == node => {
                matches!(self.text(property), "bind" | "call" | "apply")
                    && match self.facts.node(self.facts.parent(up)) {
                        Node::Call { callee, args, .. } if callee == up => self
                            .facts
                            .item(args, 0)
                            .is_some_and(|a| self.facts.node(a) == Node::This),
                        _ => false,
                    }
            }
            Node::Call { args, .. } => {
                let mut args = self.facts.list(args).skip_while(|&a| a != node);
                args.next().is_some() && args.next().is_some_and(|a| self.facts.node(a) == Node::This)
            }
            _ => false,
        }
    }
}
