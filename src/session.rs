//! One run: from what was asked to what is reported.
//!
//! The stages before the findings (read, parse, extract, link, judge) are [`crate::analysis`]; this module
//! lists the inputs, applies suppressions and levels, and counts. It prints nothing and knows no argument.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::baseline::Baseline;
use crate::changed::Changed;
use crate::config::Config;
use crate::discover::{self, Found, Search};
use crate::finding::{ErrorKind, Finding, InputError, Label, Severity, Span};
use crate::report::{Locator, Report, Silenced, Silencer, Summary};
use crate::suppress::{self, Directive};

/// One file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Relative to the current directory.
    pub path: Arc<PathBuf>,
    /// Its text, for standard input; other files are read from disk.
    pub text: Option<Arc<str>>,
    /// Whether it is reported on, or only read for what others need to know.
    pub report: bool,
    /// Whether it was named, so that nothing may skip it as minified, generated or too large.
    pub explicit: bool,
}

/// What the analysis may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Worker threads; `None` for as many as there are processors.
    pub threads: Option<usize>,
    /// Longer files are not parsed.
    pub max_file_size: u64,
    /// From how many bytes on a captured value counts as large.
    pub large_object_bytes: u64,
    /// More names of things that live as long as the process.
    pub long_lived_names: Vec<String>,
    /// More names of methods that tear their owner down.
    pub teardown_names: Vec<String>,
    /// Rows of the user's own tables, as TOML in the form of `rules/resources/*.toml`.
    pub extra_tables: Option<String>,
    /// The current directory, absolute; the paths of the inputs are relative to it.
    pub cwd: PathBuf,
    /// The project root, absolute.
    pub root: PathBuf,
    /// The cache folder, if facts are to be kept between runs.
    pub cache: Option<PathBuf>,
}

impl Options {
    /// The path of an input from the project root, with `/`: the same wherever leaklint was started.
    pub fn name(&self, path: &Path) -> String {
        name(path, &self.cwd, &self.root)
    }
}

fn name(path: &Path, cwd: &Path, root: &Path) -> String {
    let absolute = discover::normalised(path, cwd);
    crate::report::slashed(absolute.strip_prefix(root).unwrap_or(path))
}

/// What the analysis found.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// Sorted by file and span; the severity is that of the confidence.
    pub findings: Vec<Finding>,
    /// Inputs that could not be checked in full.
    pub errors: Vec<InputError>,
    /// Bounds of the analysis that were reached: one entry for each bound and file.
    pub limits: Vec<InputError>,
    /// The suppression comments of the files that have any.
    pub directives: Vec<(Arc<PathBuf>, Vec<Directive>)>,
    /// The text of every file that a finding, a label, an error or a directive names.
    pub sources: HashMap<Arc<PathBuf>, Arc<str>>,
    /// What was counted, for `--timings`.
    pub counters: Vec<(&'static str, u64)>,
    /// How long each stage took, for `--timings`.
    pub timings: Vec<(&'static str, Duration)>,
    /// How many files were checked.
    pub files: u64,
    /// Files that were left out because their text is minified.
    pub skipped: u64,
}

/// One acquisition with its verdict, also when it is no leak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// The rule that asks for it.
    pub rule: &'static str,
    /// Its file.
    pub file: Arc<PathBuf>,
    /// The acquisition.
    pub span: Span,
    /// `Leak(cause)`, `Released`, `Transferred`, `Bounded` or `Unknown`.
    pub verdict: String,
    /// Why, in one sentence.
    pub reason: String,
    /// Why a leak is not told at the default level.
    pub note: Option<String>,
    /// The evidence.
    pub labels: Vec<Label>,
}

/// What a run is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The current directory, absolute.
    pub cwd: PathBuf,
    /// Files and folders to report on.
    pub paths: Vec<PathBuf>,
    /// A file whose text was given on standard input.
    pub stdin: Option<(PathBuf, Arc<str>)>,
    /// The project root, absolute.
    pub root: PathBuf,
    /// The configuration.
    pub config: Config,
    /// Whether ignore files are disregarded.
    pub no_ignore: bool,
    /// Whether files that are named may be left out like those met in a folder.
    pub force_exclude: bool,
    /// Whether infos are shown.
    pub pedantic: bool,
    /// When not empty, only these rules are shown.
    pub only: Vec<String>,
    /// These rules are not shown.
    pub skip: Vec<String>,
    /// Whether a suppression without a reason is an error.
    pub require_reason: bool,
    /// Threads; `None` for as many as there are processors.
    pub threads: Option<usize>,
    /// Longer files are not parsed.
    pub max_file_size: u64,
    /// Findings that are known and not reported again.
    pub baseline: Option<Baseline>,
    /// What has changed, when only that is reported on.
    pub changed: Option<Changed>,
    /// The cache folder, if facts are to be kept between runs.
    pub cache: Option<PathBuf>,
}

