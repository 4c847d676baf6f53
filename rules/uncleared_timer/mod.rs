//! `uncleared-timer`: a timer or animation loop that nothing stops.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "uncleared-timer",
    summary: "a timer or animation loop that nothing stops",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!("this {} is started {} {}", story.what, story.often, story.because()),
        help: story.advice("when its owner ends"),
    }
}
