//! Finding and reading a configuration, and saying what is wrong with it and where.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file::ConfigFile;
use super::{Config, ConfigError, nearest, rule_names};
use crate::finding::Span;

/// The name of a configuration file.
pub const FILE_NAME: &str = "leaklint.toml";

/// The nearest configuration in `start` or a folder above it.
pub fn find(start: &Path) -> Result<Option<Config>, Box<ConfigError>> {
    for directory in start.ancestors() {
        let path = directory.join(FILE_NAME);
        if path.is_file() {
            return read(&path).map(Some);
        }
        let package = directory.join("package.json");
        // Most package.json files have no such key; do not parse them, and do not complain about them.
        let Ok(text) = std::fs::read_to_string(&package) else {
            continue;
        };
        if text.contains("\"leaklint\"")
            && let Some(config) = from_package(&package, text)?
        {
            return Ok(Some(config));
        }
    }
    Ok(None)
}

/// Reads one file: a TOML file, or a `package.json` with a `leaklint` key.
pub fn read(path: &Path) -> Result<Config, Box<ConfigError>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("the configuration cannot be read: {error}");
        Box::new(ConfigError {
            path: path.into(),
            text: "".into(),
            message,
            help: None,
            span: None,
        })
    })?;
    if path.extension().is_some_and(|extension| extension == "json") {
        return from_package(path, text.clone())?
            .ok_or_else(|| Source::new(path, &text).error("there is no `leaklint` key in this file".to_owned(), None));
    }
    from_toml(path, &text)
}

fn from_toml(path: &Path, text: &str) -> Result<Config, Box<ConfigError>> {
    let source = Source::new(path, text);
    let document = DeTable::parse(text).map_err(|error| source.toml_error(&error))?;
    let file: ConfigFile = toml::from_str(text).map_err(|error| source.toml_error(&error))?;
    source.check_rules(document.get_ref())?;
    source.finish(file, |pattern| find_string(document.get_ref(), pattern))
}

/// The `leaklint` key of a `package.json`; `None` when it has none. It is rewritten as TOML, so that both
/// forms mean the same and are refused with the same words.
fn from_package(path: &Path, text: String) -> Result<Option<Config>, Box<ConfigError>> {
    let source = Source::new(path, &text);
    let Ok(package) = serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}')) else {
        return Ok(None);
    };
    let Some(value) = package.get("leaklint") else {
        return Ok(None);
    };
    let at = |word: &str| source.quoted(word);
    let rewritten = toml::to_string(value).map_err(|_| {
        source.error(
            "`leaklint` must be an object without null values".to_owned(),
            at("leaklint"),
        )
    })?;
    match from_toml(path, &rewritten) {
        Ok(mut config) => {
            config.path = Some(path.to_path_buf());
            Ok(Some(config))
        }
        Err(error) => {
            let word = error
                .span
                .and_then(|span| rewritten.get(span.start as usize..span.end as usize));
            let span = word
                .and_then(|word| at(word.trim_matches(['"', '\''])))
                .or_else(|| at("leaklint"));
            Err(Box::new(ConfigError {
                text: source.text,
                span,
                ..*error
            }))
        }
    }
}

/// The file a configuration stands in, for its errors.
struct Source {
    path: PathBuf,
    text: Arc<str>,
}

impl Source {
    fn new(path: &Path, text: &str) -> Self {
        Self {
            path: path.to_path_buf(),
            text: text.into(),
        }
    }

    fn error(&self, message: String, span: Option<Span>) -> Box<ConfigError> {
        Box::new(ConfigError {
            path: self.path.clone(),
            text: Arc::clone(&self.text),
            message,
            help: None,
            span,
        })
    }

    fn toml_error(&self, error: &toml::de::Error) -> Box<ConfigError> {
        let message = error.message().trim();
        let mut words = message.split('`').skip(1).step_by(2);
        let wrong = words.next().unwrap_or_default();
        let known: Vec<&str> = words.collect();
        let first = message.lines().next().unwrap_or_default();
        let mut made = self.error(first.to_owned(), error.span().map(span));
        // serde says: unknown field `x`, expected one of `a`, `b`; variants are worded alike.
        let kind = if first.starts_with("unknown field") {
            "key"
        } else if first.starts_with("unknown variant") {
            "value"
        } else {
            return made;
        };
        made.message = format!("unknown {kind} `{wrong}`");
        made.help = Some(suggestion(wrong, &known, kind));
        made
    }

