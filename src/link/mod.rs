//! Link: the files of a project seen as one program.
//!
//! Questions about more than one file, or about what names stand for, are answered here, on demand: what place an
//! expression denotes, which function a call runs, which object `this` is, what type a value has, who calls a
//! function and how often. Nothing here judges a leak.

mod callee;
mod callers;
mod constructions;
mod contents;
mod contexts;
mod custom_elements;
mod definitions;
mod drawn;
mod elements;
mod entries;
mod exported;
mod factories;
mod fuel;
mod given;
mod indexes;
mod injection;
mod known;
pub mod limits;
mod members;
mod mixins;
pub mod modules;
mod naming;
mod one_of_many;
mod overrides;
mod owners;
pub(crate) mod packages;
mod pages;
mod places;
mod qualified;
mod record;
mod repetition;
mod root_files;
mod roots;
mod same;
mod scripts;
mod settled;
mod templates;
mod types;
mod uses;
mod values;
mod wrappers;
mod written;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::facts::{BindingId, ExportValue, FileFacts, Function, FunctionId, Imported, Name, Node, NodeId};
use crate::finding::Span;
use crate::tables::Tables;

pub use callee::Callee;
pub use callers::Callers;
use known::Rank;
pub use modules::Target;
pub use owners::{Lifecycle, Owner, OwnerId, OwnerKind, Phase};
pub use places::{Key, Place, Root};
pub use record::{Dependencies, Memo};
pub use repetition::{NEXT_TURN, Repetition, Step};
pub use types::Life;
pub use uses::{Files, Use};

/// Index of a file in a [`Project`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A node of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref {
    /// Its file.
    pub file: FileId,
    /// The node.
    pub node: NodeId,
}

/// A function of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Func {
    /// Its file.
    pub file: FileId,
    /// The function.
    pub function: FunctionId,
}

/// How many steps a chain of names, imports, aliases or superclasses is followed. Longer ones are unknown.
pub const MAX_DEPTH: u32 = 24;

/// How many functions a teardown is followed into.
const MAX_REACH: usize = 2_000;

/// One file of a project.
pub struct ProjectFile {
    /// As the user wrote it, relative to the current directory.
    pub path: Arc<PathBuf>,
    /// Whether findings in it are wanted; others are only read.
    pub report: bool,
    /// Whether it is a test, a benchmark or an example: what it does tells nothing of the program.
    pub is_test: bool,
    /// Whether its folder is one of programs that run through and end.
    pub is_job: bool,
    /// The package that others may install which it is part of, if it is of one.
    pub package: Option<u32>,
    /// What it says.
    pub facts: Arc<FileFacts>,
    /// What its import specifiers lead to; packages by the names of those whose exports they give.
    targets: FxHashMap<Name, Target>,
    /// The specifiers of modules that a global stands for.
    globals: Vec<(Name, Arc<str>)>,
    owners: Vec<Owner>,
    /// For each function, the owner that is `this` in it.
    this: Vec<Option<OwnerId>>,
    /// Its nodes and bindings by what they are asked for.
    indexes: indexes::Indexes,
    /// Context rows whose frameworks look for exports of this file.
    contexts: OnceLock<Vec<usize>>,
}

/// Everything that was read, linked.
pub struct Project {
    /// The files, in the order of their paths.
    pub files: Vec<ProjectFile>,
    /// What is known of APIs.
    pub tables: Arc<Tables>,
    /// Who imports a file: `(importer, specifier)`.
    importers: Vec<Vec<(FileId, Name)>>,
    /// The names that files have, once somebody asks.
    naming: OnceLock<naming::Naming>,
    /// Whether it is noted what answers depend on.
    recording: bool,
    /// What is kept beyond one question.
    known: known::Known,
}

/// One file on its way into a project.
pub struct LinkInput {
    /// As the user wrote it.
    pub path: Arc<PathBuf>,
    /// Whether findings in it are wanted.
    pub report: bool,
    /// Whether it is a test, a benchmark or an example.
    pub is_test: bool,
    /// Whether its folder is one of programs that run through and end.
    pub is_job: bool,
    /// The package that others may install which it is part of, if it is of one.
    pub package: Option<u32>,
    /// What it says.
    pub facts: Arc<FileFacts>,
    /// What its import specifiers lead to.
    pub targets: FxHashMap<Name, Target>,
}

