//! A run that is about what has changed: the whole project is read, and only what is new in it is reported.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::discover;
use crate::finding::{Finding, InputError};
use crate::git::{Changes, Lines};
use crate::report::Locator;
use crate::session::Input;

/// Which part of a project is reported on.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What git says.
    pub changes: Changes,
    /// Whether only findings count whose span, or one of whose labels, touches a changed line. Then findings
    /// in other files count too, when a label of theirs does.
    pub lines_only: bool,
}

impl Changed {
    /// Turns the inputs of the whole project into those of this run: what is staged replaces what is on disk,
    /// and what has not changed is only read.
    pub fn apply(&self, inputs: &mut Vec<Input>, cwd: &Path, wanted: &dyn Fn(&Path) -> bool) {
        let mut folders = Folders::default();
        let mut staged = self.changes.staged.clone();
        for input in inputs.iter_mut() {
            let path = folders.real(&discover::normalised(&input.path, cwd));
            if let Some(text) = staged.remove(&path) {
                input.text = text_of(text);
            }
            let none = self.changes.files.is_empty();
            input.report &= !none && (self.lines_only || self.changes.files.contains_key(&path));
        }
        // Staged, and taken away from the disk since: it will be committed all the same.
        for (path, text) in staged {
            if self.changes.files.contains_key(&path) && !path.exists() && wanted(&path) {
                inputs.push(Input {
                    path: Arc::new(discover::relative(&path, cwd)),
                    text: text_of(text),
                    report: true,
                    explicit: false,
                });
            }
        }
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Whether a finding belongs to the change.
    pub fn touches(&self, finding: &Finding, cwd: &Path, locator: &mut Locator<'_>) -> bool {
        if !self.lines_only {
            return true;
        }
        let labels = finding.labels.iter().map(|label| (&label.file, label.span));
        std::iter::once((&finding.file, finding.span))
            .chain(labels)
            .any(|(file, span)| {
                let path = real(&discover::normalised(file, cwd));
                match self.changes.files.get(&path) {
                    None => false,
                    Some(Lines::All) => true,
                    Some(Lines::Some(lines)) => {
                        let range = locator.range(file, span);
                        lines
                            .iter()
                            .any(|(first, last)| range.start.line <= *last && *first <= range.end.line)
                    }
                }
            })
    }

    /// Whether an input that could not be checked belongs to the change.
    pub fn holds(&self, error: &InputError, cwd: &Path) -> bool {
        !self.lines_only
            || error.span.is_none()
            || self
                .changes
                .files
                .contains_key(&real(&discover::normalised(&error.file, cwd)))
    }
}

/// The text of staged bytes; what is not UTF-8 is read from disk, and refused or decoded there.
fn text_of(bytes: Vec<u8>) -> Option<Arc<str>> {
    String::from_utf8(bytes).ok().map(Into::into)
}

/// A path without links in its folders, as git tells it. The file itself may be a link that git knows.
fn real(path: &Path) -> PathBuf {
    Folders::default().real(path)
}

/// Folders without links, each asked for once.
#[derive(Default)]
struct Folders(HashMap<PathBuf, PathBuf>);

impl Folders {
    fn real(&mut self, path: &Path) -> PathBuf {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return path.to_path_buf();
        };
        let real = self
            .0
            .entry(folder.to_path_buf())
            .or_insert_with(|| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf()));
        real.join(name)
    }
}
