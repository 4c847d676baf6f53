//! Handles that the next run of the same code overwrites: a method that begins something runs again on one object, and
//! what it began before is ended by the object's teardown at most, which has only the last handle.
//!
//! A second run has to be in sight: a handler of something that comes again, the method's own callback that calls it
//! anew (a connection that is opened again), a getter or setter. Any look at the field before is a guard, and so is any
//! release that other code than the teardown reaches.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, FunctionId, MemberKind, Node, UnaryOp};
use crate::finding::Role;
use crate::lifetime::acquired::streams::{Guard, Source};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, OwnerId, Phase, Place, Ref, Root, Use};
use crate::tables::Every;

/// Through how many methods that call each other a second run is looked for.
const MAX_CALLERS: u32 = 3;

/// Through how many variables of a run is looked for what lasts from one run to the next.
const MAX_VALUES: u32 = 3;

/// What a method begins, and where the handle goes.
pub(super) struct Begun<'f> {
    /// The field that alone holds the handle.
    field: &'f Place,
    /// The method.
    pub(super) top: Func,
    /// Whether it may be over when it is begun anew.
    may_end: bool,
    /// The functions that end it.
    pub(super) ended_in: FxHashSet<Func>,
    /// Where it is begun.
    pub(super) at: Ref,
}

