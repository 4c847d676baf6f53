//! Records what a question read, so that after an edit only those are asked anew whose answer may have changed.
//!
//! An answer depends on what files say, on who imports them, and on which of them name something or assign to a property
//! of a name; every way to these leads through [`Project::file`](super::Project::file),
//! [`Project::importers`](super::Project::importers), [`Project::files_naming`](super::Project::files_naming) and
//! `Project::files_writing`, which note it here.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex};

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::limits::{self, Limits};
use super::naming::{BUCKETS, bucket};
use super::{FileId, LinkInput, Project, ProjectFile, Target};
use crate::facts::{FileFacts, Name};

thread_local! {
    /// What the innermost recorded question of this thread has read: a bit for each part.
    static READ: RefCell<Option<Vec<u64>>> = const { RefCell::new(None) };
}

/// What an answer depends on, or what an edit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// The bounds that finding the answer has reached.
    limits: Limits,
    /// Those of [`naming`], [`writing`], [`content`] and [`importers`]; sorted.
    parts: Vec<u32>,
}

/// What a file says.
fn content(file: FileId) -> u32 {
    2 * BUCKETS + file.0 * 2
}

/// Who imports a file.
fn importers(file: FileId) -> u32 {
    content(file) + 1
}

/// Which files have a name, or one of those that share its number.
fn naming(name: &str) -> u32 {
    bucket(name)
}

/// Which files assign to a property of a name, or declare it for all scripts, or one of those that share its number.
fn writing(name: &str) -> u32 {
    BUCKETS + bucket(name)
}

impl Dependencies {
    /// What a file says, who imports some files, who has some names, and who assigns to properties of some names.
    pub(super) fn of_edit<'a>(
        file: FileId,
        importers_of: impl IntoIterator<Item = FileId>,
        names: impl IntoIterator<Item = &'a str>,
        written: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut parts: Vec<u32> = importers_of.into_iter().map(importers).collect();
        parts.extend(names.into_iter().map(naming));
        parts.extend(written.into_iter().map(writing));
        parts.push(content(file));
        parts.sort_unstable();
        parts.dedup();
        Self {
            parts,
            ..Self::default()
        }
    }

    /// The bounds that finding the answer has reached.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether both have a part in common.
    pub fn meet(&self, other: &Dependencies) -> bool {
        let (few, many) = if self.parts.len() < other.parts.len() {
            (self, other)
        } else {
            (other, self)
        };
        few.parts.iter().any(|part| many.parts.binary_search(part).is_ok())
    }

    /// Adds them to what the question that is recorded now has read.
    pub fn note(&self) {
        self.limits.note();
        self.parts.iter().copied().for_each(note);
    }
}

pub(super) fn note_content(file: FileId) {
    note(content(file));
}

pub(super) fn note_importers(file: FileId) {
    note(importers(file));
}

pub(super) fn note_naming(name: &str) {
    note(naming(name));
}

pub(super) fn note_writing(name: &str) {
    note(writing(name));
}

fn note(part: u32) {
    READ.with_borrow_mut(|read| {
        if let Some(bits) = read {
            let word = part as usize / 64;
            if word >= bits.len() {
                bits.resize(word + 1, 0);
            }
            bits[word] |= 1 << (part % 64);
        }
    });
}

/// Asks a question and tells what it read. A question within it is part of it.
pub(super) fn recorded<T>(ask: impl FnOnce() -> T) -> (T, Dependencies) {
    let around = READ.replace(Some(Vec::new()));
    let (answer, limits) = limits::watched(ask);
    let bits = READ.replace(around).unwrap_or_default();
    let mut parts = Vec::new();
    for (index, mut word) in bits.into_iter().enumerate() {
        while word != 0 {
            parts.push(index as u32 * 64 + word.trailing_zeros());
            word &= word - 1;
        }
    }
    let read = Dependencies { limits, parts };
    read.note();
    (answer, read)
}

/// How many parts the answers of one question are kept in, so that threads seldom wait for each other.
const SHARDS: usize = 32;

/// Answers found so far, with what they depend on.
#[derive(Debug)]
pub struct Memo<K, T>([Mutex<Answers<K, T>>; SHARDS]);

type Answers<K, T> = FxHashMap<K, (T, Dependencies)>;

impl<K, T> Default for Memo<K, T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl<K: Hash + Eq, T: Clone> Memo<K, T> {
    /// The answer, if it was found before. Whoever takes it depends on what it depends on.
    pub fn get(&self, of: &K) -> Option<T> {
        self.get_as(of, |answer| Some(answer.clone()))
    }

    /// What is taken of the answer, if it was found before. Nothing depends on one of which nothing is taken.
    pub(super) fn get_as<U>(&self, of: &K, take: impl FnOnce(&T) -> Option<U>) -> Option<U> {
        let known = self.shard(of).lock().ok()?;
        let (answer, read) = known.get(of)?;
        let taken = take(answer)?;
        read.note();
        Some(taken)
    }

