//! What a walk asks about expressions: do they mention the thing, give it away, release it, throw, or come out one way
//! while it is held?

use super::{HELD, State, Walk};
use crate::facts::{BinaryOp, BindingId, CallKind, FileFacts, FunctionId, LogicalOp, Node, NodeId, UnaryOp};
use crate::link::Root;

/// How deep a test is taken apart.
const MAX_TEST: u32 = 8;

impl Walk<'_, '_> {
    /// The tests around a node within its function, and how they came out.
    pub(super) fn conditions_of(&self, node: NodeId) -> Vec<(NodeId, bool)> {
        let mut out = Vec::new();
        let mut below = node;
        for up in self.facts.ancestors(node) {
            match self.facts.node(up) {
                Node::Function(_) => break,
                Node::If { test, yes, no } | Node::Conditional { test, yes, no } => {
                    if below == yes {
                        out.push((test, true));
                    } else if below == no {
                        out.push((test, false));
                    }
                }
                Node::Logical { left, right, op } if right == below => match op {
                    LogicalOp::And => out.push((left, true)),
                    LogicalOp::Or => out.push((left, false)),
                    LogicalOp::Nullish => {}
                },
                _ => {}
            }
            below = up;
        }
        out
    }

    pub(super) fn is_releaser(&self, node: NodeId) -> bool {
        if self.releasers.is_empty() || self.facts.is_written(node) {
            return false;
        }
        self.judge
            .project
            .function_value(self.at(node), 0)
            .is_some_and(|f| self.releasers.contains(&f))
    }

    /// `await sleep(n)`, `await p.catch(...)`.
    pub(super) fn never_rejects(&self, value: NodeId, depth: u32) -> bool {
        let Node::Call { callee, args, kind } = self.facts.node(value) else {
            return match self.facts.node(value) {
                Node::Empty | Node::Undefined | Node::Null => true,
                Node::Binding(b) if depth == 0 && self.facts.binding(b).writes == 0 => self
                    .facts
                    .binding(b)
                    .init
                    .is_some_and(|init| self.never_rejects(init, 0)),
                _ => false,
            };
        };
        let project = self.judge.project;
        if self.judge.gives_plain(self.at(value)) {
            return true;
        }
        if let Some(name) = project.last_name(self.at(callee))
            && project.tables.conventions.never_rejects.iter().any(|n| n == name)
        {
            return true;
        }
        if kind == CallKind::New {
            // `new Promise(resolve => ...)` whose function does not take `reject`.
            return match self.facts.item(args, 0).map(|a| self.facts.node(a)) {
                Some(Node::Function(f)) => self.facts.list(self.facts.function(f).params).len() == 1,
                _ => false,
            };
        }
        if depth > 0 {
            return false;
        }
        let Some(f) = project.called_function(self.at(value)) else {
            return false;
        };
        if f.file != self.function.file {
            let there = project.facts(f.file);
            return match project.returned_values(f)[..] {
                [only] => is_plain_promise(there, only.node),
                _ => false,
            };
        }
        match project.returned_values(f)[..] {
            [only] => self.never_rejects(only.node, depth + 1),
            _ => false,
        }
    }

    pub(super) fn ends_process(&self, callee: NodeId) -> bool {
        let ends = &self.judge.project.tables.conventions.ends_process;
        self.judge
            .project
            .last_name(self.at(callee))
            .is_some_and(|last| ends.iter().any(|e| e.ends_with(last)))
            && self
                .judge
                .project
                .path_of(self.at(callee))
                .is_some_and(|p| ends.iter().any(|e| *e == p || p.ends_with(&e.replace('.', ":"))))
    }

    /// Whether a call may well throw: not one of a global or of a parameter.
    pub(super) fn may_throw(&self, callee: NodeId) -> bool {
        match self.facts.node(callee) {
            Node::Global(_) => false,
            Node::Binding(b) => self.facts.binding(b).kind != crate::facts::BindingKind::Param,
            _ => true,
        }
    }

