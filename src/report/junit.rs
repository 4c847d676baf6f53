//! JUnit's XML, for build servers that show test results: one suite for each file that was checked.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};

use super::xml::{document, element, legal};
use super::{Format, Locator, Report, advice, code, one_line, slashed};
use crate::finding::Severity;

/// The format.
pub const FORMAT: Format = Format {
    name: "junit",
    help: "JUnit's XML, for build servers: a suite for each file, a failed test for each finding",
    document: true,
    write: |report, _, out| write(report, out),
};

/// One `testcase` element.
struct Test {
    name: String,
    /// The element inside it, its type and its texts; `None` for a test that passes.
    outcome: Option<(&'static str, &'static str, String, String)>,
}

/// Writes the report. A finding at the level of an info is a test that passes and says something.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(report);
    let count = |suite: &[Test], kind| {
        let hits = |test: &&Test| matches!(&test.outcome, Some((name, ..)) if *name == kind);
        suite.iter().filter(hits).count()
    };
    let total = |kind| {
        suites
            .values()
            .map(|suite| count(suite, kind))
            .sum::<usize>()
            .to_string()
    };
    document(out, |xml| {
        let tests: usize = suites.values().map(Vec::len).sum();
        let root = element(
            "testsuites",
            &[
                ("name", "leaklint"),
                ("tests", &tests.to_string()),
                ("failures", &total("failure")),
                ("errors", &total("error")),
            ],
        );
        xml.write_event(Event::Start(root.borrow()))?;
        for (file, suite) in &suites {
            let file = slashed(file);
            let open = element(
                "testsuite",
                &[
                    ("name", &*file),
                    ("tests", &suite.len().to_string()),
                    ("failures", &count(suite, "failure").to_string()),
                    ("errors", &count(suite, "error").to_string()),
                    ("skipped", "0"),
                ],
            );
            xml.write_event(Event::Start(open.borrow()))?;
            for test in suite {
                case(xml, &file, test)?;
            }
            xml.write_event(Event::End(open.to_end()))?;
        }
        xml.write_event(Event::End(root.to_end()))
    })
}

fn case<W: Write>(xml: &mut Writer<W>, file: &str, test: &Test) -> io::Result<()> {
    let open = element("testcase", &[("name", &test.name), ("classname", file)]);
    let Some((kind, class, message, text)) = &test.outcome else {
        return xml.write_event(Event::Empty(open));
    };
    let inner = if *kind == "system-out" {
        element(kind, &[])
    } else {
        element(kind, &[("message", message), ("type", class)])
    };
    xml.write_event(Event::Start(open.borrow()))?;
    xml.write_event(Event::Start(inner.borrow()))?;
    xml.write_event(Event::Text(BytesText::new(&legal(text))))?;
    xml.write_event(Event::End(inner.to_end()))?;
    xml.write_event(Event::End(open.to_end()))
}

fn suites(report: &Report) -> BTreeMap<&Arc<PathBuf>, Vec<Test>> {
    let mut locator = Locator::new(&report.sources);
    let mut suites: BTreeMap<&Arc<PathBuf>, Vec<Test>> = BTreeMap::new();
    for file in &report.files {
        suites.entry(file).or_default();
    }
    for error in &report.errors {
        let place = error.span.map(|span| locator.range(&error.file, span).start);
        let place = place.map_or(String::new(), |start| format!(":{}:{}", start.line, start.column));
        let kind = error.kind.as_str();
        let text = format!("{}{place}: {}", one_line(&slashed(&error.file)), error.message);
        suites.entry(&error.file).or_default().push(Test {
            name: format!("{kind}{place}"),
            outcome: Some(("error", kind, one_line(&error.message), text)),
        });
    }
    for finding in &report.findings {
        let start = locator.range(&finding.file, finding.span).start;
        let place = format!("{}:{}:{}", one_line(&slashed(&finding.file)), start.line, start.column);
        let mut text = format!("{place}: {}\n", advice(finding));
        for label in &finding.labels {
            let at = locator.range(&label.file, label.span).start;
            text += &format!(
                "  {}:{}:{}: {}\n",
                one_line(&slashed(&label.file)),
                at.line,
                at.column,
                label.message
            );
        }
        text += &finding.url();
        let kind = match finding.severity {
            Severity::Info => "system-out",
            _ => "failure",
        };
        suites.entry(&finding.file).or_default().push(Test {
            name: format!("{} at {}:{}", code(finding), start.line, start.column),
            outcome: Some((kind, finding.severity.as_str(), one_line(&finding.message), text)),
        });
    }
    for suite in suites.values_mut().filter(|suite| suite.is_empty()) {
        suite.push(Test {
            name: "no leaks".to_owned(),
            outcome: None,
        });
    }
    suites
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
