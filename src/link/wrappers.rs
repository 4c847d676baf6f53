//! Objects that stand for another one: `$(window)`, and what its methods give back.

use super::{Life, Place, Project, Ref, Root};
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
        match self.wrapped(at) {
            Some(inner) => inner,
            None if self.wraps_page(at) => at,
            None => receiver,
        }
    }

    /// The page's own object around which a call puts a wrapper: `window` of `$(window)`.
    pub(super) fn wrapped(&self, call: Ref) -> Option<Ref> {
        let inner = self.argument(call, 0).filter(|_| self.is_wrapping(call))?;
        self.is_of_page(&self.place(inner)).then_some(inner)
    }

    /// Whether a call puts a wrapper around what there is one of in a page: `$(window)`, `$('body')`.
    pub(super) fn wraps_page(&self, call: Ref) -> bool {
        let searched = || {
            let inner = self.argument(call, 0).filter(|_| self.is_wrapping(call))?;
            let found = self.constant_text(inner, 0)?;
            let roots = &self.tables.conventions.page_selectors;
            Some(roots.iter().any(|r| **r == *found))
        };
        self.wrapped(call).is_some() || searched() == Some(true)
    }

    fn is_of_page(&self, place: &Place) -> bool {
        matches!(place.root, Root::Global) && matches!(self.life_of(place), Life::Process)
    }

    fn is_wrapping(&self, call: Ref) -> bool {
        let Node::Call { callee, .. } = self.node(call) else {
            return false;
        };
        let callee = Ref { node: callee, ..call };
        self.path_of(callee).is_some_and(|p| {
            self.tables
                .value(&format!("{p}()"))
                .is_some_and(|row| row.wraps_argument)
        })
    }

    /// What a method was called on that gives it back.
    fn before_chained(&self, call: Ref) -> Option<Ref> {
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
