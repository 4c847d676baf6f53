//! The verdict on an acquisition of the pair tables.

use super::acquired::helpers::Undo;
use super::held::flow::Flow;
use super::held::stream_end::{Open, StreamEnd};
use super::released::releases::Release;
use super::released::signals::Ending;
use super::released::teardown::Scope;
use super::{Acquisition, Evidence, Judge, Kind, Leak, Verdict};
use crate::facts::{BindingKind, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::link::{Life, Phase, Place, Ref, Repetition, Root};
use crate::tables::{Every, PairRow};

/// An acquisition of the pair tables in its surroundings.
struct Case<'c> {
    a: &'c Acquisition,
    row: &'c PairRow,
    target: Option<Ref>,
    handler: Option<Ref>,
    typed: bool,
    /// Whether a helper gives back what ends it.
    gives_undo: bool,
    /// Where its handle goes.
    flow: Flow,
    scope: Scope,
    repetition: Repetition,
}

/// What is known of the releases of an acquisition beside the places where they stand.
#[derive(Default)]
struct Known {
    /// The verdict as long as no release tells more of its target.
    unnamed: Option<Verdict>,
    /// The stream that is left open.
    open: Option<Open>,
}

impl Case<'_> {
    /// Whether the setup of an effect gives back what the registration of a listener gave: its undo, as the framework
    /// would call nothing else. What is known to be an emitter gives back none, unless the code keeps it first.
    fn is_cleanup_of_effect(&self) -> bool {
        let Scope::Effect { setup } = &self.scope else {
            return false;
        };
        self.flow.returned.contains(setup) && (!self.typed || !self.flow.places.is_empty())
    }
}

