//! The shape of ESLint's JSON, for editors and tools that already read it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Format, Locator, Report, Scene, Silencer, advice, code};
use crate::finding::{ErrorKind, Finding, InputError, Severity};

/// The format.
pub const FORMAT: Format = Format {
    name: "eslint",
    help: "The shape of ESLint's JSON, for tools that read it",
    document: true,
    write,
};

/// ESLint's number for an error, and for everything below it that is shown.
const ERROR: u8 = 2;
const WARNING: u8 = 1;

#[derive(Default)]
struct FileResult {
    messages: Vec<Value>,
    suppressed: Vec<Value>,
}

/// Writes the report: one result for each file that was checked, also when nothing was found in it.
pub fn write(report: &Report, scene: &Scene, out: &mut dyn Write) -> io::Result<()> {
    let mut locator = Locator::new(&report.sources);
    let mut results: BTreeMap<&Arc<PathBuf>, FileResult> = BTreeMap::new();
    for file in &report.files {
        results.entry(file).or_default();
    }
    for error in &report.errors {
        let entry = fatal(error, &mut locator);
        results.entry(&error.file).or_default().messages.push(entry);
    }
    for finding in &report.findings {
        let entry = message(finding, &mut locator);
        results.entry(&finding.file).or_default().messages.push(entry);
    }
    for silenced in &report.silenced {
        let mut entry = message(&silenced.finding, &mut locator);
        let (kind, why) = match &silenced.by {
            Silencer::Comment(reason) => ("directive", reason.as_deref().unwrap_or("")),
            Silencer::Baseline => ("file", ""),
        };
        entry["suppressions"] = json!([{ "kind": kind, "justification": why }]);
        results
            .entry(&silenced.finding.file)
            .or_default()
            .suppressed
            .push(entry);
    }
    let results: Vec<Value> = results
        .into_iter()
        .map(|(file, result)| {
            let count = |wanted: &dyn Fn(&Value) -> bool| result.messages.iter().filter(|one| wanted(one)).count();
            json!({
                "filePath": scene.absolute(file).to_string_lossy(),
                "errorCount": count(&|one| one["severity"] == ERROR),
                "fatalErrorCount": count(&|one| one["fatal"] == true),
                "warningCount": count(&|one| one["severity"] == WARNING),
                "fixableErrorCount": 0,
                "fixableWarningCount": 0,
                "messages": result.messages,
                "suppressedMessages": result.suppressed,
                "usedDeprecatedRules": [],
            })
        })
        .collect();
    serde_json::to_writer(&mut *out, &results)?;
    writeln!(out)
}

fn message(finding: &Finding, locator: &mut Locator<'_>) -> Value {
    let range = locator.range(&finding.file, finding.span);
    json!({
        "ruleId": format!("leaklint/{}", finding.rule),
        "severity": if finding.severity == Severity::Error { ERROR } else { WARNING },
        "message": advice(finding),
        "messageId": code(finding),
        "nodeType": Value::Null,
        "line": range.start.line,
        "column": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
    })
}

fn fatal(error: &InputError, locator: &mut Locator<'_>) -> Value {
    let start = error.span.map(|span| locator.range(&error.file, span).start);
    let broken = !matches!(error.kind, ErrorKind::TooLarge | ErrorKind::Limit);
    let mut entry = json!({
        "ruleId": Value::Null,
        "severity": if broken { ERROR } else { WARNING },
        "message": error.message,
        "nodeType": Value::Null,
        "line": start.map_or(1, |start| start.line),
        "column": start.map_or(1, |start| start.column),
    });
    if broken {
        entry["fatal"] = true.into();
    }
    entry
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_story() {
        let scene = super::Scene {
            cwd: "/p".into(),
            ..super::Scene::default()
        };
        let mut out = Vec::new();
        super::write(&crate::report::samples::report(), &scene, &mut out).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        insta::assert_snapshot!(format!("{value:#}"));
    }
}
