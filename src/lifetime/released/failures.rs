//! Releases that only a failure reaches: the handler of the thing's own error, and no end of the object that has it.

use crate::facts::Node;
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, OwnerId, Place, Ref, Root, Use};

impl Judge<'_> {
    /// Evidence that a thing in a field is released only by the handlers of its own errors, while its object has a
    /// teardown.
    pub(in crate::lifetime) fn released_by_failure(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Evidence> {
        let Kind::Pair { row, target: None, .. } = &a.kind else {
            return None;
        };
        let pair = &self.project.tables.pairs[*row];
        if pair.one_shot || pair.collectable || flow.other || !flow.passed.is_empty() || !flow.returned.is_empty() {
            return None;
        }
        let (teardowns, _) = self.teardowns(owner);
        if !teardowns.iter().any(|t| self.ends_its_object(*t)) {
            return None;
        }
        let fields = || flow.places.iter().filter(|p| matches!(p.root, Root::This(_)));
        let is_failure = |r: &&Release| {
            let g = self.project.function_at(r.at);
            fields().any(|field| self.hears_own_error(g, field))
        };
        let first = right.first()?;
        right.iter().all(is_failure).then(|| Evidence {
            role: Role::Release,
            at: first.at,
            text: "runs only if it fails; the end of the object does not reach this".into(),
        })
    }

    /// Whether a function is nothing but what a thing calls when it fails: `x.onerror = f`, `x.on("error", f)`.
    pub(in crate::lifetime) fn hears_own_error(&self, f: Func, thing: &Place) -> bool {
        let is_thing = |at: Ref| self.project.same_place(&self.project.place(at), thing);
        let uses = self.project.uses(f);
        let is_for_error = |used: &Use| match used {
            Use::Stored { place, .. } => {
                place.last() == Some("onerror") && place.parent().is_some_and(|of| self.project.same_place(&of, thing))
            }
            Use::Passed { call, arg: 1 } => self.callee_of(*call).is_some_and(|(callee, args)| {
                let receiver = match self.project.node(callee) {
                    Node::Member { object, .. } => Ref { node: object, ..callee },
                    _ => return false,
                };
                args.first()
                    .and_then(|key| self.project.constant_text(*key, 0))
                    .is_some_and(|key| &*key == "error")
                    && is_thing(receiver)
            }),
            _ => false,
        };
        !uses.is_empty() && uses.iter().all(is_for_error)
    }
}
