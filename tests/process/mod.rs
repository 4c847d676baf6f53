//! What the tests of the real binary share: a folder with files, and a command that runs in it.

// Each test binary uses a part of this.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// What the surroundings of a test may set and a test must not see.
const VARIABLES: [&str; 10] = [
    "COLUMNS",
    "NO_COLOR",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "GITHUB_SHA",
    "CI_PROJECT_DIR",
    "BUILD_SOURCESDIRECTORY",
    "GIT_DIR",
    "LEAKLINT_CACHE_DIR",
];

/// Writes the files below a folder.
pub(crate) fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A folder with these files.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    folder
}

/// The real binary in a folder.
pub(crate) fn leaklint(folder: impl AsRef<Path>) -> Command {
    let mut command = Command::cargo_bin("leaklint").unwrap();
    command
        .current_dir(folder)
        .env("XDG_CACHE_HOME", std::env::temp_dir().join("leaklint-tests"))
        .env("TERM", "xterm");
    for name in VARIABLES {
        command.env_remove(name);
    }
    command
}

/// A server that leaks one entry for each request into `name`.
pub(crate) fn leak(name: &str) -> String {
    format!(
        "const http = require('http');\nconst {name} = [];\nhttp.createServer((req) => {{\n  {name}.push(req.url);\n}});\n"
    )
}

/// Wrong usage is told on standard error before anything is done.
pub(crate) fn refuses(folder: impl AsRef<Path>, cases: &[(&[&str], &str)]) {
    for (args, message) in cases {
        leaklint(&folder)
            .args(*args)
            .assert()
            .code(2)
            .stdout(predicates::str::is_empty())
            .stderr(predicates::str::contains(*message));
    }
}
