//! The registry of rules.

use crate::rule::RuleMeta;

const fn rule(name: &'static str, summary: &'static str) -> RuleMeta {
    RuleMeta { name, summary, doc: "" }
}

const ALL: &[RuleMeta] = &[
    rule(
        "growing-collection",
        "elements of a collection that outlives what adds to it",
    ),
    rule(
        "captured-large-object",
        "a large value kept alive by a closure that outlives it",
    ),
    rule("uncleared-timer", "a timer or animation loop that nothing stops"),
    rule("unremoved-listener", "a listener on something that outlives its owner"),
    rule(
        "undisconnected-observer",
        "a DOM or performance observer that stays connected",
    ),
    rule(
        "unsubscribed-subscription",
        "a subscription whose undo is dropped or lost",
    ),
    rule("unreleased-resource", "a handle of the platform that is never closed"),
    rule(
        "leftover-reference",
        "an object removed from one container and left in another",
    ),
    rule("accidental-global", "state parked on the global object by mistake"),
    rule("retained-promise", "reactions piled up on one long-lived promise"),
    rule("detached-node", "a DOM node or component kept after its removal"),
    rule("rewrapped-function", "a function wrapped again on every call"),
];

/// Every rule, in the order of the documentation.
pub fn all() -> &'static [RuleMeta] {
    ALL
}
