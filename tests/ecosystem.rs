//! Real packages at pinned versions, and what was said of every finding in them.
//!
//! `fixtures/ecosystem.toml` lists packages of the npm registry with the hash of their contents, and each finding of
//! the default level with a verdict that somebody reached by reading the code. Nothing that is fetched is committed.
//!
//! `cargo test` checks the list alone. The run over the packages needs the network, npm, tar and a built program:
//!
//! ```sh
//! cargo build --release && cargo test --test ecosystem -- --ignored --nocapture
//! ```
//!
//! It fails on a crash, on an unlisted error, on a new finding of high confidence without a verdict, and on a run that
//! takes too long; it prints new and vanished findings, their density and their precision. `UPDATE_ECOSYSTEM=1` writes
//! the list anew: what vanished goes, what is new comes with the verdict `unjudged`. `ECOSYSTEM_DIR` is where the
//! packages are kept between runs (the folder of temporary files by default), `LEAKLINT_BIN` another program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Fewer packages or files would prove little.
const LEAST_PACKAGES: usize = 60;
const LEAST_FILES: u64 = 3_000;

/// The confidences of the default level, and the per cent of their judged findings that are meant to be true. What is
/// reached is printed.
const MEANT_TRUE: [(&str, usize); 2] = [("high", 90), ("medium", 75)];

/// No package may take longer, on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

/// What is a file of source.
const EXTENSIONS: [&str; 11] = [
    "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro",
];

/// Packages that one call of npm fetches.
const FETCHED_AT_ONCE: usize = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ecosystem {
    package: Vec<Package>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    name: String,
    version: String,
    /// As npm words it: the name of the hash, `-`, base64.
    integrity: String,
    /// `server`, `sdk`, `ui`, `app` or `tool`.
    kind: String,
    /// What is checked, where it is not the whole package: sources rather than bundles made of them.
    #[serde(default)]
    paths: Vec<String>,
    /// Files with true syntax errors.
    #[serde(default)]
    broken: Vec<String>,
    #[serde(default)]
    finding: Vec<Entry>,
}

/// A finding that was read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    file: String,
    /// For the reader; the finding is known by its fingerprint.
    line: u64,
    fingerprint: String,
    confidence: String,
    verdict: Judgement,
    why: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Judgement {
    /// Memory that nobody needs stays reachable, again and again.
    True,
    /// It does not.
    False,
    /// It depends on how the package is used.
    Debatable,
    /// Not read yet.
    Unjudged,
}

impl Judgement {
    const fn as_str(self) -> &'static str {
        match self {
            Judgement::True => "true",
            Judgement::False => "false",
            Judgement::Debatable => "debatable",
            Judgement::Unjudged => "unjudged",
        }
    }
}

#[derive(Debug, Deserialize)]
struct Output {
    summary: Summary,
    diagnostics: Vec<Diagnostic>,
    errors: Vec<Failure>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    files: u64,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    rule: String,
    confidence: String,
    severity: String,
    message: String,
    file: String,
    span: Span,
    fingerprint: String,
}

#[derive(Debug, Deserialize)]
struct Span {
    start: Position,
}

#[derive(Debug, Deserialize)]
struct Position {
    line: u64,
}

#[derive(Debug, Deserialize)]
struct Failure {
    kind: String,
    message: String,
    file: String,
}

/// What npm says of a package that it fetched.
#[derive(Debug, Deserialize)]
struct Packed {
    name: String,
    version: String,
    integrity: String,
    filename: String,
}

impl Package {
    fn spec(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Where its files stand below `store`; another version or hash is another folder.
    fn folder(&self, store: &Path) -> PathBuf {
        let hash: String = self
            .integrity
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(18)
            .collect();
        store.join(format!("{}-{}-{hash}", self.name.replace('/', "+"), self.version))
    }

    fn is_there(&self, store: &Path) -> bool {
        self.folder(store).join(".leaklint-complete").exists()
    }
}

fn list_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ecosystem.toml")
}

fn list() -> Ecosystem {
    let text = fs::read_to_string(list_path()).expect("fixtures/ecosystem.toml");
    toml::from_str(&text).unwrap_or_else(|e| panic!("fixtures/ecosystem.toml: {e}"))
}

