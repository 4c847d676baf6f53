//! The verdict on an acquisition of the pair tables.

use super::flow::Flow;
use super::helpers::Undo;
use super::releases::Release;
use super::signals::Ending;
use super::stream_end::StreamEnd;
use super::teardown::Scope;
use super::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::facts::{BindingKind, Node};
use crate::finding::{Cause, Role};
use crate::link::{Life, Phase, Place, Ref, Repetition};
use crate::tables::{Every, PairRow};

impl Judge<'_> {
    pub(super) fn judge_pair(&self, a: &Acquisition) -> Verdict {
        let Kind::Pair {
            row,
            target,
            handler,
            options,
            typed,
            via,
            ..
        } = &a.kind
        else {
            return Verdict::unknown("not a pair");
        };
        let row = &self.project.tables.pairs[*row];
        let ending = match self.ended_by_options(row, *options) {
            Some(Ending::Known(verdict)) => return verdict,
            Some(Ending::Signal { option, given }) => Some((option, given)),
            None => None,
        };
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
        if row.idempotent && handler.is_some_and(|h| self.is_function_of_module(h)) {
            return Verdict::bounded("the same function of the module is registered only once");
        }
        if let Some(verdict) = self.lets_once(a.at, *target) {
            return verdict;
        }
        let stream = target.filter(|_| row.stream);
        let open = match stream.and_then(|t| self.stream_end(a, t, &scope)) {
            Some(StreamEnd::Verdict(verdict)) => return verdict,
            Some(StreamEnd::Open(open)) => Some(open),
            None => None,
        };
        // What nobody knows may be told by the releases that are written.
        let mut unnamed = None;
        if open.is_none()
            && let Some(target) = target
            && let Some(verdict) = self.dies_with_target(*target, &scope, &repetition)
        {
            match verdict {
                Verdict::Unknown(..) => unnamed = Some(verdict),
                other => return other,
            }
        }
        if let Some(verdict) = self.kept_in_bounds(a, *target, &scope, &repetition) {
            return verdict;
        }
        let mut releases = self.releases_of(a, &flow);
        if let Some((option, given)) = ending {
            if given.is_empty() {
                let evidence = vec![Evidence {
                    role: Role::Release,
                    at: option,
                    text: "nobody gives this signal".into(),
                }];
                let cause = Cause::ReleaseWithoutEffect;
                return self.leak(a, row, cause, &scope, &repetition, *typed, evidence);
            }
            releases.extend(given);
        }
        if let Some(h) = handler {
            self.releases_in_handler(*h, &mut releases);
        }
        self.mark_unrun(&mut releases);
        self.mark_nulled(a, &mut releases);
        if row.one_shot && target.is_some() && row.release_is_on_target() {
            return self.judge_once(a, row, &flow, &scope, &repetition, &releases, *typed);
        }
        if row.one_shot {
            return self.judge_one_shot(a, row, &flow, &scope, &repetition, &releases);
        }
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if let Some(verdict) = self.released(a, &scope, &flow, &right) {
            return match (verdict, unnamed) {
                (Ok(released), Some(_)) => released,
                (Ok(released), None) => match self.path_miss(a, row, &flow, &right) {
                    Some(evidence) => {
                        let cause = Cause::NotOnEveryPath;
                        self.leak(a, row, cause, &scope, &repetition, *typed, evidence)
                    }
                    None => match self.too_late(a, &scope, &right) {
                        Some(evidence) => {
                            let cause = Cause::ReleasedTooEarly;
                            self.leak(a, row, cause, &scope, &repetition, *typed, evidence)
                        }
                        None => released,
                    },
                },
                (Err(_), Some(unknown)) => unknown,
                (Err((cause, evidence)), None) => self.leak(a, row, cause, &scope, &repetition, *typed, evidence),
            };
        }
        let gives_undo = via.as_ref().is_some_and(|v| v.undo != Undo::No);
        if let Some(verdict) = self.transferred(row, gives_undo, &flow) {
            return verdict;
        }
        if self.survey.helpers.owns(a.at) {
            return Verdict::Transferred("it is registered for the callers of this function".into(), Vec::new());
        }
        let wrong = releases
            .iter()
            .find(|r| r.wrong.is_some() && !self.is_meant_for_another(a, r));
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
        if let Some(unknown) = unnamed {
            return match self.sibling_release(a) {
                Some(evidence) => self.leak(
                    a,
                    row,
                    Cause::NeverReleased,
                    &scope,
                    &repetition,
                    *typed,
                    vec![evidence],
                ),
                None => unknown,
            };
        }
        if handler.is_some_and(|h| self.is_collected(h)) {
            return Verdict::unknown("its function is kept in a collection, from which it may be taken off");
        }
        let (cause, evidence) = match self.collected_for_nothing(a.at, &flow) {
            Some(evidence) => (Cause::ReleaseWithoutEffect, vec![evidence]),
            None => (Cause::NeverReleased, Vec::new()),
        };
        if let Some(open) = open {
            let defect = open.defect.clone().map(|d| (d.cause, d.evidence));
            let (cause, evidence) = defect.unwrap_or((cause, evidence));
            let leak = self.leak(&a.on(open.at), row, cause, &scope, &repetition, *typed, evidence);
            return self.tell_stream(&open, *typed, &scope, &repetition, leak);
        }
        self.leak(a, row, cause, &scope, &repetition, *typed, evidence)
    }

    /// Its target ends with what registers on it.
    fn kept_in_bounds(
        &self,
        a: &Acquisition,
        target: Option<Ref>,
        scope: &Scope,
        repetition: &Repetition,
    ) -> Option<Verdict> {
        let target = target?;
        if let Some(verdict) = self.lent_by_its_maker(target) {
            return Some(verdict);
        }
        self.ended_by_owner(a, target, scope, repetition)
    }

    /// Whether a release that is wrong here is the right one of another acquisition of this kind. One that repeats
    /// what was said before in the same function was meant for this one.
    fn is_meant_for_another(&self, a: &Acquisition, release: &Release) -> bool {
        self.pair_acquisitions(release.at.file)
            .iter()
            .filter(|other| other.at != a.at && other.rule == a.rule)
            .any(|other| {
                let releases = self.releases_of(other, &self.flow(other.at));
                let f = self.project.function_at(release.at);
                let mut right = releases
                    .iter()
                    .filter(|r| r.wrong.is_none() && self.project.function_at(r.at) == f);
                right.next().is_some_and(|r| r.at == release.at)
            })
            || self.is_registered_elsewhere(a, release.at)
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

    /// Something registered on an object that dies with the code that made it ends with it.
    pub(super) fn dies_with_target(&self, target: Ref, scope: &Scope, repetition: &Repetition) -> Option<Verdict> {
        let place = self.project.place(target);
        match self.project.life_of(&place) {
            Life::Process | Life::Outer => self
                .is_made_anew(target, &place)
                .then(|| Verdict::bounded("the variable gets a new one before; the old one ends with what it holds")),
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
                    if self.phase(*owner, method) == (Phase::Repeat, true) && !self.is_fresh_field(&place) =>
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

    /// The handle leaves this code: whoever gets it has to release it.
    pub(super) fn transferred(&self, row: &PairRow, gives_undo: bool, flow: &Flow) -> Option<Verdict> {
        let on_target = row.release_is_on_target() && !gives_undo;
        if on_target && flow.places.is_empty() {
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
        if !flow.returned.is_empty() && !on_target {
            return Some(Verdict::Transferred(
                "its handle is given back to the caller".into(),
                Vec::new(),
            ));
        }
        if flow.other || flow.taken_apart {
            return Some(Verdict::unknown("its handle goes where it is not followed"));
        }
        None
    }
}
