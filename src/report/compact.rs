//! One line per finding, for editors and `grep`: `path:line:column: severity[rule/cause] message`.

use std::io::{self, Write};

use super::{Format, Locator, Report, one_line, slashed};

/// The format.
pub const FORMAT: Format = Format {
    name: "compact",
    help: "For editors and grep: path:line:column: severity[rule/cause] message",
    document: false,
    write: |report, _, out| write(report, out),
};

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut locator = Locator::new(&report.sources);
    for error in &report.errors {
        let place = match error.span {
            Some(span) => {
                let start = locator.range(&error.file, span).start;
                format!(":{}:{}", start.line, start.column)
            }
            None => String::new(),
        };
        writeln!(
            out,
            "{}{place}: error[{}] {}",
            one_line(&slashed(&error.file)),
            error.kind.as_str(),
            one_line(&error.message)
        )?;
    }
    for finding in &report.findings {
        let start = locator.range(&finding.file, finding.span).start;
        writeln!(
            out,
            "{}:{}:{}: {}[{}/{}] {}",
            one_line(&slashed(&finding.file)),
            start.line,
            start.column,
            finding.severity.as_str(),
            finding.rule,
            finding.cause.as_str(),
            one_line(&finding.message)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_line_each() {
        let mut out = Vec::new();
        super::write(&crate::report::samples::report(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
src/secret.js: error[unreadable] permission denied
x.js:2:1: error[syntax] expected `}`, got end of file
lib/b.js:2:4030: warning[uncleared-timer/handle-lost] the handle of this interval is thrown away
src/server.js:5:3: error[growing-collection/never-bounded] `requestLogs` lives as long as the process and grows with every request
");
    }
}
