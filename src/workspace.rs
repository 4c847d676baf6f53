//! A project that stays in memory while it is edited.
//!
//! The stages are those of [`crate::analysis`] and [`crate::session`], and so are the answers: after any edits a file
//! has the findings that a fresh run on the same texts gives it. What differs is how little is done again. An edit
//! parses one file, links it, and lets go of the answers that read it; the others stand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::analysis;
use crate::discover;
use crate::finding::{Finding, InputError};
use crate::inputs::{self, Read};
use crate::lifetime::{Judge, Kept, Settings, Survey};
use crate::link::modules::ModuleResolver;
use crate::link::{Dependencies, FileId, Project};
use crate::session::{Input, Options, Request};
use crate::suppress;
use crate::syntax::lines::LineIndex;

/// What is said about one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The findings that are shown, in the order of a report.
    pub findings: Vec<Finding>,
    /// What kept the file from being checked in full.
    pub errors: Vec<InputError>,
}

/// An answer, and what it depends on.
struct Known {
    answer: Arc<Answer>,
    read: Dependencies,
}

/// A project in memory.
pub struct Workspace {
    request: Request,
    options: Options,
    settings: Settings,
    /// What an editor holds of files, by their absolute paths; it counts instead of what is on the disk.
    open: HashMap<PathBuf, Arc<str>>,
    /// The files, in the order of their ids.
    files: Vec<Read>,
    ids: FxHashMap<PathBuf, FileId>,
    project: Project,
    resolver: ModuleResolver,
    known: Vec<Option<Known>>,
    /// What the answers share, and whether it is that of the texts there are now.
    survey: Survey,
    is_surveyed: bool,
    kept: Kept,
    /// What went wrong with the project as a whole.
    errors: Vec<InputError>,
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl Workspace {
    /// Reads the project of a request. `open` is what an editor holds, by absolute path.
    pub fn new(request: Request, open: HashMap<PathBuf, Arc<str>>) -> Self {
        let options = request.options();
        let linked = analysis::link(&[], &options, false);
        let mut workspace = Self {
            settings: analysis::settings(&options),
            request,
            open,
            files: Vec::new(),
            ids: FxHashMap::default(),
            project: linked.project,
            resolver: linked.resolver,
            known: Vec::new(),
            survey: Survey::default(),
            is_surveyed: false,
            kept: Kept::default(),
            errors: Vec::new(),
            pool: analysis::pool(&options).map(Arc::new),
            options,
        };
        workspace.rescan();
        workspace
    }

    /// The request it answers.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What went wrong with the project as a whole.
    pub fn errors(&self) -> &[InputError] {
        &self.errors
    }

    /// Lists the project anew, for when files came or went. Files whose text is the same are not parsed again.
    pub fn rescan(&mut self) {
        let pool = self.pool.clone();
        in_pool(pool.as_deref(), || self.rescan_in_pool());
    }

    /// Answers another request about the same folder: its configuration changed.
    pub fn configure(&mut self, request: Request) {
        self.options = request.options();
        self.settings = analysis::settings(&self.options);
        self.request = request;
        self.rescan();
    }

    fn rescan_in_pool(&mut self) {
        let found = self.request.inputs();
        self.errors = found.errors;
        let mut before: FxHashMap<PathBuf, Read> = std::mem::take(&mut self.files)
            .into_iter()
            .map(|read| (self.absolute(&read.path), read))
            .collect();
        let inputs = self.with_open(found.inputs);
        let inputs: Vec<(Input, Option<Read>)> = inputs
            .into_iter()
            .map(|input| {
                let old = before.remove(&self.absolute(&input.path));
                (input, old)
            })
            .collect();
        let cache = analysis::open_cache(&self.options);
        self.files = inputs
            .into_par_iter()
            .map(|(input, old)| inputs::read_again(input, old, &self.options, cache.as_ref()))
            .collect();
        if let Some(cache) = cache {
            cache.finish();
        }
        let linked = analysis::link(&self.files, &self.options, false);
        self.errors.extend(linked.errors);
        self.project = linked.project.recording();
        self.resolver = linked.resolver;
        self.ids = (0..self.files.len())
            .map(|i| (self.absolute(&self.files[i].path), FileId(i as u32)))
            .collect();
        self.known = self.files.iter().map(|_| None).collect();
        self.kept = Kept::default();
        self.is_surveyed = false;
    }

    /// The inputs with the texts of the editor, and with its files that are not on the disk yet.
    fn with_open(&self, mut inputs: Vec<Input>) -> Vec<Input> {
        let mut fresh = self.open.clone();
        for input in &mut inputs {
            if let Some(text) = fresh.remove(&self.absolute(&input.path)) {
                input.text = Some(text);
            }
        }
        // What is on the disk and was not listed is excluded, and stays so.
        inputs.extend(
            fresh
                .into_iter()
                .filter(|(path, _)| self.would_list(path) && !path.exists())
                .map(|(path, text)| Input {
                    path: Arc::new(discover::relative(&path, &self.request.cwd)),
                    text: Some(text),
                    report: true,
                    explicit: true,
                }),
        );
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        inputs
    }

    fn would_list(&self, path: &Path) -> bool {
        path.starts_with(&self.request.cwd) && discover::is_source_path(path) && self.request.config.wants(path)
    }

    /// The absolute path of one that is relative to the folder.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        discover::normalised(path, &self.request.cwd)
    }

