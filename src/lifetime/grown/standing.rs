//! Keys that were there before the code that adds under them: constants, what a module or an object keeps, and what every
//! caller hands on of these. However often such code runs, it finds the same key again.

use crate::facts::{BindingKind, FunctionId, MemberKind, Node};
use crate::lifetime::Judge;
use crate::link::{Func, Key, OwnerId, Place, Ref, Repetition, Root, Use};

/// Through how many names, functions and parts a key is followed to where it comes from.
const MAX_STEPS: u32 = 8;

/// How many callers are asked what they hand in.
const MAX_CALLERS: usize = 40;

/// How sure it is that a key is the same each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::lifetime) enum Stands {
    /// It stands in something that code may change, or others may call this too.
    Likely,
    /// All that it is made of is written down, or set once.
    Surely,
}

impl Judge<'_> {
    /// Whether a key was there before the code that runs again and again, rather than brought by it.
    pub(in crate::lifetime) fn stands_before(&self, key: Ref) -> Option<Stands> {
        self.stands(key, 0)
    }

    fn stands(&self, at: Ref, depth: u32) -> Option<Stands> {
        if depth > MAX_STEPS || self.fresh_key(at, 0).is_some() {
            return None;
        }
        let facts = self.project.facts(at.file);
        let here = |node| self.stands(Ref { node, ..at }, depth + 1);
        match facts.node(at.node) {
            Node::Str(_) | Node::Number(_) | Node::Bool(_) | Node::Null | Node::Undefined => Some(Stands::Surely),
            Node::Template(parts) => all_of(facts.list(parts).map(here)),
            Node::Binary { left, right, .. } | Node::Logical { left, right, .. } => {
                all_of([left, right].into_iter().map(here))
            }
            Node::Conditional { yes, no, .. } => all_of([yes, no].into_iter().map(here)),
            Node::Binding(b) if facts.binding(b).function == FunctionId::MODULE && facts.binding(b).writes == 0 => {
                Some(Stands::Surely)
            }
            Node::Binding(_) | Node::Member { .. } | Node::Index { .. } => {
                self.stands_at_place(&self.project.place(at), depth)
            }
            Node::Call { .. } => self.stands_by_call(at, depth),
            _ => None,
        }
    }

    /// `path.join(root, name)`, `name.toLowerCase()`, `this.config.path()`.
    fn stands_by_call(&self, call: Ref, depth: u32) -> Option<Stands> {
        let (callee, args) = self.callee_of(call)?;
        let conventions = &self.project.tables.conventions;
        let name = self.project.last_name(callee)?;
        if let Some(f) = self.project.called_function(call) {
            let given = self.project.returned_values(f);
            return all_of(given.into_iter().map(|value| self.stands(value, depth + 1)));
        }
        if !conventions.told_by_arguments.iter().any(|n| n == name) {
            return None;
        }
        let receiver = match self.project.node(callee) {
            Node::Member { object, .. } => Some(Ref { node: object, ..call }),
            _ => None,
        };
        let is_value = |at: &Ref| !matches!(self.project.place(*at).root, Root::External(_) | Root::Global);
        let parts = receiver.into_iter().filter(is_value).chain(args);
        all_of(parts.map(|part| self.stands(part, depth + 1)))
    }

    fn stands_at_place(&self, place: &Place, depth: u32) -> Option<Stands> {
        match &place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(*file).binding(*b);
                let whole = match binding.kind {
                    _ if binding.function == FunctionId::MODULE && binding.writes == 0 => Some(Stands::Surely),
                    BindingKind::Param => {
                        let (f, index) = self.project.param_position(*file, *b)?;
                        (binding.writes == 0).then(|| self.stands_for_callers(f, index, depth))?
                    }
                    _ => self.all_set_to(place, depth),
                };
                self.part_stands(place, whole?)
            }
            Root::This(owner) => self.stands_in_object(*owner, place, depth),
            _ => None,
        }
    }

    /// A part of what stands there may change, unless the key is the whole.
    fn part_stands(&self, place: &Place, whole: Stands) -> Option<Stands> {
        match place.path.iter().all(|key| matches!(key, Key::Name(_))) {
            true if place.path.is_empty() => Some(whole),
            true => Some(Stands::Likely),
            false => None,
        }
    }

    /// What a variable is ever set to, unless it also counts.
    fn all_set_to(&self, place: &Place, depth: u32) -> Option<Stands> {
        let whole = Place::root(place.root.clone());
        let set_to = self.project.definitions(&whole).into_iter();
        let found = all_of(set_to.map(|d| self.stands(d, depth + 1)))?;
        (!self.project.is_counted(&whole)).then_some(found)
    }

    /// What every caller of a function hands in at a position.
    fn stands_for_callers(&self, f: Func, index: usize, depth: u32) -> Option<Stands> {
        let mut callers = self.project.callers(f);
        callers.calls.retain(|call| !self.project.is_test_of(call.file, f.file));
        if callers.calls.len() > MAX_CALLERS {
            return None;
        }
        let given = callers.calls.iter().map(|&call| {
            let argument = self.project.argument(call, index)?;
            // A function that calls itself hands on what it got.
            if self.is_parameter_of(argument, f, index) {
                return Some(Stands::Surely);
            }
            self.stands(argument, depth + 1)
        });
        let found = all_of(given)?;
        let uses = self.project.uses(f);
        let others = uses.iter().any(|used| matches!(used, Use::Exported));
        match (callers.goes_elsewhere, others) {
            (false, _) => Some(found),
            (true, true) => Some(Stands::Likely),
            (true, false) => None,
        }
    }

    fn is_parameter_of(&self, at: Ref, f: Func, index: usize) -> bool {
        match self.project.node(at) {
            Node::Binding(b) => self.project.param_position(at.file, b) == Some((f, index)),
            _ => false,
        }
    }

    /// A field of an object of which there is not one for each time.
    fn stands_in_object(&self, owner: OwnerId, place: &Place, depth: u32) -> Option<Stands> {
        let is_of_each = self.project.lifecycle(owner).is_some()
            || matches!(self.project.instances_of(owner), Repetition::Repeated { .. });
        let [Key::Name(name), ..] = place.path.as_slice() else {
            return None;
        };
        if is_of_each {
            return None;
        }
        let definitions = self.project.field_definitions(owner, name);
        let is_param = self
            .project
            .member(owner, name)
            .is_some_and(|(_, m)| m.kind == MemberKind::ParamField);
        if definitions.is_empty() || is_param {
            return None;
        }
        let field = Place {
            root: place.root.clone(),
            path: vec![place.path[0].clone()],
        };
        if self.project.is_counted(&field) {
            return None;
        }
        let found = all_of(definitions.iter().map(|d| self.stands(*d, depth + 1)))?;
        let is_at_start = |d: &Ref| self.is_set_at_construction(owner, *d);
        let found = match definitions.iter().all(is_at_start) {
            true => found,
            false => Stands::Likely,
        };
        let parts = Place {
            root: place.root.clone(),
            path: place.path[1..].to_vec(),
        };
        self.part_stands(&parts, found)
    }

    fn is_set_at_construction(&self, owner: OwnerId, at: Ref) -> bool {
        let f = self.project.function_at(at);
        f.function == FunctionId::MODULE
            || self
                .project
                .method_around(f)
                .is_some_and(|(o, name, method)| o == owner && method == f && name == "constructor")
    }
}

/// The least sure of some, if there are any and all stand.
fn all_of(each: impl Iterator<Item = Option<Stands>>) -> Option<Stands> {
    let mut out = None;
    for one in each {
        let one = one?;
        out = Some(out.map_or(one, |o: Stands| o.min(one)));
    }
    out
}
