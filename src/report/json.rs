//! The JSON output, version 1. Tools depend on it: fields are added, never renamed or removed, and
//! `src/schemas/output.schema.json` is generated from these types.

use std::io::{self, Write};

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::{Format, Locator, Report, slashed};
use crate::finding::{Cause, Confidence, ErrorKind, Range, Role, Severity};

/// The format.
pub const FORMAT: Format = Format {
    name: "json",
    help: "For tools: one JSON document with a published schema",
    document: true,
    write: |report, _, out| write(report, out),
};

/// The version of this output.
pub const SCHEMA_VERSION: u32 = 1;

/// The output of `leaklint --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "leaklint output", deny_unknown_fields)]
pub struct Output {
    /// The version of this output; 1.
    #[schemars(extend("const" = 1))]
    pub schema_version: u32,
    /// What made it.
    pub tool: Tool,
    /// The project root, relative to the current directory, with `/`; `.` when it is that directory.
    pub root: String,
    /// The counts.
    pub summary: Counts,
    /// The findings, sorted by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Inputs that could not be checked in full.
    pub errors: Vec<ErrorEntry>,
}

/// What made the output.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// The counts of a run. Findings that are not shown are in none of them.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Counts {
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
    /// Findings that a comment or the baseline silences.
    pub suppressed: u64,
    /// Milliseconds from start to end; the only field that differs between equal runs.
    pub duration_ms: u64,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Diagnostic {
    /// What is held.
    pub rule: &'static str,
    /// Why it stays.
    pub cause: Cause,
    /// After configuration.
    pub severity: Severity,
    /// How much of it was proven.
    pub confidence: Confidence,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The page that explains the rule.
    pub url: String,
    /// The file of the acquisition, relative to the current directory, with `/`.
    pub file: String,
    /// The acquisition.
    pub span: Range,
    /// The rest of the story, in reading order.
    pub labels: Vec<LabelEntry>,
    /// Survives edits elsewhere in the file.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    pub fingerprint: String,
}

/// A second place of a finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LabelEntry {
    /// What it tells.
    pub role: Role,
    /// In words.
    pub message: String,
    /// Its file.
    pub file: String,
    /// Where in it.
    pub span: Range,
}

/// An input that could not be checked in full.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ErrorEntry {
    /// Its kind.
    pub kind: ErrorKind,
    /// One sentence.
    pub message: String,
    /// The file.
    pub file: String,
    /// Where in it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Range>,
}

/// The output of a report.
pub fn output(report: &Report) -> Output {
    let mut locator = Locator::new(&report.sources);
    let diagnostics = report.findings.iter().map(|finding| Diagnostic {
        rule: finding.rule,
        cause: finding.cause,
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message.clone(),
        help: finding.help.clone(),
        url: finding.url(),
        file: slashed(&finding.file),
        span: locator.range(&finding.file, finding.span),
        labels: finding
            .labels
            .iter()
            .map(|label| LabelEntry {
                role: label.role,
                message: label.message.clone(),
                file: slashed(&label.file),
                span: locator.range(&label.file, label.span),
            })
            .collect(),
        fingerprint: finding.fingerprint.clone(),
    });
    let diagnostics = diagnostics.collect();
    let errors = report.errors.iter().chain(&report.limits).map(|error| ErrorEntry {
        kind: error.kind,
        message: error.message.clone(),
        file: slashed(&error.file),
        span: error.span.map(|span| locator.range(&error.file, span)),
    });
    let errors = errors.collect();
    let summary = &report.summary;
    Output {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: "leaklint",
            version: env!("CARGO_PKG_VERSION"),
        },
        root: slashed(&report.root),
        summary: Counts {
            files: summary.files,
            skipped: summary.skipped,
            errors: summary.errors,
            warnings: summary.warnings,
            infos: summary.infos,
            suppressed: summary.suppressed + summary.baselined,
            duration_ms: summary.duration.as_millis() as u64,
        },
        diagnostics,
        errors,
    }
}

/// Writes the report, with a final newline.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &output(report))?;
    writeln!(out)
}

/// The JSON Schema of the output.
pub fn schema() -> Schema {
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Output>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_story() {
        let mut out = Vec::new();
        super::write(&crate::report::samples::report(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let schema = serde_json::to_value(super::schema()).unwrap();
        jsonschema::draft202012::validate(&schema, &serde_json::from_str(&text).unwrap()).unwrap();
        insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
{
  "schema_version": 1,
  "tool": {
    "name": "leaklint",
    "version": "VERSION"
  },
  "root": ".",
  "summary": {
    "files": 120,
    "skipped": 40,
    "errors": 1,
    "warnings": 1,
    "infos": 0,
    "suppressed": 2,
    "duration_ms": 7
  },
  "diagnostics": [
    {
      "rule": "uncleared-timer",
      "cause": "handle-lost",
      "severity": "warning",
      "confidence": "medium",
      "message": "the handle of this interval is thrown away",
      "help": "keep the handle and clear it in `destroy`",
      "url": "https://leaklint.dev/rules/uncleared-timer",
      "file": "lib/b.js",
      "span": {
        "start": {
          "offset": 4039,
          "line": 2,
          "column": 4030
        },
        "end": {
          "offset": 4055,
          "line": 2,
          "column": 4046
        }
      },
      "labels": [
        {
          "role": "context",
          "message": "called for every instance",
          "file": "lib/b.js",
          "span": {
            "start": {
              "offset": 2018,
              "line": 2,
              "column": 2009
            },
            "end": {
              "offset": 2029,
              "line": 2,
              "column": 2020
            }
          }
        }
      ],
      "fingerprint": "fedcba9876543210"
    },
    {
      "rule": "growing-collection",
      "cause": "never-bounded",
      "severity": "error",
      "confidence": "high",
      "message": "`requestLogs` lives as long as the process and grows with every request",
      "help": "drop old entries, for example `if (requestLogs.length > 100) requestLogs.shift()`",
      "url": "https://leaklint.dev/rules/growing-collection",
      "file": "src/server.js",
      "span": {
        "start": {
          "offset": 109,
          "line": 5,
          "column": 3
        },
        "end": {
          "offset": 159,
          "line": 5,
          "column": 53
        }
      },
      "labels": [
        {
          "role": "context",
          "message": "this handler runs for every request",
          "file": "src/server.js",
          "span": {
            "start": {
              "offset": 78,
              "line": 4,
              "column": 6
            },
            "end": {
              "offset": 90,
              "line": 4,
              "column": 18
            }
          }
        },
        {
          "role": "holder",
          "message": "the array is created once, when the module is loaded",
          "file": "src/store.js",
          "span": {
            "start": {
              "offset": 41,
              "line": 2,
              "column": 14
            },
            "end": {
              "offset": 52,
              "line": 2,
              "column": 25
            }
          }
        }
      ],
      "fingerprint": "0123456789abcdef"
    }
  ],
  "errors": [
    {
      "kind": "unreadable",
      "message": "permission denied",
      "file": "src/secret.js"
    },
    {
      "kind": "syntax",
      "message": "expected `}`, got end of file",
      "file": "x.js",
      "span": {
        "start": {
          "offset": 14,
          "line": 2,
          "column": 1
        },
        "end": {
          "offset": 14,
          "line": 2,
          "column": 1
        }
      }
    }
  ]
}
"#);
    }
}
