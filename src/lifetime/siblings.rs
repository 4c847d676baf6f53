//! Siblings: what the same code does with other registrations on the same object.
//!
//! Code that takes off eight of its nine listeners says by that how long the object lives, and which one it forgot.

use super::{Acquisition, Evidence, Judge, Kind};
use crate::facts::{BindingKind, Node};
use crate::finding::Role;
use crate::link::{Func, Place, Ref, Repetition, Root, Use};

impl Judge<'_> {
    /// The release of another registration on the same object, in code that runs apart from this one.
    pub(super) fn sibling_release(&self, a: &Acquisition) -> Option<Evidence> {
        let Kind::Pair {
            target: Some(target), ..
        } = &a.kind
        else {
            return None;
        };
        let place = self.project.place(*target);
        let f = self.project.function_at(a.at);
        let others = self.pair_acquisitions(a.at.file);
        others
            .iter()
            .filter(|o| o.at != a.at && o.rule == a.rule)
            .find_map(|o| {
                let Kind::Pair { target: Some(t), .. } = &o.kind else {
                    return None;
                };
                let g = self.project.function_at(o.at);
                if !(g == f || self.same_method(f, g)) || !self.project.same_place(&self.project.place(*t), &place) {
                    return None;
                }
                let releases = self.releases_of(o, &self.flow(o.at));
                let found = releases.iter().find(|r| {
                    let at = self.project.function_at(r.at);
                    r.wrong.is_none() && at != f && at != g && !self.is_within_handler(o, r.at)
                })?;
                Some(Evidence {
                    role: Role::Release,
                    at: found.at,
                    text: "another listener on it is removed here, this one is not".into(),
                })
            })
    }

    /// Whether the event is one that comes at the end of its target.
    pub(super) fn is_of_its_end(&self, a: &Acquisition) -> bool {
        let Kind::Pair { key: Some(key), .. } = &a.kind else {
            return false;
        };
        let events = &self.project.tables.conventions.ending_events;
        let event = self.project.constant_text(*key, 0);
        event.is_some_and(|e| events.iter().any(|x| **x == *e))
    }

    /// Whether the function that a release names is registered by another call that looks like the acquisition.
    pub(super) fn is_registered_elsewhere(&self, a: &Acquisition, release: Ref) -> bool {
        let (Node::Call { callee, .. }, Node::Call { args: given, .. }) =
            (self.project.node(a.at), self.project.node(release))
        else {
            return false;
        };
        let Some(method) = self.project.last_name(Ref {
            file: a.at.file,
            node: callee,
        }) else {
            return false;
        };
        let facts = self.project.facts(release.file);
        let here = |node| Ref {
            file: release.file,
            node,
        };
        let given: Vec<Ref> = facts.list(given).map(here).collect();
        self.project.calls_named(release.file, method).iter().any(|&node| {
            let Node::Call { args, .. } = facts.node(node) else {
                return false;
            };
            let args: Vec<Ref> = facts.list(args).map(here).collect();
            // Calls that are known to register were compared release by release.
            here(node) != a.at
                && !self.pair_acquisitions(release.file).iter().any(|o| o.at == here(node))
                && args.len() >= given.len()
                && given.len() > 1
                && self.project.same_key(args[0], given[0])
                && args.iter().zip(&given).skip(1).any(|(x, y)| self.same_handler(*x, *y))
        })
    }

    /// Whether a handler is put in a collection or on another object, where other code finds it again.
    pub(super) fn is_collected(&self, handler: Ref) -> bool {
        let Node::Binding(b) = self.project.node(handler) else {
            return false;
        };
        let facts = self.project.facts(handler.file);
        let conventions = &self.project.tables.conventions;
        facts.references_of(b).any(|node| {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Assign { target, value, .. } if value == node => {
                    matches!(facts.node(target), Node::Index { .. })
                }
                Node::Call { callee, .. } if callee != node => match facts.node(callee) {
                    Node::Member { property, .. } => conventions.grow.iter().any(|g| g == facts.name(property)),
                    _ => false,
                },
                _ => false,
            }
        })
    }

    /// Whether a handler is a function of the module, the same each time, that keeps nothing of its caller.
    pub(super) fn is_function_of_module(&self, handler: Ref) -> bool {
        let place = self.project.place(handler);
        let is_name = match place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(file).binding(b);
                place.path.is_empty() && binding.function == crate::facts::FunctionId::MODULE
            }
            _ => false,
        };
        is_name
            && self.project.function_value(handler, 0).is_some_and(|f| {
                self.project.function(f).parent == Some(crate::facts::FunctionId::MODULE)
                    && self.is_one_function(&place)
            })
    }

    /// Whether a name stands for a function itself, rather than for what a call made of it.
    fn is_one_function(&self, place: &Place) -> bool {
        let definitions = self.project.definitions(place);
        definitions
            .iter()
            .all(|d| matches!(self.project.node(*d), Node::Function(_)))
    }

    /// Whether a release stands in the handler it takes off.
    fn is_within_handler(&self, a: &Acquisition, release: Ref) -> bool {
        let Kind::Pair { handler: Some(h), .. } = &a.kind else {
            return false;
        };
        let Some(f) = self.project.function_value(*h, 0) else {
            return false;
        };
        f.file == release.file
            && self
                .project
                .facts(f.file)
                .is_inside(release.node, self.project.function(f).node)
    }

    /// Whether a handler is a parameter that callers hand functions to.
    pub(super) fn is_function_parameter(&self, at: Ref) -> bool {
        let Node::Binding(b) = self.project.node(at) else {
            return false;
        };
        if self.project.facts(at.file).binding(b).kind != BindingKind::Param {
            return false;
        }
        let Some((f, index)) = self.project.param_position(at.file, b) else {
            return false;
        };
        self.calls_of(f).into_iter().any(|call| {
            let Node::Call { args, .. } = self.project.node(call) else {
                return false;
            };
            let arg = self.project.facts(call.file).item(args, index);
            arg.is_some_and(|node| self.project.function_value(Ref { file: call.file, node }, 0).is_some())
        })
    }

    /// The calls of a function or method in the code that was read.
    pub(super) fn calls_of(&self, f: Func) -> Vec<Ref> {
        let mut uses: Vec<Use> = self.project.uses(f).to_vec();
        if let Some((owner, name, method)) = self.project.method_around(f)
            && method == f
        {
            for at in self.project.method_references(owner, name) {
                self.project.value_uses(at, &mut uses, 0);
            }
        }
        uses.into_iter()
            .filter_map(|u| match u {
                Use::Called { call } => Some(call),
                _ => None,
            })
            .collect()
    }

    /// Whether a variable of the module is checked before this runs, and set by it: it runs to its end only once.
    pub(super) fn is_done_once(&self, at: Ref, repetition: &Repetition) -> bool {
        if matches!(repetition, Repetition::Once) {
            return true;
        }
        let f = self.project.function_at(at);
        let facts = self.project.facts(at.file);
        let body = facts.function(f.function).node;
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => break,
                Node::If { test, yes, .. } if below == yes && self.is_flag_unset(at, test, true) => return true,
                Node::Logical { left, right, .. } if below == right && self.is_flag_unset(at, left, true) => {
                    return true;
                }
                Node::Block(list) => {
                    // `if (done) return;` before it.
                    let before = facts.list(list).take_while(|&n| n != below);
                    for statement in before {
                        if let Node::If { test, yes, .. } = facts.node(statement)
                            && self.only_leaves(at, yes)
                            && self.is_flag_unset(at, test, false)
                        {
                            return true;
                        }
                    }
                }
                _ => {}
            }
            if up == body {
                break;
            }
            below = up;
        }
        false
    }

    fn only_leaves(&self, at: Ref, statement: crate::facts::NodeId) -> bool {
        let facts = self.project.facts(at.file);
        match facts.node(statement) {
            Node::Return(_) | Node::Throw(_) => true,
            Node::Block(list) => facts
                .list(list)
                .next_back()
                .is_some_and(|n| matches!(facts.node(n), Node::Return(_) | Node::Throw(_))),
            _ => false,
        }
    }

    /// Whether a test reads a variable or static of the module that the same function sets, negated or not.
    fn is_flag_unset(&self, at: Ref, test: crate::facts::NodeId, negated: bool) -> bool {
        let facts = self.project.facts(at.file);
        match facts.node(test) {
            Node::Unary { value, .. } if negated => self.is_set_here(at, value),
            Node::Binary { left, .. } => self.is_set_here(at, left),
            Node::Logical { left, right, .. } => {
                self.is_flag_unset(at, left, negated) || self.is_flag_unset(at, right, negated)
            }
            Node::Binding(_) | Node::Member { .. } if !negated => self.is_set_here(at, test),
            _ => false,
        }
    }

    fn is_set_here(&self, at: Ref, flag: crate::facts::NodeId) -> bool {
        let facts = self.project.facts(at.file);
        let place = self.project.place(Ref {
            file: at.file,
            node: flag,
        });
        let f = facts.enclosing_function(at.node);
        let is_shared = |p: &Place| match p.root {
            Root::Binding(file, b) => {
                let function = self.project.facts(file).binding(b).function;
                // A variable of a surrounding call lets this run once for each of those calls.
                function == crate::facts::FunctionId::MODULE
                    || function != f
                        && p.path.is_empty()
                        && !self.project.repetition(Func { file, function }).is_repeated()
            }
            Root::Global | Root::Module(_) => !p.path.is_empty(),
            Root::This(owner) => !p.path.is_empty() && matches!(self.project.instances_of(owner), Repetition::Once),
            _ => false,
        };
        if !is_shared(&place) {
            return false;
        }
        let mut set = false;
        for &write in &facts.writes {
            let Node::Assign { target, value, .. } = facts.node(write) else {
                continue;
            };
            let written = self.project.place(Ref {
                file: at.file,
                node: target,
            });
            if !self.project.same_place(&written, &place) {
                continue;
            }
            let unset = matches!(facts.node(value), Node::Null | Node::Undefined | Node::Bool(false));
            if unset && facts.enclosing_function(write) != crate::facts::FunctionId::MODULE {
                // Set back, the guard lets the next one through.
                return false;
            }
            set |= !unset && facts.enclosing_function(write) == f;
        }
        set
    }
}
