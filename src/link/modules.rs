//! Module resolution: what an import specifier leads to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use oxc_resolver::{ResolveOptions, Resolver, TsconfigDiscovery};
use rustc_hash::FxHashMap;

use super::FileId;
use super::packages::{Packages, is_installed};
use crate::facts::{AssignOp, BindingId, BindingKind, CallKind, FileFacts, Name, Node};

/// What an import specifier leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of the project.
    File(FileId),
    /// A package, or a file nobody read; named as written, without `node:`.
    External(Arc<str>),
}

/// A specifier without the `node:` prefix.
pub fn bare_name(specifier: &str) -> &str {
    specifier.strip_prefix("node:").unwrap_or(specifier)
}

/// Finds the files that specifiers lead to.
pub struct ModuleResolver {
    by_path: FxHashMap<PathBuf, FileId>,
    resolver: Resolver,
    /// Names of packages by their folders, as far as they were asked for.
    package_names: Mutex<FxHashMap<PathBuf, Option<Box<str>>>>,
    /// The packages of the project, once a specifier leads to none of its files.
    packages: OnceLock<Packages>,
    /// What the disk was asked, when that is to be known.
    asked: Option<Mutex<Vec<Asked>>>,
}

/// A specifier that the inputs alone do not settle, and what the disk said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The file that imports.
    pub from: FileId,
    /// The specifier as written.
    pub specifier: Box<str>,
    /// The file of the project it leads to, if any.
    pub to: Option<FileId>,
}

const EXTENSIONS: [&str; 11] = [
    "ts", "tsx", "d.ts", "js", "jsx", "mjs", "cjs", "mts", "cts", "vue", "svelte",
];

/// How the files of components end.
const COMPONENTS: [&str; 2] = [".vue", ".svelte"];

/// What a specifier begins with by habit, when it leads below a root of the sources.
const ROOT_MARKS: [&str; 4] = ["@/", "~/", "@@/", "~~/"];

/// What a framework lets specifiers begin with, and the folder below a root that it stands for. The configuration which
/// says so to others is made by its tools, and is not part of the sources.
/// <https://svelte.dev/docs/kit/$lib>
const FOLDER_MARKS: [(&str, &str); 1] = [("$lib", "src/lib")];

