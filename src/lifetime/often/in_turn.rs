//! Waits for one of two events: whichever comes, the listener for the other stays.

use crate::facts::Node;
use crate::finding::{Cause, Role};
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, Phase, Place, Ref, Root};

impl Judge<'_> {
    /// The one-time listener beside one for the end of something: it waits for what comes again and again, so that
    /// its function is called again on the same object, and each time leaves the other behind.
    pub(in crate::lifetime) fn waits_in_turn(&self, a: &Acquisition) -> Option<Evidence> {
        let (target, _) = a.registration()?;
        if !self.is_of_its_end(a) {
            return None;
        }
        let on = self.project.place(target);
        if matches!(
            self.project.life_of(&on),
            Life::Call(_) | Life::Request | Life::Connection
        ) {
            return None;
        }
        let f = self.project.function_at(a.at);
        let others = self.pair_acquisitions(a.at.file).iter();
        let beside = others.filter(|o| o.at != a.at && o.rule == a.rule).find(|o| {
            self.project.function_at(o.at) == f
                && self.comes_again(o)
                && o.target()
                    .is_some_and(|t| self.project.same_place(&self.project.place(t), &on))
        })?;
        Some(Evidence {
            role: Role::Flow,
            at: beside.at,
            text: "what it waits for comes here again and again; this one stays then".into(),
        })
    }

    /// Why the listener for one of two events stays whenever the other one comes, on a receiver that is used again,
    /// whoever ends it one day: each wait leaves one more.
    pub(in crate::lifetime) fn left_by_other_event(
        &self,
        a: &Acquisition,
        scope: &Scope,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<(Cause, Vec<Evidence>)> {
        let (target, handler) = a.registration()?;
        if !self.project.tables.pairs[a.row()?].release_is_on_target() {
            return None;
        }
        let on = self.project.place(target);
        let goes = matches!(
            self.project.life_of(&on),
            Life::Call(_) | Life::Request | Life::Connection
        );
        let goes = goes && self.lent_by_pool(a, target).is_none();
        if goes || !self.keeps_state(handler, self.project.function_at(a.at)) {
            return None;
        }
        let found = match self.waits_while_it_flows(a) {
            // Who ends the receiver one day has it used again until then.
            Some(evidence) if self.ends_target(a, target).is_some() => (Cause::NotOnEveryPath, evidence),
            Some(evidence) => (Cause::NeverReleased, evidence),
            None if self.is_part_of_making(a, scope) => return None,
            None => match self.settles_beside(a, target, handler) {
                Some(evidence) => (Cause::NeverReleased, evidence),
                None => {
                    let stays = self.fails_beside_ready(a, target);
                    let stays = stays.or_else(|| self.takes_off_other(a, target, handler))?;
                    (Cause::NotOnEveryPath, stays)
                }
            },
        };
        let is_released = releases().iter().any(|r| r.wrong.is_none());
        (!is_released).then(|| (found.0, vec![found.1]))
    }

    /// The listener beside one for the end of a stream that waits until the stream goes on: there is one for each time.
    fn waits_while_it_flows(&self, a: &Acquisition) -> Option<Evidence> {
        let beside = self.waits_in_turn(a)?;
        let flows = self
            .pair_acquisitions(a.at.file)
            .iter()
            .any(|o| o.at == beside.at && self.is_for_one_of(o, &self.project.tables.conventions.flow_events));
        flows.then_some(beside)
    }

    /// The release by which the handler of a listener takes off another one of the same receiver, which waits once for
    /// another event and takes nothing off: the code knows that the receiver goes on, after anything but its failure.
    fn takes_off_other(&self, a: &Acquisition, target: Ref, handler: Ref) -> Option<Evidence> {
        let conventions = &self.project.tables.conventions;
        // What waits for the end of its receiver goes with it, and the end of what one begins comes whatever comes before:
        // `picker:close`.
        let is_of_end = self.is_of_its_end(a) || self.is_last_word_of(a, &conventions.ending_events);
        let is_of_failure = self.is_for_one_of(a, &conventions.error_names);
        if is_of_end && !is_of_failure && !self.is_last_word_of(a, &conventions.error_names) {
            return None;
        }
        let h = self.project.function_value(handler, 0)?;
        let on = self.project.place(target);
        let f = self.project.function_at(a.at);
        let others = self.pair_acquisitions(a.at.file).iter();
        let mut others = others.filter(|o| {
            o.at != a.at
                && o.rule == a.rule
                && self.project.function_at(o.at) == f
                && o.row().is_some_and(|row| self.project.tables.pairs[row].one_shot)
                && !self.is_of_its_end(o)
                && !self.exclude_each_other(o.at, a.at)
                && o.target()
                    .is_some_and(|t| self.project.same_place(&self.project.place(t), &on))
        });
        let at = others.find_map(|o| {
            let taken = self.releases_of(o, &self.flow(o.at));
            let taken: Vec<Ref> = taken.iter().filter(|r| r.wrong.is_none()).map(|r| r.at).collect();
            let in_handler = |r: &Ref| self.project.is_within(self.project.function_at(*r), h);
            taken.iter().all(in_handler).then(|| taken.first().copied())?
        })?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: "takes the other listener off when its event comes first; when the other one does, this one stays"
                .into(),
        })
    }

    /// The other one of two one-time listeners that settle the same promise, which waits for what comes again and again
    /// while this one waits for a failure: `worker.once("message", resolve); worker.once("error", reject)`.
    fn settles_beside(&self, a: &Acquisition, target: Ref, handler: Ref) -> Option<Evidence> {
        let f = self.project.function_at(a.at);
        let conventions = &self.project.tables.conventions;
        let is_once = |o: &Acquisition| o.row().is_some_and(|row| self.project.tables.pairs[row].one_shot);
        if !is_once(a)
            || !self.is_executor(f)
            || !self.is_for_one_of(a, &conventions.error_names)
            || !self.settles_promise_of(f, handler)
        {
            return None;
        }
        let on = self.project.place(target);
        let stays = match self.project.life_of(&on) {
            Life::Process => true,
            Life::Instance(_) => matches!(on.root, Root::This(_)),
            Life::Call(_) => self.lent_by_pool(a, target).is_some(),
            _ => false,
        };
        if !stays || self.is_filled_by(&on, self.outermost(f)) {
            return None;
        }
        let others = self.pair_acquisitions(a.at.file).iter();
        let beside = others.filter(|o| o.at != a.at && o.rule == a.rule && is_once(o)).find(|o| {
            let same_target = |t: Ref| self.project.same_place(&self.project.place(t), &on);
            let is_named = matches!(&o.kind, Kind::Pair { key: Some(key), .. } if self.project.constant_text(*key, 0).is_some());
            is_named
                && self.project.function_at(o.at) == f
                && !self.is_for_one_of(o, &conventions.once_events)
                && !self.is_of_its_end(o)
                && self.is_reached_with(a.at, o.at)
                && self.is_reached_with(o.at, a.at)
                && o.registration().is_some_and(|(t, h)| same_target(t) && self.settles_promise_of(f, h))
        })?;
        Some(Evidence {
            role: Role::Flow,
            at: beside.at,
            text: "what it waits for comes here again and again; this one stays then".into(),
        })
    }

    /// Whether a listener is what settles the promise of an executor, or a function in it that does.
    fn settles_promise_of(&self, executor: Func, handler: Ref) -> bool {
        match self.project.node(handler) {
            Node::Binding(b) if self.is_settling(executor, handler.file, b) => true,
            _ => {
                let run = self.project.function_value(handler, 0);
                run.is_some_and(|g| self.project.is_within(g, executor) && self.leads_to_settling(executor, g))
            }
        }
    }

    /// Whether a method, or code in it, puts something new where a place begins.
    pub(in crate::lifetime) fn is_filled_by(&self, place: &Place, method: Func) -> bool {
        let mut holder = place.clone();
        holder.path.truncate(1);
        let reach = self.project.reach(&[method]);
        !holder.path.is_empty()
            && self
                .project
                .definitions(&holder)
                .into_iter()
                .any(|d| reach.contains(&self.project.function_at(d)))
    }

    /// Whether an object registers it once, when it is made.
    fn is_part_of_making(&self, a: &Acquisition, scope: &Scope) -> bool {
        let Scope::Owner { owner, method } = scope else {
            return false;
        };
        let is_own = a
            .target()
            .is_some_and(|t| matches!(self.project.life_of(&self.project.place(t)), Life::Instance(_)));
        is_own && self.phase(*owner, method).0 == Phase::Setup
    }

    /// Whether a listener waits once for an event that comes again and again while its emitter lives.
    fn comes_again(&self, a: &Acquisition) -> bool {
        a.row().is_some_and(|row| self.project.tables.pairs[row].one_shot)
            && self.is_for_one_of(a, &self.project.tables.conventions.recurring_events)
    }

    /// Whether a listener is for one of some events.
    fn is_last_word_of(&self, a: &Acquisition, words: &[String]) -> bool {
        matches!(&a.kind, Kind::Pair { key: Some(key), .. } if self.project.is_last_word(*key, words))
    }

    pub(in crate::lifetime) fn is_for_one_of(&self, a: &Acquisition, events: &[String]) -> bool {
        let Kind::Pair { key: Some(key), .. } = &a.kind else {
            return false;
        };
        self.project.is_text_of(*key, events)
    }
}
