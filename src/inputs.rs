//! From inputs to what each of them says: the part of a run that looks at one file at a time.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::cache::{Cache, Key};
use crate::discover;
use crate::facts::FileFacts;
use crate::finding::InputError;
use crate::reading;
use crate::session::{Input, Options};
use crate::suppress::{self, Directive};
use crate::syntax::lines::LineIndex;
use crate::syntax::{self, SyntaxError};

/// A file's text, or why it has none.
pub(crate) struct Text {
    /// The file.
    pub input: Input,
    /// What stands in it.
    pub text: Result<Arc<str>, InputError>,
    /// Stands for it in the cache, if there is one; what is typed is not kept there.
    pub key: Option<Key>,
}

/// The texts of the inputs, in the order of their paths.
pub(crate) fn texts(mut inputs: Vec<Input>, options: &Options, cache: Option<&Cache>) -> Vec<Text> {
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs
        .into_par_iter()
        .map(|input| text(input, options, cache))
        .collect()
}

/// One file and what it says.
#[derive(Default)]
pub(crate) struct Read {
    /// Relative to the current directory.
    pub path: Arc<PathBuf>,
    /// Whether it was to be reported on.
    pub wanted: bool,
    /// Whether it is: what is minified, or a copy of a library, is not, unless it was named.
    pub report: bool,
    /// Whether it was named.
    pub explicit: bool,
    /// Its text; empty when it cannot be read.
    pub text: Arc<str>,
    /// What it says: nothing, when it cannot be read or parsed.
    pub facts: Arc<FileFacts>,
    /// What kept it from being read or parsed in full.
    pub errors: Vec<InputError>,
    /// Its suppression comments.
    pub directives: Vec<Directive>,
}

fn text(input: Input, options: &Options, cache: Option<&Cache>) -> Text {
    let text = match &input.text {
        Some(text) => Ok(Arc::clone(text)),
        None => match syntax::read(&options.cwd.join(&*input.path), options.max_file_size) {
            Ok(text) => Ok(text.into()),
            Err(e) => Err(InputError {
                kind: e.kind,
                message: e.message,
                file: Arc::clone(&input.path),
                span: None,
            }),
        },
    };
    let is_kept = cache.is_some() && input.text.is_none();
    let key = text.as_ref().ok().filter(|_| is_kept);
    let key = key.map(|text| Key::new(&input.path, text));
    Text { input, text, key }
}

/// Reads a file. If it has the text it had before, what it says is the same.
pub(crate) fn read_again(input: Input, before: Option<Read>, options: &Options, cache: Option<&Cache>) -> Read {
    read_text(text(input, options, cache), before, cache)
}

/// Reads what a text says.
pub(crate) fn read_text(text: Text, before: Option<Read>, cache: Option<&Cache>) -> Read {
    let Text { input, text, key } = text;
    let mut read = Read {
        path: Arc::clone(&input.path),
        wanted: input.report,
        report: input.report,
        explicit: input.explicit,
        ..Read::default()
    };
    read.text = match text {
        Ok(text) => text,
        Err(error) => {
            read.facts = reading::nothing(&input.path);
            read.errors.push(error);
            return read;
        }
    };
    let is_of_others = |text: &str| {
        discover::is_minified(text) || discover::is_bundle(text) || discover::is_library_copy(&input.path, text)
    };
    read.report &= input.explicit || !is_of_others(&read.text);
    let text = &read.text;
    // What could not be read has an empty text as well.
    if let Some(before) = before.filter(|before| before.text == *text && !text.is_empty()) {
        return Read {
            facts: before.facts,
            errors: before.errors,
            directives: before.directives,
            ..read
        };
    }
    let cached = cache.zip(key);
    let known = cached.and_then(|(cache, key)| cache.get(key));
    let reading = known.unwrap_or_else(|| {
        let reading = reading::read(&input.path, text);
        if let Some((cache, key)) = cached {
            cache.put(key, &reading);
        }
        reading
    });
    let lines = LineIndex::new(if reading.comments.is_empty() { "" } else { text });
    let comments = reading.comments.iter();
    read.directives = comments
        .filter_map(|c| suppress::parse(&c.text, c.span, text, &lines))
        .collect();
    let error = |e: SyntaxError| InputError {
        kind: e.kind,
        message: e.message,
        file: Arc::clone(&input.path),
        span: e.span,
    };
    read.errors = reading.errors.into_iter().map(error).collect();
    read.facts = reading.facts;
    read
}
