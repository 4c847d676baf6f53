//! Which room may know what. A room is a folder or file of `src`, or the folder `rules`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A foreign crate (by the beginning of its name) and the only places that may name it.
const CRATES: &[(&str, &[&str])] = &[
    ("swc_", &["src/syntax", "src/extract"]),
    ("miette", &["src/report/pretty"]),
    ("clap", &["src/cli"]),
    ("quick_xml", &["src/report"]),
    ("postcard", &["src/cache"]),
    ("lsp_", &["src/lsp"]),
    ("url", &["src/lsp"]),
];

/// A room and the only rooms of the crate that it may name, beside itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("src/finding", &[]),
    ("src/syntax", &["finding"]),
    ("src/facts", &["finding"]),
    ("src/extract", &["facts", "finding"]),
    ("src/tables", &[]),
    ("src/link", &["facts", "finding", "tables"]),
    // `tables`: which calls acquire and release is asked of the rows, link only finds the calls.
    ("src/lifetime", &["facts", "finding", "link", "tables"]),
    ("src/reading", &["extract", "facts", "syntax"]),
    ("src/cache", &["reading", "syntax"]),
    ("src/rule.rs", &["finding"]),
    ("src/git.rs", &[]),
    ("src/changed.rs", &["discover", "finding", "git", "report", "session"]),
    // `report`: a finding for its tests.
    ("src/baseline.rs", &["finding", "report"]),
    // `rules` has the registry in its `mod.rs`; the rules themselves see `rule` only.
    ("rules", &["rule"]),
    // `config` and `session`: a report is of a run; `syntax`: lines and columns; `discover`: absolute paths;
    // `rule`, `rules`, `suppress`: some formats describe every rule; `baseline`: what is fixed is told.
    (
        "src/report",
        &[
            "baseline", "config", "discover", "finding", "rule", "rules", "session", "suppress", "syntax",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the crate: its path with `/`, and its text without comments that fill a line.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for top in ["src", "rules"] {
        walk(&root().join(top), &mut files);
    }
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        (name, code.join("\n"))
    };
    files.into_iter().map(read).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether `text` has a name that begins with `start` and is used as a path: `miette::`, `use clap;`.
fn names_crate(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| {
        let rest = text[at..].trim_start_matches(is_word);
        !text[..at].ends_with(is_word) && (rest.starts_with("::") || text[..at].ends_with("use "))
    })
}

/// The rooms that `text` names, as `crate::room` or within `crate::{...}`.
fn rooms(text: &str) -> BTreeSet<&str> {
    let mut rooms = BTreeSet::new();
    for (at, path) in text.match_indices("crate::") {
        if text[..at].ends_with(is_word) {
            continue;
        }
        let rest = &text[at + path.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            rooms.insert(first_word(rest));
            continue;
        };
        let (mut depth, mut fresh) = (0, true);
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => fresh = true,
                c if fresh && is_word(c) => {
                    rooms.insert(first_word(&group[i..]));
                    fresh = false;
                }
                _ => {}
            }
        }
    }
    rooms
}

fn first_word(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

/// Whether `file` is `place`, stands in it, or is a part of it (`pretty.rs`, `pretty/`, `pretty_tests.rs`).
fn within(file: &str, place: &str) -> bool {
    file.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.', '_']))
}

#[test]
fn foreign_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (name, places) in CRATES {
            if names_crate(&text, name) && !places.iter().any(|place| within(&file, place)) {
                wrong.push(format!("{file} names `{name}`; only {} may", places.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn rooms_know_only_what_stands_before_them() {
    let mut wrong = Vec::new();
    let sources = sources();
    for (room, allowed) in ROOMS {
        let own = room.trim_start_matches("src/").trim_end_matches(".rs");
        let files = sources.iter().filter(|(file, _)| within(file, room));
        let mut some = false;
        for (file, text) in files {
            some = true;
            for named in rooms(text) {
                if named != own && !allowed.contains(&named) {
                    wrong.push(format!("{file} names `crate::{named}`; {room} may know {allowed:?}"));
                }
            }
        }
        assert!(some, "{room} is gone: correct the list");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn names_are_found_in_every_form() {
    let text = "use crate::{link::{self, x}, facts};\nlet a = crate::tables::A; mycrate::no();";
    assert_eq!(rooms(text).into_iter().collect::<Vec<_>>(), ["facts", "link", "tables"]);
    assert!(names_crate("use swc_common::Span;", "swc_"));
    assert!(names_crate("x: miette::Severity", "miette"));
    assert!(!names_crate("let clapped = 1; let s = \"clap\";", "clap"));
}
