//! Repetition: how often a function runs, found by going from it to whoever calls or registers it.

mod chosen;
mod flagged;
mod getters;
mod hooks;
mod last_window;
mod named_events;
mod once;
mod passed;
mod self_ending;
mod self_replacing;
mod turns;
mod walk;

use std::sync::Arc;

use super::limits::{self, Limit};
use super::{FileId, Func, OwnerId, OwnerKind, Phase, Place, Project, Ref, Root, Use};
use crate::facts::{BindingId, FunctionId, Node};
use crate::tables::{Every, Runs};

pub(in crate::link) use walk::Known;
use walk::Walk;

/// What a loop without an end says of how often its turns come.
pub const NEXT_TURN: &str = "runs for each turn of this loop";

/// One step of the way from a repeating registration to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The registration, call or lifecycle method.
    pub at: Ref,
    /// What it says, in words.
    pub text: String,
    /// The context row that says so, by its place in the tables.
    pub row: Option<usize>,
}

/// How often a function runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// Once in the life of the process, as far as anyone calls it.
    Once,
    /// Again and again.
    Repeated {
        /// How often.
        every: Every,
        /// Whether every step was read in code or stands in a table.
        proven: bool,
        /// The registration first, then the calls that lead from it to the function.
        steps: Vec<Step>,
    },
    /// Nobody knows.
    Unknown,
}

impl Repetition {
    fn rank(&self) -> u8 {
        match self {
            Repetition::Repeated { proven: true, .. } => 3,
            Repetition::Repeated { .. } => 2,
            Repetition::Unknown => 1,
            Repetition::Once => 0,
        }
    }

    fn or(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    /// What is found, or what was found before, if that says more.
    fn either(before: Option<Self>, found: Self) -> Self {
        match before {
            Some(before) => before.or(found),
            None => found,
        }
    }

    /// The same, where a step of the way is not sure.
    fn unproven(self) -> Self {
        match self {
            Repetition::Repeated { every, steps, .. } => Repetition::Repeated {
                every,
                proven: false,
                steps,
            },
            other => other,
        }
    }

    /// Whether it is known to run again and again.
    pub fn is_repeated(&self) -> bool {
        matches!(self, Repetition::Repeated { .. })
    }
}

impl Project {
    /// How often a function runs.
    pub fn repetition(&self, f: Func) -> Repetition {
        let known = self.known.repetitions.get_as(&f, |known| Some(known.found.clone()));
        known.unwrap_or_else(|| self.repetition_of(f, &mut Walk::default()))
    }

    fn repetition_of(&self, f: Func, path: &mut Walk) -> Repetition {
        if f.function == FunctionId::MODULE {
            return Repetition::Once;
        }
        let is_cut = path.is_too_long() | path.has_too_many();
        if limits::exceeds(Limit::Callers, is_cut) {
            return Repetition::Unknown;
        }
        if path.contains(f) {
            return Repetition::Once;
        }
        if let Some(found) = self.known.repetitions.get_as(&f, |known| path.take(known)) {
            return found;
        }
        let is_asked = path.visited.is_empty();
        let (known, read) = self.recorded(|| Arc::new(path.through(f, |path| self.compute(f, path, &[]))));
        // Where the question came from is part of an answer that is not whole: it counts for that question only.
        if is_asked || known.through.is_some() {
            self.known.repetitions.keep(f, Arc::clone(&known), read);
        }
        known.found.clone()
    }

    /// How often a function is begun by others than some calls, which call it or are handed it.
    pub fn repetition_but_by(&self, f: Func, calls: &[Ref]) -> Repetition {
        let mut path = Walk::default();
        path.through(f, |path| self.compute(f, path, calls)).found
    }

    fn compute(&self, f: Func, path: &mut Walk, except: &[Ref]) -> Repetition {
        match self.runs_in_wrapper(f) {
            Some((wrapper, Runs::Once)) => self.at_call(wrapper, path, || "makes a function that runs once".into()),
            // How many arguments there are, nobody says.
            Some((_, Runs::OnceForEachArgument)) => self.compute_unwrapped(f, path, except).unproven(),
            _ => self.compute_unwrapped(f, path, except),
        }
    }

