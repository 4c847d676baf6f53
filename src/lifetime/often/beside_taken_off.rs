//! Functions that each call makes and adds to two objects: off the one it takes them when its work is done, on the other
//! one, which lasts, they stay.

use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, Phase, Place, Ref, Root};

impl Judge<'_> {
    /// Evidence that the code takes the very function that it adds to something lasting off another object, and nothing
    /// takes it off this one.
    pub(in crate::lifetime) fn added_beside_taken_off(
        &self,
        a: &Acquisition,
        scope: &Scope,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let row = &self.project.tables.pairs[a.row()?];
        let f = self.project.function_at(a.at);
        let on = self.project.place(target);
        let function = self.project.place(handler);
        if !row.release_is_on_target() || !self.is_own_variable_of(&function, f) || !self.lasts(&on, scope, f) {
            return None;
        }
        let g = self.project.function_value(handler, 0)?;
        if !self.keeps_state(handler, f) {
            return None;
        }
        let mut others = self.pair_acquisitions(a.at.file).iter();
        let taken: Vec<Ref> = others.find_map(|o| {
            let (t, h) = o.registration()?;
            let is_other = o.at != a.at && o.rule == a.rule && self.project.function_at(o.at) == f;
            let is_beside = is_other
                && self.project.same_place(&self.project.place(h), &function)
                && !self.project.same_place(&self.project.place(t), &on);
            let taken = is_beside.then(|| self.releases_of(o, &self.flow(o.at)))?;
            let is_end = |r: &&Release| {
                let end = self.project.function_at(r.at);
                r.wrong.is_none() && self.project.is_within(end, f) && !self.project.is_within(end, g)
            };
            let taken: Vec<Ref> = taken.iter().filter(is_end).map(|r| r.at).collect();
            (!taken.is_empty()).then_some(taken)
        })?;
        let at = *taken.first()?;
        // A parameter might be anything, also this one.
        let is_released = releases()
            .iter()
            .any(|r| r.wrong.is_none() && (!taken.contains(&r.at) || self.is_called_on(r.at, &on)));
        (!is_released).then(|| {
            vec![Evidence {
                role: Role::Release,
                at,
                text: "takes the same function off another one when its work is done, and not off this one".into(),
            }]
        })
    }

    /// Whether a place is a variable of a function that holds a function which each call makes.
    fn is_own_variable_of(&self, place: &Place, f: Func) -> bool {
        match place.root {
            Root::Binding(file, b) => {
                file == f.file && place.path.is_empty() && self.project.facts(file).binding(b).function == f.function
            }
            _ => false,
        }
    }

    /// Whether a receiver is there before a call of a method, and after it.
    fn lasts(&self, on: &Place, scope: &Scope, f: Func) -> bool {
        match self.project.life_of(on) {
            Life::Process => true,
            Life::Instance(_) => match scope {
                Scope::Owner { owner, method } => {
                    !on.path.is_empty() && self.phase(*owner, method).0 != Phase::Setup && !self.is_filled_by(on, f)
                }
                _ => false,
            },
            _ => false,
        }
    }
}
