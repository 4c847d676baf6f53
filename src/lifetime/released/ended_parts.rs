//! Releases that only give what has to be ended: `stream.getTracks()`. What is done with each of the parts says whether it
//! ends there, or is handed on.

use crate::facts::{Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// Whether the code that runs for each part of what a call gives is known, and ends none:
    /// `stream.getTracks().forEach((track) => peer.addTrack(track))`.
    pub(in crate::lifetime) fn leaves_parts(&self, call: Ref, end: &str) -> bool {
        let facts = self.project.facts(call.file);
        let here = |node| Ref { node, ..call };
        let up = facts.parent(call.node);
        match facts.node(up) {
            Node::Member { object, .. } if object == call.node => {
                let each = facts.parent(up);
                let run = self.project.argument(here(each), 0);
                let run = run.and_then(|f| self.project.function_value(f, 0));
                run.is_some_and(|f| !self.ends_part(f, end))
            }
            Node::Loop { .. } => {
                let mut calls = self.project.calls_in(self.project.function_at(call)).iter();
                !calls.any(|&node| facts.is_inside(node, up) && self.is_end_of_part(here(node), end))
            }
            _ => false,
        }
    }

    /// Whether what a function runs ends a part.
    fn ends_part(&self, f: Func, end: &str) -> bool {
        let mut reached = self.project.reach(&[f]);
        reached.extend(self.project.inner_functions(f));
        reached.iter().any(|g| {
            let mut calls = self.project.calls_in(*g).iter();
            calls.any(|&node: &NodeId| self.names_end(Ref { file: g.file, node }, end))
        })
    }

    fn is_end_of_part(&self, call: Ref, end: &str) -> bool {
        let called = self.project.called_function(call);
        self.names_end(call, end) || called.is_some_and(|f| self.ends_part(f, end))
    }

    fn names_end(&self, call: Ref, end: &str) -> bool {
        self.name_called(call).is_some_and(|name| *name == *end)
    }
}
