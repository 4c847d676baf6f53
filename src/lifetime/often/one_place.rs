//! What takes the place of what was there before: listeners of libraries that keep one function for each name, trees that
//! are drawn into one container.

use crate::facts::{FunctionId, Node};
use crate::lifetime::{Acquisition, Judge, Kind, Verdict};
use crate::link::{Key, Ref, Repetition, Root};
use crate::tables::Param;

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

    /// The verdict on what is kept by a thing that it is put into, where that thing is the same each time: a tree that
    /// is drawn into the one container of a singleton again takes the place of the tree before.
    pub(in crate::lifetime) fn fills_one_place(&self, a: &Acquisition) -> Option<Verdict> {
        let Kind::Pair {
            row, key: Some(key), ..
        } = &a.kind
        else {
            return None;
        };
        let is_fixed = || self.project.constant_text(*key, 0).is_some();
        if self.project.tables.pairs[*row].one_for_key && is_fixed() {
            return Some(Verdict::bounded(
                "there is one for each key, and the key is the same each time",
            ));
        }
        let releases = &self.project.tables.releases[*row];
        let place = self.project.place(*key);
        let is_by_key = !releases.is_empty() && releases.iter().all(|release| release.params == [Param::Key]);
        let is_one = match (&place.root, &place.path[..]) {
            (Root::This(owner), [Key::Name(name)]) => {
                let is_single = self.project.instances_of(*owner) == Repetition::Once || self.is_singleton(*owner);
                is_single && self.project.field_definitions(*owner, name).len() == 1
            }
            (Root::Binding(file, b), []) => {
                let binding = self.project.facts(*file).binding(*b);
                binding.function == FunctionId::MODULE && binding.writes == 0
            }
            _ => false,
        };
        (is_by_key && is_one).then(|| Verdict::bounded("the next one takes its place, in what there is one of"))
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
