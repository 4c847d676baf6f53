//! Keeps text from the parser that would overflow its stack: an overflow aborts the process and cannot be caught.
//!
//! Parsing, every visit and dropping a tree recurse as deep as the tree is. How deep it will be can be told from
//! the bytes, roughly: open brackets and elements nest, and so do the links of one expression or one chain of
//! `else if` between two separators. [`too_deep`] adds these up. It need not be exact, only never far too low:
//! [`WORKER_STACK`] leaves a wide margin over [`MAX_COST`].
//!
//! Text is not tokens. A quote in JSX text or a regular expression taken for a division can hide brackets from the
//! scan. Where that may have happened, a blind count of all brackets ([`MAX_RAW_NESTING`]) has the last word.

mod bytes;

use crate::finding::ErrorKind;

use super::SyntaxError;
use bytes::{CLASS, Class, WEIGHT};

/// Stack of every thread that parses, extracts from or drops a syntax tree. Reserved, not used: ordinary files
/// touch a few dozen KiB of it. Measured: 10,000 brackets of any kind, and 50,000 links of any chain, were parsed,
/// visited with 1 KiB of locals per node, and dropped within it, in debug and release builds.
pub const WORKER_STACK: usize = 256 << 20;

/// The most a file may cost: 25,000 links of one expression (`a + a + …`, `a.b().c()…`), or 2,500 brackets.
pub const MAX_COST: u32 = 25_000;

/// What an open bracket, an open element, an open `<` or a nested `if` costs, in links of an expression.
pub const NESTING_COST: u32 = 10;

/// The most brackets that may be open at once when strings and comments are not told from code.
pub const MAX_RAW_NESTING: u32 = 10_000;

/// The offset, from the start of `text`, at which it becomes too deep to parse, if it does.
pub fn too_deep(text: &str, jsx: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    if is_shallow(bytes) {
        return None;
    }
    let mut scan = Scan::new(bytes, jsx);
    scan.run()
        .or_else(|| if scan.doubtful { raw_nesting(bytes) } else { None })
}

/// The entry a file gets that is too deep at a byte offset.
pub(super) fn error(start: usize) -> SyntaxError {
    let at = u32::try_from(start).unwrap_or(u32::MAX);
    SyntaxError {
        kind: ErrorKind::TooDeep,
        message: "code is nested, or an expression chained, too deeply here to be analysed".to_string(),
        span: Some(crate::finding::Span::new(at, at)),
    }
}

/// The first way out, for nearly every file: even if nothing were ever closed, it would not be too deep.
fn is_shallow(bytes: &[u8]) -> bool {
    // Words can be links as well (`await await x`), hence blanks weigh something.
    let mut cost = 0;
    for chunk in bytes.chunks(4096) {
        cost += chunk.iter().map(|&byte| u32::from(WEIGHT[byte as usize])).sum::<u32>();
        if cost > MAX_COST {
            return false;
        }
    }
    true
}

/// The last word: brackets counted blindly, in strings and comments too.
fn raw_nesting(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0u32;
    for (at, &byte) in bytes.iter().enumerate() {
        match CLASS[byte as usize] {
            Class::Open => {
                depth += 1;
                if depth > MAX_RAW_NESTING {
                    return Some(at);
                }
            }
            Class::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// What is open inside one pair of brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Links of the expression at hand.
    links: u32,
    /// `if`, `for`, `while` and `with` since the last statement that ended for all of them.
    heads: u32,
    /// Open elements.
    elements: u32,
    /// Open `<` of types, casts or comparisons.
    angles: u32,
    /// Whether the closing brace goes back into a template literal.
    template: bool,
}

impl Level {
    fn cost(&self) -> u32 {
        self.links + NESTING_COST * (self.heads + self.elements + self.angles)
    }
}

/// The significant byte or word before the one at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    /// Start, operator, opening bracket, separator: an operand follows.
    Operator,
    /// A word or a number, by its first byte and the offset after it.
    Word(usize, usize),
    /// A string, template or regular expression, `)` or `]`.
    Operand,
    /// `}`: the end of a value or of a statement.
    Brace,
    /// `;`, which ends an expression at once and an `if` only when no `else` follows.
    Semicolon,
}

struct Scan<'a> {
    bytes: &'a [u8],
    jsx: bool,
    at: usize,
    outer: Vec<Level>,
    level: Level,
    /// Cost of all outer levels and of their brackets.
    outer_cost: u32,
    previous: Previous,
    newline: bool,
    /// Before these offsets no closing `"`, `'` or `/` was found on the same line, so that one of a kind is no
    /// opening one either (an apostrophe in JSX text), and nothing is searched twice.
    unpaired: [usize; 3],
    /// Whether something may have been taken for a string, a template or a division that is none.
    doubtful: bool,
}

impl<'a> Scan<'a> {
    fn new(bytes: &'a [u8], jsx: bool) -> Self {
        Self {
            bytes,
            jsx,
            at: 0,
            outer: Vec::new(),
            level: Level::default(),
            outer_cost: 0,
            previous: Previous::Operator,
            newline: false,
            unpaired: [0; 3],
            doubtful: false,
        }
    }

