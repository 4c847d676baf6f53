//! Gives every state of the code a version, so that what other code wrote into a cache is never read. There are two:
//! a hash of the rooms that decide what facts a text has, and one of all that decides what is found. Both hold the
//! versions of the crates.

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

/// What decides the findings of a project.
const ALL: [&str; 4] = ["src", "rules", "build.rs", "Cargo.lock"];

fn main() {
    println!("cargo::rustc-env=LEAKLINT_FACTS_VERSION={:016x}", version(&ROOMS));
    println!("cargo::rustc-env=LEAKLINT_PROGRAM_VERSION={:016x}", version(&ALL));
}

fn version(rooms: &[&str]) -> u64 {
    let mut files = BTreeSet::new();
    for room in rooms {
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
    hasher.finish()
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => {
            files.insert(path.to_path_buf());
        }
    }
}
