//! Which files are checked, and which are only read.
//!
//! What is named is *reported on*: files as they are, folders by walking them. The rest of the project
//! around them is listed too, but only to be *read*, so that one file checked from a hook is judged with the
//! same knowledge as the whole project.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

mod foreign;

pub use foreign::{is_bundle, is_library_copy, is_minified};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::config::Config;
use crate::finding::{ErrorKind, InputError};
use crate::session::Input;

/// File name extensions that hold JavaScript or TypeScript.
pub const EXTENSIONS: [&str; 12] = [
    "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro", "html",
];

/// Folders of installed packages: never walked into.
const PACKAGE_DIRS: [&str; 4] = ["node_modules", "bower_components", "jspm_packages", "web_modules"];

/// Folders of generated or foreign code: not walked into unless named, or unless a folder like them is.
const OUTPUT_DIRS: [&str; 17] = [
    "dist",
    "build",
    "out",
    "output",
    "coverage",
    "storybook-static",
    "vendor",
    "vendors",
    "third_party",
    "third-party",
    "thirdparty",
    "__generated__",
    "__snapshots__",
    "target",
    "_site",
    "site-packages",
    "flow-typed",
];

/// How many files of the project around the named paths are listed for reading.
pub const MAX_READ_FILES: usize = 20_000;

/// After how many files a walk for reading gives up: the folder is then not a project.
const MAX_WALKED_FILES: usize = 10 * MAX_READ_FILES;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// The current directory, absolute.
    pub cwd: &'a Path,
    /// The paths as they were named.
    pub paths: &'a [PathBuf],
    /// The project root, absolute.
    pub root: &'a Path,
    /// Its include and exclude globs are asked.
    pub config: &'a Config,
    /// Whether ignore files are disregarded.
    pub no_ignore: bool,
    /// Whether a file that is named counts as one that is met in a folder.
    pub force_exclude: bool,
    /// Threads of the walk; `None` for as many as there are processors.
    pub threads: Option<usize>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Sorted by path, without duplicates.
    pub inputs: Vec<Input>,
    /// Paths that do not exist or cannot be listed.
    pub errors: Vec<InputError>,
}

impl Search<'_> {
    /// Whether a file would be checked if it were met in a folder. Ignore files are not asked: whoever names
    /// files from a repository has left ignored ones out.
    fn walks_to(&self, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy());
        let folder = path.parent().unwrap_or(Path::new(""));
        name.is_some_and(|name| is_source_name(&name))
            && self.config.wants(path)
            && !is_output_path(folder.strip_prefix(self.root).unwrap_or(Path::new("")))
    }
}

/// Lists the inputs of a run.
pub fn discover(search: &Search<'_>) -> Found {
    let mut found = Found::default();
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut directories = Vec::new();
    for path in search.paths {
        let canonical = match std::fs::canonicalize(path) {
            Ok(canonical) => canonical,
            Err(error) => {
                found.errors.push(unreadable(relative(path, search.cwd), &error));
                continue;
            }
        };
        if canonical.is_dir() {
            directories.push((path, canonical));
        } else if search.force_exclude && !search.walks_to(&canonical) {
            // Read all the same where the project around it is.
        } else if seen.insert(canonical) {
            found
                .inputs
                .push(input(relative(path, search.cwd), true, !search.force_exclude));
        }
    }
    for (path, canonical) in &directories {
        let walked = walk(search, path, canonical, usize::MAX);
        found.errors.extend(walked.errors);
        for file in walked.files {
            // A walk follows no links, so the canonical path of a file is that of its start and the rest.
            if seen.insert(canonical.join(&file)) {
                found
                    .inputs
                    .push(input(relative(&path.join(file), search.cwd), true, false));
            }
        }
    }
    let root = std::fs::canonicalize(search.root).unwrap_or_else(|_| search.root.to_path_buf());
    if !directories.iter().any(|(_, named)| root.starts_with(named)) {
        add_surroundings(search, &root, &mut seen, &mut found);
    }
    found.inputs.sort_by(|a, b| a.path.cmp(&b.path));
    found.errors.sort_by(|a, b| a.file.cmp(&b.file));
    found
}

/// Adds the rest of the project, to be read.
fn add_surroundings(search: &Search<'_>, root: &Path, seen: &mut HashSet<PathBuf>, found: &mut Found) {
    let walked = walk(search, search.root, root, MAX_WALKED_FILES);
    let mut files: Vec<_> = walked
        .files
        .into_iter()
        .filter(|file| !seen.contains(&root.join(file)))
        .collect();
    // What cannot be listed here was not asked for: it is not an error of this run.
    if files.len() > MAX_READ_FILES {
        files.truncate(MAX_READ_FILES);
        found.errors.push(InputError {
            kind: ErrorKind::Limit,
            message: format!(
                "the project around the checked files has more than {MAX_READ_FILES} files; \
                 only the first {MAX_READ_FILES} are read"
            ),
            file: Arc::new(relative(search.root, search.cwd)),
            span: None,
        });
    }
    for file in files {
        seen.insert(root.join(&file));
        found
            .inputs
            .push(input(relative(&search.root.join(file), search.cwd), false, false));
    }
}

