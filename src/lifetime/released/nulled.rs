//! Fields that no longer hold the handler when it is to be taken off, or no longer the handle when it is to be ended.

use crate::facts::{AssignOp, Node, NodeId};
use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{FileId, Place, Ref, Root};

impl Judge<'_> {
    /// Marks releases whose handler was set to nothing before they run: after it was registered, or just before. A new
    /// function that is put there just before is another one than was registered: `this.heard = this.hear.bind(this)`.
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
        if releases.iter().all(|r| r.wrong.is_some()) {
            return;
        }
        let (emptied, renewed) = (self.emptied(a.at.file, &field), self.renewed(a.at.file, &field));
        if emptied.is_empty() && renewed.is_empty() {
            return;
        }
        let in_activation = |at: Ref| self.activation(self.project.function_at(at));
        let begun_in = in_activation(a.at);
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            let ended_in = in_activation(release.at);
            let just_before = |e: Ref| {
                let f = self.project.function_at(e);
                f == ended_in && f != begun_in && self.is_before(e, release.at)
            };
            let since_begun = |e: Ref| {
                ended_in != begun_in
                    && self.project.function_at(e) == begun_in
                    && self.is_before(a.at, e)
                    && !self.is_set_again(e, &field, a.at)
            };
            let is_late = emptied
                .iter()
                .any(|e| !self.is_conditional(*e) && (since_begun(*e) || just_before(*e)))
                || renewed.iter().any(|e| !self.is_conditional(*e) && just_before(*e));
            if is_late {
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

    /// Assignments of a new function to a place, in a file.
    fn renewed(&self, file: FileId, place: &Place) -> Vec<Ref> {
        let facts = self.project.facts(file);
        self.assigned(file, place, |value| match facts.node(value) {
            Node::Function(_) => true,
            Node::Call { .. } => facts
                .method_call(value)
                .is_some_and(|call| facts.name(call.method) == "bind"),
            _ => false,
        })
    }

    /// Assignments of nothing to a place, in a file.
    pub(in crate::lifetime) fn emptied(&self, file: FileId, place: &Place) -> Vec<Ref> {
        let facts = self.project.facts(file);
        self.assigned(file, place, |value| facts.node(value).is_nullish())
    }

    /// Assignments of some values to a place, in a file. What place is written to is the dearer question.
    fn assigned(&self, file: FileId, place: &Place, is_asked: impl Fn(NodeId) -> bool) -> Vec<Ref> {
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let writes = facts.writes.iter().map(|&node| here(node));
        writes
            .filter(|w| match self.project.node(*w) {
                Node::Assign {
                    target,
                    value,
                    op: AssignOp::Set,
                } => is_asked(value) && self.project.same_place(&self.project.place(here(target)), place),
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
