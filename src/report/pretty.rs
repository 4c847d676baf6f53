//! The output for people: every finding with its source lines, drawn by miette.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents};
use miette::{SourceCode, SourceSpan, SpanContents};

use super::excerpt::{Excerpt, excerpt};
use super::{Locator, Report, slashed};
use crate::config::ConfigError;
use crate::finding::{Finding, InputError, Severity, Span};
use crate::session::TraceEntry;
use crate::syntax::lines::LineIndex;

/// Lines shown before and after a marked one.
const CONTEXT_LINES: u32 = 1;

/// How the output looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// Columns to wrap at.
    pub width: usize,
}

impl Style {
    fn handler(self) -> GraphicalReportHandler {
        let theme = if self.color {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_context_lines(CONTEXT_LINES as usize)
            .with_links(false)
            .with_urls(false)
            .without_cause_chain()
    }
}

/// Writes the findings and errors, and the summary line unless `quiet`.
pub fn write(report: &Report, style: Style, quiet: bool, out: &mut dyn Write) -> io::Result<()> {
    let handler = style.handler();
    let mut locator = Locator::new(&report.sources);
    for error in &report.errors {
        draw(&handler, &input_error(error, &mut locator), out)?;
    }
    for finding in &report.findings {
        draw(&handler, &story(finding, &mut locator), out)?;
    }
    if !quiet {
        writeln!(out, "{}", report.summary.line(report))?;
    }
    Ok(())
}

/// Writes traced acquisitions, with the evidence for their verdicts.
pub fn write_trace(
    entries: &[TraceEntry],
    sources: &HashMap<Arc<PathBuf>, Arc<str>>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let handler = style.handler();
    let mut locator = Locator::new(sources);
    for entry in entries {
        let mut drawn = Drawn::new(
            Severity::Info,
            format!("{}: {}", entry.rule, entry.verdict),
            entry.reason.clone(),
        );
        drawn.add(&entry.file, entry.span, "acquired here".to_owned());
        for label in &entry.labels {
            drawn.add(
                &label.file,
                label.span,
                format!("{}: {}", label.role.as_str(), label.message),
            );
        }
        draw(&handler, &drawn.finish(&mut locator), out)?;
    }
    Ok(())
}

/// What is wrong with a configuration, with the line it stands on.
pub fn config_error(error: &ConfigError, style: Style) -> String {
    let mut drawn = Drawn::new(Severity::Error, "configuration".to_owned(), error.message.clone());
    drawn.help = error.help.clone();
    let file = Arc::new(error.path.clone());
    match error.span {
        Some(span) => drawn.add(&file, span, "here".to_owned()),
        None => drawn.message = format!("{}: {}", slashed(&file), drawn.message),
    }
    let sources = HashMap::from([(file, Arc::clone(&error.text))]);
    let drawn = drawn.finish(&mut Locator::new(&sources));
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = style.handler().render_report(&mut text, &drawn);
    text
}

fn draw(handler: &GraphicalReportHandler, drawn: &Drawn, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    handler.render_report(&mut text, drawn).map_err(io::Error::other)?;
    // miette leaves blanks at the ends of some lines, which nobody wants in a log or a snapshot.
    for line in text.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

fn story(finding: &Finding, locator: &mut Locator<'_>) -> Drawn {
    let code = format!(
        "{}[{}/{}]",
        finding.severity.as_str(),
        finding.rule,
        finding.cause.as_str()
    );
    let mut drawn = Drawn::new(finding.severity, code, finding.message.clone());
    let more = format!("more: {}", finding.url());
    drawn.help = Some(if finding.help.is_empty() {
        more
    } else {
        format!("{}\n{more}", finding.help)
    });
    drawn.add(&finding.file, finding.span, main_label(finding).to_owned());
    for label in &finding.labels {
        drawn.add(&label.file, label.span, label.message.clone());
    }
    drawn.finish(locator)
}

/// What is written below the acquisition itself; the message already says what is wrong with it.
fn main_label(finding: &Finding) -> &'static str {
    match finding.rule {
        "growing-collection" => "grows here",
        "captured-large-object" => "kept here",
        _ if finding.cause == crate::finding::Cause::Suppression => "this comment",
        _ => "acquired here",
    }
}

fn input_error(error: &InputError, locator: &mut Locator<'_>) -> Drawn {
    let code = format!("error[{}]", error.kind.as_str());
    let Some(span) = error.span else {
        return Drawn::new(
            Severity::Error,
            code,
            format!("{}: {}", slashed(&error.file), error.message),
        );
    };
    let mut drawn = Drawn::new(Severity::Error, code, error.message.clone());
    drawn.add(&error.file, span, "here".to_owned());
    drawn.finish(locator)
}

/// One thing to draw: a message and marks in one file, with the marks in other files as related parts.
#[derive(Debug)]
struct Drawn {
    severity: Severity,
    code: Option<String>,
    message: String,
    help: Option<String>,
    marks: Vec<(Arc<PathBuf>, Span, String)>,
    source: Option<Source>,
    labels: Vec<LabeledSpan>,
    related: Vec<Drawn>,
}

impl Drawn {
    fn new(severity: Severity, code: String, message: String) -> Self {
        Self {
            severity,
            code: Some(code),
            message,
            help: None,
            marks: Vec::new(),
            source: None,
            labels: Vec::new(),
            related: Vec::new(),
        }
    }

