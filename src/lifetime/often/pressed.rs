//! What a press begins and its release ends: a second press may come first (another button, another finger, a key that
//! is held down), and overwrites the only handle of what the first one began.

use rustc_hash::FxHashSet;

use crate::facts::{BindingKind, FunctionId, LogicalOp, Node};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Place, Ref, Root, Use};
use crate::tables::PairRow;

/// Through how many callers the handler of a press is looked for.
const MAX_CALLERS: usize = 3;

/// How many functions are asked what they set.
const MAX_REACH: usize = 100;

/// How deep a test is taken apart.
const MAX_TESTS: u32 = 8;

impl Judge<'_> {
    /// Evidence that a second press overwrites the handle of what goes on since the first one.
    pub(in crate::lifetime) fn lost_by_second_press(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let Kind::Pair { row, via, .. } = &a.kind else {
            return None;
        };
        let row = &self.project.tables.pairs[*row];
        let by_handle = !row.release_is_on_target() || via.is_some();
        if !by_handle || row.one_shot || row.collectable || row.inferred {
            return None;
        }
        let f = self.project.function_at(a.at);
        let held = self.only_holder(flow, f, right)?;
        let gestures = &self.project.tables.conventions.gesture_begins;
        let gesture = self.press_behind(a.at, f, gestures);
        let (handler, registered) = gesture.or_else(|| self.click_behind(a, f))?;
        let within = self.run_at_once_by(handler);
        let mut at = a.at;
        for _ in 0..=MAX_CALLERS {
            if self.is_over_before(at, &held, right) || self.is_barred(at, &within) {
                return None;
            }
            let g = self.project.function_at(at);
            if g == handler {
                break;
            }
            at = self.single_call(g)?;
        }
        Some(vec![Evidence {
            role: Role::Context,
            at: registered,
            text: format!(
                "a second press before the end of the first overwrites `{}`",
                self.show_place(&held)
            ),
        }])
    }

    /// What rightly ends a handle; a registration that gives back its undo is ended by a call of that.
    pub(in crate::lifetime) fn ends_of_handle(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Vec<Release> {
        let mut ends = match row.release_is_on_target() {
            true => Vec::new(),
            false => releases(),
        };
        self.calls_of_handle(a.at.file, flow, &mut ends);
        ends.retain(|r| r.wrong.is_none());
        ends
    }

    /// The one field, or variable outside a function, that holds a handle, if nothing else gets it.
    pub(in crate::lifetime) fn only_holder(&self, flow: &Flow, f: Func, right: &[&Release]) -> Option<Place> {
        let [place] = &flow.places[..] else { return None };
        let mut passed = flow.passed.iter();
        let to_release = passed.all(|call| right.iter().any(|r| r.at == *call));
        let alone = to_release && flow.collections.is_empty() && flow.returned.is_empty();
        let outlives = match place.root {
            Root::This(_) => place.path.len() == 1,
            Root::Binding(file, b) if file == f.file => {
                let facts = self.project.facts(file);
                let made_in = facts.binding(b).function;
                let is_outer = made_in == FunctionId::MODULE || facts.is_nested(f.function, made_in);
                let is_whole = place.path.is_empty() || self.is_reference_of_template(place);
                is_whole && made_in != f.function && is_outer
            }
            _ => false,
        };
        (alone && !flow.other && !flow.taken_apart && outlives).then(|| place.clone())
    }

    /// The function that runs for one of some events and leads to a node, and where it is registered.
    pub(super) fn press_behind(&self, at: Ref, f: Func, presses: &[String]) -> Option<(Func, Ref)> {
        let mut g = f;
        for _ in 0..=MAX_CALLERS {
            if let Some(registered) = self.heard_at_press(g, presses) {
                return Some((g, registered));
            }
            g = self.project.function_at(self.single_call(g)?);
            if g == self.project.function_at(at) {
                return None;
            }
        }
        None
    }

    /// The only call of a function; of several ones in one function, the last.
    pub(in crate::lifetime) fn single_call(&self, g: Func) -> Option<Ref> {
        let calls = self.project.callers(g).calls;
        let last = *calls.last()?;
        let caller = self.project.function_at(last);
        (caller != g && calls.iter().all(|c| self.project.function_at(*c) == caller)).then_some(last)
    }

    /// Where a function is registered for one of some events.
    fn heard_at_press(&self, g: Func, presses: &[String]) -> Option<Ref> {
        let uses = match self.project.method_around(g) {
            Some((owner, name, method)) if method == g => self.project.method_uses(owner, name),
            _ => self.project.uses(g).iter().cloned().collect(),
        };
        uses.iter().find_map(|used| match used {
            Use::Passed { call, .. } => self.names_a_press(*call, presses).then_some(*call),
            Use::Attribute { at } => {
                let facts = self.project.facts(at.file);
                let Node::Property { key, .. } = facts.node(at.node) else {
                    return None;
                };
                let event = facts.string(key)?.strip_prefix("on")?;
                is_press(&event.to_lowercase(), presses).then_some(*at)
            }
            Use::Stored { at, place } => {
                let event = place.last()?.strip_prefix("on")?;
                is_press(event, presses).then_some(*at)
            }
            _ => None,
        })
    }

    /// The functions that have run when a function is through: those that it calls, and not those that it registers.
    pub(super) fn run_at_once_by(&self, f: Func) -> FxHashSet<Func> {
        let mut seen: FxHashSet<Func> = FxHashSet::default();
        let mut queue = vec![f];
        while let Some(g) = queue.pop() {
            if seen.len() > MAX_REACH || !seen.insert(g) {
                continue;
            }
            let calls = self.project.calls_in(g).iter();
            queue.extend(calls.filter_map(|&node| self.project.called_function(Ref { file: g.file, node })));
            queue.extend(self.project.inner_functions(g).filter(|h| {
                self.project.uses(*h).iter().any(|used| match used {
                    Use::Passed { call, arg } => self.project.context_of(*call, *arg).is_none(),
                    _ => false,
                })
            }));
        }
        seen
    }

    /// `target.addEventListener("mousedown", f)`, `fromEvent(target, "mousedown").subscribe(f)`.
    fn names_a_press(&self, call: Ref, presses: &[String]) -> bool {
        let Some((callee, args)) = self.callee_of(call) else {
            return false;
        };
        let names = |arg: Ref| {
            self.project
                .constant_text(arg, 0)
                .is_some_and(|t| is_press(&t, presses))
        };
        if args.into_iter().any(names) {
            return true;
        }
        let Node::Member { object, .. } = self.project.node(callee) else {
            return false;
        };
        let source = self.callee_of(Ref { node: object, ..callee });
        source.is_some_and(|(_, args)| args.into_iter().any(names))
    }

    /// Whether the function of a node has ended what went on before it, or has looked at the place that holds it.
    pub(in crate::lifetime) fn is_over_before(&self, at: Ref, held: &Place, right: &[&Release]) -> bool {
        self.is_ended_before(at, right) || self.is_read_before(held, at, self.project.function_at(at))
    }

    fn is_ended_before(&self, at: Ref, right: &[&Release]) -> bool {
        let f = self.project.function_at(at);
        let here = right
            .iter()
            .any(|r| self.is_before(r.at, at) && self.stands_on_way(r.at, at));
        here || self.project.calls_in(f).iter().any(|&node| {
            let call = Ref { node, ..at };
            let is_on_way = call != at && self.is_before(call, at) && self.stands_on_way(call, at);
            let called = self.project.called_function(call).filter(|_| is_on_way);
            let ends = |h: &Func| right.iter().any(|r| self.project.function_at(r.at) == *h);
            called.is_some_and(|g| self.run_at_once_by(g).iter().any(ends))
        })
    }

    /// Whether a test that a first run makes come out otherwise stands before a node.
    fn is_barred(&self, at: Ref, within: &FxHashSet<Func>) -> bool {
        let tests = self.conditions_of(at);
        tests
            .into_iter()
            .any(|(test, _)| self.is_changed_within(test, within, 0) == Some(true))
    }

    /// Whether functions change what a test asks: nothing if it asks nothing that changes; not, if they only empty it.
    pub(super) fn is_changed_within(&self, test: Ref, within: &FxHashSet<Func>, depth: u32) -> Option<bool> {
        if depth > MAX_TESTS {
            return Some(true);
        }
        let facts = self.project.facts(test.file);
        let inner = |node| self.is_changed_within(Ref { node, ..test }, within, depth + 1);
        match facts.node(test.node) {
            Node::Binding(b) => {
                let binding = facts.binding(b);
                match binding.init {
                    Some(init) if binding.writes == 0 && binding.kind == BindingKind::Const => inner(init),
                    _ => self.is_set_by(&self.project.place(test), within),
                }
            }
            Node::Logical { left, right, op } => match (inner(left), inner(right)) {
                // What is emptied each time never lets both be true.
                (Some(false), _) | (_, Some(false)) if op == LogicalOp::And => Some(false),
                (x, y) => x.max(y),
            },
            Node::Member { .. } => self.is_set_by(&self.project.place(test), within),
            Node::Call { .. } if self.is_own_call(test) => {
                let Some(g) = self.project.called_function(test) else {
                    return Some(true);
                };
                let given = self.project.returned_values(g).into_iter();
                given
                    .map(|v| self.is_changed_within(v, within, depth + 1))
                    .max()
                    .flatten()
            }
            Node::Function(_) => None,
            _ => {
                let mut found = None;
                facts.children(test.node, |node| found = found.max(inner(node)));
                found
            }
        }
    }

    /// Whether functions set a place, to more than nothing.
    fn is_set_by(&self, place: &Place, within: &FxHashSet<Func>) -> Option<bool> {
        if self.is_state_set_by(place, within) {
            return Some(true);
        }
        let field = match place.root {
            Root::This(_) if !place.path.is_empty() => Place {
                root: place.root.clone(),
                path: place.path.iter().take(1).cloned().collect(),
            },
            Root::Binding(..) => Place::root(place.root.clone()),
            _ => return None,
        };
        let definitions = self.project.definitions(&field);
        let here = definitions
            .iter()
            .filter(|d| within.contains(&self.project.function_at(**d)));
        let is_empty = |d: &Ref| {
            // `this.started = this.moved = false`
            let facts = self.project.facts(d.file);
            let given = facts.node(facts.assigned(d.node));
            given.is_nullish() || given == Node::Bool(false)
        };
        here.map(|d| Some(!is_empty(d))).max().flatten()
    }
}

fn is_press(event: &str, presses: &[String]) -> bool {
    event.split(' ').any(|word| {
        let bare = word.split('.').next().unwrap_or(word);
        presses.iter().any(|p| p == bare)
    })
}
