//! From inputs to findings: the stages of the pipeline, in order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::cache::{Cache, Key};
use crate::discover;
use crate::facts::{FileFacts, FunctionId, Name};
use crate::finding::{ErrorKind, Finding, Identity, InputError, Label};
use crate::lifetime::{Evidence, Judge, Judged, Leak, Settings, Survey, Verdict};
use crate::link::limits::Limit;
use crate::link::modules::{ModuleResolver, Target};
use crate::link::{Dependencies, FileId, LinkInput, Project, Ref};
use crate::reading;
use crate::rule::Story;
use crate::session::{Analysis, Input, Options, TraceEntry};
use crate::suppress::{self, Directive};
use crate::syntax;
use crate::syntax::lines::LineIndex;
use crate::tables::Tables;

/// One file after the parallel stage.
#[derive(Default)]
pub(crate) struct Read {
    /// Relative to the current directory.
    pub path: Arc<PathBuf>,
    /// Whether it was to be reported on.
    pub wanted: bool,
    /// Whether it is: what is minified is not, unless it was named.
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

/// A project, and what is needed to put another version of a file into it.
pub(crate) struct Linked {
    pub project: Project,
    pub resolver: ModuleResolver,
    /// Why the configuration's own rows were not used.
    pub errors: Vec<InputError>,
}

/// The linked project and what reading it told.
struct Loaded {
    project: Project,
    texts: Vec<Arc<str>>,
    analysis: Analysis,
}

/// Reads, parses, links and judges the inputs. `progress` is told how many files are done, and of how many.
pub fn analyze(inputs: Vec<Input>, options: &Options, progress: &(dyn Fn(u64, u64) + Sync)) -> Analysis {
    in_pool(options, || {
        let Loaded {
            project,
            texts,
            mut analysis,
        } = load(inputs, options, progress);
        let settings = settings(options);
        let start = Instant::now();
        let survey = Survey::new(&project, &settings);
        analysis.timings.push(("survey", start.elapsed()));
        let judge = Judge::new(&project, &settings, &survey);
        let start = Instant::now();
        let judged: Vec<(FileId, (Vec<Judged>, Dependencies))> = reported(&project)
            .map(|f| (f, project.recorded(|| judge.file(f))))
            .collect();
        analysis.timings.push(("judge", start.elapsed()));
        let verdicts: usize = judged.iter().map(|(_, (j, _))| j.len()).sum();
        analysis.counters.push(("verdicts", verdicts as u64));
        for (file, (judged, read)) in &judged {
            let path = &project.file(*file).path;
            analysis.limits.extend(limit_errors(path, read));
            let name = options.name(path);
            analysis
                .findings
                .extend(findings(&project, &texts[file.0 as usize], *file, &name, judged));
        }
        analysis
            .findings
            .sort_by(|a, b| (&a.file, a.span, a.rule).cmp(&(&b.file, b.span, b.rule)));
        analysis.counters.push(("bounds reached", analysis.limits.len() as u64));
        analysis.counters.push(("findings", analysis.findings.len() as u64));
        keep_sources(&mut analysis);
        analysis
    })
}

/// Every acquisition in `file`, with its verdict and the evidence for it.
pub fn trace(inputs: Vec<Input>, options: &Options, file: &Path) -> (Vec<TraceEntry>, Vec<InputError>) {
    in_pool(options, || {
        let Loaded { project, analysis, .. } = load(inputs, options, &|_, _| {});
        let settings = settings(options);
        let survey = Survey::new(&project, &settings);
        let judge = Judge::new(&project, &settings, &survey);
        let errors = analysis.errors.into_iter().filter(|error| error.file.as_path() == file);
        let wanted = project.files.iter().position(|f| f.path.as_path() == file);
        let judged = wanted.map_or_else(Vec::new, |i| judge.file(FileId(i as u32)));
        let entries = judged.iter().filter_map(|j| trace_entry(&project, j));
        (entries.collect(), errors.collect())
    })
}

fn in_pool<T: Send>(options: &Options, run: impl FnOnce() -> T + Send) -> T {
    match pool(options) {
        Some(pool) => pool.install(run),
        None => run(),
    }
}

/// Threads whose stacks carry whatever the parser lets through.
pub(crate) fn pool(options: &Options) -> Option<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .stack_size(syntax::WORKER_STACK)
        .build()
        .ok()
}

