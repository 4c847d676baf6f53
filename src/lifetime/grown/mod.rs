//! Collections: where they grow, what is taken out of them, and what stays.

pub(super) mod collections;
pub(super) mod detached;
pub(super) mod emptied;
pub(super) mod entries;
pub(super) mod few;
pub(super) mod few_keys;
pub(super) mod filled_once;
pub(super) mod fulfilled;
pub(super) mod gathered;
pub(super) mod groups;
pub(super) mod growth;
pub(super) mod known_entries;
pub(super) mod leftovers;
pub(super) mod lent_parts;
pub(super) mod on_global;
pub(super) mod one_sided;
pub(super) mod ran;
pub(super) mod registered;
pub(super) mod rosters;
pub(super) mod settled;
pub(super) mod standing;
pub(super) mod touched;
pub(super) mod touches;
pub(super) mod undone;
pub(super) mod unended;
pub(super) mod waiting;
