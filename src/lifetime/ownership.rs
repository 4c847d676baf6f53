//! Contagion of ownership: whoever makes an object of the project's own class that holds something until its teardown
//! is called has to call that teardown, or hand the object on.

use rustc_hash::FxHashSet;

use super::flow::Flow;
use super::releases::Release;
use super::teardown::Scope;
use super::{Acquisition, Evidence, Judge, Judged, Kind, Verdict};
use crate::facts::{CallKind, MemberKind, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::link::{FileId, Func, Key, Life, Memo, OwnerId, OwnerKind, Place, Ref, Repetition, Root};
use crate::tables::PairRow;

/// Why the objects of a class have to be ended: what the making of one acquires, and only its teardown releases.
#[derive(Clone, Debug)]
pub(super) struct Need {
    /// What it is, in words.
    what: String,
    /// Where it is acquired.
    at: Ref,
    /// The teardown's name.
    teardown: Box<str>,
    /// Whether the making itself acquires it, rather than a method that it calls.
    certain: bool,
}

/// What is known of classes so far.
pub(super) type Needs = Memo<OwnerId, Option<Need>>;

/// Through how many objects within objects a need is followed.
const MAX_CONTAGION: u32 = 3;

/// Through how many calls of its own methods the making of an object is followed.
const MAX_MAKING: usize = 16;

/// What happens to the name of an object.
enum Reading {
    /// Nothing that could end the object unseen.
    Harmless,
    /// Other code gets it.
    HandedOn,
}

impl Judge<'_> {
    /// Adds the objects made in a file that nobody ends although they hold something.
    pub(super) fn judge_owned(&self, file: FileId, out: &mut Vec<Judged>) {
        let Some(row) = self.owned_row() else { return };
        let known: FxHashSet<Ref> = self.pair_acquisitions(file).iter().map(|a| a.at).collect();
        for &node in &self.project.facts(file).calls {
            let call = Ref { file, node };
            if known.contains(&call) {
                continue;
            }
            let Some((owner, need)) = self.made_with_need(call, 0) else {
                continue;
            };
            let acquisition = self.owned_acquisition(call, row, owner);
            let verdict = self.judge_child(&acquisition, row, &need);
            out.push(Judged { acquisition, verdict });
        }
    }

    fn owned_row(&self) -> Option<usize> {
        self.project.tables.pairs.iter().position(|p| p.owned)
    }

    fn owned_acquisition(&self, call: Ref, row: usize, owner: OwnerId) -> Acquisition {
        let pair = &self.project.tables.pairs[row];
        let what = match self.project.owner(owner).name {
            Some(name) => format!("`{}`", self.project.text(owner.file, name)),
            None => pair.what.clone(),
        };
        Acquisition {
            rule: pair.rule.clone(),
            what,
            at: call,
            kind: Kind::Pair {
                row,
                target: None,
                key: None,
                handler: None,
                options: None,
                delay: None,
                typed: true,
                via: None,
            },
        }
    }

    /// The class of which a call makes an object that has to be ended, if the object is given a name right there.
    fn made_with_need(&self, call: Ref, depth: u32) -> Option<(OwnerId, Need)> {
        let facts = self.project.facts(call.file);
        let Node::Call {
            callee,
            kind: CallKind::New,
            ..
        } = facts.node(call.node)
        else {
            return None;
        };
        if !matches!(facts.node(callee), Node::Binding(_) | Node::Member { .. }) {
            return None;
        }
        self.name_given(call)?;
        let owner = self.project.owner_of_class_value(Ref { node: callee, ..call }, 0)?;
        let need = self.need_of(owner, depth)?;
        Some((owner, need))
    }

    /// The variable or field that holds what a call makes.
    fn name_given(&self, call: Ref) -> Option<Place> {
        let facts = self.project.facts(call.file);
        let up = facts.parent(call.node);
        match facts.node(up) {
            Node::Assign { target, value, .. } | Node::Declare { target, value } if value == call.node => {
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
            Node::Function(_) => self.initialised_field(call),
            _ => None,
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

    /// Why objects of a class have to be ended, if they have to.
    fn need_of(&self, owner: OwnerId, depth: u32) -> Option<Need> {
        if let Some(known) = self.needs.get(&owner) {
            return known;
        }
        if depth > 0 {
            // How deep this is asked from may decide the answer, so it is not kept.
            return self.find_need(owner, depth);
        }
        let needs = &self.needs;
        self.project.remembered(needs, owner, || self.find_need(owner, depth))
    }

    fn find_need(&self, owner: OwnerId, depth: u32) -> Option<Need> {
        let is_made = !matches!(self.project.owner(owner).kind, OwnerKind::Object(_));
        if depth > MAX_CONTAGION || !is_made || self.project.lifecycle(owner).is_some() {
            return None;
        }
        let row = &self.project.tables.pairs[self.owned_row()?];
        let ends = self.ends_of(owner, row);
        if ends.is_empty() {
            return None;
        }
        let making = self.making_of(owner);
        let files: FxHashSet<FileId> = making.iter().map(|f| f.file).collect();
        let mut files: Vec<FileId> = files.into_iter().collect();
        files.sort_unstable();
        let need = files.iter().find_map(|&file| {
            let held = self.pair_acquisitions(file).iter();
            held.filter(|a| making.contains(&self.project.function_at(a.at)))
                .find_map(|a| self.held_until_end(a, &ends, &making))
                .or_else(|| self.child_held_until_end(file, owner, &ends, &making, depth))
        })?;
        (!self.ends_itself(owner, &ends) && !self.gives_itself_away(&making)).then_some(need)
    }

    /// The methods of a class that end its objects by their names, beyond what may as well begin them anew.
    fn ends_of(&self, owner: OwnerId, row: &PairRow) -> Vec<(Box<str>, Func)> {
        let index = self.project.tables.pairs.iter().position(|p| std::ptr::eq(p, row));
        let names: Vec<&str> = index
            .map(|i| self.project.tables.releases[i].iter().map(|r| r.last()).collect())
            .unwrap_or_default();
        let mut out: Vec<(Box<str>, Func)> = Vec::new();
        for o in self.project.lineage(owner) {
            for member in self.project.owner(o).members.iter().filter(|m| !m.is_static) {
                let name = self.project.text(o.file, member.name);
                if let Some(function) = member.function.filter(|_| names.contains(&name)) {
                    out.push((name.into(), Func { file: o.file, function }));
                }
            }
        }
        out
    }

    /// The functions that surely run when an object is made: constructors, initial values, and the methods they call.
    fn making_of(&self, owner: OwnerId) -> Vec<Func> {
        let mut out: Vec<Func> = Vec::new();
        for o in self.project.lineage(owner) {
            let facts = self.project.facts(o.file);
            match self.project.owner(o).kind {
                OwnerKind::Class(class) => {
                    let members = facts.classes.get(class.0 as usize).map(|c| c.members.as_slice());
                    for member in members.unwrap_or_default().iter().filter(|m| !m.is_static) {
                        let node = match member.kind {
                            MemberKind::Constructor => member.value,
                            MemberKind::Field => member.evaluator,
                            _ => None,
                        };
                        if let Some(Node::Function(function)) = node.map(|n| facts.node(n)) {
                            out.push(Func { file: o.file, function });
                        }
                    }
                }
                OwnerKind::Constructor(function) => out.push(Func { file: o.file, function }),
                OwnerKind::Object(_) => {}
            }
        }
        out.extend(self.project.constructor(owner));
        let mut next = 0;
        while let Some(&f) = out.get(next) {
            next += 1;
            for &node in self.project.calls_in(f) {
                let call = Ref { file: f.file, node };
                if out.len() < MAX_MAKING
                    && self.is_own_call(call)
                    && !self.is_conditional(call)
                    && let Some(g) = self.project.called_function(call)
                    && !out.contains(&g)
                {
                    out.push(g);
                }
            }
        }
        out
    }

    /// `this.method()`.
    fn is_own_call(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, .. } = facts.node(call.node) else {
            return false;
        };
        matches!(facts.node(callee), Node::Member { object, .. } if facts.node(object) == Node::This)
    }

    /// An acquisition that lasts until one of some methods releases it.
    fn held_until_end(&self, a: &Acquisition, ends: &[(Box<str>, Func)], making: &[Func]) -> Option<Need> {
        let Kind::Pair { row, target, .. } = &a.kind else {
            return None;
        };
        let row = &self.project.tables.pairs[*row];
        if row.one_shot || row.collectable || row.own || row.inferred || row.stream {
            return None;
        }
        if self.is_conditional(a.at) || self.has_early_exit(a.at) {
            return None;
        }
        let outlives = |t: &Ref| self.life_of_thing(&self.project.place(*t)) == Life::Process;
        if !target.as_ref().is_none_or(outlives) {
            return None;
        }
        let releases = self.releases_of(a, &self.flow(a.at));
        let teardown = self.ended_only_by(&releases, ends, making)?;
        Some(Need {
            what: a.what.clone(),
            at: a.at,
            teardown,
            certain: making.first() == Some(&self.project.function_at(a.at)),
        })
    }

    /// An object made in the making of another, with the same need, that the other's end ends.
    fn child_held_until_end(
        &self,
        file: FileId,
        owner: OwnerId,
        ends: &[(Box<str>, Func)],
        making: &[Func],
        depth: u32,
    ) -> Option<Need> {
        let row = self.owned_row()?;
        making.iter().filter(|f| f.file == file).find_map(|f| {
            self.project.calls_in(*f).iter().find_map(|&node| {
                let call = Ref { file, node };
                let (child, need) = self.made_with_need(call, depth + 1)?;
                if child == owner || self.is_conditional(call) {
                    return None;
                }
                let a = self.owned_acquisition(call, row, child);
                let releases = self.releases_of(&a, &self.flow_of_child(call));
                let teardown = self.ended_only_by(&releases, ends, making)?;
                Some(Need { teardown, ..need })
            })
        })
    }

    /// The first of some methods that releases what nothing but they release.
    fn ended_only_by(&self, releases: &[Release], ends: &[(Box<str>, Func)], making: &[Func]) -> Option<Box<str>> {
        let right: Vec<Func> = releases
            .iter()
            .filter(|r| r.wrong.is_none())
            .map(|r| self.project.function_at(r.at))
            .collect();
        let reached: Vec<_> = ends.iter().map(|(_, f)| self.project.reach(&[*f])).collect();
        let is_end = |f: &Func| reached.iter().any(|r| r.contains(f));
        if right.is_empty() || !right.iter().all(|f| is_end(f) || making.contains(f)) {
            return None;
        }
        let first = reached.iter().position(|r| right.iter().any(|f| r.contains(f)))?;
        ends.get(first).map(|(name, _)| name.clone())
    }

    /// Whether objects of a class call or hand out their own teardown.
    fn ends_itself(&self, owner: OwnerId, ends: &[(Box<str>, Func)]) -> bool {
        ends.iter().any(|(name, _)| {
            self.project.method_references(owner, name).into_iter().any(|r| {
                let around = self.project.method_around(self.project.function_at(r));
                around.is_some_and(|(o, _, method)| {
                    self.project.is_related(o, owner) && !ends.iter().any(|(_, end)| *end == method)
                })
            })
        })
    }

    /// Whether the making of an object tells others of it, who may end it then: `registry.add(this)`.
    fn gives_itself_away(&self, making: &[Func]) -> bool {
        making.iter().any(|f| {
            let facts = self.project.facts(f.file);
            let own = |node| {
                let g = facts.enclosing_function(node);
                facts.is_nested(g, f.function)
            };
            facts.nodes.iter().enumerate().any(|(i, node)| {
                let at = crate::facts::NodeId(i as u32);
                if *node != Node::This || !own(at) {
                    return false;
                }
                let up = facts.parent(at);
                match facts.node(up) {
                    Node::Call { callee, args, .. } => {
                        let position = facts.list(args).position(|a| a == at);
                        let call = Ref { file: f.file, node: up };
                        position.is_some() && !self.is_bound_only(Ref { node: callee, ..call })
                    }
                    Node::Assign { target, value, .. } => {
                        value == at && !matches!(facts.node(target), Node::Binding(_))
                    }
                    Node::Property { value, .. } => value == at,
                    Node::Array(_) | Node::Spread(_) | Node::Return(_) => true,
                    _ => false,
                }
            })
        })
    }

    /// `f.bind`, `Base.call`: what is handed over is the `this` of a function.
    fn is_bound_only(&self, callee: Ref) -> bool {
        let facts = self.project.facts(callee.file);
        match facts.node(callee.node) {
            Node::Member { property, .. } => matches!(facts.name(property), "bind" | "call" | "apply"),
            _ => false,
        }
    }

    fn flow_of_child(&self, call: Ref) -> Flow {
        match self.initialised_field(call) {
            Some(field) => {
                let mut flow = Flow::default();
                flow.places.push(field);
                flow
            }
            None => self.flow(call),
        }
    }

    fn judge_child(&self, a: &Acquisition, row: usize, need: &Need) -> Verdict {
        let row = &self.project.tables.pairs[row];
        let f = self.project.function_at(a.at);
        let scope = match self.initialised_field(a.at).map(|p| p.root) {
            Some(Root::This(owner)) => Scope::Owner {
                owner,
                method: "constructor".into(),
            },
            _ => self.scope_of(f),
        };
        let repetition = self.repetition_here(a.at, f, &scope);
        if matches!(repetition, Repetition::Once) {
            return Verdict::bounded("this code runs once");
        }
        if self.is_done_once(a.at, &repetition) {
            return Verdict::bounded("a variable of the module lets this run once only");
        }
        let flow = self.flow_of_child(a.at);
        let releases = self.releases_of(a, &flow);
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
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
        if let Some(at) = self.ended_from_outside(&flow, row) {
            return Verdict::released("others end it", Some(at));
        }
        let mut verdict = self.leak(a, row, cause, &scope, &repetition, true, evidence);
        if let Verdict::Leak(leak) = &mut verdict {
            leak.release = format!("{}()", need.teardown);
            if !need.certain {
                leak.confidence = leak.confidence.min(Confidence::Medium);
            }
        }
        verdict
    }

    /// Where a made object goes to code that may end it.
    fn hands_child_on(&self, at: Ref, flow: &Flow) -> Option<Ref> {
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
            reads
                .into_iter()
                .find(|r| matches!(self.reading(*r), Reading::HandedOn))
        })
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
            _ => Reading::HandedOn,
        }
    }

    /// A call of a teardown through a property of the field's name, wherever in the project, on what may be its holder.
    fn ended_from_outside(&self, flow: &Flow, row: &PairRow) -> Option<Ref> {
        let fields: Vec<(&str, Option<OwnerId>)> = flow
            .places
            .iter()
            .filter_map(|p| Some((p.last()?, self.holder_class(p))))
            .collect();
        let index = self.project.tables.pairs.iter().position(|p| std::ptr::eq(p, row))?;
        let mut names = self.project.tables.releases[index].iter().map(|r| r.last());
        let files = self.all_files();
        names.find_map(|name| {
            files.iter().find_map(|&file| {
                let calls = self.project.calls_named(file, name);
                let mut calls = calls.iter().map(|&node| Ref { file, node });
                calls.find(|call| fields.iter().any(|(field, of)| self.may_end_field(*call, field, *of)))
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
