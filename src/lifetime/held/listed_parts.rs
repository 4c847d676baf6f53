//! Objects that an object makes and keeps in a list or table: `this.tips.push(new Tip(node))`. Whoever empties the list
//! has to end each of them.

use crate::facts::{CallKind, FunctionId, LoopKind, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::acquired::needs::Need;
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::{Acquisition, Evidence, Judge, Verdict};
use crate::link::{OwnerId, Place, Ref, Repetition, Root};
use crate::tables::PairRow;

impl Judge<'_> {
    /// The class of the project of which a call makes an object that is put into a list.
    pub(in crate::lifetime) fn class_listed(&self, call: Ref) -> Option<OwnerId> {
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
        self.list_of(call)?;
        self.project.owner_of_class_value(Ref { node: callee, ..call }, 0)
    }

    /// The list or table of the object around, or of the module, that gets what a call makes.
    fn list_of(&self, call: Ref) -> Option<Place> {
        let facts = self.project.facts(call.file);
        let up = facts.parent(call.node);
        let list = match facts.node(up) {
            // `this.tips.push(new Tip(node))`
            Node::Call { callee, .. } if callee != call.node => match facts.node(callee) {
                Node::Member { object, property, .. } => {
                    let grow = &self.project.tables.conventions.grow;
                    grow.iter().any(|g| g == facts.name(property)).then_some(object)
                }
                _ => None,
            },
            // `this.tips[id] = new Tip(node)`
            Node::Assign { target, value, .. } if value == call.node => match facts.node(target) {
                Node::Index { object, .. } => Some(object),
                _ => None,
            },
            // `this.tips = nodes.map((node) => new Tip(node))`
            Node::Function(_) => self.list_made_by(call, up),
            Node::Return(_) => {
                let f = self.project.function_at(call);
                self.list_made_by(call, self.project.function(f).node)
            }
            _ => None,
        }?;
        let place = self.project.place(Ref { node: list, ..call });
        let is_kept = match place.root {
            Root::This(_) => place.path.len() == 1,
            Root::Binding(file, b) => {
                place.path.is_empty() && self.project.facts(file).binding(b).function == FunctionId::MODULE
            }
            _ => false,
        };
        is_kept.then_some(place)
    }

    /// What gets the list that a callback makes each element of.
    fn list_made_by(&self, call: Ref, callback: NodeId) -> Option<NodeId> {
        let facts = self.project.facts(call.file);
        let mapping = facts.parent(callback);
        let called = facts.method_call(mapping)?;
        let one_for_one = &self.project.tables.conventions.one_for_one;
        let is_mapped = one_for_one.iter().any(|m| m == facts.name(called.method));
        match facts.node(facts.parent(mapping)) {
            Node::Assign { target, value, .. } if value == mapping && is_mapped => Some(target),
            _ => None,
        }
    }

    /// The verdict on an object with a need that is put into a list of the object around; nothing where the list may be
    /// looked at by whoever ends it.
    pub(in crate::lifetime) fn judge_listed_part(
        &self,
        a: &Acquisition,
        row: &PairRow,
        class: OwnerId,
        need: &Need,
    ) -> Option<Verdict> {
        let list = self.list_of(a.at)?;
        if need.store || !need.always {
            return None;
        }
        let f = self.project.function_at(a.at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(a.at, f, &scope);
        if matches!(repetition, Repetition::Once) || self.lets_once(a.at, None).is_some() {
            return None;
        }
        let files = self.release_files(a.at, std::slice::from_ref(&list));
        let reads = self.references_to(&list, &files);
        let is_alone = reads.iter().all(|read| self.leaves_elements(*read, row, 0));
        if !is_alone || self.are_ended_by_others(class, row) {
            return None;
        }
        let emptied = match list.root {
            Root::This(_) => self.emptied_at(&reads)?,
            _ => reads.iter().copied().find(|read| self.only_takes_out(*read))?,
        };
        let evidence = vec![
            Evidence {
                role: Role::Holder,
                at: need.at,
                text: format!("holds this {} until its `{}` is called", need.what, need.teardown),
            },
            Evidence {
                role: Role::Flow,
                at: emptied,
                text: format!("`{}` lets it go here, and does not end it", self.show_place(&list)),
            },
        ];
        let verdict = self.leak(a, row, Cause::NeverReleased, &scope, &repetition, true, evidence);
        if matches!(list.root, Root::Binding(..)) {
            // Entries of a table that come and go say themselves that the code repeats.
            return Some(self.at_least_medium(at_most_medium(verdict)));
        }
        Some(match need.certain {
            true => verdict,
            false => at_most_medium(verdict),
        })
    }

    /// Where a list lets its elements go: it is set anew after the making, cut, or an element is taken out.
    fn emptied_at(&self, reads: &[Ref]) -> Option<Ref> {
        let is_letting_go = |read: &&Ref| {
            let facts = self.project.facts(read.file);
            let up = facts.parent(read.node);
            let is_cut =
                matches!(facts.node(up), Node::Member { object, .. } if object == read.node) && facts.is_written(up);
            let is_anew = facts.is_written(read.node) && !self.is_constructor(**read);
            (is_cut || is_anew || self.only_takes_out(**read)) && !self.is_mapped_here(**read)
        };
        reads.iter().find(is_letting_go).copied()
    }

    /// `this.tips = nodes.map(...)`: it is filled.
    fn is_mapped_here(&self, read: Ref) -> bool {
        let facts = self.project.facts(read.file);
        let value = match facts.node(facts.parent(read.node)) {
            Node::Assign { target, value, .. } if target == read.node => value,
            _ => return false,
        };
        !matches!(
            facts.node(value),
            Node::Array(_) | Node::Object(_) | Node::Null | Node::Undefined
        ) && !matches!(
            facts.node(value),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        )
    }

    /// Whether what reads a list ends none of its elements, and lets nobody else have them.
    fn leaves_elements(&self, read: Ref, row: &PairRow, depth: u32) -> bool {
        if self.only_takes_out(read) || self.only_grows_or_asks(read) {
            return true;
        }
        let facts = self.project.facts(read.file);
        let here = |node| Ref { node, ..read };
        let up = facts.parent(read.node);
        match facts.node(up) {
            Node::Loop { parts, kind, .. } => {
                let target = facts.item(parts, 0);
                kind == LoopKind::ForOf && target.is_some_and(|t| self.leaves_named(here(t), row))
            }
            // `this.tips[0]`
            Node::Index { object, .. } if object == read.node => self.leaves_element(here(up), row),
            Node::Member { object, property, .. } if object == read.node => {
                let call = facts.parent(up);
                let Node::Call { callee, args, .. } = facts.node(call) else {
                    return false;
                };
                let conventions = &self.project.tables.conventions;
                let name = facts.name(property);
                if callee != up || !conventions.read.iter().chain(&conventions.shrink).any(|m| m == name) {
                    return false;
                }
                let callback = facts.item(args, 0).map(|node| facts.node(node));
                let Some(Node::Function(f)) = callback else {
                    return self.leaves_element(here(call), row);
                };
                let element = facts.item(facts.function(f).params, 0);
                let leaves_each = element.is_none_or(|e| self.leaves_named(here(e), row));
                let is_dropped = matches!(facts.node(facts.parent(call)), Node::Block(_) | Node::If { .. });
                leaves_each && (is_dropped || depth == 0 && self.leaves_element(here(call), row))
            }
            Node::Unary { .. } | Node::Binary { .. } | Node::If { .. } | Node::Delete(_) => true,
            Node::Logical { left, .. } => left == read.node,
            _ => false,
        }
    }

    /// The same of the variable of a loop, or the parameter of a callback, that an element gets.
    fn leaves_named(&self, target: Ref, row: &PairRow) -> bool {
        let facts = self.project.facts(target.file);
        let bound = match facts.node(target.node) {
            Node::Declare { target, .. } => facts.node(target),
            other => other,
        };
        let Node::Binding(b) = bound else { return false };
        facts.references_of(b).all(|node| {
            let at = Ref { node, ..target };
            facts.span(node) == facts.binding(b).span || self.only_asks_of(at, row)
        })
    }

    /// The same of an expression that gives an element.
    fn leaves_element(&self, at: Ref, row: &PairRow) -> bool {
        let flow = self.flow(at);
        let is_kept = !flow.passed.is_empty() || !flow.returned.is_empty() || !flow.collections.is_empty();
        let f = self.project.function_at(at);
        let is_local = flow.places.iter().all(|p| self.is_local(p, f));
        let ends = flow.method_calls.iter().any(|call| {
            let callee = self.callee_of(*call).map(|(callee, _)| callee);
            callee.is_none_or(|callee| self.names_an_end(callee, row))
        });
        !is_kept && !flow.other && !flow.taken_apart && is_local && !ends
    }

    /// `tip.order`, `tip.show()`, `tip === other`: an element that goes nowhere, and is not ended.
    fn only_asks_of(&self, at: Ref, row: &PairRow) -> bool {
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        match facts.node(up) {
            Node::Member { object, .. } if object == at.node => !self.names_an_end(Ref { node: up, ..at }, row),
            Node::Binary { .. } | Node::Unary { .. } => true,
            Node::If { test, .. } => test == at.node,
            _ => false,
        }
    }

    fn names_an_end(&self, callee: Ref, row: &PairRow) -> bool {
        let name = self.project.last_name(callee);
        let releases = self.project.tables.releases_of(row);
        name.is_none_or(|name| releases.iter().any(|r| r.last() == name))
    }

    /// Whether the teardown of a class is called on objects of it that other code has by another way.
    fn are_ended_by_others(&self, class: OwnerId, row: &PairRow) -> bool {
        self.ends_of(class, row).iter().any(|(name, _)| {
            self.project.method_references(class, name).into_iter().any(|member| {
                let facts = self.project.facts(member.file);
                let Node::Member { object, .. } = facts.node(member.node) else {
                    return true;
                };
                let object = Ref { node: object, ..member };
                let of = self
                    .collection_of(object, 0)
                    .unwrap_or_else(|| self.project.place(object));
                let in_class = self.project.method_around(self.project.function_at(member));
                let is_own = in_class.is_some_and(|(o, ..)| self.project.is_related(o, class));
                // The fields of other objects hold what those made themselves, and this list was looked at.
                let is_field = matches!(of.root, Root::This(_)) && of.path.len() == 1;
                !is_own && !is_field
            })
        })
    }
}
