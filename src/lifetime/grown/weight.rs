//! How much a growth weighs that rests on its context alone, where no code says that an entry should have gone.
//!
//! That something runs again and again proves that a list gets longer. A table gets longer only if the key is another one
//! each time: made anew, or brought by the request that is served. And what a user does with a page comes at the pace of
//! a hand: a few texts and numbers more are nothing that anybody would miss.

use crate::facts::{AssignOp, CallKind, FunctionId, Node, NodeId};
use crate::finding::Confidence;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::Grown;
use crate::link::{Func, Ref, Repetition, Root, Step};
use crate::tables::{Every, Lives};

/// Within how many steps a context is near to what happens in it.
const NEAR: usize = 3;

/// From how many steps on a context says hardly anything of what it leads to.
const OUT_OF_SIGHT: usize = 7;

/// Through how many names, calls and parts a value is followed.
const MAX_STEPS: u32 = 10;

/// What is known of the memory that one element takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Heft {
    /// A text, a number, a flag.
    Light,
    Unknown,
    /// An object, a function, a promise.
    Heavy,
}

/// The way from a context to a growth.
pub(in crate::lifetime) struct Way<'w> {
    pub every: Every,
    pub steps: &'w [Step],
    /// The function that adds.
    pub end: Func,
}

impl Way<'_> {
    fn is_near(&self) -> bool {
        self.steps.len() <= NEAR
    }

    fn is_out_of_sight(&self) -> bool {
        self.steps.len() >= OUT_OF_SIGHT
    }

    /// The surest that something near can be; what is farther away is less sure.
    fn by_distance(&self) -> Confidence {
        match self.is_near() {
            true => Confidence::High,
            false => Confidence::Medium,
        }
    }
}

