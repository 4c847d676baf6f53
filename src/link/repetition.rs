//! Repetition: how often a function runs, found by going from it to whoever calls or registers it.

mod getters;
mod self_ending;
mod self_replacing;

use std::sync::Arc;

use super::limits::{self, Limit};
use super::{FileId, Func, Key, Life, OwnerId, OwnerKind, Phase, Place, Project, Ref, Root, Use};
use crate::facts::{BindingId, FunctionId, LoopKind, Node, NodeId};
use crate::tables::{Every, Param};

/// One step of the way from a repeating registration to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The registration, call or lifecycle method.
    pub at: Ref,
    /// What it says, in words.
    pub text: String,
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

    /// Whether it is known to run again and again.
    pub fn is_repeated(&self) -> bool {
        matches!(self, Repetition::Repeated { .. })
    }
}

/// How many calls a chain of callers may be long.
const MAX_CALLERS: usize = 12;

/// How many functions one question may visit; beyond it the answer is unknown.
const MAX_VISITED: usize = 200;

/// The functions a question is going through.
struct Walk {
    /// From the function that was asked about to the one at hand.
    stack: Vec<Func>,
    /// All that were gone through, in order.
    visited: Vec<Func>,
    /// How far down the stack something was left out because it stood there already.
    leans_on: usize,
    /// How many functions the stack has held at most.
    deepest: usize,
    /// Whether a bound was reached.
    is_cut: bool,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            stack: Vec::new(),
            visited: Vec::new(),
            leans_on: usize::MAX,
            deepest: 0,
            is_cut: false,
        }
    }
}

impl Walk {
    /// Whether a function is on the stack; if so, the answer at hand depends on that.
    fn contains(&mut self, f: Func) -> bool {
        let at = self.stack.iter().position(|other| *other == f);
        self.leans_on = self.leans_on.min(at.unwrap_or(usize::MAX));
        at.is_some()
    }

    fn push(&mut self, f: Func) {
        self.visited.push(f);
        self.stack.push(f);
        self.deepest = self.deepest.max(self.stack.len());
    }

    fn pop(&mut self) {
        self.stack.pop();
    }

    /// Whether the stack is as long as it may be, beyond which nothing is followed.
    fn is_too_long(&mut self) -> bool {
        let is = self.stack.len() >= MAX_CALLERS;
        self.is_cut |= is;
        is
    }

    fn has_too_many(&mut self) -> bool {
        let has = self.visited.len() >= MAX_VISITED;
        self.is_cut |= has;
        has
    }

    /// Takes the answer of a question that was asked before, if going through it from here would give the same.
    fn take(&mut self, known: &Known) -> Option<Repetition> {
        let through = known.through.as_ref()?;
        let fits = self.stack.len() + known.height < MAX_CALLERS && self.visited.len() + through.len() < MAX_VISITED;
        if !fits || through.iter().any(|f| self.stack.contains(f)) {
            return None;
        }
        self.visited.extend_from_slice(through);
        self.deepest = self.deepest.max(self.stack.len() + known.height);
        Some(known.found.clone())
    }

    /// Goes through a function, and tells what is known by that.
    fn through(&mut self, f: Func, ask: impl FnOnce(&mut Self) -> Repetition) -> Known {
        let start = self.visited.len();
        let depth = self.stack.len();
        let leans_on = std::mem::replace(&mut self.leans_on, usize::MAX);
        let deepest = std::mem::replace(&mut self.deepest, depth);
        let is_cut = std::mem::take(&mut self.is_cut);
        self.push(f);
        let found = ask(self);
        self.pop();
        let is_whole = self.leans_on >= depth && !self.is_cut;
        let known = Known {
            found,
            height: self.deepest - depth,
            through: is_whole.then(|| self.visited[start..].into()),
        };
        let below = Some(self.leans_on).filter(|at| *at < depth);
        self.leans_on = leans_on.min(below.unwrap_or(usize::MAX));
        self.deepest = self.deepest.max(deepest);
        self.is_cut |= is_cut;
        known
    }
}

