//! Collections that code of the project puts on the global object, where every file and every script of a page finds
//! them: `window.cache = {}`, `App.handlers = []`.

use crate::facts::{FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{Place, Ref, Repetition, Root};
use crate::tables::Every;

impl Judge<'_> {
    /// Whether no code of the project looks at a collection on the global object: other scripts of the page do, for
    /// which it is filled. A program that answers requests has no page around it.
    pub(in crate::lifetime) fn is_filled_for_others(
        &self,
        place: &Place,
        growth: Ref,
        repetition: &Repetition,
    ) -> bool {
        let is_of_server = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Request | Every::Connection,
                ..
            }
        );
        let references = || self.collection_references(place, growth).into_iter();
        matches!(place.root, Root::Global) && !is_of_server && !references().any(|at| self.is_looked_at(at))
    }

    /// Whether code that runs again and again makes a collection on the global object, rather than the start of the
    /// program: `globalThis.table ??= {}` in a handler.
    pub(in crate::lifetime) fn is_made_global_in_passing(&self, place: &Place) -> bool {
        let defined = self.project.definitions_on_global(place);
        let in_passing = |at: &Ref| self.project.function_at(*at).function != FunctionId::MODULE;
        place.path.len() == 1 && !defined.is_empty() && defined.iter().all(in_passing)
    }

    fn is_looked_at(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        let is_assigned =
            |node: NodeId| matches!(facts.node(facts.parent(node)), Node::Assign { target, .. } if target == node);
        match facts.node(up) {
            Node::Assign { target, .. } => target != at.node,
            // `if (window.queue) window.queue.push(x)`
            Node::If { test, .. } => test != at.node,
            Node::Index { object, .. } if object == at.node => !is_assigned(up),
            Node::Member { object, property, .. } if object == at.node => {
                let grow = &self.project.tables.conventions.grow;
                !is_assigned(up) && grow.iter().all(|g| g != facts.name(property))
            }
            // `window.queue = window.queue || []`
            Node::Logical { .. } => false,
            _ => true,
        }
    }
}
