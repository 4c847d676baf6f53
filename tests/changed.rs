//! `--staged`, `--changed`, `--since` and `--changed-lines`, with the real git in real repositories.

mod process;

use std::fs;
use std::path::Path;
use std::process::Command;

use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use process::{leak, leaklint, project, write};
use tempfile::TempDir;

fn git(folder: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.com",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A repository whose first commit holds a leak in `old.js`.
fn repository() -> TempDir {
    let folder = project(&[
        ("package.json", "{}"),
        ("old.js", &leak("old")),
        ("clean.js", "export const a = 1;\n"),
    ]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    folder
}

#[test]
fn nothing_has_changed() {
    let folder = repository();
    for args in [
        &["--staged"][..],
        &["--changed"],
        &["--since", "HEAD"],
        &["--changed", "--changed-lines"],
    ] {
        leaklint(folder.path())
            .args(args)
            .assert()
            .code(0)
            .stdout(is_empty())
            .stderr("no JavaScript or TypeScript file to check has changed\n");
    }
}

#[test]
fn only_changed_and_untracked_files_are_reported() {
    let folder = repository();
    write(
        folder.path(),
        &[("clean.js", &leak("changed")), ("sub/new é.js", &leak("untracked"))],
    );
    write(
        folder.path(),
        &[(".gitignore", "ignored.js\n"), ("ignored.js", &leak("ignored"))],
    );
    let both = contains("`changed` grows")
        .and(contains("sub/new é.js:4:3"))
        .and(contains("`old`").not());
    leaklint(folder.path()).arg("--changed").assert().code(1).stdout(both);
    // From below, and with a path.
    leaklint(folder.path().join("sub"))
        .args(["--changed"])
        .assert()
        .code(1)
        .stdout(contains("new é.js:4:3").and(contains("`changed`").not()));
    leaklint(folder.path()).args(["--changed", "old.js"]).assert().code(0);
}

#[test]
fn what_is_staged_counts_not_what_is_on_disk() {
    let folder = repository();
    write(
        folder.path(),
        &[("clean.js", &leak("staged")), ("gone.js", &leak("gone"))],
    );
    git(folder.path(), &["add", "."]);
    write(
        folder.path(),
        &[("clean.js", "export const a = 2;\n"), ("old.js", &leak("unstaged"))],
    );
    fs::remove_file(folder.path().join("gone.js")).unwrap();
    let told = contains("`staged` grows")
        .and(contains("`gone` grows"))
        .and(contains("`unstaged`").not());
    leaklint(folder.path()).arg("--staged").assert().code(1).stdout(told);
    // And the other way round: a leak on disk that is not staged does not stop a commit.
    git(folder.path(), &["reset", "-q", "--hard"]);
    write(folder.path(), &[("clean.js", "export const a = 3;\n")]);
    git(folder.path(), &["add", "."]);
    write(folder.path(), &[("clean.js", &leak("later"))]);
    leaklint(folder.path()).arg("--staged").assert().code(0);
    leaklint(folder.path()).arg("--changed").assert().code(1);
}

#[test]
fn a_staged_file_is_judged_with_the_whole_project() {
    let server = "import http from 'node:http';\nimport { remember } from './store.js';\nhttp.createServer((req) => remember(req.url));\n";
    let store = "const all = [];\nexport function remember(x) {\n  all.push(x);\n}\n";
    let folder = project(&[
        ("package.json", "{\"type\": \"module\"}"),
        ("server.js", server),
        ("store.js", "export function remember() {}\n"),
    ]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    write(folder.path(), &[("store.js", store)]);
    git(folder.path(), &["add", "."]);
    leaklint(folder.path())
        .arg("--staged")
        .assert()
        .code(1)
        .stdout(contains("store.js:3:3"));
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let folder = project(&[("package.json", "{}"), ("a.js", &leak("first"))]);
    git(folder.path(), &["init", "-q"]);
    leaklint(folder.path()).arg("--changed").assert().code(1);
    leaklint(folder.path()).arg("--staged").assert().code(0);
    git(folder.path(), &["add", "."]);
    for args in [&["--staged"][..], &["--changed"], &["--staged", "--changed-lines"]] {
        leaklint(folder.path())
            .args(args)
            .assert()
            .code(1)
            .stdout(contains("`first` grows"));
    }
}

#[test]
fn a_branch_is_compared_with_where_it_left() {
    let folder = repository();
    git(folder.path(), &["checkout", "-qb", "work"]);
    write(folder.path(), &[("mine.js", &leak("mine"))]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "mine"]);
    git(folder.path(), &["checkout", "-q", "main"]);
    write(folder.path(), &[("theirs.js", &leak("theirs"))]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "theirs"]);
    git(folder.path(), &["checkout", "-q", "work"]);
    leaklint(folder.path())
        .args(["--changed", "--since", "main"])
        .assert()
        .code(1)
        .stdout(
            contains("`mine` grows")
                .and(contains("theirs").not())
                .and(contains("`old`").not()),
        );
}

#[test]
fn renames_count_and_submodules_do_not() {
    let folder = repository();
    let other = repository();
    git(folder.path(), &["mv", "old.js", "moved to.js"]);
    git(
        folder.path(),
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            other.path().to_str().unwrap(),
            "lib",
        ],
    );
    leaklint(folder.path())
        .arg("--staged")
        .assert()
        .code(1)
        .stdout(contains("moved to.js:4:3").and(contains("lib/").not()));
}

