//! Fields that a framework keeps behind methods of its objects: `this.set('timer', handle)`, `this.get('timer')`.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::link::{Key, Place, Ref, Root};
use crate::tables::LifecycleRow;

impl Judge<'_> {
    /// The place that an expression reads, a field behind a method as well.
    pub(in crate::lifetime) fn place_read(&self, at: Ref) -> Place {
        let facts = self.project.facts(at.file);
        let read = match facts.node(at.node) {
            Node::Binding(b) if facts.binding(b).writes == 0 => facts.binding(b).init,
            _ => None,
        };
        let read = Ref {
            node: read.unwrap_or(at.node),
            ..at
        };
        let field = self.field_behind(read, |row| row.reads_by.as_deref());
        field.unwrap_or_else(|| self.project.place(at))
    }

    /// The field that a call puts its second argument into.
    pub(super) fn field_put(&self, call: Ref) -> Option<Place> {
        self.field_behind(call, |row| row.writes_by.as_deref())
    }

    /// The field that a call of such a method of a framework's object names.
    fn field_behind(&self, call: Ref, by: impl Fn(&LifecycleRow) -> Option<&str>) -> Option<Place> {
        let facts = self.project.facts(call.file);
        let called = facts.method_call(call.node)?;
        let name = facts.name(called.method);
        if !self.project.tables.lifecycles.iter().any(|row| by(row) == Some(name)) {
            return None;
        }
        let here = |node| Ref { node, ..call };
        let object = self.project.place(here(called.object));
        let Root::This(owner) = object.root else { return None };
        let is_its = by(self.project.lifecycle(owner)?.row) == Some(name);
        let key = self.project.constant_text(here(facts.item(called.args, 0)?), 0)?;
        let is_own = self.project.method(owner, name).is_some();
        (is_its && !is_own && object.path.is_empty() && !key.contains('.')).then(|| Place {
            path: vec![Key::Name(key)],
            ..object
        })
    }
}
