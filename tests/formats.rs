//! Every output format of the real binary, against its schema or a parser, and where the outputs go.

mod process;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

/// A leak, a silenced leak and a syntax error, in files with difficult names.
const FILES: [(&str, &str); 4] = [
    (
        "src/a b/é,100%:[x].js",
        "const http = require('http');\r\nconst kept = []; /* 𝒳é */\r\nhttp.createServer((req) => { /* 𝒳é */ kept.push(req.url); });\r\n",
    ),
    (
        "src/silent.js",
        "const http = require('http');\nhttp.createServer(() => {\n  // leaklint-disable-next-line uncleared-timer -- ends with \"us\" & <them>\n  setInterval(() => {}, 10);\n});\n",
    ),
    ("src/broken.js", "function f( {\n"),
    ("src/clean.js", "export const a = 1;\n"),
];

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    process::write(&folder.path().join("web"), &FILES);
    folder
}

fn leaklint(folder: &TempDir) -> Command {
    process::leaklint(folder.path().join("web"))
}

/// What a format prints on standard output.
fn output(folder: &TempDir, format: &str) -> String {
    let output = leaklint(folder).args(["--format", format]).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &TempDir, format: &str, schema: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(schema);
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for owner in ["run", "toolComponent"] {
        let language = format!("/definitions/{owner}/properties/language");
        if let Some(language) = schema.pointer_mut(&language) {
            // The official schema has a bracket too many here, which strict readers of patterns refuse.
            language.as_object_mut().unwrap().remove("pattern");
        }
    }
    let value: Value = serde_json::from_str(&output(folder, format)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?} in {value:#}");
    value
}

/// The elements of an XML document with their attributes, as a parser reads them.
fn elements(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return found,
            Event::Start(element) | Event::Empty(element) => {
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = attribute
                        .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                        .unwrap()
                        .into_owned();
                    (attribute.key.as_ref().to_owned(), value)
                });
                let attributes = attributes.collect();
                found.push((element.name().as_ref().to_owned(), attributes));
            }
            _ => {}
        }
    }
}

fn attribute<'a>(element: &'a (String, Vec<(String, String)>), name: &str) -> &'a str {
    let found = element.1.iter().find(|(key, _)| key == name);
    &found.unwrap_or_else(|| panic!("no {name} in {element:?}")).1
}

#[test]
fn sarif_is_valid_and_points_into_the_files() {
    let folder = project();
    let log = json(&folder, "sarif", "tests/schemas/sarif-2.1.0.json");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["descriptor"]["id"], "syntax");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);

    let leak = &results[0];
    let rule = &run["tool"]["driver"]["rules"][leak["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], leak["ruleId"]);
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Bad"));
    let place = &leak["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"], "web/src/a%20b/%C3%A9,100%25%3A%5Bx%5D.js",
        "relative to the repository"
    );
    let base = run["originalUriBaseIds"]["%SRCROOT%"]["uri"].as_str().unwrap();
    let root = folder.path().canonicalize().unwrap();
    assert_eq!(base, format!("file://{}/", root.display()));
    // The region, in UTF-16 code units, holds the very call.
    let region = &place["region"];
    let number = |name: &str| region[name].as_u64().unwrap() as usize;
    let line: Vec<u16> = FILES[0]
        .1
        .lines()
        .nth(number("startLine") - 1)
        .unwrap()
        .encode_utf16()
        .collect();
    let call = String::from_utf16(&line[number("startColumn") - 1..number("endColumn") - 1]).unwrap();
    assert_eq!(call, "kept.push(req.url)");
    let related = leak["relatedLocations"].as_array().unwrap();
    let flow = leak["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    assert_eq!(flow.len(), related.len() + 1);
    assert!(leak["partialFingerprints"]["leaklint/v1"].is_string());

    let silent = &results[1]["suppressions"][0];
    assert_eq!(silent["kind"], "inSource");
    assert_eq!(silent["justification"], "ends with \"us\" & <them>");
}

#[test]
fn gitlab_is_valid() {
    let report = json(&project(), "gitlab", "src/schemas/gitlab.schema.json");
    let entries = report.as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1]["location"]["path"], "web/src/a b/é,100%:[x].js");
    assert_eq!(entries[1]["location"]["lines"]["begin"], 3);
}

#[test]
fn rdjson_is_valid_and_counts_bytes() {
    let report = json(&project(), "rdjson", "src/schemas/rdjson.schema.json");
    let range = &report["diagnostics"][1]["location"]["range"];
    let line = FILES[0].1.lines().nth(2).unwrap();
    assert_eq!(range["start"]["column"], line.find("kept.push").unwrap() + 1);
}

#[test]
fn eslint_is_valid_and_names_every_file() {
    let folder = project();
    let results = json(&folder, "eslint", "src/schemas/eslint.schema.json");
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), FILES.len());
    for result in results {
        assert!(Path::new(result["filePath"].as_str().unwrap()).is_file(), "{result:#}");
    }
    let total = |count: &str| {
        results
            .iter()
            .map(|result| result[count].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(
        (total("errorCount"), total("fatalErrorCount"), total("warningCount")),
        (2, 1, 0)
    );
    let suppressed: Vec<&Value> = results
        .iter()
        .flat_map(|r| r["suppressedMessages"].as_array().unwrap())
        .collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(
        suppressed[0]["suppressions"][0]["justification"],
        "ends with \"us\" & <them>"
    );
}

#[test]
fn checkstyle_is_xml() {
    let found = elements(&output(&project(), "checkstyle"));
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["checkstyle", "file", "error", "file", "error"]);
    assert_eq!(attribute(&found[1], "name"), "src/a b/é,100%:[x].js");
    assert_eq!(attribute(&found[2], "line"), "3");
    assert_eq!(attribute(&found[4], "source"), "leaklint/syntax");
}

