//! Who hands a receiver to the code that registers on it, and what that says of how long the receiver lives.
//!
//! A socket given to a constructor is, most often, the constructor's to keep: it closes the socket, and both end
//! together. A bus given to a component is not. The callers say which it is; where none can be seen, only what the code
//! itself does with the receiver does: who takes one listener off it knows that it lives on.

use super::teardown::Scope;
use super::{Acquisition, Judge, Kind};
use crate::facts::{BindingKind, FunctionId, MemberKind, Node};
use crate::link::{Func, Life, Place, Ref, Repetition, Root, Use};
use crate::tables::{Base, Every};

/// How many callers up a value is followed.
const MAX_LENDERS: u32 = 3;

/// What is known of a receiver that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lent {
    /// It was not handed over, or a caller hands over something that outlives the call.
    Outlives,
    /// Every caller makes one for this call.
    Fresh,
    /// Nobody can be seen who hands it over.
    Unknown,
}

impl Judge<'_> {
    /// What the callers say of a receiver.
    pub(super) fn lent(&self, target: Ref) -> Lent {
        let place = self.project.place(target);
        if self.has_long_lived_name(&place) {
            return Lent::Outlives;
        }
        // Reached through what was handed over, and of a type that is known to live longer: the socket of a request.
        if !place.path.is_empty() && self.is_param(&place.root) && self.is_lent(target) {
            return Lent::Outlives;
        }
        match self.project.life_of(&place) {
            Life::Outer | Life::Connection => match self.lender_of(&place, 0) {
                Lent::Unknown if self.is_shared(target) => Lent::Outlives,
                lent => lent,
            },
            _ => Lent::Outlives,
        }
    }

    fn is_param(&self, root: &Root) -> bool {
        matches!(root, Root::Binding(file, b) if self.project.facts(*file).binding(*b).kind == BindingKind::Param)
    }

    fn is_shared(&self, target: Ref) -> bool {
        let found = self.project.type_of(target);
        found.is_some_and(|t| self.project.tables.type_row(t).shared)
    }

    fn has_long_lived_name(&self, place: &Place) -> bool {
        let name = match (&place.root, place.last()) {
            (_, Some(last)) => last.to_owned(),
            (Root::Binding(file, b), None) => {
                let facts = self.project.facts(*file);
                facts.name(facts.binding(*b).name).to_owned()
            }
            _ => return false,
        };
        self.settings.long_lived.contains(&name) || self.project.tables.conventions.long_lived.contains(&name)
    }

    fn lender_of(&self, place: &Place, depth: u32) -> Lent {
        if depth > MAX_LENDERS {
            return Lent::Unknown;
        }
        match &place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(*file).binding(*b);
                if binding.function == FunctionId::MODULE {
                    return Lent::Outlives;
                }
                if binding.kind != BindingKind::Param {
                    let defined = self.project.definitions(&Place::root(place.root.clone()));
                    return self.all_of(defined.into_iter().map(|d| self.lender_of_value(d, depth)));
                }
                match self.project.param_position(*file, *b) {
                    Some((f, index)) => self.handed_over(f, index, depth),
                    None => Lent::Unknown,
                }
            }
            Root::This(owner) => {
                let Some(name) = place.path.iter().find_map(|k| match k {
                    crate::link::Key::Name(name) => Some(name.to_string()),
                    crate::link::Key::Dynamic(_) => None,
                }) else {
                    return Lent::Unknown;
                };
                let mut found = Vec::new();
                if let Some((o, member)) = self.project.member(*owner, &name)
                    && member.kind == MemberKind::ParamField
                {
                    found.push(self.lender_of_param_field(o, &name, depth));
                }
                for def in self.project.field_definitions(*owner, &name) {
                    if !matches!(
                        self.project.node(def),
                        Node::Null | Node::Undefined | Node::Empty | Node::Bool(_)
                    ) {
                        found.push(self.lender_of_value(def, depth));
                    }
                }
                self.all_of(found.into_iter())
            }
            Root::Value(at) => self.lender_of_value(*at, depth + 1),
            Root::Global | Root::External(_) | Root::Module(_) => Lent::Outlives,
        }
    }

    fn lender_of_param_field(&self, owner: crate::link::OwnerId, name: &str, depth: u32) -> Lent {
        let Some(c) = self.project.constructor(owner) else {
            return Lent::Unknown;
        };
        let facts = self.project.facts(c.file);
        let params = facts.list(self.project.function(c).params);
        let index = params.into_iter().position(|p| {
            let inner = match facts.node(p) {
                Node::Default { target, .. } => target,
                _ => p,
            };
            matches!(facts.node(inner), Node::Binding(b) if facts.name(facts.binding(b).name) == name)
        });
        index.map_or(Lent::Unknown, |index| self.handed_over(c, index, depth))
    }

    /// What the callers of a function hand over at a position.
    fn handed_over(&self, f: Func, index: usize, depth: u32) -> Lent {
        let mut calls: Vec<Ref> = Vec::new();
        for used in self.project.uses(f).iter() {
            match used {
                Use::Called { call } => calls.push(*call),
                // A callback: what its caller hands over cannot be seen.
                _ => return Lent::Unknown,
            }
        }
        if let Some((owner, _, method)) = self.project.method_around(f)
            && method == f
            && self.project.constructor(owner) == Some(f)
        {
            calls.extend(self.project.constructions(owner));
        }
        calls.sort_unstable();
        calls.dedup();
        self.all_of(calls.into_iter().map(|call| {
            let Node::Call { args, .. } = self.project.node(call) else {
                return Lent::Unknown;
            };
            match self.project.facts(call.file).item(args, index) {
                Some(node) => self.lender_of_value(Ref { file: call.file, node }, depth),
                None => Lent::Fresh,
            }
        }))
    }

    fn lender_of_value(&self, at: Ref, depth: u32) -> Lent {
        let place = self.project.place(at);
        match self.project.life_of(&place) {
            Life::Process => Lent::Outlives,
            Life::Call(_) | Life::Request => Lent::Fresh,
            Life::Outer | Life::Connection if matches!(place.root, Root::Value(v) if v == at) => Lent::Unknown,
            Life::Outer | Life::Connection => self.lender_of(&place, depth + 1),
            Life::Instance(_) | Life::Unknown => Lent::Unknown,
        }
    }

    fn all_of(&self, each: impl Iterator<Item = Lent>) -> Lent {
        let mut out = None;
        for one in each {
            match one {
                Lent::Outlives => return Lent::Outlives,
                _ if out.is_some_and(|o| o != one) => out = Some(Lent::Unknown),
                _ => out = Some(one),
            }
        }
        out.unwrap_or(Lent::Unknown)
    }

    /// Whether a variable gets a new object in this very function before something is registered on it: `child =
    /// spawn(...)`. What was there before goes, and its listeners with it.
    pub(super) fn is_made_anew(&self, target: Ref, place: &Place) -> bool {
        let Root::Binding(..) = place.root else {
            return false;
        };
        let f = self.project.function_at(target);
        let defined = self.project.definitions(&Place::root(place.root.clone()));
        let mut anew = false;
        for d in defined {
            match self.project.node(d) {
                Node::Null | Node::Undefined | Node::Empty | Node::Bool(_) => continue,
                _ => {}
            }
            if !matches!(self.project.life_of(&self.project.place(d)), Life::Call(_)) {
                return false;
            }
            anew |= self.project.function_at(d) == f && d.file == target.file && d.node < target.node;
        }
        anew
    }

    /// Where the code that registers on a receiver ends the receiver: it owns it.
    pub(super) fn ends_target(&self, a: &Acquisition, target: Ref) -> Option<Ref> {
        let ends = self.project.tables.conventions.end.iter();
        self.call_on(a, target, ends.map(String::as_str))
    }

    /// A removal of another registration from the same receiver: its author knows that the receiver lives on.
    pub(super) fn removes_another(&self, a: &Acquisition, target: Ref) -> Option<Ref> {
        let Kind::Pair { row, .. } = a.kind else { return None };
        let patterns = self.project.tables.releases[row].iter();
        let methods = patterns.filter(|p| matches!(p.base, Base::Method(_))).map(|p| p.last());
        self.call_on(a, target, methods)
    }

    /// A call of a method of a receiver, in the files that know it.
    fn call_on<'n>(&self, a: &Acquisition, target: Ref, methods: impl Iterator<Item = &'n str>) -> Option<Ref> {
        let place = self.project.place(target);
        let files = self.release_files(a.at, std::slice::from_ref(&place));
        for name in methods {
            for &file in &files {
                for &node in self.project.calls_named(file, name) {
                    let call = Ref { file, node };
                    let Node::Call { callee, .. } = self.project.node(call) else {
                        continue;
                    };
                    let Node::Member { object, .. } = self.project.node(Ref { file, node: callee }) else {
                        continue;
                    };
                    if self
                        .project
                        .same_place(&self.project.place(Ref { file, node: object }), &place)
                    {
                        return Some(call);
                    }
                }
            }
        }
        None
    }

    /// Whether a framework begins and ends the scope: what it lends outlives it.
    pub(super) fn is_run_by_framework(&self, scope: &Scope, repetition: &Repetition) -> bool {
        if let Repetition::Repeated {
            every: Every::Mount | Every::Update,
            ..
        } = repetition
        {
            return true;
        }
        match scope {
            Scope::Effect { .. } | Scope::Setup { .. } => true,
            Scope::Owner { owner, .. } => self.teardowns(*owner).1,
            Scope::Function => false,
        }
    }
}
