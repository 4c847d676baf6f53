//! How many different things a repeated function can add: what only has a few names stays small, however often it runs.

use crate::facts::{BinaryOp, BindingKind, CallKind, Node};
use crate::finding::Confidence;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::Grown;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::held::holding::Holder;
use crate::link::{Ref, Repetition};
use crate::tables::Every;

/// From how many steps on a context is far from what happens in it.
const FAR: usize = 3;

/// Through how many names a value is followed to where it is made.
const MAX_NAMES: u32 = 4;

/// Whether what repeats is far from the code that is reached by it.
pub(in crate::lifetime) fn is_far(repetition: &Repetition) -> bool {
    matches!(repetition, Repetition::Repeated { steps, .. } if steps.len() >= FAR)
}

impl Judge<'_> {
    /// How sure a growth can be that rests on its context alone. What users do with a page repeats, but the names that
    /// its code goes by (icons, locales, messages) are the same each time; requests, connections and messages bring
    /// their own.
    pub(in crate::lifetime) fn certain_of_new(
        &self,
        grown: &Grown,
        touched: &Touched,
        repetition: &Repetition,
        certain: Confidence,
    ) -> Confidence {
        if self.is_kept_by_name(grown, touched, repetition) {
            return certain.min(Confidence::Low);
        }
        let of_page = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Mount | Every::Update | Every::Event | Every::Instance,
                ..
            }
        );
        let only_once_each = match grown.growth.key {
            Some(key) => !self.is_new_each_time(key, 0) && self.is_name(grown, key),
            None => grown
                .growth
                .value
                .is_some_and(|v| self.is_asked_before(grown, v) && !self.is_new_each_time(v, 0)),
        };
        // So far from the message that asks, what it brings is hardly the name.
        let far_from_message = matches!(
            repetition,
            Repetition::Repeated {
                every,
                steps,
                ..
            } if every.goes_on() && steps.len() >= FAR
        );
        // `cached = loggers.get(prefix)`, `known.add(prefix)`: a memo of names, whatever asks for one.
        let is_memo_of_names = far_from_message
            && grown.growth.key.is_some_and(|key| {
                let name = self.project.last_name(key);
                name.is_some_and(|n| self.has_few_values(n))
                    && (self.is_asked_before(grown, key) || self.is_read_by_brackets(grown, key) || self.is_set(grown))
            });
        // What was there before the code that repeats may change, but no run of that code brings another one.
        let certain = match grown.growth.key.and_then(|key| self.stands_before(key)) {
            Some(_) => certain.min(Confidence::Medium),
            None => certain,
        };
        if only_once_each && (of_page || is_memo_of_names || self.is_of_application(grown.holder)) {
            certain.min(Confidence::Low)
        } else {
            certain
        }
    }

    /// Whether a growth far from what repeats keeps one entry for each of the things that the code goes by, and finds
    /// it again: settings of a route, the state of a project. How many there are is not told by how often it runs.
    fn is_kept_by_name(&self, grown: &Grown, touched: &Touched, repetition: &Repetition) -> bool {
        let (Some(key), Repetition::Repeated { every, steps, .. }) = (grown.growth.key, repetition) else {
            return false;
        };
        let is_param = matches!(self.project.node(key), Node::Binding(b)
            if self.project.facts(key.file).binding(b).kind == BindingKind::Param);
        let few = self.is_one_of_few(key);
        let found_again = !touched.looked_up.is_empty() && self.fresh_key(key, 0).is_none();
        if few && grown.growth.value.is_some_and(|v| self.is_tally(v)) {
            return true;
        }
        match every {
            Every::Request | Every::Connection => is_param && few && steps.len() > 1,
            Every::Event | Every::Mount | Every::Update => steps.len() >= FAR && found_again,
            _ => false,
        }
    }

    /// Whether what grows is a set, which has each thing once.
    fn is_set(&self, grown: &Grown) -> bool {
        let found = self.project.type_of(grown.growth.collection);
        found.is_some_and(|t| self.project.tables.is_a(t, "Set"))
    }

    /// `{ running: 0, waiting: 0 }`: what is counted is counted for something that comes again.
    fn is_tally(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let is_zero = |node| matches!(facts.node(node), Node::Number(_) | Node::Bool(_));
        match facts.node(value.node) {
            Node::Object(parts) => {
                facts.list(parts).len() > 0
                    && facts.list(parts).all(|part| match facts.node(part) {
                        Node::Property { value, .. } => is_zero(value),
                        _ => false,
                    })
            }
            _ => is_zero(value.node),
        }
    }

    /// Whether an injector makes the holder for the whole application.
    fn is_of_application(&self, holder: Holder) -> bool {
        match holder {
            Holder::Field(owner) => self.project.providers(owner).is_some_and(|p| p.is_empty()),
            _ => false,
        }
    }

    /// Whether a key is a text: by brackets, by its type, or as it is put together.
    fn is_name(&self, grown: &Grown, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        if self.is_by_brackets(&grown.growth) || self.is_asked_before(grown, key) {
            return true;
        }
        match facts.node(key.node) {
            Node::Template(_) => true,
            Node::Binary { op: BinaryOp::Add, .. } => true,
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let texts = &self.project.tables.conventions.text_types;
                binding
                    .type_name
                    .is_some_and(|t| texts.iter().any(|x| x == facts.name(t)))
                    || binding.type_name.is_none() && self.is_of_application(grown.holder)
                    || self.has_few_values(facts.name(binding.name))
            }
            _ => self.is_one_of_few(key),
        }
    }

    /// Whether the function reads what the collection has under a key in brackets: `table[key] ?? ...`.
    pub(in crate::lifetime) fn is_read_by_brackets(&self, grown: &Grown, key: Ref) -> bool {
        let file = grown.f.file;
        let facts = self.project.facts(file);
        // The collection of another file has its references there as well.
        let references = self.references_in(&grown.place, file).into_iter();
        references.filter(|at| at.file == file).any(|at| {
            let up = facts.parent(at.node);
            let Node::Index { object, key: asked } = facts.node(up) else {
                return false;
            };
            object == at.node
                && !facts.is_written(up)
                && self.project.function_at(at) == grown.f
                && self.project.same_key(Ref { file, node: asked }, key)
        })
    }

    /// Whether the function asks if this is in the collection already: `includes(x)`, `indexOf(x) < 0`, `!has(x)`,
    /// `get(x) ?? ...`.
    pub(in crate::lifetime) fn is_asked_before(&self, grown: &Grown, thing: Ref) -> bool {
        let facts = self.project.facts(grown.f.file);
        let conventions = &self.project.tables.conventions;
        self.project.calls_in(grown.f).iter().any(|&call| {
            let Node::Call { callee, args, .. } = facts.node(call) else {
                return false;
            };
            let (Node::Member { object, property, .. }, Some(node)) = (facts.node(callee), facts.item(args, 0)) else {
                return false;
            };
            let here = |node| Ref {
                file: grown.f.file,
                node,
            };
            let mut asks = conventions.membership.iter().chain(&conventions.look_up);
            asks.any(|a| a == facts.name(property))
                && self.project.same_key(here(node), thing)
                && self.project.same_place(&self.project.place(here(object)), &grown.place)
        })
    }

    /// Whether no two runs add the same: made on the way here, or named after the one thing it stands for.
    pub(in crate::lifetime) fn is_new_each_time(&self, at: Ref, depth: u32) -> bool {
        let facts = self.project.facts(at.file);
        if self.fresh_key(at, 0).is_some() {
            return true;
        }
        let named = |name: &str| {
            let ids = &self.project.tables.conventions.own_keys;
            ids.iter().any(|id| {
                name == id
                    || id.chars().next().is_some_and(|c| {
                        let capital: String = c.to_uppercase().chain(id.chars().skip(1)).collect();
                        name.ends_with(&capital)
                    })
            })
        };
        match facts.node(at.node) {
            Node::This | Node::Object(_) | Node::Array(_) | Node::Function(_) => true,
            Node::Call {
                kind: CallKind::New, ..
            } => true,
            Node::Template(parts) => facts
                .list(parts)
                .any(|node| self.is_new_each_time(Ref { file: at.file, node }, depth + 1)),
            Node::Binary {
                left,
                right,
                op: BinaryOp::Add,
            } => [left, right]
                .into_iter()
                .any(|node| self.is_new_each_time(Ref { file: at.file, node }, depth + 1)),
            Node::Binding(b) => {
                let binding = facts.binding(b);
                named(facts.name(binding.name))
                    || depth < MAX_NAMES
                        && binding.kind != BindingKind::Param
                        && binding
                            .init
                            .is_some_and(|node| self.is_new_each_time(Ref { file: at.file, node }, depth + 1))
            }
            Node::Member { property, .. } => named(facts.name(property)),
            _ => false,
        }
    }
}
