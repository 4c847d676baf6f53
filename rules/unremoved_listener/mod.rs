//! `unremoved-listener`: a listener on something that outlives its owner.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "unremoved-listener",
    summary: "a listener on something that outlives its owner",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!(
            "{} is added to {} {} {}",
            story.one(),
            story.holder,
            story.often,
            story.because()
        ),
        help: story.advice("when its owner ends"),
    }
}
