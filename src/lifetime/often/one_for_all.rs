//! Methods whose calls differ by what they register something for: an argument, an object they make and give back, a
//! part of what they go through by calling themselves.

use crate::facts::{BindingKind, CallKind, FunctionId, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, OwnerId, Phase, Ref, Root};

impl Judge<'_> {
    /// Evidence that a method registers another function at each call, on something that is the same each time.
    pub(in crate::lifetime) fn registers_for_each_call(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        self.for_each_argument(a, scope)
            .or_else(|| self.for_each_product(a))
            .or_else(|| self.for_each_turn(a))
            .or_else(|| self.for_each_turn_of_loop(a))
    }

    /// Evidence that what an object registers on belongs to its class: there are several, which it is there for.
    pub(in crate::lifetime) fn shared_by_objects(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let (target, handler) = a.registration()?;
        let Scope::Owner { owner, method } = scope else {
            return None;
        };
        let Node::Member { object, property, .. } = self.project.node(target) else {
            return None;
        };
        let of = Ref { node: object, ..target };
        let class = match self.project.node(of) {
            Node::Binding(_) => self.project.owner_of_class_value(of, 0)?,
            _ => return None,
        };
        let name = self.project.text(target.file, property);
        let mut members = self.project.owner(*owner).members.iter();
        let is_shared =
            class == *owner && members.any(|m| m.is_static && self.project.text(owner.file, m.name) == name);
        let begins = method == "constructor" || self.phase(*owner, method).0 == Phase::Setup;
        let keeps = self.keeps_state(handler, self.project.function_at(a.at));
        (is_shared && begins && keeps && !self.is_singleton(*owner)).then(|| Evidence {
            role: Role::Holder,
            at: target,
            text: "all objects of the class share it".into(),
        })
    }

    /// Evidence that a method of another object makes one at each call, for whoever calls it, on something that it keeps
    /// itself: `open(path) { return new Call(this.session) }`.
    pub(in crate::lifetime) fn made_for_each_call_of_keeper(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let (target, handler) = a.registration()?;
        let Scope::Owner { owner, method } = scope else {
            return None;
        };
        let on = self.project.place(target);
        let begins = method == "constructor" || self.phase(*owner, method).0 == Phase::Setup;
        let lender = self.lender(&on).filter(|lender| lender.path.is_empty())?;
        let is_handed = Some(lender.function) == self.project.constructor(*owner);
        if !begins || !is_handed || !self.keeps_state(handler, self.project.function_at(a.at)) {
            return None;
        }
        let mut made = self.project.constructions(*owner);
        made.retain(|call| !self.project.is_test_of(call.file, owner.file));
        let is_by_keeper = |call: &Ref| self.is_made_by_keeper(*call, lender.index);
        let first = *made.first()?;
        made.iter().all(is_by_keeper).then(|| Evidence {
            role: Role::Flow,
            at: first,
            text: "each call makes another one, on what stays the same".into(),
        })
    }

    /// Whether an object is made by a method of another one, for its caller, and handed a field which that has anyway.
    fn is_made_by_keeper(&self, made: Ref, index: usize) -> bool {
        let f = self.project.function_at(made);
        let Some((keeper, name, _)) = self.project.method_around(f).filter(|(.., method)| *method == f) else {
            return false;
        };
        let Some(given) = self.project.argument(made, index) else {
            return false;
        };
        let field = self.project.place(given);
        let is_field = matches!(field.root, Root::This(of) if self.project.is_related(of, keeper))
            && field.path.len() == 1
            && !self.is_filled_by(&field, f);
        let is_plain = name != "constructor" && self.phase(keeper, name).0 == Phase::Other;
        let flow = self.flow(made);
        let is_given_back = flow.returned.contains(&f);
        let is_kept = flow.places.iter().any(|p| matches!(p.root, Root::This(_))) || !flow.collections.is_empty();
        is_field && is_plain && is_given_back && !is_kept && !self.is_let_in(made, f)
    }

    /// Evidence that a function gives back an object which has an end, and that this leaves what the function registered
    /// on what was there before: `return { destroy() { ... } }`.
    pub(in crate::lifetime) fn given_back_with_end(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let f = self.activation(self.project.function_at(a.at));
        let is_plain = matches!(scope, Scope::Function) && f.function != FunctionId::MODULE;
        let goes_on = match a.registration() {
            Some((target, handler)) => {
                let life = self.project.life_of(&self.project.place(target));
                life == Life::Process && self.keeps_state(handler, f)
            }
            None => a.target().is_none() && self.goes_on_by_itself(a),
        };
        if !is_plain || !goes_on || self.is_begun_at_start(f) {
            return None;
        }
        let given = self.project.returned_values(f);
        let [object] = given[..] else { return None };
        if !matches!(self.project.node(object), Node::Object(_)) {
            return None;
        }
        let owner = self.project.owner_made_by(object)?;
        let weak = &self.project.tables.conventions.weak_teardown;
        let ends = |&f: &Func| {
            let around = self.project.method_around(f);
            around.is_some_and(|(_, name, _)| !weak.iter().any(|w| w == name)) && self.ends_its_object(f)
        };
        let (teardowns, _) = self.teardowns(owner);
        let end = teardowns.into_iter().find(ends)?;
        Some(Evidence {
            role: Role::Release,
            at: self.project.function_node(end),
            text: "ends what is given back, and leaves this".into(),
        })
    }

    /// A function that keeps what its method makes and gives back, on a service.
    fn for_each_product(&self, a: &Acquisition) -> Option<Evidence> {
        let (target, handler) = a.registration()?;
        let row = a.row()?;
        let told = self.project.tables.pairs[row].told_elsewhere;
        if !told || !self.is_service(a, &self.project.place(target)) {
            return None;
        }
        let f = self.project.function_at(a.at);
        let g = self.project.function_value(handler, 0)?;
        let given_back = self.project.returned_values(f);
        let facts = self.project.facts(f.file);
        let product = self.project.function(g).captures.iter().find(|&&b| {
            let binding = facts.binding(b);
            let is_made = binding.init.is_some_and(|init| {
                matches!(
                    facts.node(init),
                    Node::Call {
                        kind: CallKind::New,
                        ..
                    }
                )
            });
            let is_it = |v: &Ref| facts.node(v.node) == Node::Binding(b) && v.file == f.file;
            g.file == f.file && binding.function == f.function && is_made && given_back.iter().any(is_it)
        })?;
        let at = facts.binding(*product).init?;
        Some(Evidence {
            role: Role::Context,
            at: Ref { file: f.file, node: at },
            text: "each call makes another one".into(),
        })
    }

    /// A function that keeps something of its call, on a field of the object, in a method that calls itself.
    fn for_each_turn(&self, a: &Acquisition) -> Option<Evidence> {
        let (target, handler) = a.registration()?;
        let f = self.project.function_at(a.at);
        let (owner, name, method) = self.project.method_around(f)?;
        let place = self.project.place(target);
        let is_field = matches!(place.root, Root::This(o) if o == owner) && !place.path.is_empty();
        if method != f || !is_field || self.is_conditional(a.at) {
            return None;
        }
        let g = self.project.function_value(handler, 0)?;
        let keeps_local = self.project.function(g).captures.iter().any(|&b| {
            let binding = self.project.facts(g.file).binding(b);
            g.file == f.file && binding.function == f.function
        });
        // `super.build()` is the method of the class above.
        let is_own = |at: &Ref| match self.project.node(*at) {
            Node::Member { object, .. } => self.project.node(Ref { node: object, ..*at }) != Node::Super,
            _ => true,
        };
        let mut calls = self.project.method_references(owner, name).into_iter();
        let at = calls.find(|at| self.project.function_at(*at) == f && is_own(at))?;
        keeps_local.then(|| Evidence {
            role: Role::Context,
            at,
            text: format!("`{name}` calls itself, and each turn adds another one"),
        })
    }

    /// A method of a service that lives as long as the application registers a function for what it is given by its
    /// caller: there is one object, so it is the calls that differ.
    fn for_each_argument(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let (target, handler) = a.registration()?;
        let row = a.row()?;
        let Scope::Owner { owner, method } = scope else {
            return None;
        };
        let (phase, certain) = self.phase(*owner, method);
        let begins = method == "constructor" || phase == Phase::Teardown || phase == Phase::Setup && certain;
        if begins || self.runs_at_start(*owner, method) || !self.is_singleton(*owner) {
            return None;
        }
        // What a stream listens to was asked before.
        let place = self.project.place(target);
        let lasts = self.project.tables.pairs[row].stream
            || self.has_long_lived_name(&place)
            || self.project.life_of(&place) == Life::Process;
        let (_, _, top) = self.project.method_around(self.project.function_at(a.at))?;
        let given = self.captured_argument(handler, top).filter(|_| lasts)?;
        Some(Evidence {
            role: Role::Context,
            at: given,
            text: "each call hands in another one".into(),
        })
    }

    /// Whether a method is called as what runs at the start is, by itself and by the methods that call it.
    pub(in crate::lifetime) fn runs_at_start(&self, owner: OwnerId, method: &str) -> bool {
        let begins = |name: &str| name == "constructor" || self.is_startup_name(name);
        let mut callers = self
            .project
            .method_references(owner, method)
            .into_iter()
            .filter_map(|at| {
                let (o, name, _) = self.project.method_around(self.project.function_at(at))?;
                self.project.is_related(o, owner).then_some(name)
            });
        begins(method) && callers.all(begins)
    }

    /// A parameter of a method that a function keeps, and calls or calls something of.
    fn captured_argument(&self, handler: Ref, method: Func) -> Option<Ref> {
        let g = self.project.function_value(handler, 0)?;
        let facts = self.project.facts(g.file);
        let body = self.project.function(g).node;
        let is_called = |&node: &NodeId| {
            let up = facts.parent(node);
            facts.is_inside(node, body)
                && match facts.node(up) {
                    Node::Call { callee, .. } => callee == node,
                    Node::Member { object, .. } => {
                        object == node
                            && matches!(facts.node(facts.parent(up)), Node::Call { callee, .. } if callee == up)
                    }
                    _ => false,
                }
        };
        self.project.function(g).captures.iter().find_map(|&b| {
            let binding = facts.binding(b);
            let is_given = binding.kind == BindingKind::Param && binding.function == method.function;
            let node = facts.references_of(b).find(is_called)?;
            (is_given && g.file == method.file).then_some(Ref { file: g.file, node })
        })
    }
}
