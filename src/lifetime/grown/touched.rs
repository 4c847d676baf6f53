//! Everything that the code does to one collection, gathered from its references and its other names.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, FunctionId, LogicalOp, Node};
use crate::lifetime::Judge;
use crate::lifetime::grown::touches::{Shrink, Touch};
use crate::link::limits::{self, Limit};
use crate::link::{Place, Ref, Root};

/// Through how many references and other names of one collection is looked; beyond them it is taken to escape.
const MAX_REFERENCES: usize = 2_000;

/// What is done to a collection, each at its reference to it.
#[derive(Clone, Debug, Default)]
pub(in crate::lifetime) struct Touched {
    /// What takes elements out.
    pub shrinks: Vec<(Ref, Shrink)>,
    /// Where it is handed to code that is not followed.
    pub escapes: Option<Ref>,
    /// Where it is given back or put into something else: others may change it there.
    pub leaves: Option<Ref>,
    /// Where a reader is called whose result is dropped, or a copy is emptied in its place.
    pub for_nothing: Vec<Ref>,
    /// Where `null` or `undefined` is put in the place of an element, with the key.
    pub emptied: Vec<(Ref, Ref)>,
    /// Where an element is looked up, with the key.
    pub looked_up: Vec<(Ref, Ref)>,
    /// Where an element is searched for, with the call.
    pub searched: Vec<(Ref, Ref)>,
}

impl Judge<'_> {
    /// Everything that is done to a collection.
    pub(in crate::lifetime) fn touched(&self, place: &Place, growth: Ref) -> Touched {
        let mut out = Touched::default();
        let mut queue = self.collection_references(place, growth);
        let mut seen: FxHashSet<Ref> = queue.iter().copied().collect();
        while let Some(at) = queue.pop() {
            if limits::exceeds(Limit::References, seen.len() > MAX_REFERENCES) {
                out.escapes.get_or_insert(at);
                break;
            }
            for alias in self.other_names(at) {
                if seen.insert(alias) {
                    queue.push(alias);
                }
            }
            match self.touch(at, place, 0) {
                Touch::Shrinks(how) => out.shrinks.push((at, how)),
                Touch::Escapes => {
                    out.escapes.get_or_insert(at);
                }
                Touch::ReadsForNothing => out.for_nothing.push(at),
                Touch::Grows | Touch::Reads => self.read(at, &mut out),
            }
        }
        out.shrinks.sort_unstable_by_key(|(at, _)| *at);
        out.for_nothing.sort_unstable();
        out.emptied.sort_unstable();
        out.looked_up.sort_unstable();
        out.searched.sort_unstable();
        out
    }

    /// References of the variables that get the collection itself: `const list = this.list`, `{ list: mine } = this`.
    fn other_names(&self, at: Ref) -> Vec<Ref> {
        let facts = self.project.facts(at.file);
        let references = |b: BindingId, but| {
            facts
                .references_of(b)
                .filter(|&node| node != but)
                .map(|node| Ref { file: at.file, node })
                .collect()
        };
        if let Node::Property { value, .. } = facts.node(at.node) {
            return match facts.node(value) {
                Node::Binding(b) if facts.is_written(value) => references(b, value),
                _ => Vec::new(),
            };
        }
        let mut value = at.node;
        loop {
            let up = facts.parent(value);
            match facts.node(up) {
                Node::Declare { target, value: v } | Node::Assign { target, value: v, .. } if v == value => {
                    return match facts.node(target) {
                        Node::Binding(b) => references(b, target),
                        _ => Vec::new(),
                    };
                }
                Node::Logical { op, right, .. } if op != LogicalOp::And || right == value => value = up,
                Node::Conditional { test, .. } if test != value => value = up,
                _ => return Vec::new(),
            }
        }
    }

    /// What a reference that takes nothing out does.
    fn read(&self, at: Ref, out: &mut Touched) {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { file: at.file, node };
        let up = facts.parent(at.node);
        let outer = facts.parent(up);
        match facts.node(up) {
            Node::Index { object, key } if object == at.node => match facts.node(outer) {
                Node::Assign { target, value, .. } if target == up => {
                    if facts.node(value).is_nullish() {
                        out.emptied.push((at, here(key)));
                    }
                }
                _ => out.looked_up.push((at, here(key))),
            },
            Node::Member { object, property, .. } if object == at.node => {
                let Node::Call { callee, args, .. } = facts.node(outer) else {
                    return;
                };
                let (method, first) = (facts.name(property), facts.item(args, 0));
                let conventions = &self.project.tables.conventions;
                if callee != up {
                } else if let (Some(key), Some(value)) = (first, facts.item(args, 1))
                    && facts.node(value).is_nullish()
                    && conventions.grow.iter().any(|g| g == method)
                {
                    out.emptied.push((at, here(key)));
                } else if let Some(key) = first
                    && conventions.look_up.iter().any(|l| l == method)
                {
                    out.looked_up.push((at, here(key)));
                } else if conventions.membership.iter().any(|m| m == method) {
                    out.searched.push((at, here(outer)));
                } else if self.is_emptied_copy(here(outer)) {
                    out.for_nothing.push(at);
                }
            }
            Node::Return(_) | Node::Yield(_) | Node::Array(_) => {
                out.leaves.get_or_insert(at);
            }
            Node::Function(f) if facts.function(f).body == at.node => {
                out.leaves.get_or_insert(at);
            }
            Node::Property { value, .. } if value == at.node && facts.enclosing_function(up) != FunctionId::MODULE => {
                out.leaves.get_or_insert(at);
            }
            Node::Assign { value, target, .. } if value == at.node => {
                // What a module exports is followed to the files that import it.
                let exports = facts.enclosing_function(up) == FunctionId::MODULE;
                if !exports && !matches!(facts.node(target), Node::Binding(_)) {
                    out.leaves.get_or_insert(at);
                }
            }
            _ => {}
        }
    }

    /// `const batch = queue.slice()`, and elements are taken out of `batch`.
    fn is_emptied_copy(&self, copy: Ref) -> bool {
        let facts = self.project.facts(copy.file);
        let Node::Declare { target, value } = facts.node(facts.parent(copy.node)) else {
            return false;
        };
        let Node::Binding(b) = facts.node(target) else {
            return false;
        };
        let place = Place::root(Root::Binding(copy.file, b));
        value == copy.node
            && self.copies(copy)
            && facts.references_of(b).filter(|&node| node != target).any(|node| {
                let at = Ref { file: copy.file, node };
                matches!(self.touch(at, &place, 0), Touch::Shrinks(_))
            })
    }

    /// Whether a call gives a copy of the collection it is called on.
    fn copies(&self, call: Ref) -> bool {
        let Node::Call { callee, args, .. } = self.project.node(call) else {
            return false;
        };
        let facts = self.project.facts(call.file);
        let Node::Member { property, .. } = facts.node(callee) else {
            return false;
        };
        let conventions = &self.project.tables.conventions;
        conventions.copy.iter().any(|c| c == facts.name(property))
            && facts.list(args).all(|a| {
                !self.is_function(Ref {
                    file: call.file,
                    node: a,
                })
            })
    }

    fn is_function(&self, at: Ref) -> bool {
        matches!(self.project.node(at), Node::Function(_))
    }
}
