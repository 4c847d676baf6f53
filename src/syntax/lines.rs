//! From byte offsets to lines and columns, as people and editors count them.

use crate::finding::{Position, Range, Span};

/// Where the lines of one text begin. Lines end with LF, CRLF or a lone CR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    /// Offset of the first byte of each line; the first is always 0.
    starts: Vec<u32>,
    /// Length of the text.
    length: u32,
}

impl LineIndex {
    /// Scans `text` once.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (index, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                // The LF of a CRLF ends that line, not the CR.
                b'\r' => bytes.get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(index as u32 + 1);
            }
        }
        Self {
            starts,
            length: text.len() as u32,
        }
    }

    /// How many lines there are; an empty text has one.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The line that holds `offset`, from 1. An offset past the end belongs to the last line.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// The bytes of a line (from 1), with its line ending. `None` when there is no such line.
    pub fn span(&self, line: u32) -> Option<Span> {
        let index = line.checked_sub(1)? as usize;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).copied().unwrap_or(self.length);
        Some(Span::new(start, end))
    }

    /// The text of a line (from 1) without its line ending; empty when there is no such line.
    pub fn text<'t>(&self, line: u32, text: &'t str) -> &'t str {
        let Some(span) = self.span(line) else { return "" };
        text.get(span.start as usize..span.end as usize)
            .unwrap_or("")
            .trim_end_matches(['\n', '\r'])
    }

    /// Line and column of `offset` in `text`, which must be the text this index was made of. An offset
    /// past the end means the end, and one inside a character means the start of that character.
    pub fn position(&self, offset: u32, text: &str) -> Position {
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.line(end as u32);
        let start = self.starts[line as usize - 1] as usize;
        let column = text[start..end].encode_utf16().count() as u32 + 1;
        Position {
            offset: end as u32,
            line,
            column,
        }
    }

    /// Both ends of a span.
    pub fn range(&self, span: Span, text: &str) -> Range {
        Range {
            start: self.position(span.start, text),
            end: self.position(span.end.max(span.start), text),
        }
    }

    /// The offset of a line and a UTF-16 column, both from 1; `None` when there is no such line. A column
    /// past the end of its line means the end of that line.
    pub fn offset(&self, line: u32, column: u32, text: &str) -> Option<u32> {
        let start = self.span(line)?.start;
        let mut units = 1;
        for (index, character) in self.text(line, text).char_indices() {
            if units >= column {
                return Some(start + index as u32);
            }
            units += character.len_utf16() as u32;
        }
        Some(start + self.text(line, text).len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: u32) -> (u32, u32) {
        let position = LineIndex::new(text).position(offset, text);
        (position.line, position.column)
    }

    #[test]
    fn every_line_ending_counts_once() {
        let text = "a\nb\r\nc\rd";
        assert_eq!(LineIndex::new(text).count(), 4);
        assert_eq!(
            [at(text, 0), at(text, 2), at(text, 5), at(text, 7)],
            [(1, 1), (2, 1), (3, 1), (4, 1)]
        );
        assert_eq!(at(text, 4), (2, 3), "the LF of a CRLF is still on its line");
        assert_eq!(LineIndex::new(text).text(2, text), "b");
    }

    #[test]
    fn columns_are_utf16_code_units() {
        let text = "é😀x";
        assert_eq!(at(text, 2), (1, 2));
        assert_eq!(at(text, 6), (1, 4));
        assert_eq!(at(text, 4), (1, 2), "inside a character means its start");
        assert_eq!(LineIndex::new(text).offset(1, 4, text), Some(6));
    }

    #[test]
    fn the_end_and_beyond() {
        assert_eq!(at("", 0), (1, 1));
        assert_eq!(at("a\n", 2), (2, 1));
        assert_eq!(at("a\n", 99), (2, 1));
        assert_eq!(LineIndex::new("a").offset(2, 1, "a"), None);
        assert_eq!(LineIndex::new("a").offset(1, 9, "a"), Some(1));
    }
}