    /// Whether a call does no more than call methods of the thing, for each of a list:
    /// `nodes.forEach((node) => observer.observe(node))`.
    pub(super) fn goes_through_for_it(&self, args: crate::facts::List) -> bool {
        let mut given = self.facts.list(args);
        let (Some(only), None) = (given.next(), given.next()) else {
            return false;
        };
        let Node::Function(function) = self.facts.node(only) else {
            return false;
        };
        let project = self.judge.project;
        let f = crate::link::Func {
            file: self.function.file,
            function,
        };
        let is_on_it = |&call: &NodeId| match self.facts.node(call) {
            Node::Call { callee, .. } => {
                matches!(self.facts.node(callee), Node::Member { .. }) && self.mentions(callee)
            }
            _ => false,
        };
        let calls = project.calls_in(f);
        let leaves = |&node: &NodeId| matches!(self.facts.node(node), Node::Throw(_) | Node::Await(_));
        !calls.is_empty() && calls.iter().all(is_on_it) && !project.jumps_in(f).iter().any(leaves)
    }

    /// Arguments like those of `on('close', release)`: an event, and a function for it.
    pub(super) fn is_registration(&self, args: crate::facts::List) -> bool {
        let mut args = self.facts.list(args);
        args.next().is_some_and(|event| self.facts.string(event).is_some())
            && args.any(|a| matches!(self.facts.node(a), Node::Function(_)) || self.is_releaser(a))
    }

    /// Whether a node is the call that acquires, or the variable that holds what it gives.
    pub(super) fn is_acquired(&self, node: NodeId) -> bool {
        let holds = |b| {
            let binding = self.facts.binding(b);
            binding.init == Some(self.acquired) && binding.writes == 0
        };
        node == self.acquired || matches!(self.facts.node(node), Node::Binding(b) if holds(b))
    }

    /// `p.then(release)` without another release on the way of failure.
    pub(super) fn releases_on_success_only(&self, node: NodeId, callee: NodeId, args: crate::facts::List) -> bool {
        let conventions = &self.judge.project.tables.conventions;
        let Node::Member { object, property, .. } = self.facts.node(callee) else {
            return false;
        };
        // Where the promise of the thing itself is rejected, there is no thing.
        if self.is_acquired(object) {
            return false;
        }
        if !conventions.on_success.iter().any(|s| s == self.facts.name(property)) {
            return false;
        }
        let args: Vec<_> = self.facts.list(args).collect();
        if args.get(1).is_some_and(|&a| self.releases_inside(a)) {
            return false;
        }
        let mut at = node;
        loop {
            let member = self.facts.parent(at);
            let call = self.facts.parent(member);
            match (self.facts.node(member), self.facts.node(call)) {
                (Node::Member { object, .. }, Node::Call { callee, args, .. }) if object == at && callee == member => {
                    if self.facts.list(args).any(|a| self.releases_inside(a)) {
                        return false;
                    }
                    at = call;
                }
                _ => return true,
            }
        }
    }

    pub(super) fn releases_inside(&self, node: NodeId) -> bool {
        self.releases.iter().any(|&r| self.facts.is_inside(r, node)) || self.is_releaser(node)
    }

    /// Whether a call puts the thing, or a closure around it, where somebody else has it: a callback's argument, a
    /// collection.
    pub(super) fn takes_over(&self, callee: NodeId, args: crate::facts::List) -> bool {
        let is_taker = match self.facts.node(callee) {
            Node::Binding(b) => self.facts.binding(b).kind == crate::facts::BindingKind::Param,
            Node::Member { property, .. } => {
                let grow = &self.judge.project.tables.conventions.grow;
                grow.iter().any(|g| g == self.facts.name(property))
            }
            _ => false,
        };
        is_taker && self.facts.list(args).any(|a| self.gives_away(a))
    }

    /// Whether an expression is the thing, or holds it: itself, in an object or array, as an argument, in a closure.
    pub(super) fn gives_away(&self, value: NodeId) -> bool {
        match self.facts.node(value) {
            Node::Binding(_) => self.mentions_here(value),
            Node::Function(f) => self.captures(f),
            Node::Member { .. } => self.mentions_here(value) || self.is_releaser(value),
            // A closure is for the call to run, not to keep.
            Node::Call { args, .. } => {
                let is_closure = |a: &NodeId| matches!(self.facts.node(*a), Node::Function(_));
                value == self.acquired || self.facts.list(args).any(|a| !is_closure(&a) && self.gives_away(a))
            }
            Node::Object(list) | Node::Array(list) => self.facts.list(list).any(|i| match self.facts.node(i) {
                Node::Property { value, .. } => self.gives_away(value),
                _ => self.gives_away(i),
            }),
            Node::Spread(v) | Node::Await(v) | Node::Assign { value: v, .. } => self.gives_away(v),
            Node::Logical { left, right, .. } => self.gives_away(left) || self.gives_away(right),
            Node::Conditional { yes, no, .. } => self.gives_away(yes) || self.gives_away(no),
            _ => false,
        }
    }

