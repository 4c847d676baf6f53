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
    let shrink = &story.remedy.code;
    let help = if shrink.is_empty() {
        "Keep the last part of it only, or start anew when it has grown to a limit.".to_owned()
    } else if let Some(list) = shrink.strip_suffix(".shift()") {
        format!("Take entries out when they are done with, or cap it: `if ({list}.length > LIMIT) {shrink}`.")
    } else if shrink.contains(".splice(") {
        format!("Give back a function that takes it out (`{shrink}`), and call that when who put it in ends.")
    } else if shrink.starts_with("delete ") {
        format!("Take entries out when they are done with (`{shrink}`), or cap the size and evict.")
    } else {
        format!(
            "Take entries out when they are done with (`{shrink}`), cap the size and evict, or key a `WeakMap` by an object that ends."
        )
    };
    Wording {
        message: format!("{} grows {} {}", story.holder, story.often, story.because()),
        help,
    }
}
