//! The rules: one folder each, one `mod` line and one entry here.
//!
//! A rule words leaks and nothing else; it sees `crate::rule` only. What APIs exist stands in `resources/*.toml`.

mod accidental_global;
mod captured_large_object;
mod detached_node;
mod growing_collection;
mod leftover_reference;
mod retained_promise;
mod rewrapped_function;
mod uncleared_timer;
mod undisconnected_observer;
mod unreleased_resource;
mod unremoved_listener;
mod unsubscribed_subscription;

use crate::rule::RuleMeta;

/// Every rule, in the order of the documentation.
pub fn all() -> &'static [RuleMeta] {
    ALL
}

/// The rule of this name.
pub fn find(name: &str) -> Option<&'static RuleMeta> {
    ALL.iter().find(|r| r.name == name)
}

const ALL: &[RuleMeta] = &[
    growing_collection::META,
    captured_large_object::META,
    uncleared_timer::META,
    unremoved_listener::META,
    undisconnected_observer::META,
    unsubscribed_subscription::META,
    unreleased_resource::META,
    leftover_reference::META,
    retained_promise::META,
    accidental_global::META,
    rewrapped_function::META,
    detached_node::META,
];
