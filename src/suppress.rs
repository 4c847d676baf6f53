//! Suppression comments: what they say, what they silence, and what is wrong with them.
//!
//! A comment is parsed on its own by [`parse`] (from JavaScript, JSX or HTML alike); [`apply`] then takes
//! the findings of a whole run and sorts them into kept and silenced. Both work on plain text and spans.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::{Cause, Confidence, Finding, Identity, Severity, Span};
use crate::rule::RuleMeta;
use crate::syntax::lines::LineIndex;

/// The word every directive begins with. A file whose bytes lack it has no directives.
pub const MARKER: &str = "leaklint-";

/// A directive that silences nothing.
pub const UNUSED: &str = "unused-suppression";
/// A directive without `-- reason`, with `--require-reason`.
pub const WITHOUT_REASON: &str = "suppression-without-reason";
/// A directive with a word or a rule that leaklint does not know.
pub const UNKNOWN: &str = "unknown-suppression";

/// The notices about suppressions; they have levels like rules, but never report a leak.
pub const NOTICES: [RuleMeta; 3] = [
    RuleMeta {
        name: UNUSED,
        summary: "a suppression comment that silences nothing",
        doc: "# unused-suppression\n\nA `leaklint-disable` comment that silences nothing hides the next real \
              finding at its place. Remove it, or the rule in it that has no finding.\n",
        word: None,
    },
    RuleMeta {
        name: WITHOUT_REASON,
        summary: "a suppression comment without a reason (with `--require-reason`)",
        doc: "# suppression-without-reason\n\nWith `--require-reason` every suppression says why: \
              `// leaklint-disable-next-line uncleared-timer -- lives as long as the process`.\n",
        word: None,
    },
    RuleMeta {
        name: UNKNOWN,
        summary: "a suppression comment with an unknown word or rule",
        doc: "# unknown-suppression\n\nThe comment begins like a suppression, but its word or one of its rules is \
              not known, so that part silences nothing.\n",
        word: None,
    },
];

/// How far a directive reaches.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Scope {
    /// The next line that holds code.
    NextLine {
        /// That line, from 1; `None` when the file ends before it.
        target: Option<u32>,
    },
    /// The line the comment stands on.
    Line,
    /// From here to the `enable` that ends it, or to the end of the file.
    Disable,
    /// Ends the blocks before it.
    Enable,
    /// The whole file, wherever the comment stands.
    File,
    /// A word leaklint does not know, such as `leaklint-disable-nextline`.
    Unknown(String),
}

/// One suppression comment.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Directive {
    /// How far it reaches.
    pub scope: Scope,
    /// The rules it names, as written; empty means all rules.
    pub rules: Vec<String>,
    /// The text after `--`.
    pub reason: Option<String>,
    /// The whole comment.
    pub span: Span,
    /// The line the comment begins on, from 1.
    pub line: u32,
}

/// What [`apply`] made of the findings.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// Findings that no directive names.
    pub kept: Vec<Finding>,
    /// Findings that a directive silences, each with the reason it gives.
    pub suppressed: Vec<(Finding, Option<String>)>,
    /// What is wrong with the directives themselves, as findings of the three [`NOTICES`].
    pub notices: Vec<Finding>,
}

/// Parses one comment. `text` is the comment with or without its delimiters, `span` the place of the whole
/// comment in `source`. `None` when it is not a directive.
pub fn parse(text: &str, span: Span, source: &str, lines: &LineIndex) -> Option<Directive> {
    let body = strip_delimiters(text);
    let rest = body.strip_prefix(MARKER)?;
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .unwrap_or(rest.len());
    let (word, rest) = rest.split_at(end);
    // `leaklint-disable--reason` is a slip of the finger, not another word.
    let word = word.trim_end_matches('-');
    let (names, reason) = match rest.split_once("--") {
        Some((names, reason)) => (names, Some(reason.trim()).filter(|reason| !reason.is_empty())),
        None => (rest, None),
    };
    let scope = match word {
        "disable-next-line" => Scope::NextLine {
            target: next_code_line(source, span.end, lines),
        },
        "disable-line" => Scope::Line,
        "disable" => Scope::Disable,
        "enable" => Scope::Enable,
        "disable-file" => Scope::File,
        _ => Scope::Unknown(word.to_owned()),
    };
    Some(Directive {
        scope,
        rules: names
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        reason: reason.map(str::to_owned),
        span,
        line: lines.line(span.start),
    })
}

fn strip_delimiters(text: &str) -> &str {
    let mut text = text.trim();
    for (open, close) in [("{", "}"), ("<!--", "-->"), ("/*", "*/"), ("//", "")] {
        if let Some(inner) = text.strip_prefix(open) {
            text = inner.strip_suffix(close).unwrap_or(inner).trim();
        }
    }
    text.trim_matches('*').trim()
}

