//! What begins anew when the one before is over: at an event that comes at its end, or after a look at its state.

use crate::facts::Node;
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Evidence, Judge, Verdict};
use crate::link::{Ref, Repetition, Step};

impl Judge<'_> {
    /// The verdict on a handle whose code runs again only when the handle of the run before is of no more use.
    pub(in crate::lifetime) fn begins_anew(
        &self,
        a: &Acquisition,
        flow: &Flow,
        repetition: &Repetition,
    ) -> Option<Verdict> {
        let (Repetition::Repeated { steps, .. }, None) = (repetition, a.target()) else {
            return None;
        };
        let end = steps.first().map(|step| step.at).filter(|at| self.is_at_end(*at, flow));
        // What is ended somewhere may be ended before the other way begins it.
        let is_ended = || self.releases_of(a, flow).iter().any(|r| r.wrong.is_none());
        let end = end.filter(|_| is_ended() || !self.is_begun_besides(a.at, steps));
        let looked = || {
            let ways = steps.iter().skip(1).map(|step| step.at).chain([a.at]);
            let mut tests = ways.flat_map(|at| self.conditions_of(at));
            tests.find_map(|(test, _)| self.asks_for_state(test, flow))
        };
        let at = end.or_else(looked)?;
        let evidence = vec![Evidence {
            role: Role::Flow,
            at,
            text: "the one before is over by then".into(),
        }];
        Some(Verdict::Bounded(
            "it begins anew when the one before is over".into(),
            evidence,
        ))
    }

    /// Whether code runs again and again by another way than the last of these, too: a component that connects as it
    /// mounts, and again when the connection is closed.
    fn is_begun_besides(&self, at: Ref, steps: &[Step]) -> bool {
        let last = steps.last().map(|step| step.at);
        let others = last.map(|last| self.project.repetition_but_by(self.project.function_at(at), &[last]));
        others.is_some_and(|others| others.is_repeated())
    }

    /// `handle.on('close', f)`, `handle.onclose = f`
    fn is_at_end(&self, registered: Ref, flow: &Flow) -> bool {
        let here = |node| Ref { node, ..registered };
        let facts = self.project.facts(registered.file);
        let (member, event) = match facts.node(registered.node) {
            Node::Call { callee, args, .. } => {
                let event = facts.item(args, 0);
                (callee, event.and_then(|e| self.project.constant_text(here(e), 0)))
            }
            Node::Assign { target, .. } => (target, None),
            _ => return false,
        };
        let Node::Member { object, property, .. } = facts.node(member) else {
            return false;
        };
        let event = event.or_else(|| facts.name(property).strip_prefix("on").map(Into::into));
        let ends = &self.project.tables.conventions.ending_events;
        event.is_some_and(|event| ends.iter().any(|e| **e == *event))
            && self.is_one_of(&self.project.place(here(object)), &flow.places)
    }

    /// Where a test reads the state of the handle: `handle.readyState`.
    fn asks_for_state(&self, test: Ref, flow: &Flow) -> Option<Ref> {
        let facts = self.project.facts(test.file);
        let mut stack = vec![test.node];
        while let Some(node) = stack.pop() {
            if let Node::Member { object, property, .. } = facts.node(node) {
                let states = &self.project.tables.conventions.states;
                let is_state = states.iter().any(|s| s == facts.name(property));
                let object = self.project.place(Ref { node: object, ..test });
                if is_state && self.is_one_of(&object, &flow.places) {
                    return Some(Ref { node, ..test });
                }
            }
            if !matches!(facts.node(node), Node::Function(_)) {
                facts.children(node, |child| stack.push(child));
            }
        }
        None
    }
}