    /// Sets what the editor holds of a file; `None` when it closed it and the disk counts again. The path is
    /// absolute. Returns whether the project has to be listed anew because the file was or becomes unknown.
    pub fn set_text(&mut self, path: &Path, text: Option<Arc<str>>) -> bool {
        match &text {
            Some(text) => self.open.insert(path.to_path_buf(), Arc::clone(text)),
            None => self.open.remove(path),
        };
        match self.ids.get(path).copied() {
            Some(id) if text.is_some() || path.exists() => {
                self.read_anew(id, text);
                false
            }
            Some(_) => true,
            None => text.is_some() && self.would_list(path) && !path.exists(),
        }
    }

    /// Whether it holds a file, or files below this folder.
    pub fn holds(&self, path: &Path) -> bool {
        self.ids.keys().any(|file| file.starts_with(path))
    }

    /// Whether a text with another comment in it silences a finding, and is as sound as the text there is.
    pub fn silences(&self, path: &Path, text: &str, finding: Finding) -> bool {
        let reading = in_pool(self.pool.as_deref(), || crate::reading::read(path, text));
        let known = self.ids.get(path).map(|id| self.files[id.0 as usize].errors.len());
        let lines = LineIndex::new(text);
        let comments = reading.comments.iter();
        let directives = comments.filter_map(|c| suppress::parse(&c.text, c.span, text, &lines));
        let directives = [(Arc::clone(&finding.file), directives.collect())];
        let sources = HashMap::from([(Arc::clone(&finding.file), text.into())]);
        let name = |file: &Path| self.request.name(file);
        let applied = suppress::apply(vec![finding], &directives, &sources, &name, false);
        known == Some(reading.errors.len()) && !applied.suppressed.is_empty()
    }

    /// Reads a file of the disk again. Returns whether the project has to be listed anew instead.
    pub fn changed_on_disk(&mut self, path: &Path) -> bool {
        if self.open.contains_key(path) {
            return false;
        }
        match self.ids.get(path).copied() {
            Some(id) if path.exists() => {
                self.read_anew(id, None);
                false
            }
            Some(_) => true,
            None => self.would_list(path) && path.exists(),
        }
    }

