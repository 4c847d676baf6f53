//! Lists whose class has a method to take out what another one adds, and that method leaves the element in.
//!
//! `addListener(l) { this.all.push(l) }`, and `removeListener(l) { l.active = false }`.

use crate::facts::{BindingKind, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, Grown, LEFTOVER};
use crate::lifetime::{Evidence, Judge};
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// The other half of the method that adds takes nothing out, and neither does any other code.
    pub(in crate::lifetime) fn left_by_other_half(&self, grown: &Grown) -> Option<Found> {
        let (owner, name, _) = self
            .project
            .method_around(grown.f)
            .filter(|(.., method)| *method == grown.f)?;
        let added = grown.growth.value.into_iter().chain(grown.growth.key);
        if !added.into_iter().any(|at| self.is_added_parameter(at, grown.f)) {
            return None;
        }
        let bare = name.trim_start_matches(['_', '#']);
        let half = self.other_halves(bare).into_iter().find_map(|half| {
            let sibling = name.replacen(bare, &half, 1);
            self.project.method(owner, &sibling)
        })?;
        let takes_one = {
            let facts = self.project.facts(half.file);
            let function = self.project.function(half);
            let body = function.body;
            let is_empty = matches!(facts.node(body), Node::Block(list) if facts.list(list).len() == 0);
            facts.list(function.params).len() > 0 && !is_empty
        };
        (takes_one && !self.only_throws(half)).then(|| Found {
            rule: LEFTOVER,
            cause: Cause::NeverReleased,
            evidence: vec![Evidence {
                role: Role::Release,
                at: self.project.function_node(half),
                text: "this leaves it in".into(),
            }],
            tells: true,
        })
    }

    /// `throw new Error('not implemented')` alone.
    fn only_throws(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        match facts.node(self.project.function(f).body) {
            Node::Block(list) => facts.list(list).all(|s| matches!(facts.node(s), Node::Throw(_))),
            _ => false,
        }
    }

    fn is_added_parameter(&self, at: Ref, f: Func) -> bool {
        let Node::Binding(b) = self.project.node(at) else {
            return false;
        };
        let binding = self.project.facts(at.file).binding(b);
        binding.kind == BindingKind::Param && binding.function == f.function && binding.writes == 0
    }
}
