//! What the XML formats share: a document of elements, and text that XML 1.0 may hold.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesStart, Event};

/// Writes a document with one root element, indented.
pub(super) fn document<W: Write>(out: W, fill: impl FnOnce(&mut Writer<W>) -> io::Result<()>) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    fill(&mut writer)?;
    writeln!(writer.get_mut())
}

/// An element with attributes; their values may hold any text.
pub(super) fn element<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for (key, value) in attributes {
        element.push_attribute((*key, &*legal(value)));
    }
    element
}

/// The text without the characters that no XML 1.0 document may hold, not even escaped.
pub(super) fn legal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => c,
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => '\u{fffd}',
            c => c,
        })
        .collect()
}