    pub(super) fn captures(&self, f: FunctionId) -> bool {
        let captured = &self.facts.function(f).captures;
        self.places.iter().any(|p| match p.root {
            Root::Binding(file, b) => file == self.function.file && captured.contains(&b),
            _ => false,
        })
    }

    pub(super) fn mentions_here(&self, node: NodeId) -> bool {
        match self.facts.node(node) {
            Node::Binding(b) => self.places.iter().any(|p| {
                p.path.is_empty() && matches!(p.root, Root::Binding(file, x) if file == self.function.file && x == b)
            }),
            Node::Member { .. } => {
                let place = self.judge.project.place(self.at(node));
                self.places.iter().any(|p| self.judge.project.same_place(p, &place))
            }
            _ => false,
        }
    }

    /// Whether an expression mentions the thing.
    pub(super) fn mentions(&self, node: NodeId) -> bool {
        if self.mentions_here(node) {
            return true;
        }
        let mut found = false;
        self.facts.children(node, |c| found = found || self.mentions(c));
        found
    }

    /// The states in which the two branches of a test are entered.
    pub(super) fn split(&self, test: NodeId, yes: NodeId, no: NodeId, state: State) -> (State, State) {
        if state & HELD == 0 {
            return (state, state);
        }
        if let Some(taken) = self.absent_with.and_then(|error| self.outcome_by(error, test)) {
            return only(state, taken);
        }
        if let Some(&(_, taken)) = self.conditions.iter().find(|(c, _)| self.same(*c, test, 0)) {
            return only(state, taken);
        }
        if let Some(taken) = self.outcome_as_before(test, 0) {
            return only(state, taken);
        }
        if self.mentions(test) {
            return match self.holds_when(test) {
                Some(taken) => only(state, taken),
                None if self.has_release(yes) => only(state, true),
                None if self.has_release(no) => only(state, false),
                None => (state, state),
            };
        }
        (state, state)
    }

