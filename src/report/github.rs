//! Workflow commands of GitHub Actions: findings as annotations of the files, and the whole list in the log.

use std::io::{self, Write};

use super::stories::stories;
use super::{Format, Locator, Report, Scene, advice, code, compact, one_line};
use crate::finding::{Range, Severity};

/// The format.
pub const FORMAT: Format = Format {
    name: "github",
    help: "Workflow commands of GitHub Actions: annotations, and the whole list in the log",
    document: false,
    write,
};

/// GitHub shows that many annotations of each level for a step, and drops the others in silence.
const MAX_OF_A_LEVEL: usize = 10;

/// Longer messages are cut by GitHub, somewhere.
const MAX_MESSAGE: usize = 4000;

/// One annotation.
struct Annotation {
    level: usize,
    path: String,
    range: Option<Range>,
    title: String,
    message: String,
}

/// GitHub's words, the worst first.
const LEVELS: [&str; 3] = ["error", "warning", "notice"];

/// Writes the report: the list in a group of the log, then the annotations that GitHub will show.
pub fn write(report: &Report, scene: &Scene, out: &mut dyn Write) -> io::Result<()> {
    let annotations = annotations(report, scene);
    if annotations.is_empty() {
        return Ok(());
    }
    writeln!(out, "::group::leaklint: {}", data(&report.summary.line(report)))?;
    let mut list = Vec::new();
    compact::write(report, &mut list)?;
    for line in String::from_utf8_lossy(&list).lines() {
        writeln!(out, "{}", inert(line))?;
    }
    writeln!(out, "::endgroup::")?;
    for (level, word) in LEVELS.iter().enumerate() {
        let here: Vec<&Annotation> = annotations.iter().filter(|one| one.level == level).collect();
        // The last place tells of those that have none.
        let room = if here.len() > MAX_OF_A_LEVEL {
            MAX_OF_A_LEVEL - 1
        } else {
            MAX_OF_A_LEVEL
        };
        for annotation in here.iter().take(room) {
            command(out, word, annotation)?;
        }
        if here.len() > room {
            let left = here.len() - room;
            let message = format!("{left} more of this level are in the log and in the job summary");
            writeln!(out, "::{word} title=leaklint::{message}")?;
        }
    }
    Ok(())
}

fn annotations(report: &Report, scene: &Scene) -> Vec<Annotation> {
    let mut locator = Locator::new(&report.sources);
    let errors = report.errors.iter().map(|error| Annotation {
        level: 0,
        path: scene.in_repository(&error.file),
        range: error.span.map(|span| locator.range(&error.file, span)),
        title: format!("leaklint {}", error.kind.as_str()),
        message: error.message.clone(),
    });
    let mut annotations: Vec<Annotation> = errors.collect();
    annotations.extend(stories(&report.findings).iter().map(|story| {
        let finding = story.told;
        let mut message = advice(finding);
        for label in &finding.labels {
            let at = locator.range(&label.file, label.span).start;
            let path = scene.in_repository(&label.file);
            message += &format!("\n{path}:{}:{}: {}", at.line, at.column, label.message);
        }
        message += &format!("\n{}", finding.url());
        for other in &story.likewise {
            let at = locator.range(&other.file, other.span).start;
            let path = scene.in_repository(&other.file);
            message += &format!("\n{path}:{}:{}: and here", at.line, at.column);
        }
        Annotation {
            level: match finding.severity {
                Severity::Error => 0,
                Severity::Warning => 1,
                Severity::Info => 2,
            },
            path: scene.in_repository(&finding.file),
            range: Some(locator.range(&finding.file, finding.span)),
            title: format!("leaklint {}", code(finding)),
            message,
        }
    }));
    annotations
}

fn command(out: &mut dyn Write, word: &str, annotation: &Annotation) -> io::Result<()> {
    write!(
        out,
        "::{word} title={},file={}",
        property(&annotation.title),
        property(&annotation.path)
    )?;
    if let Some(range) = annotation.range {
        write!(out, ",line={},endLine={}", range.start.line, range.end.line)?;
        // Columns of two lines are refused.
        if range.start.line == range.end.line {
            write!(out, ",col={},endColumn={}", range.start.column, range.end.column)?;
        }
    }
    let message: String = annotation.message.chars().take(MAX_MESSAGE).collect();
    writeln!(out, "::{}", data(&message))
}

/// A line of the log that no runner obeys, whatever a path or a message holds.
fn inert(line: &str) -> String {
    let line = one_line(line).replace("##[", "# #[");
    if line.starts_with("::") {
        format!("\u{200b}{line}")
    } else {
        line
    }
}

/// The text behind a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn written(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &Scene::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_whole_story() {
        insta::assert_snapshot!(written(&samples::report()));
    }

    #[test]
    fn a_clean_run_says_nothing() {
        assert_eq!(written(&Report::default()), "");
    }

    #[test]
    fn only_what_github_shows_is_annotated_and_the_rest_is_told() {
        let mut report = samples::report();
        report.findings = report.findings.iter().cycle().take(50).cloned().collect();
        for (number, finding) in report.findings.iter_mut().enumerate() {
            finding.message += &format!(" ({number})");
        }
        let text = written(&report);
        for word in LEVELS.iter().take(2) {
            let count = text
                .lines()
                .filter(|line| line.starts_with(&format!("::{word} ")))
                .count();
            assert_eq!(count, MAX_OF_A_LEVEL);
        }
        assert!(
            text.contains("::warning title=leaklint::16 more of this level"),
            "{text}"
        );
        assert_eq!(text.matches("growing-collection/never-bounded] ").count(), 25);
    }

    #[test]
    fn alike_findings_take_one_place() {
        let mut report = samples::report();
        report.findings = vec![report.findings[1].clone(); 12];
        let text = written(&report);
        let annotated: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(annotated.len(), 1 + report.errors.len(), "{text}");
        let told = annotated.iter().find(|line| line.contains("growing-collection"));
        assert_eq!(told.map(|line| line.matches("and here").count()), Some(11));
    }

    #[test]
    fn nothing_but_our_commands_is_a_command() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        let inert = inert("::stop-commands::x ##[add-mask]y");
        assert!(!inert.trim_start().starts_with("::") && !inert.contains("##["));
    }
}
