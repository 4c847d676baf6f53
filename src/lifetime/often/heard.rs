//! Listeners that a listener adds: each time an object hears an event, it registers one more function on what stays the
//! same, and takes none off.
//!
//! `el.addEventListener("click", () => { this.box.addEventListener("scroll", () => this.fit()); })`: after ten clicks the
//! box has ten listeners, and each scroll runs all of them. That the box is the object's own bounds them by its life
//! only.

use crate::facts::{BindingKind, Node};
use crate::finding::Role;
use crate::lifetime::held::lent::Lent;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Key, Life, Place, Ref, Repetition, Root, Use};
use crate::tables::Every;

/// Through how many functions a listener is looked for.
const MAX_CALLERS: u32 = 2;

impl Judge<'_> {
    /// Evidence that an object adds a new function to the same receiver each time it hears an event.
    pub(in crate::lifetime) fn added_at_each_hearing(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let target = self.adds_one_more(a)?;
        if self.project.tables.pairs[a.row()?].stream {
            return None;
        }
        // Another event each time is another listener.
        let is_one_event = match &a.kind {
            Kind::Pair { key: Some(key), .. } => self.project.constant_text(*key, 0).is_some(),
            _ => true,
        };
        if !is_one_event {
            return None;
        }
        let on = self.project.place(target);
        let f = self.project.function_at(a.at);
        let (of, name, top) = self.project.method_around(f)?;
        let is_part = matches!(on.root, Root::This(_)) && (on.path.is_empty() || self.is_the_same_each_time(&on));
        if !is_part || f == top && name == "constructor" || self.is_let_in_beside(&on, a.at, f) {
            return None;
        }
        let again = match f == top {
            true => self.heard_again(of, name, &on, 0)?,
            false => self.listens_with(f)?,
        };
        if self.is_filled_by_run(target) {
            return None;
        }
        releases().is_empty().then(|| {
            vec![Evidence {
                role: Role::Context,
                at: again,
                text: format!("runs this again, and `{}` gets one more", self.show(target)),
            }]
        })
    }

    /// Evidence that a listener adds, at each event, a new function to what was there before it: a variable of a function
    /// around the listener, or a part of what that holds.
    pub(in crate::lifetime) fn added_by_listener_to_outer(
        &self,
        a: &Acquisition,
        repetition: &Repetition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let target = self.adds_one_more(a)?;
        let Kind::Pair { options: None, key, .. } = a.kind else {
            return None;
        };
        let is_one_event = key.is_none_or(|k| self.project.constant_text(k, 0).is_some());
        let on = self.project.place(target);
        let is_weighed_by_life = match self.project.life_of(&on) {
            Life::Process => true,
            // What was handed over, nobody may see by whom; it is the same at each event. Its parts need not be.
            Life::Outer => !on.path.is_empty() || self.lent(a, target) != Lent::Unknown,
            _ => false,
        };
        if !is_one_event || self.project.tables.pairs[a.row()?].stream || is_weighed_by_life && repetition.is_repeated()
        {
            return None;
        }
        let f = self.project.function_at(a.at);
        let (listener, again) = self.listener_above(a.at, &on, 0)?;
        // What hears its own beginning may end with it: `shown`, and `hidden` of the same.
        let heard = self.pair_acquisitions(again.file).iter().find(|o| o.at == again);
        let emitter = heard.and_then(Acquisition::target);
        let is_own = emitter.is_some_and(|emitter| self.project.same_place(&self.project.place(emitter), &on));
        if is_own || !self.is_of_outer(&on, listener, f) || self.is_emptied_before(a.at, &on, key) {
            return None;
        }
        let flow = self.flow(a.at);
        let is_kept = !flow.places.is_empty() || !flow.collections.is_empty();
        (!is_kept && releases().is_empty()).then(|| {
            vec![Evidence {
                role: Role::Context,
                at: again,
                text: format!("runs this again, and `{}` gets one more", self.show(target)),
            }]
        })
    }

    /// Whether code before a node calls something on what a receiver keeps for one event: `form.events.input.empty()`.
    fn is_emptied_before(&self, at: Ref, on: &Place, key: Option<Ref>) -> bool {
        let Some(event) = key.and_then(|k| self.project.constant_text(k, 0)) else {
            return false;
        };
        let facts = self.project.facts(at.file);
        let calls = self.project.calls_in(self.project.function_at(at)).iter();
        let mut before = calls.filter(|&&call| call < at.node);
        before.any(|&call| {
            facts.method_call(call).is_some_and(|method| {
                let object = Ref {
                    node: method.object,
                    ..at
                };
                let place = self.project.place(object);
                place.root == on.root
                    && place.path.len() > on.path.len()
                    && place.path[on.path.len()..].contains(&Key::Name(event.clone()))
            })
        })
    }

    /// The listener for an event that comes again which reaches a node each time, and where it is registered.
    fn listener_above(&self, at: Ref, on: &Place, depth: u32) -> Option<(Func, Ref)> {
        let f = self.project.function_at(at);
        let is_let_in = |test: Ref| {
            !self.asks_presence(test, on) && (self.asks_state(test) && !self.asks_for_news(test, f))
                || self.asks_for_kind(test)
        };
        if self.project.method_around(f).is_some() || self.is_let_in_by(at, f, &is_let_in) {
            return None;
        }
        if let Some(again) = self.listens_with(f).or_else(|| self.ticks_with(f)) {
            return Some((f, again));
        }
        let uses = self.project.uses(f);
        let is_called_only = uses.iter().all(|used| matches!(used, Use::Called { .. }));
        if depth >= MAX_CALLERS || !is_called_only {
            return None;
        }
        uses.iter().find_map(|used| match used {
            Use::Called { call } if self.project.function_at(*call) != f => self.listener_above(*call, on, depth + 1),
            _ => None,
        })
    }

    /// Where a function is handed to a clock that runs it again and again.
    fn ticks_with(&self, f: Func) -> Option<Ref> {
        self.project.uses(f).iter().find_map(|used| {
            let (call, every) = self.project.run_by_context(used)?;
            matches!(every, Every::Tick | Every::Run).then_some(call)
        })
    }

    /// Whether a test looks at what the event tells: what differs from the last one is news.
    fn asks_for_news(&self, test: Ref, listener: Func) -> bool {
        let facts = self.project.facts(test.file);
        let mut stack = vec![test.node];
        while let Some(node) = stack.pop() {
            if let Node::Binding(b) = facts.node(node) {
                let binding = facts.binding(b);
                if binding.kind == BindingKind::Param && binding.function == listener.function {
                    return true;
                }
            }
            facts.children(node, |child| stack.push(child));
        }
        false
    }

    /// Whether a test compares something with a text: one of many kinds of messages, which may come once.
    fn asks_for_kind(&self, test: Ref) -> bool {
        let facts = self.project.facts(test.file);
        let mut found = matches!(facts.node(test.node), Node::Binary { left, right, .. }
            if [left, right].into_iter().any(|side| matches!(facts.node(side), Node::Str(_))));
        facts.children(test.node, |node| {
            found = found || self.asks_for_kind(Ref { node, ..test })
        });
        found
    }

    /// Whether a place is a variable of a function around a listener, or a part that the listener does not set.
    fn is_of_outer(&self, on: &Place, listener: Func, f: Func) -> bool {
        let is_around = match on.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(file);
                let binding = facts.binding(b);
                file == listener.file
                    && binding.function != listener.function
                    && facts.is_nested(listener.function, binding.function)
                    && binding.writes == 0
            }
            // `this.client` of a plain function: what the emitter that runs it has as a part.
            Root::Value(at) => {
                self.project.node(at) == Node::This && self.project.function_at(at) == listener && on.path.len() == 1
            }
            _ => false,
        };
        if !is_around || on.path.len() > 1 {
            return false;
        }
        let run = self.project.reach(&[listener, f]);
        let is_set_here = |d: &Ref| run.contains(&self.project.function_at(*d));
        on.path.is_empty() || !self.project.definitions(on).iter().any(is_set_here)
    }
}
