//! Elements of a list that is written where it is gone through: `[timer, undo].forEach((each) => each.stop())`.

use crate::facts::{LoopKind, Node};
use crate::lifetime::Judge;
use crate::lifetime::held::flow::Flow;
use crate::link::Ref;

impl Judge<'_> {
    /// Follows the elements of a list to the name that they have, one after the other, where it is gone through.
    pub(in crate::lifetime) fn follow_elements(&self, list: Ref, flow: &mut Flow, depth: u32) {
        if let Some(name) = self.name_of_elements(list) {
            self.follow_into(name, flow, depth + 1);
        }
    }

    fn name_of_elements(&self, list: Ref) -> Option<Ref> {
        let facts = self.project.facts(list.file);
        let up = facts.parent(list.node);
        match facts.node(up) {
            Node::Member { object, property, .. } if object == list.node => {
                let Node::Call { callee, args, .. } = facts.node(facts.parent(up)) else {
                    return None;
                };
                let name = facts.name(property);
                let reads = self.project.tables.conventions.read.iter().any(|m| m == name);
                let callback = facts.item(args, 0).filter(|_| callee == up && reads)?;
                let f = self.project.function_value(Ref { node: callback, ..list }, 0)?;
                let node = self.project.facts(f.file).item(self.project.function(f).params, 0)?;
                Some(Ref { file: f.file, node })
            }
            Node::Loop {
                parts,
                kind: LoopKind::ForOf,
                ..
            } if facts.item(parts, 1) == Some(list.node) => {
                let first = facts.item(parts, 0)?;
                let node = match facts.node(first) {
                    Node::Declare { target, .. } => target,
                    _ => first,
                };
                Some(Ref { node, ..list })
            }
            _ => None,
        }
    }
}
