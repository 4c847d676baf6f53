//! `growing-collection`: elements of a collection that outlives what adds to it.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "growing-collection",
    summary: "elements of a collection that outlives what adds to it",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!("{} grows {} {}", story.holder, story.often, story.because()),
        help: "Remove entries when they are done with, cap the size and evict, or key a WeakMap by the object."
            .to_owned(),
    }
}
