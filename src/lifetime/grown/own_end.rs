//! Elements that end by themselves, and that nobody takes out then: the code hears the end of what it has put in, or
//! waits for the work that it was put in for.
//!
//! `workers.push(worker); worker.on('exit', code => log(code))`: the list keeps each worker that is gone.

use crate::facts::{FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown, LEFTOVER};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::lifetime::{Evidence, Judge};
use crate::link::{Func, Place, Ref};

impl Judge<'_> {
    /// The end of an element is heard where it is put in, and leaves it there; only the end of all empties the list.
    pub(in crate::lifetime) fn end_heard_and_kept(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let element = self.made_here(grown)?;
        let at_end =
            |(at, how): &&(Ref, Shrink)| *how == Shrink::All && self.ends_holder(self.project.function_at(*at));
        let ended: Vec<&(Ref, Shrink)> = touched.shrinks.iter().filter(|shrink| !at_end(shrink)).collect();
        if touched.leaves.is_some() || !ended.iter().all(|(at, _)| self.is_where_it_is_ended(*at, grown)) {
            return None;
        }
        let heard = self.own_end_heard(&element, grown.f)?;
        let handler = self
            .callee_of(heard)
            .and_then(|(_, args)| self.project.function_value(*args.get(1)?, 0))?;
        if self.takes_out(handler, touched) || !ended.is_empty() && self.tells_others(handler, grown) {
            return None;
        }
        let mut evidence = vec![Evidence {
            role: Role::Flow,
            at: heard,
            text: "its own end is heard here, and leaves it in".into(),
        }];
        evidence.extend(touched.shrinks.first().map(|(at, _)| Evidence {
            role: Role::Release,
            at: *at,
            text: match ended.is_empty() {
                true => "emptied only when its holder ends".into(),
                false => "taken out only where it is ended on purpose".into(),
            },
        }));
        Some(Found {
            rule: GROWING,
            cause: Cause::NotOnEveryPath,
            evidence,
            tells: true,
        })
    }

    /// `jobs.get(id).kill(); jobs.delete(id)`, elsewhere than where the element is put in.
    fn is_where_it_is_ended(&self, at: Ref, grown: &Grown) -> bool {
        let f = self.project.function_at(at);
        let ends = &self.project.tables.conventions.end;
        let facts = self.project.facts(f.file);
        let ends_one = self.project.calls_in(f).iter().any(|&node| {
            let call = facts.method_call(node);
            call.is_some_and(|call| ends.iter().any(|end| end == facts.name(call.method)))
        });
        ends_one && !self.project.is_within(f, self.outermost(grown.f)) && f.function != FunctionId::MODULE
    }

    /// Whether the handler of an element's end may tell others of it, who take it out by its key or by itself.
    fn tells_others(&self, handler: Func, grown: &Grown) -> bool {
        let facts = self.project.facts(handler.file);
        let body = self.project.function_node(handler).node;
        let named = grown.growth.key.into_iter().chain(grown.growth.value);
        let mut named = named.filter_map(|at| match self.project.node(at) {
            Node::Binding(b) => Some(b),
            _ => None,
        });
        named.any(|b| facts.references_of(b).any(|node| facts.is_inside(node, body)))
    }

    /// Where the function that makes an element listens to its end.
    pub(in crate::lifetime) fn own_end_heard(&self, element: &Place, f: Func) -> Option<Ref> {
        let conventions = &self.project.tables.conventions;
        let facts = self.project.facts(f.file);
        self.references_in(element, f.file).into_iter().find_map(|read| {
            let member = facts.parent(read.node);
            let node = facts.parent(member);
            let is_method = matches!(facts.node(member), Node::Member { object, .. } if object == read.node);
            let call = facts
                .method_call(node)
                .filter(|call| is_method && call.callee == member)?;
            let event = self.project.constant_text(
                Ref {
                    node: facts.item(call.args, 0)?,
                    ..read
                },
                0,
            )?;
            let handler = Ref {
                node: facts.item(call.args, 1)?,
                ..read
            };
            let is_end = conventions.own_ends.iter().any(|end| **end == *event);
            let handler = self.project.function_value(handler, 0).filter(|_| is_end)?;
            (!self.begins_again(handler, element)).then_some(Ref { node, ..read })
        })
    }

    /// Whether a handler sets its element going again: `client.on('close', () => client.connect())`.
    fn begins_again(&self, handler: Func, element: &Place) -> bool {
        let facts = self.project.facts(handler.file);
        let mut within = std::iter::once(handler).chain(self.project.functions_within(handler));
        within.any(|g| {
            self.project.calls_in(g).iter().any(|&node| {
                facts.method_call(node).is_some_and(|call| {
                    let object = Ref {
                        file: handler.file,
                        node: call.object,
                    };
                    self.project.tables.is_repeat(facts.name(call.method))
                        && self.project.same_place(&self.project.place(object), element)
                })
            })
        })
    }

    /// `const tab = tabs.find(tab => tab.id === id); tab.view.destroy()` in a method that ends one, which leaves it in.
    pub(in crate::lifetime) fn found_and_ended(&self, grown: &Grown) -> Option<Found> {
        let conventions = &self.project.tables.conventions;
        let at = self
            .references_in(&grown.place, grown.f.file)
            .into_iter()
            .find_map(|read| {
                let f = self.project.function_at(read);
                let facts = self.project.facts(read.file);
                let node = facts.parent(facts.parent(read.node));
                let call = facts.method_call(node).filter(|call| call.object == read.node)?;
                let finds = conventions.finds.iter().any(|find| find == facts.name(call.method));
                let Node::Declare { target, value } = facts.node(facts.parent(node)) else {
                    return None;
                };
                let Node::Binding(b) = facts.node(target) else {
                    return None;
                };
                let is_ended = |&node: &NodeId| {
                    facts.method_call(node).is_some_and(|call| {
                        let is_end = conventions.end.iter().any(|end| end == facts.name(call.method));
                        is_end && facts.references_of(b).any(|r| facts.is_inside(r, call.object))
                    })
                };
                let ends = value == node && self.project.calls_in(f).iter().any(is_ended);
                // `close()` ends all, and `close(id)` one.
                let takes_one = facts.list(self.project.function(f).params).len() > 0;
                let name = self.name_around(f).unwrap_or_default();
                let is_end = self.ends_one(f) || conventions.end.iter().any(|end| end == name);
                (finds && ends && takes_one && f != grown.f && is_end).then_some(read)
            })?;
        Some(Found::by_release(
            LEFTOVER,
            Cause::NeverReleased,
            at,
            "found to be ended, and left in",
        ))
    }

    /// The variable of a value that the function which puts it in has made.
    pub(in crate::lifetime) fn made_here(&self, grown: &Grown) -> Option<Place> {
        let value = grown.growth.value?;
        let Node::Binding(b) = self.project.node(value) else {
            return None;
        };
        let binding = self.project.facts(value.file).binding(b);
        let made = binding.init?;
        let is_call = matches!(
            self.project.node(Ref { node: made, ..value }),
            Node::Call { .. } | Node::Await(_)
        );
        let is_own =
            binding.function == grown.f.function && binding.function != FunctionId::MODULE && binding.writes == 0;
        (is_call && is_own).then(|| self.project.place(value))
    }

    /// The controller of a request that the same function waits for: it stays when the request is done, and only who
    /// gives up takes it out.
    pub(in crate::lifetime) fn done_and_kept(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        let controller = self.made_here(grown)?;
        let gives_up = self.project.type_of(grown.growth.value?)?;
        let own = self.outermost(grown.f);
        let is_elsewhere = |at: &Ref| !self.project.is_within(self.project.function_at(*at), own);
        let &(taken, _) = touched.shrinks.first()?;
        // What takes the place of the one before goes by a few keys.
        let is_replaced = touched
            .looked_up
            .iter()
            .any(|(at, k)| !is_elsewhere(at) && self.project.same_key(*k, key));
        let few = self.is_one_of_few(key);
        if touched.leaves.is_some()
            || is_replaced
            || few
            || !self.project.tables.is_a(gives_up, "AbortController")
            || !touched.shrinks.iter().all(|(at, _)| is_elsewhere(at))
        {
            return None;
        }
        let waits = self.wait_with(&controller, grown)?;
        Some(Found::on_some_ways(
            (waits, "when this is done, the entry stays"),
            (taken, "taken out only here"),
        ))
    }

    /// Where the function waits for a call that is given what a variable has.
    fn wait_with(&self, given: &Place, grown: &Grown) -> Option<Ref> {
        let facts = self.project.facts(grown.f.file);
        let body = self.project.function(grown.f).body;
        self.references_in(given, grown.f.file).into_iter().find_map(|read| {
            let mut around = facts.ancestors(read.node).take_while(|&up| up != body);
            let waits = around.find(|&up| matches!(facts.node(up), Node::Await(_) | Node::Function(_)))?;
            let is_later = self.is_before(grown.growth.at, read) && matches!(facts.node(waits), Node::Await(_));
            is_later.then_some(Ref { node: waits, ..read })
        })
    }

    /// `table.set(id, new WeakRef(value))`: values are meant to go, and what held them stays.
    pub(in crate::lifetime) fn keeps_empty_references(&self, grown: &Grown) -> Option<Found> {
        let value = grown.growth.value?;
        let made = self.project.value_of_place(&self.project.place(value)).unwrap_or(value);
        let Node::Call { callee, .. } = self.project.node(made) else {
            return None;
        };
        let path = self.project.path_of(Ref { node: callee, ..made })?;
        let is_weak = self.project.tables.conventions.weak_references.contains(&path);
        is_weak.then(|| Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: vec![Evidence {
                role: Role::Flow,
                at: made,
                text: "what it refers to may go; the reference and its key stay".into(),
            }],
            tells: true,
        })
    }
}
