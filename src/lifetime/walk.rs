//! A walk over the tree of regions with the question: can control leave the function while this is still held?
//!
//! The walk follows every way through the code from the acquisition on and keeps three bits for each: not acquired
//! yet, held, let go. Branches are united, `finally` blocks run on every way out, handlers are entered from every
//! place in their block that can throw. Where the code does not say, the walk takes the way that releases: a release
//! under a condition of its own counts, and so does a closure that releases, once somebody else has it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Judge;
use crate::facts::{BinaryOp, CallKind, FileFacts, FunctionId, LogicalOp, LoopKind, Node, NodeId, UnaryOp};
use crate::link::{Func, Place, Ref, Root};

/// What may be the case at one point, as bits.
type State = u8;
const BEFORE: State = 1;
const HELD: State = 2;
const DONE: State = 4;

/// How many nodes one walk may visit; beyond it there is no answer.
const MAX_STEPS: u32 = 20_000;

/// How deep it may go.
const MAX_NESTED: u32 = 400;

/// How control leaves a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// By a `return`.
    Returns,
    /// By a `throw`, or by something awaited that rejects.
    Throws,
    /// At its end, after a handler that caught what was thrown here.
    Caught,
    /// At its end, or at the end of a turn of the loop it was acquired in.
    Ends,
    /// By a promise that rejects: the release runs only where it is fulfilled.
    Rejects,
}

/// A way out of a function on which something is still held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Miss {
    /// Where control leaves.
    pub at: NodeId,
    /// How.
    pub exit: Exit,
}

/// A handler around the code that is walked.
#[derive(Clone, Copy, Default)]
struct Handler {
    /// The state in which it is entered.
    state: State,
    /// What throws while the thing is held.
    at: Option<NodeId>,
    /// Calls may throw into it; without a handler only what surely can throw counts.
    catches: bool,
}

/// A loop or `switch` around the code that is walked.
#[derive(Clone, Copy, Default)]
struct Target {
    breaks: State,
    continues: State,
    is_switch: bool,
}

/// One walk.
pub(super) struct Walk<'j, 'p> {
    judge: &'j Judge<'p>,
    facts: &'p FileFacts,
    function: Func,
    acquired: NodeId,
    releases: FxHashSet<NodeId>,
    /// Functions inside this one in which it is released, and functions elsewhere that release it when called.
    releasers: FxHashSet<Func>,
    places: &'j [Place],
    /// Conditions under which the acquisition stands, and their outcome.
    conditions: Vec<(NodeId, bool)>,
    exits: Vec<(State, Miss)>,
    handlers: Vec<Handler>,
    targets: Vec<Target>,
    /// The throw after which a handler goes on with the thing held.
    caught: Option<NodeId>,
    rejects: Option<NodeId>,
    calls: FxHashMap<NodeId, bool>,
    /// Whether some way from the acquisition leads to a release.
    lets_go: bool,
    /// Whether a release in the registered function itself counts.
    counts_own_handler: bool,
    steps: u32,
    depth: u32,
}

impl<'j, 'p> Walk<'j, 'p> {
    /// A walk through the function of an acquisition.
    pub(super) fn new(
        judge: &'j Judge<'p>,
        acquired: Ref,
        releases: &[Ref],
        releasers: FxHashSet<Func>,
        places: &'j [Place],
        counts_own_handler: bool,
    ) -> Self {
        let facts = judge.project.facts(acquired.file);
        let function = judge.project.function_at(acquired);
        let mut walk = Self {
            judge,
            facts,
            function,
            acquired: acquired.node,
            releases: releases
                .iter()
                .filter(|r| r.file == acquired.file)
                .map(|r| r.node)
                .collect(),
            releasers,
            places,
            conditions: Vec::new(),
            exits: Vec::new(),
            handlers: Vec::new(),
            targets: Vec::new(),
            caught: None,
            rejects: None,
            calls: FxHashMap::default(),
            lets_go: false,
            counts_own_handler,
            steps: 0,
            depth: 0,
        };
        walk.conditions = walk.conditions_of(acquired.node);
        walk
    }

