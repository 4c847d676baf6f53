//! What the project's own functions give back, where it is something that stands elsewhere: `getBus()` is the bus.
//!
//! Only what is the same for every call has such a place: a variable or static of a module, something of the global
//! object or of a package, a field of the object that is asked. What a function makes for each call, and what it picks
//! by its arguments, stays the call's own value.

use super::known::Rank;
use super::types::Life;
use super::{Func, Key, Place, Project, Ref, Root};
use crate::facts::{AssignOp, BindingId, BindingKind, CallKind, FunctionId, Node, NodeId};
use crate::tables::Lives;

/// How many ways out of a function are compared.
const MAX_RETURNS: usize = 6;

/// Through how many functions that ask another one a value is followed.
const MAX_ASKED: u32 = 8;

/// How many questions deep an argument that is given back is looked for.
const MAX_HANDED_ON: u32 = 4;

impl Project {
    /// The place that a call gives back, if its function gives back the same each time.
    pub(super) fn given_place(&self, call: Ref, depth: u32) -> Option<Place> {
        if depth > MAX_ASKED {
            return None;
        }
        let Some(asked) = self.asked_function(call, depth) else {
            return self.page_of_package(call, depth);
        };
        let given = match depth {
            0 => self.known(Rank::Given, &self.known.given, asked, || self.find_given(asked, 0)),
            _ => self.find_given(asked, depth),
        };
        given.or_else(|| self.page_given_by(asked, depth))
    }

    /// The function that a call runs, where its name alone tells: a function of a module, a static method, a method of
    /// an object literal or of `this`.
    pub(super) fn asked_function(&self, call: Ref, depth: u32) -> Option<Func> {
        let facts = self.facts(call.file);
        let Node::Call { callee, kind, .. } = facts.node(call.node) else {
            return None;
        };
        if kind == CallKind::New {
            return None;
        }
        let here = |node| Ref { node, ..call };
        if let Node::Member { object, property, .. } = facts.node(callee)
            && facts.node(object) == Node::This
        {
            let owner = self.this_of(self.function_at(call))?;
            return self.own_method(owner, facts.name(property), None);
        }
        if !matches!(
            facts.node(callee),
            Node::Binding(_) | Node::Global(_) | Node::Member { .. }
        ) || !self.may_be_shared(here(callee), depth)
        {
            return None;
        }
        let place = self.place_at(here(callee), depth + 1);
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let node = self.facts(file).binding(b).init?;
        let value = Ref { file, node };
        let of = |at: Ref| match self.node(at) {
            Node::Function(function) => Some(Func {
                file: at.file,
                function,
            }),
            _ => None,
        };
        match (&place.path[..], self.node(value)) {
            ([], _) => of(value),
            ([Key::Name(name)], Node::Class(_)) => self.own_method(self.owner_made_by(value)?, name, Some(true)),
            ([Key::Name(name)], Node::Object(_)) => of(self.property(value, name)?),
            _ => None,
        }
    }

    /// The argument that a call gives back, whatever else the function does with it.
    pub fn given_back(&self, call: Ref) -> Option<Ref> {
        self.given_argument(call, 0)
    }

    /// The argument that a call gives back: `this.own(new Pool())`.
    pub(super) fn given_argument(&self, call: Ref, depth: u32) -> Option<Ref> {
        let _leave = super::fuel::spend().filter(|_| depth <= MAX_HANDED_ON)?;
        let f = self
            .method_of_this(call, depth)
            .or_else(|| self.asked_function(call, depth))?;
        let there = self.facts(f.file);
        let mut given = self
            .given_values(f)
            .into_iter()
            .map(|value| self.variable_given(value, depth));
        let b = given.next()??;
        if there.binding(b).writes > 0 || !given.all(|other| other == Some(b)) {
            return None;
        }
        let (of, index) = self.param_position(f.file, b)?;
        self.argument(call, index).filter(|_| of == f)
    }

