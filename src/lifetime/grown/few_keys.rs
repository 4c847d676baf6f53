//! Keys of which there are only a few: by what a variable is ever set to, by the list they come from.

use crate::facts::{AssignOp, BinaryOp, BindingKind, FunctionId, Node};
use crate::lifetime::Judge;
use crate::link::{Place, Ref, Root};

/// Through how many members and indices a key is followed to its list.
const MAX_STEPS: usize = 4;

impl Judge<'_> {
    /// A variable of the function that is set to constants only, and at least to one.
    pub(in crate::lifetime) fn is_only_constants(&self, key: Ref) -> bool {
        let Node::Binding(b) = self.project.node(key) else {
            return false;
        };
        let binding = self.project.facts(key.file).binding(b);
        if !matches!(binding.kind, BindingKind::Let | BindingKind::Var | BindingKind::Const) {
            return false;
        }
        if binding.pattern.is_some() {
            return false;
        }
        let place = Place::root(Root::Binding(key.file, b));
        let definitions = self.project.definitions(&place);
        let is_constant = |d: &Ref| self.project.constant_text(*d, 0).is_some();
        !self.project.is_counted(&place)
            && definitions
                .iter()
                .all(|d| self.project.node(*d).is_absent() || is_constant(d))
            && definitions.iter().any(is_constant)
    }

    /// `slots[next++]`, where the code begins anew at a number once `next` has come to another one.
    pub(in crate::lifetime) fn is_counted_round(&self, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        let counted = match facts.node(key.node) {
            Node::Update { target, .. } => target,
            _ => key.node,
        };
        let Node::Binding(b) = facts.node(counted) else {
            return false;
        };
        let mentions = |test| facts.references_of(b).any(|node| facts.is_inside(node, test));
        facts.references_of(b).any(|node| {
            let write = facts.parent(node);
            let begins_anew = matches!(facts.node(write), Node::Assign { target, value, .. }
                if target == node && matches!(facts.node(value), Node::Number(_)));
            begins_anew
                && facts
                    .ancestors(write)
                    .take_while(|&up| !matches!(facts.node(up), Node::Function(_)))
                    .any(|up| matches!(facts.node(up), Node::If { test, .. } if mentions(test)))
        })
    }

    /// `states[this.depth]`, where the same file counts down as well: a depth comes again and again.
    pub(in crate::lifetime) fn is_counted_down(&self, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        let counted = match facts.node(key.node) {
            Node::Update { target, .. } => target,
            _ => key.node,
        };
        if !matches!(facts.node(counted), Node::Binding(_) | Node::Member { .. }) {
            return false;
        }
        let place = self.project.place(Ref { node: counted, ..key });
        let down = facts.writes.iter().filter_map(|&write| match facts.node(write) {
            Node::Update {
                target,
                increment: false,
            } => Some(self.project.place(Ref { node: target, ..key })),
            _ => None,
        });
        let mut down = down.filter(|target| target.last() == place.last());
        down.any(|target| self.project.same_place(&target, &place))
    }

    /// `batch[done + i]`, where both begin at a number whenever the function runs: no run has more of them than the longest.
    pub(in crate::lifetime) fn is_counted_here(&self, key: Ref, growth: Ref, depth: u32) -> bool {
        let facts = self.project.facts(key.file);
        let inner = |node| self.is_counted_here(Ref { node, ..key }, growth, depth + 1);
        match facts.node(key.node) {
            _ if key.file != growth.file => false,
            Node::Number(_) => true,
            Node::Binary { left, right, op } => {
                let is_sum = matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Other);
                is_sum && depth < MAX_STEPS as u32 && inner(left) && inner(right)
            }
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let is_local = binding.function == facts.enclosing_function(growth.node)
                    && binding.function != FunctionId::MODULE
                    && matches!(binding.kind, BindingKind::Let | BindingKind::Var);
                let is_number = |node| matches!(facts.node(node), Node::Number(_));
                let counts = |node| match facts.node(facts.parent(node)) {
                    Node::Assign {
                        op: AssignOp::Set,
                        value,
                        ..
                    } => is_number(value),
                    _ => true,
                };
                let mut writes = facts.references_of(b).filter(|&node| facts.is_written(node));
                is_local
                    && binding.pattern.is_none()
                    && binding.init.is_some_and(is_number)
                    && writes.all(counts)
                    && self.project.endless_loop_around(growth).is_none()
            }
            _ => false,
        }
    }

    /// `slots[this.next++]`, where other code that is called sets `next` back to a number: the places are taken again.
    pub(in crate::lifetime) fn is_set_back(&self, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        let counted = match facts.node(key.node) {
            // `const slot = this.next++`.
            Node::Binding(b) if facts.binding(b).writes <= 1 => facts.binding(b).init.unwrap_or(key.node),
            _ => key.node,
        };
        let Node::Update { target, .. } = facts.node(counted) else {
            return false;
        };
        let target = Ref { node: target, ..key };
        let place = self.project.place(target);
        let here = self.project.function_at(key);
        self.project.definitions(&place).into_iter().any(|d| {
            let f = self.project.function_at(d);
            let is_begin = self
                .project
                .method_around(f)
                .is_some_and(|(_, name, _)| name == "constructor");
            matches!(self.project.node(d), Node::Number(_))
                && f != here
                && f.function != FunctionId::MODULE
                && !is_begin
                && !self.project.callers(f).calls.is_empty()
        })
    }

    /// `NAMES[i]`, `PAIRS[i][0]`, where the list is written down in the module.
    pub(in crate::lifetime) fn is_of_constant_list(&self, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        let mut at = key.node;
        for step in 0..=MAX_STEPS {
            at = match facts.node(at) {
                Node::Index { object, .. } | Node::Member { object, .. } => object,
                Node::Binding(b) if step > 0 => {
                    let binding = facts.binding(b);
                    let is_list = |node| matches!(facts.node(node), Node::Array(_));
                    return binding.function == FunctionId::MODULE
                        && binding.kind == BindingKind::Const
                        && binding.init.is_some_and(is_list)
                        && !self.is_added_to(key.file, b);
                }
                _ => return false,
            };
        }
        false
    }

    /// Whether code of the file calls a method of a list that makes it grow.
    fn is_added_to(&self, file: crate::link::FileId, b: crate::facts::BindingId) -> bool {
        let facts = self.project.facts(file);
        let grow = &self.project.tables.conventions.grow;
        let is_exported = facts
            .exports
            .iter()
            .any(|e| matches!(e.value, crate::facts::ExportValue::Binding(x) if x == b));
        is_exported
            || facts.references_of(b).any(|node| match facts.node(facts.parent(node)) {
                Node::Member { object, property, .. } => {
                    object == node && grow.iter().any(|g| g == facts.name(property))
                }
                _ => false,
            })
    }
}
