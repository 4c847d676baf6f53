//! The real binary as a process: arguments, streams, files and exit codes.

mod process;

use std::fs;
use std::path::Path;

use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;

use process::{leak, leaklint, project, refuses};

/// Parses and validates a JSON report.
fn json(bytes: &[u8]) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schemas/output.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let report: Value = serde_json::from_slice(bytes).unwrap();
    if let Err(error) = jsonschema::draft202012::validate(&schema, &report) {
        panic!("{error} in {report:#}");
    }
    report
}

const CLEAN: &str = "export const answer = 42;\n";

#[test]
fn a_clean_project_is_clean() {
    let folder = project(&[("package.json", "{}"), ("src/a.ts", CLEAN), ("src/b.js", CLEAN)]);
    leaklint(&folder)
        .assert()
        .code(0)
        .stdout(is_empty())
        .stderr("no leaks found in 2 files\n");
    leaklint(&folder)
        .args(["--format", "pretty"])
        .assert()
        .code(0)
        .stdout("no leaks found in 2 files\n")
        .stderr(is_empty());
    leaklint(&folder)
        .arg("--quiet")
        .assert()
        .code(0)
        .stdout(is_empty())
        .stderr(is_empty());
    leaklint(&folder)
        .args(["check", "src/a.ts"])
        .assert()
        .code(0)
        .stderr("no leaks found in 1 file\n");
    leaklint(&folder)
        .args(["--format", "compact"])
        .assert()
        .stdout(is_empty())
        .stderr("no leaks found in 2 files\n");
}

#[test]
fn json_is_valid_for_every_kind_of_run() {
    let folder = project(&[("package.json", "{}"), ("a/b.ts", CLEAN), ("c.js", CLEAN)]);
    let run = |args: &[&str]| {
        let output = leaklint(&folder)
            .args(["--format", "json"])
            .args(args)
            .output()
            .unwrap();
        (json(&output.stdout), output.status.code().unwrap())
    };
    let (report, code) = run(&[]);
    assert_eq!(
        (code, &report["summary"]["files"], &report["root"]),
        (0, &Value::from(2), &Value::from("."))
    );
    let (report, code) = run(&["a/b.ts", "nowhere.ts"]);
    assert_eq!(
        (code, &report["summary"]["files"]),
        (2, &Value::from(1)),
        "the other path is still checked"
    );
    assert_eq!(report["errors"][0]["kind"], "unreadable");
    assert_eq!(report["errors"][0]["file"], "nowhere.ts");
}

