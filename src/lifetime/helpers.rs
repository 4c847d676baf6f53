//! Helpers: the project's own functions that acquire for whoever calls them.
//!
//! `on(element, type, handler)` registers its argument, `startPolling()` gives back what ends it. The acquisition
//! belongs to the caller, who alone knows how often it happens and when it should end; the call is judged there, and
//! the one inside the helper is the caller's.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::flow::Flow;
use super::releases::Release;
use super::survey::Called;
use super::{Acquisition, Judge, Kind};
use crate::facts::{BindingId, BindingKind, CallKind, FunctionId, Node};
use crate::finding::Cause;
use crate::link::{FileId, Func, Key, Life, Place, Ref, Root, Use};
use crate::tables::{Base, CallPattern, Every, Param};

/// Through how many helpers an acquisition is followed to its callers.
const MAX_ROUNDS: usize = 3;

/// Through how many expressions a value is followed back to a parameter.
const MAX_BACK: u32 = 6;

/// Where a helper gets something from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
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
pub(super) enum Undo {
    /// Nothing.
    No,
    /// A function to call.
    Call,
    /// An object with such methods.
    Methods(Vec<String>),
    /// The handle itself.
    Handle,
}

/// A function that acquires for its caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Helper {
    func: Func,
    inner: Acquisition,
    target: Slot,
    key: Slot,
    pub(super) handler: Slot,
    options: Slot,
    pub(super) undo: Undo,
}

impl Helper {
    /// The acquisition inside it.
    pub(super) fn inner(&self) -> Ref {
        self.inner.at
    }
}

/// A function that releases for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReleaseHelper {
    func: Func,
    row: usize,
    target: Slot,
    key: Slot,
    handler: Slot,
}

/// A function that releases by a call of the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReleaseSeed {
    row: usize,
    index: usize,
    helper: ReleaseHelper,
}

/// The helpers of a project, by the names they are called by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Helpers {
    by_name: FxHashMap<Box<str>, Vec<Arc<Helper>>>,
    inner: FxHashSet<Ref>,
    releases: FxHashMap<Box<str>, Vec<ReleaseHelper>>,
}

impl Helpers {
    /// What releases for its caller.
    pub(super) fn releases(&self) -> &FxHashMap<Box<str>, Vec<ReleaseHelper>> {
        &self.releases
    }

    /// The names that acquire for their caller.
    pub(super) fn names(&self) -> FxHashSet<Box<str>> {
        self.by_name.keys().cloned().collect()
    }

    /// Whether an acquisition belongs to the callers of its function.
    pub(super) fn owns(&self, at: Ref) -> bool {
        self.inner.contains(&at)
    }
}

