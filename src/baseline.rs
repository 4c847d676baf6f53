//! The baseline: findings that are known, so that only new ones are reported.
//!
//! A project of a million lines takes leaklint up in an hour by writing its findings down once. An entry is
//! matched by fingerprint, which survives edits elsewhere in the file, and as often as it was counted. What
//! is fixed is told, so that the file shrinks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// The name of the file when none is given.
pub const FILE_NAME: &str = "leaklint-baseline.json";

/// The version of the file.
const VERSION: u32 = 1;

/// The file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "leaklint baseline")]
struct File {
    /// The version of this file; 1.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The known findings of each file, by its path from the root of the project, with `/`.
    files: BTreeMap<String, Vec<Entry>>,
}

/// A known finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The rule, for readers.
    pub rule: String,
    /// The message, for readers.
    pub message: String,
    /// The finding.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    pub fingerprint: String,
    /// How many findings of this fingerprint are known.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1))]
    pub count: u32,
}

const fn one() -> u32 {
    1
}

// serde hands the field over as a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_one(count: &u32) -> bool {
    *count == 1
}

/// Known findings by the path of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    files: BTreeMap<String, Vec<Entry>>,
}

/// Why a baseline cannot be used.
#[derive(Debug)]
pub enum BaselineError {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// It is no baseline: what is wrong, and the line and column of it where they are known.
    Malformed(String, Option<(usize, usize)>),
}

impl Baseline {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let bytes = fs::read(path).map_err(BaselineError::Unreadable)?;
        let text =
            String::from_utf8(bytes).map_err(|_| BaselineError::Malformed("it is not UTF-8 text".to_owned(), None))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, BaselineError> {
        let text = text.trim_start_matches('\u{feff}');
        if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
            let message = "it holds the markers of a merge conflict".to_owned();
            return Err(BaselineError::Malformed(message, Some((line + 1, 1))));
        }
        let file: File = serde_json::from_str(text).map_err(|error| {
            let full = error.to_string();
            // The place is told apart.
            let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
            let place = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
            BaselineError::Malformed(message, place)
        })?;
        if file.version != VERSION {
            let message = format!(
                "it is of version {}, and this leaklint reads version {VERSION}",
                file.version
            );
            return Err(BaselineError::Malformed(message, None));
        }
        Ok(Self { files: file.files })
    }

    /// What is known of one file.
    pub fn part(&self, path: &str) -> Self {
        let files = self.files.get_key_value(path).into_iter();
        Self {
            files: files.map(|(path, entries)| (path.clone(), entries.clone())).collect(),
        }
    }

    /// How many findings are known.
    pub fn len(&self) -> u64 {
        self.files.values().flatten().map(|entry| u64::from(entry.count)).sum()
    }

    /// Whether no finding is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The paths with known findings.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Takes the finding out, once; whether it was known. `path` is that of its file from the root.
    pub fn take(&mut self, path: &str, finding: &Finding) -> bool {
        let Some(entries) = self.files.get_mut(path) else {
            return false;
        };
        let Some(at) = entries
            .iter()
            .position(|entry| entry.fingerprint == finding.fingerprint)
        else {
            return false;
        };
        if entries[at].count > 1 {
            entries[at].count -= 1;
        } else {
            entries.remove(at);
        }
        true
    }

    /// Takes out everything that `other` holds.
    pub fn subtract(&mut self, other: &Self) {
        for (path, gone) in &other.files {
            let Some(entries) = self.files.get_mut(path) else {
                continue;
            };
            for gone in gone {
                if let Some(entry) = entries.iter_mut().find(|entry| entry.fingerprint == gone.fingerprint) {
                    entry.count = entry.count.saturating_sub(gone.count);
                }
            }
            entries.retain(|entry| entry.count > 0);
        }
    }

    /// Adds a finding.
    pub fn add(&mut self, path: &str, finding: &Finding) {
        let entries = self.files.entry(path.to_owned()).or_default();
        match entries
            .iter_mut()
            .find(|entry| entry.fingerprint == finding.fingerprint)
        {
            Some(entry) => entry.count += 1,
            None => entries.push(Entry {
                rule: finding.rule.to_owned(),
                message: finding.message.clone(),
                fingerprint: finding.fingerprint.clone(),
                count: 1,
            }),
        }
    }

    /// Keeps what is known of the files that `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.files.retain(|path, entries| !entries.is_empty() && keep(path));
    }

    /// Every entry with the path of its file, sorted.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.files
            .iter()
            .flat_map(|(path, entries)| entries.iter().map(move |entry| (path.as_str(), entry)))
    }

    /// The text of the file: sorted, one entry below the other, so that two branches merge well.
    pub fn text(&self) -> String {
        let mut files = self.files.clone();
        files.retain(|_, entries| !entries.is_empty());
        for entries in files.values_mut() {
            entries.sort();
        }
        let file = File {
            version: VERSION,
            files,
        };
        // A map of strings to plain structs has a form in JSON.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// Writes the file in one step, so that no run reads half of it; whether anything changed.
    pub fn write(&self, path: &Path) -> io::Result<bool> {
        let text = self.text();
        if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(false);
        }
        // A link is written through, not replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = PathBuf::from(name);
        let written = fs::File::create(&temporary)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&temporary, &target));
        if written.is_err() {
            // Whether it could be made or not, it must not stay.
            let _ = fs::remove_file(&temporary);
        }
        written.map(|()| true)
    }
}

/// The nearest baseline in `start` or a folder above it, up to `root`.
pub fn find(start: &Path, root: &Path) -> Option<PathBuf> {
    let inside = start.starts_with(root);
    let folders = start
        .ancestors()
        .take_while(|folder| !inside || folder.starts_with(root));
    let folders = folders.take(if inside { usize::MAX } else { 1 });
    folders.map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

/// The JSON Schema of the file.
pub fn schema() -> Schema {
    schemars::schema_for!(File)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (String, Option<(usize, usize)>) {
        match Baseline::parse(text) {
            Err(BaselineError::Malformed(message, place)) => (message, place),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn findings_are_known_as_often_as_they_were_counted() {
        let report = crate::report::samples::report();
        let (one, other) = (&report.findings[0], &report.findings[1]);
        let mut baseline = Baseline::default();
        baseline.add("a.js", one);
        baseline.add("a.js", one);
        assert_eq!(Baseline::parse(&baseline.text()).unwrap(), baseline);
        assert!(!baseline.take("b.js", one) && !baseline.take("a.js", other));
        assert!(baseline.take("a.js", one) && baseline.take("a.js", one) && !baseline.take("a.js", one));
        assert!(baseline.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(wrong("{").1, Some((1, 1)));
        assert_eq!(wrong("{\n  \"version\": 1,\n  \"fiels\": {}\n}").1, Some((3, 9)));
        assert!(wrong("{\"version\": 2, \"files\": {}}").0.contains("of version 2"));
        assert_eq!(wrong("{\n<<<<<<< HEAD\n").1, Some((2, 1)));
        assert!(wrong("").0.contains("EOF"));
    }

    #[test]
    fn the_file_validates() {
        let mut baseline = Baseline::default();
        baseline.add("a.js", &crate::report::samples::report().findings[0]);
        let schema = serde_json::to_value(schema()).unwrap();
        let value = serde_json::from_str(&baseline.text()).unwrap();
        jsonschema::draft202012::validate(&schema, &value).unwrap();
    }
}
