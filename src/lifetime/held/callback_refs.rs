//! Callback refs: functions that a component gives to its nodes, and that get `null` when the nodes go.
//!
//! What such a function takes off the node before is taken off at the end of the component too.

use crate::facts::{Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::released::releases::Release;
use crate::link::{Func, OwnerId, Ref};

impl Judge<'_> {
    /// A release that the callback refs of a component reach.
    pub(in crate::lifetime) fn released_by_callback_ref(&self, owner: OwnerId, right: &[&Release]) -> Option<Ref> {
        let refs = self.callback_refs(owner);
        if refs.is_empty() {
            return None;
        }
        let reach = self.project.reach(&refs);
        let reached = right.iter().find(|r| reach.contains(&self.project.function_at(r.at)))?;
        Some(reached.at)
    }

    /// The functions that the methods of a component give to nodes: `<div ref={this.attach}>`.
    fn callback_refs(&self, owner: OwnerId) -> Vec<Func> {
        let file = owner.file;
        let facts = self.project.facts(file);
        let nodes = (0..facts.nodes.len() as u32).map(NodeId);
        nodes
            .filter_map(|node| match facts.node(node) {
                Node::Property { key, value, .. }
                    if matches!(facts.node(facts.parent(node)), Node::Jsx { .. } | Node::Object(_))
                        && facts.string(key).is_some_and(|k| self.project.is_node_attribute(k)) =>
                {
                    let around = self.project.method_around(self.project.function_at(Ref { file, node }));
                    let is_own = around.is_some_and(|(o, ..)| self.project.is_related(o, owner));
                    is_own.then(|| self.project.function_value(Ref { file, node: value }, 0))?
                }
                _ => None,
            })
            .collect()
    }
}
