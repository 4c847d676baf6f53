//! What is left over: taken out of one container and not of another, or ended while a table keeps it.

mod forgetful;

use crate::facts::{BindingId, BindingKind, CallKind, FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, Grown, Growths, LEFTOVER};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::lifetime::held::holding::Holder;
use crate::lifetime::{Evidence, Judge};
use crate::link::{FileId, Func, Place, Ref, Root, Use};

/// How many nodes of one expression or function are looked through for names.
pub(in crate::lifetime) const MAX_NODES: usize = 4_000;

impl Judge<'_> {
    /// Why elements of a collection that nothing shrinks should have left it, if the code says so.
    pub(in crate::lifetime) fn left_over(&self, grown: &Grown, touched: &Touched, growths: &Growths) -> Option<Found> {
        let mut found = self
            .emptied_slot(grown, touched)
            .or_else(|| self.emptied_group(grown, touched))
            .or_else(|| self.empty_put_back(grown))
            .or_else(|| self.counted_down(grown, touched))
            .or_else(|| self.unsettled(grown))
            .or_else(|| self.ended_but_kept(grown, touched))
            .or_else(|| self.found_and_ended(grown))
            .or_else(|| self.left_in_sibling(grown, growths))
            .or_else(|| self.left_by_clearing(grown, touched, growths))
            .or_else(|| self.taken_from_another(grown, growths))
            .or_else(|| self.undo_forgets(grown, growths))
            .or_else(|| self.forgotten_beside(grown, touched))
            .or_else(|| self.number_taken_beside(grown, touched))
            .or_else(|| self.end_heard_and_kept(grown, touched))
            .or_else(|| self.expired_and_left(grown, touched))
            .or_else(|| self.left_by_other_half(grown))
            .or_else(|| self.keeps_empty_references(grown))
            .or_else(|| self.given_out(grown))
            .or_else(|| self.answered_but_kept(grown, touched))
            .or_else(|| self.lists_what_ends(grown))
            .or_else(|| self.remembered(grown, touched))
            .or_else(|| self.remembered_by_object(grown, touched))?;
        // What is given away may be shrunk where nobody looks.
        found.tells &= touched.leaves.is_none();
        Some(found)
    }

    /// `weakMap[key] = value` makes a property, whatever the collection is.
    pub(in crate::lifetime) fn put_by_brackets(&self, grown: &Grown) -> Option<Found> {
        let keyed = self
            .project
            .definitions(&grown.place)
            .into_iter()
            .any(|d| self.is_keyed_collection(d));
        (keyed && self.is_by_brackets(&grown.growth)).then(|| Found {
            rule: LEFTOVER,
            cause: Cause::ReleaseWithoutEffect,
            evidence: vec![Evidence {
                role: Role::Flow,
                at: grown.growth.collection,
                text: "brackets make a property of the object; the collection's methods do not see it".into(),
            }],
            tells: true,
        })
    }

    /// Elements are replaced by `null`, and their keys stay.
    fn emptied_slot(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        // A function or a list for each of a few names may stay; an object that is made for the name is one of many.
        let few = self.is_one_of_few(key);
        if few && !grown.growth.value.is_some_and(|value| self.is_made_by_new(value)) {
            return None;
        }
        let &(at, _) = touched.emptied.iter().find(|(at, key)| {
            let f = self.project.function_at(*at);
            let is_end = || self.is_end_within(f, grown.f) || self.does_only(f, *at) || self.is_done_then(f, *key);
            (!few || self.ends_one(f)) && f != grown.f && (self.ends_one(f) || is_end())
        })?;
        let is_list = self.project.definitions(&grown.place).into_iter().any(|d| {
            !matches!(self.project.node(d), Node::Object(_) | Node::Call { .. })
                || self.project.path_of(d).is_some_and(|p| p == "Array")
                || self
                    .project
                    .type_of(d)
                    .is_some_and(|t| self.project.tables.is_a(t, "Array"))
        });
        (!is_list).then(|| {
            Found::by_release(
                LEFTOVER,
                Cause::ReleaseWithoutEffect,
                at,
                "empties the slot; the key stays",
            )
        })
    }

    /// Whether a function runs when a promise is settled that another function has begun under a key it was given.
    fn is_done_then(&self, f: Func, key: Ref) -> bool {
        let is_given = || {
            self.parameter_behind(key)
                .is_some_and(|(file, b)| self.project.facts(file).binding(b).function != f.function)
        };
        let mut uses = self.project.uses(f).to_vec().into_iter();
        uses.any(|used| matches!(used, Use::Passed { call, .. } if self.is_promise_step(call))) && is_given()
    }

    fn is_made_by_new(&self, value: Ref) -> bool {
        let made = self.project.value_of_place(&self.project.place(value)).unwrap_or(value);
        matches!(
            self.project.node(made),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        )
    }

    /// A method that ends one element looks it up and does not take it out.
    fn ended_but_kept(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let (at, _) = touched.looked_up.iter().copied().find(|&(at, key)| {
            let f = self.project.function_at(at);
            self.ends_one(f)
                && self.may_be_ended(at)
                && !self.is_one_of_few(key)
                && self.project.constant_text(key, 0).is_none()
                && self.parameter_behind(key).is_some()
                // Who goes through all keys ends the table with all that is in it.
                && self.collection_of(key, 0).is_none()
                && !self.grows_in(grown, f)
                && !self.is_container(at)
        })?;
        Some(Found::by_release(
            LEFTOVER,
            Cause::NeverReleased,
            at,
            "looked up to be ended, and left in",
        ))
    }

    /// Whether an element that is looked up is a collection itself, that something is added to or taken out of there.
    fn is_container(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        let outer = facts.parent(up);
        let element = match (facts.node(up), facts.node(outer)) {
            (Node::Member { .. }, Node::Call { callee, .. }) if callee == up => outer,
            _ => up,
        };
        let conventions = &self.project.tables.conventions;
        let changed = |node: NodeId| match facts.node(facts.parent(node)) {
            Node::Member { object, property, .. } if object == node => {
                let name = facts.name(property);
                conventions
                    .shrink
                    .iter()
                    .chain(&conventions.grow)
                    .chain(&conventions.read)
                    .any(|m| m == name)
            }
            Node::Index { object, .. } => object == node,
            Node::Loop { .. } | Node::Spread(_) => true,
            Node::Call { callee, .. } => callee != node,
            _ => false,
        };
        let mut value = element;
        while let Node::Logical { .. } | Node::Assign { .. } | Node::Conditional { .. } =
            facts.node(facts.parent(value))
        {
            value = facts.parent(value);
        }
        match facts.node(facts.parent(value)) {
            Node::Declare { target, .. } => match facts.node(target) {
                Node::Binding(b) => facts.references_of(b).any(changed),
                _ => false,
            },
            _ => changed(element),
        }
    }

    /// Whether a function has no other statement than the one that something stands in.
    fn does_only(&self, f: Func, at: Ref) -> bool {
        let facts = self.project.facts(f.file);
        let body = facts.function(f.function).body;
        match facts.node(body) {
            Node::Block(list) => facts.list(list).len() == 1 && facts.is_inside(at.node, body),
            _ => facts.is_inside(at.node, body),
        }
    }

    /// Whether the collection of a growth is also written in a function.
    pub(in crate::lifetime) fn grows_in(&self, grown: &Grown, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        let functions = [f].into_iter().chain(self.project.functions_within(f));
        let mut writes = functions.flat_map(|g| self.project.writes_in(g));
        writes.any(|&write| {
            let Node::Assign { target, .. } = facts.node(write) else {
                return false;
            };
            let Node::Index { object, .. } = facts.node(target) else {
                return false;
            };
            let object = Ref {
                file: f.file,
                node: object,
            };
            self.project.same_place(&self.project.place(object), &grown.place)
        })
    }

    /// Another collection gets the same thing in the same function, and only that one gives it back.
    pub(in crate::lifetime) fn left_in_sibling(&self, grown: &Grown, growths: &Growths) -> Option<Found> {
        for other in &growths.all {
            if other.place == grown.place
                || !self.same_holder(grown.holder, other.holder)
                || !self.together(grown.f, other.f)
                || self.exclude_each_other(grown.growth.at, other.growth.at)
                || !self.same_thing(grown, other)
            {
                continue;
            }
            let touched = self.touched_by(other, growths);
            let leads_back = self.leads_back(grown, other);
            let taken = touched.shrinks.iter().find(|(at, how)| {
                let f = self.project.function_at(*at);
                *how != Shrink::All
                    && match leads_back {
                        // What is over one way is over the other way, whoever says so.
                        true => f != grown.f || self.exclude_each_other(*at, grown.growth.at),
                        false => f != grown.f && (self.ends_one(f) || self.is_end_within(f, other.f)),
                    }
            });
            if let Some(&(at, _)) = taken {
                return Some(Found {
                    rule: LEFTOVER,
                    cause: Cause::NeverReleased,
                    evidence: vec![Evidence {
                        role: Role::Release,
                        at,
                        text: format!(
                            "taken out of `{}` only; `{}` keeps it",
                            self.show_place(&other.place),
                            self.show_place(&grown.place)
                        ),
                    }],
                    tells: true,
                });
            }
        }
        None
    }

    pub(in crate::lifetime) fn same_holder(&self, a: Holder, b: Holder) -> bool {
        match (a, b) {
            (Holder::Field(x), Holder::Field(y)) => self.project.is_related(x, y),
            _ => a == b,
        }
    }

    /// Whether two functions are one, or parts of one activation.
    fn together(&self, a: Func, b: Func) -> bool {
        a.function != FunctionId::MODULE && (self.project.is_within(a, b) || self.project.is_within(b, a))
    }

    /// Whether two growths put in the same thing, or under the same key.
    pub(in crate::lifetime) fn same_thing(&self, a: &Grown, b: &Grown) -> bool {
        let (a, b) = (&a.growth, &b.growth);
        let same = |x, y| self.is_one_thing(x, y);
        same(a.key, b.key) || same(a.value, b.value) || same(a.key, b.value) || same(a.value, b.key)
    }

    /// Whether two tables lead from one thing to another and back: `numbers.set(value, n)` and `values.set(n, value)`.
    fn leads_back(&self, a: &Grown, b: &Grown) -> bool {
        let (a, b) = (&a.growth, &b.growth);
        self.is_one_thing(a.key, b.value) && self.is_one_thing(a.value, b.key)
    }

    fn is_one_thing(&self, x: Option<Ref>, y: Option<Ref>) -> bool {
        x.zip(y).is_some_and(|(x, y)| {
            self.project.constant_text(x, 0).is_none()
                && !matches!(self.project.place(x).root, Root::Value(_))
                && self.project.same_key(x, y)
        })
    }

    /// The collection is emptied as a whole when its holder ends, and what ends one element leaves it in.
    pub(in crate::lifetime) fn kept_until_the_end(
        &self,
        grown: &Grown,
        touched: &Touched,
        growths: &Growths,
    ) -> Option<Found> {
        let only_at_end = touched.leaves.is_none()
            && touched.shrinks.iter().all(|(at, how)| {
                *how == Shrink::All
                    && (self.ends_holder(self.project.function_at(*at)) || self.goes_with_last(*at, grown))
            });
        only_at_end
            .then(|| {
                self.emptied_slot(grown, touched)
                    .or_else(|| self.undo_forgets(grown, growths))
                    .or_else(|| self.forgotten_beside(grown, touched))
                    .or_else(|| self.left_in_sibling(grown, growths))
                    .or_else(|| self.emptied_group(grown, touched))
            })
            .flatten()
    }

    /// `if (this.count === 0) this.table = new Map()`, after an element of a group is taken out: the last one of all.
    fn goes_with_last(&self, at: Ref, grown: &Grown) -> bool {
        let f = self.project.function_at(at);
        !self.conditions_of(at).is_empty() && self.element_taken_in(f, &grown.place).is_some()
    }

    /// Whether a function ends its object as a whole, or starts it anew, by its name.
    pub(in crate::lifetime) fn ends_holder(&self, f: Func) -> bool {
        let conventions = &self.project.tables.conventions;
        let is_teardown = |name: &str| {
            let bare = name.trim_start_matches(['_', '#', '$']);
            let mut whole = conventions
                .teardown
                .iter()
                .chain(&conventions.empty)
                .chain(&conventions.repeat);
            whole.any(|t| t == bare)
        };
        self.name_around(f).is_some_and(is_teardown)
    }

    /// The name of the method that a function stands in, or its own.
    pub(in crate::lifetime) fn name_around(&self, f: Func) -> Option<&str> {
        match self.project.method_around(f) {
            Some((_, name, _)) => Some(name),
            None => Some(self.project.text(f.file, self.project.function(f).name?)),
        }
    }

    /// Whether a function's code names a place.
    pub(in crate::lifetime) fn mentions(&self, f: Func, place: &Place) -> bool {
        let facts = self.project.facts(f.file);
        let node = facts.function(f.function).node;
        match (&place.root, place.last()) {
            (Root::Binding(file, b), None) => {
                *file == f.file && facts.references_of(*b).any(|r| facts.is_inside(r, node))
            }
            (_, Some(name)) => self
                .project
                .name_in(f.file, name)
                .is_some_and(|n| facts.members_named(n).any(|m| facts.is_inside(m, node))),
            _ => true,
        }
    }

    /// The same key is taken out of a collection that never gets one.
    fn taken_from_another(&self, grown: &Grown, growths: &Growths) -> Option<Found> {
        let key = grown.growth.key.or(grown.growth.value)?;
        if matches!(self.project.place(key).root, Root::Value(_)) {
            return None;
        }
        let facts = self.project.facts(grown.f.file);
        let take = &self.project.tables.conventions.take;
        let around = facts.function(grown.f.function).node;
        let at = facts.calls.iter().copied().find(|&node| {
            let Node::Call { callee, args, .. } = facts.node(node) else {
                return false;
            };
            let (Node::Member { object, property, .. }, Some(given)) = (facts.node(callee), facts.item(args, 0)) else {
                return false;
            };
            let here = |node| Ref {
                file: grown.f.file,
                node,
            };
            take.iter().any(|t| t == facts.name(property))
                && facts.is_inside(node, around)
                && facts.enclosing_function(node) != grown.f.function
                && self.project.same_key(here(given), key)
                && {
                    let other = self.project.place(here(object));
                    self.holder_of(&other, grown.f)
                        .is_some_and(|h| self.same_holder(h, grown.holder))
                        && !growths.all.iter().any(|g| self.project.same_place(&g.place, &other))
                }
        })?;
        Some(Found {
            rule: crate::lifetime::grown::collections::GROWING,
            cause: Cause::WrongTarget,
            evidence: vec![Evidence {
                role: Role::Release,
                at: Ref {
                    file: grown.f.file,
                    node: at,
                },
                text: "takes it out of another collection".into(),
            }],
            tells: true,
        })
    }

    /// Whether a function is there to end one element of many: by its name, or its method's.
    pub(in crate::lifetime) fn ends_one(&self, f: Func) -> bool {
        let mut at = Some(f.function);
        while let Some(function) = at {
            let here = Func { file: f.file, function };
            if let Some((_, name, method)) = self.project.method_around(here)
                && method == here
            {
                return self.is_removal_name(name);
            }
            let facts = self.project.function(here);
            if facts
                .name
                .is_some_and(|n| self.is_removal_name(self.project.text(f.file, n)))
            {
                return true;
            }
            at = facts.parent;
        }
        false
    }

    /// `remove`, `removeLayer`, `_removeLayer`, `unsubscribe`.
    pub(in crate::lifetime) fn is_removal_name(&self, name: &str) -> bool {
        let bare = name.trim_start_matches(['_', '#', '$']);
        self.project.tables.conventions.removal.iter().any(|begin| {
            bare.strip_prefix(begin.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        })
    }

    /// Whether a function is made within another one and is there to undo it: given back, or run at the end of
    /// something.
    fn is_end_within(&self, f: Func, outer: Func) -> bool {
        if f == outer || !self.project.is_within(f, outer) {
            return false;
        }
        self.project.uses(f).iter().any(|used| match used {
            Use::Returned { from } => {
                *from == outer
                    && self.project.facts(f.file).list(self.project.function(f).params).len() == 0
                    && !self.makes_something(f)
            }
            Use::Passed { call, arg } if *arg > 0 => {
                let Node::Call { args, .. } = self.project.node(*call) else {
                    return false;
                };
                let event = self.project.facts(call.file).item(args, 0);
                event.is_some_and(|node| self.is_end(Ref { file: call.file, node }))
            }
            _ => false,
        })
    }

    /// Whether a function gives back what it makes anew: an undo has nothing to give.
    fn makes_something(&self, f: Func) -> bool {
        self.project.returned_values(f).iter().any(|v| {
            matches!(
                self.project.node(*v),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            )
        })
    }

    fn is_end(&self, event: Ref) -> bool {
        self.project.constant_text(event, 0).is_some_and(|text| {
            self.project
                .tables
                .conventions
                .ending_events
                .iter()
                .any(|e| e.as_str() == &*text)
                || self.is_removal_name(&text)
        })
    }

    /// The parameter that an expression is, is a part of, or is made from.
    pub(in crate::lifetime) fn parameter_behind(&self, at: Ref) -> Option<(FileId, BindingId)> {
        let mut stack = vec![(at, 0)];
        let mut seen = 0;
        while let Some((at, depth)) = stack.pop() {
            seen += 1;
            if depth > 6 || seen > 60 {
                continue;
            }
            let facts = self.project.facts(at.file);
            let mut push = |node: NodeId| stack.push((Ref { file: at.file, node }, depth + 1));
            match facts.node(at.node) {
                Node::Binding(b) => {
                    let binding = facts.binding(b);
                    if binding.kind == BindingKind::Param {
                        return Some((at.file, b));
                    }
                    if binding.function != FunctionId::MODULE {
                        binding.init.into_iter().for_each(&mut push);
                    }
                }
                Node::Function(_) | Node::Object(_) | Node::Array(_) => {}
                _ => facts.children(at.node, push),
            }
        }
        None
    }
}
