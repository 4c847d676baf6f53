//! `leftover-reference`: an object taken out of one container and left in another.

use crate::rule::{Cause, RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "leftover-reference",
    summary: "an object taken out of one container and left in another",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    let (message, help) = match story.cause {
        Cause::WrongKey => (
            format!(
                "what is put into {} {} is looked for under another key",
                story.holder, story.often
            ),
            "Add, find and remove with the same key: a variable that holds it, or a text made of its parts.",
        ),
        Cause::ReleaseWithoutEffect => (
            format!(
                "{} gets a key {}, and emptying its slot does not remove it",
                story.holder, story.often
            ),
            "Remove the key itself: `delete` for objects, the `delete` method for Maps and their weak kin.",
        ),
        Cause::NotOnEveryPath => (
            format!(
                "{} drops an element {} that other code ends, and it stays where it was put",
                story.holder, story.often
            ),
            "End the element where the list drops it, too.",
        ),
        _ => (
            format!(
                "{} keeps what is added {}, although it ends elsewhere",
                story.holder, story.often
            ),
            "Remove it from every container in the function that ends it.",
        ),
    };
    Wording {
        message,
        help: help.to_owned(),
    }
}
