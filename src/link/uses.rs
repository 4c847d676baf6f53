//! Uses: what happens to a function value — called, passed on, stored, returned — across files.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::known::Rank;
use super::limits::{self, Limit};
use super::{FileId, Func, Key, MAX_DEPTH, OwnerId, Place, Project, Ref, Root};
use crate::facts::{BindingId, ExportValue, Node, NodeId};

/// One thing that happens to a function value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is called here.
    Called {
        /// The call.
        call: Ref,
    },
    /// It is an argument.
    Passed {
        /// The call.
        call: Ref,
        /// Which one.
        arg: usize,
    },
    /// It is a property of an object that is an argument.
    PassedIn {
        /// The call.
        call: Ref,
        /// Which one.
        arg: usize,
        /// The names that lead to it inside the argument.
        path: Vec<Box<str>>,
    },
    /// It is the value a function gives back.
    Returned {
        /// That function.
        from: Func,
    },
    /// It is put into a field, property or element.
    Stored {
        /// The assignment.
        at: Ref,
        /// Where.
        place: Place,
    },
    /// It is an attribute of a JSX element.
    Attribute {
        /// The attribute.
        at: Ref,
    },
    /// It is what a class extends.
    Extended {
        /// The class.
        by: Ref,
    },
    /// Code outside the project can reach it.
    Exported,
    /// Something that is not followed.
    Other,
}

impl Use {
    /// The file in which it happens, where it happens in one.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::Called { call } | Self::Passed { call, .. } | Self::PassedIn { call, .. } => Some(call.file),
            Self::Stored { at, .. } | Self::Attribute { at } | Self::Extended { by: at } => Some(at.file),
            Self::Returned { .. } | Self::Exported | Self::Other => None,
        }
    }
}

/// How many importing files are searched for uses of one exported name.
pub(super) const MAX_IMPORTERS: usize = 400;

/// How many files may name a method for calls of it to be looked for in those that import nothing of its class.
const MAX_NAMING: usize = 12;

/// Files, in the order in which they were found.
pub type Files = IndexSet<FileId, FxBuildHasher>;

impl Project {
    /// What happens to a function.
    pub fn uses(&self, f: Func) -> Arc<Vec<Use>> {
        self.known(Rank::Uses, &self.known.uses, f, || {
            let mut out = Vec::new();
            if f.function != crate::facts::FunctionId::MODULE {
                self.value_uses(self.function_node(f), &mut out, 0);
            }
            Arc::new(out)
        })
    }

    /// What happens to a value that stands here; names it is given are followed.
    pub fn value_uses(&self, at: Ref, out: &mut Vec<Use>, depth: u32) {
        let Some(_leave) = super::fuel::spend() else {
            out.push(Use::Other);
            return;
        };
        if depth > MAX_DEPTH / 2 {
            out.push(Use::Other);
            return;
        }
        let facts = self.facts(at.file);
        let declared = match facts.node(at.node) {
            Node::Function(f) => {
                let name = facts.function(f).name;
                let mut bindings = self.begun_with(at);
                bindings.find(|&b| Some(facts.binding(b).name) == name)
            }
            _ => None,
        };
        if let Some(b) = declared {
            self.binding_uses(at.file, b, at.node, out, depth + 1);
        }
        self.export_uses(at, out, depth);
        let up = facts.parent(at.node);
        if up == at.node {
            return;
        }
        let here = |node| Ref { file: at.file, node };
        match facts.node(up) {
            Node::Call { callee, .. } if callee == at.node => out.push(Use::Called { call: here(up) }),
            Node::Call { args, .. } => {
                if let Some(arg) = facts.list(args).position(|a| a == at.node) {
                    out.push(Use::Passed { call: here(up), arg });
                    self.uses_of_reads(at, out, depth + 1);
                    if self.is_wrapper(here(up), arg) {
                        self.value_uses(here(up), out, depth + 1);
                    }
                }
            }
            Node::Property { value, .. } if value == at.node => self.property_uses(at, out, depth),
            Node::Declare { target, value } if value == at.node => {
                if let (Node::Binding(b), true) = (facts.node(target), declared.is_none()) {
                    self.binding_uses(at.file, b, target, out, depth + 1);
                }
            }
            Node::Assign { value, .. } if value == at.node => {
                self.assigned_uses(at, out, depth);
                self.value_uses(here(up), out, depth + 1);
            }
            Node::Return(_) => out.push(Use::Returned {
                from: self.function_at(here(up)),
            }),
            Node::Function(f) if facts.function(f).body == at.node => {
                out.push(Use::Returned {
                    from: Func {
                        file: at.file,
                        function: f,
                    },
                });
            }
            Node::Default { target, value } if value == at.node => {
                if let Node::Binding(b) = facts.node(target) {
                    self.binding_uses(at.file, b, target, out, depth + 1);
                }
            }
            Node::Logical { .. } | Node::Conditional { .. } | Node::Sequence(_) | Node::Await(_) => {
                self.value_uses(here(up), out, depth + 1);
            }
            Node::Member { object, property, .. } if object == at.node => {
                let call = facts.parent(up);
                let is_call = matches!(facts.node(call), Node::Call { callee, .. } if callee == up);
                match facts.name(property) {
                    "bind" if is_call => self.value_uses(here(call), out, depth + 1),
                    "call" | "apply" if is_call => out.push(Use::Called { call: here(call) }),
                    _ => {}
                }
            }
            Node::Array(_) => {
                out.push(Use::Other);
                self.uses_of_reads(at, out, depth + 1);
                self.uses_within(here(up), None, out, depth + 1);
            }
            Node::Class(c) if facts.classes[c.0 as usize].superclass == Some(at.node) => {
                out.push(Use::Extended { by: here(up) });
            }
            Node::Spread(_) | Node::Yield(_) => out.push(Use::Other),
            Node::Jsx { .. } => out.push(Use::Attribute { at: here(up) }),
            _ => {}
        }
    }

