//! Where a value comes from: whether the request, the connection or the message that is served has brought it.

use crate::facts::{BindingId, FunctionId, LoopKind, Node};
use crate::lifetime::Judge;
use crate::lifetime::grown::weight::Way;
use crate::link::{FileId, Func, Place, Ref, Repetition, Root, Use};
use crate::tables::Every;

/// Through how many names, calls and parts a value is followed.
const MAX_STEPS: u32 = 10;

/// How many nodes are looked through for where a value comes from.
const MAX_NODES: usize = 120;

/// How many other calls of a function are asked what they hand in.
const MAX_CALLERS: usize = 8;

impl Judge<'_> {
    /// The parameter that a place is, or is a part of.
    pub(in crate::lifetime) fn parameter_of(&self, place: &Place) -> Option<(Func, usize)> {
        match place.root {
            Root::Binding(file, b) => self.project.param_position(file, b),
            Root::Value(at) => self.project.pattern_position(at),
            _ => None,
        }
    }

    /// What the functions on the way hand in for a parameter.
    pub(in crate::lifetime) fn given_on(&self, f: Func, index: usize, way: &Way<'_>) -> Vec<Ref> {
        let calls = way.steps.iter().enumerate().skip(1);
        let on_way = calls.filter(|(i, step)| {
            let reached = way
                .steps
                .get(i + 1)
                .map_or(way.end, |next| self.project.function_at(next.at));
            let is_call = matches!(self.project.node(step.at), Node::Call { .. });
            // What a callback is given is not what stands beside it.
            let is_handed = |used: &Use| matches!(used, Use::Passed { call, .. } if *call == step.at);
            let calls = || reached == f && !self.project.uses(f).iter().any(is_handed);
            is_call && (self.project.called_function(step.at) == Some(f) || calls())
        });
        let mut calls: Vec<Ref> = on_way.map(|(_, step)| step.at).collect();
        // One function may call another one several times, of which the way names the first.
        let runs = |call: &Ref| {
            let around = self.project.function_at(*call);
            way.steps
                .iter()
                .skip(1)
                .any(|step| self.project.function_at(step.at) == around)
        };
        calls.extend(
            self.project
                .callers(f)
                .calls
                .iter()
                .copied()
                .filter(runs)
                .take(MAX_CALLERS),
        );
        calls
            .iter()
            .filter_map(|call| self.project.argument(*call, index))
            .collect()
    }

    /// A value, and what the functions on the way hand in for it, if it is a parameter.
    pub(in crate::lifetime) fn on_way(&self, value: Ref, way: &Way<'_>) -> Vec<Ref> {
        let mut out = vec![value];
        let mut next = 0;
        while let Some(&at) = out.get(next).filter(|_| next < MAX_STEPS as usize) {
            next += 1;
            let place = self.project.place(at);
            if let (Some((f, index)), true) = (self.parameter_of(&place), place.path.is_empty()) {
                out.extend(self.given_on(f, index, way));
            }
        }
        out
    }

    /// Whether a value comes with the request, the connection or the message that is served: it is made of what the
    /// function that serves is handed.
    pub(in crate::lifetime) fn is_brought(&self, value: Ref, way: &Way<'_>) -> bool {
        let mut stack = vec![(value, 0)];
        let mut seen = 0;
        while let Some((at, depth)) = stack.pop() {
            seen += 1;
            if depth > MAX_STEPS || seen > MAX_NODES {
                continue;
            }
            let facts = self.project.facts(at.file);
            match facts.node(at.node) {
                Node::Binding(_) => match self.parameter_of(&self.project.place(at)) {
                    Some((f, _)) if self.is_handed_by_context(f, way) => return true,
                    Some((f, index)) => {
                        let given = self.given_on(f, index, way).into_iter().chain(self.gone_through(f));
                        stack.extend(given.map(|value| (value, depth + 1)));
                    }
                    None => stack.extend(self.set_to(at).into_iter().map(|value| (value, depth + 1))),
                },
                Node::Function(_) | Node::Class(_) => {}
                Node::Member { object, .. } if self.project.node(Ref { node: object, ..at }) == Node::This => {
                    let set_to = self.set_in_session(at).into_iter();
                    stack.extend(set_to.map(|value| (value, depth + 1)));
                }
                _ => facts.children(at.node, |node| stack.push((Ref { node, ..at }, depth + 1))),
            }
        }
        false
    }

    /// What a field is ever set to, of an object that is made for each of what is served.
    fn set_in_session(&self, field: Ref) -> Vec<Ref> {
        let place = self.project.place(field);
        match self.is_of_session(field) {
            true => self.project.definitions(&place),
            false => Vec::new(),
        }
    }

    /// Whether something is a field of an object that is made for each request or connection: `this.path`.
    pub(in crate::lifetime) fn is_of_session(&self, field: Ref) -> bool {
        let place = self.project.place(field);
        let Root::This(owner) = place.root else { return false };
        let made = self.project.instances_of(owner);
        let is_served = matches!(
            made,
            Repetition::Repeated {
                every: Every::Request | Every::Connection,
                ..
            }
        );
        is_served && place.path.len() == 1
    }

    /// What a variable of a function is ever set to, or what its loop goes through.
    fn set_to(&self, at: Ref) -> Vec<Ref> {
        let place = self.project.place(at);
        let whole = Place::root(place.root);
        match whole.root {
            Root::Binding(file, b) if self.project.facts(file).binding(b).function == FunctionId::MODULE => Vec::new(),
            Root::Binding(file, b) => {
                let set_to = self.project.definitions(&whole).into_iter();
                set_to.chain(self.looped_through(file, b)).collect()
            }
            Root::Value(value) if value != at => vec![value],
            _ => Vec::new(),
        }
    }

    /// `list` of `for (const name of list)`.
    pub(in crate::lifetime) fn looped_through(&self, file: FileId, b: BindingId) -> Option<Ref> {
        let facts = self.project.facts(file);
        let span = facts.binding(b).span;
        let declared = facts.references_of(b).find(|&node| facts.span(node) == span);
        let declared = declared.or(facts.binding(b).pattern)?;
        facts.ancestors(declared).find_map(|up| match facts.node(up) {
            Node::Loop {
                parts,
                kind: LoopKind::ForOf | LoopKind::ForIn | LoopKind::ForAwait,
                ..
            } => {
                let is_bound = facts.item(parts, 0).is_some_and(|part| facts.is_inside(declared, part));
                facts.item(parts, 1).filter(|_| is_bound).map(|node| Ref { file, node })
            }
            _ => None,
        })
    }

    /// `list` of `list.forEach(f)`.
    pub(in crate::lifetime) fn gone_through(&self, f: Func) -> Option<Ref> {
        self.project.uses(f).iter().find_map(|used| match used {
            Use::Passed { call, .. } => match self.callee_of(*call) {
                Some((callee, _)) => match self.project.node(callee) {
                    Node::Member { object, .. } => Some(Ref { node: object, ..callee }),
                    _ => None,
                },
                None => None,
            },
            _ => None,
        })
    }

    /// Whether a function is the one that the context runs: it is registered there, or a framework runs it by where it
    /// stands.
    fn is_handed_by_context(&self, f: Func, way: &Way<'_>) -> bool {
        let Some(first) = way.steps.first().map(|step| step.at) else {
            return false;
        };
        let begun = way
            .steps
            .get(1)
            .map_or(way.end, |next| self.project.function_at(next.at));
        let is_registered = |used: &Use| matches!(used, Use::Passed { call, .. } if *call == first);
        f == begun || first == self.project.function_node(f) || self.project.uses(f).iter().any(is_registered)
    }
}
