//! Streams: where the values of an observable come from, and what ends it on its way to the subscriber.
//!
//! A stream is followed back through operators, combining functions, fields, getters and methods of the project's
//! own classes to its sources. Each source knows how long it lives, seen from the subscriber, and the operators after
//! it that end it: an operator before a `switchMap` does not end what the `switchMap` adds.

use std::cell::Cell;
use std::sync::Arc;

use crate::facts::{BindingKind, CallKind, MemberKind, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::limits::{self, Limit};
use crate::link::{Func, Key, Life, OwnerId, Place, Ref, Root};
use crate::tables::{StreamEffect, StreamKind};

/// How many expressions a stream is followed back through.
const MAX_STREAM_DEPTH: u32 = 16;

/// How many expressions one question may look at.
const MAX_STEPS: u32 = 400;

/// How many sources of one stream are told apart.
const MAX_SOURCES: usize = 24;

/// How far the way back has led.
#[derive(Clone, Copy)]
pub(super) struct Walk<'w> {
    depth: u32,
    left: &'w Cell<u32>,
    /// Whether what a function gives back is asked for, by itself and for everybody.
    is_kept: bool,
}

impl<'w> Walk<'w> {
    fn new(left: &'w Cell<u32>) -> Self {
        Self {
            depth: 0,
            left,
            is_kept: false,
        }
    }

