//! `captured-large-object`: a large value kept alive by a closure that outlives it.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "captured-large-object",
    summary: "a large value kept alive by a closure that outlives it",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!(
            "this closure keeps `{}` alive {}: it is held by {}",
            story.what, story.often, story.holder
        ),
        help: format!(
            "Take what is needed out of `{}` before the closure is made, or set it to null when it is done with.",
            story.what
        ),
    }
}
