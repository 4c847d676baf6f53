//! Conditions that hold for good once they hold: a constant of the program, a state of a component that nothing sets
//! back. What is drawn under one comes, and stays.

use super::{Key, MAX_DEPTH, OwnerId, Place, Project, Ref, Root};
use crate::facts::{BindingKind, FunctionId, LogicalOp, Node, NodeId, UnaryOp};

impl Project {
    /// Whether a test stays as it is from when it is true, or false, as wanted.
    pub(super) fn holds_for_good(&self, test: Ref, wanted: bool) -> bool {
        self.stays(test, wanted, 0)
    }

    fn stays(&self, test: Ref, wanted: bool, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let inner = |node, wanted| self.stays(Ref { node, ..test }, wanted, depth + 1);
        match self.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => inner(value, !wanted),
            Node::Logical {
                left,
                right,
                op: LogicalOp::And | LogicalOp::Or,
            } => inner(left, wanted) && inner(right, wanted),
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } => self.place_stays(&self.place(test), wanted),
            _ => false,
        }
    }

    fn place_stays(&self, place: &Place, wanted: bool) -> bool {
        match (&place.root, &place.path[..]) {
            (Root::Binding(file, b), []) => {
                let binding = self.facts(*file).binding(*b);
                binding.function == FunctionId::MODULE && binding.kind != BindingKind::Param && binding.writes == 0
            }
            (Root::External(_), _) => true,
            // What a host or a browser has: `if (!window.localStorage)`.
            (Root::Global, [Key::Name(_)]) => true,
            (Root::Value(made), [Key::Name(part)]) => &**part == "0" && self.state_stays(*made, wanted),
            // `this.state.isOpen`
            (Root::This(owner), [Key::Name(state), Key::Name(part)]) => {
                let states = &self.tables.conventions.state_members;
                states.iter().any(|s| **s == **state) && self.part_of_state_stays(*owner, part, wanted)
            }
            _ => false,
        }
    }

    /// `const [config, setConfig] = useState()`, where `setConfig` is only ever called, and with something.
    fn state_stays(&self, made: Ref, wanted: bool) -> bool {
        let facts = self.facts(made.file);
        let here = |node| Ref { node, ..made };
        let Node::Call { callee, .. } = facts.node(made.node) else {
            return false;
        };
        let hook = self.path_of(here(callee));
        let Node::Declare { target, .. } = facts.node(facts.parent(made.node)) else {
            return false;
        };
        let Node::ArrayPattern(parts) = facts.node(target) else {
            return false;
        };
        if !hook.is_some_and(|hook| self.tables.conventions.state_hooks.contains(&hook)) {
            return false;
        }
        let Some(setter) = facts.item(parts, 1) else {
            return true;
        };
        let Node::Binding(b) = facts.node(setter) else {
            return false;
        };
        facts
            .references_of(b)
            .filter(|&node| node != setter)
            .all(|node| match facts.node(facts.parent(node)) {
                Node::Call { callee, args, .. } if callee == node => match facts.item(args, 0) {
                    Some(value) => self.may_only_be(here(value), wanted),
                    None => !wanted,
                },
                // A list of dependencies.
                Node::Array(_) => true,
                _ => false,
            })
    }

    /// Whether a part of a class's state is set to what is wanted, and to nothing else after its beginning: wherever the
    /// file of the class names it as a property.
    fn part_of_state_stays(&self, owner: OwnerId, part: &str, wanted: bool) -> bool {
        let facts = self.facts(owner.file);
        let Some(name) = self.name_in(owner.file, part) else {
            return false;
        };
        let here = |node| Ref { file: owner.file, node };
        let is_set = |node| facts.node(node) == Node::Bool(wanted);
        let mut set = 0;
        let assigned = facts.members_named(name).filter(|&node| facts.is_written(node));
        for node in assigned {
            match facts.node(facts.parent(node)) {
                Node::Assign { target, value, .. } if target == node && is_set(value) => set += 1,
                _ => return false,
            }
        }
        for (node, _) in facts.nodes.iter().zip(0..).map(|(node, index)| (*node, NodeId(index))) {
            let Node::Property { key, value, .. } = node else {
                continue;
            };
            if facts.string(key) != Some(part) {
                continue;
            }
            let around = self.method_around(self.function_at(here(value)));
            let is_first = around.is_none_or(|(.., f)| Some(f) == self.constructor(owner));
            match is_set(value) {
                true => set += 1,
                false if is_first && matches!(facts.node(value), Node::Bool(_) | Node::Null | Node::Undefined) => {}
                false => return false,
            }
        }
        set > 0
    }

    /// Whether a value that a state is set to is none that would end what is wanted.
    fn may_only_be(&self, value: Ref, wanted: bool) -> bool {
        match self.node(value) {
            Node::Bool(is) => is == wanted,
            Node::Null | Node::Undefined | Node::Empty => !wanted,
            // What is told by the state before may go to and fro.
            Node::Function(_) | Node::Unary { .. } | Node::Logical { .. } | Node::Conditional { .. } => false,
            _ => wanted,
        }
    }
}
