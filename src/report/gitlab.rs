//! GitLab's code quality report: the part of Code Climate's format that GitLab reads.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Format, Locator, Report, Scene, code};
use crate::finding::{Cause, Identity, Severity};

/// The format.
pub const FORMAT: Format = Format {
    name: "gitlab",
    help: "GitLab's code quality report",
    document: true,
    write,
};

/// Writes the report.
pub fn write(report: &Report, scene: &Scene, out: &mut dyn Write) -> io::Result<()> {
    let mut locator = Locator::new(&report.sources);
    let errors = report.errors.iter().map(|error| {
        let line = error.span.map_or(1, |span| locator.range(&error.file, span).start.line);
        let path = scene.in_repository(&error.file);
        // GitLab takes two entries of one fingerprint for one.
        let fingerprint = Identity {
            rule: error.kind.as_str(),
            path: &path,
            cause: Cause::Suppression,
            text: &error.message,
            functions: &[&line.to_string()],
            duplicate: 0,
        };
        json!({
            "type": "issue",
            "check_name": error.kind.as_str(),
            "description": error.message,
            "categories": ["Bug Risk"],
            "severity": "major",
            "fingerprint": fingerprint.fingerprint(),
            "location": { "path": path, "lines": { "begin": line, "end": line } },
        })
    });
    let mut entries: Vec<Value> = errors.collect();
    entries.extend(report.findings.iter().map(|finding| {
        let range = locator.range(&finding.file, finding.span);
        let severity = match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        };
        json!({
            "type": "issue",
            "check_name": code(finding),
            "description": finding.message,
            "content": { "body": format!("{}\n\n{}", finding.help, finding.url()) },
            "categories": ["Bug Risk"],
            "severity": severity,
            "fingerprint": finding.fingerprint,
            "location": {
                "path": scene.in_repository(&finding.file),
                "lines": { "begin": range.start.line, "end": range.end.line },
            },
        })
    }));
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_story() {
        let mut out = Vec::new();
        super::write(&crate::report::samples::report(), &super::Scene::default(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
