//! `detached-node`: a node or an instance that is kept after it has left the page.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "detached-node",
    summary: "a node or an instance that is kept after it has left the page",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    if story.what == "element" {
        return Wording {
            message: format!(
                "{} keeps this element after its use; one is put there {} and nothing takes it away",
                story.holder, story.often
            ),
            help: format!("Take it away when what made it ends: `{}`.", story.remedy.code),
        };
    }
    Wording {
        message: format!(
            "{} keeps this {} after it has left the page; one is stored {} {}",
            story.holder,
            story.what,
            story.often,
            story.because()
        ),
        help: "Take it out where it is removed from the page, or hold it weakly (`WeakMap`, `WeakSet`, `WeakRef`)."
            .to_owned(),
    }
}
