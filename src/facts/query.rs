//! Questions that the fact tree answers about itself: no other file, no API.

use rustc_hash::FxHashMap;

use super::{
    AssignOp, Binding, BindingId, BindingKind, CallKind, FileFacts, Function, FunctionId, Imported, List, LogicalOp,
    Name, Node, NodeId, WrittenType,
};
use crate::finding::Span;

/// `target = value`.
#[derive(Clone, Copy, Debug)]
pub struct Assignment {
    /// The whole.
    pub at: NodeId,
    /// What is written.
    pub target: NodeId,
    /// What it becomes.
    pub value: NodeId,
}

/// `object.method(args)`.
#[derive(Clone, Copy, Debug)]
pub struct MethodCall {
    /// The call.
    pub at: NodeId,
    /// Its callee.
    pub callee: NodeId,
    /// What the method is called on.
    pub object: NodeId,
    /// The method's name.
    pub method: Name,
    /// The arguments.
    pub args: List,
}

impl FileFacts {
    /// What a type of this file is made of, by the name that annotations call it.
    pub fn written_type(&self, name: Name) -> Option<&WrittenType> {
        let known = self.types.binary_search_by_key(&name, |t| t.name).ok()?;
        Some(&self.types[known])
    }

    /// All plain assignments, in source order; not `+=` and its like.
    pub fn assignments(&self) -> impl Iterator<Item = Assignment> + '_ {
        self.writes.iter().filter_map(|&at| match self.node(at) {
            Node::Assign {
                target,
                value,
                op: AssignOp::Set,
            } => Some(Assignment { at, target, value }),
            _ => None,
        })
    }

    /// Whether an expression is what this file exports as a whole: `exports`, `module.exports`.
    pub fn is_exports(&self, at: NodeId) -> bool {
        let is_global = |id: NodeId, text: &str| matches!(self.node(id), Node::Global(n) if self.name(n) == text);
        match self.node(at) {
            Node::Global(n) => self.name(n) == "exports",
            Node::Member { object, property, .. } => self.name(property) == "exports" && is_global(object, "module"),
            _ => false,
        }
    }

    /// Whether an expression is what this file exports, as a whole or by a name: `module.exports.name`.
    pub fn is_export(&self, at: NodeId) -> bool {
        self.is_exports(at) || matches!(self.node(at), Node::Member { object, .. } if self.is_exports(object))
    }

    /// What a chain of assignments ends in: `null` in `a = b = null`.
    pub fn assigned(&self, mut value: NodeId) -> NodeId {
        while let Node::Assign { value: inner, .. } = self.node(value) {
            value = inner;
        }
        value
    }

    /// A call, if it is one of a method by its name.
    pub fn method_call(&self, at: NodeId) -> Option<MethodCall> {
        let Node::Call { callee, args, .. } = self.node(at) else {
            return None;
        };
        let Node::Member { object, property, .. } = self.node(callee) else {
            return None;
        };
        Some(MethodCall {
            at,
            callee,
            object,
            method: property,
            args,
        })
    }

    /// The call of a method on a value: `value.close()`.
    pub fn method_called_on(&self, value: NodeId) -> Option<MethodCall> {
        let member = self.parent(value);
        let call = self.method_call(self.parent(member))?;
        (call.object == value && call.callee == member).then_some(call)
    }

    /// The call of a value, or of a method of it: `value(...)`, `value.close()`.
    pub fn call_through(&self, value: NodeId) -> Option<NodeId> {
        if let Some(called) = self.method_called_on(value) {
            return Some(called.at);
        }
        let up = self.parent(value);
        let is_called = matches!(self.node(up), Node::Call { callee, kind: CallKind::Call, .. } if callee == value);
        is_called.then_some(up)
    }

    /// `f.call(x, ...)` and `f.apply(x, ...)`: the function, and what is its `this`.
    pub fn call_with_this(&self, at: NodeId) -> Option<(NodeId, NodeId)> {
        let call = self.method_call(at)?;
        let this = self.item(call.args, 0)?;
        matches!(self.name(call.method), "call" | "apply").then_some((call.object, this))
    }

    /// All calls of methods by their names, in source order.
    pub fn method_calls(&self) -> impl Iterator<Item = MethodCall> + '_ {
        self.calls.iter().filter_map(|&at| self.method_call(at))
    }

    /// The text of a name.
    pub fn name(&self, name: Name) -> &str {
        &self.names[name.0 as usize]
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    /// Where a node stands.
    pub fn span(&self, id: NodeId) -> Span {
        self.spans[id.0 as usize]
    }

    /// The node around a node.
    pub fn parent(&self, id: NodeId) -> NodeId {
        self.parents[id.0 as usize]
    }

    /// A binding.
    pub fn binding(&self, id: BindingId) -> &Binding {
        &self.bindings[id.0 as usize]
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The operands of a list.
    pub fn list(&self, list: List) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + '_ {
        let start = list.0 as usize;
        let len = self.lists.get(start).map_or(0, |&n| n as usize);
        self.lists[(start + 1).min(self.lists.len())..][..len]
            .iter()
            .map(|&n| NodeId(n))
    }

    /// One operand.
    pub fn item(&self, list: List, index: usize) -> Option<NodeId> {
        let start = list.0 as usize;
        let len = self.lists.get(start).map_or(0, |&n| n as usize);
        (index < len).then(|| NodeId(self.lists[start + 1 + index]))
    }

    /// The nodes around a node, nearest first, up to and with the root.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut at = Some(id);
        std::iter::from_fn(move || {
            let here = at?;
            let up = self.parent(here);
            at = (up != here).then_some(up);
            at
        })
    }

    /// The function whose code a node is part of. A function's own node, its decorators and its
    /// default parameter values belong to the function around it and to itself respectively.
    pub fn enclosing_function(&self, id: NodeId) -> FunctionId {
        for up in self.ancestors(id) {
            if let Node::Function(f) = self.node(up) {
                return f;
            }
        }
        FunctionId::MODULE
    }

    /// Whether `inner` is `outer` or lies in it.
    pub fn is_inside(&self, inner: NodeId, outer: NodeId) -> bool {
        inner == outer || self.ancestors(inner).any(|up| up == outer)
    }

    /// Whether `inner` is `outer` or is nested in it.
    pub fn is_nested(&self, inner: FunctionId, outer: FunctionId) -> bool {
        let mut at = Some(inner);
        while let Some(f) = at {
            if f == outer {
                return true;
            }
            at = self.function(f).parent;
        }
        false
    }

    /// All occurrences of a binding, in source order.
    pub fn references_of(&self, id: BindingId) -> impl Iterator<Item = NodeId> + '_ {
        let from = self.references.partition_point(|&(b, _)| b < id);
        self.references[from..]
            .iter()
            .take_while(move |&&(b, _)| b == id)
            .map(|&(_, n)| n)
    }

    /// The `this` that a variable is another name of, also where it is set once after its declaration: `var self; self = this`.
    pub fn this_named(&self, id: BindingId) -> Option<NodeId> {
        let binding = self.binding(id);
        let this = match (binding.writes, binding.init) {
            (0, Some(init)) => init,
            (1, None) if binding.kind != BindingKind::Param && binding.pattern.is_none() => self
                .references_of(id)
                .find_map(|node| match self.node(self.parent(node)) {
                    Node::Assign {
                        target,
                        value,
                        op: AssignOp::Set,
                    } if target == node => Some(value),
                    _ => None,
                })?,
            _ => return None,
        };
        let is_own = self.enclosing_function(this) == binding.function;
        (self.node(this) == Node::This && is_own).then_some(this)
    }

    /// All `x.name`, and pattern properties of that name, in source order.
    pub fn members_named(&self, name: Name) -> impl Iterator<Item = NodeId> + '_ {
        let from = self.members.partition_point(|&(n, _)| n < name);
        self.members[from..]
            .iter()
            .take_while(move |&&(n, _)| n == name)
            .map(|&(_, id)| id)
    }

    /// Bindings that have another name here than where they come from: `import { on as listen }`,
    /// `const { on: listen } = x`, `const listen = window.on || window.webkitOn`.
    pub fn renamed(&self) -> FxHashMap<BindingId, Name> {
        let imported = self.imports.iter().filter_map(|import| match import.imported {
            Imported::Named(name) => Some((import.binding, name)),
            Imported::Default | Imported::Namespace => None,
        });
        let taken = self.bindings.iter().enumerate().filter_map(|(i, binding)| {
            let Node::Property { key, .. } = self.node(self.parent(binding.pattern?)) else {
                return None;
            };
            let Node::Str(name) = self.node(key) else { return None };
            Some((BindingId(i as u32), name))
        });
        let kept = self.bindings.iter().enumerate().filter_map(|(i, binding)| {
            let name = self.first_member(binding.init?)?;
            Some((BindingId(i as u32), name))
        });
        let all = imported.chain(taken).chain(kept);
        all.filter(|&(binding, name)| self.binding(binding).name != name)
            .collect()
    }

    /// The name of the member that a value is, or the first of those that it is where the ones before are missing.
    fn first_member(&self, value: NodeId) -> Option<Name> {
        let mut at = value;
        loop {
            match self.node(at) {
                Node::Logical {
                    left,
                    op: LogicalOp::Or | LogicalOp::Nullish,
                    ..
                } => at = left,
                Node::Member { property, .. } => return Some(property),
                _ => return None,
            }
        }
    }

    /// The interned form of a string, if the file has it.
    pub fn find_name(&self, text: &str) -> Option<Name> {
        self.names.get_index_of(text).map(|index| Name(index as u32))
    }

    /// What an assignment writes to: its target, or each part of a pattern that stands there.
    pub fn targets_in(&self, target: NodeId) -> Vec<NodeId> {
        match self.node(target) {
            Node::ObjectPattern(list) | Node::ArrayPattern(list) => {
                self.list(list).flat_map(|part| self.targets_in(part)).collect()
            }
            Node::Property { value, .. } => self.targets_in(value),
            Node::Default { target, .. } | Node::Rest(target) => self.targets_in(target),
            _ => vec![target],
        }
    }

    /// Whether an identifier or member is written here (target of an assignment, update, delete or pattern).
    pub fn is_written(&self, id: NodeId) -> bool {
        let up = self.parent(id);
        match self.node(up) {
            Node::Assign { target, .. } | Node::Declare { target, .. } | Node::Update { target, .. } => target == id,
            Node::Delete(target) | Node::Rest(target) => target == id,
            Node::Default { target, .. } => target == id,
            Node::ArrayPattern(_) => true,
            Node::Property { value, .. } => value == id && matches!(self.node(self.parent(up)), Node::ObjectPattern(_)),
            Node::Loop { parts, kind, .. } => {
                matches!(
                    kind,
                    super::LoopKind::ForIn | super::LoopKind::ForOf | super::LoopKind::ForAwait
                ) && self.item(parts, 0) == Some(id)
            }
            _ => false,
        }
    }

    /// What a variable gets where nothing is given: `{ target = window }`, `(target = window) =>`.
    pub fn default_of(&self, b: BindingId) -> Option<NodeId> {
        let declared = self.references_of(b).next()?;
        match self.node(self.parent(declared)) {
            Node::Default { target, value } if target == declared => Some(value),
            _ => None,
        }
    }

    /// The text of a constant string.
    pub fn string(&self, id: NodeId) -> Option<&str> {
        match self.node(id) {
            Node::Str(n) => Some(self.name(n)),
            _ => None,
        }
    }

    /// Children of a node in evaluation order (a function's body is not its child here).
    pub fn children(&self, id: NodeId, mut each: impl FnMut(NodeId)) {
        match self.node(id) {
            Node::Empty
            | Node::Undefined
            | Node::Null
            | Node::Bool(_)
            | Node::Number(_)
            | Node::Str(_)
            | Node::Binding(_)
            | Node::Global(_)
            | Node::This
            | Node::Super
            | Node::Meta
            | Node::Function(_)
            | Node::Elided(_)
            | Node::Break
            | Node::Continue => {}
            Node::Class(c) => {
                let class = &self.classes[c.0 as usize];
                class.decorators.iter().copied().for_each(&mut each);
                class.superclass.into_iter().for_each(&mut each);
                for m in &class.members {
                    m.decorators.iter().copied().for_each(&mut each);
                    m.key.into_iter().for_each(&mut each);
                    if m.kind != super::MemberKind::ParamField {
                        m.evaluator.or(m.value).into_iter().for_each(&mut each);
                    }
                }
            }
            Node::Template(l)
            | Node::Object(l)
            | Node::Array(l)
            | Node::Sequence(l)
            | Node::Block(l)
            | Node::ObjectPattern(l)
            | Node::ArrayPattern(l) => self.list(l).for_each(&mut each),
            Node::Member { object, .. } => each(object),
            Node::Index { object, key } => [object, key].into_iter().for_each(each),
            Node::Call { callee, args, .. } => {
                each(callee);
                self.list(args).for_each(each);
            }
            Node::Property { key, value, .. } => [key, value].into_iter().for_each(each),
            Node::Spread(v)
            | Node::Update { target: v, .. }
            | Node::Delete(v)
            | Node::Unary { value: v, .. }
            | Node::Await(v)
            | Node::Yield(v)
            | Node::Rest(v)
            | Node::Return(v)
            | Node::Throw(v)
            | Node::Labeled { body: v, .. } => each(v),
            Node::Assign { target, value, .. } | Node::Default { target, value } | Node::Declare { target, value } => {
                [value, target].into_iter().for_each(each);
            }
            Node::Logical { left, right, .. } | Node::Binary { left, right, .. } => {
                [left, right].into_iter().for_each(each);
            }
            Node::Conditional { test, yes, no } | Node::If { test, yes, no } => {
                [test, yes, no].into_iter().for_each(each);
            }
            Node::Jsx {
                tag,
                attributes,
                children,
            } => {
                each(tag);
                self.list(attributes).for_each(&mut each);
                self.list(children).for_each(each);
            }
            Node::Loop { parts, body, .. } => {
                self.list(parts).for_each(&mut each);
                each(body);
            }
            Node::Switch { value, cases } => {
                each(value);
                self.list(cases).for_each(each);
            }
            Node::Case { test, body } => [test, body].into_iter().for_each(each),
            Node::Try {
                block,
                handler,
                finalizer,
            } => [block, handler, finalizer].into_iter().for_each(each),
            Node::Catch { param, body } => [param, body].into_iter().for_each(each),
        }
    }
}