    fn run(&mut self) -> Option<usize> {
        while self.at < self.bytes.len() {
            let start = self.at;
            self.one();
            if self.outer_cost + self.level.cost() > MAX_COST {
                return Some(start);
            }
        }
        None
    }

    /// Takes in the token, blank or comment at hand.
    fn one(&mut self) {
        let byte = self.bytes[self.at];
        match CLASS[byte as usize] {
            Class::Blank => self.blanks(),
            Class::Newline => {
                self.newline = true;
                self.at += 1;
            }
            Class::Word => self.word(),
            Class::Open => {
                self.settle(None);
                self.level.links += 1;
                self.open(false);
            }
            Class::Close => self.close(byte),
            Class::Quote => self.quote(byte),
            Class::Tick => {
                self.settle(None);
                self.doubtful |= self.level.elements > 0;
                self.level.links += 1;
                self.at += 1;
                self.template();
            }
            Class::Slash => self.slash(),
            Class::Less => self.less(),
            Class::Semicolon => {
                self.level.links = 0;
                self.level.angles = 0;
                self.step(Previous::Semicolon);
            }
            Class::Comma => {
                self.level.links = 0;
                self.step(Previous::Operator);
            }
            Class::Operator => self.operator(byte),
        }
    }

    fn blanks(&mut self) {
        while self
            .bytes
            .get(self.at)
            .is_some_and(|&byte| byte == b' ' || byte == b'\t')
        {
            self.at += 1;
        }
        // The other blanks are rare.
        self.at += usize::from(
            self.bytes
                .get(self.at)
                .is_some_and(|&byte| CLASS[byte as usize] == Class::Blank),
        );
    }

    fn step(&mut self, previous: Previous) {
        self.at += 1;
        self.previous = previous;
        self.newline = false;
    }

