//! Objects that are made to carry something to others: actions of a store, events, jobs.

use crate::facts::{CallKind, MemberKind, Node};
use crate::lifetime::Judge;
use crate::lifetime::held::flow::Flow;
use crate::link::Ref;

impl Judge<'_> {
    /// `dispatch(new Opened(socket))`: what has parts and does nothing is made to hand its parts on, and goes where they go.
    pub(super) fn follow_message(&self, call: Ref, flow: &mut Flow, depth: u32) {
        let Node::Call {
            callee,
            kind: CallKind::New,
            ..
        } = self.project.node(call)
        else {
            return;
        };
        let Some(owner) = self.project.owner_of_class_value(Ref { node: callee, ..call }, 0) else {
            return;
        };
        let made = self.project.owner(owner);
        let does_nothing = made.superclass.is_none()
            && made
                .members
                .iter()
                .all(|m| m.function.is_none() || m.kind == MemberKind::Constructor);
        if !does_nothing {
            return;
        }
        let mut whole = Flow {
            nodes: flow.nodes,
            ..Flow::default()
        };
        self.follow(call, &mut whole, depth + 1);
        flow.nodes = whole.nodes;
        flow.returned.extend(whole.returned);
        flow.passed.extend(whole.passed);
        flow.other |= whole.other || !whole.collections.is_empty();
    }
}
