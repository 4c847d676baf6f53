//! Tables that are emptied while what is in them goes on: other code ends each element that it takes out.
//!
//! `this.links.get(id)?.destroy(); this.links.delete(id)` says that the elements have to be ended; `this.links.clear()`
//! in another method leaves them all without an end.

use crate::facts::{AssignOp, CallKind, FunctionId, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::growth::Growth;
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind};
use crate::link::{FileId, Func, Place, Ref, Repetition, Root};
use crate::tables::Base;

/// How many calls of one name are asked whether they end an element.
const MAX_CALLS: usize = 100;

/// Where a table is emptied, and which.
struct Emptied {
    at: Ref,
    table: Place,
}

impl Judge<'_> {
    /// Adds what a file puts into tables that are emptied without an end of what is in them.
    pub(in crate::lifetime) fn judge_emptied(&self, file: FileId, growths: &[Growth], out: &mut Vec<Judged>) {
        let Some(row) = self.row_told_by_method() else { return };
        for emptied in self.emptied_tables(file) {
            let ended = self.elements_ended(&emptied, row);
            let goes_on = |_: &Ref| !self.ends_around(&emptied, &ended) && !self.is_beginning(&emptied, &ended);
            let Some(first) = ended.first().copied().filter(goes_on) else {
                continue;
            };
            let put = growths.iter().find(|g| {
                let into = self.project.place(g.collection);
                self.project.same_place(&into, &emptied.table)
            });
            let found = put.and_then(|put| self.left_in_table(put, &emptied, first, row));
            let is_told = |at: Ref| {
                let mut known = out.iter().map(|judged| &judged.acquisition);
                known.any(|a| a.at == at && matches!(a.kind, Kind::Pair { .. }))
            };
            if let Some(judged) = found.filter(|judged| !is_told(judged.acquisition.at)) {
                out.push(judged);
            }
        }
    }

    /// The verdict on what is put into a table that is emptied, where other code ends elements.
    fn left_in_table(&self, put: &Growth, emptied: &Emptied, ended: Ref, row: usize) -> Option<Judged> {
        let at = put.value.and_then(|value| self.origin_of(value)).unwrap_or(put.at);
        // What an object of the project's own class holds was read: nothing, perhaps.
        if self.class_made(at).is_some_and(|class| !self.holds_beyond(class)) {
            return None;
        }
        let f = self.project.function_at(put.at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(put.at, f, &scope);
        let again = self.project.repetition(self.project.function_at(emptied.at));
        if matches!(repetition, Repetition::Once) || matches!(again, Repetition::Once) {
            return None;
        }
        let table = self.show_place(&emptied.table);
        let evidence = vec![
            Evidence {
                role: Role::Flow,
                at: emptied.at,
                text: format!("`{table}` is emptied here, and what is in it goes on"),
            },
            Evidence {
                role: Role::Release,
                at: ended,
                text: "ends an element here".into(),
            },
        ];
        let pair = &self.project.tables.pairs[row];
        let acquisition = Acquisition::of_row(row, pair, at, false);
        let verdict = self.leak(
            &acquisition,
            pair,
            Cause::HandleLost,
            &scope,
            &repetition,
            false,
            evidence,
        );
        let verdict = at_most_medium(self.at_least_medium(verdict));
        Some(Judged { acquisition, verdict })
    }

    fn row_told_by_method(&self) -> Option<usize> {
        let releases = &self.project.tables.releases;
        let by_method = |row: usize| releases[row].iter().any(|r| r.base == Base::AnyMethod);
        let pairs = self.project.tables.pairs.iter();
        pairs
            .enumerate()
            .find_map(|(row, p)| (p.told_by_end && by_method(row)).then_some(row))
    }

    /// `table.clear()`, `this.table = new Map()`, in code that runs after the table was made.
    fn emptied_tables(&self, file: FileId) -> Vec<Emptied> {
        let facts = self.project.facts(file);
        let conventions = &self.project.tables.conventions;
        let here = |node| Ref { file, node };
        let mut out = Vec::new();
        for call in facts.method_calls() {
            let empties =
                facts.list(call.args).len() == 0 && conventions.empty.iter().any(|e| e == facts.name(call.method));
            if empties {
                out.push((here(call.at), self.project.place(here(call.object))));
            }
        }
        for &write in &facts.writes {
            let Node::Assign {
                target,
                value,
                op: AssignOp::Set,
            } = facts.node(write)
            else {
                continue;
            };
            let is_empty = match facts.node(value) {
                Node::Array(list) | Node::Object(list) => facts.list(list).len() == 0,
                Node::Call {
                    args,
                    kind: CallKind::New,
                    ..
                } => facts.list(args).len() == 0 && self.is_keyed_collection(here(value)),
                _ => false,
            };
            if is_empty {
                out.push((here(write), self.project.place(here(target))));
            }
        }
        let is_table = |place: &Place| match place.root {
            Root::This(_) => place.path.len() == 1,
            Root::Binding(..) => place.path.is_empty(),
            _ => false,
        };
        let runs_later =
            |at: Ref| self.project.function_at(at).function != FunctionId::MODULE && !self.is_constructor(at);
        let found = out.into_iter().filter(|(at, table)| is_table(table) && runs_later(*at));
        found.map(|(at, table)| Emptied { at, table }).collect()
    }

    /// Where code of the file ends elements of a table, by one of the methods of a row.
    fn elements_ended(&self, emptied: &Emptied, row: usize) -> Vec<Ref> {
        let file = emptied.at.file;
        let mut out = Vec::new();
        for release in &self.project.tables.releases[row] {
            for &node in self.project.calls_named(file, release.last()).iter().take(MAX_CALLS) {
                let call = Ref { file, node };
                let Some(called) = self.project.facts(file).method_call(node) else {
                    continue;
                };
                let of = self.collection_of(
                    Ref {
                        file,
                        node: called.object,
                    },
                    0,
                );
                if of.is_some_and(|of| self.project.same_place(&of, &emptied.table)) {
                    out.push(call);
                }
            }
        }
        out.sort_unstable();
        out
    }

    /// Whether the function that empties a table, or one that runs it, looks at the elements first, or ends some.
    fn ends_around(&self, emptied: &Emptied, ended: &[Ref]) -> bool {
        let f = self.project.function_at(emptied.at);
        let top = self.project.method_around(f).map_or(f, |(.., top)| top);
        let read_beside = self
            .references_in(&emptied.table, emptied.at.file)
            .into_iter()
            .any(|read| {
                let facts = self.project.facts(read.file);
                let g = self.project.function_at(read);
                (g == f || self.project.is_within(g, top)) && !facts.is_inside(read.node, emptied.at.node)
            });
        let ends = |g: Func| {
            let reach = self.project.reach(&[g]);
            ended.iter().any(|e| reach.contains(&self.project.function_at(*e)))
        };
        let callers = self.project.callers(top);
        read_beside
            || ends(top)
            || callers.calls.iter().any(|call| {
                let g = self.project.function_at(*call);
                let outer = self.project.method_around(g).map_or(g, |(.., outer)| outer);
                ends(outer)
            })
    }

    /// Whether an assignment makes a table rather than emptying it: all others stand where the elements are ended.
    fn is_beginning(&self, emptied: &Emptied, ended: &[Ref]) -> bool {
        if !matches!(self.project.node(emptied.at), Node::Assign { .. }) {
            return false;
        }
        let facts = self.project.facts(emptied.at.file);
        let others = self.project.definitions(&emptied.table).into_iter();
        let mut others = others.filter(|made| !facts.is_inside(made.node, emptied.at.node));
        others.all(|at| {
            let table = emptied.table.clone();
            self.project.node(at).is_absent() || self.ends_around(&Emptied { at, table }, ended)
        })
    }

    /// The expression that makes what is put into a table: itself, or what its variable began with.
    fn origin_of(&self, value: Ref) -> Option<Ref> {
        let mut at = value;
        if let Node::Binding(_) = self.project.node(at) {
            let made = self.project.definitions(&self.project.place(at));
            at = *made.first().filter(|_| made.len() == 1)?;
        }
        while let Node::Await(inner) = self.project.node(at) {
            at.node = inner;
        }
        matches!(self.project.node(at), Node::Call { .. }).then_some(at)
    }
}
