//! Positions of the protocol and offsets of ours, in the encoding that client and server agreed on.

use lsp_types::{Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent};

use crate::finding::Span;
use crate::syntax::lines::LineIndex;

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// The cheapest one that the client offers. Who offers nothing counts in UTF-16.
    pub(super) fn choose(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offers = |kind| offered.is_some_and(|offered| offered.contains(&kind));
        if offers(PositionEncodingKind::UTF8) {
            Encoding::Utf8
        } else if offers(PositionEncodingKind::UTF16) || !offers(PositionEncodingKind::UTF32) {
            Encoding::Utf16
        } else {
            Encoding::Utf32
        }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, c: char) -> u32 {
        match self {
            Encoding::Utf8 => c.len_utf8() as u32,
            Encoding::Utf16 => c.len_utf16() as u32,
            Encoding::Utf32 => 1,
        }
    }
}

/// A text and where its lines begin.
pub(super) struct Lines<'t> {
    text: &'t str,
    index: LineIndex,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        Self {
            text,
            index: LineIndex::new(text),
            encoding,
        }
    }

    /// Where a line (from 0) begins, as people see it: a byte order mark is no part of the first one.
    fn start(&self, line: u32) -> Option<usize> {
        let start = self.index.span(line.checked_add(1)?)?.start as usize;
        let mark = if start == 0 && self.text.starts_with('\u{feff}') {
            3
        } else {
            0
        };
        Some(start + mark)
    }

    pub(super) fn position(&self, offset: u32) -> Position {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.index.line(end as u32) - 1;
        let start = self.start(line).unwrap_or(0).min(end);
        let width = |c| self.encoding.width(c);
        Position::new(line, self.text[start..end].chars().map(width).sum())
    }

    pub(super) fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end.max(span.start)))
    }

    /// The offset of a position. One past the end of its line means that end, one past the last line the end of
    /// the text, and one within a character its beginning.
    pub(super) fn offset(&self, position: Position) -> usize {
        let Some(start) = self.start(position.line) else {
            return self.text.len();
        };
        let line = self.index.text(position.line + 1, self.text);
        let line_start = self.index.span(position.line + 1).map_or(0, |span| span.start as usize);
        let line = &line[(start - line_start).min(line.len())..];
        let mut column = 0;
        for (at, c) in line.char_indices() {
            column += self.encoding.width(c);
            if column > position.character {
                return start + at;
            }
        }
        start + line.len()
    }
}

/// A text after the changes of one notification, each of which counts on the ones before it.
pub(super) fn changed(text: &str, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) -> String {
    let mut text = text.to_owned();
    for change in changes {
        let Some(range) = change.range else {
            text = change.text;
            continue;
        };
        let lines = Lines::new(&text, encoding);
        let start = lines.offset(range.start);
        let end = lines.offset(range.end).max(start);
        text.replace_range(start..end, &change.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_agreed() {
        let text = "é😀x\r\ny";
        let at = |encoding, offset| {
            let position = Lines::new(text, encoding).position(offset);
            (position.line, position.character)
        };
        assert_eq!(at(Encoding::Utf8, 6), (0, 6));
        assert_eq!(at(Encoding::Utf16, 6), (0, 3));
        assert_eq!(at(Encoding::Utf32, 6), (0, 2));
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(text, encoding);
            for (offset, _) in text.char_indices().filter(|(_, c)| !matches!(c, '\n')) {
                assert_eq!(lines.offset(lines.position(offset as u32)), offset);
            }
            assert_eq!(
                lines.offset(Position::new(0, 99)),
                7,
                "the end of the line, before its break"
            );
            assert_eq!(lines.offset(Position::new(9, 0)), text.len());
        }
        assert_eq!(
            Lines::new(text, Encoding::Utf16).offset(Position::new(0, 2)),
            2,
            "within a pair"
        );
    }

    #[test]
    fn a_mark_is_no_column() {
        let lines = Lines::new("\u{feff}ab", Encoding::Utf16);
        assert_eq!(lines.position(4), Position::new(0, 1));
        assert_eq!(lines.offset(Position::new(0, 1)), 4);
    }

    #[test]
    fn changes_follow_each_other() {
        let change = |from: (u32, u32), to: (u32, u32), text: &str| TextDocumentContentChangeEvent {
            range: Some(Range::new(Position::new(from.0, from.1), Position::new(to.0, to.1))),
            range_length: None,
            text: text.to_owned(),
        };
        let changes = vec![
            change((0, 1), (0, 1), "😀\n"),
            change((1, 0), (1, 1), "B"),
            change((9, 0), (9, 9), "!"),
        ];
        assert_eq!(changed("ab", changes, Encoding::Utf16), "a😀\nB!");
    }
}
