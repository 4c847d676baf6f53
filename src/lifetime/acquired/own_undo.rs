//! The project's own `subscribe`: a function that keeps an argument in a collection and gives back what takes it out.
//!
//! Whoever calls it holds the undo; the call is the acquisition. The function itself is innocent.

mod pairs;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{BindingId, CallKind, FunctionId, Node, NodeId};
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{FileId, Func, Key, Place, Ref, Root};

/// A function that gives back the undo of what it did.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lifetime) struct Undoing {
    func: Func,
    /// Which argument it keeps.
    param: usize,
    /// The collection, without keys.
    base: Place,
    /// Which argument is a list that it puts the undo into.
    list: Option<usize>,
}

/// The project's functions of that kind, by the names they are called by.
pub(in crate::lifetime) type Undoings = FxHashMap<Box<str>, Vec<Undoing>>;

/// Through how many expressions a collection behind a name is looked for, and a parameter in what is put into one.
const MAX_BASE: u32 = 6;

/// How many functions an undo may run.
const MAX_UNDO_REACH: usize = 8;

impl Judge<'_> {
    /// The call of a function of the project that gives back its undo, if no other release of its kind is in sight.
    pub(in crate::lifetime) fn own_subscription(&self, call: Ref, last: &str) -> Option<Acquisition> {
        let undoings = self.survey.undoings.get(last)?;
        let row = self.project.tables.pairs.iter().position(|p| p.own)?;
        let func = self.project.called_function(call)?;
        let undoing = undoings.iter().find(|u| u.func == func)?;
        let handler = self.project.argument(call, undoing.param)?;
        let Node::Call { callee, .. } = self.project.node(call) else {
            return None;
        };
        let target = match (self.project.node(Ref { node: callee, ..call }), &undoing.base.root) {
            (Node::Member { object, .. }, Root::This(_)) => Some(Ref { node: object, ..call }),
            (_, Root::This(_)) => return None,
            (callee, Root::Binding(file, b)) => {
                let is_of_module = self.project.facts(*file).binding(*b).function == FunctionId::MODULE;
                match callee {
                    _ if is_of_module => None,
                    // A list in the closure of a factory lives as long as what the factory gave.
                    Node::Member { object, .. } => Some(Ref { node: object, ..call }),
                    _ => return None,
                }
            }
            _ => return None,
        };
        let is_listed = undoing
            .list
            .is_some_and(|list| self.project.argument(call, list).is_some());
        if is_listed || self.is_taken_out_otherwise(call, target, undoing) {
            return None;
        }
        let row_of = &self.project.tables.pairs[row];
        Some(Acquisition {
            rule: row_of.rule.clone(),
            what: row_of.what.clone(),
            at: call,
            kind: Kind::Pair {
                row,
                target,
                key: None,
                handler: Some(handler),
                options: None,
                typed: true,
                delay: None,
                via: None,
            },
        })
    }

    /// Whether the caller's file calls another function that shrinks the same collection: `off`, `clear`.
    fn is_taken_out_otherwise(&self, call: Ref, target: Option<Ref>, undoing: &Undoing) -> bool {
        let place = target.map(|t| self.project.place(t));
        self.project.facts(call.file).calls.iter().any(|&node| {
            let other = Ref { node, ..call };
            let Node::Call { callee, .. } = self.project.node(other) else {
                return false;
            };
            let is_same = match (self.project.node(Ref { node: callee, ..call }), &place) {
                (Node::Member { object, .. }, Some(p)) => self
                    .project
                    .same_place(&self.project.place(Ref { node: object, ..call }), p),
                (_, Some(_)) => false,
                (_, None) => true,
            };
            is_same
                && self
                    .project
                    .called_function(other)
                    .is_some_and(|f| f != undoing.func && self.shrunk_in(f).contains(&undoing.base))
        })
    }

    /// The functions of that kind in a file, with the names they are called by.
    pub(in crate::lifetime) fn undoings_in(&self, file: FileId) -> Vec<(Box<str>, Undoing)> {
        let functions = 1..self.project.facts(file).functions.len();
        let of = |function: usize| {
            let function = FunctionId(function as u32);
            let f = Func { file, function };
            let undoing = self.undoing(f)?;
            Some((self.name_of_function(f)?, undoing))
        };
        functions.filter_map(of).collect()
    }

    fn undoing(&self, f: Func) -> Option<Undoing> {
        let params = self.params_of(f);
        if params.is_empty() {
            return None;
        }
        // Most functions keep nothing: that costs less to see than what they give back.
        let kept: Vec<(usize, Place)> = self.params_kept_by(f, &params).collect();
        if kept.is_empty() {
            return None;
        }
        let undo = self.undo_closure(f)?;
        let mut shrunk: Vec<Place> = Vec::new();
        for g in self.project.reach(&[undo]).into_iter().take(MAX_UNDO_REACH) {
            shrunk.extend(self.shrunk_in(g));
        }
        let (param, base) = kept.into_iter().find(|(_, base)| shrunk.contains(base))?;
        if self.is_taken_out_at_end(f, &base) {
            return None;
        }
        let list = self.param_added_to(f, &params);
        Some(Undoing {
            func: f,
            param,
            base,
            list,
        })
    }

    /// Whether a function itself takes out what it adds when the component ends that it is called for:
    /// `onUnmounted(() => list.splice(list.indexOf(f), 1))`.
    fn is_taken_out_at_end(&self, f: Func, base: &Place) -> bool {
        let run = self.project.reach(&self.teardown_callbacks(f)).into_iter();
        run.take(MAX_UNDO_REACH).any(|g| self.shrunk_in(g).contains(base))
    }

    /// Which parameter of a function is a list that it adds to: `if (list) list.push(undo)`.
    fn param_added_to(&self, f: Func, params: &[Option<BindingId>]) -> Option<usize> {
        let facts = self.project.facts(f.file);
        let grow = &self.project.tables.conventions.grow;
        let mut calls = self
            .project
            .calls_in(f)
            .iter()
            .filter_map(|&node| facts.method_call(node));
        calls.find_map(|call| {
            let Node::Binding(b) = facts.node(call.object) else {
                return None;
            };
            let adds = grow.iter().any(|g| g == facts.name(call.method));
            params.iter().position(|p| *p == Some(b)).filter(|_| adds)
        })
    }

    /// Which parameters a function puts into collections, and into which.
    fn params_kept_by(&self, f: Func, params: &[Option<BindingId>]) -> impl Iterator<Item = (usize, Place)> {
        self.params_added_by_calls(f, params)
            .chain(self.params_added_by_copies(f, params))
    }

    /// `list = [...list, f]`
    fn params_added_by_copies(&self, f: Func, params: &[Option<BindingId>]) -> impl Iterator<Item = (usize, Place)> {
        let facts = self.project.facts(f.file);
        let here = move |node| Ref { file: f.file, node };
        self.project.writes_in(f).iter().filter_map(move |&node| {
            let Node::Assign { target, value, .. } = facts.node(node) else {
                return None;
            };
            let Node::Array(items) = facts.node(value) else {
                return None;
            };
            let base = self.base_of(here(target), 0)?;
            let is_copied = facts.list(items).any(|item| match facts.node(item) {
                Node::Spread(inner) => self.base_of(here(inner), 0).as_ref() == Some(&base),
                _ => false,
            });
            let added = |b: BindingId| facts.list(items).any(|item| self.holds_param(f.file, item, b, 0));
            let param = params
                .iter()
                .position(|&b| b.is_some_and(added))
                .filter(|_| is_copied)?;
            Some((param, base))
        })
    }

    fn params_added_by_calls(&self, f: Func, params: &[Option<BindingId>]) -> impl Iterator<Item = (usize, Place)> {
        let facts = self.project.facts(f.file);
        let grow = &self.project.tables.conventions.grow;
        let added = self.project.calls_in(f).iter().filter_map(move |&node| {
            let call = facts.method_call(node)?;
            let grows = grow.iter().any(|g| g == facts.name(call.method));
            Some((call.object, facts.list(call.args).next_back().filter(|_| grows)?))
        });
        added.flat_map(move |(object, kept)| {
            let held = move |b: BindingId| self.holds_param(f.file, kept, b, 0);
            let positions = params.iter().enumerate().filter(move |(_, b)| b.is_some_and(held));
            positions.filter_map(move |(param, _)| {
                let node = object;
                Some((param, self.base_of(Ref { file: f.file, node }, 0)?))
            })
        })
    }

    fn params_of(&self, f: Func) -> Vec<Option<BindingId>> {
        let facts = self.project.facts(f.file);
        facts
            .list(self.project.function(f).params)
            .map(|p| match facts.node(p) {
                Node::Binding(b) => Some(b),
                Node::Default { target, .. } => match facts.node(target) {
                    Node::Binding(b) => Some(b),
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    /// The function that a function gives back, itself or as the only method of an object, from a variable or as it is.
    fn undo_closure(&self, f: Func) -> Option<Func> {
        let [only] = self.project.returned_values(f)[..] else {
            return None;
        };
        let facts = self.project.facts(only.file);
        let made = match facts.node(only.node) {
            Node::Binding(b) if facts.binding(b).writes == 0 => facts.binding(b).init.unwrap_or(only.node),
            _ => only.node,
        };
        let node = match facts.node(made) {
            Node::Object(list) => {
                let mut values = facts.list(list).filter_map(|p| match facts.node(p) {
                    Node::Property { value, .. } => Some(value),
                    _ => None,
                });
                let first = values.next()?;
                if values.next().is_some() {
                    return None;
                }
                first
            }
            _ => made,
        };
        let undo = self.project.function_value(Ref { node, ..only }, 0)?;
        (undo != f && self.project.is_within(undo, f)).then_some(undo)
    }

    /// Whether an expression is a parameter, the same function bound, or a literal that has it as a part.
    fn holds_param(&self, file: FileId, at: NodeId, b: BindingId, depth: u32) -> bool {
        // `var list = list || []` begins with itself.
        if depth > MAX_BASE {
            return false;
        }
        let holds = |part| self.holds_param(file, part, b, depth + 1);
        let facts = self.project.facts(file);
        match facts.node(at) {
            Node::Binding(x) => x == b || facts.binding(x).init.is_some_and(holds),
            Node::Conditional { yes, no, .. } => holds(yes) && holds(no),
            Node::Call { callee, .. } => matches!(
                facts.node(callee),
                Node::Member { object, property, .. }
                    if facts.name(property) == "bind" && facts.node(object) == Node::Binding(b)
            ),
            Node::Object(list) => facts.list(list).any(|p| match facts.node(p) {
                Node::Property { value, .. } => holds(value),
                _ => false,
            }),
            Node::Array(list) => facts.list(list).any(holds),
            _ => false,
        }
    }

    /// The collections that code of a function takes something out of.
    fn shrunk_in(&self, f: Func) -> FxHashSet<Place> {
        let facts = self.project.facts(f.file);
        let shrink = &self.project.tables.conventions.shrink;
        let here = |node| Ref { file: f.file, node };
        let mut out: FxHashSet<Place> = FxHashSet::default();
        for &node in self.project.calls_in(f) {
            if let Node::Call { callee, .. } = facts.node(node)
                && let Node::Member { object, property, .. } = facts.node(callee)
                && (shrink.iter().any(|s| s == facts.name(property)) || self.puts_less_into(here(node)))
            {
                out.extend(self.base_of(here(object), 0));
            }
        }
        for &write in self.project.writes_in(f) {
            match facts.node(write) {
                Node::Assign { target, .. } | Node::Delete(target) => out.extend(self.base_of(here(target), 0)),
                _ => {}
            }
        }
        out
    }

    /// `lists.set(event, list.filter((one) => one !== f))`
    fn puts_less_into(&self, call: Ref) -> bool {
        let narrow = &self.project.tables.conventions.narrow;
        let value = self.project.argument(call, 1);
        let made_by = value.and_then(|v| self.project.facts(v.file).method_call(v.node));
        made_by.is_some_and(|made| narrow.iter().any(|n| n == self.project.text(call.file, made.method)))
    }

    /// The field or variable that holds a collection, or the table that holds it.
    fn base_of(&self, at: Ref, depth: u32) -> Option<Place> {
        if depth > MAX_BASE {
            return None;
        }
        let facts = self.project.facts(at.file);
        let inner = |node| self.base_of(Ref { node, ..at }, depth + 1);
        match facts.node(at.node) {
            Node::Member { object, property, .. } => match facts.node(object) {
                Node::This => {
                    let owner = self.project.this_of(self.project.function_at(at))?;
                    let top = self.project.lineage(owner).pop().unwrap_or(owner);
                    Some(Place {
                        root: Root::This(top),
                        path: vec![Key::Name(facts.name(property).into())],
                    })
                }
                _ => inner(object),
            },
            Node::Index { object, .. } => inner(object),
            Node::Call { callee, .. } => match facts.node(callee) {
                Node::Member { object, .. } => inner(object),
                _ => None,
            },
            Node::Assign { target, .. } => inner(target),
            Node::Logical { left, .. } => inner(left),
            Node::Binding(b) => {
                let binding = facts.binding(b);
                match binding.init.map(|i| (i, facts.node(i))) {
                    // What is made here has no table behind it: `const list = new Set()`.
                    Some((
                        _,
                        Node::Call {
                            kind: CallKind::New, ..
                        },
                    )) => Some(Place::root(Root::Binding(at.file, b))),
                    Some((i, Node::Call { .. } | Node::Member { .. } | Node::Index { .. } | Node::Logical { .. }))
                        if binding.function != FunctionId::MODULE =>
                    {
                        inner(i)
                    }
                    _ => Some(Place::root(Root::Binding(at.file, b))),
                }
            }
            _ => None,
        }
    }
}
