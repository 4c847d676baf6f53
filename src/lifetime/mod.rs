//! Lifetimes: what is acquired, who holds it and for how long, how often, and whether it is released.
//!
//! Every acquisition of a file gets a [`Verdict`] with the evidence for it. Rules only word the leaks; `trace` prints
//! the rest. Nothing here words a message for a rule, and nothing here reads a syntax tree.
//!
//! One room for each question: `acquired`, `held`, `often`, `released`; `grown` asks them all of collections, and `kept` of
//! what no call acquires. `survey` asks all files what one of them has to know of the others, `judge` comes to the
//! verdicts.

mod acquired;
mod display;
mod grown;
mod held;
mod judge;
mod kept;
mod often;
mod released;
mod remedy;
mod survey;

use std::borrow::Cow;

use crate::facts::{FunctionId, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::link::{FileId, Func, Place, Project, Ref, Repetition};

pub use held::size::LARGE_BYTES;
pub use survey::{Kept, Survey};

/// What an acquisition is, beside the call itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A row of the pair tables.
    Pair {
        /// Index of the row.
        row: usize,
        /// The receiver.
        target: Option<Ref>,
        /// The event or other key.
        key: Option<Ref>,
        /// What is registered.
        handler: Option<Ref>,
        /// The options.
        options: Option<Ref>,
        /// After how long it ends by itself.
        delay: Option<Ref>,
        /// Whether the receiver's type is known.
        typed: bool,
        /// The project's own function that acquires it for its caller.
        via: Option<std::sync::Arc<acquired::helpers::Helper>>,
    },
    /// Something is added to a collection.
    Growth {
        /// The collection.
        place: Place,
        /// The key it is added under.
        key: Option<Ref>,
    },
    /// A closure that keeps a large value.
    Capture,
    /// A value parked where it outlives its use.
    Parked {
        /// Where.
        place: Place,
    },
}

/// Something that must be released one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Acquisition {
    /// The rule it falls under.
    pub rule: String,
    /// What it is, in words: `interval`, `listener`.
    pub what: String,
    /// The call or assignment.
    pub at: Ref,
    /// More of it.
    pub kind: Kind,
}

impl Acquisition {
    /// A call that a row of the pair tables acquires by, of which nothing but the call is known.
    fn of_row(row: usize, pair: &crate::tables::PairRow, at: Ref, typed: bool) -> Self {
        Self {
            rule: pair.rule.clone(),
            what: pair.what.clone(),
            at,
            kind: Kind::Pair {
                row,
                target: None,
                key: None,
                handler: None,
                options: None,
                delay: None,
                typed,
                via: None,
            },
        }
    }

    /// The row of the pair tables, if it is one of these.
    fn row(&self) -> Option<usize> {
        match self.kind {
            Kind::Pair { row, .. } => Some(row),
            _ => None,
        }
    }

    /// The receiver.
    fn target(&self) -> Option<Ref> {
        match self.kind {
            Kind::Pair { target, .. } => target,
            _ => None,
        }
    }

    /// What is registered.
    fn handler(&self) -> Option<Ref> {
        match self.kind {
            Kind::Pair { handler, .. } => handler,
            _ => None,
        }
    }

    /// The receiver and what is registered on it, where both are known.
    fn registration(&self) -> Option<(Ref, Ref)> {
        self.target().zip(self.handler())
    }

    /// The event that something is registered for.
    fn key(&self) -> Option<Ref> {
        match self.kind {
            Kind::Pair { key, .. } => key,
            _ => None,
        }
    }

    /// The same with another receiver.
    fn on(&self, receiver: Ref) -> Self {
        let mut out = self.clone();
        if let Kind::Pair { target, .. } = &mut out.kind {
            *target = Some(receiver);
        }
        out
    }
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What it tells.
    pub role: Role,
    /// Where.
    pub at: Ref,
    /// One short clause.
    pub text: String,
}

/// A leak, with everything a rule needs to word it.
#[derive(Clone, Debug)]
pub struct Leak {
    /// Why it stays.
    pub cause: Cause,
    /// How sure that is.
    pub confidence: Confidence,
    /// Who holds it, in words: `` `process` ``, `the runtime's timer list`.
    pub holder: String,
    /// How often, in words: `for each request`.
    pub often: Cow<'static, str>,
    /// What is missing, and where.
    pub remedy: Remedy,
    /// The rest of the story.
    pub evidence: Vec<Evidence>,
}

