//! `leaklint [check]`.

use std::io::{self, Write};

use super::args::{CheckArgs, FailOn, Format};
use super::output::Output;
use super::progress::Progress;
use super::{Failure, Outcome, settings};
use crate::finding::{ErrorKind, Severity};
use crate::report::{Report, compact, json, pretty, statistics};
use crate::session;

pub(super) fn run(args: CheckArgs) -> Result<Outcome, Failure> {
    let request = settings::check_request(&args)?;
    // Opened first: a report that cannot be written is not worth a minute of work.
    let mut output = Output::open(args.output_file.as_deref())?;
    let progress = Progress::new(!args.quiet);
    let report = session::check(&request, &|done, total| progress.tell(done, total));
    progress.clear();

    let style = settings::style(args.project.color, args.output_file.is_some());
    let written = output.write(|out| match args.format {
        Format::Pretty => pretty::write(&report, style, args.quiet, out),
        Format::Json => json::write(&report, out),
        Format::Compact => compact::write(&report, out),
    });
    if !matches!(&written, Err(error) if error.kind() == io::ErrorKind::BrokenPipe) {
        written?;
    }
    // A broken standard error has nobody left to tell.
    let _ = comment(&args, &report, &mut io::stderr().lock());
    Ok(outcome(&report, args.fail_on))
}

/// What is said on standard error, so that standard output holds the report and nothing else.
fn comment(args: &CheckArgs, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let summary_printed = args.format == Format::Pretty && args.output_file.is_none();
    if !args.quiet && report.reported == 0 && report.errors.is_empty() {
        writeln!(
            out,
            "warning: there are no JavaScript or TypeScript files to check here"
        )?;
    } else if !args.quiet && !summary_printed && args.format != Format::Json {
        writeln!(out, "{}", report.summary.line(report))?;
    }
    if args.statistics {
        statistics::write_statistics(report, out)?;
    }
    if args.timings {
        statistics::write_timings(report, out)?;
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
