//! Functions that something nobody knows is told to run at an event: `bus.on('stream:start', f)`.

use super::{Repetition, Step};
use crate::link::{Project, Ref};
use crate::tables::Every;

impl Project {
    /// How often a function runs that is handed over with the name of an event. Whoever tells of it may do so again and
    /// again, unless the event by its name comes once; nobody has read that it does.
    pub(super) fn by_event_name(&self, call: Ref, arg: usize) -> Repetition {
        if arg != 1 || !self.is_heard_again(call) {
            return Repetition::Unknown;
        }
        Repetition::Repeated {
            every: Every::Event,
            proven: false,
            steps: vec![Step {
                at: call,
                text: "runs for each event".into(),
                row: None,
            }],
        }
    }

    /// Whether a call is `on` of something that nobody knows, with an event that need not come once.
    fn is_heard_again(&self, call: Ref) -> bool {
        let conventions = &self.tables.conventions;
        let Some(method) = self.facts(call.file).method_call(call.node) else {
            return false;
        };
        let receiver = Ref {
            node: method.object,
            ..call
        };
        let hears = conventions
            .hears
            .iter()
            .any(|h| h == self.text(call.file, method.method));
        let Some(event) = self.argument(call, 0).and_then(|event| self.constant_text(event, 0)) else {
            return false;
        };
        let comes_once = conventions.comes_once(&event) || conventions.ready_events.iter().any(|e| **e == *event);
        let begins = self
            .argument(call, 0)
            .is_some_and(|event| self.is_last_word(event, &conventions.beginnings));
        let is_once = comes_once || begins || self.says_part_is_ready(call);
        hears && !is_once && self.type_of(receiver).is_none()
    }
}
