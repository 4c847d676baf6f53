//! Fields that no longer hold the handler when it is to be taken off.

use crate::facts::Node;
use crate::finding::Cause;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Place, Ref, Root};

impl Judge<'_> {
    /// Marks releases whose handler was set to nothing before they run: after it was registered, or just before.
    pub(in crate::lifetime) fn mark_nulled(&self, a: &Acquisition, releases: &mut [Release]) {
        let Some(handler) = a.handler() else {
            return;
        };
        let field = self.project.place(handler);
        let is_variable = matches!(field.root, Root::This(_)) && field.path.len() == 1
            || matches!(field.root, Root::Binding(..)) && field.path.is_empty();
        if !is_variable {
            return;
        }
        let emptied = self.emptied(a.at.file, &field);
        if emptied.is_empty() {
            return;
        }
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            let late = emptied.iter().find(|&&e| {
                let here =
                    |at: Ref| self.project.function_at(e) == self.project.function_at(at) && self.is_before(at, e);
                let just_before = self.project.function_at(e) == self.project.function_at(release.at)
                    && self.is_before(e, release.at)
                    && self.project.function_at(e) != self.project.function_at(a.at);
                let apart = self.project.function_at(release.at) != self.project.function_at(a.at);
                !self.is_conditional(e) && (apart && here(a.at) && !self.is_set_again(e, &field, a.at) || just_before)
            });
            if late.is_some() {
                let text = format!("`{}` no longer holds the function by then", self.show_place(&field));
                release.wrong = Some((Cause::WrongHandler, text));
            }
        }
    }

    /// Assignments of nothing to a place, in a file.
    pub(in crate::lifetime) fn emptied(&self, file: crate::link::FileId, place: &Place) -> Vec<Ref> {
        let facts = self.project.facts(file);
        let writes = facts.writes.iter().map(|&node| Ref { file, node });
        writes
            .filter(|&w| match self.project.node(w) {
                Node::Assign { target, value, .. } => {
                    facts.node(value).is_nullish()
                        && self
                            .project
                            .same_place(&self.project.place(Ref { file, node: target }), place)
                }
                _ => false,
            })
            .collect()
    }

    /// Whether the function that empties a place fills it again afterwards.
    fn is_set_again(&self, emptied: Ref, place: &Place, acquired: Ref) -> bool {
        let f = self.project.function_at(acquired);
        self.project.definitions(place).into_iter().any(|d| {
            !self.project.node(d).is_nullish() && self.project.function_at(d) == f && self.is_before(emptied, d)
        })
    }
}
