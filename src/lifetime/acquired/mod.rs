//! What is acquired, and by whose code: calls that tables know, what the project's own functions, classes and events
//! acquire for others, and what somebody is given. Whether it is released is asked next door.

pub(super) mod acquisitions;
pub(super) mod chained;
pub(super) mod disposables;
pub(super) mod getters;
pub(super) mod given;
pub(super) mod helpers;
pub(super) mod needs;
mod own_operators;
pub(super) mod own_undo;
pub(super) mod registrars;
pub(super) mod rewraps;
mod settings;
pub(super) mod streams;
pub(super) mod subclasses;
