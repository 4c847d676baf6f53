//! Places: what an expression denotes, through aliases, destructuring, imports and exports.
//!
//! Two expressions with the same place are the same variable, field or value; text plays no part.

use std::sync::Arc;

use super::{FileId, Func, MAX_DEPTH, OwnerId, Project, Ref, Target};
use crate::facts::{BindingId, BindingKind, CallKind, LogicalOp, Node, NodeId};

/// Where a place begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// The global object; `window`, `globalThis`, `self` and `global` are folded into it.
    Global,
    /// A package.
    External(Arc<str>),
    /// The exports of a file.
    Module(FileId),
    /// A variable.
    Binding(FileId, BindingId),
    /// The object that is `this` in the methods of an owner.
    This(OwnerId),
    /// The result of an expression that nothing else names.
    Value(Ref),
}

/// A step from an object to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A property of this name.
    Name(Box<str>),
    /// A computed property; the expression of its key.
    Dynamic(Ref),
}

/// A root and the way from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Where it begins.
    pub root: Root,
    /// The way from there.
    pub path: Vec<Key>,
}

impl Place {
    /// A place without a way.
    pub fn root(root: Root) -> Self {
        Self { root, path: Vec::new() }
    }

    /// The object it is a part of.
    pub fn parent(&self) -> Option<Place> {
        let (_, path) = self.path.split_last()?;
        Some(Place {
            root: self.root.clone(),
            path: path.to_vec(),
        })
    }

    /// The last step's name.
    pub fn last(&self) -> Option<&str> {
        match self.path.last()? {
            Key::Name(n) => Some(n),
            Key::Dynamic(_) => None,
        }
    }
}

impl Project {
    /// The place an expression denotes.
    pub fn place(&self, at: Ref) -> Place {
        self.place_at(at, 0)
    }

    pub(super) fn place_at(&self, at: Ref, depth: u32) -> Place {
        let unknown = || Place::root(Root::Value(at));
        if depth > MAX_DEPTH {
            return unknown();
        }
        let facts = self.facts(at.file);
        let inner = |node: NodeId| self.place_at(Ref { file: at.file, node }, depth + 1);
        match facts.node(at.node) {
            Node::Binding(b) => self.binding_place(at.file, b, depth + 1),
            Node::Global(name) => {
                let text = facts.name(name);
                let mut place = Place::root(Root::Global);
                if !is_global_object(text) {
                    place.path.push(Key::Name(text.into()));
                }
                place
            }
            Node::This | Node::Super => {
                let f = Func {
                    file: at.file,
                    function: facts.enclosing_function(at.node),
                };
                match self.this_of(f) {
                    Some(owner) => match self.static_class(f) {
                        Some(class) => class,
                        None => Place::root(Root::This(owner)),
                    },
                    None => unknown(),
                }
            }
            Node::Member { object, property, .. } => {
                let object = inner(object);
                self.child(object, Key::Name(facts.name(property).into()), depth)
            }
            Node::Index { object, key } => {
                let object = inner(object);
                let key = Ref {
                    file: at.file,
                    node: key,
                };
                match self.constant_text(key, depth) {
                    Some(text) => self.child(object, Key::Name(text), depth),
                    None => self.child(object, Key::Dynamic(key), depth),
                }
            }
            Node::Await(v) | Node::Spread(v) => inner(v),
            Node::Assign { target, .. } => inner(target),
            Node::Logical { left, right, op } => {
                // `a || b`, `a ?? b`: the value that is usually there.
                if op == LogicalOp::And {
                    inner(right)
                } else {
                    inner(left)
                }
            }
            Node::Sequence(list) => match facts.list(list).next_back() {
                Some(last) => inner(last),
                None => unknown(),
            },
            Node::Call { .. } => self.call_place(at, depth).unwrap_or_else(unknown),
            Node::Class(_) | Node::Function(_) => self.declared_place(at).unwrap_or_else(unknown),
            _ => unknown(),
        }
    }

    /// In a static method, `this` is the class.
    fn static_class(&self, f: Func) -> Option<Place> {
        let (owner, _, method) = self.method_around(f)?;
        let member = self
            .owner(owner)
            .members
            .iter()
            .find(|m| m.function == Some(method.function))?;
        if !member.is_static {
            return None;
        }
        self.declared_place(Ref {
            file: owner.file,
            node: self.owner(owner).node,
        })
    }

