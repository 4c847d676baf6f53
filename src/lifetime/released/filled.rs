//! What ends by itself once all is written to it, where who writes may break off before: a file that a request is piped
//! to, which is cut off.

use crate::facts::{Node, NodeId};
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Ref, Use};
use crate::tables::Filled;

/// Through how many calls the source of a chain is looked for: `request.pipe(unzip).pipe(file)`.
const MAX_STEPS: usize = 8;

impl Judge<'_> {
    /// The call by which something that may break off writes to what nobody else has, and that source.
    pub(in crate::lifetime) fn half_written(&self, a: &Acquisition, filled: &Filled) -> Option<(Ref, Ref)> {
        let facts = self.project.facts(a.at.file);
        let up = facts.parent(a.at.node);
        let uses: Vec<NodeId> = match facts.node(up) {
            Node::Declare { target, value } if value == a.at.node => match facts.node(target) {
                Node::Binding(b) => facts.references_of(b).filter(|&node| node != target).collect(),
                _ => return None,
            },
            _ => vec![a.at.node],
        };
        let writes = |node: NodeId| {
            let call = facts.method_call(facts.parent(node))?;
            let takes_it = facts.item(call.args, 0) == Some(node) && facts.name(call.method) == filled.by;
            takes_it.then_some(call)
        };
        // `file.on('error', fail)`, `file.path`.
        let is_looked_at =
            |node: NodeId| matches!(facts.node(facts.parent(node)), Node::Member { object, .. } if object == node);
        if !uses.iter().all(|&node| writes(node).is_some() || is_looked_at(node)) {
            return None;
        }
        let tables = &self.project.tables;
        uses.into_iter().filter_map(writes).find_map(|call| {
            let source = self.source_of(
                Ref {
                    node: call.object,
                    ..a.at
                },
                &filled.by,
            );
            let breaks = self
                .project
                .type_of(source)
                .is_some_and(|id| filled.from.iter().any(|name| tables.is_a(id, name)));
            breaks.then_some((Ref { node: call.at, ..a.at }, source))
        })
    }

    /// Whether a release comes only once all is written: `file.on('finish', () => file.close())`.
    pub(in crate::lifetime) fn comes_when_filled(&self, release: Ref, filled: &Filled) -> bool {
        let uses = self.project.uses(self.project.function_at(release));
        let hears_of_it = |used: &Use| match used {
            Use::Passed { call, arg: 1 } => {
                let event = self.project.argument(*call, 0);
                event.is_some_and(|event| self.project.is_text_of(event, &filled.done))
            }
            _ => false,
        };
        !uses.is_empty() && uses.iter().all(hears_of_it)
    }

    /// What the first of a chain of streams is: `request` of `request.pipe(unzip)`.
    fn source_of(&self, stream: Ref, by: &str) -> Ref {
        let facts = self.project.facts(stream.file);
        let mut node = stream.node;
        for _ in 0..MAX_STEPS {
            match facts.method_call(node).filter(|call| facts.name(call.method) == by) {
                Some(call) => node = call.object,
                None => break,
            }
        }
        Ref { node, ..stream }
    }
}
