//! What is written to while a function runs, and is nobody's once it is through: nothing can end it any more.

use crate::facts::FunctionId;
use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::Func;
use crate::tables::PairRow;

impl Judge<'_> {
    /// Evidence that a function opens something for what it was given, writes to it, and lets it go as it is.
    pub(in crate::lifetime) fn left_open_for_one(&self, a: &Acquisition, row: &PairRow) -> Option<Vec<Evidence>> {
        let f = self.project.function_at(a.at);
        if row.filled.is_none() || f.function == FunctionId::MODULE || !self.is_given_something(f) {
            return None;
        }
        let flow = self.flow(a.at);
        let is_gone = flow.collections.is_empty()
            && flow.passed.is_empty()
            && flow.returned.is_empty()
            && !flow.other
            && !flow.taken_apart
            && flow.places.iter().all(|place| self.is_local(place, f));
        let written = *flow.method_calls.first()?;
        let is_used_here = flow
            .method_calls
            .iter()
            .all(|call| self.project.function_at(*call) == f);
        (is_gone && is_used_here).then(|| {
            vec![Evidence {
                role: Role::Flow,
                at: written,
                text: "when this is done, nobody has it any more".into(),
            }]
        })
    }

    fn is_given_something(&self, f: Func) -> bool {
        self.project.facts(f.file).list(self.project.function(f).params).len() > 0
    }
}
