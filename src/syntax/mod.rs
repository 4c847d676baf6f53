//! Text in, syntax trees out: reading files, telling their language, parsing, finding scripts in markup.
//!
//! This room and `extract` are the only ones that name swc. Nothing here may know what a leak, an API table or a
//! rule is, and nothing may print: what goes wrong is data ([`SyntaxError`], [`ReadError`]). Every [`Span`] that
//! leaves is in bytes of the file; a tree's own positions are too, plus the one that [`file_span`] takes off.
//!
//! What must hold: [`parse`] never panics and never overflows a stack of [`WORKER_STACK`] bytes, for any text. Whoever
//! visits or drops what it gives back must do so on such a stack too.

mod components;
mod directives;
mod expressions;
mod guard;
mod language;
pub mod lines;
mod read;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use swc_common::comments::Comments;
use swc_common::{BytePos, Spanned};
use swc_ecma_ast::Program;
use swc_ecma_parser::error::{Error as SwcError, SyntaxError as SwcErrorKind};
use swc_ecma_parser::{Parser, StringInput, Syntax};

use crate::finding::{ErrorKind, Span};

pub use components::Part;
pub use directives::{Comment, MARKER};
pub use guard::{MAX_COST, MAX_RAW_NESTING, NESTING_COST, WORKER_STACK, too_deep};
pub use language::Language;
pub use read::{MAX_TEXT, ReadError, decode, read};

/// What part of a file a script is, which decides how often its top level runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptKind {
    /// A whole `.js` or `.ts` file.
    Module,
    /// `<script>` of a Vue component: runs once, and exports the component's options.
    VueOptions,
    /// `<script setup>` of a Vue component: runs for every instance.
    VueSetup,
    /// `<script>` of a Svelte component: runs for every instance.
    SvelteInstance,
    /// `<script module>` or `<script context="module">` of a Svelte component: runs once.
    SvelteModule,
    /// An inline script of a page.
    Html,
    /// The code between the `---` of an Astro component: runs on the server for every rendering.
    AstroFrontmatter,
    /// `<script>` of an Astro component: runs once in the browser.
    AstroScript,
}

/// One parsed script.
#[derive(Debug)]
pub struct Script {
    /// Its tree. Use [`file_span`] or [`file_offset`] on every position in it, and nothing else.
    pub program: Program,
    /// What part of the file it is.
    pub kind: ScriptKind,
    /// Where its text stands in the file.
    pub span: Span,
}

/// Something that kept a part of a file from being parsed in full.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SyntaxError {
    /// `syntax`, `too-deep` or `too-large`.
    pub kind: ErrorKind,
    /// One sentence for people.
    pub message: String,
    /// Where in the file.
    pub span: Option<Span>,
}

/// All that was found in one file. A script may come with an error when the parser could mend its text.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its scripts, in the order of the file.
    pub scripts: Vec<Script>,
    /// Its comments that contain [`MARKER`], in the order of the file, each once.
    pub comments: Vec<Comment>,
    /// What went wrong, at most once for each script.
    pub errors: Vec<SyntaxError>,
    /// The content of a Vue component's `<template>`.
    pub template: Option<Span>,
    /// Every identifier that an expression of a Vue or Svelte template mentions, in the order of the file. Properties
    /// after a dot are left out; names that the template itself declares (`v-for`, `{#each}`) are not told apart.
    pub template_identifiers: Vec<(String, Span)>,
    /// The functions that its template gives to elements, as dotted paths: `use:tips.follows`.
    pub actions: Vec<(String, Span)>,
    /// The elements of its template that are none of HTML, in the order of the file.
    pub parts: Vec<Part>,
    /// The identifiers that the template of a component gives its elements, as far as they are written down.
    pub ids: Vec<String>,
}

/// A span of the parser's tree as a span of the file.
pub fn file_span(span: swc_common::Span) -> Span {
    Span::new(file_offset(span.lo), file_offset(span.hi))
}

