//! The verdict on an acquisition of the pair tables.

use super::flow::Flow;
use super::releases::Release;
use super::{Acquisition, Evidence, Judge, Kind, Leak, Verdict};
use crate::facts::{BindingKind, FunctionId, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::link::{Func, Life, OwnerId, Phase, Place, Ref, Repetition, Root, Use};
use crate::tables::{Every, Lives, PairRow, Param};

/// Whose end the acquisition should end with.
pub(super) enum Scope {
    /// A callback whose result is its cleanup.
    Effect {
        /// The callback.
        setup: Func,
    },
    /// An object with methods.
    Owner {
        /// The object.
        owner: OwnerId,
        /// The method the acquisition stands in.
        method: String,
    },
    /// A function that registers teardown callbacks (`onUnmounted(f)`).
    Setup {
        /// The function.
        outer: Func,
        /// The callbacks.
        teardowns: Vec<Func>,
    },
    /// Just a function.
    Function,
}

impl Judge<'_> {
    pub(super) fn judge_pair(&self, a: &Acquisition) -> Verdict {
        let Kind::Pair {
            row,
            target,
            handler,
            options,
            typed,
            ..
        } = &a.kind
        else {
            return Verdict::unknown("not a pair");
        };
        let row = &self.project.tables.pairs[*row];
        if let Some(verdict) = self.ended_by_options(row, *options) {
            return verdict;
        }
        if self.is_using(a.at) {
            return Verdict::released("disposed at the end of its block", Some(a.at));
        }
        let f = self.project.function_at(a.at);
        let flow = self.flow(a.at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(a.at, f, &scope);
        if matches!(repetition, Repetition::Once) {
            return Verdict::bounded("this code runs once");
        }
        if let Some(target) = target
            && let Some(verdict) = self.dies_with_target(*target, &scope, &repetition)
        {
            return verdict;
        }
        let mut releases = self.releases_of(a, &flow);
        if let Some(h) = handler {
            self.releases_in_handler(*h, &mut releases);
        }
        if row.one_shot {
            return self.judge_one_shot(a, row, &flow, &scope, &repetition, &releases);
        }
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if let Some(verdict) = self.released(a, &scope, &flow, &right) {
            return match verdict {
                Ok(released) => released,
                Err((cause, evidence)) => self.leak(a, row, cause, &scope, &repetition, *typed, evidence),
            };
        }
        if let Some(verdict) = self.transferred(row, &flow) {
            return verdict;
        }
        let wrong = releases.iter().find(|r| r.wrong.is_some());
        if let Some(Release {
            at,
            wrong: Some((cause, text)),
        }) = wrong
        {
            let evidence = vec![Evidence {
                role: Role::Release,
                at: *at,
                text: text.clone(),
            }];
            return self.leak(a, row, *cause, &scope, &repetition, *typed, evidence);
        }
        self.leak(a, row, Cause::NeverReleased, &scope, &repetition, *typed, Vec::new())
    }

    /// `once: true`, `signal`.
    fn ended_by_options(&self, row: &PairRow, options: Option<Ref>) -> Option<Verdict> {
        let options = options?;
        for member in &row.ended_by {
            let Some(value) = self.project.property(options, member) else {
                continue;
            };
            if matches!(
                self.project.node(value),
                Node::Bool(false) | Node::Undefined | Node::Null
            ) {
                continue;
            }
            return Some(Verdict::released(
                format!("ended by its `{member}` option"),
                Some(value),
            ));
        }
        // Options that come from elsewhere may hold any of them.
        if !row.ended_by.is_empty() && !matches!(self.project.node(options), Node::Object(_) | Node::Bool(_)) {
            let place = self.project.place(options);
            let value = self.project.value_of_place(&place);
            match value {
                Some(v) if v != options && matches!(self.project.node(v), Node::Object(_) | Node::Bool(_)) => {
                    return self.ended_by_options(row, Some(v));
                }
                _ => return Some(Verdict::unknown("its options come from elsewhere")),
            }
        }
        None
    }

    fn is_using(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        facts.ancestors(at.node).take(3).any(|up| match facts.node(up) {
            Node::Declare { target, .. } => match facts.node(target) {
                Node::Binding(b) => facts.binding(b).kind == BindingKind::Using,
                _ => false,
            },
            _ => false,
        })
    }

    /// Whose end this code's acquisitions should end with.
    pub(super) fn scope_of(&self, f: Func) -> Scope {
        let mut at = Some(f.function);
        let mut outermost = None;
        while let Some(function) = at {
            let here = Func { file: f.file, function };
            if function == FunctionId::MODULE {
                break;
            }
            for used in self.project.uses(here).iter() {
                if let Use::Passed { call, arg } = used
                    && let Some((_, Param::Setup)) = self.project.context_of(*call, *arg)
                {
                    return Scope::Effect { setup: here };
                }
            }
            if let Some((owner, name, method)) = self.project.method_around(here)
                && method == here
            {
                return Scope::Owner {
                    owner,
                    method: name.to_owned(),
                };
            }
            let teardowns = self.teardown_callbacks(here);
            if !teardowns.is_empty() {
                outermost = Some(Scope::Setup { outer: here, teardowns });
            }
            at = self.project.function(here).parent;
        }
        outermost.unwrap_or(Scope::Function)
    }

    /// Callbacks that a function registers to run at its owner's end.
    fn teardown_callbacks(&self, f: Func) -> Vec<Func> {
        let mut out = Vec::new();
        for &node in self.project.calls_in(f) {
            let call = Ref { file: f.file, node };
            let Node::Call { args, .. } = self.project.node(call) else {
                continue;
            };
            let args: Vec<_> = self.project.facts(f.file).list(args).take(3).collect();
            for (i, arg) in args.into_iter().enumerate() {
                if let Some((_, Param::Teardown)) = self.project.context_of(call, i) {
                    out.extend(self.project.function_value(
                        Ref {
                            file: f.file,
                            node: arg,
                        },
                        0,
                    ));
                }
            }
        }
        out
    }

    /// How often the acquisition happens: its function, or the making of its owner.
    pub(super) fn repetition_here(&self, at: Ref, f: Func, scope: &Scope) -> Repetition {
        let found = self.project.repetition(f);
        if found.is_repeated() {
            return found;
        }
        if let Some(loop_at) = self.project.endless_loop_around(at) {
            return Repetition::Repeated {
                every: Every::Message,
                proven: true,
                steps: vec![crate::link::Step {
                    at: loop_at,
                    text: "runs for each turn of this loop".into(),
                }],
            };
        }
        if let (Scope::Owner { owner, .. }, false) = (scope, found.is_repeated()) {
            return match (self.project.instances_of(*owner), &found) {
                (Repetition::Once, Repetition::Unknown) => Repetition::Unknown,
                (instances, _) => instances,
            };
        }
        found
    }

    /// Something registered on an object that dies with the code that made it ends with it.
    fn dies_with_target(&self, target: Ref, scope: &Scope, repetition: &Repetition) -> Option<Verdict> {
        let place = self.project.place(target);
        match self.project.life_of(&place) {
            Life::Process | Life::Outer => None,
            Life::Connection => match repetition {
                Repetition::Repeated {
                    every: Every::Connection,
                    ..
                } => Some(Verdict::bounded("the connection ends with what it holds")),
                Repetition::Repeated {
                    every: Every::Message,
                    steps,
                    ..
                } if steps.len() < 2 => None,
                _ => None,
            },
            Life::Request => Some(Verdict::bounded("the request ends with what it holds")),
            Life::Instance(_) => match (scope, repetition) {
                (Scope::Owner { owner, method }, _)
                    if self.phase(*owner, method).0 == Phase::Repeat && !self.is_fresh_field(&place) =>
                {
                    None
                }
                _ => Some(Verdict::bounded("it is part of the object that registers on it")),
            },
            Life::Call(_) => Some(Verdict::bounded("it was made here and ends with what it holds")),
            Life::Unknown => Some(Verdict::unknown("nobody says how long its target lives")),
        }
    }

    fn is_fresh_field(&self, place: &Place) -> bool {
        self.project
            .definitions(place)
            .into_iter()
            .any(|d| matches!(self.project.life_of(&self.project.place(d)), Life::Call(_)))
    }

    /// When a method of an owner runs, and whether that is more than a convention.
    pub(super) fn phase(&self, owner: OwnerId, method: &str) -> (Phase, bool) {
        if let Some(cycle) = self.project.lifecycle(owner) {
            let phase = cycle.phase(method);
            if phase != Phase::Other {
                return (phase, true);
            }
        }
        let conventions = &self.project.tables.conventions;
        let has = |list: &[String]| list.iter().any(|m| m == method);
        let bare = method.trim_start_matches(['_', '#']);
        if has(&conventions.teardown) || conventions.teardown.iter().any(|t| t == bare) || has(&self.settings.teardown)
        {
            (Phase::Teardown, false)
        } else if method == "constructor" {
            (Phase::Setup, false)
        } else if has(&conventions.repeat) {
            (Phase::Repeat, false)
        } else {
            (Phase::Other, false)
        }
    }

    /// The methods that end objects of an owner, and whether a framework calls them.
    pub(super) fn teardowns(&self, owner: OwnerId) -> (Vec<Func>, bool) {
        let cycle = self.project.lifecycle(owner);
        let mut by_framework = Vec::new();
        let mut by_name = Vec::new();
        for o in self.project.lineage(owner) {
            for member in &self.project.owner(o).members {
                let Some(function) = member.function else { continue };
                let name = self.project.text(o.file, member.name);
                let f = Func { file: o.file, function };
                match (cycle.as_ref().map(|c| c.phase(name)), self.phase(owner, name).0) {
                    (Some(Phase::Teardown), _) => by_framework.push(f),
                    (_, Phase::Teardown) => by_name.push(f),
                    _ => {}
                }
            }
            // `this.onDispose(() => ...)` in a constructor registers teardown too.
            if let Some(c) = self.project.constructor(o) {
                by_framework.extend(self.teardown_callbacks(c));
            }
        }
        // Symbol-named and bracketed teardown methods have no text; `using` calls them.
        if !by_framework.is_empty() || cycle.is_some() {
            (by_framework, true)
        } else {
            (by_name, false)
        }
    }

    /// Releases inside the handler itself: it takes itself off.
    fn releases_in_handler(&self, handler: Ref, releases: &mut [Release]) {
        let Some(f) = self.project.function_value(handler, 0) else {
            return;
        };
        let facts = self.project.facts(f.file);
        for release in releases.iter_mut() {
            if release.at.file == f.file && facts.is_inside(release.at.node, facts.function(f.function).node) {
                // `arguments.callee`-like self-removal by another name is taken as such.
                if let Some((Cause::WrongHandler, _)) = release.wrong {
                    release.wrong = None;
                }
            }
        }
    }

    /// Whether the right releases count. `Ok` with the verdict, `Err` with why they do not, nothing if there is none.
    #[allow(clippy::type_complexity)]
    fn released(
        &self,
        a: &Acquisition,
        scope: &Scope,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Result<Verdict, (Cause, Vec<Evidence>)>> {
        let first = right.first()?;
        let ok = |at: Ref, why: &str| Some(Ok(Verdict::released(why, Some(at))));
        let missed = |at: Ref, text: &str| {
            Some(Err((
                Cause::NotOnTeardown,
                vec![Evidence {
                    role: Role::Release,
                    at,
                    text: text.to_owned(),
                }],
            )))
        };
        match scope {
            Scope::Effect { setup } => {
                let cleanup: Vec<Func> = self
                    .project
                    .returned_values(*setup)
                    .into_iter()
                    .filter_map(|v| self.project.function_value(v, 0))
                    .collect();
                let reach = self.project.reach(&cleanup);
                if let Some(r) = right.iter().find(|r| reach.contains(&self.project.function_at(r.at))) {
                    return ok(r.at, "released by the effect's cleanup");
                }
                // Outside the effect: another hook's cleanup, a helper.
                let inside = |r: &&&Release| {
                    let g = self.project.function_at(r.at);
                    g.file == setup.file && self.project.facts(g.file).is_nested(g.function, setup.function)
                };
                match right.iter().find(|r| !inside(r)) {
                    Some(r) => ok(r.at, "released outside the effect"),
                    None if self.project.function_at(first.at) == *setup => {
                        ok(first.at, "released in the effect itself")
                    }
                    None => missed(first.at, "runs only if this is reached; the effect's cleanup does not"),
                }
            }
            Scope::Owner { owner, method } => self.released_by_owner(a, *owner, method, flow, right),
            Scope::Setup { outer, teardowns } => {
                let reach = self.project.reach(teardowns);
                let within = |r: &&&Release| {
                    let g = self.project.function_at(r.at);
                    g.file == outer.file && self.project.facts(g.file).is_nested(g.function, outer.function)
                };
                if let Some(r) = right
                    .iter()
                    .find(|r| reach.contains(&self.project.function_at(r.at)) || !within(r))
                {
                    return ok(r.at, "released at the end of its owner");
                }
                let f = self.project.function_at(a.at);
                if right.iter().any(|r| self.project.function_at(r.at) == f) {
                    return ok(first.at, "released in the same function");
                }
                ok(first.at, "released")
            }
            Scope::Function => ok(first.at, "released"),
        }
    }

    #[allow(clippy::type_complexity)]
    fn released_by_owner(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        method: &str,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Result<Verdict, (Cause, Vec<Evidence>)>> {
        let first = right.first()?;
        let f = self.project.function_at(a.at);
        let (teardowns, by_framework) = self.teardowns(owner);
        let reach = self.project.reach(&teardowns);
        let in_reach = |r: &&&Release| reach.contains(&self.project.function_at(r.at));
        let held_in_field = flow.places.iter().any(|p| matches!(p.root, Root::This(_)))
            || flow.collections.iter().any(|(p, _)| matches!(p.root, Root::This(_)));
        if let Some(r) = right.iter().find(in_reach) {
            if let Some(evidence) = self.overwritten(a, owner, method, flow, right) {
                return Some(Err((Cause::HandleLost, evidence)));
            }
            return Some(Ok(Verdict::released("released by the teardown", Some(r.at))));
        }
        // Within the same activation, or in closures that do not outlive it in the owner's sense.
        let local = right.iter().find(|r| {
            let g = self.project.function_at(r.at);
            g == f || (!held_in_field && self.same_method(f, g))
        });
        if let Some(r) = local {
            return Some(Ok(Verdict::released("released in the same function", Some(r.at))));
        }
        if self.phase(owner, method).0 == Phase::Teardown {
            return Some(Ok(Verdict::released("released", Some(first.at))));
        }
        if by_framework && self.phase(owner, method).1 {
            let text = if teardowns.is_empty() {
                "nothing calls this when the object ends"
            } else {
                "the teardown does not reach this"
            };
            let evidence = vec![Evidence {
                role: Role::Release,
                at: first.at,
                text: text.into(),
            }];
            return Some(Err((Cause::NotOnTeardown, evidence)));
        }
        Some(Ok(Verdict::released("released by another method", Some(first.at))))
    }

    fn same_method(&self, a: Func, b: Func) -> bool {
        match (self.project.method_around(a), self.project.method_around(b)) {
            (Some((_, _, x)), Some((_, _, y))) => x == y,
            _ => false,
        }
    }

    /// A handle in a field that a repeated method sets again without releasing or checking it first.
    fn overwritten(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        method: &str,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let (phase, certain) = self.phase(owner, method);
        if phase != Phase::Repeat || !certain || flow.collections.iter().any(|(p, _)| matches!(p.root, Root::This(_))) {
            return None;
        }
        let field = flow
            .places
            .iter()
            .find(|p| matches!(p.root, Root::This(_)) && p.path.len() == 1)?;
        let f = self.project.function_at(a.at);
        let (_, _, top) = self.project.method_around(f)?;
        let reach = self.project.reach(&[top]);
        if right.iter().any(|r| reach.contains(&self.project.function_at(r.at))) {
            return None;
        }
        // Any look at the field before is a guard.
        let guarded = self.references_to(field, &[a.at.file]).into_iter().any(|r| {
            !self.project.facts(r.file).is_written(r.node)
                && self.same_method(self.project.function_at(r), f)
                && self.is_before(r, a.at)
        });
        if guarded {
            return None;
        }
        Some(vec![Evidence {
            role: Role::Context,
            at: self.project.function_node(top),
            text: format!("`{method}` runs again and overwrites `{}`", self.show_place(field)),
        }])
    }

    /// The handle leaves this code: whoever gets it has to release it.
    fn transferred(&self, row: &PairRow, flow: &Flow) -> Option<Verdict> {
        if row.release_is_on_target() && flow.places.is_empty() {
            return None;
        }
        if let Some(call) = flow.passed.first() {
            return Some(Verdict::Unknown(
                "its handle is handed to other code".into(),
                vec![Evidence {
                    role: Role::Flow,
                    at: *call,
                    text: "handed on here".into(),
                }],
            ));
        }
        if !flow.returned.is_empty() && !row.release_is_on_target() {
            return Some(Verdict::Transferred(
                "its handle is given back to the caller".into(),
                Vec::new(),
            ));
        }
        if flow.other {
            return Some(Verdict::unknown("its handle goes where it is not followed"));
        }
        None
    }

    /// Timeouts and frames end by themselves: only an endless chain is a leak, or one that a teardown forgets.
    fn judge_one_shot(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        scope: &Scope,
        repetition: &Repetition,
        releases: &[Release],
    ) -> Verdict {
        let Kind::Pair {
            handler: Some(handler), ..
        } = &a.kind
        else {
            return Verdict::bounded("it ends by itself");
        };
        let Some(callback) = self.project.function_value(*handler, 0) else {
            return Verdict::bounded("it ends by itself");
        };
        let f = self.project.function_at(a.at);
        let rearms = callback == f || self.calls_unconditionally(callback, f);
        if !rearms {
            return Verdict::bounded("it ends by itself");
        }
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if let Some(verdict) = self.released(a, scope, flow, &right) {
            return match verdict {
                Ok(released) => released,
                Err((cause, evidence)) => self.leak(a, row, cause, scope, repetition, true, evidence),
            };
        }
        if self.is_conditional(a.at) || self.has_early_exit(a.at) {
            return Verdict::bounded("it re-arms under a condition only");
        }
        if let Some(verdict) = self.transferred(row, flow) {
            return verdict;
        }
        self.leak(a, row, Cause::NeverReleased, scope, repetition, true, Vec::new())
    }

    /// Whether a function calls another one whatever happens.
    fn calls_unconditionally(&self, from: Func, to: Func) -> bool {
        self.project.calls_in(from).iter().any(|&node| {
            let call = Ref { file: from.file, node };
            self.project.called_function(call) == Some(to) && !self.is_conditional(call)
        })
    }

    /// Whether a node is reached under a condition only, within its function.
    pub(super) fn is_conditional(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return false,
                Node::If { test, .. } | Node::Conditional { test, .. } if test != below => return true,
                Node::Logical { right, .. } if right == below => return true,
                Node::Case { .. } | Node::Catch { .. } => return true,
                _ => {}
            }
            below = up;
        }
        false
    }

    /// Whether the function of a node can return before it is reached.
    fn has_early_exit(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let f = facts.enclosing_function(at.node);
        let start = facts.span(at.node).start;
        facts.nodes.iter().enumerate().any(|(i, n)| {
            let id = crate::facts::NodeId(i as u32);
            matches!(n, Node::Return(_) | Node::Throw(_))
                && facts.span(id).start < start
                && facts.span(id).start >= facts.function(f).span.start
                && facts.enclosing_function(id) == f
        })
    }

    /// A leak, if enough of it is known.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn leak(
        &self,
        a: &Acquisition,
        row: &PairRow,
        cause: Cause,
        scope: &Scope,
        repetition: &Repetition,
        typed: bool,
        mut evidence: Vec<Evidence>,
    ) -> Verdict {
        let Kind::Pair { target, .. } = &a.kind else {
            return Verdict::unknown("not a pair");
        };
        let Some(mut confidence) = self.confidence(scope, repetition) else {
            return Verdict::Unknown("nobody says how often this runs".into(), evidence);
        };
        if typed && confidence == Confidence::Low && target.is_some_and(|t| self.is_lent(t)) {
            // Who lends a signal or a socket to a function may do so again and again.
            confidence = Confidence::Medium;
        }
        if !typed {
            confidence = confidence.min(Confidence::Medium);
        }
        let mut holder = row.holder.clone().unwrap_or_default();
        if let Some(t) = target {
            let place = self.project.place(*t);
            if !matches!(self.project.life_of(&place), Life::Process) {
                confidence = confidence.min(Confidence::Medium);
            }
            holder = format!("`{}`", self.show(*t));
            if let Some(at) = self.declaration(&place).filter(|d| *d != *t) {
                evidence.insert(
                    0,
                    Evidence {
                        role: Role::Holder,
                        at,
                        text: format!("{holder} lives longer"),
                    },
                );
            }
        }
        evidence.extend(self.context_evidence(repetition));
        Verdict::Leak(Leak {
            cause,
            confidence,
            holder,
            often: self.often(repetition),
            release: row.release.first().cloned().unwrap_or_default(),
            evidence,
        })
    }

    /// Whether a target is of a type whose values outlive the calls they are handed to.
    fn is_lent(&self, target: Ref) -> bool {
        let lives = self
            .project
            .type_of(target)
            .and_then(|t| self.project.tables.type_row(t).lives);
        matches!(lives, Some(Lives::Outer | Lives::Connection))
            && matches!(
                self.project.life_of(&self.project.place(target)),
                Life::Outer | Life::Connection
            )
    }

    /// How sure it is that this code runs again and again.
    fn confidence(&self, scope: &Scope, repetition: &Repetition) -> Option<Confidence> {
        match repetition {
            Repetition::Repeated { proven: true, .. } => Some(Confidence::High),
            Repetition::Repeated { .. } => Some(Confidence::Medium),
            Repetition::Once => None,
            Repetition::Unknown => match scope {
                Scope::Owner { owner, .. } => {
                    let (teardowns, _) = self.teardowns(*owner);
                    Some(if teardowns.is_empty() {
                        Confidence::Low
                    } else {
                        Confidence::Medium
                    })
                }
                _ => Some(Confidence::Low),
            },
        }
    }
}
