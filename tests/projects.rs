//! The folders of `fixtures/projects`: findings and annotations agree, both ways.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::Case;

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// All files below `folder`: `package.json` and `tsconfig.json` have a say in a run too.
fn collect(top: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for path in children(folder) {
        if path.is_dir() {
            collect(top, &path, files);
        } else {
            let name = path.strip_prefix(top).unwrap().to_string_lossy().replace('\\', "/");
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn findings_agree_with_annotations() {
    let cases: Vec<Case> = children(&support::root().join("fixtures/projects"))
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|path| {
            let mut files = Vec::new();
            collect(&path, &path, &mut files);
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            Case {
                name: format!("project:{name}"),
                files,
            }
        })
        .collect();
    assert!(!cases.is_empty(), "no projects");
    support::check_all("project:", "projects", &cases);
}

#[test]
fn the_list_of_projects_is_complete() {
    let readme = fs::read_to_string(support::root().join("fixtures/README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let named: Vec<&str> = rows.filter_map(|row| row.split('|').nth(1)).collect();
    for path in children(&support::root().join("fixtures/projects")) {
        let name = path.file_name().unwrap().to_string_lossy();
        let name = format!("`{name}`");
        let rows = named.iter().filter(|row| row.contains(&name)).count();
        assert_eq!(rows, 1, "fixtures/README.md: rows for {name}");
    }
}
