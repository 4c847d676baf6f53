//! Helpers: the project's own functions that acquire for whoever calls them.
//!
//! `on(element, type, handler)` registers its argument, `startPolling()` gives back what ends it. The acquisition
//! belongs to the caller, who alone knows how often it happens and when it should end; the call is judged there, and
//! the one inside the helper is the caller's.

mod activation;
mod release;
mod swept;
mod switched;

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{CallKind, FunctionId, Node};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::survey::Called;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{FileId, Func, Place, Ref, Root};
use crate::tables::{Base, Param};

pub(in crate::lifetime) use release::{ReleaseHelper, ReleaseSeed};

/// Through how many helpers an acquisition is followed to its callers.
const MAX_ROUNDS: usize = 3;

/// Through how many expressions a value is followed back to a parameter.
const MAX_BACK: u32 = 6;

/// Where a helper gets something from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Slot {
    /// Nowhere, or from code that is not followed.
    None,
    /// From its caller.
    Param(usize),
    /// From the object whose method it is.
    This,
    /// It is the same for all callers.
    Fixed(Ref),
}

/// What a helper gives back to end what it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Undo {
    /// Nothing.
    No,
    /// A function to call.
    Call,
    /// An object with such methods.
    Methods(Vec<String>),
    /// The handle itself.
    Handle,
}

/// What a handle is of what a helper gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Part {
    /// All of it.
    Whole,
    /// A part of such a name.
    Named(Box<str>),
    /// Somewhere in it.
    Inside,
}

/// A function that acquires for its caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Helper {
    func: Func,
    inner: Acquisition,
    target: Slot,
    key: Slot,
    pub(in crate::lifetime) handler: Slot,
    options: Slot,
    pub(in crate::lifetime) undo: Undo,
    part: Part,
    /// Whether it gives back what the registration inside gives.
    gives_result: bool,
    switch: Option<switched::Switch>,
    sweeps: Vec<swept::Sweep>,
}

impl Helper {
    /// The acquisition inside it.
    pub(in crate::lifetime) fn inner(&self) -> Ref {
        self.inner.at
    }

    /// Whether it gives back what a registration gives of which nobody knows what that is.
    pub(in crate::lifetime) fn gives_unknown_result(&self) -> bool {
        self.gives_result && self.undo == Undo::No
    }

    /// What the handle is of what it gives back to end what it began.
    pub(in crate::lifetime) fn part(&self) -> &Part {
        match self.undo {
            Undo::Handle => &self.part,
            _ => &Part::Whole,
        }
    }
}

/// The helpers of a project, by the names they are called by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::lifetime) struct Helpers {
    by_name: FxHashMap<Box<str>, Vec<Arc<Helper>>>,
    inner: FxHashSet<Ref>,
    releases: FxHashMap<Box<str>, Vec<ReleaseHelper>>,
}

impl Helpers {
    /// What releases for its caller.
    pub(in crate::lifetime) fn releases(&self) -> &FxHashMap<Box<str>, Vec<ReleaseHelper>> {
        &self.releases
    }

    /// The names that acquire for their caller.
    pub(in crate::lifetime) fn names(&self) -> FxHashSet<Box<str>> {
        self.by_name.keys().cloned().collect()
    }

    /// Whether an acquisition belongs to the callers of its function.
    pub(in crate::lifetime) fn owns(&self, at: Ref) -> bool {
        self.inner.contains(&at)
    }

    /// Learns helpers, and those that calls of theirs make of the functions around them, round by round. `learn` tells
    /// the names that are new with a helper; `ask` is asked of the calls of these names.
    fn learn_in_rounds<H: Send, A: IntoIterator<Item = H>>(
        &mut self,
        mut found: Vec<H>,
        called: &[Arc<Called>],
        learn: impl Fn(&mut Self, H, &mut FxHashSet<Box<str>>),
        ask: impl Fn(&Self, Ref) -> A + Sync,
    ) {
        for round in 0..MAX_ROUNDS {
            let mut names: FxHashSet<Box<str>> = FxHashSet::default();
            for helper in found {
                learn(self, helper, &mut names);
            }
            if names.is_empty() || round + 1 == MAX_ROUNDS {
                break;
            }
            let known = &*self;
            let of_file = |(i, called): (usize, &Arc<Called>)| {
                let calls = called.calls(FileId(i as u32), &names);
                calls.flat_map(|call| ask(known, call)).collect::<Vec<_>>()
            };
            found = called.par_iter().enumerate().flat_map_iter(of_file).collect();
        }
    }
}

