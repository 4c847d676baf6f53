//! Packages of one project: what a package imports from another of them by its name.
//!
//! A package manager links such packages into `node_modules`, and their `package.json` names the built entry. Where
//! nothing is installed or built, and that is so in a fresh clone, the name and the source folder are enough.

use std::path::{Component, Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

/// How deep below the project packages are looked for: `apps/web/packages/@scope/name`.
const MAX_DEPTH: usize = 5;

/// Folders that hold what was built from the sources.
const BUILT: [&str; 8] = ["lib", "dist", "build", "out", "es", "esm", "cjs", "umd"];

/// Folders that hold the sources of a package, as its own name leads to them.
const SOURCES: [&str; 3] = ["src", "app", "addon"];

/// Fields of a `package.json` that name an entry, the nearest to the source first.
const ENTRIES: [&str; 5] = ["source", "types", "typings", "module", "main"];

/// One package.
#[derive(Debug)]
struct Package {
    folder: PathBuf,
    /// What its `package.json` names as entries.
    entries: Vec<String>,
}

/// For each file, the package that others may install which it is part of, by a number. The nearest `package.json` with
/// a name decides, up to the root of the project; one that is private is nobody else's.
pub(crate) fn published(files: &[PathBuf], root: &Path) -> Vec<Option<u32>> {
    /// What the folders have above themselves, as far as they were asked.
    fn of_folder<'p>(folder: &'p Path, root: &Path, known: &mut FxHashMap<&'p Path, Option<u32>>) -> Option<u32> {
        if let Some(&found) = known.get(folder) {
            return found;
        }
        let found = match manifest(folder) {
            Some(manifest) if manifest.get("name").is_some() => {
                let is_private = manifest.get("private") == Some(&Value::Bool(true));
                (!is_private).then_some(known.len() as u32)
            }
            _ if folder == root => None,
            _ => folder.parent().and_then(|up| of_folder(up, root, known)),
        };
        known.insert(folder, found);
        found
    }
    let mut known = FxHashMap::default();
    let folders = files.iter().map(|file| file.parent().filter(|f| f.starts_with(root)));
    folders.map(|folder| of_folder(folder?, root, &mut known)).collect()
}

/// The packages of a project by their names.
#[derive(Debug, Default)]
pub(super) struct Packages(FxHashMap<Box<str>, Package>);

impl Packages {
    /// The packages whose folders are above some of these files.
    pub(super) fn above<'p>(files: impl Iterator<Item = &'p PathBuf> + Clone) -> Self {
        let mut packages = Self::default();
        let Some(top) = common_folder(files.clone()) else {
            return packages;
        };
        let mut folders: FxHashSet<&Path> = FxHashSet::default();
        for file in files {
            let above = file.ancestors().skip(1).take_while(|up| up.starts_with(&top));
            for up in above {
                if !folders.insert(up) {
                    break;
                }
            }
        }
        let depth = top.components().count();
        let mut folders: Vec<&Path> = folders
            .into_iter()
            .filter(|f| f.components().count() <= depth + MAX_DEPTH && !is_installed(f))
            .collect();
        // Of two packages of one name, the one nearer to the top counts.
        folders.sort_unstable_by_key(|f| (f.components().count(), *f));
        for folder in folders {
            if let Some((name, package)) = read(folder) {
                packages.0.entry(name).or_insert(package);
            }
        }
        packages
    }

    /// Where the source of a specifier may be, the likeliest path first, without extension.
    pub(super) fn candidates(&self, specifier: &str) -> Vec<PathBuf> {
        let is_scoped = specifier.starts_with('@');
        let end = specifier
            .match_indices('/')
            .nth(usize::from(is_scoped))
            .map(|(at, _)| at);
        let (name, rest) = match end {
            Some(end) => (&specifier[..end], &specifier[end + 1..]),
            None => (specifier, ""),
        };
        let Some(package) = self.0.get(name) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut add = |path: &str| out.push(package.folder.join(path));
        if rest.is_empty() {
            for entry in &package.entries {
                sources_of(entry, &mut add);
            }
            ["src/index", "index", "src/main", "src"].into_iter().for_each(add);
        } else {
            sources_of(rest, &mut add);
        }
        out
    }
}

/// Whether a path leads through a folder of installed packages.
pub(super) fn is_installed(path: &Path) -> bool {
    path.components().any(|c| c.as_os_str() == "node_modules")
}

/// `dist/esm/view.js` may be built from `src/view`, and `view` may be `src/view`.
fn sources_of(path: &str, add: &mut impl FnMut(&str)) {
    let path = path.strip_prefix("./").unwrap_or(path);
    let stem = path
        .strip_suffix(".d.ts")
        .or_else(|| {
            Path::new(path)
                .extension()
                .and(path.rsplit_once('.').map(|(stem, _)| stem))
        })
        .unwrap_or(path);
    add(stem);
    let mut rest = stem;
    while let Some((first, more)) = rest.split_once('/')
        && BUILT.contains(&first)
    {
        rest = more;
        add(&format!("src/{rest}"));
    }
    if rest == stem {
        SOURCES.iter().for_each(|folder| add(&format!("{folder}/{stem}")));
    }
}

/// What the `package.json` of a folder says, if it has one.
fn manifest(folder: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(folder.join("package.json")).ok()?;
    serde_json::from_str(&text).ok()
}

fn read(folder: &Path) -> Option<(Box<str>, Package)> {
    let json = manifest(folder)?;
    let name = json.get("name")?.as_str()?;
    let entries = ENTRIES
        .iter()
        .filter_map(|field| Some(json.get(field)?.as_str()?.to_owned()));
    let package = Package {
        folder: folder.to_owned(),
        entries: entries.collect(),
    };
    Some((name.into(), package))
}

fn common_folder<'p>(mut files: impl Iterator<Item = &'p PathBuf>) -> Option<PathBuf> {
    let mut common: Vec<Component<'_>> = files.next()?.parent()?.components().collect();
    for file in files {
        let same = file.components().zip(&common).take_while(|(a, b)| a == *b).count();
        common.truncate(same);
    }
    Some(common.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(path: &str) -> Vec<String> {
        let mut out = Vec::new();
        sources_of(path, &mut |p| out.push(p.to_owned()));
        out
    }

    #[test]
    fn built_paths_lead_to_sources() {
        assert_eq!(sources("dist/index.js"), ["dist/index", "src/index"]);
        assert_eq!(sources("./lib/browser"), ["lib/browser", "src/browser"]);
        assert_eq!(sources("dist/esm/a.d.ts"), ["dist/esm/a", "src/esm/a", "src/a"]);
        assert_eq!(sources("react"), ["react", "src/react", "app/react", "addon/react"]);
    }

    #[test]
    fn the_folder_above_all_files_is_found() {
        let files = ["/a/b/c.ts", "/a/b/d/e.ts"].map(PathBuf::from);
        assert_eq!(common_folder(files.iter()), Some(PathBuf::from("/a/b")));
    }
}
