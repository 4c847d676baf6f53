//! Nodes of a component's own: they go with the component, and outlive each run of its effects.

use super::releases::Release;
use super::teardown::Scope;
use super::{Evidence, Judge};
use crate::finding::{Cause, Role};
use crate::link::{Place, Ref, Root};

impl Judge<'_> {
    /// A cleanup that tries to take something off a node of the component and fails: the next run of the effect adds
    /// another one to the same node.
    pub(super) fn undone_wrongly(
        &self,
        target: Option<Ref>,
        scope: &Scope,
        releases: &[Release],
    ) -> Option<(Cause, Vec<Evidence>)> {
        let Scope::Effect { setup } = scope else {
            return None;
        };
        if !self.is_held_node(&self.project.place(target?)) || releases.iter().any(|r| r.wrong.is_none()) {
            return None;
        }
        let runs_again = self.dependencies(*setup).is_none_or(|list| !list.is_empty());
        let reach = self.project.reach(&self.cleanup_of(*setup));
        let (at, cause, text) = releases.iter().find_map(|r| {
            let (cause, text) = r.wrong.as_ref()?;
            let told = matches!(cause, Cause::WrongOptions | Cause::WrongHandler);
            let in_cleanup = told && reach.contains(&self.project.function_at(r.at));
            in_cleanup.then_some((r.at, *cause, text))
        })?;
        runs_again.then(|| {
            let evidence = vec![
                note(Role::Release, at, text),
                note(
                    Role::Context,
                    self.project.function_node(*setup),
                    "the effect runs again on the same node",
                ),
            ];
            (cause, evidence)
        })
    }

    /// `ref.current`: the node that a component was given an object to hold.
    fn is_held_node(&self, place: &Place) -> bool {
        let members = &self.project.tables.conventions.node_members;
        let is_node = place.last().is_some_and(|last| members.iter().any(|m| m == last));
        is_node && place.path.len() == 1 && matches!(place.root, Root::Binding(..) | Root::Value(_))
    }
}

fn note(role: Role, at: Ref, text: &str) -> Evidence {
    Evidence {
        role,
        at,
        text: text.to_owned(),
    }
}
