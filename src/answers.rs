//! What a run found, kept for the next one on the same texts.
//!
//! A finding depends on other files, on the tables and on the configuration; so the key of an answer holds all of it:
//! the texts of all inputs, what was asked, and the version of the whole program. One thing it cannot hold is what the
//! import specifiers lead to, which `package.json` files, `tsconfig.json` files and folders decide that are no inputs.
//! Therefore the answer names every specifier for which the disk was asked, and the packages of the files, and counts
//! only while each of them leads where it led.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::cache::Key;
use crate::finding::{Cause, Confidence, ErrorKind, Finding, InputError, Label, Role, Severity, Span};
use crate::link::FileId;
use crate::link::modules::{Asked, ModuleResolver};
use crate::link::packages;
use crate::session::{Analysis, Options};
use crate::suppress::Directive;

/// One input as the key of an answer sees it.
pub(crate) struct Part<'a> {
    /// Relative to the current directory.
    pub path: &'a Path,
    /// Whether it is reported on.
    pub report: bool,
    /// Whether it was named.
    pub explicit: bool,
    /// Its text and language, or why it has no text.
    pub text: Result<Key, &'a InputError>,
}

/// The key of the answer to a question: the inputs in their order, and what the analysis was told.
pub(crate) fn key(parts: &[Part<'_>], options: &Options) -> Key {
    // The number of threads and the cache change nothing.
    let told = Options {
        threads: None,
        cache: None,
        ..options.clone()
    };
    let mut question = format!("{told:?}\n").into_bytes();
    for part in parts {
        question.extend(part.path.as_os_str().as_encoded_bytes());
        question.extend([0, u8::from(part.report), u8::from(part.explicit)]);
        match &part.text {
            Ok(key) => question.extend(key.bytes()),
            Err(error) => question.extend(format!("{:?} {}\n", error.kind, error.message).into_bytes()),
        }
    }
    Key::of_answer(&question)
}

/// What a run found. Files stand for themselves by their place among the inputs.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The specifiers that were asked for, each once.
    specifiers: Vec<String>,
    /// Who asked for which of them, and where it led.
    asked: Vec<(u32, u32, Option<u32>)>,
    /// The packages that the inputs are part of.
    packages: Vec<Option<u32>>,
    findings: Vec<KeptFinding>,
    errors: Vec<KeptError>,
    limits: Vec<KeptError>,
    directives: Vec<(u32, Vec<Directive>)>,
    files: u64,
    skipped: u64,
}

#[derive(Serialize, Deserialize)]
struct KeptFinding {
    rule: String,
    cause: Cause,
    severity: Severity,
    confidence: Confidence,
    message: String,
    help: String,
    file: u32,
    span: Span,
    labels: Vec<(Role, String, u32, Span)>,
    fingerprint: String,
}

type KeptError = (ErrorKind, String, u32, Option<Span>);

impl Answer {
    /// What is kept of an analysis. `None` when it tells of a file that is no input.
    pub(crate) fn of(
        analysis: &Analysis,
        paths: &[Arc<PathBuf>],
        asked: &[Asked],
        packages: Vec<Option<u32>>,
    ) -> Option<Self> {
        let mut specifiers: Vec<&str> = asked.iter().map(|asked| &*asked.specifier).collect();
        specifiers.sort_unstable();
        specifiers.dedup();
        let asked = asked.iter().map(|asked| {
            let specifier = specifiers.binary_search(&&*asked.specifier).ok()? as u32;
            Some((asked.from.0, specifier, asked.to.map(|to| to.0)))
        });
        let places: FxHashMap<&Path, u32> = paths.iter().map(|path| path.as_path()).zip(0..).collect();
        let place = |path: &Path| places.get(path).copied();
        let error = |error: &InputError| Some((error.kind, error.message.clone(), place(&error.file)?, error.span));
        let label = |label: &Label| Some((label.role, label.message.clone(), place(&label.file)?, label.span));
        let finding = |finding: &Finding| {
            Some(KeptFinding {
                rule: finding.rule.to_owned(),
                cause: finding.cause,
                severity: finding.severity,
                confidence: finding.confidence,
                message: finding.message.clone(),
                help: finding.help.clone(),
                file: place(&finding.file)?,
                span: finding.span,
                labels: finding.labels.iter().map(label).collect::<Option<_>>()?,
                fingerprint: finding.fingerprint.clone(),
            })
        };
        let directives = analysis.directives.iter();
        Some(Self {
            asked: asked.collect::<Option<_>>()?,
            packages,
            specifiers: specifiers.into_iter().map(str::to_owned).collect(),
            findings: analysis.findings.iter().map(finding).collect::<Option<_>>()?,
            errors: analysis.errors.iter().map(error).collect::<Option<_>>()?,
            limits: analysis.limits.iter().map(error).collect::<Option<_>>()?,
            directives: directives
                .map(|(path, found)| Some((place(path)?, found.clone())))
                .collect::<Option<_>>()?,
            files: analysis.files,
            skipped: analysis.skipped,
        })
    }

    /// Whether every specifier still leads where it led, and every file is part of the same package. `paths` are those of
    /// the inputs, absolute and without links, like `root`.
    pub(crate) fn holds(&self, resolver: &ModuleResolver, paths: &[PathBuf], root: &Path) -> bool {
        self.packages == packages::published(paths, root)
            && self.asked.par_iter().all(|&(from, specifier, to)| {
                let path = paths.get(from as usize);
                let specifier = self.specifiers.get(specifier as usize);
                let now = path
                    .zip(specifier)
                    .map(|(path, specifier)| resolver.ask(path, specifier));
                now == Some(to.map(FileId))
            })
    }

    /// The analysis that was kept, without the texts it points into. `None` when it is not one of this program.
    pub(crate) fn analysis(self, paths: &[Arc<PathBuf>]) -> Option<Analysis> {
        let path = |place: u32| paths.get(place as usize).cloned();
        let error = |(kind, message, file, span): KeptError| {
            let file = path(file)?;
            Some(InputError {
                kind,
                message,
                file,
                span,
            })
        };
        let label = |(role, message, file, span): (Role, String, u32, Span)| {
            let file = path(file)?;
            Some(Label {
                role,
                message,
                file,
                span,
            })
        };
        let finding = |kept: KeptFinding| {
            Some(Finding {
                rule: crate::rules::find(&kept.rule)?.name,
                cause: kept.cause,
                severity: kept.severity,
                confidence: kept.confidence,
                message: kept.message,
                help: kept.help,
                file: path(kept.file)?,
                span: kept.span,
                labels: kept.labels.into_iter().map(label).collect::<Option<_>>()?,
                fingerprint: kept.fingerprint,
            })
        };
        let directives = self.directives.into_iter();
        Some(Analysis {
            findings: self.findings.into_iter().map(finding).collect::<Option<_>>()?,
            errors: self.errors.into_iter().map(error).collect::<Option<_>>()?,
            limits: self.limits.into_iter().map(error).collect::<Option<_>>()?,
            directives: directives
                .map(|(file, found)| Some((path(file)?, found)))
                .collect::<Option<_>>()?,
            files: self.files,
            skipped: self.skipped,
            ..Analysis::default()
        })
    }
}
