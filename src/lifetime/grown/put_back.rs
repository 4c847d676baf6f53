//! Entries that hold a list, of which what ends the last element puts an empty one back: the key stays.
//!
//! `const rest = list.length === 1 ? [] : without(list, id); table[key] = rest;`

use crate::facts::{AssignOp, Node};
use crate::finding::Cause;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown, LEFTOVER};
use crate::link::Ref;

impl Judge<'_> {
    /// A list under a key gets longer here, and where the code ends one element, it may put an empty list in its place.
    pub(in crate::lifetime) fn empty_put_back(&self, grown: &Grown) -> Option<Found> {
        let value = grown.growth.value.filter(|_| self.is_by_brackets(&grown.growth))?;
        let file = grown.growth.at.file;
        let facts = self.project.facts(file);
        if !matches!(facts.node(value.node), Node::Array(parts) if facts.list(parts).len() > 0) {
            return None;
        }
        let references = self.references_in(&grown.place, file).into_iter();
        let mut put = references.filter_map(|at| {
            let entry = facts.parent(at.node);
            let Node::Index { object, .. } = facts.node(entry) else {
                return None;
            };
            let write = facts.parent(entry);
            match facts.node(write) {
                Node::Assign {
                    target,
                    value,
                    op: AssignOp::Set,
                } if target == entry && object == at.node => Some((write, Ref { node: value, ..at })),
                _ => None,
            }
        });
        let (at, _) = put.find(|&(write, value)| {
            let f = self.project.function_at(Ref { node: write, file });
            f != grown.f && self.ends_one(f) && self.may_be_empty_list(value)
        })?;
        Some(Found::by_release(
            LEFTOVER,
            Cause::ReleaseWithoutEffect,
            Ref { node: at, file },
            "may put an empty list back; the key stays",
        ))
    }

    fn may_be_empty_list(&self, value: Ref) -> bool {
        let is_empty = |at: Ref| {
            let facts = self.project.facts(at.file);
            matches!(facts.node(at.node), Node::Array(parts) if facts.list(parts).len() == 0)
        };
        let set_to = self.project.definitions(&self.project.place(value));
        is_empty(value) || matches!(self.project.node(value), Node::Binding(_)) && set_to.into_iter().any(is_empty)
    }
}
