//! Written types: what annotations say of a place, and of the parts and elements of what they name, also through names
//! that other files declare.

use super::known::Rank;
use super::modules::Target;
use super::{FileId, Key, OwnerId, Place, Project, Ref, Root};
use crate::facts::{
    BindingKind, CallKind, ELEMENT, ExportValue, Imported, KEY, MemberKind, Name, Node, OPTION, WrittenType,
};
use crate::tables::TypeId;

/// Through how many files a name is followed to where its type is written.
const MAX_FILES: u32 = 4;

/// Through how many parts, bases and calls a written type is followed.
const MAX_STEPS: u32 = 8;

/// The name of a type, and the file that writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    file: FileId,
    name: Name,
}

impl Project {
    /// The type that annotations give the value at a place.
    pub(super) fn type_by_annotations(&self, place: &Place, depth: u32) -> Option<TypeId> {
        let written = self.written_at(place, 0)?;
        self.type_of_annotation(written.file, written.name, depth + 1)
    }

    /// The name of the type that annotations give the value at a place.
    pub fn type_written_at(&self, place: &Place) -> Option<&str> {
        let written = self.written_at(place, 0)?;
        Some(self.text(written.file, written.name))
    }

    /// The project's own class that annotations name for the value at a place.
    pub(super) fn owner_by_annotations(&self, place: &Place) -> Option<OwnerId> {
        let written = self.written_at(place, 0)?;
        self.owner_of_annotation(written.file, written.name)
    }

    /// The type that annotations give what a call gives back. A stream may be for this one call, and end by itself:
    /// only what it is made of can tell.
    pub(super) fn type_of_result(&self, call: Ref, depth: u32) -> Option<TypeId> {
        let written = self.written_result(call, 0)?;
        self.type_of_annotation(written.file, written.name, depth + 1)
            .filter(|&found| self.tables.stream_kind(found).is_none())
    }

    /// The type that annotations give what a promise is fulfilled with.
    pub(super) fn type_of_promised(&self, promise: Ref, depth: u32) -> Option<TypeId> {
        let written = self.written_of(promise, 0)?;
        let content = self.written_part(written, ELEMENT, 0)?;
        self.type_of_annotation(content.file, content.name, depth + 1)
    }

