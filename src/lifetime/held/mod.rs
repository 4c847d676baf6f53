//! Who holds what is acquired, what it keeps alive, and how long both live. No releases here, and no counting of how often.

pub(super) mod attached;
pub(super) mod borrowers;
pub(super) mod callback_refs;
pub(super) mod customs;
pub(super) mod elements;
pub(super) mod flow;
pub(super) mod handed;
pub(super) mod holding;
pub(super) mod hooks;
pub(super) mod just_made;
pub(super) mod keeps;
pub(super) mod lenders;
pub(super) mod lent;
pub(super) mod lent_streams;
pub(super) mod let_go;
pub(super) mod lives;
pub(super) mod others;
pub(super) mod own_nodes;
pub(super) mod own_reactions;
pub(super) mod ownership;
pub(super) mod parts;
pub(super) mod size;
pub(super) mod stream_end;
pub(super) mod taken_back;
pub(super) mod told_handles;
pub(super) mod told_options;