impl ModuleResolver {
    /// A resolver over files with these absolute paths, in the order of their ids.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let extensions = EXTENSIONS
            .iter()
            .filter(|e| **e != "d.ts")
            .map(|e| format!(".{e}"))
            .collect();
        let options = ResolveOptions {
            extensions,
            extension_alias: vec![
                (
                    ".js".into(),
                    vec![".ts".into(), ".tsx".into(), ".js".into(), ".jsx".into()],
                ),
                (".mjs".into(), vec![".mts".into(), ".mjs".into()]),
                (".cjs".into(), vec![".cts".into(), ".cjs".into()]),
            ],
            condition_names: ["source", "development", "import", "require", "node", "default"]
                .map(String::from)
                .to_vec(),
            main_fields: vec!["source".into(), "module".into(), "main".into()],
            tsconfig: Some(TsconfigDiscovery::Auto),
            ..ResolveOptions::default()
        };
        Self {
            by_path: paths
                .into_iter()
                .enumerate()
                .map(|(i, p)| (p, FileId(i as u32)))
                .collect(),
            resolver: Resolver::new(options),
            package_names: Mutex::default(),
            packages: OnceLock::new(),
            asked: None,
        }
    }

    /// The same resolver, noting what it asks the disk.
    pub fn recording(self) -> Self {
        Self {
            asked: Some(Mutex::default()),
            ..self
        }
    }

    /// What the disk was asked since [`Self::recording`], sorted.
    pub fn asked(&self) -> Vec<Asked> {
        let asked = self.asked.as_ref().and_then(|asked| asked.lock().ok());
        let mut asked = asked.map(|asked| asked.clone()).unwrap_or_default();
        asked.sort_unstable();
        asked
    }

    /// The specifiers of a file and what they lead to.
    pub fn targets(&self, path: &Path, facts: &FileFacts) -> FxHashMap<Name, Target> {
        let mut targets = FxHashMap::default();
        for name in specifiers(facts) {
            targets
                .entry(name)
                .or_insert_with(|| self.resolve(path, facts.name(name)));
        }
        targets
    }

    fn resolve(&self, from: &Path, specifier: &str) -> Target {
        let bare = bare_name(specifier);
        let external = || Target::External(bare.into());
        if bare.len() < specifier.len() || is_builtin(specifier) {
            return external();
        }
        let Some(folder) = from.parent() else { return external() };
        if specifier.starts_with('.')
            && let Some(id) = self.relative(&normalize(&folder.join(specifier)))
        {
            return Target::File(id);
        }
        let to = self.ask(from, specifier);
        if let Some(asked) = &self.asked
            && let Some(&from) = self.by_path.get(from)
            && let Ok(mut asked) = asked.lock()
        {
            let specifier = specifier.into();
            asked.push(Asked { from, specifier, to });
        }
        to.map_or_else(external, Target::File)
    }

    /// The file of the project that a specifier leads to by what stands on the disk: packages, their fields, links
    /// and `tsconfig.json` files. `from` is absolute and without links.
    pub fn ask(&self, from: &Path, specifier: &str) -> Option<FileId> {
        match self.resolver.resolve_file(from, specifier) {
            Ok(found) => match self.by_path.get(found.path()) {
                Some(&id) => Some(id),
                // What was installed is another version; what was built has its source in the project.
                None if is_installed(found.path()) => None,
                None => self.sibling_package(specifier),
            },
            Err(_) => self
                .own_package(from.parent()?, specifier)
                .or_else(|| self.sibling_package(specifier))
                .or_else(|| self.in_marked_folder(from.parent()?, specifier))
                .or_else(|| self.below_a_root(from.parent()?, specifier)),
        }
    }

    /// A file of a folder that a framework has a name for: `$lib/store`.
    fn in_marked_folder(&self, folder: &Path, specifier: &str) -> Option<FileId> {
        FOLDER_MARKS.iter().find_map(|(mark, stands_for)| {
            let path = specifier.strip_prefix(mark)?;
            let path = match path.strip_prefix('/') {
                None if !path.is_empty() => return None,
                rest => rest.unwrap_or_default(),
            };
            let mut above = folder.ancestors();
            above.find_map(|up| self.relative(&normalize(&up.join(stands_for).join(path))))
        })
    }

    /// A file by its path below a folder that the importing file stands in, or below its `src`. Bundlers are told so in
    /// their own configuration, which is a program: `@/store` and `~/store` by habit, `models/user` as a root.
    fn below_a_root(&self, folder: &Path, specifier: &str) -> Option<FileId> {
        let marked = ROOT_MARKS.iter().find_map(|mark| specifier.strip_prefix(mark));
        let path = marked.unwrap_or(specifier);
        // A package may have any name without a slash, but hardly one that ends like a component's file.
        let is_path = path.contains('/') || COMPONENTS.iter().any(|end| path.ends_with(end));
        if path.starts_with(['.', '/', '@', '#', '~']) || path.contains(':') || marked.is_none() && !is_path {
            return None;
        }
        let below = |root: &Path| self.relative(&normalize(&root.join(path)));
        let mut above = folder.ancestors();
        above.find_map(|up| match marked {
            Some(_) => below(&up.join("src")).or_else(|| below(up)),
            None => below(up),
        })
    }

    /// A file of another package of the project, by the name of that package.
    fn sibling_package(&self, specifier: &str) -> Option<FileId> {
        if specifier.starts_with(['.', '/', '#']) {
            return None;
        }
        let packages = self.packages.get_or_init(|| Packages::above(self.by_path.keys()));
        packages
            .candidates(specifier)
            .iter()
            .find_map(|path| self.relative(&normalize(path)))
    }

    /// A file of the package that the importing file is part of, by the package's own name. Bundlers are often told
    /// to understand it so, where Node wants an `exports` field.
    fn own_package(&self, folder: &Path, specifier: &str) -> Option<FileId> {
        let is_scoped = specifier.starts_with('@');
        let end = specifier.match_indices('/').nth(usize::from(is_scoped))?.0;
        let (name, rest) = (&specifier[..end], &specifier[end + 1..]);
        let root = folder.ancestors().find_map(|up| {
            let known = self.package_names.lock().ok()?.get(up).cloned();
            let own = match known {
                Some(own) => own,
                None => {
                    let text = std::fs::read_to_string(up.join("package.json")).ok();
                    let json: Option<serde_json::Value> = text.and_then(|t| serde_json::from_str(&t).ok());
                    let own: Option<Box<str>> = json.and_then(|j| j.get("name")?.as_str().map(Into::into));
                    self.package_names.lock().ok()?.insert(up.to_owned(), own.clone());
                    own
                }
            };
            (own.as_deref() == Some(name)).then_some(up)
        })?;
        self.relative(&normalize(&root.join(rest)))
    }

    /// The common case, without asking the file system.
    fn relative(&self, path: &Path) -> Option<FileId> {
        if let Some(&id) = self.by_path.get(path) {
            return Some(id);
        }
        let text = path.to_str()?;
        let with = |base: &str| {
            EXTENSIONS
                .iter()
                .find_map(|e| self.by_path.get(Path::new(&format!("{base}.{e}"))).copied())
        };
        with(text)
            .or_else(|| {
                // `./x.js` written for `./x.ts`.
                let (stem, ext) = text.rsplit_once('.')?;
                matches!(ext, "js" | "jsx" | "mjs" | "cjs")
                    .then(|| with(stem))
                    .flatten()
            })
            .or_else(|| with(&format!("{text}/index")))
    }
}

fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Names of Node's built-in modules that are imported without `node:`; they need no look at the disk.
pub(super) fn is_builtin(specifier: &str) -> bool {
    const BUILTIN: [&str; 34] = [
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "fs/promises",
        "http",
        "http2",
        "https",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "stream",
        "timers",
        "tls",
        "tty",
        "url",
        "util",
        "worker_threads",
        "zlib",
    ];
    BUILTIN.binary_search(&specifier).is_ok()
}

/// Every specifier a file imports, requires or exports from.
fn specifiers(facts: &FileFacts) -> Vec<Name> {
    let mut out: Vec<Name> = facts.imports.iter().map(|i| i.specifier).collect();
    out.extend(&facts.star_exports);
    out.extend(&facts.type_imports);
    for export in &facts.exports {
        if let crate::facts::ExportValue::From { specifier, .. } = export.value {
            out.push(specifier);
        }
    }
    out.extend(facts.calls.iter().filter_map(|&call| required(facts, call)));
    out
}

/// The module that a function is handed when it is there: `import("./module").then((module) => ...)`.
pub(super) fn waited_for(facts: &FileFacts, function: crate::facts::NodeId) -> Option<crate::facts::NodeId> {
    let Node::Call { callee, args, .. } = facts.node(facts.parent(function)) else {
        return None;
    };
    let Node::Member { object, property, .. } = facts.node(callee) else {
        return None;
    };
    let is_handed = facts.name(property) == "then" && facts.item(args, 0) == Some(function);
    (is_handed && required(facts, object).is_some()).then_some(object)
}

/// The module that a variable is set to wherever it is set, but for what clears it.
pub(super) fn only_required(facts: &FileFacts, b: BindingId) -> Option<Name> {
    let binding = facts.binding(b);
    let is_variable = matches!(binding.kind, BindingKind::Var | BindingKind::Let);
    if !is_variable || binding.pattern.is_some() || binding.init.is_some_and(|init| !facts.node(init).is_absent()) {
        return None;
    }
    let written = facts.references_of(b).filter(|node| facts.is_written(*node));
    let mut modules = written.filter_map(|node| match facts.node(facts.parent(node)) {
        Node::Assign { value, .. } if facts.node(value).is_absent() => None,
        Node::Assign {
            value,
            op: AssignOp::Set,
            ..
        } => Some(required(facts, value)),
        Node::Declare { .. } => None,
        _ => Some(None),
    });
    let first = modules.next()??;
    modules.all(|other| other == Some(first)).then_some(first)
}

/// What a page has that may have modules to give: in Electron, a bundler leaves `window.require` alone.
const PAGE: [&str; 3] = ["window", "globalThis", "self"];

/// The specifier of `require("...")`, `import("...")` or `window.require("package")`.
pub(super) fn required(facts: &FileFacts, call: crate::facts::NodeId) -> Option<Name> {
    let Node::Call { callee, args, kind } = facts.node(call) else {
        return None;
    };
    let is_require = |name| facts.name(name) == "require";
    let (is_asked, of_page) = match facts.node(callee) {
        Node::Global(n) => (is_require(n), false),
        Node::Member { object, property, .. } => {
            let on_page = matches!(facts.node(object), Node::Global(n) if PAGE.contains(&facts.name(n)));
            (on_page && is_require(property), true)
        }
        _ => (kind == CallKind::Import, false),
    };
    if !is_asked {
        return None;
    }
    match facts.node(facts.item(args, 0)?) {
        Node::Str(n) => (!of_page || is_package(facts.name(n))).then_some(n),
        _ => None,
    }
}

/// Whether a page that asks for a module means a package: no path, which begins at the page, and no module of a loader of
/// its own. The names of packages are in lower case (<https://docs.npmjs.com/cli/v10/configuring-npm/package-json#name>).
fn is_package(specifier: &str) -> bool {
    !specifier.starts_with(['.', '/']) && !specifier.contains(|c: char| c.is_ascii_uppercase())
}