#[test]
fn junit_has_a_suite_for_each_file() {
    let found = elements(&output(&project(), "junit"));
    let suites: Vec<_> = found.iter().filter(|(name, _)| name == "testsuite").collect();
    assert_eq!(suites.len(), FILES.len());
    assert_eq!(attribute(&found[0], "failures"), "1");
    assert_eq!(attribute(&found[0], "errors"), "1");
    assert_eq!(attribute(&found[0], "tests"), "4");
}

#[test]
fn github_commands_and_job_summary() {
    let folder = project();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "before\n").unwrap();
    let mut command = leaklint(&folder);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_WORKSPACE", folder.path().canonicalize().unwrap())
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("GITHUB_REPOSITORY", "o/r")
        .env("GITHUB_SHA", "abc");
    let leak = contains(
        "::error title=leaklint growing-collection/never-bounded,file=web/src/a b/é%2C100%25%3A[x].js,line=3,",
    );
    command.assert().code(1).stdout(leak);
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n## leaklint\n"), "{text}");
    assert!(
        text.contains("https://github.com/o/r/blob/abc/web/src/a%20b/"),
        "{text}"
    );
    let mut lost = leaklint(&folder);
    lost.env("GITHUB_STEP_SUMMARY", folder.path().join("no/such/folder"))
        .args(["-f", "github"])
        .assert()
        .code(1)
        .stderr(contains("the job summary cannot be written"));
}

#[test]
fn azure_and_markdown() {
    let folder = project();
    let azure = output(&folder, "azure");
    assert_eq!(
        azure
            .lines()
            .filter(|line| line.starts_with("##vso[task.logissue type=error;"))
            .count(),
        2
    );
    assert!(
        azure.contains("sourcepath=web/src/a b/é,100%AZP25:[x%5D.js;linenumber=3;"),
        "{azure}"
    );
    assert!(output(&folder, "markdown").contains("| [growing-collection]("));
}

#[test]
fn one_run_writes_many_reports() {
    let folder = project();
    leaklint(&folder)
        .args([
            "-f",
            "compact",
            "-f",
            "sarif:out.sarif",
            "-f",
            "junit:out.xml",
            "-f",
            "pretty:out.txt",
        ])
        .assert()
        .code(1)
        .stdout(contains("src/broken.js:2:1: error[syntax]"))
        .stderr(contains("1 finding (1 error) in 4 files"));
    let read = |name: &str| fs::read_to_string(folder.path().join("web").join(name)).unwrap();
    assert_eq!(read("out.sarif"), output(&folder, "sarif"));
    assert_eq!(read("out.xml"), output(&folder, "junit"));
    assert!(read("out.txt").contains("╭─["));
}

#[test]
fn outputs_that_cannot_be_are_refused_before_the_run() {
    let folder = project();
    let cases: [(&[&str], &str); 5] = [
        (
            &["-f", "json", "-f", "compact"],
            "two reports cannot both go to standard output",
        ),
        (&["-f", "json:a", "-f", "sarif:a"], "two reports cannot both go to a"),
        (&["-f", "json:"], "the file of --format has no name"),
        (
            &["-f", "sarif:no/such/out.sarif"],
            "no/such/out.sarif cannot be written",
        ),
        (&["-f", "sarfi"], "a similar value exists: 'sarif'"),
    ];
    process::refuses(folder.path().join("web"), &cases);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_and_loses_no_other_report() {
    let folder = project();
    leaklint(&folder)
        .args(["-f", "json:/dev/full", "-f", "compact"])
        .assert()
        .code(2)
        .stdout(contains("src/broken.js:2:1: error[syntax]"))
        .stderr(contains("/dev/full cannot be written"));
}

#[test]
fn auto_looks_where_it_runs() {
    let folder = project();
    leaklint(&folder)
        .assert()
        .stdout(contains("error[syntax]").and(contains("╭─").not()));
    leaklint(&folder)
        .env("GITHUB_ACTIONS", "true")
        .assert()
        .stdout(contains("::error "));
    leaklint(&folder)
        .env("GITHUB_ACTIONS", "false")
        .assert()
        .stdout(contains("::error ").not());
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_text_is_told() {
    use std::os::unix::ffi::OsStrExt;
    let folder = project();
    let name = std::ffi::OsStr::from_bytes(b"src/n\xff\n::error.js");
    fs::write(folder.path().join("web").join(name), "f(").unwrap();
    for format in [
        "pretty",
        "compact",
        "json",
        "sarif",
        "github",
        "gitlab",
        "azure",
        "junit",
        "checkstyle",
        "rdjson",
    ] {
        let text = output(&folder, format);
        assert!(
            !text.lines().any(|line| line.starts_with("::error.js")),
            "{format}: {text}"
        );
    }
    assert!(output(&folder, "sarif").contains("n%FF%0A%3A%3Aerror.js"));
}
