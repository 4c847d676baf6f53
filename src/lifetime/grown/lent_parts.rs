//! Collections that are parts of an object which is handed to others as a whole: `require('./methods')(app)`.

use crate::facts::{BindingKind, Node};
use crate::lifetime::Judge;
use crate::lifetime::grown::touches::Touch;
use crate::link::{Key, Place, Ref, Root};

impl Judge<'_> {
    /// Where a function that is handed the object of a collection takes something out of it.
    pub(in crate::lifetime) fn shrunk_where_lent(&self, place: &Place) -> Option<Ref> {
        let (Root::Binding(file, b), [Key::Name(name)]) = (&place.root, place.path.as_slice()) else {
            return None;
        };
        let facts = self.project.facts(*file);
        let is_handed_on = facts.references_of(*b).any(
            |node| matches!(facts.node(facts.parent(node)), Node::Call { args, .. } if facts.list(args).any(|a| a == node)),
        );
        if !is_handed_on {
            return None;
        }
        self.project.files_naming(name).iter().find_map(|&file| {
            let wanted = self.project.name_in(file, name)?;
            let mut references = self.project.facts(file).members_named(wanted);
            references.find_map(|node| {
                let at = Ref { file, node };
                let there = self.project.place(at);
                let of_parameter = matches!(there.root, Root::Binding(f, b)
                    if self.project.facts(f).binding(b).kind == BindingKind::Param);
                let shrinks =
                    of_parameter && there.path == place.path && matches!(self.touch(at, place, 0), Touch::Shrinks(_));
                shrinks.then_some(at)
            })
        })
    }
}