/// A position of the parser's tree as a byte offset in the file.
pub fn file_offset(position: BytePos) -> u32 {
    position.0.saturating_sub(1)
}

/// Parses all scripts of a file whose text is `text`. The path only tells the language; what has no known
/// extension is taken for JavaScript.
pub fn parse(path: &Path, text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    if text.len() as u64 > MAX_TEXT {
        let message = format!("the file has {} bytes, more than the limit of {MAX_TEXT}", text.len());
        parsed.errors.push(SyntaxError {
            kind: ErrorKind::TooLarge,
            message,
            span: None,
        });
        return parsed;
    }
    let language = Language::of(path).unwrap_or(Language::Js);
    if language.is_plain() && is_xml(text) {
        return parsed;
    }
    if language.is_plain() {
        let start = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let block = components::Block {
            start,
            end: text.len(),
            kind: ScriptKind::Module,
            language,
        };
        parse_block(text, &block, &mut parsed);
    } else {
        let markup = components::scan(text, language);
        parsed.comments = markup.comments;
        parsed.errors = markup.errors;
        parsed.template = markup.template;
        parsed.template_identifiers = markup.identifiers;
        parsed.actions = markup.actions;
        parsed.parts = markup.parts;
        parsed.ids = markup.ids;
        for block in &markup.blocks {
            let known = parsed.errors.len();
            parse_block(text, block, &mut parsed);
            if language == Language::Html && has_template_marks(&text[block.start..block.end]) {
                parsed.errors.truncate(known);
            }
        }
    }
    directives::sort(&mut parsed.comments);
    parsed
}

/// What one grammar made of a text. A program may come with an error.
struct Attempt {
    program: Option<Program>,
    error: Option<SyntaxError>,
    comments: Vec<Comment>,
}

fn parse_block(text: &str, block: &components::Block, parsed: &mut Parsed) {
    let code = &text[block.start..block.end];
    if let Some(at) = too_deep(code, block.language.has_jsx()) {
        parsed.errors.push(guard::error(block.start + at));
        return;
    }
    let mut first = None;
    for grammar in block.language.grammars(code) {
        let attempt = try_grammar(code, block.start, grammar);
        let accepted = attempt.error.is_none();
        // The error of the language's own grammar is the one that helps.
        if accepted || first.is_none() {
            first = Some(attempt);
        }
        if accepted {
            break;
        }
    }
    let Some(attempt) = first else { return };
    let span = Span::new(offset(block.start), offset(block.end));
    parsed.scripts.extend(attempt.program.map(|program| Script {
        program,
        kind: block.kind,
        span,
    }));
    parsed.errors.extend(attempt.error);
    parsed.comments.extend(attempt.comments);
}

/// Whether a text is XML, whatever its extension says: translations of Qt (`.ts`,
/// <https://doc.qt.io/qt-6/linguist-ts-file-format.html>), tiles of Tiled (`.tsx`,
/// <https://doc.mapeditor.org/en/stable/reference/tmx-map-format/>).
fn is_xml(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with("<?xml")
}

/// Whether a page's script has places that a server fills in first: `{{ name }}`, `{% if %}`, `<%= name %>`, `<?php ?>`.
fn has_template_marks(code: &str) -> bool {
    ["{{", "{%", "{#", "<%", "<?"].iter().any(|mark| code.contains(mark))
}

/// Offsets fit because `parse` refuses longer text.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn try_grammar(code: &str, base: usize, grammar: Syntax) -> Attempt {
    // The parser is another's code, and text is anybody's: one broken file (`<a:b.c/>`) must not end the run.
    PARSING.set(true);
    let attempt = catch_unwind(AssertUnwindSafe(|| run_parser(code, base, grammar)));
    PARSING.set(false);
    attempt.unwrap_or_else(|_| {
        let message = "this is not valid syntax, and the parser gave up without saying where".to_string();
        let at = Span::new(offset(base), offset(base));
        let error = SyntaxError {
            kind: ErrorKind::Syntax,
            message,
            span: Some(at),
        };
        Attempt {
            program: None,
            error: Some(error),
            comments: Vec::new(),
        }
    })
}

