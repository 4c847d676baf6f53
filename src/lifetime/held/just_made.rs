//! Receivers that were put where they stand on every way that leads to the code: `this.worker = new Worker(...)`, and
//! `this.worker.on(...)` after it. What stood there before is another object, and keeps its own listeners.

use crate::facts::{AssignOp, CallKind, FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{Life, Place, Ref, Root, Use};

/// How many steps of a place may follow the part that was made: `this.window.webContents`.
const MAX_PARTS: usize = 1;

impl Judge<'_> {
    /// Whether a receiver, or what it is a part of, was made in the same function, whatever way leads to its use.
    pub(in crate::lifetime) fn is_just_made(&self, target: Ref, place: &Place) -> bool {
        let is_variable = matches!(place.root, Root::Binding(..)) && place.path.is_empty();
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
        for used in self.project.uses(f).iter() {
            let Use::Called { call } = used else { return None };
            if call.file != f.file {
                return None;
            }
            values.extend(self.set_within(*call, place)?);
        }
        (!values.is_empty()).then_some(values)
    }

    /// The values that a place may have at a node, if its function sets it on every way there.
    pub(in crate::lifetime) fn set_within(&self, at: Ref, place: &Place) -> Option<Vec<Ref>> {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        let is_it = |&node: &NodeId| match facts.node(node) {
            Node::Assign {
                target,
                op: AssignOp::Set,
                ..
            }
            | Node::Delete(target) => {
                let target = self.project.place(Ref { node: target, ..at });
                self.project.same_place(&target, place)
            }
            _ => false,
        };
        let writes: Vec<NodeId> = self.project.writes_in(f).iter().copied().filter(is_it).collect();
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
                    for &statement in before.iter().rev() {
                        let inside = writes.iter().filter(|&&w| facts.is_inside(w, statement));
                        values.extend(inside.filter_map(|&w| match facts.node(w) {
                            Node::Assign { value, .. } => Some(Ref { node: value, ..at }),
                            _ => None,
                        }));
                        if self.sets_surely(at, statement, &writes) {
                            return Some(values);
                        }
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
