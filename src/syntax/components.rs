//! Scripts inside markup: Vue, Svelte and Astro components, and pages.
//!
//! A scanner for tags, not a parser for HTML: it knows comments, quoted attributes, elements whose content is raw
//! text, and the braces of each dialect, which is what it takes not to mistake text for a script.

mod parts;
mod tags;

use crate::finding::{ErrorKind, Span};

use super::directives::{Comment, MARKER};
use super::expressions::{self, Identifiers, span};
use super::{Language, ScriptKind, SyntaxError};
use parts::Open;
pub use parts::Part;
use tags::{Attribute, Tag};

/// How long the text between `@if` and its brace may be.
const MAX_BLOCK_HEAD: usize = 2_000;

/// The text of one script in the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: ScriptKind,
    pub(super) language: Language,
}

/// What a component or page is made of.
#[derive(Debug, Default)]
pub(super) struct Markup {
    pub(super) blocks: Vec<Block>,
    pub(super) template: Option<Span>,
    pub(super) identifiers: Identifiers,
    /// Functions that are given to elements, as dotted paths: `use:tips.follows`.
    pub(super) actions: Identifiers,
    pub(super) parts: Vec<Part>,
    pub(super) ids: Vec<String>,
    pub(super) comments: Vec<Comment>,
    pub(super) errors: Vec<SyntaxError>,
}

