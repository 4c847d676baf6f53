//! How often an acquisition happens, and how sure that makes a leak.

use crate::facts::Node;
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::held::lent::Lent;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Leak, Verdict};
use crate::link::{Func, Life, OwnerId, Place, Ref, Repetition, Root, Use};
use crate::tables::{Every, Lives, PairRow, TypeId};

/// How many callers under a mark of their own are passed over before the first one counts.
const MAX_MARKED: usize = 8;

/// A leak, while it is weighed how sure it is.
struct Suspect<'s> {
    a: &'s Acquisition,
    row: &'s PairRow,
    cause: Cause,
    scope: &'s Scope,
    repetition: &'s Repetition,
    /// Whether the receiver's type is known.
    typed: bool,
    confidence: Confidence,
    evidence: Vec<Evidence>,
    /// Whether the evidence says that the receiver outlives what is registered.
    outlived: bool,
    /// Whether releases of the same kind say that this has to be released.
    told: bool,
}

impl Suspect<'_> {
    /// Makes a suspect of low confidence one of medium confidence, if there is evidence for it.
    fn raise(&mut self, more: impl FnOnce() -> Option<Vec<Evidence>>) {
        if self.confidence == Confidence::Low
            && let Some(more) = more()
        {
            self.confidence = Confidence::Medium;
            self.evidence.extend(more);
        }
    }
}

