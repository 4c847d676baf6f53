//! `leaklint trace FILE:LINE[:COLUMN]`.

use std::io::Write;
use std::path::PathBuf;

use super::args::TraceArgs;
use super::output::Output;
use super::{Failure, Outcome, settings};
use crate::report::{Report, compact, pretty};
use crate::session::{self, TraceEntry, Traced};
use crate::syntax::lines::LineIndex;

pub(super) fn run(args: TraceArgs) -> Result<Outcome, Failure> {
    let Some((file, line, column)) = place(&args.place) else {
        let hint = "for example `leaklint trace src/clock.ts:12` or `src/clock.ts:12:5`";
        return Err(Failure::with_hint(
            format!("`{}` is not FILE:LINE[:COLUMN]", args.place),
            hint,
        ));
    };
    if let Err(error) = std::fs::File::open(&file) {
        return Err(Failure::new(format!("{} cannot be read: {error}", file.display())));
    }
    let request = settings::request(&args.project, vec![file.clone()], None)?;
    let Traced {
        entries,
        errors,
        sources,
    } = session::trace(&request, &file);
    let text = |entry: &TraceEntry| sources.get(&entry.file).map_or("", |text| text);
    let lines: Vec<(u32, u32)> = entries
        .iter()
        .map(|entry| {
            let range = LineIndex::new(text(entry)).range(entry.span, text(entry));
            (range.start.line, range.end.line)
        })
        .collect();
    let (here, lines_here): (Vec<TraceEntry>, Vec<_>) = entries
        .iter()
        .zip(&lines)
        .filter(|(entry, (first, last))| match column {
            None => (*first..=*last).contains(&line),
            Some(column) => LineIndex::new(text(entry))
                .offset(line, column, text(entry))
                .is_some_and(|offset| (entry.span.start..entry.span.end).contains(&offset)),
        })
        .map(|(entry, lines)| (entry.clone(), *lines))
        .unzip();
    // A callback of a hundred lines holds every line in it; an acquisition that begins here is meant first.
    let begins = column.is_none() && lines_here.iter().any(|(first, _)| *first == line);
    let here: Vec<TraceEntry> = here
        .into_iter()
        .zip(lines_here)
        .filter(|(_, (first, _))| !begins || *first == line)
        .map(|(entry, _)| entry)
        .collect();
    let outcome = match errors.is_empty() {
        true => Outcome::Clean,
        false => Outcome::Findings,
    };
    let broken = Report {
        errors,
        sources,
        ..Report::default()
    };
    compact::write(&broken, &mut std::io::stderr())?;
    if here.is_empty() {
        let mut others: Vec<u32> = lines.iter().map(|(first, _)| *first).collect();
        others.dedup();
        let others: Vec<String> = others.iter().map(u32::to_string).collect();
        let known = if others.is_empty() {
            "nothing in this file is an acquisition that leaklint knows".to_owned()
        } else {
            format!("this file has acquisitions on the lines {}", others.join(", "))
        };
        writeln!(std::io::stderr(), "nothing is acquired at {}; {known}", args.place)?;
        return Ok(outcome);
    }
    let style = settings::style(args.project.color, false);
    Output::open(None)?.write(|out| pretty::write_trace(&here, &broken.sources, style, out))?;
    Ok(outcome)
}

/// File, line and column of a place. The path itself may hold colons.
fn place(text: &str) -> Option<(PathBuf, u32, Option<u32>)> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
    let (rest, last) = text.rsplit_once(':')?;
    let last = number(last)?;
    match rest
        .rsplit_once(':')
        .and_then(|(file, line)| Some((file, number(line)?)))
    {
        Some((file, line)) if !file.is_empty() => Some((file.into(), line, Some(last))),
        _ if !rest.is_empty() => Some((rest.into(), last, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places() {
        assert_eq!(place("a.ts:3"), Some(("a.ts".into(), 3, None)));
        assert_eq!(place("a.ts:3:7"), Some(("a.ts".into(), 3, Some(7))));
        assert_eq!(place("C:\\a.ts:3"), Some(("C:\\a.ts".into(), 3, None)));
        for wrong in ["a.ts", "a.ts:", "a.ts:0", ":3", "a.ts:x"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