/// The cache of the project, if it has one.
pub(crate) fn open_cache(options: &Options) -> Option<Cache> {
    let folder = options.cache.as_deref()?;
    Some(Cache::open(folder, &options.root))
}

pub(crate) fn settings(options: &Options) -> Settings {
    Settings {
        large_bytes: options.large_object_bytes,
        long_lived: options.long_lived_names.clone(),
        teardown: options.teardown_names.clone(),
    }
}

fn reported(project: &Project) -> impl ParallelIterator<Item = FileId> + '_ {
    (0..project.files.len())
        .into_par_iter()
        .map(|i| FileId(i as u32))
        .filter(|f| project.file(*f).report)
}

fn load(mut inputs: Vec<Input>, options: &Options, progress: &(dyn Fn(u64, u64) + Sync)) -> Loaded {
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    let mut analysis = Analysis::default();
    let total = inputs.len() as u64;
    let done = AtomicU64::new(0);
    let cache = open_cache(options);
    let start = Instant::now();
    if total > 0 && options.extra_tables.is_none() {
        // Made while files are read, rather than when somebody waits for them.
        rayon::spawn(|| drop(Tables::builtin()));
    }
    let read: Vec<Read> = inputs
        .into_par_iter()
        .map(|input| {
            let read = read_file(input, options, cache.as_ref());
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            read
        })
        .collect();
    let hits = cache.as_ref().map_or(0, Cache::hits);
    if let Some(cache) = cache {
        cache.finish();
    }
    analysis.files = read.iter().filter(|r| r.report).count() as u64;
    analysis.skipped = read.iter().filter(|r| r.wanted && !r.report).count() as u64;
    analysis.timings.push(("read, parse, extract", start.elapsed()));
    let start = Instant::now();
    let Linked { project, errors, .. } = link(&read, options);
    analysis.errors.extend(errors);
    let mut texts = Vec::with_capacity(read.len());
    for r in read {
        if r.report {
            analysis.errors.extend(r.errors);
            if !r.directives.is_empty() {
                analysis.directives.push((r.path.clone(), r.directives));
            }
        }
        analysis.sources.insert(r.path.clone(), r.text.clone());
        texts.push(r.text);
    }
    analysis.timings.push(("link", start.elapsed()));
    let nodes: usize = project.files.iter().map(|f| f.facts.nodes.len()).sum();
    let bytes: usize = texts.iter().map(|t| t.len()).sum();
    analysis.counters.push(("files read", project.files.len() as u64));
    analysis.counters.push(("files from the cache", hits));
    analysis.counters.push(("bytes read", bytes as u64));
    analysis.counters.push(("fact nodes", nodes as u64));
    Loaded {
        project,
        texts,
        analysis,
    }
}

/// Links files that were read; their order decides their ids.
pub(crate) fn link(read: &[Read], options: &Options) -> Linked {
    let mut errors = Vec::new();
    let tables = match options.extra_tables.as_deref().map(Tables::with_user_rows) {
        None if read.is_empty() => Arc::default(),
        None => Tables::builtin(),
        Some(Ok(tables)) => tables,
        Some(Err(e)) => {
            errors.push(InputError {
                kind: ErrorKind::Limit,
                message: format!("the configuration's own rows were not used: {e}"),
                file: Arc::new(PathBuf::from("leaklint.toml")),
                span: None,
            });
            Tables::builtin()
        }
    };
    let paths = real_paths(read, &options.cwd);
    let resolver = ModuleResolver::new(paths.iter().cloned());
    let inputs = read
        .par_iter()
        .zip(&paths)
        .map(|(read, path)| LinkInput {
            path: Arc::clone(&read.path),
            report: read.report,
            is_test: discover::is_test_path(Path::new(&options.name(&read.path))),
            facts: Arc::clone(&read.facts),
            targets: resolver.targets(path, &read.facts),
        })
        .collect();
    Linked {
        project: Project::link(inputs, tables),
        resolver,
        errors,
    }
}

