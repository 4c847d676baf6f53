//! Buffers in which facts grow: room that is kept from one file to the next.
//!
//! How many facts a file has is known at its end only. Growing in room that is there already, and keeping an exact copy,
//! leaves no spare room behind for as long as the project is judged, and touches no fresh memory on the way.

use std::cell::RefCell;

use crate::facts::{FileFacts, FileKind};

/// How many nodes there may be room for between files: those of a few hundred kilobytes of source.
const MAX_NODES: usize = 1 << 16;

thread_local! {
    static BUFFERS: RefCell<FileFacts> = RefCell::default();
}

/// The facts of a file that nothing is known of yet.
pub(super) fn begin(kind: FileKind) -> FileFacts {
    let mut facts = BUFFERS.take();
    facts.kind = kind;
    facts.lists.push(0);
    facts
}

/// The facts in memory of their own; their room is for the next file.
pub(super) fn end(mut facts: FileFacts) -> FileFacts {
    let buffers = FileFacts {
        nodes: exact(&mut facts.nodes),
        spans: exact(&mut facts.spans),
        parents: exact(&mut facts.parents),
        lists: exact(&mut facts.lists),
        numbers: exact(&mut facts.numbers),
        bindings: exact(&mut facts.bindings),
        references: exact(&mut facts.references),
        members: exact(&mut facts.members),
        calls: exact(&mut facts.calls),
        writes: exact(&mut facts.writes),
        ..FileFacts::default()
    };
    if buffers.nodes.capacity() <= MAX_NODES {
        BUFFERS.set(buffers);
    }
    facts.names.shrink_to_fit();
    facts.functions.shrink_to_fit();
    facts
}

/// Puts an exact copy in the place of a list, and gives back its room.
fn exact<T: Clone>(list: &mut Vec<T>) -> Vec<T> {
    let copy = list.clone();
    let mut room = std::mem::replace(list, copy);
    room.clear();
    room
}
