//! Fields whose object's teardown ends what they hold, whatever that is: a function is called there, an object is
//! destroyed there. A method that runs again and puts a new one into such a field leaves the one before without an end.
//!
//! That something has to be ended is the word of the code itself, so nothing need be known of what is put there.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, FunctionId, Node};
use crate::finding::Cause;
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Verdict};
use crate::link::{FileId, Func, Key, OwnerId, Place, Ref, Root};

/// How many functions of a teardown are asked what they end.
const MAX_REACH: usize = 100;

/// An owner whose teardown ends fields of its objects: with the row that says how.
pub(in crate::lifetime) type Ended = (OwnerId, Vec<(Place, usize)>);

impl Judge<'_> {
    /// Adds what a file puts into fields of which the code says itself that they have to be ended.
    pub(in crate::lifetime) fn judge_slots(&self, file: FileId, out: &mut Vec<Judged>) {
        let owners = self
            .project
            .owners_of(file)
            .map(|owner| (owner, self.fields_ended(owner)));
        let ended: Vec<Ended> = owners.filter(|(_, fields)| !fields.is_empty()).collect();
        self.judge_ended_slots(file, &ended, out);
        self.judge_left_slots(file, &ended, out);
    }

    /// Adds what a file puts into fields again and again that the teardown of their object ends, once.
    fn judge_ended_slots(&self, file: FileId, ended: &[Ended], out: &mut Vec<Judged>) {
        let known: FxHashSet<Ref> = out.iter().map(|judged| judged.acquisition.at).collect();
        self.judge_ended_variables(file, &known, out);
        for &(owner, ref fields) in ended {
            for &(ref field, row) in fields {
                let Some(name) = field.last() else { continue };
                let put = self.project.field_definitions(owner, name).into_iter();
                for value in put.filter(|d| d.file == file).flat_map(|d| self.made_in(d, 0)) {
                    if known.contains(&value) || out.iter().any(|j| j.acquisition.at == value) {
                        continue;
                    }
                    let acquisition = Acquisition::of_row(row, &self.project.tables.pairs[row], value, false);
                    let verdict = self.judge_slot(&acquisition, owner, row);
                    out.extend(verdict.map(|verdict| Judged { acquisition, verdict }));
                }
            }
        }
    }

    /// The same of variables that a component's end ends, where code of the component that runs again fills them.
    fn judge_ended_variables(&self, file: FileId, known: &FxHashSet<Ref>, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        let mut seen: Vec<(BindingId, usize)> = Vec::new();
        for &node in &facts.calls {
            let Some((b, row)) = self.variable_ended(Ref { file, node }) else {
                continue;
            };
            if seen.contains(&(b, row)) {
                continue;
            }
            seen.push((b, row));
            let put = self.project.definitions(&Place::root(Root::Binding(file, b)));
            for value in put.into_iter().flat_map(|d| self.made_in(d, 0)) {
                if known.contains(&value) {
                    continue;
                }
                let acquisition = Acquisition::of_row(row, &self.project.tables.pairs[row], value, false);
                let flow = self.flow(value);
                let releases = self.releases_of(&acquisition, &flow);
                let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
                let Some(evidence) = self.overwritten_in_setup(&acquisition, &flow, &right) else {
                    continue;
                };
                let verdict = self.lost_slot(&acquisition, row, evidence);
                out.push(Judged { acquisition, verdict });
            }
        }
    }

    /// The variable that a call ends, set by code anywhere: `undo()`, `part.destroy()`.
    fn variable_ended(&self, call: Ref) -> Option<(BindingId, usize)> {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let tables = &self.project.tables;
        let changes = |b: BindingId| facts.binding(b).writes > 0 && facts.binding(b).function != FunctionId::MODULE;
        if let Node::Binding(b) = facts.node(callee) {
            let is_undo = changes(b) && facts.list(args).len() == 0;
            return if is_undo {
                Some((b, tables.row_ended_by_call()?))
            } else {
                None
            };
        }
        let ended = facts.method_call(call.node)?;
        let Node::Binding(b) = facts.node(ended.object) else {
            return None;
        };
        let row = tables.row_ended_by(facts.name(ended.method)).filter(|_| changes(b))?;
        Some((b, row))
    }

    /// The calls whose result a value is, whichever way a condition decides.
    pub(in crate::lifetime) fn made_in(&self, value: Ref, depth: u32) -> Vec<Ref> {
        let here = |node| Ref { node, ..value };
        match self.project.node(value) {
            Node::Call { .. } => vec![value],
            Node::Await(inner) if depth < 4 => self.made_in(here(inner), depth + 1),
            Node::Conditional { yes, no, .. } if depth < 4 => {
                let mut out = self.made_in(here(yes), depth + 1);
                out.extend(self.made_in(here(no), depth + 1));
                out
            }
            _ => Vec::new(),
        }
    }

    /// The fields of an owner's objects that its teardown ends, with the row that says how.
    fn fields_ended(&self, owner: OwnerId) -> Vec<(Place, usize)> {
        let (teardowns, _) = self.teardowns(owner);
        let mut out: Vec<(Place, usize)> = Vec::new();
        if teardowns.is_empty() {
            return out;
        }
        let mut reach: Vec<Func> = self.project.reach(&teardowns).into_iter().collect();
        reach.sort_unstable();
        for f in reach.into_iter().take(MAX_REACH) {
            for &node in self.project.calls_in(f) {
                if let Some((field, row)) = self.field_ended(Ref { file: f.file, node }, owner)
                    && !out.iter().any(|(known, r)| *known == field && *r == row)
                {
                    out.push((field, row));
                }
            }
        }
        out
    }

    /// The field that a call ends: `this.undo()`, `this.part.destroy()`.
    pub(in crate::lifetime) fn field_ended(&self, call: Ref, owner: OwnerId) -> Option<(Place, usize)> {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let tables = &self.project.tables;
        let own_field = |node| {
            let place = self.project.place(Ref { node, ..call });
            let own = matches!(place.root, Root::This(o) if self.project.is_related(o, owner));
            let named = matches!(place.path.as_slice(), [Key::Name(_)]);
            (own && named).then_some(place)
        };
        if let Some(place) = own_field(callee) {
            let is_undo = facts.list(args).len() == 0
                && place
                    .last()
                    .is_some_and(|name| self.project.method(owner, name).is_none());
            return if is_undo {
                Some((place, tables.row_ended_by_call()?))
            } else {
                None
            };
        }
        let ended = facts.method_call(call.node)?;
        let row = tables.row_ended_by(facts.name(ended.method))?;
        Some((own_field(ended.object)?, row))
    }

    /// The verdict on what is put into a field that the teardown ends, if another run of the same code overwrites it.
    fn judge_slot(&self, a: &Acquisition, owner: OwnerId, row: usize) -> Option<Verdict> {
        let flow = self.flow(a.at);
        let releases = self.releases_of(a, &flow);
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        if right.is_empty() || self.lets_once(a.at, None).is_some() {
            return None;
        }
        // What an object of the project's own class holds was read, and is judged by that.
        if self.class_made(a.at).is_some() {
            return None;
        }
        let (_, _, method) = self.project.method_around(self.project.function_at(a.at))?;
        if self.is_let_in(a.at, method) {
            return None;
        }
        let evidence = self
            .overwritten(a, owner, &flow, &right)
            .or_else(|| self.lost_by_rerun(a, owner, &flow, &right))?;
        Some(self.lost_slot(a, row, evidence))
    }

    fn lost_slot(&self, a: &Acquisition, row: usize, evidence: Vec<Evidence>) -> Verdict {
        let f = self.project.function_at(a.at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(a.at, f, &scope);
        let pair = &self.project.tables.pairs[row];
        let leak = self.leak(a, pair, Cause::HandleLost, &scope, &repetition, false, evidence);
        at_most_medium(self.at_least_medium(leak))
    }
}