impl ProjectFile {
    fn new(id: FileId, input: LinkInput, tables: &Tables) -> Self {
        let (owners, this) = owners::find(id, &input.facts, tables);
        let mut targets = input.targets;
        for target in targets.values_mut() {
            if let Target::External(module) = target
                && let same = same_module(tables, module)
                && same != &**module
            {
                *module = same.into();
            }
        }
        let modules = &tables.conventions.global_modules;
        let global_for = |&specifier: &Name| {
            let text = input.facts.name(specifier);
            let (_, global) = modules.iter().find(|(pattern, _)| is_like(pattern, text))?;
            Some((specifier, global.as_str().into()))
        };
        let globals = targets.keys().filter_map(global_for).collect();
        Self {
            path: input.path,
            report: input.report,
            is_test: input.is_test,
            is_job: input.is_job,
            package: input.package,
            facts: input.facts,
            targets,
            globals,
            owners,
            this,
            indexes: indexes::Indexes::default(),
            contexts: OnceLock::new(),
        }
    }

    /// The files it imports, by the names of its specifiers.
    fn imported(&self) -> Vec<(FileId, Name)> {
        let mut imported: Vec<_> = self
            .targets
            .iter()
            .filter_map(|(&name, target)| match target {
                Target::File(to) => Some((*to, name)),
                Target::External(_) => None,
            })
            .collect();
        imported.sort_unstable_by_key(|(_, name)| *name);
        imported
    }
}

impl Project {
    /// Links files. Their order decides their ids, and with them the order of everything that follows.
    pub fn link(inputs: Vec<LinkInput>, tables: Arc<Tables>) -> Self {
        let files: Vec<_> = inputs
            .into_par_iter()
            .enumerate()
            .map(|(i, input)| ProjectFile::new(FileId(i as u32), input, &tables))
            .collect();
        let mut importers = vec![Vec::new(); files.len()];
        for (i, file) in files.iter().enumerate() {
            for (to, name) in file.imported() {
                importers[to.0 as usize].push((FileId(i as u32), name));
            }
        }
        Self {
            files,
            tables,
            importers,
            naming: OnceLock::new(),
            recording: false,
            known: known::Known::default(),
        }
    }

    /// A file.
    pub fn file(&self, id: FileId) -> &ProjectFile {
        if self.recording {
            record::note_content(id);
        }
        &self.files[id.0 as usize]
    }

    /// What a file says.
    pub fn facts(&self, id: FileId) -> &FileFacts {
        &self.file(id).facts
    }

    /// A node.
    pub fn node(&self, at: Ref) -> Node {
        self.facts(at.file).node(at.node)
    }

    /// Where a node stands.
    pub fn span(&self, at: Ref) -> Span {
        self.facts(at.file).span(at.node)
    }

    /// The function whose code a node is part of.
    pub fn function_at(&self, at: Ref) -> Func {
        Func {
            file: at.file,
            function: self.facts(at.file).enclosing_function(at.node),
        }
    }

    /// A function's facts.
    pub fn function(&self, f: Func) -> &Function {
        self.facts(f.file).function(f.function)
    }

    /// A function's node.
    pub fn function_node(&self, f: Func) -> Ref {
        Ref {
            file: f.file,
            node: self.function(f).node,
        }
    }

    /// The text of a name.
    pub fn text(&self, file: FileId, name: Name) -> &str {
        self.facts(file).name(name)
    }

    /// The interned form of a text in a file.
    pub fn name_in(&self, file: FileId, text: &str) -> Option<Name> {
        self.facts(file).find_name(text)
    }

    /// Files that import a file.
    pub fn importers(&self, file: FileId) -> &[(FileId, Name)] {
        if self.recording {
            record::note_importers(file);
        }
        &self.importers[file.0 as usize]
    }

    /// Whether a file says that it runs in Node: it imports one of its modules, or names the process.
    pub fn runs_in_node(&self, file: FileId) -> bool {
        let names_process = |name| self.globals_named(file, name).next().is_some();
        self.imports_one(file, modules::is_builtin) || self.name_in(file, "process").is_some_and(names_process)
    }