#[test]
fn list_is_well_formed() {
    let list = list();
    assert!(list.package.len() >= LEAST_PACKAGES, "{} packages", list.package.len());
    let mut names = BTreeSet::new();
    for package in &list.package {
        let name = &package.name;
        assert!(names.insert(name.clone()), "{name} stands twice");
        let digits = |part: &str| part.chars().next().is_some_and(|c| c.is_ascii_digit());
        assert!(
            package.version.splitn(3, '.').filter(|part| digits(part)).count() == 3,
            "{name} has no exact version"
        );
        assert!(package.integrity.starts_with("sha512-"), "{name} has no hash");
        assert!(
            ["server", "sdk", "ui", "app", "tool"].contains(&package.kind.as_str()),
            "{name} is of no known kind"
        );
        let mut seen = BTreeSet::new();
        for entry in &package.finding {
            let at = format!("{name} {}:{}", entry.file, entry.line);
            assert!(
                leaklint::rules::find(&entry.rule).is_some(),
                "{at}: no rule {}",
                entry.rule
            );
            assert!(seen.insert(&entry.fingerprint), "{at}: stands twice");
            assert!(
                entry.verdict == Judgement::Unjudged || !entry.why.trim().is_empty(),
                "{at}: a verdict without a reason"
            );
            assert!(["high", "medium"].contains(&entry.confidence.as_str()), "{at}");
        }
    }
}

/// How many of the judged findings of a confidence are true, and how many are judged. A debatable one is half true.
fn precision(entries: &[&Entry], confidence: &str) -> (usize, usize) {
    let of = |verdict| {
        let same = entries
            .iter()
            .filter(|e| e.confidence == confidence && e.verdict == verdict);
        same.count()
    };
    let (right, wrong, debatable) = (of(Judgement::True), of(Judgement::False), of(Judgement::Debatable));
    (right + debatable / 2, right + wrong + debatable)
}

/// One package after its run.
struct Ran {
    package: Package,
    lines: u64,
    output: Output,
    took: Duration,
}

#[test]
#[ignore = "needs the network; .ci/run runs it"]
fn packages_are_as_judged() {
    let list = list();
    let update = std::env::var_os("UPDATE_ECOSYSTEM").is_some();
    let store = store();
    fetch(&list.package, &store);
    let program = program();
    let ran: Vec<Ran> = list
        .package
        .iter()
        .map(|package| run(package, &store, &program))
        .collect();

    let mut wrong = Vec::new();
    let files: u64 = ran.iter().map(|r| r.output.summary.files).sum();
    if files < LEAST_FILES {
        wrong.push(format!("only {files} files were checked"));
    }
    for r in &ran {
        wrong.extend(failures(r));
        if r.took > LONGEST {
            wrong.push(format!("{} took {:.1?}", r.package.name, r.took));
        }
    }
    let entries = compare(&ran, &store, &mut wrong);
    print_figures(&ran, &entries);
    if update {
        fs::write(list_path(), written(&ran, &entries)).expect("fixtures/ecosystem.toml");
        println!("fixtures/ecosystem.toml is written anew");
        return;
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Minified text is left out unless it is named; then it is judged like any other.
#[test]
#[ignore = "needs the network; .ci/run runs it"]
fn a_minified_bundle_that_is_named_is_judged() {
    let bundle = Package {
        name: "plotly.js-dist-min".into(),
        version: "4.1.2".into(),
        integrity: "sha512-VSmS9KVNun16S8qFYYp9LlL/XBby4ueeGqB+K9AqRCVsup8dSpGULap4UyR1f2mz4pV3qjWp1sR5chwLgIKPoQ=="
            .into(),
        kind: "ui".into(),
        paths: vec!["plotly.min.js".into()],
        broken: Vec::new(),
        finding: Vec::new(),
    };
    let store = store();
    fetch(std::slice::from_ref(&bundle), &store);
    let file = bundle.folder(&store).join(&bundle.paths[0]);
    let bytes = fs::metadata(file).expect("the bundle").len();
    assert!(bytes > 4 << 20, "{bytes} bytes");
    let ran = run(&bundle, &store, &program());
    assert_eq!(ran.output.summary.files, 1);
    let wrong = failures(&ran);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(!ran.output.diagnostics.is_empty(), "no finding in a bundle this large");
    println!("{bytes} bytes of minified text: {:.1?}", ran.took);
}

/// Where packages are kept between runs.
fn store() -> PathBuf {
    std::env::var_os("ECOSYSTEM_DIR").map_or_else(|| std::env::temp_dir().join("leaklint-ecosystem"), PathBuf::from)
}

fn program() -> PathBuf {
    // This test is `target/debug/deps/ecosystem-...`, wherever cargo was told to build.
    let test = std::env::current_exe().expect("the path of the test");
    let target = test.ancestors().nth(3).expect("the folder that cargo builds in");
    let program = std::env::var_os("LEAKLINT_BIN").map_or_else(|| target.join("release/leaklint"), PathBuf::from);
    let program = program.canonicalize();
    program.expect("the program is not built: cargo build --release, or LEAKLINT_BIN")
}

/// Fetches and unpacks what is not there yet. npm checks each package against the registry's hash; it is compared
/// with the pinned one here.
fn fetch(packages: &[Package], store: &Path) {
    fs::create_dir_all(store).expect("the folder for packages");
    let missing: Vec<&Package> = packages.iter().filter(|p| !p.is_there(store)).collect();
    for some in missing.chunks(FETCHED_AT_ONCE) {
        let out = Command::new("npm")
            .args(["pack", "--json", "--silent", "--pack-destination"])
            .arg(store)
            .args(some.iter().map(|p| p.spec()))
            .current_dir(store)
            .output()
            .expect("npm");
        let problem = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "npm pack failed: {problem}");
        let packed: Vec<Packed> = serde_json::from_slice(&out.stdout).expect("the JSON of npm pack");
        for package in some {
            let found = packed
                .iter()
                .find(|p| p.name == package.name && p.version == package.version);
            let found = found.unwrap_or_else(|| panic!("npm did not fetch {}", package.spec()));
            assert_eq!(
                found.integrity,
                package.integrity,
                "{} is not what was pinned",
                package.spec()
            );
            unpack(&store.join(&found.filename), &package.folder(store));
        }
    }
}

fn unpack(archive: &Path, folder: &Path) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("a half unpacked package");
    }
    fs::create_dir_all(folder).expect("a folder for a package");
    let status = Command::new("tar")
        .args(["--strip-components=1", "--no-same-owner", "-xzf"])
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .status()
        .expect("tar");
    assert!(status.success(), "tar failed on {}", archive.display());
    fs::write(folder.join(".leaklint-complete"), "").expect("a mark");
    fs::remove_file(archive).expect("the archive");
}

