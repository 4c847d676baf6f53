//! Objects of which there are many: each is put into a table under a key of its own, and other code takes it out again.

use super::{FileId, OwnerId, Place, Project, Ref, Repetition, Step};
use crate::facts::{FunctionId, Node, NodeId};
use crate::tables::Every;

/// Through how many objects that are made with another one it is looked for.
const MAX_PARTS: u32 = 2;

impl Project {
    /// How often objects of a class are made that a table keeps under keys, itself or as parts of what is kept there:
    /// `rooms[name] = new Room()` and `delete rooms[name]`.
    pub fn one_of_many(&self, owner: OwnerId) -> Option<Repetition> {
        let steps = self.steps_to_many(owner, 0)?;
        Some(Repetition::Repeated {
            every: Every::Instance,
            proven: false,
            steps,
        })
    }

    fn steps_to_many(&self, owner: OwnerId, depth: u32) -> Option<Vec<Step>> {
        let step = |at, text: &str| Step {
            at,
            text: text.to_owned(),
            row: None,
        };
        let made = self.constructions(owner);
        let mut made = made.into_iter().filter(|call| !self.is_test_of(call.file, owner.file));
        made.find_map(|call| {
            if self.kept_among_many(call).is_some() {
                let text = "one of many is created here, each is kept under its key until it is taken out";
                return Some(vec![step(call, text)]);
            }
            let (of, name, method) = self.method_around(self.function_at(call))?;
            let is_part = name == "constructor" && self.function_at(call) == method && depth < MAX_PARTS;
            let mut steps = is_part.then(|| self.steps_to_many(of, depth + 1))??;
            steps.push(step(call, "is created here"));
            Some(steps)
        })
    }

    /// The table that keeps an object under a key until it is taken out.
    pub fn kept_among_many(&self, made: Ref) -> Option<Place> {
        if self.function_at(made).function == FunctionId::MODULE {
            return None;
        }
        let table = self.table_that_keeps(made)?;
        self.is_taken_out_by_key(made.file, &table).then_some(table)
    }

    /// The table that a value is put into under a key that is not written down.
    fn table_that_keeps(&self, made: Ref) -> Option<Place> {
        let facts = self.facts(made.file);
        let by = |value: NodeId| {
            let up = facts.parent(value);
            let (object, key) = match facts.node(up) {
                Node::Assign { target, value: v, .. } if v == value => match facts.node(target) {
                    Node::Index { object, key } => (object, key),
                    _ => return None,
                },
                Node::Call { .. } => {
                    let call = facts.method_call(up).filter(|c| facts.name(c.method) == "set")?;
                    let key = facts.item(call.args, 0)?;
                    (call.object, (facts.item(call.args, 1)? == value).then_some(key)?)
                }
                _ => return None,
            };
            let here = |node| Ref { node, ..made };
            let is_fixed = self.constant_text(here(key), 0).is_some() || matches!(facts.node(key), Node::Number(_));
            (!is_fixed).then(|| self.place(here(object)))
        };
        by(made.node).or_else(|| match facts.node(facts.parent(made.node)) {
            // `let part = parts.get(id); if (!part) { part = new Part(); parts.set(id, part); }`
            Node::Declare { target, value } | Node::Assign { target, value, .. } if value == made.node => {
                match facts.node(target) {
                    Node::Binding(b) => facts.references_of(b).find_map(by),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// Whether code of a file takes single entries out of a table.
    fn is_taken_out_by_key(&self, file: FileId, table: &Place) -> bool {
        let facts = self.facts(file);
        let is_it = |node| self.place(Ref { file, node }) == *table;
        let deletes = facts.writes.iter().any(|&write| match facts.node(write) {
            Node::Delete(entry) => matches!(facts.node(entry), Node::Index { object, .. } if is_it(object)),
            _ => false,
        });
        let mut calls = self.calls_named(file, "delete").iter();
        deletes
            || calls.any(|&call| {
                let taken = facts.method_call(call);
                taken.is_some_and(|c| facts.list(c.args).len() == 1 && is_it(c.object))
            })
    }
}
