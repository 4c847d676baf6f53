//! Handles in a variable of the module, or in a field of the only object of its class, that the next event overwrites:
//! what it begins takes the place of what the event before began, and only that place leads to an end.
//!
//! Two events that take turns on one thing, and an event whose code ends something itself, begin nothing twice. What a
//! press begins is judged elsewhere.

use crate::facts::{FunctionId, Node};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Repetition, Root};
use crate::tables::Every;

impl Judge<'_> {
    /// Evidence that an event begins something anew and overwrites the only handle of what the last one began.
    pub(in crate::lifetime) fn lost_by_next_event(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let f = self.project.function_at(a.at);
        let held = self.only_holder(flow, f, right)?;
        if right.is_empty() || !self.is_one_place(&held) || !self.goes_on_by_itself(a) {
            return None;
        }
        let Repetition::Repeated { every, steps, .. } = self.project.repetition(f) else {
            return None;
        };
        let registered = steps.first()?.at;
        let comes = matches!(every, Every::Event | Every::Message | Every::Request);
        if !comes || !self.is_for_what_comes_again(registered, every) || self.is_on_own_part(registered, f, &held) {
            return None;
        }
        let way: Vec<Ref> = steps.iter().skip(1).map(|step| step.at).chain([a.at]).collect();
        let handler = self.project.function_at(*way.first()?);
        if way.iter().any(|at| self.is_kept_from_it(*at, &held, right)) || self.ends_in_turn(registered, handler, right)
        {
            return None;
        }
        Some(vec![Evidence {
            role: Role::Context,
            at: registered,
            text: format!("the next one overwrites `{}`", self.show_place(&held)),
        }])
    }

    /// Whether there is one of a place for as long as the program runs.
    fn is_one_place(&self, place: &Place) -> bool {
        match place.root {
            Root::Binding(file, b) => self.project.facts(file).binding(b).function == FunctionId::MODULE,
            Root::This(owner) => self.project.instances_of(owner) == Repetition::Once,
            _ => false,
        }
    }

    /// Whether a registration is for what comes again while what was begun may still go on.
    fn is_for_what_comes_again(&self, registered: Ref, every: Every) -> bool {
        let conventions = &self.project.tables.conventions;
        let mut listeners = self.pair_acquisitions(registered.file).iter();
        if !listeners.any(|b| b.at == registered) {
            return every == Every::Request && matches!(self.project.node(registered), Node::Call { .. });
        }
        let event = self.project.argument(registered, 0);
        let is_of = |events: &[String]| event.is_some_and(|event| self.project.is_text_of(event, events));
        self.hears_again(registered) && !is_of(&conventions.comes_back) && !is_of(&conventions.presses)
    }

    /// Whether what is begun hears of its own end, or what begins it registers that itself.
    fn is_on_own_part(&self, registered: Ref, f: Func, held: &Place) -> bool {
        self.project.is_within(self.project.function_at(registered), f)
            || self
                .registered_on(registered)
                .is_some_and(|on| self.project.same_place(&on, held))
    }

    /// The place that a listener is registered on: `target.on(event, f)`.
    fn registered_on(&self, registered: Ref) -> Option<Place> {
        let mut listeners = self.pair_acquisitions(registered.file).iter();
        let found = listeners.find(|b| b.at == registered)?;
        Some(self.project.place(found.target()?))
    }

    /// Whether code on the way has ended what went on, or looks whether something does.
    fn is_kept_from_it(&self, at: Ref, held: &Place, right: &[&Release]) -> bool {
        let f = self.project.function_at(at);
        let asks = |test: Ref| self.asks_state(test);
        self.is_over_before(at, held, right) || self.is_let_in_by(at, f, &asks)
    }

    /// Whether the code of an event ends something as well, or another event of the same thing does.
    fn ends_in_turn(&self, registered: Ref, handler: Func, right: &[&Release]) -> bool {
        let reach = self.project.reach(&[handler]);
        let on = self.registered_on(registered);
        right.iter().any(|r| {
            let g = self.project.function_at(r.at);
            if reach.contains(&g) {
                return true;
            }
            let Repetition::Repeated { steps, .. } = self.project.repetition(g) else {
                return false;
            };
            let beside = steps.first().and_then(|step| self.registered_on(step.at));
            beside
                .zip(on.as_ref())
                .is_some_and(|(x, y)| self.project.same_place(&x, y))
        })
    }
}
