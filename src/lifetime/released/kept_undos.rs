//! Undos that are kept in one slot: `this.leave = () => source.close()`. Such a slot stands for the handle: what calls it
//! releases, what empties it without a call leaves everything as it is, and the next undo takes the place of the last.

use crate::facts::{AssignOp, FileKind, FunctionId, Node};
use crate::finding::Cause;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{FileId, Func, Key, OwnerId, Phase, Place, Ref, Root};

/// A slot that has the only undo of something, or a list that has it among others, and the calls of what it holds.
struct Kept {
    slot: Place,
    /// Where it is put, if the slot is a list.
    put: Option<Ref>,
    calls: Vec<Ref>,
}

impl Judge<'_> {
    /// Marks the releases in an undo that nobody runs.
    pub(in crate::lifetime) fn mark_kept_for_nobody(&self, a: &Acquisition, releases: &mut [Release]) {
        let f = self.activation(self.project.function_at(a.at));
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            let kept = self.kept_undo(f, self.activation(self.project.function_at(release.at)));
            if let Some(kept) = kept.filter(|kept| kept.calls.is_empty() && self.has_another_end(&kept.slot)) {
                let text = format!("kept in `{}`, and nobody runs it", self.show_place(&kept.slot));
                release.wrong = Some((Cause::ReleaseWithoutEffect, text));
            }
        }
    }

    /// The slot of an undo in place of the handle, and the calls of the undo in place of the releases in it.
    pub(in crate::lifetime) fn through_kept_undo(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<(Flow, Vec<Release>)> {
        let row = &self.project.tables.pairs[a.row()?];
        let f = self.project.function_at(a.at);
        let is_local = |place: &Place| match place.root {
            Root::Binding(file, b) => file == f.file && self.project.facts(file).binding(b).function == f.function,
            _ => false,
        };
        let is_alone = flow.collections.is_empty() && flow.returned.is_empty() && !flow.other && !flow.taken_apart;
        if row.release_is_on_target() || !is_alone || !flow.places.iter().all(is_local) {
            return None;
        }
        let first = self.kept_undo(f, self.project.function_at(right.first()?.at))?;
        let in_same = |r: &&Release| {
            let kept = self.kept_undo(f, self.project.function_at(r.at));
            kept.is_some_and(|kept| kept.slot == first.slot)
        };
        // What only makes room for the next one ends nothing.
        let makes_room = |call: &Ref| self.project.function_at(*call) == f && self.is_before(*call, a.at);
        if first.calls.iter().all(makes_room) || !right.iter().all(in_same) {
            return None;
        }
        let is_release = |call: &Ref| right.iter().any(|r| r.at == *call);
        let others = |calls: &[Ref]| calls.iter().copied().filter(|call| !is_release(call)).collect();
        let (places, collections) = match first.put {
            Some(put) => (Vec::new(), vec![(first.slot, put)]),
            None => (vec![first.slot], Vec::new()),
        };
        let flow = Flow {
            places,
            collections,
            passed: others(&flow.passed),
            method_calls: others(&flow.method_calls),
            ..Flow::default()
        };
        let release = |at| Release { at, wrong: None };
        Some((flow, first.calls.into_iter().map(release).collect()))
    }

    /// Where other code than an effect's runs the undo in which a release stands, from the slot that the effect keeps it in.
    pub(in crate::lifetime) fn undone_outside(&self, a: &Acquisition, release: Ref, setup: Func) -> Option<Ref> {
        let kept = self.kept_undo(self.project.function_at(a.at), self.project.function_at(release))?;
        let mut calls = kept.calls.into_iter();
        calls.find(|call| !self.project.is_within(self.project.function_at(*call), setup))
    }

    /// The slot that a run keeps one of its closures in and nowhere else, which is only ever called, asked for, or filled.
    fn kept_undo(&self, f: Func, closure: Func) -> Option<Kept> {
        if closure == f || !self.project.is_within(closure, f) || f.function == FunctionId::MODULE {
            return None;
        }
        let facts = self.project.facts(f.file);
        let made = self.project.function_node(closure);
        let write = facts.parent(made.node);
        let Node::Assign {
            target,
            value,
            op: AssignOp::Set,
        } = facts.node(write)
        else {
            return self.listed_undo(f, made);
        };
        let is_statement = matches!(facts.node(facts.parent(write)), Node::Block(_) | Node::If { .. });
        let slot = self.project.place(Ref { node: target, ..made });
        if value != made.node || !is_statement || !self.is_own_slot(f, &slot) {
            return None;
        }
        let mut calls = Vec::new();
        for at in self.references_in(&slot, f.file) {
            let up = facts.parent(at.node);
            match facts.node(up) {
                _ if facts.is_written(at.node) => {}
                Node::Call { callee, .. } if callee == at.node => {
                    let call = Ref { node: up, ..at };
                    calls.extend((!self.is_in_dead_code(call)).then_some(call));
                }
                Node::If { .. } | Node::Unary { .. } | Node::Binary { .. } => {}
                Node::Logical { left, .. } if left == at.node => {}
                Node::Declare { target, .. } if target == at.node => {}
                _ => return None,
            }
        }
        Some(Kept { slot, put: None, calls })
    }

    /// The list that a run puts one of its closures into and nowhere else.
    fn listed_undo(&self, f: Func, made: Ref) -> Option<Kept> {
        let flow = self.flow(made);
        let [(slot, put)] = &flow.collections[..] else {
            return None;
        };
        let is_alone = flow.places.is_empty() && flow.passed.is_empty() && flow.returned.is_empty();
        let is_followed = flow.method_calls.is_empty() && !flow.other && !flow.taken_apart;
        if !is_alone || !is_followed || !self.is_own_slot(f, slot) || self.is_asked_for(slot) {
            return None;
        }
        let mut drains = Vec::new();
        self.drains(slot, *put, &[f.file], &mut drains);
        let calls = drains.into_iter().map(|drain| drain.at);
        Some(Kept {
            slot: slot.clone(),
            put: Some(*put),
            calls: calls.filter(|call| !self.is_in_dead_code(*call)).collect(),
        })
    }

    /// Whether a slot is around a run, and nothing but the code of its file can reach it.
    fn is_own_slot(&self, f: Func, slot: &Place) -> bool {
        let facts = self.project.facts(f.file);
        match (&slot.root, &slot.path[..]) {
            (Root::Binding(file, b), path) => {
                let binding = facts.binding(*b);
                let boxes = &self.project.tables.conventions.boxes;
                let is_box = |key: &Key| matches!(key, Key::Name(name) if boxes.iter().any(|b| **b == **name));
                *file == f.file
                    && !facts.template_names.contains(&binding.name)
                    && (matches!(facts.kind, FileKind::Vue | FileKind::Svelte) || self.is_of_a_module(*file))
                    && path.len() < 2
                    && path.iter().all(is_box)
                    && facts.is_nested(f.function, binding.function)
                    && !self.is_exported(slot)
            }
            (Root::This(owner), [Key::Name(name)]) => {
                let files = self.project.files_naming(name);
                let mut others = files.iter().filter(|file| **file != f.file);
                owner.file == f.file && !others.any(|file| self.is_read_off_others(*file, name, *owner))
            }
            _ => false,
        }
    }

    /// Whether a file reads a member of some name off an object that may be one of a class.
    fn is_read_off_others(&self, file: FileId, name: &str, owner: OwnerId) -> bool {
        let facts = self.project.facts(file);
        let named = self.project.name_in(file, name).into_iter();
        let mut members = named.flat_map(|name| facts.members_named(name));
        members.any(|node| {
            let is_of_another = match self.project.place(Ref { file, node }).root {
                Root::This(of) => !self.project.is_related(of, owner),
                _ => false,
            };
            !facts.is_written(node) && !is_of_another
        })
    }

    /// Whether what has a slot ends by something else than a call of it by those who have the object.
    fn has_another_end(&self, slot: &Place) -> bool {
        let (Root::This(owner), Some(Key::Name(name))) = (&slot.root, slot.path.first()) else {
            return true;
        };
        let (teardowns, _) = self.teardowns(*owner);
        self.phase(*owner, name).0 != Phase::Teardown || teardowns.iter().any(|t| self.ends_its_object(*t))
    }
}
