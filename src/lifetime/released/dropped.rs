//! Fields that are emptied while what they held goes on: only the object's teardown would have released it, and it finds
//! nothing any more.

use rustc_hash::FxHashSet;

use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, OwnerId, Phase, Ref, Root};

impl Judge<'_> {
    /// Evidence that a method sets the only handle to nothing, without a look at it, while it goes on.
    pub(in crate::lifetime) fn lost_by_emptying(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        if !self.goes_on_unheld(a, flow) {
            return None;
        }
        let [field] = &flow.places[..] else { return None };
        if !matches!(field.root, Root::This(_)) || field.path.len() != 1 || !flow.returned.is_empty() {
            return None;
        }
        let ended_in: FxHashSet<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        if !self.is_ended_by_teardown_only(owner, &ended_in) {
            return None;
        }
        let f = self.project.function_at(a.at);
        let emptied = self.emptied(a.at.file, field).into_iter().find(|&at| {
            let g = self.project.function_at(at);
            let Some((of, name, method)) = self.project.method_around(g) else {
                return false;
            };
            let is_plain = name != "constructor" && self.phase(of, name).0 == Phase::Other;
            // A callback may be the end of what is held.
            is_plain
                && g == method
                && self.project.is_related(of, owner)
                && !self.is_read_before(field, at, method)
                && !self.follows_another(owner, method, f, &ended_in)
        })?;
        Some(vec![Evidence {
            role: Role::Flow,
            at: emptied,
            text: format!("`{}` is emptied here, and what it held goes on", self.show_place(field)),
        }])
    }

    /// Whether a method runs within one that releases or acquires, or acquires itself.
    fn follows_another(&self, owner: OwnerId, method: Func, acquiring: Func, ended_in: &FxHashSet<Func>) -> bool {
        let members = self.project.lineage(owner).into_iter().flat_map(|o| {
            let functions = self.project.owner(o).members.iter().filter_map(|m| m.function);
            functions
                .map(move |function| Func { file: o.file, function })
                .collect::<Vec<_>>()
        });
        let acquires = |reach: &FxHashSet<Func>| reach.contains(&acquiring);
        members.into_iter().any(|m| {
            let reach = self.project.reach(&[m]);
            reach.contains(&method)
                && (m == method && acquires(&reach)
                    || m != method && (acquires(&reach) || !reach.is_disjoint(ended_in)))
        }) || self.calls_of(owner, method).is_none()
    }

    /// Calls of a method, unless it is handed on.
    fn calls_of(&self, owner: OwnerId, method: Func) -> Option<Vec<Ref>> {
        let callers = self.project.callers(method);
        let is_member = self
            .project
            .method_around(method)
            .is_some_and(|(o, ..)| self.project.is_related(o, owner));
        (is_member && !callers.goes_elsewhere).then_some(callers.calls)
    }
}
