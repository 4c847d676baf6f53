//! What a name stands for where a class is written by hand: `X`, `library.X`, and what a function that is called where it
//! is written gives back.

use rustc_hash::FxHashMap;

use crate::facts::{BindingId, CallKind, FileFacts, Name, Node, NodeId};

/// How many names are followed from one to the next.
const MAX_NAMES: u32 = 6;

/// A path of names, as far as one file tells: what it begins with, and the properties after that.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Path {
    start: Start,
    properties: Vec<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Start {
    Binding(BindingId),
    Global(Name),
}

/// The functions and classes that a file puts on objects: `library.X = function () {}`.
#[derive(Default)]
pub(super) struct Constructors {
    put: Option<FxHashMap<Path, NodeId>>,
}

impl Constructors {
    /// The function or class that a name, a path of names or an expression stands for.
    pub(super) fn named(&mut self, facts: &FileFacts, node: NodeId) -> Option<NodeId> {
        if let Node::Member { .. } = facts.node(node) {
            let path = path(facts, node)?;
            let put = self.put.get_or_insert_with(|| all_put(facts));
            return put.get(&path).copied();
        }
        made(facts, node, 0)
    }
}

/// The functions and classes that are put on objects, by where; the first of each place.
fn all_put(facts: &FileFacts) -> FxHashMap<Path, NodeId> {
    let mut put = FxHashMap::default();
    for &write in &facts.writes {
        if let Node::Assign { target, value, .. } = facts.node(write)
            && matches!(facts.node(target), Node::Member { .. })
            && let Some(made) = made(facts, value, 0)
            && let Some(path) = path(facts, target)
        {
            put.entry(path).or_insert(made);
        }
    }
    put
}

fn path(facts: &FileFacts, node: NodeId) -> Option<Path> {
    let mut properties = Vec::new();
    let mut at = node;
    while let Node::Member { object, property, .. } = facts.node(at) {
        properties.push(property);
        at = object;
    }
    let start = match facts.node(at) {
        Node::Binding(b) => Start::Binding(b),
        Node::Global(name) => Start::Global(name),
        _ => return None,
    };
    Some(Path { start, properties })
}

/// The function or class that an expression is, by its names.
fn made(facts: &FileFacts, node: NodeId, depth: u32) -> Option<NodeId> {
    if depth > MAX_NAMES {
        return None;
    }
    match facts.node(node) {
        Node::Function(_) | Node::Class(_) => Some(node),
        Node::Binding(b) => {
            let begun = facts.binding(b).init.and_then(|init| made(facts, init, depth + 1));
            begun.or_else(|| {
                // `var X = root.X || {}; X = (function () { ... })();`.
                let mut set = facts
                    .references_of(b)
                    .filter_map(|at| match facts.node(facts.parent(at)) {
                        Node::Assign { target, value, .. } if target == at => Some(value),
                        _ => None,
                    });
                set.find_map(|value| made(facts, value, depth + 1))
            })
        }
        Node::Call { callee, kind, .. } if kind != CallKind::New => {
            let Node::Function(f) = facts.node(callee) else {
                return None;
            };
            let Node::Block(statements) = facts.node(facts.function(f).body) else {
                return None;
            };
            let Node::Return(value) = facts.node(facts.list(statements).next_back()?) else {
                return None;
            };
            made(facts, value, depth + 1)
        }
        _ => None,
    }
}
