//! From inputs to findings: the stages of the pipeline, in order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::answers::{self, Answer, Part};
use crate::cache::{Cache, Key};
use crate::discover;
use crate::facts::{FunctionId, Name};
use crate::finding::{Confidence, ErrorKind, Finding, Identity, InputError, Label, Role};
use crate::inputs::{self, Read, Text, read_text};
use crate::lifetime::{Evidence, Judge, Judged, Leak, Settings, Survey, Verdict};
use crate::link::limits::Limit;
use crate::link::modules::{Asked, ModuleResolver, Target};
use crate::link::packages;
use crate::link::{Dependencies, FileId, LinkInput, Project, Ref};
use crate::rule::Story;
use crate::session::{Analysis, Input, Options, TraceEntry};
use crate::syntax;
use crate::tables::Tables;

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
    /// What the disk was asked about imports, if that was noted.
    asked: Option<Vec<Asked>>,
}

/// Reads, parses, links and judges the inputs. `progress` is told how many files are done, and of how many.
pub fn analyze(inputs: Vec<Input>, options: &Options, progress: &(dyn Fn(u64, u64) + Sync)) -> Analysis {
    in_pool(options, || {
        let cache = open_cache(options);
        let start = Instant::now();
        let texts = inputs::texts(inputs, options, cache.as_ref());
        let read = start.elapsed();
        let question = cache.as_ref().and_then(|_| question(&texts, options));
        let known = cache
            .as_ref()
            .zip(question)
            .and_then(|(cache, key)| recall(cache.answer(key)?, &texts, options));
        let mut analysis = known.unwrap_or_else(|| {
            let loaded = load(texts, options, cache.as_ref(), question.is_some(), progress);
            let (analysis, answer) = judge(loaded, options);
            if let Some(cache) = cache {
                if let Some((key, answer)) = question.zip(answer) {
                    cache.put(key, &answer);
                }
                cache.finish();
            }
            analysis
        });
        analysis.timings.insert(0, ("read", read));
        keep_sources(&mut analysis);
        analysis
    })
}

/// What the same texts were found to say before, if the imports between them lead where they led.
fn recall(answer: Answer, texts: &[Text], options: &Options) -> Option<Analysis> {
    let start = Instant::now();
    let paths = real_paths(
        texts.iter().map(|text| (&*text.input.path, text.input.explicit)),
        &options.cwd,
    );
    let resolver = ModuleResolver::new(paths.iter().cloned());
    if !answer.holds(&resolver, &paths, &real_path(&options.root)) {
        return None;
    }
    let paths: Vec<Arc<PathBuf>> = texts.iter().map(|text| Arc::clone(&text.input.path)).collect();
    let mut analysis = answer.analysis(&paths)?;
    let text = |text: &Text| (Arc::clone(&text.input.path), text.text.clone().unwrap_or_default());
    analysis.sources = texts.iter().map(text).collect();
    let bytes: usize = analysis.sources.values().map(|text| text.len()).sum();
    analysis.counters = vec![
        ("files read", texts.len() as u64),
        ("files from the cache", texts.len() as u64),
        ("bytes read", bytes as u64),
        ("findings", analysis.findings.len() as u64),
    ];
    analysis.timings.push(("recall", start.elapsed()));
    Some(analysis)
}

fn judge(loaded: Loaded, options: &Options) -> (Analysis, Option<Answer>) {
    let Loaded {
        project,
        texts,
        mut analysis,
        asked,
    } = loaded;
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
    let paths: Vec<Arc<PathBuf>> = project.files.iter().map(|file| Arc::clone(&file.path)).collect();
    let packages = || project.files.iter().map(|file| file.package).collect();
    let answer = asked.and_then(|asked| Answer::of(&analysis, &paths, &asked, packages()));
    (analysis, answer)
}