/// The first line after the one that holds `offset` with anything but blanks and comments on it. It reads
/// the text rather than the tree, so it serves a `.vue` template as well as a script.
fn next_code_line(source: &str, offset: u32, lines: &LineIndex) -> Option<u32> {
    let start = lines.span(lines.line(offset) + 1)?.start as usize;
    let mut rest = source.get(start..)?;
    loop {
        let trimmed = rest.trim_start();
        // A JSX comment is a comment in braces.
        let inner = trimmed
            .strip_prefix('{')
            .map(str::trim_start)
            .filter(|inner| inner.starts_with("/*"));
        rest = if trimmed.starts_with("//") {
            &trimmed[trimmed.find(['\n', '\r'])?..]
        } else if let Some(inner) = inner {
            inner[inner.find("*/")? + 2..].trim_start().trim_start_matches('}')
        } else if trimmed.starts_with("/*") {
            &trimmed[trimmed.find("*/")? + 2..]
        } else if trimmed.starts_with("<!--") {
            &trimmed[trimmed.find("-->")? + 3..]
        } else if trimmed.is_empty() {
            return None;
        } else {
            return Some(lines.line((source.len() - trimmed.len()) as u32));
        };
    }
}

/// Sorts findings by the directives of their files. `name` tells the path of a file in the project;
/// `require_reason` makes a missing reason an error.
pub fn apply(
    findings: Vec<Finding>,
    directives: &[(Arc<PathBuf>, Vec<Directive>)],
    sources: &HashMap<Arc<PathBuf>, Arc<str>>,
    name: &dyn Fn(&Path) -> String,
    require_reason: bool,
) -> Applied {
    let mut files: HashMap<&PathBuf, FileDirectives<'_>> = HashMap::new();
    for (file, list) in directives {
        if !list.is_empty() {
            let text = sources.get(file).map_or("", |text| text);
            files.insert(file, FileDirectives::new(list, text));
        }
    }
    let mut applied = Applied::default();
    for finding in findings {
        match files.get_mut(&*finding.file).and_then(|file| file.silencer(&finding)) {
            Some(directive) => applied.suppressed.push((finding, directive.reason.clone())),
            None => applied.kept.push(finding),
        }
    }
    for (file, _) in directives {
        if let Some(known) = files.remove(&**file) {
            known.notices(
                &mut Desk {
                    file,
                    name: name(file),
                    text: known.text,
                    out: &mut applied.notices,
                },
                require_reason,
            );
        }
    }
    applied
}

/// The directives of one file, and which of them have silenced something.
struct FileDirectives<'a> {
    list: &'a [Directive],
    lines: LineIndex,
    text: &'a str,
    /// Per directive, one flag per rule it names, or a single one when it names none.
    used: Vec<Vec<bool>>,
}

impl<'a> FileDirectives<'a> {
    fn new(list: &'a [Directive], text: &'a str) -> Self {
        let used = list
            .iter()
            .map(|directive| vec![false; directive.rules.len().max(1)])
            .collect();
        Self {
            list,
            lines: LineIndex::new(text),
            text,
            used,
        }
    }

