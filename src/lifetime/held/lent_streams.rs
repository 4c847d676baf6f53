//! Streams of objects that are handed in: they end with their object, and that ends with who made it.

use crate::facts::{CallKind, Node};
use crate::lifetime::{Judge, Verdict};
use crate::link::Ref;

/// How many methods and operators a stream is followed back through.
const MAX_STEPS: u32 = 12;

/// How many objects may have a part in one stream.
const MAX_OBJECTS: usize = 6;

impl Judge<'_> {
    /// Whether all objects that a stream comes from were made by who made the subscriber:
    /// `new Dialog(overlay)`, which hears of the clicks of its overlay.
    pub(in crate::lifetime) fn is_stream_of_lent(&self, stream: Ref) -> Option<Verdict> {
        let mut objects = Vec::new();
        self.objects_behind(stream, 0, &mut objects).then_some(())?;
        if objects.is_empty() || objects.contains(&stream) {
            return None;
        }
        let mut lent = objects.into_iter().map(|object| self.lent_by_its_maker(object));
        let first = lent.next()??;
        lent.all(|verdict| verdict.is_some()).then_some(first)
    }

    /// The objects whose methods give a stream; whether all of them were found.
    fn objects_behind(&self, at: Ref, depth: u32, out: &mut Vec<Ref>) -> bool {
        if depth > MAX_STEPS || out.len() > MAX_OBJECTS {
            return false;
        }
        let facts = self.project.facts(at.file);
        let here = |node| Ref { node, ..at };
        match facts.node(at.node) {
            Node::Call { callee, args, kind } if kind != CallKind::New => {
                // `merge(a, b)`
                if self.effect_of(here(callee)).is_some() {
                    return facts
                        .list(args)
                        .all(|arg| self.objects_behind(here(arg), depth + 1, out));
                }
                match facts.node(callee) {
                    Node::Member { object, property, .. } => {
                        let is_step = self.project.tables.operator_method(facts.name(property)).is_some();
                        if is_step || matches!(facts.node(object), Node::Call { .. }) {
                            return self.objects_behind(here(object), depth + 1, out);
                        }
                        out.push(here(object));
                        true
                    }
                    _ => false,
                }
            }
            Node::Binding(_) | Node::Member { .. } if depth > 0 => {
                out.push(at);
                true
            }
            _ => false,
        }
    }
}