thread_local! {
    /// Whether this thread is inside the parser, whose panics become entries.
    static PARSING: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics of the parser, which [`parse`] turns into entries, from being printed as well. All others go to the
/// hook that was set before. For programs to call once, at their start.
pub fn silence_parser_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !PARSING.get() {
            before(info);
        }
    }));
}

fn run_parser(code: &str, base: usize, grammar: Syntax) -> Attempt {
    let start = offset(base) + 1;
    let collector = directives::collector(code);
    let input = StringInput::new(code, BytePos(start), BytePos(start + offset(code.len())));
    let mut parser = Parser::new(
        grammar,
        input,
        collector.as_ref().map(|comments| comments as &dyn Comments),
    );
    // Module or script, as the text itself says: imports, exports and `await` make a module; what only sloppy
    // scripts may hold (`with`, octal numbers, `<!--`, `await` as a name) makes a script.
    let result = parser.parse_program();
    let mended = parser.take_errors();
    drop(parser);

    let (program, fatal) = match result {
        Ok(program) => (Some(program), None),
        Err(error) => (None, Some(error)),
    };
    let worst = mended
        .into_iter()
        .filter(|error| is_broken_text(error.kind()))
        .chain(fatal)
        .min_by_key(Spanned::span_lo);
    let mut comments = Vec::new();
    if let Some(collector) = collector {
        directives::take(collector, &mut comments);
    }
    Attempt {
        program,
        error: worst.map(|error| describe(&error, code, base)),
        comments,
    }
}

/// Whether an error that the parser could pass over means that the text is broken: something is missing or does not
/// belong. All else (duplicate declarations, misplaced `break`, `super` or `return`, modifiers in the wrong order,
/// strict mode) has one meaning all the same; engines and compilers say whether it is allowed, a linter need not.
fn is_broken_text(kind: &SwcErrorKind) -> bool {
    match kind {
        SwcErrorKind::WithLabel { inner, .. } => is_broken_text(inner.kind()),
        SwcErrorKind::Eof
        | SwcErrorKind::Expected(..)
        | SwcErrorKind::Unexpected { .. }
        | SwcErrorKind::UnexpectedTokenWithSuggestions { .. }
        | SwcErrorKind::ExpectedSemi
        | SwcErrorKind::ExpectedSemiForExprStmt { .. }
        | SwcErrorKind::ExpectedIdent
        | SwcErrorKind::UnexpectedChar { .. }
        | SwcErrorKind::UnterminatedBlockComment
        | SwcErrorKind::UnterminatedStrLit
        | SwcErrorKind::UnterminatedRegExp
        | SwcErrorKind::UnterminatedTpl
        | SwcErrorKind::UnterminatedJSXContents
        | SwcErrorKind::JSXExpectedClosingTag { .. }
        | SwcErrorKind::JSXExpectedClosingTagForLtGt
        | SwcErrorKind::TS1005
        | SwcErrorKind::TS1109
        | SwcErrorKind::TS1110
        | SwcErrorKind::TS1185 => true,
        _ => false,
    }
}

fn describe(error: &SwcError, code: &str, base: usize) -> SyntaxError {
    let end = offset(base + code.len());
    let found = file_span(error.span());
    let start = found.start.clamp(offset(base), end);
    let span = Span::new(start, found.end.clamp(start, end));
    let message = if (start - offset(base)) as usize >= code.trim_end().len() {
        "the code ends too early: something opened before is not closed, or the last expression is incomplete"
            .to_string()
    } else {
        let message = error.kind().msg();
        message.lines().next().unwrap_or("this is not valid syntax").to_string()
    };
    SyntaxError {
        kind: ErrorKind::Syntax,
        message,
        span: Some(span),
    }
}

#[cfg(test)]
mod tests;
