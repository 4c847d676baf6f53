//! Reading: one file's text to what it says, in one step, so that the tree never leaves the function that made it.
//!
//! A [`Reading`] depends on the text and the language alone; that is what makes it fit for the cache.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::extract;
use crate::facts::{FileFacts, FileKind};
use crate::syntax::{self, Comment, Language, ScriptKind, SyntaxError};

/// All that is known of one file by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// What it says; nothing, when no script of it could be parsed or it has none.
    #[serde(serialize_with = "facts_out", deserialize_with = "facts_in")]
    pub facts: Arc<FileFacts>,
    /// Its comments that may be suppressions.
    pub comments: Vec<Comment>,
    /// What kept it from being parsed in full.
    pub errors: Vec<SyntaxError>,
}

fn facts_out<S: Serializer>(facts: &Arc<FileFacts>, serializer: S) -> Result<S::Ok, S::Error> {
    facts.as_ref().serialize(serializer)
}

fn facts_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<FileFacts>, D::Error> {
    FileFacts::deserialize(deserializer).map(Arc::new)
}

/// Parses a text and keeps what it says. The path only tells the language.
pub fn read(path: &Path, text: &str) -> Reading {
    let parsed = syntax::parse(path, text);
    let scripts: Vec<_> = parsed
        .scripts
        .iter()
        .map(|script| extract::Input {
            program: &script.program,
            per_instance: matches!(
                script.kind,
                ScriptKind::VueSetup | ScriptKind::SvelteInstance | ScriptKind::AstroFrontmatter
            ),
        })
        .collect();
    let template = extract::Template {
        names: parsed
            .template_identifiers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect(),
        actions: parsed
            .actions
            .iter()
            .map(|(path, span)| (path.as_str(), *span))
            .collect(),
        parts: parsed
            .parts
            .iter()
            .map(|part| (part.name.as_str(), part.inside, part.always))
            .collect(),
        ids: parsed.ids.iter().map(String::as_str).collect(),
    };
    Reading {
        facts: Arc::new(extract::extract(&scripts, kind(path), &template)),
        comments: parsed.comments,
        errors: parsed.errors,
    }
}

/// What a file says that nobody can read.
pub fn nothing(path: &Path) -> Arc<FileFacts> {
    Arc::new(extract::extract(&[], kind(path), &extract::Template::default()))
}

fn kind(path: &Path) -> FileKind {
    match Language::of(path) {
        Some(Language::Vue) => FileKind::Vue,
        Some(Language::Svelte) => FileKind::Svelte,
        Some(Language::Astro) => FileKind::Astro,
        Some(Language::Html) => FileKind::Html,
        _ => FileKind::Module,
    }
}
