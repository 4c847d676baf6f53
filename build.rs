//! Gives every state of the code that makes facts a version of its own, so that a cache written by other code is
//! never read: a hash of the rooms that decide what facts a text has, and of the versions of the crates they use.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What decides the facts of a text, and their form in the cache.
const ROOMS: [&str; 7] = [
    "src/cache",
    "src/extract",
    "src/facts",
    "src/finding.rs",
    "src/reading.rs",
    "src/syntax",
    "Cargo.lock",
];

fn main() {
    let mut files = BTreeSet::new();
    for room in ROOMS {
        println!("cargo::rerun-if-changed={room}");
        collect(Path::new(room), &mut files);
    }
    let mut hasher = DefaultHasher::new();
    for file in files {
        let text = fs::read(&file).unwrap_or_default();
        (file, text).hash(&mut hasher);
    }
    for name in ["CARGO_PKG_VERSION", "CARGO_CFG_TARGET_POINTER_WIDTH"] {
        env::var(name).unwrap_or_default().hash(&mut hasher);
    }
    println!("cargo::rustc-env=LEAKLINT_FACTS_VERSION={:016x}", hasher.finish());
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => {
            files.insert(path.to_path_buf());
        }
    }
}
