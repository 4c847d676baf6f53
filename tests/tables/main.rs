//! Every row of `[[pair]]` at work: programs are made from its patterns, and checked. The acquisition alone, where it
//! happens again and again, is reported; with any of the row's releases it is not.
//!
//! What does not hold stands in `fixtures/rows.txt` with a reason; a test keeps the list exact, so it only shrinks.

mod program;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leaklint::analysis::analyze;
use leaklint::session::{Input, Options};
use leaklint::tables::{CallPattern, Param, Tables};

use program::{Shape, program};

/// A way to write a row: one acquisition with no release, or with one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Way {
    acquire: String,
    release: Option<String>,
}

/// Every way to write a pair, by its index in the tables: each acquisition alone and with the first release, and each
/// release with the first acquisition.
fn ways(tables: &Tables) -> Vec<(usize, Way)> {
    let mut ways = Vec::new();
    for (row, pair) in tables.pairs.iter().enumerate() {
        for (i, acquire) in pair.acquire.iter().enumerate() {
            let fits = |release: &&String| pair.acquire.iter().position(|other| has_what(other, release));
            let releases = pair.release.iter().enumerate();
            // A release that takes a key needs an acquisition with one.
            let releases = releases.filter(|(r, release)| fits(release).unwrap_or(0) == i || *r == 0 && i > 0);
            let releases = releases.map(|(_, release)| Some(release.clone()));
            ways.extend(std::iter::once(None).chain(releases).map(|release| {
                let acquire = acquire.clone();
                (row, Way { acquire, release })
            }));
        }
    }
    ways
}

/// Whether an acquisition is given what a release needs.
fn has_what(acquire: &str, release: &str) -> bool {
    let (acquire, release) = (
        CallPattern::parse(acquire).unwrap(),
        CallPattern::parse(release).unwrap(),
    );
    let needed = [Param::Key, Param::Handler];
    needed
        .iter()
        .all(|param| release.position(param).is_none() || acquire.position(param).is_some())
}

/// For each program, whether the rule of its row reports something in it.
fn check(tables: &Tables, ways: &[(usize, Way)]) -> HashMap<(Way, Shape), bool> {
    let folder = tempfile::Builder::new().prefix("leaklint-").tempdir().unwrap();
    let mut inputs = Vec::new();
    let mut written = Vec::new();
    for (row, way) in ways {
        for &shape in Shape::ALL {
            let pair = &tables.pairs[*row];
            if shape == Shape::Chain && !pair.one_shot || shape == Shape::Piped && pair.drained.is_none() {
                continue;
            }
            let Some(text) = program(tables, pair, &way.acquire, way.release.as_deref(), shape) else {
                continue;
            };
            let path = Arc::new(PathBuf::from(format!("{:05}.tsx", written.len())));
            if let Some(folder) = std::env::var_os("KEEP_PROGRAMS") {
                fs::write(Path::new(&folder).join(&*path), format!("// {way:?} {shape:?}\n{text}")).unwrap();
            }
            inputs.push(Input {
                path: Arc::clone(&path),
                text: Some(text.into()),
                report: true,
                explicit: true,
            });
            written.push((path, tables.pairs[*row].rule.clone(), (way.clone(), shape)));
        }
    }
    let options = Options {
        threads: None,
        max_file_size: 1 << 20,
        large_object_bytes: 1 << 16,
        long_lived_names: Vec::new(),
        teardown_names: Vec::new(),
        extra_tables: None,
        cwd: folder.path().to_path_buf(),
        root: folder.path().to_path_buf(),
        cache: None,
    };
    let analysis = analyze(inputs, &options, &|_, _| {});
    assert!(analysis.errors.is_empty(), "{:?}", analysis.errors);
    let found: BTreeSet<(&Path, &str)> = analysis.findings.iter().map(|f| (f.file.as_path(), f.rule)).collect();
    let reported = |path: &Path, rule: &str| found.contains(&(path, rule));
    written
        .iter()
        .map(|(path, rule, key)| (key.clone(), reported(path, rule)))
        .collect()
}

/// The ways that do not hold, with what is wrong.
fn failures(tables: &Tables) -> BTreeMap<String, &'static str> {
    let ways = ways(tables);
    let reported = check(tables, &ways);
    let alone = |acquire: &str, shape| {
        let way = Way {
            acquire: acquire.to_owned(),
            release: None,
        };
        reported.get(&(way, shape)).copied().unwrap_or(false)
    };
    let mut failures = BTreeMap::new();
    for (_, way) in &ways {
        let shapes: Vec<Shape> = Shape::ALL.iter().copied().filter(|&s| alone(&way.acquire, s)).collect();
        let Some(release) = &way.release else {
            if shapes.is_empty() {
                failures.insert(way.acquire.clone(), "silent");
            }
            continue;
        };
        let name = format!("{} with {release}", way.acquire);
        if std::env::var_os("KEEP_PROGRAMS").is_some() {
            let said: Vec<_> = shapes.iter().map(|&s| (s, reported.get(&(way.clone(), s)))).collect();
            eprintln!("{name}: {said:?}");
        }
        let kept: Vec<bool> = shapes
            .iter()
            .filter_map(|&s| reported.get(&(way.clone(), s)).copied())
            .collect();
        if kept.is_empty() && !shapes.is_empty() {
            failures.insert(name, "no program");
        } else if kept.contains(&true) {
            failures.insert(name, "reported");
        }
    }
    failures
}

/// `WHAT HAPPENS: THE WAY: reason`, one for each line.
fn listed() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rows.txt")).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let parts: Vec<&str> = line.splitn(3, " | ").collect();
            let [what, way, why] = parts[..] else {
                panic!("fixtures/rows.txt: not `WHAT | WAY | REASON`: {line}")
            };
            (way.to_owned(), (what.to_owned(), why.to_owned()))
        })
        .collect()
}

#[test]
fn rows_report_what_is_kept_and_nothing_else() {
    let tables = Tables::builtin();
    let worker = std::thread::Builder::new().stack_size(leaklint::syntax::WORKER_STACK);
    let failures = worker.spawn(move || failures(&tables)).unwrap().join().unwrap();
    let listed = listed();
    let mut wrong = Vec::new();
    for (way, what) in &failures {
        match listed.get(way) {
            Some((known, _)) if known == what => {}
            _ => wrong.push(format!("{what} | {way} | ")),
        }
    }
    let stale = listed.keys().filter(|way| !failures.contains_key(*way));
    wrong.extend(stale.map(|way| format!("holds now or is gone: take it off fixtures/rows.txt: {way}")));
    assert!(wrong.is_empty(), "{} ways\n{}", wrong.len(), wrong.join("\n"));
    assert!(
        listed.values().all(|(_, why)| why.len() > 10),
        "an entry without a reason"
    );
}
