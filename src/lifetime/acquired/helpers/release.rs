//! Functions that release for their callers, and the releases that calls of them are.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Helper, Helpers, Slot};
use crate::facts::{FunctionId, Node, NodeId};
use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::survey::Called;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{FileId, Func, Key, Life, Place, Ref, Root};
use crate::tables::{Base, CallPattern, Param};

/// A function that releases for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) struct ReleaseHelper {
    func: Func,
    row: usize,
    target: Slot,
    key: Slot,
    handler: Slot,
}

/// A function that releases by a call of the tables.
#[derive(Clone, Copy, Debug)]
pub(in crate::lifetime) struct ReleaseSeed {
    row: usize,
    index: usize,
    helper: ReleaseHelper,
}

impl Judge<'_> {
    /// The functions of a file that release what they are given by a call of the tables: with the row and the place
    /// of the pattern in it.
    pub(in crate::lifetime) fn release_seeds(&self, file: FileId) -> Vec<ReleaseSeed> {
        let (facts, tables) = (self.project.facts(file), &self.project.tables);
        let mut named: Vec<(usize, usize, &[NodeId])> = Vec::new();
        for (&name, calls) in self.project.calls_by_name(file) {
            let releases = tables.releases_named(facts.name(name)).iter();
            named.extend(releases.map(|&(row, index)| (row, index, &calls[..])));
        }
        named.sort_unstable_by_key(|&(row, index, _)| (row, index));
        let mut seeds: Vec<ReleaseSeed> = Vec::new();
        for (row, index, calls) in named {
            let pattern = &tables.releases[row][index];
            if !matches!(pattern.base, Base::Method(_)) || pattern.position(&Param::Handler).is_none() {
                continue;
            }
            for &node in calls {
                let call = Ref { file, node };
                let helper = self.release_helper_around(row, pattern, call);
                // Nearly every `delete` and `remove` could be one of a signal of the project's own.
                let is_own = || !tables.pairs[row].own_signal || self.ends_own_signal(row, call);
                seeds.extend(
                    helper
                        .filter(|_| is_own())
                        .map(|helper| ReleaseSeed { row, index, helper }),
                );
            }
        }
        seeds
    }

    /// Functions that release what they are given, of the kinds that the files acquire.
    pub(in crate::lifetime) fn find_release_helpers(
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
        let found: Vec<ReleaseHelper> = seeds.into_iter().map(|seed| seed.helper).collect();
        let learn = |helpers: &mut Helpers, helper: ReleaseHelper, names: &mut FxHashSet<Box<str>>| {
            for name in self.names_of(helper.func) {
                let known = helpers.releases.entry(name.clone()).or_default();
                if !known.contains(&helper) {
                    known.push(helper);
                    names.insert(name);
                }
            }
        };
        let ask = |helpers: &Helpers, call| self.release_helper_of_call(helpers, call);
        helpers.learn_in_rounds(found, called, learn, ask);
        helpers
    }

    fn release_slot(&self, f: Func, at: Option<&Ref>) -> Slot {
        match at {
            None => Slot::None,
            Some(&at) => match self.param_behind(f, at, true, 0) {
                Some(i) => Slot::Param(i),
                None => {
                    let place = self.project.place(at);
                    match place.root {
                        _ if self.project.life_of(&place) == Life::Process => Slot::Fixed(at),
                        Root::This(_) => Slot::This,
                        _ => Slot::None,
                    }
                }
            },
        }
    }

    pub(super) fn release_helper_around(&self, row: usize, pattern: &CallPattern, call: Ref) -> Option<ReleaseHelper> {
        let f = self.activation(self.project.function_at(call));
        if f.function == FunctionId::MODULE || self.is_not_callable(f) {
            return None;
        }
        let (callee, args) = self.callee_of(call)?;
        let target = match self.project.node(callee) {
            _ if pattern.takes_target() => args.first().copied(),
            Node::Member { object, .. } => Some(Ref { node: object, ..call }),
            _ => None,
        };
        let handler = pattern.position(&Param::Handler);
        let is_given = |at: Ref| self.param_behind(f, at, true, 0).is_some();
        let handler_is_given =
            |i| self.slot_of_rest(f, call, i).is_some() || args.get(i).copied().is_some_and(is_given);
        if !target.is_some_and(is_given) && !handler.is_some_and(handler_is_given) {
            return None;
        }
        let target = self.release_slot(f, target.as_ref());
        let slot_of = |p: &Param| {
            let i = pattern.position(p)?;
            let of_rest = self.slot_of_rest(f, call, i);
            Some(of_rest.unwrap_or_else(|| self.release_slot(f, args.get(i))))
        };
        let handler = match slot_of(&Param::Handler).unwrap_or(Slot::None) {
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
            key: slot_of(&Param::Key).unwrap_or(Slot::None),
            handler,
        })
    }

    fn release_helper_of_call(&self, helpers: &Helpers, call: Ref) -> Vec<ReleaseHelper> {
        let outer = self.activation(self.project.function_at(call));
        let Some(list) = self.name_called(call).and_then(|n| helpers.releases.get(&*n)) else {
            return Vec::new();
        };
        if outer.function == FunctionId::MODULE || self.is_not_callable(outer) {
            return Vec::new();
        }
        let Some(f) = self.project.called_function(call).filter(|f| *f != outer) else {
            return Vec::new();
        };
        let Some((callee, args)) = self.callee_of(call) else {
            return Vec::new();
        };
        // The object of the inner method is that of the call, and not the one whose method the outer function is.
        let object = match self.project.node(callee) {
            Node::Member { object, .. } => Some(Ref { node: object, ..callee }),
            _ => None,
        };
        let own = |at: &Ref| matches!(self.project.node(*at), Node::This | Node::Super);
        let through = |slot: Slot| match slot {
            Slot::Param(i) => self.release_slot(outer, args.get(i)),
            Slot::This => match object.filter(|at| !own(at)) {
                Some(at) => self.release_slot(outer, Some(&at)),
                None => Slot::This,
            },
            other => other,
        };
        list.iter()
            .filter(|h| h.func == f)
            .map(|h| {
                let target = through(h.target);
                ReleaseHelper {
                    func: outer,
                    row: h.row,
                    target,
                    key: through(h.key),
                    // Kept on the target itself.
                    handler: Some(through(h.handler))
                        .filter(|slot| *slot != target)
                        .unwrap_or(Slot::None),
                }
            })
            .filter(|h| matches!(h.handler, Slot::Param(_)) || matches!(h.target, Slot::Param(_)))
            .collect()
    }

    /// Calls that end what a helper began: its undo, and calls of the helper that undoes it.
    pub(in crate::lifetime) fn releases_through(&self, a: &Acquisition, files: &[FileId], out: &mut Vec<Release>) {
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
        let gives_handler = helper.is_some_and(|h| self.gives_handler_back(h));
        let is_given_back = |removed: Ref| {
            let held = self.project.place(removed);
            // `off(node, name, handlers[name])` for each of a table.
            let table = held
                .parent()
                .filter(|_| matches!(held.path.last(), Some(Key::Dynamic(_))));
            let is_it = |p: &Place| {
                self.project.same_place(p, &held)
                    || p.parent()
                        .zip(table.as_ref())
                        .is_some_and(|(of, table)| self.project.same_place(&of, table))
            };
            gives_handler && self.flow(a.at).places.iter().any(is_it)
        };
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
                    let Some(release) = ways.filter(|h| h.func == f && h.row == *row).max_by_key(|h| {
                        (
                            h.handler == slots.2,
                            h.key == slots.1,
                            self.is_same_source(h.target, slots.0),
                        )
                    }) else {
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
                    let same_handler = |a: Ref, b: Ref| self.same_handler(a, b) || is_given_back(b);
                    let from_table = match (*handler, given(release.handler, slots.2)) {
                        (Some(a), Some(b)) if !same_handler(a, b) => self.may_come_from_table(a, b),
                        _ => None,
                    };
                    if from_table == Some(false) {
                        continue;
                    }
                    let wrong = match (*handler, given(release.handler, slots.2)) {
                        _ if from_table == Some(true) => None,
                        (Some(a), Some(b)) if !same_handler(a, b) && !is_certain => continue,
                        (Some(a), Some(b)) if !same_handler(a, b) => Some((
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

    /// Whether two functions get something from the same argument, or name the same object.
    fn is_same_source(&self, one: Slot, other: Slot) -> bool {
        match (one, other) {
            (Slot::Fixed(a), Slot::Fixed(b)) => self.same_target(&self.project.place(a), &self.project.place(b)),
            _ => one == other,
        }
    }

    /// Whether a helper gives back the function that it is handed and registers, on one of its ways.
    fn gives_handler_back(&self, helper: &Helper) -> bool {
        let given = self.project.returned_values(helper.func).into_iter();
        let mut params = given.filter_map(|value| self.param_of(helper.func, value));
        matches!(helper.handler, Slot::Param(handler) if params.any(|param| param == handler))
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
    pub(in crate::lifetime) fn calls_of_undo(
        &self,
        file: FileId,
        methods: &[String],
        flow: &Flow,
        out: &mut Vec<Release>,
    ) {
        for method in methods {
            self.methods_of_handle(file, method, flow, out);
            // `const { stop } = start()`.
            for place in &flow.places {
                let mut part = place.clone();
                part.path.push(Key::Name(method.as_str().into()));
                for at in self.references_in(&part, file) {
                    out.push(Release { at, wrong: None });
                }
            }
        }
    }
}
