//! One line per finding, for editors and `grep`: `path:line:column: severity[rule/cause] message`.

use std::io::{self, Write};

use super::{Locator, Report, slashed};

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
            slashed(&error.file),
            error.kind.as_str(),
            one_line(&error.message)
        )?;
    }
    for finding in &report.findings {
        let start = locator.range(&finding.file, finding.span).start;
        writeln!(
            out,
            "{}:{}:{}: {}[{}/{}] {}",
            slashed(&finding.file),
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

fn one_line(message: &str) -> String {
    message.split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ")
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
