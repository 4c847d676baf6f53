//! Toggles: releases that only another run of the same code reaches, never the run that acquired.

use rustc_hash::FxHashSet;

use crate::facts::{Node, NodeId};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::released::walk::Walk;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, Ref, Repetition, Root, Use};
use crate::tables::{Every, PairRow};

/// How many expressions up a test may be.
const MAX_TEST: usize = 8;

impl Judge<'_> {
    /// The release of a toggle, where a framework ends the object that is switched on and nothing switches it off then.
    ///
    /// `if (open) { acquire() } else { release() }` waits for the next run; the end of a component is no run.
    pub(in crate::lifetime) fn left_on_by_toggle(
        &self,
        a: &Acquisition,
        row: &PairRow,
        scope: &Scope,
        repetition: &Repetition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let Kind::Pair {
            target, handler, via, ..
        } = &a.kind
        else {
            return None;
        };
        let f = self.project.function_at(a.at);
        if right.is_empty()
            || right.iter().any(|r| self.project.function_at(r.at) != f)
            || !self.outlives_components(*target)
            || handler.is_some_and(|h| self.is_parameter(&self.project.place(h)))
            || self.is_called_by_name(f, scope)
        {
            return None;
        }
        let ends = self.ends_by_framework(f, scope, repetition)?;
        let reach = self.project.reach(&ends);
        if reach.contains(&f) || via.is_some() && self.calls_any_of(&reach, right) || self.is_switched_within(f, &reach)
        {
            return None;
        }
        self.let_go_by_other_runs(
            a,
            row,
            flow,
            right,
            "only another run of this code gets here; the end of its owner does not",
        )
    }

    /// Evidence that no way through the run that acquires leads from there to a release, in the words of `text`.
    pub(in crate::lifetime) fn let_go_by_other_runs(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        right: &[&Release],
        text: &str,
    ) -> Option<Vec<Evidence>> {
        let at = right.first()?.at;
        let calls: Vec<Ref> = right.iter().map(|r| r.at).collect();
        let walk = Walk::new(self, a.at, &calls, FxHashSet::default(), &flow.places, !row.one_shot);
        walk.never_lets_go().then(|| {
            vec![Evidence {
                role: Role::Release,
                at,
                text: text.to_owned(),
            }]
        })
    }

    /// Whether some functions call what the releases call, whatever they give it.
    fn calls_any_of(&self, functions: &FxHashSet<Func>, releases: &[&Release]) -> bool {
        let called = |call: Ref| match self.project.node(call) {
            Node::Call { callee, .. } => self.project.last_name(Ref { node: callee, ..call }),
            _ => None,
        };
        let names: Vec<_> = releases.iter().filter_map(|r| called(r.at)).collect();
        functions.iter().any(|g| {
            let mut calls = self.project.calls_in(*g).iter();
            calls.any(|&node| called(Ref { file: g.file, node }).is_some_and(|n| names.contains(&n)))
        })
    }

    /// Whether some functions set a field that the toggle looks at: the framework runs it once more then.
    fn is_switched_within(&self, f: Func, functions: &FxHashSet<Func>) -> bool {
        let facts = self.project.facts(f.file);
        let in_test = |node: NodeId| {
            let mut below = node;
            facts.ancestors(node).take(MAX_TEST).any(|up| {
                let is_test = matches!(facts.node(up),
                    Node::If { test, .. } | Node::Conditional { test, .. } if test == below);
                below = up;
                is_test
            })
        };
        let nodes = (0..facts.nodes.len() as u32).map(NodeId);
        nodes
            .filter(|&node| matches!(facts.node(node), Node::Member { .. }))
            .filter(|&node| facts.enclosing_function(node) == f.function && in_test(node))
            .any(|node| {
                let place = self.project.place(Ref { file: f.file, node });
                matches!(place.root, Root::This(_))
                    && self.project.definitions(&place).into_iter().any(|d| {
                        let setter = self.project.function_at(d);
                        functions.contains(&setter)
                    })
            })
    }

    /// Whether code of the project runs a function, which may switch off what it switched on.
    fn is_called_by_name(&self, f: Func, scope: &Scope) -> bool {
        let called = |used: &Use| matches!(used, Use::Called { .. });
        self.project.uses(f).iter().any(called)
            || match scope {
                Scope::Owner { owner, method } => self.project.method_references(*owner, method).into_iter().any(|r| {
                    let facts = self.project.facts(r.file);
                    matches!(facts.node(facts.parent(r.node)), Node::Call { callee, .. } if callee == r.node)
                }),
                _ => false,
            }
    }

    /// Whether a target, or the runtime where there is none, lives on when a component ends.
    fn outlives_components(&self, target: Option<Ref>) -> bool {
        target.is_none_or(|t| matches!(self.project.life_of(&self.project.place(t)), Life::Process))
    }

    /// What runs at the end of the object that a framework ends and to which a function belongs; nothing if no
    /// framework ends it.
    fn ends_by_framework(&self, f: Func, scope: &Scope, repetition: &Repetition) -> Option<Vec<Func>> {
        match scope {
            Scope::Effect { setup } => {
                let cleanups = self.project.returned_values(*setup).into_iter();
                Some(cleanups.filter_map(|v| self.project.function_value(v, 0)).collect())
            }
            Scope::Owner { owner, .. } => {
                let (teardowns, by_framework) = self.teardowns(*owner);
                by_framework.then_some(teardowns)
            }
            Scope::Setup { teardowns, .. } => Some(teardowns.clone()),
            Scope::Function => {
                let is_mounted = |r: &Repetition| {
                    matches!(
                        r,
                        Repetition::Repeated {
                            every: Every::Mount,
                            proven: true,
                            ..
                        }
                    )
                };
                (is_mounted(repetition) || is_mounted(&self.project.repetition(f))).then(Vec::new)
            }
        }
    }
}
