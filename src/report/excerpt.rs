//! The few source lines that a finding shows.
//!
//! A minified file is one line of megabytes and a listener's callback may span a screen. An excerpt holds
//! only the lines around the spans, each clipped around what it has to show, and translates offsets.

use crate::finding::Span;
use crate::syntax::lines::LineIndex;

/// Lines longer than this are clipped.
const MAX_LINE: usize = 400;
/// How much of a clipped line is kept on either side of a span.
const AROUND: usize = 25;
/// How much of a long span is kept.
const MAX_SPAN: usize = 80;
/// What stands for the parts that are left out.
const GAP: &str = "…";

/// A clipped copy of some lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The copied lines, each with a LF.
    pub text: String,
    /// The copied lines, in order.
    pub lines: Vec<ExcerptLine>,
    /// The given spans in `text`, in the order given. A span over several lines ends with its first.
    pub spans: Vec<Span>,
}

/// One copied line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExcerptLine {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Where it begins in the excerpt's text.
    pub start: u32,
}

/// Copies the lines around `spans`, with `context` lines before and after each.
pub fn excerpt(source: &str, index: &LineIndex, spans: &[Span], context: u32) -> Excerpt {
    let shown: Vec<(u32, Span)> = spans.iter().map(|span| shown(source, index, *span)).collect();
    let mut numbers: Vec<u32> = shown
        .iter()
        .flat_map(|(line, _)| line.saturating_sub(context).max(1)..=(line + context).min(index.count()))
        .collect();
    // After the last line ending there is no line to show.
    let last = index.count();
    numbers.retain(|number| {
        *number < last || !index.text(last, source).is_empty() || shown.iter().any(|(line, _)| *line == last)
    });
    numbers.sort_unstable();
    numbers.dedup();
    let mut made = Excerpt {
        spans: vec![Span::default(); spans.len()],
        ..Excerpt::default()
    };
    for number in numbers {
        let here: Vec<(usize, Span)> = shown
            .iter()
            .enumerate()
            .filter(|(_, (line, _))| *line == number)
            .map(|(slot, (_, span))| (slot, *span))
            .collect();
        let begin = index.span(number).map_or(0, |line| line.start);
        made.lines.push(ExcerptLine {
            number,
            start: made.text.len() as u32,
        });
        copy_line(&mut made, index.text(number, source), begin, &here);
    }
    made
}

/// The part of a span that is shown, and its line.
fn shown(source: &str, index: &LineIndex, span: Span) -> (u32, Span) {
    let start = index.position(span.start, source).offset;
    let line = index.line(start);
    let line_start = index.span(line).map_or(0, |line| line.start);
    let line_end = line_start + index.text(line, source).len() as u32;
    let mut end = span.end.clamp(start, line_end.max(start));
    if line_end - line_start > MAX_LINE as u32 {
        end = end.min(start + MAX_SPAN as u32);
    }
    // A span that ends with its line ends before the blanks there.
    let text = &source[start as usize..floor(source, end as usize)];
    (line, Span::new(start, start + text.trim_end().len() as u32))
}

/// Appends a line that begins at offset `begin` of the file, whole or in pieces around its spans.
fn copy_line(made: &mut Excerpt, line: &str, begin: u32, spans: &[(usize, Span)]) {
    let clipped = line.len() > MAX_LINE;
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    if clipped {
        for (_, span) in spans {
            let start = floor(line, ((span.start - begin) as usize).saturating_sub(AROUND));
            let end = floor(line, ((span.end - begin) as usize + AROUND).min(line.len()));
            pieces.push((start, end));
        }
        if pieces.is_empty() {
            pieces.push((0, floor(line, AROUND)));
        }
        pieces.sort_unstable();
    } else {
        pieces.push((0, line.len()));
    }
    let mut copied = 0;
    for (start, end) in pieces {
        let start = start.max(copied);
        // Overlapping pieces may be copied already; an empty line still places its marks.
        if end <= start && !line.is_empty() {
            continue;
        }
        if start > copied {
            made.text.push_str(GAP);
        }
        let at = made.text.len() as u32;
        // A lone CR or a tab of another width would move the marks below the line.
        made.text.extend(
            line[start..end]
                .chars()
                .map(|c| if c.is_control() && c != '\t' { ' ' } else { c }),
        );
        let first = begin + start as u32;
        for (slot, span) in spans {
            if first <= span.start && span.start <= begin + end as u32 {
                made.spans[*slot] = Span::new(span.start - first + at, span.end - first + at);
            }
        }
        copied = end;
    }
    if copied < line.len() {
        made.text.push_str(GAP);
    }
    made.text.push('\n');
}

fn floor(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(source: &str, spans: &[Span]) -> Excerpt {
        excerpt(source, &LineIndex::new(source), spans, 1)
    }

    #[test]
    fn keeps_the_lines_around() {
        let made = cut("a\nb\ncc\nd\ne\n", &[Span::new(4, 6)]);
        assert_eq!(made.text, "b\ncc\nd\n");
        assert_eq!(made.lines[0].number, 2);
        assert_eq!(made.spans, [Span::new(2, 4)]);
    }

    #[test]
    fn a_span_ends_with_its_line() {
        let made = cut("f(() => {\r\n  x\r\n})", &[Span::new(0, 17)]);
        assert_eq!(made.spans, [Span::new(0, 9)]);
    }

    #[test]
    fn long_lines_are_clipped_around_every_span() {
        let source = format!("{0}ONE{0}TWO{0}", "é;".repeat(10_000));
        let spans = ["ONE", "TWO"].map(|word| crate::report::samples::span(&source, word));
        let made = cut(&source, &spans);
        assert!(made.text.len() < 500, "{}", made.text.len());
        for (span, word) in made.spans.iter().zip(["ONE", "TWO"]) {
            assert_eq!(&made.text[span.start as usize..span.end as usize], word);
        }
    }

    #[test]
    fn the_end_of_the_file_is_a_place() {
        let made = cut("f(\n", &[Span::new(3, 3)]);
        assert_eq!((made.text.as_str(), made.spans[0]), ("f(\n\n", Span::new(3, 3)));
    }

    #[test]
    fn no_offset_is_wrong_enough_to_panic() {
        for source in ["", "é", "\r\n", "a\n"] {
            for (start, end) in [(0, 0), (0, 99), (1, 1), (99, 3)] {
                let made = cut(source, &[Span::new(start, end)]);
                assert!(made.spans[0].end as usize <= made.text.len());
            }
        }
    }
}
