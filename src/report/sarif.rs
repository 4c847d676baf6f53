//! SARIF 2.1.0, the interchange format of static analysis: code scanning services, editors and viewers read it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::scene::{file_uri, uri_path};
use super::{Format, Locator, Report, Scene, Silencer};
use crate::finding::{Confidence, ErrorKind, Finding, Label, RULE_URL, Role, Severity, Span};
use crate::rule::RuleMeta;

/// The format.
pub const FORMAT: Format = Format {
    name: "sarif",
    help: "SARIF 2.1.0, for code scanning services",
    document: true,
    write,
};

/// What file names are relative to.
const BASE: &str = "%SRCROOT%";

/// The kinds of errors, in the order of their descriptors.
const KINDS: [(ErrorKind, &str); 6] = [
    (ErrorKind::Syntax, "The parser refused a file."),
    (ErrorKind::Unreadable, "The file system refused a file or folder."),
    (ErrorKind::TooLarge, "A file is longer than --max-file-size."),
    (ErrorKind::TooDeep, "A file is nested too deeply to be parsed."),
    (ErrorKind::Encoding, "A file is not text in a known encoding."),
    (ErrorKind::Limit, "A bound of the analysis was reached."),
];

/// Writes the report.
pub fn write(report: &Report, scene: &Scene, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report, scene))?;
    writeln!(out)
}

fn log(report: &Report, scene: &Scene) -> Value {
    let mut desk = Desk {
        scene,
        locator: Locator::new(&report.sources),
    };
    let baseline = report.silenced.iter().any(|one| one.by == Silencer::Baseline);
    let shown = report.findings.iter().map(|finding| {
        let mut result = desk.result(finding);
        // Either every result has a state or none.
        if baseline {
            result["baselineState"] = "new".into();
        }
        result
    });
    let mut results: Vec<Value> = shown.collect();
    results.extend(report.silenced.iter().map(|silenced| {
        let mut result = desk.result(&silenced.finding);
        if baseline {
            let known = silenced.by == Silencer::Baseline;
            result["baselineState"] = if known { "unchanged" } else { "new" }.into();
        }
        result["suppressions"] = json!([suppression(&silenced.by)]);
        result
    }));
    let errors = report.errors.iter().chain(&report.limits);
    let notifications: Vec<Value> = errors.map(|error| desk.notification(error)).collect();
    let bounded = |kind| matches!(kind, ErrorKind::TooLarge | ErrorKind::Limit);
    let base = if scene.base().as_os_str().is_empty() {
        json!({ "description": { "text": "The root of the checkout." } })
    } else {
        json!({
            "uri": file_uri(scene.base()).trim_end_matches('/').to_owned() + "/",
            "description": { "text": "The root of the checkout." },
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver() },
            "automationDetails": { "id": "leaklint/" },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { BASE: base },
            "invocations": [{
                "executionSuccessful": report.errors.iter().all(|error| bounded(error.kind)),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    })
}

/// The rules that a result may name: those about leaks, then those about comments.
fn rules() -> impl Iterator<Item = &'static RuleMeta> {
    crate::rules::all().iter().chain(&crate::suppress::NOTICES)
}

fn driver() -> Value {
    let rules: Vec<Value> = rules().map(rule).collect();
    let kinds = KINDS.map(|(kind, text)| {
        json!({
            "id": kind.as_str(),
            "shortDescription": { "text": text },
            "fullDescription": { "text": text },
            "help": { "text": format!("{text} Findings in other files are not affected.") },
        })
    });
    json!({
        "name": "leaklint",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "shortDescription": { "text": format!("{}.", env!("CARGO_PKG_DESCRIPTION")) },
        "rules": rules,
        "notifications": kinds,
    })
}

fn rule(rule: &RuleMeta) -> Value {
    let summary = sentence(rule.summary);
    let url = format!("{RULE_URL}{}", rule.name);
    // Notices about comments are no leaks, and their usual level is lower.
    let (level, tags) = match rule.word {
        Some(_) => ("error", json!(["memory-leak", "performance", "reliability"])),
        None => ("note", json!(["maintainability"])),
    };
    let name: String = rule.name.split('-').map(capital).collect();
    json!({
        "id": rule.name,
        "name": name,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": summary },
        "help": {
            "text": format!("{summary} See {url}."),
            "markdown": rule.doc.trim(),
        },
        "helpUri": url,
        "defaultConfiguration": { "level": level },
        "properties": {
            "tags": tags,
            "precision": "high",
            "problem.severity": if level == "note" { "recommendation" } else { level },
        },
    })
}

fn suppression(by: &Silencer) -> Value {
    match by {
        Silencer::Comment(reason) => {
            let mut suppression = json!({ "kind": "inSource", "status": "accepted" });
            if let Some(reason) = reason {
                suppression["justification"] = reason.as_str().into();
            }
            suppression
        }
        Silencer::Baseline => json!({
            "kind": "external",
            "status": "accepted",
            "justification": "It stands in the baseline.",
        }),
    }
}

struct Desk<'a> {
    scene: &'a Scene,
    locator: Locator<'a>,
}