    /// A class or function declaration is known by its name.
    fn declared_place(&self, at: Ref) -> Option<Place> {
        let facts = self.facts(at.file);
        let name = match facts.node(at.node) {
            Node::Class(c) => facts.classes[c.0 as usize].name?,
            Node::Function(f) => facts.function(f).name?,
            _ => return None,
        };
        let index = facts
            .bindings
            .iter()
            .position(|b| b.init == Some(at.node) && b.name == name)?;
        Some(Place::root(Root::Binding(at.file, BindingId(index as u32))))
    }

    /// `require("x")`, and calls that give back their argument.
    fn call_place(&self, at: Ref, depth: u32) -> Option<Place> {
        let facts = self.facts(at.file);
        let Node::Call { callee, args, kind } = facts.node(at.node) else {
            return None;
        };
        if let Some(specifier) = super::modules::required(facts, at.node) {
            return Some(match self.target(at.file, specifier) {
                Target::External(module) => Place::root(Root::External(module)),
                Target::File(to) => self.whole_module(to, depth),
            });
        }
        if kind == CallKind::New {
            return None;
        }
        // `_interopRequireDefault(require("x"))`, `__importStar(...)`: what compilers wrap around `require`.
        if let Node::Binding(b) = facts.node(callee) {
            let name = facts.name(facts.binding(b).name);
            if name.starts_with("_interop") || name.starts_with("__import") || name.starts_with("__toESM") {
                let node = facts.item(args, 0)?;
                return Some(self.place_at(Ref { file: at.file, node }, depth + 1));
            }
        }
        None
    }

    /// What `require` gives: `module.exports`, or the exports one by one.
    fn whole_module(&self, file: FileId, depth: u32) -> Place {
        let facts = self.facts(file);
        let has_whole = self
            .name_in(file, "=")
            .is_some_and(|w| facts.exports.iter().any(|e| e.name == w));
        if has_whole && let Some(place) = self.export_place(file, "=", depth + 1) {
            return place;
        }
        Place::root(Root::Module(file))
    }

    pub(super) fn binding_place(&self, file: FileId, id: BindingId, depth: u32) -> Place {
        let own = || Place::root(Root::Binding(file, id));
        if depth > MAX_DEPTH {
            return own();
        }
        let facts = self.facts(file);
        let binding = facts.binding(id);
        if binding.kind == BindingKind::Import {
            return self.import_place(file, id, depth).unwrap_or_else(own);
        }
        if binding.writes > 0 {
            return own();
        }
        if let Some(pattern) = binding.pattern {
            return self.pattern_place(file, pattern, depth).unwrap_or_else(own);
        }
        let Some(init) = binding.init else { return own() };
        match self.aliased(file, init) {
            Some(node) => {
                let place = self.place_at(Ref { file, node }, depth + 1);
                let is_made_here = matches!(place.root, Root::Value(v) if v.file == file) && place.path.is_empty();
                if is_made_here { own() } else { place }
            }
            None => own(),
        }
    }

