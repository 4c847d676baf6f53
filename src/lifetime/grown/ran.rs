//! Entries of what ends by itself: timers that fire, promises that are fulfilled, with nobody left to take them out.
//!
//! `waiting.set(id, timer)`, and only who cancels takes the entry out. The callback asks whether it is still there, does
//! its work, and leaves it in.

use crate::facts::{FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Func, Place, Ref};

impl Judge<'_> {
    /// Why an entry of a timer or promise stays after it has done its work: only who cancels it takes it out.
    pub(in crate::lifetime) fn ran_but_kept(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        grown.growth.key?;
        let value = grown.growth.value?;
        if touched.leaves.is_some() || grown.f.function == FunctionId::MODULE {
            return None;
        }
        let (later, row) = self.runs_when_done(value)?;
        let clears = |f: Func| row.is_some_and(|row| self.clears_in(f, row));
        // A later step of a chain of promises stands beside, and goes on with what this one was for.
        let own = match row {
            Some(_) => grown.f,
            None => self.outermost(grown.f),
        };
        let cancels = |at: Ref| {
            let f = self.project.function_at(at);
            !self.project.is_within(f, own) && (self.cancels_one(f) || clears(f))
        };
        if !touched.shrinks.iter().all(|(at, _)| cancels(*at)) {
            return None;
        }
        let (taken, _) = *touched.shrinks.first()?;
        let mut inner = self.project.functions_within(own);
        if self.takes_out(later, touched) || inner.any(|g| self.takes_out(g, touched)) {
            return None;
        }
        let at = self.asks_in(later, &grown.place)?;
        let text = "asked for here when it is done, and left in";
        Some(Found::on_some_ways(
            (at, text),
            (taken, "taken out only here, if it is cancelled"),
        ))
    }

    /// Why the handle of a timeout stays in a list after it has fired: only who clears the timeout takes it out.
    pub(in crate::lifetime) fn fired_but_listed(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let value = grown.growth.value?;
        let is_list = grown.growth.key.is_none_or(|key| key == value);
        if !is_list || touched.leaves.is_some() || grown.f.function == FunctionId::MODULE {
            return None;
        }
        let (made, row) = self.timeout_of(value)?;
        let clears = |at: &Ref| {
            let f = self.project.function_at(*at);
            let is_other =
                !self.project.is_within(f, grown.f) || f == grown.f && self.leaves_before(grown.growth.at, *at);
            is_other && self.clears_in(f, row)
        };
        let at_end = |at: &Ref| self.ends_holder(self.project.function_at(*at));
        let shrinks = &touched.shrinks;
        let is_known = |(at, how): &(Ref, Shrink)| clears(at) || *how == Shrink::All && at_end(at);
        // Who clears them all, one after the other, tells nothing of a single one.
        let takes_one = |at: &Ref| {
            let f = self.project.function_at(*at);
            self.activation(f) == f && self.loop_around(*at).is_none()
        };
        let one = |(at, how): &&(Ref, Shrink)| matches!(how, Shrink::Entry(_)) && clears(at) && takes_one(at);
        let (taken, _) = *shrinks.iter().find(one)?;
        shrinks.iter().all(is_known).then(|| {
            Found::on_some_ways(
                (made, "when it has fired, its handle stays"),
                (taken, "taken out only here, if it is cleared"),
            )
        })
    }

    /// Whether a function returns after one node of it and never comes to another that stands behind.
    pub(in crate::lifetime) fn leaves_before(&self, from: Ref, other: Ref) -> bool {
        let facts = self.project.facts(from.file);
        let is_left = |block: NodeId| match facts.node(block) {
            Node::Block(list) => {
                let mut after = facts.list(list).skip_while(|&s| !facts.is_inside(from.node, s));
                !facts.is_inside(other.node, block) && after.any(|s| matches!(facts.node(s), Node::Return(_)))
            }
            _ => false,
        };
        let body = self.project.function_node(self.project.function_at(from)).node;
        self.is_before(from, other) && facts.ancestors(from.node).take_while(|&up| up != body).any(is_left)
    }

    /// The timeout whose handle a value is, and its row; nothing where its own function may know the handle.
    fn timeout_of(&self, value: Ref) -> Option<(Ref, usize)> {
        let facts = self.project.facts(value.file);
        let made = match facts.node(value.node) {
            Node::Binding(b) => {
                let is_known = |node| facts.enclosing_function(node) != facts.binding(b).function;
                let definitions = self.project.definitions(&self.project.place(value));
                let is_call = |d: &Ref| matches!(self.project.node(*d), Node::Call { .. });
                definitions
                    .into_iter()
                    .find(is_call)
                    .filter(|_| !facts.references_of(b).any(is_known))?
            }
            Node::Call { .. } => value,
            _ => return None,
        };
        let a = self.pair_acquisitions(value.file).iter().find(|a| a.at == made)?;
        let row = a.row()?;
        let is_timeout = self.project.tables.pairs[row].one_shot && a.target().is_none();
        is_timeout.then_some((made, row))
    }

    /// Where a function, or one written in it, asks whether something is in a collection, or looks it up.
    fn asks_in(&self, f: Func, collection: &Place) -> Option<Ref> {
        let conventions = &self.project.tables.conventions;
        let within = self.project.functions_within(f);
        let mut calls = std::iter::once(f).chain(within).flat_map(|g| {
            let calls = self.project.calls_in(g).iter();
            calls.map(move |&node| Ref { file: g.file, node })
        });
        calls.find(|call| {
            let Node::Call { callee, .. } = self.project.node(*call) else {
                return false;
            };
            let facts = self.project.facts(call.file);
            let Node::Member { object, property, .. } = facts.node(callee) else {
                return false;
            };
            let name = facts.name(property);
            let mut asking = conventions.membership.iter().chain(&conventions.look_up);
            asking.any(|m| m == name)
                && self
                    .project
                    .same_place(&self.project.place(Ref { node: object, ..*call }), collection)
        })
    }

    /// The function that runs when a timer or promise is done, and the row of the timer.
    fn runs_when_done(&self, value: Ref) -> Option<(Func, Option<usize>)> {
        let facts = self.project.facts(value.file);
        let here = |node| Ref { node, ..value };
        let (made, names): (NodeId, Vec<NodeId>) = match facts.node(value.node) {
            Node::Binding(b) => (facts.binding(b).init?, facts.references_of(b).collect()),
            Node::Call { .. } => (value.node, Vec::new()),
            _ => return None,
        };
        let timer = self.pair_acquisitions(value.file).iter().find(|a| a.at == here(made));
        if let Some(a) = timer {
            let row = a.row()?;
            let pair = &self.project.tables.pairs[row];
            let is_timer = pair.one_shot && a.target().is_none();
            let later = self.project.function_value(a.handler()?, 0)?;
            return is_timer.then_some((later, Some(row)));
        }
        let react = &self.project.tables.conventions.react;
        names.into_iter().find_map(|name| {
            let step = facts.parent(name);
            let Node::Member { object, property, .. } = facts.node(step) else {
                return None;
            };
            let Node::Call { callee, args, .. } = facts.node(facts.parent(step)) else {
                return None;
            };
            let is_step = object == name && callee == step && react.iter().any(|r| r == facts.name(property));
            let first = facts.item(args, 0).filter(|_| is_step)?;
            Some((self.project.function_value(here(first), 0)?, None))
        })
    }

    /// Whether a function clears timers of a row.
    fn clears_in(&self, f: Func, row: usize) -> bool {
        let row = &self.project.tables.pairs[row];
        self.project
            .calls_in(f)
            .iter()
            .any(|&node| self.is_clear(Ref { file: f.file, node }, row))
    }
}
