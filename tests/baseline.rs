//! The baseline, with the real binary: what is known is not reported, what is fixed is told.

mod process;

use std::fs;
use std::path::Path;

use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use process::{leak, leaklint, project, write};
use serde_json::Value;
use tempfile::TempDir;

/// A repository with a leak in each of two packages.
fn repository() -> TempDir {
    let folder = project(&[
        ("package.json", "{}"),
        ("a/x.js", &leak("first")),
        ("b/y.js", &leak("second")),
    ]);
    fs::create_dir(folder.path().join(".git")).unwrap();
    folder
}

fn file(folder: &TempDir) -> Value {
    let text = fs::read_to_string(folder.path().join("leaklint-baseline.json")).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schemas/baseline.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    jsonschema::draft202012::validate(&schema, &value).unwrap();
    value
}

#[test]
fn what_is_known_is_not_reported_and_what_is_new_is() {
    let folder = repository();
    leaklint(folder.path()).assert().code(1);
    leaklint(folder.path())
        .arg("baseline")
        .assert()
        .code(0)
        .stdout("leaklint-baseline.json: written: 2 known, 2 of them new; 0 fixed and taken out\n")
        .stderr(is_empty());
    leaklint(folder.path())
        .assert()
        .code(0)
        .stdout(is_empty())
        .stderr("no leaks found in 2 files; 2 in the baseline\n");
    leaklint(folder.path()).arg("--no-baseline").assert().code(1);

    // An edit above moves the lines of what is known; a second leak of the same file is new.
    let moved = format!(
        "// a comment\n\n{}{}",
        leak("first"),
        leak("other").replace("const http", "// ")
    );
    write(folder.path(), &[("a/x.js", &moved)]);
    leaklint(folder.path())
        .assert()
        .code(1)
        .stdout(contains("`other` grows").and(contains("`first`").not()));
}

#[test]
fn it_is_found_and_means_the_same_from_every_folder() {
    let folder = repository();
    leaklint(folder.path()).arg("baseline").assert().code(0);
    let below = folder.path().join("a");
    leaklint(&below).assert().code(0).stderr(contains("1 in the baseline"));
    leaklint(&below).arg("../b/y.js").assert().code(0);
    // Written from below, it still holds what it knew of the other files.
    leaklint(&below)
        .arg("baseline")
        .assert()
        .code(0)
        .stdout(contains("../leaklint-baseline.json: unchanged: 2 known"));
    assert_eq!(file(&folder)["files"].as_object().unwrap().len(), 2);
}

#[test]
fn what_is_fixed_is_told_and_taken_out() {
    let folder = repository();
    leaklint(folder.path()).arg("baseline").assert().code(0);
    write(
        folder.path(),
        &[("a/x.js", "export const a = 1;\n"), ("c.js", &leak("third"))],
    );
    let told =
        contains("1 finding of the baseline is fixed").and(contains("a/x.js: growing-collection: `first` grows"));
    leaklint(folder.path()).assert().code(1).stderr(told);
    // A file that was not asked about is not said to be fixed.
    leaklint(folder.path())
        .arg("b")
        .assert()
        .code(0)
        .stderr(contains("fixed").not());
    leaklint(folder.path())
        .args(["-q", "b"])
        .assert()
        .code(0)
        .stderr(is_empty());
    leaklint(folder.path())
        .args(["baseline", "--prune"])
        .assert()
        .code(0)
        .stdout(contains("written: 1 known, 0 of them new; 1 fixed"));
    leaklint(folder.path())
        .assert()
        .code(1)
        .stdout(contains("`third` grows"));
    // A file that is gone has no leak.
    fs::remove_file(folder.path().join("b/y.js")).unwrap();
    leaklint(folder.path())
        .args(["baseline"])
        .assert()
        .stdout(contains("1 known, 1 of them new; 1 fixed"));
}

#[test]
fn a_file_that_cannot_be_parsed_keeps_its_entries() {
    let folder = repository();
    leaklint(folder.path()).arg("baseline").assert().code(0);
    write(folder.path(), &[("a/x.js", "function f( {")]);
    leaklint(folder.path())
        .args(["baseline"])
        .assert()
        .code(0)
        .stdout(contains("unchanged: 2 known"))
        .stderr(contains("a/x.js:1:14: error[syntax]"));
}

#[test]
fn other_options_do_not_make_entries_look_fixed() {
    let folder = repository();
    leaklint(folder.path()).arg("baseline").assert().code(0);
    leaklint(folder.path())
        .args(["--only", "uncleared-timer"])
        .assert()
        .code(0)
        .stderr(contains("fixed").not());
    write(
        folder.path(),
        &[("leaklint.toml", "[rules]\ngrowing-collection = \"off\"\n")],
    );
    leaklint(folder.path()).assert().code(0).stderr(contains("fixed").not());
}

#[test]
fn known_findings_stay_in_the_documents_of_services() {
    let folder = repository();
    leaklint(folder.path()).args(["baseline", "a"]).assert().code(0);
    let output = leaklint(folder.path()).args(["-f", "sarif"]).output().unwrap();
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let states: Vec<&str> = results.iter().map(|r| r["baselineState"].as_str().unwrap()).collect();
    assert_eq!(states, ["new", "unchanged"]);
    assert_eq!(results[1]["suppressions"][0]["kind"], "external");
    let output = leaklint(folder.path()).args(["-f", "json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["summary"]["suppressed"], &report["summary"]["errors"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_broken_file_is_a_clear_error() {
    let folder = repository();
    let cases = [
        (
            "{\n  \"version\": 1,\n",
            "leaklint-baseline.json:3:1: the baseline is broken: EOF",
        ),
        ("{\"version\": 9, \"files\": {}}", "version 9"),
        ("<<<<<<< ours\n", "merge conflict"),
        ("{\"version\": 1, \"files\": {}, \"extra\": 1}", "unknown field `extra`"),
    ];
    for (text, message) in cases {
        write(folder.path(), &[("leaklint-baseline.json", text)]);
        for command in [&[][..], &["baseline"]] {
            leaklint(folder.path())
                .args(command)
                .assert()
                .code(2)
                .stdout(is_empty())
                .stderr(contains(message).and(contains("restore it")));
        }
        assert_eq!(
            fs::read_to_string(folder.path().join("leaklint-baseline.json")).unwrap(),
            text
        );
    }
    let mut missing = leaklint(folder.path());
    missing
        .args(["--baseline", "nowhere.json"])
        .assert()
        .code(2)
        .stderr(contains("nowhere.json cannot be read"));
    let mut unwritable = leaklint(folder.path());
    unwritable
        .args(["baseline", "--baseline", "no/such/folder.json"])
        .assert()
        .code(2)
        .stderr(contains("no/such/folder.json cannot be written"));
}
