//! Conditions on what a component or an object is given: they hold after its end as they did before.

use crate::facts::{BindingKind, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::released::teardown::Scope;
use crate::link::{Key, OwnerId, OwnerKind, Place, Ref, Root};
use crate::tables::Every;

/// How deep a condition is taken apart.
const MAX_DEPTH: u32 = 8;

impl Judge<'_> {
    /// Whether a node is reached under conditions that read nothing but the properties that a component is given, or the
    /// options that an object with an end is made with: once true, they stay true when it is gone, for nobody gives it
    /// others then.
    pub(in crate::lifetime) fn is_up_to_settings(&self, at: Ref, scope: &Scope) -> bool {
        let Scope::Owner { owner, .. } = scope else {
            return false;
        };
        let is_mounted = self
            .project
            .lifecycle(*owner)
            .is_some_and(|cycle| cycle.row.every == Every::Mount);
        let is_ended = || self.teardowns(*owner).0.iter().any(|end| self.is_plainly_an_end(*end));
        let conditions = self.conditions_of(at);
        (is_mounted || is_ended())
            && !conditions.is_empty()
            && self.leaves_by_conditions_only(at)
            && conditions.iter().all(|&(test, _)| self.is_setting(test, *owner, 0))
    }

    /// Whether all that leaves the function before a node does so in a branch that [`conditions_of`] knows, or because
    /// something failed.
    ///
    /// [`conditions_of`]: Self::conditions_of
    pub(in crate::lifetime) fn leaves_by_conditions_only(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let around: Vec<_> = facts.ancestors(at.node).collect();
        let before = facts.span(at.node).start;
        let jumps = self.project.jumps_in(self.project.function_at(at)).iter();
        let leaves = |jump: &&NodeId| !matches!(facts.node(**jump), Node::Await(_) | Node::Yield(_));
        jumps
            .filter(leaves)
            .filter(|&&jump| facts.span(jump).start < before && !facts.is_inside(at.node, jump))
            .all(|&jump| {
                let mut up = facts.ancestors(jump);
                let branch = up.find(|&n| matches!(facts.node(n), Node::If { .. } | Node::Catch { .. }));
                branch.is_some_and(|n| {
                    matches!(facts.node(n), Node::Catch { .. })
                        || around.contains(&facts.parent(n)) && matches!(facts.node(facts.parent(n)), Node::Block(_))
                })
            })
    }

    /// Whether a value is made of nothing but constants and properties that a component is given.
    fn is_setting(&self, value: Ref, owner: OwnerId, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let inner = |node| self.is_setting(Ref { node, ..value }, owner, depth + 1);
        match self.project.node(value) {
            Node::Number(_) | Node::Str(_) | Node::Bool(_) | Node::Null | Node::Undefined => true,
            Node::Unary { value, .. } => inner(value),
            Node::Binary { left, right, .. } | Node::Logical { left, right, .. } => inner(left) && inner(right),
            Node::Member { .. } => self.is_given_property(value, owner),
            Node::Binding(b) => {
                let facts = self.project.facts(value.file);
                let is_const = facts.binding(b).writes == 0 && facts.binding(b).kind != BindingKind::Param;
                is_const && self.is_given_property(value, owner)
            }
            _ => false,
        }
    }

    /// `this.options.delay`, where only the constructor sets `options`, and nobody the delay.
    fn is_option(&self, place: &Place, owner: OwnerId) -> bool {
        let made = self.project.constructor(owner);
        let begins = |at: &Ref| made == Some(self.project.function_at(*at));
        let given = place
            .parent()
            .map(|of| self.project.definitions(&of))
            .unwrap_or_default();
        // What the object makes itself, a list say, changes as it works.
        let is_given = |at: &Ref| begins(at) && self.parameter_behind(*at).is_some();
        !given.is_empty() && given.iter().all(is_given) && self.project.definitions(place).iter().all(begins)
    }

    /// `this.props.delay`, and `this.delay` where the options of the component list `delay`.
    fn is_given_property(&self, at: Ref, owner: OwnerId) -> bool {
        let place = self.project.place(at);
        let Root::This(of) = place.root else {
            return false;
        };
        let OwnerKind::Object(options) = self.project.owner(of).kind else {
            return match place.path.as_slice() {
                [Key::Name(props), Key::Name(_)] => **props == *"props" || self.is_option(&place, owner),
                _ => false,
            };
        };
        let [Key::Name(name)] = place.path.as_slice() else {
            return false;
        };
        let options = Ref {
            file: of.file,
            node: options,
        };
        let facts = self.project.facts(of.file);
        of == owner
            && self
                .project
                .property(options, "props")
                .is_some_and(|props| match self.project.node(props) {
                    Node::Object(_) => self.project.property(props, name).is_some(),
                    Node::Array(names) => facts
                        .list(names)
                        .any(|node| matches!(facts.node(node), Node::Str(s) if facts.name(s) == &**name)),
                    _ => false,
                })
    }
}
