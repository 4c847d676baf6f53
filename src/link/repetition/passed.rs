//! Functions that are handed to code of the project, or given back by it: what is done with them there.

use super::{Repetition, Walk};
use crate::facts::{Node, NodeId};
use crate::link::{Func, Project, Ref, Use};
use crate::tables::{Every, Param};

impl Project {
    /// The project's own function that receives an argument, and its parameter.
    pub(super) fn parameter_of(&self, call: Ref, arg: usize) -> Option<(Func, NodeId)> {
        let to = self.called_function(call)?;
        let facts = self.facts(to.file);
        Some((to, facts.item(facts.function(to.function).params, arg)?))
    }

    pub(super) fn by_passing(&self, f: Func, call: Ref, arg: usize, path: &mut Walk) -> Repetition {
        if let Some((index, param)) = self.context_of(call, arg) {
            return match (self.tables.contexts[index].every, param) {
                (Every::Later, _) if self.sets_its_next_run(f, call) => {
                    self.repeated(Every::Run, call, "sets its own next run")
                }
                (Every::Call | Every::Later, _) => self.at_call(call, path, || "runs its callback".into()),
                (Every::Once, _) => Repetition::Once,
                (Every::Event, _)
                    if self.is_taken_off_at_first(call, arg)
                        || self.says_it_is_ready(call)
                        || self.is_loaded_once(call)
                        || self.is_told_once(call, path) =>
                {
                    self.at_call(call, path, || "runs its callback".into())
                }
                (Every::Mount, Param::Setup) if self.is_effect_of_root(call) => Repetition::Once,
                (Every::Mount, Param::Handler) if arg == 0 && self.is_mount_of_root(call) => Repetition::Once,
                (Every::Mount, Param::Setup)
                    if self.tables.contexts[index].ends_by.is_some() && self.is_mounted_at_start(call.file) =>
                {
                    Repetition::Once
                }
                (Every::Mount, _) if self.is_hook_of_root_file(call) => Repetition::Once,
                _ => self.by_row(
                    index,
                    call,
                    !self.tables.contexts[index].guess && !self.says_part_is_ready(call),
                ),
            };
        }
        if let Some((to, param)) = self.parameter_of(call, arg) {
            return self.by_parameter(f, call, to, param, path);
        }
        match self.by_event_name(call, arg) {
            Repetition::Unknown => self.by_answer(f, call, arg, path),
            found => found,
        }
    }

    /// A function that nobody knows what is done with, and that is told first whether something failed, as answers are:
    /// `database.query(text, (error, rows) => ...)`. It runs for each question, as far as such a name says.
    fn by_answer(&self, f: Func, call: Ref, arg: usize, path: &mut Walk) -> Repetition {
        if self.argument(call, arg + 1).is_some() || !self.is_told_of_failure(f) {
            return Repetition::Unknown;
        }
        match self.at_call(call, path, || "is answered".into()).unproven() {
            found @ Repetition::Repeated { .. } => found,
            // Once is asked, and as often as there is news.
            _ => Repetition::Unknown,
        }
    }

    /// The function that answers a question to code that nobody knows: `library.load((error) => ...)`.
    pub fn answer_of(&self, call: Ref) -> Option<Func> {
        let Node::Call { args, .. } = self.node(call) else {
            return None;
        };
        let facts = self.facts(call.file);
        let (last, node) = facts.list(args).enumerate().next_back()?;
        let is_unknown = self.context_of(call, last).is_none() && self.called_function(call).is_none();
        let f = self.function_value(Ref { node, ..call }, 0).filter(|_| is_unknown)?;
        self.is_told_of_failure(f).then_some(f)
    }

    /// `(error, rows) => ...`
    fn is_told_of_failure(&self, f: Func) -> bool {
        let facts = self.facts(f.file);
        let first = facts.item(facts.function(f.function).params, 0);
        let Some(Node::Binding(b)) = first.map(|first| facts.node(first)) else {
            return false;
        };
        let name = facts.name(facts.binding(b).name);
        let mut names = self.tables.conventions.error_names.iter();
        // `e` is an event as often as an error.
        name.len() > 1 && names.any(|error| error == name)
    }

