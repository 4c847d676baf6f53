//! Fields that are ended by their names: `['client', 'subscriber'].forEach((name) => this[name].quit())`, also where these
//! are put together: ``this[`${name}Timer`]``.

use crate::facts::{Node, NodeId};
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
        let (head, variable, tail) = self.put_together(*key);
        let is_name = |text: &str| {
            let rest = |name: &&str| name.strip_prefix(&*head).and_then(|rest| rest.strip_suffix(&*tail)) == Some(text);
            names.iter().any(rest)
        };
        self.lists_of_names(variable).into_iter().any(|list| {
            let facts = self.project.facts(list.file);
            match facts.node(list.node) {
                Node::Array(elements) => facts
                    .list(elements)
                    .any(|element| facts.string(element).is_some_and(is_name)),
                _ => false,
            }
        })
    }

    /// What a name is made of: the text before a part that changes, that part, and the text behind it.
    fn put_together(&self, key: Ref) -> (Box<str>, Ref, Box<str>) {
        let facts = self.project.facts(key.file);
        let here = |node| Ref { node, ..key };
        let text = |node| self.project.constant_text(here(node), 0);
        let parts: Vec<NodeId> = match facts.node(key.node) {
            Node::Template(parts) => facts.list(parts).collect(),
            Node::Binary { left, right, .. } => vec![left, right],
            _ => Vec::new(),
        };
        let mut changing = parts.iter().filter(|part| text(**part).is_none());
        let (Some(&variable), None) = (changing.next(), changing.next()) else {
            return ("".into(), key, "".into());
        };
        let joined =
            |parts: &mut dyn Iterator<Item = &NodeId>| parts.filter_map(|part| text(*part)).collect::<String>();
        let head = joined(&mut parts.iter().take_while(|part| **part != variable));
        let tail = joined(&mut parts.iter().skip_while(|part| **part != variable));
        (head.into(), here(variable), tail.into())
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
                [only] if matches!(self.project.node(list), Node::Binding(_) | Node::Member { .. }) => only,
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