    /// How a test comes out that asks in other words for what a condition of the acquisition says, of values that
    /// nothing changes: `!open` behind `open && acquire()`.
    fn outcome_as_before(&self, test: NodeId, depth: u32) -> Option<bool> {
        if depth > MAX_TEST {
            return None;
        }
        let inner = |node| self.outcome_as_before(node, depth + 1);
        match self.facts.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => inner(value).map(|taken| !taken),
            Node::Logical { left, right, op } => {
                let parts = [inner(left), inner(right)];
                let decides = op == LogicalOp::Or;
                match op {
                    LogicalOp::Nullish => None,
                    _ if parts.contains(&Some(decides)) => Some(decides),
                    _ => (parts == [Some(!decides); 2]).then_some(!decides),
                }
            }
            Node::Binding(b) if self.facts.binding(b).writes == 0 => self
                .conditions
                .iter()
                .find_map(|&(condition, taken)| self.said_of(b, condition, taken, 0)),
            _ => None,
        }
    }

    /// Whether a variable is truthy where a condition has come out so.
    fn said_of(&self, b: BindingId, condition: NodeId, taken: bool, depth: u32) -> Option<bool> {
        if depth > MAX_TEST {
            return None;
        }
        let inner = |node, taken| self.said_of(b, node, taken, depth + 1);
        match self.facts.node(condition) {
            Node::Binding(other) => (other == b).then_some(taken),
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => inner(value, !taken),
            Node::Logical { left, right, op } => {
                let splits = if taken { LogicalOp::And } else { LogicalOp::Or };
                (op == splits).then(|| inner(left, taken).or_else(|| inner(right, taken)))?
            }
            _ => None,
        }
    }

    /// How a test comes out where an error is not there, as far as it asks for that error.
    pub(super) fn outcome_by(&self, error: BindingId, test: NodeId) -> Option<bool> {
        let is_it = |n| self.facts.node(n) == Node::Binding(error);
        match self.facts.node(test) {
            Node::Binding(b) => (b == error).then_some(false),
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => self.outcome_by(error, value).map(|b| !b),
            Node::Binary { left, right, op } => {
                let nothing = |n| self.facts.node(n).is_nullish();
                let about = (nothing(right) && is_it(left)) || (nothing(left) && is_it(right));
                match op {
                    BinaryOp::Eq if about => Some(true),
                    BinaryOp::Ne if about => Some(false),
                    _ => None,
                }
            }
            Node::Logical { left, right, op } => {
                let found = self.outcome_by(error, left).or_else(|| self.outcome_by(error, right));
                match (op, found) {
                    (LogicalOp::And, Some(false)) => Some(false),
                    (LogicalOp::Or, Some(true)) => Some(true),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    pub(super) fn has_release(&self, node: NodeId) -> bool {
        self.releases.iter().any(|&r| self.facts.is_inside(r, node))
            || self
                .calls
                .iter()
                .any(|(&call, &releases)| releases && self.facts.is_inside(call, node))
    }

    /// How a test about the thing itself comes out while it is there.
    pub(super) fn holds_when(&self, test: NodeId) -> Option<bool> {
        match self.facts.node(test) {
            Node::Binding(_) | Node::Member { .. } => self.mentions_here(test).then_some(true),
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => self.holds_when(value).map(|b| !b),
            Node::Binary { left, right, op } => {
                let nothing = |n| self.facts.node(n).is_nullish();
                let about =
                    (nothing(right) && self.mentions_here(left)) || (nothing(left) && self.mentions_here(right));
                match op {
                    BinaryOp::Ne if about => Some(true),
                    BinaryOp::Eq if about => Some(false),
                    _ => None,
                }
            }
            Node::Logical { left, right, op } => {
                let found = self.holds_when(left).or_else(|| self.holds_when(right));
                match (op, found) {
                    (LogicalOp::And, Some(true)) => Some(true),
                    (LogicalOp::Or, Some(false)) => Some(false),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether two expressions are written alike and read only names, fields and literals.
    pub(super) fn same(&self, a: NodeId, b: NodeId, depth: u32) -> bool {
        if depth > 12 {
            return false;
        }
        let same = |x, y| self.same(x, y, depth + 1);
        match (self.facts.node(a), self.facts.node(b)) {
            (
                Node::Member {
                    object: x, property: p, ..
                },
                Node::Member {
                    object: y, property: q, ..
                },
            ) => p == q && same(x, y),
            (Node::Unary { value: x, op: p }, Node::Unary { value: y, op: q }) => p == q && same(x, y),
            (
                Node::Binary {
                    left: x,
                    right: u,
                    op: p,
                },
                Node::Binary {
                    left: y,
                    right: v,
                    op: q,
                },
            ) => p == q && same(x, y) && same(u, v),
            (
                Node::Logical {
                    left: x,
                    right: u,
                    op: p,
                },
                Node::Logical {
                    left: y,
                    right: v,
                    op: q,
                },
            ) => p == q && same(x, y) && same(u, v),
            (Node::Call { .. }, _) | (_, Node::Call { .. }) => false,
            (x, y) => x == y && !matches!(x, Node::Function(_) | Node::Object(_) | Node::Array(_)),
        }
    }
}

/// The states of the branches of a test of which only one can be taken while the thing is held.
fn only(state: State, taken: bool) -> (State, State) {
    let rest = state & !HELD;
    if taken { (state, rest) } else { (rest, state) }
}

/// `new Promise(resolve => ...)`.
fn is_plain_promise(facts: &FileFacts, node: NodeId) -> bool {
    match facts.node(node) {
        Node::Call {
            args,
            kind: CallKind::New,
            ..
        } => match facts.item(args, 0).map(|a| facts.node(a)) {
            Some(Node::Function(f)) => facts.list(facts.function(f).params).len() == 1,
            _ => false,
        },
        _ => false,
    }
}