fn run(package: &Package, store: &Path, program: &Path) -> Ran {
    let folder = package.folder(store);
    let paths = if package.paths.is_empty() {
        vec![".".to_owned()]
    } else {
        package.paths.clone()
    };
    let start = Instant::now();
    let out = Command::new(program)
        .args(["--format", "json", "--no-config", "--no-ignore"])
        .args(&paths)
        .current_dir(&folder)
        .output()
        .expect("the program");
    let took = start.elapsed();
    let problem = String::from_utf8_lossy(&out.stderr);
    assert!(
        matches!(out.status.code(), Some(0 | 1)) && !problem.contains("panicked"),
        "leaklint failed on {} ({}): {problem}",
        package.name,
        out.status
    );
    let mut output: Output = serde_json::from_slice(&out.stdout).expect("JSON");
    assert!(output.summary.files > 0, "nothing was checked in {}", package.name);
    output
        .diagnostics
        .retain(|d| d.severity != "info" && leaklint::rules::find(&d.rule).is_some());
    Ran {
        package: package.clone(),
        lines: paths.iter().map(|p| lines(&folder.join(p))).sum(),
        output,
        took,
    }
}

/// About how many lines of source stand in what is checked.
fn lines(path: &Path) -> u64 {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    if path.is_dir() {
        let inner = fs::read_dir(path).into_iter().flatten().flatten();
        return inner
            .map(|entry| entry.path())
            .filter(|p| !p.ends_with("node_modules"))
            .map(|p| lines(&p))
            .sum();
    }
    let extension = name.rsplit('.').next().unwrap_or_default();
    if !EXTENSIONS.contains(&extension) || name.contains(".d.") || name.contains(".min.") {
        return 0;
    }
    fs::read(path).map_or(0, |text| text.split(|b| *b == b'\n').count() as u64)
}

/// Errors that are not listed, and listed ones that are none.
fn failures(ran: &Ran) -> Vec<String> {
    let name = &ran.package.name;
    let mut wrong = Vec::new();
    // A bound that is reached costs findings, and is no error of the file; how often is printed with the sums.
    for failure in ran.output.errors.iter().filter(|e| e.kind != "limit") {
        if failure.kind != "syntax" || !ran.package.broken.contains(&failure.file) {
            wrong.push(format!(
                "{name} {}: {}: {}",
                failure.file, failure.kind, failure.message
            ));
        }
    }
    for file in &ran.package.broken {
        if !ran.output.errors.iter().any(|e| e.file == *file) {
            wrong.push(format!("{name} {file}: listed as broken, and read without an error"));
        }
    }
    wrong
}

