//! Chains of timeouts that wait for something between two of them. The end of their owner clears the timeout that is set;
//! while the chain waits none is, and it sets the next one afterwards, for ever, unless something on its way tells it that
//! the end has come.

use rustc_hash::FxHashSet;

use crate::facts::{BindingKind, FunctionId, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Root};

/// How deep a condition is taken apart.
const MAX_DEPTH: u32 = 8;

/// What runs at the end of the owner of a chain.
struct End {
    /// Every function that runs.
    reach: FxHashSet<Func>,
    /// What methods are called on.
    touched: Vec<Place>,
    /// Whether a framework runs it.
    by_framework: bool,
}

impl Judge<'_> {
    /// Evidence that the end of its owner may come while a chain waits, and that it goes on then. With whether a
    /// framework runs that end.
    pub(in crate::lifetime) fn rearmed_after_end(
        &self,
        a: &Acquisition,
        scope: &Scope,
        right: &[&Release],
        way: &[Ref],
    ) -> Option<(Vec<Evidence>, bool)> {
        let waits = self.waits_on_way(way)?;
        let end = self.end_of_chain(scope)?;
        let is_at_end = |r: &&&Release| end.reach.contains(&self.project.function_at(r.at));
        let release = right.iter().find(is_at_end)?;
        let runs_at_end = way
            .iter()
            .any(|step| end.reach.contains(&self.project.function_at(*step)));
        if runs_at_end || self.waits_first(release.at) || self.is_called_off(waits, &end) {
            return None;
        }
        let conditions = self.conditions_of(a.at);
        let tells = |test: Ref| !self.is_blind(test, way, &end, 0);
        if conditions.into_iter().any(|(test, _)| tells(test)) || !self.leaves_by_conditions_only(a.at) {
            return None;
        }
        let evidence = |role, at, text: &str| Evidence {
            role,
            at,
            text: text.into(),
        };
        let out = vec![
            evidence(Role::Flow, waits, "the owner may be gone when this goes on"),
            evidence(
                Role::Release,
                release.at,
                "has run by then, and clears what was set before",
            ),
        ];
        Some((out, end.by_framework))
    }

    /// Evidence that all which clears the timeouts of a chain stands where it sets the next one: that takes the place of
    /// the one before, and the end of the owner, which the chain goes on after, clears none.
    pub(in crate::lifetime) fn only_restarted(
        &self,
        a: &Acquisition,
        scope: &Scope,
        flow: &Flow,
        right: &[&Release],
        way: &[Ref],
    ) -> Option<(Cause, Evidence)> {
        let clears_former = |r: &&Release| {
            let g = self.project.function_at(r.at);
            let mut steps = way.iter();
            steps.any(|step| self.project.function_at(*step) == g && self.is_before(r.at, *step))
        };
        let first = right.first()?;
        let is_own = |place: &Place| matches!(place.root, Root::This(_)) && place.path.len() == 1;
        let goes_elsewhere = flow.other || !flow.returned.is_empty() || !flow.collections.is_empty();
        if !right.iter().all(clears_former) || !flow.places.iter().any(is_own) || goes_elsewhere {
            return None;
        }
        let end = self.end_of_chain(scope)?;
        let is_endless = self.is_bare(a.at) && !end.reach.is_empty() && !self.is_given_away(flow, right);
        is_endless.then(|| {
            let text = "clears the one before only; the end of the owner clears none";
            let evidence = Evidence {
                role: Role::Release,
                at: first.at,
                text: text.into(),
            };
            (Cause::NotOnTeardown, evidence)
        })
    }

    /// Whether a handle is handed to a call that does not release it.
    fn is_given_away(&self, flow: &Flow, right: &[&Release]) -> bool {
        flow.passed.iter().any(|call| right.iter().all(|r| r.at != *call))
    }

    /// What is waited for on the way to the next timeout.
    fn waits_on_way(&self, way: &[Ref]) -> Option<Ref> {
        let mut next = way.iter().skip(1);
        way.iter().find_map(|&step| {
            let f = self.project.function_at(step);
            let after = next.next().copied();
            if let Some(found) = self.last_await_of(step, f.function, step.node, |value| !self.is_quick(value)) {
                return Some(Ref { node: found, ..step });
            }
            let facts = self.project.facts(step.file);
            let is_promise = |call: &Ref| call.file == step.file && facts.is_inside(step.node, call.node);
            after
                .filter(is_promise)
                // A timeout in between has a handle of its own, and a verdict.
                .filter(|call| !self.is_soon(*call) && !self.is_given_up(*call) && self.delayed(*call).is_none())
        })
    }

    /// Whether what is waited for is there at once: after a tick, or by a function that waits for nothing itself.
    fn is_quick(&self, value: Ref) -> bool {
        if self.is_soon(value) {
            return true;
        }
        let Some(f) = self.project.called_function(value) else {
            return !matches!(
                self.project.node(value),
                Node::Call { .. } | Node::Binding(_) | Node::Member { .. }
            );
        };
        let waits = |&node: &_| matches!(self.project.facts(f.file).node(node), Node::Await(_));
        let gives = self.project.returned_values(f);
        !self.project.jumps_in(f).iter().any(waits)
            && gives
                .iter()
                .all(|v| !matches!(self.project.node(*v), Node::Call { .. } | Node::Binding(_)))
    }

    /// Whether a release comes only after something was waited for.
    fn waits_first(&self, release: Ref) -> bool {
        let f = self.project.function_at(release);
        self.last_await(release, f.function, release.node).is_some()
    }

    /// What runs at the end of the owner of a chain, if that comes and goes.
    fn end_of_chain(&self, scope: &Scope) -> Option<End> {
        let (ends, by_framework) = match scope {
            Scope::Effect { setup } => {
                let around = Func {
                    file: setup.file,
                    function: self.project.function(*setup).parent.unwrap_or(FunctionId::MODULE),
                };
                let mut ends = self.cleanup_of(*setup);
                ends.extend(self.teardown_callbacks(around));
                ends.extend(self.cleanups_in(around));
                (ends, true)
            }
            Scope::Setup { outer, teardowns } => {
                let mut ends = teardowns.clone();
                ends.extend(self.cleanups_in(*outer));
                (ends, true)
            }
            Scope::Owner { owner, .. } => {
                let (mut ends, by_framework) = self.teardowns(*owner);
                if !by_framework {
                    if self.is_singleton(*owner) || self.is_made_at_start(*owner) {
                        return None;
                    }
                    ends.retain(|end| self.is_plainly_an_end(*end));
                }
                (ends, by_framework)
            }
            Scope::Function => return None,
        };
        let reach = self.project.reach(&ends);
        let touched = reach.iter().flat_map(|f| self.receivers_in(*f)).collect();
        Some(End {
            reach,
            touched,
            by_framework,
        })
    }

    /// What a function calls methods on, its own object aside.
    fn receivers_in(&self, f: Func) -> impl Iterator<Item = Place> {
        let calls = self
            .project
            .calls_in(f)
            .iter()
            .map(move |&node| Ref { file: f.file, node });
        calls.filter_map(|call| {
            let (callee, _) = self.callee_of(call)?;
            let Node::Member { object, .. } = self.project.node(callee) else {
                return None;
            };
            let place = self.project.place(Ref { node: object, ..callee });
            (!matches!(place.root, Root::This(_)) || !place.path.is_empty()).then_some(place)
        })
    }

    /// Whether the end does something to what is waited for, which then may fail: `client.close()`, `controller.abort()`.
    fn is_called_off(&self, waits: Ref, end: &End) -> bool {
        let value = match self.project.node(waits) {
            Node::Await(value) => Ref { node: value, ..waits },
            _ => waits,
        };
        let asked = self.project.called_function(value);
        let within = asked.into_iter().flat_map(|f| self.receivers_in(f));
        let is_touched = |place: &Place| self.is_touched(place, end);
        self.ends_a_signal(end)
            || self.reads_in(value).iter().any(is_touched)
            || within.into_iter().any(|p| is_touched(&p))
    }

    /// Whether the end gives a signal up, which may be that of a request in another function.
    fn ends_a_signal(&self, end: &End) -> bool {
        let ends = &self.project.tables.conventions.gives_up_by;
        end.reach.iter().any(|f| {
            self.project.calls_in(*f).iter().any(|&node| {
                let callee = self.callee_of(Ref { file: f.file, node });
                let name = callee.and_then(|(callee, _)| self.project.last_name(callee));
                name.is_some_and(|name| ends.iter().any(|e| e == name))
            })
        })
    }

    /// The places that an expression reads, the functions in it aside.
    pub(in crate::lifetime) fn reads_in(&self, value: Ref) -> Vec<Place> {
        let mut out = Vec::new();
        let mut queue = vec![value.node];
        let facts = self.project.facts(value.file);
        while let Some(node) = queue.pop() {
            match facts.node(node) {
                Node::Function(_) => continue,
                Node::Binding(_) | Node::Member { .. } => out.push(self.project.place(Ref { node, ..value })),
                _ => {}
            }
            facts.children(node, |child| queue.push(child));
        }
        out
    }

    /// Whether the end calls a method on a place.
    fn is_touched(&self, place: &Place, end: &End) -> bool {
        end.touched.iter().any(|t| self.project.same_place(t, place))
    }

    /// Whether a test comes out the same whether the end has come or not: it asks what that does not change, and what
    /// the turn of the chain did not just get.
    fn is_blind(&self, test: Ref, way: &[Ref], end: &End, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let inner = |node| self.is_blind(Ref { node, ..test }, way, end, depth + 1);
        match self.project.node(test) {
            Node::Number(_) | Node::Str(_) | Node::Bool(_) | Node::Null | Node::Undefined => true,
            Node::Unary { value, .. } => inner(value),
            Node::Binary { left, right, .. } | Node::Logical { left, right, .. } => inner(left) && inner(right),
            Node::Binding(_) | Node::Member { .. } => self.is_left_alone(test, way, end),
            _ => false,
        }
    }

    /// Whether the end leaves a place as it is, as far as can be seen, and no turn of the chain fills it.
    fn is_left_alone(&self, at: Ref, way: &[Ref], end: &End) -> bool {
        let place = self.project.place(at);
        let of_turn = |f: Func| way.iter().any(|step| self.project.function_at(*step) == f) || end.reach.contains(&f);
        if let Root::Binding(file, b) = place.root {
            let binding = self.project.facts(file).binding(b);
            let function = binding.function;
            if binding.kind == BindingKind::Import || of_turn(Func { file, function }) {
                return false;
            }
        }
        let is_known = match place.root {
            Root::Binding(..) | Root::Value(_) => true,
            Root::This(_) => !self.project.definitions(&self.first_part(&place)).is_empty(),
            _ => false,
        };
        let whole = (0..=place.path.len()).map(|n| Place {
            root: place.root.clone(),
            path: place.path[..n].to_vec(),
        });
        is_known
            && whole.into_iter().all(|part| {
                let is_set = self
                    .project
                    .definitions(&part)
                    .into_iter()
                    .any(|d| of_turn(self.project.function_at(d)));
                !is_set && !self.is_touched(&part, end)
            })
    }

    /// The field of an object that a place begins with.
    fn first_part(&self, place: &Place) -> Place {
        Place {
            root: place.root.clone(),
            path: place.path.iter().take(1).cloned().collect(),
        }
    }
}
