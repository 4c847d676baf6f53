//! One pack: entries back to back, then their index, then a footer that says where the index is.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The end of a file's name while it is written.
pub(super) const TEMPORARY: &str = "tmp";
/// The end of a finished pack's name.
pub(super) const FINISHED: &str = "pack";

/// Ends every pack; the digit is the version of this layout.
const MAGIC: [u8; 8] = *b"leakpak1";
/// Key, offset, length and check.
const RECORD: usize = 16 + 8 + 4 + 8;
/// Offset of the index, number of records, check of the index, magic.
const FOOTER: usize = 8 + 8 + 8 + 8;

/// Where an entry lies, and what its bytes hash to.
pub(super) struct Record {
    offset: u64,
    length: u32,
    check: [u8; 8],
}

/// A key and its entry.
pub(super) type Indexed = ([u8; 16], Record);

fn check(bytes: &[u8]) -> [u8; 8] {
    let mut check = [0; 8];
    check.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    check
}

/// A pack that is read.
pub(super) struct Pack {
    file: File,
    path: PathBuf,
}

impl Pack {
    /// Opens a pack and reads its index. One that is damaged is an error.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Vec<Indexed>)> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the pack is damaged");
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let footer_at = length.checked_sub(FOOTER as u64).ok_or_else(damaged)?;
        let mut footer = [0; FOOTER];
        read_exact_at(&file, &mut footer, footer_at)?;
        let index_at = number(&footer[..8]);
        let size = footer_at.checked_sub(index_at).ok_or_else(damaged)?;
        let count = number(&footer[8..16]);
        if footer[24..] != MAGIC || count.checked_mul(RECORD as u64) != Some(size) {
            return Err(damaged());
        }
        // No longer than the file itself.
        let mut index = vec![0; usize::try_from(size).map_err(|_| damaged())?];
        read_exact_at(&file, &mut index, index_at)?;
        if check(&index) != footer[16..24] {
            return Err(damaged());
        }
        let records = index.chunks_exact(RECORD).map(record).collect::<Vec<_>>();
        let inside = |record: &Record| {
            let end = record.offset.checked_add(u64::from(record.length));
            end.is_some_and(|end| end <= index_at)
        };
        if !records.iter().all(|(_, record)| inside(record)) {
            return Err(damaged());
        }
        let pack = Self {
            file,
            path: path.to_path_buf(),
        };
        Ok((pack, records))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of an entry; `None` when they are not the ones that were written.
    pub(super) fn read(&self, record: &Record) -> Option<Vec<u8>> {
        let mut bytes = vec![0; record.length as usize];
        read_exact_at(&self.file, &mut bytes, record.offset).ok()?;
        (check(&bytes) == record.check).then_some(bytes)
    }

    /// Notes that the pack was used, unless that was noted not long ago.
    pub(super) fn touch(&self, now: SystemTime, precision: Duration) {
        let noted = self.file.metadata().and_then(|metadata| metadata.modified());
        let recent = noted.is_ok_and(|noted| now.duration_since(noted).is_ok_and(|age| age < precision));
        if !recent {
            // A pack that may only be read is used all the same; it is then thrown out earlier than need be.
            let _ = File::options()
                .append(true)
                .open(&self.path)
                .and_then(|file| file.set_modified(now));
        }
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn record(bytes: &[u8]) -> Indexed {
    let mut key = [0; 16];
    key.copy_from_slice(&bytes[..16]);
    let mut check = [0; 8];
    check.copy_from_slice(&bytes[28..]);
    let record = Record {
        offset: number(&bytes[16..24]),
        length: number(&bytes[24..28]) as u32,
        check,
    };
    (key, record)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[count..];
        offset += count as u64;
    }
    Ok(())
}

#[cfg(not(any(unix, windows)))]
fn read_exact_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A pack that is being written. Dropped unfinished, it leaves nothing.
pub(super) struct Writer {
    out: Option<BufWriter<File>>,
    path: PathBuf,
    offset: u64,
    index: Vec<u8>,
}

impl Writer {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.{TEMPORARY}", unique_name()));
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok(Self {
            out: Some(BufWriter::new(file)),
            path,
            offset: 0,
            index: Vec::new(),
        })
    }

    pub(super) fn append(&mut self, key: [u8; 16], bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let Some(out) = &mut self.out else { return Ok(()) };
        out.write_all(bytes)?;
        self.index.extend(key);
        self.index.extend(self.offset.to_le_bytes());
        self.index.extend(length.to_le_bytes());
        self.index.extend(check(bytes));
        self.offset += u64::from(length);
        Ok(())
    }

    /// Writes the index and gives the pack its name. Nothing is forced to the disk: what a crash of the machine
    /// leaves half written fails its check.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let Some(mut out) = self.out.take() else { return Ok(()) };
        out.write_all(&self.index)?;
        out.write_all(&self.offset.to_le_bytes())?;
        out.write_all(&((self.index.len() / RECORD) as u64).to_le_bytes())?;
        out.write_all(&check(&self.index))?;
        out.write_all(&MAGIC)?;
        drop(out.into_inner().map_err(io::IntoInnerError::into_error)?);
        fs::rename(&self.path, self.path.with_extension(FINISHED))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.out = None;
        // After `finish` it has another name, and this finds nothing.
        let _ = fs::remove_file(&self.path);
    }
}

/// A name that no other pack has: the time, so that names sort by age, the process and a counter.
fn unique_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{time:032x}-{:08x}-{count:x}", std::process::id())
}
