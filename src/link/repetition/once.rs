//! Registrations whose function runs once for all that: what is ready, what is loaded, what goes on by itself.

use super::{Repetition, Walk};
use crate::facts::{FunctionId, Node, NodeId};
use crate::link::{FileId, Func, Key, Life, Place, Project, Ref, Root};
use crate::tables::{Lives, Runs};

impl Project {
    /// The call that makes of a function another one which runs it less often than it is called, and how often:
    /// `once(f)`, `memoize(f)`. Where there is nothing to remember results by, that is once as well.
    pub(super) fn runs_in_wrapper(&self, f: Func) -> Option<(Ref, Runs)> {
        let facts = self.facts(f.file);
        let at = self.function_node(f);
        let node = facts.parent(at.node);
        let Node::Call { args, .. } = facts.node(node) else {
            return None;
        };
        let arg = facts.list(args).position(|a| a == at.node)?;
        let call = Ref { node, ..at };
        let runs = self.wrapper_row(call, arg)?.runs;
        let takes_nothing = facts.list(self.function(f).params).next().is_none();
        match runs {
            Runs::OnceForEachArgument if takes_nothing => Some((call, Runs::Once)),
            runs => Some((call, runs)),
        }
    }

    /// `window.onload = f`, `request.onload = f` where the request is made: once for each time that the code around it
    /// runs.
    pub(super) fn comes_once(&self, place: &Place) -> bool {
        let Some(Key::Name(name)) = place.path.last() else {
            return false;
        };
        let conventions = &self.tables.conventions;
        let is_one_of = |list: &[String]| list.iter().any(|p| **p == **name);
        let is_here = || {
            place
                .parent()
                .is_some_and(|of| matches!(self.life_of(&of), Life::Call(_)))
        };
        if is_one_of(&conventions.answer_properties) && is_here() {
            return true;
        }
        is_one_of(&conventions.once_properties)
            && place.parent().is_some_and(|of| {
                matches!(of.root, Root::Global) || matches!(self.life_of(&of), Life::Call(_)) || self.loads_once(&of)
            })
            || name.strip_prefix("on").is_some_and(|event| {
                let of = place.parent();
                of.is_some_and(|of| self.says_once(&of, |says| says == event))
            })
    }

    /// Whether a variable holds the one object that a module makes as it begins, or one that lives as long as the program,
    /// of a type whose objects tell of an event at most once each: `const socket = new WebSocket(url)`, which opens once.
    fn says_once(&self, of: &Place, is_event: impl Fn(&str) -> bool) -> bool {
        let ty = self.type_of_place(of, 0);
        let says = ty.map_or(&[][..], |ty| &self.tables.type_row(ty).says_once);
        // One for the module, or what is one for the program wherever it is made.
        let is_one = |made: Ref| self.function_at(made).function == FunctionId::MODULE;
        let is_for_all = ty.is_some_and(|ty| self.tables.type_row(ty).lives == Some(Lives::Process));
        let made = || matches!(self.definitions(of)[..], [made] if is_for_all || is_one(made));
        says.iter().any(|event| is_event(event)) && made()
    }

    /// `script.addEventListener('load', f)`, where the script is made: it runs once, whatever becomes of it. So does what
    /// hears of an event that comes to each object once.
    pub(super) fn is_loaded_once(&self, call: Ref) -> bool {
        let Some(event) = self.argument(call, 0) else {
            return false;
        };
        let object = self.facts(call.file).method_call(call.node).map(|m| m.object);
        let is_load = || self.is_text_of(event, &self.tables.conventions.once_events);
        let is_event = |says: &str| self.constant_text(event, 0).is_some_and(|text| *text == *says);
        object.is_some_and(|node| {
            let of = self.place(Ref { node, ..call });
            is_load() && self.loads_once(&of) || self.says_once(&of, is_event)
        })
    }

    /// Whether a variable holds an element that loads at most once in its life, as it was made:
    /// `document.createElement('script')`.
    fn loads_once(&self, place: &Place) -> bool {
        let conventions = &self.tables.conventions;
        let is_one_of = |list: &[String], name: &str| list.iter().any(|l| l == name);
        let made = self.definitions(place);
        let is_such = |made: &Ref| {
            let facts = self.facts(made.file);
            let tag = self.argument(*made, 0).and_then(|tag| self.constant_text(tag, 0));
            facts
                .method_call(made.node)
                .is_some_and(|m| is_one_of(&conventions.makes_elements, facts.name(m.method)))
                && tag.is_some_and(|t| is_one_of(&conventions.loads_once, &t))
        };
        matches!(place.root, Root::Binding(..)) && place.path.is_empty() && matches!(&made[..], [only] if is_such(only))
    }

