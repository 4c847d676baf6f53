//! Reading source text: its language, its lines, its comments.

pub mod lines;
