//! Reactions to what their own object holds: nothing but the object keeps them, and they go with it.

use crate::facts::{BindingKind, FunctionId, MemberKind, Node, NodeId};
use crate::lifetime::{Judge, Verdict};
use crate::link::Ref;

impl Judge<'_> {
    /// `autorun(() => save(this.name, this.size))`: the function is held by what it reads, and reads its object only.
    pub(in crate::lifetime) fn reacts_to_itself(&self, call: Ref) -> Option<Verdict> {
        let reads = self.project.argument(call, 0)?;
        let f = self.project.function_value(reads, 0)?;
        let facts = self.project.facts(f.file);
        let function = facts.function(f.function);
        self.project.this_of(f)?;
        let mut own = 0;
        let all = (0..facts.nodes.len() as u32).map(NodeId);
        for node in all.filter(|&node| facts.is_inside(node, function.node)) {
            let at = Ref { file: f.file, node };
            match facts.node(node) {
                Node::This => match self.own_field(at) {
                    true => own += 1,
                    false => return None,
                },
                Node::Binding(b) => {
                    let binding = facts.binding(b);
                    let is_of_module = binding.function == FunctionId::MODULE || binding.kind == BindingKind::Import;
                    let is_local = facts.is_inside(facts.function(binding.function).node, function.node);
                    if !(is_local || is_of_module && self.is_only_called(at)) {
                        return None;
                    }
                }
                _ => {}
            }
        }
        (own > 0).then(|| Verdict::bounded("it reacts to its own object only, and goes with it"))
    }

    /// Whether `this` stands for a field of the object, of which nothing more is read, unless that is a list of its own:
    /// what is in one goes with the object as well.
    fn own_field(&self, this: Ref) -> bool {
        let facts = self.project.facts(this.file);
        let member = facts.parent(this.node);
        let Node::Member { property, .. } = facts.node(member) else {
            return false;
        };
        let Some(owner) = self.project.this_of(self.project.function_at(this)) else {
            return false;
        };
        let member_of = self.project.member(owner, facts.name(property));
        let is_given = member_of.is_some_and(|(_, m)| m.kind == MemberKind::ParamField);
        let goes_on = |up: NodeId| match facts.node(up) {
            Node::Member { object, property, .. } => {
                let reads = &self.project.tables.conventions.read;
                let is_read = reads.iter().any(|r| r == facts.name(property));
                object == member && !(is_read && self.is_own_list(Ref { node: member, ..this }))
            }
            Node::Index { object, .. } => object == member,
            Node::Call { callee, .. } => callee == member,
            _ => false,
        };
        !goes_on(facts.parent(member)) && !is_given
    }

    /// Whether a field begins as a list that the object makes, and never becomes one that it was given.
    fn is_own_list(&self, field: Ref) -> bool {
        let definitions = self.project.definitions(&self.project.place(field));
        let is_made = |d: &Ref| matches!(self.project.node(*d), Node::Array(_));
        let is_given = |d: &Ref| self.is_parameter(&self.project.place(*d));
        definitions.iter().any(is_made) && !definitions.iter().any(is_given)
    }

    /// Whether a name of the module is called here, itself or by a method, rather than read.
    fn is_only_called(&self, name: Ref) -> bool {
        let facts = self.project.facts(name.file);
        let is_callee = |node| matches!(facts.node(facts.parent(node)), Node::Call { callee, .. } if callee == node);
        let up = facts.parent(name.node);
        is_callee(name.node)
            || matches!(facts.node(up), Node::Member { object, .. } if object == name.node) && is_callee(up)
    }
}
