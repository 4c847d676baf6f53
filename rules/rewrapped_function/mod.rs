//! `rewrapped-function`: a function of something long-lived that is wrapped again and again.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "rewrapped-function",
    summary: "a function of something long-lived that is wrapped again and again",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!(
            "the chain of wrappers around {} grows {} {}",
            story.holder,
            story.often,
            story.because()
        ),
        help: "Wrap it once, at start or behind a mark, or put the original back in the teardown.".to_owned(),
    }
}
