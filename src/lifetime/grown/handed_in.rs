//! Collections that a function is handed: what it adds to its parameter, it adds to what a caller hands over.

use crate::facts::{FunctionId, Node};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::Grown;
use crate::lifetime::grown::growth::Growth;
use crate::link::{Func, Key, OwnerKind, Place, Ref, Repetition, Root, Use};

/// How many callers of a function are asked what they hand over.
const MAX_CALLERS: usize = 8;

impl Judge<'_> {
    /// The growths of what a function's parameter stands for: a field of the class of which it is an object, or what its
    /// callers hand over.
    pub(in crate::lifetime) fn grown_through(&self, growth: &Growth, place: &Place) -> Vec<Grown> {
        let Root::Binding(file, b) = place.root else {
            return Vec::new();
        };
        let binding = self.project.facts(file).binding(b);
        let f = self.project.function_at(growth.at);
        if !self.is_parameter(place)
            || binding.writes > 0
            || f != (Func {
                file,
                function: binding.function,
            })
        {
            return Vec::new();
        }
        match &place.path[..] {
            [] => self.grown_by_callers(growth, place, f, None),
            [Key::Name(name)] => match self.grown_in_object(growth, place, name, f) {
                Some(grown) => vec![grown],
                None => self.grown_by_callers(growth, place, f, Some(name)),
            },
            _ => Vec::new(),
        }
    }

    /// Whether a function adds to its own parameter, or to a part of it.
    pub(in crate::lifetime) fn is_by_parameter(&self, grown: &Grown) -> bool {
        self.is_parameter(&self.project.place(grown.growth.collection))
    }

    /// `function add(list, x) { list.push(x); }`, and `function add(log, x) { log.lines.push(x); }` for a part.
    fn grown_by_callers(&self, growth: &Growth, place: &Place, f: Func, part: Option<&str>) -> Vec<Grown> {
        let mut found: Vec<Grown> = Vec::new();
        for (call, given) in self.calls_handing(place, f) {
            let Some(place) = self.handed_place(given, part) else {
                continue;
            };
            if found.iter().any(|other| other.place == place) {
                continue;
            }
            if let Some(holder) = self.holder_of(&place, self.project.function_at(call)) {
                found.push(Grown {
                    growth: growth.clone(),
                    place,
                    holder,
                    f,
                    handed: Some(call),
                });
            }
        }
        found
    }

    /// What a caller hands over, or the part of it that has a name: of `{ lines }`, the variable.
    fn handed_place(&self, given: Ref, part: Option<&str>) -> Option<Place> {
        let Some(part) = part else {
            return Some(self.project.place(given));
        };
        if let Some(value) = self.project.property(given, part) {
            let is_named = !matches!(
                self.project.node(value),
                Node::Array(_) | Node::Object(_) | Node::Call { .. }
            );
            return is_named.then(|| self.project.place(value));
        }
        let mut place = self.project.place(given);
        let is_named = !matches!(place.root, Root::Value(_)) || !place.path.is_empty();
        place.path.push(Key::Name(part.into()));
        is_named.then_some(place)
    }

    /// The calls of a function that may happen more than once, with what they hand over for a parameter.
    fn calls_handing(&self, param: &Place, f: Func) -> Vec<(Ref, Ref)> {
        let Root::Binding(file, b) = param.root else {
            return Vec::new();
        };
        let Some((_, index)) = self.project.param_position(file, b) else {
            return Vec::new();
        };
        let uses = self.project.uses(f);
        let calls = uses.iter().filter_map(|used| match used {
            Use::Called { call } => Some((*call, self.project.argument(*call, index)?)),
            _ => None,
        });
        let calls = calls.filter(|(call, _)| {
            let caller = self.project.function_at(*call);
            caller.function != FunctionId::MODULE && self.project.repetition(caller) != Repetition::Once
        });
        calls.take(MAX_CALLERS).collect()
    }

    /// `function add(context, x) { context.log.push(x); }`, where the context is an object of a class.
    fn grown_in_object(&self, growth: &Growth, place: &Place, name: &str, f: Func) -> Option<Grown> {
        let at = growth.collection;
        let Node::Member { object, .. } = self.project.node(at) else {
            return None;
        };
        let owner_of = |at| {
            let owner = self.project.owner_of_object(at, 0)?;
            matches!(self.project.owner(owner).kind, OwnerKind::Class(_)).then_some(owner)
        };
        let (owner, handed) = match owner_of(Ref { node: object, ..at }) {
            Some(owner) => (owner, None),
            None => {
                let mut calls = self.calls_handing(place, f).into_iter();
                calls.find_map(|(call, given)| Some((owner_of(given)?, Some(call))))?
            }
        };
        let mut field = Place::root(Root::This(owner));
        field.path.push(Key::Name(name.into()));
        Some(Grown {
            growth: growth.clone(),
            holder: self.holder_of(&field, f)?,
            place: field,
            f,
            handed,
        })
    }
}