impl Judge<'_> {
    /// The helpers of the project. `around` are those of each file's own acquisitions.
    pub(super) fn find_helpers(&self, around: Vec<Arc<Vec<Helper>>>, called: &[Arc<Called>]) -> Helpers {
        let mut helpers = Helpers {
            releases: self.survey.helpers.releases.clone(),
            ..Helpers::default()
        };
        let mut found: Vec<Helper> = around.iter().flat_map(|of_file| of_file.iter().cloned()).collect();
        for round in 0..MAX_ROUNDS {
            let mut names: FxHashSet<Box<str>> = FxHashSet::default();
            for helper in found {
                helpers.inner.insert(helper.inner.at);
                for name in self.names_of(helper.func) {
                    let known = helpers.by_name.entry(name.clone()).or_default();
                    if !known.iter().any(|h| h.func == helper.func) {
                        known.push(Arc::new(helper.clone()));
                        names.insert(name);
                    }
                }
            }
            if names.is_empty() || round + 1 == MAX_ROUNDS {
                break;
            }
            found = called
                .par_iter()
                .enumerate()
                .flat_map_iter(|(i, called)| {
                    let acquired = called.calls(FileId(i as u32), &names);
                    let acquired = acquired.filter_map(|call| self.acquired_through(&helpers, call));
                    acquired.filter_map(|a| self.helper_around(&a)).collect::<Vec<_>>()
                })
                .collect();
        }
        helpers
    }

    pub(super) fn all_files(&self) -> Vec<FileId> {
        (0..self.project.files.len()).map(|i| FileId(i as u32)).collect()
    }

    pub(super) fn name_called(&self, call: Ref) -> Option<Box<str>> {
        let Node::Call { callee, .. } = self.project.node(call) else {
            return None;
        };
        let callee = Ref {
            file: call.file,
            node: callee,
        };
        self.project.import_aware_last(callee)
    }

    /// The names a function is called by: its own, and those it is exported under.
    fn names_of(&self, f: Func) -> Vec<Box<str>> {
        let facts = self.project.facts(f.file);
        let function = facts.function(f.function);
        let mut names: Vec<Box<str>> = function.name.map(|n| facts.name(n).into()).into_iter().collect();
        names.extend(self.chosen_as(f).map(|b| facts.name(facts.binding(b).name).into()));
        if let Some((_, name, method)) = self.project.method_around(f)
            && method == f
        {
            names.push(name.into());
        }
        for export in &facts.exports {
            let is_it = match export.value {
                crate::facts::ExportValue::Binding(b) => facts.binding(b).init == Some(function.node),
                crate::facts::ExportValue::Node(n) => n == function.node,
                crate::facts::ExportValue::From { .. } => false,
            };
            if is_it {
                names.push(facts.name(export.name).into());
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The helper an acquisition makes of the function around it.
    pub(super) fn helper_around(&self, a: &Acquisition) -> Option<Helper> {
        let Kind::Pair {
            row,
            target,
            key,
            handler,
            options,
            ..
        } = &a.kind
        else {
            return None;
        };
        let table = &self.project.tables.pairs[*row];
        if table.one_shot {
            return None;
        }
        let f = self.activation(self.project.function_at(a.at));
        if f.function == FunctionId::MODULE || self.is_not_callable(f) {
            return None;
        }
        let flow = self.flow(a.at);
        let releases = self.releases_of(a, &flow);
        let right: Vec<Func> = releases
            .iter()
            .filter(|r| r.wrong.is_none())
            .map(|r| self.project.function_at(r.at))
            .collect();
        let undo = if flow.returned.contains(&f) && !table.release_is_on_target() {
            Undo::Handle
        } else {
            self.undo_of(f, &right)
        };
        let mut handler_slot = handler.map_or(Slot::None, |h| self.handler_slot(f, h));
        let is_exact = handler.is_some_and(|h| self.param_of(f, h).is_some());
        if !is_exact && undo == Undo::No && !self.is_paired(f, *row) {
            // What it registers is its own; nobody else can take it off.
            handler_slot = Slot::None;
        }
        if undo == Undo::Handle && self.is_kept(&flow) {
            return None;
        }
        if !right.is_empty() && matches!(undo, Undo::No | Undo::Handle) {
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
        let options = match options {
            Some(o) => match loose(&Some(*o)) {
                Slot::None => Slot::Fixed(*o),
                known => known,
            },
            None => Slot::None,
        };
        Some(Helper {
            func: f,
            inner: a.clone(),
            target: target_slot,
            key: loose(key),
            handler: handler_slot,
            options,
            undo,
        })
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

    /// The function whose activation a callback that runs at once is part of.
    fn activation(&self, f: Func) -> Func {
        let known = &self.survey.activations;
        let ask = || self.project.remembered(known, f, || self.find_activation(f));
        known.get(&f).unwrap_or_else(ask)
    }

    fn find_activation(&self, f: Func) -> Func {
        let mut at = f;
        for _ in 0..3 {
            let at_once = self.project.uses(at).iter().any(|u| {
                matches!(u, Use::Passed { call, arg } if self.project.context_of(*call, *arg).is_some_and(|(row, param)| {
                    param == Param::Handler && self.project.tables.contexts[row].every == Every::Call
                }))
            });
            let Some(parent) = self.project.function(at).parent.filter(|_| at_once) else {
                return at;
            };
            at.function = parent;
        }
        at
    }

    /// Functions that no caller of the project names: constructors, life-cycle methods, components, callbacks.
    fn is_not_callable(&self, f: Func) -> bool {
        let function = self.project.function(f);
        if function.flags.has_jsx {
            return true;
        }
        match self.project.method_around(f) {
            Some((owner, name, method)) if method == f => {
                name == "constructor"
                    || self
                        .project
                        .lifecycle(owner)
                        .is_some_and(|c| c.phase(name) != crate::link::Phase::Other)
            }
            _ => function.name.is_none() && self.chosen_as(f).is_none(),
        }
    }

    /// The variable that holds what a function called on the spot gives back: `const on = (() => { return f; })()`.
    fn chosen_as(&self, f: Func) -> Option<BindingId> {
        let facts = self.project.facts(f.file);
        let chooser = facts.function(f.function).parent.filter(|p| *p != FunctionId::MODULE)?;
        let node = facts.function(chooser).node;
        let call = facts.parent(node);
        let Node::Call { callee, .. } = facts.node(call) else {
            return None;
        };
        let Node::Declare { target, .. } = facts.node(facts.parent(call)) else {
            return None;
        };
        match facts.node(target) {
            Node::Binding(b) if callee == node => Some(b),
            _ => None,
        }
    }

    /// Which parameter of a function a name is.
    fn param_of(&self, f: Func, at: Ref) -> Option<usize> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let binding = self.project.facts(at.file).binding(b);
        if at.file != f.file || binding.kind != BindingKind::Param || binding.function != f.function {
            return None;
        }
        self.project.param_position(at.file, b).map(|(_, i)| i)
    }

    /// The parameter a handler is, or calls.
    fn handler_slot(&self, f: Func, at: Ref) -> Slot {
        if let Some(i) = self.param_of(f, at) {
            return Slot::Param(i);
        }
        let Some(inner) = self.project.function_value(at, 0) else {
            // One of several wrappers, by the kind of event.
            let definitions = self.project.definitions(&self.project.place(at));
            let mut wrappers = definitions
                .into_iter()
                .filter(|d| matches!(self.project.node(*d), Node::Function(_)))
                .map(|d| self.handler_slot(f, d));
            return wrappers.find(|s| *s != Slot::None).unwrap_or(Slot::None);
        };
        let facts = self.project.facts(f.file);
        if inner.file != f.file || inner == f || !facts.is_nested(inner.function, f.function) {
            return Slot::None;
        }
        // `e => handler.call(context, e)`.
        let captures = &facts.function(inner.function).captures;
        for &b in captures {
            let binding = facts.binding(b);
            if binding.kind != BindingKind::Param || binding.function != f.function {
                continue;
            }
            let is_called = facts.references_of(b).any(|node| {
                let up = facts.parent(node);
                let callee = match facts.node(up) {
                    Node::Member { object, property, .. }
                        if object == node && matches!(facts.name(property), "call" | "apply") =>
                    {
                        up
                    }
                    _ => node,
                };
                matches!(facts.node(facts.parent(callee)), Node::Call { callee: c, .. } if c == callee)
                    && facts.enclosing_function(node) == inner.function
            });
            if is_called && let Some((_, i)) = self.project.param_position(f.file, b) {
                return Slot::Param(i);
            }
        }
        Slot::None
    }

    /// Where a helper's target comes from. Nothing if it ends with the call.
    fn target_slot(&self, f: Func, at: Ref) -> Option<Slot> {
        if let Some(i) = self.param_behind(f, at, false, 0) {
            return Some(Slot::Param(i));
        }
        let place = self.project.place(at);
        match (&place.root, self.project.life_of(&place)) {
            (_, Life::Process) => Some(Slot::Fixed(at)),
            (Root::This(_), _) => Some(Slot::This),
            _ => None,
        }
    }

    /// The parameter a value is, or is a part of; with `made`, also one that a call made it from.
    fn param_behind(&self, f: Func, at: Ref, made: bool, depth: u32) -> Option<usize> {
        if depth > MAX_BACK {
            return None;
        }
        if let Some(i) = self.param_of(f, at) {
            return Some(i);
        }
        let facts = self.project.facts(at.file);
        let inner = |node| self.param_behind(f, Ref { file: at.file, node }, made, depth + 1);
        match facts.node(at.node) {
            Node::Binding(b) => {
                let place = Place::root(Root::Binding(at.file, b));
                let definitions = self.project.definitions(&place);
                definitions
                    .into_iter()
                    .find_map(|d| self.param_behind(f, d, made, depth + 1))
            }
            Node::Member { object, .. } | Node::Index { object, .. } => inner(object),
            Node::Logical { left, right, .. } => inner(left).or_else(|| inner(right)),
            Node::Conditional { yes, no, .. } => inner(yes).or_else(|| inner(no)),
            Node::Call {
                args,
                kind: CallKind::Call,
                ..
            } if made => facts.list(args).find_map(inner),
            _ => None,
        }
    }

    /// What a function gives back that reaches all these releases.
    fn undo_of(&self, f: Func, right: &[Func]) -> Undo {
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
    pub(super) fn acquired_through(&self, helpers: &Helpers, call: Ref) -> Option<Acquisition> {
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
        let list = helpers.by_name.get(&self.name_called(call)?)?;
        let f = self.project.called_function(call)?;
        let helper = list.iter().find(|h| h.func == f)?;
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

    /// The functions of a file that release what they are given by a call of the tables: with the row and the place
    /// of the pattern in it.
    pub(super) fn release_seeds(&self, file: FileId) -> Vec<ReleaseSeed> {
        let mut seeds: Vec<ReleaseSeed> = Vec::new();
        for (row, patterns) in self.project.tables.releases.iter().enumerate() {
            for (index, pattern) in patterns.iter().enumerate() {
                if !matches!(pattern.base, Base::Method(_)) || pattern.position(&Param::Handler).is_none() {
                    continue;
                }
                for &node in self.project.calls_named(file, pattern.last()) {
                    let helper = self.release_helper_around(row, pattern, Ref { file, node });
                    seeds.extend(helper.map(|helper| ReleaseSeed { row, index, helper }));
                }
            }
        }
        seeds
    }

    /// Functions that release what they are given, of the kinds that the files acquire.
    pub(super) fn find_release_helpers(
        &self,
        direct: &[Arc<Vec<Acquisition>>],
        seeds: Vec<Arc<Vec<ReleaseSeed>>>,
        called: &[Arc<Called>],
    ) -> Helpers {
        let mut helpers = Helpers::default();
        let acquired = direct.iter().flat_map(|of_file| of_file.iter());
        let rows: FxHashSet<usize> = acquired
            .filter_map(|a| match a.kind {
                Kind::Pair { row, .. } => Some(row),
                _ => None,
            })
            .collect();
        let mut seeds: Vec<ReleaseSeed> = seeds.iter().flat_map(|of_file| of_file.iter().copied()).collect();
        seeds.retain(|seed| rows.contains(&seed.row));
        seeds.sort_by_key(|seed| (seed.row, seed.index));
        let mut found: Vec<ReleaseHelper> = seeds.into_iter().map(|seed| seed.helper).collect();
        for round in 0..MAX_ROUNDS {
            let mut names: FxHashSet<Box<str>> = FxHashSet::default();
            for helper in found {
                for name in self.names_of(helper.func) {
                    let known = helpers.releases.entry(name.clone()).or_default();
                    if !known.contains(&helper) {
                        known.push(helper);
                        names.insert(name);
                    }
                }
            }
            if names.is_empty() || round + 1 == MAX_ROUNDS {
                break;
            }
            found = called
                .par_iter()
                .enumerate()
                .flat_map_iter(|(i, called)| {
                    let calls = called.calls(FileId(i as u32), &names);
                    calls
                        .flat_map(|call| self.release_helper_of_call(&helpers, call))
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        helpers
    }

    fn release_slot(&self, f: Func, at: Option<&Ref>) -> Slot {
        match at {
            None => Slot::None,
            Some(&at) => match self.param_behind(f, at, true, 0) {
                Some(i) => Slot::Param(i),
                None if self.project.life_of(&self.project.place(at)) == Life::Process => Slot::Fixed(at),
                None if matches!(self.project.place(at).root, Root::This(_)) => Slot::This,
                None => Slot::None,
            },
        }
    }

    fn release_helper_around(&self, row: usize, pattern: &CallPattern, call: Ref) -> Option<ReleaseHelper> {
        let f = self.activation(self.project.function_at(call));
        if f.function == FunctionId::MODULE || self.is_not_callable(f) {
            return None;
        }
        let (callee, args) = self.callee_of(call)?;
        let target = match self.project.node(callee) {
            Node::Member { object, .. } => self.release_slot(
                f,
                Some(&Ref {
                    file: call.file,
                    node: object,
                }),
            ),
            _ => Slot::None,
        };
        let arg = |p: &Param| pattern.position(p).and_then(|i| args.get(i));
        let handler = match self.release_slot(f, arg(&Param::Handler)) {
            // Kept on the target itself.
            slot if slot == target => Slot::None,
            slot => slot,
        };
        if !matches!(handler, Slot::Param(_)) && !matches!(target, Slot::Param(_)) {
            return None;
        }
        Some(ReleaseHelper {
            func: f,
            row,
            target,
            key: self.release_slot(f, arg(&Param::Key)),
            handler,
        })
    }

    fn release_helper_of_call(&self, helpers: &Helpers, call: Ref) -> Vec<ReleaseHelper> {
        let outer = self.activation(self.project.function_at(call));
        let Some(list) = self.name_called(call).and_then(|n| helpers.releases.get(&n)) else {
            return Vec::new();
        };
        if outer.function == FunctionId::MODULE || self.is_not_callable(outer) {
            return Vec::new();
        }
        let Some(f) = self.project.called_function(call).filter(|f| *f != outer) else {
            return Vec::new();
        };
        let Some((_, args)) = self.callee_of(call) else {
            return Vec::new();
        };
        let through = |slot: Slot| match slot {
            Slot::Param(i) => self.release_slot(outer, args.get(i)),
            other => other,
        };
        list.iter()
            .filter(|h| h.func == f)
            .map(|h| ReleaseHelper {
                func: outer,
                row: h.row,
                target: through(h.target),
                key: through(h.key),
                handler: through(h.handler),
            })
            .filter(|h| matches!(h.handler, Slot::Param(_)) || matches!(h.target, Slot::Param(_)))
            .collect()
    }

    /// Calls that end what a helper began: its undo, and calls of the helper that undoes it.
    pub(super) fn releases_through(&self, a: &Acquisition, files: &[FileId], out: &mut Vec<Release>) {
        let Kind::Pair {
            row,
            target,
            key,
            handler,
            via,
            ..
        } = &a.kind
        else {
            return;
        };
        let helper = via.as_deref();
        let slots = helper.map_or((Slot::None, Slot::None, Slot::None), |h| (h.target, h.key, h.handler));
        let mut names: Vec<_> = self
            .survey
            .helpers
            .releases
            .iter()
            .filter(|(_, l)| l.iter().any(|h| h.row == *row))
            .map(|(n, _)| n)
            .collect();
        names.sort_unstable();
        let acquired = self.callee_of(a.at).map_or(0, |(_, args)| args.len());
        for name in names {
            for &file in files {
                for &node in self.project.calls_named(file, name) {
                    let call = Ref { file, node };
                    let Some(f) = self.project.called_function(call) else {
                        continue;
                    };
                    // A function that releases in several ways is read in the way that the helper registers.
                    let ways = self.survey.helpers.releases[name].iter();
                    let Some(release) = ways
                        .filter(|h| h.func == f && h.row == *row)
                        .max_by_key(|h| (h.handler == slots.2, h.key == slots.1, h.target == slots.0))
                    else {
                        continue;
                    };
                    let Some((callee, args)) = self.callee_of(call) else {
                        continue;
                    };
                    let given = |slot: Slot, other: Slot| match slot {
                        Slot::Param(i) => args.get(i).copied(),
                        Slot::Fixed(at) => Some(at),
                        // What it is made of is not followed: by its position.
                        Slot::None => match other {
                            Slot::Param(i) => args.get(i).copied(),
                            _ => None,
                        },
                        Slot::This => match self.project.node(callee) {
                            Node::Member { object, .. } => Some(Ref { file, node: object }),
                            _ => None,
                        },
                    };
                    let same_target = match (*target, given(release.target, slots.0)) {
                        (Some(a), Some(b)) => self.same_target(&self.project.place(a), &self.project.place(b)),
                        _ => true,
                    };
                    let same_key = match (*key, given(release.key, slots.1)) {
                        (Some(a), Some(b)) => self.may_be_same_key(a, b),
                        _ => true,
                    };
                    let compared = helper.is_some() || given(release.handler, slots.2).is_some();
                    if !same_target || !same_key || !compared || call == a.at {
                        continue;
                    }
                    let is_certain = match (*key, given(release.key, slots.1)) {
                        (Some(a), Some(b)) => self.project.same_key(a, b),
                        _ => helper.is_some(),
                    };
                    let wrong = match (*handler, given(release.handler, slots.2)) {
                        (Some(a), Some(b)) if !self.same_handler(a, b) && !is_certain => continue,
                        (Some(a), Some(b)) if !self.same_handler(a, b) => Some((
                            Cause::WrongHandler,
                            if matches!(self.project.node(b), Node::Function(_) | Node::Call { .. }) {
                                "this function is a new one; it was never added".to_owned()
                            } else {
                                format!("removes `{}`, which is another function", self.show(b))
                            },
                        )),
                        _ => helper.and_then(|h| self.missing_context(h, f, acquired, args.len())),
                    };
                    out.push(Release { at: call, wrong });
                }
            }
        }
    }

    /// An argument that both helpers take as part of the identity, given to the one and not to the other.
    fn missing_context(
        &self,
        helper: &Helper,
        release: Func,
        acquired: usize,
        given: usize,
    ) -> Option<(Cause, String)> {
        let Slot::Param(handler) = helper.handler else {
            return None;
        };
        let (a, b) = (self.project.function(helper.func), self.project.function(release));
        let (fa, fb) = (self.project.facts(helper.func.file), self.project.facts(release.file));
        let name = |facts: &crate::facts::FileFacts, list, i| {
            facts.item(list, i).and_then(|p| match facts.node(p) {
                Node::Binding(b) => Some((facts.name(facts.binding(b).name).to_owned(), b)),
                _ => None,
            })
        };
        let index = given;
        if index <= handler || acquired <= index || helper.options == Slot::Param(index) {
            return None;
        }
        let (x, _) = name(fa, a.params, index)?;
        let (y, binding) = name(fb, b.params, index)?;
        let is_used = fb.references_of(binding).nth(1).is_some();
        (x == y && is_used).then(|| {
            (
                Cause::WrongHandler,
                format!("is called without the `{x}` it was added with, so it names another listener"),
            )
        })
    }

    /// Calls of `handle.method()` for the methods that end what a helper gave back.
    pub(super) fn calls_of_undo(&self, file: FileId, methods: &[String], flow: &Flow, out: &mut Vec<Release>) {
        for method in methods {
            self.methods_of_handle(file, method, flow, out);
            // `const { stop } = start()`.
            for place in &flow.places {
                let mut part = place.clone();
                part.path.push(Key::Name(method.as_str().into()));
                for at in self.references_to(&part, &[file]) {
                    out.push(Release { at, wrong: None });
                }
            }
        }
    }
}
