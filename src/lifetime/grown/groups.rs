//! Tables of collections: `handlers[event].push(handler)`, `rooms.get(name).add(member)`. What grows is the collection
//! under a key, and it lives as long as the table does.

use crate::facts::{AssignOp, FunctionId, LogicalOp, MethodCall, Node, NodeId};
use crate::finding::{Cause, Confidence};
use crate::lifetime::grown::collections::{Found, GROWING, Grown, Growths, LEFTOVER};
use crate::lifetime::grown::few::is_far;
use crate::lifetime::grown::growth::Growth;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Touch;
use crate::lifetime::{Judge, Verdict};
use crate::link::{FileId, Func, Place, Ref};

/// How many names and operators an element of a table is followed through.
const MAX_STEPS: u32 = 4;

impl Judge<'_> {
    /// Growths of the collections that tables of a file hold. Their collection is the table.
    pub(in crate::lifetime) fn group_growths(&self, file: FileId) -> Vec<Growth> {
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let add = |method: &str| matches!(method, "push" | "unshift" | "add");
        facts
            .method_calls()
            .filter(|call| add(facts.name(call.method)) && facts.list(call.args).len() == 1)
            .filter_map(|MethodCall { at, object, args, .. }| {
                let table = self.table_of(here(object), 0)?;
                Some(Growth {
                    at: here(at),
                    collection: table,
                    key: None,
                    value: facts.item(args, 0).map(here),
                })
            })
            .collect()
    }

    /// The table that an expression is an element of.
    fn table_of(&self, at: Ref, depth: u32) -> Option<Ref> {
        if depth > MAX_STEPS {
            return None;
        }
        let facts = self.project.facts(at.file);
        let here = |node| Ref { file: at.file, node };
        let inner = |node| self.table_of(here(node), depth + 1);
        match facts.node(at.node) {
            Node::Index { object, key } => self
                .project
                .constant_text(here(key), 0)
                .is_none()
                .then_some(here(object)),
            Node::Call { .. } => {
                let call = facts.method_call(at.node)?;
                let look_up = &self.project.tables.conventions.look_up;
                look_up
                    .iter()
                    .any(|l| l == facts.name(call.method))
                    .then_some(here(call.object))
            }
            Node::Logical { left, .. } => inner(left),
            Node::Assign { target, op, .. } if op != AssignOp::Set => inner(target),
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let init = binding.init.filter(|_| binding.function != FunctionId::MODULE)?;
                inner(init)
            }
            _ => None,
        }
    }

    /// A collection under a key that is made for the first element, and that a function empties element by element:
    /// the empty one and its key stay.
    pub(in crate::lifetime) fn emptied_group(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        let value = grown.growth.value?;
        // `const list = table.get(key) ?? []; list.push(element); table.set(key, list)`
        let made = match self.project.node(value) {
            Node::Binding(b) => self.project.facts(value.file).binding(b).init,
            _ => None,
        };
        let made = made.map_or(value, |node| Ref { node, ..value });
        if !self.is_plain_collection(made, 0) {
            return None;
        }
        let at = touched.looked_up.iter().find_map(|&(at, other)| {
            let f = self.project.function_at(at);
            let is_own_key = [key, other].into_iter().any(|k| self.is_new_each_time(k, 0));
            let ends = f != grown.f && is_own_key && !self.grows_in(grown, f);
            ends.then(|| self.element_taken_in(f, &grown.place)).flatten()
        })?;
        Some(Found::by_release(
            LEFTOVER,
            Cause::ReleaseWithoutEffect,
            at,
            "takes out an element; the empty collection and its key stay",
        ))
    }

    /// Where a function takes an element out of a collection that a table holds.
    pub(in crate::lifetime) fn element_taken_in(&self, f: Func, table: &Place) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let here = |node| Ref { file: f.file, node };
        if let Some(at) = self.key_deleted_in(f, table) {
            return Some(at);
        }
        let shrink = &self.project.tables.conventions.shrink;
        let taken = self.project.calls_in(f).iter().copied().find(|&node| {
            let Some(call) = facts.method_call(node) else {
                return false;
            };
            let takes = shrink.iter().any(|s| s == facts.name(call.method)) && facts.list(call.args).len() > 0;
            let is_narrowed = || self.narrowed_entry(f.file, node);
            if is_narrowed().is_some_and(|of| self.project.same_place(&self.project.place(of), table)) {
                return true;
            }
            takes
                && self
                    .table_of(here(call.object), 0)
                    .is_some_and(|at| self.project.same_place(&self.project.place(at), table))
        })?;
        Some(here(taken))
    }

    /// `delete table[key][inner]`
    fn key_deleted_in(&self, f: Func, table: &Place) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let here = |node| Ref { file: f.file, node };
        let deleted = |node: NodeId| match facts.node(node) {
            Node::Delete(target) => match facts.node(target) {
                Node::Index { object, .. } => Some(object),
                _ => None,
            },
            _ => None,
        };
        let taken = self.project.writes_in(f).iter().copied().find(|&node| {
            let group = deleted(node).and_then(|group| self.table_of(here(group), 0));
            group.is_some_and(|at| self.project.same_place(&self.project.place(at), table))
        })?;
        Some(here(taken))
    }

    /// Judges a growth of a collection that a table holds.
    pub(in crate::lifetime) fn judge_group(&self, grown: &Grown, growths: &Growths) -> (&'static str, Verdict) {
        let (place, f) = (&grown.place, grown.f);
        let plain = self
            .project
            .definitions(place)
            .into_iter()
            .filter(|d| !self.project.node(*d).is_absent())
            .collect::<Vec<_>>();
        if plain.is_empty() || !plain.iter().all(|d| self.is_plain_collection(*d, 0)) {
            return (GROWING, Verdict::bounded("not a plain table"));
        }
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(grown.growth.at, f, &scope);
        let certain = match self.outlives(grown.holder, place, &repetition, f) {
            Ok(confidence) => confidence,
            Err(verdict) => return (GROWING, verdict),
        };
        if let Some(at) = self.group_changed(place, grown.growth.at) {
            return (GROWING, Verdict::released("something takes elements out", Some(at)));
        }
        let found = self.left_in_sibling(grown, growths);
        let found = found.or_else(|| self.end_heard_and_kept(grown, &Touched::default()));
        let found = found.unwrap_or(Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: Vec::new(),
            tells: false,
        });
        let confidence = match found.tells {
            true => certain.max(Confidence::Medium),
            false if is_far(&repetition) => certain.min(self.certain_of_far_element(grown, &repetition)),
            false => certain,
        };
        (found.rule, self.growth_leak(grown, found, confidence, &repetition))
    }

    /// Where a table, or a collection in it, is shrunk or handed to code that is not followed. Elements are seen only
    /// where they are named by their key.
    fn group_changed(&self, place: &Place, growth: Ref) -> Option<Ref> {
        self.collection_references(place, growth)
            .into_iter()
            .find(|&at| self.changes_group(at, place))
    }

    fn changes_group(&self, at: Ref, place: &Place) -> bool {
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        match facts.node(up) {
            Node::Index { object, .. } if object == at.node => match facts.node(facts.parent(up)) {
                Node::Delete(_) => true,
                Node::Assign { target, value, op } if target == up => {
                    op == AssignOp::Set && !self.keeps_element(at, value)
                }
                _ => self.changes_element(
                    Ref {
                        file: at.file,
                        node: up,
                    },
                    place,
                    0,
                ),
            },
            Node::Member { object, property, .. } if object == at.node => {
                let call = facts.parent(up);
                let name = facts.name(property);
                let conventions = &self.project.tables.conventions;
                if conventions.look_up.iter().any(|l| l == name) {
                    return self.changes_element(
                        Ref {
                            file: at.file,
                            node: call,
                        },
                        place,
                        0,
                    );
                }
                if name == "set" {
                    return self.narrowed(at.file, call).is_some();
                }
                !matches!(name, "has" | "size" | "keys" | "hasOwnProperty")
            }
            // `for (const key in table)`, `key in table`, the definition.
            Node::Loop { .. } | Node::Binary { .. } | Node::Declare { .. } => false,
            Node::Call { callee, args, .. } if callee != at.node => {
                let name = self.project.last_name(Ref {
                    file: at.file,
                    node: callee,
                });
                !(name == Some("keys") && facts.list(args).len() == 1)
            }
            Node::Assign { target, .. } if target == at.node => {
                matches!(self.touch(at, place, 0), Touch::Shrinks(_) | Touch::Escapes)
            }
            _ => true,
        }
    }

    /// The list of which `table.set(key, list.filter(keeps))` puts a part into the table.
    fn narrowed(&self, file: FileId, call: NodeId) -> Option<Ref> {
        let facts = self.project.facts(file);
        let value = facts.method_call(call).and_then(|set| facts.item(set.args, 1))?;
        self.narrowed_list(Ref { file, node: value })
    }

    /// The list that `list.filter(keeps)` is a part of.
    fn narrowed_list(&self, value: Ref) -> Option<Ref> {
        let facts = self.project.facts(value.file);
        let made = match facts.node(value.node) {
            Node::Binding(b) => facts.binding(b).init.unwrap_or(value.node),
            _ => value.node,
        };
        let narrow = &self.project.tables.conventions.narrow;
        let by = facts.method_call(made)?;
        narrow.iter().any(|n| n == facts.name(by.method)).then_some(Ref {
            node: by.object,
            ..value
        })
    }

    /// The table whose element, without one that is told by name, a call puts into a table:
    /// `table.set(key, table.get(key).filter((other) => other !== gone))`. What is put back by another measure, by its age,
    /// say, may be put there for the first time.
    pub(in crate::lifetime) fn narrowed_entry(&self, file: FileId, call: NodeId) -> Option<Ref> {
        let facts = self.project.facts(file);
        let value = facts.method_call(call).and_then(|set| facts.item(set.args, 1))?;
        self.narrowed_element(Ref { file, node: value })
    }

    /// The table whose element a value is, without one that is told by name.
    pub(in crate::lifetime) fn narrowed_element(&self, value: Ref) -> Option<Ref> {
        if !self.leaves_out_named(value) {
            return None;
        }
        self.narrowed_list(value).and_then(|list| self.table_of(list, 0))
    }

    /// Whether two expressions name one table.
    pub(in crate::lifetime) fn is_same_table(&self, a: Ref, b: Ref) -> bool {
        self.project.same_place(&self.project.place(a), &self.project.place(b))
    }

    /// What is put under a key: the collection that is there, or a new one where there is none.
    fn keeps_element(&self, table: Ref, value: NodeId) -> bool {
        let facts = self.project.facts(table.file);
        match facts.node(value) {
            Node::Logical { op, left, .. } => {
                op != LogicalOp::And
                    && self
                        .table_of(
                            Ref {
                                file: table.file,
                                node: left,
                            },
                            0,
                        )
                        .is_some()
            }
            // `let list = table[key]; if (!list) { list = []; table[key] = list; }`
            Node::Binding(_) => {
                let here = |node| Ref { node, ..table };
                self.table_of(here(value), 0).is_some()
            }
            // `if (!table[key]) table[key] = []`, and not `table[key] = []` alone.
            Node::Array(_) | Node::Object(_) | Node::Call { .. } => {
                self.is_plain_collection(
                    Ref {
                        file: table.file,
                        node: value,
                    },
                    0,
                ) && facts
                    .ancestors(value)
                    .take(MAX_STEPS as usize)
                    .any(|up| matches!(facts.node(up), Node::If { .. } | Node::Logical { .. }))
            }
            _ => false,
        }
    }

    /// Whether the use of an element does more than read it or add to it.
    fn changes_element(&self, element: Ref, table: &Place, depth: u32) -> bool {
        let Ref { file, node } = element;
        let facts = self.project.facts(file);
        let up = facts.parent(node);
        if depth > MAX_STEPS {
            return true;
        }
        let inner = |node| self.changes_element(Ref { file, node }, table, depth + 1);
        let named = |target: NodeId| match facts.node(target) {
            Node::Binding(b) => facts.references_of(b).any(|r| r != target && inner(r)),
            _ => true,
        };
        match facts.node(up) {
            Node::Member { object, property, .. } if object == node => {
                let conventions = &self.project.tables.conventions;
                let name = facts.name(property);
                let outer = facts.parent(up);
                let is_called = matches!(facts.node(outer), Node::Call { callee, .. } if callee == up);
                let is_written = matches!(facts.node(outer), Node::Assign { target, .. } if target == up);
                if is_called {
                    let grows = conventions.grow.iter().any(|g| g == name) && name != "splice";
                    return !grows && !conventions.read.iter().any(|r| r == name);
                }
                is_written || !matches!(name, "length" | "size")
            }
            Node::Logical { .. } => inner(up),
            Node::Conditional { test, .. } => test != node && inner(up),
            Node::If { .. } | Node::Unary { .. } | Node::Loop { .. } | Node::Block(_) | Node::Binary { .. } => false,
            Node::Assign { target, value, .. } if value == node => match facts.node(target) {
                Node::Index { .. } => false,
                _ => named(target),
            },
            Node::Declare { target, value } if value == node => named(target),
            Node::Assign { target, .. } | Node::Declare { target, .. } if target == node => false,
            Node::Index { object, .. } if object == node => {
                matches!(facts.node(facts.parent(up)), Node::Delete(_) | Node::Assign { .. })
            }
            // `table.set(key, element)`.
            Node::Call { .. } => !facts.method_call(up).is_some_and(|call| {
                let object = Ref {
                    file,
                    node: call.object,
                };
                facts.name(call.method) == "set" && self.project.same_place(&self.project.place(object), table)
            }),
            _ => true,
        }
    }
}
