//! Waits for one of two events: whichever comes, the listener for the other stays.

use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::Life;

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

    /// Whether a listener waits once for an event that comes again and again while its emitter lives.
    fn comes_again(&self, a: &Acquisition) -> bool {
        let Kind::Pair {
            key: Some(key), row, ..
        } = &a.kind
        else {
            return false;
        };
        if !self.project.tables.pairs[*row].one_shot {
            return false;
        }
        let events = &self.project.tables.conventions.recurring_events;
        let event = self.project.constant_text(*key, 0);
        event.is_some_and(|e| events.iter().any(|r| **r == *e))
    }
}
