//! What a rule is, and the only thing it may look at.
//!
//! A rule words leaks; it finds none. Everything it can say is in the [`Story`] that the lifetime model tells.

pub use crate::finding::Cause;

/// A leak, as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    /// What is held: `interval`, `listener`, the name of a variable.
    pub what: &'a str,
    /// Why it stays.
    pub cause: Cause,
    /// Who holds it, in words.
    pub holder: &'a str,
    /// How often it happens, in words: `for each request`.
    pub often: &'a str,
    /// The release that is missing, as the tables write it.
    pub release: &'a str,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// One sentence: what is held, by whom, and why again and again.
    pub message: String,
    /// One sentence: what to do.
    pub help: String,
}

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleMeta {
    /// Its name, as written in outputs, configuration and suppressions.
    pub name: &'static str,
    /// One line: what is held.
    pub summary: &'static str,
    /// The text of `rule.md`.
    pub doc: &'static str,
    /// Words a leak; notices about comments have nothing to word.
    pub word: Option<fn(&Story<'_>) -> Wording>,
}

impl Story<'_> {
    /// Why it stays, as the end of a sentence.
    pub fn because(&self) -> &'static str {
        match self.cause {
            Cause::NeverReleased => "and nothing releases it",
            Cause::HandleLost => "and its only handle is lost",
            Cause::WrongTarget => "and the release that is written names another object",
            Cause::WrongHandler => "and the release that is written names another function",
            Cause::WrongKey => "and the release that is written names another key",
            Cause::WrongOptions => "and the release that is written has other arguments",
            Cause::NotOnTeardown => "and the teardown does not reach its release",
            Cause::NotOnEveryPath => "and some paths skip its release",
            Cause::ReleasedTooEarly => "and it can still happen after the release",
            Cause::NeverBounded => "and nothing shrinks it",
            Cause::ReleaseWithoutEffect => "and the release that is written does nothing",
            Cause::Suppression => "",
        }
    }

    /// The first release of the tables, in backticks and without its types.
    pub fn release_call(&self) -> String {
        let bare = self.release.rsplit(['#', ':']).next().unwrap_or(self.release);
        format!("`{bare}`")
    }
}