impl Desk<'_> {
    fn result(&mut self, finding: &Finding) -> Value {
        let index = rules().position(|rule| rule.name == finding.rule);
        let related = finding.labels.iter().enumerate().map(|(id, label)| {
            let mut location = self.location(&label.file, Some(label.span));
            location["id"] = (id + 1).into();
            location["message"] = text(&label.message);
            location
        });
        let related: Vec<Value> = related.collect();
        let rank = match finding.confidence {
            Confidence::High => 90.0,
            Confidence::Medium => 60.0,
            Confidence::Low => 30.0,
        };
        let mut result = json!({
            "ruleId": finding.rule,
            "level": level(finding.severity),
            "kind": "fail",
            "rank": rank,
            "message": text(format!("{} {}", sentence(&finding.message), sentence(&finding.help)).trim()),
            "locations": [self.location(&finding.file, Some(finding.span))],
            "partialFingerprints": { "leaklint/v1": finding.fingerprint },
            "properties": {
                "cause": finding.cause.as_str(),
                "confidence": finding.confidence.as_str(),
                "tags": [finding.cause.as_str()],
            },
        });
        if let Some(index) = index {
            result["ruleIndex"] = index.into();
        }
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
            result["codeFlows"] = json!([self.flow(finding)]);
        }
        result
    }

    /// How the leak comes about: why the code repeats, the steps to the acquisition, and who holds it.
    fn flow(&mut self, finding: &Finding) -> Value {
        let before = |label: &&Label| matches!(label.role, Role::Context | Role::Flow);
        let mut steps: Vec<Value> = Vec::new();
        for label in finding.labels.iter().filter(before) {
            steps.push(self.step(&label.file, label.span, &label.message, "important"));
        }
        steps.push(self.step(&finding.file, finding.span, &finding.message, "essential"));
        for label in finding.labels.iter().filter(|label| !before(label)) {
            steps.push(self.step(&label.file, label.span, &label.message, "important"));
        }
        json!({ "threadFlows": [{ "locations": steps }] })
    }

    fn step(&mut self, file: &Arc<PathBuf>, span: Span, message: &str, importance: &str) -> Value {
        let mut location = self.location(file, Some(span));
        location["message"] = text(message);
        json!({ "location": location, "importance": importance })
    }

    fn notification(&mut self, error: &crate::finding::InputError) -> Value {
        let index = KINDS.iter().position(|(kind, _)| *kind == error.kind);
        let mut descriptor = json!({ "id": error.kind.as_str() });
        if let Some(index) = index {
            descriptor["index"] = index.into();
        }
        let bounded = matches!(error.kind, ErrorKind::TooLarge | ErrorKind::Limit);
        json!({
            "descriptor": descriptor,
            "level": if bounded { "warning" } else { "error" },
            "message": text(&sentence(&error.message)),
            "locations": [self.location(&error.file, error.span)],
        })
    }

    fn location(&mut self, file: &Arc<PathBuf>, span: Option<Span>) -> Value {
        let absolute = self.scene.absolute(file);
        let artifact = match absolute.strip_prefix(self.scene.base()) {
            Ok(path) => json!({ "uri": uri_path(path), "uriBaseId": BASE }),
            Err(_) if absolute.is_absolute() => json!({ "uri": file_uri(&absolute) }),
            Err(_) => json!({ "uri": uri_path(file), "uriBaseId": BASE }),
        };
        let mut place = json!({ "artifactLocation": artifact });
        if let Some(span) = span {
            let range = self.locator.range(file, span);
            place["region"] = json!({
                "startLine": range.start.line,
                "startColumn": range.start.column,
                "endLine": range.end.line,
                "endColumn": range.end.column,
            });
        }
        json!({ "physicalLocation": place })
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A message. `[text](1)` in it would be a link.
fn text(message: &str) -> Value {
    let plain = if message.contains("](") {
        message.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        message.to_owned()
    };
    json!({ "text": plain })
}

/// A text with a capital and a full stop.
fn sentence(text: &str) -> String {
    let text = capital(text.trim());
    if text.is_empty() || text.ends_with(['.', '!', '?']) {
        text
    } else {
        text + "."
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_made_by_accident() {
        assert_eq!(text("`a[0]` stays")["text"], "`a[0]` stays");
        assert_eq!(text("calls[i](x)")["text"], "calls\\[i\\](x)");
    }

    #[test]
    fn the_whole_story() {
        let log = log(&crate::report::samples::report(), &Scene::default());
        insta::assert_snapshot!(format!("{:#}", log["runs"][0]["results"]));
        insta::assert_snapshot!("invocations", format!("{:#}", log["runs"][0]["invocations"]));
    }

    #[test]
    fn sentences() {
        assert_eq!([sentence("a b"), sentence("A."), sentence("")], ["A b.", "A.", ""]);
    }
}