#[test]
fn a_missing_path_does_not_hide_the_others() {
    let folder = project(&[("a.js", CLEAN)]);
    leaklint(&folder)
        .args(["a.js", "nowhere"])
        .assert()
        .code(2)
        .stdout(contains("nowhere: error[unreadable] no such file or directory"))
        .stderr(contains("in 1 file;"));
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_listed_is_unreadable_input() {
    use std::os::unix::fs::PermissionsExt;
    let folder = project(&[("a.js", CLEAN), ("locked/b.js", CLEAN)]);
    let locked = folder.path().join("locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may list everything; then there is nothing to see here.
    if fs::read_dir(&locked).is_err() {
        leaklint(&folder)
            .assert()
            .code(2)
            .stdout(contains("locked: error[unreadable] permission denied"));
    }
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_folder_without_sources_is_said() {
    let folder = project(&[("readme.md", "")]);
    leaklint(&folder)
        .assert()
        .code(0)
        .stderr(contains("there are no JavaScript or TypeScript files"));
    leaklint(&folder).arg("-q").assert().code(0).stderr(is_empty());
}

#[test]
fn wrong_usage_is_2() {
    let folder = project(&[("a.js", CLEAN)]);
    let cases: [(&[&str], &str); 9] = [
        (&["--nonsense"], "unexpected argument '--nonsense'"),
        (
            &["--format", "xml"],
            "possible values: auto, pretty, compact, json, sarif",
        ),
        (&["--only", "unclered-timer"], "did you mean `uncleared-timer`?"),
        (&["--skip", "uncleared-timer,nothing"], "there is no rule `nothing`"),
        (&["--max-file-size", "5 parsecs"], "a number of bytes"),
        (&["--threads", "0"], "invalid value '0'"),
        (&["--pedantic", "rules"], "a command comes before options"),
        (&["--config", "nowhere.toml"], "the configuration cannot be read"),
        (&["trace", "a.js"], "is not FILE:LINE[:COLUMN]"),
    ];
    refuses(&folder, &cases);
}

#[test]
fn an_unknown_key_is_shown_with_its_line() {
    let folder = project(&[("leaklint.toml", "# mine\n[ruels]\n"), ("src/a.js", CLEAN)]);
    let told = contains("unknown key `ruels`")
        .and(contains("did you mean `rules`?"))
        .and(contains("leaklint.toml:2:2"));
    leaklint(&folder).assert().code(2).stdout(is_empty()).stderr(told);
    leaklint(&folder).arg("--no-config").assert().code(0);
    let mut below = leaklint(&folder);
    below
        .current_dir(folder.path().join("src"))
        .assert()
        .code(2)
        .stderr(contains("unknown key"));
}

#[test]
fn the_configuration_chooses_the_files() {
    let files = [
        ("leaklint.toml", "exclude = [\"gen/\"]"),
        ("src/a.js", CLEAN),
        ("gen/b.js", CLEAN),
    ];
    let folder = project(&files);
    leaklint(&folder).assert().stderr(contains("in 1 file\n"));
    leaklint(&folder)
        .arg("gen/b.js")
        .assert()
        .stderr(contains("in 1 file\n"));
    leaklint(&folder)
        .arg("--no-config")
        .assert()
        .stderr(contains("in 2 files\n"));
    let package = [
        ("package.json", "{\"leaklint\": {\"include\": [\"src\"]}}"),
        ("src/a.js", CLEAN),
        ("b.js", CLEAN),
    ];
    let folder = project(&package);
    leaklint(&folder).assert().stderr(contains("in 1 file\n"));
}

#[test]
fn files_that_a_hook_names_can_be_left_out() {
    let files = [
        ("leaklint.toml", "exclude = [\"gen/\"]"),
        ("package.json", "{}"),
        ("a.js", CLEAN),
        ("gen/b.js", CLEAN),
        ("dist/c.js", CLEAN),
        ("d.min.js", CLEAN),
        ("e.md", "f("),
    ];
    let folder = project(&files);
    let names = ["a.js", "gen/b.js", "dist/c.js", "d.min.js", "e.md"];
    leaklint(&folder)
        .arg("--force-exclude")
        .args(names)
        .assert()
        .code(0)
        .stderr("no leaks found in 1 file\n");
    leaklint(&folder)
        .args(names)
        .assert()
        .code(1)
        .stderr(contains("in 5 files"));
}

#[test]
fn standard_input_is_one_file() {
    let folder = project(&[("package.json", "{}"), ("a.js", CLEAN)]);
    let mut command = leaklint(&folder);
    let output = command
        .args(["--stdin-filename", "new/b.ts", "-f", "json"])
        .write_stdin(CLEAN)
        .output()
        .unwrap();
    assert_eq!(json(&output.stdout)["summary"]["files"], 1);
    leaklint(&folder)
        .args(["--stdin-filename", "b.ts", "a.js"])
        .write_stdin(CLEAN)
        .assert()
        .code(2);
    let broken = leaklint(&folder)
        .args(["--stdin-filename", "b.ts"])
        .write_stdin(b"\xfa\xfb".to_vec())
        .assert();
    broken.code(2).stderr(contains("not UTF-8"));
    let utf16: Vec<u8> = "\u{feff}let a;".encode_utf16().flat_map(u16::to_le_bytes).collect();
    leaklint(&folder)
        .args(["--stdin-filename", "b.ts"])
        .write_stdin(utf16)
        .assert()
        .code(0);
}

#[test]
fn a_report_can_go_to_a_file() {
    let folder = project(&[("a.js", CLEAN)]);
    let mut command = leaklint(&folder);
    command
        .args(["-f", "json", "-o", "report.json"])
        .assert()
        .code(0)
        .stdout(is_empty())
        .stderr(is_empty());
    json(&fs::read(folder.path().join("report.json")).unwrap());
    let mut colored = leaklint(&folder);
    colored
        .args(["-f", "pretty", "-o", "report.txt"])
        .assert()
        .code(0)
        .stdout(is_empty())
        .stderr(contains("no leaks found"));
    assert_eq!(
        fs::read_to_string(folder.path().join("report.txt")).unwrap(),
        "no leaks found in 1 file\n"
    );
    leaklint(&folder)
        .args(["-o", "no/such/folder"])
        .assert()
        .code(2)
        .stderr(contains("cannot be written"));
}

#[test]
fn rules_can_be_listed_and_explained() {
    let folder = project(&[]);
    leaklint(&folder)
        .arg("rules")
        .assert()
        .code(0)
        .stdout(contains("uncleared-timer"));
    let output = leaklint(&folder).args(["rules", "--format", "json"]).output().unwrap();
    let rules: Value = serde_json::from_slice(&output.stdout).unwrap();
    for rule in rules.as_array().unwrap() {
        let name = rule["name"].as_str().unwrap();
        let url = format!("https://leaklint.dev/rules/{name}");
        assert_eq!(rule["url"], url.as_str());
        leaklint(&folder)
            .args(["explain", name])
            .assert()
            .code(0)
            .stdout(contains(url));
    }
    leaklint(&folder)
        .args(["explain", "unused-suppression"])
        .assert()
        .code(0);
    let unknown = leaklint(&folder).args(["explain", "unremoved-listner"]).assert();
    unknown.code(2).stderr(contains("did you mean `unremoved-listener`?"));
}

#[test]
fn colours_are_asked_for() {
    let folder = project(&[]);
    let mut piped = leaklint(&folder);
    piped
        .args(["explain", "uncleared-timer"])
        .assert()
        .stdout(contains("\u{1b}").not());
    let mut asked = leaklint(&folder);
    asked
        .args(["explain", "uncleared-timer", "--color", "always"])
        .assert()
        .stdout(contains("\u{1b}"));
}

#[test]
fn completions_exist_for_every_shell() {
    let folder = project(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        leaklint(&folder)
            .args(["completions", shell])
            .assert()
            .code(0)
            .stdout(contains("leaklint"));
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let folder = project(&[]);
    let page = contains(".TH leaklint 1")
        .and(contains("Exit codes"))
        .and(contains("leaklint\\-baseline(1)"));
    leaklint(&folder).arg("man").assert().code(0).stdout(page);
    leaklint(&folder)
        .args(["man", "--dir", "man"])
        .assert()
        .code(0)
        .stdout(is_empty());
    for name in ["leaklint.1", "leaklint-check.1", "leaklint-baseline.1"] {
        assert!(folder.path().join("man").join(name).is_file(), "{name}");
    }
    fs::write(folder.path().join("file"), "").unwrap();
    let wrong = leaklint(&folder).args(["man", "--dir", "file"]).assert();
    wrong.code(2).stderr(contains("file cannot be written"));
}

#[test]
fn statistics_and_timings_leave_the_report_alone() {
    let folder = project(&[("a.js", CLEAN)]);
    let output = leaklint(&folder)
        .args(["-f", "json", "--statistics", "--timings"])
        .output()
        .unwrap();
    json(&output.stdout);
    assert!(String::from_utf8(output.stderr).unwrap().contains("total"));
}

#[test]
fn a_project_is_set_up() {
    let server = "const http = require('http');\nconst kept = [];\nhttp.createServer((r) => { kept.push(r.url); });\n";
    let folder = project(&[("package.json", "{}"), ("a.js", server)]);
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .args(args)
            .current_dir(folder.path())
            .output();
        assert!(done.unwrap().status.success());
    };
    leaklint(&folder)
        .args(["init", "--hook"])
        .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap())
        .assert()
        .code(2)
        .stderr(contains("not in the working tree of a git repository"));
    git(&["init", "-q"]);
    leaklint(&folder)
        .args(["init", "--baseline", "--hook"])
        .assert()
        .code(0)
        .stdout(
            contains("leaklint.toml: there already")
                .and(contains("leaklint-baseline.json: written: 1 known"))
                .and(contains(".git/hooks/pre-commit: written")),
        );
    leaklint(&folder).assert().code(0).stderr(contains("1 in the baseline"));
    // The hook stops a new leak: git runs it with the binary on the path.
    let binary = assert_cmd::cargo::cargo_bin("leaklint");
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let commit = |message: &str| {
        let mut command = std::process::Command::new("git");
        command
            .args([
                "-c",
                "user.name=T",
                "-c",
                "user.email=t@example.com",
                "commit",
                "-qm",
                message,
            ])
            .env("PATH", &path)
            .env_remove("GITHUB_ACTIONS")
            .current_dir(folder.path());
        command.output().unwrap()
    };
    git(&["add", "."]);
    assert!(commit("known").status.success());
    fs::write(folder.path().join("b.js"), server.replace("kept", "more")).unwrap();
    git(&["add", "."]);
    let stopped = commit("new");
    assert!(!stopped.status.success());
    let said = String::from_utf8_lossy(&stopped.stdout).into_owned() + &String::from_utf8_lossy(&stopped.stderr);
    assert!(said.contains("`more` grows"), "{said}");
    // Nothing of the user's is written over.
    leaklint(&folder)
        .args(["init", "--hook"])
        .assert()
        .code(0)
        .stdout(contains("it calls leaklint already").and(contains("later: `leaklint baseline`")));
    fs::write(folder.path().join("lefthook.yml"), "").unwrap();
    leaklint(&folder)
        .args(["init", "--hook"])
        .assert()
        .stdout(contains("lefthook.yml: add"));
    assert_eq!(fs::read_to_string(folder.path().join("lefthook.yml")).unwrap(), "");
}

#[test]
fn watching_checks_again_after_every_change() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let leak = "const http = require('http');\nconst kept = [];\nhttp.createServer((r) => { kept.push(r.url); });\n";
    let folder = project(&[("package.json", "{}"), ("a.js", CLEAN)]);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("leaklint"))
        .arg("--watch")
        .current_dir(folder.path())
        .env_remove("GITHUB_ACTIONS")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut until = |wanted: &str| {
        let seen: Vec<String> = told.by_ref().take_while(|line| !line.starts_with("watching")).collect();
        assert!(seen.iter().any(|line| line.contains(wanted)), "{wanted}: {seen:?}");
    };
    until("no leaks found in 1 file");
    fs::write(folder.path().join("b.js"), leak).unwrap();
    until("1 finding (1 error) in 2 files");
    fs::write(folder.path().join("leaklint.toml"), "[rulez]\n").unwrap();
    until("unknown key `rulez`");
    fs::write(
        folder.path().join("leaklint.toml"),
        "[rules]\ngrowing-collection = \"off\"\n",
    )
    .unwrap();
    until("no leaks found in 2 files");
    fs::remove_file(folder.path().join("leaklint.toml")).unwrap();
    until("1 finding");
    fs::remove_file(folder.path().join("b.js")).unwrap();
    until("no leaks found in 1 file");
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("b.js:3:28: error") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn trace_says_when_there_is_nothing() {
    let folder = project(&[("a.js", CLEAN)]);
    leaklint(&folder)
        .args(["trace", "a.js:1"])
        .assert()
        .code(0)
        .stderr(contains("nothing is acquired at a.js:1"));
    leaklint(&folder)
        .args(["trace", "b.js:1"])
        .assert()
        .code(2)
        .stderr(contains("b.js cannot be read"));
    fs::write(folder.path().join("c.js"), "setInterval(f, 9);\nf(").unwrap();
    leaklint(&folder)
        .args(["trace", "c.js:2"])
        .assert()
        .code(1)
        .stderr(contains("c.js:2:3: error[syntax]").and(contains("nothing is acquired at c.js:2")));
}

#[test]
fn trace_says_why_a_leak_is_not_told() {
    let list = "const all = [];\nexport function keep(x) { all.push(x); }\n";
    let server = "import http from 'node:http';\nconst all = [];\nhttp.createServer((q) => all.push(q));\n";
    let folder = project(&[("a.js", list), ("b.js", server)]);
    let note = "only told with `--pedantic`, as nothing in sight shows";
    leaklint(&folder)
        .args(["trace", "a.js:2"])
        .assert()
        .code(0)
        .stdout(contains(note));
    leaklint(&folder)
        .args(["trace", "b.js:3"])
        .assert()
        .code(0)
        .stdout(contains("Leak(never-bounded)").and(contains("--pedantic").not()));
}

#[test]
fn minified_text_is_left_out_unless_it_is_named() {
    let bundle = format!("{};{}", leak("kept").replace('\n', ""), "f(1);".repeat(4000));
    let folder = project(&[("package.json", "{}"), ("a.js", CLEAN), ("bundle.js", &bundle)]);
    let run = |arguments: &[&str]| {
        let output = leaklint(&folder)
            .args(["--format", "json", "--no-cache"])
            .args(arguments)
            .output()
            .unwrap();
        let summary = json(&output.stdout)["summary"].clone();
        (
            summary["files"].clone(),
            summary["skipped"].clone(),
            summary["errors"].clone(),
        )
    };
    assert_eq!(run(&[]), (1.into(), 1.into(), 0.into()));
    assert_eq!(run(&["bundle.js"]), (1.into(), 0.into(), 1.into()));
}

#[test]
fn a_long_text_in_a_source_is_no_minified_code() {
    let data = |bytes: usize| {
        format!(
            "const icon = 'data:image/png;base64,{}';\n",
            "iVBOR\\'w0KGgo".repeat(bytes / 12)
        )
    };
    let source = data(9_000) + &leak("kept");
    let folder = project(&[("package.json", "{}"), ("a.js", &source)]);
    let output = leaklint(&folder)
        .args(["--format", "json", "--no-cache"])
        .output()
        .unwrap();
    let summary = json(&output.stdout)["summary"].clone();
    assert_eq!((&summary["files"], &summary["errors"]), (&1.into(), &1.into()));
}

#[test]
fn nothing_but_what_cannot_be_read_is_no_clean_project() {
    let folder = project(&[]);
    leaklint(&folder)
        .args(["--no-cache", "gone.js"])
        .assert()
        .code(2)
        .stderr("nothing was checked; 1 input could not be read\n");
}

#[cfg(unix)]
#[test]
fn a_broken_pipe_is_quiet() {
    let folder = project(&[]);
    let binary = assert_cmd::cargo::cargo_bin("leaklint");
    for args in ["completions bash", "rules", "--format json", "--help"] {
        // The reader is gone before anything is written.
        let script = format!("(sleep 0.2; exec '{}' {args}; ) | true", binary.display());
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            !stderr.contains("panicked") && !stderr.contains("roken pipe"),
            "{args}: {stderr}"
        );
    }
}

#[test]
fn help_is_worth_reading() {
    let folder = project(&[]);
    let output = leaklint(&folder).arg("--help").env("COLUMNS", "100").output().unwrap();
    insta::assert_snapshot!("help", String::from_utf8(output.stdout).unwrap());
}
