//! The cache through the real binary: the same bytes with and without it, damage, bad folders, clearing.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn leaklint(folder: &Path, cache: &Path) -> Command {
    let mut command = Command::cargo_bin("leaklint").unwrap();
    command
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS")
        .env("LEAKLINT_CACHE_DIR", cache);
    command
}

/// What a run prints and how it ends, without the one thing that differs between runs: its duration.
fn run(folder: &Path, cache: &Path, arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = leaklint(folder, cache).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| !line.contains("duration"));
    let text = lines.collect::<Vec<_>>().join("\n");
    (text, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

fn packs(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(packs(&entry.path()));
        } else if entry.path().extension().is_some_and(|end| end == "pack") {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn cached_is_cold_byte_for_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for arguments in [
        ["--format", "json", "--pedantic", "--threads=1"],
        ["--format", "pretty", "--pedantic", "--threads=2"],
        ["--format", "compact", "--pedantic", "--require-reason"],
    ] {
        let cache = tempfile::tempdir().unwrap();
        let without = run(&root, cache.path(), &[&arguments[..], &["--no-cache"]].concat());
        assert!(without.0.len() > 1000, "there is something to compare");
        assert!(packs(cache.path()).is_empty(), "--no-cache keeps nothing");
        let cold = run(&root, cache.path(), &arguments);
        assert_eq!(packs(cache.path()).len(), 1);
        let warm = run(&root, cache.path(), &arguments);
        assert_eq!(cold, without);
        assert_eq!(warm, without);
        for pack in packs(cache.path()) {
            let mut bytes = fs::read(&pack).unwrap();
            for at in (0..bytes.len()).step_by(997) {
                bytes[at] ^= 0x55;
            }
            fs::write(&pack, bytes).unwrap();
        }
        assert_eq!(run(&root, cache.path(), &arguments), without, "with a damaged cache");
        assert_eq!(run(&root, cache.path(), &arguments), without, "with a mended one");
    }
}

#[test]
fn an_edit_is_seen_and_one_file_is_parsed_for_it() {
    let (root, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(root.path().join("package.json"), "{}").unwrap();
    fs::write(root.path().join("a.js"), "export const a = 1;\n").unwrap();
    fs::write(root.path().join("b.js"), "export const b = 1;\n").unwrap();
    let hits = |stderr: &str| {
        let line = stderr.lines().find(|line| line.contains("files from the cache"));
        line.unwrap().split_whitespace().next().unwrap().to_owned()
    };
    let count = || hits(&run(root.path(), cache.path(), &["--timings"]).1);
    assert_eq!(count(), "0");
    assert_eq!(count(), "2");
    let leak = "const all = [];\nrequire('http').createServer((q) => { all.push(q.url); });\n";
    fs::write(root.path().join("b.js"), leak).unwrap();
    assert_eq!(count(), "1");
    assert_eq!(run(root.path(), cache.path(), &[]).2, Some(1), "the leak is found");
}

/// A project in which a request handler notes something through `@lib/notes`, which `tsconfig.json` leads to a folder.
fn project(root: &Path) {
    let write = |name: &str, text: &str| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("package.json", "{}");
    write(
        "server.ts",
        "import { note } from '@lib/notes';\nimport { createServer } from 'http';\n\
         createServer((request) => { note(request.url); });\n",
    );
    write(
        "growing/notes.ts",
        "const notes: string[] = [];\nexport function note(url: string) { notes.push(url); }\n\
         export const size = () => notes.length;\n",
    );
    write(
        "silent/notes.ts",
        "export function note(url: string) { console.log(url); }\n",
    );
    lead_to(root, "growing");
}

fn lead_to(root: &Path, folder: &str) {
    let text =
        format!("{{ \"compilerOptions\": {{ \"baseUrl\": \".\", \"paths\": {{ \"@lib/*\": [\"./{folder}/*\"] }} }} }}");
    fs::write(root.join("tsconfig.json"), text).unwrap();
}

/// What was found is kept with all it depends on: each of them is changed in turn, while every text stays as it was.
#[test]
fn an_answer_counts_only_while_nothing_it_depends_on_has_changed() {
    let (root, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    project(root.path());
    // Whether there is a finding, and whether it was known before.
    let found = |arguments: &[&str]| {
        let arguments = [&["--timings"], arguments].concat();
        let (text, stderr, code) = run(root.path(), cache.path(), &arguments);
        let without = run(root.path(), cache.path(), &[&arguments[..], &["--no-cache"]].concat());
        assert_eq!((&text, code), (&without.0, without.2));
        (code == Some(1), stderr.contains("recall"))
    };
    assert_eq!(found(&[]), (true, false));
    assert_eq!(found(&[]), (true, true));
    lead_to(root.path(), "silent");
    assert_eq!(found(&[]), (false, false), "an import leads elsewhere");
    assert_eq!(found(&[]), (false, true));
    lead_to(root.path(), "growing");
    assert_eq!(found(&[]), (true, false), "and back, to what was overwritten");
    assert_eq!(found(&["--threads=1"]), (true, true), "threads change nothing");
    assert_eq!(found(&["growing"]), (true, false), "other files are reported on");
    assert_eq!(found(&["silent"]), (false, false));
    assert_eq!(
        found(&["--only=uncleared-timer"]),
        (false, true),
        "what is shown is decided later"
    );
    let config = root.path().join("leaklint.toml");
    fs::write(&config, "[options]\nlarge-object-bytes = 100\n").unwrap();
    assert_eq!(found(&[]), (true, false), "another option");
    fs::remove_file(&config).unwrap();
    fs::write(root.path().join("silent/other.ts"), "export {};\n").unwrap();
    assert_eq!(found(&[]), (true, false), "another file");
    fs::remove_file(root.path().join("silent/other.ts")).unwrap();
    assert_eq!(found(&[]), (true, true), "and the files of before");
    let package = root.path().join("growing/package.json");
    fs::write(&package, "{ \"name\": \"growing\" }").unwrap();
    assert_eq!(found(&[]), (true, false), "a file is part of a package");
    fs::remove_file(&package).unwrap();
    assert_eq!(found(&[]), (true, false), "and of none again");
    fs::write(root.path().join("server.ts"), "export {};\n").unwrap();
    assert_eq!(found(&[]), (false, false), "another text");
}

#[test]
fn an_answer_keeps_what_comments_silence_and_what_could_not_be_read() {
    let (root, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    project(root.path());
    let notes = root.path().join("growing/notes.ts");
    let text = fs::read_to_string(&notes).unwrap();
    let silenced = text.replace(
        "\nexport function note",
        "\n// leaklint-disable-next-line growing-collection -- bounded\nexport function note",
    );
    fs::write(&notes, silenced).unwrap();
    fs::write(root.path().join("broken.ts"), "let = ;\n").unwrap();
    fs::write(root.path().join("binary.ts"), [0, 159, 146, 150]).unwrap();
    for format in ["json", "pretty", "sarif"] {
        let arguments = ["--format", format, "--timings"];
        let cold = run(root.path(), cache.path(), &arguments);
        let warm = run(root.path(), cache.path(), &arguments);
        assert!(warm.1.contains("recall"));
        assert_eq!((cold.0, cold.2), (warm.0, warm.2), "{format}");
    }
}

#[test]
fn a_named_folder_that_cannot_be_used_is_said_and_the_usual_one_is_done_without() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.js"), "export const a = 1;\n").unwrap();
    let file = root.path().join("a.js");
    leaklint(root.path(), &file)
        .assert()
        .code(2)
        .stderr(contains("the cache folder").and(contains("--no-cache")));
    let mut command = leaklint(root.path(), &file);
    command
        .env_remove("LEAKLINT_CACHE_DIR")
        .env("XDG_CACHE_HOME", &file)
        .assert()
        .code(0);
}

#[test]
fn clear_empties_the_folder() {
    let (root, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(root.path().join("a.js"), "export const a = 1;\n").unwrap();
    run(root.path(), cache.path(), &[]);
    assert_eq!(packs(cache.path()).len(), 1);
    leaklint(root.path(), cache.path())
        .args(["cache", "clear"])
        .assert()
        .code(0)
        .stdout(contains("removed 1 file"));
    assert!(packs(cache.path()).is_empty());
}
