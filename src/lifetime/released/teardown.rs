//! Whose end an acquisition should end with, and whether its releases are reached from there.

use crate::facts::FunctionId;
use crate::facts::Node;
use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{Func, OwnerId, Phase, Place, Ref, Root, Use};
use crate::tables::Param;

/// Whose end the acquisition should end with.
pub(in crate::lifetime) enum Scope {
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
    /// Whose end this code's acquisitions should end with.
    pub(in crate::lifetime) fn scope_of(&self, f: Func) -> Scope {
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
    pub(in crate::lifetime) fn teardown_callbacks(&self, f: Func) -> Vec<Func> {
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

    /// When a method of an owner runs, and whether that is more than a convention.
    pub(in crate::lifetime) fn phase(&self, owner: OwnerId, method: &str) -> (Phase, bool) {
        if let Some(cycle) = self.project.lifecycle(owner) {
            let phase = cycle.phase(method);
            if phase != Phase::Other {
                return (phase, true);
            }
        }
        let tables = &self.project.tables;
        let bare = method.trim_start_matches(['_', '#']);
        let is_own_end = self.settings.teardown.iter().any(|m| m == method);
        if tables.is_teardown(method) || tables.is_teardown(bare) || is_own_end {
            (Phase::Teardown, false)
        } else if method == "constructor" {
            (Phase::Setup, false)
        } else if tables.is_repeat(method) {
            match self.is_part_of_construction(owner, method) {
                true => (Phase::Setup, false),
                false => (Phase::Repeat, false),
            }
        } else {
            (Phase::Other, false)
        }
    }

    /// Whether the constructor calls a method each time, and nobody else that can be seen does.
    pub(in crate::lifetime) fn is_part_of_construction(&self, owner: OwnerId, method: &str) -> bool {
        self.is_called_only(owner, method, |call, of, name, around| {
            name == "constructor"
                && around == self.project.function_at(call)
                && self.project.is_related(of, owner)
                && !self.is_conditional(call)
        })
    }

    /// Whether a method is called, and nothing else is done with it, and each call is one that is asked for: with the
    /// owner, the name and the function of the method around it.
    pub(in crate::lifetime) fn is_called_only(
        &self,
        owner: OwnerId,
        method: &str,
        is_asked: impl Fn(Ref, OwnerId, &str, Func) -> bool,
    ) -> bool {
        let uses = self.project.method_uses(owner, method);
        let is_one = |used: &Use| match used {
            Use::Called { call } => {
                let around = self.project.method_around(self.project.function_at(*call));
                around.is_some_and(|(of, name, f)| is_asked(*call, of, name, f))
            }
            _ => false,
        };
        !uses.is_empty() && uses.iter().all(is_one)
    }

    /// The methods that end objects of an owner, and whether a framework calls them.
    pub(in crate::lifetime) fn teardowns(&self, owner: OwnerId) -> (Vec<Func>, bool) {
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
        let is_by_framework = !by_framework.is_empty() || cycle.is_some();
        let mut found = if is_by_framework { by_framework } else { by_name };
        found.retain(|f| !self.project.is_put_aside(owner, *f));
        found.extend(self.project.overrides_run_by(owner, &found));
        (found, is_by_framework)
    }

    /// Whether an owner has an end that no method of its own is: its constructor puts it on the object
    /// (`this.destroy = function () { ... }`), or other code makes it (`X.prototype.destroy = once(function () { ... })`).
    pub(in crate::lifetime) fn is_given_end(&self, owner: OwnerId) -> bool {
        let weak = &self.project.tables.conventions.weak_teardown;
        let is_end = |name: &str| {
            let bare = name.trim_start_matches(['_', '#']);
            self.phase(owner, name).0 == Phase::Teardown && !weak.iter().any(|w| w == bare)
        };
        let mut members = self.project.owner(owner).members.iter();
        let is_made = members.any(|m| {
            let value = m.value.map(|node| self.project.node(Ref { file: owner.file, node }));
            matches!(value, Some(Node::Call { .. })) && is_end(self.project.text(owner.file, m.name))
        });
        is_made || self.puts_on_object(owner, &is_end)
    }

    /// Whether the constructor of an owner puts a function of such a name on the object.
    fn puts_on_object(&self, owner: OwnerId, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let Some(constructor) = self.project.constructor(owner) else {
            return false;
        };
        let facts = self.project.facts(constructor.file);
        self.project.writes_in(constructor).iter().any(|&write| {
            let Node::Assign { target, value, .. } = facts.node(write) else {
                return false;
            };
            let Node::Member { property, .. } = facts.node(target) else {
                return false;
            };
            let here = |node| Ref {
                file: constructor.file,
                node,
            };
            if !is_wanted(facts.name(property)) || self.project.function_value(here(value), 0).is_none() {
                return false;
            }
            let place = self.project.place(here(target));
            place.path.len() == 1 && matches!(place.root, Root::This(o) if o == owner)
        })
    }

    /// What an effect's setup gives back to be run as its cleanup. One that is async gives a promise.
    pub(in crate::lifetime) fn cleanup_of(&self, setup: Func) -> Vec<Func> {
        if self.project.function(setup).flags.is_async {
            return Vec::new();
        }
        let member = self.cleanup_member(setup);
        let given_back = self.project.returned_values(setup).into_iter();
        let cleanups = given_back.filter_map(|v| match &member {
            Some(name) => self.project.property(v, name),
            None => Some(v),
        });
        cleanups.filter_map(|v| self.project.function_value(v, 0)).collect()
    }

    /// What runs at the end of an effect: its cleanup, and what the functions around it register for the end of their
    /// owner.
    pub(in crate::lifetime) fn ends_of_effect(&self, setup: Func) -> Vec<Func> {
        let mut ends = self.cleanup_of(setup);
        let mut around = self.project.function(setup).parent;
        while let Some(function) = around {
            let outer = Func { function, ..setup };
            ends.extend(self.teardown_callbacks(outer));
            around = self.project.function(outer).parent;
        }
        ends
    }

    /// The member of what a setup gives back that is its cleanup, where not all of it is.
    fn cleanup_member(&self, setup: Func) -> Option<&str> {
        self.project.uses(setup).iter().find_map(|used| {
            let Use::Passed { call, arg } = used else { return None };
            let (row, _) = self.project.context_of(*call, *arg)?;
            self.project.tables.contexts[row].ends_by.as_deref()
        })
    }

    /// Releases inside the handler itself: it takes itself off.
    pub(in crate::lifetime) fn releases_in_handler(&self, handler: Ref, releases: &mut [Release]) {
        let Some(f) = self.function_made_by(handler) else {
            return;
        };
        let facts = self.project.facts(f.file);
        for release in releases.iter_mut() {
            if release.at.file == f.file && facts.is_inside(release.at.node, facts.function(f.function).node) {
                // `arguments.callee`-like self-removal by another name is taken as such.
                if let Some((Cause::WrongHandler, _)) = release.wrong
                    && !self.removes_unrelated(release.at, f)
                {
                    release.wrong = None;
                }
            }
        }
    }

    /// Whether a removal names a function that is known, and has nothing to do with the handler it stands in, or one that
    /// is made for it.
    fn removes_unrelated(&self, removal: Ref, handler: Func) -> bool {
        let Some((_, args)) = self.callee_of(removal) else {
            return false;
        };
        if args.iter().any(|at| self.binds_anew(*at)) {
            return true;
        }
        let function = args
            .iter()
            .filter(|at| matches!(self.project.node(**at), Node::Binding(_)))
            .find_map(|at| self.project.function_value(*at, 0));
        function.is_some_and(|g| g != handler && !self.project.reach(&[g]).contains(&handler))
    }

    /// `this.leave.bind(this)`: a function that nobody has added.
    fn binds_anew(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let method = facts.method_call(at.node);
        method.is_some_and(|method| facts.name(method.method) == "bind")
    }

    /// The function that a handler is, or that the call which makes it gives back: `press(side)`.
    fn function_made_by(&self, handler: Ref) -> Option<Func> {
        let itself = self.project.function_value(handler, 0);
        itself.or_else(|| {
            let maker = self.project.called_function(handler)?;
            match self.project.returned_values(maker)[..] {
                [only] => self.project.function_value(only, 0),
                _ => None,
            }
        })
    }

    /// Whether the right releases count. `Ok` with the verdict, `Err` with why they do not, nothing if there is none.
    #[allow(clippy::type_complexity)]
    pub(in crate::lifetime) fn released(
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
        if let Some(evidence) = self.released_in_idle_code(a, scope, right) {
            return Some(Err((Cause::NotOnTeardown, vec![evidence])));
        }
        if let Some(r) = right.iter().find(|r| self.is_ended_by_component(r.at, flow)) {
            return ok(r.at, "released by the component that it is given to");
        }
        match scope {
            Scope::Effect { setup } => {
                let reach = self.project.reach(&self.ends_of_effect(*setup));
                if let Some(r) = right.iter().find(|r| reach.contains(&self.project.function_at(r.at))) {
                    return match self.lost_by_listener(a, flow, right) {
                        Some(evidence) => Some(Err((Cause::HandleLost, evidence))),
                        None => ok(r.at, "released by the effect's cleanup"),
                    };
                }
                // Outside the effect: another hook's cleanup, a helper.
                let inside = |r: &&&Release| self.project.is_within(self.project.function_at(r.at), *setup);
                match right.iter().find(|r| !inside(r)) {
                    Some(r) => match self.overwritten_by_effect(a, *setup, flow, right) {
                        Some(evidence) => Some(Err((Cause::HandleLost, evidence))),
                        None => ok(r.at, "released outside the effect"),
                    },
                    None if self.project.function_at(first.at) == *setup => {
                        ok(first.at, "released in the effect itself")
                    }
                    None if let Some(at) = right.iter().find_map(|r| self.run_as_kept(r.at, *setup, &reach)) => {
                        ok(at, "the effect's cleanup runs what ends it")
                    }
                    None if let Some(at) = right.iter().find_map(|r| self.undone_outside(a, r.at, *setup)) => {
                        ok(at, "released outside the effect")
                    }
                    None if let Some(at) = self.ended_after_its_work(a, right) => {
                        ok(at, "released when its work is done")
                    }
                    None if self.hears_of_an_end(first.at) => ok(first.at, "released when what it is for ends"),
                    None if let Some(r) = right.iter().find(|r| self.ends_with_gesture(r.at)) => {
                        ok(r.at, "released at the end of the gesture")
                    }
                    None if let Some(r) = right.iter().find(|r| self.ends_with_request(r.at)) => {
                        ok(r.at, "released at the end of the request")
                    }
                    None => missed(first.at, "runs only if this is reached; the effect's cleanup does not"),
                }
            }
            Scope::Owner { owner, method } => self.released_by_owner(a, *owner, method, flow, right),
            Scope::Setup { outer, teardowns } => {
                if let Some(evidence) = self.overwritten_in_setup(a, flow, right) {
                    return Some(Err((Cause::HandleLost, evidence)));
                }
                let reach = self.project.reach(teardowns);
                let within = |r: &&&Release| self.project.is_within(self.project.function_at(r.at), *outer);
                if let Some(r) = right
                    .iter()
                    .find(|r| reach.contains(&self.project.function_at(r.at)) || !within(r))
                {
                    return ok(r.at, "released at the end of its owner");
                }
                let f = self.project.function_at(a.at);
                if let Some(evidence) = self.missed_by_unmount(a, Some(*outer), flow, right) {
                    return Some(Err((Cause::NotOnTeardown, vec![evidence])));
                }
                if right.iter().any(|r| self.project.function_at(r.at) == f) {
                    return ok(first.at, "released in the same function");
                }
                ok(first.at, "released")
            }
            Scope::Function => {
                let missed = self.missed_by_unmount(a, None, flow, right);
                if let Some(evidence) = missed.or_else(|| self.missed_by_hangup(a, flow, right)) {
                    return Some(Err((Cause::NotOnTeardown, vec![evidence])));
                }
                let lost = self.overwritten_in_setup(a, flow, right);
                let lost = lost.or_else(|| self.lost_by_listener(a, flow, right));
                let lost = lost.or_else(|| self.lost_by_new_value(a, flow, right));
                match lost.or_else(|| self.lost_by_next_event(a, flow, right)) {
                    Some(evidence) => Some(Err((Cause::HandleLost, evidence))),
                    None => ok(first.at, "released"),
                }
            }
        }
    }

    #[allow(clippy::type_complexity)]
    pub(in crate::lifetime) fn released_by_owner(
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
        let replaced = self.only_replaced(a, owner, flow, right);
        if let Some(evidence) = replaced.or_else(|| self.only_taken_off_before(a, owner, right)) {
            return Some(Err((Cause::NotOnTeardown, vec![evidence])));
        }
        let held_in_field = flow.places.iter().any(|p| matches!(p.root, Root::This(_)))
            || flow.collections.iter().any(|(p, _)| matches!(p.root, Root::This(_)))
            || self.is_for_a_field(a);
        if let Some(r) = right.iter().find(in_reach) {
            let lost = self.overwritten(a, owner, flow, right);
            let lost = lost.or_else(|| self.lost_by_rerun(a, owner, flow, right));
            let lost = lost.or_else(|| self.lost_after_setup(a, owner, flow, right));
            let lost = lost.or_else(|| self.piled_by_rerun(a, owner, flow, right));
            let lost = lost.or_else(|| self.lost_by_next_event(a, flow, right));
            if let Some(evidence) = self.put_aside_by_heir(a, owner, right) {
                return Some(Err((Cause::NotOnTeardown, evidence)));
            }
            if let Some(evidence) = lost.or_else(|| self.lost_by_emptying(a, owner, flow, right)) {
                return Some(Err((Cause::HandleLost, evidence)));
            }
            return Some(Ok(Verdict::released("released by the teardown", Some(r.at))));
        }
        if let Some(r) = right.iter().find(|r| self.runs_at_end(owner, r.at)) {
            return Some(Ok(Verdict::released(
                "released by what a method registers for the end",
                Some(r.at),
            )));
        }
        if self.phase(owner, method) == (Phase::Setup, true)
            && let Some((_, _, top)) = self.project.method_around(f)
            && let Some(evidence) = self.missed_by_unmount(a, Some(top), flow, right)
        {
            return Some(Err((Cause::NotOnTeardown, vec![evidence])));
        }
        // Within the same activation, or in closures that do not outlive it in the owner's sense.
        let local = right.iter().find(|r| {
            let g = self.project.function_at(r.at);
            g == f || (!held_in_field && self.same_method(f, g) && self.field_of(g, f).is_none())
        });
        if let Some(r) = local {
            return Some(Ok(Verdict::released("released in the same function", Some(r.at))));
        }
        if self.phase(owner, method).0 == Phase::Teardown {
            return Some(Ok(Verdict::released("released", Some(first.at))));
        }
        let kept: Vec<Place> = right
            .iter()
            .filter_map(|r| self.field_of(self.project.function_at(r.at), f))
            .collect();
        if let Some(at) = kept.iter().find_map(|field| self.field_call(field, &reach)) {
            return Some(Ok(Verdict::released("released by the teardown", Some(at))));
        }
        if let Some(at) = self.released_by_callback_ref(owner, right) {
            return Some(Ok(Verdict::released("released when the node goes", Some(at))));
        }
        let waits = !held_in_field && !kept.is_empty() && kept.len() == right.len();
        if by_framework && (self.phase(owner, method).1 || waits) {
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
        if let Some(r) = right.iter().find(|r| self.ends_with_gesture(r.at)) {
            return Some(Ok(Verdict::released("released at the end of the gesture", Some(r.at))));
        }
        let is_left = held_in_field && !self.is_ended_by_others(owner, first.at)
            || self.waits_on_page(a, right)
                && !right
                    .iter()
                    .any(|r| self.is_ended_by_others(owner, r.at) || self.is_called_by_a_mixin(owner, r.at));
        if by_framework && is_left {
            let evidence = vec![Evidence {
                role: Role::Release,
                at: first.at,
                text: "the end of the object may come before this, and does not reach it".into(),
            }];
            return Some(Err((Cause::NotOnTeardown, evidence)));
        }
        if let Some(cut) = self.cut_off(owner, first.at) {
            let evidence = vec![Evidence {
                role: Role::Release,
                at: cut,
                text: "overrides what leads to the release, and does not call it with `super`".into(),
            }];
            return Some(Err((Cause::NotOnTeardown, evidence)));
        }
        let lost = self.lost_by_rerun(a, owner, flow, right);
        let lost = lost.or_else(|| self.lost_by_new_value(a, flow, right));
        if let Some(evidence) = lost.or_else(|| self.lost_by_next_event(a, flow, right)) {
            return Some(Err((Cause::HandleLost, evidence)));
        }
        let missed = self.released_by_nobody(a, owner, method, right);
        if let Some(evidence) = missed.or_else(|| self.released_by_failure(a, owner, flow, right)) {
            return Some(Err((Cause::NotOnTeardown, vec![evidence])));
        }
        Some(Ok(Verdict::released("released by another method", Some(first.at))))
    }

    /// Whether what is acquired has no handle, and goes by a field of the object: `render(tree, this.container)`.
    fn is_for_a_field(&self, a: &Acquisition) -> bool {
        let Kind::Pair {
            row, key: Some(key), ..
        } = &a.kind
        else {
            return false;
        };
        let releases = &self.project.tables.releases[*row];
        releases.iter().all(|release| release.params == [Param::Key])
            && matches!(self.project.place(*key).root, Root::This(_))
    }

    /// Whether a release is reached from a callback that a method of the owner registers for its end:
    /// `this.$once('hook:beforeDestroy', () => this.stop())`.
    pub(in crate::lifetime) fn runs_at_end(&self, owner: OwnerId, release: Ref) -> bool {
        let methods = self.project.lineage(owner).into_iter().flat_map(|o| {
            let members = self.project.owner(o).members.iter().filter_map(|m| m.function);
            members
                .map(move |function| Func { file: o.file, function })
                .collect::<Vec<_>>()
        });
        let callbacks: Vec<Func> = methods.flat_map(|f| self.teardown_callbacks(f)).collect();
        !callbacks.is_empty()
            && self
                .project
                .reach(&callbacks)
                .contains(&self.project.function_at(release))
    }

    /// The method that overrides the only one which calls the method of a release, and does not call it by `super`.
    fn cut_off(&self, owner: OwnerId, release: Ref) -> Option<Ref> {
        let (_, name, _) = self.project.method_around(self.project.function_at(release))?;
        let lineage = self.project.lineage(owner);
        let mut cut = None;
        for caller in self.project.method_references(owner, name) {
            let (inherited, calling, top) = self.project.method_around(self.project.function_at(caller))?;
            let (derived, member) = self.project.member(owner, calling)?;
            let function = member
                .function
                .filter(|_| derived != inherited && lineage.contains(&inherited))?;
            let over = Func {
                file: derived.file,
                function,
            };
            if self.project.reach(&[over]).contains(&top) {
                return None;
            }
            cut = Some(self.project.function_node(over));
        }
        cut
    }

    /// The field of the object in which a closure inside a function is kept: it runs when somebody calls the field.
    fn field_of(&self, g: Func, f: Func) -> Option<Place> {
        if g == f {
            return None;
        }
        self.project.uses(g).iter().find_map(|used| match used {
            Use::Stored { place, .. } if matches!(place.root, Root::This(_)) && place.path.len() == 1 => {
                Some(place.clone())
            }
            _ => None,
        })
    }

    /// The call of a field's function in one of some functions.
    pub(in crate::lifetime) fn field_call(
        &self,
        field: &Place,
        functions: &rustc_hash::FxHashSet<Func>,
    ) -> Option<Ref> {
        let mut calls: Vec<Ref> = Vec::new();
        for &f in functions {
            calls.extend(self.project.calls_in(f).iter().map(|&node| Ref { file: f.file, node }));
        }
        calls.sort_unstable();
        calls.into_iter().find(|call| match self.project.node(*call) {
            Node::Call { callee, .. } => {
                let place = self.project.place(Ref { node: callee, ..*call });
                self.project.same_place(&place, field)
            }
            _ => false,
        })
    }

    pub(in crate::lifetime) fn same_method(&self, a: Func, b: Func) -> bool {
        match (self.project.method_around(a), self.project.method_around(b)) {
            (Some((_, _, x)), Some((_, _, y))) => x == y,
            _ => false,
        }
    }
}
