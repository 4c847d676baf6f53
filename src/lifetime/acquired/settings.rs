//! What is set on what is acquired, or given with it, and says whether there is anything to end: `repeat: -1`,
//! `audio.loop = true`, a call of `start`.

use crate::facts::{Node, NodeId, UnaryOp};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Judge, Verdict};
use crate::link::{FileId, Ref};
use crate::tables::PairRow;

impl Judge<'_> {
    /// Whether an object has a member, `scrollTrigger`, one of a value, `repeat=-1`, or any at all, `*`.
    pub(super) fn has_option(&self, object: Ref, wanted: &str) -> bool {
        if wanted == "*" {
            let facts = self.project.facts(object.file);
            return matches!(facts.node(object.node), Node::Object(list) if facts.list(list).next().is_some());
        }
        let (name, value) = wanted.split_once('=').unwrap_or((wanted, ""));
        let given = self.project.property(object, name);
        given.is_some_and(|given| self.is_of_value(given, value))
    }

    /// Whether an expression says a value as a row writes it; nothing stands for any that is there.
    fn is_of_value(&self, given: Ref, value: &str) -> bool {
        let is_minus = |inner: NodeId| {
            let text = self.project.constant_text(Ref { node: inner, ..given }, 0);
            text.is_some_and(|text| value.strip_prefix('-') == Some(&*text))
        };
        match self.project.node(given) {
            Node::Bool(is) => is && (value.is_empty() || value == "true"),
            Node::Undefined | Node::Null => false,
            _ if value.is_empty() => true,
            Node::Unary {
                op: UnaryOp::Minus,
                value: inner,
            } => is_minus(inner),
            Node::Global(name) => self.project.text(given.file, name) == value,
            _ => self.project.constant_text(given, 0).is_some_and(|text| &*text == value),
        }
    }

    /// The verdict on what nothing sets going, or nothing sets to go on: it ends by itself.
    pub(in crate::lifetime) fn is_at_rest(&self, a: &Acquisition, row: &PairRow, flow: &Flow) -> Option<Verdict> {
        let files = || self.release_files(a.at, &flow.places);
        let begins = |method: &String| {
            let mut found = Vec::new();
            for file in files() {
                self.methods_of_handle(file, method, flow, &mut found);
            }
            !found.is_empty()
        };
        let is_set = |wanted: &String| {
            let (name, value) = wanted.split_once('=').unwrap_or((wanted, ""));
            files()
                .into_iter()
                .any(|file| self.sets_on_handle(file, name, value, flow))
        };
        if !row.begun_by.is_empty() && !row.begun_by.iter().any(begins) {
            return Some(Verdict::unknown("nothing in sight sets it going"));
        }
        let ends = !row.set_to.is_empty() && !row.set_to.iter().any(is_set);
        ends.then(|| Verdict::bounded("it ends by itself"))
    }

    /// `handle.loop = true`
    fn sets_on_handle(&self, file: FileId, name: &str, value: &str, flow: &Flow) -> bool {
        let facts = self.project.facts(file);
        let named = self.project.name_in(file, name).into_iter();
        let mut members = named.flat_map(|name| facts.members_named(name));
        members.any(|node| {
            let here = |node| Ref { file, node };
            let Node::Member { object, .. } = facts.node(node) else {
                return false;
            };
            let Node::Assign {
                target, value: given, ..
            } = facts.node(facts.parent(node))
            else {
                return false;
            };
            target == node
                && self.is_of_value(here(given), value)
                && self.is_one_of(&self.project.place(here(object)), &flow.places)
        })
    }
}
