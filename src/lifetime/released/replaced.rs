//! Releases that only make room: what was begun before is ended right before the next one is begun.
//!
//! `clearInterval(this.timer); this.timer = setInterval(...)` never leaves two of them. It always leaves one, and that
//! one has to be ended by the end of the object.

use crate::facts::{Node, NodeId};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::held::lent::Lent;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{OwnerId, Place, Ref, Root};

impl Judge<'_> {
    /// Evidence that every release only makes room for the next one, and that the object has an end that leaves the
    /// last one.
    pub(in crate::lifetime) fn only_replaced(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Evidence> {
        let Kind::Pair { row, target, .. } = &a.kind else {
            return None;
        };
        // A target that nobody is known to hand over may well end together with the object.
        let outlives = target.is_none_or(|t| self.lent(a, t) == Lent::Outlives || self.is_part_of_service(a, t));
        if self.project.tables.pairs[*row].one_shot || !outlives {
            return None;
        }
        let first = right.first()?;
        let field = self.only_field(flow)?;
        let (teardowns, _) = self.teardowns(owner);
        let ends = match teardowns.is_empty() {
            true => self.project.instances_of(owner).is_repeated() || self.let_go_of(owner).is_some(),
            false => teardowns.iter().any(|f| self.ends_its_object(*f)),
        };
        let makes_room = |r: &&Release| self.fills_again(r.at, field);
        (ends && right.iter().all(makes_room)).then(|| Evidence {
            role: Role::Release,
            at: first.at,
            text: "this only makes room for the next one; nothing ends the last".into(),
        })
    }

    /// `this.bufferService.buffer.lines`: what a service has is shared by whoever the service is given to.
    fn is_part_of_service(&self, a: &Acquisition, target: Ref) -> bool {
        let mut place = self.project.place(target);
        let is_part = matches!(place.root, Root::This(_)) && place.path.len() > 1;
        place.path.truncate(1);
        is_part && self.is_service(a, &place)
    }

    /// The field that alone holds a handle.
    fn only_field<'f>(&self, flow: &'f Flow) -> Option<&'f Place> {
        let held_elsewhere = !flow.collections.is_empty()
            || !flow.passed.is_empty()
            || !flow.returned.is_empty()
            || flow.other
            || flow.taken_apart;
        match &flow.places[..] {
            [field] if !held_elsewhere && matches!(field.root, Root::This(_)) && field.path.len() == 1 => Some(field),
            _ => None,
        }
    }

    /// Whether the code that releases what a field holds always puts a new one there.
    pub(in crate::lifetime) fn fills_again(&self, release: Ref, field: &Place) -> bool {
        let facts = self.project.facts(release.file);
        let writes = self.project.writes_in(self.project.function_at(release));
        writes.iter().any(|&write| {
            let Node::Assign { target, value, .. } = facts.node(write) else {
                return false;
            };
            let here = |node| Ref { node, ..release };
            matches!(facts.node(value), Node::Call { .. })
                && self.is_before(release, here(write))
                && self.project.same_place(&self.project.place(here(target)), field)
                && self.follows_always(release, write)
        })
    }

    /// Whether a later node of the same function is reached whenever an earlier one was.
    fn follows_always(&self, earlier: Ref, later: NodeId) -> bool {
        let facts = self.project.facts(earlier.file);
        let f = self.project.function_at(Ref { node: later, ..earlier });
        let mut below = later;
        for up in facts.ancestors(later) {
            let is_one_way = match facts.node(up) {
                Node::Function(_) => break,
                Node::If { test, .. } | Node::Conditional { test, .. } => test != below,
                Node::Logical { right, .. } => right == below,
                Node::Switch { value, .. } => value != below,
                Node::Case { .. } | Node::Catch { .. } | Node::Loop { .. } => true,
                _ => false,
            };
            if is_one_way && !facts.is_inside(earlier.node, below) {
                return false;
            }
            below = up;
        }
        let (from, to) = (facts.span(earlier.node).start, facts.span(later).start);
        let leaves = |&node: &NodeId| {
            !matches!(facts.node(node), Node::Await(_)) && (from..to).contains(&facts.span(node).start)
        };
        !self.project.jumps_in(f).iter().any(leaves)
    }
}
