//! Objects of the project's own subclasses of what the tables know: `class Database extends PrismaClient`.

use crate::facts::{CallKind, Node};
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Func, OwnerId, Ref};
use crate::tables::{Base, Entry};

impl Judge<'_> {
    /// The making of an object whose class extends one that the tables know, unless the class sees to its end itself.
    pub(in crate::lifetime) fn of_subclass(&self, call: Ref) -> Option<Acquisition> {
        let Node::Call {
            callee,
            kind: CallKind::New,
            ..
        } = self.project.node(call)
        else {
            return None;
        };
        let owner = self.project.owner_of_class_value(Ref { node: callee, ..call }, 0)?;
        let entry = self.base_entry(owner)?;
        let row = &self.project.tables.pairs[entry.row];
        if row.one_shot || row.collectable || self.sees_to_its_end(owner, entry.row) {
            return None;
        }
        Some(Acquisition::of_row(entry.row, row, call, true))
    }

    /// What making an object of the class that a class of the project extends acquires.
    fn base_entry(&self, owner: OwnerId) -> Option<&Entry> {
        let top = *self.project.lineage(owner).last()?;
        let base = Ref {
            file: top.file,
            node: self.project.owner(top).superclass?,
        };
        let last = self.project.import_aware_last(base)?;
        let path = self.project.path_of(base)?;
        self.project.tables.acquisitions(&last).iter().find(|e| {
            let p = &e.pattern;
            let is_class = p.is_of_module(&path) || p.base == Base::Global && path == p.path;
            p.is_new && is_class
        })
    }

    /// Whether methods of a class release its own objects, and something of the project calls one of them.
    fn sees_to_its_end(&self, owner: OwnerId, row: usize) -> bool {
        let releases = &self.project.tables.releases[row];
        let lineage = self.project.lineage(owner);
        let ends = |f: &Func| {
            self.project.calls_in(*f).iter().any(|&node| {
                let call = Ref { file: f.file, node };
                let Node::Call { callee, .. } = self.project.node(call) else {
                    return false;
                };
                let Node::Member { object, property, .. } = self.project.node(Ref { node: callee, ..call }) else {
                    return false;
                };
                let facts = self.project.facts(f.file);
                matches!(facts.node(object), Node::This | Node::Super)
                    && releases.iter().any(|r| r.last() == facts.name(property))
            })
        };
        lineage.iter().any(|o| {
            self.project.owner(*o).members.iter().any(|member| {
                let Some(function) = member.function else { return false };
                let name = self.project.text(o.file, member.name);
                let method = Func { file: o.file, function };
                let within = self.project.inner_functions(method).chain([method]);
                let releases_itself = within.into_iter().any(|f| ends(&f));
                releases_itself
                    && (name == "constructor"
                        || self
                            .project
                            .files_naming(name)
                            .iter()
                            .any(|&file| !self.project.calls_named(file, name).is_empty()))
            })
        })
    }
}
