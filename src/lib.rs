//! leaklint: finds memory leaks in JavaScript and TypeScript before they ship.

pub mod extract;
pub mod facts;
pub mod finding;
pub mod lifetime;
pub mod link;
pub mod syntax;
pub mod tables;
