//! Outcomes of a wait: what is made for a promise ends as the promise is settled, whichever way that comes.

use crate::facts::{BindingId, BindingKind, CallKind, Node, NodeId};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::settlers::Wait;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{FileId, Func, Place, Ref, Root, Use};

impl Judge<'_> {
    /// The wait that something is made for, if the callbacks of one promise end it, and each of them settles that.
    pub(in crate::lifetime) fn wait_with_handle<'a>(
        &self,
        a: &'a Acquisition,
        flow: &Flow,
        right: &'a [&'a Release],
    ) -> Option<Wait<'a>> {
        let row = &self.project.tables.pairs[a.row()?];
        let is_handed_on = flow.passed.iter().any(|call| right.iter().all(|r| r.at != *call));
        let is_kept = !flow.collections.is_empty() || !flow.returned.is_empty() || flow.other || flow.taken_apart;
        if a.target().is_some() || row.one_shot || row.collectable || is_handed_on || is_kept {
            return None;
        }
        let f = self.project.function_at(a.at);
        let on = flow.places.iter().find(|p| self.is_variable_of(p, f))?.clone();
        if !flow
            .places
            .iter()
            .all(|p| self.is_variable_of(p, f) || !p.path.is_empty() && self.is_own_object(p, f))
        {
            return None;
        }
        let executor = self.executor_with_all(f, right)?;
        let promise = self.project.facts(f.file).parent(self.project.function(executor).node);
        if executor != f && !self.is_reached_with(Ref { node: promise, ..a.at }, a.at) {
            return None;
        }
        let ends = |g: &Func| {
            let reached = self.project.reach(&[*g]);
            right.iter().any(|r| reached.contains(&self.project.function_at(r.at)))
        };
        let is_callback = |g: &Func| {
            !self
                .project
                .uses(*g)
                .iter()
                .all(|used| matches!(used, Use::Called { .. }))
        };
        let callbacks = self.project.inner_functions(executor);
        let ending: Vec<Func> = callbacks.filter(|g| ends(g) && is_callback(g)).collect();
        let all_settle = !ending.is_empty() && ending.iter().all(|g| self.leads_to_settling(executor, *g));
        all_settle.then_some(Wait {
            a,
            on,
            handler: None,
            executor,
            callback: None,
            right,
        })
    }

    /// Whether a place is a variable of a function, or of one in it.
    fn is_variable_of(&self, place: &Place, f: Func) -> bool {
        place.path.is_empty() && self.is_own_object(place, f)
    }

    /// Whether a place is a variable of a function, or of one in it, or a part of what one holds that is no parameter.
    fn is_own_object(&self, place: &Place, f: Func) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        let binding = facts.binding(b);
        let is_param = binding.kind == BindingKind::Param;
        file == f.file && !is_param && facts.is_nested(binding.function, f.function)
    }

    /// The executor that a function is, or that is written in it, in whose callbacks all the releases stand.
    fn executor_with_all(&self, f: Func, right: &[&Release]) -> Option<Func> {
        let mut found = None;
        for release in right {
            let g = self.project.function_at(release.at);
            let mut around = self.functions_around(g).skip(1);
            let executor = around.find(|h| self.is_executor(*h) && self.project.is_within(*h, f))?;
            if found.is_some_and(|other| other != executor) {
                return None;
            }
            found = Some(executor);
        }
        found.filter(|e| *e == f || self.project.function(*e).parent == Some(f.function))
    }

    /// A function and those that it is written in, from the inside.
    fn functions_around(&self, f: Func) -> impl Iterator<Item = Func> + '_ {
        std::iter::successors(Some(f), |g| {
            let parent = self.project.function(*g).parent?;
            Some(Func { function: parent, ..*g })
        })
    }

    /// Whether a function leads to a call that settles the promise of an executor.
    pub(in crate::lifetime) fn leads_to_settling(&self, executor: Func, g: Func) -> bool {
        self.project.reach(&[g]).iter().any(|h| {
            let calls = self.project.calls_in(*h).iter();
            let mut calls = calls.map(|&node| Ref { file: h.file, node });
            calls.any(|call| self.is_settling_call(executor, call))
        })
    }

    /// The parameter of a function that every callback of it which releases calls, at last or when something fails.
    pub(in crate::lifetime) fn callback_of_wait(&self, f: Func, right: &[&Release]) -> Option<BindingId> {
        let facts = self.project.facts(f.file);
        let mut callbacks = facts
            .list(facts.function(f.function).params)
            .filter_map(|p| match facts.node(p) {
                Node::Binding(b) if facts.binding(b).writes == 0 => Some(b),
                _ => None,
            });
        let is_called_with = |b: BindingId, r: &Release| {
            let g = self.project.function_at(r.at);
            let outer = self.functions_around(g).take_while(|h| *h != f).last();
            let run = outer.filter(|_| g != f && self.project.is_within(g, f));
            run.is_some_and(|h| {
                let around = self.project.function(h).node;
                facts.references_of(b).any(|n| {
                    let is_callee = matches!(facts.node(facts.parent(n)), Node::Call { callee, .. } if callee == n);
                    is_callee && facts.is_inside(n, around)
                })
            })
        };
        callbacks.find(|b| !right.is_empty() && right.iter().all(|r| is_called_with(*b, r)))
    }

    /// Whether a call settles the promise of a wait, or tells its callback of a failure.
    pub(in crate::lifetime) fn ends_wait(&self, wait: &Wait<'_>, call: Ref) -> bool {
        let Some(callback) = wait.callback else {
            return self.is_settling_call(wait.executor, call);
        };
        let Some((callee, args)) = self.callee_of(call) else {
            return false;
        };
        let is_callback = callee.file == wait.executor.file && self.project.node(callee) == Node::Binding(callback);
        is_callback && args.first().is_some_and(|first| self.is_error(*first))
    }

    /// `new Error("...")`, or what is called like an error.
    fn is_error(&self, at: Ref) -> bool {
        let name = match self.project.node(at) {
            Node::Call {
                callee,
                kind: CallKind::New,
                ..
            } => {
                let class = self.project.last_name(Ref { node: callee, ..at });
                return class.is_some_and(|c| c.ends_with("Error"));
            }
            _ => self.project.last_name(at),
        };
        let names = &self.project.tables.conventions.error_names;
        name.is_some_and(|name| names.iter().any(|n| n == name))
    }

    /// Whether a variable that a call is handed ends a wait when it is called: what settles its promise, its callback
    /// where the call is about failures.
    pub(in crate::lifetime) fn settles_when_called(
        &self,
        wait: &Wait<'_>,
        call: Ref,
        file: FileId,
        b: BindingId,
    ) -> bool {
        let Some(callback) = wait.callback else {
            return self.is_settling(wait.executor, file, b);
        };
        let names = &self.project.tables.conventions.error_names;
        let event = self.project.argument(call, 0);
        let tells_failure = event.is_some_and(|event| self.project.is_text_of(event, names));
        file == wait.executor.file && b == callback && tells_failure
    }

    /// The value of a property that something calls when it comes, which settles the promise of a wait and leaves what
    /// was made for it: `picture.onerror = reject`.
    pub(in crate::lifetime) fn settled_by_property(
        &self,
        wait: &Wait<'_>,
        releases: &impl Fn() -> Vec<Release>,
    ) -> Option<Ref> {
        let facts = self.project.facts(wait.executor.file);
        self.project.writes_in(wait.executor).iter().find_map(|&write| {
            let Node::Assign { target, value, .. } = facts.node(write) else {
                return None;
            };
            let Node::Member { object, property, .. } = facts.node(target) else {
                return None;
            };
            let event = facts.name(property).strip_prefix("on")?;
            let at = Ref {
                node: write,
                ..wait.a.at
            };
            let on = self.project.place(Ref { node: object, ..at });
            let is_its_own_end =
                self.project.same_place(&on, &wait.on) && self.is_ending_event(event) && !self.is_survived(wait, event);
            let comes_before = facts.span(write).start < facts.span(wait.a.at.node).start;
            if is_its_own_end || comes_before || !self.is_reached_with(at, wait.a.at) {
                return None;
            }
            let value = Ref { node: value, ..at };
            let leaves = match self.project.node(value) {
                Node::Binding(b) if wait.callback.is_none() && self.is_settling(wait.executor, value.file, b) => {
                    !self.is_released_later(wait, None)
                }
                _ => {
                    let g = self.project.function_value(value, 0);
                    g.is_some_and(|g| self.leaves_for_good(wait, g, releases))
                }
            };
            leaves.then_some(value)
        })
    }

    /// Whether what a wait has goes on after an event of its own.
    pub(in crate::lifetime) fn is_survived(&self, wait: &Wait<'_>, event: &str) -> bool {
        let row = wait.a.row().map(|row| &self.project.tables.pairs[row]);
        wait.handler.is_none() && row.is_some_and(|row| row.survives.iter().any(|e| e == event))
    }

    fn is_ending_event(&self, event: &str) -> bool {
        let events = &self.project.tables.conventions.ending_events;
        events.iter().any(|e| e == event)
    }

    /// Where one of the callbacks that lead to the end of what a wait has settles the promise before it gets there:
    /// `if (error) return reject(error)`.
    pub(in crate::lifetime) fn settled_on_the_way(&self, wait: &Wait<'_>) -> Option<Ref> {
        let on_way = wait.right.iter().flat_map(|r| {
            let around = self.functions_around(self.project.function_at(r.at));
            around.take_while(|g| *g != wait.executor)
        });
        let mut on_way: Vec<Func> = on_way.collect();
        on_way.sort_unstable();
        on_way.dedup();
        on_way.into_iter().find_map(|g| {
            let facts = self.project.facts(g.file);
            let call = Ref {
                file: g.file,
                node: facts.parent(self.project.function(g).node),
            };
            let tells_of_begin = call == wait.a.at && wait.a.handler().is_none();
            if tells_of_begin || self.hears_its_end(call, wait) {
                return None;
            }
            self.settles_before_release(wait, g)
        })
    }

    /// Where a callback which ends what a wait has settles the promise on another way, which leads to no end.
    pub(in crate::lifetime) fn settles_before_release(&self, wait: &Wait<'_>, g: Func) -> Option<Ref> {
        if self.tells_of_no_start(g, std::slice::from_ref(&wait.on)) {
            return None;
        }
        let calls: Vec<Ref> = self
            .project
            .calls_in(g)
            .iter()
            .map(|&node| Ref { file: g.file, node })
            .collect();
        let is_end = |call: &Ref| wait.right.iter().any(|r| r.at == *call);
        let mut ends: Vec<Ref> = Vec::new();
        for call in &calls {
            let called = self.project.called_function(*call);
            let reached = called.map(|h| self.project.reach(&[h])).unwrap_or_default();
            let leads = wait
                .right
                .iter()
                .any(|r| reached.contains(&self.project.function_at(r.at)));
            if is_end(call) || leads {
                ends.push(*call);
            } else if self.may_end(wait, *call) {
                return None;
            }
        }
        // What is handed a function that ends it may run that in any case.
        let inner = self.project.inner_functions(g).filter(|h| {
            let reached = self.project.reach(&[*h]);
            wait.right
                .iter()
                .any(|r| reached.contains(&self.project.function_at(r.at)))
        });
        ends.extend(inner.map(|h| self.project.function_node(h)));
        let is_way_out = |call: &Ref| self.ends_wait(wait, *call);
        let is_joined = |call: &Ref| {
            ends.iter()
                .any(|end| self.goes_on_to(*end, *call) || self.goes_on_to(*call, *end))
        };
        let mut ways_out = calls.iter().filter(|call| is_way_out(call) && !is_joined(call));
        ways_out.next().copied().filter(|_| !ends.is_empty())
    }

    /// Whether control may go on from one node of a function to a later one, as far as branches and jumps tell.
    fn goes_on_to(&self, from: Ref, to: Ref) -> bool {
        if !self.is_before(from, to) || self.exclude_each_other(from, to) {
            return false;
        }
        let facts = self.project.facts(from.file);
        let (start, end) = (facts.span(from.node).start, facts.span(to.node).start);
        let leaves = |node: NodeId| {
            let block = facts.parent(node);
            let begins = facts.span(node).start;
            // A test before a jump does not lead to it each time.
            let is_plain = !matches!(facts.node(block), Node::If { .. });
            let comes_between = is_plain && (start..end).contains(&begins) && facts.is_inside(from.node, block);
            !facts.is_inside(to.node, node) && (comes_between || facts.is_inside(from.node, node))
        };
        let jumps = self.project.jumps_in(self.project.function_at(from)).iter();
        !jumps
            .copied()
            .any(|node| matches!(facts.node(node), Node::Return(_) | Node::Throw(_)) && leaves(node))
    }
}