    /// The directive that silences the finding: the narrowest one, which is marked as used, so that a wider
    /// one which has nothing else to do is reported as unused.
    fn silencer(&mut self, finding: &Finding) -> Option<&'a Directive> {
        let first = self.lines.line(finding.span.start);
        let last = self
            .lines
            .line(finding.span.end.saturating_sub(1).max(finding.span.start));
        let mut best: Option<(u8, usize, usize)> = None;
        for (index, directive) in self.list.iter().enumerate() {
            let Some(slot) = slot(directive, finding.rule) else {
                continue;
            };
            let width = match directive.scope {
                Scope::NextLine { target } if target == Some(first) => 0,
                // The comment of a call over several lines may stand after its closing bracket.
                Scope::Line if directive.line == first || directive.line == last => 0,
                Scope::Disable if self.block_holds(index, finding) => 1,
                Scope::File => 2,
                _ => continue,
            };
            if best.is_none_or(|(narrowest, ..)| width < narrowest) {
                best = Some((width, index, slot));
            }
        }
        let (_, index, slot) = best?;
        self.used[index][slot] = true;
        Some(&self.list[index])
    }

    /// Whether the block that begins at directive `index` reaches the finding.
    fn block_holds(&self, index: usize, finding: &Finding) -> bool {
        let begin = self.list[index].span;
        begin.start <= finding.span.start
            && !self.list.iter().any(|other| {
                other.scope == Scope::Enable
                    && begin.end <= other.span.start
                    && other.span.start <= finding.span.start
                    && slot(other, finding.rule).is_some()
            })
    }

    /// Whether an `enable` ends any block.
    fn ends_a_block(&self, enable: &Directive) -> bool {
        self.list.iter().any(|other| {
            let shares = other.rules.is_empty()
                || enable.rules.is_empty()
                || other.rules.iter().any(|rule| enable.rules.contains(rule));
            other.scope == Scope::Disable && other.span.end <= enable.span.start && shares
        })
    }

    /// What is wrong with each directive.
    fn notices(&self, desk: &mut Desk<'_>, require_reason: bool) {
        for (directive, used) in self.list.iter().zip(&self.used) {
            let span = directive.span;
            if let Scope::Unknown(word) = &directive.scope {
                unknown_word(desk, span, word);
                continue;
            }
            for name in directive.rules.iter().filter(|name| !is_rule(name)) {
                unknown_rule(desk, span, name);
            }
            if directive.scope == Scope::Enable {
                if !self.ends_a_block(directive) {
                    let message = format!("`{MARKER}enable` ends no `{MARKER}disable` block");
                    desk.say(UNUSED, Severity::Info, span, message, "remove the comment");
                }
                continue;
            }
            if require_reason && directive.reason.is_none() {
                let help = "add `-- reason` at the end of the comment";
                desk.say(
                    WITHOUT_REASON,
                    Severity::Error,
                    span,
                    "the suppression gives no reason".to_owned(),
                    help,
                );
            }
            if directive.rules.is_empty() && !used[0] {
                let message = "the suppression silences nothing".to_owned();
                desk.say(UNUSED, Severity::Info, span, message, "remove the comment");
            }
            for (name, _) in directive
                .rules
                .iter()
                .zip(used)
                .filter(|(name, used)| !**used && is_rule(name))
            {
                let message = format!("the suppression of `{name}` silences nothing");
                desk.say(
                    UNUSED,
                    Severity::Info,
                    span,
                    message,
                    "remove the rule from the comment, or the comment",
                );
            }
        }
    }
}

fn unknown_word(desk: &mut Desk<'_>, span: Span, word: &str) {
    let words = ["disable-next-line", "disable-line", "disable", "enable", "disable-file"];
    let help = match crate::config::nearest(word, words) {
        Some(near) => format!("did you mean `{MARKER}{near}`?"),
        None => format!(
            "the words are {}",
            words.map(|word| format!("`{MARKER}{word}`")).join(", ")
        ),
    };
    desk.say(
        UNKNOWN,
        Severity::Warning,
        span,
        format!("`{MARKER}{word}` is not a directive of leaklint"),
        &help,
    );
}

fn unknown_rule(desk: &mut Desk<'_>, span: Span, name: &str) {
    let help = match crate::config::nearest(name, crate::config::rule_names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`leaklint rules` lists the rules".to_owned(),
    };
    desk.say(
        UNKNOWN,
        Severity::Warning,
        span,
        format!("the suppression names an unknown rule, `{name}`"),
        &help,
    );
}

/// Where in the directive's list the rule stands; the only slot when the directive names none.
fn slot(directive: &Directive, rule: &str) -> Option<usize> {
    if directive.rules.is_empty() {
        Some(0)
    } else {
        directive.rules.iter().position(|name| name == rule)
    }
}

fn is_rule(name: &str) -> bool {
    crate::rules::all().iter().any(|rule| rule.name == name)
}

/// Where the notices of one file are written.
struct Desk<'a> {
    file: &'a Arc<PathBuf>,
    /// The file's path in the project.
    name: String,
    text: &'a str,
    out: &'a mut Vec<Finding>,
}

impl Desk<'_> {
    fn say(&mut self, rule: &'static str, severity: Severity, span: Span, message: String, help: &str) {
        let twin = |other: &&Finding| other.file == *self.file && other.rule == rule && other.message == message;
        let fingerprint = Identity {
            rule,
            path: &self.name,
            cause: Cause::Suppression,
            text: self.text.get(span.start as usize..span.end as usize).unwrap_or(""),
            functions: &[&message],
            duplicate: self.out.iter().filter(twin).count() as u32,
        }
        .fingerprint();
        self.out.push(Finding {
            rule,
            cause: Cause::Suppression,
            severity,
            confidence: Confidence::High,
            message,
            help: help.to_owned(),
            file: Arc::clone(self.file),
            span,
            labels: Vec::new(),
            fingerprint,
        });
    }
}

#[cfg(test)]
#[path = "suppress_tests.rs"]
mod tests;
