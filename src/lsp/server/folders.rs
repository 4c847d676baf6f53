//! The folders that are open: reading them, and what changes in them on disk.

use super::super::convert;
use super::super::folder::{Broken, Folder};
use super::Server;
use crate::discover;
use lsp_types::notification::{self as notes};
use lsp_types::{Diagnostic, FileChangeType, MessageType};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

impl Server {
    /// A file outside every folder is checked in the project around it.
    pub(super) fn adopt(&mut self, path: &Path) {
        let folders = self.folders.iter().map(|folder| &folder.path).chain(&self.unread);
        if !folders.into_iter().any(|folder| path.starts_with(folder)) && discover::is_source_path(path) {
            let named = [path.to_path_buf()];
            let cwd = path.parent().unwrap_or(path);
            self.unread.push_back(discover::project_root(cwd, &named));
        }
    }

    pub(super) fn changed_on_disk(&mut self, path: &Path, how: FileChangeType) {
        for folder in &mut self.folders {
            if !path.starts_with(&folder.workspace.request().root) && !path.starts_with(&folder.path) {
                // A configuration may stand above both.
                if folder.path.starts_with(path.parent().unwrap_or(path)) && folder.is_configured_by(path) {
                    self.reload.insert(folder.path.clone());
                }
                continue;
            }
            if folder.is_configured_by(path) {
                self.reload.insert(folder.path.clone());
            } else if (how == FileChangeType::DELETED && folder.workspace.holds(path))
                || folder.workspace.changed_on_disk(path)
            {
                self.rescan.insert(folder.path.clone());
            }
        }
        self.republish();
    }

    pub(super) fn read_folder(&mut self, path: PathBuf) {
        if self.folders.iter().any(|folder| folder.path == path) {
            return;
        }
        self.progress("begin", &format!("Reading {}", path.display()));
        let folder = Folder::open(path.clone(), &self.settings, self.cache.clone(), self.documents.texts());
        self.folders.push(folder);
        // The deepest folder that holds a file speaks for it.
        self.folders
            .sort_by_key(|folder| std::cmp::Reverse(folder.path.components().count()));
        self.progress("end", "");
        self.say_what_is_broken(&path);
        self.refresh();
    }

    /// Brings the projects up to date with what was said.
    pub(super) fn tell_folders(&mut self) {
        for (path, text) in self.documents.take_new() {
            for folder in &mut self.folders {
                if folder.workspace.set_text(&path, Some(text.clone())) {
                    self.rescan.insert(folder.path.clone());
                }
            }
        }
        for path in std::mem::take(&mut self.reload) {
            self.rescan.remove(&path);
            if let Some(folder) = self.folders.iter_mut().find(|folder| folder.path == path) {
                folder.reload(&self.settings);
            }
            self.say_what_is_broken(&path);
        }
        for path in std::mem::take(&mut self.rescan) {
            if let Some(folder) = self.folders.iter_mut().find(|folder| folder.path == path) {
                folder.workspace.rescan();
            }
        }
    }

    /// Shows what is wrong with a folder's configuration at its place, or that nothing is any more.
    fn say_what_is_broken(&mut self, folder: &Path) {
        let Some(folder) = self.folders.iter().find(|other| other.path == folder) else {
            return;
        };
        let mut told: HashMap<PathBuf, Vec<Diagnostic>> = HashMap::new();
        for name in [crate::config::load::FILE_NAME, crate::baseline::FILE_NAME] {
            let path = folder.path.join(name);
            if self.published.contains_key(&path) {
                told.insert(path, Vec::new());
            }
        }
        let message = match &folder.broken {
            None => None,
            Some(Broken::Config(error)) => {
                told.insert(error.path.clone(), vec![convert::of_config_error(error, self.encoding)]);
                Some(format!("{}: {}", error.path.display(), error.message))
            }
            Some(Broken::Baseline(path, message)) => Some(format!("{}: {message}", path.display())),
        };
        for (path, diagnostics) in told {
            if let Some(uri) = convert::uri(&path) {
                self.published.insert(path, (None, diagnostics.clone()));
                self.publish(uri, diagnostics, None);
            }
        }
        if let Some(message) = message {
            self.tell::<notes::ShowMessage>(
                json!({ "type": MessageType::ERROR, "message": format!("leaklint: {message}") }),
            );
        }
    }

    /// The folder that speaks for a file.
    pub(super) fn folder_of(&mut self, path: &Path) -> Option<&mut Folder> {
        self.folders.iter_mut().find(|folder| path.starts_with(&folder.path))
    }
}
