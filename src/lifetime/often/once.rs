//! `once`: a listener that ends by itself if its event comes.

use crate::facts::Node;
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{Func, Life, Phase, Place, Ref, Repetition, Root};
use crate::tables::{Every, PairRow};

impl Judge<'_> {
    /// A one-time listener is a leak only where its event may never come while the code runs again and again.
    #[allow(clippy::too_many_arguments)]
    pub(in crate::lifetime) fn judge_once(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        scope: &Scope,
        repetition: &Repetition,
        releases: &[Release],
        typed: bool,
    ) -> Verdict {
        let Some((target, handler)) = a.registration() else {
            return Verdict::bounded("it ends by itself");
        };
        let left = self.left_waiting(a, scope);
        let beside = self.waits_in_turn(a).or_else(|| self.left_when_work_is_done(a));
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if let Some(evidence) = self.left_with_own_event(a, &right) {
            return self.leak(a, row, Cause::NotOnEveryPath, scope, repetition, typed, evidence);
        }
        if left.is_none() && beside.is_none() && !self.may_never_come(a, target, scope, repetition) {
            return Verdict::bounded("it ends by itself when its event comes");
        }
        if !self.keeps_state(handler, self.project.function_at(a.at)) {
            return Verdict::bounded("its function keeps nothing of this call");
        }
        if let Some(verdict) = self.released(a, scope, flow, &right) {
            return match verdict {
                Ok(released) => released,
                Err((cause, evidence)) => self.leak(a, row, cause, scope, repetition, typed, evidence),
            };
        }
        if let Some(left) = left {
            let verdict = self.leak(a, row, Cause::NotOnTeardown, scope, repetition, typed, vec![left]);
            let is_single = matches!(scope, Scope::Owner { owner, .. } if self.is_singleton(*owner));
            return match is_single {
                true => verdict,
                false => self.at_least_medium(verdict),
            };
        }
        if let Some(Release {
            at,
            wrong: Some((cause, text)),
        }) = releases
            .iter()
            .find(|r| r.wrong.is_some() && !self.is_meant_for_another(a, r))
        {
            let evidence = vec![Evidence {
                role: Role::Release,
                at: *at,
                text: text.clone(),
            }];
            return self.leak(a, row, *cause, scope, repetition, typed, evidence);
        }
        if let Some(beside) = beside {
            return self.at_least_medium(self.leak(
                a,
                row,
                Cause::NeverReleased,
                scope,
                repetition,
                typed,
                vec![beside],
            ));
        }
        let known = !matches!(repetition, Repetition::Unknown)
            || self.is_lent(target)
            || matches!(self.project.life_of(&self.project.place(target)), Life::Process)
            || self.repeats_on_one_target(a, Cause::NeverReleased, scope).is_some();
        if !known {
            return Verdict::bounded("it ends by itself when its event comes");
        }
        let verdict = self.leak(a, row, Cause::NeverReleased, scope, repetition, typed, Vec::new());
        match verdict {
            Verdict::Leak(leak) if leak.confidence == Confidence::Low => {
                Verdict::bounded("it ends by itself when its event comes")
            }
            other => other,
        }
    }

    /// Whether a handler waits for what comes once, in a function that asks whether it has come:
    /// `document.readyState`.
    pub(in crate::lifetime) fn asks_whether_it_came(&self, a: &Acquisition, handler: Option<Ref>) -> bool {
        let (Some(handler), Some((_, args))) = (handler, self.callee_of(a.at)) else {
            return false;
        };
        let Some(position) = args.iter().position(|arg| *arg == handler) else {
            return false;
        };
        let Some((row, _)) = self.project.context_of(a.at, position) else {
            return false;
        };
        let f = self.activation(self.project.function_at(a.at));
        let facts = self.project.facts(f.file);
        let around = facts.function(f.function).node;
        let mut told_by = self.project.tables.contexts[row].told_by.iter();
        told_by.any(|member| {
            self.project
                .name_in(f.file, member)
                .is_some_and(|name| facts.members_named(name).any(|node| facts.is_inside(node, around)))
        })
    }

    /// Whether an event may stay away for as long as the code that waits for it runs.
    fn may_never_come(&self, a: &Acquisition, target: Ref, scope: &Scope, repetition: &Repetition) -> bool {
        let Kind::Pair { key: Some(key), .. } = &a.kind else {
            return false;
        };
        let rare = self
            .type_of_target(target)
            .is_some_and(|t| self.project.tables.type_row(t).rare);
        if rare {
            return true;
        }
        let conventions = &self.project.tables.conventions;
        let Some(event) = self.project.constant_text(*key, 0) else {
            return false;
        };
        let is_one_of = |events: &[String]| events.iter().any(|e| **e == *event);
        // A component may go before what the page or the program tells comes.
        if self.waits_as_it_mounts(a, scope, repetition) && !is_one_of(&conventions.once_events) {
            return matches!(self.project.life_of(&self.project.place(target)), Life::Process);
        }
        is_one_of(&conventions.ending_events)
            && match self.project.life_of(&self.project.place(target)) {
                Life::Process => true,
                // Who waits for the end of what was handed in most often sees it.
                Life::Outer => !is_one_of(&conventions.once_events),
                Life::Connection => {
                    matches!(
                        repetition,
                        Repetition::Unknown
                            | Repetition::Repeated {
                                every: Every::Request,
                                ..
                            }
                    ) || self.outlives_code_within(target).is_some()
                }
                _ => false,
            }
    }

    /// Whether code waits in what a component runs as it mounts, and not in a handler that asks for an answer.
    fn waits_as_it_mounts(&self, a: &Acquisition, scope: &Scope, repetition: &Repetition) -> bool {
        let f = self.project.function_at(a.at);
        let mounts = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Mount | Every::Update,
                ..
            }
        );
        mounts
            && match scope {
                Scope::Effect { setup } => *setup == f,
                Scope::Setup { outer, .. } => *outer == f,
                Scope::Owner { owner, method } => {
                    let is_method = self.project.method_around(f).is_some_and(|(.., top)| top == f);
                    is_method && self.phase(*owner, method) == (Phase::Setup, true)
                }
                Scope::Function => false,
            }
    }

    /// How sure a leak is where nobody says how often its code runs: by what is known of the target.
    pub(in crate::lifetime) fn confidence_by_target(
        &self,
        a: &Acquisition,
        cause: Cause,
        scope: &Scope,
        typed: bool,
        by_scope: Confidence,
        evidence: &mut Vec<Evidence>,
    ) -> Confidence {
        let Some(target) = a.target() else {
            return by_scope;
        };
        if matches!(scope, Scope::Owner { owner, .. } if self.is_singleton(*owner)) {
            return Confidence::Low;
        }
        if let Some(found) = self.repeats_on_one_target(a, cause, scope) {
            evidence.push(found);
            return Confidence::Medium;
        }
        if cause == Cause::NeverReleased
            && let Some(found) = self.attached_to(a, target, scope)
        {
            evidence.push(found);
            return Confidence::Medium;
        }
        let f = self.project.function_at(a.at);
        if cause == Cause::NeverReleased && self.is_begun_at_start(f) {
            return Confidence::Low;
        }
        // What a program does when it is told to end, it most often says once.
        if cause == Cause::NeverReleased && self.waits_for_end_of_program(target, a.key()) {
            return Confidence::Low;
        }
        if self.is_among_given(a, target) {
            return by_scope;
        }
        let place = self.project.place(target);
        if matches!(self.project.life_of(&place), Life::Instance(_)) {
            return Confidence::Low;
        }
        let is_part = self.is_part_of_a_request(&place);
        if typed && self.is_lent(target) && (is_part || !self.waits_for_its_life(a, target)) {
            if self.is_told_once(scope, &place) || self.sets_up(scope, &place) {
                return by_scope;
            }
            // Who lends a signal or a socket to a function may do so again and again.
            return by_scope.max(Confidence::Medium);
        }
        if self.waits_for_its_life(a, target) || !self.tells_of_an_end(scope) {
            return Confidence::Low;
        }
        by_scope
    }

    /// Whether code is handed the application itself, and has no end of its own: it sets the application up.
    fn sets_up(&self, scope: &Scope, target: &Place) -> bool {
        let name = match (&target.root, target.last()) {
            (_, Some(last)) => last,
            (Root::Binding(file, b), None) => self.project.text(*file, self.project.facts(*file).binding(*b).name),
            _ => return false,
        };
        let is_such = self.project.tables.conventions.set_up.iter().any(|n| n == name);
        is_such
            && match scope {
                Scope::Function => true,
                Scope::Owner { owner, .. } => {
                    let (ends, by_framework) = self.teardowns(*owner);
                    !by_framework && !ends.iter().any(|f| self.ends_its_object(*f))
                }
                _ => false,
            }
    }

    /// Whether one place tells objects without an end to listen to what they were made with: a service of a server that is
    /// told so as the server begins. How many of them there are, nobody says.
    fn is_told_once(&self, scope: &Scope, target: &Place) -> bool {
        let Scope::Owner { owner, method } = scope else {
            return false;
        };
        let is_own = matches!(target.root, Root::This(of) if of == *owner) && !target.path.is_empty();
        let told_at = self
            .project
            .method(*owner, method)
            .and_then(|f| self.place_that_runs(f));
        // What the object does itself, it may do whenever it hears of something.
        let is_by_itself = |at: Ref| {
            let around = self.project.method_around(self.project.function_at(at));
            around.is_some_and(|(of, ..)| self.project.is_related(of, *owner))
        };
        is_own
            && method != "constructor"
            && self.teardowns(*owner).0.is_empty()
            && self.project.lifecycle(*owner).is_none()
            && told_at.is_some_and(|at| !is_by_itself(at))
    }

    /// Whether a method ends its object rather than something that it is given: `remove(key)`, `off(event)`.
    pub(in crate::lifetime) fn ends_its_object(&self, teardown: Func) -> bool {
        let weak = &self.project.tables.conventions.weak_teardown;
        let Some((_, name, _)) = self.project.method_around(teardown) else {
            return true;
        };
        let bare = name.trim_start_matches(['_', '#']);
        let facts = self.project.facts(teardown.file);
        let takes = |p| !matches!(facts.node(p), Node::Default { .. } | Node::Rest(_));
        let for_events = &self.project.tables.conventions.removes_for_event;
        let mut means_else = weak.iter().chain(for_events);
        !means_else.any(|w| w == bare) || !facts.list(self.project.function(teardown).params).any(takes)
    }

    /// Whether an owner has a teardown whose name means nothing else.
    pub(in crate::lifetime) fn tells_of_an_end(&self, scope: &Scope) -> bool {
        let Scope::Owner { owner, .. } = scope else {
            return true;
        };
        let (teardowns, by_framework) = self.teardowns(*owner);
        let conventions = &self.project.tables.conventions;
        let weak = &conventions.weak_teardown;
        // What can be toggled is closed to be opened again.
        let toggles = conventions
            .toggles
            .iter()
            .any(|t| self.project.method(*owner, t).is_some());
        let closes = |name: &str| toggles && conventions.toggled.iter().any(|c| c == name);
        by_framework
            || self.is_given_end(*owner)
            || teardowns.iter().any(|&f| {
                self.project.method_around(f).is_some_and(|(_, name, _)| {
                    let bare = name.trim_start_matches(['_', '#']);
                    !weak.iter().any(|w| w == bare) && !closes(bare) && self.ends_its_object(f)
                })
            })
    }

    /// Whether a place is reached through something that lives as long as a request: `request.socket`.
    fn is_part_of_a_request(&self, place: &Place) -> bool {
        std::iter::successors(place.parent(), Place::parent)
            .any(|whole| matches!(self.project.life_of(&whole), Life::Request))
    }
}
