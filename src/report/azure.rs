//! Logging commands of Azure Pipelines: findings as issues of the running task.

use std::io::{self, Write};

use super::{Format, Locator, Report, Scene, advice, code, one_line};
use crate::finding::Severity;

/// The format.
pub const FORMAT: Format = Format {
    name: "azure",
    help: "Logging commands of Azure Pipelines",
    document: false,
    write,
};

/// Writes the report. Azure knows errors and warnings; an info is a plain line of the log.
pub fn write(report: &Report, scene: &Scene, out: &mut dyn Write) -> io::Result<()> {
    let mut locator = Locator::new(&report.sources);
    for error in &report.errors {
        let start = error.span.map(|span| locator.range(&error.file, span).start);
        let path = scene.in_repository(&error.file);
        let place = start.map(|start| (start.line, start.column));
        issue(out, "error", &path, place, error.kind.as_str(), &error.message)?;
    }
    for finding in &report.findings {
        let start = locator.range(&finding.file, finding.span).start;
        let (path, code) = (scene.in_repository(&finding.file), code(finding));
        let kind = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => {
                let line = format!(
                    "{path}:{}:{}: info[{code}] {}",
                    start.line, start.column, finding.message
                );
                // A log command inside the line would be obeyed.
                writeln!(out, "{}", one_line(&line).replace("##", "# #"))?;
                continue;
            }
        };
        issue(
            out,
            kind,
            &path,
            Some((start.line, start.column)),
            &code,
            &advice(finding),
        )?;
    }
    Ok(())
}

fn issue(
    out: &mut dyn Write,
    kind: &str,
    path: &str,
    place: Option<(u32, u32)>,
    code: &str,
    message: &str,
) -> io::Result<()> {
    write!(out, "##vso[task.logissue type={kind};sourcepath={};", property(path))?;
    if let Some((line, column)) = place {
        write!(out, "linenumber={line};columnnumber={column};")?;
    }
    writeln!(out, "code={};]{}", property(code), data(message))
}

/// The text behind a command.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_story() {
        let mut out = Vec::new();
        write(&crate::report::samples::report(), &Scene::default(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(property("a;b]c%\n"), "a%3Bb%5Dc%AZP25%0A");
        assert_eq!(data("50%; [x]\r\n"), "50%AZP25; [x]%0D%0A");
    }
}