/// Findings after the comments, the baseline and the levels.
pub(crate) struct Settled {
    /// Those that are shown, sorted.
    pub findings: Vec<Finding>,
    /// Those that the baseline knows.
    pub known: Vec<Finding>,
    /// Those that a comment silences, with its reason.
    pub suppressed: Vec<(Finding, Option<String>)>,
    /// What the baseline knows and was not found.
    pub missing: Baseline,
}

/// Longer files are not parsed, unless the user says otherwise.
pub const DEFAULT_MAX_FILE_SIZE: u64 = 8 << 20;

/// Told how many files are done, and of how many.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

impl Request {
    pub(crate) fn options(&self) -> Options {
        let options = &self.config.file.options;
        Options {
            threads: self.threads,
            max_file_size: self.max_file_size,
            large_object_bytes: options.large_object_bytes,
            long_lived_names: options.long_lived_names.clone(),
            teardown_names: options.teardown_names.clone(),
            extra_tables: self.config.extra_tables.clone(),
            cwd: self.cwd.clone(),
            root: self.root.clone(),
            cache: self.cache.clone(),
        }
    }

    /// The path of an input from the project root, with `/`.
    pub fn name(&self, path: &Path) -> String {
        name(path, &self.cwd, &self.root)
    }

    /// Lists the inputs: what is named, what was given on standard input, and the project around them.
    pub fn inputs(&self) -> Found {
        let mut found = discover::discover(&Search {
            cwd: &self.cwd,
            paths: &self.paths,
            root: &self.root,
            config: &self.config,
            no_ignore: self.no_ignore,
            force_exclude: self.force_exclude,
            threads: self.threads,
        });
        if let Some((name, text)) = &self.stdin {
            let path = Arc::new(discover::relative(name, &self.cwd));
            found.inputs.retain(|input| input.path != path);
            let input = Input {
                path,
                text: Some(Arc::clone(text)),
                report: true,
                explicit: true,
            };
            let at = found.inputs.partition_point(|other| other.path < input.path);
            found.inputs.insert(at, input);
        }
        if let Some(changed) = &self.changed {
            let wanted = |path: &Path| {
                let name = path.file_name().map(|name| name.to_string_lossy());
                name.is_some_and(|name| discover::is_source_name(&name)) && self.config.wants(path)
            };
            changed.apply(&mut found.inputs, &self.cwd, &wanted);
        }
        found
    }

    /// The path by which tests are told from production code: inside the current directory the part below
    /// it, so that a fixture checked from its own folder is a program like any other.
    fn path_in_project(&self, file: &Path) -> PathBuf {
        let absolute = discover::normalised(file, &self.cwd);
        let inside = absolute
            .strip_prefix(&self.cwd)
            .or_else(|_| absolute.strip_prefix(&self.root));
        inside.map_or_else(
            |_| absolute.file_name().map(PathBuf::from).unwrap_or_default(),
            Path::to_path_buf,
        )
    }

    /// Sorts findings by the comments, the baseline and the levels.
    pub(crate) fn settle(
        &self,
        findings: Vec<Finding>,
        directives: &[(Arc<PathBuf>, Vec<Directive>)],
        sources: &HashMap<Arc<PathBuf>, Arc<str>>,
        baseline: Option<Baseline>,
    ) -> Settled {
        let name = |file: &Path| self.name(file);
        let applied = suppress::apply(findings, directives, sources, &name, self.require_reason);
        let mut missing = baseline.unwrap_or_default();
        let mut found = applied.kept;
        found.extend(applied.notices);
        let (known, new) = if missing.is_empty() {
            (Vec::new(), found)
        } else {
            let known = |finding: &Finding| missing.take(&self.name(&finding.file), finding);
            found.into_iter().partition(known)
        };
        let mut findings = self.level(new);
        findings.sort_by(|a, b| order(a).cmp(&order(b)));
        Settled {
            findings,
            known,
            suppressed: applied.suppressed,
            missing,
        }
    }

