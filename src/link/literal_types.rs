//! Types that have only a few values: unions of literals and enums, also under a name that another file gives them.

use super::modules::Target;
use super::{FileId, Project};
use crate::facts::{ExportValue, Imported, Name};

/// Through how many files a name is followed to where its type is written.
const MAX_FILES: u32 = 4;

impl Project {
    /// Whether an annotation names a type of a few values.
    pub fn has_few_values(&self, file: FileId, name: Name) -> bool {
        self.is_literal_type(file, self.text(file, name), 0)
    }

    fn is_literal_type(&self, file: FileId, text: &str, depth: u32) -> bool {
        let facts = self.facts(file);
        let Some(name) = self.name_in(file, text) else {
            return self.is_given_on(file, text, depth);
        };
        if facts.literal_types.contains(&name) {
            return true;
        }
        let Some(b) = super::types::top_level_binding(facts, name) else {
            return self.is_given_on(file, text, depth);
        };
        let mut imports = facts.imports.iter().filter(|i| i.binding == b);
        imports.any(|i| self.is_imported_literal(file, i.specifier, &i.imported, text, depth))
    }

    /// Whether a type of few values is what a file exports from another one under a name.
    fn is_given_on(&self, file: FileId, text: &str, depth: u32) -> bool {
        let facts = self.facts(file);
        let named = facts.exports.iter().filter(|e| facts.name(e.name) == text);
        let is_given = |value: &ExportValue| match value {
            ExportValue::From { specifier, imported } => {
                self.is_imported_literal(file, *specifier, imported, text, depth)
            }
            ExportValue::Binding(_) | ExportValue::Node(_) => false,
        };
        let is_star = |specifier: &Name| self.is_literal_of(file, *specifier, text, depth);
        named.into_iter().any(|e| is_given(&e.value)) || facts.star_exports.iter().any(is_star)
    }

    fn is_imported_literal(&self, file: FileId, specifier: Name, what: &Imported, text: &str, depth: u32) -> bool {
        match what {
            Imported::Named(name) => self.is_literal_of(file, specifier, self.text(file, *name), depth),
            Imported::Default => self.is_literal_of(file, specifier, text, depth),
            Imported::Namespace => false,
        }
    }

    fn is_literal_of(&self, file: FileId, specifier: Name, text: &str, depth: u32) -> bool {
        match self.target(file, specifier) {
            Target::File(there) => depth < MAX_FILES && self.is_literal_type(there, text, depth + 1),
            Target::External(_) => false,
        }
    }
}
