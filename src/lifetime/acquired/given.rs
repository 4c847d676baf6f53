//! Handles that a callback is given: `fs.open(path, 'r', (error, descriptor) => ...)`.
//!
//! What was asked for comes with the second parameter, unless the first one tells of an error. From there on the paths
//! are those of the callback, and of the callbacks in it that release: each of those has an error of its own, which
//! does not undo the acquisition.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, BindingKind, FunctionId, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::walk::{Exit, Miss, Walk};
use crate::lifetime::{Acquisition, Evidence, Judge, Verdict};
use crate::link::{Func, Place, Ref, Repetition, Root};
use crate::tables::{Base, PairRow, Param};

/// How many callbacks within each other are gone through on the way to a release.
const MAX_CALLBACKS: usize = 8;

/// A callback that is given a handle.
pub(in crate::lifetime) struct Given {
    /// The argument.
    callback: Ref,
}

impl Judge<'_> {
    /// The callback that gets what a call acquires.
    pub(in crate::lifetime) fn given_to(&self, a: &Acquisition) -> Option<Given> {
        let row = a.row()?;
        let (callee, args) = self.callee_of(a.at)?;
        let last = self.project.import_aware_last(callee)?;
        let entries = self.project.tables.acquisitions(&last).iter();
        let position = entries
            .filter(|e| e.row == row && e.pattern.params.len() == args.len())
            .find_map(|e| e.pattern.position(&Param::Callback))?;
        let callback = *args.get(position)?;
        // `await connect(url, options)` gives the handle back.
        let facts = self.project.facts(a.at.file);
        let is_options = matches!(self.project.node(callback), Node::Object(_))
            || matches!(facts.node(facts.parent(a.at.node)), Node::Await(_));
        (!is_options).then_some(Given { callback })
    }

    /// The verdict on what a callback is given.
    pub(in crate::lifetime) fn judge_given(&self, a: &Acquisition, row: &PairRow, given: &Given) -> Verdict {
        let outer = self.project.function_at(a.at);
        let scope = self.scope_of(outer);
        let repetition = self.repetition_here(a.at, outer, &scope);
        if matches!(repetition, Repetition::Once) {
            return Verdict::bounded("this code runs once");
        }
        let Some((f, params)) = self.callback_of(a, given) else {
            return Verdict::unknown("it goes to a function that is not written here");
        };
        let Some(&handle) = params.get(1) else {
            return Verdict::unknown("its callback does not take it");
        };
        let flow = self.flow_of_given(a, row, &params, handle);
        let releases = self.releases_of(a, &flow);
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if right.is_empty() {
            return match self.transferred(row, false, &flow, &releases) {
                Some(verdict) => verdict,
                None if flow.places.iter().any(|p| !self.is_of(p, f)) || !flow.collections.is_empty() => {
                    Verdict::unknown("it is kept beyond its callback")
                }
                None => self.leak(a, row, Cause::NeverReleased, &scope, &repetition, true, Vec::new()),
            };
        }
        let released = Verdict::released("released", Some(right[0].at));
        let is_handed_on = flow.passed.iter().any(|call| releases.iter().all(|r| r.at != *call));
        if is_handed_on || flow.other || !flow.collections.is_empty() || !flow.places.iter().all(|p| self.is_of(p, f)) {
            return released;
        }
        let error = params.first().and_then(|p| self.binding_at(*p));
        let missed = self
            .missed_in(f, handle, error, None, &right, &flow)
            .or_else(|| self.missed_in_callbacks(f, &right, &flow));
        let Some(evidence) = missed else { return released };
        let mut verdict = self.leak(a, row, Cause::NotOnEveryPath, &scope, &repetition, true, vec![evidence]);
        if let Verdict::Leak(leak) = &mut verdict {
            leak.confidence = leak.confidence.min(Confidence::Medium);
        }
        verdict
    }

    /// The callback that is written where a handle is asked for, with its parameters.
    fn callback_of(&self, a: &Acquisition, given: &Given) -> Option<(Func, Vec<Ref>)> {
        let f = self.project.function_value(given.callback, 0)?;
        if f.file != a.at.file || self.project.function_node(f) != given.callback {
            return None;
        }
        let facts = self.project.facts(f.file);
        let params = facts.list(facts.function(f.function).params);
        Some((f, params.map(|node| Ref { node, ..a.at }).collect()))
    }

    fn flow_of_given(&self, a: &Acquisition, row: &PairRow, params: &[Ref], handle: Ref) -> Flow {
        let mut flow = self.flow_into(handle, a.at);
        if self.project.tables.releases[self.row_index(row)]
            .iter()
            .any(|r| r.base == Base::Handle)
            && let Some(&done) = params.get(2)
        {
            flow.places.push(self.project.place(done));
        }
        flow
    }

    /// Where a handle goes that a call gives back, or that its callback is given.
    pub(super) fn flow_from(&self, a: &Acquisition, row: &PairRow) -> Flow {
        let taken = self.given_to(a).and_then(|given| self.callback_of(a, &given));
        match taken.as_ref().and_then(|(_, params)| Some((params, *params.get(1)?))) {
            Some((params, handle)) => self.flow_of_given(a, row, params, handle),
            None => self.flow_of(a),
        }
    }

    fn row_index(&self, row: &PairRow) -> usize {
        let pairs = &self.project.tables.pairs;
        pairs.iter().position(|p| std::ptr::eq(p, row)).unwrap_or_default()
    }

    fn binding_at(&self, at: Ref) -> Option<BindingId> {
        match self.project.node(at) {
            Node::Binding(b) => Some(b),
            _ => None,
        }
    }

    /// Whether a place is a variable of a function or of one in it, or a parameter of what it calls.
    fn is_of(&self, place: &Place, f: Func) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        let binding = facts.binding(b);
        place.path.is_empty()
            && (binding.kind == BindingKind::Param || file == f.file && facts.is_nested(binding.function, f.function))
    }

    /// Where control leaves a function that has a handle from its beginning, past the releases in it.
    fn missed_in(
        &self,
        f: Func,
        parameter: Ref,
        absent_with: Option<BindingId>,
        own_error: Option<BindingId>,
        right: &[&Release],
        flow: &Flow,
    ) -> Option<Evidence> {
        let releasers = self.releasers_in(f, right);
        let calls: Vec<Ref> = right.iter().map(|r| r.at).collect();
        let walk = Walk::new(self, parameter, &calls, releasers, &flow.places, true);
        let miss = walk.with_errors(absent_with, own_error).first_miss_from_start()?;
        if !matches!(miss.exit, Exit::Returns | Exit::Ends) {
            return None;
        }
        self.told_miss(f, miss, right)
    }

    /// Where the function that a promise gives a handle to leaves it, if all the releases stand in that function:
    /// `pool.acquire().then((line) => line.ask().then(() => pool.release(line)))`.
    pub(in crate::lifetime) fn missed_in_step(
        &self,
        a: &Acquisition,
        right: &[&Release],
        flow: &Flow,
    ) -> Option<Evidence> {
        let facts = self.project.facts(a.at.file);
        let up = facts.parent(a.at.node);
        let step = facts
            .method_call(facts.parent(up))
            .filter(|step| step.object == a.at.node)?;
        let goes_on = &self.project.tables.conventions.on_success;
        if !goes_on.iter().any(|name| name == facts.name(step.method)) {
            return None;
        }
        let here = |node| Ref { node, ..a.at };
        let callback = here(facts.item(step.args, 0)?);
        let f = self.project.function_value(callback, 0)?;
        let handle = here(facts.item(self.project.function(f).params, 0)?);
        let is_inside = |r: &&Release| self.project.is_within(self.project.function_at(r.at), f);
        if self.project.function_node(f) != callback
            || self.binding_at(handle).is_none()
            || !right.iter().all(is_inside)
        {
            return None;
        }
        let releasers = self.releasers_in(f, right);
        let calls: Vec<Ref> = right.iter().map(|r| r.at).collect();
        let walk = Walk::new(self, handle, &calls, releasers, &flow.places, true);
        self.told_miss(f, walk.first_miss_from_start()?, right)
    }

    /// What is said of a way out of a function past its releases.
    fn told_miss(&self, f: Func, miss: Miss, right: &[&Release]) -> Option<Evidence> {
        let is_end = miss.exit == Exit::Ends;
        let at = match is_end {
            true => right.first()?.at,
            false => Ref {
                file: f.file,
                node: miss.at,
            },
        };
        Some(Evidence {
            role: if is_end { Role::Release } else { Role::Flow },
            at,
            text: miss.exit.told().into(),
        })
    }

    /// The functions inside one in which something is released, and those between, up to that one.
    fn releasers_in(&self, f: Func, right: &[&Release]) -> FxHashSet<Func> {
        let mut out = FxHashSet::default();
        for release in right {
            let mut g = self.project.function_at(release.at);
            if !self.project.is_within(g, f) {
                out.insert(g);
                continue;
            }
            while g != f && out.insert(g) {
                let Some(parent) = self.project.function(g).parent else {
                    break;
                };
                g.function = parent;
            }
        }
        self.add_callers(f, &mut out);
        out
    }

    /// The same of the callbacks that all the releases stand in, the outer ones first: what an error of theirs skips.
    pub(in crate::lifetime) fn missed_in_callbacks(
        &self,
        f: Func,
        right: &[&Release],
        flow: &Flow,
    ) -> Option<Evidence> {
        let mut around = f;
        for _ in 0..MAX_CALLBACKS {
            let inner = self.callback_with_all(around, right)?;
            let (parameter, error) = self.error_of(inner)?;
            if !self.tells_of_no_start(inner, &flow.places) {
                let missed = self.missed_in(inner, parameter, None, Some(error), right, flow);
                if missed.is_some() {
                    return missed;
                }
            }
            around = inner;
        }
        None
    }

    /// The callback written in a function in which all the releases stand: an argument of a call.
    fn callback_with_all(&self, f: Func, right: &[&Release]) -> Option<Func> {
        let facts = self.project.facts(f.file);
        let mut found = None;
        for release in right {
            let mut g = self.project.function_at(release.at);
            if g == f || !self.project.is_within(g, f) {
                return None;
            }
            while let Some(parent) = self.project.function(g).parent.filter(|p| *p != f.function) {
                if parent == FunctionId::MODULE {
                    return None;
                }
                g.function = parent;
            }
            if found.is_some_and(|other| other != g) {
                return None;
            }
            found = Some(g);
        }
        let g = found?;
        let node = facts.function(g.function).node;
        let is_argument = matches!(facts.node(facts.parent(node)), Node::Call { callee, .. } if callee != node);
        is_argument.then_some(g)
    }

    /// Whether an error of a callback says that the handle never came to hold anything: `handle.connect(callback)`.
    pub(in crate::lifetime) fn tells_of_no_start(&self, f: Func, places: &[Place]) -> bool {
        let facts = self.project.facts(f.file);
        let Node::Call { callee, .. } = facts.node(facts.parent(facts.function(f.function).node)) else {
            return false;
        };
        let Node::Member { object, property, .. } = facts.node(callee) else {
            return false;
        };
        let place = self.project.place(Ref {
            file: f.file,
            node: object,
        });
        places.iter().any(|p| self.project.same_place(p, &place)) && self.project.tables.is_repeat(facts.name(property))
    }

    /// The first parameter of a callback, if by its name it tells of an error.
    fn error_of(&self, f: Func) -> Option<(Ref, BindingId)> {
        let facts = self.project.facts(f.file);
        let node = facts.item(facts.function(f.function).params, 0)?;
        let Node::Binding(b) = facts.node(node) else {
            return None;
        };
        let name = facts.name(facts.binding(b).name);
        let names = &self.project.tables.conventions.error_names;
        names
            .iter()
            .any(|n| n == name)
            .then_some((Ref { file: f.file, node }, b))
    }
}
