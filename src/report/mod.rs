//! Printing a report. One file per format; none of them knows how a finding came about.
//!
//! A new format is one file and one entry in [`FORMATS`].

pub mod azure;
pub mod checkstyle;
pub mod compact;
pub mod eslint;
pub mod excerpt;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod pretty;
pub mod rdjson;
pub mod sarif;
mod scene;
pub mod statistics;
mod stories;
mod xml;

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::baseline::Baseline;
use crate::finding::{Finding, InputError, Range, Span};
use crate::syntax::lines::LineIndex;
pub use scene::Scene;

/// A form a report can be printed in.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// Who it is for; one line.
    pub help: &'static str,
    /// Whether it is one document for a program, so that nothing may be said around it.
    pub document: bool,
    /// Prints a report.
    pub write: fn(&Report, &Scene, &mut dyn Write) -> io::Result<()>,
}

/// Every format, in the order of the documentation.
pub const FORMATS: [Format; 12] = [
    pretty::FORMAT,
    compact::FORMAT,
    json::FORMAT,
    sarif::FORMAT,
    github::FORMAT,
    gitlab::FORMAT,
    azure::FORMAT,
    junit::FORMAT,
    checkstyle::FORMAT,
    rdjson::FORMAT,
    eslint::FORMAT,
    markdown::FORMAT,
];

/// The format of this name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Everything a run has to say.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The project root, relative to the current directory.
    pub root: PathBuf,
    /// Sorted; what is not shown is not in it.
    pub findings: Vec<Finding>,
    /// Inputs that could not be checked in full.
    pub errors: Vec<InputError>,
    /// Bounds of the analysis that were reached, by file. They are for programs, which print them with the errors:
    /// nobody can do anything about them, and large projects have many.
    pub limits: Vec<InputError>,
    /// The text of every file that is named.
    pub sources: HashMap<Arc<PathBuf>, Arc<str>>,
    /// The counts.
    pub summary: Summary,
    /// What the analysis counted.
    pub counters: Vec<(&'static str, u64)>,
    /// How long each stage took.
    pub timings: Vec<(&'static str, Duration)>,
    /// The files that were to be reported on, sorted.
    pub files: Vec<Arc<PathBuf>>,
    /// Findings that are known and not reported, sorted like the others.
    pub silenced: Vec<Silenced>,
    /// What the baseline knows and nobody finds any more.
    pub fixed: Baseline,
}

/// A finding that is known and not reported.
#[derive(Clone, Debug)]
pub struct Silenced {
    /// The finding.
    pub finding: Finding,
    /// What silences it.
    pub by: Silencer,
}

/// What silences a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silencer {
    /// A comment in the source, with the reason it gives.
    Comment(Option<String>),
    /// An entry of the baseline.
    Baseline,
}

/// The counts of a run. Findings that are not shown are in none of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Files checked.
    pub files: u64,
    /// Files that were left out because their text is minified.
    pub skipped: u64,
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// Findings that are infos.
    pub infos: u64,
    /// Findings that a comment silences.
    pub suppressed: u64,
    /// Findings that stand in the baseline.
    pub baselined: u64,
    /// From start to end, without printing.
    pub duration: Duration,
}

impl Summary {
    /// The last line of the output for people. The time is not in it: the same input gives the same bytes.
    pub fn line(&self, report: &Report) -> String {
        let total = self.errors + self.warnings + self.infos;
        let mut parts = Vec::new();
        for (count, word) in [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")] {
            if count > 0 {
                parts.push(counted(count, word));
            }
        }
        let broken = report.errors.len() as u64;
        if self.files == 0 && broken > 0 {
            return format!("nothing was checked; {} could not be read", counted(broken, "input"));
        }
        let mut line = if total == 0 {
            "no leaks found".to_owned()
        } else {
            counted(total, "finding")
        };
        if total > 0 {
            line += &format!(" ({})", parts.join(", "));
        }
        line += &format!(" in {}", counted(self.files, "file"));
        if self.suppressed > 0 {
            line += &format!("; {} suppressed", self.suppressed);
        }
        if self.baselined > 0 {
            line += &format!("; {} in the baseline", self.baselined);
        }
        if broken > 0 {
            line += &format!("; {} could not be checked in full", counted(broken, "input"));
        }
        line
    }
}

fn counted(count: u64, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// A message or a path on one line: what breaks lines or moves a cursor is left out.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for part in text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(part.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
    }
    line
}

/// The message and the advice of a finding as one text.
fn advice(finding: &Finding) -> String {
    if finding.help.is_empty() {
        finding.message.clone()
    } else {
        format!("{}\n{}", finding.message, finding.help)
    }
}

/// `rule/cause`.
fn code(finding: &Finding) -> String {
    format!("{}/{}", finding.rule, finding.cause.as_str())
}

/// A path as it is printed: with `/` on every system.
pub fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// Lines and columns of spans, with one line index per file.
pub struct Locator<'a> {
    sources: &'a HashMap<Arc<PathBuf>, Arc<str>>,
    indexes: HashMap<Arc<PathBuf>, LineIndex>,
}

impl<'a> Locator<'a> {
    /// A locator for the sources of a report.
    pub fn new(sources: &'a HashMap<Arc<PathBuf>, Arc<str>>) -> Self {
        Self {
            sources,
            indexes: HashMap::new(),
        }
    }

    /// The text of a file, empty when it is not known, and its lines.
    pub fn lines(&mut self, file: &Arc<PathBuf>) -> (&'a str, &LineIndex) {
        let text: &'a str = self.sources.get(file).map_or("", |text| text);
        let index = self
            .indexes
            .entry(Arc::clone(file))
            .or_insert_with(|| LineIndex::new(text));
        (text, index)
    }

    /// Both ends of a span.
    pub fn range(&mut self, file: &Arc<PathBuf>, span: Span) -> Range {
        let (text, index) = self.lines(file);
        index.range(span, text)
    }
}

#[cfg(test)]
pub(crate) mod samples;
