//! Bounds of the analysis: what is too long to be followed to its end is said, once for each bound and file.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use leaklint::finding::{ErrorKind, InputError};
use leaklint::session::{Request, check};

fn limits(folder: &Path, threads: usize) -> Vec<InputError> {
    let folder = folder.canonicalize().unwrap();
    let request = Request {
        cwd: folder.clone(),
        paths: vec![folder.clone()],
        root: folder,
        no_ignore: true,
        threads: Some(threads),
        max_file_size: 16 << 20,
        ..Request::default()
    };
    let report = check(&request, &|_, _| {});
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    report.limits
}

/// Functions that call each other in a long row, the last of which starts a timer.
fn chain(length: usize) -> String {
    let mut text = String::from("export function f0() { setInterval(() => note(), 10); }\n");
    for i in 1..=length {
        writeln!(text, "function f{i}() {{ f{}(); }}", i - 1).unwrap();
    }
    text
}

/// A timer in a function of very many statements, released at its end.
fn long(length: usize) -> String {
    let body = "  if (a()) b();\n".repeat(length);
    format!(
        "import {{ createServer }} from 'http';\ncreateServer((req, res) => {{\n  const t = setInterval(tick, 10);\n\
         {body}  clearInterval(t);\n}});\n"
    )
}

#[test]
fn bounds_that_are_reached_are_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("chain.js"), chain(40)).unwrap();
    fs::write(folder.path().join("long.js"), long(20_000)).unwrap();
    fs::write(folder.path().join("short.js"), chain(2) + &long(20)).unwrap();
    let one = limits(folder.path(), 1);
    let names: Vec<(&str, &str)> = one
        .iter()
        .map(|e| (e.file.to_str().unwrap(), e.message.as_str()))
        .collect();
    assert!(
        names
            .iter()
            .any(|(file, message)| *file == "chain.js" && message.contains("who calls a function")),
        "{names:?}"
    );
    assert!(
        names
            .iter()
            .any(|(file, message)| *file == "long.js" && message.contains("a long function")),
        "{names:?}"
    );
    assert!(names.iter().all(|(file, _)| *file != "short.js"), "{names:?}");
    assert!(one.iter().all(|entry| entry.kind == ErrorKind::Limit));
    let mut once = names.clone();
    once.dedup();
    assert_eq!(once, names, "one entry for each bound and file");
    for threads in [2, 7] {
        assert_eq!(limits(folder.path(), threads), one, "{threads} threads");
    }
}
