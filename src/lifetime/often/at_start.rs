//! What the program begins once, though not every step of the way there is known: each function on it is called, or
//! handed on, in one place, and the last of these places is at the top of a module.

use crate::facts::{FunctionId, Node};
use crate::lifetime::Judge;
use crate::link::{FileId, Func, OwnerId, OwnerKind, Ref, Repetition, Use};

/// How many functions may stand between the top of a module and what it begins.
const MAX_STEPS: usize = 12;

/// How many places may call what the start of the program leads to.
const MAX_ENTRIES: usize = 4;

impl Judge<'_> {
    /// Whether one place of the project makes the objects of an owner, and only the start of the program leads there.
    pub(in crate::lifetime) fn is_made_at_start(&self, owner: OwnerId) -> bool {
        if self.project.instances_of(owner) == Repetition::Once {
            // `Control.extend({ ... })` is no object of its own, but the methods of a class.
            let facts = self.project.facts(owner.file);
            let is_one = match self.project.owner(owner).kind {
                OwnerKind::Object(node) => !matches!(facts.node(facts.parent(node)), Node::Call { .. }),
                OwnerKind::Class(_) | OwnerKind::Constructor(_) => false,
            };
            return is_one || !self.project.constructions(owner).is_empty();
        }
        if self.project.is_put_on_global(owner) {
            return false;
        }
        let made = self.seen_outside_tests(self.project.constructions(owner), owner.file);
        matches!(made[..], [at] if self.is_reached_at_start(at))
    }

    /// Whether a method makes or prepares an object of which there is one, from the start of the program.
    pub(in crate::lifetime) fn begins_at_start(&self, owner: OwnerId, method: &str) -> bool {
        (method == "constructor" || self.prepares(method)) && self.is_made_at_start(owner)
    }

    /// Whether a method prepares an object by its name, rather than set it going: what starts may stop and start again.
    fn prepares(&self, method: &str) -> bool {
        let sets_going = &self.project.tables.conventions.sets_going;
        self.is_startup_name(method) && !sets_going.iter().any(|word| method.starts_with(word.as_str()))
    }

    /// Whether one place of the project runs a function, and only the start of the program leads there.
    pub(in crate::lifetime) fn is_run_at_start(&self, f: Func) -> bool {
        self.place_that_runs(f).is_some_and(|at| self.is_reached_at_start(at))
    }

    /// Whether all that the project shows of who runs a function begins with the start of the program: each chain of
    /// callers ends there, or in an entry for other programs.
    pub(in crate::lifetime) fn is_begun_at_start(&self, f: Func) -> bool {
        self.begun_at_start(f, 0) == Some(true)
    }

    /// Nothing where nobody in the project calls a function.
    fn begun_at_start(&self, f: Func, depth: usize) -> Option<bool> {
        if f.function == FunctionId::MODULE {
            return Some(true);
        }
        match self.project.repetition(f) {
            Repetition::Once => return Some(true),
            Repetition::Repeated { .. } => return Some(false),
            Repetition::Unknown => {}
        }
        let around = self.project.method_around(f);
        if around.is_some_and(|(owner, ..)| self.project.is_put_on_global(owner)) {
            return Some(false);
        }
        let mut places = self.project.callers(f).calls;
        for used in self.project.uses(f).iter() {
            match used {
                Use::Called { .. } | Use::Exported | Use::Returned { .. } => {}
                // `withReport(async () => run())`: the project's own function, which is not known to run it again.
                Use::Passed { call, arg } if self.is_executor(f) || self.is_called_by(*call, *arg, None) => {
                    places.push(*call);
                }
                Use::PassedIn { call, arg, path } if self.is_called_by(*call, *arg, path.last().map(|n| &**n)) => {
                    places.push(*call);
                }
                _ => return Some(false),
            }
        }
        let calls = self.seen_outside_tests(places, f.file);
        if depth > MAX_STEPS || calls.len() > MAX_ENTRIES {
            return Some(false);
        }
        let mut found = None;
        for call in calls {
            let around = self.project.function_at(call);
            let is_looped = around == f || self.project.endless_loop_around(call).is_some();
            match self.begun_at_start(around, depth + 1) {
                _ if is_looped => return Some(false),
                Some(false) => return Some(false),
                begun => found = begun.or(found),
            }
        }
        found
    }

    /// Whether a function of the project calls what it is handed, or what it is handed under a name, and does not sound as
    /// if it listened.
    fn is_called_by(&self, call: Ref, arg: usize, name: Option<&str>) -> bool {
        let Some(g) = self
            .project
            .called_function(call)
            .filter(|_| !self.sounds_like_listening(call))
        else {
            return false;
        };
        let facts = self.project.facts(g.file);
        let parameter = facts.item(self.project.function(g).params, arg).map(|p| facts.node(p));
        self.project.calls_in(g).iter().any(|&at| {
            let Node::Call { callee, .. } = facts.node(at) else {
                return false;
            };
            match name {
                Some(name) => {
                    self.project.last_name(Ref {
                        file: g.file,
                        node: callee,
                    }) == Some(name)
                }
                None => matches!(facts.node(callee), Node::Binding(_)) && Some(facts.node(callee)) == parameter,
            }
        })
    }

    fn is_reached_at_start(&self, at: Ref) -> bool {
        let mut at = at;
        for _ in 0..MAX_STEPS {
            let f = self.project.function_at(at);
            if f.function == FunctionId::MODULE || self.project.repetition(f) == Repetition::Once {
                return self.project.endless_loop_around(at).is_none();
            }
            let often = self.project.repetition(f);
            if often.is_repeated() && self.lets_call_once(&often).is_none() {
                return false;
            }
            let Some(next) = self.place_that_runs(f) else {
                return false;
            };
            at = next;
        }
        false
    }

    /// The one place where a function is called, or handed to code that does not look as if it listened to something.
    pub(in crate::lifetime) fn place_that_runs(&self, f: Func) -> Option<Ref> {
        let mut places = self.project.callers(f).calls;
        let is_method = self.project.method_around(f).is_some_and(|(.., method)| method == f);
        for used in self.project.uses(f).iter() {
            match used {
                Use::Called { .. } | Use::Exported => {}
                // A function that is written as a field.
                Use::Returned { .. } if is_method => {}
                Use::Passed { call, arg } if !self.sounds_like_listening(*call) || self.only_calls(*call, *arg) => {
                    places.push(*call);
                }
                _ => return None,
            }
        }
        match self.seen_outside_tests(places, f.file)[..] {
            [at] if self.project.function_at(at) != f => Some(at),
            _ => None,
        }
    }

    /// Whether a function of the project only calls what it is handed, wherever that is named: `connect(done)` is none of
    /// an emitter then.
    fn only_calls(&self, call: Ref, arg: usize) -> bool {
        let Some(g) = self.project.called_function(call) else {
            return false;
        };
        let facts = self.project.facts(g.file);
        let parameter = facts.item(self.project.function(g).params, arg);
        let Some(Node::Binding(b)) = parameter.map(|p| facts.node(p)) else {
            return false;
        };
        let is_called = |node| matches!(facts.node(facts.parent(node)), Node::Call { callee, .. } if callee == node);
        let mut named = facts
            .references_of(b)
            .filter(|node| Some(*node) != parameter)
            .peekable();
        named.peek().is_some() && named.all(is_called)
    }

    fn seen_outside_tests(&self, mut places: Vec<Ref>, of: FileId) -> Vec<Ref> {
        places.retain(|at| !self.project.is_test_of(at.file, of));
        places.sort_unstable();
        places.dedup();
        places
    }

    /// `source.on(key, f)`, `source.onChange(f)`, `source.subscribe(f)`.
    fn sounds_like_listening(&self, call: Ref) -> bool {
        let name = self
            .callee_of(call)
            .and_then(|(callee, _)| self.project.last_name(callee))
            .unwrap_or_default();
        let event = name.strip_prefix("on");
        event.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
            || self.is_named_like_listening(call)
    }
}
