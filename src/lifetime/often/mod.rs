//! How often it happens, beyond what the call graph says: runs that follow each other on one object, guards that let code
//! run once, what ends by itself before the next. No releases here.

pub(super) mod again;
pub(super) mod anew;
pub(super) mod at_start;
pub(super) mod before_it_came;
pub(super) mod beside_taken_off;
pub(super) mod branches;
pub(super) mod confidence;
pub(super) mod ended_slots;
pub(super) mod first_need;
pub(super) mod gestures;
pub(super) mod guards;
pub(super) mod heard;
pub(super) mod in_turn;
pub(super) mod jobs;
pub(super) mod lent_marks;
pub(super) mod looped;
pub(super) mod once;
pub(super) mod one_for_all;
pub(super) mod one_place;
pub(super) mod one_shot;
pub(super) mod own_parts;
pub(super) mod passed_by;
mod per_call;
mod per_object;
pub(super) mod piled;
pub(super) mod pressed;
pub(super) mod refilled;
pub(super) mod rerun;
pub(super) mod rerun_closures;
pub(super) mod rerun_effects;
pub(super) mod rerun_setups;
mod rounds;
pub(super) mod settings;
pub(super) mod turns;
pub(super) mod twice;
pub(super) mod wrapped_methods;
