//! Definitions: the expressions a place gets its value from.

use super::{Key, Place, Root};
use super::{OwnerId, Project, Ref};
use crate::facts::{AssignOp, CallKind, Node, NodeId};

impl Project {
    /// The one expression a place got its value from, if it got only one.
    pub fn value_of_place(&self, place: &Place) -> Option<Ref> {
        let _leave = super::fuel::spend()?;
        match (&place.root, place.path.as_slice()) {
            (Root::Value(at), []) => Some(*at),
            (Root::Binding(file, b), []) => {
                let binding = self.facts(*file).binding(*b);
                if binding.writes == 0 {
                    return binding.init.map(|node| Ref { file: *file, node });
                }
                self.only_definition(place)
            }
            (Root::Binding(..) | Root::Value(_), [.., Key::Name(name)]) => {
                let object = self.value_of_place(&place.parent()?)?;
                if let Some(found) = self.property(object, name).or_else(|| self.element_given(object, name)) {
                    return Some(found);
                }
                if let Some(owner) = self.owner_made_by(object) {
                    // A static member.
                    let (o, member) = self.member(owner, name)?;
                    let value = member.value.map(|node| Ref { file: o.file, node });
                    return value
                        .filter(|v| !self.node(*v).is_absent())
                        .or_else(|| self.only_definition(place));
                }
                let owner = self.owner_of_object(object, 0)?;
                self.member_value(owner, name)
            }
            (Root::This(owner), [Key::Name(name)]) => self.member_value(*owner, name),
            (Root::This(_), [_, .., Key::Name(name)]) => {
                let object = self.value_of_place(&place.parent()?)?;
                if let Some(found) = self.property(object, name) {
                    return Some(found);
                }
                let owner = self.owner_of_object(object, 0)?;
                self.member_value(owner, name)
            }
            _ => None,
        }
    }