fn input(path: PathBuf, report: bool, explicit: bool) -> Input {
    Input {
        path: Arc::new(path),
        text: None,
        report,
        explicit,
    }
}

/// An entry for a path the file system refuses.
pub fn unreadable(path: PathBuf, error: &std::io::Error) -> InputError {
    let message = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    InputError {
        kind: ErrorKind::Unreadable,
        message,
        file: Arc::new(path),
        span: None,
    }
}

#[derive(Default)]
struct Walked {
    /// Relative to the start of the walk, sorted.
    files: Vec<PathBuf>,
    errors: Vec<InputError>,
}

fn walk(search: &Search<'_>, start: &Path, canonical: &Path, limit: usize) -> Walked {
    let honour = !search.no_ignore;
    // Inside a folder that would not be walked into, its likes are what the user came for.
    let inside_output = is_output_path(canonical.strip_prefix(search.root).unwrap_or(Path::new("")));
    let mut builder = WalkBuilder::new(canonical);
    builder
        .hidden(true)
        .parents(honour)
        .ignore(honour)
        .git_ignore(honour)
        .git_exclude(honour)
        // The same project gives the same findings on every machine.
        .git_global(false)
        .require_git(false)
        .follow_links(false)
        .threads(search.threads.unwrap_or(0))
        .filter_entry(move |entry| entry.depth() == 0 || !is_skipped_dir(entry, inside_output));
    if honour {
        builder.add_custom_ignore_filename(".leaklintignore");
    }
    let walked = Mutex::new(Walked::default());
    let count = AtomicUsize::new(0);
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            match entry {
                Ok(entry) if is_source(&entry) && search.config.wants(entry.path()) => {
                    let file = entry
                        .path()
                        .strip_prefix(canonical)
                        .unwrap_or(entry.path())
                        .to_path_buf();
                    lock(&walked).files.push(file);
                    if count.fetch_add(1, Ordering::Relaxed) > limit {
                        return WalkState::Quit;
                    }
                }
                Ok(_) => {}
                Err(error) => lock(&walked)
                    .errors
                    .extend(walk_error(&error, start, canonical, search.cwd)),
            }
            WalkState::Continue
        })
    });
    let mut walked = walked.into_inner().unwrap_or_default();
    walked.files.sort();
    walked
}

/// A panic in another walking thread does not make the list unusable.
fn lock(walked: &Mutex<Walked>) -> std::sync::MutexGuard<'_, Walked> {
    walked.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What a walk could not list. A folder that vanished meanwhile is not an error: nobody can miss it.
fn walk_error(error: &ignore::Error, start: &Path, canonical: &Path, cwd: &Path) -> Option<InputError> {
    let io = error.io_error()?;
    if io.kind() == std::io::ErrorKind::NotFound {
        return None;
    }
    let mut inner = error;
    let mut path = start.to_path_buf();
    loop {
        inner = match inner {
            ignore::Error::WithPath { path: at, err } => {
                path = at
                    .strip_prefix(canonical)
                    .map_or_else(|_| at.clone(), |rest| start.join(rest));
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    Some(unreadable(relative(&path, cwd), io))
}

fn is_skipped_dir(entry: &DirEntry, inside_output: bool) -> bool {
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    let Some(name) = entry.file_name().to_str() else {
        return false;
    };
    PACKAGE_DIRS.contains(&name) || (!inside_output && OUTPUT_DIRS.contains(&name))
}

fn is_output_path(path: &Path) -> bool {
    path.iter()
        .filter_map(|part| part.to_str())
        .any(|part| OUTPUT_DIRS.contains(&part) || PACKAGE_DIRS.contains(&part))
}

fn is_source(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file()) && is_source_name(&entry.file_name().to_string_lossy())
}

/// Whether a file of this name is checked when it is met in a folder.
pub fn is_source_name(name: &str) -> bool {
    has_source_extension(name) && !is_generated(name)
}

/// Whether the name of a file is that of source code that a walk would list.
pub fn is_source_path(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| has_source_extension(name) && !is_generated(name))
}

fn has_source_extension(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension))
}

/// Whether the name is that of a minified, bundled or declaration file.
fn is_generated(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let typed = ["ts", "mts", "cts"]
        .iter()
        .any(|extension| name.ends_with(&format!(".d.{extension}")));
    typed
        || [".min", "-min", ".bundle", ".chunk", ".prod", ".umd"]
            .iter()
            .any(|suffix| stem.ends_with(suffix))
}