/// Every acquisition in `file`, with its verdict and the evidence for it.
pub fn trace(inputs: Vec<Input>, options: &Options, file: &Path) -> (Vec<TraceEntry>, Vec<InputError>) {
    in_pool(options, || {
        let cache = open_cache(options);
        let texts = inputs::texts(inputs, options, cache.as_ref());
        let Loaded { project, analysis, .. } = load(texts, options, cache.as_ref(), false, &|_, _| {});
        if let Some(cache) = cache {
            cache.finish();
        }
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

/// What is asked about these texts. `None` when it will not be asked again: there are none, or one was typed.
fn question(texts: &[Text], options: &Options) -> Option<Key> {
    fn part(text: &Text) -> Option<Part<'_>> {
        Some(Part {
            path: &text.input.path,
            report: text.input.report,
            explicit: text.input.explicit,
            text: match &text.text {
                Ok(_) => Ok(text.key?),
                Err(error) => Err(error),
            },
        })
    }
    let parts: Vec<Part<'_>> = texts.iter().map(part).collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| answers::key(&parts, options))
}

/// Reads what the texts say and links it. With `asks`, what the disk is asked about imports is noted.
fn load(
    texts: Vec<Text>,
    options: &Options,
    cache: Option<&Cache>,
    asks: bool,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Loaded {
    let mut analysis = Analysis::default();
    let total = texts.len() as u64;
    let done = AtomicU64::new(0);
    let start = Instant::now();
    if total > 0 && options.extra_tables.is_none() {
        // Made while files are read, rather than when somebody waits for them.
        rayon::spawn(|| drop(Tables::builtin()));
    }
    let read: Vec<Read> = texts
        .into_par_iter()
        .map(|text| {
            let read = read_text(text, None, cache);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            read
        })
        .collect();
    let hits = cache.map_or(0, Cache::hits);
    analysis.files = read.iter().filter(|r| r.report).count() as u64;
    analysis.skipped = read.iter().filter(|r| r.wanted && !r.report).count() as u64;
    analysis.timings.push(("parse, extract", start.elapsed()));
    let start = Instant::now();
    let Linked {
        project,
        errors,
        resolver,
    } = link(&read, options, asks);
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
        asked: asks.then(|| resolver.asked()),
    }
}

/// Links files that were read; their order decides their ids. With `asks`, the resolver notes what it asks the disk.
pub(crate) fn link(read: &[Read], options: &Options, asks: bool) -> Linked {
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
    let paths = real_paths(read.iter().map(|read| (&*read.path, read.explicit)), &options.cwd);
    let mut resolver = ModuleResolver::new(paths.iter().cloned());
    if asks {
        resolver = resolver.recording();
    }
    let packages = packages::published(&paths, &real_path(&options.root));
    let inputs = read
        .par_iter()
        .zip(&paths)
        .zip(&packages)
        .map(|((read, path), package)| LinkInput {
            path: Arc::clone(&read.path),
            report: read.report,
            is_test: discover::is_test_path(Path::new(&options.name(&read.path))),
            is_job: discover::is_job_path(Path::new(&options.name(&read.path))),
            package: *package,
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
fn real_paths<'a>(files: impl Iterator<Item = (&'a PathBuf, bool)>, cwd: &Path) -> Vec<PathBuf> {
    let mut folders: FxHashMap<&Path, PathBuf> = FxHashMap::default();
    let paths = files.map(|(path, explicit)| {
        let (Some(folder), Some(name), false) = (path.parent(), path.file_name(), explicit) else {
            return real_path(&cwd.join(path));
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
        often: &leak.often,
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
        note: match &j.verdict {
            Verdict::Leak(leak) => why_low(leak),
            _ => None,
        },
        labels: evidence.iter().map(|e| label(project, e)).collect(),
    })
}

/// What keeps a leak from the default level, if it is of low confidence.
fn why_low(leak: &Leak) -> Option<String> {
    if leak.confidence != Confidence::Low {
        return None;
    }
    let told = "low confidence: only told with `--pedantic`";
    let is_repeated = leak.evidence.iter().any(|e| e.role == Role::Context);
    Some(match is_repeated {
        true => told.to_owned(),
        false => format!("{told}, as nothing in sight shows that this happens again and again"),
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