impl Judge<'_> {
    /// How sure a growth can be that rests on its context alone.
    pub(in crate::lifetime) fn certain_by_context(&self, grown: &Grown, repetition: &Repetition) -> Confidence {
        let Repetition::Repeated { every, steps, .. } = repetition else {
            return Confidence::High;
        };
        let way = Way {
            every: match every {
                Every::Event if self.is_by_message(steps) => Every::Message,
                every => *every,
            },
            steps,
            end: grown.f,
        };
        match grown.growth.key {
            Some(key) => self.certain_of_entry(grown, key, &way),
            None => self.certain_of_element(grown, &way),
        }
    }

    /// `socket.onmessage = read`, `addEventListener('message', read)`: what comes there are messages, whatever hears them.
    fn is_by_message(&self, steps: &[Step]) -> bool {
        let Some(first) = steps.first().map(|step| step.at) else {
            return false;
        };
        let facts = self.project.facts(first.file);
        let conventions = &self.project.tables.conventions;
        match facts.node(first.node) {
            Node::Assign { target, .. } => match facts.node(target) {
                Node::Member { property: name, .. } | Node::Global(name) => {
                    let name = facts.name(name);
                    conventions.message_properties.iter().any(|p| p == name)
                }
                _ => false,
            },
            Node::Call { args, .. } => {
                let key = facts.item(args, 0).map(|node| Ref { node, ..first });
                let text = key.and_then(|key| self.project.constant_text(key, 0));
                text.is_some_and(|text| conventions.message_events.iter().any(|event| event.as_str() == &*text))
            }
            _ => false,
        }
    }

    /// How sure it can be that a list in a table gets longer, far from what repeats: what is served brings one more object
    /// each time.
    pub(in crate::lifetime) fn certain_of_far_element(&self, grown: &Grown, repetition: &Repetition) -> Confidence {
        let Repetition::Repeated { every, steps, .. } = repetition else {
            return Confidence::Low;
        };
        let way = Way {
            every: *every,
            steps,
            end: grown.f,
        };
        let brings_more =
            way.every.is_served() && !way.is_out_of_sight() && self.heft_of_element(grown, &way) == Heft::Heavy;
        match brings_more {
            true => Confidence::Medium,
            false => Confidence::Low,
        }
    }

    /// A list, which each run makes longer.
    fn certain_of_element(&self, grown: &Grown, way: &Way<'_>) -> Confidence {
        if way.is_out_of_sight() {
            return Confidence::Low;
        }
        let served = way.every.is_served();
        if self.is_made_where_missing(grown) {
            return match served {
                true => Confidence::Medium,
                false => Confidence::Low,
            };
        }
        let heft = self.heft_of_element(grown, way);
        match way.every {
            _ if served => way.by_distance(),
            Every::Update => way.by_distance(),
            Every::Mount | Every::Instance if heft > Heft::Light => way.by_distance(),
            Every::Event if heft == Heft::Heavy || self.is_from_application(way) => Confidence::Medium,
            Every::Mount | Every::Instance
                if !grown.growth.value.is_some_and(|value| self.is_always_constant(value)) =>
            {
                Confidence::Medium
            }
            Every::Mount | Every::Instance | Every::Event => Confidence::Low,
            _ => Confidence::High,
        }
    }

    /// Whether the values come right from something that a framework makes once for the application, as its router:
    /// `router.events.pipe(...).subscribe(handler)`.
    fn is_from_application(&self, way: &Way<'_>) -> bool {
        let [only] = way.steps else { return false };
        let facts = self.project.facts(only.at.file);
        let Some(subscribe) = facts.method_call(only.at.node) else {
            return false;
        };
        let heard = self.project.type_of(Ref {
            node: subscribe.object,
            ..only.at
        });
        if !heard.is_some_and(|t| self.project.tables.is_a(t, "Observable")) {
            return false;
        }
        // Its part, and what is made of that: a listener on the whole is none.
        let mut at = match facts.node(subscribe.object) {
            Node::Call { callee, .. } => callee,
            Node::Member { object, .. } => object,
            _ => return false,
        };
        for _ in 0..MAX_STEPS {
            let of = self.project.type_of(Ref { node: at, ..only.at });
            if of.is_some_and(|t| self.project.tables.type_row(t).lives == Some(Lives::Process)) {
                return true;
            }
            at = match facts.node(at) {
                Node::Call { callee, .. } => callee,
                Node::Member { object, .. } => object,
                _ => return false,
            };
        }
        false
    }

    /// A table or a set, which gets longer only by what is not in it yet.
    fn certain_of_entry(&self, grown: &Grown, key: Ref, way: &Way<'_>) -> Confidence {
        let keys = self.on_way(key, way);
        let is_fresh = |key: Ref| self.fresh_key(key, 0).is_some() || self.is_key_counted_on(key, 0);
        let is_new = keys.iter().any(|key| is_fresh(*key)) || self.is_identity(grown, key, way);
        let is_one_of_many = is_new || self.is_new_each_time(key, 0) || self.is_of_session(key);
        let is_handed_on = |key: &Ref| {
            let place = self.project.place(*key);
            place.path.is_empty() && self.parameter_of(&place).is_some()
        };
        let mut told = keys.iter().filter(|key| !is_handed_on(key)).peekable();
        if told.peek().is_some() && told.all(|key| self.is_constant_given(*key, 0)) {
            return Confidence::Low;
        }
        let asked = self.is_asked_first(grown, key);
        let heft = grown
            .growth
            .value
            .map_or(Heft::Unknown, |value| self.heft(value, way, 0));
        // A thing that is a key stays as well.
        let heft = if self.is_by_brackets(&grown.growth) {
            heft
        } else {
            heft.max(self.heft(key, way, 0))
        };
        let medium_if = |holds| if holds { Confidence::Medium } else { Confidence::Low };
        match way.every {
            Every::Request | Every::Connection | Every::Message if self.serves_clients(way) => {
                if is_new || self.is_brought(key, way) {
                    return Confidence::High;
                }
                medium_if(is_one_of_many && way.is_near() || asked && self.is_made_of_key(grown, key))
            }
            Every::Message if is_new => way.by_distance(),
            Every::Message => {
                let is_set = grown.growth.value == Some(key);
                medium_if(is_one_of_many && (is_set || heft > Heft::Light) && !way.is_out_of_sight())
            }
            Every::Tick | Every::Run | Every::Turn if is_new => way.by_distance(),
            // What a clock writes without a look, it writes again at the next time.
            Every::Tick | Every::Run | Every::Turn => {
                medium_if(is_one_of_many && asked && heft == Heft::Heavy && !way.is_out_of_sight())
            }
            Every::Mount | Every::Instance if is_one_of_many && heft > Heft::Light => way.by_distance(),
            Every::Mount | Every::Instance => medium_if(is_one_of_many && way.is_near()),
            Every::Update | Every::Event if is_new => medium_if(heft > Heft::Light && !way.is_out_of_sight()),
            Every::Event => {
                let is_large = heft == Heft::Heavy || heft == Heft::Unknown && self.has_end_beside(grown, key);
                medium_if(is_one_of_many && is_large && way.is_near())
            }
            Every::Update => Confidence::Low,
            _ => Confidence::High,
        }
    }

    /// Whether the others decide how often and with what: requests, connections, and the messages of a connection.
    fn serves_clients(&self, way: &Way<'_>) -> bool {
        if way.every != Every::Message {
            return true;
        }
        let Some(first) = way.steps.first() else { return false };
        matches!(
            self.project.repetition(self.project.function_at(first.at)),
            Repetition::Repeated {
                every: Every::Connection | Every::Request,
                ..
            }
        )
    }

    /// Whether the code around takes something out of another table under a key of this name: what the key names ends
    /// there one day.
    fn has_end_beside(&self, grown: &Grown, key: Ref) -> bool {
        let Some(name) = self.project.last_name(key) else {
            return false;
        };
        let facts = self.project.facts(key.file);
        let take = &self.project.tables.conventions.take;
        facts.method_calls().any(|call| {
            let here = |node| Ref { node, ..key };
            let taken = match facts.method_call(call.object) {
                // `table.get(key)?.delete(part)`.
                Some(inner) => facts.item(inner.args, 0).map(|node| (node, inner.object)),
                None => facts.item(call.args, 0).map(|node| (node, call.object)),
            };
            take.iter().any(|t| t == facts.name(call.method))
                && taken.is_some_and(|(node, table)| {
                    self.project.last_name(here(node)) == Some(name)
                        && !self.project.same_place(&self.project.place(here(table)), &grown.place)
                })
        })
    }

    /// Whether a key is a number that code counts on, or a text that it makes longer.
    fn is_key_counted_on(&self, key: Ref, depth: u32) -> bool {
        let facts = self.project.facts(key.file);
        let here = |node| self.is_key_counted_on(Ref { node, ..key }, depth + 1);
        match facts.node(key.node) {
            Node::Template(parts) => facts.list(parts).any(here),
            Node::Binary { left, right, .. } => here(left) || here(right),
            Node::Binding(_) | Node::Member { .. } if depth < MAX_STEPS => {
                let place = self.project.place(key);
                let is_kept = match place.root {
                    Root::Binding(file, b) => self.project.facts(file).binding(b).function == FunctionId::MODULE,
                    _ => true,
                };
                if is_kept {
                    return self.project.is_counted(&place);
                }
                let value = self.project.value_of_place(&place);
                value.is_some_and(|value| value != key && self.is_key_counted_on(value, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether something tells the thing itself: an object, and not its name.
    fn is_identity(&self, grown: &Grown, key: Ref, way: &Way<'_>) -> bool {
        !self.is_by_brackets(&grown.growth) && self.heft(key, way, 0) == Heft::Heavy
    }

    /// `if (!found) { found = make(); list.push(found); }`: one of its kind.
    fn is_made_where_missing(&self, grown: &Grown) -> bool {
        let Some(value) = grown.growth.value else { return false };
        let place = self.project.place(value);
        if !matches!(self.project.node(value), Node::Binding(_)) {
            return false;
        }
        let is_it = |part: Ref, holds: bool, _: u32| {
            let facts = self.project.facts(part.file);
            match facts.node(part.node) {
                Node::Binding(_) => !holds && self.project.place(part) == place,
                _ => false,
            }
        };
        let conditions = self.conditions_of(grown.growth.at);
        conditions
            .into_iter()
            .any(|(test, outcome)| self.says(test, outcome, 0, &is_it))
    }

    /// Whether the function looks first whether there is an entry already.
    fn is_asked_first(&self, grown: &Grown, key: Ref) -> bool {
        let by_own_test = match self.project.node(grown.growth.at) {
            Node::Assign { op, .. } => op != AssignOp::Set,
            _ => false,
        };
        by_own_test || self.is_asked_before(grown, key) || self.is_read_by_brackets(grown, key)
    }

    /// `new RegExp(text)`: made of the key, and of nothing else that changes.
    fn is_made_of_key(&self, grown: &Grown, key: Ref) -> bool {
        let Some(value) = grown.growth.value else { return false };
        let is_of_key = |made: &Ref| match self.project.node(*made) {
            Node::Call {
                args,
                kind: CallKind::New,
                ..
            } => {
                let first = self.project.facts(made.file).item(args, 0);
                first.is_some_and(|node| self.project.same_key(Ref { node, ..*made }, key))
            }
            _ => false,
        };
        let named = self.is_one_of_few(key);
        let set_to = self.project.definitions(&self.project.place(value));
        !named && (is_of_key(&value) || set_to.iter().any(is_of_key))
    }

    /// What is known of the memory of an element that a list gets.
    fn heft_of_element(&self, grown: &Grown, way: &Way<'_>) -> Heft {
        if let Some(value) = grown.growth.value {
            return self.heft(value, way, 0);
        }
        // `list = [...list, value]`.
        let facts = self.project.facts(grown.growth.at.file);
        let Node::Assign { value, .. } = facts.node(grown.growth.at.node) else {
            return Heft::Unknown;
        };
        match facts.node(value) {
            Node::Array(parts) | Node::Object(parts) => {
                let parts = facts.list(parts).filter_map(|part| match facts.node(part) {
                    Node::Spread(_) => None,
                    Node::Property { value, .. } => Some(value),
                    _ => Some(part),
                });
                let hefts = parts.map(|node| {
                    self.heft(
                        Ref {
                            node,
                            ..grown.growth.at
                        },
                        way,
                        0,
                    )
                });
                hefts.max().unwrap_or(Heft::Unknown)
            }
            _ => Heft::Light,
        }
    }

    fn heft(&self, at: Ref, way: &Way<'_>, depth: u32) -> Heft {
        if depth > MAX_STEPS {
            return Heft::Unknown;
        }
        if self.is_large(at) {
            return Heft::Heavy;
        }
        let facts = self.project.facts(at.file);
        let here = |node| self.heft(Ref { node, ..at }, way, depth + 1);
        match facts.node(at.node) {
            Node::Str(_)
            | Node::Template(_)
            | Node::Number(_)
            | Node::Bool(_)
            | Node::Null
            | Node::Undefined
            | Node::Update { .. }
            | Node::Binary { .. }
            | Node::Unary { .. } => Heft::Light,
            Node::Object(parts) | Node::Array(parts) if facts.list(parts).len() == 0 => Heft::Unknown,
            Node::Object(_) | Node::Array(_) | Node::Function(_) | Node::Class(_) | Node::Jsx { .. } | Node::This => {
                Heft::Heavy
            }
            Node::Assign { value, .. } => here(value),
            Node::Logical { left, right, .. } => here(left).max(here(right)),
            Node::Conditional { yes, no, .. } => here(yes).max(here(no)),
            Node::Call { callee, kind, .. } => self.heft_of_call(at, callee, kind, way, depth),
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } => self.heft_of_name(at, way, depth),
            _ => Heft::Unknown,
        }
    }

    fn heft_of_call(&self, call: Ref, callee: NodeId, kind: CallKind, way: &Way<'_>, depth: u32) -> Heft {
        let name = self.project.last_name(Ref { node: callee, ..call });
        let gives_text = &self.project.tables.conventions.gives_text;
        if name.is_some_and(|name| gives_text.iter().any(|n| n == name)) {
            return Heft::Light;
        }
        if kind == CallKind::New || self.project.type_of(call).is_some() {
            return Heft::Heavy;
        }
        let Some(f) = self.project.called_function(call) else {
            return Heft::Unknown;
        };
        if self.project.function(f).flags.is_async {
            return Heft::Heavy;
        }
        let given = self.project.returned_values(f).into_iter();
        given
            .map(|value| self.heft(value, way, depth + 1))
            .max()
            .unwrap_or(Heft::Unknown)
    }

    fn heft_of_name(&self, at: Ref, way: &Way<'_>, depth: u32) -> Heft {
        let facts = self.project.facts(at.file);
        let texts = &self.project.tables.conventions.text_types;
        if let Node::Binding(b) = facts.node(at.node)
            && let Some(name) = facts.binding(b).type_name
            && texts.iter().any(|t| t == facts.name(name))
        {
            return Heft::Light;
        }
        if self.project.type_of(at).is_some() {
            return Heft::Heavy;
        }
        let place = self.project.place(at);
        // `event.target`.
        if let (Some(whole), Some(part)) = (place.parent(), place.last())
            && let Some(of) = self.project.type_of_place(&whole, 0)
            && self.project.tables.type_row(of).nodes.iter().any(|node| node == part)
        {
            return Heft::Heavy;
        }
        if let Some((f, index)) = self.parameter_of(&place) {
            let given = self.given_on(f, index, way);
            let whole = given.first().filter(|_| place.path.is_empty());
            return whole.map_or(Heft::Unknown, |value| self.heft(*value, way, depth + 1));
        }
        if let Node::Member { property, .. } = facts.node(at.node) {
            let name = facts.name(property);
            let light = &self.project.tables.conventions.light_names;
            if light.iter().any(|l| l == name) {
                return Heft::Light;
            }
        }
        match self.project.value_of_place(&place) {
            Some(value) if value != at => self.heft(value, way, depth + 1),
            _ => match self.project.definitions(&place)[..] {
                [only] if only != at => self.heft(only, way, depth + 1),
                _ => Heft::Unknown,
            },
        }
    }
}