    /// Leave for one more expression.
    fn step(self) -> Option<Self> {
        let left = self.left.get();
        if limits::exceeds(Limit::Streams, left == 0) {
            return None;
        }
        self.left.set(left - 1);
        (self.depth < MAX_STREAM_DEPTH).then_some(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

/// Something that ends a stream.
#[derive(Clone, Debug)]
pub(in crate::lifetime) enum Guard {
    /// The next value of this stream.
    Notifier(Ref),
    /// The end of the owner, or a number of values.
    Sure(Ref),
    /// A condition that is looked at with the next value; the operator's call.
    Condition(Ref),
    /// An operator that nobody knows.
    Unknown(Ref),
}

/// Where values of a stream come from.
#[derive(Clone, Debug)]
pub(in crate::lifetime) struct Source {
    /// The expression, as near to the subscriber as possible.
    pub at: Ref,
    /// How long it lives.
    pub life: Life,
    /// Whether it ends by itself.
    pub completes: bool,
    /// Whether it is one that an operator adds for each value of another.
    pub nested: bool,
    /// Whether values come again and again without anyone's doing, or by a user's.
    pub ticks: bool,
    /// What ends it.
    pub guards: Vec<Guard>,
}

/// A stream: all its sources.
#[derive(Clone, Debug, Default)]
pub(in crate::lifetime) struct Stream {
    /// They.
    pub sources: Vec<Source>,
}

impl Stream {
    fn of(at: Ref, life: Life, completes: bool) -> Self {
        let source = Source {
            at,
            life,
            completes,
            nested: false,
            ticks: false,
            guards: Vec::new(),
        };
        Self { sources: vec![source] }
    }

    fn ticking(mut self) -> Self {
        self.sources.iter_mut().for_each(|s| s.ticks = true);
        self
    }

    fn guard(&mut self, guard: &Guard) {
        self.sources.iter_mut().for_each(|s| s.guards.push(guard.clone()));
    }

    fn join(&mut self, other: Stream) {
        self.sources.extend(other.sources);
        limits::exceeds(Limit::Streams, self.sources.len() > MAX_SOURCES);
        self.sources.truncate(MAX_SOURCES);
    }

    fn completes(&self) -> bool {
        self.sources.iter().all(|s| s.completes)
    }
}

impl Judge<'_> {
    /// The stream that an expression is; nothing if no evidence makes it one.
    pub(in crate::lifetime) fn stream_of(&self, at: Ref) -> Option<Stream> {
        self.stream_at(at, Walk::new(&Cell::new(MAX_STEPS)))
    }

    fn stream_at(&self, at: Ref, walk: Walk<'_>) -> Option<Stream> {
        let walk = walk.step()?;
        let facts = self.project.facts(at.file);
        let inner = |node| self.stream_at(Ref { file: at.file, node }, walk);
        match facts.node(at.node) {
            Node::Assign { value, .. } => inner(value),
            Node::Sequence(list) => facts.list(list).next_back().and_then(inner),
            Node::Logical { left, right, .. } => inner(left).or_else(|| inner(right)),
            Node::Conditional { yes, no, .. } => self.union([inner(yes), inner(no)]),
            Node::Call { kind, .. } => match kind {
                CallKind::New => self.stream_by_type(at, Life::Call(self.project.function_at(at))),
                _ => self.stream_of_call(at, walk),
            },
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } => self.stream_at_place(at, walk),
            _ => None,
        }
    }

    fn union(&self, streams: impl IntoIterator<Item = Option<Stream>>) -> Option<Stream> {
        streams.into_iter().flatten().reduce(|mut all, more| {
            all.join(more);
            all
        })
    }

    /// A stream of which only the type is known.
    fn stream_by_type(&self, at: Ref, life: Life) -> Option<Stream> {
        let kind = self.project.tables.stream_kind(self.project.type_of(at)?)?;
        Some(Stream::of(at, life, kind == StreamKind::Completing))
    }

    fn stream_of_call(&self, at: Ref, walk: Walk<'_>) -> Option<Stream> {
        let facts = self.project.facts(at.file);
        let Node::Call { callee, args, .. } = facts.node(at.node) else {
            return None;
        };
        let here = |node| Ref { file: at.file, node };
        let args: Vec<Ref> = facts.list(args).map(here).collect();
        if let Some(effect) = self.effect_of(here(callee))
            && let Some(found) = self.made_by(effect, at, &args, walk)
        {
            return Some(found);
        }
        if let Node::Member { object, property, .. } = facts.node(callee) {
            if let Some(found) = self.stream_of_method(at, here(object), facts.name(property), &args, walk) {
                return Some(found);
            }
            if let Some(found) = self.stream_by_type(at, self.life_of_thing(&self.project.place(here(object)))) {
                return Some(found);
            }
        }
        if let Some(f) = self.project.called_function(at) {
            let object = match facts.node(callee) {
                Node::Member { object, .. } => Some(here(object)),
                _ => None,
            };
            if let Some(found) = self.given_back(at, f, object, &args, walk) {
                return Some(found);
            }
        }
        let life = self.project.life_of(&Place::root(Root::Value(at)));
        Some(self.stream_by_type(at, life)?.ticking())
    }

    /// `x.pipe(...)`, and the operators that are methods.
    fn stream_of_method(&self, at: Ref, object: Ref, name: &str, args: &[Ref], walk: Walk<'_>) -> Option<Stream> {
        let effect = self.project.tables.operator_method(name)?;
        let mut stream = match self.stream_at(object, walk) {
            Some(found) => found,
            // What operators are applied to is a stream, whoever made it.
            None if effect == StreamEffect::Applies && args.iter().any(|&op| self.is_operator(op)) => {
                let life = match self.life_of_thing(&self.project.place(object)) {
                    Life::Instance(o) => Life::Instance(o),
                    Life::Outer if self.is_field_of_injected(object) => Life::Outer,
                    _ => Life::Unknown,
                };
                Stream::of(object, life, false)
            }
            None => return None,
        };
        self.apply_method(effect, at, args, &mut stream, walk);
        Some(stream)
    }

    /// `this.service.changes`: a field of what a constructor or an injector is given. What a method gives may be for one
    /// call, and end by itself.
    fn is_field_of_injected(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        matches!(self.project.node(at), Node::Member { .. })
            && matches!(place.root, Root::This(_))
            && place.path.len() > 1
            && place.path.iter().all(|key| matches!(key, Key::Name(_)))
    }

    /// What an exported operator, or a static method of a class of streams, does.
    pub(in crate::lifetime) fn effect_of(&self, callee: Ref) -> Option<StreamEffect> {
        let tables = &self.project.tables;
        let path = self.project.path_of(callee)?;
        let (module, name) = path.split_once(':')?;
        if let Some((class, method)) = name.rsplit_once('.')
            && let Some(t) = tables.class_type(&format!("{module}:{class}"))
            && tables.stream_kind(t).is_some()
        {
            return tables.operator_method(method);
        }
        tables.operator(module, name)
    }

    fn is_operator(&self, op: Ref) -> bool {
        let Node::Call { callee, .. } = self.project.node(op) else {
            return false;
        };
        let node = callee;
        self.effect_of(Ref { file: op.file, node }).is_some()
    }

    /// One argument of `pipe`.
    fn apply(&self, op: Ref, stream: &mut Stream, walk: Walk<'_>) {
        let facts = self.project.facts(op.file);
        if let Node::Call { callee, args, .. } = facts.node(op.node) {
            let here = |node| Ref { file: op.file, node };
            let args: Vec<Ref> = facts.list(args).map(here).collect();
            if let Some(effect) = self.effect_of(here(callee)) {
                self.apply_effect(effect, op, &args, stream, walk);
                return;
            }
            // The project's own function that gives an operator.
            if let Some(walk) = walk.step()
                && let Some(f) = self.project.called_function(op)
                && let [only] = self.project.returned_values(f)[..]
            {
                if matches!(self.project.node(only), Node::Call { .. }) {
                    self.apply(only, stream, walk);
                    return;
                }
                if let Some(written) = self.project.function_value(only, 0)
                    && self.apply_written(written, stream, walk)
                {
                    return;
                }
            }
        }
        stream.guard(&Guard::Unknown(op));
    }

    /// What a method of streams does: `pipe` applies what it is given.
    pub(super) fn apply_method(
        &self,
        effect: StreamEffect,
        at: Ref,
        args: &[Ref],
        stream: &mut Stream,
        walk: Walk<'_>,
    ) {
        match effect {
            StreamEffect::Applies => args.iter().for_each(|&op| self.apply(op, stream, walk)),
            _ => self.apply_effect(effect, at, args, stream, walk),
        }
    }

    fn apply_effect(&self, effect: StreamEffect, at: Ref, args: &[Ref], stream: &mut Stream, walk: Walk<'_>) {
        use StreamEffect as E;
        match effect {
            E::Passes => {}
            E::EndsByItself | E::EndsWithOwner => stream.guard(&Guard::Sure(at)),
            E::EndsOnCondition => stream.guard(&Guard::Condition(at)),
            E::EndsByNotifier => {
                stream.guard(&args.first().map_or(Guard::Unknown(at), |&n| Guard::Notifier(n)));
            }
            E::Restarts if args.is_empty() => stream.sources.iter_mut().for_each(|s| s.completes = false),
            E::Restarts => {}
            E::AddsArguments | E::Combines | E::Zips => {
                if let Some(more) = self.union(self.elements(args).into_iter().map(|a| self.stream_at(a, walk))) {
                    stream.join(more);
                }
            }
            E::AddsResults => {
                let results = args.first().and_then(|&f| {
                    let function = self.project.function_value(f, 0);
                    function.map_or_else(|| self.stream_at(f, walk), |f| self.results(f, walk))
                });
                if let Some(mut more) = results {
                    more.sources.iter_mut().for_each(|s| s.nested = true);
                    stream.join(more);
                }
            }
            E::Applies | E::Defers | E::Listens | E::EndsUnlessRepeated => stream.guard(&Guard::Unknown(at)),
        }
    }

    /// The streams that a function gives back. That is asked once for all who call it, with steps of its own; a function
    /// met on the way is then a part of the question, for an answer must not depend on who asked first.
    fn results(&self, f: Func, walk: Walk<'_>) -> Option<Stream> {
        if walk.is_kept {
            return self.find_results(f, walk);
        }
        let known = &self.survey.streams;
        let ask = || {
            self.project.remembered(known, f, || {
                let left = Cell::new(MAX_STEPS);
                let walk = Walk {
                    is_kept: true,
                    ..Walk::new(&left)
                };
                self.find_results(f, walk).map(Arc::new)
            })
        };
        known.get(&f).unwrap_or_else(ask).map(Arc::unwrap_or_clone)
    }

    fn find_results(&self, f: Func, walk: Walk<'_>) -> Option<Stream> {
        let values = self.project.returned_values(f);
        self.union(values.into_iter().map(|v| self.stream_at(v, walk)))
    }

    /// Arguments, and the elements of those that are lists or records.
    fn elements(&self, args: &[Ref]) -> Vec<Ref> {
        let mut out = Vec::new();
        for &arg in args {
            let facts = self.project.facts(arg.file);
            let here = |node| Ref { file: arg.file, node };
            match facts.node(arg.node) {
                Node::Array(list) => out.extend(facts.list(list).map(here)),
                Node::Object(list) => out.extend(facts.list(list).filter_map(|p| match facts.node(p) {
                    Node::Property { value, .. } => Some(here(value)),
                    _ => None,
                })),
                _ => out.push(arg),
            }
        }
        out
    }

    /// The stream that a function of a library makes.
    fn made_by(&self, effect: StreamEffect, at: Ref, args: &[Ref], walk: Walk<'_>) -> Option<Stream> {
        use StreamEffect as E;
        let first = args.first().copied();
        match effect {
            E::Combines | E::Zips => {
                let parts: Vec<_> = self
                    .elements(args)
                    .into_iter()
                    .filter_map(|a| self.stream_at(a, walk))
                    .collect();
                let ends = parts.is_empty() || effect == E::Zips && parts.iter().any(Stream::completes);
                if ends {
                    // Promises, lists: what is no stream ends.
                    return Some(Stream::of(at, Life::Call(self.project.function_at(at)), true));
                }
                self.union(parts.into_iter().map(Some))
            }
            E::Defers => self.results(self.project.function_value(first?, 0)?, walk),
            E::Listens => {
                let life = self.life_of_thing(&self.project.place(first?));
                Some(Stream::of(at, life, false).ticking())
            }
            E::EndsUnlessRepeated => Some(Stream::of(at, Life::Process, args.len() < 2).ticking()),
            _ => None,
        }
    }

    /// The stream that one of the project's functions gives back, seen from the call.
    fn given_back(&self, at: Ref, f: Func, object: Option<Ref>, args: &[Ref], walk: Walk<'_>) -> Option<Stream> {
        let mut stream = self.results(f, walk)?;
        let mut sources = Vec::new();
        for source in stream.sources.drain(..) {
            // A stream that was handed in.
            let param = match self.project.place(source.at) {
                Place {
                    root: Root::Binding(file, b),
                    path,
                } if path.is_empty() => self.project.param_position(file, b),
                _ => None,
            };
            match param {
                Some((g, i)) if g == f => {
                    if let Some(&arg) = args.get(i)
                        && let Some(mut given) = self.stream_at(arg, walk)
                    {
                        for s in &mut given.sources {
                            s.guards.extend(source.guards.iter().cloned());
                        }
                        sources.extend(given.sources);
                    }
                }
                _ => sources.push(source),
            }
        }
        let mut stream = Stream { sources };
        if let (Some(object), Some((owner, ..))) = (object, self.project.method_around(f)) {
            let life = self.life_of_thing(&self.project.place(object));
            self.relocate(&mut stream, at, owner, &life);
        }
        (!stream.sources.is_empty()).then_some(stream)
    }

    /// Lives of an owner's parts, seen from who has the owner at hand.
    fn relocate(&self, stream: &mut Stream, at: Ref, owner: OwnerId, life: &Life) {
        for source in &mut stream.sources {
            if matches!(source.life, Life::Instance(o) if self.project.is_related(o, owner)) {
                source.life = life.clone();
            }
            source.at = at;
        }
    }

    /// Whether an owner ends a subject of its own while it goes on itself.
    fn is_completed_early(&self, owner: OwnerId, subject: &str) -> bool {
        let (teardowns, _) = self.teardowns(owner);
        let is_subject = |o: OwnerId, call: &NodeId| {
            let Node::Call { callee, .. } = self.project.facts(o.file).node(*call) else {
                return None;
            };
            let Node::Member { object, .. } = self.project.facts(o.file).node(callee) else {
                return None;
            };
            let node = object;
            let place = self.project.place(Ref { file: o.file, node });
            let is_it = matches!(place.root, Root::This(x) if self.project.is_related(x, owner))
                && place.path == [Key::Name(subject.into())];
            is_it.then(|| self.project.function_at(Ref { file: o.file, node }))
        };
        self.project.lineage(owner).into_iter().any(|o| {
            let ends = &self.project.tables.conventions.ends_stream;
            ends.iter()
                .flat_map(|name| self.project.calls_named(o.file, name))
                .filter_map(|c| is_subject(o, c))
                .any(|f| !teardowns.contains(&f))
        })
    }

    fn stream_at_place(&self, at: Ref, walk: Walk<'_>) -> Option<Stream> {
        let place = self.project.place(at);
        if let (Some(parent), Some(name)) = (place.parent(), place.last())
            && let Some(owner) = self.owner_at(&parent, 0)
            && let Some(found) = self.stream_of_member(at, owner, name, &parent, walk)
        {
            return Some(found);
        }
        if !matches!(place.root, Root::This(_)) {
            let defs = self.project.definitions(&place);
            let is_param = matches!(place.root, Root::Binding(file, b)
                if self.project.facts(file).binding(b).kind == BindingKind::Param);
            if !is_param && let Some(mut found) = self.union(self.defined(&defs, at).map(|d| self.stream_at(d, walk))) {
                let life = self.project.life_of(&place);
                for source in &mut found.sources {
                    if matches!(source.life, Life::Call(_)) {
                        source.life = life.clone();
                    }
                    source.at = if source.at.file == at.file { source.at } else { at };
                }
                return Some(found);
            }
        }
        self.stream_by_type(at, self.life_of_thing(&place))
    }

    /// Definitions that say something.
    fn defined<'d>(&'d self, defs: &'d [Ref], at: Ref) -> impl Iterator<Item = Ref> + 'd {
        defs.iter()
            .copied()
            .filter(move |&d| d != at && !self.project.node(d).is_absent())
    }

    /// A field or getter of an object of the project's class.
    fn stream_of_member(&self, at: Ref, owner: OwnerId, name: &str, parent: &Place, walk: Walk<'_>) -> Option<Stream> {
        let life = self.life_of_thing(parent);
        let member = self.project.member(owner, name);
        let mut stream = match member {
            Some((o, m)) if m.kind == MemberKind::Getter => {
                let function = m.function?;
                self.results(Func { file: o.file, function }, walk)?
            }
            Some((_, m)) if m.function.is_some() => return None,
            _ => {
                let defs = self.project.field_definitions(owner, name);
                let mut found = self.union(self.defined(&defs, at).map(|d| self.stream_at(d, walk)))?;
                let early = self.is_completed_early(owner, name);
                for source in found.sources.iter_mut().filter(|s| matches!(s.life, Life::Call(_))) {
                    source.life = life.clone();
                    if early {
                        source.guards.push(Guard::Unknown(at));
                    }
                }
                found
            }
        };
        self.relocate(&mut stream, at, owner, &life);
        Some(stream)
    }
}