/// Through how many functions a call is followed that gives back what another one gives.
const MAX_TURNS: u32 = 4;

impl Judge<'_> {
    /// The helpers of the project. `around` are those of each file's own acquisitions.
    pub(in crate::lifetime) fn find_helpers(&self, around: Vec<Arc<Vec<Helper>>>, called: &[Arc<Called>]) -> Helpers {
        let mut helpers = Helpers {
            releases: self.survey.helpers.releases.clone(),
            ..Helpers::default()
        };
        let found: Vec<Helper> = around.iter().flat_map(|of_file| of_file.iter().cloned()).collect();
        let learn = |helpers: &mut Helpers, helper: Helper, names: &mut FxHashSet<Box<str>>| {
            helpers.inner.insert(helper.inner.at);
            for name in self.names_of(helper.func) {
                let known = helpers.by_name.entry(name.clone()).or_default();
                if !known.iter().any(|h| h.func == helper.func) {
                    known.push(Arc::new(helper.clone()));
                    names.insert(name);
                }
            }
        };
        let ask = |helpers: &Helpers, call| self.helper_around(&self.acquired_through(helpers, call)?);
        helpers.learn_in_rounds(found, called, learn, ask);
        helpers
    }

    pub(in crate::lifetime) fn all_files(&self) -> Vec<FileId> {
        (0..self.project.files.len()).map(|i| FileId(i as u32)).collect()
    }

    pub(in crate::lifetime) fn name_called(&self, call: Ref) -> Option<Cow<'_, str>> {
        let Node::Call { callee, .. } = self.project.node(call) else {
            return None;
        };
        let callee = Ref {
            file: call.file,
            node: callee,
        };
        self.project.import_aware_last(callee)
    }

    /// The helper an acquisition makes of the function around it.
    pub(in crate::lifetime) fn helper_around(&self, a: &Acquisition) -> Option<Helper> {
        let Kind::Pair {
            row,
            target,
            key,
            handler,
            options,
            via,
            ..
        } = &a.kind
        else {
            return None;
        };
        let table = &self.project.tables.pairs[*row];
        // Of what ends by itself, only one that hands all on is the same for its callers: `return setTimeout(f, ms)`.
        let is_handed_on = || target.is_none() && handler.is_some_and(|h| self.is_own_parameter(h));
        if table.one_shot && !is_handed_on() {
            return None;
        }
        let f = self.activation(self.project.function_at(a.at));
        if f.function == FunctionId::MODULE || self.is_not_callable(f) {
            return None;
        }
        let flow = self.flow_from(a, table);
        let mut releases = self.releases_of(a, &flow);
        self.mark_nulled(a, &mut releases);
        let right: Vec<Func> = releases
            .iter()
            .filter(|r| r.wrong.is_none() && !self.is_of_failure(a.at, r.at))
            .map(|r| self.project.function_at(r.at))
            .collect();
        let gives_back = flow.returned.contains(&f);
        // What a helper gives back, and this one after it, is ended as the first one says.
        let handed_on = via.as_ref().map(|h| &h.undo).filter(|_| gives_back);
        let undo = match handed_on {
            Some(undo @ (Undo::Call | Undo::Methods(_))) => undo.clone(),
            _ if gives_back && table.is_released_by_result() => Undo::Handle,
            _ if gives_back && self.gives_undo_in_turn(a.at, 0) => Undo::Call,
            _ => self.undo_of(f, *row, &right),
        };
        let spread = |p: &Param| self.handed_on_whole(f, a.at, *row, p);
        let of_rest = spread(&Param::Handler);
        let mut handler_slot = of_rest.unwrap_or_else(|| handler.map_or(Slot::None, |h| self.handler_slot(f, h)));
        let is_exact = of_rest.is_some() || handler.is_some_and(|h| self.param_of(f, h).is_some());
        if !is_exact && undo == Undo::No && handler.is_some_and(|h| self.takes_itself_off(h, releases.clone())) {
            // What it registers is its own, and takes itself off.
            return None;
        }
        if !is_exact && undo == Undo::No && !self.is_paired(f, *row) {
            // What it registers is its own; nobody else can take it off.
            handler_slot = Slot::None;
        }
        if table.one_shot && undo != Undo::Handle {
            return None;
        }
        if undo == Undo::Handle && self.is_kept(&flow) || self.is_run_by_event(f, &undo) {
            return None;
        }
        if undo == Undo::Call && self.is_own_end(*handler, &releases) {
            // Its first event takes it off, whether or not somebody does so before.
            return None;
        }
        let switch = self.switch_of(f, a);
        if !right.is_empty() && switch.is_none() && matches!(undo, Undo::No | Undo::Handle) {
            // Some other code of the helper's own ends it.
            return None;
        }
        if handler_slot == Slot::None && undo == Undo::No {
            return None;
        }
        if undo != Undo::No && !matches!(handler_slot, Slot::Param(_)) {
            handler_slot = Slot::None;
        }
        let target_slot = match target {
            None => Slot::None,
            Some(t) => self.target_slot(f, *t)?,
        };
        let loose = |at: &Option<Ref>| match at {
            None => Slot::None,
            Some(at) => match self.param_behind(f, *at, true, 0) {
                Some(i) => Slot::Param(i),
                None if self.project.constant_text(*at, 0).is_some() => Slot::Fixed(*at),
                None => Slot::None,
            },
        };
        let options = match (spread(&Param::Options), options) {
            (Some(slot), _) => slot,
            (None, Some(o)) => match loose(&Some(*o)) {
                Slot::None => Slot::Fixed(*o),
                known => known,
            },
            (None, None) => Slot::None,
        };
        Some(Helper {
            func: f,
            inner: a.clone(),
            target: target_slot,
            key: spread(&Param::Key).unwrap_or_else(|| loose(key)),
            handler: handler_slot,
            options,
            undo,
            part: self.part_given_back(f, a.at, &flow),
            gives_result: gives_back,
            switch,
            sweeps: self.sweeps_of(f, a),
        })
    }

    /// Whether a release stands in a function that rejects the promise in whose making something is acquired: nobody gets
    /// the handle then.
    fn is_of_failure(&self, acquired: Ref, release: Ref) -> bool {
        let Some(promise) = self.promise_around(acquired) else {
            return false;
        };
        let executor = self.project.argument(promise, 0);
        let Some(f) = executor.and_then(|e| self.project.function_value(e, 0)) else {
            return false;
        };
        let facts = self.project.facts(f.file);
        let Some(Node::Binding(reject)) = facts.item(facts.function(f.function).params, 1).map(|p| facts.node(p))
        else {
            return false;
        };
        let g = self.project.function_at(release);
        let mut calls = facts
            .references_of(reject)
            .filter(|&node| facts.call_through(node).is_some());
        g.file == f.file && calls.any(|node| facts.enclosing_function(node) == g.function)
    }

    /// Whether a handler takes itself off, perhaps at one event of several.
    fn takes_itself_off(&self, handler: Ref, mut releases: Vec<Release>) -> bool {
        let Some(f) = self.project.function_value(handler, 0) else {
            return false;
        };
        self.releases_in_handler(handler, &mut releases);
        releases
            .iter()
            .any(|r| r.wrong.is_none() && self.project.function_at(r.at) == f)
    }

    /// Whether a handler takes itself off whenever it runs.
    fn is_own_end(&self, handler: Option<Ref>, releases: &[Release]) -> bool {
        let Some(f) = handler.and_then(|h| self.project.function_value(h, 0)) else {
            return false;
        };
        let mut right = releases.iter().filter(|r| r.wrong.is_none());
        right.any(|r| self.project.function_at(r.at) == f && !self.is_conditional(r.at) && !self.has_early_exit(r.at))
    }

    /// Whether a function is a parameter of the code that hands it on, as it is.
    fn is_own_parameter(&self, handler: Ref) -> bool {
        let f = self.project.function_at(handler);
        self.param_of(f, handler).is_some()
    }

    /// Whether a value is held by more than the activation that made it.
    fn is_kept(&self, flow: &Flow) -> bool {
        let outlives = |p: &Place| match p.root {
            Root::Binding(file, b) => {
                !p.path.is_empty() || self.project.facts(file).binding(b).function == FunctionId::MODULE
            }
            _ => true,
        };
        !flow.collections.is_empty() || flow.places.iter().any(outlives)
    }

    /// Whether the file of a function also has one that releases what its callers hand it.
    fn is_paired(&self, f: Func, row: usize) -> bool {
        self.project.tables.releases[row].iter().any(|pattern| {
            matches!(pattern.base, Base::Method(_))
                && pattern.position(&Param::Handler).is_some()
                && self.project.calls_named(f.file, pattern.last()).iter().any(|&node| {
                    let call = Ref { file: f.file, node };
                    self.project.function_at(call) != f && self.release_helper_around(row, pattern, call).is_some()
                })
        })
    }

    /// `target.removeEventListener.bind(target, type, listener)`: the release with all that it needs.
    fn is_bound_release(&self, value: Ref, row: usize) -> bool {
        let facts = self.project.facts(value.file);
        let Node::Call { callee, args, .. } = facts.node(value.node) else {
            return false;
        };
        let Node::Member { object, property, .. } = facts.node(callee) else {
            return false;
        };
        let Node::Member { property: method, .. } = facts.node(object) else {
            return false;
        };
        facts.name(property) == "bind"
            && facts.list(args).len() > 1
            && self.project.tables.releases[row]
                .iter()
                .any(|p| matches!(p.base, Base::Method(_)) && p.last() == facts.name(method))
    }

    /// What a handle is of what a function gives back.
    fn part_given_back(&self, f: Func, acquired: Ref, flow: &Flow) -> Part {
        let is_handle = |value: Ref| value == acquired || flow.places.contains(&self.project.place(value));
        let given = self.project.returned_values(f);
        if given.iter().any(|value| is_handle(*value)) {
            return Part::Whole;
        }
        let objects = given
            .iter()
            .filter(|value| matches!(self.project.node(**value), Node::Object(_)));
        let named = objects.clone().find_map(|object| {
            let Node::Object(list) = self.project.node(*object) else {
                return None;
            };
            let facts = self.project.facts(object.file);
            facts.list(list).find_map(|property| match facts.node(property) {
                Node::Property { key, value, .. } if is_handle(Ref { node: value, ..*object }) => facts.string(key),
                _ => None,
            })
        });
        match named {
            Some(name) => Part::Named(name.into()),
            None if objects.count() > 0 => Part::Inside,
            None => Part::Whole,
        }
    }

    /// Whether a call of the project's own function gives back a function, as that one does or the next that it calls for
    /// it: `on(event, f) { return this.emitter.on(event, f); }`.
    fn gives_undo_in_turn(&self, call: Ref, depth: u32) -> bool {
        let Some(f) = self.project.called_function(call).filter(|_| depth < MAX_TURNS) else {
            return false;
        };
        let gives = |value: &Ref| match self.project.node(*value) {
            Node::Function(_) => true,
            Node::Call { .. } => self.gives_undo_in_turn(*value, depth + 1),
            _ => false,
        };
        let given = self.project.returned_values(f);
        !given.is_empty() && given.iter().all(gives)
    }

    /// What a function gives back that reaches all these releases.
    fn undo_of(&self, f: Func, row: usize, right: &[Func]) -> Undo {
        if self
            .project
            .returned_values(f)
            .into_iter()
            .any(|v| self.is_bound_release(v, row))
        {
            return Undo::Call;
        }
        if right.is_empty() {
            return Undo::No;
        }
        let all = |g: Func| {
            let reach = self.project.reach(&[g]);
            right.iter().all(|r| reach.contains(r))
        };
        for value in self.project.returned_values(f) {
            if let Some(g) = self.project.function_value(value, 0)
                && g != f
            {
                if all(g) {
                    return Undo::Call;
                }
                continue;
            }
            let object = self.project.value_of_place(&self.project.place(value)).unwrap_or(value);
            let Node::Object(list) = self.project.node(object) else {
                continue;
            };
            let facts = self.project.facts(object.file);
            let mut methods = Vec::new();
            for property in facts.list(list) {
                if let Node::Property { key, value, .. } = facts.node(property)
                    && let Some(name) = facts.string(key)
                    && let Some(g) = self.project.function_value(
                        Ref {
                            file: object.file,
                            node: value,
                        },
                        0,
                    )
                    && all(g)
                {
                    methods.push(name.to_owned());
                }
            }
            if !methods.is_empty() {
                return Undo::Methods(methods);
            }
        }
        Undo::No
    }

    /// What a call acquires because of the helper it runs.
    pub(in crate::lifetime) fn acquired_through(&self, helpers: &Helpers, call: Ref) -> Option<Acquisition> {
        let Node::Call {
            callee,
            args,
            kind: CallKind::Call,
        } = self.project.node(call)
        else {
            return None;
        };
        if helpers.by_name.is_empty() {
            return None;
        }
        let list = helpers.by_name.get(&*self.name_called(call)?)?;
        let f = self.project.called_function(call)?;
        let helper = list.iter().find(|h| h.func == f)?;
        if helper.switch.is_some_and(|switch| !self.switches_on(call, switch)) {
            return None;
        }
        let facts = self.project.facts(call.file);
        if facts.list(args).any(|a| matches!(facts.node(a), Node::Spread(_))) || self.project.function_at(call) == f {
            return None;
        }
        let at = |i| facts.item(args, i).map(|node| Ref { file: call.file, node });
        let from = |slot: Slot| match slot {
            Slot::None | Slot::This => None,
            Slot::Param(i) => at(i),
            Slot::Fixed(at) => Some(at),
        };
        let Kind::Pair {
            row,
            target: inner_target,
            typed,
            ..
        } = &helper.inner.kind
        else {
            return None;
        };
        let target = match helper.target {
            Slot::This => match facts.node(callee) {
                Node::Member { object, .. } if !matches!(facts.node(object), Node::This | Node::Super) => Some(Ref {
                    file: call.file,
                    node: object,
                }),
                _ => *inner_target,
            },
            slot @ Slot::Param(_) => Some(from(slot)?),
            slot => from(slot),
        };
        let typed = *typed || target.is_some_and(|t| self.project.type_of(t).is_some());
        let handler = from(helper.handler);
        if matches!(helper.handler, Slot::Param(_)) && handler.is_none() {
            return None;
        }
        if self.project.tables.pairs[*row].own_signal && !handler.is_some_and(|h| self.may_be_kept_function(h)) {
            return None;
        }
        Some(Acquisition {
            rule: helper.inner.rule.clone(),
            what: helper.inner.what.clone(),
            at: call,
            kind: Kind::Pair {
                row: *row,
                target,
                key: from(helper.key),
                handler,
                options: from(helper.options),
                delay: None,
                typed,
                via: Some(helper.clone()),
            },
        })
    }

    /// Which argument of a function a call inside it gets at a position from `...rest`.
    pub(in crate::lifetime) fn slot_of_rest(&self, f: Func, call: Ref, position: usize) -> Option<Slot> {
        let (_, args) = self.callee_of(call)?;
        args.iter().take(position + 1).enumerate().find_map(|(i, &arg)| {
            let Node::Spread(rest) = self.project.node(arg) else {
                return None;
            };
            let first = self.param_of(f, Ref { node: rest, ..arg })?;
            let facts = self.project.facts(f.file);
            let is_rest = matches!(
                facts.node(facts.item(facts.function(f.function).params, first)?),
                Node::Rest(_)
            );
            is_rest.then_some(Slot::Param(first + position - i))
        })
    }

    /// Which argument of a helper its acquisition gets as part of `...rest`.
    fn handed_on_whole(&self, f: Func, acquired: Ref, row: usize, wanted: &Param) -> Option<Slot> {
        let (callee, _) = self.callee_of(acquired)?;
        let name = self.project.last_name(callee)?;
        let entries = self.project.tables.acquisitions(name).iter().filter(|e| e.row == row);
        let position = entries.filter_map(|e| e.pattern.position(wanted)).next()?;
        self.slot_of_rest(f, acquired, position)
    }
}
