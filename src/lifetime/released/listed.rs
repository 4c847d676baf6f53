//! Handlers that are kept in a list or table, and taken off one after the other.

use crate::facts::{BindingId, BindingKind, CallKind, LoopKind, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::released::comparison::{CallArgs, Wanted};
use crate::link::{FileId, Func, Place, Ref, Root, Use};
use rustc_hash::FxHashSet;

/// How many names and parts an element is followed through.
const MAX_STEPS: u32 = 6;

/// How many readings of a field are followed.
const MAX_READS: usize = 16;

impl Judge<'_> {
    /// Whether a release takes off an element of a collection that the wanted handler was put into.
    pub(in crate::lifetime) fn is_listed(&self, wanted: &Wanted<'_>, given: &CallArgs) -> bool {
        let (Some(handler), Some(element)) = (wanted.handler, given.handler) else {
            return false;
        };
        let Some(collection) = self.collection_of(element, 0) else {
            return false;
        };
        let is_same =
            |place: &Place| self.project.same_place(place, &collection) || self.is_same_slot(place, &collection);
        self.kept_in(handler).iter().any(is_same)
    }

    /// Whether a release takes both the object and the function out of the table that the wanted handler is kept in:
    /// `const kept = table[key]; kept.target.off(kept.listener)`.
    pub(in crate::lifetime) fn is_listed_with_target(&self, given: &CallArgs) -> bool {
        let (Some(receiver), Some(element)) = (given.receiver, given.handler) else {
            return false;
        };
        match (self.collection_of(receiver, 0), self.collection_of(element, 0)) {
            (Some(a), Some(b)) => self.project.same_place(&a, &b),
            _ => false,
        }
    }

    /// Whether a function that a release takes out of a table may be this one, which was put into a table as well:
    /// tables cannot always be told apart. `None` where the function does not come out of one.
    pub(in crate::lifetime) fn may_come_from_table(&self, handler: Ref, removed: Ref) -> Option<bool> {
        self.collection_of(removed, 0)?;
        Some(!self.kept_in(handler).is_empty() || self.collection_of(handler, 0).is_some())
    }

    /// What a table of events names for the wanted one: `off({ move: this.onMove, zoom: this.onZoom }, this)`.
    pub(in crate::lifetime) fn in_event_table(&self, wanted: &Wanted<'_>, given: &CallArgs) -> Option<Ref> {
        let table = given.key.filter(|k| matches!(self.project.node(*k), Node::Object(_)))?;
        let event = self.project.constant_text(wanted.key?, 0)?;
        self.project.property(table, &event)
    }

    /// Where some functions call the closure around a release by the name that it is kept under, or have to do with a list
    /// that it was put into, within a function that makes it: `undo = () => off(f)`, and `undo()`;
    /// `undos.push(() => off(f))`, and `undos.forEach((undo) => undo())`.
    pub(in crate::lifetime) fn run_as_kept(
        &self,
        release: Ref,
        within: Func,
        functions: &FxHashSet<Func>,
    ) -> Option<Ref> {
        let file = release.file;
        let mut closure = self.project.function_at(release);
        while closure != within && self.project.is_within(closure, within) {
            if let Some(call) = self.called_by_name(closure, functions) {
                return Some(call);
            }
            let lists = self.kept_in(self.project.function_node(closure));
            let mut reads = lists.iter().flat_map(|list| self.references_in(list, file));
            if let Some(read) = reads.find(|read| functions.contains(&self.project.function_at(*read))) {
                return Some(read);
            }
            let function = self.project.function(closure).parent?;
            closure = Func { file, function };
        }
        None
    }

    /// Where some functions call a closure by the name that it is kept under.
    fn called_by_name(&self, closure: Func, functions: &FxHashSet<Func>) -> Option<Ref> {
        self.project.uses(closure).iter().find_map(|used| match used {
            Use::Called { call } => functions.contains(&self.project.function_at(*call)).then_some(*call),
            Use::Stored { place, .. } => self.field_call(place, functions),
            _ => None,
        })
    }

    /// The collections and tables that a handler is put into.
    fn kept_in(&self, handler: Ref) -> Vec<Place> {
        let facts = self.project.facts(handler.file);
        let from = match facts.node(handler.node) {
            Node::Binding(b) => facts.binding(b).init.map(|node| Ref {
                file: handler.file,
                node,
            }),
            _ => Some(handler),
        };
        let Some(from) = from else { return Vec::new() };
        let mut flow = self.flow(from);
        // A method has no name of its own: it is put there by another reading of the field.
        if let Node::Member { .. } = facts.node(from.node) {
            let reads = self.references_in(&self.project.place(from), from.file);
            for read in reads.into_iter().filter(|read| *read != from).take(MAX_READS) {
                flow.collections.extend(self.flow(read).collections);
            }
        }
        // What makes the function may put it somewhere itself, before it gives it back.
        if let Some(made) = self.function_given_back(from) {
            self.follow_into(made, &mut flow, 0);
        }
        let mut out: Vec<Place> = flow.returned.iter().flat_map(|f| self.lists_made_by(*f)).collect();
        out.extend(flow.collections.into_iter().map(|(place, _)| place));
        // `table[key] = handler`.
        out.extend(
            flow.places
                .iter()
                .filter(|p| p.path.len() > 1 || !p.path.is_empty() && p.last().is_none())
                .filter_map(Place::parent),
        );
        // `on(event, table[event])`: it is in there already.
        if let Node::Index { object, .. } = facts.node(handler.node) {
            out.push(self.project.place(Ref {
                node: object,
                ..handler
            }));
        }
        out
    }

    /// The lists that get what a function gives back: `const added = items.map(f).filter(Boolean)`.
    fn lists_made_by(&self, f: Func) -> Vec<Place> {
        let facts = self.project.facts(f.file);
        let conventions = &self.project.tables.conventions;
        let is_one = |list: &[String], call: NodeId| {
            let called = facts.method_call(call);
            called.is_some_and(|called| list.iter().any(|m| m == facts.name(called.method)))
        };
        let function = self.project.function(f).node;
        let mut made = facts.parent(function);
        if !is_one(&conventions.one_for_one, made) {
            return Vec::new();
        }
        while let Some(next) = facts
            .method_called_on(made)
            .filter(|next| is_one(&conventions.narrow, next.at))
        {
            made = next.at;
        }
        match facts.node(facts.parent(made)) {
            Node::Declare { target, value } | Node::Assign { target, value, .. } if value == made => {
                let node = target;
                vec![self.project.place(Ref { file: f.file, node })]
            }
            _ => Vec::new(),
        }
    }

    /// The name under which the function that is called gives back one of its own: `handle` of
    /// `function handler(el) { function handle() {} el.kept = handle; return handle; }`.
    fn function_given_back(&self, call: Ref) -> Option<Ref> {
        let f = matches!(self.project.node(call), Node::Call { .. }).then(|| self.project.called_function(call))??;
        let given = self.project.returned_values(f);
        given.into_iter().find(|value| {
            let is_name = matches!(self.project.node(*value), Node::Binding(_));
            let made = self.project.function_value(*value, 0);
            is_name && made.is_some_and(|g| self.project.function(g).parent == Some(f.function))
        })
    }

    /// The collection that an expression is an element of, or a part of one: a callback's parameter, a loop's
    /// variable, `list.pop()`, `table.get(key)`, `table[key]`.
    pub(in crate::lifetime) fn collection_of(&self, at: Ref, depth: u32) -> Option<Place> {
        if depth > MAX_STEPS {
            return None;
        }
        let facts = self.project.facts(at.file);
        let here = |node| Ref { file: at.file, node };
        match facts.node(at.node) {
            Node::Binding(b) => self.collection_of_name(at.file, b, depth),
            Node::Member { object, .. } => self.collection_of(here(object), depth + 1),
            Node::Index { object, .. } => self
                .collection_of(here(object), depth + 1)
                .or_else(|| Some(self.project.place(here(object)))),
            Node::Call { callee, kind, .. } if kind != CallKind::New => match facts.node(callee) {
                Node::Member { object, property, .. } => {
                    let conventions = &self.project.tables.conventions;
                    let name = facts.name(property);
                    let gives = conventions.read.iter().chain(&conventions.shrink).any(|m| m == name);
                    gives.then(|| self.project.place(here(object)))
                }
                _ => None,
            },
            Node::Logical { left, .. } => self.collection_of(here(left), depth + 1),
            _ => None,
        }
    }

    /// Whether a name goes through a table that a slot is one of: `kind` in `for (const kind of Object.values(kinds))`
    /// is `kinds.error` as well.
    pub(in crate::lifetime) fn goes_through(&self, name: &Place, slot: &Place) -> bool {
        let (Root::Binding(file, b), []) = (&name.root, &name.path[..]) else {
            return false;
        };
        let is_of_table = match slot.root {
            Root::Binding(..) => !slot.path.is_empty(),
            Root::This(_) => slot.path.len() > 1,
            _ => false,
        };
        let Some(table) = slot.parent().filter(|_| is_of_table) else {
            return false;
        };
        let through = self.collection_of_name(*file, *b, 0);
        through.is_some_and(|through| self.project.same_place(&through, &table))
    }

    fn collection_of_name(&self, file: FileId, b: BindingId, depth: u32) -> Option<Place> {
        let facts = self.project.facts(file);
        let binding = facts.binding(b);
        let here = |node| Ref { file, node };
        let declared = facts
            .references_of(b)
            .find(|&node| facts.span(node) == binding.span)
            .or(binding.pattern)?;
        // Out of the patterns: `[event, handler]`, `{ handler }`.
        let mut at = declared;
        loop {
            let up = facts.parent(at);
            match facts.node(up) {
                Node::Property { .. }
                | Node::ObjectPattern(_)
                | Node::ArrayPattern(_)
                | Node::Default { .. }
                | Node::Rest(_) => at = up,
                Node::Declare { target, value } if target == at => {
                    if let Node::Loop { parts, kind, .. } = facts.node(facts.parent(up)) {
                        return self.iterated(here(facts.item(parts, 1)?), kind);
                    }
                    return self.collection_of(here(value), depth + 1);
                }
                Node::Loop { parts, kind, .. } => return self.iterated(here(facts.item(parts, 1)?), kind),
                Node::Function(_) if binding.kind == BindingKind::Param => return self.iterated_by_callback(here(up)),
                _ => return None,
            }
        }
    }

    /// What a `for ... of` goes through.
    fn iterated(&self, iterable: Ref, kind: LoopKind) -> Option<Place> {
        if kind != LoopKind::ForOf {
            return None;
        }
        Some(self.project.place(self.without_readers(iterable)))
    }

    /// `list.forEach(function)`: the list.
    fn iterated_by_callback(&self, function: Ref) -> Option<Place> {
        let facts = self.project.facts(function.file);
        let Node::Call { callee, .. } = facts.node(facts.parent(function.node)) else {
            return None;
        };
        let Node::Member { object, property, .. } = facts.node(callee) else {
            return None;
        };
        let name = facts.name(property);
        let reads = self.project.tables.conventions.read.iter().any(|m| m == name);
        reads.then(|| {
            self.project.place(self.without_readers(Ref {
                file: function.file,
                node: object,
            }))
        })
    }

    /// `table` in `table.entries()`, `[...table]` and `Object.entries(table)`.
    fn without_readers(&self, at: Ref) -> Ref {
        let facts = self.project.facts(at.file);
        let mut node = at.node;
        for _ in 0..MAX_STEPS {
            let inner: Option<NodeId> = match facts.node(node) {
                Node::Call { callee, args, .. } => match (facts.item(args, 0), facts.node(callee)) {
                    (Some(arg), Node::Member { .. } | Node::Global(_)) => Some(arg),
                    (None, Node::Member { object, .. }) => Some(object),
                    _ => None,
                },
                Node::Array(items) if facts.list(items).len() == 1 => facts.item(items, 0),
                Node::Spread(inner) => Some(inner),
                _ => None,
            };
            match inner {
                Some(inner) => node = inner,
                None => break,
            }
        }
        Ref { file: at.file, node }
    }
}
