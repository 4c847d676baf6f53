//! Hooks that are functions of their own: `{ mounted, unmounted }` puts together what a framework runs by its names.

use crate::facts::Node;
use crate::link::{Lifecycle, Phase, Project, Ref, Repetition, Use};
use crate::tables::{Every, LifecycleRow};

impl Project {
    /// How often a framework makes an object of a class that is handed to it, or put under the name of a hook:
    /// `module.controller('list', List)`, `{ controller: List, templateUrl }`.
    pub(super) fn by_maker(&self, used: &Use) -> Option<Repetition> {
        let (row, call) = match used {
            Use::Passed { call, arg } => (self.context_of(*call, *arg)?.0, *call),
            Use::PassedIn { call, arg, path } => (self.context_of_member(*call, *arg, path)?, *call),
            Use::Stored { at, .. } => return self.by_setup_hook(*at),
            _ => return None,
        };
        let context = &self.tables.contexts[row];
        (context.every == Every::Mount).then(|| self.by_row(row, call, !context.guess))
    }

    /// A class under the name of the hook that begins what an object of such a shape describes.
    fn by_setup_hook(&self, property: Ref) -> Option<Repetition> {
        let facts = self.facts(property.file);
        let object = facts.parent(property.node);
        let Node::Property { key, .. } = facts.node(property.node) else {
            return None;
        };
        let keys = self.keys_of(Ref {
            node: object,
            ..property
        });
        let is_of = |shape: &Vec<String>| shape.iter().all(|name| keys.contains(&name.as_str()));
        let mut rows = self.tables.lifecycles.iter();
        let row = rows.find(|row| row.shapes.iter().any(is_of))?;
        let name = facts.string(key)?;
        let begins = Lifecycle { row }.phase(name) == Phase::Setup;
        begins.then(|| self.repeated(row.every, property, &format!("`{name}` is made for each {}", row.name)))
    }

    /// How often a framework runs a function that is put into an object under the name of a hook, where the other hooks
    /// tell whose object it is: `{ mounted, unmounted }`.
    pub(super) fn by_hook(&self, property: Ref) -> Option<Repetition> {
        let facts = self.facts(property.file);
        let object = facts.parent(property.node);
        let (Node::Property { key, .. }, Node::Object(_)) = (facts.node(property.node), facts.node(object)) else {
            return None;
        };
        let keys = self.keys_of(Ref {
            node: object,
            ..property
        });
        let is_told_by = |row: &LifecycleRow, shape: &Vec<String>| {
            let is_hook = |name: &String| Lifecycle { row }.phase(name) != Phase::Other;
            shape.iter().any(is_hook) && shape.iter().all(|name| keys.contains(&name.as_str()))
        };
        let mut rows = self.tables.lifecycles.iter();
        let row = rows.find(|row| row.shapes.iter().any(|shape| is_told_by(row, shape)));
        let row = row.or_else(|| {
            let object = Ref {
                node: object,
                ..property
            };
            self.given_by_maker(object, &self.tables.lifecycles)
        })?;
        let (name, kind) = (facts.string(key)?, &row.name);
        let cycle = Lifecycle { row };
        let text = match cycle.phase(name) {
            Phase::Setup => format!("`{name}` runs for each {kind}"),
            Phase::Repeat => format!("`{name}` runs again and again on one {kind}"),
            Phase::Teardown => format!("`{name}` runs at the end of each {kind}"),
            Phase::Other => return None,
        };
        let every = match cycle.phase(name) {
            Phase::Repeat => Every::Update,
            _ => row.every,
        };
        Some(self.repeated(every, property, &text))
    }
}
