//! `accidental-global`: state parked on the global object by mistake.

use crate::rule::{Cause, RuleMeta, Story, Wording};

/// The rule.
pub(super) const META: RuleMeta = RuleMeta {
    name: "accidental-global",
    summary: "state parked on the global object by mistake",
    doc: include_str!("rule.md"),
    word: Some(word),
};

fn word(story: &Story<'_>) -> Wording {
    if story.cause == Cause::NeverBounded {
        let shrink = &story.remedy.code;
        return Wording {
            message: format!(
                "{} is put on the global object in passing; it grows {} {}",
                story.holder,
                story.often,
                story.because()
            ),
            help: format!(
                "Keep it in a variable of a module, and take entries out when they are done with: `{shrink}`."
            ),
        };
    }
    if story.what != "global" {
        return Wording {
            message: format!(
                "the last {} stays in {} after its end; it is stored {}",
                story.what, story.holder, story.often
            ),
            help: format!("Take it away when the {} ends: `{}`.", story.what, story.remedy.code),
        };
    }
    Wording {
        message: format!(
            "an assignment to an undeclared name makes {}, which keeps the last value alive",
            story.holder
        ),
        help: match story.remedy.end.is_empty() {
            true => format!("Declare it: `{}`.", story.remedy.code),
            false => format!("Declare it: `{};` {}.", story.remedy.code, story.remedy.end),
        },
    }
}
