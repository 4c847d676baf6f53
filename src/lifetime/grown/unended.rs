//! Elements that a list drops as they are, where other code ends each element before the list lets go of it.
//!
//! `while (nodes.length > n) nodes.pop()` shortens the list, and what is popped stays where it was put: in the page, open,
//! or running.

use crate::facts::{FunctionId, MethodCall, Node, NodeId};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::grown::leftovers::MAX_NODES;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{FileId, Place, Ref, Repetition, Root};

const RULE: &str = "leftover-reference";

impl Judge<'_> {
    /// Judges the calls of a file that shorten a list and drop what it gives.
    pub(in crate::lifetime) fn judge_unended(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        let conventions = &self.project.tables.conventions;
        for call in facts.method_calls() {
            let MethodCall {
                at,
                object,
                method,
                args,
                ..
            } = call;
            let name = facts.name(method);
            let drops_one = facts.list(args).len() == 0
                && conventions.shrink.iter().any(|s| s == name)
                && !conventions.empty.iter().any(|e| e == name)
                && self.is_dropped(Ref { file, node: at });
            if !drops_one || facts.enclosing_function(at) == FunctionId::MODULE {
                continue;
            }
            let (at, place) = (Ref { file, node: at }, self.project.place(Ref { file, node: object }));
            if let Some(verdict) = self.judge_dropped_element(at, &place, name) {
                let acquisition = Acquisition {
                    rule: RULE.to_owned(),
                    what: "element".to_owned(),
                    at,
                    kind: Kind::Growth { place, key: None },
                };
                out.push(Judged { acquisition, verdict });
            }
        }
    }

    fn judge_dropped_element(&self, at: Ref, place: &Place, method: &str) -> Option<Verdict> {
        if !matches!(place.root, Root::Binding(..) | Root::This(_)) || !self.is_trimming(at, place) {
            return None;
        }
        let ended = self.element_ended(at, place)?;
        let f = self.project.function_at(at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(at, f, &scope);
        if matches!(repetition, Repetition::Once) {
            return None;
        }
        let mut evidence = vec![Evidence {
            role: Role::Release,
            at: ended,
            text: "ends each element; what is dropped before does not come here".into(),
        }];
        evidence.extend(self.context_evidence(&repetition));
        let list = self.show_place(place);
        let end = self.project.last_name(ended).unwrap_or_default();
        Some(Verdict::Leak(Leak {
            cause: Cause::NotOnEveryPath,
            confidence: Confidence::Medium,
            holder: format!("`{list}`"),
            often: self.often(&repetition, at),
            remedy: Remedy::of(format!("{list}.{method}()?.{end}()")),
            evidence,
        }))
    }

    /// Whether a call stands under a test of how long the list is.
    fn is_trimming(&self, at: Ref, place: &Place) -> bool {
        let facts = self.project.facts(at.file);
        let tests_length = |test: NodeId| match facts.node(test) {
            Node::Binary { left, right, .. } => {
                let is_size = |node| self.is_size_of(Ref { node, ..at }, place);
                is_size(left) || is_size(right)
            }
            _ => false,
        };
        facts
            .ancestors(at.node)
            .take_while(|&up| !matches!(facts.node(up), Node::Function(_)))
            .any(|up| match facts.node(up) {
                Node::If { test, .. } => tests_length(test),
                Node::Loop { parts, .. } => facts.list(parts).any(tests_length),
                _ => false,
            })
    }

    /// Where other code ends each element of a list, if the function that drops one ends nothing itself.
    fn element_ended(&self, dropped: Ref, place: &Place) -> Option<Ref> {
        let facts = self.project.facts(dropped.file);
        let conventions = &self.project.tables.conventions;
        let f = self.project.function_at(dropped);
        let mut found = None;
        for call in facts.method_calls().take(MAX_NODES) {
            let name = facts.name(call.method);
            let ends =
                facts.list(call.args).len() == 0 && conventions.end.iter().chain(&conventions.take).any(|e| e == name);
            if !ends {
                continue;
            }
            let here = |node| Ref { node, ..dropped };
            if self.project.is_within(self.project.function_at(here(call.at)), f) {
                return None;
            }
            let is_element = !matches!(facts.node(call.object), Node::Member { .. })
                && self
                    .collection_of(here(call.object), 0)
                    .is_some_and(|of| self.project.same_place(&of, place));
            if is_element {
                found.get_or_insert(here(call.callee));
            }
        }
        found
    }
}
