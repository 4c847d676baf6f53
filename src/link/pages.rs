//! The page that a node is part of: whatever helper is asked for it, it is the same document and window.

use super::{Func, Key, Place, Project, Ref, Root};
use crate::facts::{LogicalOp, Node};

/// How deep an expression and the functions it asks are taken apart.
const MAX_ASKED: u32 = 8;

impl Project {
    /// The document or window that a function gives back, if it gives back nothing else:
    /// `return node ? node.ownerDocument : document`.
    pub(super) fn page_given_by(&self, f: Func, depth: u32) -> Option<Place> {
        if depth > MAX_ASKED {
            return None;
        }
        let _leave = super::fuel::spend()?;
        let mut pages = self.given_values(f).into_iter().map(|v| self.page_of(v, depth + 1));
        let first = pages.next()??;
        pages.all(|page| page.as_ref() == Some(&first)).then_some(first)
    }

    /// The document or window that a function of a package is known to give.
    pub(super) fn page_of_package(&self, call: Ref, depth: u32) -> Option<Place> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        let callee = Ref { node: callee, ..call };
        if !matches!(self.node(callee), Node::Binding(_)) {
            return None;
        }
        let place = self.place_at(callee, depth + 1);
        if !matches!(place.root, Root::External(_)) {
            return None;
        }
        if let Some(row) = self.tables.value(&format!("{}()", self.path_of_place(&place)?)) {
            let of_page = row.type_name.as_deref()?.to_lowercase();
            let is_page = |(_, page): &&(String, String)| *page == of_page;
            let (_, page) = self.tables.conventions.gives_page.iter().find(is_page)?;
            return Some(global(page));
        }
        self.page_named(match place.last() {
            // `import ownerDocument from 'dom-helpers/ownerDocument'`.
            Some("default") | None => self.last_name(callee)?,
            Some(name) => name,
        })
    }

    fn page_of(&self, at: Ref, depth: u32) -> Option<Place> {
        if depth > MAX_ASKED {
            return None;
        }
        let here = |node| self.page_of(Ref { node, ..at }, depth + 1);
        let both = |a, b| here(a).filter(|page| here(b).as_ref() == Some(page));
        match self.node(at) {
            Node::Member { property, .. } => self.page_named(self.text(at.file, property)),
            Node::Global(_) => {
                let place = self.place_at(at, depth + 1);
                let pages = &self.tables.conventions.gives_page;
                pages.iter().any(|(_, page)| global(page) == place).then_some(place)
            }
            Node::Logical { left, right, op } => match op {
                LogicalOp::And => here(right),
                _ => both(left, right),
            },
            Node::Conditional { yes, no, .. } => both(yes, no),
            Node::Binding(b) => here(self.facts(at.file).binding(b).init?),
            Node::Call { .. } => self.given_place(at, depth + 1).filter(|p| p.root == Root::Global),
            _ => None,
        }
    }

    fn page_named(&self, name: &str) -> Option<Place> {
        let pages = &self.tables.conventions.gives_page;
        let (_, page) = pages.iter().find(|(by, _)| by == name)?;
        Some(global(page))
    }
}

/// The place of a document or window by its global name; the window is the global object itself.
fn global(page: &str) -> Place {
    let mut place = Place::root(Root::Global);
    if page != "window" {
        place.path.push(Key::Name(page.into()));
    }
    place
}
