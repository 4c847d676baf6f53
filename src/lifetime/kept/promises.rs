//! Reactions: `then`, `await` and races add one to a promise, and it stays there until the promise settles.

use crate::facts::{BinaryOp, BindingKind, CallKind, LoopKind, Node, NodeId};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::grown::collections::PROMISE;
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Func, Key, Life, NEXT_TURN, Place, Ref, Repetition, Root, Step, Use};
use crate::tables::Every;

/// How a reaction is added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Among others, in a race: what is raced against is meant to outlast the rest.
    Race,
    /// By itself.
    Alone,
}

/// Through how many names and calls the making of a promise is followed.
const MAX_FOLLOWED: u32 = 6;

impl Judge<'_> {
    /// Judges reactions to promises that last.
    pub(in crate::lifetime) fn judge_reactions(&self, file: FileId, out: &mut Vec<Judged>) {
        for (at, promise, way) in self.reactions(file) {
            let place = self.project.place(promise);
            let Some(made) = self.lasting(&place, way, 0) else {
                continue;
            };
            let verdict = self.judge_reaction(at, &place, made);
            out.push(Judged::parked(PROMISE, "reaction", at, place, verdict));
        }
    }

    /// Calls and `await`s that add reactions, with the promise.
    fn reactions(&self, file: FileId) -> Vec<(Ref, Ref, Way)> {
        let facts = self.project.facts(file);
        let conventions = &self.project.tables.conventions;
        let here = |node| Ref { file, node };
        let mut out = Vec::new();
        for call in facts.method_calls() {
            let method = facts.name(call.method);
            if conventions.react.iter().any(|r| r == method) {
                if matches!(facts.node(call.object), Node::Binding(_) | Node::Member { .. }) {
                    out.push((here(call.at), here(call.object), Way::Alone));
                }
            } else if conventions.races.iter().any(|race| race.ends_with(method))
                && self
                    .project
                    .path_of(here(call.callee))
                    .is_some_and(|p| conventions.races.contains(&p))
                && let Some(Node::Array(items)) = facts.item(call.args, 0).map(|a| facts.node(a))
            {
                let members = facts
                    .list(items)
                    .filter(|&i| matches!(facts.node(i), Node::Binding(_) | Node::Member { .. }));
                out.extend(members.map(|item| (here(call.at), here(item), Way::Race)));
            }
        }
        out
    }

    /// Where a promise is made that stays pending as long as its holder lives, if it does.
    fn lasting(&self, place: &Place, way: Way, depth: u32) -> Option<Ref> {
        if depth > MAX_FOLLOWED {
            return None;
        }
        if let Some(at) = self.lent_promise(place) {
            return Some(at);
        }
        if let Some(param) = self.promised_parameter(place) {
            return self.lasting_argument(param, way, depth);
        }
        let is_held = match &place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(*file).binding(*b);
                place.path.is_empty() && binding.kind != BindingKind::Param
            }
            Root::This(_) => place.path.len() == 1,
            _ => false,
        };
        if !is_held {
            return None;
        }
        let definitions = self.project.definitions(place);
        let [only] = definitions[..] else { return None };
        let named = place.last().is_some_and(|n| self.is_ending_name(n))
            || matches!(&place.root, Root::Binding(file, b)
                if place.path.is_empty() && self.is_ending_name(self.project.text(*file, self.project.facts(*file).binding(*b).name)));
        self.made_pending(only, way == Way::Race || named, depth)
    }

    /// A parameter that is a promise itself.
    fn promised_parameter(&self, place: &Place) -> Option<(Func, usize)> {
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let binding = self.project.facts(file).binding(b);
        let is_param = binding.kind == BindingKind::Param && binding.writes == 0 && place.path.is_empty();
        self.project.param_position(file, b).filter(|_| is_param)
    }

    /// Where the promise is made that every caller hands in, if it stays pending.
    fn lasting_argument(&self, (f, index): (Func, usize), way: Way, depth: u32) -> Option<Ref> {
        let callers = self.project.callers(f);
        let mut made = None;
        for call in callers.calls {
            let given = self.project.argument(call, index)?;
            made = Some(self.lasting(&self.project.place(given), way, depth + 1)?);
        }
        made.filter(|_| !callers.goes_elsewhere)
    }

    /// The turns of a loop that nothing counts, where the promise was there before the loop.
    fn turns_around(&self, at: Ref, place: &Place) -> Option<Repetition> {
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let around = self.loop_around(at)?;
        let facts = self.project.facts(around.file);
        let Node::Loop { kind, parts, .. } = facts.node(around.node) else {
            return None;
        };
        let test = match kind {
            LoopKind::While | LoopKind::DoWhile => facts.item(parts, 0),
            LoopKind::For => facts.item(parts, 1),
            LoopKind::ForAwait => None,
            LoopKind::ForIn | LoopKind::ForOf => return None,
        };
        let is_counted = test.is_some_and(|test| match facts.node(test) {
            Node::Binary { op, .. } => !matches!(op, BinaryOp::Eq | BinaryOp::Ne),
            _ => false,
        });
        let is_made_by_turn = file == at.file && facts.is_inside(self.first_node(file, b), around.node);
        (!is_counted && !is_made_by_turn).then(|| Repetition::Repeated {
            every: Every::Turn,
            proven: true,
            steps: vec![Step {
                at: around,
                text: NEXT_TURN.into(),
                row: None,
            }],
        })
    }

    /// The promise of a token that somebody hands to many calls.
    fn lent_promise(&self, place: &Place) -> Option<Ref> {
        let [.., Key::Name(object), Key::Name(property)] = place.path.as_slice() else {
            return None;
        };
        let path = format!("{object}.{property}");
        let lent = &self.project.tables.conventions.lent_promises;
        (lent.contains(&path) && matches!(self.project.life_of(place), Life::Outer | Life::Unknown))
            .then(|| self.declaration(place))
            .flatten()
            .or_else(|| match place.root {
                Root::Value(at) if lent.contains(&path) => Some(at),
                _ => None,
            })
    }

    /// Whether an expression makes a promise that something at the end settles. `trusted`: its use or name says so.
    fn made_pending(&self, at: Ref, trusted: bool, depth: u32) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        match facts.node(at.node) {
            Node::Call {
                callee,
                args,
                kind: CallKind::New,
            } => {
                let path = self.project.path_of(Ref {
                    file: at.file,
                    node: callee,
                })?;
                let promise = self.project.tables.class_type(&path)?;
                if !self.project.tables.is_a(promise, "Promise") {
                    return None;
                }
                let executor = self.project.function_value(
                    Ref {
                        file: at.file,
                        node: facts.item(args, 0)?,
                    },
                    0,
                )?;
                self.settles_at_an_end(executor, trusted).then_some(at)
            }
            Node::Call { callee, .. } => self
                .is_deferred(
                    Ref {
                        file: at.file,
                        node: callee,
                    },
                    trusted,
                )
                .then_some(at),
            Node::Member { object, .. } => {
                // `deferred.promise`.
                let place = self.project.place(Ref {
                    file: at.file,
                    node: object,
                });
                let value = self.project.value_of_place(&place)?;
                (value.node != object)
                    .then(|| self.made_pending(value, trusted, depth + 1))
                    .flatten()
            }
            Node::Binding(_) => {
                let place = self.project.place(at);
                match (&place.root, place.path.len()) {
                    (Root::Value(made), 1) if *made != at => self.made_pending(*made, trusted, depth + 1),
                    (Root::Binding(..), 0) if depth < MAX_FOLLOWED => {
                        let value = self.project.value_of_place(&place)?;
                        (value != at)
                            .then(|| self.made_pending(value, trusted, depth + 1))
                            .flatten()
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_deferred(&self, callee: Ref, trusted: bool) -> bool {
        let deferred = &self.project.tables.conventions.deferred;
        trusted
            && self
                .project
                .last_name(callee)
                .is_some_and(|n| deferred.iter().any(|d| d == n))
    }

    /// Whether what settles an executor's promise is an event at the end of something, or code elsewhere, or nothing.
    fn settles_at_an_end(&self, executor: Func, trusted: bool) -> bool {
        let facts = self.project.facts(executor.file);
        let params: Vec<NodeId> = facts.list(self.project.function(executor).params).collect();
        let mut ends = false;
        let mut is_named = false;
        for param in params {
            let Node::Binding(b) = facts.node(param) else {
                return false;
            };
            for node in facts.references_of(b).filter(|&n| n != param) {
                is_named = true;
                let mut uses = Vec::new();
                self.project.value_uses(
                    Ref {
                        file: executor.file,
                        node,
                    },
                    &mut uses,
                    2,
                );
                let around = self.project.function_at(Ref {
                    file: executor.file,
                    node,
                });
                let stored = matches!(facts.node(facts.parent(node)), Node::Assign { value, .. } if value == node);
                let by_event = uses.iter().any(|u| self.is_passed_to_an_end(u))
                    || around != executor && self.project.uses(around).iter().any(|u| self.is_passed_to_an_end(u));
                if !(by_event || stored && trusted) {
                    return false;
                }
                ends = true;
            }
        }
        // `new Promise(() => {})`: what nothing can settle.
        ends || trusted && !is_named
    }

    /// A handler of an event that comes at the end of something.
    fn is_passed_to_an_end(&self, used: &Use) -> bool {
        let Use::Passed { call, arg } = used else { return false };
        let Node::Call { args, .. } = self.project.node(*call) else {
            return false;
        };
        let conventions = &self.project.tables.conventions;
        *arg > 0
            && self
                .project
                .facts(call.file)
                .item(args, 0)
                .and_then(|node| self.project.constant_text(Ref { file: call.file, node }, 0))
                .is_some_and(|text| {
                    conventions
                        .ending_events
                        .iter()
                        .chain(&conventions.process_ends)
                        .any(|e| e.as_str() == &*text)
                })
    }

    /// `closed`, `aborted`, `shutdownPromise`.
    pub(in crate::lifetime) fn is_ending_name(&self, name: &str) -> bool {
        let bare = name.trim_start_matches(['_', '#', '$']);
        self.project
            .tables
            .conventions
            .ending_names
            .iter()
            .any(|begin| bare.starts_with(begin.as_str()))
    }

    fn judge_reaction(&self, at: Ref, place: &Place, made: Ref) -> Verdict {
        let f = self.project.function_at(at);
        let scope = self.scope_of(f);
        let mut repetition = self.repetition_here(at, f, &scope);
        let lent = self.lent_promise(place).is_some();
        let confidence = match self.holder_of(place, f) {
            Some(holder) => match self.outlives(holder, place, &repetition, f) {
                Ok(confidence) => confidence.max(Confidence::Medium),
                Err(verdict) => return verdict,
            },
            None if lent => Confidence::Medium,
            None if let Some(turns) = self.turns_around(at, place) => {
                repetition = turns;
                Confidence::Medium
            }
            None => return Verdict::unknown("nobody says how long the promise lives"),
        };
        let holder = format!("`{}`", self.show_place(place));
        let mut evidence = vec![Evidence {
            role: Role::Holder,
            at: made,
            text: if lent {
                format!("{holder} is shared by whoever hands it in")
            } else {
                format!("{holder} stays pending until the end")
            },
        }];
        evidence.extend(self.context_evidence(&repetition));
        Verdict::Leak(Leak {
            cause: Cause::NeverReleased,
            confidence,
            holder,
            often: self.often(&repetition, at),
            remedy: Remedy::default(),
            evidence,
        })
    }
}
