//! What is acquired on old platforms only.

use crate::facts::Node;
use crate::lifetime::{Acquisition, Judge, Verdict};
use crate::link::Ref;
use crate::tables::PairRow;

impl Judge<'_> {
    /// The verdict on what is made for platforms that do not take a value as it is, where the same function hands it to
    /// those that do: `video.srcObject = stream`, and `video.src = URL.createObjectURL(stream)` elsewhere.
    pub(in crate::lifetime) fn is_for_old_platforms(&self, a: &Acquisition, row: &PairRow) -> Option<Verdict> {
        let given = self
            .project
            .argument(a.at, 0)
            .filter(|_| !row.fallback_for.is_empty())?;
        let facts = self.project.facts(a.at.file);
        let place = self.project.place(given);
        let f = self.project.function_at(a.at);
        let takes = |member| {
            let up = facts.parent(member);
            let Node::Assign { target, value, .. } = facts.node(up) else {
                return false;
            };
            let value = Ref { node: value, ..a.at };
            target == member && self.project.function_at(value) == f && self.project.place(value) == place
        };
        let names = row.fallback_for.iter().filter_map(|name| facts.find_name(name));
        let mut members = names.flat_map(|name| facts.members_named(name));
        members
            .any(takes)
            .then(|| Verdict::bounded("platforms of today take the value itself"))
    }
}
