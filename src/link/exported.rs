//! Exports as others see them: where other files name what a file exports, also through files that pass it on under
//! a name of their own.

use rustc_hash::FxHashSet;

use super::indexes::Required;
use super::known::Rank;
use super::uses::{Files, MAX_IMPORTERS};
use super::{FileId, Key, Place, Project, Ref, Root, limits, limits::Limit, modules};
use crate::facts::{BindingId, ExportValue, FunctionId, Imported, Name, Node, NodeId};

/// Through how many expressions a value is followed to the `require` that it comes from.
const MAX_CARRIED: u32 = 4;

impl Project {
    /// References in other files to a place that a file exports under a name.
    pub fn imported_references(&self, file: FileId, name: &str, place: &Place) -> Vec<Ref> {
        let of = (file, Box::from(name), place.clone());
        let memo = &self.known.imported_references;
        self.known(Rank::ImportedReferences, memo, of, || {
            self.find_imported_references(file, name, place)
        })
    }

    fn find_imported_references(&self, file: FileId, name: &str, place: &Place) -> Vec<Ref> {
        let mut found = Vec::new();
        let mut queue: Vec<(FileId, Box<str>)> = vec![(file, name.into())];
        let mut seen: FxHashSet<(FileId, Box<str>)> = queue.iter().cloned().collect();
        let mut files: Files = [file].into_iter().collect();
        while let Some((from, name)) = queue.pop() {
            for &(importer, specifier) in self.importers(from) {
                if limits::exceeds(Limit::Importers, files.len() > MAX_IMPORTERS) {
                    return found;
                }
                files.insert(importer);
                self.references_in(importer, specifier, &name, place, &mut found);
                if !self.passes_on(importer, specifier) {
                    continue;
                }
                for name in self.names_passed_on(importer, specifier, &name, place) {
                    let next = (importer, name);
                    if seen.insert(next.clone()) {
                        queue.push(next);
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Adds the references of one file to what it imports from another under a name.
    fn references_in(&self, importer: FileId, specifier: Name, name: &str, place: &Place, found: &mut Vec<Ref>) {
        let facts = self.facts(importer);
        let here = |node| Ref { file: importer, node };
        let is_it = |there: &Place| there == place || self.denotes(there, place);
        let required = self.required_in(importer).iter();
        let required = required.filter(|r| r.from.is_none_or(|from| from == specifier));
        let may_be = |imported: &Imported| self.may_name(importer, imported, name);
        let imported = facts
            .imports
            .iter()
            .filter(|i| i.specifier == specifier && may_be(&i.imported))
            .map(|i| i.binding);
        for b in imported.chain(required.map(|r| r.binding)) {
            if is_it(&self.binding_place(importer, b, 0)) {
                found.extend(facts.references_of(b).map(here));
            }
        }
        // `const { name } = require(...)`, `require(...).name`, `ns.name`.
        if let Some(wanted) = self.name_in(importer, if name == "=" { "require" } else { name }) {
            let members = facts.members_named(wanted).map(here);
            found.extend(members.filter(|at| is_it(&self.place(*at))));
        }
        // `require(...)(argument)`, `{ name: require(...) }`
        let calls = self.calls_named(importer, "require").iter();
        let whole = calls.filter(|&&node| modules::required(facts, node) == Some(specifier));
        let is_named = |node| {
            matches!(
                facts.node(facts.parent(node)),
                Node::Declare { .. } | Node::Member { .. }
            )
        };
        found.extend(
            whole
                .filter(|&&node| !is_named(node))
                .map(|&node| here(node))
                .filter(|at| is_it(&self.place(*at))),
        );
    }

    /// Whether a place is a part of something that holds what another place is: `api.name` of `const api = { name }`.
    pub fn denotes(&self, a: &Place, b: &Place) -> bool {
        let is_part = || !a.path.is_empty() && matches!(a.root, Root::Binding(..) | Root::Value(_));
        match (&b.root, b.path.is_empty()) {
            (Root::Value(v), true) => self.value_of_place(a) == Some(*v),
            _ if is_part() => self.value_of_place(a).is_some_and(|value| self.place(value) == *b),
            _ => false,
        }
    }

    /// Whether an object literal is what a file exports.
    pub(super) fn is_exported_object(&self, file: FileId, object: NodeId) -> bool {
        let facts = self.facts(file);
        // `export default Object.freeze({ ... })`
        let up = facts.parent(object);
        let is_first = |args| facts.item(args, 0) == Some(object);
        let whole = match facts.node(up) {
            Node::Call { args, .. } if is_first(args) && self.is_wrapper(Ref { file, node: up }, 0) => up,
            _ => object,
        };
        facts.exports.iter().any(|e| match &e.value {
            ExportValue::Node(n) => *n == whole,
            ExportValue::Binding(b) => facts.binding(*b).init == Some(whole),
            ExportValue::From { .. } => false,
        })
    }

    /// References to a part that is put on a variable of a module, or on the global object: `api.name = value`.
    pub(super) fn attached_references(&self, place: &Place) -> Vec<Ref> {
        if !place.path.is_empty() && self.is_shared(&place.root) {
            return self.references_on_global(place);
        }
        let (&Root::Binding(file, b), [Key::Name(name)]) = (&place.root, &place.path[..]) else {
            return Vec::new();
        };
        let facts = self.facts(file);
        if facts.binding(b).function != FunctionId::MODULE {
            return Vec::new();
        }
        let mut found = match self.is_exported(file, b) {
            true => self.imported_references(file, name, place),
            false => Vec::new(),
        };
        if let Some(wanted) = self.name_in(file, name) {
            let members = facts.members_named(wanted).map(|node| Ref { file, node });
            found.extend(members.filter(|at| self.place(*at) == *place));
        }
        found
    }

    /// References to a part of the global object, or of what scripts share, in all files: `App.name`, `window.name`,
    /// `name`.
    pub fn references_on_global(&self, place: &Place) -> Vec<Ref> {
        let (true, Some(Key::Name(name))) = (self.is_shared(&place.root), place.path.last()) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for &file in self.files_naming(name).iter() {
            let Some(wanted) = self.name_in(file, name) else {
                continue;
            };
            let facts = self.facts(file);
            let members = facts.members_named(wanted).map(|node| Ref { file, node });
            found.extend(members.filter(|at| self.place(*at) == *place));
            if place.root == Root::Global && place.path.len() == 1 {
                found.extend(self.globals_named(file, wanted).map(|node| Ref { file, node }));
            }
        }
        found
    }

    /// Everything that code of the project puts on the global object, or on something there or that scripts share, under a
    /// name: `window.cache = {}`, `App.cache = {}`.
    pub fn definitions_on_global(&self, place: &Place) -> Vec<Ref> {
        self.known(Rank::OnGlobal, &self.known.on_global, place.clone(), || {
            self.find_on_global(place)
        })
    }

    fn find_on_global(&self, place: &Place) -> Vec<Ref> {
        let (true, Some(Key::Name(name))) = (self.is_shared(&place.root), place.path.last()) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for &file in self.files_writing(name).iter() {
            let facts = self.facts(file);
            for &write in self.writes_to(file, name) {
                if let Node::Assign { target, value, .. } = facts.node(write)
                    && self.place(Ref { file, node: target }) == *place
                {
                    out.push(Ref { file, node: value });
                }
            }
        }
        if place.root == Root::Global && place.path.len() == 1 {
            out.extend(self.exposed_as(name));
        }
        out
    }

    /// What scripts of another world put on the global object of a page under a name: `exposeInMainWorld('name', api)`.
    fn exposed_as(&self, name: &str) -> Vec<Ref> {
        let exposes = &self.tables.conventions.exposes;
        let mut out = Vec::new();
        for last in exposes.iter().filter_map(|path| path.rsplit(['.', ':']).next()) {
            for &file in self.files_naming(last).iter() {
                let calls = self.calls_named(file, last).iter().map(|&node| Ref { file, node });
                out.extend(calls.filter_map(|call| {
                    let Node::Call { callee, .. } = self.node(call) else {
                        return None;
                    };
                    let under = self.constant_text(self.argument(call, 0)?, 0)?;
                    let path = self.path_of(Ref { node: callee, ..call })?;
                    let given = self
                        .argument(call, 1)
                        .filter(|_| *under == *name && exposes.contains(&path))?;
                    self.value_of_place(&self.place(given))
                }));
            }
        }
        out
    }

    /// The one value that a part of something on the global object got, in whichever file: `app.dom.on` of
    /// `app.dom = { on(node) {} }`.
    pub fn value_on_global(&self, place: &Place) -> Option<Ref> {
        let (true, [.., Key::Name(name)]) = (self.is_shared(&place.root), place.path.as_slice()) else {
            return None;
        };
        let whole = place.parent()?;
        let objects = match (&whole.root, whole.path.is_empty()) {
            (Root::Global, true) => return None,
            (_, true) => self.definitions(&whole),
            (_, false) => self.definitions_on_global(&whole),
        };
        let mut found = self.definitions_on_global(place);
        found.extend(objects.into_iter().filter_map(|object| self.property(object, name)));
        found.retain(|value| !self.node(*value).is_absent());
        match found[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    fn is_exported(&self, file: FileId, b: BindingId) -> bool {
        let facts = self.facts(file);
        facts.exports.iter().any(|e| match e.value {
            ExportValue::Binding(exported) => exported == b,
            ExportValue::Node(node) => facts.node(node) == Node::Binding(b),
            ExportValue::From { .. } => false,
        })
    }

    /// Whether another file exports again what a file exports, or a part of it.
    pub fn is_exported_again(&self, file: FileId) -> bool {
        let importers = self.importers(file).iter();
        importers
            .copied()
            .any(|(importer, specifier)| self.passes_on(importer, specifier))
    }

    /// Whether a file exports from another without naming it in its own code: `export { x } from`.
    pub(super) fn is_exported_from(&self, file: FileId, specifier: Name) -> bool {
        let facts = self.facts(file);
        let is_from = |value: &ExportValue| matches!(value, ExportValue::From { specifier: s, .. } if *s == specifier);
        facts.star_exports.contains(&specifier) || facts.exports.iter().any(|e| is_from(&e.value))
    }

    /// Whether a file exports again what it imports under a specifier, or a part of it.
    pub(super) fn passes_on(&self, file: FileId, specifier: Name) -> bool {
        let facts = self.facts(file);
        if facts.exports.is_empty() && facts.star_exports.is_empty() {
            return false;
        }
        let of = self.named_after(file, specifier);
        facts.star_exports.contains(&specifier)
            || facts
                .exports
                .iter()
                .any(|e| self.comes_from(file, &e.value, specifier, &of))
    }

    fn comes_from(&self, file: FileId, value: &ExportValue, specifier: Name, of: &[BindingId]) -> bool {
        match *value {
            ExportValue::From { specifier: s, .. } => s == specifier,
            ExportValue::Binding(b) => of.contains(&b),
            ExportValue::Node(node) => self.carries(file, node, specifier, of, 0),
        }
    }

    /// The variables that a file has for a module, or for parts of it.
    fn named_after(&self, file: FileId, specifier: Name) -> Vec<BindingId> {
        let facts = self.facts(file);
        let imported = facts
            .imports
            .iter()
            .filter(|i| i.specifier == specifier)
            .map(|i| i.binding);
        let is_required = |r: &&Required| {
            let init = facts.binding(r.binding).init;
            r.from == Some(specifier) || init.is_some_and(|node| self.carries(file, node, specifier, &[], 0))
        };
        let required = self.required_in(file).iter().filter(is_required);
        imported.chain(required.map(|r| r.binding)).collect()
    }

    /// Whether a value is a module, a part of it, or an object of such.
    fn carries(&self, file: FileId, node: NodeId, specifier: Name, of: &[BindingId], depth: u32) -> bool {
        let facts = self.facts(file);
        let inner = |node| self.carries(file, node, specifier, of, depth + 1);
        if depth > MAX_CARRIED {
            return false;
        }
        match facts.node(node) {
            Node::Binding(b) => of.contains(&b),
            Node::Member { object, .. } => inner(object),
            Node::Spread(value) => inner(value),
            Node::Object(list) => facts.list(list).any(|part| match facts.node(part) {
                Node::Property { value, .. } => inner(value),
                _ => inner(part),
            }),
            Node::Call { callee, args, .. } => match modules::required(facts, node) {
                Some(required) => required == specifier,
                None => {
                    let first = facts.item(args, 0);
                    first.is_some_and(inner)
                        && (self.is_interop(file, callee) || self.is_wrapper(Ref { file, node }, 0))
                }
            },
            _ => false,
        }
    }

    /// Whether what is exported may be what is imported under a name: `export { other } from` is not.
    fn imports_name(&self, file: FileId, value: &ExportValue, name: &str) -> bool {
        let facts = self.facts(file);
        let imported = match value {
            ExportValue::From { imported, .. } => Some(imported),
            ExportValue::Binding(b) => facts.imports.iter().find(|i| i.binding == *b).map(|i| &i.imported),
            ExportValue::Node(_) => None,
        };
        imported.is_none_or(|imported| self.may_name(file, imported, name))
    }

    /// Whether what a file imports may be what is exported under a name: all but what has another name.
    fn may_name(&self, file: FileId, imported: &Imported, name: &str) -> bool {
        match imported {
            Imported::Named(other) => self.text(file, *other) == name,
            Imported::Default | Imported::Namespace => true,
        }
    }

    /// The names under which a file passes on what it imports: the one it has already, and those that are given to it.
    fn names_passed_on(&self, file: FileId, specifier: Name, name: &str, place: &Place) -> Vec<Box<str>> {
        let facts = self.facts(file);
        let of = self.named_after(file, specifier);
        let mut names = vec![name.into()];
        for export in &facts.exports {
            if !self.comes_from(file, &export.value, specifier, &of) {
                continue;
            }
            let own = facts.name(export.name);
            let is_asked = self.imports_name(file, &export.value, name);
            if is_asked && self.export_place(file, own, 0).as_ref() == Some(place) {
                names.push(own.into());
            }
            let ExportValue::Node(object) = export.value else {
                continue;
            };
            let Node::Object(list) = facts.node(object) else {
                continue;
            };
            let parts = facts.list(list).filter_map(|part| match facts.node(part) {
                Node::Property { key, value, .. } => Some((facts.string(key)?, value)),
                _ => None,
            });
            let is_it = |node| self.place(Ref { file, node }) == *place;
            let same = parts.filter(|(_, value)| self.carries(file, *value, specifier, &of, 0) && is_it(*value));
            names.extend(same.map(|(key, _)| Box::from(key)));
        }
        names
    }
}
