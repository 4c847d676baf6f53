//! Fields that an object's code ends before it fills them anew, and that the object's end leaves as they are, though it
//! ends others of their kind: the last one goes on.
//!
//! That something has to be ended is the word of the code itself, so nothing need be known of what is put there.

use rustc_hash::FxHashSet;

use crate::finding::{Cause, Role};
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::often::ended_slots::Ended;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Verdict};
use crate::link::{FileId, Func, Key, OwnerId, Place, Ref, Repetition};

impl Judge<'_> {
    /// Adds what a file puts into fields that are ended to make room, and not by the end of their object.
    pub(in crate::lifetime) fn judge_left_slots(&self, file: FileId, all_ended: &[Ended], out: &mut Vec<Judged>) {
        let known: FxHashSet<Ref> = out.iter().map(|judged| judged.acquisition.at).collect();
        for &(owner, ref ended) in all_ended {
            if matches!(self.project.instances_of(owner), Repetition::Once) {
                continue;
            }
            let (teardowns, by_framework) = self.teardowns(owner);
            let Some(&end) = teardowns.iter().find(|f| by_framework || self.ends_its_object(**f)) else {
                continue;
            };
            let reach = self.project.reach(&teardowns);
            let of_kind = |field: &Place, row: usize| {
                let is_left = ended.iter().all(|(other, _)| other != field);
                is_left && ended.iter().any(|(_, r)| *r == row)
            };
            let mut left = self.fields_making_room(file, owner);
            left.retain(|(field, row)| of_kind(field, *row) && !self.is_touched_by(&reach, field, owner));
            for (field, row) in left {
                let Some(name) = field.last() else { continue };
                let put = self.project.field_definitions(owner, name).into_iter();
                for value in put.filter(|d| d.file == file).flat_map(|d| self.made_in(d, 0)) {
                    if known.contains(&value) || self.class_made(value).is_some() {
                        continue;
                    }
                    let acquisition = Acquisition::of_row(row, &self.project.tables.pairs[row], value, false);
                    let verdict = self.left_slot(&acquisition, row, &field, end);
                    out.push(Judged { acquisition, verdict });
                }
            }
        }
    }

    /// The fields of an owner's objects that code of a file ends, and always fills anew when it does, with the row that
    /// says how.
    fn fields_making_room(&self, file: FileId, owner: OwnerId) -> Vec<(Place, usize)> {
        let mut out: Vec<(Place, usize)> = Vec::new();
        let mut others: Vec<Place> = Vec::new();
        for &node in &self.project.facts(file).calls {
            let call = Ref { file, node };
            let Some((field, row)) = self.field_ended(call, owner) else {
                continue;
            };
            match self.fills_again(call, &field) {
                true if !out.contains(&(field.clone(), row)) => out.push((field, row)),
                true => {}
                false => others.push(field),
            }
        }
        out.retain(|(field, _)| !others.contains(field));
        out
    }

    /// Whether some functions have to do with a field, or with fields by names that nobody knows.
    fn is_touched_by(&self, functions: &FxHashSet<Func>, field: &Place, owner: OwnerId) -> bool {
        let any_field = |at: Ref| {
            let place = self.project.place(at);
            place.root == field.root && matches!(place.path.first(), Some(Key::Dynamic(_)))
        };
        functions.iter().any(|f| {
            let facts = self.project.facts(f.file);
            self.project.calls_in(*f).iter().any(|&node| {
                let here = |node| Ref { file: f.file, node };
                facts.method_call(node).is_some_and(|call| any_field(here(call.object)))
            })
        }) || field.last().is_some_and(|name| {
            let reads = self.project.method_references(owner, name).into_iter();
            let mut reads = reads.chain(self.references_to(field, &[owner.file]));
            reads.any(|read| functions.contains(&self.project.function_at(read)))
        })
    }

    fn left_slot(&self, a: &Acquisition, row: usize, field: &Place, end: Func) -> Verdict {
        let f = self.project.function_at(a.at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(a.at, f, &scope);
        let evidence = vec![Evidence {
            role: Role::Release,
            at: self.project.function_node(end),
            text: format!(
                "ends the object and others like this, and leaves `{}`",
                self.show_place(field)
            ),
        }];
        let pair = &self.project.tables.pairs[row];
        let leak = self.leak(a, pair, Cause::NotOnTeardown, &scope, &repetition, false, evidence);
        at_most_medium(self.at_least_medium(leak))
    }
}
