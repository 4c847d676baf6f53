//! Releases that were prepared and never happen: closures and handles that are collected, and nobody goes through the
//! collection.

use crate::facts::{CallKind, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Root, Use};
use crate::tables::Param;

impl Judge<'_> {
    /// Marks the releases that stand in closures which are only collected, or in functions that nobody calls.
    pub(in crate::lifetime) fn mark_unrun(&self, a: &Acquisition, releases: &mut [Release]) {
        let is_idle = |at: Ref| self.is_in_dead_code(at);
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            let g = self.activation(self.project.function_at(release.at));
            if self.is_collected_only(g) {
                let text = "collected here, and nobody runs what is collected";
                release.wrong = Some((Cause::ReleaseWithoutEffect, text.into()));
            } else if self.is_passed_over(g) {
                release.wrong = Some((Cause::NotOnTeardown, self.who_passes_over(g)));
            } else if is_idle(release.at) && !is_idle(a.at) {
                release.wrong = Some((Cause::NotOnTeardown, "nobody calls this".into()));
            }
        }
    }

    /// Whether a closure is only given back, and nobody looks at what its giver returns.
    fn is_passed_over(&self, g: Func) -> bool {
        let uses = self.project.uses(g);
        let is_passed_over = |used: &Use| matches!(used, Use::Returned { from } if self.is_result_ignored(*from));
        !uses.is_empty() && uses.iter().all(is_passed_over)
    }

    /// "`onMounted` ignores what its function gives back", where one call is handed the function.
    fn who_passes_over(&self, g: Func) -> String {
        let uses = self.project.uses(g);
        let givers = uses.iter().filter_map(|used| match used {
            Use::Returned { from } => Some(*from),
            _ => None,
        });
        let mut calls = givers
            .flat_map(|f| self.project.uses(f).to_vec())
            .filter_map(|used| match used {
                Use::Passed { call, .. } => self.name_called(call),
                _ => None,
            });
        match calls.next() {
            Some(name) => format!("`{name}` ignores what its function gives back"),
            None => "given back to code that does not run it".to_owned(),
        }
    }

    /// Whether what a function returns goes to nobody: what `onMounted` runs; an effect that is async gives a promise,
    /// and no cleanup.
    fn is_result_ignored(&self, f: Func) -> bool {
        let uses = self.project.uses(f);
        let is_async = self.project.function(f).flags.is_async;
        let is_ignored = |used: &Use| {
            let Use::Passed { call, arg } = used else { return false };
            match self.project.context_of(*call, *arg) {
                Some((_, Param::Setup)) => is_async,
                Some((row, _)) => self.project.tables.contexts[row].ignores_result,
                None => false,
            }
        };
        !uses.is_empty() && uses.iter().all(is_ignored)
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
            if self.is_exported(collection) || self.is_asked_for(collection) {
                return None;
            }
            self.drains(collection, *grown_at, &files, &mut drains);
        }
        match (drains.is_empty(), flow.collections.first()) {
            (true, Some((_, grown_at))) => Some(*grown_at),
            _ => None,
        }
    }

    /// What the class of an object calls a field of it by: `this.undos` is the `graph.undos` of another function.
    pub(in crate::lifetime) fn as_own_field(&self, place: &Place) -> Option<Place> {
        let (Root::Binding(..), [_]) = (&place.root, &place.path[..]) else {
            return None;
        };
        let owner = self.project.owner_at_place(&place.parent()?, 0)?;
        Some(Place {
            root: Root::This(owner),
            path: place.path.clone(),
        })
    }

    /// Evidence that a handle is collected for nothing.
    pub(in crate::lifetime) fn collected_for_nothing(&self, at: Ref, flow: &Flow) -> Option<Evidence> {
        let grown_at = self.undrained(at, flow)?;
        Some(Evidence {
            role: Role::Release,
            at: grown_at,
            text: "collected here, and nobody goes through the collection".into(),
        })
    }

    /// Whether a variable holds a collection that it got from a call: whoever gives it may give it to others.
    pub(in crate::lifetime) fn is_asked_for(&self, place: &Place) -> bool {
        let is_call = |at: &Ref| match self.project.node(*at) {
            Node::Call { kind, .. } => kind != CallKind::New,
            _ => false,
        };
        matches!(place.root, Root::Binding(..))
            && place.path.is_empty()
            && self.project.definitions(place).iter().any(is_call)
    }

    /// Whether other files can reach a collection by name.
    pub(in crate::lifetime) fn is_exported(&self, place: &Place) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        facts
            .exports
            .iter()
            .any(|e| matches!(&e.value, crate::facts::ExportValue::Binding(x) if *x == b))
    }
}
