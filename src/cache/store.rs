//! The folder of the cache as a whole: where it is, how large it may become, how it is emptied.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::pack::{FINISHED, TEMPORARY};

/// The folder of facts within a cache folder.
pub(super) const FACTS: &str = "facts";

/// How many bytes the packs of all projects may have together; those not used for longest go first.
pub(super) const MAX_BYTES: u64 = 512 << 20;

/// How many packs there may be of all projects together.
const MAX_FILES: usize = 2_000;

/// A pack that nobody used for so long goes, however much room there is.
const MAX_AGE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// A file that was begun so long ago was left by a run that crashed.
const MAX_UNFINISHED: Duration = Duration::from_secs(60 * 60);

/// Backup programs and the like leave folders with this file out.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# Made by leaklint. Everything here can be made again.\n",
);

/// The user's own cache folder; `None` when the system has none.
pub fn default_folder() -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("leaklint"))
}

/// Makes the folder of a cache. The error is for people who named it themselves.
pub fn prepare(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder.join(FACTS))?;
    let tag = folder.join(TAG.0);
    if tag.exists() {
        Ok(())
    } else {
        std::fs::write(tag, TAG.1)
    }
}

/// What [`clear`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// How many files.
    pub files: u64,
    /// How many bytes they had.
    pub bytes: u64,
}

/// Removes all that leaklint put into a cache folder, and nothing else. The first file that resists is the error.
pub fn clear(folder: &Path) -> io::Result<Cleared> {
    let mut cleared = Cleared::default();
    for file in files(folder) {
        match std::fs::remove_file(&file.path) {
            Ok(()) => {
                cleared.files += 1;
                cleared.bytes += file.bytes;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    remove_empty_folders(folder);
    Ok(cleared)
}

/// The finished packs in one project's folder, oldest first.
pub(super) fn packs_in(folder: &Path) -> Vec<PathBuf> {
    let mut packs: Vec<_> = entries(folder)
        .filter(|path| path.extension().is_some_and(|end| end == FINISHED))
        .collect();
    packs.sort_unstable();
    packs
}

/// Keeps the folder within its bounds.
pub(super) fn prune(folder: &Path) {
    let mut files = files(folder);
    let now = SystemTime::now();
    files.sort_by_key(|file| std::cmp::Reverse(file.used));
    let mut bytes = 0;
    let mut gone = false;
    for (count, file) in files.iter().enumerate() {
        let age = now.duration_since(file.used).unwrap_or_default();
        bytes += file.bytes;
        let unfinished = file.path.extension().is_some_and(|end| end == TEMPORARY);
        let old = age > if unfinished { MAX_UNFINISHED } else { MAX_AGE };
        if old || (!unfinished && (bytes > MAX_BYTES || count >= MAX_FILES)) {
            // What cannot be removed now, the next run tries again.
            gone |= std::fs::remove_file(&file.path).is_ok();
        }
    }
    if gone {
        remove_empty_folders(folder);
    }
}

struct Stored {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Every pack, finished or not, of every version and project.
fn files(folder: &Path) -> Vec<Stored> {
    let projects = entries(&folder.join(FACTS)).flat_map(|version| entries(&version));
    projects
        .flat_map(|project| entries(&project))
        .filter(|path| path.extension().is_some_and(|end| end == FINISHED || end == TEMPORARY))
        .filter_map(|path| {
            let metadata = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some(Stored {
                bytes: metadata.len(),
                used: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                path,
            })
        })
        .collect()
}

/// What a folder holds; nothing for one that is not there.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

/// Folders that hold something resist, as they should.
fn remove_empty_folders(folder: &Path) {
    for version in entries(&folder.join(FACTS)) {
        for project in entries(&version) {
            let _ = std::fs::remove_dir(project);
        }
        let _ = std::fs::remove_dir(version);
    }
}