/// Whether a path looks like a test, a fixture, a benchmark or an example: not production code.
pub fn is_test_path(path: &Path) -> bool {
    let is_test_dir = |name: &str| {
        matches!(
            name,
            "test"
                | "tests"
                | "__tests__"
                | "__test__"
                | "spec"
                | "specs"
                | "__mocks__"
                | "mocks"
                | "__fixtures__"
                | "fixture"
                | "fixtures"
                | "e2e"
                | "cypress"
                | "playwright"
                | "benchmark"
                | "benchmarks"
                | "bench"
                | "example"
                | "examples"
                | "demo"
                | "demos"
                | "playgrounds"
                | "testing"
                | "test-utils"
                | "test-helpers"
                | "testHelpers"
                | "testUtils"
                | "testdata"
        ) || [
            "-tests",
            "_tests",
            "-e2e",
            "smoke-test",
            "integration-test",
            "stress-test",
        ]
        .iter()
        .any(|end| name.ends_with(end))
    };
    let directories = path
        .parent()
        .into_iter()
        .flat_map(Path::iter)
        .filter_map(|part| part.to_str());
    if directories.into_iter().any(is_test_dir) {
        return true;
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [".test.", ".spec.", ".e2e.", ".stories.", ".bench.", "_test."]
        .iter()
        .any(|mark| name.contains(mark))
}

/// Whether a path is one of programs that are run by hand or by a build, run through and end: scripts, migrations, seeds.
/// Pages have folders of scripts too.
pub fn is_job_path(path: &Path) -> bool {
    let is_job_dir = |name: &str| {
        matches!(
            name,
            "scripts" | "script" | "migrations" | "migration" | "seeders" | "seeds" | "codegen"
        )
    };
    let directories = path.parent().into_iter().flat_map(Path::iter);
    directories.filter_map(|part| part.to_str()).any(is_job_dir)
}

/// The root of the project that holds the paths: the nearest folder above all of them that is a workspace
/// or a repository, else the current directory when it holds them and a package, else the nearest folder with a package,
/// else the nearest one with a TypeScript project, else the current directory when it holds them, else the folder they
/// share.
pub fn project_root(cwd: &Path, paths: &[PathBuf]) -> PathBuf {
    let shared = shared_directory(cwd, paths);
    let has = |directory: &Path, names: &[&str]| names.iter().any(|name| directory.join(name).exists());
    let workspace = shared
        .ancestors()
        .find(|directory| has(directory, &WORKSPACES) || declares_workspaces(directory));
    // Packages below it may import each other: a file of one is judged as `leaklint` without a name judges it here.
    let here = Some(cwd).filter(|cwd| shared.starts_with(cwd) && has(cwd, &["package.json"]));
    let nearest = |names: &[&str]| shared.ancestors().find(|directory| has(directory, names));
    // A package may be of several TypeScript projects that refer to each other.
    let package = || nearest(&["package.json"]).or_else(|| nearest(&["tsconfig.json", "jsconfig.json"]));
    match workspace.or(here).or_else(package) {
        Some(root) => root.to_path_buf(),
        None if shared.starts_with(cwd) => cwd.to_path_buf(),
        None => shared,
    }
}

/// What stands in the root of a workspace or a repository.
const WORKSPACES: [&str; 5] = ["pnpm-workspace.yaml", ".git", "lerna.json", "nx.json", "rush.json"];

fn declares_workspaces(directory: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(directory.join("package.json")) else {
        return false;
    };
    text.contains("\"workspaces\"")
        && serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|package| package.get("workspaces").is_some())
}

/// The deepest folder that holds every path.
fn shared_directory(cwd: &Path, paths: &[PathBuf]) -> PathBuf {
    let mut shared: Option<PathBuf> = None;
    for path in paths {
        let mut directory = normalised(path, cwd);
        if !directory.is_dir() {
            directory.pop();
        }
        shared = Some(match shared {
            None => directory,
            Some(shared) => shared
                .iter()
                .zip(directory.iter())
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a)
                .collect(),
        });
    }
    shared.unwrap_or_else(|| cwd.to_path_buf())
}

/// The path as an absolute one, without `.` and `..`; links are not resolved.
pub fn normalised(path: &Path, cwd: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in cwd.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The path relative to the current directory, with `..` where it lies outside.
pub fn relative(path: &Path, cwd: &Path) -> PathBuf {
    let target = normalised(path, cwd);
    let shared = target
        .components()
        .zip(cwd.components())
        .take_while(|(a, b)| a == b)
        .count();
    if shared == 0 {
        return target;
    }
    let up = cwd.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(target.components().skip(shared)).collect();
    if path.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        path
    }
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
