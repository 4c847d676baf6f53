//! Growth: elements added again and again to a collection that outlives the code that adds them.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::facts::{BinaryOp, CallKind, FunctionId, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::grown::growth::Growth;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::{Shrink, Touch};
use crate::lifetime::held::holding::Holder;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{FileId, Func, Place, Ref, Repetition, Root, Use};
use crate::tables::Every;

/// The rule of what only grows.
pub(in crate::lifetime) const GROWING: &str = "growing-collection";
/// The rule of what is parked on the global object.
const ACCIDENTAL: &str = "accidental-global";
/// The rule of what is taken out of one place and left in another.
pub(in crate::lifetime) const LEFTOVER: &str = "leftover-reference";
/// The rule of promises that nobody settles.
pub(in crate::lifetime) const PROMISE: &str = "retained-promise";

/// A growth with what holds it.
pub(in crate::lifetime) struct Grown {
    pub growth: Growth,
    pub place: Place,
    pub holder: Holder,
    /// The function that adds.
    pub f: Func,
    /// The call that hands it over.
    pub handed: Option<Ref>,
}

/// All growths of one file, and what is done to their collections.
pub(in crate::lifetime) struct Growths {
    pub all: Vec<Grown>,
    touched: std::cell::RefCell<FxHashMap<Place, Rc<Touched>>>,
}

/// Why a growth is a leak, as its collection and the code around it tell.
pub(in crate::lifetime) struct Found {
    pub rule: &'static str,
    pub cause: Cause,
    pub evidence: Vec<Evidence>,
    /// Tells that the collection outlives what is added, where no context does.
    pub tells: bool,
}

impl Found {
    /// What the code that should take an entry out says by itself: it leaves something in.
    pub(in crate::lifetime) fn by_release(rule: &'static str, cause: Cause, at: Ref, text: &str) -> Self {
        Self {
            rule,
            cause,
            evidence: vec![Evidence {
                role: Role::Release,
                at,
                text: text.to_owned(),
            }],
            tells: true,
        }
    }

    /// An entry that is taken out on some ways only; `skips` is what the others go by.
    pub(in crate::lifetime) fn on_some_ways(skips: (Ref, &str), taken: (Ref, &str)) -> Self {
        let evidence = |role, (at, text): (Ref, &str)| Evidence {
            role,
            at,
            text: text.to_owned(),
        };
        Self {
            rule: GROWING,
            cause: Cause::NotOnEveryPath,
            evidence: vec![evidence(Role::Flow, skips), evidence(Role::Release, taken)],
            tells: true,
        }
    }
}

