//! Handles that a handler is told: `new IntersectionObserver((entries, observer) => observer.disconnect())`.

use crate::facts::Node;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Place, Ref, Root};

impl Judge<'_> {
    /// Where the handle of an acquisition goes, the parameter of its own handler included.
    pub(in crate::lifetime) fn flow_of(&self, a: &Acquisition) -> Flow {
        let mut flow = self.flow(a.at);
        flow.places.extend(self.told_handle(a));
        flow
    }

    fn told_handle(&self, a: &Acquisition) -> Option<Place> {
        let index = self.project.tables.pairs[a.row()?].told?;
        let f = self.project.function_value(a.handler()?, 0)?;
        let facts = self.project.facts(f.file);
        let node = facts.item(facts.function(f.function).params, index)?;
        match self.project.node(Ref { file: f.file, node }) {
            Node::Binding(b) => Some(Place::root(Root::Binding(f.file, b))),
            _ => None,
        }
    }
}