impl Judge<'_> {
    pub(super) fn judge_pair(&self, a: &Acquisition) -> Verdict {
        let Kind::Pair { row, options, .. } = &a.kind else {
            return Verdict::unknown("not a pair");
        };
        let row = &self.project.tables.pairs[*row];
        if let Some(given) = self.given_to(a) {
            return self.judge_given(a, row, &given);
        }
        if let Some(verdict) = self.taken_over(a, row) {
            return verdict;
        }
        // `watch(path, changed)`: no options are given.
        let options = options.filter(|o| a.handler().is_some() || self.project.function_value(*o, 0).is_none());
        let ending = match self.ended_by_options(row, options) {
            Some(Ending::Known(verdict)) => return verdict,
            Some(Ending::Signal { option, given }) => Some((option, given)),
            None => None,
        };
        if self.is_using(a.at) {
            return Verdict::released("disposed at the end of its block", Some(a.at));
        }
        let Some(case) = self.case(a, row) else {
            return Verdict::unknown("not a pair");
        };
        if let Some(verdict) = self.is_at_rest(a, row, &case.flow) {
            return verdict;
        }
        if let Some(verdict) = self.happens_once(&case) {
            return verdict;
        }
        if let Some(verdict) = self.adds_up(&case) {
            return verdict;
        }
        let known = match self.ends_with_target(&case) {
            Ok(known) => known,
            Err(verdict) => {
                let releases = self.releases_of(a, &case.flow);
                if let Some((cause, evidence)) = self.undone_wrongly(case.target, &case.scope, &releases) {
                    return at_most_medium(self.leak_of(&case, cause, evidence));
                }
                if let Some(evidence) = self.taken_off_by_another_name(a, &case.scope, &releases) {
                    let leak = self.leak_of(&case, Cause::WrongKey, evidence);
                    return self.at_least_medium(at_most_medium(leak));
                }
                let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
                let is_unknown = case.row.stream && matches!(verdict, Verdict::Unknown(..));
                let lost = || self.lost_by_word_of_teardown(a, &case.scope, &case.flow, &right);
                return match is_unknown.then(lost).flatten() {
                    Some(evidence) => at_most_medium(self.leak_of(&case, Cause::HandleLost, evidence)),
                    None => verdict,
                };
            }
        };
        let mut releases = self.releases_of(a, &case.flow);
        if let Some((option, given)) = ending {
            if given.is_empty() {
                let evidence = vec![Evidence {
                    role: Role::Release,
                    at: option,
                    text: "nobody gives this signal".into(),
                }];
                return self.leak_of(&case, Cause::ReleaseWithoutEffect, evidence);
            }
            releases.extend(given);
        }
        if let Some(h) = case.handler {
            self.releases_in_handler(h, &mut releases);
        }
        self.mark_short(a, &mut releases);
        self.mark_kept_for_nobody(a, &mut releases);
        self.mark_unrun(a, &mut releases);
        self.mark_nulled(a, &mut releases);
        self.mark_where_nothing_is(&case.flow, &mut releases);
        self.mark_outdated(a, &case.flow, &mut releases);
        self.mark_taken_out(a, &case.flow, &mut releases);
        let (flow, scope, repetition) = (&case.flow, &case.scope, &case.repetition);
        if let Some((cause, evidence)) = self.left_in_slot(a, scope, &releases) {
            return self.leak_of(&case, cause, evidence);
        }
        let own_end = self.ended_by_own_method(a, flow, scope);
        if let Some(verdict) = own_end.or_else(|| self.gives_own_end(a, flow)) {
            return verdict;
        }
        if row.one_shot && case.target.is_some() && row.release_is_on_target() {
            return self.judge_once(a, row, flow, scope, repetition, &releases, case.typed);
        }
        if row.one_shot {
            return self.judge_one_shot(a, row, flow, scope, repetition, &releases);
        }
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if let Some(verdict) = self.left_half_written(&case, &releases) {
            return verdict;
        }
        let undone = self.through_kept_undo(a, flow, &right);
        let (flow, right) = match &undone {
            Some((flow, calls)) => (flow, calls.iter().collect()),
            None => (flow, right),
        };
        match self.released(a, scope, flow, &right) {
            Some(Ok(released)) if known.unnamed.is_some() => match self.left_as_it_ends(&case, &right) {
                // The code takes it off what nobody knows on another way, so that lives on.
                Some(evidence) => at_most_medium(self.leak_of(&case, Cause::NotOnEveryPath, evidence)),
                None => released,
            },
            Some(Ok(released)) => match self.lost_by_taking_out(a, flow, &releases) {
                Some(evidence) => {
                    self.at_least_medium(at_most_medium(self.leak_of(&case, Cause::HandleLost, evidence)))
                }
                None => self.at_each_time(&case, &right, released),
            },
            Some(Err((cause, evidence))) => known.unnamed.unwrap_or_else(|| {
                let leak = self.leak_of(&case, cause, evidence);
                // What a plain function begins and does not end belongs to a component, whose end comes.
                match case.scope {
                    Scope::Function => self.at_least_medium(leak),
                    _ => leak,
                }
            }),
            None => self.unreleased(&case, &releases, known),
        }
    }

    fn case<'c>(&self, a: &'c Acquisition, row: &'c PairRow) -> Option<Case<'c>> {
        let Kind::Pair {
            target,
            handler,
            typed,
            via,
            ..
        } = &a.kind
        else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let scope = self.scope_of(f);
        let mut flow = self.flow_of(a);
        if let Some(Undo::Methods(methods)) = via.as_ref().map(|v| &v.undo)
            && self.leaves_out(a.at, methods)
        {
            flow.taken_apart = false;
        }
        if let Some(list) = row.collected_in.and_then(|index| self.project.argument(a.at, index)) {
            self.collect(list, a.at, &mut flow);
        }
        let own = flow
            .collections
            .iter()
            .filter_map(|(p, at)| Some((self.as_own_field(p)?, *at)));
        let own: Vec<_> = own.collect();
        flow.collections.extend(own);
        Some(Case {
            a,
            row,
            target: *target,
            handler: *handler,
            typed: *typed,
            gives_undo: via.as_ref().is_some_and(|v| v.undo != Undo::No),
            flow,
            repetition: self.at_most_per_object(a, row, self.repetition_here(a.at, f, &scope)),
            scope,
        })
    }

    /// Whether a pattern takes a result apart and none of these members out of it: `const { now } = useClock()`.
    fn leaves_out(&self, call: Ref, members: &[String]) -> bool {
        let facts = self.project.facts(call.file);
        let Node::Declare { target, value } = facts.node(facts.parent(call.node)) else {
            return false;
        };
        let Node::ObjectPattern(parts) = facts.node(target) else {
            return false;
        };
        value == call.node
            && facts.list(parts).all(|part| match facts.node(part) {
                Node::Property { key, .. } => facts.string(key).is_some_and(|k| members.iter().all(|m| m != k)),
                _ => false,
            })
    }

    fn leak_of(&self, case: &Case<'_>, cause: Cause, evidence: Vec<Evidence>) -> Verdict {
        let Case {
            a,
            row,
            scope,
            repetition,
            typed,
            ..
        } = case;
        self.leak(a, row, cause, scope, repetition, *typed, evidence)
    }

    /// It cannot pile up: its code runs once, or repeats what is the same each time.
    fn happens_once(&self, case: &Case<'_>) -> Option<Verdict> {
        if matches!(case.repetition, Repetition::Once) {
            return Some(Verdict::bounded("this code runs once"));
        }
        if self.is_never_taken(case.a.at) {
            return Some(Verdict::unknown("no caller takes this branch"));
        }
        if case.row.idempotent && case.handler.is_some_and(|h| self.is_function_of_module(h)) {
            return Some(Verdict::bounded(
                "the same function of the module is registered only once",
            ));
        }
        let is_direct = matches!(case.a.kind, Kind::Pair { via: None, .. });
        if case.row.idempotent && is_direct && case.handler.is_some_and(|h| self.is_method_of_no_object(h)) {
            return Some(Verdict::bounded(
                "the same function of the class is registered only once",
            ));
        }
        if case.row.idempotent && case.handler.is_some_and(|h| self.is_function_of_one_object(h)) {
            return Some(Verdict::bounded(
                "the same function of the only object of its class is registered only once",
            ));
        }
        if self.asks_whether_it_came(case.a, case.handler) {
            return Some(Verdict::bounded(
                "it waits for what comes once, and the code asks whether it has come",
            ));
        }
        if let Some(verdict) = self.is_for_old_platforms(case.a, case.row) {
            return Some(verdict);
        }
        if case.row.tracks
            && let Some(verdict) = self.reacts_to_itself(case.a.at)
        {
            return Some(verdict);
        }
        if self.is_entry_taken_out(case.a, &case.flow) {
            return None;
        }
        self.lets_once(case.a.at, case.target)
            .or_else(|| self.lets_helper_once(case.a))
            .or_else(|| self.takes_the_place(case.a))
            .or_else(|| self.fills_one_place(case.a))
            .or_else(|| self.lets_call_once(&case.repetition))
            .or_else(|| self.lets_once_for_each(case.a.at))
            .or_else(|| self.begins_anew(case.a, &case.flow, &case.repetition))
    }

    /// The verdict on what each run of the code adds to one receiver, whatever the receiver belongs to.
    fn adds_up(&self, case: &Case<'_>) -> Option<Verdict> {
        if let Some(evidence) = self.added_in_wrapper(case.a) {
            let verdict = at_most_medium(self.leak_of(case, Cause::WrongHandler, evidence));
            return Some(self.at_least_medium(verdict));
        }
        if self.survey.helpers.owns(case.a.at) {
            return None;
        }
        let releases = || self.releases_of(case.a, &case.flow);
        let found = self.registered_anew(case.a, releases);
        let found = found.or_else(|| self.left_when_taken_back(case.a, &case.scope, releases));
        let found = found.or_else(|| self.added_by_wrapped_method(case.a, releases));
        let found = found.or_else(|| self.added_at_each_hearing(case.a, releases));
        let found = found.or_else(|| self.added_to_own_part(case.a, releases));
        let found = found.or_else(|| self.added_for_each_answer(case.a, releases));
        let found = found.or_else(|| self.added_for_each_opening(case.a, releases));
        let found = found.or_else(|| self.added_by_listener_to_outer(case.a, &case.repetition, releases));
        let found = found.or_else(|| self.added_by_each_effect(case.a, &case.scope, releases));
        let found = found.or_else(|| self.added_beside_taken_off(case.a, &case.scope, releases));
        let found = found.map(|evidence| (Cause::NeverReleased, evidence));
        let found = found.or_else(|| {
            let again = self.added_again_at_end(case.a, &case.scope, releases)?;
            Some((Cause::ReleaseWithoutEffect, again))
        });
        let found = found.or_else(|| {
            // What a component's own code begins is weighed against the component's end.
            let is_plain = !matches!(case.scope, Scope::Effect { .. } | Scope::Setup { .. });
            let evidence = self
                .removed_by_other_runs(case.a, &case.flow, releases)
                .filter(|_| is_plain)?;
            Some((Cause::WrongHandler, evidence))
        });
        let found = found.or_else(|| Some((Cause::NotOnEveryPath, self.left_on_part_by_timer(case.a, releases)?)));
        let found = found.or_else(|| self.left_by_turn(case.a, releases));
        let found = found.or_else(|| {
            Some((
                Cause::NotOnEveryPath,
                self.left_on_outer(case.a, case.row, &case.flow, releases)?,
            ))
        });
        let found = found.or_else(|| self.left_by_other_event(case.a, &case.scope, releases));
        let (cause, evidence) = found.or_else(|| {
            let lost = self.lost_by_loop(case.a, &case.flow, releases);
            let lost = lost.or_else(|| self.lost_in_run(case.a, &case.flow, releases));
            let evidence = lost.or_else(|| self.piled_with_others(case.a, &case.flow, &case.repetition))?;
            Some((Cause::HandleLost, evidence))
        })?;
        Some(self.at_least_medium(at_most_medium(self.leak_of(case, cause, evidence))))
    }

    /// Whether it ends with its target or stream (`Err` with the verdict), and what is known where it does not.
    fn ends_with_target(&self, case: &Case<'_>) -> Result<Known, Verdict> {
        let stream = case.target.filter(|_| case.row.stream);
        let mut known = Known::default();
        match stream.and_then(|t| self.stream_end(case.a, t, &case.scope)) {
            Some(StreamEnd::Verdict(verdict)) => return Err(verdict),
            Some(StreamEnd::Open(open)) => known.open = Some(open),
            None => {}
        }
        let target = case.target.filter(|_| !case.row.apart);
        if known.open.is_none()
            && let Some(target) = target
            && !self.is_lent_by_own_part(case, target)
            && !self.is_among_given(case.a, target)
            && !self.is_maker(target)
        {
            match self.dies_with_target(target, &case.scope, &case.repetition) {
                // What nobody knows may be told by the releases that are written.
                Some(verdict @ Verdict::Unknown(..)) => known.unnamed = Some(verdict),
                Some(verdict) => return Err(verdict),
                None => {}
            }
        }
        if let Some(verdict) = self.watches_its_own(case.row, &case.flow, &case.scope, &case.repetition) {
            return Err(verdict);
        }
        match self.kept_in_bounds(case.a, target, &case.scope, &case.repetition) {
            Some(verdict) => Err(verdict),
            None => Ok(known),
        }
    }

    /// Whether it only makes others, as a builder does: what it gives goes on without it.
    fn is_maker(&self, target: Ref) -> bool {
        let of = self.project.type_of(target);
        of.is_some_and(|t| self.project.tables.type_row(t).maker)
    }

    /// What a part of the object lends for one piece of work, as a pool does, has to go back however long the part lives.
    fn is_lent_by_own_part(&self, case: &Case<'_>, target: Ref) -> bool {
        let life = self.project.life_of(&self.project.place(target));
        matches!(life, Life::Instance(_))
            && !case.row.release_is_on_target()
            && (case.row.scoped || self.is_ended_in_its_run(case))
    }

    /// Whether the run that acquires has the only handle, and ends it itself.
    fn is_ended_in_its_run(&self, case: &Case<'_>) -> bool {
        let f = self.project.function_at(case.a.at);
        let is_own = |place: &Place| match place.root {
            Root::Binding(file, b) => {
                file == f.file && place.path.is_empty() && self.project.facts(file).binding(b).function == f.function
            }
            _ => false,
        };
        let flow = &case.flow;
        let is_alone = flow.collections.is_empty() && flow.returned.is_empty() && !flow.other;
        is_alone
            && !flow.places.is_empty()
            && flow.places.iter().all(is_own)
            && self
                .releases_of(case.a, flow)
                .iter()
                .any(|r| r.wrong.is_none() && self.project.function_at(r.at) == f)
    }

    /// The verdict on releases that count: unless a path misses them, or it may be acquired after them.
    fn at_each_time(&self, case: &Case<'_>, right: &[&Release], released: Verdict) -> Verdict {
        if let Some(evidence) = self.path_miss(case.a, case.row, &case.flow, right) {
            return self.leak_of(case, Cause::NotOnEveryPath, evidence);
        }
        if let Some(evidence) = self.left_as_it_ends(case, right) {
            return self.leak_of(case, Cause::NotOnEveryPath, evidence);
        }
        if let Some(evidence) = self.kept_too_late(case.a, case.row, &case.flow) {
            return at_most_medium(self.at_least_medium(self.leak_of(case, Cause::NotOnEveryPath, evidence)));
        }
        if let Some(evidence) = self.hindered(case.a, &case.scope, right) {
            return at_most_medium(self.leak_of(case, Cause::NotOnEveryPath, evidence));
        }
        if let Some(evidence) = self.too_late(case.a, &case.scope, &case.flow, right) {
            return self.leak_of(case, Cause::ReleasedTooEarly, evidence);
        }
        if let Some(evidence) = self.comes_after_told_end(case.a, &case.flow, right) {
            return at_most_medium(self.at_least_medium(self.leak_of(case, Cause::ReleasedTooEarly, evidence)));
        }
        let lost = self.lost_by_own_tick(case.a, &case.flow, right);
        let lost = lost.or_else(|| self.lost_under_same_key(case.a, &case.repetition));
        if let Some(evidence) = lost.or_else(|| self.lost_by_second_press(case.a, &case.flow, right)) {
            return at_most_medium(self.at_least_medium(self.leak_of(case, Cause::HandleLost, evidence)));
        }
        if let Some(evidence) =
            self.left_on_by_toggle(case.a, case.row, &case.scope, &case.repetition, &case.flow, right)
        {
            return self.leak_of(case, Cause::NotOnTeardown, evidence);
        }
        if let Some(evidence) = self.left_to_own_condition(case.a, &case.scope, &case.flow, right) {
            return at_most_medium(self.at_least_medium(self.leak_of(case, Cause::NotOnTeardown, evidence)));
        }
        match self.left_by_named_end(case.a, &case.scope, &case.flow, right) {
            Some(evidence) => at_most_medium(self.leak_of(case, Cause::NotOnTeardown, evidence)),
            None => released,
        }
    }

    /// Evidence that one of several ends of the waiting leaves a listener that another one takes off.
    fn left_as_it_ends(&self, case: &Case<'_>, right: &[&Release]) -> Option<Vec<Evidence>> {
        let by_timer = self.left_by_timer(case.a, right);
        by_timer.or_else(|| self.left_by_settler(case.a, &case.flow, right, || self.releases_of(case.a, &case.flow)))
    }

    /// A leak whose evidence says itself that the code repeats.
    pub(super) fn at_least_medium(&self, mut verdict: Verdict) -> Verdict {
        if let Verdict::Leak(leak) = &mut verdict {
            leak.confidence = leak.confidence.max(Confidence::Medium);
        }
        verdict
    }

    /// What is written to only, by something that may break off and leave it open.
    fn left_half_written(&self, case: &Case<'_>, releases: &[Release]) -> Option<Verdict> {
        let filled = case.row.filled.as_ref()?;
        if !releases.iter().all(|r| self.comes_when_filled(r.at, filled)) {
            return None;
        }
        let (call, source) = self.half_written(case.a, filled)?;
        let evidence = Evidence {
            role: Role::Flow,
            at: call,
            text: format!("leaves it open if `{}` breaks off", self.show(source)),
        };
        let mut leak = self.leak_of(case, Cause::NotOnEveryPath, vec![evidence]);
        if let Verdict::Leak(leak) = &mut leak {
            leak.remedy.end = format!("when `{}` breaks off, or use {}", self.show(source), filled.better).into();
        }
        Some(leak)
    }

    /// The verdict where no release is right.
    fn unreleased(&self, case: &Case<'_>, releases: &[Release], known: Known) -> Verdict {
        if let Some(read) = self.made_at_each_read(case.a, &case.flow) {
            return self.at_least_medium(self.leak_of(case, Cause::NeverReleased, vec![read]));
        }
        if let Some(verdict) = self.transferred(case.row, case.gives_undo, &case.flow, releases) {
            return verdict;
        }
        // What an emitter of no known type gives back, and other code is handed, is an undo.
        if !case.typed && case.row.guess && !case.flow.passed.is_empty() {
            return Verdict::unknown("what it gives back is handed to other code");
        }
        if case.is_cleanup_of_effect() {
            return Verdict::released("what it gives back is the effect's cleanup", Some(case.a.at));
        }
        if self.is_ended_through_private_part(case.a, &case.flow) {
            return Verdict::unknown("a part that it has for itself is kept and ended");
        }
        if self.is_ended_from_element(case.a) {
            return Verdict::unknown("code that is told of the element that shows it may end it");
        }
        if self.is_given_to_markup(&case.flow) {
            let verdict = self.at_least_medium(self.leak_of(case, Cause::NeverReleased, Vec::new()));
            return told_as(verdict, "each time the markup runs it");
        }
        if self.is_released_from_object(case.a, &case.flow) {
            return Verdict::unknown("something of the name that it is kept under is released");
        }
        if self.survey.helpers.owns(case.a.at) {
            return Verdict::Transferred("it is registered for the callers of this function".into(), Vec::new());
        }
        if let Some(verdict) = self.swept(case.a, |cause, evidence| self.leak_of(case, cause, evidence)) {
            return verdict;
        }
        if case.handler.is_some_and(|h| self.gives_back_handler(case.a.at, h)) {
            return Verdict::Transferred("its function is given back to the caller".into(), Vec::new());
        }
        let wrong = releases.iter().find_map(|r| {
            let (cause, text) = r.wrong.as_ref()?;
            (!self.is_meant_for_another(case.a, r)).then_some((r.at, cause, text))
        });
        if let Some((at, cause, text)) = wrong {
            let evidence = vec![Evidence {
                role: Role::Release,
                at,
                text: text.clone(),
            }];
            let leak = self.leak_of(case, *cause, evidence);
            // Entries of a table that come and go say themselves that the code repeats.
            return match self.lost_by_taking_out(case.a, &case.flow, releases) {
                Some(_) => self.at_least_medium(leak),
                None => leak,
            };
        }
        if let Some(unknown) = known.unnamed {
            return match self.sibling_release(case.a) {
                Some(evidence) => self.leak_of(case, Cause::NeverReleased, vec![evidence]),
                None => unknown,
            };
        }
        if case.handler.is_some_and(|h| self.is_collected(case.a.at, h)) {
            return Verdict::unknown("its function is kept in a collection, from which it may be taken off");
        }
        if !case.row.release_is_on_target() && self.waits_for_end(case.a, &case.flow) {
            return Verdict::unknown("the code waits for its end");
        }
        if !case.row.release_is_on_target() && self.frees_before(case.a, case.row) {
            return Verdict::unknown("the one before is released first");
        }
        let (cause, evidence) = match self.collected_for_nothing(case.a.at, &case.flow) {
            Some(evidence) => (Cause::ReleaseWithoutEffect, vec![evidence]),
            None => match self.mistaken(case.a, &case.flow, &case.scope) {
                Some((cause, evidence)) => (cause, vec![evidence]),
                None => (Cause::NeverReleased, Vec::new()),
            },
        };
        let Some(open) = known.open else {
            let verdict = self.leak_of(case, cause, evidence);
            let is_handed_on = !case.flow.passed.is_empty() || case.flow.other;
            return if is_handed_on { at_most_medium(verdict) } else { verdict };
        };
        let defect = open.defect.clone().map(|d| (d.cause, d.evidence));
        let (cause, evidence) = defect.unwrap_or((cause, evidence));
        let (scope, repetition) = (&case.scope, &case.repetition);
        let on_stream = case.a.on(open.at);
        let leak = self.leak(&on_stream, case.row, cause, scope, repetition, case.typed, evidence);
        self.tell_stream(&open, case.typed, scope, repetition, leak)
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
        if let Some(verdict) = self
            .is_stream_of_lent(target)
            .or_else(|| self.is_own_node(target, repetition))
            .or_else(|| self.is_drawn_by_itself(target, scope, repetition))
        {
            return Some(verdict);
        }
        self.ended_by_owner(a, target, scope, repetition)
    }

    /// Whether a release that is wrong here is the right one of another acquisition of this kind. One that repeats
    /// what was said before in the same function was meant for this one.
    pub(in crate::lifetime) fn is_meant_for_another(&self, a: &Acquisition, release: &Release) -> bool {
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
            Life::Outer if self.is_run_by_framework(scope, repetition) && self.is_handed_to_option(&place) => {
                Some(Verdict::unknown("it is handed to an option, and nobody says by whom"))
            }
            Life::Process | Life::Outer | Life::Unknown
                if self.is_made_anew(target, &place) || self.is_just_made(target, &place) =>
            {
                let text = "the variable gets a new one before; the old one ends with what it holds";
                Some(Verdict::bounded(text))
            }
            Life::Process | Life::Outer => None,
            Life::Connection => match repetition {
                Repetition::Repeated {
                    every: Every::Connection,
                    ..
                } => Some(Verdict::bounded("the connection ends with what it holds")),
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
            Life::Call(_) if self.outlives_code_within(target).is_some() => None,
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
    pub(super) fn transferred(
        &self,
        row: &PairRow,
        gives_undo: bool,
        flow: &Flow,
        releases: &[Release],
    ) -> Option<Verdict> {
        let on_target = row.release_is_on_target() && !gives_undo;
        if on_target && flow.places.is_empty() {
            return None;
        }
        if flow.returned.is_empty() && self.is_released_nowhere(row) {
            return None;
        }
        let is_release = |call: &Ref| releases.iter().any(|r| r.at == *call);
        let is_transfer = |call: &&Ref| !row.lent && !is_release(call) && !self.is_used_after(**call, row, flow);
        if let Some(call) = flow.passed.iter().find(is_transfer) {
            return Some(Verdict::Unknown(
                "its handle is handed to other code".into(),
                vec![Evidence {
                    role: Role::Flow,
                    at: *call,
                    text: "handed on here".into(),
                }],
            ));
        }
        if !flow.returned.is_empty() && !on_target && !self.is_given_to_markup(flow) {
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

/// The same verdict, resting on a convention.
pub(super) fn at_most_medium(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Leak(leak) => Verdict::Leak(Leak {
            confidence: leak.confidence.min(Confidence::Medium),
            ..leak
        }),
        other => other,
    }
}

/// The same verdict, with other words for how often it happens.
fn told_as(mut verdict: Verdict, often: &'static str) -> Verdict {
    if let Verdict::Leak(leak) = &mut verdict {
        leak.often = often.into();
    }
    verdict
}