impl Judge<'_> {
    /// Judges every growth of a file.
    pub(in crate::lifetime) fn judge_collections(&self, file: FileId, growths: &[Growth], out: &mut Vec<Judged>) {
        let growths = Growths {
            all: self.held(growths.to_vec()),
            touched: std::cell::RefCell::default(),
        };
        for grown in &growths.all {
            if let Some(judged) = self.judge_detached(&grown.growth, &grown.place) {
                out.push(judged);
                continue;
            }
            // One finding for what is added, however many hand over a collection for it.
            let is_known = |j: &Judged| j.acquisition.at == grown.growth.at && matches!(j.verdict, Verdict::Leak(_));
            if grown.handed.is_some() && out.iter().any(is_known) {
                continue;
            }
            let (rule, verdict) = self.judge_growth(grown, &growths);
            out.push(judged(grown, rule, verdict));
        }
        for grown in self.held(self.group_growths(file)) {
            // One finding for a growth: what is known of the inner collection itself says more.
            let at = grown.growth.at;
            if out
                .iter()
                .any(|j| j.acquisition.at == at && matches!(j.verdict, Verdict::Leak(_)))
            {
                continue;
            }
            let (rule, verdict) = self.judge_group(&grown, &growths);
            out.push(judged(&grown, rule, verdict));
        }
    }

    /// Growths whose holders can outlive what is added.
    fn held(&self, growths: Vec<Growth>) -> Vec<Grown> {
        growths
            .into_iter()
            .flat_map(|growth| {
                let place = self.behind_part(self.project.place(growth.collection));
                let f = self.project.function_at(growth.at);
                match self.holder_of(&place, f) {
                    Some(holder) => vec![Grown {
                        growth,
                        place,
                        holder,
                        f,
                        handed: None,
                    }],
                    None => self.grown_through(&growth, &place),
                }
            })
            .collect()
    }

    /// The variable of the module that `api.list` stands for, where the module says `const api = { list }`.
    fn behind_part(&self, place: Place) -> Place {
        if !matches!(place.root, Root::Binding(..)) || place.path.len() != 1 {
            return place;
        }
        let value = self.project.value_of_place(&place);
        let given = value.map(|value| self.project.place(value));
        let is_of_module = |given: &Place| match given.root {
            Root::Binding(file, b) => {
                given.path.is_empty() && self.project.facts(file).binding(b).function == FunctionId::MODULE
            }
            _ => false,
        };
        given.filter(is_of_module).unwrap_or(place)
    }

    /// What is done to the collection of a growth.
    pub(in crate::lifetime) fn touched_by(&self, grown: &Grown, growths: &Growths) -> Rc<Touched> {
        if let Some(known) = growths.touched.borrow().get(&grown.place) {
            return known.clone();
        }
        let mut found = self.touched(&grown.place, grown.growth.at);
        found
            .shrinks
            .retain(|taken| !self.is_put_anew(&grown.place, taken, growths));
        let found = Rc::new(found);
        growths.touched.borrow_mut().insert(grown.place.clone(), found.clone());
        found
    }

    fn judge_growth(&self, grown: &Grown, growths: &Growths) -> (&'static str, Verdict) {
        let Grown {
            growth,
            place,
            holder,
            f,
            ..
        } = grown;
        if let Some(reason) = self.not_a_plain_collection(place, growth) {
            return (GROWING, Verdict::bounded(reason));
        }
        if self.is_capped(place, growth) {
            return (GROWING, Verdict::bounded("it takes nothing more once it is full"));
        }
        if let Some(reason) = growth.key.and_then(|k| self.bounded_key(k, growth.at)) {
            return (GROWING, Verdict::bounded(reason));
        }
        if growth.key.is_some() && self.project.has_few_keys(place) {
            return (
                GROWING,
                Verdict::bounded("its keys have only a few values by their type"),
            );
        }
        if let Some(at) = self
            .goes_with_its_object(place)
            .or_else(|| self.goes_with_part(place, growth.at))
        {
            return (GROWING, Verdict::released("its object is replaced", Some(at)));
        }
        if self.is_never_taken(growth.at) {
            return (GROWING, Verdict::unknown("no caller takes this branch"));
        }
        if self.is_merged_into(place, growth.at).is_some() {
            return (
                GROWING,
                Verdict::unknown("what it is a part of takes over parts of others"),
            );
        }
        if self.is_before_ready(growth.at) {
            return (
                GROWING,
                Verdict::bounded("nothing is added any more once what it waits for is there"),
            );
        }
        if self.is_there_before(growth, place) || self.is_known_to_be_there(growth, place) {
            return (
                GROWING,
                Verdict::bounded("the entry is there already; it gets another value"),
            );
        }
        let scope = self.scope_of(*f);
        let repetition = self.repetition_here(growth.at, *f, &scope);
        let certain = match self.outlives(*holder, place, &repetition, *f) {
            Ok(confidence) => confidence,
            // The collection was meant for what comes and goes, and what stays in it is no entry of it.
            Err(_) if self.is_kept_and_put_by_brackets(grown) => Confidence::Low,
            Err(_) if self.goes_on_by_number(grown, &repetition, growths) => Confidence::Low,
            Err(verdict) => return (GROWING, verdict),
        };
        if let Some(at) = self.is_filled_while_empty(growth.at, place, &repetition) {
            let evidence = vec![Evidence {
                role: Role::Flow,
                at,
                text: "asks whether it is empty".into(),
            }];
            return (
                GROWING,
                Verdict::Bounded("it is filled only while it is empty".into(), evidence),
            );
        }
        if let Some(at) = self.is_filled_once(growth.at, &repetition) {
            let evidence = vec![Evidence {
                role: Role::Flow,
                at,
                text: "this lets it happen once".into(),
            }];
            return (
                GROWING,
                Verdict::Bounded("a mark lets it be filled once only".into(), evidence),
            );
        }
        if let Some(at) = self.gathered_until(grown).or_else(|| self.gathered_while_open(grown)) {
            return (
                GROWING,
                Verdict::released("its elements are gathered until their source ends", Some(at)),
            );
        }
        let touched = self.touched_by(grown, growths);
        let told = self.certain_of_new(grown, &touched, &repetition, certain);
        let few = told < certain;
        let certain = told;
        let held = self.still_held(grown, &touched, growths);
        let only_at_end = held.is_none();
        let held = held.or_else(|| self.taken_out_by_nobody(grown, &touched, &repetition));
        let held = held.or_else(|| self.taken_out_by_failure(grown, &touched));
        let held = held.or_else(|| self.emptied_at_program_end(&touched, &repetition));
        let found = held.or_else(|| self.emptied_at_end_only(grown, &touched, &repetition));
        let Some(mut found) = found else {
            return (GROWING, not_a_leak(&touched));
        };
        if self.is_filled_for_others(place, growth.at, &repetition) {
            return (
                GROWING,
                Verdict::unknown("other scripts of the page may take elements out"),
            );
        }
        if let Some(at) = self.shrunk_where_lent(place) {
            return (
                GROWING,
                Verdict::released("who is lent its object takes elements out", Some(at)),
            );
        }
        // The callers are known, and go by a few names.
        found.tells &= !(few && found.rule == GROWING && found.cause == Cause::NeverBounded)
            || self.instance_handed_in(grown).is_some();
        if found.tells
            && let Some(at) = self.shrunk_by_others(place, *holder)
        {
            return (GROWING, Verdict::released("other code takes elements out", Some(at)));
        }
        if !found.tells
            && found.cause == Cause::NeverBounded
            && let Some(beside) = self
                .emptied_beside(grown, growths)
                .or_else(|| self.remembered_by_node(grown))
        {
            found.evidence.push(beside);
            found.tells = true;
        }
        // Who gives the key tells no more than what it is.
        let is_told = found.evidence.iter().any(|evidence| Some(evidence.at) != growth.key);
        let by_context = found.rule == GROWING && found.cause == Cause::NeverBounded && !(found.tells && is_told);
        let certain = match by_context && !self.lists_itself(grown) {
            true => certain.min(self.certain_by_context(grown, &repetition)),
            false => certain,
        };
        let mut confidence = match found.tells {
            true => certain.max(Confidence::Medium),
            false => certain,
        };
        if self.size_check(place, growth) || only_at_end {
            confidence = confidence.min(Confidence::Medium);
        }
        if found.rule == GROWING && found.cause == Cause::NeverBounded && self.is_made_global_in_passing(place) {
            found.rule = ACCIDENTAL;
        }
        (found.rule, self.growth_leak(grown, found, confidence, &repetition))
    }

    /// Whether something is put by brackets into a collection of a function, later than in its very run.
    fn is_kept_and_put_by_brackets(&self, grown: &Grown) -> bool {
        let at_once = |used: &Use| match used {
            Use::Passed { call, arg } => {
                let context = self.project.context_of(*call, *arg);
                context.is_some_and(|(row, _)| self.project.tables.contexts[row].every == Every::Call)
            }
            _ => false,
        };
        let uses = self.project.uses(grown.f);
        let is_run_at_once = !uses.is_empty() && uses.iter().all(at_once);
        matches!(grown.holder, Holder::Closure(_)) && !is_run_at_once && self.put_by_brackets(grown).is_some()
    }

    /// Whether a table of an object that comes and goes has callbacks by their numbers, as long as the object is there.
    fn goes_on_by_number(&self, grown: &Grown, repetition: &Repetition, growths: &Growths) -> bool {
        matches!(repetition, Repetition::Repeated { .. } | Repetition::Unknown)
            && grown.growth.key.is_some_and(|key| self.fresh_key(key, 0).is_some())
            && self.is_table_of_callbacks(grown, &self.touched_by(grown, growths))
    }

    /// Where the variable whose object has the collection gets another object.
    fn goes_with_its_object(&self, place: &Place) -> Option<Ref> {
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let facts = self.project.facts(file);
        let at_load = |node| facts.enclosing_function(node) == FunctionId::MODULE;
        let node = facts
            .references_of(b)
            .filter(|_| !place.path.is_empty())
            .find(|&node| {
                matches!(facts.node(facts.parent(node)), Node::Assign { target, .. } if target == node)
                    && !at_load(node)
            })?;
        Some(Ref { file, node })
    }

    /// `state.excluded.names.push(x)`, where the function that adds puts a new object in the place of `state.excluded`.
    fn goes_with_part(&self, place: &Place, growth: Ref) -> Option<Ref> {
        let holder = place.parent().filter(|holder| !holder.path.is_empty())?;
        let f = self.project.function_at(growth);
        let is_new = |at: &Ref| {
            let facts = self.project.facts(at.file);
            let up = facts.parent(at.node);
            let is_set = matches!(facts.node(up), Node::Assign { target, value, .. }
                if target == at.node && matches!(facts.node(value), Node::Object(_)));
            is_set && at.node < growth.node && self.project.function_at(*at) == f
        };
        self.references_in(&holder, growth.file).into_iter().find(is_new)
    }

    /// Why elements stay in a collection, if they do.
    fn still_held(&self, grown: &Grown, touched: &Touched, growths: &Growths) -> Option<Found> {
        if touched.escapes.is_some() {
            return None;
        }
        let others;
        let touched = match self.without_named(grown, touched) {
            Some(left) => {
                others = left;
                &others
            }
            None => touched,
        };
        if let Some(found) = self
            .put_by_brackets(grown)
            .or_else(|| self.never_found(grown, touched))
            .or_else(|| self.made_to_take_from(grown))
        {
            return Some(found);
        }
        if !touched.shrinks.is_empty() {
            return self
                .missed_by_release(grown, touched)
                .or_else(|| self.left_by_callers(grown, touched))
                .or_else(|| self.kept_until_the_end(grown, touched, growths))
                .or_else(|| self.settled_but_kept(grown, touched))
                .or_else(|| self.ran_but_kept(grown, touched))
                .or_else(|| self.fired_but_listed(grown, touched))
                .or_else(|| self.left_in_by_hangup(grown, touched))
                .or_else(|| self.end_heard_and_kept(grown, touched))
                .or_else(|| self.expired_and_left(grown, touched))
                .or_else(|| self.done_and_kept(grown, touched))
                .or_else(|| self.forgotten_by_end(grown, touched))
                .or_else(|| self.listed_until_all_end(grown, touched))
                .or_else(|| self.left_by_clearing(grown, touched, growths));
        }
        if let Some(found) = self.left_over(grown, touched, growths) {
            return Some(found);
        }
        let mut found = Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: Vec::new(),
            tells: self.lists_itself(grown),
        };
        if let Some(&at) = touched.for_nothing.first() {
            found.cause = Cause::ReleaseWithoutEffect;
            // A result that is dropped was meant for something.
            found.tells |= touched
                .for_nothing
                .iter()
                .any(|&at| self.is_for_nothing(at, &grown.place));
            found.evidence.push(Evidence {
                role: Role::Release,
                at,
                text: "nothing is taken out of the collection itself".into(),
            });
        }
        Some(found)
    }

    /// What is done to a table beside taking out single entries by their names, `delete table.first`, if it is: those are
    /// not the ones whose keys the code makes.
    fn without_named(&self, grown: &Grown, touched: &Touched) -> Option<Touched> {
        let key = grown.growth.key?;
        if self.project.constant_text(key, 0).is_some() || self.is_one_of_few(key) {
            return None;
        }
        let is_named = |(at, _): &(Ref, Shrink)| {
            let facts = self.project.facts(at.file);
            let entry = facts.parent(at.node);
            matches!(facts.node(entry), Node::Member { object, .. } if object == at.node)
                && matches!(facts.node(facts.parent(entry)), Node::Delete(_))
        };
        let shrinks: Vec<_> = touched
            .shrinks
            .iter()
            .copied()
            .filter(|taken| !is_named(taken))
            .collect();
        (shrinks.len() < touched.shrinks.len()).then(|| Touched {
            shrinks,
            ..touched.clone()
        })
    }

    /// Where a file that need not know the class takes something out of a field of this name, whatever the object.
    fn shrunk_by_others(&self, place: &Place, holder: Holder) -> Option<Ref> {
        let (Holder::Field(owner), Some(name)) = (holder, place.last()) else {
            return None;
        };
        if name.starts_with('#') {
            return None;
        }
        let files = self.project.files_naming(name);
        let mut others = files
            .iter()
            .copied()
            .filter(|f| *f != owner.file && !self.project.is_test_of(*f, owner.file));
        others.find_map(|file| {
            let wanted = self.project.name_in(file, name)?;
            self.project.facts(file).members_named(wanted).find_map(|node| {
                let at = Ref { file, node };
                // What the class itself and its kin do was looked at before.
                let of_kin = matches!(self.project.place(at).root, Root::This(o) if self.project.is_related(o, owner));
                (!of_kin
                    && !self.is_of_other_class(at, place)
                    && !self.is_object_of_class(at)
                    && matches!(self.touch(at, place, 0), Touch::Shrinks(_)))
                .then_some(at)
            })
        })
    }

    /// Whether an expression has what another class than those of collections makes.
    fn is_object_of_class(&self, at: Ref) -> bool {
        let made = self.project.definitions(&self.project.place(at));
        let is_other = |d: &Ref| {
            let is_new = matches!(
                self.project.node(*d),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            );
            is_new && !self.is_plain_collection(*d, 0)
        };
        !made.is_empty() && made.iter().all(is_other)
    }

    pub(in crate::lifetime) fn growth_leak(
        &self,
        grown: &Grown,
        found: Found,
        confidence: Confidence,
        repetition: &Repetition,
    ) -> Verdict {
        let place = &grown.place;
        // What is exported without a name has the one that its importer gives it.
        let name = match place.root {
            Root::Value(_) => self.show(grown.growth.collection),
            // So has the object whose field it is.
            Root::This(_) if self.is_by_parameter(grown) => self.show(grown.growth.collection),
            _ => self.show_place(place),
        };
        let mut evidence = found.evidence;
        if let Some(at) = self.declaration(place) {
            let text = match grown.holder {
                Holder::Process => format!("`{name}` lives as long as the process"),
                Holder::Field(_) => format!("`{name}` lives as long as its object"),
                Holder::Closure(_) => format!("`{name}` lives as long as a closure uses it"),
            };
            evidence.insert(
                0,
                Evidence {
                    role: Role::Holder,
                    at,
                    text,
                },
            );
        }
        evidence.extend(grown.handed.map(|at| Evidence {
            role: Role::Flow,
            at,
            text: format!("hands over `{name}`"),
        }));
        evidence.extend(self.context_evidence(repetition));
        Verdict::Leak(Leak {
            cause: found.cause,
            confidence,
            holder: format!("`{name}`"),
            often: self.often(repetition, grown.growth.at),
            remedy: Remedy::of(self.shrinking(&grown.growth, &name)),
            evidence,
        })
    }

    /// `if (collection.size < limit) collection.add(x)`.
    fn is_capped(&self, place: &Place, growth: &Growth) -> bool {
        let facts = self.project.facts(growth.at.file);
        facts.ancestors(growth.at.node).any(|up| {
            let Node::If { test, yes, .. } = facts.node(up) else {
                return false;
            };
            let Node::Binary {
                left,
                op: BinaryOp::Lt | BinaryOp::Le,
                ..
            } = facts.node(test)
            else {
                return false;
            };
            facts.is_inside(growth.at.node, yes)
                && self.is_size_of(
                    Ref {
                        node: left,
                        ..growth.at
                    },
                    place,
                )
        })
    }

    /// `table.size`, `list.length`.
    pub(in crate::lifetime) fn is_size_of(&self, at: Ref, place: &Place) -> bool {
        let Node::Member { object, property, .. } = self.project.node(at) else {
            return false;
        };
        if !matches!(self.project.facts(at.file).name(property), "length" | "size") {
            return false;
        }
        let asked = self.project.place(Ref { node: object, ..at });
        self.project.same_place(&asked, place)
    }

    /// Whether something asks how large the collection is before it grows.
    fn size_check(&self, place: &Place, growth: &Growth) -> bool {
        let facts = self.project.facts(growth.at.file);
        facts.ancestors(growth.at.node).any(|up| match facts.node(up) {
            Node::If { test, .. } => {
                let mut found = false;
                let mut stack = vec![test];
                while let Some(node) = stack.pop() {
                    found |= self.is_size_of(Ref { node, ..growth.at }, place);
                    facts.children(node, |c| stack.push(c));
                }
                found
            }
            _ => false,
        })
    }
}

fn judged(grown: &Grown, rule: &str, verdict: Verdict) -> Judged {
    let acquisition = Acquisition {
        rule: rule.to_owned(),
        what: "element".to_owned(),
        at: grown.growth.at,
        kind: Kind::Growth {
            place: grown.place.clone(),
            key: grown.growth.key,
        },
    };
    Judged { acquisition, verdict }
}

/// The verdict on a collection that something shrinks, or that is handed on.
fn not_a_leak(touched: &Touched) -> Verdict {
    if let Some(at) = touched.escapes {
        return Verdict::Unknown(
            "the collection is handed to other code".into(),
            vec![Evidence {
                role: Role::Flow,
                at,
                text: "handed on here".into(),
            }],
        );
    }
    Verdict::released(
        "something takes elements out",
        touched.shrinks.first().map(|(at, _)| *at),
    )
}
