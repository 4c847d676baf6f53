//! Functions that stand in for a method of an object nobody sees: `exec => function () { ...; return exec.apply(this,
//! arguments); }`. They run at each call of the method, on an object that is there before and after.

use crate::facts::{BindingKind, FunctionId, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Ref};

impl Judge<'_> {
    /// Evidence that each call of a method which a function stands in for registers another function on a part of the
    /// method's object, and that nothing takes it off.
    pub(in crate::lifetime) fn added_by_wrapped_method(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let target = self.adds_one_more(a)?;
        if !self.is_part_of_this(target) {
            return None;
        }
        let f = self.this_giver(self.project.function_at(a.at))?;
        let at = self
            .call_of_wrapped(f, a.at)
            .filter(|_| self.guard_of(a.at).is_none())?;
        let is_of_call = |r: &Release| r.wrong.is_none() || self.project.is_within(self.project.function_at(r.at), f);
        (!releases().iter().any(is_of_call)).then(|| {
            vec![Evidence {
                role: Role::Context,
                at,
                text: "stands in for a method, and runs at each of its calls".into(),
            }]
        })
    }

    /// `this.worker`
    fn is_part_of_this(&self, target: Ref) -> bool {
        let facts = self.project.facts(target.file);
        let mut node = target.node;
        while let Node::Member { object, .. } = facts.node(node) {
            node = object;
        }
        node != target.node && facts.node(node) == Node::This
    }

    /// The function whose `this` another one sees: itself, or what an arrow function stands in.
    fn this_giver(&self, mut f: Func) -> Option<Func> {
        while self.project.function(f).flags.is_arrow {
            f.function = self.project.function(f).parent?;
        }
        let is_unknown = f.function != FunctionId::MODULE && self.project.this_of(f).is_none();
        is_unknown.then_some(f)
    }

    /// Where a function calls, after a node, the one that it stands in for, with its own `this`. What the node is about
    /// was there before the method ran.
    fn call_of_wrapped(&self, f: Func, at: Ref) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let parent = self.project.function(f).parent?;
        let is_wrapped = |node: NodeId| {
            let Node::Binding(b) = facts.node(node) else {
                return false;
            };
            let binding = facts.binding(b);
            let is_method = |init| matches!(facts.node(init), Node::Member { .. });
            match binding.kind {
                BindingKind::Param => binding.function == parent,
                _ => binding.function != f.function && binding.writes == 0 && binding.init.is_some_and(is_method),
            }
        };
        let calls_it = |node: NodeId| {
            let called = facts.call_with_this(node);
            called.is_some_and(|(wrapped, this)| facts.node(this) == Node::This && is_wrapped(wrapped))
        };
        let within = |node: &NodeId| facts.is_inside(*node, facts.function(f.function).node);
        let mut calls = facts.calls.iter().copied().filter(within);
        let is_after = |node| self.is_before(at, Ref { file: f.file, node });
        let found = calls.find(|&node| calls_it(node) && is_after(node))?;
        Some(Ref {
            file: f.file,
            node: found,
        })
    }
}
