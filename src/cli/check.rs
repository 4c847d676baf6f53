//! `leaklint [check]`.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use super::args::{CheckArgs, FailOn};
use super::progress::Progress;
use super::sinks::{self, Opened};
use super::{Failure, Outcome, settings, watch};
use crate::finding::{ErrorKind, Severity};
use crate::report::{Report, Scene, github, markdown, pretty, statistics};
use crate::session;

/// A job summary of GitHub may hold 1 MiB, whoever wrote it.
const MAX_SUMMARY: u64 = 1024 * 1024;

/// How many fixed findings are named.
const MAX_FIXED: usize = 10;

/// How a run ended.
pub(super) struct Done {
    /// What the exit code says.
    pub outcome: Outcome,
    /// Whether the reader of standard output is gone.
    pub closed: bool,
}

pub(super) fn run(args: &CheckArgs) -> Result<Outcome, Failure> {
    if args.watch {
        return watch::run(args);
    }
    once(args).map(|done| done.outcome)
}

/// Checks and prints, once.
pub(super) fn once(args: &CheckArgs) -> Result<Done, Failure> {
    let request = settings::check_request(args)?;
    // Opened first: a report that cannot be written is not worth a minute of work.
    let mut sinks = sinks::open(&args.format, args.output_file.as_deref())?;
    let progress = Progress::new(!args.quiet);
    let report = session::check(&request, &|done, total| progress.tell(done, total));
    progress.clear();
    let closed = print(args, &report, &request.cwd, &mut sinks)?;
    Ok(Done {
        outcome: outcome(&report, args.fail_on),
        closed,
    })
}

/// Writes every report; tells whether the reader of standard output is gone. A report that cannot be written
/// does not take the others with it.
fn print(args: &CheckArgs, report: &Report, cwd: &Path, sinks: &mut [Opened]) -> Result<bool, Failure> {
    let mut failed = None;
    let mut closed = false;
    for sink in &mut *sinks {
        let scene = settings::scene(args, cwd, sink.file.is_some());
        let write = sink.format.write;
        match sink.output.write(|out| write(report, &scene, out)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => closed |= sink.file.is_none(),
            Err(error) => {
                let place = sink
                    .file
                    .as_ref()
                    .map_or("standard output".into(), |file| file.to_string_lossy());
                failed = failed.or(Some(format!("{place} cannot be written: {error}")));
            }
        }
        if sink.format.name == github::FORMAT.name {
            job_summary(report, &scene);
        }
    }
    // A broken standard error has nobody left to tell.
    let _ = comment(args, report, sinks, &mut io::stderr().lock());
    failed.map_or(Ok(closed), |message| Err(Failure::new(message)))
}

/// Appends the summary that GitHub shows for a job, where it asks for one. The report itself is written
/// already, so a summary that cannot be is only worth a warning.
fn job_summary(report: &Report, scene: &Scene) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return;
    };
    let append = || {
        let mut text = Vec::new();
        markdown::write(report, scene, &mut text)?;
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        if file.metadata()?.len() + text.len() as u64 > MAX_SUMMARY {
            return Err(io::Error::other("it would be longer than GitHub allows"));
        }
        file.write_all(&text)
    };
    if let Err(error) = append() {
        let _ = writeln!(io::stderr(), "warning: the job summary cannot be written: {error}");
    }
}

/// What is said on standard error, so that standard output holds the report and nothing else.
fn comment(args: &CheckArgs, report: &Report, sinks: &[Opened], out: &mut dyn Write) -> io::Result<()> {
    let printed = |sink: &Opened| sink.format.name == pretty::FORMAT.name && sink.file.is_none();
    let summary = sinks.iter().any(|sink| !sink.format.document) && !sinks.iter().any(printed);
    if !args.quiet && report.files.is_empty() && report.errors.is_empty() {
        let message = if args.staged || args.changed || args.since.is_some() {
            "no JavaScript or TypeScript file to check has changed"
        } else {
            "warning: there are no JavaScript or TypeScript files to check here"
        };
        writeln!(out, "{message}")?;
    } else if !args.quiet && summary {
        writeln!(out, "{}", report.summary.line(report))?;
    }
    if !args.quiet && !report.fixed.is_empty() {
        fixed(report, out)?;
    }
    if args.statistics {
        statistics::write_statistics(report, out)?;
    }
    if args.timings {
        statistics::write_timings(report, out)?;
    }
    Ok(())
}

/// Says what is better than the baseline, so that it shrinks.
fn fixed(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let count = report.fixed.len();
    let (verb, them) = if count == 1 { ("is", "it") } else { ("are", "them") };
    let noun = if count == 1 { "finding" } else { "findings" };
    writeln!(
        out,
        "{count} {noun} of the baseline {verb} fixed; `leaklint baseline --prune` takes {them} out:"
    )?;
    for (path, entry) in report.fixed.entries().take(MAX_FIXED) {
        writeln!(out, "  {path}: {}: {}", entry.rule, entry.message)?;
    }
    if report.fixed.entries().count() > MAX_FIXED {
        writeln!(out, "  and more")?;
    }
    Ok(())
}

fn outcome(report: &Report, fail_on: FailOn) -> Outcome {
    let errors = report.errors.iter().map(|error| match error.kind {
        ErrorKind::Unreadable => Outcome::Unusable,
        ErrorKind::Syntax | ErrorKind::TooDeep | ErrorKind::Encoding if fail_on != FailOn::Never => Outcome::Findings,
        // A bound was kept, as it was asked to be: said, but no failure.
        _ => Outcome::Clean,
    });
    let threshold = match fail_on {
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Info => Some(Severity::Info),
        FailOn::Never => None,
    };
    let fails = threshold.is_some_and(|level| report.findings.iter().any(|finding| finding.severity >= level));
    let findings = if fails { Outcome::Findings } else { Outcome::Clean };
    errors.chain([findings]).max().unwrap_or(Outcome::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn the_worst_thing_decides() {
        let mut report = samples::report();
        assert_eq!(
            outcome(&report, FailOn::Never),
            Outcome::Unusable,
            "one input is unreadable"
        );
        report.errors.retain(|error| error.kind == ErrorKind::Syntax);
        assert_eq!(outcome(&report, FailOn::Never), Outcome::Clean);
        assert_eq!(outcome(&report, FailOn::Error), Outcome::Findings);
        report.errors.clear();
        report.findings.retain(|finding| finding.severity == Severity::Warning);
        assert_eq!(outcome(&report, FailOn::Error), Outcome::Clean);
        assert_eq!(outcome(&report, FailOn::Warning), Outcome::Findings);
    }
}
