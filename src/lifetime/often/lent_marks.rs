//! Marks on what was handed over: `socket.busy = true`. Other code that is handed the same may take them back.

use crate::facts::{FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{FileId, Place, Ref, Root};

impl Judge<'_> {
    /// Whether a mark is taken back by the function that set it, where what the function does under the mark has failed:
    /// `started = true; connect().then(listen).catch(() => { started = false; })`.
    pub(in crate::lifetime) fn is_where_marked_work_failed(&self, taken_back: Ref, set_at: Ref) -> bool {
        let f = self.project.function_at(set_at);
        f.function != FunctionId::MODULE
            && f.file == taken_back.file
            && self.project.is_within(self.project.function_at(taken_back), f)
            && self.is_where_it_failed(taken_back)
    }

    /// Whether a mark on a part of something, `request.socket.busy`, is taken back in another file, where nothing is taken off
    /// the marked object meanwhile. The marked object is known by its name there.
    pub(in crate::lifetime) fn is_taken_back_elsewhere(&self, mark: &Place, file: FileId) -> bool {
        let (Root::Binding(of, b), Some(name), Some(marked)) = (&mark.root, mark.last(), mark.parent()) else {
            return false;
        };
        let is_local = self.project.facts(*of).binding(*b).function != FunctionId::MODULE;
        let Some(marked) = marked.last().filter(|_| is_local) else {
            return false;
        };
        let files = self.project.files_naming(name);
        files.iter().filter(|&&other| other != file).any(|&other| {
            let writes = self.project.writes_to(other, name).iter();
            writes
                .map(|&node| Ref { file: other, node })
                .any(|write| self.empties_part_of(write, marked))
        })
    }

    /// `socket.busy = null`, in code that takes nothing off `socket`.
    fn empties_part_of(&self, write: Ref, marked: &str) -> bool {
        let here = |node| Ref { node, ..write };
        let target = match self.project.node(write) {
            Node::Assign { target, value, .. }
                if matches!(self.project.node(here(value)), Node::Null | Node::Undefined) =>
            {
                target
            }
            Node::Delete(target) => target,
            _ => return false,
        };
        let Node::Member { object, .. } = self.project.node(here(target)) else {
            return false;
        };
        let is_marked = |at: Ref| self.project.last_name(at) == Some(marked);
        let takes_off = |&call: &NodeId| {
            let Node::Call { callee, .. } = self.project.node(here(call)) else {
                return false;
            };
            match self.project.node(here(callee)) {
                Node::Member { object, property, .. } => {
                    let method = self.project.text(write.file, property);
                    !self.project.tables.releases_named(method).is_empty() && is_marked(here(object))
                }
                _ => false,
            }
        };
        let f = self.project.function_at(write);
        is_marked(here(object)) && !self.project.calls_in(f).iter().any(takes_off)
    }
}
