//! Observers that watch only what the code made itself: nobody but those nodes holds them, and they go with the nodes.

use crate::facts::{Node, NodeId};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Judge, Verdict};
use crate::link::{Life, Ref, Repetition, Root};
use crate::tables::{Every, PairRow};

/// How many steps lead from a node to what made it.
const MAX_STEPS: u32 = 4;

impl Judge<'_> {
    /// The verdict on an observer whose every node the code has made, or draws.
    pub(in crate::lifetime) fn watches_its_own(
        &self,
        row: &PairRow,
        flow: &Flow,
        scope: &Scope,
        repetition: &Repetition,
    ) -> Option<Verdict> {
        let goes_on = flow.other || flow.taken_apart || !flow.passed.is_empty() || !flow.returned.is_empty();
        if row.watches.is_empty() || goes_on || !flow.collections.is_empty() {
            return None;
        }
        let mut watched = self.calls_that_watch(row, flow).into_iter();
        let first = watched.next()?;
        let is_own = |call: Ref| {
            let target = self.project.argument(call, 0);
            target.is_some_and(|target| {
                self.is_made_node(target, 0)
                    || self.is_object_itself(target)
                    || self.is_drawn_by_itself(target, scope, repetition).is_some()
            })
        };
        (is_own(first) && watched.all(is_own))
            .then(|| Verdict::bounded("it watches only what is made here, and goes with it"))
    }

    /// Whether an observer is made by code that runs again for other nodes, and watches none that was there before and
    /// stays: as far as the code tells, its nodes go, and it with them. Who has an end is asked what that leaves.
    pub(in crate::lifetime) fn watches_what_goes(
        &self,
        a: &Acquisition,
        row: &PairRow,
        scope: &Scope,
        repetition: &Repetition,
    ) -> bool {
        let is_of_component = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Mount | Every::Update,
                ..
            }
        );
        let has_end = matches!(scope, Scope::Owner { .. }) && self.tells_of_an_end(scope)
            || self.given_back_with_end(a, scope).is_some();
        if row.watches.is_empty() || is_of_component || has_end {
            return false;
        }
        let watched = self.calls_that_watch(row, &self.flow(a.at));
        let stays = |call: &Ref| {
            let target = self.project.argument(*call, 0);
            target.is_none_or(|target| self.is_node_of_page(target))
        };
        !watched.is_empty() && !watched.iter().any(stays)
    }

    /// `document.body`, `document.querySelector('main')`, `node.closest('ul')`, what a variable of the module holds.
    fn is_node_of_page(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        let searches = &self.project.tables.conventions.searches;
        let is_searched = |value: Ref| match self.callee_of(value) {
            Some((callee, _)) => self
                .project
                .path_of(callee)
                .is_some_and(|path| searches.contains(&path)),
            None => false,
        };
        matches!(self.project.life_of(&place), Life::Process)
            || self.is_around_node(at, &place)
            || is_searched(at)
            || self.project.definitions(&place).into_iter().any(is_searched)
    }

    fn calls_that_watch(&self, row: &PairRow, flow: &Flow) -> Vec<Ref> {
        let names_one = |call: &Ref| {
            let facts = self.project.facts(call.file);
            let method = facts.method_call(call.node);
            method.is_some_and(|m| row.watches.iter().any(|w| w == facts.name(m.method)))
        };
        let mut calls: Vec<Ref> = flow.method_calls.iter().copied().filter(names_one).collect();
        for place in &flow.places {
            let file = match place.root {
                Root::This(owner) => owner.file,
                Root::Binding(file, _) => file,
                _ => continue,
            };
            let facts = self.project.facts(file);
            let on_place = |call: &Ref| {
                let method = facts.method_call(call.node);
                method.is_some_and(|m| {
                    let object = self.project.place(Ref { file, node: m.object });
                    self.project.same_place(&object, place)
                })
            };
            let named = row.watches.iter().flat_map(|w| self.project.calls_named(file, w));
            calls.extend(named.map(|&node| Ref { file, node }).filter(on_place));
        }
        calls.sort_unstable();
        calls.dedup();
        calls
    }

    /// Whether every value of an expression is a node that the code makes, or a part of one: `document.createElement()`,
    /// `$('<p>')[0]`, `root.querySelector()`.
    fn is_made_node(&self, at: Ref, depth: u32) -> bool {
        let facts = self.project.facts(at.file);
        let here = |node: NodeId| Ref { node, ..at };
        if depth > MAX_STEPS {
            return false;
        }
        match facts.node(at.node) {
            Node::Index { object, .. } => self.is_made_wrapper(here(object), depth + 1),
            Node::Call { .. } => self.is_call_that_makes(at, depth),
            Node::Binding(_) | Node::Member { .. } => {
                self.is_so_of_all(at, |value| self.is_made_node(value, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether something is so of all values that a variable or a property is given, of which there are some.
    fn is_so_of_all(&self, at: Ref, is_so: impl Fn(Ref) -> bool) -> bool {
        let place = self.project.place(at);
        let given = match place.root {
            Root::This(_) | Root::Binding(..) => self.project.definitions(&place),
            _ => Vec::new(),
        };
        let mut given = given.into_iter().filter(|value| !self.project.node(*value).is_absent());
        given.next().is_some_and(&is_so) && given.all(is_so)
    }

    /// `document.createElement('p')`, `node.querySelector('p')`, `$node.get(0)`
    fn is_call_that_makes(&self, call: Ref, depth: u32) -> bool {
        let facts = self.project.facts(call.file);
        let Some(method) = facts.method_call(call.node) else {
            return false;
        };
        let object = Ref {
            node: method.object,
            ..call
        };
        let conventions = &self.project.tables.conventions;
        let is_one_of = |list: &[String]| list.iter().any(|l| l == facts.name(method.method));
        is_one_of(&conventions.makes_elements)
            || is_one_of(&conventions.makes_nodes)
            || is_one_of(&conventions.finds_within)
                && (self.is_made_node(object, depth + 1) || self.is_made_wrapper(object, depth + 1))
    }

    /// Whether every value of an expression is a wrapper around nodes that the code makes: `$('<p>')`, or what is found in
    /// one.
    fn is_made_wrapper(&self, at: Ref, depth: u32) -> bool {
        if depth > MAX_STEPS {
            return false;
        }
        match self.project.node(at) {
            Node::Call { .. } if self.project.wraps_markup(at) => true,
            Node::Call { .. } => self.is_call_that_makes(at, depth),
            Node::Binding(_) | Node::Member { .. } => {
                self.is_so_of_all(at, |value| self.is_made_wrapper(value, depth + 1))
            }
            _ => false,
        }
    }
}
