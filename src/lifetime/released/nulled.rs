//! Fields that no longer hold the handler when it is to be taken off, or no longer the handle when it is to be ended.

use crate::facts::{Node, NodeId};
use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
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

    /// Marks releases of what is held in a place where that holds nothing: it was emptied just before, or is asked to be
    /// empty.
    pub(in crate::lifetime) fn mark_where_nothing_is(&self, flow: &Flow, releases: &mut [Release]) {
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            let facts = self.project.facts(release.at.file);
            let names = |place: &&Place| {
                let mut named = self.references_in(place, release.at.file).into_iter();
                named.any(|at| facts.is_inside(at.node, release.at.node))
            };
            let Some(place) = flow.places.iter().find(names) else {
                continue;
            };
            let shown = self.show_place(place);
            if self.is_asked_to_be_empty(place, release.at) {
                let text = format!("stands where `{shown}` holds nothing");
                release.wrong = Some((Cause::NotOnEveryPath, text));
            } else if self.is_emptied_just_before(place, release.at) {
                let text = format!("`{shown}` holds nothing by then");
                release.wrong = Some((Cause::ReleaseWithoutEffect, text));
            }
        }
    }

    /// Whether a node is reached only where a place holds nothing, and nothing comes in between: `if (!this.source)`.
    fn is_asked_to_be_empty(&self, place: &Place, at: Ref) -> bool {
        let mut looks = self.looks_within(at).into_iter();
        looks.any(|look| !look.truthy && look.place == *place && !self.may_fill_between(place, look.at, at))
    }

    /// Whether a place is emptied before a node of the same function, and nothing comes in between.
    fn is_emptied_just_before(&self, place: &Place, at: Ref) -> bool {
        self.emptied(at.file, place).into_iter().any(|emptied| {
            self.project.function_at(emptied) == self.project.function_at(at)
                && self.is_before(emptied, at)
                && !self.is_conditional(emptied)
                && !self.may_fill_between(place, emptied, at)
        })
    }

    /// Whether code between two nodes of a function fills a place, waits, or runs something that may do so.
    fn may_fill_between(&self, place: &Place, from: Ref, to: Ref) -> bool {
        let f = self.project.function_at(to);
        let facts = self.project.facts(to.file);
        let is_between = |node: NodeId| {
            facts.span(node).start >= facts.span(from.node).end && facts.span(node).end <= facts.span(to.node).start
        };
        let filled = self.project.definitions(place).into_iter();
        let mut filled = filled.filter(|d| d.file == to.file && self.project.function_at(*d) == f);
        filled.any(|d| is_between(d.node))
            || self.project.calls_in(f).iter().any(|&call| is_between(call))
            || self
                .project
                .jumps_in(f)
                .iter()
                .any(|&jump| matches!(facts.node(jump), Node::Await(_)) && is_between(jump))
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
