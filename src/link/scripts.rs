//! Scripts of one page: what a file that is no module declares at its top, other files name without an import.
//!
//! All scripts share one global environment (<https://tc39.es/ecma262/#sec-globaldeclarationinstantiation>). Which of
//! them a page loads nobody says, as pages are put together elsewhere; so a name counts if only one script declares it.

use super::known::Rank;
use super::{FileId, Key, Place, Project, ProjectFile, Ref, Root, record};
use crate::facts::{BindingId, BindingKind, FileKind, FunctionId, Name, Node};

impl ProjectFile {
    /// Whether it imports and exports nothing. It may be the first of a program of modules, too.
    fn may_be_script(&self) -> bool {
        let facts = &self.facts;
        let is_apart = facts.imports.is_empty() && facts.exports.is_empty() && facts.star_exports.is_empty();
        is_apart && facts.kind == FileKind::Module
    }

    fn is_script(&self) -> bool {
        let require = self.facts.find_name("require");
        self.may_be_script() && !require.is_some_and(|require| self.calls_by_name().contains_key(&require))
    }

    /// The names that it declares for all scripts of a page.
    pub(super) fn names_for_scripts(&self) -> impl Iterator<Item = Name> + '_ {
        let bindings = match self.is_script() {
            true => self.facts.bindings.len() as u32,
            false => 0,
        };
        let at_top = (0..bindings).map(BindingId).filter(|&b| self.is_at_top(b));
        at_top.map(|b| self.facts.binding(b).name)
    }

    /// Whether a name is declared at the top of the file, and not in a block there.
    fn is_at_top(&self, b: BindingId) -> bool {
        let facts = &self.facts;
        let binding = facts.binding(b);
        let top = facts.function(FunctionId::MODULE).node;
        let stands_at_top = |init| {
            let up = facts.parent(init);
            up == top || matches!(facts.node(up), Node::Declare { .. }) && facts.parent(up) == top
        };
        binding.function == FunctionId::MODULE
            && match binding.kind {
                BindingKind::Var => true,
                BindingKind::Let | BindingKind::Const | BindingKind::Function | BindingKind::Class => {
                    !binding.in_loop && binding.init.is_none_or(stands_at_top)
                }
                BindingKind::Enum => true,
                _ => false,
            }
    }

    /// What it declares under a name at its top.
    fn declared(&self, name: &str) -> Option<BindingId> {
        let mut bindings = self.bindings_named(self.facts.find_name(name)?);
        bindings.find(|&b| self.is_at_top(b))
    }
}

impl Project {
    /// Whether a file is a script and nothing else: what it declares at its top, others may use without importing it.
    pub fn is_script(&self, file: FileId) -> bool {
        self.file(file).is_script()
    }

    /// The files that declare a name at their top and may be scripts, with what they declare.
    fn declaring(&self, name: &str) -> Vec<(FileId, BindingId)> {
        let files = self.files_naming(name);
        let scripts = files.iter().copied().filter(|file| self.file(*file).may_be_script());
        let declared = scripts.filter_map(|file| Some((file, self.file(file).declared(name)?)));
        declared.collect()
    }

    /// The scripts that declare a name at their top.
    pub fn scripts_declaring(&self, name: &str) -> Vec<FileId> {
        let files = self.declaring(name).into_iter().map(|(file, _)| file);
        files.filter(|file| self.is_script(*file)).collect()
    }

    /// What a bare name means that its own file does not declare: the variable, function or class of the one script that
    /// does. What rows are about stays what they say.
    pub(super) fn declared_by_script(&self, name: &str) -> Option<(FileId, BindingId)> {
        if self.is_global_object(name) || self.tables.names_global(name) {
            return None;
        }
        self.known(Rank::Script, &self.known.scripts, name.into(), || {
            if self.recording {
                record::note_writing(name);
            }
            // What depends on this depends on who declares the name, and not on all else that the files say.
            let declared_in = |&id: &FileId| {
                let file = &self.files[id.0 as usize];
                let b = file.declared(name).filter(|_| !file.is_test && file.is_script())?;
                // Where it stands depends on the file.
                self.file(id);
                Some((id, b))
            };
            let files = self.files_naming(name);
            let mut declared = files.iter().filter_map(declared_in);
            let first = declared.next();
            first.filter(|_| declared.next().is_none())
        })
    }

    /// The place of what a script declares. `var App = window.App = {}` is one thing with two names.
    pub(super) fn place_of_shared(&self, (file, b): (FileId, BindingId), depth: u32) -> Place {
        let facts = self.facts(file);
        match facts.binding(b).init.map(|init| facts.node(init)) {
            Some(Node::Assign { .. }) => Place::root(Root::Binding(file, b)),
            _ => self.binding_place(file, b, depth),
        }
    }

    /// Whether the global object has it too: `let`, `const` and classes are names only.
    pub(super) fn is_on_global(&self, (file, b): (FileId, BindingId)) -> bool {
        matches!(
            self.facts(file).binding(b).kind,
            BindingKind::Var | BindingKind::Function
        )
    }

    /// Whether all scripts of a page see what places begin with: the global object, and what one script declares.
    pub fn is_shared(&self, root: &Root) -> bool {
        match root {
            Root::Global => true,
            Root::Binding(file, b) => self.is_shared_variable(*file, *b),
            _ => false,
        }
    }

    /// Whether a place is a part of what hangs on the global object, or of what one script declares: a name in a namespace.
    pub fn is_in_namespace(&self, place: &Place) -> bool {
        let parts = place.path.len() + usize::from(place.root != Root::Global);
        parts > 1 && self.is_shared(&place.root)
    }

    fn is_shared_variable(&self, file: FileId, b: BindingId) -> bool {
        let binding = self.facts(file).binding(b);
        binding.function == FunctionId::MODULE
            && self.is_script(file)
            && self.declared_by_script(self.text(file, binding.name)) == Some((file, b))
    }

    /// Where other files name what a script declares.
    pub fn references_of_scripts(&self, file: FileId, b: BindingId) -> Vec<Ref> {
        if !self.is_shared_variable(file, b) {
            return Vec::new();
        }
        let name = self.text(file, self.facts(file).binding(b).name);
        let mut found = Vec::new();
        for &other in self.files_naming(name).iter() {
            if let Some(name) = self.name_in(other, name) {
                found.extend(self.globals_named(other, name).map(|node| Ref { file: other, node }));
            }
        }
        found
    }

    /// The files that name what a script declares.
    pub(super) fn users_of_script(&self, file: FileId) -> Vec<FileId> {
        if !self.is_script(file) {
            return Vec::new();
        }
        let bindings = (0..self.facts(file).bindings.len() as u32).map(BindingId);
        let mut users: Vec<FileId> = bindings
            .flat_map(|b| self.references_of_scripts(file, b))
            .map(|at| at.file)
            .collect();
        users.sort_unstable();
        users.dedup();
        users
    }

    /// What a name begins with in the scripts of which several declare it.
    pub(super) fn values_in_scripts(&self, place: &Place) -> Vec<Ref> {
        let (Root::Global, [Key::Name(name)]) = (&place.root, &place.path[..]) else {
            return Vec::new();
        };
        let declared = self.declaring(name).into_iter();
        let begun = declared.filter_map(|(file, b)| {
            let node = self.facts(file).binding(b).init?;
            Some(Ref { file, node })
        });
        begun.collect()
    }

    /// References to a part of what several scripts declare at their top, in those scripts: there `App` of
    /// `App.Views.Main` is a variable, and for the others it is on the global object.
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
}