    fn read_anew(&mut self, id: FileId, text: Option<Arc<str>>) {
        let index = id.0 as usize;
        let old = &self.files[index];
        let input = Input {
            path: Arc::clone(&old.path),
            text,
            report: old.wanted,
            explicit: old.explicit,
        };
        let old = std::mem::take(&mut self.files[index]);
        let before = Arc::clone(&old.facts);
        let (read, targets) = in_pool(self.pool.as_deref(), || {
            let read = inputs::read_again(input, Some(old), &self.options, None);
            let targets = analysis::targets(&self.resolver, &self.options, &read);
            (read, targets)
        });
        self.files[index] = read;
        let facts = Arc::clone(&self.files[index].facts);
        // Its comments may differ all the same.
        self.known[index] = None;
        if Arc::ptr_eq(&before, &facts) {
            return;
        }
        let changed = self.project.replace(id, facts, targets);
        self.kept.forget(&changed);
        self.is_surveyed = false;
        for known in &mut self.known {
            if known.as_ref().is_some_and(|known| known.read.meet(&changed)) {
                *known = None;
            }
        }
    }

    /// The files that are reported on: absolute paths, in the order of a report.
    pub fn reported(&self) -> Vec<PathBuf> {
        let reported = self.files.iter().filter(|read| read.report);
        reported.map(|read| self.absolute(&read.path)).collect()
    }

    /// The text a file has now.
    pub fn text(&self, path: &Path) -> Option<&Arc<str>> {
        Some(&self.files[self.ids.get(path)?.0 as usize].text)
    }

    /// What is said about some files, by absolute path. A file that is not reported on has no answer.
    pub fn answers(&mut self, paths: &[PathBuf]) -> Vec<Option<Arc<Answer>>> {
        self.survey_again();
        let wanted = paths.iter().filter_map(|path| self.ids.get(path).copied());
        let missing: Vec<FileId> = wanted
            .filter(|id| self.known[id.0 as usize].is_none() && self.files[id.0 as usize].report)
            .collect();
        let fresh: Vec<(FileId, Known)> = if missing.is_empty() {
            Vec::new()
        } else {
            in_pool(self.pool.as_deref(), || {
                missing.into_par_iter().map(|id| (id, self.judge(id))).collect()
            })
        };
        for (id, known) in fresh {
            self.known[id.0 as usize] = Some(known);
        }
        let answer = |path: &PathBuf| {
            let known = self.known[self.ids.get(path)?.0 as usize].as_ref()?;
            Some(Arc::clone(&known.answer))
        };
        paths.iter().map(answer).collect()
    }

    /// Brings up to date what the answers share. If it is not the same, none of them holds.
    fn survey_again(&mut self) {
        if self.is_surveyed {
            return;
        }
        let pool = self.pool.clone();
        let survey = in_pool(pool.as_deref(), || {
            Survey::again(&self.project, &self.settings, &mut self.kept)
        });
        if !survey.shares(&self.survey) {
            self.known.fill_with(|| None);
        }
        self.survey = survey;
        self.is_surveyed = true;
    }

    fn judge(&self, id: FileId) -> Known {
        let file = &self.files[id.0 as usize];
        let (mut findings, read) = self.project.recorded(|| {
            let judged = Judge::new(&self.project, &self.settings, &self.survey).file(id);
            let name = self.options.name(&file.path);
            analysis::findings(&self.project, &file.text, id, &name, &judged)
        });
        findings.sort_by(|a, b| (a.span, a.rule).cmp(&(b.span, b.rule)));
        let directives = [(Arc::clone(&file.path), file.directives.clone())];
        let sources = HashMap::from([(Arc::clone(&file.path), Arc::clone(&file.text))]);
        let name = self.request.name(&file.path);
        let baseline = self.request.baseline.as_ref().map(|baseline| baseline.part(&name));
        let settled = self.request.settle(findings, &directives, &sources, baseline);
        let answer = Arc::new(Answer {
            findings: settled.findings,
            errors: file.errors.clone(),
        });
        Known { answer, read }
    }
}

fn in_pool<T: Send>(pool: Option<&rayon::ThreadPool>, run: impl FnOnce() -> T + Send) -> T {
    match pool {
        Some(pool) => pool.install(run),
        None => run(),
    }
}
