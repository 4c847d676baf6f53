//! The output for people: every finding with its source lines, drawn by miette.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents};
use miette::{SourceCode, SourceSpan, SpanContents};

use super::excerpt::{Excerpt, excerpt};
use super::stories::{Story, stories};
use super::{Format, Locator, Report, one_line, slashed};
use crate::config::ConfigError;
use crate::finding::{Finding, InputError, Label, Role, Severity, Span};
use crate::session::TraceEntry;
use crate::syntax::lines::LineIndex;

/// The format.
pub const FORMAT: Format = Format {
    name: "pretty",
    help: "For people: source lines of every file involved",
    document: false,
    write: |report, scene, out| write(report, scene.style, scene.quiet, out),
};

/// Lines shown before and after a marked one.
const CONTEXT_LINES: u32 = 1;

/// How many more findings of a story are marked in its drawing.
const LIKEWISE: usize = 5;

/// From how many steps on they are numbered.
const NUMBERED: usize = 3;

/// How the output looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// Columns to wrap at.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
        }
    }
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
    for story in stories(&report.findings) {
        draw(&handler, &told(&story, &mut locator), out)?;
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
        drawn.help = entry.note.clone();
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
    let mut drawn = Drawn::new(
        Severity::Error,
        "error[configuration]".to_owned(),
        error.message.clone(),
    );
    drawn.help = error.help.clone();
    let file = Arc::new(error.path.clone());
    match error.span {
        Some(span) => drawn.add(&file, span, "here".to_owned()),
        None => drawn.message = format!("{}: {}", slashed(&file), drawn.message),
    }
    let sources = HashMap::from([(file, Arc::clone(&error.text))]);
    render(&style.handler(), &drawn.finish(&mut Locator::new(&sources)))
}

fn draw(handler: &GraphicalReportHandler, drawn: &Drawn, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(render(handler, drawn).as_bytes())?;
    writeln!(out)
}