    fn compute_unwrapped(&self, f: Func, path: &mut Walk, except: &[Ref]) -> Repetition {
        let facts = self.facts(f.file);
        if facts.instance == Some(f.function) {
            if self.is_mounted_at_start(f.file) {
                return Repetition::Once;
            }
            return self.repeated(
                Every::Mount,
                self.function_node(f),
                "runs for each instance of the component",
            );
        }
        if self.replaces_itself(f) {
            return Repetition::Once;
        }
        if let Some(found) = self.found_by_framework(f) {
            return self.by_row(found.row, found.at, found.proven);
        }
        let mut best = self.by_owner(f, path, except);
        if best == Some(Repetition::Once) && self.is_run_by_lifecycle(f) {
            return Repetition::Once;
        }
        let component = self.as_component(f);
        if component == Some(Repetition::Once) {
            return Repetition::Once;
        }
        best = best.map_or(component.clone(), |b| {
            component.map_or(Some(b.clone()), |c| Some(b.or(c)))
        });
        if self.is_run_by_markup(f) {
            return self.repeated(
                Every::Event,
                self.function_node(f),
                "the markup of the component runs it",
            );
        }
        let uses = self.uses(f);
        let mut telling = uses
            .iter()
            .filter(|used| self.tells(f.file, used) && !is_by_one_of(used, except));
        for used in &mut telling {
            let found = self.weigh_choice(self.by_use_of_part(f, used, path), used, f);
            if found == Repetition::Unknown && self.is_own_slot(f, used) {
                continue;
            }
            best = Some(Repetition::either(best, found));
            if best.as_ref().is_some_and(|b| b.rank() == 3) {
                break;
            }
        }
        match (best, self.found_by_signature(f)) {
            (None | Some(Repetition::Unknown), Some(found)) => self.by_row(found.row, found.at, found.proven),
            (best, _) => best.unwrap_or(Repetition::Unknown),
        }
    }

    fn repeated(&self, every: Every, at: Ref, text: &str) -> Repetition {
        if every == Every::Once {
            return Repetition::Once;
        }
        Repetition::Repeated {
            every,
            proven: true,
            steps: vec![Step {
                at,
                text: text.to_owned(),
                row: None,
            }],
        }
    }

    /// Whether a use of a method is only that it stands in the object literal, or on the prototype, that it is a method of:
    /// how often it runs is told by those who name it there.
    pub fn is_own_slot(&self, f: Func, used: &Use) -> bool {
        let node = self.function(f).node;
        let slot = self.facts(f.file).parent(node);
        let is_slot = match used {
            Use::Stored { at, .. } => {
                at.node == slot && matches!(self.node(*at), Node::Property { .. } | Node::Assign { .. })
            }
            Use::Exported => true,
            _ => false,
        };
        let of_object = |(owner, name, method): (OwnerId, &str, Func)| {
            let kind = self.owner(owner).kind;
            method == f && name != "constructor" && matches!(kind, OwnerKind::Object(_) | OwnerKind::Constructor(_))
        };
        is_slot && self.method_around(f).is_some_and(of_object)
    }

    /// Whether a use of a method is only that it is put on the prototype of the objects that it is a method of.
    pub(super) fn is_prototype_slot(&self, f: Func, used: &Use) -> bool {
        let around = self.method_around(f);
        let is_of_prototype = |owner| matches!(self.owner(owner).kind, OwnerKind::Constructor(_));
        around.is_some_and(|(owner, ..)| is_of_prototype(owner)) && self.is_own_slot(f, used)
    }