    /// What of the entries that nobody found again is fixed. Only a file that was checked in full can be told to be
    /// better than the baseline.
    fn fixed(&self, mut missing: Baseline, files: &[Arc<PathBuf>], errors: &[InputError]) -> Baseline {
        if missing.is_empty() {
            return missing;
        }
        let broken: HashSet<&PathBuf> = errors.iter().map(|error| &*error.file).collect();
        let whole = files.iter().filter(|file| !broken.contains(&***file));
        let whole: HashSet<String> = whole.map(|file| self.name(file)).collect();
        missing.retain(|path| whole.contains(path) || !self.root.join(path).exists());
        missing
    }

    fn shows(&self, finding: &Finding) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == finding.rule);
        (self.pedantic || finding.severity > Severity::Info)
            && (self.only.is_empty() || named(&self.only))
            && !named(&self.skip)
    }

    /// The findings that are shown, with their severity after configuration.
    fn level(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let mut tests: HashMap<Arc<PathBuf>, (PathBuf, bool)> = HashMap::new();
        let leveled = findings.into_iter().filter_map(|mut finding| {
            let (path, test) = tests.entry(Arc::clone(&finding.file)).or_insert_with(|| {
                let test = discover::is_test_path(&self.path_in_project(&finding.file));
                (discover::normalised(&finding.file, &self.cwd), test)
            });
            finding.severity = self.config.severity(&finding, path, *test)?;
            self.shows(&finding).then_some(finding)
        });
        leveled.collect()
    }
}

/// Runs the check.
pub fn check(request: &Request, progress: Progress<'_>) -> Report {
    let started = Instant::now();
    let mut found = request.inputs();
    let discovered = started.elapsed();
    let mut files: Vec<Arc<PathBuf>> = found
        .inputs
        .iter()
        .filter(|input| input.report)
        .map(|input| Arc::clone(&input.path))
        .collect();
    files.sort();
    let reported: HashSet<Arc<PathBuf>> = files.iter().cloned().collect();
    if files.is_empty() && request.changed.is_some() {
        // Nothing of it can be reported: the project need not be read.
        found.inputs.clear();
    }
    let mut analysis = crate::analysis::analyze(found.inputs, &request.options(), progress);

    analysis.findings.retain(|finding| reported.contains(&finding.file));
    analysis.directives.retain(|(file, _)| reported.contains(file));
    // A broken file elsewhere in the project is not what this run was asked about.
    analysis
        .errors
        .retain(|error| error.kind == ErrorKind::Limit || reported.contains(&error.file));
    let mut errors = found.errors;
    errors.append(&mut analysis.errors);
    errors.sort_by(|a, b| (&a.file, a.span, a.kind, &a.message).cmp(&(&b.file, b.span, b.kind, &b.message)));
    errors.dedup();

    let judged = Instant::now();
    let settled = request.settle(
        analysis.findings,
        &analysis.directives,
        &analysis.sources,
        request.baseline.clone(),
    );
    let mut findings = settled.findings;
    let fixed = request.fixed(settled.missing, &files, &errors);
    if let Some(changed) = &request.changed {
        let mut locator = Locator::new(&analysis.sources);
        findings.retain(|finding| changed.touches(finding, &request.cwd, &mut locator));
        errors.retain(|error| changed.holds(error, &request.cwd));
        analysis.limits.retain(|limit| changed.holds(limit, &request.cwd));
    }
    let mut silenced = Vec::new();
    for (finding, reason) in settled.suppressed {
        let by = Silencer::Comment(reason);
        silenced.extend(
            request
                .level(vec![finding])
                .pop()
                .map(|finding| Silenced { finding, by }),
        );
    }
    let suppressed = silenced.len() as u64;
    let known = request.level(settled.known).into_iter();
    silenced.extend(known.map(|finding| Silenced {
        finding,
        by: Silencer::Baseline,
    }));
    let baselined = silenced.len() as u64 - suppressed;
    silenced.sort_by(|a, b| order(&a.finding).cmp(&order(&b.finding)));

    let mut timings = vec![("discover", discovered)];
    timings.append(&mut analysis.timings);
    timings.push(("suppress", judged.elapsed()));
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    let summary = Summary {
        files: analysis.files,
        skipped: analysis.skipped,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        infos: count(Severity::Info),
        suppressed,
        baselined,
        duration: started.elapsed(),
    };
    Report {
        root: discover::relative(&request.root, &request.cwd),
        findings,
        errors,
        limits: analysis.limits,
        sources: analysis.sources,
        summary,
        counters: analysis.counters,
        timings,
        files,
        silenced,
        fixed,
    }
}

