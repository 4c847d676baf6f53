//! Collections whose functions others call: `registry.add(key, value)` before the work, `registry.remove(key)` behind it.
//! Whether an entry is taken out is told where those functions are called, and by what is handed to them there.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::{Found, Grown};
use crate::lifetime::grown::growth::Growth;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::link::{Func, Ref, Use};

/// How many calls of one function are looked at.
const MAX_CALLS: usize = 24;

impl Judge<'_> {
    /// Why an entry stays that one caller puts in by a function, and takes out by another one.
    pub(in crate::lifetime) fn left_by_callers(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        if touched.leaves.is_some() {
            return None;
        }
        let added = self.calls_in_sight(grown.f)?;
        let taken = self.taken_by_callers(grown, touched)?;
        let around = |at: Ref| self.outermost(self.project.function_at(at));
        // Who takes out what others have put in may do so at any time.
        if !taken
            .iter()
            .all(|(at, _)| added.iter().any(|call| around(*call) == around(*at)))
        {
            return None;
        }
        added.iter().find_map(|&call| {
            let own = taken.iter().filter(|(at, _)| around(*at) == around(call));
            let touched = Touched {
                shrinks: own.copied().collect(),
                ..Touched::default()
            };
            let of_call = self.grown_by_call(grown, call);
            let is_handed_in = of_call.growth.key.or(of_call.growth.value).is_some() || self.is_made_of_handed(grown);
            touched.shrinks.first().filter(|_| is_handed_in)?;
            match touched.shrinks.iter().all(|shrink| self.is_for_same(&of_call, shrink)) {
                true => self
                    .missed_by_release(&of_call, &touched)
                    .or_else(|| self.left_in_by_hangup(&of_call, &touched)),
                // What takes out another entry may make room for this one.
                false => self.missed_by_name(&of_call, &touched),
            }
        })
    }

    /// Whether a call takes out what another one has put in, by what both are handed.
    fn is_for_same(&self, grown: &Grown, (at, how): &(Ref, Shrink)) -> bool {
        let handed = |call: Ref| self.callee_of(call).map(|(_, args)| args).unwrap_or_default();
        let same = |taken: Ref, put: &[Ref]| put.iter().any(|put| self.project.same_key(taken, *put));
        match how {
            Shrink::Entry(taken) if grown.growth.key.or(grown.growth.value).is_some() => {
                let put: Vec<Ref> = grown.growth.key.into_iter().chain(grown.growth.value).collect();
                same(*taken, &put)
            }
            _ => handed(*at)
                .into_iter()
                .any(|taken| same(taken, &handed(grown.growth.at))),
        }
    }

    /// A growth as one call of its function makes it: with the key and the value that are handed in.
    fn grown_by_call(&self, grown: &Grown, call: Ref) -> Grown {
        let handed = |at: Option<Ref>| at.and_then(|at| self.handed_for(at, grown.f, call));
        Grown {
            growth: Growth {
                at: call,
                collection: grown.growth.collection,
                key: handed(grown.growth.key),
                value: handed(grown.growth.value),
            },
            place: grown.place.clone(),
            holder: grown.holder,
            f: self.project.function_at(call),
            handed: None,
        }
    }

    /// `list.push({ id, value })`, with parameters of the function.
    fn is_made_of_handed(&self, grown: &Grown) -> bool {
        let Some(value) = grown.growth.value else { return false };
        let facts = self.project.facts(value.file);
        let Node::Object(parts) = facts.node(value.node) else {
            return false;
        };
        facts.list(parts).any(|part| match facts.node(part) {
            Node::Property { value: node, .. } => {
                let of = self.parameter_of(&self.project.place(Ref { node, ..value }));
                of.is_some_and(|(f, _)| f == grown.f)
            }
            _ => false,
        })
    }

    /// What calls of functions take out of a collection, each at the call. Nothing, where anything else does.
    fn taken_by_callers(&self, grown: &Grown, touched: &Touched) -> Option<Vec<(Ref, Shrink)>> {
        let mut out = Vec::new();
        for (at, how) in self.before_the_end(touched) {
            let f = self.activation(self.project.function_at(*at));
            if *how == Shrink::All || self.project.is_within(f, grown.f) {
                return None;
            }
            for call in self.calls_in_sight(f)? {
                let how = match how {
                    Shrink::Entry(key) => self.handed_for(*key, f, call).map(Shrink::Entry),
                    _ => None,
                };
                out.push((call, how.unwrap_or(Shrink::Some)));
            }
        }
        Some(out)
    }

    /// The calls of a function, unless it is handed on, called too often, or not called at all.
    fn calls_in_sight(&self, f: Func) -> Option<Vec<Ref>> {
        let uses = self.uses_by_name(f);
        let mut calls = Vec::new();
        for used in &uses {
            match used {
                Use::Called { call } if !self.project.is_test_of(call.file, f.file) => calls.push(*call),
                Use::Called { .. } | Use::Exported => {}
                _ => return None,
            }
        }
        (!calls.is_empty() && calls.len() <= MAX_CALLS).then_some(calls)
    }

    /// What becomes of a function, and of the method that it is.
    pub(in crate::lifetime) fn uses_by_name(&self, f: Func) -> Vec<Use> {
        let of_method = self.project.method_around(f).filter(|(.., method)| *method == f);
        let of_method = of_method.map(|(owner, name, _)| self.project.method_uses(owner, name));
        let stands_in_class = |used: &Use| of_method.is_some() && matches!(used, Use::Stored { .. });
        let own = self.project.uses(f);
        let mut out: Vec<Use> = own.iter().filter(|used| !stands_in_class(used)).cloned().collect();
        out.extend(of_method.iter().flat_map(|uses| uses.iter().cloned()));
        out
    }

    /// What a call hands to a function for one of its parameters.
    fn handed_for(&self, at: Ref, f: Func, call: Ref) -> Option<Ref> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let (of, index) = self.project.param_position(at.file, b)?;
        let is_kept = self.project.facts(at.file).binding(b).writes == 0;
        (of == f && is_kept).then(|| self.project.argument(call, index))?
    }
}
