//! The folders of `rules/`, the registry, the index of the rules and the tables name the same things.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn registered() -> BTreeSet<String> {
    leaklint::rules::all().iter().map(|rule| rule.name.to_owned()).collect()
}

/// Folder names are module names: `uncleared_timer` is the rule `uncleared-timer`.
fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(rules()).unwrap().map(|entry| entry.unwrap());
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().replace('_', "-"))
        .filter(|name| name != "resources")
        .collect()
}

#[test]
fn every_folder_is_registered() {
    assert_eq!(folders(), registered());
    assert_eq!(registered().len(), leaklint::rules::all().len(), "a name twice");
}

#[test]
fn the_index_lists_every_rule() {
    let readme = read(&rules().join("README.md"));
    let rows: Vec<(&str, &str)> = readme
        .lines()
        .skip_while(|line| *line != "| rule | summary |")
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, rest)| (name, rest.trim_end_matches('|').trim()))
        .filter(|(name, _)| !name.contains(' '))
        .collect();
    let names: BTreeSet<String> = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names, registered(), "the table of rules/README.md");
    assert_eq!(names.len(), rows.len(), "rules/README.md: a row twice");
    for (name, summary) in rows {
        assert!(!summary.is_empty(), "rules/README.md: `{name}` without a summary");
    }
}

#[test]
fn every_text_begins_with_its_name() {
    for rule in leaklint::rules::all() {
        let path = rules().join(rule.name.replace('-', "_")).join("rule.md");
        let text = read(&path);
        assert_eq!(text.lines().next(), Some(format!("# {}", rule.name).as_str()));
        assert_eq!(text, rule.doc, "{}: the registry has another text", rule.name);
    }
}

#[test]
fn every_table_is_loaded() {
    let load = read(&rules().join("../src/tables/load.rs"));
    let entries = fs::read_dir(rules().join("resources")).unwrap();
    let mut tables = BTreeSet::new();
    for entry in entries {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") {
            let include = format!("include_str!(\"../../rules/resources/{name}\")");
            assert!(load.contains(&include), "src/tables/load.rs does not load {name}");
            tables.insert(name);
        }
    }
    assert_eq!(
        tables.len(),
        load.matches("include_str!(\"../../rules/resources/").count()
    );
}

#[test]
fn the_packages_have_the_version_of_the_crate() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(".npm/leaklint/package.json")).unwrap();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
    for (name, version) in package["optionalDependencies"].as_object().unwrap() {
        assert_eq!(version, env!("CARGO_PKG_VERSION"), "{name}");
    }
}

/// The table of `rules/README.md`: for each rule the causes that its `rule.md` shows, `gap` where no example holds yet.
fn causes_table() -> String {
    let gaps = read(&rules().join("../fixtures/known-gaps.txt"));
    let mut table = String::from("| rule | causes shown | causes not found yet |\n|---|---|---|\n");
    for rule in leaklint::rules::all() {
        let (mut shown, mut open) = (BTreeSet::new(), BTreeSet::new());
        for line in rule.doc.lines().filter_map(|l| l.strip_prefix("### ")) {
            let Some((title, said)) = line.split_once(" (cause: ") else {
                continue;
            };
            let cause = said.trim_end_matches(')').split(',').next().unwrap_or(said).to_owned();
            let gap = format!("rule-doc:{}:{title}", rule.name);
            match gaps.lines().any(|l| l == gap) {
                true => open.insert(cause),
                false => shown.insert(cause),
            };
        }
        let cell = |causes: &BTreeSet<String>| causes.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ");
        let missing: BTreeSet<String> = open.difference(&shown).cloned().collect();
        table += &format!("| `{}` | {} | {} |\n", rule.name, cell(&shown), cell(&missing));
    }
    table
}

/// `UPDATE_README=1 cargo test --test registry` writes the table again.
#[test]
fn the_table_of_causes_is_that_of_the_examples() {
    let path = rules().join("README.md");
    let readme = read(&path);
    let (begin, end) = ("<!-- causes -->\n", "<!-- /causes -->\n");
    let (before, rest) = readme.split_once(begin).expect("rules/README.md: no table of causes");
    let (found, after) = rest
        .split_once(end)
        .expect("rules/README.md: the table of causes does not end");
    let wanted = causes_table();
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, format!("{before}{begin}{wanted}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, wanted,
        "UPDATE_README=1 cargo test --test registry writes it again"
    );
}