    /// The variable that a value is, or that the call it is gives back.
    fn variable_given(&self, value: Ref, depth: u32) -> Option<BindingId> {
        match self.node(value) {
            Node::Binding(b) => Some(b),
            Node::Await(inner) => self.variable_given(Ref { node: inner, ..value }, depth),
            Node::Call { .. } => {
                let given = self
                    .first_settled(value)
                    .or_else(|| self.given_argument(value, depth + 1));
                match self.node(given?) {
                    Node::Binding(b) => Some(b),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What `Promise.race([work, late])` is fulfilled with, where all but one can only be rejected.
    fn first_settled(&self, call: Ref) -> Option<Ref> {
        let Node::Call { callee, args, .. } = self.node(call) else {
            return None;
        };
        let path = self.path_of(Ref { node: callee, ..call })?;
        if !self.tables.conventions.races.contains(&path) {
            return None;
        }
        let facts = self.facts(call.file);
        let Node::Array(items) = facts.node(facts.item(args, 0)?) else {
            return None;
        };
        let here = |node| Ref { node, ..call };
        let mut settled = facts.list(items).map(here).filter(|item| !self.can_only_fail(*item));
        settled.next().filter(|_| settled.next().is_none())
    }

    /// `new Promise((_, reject) => setTimeout(reject, ms))`: its function has no use for what would fulfil it.
    fn can_only_fail(&self, promise: Ref) -> bool {
        let facts = self.facts(promise.file);
        let Node::Call {
            callee,
            args,
            kind: CallKind::New,
        } = facts.node(promise.node)
        else {
            return false;
        };
        let class = self.path_of(Ref {
            node: callee,
            ..promise
        });
        let Some(Node::Function(executor)) = facts.item(args, 0).map(|node| facts.node(node)) else {
            return false;
        };
        let first = facts.item(facts.function(executor).params, 0);
        let is_unused = first.is_none_or(|param| match facts.node(param) {
            Node::Binding(b) => facts.references_of(b).all(|node| node == param),
            _ => false,
        });
        class.is_some_and(|c| self.tables.conventions.settled.contains(&c)) && is_unused
    }

    /// The method that a call of `this.method()` or `this.part.method()` runs, inherited ones too.
    fn method_of_this(&self, call: Ref, depth: u32) -> Option<Func> {
        let facts = self.facts(call.file);
        let asked = facts.method_call(call.node)?;
        let this = || self.this_of(self.function_at(call));
        let owner = match facts.node(asked.object) {
            Node::This => this()?,
            Node::Member { object, property, .. } if facts.node(object) == Node::This => {
                self.class_of_part(this()?, facts.name(property), depth)?
            }
            _ => return None,
        };
        self.method(owner, facts.name(asked.method))
    }

    /// The class of a field that is set to `new Part()`. What sets it to something else is not asked:
    /// `this.f = this.f.bind(this)` would lead back to itself.
    fn class_of_part(&self, owner: super::OwnerId, field: &str, depth: u32) -> Option<super::OwnerId> {
        let made = self.field_definitions(owner, field);
        made.into_iter().find_map(|value| match self.node(value) {
            Node::Call {
                callee,
                kind: CallKind::New,
                ..
            } => self.owner_of_class_value(Ref { node: callee, ..value }, depth + 1),
            _ => None,
        })
    }

    /// Whether what begins a path of names may be a variable of a module: no parameter, no global, no `this`, and no
    /// call of a function that nobody can name, as a chain of calls begins with.
    fn may_be_shared(&self, path: Ref, mut depth: u32) -> bool {
        let facts = self.facts(path.file);
        let mut base = path.node;
        while let Node::Member { object, .. } = facts.node(base) {
            base = object;
            depth += 1;
        }
        match facts.node(base) {
            Node::Binding(b) => facts.binding(b).kind != BindingKind::Param,
            Node::Call { callee, kind, .. } => {
                let gives_module =
                    || super::modules::required(facts, base).is_some() || self.is_interop(path.file, callee);
                let call = Ref { node: base, ..path };
                let is_asked = || depth <= MAX_ASKED && self.asked_function(call, depth).is_some();
                kind != CallKind::New && (gives_module() || is_asked())
            }
            _ => false,
        }
    }

    /// A method that an owner has itself; static or not, where that is asked.
    fn own_method(&self, owner: super::OwnerId, name: &str, is_static: Option<bool>) -> Option<Func> {
        let wanted = self.name_in(owner.file, name)?;
        let members = &self.owner(owner).members;
        let found = members
            .iter()
            .rev()
            .find(|m| m.name == wanted && is_static.is_none_or(|s| s == m.is_static))?;
        Some(Func {
            file: owner.file,
            function: found.function?,
        })
    }

    fn find_given(&self, f: Func, depth: u32) -> Option<Place> {
        let _leave = super::fuel::spend()?;
        let mut given: Option<Place> = None;
        for value in self.given_values(f) {
            let place = self.place_at(value, depth + 1);
            match &given {
                Some(before) if *before != place => return None,
                Some(_) => {}
                None if self.is_shared_place(&place) => given = Some(place),
                None => return None,
            }
        }
        given.filter(|place| !self.makes_each_time(f, place, depth))
    }

    /// The values that a function gives back, beside nothing; none where they are too many to say. What is promised
    /// counts as what comes of it.
    pub(super) fn given_values(&self, f: Func) -> Vec<Ref> {
        if self.function(f).flags.is_generator {
            return Vec::new();
        }
        let mut values = self.returned_values(f);
        values.retain(|&v| !self.node(v).is_absent());
        if values.len() > MAX_RETURNS {
            values.clear();
        }
        values
    }

    /// The place of a part of what a call gives back: of `{ bus }`, the bus.
    pub(super) fn given_part(&self, call: Ref, name: &str, depth: u32) -> Option<Place> {
        if depth > MAX_ASKED || !matches!(self.node(call), Node::Call { .. }) {
            return None;
        }
        let _leave = super::fuel::spend()?;
        let f = self.asked_function(call, depth)?;
        let [only] = self.given_values(f)[..] else { return None };
        let place = self.place_at(self.property(only, name)?, depth + 1);
        self.is_shared_place(&place).then_some(place)
    }

    /// Whether a place is the same for every call of a function: of a module, or a field of the object.
    pub(super) fn is_shared_place(&self, place: &Place) -> bool {
        if place.path.iter().any(|k| matches!(k, Key::Dynamic(_))) {
            return false;
        }
        match &place.root {
            Root::Global | Root::Module(_) => true,
            Root::External(_) => !place.path.is_empty(),
            Root::Binding(file, b) => self.facts(*file).binding(*b).function == FunctionId::MODULE,
            Root::This(_) => !place.path.is_empty(),
            Root::Value(_) => false,
        }
    }

    /// Whether a function puts a new value at a place whatever is there: a scratch variable that holds the last one.
    fn makes_each_time(&self, f: Func, place: &Place, depth: u32) -> bool {
        let facts = self.facts(f.file);
        let here = |node| Ref { file: f.file, node };
        let mut sets = self.writes_in(f).iter().filter(|&&write| match facts.node(write) {
            Node::Assign { target, op, .. } => op == AssignOp::Set && self.place_at(here(target), depth + 1) == *place,
            _ => false,
        });
        sets.any(|&write| !self.is_asked_before(f, place, write, depth))
    }

    /// Whether a function tests a place before it sets it: `if (!bus) bus = ...`, `if (bus) return bus`.
    fn is_asked_before(&self, f: Func, place: &Place, write: NodeId, depth: u32) -> bool {
        let facts = self.facts(f.file);
        let from = facts.span(write).start;
        let mut stack = vec![self.function(f).body];
        while let Some(node) = stack.pop() {
            let test = match facts.node(node) {
                Node::Function(_) | Node::Class(_) => continue,
                Node::If { test, .. } | Node::Conditional { test, .. } => Some(test),
                Node::Logical { left, .. } => Some(left),
                _ => None,
            };
            if let Some(test) = test
                && facts.span(test).start < from
                && self.mentions_place(
                    Ref {
                        file: f.file,
                        node: test,
                    },
                    place,
                    depth,
                )
            {
                return true;
            }
            facts.children(node, |child| stack.push(child));
        }
        false
    }

    fn mentions_place(&self, at: Ref, place: &Place, depth: u32) -> bool {
        let facts = self.facts(at.file);
        let is_name = matches!(
            facts.node(at.node),
            Node::Binding(_) | Node::Global(_) | Node::Member { .. }
        );
        if is_name && self.place_at(at, depth + 1) == *place {
            return true;
        }
        let mut found = false;
        facts.children(at.node, |node| {
            found = found || self.mentions_place(Ref { node, ..at }, place, depth);
        });
        found
    }

    /// How long what an own function gives back lives, if that is something from elsewhere: a part of the object whose
    /// method it is, as long as that; something of a context or of the process.
    pub(super) fn life_of_asked(&self, call: Ref, depth: u32) -> Option<Life> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        let Some(f) = self.called_function(call) else {
            return self
                .life_of_entry(call, depth)
                .or_else(|| self.life_of_part_asked(call, callee, depth));
        };
        let given = self.given_values(f);
        if given.is_empty() {
            return None;
        }
        if let [only] = given[..]
            && let Some(life) = self.life_of_got_or_made(f, only, depth)
        {
            return Some(life);
        }
        let places: Vec<Place> = given.iter().map(|&v| self.place(v)).collect();
        let is_part = |p: &Place| matches!(p.root, Root::This(_)) && !p.path.is_empty();
        if places.iter().all(is_part) {
            let Node::Member { object, .. } = self.facts(call.file).node(callee) else {
                return None;
            };
            return match self.life_of_value(Ref { node: object, ..call }, depth + 1) {
                Life::Call(_) | Life::Unknown => None,
                life => Some(life),
            };
        }
        // What a parameter holds is its caller's.
        let is_from_elsewhere = |p: &Place| match p.root {
            Root::Value(at) => matches!(self.node(at), Node::Call { .. }),
            Root::Binding(file, b) => {
                self.facts(file).binding(b).kind != BindingKind::Param && !self.makes_each_time(f, p, depth)
            }
            // `window`, where nothing is scrolled
            Root::Global => true,
            _ => false,
        };
        if !places.iter().all(is_from_elsewhere) {
            return None;
        }
        given
            .into_iter()
            .try_fold(Life::Process, |life, v| match self.life_of_value(v, depth + 1) {
                Life::Process => Some(life),
                Life::Outer => Some(Life::Outer),
                _ => None,
            })
    }

    /// How long what code looks up in a table of the project lives: as long as the table, unless the same function puts
    /// something in. `connections.get(id)` is what `connections[id]` is.
    fn life_of_entry(&self, call: Ref, depth: u32) -> Option<Life> {
        let facts = self.facts(call.file);
        let table = self.table_looked_up(call)?;
        let f = self.function_at(call);
        let puts_in = |&node: &NodeId| {
            let put = facts.method_call(node);
            put.is_some_and(|put| {
                let grow = &self.tables.conventions.grow;
                let into = || {
                    self.place(Ref {
                        node: put.object,
                        ..call
                    })
                };
                grow.iter().any(|g| g == facts.name(put.method)) && self.same_place(&into(), &table)
            })
        };
        if self.calls_in(f).iter().any(puts_in) {
            return None;
        }
        match self.life_at(&table, depth + 1) {
            life @ (Life::Process | Life::Instance(_)) => Some(life),
            _ => None,
        }
    }

    /// How long what a method of a library gives lives, where it is of its receiver's type: a part of that, as
    /// `form.get("name")` is; or where it is only a view of the receiver.
    fn life_of_part_asked(&self, call: Ref, callee: NodeId, depth: u32) -> Option<Life> {
        let Node::Member { object, .. } = self.facts(call.file).node(callee) else {
            return None;
        };
        let whole = Ref { node: object, ..call };
        let of = self.type_of(whole)?;
        let given = self.type_of(call)?;
        let is_part = given == of && self.tables.type_row(of).lives == Some(Lives::Outer);
        if !is_part && !self.tables.type_row(given).view {
            return None;
        }
        match self.life_of_value(whole, depth + 1) {
            life @ (Life::Process | Life::Outer | Life::Instance(_)) => Some(life),
            _ => None,
        }
    }
}
