//! Scopes: every identifier means what swc's resolver says it means.
//!
//! The resolver is another's work on the same language, so a difference is an error on one side. What differs by
//! intent is named in [`Oracle`]. `LEAKLINT_CORPUS=FOLDER cargo test --test scopes -- --ignored` reads a folder of
//! real code as well.

mod generate;
mod oracle;

use std::fs;
use std::path::{Path, PathBuf};

use leaklint::syntax::{Language, WORKER_STACK};

fn on_worker<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let worker = std::thread::Builder::new().stack_size(WORKER_STACK);
    worker.spawn(work).unwrap().join().unwrap()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files);
        } else if Language::of(&path).is_some() && !path.to_string_lossy().ends_with(".d.ts") {
            files.push(path);
        }
    }
}

fn fixtures() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join("fixtures"), &mut files);
    let mut texts: Vec<_> = files
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    for rule in fs::read_dir(root.join("rules")).unwrap() {
        let path = rule.unwrap().path().join("rule.md");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, block) in text.split("```").skip(1).step_by(2).enumerate() {
            let (language, code) = block.split_once('\n').unwrap();
            // Other files of a block declare the same names again: each is a program of its own.
            for (part, code) in code.split("// file: ").enumerate() {
                let name = format!("{}-{number}-{part}.{}", path.display(), language.trim());
                let code = if part == 0 {
                    code
                } else {
                    code.split_once('\n').unwrap().1
                };
                texts.push((PathBuf::from(name), code.to_owned()));
            }
        }
    }
    texts.retain(|(path, _)| Language::of(path).is_some());
    texts
}

/// Checks texts and says everything in which they differ, at most as much as anybody reads.
fn agree(texts: &[(PathBuf, String)]) -> usize {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (path, text) in texts {
        let outcome = oracle::compare(path, text);
        compared += outcome.compared;
        wrong.extend(outcome.wrong.iter().map(|line| format!("{}:{line}", path.display())));
    }
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {compared} identifiers differ\n{shown}",
        wrong.len()
    );
    compared
}

#[test]
fn fixtures_agree() {
    let compared = on_worker(|| agree(&fixtures()));
    assert!(compared > 5_000, "only {compared} identifiers");
}

#[test]
fn generated_programs_agree() {
    let compared = on_worker(|| {
        let programs = (1..=400).map(|seed| {
            let name = PathBuf::from(format!("{seed}.{}", if seed % 4 == 0 { "ts" } else { "js" }));
            (name, generate::program(seed, 60))
        });
        let large = (1..=3).map(|seed| {
            (
                PathBuf::from(format!("large{seed}.js")),
                generate::program(seed, 20_000),
            )
        });
        agree(&programs.chain(large).collect::<Vec<_>>())
    });
    assert!(compared > 100_000, "only {compared} identifiers");
}

#[test]
#[ignore = "needs a folder of real code"]
fn a_corpus_agrees() {
    let folder = std::env::var_os("LEAKLINT_CORPUS").expect("LEAKLINT_CORPUS names a folder");
    let compared = on_worker(move || {
        let mut files = Vec::new();
        walk(Path::new(&folder), &mut files);
        let texts = files
            .into_iter()
            .filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?)));
        agree(&texts.collect::<Vec<_>>())
    });
    println!("{compared} identifiers agree");
}
