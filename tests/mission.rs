//! The server example that every guide to leaks in Node begins with, through the real binary.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const SERVER: &str = "const http = require('http');

const requestLogs = [];

http.createServer((req, res) => {
  requestLogs.push({ url: req.url, data: new Array(10000).join('x') });
  GUARD
  res.end('ok');
}).listen(3000);
";

fn run(dir: &Path, threads: &str) -> (i32, Vec<u8>) {
    let out = Command::cargo_bin("leaklint")
        .unwrap()
        .current_dir(dir)
        .args(["--no-config", "--threads", threads, "--format", "json", "."])
        .output()
        .unwrap();
    (out.status.code().unwrap(), out.stdout)
}

fn check(guard: &str) -> (i32, Value) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("server.js"), SERVER.replace("GUARD", guard)).unwrap();
    let (code, out) = run(dir.path(), "1");
    (code, serde_json::from_slice(&out).unwrap())
}

#[test]
fn a_log_that_grows_with_each_request_is_one_finding() {
    let (code, report) = check("");
    let found = report["diagnostics"].as_array().unwrap();
    assert_eq!((code, found.len()), (1, 1), "{report}");
    let only = &found[0];
    assert_eq!(only["rule"], "growing-collection");
    assert_eq!(only["cause"], "never-bounded");
    assert_eq!(only["confidence"], "high");
    assert_eq!(only["span"]["start"]["line"], 6);
    assert_eq!(only["span"]["start"]["column"], 3);
    let labels: Vec<_> = (only["labels"].as_array().unwrap().iter())
        .map(|l| {
            (
                l["role"].as_str().unwrap(),
                l["span"]["start"]["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(labels, [("holder", 3), ("context", 5)]);
}

#[test]
fn a_guard_counts_only_if_it_evicts() {
    let (code, report) = check("if (requestLogs.length > 100) requestLogs.shift();");
    assert_eq!(code, 0, "{report}");
    let (code, report) = check("if (requestLogs.length > 100) console.log('many');");
    assert_eq!(code, 1, "{report}");
}

#[test]
fn missing_brackets_are_one_syntax_error_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let text = SERVER.replace("GUARD", "").replace("}).listen(3000);\n", "");
    std::fs::write(dir.path().join("server.js"), &text).unwrap();
    let (code, out) = run(dir.path(), "1");
    let report: Value = serde_json::from_slice(&out).unwrap();
    let errors = report["errors"].as_array().unwrap();
    assert_eq!((code, errors.len()), (1, 1), "{report}");
    assert_eq!(errors[0]["kind"], "syntax");
    assert!(errors[0]["span"]["start"]["line"].as_u64().unwrap() >= 8, "{report}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..40 {
        std::fs::write(dir.path().join(format!("server{i}.js")), SERVER.replace("GUARD", "")).unwrap();
    }
    let findings = |threads| {
        let report: Value = serde_json::from_slice(&run(dir.path(), threads).1).unwrap();
        report["diagnostics"].to_string()
    };
    assert_eq!(findings("1"), findings("4"));
}
