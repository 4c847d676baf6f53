//! Scopes: calls that run a function and take over what it acquires, as `tidy(() => { ... })` does.

use crate::facts::{FunctionId, Node};
use crate::lifetime::{Acquisition, Judge, Kind, Verdict};
use crate::link::{Func, Ref, Use};
use crate::tables::{Every, PairRow, Param, ScopeEnd};

/// Through how many functions a scope around an acquisition is looked for.
const MAX_DEPTH: u32 = 6;

/// A scope around an acquisition.
#[derive(Clone, Copy)]
struct Around {
    /// The call that begins it.
    call: Ref,
    ends: ScopeEnd,
}

impl Judge<'_> {
    /// The verdict on what a scope takes over: it is that on the scope.
    pub(in crate::lifetime) fn taken_over(&self, a: &Acquisition, row: &PairRow) -> Option<Verdict> {
        if row.within.is_empty() {
            return None;
        }
        let around = self.scope_around(self.project.function_at(a.at), row, 0)?;
        Some(match around.ends {
            ScopeEnd::ByItself => Verdict::released("the scope around it ends it", Some(around.call)),
            ScopeEnd::WithReceiver => {
                Verdict::Transferred("the object whose scope it is in takes it over".into(), Vec::new())
            }
            ScopeEnd::WithHandle => {
                let Kind::Pair { row, typed, .. } = a.kind else {
                    return None;
                };
                let pair = &self.project.tables.pairs[row];
                self.judge_pair(&Acquisition::of_row(row, pair, around.call, typed))
            }
        })
    }

    /// The scope that every run of a function is in.
    fn scope_around(&self, f: Func, row: &PairRow, depth: u32) -> Option<Around> {
        if depth > MAX_DEPTH || f.function == FunctionId::MODULE {
            return None;
        }
        let uses = self.project.uses(f);
        let runs = uses.iter().filter(|used| !matches!(used, Use::Exported));
        let around = |used: &Use| match used {
            Use::Called { call } => self.scope_around(self.project.function_at(*call), row, depth + 1),
            Use::Passed { call, arg } => self.scope_of_argument(*call, *arg, row, depth),
            _ => None,
        };
        let mut runs = runs.map(around);
        let first = runs.next()??;
        runs.all(|other| other.is_some()).then_some(first)
    }

    /// The scope that a function is in which a call is given: one that the call begins, the one around it, or one that
    /// the project's own function runs it in: `useMotion(() => { ... })`.
    fn scope_of_argument(&self, call: Ref, arg: usize, row: &PairRow, depth: u32) -> Option<Around> {
        let begun = self.begins_scope(call, arg, row);
        if begun.is_some() || depth > MAX_DEPTH {
            return begun;
        }
        if let Some((context, _)) = self.project.context_of(call, arg) {
            let at_once = self.project.tables.contexts[context].every == Every::Call;
            let outer = self.project.function_at(call);
            return at_once.then(|| self.scope_around(outer, row, depth + 1)).flatten();
        }
        let f = self.project.called_function(call)?;
        let facts = self.project.facts(f.file);
        let param = facts.item(facts.function(f.function).params, arg)?;
        let param = match facts.node(param) {
            Node::Default { target, .. } => target,
            _ => param,
        };
        let Node::Binding(b) = facts.node(param) else {
            return None;
        };
        // What else is done with it, in a list of dependencies say, runs nothing.
        let mut runs = facts.references_of(b).filter_map(|node| {
            let at = Ref {
                file: f.file,
                node: facts.parent(node),
            };
            let Node::Call { callee, args, .. } = facts.node(at.node) else {
                return None;
            };
            if callee == node {
                return Some(self.scope_around(self.project.function_at(at), row, depth + 1));
            }
            let index = facts.list(args).position(|a| a == node)?;
            Some(self.scope_of_argument(at, index, row, depth + 1))
        });
        let first = runs.next()??;
        runs.all(|other| other.is_some()).then_some(first)
    }

    /// The scope that a call runs its argument in, if it takes over what a row acquires.
    fn begins_scope(&self, call: Ref, arg: usize, row: &PairRow) -> Option<Around> {
        let Node::Call { callee, .. } = self.project.node(call) else {
            return None;
        };
        let last = self.project.import_aware_last(Ref { node: callee, ..call })?;
        let entries = self.project.tables.scopes_named(&last).iter();
        let mut entries = entries.filter(|e| e.pattern.params.get(arg) == Some(&Param::Handler));
        let entry = entries.find(|e| {
            let scope = &self.project.tables.scopes[e.row];
            row.within.contains(&scope.name) && self.project.matches_callee(call, &e.pattern, false).is_some()
        })?;
        let ends = self.project.tables.scopes[entry.row].ends;
        Some(Around { call, ends })
    }
}