    /// Unknown rule names in `rules` and in the overrides; a map takes any key, so serde cannot tell.
    fn check_rules(&self, document: &DeTable<'_>) -> Result<(), Box<ConfigError>> {
        let mut tables = vec![document.get("rules")];
        if let Some(DeValue::Array(overrides)) = document.get("overrides").map(Spanned::get_ref) {
            tables.extend(
                overrides
                    .iter()
                    .map(|one| one.get_ref().as_table().and_then(|table| table.get("rules"))),
            );
        }
        let known: Vec<&str> = rule_names().collect();
        for table in tables
            .into_iter()
            .flatten()
            .filter_map(|value| value.get_ref().as_table())
        {
            let mut names: Vec<_> = table
                .keys()
                .filter(|name| !known.contains(&&**name.get_ref()))
                .collect();
            names.sort_by_key(|name| name.span().start);
            if let Some(name) = names.first() {
                let mut error = self.error(format!("unknown rule `{}`", name.get_ref()), Some(span(name.span())));
                error.help = Some(suggestion(name.get_ref(), &known, "rule"));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Compiles the globs; `at` finds where a pattern is written.
    fn finish(&self, file: ConfigFile, at: impl Fn(&str) -> Option<Span>) -> Result<Config, Box<ConfigError>> {
        let directory = self.path.parent().map(Path::to_path_buf).unwrap_or_default();
        // Walks report canonical paths, and the globs are matched against those.
        let directory = if directory.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            directory
        };
        let directory = directory.canonicalize().unwrap_or(directory);
        Config::new(file, self.path.clone(), &directory).map_err(|(pattern, why)| {
            let why = why.rsplit(": ").next().unwrap_or(&why).to_owned();
            self.error(format!("the glob `{pattern}` is wrong: {why}"), at(&pattern))
        })
    }

    /// Where `"word"` stands in a JSON file, after its `leaklint` key.
    fn quoted(&self, word: &str) -> Option<Span> {
        let from = self.text.find("\"leaklint\"")?;
        let quoted = format!("\"{word}\"");
        let start = from + self.text[from..].find(&quoted)?;
        Some(span(start..start + quoted.len()))
    }
}

fn suggestion(wrong: &str, known: &[&str], kind: &str) -> String {
    match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known {kind}s: {}", known.join(", ")),
    }
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

/// Where a string value equal to `wanted` stands.
fn find_string(table: &DeTable<'_>, wanted: &str) -> Option<Span> {
    fn walk(value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<Span> {
        match value.get_ref() {
            DeValue::String(text) => (text == wanted).then(|| span(value.span())),
            DeValue::Array(items) => items.iter().find_map(|item| walk(item, wanted)),
            DeValue::Table(table) => find_string(table, wanted),
            _ => None,
        }
    }
    table.values().find_map(|value| walk(value, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::Level;

    fn load(text: &str) -> Result<Config, (String, Option<String>, String)> {
        from_toml(Path::new("/p/leaklint.toml"), text).map_err(|error| told(*error))
    }

    fn told(error: ConfigError) -> (String, Option<String>, String) {
        let at = error
            .span
            .map_or("", |span| &error.text[span.start as usize..span.end as usize]);
        (error.message, error.help, at.to_owned())
    }

    #[test]
    fn a_full_configuration_is_read() {
        let config = load(
            r#"
            include = ["src/**"]
            exclude = ["*.gen.ts"]
            [rules]
            uncleared-timer = "warning"
            [options]
            large-object-bytes = 1024
            long-lived-names = ["appBus"]
            [tests]
            level = "error"
            [[overrides]]
            paths = ["legacy/**"]
            rules = { unremoved-listener = "off" }
            [[pair]]
            acquire = "openThing"
            release = ["close"]
            "#,
        )
        .unwrap();
        assert_eq!(config.file.rules["uncleared-timer"], Level::Warning);
        assert_eq!(config.file.options.large_object_bytes, 1024);
        assert!(config.extra_tables.as_deref().unwrap().starts_with("[[pair]]"));
        assert!(config.wants(Path::new("/p/src/a/b.ts")));
        assert!(!config.wants(Path::new("/p/src/a/b.gen.ts")));
        assert!(!config.wants(Path::new("/p/lib/a.ts")));
        assert!(!config.wants(Path::new("/elsewhere/src/a.ts")));
    }

    #[test]
    fn what_is_wrong_is_shown_where_it_is() {
        let cases = [
            (
                "[ruels]\na = 1",
                "unknown key `ruels`",
                "did you mean `rules`?",
                "ruels",
            ),
            (
                "[options]\nlarge-object-byte = 1",
                "unknown key `large-object-byte`",
                "did you mean `large-object-bytes`?",
                "large-object-byte",
            ),
            (
                "[rules]\nunclered-timer = \"off\"",
                "unknown rule `unclered-timer`",
                "did you mean `uncleared-timer`?",
                "unclered-timer",
            ),
            (
                "[rules]\nuncleared-timer = \"warn\"",
                "unknown value `warn`",
                "known values: error, warning, info, off",
                "\"warn\"",
            ),
            (
                "[[overrides]]\npaths = []\nrules = { unremoved-listene = \"off\" }",
                "unknown rule `unremoved-listene`",
                "did you mean `unremoved-listener`?",
                "unremoved-listene",
            ),
        ];
        for (text, message, help, at) in cases {
            assert_eq!(
                load(text).unwrap_err(),
                (message.to_owned(), Some(help.to_owned()), at.to_owned()),
                "{text}"
            );
        }
        let (message, _, at) = load("exclude = [\"[z-a]\"]").unwrap_err();
        assert!(message.starts_with("the glob `[z-a]` is wrong"), "{message}");
        assert_eq!(at, "\"[z-a]\"");
        assert!(load("rules = ").is_err());
    }

    #[test]
    fn package_json_means_the_same() {
        let path = Path::new("/p/package.json");
        let text = r#"{ "name": "x", "leaklint": { "rules": { "uncleared-timer": "off" } } }"#;
        let config = from_package(path, text.to_owned()).unwrap().unwrap();
        assert_eq!(config.file.rules["uncleared-timer"], Level::Off);
        let wrong = r#"{ "rulez": 1, "leaklint": { "rulez": {} } }"#;
        let (message, help, at) = told(*from_package(path, wrong.to_owned()).unwrap_err());
        assert_eq!(
            (message.as_str(), help.as_deref()),
            ("unknown key `rulez`", Some("did you mean `rules`?"))
        );
        assert_eq!(at, "\"rulez\"");
        assert!(from_package(path, "{ \"leaklint\": null }".to_owned()).is_err());
        assert!(from_package(path, "{ broken".to_owned()).unwrap().is_none());
    }
}
