//! Objects that listen to what they are handed: `new Layer(map)`, until their teardown.
//!
//! Whether such an object has to be ended depends on its maker: a part that goes together with what it listens to need
//! not be. One that is made anew again and again, for a host that stays, has to be ended before the next.

use crate::facts::Node;
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::acquired::needs::Need;
use crate::lifetime::held::lenders::Lender;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{FileId, Func, Key, Life, Memo, OwnerId, OwnerKind, Place, Ref, Repetition, Root};

/// What the objects of a class hold on to.
#[derive(Clone, Debug)]
pub(in crate::lifetime) struct Borrower {
    /// What is registered, and what takes it off.
    need: Need,
    /// The parameter that it is registered on.
    host: Lender,
}

/// What is known of classes so far.
pub(in crate::lifetime) type Borrowers = Memo<OwnerId, Option<Borrower>>;

impl Judge<'_> {
    /// What the objects of a class register on what their constructor is handed, if only their teardown takes it off.
    fn borrower(&self, owner: OwnerId) -> Option<Borrower> {
        if let Some(known) = self.borrowers.get(&owner) {
            return known;
        }
        let memo = &self.borrowers;
        self.project.remembered(memo, owner, || self.find_borrower(owner))
    }

    fn find_borrower(&self, owner: OwnerId) -> Option<Borrower> {
        let is_made = !matches!(self.project.owner(owner).kind, OwnerKind::Object(_));
        if !is_made || self.project.lifecycle(owner).is_some() {
            return None;
        }
        let row = &self.project.tables.pairs[self.owned_row()?];
        let ends = self.ends_of(owner, row);
        let constructor = self.project.constructor(owner).filter(|_| !ends.is_empty())?;
        let making = self.making_of(owner);
        let mut files: Vec<FileId> = making.iter().map(|f| f.file).collect();
        files.sort_unstable();
        files.dedup();
        let found = files.iter().find_map(|&file| {
            let held = self.pair_acquisitions(file).iter();
            held.filter(|a| making.contains(&self.project.function_at(a.at)))
                .filter(|a| !self.is_conditional(a.at) && !self.has_early_exit(a.at))
                .find_map(|a| self.held_on_host(a, &ends, &making))
                .filter(|found| found.host.function == constructor)
        })?;
        let begins = self.method_of(found.need.at);
        (!self.ends_itself(owner, &ends, begins) && !self.gives_itself_away(&making)).then_some(found)
    }

    /// A listener on a parameter that lasts until one of some methods takes it off.
    fn held_on_host(&self, a: &Acquisition, ends: &[(Box<str>, Func)], making: &[Func]) -> Option<Borrower> {
        let Kind::Pair {
            row,
            target: Some(target),
            ..
        } = &a.kind
        else {
            return None;
        };
        let row = &self.project.tables.pairs[*row];
        if row.one_shot || row.collectable || row.own || row.inferred || row.stream || self.is_of_its_end(a) {
            return None;
        }
        let host = self.lender(&self.project.place(*target))?;
        let releases = self.releases_of(a, &self.flow_of(a));
        let teardown = self.ended_only_by(&releases, ends, making)?;
        let need = Need {
            what: a.what.clone(),
            at: a.at,
            teardown,
            leaving: Vec::new(),
            certain: false,
            always: true,
            store: false,
        };
        Some(Borrower { need, host })
    }

    /// The verdict on an object that listens to what it is handed, where its maker makes one after the other.
    pub(in crate::lifetime) fn judge_borrower(&self, a: &Acquisition, row: usize, class: OwnerId) -> Option<Verdict> {
        let scope = self.scope_of_child(a.at);
        let Scope::Owner { owner, .. } = &scope else {
            return None;
        };
        let borrower = self.borrower(class)?;
        let host = self.host_of(a.at, &borrower.host)?;
        let repetition = self.repetition_here(a.at, self.project.function_at(a.at), &scope);
        if matches!(repetition, Repetition::Once) || self.lets_once(a.at, None).is_some() || !self.stays(&host, *owner)
        {
            return None;
        }
        let row = &self.project.tables.pairs[row];
        let flow = self.flow_of_child(a.at);
        let releases = self.releases_of(a, &flow);
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        let lost = self.lost_by_rerun(a, *owner, &flow, &right)?;
        if self.hands_child_on(a.at, &flow).is_some() || self.ended_from_outside(&flow, row, &right).is_some() {
            return None;
        }
        let mut evidence = vec![Evidence {
            role: Role::Holder,
            at: borrower.need.at,
            text: format!(
                "holds this {} until its `{}` is called",
                borrower.need.what, borrower.need.teardown
            ),
        }];
        evidence.extend(lost);
        let cause = match right.is_empty() {
            true => Cause::NeverReleased,
            false => Cause::HandleLost,
        };
        let mut verdict = self.leak(a, row, cause, &scope, &repetition, true, evidence);
        if let Verdict::Leak(leak) = &mut verdict {
            leak.confidence = Confidence::Medium;
        }
        Some(verdict)
    }

    /// The teardown that a borrower's maker has to call.
    pub(in crate::lifetime) fn borrowers_teardown(&self, class: OwnerId) -> Option<Box<str>> {
        self.borrower(class).map(|b| b.need.teardown)
    }

    /// What a call hands in for a parameter.
    fn host_of(&self, call: Ref, lender: &Lender) -> Option<Place> {
        let mut given = self.project.argument(call, lender.index)?;
        let mut path = lender.path.as_slice();
        while let (Node::Object(_), Some((Key::Name(name), rest))) = (self.project.node(given), path.split_first()) {
            given = self.project.property(given, name)?;
            path = rest;
        }
        let mut place = self.project.place(given);
        place.path.extend(path.iter().cloned());
        Some(place)
    }

    /// Whether what an object hands in stays while it makes another one: its own parts, and what it was handed itself.
    fn stays(&self, host: &Place, owner: OwnerId) -> bool {
        match self.project.life_of(host) {
            Life::Process => true,
            Life::Call(_) | Life::Request | Life::Connection | Life::Unknown => false,
            Life::Instance(_) | Life::Outer => match host.root {
                Root::This(of) => {
                    self.project.is_related(of, owner)
                        && host.path.first().is_some_and(|first| self.is_set_once(of, first))
                }
                _ => false,
            },
        }
    }

    /// Whether a field gets its value when its object is made, and no other one later.
    fn is_set_once(&self, owner: OwnerId, field: &Key) -> bool {
        let Key::Name(name) = field else { return false };
        self.project.field_definitions(owner, name).into_iter().all(|d| {
            let is_nothing = self.project.node(d).is_absent();
            let around = self.project.method_around(self.project.function_at(d));
            is_nothing || around.is_none_or(|(_, method, _)| method == "constructor")
        })
    }
}
