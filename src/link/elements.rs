//! Elements: names that stand for one thing after the other, in a loop or in a callback that goes through a list.
//!
//! Two loops over the same list deal with the same things, so what one registers the other may remove.

use super::{FileId, Place, Project, Ref, Root};
use crate::facts::{BindingId, LoopKind, Node, NodeId};
use crate::tables::{Every, Param};

/// How far lists of lists are followed.
const MAX_NESTED: u32 = 4;

/// What a name goes through.
struct Element {
    /// The list, or the call that makes it (`Object.entries(x)`).
    of: Ref,
    /// Which part of each element the name is: property names and positions, innermost first.
    part: Vec<Box<str>>,
}

impl Project {
    /// `ref`, and what components that pass it on call it: `innerRef`, `getContainerRef`.
    pub fn is_node_attribute(&self, key: &str) -> bool {
        self.tables.conventions.node_attributes.iter().any(|attribute| {
            let mut letters = attribute.chars();
            let capitalized: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(letters)
                .collect();
            key == attribute || key.ends_with(&capitalized)
        })
    }

    /// Whether an attribute gives its function the node of the element: `ref={this.hold}`.
    pub fn gives_node(&self, attribute: Ref) -> bool {
        match self.node(attribute) {
            Node::Property { key, .. } => {
                let key = self.facts(attribute.file).string(key);
                key.is_some_and(|k| self.is_node_attribute(k))
            }
            _ => false,
        }
    }

    /// Whether two names go through the same list and stand for the same part of its elements.
    pub(super) fn same_element(&self, a: &Place, b: &Place, depth: u32) -> bool {
        if depth > MAX_NESTED {
            return false;
        }
        // One after the other: most names go through nothing.
        let Some(x) = self.element_at(&a.root) else {
            return false;
        };
        let Some(y) = self.element_at(&b.root) else {
            return false;
        };
        x.part == y.part && self.same_list(x.of, y.of, depth)
    }

    fn same_list(&self, a: Ref, b: Ref, depth: u32) -> bool {
        let (a, b) = (self.written_out(a), self.written_out(b));
        if a == b {
            return true;
        }
        if let (Node::Array(x), Node::Array(y)) = (self.node(a), self.node(b)) {
            let (fa, fb) = (self.facts(a.file), self.facts(b.file));
            return fa.list(x).len() == fb.list(y).len()
                && fa
                    .list(x)
                    .zip(fb.list(y))
                    .all(|(x, y)| self.same_key(Ref { file: a.file, node: x }, Ref { file: b.file, node: y }));
        }
        let (x, y) = (self.place(a), self.place(b));
        self.same_place_within(&x, &y, depth + 1)
    }

    /// The array literal behind a name that is never written again.
    fn written_out(&self, at: Ref) -> Ref {
        let place = self.place(at);
        self.value_of_place(&place)
            .filter(|v| matches!(self.node(*v), Node::Array(_)))
            .unwrap_or(at)
    }

    /// Whether a name stands for one thing after the other.
    pub fn is_element(&self, file: FileId, b: BindingId) -> bool {
        self.element(file, b).is_some()
    }

    /// What a name of a loop or callback goes through, and which part of each element it is, innermost first.
    pub fn gone_through(&self, file: FileId, b: BindingId) -> Option<(Ref, Vec<Box<str>>)> {
        self.element(file, b).map(|element| (element.of, element.part))
    }

    /// The element that a name stands for a part of, or that a callback takes apart: `list.forEach(([name, run]) => ...)`.
    fn element_at(&self, root: &Root) -> Option<Element> {
        match *root {
            Root::Binding(file, b) => self.element(file, b),
            Root::Value(at) if matches!(self.node(at), Node::ArrayPattern(_) | Node::ObjectPattern(_)) => {
                self.element_around(at)
            }
            _ => None,
        }
    }

    fn element(&self, file: FileId, b: BindingId) -> Option<Element> {
        let facts = self.facts(file);
        if facts.binding(b).writes > 0 {
            return None;
        }
        let node = facts.binding(b).pattern.or_else(|| facts.references_of(b).next())?;
        self.element_around(Ref { file, node })
    }

    /// What a name or a pattern in the head of a loop or callback stands for.
    fn element_around(&self, declared: Ref) -> Option<Element> {
        let Ref { file, node: mut at } = declared;
        let facts = self.facts(file);
        let mut part: Vec<Box<str>> = Vec::new();
        loop {
            let up = facts.parent(at);
            match facts.node(up) {
                Node::Property { key, value, .. } if value == at => part.push(facts.string(key)?.into()),
                Node::ObjectPattern(_) => {}
                Node::ArrayPattern(list) => {
                    let index = facts.list(list).position(|n| n == at)?;
                    part.push(index.to_string().into());
                }
                Node::Default { target, .. } if target == at => {}
                Node::Loop { parts, kind, .. } if facts.item(parts, 0) == Some(at) => {
                    let of = facts.item(parts, 1)?;
                    if kind == LoopKind::ForIn {
                        part.push("#key".into());
                    }
                    matches!(kind, LoopKind::ForIn | LoopKind::ForOf).then_some(())?;
                    return Some(Element {
                        of: Ref { file, node: of },
                        part,
                    });
                }
                Node::Function(f) => {
                    let index = facts.list(facts.function(f).params).position(|p| p == at)?;
                    if index > 0 {
                        part.push(format!("#{index}").into());
                    }
                    return Some(Element {
                        of: self.gone_through_by(Ref { file, node: up })?,
                        part,
                    });
                }
                _ => return None,
            }
            at = up;
        }
    }

    /// The list that a callback is run for: `list.forEach(f)`, `_.each(list, f)`.
    fn gone_through_by(&self, callback: Ref) -> Option<Ref> {
        let facts = self.facts(callback.file);
        let call = Ref {
            file: callback.file,
            node: facts.parent(callback.node),
        };
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let arg = facts.list(args).position(|a| a == callback.node)?;
        let (row, param) = self.context_of(call, arg)?;
        if self.tables.contexts[row].every != Every::Call || param != Param::Handler {
            return None;
        }
        let node: NodeId = match (arg, facts.node(callee)) {
            (0, Node::Member { object, .. }) => object,
            (1, _) => facts.item(args, 0)?,
            _ => return None,
        };
        Some(Ref {
            file: callback.file,
            node,
        })
    }
}