    /// Functions that draw: a capitalised name and JSX.
    fn as_component(&self, f: Func) -> Option<Repetition> {
        let function = self.function(f);
        let is_capitalised = |name: &&str| name.starts_with(|c: char| c.is_ascii_uppercase());
        let own = function.name.map(|name| self.text(f.file, name));
        let name = own.filter(is_capitalised).or_else(|| self.drawn_as(f))?;
        let is_component = function.flags.has_jsx && function.class.is_none();
        is_component.then(|| {
            let node = self.function_node(f);
            if self.is_drawn_only_once(f) {
                return Repetition::Once;
            }
            match self.mounted_function(f.file) {
                Some(row) if self.is_root_component(node, &row.drawn_by) => Repetition::Once,
                Some(row) => self.repeated(row.every, node, &format!("`{name}` runs for each mount")),
                None => self.repeated(Every::Update, node, &format!("`{name}` runs at each render")),
            }
        })
    }

    /// The name by which markup draws a function that has none of its own: `export default () => <main />`.
    fn drawn_as(&self, f: Func) -> Option<&str> {
        self.uses(f).iter().find_map(|used| {
            let Use::Attribute { at } = used else { return None };
            let Node::Jsx { tag, .. } = self.node(*at) else {
                return None;
            };
            self.last_name(Ref { node: tag, ..*at })
                .filter(|_| self.is_default_export(self.function_node(f), None))
        })
    }

    /// Whether a function of a component's own script is named by its markup: `<button @click="open">`. Whether it is a
    /// handler or a part of what is drawn, it runs again and again.
    pub fn is_run_by_markup(&self, f: Func) -> bool {
        let facts = self.facts(f.file);
        let is_named = |b: BindingId| {
            let binding = facts.binding(b);
            facts.instance == Some(binding.function) && facts.template_names.contains(&binding.name)
        };
        facts.instance.is_some() && self.begun_with(self.function_node(f)).any(is_named)
    }

    /// Whether the framework itself runs a method, at the beginning or the end of its object.
    fn is_run_by_lifecycle(&self, f: Func) -> bool {
        let around = self.method_around(f).filter(|(.., method)| *method == f);
        around.is_some_and(|(owner, name, _)| {
            let cycle = self.lifecycle(owner);
            cycle.is_some_and(|c| matches!(c.phase(name), Phase::Setup | Phase::Teardown))
        })
    }

    fn by_owner(&self, f: Func, path: &mut Walk, except: &[Ref]) -> Option<Repetition> {
        let (owner, name, method) = self.method_around(f)?;
        if method != f {
            return None;
        }
        let node = self.function_node(f);
        if let Some(cycle) = self.lifecycle(owner) {
            let kind = &cycle.row.name;
            match cycle.phase(name) {
                Phase::Setup | Phase::Teardown if self.is_made_once(owner, &cycle) => return Some(Repetition::Once),
                Phase::Setup => {
                    let text = format!("`{name}` runs for each {kind}");
                    return Some(self.repeated(cycle.row.every, node, &text));
                }
                Phase::Repeat => {
                    let text = format!("`{name}` runs again and again on one {kind}");
                    return Some(self.repeated(Every::Update, node, &text));
                }
                Phase::Teardown => {
                    return Some(self.repeated(
                        cycle.row.every,
                        node,
                        &format!("`{name}` runs at the end of each {kind}"),
                    ));
                }
                Phase::Other => {}
            }
        }
        if name == "static" {
            return Some(Repetition::Once);
        }
        if name == "constructor" {
            return Some(self.instances(owner, path));
        }
        let is_static = self
            .owner(owner)
            .members
            .iter()
            .any(|m| m.function == Some(f.function) && m.is_static);
        let mut best = self.by_reads(owner, name, f, path);
        let mut seen = best.is_some();
        let uses = self.method_uses(owner, name);
        for used in uses.iter().filter(|used| self.is_for_method(owner, name, f, used)) {
            // A recursive call says nothing about how often it all begins.
            let is_recursive = matches!(used, Use::Called { call } if self.function_at(*call) == f);
            if is_recursive || !self.tells(f.file, used) || is_by_one_of(used, except) {
                continue;
            }
            let found = self.weigh_choice(self.by_use_of_part(f, used, path), used, f);
            best = Some(Repetition::either(best, found));
            seen = true;
        }
        let best = best.unwrap_or(Repetition::Unknown);
        if !is_static && !best.is_repeated() {
            // A method runs at least as often as its objects are made, if it runs at all.
            if let Repetition::Repeated { every, steps, .. } = self.instances(owner, path) {
                return Some(Repetition::Repeated {
                    every,
                    proven: seen,
                    steps,
                });
            }
        }
        Some(best)
    }