/// What the specifiers of one file lead to.
pub(crate) fn targets(resolver: &ModuleResolver, options: &Options, read: &Read) -> FxHashMap<Name, Target> {
    resolver.targets(&real_path(&options.cwd.join(&*read.path)), &read.facts)
}

/// The paths of files without links. A walk follows no links, so that of a file it found is that of its folder and
/// its name, and each folder is asked for once; files that were named are asked for one by one.
fn real_paths(read: &[Read], cwd: &Path) -> Vec<PathBuf> {
    let mut folders: FxHashMap<&Path, PathBuf> = FxHashMap::default();
    let paths = read.iter().map(|read| {
        let (Some(folder), Some(name), false) = (read.path.parent(), read.path.file_name(), read.explicit) else {
            return real_path(&cwd.join(&*read.path));
        };
        let real = folders.entry(folder).or_insert_with(|| real_path(&cwd.join(folder)));
        real.join(name)
    });
    paths.collect()
}

/// A path without links; one of a file that is not there yet as far as its folder.
fn real_path(path: &Path) -> PathBuf {
    let beside = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize()
        .ok()
        .or_else(beside)
        .unwrap_or_else(|| path.to_path_buf())
}

fn read_file(input: Input, options: &Options, cache: Option<&Cache>) -> Read {
    read_again(input, None, options, cache)
}

/// Reads a file. If it has the text it had before, what it says is the same.
pub(crate) fn read_again(input: Input, before: Option<Read>, options: &Options, cache: Option<&Cache>) -> Read {
    let mut read = Read {
        path: Arc::clone(&input.path),
        wanted: input.report,
        report: input.report,
        explicit: input.explicit,
        ..Read::default()
    };
    let error = |kind, message, span| InputError {
        kind,
        message,
        file: Arc::clone(&input.path),
        span,
    };
    read.text = match input.text {
        Some(ref text) => Arc::clone(text),
        None => match syntax::read(&options.cwd.join(&*input.path), options.max_file_size) {
            Ok(text) => text.into(),
            Err(e) => {
                read.facts = reading::nothing(&input.path);
                read.errors.push(error(e.kind, e.message, None));
                return read;
            }
        },
    };
    read.report &= input.explicit || !discover::is_minified(&read.text);
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
    // What is typed changes with every key: only files of the disk are worth keeping.
    let cached = cache
        .filter(|_| input.text.is_none())
        .map(|cache| (cache, Key::new(&input.path, text)));
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
    let errors = reading.errors.into_iter();
    read.errors = errors.map(|e| error(e.kind, e.message, e.span)).collect();
    read.facts = reading.facts;
    read
}

/// The bounds that judging a file has reached: one entry for each.
fn limit_errors(path: &Arc<PathBuf>, read: &Dependencies) -> Vec<InputError> {
    let entry = |limit: Limit| InputError {
        kind: ErrorKind::Limit,
        message: format!(
            "the analysis did not follow {} to the end; findings may be missing in this file",
            limit.as_str()
        ),
        file: Arc::clone(path),
        span: None,
    };
    read.limits().iter().map(entry).collect()
}

fn label(project: &Project, e: &Evidence) -> Label {
    Label {
        role: e.role,
        message: e.text.clone(),
        file: project.file(e.at.file).path.clone(),
        span: project.span(e.at),
    }
}

