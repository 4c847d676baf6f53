//! Parts of an object that its end forgets, as the object's other parts show.
//!
//! Whether a part holds something often cannot be read. An owner that ends one of two parts of the same class, or
//! registers all of its disposable parts but one, says that they have to be ended.

use crate::facts::{CallKind, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{Func, Life, OwnerId, OwnerKind, Place, Ref, Repetition, Root};

impl Judge<'_> {
    /// The verdict on a part that nothing ends although its owner ends another one like it.
    pub(in crate::lifetime) fn judge_part(&self, a: &Acquisition, row: usize, class: OwnerId) -> Option<Verdict> {
        let pair = &self.project.tables.pairs[row];
        let is_made = !matches!(self.project.owner(class).kind, OwnerKind::Object(_));
        if !is_made || self.ends_of(class, pair).is_empty() || self.project.lifecycle(class).is_some() {
            return None;
        }
        let scope = self.scope_of_child(a.at);
        let Scope::Owner { owner, .. } = &scope else {
            return None;
        };
        let flow = self.flow_of_child(a.at);
        let field = match &flow.places[..] {
            [field] if matches!(field.root, Root::This(_)) && field.path.len() == 1 => field,
            _ => return None,
        };
        let by_owner = self
            .twin_ended(*owner, field, class, row)
            .filter(|_| self.holds_beyond(class))
            .or_else(|| self.other_part_registered(a.at, *owner, class));
        let is_owners = by_owner.is_some();
        let told = by_owner.or_else(|| self.ended_by_most(a.at, *owner, class))?;
        let releases = self.releases_of(a, &flow);
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if !right.is_empty() || is_owners && self.hands_child_on(a.at, &flow).is_some() {
            return None;
        }
        if self.ended_from_outside(&flow, pair, &right).is_some() || self.is_remembered(a.at, *owner, field) {
            return None;
        }
        let repetition = self.repetition_here(a.at, self.project.function_at(a.at), &scope);
        if matches!(repetition, Repetition::Once) || self.lets_once(a.at, None).is_some() {
            return None;
        }
        let mut verdict = self.leak(a, pair, Cause::NeverReleased, &scope, &repetition, true, vec![told]);
        if let Verdict::Leak(leak) = &mut verdict {
            leak.confidence = leak.confidence.min(Confidence::Medium);
        }
        Some(verdict)
    }

    /// Whether the teardown of an owner does something with a part, whatever it is.
    fn is_remembered(&self, made: Ref, owner: OwnerId, field: &Place) -> bool {
        let (teardowns, _) = self.teardowns(owner);
        let reach = self.project.reach(&teardowns);
        let files = self.release_files(made, std::slice::from_ref(field));
        self.references_to(field, &files).into_iter().any(|read| {
            let is_written = self.project.facts(read.file).is_written(read.node);
            !is_written && reach.contains(&self.project.function_at(read))
        })
    }

    /// Where the teardown of an owner ends another part of the same class.
    fn twin_ended(&self, owner: OwnerId, field: &Place, class: OwnerId, row: usize) -> Option<Evidence> {
        let names = &self.project.tables.releases[row];
        let (teardowns, _) = self.teardowns(owner);
        let mut reach: Vec<Func> = self.project.reach(&teardowns).into_iter().collect();
        reach.sort_unstable();
        let at = reach.iter().find_map(|f| {
            let facts = self.project.facts(f.file);
            let calls = self.project.calls_in(*f).iter();
            calls.map(|&node| Ref { file: f.file, node }).find(|call| {
                let Some(ended) = facts.method_call(call.node) else {
                    return false;
                };
                let name = facts.name(ended.method);
                let place = self.project.place(Ref {
                    node: ended.object,
                    ..*call
                });
                matches!(place.root, Root::This(o) if self.project.is_related(o, owner))
                    && place.path.len() == 1
                    && !self.project.same_place(&place, field)
                    && names.iter().any(|n| n.last() == name)
                    && self.made_of(&place).contains(&class)
            })
        })?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: "the teardown ends another one of the same class, and not this one".into(),
        })
    }

    /// The classes of which objects are made for a field.
    fn made_of(&self, field: &Place) -> Vec<OwnerId> {
        let made = self.project.definitions(field).into_iter();
        made.filter_map(|d| self.class_made(d)).collect()
    }

    /// Where an owner registers another part to be ended with itself, by a method that the part in question registers
    /// by as well what it holds.
    fn other_part_registered(&self, made: Ref, owner: OwnerId, class: OwnerId) -> Option<Evidence> {
        let making = self.making_of(class);
        let store = making.iter().find_map(|f| self.registration_in(*f, made))?;
        let name = self.called_own(store)?;
        let holds = making.iter().any(|f| self.listens_beyond(*f));
        let at = self.making_of(owner).into_iter().find_map(|f| {
            let at = self.registration_in(f, made)?;
            (self.called_own(at) == Some(name)).then_some(at)
        })?;
        holds.then(|| Evidence {
            role: Role::Release,
            at,
            text: "another part is registered here to be ended, and this one is not".into(),
        })
    }

    /// A call in a function that registers what another call gives to be ended with the object: `this.register(new X())`.
    fn registration_in(&self, f: Func, except: Ref) -> Option<Ref> {
        let keeps = &self.project.tables.conventions.keeps_disposables;
        let calls = self.project.calls_in(f).iter();
        calls.map(|&node| Ref { file: f.file, node }).find(|&call| {
            let facts = self.project.facts(call.file);
            let Node::Call { args, .. } = facts.node(call.node) else {
                return false;
            };
            let first = facts.item(args, 0);
            let is_made = first.is_some_and(|arg| {
                matches!(facts.node(arg), Node::Call { kind, .. } if kind != CallKind::Import) && call.file == f.file
            });
            is_made
                && first.map(|node| Ref { node, ..call }) != Some(except)
                && self
                    .called_own(call)
                    .is_some_and(|name| keeps.iter().any(|k| k == name))
        })
    }

    /// The name of the method in `this.method()`.
    fn called_own(&self, call: Ref) -> Option<&str> {
        let facts = self.project.facts(call.file);
        let called = facts.method_call(call.node)?;
        matches!(facts.node(called.object), Node::This).then(|| facts.name(called.method))
    }

    /// Whether a method of a class registers something that outlives its objects. A part that holds only what is its own
    /// goes with its owner.
    pub(in crate::lifetime) fn holds_beyond(&self, class: OwnerId) -> bool {
        self.project.lineage(class).into_iter().any(|o| {
            let mut members = self.project.owner(o).members.iter().filter_map(|m| m.function);
            members.any(|function| self.listens_beyond(Func { file: o.file, function }))
        })
    }

    /// Whether a function registers something on what was there before its object, or holds a timer.
    fn listens_beyond(&self, f: Func) -> bool {
        let held = self.pair_acquisitions(f.file).iter();
        held.filter(|a| self.project.function_at(a.at) == f).any(|a| {
            let Kind::Pair { row, target, .. } = &a.kind else {
                return false;
            };
            let row = &self.project.tables.pairs[*row];
            let outlives = |t: Ref| {
                let place = self.project.place(t);
                self.life_of_thing(&place) == Life::Process || self.lender(&place).is_some()
            };
            !(row.one_shot || row.collectable || row.own || row.stream) && target.is_none_or(outlives)
        })
    }

    /// The teardown that the owner of a part has to call, where another part tells that it has to.
    pub(in crate::lifetime) fn parts_teardown(&self, class: OwnerId) -> Option<Box<str>> {
        let row = self.owned_row()?;
        let ends = self.ends_of(class, &self.project.tables.pairs[row]);
        ends.into_iter().next().map(|(name, _)| name)
    }
}
