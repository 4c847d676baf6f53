//! The survey: what judging one file needs to know of all.
//!
//! Which calls acquire, also through the project's own functions, is found for the whole project before anything is
//! judged. Most of it is told by each file for itself, and that is [`Kept`] from one survey to the next: after an edit
//! only the files that read what changed are asked again.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::acquired::helpers::{Helper, Helpers, ReleaseHelper, ReleaseSeed};
use super::acquired::own_undo::{Undoing, Undoings};
use super::acquired::streams::Stream;
use super::released::comparison::Identity;
use super::{Acquisition, Judge, Settings};
use crate::facts::NodeId;
use crate::link::{Dependencies, FileId, Func, Memo, Place, Project, Ref};

/// The calls of a file by the name of what they call, imports taken into account.
#[derive(Debug, Default)]
pub(super) struct Called(FxHashMap<Box<str>, Vec<NodeId>>);

impl Called {
    /// The calls of these names, in source order.
    pub(super) fn calls(&self, file: FileId, names: &FxHashSet<Box<str>>) -> impl Iterator<Item = Ref> + use<> {
        let mut nodes: Vec<NodeId> = if names.len() < self.0.len() {
            let known = names.iter().filter_map(|name| self.0.get(name));
            known.flatten().copied().collect()
        } else {
            let wanted = self.0.iter().filter(|(name, _)| names.contains(*name));
            wanted.flat_map(|(_, nodes)| nodes).copied().collect()
        };
        nodes.sort_unstable();
        nodes.into_iter().map(move |node| Ref { file, node })
    }

    /// All calls by the name of what they call, names in no order.
    pub(super) fn by_name(&self) -> impl Iterator<Item = (&str, &[NodeId])> {
        self.0.iter().map(|(name, nodes)| (&**name, &**nodes))
    }
}

/// What is known of the whole project.
#[derive(Debug, Default)]
pub struct Survey {
    /// The calls that acquire, by file, and what that depends on.
    acquired: Vec<(Vec<Acquisition>, Dependencies)>,
    pub(super) helpers: Helpers,
    /// The project's own functions that give back the undo of what they did.
    pub(super) undoings: Undoings,
    /// The names of event methods whose results are disposables: whether the project disposes of some.
    pub(super) disposed_events: FxHashMap<Box<str>, bool>,
    /// The functions whose activations callbacks that run at once are part of.
    pub(super) activations: Arc<Memo<Func, Func>>,
    /// The streams that functions give back.
    pub(super) streams: Arc<Streams>,
    /// What tells objects from each other, by the places where they are named.
    pub(super) identities: Arc<Identities>,
}

type Identities = Memo<Place, Arc<Identity>>;

type Streams = Memo<Func, Option<Arc<Stream>>>;

/// A function that gives back its undo, with the name it is called by.
type Named = (Box<str>, Undoing);

/// The name of an event method whose results are disposables, and whether somebody disposes of them.
pub(super) type Event = (Box<str>, bool);

/// What files told for a survey.
#[derive(Default)]
pub struct Kept {
    undoings: Memo<FileId, Arc<Vec<Named>>>,
    disposed_events: Memo<FileId, Arc<Vec<Event>>>,
    activations: Arc<Memo<Func, Func>>,
    streams: Arc<Streams>,
    identities: Arc<Identities>,
    called: Memo<FileId, Arc<Called>>,
    seeds: Memo<FileId, Arc<Vec<ReleaseSeed>>>,
    /// These two ask the first results of a survey as well, and are good for those only.
    direct: Memo<FileId, Arc<Vec<Acquisition>>>,
    around: Memo<FileId, Arc<Vec<Helper>>>,
    known_undoings: Undoings,
    known_disposed: FxHashMap<Box<str>, bool>,
    known_releases: FxHashMap<Box<str>, Vec<ReleaseHelper>>,
}

impl Kept {
    /// Forgets what depends on what an edit changed.
    pub fn forget(&self, changed: &Dependencies) {
        self.undoings.forget(changed);
        self.disposed_events.forget(changed);
        self.activations.forget(changed);
        self.streams.forget(changed);
        self.identities.forget(changed);
        self.called.forget(changed);
        self.seeds.forget(changed);
        self.direct.forget(changed);
        self.around.forget(changed);
    }

    fn undoings(&mut self, project: &Project, settings: &Settings) -> Undoings {
        let survey = Survey::default();
        let judge = Judge::new(project, settings, &survey);
        let found = each(project, &self.undoings, |file| judge.undoings_in(file));
        let mut undoings = Undoings::default();
        for (name, undoing) in found.iter().flat_map(|of_file| of_file.iter()) {
            undoings.entry(name.clone()).or_default().push(undoing.clone());
        }
        if undoings != self.known_undoings {
            self.direct = Memo::default();
            self.around = Memo::default();
            self.known_undoings.clone_from(&undoings);
        }
        undoings
    }

