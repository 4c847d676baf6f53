//! Lists of events that are taken off by a shorter list: `on(node, 'mouseup touchend', f)` and `off(node, 'mouseup', f)`.

use crate::facts::Node;
use crate::finding::Cause;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Place, Ref, Root};

/// Through how many names and calls a list of events is followed.
const MAX_STEPS: u32 = 4;

impl Judge<'_> {
    /// Marks the releases of what is registered for several events, if all of them together name fewer.
    pub(in crate::lifetime) fn mark_short(&self, a: &Acquisition, releases: &mut [Release]) {
        let Some(events) = a
            .key()
            .and_then(|key| self.listed_keys(key))
            .filter(|list| list.len() > 1)
        else {
            return;
        };
        let right = releases.iter().filter(|r| r.wrong.is_none());
        let named: Option<Vec<Vec<Box<str>>>> = right.map(|r| self.events_named(r.at, &events)).collect();
        let Some(named) = named.filter(|named| !named.is_empty()) else {
            return;
        };
        let is_named = |event: &str| named.iter().flatten().any(|other| is_taken_off_by(event, other));
        let Some(left) = events.iter().find(|event| !is_named(event)) else {
            return;
        };
        let text = format!("leaves what was added for `{left}`");
        for release in releases.iter_mut().filter(|r| r.wrong.is_none()) {
            release.wrong = Some((Cause::WrongKey, text.clone()));
        }
    }

    /// The events that a call names of those that something was registered for; nothing where it may mean them all.
    fn events_named(&self, call: Ref, events: &[Box<str>]) -> Option<Vec<Box<str>>> {
        let (_, args) = self.callee_of(call)?;
        let mut lists = args.into_iter().filter_map(|arg| self.listed_keys(arg));
        lists.find(|list| {
            events
                .iter()
                .any(|event| list.iter().any(|other| is_taken_off_by(event, other)))
        })
    }

    /// Whether two lists of events have one in common.
    pub(in crate::lifetime) fn have_one_in_common(&self, added: &[Box<str>], removed: &[Box<str>]) -> bool {
        let is_list = added.len() > 1 || removed.len() > 1;
        let fits = |event: &str, other: &str| event == other || is_list && is_taken_off_by(event, other);
        added.iter().any(|event| removed.iter().any(|other| fits(event, other)))
    }

    /// The constant keys of a list, by itself, by its name, or by that of its elements where it is gone through:
    /// `["load", "error"]`, `"load error"`.
    pub(in crate::lifetime) fn listed_keys(&self, at: Ref) -> Option<Vec<Box<str>>> {
        self.listed_below(at, 0)
    }

    fn listed_below(&self, at: Ref, depth: u32) -> Option<Vec<Box<str>>> {
        if depth > MAX_STEPS {
            return None;
        }
        let facts = self.project.facts(at.file);
        let here = |node| Ref { node, ..at };
        match facts.node(at.node) {
            Node::Array(items) => {
                let items = facts.list(items).map(|node| self.project.constant_text(here(node), 0));
                items.collect()
            }
            // `"load error".split(" ")`
            Node::Call { .. } if let Some(call) = facts.method_call(at.node) => {
                let is_split = self.project.tables.conventions.takes_apart(facts.name(call.method));
                let list = is_split.then(|| self.listed_below(here(call.object), depth + 1));
                list.flatten()
            }
            _ if let Some(text) = self.project.constant_text(at, 0) => {
                let words: Vec<Box<str>> = text.split_whitespace().map(Box::from).collect();
                Some(if words.len() < 2 { vec![text] } else { words })
            }
            Node::Binding(_) => {
                let gone_through = self.list_of_element(at);
                let value = || {
                    let place = self.project.place(at);
                    self.project.value_of_place(&place).filter(|value| *value != at)
                };
                self.listed_below(gone_through.or_else(value)?, depth + 1)
            }
            _ => None,
        }
    }

    /// The list that a name stands for the elements of: `name` of `for (const name of list)`, of `list.forEach((name) => ...)`.
    pub(in crate::lifetime) fn list_of_element(&self, at: Ref) -> Option<Ref> {
        let Root::Binding(file, b) = self.project.place(at).root else {
            return None;
        };
        let place = Place::root(Root::Binding(file, b));
        match self.parameter_of(&place) {
            Some((f, 0)) => self.gone_through(f),
            Some(_) => None,
            None => self.looped_through(file, b),
        }
    }
}

/// Whether a name of an event takes off what was added for another one: the same, its name without the space of names
/// (`click` of `click.menu`), or that space alone (`.menu`).
fn is_taken_off_by(added: &str, removed: &str) -> bool {
    let mut parts = added.split('.');
    let event = parts.next().unwrap_or_default();
    let mut spaces = removed.split('.');
    let same_event = matches!(spaces.next(), Some(name) if name.is_empty() || name == event);
    same_event && spaces.all(|space| parts.clone().any(|part| part == space))
}
