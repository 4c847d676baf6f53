//! The published JSON Schemas are those of the code. `UPDATE_SCHEMAS=1 cargo test --test schemas` writes them.

use std::path::Path;

fn same(name: &str, schema: &impl serde::Serialize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schemas").join(name);
    let made = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == made,
        "{name} is out of date: run `UPDATE_SCHEMAS=1 cargo test --test schemas`"
    );
}

#[test]
fn the_schema_of_the_output_is_published() {
    same("output.schema.json", &leaklint::report::json::schema());
}

#[test]
fn the_schema_of_the_baseline_is_published() {
    same("baseline.schema.json", &leaklint::baseline::schema());
}

#[test]
fn the_schema_of_the_configuration_is_published() {
    same("leaklint.schema.json", &leaklint::config::file::schema());
}

#[test]
fn the_schema_of_the_configuration_knows_what_the_parser_knows() {
    let schema = serde_json::to_value(leaklint::config::file::schema()).unwrap();
    let valid = |text: &str| {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        jsonschema::draft202012::is_valid(&schema, &value)
    };
    let texts = [
        (
            "[rules]\nuncleared-timer = \"off\"\nunused-suppression = \"error\"",
            true,
        ),
        ("[rules]\nunclered-timer = \"off\"", false),
        ("[rules]\nuncleared-timer = \"warn\"", false),
        ("[options]\nlarge-object-bytes = 5\nlong-lived-names = [\"bus\"]", true),
        ("[options]\nlarge-object-byte = 5", false),
        (
            "include = [\"a\"]\n[tests]\nlevel = \"warning\"\n[[pair]]\nacquire = \"x\"",
            true,
        ),
        ("[[overrides]]\nrules = {}", false),
    ];
    for (text, expected) in texts {
        assert_eq!(valid(text), expected, "{text}");
        assert_eq!(
            toml::from_str::<leaklint::config::file::ConfigFile>(text).is_ok(),
            expected || text.contains("unclered"),
            "{text}"
        );
    }
}
