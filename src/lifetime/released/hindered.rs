//! Releases that stand behind a look at something which need not be so when the end comes: at another state than the
//! one that the acquisition brings about, at a property of a component, at a mark that nobody can set.

use crate::facts::{BinaryOp, BindingKind, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Key, OwnerId, Phase, Place, Ref, Root, Use};

/// What a test asks of a place: the test, the place, and whether it has to be truthy.
pub(in crate::lifetime) struct Look {
    pub at: Ref,
    pub place: Place,
    pub truthy: bool,
}

impl Judge<'_> {
    /// Evidence that every release at the end of an owner stands behind a look that the acquisition does not depend on.
    pub(in crate::lifetime) fn hindered(
        &self,
        a: &Acquisition,
        scope: &Scope,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let mut found = None;
        for release in self.at_the_end(a, scope, right) {
            let looks = self.looks_before(release.at);
            let look = looks
                .into_iter()
                .find(|look| self.hinders(a, scope, release.at, look))?;
            found.get_or_insert((look.at, release.at));
        }
        let (look, release) = found?;
        let evidence = |role, at, text: &str| Evidence {
            role,
            at,
            text: text.into(),
        };
        Some(vec![
            evidence(Role::Release, release, "released under a condition"),
            evidence(Role::Flow, look, "this need not be so, although it was acquired"),
        ])
    }

    /// The releases that the end of the owner leads to; all of them, where a closure that is given back releases.
    fn at_the_end<'r>(&self, a: &Acquisition, scope: &Scope, right: &[&'r Release]) -> Vec<&'r Release> {
        let f = self.project.function_at(a.at);
        match scope {
            Scope::Owner { owner, .. } => {
                let (teardowns, _) = self.teardowns(*owner);
                let reach = self.project.reach(&teardowns);
                let is_at_end = |r: &&&Release| reach.contains(&self.project.function_at(r.at));
                right.iter().filter(is_at_end).copied().collect()
            }
            _ if right.iter().any(|r| self.project.function_at(r.at) == f) => Vec::new(),
            _ => right.to_vec(),
        }
    }

    /// What a node's function, and the only call of that in the file, ask before it is reached.
    fn looks_before(&self, at: Ref) -> Vec<Look> {
        let mut out = self.looks_within(at);
        let f = self.project.function_at(at);
        let calls = self.project.callers(f).calls;
        if let [call] = calls[..]
            && call.file == at.file
            && !self.project.is_within(self.project.function_at(call), f)
        {
            out.extend(self.looks_within(call));
        }
        out
    }

    /// What decides in its function whether a node is reached.
    pub(in crate::lifetime) fn looks_within(&self, at: Ref) -> Vec<Look> {
        let mut out = Vec::new();
        for (test, result) in self.conditions_of(at) {
            let found = std::cell::RefCell::new(Vec::new());
            self.says(test, result, 0, &|leaf, result, _| {
                found.borrow_mut().extend(self.look(leaf, result));
                false
            });
            out.append(&mut found.into_inner());
        }
        out
    }

    /// What a test asks without other parts: `this.timer`, `this.timer !== null`.
    fn look(&self, test: Ref, result: bool) -> Option<Look> {
        let here = |node| Ref { node, ..test };
        let (at, truthy) = match self.project.node(test) {
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } => (test, result),
            Node::Binary { left, right, op } if self.project.node(here(right)).is_nullish() => match op {
                BinaryOp::Eq => (here(left), !result),
                BinaryOp::Ne => (here(left), result),
                _ => return None,
            },
            _ => return None,
        };
        let place = self.project.place(at);
        Some(Look {
            at: test,
            place,
            truthy,
        })
    }

    fn hinders(&self, a: &Acquisition, scope: &Scope, release: Ref, look: &Look) -> bool {
        if self.is_of_acquired(a, &look.place) || self.is_looked_at_by(a, &look.place) {
            return false;
        }
        if look.truthy && self.is_never_set(&look.place) {
            return true;
        }
        match (&look.place.root, &look.place.path[..], scope) {
            (_, [] | [Key::Name(_)], Scope::Effect { setup }) => self.is_fixed_before(&look.place, *setup),
            (Root::This(of), [Key::Name(part), Key::Name(_)], Scope::Owner { owner, .. }) => {
                let given = &self.project.tables.conventions.given_by_parent;
                self.project.is_related(*of, *owner)
                    && self.project.lifecycle(*owner).is_some()
                    && given.iter().any(|g| g.as_str() == &**part)
                    && !self.is_looked_at_elsewhere(&look.place, release)
            }
            (Root::This(of), [Key::Name(_)], Scope::Owner { owner, method })
                if self.project.is_related(*of, *owner) =>
            {
                match look.truthy {
                    true => self.is_set_later_only(a, *owner, method, &look.place),
                    false => self.is_set_with(a, &look.place, release),
                }
            }
            _ => false,
        }
    }

    /// Whether a place has to do with what was acquired: its receiver or function, or a part of them.
    fn is_of_acquired(&self, a: &Acquisition, place: &Place) -> bool {
        let parts = [a.target(), a.handler()].into_iter().flatten();
        let mut held: Vec<Place> = parts.map(|part| self.project.place(part)).collect();
        held.extend(self.flow_of(a).places);
        let is_part = |whole: &Place, part: &Place| {
            let mut at = Some(part.clone());
            while let Some(place) = at {
                if self.project.same_place(&place, whole) {
                    return true;
                }
                at = place.parent();
            }
            false
        };
        held.iter().any(|h| is_part(place, h) || is_part(h, place))
    }

    /// Whether what leads to the acquisition asks for the same place.
    fn is_looked_at_by(&self, a: &Acquisition, place: &Place) -> bool {
        let mut looks = self.looks_before(a.at).into_iter();
        looks.any(|look| self.project.same_place(&look.place, place))
    }

    /// Whether a mark is nothing at first, and each place that sets it can only be reached where it is set already.
    fn is_never_set(&self, place: &Place) -> bool {
        let is_own = match (&place.root, &place.path[..]) {
            (Root::Binding(file, b), []) => {
                let kind = self.project.facts(*file).binding(*b).kind;
                matches!(kind, BindingKind::Let | BindingKind::Var)
            }
            (Root::This(owner), [Key::Name(name)]) => self.is_written_by_itself_only(*owner, name),
            _ => false,
        };
        let (nothing, set): (Vec<Ref>, Vec<Ref>) = self
            .project
            .definitions(place)
            .into_iter()
            .partition(|v| self.project.node(*v).is_unset());
        is_own
            && !nothing.is_empty()
            && !set.is_empty()
            && set.iter().all(|value| {
                let looks = self.looks_within(*value).into_iter();
                looks
                    .filter(|look| look.truthy)
                    .any(|look| self.project.same_place(&look.place, place))
            })
    }

    /// Whether nothing but the code of a class names a field of its objects.
    pub(in crate::lifetime) fn is_written_by_itself_only(&self, owner: OwnerId, name: &str) -> bool {
        let is_own = |&write: &NodeId| match self.project.facts(owner.file).node(write) {
            Node::Assign { target, .. } => {
                let place = self.project.place(Ref {
                    file: owner.file,
                    node: target,
                });
                matches!(place.root, Root::This(_))
            }
            _ => false,
        };
        let is_alone = self.project.lineage(owner).len() == 1;
        let mut others = self.project.users_of(owner.file).into_iter();
        is_alone
            && self.project.writes_to(owner.file, name).iter().all(is_own)
            && others.all(|file| self.project.writes_to(file, name).is_empty())
    }

    /// Whether a name has its value from before an effect runs, and keeps it: a prop, a state.
    fn is_fixed_before(&self, place: &Place, setup: Func) -> bool {
        let (file, b) = match (&place.root, &place.path[..]) {
            (Root::Binding(file, b), []) => (*file, *b),
            (Root::Value(at), [Key::Name(part)]) => return self.is_given_by_pattern(*at, part, setup),
            _ => return false,
        };
        let binding = self.project.facts(file).binding(b);
        let outer = self.project.function(setup).parent;
        file == setup.file
            && binding.writes == 0
            && binding.kind == BindingKind::Param
            && Some(binding.function) == outer
    }

    /// Whether a value is a part of what the function around an effect is handed, or the first of a pair that a hook
    /// gives it: `const [isOpen, setOpen] = useState(false)`.
    fn is_given_by_pattern(&self, at: Ref, part: &str, setup: Func) -> bool {
        let outer = self.project.function(setup).parent;
        let facts = self.project.facts(at.file);
        let is_around = at.file == setup.file && Some(self.project.function_at(at).function) == outer;
        match facts.node(at.node) {
            Node::Call { .. } => is_around && part == "0",
            _ => {
                at.file == setup.file
                    && matches!(facts.node(facts.parent(at.node)), Node::Function(f) if Some(f) == outer)
            }
        }
    }

    /// Whether code of the same class, other than the function of a release, asks for a place.
    fn is_looked_at_elsewhere(&self, place: &Place, release: Ref) -> bool {
        let g = self.project.function_at(release);
        self.references_in(place, release.file).into_iter().any(|read| {
            let facts = self.project.facts(read.file);
            let is_test = facts.ancestors(read.node).any(|up| match facts.node(up) {
                Node::If { test, .. } | Node::Conditional { test, .. } => facts.is_inside(read.node, test),
                Node::Logical { left, .. } => facts.is_inside(read.node, left),
                _ => false,
            });
            is_test && self.project.function_at(read) != g
        })
    }

    /// Whether a field that has to be there is filled by what runs later only: not as the object is made, nor by what
    /// leads to the acquisition or follows it.
    fn is_set_later_only(&self, a: &Acquisition, owner: OwnerId, method: &str, place: &Place) -> bool {
        if self.phase(owner, method).0 != Phase::Setup {
            return false;
        }
        let defined = self.project.definitions(place);
        let set: Vec<Ref> = defined
            .into_iter()
            .filter(|v| !self.project.node(*v).is_unset())
            .collect();
        let f = self.project.function_at(a.at);
        !set.is_empty()
            && set.iter().all(|value| {
                let g = self.project.function_at(*value);
                let method = self.project.method_around(g).filter(|(.., method)| *method == g);
                g != f
                    && method.is_some_and(|(of, name, _)| {
                        self.project.is_related(of, owner) && self.runs_by_events_only(of, name)
                    })
            })
    }

    /// Whether a method is only ever handed over to be called at an event.
    fn runs_by_events_only(&self, owner: OwnerId, method: &str) -> bool {
        let uses = self.project.method_uses(owner, method);
        let is_passed = |used: &Use| match used {
            Use::Passed { call, .. } => self.releases_or_listens(*call),
            _ => false,
        };
        !uses.is_empty() && uses.iter().all(is_passed)
    }

    /// Whether a call registers a function, or takes one off.
    fn releases_or_listens(&self, call: Ref) -> bool {
        let tables = &self.project.tables;
        let name = self.name_called(call);
        name.is_some_and(|name| !tables.acquisitions(&name).is_empty() || !tables.releases_named(&name).is_empty())
    }

    /// Whether the function of an acquisition sets a mark, and nothing but the release's function takes it back.
    fn is_set_with(&self, a: &Acquisition, place: &Place, release: Ref) -> bool {
        let f = self.project.function_at(a.at);
        let g = self.project.function_at(release);
        let mut sets = false;
        for value in self.project.definitions(place) {
            let by = self.project.function_at(value);
            let is_set = matches!(self.project.node(value), Node::Bool(true));
            if by == f && is_set && !self.is_conditional(value) {
                sets = true;
            } else if !is_set && !self.is_initial(value) && by != g {
                return false;
            }
        }
        sets
    }

    /// Whether a value is given to a field as its object is made.
    pub(in crate::lifetime) fn is_initial(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        !matches!(facts.node(facts.parent(value.node)), Node::Assign { .. }) || self.is_constructor(value)
    }
}