    /// What happens to the value of a property, or of an attribute.
    fn property_uses(&self, at: Ref, out: &mut Vec<Use>, depth: u32) {
        let facts = self.facts(at.file);
        let here = |node| Ref { node, ..at };
        let property = facts.parent(at.node);
        let object = facts.parent(property);
        let (Node::Property { key, .. }, Node::Object(_)) = (facts.node(property), facts.node(object)) else {
            out.push(Use::Attribute { at: here(property) });
            return;
        };
        let name = facts.string(key).unwrap_or_default();
        let mut place = self.place_of_literal(here(object));
        let is_put = place != Place::root(Root::Value(here(object))) || self.is_exported_object(at.file, object);
        // A class in what a factory gives back: whoever reads the object makes one of it.
        let gives_class = || {
            matches!(facts.node(facts.parent(object)), Node::Return(_)) && self.owner_of_class_value(at, 0).is_some()
        };
        // The hook of an object that a framework is given back.
        let gives_hook = || {
            let mut rows = self.tables.lifecycles.iter().filter(|row| !row.given_by.is_empty());
            matches!(facts.node(facts.parent(object)), Node::Return(_))
                && rows.any(|row| row.setup.iter().any(|hook| hook == name))
        };
        if is_put || gives_class() || gives_hook() {
            place.path.push(Key::Name(name.into()));
            out.push(Use::Stored {
                at: here(property),
                place,
            });
        }
        self.uses_of_reads(at, out, depth + 1);
        self.uses_within(here(object), Some(name), out, depth + 1);
    }

    /// What happens to a value that is assigned.
    fn assigned_uses(&self, at: Ref, out: &mut Vec<Use>, depth: u32) {
        let facts = self.facts(at.file);
        let here = |node| Ref { node, ..at };
        let write = facts.parent(at.node);
        let Node::Assign { target, .. } = facts.node(write) else {
            return;
        };
        match facts.node(target) {
            Node::Binding(b) => self.binding_uses(at.file, b, target, out, depth + 1),
            // What is exported the old way.
            _ if facts.is_export(target) => out.push(Use::Exported),
            _ => {
                let place = self.place(here(target));
                // What another program calls by that name is the platform's.
                let before = out.len();
                self.uses_of_part(at, &place, out, depth + 1);
                self.uses_of_reads(at, out, depth + 1);
                if out.len() > before && self.is_put_over(at.file, &place) {
                    let added = out.split_off(before);
                    out.extend(
                        added
                            .into_iter()
                            .filter(|used| used.file().is_none_or(|file| file == at.file)),
                    );
                }
                out.push(Use::Stored { at: here(write), place });
            }
        }
    }

    /// What happens to a value where it is taken again from what it is put into here.
    fn uses_of_reads(&self, value: Ref, out: &mut Vec<Use>, depth: u32) {
        for at in self.reads_of_part(value) {
            if !self.facts(at.file).is_written(at.node) {
                self.value_uses(at, out, depth);
            }
        }
    }

    /// What happens to a function or class that is put on something, where that is read: `this.draw = function () {}`,
    /// `api.draw = draw`.
    fn uses_of_part(&self, value: Ref, place: &Place, out: &mut Vec<Use>, depth: u32) {
        let is_function = matches!(self.node(value), Node::Function(_) | Node::Class(_));
        // What is read from a part and put back (`this.draw = this.draw.bind(this)`) would lead back to itself.
        if !is_function && !matches!(self.node(value), Node::Binding(_)) {
            return;
        }
        match (&place.root, &place.path[..]) {
            (Root::This(owner), [Key::Name(name)]) if is_function => {
                out.extend(self.method_uses(*owner, name).iter().cloned());
            }
            _ => {
                for at in self.attached_references(place) {
                    if !self.facts(at.file).is_written(at.node) && !self.has_its_own(at.file, value.file, place) {
                        self.value_uses(at, out, depth);
                    }
                }
            }
        }
    }