    fn disposed_events(&mut self, project: &Project, settings: &Settings) -> FxHashMap<Box<str>, bool> {
        let survey = Survey::default();
        let judge = Judge::new(project, settings, &survey);
        let found = each(project, &self.disposed_events, |file| judge.disposed_events_in(file));
        let mut names: FxHashMap<Box<str>, bool> = FxHashMap::default();
        for (name, disposed) in found.iter().flat_map(|of_file| of_file.iter()) {
            *names.entry(name.clone()).or_default() |= disposed;
        }
        if names != self.known_disposed {
            self.direct = Memo::default();
            self.around = Memo::default();
            self.known_disposed.clone_from(&names);
        }
        names
    }
}

/// Asks every file what is not kept of it, in the order of the files.
fn each<T: Send + Sync>(
    project: &Project,
    memo: &Memo<FileId, Arc<T>>,
    ask: impl Fn(FileId) -> T + Sync,
) -> Vec<Arc<T>> {
    let one = |i| {
        let file = FileId(i as u32);
        let fresh = || project.remembered(memo, file, || Arc::new(ask(file)));
        memo.get(&file).unwrap_or_else(fresh)
    };
    (0..project.files.len()).into_par_iter().map(one).collect()
}

impl Survey {
    /// Surveys a project.
    pub fn new(project: &Project, settings: &Settings) -> Self {
        Self::again(project, settings, &mut Kept::default())
    }

    /// Surveys a project, using what an earlier survey of it left.
    pub fn again(project: &Project, settings: &Settings, kept: &mut Kept) -> Self {
        let mut survey = Self {
            undoings: kept.undoings(project, settings),
            disposed_events: kept.disposed_events(project, settings),
            activations: Arc::clone(&kept.activations),
            streams: Arc::clone(&kept.streams),
            identities: Arc::clone(&kept.identities),
            ..Self::default()
        };
        let judge = Judge::new(project, settings, &survey);
        let called = each(project, &kept.called, |file| judge.called(file));
        let direct = each(project, &kept.direct, |file| {
            judge.direct_acquisitions(file, &kept.called.get(&file).unwrap_or_default())
        });
        let seeds = each(project, &kept.seeds, |file| judge.release_seeds(file));
        let releasing = judge.find_release_helpers(&direct, seeds, &called);
        if *releasing.releases() != kept.known_releases {
            kept.around = Memo::default();
            kept.known_releases.clone_from(releasing.releases());
        }
        survey.helpers = releasing;
        let judge = Judge::new(project, settings, &survey);
        let around = each(project, &kept.around, |file| {
            // Taken from there, so that what they depend on is noted as well.
            let own = kept.direct.get(&file).unwrap_or_default();
            own.iter().filter_map(|a| judge.helper_around(a)).collect()
        });
        survey.helpers = judge.find_helpers(around, &called);
        let judge = Judge::new(project, settings, &survey);
        let names = survey.helpers.names();
        survey.acquired = (0..project.files.len())
            .into_par_iter()
            .map(|i| {
                let file = FileId(i as u32);
                project.recorded(|| {
                    // Notes what they depend on.
                    let own = kept.direct.get(&file).unwrap_or_default();
                    let called = kept.called.get(&file).unwrap_or_default();
                    judge.with_derived(&own, called.calls(file, &names))
                })
            })
            .collect();
        survey
    }

    /// The calls of a file that acquire.
    pub(super) fn acquired(&self, file: FileId) -> &[Acquisition] {
        let (acquired, read) = &self.acquired[file.0 as usize];
        read.note();
        acquired
    }

    /// Whether what all files share is the same in both, so that answers given under the one that read nothing else
    /// which changed hold under the other.
    pub fn shares(&self, other: &Survey) -> bool {
        self.helpers == other.helpers
            && self.undoings == other.undoings
            && self.disposed_events == other.disposed_events
    }
}

impl Judge<'_> {
    fn called(&self, file: FileId) -> Called {
        let mut called = Called::default();
        for &node in &self.project.facts(file).calls {
            let Some(name) = self.name_called(Ref { file, node }) else {
                continue;
            };
            match called.0.get_mut(&*name) {
                Some(nodes) => nodes.push(node),
                None => drop(called.0.insert(name.into(), vec![node])),
            }
        }
        called
    }

    /// A file's own acquisitions and those it makes through helpers, in source order.
    fn with_derived(&self, own: &[Acquisition], calls: impl Iterator<Item = Ref>) -> Vec<Acquisition> {
        // What a function was read to register says more than that it looks like one that does.
        let is_open = |a: &&Acquisition| !self.is_by_registrar(a);
        let known: FxHashSet<Ref> = own.iter().filter(is_open).map(|a| a.at).collect();
        let calls = calls.filter(|call| !known.contains(call));
        let derived = calls.filter_map(|call| self.acquired_through(&self.survey.helpers, call));
        let mut all: Vec<Acquisition> = derived.collect();
        let read: FxHashSet<Ref> = all.iter().map(|a| a.at).collect();
        all.extend(own.iter().filter(|a| !read.contains(&a.at)).cloned());
        all.sort_by_key(|a| self.project.span(a.at));
        all
    }
}
