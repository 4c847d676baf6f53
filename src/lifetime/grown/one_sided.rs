//! Tables that the code forgets where it remembers the others: a key is taken out of the tables beside, another element
//! is taken out than the one that was put in.

use crate::facts::{BindingKind, CallKind, FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, Grown, Growths, LEFTOVER};
use crate::lifetime::grown::leftovers::MAX_NODES;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::lifetime::{Evidence, Judge};
use crate::link::{Func, Place, Ref, Root};

/// So many tables that one key is taken out of say by themselves that what it names is over.
const ENOUGH: usize = 2;

impl Judge<'_> {
    /// A function takes a key out of other tables of the same holder, looks it up in this one, and leaves it there.
    pub(in crate::lifetime) fn forgotten_beside(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        grown.growth.key?;
        let (at, others) = touched.looked_up.iter().find_map(|&(at, key)| {
            let f = self.project.function_at(at);
            let is_own = f == grown.f
                || self.grows_in(grown, f)
                || self.project.constant_text(key, 0).is_some()
                || self.is_one_of_few(key);
            if is_own {
                return None;
            }
            let mut others = self.taken_under(f, key, grown);
            if others.is_empty() {
                others = self.taken_by_called(f, key, grown);
            }
            let is_over = || self.ends_one(f) || self.ends_entry(at);
            (others.len() >= ENOUGH || !others.is_empty() && is_over()).then_some((at, others))
        })?;
        let (place, taken) = others.first()?;
        Some(Found {
            rule: LEFTOVER,
            cause: Cause::NeverReleased,
            evidence: vec![
                Evidence {
                    role: Role::Release,
                    at: *taken,
                    text: format!("the same key is taken out of `{}`", self.show_place(place)),
                },
                Evidence {
                    role: Role::Flow,
                    at,
                    text: "looked up here and left in".into(),
                },
            ],
            tells: true,
        })
    }

    /// The end of what fills several collections at once empties another one of them: `scripts.push(x); urls.add(x.url)`
    /// and `function stop() { urls.clear(); }`.
    pub(in crate::lifetime) fn emptied_beside(&self, grown: &Grown, growths: &Growths) -> Option<Evidence> {
        let is_kept = |place: &Place| match place.root {
            Root::Binding(file, b) => {
                place.path.is_empty() && self.project.facts(file).binding(b).function == FunctionId::MODULE
            }
            _ => false,
        };
        let is_beside = |other: &&Grown| {
            other.f == grown.f
                && is_kept(&other.place)
                && other.place != grown.place
                && self.is_reached_with(grown.growth.at, other.growth.at)
                && self.is_reached_with(other.growth.at, grown.growth.at)
        };
        let others = growths.all.iter().filter(|_| is_kept(&grown.place)).filter(is_beside);
        let mut ends = others.filter_map(|other| {
            let touched = self.touched_by(other, growths);
            let is_end = |at: &Ref| {
                let f = self.project.function_at(*at);
                let name = self.project.function(f).name.map(|n| self.project.text(f.file, n));
                f != grown.f && name.is_some_and(|name| self.project.tables.is_teardown(name))
            };
            let mut shrinks = touched.shrinks.iter();
            let (at, _) = shrinks.find(|(at, how)| matches!(how, Shrink::All) && is_end(at))?;
            Some((other.place.clone(), *at))
        });
        let (place, at) = ends.next()?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: format!(
                "empties `{}`, which the same code fills, and not this one",
                self.show_place(&place)
            ),
        })
    }

    /// A function that ends one element finds its number in this list, and takes that number out of the lists beside.
    pub(in crate::lifetime) fn number_taken_beside(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let (at, (place, taken)) = touched.searched.iter().find_map(|&(at, call)| {
            let f = self.project.function_at(at);
            let facts = self.project.facts(at.file);
            let Node::Declare { target, value } = facts.node(facts.parent(call.node)) else {
                return None;
            };
            if value != call.node || f == grown.f || !self.ends_one(f) || self.adds_in(grown, f) {
                return None;
            }
            let number = Ref { node: target, ..call };
            Some((at, self.taken_under(f, number, grown).into_iter().next()?))
        })?;
        Some(Found {
            rule: LEFTOVER,
            cause: Cause::NeverReleased,
            evidence: vec![
                Evidence {
                    role: Role::Release,
                    at: taken,
                    text: format!("what stands there in `{}` is taken out", self.show_place(&place)),
                },
                Evidence {
                    role: Role::Flow,
                    at,
                    text: "found here and left in".into(),
                },
            ],
            tells: true,
        })
    }

    /// Whether a function adds to the collection of a growth.
    fn adds_in(&self, grown: &Grown, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        let grow = &self.project.tables.conventions.grow;
        self.project.calls_in(f).iter().any(|&node| {
            facts.method_call(node).is_some_and(|call| {
                let object = Ref {
                    file: f.file,
                    node: call.object,
                };
                grow.iter().any(|g| g == facts.name(call.method))
                    && self.project.same_place(&self.project.place(object), &grown.place)
            })
        })
    }

    /// Whether what is looked up at a reference to a table is ended there: `this.workers[id].kill()`.
    fn ends_entry(&self, table: Ref) -> bool {
        let facts = self.project.facts(table.file);
        let ends = |node: NodeId| {
            let call = facts.parent(facts.parent(node));
            facts.method_call(call).is_some_and(|call| {
                let name = facts.name(call.method);
                call.object == node && self.project.tables.conventions.end.iter().any(|end| end == name)
            })
        };
        let entry = self.looked_up_as(table);
        ends(self.entry_looked_up(table)) || entry.is_some_and(|b| facts.references_of(b).any(ends))
    }

    /// The same of the methods of the holder that a function hands the key: `this.archive(id)`.
    fn taken_by_called(&self, f: Func, key: Ref, grown: &Grown) -> Vec<(Place, Ref)> {
        let handed = |call: Ref| {
            let Node::Call { args, .. } = self.project.node(call) else {
                return None;
            };
            let facts = self.project.facts(call.file);
            let is_key = |node: &NodeId| self.project.same_key(Ref { node: *node, ..call }, key);
            let index = facts.list(args).position(|node| is_key(&node))?;
            let to = self.project.called_function(call)?;
            let object = |f| self.project.method_around(f).map(|(owner, ..)| owner);
            let is_method = object(f).is_some() && object(f) == object(to);
            let params = self.project.function(to).params;
            let node = self.project.facts(to.file).item(params, index)?;
            (is_method && to != f).then_some((to, Ref { file: to.file, node }))
        };
        let calls = self.project.calls_in(f).iter().map(|&node| Ref { file: f.file, node });
        let handed: Vec<(Func, Ref)> = calls.filter_map(handed).collect();
        let taken = handed.into_iter().map(|(to, given)| self.taken_under(to, given, grown));
        taken.flatten().collect()
    }

    /// The other collections of a holder that a function takes a key out of, and where.
    fn taken_under(&self, f: Func, key: Ref, grown: &Grown) -> Vec<(Place, Ref)> {
        let facts = self.project.facts(f.file);
        let here = |node| Ref { file: f.file, node };
        let take = &self.project.tables.conventions.take;
        let mut out: Vec<(Place, Ref)> = Vec::new();
        let mut stack = vec![facts.function(f.function).body];
        for _ in 0..MAX_NODES {
            let Some(node) = stack.pop() else { break };
            let taken = match facts.node(node) {
                Node::Delete(entry) => match facts.node(entry) {
                    Node::Index { object, key } => Some((object, key)),
                    _ => None,
                },
                Node::Call { .. } => facts.method_call(node).and_then(|call| {
                    let takes = take.iter().any(|t| t == facts.name(call.method));
                    let key = facts.item(call.args, 0).filter(|_| takes)?;
                    Some((call.object, key))
                }),
                _ => None,
            };
            if let Some((object, other)) = taken
                && self.project.same_key(here(other), key)
            {
                let place = self.project.place(here(object));
                let beside = self
                    .holder_of(&place, grown.f)
                    .is_some_and(|h| self.same_holder(h, grown.holder));
                if beside && place != grown.place && !out.iter().any(|(p, _)| *p == place) {
                    out.push((place, here(node)));
                }
            }
            facts.children(node, |c| stack.push(c));
        }
        out.sort_by_key(|(_, at)| *at);
        out
    }

    /// A handle is put in, and the callback that should take it out searches for an argument of the function instead.
    pub(in crate::lifetime) fn other_element(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let value = grown.growth.value?;
        if grown.growth.key.is_some() || !self.is_handle(value) && !self.is_made_here(value) {
            return None;
        }
        let is_argument = |element: &Ref| match self.project.place(*element).root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(file).binding(b);
                file == grown.f.file && binding.function == grown.f.function && binding.kind == BindingKind::Param
            }
            _ => false,
        };
        let mut wrong = None;
        for (at, how) in &touched.shrinks {
            let f = self.project.function_at(*at);
            match how {
                Shrink::Entry(element)
                    if f != grown.f && self.project.is_within(f, grown.f) && is_argument(element) =>
                {
                    wrong.get_or_insert(*element);
                }
                Shrink::All if self.ends_holder(f) => {}
                _ => return None,
            }
        }
        Some(Found::by_release(
            LEFTOVER,
            Cause::WrongKey,
            wrong?,
            "this is not what was put in, and is never found",
        ))
    }

    /// A value that is written down or bound here, perhaps under a name: nothing else is it.
    pub(in crate::lifetime) fn is_made_here(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let is_made = |node| match facts.node(node) {
            Node::Object(_) | Node::Array(_) | Node::Function(_) => true,
            Node::Call {
                kind: CallKind::New, ..
            } => true,
            Node::Call { .. } => facts
                .method_call(node)
                .is_some_and(|call| facts.name(call.method) == "bind"),
            _ => false,
        };
        match facts.node(value.node) {
            Node::Binding(b) => {
                let binding = facts.binding(b);
                binding.function != FunctionId::MODULE && binding.writes == 0 && binding.init.is_some_and(is_made)
            }
            _ => is_made(value.node),
        }
    }

    /// A variable with what an acquisition of the same function gave: no argument can be it.
    fn is_handle(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let Node::Binding(b) = facts.node(value.node) else {
            return false;
        };
        let binding = facts.binding(b);
        binding.writes == 0
            && binding.init.is_some_and(|init| {
                self.pair_acquisitions(value.file)
                    .iter()
                    .any(|a| a.at.node == init && facts.enclosing_function(init) == binding.function)
            })
    }
}
