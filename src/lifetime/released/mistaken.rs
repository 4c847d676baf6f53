//! Code that looks as if it released a handle: the teardown only forgets it, or releases another one.

use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Place, Ref, Root};
use crate::tables::{Base, Param};

impl Judge<'_> {
    /// Why a handle that nothing releases stays, when the teardown tells it.
    pub(in crate::lifetime) fn mistaken(
        &self,
        a: &Acquisition,
        flow: &Flow,
        scope: &Scope,
    ) -> Option<(Cause, Evidence)> {
        let Kind::Pair { row, via: None, .. } = &a.kind else {
            return None;
        };
        if self.project.tables.pairs[*row].release_is_on_target() {
            return None;
        }
        let ends = self.project.reach(&self.end_functions(scope));
        let at_end = |at: &Ref| ends.contains(&self.project.function_at(*at));
        let forgotten = flow.places.iter().find_map(|place| {
            let emptied = self.emptied(a.at.file, place).into_iter().find(at_end)?;
            Some(Evidence {
                role: Role::Release,
                at: emptied,
                text: "this forgets it, and does not end it".into(),
            })
        });
        if let Some(evidence) = forgotten {
            return Some((Cause::ReleaseWithoutEffect, evidence));
        }
        let call = self.releases_another(a, *row, flow).into_iter().find(at_end)?;
        Some((
            Cause::WrongTarget,
            Evidence {
                role: Role::Release,
                at: call,
                text: "this is about another one".into(),
            },
        ))
    }

    /// The functions that run at the end of what a scope belongs to.
    pub(super) fn end_functions(&self, scope: &Scope) -> Vec<Func> {
        match scope {
            Scope::Effect { setup } => self.cleanup_of(*setup),
            Scope::Owner { owner, .. } => self.teardowns(*owner).0,
            Scope::Setup { teardowns, .. } => teardowns.clone(),
            Scope::Function => Vec::new(),
        }
    }

    /// Calls in the file that release by a handle which is not this one, nor that of another acquisition.
    fn releases_another(&self, a: &Acquisition, row: usize, flow: &Flow) -> Vec<Ref> {
        let file = a.at.file;
        let mut out = Vec::new();
        for pattern in &self.project.tables.releases[row] {
            let (Base::Global | Base::Module(_), Some(position)) = (&pattern.base, pattern.position(&Param::Handle))
            else {
                continue;
            };
            for &node in self.project.calls_named(file, pattern.last()) {
                let call = Ref { file, node };
                let given = self.callee_of(call).and_then(|(_, args)| args.get(position).copied());
                let Some(given) = given.filter(|_| self.project.matches_callee(call, pattern, true).is_some()) else {
                    continue;
                };
                let place = self.project.place(given);
                let is_this = flow.places.iter().any(|p| self.project.same_place(p, &place));
                if !is_this
                    && self.is_outside(&place, self.project.function_at(call))
                    && !self.is_handle_of_another(a, &place)
                {
                    out.push(call);
                }
            }
        }
        out
    }

    /// Whether a place is a field, or a variable from around the function that uses it: no element of a loop, no
    /// parameter of a helper.
    fn is_outside(&self, place: &Place, user: Func) -> bool {
        match place.root {
            Root::This(_) => place.path.len() == 1,
            Root::Binding(file, b) => self.project.facts(file).binding(b).function != user.function,
            Root::Value(at) => self.project.function_at(at) != user,
            _ => false,
        }
    }

    fn is_handle_of_another(&self, a: &Acquisition, place: &Place) -> bool {
        let others = self.pair_acquisitions(a.at.file);
        others.iter().filter(|other| other.at != a.at).any(|other| {
            let held = self.flow(other.at).places;
            held.iter().any(|p| self.project.same_place(p, place))
        })
    }
}
