//! leaklint: finds memory leaks in JavaScript and TypeScript before they ship.

pub mod finding;
pub mod syntax;
