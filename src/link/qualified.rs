//! Types that are written with what they are a part of: `net.Socket`, `import("net").Socket`, `Rooms.Room`; and the
//! results of functions: `ReturnType<typeof connect>`.

use super::modules::Target;
use super::types::top_level_binding;
use super::{FileId, Key, Place, Project, Root};
use crate::facts::{BindingId, BindingKind, Name};

/// What stands in front of the first dot of a type's name.
enum Head<'t> {
    /// `import("net")`
    Specifier(&'t str),
    /// `net`
    Name(&'t str),
}

/// The parts of a type's name, where it is none that the facts made up.
fn parts_of(text: &str) -> Option<(Head<'_>, &str)> {
    if let Some(import) = text.strip_prefix("import(\"") {
        let (specifier, rest) = import.split_once("\").")?;
        return Some((Head::Specifier(specifier), rest));
    }
    let is_plain = !text.contains(['<', '{', '[']);
    let (head, rest) = text.split_once('.').unwrap_or((text, ""));
    is_plain.then_some((Head::Name(head), rest))
}

/// The last name of a type's: `Socket` of `net.Socket`.
pub(super) fn last_part(text: &str) -> &str {
    text.rsplit_once('.').map_or(text, |(_, last)| last)
}

impl Project {
    /// The place that the name of a type denotes in a file.
    pub(super) fn place_of_type(&self, file: FileId, text: &str, depth: u32) -> Option<Place> {
        let (head, rest) = parts_of(text)?;
        let whole = match head {
            Head::Specifier(specifier) => self.required_place(file, self.name_in(file, specifier)?, depth),
            Head::Name(name) => match self.top_level_named(file, name) {
                Some(b) => self.binding_place(file, b, depth),
                // The object that a script leaves on the page.
                None if !rest.is_empty() => Place {
                    root: Root::Global,
                    path: vec![Key::Name(name.into())],
                },
                None => return None,
            },
        };
        let parts = rest.split('.').filter(|part| !part.is_empty());
        Some(parts.fold(whole, |place, part| self.child(place, Key::Name(part.into()), depth)))
    }

    fn top_level_named(&self, file: FileId, name: &str) -> Option<BindingId> {
        top_level_binding(self.facts(file), self.name_in(file, name)?)
    }

    /// The file and name of a type that stands in a namespace of the project.
    pub(super) fn in_own_namespace(&self, place: &Place) -> Option<(FileId, Name)> {
        let (&Root::Binding(file, b), [.., Key::Name(last)]) = (&place.root, &place.path[..]) else {
            return None;
        };
        let is_namespace = self.facts(file).binding(b).kind == BindingKind::Enum;
        Some((file, self.name_in(file, last).filter(|_| is_namespace)?))
    }

    /// Where the file is that says what a type is, seen from one that names it with what it is a part of, and how it is
    /// called there.
    pub(super) fn namespace_of<'t>(&self, file: FileId, text: &'t str) -> Option<(FileId, &'t str)> {
        let (head, rest) = parts_of(text).filter(|(_, rest)| !rest.is_empty())?;
        let target = |specifier: Name| match self.target(file, specifier) {
            Target::File(there) => Some(there),
            Target::External(_) => None,
        };
        let name = match head {
            Head::Specifier(specifier) => return Some((target(self.name_in(file, specifier)?)?, rest)),
            Head::Name(name) => name,
        };
        let facts = self.facts(file);
        let b = self.top_level_named(file, name)?;
        if facts.binding(b).kind == BindingKind::Enum {
            return Some((file, rest));
        }
        // Of what another file gives by a name, its namespace has the types: they are known by their own names.
        let import = facts.imports.iter().find(|i| i.binding == b)?;
        Some((target(import.specifier)?, rest))
    }
}
