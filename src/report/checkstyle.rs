//! Checkstyle's XML, which many build servers and review tools read.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use quick_xml::events::Event;

use super::xml::{document, element};
use super::{Format, Locator, Report, advice, code, one_line, slashed};
use crate::finding::Span;

/// The format.
pub const FORMAT: Format = Format {
    name: "checkstyle",
    help: "Checkstyle's XML, for build servers and review tools",
    document: true,
    write: |report, _, out| write(report, out),
};

/// One `error` element.
struct Entry<'a> {
    file: &'a Arc<PathBuf>,
    span: Option<Span>,
    severity: &'a str,
    message: String,
    source: String,
}

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut locator = Locator::new(&report.sources);
    let errors = report.errors.iter().map(|error| Entry {
        file: &error.file,
        span: error.span,
        severity: "error",
        message: one_line(&error.message),
        source: format!("leaklint/{}", error.kind.as_str()),
    });
    let findings = report.findings.iter().map(|finding| Entry {
        file: &finding.file,
        span: Some(finding.span),
        severity: finding.severity.as_str(),
        message: one_line(&advice(finding).replacen('\n', ". ", 1)),
        source: format!("leaklint/{}", code(finding)),
    });
    let mut entries: Vec<Entry<'_>> = errors.chain(findings).collect();
    // One element for each file; within a file the order stays.
    entries.sort_by_key(|entry| entry.file);
    document(out, |xml| {
        xml.write_event(Event::Start(element("checkstyle", &[("version", "4.3")])))?;
        for file in entries.chunk_by(|a, b| a.file == b.file) {
            let open = element("file", &[("name", &slashed(file[0].file))]);
            let close = open.to_end().into_owned();
            xml.write_event(Event::Start(open.borrow()))?;
            for entry in file {
                let start = entry.span.map(|span| locator.range(entry.file, span).start);
                let (line, column) = start.map_or((1, 1), |start| (start.line, start.column));
                let attributes = [
                    ("line", &*line.to_string()),
                    ("column", &column.to_string()),
                    ("severity", entry.severity),
                    ("message", &entry.message),
                    ("source", &entry.source),
                ];
                xml.write_event(Event::Empty(element("error", &attributes)))?;
            }
            xml.write_event(Event::End(close))?;
        }
        xml.write_event(Event::End(element("checkstyle", &[]).to_end()))
    })
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
