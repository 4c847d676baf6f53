//! Which files name something: asked for every method and property that is looked for in the whole project.

use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::record;
use super::{FileId, Project};
use crate::facts::FileFacts;

/// How many numbers names have. Each name of a file leaves [`MARKS`] marks among as many, so that of files with 300 names
/// one in fifty is looked at in vain.
pub(super) const BUCKETS: u32 = 1 << BITS;

const BITS: u32 = 12;

/// How many marks a name leaves.
const MARKS: u32 = 2;

/// A Bloom filter for each file, kept by rows: a row for each number, with one bit for each file.
#[derive(Debug)]
pub(super) struct Naming {
    rows: Vec<u64>,
    /// How many words of 64 files a row has.
    width: usize,
}

/// The number of a name among [`BUCKETS`], which others may have too.
pub(super) fn bucket(name: &str) -> u32 {
    row(FxBuildHasher.hash_one(name), 0) as u32
}

fn row(hash: u64, mark: u32) -> usize {
    // The low bits of this hash are the well mixed ones.
    ((hash >> (BITS * mark)) % u64::from(BUCKETS)) as usize
}

impl Naming {
    fn of(files: usize) -> Self {
        let width = files.div_ceil(64);
        let rows = vec![0; BUCKETS as usize * width];
        Self { rows, width }
    }

    /// Marks the names of a file. Those that it had before stay marked: they cost a look, and change no answer.
    fn mark(&mut self, file: FileId, facts: &FileFacts) {
        let (word, bit) = (file.0 as usize / 64, 1 << (file.0 % 64));
        for name in &facts.names {
            let hash = FxBuildHasher.hash_one(&**name);
            for mark in 0..MARKS {
                self.rows[row(hash, mark) * self.width + word] |= bit;
            }
        }
    }

    /// The files that may have a name, in their order.
    fn candidates(&self, name: &str) -> impl Iterator<Item = FileId> + '_ {
        let hash = FxBuildHasher.hash_one(name);
        (0..self.width).flat_map(move |word| {
            let marked = |mark| self.rows[row(hash, mark) * self.width + word];
            let mut bits = (0..MARKS).fold(u64::MAX, |bits, mark| bits & marked(mark));
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros())?;
                bits &= bits - 1;
                Some(FileId(word as u32 * 64 + bit))
            })
        })
    }
}

impl Project {
    /// The files in which a name is written, as an identifier, a property or a string, in their order.
    pub fn files_naming(&self, name: &str) -> Arc<[FileId]> {
        let memo = &self.known.naming;
        if let Some(known) = memo.get(&name.into()) {
            return known;
        }
        self.remembered(memo, name.into(), || {
            if self.recording {
                record::note_naming(name);
            }
            // What depends on this depends on who has the name, and not on all else that the files say.
            let has = |file: &FileId| self.files[file.0 as usize].facts.find_name(name).is_some();
            self.naming().candidates(name).filter(has).collect()
        })
    }

    /// The files that assign to a property of this name, in their order. What depends on this does not depend on what
    /// else the many say that only read the property.
    pub(super) fn files_writing(&self, name: &str) -> Arc<[FileId]> {
        let memo = &self.known.writing;
        if let Some(known) = memo.get(&name.into()) {
            return known;
        }
        self.remembered(memo, name.into(), || {
            if self.recording {
                record::note_writing(name);
            }
            let writes = |file: &FileId| {
                let file = &self.files[file.0 as usize];
                let name = file.facts.find_name(name);
                name.is_some_and(|name| file.writes_by_name().contains_key(&name))
            };
            self.files_naming(name).iter().copied().filter(writes).collect()
        })
    }

    fn naming(&self) -> &Naming {
        self.naming.get_or_init(|| {
            let mut naming = Naming::of(self.files.len());
            for (file, index) in self.files.iter().zip(0..) {
                naming.mark(FileId(index), &file.facts);
            }
            naming
        })
    }

    /// Marks the names of a file that was read anew.
    pub(super) fn name_anew(&mut self, file: FileId) {
        if let Some(naming) = self.naming.get_mut() {
            naming.mark(file, &self.files[file.0 as usize].facts);
        }
    }
}
