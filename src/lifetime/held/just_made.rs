//! Receivers that were put where they stand on every way that leads to the code: `this.worker = new Worker(...)`, and
//! `this.worker.on(...)` after it. What stood there before is another object, and keeps its own listeners.

use crate::facts::{AssignOp, CallKind, FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{Func, Life, Place, Ref, Root, Use};

/// How many steps of a place may follow the part that was made: `this.window.webContents`.
const MAX_PARTS: usize = 1;

impl Judge<'_> {
    /// Whether a receiver, or what it is a part of, was made in the same function, whatever way leads to its use.
    pub(in crate::lifetime) fn is_just_made(&self, target: Ref, place: &Place) -> bool {
        // A part of what a function has made for itself may be older than that.
        let is_of_module = |file, b| self.project.facts(file).binding(b).function == FunctionId::MODULE;
        let is_variable = match place.root {
            Root::Binding(file, b) => place.path.is_empty() || is_of_module(file, b),
            _ => false,
        };
        let path = self.project.path_of_place(place).filter(|_| place.root == Root::Global);
        let is_undeclared = path.is_some_and(|path| self.project.tables.value(&path).is_none());
        let is_held = is_undeclared || matches!(place.root, Root::This(_) | Root::Binding(..));
        let mut held = place.clone();
        for parts in 0..=MAX_PARTS {
            if !is_held || held.path.is_empty() && !is_variable {
                return false;
            }
            if self.is_set_anew(target, &held, parts) {
                return true;
            }
            let Some(outer) = held.parent() else { return false };
            held = outer;
        }
        false
    }

    /// Whether a place gets what is made there, whatever way leads to a node. So many steps of the place that is meant
    /// follow it.
    fn is_set_anew(&self, at: Ref, held: &Place, parts: usize) -> bool {
        let is_made = |v: &Ref| {
            matches!(self.project.life_of(&self.project.place(*v)), Life::Call(_))
                || self.sounds_like_making(*v)
                || self.gives_what_it_makes(*v)
        };
        // What an object of the project has as a part may be what it was given.
        let is_new = |v: &Ref| {
            self.project.node(*v).is_absent() || is_made(v) && (parts == 0 || self.project.owner_made_by(*v).is_none())
        };
        let set = self.set_before(at, held);
        set.is_some_and(|values| {
            let values: Vec<Ref> = values.into_iter().map(|v| self.value_written(v)).collect();
            values.iter().all(is_new) && values.iter().any(is_made)
        })
    }

    /// Whether a call hands over what its function made just before, or a part of it: `watch(window.webContents)`.
    pub(in crate::lifetime) fn hands_over_just_made(&self, given: Ref) -> bool {
        let place = self.project.place(given);
        let is_new = |holder: &Place| {
            let is_here = matches!(self.project.life_of(holder), Life::Call(_));
            is_here && holder.path.is_empty() && self.is_made_by_others(holder)
        };
        let is_variable = matches!(place.root, Root::Binding(..));
        let whole = Place::root(place.root.clone());
        place.path.len() <= MAX_PARTS && is_variable && self.is_set_anew(given, &whole, place.path.len())
            || place.path.len() == 1 && is_new(&whole)
            || self.is_just_made(given, &place)
    }

    /// Whether a place is a part of what every caller of a function makes for it by a class of others: `watch(window)`,
    /// and `window.webContents` in it.
    pub(in crate::lifetime) fn is_part_of_just_made(&self, place: &Place) -> bool {
        let Some(lender) = self.lender(&Place::root(place.root.clone())) else {
            return false;
        };
        let callers = self.project.callers(lender.function);
        let makes = |call: &Ref| {
            let Some((_, args)) = self.callee_of(*call) else {
                return false;
            };
            args.get(lender.index).is_some_and(|&arg| {
                let given = self.project.place(arg);
                let is_here = matches!(self.project.life_of(&given), Life::Call(_));
                is_here && given.path.is_empty() && self.is_made_by_others(&given) || self.hands_over_just_made(arg)
            })
        };
        // One that is exported as well shows in the project how it is meant.
        let uses = self.project.uses(lender.function);
        let is_called_only = uses.iter().all(|u| matches!(u, Use::Called { .. } | Use::Exported));
        is_called_only && !callers.calls.is_empty() && callers.calls.iter().all(makes)
    }

    /// Whether a variable holds what a class of no file of the project makes.
    fn is_made_by_others(&self, place: &Place) -> bool {
        self.project.value_of_place(place).is_some_and(|value| {
            let is_new = matches!(
                self.project.node(value),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            );
            is_new && self.project.owner_of_object(value, 0).is_none()
        })
    }

    /// The values that a place may have at a node, if the code sets it on every way there: its function, or each in the
    /// same file that calls this one.
    fn set_before(&self, at: Ref, place: &Place) -> Option<Vec<Ref>> {
        if let Some(values) = self.set_within(at, place) {
            return Some(values);
        }
        let f = self.project.function_at(at);
        if f.function == FunctionId::MODULE {
            return None;
        }
        let mut values = Vec::new();
        for call in self.calls_of_all(f)? {
            let set = self.set_within(call, place);
            values.extend(set.or_else(|| self.set_by_earlier_call(call, place))?);
        }
        (!values.is_empty()).then_some(values)
    }

    /// All that may run a function or a method of an object: calls in its own file.
    fn calls_of_all(&self, f: Func) -> Option<Vec<Ref>> {
        let mut uses: Vec<Use> = self.project.uses(f).to_vec();
        uses.retain(|used| !self.project.is_own_slot(f, used));
        let around = self.project.method_around(f).filter(|(.., method)| *method == f);
        if let Some((owner, name, _)) = around {
            uses.extend(self.project.method_uses(owner, name).iter().cloned());
        }
        let call_of = |used: &Use| match used {
            Use::Called { call } if call.file == f.file => Some(*call),
            _ => None,
        };
        uses.iter().map(call_of).collect()
    }

    /// The values that a variable may have at a call, if a function that is called before it sets it: an earlier one of the
    /// same chain, or in a statement before. `this.createWindow().listen()`
    fn set_by_earlier_call(&self, call: Ref, place: &Place) -> Option<Vec<Ref>> {
        if !matches!(place.root, Root::Binding(..)) {
            return None;
        }
        let facts = self.project.facts(call.file);
        let here = |node| Ref { node, ..call };
        let mut before = self.earlier_in_chain(call);
        let mut below = call.node;
        for up in facts.ancestors(call.node) {
            match facts.node(up) {
                Node::Function(_) => break,
                Node::Block(list) => {
                    let statements: Vec<NodeId> = facts.list(list).take_while(|&s| s != below).collect();
                    for &statement in statements.iter().rev() {
                        let value = match facts.node(statement) {
                            Node::Declare { value, .. } | Node::Assign { value, .. } => value,
                            _ => statement,
                        };
                        let value = match facts.node(value) {
                            Node::Await(value) => value,
                            _ => value,
                        };
                        before.push(here(value));
                        before.extend(self.earlier_in_chain(here(value)));
                    }
                }
                _ => {}
            }
            below = up;
        }
        before.into_iter().find_map(|earlier| {
            let f = self.project.called_function(earlier)?;
            let is_over = !self.project.function(f).flags.is_async
                || matches!(facts.node(facts.parent(earlier.node)), Node::Await(_));
            self.set_at_end(f, place).filter(|_| is_over)
        })
    }

    /// The values that a place may have when a function is over, if that sets it whatever way it is gone through.
    fn set_at_end(&self, f: Func, place: &Place) -> Option<Vec<Ref>> {
        let facts = self.project.facts(f.file);
        let Node::Block(list) = facts.node(self.project.function(f).body) else {
            return None;
        };
        let writes = self.writes_to_place(f, place);
        let first = *writes.first()?;
        let mut values = Vec::new();
        let body = facts.list(list).collect();
        let is_set = self.set_in_statements(self.project.function_node(f), body, &writes, &mut values);
        let leaves = |&node: &NodeId| facts.span(node).start < facts.span(first).start;
        (is_set && !self.project.jumps_in(f).iter().any(leaves)).then_some(values)
    }

    /// The calls that a chain makes before one of its calls, the last of them first: `a.b()` of `a.b().c()`.
    fn earlier_in_chain(&self, call: Ref) -> Vec<Ref> {
        let facts = self.project.facts(call.file);
        let mut calls = Vec::new();
        let mut node = call.node;
        while let Some(method) = facts.method_call(node) {
            node = method.object;
            calls.push(Ref { node, ..call });
        }
        calls
    }

    /// Whether statements, the last one first, set a place whatever way they are gone through, and what they may set it to.
    fn set_in_statements(&self, at: Ref, statements: Vec<NodeId>, writes: &[NodeId], values: &mut Vec<Ref>) -> bool {
        let facts = self.project.facts(at.file);
        statements.into_iter().rev().any(|statement| {
            let inside = writes.iter().filter(|&&w| facts.is_inside(w, statement));
            values.extend(inside.filter_map(|&w| match facts.node(w) {
                Node::Assign { value, .. } => Some(Ref { node: value, ..at }),
                _ => None,
            }));
            self.sets_surely(at, statement, writes)
        })
    }

    /// The assignments of a function that give a place another value.
    fn writes_to_place(&self, f: Func, place: &Place) -> Vec<NodeId> {
        let facts = self.project.facts(f.file);
        let is_it = |&node: &NodeId| match facts.node(node) {
            Node::Assign {
                target,
                op: AssignOp::Set,
                ..
            }
            | Node::Delete(target) => {
                let target = self.project.place(Ref {
                    node: target,
                    file: f.file,
                });
                self.project.same_place(&target, place)
            }
            _ => false,
        };
        self.project.writes_in(f).iter().copied().filter(is_it).collect()
    }

    /// The values that a place may have at a node, if its function sets it on every way there.
    pub(in crate::lifetime) fn set_within(&self, at: Ref, place: &Place) -> Option<Vec<Ref>> {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        let writes = self.writes_to_place(f, place);
        if writes.is_empty() || f.function == FunctionId::MODULE {
            return None;
        }
        let mut values = Vec::new();
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return None,
                Node::Block(list) => {
                    let before: Vec<NodeId> = facts.list(list).take_while(|&s| s != below).collect();
                    if self.set_in_statements(at, before, &writes, &mut values) {
                        return Some(values);
                    }
                }
                _ => {}
            }
            below = up;
        }
        None
    }

    /// Whether a statement makes one of these writes whatever way it is gone through, or leaves the function.
    fn sets_surely(&self, at: Ref, statement: NodeId, writes: &[NodeId]) -> bool {
        let facts = self.project.facts(at.file);
        if writes.contains(&statement) {
            return true;
        }
        let leaves = |node| matches!(facts.node(node), Node::Return(_) | Node::Throw(_));
        match facts.node(statement) {
            Node::Block(list) => facts.list(list).any(|s| self.sets_surely(at, s, writes) || leaves(s)),
            // `const view = (this.view = make())`
            Node::Declare { value, .. } | Node::Assign { value, .. } | Node::Await(value) => {
                self.sets_surely(at, value, writes)
            }
            Node::If { yes, no, .. } => {
                let is_sure = |branch| self.sets_surely(at, branch, writes) || leaves(branch);
                writes.iter().any(|&w| facts.is_inside(w, statement)) && is_sure(yes) && is_sure(no)
            }
            Node::Try { block, handler, .. } => {
                // Where the making itself is what is tried, nothing new comes of its failure.
                let is_tried = matches!(facts.node(block), Node::Block(list)
                    if facts.list(list).next().is_some_and(|first| self.sets_surely(at, first, writes)));
                self.sets_surely(at, block, writes)
                    && match facts.node(handler) {
                        Node::Catch { body, .. } => {
                            is_tried
                                || self.sets_surely(at, body, writes)
                                || matches!(facts.node(body), Node::Block(list) if facts.list(list).any(leaves))
                        }
                        _ => true,
                    }
            }
            _ => false,
        }
    }
}