    /// How often objects of an owner are made.
    pub fn instances_of(&self, owner: OwnerId) -> Repetition {
        let ask = || self.instances(owner, &mut Walk::default());
        let known = self.known.instances.get(&owner);
        known.unwrap_or_else(|| self.remembered(&self.known.instances, owner, ask))
    }

    fn instances(&self, owner: OwnerId, path: &mut Walk) -> Repetition {
        if let Some(cycle) = self.lifecycle(owner) {
            if self.is_made_once(owner, &cycle) {
                return Repetition::Once;
            }
            let at = Ref {
                file: owner.file,
                node: self.owner(owner).node,
            };
            return self.repeated(cycle.row.every, at, &format!("each use makes a new {}", cycle.row.name));
        }
        if let OwnerKind::Object(node) = self.owner(owner).kind {
            let f = self.function_at(Ref { file: owner.file, node });
            return self.repetition_of(f, path);
        }
        let mut best: Option<Repetition> = None;
        let heirs = self.constructions_of_heirs(owner);
        for call in self.constructions(owner).into_iter().chain(heirs) {
            if self.is_test_of(call.file, owner.file) {
                continue;
            }
            let found = self.at_call(call, path, || "is created here".into());
            best = Some(Repetition::either(best, found));
        }
        if best.is_none() {
            best = self
                .uses_of_class(owner)
                .iter()
                .filter(|used| self.tells(owner.file, used))
                .find_map(|used| self.by_maker(used));
        }
        match best {
            Some(Repetition::Once) if self.is_put_on_global(owner) => Repetition::Unknown,
            best => best.unwrap_or(Repetition::Unknown),
        }
    }

    /// How often a node is reached: its function's repetition, or a loop around it.
    fn at_call(&self, call: Ref, path: &mut Walk, text: impl FnOnce() -> String) -> Repetition {
        let f = self.function_at(call);
        let found = match self.repetition_of(f, path) {
            Repetition::Repeated {
                every,
                proven,
                mut steps,
            } => {
                if steps.last().is_none_or(|s| s.at != call) {
                    steps.push(Step {
                        at: call,
                        text: text(),
                        row: None,
                    });
                }
                Repetition::Repeated { every, proven, steps }
            }
            other => other,
        };
        if !found.is_repeated()
            && let Some(at) = self.endless_loop_around(call)
        {
            return self.by_turn(at);
        }
        found
    }

    /// Whether a use of what stands in a file tells how often the program uses it: one in a test tells nothing.
    fn tells(&self, of: FileId, used: &Use) -> bool {
        used.file().is_none_or(|file| !self.is_test_of(file, of))
    }

    /// Whether a file is a test, and another one, that it may test, is none.
    pub fn is_test_of(&self, test: FileId, of: FileId) -> bool {
        self.file(test).is_test && !self.file(of).is_test
    }

    /// Whether a file is none of the package that another one is part of: what it does is what one of those who install
    /// that does.
    pub(super) fn is_user_of(&self, user: FileId, of: FileId) -> bool {
        let package = self.file(of).package;
        package.is_some() && package != self.file(user).package
    }

