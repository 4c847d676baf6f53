//! The cache: what files say, by the hash of their text, kept between runs; and what a run found, by all it depends on.
//!
//! The key of what a file says is made of the text, the language and the version of the code that makes facts (see
//! `build.rs`). A finding depends on other files, on the tables and on the configuration; its key is the caller's
//! ([`Key::of_answer`]), with the version of the whole program.
//!
//! A project's entries lie in a few *packs*, files that are written once under another name, renamed into place and
//! never changed. So runs at the same time do not disturb each other: each reads the packs it found and adds one of
//! its own. Everything read is checked against a hash; what is damaged, cut or of another make counts as absent, and
//! the run that notices writes a new pack in its place. Nothing that goes wrong here fails a run: it is then as slow
//! as without a cache.
//!
//! ```text
//! FOLDER/CACHEDIR.TAG
//! FOLDER/facts/VERSION/PROJECT/*.pack
//! ```

mod pack;
mod store;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::reading::Reading;
use crate::syntax::Language;
use pack::{Pack, Record, Writer};

pub use store::{Cleared, clear, default_folder, prepare};

/// The version of the code that makes facts.
const VERSION: &str = env!("LEAKLINT_FACTS_VERSION");

/// The version of all the code and all the tables.
const PROGRAM: &str = env!("LEAKLINT_PROGRAM_VERSION");

/// From how many packs of one project on they are merged into one.
const MAX_PACKS: usize = 12;

/// How old the time of a pack's last use may be before it is written anew.
const USE_PRECISION: Duration = Duration::from_secs(60 * 60);

/// Stands for one text in one language, or for one question to the whole program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of a file's text. The path only tells the language.
    pub fn new(path: &Path, text: &str) -> Self {
        Self::hash(&[VERSION, &format!("{:?}", Language::of(path)), text].map(str::as_bytes))
    }

    /// The key of the answer to a question.
    pub fn of_answer(question: &[u8]) -> Self {
        Self::hash(&[PROGRAM.as_bytes(), b"answer", question])
    }

    fn hash(parts: &[&[u8]; 3]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part);
            hasher.update(b"\n");
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(key)
    }

    /// What it is made of.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An entry of a pack.
struct Slot {
    pack: usize,
    record: Record,
    used: AtomicBool,
}

/// The cache of one project, for one run.
pub struct Cache {
    top: PathBuf,
    folder: PathBuf,
    packs: Vec<Pack>,
    slots: FxHashMap<Key, Slot>,
    damaged: AtomicBool,
    hits: AtomicU64,
    writer: Mutex<Writing>,
}

enum Writing {
    NotYet,
    Open(Writer),
    /// The disk is full or the folder cannot be written; this run adds nothing.
    Failed,
}

impl Cache {
    /// Opens the cache in `folder` for the project at `root`. A folder that cannot be used is an empty cache.
    pub fn open(folder: &Path, root: &Path) -> Self {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let name = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
        let project = folder.join(store::FACTS).join(VERSION).join(&name.as_str()[..32]);
        let mut cache = Self {
            top: folder.to_path_buf(),
            folder: project,
            packs: Vec::new(),
            slots: FxHashMap::default(),
            damaged: AtomicBool::new(false),
            hits: AtomicU64::new(0),
            writer: Mutex::new(Writing::NotYet),
        };
        for path in store::packs_in(&cache.folder) {
            match Pack::open(&path) {
                Ok((pack, records)) => {
                    pack.touch(SystemTime::now(), USE_PRECISION);
                    let index = cache.packs.len();
                    cache.packs.push(pack);
                    for (key, record) in records {
                        let slot = Slot {
                            pack: index,
                            record,
                            used: AtomicBool::new(false),
                        };
                        cache.slots.insert(Key(key), slot);
                    }
                }
                // Another run may have merged it away just now.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => {
                    cache.damaged.store(true, Ordering::Relaxed);
                    let _ = std::fs::remove_file(&path);
                }
            }
        }
        cache
    }

    /// What the file with this key says, if it is known.
    pub fn get(&self, key: Key) -> Option<Reading> {
        let found = self.find(key);
        self.hits.fetch_add(u64::from(found.is_some()), Ordering::Relaxed);
        found
    }

    /// The answer with this key, if it is known.
    pub fn answer<T: DeserializeOwned>(&self, key: Key) -> Option<T> {
        self.find(key)
    }

    fn find<T: DeserializeOwned>(&self, key: Key) -> Option<T> {
        let slot = self.slots.get(&key)?;
        let found = self.packs[slot.pack]
            .read(&slot.record)
            .and_then(|bytes| postcard::from_bytes(&bytes).ok());
        match found {
            Some(_) => slot.used.store(true, Ordering::Relaxed),
            None => self.damaged.store(true, Ordering::Relaxed),
        }
        found
    }

    /// Remembers what a file says, or an answer.
    pub fn put(&self, key: Key, value: &impl Serialize) {
        let Ok(bytes) = postcard::to_allocvec(value) else {
            return;
        };
        self.append(key, &bytes);
    }

    /// How many files did not have to be parsed.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    fn append(&self, key: Key, bytes: &[u8]) {
        let Ok(mut writing) = self.writer.lock() else { return };
        if matches!(*writing, Writing::NotYet) {
            *writing = match store::prepare(&self.top).and_then(|()| Writer::create(&self.folder)) {
                Ok(writer) => Writing::Open(writer),
                Err(_) => Writing::Failed,
            };
        }
        if let Writing::Open(writer) = &mut *writing
            && writer.append(key.0, bytes).is_err()
        {
            *writing = Writing::Failed;
        }
    }

    /// Puts what was added into place, merges packs when there are many, and keeps the folder within its bounds.
    pub fn finish(self) {
        let fresh = self.writer.lock().is_ok_and(|w| matches!(*w, Writing::Open(_)));
        let merge = self.damaged.load(Ordering::Relaxed) || (fresh && self.packs.len() >= MAX_PACKS);
        if !fresh && !merge {
            return;
        }
        if merge {
            // What this run did not ask for is left behind: texts that the project no longer has.
            for (key, slot) in &self.slots {
                if slot.used.load(Ordering::Relaxed)
                    && let Some(bytes) = self.packs[slot.pack].read(&slot.record)
                {
                    self.append(*key, &bytes);
                }
            }
        }
        let placed = match self.writer.into_inner() {
            Ok(Writing::Open(writer)) => writer.finish().is_ok(),
            _ => false,
        };
        if placed && merge {
            for pack in self.packs {
                let _ = std::fs::remove_file(pack.path());
            }
        }
        if placed {
            store::prune(&self.top);
        }
    }
}

#[cfg(test)]
mod tests;