/// A leak as a rule sees it.
fn story<'a>(j: &'a Judged, leak: &'a Leak) -> Story<'a> {
    Story {
        what: &j.acquisition.what,
        cause: leak.cause,
        holder: &leak.holder,
        often: leak.often,
        remedy: &leak.remedy,
    }
}

/// The findings of one file; `name` is its path in the project, which goes into their fingerprints.
pub(crate) fn findings(project: &Project, text: &str, file: FileId, name: &str, judged: &[Judged]) -> Vec<Finding> {
    let whole = text;
    let mut out = Vec::new();
    let mut seen: HashMap<(String, String), u32> = HashMap::new();
    for j in judged {
        let Verdict::Leak(leak) = &j.verdict else { continue };
        let Some(rule) = crate::rules::find(&j.acquisition.rule) else {
            continue;
        };
        let Some(word) = rule.word else { continue };
        let wording = word(&story(j, leak));
        let span = project.span(j.acquisition.at);
        let path = project.file(file).path.clone();
        let text = whole.get(span.start as usize..span.end as usize).unwrap_or_default();
        let functions = enclosing_names(project, j.acquisition.at);
        let names: Vec<&str> = functions.iter().map(String::as_str).collect();
        let mut identity = Identity {
            rule: rule.name,
            path: name,
            cause: leak.cause,
            text,
            functions: &names,
            duplicate: 0,
        };
        let count = seen.entry((rule.name.to_owned(), identity.fingerprint())).or_default();
        identity.duplicate = *count;
        *count += 1;
        out.push(Finding {
            rule: rule.name,
            cause: leak.cause,
            severity: leak.confidence.severity(),
            confidence: leak.confidence,
            message: wording.message,
            help: wording.help,
            file: path,
            span,
            labels: leak.evidence.iter().map(|e| label(project, e)).collect(),
            fingerprint: identity.fingerprint(),
        });
    }
    out
}

/// The names of the functions around a node, from outside in.
fn enclosing_names(project: &Project, at: Ref) -> Vec<String> {
    let facts = project.facts(at.file);
    let mut names = Vec::new();
    let mut function = Some(facts.enclosing_function(at.node));
    while let Some(f) = function.filter(|f| *f != FunctionId::MODULE) {
        let here = facts.function(f);
        names.extend(here.name.map(|n| facts.name(n).to_owned()));
        function = here.parent;
    }
    names.reverse();
    names
}

fn trace_entry(project: &Project, j: &Judged) -> Option<TraceEntry> {
    let rule = crate::rules::find(&j.acquisition.rule)?;
    let (reason, evidence) = match &j.verdict {
        Verdict::Leak(leak) => (rule.word?(&story(j, leak)).message, &leak.evidence),
        Verdict::Released(r, e) | Verdict::Transferred(r, e) | Verdict::Bounded(r, e) | Verdict::Unknown(r, e) => {
            (r.clone(), e)
        }
    };
    Some(TraceEntry {
        rule: rule.name,
        file: project.file(j.acquisition.at.file).path.clone(),
        span: project.span(j.acquisition.at),
        verdict: j.verdict.name(),
        reason,
        labels: evidence.iter().map(|e| label(project, e)).collect(),
    })
}

/// Keeps the text of files that something points into, and lets the rest go.
fn keep_sources(analysis: &mut Analysis) {
    let mut wanted: Vec<Arc<PathBuf>> = Vec::new();
    for f in &analysis.findings {
        wanted.push(f.file.clone());
        wanted.extend(f.labels.iter().map(|l| l.file.clone()));
    }
    wanted.extend(analysis.errors.iter().map(|e| e.file.clone()));
    wanted.extend(analysis.directives.iter().map(|(p, _)| p.clone()));
    let wanted: std::collections::HashSet<_> = wanted.into_iter().collect();
    analysis.sources.retain(|path, _| wanted.contains(path));
}
