//! Objects that stand for another one: `$(window)`, and what its methods give back.

use super::{Life, Project, Ref, Root};
use crate::facts::Node;

/// How many calls a chain of methods is followed through: `$(window).off('a').off('b').on('a', f)`.
const MAX_CHAIN: usize = 16;

impl Project {
    /// What the receiver of a call stands for: the page's own object where a wrapper was put around it, whatever was
    /// called on that before.
    pub fn meant(&self, receiver: Ref) -> Ref {
        let mut at = receiver;
        for _ in 0..MAX_CHAIN {
            match self.before_chained(at) {
                Some(object) => at = object,
                None => break,
            }
        }
        match self.argument_wrapped(at) {
            Some(inner) if self.is_of_page(inner) => inner,
            Some(inner) if self.is_found_in_page(inner) => at,
            _ => receiver,
        }
    }

    /// Whether a call puts a wrapper around what there is one of in a page: `$(window)`, `$('body')`.
    pub fn wraps_page(&self, call: Ref) -> bool {
        let inner = self.argument_wrapped(call);
        inner.is_some_and(|inner| self.is_of_page(inner) || self.is_found_in_page(inner))
    }

    /// Whether a call makes nodes of a text and puts a wrapper around them: `$('<p>')`.
    pub fn wraps_markup(&self, call: Ref) -> bool {
        self.argument_wrapped(call)
            .is_some_and(|inner| self.begins_markup(inner))
    }

    /// Whether a text is markup: `'<p>'`.
    pub fn begins_markup(&self, at: Ref) -> bool {
        let text = self.constant_text(at, 0);
        text.is_some_and(|text| text.trim_start().starts_with('<'))
    }

    /// What a call puts a wrapper around.
    fn argument_wrapped(&self, call: Ref) -> Option<Ref> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        let inner = self.argument(call, 0)?;
        let path = self.path_of(Ref { node: callee, ..call })?;
        let row = self.tables.value(&format!("{path}()"))?;
        row.wraps_argument.then_some(inner)
    }

    /// Whether a node stands for an object of the page itself: `window`.
    fn is_of_page(&self, at: Ref) -> bool {
        let place = self.place(at);
        matches!(place.root, Root::Global) && matches!(self.life_of(&place), Life::Process)
    }

    /// Whether a node stands for the page or the program itself, and no part of it: `window`, `document`, `process`.
    pub(super) fn is_page(&self, at: Ref) -> bool {
        self.is_of_page(at) && self.place(at).path.len() <= 1
    }

    /// Whether a node is a selector of what there is one of in a page: `'body'`.
    fn is_found_in_page(&self, at: Ref) -> bool {
        self.is_text_of(at, &self.tables.conventions.page_selectors)
    }

    /// What a method was called on that gives it back.
    pub fn before_chained(&self, call: Ref) -> Option<Ref> {
        let facts = self.facts(call.file);
        let Node::Call { callee, .. } = facts.node(call.node) else {
            return None;
        };
        let Node::Member { object, property, .. } = facts.node(callee) else {
            return None;
        };
        let object = Ref { node: object, ..call };
        let ty = self.type_of(object)?;
        let method = format!("{}()", facts.name(property));
        self.tables.is_chained(ty, &method).then_some(object)
    }
}