/// The order of findings in every output.
fn order(finding: &Finding) -> impl Ord + '_ {
    (
        &finding.file,
        finding.span,
        finding.rule,
        finding.cause,
        &finding.message,
    )
}

/// What is known of one file.
pub struct Traced {
    /// Every acquisition, with its verdict and the evidence.
    pub entries: Vec<TraceEntry>,
    /// What kept the file from being read in full.
    pub errors: Vec<InputError>,
    /// The text of the files they name.
    pub sources: HashMap<Arc<PathBuf>, Arc<str>>,
}

/// Traces one file.
pub fn trace(request: &Request, file: &Path) -> Traced {
    let path = discover::relative(file, &request.cwd);
    let (entries, errors) = crate::analysis::trace(request.inputs().inputs, &request.options(), &path);
    let labels = entries
        .iter()
        .flat_map(|entry| entry.labels.iter().map(|label| &label.file));
    let named = entries.iter().map(|entry| &entry.file).chain(labels);
    let mut sources = HashMap::new();
    for file in named.chain(errors.iter().map(|error| &error.file)) {
        if !sources.contains_key(file)
            && let Ok(bytes) = std::fs::read(&**file)
        {
            sources.insert(Arc::clone(file), String::from_utf8_lossy(&bytes).into());
        }
    }
    Traced {
        entries,
        errors,
        sources,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Cause, Confidence};

    fn request(config: &str) -> Request {
        let file = toml::from_str(config).unwrap();
        Request {
            cwd: "/p/fixtures/app".into(),
            paths: Vec::new(),
            stdin: None,
            root: "/p".into(),
            config: Config::new(file, "/p/leaklint.toml".into(), Path::new("/p")).unwrap(),
            no_ignore: false,
            pedantic: true,
            only: Vec::new(),
            skip: Vec::new(),
            require_reason: false,
            threads: None,
            ..Request::default()
        }
    }

    fn finding(file: &str, confidence: Confidence) -> Finding {
        Finding {
            rule: "uncleared-timer",
            cause: Cause::NeverReleased,
            severity: confidence.severity(),
            confidence,
            message: String::new(),
            help: String::new(),
            file: Arc::new(file.into()),
            span: Span::new(0, 1),
            labels: Vec::new(),
            fingerprint: String::new(),
        }
    }

    fn levels(config: &str, file: &str) -> Vec<&'static str> {
        let request = request(config);
        [Confidence::High, Confidence::Medium, Confidence::Low]
            .into_iter()
            .map(|confidence| {
                let shown = request.level(vec![finding(file, confidence)]);
                shown.first().map_or("-", |finding| finding.severity.as_str())
            })
            .collect()
    }

    #[test]
    fn severity_follows_confidence_unless_configured() {
        assert_eq!(levels("", "a.ts"), ["error", "warning", "info"]);
        assert_eq!(
            levels("[rules]\nuncleared-timer = 'warning'", "a.ts"),
            ["warning", "warning", "info"]
        );
        assert_eq!(
            levels("[rules]\nuncleared-timer = 'error'", "a.ts"),
            ["error", "error", "info"]
        );
        assert_eq!(levels("[rules]\nuncleared-timer = 'off'", "a.ts"), ["-", "-", "-"]);
    }

    #[test]
    fn tests_are_lowered_by_the_path_below_the_current_directory() {
        assert_eq!(levels("", "a.test.ts"), ["info", "info", "info"]);
        assert_eq!(
            levels("[tests]\nlevel = 'warning'", "tests/a.ts"),
            ["warning", "warning", "info"]
        );
        assert_eq!(levels("[tests]\nlevel = 'off'", "tests/a.ts"), ["-", "-", "-"]);
        assert_eq!(levels("", "../../src/a.ts"), ["error", "warning", "info"]);
        assert_eq!(levels("", "../../tests/a.ts"), ["info", "info", "info"]);
    }

    #[test]
    fn an_override_wins_over_rules_and_tests() {
        let config = "[[overrides]]\npaths = ['**/*.test.ts']\nrules = { uncleared-timer = 'error' }";
        assert_eq!(levels(config, "a.test.ts"), ["error", "error", "info"]);
        assert_eq!(levels(config, "b/tests/a.ts"), ["info", "info", "info"]);
    }
}
