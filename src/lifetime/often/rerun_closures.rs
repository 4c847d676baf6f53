//! Handles in a variable of a function that a listener of the same function overwrites, while only what the function
//! gives back ends them: the cleanup of an effect, the `destroy` of an object; or the end of the connection that it
//! handles.

use rustc_hash::FxHashSet;

use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Phase, Ref, Use};

impl Judge<'_> {
    /// Evidence that a listener begins something anew and overwrites the only handle of what it began before.
    pub(in crate::lifetime) fn lost_by_listener(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let f = self.project.function_at(a.at);
        let (held, outer) = self.variable_of_component(f, flow, right)?;
        if f == outer
            || !self.goes_on_by_itself(a)
            || !self.are_for_the_end(right, outer) && !self.is_ended_by_visit(outer, right)
        {
            return None;
        }
        let is_asked = |at: Ref, within: Func| {
            self.is_read_before(&held, at, within) || self.is_let_in_by(at, within, &|test| self.asks_state(test))
        };
        if is_asked(a.at, f) {
            return None;
        }
        let again = self.listens_with(f).or_else(|| {
            let calls = self.project.callers(f).calls.into_iter();
            let mut calls = calls.filter(|call| {
                let g = self.project.function_at(*call);
                let ends = |g: Func| {
                    let reach = self.project.reach(&[g]);
                    right.iter().any(|r| reach.contains(&self.project.function_at(r.at)))
                };
                g != outer && self.project.is_within(g, outer) && !is_asked(*call, g) && !ends(g)
            });
            calls.find(|call| self.listens_with(self.project.function_at(*call)).is_some())
        })?;
        Some(vec![Evidence {
            role: Role::Context,
            at: again,
            text: format!("runs this again, which overwrites `{}`", self.show_place(&held)),
        }])
    }

    /// Whether some releases run only by what a function gives back.
    fn are_for_the_end(&self, right: &[&Release], outer: Func) -> bool {
        let ends = self.ends_given_back(outer);
        let reach = self.project.reach(&ends);
        let is_of_end = |r: &&Release| {
            let g = self.project.function_at(r.at);
            reach.contains(&g) && self.is_run_by_end_only(g, &ends, &reach)
        };
        !right.is_empty() && right.iter().all(is_of_end)
    }

    /// The function that another one gives back, or the methods that end the object which it gives back.
    fn ends_given_back(&self, outer: Func) -> Vec<Func> {
        let [given] = self.project.returned_values(outer)[..] else {
            return Vec::new();
        };
        if let Some(f) = self.project.function_value(given, 0) {
            return vec![f];
        }
        let Some(owner) = self.project.owner_made_by(given) else {
            return Vec::new();
        };
        let (teardowns, _) = self.teardowns(owner);
        let is_method = |f: &Func| {
            let around = self.project.method_around(*f);
            around.is_some_and(|(o, name, _)| self.phase(o, name).0 == Phase::Teardown)
        };
        teardowns.into_iter().filter(is_method).collect()
    }

    /// Whether nothing but some ends, and what they call, runs a function.
    fn is_run_by_end_only(&self, g: Func, ends: &[Func], reach: &FxHashSet<Func>) -> bool {
        ends.contains(&g)
            || self.project.uses(g).iter().all(|used| match used {
                Use::Called { call } => reach.contains(&self.project.function_at(*call)),
                Use::Returned { .. } => true,
                _ => false,
            })
    }
}
