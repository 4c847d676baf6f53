//! Handles that other code gets and does not end: it works with them for a while, or nobody in the project ever calls
//! what alone could end them.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::lifetime::held::flow::Flow;
use crate::link::Ref;
use crate::tables::{Base, PairRow};

impl Judge<'_> {
    /// Whether code goes on to use what is for one piece of work after it has waited for what it handed it to:
    /// `await work(client); await client.query("COMMIT")`. So it is still its own.
    pub(in crate::lifetime) fn is_used_after(&self, call: Ref, row: &PairRow, flow: &Flow) -> bool {
        let facts = self.project.facts(call.file);
        let f = self.project.function_at(call);
        let is_waited_for = matches!(facts.node(facts.parent(call.node)), Node::Await(_));
        row.scoped
            && is_waited_for
            && flow
                .method_calls
                .iter()
                .any(|used| self.project.function_at(*used) == f && self.is_before(call, *used))
    }

    /// Whether the project nowhere names the function of the platform that alone ends what a row acquires.
    pub(in crate::lifetime) fn is_released_nowhere(&self, row: &PairRow) -> bool {
        let releases = self.project.tables.releases_of(row);
        let is_named = |name: &str| {
            let files = self.project.files_naming(name);
            files.iter().any(|&file| !self.project.file(file).is_test)
        };
        row.scoped && !releases.is_empty() && releases.iter().all(|r| r.base == Base::Global && !is_named(r.last()))
    }
}