    fn by_use(&self, f: Func, used: &Use, path: &mut Walk) -> Repetition {
        match used {
            Use::Called { call } if self.ends_program_behind(*call) || self.is_for_first_window(*call) => {
                Repetition::Once
            }
            Use::Called { call } => self.at_call(self.begun_by(*call), path, || format!("calls {}", self.called(f))),
            Use::Passed { call, arg } => self.by_passing(f, *call, *arg, path),
            Use::Returned { from } => self.by_return(*from, path),
            Use::Stored { at, place } if self.comes_once(place) => {
                self.at_call(*at, path, || "runs its callback".into())
            }
            Use::Stored { at, place } if let Some(row) = self.context_of_stored(place) => {
                self.by_row(row, *at, !self.tables.contexts[row].guess)
            }
            Use::Stored { at, .. } if let Some(hook) = self.by_hook(*at) => hook,
            Use::Stored { at, place } => match place.last() {
                // `x.onclick = f`.
                Some(name)
                    if name.len() > 2
                        && name.starts_with("on")
                        && name.chars().all(|c| c.is_ascii_lowercase())
                        && !self.tables.conventions.not_events.iter().any(|n| n == name)
                        && !self.is_of_plain_object(place) =>
                {
                    self.repeated(Every::Event, *at, "runs for each event")
                }
                _ => Repetition::Unknown,
            },
            Use::Attribute { at } if self.gives_node(*at) => {
                self.repeated(Every::Mount, *at, "runs when this element comes, and when it goes")
            }
            Use::Attribute { at } => self.repeated(Every::Event, *at, "runs for each event of this element"),
            // `app.get(path, [check, f])`
            Use::PassedIn { call, arg, path: names } if names.is_empty() => self.by_passing(f, *call, *arg, path),
            Use::PassedIn { call, arg, path: names } => match self.context_of_member(*call, *arg, names) {
                Some(row) => self.by_row(row, *call, true),
                None => Repetition::Unknown,
            },
            Use::Extended { .. } | Use::Exported | Use::Other => Repetition::Unknown,
        }
    }

    /// Whether a place is a part of an object that the program writes down, and no element or emitter: what has the name of
    /// an event there is a method.
    fn is_of_plain_object(&self, place: &Place) -> bool {
        let Some(object) = place.parent() else { return false };
        let mut known = match object.root {
            Root::Global => self.definitions_on_global(&object),
            _ => self.definitions(&object),
        };
        known.extend(self.values_in_scripts(&object));
        known.retain(|value| !self.node(*value).is_absent());
        !known.is_empty() && known.iter().all(|value| matches!(self.node(*value), Node::Object(_)))
    }

    fn by_row(&self, index: usize, at: Ref, proven: bool) -> Repetition {
        let row = &self.tables.contexts[index];
        let text = row
            .why
            .clone()
            .unwrap_or_else(|| format!("runs {}", row.every.in_words()));
        if row.every == Every::Once {
            return Repetition::Once;
        }
        Repetition::Repeated {
            every: row.every,
            proven,
            steps: vec![Step {
                at,
                text,
                row: Some(index),
            }],
        }
    }

    fn called(&self, f: Func) -> String {
        match self.function(f).name {
            Some(name) => format!("`{}`", self.text(f.file, name)),
            None => "this function".to_owned(),
        }
    }
}

/// Whether a use is one of these calls: of the function, or with it.
fn is_by_one_of(used: &Use, calls: &[Ref]) -> bool {
    matches!(used, Use::Called { call } | Use::Passed { call, .. } if calls.contains(call))
}

impl Every {
    /// Whether something goes on by itself, whoever uses the program: messages, ticks, runs that set the next, turns.
    pub fn goes_on(self) -> bool {
        matches!(self, Every::Message | Every::Tick | Every::Run | Every::Turn)
    }

    /// Whether others decide how often: a server's clients, or what goes on by itself.
    pub fn is_served(self) -> bool {
        self.goes_on() || matches!(self, Every::Request | Every::Connection)
    }

    /// In words, after "runs".
    pub fn in_words(self) -> &'static str {
        match self {
            Every::Call => "at once",
            Every::Request => "for each request",
            Every::Connection => "for each connection",
            Every::Message => "for each message",
            Every::Tick => "at each tick",
            Every::Run => "at each of its runs",
            Every::Turn => "for each turn of a loop",
            Every::Event => "for each event",
            Every::Mount => "for each mount",
            Every::Update => "at each update",
            Every::Instance => "for each instance",
            Every::Later => "later",
            Every::Once => "once",
        }
    }
}