    /// Keeps an answer for everybody who asks.
    pub(super) fn keep(&self, of: K, answer: T, read: Dependencies) {
        if let Ok(mut known) = self.shard(&of).lock() {
            known.insert(of, (answer, read));
        }
    }

    fn shard(&self, of: &K) -> &Mutex<Answers<K, T>> {
        // The low bits choose the place within a part.
        let hash = FxBuildHasher.hash_one(of);
        &self.0[(hash >> 40) as usize % SHARDS]
    }

    /// Forgets what depends on what an edit changed.
    pub fn forget(&self, changed: &Dependencies) {
        for shard in &self.0 {
            if let Ok(mut known) = shard.lock() {
                known.retain(|_, (_, read)| !read.meet(changed));
            }
        }
    }
}

impl Project {
    /// From here on it is noted what answers depend on, which makes them a little slower.
    pub fn recording(mut self) -> Self {
        self.recording = true;
        self
    }

    /// Asks a question and tells what its answer depends on: the bounds it has reached, and, if the project is
    /// recording, what it has read.
    pub fn recorded<T>(&self, ask: impl FnOnce() -> T) -> (T, Dependencies) {
        if self.recording {
            recorded(ask)
        } else {
            let (answer, limits) = limits::watched(ask);
            let parts = Vec::new();
            (answer, Dependencies { limits, parts })
        }
    }

    /// Asks a question and keeps its answer.
    pub fn remembered<K: Hash + Eq, T: Clone>(&self, memo: &Memo<K, T>, of: K, ask: impl FnOnce() -> T) -> T {
        let (answer, read) = self.recorded(ask);
        memo.keep(of, answer.clone(), read);
        answer
    }

    /// Puts another version of a file in the place of the one there is, and tells what that changed. Every answer
    /// that depends on it has to be asked for anew. The project is then the one that linking anew would give.
    pub fn replace(&mut self, id: FileId, facts: Arc<FileFacts>, targets: FxHashMap<Name, Target>) -> Dependencies {
        let index = id.0 as usize;
        let old = &self.files[index];
        let input = LinkInput {
            path: Arc::clone(&old.path),
            report: old.report,
            is_test: old.is_test,
            is_job: old.is_job,
            package: old.package,
            facts,
            targets,
        };
        let before = old.imported();
        let file = ProjectFile::new(id, input, &self.tables);
        let after = file.imported();
        let old = std::mem::replace(&mut self.files[index], file);
        self.name_anew(id);
        let mut touched = Vec::new();
        if before != after {
            touched = before.iter().chain(&after).map(|(to, _)| *to).collect();
            touched.sort_unstable();
            touched.dedup();
            for &to in &touched {
                let importers = &mut self.importers[to.0 as usize];
                importers.retain(|(from, _)| *from != id);
                let at = importers.partition_point(|(from, _)| *from < id);
                let names = after.iter().filter(|(other, _)| *other == to);
                importers.splice(at..at, names.map(|(_, name)| (id, *name)));
            }
        }
        let now = &self.files[index];
        let (was, is) = (&old.facts.names, &now.facts.names);
        let names = was.symmetric_difference(is).map(|name| &**name);
        let (wrote, writes) = (old.written_names(), now.written_names());
        let written = wrote.symmetric_difference(&writes).copied();
        let changed = Dependencies::of_edit(id, touched, names, written);
        self.known.forget(&changed);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_reads_what_its_parts_read() {
        let ((_, inner), outer) = recorded(|| {
            note_content(FileId(1));
            recorded(|| note_importers(FileId(70)))
        });
        assert_eq!(inner.parts, [importers(FileId(70))]);
        assert_eq!(outer.parts, [content(FileId(1)), importers(FileId(70))]);
        assert!(outer.meet(&Dependencies::of_edit(FileId(1), [], [], [])));
        assert!(outer.meet(&Dependencies::of_edit(FileId(2), [FileId(70)], [], [])));
        assert!(!outer.meet(&Dependencies::of_edit(FileId(70), [FileId(1)], ["name"], ["name"])));
        let (_, naming) = recorded(|| note_naming("name"));
        assert!(naming.meet(&Dependencies::of_edit(FileId(2), [], ["other", "name"], [])));
        assert!(!naming.meet(&Dependencies::of_edit(FileId(2), [], ["other"], ["name"])));
        let (_, writing) = recorded(|| note_writing("name"));
        assert!(writing.meet(&Dependencies::of_edit(FileId(2), [], [], ["name"])));
        note_content(FileId(3));
        assert_eq!(recorded(|| ()).1, Dependencies::default(), "nothing outside a question");
    }
}
