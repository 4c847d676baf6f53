//! After any sequence of edits the diagnostics equal those of a fresh run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::client::{Client, uri};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// A project of many small programs that share files, from the fixtures.
fn project(into: &Path, from: usize, count: usize) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in folders().iter().skip(from).take(count) {
        copy(folder, &into.join(folder.file_name().unwrap()), &mut files);
    }
    fs::write(into.join("package.json"), "{}").unwrap();
    files
}

/// The projects of the fixtures.
fn folders() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects");
    let entries = fs::read_dir(fixtures).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn copy(from: &Path, to: &Path, files: &mut Vec<PathBuf>) {
    fs::create_dir_all(to).unwrap();
    let mut entries: Vec<_> = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target, files);
        } else {
            fs::copy(&path, &target).unwrap();
            let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
            if ["js", "mjs", "cjs", "jsx", "ts", "tsx", "vue", "svelte"].contains(&end) {
                files.push(target);
            }
        }
    }
}

fn place(range: &Value, base: u64) -> String {
    let at = |end: &str, what: &str| range[end][what].as_u64().unwrap() - base;
    let column = if base == 0 { "character" } else { "column" };
    format!(
        "{}:{}-{}:{}",
        at("start", "line"),
        at("start", column),
        at("end", "line"),
        at("end", column)
    )
}

/// What a fresh run says, in one form for both.
fn fresh(root: &Path) -> BTreeSet<String> {
    let output = Command::cargo_bin("leaklint")
        .unwrap()
        .current_dir(root)
        .args(["--format", "json", "--pedantic", "--no-cache"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut said = BTreeSet::new();
    for one in report["diagnostics"].as_array().unwrap() {
        let labels = one["labels"].as_array().unwrap().iter();
        let labels: Vec<_> = labels
            .map(|label| {
                let file = label["file"].as_str().unwrap();
                format!(
                    "{file} {} {}",
                    place(&label["span"], 1),
                    label["message"].as_str().unwrap()
                )
            })
            .collect();
        said.insert(format!(
            "{} {} {}/{} {}\n{} {labels:?}",
            one["file"].as_str().unwrap(),
            place(&one["span"], 1),
            one["rule"].as_str().unwrap(),
            one["cause"].as_str().unwrap(),
            one["message"].as_str().unwrap(),
            one["help"].as_str().unwrap_or_default(),
        ));
    }
    for error in report["errors"].as_array().unwrap() {
        let at = error.get("span").filter(|span| !span.is_null());
        let at = at.map_or("0:0-0:0".to_owned(), |span| place(span, 1));
        let (file, message) = (error["file"].as_str().unwrap(), error["message"].as_str().unwrap());
        said.insert(format!("{file} {at} {} {message}", error["kind"].as_str().unwrap()));
    }
    said
}

/// What the server says.
fn served(client: &mut Client, root: &Path) -> BTreeSet<String> {
    let report = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let base = format!("{}/", uri(root));
    let name = |uri: &Value| {
        let uri = url::Url::parse(uri.as_str().unwrap()).unwrap();
        let path = uri.to_file_path().unwrap();
        path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
    };
    let mut said = BTreeSet::new();
    for item in report["items"].as_array().unwrap() {
        assert!(item["uri"].as_str().unwrap().starts_with(&base));
        for one in item["items"].as_array().unwrap() {
            let head = format!(
                "{} {} {} {}",
                name(&item["uri"]),
                place(&one["range"], 0),
                one["code"].as_str().unwrap(),
                one["message"].as_str().unwrap()
            );
            if one.get("data").is_none() {
                said.insert(head);
                continue;
            }
            let none = Vec::new();
            let labels = one["relatedInformation"].as_array().unwrap_or(&none).iter();
            let labels: Vec<_> = labels
                .map(|label| {
                    let at = &label["location"];
                    format!(
                        "{} {} {}",
                        name(&at["uri"]),
                        place(&at["range"], 0),
                        label["message"].as_str().unwrap()
                    )
                })
                .collect();
            said.insert(format!("{head} {labels:?}"));
        }
    }
    said
}

/// One edit of a text: what it is replaced by, in characters of the protocol.
fn edit(text: &str, dice: &mut Dice, snippets: &[String]) -> (Value, String) {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let start = dice.below(ends.len());
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).chain([0]).collect();
    let (from, to, new) = match dice.below(6) {
        // A character typed, one deleted, a line deleted, a line from elsewhere pasted, a file's import lost.
        0 => (
            ends[start],
            ends[start],
            ["x", ";", "{", "}", "(", " ", "\n", "😀"][dice.below(8)].to_owned(),
        ),
        1 => (ends[start], ends[(start + 1).min(ends.len() - 1)], String::new()),
        2 | 5 => {
            let from = lines[dice.below(lines.len())];
            let to = text[from..].find('\n').map_or(text.len(), |end| from + end + 1);
            (from, to, String::new())
        }
        _ => {
            let from = lines[dice.below(lines.len())];
            (from, from, snippets[dice.below(snippets.len())].clone())
        }
    };
    let position = |offset: usize| {
        let line = text[..offset].matches('\n').count();
        let begin = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        json!({ "line": line, "character": text[begin..offset].encode_utf16().count() })
    };
    let change = json!([{ "range": { "start": position(from), "end": position(to) }, "text": new }]);
    let mut after = text.to_owned();
    after.replace_range(from..to, &new);
    (change, after)
}

fn random_edits(seed: u64, from: usize, count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let files = project(&root, from, count);
    let mut texts: Vec<String> = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let snippets: Vec<String> = texts
        .iter()
        .flat_map(|text| text.lines().map(|line| format!("{line}\n")))
        .collect();
    let originals = texts.clone();
    let capabilities = json!({ "textDocument": { "diagnostic": {} } });
    let (mut client, _) = Client::start(&[&root], capabilities, json!({ "pedantic": true }));
    assert_eq!(served(&mut client, &root), fresh(&root), "before any edit");
    for (path, text) in files.iter().zip(&texts) {
        client.open(path, 0, text);
    }
    let mut dice = Dice(seed);
    for round in 1..=60 {
        let index = dice.below(files.len());
        let (change, after) = if dice.below(5) == 0 {
            (json!([{ "text": originals[index] }]), originals[index].clone())
        } else {
            edit(&texts[index], &mut dice, &snippets)
        };
        texts[index] = after;
        client.change(&files[index], round, change);
        if dice.below(3) == 0 {
            // Answers in between are what an edit may make stale.
            client.pull(&files[dice.below(files.len())]);
        }
        if round % 6 == 0 {
            for (path, text) in files.iter().zip(&texts) {
                fs::write(path, text).unwrap();
            }
            assert_eq!(
                served(&mut client, &root),
                fresh(&root),
                "seed {seed}, after {round} edits"
            );
        }
    }
    assert_eq!(client.stop(), Some(0));
}

/// What a script declares, others use that nothing connects to it but the name.
#[test]
fn edits_of_scripts_equal_a_fresh_run() {
    let folders = folders();
    let from = folders.iter().position(|f| f.ends_with("scripts-of-one-page")).unwrap();
    for seed in 1..=2_u64 {
        random_edits(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), from, 2);
    }
}

/// `EDIT_SEEDS=100 cargo test --test lsp random` looks further than the gate does.
#[test]
fn random_edits_equal_a_fresh_run() {
    let seeds = std::env::var("EDIT_SEEDS").ok().and_then(|text| text.parse().ok());
    for seed in 1..=seeds.unwrap_or(4_u64) {
        random_edits(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), (seed as usize * 11) % 40, 14);
    }
}
