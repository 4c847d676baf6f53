//! A glance at the expressions inside a template: where one ends, and which identifiers it mentions.
//!
//! Templates are not parsed. What the analysis asks of them is only whether a function of the script is used there.

use crate::finding::Span;

/// Identifiers found so far, in the order of the file.
pub(super) type Identifiers = Vec<(String, Span)>;

/// Words that name nothing.
const RESERVED: [&str; 32] = [
    "as",
    "async",
    "await",
    "case",
    "catch",
    "class",
    "const",
    "delete",
    "do",
    "else",
    "extends",
    "false",
    "for",
    "function",
    "if",
    "in",
    "instanceof",
    "let",
    "new",
    "null",
    "of",
    "return",
    "super",
    "switch",
    "then",
    "this",
    "throw",
    "true",
    "typeof",
    "undefined",
    "var",
    "void",
];

/// Adds the identifiers of `text[start..end]`, which holds nothing but expressions.
pub(super) fn identifiers(text: &str, start: usize, end: usize, into: &mut Identifiers) {
    walk(text, start, end, false, into);
}

/// Adds the identifiers from `start`, just after an opening brace, to the brace that closes it; gives the offset of
/// that brace, or nothing when there is none.
pub(super) fn braced(text: &str, start: usize, end: usize, into: &mut Identifiers) -> Option<usize> {
    let before = into.len();
    let found = walk(text, start, end, true, into);
    if found.is_none() {
        into.truncate(before);
    }
    found
}

/// Adds one name.
pub(super) fn name(text: &str, start: usize, end: usize, into: &mut Identifiers) {
    let word = &text[start..end];
    if is_name(word) {
        into.push((word.to_string(), span(start, end)));
    }
}

/// Whether a word may name a variable.
pub(super) fn is_name(word: &str) -> bool {
    let first = word.bytes().next();
    first.is_some_and(|byte| is_word(byte) && !byte.is_ascii_digit()) && word.bytes().all(is_word) && !is_reserved(word)
}

/// A span of the file; offsets fit because longer text is not parsed.
pub(super) fn span(start: usize, end: usize) -> Span {
    Span::new(
        u32::try_from(start).unwrap_or(u32::MAX),
        u32::try_from(end).unwrap_or(u32::MAX),
    )
}

fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn walk(text: &str, start: usize, end: usize, to_brace: bool, into: &mut Identifiers) -> Option<usize> {
    let bytes = &text.as_bytes()[..end];
    // Open braces: true for the `${` of a template literal.
    let mut open: Vec<bool> = Vec::new();
    let mut unpaired = [start; 2];
    let mut at = start;
    while at < end {
        match bytes[at] {
            quote @ (b'"' | b'\'') => at = string(bytes, at, &mut unpaired[usize::from(quote == b'"')]),
            b'`' => at = template(bytes, at + 1, &mut open),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = text[at + 2..end].find("*/").map_or(end, |length| at + 4 + length);
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = text[at..end].find('\n').map_or(end, |length| at + length);
            }
            b'{' => {
                open.push(false);
                at += 1;
            }
            b'}' => match open.pop() {
                Some(true) => at = template(bytes, at + 1, &mut open),
                None if to_brace => return Some(at),
                _ => at += 1,
            },
            byte if is_word(byte) => {
                let length = bytes[at..].iter().position(|&byte| !is_word(byte)).unwrap_or(end - at);
                let is_field = at > start && bytes[at - 1] == b'.' && !bytes[start..at].ends_with(b"...");
                if !is_field {
                    name(text, at, at + length, into);
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    None
}

/// The offset after a string, or after its quote when no other ends it on the same line.
fn string(bytes: &[u8], start: usize, unpaired: &mut usize) -> usize {
    if start < *unpaired {
        return start + 1;
    }
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'\n' {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    *unpaired = at;
    start + 1
}

/// The offset after the rest of a template literal, or after its next `${`.
fn template(bytes: &[u8], start: usize, open: &mut Vec<bool>) -> usize {
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'`' => return at + 1,
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                open.push(true);
                return at + 2;
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        identifiers(text, 0, text.len(), &mut found);
        for (word, span) in &found {
            assert_eq!(&text[span.start as usize..span.end as usize], word);
        }
        found.into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn names_of_an_expression() {
        assert_eq!(names("a.b(c, ...d) + this.e?.f"), ["a", "c", "d"]);
        assert_eq!(
            names("'a' + \"b\" + `c ${d + `${e}`} f` + 12e3 + null // g"),
            ["d", "e"]
        );
        assert_eq!(names("() => { run(it's) }"), ["run", "it", "s"]);
        assert_eq!(names("größe /* no */ $x _y"), ["größe", "$x", "_y"]);
        assert_eq!(names("'\\"), [""; 0]);
    }

    #[test]
    fn braces_balance() {
        let mut found = Vec::new();
        assert_eq!(braced("{a: '}', b: {}} }x", 0, 18, &mut found), Some(16));
        assert_eq!(found.len(), 2);
        assert_eq!(braced("a {", 0, 3, &mut found), None);
        assert_eq!(found.len(), 2, "what is not closed is no expression");
    }

    #[test]
    fn reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }
}
