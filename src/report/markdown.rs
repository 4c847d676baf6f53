//! A summary in Markdown, for job summaries and comments.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::stories::{Story, stories};
use super::{Format, Locator, Report, Scene, code, one_line};
use crate::finding::Severity;

/// The format.
pub const FORMAT: Format = Format {
    name: "markdown",
    help: "A summary in Markdown, for job summaries and comments",
    document: true,
    write,
};

/// A job summary over 1 MiB is refused by GitHub; the rest of the list is counted instead.
const MAX_BYTES: usize = 900 * 1024;

/// Writes the report.
pub fn write(report: &Report, scene: &Scene, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## leaklint\n\n{}\n", escape(&report.summary.line(report)))?;
    if !report.findings.is_empty() {
        table(report, out)?;
    }
    let mut locator = Locator::new(&report.sources);
    let mut written = 0;
    let mut left = 0_usize;
    let errors = report.errors.iter().map(|error| {
        let start = error.span.map(|span| locator.range(&error.file, span).start);
        let place = place(scene, &error.file, start.map(|start| (start.line, start.column)));
        let what = format!("- **error** {place}: {}\n", escape(&one_line(&error.message)));
        (&error.file, what, 1)
    });
    let errors: Vec<_> = errors.collect();
    let told = stories(&report.findings);
    let told = told.iter().map(|story| {
        let count = 1 + story.likewise.len();
        (&story.told.file, entry(story, scene, &mut locator), count)
    });
    let mut entries: Vec<_> = errors.into_iter().chain(told).collect();
    entries.sort_by_key(|(file, ..)| *file);
    for file in entries.chunk_by(|a, b| a.0 == b.0) {
        let texts: Vec<&String> = file.iter().map(|(_, text, _)| text).collect();
        let size: usize = texts.iter().map(|text| text.len()).sum();
        if written + size > MAX_BYTES {
            left += file.iter().map(|(.., count)| count).sum::<usize>();
            continue;
        }
        written += size;
        writeln!(out, "### {}\n", span(&scene.in_repository(file[0].0)))?;
        for text in texts {
            out.write_all(text.as_bytes())?;
        }
        writeln!(out)?;
    }
    if left > 0 {
        writeln!(out, "{left} more are left out to keep this summary short.")?;
    }
    Ok(())
}

fn table(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    for finding in &report.findings {
        let column = match finding.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Info => 2,
        };
        counts.entry(finding.rule).or_default()[column] += 1;
    }
    writeln!(out, "| rule | errors | warnings | infos |\n|---|--:|--:|--:|")?;
    for (rule, [errors, warnings, infos]) in counts {
        let url = crate::finding::RULE_URL;
        writeln!(out, "| [{rule}]({url}{rule}) | {errors} | {warnings} | {infos} |")?;
    }
    writeln!(out)
}

fn entry(story: &Story<'_>, scene: &Scene, locator: &mut Locator<'_>) -> String {
    let finding = story.told;
    let start = locator.range(&finding.file, finding.span).start;
    let mut text = format!(
        "- **{}** {} {}: {}\n",
        finding.severity.as_str(),
        place(scene, &finding.file, Some((start.line, start.column))),
        span(&code(finding)),
        escape(&one_line(&finding.message)),
    );
    for label in &finding.labels {
        let start = locator.range(&label.file, label.span).start;
        let place = place(scene, &label.file, Some((start.line, start.column)));
        text += &format!("  - {place} {}\n", escape(&one_line(&label.message)));
    }
    for other in &story.likewise {
        let start = locator.range(&other.file, other.span).start;
        let place = place(scene, &other.file, Some((start.line, start.column)));
        text += &format!("  - {place} and here\n");
    }
    if !finding.help.is_empty() {
        text += &format!("  - *help:* {}\n", escape(&one_line(&finding.help)));
    }
    text
}

/// A place, as a link where the files can be looked at.
fn place(scene: &Scene, file: &std::path::Path, at: Option<(u32, u32)>) -> String {
    let path = scene.in_repository(file);
    let shown = match at {
        Some((line, column)) => span(&format!("{path}:{line}:{column}")),
        None => span(&path),
    };
    match (&scene.blob_url, scene.absolute(file).strip_prefix(scene.base())) {
        (Some(url), Ok(inside)) => {
            let line = at.map_or(String::new(), |(line, _)| format!("#L{line}"));
            // A bracket would end the link.
            let inside = super::scene::uri_path(inside).replace('(', "%28").replace(')', "%29");
            format!("[{shown}]({url}{inside}{line})")
        }
        _ => shown,
    }
}

/// Text as code, whatever backticks it holds.
fn span(text: &str) -> String {
    let text = one_line(text);
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

/// Text that Markdown and HTML would read otherwise, made plain; what stands in backticks stays code.
fn escape(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick opens nothing.
    let paired = parts.len() % 2 == 1;
    let mut made = String::with_capacity(text.len());
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            made.push_str(if paired { "`" } else { "\\`" });
        }
        if paired && index % 2 == 1 {
            made.push_str(part);
            continue;
        }
        for c in part.chars() {
            if "\\*_[]<>#|~&@".contains(c) {
                made.push('\\');
            }
            made.push(c);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn written(report: &Report, scene: &Scene) -> String {
        let mut out = Vec::new();
        write(report, scene, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_whole_story() {
        insta::assert_snapshot!(written(&samples::report(), &Scene::default()));
    }

    #[test]
    fn places_are_links_where_files_can_be_seen() {
        let scene = Scene {
            cwd: "/r/web".into(),
            repository: Some("/r".into()),
            blob_url: Some("https://example.com/blob/abc/".into()),
            ..Scene::default()
        };
        let text = written(&samples::report(), &scene);
        assert!(
            text.contains("[`web/src/server.js:5:3`](https://example.com/blob/abc/web/src/server.js#L5)"),
            "{text}"
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let mut report = samples::report();
        report.findings = report.findings.iter().cycle().take(20_000).cloned().collect();
        for (number, finding) in report.findings.iter_mut().enumerate() {
            finding.file = std::sync::Arc::new(format!("{number}.js").into());
            finding.labels.clear();
        }
        let text = written(&report, &Scene::default());
        assert!(
            text.len() < 1024 * 1024 && text.contains("more are left out"),
            "{}",
            text.len()
        );
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("a <b> `x<y>` _z_"), "a \\<b\\> `x<y>` \\_z\\_");
        assert_eq!(escape("one ` only*"), "one \\` only\\*");
        assert_eq!(span("a`b"), "`` a`b ``");
    }
}