    /// The first way out on which it is still held, if there is one.
    pub(super) fn first_miss(mut self) -> Option<Miss> {
        let body = self.facts.function(self.function.function).body;
        let out = self.walk(body, BEFORE);
        if self.steps > MAX_STEPS || !self.lets_go {
            // Released before it was acquired, if at all: the way of a toggle or of a replacement.
            return None;
        }
        if out & HELD != 0 {
            let miss = match (self.rejects, self.caught) {
                (Some(at), _) => Miss {
                    at,
                    exit: Exit::Rejects,
                },
                (None, Some(at)) => Miss { at, exit: Exit::Caught },
                (None, None) => Miss {
                    at: self.acquired,
                    exit: Exit::Ends,
                },
            };
            self.exits.push((out, miss));
        }
        self.exits.iter().find(|(s, _)| s & HELD != 0).map(|&(_, miss)| miss)
    }

    fn done(&mut self, state: State) -> State {
        if state & HELD == 0 {
            return state;
        }
        self.lets_go = true;
        (state & !HELD) | DONE
    }

    fn at(&self, node: NodeId) -> Ref {
        Ref {
            file: self.function.file,
            node,
        }
    }

    /// The tests around a node within its function, and how they came out.
    fn conditions_of(&self, node: NodeId) -> Vec<(NodeId, bool)> {
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

    fn walk(&mut self, node: NodeId, state: State) -> State {
        self.steps += 1;
        if state == 0 || self.steps > MAX_STEPS || self.depth > MAX_NESTED {
            return if state == 0 { 0 } else { state & !HELD };
        }
        self.depth += 1;
        let out = self.step(node, state);
        self.depth -= 1;
        out
    }

    fn step(&mut self, node: NodeId, state: State) -> State {
        match self.facts.node(node) {
            Node::Return(value) => {
                let mut out = self.walk(value, state);
                if self.gives_away(value) {
                    out = self.done(out);
                }
                self.exits.push((
                    out,
                    Miss {
                        at: node,
                        exit: Exit::Returns,
                    },
                ));
                0
            }
            Node::Throw(value) => {
                let out = self.walk(value, state);
                self.throw(node, out);
                0
            }
            Node::Await(value) | Node::Yield(value) => self.await_value(node, value, state),
            Node::Call { .. } => self.call(node, state),
            Node::Function(f) => self.closure(f, state),
            Node::Binding(_) | Node::Member { .. } if self.is_releaser(node) => self.done(state),
            Node::Declare { target, value } => match self.facts.node(value) {
                Node::Function(_) if matches!(self.facts.node(target), Node::Binding(_)) => state,
                _ => self.walk(value, state),
            },
            Node::Assign { target, value, .. } => {
                let mut out = self.walk(value, state);
                if !matches!(self.facts.node(target), Node::Binding(_)) && self.gives_away(value) {
                    out = self.done(out);
                }
                self.walk(target, out)
            }
            Node::If { test, yes, no } | Node::Conditional { test, yes, no } => {
                let before = self.walk(test, state);
                let (a, b) = self.split(test, yes, no, before);
                let (a, b) = (self.walk(yes, a), self.walk(no, b));
                merge(a, b)
            }
            Node::Logical { left, right, op } => {
                let before = self.walk(left, state);
                let (a, b) = match op {
                    LogicalOp::And => self.split(left, right, left, before),
                    LogicalOp::Or => {
                        let (a, b) = self.split(left, left, right, before);
                        (b, a)
                    }
                    LogicalOp::Nullish => (before, before),
                };
                merge(self.walk(right, a), b)
            }
            Node::Loop { .. } | Node::Switch { .. } => self.jump_target(node, state),
            Node::Break => {
                if let Some(t) = self.targets.last_mut() {
                    t.breaks |= state;
                }
                0
            }
            Node::Continue => {
                if let Some(t) = self.targets.iter_mut().rev().find(|t| !t.is_switch) {
                    t.continues |= state;
                }
                0
            }
            Node::Try {
                block,
                handler,
                finalizer,
            } => self.attempt(block, handler, finalizer, state),
            Node::Class(_) => state,
            _ => {
                let mut children = Vec::new();
                self.facts.children(node, |c| children.push(c));
                children.into_iter().fold(state, |s, c| self.walk(c, s))
            }
        }
    }

    /// A closure that releases, or keeps the thing, now belongs to somebody else as well.
    fn closure(&mut self, f: FunctionId, state: State) -> State {
        let func = Func {
            file: self.function.file,
            function: f,
        };
        if self.releasers.contains(&func) {
            self.done(state)
        } else {
            state
        }
    }

    fn is_releaser(&self, node: NodeId) -> bool {
        if self.releasers.is_empty() || self.facts.is_written(node) {
            return false;
        }
        self.judge
            .project
            .function_value(self.at(node), 0)
            .is_some_and(|f| self.releasers.contains(&f))
    }

    fn await_value(&mut self, node: NodeId, value: NodeId, state: State) -> State {
        let out = self.walk(value, state);
        if value != self.acquired && !self.releases.contains(&value) && !self.never_rejects(value, 0) {
            self.throw(node, out);
        }
        out
    }

    /// `await sleep(n)`, `await p.catch(...)`.
    fn never_rejects(&self, value: NodeId, depth: u32) -> bool {
        let Node::Call { callee, args, kind } = self.facts.node(value) else {
            return matches!(self.facts.node(value), Node::Empty | Node::Undefined | Node::Null);
        };
        let project = self.judge.project;
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

    fn call(&mut self, node: NodeId, state: State) -> State {
        let Node::Call { callee, args, .. } = self.facts.node(node) else {
            return state;
        };
        let before = match self.facts.node(callee) {
            Node::Member { object, .. } => self.walk(object, state),
            Node::Index { object, key } => {
                let s = self.walk(object, state);
                self.walk(key, s)
            }
            Node::Binding(_) | Node::Function(_) => state,
            _ => self.walk(callee, state),
        };
        if node == self.acquired {
            let out = self.walk_list(args, HELD);
            // A handler that takes itself off, where what it handles goes on.
            return if self.counts_own_handler { out } else { HELD };
        }
        if self.releases.contains(&node) {
            let out = self.walk_list(args, before);
            return self.done(out);
        }
        if self.runs_releaser(node) {
            let out = self.walk_list(args, before);
            return self.done(out);
        }
        if self.ends_process(callee) {
            return 0;
        }
        if self.may_throw(callee) && !self.mentions(callee) {
            self.throw_weakly(node, before);
        }
        let after = self.walk_list(args, before);
        if before & HELD != 0 && after & HELD == 0 && self.releases_on_success_only(node, callee, args) {
            self.rejects.get_or_insert(node);
            return after | HELD;
        }
        if self.takes_over(callee, args) {
            return self.done(after);
        }
        after
    }

    fn walk_list(&mut self, list: crate::facts::List, state: State) -> State {
        let nodes: Vec<_> = self.facts.list(list).collect();
        nodes.into_iter().fold(state, |s, n| self.walk(n, s))
    }

    /// Whether a call runs a function that releases.
    fn runs_releaser(&mut self, node: NodeId) -> bool {
        if self.releasers.is_empty() {
            return false;
        }
        if let Some(&known) = self.calls.get(&node) {
            return known;
        }
        let called = self.judge.project.called_function(self.at(node));
        let found = called.is_some_and(|f| {
            self.releasers.contains(&f)
                || self
                    .judge
                    .project
                    .reach(&[f])
                    .iter()
                    .any(|g| *g != self.function && self.releasers.contains(g))
        });
        self.calls.insert(node, found);
        found
    }

    fn ends_process(&self, callee: NodeId) -> bool {
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
    fn may_throw(&self, callee: NodeId) -> bool {
        match self.facts.node(callee) {
            Node::Global(_) => false,
            Node::Binding(b) => self.facts.binding(b).kind != crate::facts::BindingKind::Param,
            _ => true,
        }
    }

    /// `p.then(release)` without another release on the way of failure.
    fn releases_on_success_only(&self, node: NodeId, callee: NodeId, args: crate::facts::List) -> bool {
        let conventions = &self.judge.project.tables.conventions;
        let Node::Member { property, .. } = self.facts.node(callee) else {
            return false;
        };
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

    fn releases_inside(&self, node: NodeId) -> bool {
        self.releases.iter().any(|&r| self.facts.is_inside(r, node)) || self.is_releaser(node)
    }

    /// Whether a call puts the thing, or a closure around it, where somebody else has it: a callback's argument, a
    /// collection.
    fn takes_over(&self, callee: NodeId, args: crate::facts::List) -> bool {
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
    fn gives_away(&self, value: NodeId) -> bool {
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

    fn captures(&self, f: FunctionId) -> bool {
        let captured = &self.facts.function(f).captures;
        self.places.iter().any(|p| match p.root {
            Root::Binding(file, b) => file == self.function.file && captured.contains(&b),
            _ => false,
        })
    }

    fn mentions_here(&self, node: NodeId) -> bool {
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
    fn mentions(&self, node: NodeId) -> bool {
        if self.mentions_here(node) {
            return true;
        }
        let mut found = false;
        self.facts.children(node, |c| found = found || self.mentions(c));
        found
    }

    fn throw(&mut self, at: NodeId, state: State) {
        match self.handlers.last_mut() {
            Some(h) => {
                h.state |= state;
                if state & HELD != 0 {
                    h.at.get_or_insert(at);
                }
            }
            None => self.exits.push((state, Miss { at, exit: Exit::Throws })),
        }
    }

    fn throw_weakly(&mut self, at: NodeId, state: State) {
        if self.handlers.last().is_some_and(|h| h.catches) {
            self.throw(at, state);
        }
    }

    /// The states in which the two branches of a test are entered.
    fn split(&self, test: NodeId, yes: NodeId, no: NodeId, state: State) -> (State, State) {
        if state & HELD == 0 {
            return (state, state);
        }
        if let Some(&(_, taken)) = self.conditions.iter().find(|(c, _)| self.same(*c, test, 0)) {
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

    fn has_release(&self, node: NodeId) -> bool {
        self.releases.iter().any(|&r| self.facts.is_inside(r, node))
            || self
                .calls
                .iter()
                .any(|(&call, &releases)| releases && self.facts.is_inside(call, node))
    }

    /// How a test about the thing itself comes out while it is there.
    fn holds_when(&self, test: NodeId) -> Option<bool> {
        match self.facts.node(test) {
            Node::Binding(_) | Node::Member { .. } => self.mentions_here(test).then_some(true),
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => self.holds_when(value).map(|b| !b),
            Node::Binary { left, right, op } => {
                let nothing = |n| matches!(self.facts.node(n), Node::Null | Node::Undefined);
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
    fn same(&self, a: NodeId, b: NodeId, depth: u32) -> bool {
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

    fn jump_target(&mut self, node: NodeId, state: State) -> State {
        self.targets.push(Target {
            is_switch: matches!(self.facts.node(node), Node::Switch { .. }),
            ..Target::default()
        });
        match self.facts.node(node) {
            Node::Loop { parts, body, kind } => self.run_loop(node, parts, body, kind, state),
            Node::Switch { value, cases } => self.run_switch(value, cases, state),
            _ => state,
        }
    }

    fn run_loop(
        &mut self,
        node: NodeId,
        parts: crate::facts::List,
        body: NodeId,
        kind: LoopKind,
        state: State,
    ) -> State {
        let before = self.walk_list(parts, state);
        let turned = self.walk(body, before);
        let target = self.targets.pop().unwrap_or_default();
        let turned = turned | target.continues;
        if turned & HELD != 0 && self.facts.is_inside(self.acquired, body) {
            // The next turn acquires another one.
            let (exit, at) = match self.caught {
                Some(at) => (Exit::Caught, at),
                None => (Exit::Ends, self.acquired),
            };
            self.exits.push((HELD, Miss { at, exit }));
        }
        let endless = self
            .judge
            .project
            .endless_loop_around(self.at(body))
            .is_some_and(|l| l.node == node)
            && kind != LoopKind::ForAwait;
        if endless {
            return target.breaks;
        }
        let skipped = if kind == LoopKind::DoWhile { 0 } else { before };
        merge(turned, skipped) | target.breaks
    }

    fn run_switch(&mut self, value: NodeId, cases: crate::facts::List, state: State) -> State {
        let before = self.walk(value, state);
        let cases: Vec<_> = self.facts.list(cases).collect();
        let mut out = 0;
        let mut has_default = false;
        for case in cases {
            if let Node::Case { test, body } = self.facts.node(case) {
                has_default |= matches!(self.facts.node(test), Node::Empty);
                out = self.walk(body, before | out);
            }
        }
        let target = self.targets.pop().unwrap_or_default();
        let out = merge(out, target.breaks);
        if has_default { out } else { merge(out, before) }
    }

    fn attempt(&mut self, block: NodeId, handler: NodeId, finalizer: NodeId, state: State) -> State {
        let has_finalizer = !matches!(self.facts.node(finalizer), Node::Empty);
        let exits_before = self.exits.len();
        let jumps_before = self.targets.last().copied();
        if has_finalizer && let Some(t) = self.targets.last_mut() {
            (t.breaks, t.continues) = (0, 0);
        }
        let catch_body = match self.facts.node(handler) {
            Node::Catch { body, .. } => Some(body),
            _ => None,
        };
        let mut out;
        // What leaves the whole statement by throwing.
        self.handlers.push(Handler::default());
        if let Some(body) = catch_body {
            self.handlers.push(Handler {
                catches: true,
                ..Handler::default()
            });
            out = self.walk(block, state);
            let thrown = self.handlers.pop().unwrap_or_default();
            let handled = self.walk(body, thrown.state);
            if handled & HELD != 0 && thrown.state & HELD != 0 {
                self.caught = self.caught.or(thrown.at);
            }
            out |= handled;
        } else {
            out = self.walk(block, state);
        }
        let thrown = self.handlers.pop().unwrap_or_default();
        let mut leaving = thrown.state;
        if has_finalizer {
            out = self.walk(finalizer, out);
            leaving = self.walk(finalizer, leaving);
            self.finalize_exits(finalizer, exits_before, jumps_before);
        }
        if leaving != 0 {
            self.throw(thrown.at.unwrap_or(block), leaving);
        }
        out
    }

    /// What leaves the block by `return`, `break` or `continue` goes through its `finally` first.
    fn finalize_exits(&mut self, finalizer: NodeId, from: usize, jumps_before: Option<Target>) {
        let mut memo: FxHashMap<State, State> = FxHashMap::default();
        for i in from..self.exits.len() {
            let state = self.exits[i].0;
            let after = match memo.get(&state) {
                Some(&after) => after,
                None => {
                    let after = self.walk(finalizer, state);
                    memo.insert(state, after);
                    after
                }
            };
            self.exits[i].0 = after;
        }
        if let Some(before) = jumps_before
            && let Some(&now) = self.targets.last()
        {
            let breaks = self.walk(finalizer, now.breaks);
            let continues = self.walk(finalizer, now.continues);
            if let Some(t) = self.targets.last_mut() {
                t.breaks = before.breaks | breaks;
                t.continues = before.continues | continues;
            }
        }
    }
}

/// Both branches together. A release in one of them that also goes on counts for the other: the condition may well be
/// the acquisition's own.
fn merge(a: State, b: State) -> State {
    let releases = |s: State| s & DONE != 0 && s & HELD == 0;
    let united = a | b;
    if releases(a) || releases(b) {
        united & !HELD
    } else {
        united
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
