//! `unreleased-resource`: a handle of the platform that is never closed.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "unreleased-resource",
    summary: "a handle of the platform that is never closed",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!("this {} is acquired {} {}", story.what, story.often, story.because()),
        help: story.advice("on every way out"),
    }
}