    /// Whether a file is written in TypeScript.
    pub fn is_typescript(&self, file: FileId) -> bool {
        let extension = self.file(file).path.extension().and_then(|e| e.to_str());
        matches!(extension, Some("ts" | "tsx" | "mts" | "cts"))
    }

    /// Whether a file imports a package, or a module of Node, of which this is so.
    fn imports_one(&self, file: FileId, is_it: impl Fn(&str) -> bool) -> bool {
        let mut targets = self.file(file).targets.values();
        targets.any(|target| matches!(target, Target::External(module) if is_it(module)))
    }

    /// What an import specifier of a file leads to.
    pub fn target(&self, file: FileId, specifier: Name) -> Target {
        let target = self.file(file).targets.get(&specifier);
        target.cloned().unwrap_or_else(|| {
            let bare = modules::bare_name(self.text(file, specifier));
            Target::External(same_module(&self.tables, bare).into())
        })
    }

    /// Whether a function is another one, or is written inside it at any depth.
    pub fn is_within(&self, inner: Func, outer: Func) -> bool {
        inner.file == outer.file && self.facts(inner.file).is_nested(inner.function, outer.function)
    }

    /// Functions written inside a function, at any depth: those that follow it, as long as they are.
    pub fn functions_within(&self, f: Func) -> impl Iterator<Item = Func> + '_ {
        let after = (f.function.0 + 1..self.facts(f.file).functions.len() as u32).map(move |i| Func {
            file: f.file,
            function: FunctionId(i),
        });
        after.take_while(move |g| self.is_within(*g, f))
    }

    /// Functions written directly inside a function.
    pub fn inner_functions(&self, f: Func) -> impl Iterator<Item = Func> + '_ {
        self.functions_within(f)
            .filter(move |g| self.function(*g).parent == Some(f.function))
    }

    /// Functions that run when one does: those it calls or hands on, and those written inside it.
    fn run_by(&self, f: Func) -> Arc<[Func]> {
        self.known(Rank::Run, &self.known.run, f, || {
            let facts = self.facts(f.file);
            let here = |node| Ref { file: f.file, node };
            let is_named = |a: &NodeId| {
                matches!(
                    facts.node(*a),
                    Node::Binding(_) | Node::Member { .. } | Node::Call { .. }
                )
            };
            let mut run = Vec::new();
            for &node in self.calls_in(f) {
                match self.called_function(here(node)) {
                    Some(called) => run.push(called),
                    None => run.extend(self.possibly_called(here(node))),
                }
                if let Node::Call { args, .. } = facts.node(node) {
                    // What is taken off a list of handlers does not run by that.
                    let passed = facts.list(args).enumerate();
                    let passed = passed.filter(|&(i, a)| is_named(&a) && !self.is_taken_off(here(node), i));
                    run.extend(passed.filter_map(|(_, a)| self.function_value(here(a), 8)));
                }
            }
            run.extend(self.inner_functions(f));
            run.into()
        })
    }

    /// Functions that run when these do: what they call, and the functions written inside them.
    pub fn reach(&self, roots: &[Func]) -> rustc_hash::FxHashSet<Func> {
        let mut seen: rustc_hash::FxHashSet<Func> = roots.iter().copied().collect();
        let mut queue: Vec<Func> = roots.to_vec();
        while let Some(f) = queue.pop() {
            if limits::exceeds(limits::Limit::Reach, seen.len() > MAX_REACH) {
                break;
            }
            for &g in self.run_by(f).iter() {
                if seen.insert(g) {
                    queue.push(g);
                }
            }
        }
        seen
    }

    /// What an import binding stands for: the export of a file, or a name in a package.
    fn import_place(&self, file: FileId, binding: BindingId, depth: u32) -> Option<Place> {
        if depth > MAX_DEPTH {
            return None;
        }
        // Files may import each other in circles: only the outermost import begins at nothing.
        let depth = if fuel::is_above(Rank::Import) { 0 } else { depth + 1 };
        self.known(Rank::Import, &self.known.imports, (file, binding), || {
            let facts = self.facts(file);
            let import = facts.imports.iter().find(|i| i.binding == binding)?;
            self.imported_place(file, import.specifier, &import.imported, depth)
        })
    }

    fn imported_place(&self, file: FileId, specifier: Name, imported: &Imported, depth: u32) -> Option<Place> {
        if matches!(imported, Imported::Default)
            && let Some(place) = self.global_for(file, specifier)
        {
            return Some(place);
        }
        match self.target(file, specifier) {
            Target::File(to) => match imported {
                Imported::Namespace => Some(Place::root(Root::Module(to))),
                Imported::Default => self.export_place(to, "default", depth + 1),
                Imported::Named(name) => self.export_place(to, self.text(file, *name), depth + 1),
            },
            Target::External(module) => {
                let mut place = Place::root(Root::External(module));
                match imported {
                    Imported::Namespace => {}
                    Imported::Default => place.path.push(Key::Name("default".into())),
                    Imported::Named(name) => place.path.push(Key::Name(self.text(file, *name).into())),
                }
                Some(place)
            }
        }
    }

    /// The global that stands for a module: the constructor of a worker, which a bundler gives for
    /// `import Sums from './sums?worker'` rather than what the file exports; the page of `global/window`.
    fn global_for(&self, file: FileId, specifier: Name) -> Option<Place> {
        let mut globals = self.file(file).globals.iter();
        let (_, global) = globals.find(|(of, _)| *of == specifier)?;
        let exports = match self.target(file, specifier) {
            Target::File(to) => !self.facts(to).exports.is_empty(),
            Target::External(_) => false,
        };
        let mut place = Place::root(Root::Global);
        if !self.is_global_object(global) {
            place.path.push(Key::Name((&**global).into()));
        }
        (!exports).then_some(place)
    }

    /// What a file exports under a name.
    pub fn export_place(&self, file: FileId, name: &str, depth: u32) -> Option<Place> {
        if depth > MAX_DEPTH {
            return None;
        }
        let facts = self.facts(file);
        if let Some(wanted) = self.name_in(file, name) {
            // The last assignment to `module.exports.name` wins, and so does the only ESM export.
            if let Some(export) = facts.exports.iter().rev().find(|e| e.name == wanted) {
                return self.export_value(file, &export.value, depth);
            }
        }
        let whole = self
            .name_in(file, "=")
            .and_then(|w| facts.exports.iter().rev().find(|e| e.name == w));
        if let Some(export) = whole {
            let place = self.export_value(file, &export.value, depth)?;
            return Some(if name == "default" {
                place
            } else {
                self.child(place, Key::Name(name.into()), depth + 1)
            });
        }
        for &specifier in &facts.star_exports {
            match self.target(file, specifier) {
                Target::File(to) => {
                    if let Some(place) = self.export_place(to, name, depth + 1) {
                        return Some(place);
                    }
                }
                Target::External(_) => {}
            }
        }
        // CommonJS without a `default`: the import is the whole module.
        (name == "default" && !facts.exports.is_empty()).then(|| Place::root(Root::Module(file)))
    }

    fn export_value(&self, file: FileId, value: &ExportValue, depth: u32) -> Option<Place> {
        match value {
            ExportValue::Binding(b) => Some(self.binding_place(file, *b, depth + 1)),
            ExportValue::Node(node) => Some(self.place_at(Ref { file, node: *node }, depth + 1)),
            ExportValue::From { specifier, imported } => self.imported_place(file, *specifier, imported, depth + 1),
        }
    }
}

/// The module whose exports a module gives under its own name: `rxjs` for `rxjs/Subject`.
fn same_module<'m>(tables: &'m Tables, module: &'m str) -> &'m str {
    let mut same = tables.conventions.same_modules.iter();
    let found = same.find(|(pattern, _)| is_like(pattern, module));
    found.map_or(module, |(_, to)| to.as_str())
}

/// Whether a module is named so: a pattern has at most one `*`.
fn is_like(pattern: &str, module: &str) -> bool {
    let Some(star) = memchr::memchr(b'*', pattern.as_bytes()) else {
        return module == pattern;
    };
    let (start, end) = (&pattern[..star], &pattern[star + 1..]);
    module.len() >= start.len() + end.len() && module.starts_with(start) && module.ends_with(end)
}
