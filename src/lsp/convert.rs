//! Findings in the words of the protocol.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Range, Uri,
};
use url::Url;

use super::text::{Encoding, Lines};
use crate::config::ConfigError;
use crate::finding::{ErrorKind, Finding, InputError, Severity};
use crate::workspace::{Answer, Workspace};

/// Who speaks, as editors show it.
const SOURCE: &str = "leaklint";

/// The path of a file that a URI names; `None` when it names something else.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let url = Url::parse(uri.as_str()).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok())?
}

/// The URI of an absolute path.
pub(super) fn uri(path: &Path) -> Option<Uri> {
    Uri::from_str(Url::from_file_path(path).ok()?.as_str()).ok()
}

/// What is said about a file. `path` is absolute.
pub(super) fn diagnostics(workspace: &Workspace, path: &Path, answer: &Answer, encoding: Encoding) -> Vec<Diagnostic> {
    let text = workspace.text(path).map_or("", |text| text);
    let lines = Lines::new(text, encoding);
    let errors = answer.errors.iter().map(|error| of_error(error, &lines));
    let findings = answer.findings.iter();
    errors
        .chain(findings.map(|finding| of_finding(workspace, finding, &lines, encoding)))
        .collect()
}

fn of_error(error: &InputError, lines: &Lines<'_>) -> Diagnostic {
    let severity = match error.kind {
        ErrorKind::Syntax | ErrorKind::Unreadable | ErrorKind::Encoding => DiagnosticSeverity::ERROR,
        ErrorKind::TooLarge | ErrorKind::TooDeep | ErrorKind::Limit => DiagnosticSeverity::WARNING,
    };
    Diagnostic {
        range: error.span.map_or_else(Range::default, |span| lines.range(span)),
        severity: Some(severity),
        code: Some(NumberOrString::String(error.kind.as_str().to_owned())),
        source: Some(SOURCE.to_owned()),
        message: error.message.clone(),
        ..Diagnostic::default()
    }
}

fn of_finding(workspace: &Workspace, finding: &Finding, lines: &Lines<'_>, encoding: Encoding) -> Diagnostic {
    let related: Vec<_> = finding
        .labels
        .iter()
        .filter_map(|label| {
            let path = workspace.absolute(&label.file);
            let text = workspace.text(&path)?;
            Some(DiagnosticRelatedInformation {
                location: Location::new(uri(&path)?, Lines::new(text, encoding).range(label.span)),
                message: label.message.clone(),
            })
        })
        .collect();
    let severity = match finding.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
    };
    Diagnostic {
        range: lines.range(finding.span),
        severity: Some(severity),
        code: Some(NumberOrString::String(format!(
            "{}/{}",
            finding.rule,
            finding.cause.as_str()
        ))),
        code_description: Uri::from_str(&finding.url()).ok().map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: format!("{}\n{}", finding.message, finding.help).trim_end().to_owned(),
        related_information: (!related.is_empty()).then_some(related),
        tags: None,
        data: Some(serde_json::json!({ "fingerprint": finding.fingerprint })),
    }
}

/// What is wrong with a configuration, at its place.
pub(super) fn of_config_error(error: &ConfigError, encoding: Encoding) -> Diagnostic {
    let lines = Lines::new(&error.text, encoding);
    let help = error.help.as_ref().map_or(String::new(), |help| format!("\n{help}"));
    Diagnostic {
        range: error.span.map_or_else(Range::default, |span| lines.range(span)),
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some(SOURCE.to_owned()),
        message: format!("{}{help}", error.message),
        ..Diagnostic::default()
    }
}
