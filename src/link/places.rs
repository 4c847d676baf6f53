//! Places: what an expression denotes, through aliases, destructuring, imports and exports.
//!
//! Two expressions with the same place are the same variable, field or value; text plays no part.

use std::sync::Arc;

use super::known::Rank;
use super::{FileId, Func, MAX_DEPTH, OwnerId, Project, Ref, Target, fuel};
use crate::facts::{
    BindingId, BindingKind, CallKind, Export, ExportValue, FunctionId, LogicalOp, MemberKind, Name, Node, NodeId,
};

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
            _ if facts.is_exports(at.node) => self.whole_module(at.file, depth),
            Node::Binding(b) => self.binding_place(at.file, b, depth + 1),
            Node::Global(name) => {
                let text = facts.name(name);
                if let Some(declared) = self.declared_by_script(text) {
                    return self.place_of_shared(declared, depth + 1);
                }
                if let Some((module, whole)) = self.tables.in_scope(text) {
                    let mut place = Place::root(Root::External(module));
                    place.path.extend((!whole).then(|| Key::Name(text.into())));
                    return place;
                }
                let mut place = Place::root(Root::Global);
                if !self.is_global_object(text) {
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
                    // At the top of a script it is the page.
                    None if f.function == FunctionId::MODULE && self.is_script(f.file) => Place::root(Root::Global),
                    None => unknown(),
                }
            }
            Node::Member { object, property, .. } => {
                let object = inner(object);
                match self.own_part(at.file, &object, property, depth) {
                    Some(place) => place,
                    None => self.child(object, Key::Name(facts.name(property).into()), depth),
                }
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

    /// `this.list` of a getter that gives back a field, `this.constructor.list` of a static field: what these names stand
    /// for.
    fn own_part(&self, file: FileId, object: &Place, property: Name, depth: u32) -> Option<Place> {
        let Root::This(owner) = object.root else { return None };
        let of_class = match &object.path[..] {
            [] => false,
            [Key::Name(part)] => &**part == "constructor",
            _ => return None,
        };
        let kind = if of_class {
            MemberKind::Field
        } else {
            MemberKind::Getter
        };
        let mut members = self.owner(owner).members.iter().filter(|_| file == owner.file);
        let member = members.find(|m| m.kind == kind && m.is_static == of_class && m.name == property)?;
        let facts = self.facts(file);
        if of_class {
            let node = self.owner(owner).node;
            let mut place = self.declared_place(Ref { file, node })?;
            place.path.push(Key::Name(facts.name(property).into()));
            return Some(place);
        }
        let function = member.function.filter(|f| self.gives_at_once(file, *f))?;
        let [only] = self.returned_values(Func { file, function })[..] else {
            return None;
        };
        let is_field = matches!(facts.node(only.node), Node::Member { object, .. } if facts.node(object) == Node::This);
        is_field.then(|| self.place_at(only, depth + 1))
    }

    /// Whether a function does nothing but give something back.
    fn gives_at_once(&self, file: FileId, f: FunctionId) -> bool {
        let facts = self.facts(file);
        match facts.node(facts.function(f).body) {
            Node::Block(statements) => facts.list(statements).len() == 1,
            _ => true,
        }
    }

    /// In a static method, `this` is the class.
    fn static_class(&self, f: Func) -> Option<Place> {
        let owner = self.this_of(f)?;
        if !self.owner(owner).members.iter().any(|m| m.is_static) {
            return None;
        }
        let (owner, _, method) = self.method_around(f)?;
        let mut members = self.owner(owner).members.iter();
        members.find(|m| m.function == Some(method.function) && m.is_static)?;
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
        let binding = self.begun_with(at).find(|&b| facts.binding(b).name == name)?;
        Some(Place::root(Root::Binding(at.file, binding)))
    }

    /// `require("x")`, and calls that give back their argument.
    fn call_place(&self, at: Ref, depth: u32) -> Option<Place> {
        let facts = self.facts(at.file);
        let Node::Call { callee, args, kind } = facts.node(at.node) else {
            return None;
        };
        if let Some(specifier) = super::modules::required(facts, at.node) {
            return Some(self.required_place(at.file, specifier, depth));
        }
        if kind == CallKind::New {
            return None;
        }
        if self.is_interop(at.file, callee) {
            let node = facts.item(args, 0)?;
            return Some(self.place_at(Ref { file: at.file, node }, depth + 1));
        }
        self.given_place(at, depth)
    }

    /// `_interopRequireDefault(require("x"))`, `__importStar(...)`: what compilers wrap around `require`.
    pub(super) fn is_interop(&self, file: FileId, callee: NodeId) -> bool {
        let facts = self.facts(file);
        let Node::Binding(b) = facts.node(callee) else {
            return false;
        };
        let name = facts.name(facts.binding(b).name);
        name.starts_with("_interop") || name.starts_with("__import") || name.starts_with("__toESM")
    }

    /// The place of what a file is given for a specifier: a package, or what another file exports.
    pub(super) fn required_place(&self, file: FileId, specifier: Name, depth: u32) -> Place {
        if let Some(place) = self.global_for(file, specifier) {
            return place;
        }
        match self.target(file, specifier) {
            Target::External(module) => Place::root(Root::External(module)),
            Target::File(to) => self.whole_module(to, depth),
        }
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
            if let Some(this) = facts.this_named(id) {
                return self.alias_place(file, this, depth).unwrap_or_else(own);
            }
            let later = self.required_later(file, id);
            return later.map_or_else(own, |specifier| self.required_place(file, specifier, depth));
        }
        if let Some(pattern) = binding.pattern {
            return self.pattern_place(file, pattern, depth).unwrap_or_else(own);
        }
        let Some(init) = binding.init else {
            let injected = self.injected_by_name(file, id);
            return injected
                .or_else(|| self.given_to_factory(file, id, depth))
                .unwrap_or_else(own);
        };
        if !matches!(facts.node(init), Node::Call { .. }) && self.aliased(file, init).is_none() {
            return own();
        }
        // Only the outermost question begins at nothing: names may stand for each other in circles.
        let depth = if fuel::is_above(Rank::Alias) { 0 } else { depth };
        let alias = self.known(Rank::Alias, &self.known.aliases, (file, id), || {
            self.alias_place(file, init, depth)
        });
        alias.unwrap_or_else(own)
    }

    /// The place that the value of a declared name has elsewhere.
    fn alias_place(&self, file: FileId, init: NodeId, depth: u32) -> Option<Place> {
        let Some(node) = self.aliased(file, init) else {
            // `const bus = getBus()`.
            return self.given_place(Ref { file, node: init }, depth);
        };
        let place = self.place_at(Ref { file, node }, depth + 1);
        let is_made_here = matches!(place.root, Root::Value(v) if v.file == file) && place.path.is_empty();
        (!is_made_here).then_some(place)
    }

    /// Whether a variable is surely no other name of something else.
    pub fn has_own_place(&self, file: FileId, id: BindingId) -> bool {
        let binding = self.facts(file).binding(id);
        let is_alias = || {
            let names = |node| self.aliased(file, node).is_some() || self.given_place(Ref { file, node }, 0).is_some();
            let is_given = || self.injected_by_name(file, id).is_some() || self.given_to_factory(file, id, 0).is_some();
            binding.pattern.is_some() || binding.init.map_or_else(is_given, names)
        };
        let is_named_later = || self.required_later(file, id).is_some() || self.facts(file).this_named(id).is_some();
        let is_set = || binding.writes > 0 && !is_named_later();
        binding.kind != BindingKind::Import && (is_set() || !is_alias())
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
            Node::Call { callee, .. } => self.is_interop(file, callee).then_some(node),
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
                        let got = match &key {
                            // `const { timer } = this`, where `timer` gives back a field.
                            Key::Name(name) => self
                                .name_in(file, name)
                                .and_then(|name| self.own_part(file, &place, name, depth)),
                            Key::Dynamic(_) => None,
                        };
                        place = got.unwrap_or_else(|| self.child(place, key, depth + 1));
                    }
                    return Some(place);
                }
                Node::Function(_) => {
                    if let Some(module) = super::modules::waited_for(facts, up) {
                        let place = self.place_at(Ref { file, node: module }, depth + 1);
                        let keys = keys.into_iter().rev();
                        return Some(keys.fold(place, |p, key| self.child(p, key, depth + 1)));
                    }
                    // A parameter's pattern: the place begins at the pattern itself.
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
                (Root::Global, 0) if self.is_global_object(name) => return place,
                // `window.name` of `var name`.
                (Root::Global, 0) => {
                    if let Some(declared) = self.declared_by_script(name).filter(|d| self.is_on_global(*d)) {
                        return self.place_of_shared(declared, depth + 1);
                    }
                }
                // `module.exports = { name }`: the part is the variable itself.
                (Root::Value(at), 0) => {
                    if let Some(part) = self.part_of_value(*at, name, depth) {
                        return part;
                    }
                }
                _ => {}
            }
        }
        place.path.push(key);
        place
    }

    /// A part of a value that nothing else names.
    fn part_of_value(&self, at: Ref, name: &str, depth: u32) -> Option<Place> {
        if let Some(value) = self.property(at, name) {
            let is_elsewhere = matches!(self.node(value), Node::Binding(_)) || self.is_required(value);
            return is_elsewhere.then(|| self.place_at(value, depth + 1));
        }
        self.given_part(at, name, depth)
            .or_else(|| self.spread_part(at, name, depth))
            .or_else(|| self.attached_export(at, name, depth))
    }

    fn is_required(&self, at: Ref) -> bool {
        super::modules::required(self.facts(at.file), at.node).is_some()
    }

    /// `{ ...require("./part") }`
    fn spread_part(&self, at: Ref, name: &str, depth: u32) -> Option<Place> {
        let facts = self.facts(at.file);
        let Node::Object(list) = facts.node(at.node) else {
            return None;
        };
        facts.list(list).find_map(|part| {
            let Node::Spread(value) = facts.node(part) else {
                return None;
            };
            let whole = self.place_at(Ref { node: value, ..at }, depth + 1);
            let Root::Module(file) = whole.root else {
                return match whole.root {
                    Root::Value(value) if whole.path.is_empty() && value != at => {
                        self.part_of_value(value, name, depth + 1)
                    }
                    _ => None,
                };
            };
            self.export_place(file, name, depth + 1)
        })
    }

    /// `module.exports = {}; module.exports.name = value;`
    fn attached_export(&self, at: Ref, name: &str, depth: u32) -> Option<Place> {
        let facts = self.facts(at.file);
        let is_whole = |e: &Export| matches!(e.value, ExportValue::Node(node) if node == at.node);
        let of_file = |wanted: &str| {
            let wanted = self.name_in(at.file, wanted)?;
            facts.exports.iter().rev().find(|e| e.name == wanted)
        };
        of_file("=").filter(|e| is_whole(e))?;
        let part = of_file(name)?;
        self.export_value(at.file, &part.value, depth + 1)
    }

    /// What an injector hands to parameters of a name, wherever they stand: `$rootScope`.
    fn injected_by_name(&self, file: FileId, id: BindingId) -> Option<Place> {
        let facts = self.facts(file);
        let binding = facts.binding(id);
        let name = facts.name(binding.name);
        let names = &self.tables.conventions.injected;
        if binding.kind != BindingKind::Param || !name.starts_with('$') || !names.iter().any(|n| n == name) {
            return None;
        }
        let mut place = Place::root(Root::Global);
        if !self.is_global_object(name) {
            place.path.push(Key::Name(name.into()));
        }
        Some(place)
    }

    pub(super) fn is_global_object(&self, name: &str) -> bool {
        self.tables
            .conventions
            .global_objects
            .iter()
            .any(|object| object == name)
    }
}