#[test]
fn changed_lines_are_those_of_the_place_or_of_a_label() {
    let twice = format!(
        "{}{}",
        leak("one"),
        leak("two").replace("const http = require('http');\n", "")
    );
    let folder = project(&[("package.json", "{}"), ("a.js", &twice)]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["config", "diff.noprefix", "true"]);
    git(folder.path(), &["config", "diff.external", "false"]);
    git(folder.path(), &["config", "color.diff", "always"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    // A comment between: no line of a story.
    write(
        folder.path(),
        &[("a.js", &twice.replace("const two", "// note\nconst two"))],
    );
    leaklint(folder.path())
        .args(["--changed", "--changed-lines"])
        .assert()
        .code(0);
    // The place itself.
    write(
        folder.path(),
        &[("a.js", &twice.replace("two.push(req.url)", "two.push(req)"))],
    );
    let only = contains("`two` grows").and(contains("`one` grows").not());
    leaklint(folder.path())
        .args(["--changed", "--changed-lines"])
        .assert()
        .code(1)
        .stdout(only);
    // The declaration, which is a label.
    write(
        folder.path(),
        &[("a.js", &twice.replace("const one = [];", "const one = [ ];"))],
    );
    let only = contains("`one` grows").and(contains("`two` grows").not());
    leaklint(folder.path())
        .args(["--changed", "--changed-lines"])
        .assert()
        .code(1)
        .stdout(only);
}

#[test]
fn a_label_in_a_changed_file_brings_a_finding_in_another() {
    let server =
        "import http from 'node:http';\nimport { remember } from './store.js';\nSERVE(req => remember(req.url));\n";
    let store = "const all = [];\nexport function remember(x) {\n  all.push(x);\n}\n";
    let folder = project(&[
        ("package.json", "{\"type\": \"module\"}"),
        ("store.js", store),
        ("server.js", &server.replace("SERVE", "[1].map")),
    ]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    write(
        folder.path(),
        &[("server.js", &server.replace("SERVE", "http.createServer"))],
    );
    leaklint(folder.path()).args(["--changed"]).assert().code(0);
    leaklint(folder.path())
        .args(["--changed", "--changed-lines"])
        .assert()
        .code(1)
        .stdout(contains("store.js:3:3"));
}

#[test]
fn what_git_cannot_tell_is_a_clear_error() {
    let folder = project(&[("a.js", "")]);
    let run = |args: &[&str], message: &'static str| {
        leaklint(folder.path())
            .args(args)
            .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap())
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains(message));
    };
    run(&["--staged"], "not in the working tree of a git repository");
    run(&["--changed-lines"], "--changed-lines");
    run(&["--staged", "--changed"], "cannot be used with");
    git(folder.path(), &["init", "-q"]);
    run(&["--since", "no-such-branch"], "git knows no commit `no-such-branch`");
    run(&["--since=--all"], "git knows no commit `--all`");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    git(folder.path(), &["checkout", "-q", "--orphan", "other"]);
    git(folder.path(), &["commit", "-qm", "unrelated"]);
    run(&["--since", "main"], "no commit that `main` and HEAD both come from");
    leaklint(folder.path())
        .arg("--staged")
        .env("PATH", folder.path())
        .assert()
        .code(2)
        .stderr(contains("there is no program `git`"));
}
