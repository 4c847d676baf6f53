//! Signals: what a registration's options hand over as its end, and whether somebody gives that signal.

use crate::facts::{LogicalOp, Node};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Judge, Verdict};
use crate::link::{FileId, Place, Ref};
use crate::tables::PairRow;

/// What the options of a registration say about its end.
pub(in crate::lifetime) enum Ending {
    /// They decide it.
    Known(Verdict),
    /// It ends with a signal of one's own, given by these calls; by none if nobody gives it.
    Signal {
        /// The option's value.
        option: Ref,
        /// The calls.
        given: Vec<Release>,
    },
}

impl Judge<'_> {
    /// `once: true`, `signal`.
    pub(in crate::lifetime) fn ended_by_options(&self, row: &PairRow, options: Option<Ref>) -> Option<Ending> {
        let options = options?;
        // `passive ? { passive: true } : undefined`: what any of them says may end it.
        match self.project.node(options) {
            Node::Logical {
                right,
                op: LogicalOp::And,
                ..
            } => {
                let right = Ref {
                    file: options.file,
                    node: right,
                };
                return self.ended_by_options(row, Some(right));
            }
            Node::Conditional { yes, no, .. }
            | Node::Logical {
                left: yes, right: no, ..
            } => {
                let at = |node| {
                    Some(Ref {
                        file: options.file,
                        node,
                    })
                };
                return self
                    .ended_by_options(row, at(yes))
                    .or_else(|| self.ended_by_options(row, at(no)));
            }
            Node::Undefined | Node::Null | Node::Unary { .. } | Node::Binary { .. } => return None,
            _ => {}
        }
        for member in &row.ended_by {
            let Some(value) = self.project.property(options, member) else {
                continue;
            };
            if matches!(
                self.project.node(value),
                Node::Bool(false) | Node::Undefined | Node::Null
            ) {
                continue;
            }
            if let Some(given) = self.signals_given(value) {
                return Some(Ending::Signal { option: value, given });
            }
            return Some(Ending::Known(Verdict::released(
                format!("ended by its `{member}` option"),
                Some(value),
            )));
        }
        // `useCapture: boolean`
        if self.project.is_of_few_values(options) {
            return None;
        }
        // Options that come from elsewhere may hold any of them.
        if !row.ended_by.is_empty() && !matches!(self.project.node(options), Node::Object(_) | Node::Bool(_)) {
            let place = self.project.place(options);
            let value = self.project.value_of_place(&place);
            match value {
                Some(v) if v != options && matches!(self.project.node(v), Node::Object(_) | Node::Bool(_)) => {
                    return self.ended_by_options(row, Some(v));
                }
                _ => return Some(Ending::Known(Verdict::unknown("its options come from elsewhere"))),
            }
        }
        None
    }

    /// The calls that give a signal, if its source is made in the code that was read and stays there.
    fn signals_given(&self, value: Ref) -> Option<Vec<Release>> {
        let signal = self.project.type_of(value)?;
        let given_by = &self.project.tables.type_row(signal).given_by;
        if given_by.is_empty() {
            return None;
        }
        let source = self.project.place(value).parent()?;
        let mut made = self.project.definitions(&source);
        made.retain(|at| !self.project.node(*at).is_unset());
        // One for each run of this code, and others elsewhere, whose signal nobody has here.
        let begun_in = self.activation(self.project.function_at(value));
        let is_here = |d: &Ref| self.activation(self.project.function_at(*d)) == begun_in;
        let (here, others): (Vec<Ref>, Vec<Ref>) = made.iter().partition(|d| is_here(d));
        if let [only] = here[..] {
            let mut given = self.given_of_source(only, given_by)?;
            given.retain(|r| {
                let f = self.activation(self.project.function_at(r.at));
                let is_just_before = |d: &Ref| self.project.function_at(*d) == f && self.is_before(*d, r.at);
                !others.iter().any(|d| is_just_before(d) && !self.is_conditional(*d))
            });
            return Some(given);
        }
        let (&last, before) = made.split_last()?;
        let given = self.given_of_source(last, given_by)?;
        // One after the other, and nobody gives the signal of any.
        let is_given = |at: &Ref| {
            self.given_of_source(*at, given_by)
                .is_none_or(|given| !given.is_empty())
        };
        let is_alone = before.is_empty() || given.is_empty() && !before.iter().any(is_given);
        is_alone.then_some(given)
    }

    /// The calls that give the signal of a source, if it stays in the code that was read.
    fn given_of_source(&self, made: Ref, given_by: &[String]) -> Option<Vec<Release>> {
        let flow = self.flow(made);
        if flow.places.is_empty() || !flow.passed.is_empty() || !flow.returned.is_empty() || flow.other {
            return None;
        }
        if self.is_handed_out(made, &flow.places) {
            return None;
        }
        let given = self.givers(made, given_by, &flow);
        // Who takes it out of where it is kept as well may give the signal too.
        let is_kept_only = flow.collections.is_empty() || given.is_empty();
        (is_kept_only && !self.is_given_from_table(made, given_by, &flow)).then_some(given)
    }

    /// Whether other code gets what a field holds: `register(this.ending)`, `return this.ending`.
    fn is_handed_out(&self, made: Ref, places: &[Place]) -> bool {
        let files = self.release_files(made, places);
        let fields = places.iter().filter(|place| !place.path.is_empty());
        fields.flat_map(|place| self.references_to(place, &files)).any(|read| {
            let facts = self.project.facts(read.file);
            match facts.node(facts.parent(read.node)) {
                Node::Call { callee, .. } => callee != read.node,
                Node::Return(_) | Node::Array(_) => true,
                Node::Property { value, .. } => value == read.node,
                _ => false,
            }
        })
    }

    /// Whether code gives the signal of what it takes out of a table that the source is put in:
    /// `controllers.get(key)?.abort()`.
    fn is_given_from_table(&self, made: Ref, names: &[String], flow: &Flow) -> bool {
        let tables: Vec<Place> = flow.collections.iter().map(|(table, _)| table.clone()).collect();
        let gives = |file: FileId, name: &String| {
            let facts = self.project.facts(file);
            self.project.calls_named(file, name).iter().any(|&call| {
                let source = facts.method_call(call).map(|m| Ref { file, node: m.object });
                let table = source.and_then(|source| self.collection_of(source, 0));
                table.is_some_and(|table| tables.iter().any(|t| self.project.same_place(t, &table)))
            })
        };
        let files = self.release_files(made, &tables);
        files.into_iter().any(|file| names.iter().any(|name| gives(file, name)))
    }

    /// Calls of `source.abort()`, and places that hand that method on.
    fn givers(&self, made: Ref, names: &[String], flow: &Flow) -> Vec<Release> {
        let mut out = Vec::new();
        for file in self.release_files(made, &flow.places) {
            let facts = self.project.facts(file);
            for name in names {
                let Some(name) = self.project.name_in(file, name) else {
                    continue;
                };
                for node in facts.members_named(name) {
                    let Node::Member { object, .. } = facts.node(node) else {
                        continue;
                    };
                    let source = self.project.place(Ref { file, node: object });
                    if flow.places.iter().any(|p| self.project.same_place(p, &source)) {
                        let up = facts.parent(node);
                        let at = match facts.node(up) {
                            Node::Call { callee, .. } if callee == node => up,
                            _ => node,
                        };
                        out.push(Release {
                            at: Ref { file, node: at },
                            wrong: None,
                        });
                    }
                }
            }
        }
        out
    }
}
