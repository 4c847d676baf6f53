//! Bytes of a file to text.
//!
//! Text means UTF-8, with or without a byte order mark (which stays in the text, so that offsets are those
//! of the file), and with hardly a NUL. Everything else is refused with a sentence that says what the file seems to be: guessing an
//! encoding would move every span.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::finding::ErrorKind;

/// The longest text whose offsets fit the `u32` spans of this crate and of the parser, whatever the user allows.
pub const MAX_TEXT: u64 = i32::MAX as u64;

/// In a text there are at least so many bytes to each NUL.
const BYTES_PER_NUL: usize = 100;

/// Why a file did not become text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// `unreadable`, `too-large` or `encoding`.
    pub kind: ErrorKind,
    /// One sentence for people.
    pub message: String,
}

impl ReadError {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

/// Reads one file of at most `max_bytes` as text.
pub fn read(path: &Path, max_bytes: u64) -> Result<String, ReadError> {
    let unreadable = |error: std::io::Error| ReadError::new(ErrorKind::Unreadable, format!("cannot read it: {error}"));
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(ReadError::new(
            ErrorKind::Unreadable,
            "cannot read it: it is a directory",
        ));
    }
    let limit = max_bytes.min(MAX_TEXT);
    if metadata.len() > limit {
        return Err(too_large(metadata.len(), limit));
    }
    // A pipe or a file under /proc says 0 and delivers more, and a file may grow while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.by_ref()
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64, limit));
    }
    decode(bytes)
}

/// Bytes to text, for what did not come from a file (standard input, an editor's buffer on disk).
pub fn decode(bytes: Vec<u8>) -> Result<String, ReadError> {
    if let Some(name) = wide_encoding(&bytes) {
        let message = format!("the file is encoded as {name}; leaklint reads UTF-8 only");
        return Err(ReadError::new(ErrorKind::Encoding, message));
    }
    // A string, a pattern or a comment may hold any code point (https://tc39.es/ecma262/#sec-source-text), and programs
    // separate the parts of a key by NUL.
    let nuls = memchr::memchr_iter(0, &bytes).count();
    if let Some(at) = memchr::memchr(0, &bytes).filter(|_| nuls > bytes.len() / BYTES_PER_NUL) {
        let message = format!("the file holds a NUL byte at offset {at}; it seems to be binary, not source text");
        return Err(ReadError::new(ErrorKind::Encoding, message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes()[at];
        let message = format!("the file is not valid UTF-8: byte 0x{byte:02X} at offset {at}");
        ReadError::new(ErrorKind::Encoding, message)
    })
}

/// The name of a UTF-16 or UTF-32 encoding, told by its byte order mark or, without one, by ASCII text in which
/// every other byte is NUL.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] => Some("UTF-32 (little endian)"),
        [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32 (big endian)"),
        [0xFF, 0xFE, ..] => Some("UTF-16 (little endian)"),
        [0xFE, 0xFF, ..] => Some("UTF-16 (big endian)"),
        [a, 0, b, 0, c, 0, ..] if *a != 0 && *b != 0 && *c != 0 => Some("UTF-16 (little endian) without a mark"),
        [0, a, 0, b, 0, c, ..] if *a != 0 && *b != 0 && *c != 0 => Some("UTF-16 (big endian) without a mark"),
        _ => None,
    }
}

fn too_large(bytes: u64, limit: u64) -> ReadError {
    let message = format!("the file has at least {bytes} bytes, more than the limit of {limit}");
    ReadError::new(ErrorKind::TooLarge, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        let error = decode(bytes.to_vec()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Encoding);
        error.message
    }

    #[test]
    fn utf8_is_text_and_keeps_its_mark() {
        assert_eq!(decode(b"a".to_vec()).unwrap(), "a");
        assert_eq!(decode(vec![]).unwrap(), "");
        assert_eq!(decode("\u{feff}é".as_bytes().to_vec()).unwrap(), "\u{feff}é");
        let with_nul = format!("key = `${{a}}\0${{b}}`;{}", " ".repeat(BYTES_PER_NUL));
        assert_eq!(decode(with_nul.clone().into_bytes()).unwrap(), with_nul);
    }

    #[test]
    fn other_encodings_are_named() {
        assert!(refusal(b"\xFF\xFEa\0").contains("UTF-16 (little endian)"));
        assert!(refusal(b"\xFE\xFF\0a").contains("UTF-16 (big endian)"));
        assert!(refusal(b"\xFF\xFE\0\0a\0\0\0").contains("UTF-32"));
        assert!(refusal(b"a\0b\0c\0").contains("UTF-16 (little endian) without"));
        assert!(refusal(b"ab\0c").contains("NUL byte at offset 2"));
        assert!(refusal(b"ab\xE9c").contains("0xE9 at offset 2"));
        assert!(
            refusal(b"ab\xE2\x82").contains("offset 2"),
            "a cut character counts from its first byte"
        );
    }

    #[test]
    fn files_are_bounded_and_io_errors_are_entries() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.js");
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(read(&path, 10).unwrap(), "0123456789");
        assert_eq!(read(&path, 9).unwrap_err().kind, ErrorKind::TooLarge);
        assert_eq!(read(dir.path(), 9).unwrap_err().kind, ErrorKind::Unreadable);
        assert_eq!(
            read(&dir.path().join("none.js"), 9).unwrap_err().kind,
            ErrorKind::Unreadable
        );
    }
}