/// Finds the scripts of a text in a language that is not plain.
pub(super) fn scan(text: &str, language: Language) -> Markup {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        language,
        found: Markup::default(),
        templates: 0,
        template_start: 0,
        heads: 0,
        open: Vec::new(),
        braces_close: true,
    };
    if language == Language::Astro {
        scanner.frontmatter();
    }
    scanner.run();
    // Names of directives are found after the values beside them.
    scanner.found.identifiers.sort_by_key(|(_, span)| *span);
    scanner.found
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    language: Language,
    found: Markup,
    /// Open `<template>` elements.
    templates: usize,
    template_start: usize,
    /// Open `<svelte:head>` elements.
    heads: usize,
    /// Elements and blocks that are open, innermost last.
    open: Vec<Open<'a>>,
    /// Whether every brace so far was closed; one that is not is text, and no other is looked for.
    braces_close: bool,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'<' => self.markup(),
                b'{' if self.language == Language::Html => self.page_braces(),
                b'{' => self.braces(),
                b'@' if self.language == Language::Html => self.control_flow(),
                b'}' if self.language == Language::Html => {
                    self.close_block();
                    self.at += 1;
                }
                _ => {
                    let rest = &self.bytes[self.at + 1..];
                    let stops = |byte: &u8| match byte {
                        b'<' | b'{' => true,
                        b'@' | b'}' => self.language == Language::Html,
                        _ => false,
                    };
                    self.at += 1 + rest.iter().position(stops).unwrap_or(rest.len());
                }
            }
        }
        if self.language == Language::Vue && self.templates > 0 {
            self.close_template(self.bytes.len());
        }
    }

    /// Whether `{…}` in text and attributes holds expressions.
    fn single_braces(&self) -> bool {
        self.language == Language::Svelte
    }

    fn collects(&self) -> bool {
        self.language == Language::Svelte || (self.language == Language::Vue && self.templates > 0)
    }

    /// An expression in text.
    fn braces(&mut self) {
        let start = self.at;
        self.at += 1;
        if !self.collects() || !self.braces_close {
            return;
        }
        if !self.single_braces() {
            // `{{ … }}` of Vue.
            if self.bytes.get(self.at) == Some(&b'{') {
                match self.text[self.at..].find("}}") {
                    Some(length) => {
                        expressions::identifiers(self.text, self.at + 1, self.at + length, &mut self.found.identifiers);
                        self.at += length + 2;
                    }
                    None => self.braces_close = false,
                }
            }
            return;
        }
        // `{#if …}`, `{:else if …}`, `{@html …}`, `{/if}`: the first word is no name.
        let mut from = start + 1;
        match self.bytes.get(from) {
            Some(b'#') => self.open_block(true),
            Some(b'/') => self.close_block(),
            // The content that a component is given.
            Some(b'@') if self.text[from..].starts_with("@render children") => self.given_content(),
            _ => {}
        }
        if matches!(self.bytes.get(from), Some(b'#' | b':' | b'@' | b'/')) {
            let rest = &self.bytes[from + 1..];
            from += 1 + rest
                .iter()
                .position(|byte| !byte.is_ascii_alphabetic())
                .unwrap_or(rest.len());
        }
        match expressions::braced(self.text, from, self.bytes.len(), &mut self.found.identifiers) {
            Some(end) => self.at = end + 1,
            None => self.braces_close = false,
        }
    }

    /// Braces in the text of a page: `{{ … }}` of a template, or any other.
    fn page_braces(&mut self) {
        if self.braces_close && self.bytes.get(self.at + 1) == Some(&b'{') {
            match self.text[self.at..].find("}}") {
                Some(length) => {
                    self.at += length + 2;
                    return;
                }
                None => self.braces_close = false,
            }
        }
        self.open_block(false);
        self.at += 1;
    }

    /// `@if (…) {` of a template, or any other `@`.
    fn control_flow(&mut self) {
        self.at += 1;
        let rest = &self.text[self.at..];
        let mut end = rest.len().min(MAX_BLOCK_HEAD);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let rest = &rest[..end];
        let word = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
        let mut length = rest.len() - word.len();
        if length > 0 && word.starts_with('(') {
            let mut depth = 0;
            let close = word.bytes().position(|byte| {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                depth == 0
            });
            length += close.map_or(0, |close| close + 1);
        }
        let blanks = rest[length..].bytes().take_while(u8::is_ascii_whitespace).count();
        if length > 0 && self.bytes.get(self.at + length + blanks) == Some(&b'{') {
            self.open_block(true);
            self.at += length + blanks + 1;
        }
    }

    /// A comment, a tag, or a plain `<`.
    fn markup(&mut self) {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"<!--") {
            let start = self.at;
            let length = self.text[start + 4..].find("-->");
            let content_end = length.map_or(self.bytes.len(), |length| start + 4 + length);
            self.at = length.map_or(self.bytes.len(), |length| start + length + 7);
            let text = &self.text[start + 4..content_end];
            if text.contains(MARKER) {
                self.found.comments.push(Comment {
                    span: span(start, self.at),
                    text: text.to_string(),
                });
            }
        } else if matches!(rest, [b'<', b'!' | b'?', ..]) {
            self.at += rest
                .iter()
                .position(|&byte| byte == b'>')
                .map_or(rest.len(), |length| length + 1);
        } else if matches!(rest, [b'<', b'/', name, ..] if name.is_ascii_alphabetic()) {
            self.closing_tag();
        } else if matches!(rest, [b'<', name, ..] if name.is_ascii_alphabetic()) {
            let tag = self.tag();
            self.element(&tag);
        } else {
            self.at += 1;
        }
    }

    fn closing_tag(&mut self) {
        let start = self.at;
        self.at += 2;
        let name = self.take_name();
        let rest = &self.bytes[self.at..];
        self.at += rest
            .iter()
            .position(|&byte| byte == b'>')
            .map_or(rest.len(), |length| length + 1);
        self.close_element(name);
        if name.eq_ignore_ascii_case("template") && self.templates > 0 {
            self.templates -= 1;
            if self.templates == 0 && self.language == Language::Vue {
                self.close_template(start);
            }
        } else if name == "svelte:head" {
            self.heads = self.heads.saturating_sub(1);
        }
    }

    fn close_template(&mut self, end: usize) {
        self.found.template.get_or_insert(span(self.template_start, end));
    }

    /// What an element means once its opening tag was read.
    fn element(&mut self, tag: &Tag<'a>) {
        let is = |name: &str| tag.name.eq_ignore_ascii_case(name);
        let top_level = self.templates == 0;
        if is("script") {
            self.script(tag, top_level);
        } else if is("style") || (self.language == Language::Html && (is("textarea") || is("title"))) {
            self.raw_content(tag);
        } else if self.language == Language::Vue && top_level {
            if !is("template") {
                // A custom block: documentation, translations, anything.
                self.raw_content(tag);
            } else if tag.value(self.text, "lang").is_some_and(|lang| lang != "html") {
                let (start, end) = self.raw_content(tag);
                self.found.template.get_or_insert(span(start, end));
            } else if !tag.self_closing {
                self.templates = 1;
                self.template_start = self.at;
            }
        } else {
            if is("template") && !tag.self_closing && self.language != Language::Svelte {
                self.templates += 1;
            } else if tag.name == "svelte:head" && !tag.self_closing {
                self.heads += 1;
            }
            self.open_element(tag);
            self.attribute_identifiers(tag);
        }
    }

    fn script(&mut self, tag: &Tag<'a>, top_level: bool) {
        let (start, end) = self.raw_content(tag);
        if tag.has("src") || (!top_level && self.language != Language::Astro) {
            return;
        }
        if let Some((kind, language)) = self.script_kind(tag) {
            self.found.blocks.push(Block {
                start,
                end,
                kind,
                language,
            });
        }
    }

    /// What a script is, or nothing when it is no code or not in a language leaklint reads.
    fn script_kind(&self, tag: &Tag<'a>) -> Option<(ScriptKind, Language)> {
        let language = match tag.value(self.text, "lang").unwrap_or("").to_ascii_lowercase().as_str() {
            "" | "js" | "jsx" | "javascript" | "babel" => Language::Js,
            "ts" | "typescript" => Language::Ts,
            "tsx" => Language::Tsx,
            _ => return None,
        };
        let language = match tag.value(self.text, "type").unwrap_or("").to_ascii_lowercase().as_str() {
            "" | "module" | "text/jsx" | "text/babel" => language,
            "text/javascript" | "application/javascript" | "application/x-javascript" => language,
            "text/ecmascript" | "application/ecmascript" => language,
            "ts" | "text/typescript" | "application/typescript" => Language::Ts,
            _ => return None,
        };
        Some(match self.language {
            Language::Vue if tag.has("setup") => (ScriptKind::VueSetup, language),
            Language::Vue => (ScriptKind::VueOptions, language),
            Language::Svelte if self.heads > 0 => (ScriptKind::Html, language),
            Language::Svelte if tag.has("module") || tag.value(self.text, "context") == Some("module") => {
                (ScriptKind::SvelteModule, language)
            }
            Language::Svelte if self.has_instance() => (ScriptKind::Html, language),
            Language::Svelte => (ScriptKind::SvelteInstance, language),
            Language::Astro if tag.has("is:inline") => (ScriptKind::AstroScript, language),
            Language::Astro => (ScriptKind::AstroScript, Language::Ts),
            _ => (ScriptKind::Html, language),
        })
    }

    /// Whether the script of the component was found; another one is part of what it shows.
    fn has_instance(&self) -> bool {
        let mut blocks = self.found.blocks.iter();
        blocks.any(|block| matches!(block.kind, ScriptKind::SvelteInstance))
    }

    fn attribute_identifiers(&mut self, tag: &Tag) {
        if !self.collects() {
            return;
        }
        for attribute in &tag.attributes {
            if self.language == Language::Svelte {
                self.svelte_attribute(attribute);
            } else {
                self.vue_attribute(attribute);
            }
        }
    }

    /// Values were collected with their braces; what is left are the names that directives mention.
    fn svelte_attribute(&mut self, attribute: &Attribute) {
        let Some((directive, name)) = attribute.name.split_once(':') else {
            return;
        };
        if directive == "use" {
            let start = attribute.name_start + directive.len() + 1;
            let at = expressions::span(start, start + name.len());
            let is_path = name.split('.').all(expressions::is_name);
            self.found.actions.extend(is_path.then(|| (name.to_owned(), at)));
            return;
        }
        let names_function = matches!(directive, "transition" | "in" | "out" | "animate");
        let is_short = attribute.value.is_none() && matches!(directive, "bind" | "class" | "style");
        if names_function || is_short {
            let start = attribute.name_start + directive.len() + 1;
            let length = name.find(['|', '.']).unwrap_or(name.len());
            expressions::name(self.text, start, start + length, &mut self.found.identifiers);
        }
    }

    fn vue_attribute(&mut self, attribute: &Attribute) {
        let name = attribute.name;
        let is_directive = name.starts_with(['@', ':', '#', '.']) || name.starts_with("v-");
        let found = &mut self.found.identifiers;
        // `:[key]` and `@[event]`.
        if is_directive
            && let (Some(open), Some(close)) = (name.find('['), name.find(']'))
            && open < close
        {
            expressions::identifiers(
                self.text,
                attribute.name_start + open + 1,
                attribute.name_start + close,
                found,
            );
        }
        match attribute.value {
            // `ref="el"` names a variable of the script.
            Some((start, end)) if is_directive || name == "ref" => {
                expressions::identifiers(self.text, start, end, found)
            }
            // `:id` is short for `:id="id"`.
            None if name.starts_with(':') => {
                let length = name[1..].find('.').unwrap_or(name.len() - 1);
                expressions::name(
                    self.text,
                    attribute.name_start + 1,
                    attribute.name_start + 1 + length,
                    found,
                );
            }
            _ => {}
        }
    }

    /// The code between two lines of `---` at the top of an Astro component.
    fn frontmatter(&mut self) {
        let head = self.text.trim_start_matches('\u{feff}').trim_start();
        if !head.starts_with("---") {
            return;
        }
        let start = self.text.len() - head.len() + 3;
        let mut line_start = start;
        for line in self.text[start..].split_inclusive('\n') {
            let is_first = line_start == start;
            if !is_first && line.trim_start().starts_with("---") {
                let indent = line.len() - line.trim_start().len();
                self.at = line_start + indent + 3;
                break;
            }
            line_start += line.len();
        }
        if self.at == 0 {
            let message = "the frontmatter that opens with `---` is never closed".to_string();
            let at = span(start - 3, start);
            self.found.errors.push(SyntaxError {
                kind: ErrorKind::Syntax,
                message,
                span: Some(at),
            });
            self.at = self.text.len();
        }
        let kind = ScriptKind::AstroFrontmatter;
        self.found.blocks.push(Block {
            start,
            end: line_start,
            kind,
            language: Language::Astro,
        });
    }
}

#[cfg(test)]
mod tests;
