//! Receivers that are made at the first need and kept: what registers on them each time finds the same one again.
//!
//! `if (!this.socket) this.socket = connect(); this.socket.on(...)`: the test says that the code runs more than once for
//! one receiver, and the registration stands behind it. The same goes for what is looked up in a table, made if it is
//! not there, and put back.

use crate::facts::{AssignOp, BindingKind, LogicalOp, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Key, Life, OwnerId, Phase, Place, Ref, Root};

impl Judge<'_> {
    /// Evidence that code registers each time it runs on a receiver that only its first run makes, and takes nothing off.
    pub(in crate::lifetime) fn registered_anew(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let row = &self.project.tables.pairs[a.row()?];
        let is_listening = row.release_is_on_target() && !row.one_shot;
        // What a caller hands in, a caller takes off.
        let is_own = match self.project.node(handler) {
            Node::Binding(_) => self.is_new_function(handler),
            _ => !row.idempotent || self.is_new_function(handler),
        };
        if !is_listening || !is_own {
            return None;
        }
        let place = self.project.place(target);
        let f = self.project.function_at(a.at);
        let (at, text) = self.made_at_first_need(&place, a.at, f).or_else(|| {
            let (found, table) = self.found_in_table(&place, a.at, f)?;
            let told = !self.is_taken_off_in(&table, a);
            told.then_some((found, "finds again what an earlier call made"))
        })?;
        // A look at what is released comes last: it is the dearest question.
        releases().is_empty().then(|| {
            vec![Evidence {
                role: Role::Context,
                at,
                text: text.into(),
            }]
        })
    }

    /// What an acquisition registers a function on that is another one at each run: each adds one more.
    pub(in crate::lifetime) fn adds_one_more(&self, a: &Acquisition) -> Option<Ref> {
        let (target, handler) = a.registration()?;
        let row = &self.project.tables.pairs[a.row()?];
        let is_listening = row.release_is_on_target() && !row.one_shot;
        (is_listening && self.is_new_function(handler)).then_some(target)
    }

    /// A function that is another one at each run: written here, bound here, or of the activation.
    pub(in crate::lifetime) fn is_new_function(&self, handler: Ref) -> bool {
        let facts = self.project.facts(handler.file);
        match facts.node(handler.node) {
            Node::Function(_) | Node::Call { .. } => true,
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let is_function = |node| matches!(facts.node(node), Node::Function(_) | Node::Call { .. });
                binding.function == facts.enclosing_function(handler.node)
                    && (binding.kind == BindingKind::Function || binding.init.is_some_and(is_function))
            }
            _ => false,
        }
    }

    /// Where a field or outer variable is made only if there is none, before a node of the same function.
    fn made_at_first_need(&self, place: &Place, at: Ref, f: Func) -> Option<(Ref, &'static str)> {
        let held = self.place_kept_in(place, f)?;
        if let Root::This(owner) = held.root {
            let (_, name, method) = self.project.method_around(f)?;
            let begins = name == "constructor"
                || self.phase(owner, name) == (Phase::Setup, true)
                || self.is_part_of_construction(owner, name);
            if method != f || begins || self.runs_at_start(owner, name) {
                return None;
            }
        }
        let is_it = |r: &Ref| self.project.same_place(&self.project.place(*r), &held);
        let mut guarded = None;
        for definition in self.project.definitions(&held) {
            if self.project.node(definition).is_absent() {
                if !self.begins_or_ends(&held, definition, f) {
                    return None;
                }
                continue;
            }
            guarded = Some(self.first_need(&held, definition, f)?);
        }
        let guarded = guarded?;
        let again = !self.falsy_values(at).iter().any(is_it) && self.guard_of(at).is_none();
        (again && self.is_before(guarded, at)).then_some((guarded, "made only if there is none yet"))
    }

    /// The field of the object, or the variable outside a function, that a place is or is a part of.
    fn place_kept_in(&self, place: &Place, f: Func) -> Option<Place> {
        let held = match (&place.root, place.path.as_slice()) {
            (Root::This(_), [field @ Key::Name(_), ..]) => Place {
                root: place.root.clone(),
                path: vec![field.clone()],
            },
            (Root::Binding(file, b), _) => {
                let binding = self.project.facts(*file).binding(*b);
                let is_outer = *file == f.file && binding.function != f.function;
                let is_variable = matches!(binding.kind, BindingKind::Let | BindingKind::Var);
                if !is_outer || !is_variable {
                    return None;
                }
                Place::root(place.root.clone())
            }
            _ => return None,
        };
        Some(held)
    }

    /// Whether an empty value is the first one, or the last one of its object.
    fn begins_or_ends(&self, held: &Place, definition: Ref, f: Func) -> bool {
        let g = self.project.function_at(definition);
        match (&held.root, self.project.method_around(g)) {
            (Root::Binding(file, b), _) => {
                let init = self.project.facts(*file).binding(*b).init;
                init == Some(definition.node)
            }
            (_, None) => true,
            (_, Some((owner, name, _))) => name == "constructor" || self.is_last(owner, name, f),
        }
    }

    /// Whether a method is the end of the object. One that is closed is opened again by the method that opens it.
    fn is_last(&self, owner: OwnerId, name: &str, f: Func) -> bool {
        let conventions = &self.project.tables.conventions;
        let opens = self.project.method_around(f).map_or("", |(_, name, _)| name);
        self.phase(owner, name) == (Phase::Teardown, true)
            || conventions.last.iter().any(|n| n == name) && !self.project.tables.is_repeat(opens)
    }

    /// Where a function looks whether a place is empty, and has it made if it is.
    fn first_need(&self, held: &Place, definition: Ref, f: Func) -> Option<Ref> {
        let is_it = |r: &Ref| self.project.same_place(&self.project.place(*r), held);
        let is_empty_at = |at: Ref| self.falsy_values(at).iter().any(is_it);
        let g = self.project.function_at(definition);
        if g == f {
            return (is_empty_at(definition) || self.is_set_if_empty(held, definition)).then_some(definition);
        }
        let calls = self.project.calls_in(f).iter();
        let mut calls = calls.map(|&node| Ref { file: f.file, node });
        calls.find(|call| {
            let called = self.project.called_function(*call);
            called.is_some_and(|h| h != f && self.project.reach(&[h]).contains(&g)) && is_empty_at(*call)
        })
    }

    /// `held ??= made`, `held = held || made`.
    fn is_set_if_empty(&self, held: &Place, definition: Ref) -> bool {
        let facts = self.project.facts(definition.file);
        let here = |node| Ref { node, ..definition };
        if let Node::Logical { left, op, .. } = facts.node(definition.node) {
            return op != LogicalOp::And && self.project.same_place(&self.project.place(here(left)), held);
        }
        matches!(
            facts.node(facts.parent(definition.node)),
            Node::Assign {
                op: AssignOp::Or | AssignOp::Nullish,
                ..
            }
        )
    }

    /// The look-up of a variable that a function looks for in a table, makes if it is not there, and puts back.
    fn found_in_table(&self, place: &Place, at: Ref, f: Func) -> Option<(Ref, Place)> {
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let facts = self.project.facts(file);
        let binding = facts.binding(b);
        if file != f.file || binding.function != f.function || binding.kind == BindingKind::Param {
            return None;
        }
        let held = Place::root(place.root.clone());
        let is_it = |r: &Ref| self.project.same_place(&self.project.place(*r), &held);
        let mut definitions: Vec<Ref> = Vec::new();
        for definition in self.project.definitions(&held) {
            match facts.node(definition.node) {
                Node::Null | Node::Undefined | Node::Empty => {}
                Node::Logical { left, right, op } if op != LogicalOp::And => {
                    definitions.extend([left, right].map(|node| Ref { file, node }));
                }
                _ => definitions.push(definition),
            }
        }
        let (found, made): (Vec<Ref>, Vec<Ref>) =
            definitions.into_iter().partition(|d| self.looked_up_in(*d).is_some());
        let first = *found.first()?;
        let table = self.looked_up_in(first)?;
        let is_conditional = |d: &Ref| self.falsy_values(*d).iter().any(is_it) || self.is_conditional(*d);
        let is_made_if_missing = !made.is_empty() && made.iter().all(is_conditional);
        let is_field = matches!(table.root, Root::This(_)) && !table.path.is_empty();
        let lasts = is_field || matches!(self.project.life_of(&table), Life::Process | Life::Outer);
        let again = !self.falsy_values(at).iter().any(is_it) && self.guard_of(at).is_none();
        (is_made_if_missing && lasts && again && self.is_put_in(&table, &held, f)).then_some((first, table))
    }

    /// Whether other code looks a receiver up in the same table and takes something off it.
    fn is_taken_off_in(&self, table: &Place, a: &Acquisition) -> bool {
        let Some(row) = a.row() else { return false };
        let file = a.at.file;
        let facts = self.project.facts(file);
        let is_from_table = |object: NodeId| {
            let named = self.project.place(Ref { file, node: object });
            if named.root == table.root && named.path.len() > table.path.len() {
                return named.path.starts_with(&table.path);
            }
            let place = Place::root(named.root);
            let definitions = match place.root {
                Root::Value(at) => vec![at],
                _ => self.project.definitions(&place),
            };
            definitions.into_iter().any(|d| {
                let found = self.looked_up_in(d);
                found.is_some_and(|t| self.project.same_place(&t, table))
            })
        };
        let takes_off = |&node: &NodeId| match facts.node(node) {
            Node::Call { callee, .. } => {
                matches!(facts.node(callee), Node::Member { object, .. } if is_from_table(object))
            }
            _ => false,
        };
        let patterns = self.project.tables.releases[row].iter();
        patterns
            .flat_map(|p| self.project.calls_named(file, p.last()))
            .any(takes_off)
    }

    /// The table that an expression looks a value up in.
    fn looked_up_in(&self, value: Ref) -> Option<Place> {
        let facts = self.project.facts(value.file);
        let here = |node| self.project.place(Ref { node, ..value });
        match facts.node(value.node) {
            Node::Index { object, .. } => Some(here(object)),
            Node::Call { callee, .. } => match facts.node(callee) {
                Node::Member { object, property, .. } => {
                    let look_up = &self.project.tables.conventions.look_up;
                    look_up.iter().any(|l| l == facts.name(property)).then(|| here(object))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `table.set(key, held)`, `table[key] = held` in a function.
    fn is_put_in(&self, table: &Place, held: &Place, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        let is_at = |node, place: &Place| {
            let found = self.project.place(Ref { file: f.file, node });
            self.project.same_place(&found, place)
        };
        let Root::Binding(_, b) = held.root else { return false };
        facts.references_of(b).any(|node| {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Call { callee, .. } if callee != node => match facts.node(callee) {
                    Node::Member { object, property, .. } => {
                        let grow = &self.project.tables.conventions.grow;
                        grow.iter().any(|g| g == facts.name(property)) && is_at(object, table)
                    }
                    _ => false,
                },
                Node::Assign { target, value, .. } if value == node => {
                    matches!(facts.node(target), Node::Index { object, .. } if is_at(object, table))
                }
                // `held = table[key] = made`
                Node::Assign { target, value, .. } if target == node => match facts.node(value) {
                    Node::Assign { target, .. } => {
                        matches!(facts.node(target), Node::Index { object, .. } if is_at(object, table))
                    }
                    _ => false,
                },
                _ => false,
            }
        })
    }
}