    /// `function tick() { ...; setTimeout(tick, 1000); }`, with nothing that could end it. One that goes on until something
    /// has come, and then does what it waited for, does that once.
    pub(super) fn sets_its_next_run(&self, f: Func, call: Ref) -> bool {
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
    pub fn is_taken_off_at_first(&self, call: Ref, arg: usize) -> bool {
        let options = self
            .argument(call, arg + 1)
            .filter(|o| matches!(self.node(*o), Node::Object(_)));
        let once = options.and_then(|o| self.property(o, "once"));
        once.is_some_and(|value| self.node(value) == Node::Bool(true))
    }

    /// `deck.on('ready', f)`, where nobody knows the type of what is there then: it says so once. So does an element of
    /// the page by an event of its own, as the platform has none of such a name.
    pub(super) fn says_it_is_ready(&self, call: Ref) -> bool {
        let Node::Call { callee, .. } = self.node(call) else {
            return false;
        };
        let Node::Member { object, .. } = self.node(Ref { node: callee, ..call }) else {
            return false;
        };
        let event = self.argument(call, 0);
        let is_known = |id| !self.tables.is_a(id, "Element");
        event.is_some_and(|event| self.is_text_of(event, &self.tables.conventions.ready_events))
            && !self.type_of(Ref { node: object, ..call }).is_some_and(is_known)
    }

    /// `document.addEventListener('player-loaded', f)`: an event of the program's own that says by its last word that
    /// something is ready, perhaps once, perhaps for each of many.
    pub fn says_part_is_ready(&self, call: Ref) -> bool {
        self.event_of_readiness(call).is_some()
    }

    /// Whether the event that a call listens to says that something is ready, and the program tells of it in code that
    /// runs once.
    pub(super) fn is_told_once(&self, call: Ref, path: &mut Walk) -> bool {
        let Some(event) = self.event_of_readiness(call) else {
            return false;
        };
        let files = self.files_naming(&event);
        let files = files.iter().filter(|&&file| !self.is_test_of(file, call.file));
        let told: Vec<Ref> = files.flat_map(|&file| self.tellings(file, &event)).collect();
        let mut is_once = |telling: &Ref| {
            self.at_call(self.begun_by(*telling), path, || "tells of it here".into()) == Repetition::Once
        };
        !told.is_empty() && told.iter().all(&mut is_once)
    }

    /// The calls of a file that tell of an event: `emit('ready')`, `dispatchEvent(new CustomEvent('ready'))`.
    fn tellings(&self, file: FileId, event: &str) -> Vec<Ref> {
        let names = self.tables.conventions.tells.iter();
        let calls = names.flat_map(|name| self.calls_named(file, name));
        let is_text = |at: Ref| self.constant_text(at, 0).is_some_and(|text| *text == *event);
        let tells = |call: &Ref| {
            self.argument(*call, 0).is_some_and(|told| {
                let made = matches!(self.node(told), Node::Call { .. })
                    .then(|| self.argument(told, 0))
                    .flatten();
                is_text(told) || made.is_some_and(is_text)
            })
        };
        calls.map(|&node| Ref { file, node }).filter(tells).collect()
    }

    /// Whether the last word of an event's name, which has several, is one of some: `close` of `picker:close`.
    pub fn is_last_word(&self, event: Ref, words: &[String]) -> bool {
        let text = self.constant_text(event, 0);
        text.and_then(|text| last_word(&text))
            .is_some_and(|word| words.contains(&word))
    }

    /// The event that a call listens to, if the last word of its name says that something is ready: `player-loaded`,
    /// `playerReady`.
    fn event_of_readiness(&self, call: Ref) -> Option<Box<str>> {
        let text = self.constant_text(self.argument(call, 0)?, 0)?;
        let is_one = self.tables.conventions.ready_events.contains(&last_word(&text)?);
        is_one.then_some(text)
    }
}

/// The last of the words of an event's name, if it has several.
fn last_word(event: &str) -> Option<String> {
    let last = event.rfind(|c: char| "-:_. ".contains(c) || c.is_ascii_uppercase())?;
    let word = event[last..].trim_start_matches(['-', ':', '_', '.', ' ']);
    Some(word.to_ascii_lowercase())
}
