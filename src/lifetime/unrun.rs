//! Releases that were prepared and never happen: closures and handles that are collected, and nobody goes through the
//! collection.

use super::flow::Flow;
use super::releases::Release;
use super::{Evidence, Judge};
use crate::finding::{Cause, Role};
use crate::link::{Func, Place, Ref};

impl Judge<'_> {
    /// Marks the releases that stand in closures which are only collected.
    pub(super) fn mark_unrun(&self, releases: &mut [Release]) {
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            let g = self.project.function_at(release.at);
            if self.is_collected_only(g) {
                let text = "collected here, and nobody runs what is collected";
                release.wrong = Some((Cause::ReleaseWithoutEffect, text.into()));
            }
        }
    }

    /// Whether a closure goes into collections only, and nothing is ever taken out of those or gone through in them.
    fn is_collected_only(&self, g: Func) -> bool {
        if g.function == crate::facts::FunctionId::MODULE {
            return false;
        }
        let at = self.project.function_node(g);
        let flow = self.flow(at);
        flow.passed.is_empty()
            && flow.returned.is_empty()
            && flow.method_calls.is_empty()
            && !flow.other
            && !flow.taken_apart
            && flow.places.is_empty()
            && self.undrained(at, &flow).is_some()
    }

    /// The call that puts a value in a collection, if nobody ever gets it out of there.
    fn undrained(&self, at: Ref, flow: &Flow) -> Option<Ref> {
        let collections: Vec<Place> = flow.collections.iter().map(|(p, _)| p.clone()).collect();
        let files = self.release_files(at, &collections);
        let mut drains = Vec::new();
        for (collection, grown_at) in &flow.collections {
            if self.is_exported(collection) {
                return None;
            }
            self.drains(collection, *grown_at, &files, &mut drains);
        }
        match (drains.is_empty(), flow.collections.first()) {
            (true, Some((_, grown_at))) => Some(*grown_at),
            _ => None,
        }
    }

    /// Evidence that a handle is collected for nothing.
    pub(super) fn collected_for_nothing(&self, at: Ref, flow: &Flow) -> Option<Evidence> {
        let grown_at = self.undrained(at, flow)?;
        Some(Evidence {
            role: Role::Release,
            at: grown_at,
            text: "collected here, and nobody goes through the collection".into(),
        })
    }

    /// Whether other files can reach a collection by name.
    fn is_exported(&self, place: &Place) -> bool {
        let crate::link::Root::Binding(file, b) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        facts
            .exports
            .iter()
            .any(|e| matches!(&e.value, crate::facts::ExportValue::Binding(x) if *x == b))
    }
}
