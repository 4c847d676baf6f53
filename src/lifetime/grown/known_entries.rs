//! Entries that are known to be there where they get another value, because the code has asked: `if (map.has(key))`,
//! `const old = map.get(key); if (!old) return;`.

use crate::facts::{BinaryOp, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::growth::Growth;
use crate::link::{Place, Ref};

/// Through how many steps of a chain an entry is looked for.
const MAX_STEPS: u32 = 8;

/// An entry of a collection.
struct Entry<'e> {
    place: &'e Place,
    key: Ref,
}

impl Judge<'_> {
    /// Whether the code around a growth is reached only where its entry is there.
    pub(in crate::lifetime) fn is_known_to_be_there(&self, growth: &Growth, place: &Place) -> bool {
        let Some(key) = growth.key else {
            return false;
        };
        let entry = Entry { place, key };
        let mut conditions = self.conditions_of(growth.at).into_iter();
        conditions.any(|(test, result)| self.tells_of(test, result, &entry, 0))
            || self.is_used_before(growth.at, &entry)
    }

    /// Whether a part of an entry is read before a node, on every way there, which throws where it is not there:
    /// `const old = map.get(key); next = { ...old.name }; map.set(key, next)`.
    fn is_used_before(&self, at: Ref, entry: &Entry<'_>) -> bool {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { node, ..at };
        let is_way = |up: NodeId| {
            !matches!(
                facts.node(up),
                Node::Function(_)
                    | Node::If { .. }
                    | Node::Conditional { .. }
                    | Node::Logical { .. }
                    | Node::Try { .. }
                    | Node::Loop { .. }
                    | Node::Switch { .. }
            )
        };
        let looks_up = &self.project.tables.conventions.look_up;
        let calls = looks_up.iter().flat_map(|m| self.project.calls_named(at.file, m));
        let held = calls.filter_map(|&call| {
            let is_own = call < at.node && facts.enclosing_function(call) == facts.enclosing_function(at.node);
            let Node::Declare { target, value } = facts.node(facts.parent(call)) else {
                return None;
            };
            match facts.node(target) {
                Node::Binding(b) if is_own && value == call && facts.binding(b).writes == 0 => {
                    self.is_call_for(here(call), entry, looks_up).then_some(b)
                }
                _ => None,
            }
        });
        let mut reads = held.flat_map(|b| facts.references_of(b));
        reads.any(|node| {
            let up = facts.parent(node);
            let is_part = matches!(facts.node(up), Node::Member { object, optional: false, .. } if object == node);
            let mut above = facts.ancestors(up).take_while(|&up| is_way(up));
            let around = |block: NodeId| facts.is_inside(at.node, block);
            is_part && node < at.node && above.any(|up| matches!(facts.node(up), Node::Block(_)) && around(up))
        })
    }

    /// Whether a test with this result says that an entry is there.
    fn tells_of(&self, test: Ref, result: bool, entry: &Entry<'_>, depth: u32) -> bool {
        self.says(test, result, depth, &|test, result, depth| {
            let facts = self.project.facts(test.file);
            let Node::Binary { left, right, op } = facts.node(test.node) else {
                return result && (self.asks_for(test, entry) || self.is_of_entry(test, entry, 0));
            };
            let unequal = match op {
                BinaryOp::Ne => result,
                BinaryOp::Eq => !result,
                _ => return false,
            };
            let left = Ref { node: left, ..test };
            unequal && facts.node(right).is_nullish() && self.tells_of(left, true, entry, depth + 1)
        })
    }

    /// `map.has(key)`
    fn asks_for(&self, test: Ref, entry: &Entry<'_>) -> bool {
        self.is_call_for(test, entry, &self.project.tables.conventions.membership)
    }

    /// `map.get(key)`, `table[key]`, what is read off it, and a variable that holds one of them: nothing where the entry
    /// is not there.
    fn is_of_entry(&self, value: Ref, entry: &Entry<'_>, depth: u32) -> bool {
        if depth > MAX_STEPS {
            return false;
        }
        let facts = self.project.facts(value.file);
        let here = |node| Ref { node, ..value };
        if self.is_call_for(value, entry, &self.project.tables.conventions.look_up) {
            return true;
        }
        match facts.node(value.node) {
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let init = binding.init.filter(|_| binding.writes == 0);
                init.is_some_and(|init| self.is_of_entry(here(init), entry, depth + 1))
            }
            Node::Index { object, key } if self.is_entry_of(here(object), here(key), entry) => true,
            Node::Member { object, .. } | Node::Index { object, .. } => {
                self.is_of_entry(here(object), entry, depth + 1)
            }
            Node::Call { callee, .. } if matches!(facts.node(callee), Node::Member { .. }) => {
                self.is_of_entry(here(callee), entry, depth + 1)
            }
            _ => false,
        }
    }

    fn is_call_for(&self, call: Ref, entry: &Entry<'_>, methods: &[String]) -> bool {
        let facts = self.project.facts(call.file);
        let here = |node| Ref { node, ..call };
        facts.method_call(call.node).is_some_and(|found| {
            let key = facts.item(found.args, 0);
            methods.iter().any(|m| m == facts.name(found.method))
                && key.is_some_and(|key| self.is_entry_of(here(found.object), here(key), entry))
        })
    }

    fn is_entry_of(&self, object: Ref, key: Ref, entry: &Entry<'_>) -> bool {
        self.project.same_key(key, entry.key) && self.project.same_place(&self.project.place(object), entry.place)
    }
}
