//! Handles that pile up: each run of a method registers once more on what stays the same, and puts the handle in a list
//! that only the object's teardown goes through.
//!
//! `bus.on("reset", () => this.fill())`, and `fill` adds a listener and keeps its undo: after ten resets there are ten
//! listeners, however well the end of the object takes all of them off.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, BindingKind, Node};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{FileId, Func, Key, Life, OwnerId, Phase, Place, Ref, Repetition, Root, Use};
use crate::tables::Every;

/// Through how many methods that call each other a second run is looked for.
const MAX_CALLERS: u32 = 3;

impl Judge<'_> {
    /// Evidence that a method runs again on one object and adds another handle to those that wait for the object's end.
    pub(in crate::lifetime) fn piled_by_rerun(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let row = &self.project.tables.pairs[a.row()?];
        let handler = a.registration().map(|(_, handler)| handler);
        let is_same_again =
            row.idempotent && handler.is_some_and(|h| !matches!(self.project.node(h), Node::Function(_)));
        if row.one_shot || row.collectable || row.stream || is_same_again {
            return None;
        }
        let list = self.only_list(flow)?;
        let f = self.project.function_at(a.at);
        let (of, name, top) = self.project.method_around(f)?;
        let ended_in: FxHashSet<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        // What is registered with the whole page or program is on no receiver: only the list can tell of it.
        let target = a.target().map(|t| self.project.place(t));
        let on = target.as_ref().unwrap_or(list);
        // A listener that the constructor adds runs again; the constructor does not.
        if name == "constructor" && f == top
            || self.is_let_in_beside(on, a.at, top)
            || !self.is_ended_by_teardown_only(owner, &ended_in)
        {
            return None;
        }
        let again = match f == top {
            true => self.heard_again(of, name, on, 0)?,
            false => self.listens_with(f)?,
        };
        let run = self.project.reach(&[self.project.function_at(again), top]);
        let stays = target.is_none_or(|on| self.stays_the_same(&on, &run));
        stays.then_some(())?;
        Some(vec![Evidence {
            role: Role::Context,
            at: again,
            text: format!(
                "runs this again, and `{}` keeps all until the end",
                self.show_place(list)
            ),
        }])
    }

    /// The way to a method that a listener of its object runs, which stays for as long as the object does.
    pub(in crate::lifetime) fn heard_again(&self, owner: OwnerId, name: &str, on: &Place, depth: u32) -> Option<Ref> {
        let uses = self.project.method_uses(owner, name);
        uses.iter().find_map(|used| match used {
            Use::Passed { call, .. } => self.hears_again(*call).then_some(*call),
            Use::Called { call } => {
                let g = self.project.function_at(*call);
                let (p, calling, around) = self.project.method_around(g)?;
                let is_own = self
                    .calls_on_this(*call)
                    .is_some_and(|of| self.project.is_related(of, owner));
                if !is_own || !self.project.is_related(p, owner) || self.is_let_in_beside(on, *call, g) {
                    return None;
                }
                if g != around {
                    return self.listens_with(g).map(|_| *call);
                }
                let is_plain = calling != "constructor" && self.phase(p, calling).0 != Phase::Teardown;
                if depth >= MAX_CALLERS || !is_plain {
                    return None;
                }
                self.heard_again(p, calling, on, depth + 1)
            }
            _ => None,
        })
    }

    /// Where a function is registered for an event that comes again.
    pub(in crate::lifetime) fn listens_with(&self, f: Func) -> Option<Ref> {
        self.project.uses(f).iter().find_map(|used| match used {
            Use::Passed { call, .. } => self.hears_again(*call).then_some(*call),
            _ => None,
        })
    }

    /// Whether a call registers a listener for an event that comes again, on what was there before.
    pub(in crate::lifetime) fn hears_again(&self, call: Ref) -> bool {
        let Some(heard) = self.pair_acquisitions(call.file).iter().find(|a| a.at == call) else {
            return false;
        };
        if self.is_of_recurring_event(heard) {
            return true;
        }
        let Kind::Pair {
            row,
            target: Some(on),
            key,
            ..
        } = &heard.kind
        else {
            return false;
        };
        let key = key.or_else(|| self.project.argument(call, 0));
        let event = key.and_then(|k| self.project.constant_text(k, 0));
        let comes_again = event.is_some_and(|event| !self.project.tables.conventions.comes_once(&event));
        let life = self.project.life_of(&self.project.place(*on));
        comes_again
            // Something is ready, perhaps once.
            && !self.project.says_part_is_ready(call)
            && !self.project.tables.pairs[*row].one_shot
            && !matches!(life, Life::Call(_))
    }

    /// Whether a registration is on no receiver, with the whole program, for what a row says to come again:
    /// `workspace.onDidOpen(f)`.
    fn is_of_recurring_event(&self, heard: &Acquisition) -> bool {
        let Kind::Pair {
            row,
            target: None,
            handler: Some(handler),
            typed: true,
            ..
        } = heard.kind
        else {
            return false;
        };
        let Some((_, args)) = self.callee_of(heard.at) else {
            return false;
        };
        let run_by = args.iter().position(|arg| *arg == handler);
        let run_by = run_by.and_then(|position| self.project.context_of(heard.at, position));
        let recurs = |(context, _): (usize, _)| self.project.tables.contexts[context].every == Every::Event;
        !self.project.tables.pairs[row].one_shot && run_by.is_some_and(recurs)
    }

    /// Evidence that each run puts another handle into a list of other code, which is the same for all of them: it was
    /// handed to the function around, `activate(context)`, and nothing here takes anything out of it.
    pub(in crate::lifetime) fn piled_with_others(
        &self,
        a: &Acquisition,
        flow: &Flow,
        repetition: &Repetition,
    ) -> Option<Vec<Evidence>> {
        let row = &self.project.tables.pairs[a.row()?];
        let recurs = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Event,
                ..
            }
        );
        // What is on a receiver may go with it.
        if !recurs
            || a.target().is_some()
            || row.one_shot
            || row.collectable
            || row.stream
            || row.release_is_on_target()
        {
            return None;
        }
        let [into] = flow.passed[..] else { return None };
        let list = self.list_grown_by(a, into)?;
        let place = self.project.place(list);
        let Some(Key::Name(name)) = place.path.last() else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let is_same_each_time = match place.root {
            Root::Binding(file, b) => self.is_handed_to_outer(f, file, b),
            Root::This(_) => place.path.len() > 1 && self.runs_again_on_one_object(f, &place),
            _ => false,
        };
        let is_let_in = || self.is_let_in_by(a.at, f, &|test| self.asks_state(test));
        if !is_same_each_time || is_let_in() || !self.is_only_added_to(f.file, name) {
            return None;
        }
        Some(vec![Evidence {
            role: Role::Flow,
            at: into,
            text: format!(
                "each run adds another one, and `{}` keeps all until the end",
                self.show(list)
            ),
        }])
    }

    /// Whether a variable is a parameter of a function around another one.
    fn is_handed_to_outer(&self, f: Func, file: FileId, b: BindingId) -> bool {
        let facts = self.project.facts(file);
        let binding = facts.binding(b);
        binding.kind == BindingKind::Param
            && file == f.file
            && binding.function != f.function
            && facts.is_nested(f.function, binding.function)
    }

    /// Whether what an object listens to runs a function, again and again.
    fn runs_again_on_one_object(&self, f: Func, on: &Place) -> bool {
        let Some((owner, name, top)) = self.project.method_around(f) else {
            return false;
        };
        match f == top {
            true => name != "constructor" && self.heard_again(owner, name, on, 0).is_some(),
            false => self.listens_with(f).is_some(),
        }
    }

    /// The list that a call puts a handle into: `list.push(handle)`, or one of the arguments that made the handle.
    fn list_grown_by(&self, a: &Acquisition, into: Ref) -> Option<Ref> {
        if into == a.at {
            let index = self.project.tables.pairs[a.row()?].collected_in?;
            return self.project.argument(into, index);
        }
        let method = self.project.facts(into.file).method_call(into.node)?;
        let grow = &self.project.tables.conventions.grow;
        let name = self.project.text(into.file, method.method);
        grow.iter().any(|g| g == name).then_some(Ref {
            node: method.object,
            ..into
        })
    }

    /// Whether all that the code of a file does with the members of a name is to add to them, or to hand them on.
    fn is_only_added_to(&self, file: FileId, name: &str) -> bool {
        let Some(name) = self.project.name_in(file, name) else {
            return false;
        };
        let facts = self.project.facts(file);
        let grow = &self.project.tables.conventions.grow;
        facts
            .members_named(name)
            .all(|node| match facts.node(facts.parent(node)) {
                Node::Member { object, property, .. } => {
                    object == node && grow.iter().any(|g| g == facts.name(property))
                }
                Node::Call { callee, .. } => callee != node,
                _ => false,
            })
    }

    /// Whether state decides if a node is reached. Whether the receiver is there says nothing of what it has already.
    pub(in crate::lifetime) fn is_let_in_beside(&self, on: &Place, at: Ref, top: Func) -> bool {
        self.is_let_in_by(at, top, &|test| !self.asks_presence(test, on) && self.asks_state(test))
    }

    /// `!this.wave`
    pub(super) fn asks_presence(&self, test: Ref, place: &Place) -> bool {
        match self.project.node(test) {
            Node::Unary { value, .. } => self.asks_presence(Ref { node: value, ..test }, place),
            _ => self.project.same_place(&self.project.place(test), place),
        }
    }

    /// The list of an object that alone holds a handle.
    fn only_list<'f>(&self, flow: &'f Flow) -> Option<&'f Place> {
        let in_field = flow
            .places
            .iter()
            .any(|p| matches!(p.root, Root::This(_)) || !p.path.is_empty());
        flow.only_collection().filter(|_| !in_field && flow.returned.is_empty())
    }

    /// Whether a run of some functions finds the same at a place each time: a field that none of them sets, something of
    /// the module.
    pub(in crate::lifetime) fn stays_the_same(&self, place: &Place, run: &FxHashSet<Func>) -> bool {
        match (&place.root, place.path.first()) {
            (Root::This(owner), Some(Key::Name(first))) => {
                let definitions = self.project.field_definitions(*owner, first);
                definitions.iter().all(|d| !run.contains(&self.project.function_at(*d)))
            }
            _ => matches!(self.project.life_of(place), Life::Process),
        }
    }
}
