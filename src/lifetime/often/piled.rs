//! Handles that pile up: each run of a method registers once more on what stays the same, and puts the handle in a list
//! that only the object's teardown goes through.
//!
//! `bus.on("reset", () => this.fill())`, and `fill` adds a listener and keeps its undo: after ten resets there are ten
//! listeners, however well the end of the object takes all of them off.

use rustc_hash::FxHashSet;

use crate::facts::Node;
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Key, Life, OwnerId, Phase, Place, Ref, Root, Use};

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
        let (target, handler) = a.registration()?;
        let row = &self.project.tables.pairs[a.row()?];
        let is_same_again = row.idempotent && !matches!(self.project.node(handler), Node::Function(_));
        if row.one_shot || row.collectable || row.stream || is_same_again {
            return None;
        }
        let list = self.only_list(flow)?;
        let f = self.project.function_at(a.at);
        let (of, name, top) = self.project.method_around(f)?;
        let ended_in: FxHashSet<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        let on = self.project.place(target);
        if name == "constructor"
            || self.is_let_in_beside(&on, a.at, top)
            || !self.is_ended_by_teardown_only(owner, &ended_in)
        {
            return None;
        }
        let again = match f == top {
            true => self.heard_again(of, name, &on, 0)?,
            false => self.listens_with(f)?,
        };
        let run = self.project.reach(&[self.project.function_at(again), top]);
        self.stays_the_same(&on, &run).then_some(())?;
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
    fn hears_again(&self, call: Ref) -> bool {
        let Some(heard) = self.pair_acquisitions(call.file).iter().find(|a| a.at == call) else {
            return false;
        };
        let Kind::Pair {
            row,
            target: Some(on),
            key,
            ..
        } = &heard.kind
        else {
            return false;
        };
        let conventions = &self.project.tables.conventions;
        let key = key.or_else(|| self.project.argument(call, 0));
        let comes_again = key.and_then(|k| self.project.constant_text(k, 0)).is_some_and(|event| {
            let is_one_of = |list: &[String]| list.iter().any(|e| **e == *event);
            !is_one_of(&conventions.once_events) && !is_one_of(&conventions.ending_events)
        });
        let life = self.project.life_of(&self.project.place(*on));
        comes_again
            // Something is ready, perhaps once.
            && !self.project.says_part_is_ready(call)
            && !self.project.tables.pairs[*row].one_shot
            && !matches!(life, Life::Call(_))
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
