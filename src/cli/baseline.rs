//! `leaklint baseline`.

use std::io::{self, Write};
use std::path::Path;

use super::args::BaselineArgs;
use super::progress::Progress;
use super::{Failure, Outcome, settings};
use crate::baseline::{Baseline, BaselineError, FILE_NAME, find};
use crate::discover;
use crate::finding::ErrorKind;
use crate::report::compact;
use crate::session::{self, Request};

/// Reads a baseline, and says what is wrong with it.
pub(super) fn read(path: &Path) -> Result<Baseline, Failure> {
    let shown = path.display();
    Baseline::read(path).map_err(|error| match error {
        BaselineError::Unreadable(error) => Failure::new(format!("the baseline {shown} cannot be read: {error}")),
        BaselineError::Malformed(what, place) => {
            let place = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
            Failure::with_hint(
                format!("{shown}{place}: the baseline is broken: {what}"),
                "restore it, or remove it and write it anew with `leaklint baseline`",
            )
        }
    })
}

pub(super) fn run(args: &BaselineArgs) -> Result<Outcome, Failure> {
    let mut paths = args.paths.clone();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let request = settings::request(&args.project, paths, None)?;
    let path = match &args.baseline {
        Some(path) => path.clone(),
        None => {
            let found = find(&request.cwd, &request.root);
            let path = found.unwrap_or_else(|| request.root.join(FILE_NAME));
            discover::relative(&path, &request.cwd)
        }
    };
    let old = if path.exists() {
        read(&path)?
    } else {
        Baseline::default()
    };
    let request = Request {
        pedantic: args.pedantic,
        baseline: Some(old.clone()),
        ..request
    };
    let progress = Progress::new(true);
    let mut report = session::check(&request, &|done, total| progress.tell(done, total));
    progress.clear();

    let mut new = old;
    new.subtract(&report.fixed);
    let added = if args.prune { 0 } else { report.findings.len() };
    if !args.prune {
        for finding in &report.findings {
            new.add(&request.name(&finding.file), finding);
        }
    }
    let failed = |error: io::Error| Failure::new(format!("{} cannot be written: {error}", path.display()));
    let changed = if new.is_empty() && !path.exists() {
        false
    } else {
        new.write(&path).map_err(failed)?
    };
    let said = if changed { "written" } else { "unchanged" };
    writeln!(
        io::stdout(),
        "{}: {said}: {} known, {added} of them new; {} fixed and taken out",
        path.display(),
        new.len(),
        report.fixed.len()
    )?;
    // Files that could not be checked keep their entries; say which.
    report.findings.clear();
    let _ = compact::write(&report, &mut io::stderr().lock());
    let unusable = report.errors.iter().any(|error| error.kind == ErrorKind::Unreadable);
    Ok(if unusable { Outcome::Unusable } else { Outcome::Clean })
}
