//! Getters that acquire at each read: whoever reads a property does not expect to have to release what it gives.

use crate::facts::{Node, PropertyKind};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{FileId, Func, Place, Ref, Root};
use crate::tables::Param;

impl Judge<'_> {
    /// Evidence that a getter gives away a new handle at each read, which nothing releases under the getter's name.
    pub(in crate::lifetime) fn made_at_each_read(&self, a: &Acquisition, flow: &Flow) -> Option<Evidence> {
        let Kind::Pair { row, target: None, .. } = &a.kind else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let pair = &self.project.tables.pairs[*row];
        if flow.returned[..] != [f] || !flow.places.is_empty() || !flow.passed.is_empty() || pair.one_shot {
            return None;
        }
        let name = self.getter_name(f)?;
        (!pair.collectable && !self.is_released_as(*row, &name, &self.project.files_naming(&name))).then(|| Evidence {
            role: Role::Context,
            at: self.project.function_node(f),
            text: format!("each read of `{name}` makes another one"),
        })
    }

    /// The name of the property that a function is the getter of.
    fn getter_name(&self, f: Func) -> Option<String> {
        if let Some((owner, name, method)) = self.project.method_around(f)
            && method == f
            && owner.file == f.file
            && self.project.is_getter(owner, f)
        {
            return Some(name.to_owned());
        }
        let facts = self.project.facts(f.file);
        let property = facts.parent(facts.function(f.function).node);
        let Node::Property { key, kind, .. } = facts.node(property) else {
            return None;
        };
        let text = facts.string(key)?;
        if kind == PropertyKind::Getter {
            return Some(text.to_owned());
        }
        // `Object.defineProperty(target, 'name', { get() { ... } })`.
        let call = facts.parent(facts.parent(property));
        let Node::Call { callee, args, .. } = facts.node(call) else {
            return None;
        };
        let defines = &self.project.tables.conventions.defines_property;
        let path = self.project.path_of(Ref {
            file: f.file,
            node: callee,
        })?;
        let named = facts
            .item(args, 1)
            .filter(|_| text == "get" && defines.contains(&path))?;
        let name = self.project.constant_text(
            Ref {
                file: f.file,
                node: named,
            },
            0,
        )?;
        Some(name.to_string())
    }

    /// Whether a handle is put on another object, and its file releases something under the name that it has there.
    pub(in crate::lifetime) fn is_released_from_object(&self, a: &Acquisition, flow: &Flow) -> bool {
        let Kind::Pair { row, target: None, .. } = &a.kind else {
            return false;
        };
        let mut kept = flow
            .places
            .iter()
            .filter(|p| !matches!(p.root, Root::This(_)) && !p.path.is_empty());
        // The member of a ref is the ref itself.
        let is_ref = |name: &str| self.project.tables.conventions.node_members.iter().any(|m| m == name);
        kept.any(|p| {
            p.last()
                .is_some_and(|name| !is_ref(name) && self.is_released_as(*row, name, &[a.at.file]))
        })
    }

    /// Whether code keeps what a handle has for itself only, and ends that: `worker = task._worker`, and later
    /// `worker.destroy()`.
    pub(in crate::lifetime) fn is_ended_through_private_part(&self, a: &Acquisition, flow: &Flow) -> bool {
        let Kind::Pair { row, target: None, .. } = &a.kind else {
            return false;
        };
        let file = a.at.file;
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let keeper_of_part = |read: Ref| {
            let part = facts.parent(read.node);
            let Node::Member { object, property, .. } = facts.node(part) else {
                return None;
            };
            let is_private = object == read.node && facts.name(property).starts_with('_');
            match facts.node(facts.parent(part)) {
                Node::Assign { target, value, .. } | Node::Declare { target, value } if is_private && value == part => {
                    Some(self.project.place(here(target)))
                }
                _ => None,
            }
        };
        let is_ended = |kept: Place| {
            let mut ends = self.project.tables.releases[*row].iter().map(|release| release.last());
            ends.any(|end| {
                let mut calls = self.project.calls_named(file, end).iter();
                calls.any(|&call| {
                    let method = facts.method_call(call);
                    method.is_some_and(|m| self.project.same_place(&self.project.place(here(m.object)), &kept))
                })
            })
        };
        let mut reads = flow.places.iter().flat_map(|place| self.references_in(place, file));
        reads.any(|read| keeper_of_part(read).is_some_and(is_ended))
    }

    /// Whether some files release something under the name of a property.
    fn is_released_as(&self, row: usize, name: &str, files: &[FileId]) -> bool {
        files.iter().any(|&file| {
            let mut ended = self.handles_ended(row, file);
            ended.any(|handle| self.project.last_name(handle) == Some(name))
        })
    }

    /// The handles that the releases of a row in a file are given, or are called on.
    pub(in crate::lifetime) fn handles_ended(&self, row: usize, file: FileId) -> impl Iterator<Item = Ref> {
        self.project.tables.releases[row].iter().flat_map(move |pattern| {
            let calls = self.project.calls_named(file, pattern.last()).iter();
            calls.filter_map(move |&node| {
                let (callee, args) = self.callee_of(Ref { file, node })?;
                match (pattern.position(&Param::Handle), self.project.node(callee)) {
                    (Some(position), _) => args.get(position).copied(),
                    (None, Node::Member { object, .. }) => Some(Ref { file, node: object }),
                    _ => None,
                }
            })
        })
    }
}
