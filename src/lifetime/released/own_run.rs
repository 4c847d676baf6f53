//! Functions that each run makes anew, which only a run that did not add them takes off.
//!
//! `const on = () => draw(); if (open) page.addEventListener(key, on); else page.removeEventListener(key, on);`: the run
//! that takes off has made another function than the one that was added.

use crate::facts::{Node, NodeId};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, Ref};

impl Judge<'_> {
    /// Evidence that every release of a registration names a function of its own run, and that no way through that run
    /// leads from the registration to the release.
    pub(in crate::lifetime) fn removed_by_other_runs(
        &self,
        a: &Acquisition,
        flow: &Flow,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let row = &self.project.tables.pairs[a.row()?];
        let Node::Binding(b) = self.project.node(handler) else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let facts = self.project.facts(f.file);
        let binding = facts.binding(b);
        if binding.function != f.function
            || binding.writes > 0
            || !self.is_new_function(handler)
            || matches!(
                self.project.life_of(&self.project.place(target)),
                Life::Call(_) | Life::Request
            )
            || self.is_within_loop(a.at, f)
        {
            return None;
        }
        let releases = releases();
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        let names_it = |r: &&&Release| {
            let given = |node: NodeId| facts.node(node) == Node::Binding(b);
            r.at.file == f.file
                && self.project.function_at(r.at) == f
                && matches!(facts.node(r.at.node), Node::Call { args, .. } if facts.list(args).any(given))
        };
        if right.is_empty() || right.iter().filter(names_it).count() < right.len() {
            return None;
        }
        let text = "takes off the function of this run, which was never added; the one that was is another";
        self.let_go_by_other_runs(a, row, flow, &right, text)
    }

    fn is_within_loop(&self, at: Ref, f: Func) -> bool {
        let facts = self.project.facts(at.file);
        let body = facts.function(f.function).node;
        facts
            .ancestors(at.node)
            .take_while(|&up| up != body)
            .any(|up| matches!(facts.node(up), Node::Loop { .. }))
    }
}
