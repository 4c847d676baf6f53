//! Fields that are ended by their names: `['client', 'subscriber'].forEach((name) => this[name].quit())`.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::link::{Key, Place, Ref, Root};

impl Judge<'_> {
    /// Whether a place is a field of an object by a name out of a list, and one of some fields is in that list.
    pub(in crate::lifetime) fn is_named_in_list(&self, place: &Place, fields: &[Place]) -> bool {
        let (Root::This(_), [Key::Dynamic(key)]) = (&place.root, &place.path[..]) else {
            return false;
        };
        let own = fields
            .iter()
            .filter(|field| field.root == place.root && field.path.len() == 1);
        let names: Vec<&str> = own.filter_map(Place::last).collect();
        if names.is_empty() {
            return false;
        }
        self.lists_of_names(*key).into_iter().any(|list| {
            let facts = self.project.facts(list.file);
            match facts.node(list.node) {
                Node::Array(elements) => facts
                    .list(elements)
                    .any(|element| facts.string(element).is_some_and(|text| names.contains(&text))),
                _ => false,
            }
        })
    }

    /// The lists whose elements a variable may be: the one it goes through, or those that an unknown call is handed beside
    /// the function whose parameter it is.
    fn lists_of_names(&self, key: Ref) -> Vec<Ref> {
        let facts = self.project.facts(key.file);
        let Node::Binding(b) = facts.node(key.node) else {
            return Vec::new();
        };
        if let Some((list, part)) = self.project.gone_through(key.file, b) {
            let written = match self.project.definitions(&self.project.place(list))[..] {
                [only] if matches!(self.project.node(list), Node::Binding(_)) => only,
                _ => list,
            };
            return if part.is_empty() { vec![written] } else { Vec::new() };
        }
        let Some((f, 0)) = self.project.param_position(key.file, b) else {
            return Vec::new();
        };
        match facts.node(facts.parent(self.project.function(f).node)) {
            Node::Call { args, .. } => facts.list(args).map(|node| Ref { node, ..key }).collect(),
            _ => Vec::new(),
        }
    }
}