    /// The types that a written type extends or stands for, if the code says what it is made of.
    pub(super) fn bases_of(&self, file: FileId, name: Name) -> Option<impl Iterator<Item = (FileId, Name)> + '_> {
        let (home, declared) = self.declared_type(Written { file, name })?;
        Some(declared.bases.iter().map(move |&base| (home, base)))
    }

    /// The one class of the project that implements an interface which an annotation names.
    pub(super) fn implementer(&self, file: FileId, name: Name) -> Option<OwnerId> {
        let interface = self.home_of_type(file, self.text(file, name), 0)?;
        let of = (interface.file, interface.name);
        self.known(Rank::Implementer, &self.known.implementers, of, || {
            self.find_implementer(interface)
        })
    }

    fn find_implementer(&self, interface: Written) -> Option<OwnerId> {
        let text = self.text(interface.file, interface.name);
        let mut files = self.users_of(interface.file);
        files.insert(interface.file);
        let mut found = None;
        for file in files {
            if self.name_in(file, text).is_none() || self.file(file).is_test {
                continue;
            }
            for class in &self.facts(file).classes {
                let is_it = |&local: &Name| self.home_of_type(file, self.text(file, local), 0) == Some(interface);
                if !class.implements.iter().any(is_it) {
                    continue;
                }
                if found.is_some() {
                    return None;
                }
                found = self.owner_made_by(Ref { file, node: class.node });
            }
        }
        found
    }

    fn written_of(&self, at: Ref, depth: u32) -> Option<Written> {
        match self.node(at) {
            Node::Call { .. } => self.written_result(at, depth + 1),
            Node::Await(node) => self.written_of(Ref { node, ..at }, depth + 1),
            _ => self.written_at(&self.place(at), depth),
        }
    }

    fn written_at(&self, place: &Place, depth: u32) -> Option<Written> {
        if depth > MAX_STEPS {
            return None;
        }
        match (&place.root, place.path.as_slice()) {
            (Root::Binding(file, b), []) => {
                let binding = self.facts(*file).binding(*b);
                if let Some(name) = binding.type_name {
                    return Some(Written { file: *file, name });
                }
                if let Some(init) = binding.init.filter(|_| binding.writes == 0) {
                    return match self.facts(*file).node(init) {
                        Node::Call { .. } | Node::Await(_) => self.written_of(
                            Ref {
                                file: *file,
                                node: init,
                            },
                            depth + 1,
                        ),
                        _ => None,
                    };
                }
                self.written_element(*file, *b, depth)
            }
            (Root::Value(at), []) => self.written_pattern(*at),
            (Root::This(owner), [Key::Name(name)]) => self.written_member(*owner, name),
            (_, [.., Key::Name(name)]) => {
                let whole = self.written_at(&place.parent()?, depth + 1)?;
                self.written_part(whole, name, depth + 1)
            }
            (_, [.., Key::Dynamic(_)]) => {
                let whole = self.written_at(&place.parent()?, depth + 1)?;
                self.written_part(whole, ELEMENT, depth + 1)
            }
            _ => None,
        }
    }

    /// The type of a parameter or variable that is taken apart.
    fn written_pattern(&self, at: Ref) -> Option<Written> {
        let facts = self.facts(at.file);
        let known = facts.pattern_types.binary_search_by_key(&at.node, |(node, _)| *node);
        let (_, name) = facts.pattern_types[known.ok()?];
        Some(Written { file: at.file, name })
    }

    /// The type of what a name of a loop or of a callback for each element stands for.
    fn written_element(&self, file: FileId, b: crate::facts::BindingId, depth: u32) -> Option<Written> {
        if !matches!(
            self.facts(file).binding(b).kind,
            BindingKind::Const | BindingKind::Let | BindingKind::Param
        ) {
            return None;
        }
        let (of, part) = self.gone_through(file, b)?;
        let list = self.written_of(of, depth + 1)?;
        let element = self.written_part(list, ELEMENT, depth + 1)?;
        match &part[..] {
            [] => Some(element),
            // The value beside its key.
            [second] if &**second == "1" => Some(element),
            [name] => self.written_part(element, name, depth + 1),
            _ => None,
        }
    }

    /// The first of what annotations in an owner's line, nearest first, say of a member that `ask` has an answer for.
    pub(super) fn ask_of_member<T>(
        &self,
        owner: OwnerId,
        name: &str,
        ask: impl Fn(FileId, Name) -> Option<T>,
    ) -> Option<T> {
        self.lineage(owner).into_iter().find_map(|o| {
            let wanted = self.name_in(o.file, name)?;
            let mut members = self.owner(o).members.iter().filter(|m| m.name == wanted);
            members.find_map(|m| ask(o.file, m.type_name?))
        })
    }

    fn written_member(&self, owner: OwnerId, name: &str) -> Option<Written> {
        self.ask_of_member(owner, name, |file, name| Some(Written { file, name }))
    }

    /// The type of what a method of an owner gives back.
    fn written_method(&self, owner: OwnerId, name: &str) -> Option<Written> {
        let (o, member) = self.member(owner, name)?;
        if member.kind == MemberKind::Getter {
            return None;
        }
        let name = self.facts(o.file).function(member.function?).type_name?;
        Some(Written { file: o.file, name })
    }

    fn written_result(&self, call: Ref, depth: u32) -> Option<Written> {
        let facts = self.facts(call.file);
        let Node::Call { callee, kind, .. } = facts.node(call.node) else {
            return None;
        };
        if kind == CallKind::New || depth > MAX_STEPS {
            return None;
        }
        if let Some(f) = self.asked_function(call, 0)
            && let Some(name) = self.function(f).type_name
        {
            return Some(Written { file: f.file, name });
        }
        let Node::Member { object, property, .. } = facts.node(callee) else {
            return None;
        };
        let method = facts.name(property);
        let of = self.written_of(Ref { node: object, ..call }, depth + 1)?;
        if let Some(found) = self.written_part(of, &format!("{method}()"), depth + 1) {
            return Some(found);
        }
        let conventions = &self.tables.conventions;
        if conventions.element_reads.iter().any(|m| m == method) {
            return self.written_part(of, ELEMENT, depth + 1);
        }
        conventions.element_lists.iter().any(|m| m == method).then_some(of)
    }

    /// The type of a part of what has a written type: `name`, `name()`, `[]`.
    fn written_part(&self, of: Written, part: &str, depth: u32) -> Option<Written> {
        let _leave = super::fuel::spend().filter(|_| depth <= MAX_STEPS)?;
        if let Some((home, declared)) = self.declared_type(of) {
            if let Some(wanted) = self.name_in(home, part)
                && let Some((_, name)) = declared.parts.iter().find(|(name, _)| *name == wanted)
            {
                return Some(Written {
                    file: home,
                    name: *name,
                });
            }
            let mut bases = declared.bases.iter().map(|&name| Written { file: home, name });
            if let Some(found) = bases.find_map(|base| self.written_part(base, part, depth + 1)) {
                return Some(found);
            }
            // `ref.current`, `signal.value`, a part of what `defineProps<Props>()` gives.
            let element = self.name_in(home, ELEMENT).filter(|_| part != ELEMENT && part != KEY)?;
            let (_, name) = declared.parts.iter().find(|(name, _)| *name == element)?;
            let content = Written {
                file: home,
                name: *name,
            };
            let is_box = self.tables.conventions.boxes.iter().any(|b| b == part);
            return if is_box {
                Some(content)
            } else {
                self.written_part(content, part, depth + 1)
            };
        }
        let owner = self.owner_of_annotation(of.file, of.name)?;
        match part.strip_suffix("()") {
            Some(method) => self.written_method(owner, method),
            None => self.written_member(owner, part),
        }
    }

    /// Where a written type says what it is made of.
    fn declared_type(&self, written: Written) -> Option<(FileId, &WrittenType)> {
        let facts = self.facts(written.file);
        if let Some(declared) = facts.written_type(written.name) {
            return Some((written.file, declared));
        }
        let home = self.home_of_type(written.file, facts.name(written.name), 0)?;
        Some((home.file, self.facts(home.file).written_type(home.name)?))
    }

    /// Whether annotations give a value a type of a few values.
    pub fn is_of_few_values(&self, value: Ref) -> bool {
        let facts = self.facts(value.file);
        let own = match facts.node(value.node) {
            Node::Binding(b) => facts.binding(b).type_name,
            _ => None,
        };
        let own = own.map(|name| Written { file: value.file, name });
        let written = own.or_else(|| self.written_at(&self.place(value), 0));
        written.is_some_and(|w| self.is_few(w, 0))
    }

    /// Whether annotations give the keys of a collection, or the elements of a set, a type of a few values.
    pub fn has_few_keys(&self, collection: &Place) -> bool {
        let Some(written) = self.written_at(collection, 0) else {
            return false;
        };
        let is_set = || {
            let found = self.type_of_annotation(written.file, written.name, 0);
            found.is_some_and(|t| self.tables.type_row(t).name == "Set")
        };
        let keys = self.written_part(written, KEY, 0);
        let keys = keys.or_else(|| self.written_part(written, ELEMENT, 0).filter(|_| is_set()));
        keys.is_some_and(|k| self.is_few(k, 0))
    }

    /// Whether a type has a few values: a union of literals, an enum, a union of such types.
    fn is_few(&self, written: Written, depth: u32) -> bool {
        let text = self.text(written.file, written.name);
        if depth > MAX_STEPS || self.tables.conventions.few_types.iter().any(|few| few == text) {
            return depth <= MAX_STEPS;
        }
        let Some(home) = self.home_of_type(written.file, text, 0) else {
            return false;
        };
        let facts = self.facts(home.file);
        if facts.literal_types.contains(&home.name) {
            return true;
        }
        let Some(declared) = facts.written_type(home.name) else {
            return false;
        };
        // `type Id = Mark`
        if let ([only], []) = (&declared.bases[..], &declared.parts[..]) {
            return self.is_few(Written { name: *only, ..home }, depth + 1);
        }
        let mut options = declared.parts.iter().peekable();
        let is_few = |&(part, name): &(Name, Name)| {
            facts.name(part) == OPTION && self.is_few(Written { name, ..home }, depth + 1)
        };
        options.peek().is_some() && options.all(is_few)
    }

    /// Where the code says what a type is that a file calls by a name, and how it is called there.
    fn home_of_type(&self, file: FileId, text: &str, depth: u32) -> Option<Written> {
        let facts = self.facts(file);
        if let Some(name) = self.name_in(file, text)
            && (facts.literal_types.contains(&name) || facts.written_type(name).is_some())
        {
            return Some(Written { file, name });
        }
        if let Some((there, rest)) = self.namespace_of(file, text).filter(|_| depth < MAX_FILES) {
            return self.home_of_type(there, rest, depth + 1);
        }
        let Some(name) = self.name_in(file, text) else {
            return self.given_on(file, text, depth);
        };
        let Some(b) = super::types::top_level_binding(facts, name) else {
            return self.given_on(file, text, depth);
        };
        let mut imports = facts.imports.iter().filter(|i| i.binding == b);
        imports.find_map(|i| self.home_of_import(file, i.specifier, &i.imported, text, depth))
    }

    /// The home of a type that a file exports from another one under a name.
    fn given_on(&self, file: FileId, text: &str, depth: u32) -> Option<Written> {
        let facts = self.facts(file);
        let mut named = facts.exports.iter().filter(|e| facts.name(e.name) == text);
        let given = |value: &ExportValue| match value {
            ExportValue::From { specifier, imported } => self.home_of_import(file, *specifier, imported, text, depth),
            ExportValue::Binding(_) | ExportValue::Node(_) => None,
        };
        let star = |specifier: &Name| self.home_in(file, *specifier, text, depth);
        named
            .find_map(|e| given(&e.value))
            .or_else(|| facts.star_exports.iter().find_map(star))
    }

    fn home_of_import(
        &self,
        file: FileId,
        specifier: Name,
        what: &Imported,
        text: &str,
        depth: u32,
    ) -> Option<Written> {
        match what {
            Imported::Named(name) => self.home_in(file, specifier, self.text(file, *name), depth),
            Imported::Default => self.home_in(file, specifier, text, depth),
            Imported::Namespace => None,
        }
    }

    fn home_in(&self, file: FileId, specifier: Name, text: &str, depth: u32) -> Option<Written> {
        match self.target(file, specifier) {
            Target::File(there) if depth < MAX_FILES => self.home_of_type(there, text, depth + 1),
            _ => None,
        }
    }
}