    /// The node a declared name is another name of, if its value is not made on the spot.
    fn aliased(&self, file: FileId, node: NodeId) -> Option<NodeId> {
        let facts = self.facts(file);
        match facts.node(node) {
            Node::Binding(_) | Node::Global(_) | Node::This | Node::Member { .. } | Node::Index { .. } => Some(node),
            Node::Assign { .. } => Some(node),
            Node::Await(v) => self.aliased(file, v),
            Node::Logical { left, op, .. } if op != LogicalOp::And => self.aliased(file, left),
            Node::Call { .. } if super::modules::required(facts, node).is_some() => Some(node),
            Node::Call { callee, .. } => match facts.node(callee) {
                Node::Binding(b) => {
                    let name = facts.name(facts.binding(b).name);
                    (name.starts_with("_interop") || name.starts_with("__import") || name.starts_with("__toESM"))
                        .then_some(node)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The place of a name inside a pattern: the part of the value that the pattern takes apart.
    fn pattern_place(&self, file: FileId, target: NodeId, depth: u32) -> Option<Place> {
        let facts = self.facts(file);
        let mut keys = Vec::new();
        let mut at = target;
        loop {
            let up = facts.parent(at);
            match facts.node(up) {
                Node::Property { key, value, .. } if value == at => match facts.node(key) {
                    Node::Str(n) => keys.push(Key::Name(facts.name(n).into())),
                    _ => keys.push(Key::Dynamic(Ref { file, node: key })),
                },
                Node::ObjectPattern(_) => {}
                Node::ArrayPattern(list) => {
                    let index = facts.list(list).position(|n| n == at)?;
                    keys.push(Key::Name(index.to_string().into()));
                }
                Node::Default { target, .. } if target == at => {}
                Node::Declare { target, value } if target == at => {
                    let mut place = match self.aliased(file, value) {
                        Some(node) => self.place_at(Ref { file, node }, depth + 1),
                        None => Place::root(Root::Value(Ref { file, node: value })),
                    };
                    for key in keys.into_iter().rev() {
                        place = self.child(place, key, depth + 1);
                    }
                    return Some(place);
                }
                // A parameter's pattern: the place begins at the pattern itself.
                Node::Function(_) => {
                    let place = Place {
                        root: Root::Value(Ref { file, node: at }),
                        path: Vec::new(),
                    };
                    return Some(keys.into_iter().rev().fold(place, |mut p, k| {
                        p.path.push(k);
                        p
                    }));
                }
                _ => return None,
            }
            at = up;
        }
    }

    /// A part of a place; parts of modules are their exports.
    pub(super) fn child(&self, mut place: Place, key: Key, depth: u32) -> Place {
        if depth <= MAX_DEPTH
            && let Key::Name(name) = &key
        {
            match (&place.root, place.path.len()) {
                (Root::Module(file), 0) => {
                    if let Some(found) = self.export_place(*file, name, depth + 1) {
                        return found;
                    }
                }
                (Root::Global, 0) if is_global_object(name) => return place,
                // `module.exports = { name }`: the part is the variable itself.
                (Root::Value(at), 0) => {
                    if let Some(value) = self.property(*at, name)
                        && matches!(self.node(value), Node::Binding(_))
                    {
                        return self.place_at(value, depth + 1);
                    }
                }
                _ => {}
            }
        }
        place.path.push(key);
        place
    }

    /// The text of a constant: a literal, or a name or member that stands for one.
    pub fn constant_text(&self, at: Ref, depth: u32) -> Option<Box<str>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let facts = self.facts(at.file);
        match facts.node(at.node) {
            Node::Str(n) => Some(facts.name(n).into()),
            Node::Number(n) => Some(facts.numbers[n as usize].to_string().into()),
            Node::Template(parts) => {
                let mut out = String::new();
                for part in facts.list(parts) {
                    out.push_str(&self.constant_text(
                        Ref {
                            file: at.file,
                            node: part,
                        },
                        depth + 1,
                    )?);
                }
                Some(out.into())
            }
            Node::Binary {
                left,
                right,
                op: crate::facts::BinaryOp::Add,
            } => {
                let left = self.constant_text(
                    Ref {
                        file: at.file,
                        node: left,
                    },
                    depth + 1,
                )?;
                let right = self.constant_text(
                    Ref {
                        file: at.file,
                        node: right,
                    },
                    depth + 1,
                )?;
                Some(format!("{left}{right}").into())
            }
            Node::Binding(_) | Node::Member { .. } => {
                let place = self.place_at(at, depth + 1);
                let value = self.value_of_place(&place)?;
                (value != at).then(|| self.constant_text(value, depth + 1)).flatten()
            }
            _ => None,
        }
    }

    /// The one expression a place got its value from, if it got only one.
    pub fn value_of_place(&self, place: &Place) -> Option<Ref> {
        let _leave = super::fuel::spend()?;
        match (&place.root, place.path.as_slice()) {
            (Root::Value(at), []) => Some(*at),
            (Root::Binding(file, b), []) => {
                let binding = self.facts(*file).binding(*b);
                if binding.writes == 0 {
                    return binding.init.map(|node| Ref { file: *file, node });
                }
                let defs = self.definitions(place);
                (defs.len() == 1).then(|| defs[0])
            }
            (Root::Binding(..) | Root::Value(_), [.., Key::Name(name)]) => {
                let object = self.value_of_place(&place.parent()?)?;
                if let Some(found) = self.property(object, name) {
                    return Some(found);
                }
                if let Some(owner) = self.owner_made_by(object) {
                    // A static member.
                    let (o, member) = self.member(owner, name)?;
                    return member.value.map(|node| Ref { file: o.file, node });
                }
                let owner = self.owner_of_object(object, 0)?;
                self.member_value(owner, name)
            }
            (Root::This(owner), [Key::Name(name)]) => self.member_value(*owner, name),
            (Root::This(_), [_, .., Key::Name(name)]) => {
                let object = self.value_of_place(&place.parent()?)?;
                if let Some(found) = self.property(object, name) {
                    return Some(found);
                }
                let owner = self.owner_of_object(object, 0)?;
                self.member_value(owner, name)
            }
            _ => None,
        }
    }

    fn member_value(&self, owner: OwnerId, name: &str) -> Option<Ref> {
        if let Some((o, member)) = self.member(owner, name)
            && let Some(node) = member.value
            && member.function.is_some()
        {
            return Some(Ref { file: o.file, node });
        }
        let defs: Vec<_> = self
            .field_definitions(owner, name)
            .into_iter()
            .filter(|d| !matches!(self.node(*d), Node::Null | Node::Undefined | Node::Empty))
            .collect();
        (defs.len() == 1).then(|| defs[0])
    }

    /// The value of a property of an object literal.
    pub fn property(&self, object: Ref, name: &str) -> Option<Ref> {
        let facts = self.facts(object.file);
        let Node::Object(list) = facts.node(object.node) else {
            return None;
        };
        facts.list(list).find_map(|p| match facts.node(p) {
            Node::Property { key, value, .. } if facts.string(key) == Some(name) => Some(Ref {
                file: object.file,
                node: value,
            }),
            _ => None,
        })
    }

    /// Everything a variable or field is ever set to.
    pub fn definitions(&self, place: &Place) -> Vec<Ref> {
        match (&place.root, place.path.as_slice()) {
            (Root::Binding(file, b), []) => {
                let facts = self.facts(*file);
                let mut out: Vec<_> = facts
                    .binding(*b)
                    .init
                    .map(|node| Ref { file: *file, node })
                    .into_iter()
                    .collect();
                for node in facts.references_of(*b) {
                    if let Node::Assign { target, value, .. } = facts.node(facts.parent(node))
                        && target == node
                    {
                        out.push(Ref {
                            file: *file,
                            node: value,
                        });
                    }
                }
                out
            }
            (Root::This(owner), [Key::Name(name)]) => self.field_definitions(*owner, name),
            (Root::Binding(file, _) | Root::Value(Ref { file, .. }), [.., Key::Name(name)]) => {
                let mut out = Vec::new();
                if let Some(parent) = place.parent()
                    && let Some(object) = self.value_of_place(&parent)
                {
                    out.extend(self.property(object, name));
                    if let Some(owner) = self.owner_made_by(object)
                        && let Some((o, member)) = self.member(owner, name)
                        && member.is_static
                    {
                        out.extend(member.value.map(|node| Ref { file: o.file, node }));
                    }
                }
                for &write in self.writes_to(*file, name) {
                    if let Node::Assign { target, value, .. } = self.facts(*file).node(write)
                        && self.place(Ref {
                            file: *file,
                            node: target,
                        }) == *place
                    {
                        out.push(Ref {
                            file: *file,
                            node: value,
                        });
                    }
                }
                out
            }
            _ => Vec::new(),
        }
    }

    /// Everything a field of an owner's objects is ever set to: initial values and `this.name = value`.
    pub fn field_definitions(&self, owner: OwnerId, name: &str) -> Vec<Ref> {
        let mut out = Vec::new();
        for o in self.lineage(owner) {
            if let Some(wanted) = self.name_in(o.file, name) {
                for member in self.owner(o).members.iter().filter(|m| m.name == wanted) {
                    out.extend(member.value.map(|node| Ref { file: o.file, node }));
                }
            }
            for &write in self.writes_to(o.file, name) {
                let facts = self.facts(o.file);
                if let Node::Assign { target, value, .. } = facts.node(write)
                    && let Node::Member { object, .. } = facts.node(target)
                    && let Root::This(writer) = self
                        .place(Ref {
                            file: o.file,
                            node: object,
                        })
                        .root
                    && self
                        .place(Ref {
                            file: o.file,
                            node: object,
                        })
                        .path
                        .is_empty()
                    && (writer == o || self.is_related(writer, owner))
                {
                    let found = Ref {
                        file: o.file,
                        node: value,
                    };
                    if !out.contains(&found) {
                        out.push(found);
                    }
                }
            }
        }
        out
    }

    /// Whether two places are the same; fields of related owners are.
    pub fn same_place(&self, a: &Place, b: &Place) -> bool {
        self.same_place_within(a, b, 0)
    }

    pub(super) fn same_place_within(&self, a: &Place, b: &Place, depth: u32) -> bool {
        let roots = match (&a.root, &b.root) {
            (Root::This(x), Root::This(y)) => self.is_related(*x, *y),
            (Root::Value(x), Root::Value(y)) => x == y || self.same_expression(*x, *y),
            (x, y) => x == y || self.same_element(a, b, depth),
        };
        roots
            && a.path.len() == b.path.len()
            && a.path.iter().zip(&b.path).all(|(x, y)| match (x, y) {
                (Key::Dynamic(x), Key::Dynamic(y)) => self.same_key(*x, *y),
                (x, y) => x == y,
            })
    }

    /// Whether two expressions without a name of their own read the same thing: `document.querySelector("x")`.
    fn same_expression(&self, a: Ref, b: Ref) -> bool {
        match (self.node(a), self.node(b)) {
            // Nobody knows whose; within one file it is taken for the same object.
            (Node::This, Node::This) => a.file == b.file,
            (
                Node::Call {
                    callee: ca,
                    args: aa,
                    kind: ka,
                },
                Node::Call {
                    callee: cb,
                    args: ab,
                    kind: kb,
                },
            ) => {
                if ka != kb || ka == CallKind::New {
                    return false;
                }
                let (fa, fb) = (self.facts(a.file), self.facts(b.file));
                let same_callee = self.same_place(
                    &self.place(Ref { file: a.file, node: ca }),
                    &self.place(Ref { file: b.file, node: cb }),
                );
                same_callee
                    && fa.list(aa).len() == fb.list(ab).len()
                    && fa
                        .list(aa)
                        .zip(fb.list(ab))
                        .all(|(x, y)| self.same_key(Ref { file: a.file, node: x }, Ref { file: b.file, node: y }))
            }
            _ => false,
        }
    }

    /// Whether two keys (events, map keys) are the same value.
    pub fn same_key(&self, a: Ref, b: Ref) -> bool {
        if a == b {
            return true;
        }
        match (self.constant_text(a, 0), self.constant_text(b, 0)) {
            (Some(x), Some(y)) => return x == y,
            (Some(_), None) | (None, Some(_)) => return false,
            (None, None) => {}
        }
        match (self.node(a), self.node(b)) {
            (Node::Template(x), Node::Template(y)) => {
                let (fa, fb) = (self.facts(a.file), self.facts(b.file));
                fa.list(x).len() == fb.list(y).len()
                    && fa
                        .list(x)
                        .zip(fb.list(y))
                        .all(|(x, y)| self.same_key(Ref { file: a.file, node: x }, Ref { file: b.file, node: y }))
            }
            (
                Node::Binary {
                    left: la, right: ra, ..
                },
                Node::Binary {
                    left: lb, right: rb, ..
                },
            ) => {
                self.same_key(Ref { file: a.file, node: la }, Ref { file: b.file, node: lb })
                    && self.same_key(Ref { file: a.file, node: ra }, Ref { file: b.file, node: rb })
            }
            _ => {
                let (x, y) = (self.place(a), self.place(b));
                !matches!((&x.root, x.path.is_empty()), (Root::Value(_), true)) && self.same_place(&x, &y)
                    || self.same_place(&x, &y)
            }
        }
    }
}

fn is_global_object(name: &str) -> bool {
    matches!(name, "window" | "globalThis" | "self" | "global")
}
