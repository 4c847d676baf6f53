//! What ends by itself once it is read to the end, where who reads it may stop before: a file that is piped to a
//! response, which closes when the other side hangs up.

use crate::facts::{BindingId, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{FileId, Ref};
use crate::tables::{CallPattern, Drained, PairRow};

/// Through how many names and calls something is followed: `open().on('error', f).pipe(zip).pipe(response)`.
const MAX_STEPS: usize = 12;

/// A walk over everything that is done with something whose content is handed on.
struct Reading<'r> {
    drained: &'r Drained,
    /// What ends it.
    ends: &'r [CallPattern],
    /// Where it is made.
    made: Ref,
    /// The calls that hand its content on.
    pipes: Vec<Ref>,
}

impl Reading<'_> {
    /// Whether a method ends it.
    fn is_end(&self, method: &str) -> bool {
        self.ends.iter().any(|end| end.last() == method)
    }
}

impl Judge<'_> {
    /// Evidence that something is read only as far as a target takes it that may close at any time, and that nobody
    /// ends it then; with the target.
    pub(in crate::lifetime) fn left_half_read(
        &self,
        a: &Acquisition,
        row: &PairRow,
        releases: &[Release],
    ) -> Option<(Evidence, Ref)> {
        let drained = row.drained.as_ref().filter(|_| releases.is_empty())?;
        let mut reading = Reading {
            drained,
            ends: &self.project.tables.releases[a.row()?],
            made: a.at,
            pipes: Vec::new(),
        };
        let is_own = self.is_only_drained(a.at, &mut reading, 0) && self.is_given_drained(a, &mut reading);
        if !is_own {
            return None;
        }
        let (call, into) = reading.pipes.iter().find_map(|call| self.closing_end(*call, drained))?;
        let evidence = Evidence {
            role: Role::Flow,
            at: call,
            text: format!("leaves it open if `{}` closes before the end", self.show(into)),
        };
        Some((evidence, into))
    }

    /// Whether nobody but the code around has something, in a variable at most, and does not end it.
    fn is_only_drained(&self, at: Ref, reading: &mut Reading<'_>, depth: usize) -> bool {
        if depth > MAX_STEPS {
            return false;
        }
        let facts = self.project.facts(at.file);
        if let Some(called) = facts.method_called_on(at.node) {
            let call = Ref { node: called.at, ..at };
            let method = facts.name(called.method);
            if method == reading.drained.by {
                reading.pipes.push(call);
                return true;
            }
            // `open().on('error', f)` may give the thing itself.
            return !reading.is_end(method) && self.is_only_drained(call, reading, depth + 1);
        }
        let up = facts.parent(at.node);
        match facts.node(up) {
            Node::Declare { target, value } if value == at.node => {
                matches!(facts.node(target), Node::Binding(b) if self.are_reads_drained(at.file, b, target, reading, depth))
            }
            Node::Block(_) => true,
            // `if (file)`, where the variable is let go elsewhere.
            Node::If { test, .. } | Node::Conditional { test, .. } => test == at.node && depth > 0,
            Node::Member { property, .. } => !reading.is_end(facts.name(property)),
            // `incoming.pipe(outgoing)` writes to it.
            Node::Call { .. } => facts
                .method_call(up)
                .is_some_and(|call| call.object != at.node && facts.name(call.method) == reading.drained.by),
            // `() => file.resume()`, in code that has it already.
            Node::Function(_) => depth > 0 && self.project.function_at(at) != self.project.function_at(reading.made),
            _ => false,
        }
    }

    fn are_reads_drained(
        &self,
        file: FileId,
        b: BindingId,
        declared: NodeId,
        reading: &mut Reading<'_>,
        depth: usize,
    ) -> bool {
        let facts = self.project.facts(file);
        let mut reads = facts.references_of(b).filter(|&node| node != declared);
        // `file = null` ends nothing.
        let is_let_go = |node| match facts.node(facts.parent(node)) {
            Node::Assign { target, value, .. } => target == node && facts.node(value).is_absent(),
            _ => false,
        };
        reads.all(|node| match facts.is_written(node) {
            true => is_let_go(node),
            false => self.is_only_drained(Ref { file, node }, reading, depth + 1),
        })
    }

    /// The same for what its function is given, where there is one: `get(url, (answer) => answer.pipe(response))`.
    fn is_given_drained(&self, a: &Acquisition, reading: &mut Reading<'_>) -> bool {
        let Some(handler) = a.handler() else { return true };
        let Some(f) = self.project.function_value(handler, 0) else {
            return false;
        };
        let facts = self.project.facts(f.file);
        let given = facts.item(self.project.function(f).params, 0);
        given.is_some_and(|node| match facts.node(node) {
            Node::Binding(b) => self.are_reads_drained(f.file, b, node, reading, 0),
            _ => false,
        })
    }

    /// The call in a chain of handing on that ends at what may close at any time, and that.
    fn closing_end(&self, pipe: Ref, drained: &Drained) -> Option<(Ref, Ref)> {
        let tables = &self.project.tables;
        let closes = |id| drained.into.iter().any(|name| tables.is_a(id, name));
        let mut call = pipe;
        for _ in 0..MAX_STEPS {
            let into = self.project.argument(call, 0)?;
            if self.project.type_of(into).is_some_and(closes) {
                return Some((call, into));
            }
            let facts = self.project.facts(call.file);
            let next = facts.method_called_on(call.node)?;
            if facts.name(next.method) != drained.by {
                return None;
            }
            call.node = next.at;
        }
        None
    }
}
