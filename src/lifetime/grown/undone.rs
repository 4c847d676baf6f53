//! Releases of collections that are written and do not do it: another key, some paths only.

use crate::facts::{BindingKind, CallKind, FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, Grown, LEFTOVER};
use crate::lifetime::grown::leftovers::MAX_NODES;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::{Shrink, Touch};
use crate::lifetime::{Evidence, Judge};
use crate::link::{FileId, Func, Place, Ref, Root, Use};

/// In how many files a name may stand for its writes to be looked at.
const MAX_NAMING: usize = 12;

impl Judge<'_> {
    /// Why what shrinks a collection does not take out what was added, if the code says so.
    pub(in crate::lifetime) fn missed_by_release(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        if touched.leaves.is_some() {
            return None;
        }
        self.missed_by_name(grown, touched)
            .or_else(|| self.only_on_success(grown, touched))
            .or_else(|| self.only_where_fulfilled(grown, touched))
            .or_else(|| self.only_if_marked(grown, touched))
    }

    /// Why a release takes out something else than was put in, by the names that both go by.
    pub(in crate::lifetime) fn missed_by_name(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        self.other_key(grown, touched)
            .or_else(|| self.other_element(grown, touched))
    }

    /// Every release names a key that can never be the one that was added.
    fn other_key(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        let other = |how: &Shrink| {
            matches!(how, Shrink::Entry(k)
                if self.never_same(key, *k)
                    || self.is_made_from(key, *k)
                    || self.is_the_value(grown, *k)
                    || self.is_another_part(key, *k))
        };
        if !touched.shrinks.iter().all(|(_, how)| other(how)) {
            return None;
        }
        let &(at, _) = touched.shrinks.first()?;
        Some(Found::by_release(LEFTOVER, Cause::WrongKey, at, "this is another key"))
    }

    /// `map.set(item.hash, item)`, and `map.delete(item.id)` of the same item; unless code gives one part to the other.
    fn is_another_part(&self, key: Ref, taken: Ref) -> bool {
        let (put, out) = (self.project.place(key), self.project.place(taken));
        let (Some(of), Some(same)) = (put.parent(), out.parent()) else {
            return false;
        };
        let (Some(one), Some(other)) = (put.last(), out.last()) else {
            return false;
        };
        let is_variable = matches!(of.root, Root::Binding(file, b)
            if self.project.facts(file).binding(b).function != FunctionId::MODULE && of.path.is_empty());
        let is_part = is_variable && of == same && one != other;
        is_part && !self.project.same_key(key, taken) && !self.may_be_given(one, other)
    }

    /// Whether some code gives parts of two names one value, or one to the other: `item.key = item.id`. Where the names
    /// stand in many files, it may.
    fn may_be_given(&self, one: &str, other: &str) -> bool {
        let naming = self.project.files_naming(one);
        let values = |file: FileId, name: &str| -> Vec<Ref> {
            let facts = self.project.facts(file);
            let written = self.project.writes_to(file, name).iter();
            let value = written.filter_map(|&write| match facts.node(write) {
                Node::Assign { value, .. } => Some(Ref { file, node: value }),
                _ => None,
            });
            value.collect()
        };
        naming.len() > MAX_NAMING
            || naming.iter().any(|&file| {
                let (ones, others) = (values(file, one), values(file, other));
                let named = |values: &[Ref], name| values.iter().any(|v| self.project.last_name(*v) == Some(name));
                named(&ones, other)
                    || named(&others, one)
                    || ones
                        .iter()
                        .any(|a| others.iter().any(|b| self.project.same_key(*a, *b)))
            })
    }

    /// `map.set(id, socket)`, and `map.delete(socket)` in the same activation.
    fn is_the_value(&self, grown: &Grown, taken: Ref) -> bool {
        let (Some(key), Some(value)) = (grown.growth.key, grown.growth.value) else {
            return false;
        };
        let is_named = |at| matches!(self.project.node(at), Node::Binding(_));
        let within = self.project.is_within(self.project.function_at(taken), grown.f);
        within
            && key != value
            && is_named(value)
            && self.project.same_key(value, taken)
            && !self.project.same_key(key, taken)
            && self.project.place(key) != self.project.place(value)
    }

    /// `map.set([a, b], value)` and `map.get([a, b])`: each array is another key.
    pub(in crate::lifetime) fn never_found(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key.filter(|k| self.is_literal_object(*k))?;
        let is_map = grown.growth.value != Some(key)
            && !self.is_by_brackets(&grown.growth)
            && self
                .project
                .definitions(&grown.place)
                .into_iter()
                .all(|d| self.is_keyed_collection(d));
        // What a variable holds is the same object for all that use the variable.
        let is_named = matches!(self.project.node(key), Node::Binding(_));
        let asked = !touched.looked_up.is_empty() && touched.looked_up.iter().all(|(_, k)| self.is_literal_object(*k));
        let taken = |how: &Shrink| !matches!(how, Shrink::Entry(k) if self.is_literal_object(*k));
        let stays = !touched.shrinks.iter().any(|(_, how)| is_named || taken(how));
        (is_map && asked && stays).then(|| Found {
            rule: LEFTOVER,
            cause: Cause::WrongKey,
            evidence: vec![
                Evidence {
                    role: Role::Flow,
                    at: key,
                    text: "made anew at each call, so no other key is ever equal to it".into(),
                },
                Evidence {
                    role: Role::Flow,
                    at: touched.looked_up[0].1,
                    text: "never finds what was put in".into(),
                },
            ],
            tells: true,
        })
    }

    /// `[a, b]` or `{ a, b }`, also by the name of a variable that a function makes anew.
    fn is_literal_object(&self, at: Ref) -> bool {
        match self.project.node(at) {
            Node::Object(_) | Node::Array(_) => true,
            Node::Binding(b) => {
                let binding = self.project.facts(at.file).binding(b);
                let is_literal =
                    |node| matches!(self.project.facts(at.file).node(node), Node::Object(_) | Node::Array(_));
                binding.function != FunctionId::MODULE && binding.writes == 0 && binding.init.is_some_and(is_literal)
            }
            _ => false,
        }
    }

    /// Whether a reference reads its collection, and what it gives is dropped.
    pub(in crate::lifetime) fn is_for_nothing(&self, at: Ref, place: &Place) -> bool {
        matches!(self.touch(at, place, 0), Touch::ReadsForNothing)
    }

    /// Whether what is put in under one key is never found by another: the other is made anew, it is what the first
    /// was made of, or one is only a part of the other's text.
    fn never_same(&self, put: Ref, taken: Ref) -> bool {
        matches!(self.project.node(put), Node::Function(_))
            || self.is_new(put) && self.is_made_of(put, taken)
            || self.is_new(taken)
            || self.is_made_apart(put, taken)
            || self.are_apart(put, taken)
            || self.is_part_of_text(put, taken)
            || self.is_part_of_text(taken, put)
    }

    /// `const id = randomUUID()` beside `const name = request.name`: an identifier that the same activation makes is never
    /// the one that a variable got from elsewhere.
    fn is_made_apart(&self, put: Ref, taken: Ref) -> bool {
        let (Node::Binding(p), Node::Binding(t)) = (self.project.node(put), self.project.node(taken)) else {
            return false;
        };
        let facts = self.project.facts(put.file);
        if put.file != taken.file || p == t {
            return false;
        }
        let (one, other) = (facts.binding(p), facts.binding(t));
        let is_settled = one.writes == 0 && other.writes == 0 && one.function == other.function;
        let (Some(from), Some(made)) = (one.init, other.init) else {
            return false;
        };
        let here = |node| Ref { node, ..put };
        let is_part_of_param = || match self.project.place(here(from)) {
            Place {
                root: Root::Binding(file, b),
                path,
            } => file == put.file && !path.is_empty() && facts.binding(b).kind == BindingKind::Param,
            _ => false,
        };
        let is_given = |node| matches!(facts.node(facts.parent(node)), Node::Assign { value, .. } if value == node);
        is_settled
            && self.fresh_key(here(made), 0).is_some()
            && is_part_of_param()
            && !facts.references_of(t).any(is_given)
    }

    /// Names of one activation for two things, of which one is made there: `clients.add(client)` with
    /// `const client = { socket }`, and `clients.delete(socket.id)` when the socket closes.
    fn are_apart(&self, put: Ref, taken: Ref) -> bool {
        let (Node::Binding(p), Node::Binding(t)) = (self.project.node(put), self.project.node(taken)) else {
            return false;
        };
        if put.file != taken.file {
            return false;
        }
        let facts = self.project.facts(put.file);
        let (first, second) = (facts.binding(p), facts.binding(t));
        let is_settled =
            p != t && first.function == second.function && [first, second].iter().all(|b| b.writes == 0 && !b.in_loop);
        let is_later = self.project.function_at(taken) != self.project.function_at(put);
        is_settled
            && match (self.is_made_here(put), self.is_made_here(taken)) {
                (true, true) => true,
                (true, false) => self.is_no_object_made_beside(taken, is_later),
                (false, true) => self.is_no_object_made_beside(put, is_later),
                (false, false) => false,
            }
    }

    /// Whether a variable has a text, a number, or, where it is used later, a part of what the function was given.
    /// What it was given itself may be what came before, and makes room.
    fn is_no_object_made_beside(&self, at: Ref, is_later: bool) -> bool {
        let facts = self.project.facts(at.file);
        let Node::Binding(b) = facts.node(at.node) else {
            return false;
        };
        let of_param = |init: Ref| {
            let place = self.project.place(init);
            !place.path.is_empty() && self.parameter_of(&Place::root(place.root)).is_some()
        };
        facts.binding(b).init.is_some_and(|node| {
            let init = Ref { node, ..at };
            self.fresh_key(init, 0).is_some()
                || matches!(facts.node(node), Node::Template(_) | Node::Str(_) | Node::Number(_))
                || is_later && of_param(init)
        })
    }

    /// `new Entry(listener)` and `listener`, here or by the same name in another function. Whoever takes out anything
    /// else may have found it in the collection.
    fn is_made_of(&self, made: Ref, part: Ref) -> bool {
        let Some(wanted) = self.project.last_name(part) else {
            return false;
        };
        let facts = self.project.facts(made.file);
        let mut stack = vec![made.node];
        for _ in 0..MAX_NODES {
            let Some(node) = stack.pop() else { break };
            let is_name = matches!(facts.node(node), Node::Binding(_) | Node::Member { .. });
            if is_name && self.project.last_name(Ref { node, ..made }) == Some(wanted) {
                return true;
            }
            facts.children(node, |c| stack.push(c));
        }
        false
    }

    /// `const key = directory(path)`, put in under `key`, and taken out under `path`.
    fn is_made_from(&self, key: Ref, source: Ref) -> bool {
        if key.file != source.file {
            return false;
        }
        let facts = self.project.facts(key.file);
        let (Node::Binding(b), Node::Binding(p)) = (self.project.node(key), self.project.node(source)) else {
            return false;
        };
        let (made, from) = (facts.binding(b), facts.binding(p));
        let Some(init) = made.init.filter(|_| b != p) else {
            return false;
        };
        let same_activation = made.function == from.function && made.function != FunctionId::MODULE;
        let is_copy = facts.node(init) == Node::Binding(p) && made.writes == 0;
        same_activation
            && !is_copy
            && from.writes == 0
            && facts.references_of(p).any(|r| facts.is_inside(r, init))
            && !facts.references_of(b).any(|r| facts.is_inside(r, source.node))
    }

    /// A value that no other expression can give.
    fn is_new(&self, at: Ref) -> bool {
        matches!(
            self.project.node(at),
            Node::Object(_)
                | Node::Array(_)
                | Node::Function(_)
                | Node::Class(_)
                | Node::Call {
                    kind: CallKind::New,
                    ..
                }
        )
    }

    /// `id` in `` `user:${id}` ``: the template has other text too.
    fn is_part_of_text(&self, part: Ref, text: Ref) -> bool {
        let Node::Template(parts) = self.project.node(text) else {
            return false;
        };
        let facts = self.project.facts(text.file);
        let items: Vec<_> = facts.list(parts).collect();
        let fixed = items.iter().any(|&n| facts.string(n).is_some_and(|s| !s.is_empty()));
        fixed
            && matches!(self.project.node(part), Node::Binding(_) | Node::Member { .. })
            && items.iter().any(|&node| {
                matches!(facts.node(node), Node::Binding(_) | Node::Member { .. })
                    && self.project.same_key(Ref { file: text.file, node }, part)
            })
    }

    /// Added and taken out by one function, with something that may fail or leave in between.
    fn only_on_success(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let at = grown.growth.at;
        let f = self.activation(grown.f);
        let shrinks = self.before_the_end(touched);
        let mut steps = Vec::new();
        for (s, how) in shrinks {
            if *how == Shrink::All {
                return None;
            }
            steps.extend(self.release_steps(*s, f)?);
        }
        let facts = self.project.facts(at.file);
        let is_cleanup = |s: NodeId| {
            let mut below = s;
            facts.ancestors(s).any(|up| {
                let found = match facts.node(up) {
                    Node::Catch { .. } => true,
                    Node::Try { finalizer, .. } => finalizer == below,
                    _ => false,
                };
                below = up;
                found
            })
        };
        if steps.iter().any(|s| is_cleanup(s.node)) {
            return None;
        }
        let end = steps
            .into_iter()
            .find(|s| facts.span(s.node).start > facts.span(at.node).end)?;
        let skips = self.skips_between(at, end, f)?;
        Some(Found::on_some_ways(
            (skips, "if this fails, the rest is skipped"),
            (end, "taken out only when everything went well"),
        ))
    }

    /// The steps of an activation that take something out: the release itself, what puts it off for a while, or the
    /// calls of a function that this activation alone calls. Nothing where others may release it too.
    fn release_steps(&self, release: Ref, f: Func) -> Option<Vec<Ref>> {
        let g = self.project.function_at(release);
        if g == f {
            return Some(vec![release]);
        }
        let steps = match self.project.uses(g)[..] {
            [Use::Passed { call, .. }] => vec![call].into_iter().filter(|c| self.puts_off(*c)).collect(),
            _ => {
                let callers = self.project.callers(g);
                if callers.goes_elsewhere {
                    Vec::new()
                } else {
                    callers.calls
                }
            }
        };
        let all_here = steps.iter().all(|s| self.project.function_at(*s) == f);
        (all_here && !steps.is_empty()).then_some(steps)
    }

    /// `setTimeout(later, delay)`, `process.nextTick(later)`.
    fn puts_off(&self, call: Ref) -> bool {
        let soon = &self.project.tables.conventions.soon;
        let name = self
            .callee_of(call)
            .and_then(|(callee, _)| self.project.last_name(callee));
        name.is_some_and(|name| soon.iter().any(|s| s == name))
            || self.pair_acquisitions(call.file).iter().any(|a| {
                let row = a.row().map(|row| &self.project.tables.pairs[row]);
                a.at == call && a.target().is_none() && row.is_some_and(|row| row.one_shot)
            })
    }

    /// An `await` between two statements of one block whose failure skips the second.
    fn skips_between(&self, from: Ref, to: Ref, f: Func) -> Option<Ref> {
        let facts = self.project.facts(from.file);
        let block = facts
            .ancestors(from.node)
            .find(|&up| matches!(facts.node(up), Node::Block(_)) && facts.is_inside(to.node, up))?;
        let Node::Block(list) = facts.node(block) else {
            return None;
        };
        let holds = |statement: NodeId, node: NodeId| facts.is_inside(node, statement);
        let statements: Vec<_> = facts.list(list).collect();
        let first = statements.iter().position(|&s| holds(s, from.node))?;
        let last = statements.iter().position(|&s| holds(s, to.node))?;
        if first >= last {
            return None;
        }
        let mut stack: Vec<NodeId> = statements[first + 1..=last].iter().rev().copied().collect();
        let end = facts.span(to.node).start;
        while let Some(node) = stack.pop() {
            if facts.span(node).start >= end {
                continue;
            }
            match facts.node(node) {
                // What fails here is caught, and the code goes on.
                Node::Try { handler, block, .. } if matches!(facts.node(handler), Node::Catch { .. }) => {
                    if facts.is_inside(to.node, block) {
                        stack.push(block);
                    }
                }
                Node::Await(value) => {
                    let value = Ref {
                        file: from.file,
                        node: value,
                    };
                    if self.may_fail(value) && facts.enclosing_function(node) == f.function {
                        return Some(Ref { file: from.file, node });
                    }
                }
                Node::Function(_) => {}
                _ => {
                    let mut inner = Vec::new();
                    facts.children(node, |c| inner.push(c));
                    stack.extend(inner.into_iter().rev());
                }
            }
        }
        None
    }

    /// Whether the function of a promise has a use for what rejects it, its second parameter.
    fn uses_its_reject(&self, executor: Func) -> bool {
        let facts = self.project.facts(executor.file);
        let reject = facts.item(self.project.function(executor).params, 1);
        reject.is_some_and(|param| match facts.node(param) {
            Node::Binding(b) => facts.references_of(b).any(|at| at != param),
            _ => true,
        })
    }

    /// Whether a promise may be rejected, as far as the expression says it.
    pub(in crate::lifetime) fn may_fail(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        if let Node::Binding(b) = facts.node(at.node) {
            // `const work = load(); ...; await work`.
            let made = facts.binding(b).init.filter(|_| facts.binding(b).writes == 0);
            let is_call = |n: &NodeId| matches!(facts.node(*n), Node::Call { .. });
            return made
                .filter(is_call)
                .is_some_and(|node| self.may_fail(Ref { node, ..at }));
        }
        let Node::Call { callee, args, kind } = facts.node(at.node) else {
            return false;
        };
        let on_success = &self.project.tables.conventions.on_success;
        if let Node::Member { property, .. } = facts.node(callee)
            && on_success.iter().any(|n| n == facts.name(property))
            && facts.list(args).len() > 1
        {
            // `work.then(f, g)`: a failure goes to the second function.
            return false;
        }
        if kind == CallKind::New {
            // `new Promise((resolve) => ...)` has no way to fail but a throw.
            return facts.item(args, 0).is_some_and(|node| {
                let executor = self.project.function_value(Ref { file: at.file, node }, 0);
                executor.is_some_and(|f| self.uses_its_reject(f))
            });
        }
        if let Some(f) = self.project.function_value(
            Ref {
                file: at.file,
                node: callee,
            },
            0,
        ) {
            return self
                .project
                .returned_values(f)
                .iter()
                .all(|r| match self.project.node(*r) {
                    Node::Call {
                        kind: CallKind::New, ..
                    } => self.may_fail(*r),
                    _ => true,
                })
                && self.function_may_fail(f);
        }
        let callee = Ref { node: callee, ..at };
        let never = &self.project.tables.conventions.never_rejects;
        let is_told = |name: &str| never.iter().any(|n| n == name);
        !self.project.last_name(callee).is_some_and(is_told)
            && !self.project.path_of(callee).is_some_and(|p| is_told(&p))
    }

    /// Whether a function's code has anything in it that may fail: an `await`, a `throw`, a call outside of a `try`.
    fn function_may_fail(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        let body = facts.function(f.function).body;
        let caught = |node: NodeId| {
            facts.ancestors(node).take_while(|&up| up != body).any(|up| {
                matches!(facts.node(up), Node::Try { handler, block, .. }
                    if matches!(facts.node(handler), Node::Catch { .. }) && facts.is_inside(node, block))
            })
        };
        let mut calls = self.project.calls_in(f).iter();
        calls.any(|&call| {
            !caught(call)
                && !self.never_throws(Ref {
                    file: f.file,
                    node: call,
                })
        })
    }

    /// Whether a call only writes a message, or takes something out of a collection: `console.error(text)`,
    /// `jobs.shift()`.
    fn never_throws(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let shrink = &self.project.tables.conventions.shrink;
        let takes_out = facts.method_call(call.node).is_some_and(|m| {
            let object = Ref { node: m.object, ..call };
            let made = || self.project.definitions(&self.project.place(object));
            let is_collection = |made: &[Ref]| !made.is_empty() && made.iter().all(|d| self.is_plain_collection(*d, 0));
            shrink.iter().any(|s| s == facts.name(m.method)) && is_collection(&made())
        });
        takes_out || self.is_inert(call)
    }
}
