//! Streams that whoever hands them to a component completes as its own end comes:
//! `made.instance.resized = this.panel.resized`, and `this.panel.resized.complete()` in the teardown.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::link::{Key, Place, Ref, Root};

/// In how many files a field may be named for what is put into it to be known.
const MAX_FILES: usize = 40;

impl Judge<'_> {
    /// The call that completes what is in a field of a component, where each place that puts something into it from
    /// outside belongs to an object whose end does so.
    pub(in crate::lifetime) fn completed_by_giver(&self, source: Ref) -> Option<Ref> {
        let place = self.project.place(source);
        let (Root::This(owner), [Key::Name(field)]) = (&place.root, &place.path[..]) else {
            return None;
        };
        let files = self.project.files_naming(field);
        if !self.teardowns(*owner).1 || files.len() > MAX_FILES {
            return None;
        }
        let mut completed = None;
        for &file in files
            .iter()
            .filter(|&&file| !self.project.is_test_of(file, source.file))
        {
            let facts = self.project.facts(file);
            let Some(name) = self.project.name_in(file, field) else {
                continue;
            };
            for node in facts.members_named(name).filter(|&node| facts.is_written(node)) {
                let at = Ref { file, node };
                if matches!(self.project.place(at).root, Root::This(_)) && self.is_own_field(at) {
                    continue;
                }
                completed = Some(self.completed_at_end_of(at)?);
            }
        }
        completed
    }

    /// `this.resized`, and nothing deeper.
    fn is_own_field(&self, at: Ref) -> bool {
        self.project.place(at).path.len() == 1
    }

    /// Where the teardown of the object that puts a value into a field completes that value.
    fn completed_at_end_of(&self, put: Ref) -> Option<Ref> {
        let facts = self.project.facts(put.file);
        let Node::Assign { target, value, .. } = facts.node(facts.parent(put.node)) else {
            return None;
        };
        let given = self.project.place(Ref { node: value, ..put });
        if target != put.node || !matches!(given.root, Root::This(_)) || given.path.is_empty() {
            return None;
        }
        let (giver, ..) = self.project.method_around(self.project.function_at(put))?;
        let reach = self.project.reach(&self.teardowns(giver).0);
        let ends = &self.project.tables.conventions.ends_stream;
        let completes = |place: &Place, method: &str| ends.iter().any(|end| end == method) && *place == given;
        facts.method_calls().find_map(|call| {
            let here = |node| Ref { node, ..put };
            let is_it = completes(&self.project.place(here(call.object)), facts.name(call.method));
            (is_it && reach.contains(&self.project.function_at(here(call.at)))).then(|| here(call.at))
        })
    }
}