    /// Whether a file puts a value of its own where another one puts its value on the global object, and so reads its own.
    fn has_its_own(&self, file: FileId, other: FileId, place: &Place) -> bool {
        file != other
            && matches!(place.root, Root::Global)
            && self.definitions_on_global(place).iter().any(|value| value.file == file)
    }

    /// Whether a file keeps what is on the global object before it puts its own there: `const log = console.log;
    /// console.log = note;`. Who does not load that file calls what was there.
    fn is_put_over(&self, file: FileId, place: &Place) -> bool {
        let facts = self.facts(file);
        matches!(place.root, Root::Global)
            && self
                .references_on_global(place)
                .into_iter()
                .filter(|at| at.file == file)
                .any(|at| {
                    let up = facts.node(facts.parent(at.node));
                    matches!(up, Node::Declare { value, .. } | Node::Assign { value, .. } if value == at.node)
                })
    }

    /// What happens to an object or array literal that a value is part of, as far as it is passed on.
    fn uses_within(&self, whole: Ref, name: Option<&str>, out: &mut Vec<Use>, depth: u32) {
        let mut uses = Vec::new();
        self.value_uses(whole, &mut uses, depth);
        for used in uses {
            let (call, arg, mut path) = match used {
                Use::Passed { call, arg } => (call, arg, Vec::new()),
                Use::PassedIn { call, arg, path } => (call, arg, path),
                _ => continue,
            };
            if arg == 0 && self.is_call_on(call) {
                continue;
            }
            path.extend(name.map(Box::from));
            out.push(Use::PassedIn { call, arg, path });
        }
    }

    /// Whether a call says by its first argument what a function is called on: `helper.begin.bind(helper)`.
    fn is_call_on(&self, call: Ref) -> bool {
        let facts = self.facts(call.file);
        let method = facts.method_call(call.node);
        method.is_some_and(|m| matches!(facts.name(m.method), "bind" | "call" | "apply"))
    }

    /// The place an object literal is put in, also as a part of other literals.
    pub fn place_of_literal(&self, object: Ref) -> Place {
        let facts = self.facts(object.file);
        let here = |node| Ref { node, ..object };
        let mut names = Vec::new();
        let mut at = object.node;
        while let Node::Property { key, value, .. } = facts.node(facts.parent(at))
            && value == at
            && names.len() < MAX_DEPTH as usize
        {
            names.push(self.key_of_property(here(key)));
            at = facts.parent(facts.parent(at));
        }
        match facts.node(facts.parent(at)) {
            Node::Declare { target, .. } | Node::Assign { target, .. } if matches!(facts.node(at), Node::Object(_)) => {
                let mut place = self.place(here(target));
                place.path.extend(names.into_iter().rev());
                place
            }
            _ => Place::root(Root::Value(object)),
        }
    }

    /// What a property of a literal is called in a place.
    pub fn key_of_property(&self, key: Ref) -> Key {
        match self.facts(key.file).string(key.node) {
            Some(name) => Key::Name(name.into()),
            None => Key::Dynamic(key),
        }
    }

    pub(super) fn binding_uses(&self, file: FileId, b: BindingId, declared_at: NodeId, out: &mut Vec<Use>, depth: u32) {
        let facts = self.facts(file);
        for node in facts.references_of(b) {
            if node != declared_at && !facts.is_written(node) {
                self.value_uses(Ref { file, node }, out, depth + 1);
            }
        }
        let exported: Vec<_> = facts
            .exports
            .iter()
            .filter(|e| matches!(&e.value, ExportValue::Binding(x) if *x == b))
            .map(|e| e.name)
            .collect();
        let place = self.binding_place(file, b, 0);
        for name in exported {
            out.push(Use::Exported);
            self.imported_uses(file, facts.name(name), &place, out, depth + 1);
        }
        for at in self.references_of_scripts(file, b) {
            if !self.facts(at.file).is_written(at.node) {
                self.value_uses(at, out, depth + 1);
            }
        }
    }

