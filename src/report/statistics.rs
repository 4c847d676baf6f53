//! Counts and times, for `--statistics` and `--timings`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::{Report, one_line, slashed};

/// How many files are named.
const WORST_FILES: usize = 5;

/// Writes how many findings there are of each severity, rule and cause, most frequent first.
pub fn write_statistics(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<[&str; 3], u64> = BTreeMap::new();
    for finding in &report.findings {
        *counts
            .entry([finding.severity.as_str(), finding.rule, finding.cause.as_str()])
            .or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ([severity, rule, cause], count) in rows {
        writeln!(out, "{count:>6}  {severity:<7}  {rule}/{cause}")?;
    }
    let silenced = [
        (report.summary.suppressed, "silenced by comments"),
        (report.summary.baselined, "in the baseline"),
    ];
    for (count, what) in silenced.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "{count:>6}  known    {what}")?;
    }
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for error in &report.errors {
        *kinds.entry(error.kind.as_str()).or_default() += 1;
    }
    for (kind, count) in kinds {
        writeln!(out, "{count:>6}  input    {kind}")?;
    }
    worst_files(report, out)
}

/// Where most is to be done, when there is more than one place.
fn worst_files(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&Path, u64> = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry(&finding.file).or_default() += 1;
    }
    if counts.len() < 2 {
        return Ok(());
    }
    let files = counts.len();
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    writeln!(out, "{files:>6}  files    with findings, most in")?;
    for (file, count) in rows.into_iter().take(WORST_FILES) {
        writeln!(out, "{count:>6}           {}", one_line(&slashed(file)))?;
    }
    Ok(())
}

/// Writes how long each stage took, and what was counted.
pub fn write_timings(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let total = report.summary.duration.as_secs_f64().max(f64::EPSILON);
    for (stage, duration) in &report.timings {
        let seconds = duration.as_secs_f64();
        writeln!(
            out,
            "{:>10.1} ms  {:>3.0} %  {stage}",
            seconds * 1000.0,
            100.0 * seconds / total
        )?;
    }
    writeln!(
        out,
        "{:>10.1} ms         total",
        report.summary.duration.as_secs_f64() * 1000.0
    )?;
    for (name, count) in &report.counters {
        writeln!(out, "{count:>10}     {name}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn most_frequent_first() {
        let mut out = Vec::new();
        super::write_statistics(&crate::report::samples::report(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
1  error    growing-collection/never-bounded
1  warning  uncleared-timer/handle-lost
2  known    silenced by comments
1  input    syntax
1  input    unreadable
2  files    with findings, most in
1           lib/b.js
1           src/server.js
");
    }
}
