//! Tables of what is waited for or remembered: resolvers, answers by number, results by argument.

use crate::facts::{BinaryOp, BindingId, BindingKind, CallKind, FunctionId, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown, PROMISE};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::held::holding::Holder;
use crate::lifetime::{Evidence, Judge};
use crate::link::{FileId, Place, Ref, Root, Use};

impl Judge<'_> {
    /// The resolver of a promise is put in a table that nothing shrinks.
    pub(in crate::lifetime) fn unsettled(&self, grown: &Grown) -> Option<Found> {
        let value = grown.growth.value?;
        let promise = self.promise_of(value, 0)?;
        Some(Found {
            rule: PROMISE,
            cause: Cause::NeverReleased,
            evidence: vec![Evidence {
                role: Role::Captured,
                at: promise,
                text: "this promise and what waits for it stay with its resolver".into(),
            }],
            tells: true,
        })
    }

    /// The promise that a value resolves: an executor's parameter, an object of them, a closure that calls one.
    pub(in crate::lifetime) fn promise_of(&self, at: Ref, depth: u32) -> Option<Ref> {
        if depth > 3 {
            return None;
        }
        let facts = self.project.facts(at.file);
        let inner = |node| self.promise_of(Ref { file: at.file, node }, depth + 1);
        match facts.node(at.node) {
            Node::Binding(b) if facts.binding(b).kind == BindingKind::Param => {
                self.promise_of_parameter(at.file, b, depth)
            }
            Node::Binding(b) => inner(facts.binding(b).init?),
            Node::Object(list) | Node::Array(list) => facts.list(list).take(8).find_map(|p| match facts.node(p) {
                Node::Property { value, .. } => inner(value),
                Node::Spread(_) => None,
                _ => inner(p),
            }),
            Node::Function(f) => facts
                .function(f)
                .captures
                .iter()
                .filter(|&&b| facts.binding(b).kind == BindingKind::Param)
                .find_map(|&b| self.executed_by(at.file, b)),
            _ => None,
        }
    }

    fn promise_of_parameter(&self, file: FileId, b: BindingId, depth: u32) -> Option<Ref> {
        if let Some(promise) = self.executed_by(file, b) {
            return Some(promise);
        }
        let (f, index) = self.project.param_position(file, b)?;
        self.project.uses(f).iter().take(16).find_map(|used| match used {
            Use::Called { call } => match self.project.node(*call) {
                Node::Call { args, .. } => {
                    let node = self.project.facts(call.file).item(args, index)?;
                    self.promise_of(Ref { file: call.file, node }, depth + 1)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The `new Promise(...)` whose executor has this parameter.
    pub(in crate::lifetime) fn executed_by(&self, file: FileId, b: BindingId) -> Option<Ref> {
        let (f, index) = self.project.param_position(file, b)?;
        if index > 1 {
            return None;
        }
        self.project.uses(f).iter().find_map(|used| match used {
            Use::Passed { call, arg: 0 } => match self.project.node(*call) {
                Node::Call {
                    callee,
                    kind: CallKind::New,
                    ..
                } => {
                    let path = self.project.path_of(Ref {
                        file: call.file,
                        node: callee,
                    })?;
                    let promise = self.project.tables.class_type(&path)?;
                    self.project.tables.is_a(promise, "Promise").then_some(*call)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// Each call adds an entry under a number of its own; the answer looks it up and leaves it there.
    pub(in crate::lifetime) fn answered_but_kept(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        let made = self.fresh_key(key, 0);
        let made = made?;
        let mut answers = touched.looked_up.iter().copied().filter(|(at, k)| {
            let f = self.project.function_at(*at);
            f != grown.f && self.project.constant_text(*k, 0).is_none() && !self.is_loop_variable(*k)
        });
        let (at, _) = answers.next()?;
        let is_called = self.is_element_called(at) || answers.any(|(at, _)| self.is_element_called(at));
        Some(Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: vec![
                Evidence {
                    role: Role::Context,
                    at: made,
                    text: "each key is a new one".into(),
                },
                Evidence {
                    role: Role::Flow,
                    at,
                    text: "looked up here and left in".into(),
                },
            ],
            tells: is_called || self.serves_on(grown),
        })
    }

    /// A table of callbacks, each under a number of its own, whose answer calls one and leaves it in. Such a table is
    /// made for many answers, however long its object lives.
    pub(in crate::lifetime) fn is_table_of_callbacks(&self, grown: &Grown, touched: &Touched) -> bool {
        matches!(grown.holder, Holder::Field(_))
            && touched.shrinks.is_empty()
            && self.answered_but_kept(grown, touched).is_some_and(|found| found.tells)
    }

    /// `table[id](answer)`, `table[id].apply(this, answers)`, `const done = table.get(id)` and `done(answer)`.
    fn is_element_called(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let element = self.entry_looked_up(at);
        let is_called = |node| match facts.node(facts.parent(node)) {
            Node::Call { callee, .. } => callee == node,
            Node::Member { object, property, .. } => {
                let method = facts.parent(node);
                let called = matches!(facts.node(facts.parent(method)), Node::Call { callee, .. } if callee == method);
                object == node && called && matches!(facts.name(property), "apply" | "call")
            }
            _ => false,
        };
        if is_called(element) {
            return true;
        }
        match facts.node(facts.parent(element)) {
            Node::Declare { target, value } if value == element => match facts.node(target) {
                Node::Binding(b) => facts.references_of(b).any(is_called),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a collection's holder is something that goes on, by all that the code says: it has an end of its own.
    fn serves_on(&self, grown: &Grown) -> bool {
        match grown.holder {
            Holder::Process => true,
            Holder::Field(owner) => !self.teardowns(owner).0.is_empty(),
            Holder::Closure(_) => false,
        }
    }

    fn is_loop_variable(&self, key: Ref) -> bool {
        let facts = self.project.facts(key.file);
        match facts.node(key.node) {
            Node::Binding(b) => facts.binding(b).in_loop && facts.binding(b).init.is_none(),
            _ => false,
        }
    }

    /// Where a key is made that no other call has: a counter, an id function.
    pub(in crate::lifetime) fn fresh_key(&self, key: Ref, depth: u32) -> Option<Ref> {
        if depth > 4 {
            return None;
        }
        let facts = self.project.facts(key.file);
        let inner = |node| self.fresh_key(Ref { file: key.file, node }, depth + 1);
        match facts.node(key.node) {
            Node::Update {
                target,
                increment: true,
            } => (!self.is_counted_anew(Ref { node: target, ..key })).then_some(key),
            Node::Call { callee, .. } => {
                let name = self.project.last_name(Ref {
                    file: key.file,
                    node: callee,
                })?;
                let list = &self.project.tables.conventions.fresh_key;
                if list.iter().any(|n| n == name) {
                    return Some(key);
                }
                // `uuid().toString()`.
                if let Some(call) = facts.method_call(key.node)
                    && self.project.tables.conventions.gives_text.iter().any(|n| n == name)
                    && let Some(made) = inner(call.object)
                {
                    return Some(made);
                }
                let made_by = self.project.called_function(key)?;
                let values = self.project.returned_values(made_by);
                values.into_iter().find_map(|v| self.fresh_key(v, depth + 1))
            }
            Node::Logical { left, right, .. } => inner(right).or_else(|| inner(left)),
            Node::Template(parts) => facts.list(parts).find_map(inner),
            Node::Binary {
                left,
                right,
                op: BinaryOp::Add,
            } => inner(left).or_else(|| inner(right)),
            Node::Binding(_) | Node::Member { .. } => {
                let place = self.project.place(key);
                if depth == 0
                    && let Some(counted) = self.counted_on(key, &place)
                {
                    return Some(counted);
                }
                let value =
                    self.project
                        .value_of_place(&place)
                        .or_else(|| match self.project.definitions(&place)[..] {
                            // `packet.id = ++last`.
                            [only] => Some(only),
                            _ => None,
                        })?;
                (value != key).then(|| self.fresh_key(value, depth + 1)).flatten()
            }
            _ => None,
        }
    }

    /// `table[next] = value; next++`: where the function counts on what it has just used as a key.
    fn counted_on(&self, key: Ref, place: &Place) -> Option<Ref> {
        let facts = self.project.facts(key.file);
        let f = self.project.function_at(key);
        let is_lasting = match place.root {
            Root::Binding(file, b) => {
                let function = self.project.facts(file).binding(b).function;
                place.path.is_empty() && function != f.function
            }
            Root::This(_) => place.path.len() == 1,
            _ => false,
        };
        let writes = self.project.writes_in(f).iter().copied();
        let mut counts = writes.filter(|&node| match facts.node(node) {
            Node::Update {
                target,
                increment: true,
            } => {
                let target = Ref { node: target, ..key };
                facts.span(node).start > facts.span(key.node).end
                    && self.project.same_place(&self.project.place(target), place)
            }
            _ => false,
        });
        let node = counts.next().filter(|_| is_lasting)?;
        let is_looped = |at| self.loop_around(Ref { node: at, ..key }).is_some();
        (!is_looped(key.node) && !is_looped(node)).then_some(Ref { node, ..key })
    }

    /// Whether a counter is a variable of the very function that counts: its next run begins with the same numbers.
    fn is_counted_anew(&self, counter: Ref) -> bool {
        let facts = self.project.facts(counter.file);
        match facts.node(counter.node) {
            Node::Binding(b) => {
                let function = facts.binding(b).function;
                function != FunctionId::MODULE && function == facts.enclosing_function(counter.node)
            }
            _ => false,
        }
    }

    /// Whether a program has only so many values of this name.
    pub(in crate::lifetime) fn has_few_values(&self, name: &str) -> bool {
        let list = &self.project.tables.conventions.few_keys;
        list.iter().any(|few| {
            name == few
                || name.strip_suffix(few.as_str()).is_some_and(|rest| rest.ends_with('_'))
                || few.chars().next().is_some_and(|c| {
                    let capital: String = c.to_uppercase().chain(few.chars().skip(1)).collect();
                    name.ends_with(&capital)
                })
        })
    }

    /// Whether a key is one of a few by its name, or as a method of emitters is given it first: `on(n, listener)`.
    pub(in crate::lifetime) fn is_one_of_few(&self, key: Ref) -> bool {
        let is_event = || {
            let Node::Binding(b) = self.project.node(key) else {
                return false;
            };
            let Some((f, 0)) = self.project.param_position(key.file, b) else {
                return false;
            };
            let methods = &self.project.tables.conventions.event_first;
            self.name_around(f)
                .is_some_and(|name| methods.iter().any(|m| m == name))
        };
        self.project
            .last_name(key)
            .is_some_and(|name| self.has_few_values(name))
            || is_event()
    }
}
