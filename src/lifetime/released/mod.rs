//! Whether an acquisition is released: what looks like its release, whether it is that one, and whether it is reached in
//! time and on every way. Collections have a room of their own.

pub(super) mod armed;
pub(super) mod by_arguments;
pub(super) mod comparison;
pub(super) mod delays;
pub(super) mod drained;
pub(super) mod dropped;
pub(super) mod failures;
pub(super) mod given_up;
pub(super) mod hangups;
pub(super) mod late;
pub(super) mod listed;
pub(super) mod managed;
pub(super) mod mistaken;
pub(super) mod nulled;
pub(super) mod outcomes;
pub(super) mod overdue;
pub(super) mod own_method;
pub(super) mod own_run;
pub(super) mod paths;
pub(super) mod pending;
pub(super) mod releases;
pub(super) mod replaced;
pub(super) mod settlers;
pub(super) mod siblings;
pub(super) mod signals;
pub(super) mod slots;
pub(super) mod teardown;
pub(super) mod toggles;
pub(super) mod unbound;
pub(super) mod uncalled;
pub(super) mod unmounted;
pub(super) mod unrun;
pub(super) mod waits_on;
pub(super) mod walk;
pub(super) mod wholes;