    /// Ends the statement before the token at hand, if it did end: after `;` or `}` unless a word continues it,
    /// and at a line break between two operands.
    fn settle(&mut self, word: Option<&[u8]>) {
        let continues = || word.is_some_and(is_continuation);
        let ended = match self.previous {
            Previous::Semicolon => !continues(),
            Previous::Brace => word.is_some() && !continues(),
            _ => false,
        };
        if ended {
            self.level.heads = 0;
            self.level.links = 0;
            self.level.angles = 0;
        } else if self.newline && word.is_some() {
            let complete = match self.previous {
                Previous::Word(from, to) => !is_prefix(&self.bytes[from..to]),
                Previous::Operand => true,
                _ => false,
            };
            if complete && !continues() {
                self.level.links = 0;
                self.level.angles = 0;
            }
        }
        self.newline = false;
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start..];
        let len = rest
            .iter()
            .position(|&byte| CLASS[byte as usize] != Class::Word)
            .unwrap_or(rest.len());
        let word = &rest[..len];
        self.settle(Some(word));
        if !matches!(self.previous, Previous::Operator | Previous::Semicolon) {
            self.level.links += 1;
        }
        let is_field = start > 0 && self.bytes[start - 1] == b'.';
        if matches!(word, b"if" | b"for" | b"while" | b"with") && !is_field {
            self.level.heads += 1;
        }
        self.previous = Previous::Word(start, start + len);
        self.at = start + len;
    }

    fn open(&mut self, template: bool) {
        self.outer_cost += self.level.cost() + NESTING_COST;
        self.outer.push(self.level);
        self.level = Level {
            template,
            ..Level::default()
        };
        self.step(Previous::Operator);
    }

    fn close(&mut self, byte: u8) {
        let template = self.level.template && byte == b'}';
        if let Some(level) = self.outer.pop() {
            self.level = level;
            self.outer_cost -= level.cost() + NESTING_COST;
        }
        self.step(if byte == b'}' {
            Previous::Brace
        } else {
            Previous::Operand
        });
        if template {
            self.template();
        }
    }

    fn quote(&mut self, quote: u8) {
        self.settle(Some(b""));
        self.doubtful |= self.level.elements > 0 && self.bytes[self.at - 1] != b'=';
        match self.pair(quote, usize::from(quote == b'"')) {
            Some(end) => {
                self.at = end;
                self.previous = Previous::Operand;
            }
            None => {
                self.doubtful = true;
                self.at += 1;
            }
        }
    }

    /// The offset after the partner of the quote or slash at hand, on the same line.
    fn pair(&mut self, closing: u8, kind: usize) -> Option<usize> {
        if self.at < self.unpaired[kind] {
            return None;
        }
        let mut at = self.at + 1;
        let mut in_class = false;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1 + usize::from(self.bytes.get(at + 1) == Some(&b'\r')),
                b'\n' | b'\r' => break,
                b'[' if closing == b'/' => in_class = true,
                b']' => in_class = false,
                _ if byte == closing && !in_class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        self.unpaired[kind] = at;
        None
    }

    /// The rest of a template literal, up to its end or to its next `${`.
    fn template(&mut self) {
        while let Some(skipped) = memchr::memchr3(b'\\', b'`', b'$', &self.bytes[self.at.min(self.bytes.len())..]) {
            self.at += skipped;
            match self.bytes[self.at] {
                b'\\' => self.at += 1,
                b'`' => return self.step(Previous::Operand),
                _ if self.bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 1;
                    return self.open(true);
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.bytes.len();
        self.doubtful = true;
    }

    fn slash(&mut self) {
        let operand_expected = match self.previous {
            Previous::Operator | Previous::Semicolon => true,
            Previous::Word(from, to) => is_prefix(&self.bytes[from..to]),
            Previous::Operand | Previous::Brace => false,
        };
        // `//` and `/*` in the text of an element open no comment.
        self.doubtful |= self.level.elements > 0;
        match self.bytes.get(self.at + 1) {
            Some(b'/') => {
                let rest = &self.bytes[self.at..];
                self.at += rest
                    .iter()
                    .position(|byte| matches!(byte, b'\n' | b'\r'))
                    .unwrap_or(rest.len());
            }
            Some(b'*') => {
                self.at += 2;
                self.block_comment();
            }
            Some(b'>') if !operand_expected => {
                self.level.elements = self.level.elements.saturating_sub(1);
                self.at += 1;
                self.step(Previous::Operand);
            }
            _ => {
                if operand_expected && let Some(end) = self.pair(b'/', 2) {
                    self.at = end;
                    self.previous = Previous::Operand;
                } else {
                    let before_regex = matches!(self.previous, Previous::Operand | Previous::Brace);
                    self.doubtful |= before_regex || operand_expected;
                    self.level.links += 1;
                    self.step(Previous::Operator);
                }
            }
        }
    }

    /// The rest of a comment, by its stars: they are rare, except where the whole comment is drawn with them.
    fn block_comment(&mut self) {
        while let Some(star) = self.bytes[self.at.min(self.bytes.len())..]
            .iter()
            .position(|&byte| byte == b'*')
        {
            self.at += star + 1;
            if self.bytes.get(self.at) == Some(&b'/') {
                self.at += 1;
                return;
            }
        }
        self.at = self.bytes.len();
    }

    fn less(&mut self) {
        let next = self.bytes.get(self.at + 1).copied().unwrap_or(0);
        let opens = CLASS[next as usize] == Class::Word || next == b'>';
        let before = if self.at == 0 { b' ' } else { self.bytes[self.at - 1] };
        let after_operand =
            matches!(CLASS[before as usize], Class::Word) || matches!(before, b')' | b']' | b'"' | b'\'' | b'`');
        if next == b'/' {
            self.level.elements = self.level.elements.saturating_sub(1);
            self.level.links = 0;
            self.at += 1;
        } else if self.jsx && opens && (self.level.elements > 0 || !after_operand) {
            if self.level.elements > 0 {
                self.level.links = 0;
            }
            self.level.elements += 1;
        } else if opens {
            // A cast has its `>` at once and goes on nesting.
            let is_cast = matches!(self.previous, Previous::Operator | Previous::Semicolon);
            self.level.links += if is_cast { NESTING_COST } else { 0 };
            self.level.angles += 1;
        } else if before != b'<' {
            self.level.links += 1;
        }
        self.step(Previous::Operator);
    }

    fn operator(&mut self, byte: u8) {
        let before = if self.at == 0 { b' ' } else { self.bytes[self.at - 1] };
        // The second byte of `&&`, `=>`, `?.` and their like is no link of its own; `!!` and `+-` are.
        let second = match byte {
            b'=' | b'>' | b'.' => CLASS[before as usize] == Class::Operator || before == b'<',
            b'&' | b'|' | b'*' | b'?' => before == byte,
            _ => false,
        };
        if byte == b'>' && before != b'=' {
            self.level.angles = self.level.angles.saturating_sub(1);
        }
        if self.previous == Previous::Semicolon {
            self.settle(None);
        }
        self.level.links += u32::from(!second);
        self.step(Previous::Operator);
    }
}

/// Words that go on with what `;`, `}` or a line break seemed to end.
fn is_continuation(word: &[u8]) -> bool {
    matches!(
        word,
        b"else" | b"catch" | b"finally" | b"while" | b"as" | b"satisfies" | b"in" | b"instanceof" | b"of"
    )
}

/// Words after which an operand must follow.
fn is_prefix(word: &[u8]) -> bool {
    matches!(
        word,
        b"await"
            | b"typeof"
            | b"new"
            | b"void"
            | b"delete"
            | b"yield"
            | b"return"
            | b"throw"
            | b"case"
            | b"keyof"
            | b"in"
            | b"of"
            | b"instanceof"
            | b"else"
            | b"do"
            | b"extends"
            | b"infer"
            | b"unique"
            | b"readonly"
    )
}

#[cfg(test)]
mod tests;
