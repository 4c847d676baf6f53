//! Listeners that take the place of those before them: libraries that keep one function for each name.

use crate::facts::Node;
use crate::lifetime::{Acquisition, Judge, Kind, Verdict};
use crate::link::Ref;

impl Judge<'_> {
    /// The verdict on a registration on a receiver that nobody knows, in a file that works with a library whose `on`
    /// sets the one function for a name: `dispatch.on('change.list', f)`.
    pub(in crate::lifetime) fn takes_the_place(&self, a: &Acquisition) -> Option<Verdict> {
        let Kind::Pair {
            target: Some(_),
            key: Some(key),
            typed: false,
            ..
        } = &a.kind
        else {
            return None;
        };
        let libraries = &self.project.tables.conventions.one_for_name;
        let facts = self.project.facts(a.at.file);
        let is_such = facts.imports.iter().any(|import| {
            let from = facts.name(import.specifier);
            libraries.iter().any(|l| {
                let rest = from.strip_prefix(l.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        });
        // A name that each call makes up takes no other's place.
        (is_such && self.has_fixed_end(*key)).then(|| Verdict::bounded("another one for the name takes its place"))
    }

    /// `'change.list'`, `prefix + 'down.list'`.
    fn has_fixed_end(&self, key: Ref) -> bool {
        let last = match self.project.node(key) {
            Node::Binary { right, .. } => Ref { node: right, ..key },
            _ => key,
        };
        self.project.constant_text(last, 0).is_some()
    }
}