    /// The one value that a variable or static is set to, beside nothing.
    fn only_definition(&self, place: &Place) -> Option<Ref> {
        let mut defs = self.definitions(place);
        defs.retain(|d| !self.node(*d).is_absent());
        match defs[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    fn member_value(&self, owner: OwnerId, name: &str) -> Option<Ref> {
        if let Some((o, member)) = self.member(owner, name)
            && let Some(node) = member.value
            && member.function.is_some()
        {
            return Some(Ref { file: o.file, node });
        }
        let defs: Vec<_> = self
            .field_definitions(owner, name)
            .into_iter()
            .filter(|d| !self.node(*d).is_absent())
            .collect();
        (defs.len() == 1).then(|| defs[0])
    }

    /// The element of the list that a function of the project gives back for a call: `[ask, tell]` of
    /// `const [ask, tell] = channel('name')`.
    fn element_given(&self, call: Ref, index: &str) -> Option<Ref> {
        let Node::Call { callee, kind, .. } = self.node(call) else {
            return None;
        };
        let index: usize = index.parse().ok().filter(|_| kind != CallKind::New)?;
        let giver = self.function_value(Ref { node: callee, ..call }, 1)?;
        let flags = self.function(giver).flags;
        let [only] = self.given_values(giver)[..] else {
            return None;
        };
        if flags.is_async || flags.is_generator {
            return None;
        }
        let facts = self.facts(only.file);
        let Node::Array(items) = facts.node(only.node) else {
            return None;
        };
        let is_one = |&node: &NodeId| !matches!(facts.node(node), Node::Spread(_) | Node::Elided(_));
        let node = facts.list(items).take_while(is_one).nth(index)?;
        Some(Ref { node, ..only })
    }

    /// The value of a property of an object literal.
    pub fn property(&self, object: Ref, name: &str) -> Option<Ref> {
        let facts = self.facts(object.file);
        let list = match facts.node(object.node) {
            Node::Object(list) => list,
            // `Object.freeze({ ... })`
            Node::Call { args, .. } => match facts.item(args, 0).map(|node| facts.node(node)) {
                Some(Node::Object(list)) if self.wrapper_of(object, 0).is_some() => list,
                _ => return None,
            },
            _ => return None,
        };
        facts.list(list).find_map(|p| match facts.node(p) {
            Node::Property { key, value, .. } if facts.string(key) == Some(name) => Some(Ref {
                file: object.file,
                node: value,
            }),
            _ => None,
        })
    }

    /// Whether code counts a variable or a field of an object's class on, or adds to it: `next++`, `this.text += part`.
    pub fn is_counted(&self, place: &Place) -> bool {
        let counts = |file, write| match self.facts(file).node(write) {
            Node::Assign { op, .. } => !matches!(op, AssignOp::Set | AssignOp::Or | AssignOp::Nullish),
            Node::Update { .. } => true,
            _ => false,
        };
        match (&place.root, place.path.as_slice()) {
            (Root::Binding(file, b), []) => {
                let facts = self.facts(*file);
                let mut references = facts.references_of(*b);
                facts.binding(*b).writes > 0
                    && references.any(|node| facts.is_written(node) && counts(*file, facts.parent(node)))
            }
            (Root::This(owner), [Key::Name(name)]) => {
                let mut writes = self.writes_to(owner.file, name).iter();
                writes.any(|&write| counts(owner.file, write))
            }
            _ => false,
        }
    }

    /// Everything a variable or field is ever set to.
    pub fn definitions(&self, place: &Place) -> Vec<Ref> {
        match (&place.root, place.path.as_slice()) {
            (Root::Binding(file, b), []) => {
                let facts = self.facts(*file);
                let mut out: Vec<_> = facts
                    .binding(*b)
                    .init
                    .map(|node| Ref { file: *file, node })
                    .into_iter()
                    .collect();
                for node in facts.references_of(*b) {
                    if let Node::Assign { target, value, .. } = facts.node(facts.parent(node))
                        && target == node
                    {
                        out.push(Ref {
                            file: *file,
                            node: value,
                        });
                    }
                }
                out.extend(self.references_of_scripts(*file, *b).into_iter().filter_map(|at| {
                    let facts = self.facts(at.file);
                    match facts.node(facts.parent(at.node)) {
                        Node::Assign { target, value, .. } if target == at.node => Some(Ref { node: value, ..at }),
                        _ => None,
                    }
                }));
                out
            }
            (Root::This(owner), [Key::Name(name)]) => self.field_definitions(*owner, name),
            (
                Root::Binding(file, _) | Root::Value(Ref { file, .. }) | Root::This(OwnerId { file, .. }),
                [.., Key::Name(name)],
            ) => {
                let mut out = Vec::new();
                if let Some(parent) = place.parent()
                    && let Some(object) = self.value_of_place(&parent)
                {
                    out.extend(self.property(object, name));
                    if let Some(owner) = self.owner_made_by(object)
                        && let Some((o, member)) = self.member(owner, name)
                        && member.is_static
                    {
                        out.extend(member.value.map(|node| Ref { file: o.file, node }));
                    }
                }
                for &write in self.writes_to(*file, name) {
                    if let Node::Assign { target, value, .. } = self.facts(*file).node(write)
                        && self.place(Ref {
                            file: *file,
                            node: target,
                        }) == *place
                    {
                        out.push(Ref {
                            file: *file,
                            node: value,
                        });
                    }
                }
                if self.is_shared(&place.root) {
                    let here = |value: &Ref| value.file == *file;
                    out.extend(
                        self.definitions_on_global(place)
                            .into_iter()
                            .filter(|value| !here(value)),
                    );
                }
                out
            }
            _ => Vec::new(),
        }
    }

    /// Everything a field of an owner's objects is ever set to: initial values and `this.name = value`.
    pub fn field_definitions(&self, owner: OwnerId, name: &str) -> Vec<Ref> {
        let mut out = Vec::new();
        for o in self.lineage(owner) {
            if let Some(wanted) = self.name_in(o.file, name) {
                for member in self.owner(o).members.iter().filter(|m| m.name == wanted) {
                    out.extend(member.value.map(|node| Ref { file: o.file, node }));
                }
            }
            for &write in self.writes_to(o.file, name) {
                let facts = self.facts(o.file);
                if let Node::Assign { target, value, .. } = facts.node(write)
                    && let Node::Member { object, .. } = facts.node(target)
                    && let Place {
                        root: Root::This(writer),
                        path,
                    } = self.place(Ref {
                        file: o.file,
                        node: object,
                    })
                    && path.is_empty()
                    && (writer == o || self.is_related(writer, owner))
                {
                    let found = Ref {
                        file: o.file,
                        node: value,
                    };
                    if !out.contains(&found) {
                        out.push(found);
                    }
                }
            }
        }
        out
    }
}
