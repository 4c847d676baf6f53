//! Where collections grow: what is added to which collection under which key, and what bounds that by itself.

use crate::facts::{AssignOp, BinaryOp, CallKind, FunctionId, MethodCall, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::standing::Stands;
use crate::link::{FileId, Func, Key, Place, Ref, Repetition, Root};
use crate::tables::Every;

/// One place in the code where a collection grows.
#[derive(Clone)]
pub(in crate::lifetime) struct Growth {
    pub at: Ref,
    /// The expression of the collection.
    pub collection: Ref,
    pub key: Option<Ref>,
    /// What is added; the first of several.
    pub value: Option<Ref>,
}

/// Through how many functions a key may be handed on from where it is a constant.
const MAX_HANDED_ON: u32 = 4;

/// How many methods may be called on one another.
const MAX_CHAIN: usize = 8;

impl Judge<'_> {
    pub(in crate::lifetime) fn growths(&self, file: FileId) -> Vec<Growth> {
        let facts = self.project.facts(file);
        let conventions = &self.project.tables.conventions;
        let here = |node| Ref { file, node };
        let mut out = Vec::new();
        for MethodCall {
            at,
            object,
            method,
            args,
            ..
        } in facts.method_calls()
        {
            let method = facts.name(method);
            if !conventions.grow.iter().any(|g| g == method) || matches!(method, "splice" | "concat") {
                continue;
            }
            let arity = facts.list(args).len();
            if arity == 2
                && matches!(
                    facts.item(args, 1).map(|v| facts.node(v)),
                    Some(Node::Null | Node::Undefined)
                )
            {
                continue;
            }
            if arity == 0 || (method == "set" && arity != 2) || (method == "add" && arity != 1) {
                continue;
            }
            // `table.set(key, table.get(key).filter(keeps))`: less of what is there.
            if method == "set"
                && self
                    .narrowed_entry(file, at)
                    .is_some_and(|of| self.is_same_table(of, here(object)))
            {
                continue;
            }
            let keyed = matches!(method, "set" | "add");
            out.push(Growth {
                at: here(at),
                collection: here(object),
                key: if keyed { facts.item(args, 0).map(here) } else { None },
                value: facts.item(args, arity - 1).map(here),
            });
        }
        out.extend(
            facts
                .method_calls()
                .filter_map(|call| self.borrowed_growth(file, &call)),
        );
        for &node in &facts.writes {
            let Node::Assign { target, value, op } = facts.node(node) else {
                continue;
            };
            match facts.node(target) {
                // `table[key] = table[key].filter(keeps)`: less of what is there.
                Node::Index { object, .. }
                    if self
                        .narrowed_element(here(value))
                        .is_some_and(|of| self.is_same_table(of, here(object))) => {}
                Node::Index { object, key }
                    if matches!(op, AssignOp::Set | AssignOp::Or | AssignOp::Nullish)
                        && !facts.node(value).is_nullish()
                        && self.project.constant_text(here(key), 0).is_none() =>
                {
                    // A dynamic key; constant ones are fields. `list[list.length] = x` is no key, but the next slot.
                    let is_next = || self.is_size_of(here(key), &self.project.place(here(object)));
                    out.push(Growth {
                        at: here(node),
                        collection: here(object),
                        key: Some(here(key)).filter(|_| !is_next()),
                        value: Some(here(value)),
                    });
                }
                Node::Binding(_) | Node::Member { .. } => {
                    let grows = match op {
                        AssignOp::Add => self.is_text(here(target)) && !self.is_set_with_another(here(target)),
                        AssignOp::Set => {
                            self.is_spread_of(here(value), here(target)) && !self.sets_named_parts(file, value)
                        }
                        _ => false,
                    };
                    if grows {
                        let entry = self.computed_entry(file, value);
                        let added = entry
                            .map(|(_, value)| value)
                            .or_else(|| self.added_to_copy(file, value));
                        out.push(Growth {
                            at: here(node),
                            collection: here(target),
                            key: entry.map(|(key, _)| here(key)),
                            value: added.map(here),
                        });
                    }
                }
                _ => {}
            }
        }
        out.sort_by_key(|g| g.at);
        out
    }

    /// What grows by a method that is borrowed, or by one that writes to its argument: `push.apply(list, more)`,
    /// `Object.assign(table, { [key]: value })`.
    fn borrowed_growth(&self, file: FileId, call: &MethodCall) -> Option<Growth> {
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let target = facts.item(call.args, 0)?;
        let (collection, value) = match (facts.name(call.method), facts.node(call.object)) {
            ("apply" | "call", Node::Member { property, .. })
                if matches!(facts.name(property), "push" | "unshift") && facts.list(call.args).len() > 1 =>
            {
                (target, None)
            }
            ("assign", Node::Global(name)) if facts.name(name) == "Object" => {
                let mut sources = facts.list(call.args).skip(1);
                (
                    target,
                    Some(sources.find_map(|source| self.computed_entry(file, source))?),
                )
            }
            _ => return None,
        };
        let is_named = matches!(facts.node(collection), Node::Binding(_) | Node::Member { .. });
        is_named.then(|| Growth {
            at: here(call.at),
            collection: here(collection),
            key: value.map(|(key, _)| here(key)),
            value: value.map(|(_, value)| here(value)),
        })
    }

    /// `{ ...settings, theme }`: a copy in which parts that are written down have other values.
    fn sets_named_parts(&self, file: FileId, object: NodeId) -> bool {
        let facts = self.project.facts(file);
        let Node::Object(parts) = facts.node(object) else {
            return false;
        };
        let spreads = facts
            .list(parts)
            .filter(|part| matches!(facts.node(*part), Node::Spread(_)));
        spreads.count() == 1 && self.computed_entry(file, object).is_none()
    }

    /// `value` of `[...list, value]` and `list.concat(value)`.
    fn added_to_copy(&self, file: FileId, copy: NodeId) -> Option<NodeId> {
        let facts = self.project.facts(file);
        match facts.node(copy) {
            Node::Array(items) => facts
                .list(items)
                .find(|item| !matches!(facts.node(*item), Node::Spread(_))),
            Node::Call { .. } => {
                let call = facts.method_call(copy)?;
                let first = facts.item(call.args, 0)?;
                match facts.node(first) {
                    Node::Array(items) => facts.list(items).next(),
                    Node::Binding(_) => None,
                    _ => Some(first),
                }
            }
            _ => None,
        }
    }

    /// The key and the value of `[key]: value` in an object.
    fn computed_entry(&self, file: FileId, object: NodeId) -> Option<(NodeId, NodeId)> {
        let facts = self.project.facts(file);
        let Node::Object(parts) = facts.node(object) else {
            return None;
        };
        facts.list(parts).find_map(|part| match facts.node(part) {
            Node::Property { key, value, .. } if self.project.constant_text(Ref { file, node: key }, 0).is_none() => {
                Some((key, value))
            }
            _ => None,
        })
    }

    /// A variable that starts as a string.
    pub(in crate::lifetime) fn is_text(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        self.project
            .definitions(&place)
            .first()
            .is_some_and(|d| matches!(self.project.node(*d), Node::Str(_) | Node::Template(_)))
    }

    /// Whether a function sets a property by setting another one of the same object: `link.search` by `link.href = url`.
    fn is_set_with_another(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        let (Some(part), Some(object)) = (place.last(), place.parent()) else {
            return false;
        };
        let pairs = self.project.tables.conventions.set_with.iter();
        let mut wholes = pairs.filter(|(name, _)| name == part).map(|(_, whole)| {
            let mut place = object.clone();
            place.path.push(Key::Name(whole.as_str().into()));
            place
        });
        let written = self.project.writes_in(self.project.function_at(at));
        let sets = |whole: &Place| {
            written
                .iter()
                .any(|&node| match self.project.facts(at.file).node(node) {
                    Node::Assign {
                        target,
                        op: AssignOp::Set,
                        ..
                    } => self
                        .project
                        .same_place(&self.project.place(Ref { node: target, ..at }), whole),
                    _ => false,
                })
        };
        wholes.any(|whole| sets(&whole))
    }

    /// `[...target, x]`, `{ ...target, [k]: v }`, `target.concat(x)`.
    pub(in crate::lifetime) fn is_spread_of(&self, value: Ref, target: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let same = |node| {
            let place = self.project.place(Ref { file: value.file, node });
            self.project.same_place(&place, &self.project.place(target))
        };
        match facts.node(value.node) {
            Node::Array(items) => {
                facts.list(items).len() > 1
                    && facts
                        .list(items)
                        .any(|i| matches!(facts.node(i), Node::Spread(v) if same(v)))
            }
            Node::Object(items) => {
                facts
                    .list(items)
                    .any(|i| matches!(facts.node(i), Node::Spread(v) if same(v)))
                    && facts.list(items).any(|i| match facts.node(i) {
                        Node::Property { key, .. } => facts.string(key).is_none(),
                        _ => false,
                    })
            }
            Node::Call { callee, .. } => match facts.node(callee) {
                Node::Member { object, property, .. } => facts.name(property) == "concat" && same(object),
                _ => false,
            },
            Node::Binary {
                left,
                op: BinaryOp::Add,
                ..
            } => same(left) && self.is_text(target),
            _ => false,
        }
    }

    /// `var queue = queue || []` at the top of a script, `window.queue = window.queue || []`: whoever comes first makes it.
    fn is_shared_by_scripts(&self, def: Ref, place: &Place) -> bool {
        let Node::Logical { left, .. } = self.project.node(def) else {
            return false;
        };
        let left = self.project.place(Ref {
            file: def.file,
            node: left,
        });
        let is_first = self.project.function_at(def).function == FunctionId::MODULE;
        (is_first || matches!(place.root, Root::Global)) && left == *place
    }

    /// Whether a collection grows with requests or connections: there is no page whose scripts could share it.
    fn is_for_visits(&self, growth: &Growth) -> bool {
        let often = self.project.repetition(self.project.function_at(growth.at));
        matches!(
            often,
            Repetition::Repeated {
                every: Every::Request | Every::Connection,
                ..
            }
        )
    }

    /// Weak collections, caches with a bound, and things that are no collections at all.
    pub(in crate::lifetime) fn not_a_plain_collection(&self, place: &Place, growth: &Growth) -> Option<String> {
        let definitions = match place.root {
            Root::Value(at) if place.path.is_empty() => vec![at],
            Root::Global => self.project.definitions_on_global(place),
            _ => self.project.definitions(place),
        };
        let defs: Vec<_> = definitions
            .into_iter()
            .filter(|d| !self.project.node(*d).is_absent() && !self.is_appended(*d))
            .collect();
        if matches!(place.root, Root::Global) && defs.is_empty() {
            // `window.dataLayer.push`, `process.env[x] = y`: somebody else's.
            return Some("the collection belongs to other code".into());
        }
        if defs.is_empty() {
            return Some("nobody says what the collection is".into());
        }
        for def in defs {
            if self.is_shared_by_scripts(def, place) && !self.is_for_visits(growth) {
                return Some("other scripts of the page use it under the same name".into());
            }
            if let Some(t) = self.project.type_of(def)
                && self.project.tables.is_a(t, "Weak")
                && !self.is_by_brackets(growth)
            {
                return Some("weak collections keep nothing alive".into());
            }
            if matches!(self.project.node(def), Node::Object(_))
                && matches!(self.project.node(growth.at), Node::Call { .. })
                && !self.is_argument(growth)
            {
                return Some("the method is the object's own".into());
            }
            let plain = self.is_plain_collection(def, 0)
                || self.is_by_brackets(growth) && self.is_keyed_collection(def)
                || self.is_spread_of(def, growth.collection)
                || self.is_rest_of(def, place)
                || self.is_one_for_one(def, place)
                || matches!(
                    self.project.node(def),
                    Node::Str(_) | Node::Template(_) | Node::Binary { .. }
                );
            if !plain {
                return Some("not a plain array, Map, Set or object".into());
            }
        }
        None
    }

    /// `list = list.filter(keeps)`, `list.slice(1).map(change)`: what is left of the collection itself.
    pub(in crate::lifetime) fn is_rest_of(&self, value: Ref, place: &Place) -> bool {
        let conventions = &self.project.tables.conventions;
        let calls = self.calls_on(value, place);
        let is =
            |call: &MethodCall, list: &[String]| list.iter().any(|n| n == self.project.text(value.file, call.method));
        let (narrow, same) = (&conventions.narrow, &conventions.one_for_one);
        calls.iter().any(|call| is(call, narrow)) && calls.iter().all(|call| is(call, narrow) || is(call, same))
    }

    /// `const i = list.indexOf(element); list = list.slice(i)`: the element that was looked for is the first that stays.
    pub(in crate::lifetime) fn is_tail_from_found(&self, value: Ref, place: &Place) -> bool {
        let conventions = &self.project.tables.conventions;
        let facts = self.project.facts(value.file);
        let is_one_of = |call: &MethodCall, list: &[String]| list.iter().any(|n| n == facts.name(call.method));
        let [tail] = self.calls_on(value, place)[..] else {
            return false;
        };
        let mut args = facts.list(tail.args);
        let (Some(from), None) = (args.next(), args.next()) else {
            return false;
        };
        let found = self.project.place(Ref { node: from, ..value });
        let made = self.project.definitions(&found);
        let looks_for = |made: &Ref| {
            let calls = self.calls_on(*made, place);
            matches!(calls[..], [call] if is_one_of(&call, &conventions.indexes))
        };
        is_one_of(&tail, &conventions.tails) && !made.is_empty() && made.iter().all(looks_for)
    }

    /// `list = list.map(change)`: for each element of the collection itself one that takes its place.
    pub(in crate::lifetime) fn is_one_for_one(&self, value: Ref, place: &Place) -> bool {
        let same = &self.project.tables.conventions.one_for_one;
        let calls = self.calls_on(value, place);
        let is = |call: &MethodCall| same.iter().any(|n| n == self.project.text(value.file, call.method));
        !calls.is_empty() && calls.iter().all(is)
    }

    /// The methods that one after another are called on what is in a place, if that is what a value is.
    fn calls_on(&self, value: Ref, place: &Place) -> Vec<MethodCall> {
        let facts = self.project.facts(value.file);
        let mut calls = Vec::new();
        let mut at = value;
        while let Some(call) = facts.method_call(at.node).filter(|_| calls.len() < MAX_CHAIN) {
            at.node = call.object;
            calls.push(call);
        }
        if !self.project.same_place(&self.project.place(at), place) {
            calls.clear();
        }
        calls
    }

    /// The element that `list.filter(element => element !== gone)` leaves out.
    pub(in crate::lifetime) fn left_out(&self, rest: Ref) -> Option<Ref> {
        let (file, gone) = (rest.file, self.compared_with(rest, false)?);
        matches!(
            self.project.facts(file).node(gone),
            Node::Binding(_) | Node::Member { .. } | Node::This
        )
        .then_some(Ref { node: gone, ..rest })
    }

    /// Whether `list.filter(element => element.run !== gone)` leaves out what is told by name, or by a part of it.
    pub(in crate::lifetime) fn leaves_out_named(&self, rest: Ref) -> bool {
        let gone = self
            .compared_with(rest, false)
            .or_else(|| self.compared_with(rest, true));
        let is_named = |gone| matches!(self.project.facts(rest.file).node(gone), Node::Binding(_) | Node::This);
        self.left_out(rest).is_some() || gone.is_some_and(is_named)
    }

    /// What a filter compares each element, or a part of it, with, to keep those that differ.
    fn compared_with(&self, rest: Ref, by_part: bool) -> Option<NodeId> {
        let facts = self.project.facts(rest.file);
        let call = facts
            .method_call(rest.node)
            .filter(|call| facts.name(call.method) == "filter")?;
        let Node::Function(function) = facts.node(facts.item(call.args, 0)?) else {
            return None;
        };
        let Node::Binding(element) = facts.node(facts.item(facts.function(function).params, 0)?) else {
            return None;
        };
        let keeps = self.project.returned_values(Func {
            file: rest.file,
            function,
        });
        let [only] = keeps[..] else { return None };
        let Node::Binary {
            left,
            op: BinaryOp::Ne,
            right,
        } = facts.node(only.node)
        else {
            return None;
        };
        let is_element = |node| match facts.node(node) {
            Node::Member { object, .. } if by_part => facts.node(object) == Node::Binding(element),
            whole => !by_part && whole == Node::Binding(element),
        };
        match (is_element(left), is_element(right)) {
            (true, false) => Some(right),
            (false, true) => Some(left),
            _ => None,
        }
    }

    /// `Object.assign(table, more)`: what grows is handed to a method, and not what the method is called on.
    fn is_argument(&self, growth: &Growth) -> bool {
        self.callee_of(growth.at)
            .is_some_and(|(_, args)| args.first() == Some(&growth.collection))
    }

    /// `text += value`: what is added says nothing of what it is added to.
    fn is_appended(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let op = match facts.node(facts.parent(value.node)) {
            Node::Assign { op, value: v, .. } if v == value.node => op,
            _ => return false,
        };
        op == AssignOp::Add
    }

    /// `x[key] = value`.
    pub(in crate::lifetime) fn is_by_brackets(&self, growth: &Growth) -> bool {
        matches!(self.project.node(growth.at), Node::Assign { target, .. }
            if matches!(self.project.facts(growth.at.file).node(target), Node::Index { .. }))
    }

    /// A Map, a Set or one of their weak kin, made here.
    pub(in crate::lifetime) fn is_keyed_collection(&self, def: Ref) -> bool {
        matches!(
            self.project.node(def),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        ) && self
            .project
            .type_of(def)
            .is_some_and(|t| ["Map", "Set", "Weak"].iter().any(|n| self.project.tables.is_a(t, n)))
    }

    pub(in crate::lifetime) fn is_plain_collection(&self, def: Ref, depth: u32) -> bool {
        if depth > 4 {
            return false;
        }
        let facts = self.project.facts(def.file);
        let inner = |node| self.is_plain_collection(Ref { file: def.file, node }, depth + 1);
        match facts.node(def.node) {
            Node::Array(_) | Node::Object(_) => true,
            Node::Call { callee, kind, .. } => {
                let callee = Ref {
                    file: def.file,
                    node: callee,
                };
                let path = self.project.path_of(callee);
                match (kind, path.as_deref()) {
                    (CallKind::New, Some(p)) => self
                        .project
                        .tables
                        .class_type(p)
                        .is_some_and(|t| ["Map", "Set", "Array"].iter().any(|n| self.project.tables.is_a(t, n))),
                    (_, Some("Object.create" | "Array" | "Object")) => true,
                    _ => false,
                }
            }
            Node::Logical { left, right, .. } => inner(right) || inner(left),
            Node::Assign { value, .. } => inner(value),
            _ => false,
        }
    }

    /// The parts of a text that is not written down: `name.split(",")`. Nobody says how many there may be.
    fn is_split_text(&self, list: Ref) -> bool {
        let value = self.project.value_of_place(&self.project.place(list)).unwrap_or(list);
        let facts = self.project.facts(value.file);
        facts.method_call(value.node).is_some_and(|call| {
            let text = Ref {
                file: value.file,
                node: call.object,
            };
            let is_apart = self.project.tables.conventions.takes_apart(facts.name(call.method));
            is_apart && self.project.constant_text(text, 0).is_none()
        })
    }

    /// Keys of which there are only so many.
    pub(in crate::lifetime) fn bounded_key(&self, key: Ref, growth: Ref) -> Option<String> {
        let facts = self.project.facts(key.file);
        if self.project.constant_text(key, 0).is_some() {
            return Some("its key is a constant".into());
        }
        if let Node::Binding(b) = facts.node(key.node) {
            let binding = facts.binding(b);
            if binding.function == FunctionId::MODULE && binding.writes == 0 {
                return Some("its key is the same each time".into());
            }
            if self.is_only_constants(key) {
                return Some("its key is one of a few constants".into());
            }
            // A name bound by a loop over something that is there already.
            let looped = facts.ancestors(growth.node).any(|up| match facts.node(up) {
                Node::Loop { parts, .. } => {
                    let is_bound = |t| facts.is_inside(self.first_node(key.file, b), t);
                    let of_text = |list| {
                        self.is_split_text(Ref {
                            file: key.file,
                            node: list,
                        })
                    };
                    facts.item(parts, 0).is_some_and(is_bound) && !facts.item(parts, 1).is_some_and(of_text)
                }
                _ => false,
            });
            if looped {
                return Some("its keys come from a loop over what is there already".into());
            }
        }
        if self.project.is_of_few_values(key) || self.is_few_valued_member(key) {
            return Some("its key has only a few values".into());
        }
        if self.is_in_range(key, growth) {
            return Some("its keys are numbers between two constants".into());
        }
        if self.is_of_constant_list(key) {
            return Some("its keys come from a list that is written down".into());
        }
        if self.is_always_constant(key) {
            return Some("every caller gives a constant key".into());
        }
        if self.stands_before(key) == Some(Stands::Surely) {
            return Some("its key is made of what is the same each time".into());
        }
        // `next = (next + 1) % n` names the slots of a ring.
        let is_ring = matches!(facts.node(key.node), Node::Member { .. } | Node::Binding(_))
            && self.project.definitions(&self.project.place(key)).into_iter().any(|d| {
                matches!(
                    self.project.node(d),
                    Node::Binary {
                        op: BinaryOp::Other,
                        ..
                    }
                )
            });
        if is_ring
            || self.is_counted_round(key)
            || self.is_counted_down(key)
            || self.is_counted_here(key, growth, 0)
            || self.is_set_back(key)
        {
            return Some("its key is a slot number".into());
        }
        // `arr[arr.length - 1] = x`, `arr[i % n] = x`: slots.
        if let Node::Binary { op, .. } = facts.node(key.node)
            && matches!(op, BinaryOp::Other | BinaryOp::Sub)
        {
            return Some("its key is a slot number".into());
        }
        None
    }

    /// `process.env.X`, `req.method`: few values, also by the name of a constant.
    fn is_few_valued_member(&self, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        let named = match facts.node(key.node) {
            Node::Binding(b) if facts.binding(b).writes == 0 => {
                facts.binding(b).init.filter(|_| facts.binding(b).pattern.is_none())
            }
            _ => Some(key.node),
        };
        let few = &self.project.tables.conventions.few_valued;
        named.is_some_and(|node| match facts.node(node) {
            Node::Member { property, .. } => few.iter().any(|name| name == facts.name(property)),
            _ => false,
        })
    }

    /// A parameter for which every caller gives a constant or one of a few values, or hands on such a parameter of its
    /// own.
    pub(in crate::lifetime) fn is_always_constant(&self, key: Ref) -> bool {
        self.is_constant_on_every_way(key, 0)
    }

    fn is_constant_on_every_way(&self, key: Ref, depth: u32) -> bool {
        let Node::Binding(b) = self.project.node(key) else {
            return false;
        };
        let Some((f, index)) = self.project.param_position(key.file, b) else {
            return false;
        };
        let binding = self.project.facts(key.file).binding(b);
        let mut callers = self.project.callers(f);
        let (_, past) = self.calls_past(key);
        callers.calls.retain(|call| !past.contains(call));
        depth < MAX_HANDED_ON
            && binding.writes == 0
            && !callers.goes_elsewhere
            && !callers.calls.is_empty()
            && callers.calls.iter().all(|call| match self.project.node(*call) {
                Node::Call { args, .. } => {
                    let argument = self.project.facts(call.file).item(args, index);
                    argument.is_some_and(|node| self.is_constant_given(Ref { node, ..*call }, depth))
                }
                _ => false,
            })
    }

    pub(in crate::lifetime) fn is_constant_given(&self, argument: Ref, depth: u32) -> bool {
        let here = |node| self.is_constant_given(Ref { node, ..argument }, depth);
        match self.project.node(argument) {
            Node::Conditional { yes, no, .. } => here(yes) && here(no),
            _ => {
                self.project.constant_text(argument, 0).is_some()
                    || self.is_few_valued_member(argument)
                    || self.is_constant_on_every_way(argument, depth + 1)
            }
        }
    }

    pub(in crate::lifetime) fn first_node(&self, file: FileId, b: crate::facts::BindingId) -> crate::facts::NodeId {
        let facts = self.project.facts(file);
        facts.references_of(b).next().unwrap_or(crate::facts::NodeId(0))
    }
}