impl Judge<'_> {
    /// Evidence that a method runs again and overwrites the only handle of what it began before.
    pub(in crate::lifetime) fn lost_by_rerun(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let right = &self.apart_from_own_end(a, right)[..];
        let (field, top) = self.field_for_teardown(a, owner, flow, right)?;
        let f = self.project.function_at(a.at);
        let (of, name, _) = self.project.method_around(f)?;
        // What ends by itself may be begun anew by its own end: a connection that is closed.
        let may_end = matches!(a.kind, Kind::Pair { handler: None, .. });
        let begun = Begun {
            field: &field,
            top,
            may_end,
            ended_in: right.iter().map(|r| self.project.function_at(r.at)).collect(),
            at: a.at,
        };
        let again = self.runs_again(of, name, f, &begun)?;
        let g = self.project.function_at(again);
        let is_asked = g != f && self.is_read_before(&field, again, g);
        (!is_asked).then(|| {
            vec![Evidence {
                role: Role::Context,
                at: again,
                text: format!("runs this again, which overwrites `{}`", self.show_place(&field)),
            }]
        })
    }

    /// The field that alone holds the handle of what a method begins without a look at what stood there before, and that
    /// only the object's teardown ends. With the method.
    pub(in crate::lifetime) fn field_for_teardown(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<(Place, Func)> {
        if !self.goes_on_unheld(a, flow) {
            return None;
        }
        let field = flow.places.iter().find(|p| matches!(p.root, Root::This(_)))?;
        if field.path.len() != 1 || !flow.returned.is_empty() {
            return None;
        }
        let (_, name, top) = self.project.method_around(self.project.function_at(a.at))?;
        let ended_in: FxHashSet<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        let is_kept = name != "constructor"
            && !self.is_read_before(field, a.at, top)
            && !self.is_let_in(a.at, top)
            && self.is_ended_by_teardown_only(owner, &ended_in);
        is_kept.then(|| (field.clone(), top))
    }

    /// Whether something goes on by itself when nobody holds its handle, which is not collected or handed on.
    pub(in crate::lifetime) fn goes_on_unheld(&self, a: &Acquisition, flow: &Flow) -> bool {
        flow.collections.is_empty() && flow.passed.is_empty() && self.goes_on_by_itself(a)
    }

    /// Whether something goes on whoever holds its handle: a timer, a connection, an object with one, what is subscribed
    /// to a thing that stays.
    pub(in crate::lifetime) fn goes_on_by_itself(&self, a: &Acquisition) -> bool {
        let Kind::Pair {
            row,
            target,
            handler,
            via: None,
            ..
        } = &a.kind
        else {
            return false;
        };
        if target.is_some() && !self.subscribes_to_the_same(a) {
            return false;
        }
        let row = &self.project.tables.pairs[*row];
        let is_named = !row.inferred && !row.told_elsewhere;
        (handler.is_some() || is_named && !row.release_is_on_target()) && !row.one_shot && !row.collectable
    }

    /// Whether a field is read within a function, or one in it, before a node.
    pub(in crate::lifetime) fn is_read_before(&self, field: &Place, at: Ref, within: Func) -> bool {
        self.references_in(field, at.file).into_iter().any(|r| {
            let facts = self.project.facts(r.file);
            let g = self.project.function_at(r);
            self.project.is_within(g, within) && !facts.is_written(r.node) && self.is_before(r, at)
        })
    }

    /// Whether the object's own state, or a variable that changes, decides within a method whether a node is reached.
    pub(in crate::lifetime) fn is_let_in(&self, at: Ref, top: Func) -> bool {
        self.is_let_in_by(at, top, &|test| self.asks_state(test))
    }

    /// Whether one of the tests that decide within a method whether a node is reached is of a kind.
    pub(in crate::lifetime) fn is_let_in_by(&self, at: Ref, top: Func, is_it: &dyn Fn(Ref) -> bool) -> bool {
        let mut node = at;
        loop {
            if self.conditions_of(node).into_iter().any(|(test, _)| is_it(test)) {
                return true;
            }
            let f = self.project.function_at(node);
            let outer = self.project.function_node(f);
            if f == top || outer == node {
                return f != top;
            }
            node = outer;
        }
    }

    /// Whether a test asks something that code may have changed since the last run.
    pub(in crate::lifetime) fn asks_state(&self, test: Ref) -> bool {
        self.asks_state_by(test, 0)
    }

    fn asks_state_by(&self, test: Ref, depth: u32) -> bool {
        let facts = self.project.facts(test.file);
        let changes = match facts.node(test.node) {
            Node::Binding(b) => facts.binding(b).writes > 0 && !self.is_begun_anew(test, b, depth),
            Node::Member { .. } => self.asks_own_field(test),
            Node::Call { .. } => self.is_own_call(test),
            Node::Function(_) => return false,
            _ => false,
        };
        let mut found = changes;
        facts.children(test.node, |node| {
            found = found || self.asks_state_by(Ref { node, ..test }, depth);
        });
        found
    }

    /// Whether a variable is one of the very run that asks it, and gets nothing that lasted from one run to the next.
    fn is_begun_anew(&self, asked: Ref, b: BindingId, depth: u32) -> bool {
        let facts = self.project.facts(asked.file);
        let f = self.project.function_at(asked);
        let is_own = f.function != FunctionId::MODULE && facts.binding(b).function == f.function;
        if !is_own || depth >= MAX_VALUES {
            return false;
        }
        let mut got = facts
            .references_of(b)
            .filter_map(|node| match facts.node(facts.parent(node)) {
                Node::Declare { target, value } | Node::Assign { target, value, .. } if target == node => Some(value),
                _ => None,
            })
            .chain(facts.binding(b).init);
        got.all(|node| !self.asks_state_by(Ref { node, ..asked }, depth + 1))
    }

    /// Whether a field of the object is asked that methods set, or how much is in one: `this.parts.length`.
    fn asks_own_field(&self, test: Ref) -> bool {
        let place = self.project.place(test);
        if !matches!(place.root, Root::This(_)) {
            return false;
        }
        if place.path.len() > 1 && matches!(place.last(), Some("length" | "size")) {
            return true;
        }
        let field = Place {
            root: place.root.clone(),
            path: place.path.iter().take(1).cloned().collect(),
        };
        self.project.definitions(&field).into_iter().any(|d| {
            let around = self.project.method_around(self.project.function_at(d));
            around.is_none_or(|(_, name, _)| name != "constructor")
        })
    }

    /// Whether nothing but an object's teardown reaches some functions, and the object itself does not call that. What is
    /// registered for the last event of what was handed in is such an end.
    pub(in crate::lifetime) fn is_ended_by_teardown_only(&self, owner: OwnerId, ended_in: &FxHashSet<Func>) -> bool {
        let ended_in: FxHashSet<Func> = ended_in
            .iter()
            .copied()
            .filter(|g| !self.hears_end_of_given(*g))
            .collect();
        self.project.lineage(owner).into_iter().all(|o| {
            self.project.owner(o).members.iter().all(|member| {
                let Some(function) = member.function else { return true };
                let method = Func { file: o.file, function };
                if !self.project.reach(&[method]).iter().any(|g| ended_in.contains(g)) {
                    return true;
                }
                let name = self.project.text(o.file, member.name);
                let is_teardown = |n: &str| self.phase(owner, n).0 == Phase::Teardown;
                let references = self.project.method_references(owner, name);
                is_teardown(name)
                    && references.into_iter().all(|r| {
                        let around = self.project.method_around(self.project.function_at(r));
                        around.is_none_or(|(p, n, _)| !self.project.is_related(p, owner) || is_teardown(n))
                    })
            })
        })
    }

    /// Where a method, or a callback in it, is run again on the same object.
    fn runs_again(&self, owner: OwnerId, name: &str, f: Func, begun: &Begun<'_>) -> Option<Ref> {
        let top = begun.top;
        let kind = self.kind_of_member(owner, top);
        if matches!(kind, Some(MemberKind::Getter | MemberKind::Setter)) {
            return Some(self.project.function_node(top)).filter(|_| f == top);
        }
        if f == top && (self.runs_for_each_value(owner, name, top) || self.loads_value(owner, name, begun)) {
            return Some(self.project.function_node(top));
        }
        if f != top
            && let Some(at) = self.repeats_by_event(f, Some(top))
        {
            return Some(at);
        }
        if f == top
            && let Some(at) = self.repeats_by_event(top, None)
        {
            return Some(at);
        }
        self.called_again(owner, name, begun, top, 0)
    }

    /// The call of a method that runs again on the same object, at the end of a way on which nothing looks at a field.
    fn called_again(&self, owner: OwnerId, name: &str, begun: &Begun<'_>, top: Func, depth: u32) -> Option<Ref> {
        let uses = self.project.method_uses(owner, name);
        uses.iter().find_map(|used| {
            let Use::Called { call } = used else { return None };
            let g = self.project.function_at(*call);
            let (p, calling, around) = self.project.method_around(g)?;
            let is_let_in = || self.is_let_in_while_alive(*call, around, owner, begun);
            if !self.project.is_related(p, owner) || is_let_in() {
                return None;
            }
            let anew = around == begun.top && g != around && !begun.may_end;
            let told = match self.kind_of_member(p, around) {
                Some(MemberKind::Setter) => g == around,
                _ if self.phase(p, calling).0 == Phase::Teardown => false,
                _ if g == around && self.runs_for_each_value(p, calling, around) => true,
                _ => {
                    self.repeats_by_event(g, (g != around).then_some(around)).is_some()
                        || g != around && self.hears_meanwhile(g, around)
                }
            };
            if anew || told || g == around && self.begins_after_making(p, calling, around, begun) {
                return Some(*call);
            }
            let is_part = g == around || self.runs_later_for(g, around);
            let goes_on = depth < MAX_CALLERS && is_part && around != top && calling != "constructor";
            if !goes_on || self.is_read_before(begun.field, *call, around) {
                return None;
            }
            self.called_again(p, calling, begun, around, depth + 1)
        })
    }

    /// Whether a function written in another one is run by that after a while: `setTimeout(() => this.connect(), 100)`.
    fn runs_later_for(&self, g: Func, around: Func) -> bool {
        self.project.function(g).parent == Some(around.function)
            && self.project.uses(g).iter().any(|used| match used {
                Use::Passed { call, arg } => {
                    let context = self.project.context_of(*call, *arg);
                    let every = context.map(|(row, _)| self.project.tables.contexts[row].every);
                    matches!(every, Some(Every::Later | Every::Call))
                }
                _ => false,
            })
    }

    /// Whether a function is a listener that a method adds for an event that comes again, on what the method did not make;
    /// a constructor makes what lives as long as its object.
    fn hears_meanwhile(&self, g: Func, around: Func) -> bool {
        let Some(call) = self.listens_with(g) else { return false };
        let heard = self.pair_acquisitions(call.file).iter().find(|a| a.at == call);
        let target = heard.and_then(|a| a.target()).map(|t| self.project.place(t));
        let is_of_maker = self
            .project
            .method_around(around)
            .is_some_and(|(_, name, _)| name == "constructor");
        is_of_maker
            || target.is_some_and(|on| {
                let made = self.project.definitions(&on);
                made.iter().all(|d| self.project.function_at(*d) != around)
            })
    }

    /// Whether the constructor runs what begins it, whatever comes, and another method of the object runs that once more
    /// and ends nothing: `reset() { this.begin(); }`.
    fn begins_after_making(&self, owner: OwnerId, calling: &str, method: Func, begun: &Begun<'_>) -> bool {
        let Some(maker) = self.project.constructor(owner) else {
            return false;
        };
        let Some((of, name, _)) = self.project.method_around(begun.top) else {
            return false;
        };
        // What opens it is there for when it was closed.
        if method == maker || self.project.tables.is_repeat(calling) || self.is_part_of_construction(owner, calling) {
            return false;
        }
        let uses = self.project.method_uses(of, name);
        let is_begun_by_maker = uses.iter().any(|used| match used {
            Use::Called { call } => self.project.function_at(*call) == maker && !self.is_conditional(*call),
            _ => false,
        });
        is_begun_by_maker && !self.project.reach(&[method]).iter().any(|g| begun.ended_in.contains(g))
    }

    /// Whether state decides within a method whether a node is reached: other state than whether the object has ended, or
    /// is at work all the while.
    fn is_let_in_while_alive(&self, at: Ref, top: Func, owner: OwnerId, begun: &Begun<'_>) -> bool {
        self.is_let_in_by(at, top, &|test| {
            self.asks_state(test) && !self.asks_for_end(test, owner) && !self.asks_untouched(test, at, begun)
        })
    }

    /// Whether a test asks a field to be set that neither what begins nor what is around the call sets:
    /// `if (this.running) this.begin()`.
    fn asks_untouched(&self, test: Ref, call: Ref, begun: &Begun<'_>) -> bool {
        let mut conditions = self.conditions_of(call).into_iter();
        let wanted = conditions.find(|(asked, _)| *asked == test).map(|(_, truth)| truth);
        let bare = match self.project.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => (Ref { node: value, ..test }, false),
            _ => (test, true),
        };
        let place = self.project.place(bare.0);
        let is_field = matches!(place.root, Root::This(_)) && place.path.len() == 1 && place != *begun.field;
        if !is_field || wanted != Some(bare.1) {
            return false;
        }
        let run = self.project.reach(&[begun.top, self.project.function_at(call)]);
        let set = self.project.definitions(&place);
        !set.is_empty() && set.iter().all(|d| !run.contains(&self.project.function_at(*d)))
    }

    /// Whether a test asks a field that only the end of the object sets: `!this.closed`.
    fn asks_for_end(&self, test: Ref, owner: OwnerId) -> bool {
        if let Node::Unary {
            value,
            op: UnaryOp::Not,
        } = self.project.node(test)
        {
            return self.asks_for_end(Ref { node: value, ..test }, owner);
        }
        let place = self.project.place(test);
        if !matches!(place.root, Root::This(_)) || place.path.len() != 1 {
            return false;
        }
        let definitions = self.project.definitions(&place);
        let is_of_end = |d: &Ref| {
            let around = self.project.method_around(self.project.function_at(*d));
            around.is_none_or(|(_, name, _)| name == "constructor" || self.phase(owner, name).0 == Phase::Teardown)
        };
        !definitions.is_empty() && definitions.iter().all(is_of_end)
    }

    /// `setSource(url)`, `onFile(file)`: a method that gets a new value each time it runs, and is not only begun with.
    fn runs_for_each_value(&self, owner: OwnerId, name: &str, top: Func) -> bool {
        let conventions = &self.project.tables.conventions;
        let rest = conventions.set_words.iter().find_map(|word| {
            let rest = name.strip_prefix(word.as_str())?;
            rest.starts_with(|c: char| c.is_ascii_uppercase()).then_some(rest)
        });
        let Some(rest) = rest else { return false };
        // A callback ref gets a node, and nothing before the next one.
        let gives_node = |used: &Use| matches!(used, Use::Attribute { at } if self.project.gives_node(*at));
        let uses = self.project.method_uses(owner, name);
        if !uses.is_empty() && uses.iter().all(gives_node) {
            return false;
        }
        let lower = rest.to_lowercase();
        let is_one_of = |list: &[String]| list.contains(&lower);
        let comes_once =
            conventions.comes_once(&lower) || is_one_of(&conventions.repeat) || is_one_of(&conventions.startup);
        let mut calls = uses.iter().map(|used| match used {
            Use::Called { call } => self.project.method_around(self.project.function_at(*call)),
            _ => None,
        });
        let only_begins = !uses.is_empty()
            && calls.all(|around| {
                around.is_some_and(|(o, n, _)| {
                    self.project.is_related(o, owner) && (n == "constructor" || self.phase(o, n).0 == Phase::Setup)
                })
            });
        let takes_value = self
            .project
            .facts(top.file)
            .list(self.project.function(top).params)
            .len()
            > 0;
        takes_value && !comes_once && !only_begins && self.phase(owner, name).0 == Phase::Other
    }

    /// Whether a place is a parameter of a constructor.
    fn is_given_to_maker(&self, place: &Place) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let function = self.project.facts(file).binding(b).function;
        let f = Func { file, function };
        let of_maker = self
            .project
            .method_around(f)
            .is_some_and(|(_, name, top)| name == "constructor" && top == f);
        of_maker && self.is_given_here(place, f)
    }

    /// Whether a function is registered by a constructor for the last event of what that was given.
    fn hears_end_of_given(&self, g: Func) -> bool {
        self.project.uses(g).iter().any(|used| {
            let Use::Passed { call, .. } = used else { return false };
            let heard = self.pair_acquisitions(call.file).iter().find(|a| a.at == *call);
            heard.is_some_and(|a| {
                let target = a.target().map(|t| self.project.place(t));
                self.is_of_its_end(a) && target.is_some_and(|on| self.is_given_to_maker(&on))
            })
        })
    }

    fn kind_of_member(&self, owner: OwnerId, method: Func) -> Option<MemberKind> {
        let members = &self.project.owner(owner).members;
        let found = members
            .iter()
            .find(|m| m.function == Some(method.function) && owner.file == method.file);
        found.map(|m| m.kind)
    }

    /// The registration of a function for an event that comes again, on what its activation did not make.
    fn repeats_by_event(&self, f: Func, made_in: Option<Func>) -> Option<Ref> {
        let uses = match self.project.method_around(f) {
            Some((owner, name, method)) if method == f => self.project.method_uses(owner, name).to_vec(),
            _ => self.project.uses(f).to_vec(),
        };
        uses.iter().find_map(|used| {
            let (call, arg) = match used {
                Use::Passed { call, arg } => (call, arg),
                // `node.onclick = f`
                Use::Stored { at, place } => return self.is_kept_for_event(place, made_in).then_some(*at),
                _ => return None,
            };
            if self.gives_one_after_another(*call, *arg, made_in) {
                return Some(*call);
            }
            let found = self.pair_acquisitions(call.file).iter().find(|a| a.at == *call)?;
            let Kind::Pair { target, key, .. } = &found.kind else {
                return None;
            };
            let (row, _) = self.project.context_of(*call, *arg)?;
            let every = self.project.tables.contexts[row].every;
            let comes_again = matches!(every, Every::Event | Every::Request) || every.goes_on();
            let target = self.project.place((*target)?);
            let is_made_here = made_in.is_some_and(|top| {
                let made = self.project.definitions(&target);
                made.iter().any(|d| self.project.function_at(*d) == top)
            });
            let lives = matches!(
                self.project.life_of(&target),
                Life::Process | Life::Instance(_) | Life::Outer
            ) || self.is_given_to_maker(&target)
                || self.is_searched_node(&target);
            let event = key.and_then(|k| self.project.constant_text(k, 0));
            let once = event.is_none_or(|event| self.project.tables.conventions.comes_once(&event));
            (comes_again && lives && !is_made_here && !once).then_some(*call)
        })
    }

    /// Whether a call runs a function for each of the values that come one after another out of a part of something, as
    /// `route.params`, which the activation did not make. What a call gives may be one answer.
    fn gives_one_after_another(&self, call: Ref, arg: usize, made_in: Option<Func>) -> bool {
        let context = self.project.context_of(call, arg);
        if context.is_none_or(|(row, _)| self.project.tables.contexts[row].every != Every::Event) {
            return false;
        }
        let facts = self.project.facts(call.file);
        let Some(subscribe) = facts.method_call(call.node) else {
            return false;
        };
        let Some(stream) = self.stream_of(Ref {
            node: subscribe.object,
            ..call
        }) else {
            return false;
        };
        let is_open = |source: &Source| {
            let is_part = matches!(self.project.node(source.at), Node::Member { .. });
            let is_limited = |guard: &Guard| !matches!(guard, Guard::Notifier(_));
            let made = || self.project.definitions(&self.project.place(source.at));
            let is_made_here = |top: Func| made().iter().any(|d| self.project.function_at(*d) == top);
            is_part && !source.guards.iter().any(is_limited) && !made_in.is_some_and(is_made_here)
        };
        !stream.sources.is_empty() && stream.sources.iter().all(is_open)
    }

    /// Whether a function is put where a node calls it for an event that comes again, and its activation did not make that.
    fn is_kept_for_event(&self, place: &Place, made_in: Option<Func>) -> bool {
        let Some(event) = place.last().and_then(|last| last.strip_prefix("on")) else {
            return false;
        };
        let presses = &self.project.tables.conventions.presses;
        let Some(node) = place.parent().filter(|_| presses.iter().any(|press| press == event)) else {
            return false;
        };
        let made = self.project.definitions(&node);
        let is_made_here = |top: Func| made.iter().any(|d| self.project.function_at(*d) == top);
        let lives = matches!(
            self.project.life_of(&node),
            Life::Process | Life::Instance(_) | Life::Outer
        );
        (lives || self.is_searched_node(&node)) && !made_in.is_some_and(is_made_here)
    }

    /// Whether a place is a node that was looked up where it stands: `node.querySelector('.next')`.
    fn is_searched_node(&self, place: &Place) -> bool {
        let Root::Value(at) = place.root else { return false };
        let Node::Call { callee, .. } = self.project.node(at) else {
            return false;
        };
        let name = self.project.last_name(Ref { node: callee, ..at });
        let finds = &self.project.tables.conventions.finds_within;
        place.path.is_empty() && name.is_some_and(|name| finds.iter().any(|f| f == name))
    }
}