/// What became of an acquisition.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It stays, again and again.
    Leak(Leak),
    /// It is released; where.
    Released(String, Vec<Evidence>),
    /// Someone else has to release it.
    Transferred(String, Vec<Evidence>),
    /// It cannot grow without end.
    Bounded(String, Vec<Evidence>),
    /// Nobody knows; why.
    Unknown(String, Vec<Evidence>),
}

impl Verdict {
    /// The word that `trace` prints.
    pub fn name(&self) -> String {
        match self {
            Verdict::Leak(l) => format!("Leak({})", l.cause.as_str()),
            Verdict::Released(..) => "Released".into(),
            Verdict::Transferred(..) => "Transferred".into(),
            Verdict::Bounded(..) => "Bounded".into(),
            Verdict::Unknown(..) => "Unknown".into(),
        }
    }

    fn unknown(reason: impl Into<String>) -> Self {
        Verdict::Unknown(reason.into(), Vec::new())
    }

    fn bounded(reason: impl Into<String>) -> Self {
        Verdict::Bounded(reason.into(), Vec::new())
    }

    fn released(reason: impl Into<String>, at: Option<Ref>) -> Self {
        let evidence = at
            .map(|at| Evidence {
                role: Role::Release,
                at,
                text: "released here".into(),
            })
            .into_iter()
            .collect();
        Verdict::Released(reason.into(), evidence)
    }
}

/// An acquisition and what became of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The acquisition.
    pub acquisition: Acquisition,
    /// What became of it.
    pub verdict: Verdict,
}

impl Judged {
    /// The verdict on a value that code parks at a place.
    fn parked(rule: &str, what: &str, at: Ref, place: Place, verdict: Verdict) -> Self {
        let acquisition = Acquisition {
            rule: rule.to_owned(),
            what: what.to_owned(),
            at,
            kind: Kind::Parked { place },
        };
        Self { acquisition, verdict }
    }
}

/// Words for what is acquired that say nothing of it.
const SAYS_NOTHING: [&str; 2] = ["widget", "resource"];

/// What the user may change about judging.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Values of at least this many bytes are large.
    pub large_bytes: u64,
    /// More names of values that live as long as the process.
    pub long_lived: Vec<String>,
    /// More names of methods that end their object.
    pub teardown: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            large_bytes: LARGE_BYTES,
            long_lived: Vec::new(),
            teardown: Vec::new(),
        }
    }
}

/// The judge of one project.
pub struct Judge<'p> {
    project: &'p Project,
    settings: &'p Settings,
    survey: &'p Survey,
    /// The project's own classes whose objects have to be ended.
    needs: acquired::needs::Needs,
    /// Those whose objects listen to what they are handed, until they are ended.
    borrowers: held::borrowers::Borrowers,
    customs: held::customs::Customs,
}

impl<'p> Judge<'p> {
    /// A judge of a project that was surveyed.
    pub fn new(project: &'p Project, settings: &'p Settings, survey: &'p Survey) -> Self {
        Self {
            project,
            settings,
            survey,
            needs: acquired::needs::Needs::default(),
            borrowers: held::borrowers::Borrowers::default(),
            customs: held::customs::Customs::default(),
        }
    }

    /// Every acquisition of a file, with its verdict, in source order.
    pub fn file(&self, file: FileId) -> Vec<Judged> {
        let mut out = Vec::new();
        for acquisition in self.pair_acquisitions(file) {
            let verdict = self.judge_pair(acquisition);
            let acquisition = acquisition.clone();
            out.push(Judged { acquisition, verdict });
        }
        self.judge_owned(file, &mut out);
        self.judge_slots(file, &mut out);
        self.judge_arrivals(file, &mut out);
        self.judge_unbound(file, &mut out);
        let growths = self.growths(file);
        self.judge_collections(file, &growths, &mut out);
        self.judge_unended(file, &mut out);
        self.judge_emptied(file, &growths, &mut out);
        self.judge_registrations(&growths, &mut out);
        self.judge_enlisted(file, &mut out);
        self.judge_reactions(file, &mut out);
        self.judge_endless(file, &mut out);
        self.judge_globals(file, &mut out);
        self.judge_parked(file, &mut out);
        self.judge_on_page(file, &mut out);
        self.judge_wrapped_on_page(file, &mut out);
        self.judge_rewraps(file, &mut out);
        self.judge_captures(file, &mut out);
        self.judge_chains(file, &mut out);
        self.weigh_job(file, &mut out);
        self.join_chains(file, &mut out);
        out.iter_mut().for_each(|j| self.name_thing(&mut j.acquisition));
        out.sort_by_key(|j| (self.project.span(j.acquisition.at), j.acquisition.rule.clone()));
        out
    }

