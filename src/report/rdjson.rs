//! The Reviewdog Diagnostic Format (rdjson), which reviewdog turns into review comments.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Format, Locator, Report, advice, code, slashed};
use crate::finding::{Severity, Span};

/// The format.
pub const FORMAT: Format = Format {
    name: "rdjson",
    help: "reviewdog's JSON, for review comments",
    document: true,
    write: |report, _, out| write(report, out),
};

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut locator = Locator::new(&report.sources);
    let errors = report.errors.iter().map(|error| {
        json!({
            "message": error.message,
            "location": location(&mut locator, &error.file, error.span),
            "severity": "ERROR",
            "code": { "value": error.kind.as_str() },
        })
    });
    let mut diagnostics: Vec<Value> = errors.collect();
    diagnostics.extend(report.findings.iter().map(|finding| {
        let severity = match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        };
        json!({
            "message": advice(finding),
            "location": location(&mut locator, &finding.file, Some(finding.span)),
            "severity": severity,
            "code": { "value": code(finding), "url": finding.url() },
        })
    }));
    let source = json!({ "name": "leaklint", "url": env!("CARGO_PKG_REPOSITORY") });
    serde_json::to_writer_pretty(&mut *out, &json!({ "source": source, "diagnostics": diagnostics }))?;
    writeln!(out)
}

/// A place; here a column counts bytes.
fn location(locator: &mut Locator<'_>, file: &Arc<PathBuf>, span: Option<Span>) -> Value {
    let mut place = json!({ "path": slashed(file) });
    if let Some(span) = span {
        let range = locator.range(file, span);
        let (_, lines) = locator.lines(file);
        let position = |at: crate::finding::Position| {
            let start = lines.span(at.line).map_or(0, |line| line.start);
            json!({ "line": at.line, "column": at.offset - start + 1 })
        };
        place["range"] = json!({ "start": position(range.start), "end": position(range.end) });
    }
    place
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_story() {
        let mut out = Vec::new();
        super::write(&crate::report::samples::report(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
