//! What a framework ends with the component that is being set up, begun where none is: after an `await`, in a function
//! that draws, in a handler.
//!
//! Vue binds a watcher, and what a composable cleans up, to the component or scope that is active at that moment. Where
//! none is active nothing ends it, however carefully the composable registers its cleanup.

use crate::facts::{CallKind, FunctionId, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{FileId, Func, Place, Ref, Repetition, Root, Use};
use crate::tables::{Bound, Every, PairRow};

/// Through how many of the project's own functions a binding call is looked for.
const MAX_DEPTH: u32 = 4;

/// How many arguments of a call are asked whether a framework runs them.
const MAX_ARGUMENTS: usize = 3;

/// Why no component is active.
struct Inactive {
    at: Ref,
    text: &'static str,
    /// Whether the code runs again and again on one component.
    repeats: bool,
}

impl Judge<'_> {
    /// The calls of a file that rely on an active component where there is none.
    pub(in crate::lifetime) fn judge_unbound(&self, file: FileId, out: &mut Vec<Judged>) {
        let mut rows = self.project.tables.pairs.iter();
        let Some(row) = rows.position(|p| p.bound).filter(|_| self.knows_components(file)) else {
            return;
        };
        for &node in &self.project.facts(file).calls {
            let call = Ref { file, node };
            let Some(bound) = self.binds(call, 0) else { continue };
            let Some(inactive) = self.inactive_at(call) else {
                continue;
            };
            if self.is_for_own_target(call)
                || self.is_kept_by_caller(call)
                || self.pair_acquisitions(file).iter().any(|a| a.at == call)
            {
                continue;
            }
            out.push(self.unbound(call, row, bound, &inactive));
        }
    }

    /// Whether a file imports something that is bound to the active component.
    fn knows_components(&self, file: FileId) -> bool {
        let facts = self.project.facts(file);
        let mut rows = self.project.tables.contexts.iter().filter(|c| c.bound.is_some());
        let imports = |module: &str| facts.imports.iter().any(|i| facts.name(i.specifier) == module);
        rows.any(|row| {
            row.call
                .iter()
                .any(|c| c.split_once(':').is_some_and(|(m, _)| imports(m)))
        })
    }

    /// What a call binds to the active component, itself or by the project's own function that it calls.
    fn binds(&self, call: Ref, depth: u32) -> Option<Bound> {
        let by_row = (0..MAX_ARGUMENTS).find_map(|arg| {
            let (row, _) = self.project.context_of(call, arg)?;
            let bound = self.project.tables.contexts[row].bound?;
            let handler = self.project.argument(call, arg)?;
            Some(if self.begins_something(handler) {
                Bound::Holder
            } else {
                bound
            })
        });
        if by_row.is_some() || depth > MAX_DEPTH {
            return by_row.filter(|_| !self.is_told_to_end(call));
        }
        let g = self.project.called_function(call)?;
        let calls = self.project.calls_in(g).iter();
        calls
            .map(|&node| Ref { file: g.file, node })
            .filter(|&inner| !self.is_kept_around(inner, g))
            .filter_map(|inner| self.binds(inner, depth + 1))
            .max()
    }

    /// Whether something around a function holds what a call in it gives: `stop = watch(...)`.
    fn is_kept_around(&self, call: Ref, g: Func) -> bool {
        let is_around = |place: &Place| match place.root {
            Root::Binding(file, b) => self.project.facts(file).binding(b).function != g.function,
            _ => true,
        };
        self.flow(call).places.iter().any(is_around)
    }

    /// Whether a function that a watcher runs registers or starts something.
    fn begins_something(&self, handler: Ref) -> bool {
        let Some(f) = self.project.function_value(handler, 0) else {
            return false;
        };
        let begun = self.pair_acquisitions(f.file).iter();
        begun
            .filter(|a| self.project.is_within(self.project.function_at(a.at), f))
            .any(|a| matches!(a.kind, Kind::Pair { row, .. } if !self.project.tables.pairs[row].one_shot))
    }

    /// `watch(source, f, { once: true })`
    fn is_told_to_end(&self, call: Ref) -> bool {
        let told = |arg: usize| {
            let options = self.project.argument(call, arg)?;
            self.project.property(options, "once")
        };
        (0..=MAX_ARGUMENTS).any(|arg| told(arg).is_some())
    }

    /// Whether the call is about an object that its function makes, and that ends with what it holds.
    fn is_for_own_target(&self, call: Ref) -> bool {
        let f = self.project.function_at(call);
        let facts = self.project.facts(call.file);
        let is_new = |node| {
            matches!(
                facts.node(node),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            )
        };
        self.project
            .argument(call, 0)
            .is_some_and(|target| match self.project.node(target) {
                Node::Binding(b) => {
                    let binding = facts.binding(b);
                    binding.function == f.function && binding.init.is_some_and(is_new)
                }
                _ => false,
            })
    }

    /// Whether who calls gets something to end it by.
    fn is_kept_by_caller(&self, call: Ref) -> bool {
        let flow = self.flow(call);
        if flow.dropped {
            return false;
        }
        let Some(g) = self.project.called_function(call) else {
            return true;
        };
        let facts = self.project.facts(g.file);
        self.project
            .returned_values(g)
            .into_iter()
            .any(|v| match self.project.node(v) {
                Node::Object(list) => facts.list(list).any(|p| match facts.node(p) {
                    Node::Property { value, .. } => self.project.function_value(Ref { node: value, ..v }, 0).is_some(),
                    _ => true,
                }),
                _ => self.project.function_value(v, 0).is_some() || self.is_handle_of_bound(v),
            })
    }

    /// Whether a value is what a call gives that binds something: `const stop = watch(...)`.
    fn is_handle_of_bound(&self, value: Ref) -> bool {
        let made = self.project.value_of_place(&self.project.place(value));
        made.is_some_and(|m| matches!(self.project.node(m), Node::Call { .. }) && self.binds(m, 0).is_some())
    }

    /// Why no component is active where a call stands.
    fn inactive_at(&self, call: Ref) -> Option<Inactive> {
        let h = self.project.function_at(call);
        if h.function == FunctionId::MODULE {
            return None;
        }
        // The compiler of `<script setup>` makes the component active again after each wait of its own.
        let is_instance = self.project.facts(h.file).instance == Some(h.function);
        if self.project.function(h).flags.is_async
            && !is_instance
            && let Some(node) = self.last_await(call, h.function, call.node)
        {
            return Some(Inactive {
                at: Ref { node, ..call },
                text: "no component is active any more when this goes on",
                repeats: false,
            });
        }
        let uses = self.project.uses(h);
        uses.iter().find_map(|used| match used {
            Use::Returned { from } if self.is_setup_of_component(*from) => Some(Inactive {
                at: self.project.function_node(h),
                text: "runs each time the component is drawn, and no component is active then",
                repeats: true,
            }),
            Use::Attribute { at } => Some(Inactive {
                at: *at,
                text: "runs for each event, and no component is active then",
                repeats: true,
            }),
            Use::Passed { call: to, arg } => {
                let (row, _) = self.project.context_of(*to, *arg)?;
                let row = &self.project.tables.contexts[row];
                let later = row.every == Every::Later;
                let runs_alone = row.bound.is_none() && (later || row.every == Every::Event || row.every.goes_on());
                runs_alone.then_some(Inactive {
                    at: *to,
                    text: "runs later, and no component is active then",
                    repeats: !later,
                })
            }
            _ => None,
        })
    }

    fn is_setup_of_component(&self, f: Func) -> bool {
        let around = self.project.method_around(f);
        around.is_some_and(|(owner, name, method)| {
            name == "setup" && method == f && self.project.lifecycle(owner).is_some()
        })
    }

    fn unbound(&self, call: Ref, row: usize, bound: Bound, inactive: &Inactive) -> Judged {
        let pair: &PairRow = &self.project.tables.pairs[row];
        let acquisition = Acquisition::of_row(row, pair, call, true);
        let repetition = self.project.repetition(self.project.function_at(call));
        let sure = inactive.repeats || bound == Bound::Holder;
        let once = matches!(repetition, Repetition::Once);
        let verdict = if once {
            Verdict::bounded("this code runs once")
        } else {
            let scope = self.scope_of(self.project.function_at(call));
            Verdict::Leak(Leak {
                cause: Cause::NeverReleased,
                confidence: if sure { Confidence::Medium } else { Confidence::Low },
                holder: pair.holder.clone().unwrap_or_default(),
                often: self.often(&repetition, call),
                remedy: self.remedy(&acquisition, pair, Cause::NeverReleased, &scope, &repetition),
                evidence: vec![Evidence {
                    role: Role::Context,
                    at: inactive.at,
                    text: inactive.text.into(),
                }],
            })
        };
        Judged { acquisition, verdict }
    }
}
