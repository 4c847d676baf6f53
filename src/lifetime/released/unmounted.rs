//! What a component begins in one of its handlers and ends in another, and that its end does not reach.
//!
//! `onClick={start}` sets an interval, `onClick={stop}` clears it: who leaves the page in between takes the handle along,
//! and the interval goes on.

use rustc_hash::FxHashSet;

use crate::facts::{FunctionId, Node};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, OwnerId, OwnerKind, Place, Ref, Repetition, Root, Use};
use crate::tables::{Every, Param};

impl Judge<'_> {
    /// Evidence that only handlers of a component's function release what it began in another one. The function is a
    /// component's, or one that registers what runs at the end.
    pub(in crate::lifetime) fn missed_by_unmount(
        &self,
        a: &Acquisition,
        setup: Option<Func>,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Evidence> {
        let Kind::Pair {
            row,
            target,
            handler,
            via: None,
            ..
        } = &a.kind
        else {
            return None;
        };
        let pair = &self.project.tables.pairs[*row];
        let f = self.project.function_at(a.at);
        let is_handed_on = flow.passed.iter().any(|call| right.iter().all(|r| r.at != *call));
        if pair.one_shot || pair.collectable || !flow.collections.is_empty() || is_handed_on || flow.other {
            return None;
        }
        let component = self.component_around(f).or(setup)?;
        let is_left = match target {
            // A function that the handler makes is a part of one run, which has an end of its own.
            Some(_) => {
                handler.is_some_and(|h| self.is_held_by(&self.project.place(h), component))
                    && self.waits_on_page(a, right)
            }
            None => flow.places.iter().any(|p| self.is_held_by(p, component)),
        };
        // What the program mounts when it starts stays as long as the page.
        let stays = || matches!(self.project.repetition(component), Repetition::Once);
        if f == component || !is_left || stays() {
            return None;
        }
        let ended_in: Vec<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        let handles_itself = handler
            .and_then(|h| self.project.function_value(h, 0))
            .is_some_and(|h| ended_in.iter().any(|g| self.project.is_within(*g, h)));
        let elsewhere = |g: &Func| *g == component || !self.project.is_within(*g, component);
        if handles_itself || ended_in.iter().any(elsewhere) || self.ends_in_the_same_run(a.at, right) {
            return None;
        }
        let ended_in: FxHashSet<Func> = ended_in.into_iter().collect();
        let inner: Vec<Func> = self.project.functions_within(component).collect();
        let reaching = inner
            .iter()
            .filter(|g| self.project.reach(&[**g]).iter().any(|h| ended_in.contains(h)));
        let mut all_known = true;
        for g in reaching {
            all_known &= self.runs_in_handlers_only(*g, component);
        }
        all_known.then(|| Evidence {
            role: Role::Release,
            at: right[0].at,
            text: "only a handler gets here; the end of the component does not".into(),
        })
    }

    /// Whether a listener stays on something of the whole page until other code than its own takes it off: no event that
    /// it hears does, nor one that surely comes.
    pub(in crate::lifetime) fn waits_on_page(&self, a: &Acquisition, right: &[&Release]) -> bool {
        self.is_left_on_page(a, right) && !self.is_ended_by_its_function(a, right)
    }

    /// Whether a listener stays on something of the whole page until code takes it off that no event surely leads to.
    pub(in crate::lifetime) fn is_left_on_page(&self, a: &Acquisition, right: &[&Release]) -> bool {
        let (Some((target, handler)), Some(row)) = (a.registration(), a.row()) else {
            return false;
        };
        let row = &self.project.tables.pairs[row];
        let waits_for_end = matches!(&a.kind, Kind::Pair { key: Some(key), .. } if self.is_end_of_gesture(*key));
        if row.one_shot || !row.release_is_on_target() || waits_for_end {
            return false;
        }
        let is_of_page = matches!(self.project.life_of(&self.project.place(target)), Life::Process);
        is_of_page
            && self.project.function_value(handler, 0).is_some()
            && !right.iter().any(|r| self.comes_surely(r.at))
    }

    /// Whether the methods of an owner call one of theirs, and nothing else does: no other code calls one of that name,
    /// nobody is handed it or a function that calls it. What nobody is seen to call is perhaps called by a framework that
    /// is not known.
    fn is_called_by_methods_only(&self, owner: OwnerId, name: &str) -> bool {
        let by_method = |call: &Ref| {
            let g = self.project.function_at(*call);
            let around = self.project.method_around(g);
            self.calls_on_this(*call)
                .is_some_and(|of| self.project.is_related(of, owner))
                && around.is_some_and(|(.., top)| top == g)
        };
        let is_super = |call: &Ref| {
            let called = self.project.facts(call.file).method_call(call.node);
            called.is_some_and(|c| self.project.facts(call.file).node(c.object) == Node::Super)
        };
        let mut calls = self.calls_by_name(name).filter(|call| !is_super(call)).peekable();
        let uses = self.project.method_uses(owner, name);
        calls.peek().is_some()
            && calls.all(|call| by_method(&call))
            && uses.iter().all(|used| matches!(used, Use::Called { .. }))
    }

    /// Whether another object calls a method on itself that it does not have: whoever mixes it in has.
    pub(in crate::lifetime) fn is_called_by_a_mixin(&self, owner: OwnerId, release: Ref) -> bool {
        let around = self.project.method_around(self.project.function_at(release));
        let Some((_, name, _)) = around else { return false };
        self.calls_by_name(name).any(|call| {
            let of = self.calls_on_this(call);
            of.is_some_and(|of| !self.project.is_related(of, owner) && self.project.member(of, name).is_none())
        })
    }

    /// All calls of a method of some name.
    pub(in crate::lifetime) fn calls_by_name(&self, name: &str) -> impl Iterator<Item = Ref> {
        let files = self.project.files_naming(name);
        (0..files.len()).flat_map(move |i| {
            let file = files[i];
            let calls = self.project.calls_named(file, name).iter();
            calls.map(move |&node| Ref { file, node })
        })
    }

    /// The owner of the object on which a call calls a method of its own.
    pub(in crate::lifetime) fn calls_on_this(&self, call: Ref) -> Option<OwnerId> {
        let called = self.project.facts(call.file).method_call(call.node)?;
        let on = self.project.place(Ref {
            node: called.object,
            ..call
        });
        match on.root {
            Root::This(of) if on.path.is_empty() => Some(of),
            _ => None,
        }
    }

    /// Whether the function that is handed over leads to one of its own releases.
    fn is_ended_by_its_function(&self, a: &Acquisition, right: &[&Release]) -> bool {
        let Some(run) = a.handler().and_then(|h| self.project.function_value(h, 0)) else {
            return false;
        };
        let reach = self.project.reach(&[run]);
        right.iter().any(|r| {
            let g = self.project.function_at(r.at);
            reach.contains(&g) || self.project.is_within(g, run)
        })
    }

    /// Evidence that the method which ends an object by its name leaves what another method of the object begins, and that
    /// nobody but the object itself runs the methods that end it.
    pub(in crate::lifetime) fn left_by_named_end(
        &self,
        a: &Acquisition,
        scope: &Scope,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let Scope::Owner { owner, .. } = scope else {
            return None;
        };
        let row = &self.project.tables.pairs[a.row()?];
        let held_in_field = flow.places.iter().any(|p| matches!(p.root, Root::This(_)));
        let goes_on = held_in_field && a.target().is_none() && !self.is_ended_by_its_function(a, right)
            || self.waits_on_page(a, right);
        let is_one = self.is_singleton(*owner) || self.project.instances_of(*owner) == Repetition::Once;
        if !goes_on || row.one_shot || row.collectable || row.inferred || is_one {
            return None;
        }
        let (teardowns, by_framework) = self.teardowns(*owner);
        if by_framework || !teardowns.iter().any(|t| self.ends_its_object(*t)) {
            return None;
        }
        let reach = self.project.reach(&teardowns);
        let f = self.project.function_at(a.at);
        let is_passed_by = |r: &&Release| {
            let g = self.project.function_at(r.at);
            let is_method = self
                .project
                .method_around(g)
                .is_some_and(|(_, name, top)| top == g && self.is_called_by_methods_only(*owner, name));
            is_method
                && !reach.contains(&g)
                && !self.same_method(f, g)
                && !self.comes_surely(r.at)
                && !self.runs_at_end(*owner, r.at)
                && !self.is_ended_by_others(*owner, r.at)
        };
        right.iter().all(is_passed_by).then(|| {
            vec![Evidence {
                role: Role::Release,
                at: right[0].at,
                text: "the end of the object may come before this, and does not reach it".into(),
            }]
        })
    }

    /// Whether what stands in a method of an owner may come after the end of its object, which does not reach it, nor does
    /// who ends the object.
    pub(in crate::lifetime) fn is_passed_by_end(&self, owner: OwnerId, at: Ref) -> bool {
        let g = self.project.function_at(at);
        let (teardowns, _) = self.teardowns(owner);
        // What nobody sees calls the methods that it gives a class or object: `widget('app.slider', { _stop() {} })`.
        if matches!(self.project.owner(owner).kind, OwnerKind::Object(_)) || self.extends_unseen(owner) {
            return false;
        }
        let is_method = || {
            let around = self.project.method_around(g);
            around.is_some_and(|(of, name, _)| {
                self.project.is_related(of, owner) && !self.may_be_called_by_users(owner, name)
            })
        };
        !self.project.reach(&teardowns).contains(&g)
            && is_method()
            && !self.runs_at_end(owner, at)
            && !self.is_ended_by_others(owner, at)
    }

    /// Whether a file that uses the class of an owner calls a method of this name on something that nobody knows.
    fn may_be_called_by_users(&self, owner: OwnerId, name: &str) -> bool {
        let users = self.project.users_of(owner.file);
        let is_outside = |call: &Ref| {
            let around = self.project.method_around(self.project.function_at(*call));
            !around.is_some_and(|(of, ..)| self.project.is_related(of, owner))
        };
        self.calls_by_name(name).any(|call| {
            (call.file == owner.file || users.contains(&call.file))
                && is_outside(&call)
                && self.project.called_function(call).is_none()
        })
    }

    /// Whether a release follows the acquisition within its function, rather than standing before it or in the other
    /// branch of a toggle.
    pub(in crate::lifetime) fn ends_in_the_same_run(&self, at: Ref, right: &[&Release]) -> bool {
        let f = self.project.function_at(at);
        right.iter().any(|r| {
            self.project.function_at(r.at) == f && self.is_before(at, r.at) && !self.exclude_each_other(at, r.at)
        })
    }

    /// The function of a component around another one.
    fn component_around(&self, f: Func) -> Option<Func> {
        let mut at = f;
        loop {
            let function = self.project.function(at);
            let named = function.name.map(|n| self.project.text(f.file, n));
            let is_component = function.flags.has_jsx
                && function.class.is_none()
                && named.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_uppercase()));
            if is_component || self.project.facts(f.file).instance == Some(at.function) {
                return Some(at);
            }
            at.function = function.parent.filter(|p| *p != FunctionId::MODULE)?;
        }
    }

    /// Whether a place is a variable of a component, or the content of a ref of it.
    fn is_held_by(&self, place: &Place, component: Func) -> bool {
        match &place.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(*file);
                let binding = facts.binding(*b);
                *file == component.file
                    && binding.function == component.function
                    && binding.kind != crate::facts::BindingKind::Param
            }
            Root::Value(at) => {
                self.project.function_at(*at) == component && matches!(self.project.node(*at), Node::Call { .. })
            }
            _ => false,
        }
    }

    /// Whether a function of a component runs in handlers of its elements, and nowhere else.
    pub(in crate::lifetime) fn runs_in_handlers_only(&self, g: Func, component: Func) -> bool {
        let gesture_ends = &self.project.tables.conventions.gesture_ends;
        self.project.uses(g).iter().all(|used| match used {
            Use::Called { call } => self.project.function_at(*call) != component,
            Use::Attribute { at } => {
                let facts = self.project.facts(at.file);
                let name = match facts.node(at.node) {
                    Node::Property { key, .. } => facts.string(key),
                    _ => None,
                };
                name.and_then(|n| n.strip_prefix("on"))
                    .is_some_and(|event| !gesture_ends.contains(&event.to_lowercase()))
            }
            Use::Passed { call, arg } => {
                self.project.is_wrapper(*call, *arg)
                    || self.project.is_taken_off(*call, *arg)
                    || self.project.context_of(*call, *arg).is_some_and(|(row, param)| {
                        let every = self.project.tables.contexts[row].every;
                        param == Param::Handler && matches!(every, Every::Event | Every::Later | Every::Call)
                    })
            }
            _ => false,
        })
    }
}
