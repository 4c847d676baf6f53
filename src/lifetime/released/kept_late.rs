//! What is kept only after it was asked something: who keeps it ends it one day, and if it refuses, nobody has it.

use rustc_hash::FxHashSet;

use crate::facts::Node;
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::walk::{Exit, Walk};
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref};
use crate::tables::PairRow;

impl Judge<'_> {
    /// Evidence that work which may fail stands between the beginning of something and the one place that keeps it.
    pub(in crate::lifetime) fn kept_too_late(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
    ) -> Option<Vec<Evidence>> {
        if row.one_shot || row.collectable || row.inferred || row.stream || row.release_is_on_target() {
            return None;
        }
        let f = self.project.function_at(a.at);
        let kept = flow.collections.first()?.1;
        let is_local = |place: &Place| self.is_local(place, f);
        let is_kept_once = flow.collections.iter().all(|(_, at)| *at == kept);
        let is_held_here = is_kept_once && !flow.other && flow.returned.is_empty() && flow.places.iter().all(is_local);
        if !is_held_here || self.project.function_at(kept) != f {
            return None;
        }
        let walk = Walk::new(self, a.at, &[kept], FxHashSet::default(), &flow.places, true);
        let miss = walk.first_miss().filter(|miss| miss.exit == Exit::Throws)?;
        let at = Ref { node: miss.at, ..a.at };
        self.is_asked_there(at, f, &flow.places).then(|| {
            let evidence = |role, at, text: &str| Evidence {
                role,
                at,
                text: text.into(),
            };
            vec![
                evidence(Role::Flow, at, "if this fails, nobody has it"),
                evidence(Role::Holder, kept, "kept only here"),
            ]
        })
    }

    /// Whether a function of the project that is waited for is handed something that is held in one of some places.
    fn is_asked_there(&self, at: Ref, f: Func, places: &[Place]) -> bool {
        let call = match self.project.node(at) {
            Node::Await(value) => Ref { node: value, ..at },
            _ => at,
        };
        let given = self.callee_of(call).map(|(_, args)| args).unwrap_or_default();
        let is_handed = |arg: &Ref| self.is_one_of(&self.project.place(*arg), places);
        self.project.function_at(at) == f && self.project.called_function(call).is_some() && given.iter().any(is_handed)
    }
}