    fn add(&mut self, file: &Arc<PathBuf>, span: Span, text: String) {
        self.marks.push((Arc::clone(file), span, text));
    }

    /// Cuts the excerpts: one per file, the first mark's file first.
    fn finish(mut self, locator: &mut Locator<'_>) -> Self {
        let marks = std::mem::take(&mut self.marks);
        let mut files: Vec<Arc<PathBuf>> = Vec::new();
        for (file, ..) in &marks {
            if !files.contains(file) {
                files.push(Arc::clone(file));
            }
        }
        for (position, file) in files.iter().enumerate() {
            let here: Vec<_> = marks.iter().filter(|(other, ..)| other == file).collect();
            let (text, index) = locator.lines(file);
            let source = Source::cut(file, text, index, &here.iter().map(|mark| mark.1).collect::<Vec<_>>());
            let labels = here
                .iter()
                .zip(&source.excerpt.spans)
                .enumerate()
                .map(|(slot, (mark, span))| {
                    let label = Some(mark.2.clone());
                    let (start, length) = (span.start as usize, (span.end - span.start) as usize);
                    // The primary mark gives the position in the header.
                    if slot == 0 {
                        LabeledSpan::new_primary_with_span(label, (start, length))
                    } else {
                        LabeledSpan::new(label, start, length)
                    }
                });
            let labels = labels.collect();
            if position == 0 {
                (self.source, self.labels) = (Some(source), labels);
            } else {
                let mut other = Self::new(Severity::Info, String::new(), format!("in {}", slashed(file)));
                (other.code, other.source, other.labels) = (None, Some(source), labels);
                self.related.push(other);
            }
        }
        self
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|drawn| drawn as &dyn Diagnostic)))
    }
}

/// An excerpt that answers with the line numbers and columns of its file.
#[derive(Debug)]
struct Source {
    name: String,
    excerpt: Excerpt,
    /// The true columns of the marks, by their offset in the excerpt.
    columns: Vec<(u32, u32)>,
}

impl Source {
    fn cut(file: &Arc<PathBuf>, text: &str, index: &LineIndex, spans: &[Span]) -> Self {
        let excerpt = excerpt(text, index, spans, CONTEXT_LINES);
        let columns = spans
            .iter()
            .zip(&excerpt.spans)
            .map(|(span, cut)| (cut.start, index.position(span.start, text).column));
        let columns = columns.collect();
        Self {
            name: slashed(file),
            excerpt,
            columns,
        }
    }

    /// The copied line that holds an offset of the excerpt.
    fn line_at(&self, offset: u32) -> usize {
        self.excerpt
            .lines
            .partition_point(|line| line.start <= offset)
            .saturating_sub(1)
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let lines = &self.excerpt.lines;
        let end = span.offset() + span.len();
        if lines.is_empty() || end > self.excerpt.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let (mut first, mut last) = (self.line_at(span.offset() as u32), self.line_at(end as u32));
        let adjoin = |a: usize, b: usize| lines[a].number + 1 == lines[b].number;
        // Two marks with a gap between their lines are drawn apart.
        if (first..last).any(|line| !adjoin(line, line + 1)) {
            return Err(MietteError::OutOfBounds);
        }
        let column = self
            .columns
            .iter()
            .find(|(at, _)| *at as usize == span.offset())
            .map_or(1, |(_, column)| *column);
        for _ in 0..before {
            if first > 0 && adjoin(first - 1, first) {
                first -= 1;
            }
        }
        for _ in 0..after {
            if last + 1 < lines.len() && adjoin(last, last + 1) {
                last += 1;
            }
        }
        let start = if before == 0 {
            span.offset()
        } else {
            lines[first].start as usize
        };
        let stop = lines
            .get(last + 1)
            .map_or(self.excerpt.text.len(), |line| line.start as usize);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &self.excerpt.text.as_bytes()[start..stop],
            (start, stop - start).into(),
            lines[first].number as usize - 1,
            if before == 0 { column as usize - 1 } else { 0 },
            last - first + 1,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    const PLAIN: Style = Style {
        color: false,
        width: 90,
    };

    fn drawn(report: &Report, style: Style) -> String {
        let mut out = Vec::new();
        write(report, style, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_whole_story() {
        insta::assert_snapshot!(drawn(&samples::report(), PLAIN), @"");
    }

    #[test]
    fn width_and_colour_are_respected() {
        let narrow = drawn(&samples::report(), Style { width: 50, ..PLAIN });
        assert!(!narrow.contains('\u{1b}'));
        assert!(
            narrow.lines().any(|line| line.contains("grows with")),
            "the message is wrapped"
        );
        assert!(drawn(&samples::report(), Style { color: true, ..PLAIN }).contains('\u{1b}'));
    }

    #[test]
    fn a_configuration_error_shows_its_line() {
        let text = "[rules]\nunclered-timer = \"off\"\n";
        let error = ConfigError {
            path: "leaklint.toml".into(),
            text: text.into(),
            message: "unknown rule `unclered-timer`".into(),
            help: Some("did you mean `uncleared-timer`?".into()),
            span: Some(samples::span(text, "unclered-timer")),
        };
        insta::assert_snapshot!(config_error(&error, PLAIN), @"");
    }
}
