//! Contents: a value that is put into a list, a table, a map or a set, and where it is taken from there.
//!
//! `routes.forEach((route) => app.get(route.path, route.run))` hands on what stands in `const routes = [{ run }]`.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::known::Rank;
use super::limits::{self, Limit};
use super::{FileId, Func, Key, OwnerId, OwnerKind, Place, Project, Ref, Root};
use crate::facts::{BindingId, CallKind, ExportValue, LoopKind, Node};
use crate::tables::{Every, Param};

/// Through how many expressions one value is followed.
const MAX_FOLLOWED: usize = 500;

/// From how many places where objects of a class are made they are followed.
const MAX_MADE: usize = 24;

/// How deep wholes may lie in wholes.
const MAX_WAY: usize = 4;

/// A step from a whole to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot {
    /// The property of this name, the element at this index.
    Named(Box<str>),
    /// One of many: an element, the property of a computed name.
    Element,
    /// Whatever property is read.
    Any,
}

impl Slot {
    fn of(name: Option<&str>) -> Self {
        name.map_or(Slot::Element, |name| Slot::Named(name.into()))
    }

    fn is(&self, name: &str) -> bool {
        match self {
            Slot::Named(own) => &**own == name,
            Slot::Element => false,
            Slot::Any => true,
        }
    }
}

/// Where something is read, and the name of the property that is read, if it has one.
pub(super) type Read = (Ref, Option<Box<str>>);

/// One value on its way.
#[derive(Default)]
struct Flow {
    /// Where it is read, and by what name, if any property counts and it has one.
    found: Vec<Read>,
    /// The name of the property that is followed now, if any property counts.
    name: Option<Box<str>>,
    /// Expressions it went through, each with how deep it lay in them.
    seen: FxHashSet<(Ref, usize)>,
}

impl Flow {
    /// Goes on with what is read by a name, which is noted where any property counts.
    fn read_by(&mut self, slot: &Slot, name: &str, go_on: impl FnOnce(&mut Self)) {
        match slot {
            Slot::Any => {
                self.name = Some(name.into());
                go_on(self);
                self.name = None;
            }
            _ => go_on(self),
        }
    }
}