/// What is found now, with the verdicts that are known; prints what differs from the list.
fn compare(ran: &[Ran], store: &Path, wrong: &mut Vec<String>) -> BTreeMap<String, Vec<Entry>> {
    let mut now = BTreeMap::new();
    for r in ran {
        let name = &r.package.name;
        let known: BTreeMap<&str, &Entry> = r.package.finding.iter().map(|e| (e.fingerprint.as_str(), e)).collect();
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        for d in &r.output.diagnostics {
            seen.insert(d.fingerprint.as_str());
            let at = format!("{}:{} {} {}", d.file, d.span.start.line, d.confidence, d.rule);
            let old = known
                .get(d.fingerprint.as_str())
                .filter(|e| e.rule == d.rule && e.file == d.file);
            if old.is_none() {
                println!("new       {name} {at}: {}", d.message);
                println!("          {}", r.package.folder(store).join(&d.file).display());
            }
            let verdict = old.map_or(Judgement::Unjudged, |e| e.verdict);
            if verdict == Judgement::Unjudged && d.confidence == "high" {
                wrong.push(format!("{name} {at}: no verdict in fixtures/ecosystem.toml"));
            }
            entries.push(Entry {
                rule: d.rule.clone(),
                file: d.file.clone(),
                line: d.span.start.line,
                fingerprint: d.fingerprint.clone(),
                confidence: d.confidence.clone(),
                verdict,
                why: old.map_or_else(|| d.message.clone(), |e| e.why.clone()),
            });
        }
        for e in r
            .package
            .finding
            .iter()
            .filter(|e| !seen.contains(e.fingerprint.as_str()))
        {
            let (file, line, rule, verdict) = (&e.file, e.line, &e.rule, e.verdict.as_str());
            println!("vanished  {name} {file}:{line} {rule} (was {verdict})");
        }
        now.insert(name.clone(), entries);
    }
    now
}

fn print_figures(ran: &[Ran], entries: &BTreeMap<String, Vec<Entry>>) {
    let files: u64 = ran.iter().map(|r| r.output.summary.files).sum();
    let lines: u64 = ran.iter().map(|r| r.lines).sum();
    let all: Vec<&Entry> = entries.values().flatten().collect();
    println!("{} packages, {files} files, {lines} lines", ran.len());
    for (confidence, meant) in MEANT_TRUE {
        let count = all.iter().filter(|e| e.confidence == confidence).count();
        let (right, judged) = precision(&all, confidence);
        println!(
            "{confidence}: {count} findings, {:.3} per 1,000 lines; {right} of {judged} judged ones true ({:.0} %, meant: {meant} %)",
            count as f64 * 1000.0 / lines as f64,
            right as f64 * 100.0 / judged.max(1) as f64
        );
    }
    let limits = ran
        .iter()
        .flat_map(|r| &r.output.errors)
        .filter(|e| e.kind == "limit")
        .count();
    println!("bounds reached: {limits}");
    if let Some(slowest) = ran.iter().max_by_key(|r| r.took) {
        println!("slowest: {} with {:.1?}", slowest.package.name, slowest.took);
    }
}

/// The list with the findings of now.
fn written(ran: &[Ran], entries: &BTreeMap<String, Vec<Entry>>) -> String {
    let text = fs::read_to_string(list_path()).unwrap_or_default();
    // The head of the file is written by hand.
    let mut out: String = text
        .lines()
        .take_while(|l| l.starts_with('#'))
        .flat_map(|l| [l, "\n"])
        .collect();
    let string = |s: &str| toml::Value::from(s).to_string();
    for r in ran {
        let p = &r.package;
        let _ = write!(
            out,
            "\n[[package]]\nname = {}\nversion = {}\n",
            string(&p.name),
            string(&p.version)
        );
        let _ = write!(
            out,
            "integrity = {}\nkind = {}\n",
            string(&p.integrity),
            string(&p.kind)
        );
        for (key, list) in [("paths", &p.paths), ("broken", &p.broken)] {
            if !list.is_empty() {
                let _ = writeln!(out, "{key} = {}", toml::Value::from(list.clone()));
            }
        }
        for e in &entries[&p.name] {
            let _ = write!(
                out,
                "\n[[package.finding]]\nrule = {}\nfile = {}\n",
                string(&e.rule),
                string(&e.file)
            );
            let _ = write!(out, "line = {}\nfingerprint = {}\n", e.line, string(&e.fingerprint));
            let _ = write!(
                out,
                "confidence = {}\nverdict = {}\n",
                string(&e.confidence),
                string(e.verdict.as_str())
            );
            let _ = writeln!(out, "why = {}", string(&e.why));
        }
    }
    out
}
