//! What leaklint says: findings, their causes, labels and positions.
//!
//! Plain data, shared by the rules (which make it), `suppress` and `baseline` (which filter it) and
//! `report` (which prints it). Nothing here may know a syntax tree, a table or a terminal.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

/// A half-open range of byte offsets in one file, counted from 0 in the file as it is on disk
/// (a byte order mark counts three, a script block of a `.vue` file counts from the start of that file).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from its two ends.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Whether `other` lies wholly inside this span.
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A place in a file as people and editors count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Position {
    /// Bytes from the start of the file, from 0.
    pub offset: u32,
    /// Line, from 1. Lines end with LF, CRLF or CR.
    pub line: u32,
    /// Column in UTF-16 code units, from 1.
    pub column: u32,
}

/// A [`Span`] with lines and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Range {
    /// Where it begins.
    pub start: Position,
    /// Where it ends; exclusive.
    pub end: Position,
}

/// How bad a finding is for the exit code and for the eye.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Plausible; shown with `--pedantic` only.
    Info,
    /// One link of the chain rests on a convention.
    Warning,
    /// Proven from code that was read.
    Error,
}

impl Severity {
    /// The word used in every output and in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How much of the chain from holder to leak was proven; the default severity follows from it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A link is unknown.
    Low,
    /// One link rests on a convention.
    Medium,
    /// Every link was read in code or stands in a table.
    High,
}

impl Confidence {
    /// The severity a finding of this confidence has unless the configuration says otherwise.
    pub const fn severity(self) -> Severity {
        match self {
            Confidence::Low => Severity::Info,
            Confidence::Medium => Severity::Warning,
            Confidence::High => Severity::Error,
        }
    }

    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// Why the held thing stays.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// No release anywhere the handle can reach.
    NeverReleased,
    /// The only handle is discarded, or overwritten by a repeated call before it was released.
    HandleLost,
    /// A release exists but names another receiver.
    WrongTarget,
    /// A release exists but names another function.
    WrongHandler,
    /// A release exists but names another event or map key.
    WrongKey,
    /// A release exists but with other options or with its arguments in the wrong place.
    WrongOptions,
    /// A release exists, but the owner's teardown does not reach it, or nobody calls the teardown.
    NotOnTeardown,
    /// Released on some paths only.
    NotOnEveryPath,
    /// The acquisition can still happen after the teardown has run.
    ReleasedTooEarly,
    /// Grows per repeated context and nothing shrinks, caps or expires it.
    NeverBounded,
    /// A release is written that does nothing.
    ReleaseWithoutEffect,
    /// Not a leak: a suppression comment is itself at fault. Only the notices of `suppress` have it.
    Suppression,
}

impl Cause {
    /// Every cause of a leak, in the order of the documentation.
    pub const ALL: [Cause; 11] = [
        Cause::NeverReleased,
        Cause::HandleLost,
        Cause::WrongTarget,
        Cause::WrongHandler,
        Cause::WrongKey,
        Cause::WrongOptions,
        Cause::NotOnTeardown,
        Cause::NotOnEveryPath,
        Cause::ReleasedTooEarly,
        Cause::NeverBounded,
        Cause::ReleaseWithoutEffect,
    ];

    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::NeverReleased => "never-released",
            Cause::HandleLost => "handle-lost",
            Cause::WrongTarget => "wrong-target",
            Cause::WrongHandler => "wrong-handler",
            Cause::WrongKey => "wrong-key",
            Cause::WrongOptions => "wrong-options",
            Cause::NotOnTeardown => "not-on-teardown",
            Cause::NotOnEveryPath => "not-on-every-path",
            Cause::ReleasedTooEarly => "released-too-early",
            Cause::NeverBounded => "never-bounded",
            Cause::ReleaseWithoutEffect => "release-without-effect",
            Cause::Suppression => "suppression",
        }
    }
}

impl Role {
    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Holder => "holder",
            Role::Context => "context",
            Role::Release => "release",
            Role::Captured => "captured",
            Role::Flow => "flow",
        }
    }
}

/// What a label tells.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Where the long-lived holder is declared.
    Holder,
    /// Why this code runs again and again.
    Context,
    /// A release that was found, and why it does not count.
    Release,
    /// The value that is kept alive.
    Captured,
    /// A step between the context and the acquisition.
    Flow,
}

/// A second span of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it tells.
    pub role: Role,
    /// One short clause, no capital, no full stop.
    pub message: String,
    /// The file it stands in.
    pub file: Arc<PathBuf>,
    /// Where.
    pub span: Span,
}

/// One leak, ready to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, such as `uncleared-timer`.
    pub rule: &'static str,
    /// Why it stays.
    pub cause: Cause,
    /// Its severity after configuration.
    pub severity: Severity,
    /// How sure leaklint is.
    pub confidence: Confidence,
    /// What is held, by whom, and why again and again; one sentence.
    pub message: String,
    /// What to do; one sentence.
    pub help: String,
    /// The file of the acquisition.
    pub file: Arc<PathBuf>,
    /// The acquisition: the call that adds, registers, starts or creates.
    pub span: Span,
    /// The rest of the story, in reading order.
    pub labels: Vec<Label>,
    /// 16 hexadecimal digits that survive edits elsewhere in the file: made of rule, relative path, cause,
    /// the acquisition's own text and its enclosing function names, with a counter for equal ones.
    pub fingerprint: String,
}

