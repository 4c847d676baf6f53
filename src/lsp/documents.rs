//! What the editor has open.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{DidChangeTextDocumentParams, TextDocumentItem, Uri};

use super::convert;
use super::text::{self, Encoding};

/// One open document.
pub(super) struct Document {
    /// As the editor spells it.
    pub uri: Uri,
    pub version: i32,
    pub text: Arc<str>,
    /// Whether the projects have not been told of this text yet.
    pub is_new: bool,
}

/// The open documents that are files, by absolute path.
#[derive(Default)]
pub(super) struct Documents(HashMap<PathBuf, Document>);

impl Documents {
    /// Returns the path of the document; `None` when it is no file, as an untitled one.
    pub(super) fn open(&mut self, item: TextDocumentItem) -> Option<PathBuf> {
        let path = convert::path(&item.uri)?;
        let document = Document {
            uri: item.uri,
            version: item.version,
            text: item.text.into(),
            is_new: true,
        };
        self.0.insert(path.clone(), document);
        Some(path)
    }

    /// Applies a change to a document that is open.
    pub(super) fn change(&mut self, params: DidChangeTextDocumentParams, encoding: Encoding) -> Option<PathBuf> {
        let path = convert::path(&params.text_document.uri)?;
        let document = self.0.get_mut(&path)?;
        document.text = text::changed(&document.text, params.content_changes, encoding).into();
        document.version = params.text_document.version;
        document.is_new = true;
        Some(path)
    }

    pub(super) fn close(&mut self, uri: &Uri) -> Option<(PathBuf, Document)> {
        let path = convert::path(uri)?;
        let document = self.0.remove(&path)?;
        Some((path, document))
    }

    pub(super) fn get(&self, path: &Path) -> Option<&Document> {
        self.0.get(path)
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> = self.0.keys().cloned().collect();
        paths.sort_unstable();
        paths
    }

    pub(super) fn texts(&self) -> HashMap<PathBuf, Arc<str>> {
        let text = |(path, document): (&PathBuf, &Document)| (path.clone(), Arc::clone(&document.text));
        self.0.iter().map(text).collect()
    }

    /// The texts that the projects have not been told of; from now on they have.
    pub(super) fn take_new(&mut self) -> Vec<(PathBuf, Arc<str>)> {
        let new = self.0.iter_mut().filter(|(_, document)| document.is_new);
        let mut new: Vec<_> = new
            .map(|(path, document)| {
                document.is_new = false;
                (path.clone(), Arc::clone(&document.text))
            })
            .collect();
        new.sort_unstable();
        new
    }
}
