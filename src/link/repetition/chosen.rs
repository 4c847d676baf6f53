//! Parts that a computed name chooses: `page[setting]()` runs one of them, and nobody says which, or whoever calls the
//! function around it.

use super::{Repetition, Step, Walk};
use crate::facts::Node;
use crate::link::{FileId, Func, Project, Ref, Use};

impl Project {
    /// How often a use runs a function. A part that a parameter chooses, `hooks(name) { part[name]() }`, runs as often as
    /// that function is called with its name.
    pub(super) fn by_use_of_part(&self, f: Func, used: &Use, path: &mut Walk) -> Repetition {
        let found = self.by_use(f, used, path);
        match used {
            Use::Called { call } if found.is_repeated() => self.by_callers_choice(f, *call, path).unwrap_or(found),
            _ => found,
        }
    }

    /// How often a part is chosen, where some who call the function around the choice give the name of another one.
    fn by_callers_choice(&self, f: Func, call: Ref, path: &mut Walk) -> Option<Repetition> {
        let key = self.computed_name(call)?;
        let Node::Binding(b) = self.node(key) else { return None };
        let (chooser, index) = self.param_position(key.file, b)?;
        let name = self.name_of_part(f)?;
        let callers = self.callers(chooser);
        let gives_other = |caller: &Ref| {
            let given = self
                .argument(*caller, index)
                .and_then(|given| self.constant_text(given, 0));
            given.is_some_and(|text| *text != *name)
        };
        let (others, own): (Vec<Ref>, Vec<Ref>) = callers.calls.into_iter().partition(gives_other);
        if others.is_empty() || self.facts(key.file).binding(b).writes > 0 {
            return None;
        }
        let begin = callers.goes_elsewhere.then_some(Repetition::Unknown);
        let found = own.into_iter().fold(begin, |best, caller| {
            let found = self.at_call(caller, path, || format!("calls {}", self.called(chooser)));
            Some(Repetition::either(best, found))
        });
        let mut found = found.unwrap_or(Repetition::Unknown);
        if let Repetition::Repeated { steps, .. } = &mut found {
            steps.push(Step {
                at: call,
                text: format!("calls {}", self.called(f)),
                row: None,
            });
        }
        Some(found)
    }

    /// The name by which a function is a part of something.
    fn name_of_part(&self, f: Func) -> Option<Box<str>> {
        let as_method = self.method_around(f).filter(|(.., method)| *method == f);
        let own = || Some(self.text(f.file, self.function(f).name?));
        as_method.map(|(_, name, _)| name).or_else(own).map(Into::into)
    }

    /// The name that a call computes for what it calls: `name` of `part[name]()`.
    fn computed_name(&self, call: Ref) -> Option<Ref> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        match self.node(Ref { node: callee, ..call }) {
            Node::Index { key, .. } => Some(Ref { node: key, ..call }),
            _ => None,
        }
    }

    /// A call of whichever part a name says that is computed proves nothing for a part that others call by its own name:
    /// `page[setting]()` of `page.begin()`.
    pub(super) fn weigh_choice(&self, mut found: Repetition, used: &Use, f: Func) -> Repetition {
        if let Repetition::Repeated { proven, .. } = &mut found
            && *proven
            && self.is_by_any_name(used)
            && self.is_called_by_its_name(f)
        {
            *proven = false;
        }
        found
    }

    /// Whether a use is a call of a part by a name that is computed, and may be any.
    fn is_by_any_name(&self, used: &Use) -> bool {
        let Use::Called { call } = used else { return false };
        self.computed_name(*call)
            .is_some_and(|key| self.chosen_texts(key, 0).is_none())
    }

    /// Whether code calls something by the name of a function: `this.begin()`, whatever `this` is.
    fn is_called_by_its_name(&self, f: Func) -> bool {
        let Some(name) = self.function(f).name.map(|name| self.text(f.file, name)) else {
            return false;
        };
        let calls = |file: FileId| {
            let facts = self.facts(file);
            let mut named = self
                .name_in(file, name)
                .into_iter()
                .flat_map(|n| facts.members_named(n));
            named.any(|at| matches!(facts.node(facts.parent(at)), Node::Call { callee, .. } if callee == at))
        };
        let files = self.files_naming(name);
        let mut files = files.iter().copied().filter(|file| !self.is_test_of(*file, f.file));
        files.any(calls)
    }
}
