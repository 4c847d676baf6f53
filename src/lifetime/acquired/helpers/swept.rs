//! Lists in which helpers keep what they registered, and methods of the same object that go through them and end it all:
//! `detachAll() { [...this.events].forEach((event) => this.detach(event)) }`.

use super::Helper;
use crate::facts::{LoopKind, Node, NodeId};
use crate::finding::{Cause, Remedy, Role, Unnamed};
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{Func, OwnerId, Place, Ref, Root};

/// How far above a list the loop over it may stand: `[...this.events].forEach(...)`.
const MAX_ABOVE: usize = 4;

/// A method that goes through such a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sweep {
    func: Func,
    name: Box<str>,
    list: Place,
    /// The loop, or the call that runs a function for each element.
    looped: Ref,
    /// Whether it goes over the very list that its turns take elements out of.
    cuts: bool,
}

/// What goes through a list.
struct Round {
    looped: NodeId,
    /// Whether it goes over the list itself, and not over a copy.
    itself: bool,
}

impl Judge<'_> {
    /// The methods that end all that a method of the same object has registered and put into a list.
    pub(super) fn sweeps_of(&self, f: Func, a: &Acquisition) -> Vec<Sweep> {
        let Some((owner, _, method)) = self.project.method_around(f) else {
            return Vec::new();
        };
        let Some(list) = self.list_of_registered(f, a).filter(|_| method == f) else {
            return Vec::new();
        };
        let mut sweeps = Vec::new();
        for read in self.references_in(&list, f.file) {
            let g = self.project.function_at(read);
            let Some((of, name, func)) = self.project.method_around(g) else {
                continue;
            };
            let takes_none = self
                .project
                .facts(g.file)
                .list(self.project.function(func).params)
                .len()
                == 0;
            let Some(round) = self.round_over(read).filter(|_| of == owner && takes_none) else {
                continue;
            };
            let looped = Ref {
                node: round.looped,
                ..read
            };
            let Some(ended_in) = self.ends_each(owner, looped, a) else {
                continue;
            };
            let cuts = round.itself && self.takes_out_of(&list, ended_in);
            sweeps.push(Sweep {
                func,
                name: name.into(),
                list: list.clone(),
                looped,
                cuts,
            });
        }
        sweeps
    }

    /// The field of its object to which a method adds an element that has the registered function.
    fn list_of_registered(&self, f: Func, a: &Acquisition) -> Option<Place> {
        let facts = self.project.facts(f.file);
        let Node::Binding(b) = self.project.node(a.handler()?) else {
            return None;
        };
        let grow = &self.project.tables.conventions.grow;
        self.project.calls_in(f).iter().find_map(|&call| {
            let method = facts.method_call(call)?;
            let has_handler = || facts.references_of(b).any(|at| facts.is_inside(at, call));
            let place = self.project.place(Ref {
                file: f.file,
                node: method.object,
            });
            let is_field = matches!(place.root, Root::This(_)) && place.path.len() == 1;
            let grows = grow.iter().any(|g| g == facts.name(method.method));
            (grows && is_field && has_handler()).then_some(place)
        })
    }

    /// What goes through the list that is read at a node.
    fn round_over(&self, read: Ref) -> Option<Round> {
        let facts = self.project.facts(read.file);
        let mut below = read.node;
        for up in facts.ancestors(read.node).take(MAX_ABOVE) {
            let itself = below == read.node;
            match facts.node(up) {
                Node::Loop {
                    kind: LoopKind::ForOf,
                    body,
                    ..
                } => return (body != below).then_some(Round { looped: up, itself }),
                Node::Member { object, property, .. } if object == below => {
                    let call = facts.parent(up);
                    let reads = &self.project.tables.conventions.read;
                    let goes_through = reads.iter().any(|m| m == facts.name(property));
                    let takes_function = matches!(facts.node(call), Node::Call { callee, args, .. }
                        if callee == up && facts.list(args).any(|at| matches!(facts.node(at), Node::Function(_))));
                    if goes_through && takes_function {
                        return Some(Round { looped: call, itself });
                    }
                }
                Node::Spread(_) | Node::Array(_) | Node::Call { .. } => {}
                _ => return None,
            }
            below = up;
        }
        None
    }

    /// The code that ends one element in each turn: of the loop itself, or of a method of the same object that it calls.
    fn ends_each(&self, owner: OwnerId, looped: Ref, a: &Acquisition) -> Option<Ref> {
        let facts = self.project.facts(looped.file);
        if self.releases_within(a, looped) {
            return Some(looped);
        }
        facts.calls.iter().find_map(|&call| {
            let method = facts.method_call(call).filter(|_| facts.is_inside(call, looped.node))?;
            let is_own = matches!(facts.node(method.object), Node::This);
            let (of, member) = self
                .project
                .member(owner, facts.name(method.method))
                .filter(|_| is_own)?;
            let node = facts.function(member.function.filter(|_| of.file == looped.file)?).node;
            let body = Ref { node, ..looped };
            self.releases_within(a, body).then_some(body)
        })
    }

    /// Whether code takes elements out of a list where they stand.
    fn takes_out_of(&self, list: &Place, code: Ref) -> bool {
        let facts = self.project.facts(code.file);
        let mut calls = self.project.calls_named(code.file, "splice").iter();
        calls.any(|&call| {
            let object = facts.method_call(call).map(|method| Ref {
                node: method.object,
                ..code
            });
            facts.is_inside(call, code.node)
                && object.is_some_and(|at| self.project.same_place(&self.project.place(at), list))
        })
    }

    /// The verdict on what a helper keeps in a list that somebody has gone through: all of it ends, or every other one
    /// where elements are taken out of the list on the way.
    pub(in crate::lifetime) fn swept(
        &self,
        a: &Acquisition,
        leak: impl FnOnce(Cause, Vec<Evidence>) -> Verdict,
    ) -> Option<Verdict> {
        let Kind::Pair { via: Some(helper), .. } = &a.kind else {
            return None;
        };
        let Helper { sweeps, .. } = &**helper;
        let is_called = |sweep: &&Sweep| {
            let calls = self.calls_by_name(&sweep.name);
            let mut calls = calls.filter(|call| !self.project.is_test_of(call.file, a.at.file));
            calls.any(|call| self.project.called_function(call) == Some(sweep.func))
        };
        let called: Vec<&Sweep> = sweeps.iter().filter(is_called).collect();
        if let Some(sweep) = called.iter().find(|sweep| !sweep.cuts) {
            return Some(Verdict::released(
                "what it is kept in is gone through, and each of it ends",
                Some(sweep.looped),
            ));
        }
        let sweep = called.first()?;
        let list = self.show_place(&sweep.list);
        let evidence = vec![Evidence {
            role: Role::Release,
            at: sweep.looped,
            text: format!("takes elements out of `{list}` while it goes over it: every other one stays"),
        }];
        let mut verdict = leak(Cause::NotOnEveryPath, evidence);
        if let Verdict::Leak(leak) = &mut verdict {
            leak.remedy = Remedy {
                code: format!("[...{list}]").into(),
                unnamed: Unnamed::Copy,
                ..Remedy::default()
            };
        }
        Some(verdict)
    }
}
