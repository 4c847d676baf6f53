//! `accidental-global`: state parked on the global object by mistake.

use crate::rule::{RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "accidental-global",
    summary: "state parked on the global object by mistake",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    Wording {
        message: format!(
            "an assignment to an undeclared name makes {}, which keeps the last value alive",
            story.holder
        ),
        help: format!("Declare it: `{}`.", story.release),
    }
}