/// How often a function runs, and the way on which that was found.
#[derive(Debug)]
pub(super) struct Known {
    found: Repetition,
    /// How many functions were on the stack at most, itself included.
    height: usize,
    /// All that were gone through, unless the answer depends on where the question came from.
    through: Option<Box<[Func]>>,
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
            let found = self.by_use(f, used, path);
            if found == Repetition::Unknown && self.is_own_slot(f, used) {
                continue;
            }
            best = Some(Repetition::either(best, found));
            if best.as_ref().is_some_and(|b| b.rank() == 3) {
                break;
            }
        }
        best.unwrap_or(Repetition::Unknown)
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
            }],
        }
    }

    /// Whether a use of a method is only that it stands in the object literal, or on the prototype, that it is a method of:
    /// how often it runs is told by those who name it there.
    fn is_own_slot(&self, f: Func, used: &Use) -> bool {
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

    /// Functions that draw: a capitalised name and JSX.
    fn as_component(&self, f: Func) -> Option<Repetition> {
        let function = self.function(f);
        let name = self.text(f.file, function.name?);
        let is_component =
            function.flags.has_jsx && name.starts_with(|c: char| c.is_ascii_uppercase()) && function.class.is_none();
        is_component.then(|| {
            let node = self.function_node(f);
            match self.mounted_function(f.file) {
                Some(row) if self.is_root_component(node, &row.drawn_by) => Repetition::Once,
                Some(row) => self.repeated(row.every, node, &format!("`{name}` runs for each mount")),
                None => self.repeated(Every::Update, node, &format!("`{name}` runs at each render")),
            }
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
            let found = self.by_use(f, used, path);
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
        self.instances(owner, &mut Walk::default())
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
            return self.repeated(
                cycle.row.every,
                at,
                &format!("a {} is made for each use", cycle.row.name),
            );
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
            let found = self.at_call(call, path, "is created here");
            best = Some(Repetition::either(best, found));
        }
        match best {
            Some(Repetition::Once) if self.is_put_on_global(owner) => Repetition::Unknown,
            best => best.unwrap_or(Repetition::Unknown),
        }
    }

    /// How often a node is reached: its function's repetition, or a loop around it.
    fn at_call(&self, call: Ref, path: &mut Walk, text: &str) -> Repetition {
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
                        text: text.to_owned(),
                    });
                }
                Repetition::Repeated { every, proven, steps }
            }
            other => other,
        };
        if !found.is_repeated()
            && let Some(at) = self.endless_loop_around(call)
        {
            return self.repeated(Every::Message, at, "runs for each turn of this loop");
        }
        found
    }

    /// A loop without an end in sight around a node, within its function: `while (true)`, `for await`.
    pub fn endless_loop_around(&self, at: Ref) -> Option<Ref> {
        let facts = self.facts(at.file);
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return None,
                Node::Loop { kind, parts, .. } => {
                    let test = |i| facts.item(parts, i).map(|n| facts.node(n));
                    let endless = match kind {
                        LoopKind::ForAwait => true,
                        LoopKind::While | LoopKind::DoWhile => {
                            matches!(test(0), Some(Node::Bool(true) | Node::Number(_)))
                        }
                        LoopKind::For => matches!(test(1), Some(Node::Empty | Node::Bool(true))),
                        LoopKind::ForIn | LoopKind::ForOf => false,
                    };
                    if endless {
                        return Some(Ref {
                            file: at.file,
                            node: up,
                        });
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a use of what stands in a file tells how often the program uses it: one in a test tells nothing.
    fn tells(&self, of: FileId, used: &Use) -> bool {
        let at = match used {
            Use::Called { call } | Use::Passed { call, .. } | Use::PassedIn { call, .. } => *call,
            Use::Stored { at, .. } | Use::Attribute { at } | Use::Extended { by: at } => *at,
            Use::Returned { .. } | Use::Exported | Use::Other => return true,
        };
        !self.is_test_of(at.file, of)
    }

    /// Whether a file is a test, and another one, that it may test, is none.
    pub fn is_test_of(&self, test: FileId, of: FileId) -> bool {
        self.file(test).is_test && !self.file(of).is_test
    }

    fn by_use(&self, f: Func, used: &Use, path: &mut Walk) -> Repetition {
        match used {
            Use::Called { call } if self.ends_program_behind(*call) => Repetition::Once,
            Use::Called { call } => self.at_call(self.begun_by(*call), path, &format!("calls {}", self.called(f))),
            Use::Passed { call, arg } => self.by_passing(f, *call, *arg, path),
            Use::Returned { from } => self.by_return(*from, path),
            Use::Stored { at, place } if self.comes_once(place) => self.at_call(*at, path, "runs its callback"),
            Use::Stored { at, place } if let Some(row) = self.context_of_stored(place) => {
                self.by_row(row, *at, !self.tables.contexts[row].guess)
            }
            Use::Stored { at, place } => match place.last() {
                // `x.onclick = f`.
                Some(name)
                    if name.len() > 2
                        && name.starts_with("on")
                        && name.chars().all(|c| c.is_ascii_lowercase())
                        && !self.tables.conventions.not_events.iter().any(|n| n == name) =>
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

    /// `window.onload = f`, `request.onload = f` where the request is made: once for each time that the code around it
    /// runs.
    fn comes_once(&self, place: &Place) -> bool {
        let Some(Key::Name(name)) = place.path.last() else {
            return false;
        };
        let is_such = self.tables.conventions.once_properties.iter().any(|p| **p == **name);
        is_such
            && place
                .parent()
                .is_some_and(|of| matches!(of.root, Root::Global) || matches!(self.life_of(&of), Life::Call(_)))
    }

    fn by_row(&self, row: usize, at: Ref, proven: bool) -> Repetition {
        let row = &self.tables.contexts[row];
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
            steps: vec![Step { at, text }],
        }
    }

    fn called(&self, f: Func) -> String {
        match self.function(f).name {
            Some(name) => format!("`{}`", self.text(f.file, name)),
            None => "this function".to_owned(),
        }
    }

    /// The project's own function that receives an argument, and its parameter.
    fn parameter_of(&self, call: Ref, arg: usize) -> Option<(Func, NodeId)> {
        let to = self.called_function(call)?;
        let facts = self.facts(to.file);
        Some((to, facts.item(facts.function(to.function).params, arg)?))
    }

    fn by_passing(&self, f: Func, call: Ref, arg: usize, path: &mut Walk) -> Repetition {
        if let Some((index, param)) = self.context_of(call, arg) {
            return match (self.tables.contexts[index].every, param) {
                (Every::Later, _) if self.sets_its_next_run(f, call) => {
                    self.repeated(Every::Message, call, "sets its own next run")
                }
                (Every::Call | Every::Later, _) => self.at_call(call, path, "runs its callback"),
                (Every::Once, _) => Repetition::Once,
                (Every::Event, _) if self.is_taken_off_at_first(call, arg) || self.says_it_is_ready(call) => {
                    self.at_call(call, path, "runs its callback")
                }
                (Every::Mount, Param::Setup) if self.is_effect_of_root(call) => Repetition::Once,
                (Every::Mount, _) if self.is_hook_of_root_file(call) => Repetition::Once,
                _ => self.by_row(
                    index,
                    call,
                    !self.tables.contexts[index].guess && !self.says_part_is_ready(call),
                ),
            };
        }
        if let Some((to, param)) = self.parameter_of(call, arg) {
            return self.by_parameter(f, call, to, param, path);
        }
        Repetition::Unknown
    }

    /// `function tick() { ...; setTimeout(tick, 1000); }`, with nothing that could end it. One that goes on until something
    /// has come, and then does what it waited for, does that once.
    fn sets_its_next_run(&self, f: Func, call: Ref) -> bool {
        let facts = self.facts(call.file);
        let body = self.function(f).node;
        let is_way = |up: NodeId| {
            !matches!(
                facts.node(up),
                Node::If { .. }
                    | Node::Conditional { .. }
                    | Node::Logical { .. }
                    | Node::Switch { .. }
                    | Node::Catch { .. }
                    | Node::Function(_)
            )
        };
        let mut ways = facts.ancestors(call.node).take_while(|&up| up != body);
        let ends = |&node: &NodeId| matches!(facts.node(node), Node::Return(_) | Node::Throw(_));
        self.function_at(call) == f && ways.all(is_way) && !self.jumps_in(f).iter().any(ends)
    }

    /// `target.addEventListener('load', f, { once: true })`
    fn is_taken_off_at_first(&self, call: Ref, arg: usize) -> bool {
        let options = self
            .argument(call, arg + 1)
            .filter(|o| matches!(self.node(*o), Node::Object(_)));
        let once = options.and_then(|o| self.property(o, "once"));
        once.is_some_and(|value| self.node(value) == Node::Bool(true))
    }

    /// `deck.on('ready', f)`, where nobody knows the type of what is there then: it says so once.
    fn says_it_is_ready(&self, call: Ref) -> bool {
        let Node::Call { callee, .. } = self.node(call) else {
            return false;
        };
        let Node::Member { object, .. } = self.node(Ref { node: callee, ..call }) else {
            return false;
        };
        let text = self.argument(call, 0).and_then(|event| self.constant_text(event, 0));
        let events = &self.tables.conventions.ready_events;
        text.is_some_and(|t| events.iter().any(|e| **e == *t)) && self.type_of(Ref { node: object, ..call }).is_none()
    }

    /// `document.addEventListener('player-loaded', f)`: an event of the program's own that says by its last word that
    /// something is ready, perhaps once, perhaps for each of many.
    fn says_part_is_ready(&self, call: Ref) -> bool {
        let text = self.argument(call, 0).and_then(|event| self.constant_text(event, 0));
        let events = &self.tables.conventions.ready_events;
        text.is_some_and(|t| {
            t.rsplit_once(['-', ':', '_', '.'])
                .is_some_and(|(_, last)| events.iter().any(|e| e == last))
        })
    }

    /// A function handed to the project's own code: what that code does with it.
    fn by_parameter(&self, f: Func, call: Ref, to: Func, param: NodeId, path: &mut Walk) -> Repetition {
        let facts = self.facts(to.file);
        let inner = match facts.node(param) {
            Node::Default { target, .. } | Node::Rest(target) => target,
            _ => param,
        };
        let Node::Binding(b) = facts.node(inner) else {
            return Repetition::Unknown;
        };
        if path.contains(to) {
            return Repetition::Unknown;
        }
        path.push(to);
        let mut best: Option<Repetition> = None;
        for node in facts.references_of(b) {
            if node == inner {
                continue;
            }
            let mut uses = Vec::new();
            self.value_uses(Ref { file: to.file, node }, &mut uses, 2);
            for used in uses {
                let found = match &used {
                    // Called within the callee itself: as often as the outer call.
                    Use::Called { call: inner } if self.function_at(*inner) == to => {
                        path.pop();
                        let found = self.at_call(call, path, "runs its callback");
                        path.push(to);
                        found
                    }
                    // `wrap(f)` of `(f) => (request) => f(request)`: as often as what this call gives back.
                    Use::Called { call: inner } if self.is_in_result(to, *inner) => self.by_result(f, call, path),
                    other => self.by_use(f, other, path),
                };
                best = Some(Repetition::either(best, found));
            }
        }
        path.pop();
        best.unwrap_or(Repetition::Unknown)
    }

    /// Whether a node stands in a function that another one gives back.
    fn is_in_result(&self, from: Func, at: Ref) -> bool {
        let given = self.returned_values(from).into_iter();
        let mut given = given.filter_map(|value| self.function_value(value, 0));
        given.any(|g| g != from && self.is_within(self.function_at(at), g))
    }

    /// What is done with the result of a call.
    fn by_result(&self, f: Func, call: Ref, path: &mut Walk) -> Repetition {
        let mut uses = Vec::new();
        self.value_uses(call, &mut uses, 2);
        let mut best = None;
        for used in &uses {
            best = Some(Repetition::either(best, self.by_use(f, used, path)));
        }
        best.unwrap_or(Repetition::Unknown)
    }

    /// A function that another gives back: what the callers of that do with it.
    fn by_return(&self, from: Func, path: &mut Walk) -> Repetition {
        if path.contains(from) || path.is_too_long() {
            return Repetition::Unknown;
        }
        path.push(from);
        let mut best = self.by_values_of_getter(from, path);
        for used in self.uses(from).iter().cloned() {
            match used {
                Use::Called { call } => {
                    let mut uses = Vec::new();
                    self.value_uses(call, &mut uses, 2);
                    for used in uses {
                        let found = self.by_use(from, &used, path);
                        best = best.or(found);
                    }
                }
                // The result of a cleanup-returning callback runs at the end.
                Use::Passed { call, arg } => {
                    if let Some((row, Param::Setup)) = self.context_of(call, arg) {
                        let every = self.tables.contexts[row].every;
                        best = best.or(self.repeated(every, call, "runs as cleanup"));
                    }
                }
                _ => {}
            }
        }
        path.pop();
        best
    }
}

/// Whether a use is one of these calls: of the function, or with it.
fn is_by_one_of(used: &Use, calls: &[Ref]) -> bool {
    matches!(used, Use::Called { call } | Use::Passed { call, .. } if calls.contains(call))
}

impl Every {
    /// In words, after "runs".
    pub fn in_words(self) -> &'static str {
        match self {
            Every::Call => "at once",
            Every::Request => "for each request",
            Every::Connection => "for each connection",
            Every::Message => "for each message",
            Every::Event => "for each event",
            Every::Mount => "for each mount",
            Every::Update => "at each update",
            Every::Instance => "for each instance",
            Every::Later => "later",
            Every::Once => "once",
        }
    }
}
