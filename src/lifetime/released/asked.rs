//! What ends when its work is done, and waits for more work once it was asked for some: a thread with a message.

use crate::facts::{Node, NodeId};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{FileId, Ref};
use crate::tables::PairRow;

/// What the files of threads name.
const PORT: &str = "parentPort";

impl Judge<'_> {
    /// Evidence that something held here alone is asked for work, so that it waits for more; and whether the file of what
    /// it runs was seen, which does nothing to end it.
    pub(in crate::lifetime) fn asked_and_left(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
    ) -> Option<(Evidence, bool)> {
        let f = self.project.function_at(a.at);
        if flow.places.is_empty() || !self.is_held_here(flow, f) {
            return None;
        }
        let mut asked = Vec::new();
        for method in &row.asked_by {
            self.methods_of_handle(a.at.file, method, flow, &mut asked);
        }
        let at = asked.first()?.at;
        let run = self.file_of_thread(a.at);
        if run.is_some_and(|file| self.answers_once(file)) {
            return None;
        }
        let evidence = Evidence {
            role: Role::Flow,
            at,
            text: "asked for work here; it waits for more then".into(),
        };
        Some((evidence, run.is_some()))
    }

    /// The file that a thread runs, if the project has it: `new Worker('./sum.js')`.
    fn file_of_thread(&self, made: Ref) -> Option<FileId> {
        let given = self.project.argument(made, 0)?;
        let named = self.text_at_end(given)?;
        let name = named.rsplit('/').next()?;
        let files = self.project.files_naming(PORT);
        let mut files = files.iter().copied();
        files.find(|file| {
            let path = &self.project.file(*file).path;
            path.file_name().is_some_and(|file_name| file_name == name)
        })
    }

    /// The last text in an expression: `path.join(__dirname, 'sum.js')`.
    fn text_at_end(&self, at: Ref) -> Option<String> {
        let mut texts = Vec::new();
        let mut stack: Vec<NodeId> = vec![at.node];
        while let Some(node) = stack.pop() {
            let here = Ref { node, ..at };
            match self.project.node(here) {
                Node::Function(_) => {}
                Node::Str(_) | Node::Template(_) | Node::Binding(_) => {
                    texts.extend(self.project.constant_text(here, 0).map(|text| (node, text.to_string())));
                }
                _ => self.project.facts(at.file).children(node, |child| stack.push(child)),
            }
        }
        let last = texts.into_iter().max_by_key(|(node, _)| *node);
        last.map(|(_, text)| text)
    }

    /// Whether code of a thread ends it, or waits for one message only.
    fn answers_once(&self, file: FileId) -> bool {
        let ends = &self.project.tables.conventions.answers_once;
        ends.iter().any(|name| !self.project.calls_named(file, name).is_empty())
    }
}
