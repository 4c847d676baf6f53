//! The inside of tags: names, attributes with their quotes and braces, and raw text up to its closing tag.

use crate::finding::ErrorKind;

use super::super::expressions::{self, span};
use super::super::{Language, SyntaxError};
use super::Scanner;

/// One attribute of a tag.
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) name_start: usize,
    /// Between the quotes.
    pub(super) value: Option<(usize, usize)>,
}

/// An opening tag.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) start: usize,
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) self_closing: bool,
}

impl<'a> Tag<'a> {
    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes
            .iter()
            .any(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn value(&self, text: &'a str, name: &str) -> Option<&'a str> {
        let attribute = self
            .attributes
            .iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(name))?;
        attribute.value.map(|(start, end)| text[start..end].trim())
    }
}

impl<'a> Scanner<'a> {
    pub(super) fn take_name(&mut self) -> &'a str {
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/' | b'<'))
        {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// An opening tag, up to and with its `>`.
    pub(super) fn tag(&mut self) -> Tag<'a> {
        let start = self.at;
        self.at += 1;
        let mut tag = Tag {
            name: self.take_name(),
            start,
            attributes: Vec::new(),
            self_closing: false,
        };
        loop {
            match self.bytes.get(self.at) {
                None => return tag,
                Some(b'>') => {
                    tag.self_closing = self.bytes[self.at - 1] == b'/';
                    self.at += 1;
                    return tag;
                }
                Some(b'{') if self.has_attribute_braces() => {
                    self.at = self.after_braces(self.at);
                }
                Some(byte) if byte.is_ascii_whitespace() || matches!(byte, b'/' | b'=' | b'"' | b'\'' | b'}') => {
                    self.at += 1;
                }
                Some(_) => {
                    let attribute = self.attribute();
                    tag.attributes.push(attribute);
                }
            }
        }
    }

    fn has_attribute_braces(&self) -> bool {
        matches!(self.language, Language::Svelte | Language::Astro)
    }

    /// The offset after the braces that open at `start`; their identifiers are collected in Svelte.
    fn after_braces(&mut self, start: usize) -> usize {
        if !self.braces_close {
            return start + 1;
        }
        let before = self.found.identifiers.len();
        let found = expressions::braced(self.text, start + 1, self.bytes.len(), &mut self.found.identifiers);
        if !self.collects() {
            self.found.identifiers.truncate(before);
        }
        self.braces_close = found.is_some();
        found.unwrap_or(start) + 1
    }

    fn attribute(&mut self) -> Attribute<'a> {
        let name_start = self.at;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>');
        while self.bytes.get(self.at).is_some_and(|byte| !ends(byte)) {
            let closes = self.bytes[self.at] == b'/' && self.bytes.get(self.at + 1) == Some(&b'>');
            if closes && self.at > name_start {
                break;
            }
            self.at += 1;
        }
        let name = &self.text[name_start..self.at];
        self.blanks();
        let mut value = None;
        if self.bytes.get(self.at) == Some(&b'=') {
            self.at += 1;
            self.blanks();
            value = Some(self.value());
        }
        Attribute {
            name,
            name_start,
            value,
        }
    }

    fn blanks(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> (usize, usize) {
        let start = self.at;
        match self.bytes.get(start) {
            Some(&quote @ (b'"' | b'\'')) => {
                self.at += 1;
                while let Some(&byte) = self.bytes.get(self.at) {
                    if byte == quote {
                        self.at += 1;
                        return (start + 1, self.at - 1);
                    }
                    let nested = byte == b'{' && self.single_braces();
                    self.at = if nested {
                        self.after_braces(self.at)
                    } else {
                        self.at + 1
                    };
                }
                (start + 1, self.at)
            }
            Some(b'{') if self.has_attribute_braces() => {
                self.at = self.after_braces(start);
                (start, self.at)
            }
            _ => {
                while self
                    .bytes
                    .get(self.at)
                    .is_some_and(|byte| !byte.is_ascii_whitespace() && *byte != b'>')
                {
                    let nested = self.bytes[self.at] == b'{' && self.single_braces();
                    self.at = if nested {
                        self.after_braces(self.at)
                    } else {
                        self.at + 1
                    };
                }
                (start, self.at)
            }
        }
    }

    /// Goes past the raw text of an element and its closing tag; gives where the text is.
    pub(super) fn raw_content(&mut self, tag: &Tag) -> (usize, usize) {
        let start = self.at;
        if tag.self_closing {
            return (start, start);
        }
        let mut from = start;
        while let Some(length) = self.text[from..].find("</") {
            let name_start = from + length + 2;
            let name_end = name_start + tag.name.len();
            let is_name = self.bytes.get(name_start..name_end);
            let is_end = self
                .bytes
                .get(name_end)
                .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
            if is_end && is_name.is_some_and(|name| name.eq_ignore_ascii_case(tag.name.as_bytes())) {
                self.at = name_start - 2;
                let rest = &self.bytes[self.at..];
                self.at += rest
                    .iter()
                    .position(|&byte| byte == b'>')
                    .map_or(rest.len(), |length| length + 1);
                return (start, name_start - 2);
            }
            from = name_start;
        }
        self.at = self.bytes.len();
        let message = format!("`<{}>` is never closed", tag.name);
        let at = span(tag.start, start);
        self.found.errors.push(SyntaxError {
            kind: ErrorKind::Syntax,
            message,
            span: Some(at),
        });
        (start, self.at)
    }
}
