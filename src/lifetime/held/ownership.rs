//! Contagion of ownership: whoever makes an object of the project's own class that holds something until its teardown
//! is called has to call that teardown, or hand the object on.

use rustc_hash::FxHashSet;

use crate::facts::{CallKind, MemberKind, Node, NodeId};
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::acquired::needs::Need;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Verdict};
use crate::link::{FileId, Func, Key, OwnerId, OwnerKind, Place, Ref, Repetition, Root};
use crate::tables::PairRow;

/// What happens to the name of an object.
enum Reading {
    /// Nothing that could end the object unseen.
    Harmless,
    /// Other code gets it.
    HandedOn,
}

impl Judge<'_> {
    /// Adds the objects made in a file that nobody ends although they hold something.
    pub(in crate::lifetime) fn judge_owned(&self, file: FileId, out: &mut Vec<Judged>) {
        let Some(row) = self.owned_row() else { return };
        let known: FxHashSet<Ref> = self.pair_acquisitions(file).iter().map(|a| a.at).collect();
        for &node in &self.project.facts(file).calls {
            let call = Ref { file, node };
            if known.contains(&call) {
                continue;
            }
            let Some(owner) = self.class_named(call) else {
                out.extend(self.judge_listed(call, row));
                continue;
            };
            let acquisition = self.owned_acquisition(call, row, owner);
            let verdict = match self.need_of(owner, 0) {
                Some(need) => Some(self.judge_child(&acquisition, row, &need)),
                None => self
                    .judge_borrower(&acquisition, row, owner)
                    .or_else(|| self.judge_part(&acquisition, row, owner)),
            };
            out.extend(verdict.map(|verdict| Judged { acquisition, verdict }));
        }
    }

    /// The verdict on an object that is made for a list of the object around, and has to be ended.
    fn judge_listed(&self, call: Ref, row: usize) -> Option<Judged> {
        let class = self.class_listed(call)?;
        let need = self.need_of(class, 0)?;
        let acquisition = self.owned_acquisition(call, row, class);
        let verdict = self.judge_listed_part(&acquisition, &self.project.tables.pairs[row], class, &need)?;
        Some(Judged { acquisition, verdict })
    }

    pub(in crate::lifetime) fn owned_row(&self) -> Option<usize> {
        self.project.tables.pairs.iter().position(|p| p.owned)
    }

    pub(in crate::lifetime) fn owned_acquisition(&self, call: Ref, row: usize, owner: OwnerId) -> Acquisition {
        let pair = &self.project.tables.pairs[row];
        let what = match self.project.owner(owner).name {
            Some(name) => format!("`{}`", self.project.text(owner.file, name)),
            None => pair.what.clone(),
        };
        Acquisition {
            what,
            ..Acquisition::of_row(row, pair, call, true)
        }
    }

    /// The class of which a call makes an object that has to be ended, if the object is given a name right there.
    pub(in crate::lifetime) fn made_with_need(&self, call: Ref, depth: u32) -> Option<(OwnerId, Need)> {
        let owner = self.class_named(call)?;
        let need = self.need_of(owner, depth)?;
        Some((owner, need))
    }

    /// The method that ends an object which a call makes.
    pub(in crate::lifetime) fn teardown_of_child(&self, call: Ref) -> Option<Box<str>> {
        let owner = self.class_named(call)?;
        match self.need_of(owner, 0) {
            Some(need) => Some(need.teardown),
            None => self.borrowers_teardown(owner).or_else(|| self.parts_teardown(owner)),
        }
    }

    /// The class of the project of which a call makes an object, if the object is given a name right there.
    fn class_named(&self, call: Ref) -> Option<OwnerId> {
        let facts = self.project.facts(call.file);
        let Node::Call {
            callee,
            kind: CallKind::New,
            ..
        } = facts.node(call.node)
        else {
            return None;
        };
        if !matches!(
            facts.node(callee),
            Node::Binding(_) | Node::Global(_) | Node::Member { .. }
        ) {
            return None;
        }
        self.name_given(call)?;
        let class = Ref { node: callee, ..call };
        let owner = self.project.owner_of_class_value(class, 0);
        owner.or_else(|| self.namespaced_class(class))
    }

    /// The class that the project gives a name in a global namespace: `app.util.Clock = class { ... }`.
    fn namespaced_class(&self, class: Ref) -> Option<OwnerId> {
        let place = self.project.place(class);
        if !self.project.is_in_namespace(&place) {
            return None;
        }
        let mut defined = self.project.definitions_on_global(&place).into_iter();
        defined.find_map(|value| self.project.owner_made_by(value))
    }

    /// The variable or field that holds what a call makes.
    fn name_given(&self, call: Ref) -> Option<Place> {
        let facts = self.project.facts(call.file);
        let (given, up) = self.given_alone(call);
        match facts.node(up) {
            Node::Assign { target, value, .. } | Node::Declare { target, value } if value == given => {
                if !matches!(facts.node(target), Node::Binding(_) | Node::Member { .. }) {
                    return None;
                }
                let place = self.project.place(Ref { node: target, ..call });
                match place.root {
                    Root::This(_) if place.path.len() == 1 => Some(place),
                    Root::Binding(..) if place.path.is_empty() => Some(place),
                    _ => None,
                }
            }
            Node::Function(f) if facts.function(f).body == given => {
                let kept = self.kept_by_hook(Func {
                    file: call.file,
                    function: f,
                });
                kept.or_else(|| self.initialised_field(call))
            }
            Node::Function(_) => self.initialised_field(call),
            _ => None,
        }
    }

    /// What stands for what a call makes where nothing else may stand for it, and what that is a part of: `await new X()`,
    /// `wanted ? new X() : null`.
    fn given_alone(&self, call: Ref) -> (NodeId, NodeId) {
        let facts = self.project.facts(call.file);
        let (mut at, mut up) = (call.node, facts.parent(call.node));
        loop {
            let is_alone = match facts.node(up) {
                Node::Await(_) => true,
                Node::Conditional { test, yes, no } => {
                    let other = if yes == at { no } else { yes };
                    at != test && matches!(facts.node(other), Node::Null | Node::Undefined)
                }
                _ => false,
            };
            if !is_alone {
                return (at, up);
            }
            (at, up) = (up, facts.parent(up));
        }
    }

    /// The field of which a call is the initial value: `class { field = new X() }`.
    fn initialised_field(&self, call: Ref) -> Option<Place> {
        let f = self.project.function_at(call);
        let owner = self.project.this_of(f)?;
        let OwnerKind::Class(class) = self.project.owner(owner).kind else {
            return None;
        };
        let facts = self.project.facts(call.file);
        let members = &facts.classes.get(class.0 as usize)?.members;
        let member = members
            .iter()
            .find(|m| m.kind == MemberKind::Field && !m.is_static && m.value == Some(call.node))?;
        Some(Place {
            root: Root::This(owner),
            path: vec![Key::Name(facts.name(member.name).into())],
        })
    }

    pub(in crate::lifetime) fn flow_of_child(&self, call: Ref) -> Flow {
        match self.initialised_field(call) {
            Some(field) => {
                let mut flow = Flow::default();
                flow.places.push(field);
                flow
            }
            None => self.flow(call),
        }
    }

    /// Whose end an object should end with that a call makes.
    pub(in crate::lifetime) fn scope_of_child(&self, call: Ref) -> Scope {
        match self.initialised_field(call).map(|p| p.root) {
            Some(Root::This(owner)) => Scope::Owner {
                owner,
                method: "constructor".into(),
            },
            _ => self.scope_of(self.project.function_at(call)),
        }
    }

    fn judge_child(&self, a: &Acquisition, row: usize, need: &Need) -> Verdict {
        let row = &self.project.tables.pairs[row];
        let f = self.project.function_at(a.at);
        let scope = self.scope_of_child(a.at);
        let repetition = self.repetition_here(a.at, f, &scope);
        if matches!(repetition, Repetition::Once) {
            return Verdict::bounded("this code runs once");
        }
        if let Some(verdict) = self.lets_once(a.at, None) {
            return verdict;
        }
        let flow = self.flow_of_child(a.at);
        let releases = self.releases_of(a, &flow);
        let all: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        let ends = all.iter().copied().filter(|r| !self.calls_one_of(r.at, &need.leaving));
        let right: Vec<&Release> = ends.collect();
        let mut evidence = vec![Evidence {
            role: Role::Holder,
            at: need.at,
            text: format!("holds this {} until its `{}` is called", need.what, need.teardown),
        }];
        let cause = match self.released(a, &scope, &flow, &right) {
            Some(Ok(released)) => return released,
            Some(Err((cause, more))) => {
                evidence.extend(more);
                cause
            }
            None => Cause::NeverReleased,
        };
        if let Some(at) = self.hands_child_on(a.at, &flow) {
            let handed = Evidence {
                role: Role::Flow,
                at,
                text: "handed on here".into(),
            };
            return Verdict::Unknown("it is handed to other code".into(), vec![handed]);
        }
        if let Some(at) = self.ended_from_outside(&flow, row, &all) {
            return Verdict::released("others end it", Some(at));
        }
        if need.store {
            match self.kept_beside(a, &flow) {
                Some(told) => evidence.push(told),
                None => return Verdict::unknown("nobody says whether something is put into it"),
            }
        } else if !need.always {
            let told = self.told_by_siblings(a, row, need, &flow, &scope);
            let begun = told.or_else(|| self.begun_where_made(a, need));
            let by_method = || self.begun_in_method(a, need, &flow).filter(|_| releases.is_empty());
            match begun.or_else(by_method) {
                Some(told) => evidence.push(told),
                None => return Verdict::unknown("nobody says whether it holds something"),
            }
        }
        let mut verdict = self.leak(a, row, cause, &scope, &repetition, true, evidence);
        if let Verdict::Leak(leak) = &mut verdict
            && !need.certain
        {
            leak.confidence = leak.confidence.min(Confidence::Medium);
        }
        verdict
    }

    /// Whether a call calls a method by one of some names.
    fn calls_one_of(&self, call: Ref, names: &[Box<str>]) -> bool {
        let facts = self.project.facts(call.file);
        let called = facts.method_call(call.node).map(|called| facts.name(called.method));
        called.is_some_and(|method| names.iter().any(|name| **name == *method))
    }

    /// Another store of the same class that its owner hands on to be ended, if something is put into this one.
    fn kept_beside(&self, a: &Acquisition, flow: &Flow) -> Option<Evidence> {
        let field = flow.places.iter().find(|p| matches!(p.root, Root::This(_)))?;
        let files = self.release_files(a.at, std::slice::from_ref(field));
        let is_filled = self.references_to(field, &files).into_iter().any(|read| {
            let facts = self.project.facts(read.file);
            let member = facts.parent(read.node);
            matches!(facts.node(facts.parent(member)), Node::Assign { target, value, .. }
                if target == member && matches!(facts.node(value), Node::Call { .. }))
        });
        let owner = self.class_made(a.at).filter(|_| is_filled)?;
        let facts = self.project.facts(a.at.file);
        let this = self.holder_class(field)?;
        let at = facts.calls.iter().map(|&node| Ref { node, ..a.at }).find(|other| {
            let up = Ref {
                node: facts.parent(other.node),
                ..a.at
            };
            let is_handed = matches!(facts.node(up.node), Node::Call { callee, .. } if callee != other.node);
            *other != a.at
                && is_handed
                && self.is_own_call(up)
                && self.project.this_of(self.project.function_at(up)) == Some(this)
                && self.class_made(*other) == Some(owner)
        })?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: "another one is handed on to be ended, and this one is not".into(),
        })
    }

    /// The class of which a call makes an object.
    pub(in crate::lifetime) fn class_made(&self, call: Ref) -> Option<OwnerId> {
        match self.project.node(call) {
            Node::Call {
                callee,
                kind: CallKind::New,
                ..
            } => self.project.owner_of_class_value(Ref { node: callee, ..call }, 0),
            _ => None,
        }
    }

    /// An owner whose teardown ends other parts of it says that this part has to end there too, if what is called on
    /// the part makes it hold something.
    fn told_by_siblings(
        &self,
        a: &Acquisition,
        row: &PairRow,
        need: &Need,
        flow: &Flow,
        scope: &Scope,
    ) -> Option<Evidence> {
        let Scope::Owner { owner, .. } = scope else {
            return None;
        };
        let field = flow.places.iter().find(|p| matches!(p.root, Root::This(_)))?;
        self.begun_by_owner(a, field, need)?;
        let names = self.project.tables.releases_of(row);
        let (teardowns, _) = self.teardowns(*owner);
        let mut reach: Vec<Func> = self.project.reach(&teardowns).into_iter().collect();
        reach.sort_unstable();
        let at = reach.iter().find_map(|f| {
            self.project.calls_in(*f).iter().find_map(|&node| {
                let facts = self.project.facts(f.file);
                let Node::Call { callee, .. } = facts.node(node) else {
                    return None;
                };
                let Node::Member { object, property, .. } = facts.node(callee) else {
                    return None;
                };
                let name = facts.name(property);
                let place = self.project.place(Ref {
                    file: f.file,
                    node: object,
                });
                let is_part = matches!(place.root, Root::This(o) if self.project.is_related(o, *owner));
                let ends = is_part && place.path.len() == 1 && names.iter().any(|n| n.last() == name);
                ends.then_some(Ref { file: f.file, node })
            })
        })?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: "the teardown ends another part, and not this one".into(),
        })
    }

    /// The call that makes an object hold something where it is made: `const clock = new Clock(); clock.start();`, or by
    /// whoever makes the owner of the field.
    fn begun_where_made(&self, a: &Acquisition, need: &Need) -> Option<Evidence> {
        let place = self.name_given(a.at)?;
        let begins = self.method_of(need.at).filter(|_| self.surely_holds(need.at))?;
        let around = match place.root {
            Root::This(owner) => self.making_of(owner),
            _ => vec![self.project.function_at(a.at)],
        };
        let at = self.references_in(&place, a.at.file).into_iter().find_map(|read| {
            let call = self.called_on(read)?;
            let is_sure = || around.contains(&self.project.function_at(call)) && !self.is_conditional(call);
            let runs = || self.project.called_function(call) == Some(begins);
            (is_sure() && !self.has_early_exit(call) && runs()).then_some(call)
        })?;
        Some(Evidence {
            role: Role::Flow,
            at,
            text: format!("makes it hold the {}", need.what),
        })
    }

    /// The call by which a method of an object makes its part hold something, where the object's end comes by its own
    /// name and ends no part: nothing else does either.
    fn begun_in_method(&self, a: &Acquisition, need: &Need, flow: &Flow) -> Option<Evidence> {
        let field = flow.places.iter().find(|p| matches!(p.root, Root::This(_)))?;
        let owner = self.holder_class(field).filter(|owner| self.ends_and_leaves(*owner))?;
        let at = self.begun_by_owner(a, field, need)?;
        let (of, ..) = self.project.method_around(self.project.function_at(at))?;
        let is_sure = self.surely_holds(need.at) && !self.is_conditional(at) && !self.has_early_exit(at);
        (is_sure && self.project.is_related(of, owner)).then(|| Evidence {
            role: Role::Flow,
            at,
            text: format!("makes it hold the {}", need.what),
        })
    }

    /// The call of a member of what stands here: `clock.start()`, asked of the clock.
    fn called_on(&self, read: Ref) -> Option<Ref> {
        let facts = self.project.facts(read.file);
        let member = facts.parent(read.node);
        let node = facts.parent(member);
        matches!(facts.node(node), Node::Call { callee, .. } if callee == member).then_some(Ref { node, ..read })
    }

    /// Whether a method acquires something each time it runs, unless the object holds it already.
    fn surely_holds(&self, acquired: Ref) -> bool {
        let falsy = self.falsy_values(acquired);
        let of_object = |at: &Ref| matches!(self.project.place(*at).root, Root::This(_));
        let is_free = !self.is_conditional(acquired) && !self.has_early_exit(acquired);
        is_free || !falsy.is_empty() && falsy.len() == self.conditions_of(acquired).len() && falsy.iter().all(of_object)
    }

    /// The call of a method that makes a part hold something. What its making does under a condition nobody knows.
    fn begun_by_owner(&self, a: &Acquisition, field: &Place, need: &Need) -> Option<Ref> {
        let begins = self.project.function_at(need.at);
        let runs = |f: Func| self.project.reach(&[f]).contains(&begins);
        let files = self.release_files(a.at, std::slice::from_ref(field));
        self.references_to(field, &files).into_iter().find_map(|read| {
            let call = self.called_on(read)?;
            let f = self.project.called_function(call)?;
            runs(f).then_some(call)
        })
    }

    /// Where a made object goes to code that may end it.
    pub(in crate::lifetime) fn hands_child_on(&self, at: Ref, flow: &Flow) -> Option<Ref> {
        if flow.other || flow.taken_apart || !flow.returned.is_empty() {
            return Some(at);
        }
        if let Some(call) = flow.passed.first() {
            return Some(*call);
        }
        if let Some((_, call)) = flow.collections.first() {
            return Some(*call);
        }
        let files = self.release_files(at, &flow.places);
        flow.places.iter().find_map(|place| {
            let reads = self.references_to(place, &files);
            reads.into_iter().find(|r| self.is_handed_on(*r))
        })
    }

    /// Whether other code gets an object where its name is read.
    pub(in crate::lifetime) fn is_handed_on(&self, at: Ref) -> bool {
        matches!(self.reading(at), Reading::HandedOn)
    }

    /// What is done with the object where its name is read.
    fn reading(&self, at: Ref) -> Reading {
        let facts = self.project.facts(at.file);
        if facts.is_written(at.node) {
            return Reading::Harmless;
        }
        match facts.node(facts.parent(at.node)) {
            Node::Member { object, .. } if object == at.node => Reading::Harmless,
            Node::If { test, .. } | Node::Conditional { test, .. } if test == at.node => Reading::Harmless,
            Node::Unary { .. } | Node::Binary { .. } => Reading::Harmless,
            Node::Logical { left, .. } if left == at.node => Reading::Harmless,
            Node::Block(_) => Reading::Harmless,
            Node::Array(_)
                if self.is_dependency_list(Ref {
                    node: facts.parent(at.node),
                    ..at
                }) =>
            {
                Reading::Harmless
            }
            Node::Call { .. }
                if self.is_inert(Ref {
                    node: facts.parent(at.node),
                    ..at
                }) =>
            {
                Reading::Harmless
            }
            _ => Reading::HandedOn,
        }
    }

    /// A call of a teardown through a property of the field's name, wherever in the project, on what may be its holder.
    pub(in crate::lifetime) fn ended_from_outside(
        &self,
        flow: &Flow,
        row: &PairRow,
        known: &[&Release],
    ) -> Option<Ref> {
        let fields: Vec<(&str, Option<OwnerId>)> = flow
            .places
            .iter()
            .filter_map(|p| Some((p.last()?, self.holder_class(p))))
            .collect();
        let mut names = self.project.tables.releases_of(row).iter().map(|r| r.last());
        names.find_map(|name| {
            self.project.files_naming(name).iter().find_map(|&file| {
                let calls = self.project.calls_named(file, name);
                let mut calls = calls.iter().map(|&node| Ref { file, node });
                calls.find(|call| {
                    known.iter().all(|r| r.at != *call)
                        && fields.iter().any(|(field, of)| self.may_end_field(*call, field, *of))
                })
            })
        })
    }

    /// The class in whose objects a place is a field.
    fn holder_class(&self, place: &Place) -> Option<OwnerId> {
        match place.root {
            Root::This(owner) => Some(owner),
            _ => None,
        }
    }

    /// `x.field.dispose()`, unless `x` is known to be something else than the field's holder.
    fn may_end_field(&self, call: Ref, field: &str, holder: Option<OwnerId>) -> bool {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, .. } = facts.node(call.node) else {
            return false;
        };
        let Node::Member { object: value, .. } = facts.node(callee) else {
            return false;
        };
        let Node::Member { object, property, .. } = facts.node(value) else {
            return false;
        };
        if facts.name(property) != field {
            return false;
        }
        let of = self.project.owner_of_object(Ref { node: object, ..call }, 0);
        match (of, holder) {
            (Some(of), Some(holder)) => self.project.is_related(of, holder),
            _ => true,
        }
    }
}
