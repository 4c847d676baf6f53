//! Targets that somebody else made: parameters, fields filled by them, and what lives as long as the process.
//!
//! How often code registers on one, and whether the target outlives that code, can often not be read. This file
//! weighs what that code does with it: whether it ends the target, what the handler keeps, how its siblings are
//! treated. What those who hand the target in say of it is asked in `lent`.

use crate::facts::{BindingId, BindingKind, Export, ExportValue, FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{Func, Life, OwnerKind, Place, Ref, Repetition, Root, Use};
use crate::tables::Base;

impl Judge<'_> {
    /// A call that ends the target: its owner does so itself.
    pub(in crate::lifetime) fn ended_by_owner(
        &self,
        a: &Acquisition,
        target: Ref,
        scope: &Scope,
        repetition: &Repetition,
    ) -> Option<Verdict> {
        let place = self.project.place(target);
        if !matches!(self.project.life_of(&place), Life::Outer | Life::Connection) {
            return None;
        }
        let counts = |call: Ref| match repetition {
            Repetition::Unknown => self.is_within(call, a.at, scope),
            // Where it is known to run again, only an end in the same breath is one for each.
            _ => self.project.function_at(call) == self.project.function_at(a.at) && !self.is_conditional(call),
        };
        let ends = self.project.tables.conventions.end.iter().map(String::as_str);
        let call = self
            .calls_of_methods(a, &place, ends)
            .into_iter()
            .find(|&(call, ref ended)| counts(call) && self.same_target(&place, ended) && !self.is_up_to_caller(call))?
            .0;
        Some(Verdict::released("its owner ends the target itself", Some(call)))
    }

    /// Where the code that registers on a receiver ends the receiver: it owns it.
    pub(in crate::lifetime) fn ends_target(&self, a: &Acquisition, target: Ref) -> Option<Ref> {
        let ends = self.project.tables.conventions.end.iter();
        self.call_on(a, target, ends.map(String::as_str))
    }

    /// A removal of another registration from the same receiver: its author knows that the receiver lives on.
    pub(in crate::lifetime) fn removes_another(&self, a: &Acquisition, target: Ref) -> Option<Ref> {
        let row = a.row()?;
        let patterns = self.project.tables.releases[row].iter();
        let methods = patterns.filter(|p| matches!(p.base, Base::Method(_))).map(|p| p.last());
        let removed = self.call_on(a, target, methods);
        removed.filter(|call| !self.is_at_end_of(&self.project.place(target), *call))
    }

    /// A call of a method of a receiver, in the files that know it.
    fn call_on<'n>(&self, a: &Acquisition, target: Ref, methods: impl Iterator<Item = &'n str>) -> Option<Ref> {
        let place = self.project.place(target);
        let calls = self.calls_of_methods(a, &place, methods);
        let mut calls = calls.into_iter();
        let found = calls.find(|(call, on)| self.project.same_place(on, &place) && !self.is_up_to_caller(*call));
        found.map(|(call, _)| call)
    }

    /// Whether the caller of a teardown decides if a call in it is made: `destroy(withModel)`. What is only ended on
    /// demand may well live on.
    fn is_up_to_caller(&self, call: Ref) -> bool {
        let f = self.project.function_at(call);
        if self.is_heard_as_asked(f) {
            return true;
        }
        let around = self.project.method_around(f);
        let is_end = around.is_some_and(|(owner, name, method)| {
            method == f && self.phase(owner, name).0 == crate::link::Phase::Teardown
        });
        is_end && self.is_if_asked(f, call)
    }

    /// Whether a function is a handler that its surroundings register only where a parameter of theirs says so:
    /// `if (options.end !== false) source.on("end", finish)`.
    fn is_heard_as_asked(&self, f: Func) -> bool {
        let uses = self.project.uses(f);
        let is_taken_off =
            |used: &&Use| matches!(**used, Use::Passed { call, arg } if self.project.is_taken_off(call, arg));
        let mut added = uses.iter().filter(|used| !is_taken_off(used)).peekable();
        added.peek().is_some()
            && added.all(|used| match *used {
                Use::Passed { call, .. } => self.is_if_asked(self.project.function_at(call), call),
                _ => false,
            })
    }

    /// Whether a node is reached only if a parameter of its function says so.
    fn is_if_asked(&self, f: Func, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        facts.ancestors(at.node).any(|up| match facts.node(up) {
            Node::If { test, yes, .. } => facts.is_inside(at.node, yes) && self.reads_parameter(f, test),
            _ => false,
        })
    }

    /// Whether a test asks for a parameter of a function, itself or through a variable.
    fn reads_parameter(&self, f: Func, test: NodeId) -> bool {
        let facts = self.project.facts(f.file);
        let mut found = false;
        let mut stack = vec![(test, true)];
        while let Some((node, direct)) = stack.pop() {
            if let Node::Binding(b) = facts.node(node) {
                let binding = facts.binding(b);
                found |= binding.kind == BindingKind::Param && binding.function == f.function;
                let init = binding.init.filter(|_| direct && binding.function == f.function);
                stack.extend(init.map(|init| (init, false)));
            }
            facts.children(node, |c| stack.push((c, direct)));
        }
        found
    }

    /// Calls of methods by their names, with what they are called on, in the files that know a target.
    fn calls_of_methods<'n>(
        &self,
        a: &Acquisition,
        target: &Place,
        methods: impl Iterator<Item = &'n str>,
    ) -> Vec<(Ref, Place)> {
        let files = self.release_files(a.at, std::slice::from_ref(target));
        let mut out = Vec::new();
        for name in methods {
            for &file in &files {
                let facts = self.project.facts(file);
                for &node in self.project.calls_named(file, name) {
                    if let Node::Call { callee, .. } = facts.node(node)
                        && let Node::Member { object, .. } = facts.node(callee)
                    {
                        let on = self.project.place(Ref { file, node: object });
                        out.push((Ref { file, node }, on));
                    }
                }
            }
        }
        out
    }

    /// Whether a call stands in the code of the same owner, or of the same function where there is none.
    fn is_within(&self, call: Ref, acquired: Ref, scope: &Scope) -> bool {
        match scope {
            Scope::Owner { owner, .. } => self
                .project
                .method_around(self.project.function_at(call))
                .is_some_and(|(o, ..)| self.project.is_related(o, *owner)),
            _ => {
                let f = self.project.function_at(acquired);
                let g = self.project.function_at(call);
                (self.project.is_within(g, f) || self.project.is_within(f, g))
                    && g.function != crate::facts::FunctionId::MODULE
            }
        }
    }

    /// Evidence that code which nobody calls here registers again and again on one target that outlives it.
    pub(in crate::lifetime) fn repeats_on_one_target(
        &self,
        a: &Acquisition,
        cause: Cause,
        scope: &Scope,
    ) -> Option<Evidence> {
        let Kind::Pair {
            target: Some(target),
            key,
            handler: Some(handler),
            ..
        } = &a.kind
        else {
            return None;
        };
        let f = self.project.function_at(a.at);
        if f.function == crate::facts::FunctionId::MODULE || !self.keeps_state(*handler, f) {
            return None;
        }
        let place = self.project.place(*target);
        if self.is_wrapper_of(*handler) {
            return None;
        }
        let evidence = |role, at, text: &str| {
            Some(Evidence {
                role,
                at,
                text: text.to_owned(),
            })
        };
        if matches!(
            cause,
            Cause::WrongHandler | Cause::WrongKey | Cause::WrongOptions | Cause::WrongTarget
        ) {
            return evidence(
                Role::Flow,
                a.at,
                "a release is written, so its target was meant to outlive it",
            );
        }
        if cause != Cause::NeverReleased || self.is_called_once_here(f) {
            return None;
        }
        if let Some(sibling) = self.released_sibling(a, *target) {
            return evidence(Role::Flow, sibling, "another listener on the same target is removed");
        }
        if self.waits_for_its_life(a, *target) {
            return None;
        }
        if let Some(key) = key
            && self.is_made_up_key(*key)
        {
            return evidence(
                Role::Flow,
                *key,
                "each has an event name of its own, so many share the target",
            );
        }
        let waits = || self.promise_around(a.at).filter(|_| !self.is_begun_at_start(f));
        // What all share is closed to be opened again.
        let is_ended = || self.is_parameter(&place) && self.ends_target(a, *target).is_some();
        let is_over = || is_ended() || self.waits_for_end_of_program(*target, *key);
        let promise = waits().filter(|p| !self.begins_within(&place, *p) && !is_over());
        if let Some(promise) = promise
            && matches!(
                self.project.life_of(&place),
                Life::Process | Life::Outer | Life::Connection
            )
        {
            return evidence(Role::Context, promise, "this promise is made for each call");
        }
        match self.project.life_of(&place) {
            Life::Process => self.process_wide(a, *target, f, scope),
            _ => None,
        }
    }

    /// Registered for as long as the process, by code that other programs call.
    fn process_wide(&self, a: &Acquisition, target: Ref, f: Func, scope: &Scope) -> Option<Evidence> {
        let place = self.project.place(target);
        let rare = self
            .project
            .type_of(target)
            .is_some_and(|t| self.project.tables.type_row(t).rare);
        // What only looks like a registration needs more than that its code may run again.
        if self.is_parameter(&place) || place.root == Root::Global && !rare || self.is_by_registrar(a) {
            return None;
        }
        let (at, text) = match scope {
            Scope::Owner { owner, method } => {
                let singleton = || {
                    let made = self.project.constructions(*owner);
                    made.iter().any(|&c| self.guard_of(c).is_some())
                };
                let is_nameless = || self.project.owner(*owner).name.is_none();
                // Objects that nobody ends are, most often, made for good.
                if method != "constructor"
                    || is_nameless()
                    || singleton()
                    || self.is_made_at_start(*owner)
                    || !self.tells_of_an_end(scope)
                {
                    return None;
                }
                (self.project.function_node(f), "runs for each object that is made")
            }
            // What a function does to the process it most often does when the program starts.
            _ if rare => return None,
            _ => {
                let outer = self.outermost(f);
                let name = self.project.function(outer).name?;
                let name = self.project.text(outer.file, name);
                let hands_on = a.handler().is_some_and(|h| self.only_calls_parameters(h));
                if hands_on || self.is_startup_name(name) || self.is_run_at_start(outer) || self.is_only_an_entry(outer)
                {
                    return None;
                }
                (self.project.function_node(outer), "runs for each call")
            }
        };
        (at != a.at).then(|| Evidence {
            role: Role::Context,
            at,
            text: text.to_owned(),
        })
    }

    /// Whether the project calls a function that others may call too, and does so once: it shows how it is meant.
    fn is_called_once_here(&self, f: Func) -> bool {
        let outer = self.outermost(f);
        let calls = self.project.callers(outer).calls;
        !calls.is_empty()
            && calls
                .iter()
                .all(|&call| self.project.repetition(self.project.function_at(call)) == Repetition::Once)
    }

    /// Whether no code of a program calls a function which is all that its file exports, or stands in a list that is
    /// handed on: a framework or a host of plugins begins it, and most often once. What a package exports, others call
    /// as often as they like.
    fn is_only_an_entry(&self, f: Func) -> bool {
        let mut calls = self.project.callers(f).calls;
        calls.retain(|call| !self.project.is_test_of(call.file, f.file));
        let facts = self.project.facts(f.file);
        let node = self.project.function_node(f);
        let named: Vec<BindingId> = self.project.begun_with(node).collect();
        let is_whole = |e: &Export| {
            let is_it = match &e.value {
                ExportValue::Node(value) => *value == node.node,
                ExportValue::Binding(b) => named.contains(b),
                ExportValue::From { .. } => false,
            };
            is_it && matches!(facts.name(e.name), "default" | "=")
        };
        let is_listed = |used: &Use| matches!(used, Use::PassedIn { path, .. } if path.is_empty());
        calls.is_empty()
            && self.project.file(f.file).package.is_none()
            && (facts.exports.iter().any(is_whole) || self.project.uses(f).iter().any(is_listed))
    }

    /// A handler that is a parameter of the code which registers it: whoever hands it in has to take it off.
    fn is_wrapper_of(&self, handler: Ref) -> bool {
        let facts = self.project.facts(handler.file);
        let Node::Binding(b) = facts.node(handler.node) else {
            return false;
        };
        facts.binding(b).kind == BindingKind::Param && !self.is_of_executor(handler.file, b)
    }

    /// `(event, data) => callback(data)`: a handler that keeps only functions which were handed in, and calls them.
    fn only_calls_parameters(&self, handler: Ref) -> bool {
        let Some(g) = self.project.function_value(handler, 0) else {
            return false;
        };
        let facts = self.project.facts(g.file);
        let body = self.project.function(g);
        let is_called_parameter = |&b: &BindingId| {
            let binding = facts.binding(b);
            let mut inside = facts.references_of(b).filter(|n| facts.is_inside(*n, body.node));
            binding.kind == BindingKind::Param
                && inside.all(|n| matches!(facts.node(facts.parent(n)), Node::Call { callee, .. } if callee == n))
        };
        let mut kept = body.captures.iter().filter(|&&b| {
            let binding = facts.binding(b);
            binding.function != FunctionId::MODULE && binding.kind != BindingKind::Import
        });
        let is_bare = !body.flags.uses_this || !body.flags.is_arrow;
        is_bare && !body.captures.is_empty() && kept.all(is_called_parameter)
    }

    /// Whether a place begins at a variable of the code that an expression holds: a callback's parameter.
    pub(in crate::lifetime) fn begins_within(&self, place: &Place, outer: Ref) -> bool {
        match &place.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(*file);
                let function = facts.function(facts.binding(*b).function);
                *file == outer.file && facts.is_inside(function.node, outer.node)
            }
            Root::Value(at) => at.file == outer.file && self.project.facts(at.file).is_inside(at.node, outer.node),
            _ => false,
        }
    }

    /// The function of a module that a function is written in.
    pub(in crate::lifetime) fn outermost(&self, f: Func) -> Func {
        let mut at = f;
        while let Some(parent) = self.project.function(at).parent {
            if parent == crate::facts::FunctionId::MODULE {
                break;
            }
            at.function = parent;
        }
        at
    }

    /// `setupSignals`, `main`: by habit called once, when the program starts.
    pub(in crate::lifetime) fn is_startup_name(&self, name: &str) -> bool {
        let bare = name.trim_start_matches('_');
        self.project.tables.conventions.startup.iter().any(|word| {
            bare.strip_prefix(word.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        })
    }

    /// Whether a handler keeps something of the activation or object that registers it.
    pub(in crate::lifetime) fn keeps_state(&self, handler: Ref, f: Func) -> bool {
        let facts = self.project.facts(handler.file);
        // `emitter.on(key, this.update, this)`
        if let Node::Call { args, .. } = facts.node(facts.parent(handler.node))
            && facts
                .list(args)
                .skip_while(|&arg| arg != handler.node)
                .any(|arg| facts.node(arg) == Node::This)
        {
            return true;
        }
        match facts.node(handler.node) {
            Node::Call { callee, args, .. } => {
                let binds = matches!(facts.node(callee), Node::Member { .. });
                binds && facts.list(args).len() > 0
                    || self
                        .project
                        .function_value(handler, 0)
                        .is_some_and(|g| self.captures_state(g, f))
            }
            // A parameter: `resolve`, `callback`.
            Node::Binding(b) if facts.binding(b).kind == BindingKind::Param => true,
            _ => match self.project.function_value(handler, 0) {
                Some(g) => {
                    self.captures_state(g, f)
                        || matches!(self.project.place(handler).root, Root::This(_))
                            && (self.project.function(g).flags.is_arrow
                                || self.is_bound_field(handler)
                                || self.is_bound_by_framework(handler))
                }
                None => matches!(self.project.place(handler).root, Root::This(_)),
            },
        }
    }

    /// Whether a framework binds the methods of an object of options to the component that it makes of it, as Vue does.
    fn is_bound_by_framework(&self, method: Ref) -> bool {
        match self.project.place(method).root {
            Root::This(owner) => {
                let is_options = matches!(self.project.owner(owner).kind, OwnerKind::Object(_));
                let cycle = self.project.lifecycle(owner).filter(|_| is_options);
                cycle.is_some_and(|c| !c.row.reactions.is_empty())
            }
            _ => false,
        }
    }

    /// Whether a field holds a method that was bound to its object: `this.update = this.update.bind(this)`.
    fn is_bound_field(&self, at: Ref) -> bool {
        let written = self.project.definitions(&self.project.place(at));
        written.into_iter().any(|d| {
            let facts = self.project.facts(d.file);
            let Node::Call { callee, .. } = facts.node(d.node) else {
                return false;
            };
            matches!(facts.node(callee), Node::Member { property, .. } if facts.name(property) == "bind")
        })
    }

    fn captures_state(&self, g: Func, f: Func) -> bool {
        let facts = self.project.facts(g.file);
        let function = self.project.function(g);
        let keeps_this = function.flags.is_arrow && function.flags.uses_this && self.project.this_of(f).is_some();
        keeps_this
            || function.captures.iter().any(|&b| {
                let binding = facts.binding(b);
                binding.function != crate::facts::FunctionId::MODULE && binding.kind != BindingKind::Import
            })
    }

    /// A name put together from text and something else: `'data:' + id`.
    fn is_made_up_key(&self, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        let is_text = |node| matches!(facts.node(node), Node::Str(_));
        let varies = |node| {
            let at = Ref { file: key.file, node };
            !is_text(node)
                && self.project.constant_text(at, 0).is_none()
                && !matches!(self.project.life_of(&self.project.place(at)), Life::Process)
        };
        match facts.node(key.node) {
            Node::Template(parts) => facts.list(parts).any(is_text) && facts.list(parts).any(varies),
            Node::Binary { left, right, .. } => is_text(left) && varies(right) || varies(left) && is_text(right),
            _ => false,
        }
    }

    /// Other acquisitions on the same target in the same function.
    pub(super) fn siblings(&self, a: &Acquisition, target: Ref) -> Vec<Acquisition> {
        let place = self.project.place(target);
        let f = self.project.function_at(a.at);
        let same = |b: &Acquisition| match &b.kind {
            Kind::Pair { target: Some(t), .. } => self.project.same_place(&self.project.place(*t), &place),
            _ => false,
        };
        self.project
            .calls_in(f)
            .iter()
            .map(|&node| Ref { file: f.file, node })
            .filter(|&call| call != a.at)
            .filter_map(|call| self.acquisition_at(call))
            .filter(same)
            .collect()
    }

    /// A listener next to this one, on the same target, that is removed.
    fn released_sibling(&self, a: &Acquisition, target: Ref) -> Option<Ref> {
        self.siblings(a, target).into_iter().find_map(|b| {
            let flow = self.flow(b.at);
            let right = |r: &Release| r.wrong.is_none() && !self.takes_all(r.at) && !self.is_made_at_its_end(a, r.at);
            self.releases_of(&b, &flow).iter().any(right).then_some(b.at)
        })
    }

    /// Whether a release is what a listener does itself when it hears of the end of its target, after which nothing comes:
    /// `stream.on('end', finish)`, where `finish` takes the others off.
    fn is_made_at_its_end(&self, a: &Acquisition, release: Ref) -> bool {
        let conventions = &self.project.tables.conventions;
        let event = a.key().and_then(|key| self.project.constant_text(key, 0));
        let is_end = event.is_some_and(|event| {
            let is_one_of = |events: &[String]| events.iter().any(|e| **e == *event);
            is_one_of(&conventions.ending_events) && is_one_of(&conventions.once_events)
        });
        let heard = a.handler().and_then(|handler| self.project.function_value(handler, 0));
        is_end && heard.is_some_and(|f| self.project.reach(&[f]).contains(&self.project.function_at(release)))
    }

    /// `removeAllListeners()` and its like say nothing about a single listener.
    fn takes_all(&self, call: Ref) -> bool {
        matches!(self.project.node(call), Node::Call { args, .. }
            if self.project.facts(call.file).list(args).len() < 2)
    }
}
