//! Elements that markup inside of code gives an identifier: `<ul id="rows">`.

use super::{FileId, Project, Ref};
use crate::facts::{FileFacts, Node, NodeId};

impl Project {
    /// The elements of a file with an identifier, each with what that is.
    pub fn identified_elements(&self, file: FileId) -> impl Iterator<Item = (Ref, Ref)> + '_ {
        let read = self.file(file);
        let known = read.indexes.identified.get_or_init(|| identified(&read.facts));
        let here = move |node| Ref { file, node };
        known.iter().map(move |&(element, id)| (here(element), here(id)))
    }
}

fn identified(facts: &FileFacts) -> Vec<(NodeId, NodeId)> {
    let id_of = |attributes| {
        facts.list(attributes).find_map(|a| match facts.node(a) {
            Node::Property { key, value, .. } => (facts.string(key)? == "id").then_some(value),
            _ => None,
        })
    };
    let nodes = facts.nodes.iter().zip(0..);
    nodes
        .filter_map(|(node, index)| match *node {
            Node::Jsx { attributes, .. } => Some((NodeId(index), id_of(attributes)?)),
            _ => None,
        })
        .collect()
}
