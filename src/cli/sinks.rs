//! `--format FORMAT[:FILE]`: which reports go where.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use super::Failure;
use super::output::Output;
use crate::report::{FORMATS, Format, compact, format, github, pretty};

/// The name that chooses by the surroundings.
const AUTO: &str = "auto";

/// One `--format`.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    /// `None` for `auto`.
    format: Option<&'static Format>,
    /// `None` for standard output.
    file: Option<PathBuf>,
}

/// Reads `FORMAT[:FILE]`.
#[derive(Clone, Debug)]
pub(super) struct SinkParser;

impl TypedValueParser for SinkParser {
    type Value = Sink;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Sink, Error> {
        let (name, file) = split(value);
        if name == AUTO {
            return Ok(Sink { format: None, file });
        }
        if let Some(format) = format(&name) {
            return Ok(Sink {
                format: Some(format),
                file,
            });
        }
        let mut error = Error::new(ErrorKind::InvalidValue).with_cmd(command);
        if let Some(arg) = arg {
            error.insert(ContextKind::InvalidArg, ContextValue::String(arg.to_string()));
        }
        error.insert(ContextKind::InvalidValue, ContextValue::String(name.clone()));
        let known: Vec<String> = names().map(str::to_owned).collect();
        error.insert(ContextKind::ValidValue, ContextValue::Strings(known));
        if let Some(near) = crate::config::nearest(&name, names()) {
            error.insert(ContextKind::SuggestedValue, ContextValue::String(near.to_owned()));
        }
        Err(error)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let auto = PossibleValue::new(AUTO).help("pretty, github or compact, by where it runs");
        let all = FORMATS
            .iter()
            .map(|format| PossibleValue::new(format.name).help(format.help));
        Some(Box::new(std::iter::once(auto).chain(all)))
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once(AUTO).chain(FORMATS.iter().map(|format| format.name))
}

/// The name before the first colon, and the file behind it. The file may be any path of the system.
fn split(value: &OsStr) -> (String, Option<PathBuf>) {
    let bytes = value.as_encoded_bytes();
    let Some(colon) = bytes.iter().position(|byte| *byte == b':') else {
        return (value.to_string_lossy().into_owned(), None);
    };
    let name = String::from_utf8_lossy(&bytes[..colon]).into_owned();
    (name, Some(rest(value, colon + 1)))
}

#[cfg(unix)]
fn rest(value: &OsStr, from: usize) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(&value.as_bytes()[from..]).into()
}

#[cfg(not(unix))]
fn rest(value: &OsStr, from: usize) -> PathBuf {
    value.to_string_lossy()[from..].into()
}

/// A report that will be written.
pub(super) struct Opened {
    /// How.
    pub format: &'static Format,
    /// Where.
    pub output: Output,
    /// The file's name; `None` for standard output.
    pub file: Option<PathBuf>,
}

/// Resolves what was asked for and creates the files.
pub(super) fn open(asked: &[Sink], output_file: Option<&Path>) -> Result<Vec<Opened>, Failure> {
    let only = [Sink {
        format: None,
        file: None,
    }];
    let asked = if asked.is_empty() { &only[..] } else { asked };
    let mut opened: Vec<Opened> = Vec::new();
    for sink in asked {
        let file = sink.file.as_deref().or(output_file);
        if file.is_some_and(|file| file.as_os_str().is_empty()) {
            return Err(Failure::with_hint(
                "the file of --format has no name",
                "write `--format json:report.json`, or `--format json` for standard output",
            ));
        }
        if opened.iter().any(|other| other.file.as_deref() == file) {
            let place = file.map_or("standard output".to_owned(), |file| file.display().to_string());
            return Err(Failure::with_hint(
                format!("two reports cannot both go to {place}"),
                "give all but one a file of its own: `--format FORMAT:FILE`",
            ));
        }
        opened.push(Opened {
            format: sink.format.unwrap_or_else(|| automatic(file.is_some())),
            output: Output::open(file)?,
            file: file.map(Path::to_path_buf),
        });
    }
    Ok(opened)
}

/// What suits the place where it runs.
fn automatic(to_file: bool) -> &'static Format {
    if to_file {
        &compact::FORMAT
    } else if std::io::stdout().is_terminal() {
        &pretty::FORMAT
    } else if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        &github::FORMAT
    } else {
        &compact::FORMAT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_colon_parts_name_and_file() {
        assert_eq!(split("json".as_ref()), ("json".to_owned(), None));
        assert_eq!(split("json:a:b".as_ref()), ("json".to_owned(), Some("a:b".into())));
        assert_eq!(split("sarif:".as_ref()), ("sarif".to_owned(), Some(PathBuf::new())));
    }

    #[test]
    fn every_format_has_a_name_of_its_own() {
        let mut seen: Vec<&str> = names().collect();
        seen.sort_unstable();
        let all = seen.len();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }
}
