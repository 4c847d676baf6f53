//! How often an acquisition happens, and how sure that makes a leak.

use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::held::lent::Lent;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Leak, Verdict};
use crate::link::{Func, Life, OwnerId, Ref, Repetition};
use crate::tables::{Every, Lives, PairRow};

impl Judge<'_> {
    /// How often the acquisition happens: its function, or the making of its owner.
    pub(in crate::lifetime) fn repetition_here(&self, at: Ref, f: Func, scope: &Scope) -> Repetition {
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
        mut evidence: Vec<Evidence>,
    ) -> Verdict {
        let Kind::Pair {
            target, handler, via, ..
        } = &a.kind
        else {
            return Verdict::unknown("not a pair");
        };
        let Some(mut confidence) = self.confidence(scope, repetition) else {
            return Verdict::Unknown("nobody says how often this runs".into(), evidence);
        };
        let given = evidence.len();
        let is_for_one_work = cause == Cause::NotOnEveryPath || row.scoped && !self.is_used_by_listeners(a);
        if is_for_one_work && confidence == Confidence::Low {
            // Code that releases what it acquired, each time it runs, says itself that it runs more than once; so does
            // what nobody keeps for the life of the process.
            confidence = Confidence::Medium;
        } else if matches!(repetition, Repetition::Unknown) && row.release_is_on_target() {
            confidence = self.confidence_by_target(a, cause, scope, typed, confidence, &mut evidence);
        }
        if row.told_elsewhere && cause == Cause::NeverReleased && matches!(repetition, Repetition::Unknown) {
            // What an object that is never disposed of subscribes to, it may well subscribe to for good.
            let is_single = matches!(scope, Scope::Owner { owner, .. } if self.is_singleton(*owner));
            confidence = match self.is_disposed_itself(a, scope) && !self.is_of_its_end(a) && !is_single {
                true => confidence.max(Confidence::Medium),
                false => Confidence::Low,
            };
            evidence.extend(self.kept_sibling(a).filter(|_| confidence > Confidence::Low));
        }
        if row.told_elsewhere && self.is_only_defined(a, scope) && !self.is_run_by_framework(scope, repetition) {
            confidence = Confidence::Low;
        }
        if matches!(repetition, Repetition::Unknown)
            && confidence == Confidence::Low
            && cause == Cause::NeverReleased
            && let Some(found) = self.registers_for_each_call(a, scope)
        {
            confidence = Confidence::Medium;
            evidence.push(found);
        }
        let outlived = evidence.len() > given;
        let mut told = false;
        if confidence == Confidence::Low
            && let Some(more) = self.told_by_releases(a, cause)
        {
            confidence = Confidence::Medium;
            told = !more.is_empty();
            evidence.extend(more);
        }
        if confidence == Confidence::Low
            && cause == Cause::NeverReleased
            && let Some(more) = self.told_by_use(a)
        {
            confidence = Confidence::Medium;
            evidence.push(more);
        }
        if confidence == Confidence::Low
            && matches!(repetition, Repetition::Unknown)
            && let Some(more) = self.let_go_with(a, scope)
        {
            confidence = Confidence::Medium;
            evidence.push(more);
        }
        if !typed {
            confidence = confidence.min(Confidence::Medium);
        }
        if let Some(target) = *target
            && !self.is_run_by_framework(scope, repetition)
        {
            match self.lent(a, target) {
                Lent::Outlives => {}
                Lent::Fresh => return Verdict::bounded("every caller hands over one of its own"),
                Lent::Unknown => {
                    // A release that was tried says by itself that the receiver lives on.
                    if cause == Cause::NeverReleased && !outlived {
                        if let Some(at) = self.ends_target(a, target) {
                            return Verdict::Bounded(
                                "who registers on it ends it".into(),
                                vec![Evidence {
                                    role: Role::Release,
                                    at,
                                    text: "ends it".into(),
                                }],
                            );
                        }
                        if !told && self.removes_another(a, target).is_none() {
                            let told = self.sibling_release(a).or_else(|| self.attached_to(a, target, scope));
                            match told {
                                Some(told) => evidence.push(told),
                                None => confidence = Confidence::Low,
                            }
                        }
                    }
                }
            }
        }
        let mut holder = row.holder.clone().unwrap_or_else(|| "the global object".into());
        if let Some(t) = target {
            let place = self.project.place(*t);
            if !matches!(self.project.life_of(&place), Life::Process) {
                confidence = confidence.min(Confidence::Medium);
                if !typed && !outlived && cause == Cause::NeverReleased && self.is_of_its_end(a) {
                    // It hears of the target's own end, and ends with it.
                    confidence = Confidence::Low;
                }
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
            often: self.often(repetition),
            remedy: self.remedy(a, row, scope, repetition),
            evidence,
        })
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

    /// Whether a target is of a type whose values outlive the calls they are handed to.
    pub(in crate::lifetime) fn is_lent(&self, target: Ref) -> bool {
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

    /// Whether an injector makes one object of an owner for the whole application.
    pub(in crate::lifetime) fn is_singleton(&self, owner: OwnerId) -> bool {
        self.project.providers(owner).is_some_and(|p| p.is_empty()) || self.project.is_bound_once(owner)
    }

    /// How sure it is that this code runs again and again.
    pub(in crate::lifetime) fn confidence(&self, scope: &Scope, repetition: &Repetition) -> Option<Confidence> {
        match repetition {
            Repetition::Repeated { proven: true, .. } => Some(Confidence::High),
            Repetition::Repeated { .. } => Some(Confidence::Medium),
            Repetition::Once => None,
            Repetition::Unknown => match scope {
                Scope::Owner { owner, .. } => {
                    let (teardowns, by_framework) = self.teardowns(*owner);
                    let ends =
                        by_framework && !teardowns.is_empty() || teardowns.iter().any(|f| self.ends_its_object(*f));
                    Some(if !ends || self.is_singleton(*owner) {
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
