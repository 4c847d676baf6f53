//! The configuration: `leaklint.toml`, or the `leaklint` key of a `package.json`.
//!
//! [`mod@file`] says what may be written, [`load`] finds and reads it and says what is wrong with it, and this
//! module answers the one question the rest of the program has: which severity a finding ends up with.

pub mod file;
pub mod load;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::finding::{Confidence, Finding, Severity, Span};
use file::{ConfigFile, Level, RuleLevels};

/// The configuration of one run, checked and ready to be asked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it was read from; `None` for the defaults.
    pub path: Option<PathBuf>,
    /// What was written.
    pub file: ConfigFile,
    /// `pair`, `context` and `type` rows, as TOML text in the form of `rules/resources/*.toml`.
    pub extra_tables: Option<String>,
    include: Option<Gitignore>,
    exclude: Gitignore,
    overrides: Vec<(Gitignore, RuleLevels)>,
}

/// A configuration that cannot be used.
#[derive(Clone, Debug)]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// Its text; empty when it could not be read.
    pub text: Arc<str>,
    /// One sentence.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where in the text.
    pub span: Option<Span>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: None,
            file: ConfigFile::default(),
            extra_tables: None,
            include: None,
            exclude: Gitignore::empty(),
            overrides: Vec::new(),
        }
    }
}

impl Config {
    /// Compiles the globs of a configuration that stands in `directory`. `Err` names the glob that is wrong.
    pub fn new(file: ConfigFile, path: PathBuf, directory: &Path) -> Result<Self, (String, String)> {
        let globs = |patterns: &[String]| -> Result<Gitignore, (String, String)> {
            let mut builder = GitignoreBuilder::new(directory);
            for pattern in patterns {
                builder
                    .add_line(None, pattern)
                    .map_err(|error| (pattern.clone(), error.to_string()))?;
            }
            builder
                .build()
                .map_err(|error| (patterns.join(", "), error.to_string()))
        };
        let include = if file.include.is_empty() {
            None
        } else {
            Some(globs(&file.include)?)
        };
        let exclude = globs(&file.exclude)?;
        let overrides = file
            .overrides
            .iter()
            .map(|one| Ok((globs(&one.paths)?, one.rules.clone())))
            .collect::<Result<_, (String, String)>>()?;
        let extra_tables = file.extra_tables();
        Ok(Self {
            path: Some(path),
            file,
            extra_tables,
            include,
            exclude,
            overrides,
        })
    }

    /// Whether a file found by walking (given as an absolute path) is wanted.
    pub fn wants(&self, path: &Path) -> bool {
        let included = self.include.as_ref().is_none_or(|include| hits(include, path));
        included && !hits(&self.exclude, path)
    }

    /// The severity of a finding, or `None` when its rule is off. `path` is the absolute path of its file,
    /// `test` says whether that path looks like a test.
    ///
    /// A level says how much a rule matters, not how sure leaklint is: it moves findings of high and medium
    /// confidence, while those of low confidence stay infos. Tests are lowered last, unless an override
    /// names the very path.
    pub fn severity(&self, finding: &Finding, path: &Path, test: bool) -> Option<Severity> {
        let named = self.overrides.iter().rev().find_map(|(paths, rules)| {
            let level = rules.get(finding.rule)?;
            hits(paths, path).then_some(*level)
        });
        let level = named.or_else(|| self.file.rules.get(finding.rule).copied());
        let severity = match level.map(Level::severity) {
            Some(None) => return None,
            Some(Some(_)) if finding.confidence == Confidence::Low => finding.severity,
            Some(Some(severity)) => severity,
            None => finding.severity,
        };
        if test && named.is_none() {
            return Some(severity.min(self.file.tests.level.severity()?));
        }
        Some(severity)
    }
}

fn hits(globs: &Gitignore, path: &Path) -> bool {
    // `matched_path_or_any_parents` panics for a path that is not below the folder of the globs.
    path.starts_with(globs.path()) && globs.matched_path_or_any_parents(path, false).is_ignore()
}

/// The names a configuration or `--only` may use: the rules and the notices about suppressions.
pub fn rule_names() -> impl Iterator<Item = &'static str> {
    crate::rules::all()
        .iter()
        .chain(&crate::suppress::NOTICES)
        .map(|rule| rule.name)
}

/// The known word nearest to a misspelt one, when one is near enough to be meant.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let known = known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate));
    known
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
