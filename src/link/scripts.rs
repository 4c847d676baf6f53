//! Scripts: files without imports and exports, which share what they declare at their top with the other scripts of a
//! page.

use super::{FileId, Key, OwnerId, OwnerKind, Place, Project, Ref, Root};
use crate::facts::{BindingId, BindingKind, FileKind, FunctionId};

impl Project {
    /// Whether a file is a script and nothing else: what it declares at its top, others may use without importing it.
    pub fn is_script(&self, file: FileId) -> bool {
        self.may_be_script(file) && self.calls_named(file, "require").is_empty()
    }

    /// Whether a file imports and exports nothing. It may be the first of a program of modules, too.
    fn may_be_script(&self, file: FileId) -> bool {
        let facts = self.facts(file);
        let is_apart = facts.imports.is_empty() && facts.exports.is_empty() && facts.star_exports.is_empty();
        is_apart && facts.kind == FileKind::Module
    }

    /// The files that declare a name at their top and may be scripts, with what they declare.
    fn declaring(&self, name: &str) -> Vec<(FileId, BindingId)> {
        let files = self.files_naming(name);
        let scripts = files.iter().copied().filter(|file| self.may_be_script(*file));
        let declared = scripts.filter_map(|file| {
            let facts = self.facts(file);
            let mut bindings = self.bindings_named(file, self.name_in(file, name)?);
            let b = bindings.find(|&b| {
                let binding = facts.binding(b);
                binding.function == FunctionId::MODULE && binding.kind != BindingKind::Param
            })?;
            Some((file, b))
        });
        declared.collect()
    }

    /// The scripts that declare a name at their top.
    pub fn scripts_declaring(&self, name: &str) -> Vec<FileId> {
        let files = self.declaring(name).into_iter().map(|(file, _)| file);
        files.filter(|file| self.is_script(*file)).collect()
    }

    /// References to a part of what a script declares at its top, in that script: there `App` of `App.Views.Main` is a
    /// variable, and for the others it is on the global object.
    pub(super) fn references_in_declaring_scripts(&self, place: &Place) -> Vec<Ref> {
        let (Root::Global, [Key::Name(first), rest @ ..]) = (&place.root, &place.path[..]) else {
            return Vec::new();
        };
        let Some(Key::Name(last)) = rest.last() else {
            return Vec::new();
        };
        let declared = self.declaring(first).into_iter();
        let named = declared.flat_map(|(file, b)| {
            let part = Place {
                root: Root::Binding(file, b),
                path: rest.to_vec(),
            };
            let members = self.name_in(file, last).into_iter();
            let members = members.flat_map(move |name| self.facts(file).members_named(name));
            let members = members.map(move |node| Ref { file, node });
            members.filter(move |at| self.place(*at) == part)
        });
        named.collect()
    }

    /// Where other scripts name the class of one, if no other script declares such a name.
    pub(super) fn named_by_scripts(&self, owner: OwnerId) -> Vec<Ref> {
        let at = Ref {
            file: owner.file,
            node: self.owner(owner).node,
        };
        let is_class = matches!(self.owner(owner).kind, OwnerKind::Class(_));
        let Some(b) = self.begun_with(at).next().filter(|_| is_class) else {
            return Vec::new();
        };
        let facts = self.facts(owner.file);
        let name = facts.name(facts.binding(b).name);
        if self.scripts_declaring(name)[..] != [owner.file] {
            return Vec::new();
        }
        let files = self.files_naming(name);
        let is_other = |file: &&FileId| **file != owner.file && !self.is_user_of(**file, owner.file);
        let others = files.iter().filter(is_other).filter(|file| self.is_script(**file));
        let named = others.flat_map(|&file| {
            let name = self.name_in(file, name).into_iter();
            let named = name.flat_map(move |name| self.globals_named(file, name));
            named.map(move |node| Ref { file, node })
        });
        named.collect()
    }
}
