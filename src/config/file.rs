//! What a configuration file may say. The JSON Schema in `src/schemas/` is generated from these types.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::finding::Severity;

/// Levels by rule name.
pub type RuleLevels = BTreeMap<String, Level>;

/// The configuration of leaklint: `leaklint.toml`, or the `leaklint` key of a `package.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(title = "leaklint configuration")]
pub struct ConfigFile {
    /// The schema of this file, for editors.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// The level of each rule. A rule that is not named keeps the severity of its confidence: high is an
    /// error, medium a warning, low an info.
    #[schemars(schema_with = "rule_levels")]
    pub rules: RuleLevels,
    /// Options of the analysis.
    pub options: AnalysisOptions,
    /// How files that look like tests, fixtures or examples are treated.
    pub tests: Tests,
    /// Globs in the form of `.gitignore`, relative to this file: when any is given, only files that match
    /// one are checked.
    pub include: Vec<String>,
    /// Globs in the form of `.gitignore`, relative to this file: files that match one are not checked,
    /// unless they are named on the command line.
    pub exclude: Vec<String>,
    /// Other levels for some paths; later entries win.
    pub overrides: Vec<Override>,
    /// Acquire and release pairs of your own APIs, in the form of `rules/resources/*.toml`.
    #[schemars(with = "Vec<BTreeMap<String, serde_json::Value>>")]
    pub pair: Vec<toml::Table>,
    /// Execution contexts of your own frameworks, in the form of `rules/resources/*.toml`.
    #[schemars(with = "Vec<BTreeMap<String, serde_json::Value>>")]
    pub context: Vec<toml::Table>,
    /// Types of your own libraries, in the form of `rules/resources/*.toml`.
    #[serde(rename = "type")]
    #[schemars(with = "Vec<BTreeMap<String, serde_json::Value>>")]
    pub types: Vec<toml::Table>,
}

/// Options of the analysis.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AnalysisOptions {
    /// From how many bytes on a captured value counts as large.
    pub large_object_bytes: u64,
    /// More names of things that live as long as the process, such as `appBus`.
    pub long_lived_names: Vec<String>,
    /// More names of methods that tear their owner down, such as `shutdownNow`.
    pub teardown_names: Vec<String>,
}

impl Default for AnalysisOptions {
    fn default() -> Self {
        Self {
            large_object_bytes: 65_536,
            long_lived_names: Vec::new(),
            teardown_names: Vec::new(),
        }
    }
}

/// How files that look like tests are treated.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Tests {
    /// The highest severity a finding in such a file can have; `error` treats it like any other file.
    pub level: Level,
}

impl Default for Tests {
    fn default() -> Self {
        Self { level: Level::Info }
    }
}

/// Other levels for some paths.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Override {
    /// Globs in the form of `.gitignore`, relative to this file.
    pub paths: Vec<String>,
    /// The levels in these paths.
    #[schemars(schema_with = "rule_levels")]
    pub rules: RuleLevels,
}

/// How much a rule matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Its findings are errors.
    Error,
    /// Its findings are warnings.
    Warning,
    /// Its findings are shown with `--pedantic` only.
    Info,
    /// Its findings are not shown.
    Off,
}

impl Level {
    /// The severity it gives; `None` for off.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Level::Error => Some(Severity::Error),
            Level::Warning => Some(Severity::Warning),
            Level::Info => Some(Severity::Info),
            Level::Off => None,
        }
    }
}

impl ConfigFile {
    /// The rows of `pair`, `context` and `type` as TOML text; `None` when there are none.
    pub(super) fn extra_tables(&self) -> Option<String> {
        let mut tables = toml::Table::new();
        for (name, rows) in [("pair", &self.pair), ("context", &self.context), ("type", &self.types)] {
            if !rows.is_empty() {
                let rows = rows.iter().cloned().map(toml::Value::Table).collect();
                tables.insert(name.to_owned(), toml::Value::Array(rows));
            }
        }
        if tables.is_empty() {
            None
        } else {
            toml::to_string(&tables).ok()
        }
    }
}

/// A table with one optional level per known rule, so that editors complete the names.
fn rule_levels(generator: &mut SchemaGenerator) -> Schema {
    let level = generator.subschema_for::<Level>();
    let properties: serde_json::Map<_, _> = crate::rules::all()
        .iter()
        .chain(&crate::suppress::NOTICES)
        .map(|rule| {
            let mut schema = serde_json::json!({ "description": rule.summary });
            schema["allOf"] = serde_json::json!([level]);
            (rule.name.to_owned(), schema)
        })
        .collect();
    json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The JSON Schema of a configuration file.
pub fn schema() -> Schema {
    schemars::schema_for!(ConfigFile)
}
