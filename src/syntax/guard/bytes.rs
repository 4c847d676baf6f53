//! What each byte means to the guard, as tables.

use super::NESTING_COST;

/// Kinds of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    Blank,
    Newline,
    Word,
    Open,
    Close,
    Quote,
    Tick,
    Slash,
    Less,
    Semicolon,
    Comma,
    Operator,
}

/// The class of every byte.
pub(super) static CLASS: [Class; 256] = classes();
/// The most a byte can add to the cost of a text.
pub(super) static WEIGHT: [u8; 256] = weights();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Word; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'\n' | b'\r' => Class::Newline,
            0..=b' ' | 0x7F => Class::Blank,
            b'(' | b'[' | b'{' => Class::Open,
            b')' | b']' | b'}' => Class::Close,
            b'"' | b'\'' => Class::Quote,
            b'`' => Class::Tick,
            b'/' => Class::Slash,
            b'<' => Class::Less,
            b';' => Class::Semicolon,
            b',' => Class::Comma,
            b'+' | b'-' | b'*' | b'%' | b'&' | b'|' | b'^' | b'!' | b'~' | b'?' | b':' | b'=' | b'>' | b'.' => {
                Class::Operator
            }
            _ => Class::Word,
        };
        byte += 1;
    }
    table
}

const fn weights() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match CLASS[byte] {
            Class::Open | Class::Less => NESTING_COST as u8 + 1,
            Class::Word | Class::Close | Class::Semicolon | Class::Comma | Class::Quote => 0,
            _ => 1,
        };
        byte += 1;
    }
    table
}
