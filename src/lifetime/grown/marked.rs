//! Entries that are taken out only if a mark of their own is set, which they get as they are made and which never
//! changes: those without it stay.
//!
//! `const session = { temporary: !folder }; sessions.set(id, session)`, and `if (session.temporary) sessions.delete(id)`.

use crate::facts::{Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Key, Place, Ref, Root};

impl Judge<'_> {
    /// Every release of an entry stands behind a mark of the entry itself that need not be set.
    pub(in crate::lifetime) fn only_if_marked(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let made = self.literal_of(grown.growth.value?)?;
        if touched.leaves.is_some() {
            return None;
        }
        let mut found = None;
        for (at, how) in self.before_the_end(touched) {
            if !matches!(how, Shrink::Entry(_)) {
                return None;
            }
            let looks = self.looks_within(*at);
            let look = looks
                .into_iter()
                .find(|look| self.is_fixed_mark(grown, made, &look.place, look.truthy))?;
            found.get_or_insert((look.at, *at));
        }
        let (look, taken) = found?;
        Some(Found::on_some_ways(
            (look, "an entry gets this as it is made, or not, and it never changes"),
            (taken, "taken out only here"),
        ))
    }

    /// The object that is written down for a value, here or where its variable begins.
    fn literal_of(&self, value: Ref) -> Option<Ref> {
        let facts = self.project.facts(value.file);
        let node = match facts.node(value.node) {
            Node::Binding(b) => facts.binding(b).init?,
            _ => value.node,
        };
        matches!(facts.node(node), Node::Object(_)).then_some(Ref { node, ..value })
    }

    fn is_fixed_mark(&self, grown: &Grown, made: Ref, mark: &Place, truthy: bool) -> bool {
        let (Root::Binding(..), [Key::Name(name)]) = (&mark.root, &mark.path[..]) else {
            return false;
        };
        let Some(value) = self.project.property(made, name) else {
            return false;
        };
        let object = Place::root(mark.root.clone());
        !self.is_always(value, truthy)
            && self.is_entry(grown, &object)
            && !self.is_set_later(name)
            && !self.is_added_by_mark(grown.growth.at, name)
    }

    /// `true`, where the mark has to be set.
    fn is_always(&self, value: Ref, truthy: bool) -> bool {
        match self.project.node(value) {
            Node::Bool(is_set) => is_set == truthy,
            Node::Null | Node::Undefined => !truthy,
            Node::Object(_) | Node::Array(_) | Node::Function(_) => truthy,
            _ => false,
        }
    }

    /// Whether a variable has an entry of the table: it is looked up there, or it has the type that was written for it.
    fn is_entry(&self, grown: &Grown, object: &Place) -> bool {
        let (Root::Binding(file, b), Some(value)) = (&object.root, grown.growth.value) else {
            return false;
        };
        let facts = self.project.facts(*file);
        let binding = facts.binding(*b);
        let type_of_value = match self.project.node(value) {
            Node::Binding(v) => self
                .project
                .facts(value.file)
                .binding(v)
                .type_name
                .map(|t| self.project.text(value.file, t)),
            _ => None,
        };
        let same_type = binding.type_name.is_some_and(|t| type_of_value == Some(facts.name(t)));
        let is_looked_up = |node: NodeId| {
            let of = facts
                .method_call(node)
                .map(|call| call.object)
                .or(match facts.node(node) {
                    Node::Index { object, .. } => Some(object),
                    _ => None,
                });
            of.is_some_and(|node| {
                let table = self.project.place(Ref { file: *file, node });
                self.project.same_place(&table, &grown.place)
            })
        };
        same_type || binding.init.is_some_and(is_looked_up)
    }

    /// Whether any code writes a member of this name.
    fn is_set_later(&self, name: &str) -> bool {
        let files = self.project.files_naming(name);
        files.iter().any(|&file| {
            let facts = self.project.facts(file);
            let wanted = self.project.name_in(file, name);
            wanted.is_some_and(|name| facts.members_named(name).any(|node| facts.is_written(node)))
        })
    }

    /// Whether a node is reached under a condition that asks for a member of this name.
    fn is_added_by_mark(&self, at: Ref, name: &str) -> bool {
        let looks = self.looks_within(at);
        looks.iter().any(|look| look.place.last() == Some(name))
    }
}