fn render(handler: &GraphicalReportHandler, drawn: &Drawn) -> String {
    let mut text = String::new();
    for (position, part) in std::iter::once(drawn).chain(&drawn.others).enumerate() {
        let mut drawn = String::new();
        // Writing to a string does not fail, and an excerpt answers for every mark in it.
        let _ = handler.render_report(&mut drawn, part);
        // miette heads every part with a message; the parts after the first one go on with the same story.
        let skipped = usize::from(position > 0);
        for line in drawn.lines().skip(skipped) {
            // It also leaves blanks at the ends of some lines, which nobody wants in a log or a snapshot.
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

fn told(story: &Story<'_>, locator: &mut Locator<'_>) -> Drawn {
    let finding = story.told;
    let code = format!(
        "{}[{}/{}]",
        finding.severity.as_str(),
        finding.rule,
        finding.cause.as_str()
    );
    let mut drawn = Drawn::new(finding.severity, code, finding.message.clone());
    let unmarked = unmarked(story, locator);
    let more = format!("more: {}", finding.url());
    let help = [finding.help.clone(), unmarked, more];
    drawn.help = Some(
        help.into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
    );
    drawn.add(&finding.file, finding.span, main_label(finding).to_owned());
    let steps = steps(&finding.labels);
    for (label, index) in finding.labels.iter().zip(0..) {
        let text = match steps.contains(&index) {
            true => format!("{}. {}", index - steps.start + 1, label.message),
            false => label.message.clone(),
        };
        drawn.add(&label.file, label.span, text);
    }
    for other in story.likewise.iter().take(LIKEWISE) {
        drawn.add(&other.file, other.span, "and here".to_owned());
    }
    drawn.finish(locator)
}

/// Where the findings of a story stand for which its drawing has no room.
fn unmarked(story: &Story<'_>, locator: &mut Locator<'_>) -> String {
    let others = story.likewise.get(LIKEWISE..).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for other in others {
        let line = locator.range(&other.file, other.span).start.line.to_string();
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    match others.len() {
        0 => String::new(),
        1 => format!("The same on line {}.", lines.join(", ")),
        count => format!("The same {count} more times, on lines {}.", lines.join(", ")),
    }
}

/// The labels that tell one after the other how the code comes to run, where they are many: the drawing has them in the
/// order of files and lines, which is seldom theirs.
fn steps(labels: &[Label]) -> Range<usize> {
    let start = labels.iter().position(|label| label.role == Role::Context);
    let start = start.unwrap_or(labels.len());
    let following = labels.iter().skip(start + 1);
    let end = start + 1 + following.take_while(|label| label.role == Role::Flow).count();
    if end - start < NUMBERED { 0..0 } else { start..end }
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
            format!("{}: {}", one_line(&slashed(&error.file)), error.message),
        );
    };
    let mut drawn = Drawn::new(Severity::Error, code, error.message.clone());
    drawn.add(&error.file, span, "here".to_owned());
    drawn.finish(locator)
}

/// One thing to draw: a message and marks in one file, then the marks in other files.
#[derive(Debug)]
struct Drawn {
    severity: Severity,
    code: Option<String>,
    message: String,
    help: Option<String>,
    marks: Vec<(Arc<PathBuf>, Span, String)>,
    source: Option<Source>,
    labels: Vec<LabeledSpan>,
    /// The excerpts of other files; the last of all parts has the help.
    others: Vec<Drawn>,
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
            others: Vec::new(),
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
            let spans = side_by_side(&source.excerpt.spans);
            let labels = here.iter().zip(spans).enumerate().map(|(slot, (mark, span))| {
                let label = Some(mark.2.clone());
                // An empty mark would be drawn on the line that ends where it stands.
                let (start, length) = (span.start as usize, (span.end - span.start).max(1) as usize);
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
                let mut other = Self::new(self.severity, String::new(), "and".to_owned());
                (other.code, other.source, other.labels) = (None, Some(source), labels);
                self.others.push(other);
            }
        }
        if let Some(last) = self.others.last_mut() {
            last.help = self.help.take();
        }
        self
    }
}

/// Cuts each span where another one begins within it: marks are drawn side by side, and the end of a mark says less
/// than its beginning.
fn side_by_side(spans: &[Span]) -> Vec<Span> {
    let cut = |span: &Span| {
        let within = spans
            .iter()
            .filter(|other| span.start < other.start && other.start < span.end);
        let end = within.map(|other| other.start).min().unwrap_or(span.end);
        Span { end, ..*span }
    };
    spans.iter().map(cut).collect()
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
            name: one_line(&slashed(file)),
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
        insta::assert_snapshot!(drawn(&samples::report(), PLAIN), @r"
error[unreadable]

  × src/secret.js: permission denied

error[syntax]

  × expected `}`, got end of file
   ╭─[x.js:2:1]
 1 │ function f( {
 2 │
   · ┬
   · ╰── here
   ╰────

warning[uncleared-timer/handle-lost]

  ⚠ the handle of this interval is thrown away
   ╭─[lib/b.js:2:4030]
 1 │ // bundle
 2 │ …;a=1;a=1;a=1;a=1;class A{constructor(){a=1;a=1;a=1;a=1;a=1;a=…1;a=1;a=1;a=1;a=1;this.x=setInterval(t,9)}}a=1;a=1;a=1;a=1;a=1;a=1…
   ·                           ─────┬─────                                                   ────────┬───────
   ·                                │                                                                ╰── acquired here
   ·                                ╰── called for every instance
   ╰────
  help: keep the handle and clear it in `destroy`
        more: https://leaklint.dev/rules/uncleared-timer

error[growing-collection/never-bounded]

  × `requestLogs` lives as long as the process and grows with every request
   ╭─[src/server.js:5:3]
 3 │
 4 │ http.createServer((req, res) => {
   ·      ──────┬─────
   ·            ╰── this handler runs for every request
 5 │   requestLogs.push({ url: req.url, at: Date.now() });
   ·   ─────────────────────────┬────────────────────────
   ·                            ╰── grows here
 6 │   res.end('ok');
   ╰────
   ╭─[src/store.js:2:14]
 1 │ // the log of every request
 2 │ export const requestLogs = [];
   ·              ─────┬─────
   ·                   ╰── the array is created once, when the module is loaded
   ╰────
  help: drop old entries, for example `if (requestLogs.length > 100)
        requestLogs.shift()`
        more: https://leaklint.dev/rules/growing-collection

2 findings (1 error, 1 warning) in 120 files; 2 suppressed; 2 inputs could not be checked in full
");
    }

    #[test]
    fn alike_findings_are_one_story() {
        let mut report = samples::report();
        let text = "bus.on(a);\n".repeat(9);
        let file = Arc::new(PathBuf::from("bus.js"));
        let one = &report.findings[0];
        let alike = (0..9).map(|line| Finding {
            file: Arc::clone(&file),
            span: Span::new(line * 11, line * 11 + 9),
            labels: Vec::new(),
            ..one.clone()
        });
        report.findings = alike.collect();
        report.sources.insert(Arc::clone(&file), text.into());
        report.errors.clear();
        insta::assert_snapshot!(drawn(&report, PLAIN), @r"
warning[uncleared-timer/handle-lost]

  ⚠ the handle of this interval is thrown away
   ╭─[bus.js:1:1]
 1 │ bus.on(a);
   · ────┬────
   ·     ╰── acquired here
 2 │ bus.on(a);
   · ────┬────
   ·     ╰── and here
 3 │ bus.on(a);
   · ────┬────
   ·     ╰── and here
 4 │ bus.on(a);
   · ────┬────
   ·     ╰── and here
 5 │ bus.on(a);
   · ────┬────
   ·     ╰── and here
 6 │ bus.on(a);
   · ────┬────
   ·     ╰── and here
 7 │ bus.on(a);
   ╰────
  help: keep the handle and clear it in `destroy`
        The same 3 more times, on lines 7, 8, 9.
        more: https://leaklint.dev/rules/uncleared-timer

2 findings (1 error, 1 warning) in 120 files; 2 suppressed
");
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
        insta::assert_snapshot!(config_error(&error, PLAIN), @r#"
error[configuration]

  × unknown rule `unclered-timer`
   ╭─[leaklint.toml:2:1]
 1 │ [rules]
 2 │ unclered-timer = "off"
   · ───────┬──────
   ·        ╰── here
   ╰────
  help: did you mean `uncleared-timer`?
"#);
    }
}
