//! Entries that wait for an answer, where one kind of answer is told to who waits and returns before the entry is taken
//! out.

use crate::facts::{BindingId, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::Grown;
use crate::lifetime::grown::touched::Touched;
use crate::link::Ref;

impl Judge<'_> {
    /// `if (error) return waiting(error); table.delete(id);`: who waits has its last answer, and its entry stays.
    pub(in crate::lifetime) fn answered_and_left(
        &self,
        grown: &Grown,
        touched: &Touched,
    ) -> Option<(Ref, &'static str)> {
        let at = touched.looked_up.iter().find_map(|&(at, _)| {
            let facts = self.project.facts(at.file);
            let f = self.project.function_at(at);
            let taken: Vec<Ref> = touched.shrinks.iter().map(|s| s.0).collect();
            let beside: Vec<Ref> = taken
                .into_iter()
                .filter(|s| self.project.function_at(*s) == f)
                .collect();
            let entry = self.looked_up_as(at).filter(|_| !beside.is_empty())?;
            let mut answers = facts.references_of(entry).filter_map(|node| facts.call_through(node));
            let left = answers.find(|&call| {
                let call = Ref { node: call, ..at };
                self.project.function_at(call) == f
                    && self.is_last_answer(call, entry, grown)
                    && self.is_apart(call, &beside)
                    && !self.taken_out_before(call, touched)
            })?;
            Some(Ref { node: left, ..at })
        })?;
        Some((at, "its last answer; on this way the entry is left in"))
    }

    /// What looks an entry up at a reference to a table: `table[key]`, `table.get(key)`.
    pub(in crate::lifetime) fn entry_looked_up(&self, table: Ref) -> NodeId {
        let facts = self.project.facts(table.file);
        let up = facts.parent(table.node);
        match facts.node(up) {
            Node::Index { .. } => up,
            _ => facts.parent(up),
        }
    }

    /// The variable that gets what is looked up.
    pub(in crate::lifetime) fn looked_up_as(&self, at: Ref) -> Option<BindingId> {
        let facts = self.project.facts(at.file);
        let element = self.entry_looked_up(at);
        match facts.node(facts.parent(element)) {
            Node::Declare { target, value } if value == element => match facts.node(target) {
                Node::Binding(b) => Some(b),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether no other answer can follow: a promise is settled once, and a callback that hears of an error first hears
    /// of nothing after it (<https://nodejs.org/api/errors.html#error-first-callbacks>).
    fn is_last_answer(&self, call: Ref, entry: BindingId, grown: &Grown) -> bool {
        let facts = self.project.facts(call.file);
        if self
            .settler_called(call, grown)
            .is_some_and(|v| self.promise_of(v, 0).is_some())
        {
            return true;
        }
        let first_of = |node: NodeId| match facts.node(node) {
            Node::Call { args, .. } => Some((facts.node(facts.item(args, 0)?), facts.list(args).len())),
            _ => None,
        };
        let is_failure = |node| first_of(node).is_some_and(|(first, count)| count == 1 && !first.is_absent());
        let is_success = |node| first_of(node).is_some_and(|(first, count)| count > 1 && first.is_absent());
        let mut others = facts.references_of(entry).filter_map(|node| facts.call_through(node));
        is_failure(call.node) && others.any(|other| other != call.node && is_success(other))
    }

    /// What a call of an entry calls: the value that was put in, or a part of it.
    pub(in crate::lifetime) fn settler_called(&self, call: Ref, grown: &Grown) -> Option<Ref> {
        let put = grown.growth.value?;
        let Some(called) = self.project.facts(call.file).method_call(call.node) else {
            return Some(put);
        };
        let method = self.project.facts(call.file).name(called.method);
        self.project.property(self.put_as(grown)?, method)
    }

    /// The object that is put in, where a variable has it.
    pub(in crate::lifetime) fn put_as(&self, grown: &Grown) -> Option<Ref> {
        let put = grown.growth.value?;
        match self.project.node(put) {
            Node::Binding(b) => Some(Ref {
                node: self.project.facts(put.file).binding(b).init?,
                ..put
            }),
            _ => Some(put),
        }
    }

    /// Whether the code around a call returns right after it, before the places where an entry is taken out, or is the
    /// other branch of a condition.
    fn is_apart(&self, call: Ref, taken: &[Ref]) -> bool {
        let facts = self.project.facts(call.file);
        let is_later = |t: &Ref| self.is_before(call, *t);
        let mut at = call.node;
        loop {
            let up = facts.parent(at);
            match facts.node(up) {
                Node::Return(_) => return taken.iter().all(is_later),
                Node::Block(list) => {
                    let after = facts.list(list).skip_while(|&s| s != at).nth(1);
                    let returns = after.is_some_and(|s| matches!(facts.node(s), Node::Return(_)));
                    let is_inside = |t: &Ref| facts.is_inside(t.node, up);
                    if returns || taken.iter().any(is_inside) {
                        return returns && taken.iter().all(|t| is_later(t) && !is_inside(t));
                    }
                    at = up;
                }
                Node::If { yes, no, .. } if at == yes || at == no => {
                    let other = if at == yes { no } else { yes };
                    return taken.iter().all(|t| facts.is_inside(t.node, other));
                }
                // Another case of the same choice, which goes no further.
                Node::Case { body, .. } => {
                    let choice = facts.parent(up);
                    let is_last = matches!(facts.node(choice), Node::Switch { cases, .. }
                        if facts.list(cases).next_back() == Some(up));
                    let is_in_other = |t: &Ref| facts.is_inside(t.node, choice) && !facts.is_inside(t.node, up);
                    let goes_no_further = is_last || self.leaves_case(Ref { node: body, ..call });
                    return goes_no_further && taken.iter().all(is_in_other);
                }
                Node::If { .. } | Node::Function(_) | Node::Loop { .. } | Node::Try { .. } => return false,
                _ => at = up,
            }
        }
    }

    /// Whether a function that is called before a node takes entries out.
    fn taken_out_before(&self, call: Ref, touched: &Touched) -> bool {
        let f = self.project.function_at(call);
        let mut calls = self.project.calls_in(f).iter().map(|&node| Ref { node, ..call });
        calls.any(|other| {
            self.is_before(other, call)
                && self
                    .project
                    .called_function(other)
                    .is_some_and(|g| self.takes_out(g, touched))
        })
    }
}
