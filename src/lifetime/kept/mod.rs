//! What is kept without a call that acquires it: captured, chained, parked, made global, or waiting on a promise.

pub(super) mod captures;
pub(super) mod chains;
mod endless;
pub(super) mod globals;
pub(super) mod last_ones;
mod linked_on_page;
pub(super) mod on_page;
pub(super) mod one_sided_slots;
pub(super) mod parked;
pub(super) mod positioned;
pub(super) mod promises;
pub(super) mod wrapped_on_page;