    /// Adds what was called to a word that says nothing of it: ``widget of `Chart` ``.
    fn name_thing(&self, a: &mut Acquisition) {
        let callee = match self.project.node(a.at) {
            Node::Call { callee, .. } if SAYS_NOTHING.contains(&a.what.as_str()) => Ref { node: callee, ..a.at },
            _ => return,
        };
        let shown = self.show(callee);
        if !shown.contains(['…', '(']) {
            a.what = format!("{} of `{shown}`", a.what);
        }
    }

    /// Evidence of why code repeats.
    fn context_evidence(&self, repetition: &Repetition) -> Vec<Evidence> {
        let Repetition::Repeated { steps, .. } = repetition else {
            return Vec::new();
        };
        steps
            .iter()
            .enumerate()
            .map(|(i, s)| Evidence {
                role: if i == 0 { Role::Context } else { Role::Flow },
                at: s.at,
                text: s.text.clone(),
            })
            .collect()
    }

    /// How often something happens, in words; where nothing says it, each time the function around is called.
    fn often(&self, repetition: &Repetition, at: Ref) -> Cow<'static, str> {
        if let Repetition::Repeated { every, steps, .. } = repetition {
            let row = steps.first().and_then(|step| step.row);
            let why = row.and_then(|row| self.project.tables.contexts[row].why.as_deref());
            // More than one clause would run into the sentence around it.
            let why = why.filter(|why| !why.contains(','));
            return why.unwrap_or(every.in_words()).to_owned().into();
        }
        let executed = self.promise_around(at).unwrap_or(at);
        match self.name_of_function(self.project.function_at(executed)).as_deref() {
            Some("constructor") => "for each new object".into(),
            Some(name) => format!("each time `{name}` is called").into(),
            None => self.often_without_name(executed).into(),
        }
    }

    /// The same of a function without a name: by what it is handed to, the key it stands under, or where it is written.
    fn often_without_name(&self, at: Ref) -> String {
        let facts = self.project.facts(at.file);
        let mut f = self.project.function_at(at);
        let node = self.project.function(f).node;
        let up = facts.parent(node);
        let shown = |node| Some(self.show(Ref { file: at.file, node })).filter(|text| !text.contains(['…', '(']));
        match facts.node(up) {
            Node::Call { callee, .. } if callee != node => {
                if let Some(callee) = shown(callee) {
                    return format!("each time the callback of `{callee}` runs");
                }
            }
            Node::Property { key, .. } => {
                if let Some(key) = shown(key) {
                    return format!("each time `[{key}]` is called");
                }
            }
            _ => {}
        }
        // What a callback does at once, the function around it does.
        let activation = self.activation(f);
        if let Some(name) = self.name_of_function(activation).filter(|_| activation != f) {
            return match &*name {
                "constructor" => "for each new object".to_owned(),
                name => format!("each time `{name}` is called"),
            };
        }
        while let Some(function) = self.project.function(f).parent.filter(|p| *p != FunctionId::MODULE) {
            f.function = function;
            match self.name_of_function(f).as_deref() {
                Some("constructor") => return "each time a function in the constructor runs".to_owned(),
                Some(name) => return format!("each time a function in `{name}` runs"),
                None => {}
            }
        }
        let path = &self.project.file(at.file).path;
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.map_or_else(
            || "each time this runs".into(),
            |name| format!("each time a function in `{name}` runs"),
        )
    }

    /// The name a function is called by.
    fn name_of_function(&self, f: Func) -> Option<Box<str>> {
        let facts = self.project.facts(f.file);
        if let Some((_, name, method)) = self.project.method_around(f)
            && method == f
        {
            return Some(name.into());
        }
        let function = self.project.function(f);
        match facts.node(facts.parent(function.node)) {
            Node::Property { key, .. } => facts.string(key).map(Into::into),
            _ => function.name.map(|n| facts.name(n).into()),
        }
    }
}