    /// Uses of an expression that is exported as it stands.
    pub(super) fn export_uses(&self, at: Ref, out: &mut Vec<Use>, depth: u32) {
        let facts = self.facts(at.file);
        let names: Vec<_> = facts
            .exports
            .iter()
            .filter(|e| matches!(&e.value, ExportValue::Node(n) if *n == at.node))
            .map(|e| e.name)
            .collect();
        for name in names {
            out.push(Use::Exported);
            self.imported_uses(at.file, facts.name(name), &self.place(at), out, depth + 1);
        }
        // `module.exports = { name }`
        let up = facts.parent(at.node);
        if let Node::Property { key, value, .. } = facts.node(up)
            && value == at.node
            && self.is_exported_object(at.file, facts.parent(up))
        {
            out.push(Use::Exported);
            if let Some(name) = facts.string(key) {
                self.imported_uses(at.file, name, &self.place(at), out, depth + 1);
            }
        }
    }

    /// Files that import a file, by itself or through files that only pass on what it exports.
    pub fn users_of(&self, file: FileId) -> Files {
        let mut files = Files::default();
        self.add_users(file, &mut files);
        files
    }

    /// Adds the users of a file.
    fn add_users(&self, file: FileId, files: &mut Files) {
        for &user in self.users(file).iter() {
            if !files.contains(&user) && !limits::exceeds(Limit::Importers, files.len() >= MAX_IMPORTERS) {
                files.insert(user);
            }
        }
    }

    /// [`Project::users_of`], asked once for each file: some have thousands of importers.
    fn users(&self, file: FileId) -> Arc<[FileId]> {
        self.known(Rank::Users, &self.known.users, file, || self.find_users(file))
    }

    /// Finds them, by itself or through files that only pass on what it exports.
    fn find_users(&self, file: FileId) -> Arc<[FileId]> {
        let mut files = Files::default();
        let mut queue = vec![file];
        let mut seen: Files = [file].into_iter().collect();
        for user in self.users_of_script(file) {
            if !limits::exceeds(Limit::Importers, files.len() >= MAX_IMPORTERS) {
                files.insert(user);
            }
        }
        while let Some(from) = queue.pop() {
            for &(importer, specifier) in self.importers(from) {
                if !files.contains(&importer) && !limits::exceeds(Limit::Importers, files.len() >= MAX_IMPORTERS) {
                    files.insert(importer);
                }
                if !seen.contains(&importer)
                    && !limits::exceeds(Limit::Importers, seen.len() > MAX_IMPORTERS)
                    && self.passes_on(importer, specifier)
                {
                    seen.insert(importer);
                    queue.push(importer);
                }
            }
        }
        files.into_iter().collect()
    }

    fn imported_uses(&self, file: FileId, name: &str, place: &Place, out: &mut Vec<Use>, depth: u32) {
        for at in self.imported_references(file, name, place) {
            if !self.facts(at.file).is_written(at.node) {
                self.value_uses(at, out, depth + 1);
            }
        }
    }

    /// Calls and reads of a method outside its own body: `this.m`, and `x.m` where `x` is known to be such an object.
    pub fn method_references(&self, owner: OwnerId, name: &str) -> Vec<Ref> {
        let of = (owner, name.into());
        self.known(Rank::MethodReferences, &self.known.method_references, of, || {
            self.find_method_references(owner, name)
        })
    }

    fn find_method_references(&self, owner: OwnerId, name: &str) -> Vec<Ref> {
        let is_static = self.member(owner, name).is_some_and(|(_, m)| m.is_static);
        let mut files: Files = [owner.file].into_iter().collect();
        files.extend(self.lineage(owner).iter().map(|o| o.file));
        for i in 0..2 {
            let known = files.clone();
            for &file in known.iter().skip(if i == 0 { 0 } else { 1 }) {
                self.add_users(file, &mut files);
            }
        }
        // What is handed to an object is called where nobody imports its class.
        let naming = self.files_naming(name);
        if naming.len() <= MAX_NAMING {
            files.extend(naming.iter().copied());
        }
        let reads = self.reads_of_objects(owner);
        let mut out: Vec<Ref> = self.reads_named(&reads, Some(name)).collect();
        out.retain(|at| !self.facts(at.file).is_written(at.node));
        for file in files {
            let Some(wanted) = self.name_in(file, name) else {
                continue;
            };
            let facts = self.facts(file);
            for node in facts.members_named(wanted) {
                let Node::Member { object, .. } = facts.node(node) else {
                    continue;
                };
                if facts.is_written(node) {
                    continue;
                }
                let object = Ref { file, node: object };
                let found = match self.node(object) {
                    Node::Super => self.this_of(self.function_at(object)),
                    _ => self.owner_of_object(object, 0).or_else(|| {
                        // `Cache.put(...)` of a static method.
                        is_static.then(|| self.owner_of_class_value(object, 0)).flatten()
                    }),
                };
                if found.is_some_and(|o| self.is_related(o, owner)) {
                    out.push(Ref { file, node });
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}
