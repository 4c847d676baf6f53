//! `retained-promise`: reactions added again and again to one promise, or promises that nobody settles in a table.

use crate::rule::{Cause, RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "retained-promise",
    summary: "reactions added again and again to one promise, or promises kept in a table",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    let (message, help) = match (story.what, story.cause) {
        ("reaction", _) => (
            format!(
                "a reaction is added to {} {}, and it stays until that promise settles",
                story.holder, story.often
            ),
            "Give each operation a signal of its own and remove its listener when it is done, or keep one reaction that \
             goes through what is open.",
        ),
        ("run", _) => (
            format!(
                "{} waits for its own next run, so the promise of every run stays until the last one is over",
                story.holder
            ),
            "Go on in a loop (`while (!stopped) await step()`), or begin the next run without waiting for it.",
        ),
        (_, Cause::NotOnEveryPath) => (
            format!("{} keeps promises that some paths never settle", story.holder),
            "Take the entry out whatever happens: in a `finally`, and where the other side fails or ends.",
        ),
        _ => (
            format!(
                "{} keeps the resolver of a promise {} and nothing takes it out",
                story.holder, story.often
            ),
            "Delete the entry when the promise settles, and reject what is left when the other side ends.",
        ),
    };
    Wording {
        message,
        help: help.to_owned(),
    }
}
