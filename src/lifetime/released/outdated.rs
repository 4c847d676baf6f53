//! Cleanups that have the state of the first time: an effect without dependencies runs once, and its cleanup with it.
//!
//! `useEffect(() => () => URL.revokeObjectURL(url), [])` has the `url` of the first time the component was drawn, however
//! often `setUrl` was called since.

use crate::facts::{Node, NodeId};
use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Place, Ref, Root};

/// How deep a release is searched for what it names.
const MAX_NESTED: u32 = 12;

impl Judge<'_> {
    /// Marks releases in the cleanup of an effect that runs once, where they name the component's state and that holds
    /// what comes later.
    pub(in crate::lifetime) fn mark_outdated(&self, a: &Acquisition, flow: &Flow, releases: &mut [Release]) {
        let holds = |place: &&Place| self.is_state(place) && !self.is_first_value(a.at, place);
        let states: Vec<&Place> = flow.places.iter().filter(holds).collect();
        if states.is_empty() {
            return;
        }
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            let f = self.project.function_at(release.at);
            let Scope::Effect { setup } = self.scope_of(f) else {
                continue;
            };
            let runs_once = self.dependencies(setup).is_some_and(|list| list.is_empty());
            let is_cleanup = self.project.reach(&self.cleanup_of(setup)).contains(&f);
            let named = states
                .iter()
                .find(|s| self.names_place(release.at, release.at.node, s, 0));
            if let Some(state) = named.filter(|_| runs_once && is_cleanup) {
                let text = format!(
                    "`{}` is that of the first time the component was drawn",
                    self.show_place(state)
                );
                release.wrong = Some((Cause::ReleaseWithoutEffect, text));
            }
        }
    }

    /// Whether an acquisition is what a component's state begins with.
    fn is_first_value(&self, at: Ref, state: &Place) -> bool {
        match state.root {
            Root::Value(made) => at.file == made.file && self.project.facts(at.file).is_inside(at.node, made.node),
            _ => true,
        }
    }

    fn names_place(&self, at: Ref, node: NodeId, place: &Place, depth: u32) -> bool {
        let facts = self.project.facts(at.file);
        let is_name = matches!(facts.node(node), Node::Binding(_));
        if is_name && self.project.same_place(&self.project.place(Ref { node, ..at }), place) {
            return true;
        }
        let mut found = false;
        facts.children(node, |child| {
            found = found || depth < MAX_NESTED && self.names_place(at, child, place, depth + 1);
        });
        found
    }
}