impl Judge<'_> {
    /// How often the acquisition happens: its function, or the making of its owner.
    pub(in crate::lifetime) fn repetition_here(&self, at: Ref, f: Func, scope: &Scope) -> Repetition {
        if self.project.ends_program_behind(at) {
            return Repetition::Once;
        }
        let begun_by = self.project.begun_by(at);
        let (activation, past) = self.calls_past(begun_by);
        let found = match begun_by == at {
            _ if !past.is_empty() => self.project.repetition_but_by(activation, &past),
            // What sets the next run of its own function goes on with one thing.
            true if self.passes_own_function(at, f) => self.project.repetition_but_by(f, &[at]),
            true if self.goes_on_from_one_call(at, f) => Repetition::Once,
            true => self.often_but_by_mark(f),
            false => self.project.repetition(self.project.function_at(begun_by)),
        };
        if found.is_repeated() {
            return found;
        }
        if let Some(loop_at) = self.project.endless_loop_around(at) {
            return self.project.by_turn(loop_at);
        }
        if let (Scope::Owner { owner, method }, false) = (scope, found.is_repeated()) {
            let is_begin = method == "constructor";
            // How many objects there are says nothing of what their class does.
            if self.project.member(*owner, method).is_some_and(|(_, m)| m.is_static) {
                return found;
            }
            return match (self.project.instances_of(*owner), &found) {
                (Repetition::Once, Repetition::Unknown) => Repetition::Unknown,
                (Repetition::Unknown, _) if is_begin => self.project.one_of_many(*owner).unwrap_or(Repetition::Unknown),
                (instances, _) => instances,
            };
        }
        found
    }

    /// How often a function runs: where a mark lets one caller call it once, another caller may count.
    fn often_but_by_mark(&self, f: Func) -> Repetition {
        let first = self.project.repetition(f);
        let mut marked = Vec::new();
        let mut found = first.clone();
        while let Some(call) = self.call_under_mark(&found, f) {
            marked.push(call);
            if marked.len() > MAX_MARKED {
                return first;
            }
            found = self.project.repetition_but_by(f, &marked);
        }
        if found.is_repeated() { found } else { first }
    }

    /// The call of a function by which it is repeated, if a mark lets it happen once.
    fn call_under_mark(&self, repetition: &Repetition, f: Func) -> Option<Ref> {
        let Repetition::Repeated { steps, .. } = repetition else {
            return None;
        };
        let call = steps.get(1..)?.last()?.at;
        let calls = |used: &Use| matches!(used, Use::Called { call: at } if *at == call);
        (self.lets_once(call, None).is_some() && self.project.uses(f).iter().any(calls)).then_some(call)
    }

    /// `function tick() { setTimeout(tick, 1000); }`
    fn passes_own_function(&self, call: Ref, f: Func) -> bool {
        let is_it = |used: &Use| matches!(used, Use::Passed { call: to, .. } if *to == call);
        self.project.uses(f).iter().any(is_it)
    }

    /// `animate() { requestAnimationFrame(this.animate.bind(this)); }`, where one call begins it, once.
    fn goes_on_from_one_call(&self, call: Ref, f: Func) -> bool {
        let Some((owner, name, _)) = self.project.method_around(f).filter(|(.., method)| *method == f) else {
            return false;
        };
        let is_it = |used: &Use| matches!(used, Use::Passed { call: to, .. } if *to == call);
        self.project.method_uses(owner, name).iter().any(is_it)
            && self.project.repetition_but_by(f, &[call]) == Repetition::Once
    }

    /// A leak, if enough of it is known.
    #[allow(clippy::too_many_arguments)]
    pub(in crate::lifetime) fn leak(
        &self,
        a: &Acquisition,
        row: &PairRow,
        cause: Cause,
        scope: &Scope,
        repetition: &Repetition,
        typed: bool,
        evidence: Vec<Evidence>,
    ) -> Verdict {
        let Kind::Pair {
            target, handler, via, ..
        } = &a.kind
        else {
            return Verdict::unknown("not a pair");
        };
        let typed = typed || target.is_some_and(|t| self.type_of_target(t).is_some());
        let Some(confidence) = self.confidence(scope, repetition) else {
            return Verdict::Unknown("nobody says how often this runs".into(), evidence);
        };
        let mut suspect = Suspect {
            a,
            row,
            cause,
            scope,
            repetition,
            typed,
            confidence,
            evidence,
            outlived: false,
            told: false,
        };
        self.weigh_repetition(&mut suspect);
        self.weigh_code_around(&mut suspect);
        if !typed || self.is_of_unplaced_element(repetition) {
            suspect.confidence = suspect.confidence.min(Confidence::Medium);
        }
        let holder = match *target {
            Some(target) => match self.weigh_receiver(&mut suspect, target) {
                Ok(holder) => holder,
                Err(verdict) => return verdict,
            },
            None => match self.list_of_module(a) {
                Some((_, list)) => {
                    let shown = format!("`{}`", self.show_place(&list));
                    suspect.evidence.extend(self.declaration(&list).map(|at| Evidence {
                        role: Role::Holder,
                        at,
                        text: format!("{shown} lives as long as the process"),
                    }));
                    shown
                }
                None => row.holder.clone().unwrap_or_else(|| "the global object".into()),
            },
        };
        if cause == Cause::NeverReleased && self.watches_what_goes(a, row, scope, repetition) {
            suspect.confidence = Confidence::Low;
        }
        let Suspect {
            confidence,
            mut evidence,
            ..
        } = suspect;
        let mut remedy = self.remedy(a, row, cause, scope, repetition);
        if cause == Cause::NotOnEveryPath && self.is_missed_elsewhere(a, &evidence) {
            remedy.end = "also on the way that is marked".into();
        }
        if let Some(helper) = via {
            evidence.push(Evidence {
                role: Role::Flow,
                at: helper.inner(),
                text: format!("the {} is made here, for the caller", a.what),
            });
        }
        evidence.extend(self.context_evidence(repetition));
        evidence.extend(handler.and_then(|h| self.kept_by_handler(h)));
        Verdict::Leak(Leak {
            cause,
            confidence,
            holder,
            often: self.often(repetition, a.at),
            remedy,
            evidence,
        })
    }

    /// What is known of a receiver says: the receiver in words, or a verdict (`Err`) if it ends with who registers on it.
    fn weigh_receiver(&self, suspect: &mut Suspect<'_>, target: Ref) -> Result<String, Verdict> {
        let Suspect {
            a, scope, repetition, ..
        } = *suspect;
        if self.is_handed_by_itself(target, repetition) {
            return Err(Verdict::bounded("who it is added to hands itself over"));
        }
        if self.is_given_to_what_is_made(target) {
            return Err(Verdict::bounded("who it is added to is made beside it"));
        }
        let is_lent = !self.is_run_by_framework(scope, repetition) || self.is_handed_by_nobody(target);
        let is_lent = is_lent && !self.is_same_at_each_run(target, repetition);
        if is_lent && let Some(verdict) = self.weigh_lending(suspect, target) {
            return Err(verdict);
        }
        let holder = self.weigh_holder(suspect, target);
        let is_told = suspect.told || suspect.outlived || suspect.cause != Cause::NeverReleased;
        if !is_told
            && self.is_filled_by_run(target)
            && self.removes_another(a, target).is_none()
            && self.sibling_release(a).is_none()
        {
            suspect.confidence = Confidence::Low;
        }
        Ok(holder)
    }

    /// Whether the way that misses a release is another function's, a callback's say, and no way out of the code that
    /// acquires.
    fn is_missed_elsewhere(&self, a: &Acquisition, evidence: &[Evidence]) -> bool {
        let f = self.project.function_at(a.at);
        let mut marked = evidence.iter().filter(|e| e.role == Role::Flow).map(|e| e.at);
        marked
            .next()
            .is_some_and(|at| matches!(self.project.node(at), Node::Function(_)) || self.project.function_at(at) != f)
    }

    /// Whether what runs again and again begins with a custom element that no code of the project makes.
    fn is_of_unplaced_element(&self, repetition: &Repetition) -> bool {
        let Repetition::Repeated {
            every: Every::Mount,
            steps,
            ..
        } = repetition
        else {
            return false;
        };
        let first = steps.first().map(|step| step.at);
        let owner = first.and_then(|at| match self.project.node(at) {
            Node::Class(_) => self.project.owner_made_by(at),
            Node::Function(function) => {
                let f = Func {
                    file: at.file,
                    function,
                };
                self.project.method_around(f).map(|(owner, ..)| owner)
            }
            _ => None,
        });
        owner.is_some_and(|owner| self.project.is_placed_by_nobody(owner))
    }

    /// What the row and the ways of the code say of how often it runs, where its callers do not.
    fn weigh_repetition(&self, suspect: &mut Suspect<'_>) {
        let Suspect {
            a,
            row,
            cause,
            scope,
            repetition,
            typed,
            ..
        } = *suspect;
        let given = suspect.evidence.len();
        let is_unknown = matches!(repetition, Repetition::Unknown);
        let is_for_one_work = cause == Cause::NotOnEveryPath || row.scoped && !self.is_used_by_listeners(a);
        if is_for_one_work && suspect.confidence == Confidence::Low {
            // Code that releases what it acquired, each time it runs, says itself that it runs more than once; so does
            // what nobody keeps for the life of the process.
            suspect.confidence = Confidence::Medium;
        } else if is_unknown && row.release_is_on_target() {
            suspect.confidence =
                self.confidence_by_target(a, cause, scope, typed, suspect.confidence, &mut suspect.evidence);
        }
        if row.told_elsewhere && cause == Cause::NeverReleased && is_unknown {
            // What an object that is never disposed of subscribes to, it may well subscribe to for good.
            let is_single = matches!(scope, Scope::Owner { owner, .. } if self.is_singleton(*owner));
            suspect.confidence = match self.is_disposed_itself(a, scope) && !self.is_of_its_end(a) && !is_single {
                true => suspect.confidence.max(Confidence::Medium),
                false => Confidence::Low,
            };
            let is_sure = suspect.confidence > Confidence::Low;
            suspect.evidence.extend(self.kept_sibling(a).filter(|_| is_sure));
        }
        let is_proven = matches!(repetition, Repetition::Repeated { proven: true, .. });
        if row.told_elsewhere
            && !is_proven
            && self.is_only_defined(a, scope)
            && !self.is_run_by_framework(scope, repetition)
        {
            suspect.confidence = Confidence::Low;
        }
        if is_unknown && cause == Cause::NeverReleased {
            suspect.raise(|| self.registers_for_each_call(a, scope).map(|found| vec![found]));
            suspect.raise(|| self.left_open_for_one(a, row));
            suspect.raise(|| self.made_for_each_call_of_keeper(a, scope).map(|found| vec![found]));
        }
        // A signal that nobody gives is as good as none.
        if is_unknown && matches!(cause, Cause::NeverReleased | Cause::ReleaseWithoutEffect) {
            suspect.raise(|| self.given_back_with_end(a, scope).map(|found| vec![found]));
        }
        suspect.outlived = suspect.evidence.len() > given;
    }

    /// What other code that deals with the same things says of a suspect that nothing told of so far.
    fn weigh_code_around(&self, suspect: &mut Suspect<'_>) {
        let Suspect { a, cause, scope, .. } = *suspect;
        let known = suspect.evidence.len();
        suspect.raise(|| self.told_by_releases(a, cause));
        if cause == Cause::NeverReleased {
            suspect.raise(|| Some(vec![self.beside_managed(a, scope)?]));
        }
        suspect.told = suspect.evidence.len() > known;
        if cause == Cause::NeverReleased {
            suspect.raise(|| Some(vec![self.told_by_use(a)?]));
        }
        if matches!(suspect.repetition, Repetition::Unknown) {
            suspect.raise(|| Some(vec![self.shared_by_objects(a, scope)?]));
            suspect.raise(|| Some(vec![self.let_go_with(a, scope)?]));
        }
        if cause == Cause::NeverReleased && matches!(suspect.repetition, Repetition::Unknown) {
            suspect.raise(|| Some(vec![self.kept_without_end(a, scope)?]));
        }
    }

    /// What those who hand over a receiver say of its life: a verdict, if it ends with who registers on it.
    fn weigh_lending(&self, suspect: &mut Suspect<'_>, target: Ref) -> Option<Verdict> {
        let Suspect { a, scope, .. } = *suspect;
        match self.lent(a, target) {
            Lent::Outlives => return None,
            Lent::Fresh => return Some(Verdict::bounded("every caller hands over one of its own")),
            Lent::Unknown => {}
        }
        // A release that was tried says by itself that the receiver lives on.
        if suspect.cause != Cause::NeverReleased || suspect.outlived {
            return None;
        }
        if let Some(at) = self.ends_target(a, target) {
            let ends = Evidence {
                role: Role::Release,
                at,
                text: "ends it".into(),
            };
            return Some(Verdict::Bounded("who registers on it ends it".into(), vec![ends]));
        }
        if !suspect.told && self.removes_another(a, target).is_none() {
            let told = self.sibling_release(a).or_else(|| self.attached_to(a, target, scope));
            match told.or_else(|| self.leaves_another_handed_in(a, target, scope)) {
                Some(told) => suspect.evidence.push(told),
                None if matches!(suspect.repetition, Repetition::Unknown) && self.is_part_of_lent(a, target, scope) => {
                }
                None => suspect.confidence = Confidence::Low,
            }
        }
        None
    }

    /// What the life of a receiver says. Gives the receiver in words.
    fn weigh_holder(&self, suspect: &mut Suspect<'_>, target: Ref) -> String {
        let place = self.project.place(target);
        if !matches!(self.project.life_of(&place), Life::Process) {
            let sure = self.outlives_code_within(target).unwrap_or(Confidence::Medium);
            suspect.confidence = suspect.confidence.min(sure);
            let is_alone = !suspect.typed && !suspect.outlived && suspect.cause == Cause::NeverReleased;
            let is_lent_to_many = self.is_named_like_shared(suspect.a, target);
            if is_alone && !is_lent_to_many && self.is_of_its_end(suspect.a) {
                // It hears of the target's own end, and ends with it.
                suspect.confidence = Confidence::Low;
            }
        }
        let holder = format!("`{}`", self.show(target));
        if let Some(at) = self.declaration(&place).filter(|d| *d != target) {
            let declared = Evidence {
                role: Role::Holder,
                at,
                text: format!("{holder} lives longer"),
            };
            suspect.evidence.insert(0, declared);
        }
        holder
    }

    /// Code that tries to release this, or releases its sibling, says that it has to be released. With the evidence
    /// that is not told yet.
    fn told_by_releases(&self, a: &Acquisition, cause: Cause) -> Option<Vec<Evidence>> {
        match cause {
            Cause::WrongTarget | Cause::WrongHandler | Cause::WrongKey | Cause::WrongOptions => Some(Vec::new()),
            Cause::NeverReleased => self.sibling_release(a).map(|e| vec![e]),
            _ => None,
        }
    }

    /// The type of what something is registered on. Where nobody says, what an asynchronous function is handed to
    /// listen to meanwhile is what things of that name are: `options.signal`.
    pub(in crate::lifetime) fn type_of_target(&self, target: Ref) -> Option<TypeId> {
        self.project.type_of(target).or_else(|| {
            let name = self.project.last_name(target)?.to_lowercase();
            let named = self.project.tables.type_held_by(&name)?;
            let place = self.project.place(target);
            let of = place.parent();
            let ends_with = of.as_ref().and_then(Place::last).unwrap_or_default();
            if self
                .project
                .tables
                .type_row(named)
                .not_of
                .iter()
                .any(|n| n == ends_with)
            {
                return None;
            }
            let given_to = self.function_given(&place)?;
            self.project.function(given_to).flags.is_async.then_some(named)
        })
    }

    /// The function that is handed a value, or what it is a part of.
    fn function_given(&self, place: &Place) -> Option<Func> {
        match place.root {
            Root::Binding(file, b) => self.project.param_position(file, b).map(|(f, _)| f),
            // A pattern in the place of a parameter.
            Root::Value(at) => {
                let facts = self.project.facts(at.file);
                match (facts.node(at.node), facts.node(facts.parent(at.node))) {
                    (Node::ObjectPattern(_), Node::Function(function)) => Some(Func {
                        file: at.file,
                        function,
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a target is of a type whose values outlive the calls they are handed to.
    pub(in crate::lifetime) fn is_lent(&self, target: Ref) -> bool {
        let lives = self
            .type_of_target(target)
            .and_then(|t| self.project.tables.type_row(t).lives);
        matches!(lives, Some(Lives::Outer | Lives::Connection))
            && matches!(
                self.project.life_of(&self.project.place(target)),
                Life::Outer | Life::Connection
            )
    }

    /// Whether an injector makes one object of an owner for the whole application.
    pub(in crate::lifetime) fn is_singleton(&self, owner: OwnerId) -> bool {
        self.project.providers(owner).is_some_and(|p| p.is_empty()) || self.project.is_bound_once(owner)
    }

    /// Whether an owner is the component that the program draws once: its framework ends it with the page only.
    pub(in crate::lifetime) fn is_for_the_page(&self, owner: OwnerId) -> bool {
        self.teardowns(owner).1 && self.project.instances_of(owner) == Repetition::Once
    }

    /// How sure it is that this code runs again and again.
    pub(in crate::lifetime) fn confidence(&self, scope: &Scope, repetition: &Repetition) -> Option<Confidence> {
        match repetition {
            Repetition::Repeated { proven: true, .. } => Some(Confidence::High),
            Repetition::Repeated { .. } => Some(Confidence::Medium),
            Repetition::Once => None,
            Repetition::Unknown => match scope {
                Scope::Owner { owner, method } => {
                    let (teardowns, by_framework) = self.teardowns(*owner);
                    let ends =
                        by_framework && !teardowns.is_empty() || teardowns.iter().any(|f| self.ends_its_object(*f));
                    let ends = ends || self.is_given_end(*owner);
                    Some(
                        if !ends
                            || self.is_singleton(*owner)
                            || self.begins_at_start(*owner, method)
                            || self.is_for_the_page(*owner)
                        {
                            Confidence::Low
                        } else {
                            Confidence::Medium
                        },
                    )
                }
                _ => Some(Confidence::Low),
            },
        }
    }
}
