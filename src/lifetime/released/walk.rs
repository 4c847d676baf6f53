//! A walk over the tree of regions with the question: can control leave the function while this is still held?
//!
//! The walk follows every way through the code from the acquisition on and keeps three bits for each: not acquired
//! yet, held, let go. Branches are united, `finally` blocks run on every way out, handlers are entered from every
//! place in their block that can throw. Where the code does not say, the walk takes the way that releases: a release
//! under a condition of its own counts, and so does a closure that releases, once somebody else has it.

mod exits;
mod expressions;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{BindingId, FileFacts, FunctionId, LogicalOp, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::limits::{self, Limit};
use crate::link::{Func, Place, Ref};

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
pub(in crate::lifetime) enum Exit {
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

impl Exit {
    /// What is said of it.
    pub(in crate::lifetime) fn told(self) -> &'static str {
        match self {
            Exit::Returns => "returns without the release",
            Exit::Throws => "if this throws, the release is skipped",
            Exit::Caught => "if this throws, the handler goes on without the release",
            Exit::Rejects => "the release runs only if this is fulfilled",
            Exit::Ends => "does not run on every path",
        }
    }
}

/// A way out of a function on which something is still held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) struct Miss {
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
pub(in crate::lifetime) struct Walk<'j, 'p> {
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
    /// Somebody had a closure that releases before there was anything to release.
    armed: bool,
    /// What is being let go is let go by giving a closure away.
    gives_releaser: bool,
    /// Whether some way from the acquisition leads to a release.
    lets_go: bool,
    /// Whether a release in the registered function itself counts.
    counts_own_handler: bool,
    /// The error that says, where there is one, that nothing was acquired.
    absent_with: Option<BindingId>,
    /// An error that comes while the thing is held.
    own_error: Option<BindingId>,
    /// Methods of the thing that open it: where one fails, there is nothing to hold.
    opened_by: &'j [String],
    /// How many `finally` blocks are around the code that is walked: what they call and
    /// await is taken to go well.
    finalizing: u32,
    steps: u32,
    depth: u32,
}

impl<'j, 'p> Walk<'j, 'p> {
    /// A walk through the function of an acquisition.
    pub(in crate::lifetime) fn new(
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
            armed: false,
            gives_releaser: false,
            lets_go: false,
            counts_own_handler,
            absent_with: None,
            own_error: None,
            opened_by: &[],
            finalizing: 0,
            steps: 0,
            depth: 0,
        };
        walk.conditions = walk.conditions_of(acquired.node);
        walk
    }

    /// The same, where an error of the function's own parameters says that there is nothing to hold, or comes later.
    pub(in crate::lifetime) fn with_errors(
        mut self,
        absent_with: Option<BindingId>,
        own_error: Option<BindingId>,
    ) -> Self {
        (self.absent_with, self.own_error) = (absent_with, own_error);
        self
    }

    /// The same, where methods of the thing open it.
    pub(in crate::lifetime) fn opened_by(mut self, methods: &'j [String]) -> Self {
        self.opened_by = methods;
        self
    }

    /// The first way out on which it is still held, if there is one.
    pub(in crate::lifetime) fn first_miss(self) -> Option<Miss> {
        self.first_miss_with(BEFORE)
    }

    /// The same of a function that is given the thing.
    pub(in crate::lifetime) fn first_miss_from_start(self) -> Option<Miss> {
        self.first_miss_with(HELD)
    }

    fn first_miss_with(mut self, state: State) -> Option<Miss> {
        let body = self.facts.function(self.function.function).body;
        let out = self.walk(body, state);
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

    /// Whether no way through the function leads from the acquisition to a release.
    pub(in crate::lifetime) fn never_lets_go(mut self) -> bool {
        let body = self.facts.function(self.function.function).body;
        self.walk(body, BEFORE);
        self.steps <= MAX_STEPS && !self.lets_go
    }

    fn done(&mut self, state: State) -> State {
        if state & HELD == 0 {
            // A closure that releases waits for what comes.
            self.armed |= state & BEFORE != 0 && self.gives_releaser;
            return state;
        }
        self.lets_go = true;
        (state & !HELD) | DONE
    }

    fn give_releaser(&mut self, state: State) -> State {
        self.gives_releaser = true;
        let out = self.done(state);
        self.gives_releaser = false;
        out
    }

    fn at(&self, node: NodeId) -> Ref {
        Ref {
            file: self.function.file,
            node,
        }
    }

    fn walk(&mut self, node: NodeId, state: State) -> State {
        self.steps += 1;
        if state == 0 {
            return 0;
        }
        if limits::exceeds(Limit::Steps, self.steps > MAX_STEPS || self.depth > MAX_NESTED) {
            return state & !HELD;
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
            Node::Binding(_) | Node::Member { .. } if self.is_releaser(node) => self.give_releaser(state),
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
                match self.own_error {
                    Some(error) if self.outcome_by(error, test).is_some() => a | b,
                    _ => merge(a, b),
                }
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
            self.give_releaser(state)
        } else {
            state
        }
    }

    fn await_value(&mut self, node: NodeId, value: NodeId, state: State) -> State {
        let out = self.walk(value, state);
        if self.finalizing == 0
            && !self.may_be_acquired(value)
            && !self.releases.contains(&value)
            && !self.opens(value)
            && !self.never_rejects(value, 0)
        {
            self.throw(node, out);
        }
        out
    }

    /// `await client.connect()`, where the client holds nothing before.
    fn opens(&self, value: NodeId) -> bool {
        self.facts.method_call(value).is_some_and(|call| {
            let name = self.facts.name(call.method);
            self.opened_by.iter().any(|opens| opens == name) && self.mentions_here(call.object)
        })
    }

    /// Whether what is awaited is the acquisition, or one of two: nothing is there if it fails.
    fn may_be_acquired(&self, value: NodeId) -> bool {
        match self.facts.node(value) {
            Node::Conditional { yes, no, .. } => self.may_be_acquired(yes) || self.may_be_acquired(no),
            Node::Logical { left, right, .. } => self.may_be_acquired(left) || self.may_be_acquired(right),
            // `await task.promise`: what fails is the making of what it is for.
            Node::Member { object, .. } if self.judge.is_promised(self.at(value)) => {
                let task = self.judge.project.place(self.at(object));
                self.may_be_acquired(object) || self.judge.is_one_of(&task, self.places)
            }
            // `await inTime(work)`
            Node::Call { .. } if value != self.acquired => {
                let given = self.judge.project.given_back(self.at(value));
                given.is_some_and(|given| self.is_acquired(given.node))
            }
            _ => self.is_acquired(value),
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
            let lets_go = self.lets_go;
            // What its arguments throw comes before it.
            self.handlers.push(Handler::default());
            let out = self.walk_list(args, HELD);
            self.handlers.pop();
            // A handler that takes itself off, where what it handles goes on.
            if self.counts_own_handler || self.armed {
                return if self.armed { DONE } else { out };
            }
            self.lets_go = lets_go;
            return HELD;
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
        let after = self.walk_list(args, before);
        let arms = before & HELD != 0 && after & HELD == 0;
        let is_sure = || self.mentions(callee) || self.goes_through_for_it(args);
        if !(arms && self.is_registration(args)) && self.may_throw(callee) && !is_sure() {
            self.throw_weakly(node, before);
        }
        // What ends by itself is not for ever in the hands of a promise that fails.
        if arms && self.counts_own_handler && self.releases_on_success_only(node, callee, args) {
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
