//! `undisconnected-observer`: an observer that stays connected.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "undisconnected-observer",
    summary: "an observer that stays connected",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!("this {} is made {} {}", story.what, story.often, story.because()),
        help: story.advice("when its owner ends"),
    }
}
