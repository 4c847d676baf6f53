//! Releases that only make room: what was begun before is ended right before the next one is begun.
//!
//! `clearInterval(this.timer); this.timer = setInterval(...)` never leaves two of them. It always leaves one, and that
//! one has to be ended by the end of the object.

use crate::facts::{CallKind, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::held::lent::Lent;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, OwnerId, Place, Ref, Root};
use std::cell::LazyCell;

/// How deep an expression is asked what it says of an object.
const MAX_WITHIN: u32 = 6;

impl Judge<'_> {
    /// Evidence that every release only makes room for the next one, and that the object has an end that leaves the
    /// last one.
    pub(in crate::lifetime) fn only_replaced(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Evidence> {
        let Kind::Pair { row, target, .. } = &a.kind else {
            return None;
        };
        // A target that nobody is known to hand over may well end together with the object.
        let is_left_beside = LazyCell::new(|| target.is_some_and(|t| self.is_left_beside(a, t, owner)));
        let outlives = target
            .is_none_or(|t| self.lent(a, t) == Lent::Outlives || self.is_part_of_service(a, t) || *is_left_beside);
        let (teardowns, _) = self.teardowns(owner);
        let store = self.only_store(flow);
        let is_forgotten = store.is_some_and(|store| self.is_forgotten_store(store, &teardowns, right));
        if self.project.tables.pairs[*row].one_shot || !outlives && !is_forgotten {
            return None;
        }
        let first = right.first()?;
        let field = self.only_field(flow).or(store.filter(|_| is_forgotten))?;
        let ends = match teardowns.is_empty() {
            true => self.project.instances_of(owner).is_repeated() || self.let_go_of(owner).is_some(),
            false => teardowns.iter().any(|f| self.ends_its_object(*f)),
        };
        if !ends {
            return None;
        }
        // With a teardown that leaves it alone, it is no matter whether a next one comes.
        let reach = self.project.reach(&teardowns);
        let is_ended = || self.has_own_end(owner, &teardowns) || *is_left_beside;
        // The state that lets it begin is another one after the end, and whoever hears of that may end it.
        let is_told = || {
            let tests: Vec<Ref> = self.conditions_of(a.at).into_iter().map(|(test, _)| test).collect();
            reach.iter().any(|f| self.sets_what_is_asked(*f, &tests))
        };
        let makes_room = |r: &&Release| {
            self.fills_again(r.at, field)
                || !teardowns.is_empty()
                    && (self.may_fill_again(r.at, field)
                        || !reach.contains(&self.project.function_at(r.at))
                            && self.fills_by_state(r.at, field)
                            && is_ended()
                            && !is_told())
        };
        right.iter().all(makes_room).then(|| Evidence {
            role: Role::Release,
            at: first.at,
            text: "this only makes room for the next one; nothing ends the last".into(),
        })
    }

    /// Evidence that what has no handle is only taken off right before it is registered anew, by a key or a function of
    /// this one object, and that the object has an end of its own that leaves the last one:
    /// `$(window).off(this.resized); $(window).on(this.resized, f)`.
    pub(in crate::lifetime) fn only_taken_off_before(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        right: &[&Release],
    ) -> Option<Evidence> {
        let (row, target) = (&self.project.tables.pairs[a.row()?], a.target()?);
        if row.one_shot || !row.release_is_on_target() || self.lent(a, target) != Lent::Outlives {
            return None;
        }
        let f = self.project.function_at(a.at);
        let is_before = |r: &&Release| self.project.function_at(r.at) == f && self.is_before(r.at, a.at);
        let (teardowns, _) = self.teardowns(owner);
        let is_left = self.has_own_end(owner, &teardowns) && !self.project.reach(&teardowns).contains(&f);
        let first = right.first().filter(|_| is_left && right.iter().all(is_before))?;
        // Where a run may take it off and add none, an end that takes something from the object may come to that.
        let asked = self.conditions_of(a.at);
        let may_add_none = |r: &&Release| {
            let before = self.conditions_of(r.at);
            asked.iter().any(|condition| !before.contains(condition))
        };
        if right.iter().all(may_add_none) && teardowns.iter().any(|f| self.takes_from_itself(*f)) {
            return None;
        }
        // By a name that all objects have, the next object takes it off.
        let is_of_one = |r: &&Release| {
            let given = self.callee_of(r.at).map(|(_, args)| args).unwrap_or_default();
            given.iter().any(|at| self.is_of_its_object(*at, owner, 0))
        };
        right.iter().all(is_of_one).then(|| Evidence {
            role: Role::Release,
            at: first.at,
            text: "this only makes room for the next one; nothing ends the last".into(),
        })
    }

    /// Whether a function gives nothing to a method of its object: `this.setTarget(null)`.
    fn takes_from_itself(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        self.project.calls_in(f).iter().any(|&node| {
            let method = facts.method_call(node);
            method.is_some_and(|method| {
                facts.node(method.object) == Node::This
                    && facts.list(method.args).any(|given| facts.node(given).is_absent())
            })
        })
    }

    /// Whether an expression says something of its object, itself or through the variable that it is.
    fn is_of_its_object(&self, at: Ref, owner: OwnerId, depth: u32) -> bool {
        let at = self.read_from(at);
        let place = self.project.place(at);
        if !place.path.is_empty() && matches!(place.root, Root::This(of) if self.project.is_related(of, owner)) {
            return true;
        }
        let mut says = false;
        if depth < MAX_WITHIN && !matches!(self.project.node(at), Node::Function(_)) {
            self.project.facts(at.file).children(at.node, |node| {
                says = says || self.is_of_its_object(Ref { node, ..at }, owner, depth + 1);
            });
        }
        says
    }

    /// Whether an object has an end of its own. What it inherits may be the end of others.
    fn has_own_end(&self, owner: OwnerId, teardowns: &[Func]) -> bool {
        let is_own = |f: &Func| self.project.method_around(*f).is_some_and(|(of, ..)| of == owner);
        teardowns.iter().any(|f| is_own(f) && self.ends_its_object(*f))
    }

    /// Whether a function sets a field of a name that one of some tests reads.
    fn sets_what_is_asked(&self, f: Func, tests: &[Ref]) -> bool {
        let facts = self.project.facts(f.file);
        self.project.writes_in(f).iter().any(|&write| {
            let Node::Assign { target, .. } = facts.node(write) else {
                return false;
            };
            let Node::Member { property, .. } = facts.node(target) else {
                return false;
            };
            let is_asked = |test: &Ref| {
                let mut read = facts.members_named(property);
                test.file == f.file && read.any(|member| facts.is_inside(member, test.node))
            };
            tests.iter().any(is_asked)
        })
    }

    /// `this.bufferService.buffer.lines`: what a service has is shared by whoever the service is given to.
    fn is_part_of_service(&self, a: &Acquisition, target: Ref) -> bool {
        let mut place = self.project.place(target);
        let is_part = matches!(place.root, Root::This(_)) && place.path.len() > 1;
        place.path.truncate(1);
        is_part && self.is_service(a, &place)
    }

    /// Whether the end of the object leaves what its part was handed in with, as it leaves the part that a receiver is of:
    /// `editor.onText(f)` beside `editor.text.onChange(g)`.
    fn is_left_beside(&self, a: &Acquisition, target: Ref, owner: OwnerId) -> bool {
        let mut field = self.project.place(target);
        field.path.truncate(1);
        if !matches!(field.root, Root::This(of) if self.project.is_related(of, owner)) || field.path.is_empty() {
            return false;
        }
        // The constructor names the parameter that the field is set to.
        let given = self.project.definitions(&field);
        let is_same = |target: Ref| {
            let place = self.project.place(target);
            self.project.same_place(&place, &field)
                || given
                    .iter()
                    .any(|d| self.project.same_place(&place, &self.project.place(*d)))
        };
        let (teardowns, _) = self.teardowns(owner);
        let reach = self.project.reach(&teardowns);
        let others = self.pair_acquisitions(a.at.file).iter().filter(|o| o.at != a.at);
        others.into_iter().any(|o| {
            o.target().is_some_and(is_same)
                && self
                    .releases_of(o, &self.flow_of(o))
                    .iter()
                    .any(|r| r.wrong.is_none() && reach.contains(&self.project.function_at(r.at)))
        })
    }

    /// The field that alone holds a handle.
    fn only_field<'f>(&self, flow: &'f Flow) -> Option<&'f Place> {
        let held_elsewhere = !flow.collections.is_empty()
            || !flow.passed.is_empty()
            || !flow.returned.is_empty()
            || flow.other
            || flow.taken_apart;
        match &flow.places[..] {
            [field] if !held_elsewhere && matches!(field.root, Root::This(_)) && field.path.len() == 1 => Some(field),
            _ => None,
        }
    }

    /// The field whose store alone holds a handle.
    fn only_store<'f>(&self, flow: &'f Flow) -> Option<&'f Place> {
        let held_elsewhere =
            !flow.places.is_empty() || !flow.passed.is_empty() || !flow.returned.is_empty() || flow.other;
        flow.only_collection().filter(|_| !held_elsewhere)
    }

    /// Whether the end of an object ends another store of the same class as one that it leaves alone.
    fn is_forgotten_store(&self, store: &Place, teardowns: &[Func], right: &[&Release]) -> bool {
        let reach = self.project.reach(teardowns);
        if right.iter().any(|r| reach.contains(&self.project.function_at(r.at))) {
            return false;
        }
        let class = self.class_of_store(store);
        let ends = &self.project.tables.conventions.end;
        class.is_some()
            && reach.iter().any(|f| {
                self.project.calls_in(*f).iter().any(|&node| {
                    let call = Ref { file: f.file, node };
                    let Some((callee, _)) = self.callee_of(call) else {
                        return false;
                    };
                    let Node::Member { object, property, .. } = self.project.node(callee) else {
                        return false;
                    };
                    let other = self.project.place(Ref { node: object, ..call });
                    ends.iter().any(|end| end == self.project.text(f.file, property))
                        && other.root == store.root
                        && other.path.len() == 1
                        && other != *store
                        && self.class_of_store(&other) == class
                })
            })
    }

    /// What the objects that a field holds are made with, if it is one class.
    fn class_of_store(&self, field: &Place) -> Option<Place> {
        let mut classes = self
            .project
            .definitions(field)
            .into_iter()
            .map(|d| match self.project.node(d) {
                Node::Call {
                    callee,
                    kind: CallKind::New,
                    ..
                } => Some(self.project.place(Ref { node: callee, ..d })),
                _ => None,
            });
        let first = classes.next()??;
        classes.all(|class| class.as_ref() == Some(&first)).then_some(first)
    }

    /// Whether the code that releases what a field holds always puts a new one there.
    pub(in crate::lifetime) fn fills_again(&self, release: Ref, field: &Place) -> bool {
        self.fillings_after(release, field)
            .any(|write| self.follows_always(release, write))
    }

    /// Whether the code that releases what a field holds puts a new one there, if it is given one, and all who call it
    /// give it one.
    fn may_fill_again(&self, release: Ref, field: &Place) -> bool {
        self.fillings_after(release, field).next().is_some()
            && self.is_called_with_something(self.project.function_at(release))
    }

    /// Whether the code that releases what a field holds puts a new one there as the state of its object says, and not
    /// what it is given: `follow() { this.undo?.(); if (this.text) this.undo = this.text.onChange(f); }`.
    fn fills_by_state(&self, release: Ref, field: &Place) -> bool {
        let f = self.project.function_at(release);
        self.project.facts(f.file).list(self.project.function(f).params).len() == 0
            && self
                .fillings_after(release, field)
                .any(|node| !self.exclude_each_other(release, Ref { node, ..release }))
    }

    /// The calls of a function after a release whose results it puts into a field.
    fn fillings_after<'a>(&'a self, release: Ref, field: &'a Place) -> impl Iterator<Item = NodeId> + 'a {
        let facts = self.project.facts(release.file);
        let writes = self.project.writes_in(self.project.function_at(release));
        writes.iter().copied().filter(move |&write| {
            let Node::Assign { target, value, .. } = facts.node(write) else {
                return false;
            };
            let here = |node| Ref { node, ..release };
            matches!(facts.node(value), Node::Call { .. })
                && self.is_before(release, here(write))
                && self.project.same_place(&self.project.place(here(target)), field)
        })
    }

    /// Whether there are calls of a method, and none says that there is nothing any more: `within(null)`.
    fn is_called_with_something(&self, method: Func) -> bool {
        let is_nothing = |at: Ref| match self.project.node(at) {
            Node::Undefined | Node::Null | Node::Bool(false) | Node::Empty => true,
            // `setPace(-1)`
            _ => self.is_number(at),
        };
        let calls = self.project.callers(method).calls;
        let gives = |call: &Ref| {
            let given = self.callee_of(*call).and_then(|(_, args)| args.first().copied());
            given.is_some_and(|first| !is_nothing(first))
        };
        !calls.is_empty() && calls.iter().all(gives)
    }

    /// Whether a later node of the same function is reached whenever an earlier one was.
    pub(in crate::lifetime) fn follows_always(&self, earlier: Ref, later: NodeId) -> bool {
        let facts = self.project.facts(earlier.file);
        let f = self.project.function_at(Ref { node: later, ..earlier });
        let mut below = later;
        for up in facts.ancestors(later) {
            let is_one_way = match facts.node(up) {
                Node::Function(_) => break,
                Node::If { test, .. } | Node::Conditional { test, .. } => test != below,
                Node::Logical { right, .. } => right == below,
                Node::Switch { value, .. } => value != below,
                Node::Case { .. } | Node::Catch { .. } | Node::Loop { .. } => true,
                _ => false,
            };
            if is_one_way && !facts.is_inside(earlier.node, below) {
                return false;
            }
            below = up;
        }
        let (from, to) = (facts.span(earlier.node).start, facts.span(later).start);
        let leaves = |&node: &NodeId| {
            !matches!(facts.node(node), Node::Await(_)) && (from..to).contains(&facts.span(node).start)
        };
        !self.project.jumps_in(f).iter().any(leaves)
    }
}