impl Project {
    /// Where a value is read that becomes part of an array or object here, or an element of a collection: expressions
    /// that stand for it, or for one of the values among which it is.
    pub(super) fn reads_of_part(&self, value: Ref) -> Vec<Ref> {
        let mut found: Vec<Ref> = match self.named_part(value) {
            Some((whole, name)) => self.reads_named(&self.reads_of_whole(whole), name.as_deref()).collect(),
            None => {
                let mut flow = Flow::default();
                self.put_in(value, &[], &mut flow);
                flow.found.into_iter().map(|(at, _)| at).collect()
            }
        };
        found.retain(|at| *at != value);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The object that a value becomes a property of, and the name of the property, if it has one.
    fn named_part(&self, value: Ref) -> Option<(Place, Option<Box<str>>)> {
        let facts = self.facts(value.file);
        let here = |node| Ref { node, ..value };
        let up = facts.parent(value.node);
        match facts.node(up) {
            Node::Property { key, value: of, .. } if of == value.node => {
                let object = facts.parent(up);
                let whole = Place::root(Root::Value(here(object)));
                matches!(facts.node(object), Node::Object(_)).then(|| (whole, facts.string(key).map(Box::from)))
            }
            Node::Assign { target, value: of, .. } if of == value.node && !facts.is_export(target) => {
                let Node::Member { object, property, .. } = facts.node(target) else {
                    return None;
                };
                Some((self.place(here(object)), Some(facts.name(property).into())))
            }
            _ => None,
        }
    }

    /// The reads of one property among those of an object: by its name, or, as those without one, by a name that is
    /// computed and may be it.
    pub(super) fn reads_named<'r>(
        &'r self,
        reads: &'r [Read],
        name: Option<&'r str>,
    ) -> impl Iterator<Item = Ref> + 'r {
        let is_it = move |read: &&Read| match &read.1 {
            Some(own) => Some(&**own) == name,
            None => name.is_none_or(|name| self.may_read(read.0, name)),
        };
        reads.iter().filter(is_it).map(|(at, _)| *at)
    }

    fn may_read(&self, at: Ref, name: &str) -> bool {
        match self.node(at) {
            Node::Index { key, .. } => {
                let key = Ref { node: key, ..at };
                let says = |texts: Vec<Box<str>>| texts.iter().any(|text| **text == *name);
                self.could_say(key, name) && self.chosen_texts(key, 0).is_none_or(says)
            }
            _ => true,
        }
    }

    /// Where properties of the objects of an owner are read, from where they are made.
    pub(super) fn reads_of_objects(&self, owner: OwnerId) -> Arc<[Read]> {
        let file = owner.file;
        self.reads_of_whole(Place::root(match self.owner(owner).kind {
            OwnerKind::Object(node) => Root::Value(Ref { file, node }),
            OwnerKind::Class(_) | OwnerKind::Constructor(_) => Root::This(owner),
        }))
    }

    /// Where properties of an object are read, whichever: of an object literal, of what is in a variable or field, or, of
    /// `this`, of all objects of the owner.
    fn reads_of_whole(&self, whole: Place) -> Arc<[Read]> {
        self.known(Rank::Reads, &self.known.reads, whole.clone(), || {
            let mut flow = Flow::default();
            match (&whole.root, whole.path.is_empty()) {
                (Root::Value(object), true) => self.follow(*object, &[Slot::Any], &mut flow),
                (Root::This(owner), true) => {
                    for at in self.constructions(*owner).into_iter().take(MAX_MADE) {
                        self.follow(at, &[Slot::Any], &mut flow);
                    }
                }
                _ => self.follow_held(&whole, &[Slot::Any], &mut flow),
            }
            flow.found.sort_unstable();
            flow.found.dedup();
            flow.found.into()
        })
    }

    /// Follows the whole that something becomes part of.
    fn put_in(&self, at: Ref, way: &[Slot], flow: &mut Flow) {
        let facts = self.facts(at.file);
        let here = |node| Ref { node, ..at };
        let up = facts.parent(at.node);
        let within = |slot: Slot| -> Vec<Slot> { [&[slot], way].concat() };
        if way.len() >= MAX_WAY {
            return;
        }
        match facts.node(up) {
            Node::Property { key, value, .. } if value == at.node => {
                let object = facts.parent(up);
                if let Node::Object(_) = facts.node(object) {
                    self.follow(here(object), &within(Slot::of(facts.string(key))), flow);
                }
            }
            Node::Array(list) => {
                let index = facts.list(list).position(|item| item == at.node);
                let slot = index.map_or(Slot::Element, |index| Slot::Named(index.to_string().into()));
                self.follow(here(up), &within(slot), flow);
            }
            Node::Assign { target, value, .. } if value == at.node => match facts.node(target) {
                Node::Index { object, key } => {
                    self.follow_place(here(object), &within(Slot::of(facts.string(key))), flow);
                }
                Node::Member { object, property, .. } if !facts.is_export(target) => {
                    self.follow_place(here(object), &within(Slot::of(Some(facts.name(property)))), flow);
                }
                _ => {}
            },
            Node::Call { callee, args, .. } if callee != at.node => {
                let Node::Member { object, property, .. } = facts.node(callee) else {
                    return;
                };
                let grows = self.tables.conventions.grow.iter().any(|g| g == facts.name(property));
                // `table.set(key, value)`
                let is_key = facts.list(args).len() == 2 && facts.item(args, 0) == Some(at.node);
                if grows && !is_key {
                    self.follow_place(here(object), &within(Slot::Element), flow);
                }
            }
            _ => {}
        }
    }

    /// Follows a whole wherever it is named.
    fn follow_place(&self, whole: Ref, way: &[Slot], flow: &mut Flow) {
        self.follow_held(&self.place(whole), way, flow);
    }

    fn follow_held(&self, place: &Place, way: &[Slot], flow: &mut Flow) {
        match (&place.root, &place.path[..]) {
            (&Root::Binding(file, b), []) => self.follow_binding(file, b, way, flow),
            (Root::This(owner), [Key::Name(name)]) => {
                self.follow_field(*owner, name, way, flow);
            }
            _ => {
                for at in self.attached_references(place) {
                    self.follow(at, way, flow);
                }
            }
        }
    }

    /// Follows a whole wherever the code of its object names it.
    fn follow_field(&self, owner: OwnerId, name: &str, way: &[Slot], flow: &mut Flow) {
        for of in self.lineage(owner) {
            let facts = self.facts(of.file);
            let Some(wanted) = self.name_in(of.file, name) else {
                continue;
            };
            for node in facts.members_named(wanted).filter(|&node| !facts.is_written(node)) {
                let at = Ref { file: of.file, node };
                if matches!(self.place(at).root, Root::This(o) if self.is_related(o, owner)) {
                    self.follow(at, way, flow);
                }
            }
        }
    }

    fn follow_binding(&self, file: FileId, b: BindingId, way: &[Slot], flow: &mut Flow) {
        for at in self.references_everywhere(file, b) {
            self.follow(at, way, flow);
        }
    }

    /// Where a variable is read, in its file and in those that import it.
    fn references_everywhere(&self, file: FileId, b: BindingId) -> Vec<Ref> {
        let facts = self.facts(file);
        let own = facts.references_of(b).filter(|&node| !facts.is_written(node));
        let mut found: Vec<Ref> = own.map(|node| Ref { file, node }).collect();
        let is_it = |value: &ExportValue| matches!(value, ExportValue::Binding(x) if *x == b);
        for export in facts.exports.iter().filter(|e| is_it(&e.value)) {
            let place = self.binding_place(file, b, 0);
            found.extend(self.imported_references(file, facts.name(export.name), &place));
        }
        let others = self.references_of_scripts(file, b).into_iter();
        found.extend(others.filter(|at| !self.facts(at.file).is_written(at.node)));
        found
    }

    /// Follows an expression that stands for a whole, in which a way leads to the value.
    fn follow(&self, at: Ref, way: &[Slot], flow: &mut Flow) {
        if way.is_empty() {
            flow.found.push((at, flow.name.clone()));
            return;
        }
        if limits::exceeds(Limit::Flow, flow.seen.len() >= MAX_FOLLOWED) || !flow.seen.insert((at, way.len())) {
            return;
        }
        let facts = self.facts(at.file);
        let here = |node| Ref { node, ..at };
        let up = facts.parent(at.node);
        self.put_in(at, way, flow);
        match facts.node(up) {
            Node::Declare { target, value } if value == at.node => self.follow_pattern(here(target), way, flow),
            Node::Assign { target, value, .. } if value == at.node => match facts.is_export(target) {
                true => self.follow_export(at, way, flow),
                false => self.follow_place(here(target), way, flow),
            },
            Node::Member { object, .. } | Node::Index { object, .. } if object == at.node => {
                self.follow_part(here(up), way, flow);
            }
            Node::Loop { parts, kind, .. } if kind == LoopKind::ForOf && facts.item(parts, 1) == Some(at.node) => {
                if let Some(target) = facts.item(parts, 0) {
                    self.follow_pattern(here(target), &way[1..], flow);
                }
            }
            Node::Spread(_) => self.follow_spread(here(up), way, flow),
            Node::Call { callee, args, .. } if callee != at.node => {
                if let Some(arg) = facts.list(args).position(|a| a == at.node) {
                    self.follow_argument(here(up), arg, way, flow);
                }
            }
            Node::Return(_) => self.follow_result(self.function_at(at), way, flow),
            Node::Function(function) if facts.function(function).body == at.node => {
                let f = Func {
                    file: at.file,
                    function,
                };
                match self.field_initialized_by(f).map(|field| (field.root, field.path)) {
                    Some((Root::This(owner), path)) => {
                        if let Some(Key::Name(name)) = path.first() {
                            self.follow_field(owner, name, way, flow);
                        }
                    }
                    _ => self.follow_result(f, way, flow),
                }
            }
            Node::Await(_) | Node::Logical { .. } | Node::Conditional { .. } | Node::Sequence(_) => {
                self.follow(here(up), way, flow);
            }
            _ => self.follow_export(at, way, flow),
        }
    }

    /// `whole.name`, `whole[key]`
    fn follow_part(&self, part: Ref, way: &[Slot], flow: &mut Flow) {
        let facts = self.facts(part.file);
        let name = match facts.node(part.node) {
            Node::Member { property, .. } => facts.name(property),
            Node::Index { .. } if facts.is_written(part.node) => return,
            Node::Index { key, .. } => match facts.string(key) {
                Some(name) => name,
                None => return self.follow(part, &way[1..], flow),
            },
            _ => return,
        };
        if way[0].is(name) {
            flow.read_by(&way[0], name, |flow| self.follow(part, &way[1..], flow));
        } else {
            self.follow_method(part, way, flow);
        }
    }

    /// `export default [...]`
    fn follow_export(&self, at: Ref, way: &[Slot], flow: &mut Flow) {
        for found in self.references_of_exported(at) {
            self.follow(found, way, flow);
        }
    }

    /// Where other files name an expression that is exported as it stands.
    fn references_of_exported(&self, at: Ref) -> Vec<Ref> {
        let facts = self.facts(at.file);
        let is_it = |value: &ExportValue| matches!(value, ExportValue::Node(node) if *node == at.node);
        let exports = facts.exports.iter().filter(|e| is_it(&e.value));
        exports
            .flat_map(|e| self.imported_references(at.file, facts.name(e.name), &self.place(at)))
            .collect()
    }

    /// What a pattern gives names to.
    fn follow_pattern(&self, pattern: Ref, way: &[Slot], flow: &mut Flow) {
        let facts = self.facts(pattern.file);
        let here = |node| Ref { node, ..pattern };
        match facts.node(pattern.node) {
            Node::ObjectPattern(_) | Node::ArrayPattern(_) if way.is_empty() => {}
            Node::Binding(b) => self.follow_binding(pattern.file, b, way, flow),
            Node::Default { target, .. } => self.follow_pattern(here(target), way, flow),
            Node::ObjectPattern(list) => {
                for part in facts.list(list) {
                    if let Node::Property { key, value, .. } = facts.node(part)
                        && let Some(name) = facts.string(key).filter(|name| way[0].is(name))
                    {
                        flow.read_by(&way[0], name, |flow| self.follow_pattern(here(value), &way[1..], flow));
                    }
                }
            }
            Node::ArrayPattern(list) => {
                let Slot::Named(index) = &way[0] else { return };
                if let Some(part) = index.parse().ok().and_then(|index| facts.item(list, index)) {
                    self.follow_pattern(here(part), &way[1..], flow);
                }
            }
            _ => {}
        }
    }

    /// `list.forEach(f)`, `map.get(key)`, `list.filter(f)`
    fn follow_method(&self, member: Ref, way: &[Slot], flow: &mut Flow) {
        let facts = self.facts(member.file);
        let call = Ref {
            node: facts.parent(member.node),
            ..member
        };
        let (Node::Member { property, .. }, Node::Call { callee, args, .. }) =
            (facts.node(member.node), facts.node(call.node))
        else {
            return;
        };
        if callee != member.node {
            return;
        }
        let conventions = &self.tables.conventions;
        let method = facts.name(property);
        if conventions.element_reads.iter().any(|m| m == method) {
            self.follow(call, &way[1..], flow);
        } else if conventions.element_lists.iter().any(|m| m == method) {
            self.follow(call, way, flow);
        } else if method == "entries" && facts.list(args).len() == 0 {
            self.follow(call, &entry(way), flow);
        }
        self.follow_callback(call, 0, way, flow);
    }

    /// What a callback is given that runs for each element of a list.
    fn follow_callback(&self, call: Ref, arg: usize, way: &[Slot], flow: &mut Flow) {
        let facts = self.facts(call.file);
        let Node::Call { args, .. } = facts.node(call.node) else {
            return;
        };
        let callback = facts.item(args, arg).map(|node| facts.node(node));
        let each = |(row, param): (usize, Param)| {
            self.tables.contexts[row].every == Every::Call && matches!(param, Param::Handler)
        };
        if let Some(Node::Function(function)) = callback
            && self.context_of(call, arg).is_some_and(each)
            && let Some(param) = facts.item(facts.function(function).params, 0)
        {
            self.follow_pattern(Ref { node: param, ..call }, &way[1..], flow);
        }
    }

    /// `[...list]`, `{ ...table }`, `f(...list)`
    fn follow_spread(&self, spread: Ref, way: &[Slot], flow: &mut Flow) {
        let facts = self.facts(spread.file);
        let up = facts.parent(spread.node);
        let here = |node| Ref { node, ..spread };
        match facts.node(up) {
            Node::Array(_) => {
                self.follow(here(up), &[&[Slot::Element], &way[1..]].concat(), flow);
            }
            Node::Object(_) => self.follow(here(up), way, flow),
            Node::Call { .. } => self.follow(spread, &way[1..], flow),
            _ => {}
        }
    }

    /// What a whole is handed to.
    fn follow_argument(&self, call: Ref, arg: usize, way: &[Slot], flow: &mut Flow) {
        let facts = self.facts(call.file);
        let Node::Call { callee, args, kind } = facts.node(call.node) else {
            return;
        };
        let callee = Ref { node: callee, ..call };
        match (self.path_of(callee).as_deref(), kind) {
            (Some("Map"), CallKind::New) => {
                // `new Map([[key, value]])`
                if let [_, index, rest @ ..] = way
                    && index.is("1")
                {
                    self.follow(call, &[&[Slot::Element], rest].concat(), flow);
                }
            }
            (Some("Set"), CallKind::New) | (Some("Object.freeze" | "Array.from" | "Object.assign"), _) => {
                self.follow(call, way, flow);
            }
            (Some("Object.values"), _) => self.follow(call, way, flow),
            (Some("Object.entries"), _) => self.follow(call, &entry(way), flow),
            _ => {
                self.follow_callback(call, arg + 1, way, flow);
                let called = self.called_function(call);
                let param = called.and_then(|f| self.facts(f.file).item(self.function(f).params, arg));
                let is_plain = facts
                    .list(args)
                    .take(arg)
                    .all(|a| !matches!(facts.node(a), Node::Spread(_)));
                if let (Some(f), Some(node), true) = (called, param, is_plain) {
                    self.follow_pattern(Ref { file: f.file, node }, way, flow);
                }
            }
        }
    }

    /// What a function gives back, where it is called by its name. Whatever else happens to functions would be asked in
    /// circles: they are put into objects, too.
    fn follow_result(&self, f: Func, way: &[Slot], flow: &mut Flow) {
        let at = self.function_node(f);
        let mut named = self.references_of_exported(at);
        named.extend(self.begun_with(at).flat_map(|b| self.references_everywhere(f.file, b)));
        for at in named {
            let facts = self.facts(at.file);
            let up = facts.parent(at.node);
            match facts.node(up) {
                Node::Call { callee, .. } if callee == at.node => self.follow(Ref { node: up, ..at }, way, flow),
                _ => {}
            }
        }
    }
}

/// The way through an entry of a table, `[key, value]`.
fn entry(way: &[Slot]) -> Vec<Slot> {
    [&[Slot::Element, Slot::Named("1".into())], &way[1..]].concat()
}