/// What kind of input could not be read as intended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The parser refused it.
    Syntax,
    /// The file system refused it.
    Unreadable,
    /// Longer than `--max-file-size`.
    TooLarge,
    /// Nested deeper than a parser's stack allows.
    TooDeep,
    /// Not text, or text in an encoding that cannot be read.
    Encoding,
    /// A bound of the analysis was reached; findings may be missing.
    Limit,
}

impl ErrorKind {
    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Syntax => "syntax",
            ErrorKind::Unreadable => "unreadable",
            ErrorKind::TooLarge => "too-large",
            ErrorKind::TooDeep => "too-deep",
            ErrorKind::Encoding => "encoding",
            ErrorKind::Limit => "limit",
        }
    }
}

/// One input that could not be checked in full. It never hides findings in other files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// Its kind.
    pub kind: ErrorKind,
    /// One sentence.
    pub message: String,
    /// The file.
    pub file: Arc<PathBuf>,
    /// Where in the file, for syntax errors.
    pub span: Option<Span>,
}

/// Where the documentation of the rules lives; the name of a rule follows.
pub const RULE_URL: &str = "https://leaklint.dev/rules/";

impl Finding {
    /// The page that explains the rule.
    pub fn url(&self) -> String {
        format!("{RULE_URL}{}", self.rule)
    }
}

/// What makes a finding the same finding after an edit elsewhere: no line, no offset.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// The rule's name.
    pub rule: &'a str,
    /// The file, relative to the project, with `/`.
    pub path: &'a str,
    /// Why it stays.
    pub cause: Cause,
    /// The source text of the acquisition; white space does not count.
    pub text: &'a str,
    /// The names of the functions and classes around it, from outside in.
    pub functions: &'a [&'a str],
    /// How many findings with the same other fields come before it in the file.
    pub duplicate: u32,
}

impl Identity<'_> {
    /// 16 hexadecimal digits, the same on every machine and in every version that words nothing else into it.
    pub fn fingerprint(&self) -> String {
        let mut hash = Fnv::new();
        hash.field(self.rule.as_bytes());
        hash.field(self.path.as_bytes());
        hash.field(self.cause.as_str().as_bytes());
        for word in self.text.split_whitespace() {
            hash.bytes(word.as_bytes());
        }
        hash.field(b"");
        for name in self.functions {
            hash.field(name.as_bytes());
        }
        hash.bytes(&self.duplicate.to_le_bytes());
        format!("{:016x}", hash.finish())
    }
}

/// FNV-1a with a final mix. The standard hasher promises no stable result between versions, and a
/// fingerprint lives in baselines.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// A field and its end, so that `ab` + `c` is not `a` + `bc`. The byte 0xff occurs in no UTF-8 text.
    fn field(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
        self.bytes(&[0xff]);
    }

    const fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ (mixed >> 32)
    }
}

/// What the missing release takes that has no name yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unnamed {
    /// Nothing: the call can be written as it stands.
    #[default]
    Nothing,
    /// What the acquisition gave.
    Handle,
    /// The function that the acquisition gave, which undoes it.
    Undo,
    /// The function that was registered.
    Handler,
    /// A copy of a list, which loses elements while it is gone over.
    Copy,
}

/// What a leak lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// The missing code as it would be written here: `window.removeEventListener('resize', this.onResize)`.
    pub code: Box<str>,
    /// What must be kept under a name first.
    pub unnamed: Unnamed,
    /// Where it belongs, as the end of a sentence: ``in `ngOnDestroy` ``. Empty where nothing is known, and where it
    /// belongs on every way out.
    pub end: Box<str>,
}

impl Remedy {
    /// Some code, wherever it belongs.
    pub fn of(code: String) -> Self {
        Self {
            code: code.into(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity<'a>(text: &'a str, functions: &'a [&'a str]) -> Identity<'a> {
        Identity {
            rule: "uncleared-timer",
            path: "src/a.ts",
            cause: Cause::NeverReleased,
            text,
            functions,
            duplicate: 0,
        }
    }

    #[test]
    fn white_space_does_not_change_a_fingerprint() {
        let one = identity("setInterval(() => tick(), 10)", &["Clock", "start"]).fingerprint();
        assert_eq!(
            one,
            identity("setInterval(\n  () =>  tick(), 10)", &["Clock", "start"]).fingerprint()
        );
        assert_eq!(one, "99c9feec6054c81f", "a change here breaks every baseline");
    }

    #[test]
    fn everything_else_does() {
        let text = "setInterval(tick, 10)";
        let base = identity(text, &["ab", "c"]);
        let others = [
            identity(text, &["a", "bc"]),
            identity("setInterval(tick, 11)", &["ab", "c"]),
            Identity { duplicate: 1, ..base },
            Identity {
                cause: Cause::HandleLost,
                ..base
            },
            Identity {
                path: "src/b.ts",
                ..base
            },
        ];
        for other in others {
            assert_ne!(base.fingerprint(), other.fingerprint());
        }
    }
}
