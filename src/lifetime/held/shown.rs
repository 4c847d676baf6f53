//! Handles that markup shows: `<img src={URL.createObjectURL(file)}>`. The element has them, and code that hears of the
//! element may end them.

use crate::facts::Node;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{FileId, Func, Place, Ref, Root};
use crate::tables::Base;

impl Judge<'_> {
    /// Whether all that a handle is given back to is the markup of components, which ends nothing, and nothing else has it.
    pub(in crate::lifetime) fn is_given_to_markup(&self, flow: &Flow) -> bool {
        let is_local = |place: &Place| match place.root {
            Root::Binding(file, b) => {
                let function = self.project.facts(file).binding(b).function;
                flow.returned.contains(&Func { file, function })
            }
            _ => false,
        };
        let is_kept = !flow.collections.is_empty() || !flow.passed.is_empty() || !flow.places.iter().all(is_local);
        !flow.returned.is_empty() && !is_kept && flow.returned.iter().all(|f| self.is_run_by_markup_only(*f))
    }

    /// Whether the code of a file ends what an element shows, when it is told of the element:
    /// `onLoad={(event) => URL.revokeObjectURL(event.target.src)}`.
    pub(in crate::lifetime) fn is_ended_from_element(&self, a: &Acquisition) -> bool {
        let Some(row) = a.row() else { return false };
        let file = a.at.file;
        let is_of_node = |handle: Ref| match self.project.node(handle) {
            Node::Member { object, .. } => {
                let node = self.project.last_name(Ref { node: object, file });
                node.is_some_and(|name| self.project.tables.is_node_of_event(name))
            }
            _ => false,
        };
        self.handles_ended(row, file).any(is_of_node) || self.markup_ends(row, file)
    }

    /// Whether the markup of a component names what a release is called on: `@load="URL.revokeObjectURL(...)"`.
    fn markup_ends(&self, row: usize, file: FileId) -> bool {
        self.project.tables.releases[row].iter().any(|release| {
            let first = release.path.split('.').next();
            release.base == Base::Global && first.is_some_and(|name| self.markup_names(file, name))
        })
    }

    /// Whether the markup of a component names something of its script or of the page.
    fn markup_names(&self, file: FileId, name: &str) -> bool {
        let facts = self.project.facts(file);
        facts
            .find_name(name)
            .is_some_and(|name| facts.template_names.contains(&name))
    }

    /// Whether the markup of a component runs a function of its script, and nothing else does.
    fn is_run_by_markup_only(&self, f: Func) -> bool {
        if self.project.is_run_by_markup(f) {
            return self.project.uses(f).is_empty();
        }
        self.project.method_around(f).is_some_and(|(owner, name, method)| {
            method == f
                && self.markup_names(f.file, name)
                && self.project.lifecycle(owner).is_some()
                && self.project.method_references(owner, name).is_empty()
        })
    }
}