    /// A function handed to the project's own code: what that code does with it.
    pub(super) fn by_parameter(&self, f: Func, call: Ref, to: Func, param: NodeId, path: &mut Walk) -> Repetition {
        let facts = self.facts(to.file);
        let inner = match facts.node(param) {
            Node::Default { target, .. } | Node::Rest(target) => target,
            _ => param,
        };
        let Node::Binding(b) = facts.node(inner) else {
            return Repetition::Unknown;
        };
        if path.contains(to) {
            return Repetition::Unknown;
        }
        path.push(to);
        let mut best: Option<Repetition> = None;
        for node in facts.references_of(b) {
            if node == inner {
                continue;
            }
            let mut uses = Vec::new();
            self.value_uses(Ref { file: to.file, node }, &mut uses, 2);
            for used in uses {
                let found = match &used {
                    // Called within the callee itself: as often as the outer call. So is what runs behind a flag of it.
                    Use::Called { call: inner }
                        if self.function_at(*inner) == to || self.is_called_at_first_run(to, *inner) =>
                    {
                        path.pop();
                        let found = self.at_call(call, path, || "runs its callback".into());
                        path.push(to);
                        found
                    }
                    // `wrap(f)` of `(f) => (request) => f(request)`: as often as what this call gives back.
                    Use::Called { call: inner } if self.is_in_result(to, *inner) => self.by_result(f, call, path),
                    // `on('load', f)` of `on(type, f) { window.addEventListener(type, f); }`: what the caller asks for comes once.
                    Use::Passed { call: inner, arg } if self.comes_once_for(*inner, *arg, call) => {
                        path.pop();
                        let found = self.at_call(call, path, || "runs its callback".into());
                        path.push(to);
                        found
                    }
                    other => self.by_use(f, other, path),
                };
                best = Some(Repetition::either(best, found));
            }
        }
        path.pop();
        best.unwrap_or(Repetition::Unknown)
    }

    /// Whether what a call hands on comes once for each registration, by what the caller says it waits for.
    fn comes_once_for(&self, call: Ref, arg: usize, caller: Ref) -> bool {
        let row = self.context_for_caller(call, arg, caller);
        row.is_some_and(|(row, _)| matches!(self.tables.contexts[row].every, Every::Later | Every::Once))
    }

    /// Whether a node stands in a function that another one gives back.
    pub(super) fn is_in_result(&self, from: Func, at: Ref) -> bool {
        let given = self.returned_values(from).into_iter();
        let mut given = given.filter_map(|value| self.function_value(value, 0));
        given.any(|g| g != from && self.is_within(self.function_at(at), g))
    }

    /// What is done with the result of a call.
    pub(super) fn by_result(&self, f: Func, call: Ref, path: &mut Walk) -> Repetition {
        let mut uses = Vec::new();
        self.value_uses(call, &mut uses, 2);
        let mut best = None;
        for used in &uses {
            best = Some(Repetition::either(best, self.by_use(f, used, path)));
        }
        best.unwrap_or(Repetition::Unknown)
    }

    /// A function that another gives back: what the callers of that do with it.
    pub(super) fn by_return(&self, from: Func, path: &mut Walk) -> Repetition {
        if let Some(made) = self.made_by(from) {
            return match made.row {
                Some(row) => self.by_row(row, made.at, !self.tables.contexts[row].guess),
                None => self.repeated(made.every, made.at, &made.text),
            };
        }
        if path.contains(from) || path.is_too_long() {
            return Repetition::Unknown;
        }
        path.push(from);
        let mut best = self.by_values_of_getter(from, path);
        for used in self.all_uses(from) {
            match used {
                Use::Called { call } => {
                    let mut uses = Vec::new();
                    self.value_uses(call, &mut uses, 2);
                    for used in uses {
                        let found = self.by_use(from, &used, path);
                        best = best.or(found);
                    }
                }
                // The result of a cleanup-returning callback runs at the end.
                Use::Passed { call, arg } => {
                    if let Some((row, Param::Setup)) = self.context_of(call, arg) {
                        let every = self.tables.contexts[row].every;
                        best = best.or(self.repeated(every, call, "runs as cleanup"));
                    }
                }
                _ => {}
            }
        }
        path.pop();
        best
    }
}
