//! What a rule is, and the only thing it may look at.
//!
//! A rule words leaks; it finds none. Everything it can say is in the [`Story`] that the lifetime model tells.

pub use crate::finding::{Cause, Remedy, Unnamed};

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
    /// What is missing, and where.
    pub remedy: &'a Remedy,
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
    /// What is held, with its article: `a listener`, `an IPC listener`.
    pub fn one(&self) -> String {
        let article = if begins_with_vowel(self.what) { "an" } else { "a" };
        format!("{article} {}", self.what)
    }

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
            Cause::ReleasedTooEarly => "and may still come after its release",
            Cause::NeverBounded => "and nothing shrinks it",
            Cause::ReleaseWithoutEffect => "and the release that is written does nothing",
            Cause::Suppression => "",
        }
    }

    /// What to do, as a sentence. `end` says where the release belongs when the code around does not tell.
    pub fn advice(&self, end: &str) -> String {
        let Remedy {
            code,
            unnamed,
            end: told,
        } = self.remedy;
        let end = if told.is_empty() { end } else { &**told };
        let keep = match unnamed {
            Unnamed::Nothing => "Call",
            Unnamed::Handle => "Keep the handle and call",
            Unnamed::Undo => "Keep the function that it gives back and call",
            Unnamed::Handler => "Keep the function in a variable or field and call",
            Unnamed::Copy => return format!("Go over a copy of the list: `{code}`."),
        };
        match self.cause {
            Cause::WrongTarget => format!("Call `{code}` on the very object it was added to, {end}."),
            Cause::WrongHandler => {
                format!("Add and remove one and the same function: keep it, and call `{code}` {end}.")
            }
            Cause::WrongKey => format!("Call `{code}`, with the key it was added under, {end}."),
            Cause::WrongOptions => format!("Call `{code}`, with the options it was added with, {end}."),
            Cause::NotOnEveryPath if told.is_empty() => {
                format!("{keep} `{code}` on every way out: in a `finally`, before each return.")
            }
            Cause::ReleasedTooEarly => {
                format!("After the wait, look whether its owner has ended meanwhile, and call `{code}` then.")
            }
            _ => format!("{keep} `{code}` {end}."),
        }
    }
}

/// Whether a name is spoken with a vowel first: `interval`, `HTTP pool`, and not `one-time listener`.
fn begins_with_vowel(what: &str) -> bool {
    let word = what.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_spelled = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() && !"AEIOU".contains(c));
    match word.chars().next() {
        Some(first) if is_spelled => "FHLMNRSX".contains(first),
        Some(first) => "aeioAEIO".contains(first) && !word.starts_with("one"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::begins_with_vowel;

    #[test]
    fn articles_follow_the_sound() {
        for an in [
            "interval",
            "event listener",
            "IPC listener",
            "HTTP connection pool",
            "MQTT connection",
        ] {
            assert!(begins_with_vowel(an), "{an}");
        }
        for a in ["one-time listener", "timer", "NATS connection", "URL", "user"] {
            assert!(!begins_with_vowel(a), "{a}");
        }
    }
}
