//! What the tests over annotated programs share: the annotations, a run, and the list of known gaps.
//!
//! The format of the annotations stands in `fixtures/README.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use leaklint::config::Config;
use leaklint::finding::Range;
use leaklint::session::{Request, check};
use leaklint::syntax::lines::LineIndex;

/// A program to be checked on its own.
pub(crate) struct Case {
    /// Its entry in the list of known gaps.
    pub(crate) name: String,
    /// Paths below the folder of the program, and texts.
    pub(crate) files: Vec<(String, String)>,
}

/// What an annotation asks for.
#[derive(Debug)]
pub(crate) struct Annotation {
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: u32,
    /// UTF-16 columns from 1, half open; `None` for the arrow form.
    pub(crate) columns: Option<(u32, u32)>,
    pub(crate) rule: String,
    pub(crate) cause: String,
    pub(crate) confidence: Option<String>,
}

/// What a run found.
struct Found {
    file: String,
    range: Range,
    rule: &'static str,
    cause: &'static str,
    confidence: &'static str,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The annotations of one file, and what is wrong with them.
pub(crate) fn annotations(file: &str, text: &str) -> (Vec<Annotation>, Vec<String>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let mut code = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let Some((mark, words)) = mark(line) else {
            code = number;
            continue;
        };
        let (columns, words) = match mark {
            Mark::Arrow => (None, words),
            Mark::Run(start, end) => (Some((start, end)), words),
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        let (rule, cause, confidence) = match words[..] {
            [rule, cause] if code > 0 => (rule, cause, None),
            [rule, cause, confidence] if code > 0 => (rule, cause, Some(confidence)),
            _ => {
                wrong.push(format!("{file}:{number}: not an annotation: {}", line.trim()));
                continue;
            }
        };
        found.push(Annotation {
            file: file.to_owned(),
            line: code,
            columns,
            rule: rule.to_owned(),
            cause: cause.to_owned(),
            confidence: confidence.map(str::to_owned),
        });
    }
    (found, wrong)
}

enum Mark {
    Arrow,
    Run(u32, u32),
}

/// The mark of an annotation line, and the words behind it.
fn mark(line: &str) -> Option<(Mark, &str)> {
    let before = line.len() - line.trim_start().len();
    let comment = line[before..].strip_prefix("//")?;
    let body = comment.trim_start_matches(' ');
    if let Some(words) = body.strip_prefix("<- ") {
        return Some((Mark::Arrow, words));
    }
    let words = body.trim_start_matches('^');
    let run = body.len() - words.len();
    // Only blanks and slashes stand before the run, so bytes are columns.
    let start = line.len() - body.len() + 1;
    (run > 0).then_some((Mark::Run(start as u32, (start + run) as u32), words))
}

/// Checks a program and says everything in which findings and annotations differ.
pub(crate) fn differences(case: &Case) -> Vec<String> {
    let run = catch_unwind(AssertUnwindSafe(|| run(case)));
    let (mut found, mut wrong) = run.unwrap_or_else(|_| (Vec::new(), vec!["the analysis panicked".to_owned()]));
    for (file, text) in &case.files {
        let (wanted, broken) = annotations(file, text);
        wrong.extend(broken);
        for annotation in &wanted {
            let nearest = (0..found.len())
                .filter(|i| fits(annotation, &found[*i]))
                .min_by_key(|i| distance(annotation, &found[*i]));
            match nearest {
                Some(i) => drop(found.remove(i)),
                None => wrong.push(missing(annotation)),
            }
        }
    }
    wrong.extend(found.iter().map(|found| {
        let (at, end) = (found.range.start, found.range.end);
        format!(
            "unexpected {}:{}:{}-{}:{} {} {} {}",
            found.file, at.line, at.column, end.line, end.column, found.rule, found.cause, found.confidence
        )
    }));
    wrong
}

fn missing(annotation: &Annotation) -> String {
    let column = annotation.columns.map_or(0, |(start, _)| start);
    format!(
        "missing    {}:{}:{column} {} {} {}",
        annotation.file,
        annotation.line,
        annotation.rule,
        annotation.cause,
        annotation.confidence.as_deref().unwrap_or("")
    )
}

fn fits(annotation: &Annotation, found: &Found) -> bool {
    let (start, end) = (found.range.start, found.range.end);
    let last = if end.line > start.line { u32::MAX } else { end.column };
    annotation.file == found.file
        && annotation.line == start.line
        && annotation.rule == found.rule
        && annotation.cause == found.cause
        && annotation
            .confidence
            .as_deref()
            .is_none_or(|word| word == found.confidence)
        && annotation
            .columns
            .is_none_or(|(from, to)| from < last && start.column < to)
}

fn distance(annotation: &Annotation, found: &Found) -> u32 {
    annotation
        .columns
        .map_or(0, |(from, _)| from.abs_diff(found.range.start.column))
}

/// The findings of the default level, and the errors as differences. Runs in a folder of its own, so that
/// neither the path of the repository nor its files have a say.
fn run(case: &Case) -> (Vec<Found>, Vec<String>) {
    let folder = tempfile::Builder::new().prefix("leaklint-").tempdir().unwrap();
    let folder = (folder.path().canonicalize().unwrap(), folder);
    for (name, text) in &case.files {
        let path = folder.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let cwd = std::env::current_dir().unwrap().canonicalize().unwrap();
    let request = Request {
        cwd: cwd.clone(),
        paths: vec![folder.0.clone()],
        stdin: None,
        root: folder.0.clone(),
        config: Config::default(),
        no_ignore: true,
        pedantic: false,
        only: Vec::new(),
        skip: Vec::new(),
        require_reason: false,
        threads: Some(1),
        max_file_size: 1 << 20,
        ..Request::default()
    };
    let report = check(&request, &|_, _| {});
    let short = |path: &Path| {
        let path = leaklint::discover::normalised(path, &cwd);
        let below: PathBuf = path.strip_prefix(&folder.0).unwrap_or(&path).to_path_buf();
        below.to_string_lossy().replace('\\', "/")
    };
    let mut wrong: Vec<String> = report
        .errors
        .iter()
        .map(|error| format!("error      {}: {}", short(&error.file), error.message))
        .collect();
    if report.files.is_empty() {
        wrong.push("nothing was checked".to_owned());
    }
    let found = report.findings.iter().map(|finding| {
        let text = &report.sources[&finding.file];
        Found {
            file: short(&finding.file),
            range: LineIndex::new(text).range(finding.span, text),
            rule: finding.rule,
            cause: finding.cause.as_str(),
            confidence: finding.confidence.as_str(),
        }
    });
    (found.collect(), wrong)
}

/// Checks all programs and holds the result against the entries of `fixtures/known-gaps.txt` that begin with
/// `prefix`. With `UPDATE_GAPS=1` it rewrites those entries instead.
pub(crate) fn check_all(prefix: &str, noun: &str, cases: &[Case]) {
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two {noun} of one name");
    let next = AtomicUsize::new(0);
    let failed: Mutex<Vec<(usize, Vec<String>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(4, usize::from).min(16) {
            scope.spawn(|| {
                while let Some((i, case)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| cases.get(i).map(|case| (i, case)))
                {
                    let wrong = differences(case);
                    if !wrong.is_empty() {
                        failed.lock().unwrap().push((i, wrong));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    let failing: BTreeSet<&str> = failed.iter().map(|(i, _)| cases[*i].name.as_str()).collect();
    if std::env::var_os("UPDATE_GAPS").is_some_and(|value| value == "1") {
        rewrite(prefix, &failing);
    }

    let gaps = gaps();
    let listed: BTreeSet<&str> = gaps
        .iter()
        .map(String::as_str)
        .filter(|entry| entry.starts_with(prefix))
        .collect();
    println!("{} {noun}, {} known gaps", cases.len(), listed.len());
    let show = std::env::var_os("SHOW_GAPS").is_some_and(|value| value == "1");
    let mut complaint = String::new();
    for (i, wrong) in &failed {
        let name = cases[*i].name.as_str();
        let text = format!("{name}\n    {}\n", wrong.join("\n    "));
        if !listed.contains(name) {
            complaint.push_str(&text);
        } else if show {
            print!("{text}");
        }
    }
    for entry in listed.difference(&failing) {
        let why = if names.contains(entry) {
            "holds now: take it off fixtures/known-gaps.txt"
        } else {
            "stands in fixtures/known-gaps.txt but does not exist"
        };
        let _ = writeln!(complaint, "{entry}\n    {why}");
    }
    assert!(complaint.is_empty(), "\n{complaint}");
}

const HEADER: &str = "\
# Annotated programs that do not hold yet, one for each line: `rule-doc:RULE:TITLE` or `project:NAME`.
#
# The tests `rule_docs` and `projects` fail when a program that is not listed fails, when one that is listed
# holds, and when one that is listed does not exist. So this list only shrinks.
#
# See why:           SHOW_GAPS=1 cargo test --test rule_docs --test projects -- --nocapture
# Write it again:    UPDATE_GAPS=1 cargo test --test rule_docs --test projects
";

/// The entries of the list of known gaps.
pub(crate) fn gaps() -> Vec<String> {
    let text = fs::read_to_string(root().join("fixtures/known-gaps.txt")).unwrap_or_default();
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn rewrite(prefix: &str, failing: &BTreeSet<&str>) {
    let mut entries: BTreeSet<String> = gaps().into_iter().filter(|entry| !entry.starts_with(prefix)).collect();
    entries.extend(failing.iter().map(|name| (*name).to_owned()));
    let mut text = HEADER.to_owned();
    if !entries.is_empty() {
        text.push('\n');
    }
    for entry in entries {
        text.push_str(&entry);
        text.push('\n');
    }
    // Renamed into place, so that a test beside this one never reads half of it.
    let path = root().join("fixtures/known-gaps.txt");
    let new = path.with_extension(prefix.trim_end_matches(':'));
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}
