//! Listeners that pile up on an object's own part: each run of a method adds another function to what stays the same.
//!
//! That the part ends with the object is no help as long as the object goes on.

use crate::facts::{BindingKind, CallKind, FunctionId, Node};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Life, OwnerId, Phase, Place, Ref, Repetition, Root, Use};
use crate::tables::Every;

impl Judge<'_> {
    /// Evidence that a method runs again on one object and adds another function to a part that the object keeps.
    pub(in crate::lifetime) fn added_to_own_part(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let target = self.adds_one_more(a)?;
        let Kind::Pair { row, options: None, .. } = a.kind else {
            return None;
        };
        if self.project.tables.pairs[row].stream {
            return None;
        }
        let on = self.project.place(target);
        let is_part = matches!(on.root, Root::This(_)) && on.path.len() == 1;
        if !is_part || !matches!(self.project.life_of(&on), Life::Instance(_)) {
            return None;
        }
        let f = self.project.function_at(a.at);
        let (owner, name, top) = self.project.method_around(f)?;
        let is_plain = name != "constructor" && self.phase(owner, name).0 != Phase::Teardown;
        if f != top || !is_plain || self.is_part_of_construction(owner, name) || self.is_let_in_beside(&on, a.at, top) {
            return None;
        }
        let again = self
            .called_on_kept(owner, name)
            .or_else(|| self.heard_again(owner, name, &on, 0))
            .or_else(|| self.tried_again(a, owner, name, &on))?;
        let run = self.project.reach(&[self.project.function_at(again), top]);
        (self.stays_the_same(&on, &run) && releases().is_empty()).then(|| {
            vec![Evidence {
                role: Role::Context,
                at: again,
                text: format!("runs this again, with the same `{}`", self.show(target)),
            }]
        })
    }

    /// Evidence that a method asks a part of its object for something by a promise, and leaves what waits for the answer
    /// on the part: `ask(question) { return new Promise((resolve) => this.worker.on('message', resolve)); }`.
    pub(in crate::lifetime) fn added_for_each_answer(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let (key, options) = match a.kind {
            Kind::Pair { key, options, .. } => (key?, options),
            _ => return None,
        };
        let row = &self.project.tables.pairs[a.row()?];
        if options.is_some() || row.one_shot || row.stream || !row.release_is_on_target() {
            return None;
        }
        let event = self.project.constant_text(key, 0)?;
        let recurs = self
            .project
            .tables
            .conventions
            .recurring_events
            .iter()
            .any(|e| **e == *event);
        let f = self.project.function_at(a.at);
        if !recurs || !self.is_executor(f) || !self.settles(handler) {
            return None;
        }
        let (owner, name, top) = self.project.method_around(f)?;
        let mut on = self.project.place(target);
        // `this.child.stdout`
        let is_part = matches!(on.root, Root::This(_)) && (1..=2).contains(&on.path.len());
        on.path.truncate(1);
        let is_asked = self
            .project
            .facts(top.file)
            .list(self.project.function(top).params)
            .next()
            .is_some();
        if !is_part || !is_asked || name == "constructor" || self.is_part_of_construction(owner, name) {
            return None;
        }
        let made = self.project.definitions(&on);
        let is_made_first = made.iter().all(|d| self.is_initial(*d)) && !made.is_empty();
        (is_made_first && releases().is_empty()).then(|| {
            vec![Evidence {
                role: Role::Flow,
                at: handler,
                text: format!("settles the promise of one call, and stays on `{}`", self.show(target)),
            }]
        })
    }

    /// Evidence that a method which opens its object, as another one closes it, leaves a listener on the object for each
    /// caller: `connect(done) { this.on('connected', () => done()); }`.
    pub(in crate::lifetime) fn added_for_each_opening(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let on = self.project.place(self.adds_one_more(a)?);
        let handler = a.handler()?;
        let is_itself = matches!(on.root, Root::This(_)) && on.path.is_empty();
        let is_plain = matches!(a.kind, Kind::Pair { options: None, .. });
        let top = self.project.function_at(a.at);
        let (owner, name, method) = self.project.method_around(top)?;
        if !is_itself || !is_plain || method != top || !self.opens_again(owner, name) {
            return None;
        }
        let facts = self.project.facts(top.file);
        let is_called = |node| {
            let up = facts.parent(node);
            facts.is_inside(node, handler.node) && matches!(facts.node(up), Node::Call { callee, .. } if callee == node)
        };
        let told = facts
            .list(self.project.function(top).params)
            .find_map(|param| match facts.node(param) {
                Node::Binding(b) => facts.references_of(b).find(|&node| is_called(node)),
                _ => None,
            })?;
        releases().is_empty().then(|| {
            vec![Evidence {
                role: Role::Flow,
                at: Ref { node: told, ..a.at },
                text: "tells one caller, and stays for the next one".into(),
            }]
        })
    }

    /// Whether a method opens its object by its name, and another one closes it, and nobody in sight says that it is
    /// called once. What only registers is called for each listener.
    fn opens_again(&self, owner: OwnerId, name: &str) -> bool {
        let tables = &self.project.tables;
        let registers = tables.conventions.counterparts.iter().any(|(adds, _)| adds == name);
        tables.is_repeat(name)
            && !registers
            && !self.is_part_of_construction(owner, name)
            && self.teardowns(owner).0.iter().any(|&end| self.is_plainly_an_end(end))
            && (self.is_opened_by_itself_only(owner, name) || self.called_on_kept(owner, name).is_some())
    }

    /// Whether nobody is seen to call a method but its own object, later than it is made: to open it again.
    fn is_opened_by_itself_only(&self, owner: OwnerId, name: &str) -> bool {
        let uses = self.project.method_uses(owner, name);
        let by_itself = |call: Ref| {
            let g = self.project.function_at(call);
            let around = self.project.method_around(g);
            self.calls_on_this(call).is_some() && around.is_some_and(|(_, within, _)| within != "constructor")
        };
        let mut told = uses.iter().filter(|used| {
            used.file()
                .is_none_or(|file| !self.project.is_test_of(file, owner.file))
        });
        told.all(|used| matches!(used, Use::Called { call } if by_itself(*call)))
    }

    /// Where what a method registers leads to the method again, at once or after a while.
    fn tried_again(&self, a: &Acquisition, owner: OwnerId, name: &str, on: &Place) -> Option<Ref> {
        let handler = self.project.function_value(a.handler()?, 0)?;
        let led_to = self.project.reach(&[handler]);
        let is_timer = |used: &Use| matches!(self.project.run_by_context(used), Some((_, Every::Later)));
        self.project.method_uses(owner, name).iter().find_map(|used| {
            let Use::Called { call } = used else { return None };
            let g = self.project.function_at(*call);
            let (_, _, around) = self.project.method_around(g)?;
            let is_own = self
                .calls_on_this(*call)
                .is_some_and(|of| self.project.is_related(of, owner));
            let goes_on = g == around || self.project.uses(g).iter().all(is_timer);
            let is_plain = !self.is_let_in_beside(on, *call, g);
            (is_own && goes_on && is_plain && led_to.contains(&around)).then_some(*call)
        })
    }

    /// Where a method is called again and again on the one object in a variable of a module.
    fn called_on_kept(&self, owner: OwnerId, name: &str) -> Option<Ref> {
        let uses = self.project.method_uses(owner, name);
        let mut calls = uses.iter().filter_map(|used| match used {
            Use::Called { call } => Some(*call),
            _ => None,
        });
        calls.find(|call| {
            let caller = self.project.function_at(*call);
            let repeats = || {
                matches!(
                    self.project.repetition(caller),
                    Repetition::Repeated { proven: true, .. }
                )
            };
            caller.function != FunctionId::MODULE
                && self.is_on_kept(*call)
                && repeats()
                && self.lets_once(*call, None).is_none()
        })
    }

    fn is_on_kept(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let Some(method) = facts.method_call(call.node) else {
            return false;
        };
        let place = self.project.place(Ref {
            node: method.object,
            ..call
        });
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let binding = self.project.facts(file).binding(b);
        let is_made = binding.init.is_some_and(|node| {
            matches!(
                self.project.node(Ref { file, node }),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            )
        });
        place.path.is_empty() && binding.function == FunctionId::MODULE && binding.kind == BindingKind::Const && is_made
    }
}
