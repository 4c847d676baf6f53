//! Ends that surely come: of a gesture that began, of a process whose end is waited for.

use rustc_hash::FxHashSet;

use crate::facts::{BindingKind, Node};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Func, Life, Ref, Use};
use crate::tables::PairRow;

/// Through how many callers the handler of an end is looked for.
const MAX_CALLERS: usize = 3;

impl Judge<'_> {
    /// Whether a release runs when a gesture ends: `document.addEventListener('mouseup', this.stop)`. What a press
    /// began, some release of the button ends, whatever became of the component.
    pub(in crate::lifetime) fn ends_with_gesture(&self, release: Ref) -> bool {
        self.is_heard_at_gesture_end(self.project.function_at(release))
    }

    /// Whether a release runs at the end of a request or connection, which comes in any case:
    /// `request.on('close', () => clearInterval(timer))`.
    pub(in crate::lifetime) fn ends_with_request(&self, release: Ref) -> bool {
        let conventions = &self.project.tables.conventions;
        let uses = self.project.uses(self.project.function_at(release));
        uses.iter().any(|used| {
            let Use::Passed { call, .. } = used else { return false };
            let Some(method) = self.project.facts(call.file).method_call(call.node) else {
                return false;
            };
            let object = Ref {
                node: method.object,
                ..*call
            };
            let event = self.project.argument(*call, 0);
            let is_one_of = |names: &[String]| event.is_some_and(|event| self.project.is_text_of(event, names));
            let life = self.project.life_of(&self.project.place(object));
            matches!(life, Life::Request | Life::Connection)
                && is_one_of(&conventions.ending_events)
                && !is_one_of(&conventions.error_names)
        })
    }

    /// Whether a release is reached from what hears of an end that comes in any case: of a gesture, of the thing that it
    /// is for.
    pub(in crate::lifetime) fn comes_surely(&self, release: Ref) -> bool {
        let mut ending = vec![self.project.function_at(release)];
        for _ in 0..=MAX_CALLERS {
            let hears = |g: &Func| self.is_heard_at_gesture_end(*g) || self.hears_of_an_end_in(*g);
            if ending.iter().any(hears) {
                return true;
            }
            let calls = ending.iter().flat_map(|g| self.project.callers(*g).calls);
            ending = calls.map(|call| self.project.function_at(call)).collect();
            ending.sort_unstable();
            ending.dedup();
        }
        false
    }

    /// Whether a call registers a function for the end of a gesture. A decorator that does so (`@HostListener`) ends with
    /// the component, and hears nothing afterwards.
    fn is_heard_at_gesture_end(&self, g: Func) -> bool {
        let uses = match self.project.method_around(g) {
            Some((owner, name, method)) if method == g => self.project.method_uses(owner, name),
            _ => self.project.uses(g).iter().cloned().collect(),
        };
        uses.iter().any(|used| match used {
            // `on(document, 'mouseup', stop)` names the event second.
            Use::Passed { call, arg } => {
                let facts = self.project.facts(call.file);
                let Node::Call { args, .. } = facts.node(call.node) else {
                    return false;
                };
                let mut before = facts.list(args).take(*arg).map(|node| Ref { node, ..*call });
                before.any(|at| self.is_end_of_gesture(at))
            }
            _ => false,
        })
    }

    /// Whether a value is the name of an event that ends a gesture: `mouseup`.
    pub(in crate::lifetime) fn is_end_of_gesture(&self, event: Ref) -> bool {
        self.project
            .is_text_of(event, &self.project.tables.conventions.gesture_ends)
    }

    /// Whether the code around waits for the end of what it acquires: a promise is settled by its last event.
    pub(in crate::lifetime) fn waits_for_end(&self, a: &Acquisition, flow: &Flow) -> bool {
        let ends = &self.project.tables.conventions.ending_events;
        let mut calls = flow.method_calls.clone();
        for place in &flow.places {
            for at in self.references_in(place, a.at.file) {
                let called = self.project.facts(at.file).method_called_on(at.node);
                calls.extend(called.map(|call| Ref { node: call.at, ..at }));
            }
        }
        calls.into_iter().any(|call| {
            let Node::Call { args, .. } = self.project.node(call) else {
                return false;
            };
            let facts = self.project.facts(call.file);
            let mut args = facts.list(args).map(|node| Ref { file: call.file, node });
            let (Some(event), Some(handler)) = (args.next(), args.next()) else {
                return false;
            };
            let is_end = self
                .project
                .constant_text(event, 0)
                .is_some_and(|text| &*text != "error" && ends.iter().any(|e| e.as_str() == &*text));
            is_end && self.settles(handler)
        })
    }

    /// Whether what an earlier run made is released before, by a function of the platform: `URL.revokeObjectURL(old)`.
    pub(in crate::lifetime) fn frees_before(&self, a: &Acquisition, row: &PairRow) -> bool {
        let f = self.project.function_at(a.at);
        let facts = self.project.facts(f.file);
        let before = facts.span(a.at.node).start;
        self.project.calls_in(f).iter().any(|&node| {
            let call = Ref { file: f.file, node };
            if facts.span(node).end > before || self.is_conditional(call) {
                return false;
            }
            let mut within = FxHashSet::default();
            within.extend(self.project.called_function(call));
            !self.clears(&within, row).is_empty() || self.is_clear(call, row) && !self.clears_another(a, call)
        })
    }

    /// Whether what a call clears is the handle of something else that is acquired: a timeout's own, in its callback.
    fn clears_another(&self, a: &Acquisition, clear: Ref) -> bool {
        let Some((_, args)) = self.callee_of(clear) else {
            return false;
        };
        let Some(&handle) = args.first() else { return false };
        let made = self.project.definitions(&self.project.place(handle));
        let acquired = self.pair_acquisitions(a.at.file);
        !made.is_empty() && made.iter().all(|d| *d != a.at && acquired.iter().any(|o| o.at == *d))
    }

    /// Whether a handler settles a promise: it is a parameter of the promise's function, or calls one.
    pub(in crate::lifetime) fn settles(&self, handler: Ref) -> bool {
        let facts = self.project.facts(handler.file);
        let is_settler = |b| facts.binding(b).kind == BindingKind::Param && self.is_of_executor(handler.file, b);
        match self.project.node(handler) {
            Node::Binding(b) if is_settler(b) => true,
            _ => self.project.function_value(handler, 0).is_some_and(|f: Func| {
                f.file == handler.file && facts.function(f.function).captures.iter().any(|&b| is_settler(b))
            }),
        }
    }
}
