//! leaklint: finds memory leaks in JavaScript and TypeScript before they ship.

pub mod analysis;
pub mod cli;
pub mod config;
pub mod discover;
pub mod finding;
pub mod report;
pub mod rule;
pub mod rules;
pub mod session;
pub mod suppress;
pub mod syntax;
