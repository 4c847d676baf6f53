//! Names for things, as a reader of the source would say them.

use super::Judge;
use crate::facts::{BinaryOp, CallKind, Node};
use crate::link::{Key, Place, Ref, Root};

/// Longer expressions are cut.
const MAX_LENGTH: usize = 60;

impl Judge<'_> {
    /// An expression as it is written, shortened.
    pub(super) fn show(&self, at: Ref) -> String {
        let mut text = String::new();
        self.write(at, &mut text, 0);
        if text.chars().count() > MAX_LENGTH {
            text = text.chars().take(MAX_LENGTH - 1).chain(['…']).collect();
        }
        text
    }

    fn write(&self, at: Ref, out: &mut String, depth: u32) {
        if depth > 8 || out.len() > MAX_LENGTH {
            out.push('…');
            return;
        }
        let facts = self.project.facts(at.file);
        let inner = |node, out: &mut String| self.write(Ref { file: at.file, node }, out, depth + 1);
        match facts.node(at.node) {
            Node::Binding(b) => out.push_str(facts.name(facts.binding(b).name)),
            Node::Global(n) => out.push_str(facts.name(n)),
            Node::This => out.push_str("this"),
            Node::Super => out.push_str("super"),
            Node::Str(n) => {
                out.push('\'');
                out.push_str(facts.name(n));
                out.push('\'');
            }
            Node::Number(n) => out.push_str(&facts.numbers[n as usize].to_string()),
            Node::Member { object, property, .. } => {
                inner(object, out);
                push_property(out, facts.name(property));
            }
            Node::Index { object, key } => {
                inner(object, out);
                out.push('[');
                inner(key, out);
                out.push(']');
            }
            Node::Call { callee, kind, args } => {
                if kind == CallKind::New {
                    out.push_str("new ");
                }
                inner(callee, out);
                out.push('(');
                // `$('body')`, `get(name)`: what is asked for is half of the name.
                if let (Some(only), None) = (facts.item(args, 0), facts.item(args, 1))
                    && matches!(
                        facts.node(only),
                        Node::Str(_) | Node::Binding(_) | Node::Global(_) | Node::This | Node::Member { .. }
                    )
                {
                    inner(only, out);
                }
                out.push(')');
            }
            // `'data:' + name`
            Node::Binary {
                left,
                op: BinaryOp::Add,
                right,
            } => {
                inner(left, out);
                out.push_str(" + ");
                inner(right, out);
            }
            Node::Await(v) => inner(v, out),
            Node::Assign { target, .. } => inner(target, out),
            _ => out.push('…'),
        }
    }

    /// A place, as its own file would write it.
    pub(super) fn show_place(&self, place: &Place) -> String {
        let mut text = match &place.root {
            Root::Global => String::new(),
            Root::External(module) => module.to_string(),
            Root::Module(_) => "exports".to_owned(),
            Root::Binding(file, b) => {
                let facts = self.project.facts(*file);
                facts.name(facts.binding(*b).name).to_owned()
            }
            Root::This(_) => "this".to_owned(),
            Root::Value(at) => self.show(*at),
        };
        for key in &place.path {
            match key {
                Key::Name(n) => {
                    push_property(&mut text, n);
                }
                Key::Dynamic(at) => {
                    text.push('[');
                    text.push_str(&self.show(*at));
                    text.push(']');
                }
            }
        }
        if text.is_empty() {
            "the global object".to_owned()
        } else {
            text
        }
    }

    /// Where a place is declared, if that can be shown.
    pub(super) fn declaration(&self, place: &Place) -> Option<Ref> {
        match (&place.root, place.path.first()) {
            (Root::Binding(file, b), _) => {
                let facts = self.project.facts(*file);
                let node = facts
                    .references_of(*b)
                    .find(|&n| facts.span(n) == facts.binding(*b).span)?;
                let up = facts.parent(node);
                let shown = if matches!(facts.node(up), Node::Declare { .. }) {
                    up
                } else {
                    node
                };
                Some(Ref {
                    file: *file,
                    node: shown,
                })
            }
            (Root::This(owner), Some(Key::Name(name))) => self
                .project
                .field_definitions(*owner, name)
                .into_iter()
                .find(|d| !self.project.node(*d).is_absent()),
            _ => None,
        }
    }
}

/// Adds a step to a property; the names of symbols stand in brackets already.
fn push_property(text: &mut String, name: &str) {
    if !text.is_empty() && !name.starts_with('[') {
        text.push('.');
    }
    text.push_str(name);
}
