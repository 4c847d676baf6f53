//! Siblings: what the same code does with other registrations on the same object.
//!
//! Code that takes off eight of its nine listeners says by that how long the object lives, and which one it forgot.

use std::cell::Cell;

use crate::facts::{AssignOp, BindingKind, FunctionId, MemberKind, Node};
use crate::finding::Role;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::limits::{self, Limit};
use crate::link::{Func, Key, Life, OwnerId, OwnerKind, Place, Ref, Repetition, Root};
use crate::tables::Lives;

/// How many other registrations on an object are asked for their release.
const MAX_SIBLINGS: u32 = 40;

impl Judge<'_> {
    /// The release of another registration on the same object, in code that runs apart from this one.
    pub(in crate::lifetime) fn sibling_release(&self, a: &Acquisition) -> Option<Evidence> {
        let Kind::Pair {
            target: Some(target),
            handler,
            row,
            via,
            ..
        } = &a.kind
        else {
            return None;
        };
        let place = self.project.place(*target);
        let ty = self.project.type_of_place(&place, 0);
        // What goes with its component goes with all that hears of it, even if some of that is taken off before.
        if ty.is_some_and(|t| self.project.tables.type_row(t).lives == Some(Lives::Part)) {
            return None;
        }
        // An element may well be the owner's own, and go with it.
        let is_emitter = self.project.tables.pairs[*row].guess && via.is_none();
        let is_told = self.project.tables.pairs[*row].told_elsewhere;
        let handler = handler.filter(|_| is_emitter).map(|h| self.project.place(h));
        let f = self.project.function_at(a.at);
        // What an object leaves at its end, it leaves whichever of its methods came to it.
        let ends = match place.root {
            Root::This(owner) if is_emitter && self.ends_target(a, *target).is_none() => {
                Some(self.project.reach(&self.teardowns(owner).0))
            }
            _ => None,
        };
        let others = self.pair_acquisitions(a.at.file);
        let compared = Cell::new(0);
        others
            .iter()
            .filter(|o| o.at != a.at && o.rule == a.rule)
            .find_map(|o| {
                let Kind::Pair {
                    target: Some(t),
                    handler: theirs,
                    ..
                } = &o.kind
                else {
                    return None;
                };
                let g = self.project.function_at(o.at);
                // What a listener does for each of many is not done for this one.
                let together = g == f || !is_told && self.same_method(f, g);
                let on = self.project.place(*t);
                let same_target = self.project.same_place(&on, &place);
                if !(together || same_target && ends.is_some()) {
                    return None;
                }
                // What lives for ever has to be left; that says nothing of what was handed in.
                let same_handler = !matches!(self.project.life_of(&on), Life::Process)
                    && theirs.is_some_and(|h| {
                        let theirs = self.project.place(h);
                        handler
                            .as_ref()
                            .is_some_and(|own| self.project.same_place(own, &theirs))
                    });
                let same_kind = self.is_of_same_kind(a, o);
                if !(same_target || same_handler || same_kind)
                    || limits::exceeds(Limit::Siblings, compared.get() == MAX_SIBLINGS)
                {
                    return None;
                }
                compared.set(compared.get() + 1);
                let releases = self.releases_of(o, &self.flow(o.at));
                let found = releases.iter().find(|r| {
                    let at = self.project.function_at(r.at);
                    r.wrong.is_none()
                        && at != f
                        && at != g
                        && (together || ends.as_ref().is_some_and(|e| e.contains(&at)))
                        && !self.is_within_handler(o, r.at)
                        && !self.is_at_end_of(&on, r.at)
                })?;
                Some(Evidence {
                    role: Role::Release,
                    at: found.at,
                    text: if same_target {
                        "another listener on it is removed here, this one is not".into()
                    } else if same_kind {
                        "a listener on another one is removed here, this one is not".into()
                    } else {
                        "the same function is removed from another object here, not from this one".into()
                    },
                })
            })
    }

    /// The release by which the end of an object leaves another emitter that it was made with as well: what it is handed
    /// goes on without it.
    pub(in crate::lifetime) fn leaves_another_handed_in(
        &self,
        a: &Acquisition,
        target: Ref,
        scope: &Scope,
    ) -> Option<Evidence> {
        let Scope::Owner { owner, .. } = scope else { return None };
        let is_emitter = |o: &Acquisition| matches!(&o.kind, Kind::Pair { row, via: None, .. } if self.project.tables.pairs[*row].guess);
        let on = self.project.place(target);
        if !is_emitter(a) || self.is_of_its_end(a) || !self.is_handed_to_maker(*owner, &on) {
            return None;
        }
        let (teardowns, _) = self.teardowns(*owner);
        let ends: Vec<Func> = teardowns.into_iter().filter(|f| self.ends_its_object(*f)).collect();
        let reach = self.project.reach(&ends);
        let mut others = self.pair_acquisitions(a.at.file).iter().filter(|o| o.rule == a.rule);
        let at = others.find_map(|o| {
            let theirs = self.project.place(o.target().filter(|_| is_emitter(o))?);
            if self.project.same_place(&theirs, &on) || !self.is_handed_to_maker(*owner, &theirs) {
                return None;
            }
            let releases = self.releases_of(o, &self.flow(o.at));
            let mut right = releases.iter().filter(|r| r.wrong.is_none());
            // Who takes off all that there is thinks of nobody else.
            let names_one = |call: Ref| self.callee_of(call).is_some_and(|(_, args)| !args.is_empty());
            let found = right.find(|r| reach.contains(&self.project.function_at(r.at)) && names_one(r.at));
            found.map(|r| r.at)
        })?;
        Some(Evidence {
            role: Role::Release,
            at,
            text: "leaves another one that was handed in, and not this one".into(),
        })
    }

    /// Whether a place is what the constructor of an owner is handed, or a field that has it.
    fn is_handed_to_maker(&self, owner: OwnerId, place: &Place) -> bool {
        let is_param_field = match (&place.root, &place.path[..]) {
            (Root::This(of), [Key::Name(name)]) => {
                let member = self.project.member(*of, name);
                member.is_some_and(|(_, m)| m.kind == MemberKind::ParamField)
            }
            _ => false,
        };
        let maker = self.project.constructor(owner);
        is_param_field || maker.is_some() && self.lender(place).map(|lender| lender.function) == maker
    }

    /// Whether two registrations are on variables of a module that each stand for one event: channels, signals.
    fn is_of_same_kind(&self, a: &Acquisition, other: &Acquisition) -> bool {
        let is_event = |x: &Acquisition| {
            let Kind::Pair {
                target: Some(target),
                key: None,
                typed: true,
                via: None,
                ..
            } = &x.kind
            else {
                return false;
            };
            let on = self.project.place(*target);
            on.path.is_empty() && matches!(self.project.life_of(&on), Life::Process)
        };
        let is_on_target = |row: usize| self.project.tables.pairs[row].release_is_on_target();
        a.row() == other.row() && a.row().is_some_and(is_on_target) && is_event(a) && is_event(other)
    }

    /// Whether a release stands in a handler of the end of the very object: `x.once('close', () => x.off(f))`. That
    /// tidies up, and does not say that the object lives on.
    pub(in crate::lifetime) fn is_at_end_of(&self, object: &Place, release: Ref) -> bool {
        let g = self.project.function_at(release);
        self.pair_acquisitions(release.file).iter().any(|o| {
            let Some((target, handler)) = o.registration() else {
                return false;
            };
            self.is_of_its_end(o)
                && self.project.function_value(handler, 0) == Some(g)
                && self.project.same_place(&self.project.place(target), object)
        })
    }

    /// Whether the event is one that comes at the end of its target.
    pub(in crate::lifetime) fn is_of_its_end(&self, a: &Acquisition) -> bool {
        let Kind::Pair { key, row, .. } = &a.kind else {
            return false;
        };
        let events = &self.project.tables.conventions.ending_events;
        match key {
            Some(key) => self.project.is_text_of(*key, events),
            None => self.project.tables.pairs[*row].told_elsewhere && self.listens_for_the_end(a.at, events),
        }
    }

    /// Whether the function that a release names is registered by another call that looks like the acquisition.
    pub(in crate::lifetime) fn is_registered_elsewhere(&self, a: &Acquisition, release: Ref) -> bool {
        let (Node::Call { callee, .. }, Node::Call { args: given, .. }) =
            (self.project.node(a.at), self.project.node(release))
        else {
            return false;
        };
        let Some(method) = self.project.last_name(Ref {
            file: a.at.file,
            node: callee,
        }) else {
            return false;
        };
        let facts = self.project.facts(release.file);
        let here = |node| Ref {
            file: release.file,
            node,
        };
        let given: Vec<Ref> = facts.list(given).map(here).collect();
        self.project.calls_named(release.file, method).iter().any(|&node| {
            let Node::Call { args, .. } = facts.node(node) else {
                return false;
            };
            let args: Vec<Ref> = facts.list(args).map(here).collect();
            // Calls that are known to register were compared release by release.
            here(node) != a.at
                && !self.pair_acquisitions(release.file).iter().any(|o| o.at == here(node))
                && args.len() >= given.len()
                && given.len() > 1
                && self.project.same_key(args[0], given[0])
                && args.iter().zip(&given).skip(1).any(|(x, y)| self.same_handler(*x, *y))
        })
    }

    /// Whether a handler is put in a collection or on another object, where other code finds it again. The call that
    /// registers it does not do so, whatever its method is called: `ticker.add(draw)`.
    pub(in crate::lifetime) fn is_collected(&self, registered: Ref, handler: Ref) -> bool {
        let Node::Binding(b) = self.project.node(handler) else {
            return false;
        };
        let facts = self.project.facts(handler.file);
        let conventions = &self.project.tables.conventions;
        let here = |node| Ref { node, ..handler };
        facts.references_of(b).any(|node| {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Assign { target, value, .. } if value == node => {
                    matches!(facts.node(target), Node::Index { .. })
                }
                Node::Call { callee, .. } if callee != node && here(up) != registered => match facts.node(callee) {
                    Node::Member { property, .. } => conventions.grow.iter().any(|g| g == facts.name(property)),
                    _ => false,
                },
                _ => false,
            }
        })
    }

    /// Whether the function around a registration gives back the very function that it registers, which is made there:
    /// its caller can take it off.
    pub(in crate::lifetime) fn gives_back_handler(&self, at: Ref, handler: Ref) -> bool {
        let f = self.project.function_at(at);
        let Some(g) = self
            .project
            .function_value(handler, 0)
            .filter(|g| self.project.is_within(*g, f))
        else {
            return false;
        };
        let is_named = matches!(self.project.node(handler), Node::Binding(_));
        let given = self.project.returned_values(f);
        is_named && g != f && given.into_iter().any(|v| self.project.function_value(v, 0) == Some(g))
    }

    /// Whether a handler is a function of the module, the same each time, that keeps nothing of its caller.
    pub(in crate::lifetime) fn is_function_of_module(&self, handler: Ref) -> bool {
        let place = self.project.place(handler);
        let is_name = match place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(file).binding(b);
                let around = Func {
                    file,
                    function: binding.function,
                };
                // The function around a whole script runs once as well.
                self.is_itself_or_method(&place)
                    && (binding.function == crate::facts::FunctionId::MODULE
                        || matches!(self.project.repetition(around), Repetition::Once))
            }
            _ => false,
        };
        is_name
            && self.project.function_value(handler, 0).is_some_and(|f| {
                let parent = self.project.function(f).parent;
                parent.is_some_and(|function| {
                    function == crate::facts::FunctionId::MODULE
                        || matches!(
                            self.project.repetition(Func { file: f.file, function }),
                            Repetition::Once
                        )
                }) && self.is_one_function(&place)
            })
    }

    /// Whether a handler is a method as it stands in its class, one for all objects, that asks for nothing of the object it is
    /// called on: `Board.prototype.ignore = function (event) { event.preventDefault(); }`.
    pub(in crate::lifetime) fn is_method_of_no_object(&self, handler: Ref) -> bool {
        let place = self.project.place(handler);
        let (Root::This(owner), [Key::Name(name)]) = (&place.root, &place.path[..]) else {
            return false;
        };
        // A framework binds the methods of an object literal that it makes components of.
        let is_class = !matches!(self.project.owner(*owner).kind, OwnerKind::Object(_));
        let method = self.project.member(*owner, name).and_then(|(of, member)| {
            let function = member.function?;
            Some(Func {
                file: of.file,
                function,
            })
        });
        method.filter(|_| is_class).is_some_and(|f| {
            let function = self.project.function(f);
            let own = self.project.function_node(f);
            let is_plain = !function.flags.uses_this && !function.flags.is_arrow && function.captures.is_empty();
            // A bound copy is another one for each object.
            is_plain
                && self
                    .project
                    .field_definitions(*owner, name)
                    .iter()
                    .all(|value| *value == own)
        })
    }

    /// Whether a place is a variable, or what is written as a method of the object literal that one begins with.
    fn is_itself_or_method(&self, place: &Place) -> bool {
        match &place.path[..] {
            [] => true,
            [Key::Name(_)] => place.parent().is_some_and(|object| {
                let definitions = self.project.definitions(&object);
                let is_literal = |d: &Ref| matches!(self.project.node(*d), Node::Object(_));
                !definitions.is_empty() && definitions.iter().all(is_literal)
            }),
            _ => false,
        }
    }

    /// Whether a handler is a method, or a function put into a field as its object is made, of an object of which there
    /// is one only: the same each time, and it keeps what is there anyway.
    pub(in crate::lifetime) fn is_function_of_one_object(&self, handler: Ref) -> bool {
        let place = self.project.place(handler);
        let (Root::This(owner), [Key::Name(name)]) = (&place.root, &place.path[..]) else {
            return false;
        };
        let is_once = |owner| self.project.instances_of(owner) == Repetition::Once || self.is_one_for_all(owner);
        if self.is_handed_to_call(*owner) || !is_once(*owner) {
            return false;
        }
        match self.project.definitions(&place)[..] {
            [] => self
                .project
                .member(*owner, name)
                .is_some_and(|(_, m)| m.function.is_some()),
            [only] => {
                let f = self.project.function_at(only);
                let is_of_start = self.project.field_initialized_by(f).is_some()
                    || self.project.constructor(*owner) == Some(f)
                    || f.function == FunctionId::MODULE
                    || self.is_set_where_missing(only);
                is_of_start && self.project.function_value(only, 0).is_some()
            }
            _ => false,
        }
    }

    /// `this.handler ??= () => { ... }`
    fn is_set_where_missing(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        matches!(facts.node(facts.parent(value.node)), Node::Assign { value: given, op, .. }
            if given == value.node && matches!(op, AssignOp::Nullish | AssignOp::Or))
    }

    /// Whether an object is an argument: `Handler.extend({ ... })` is no object of its own, but the methods of a class.
    pub(in crate::lifetime) fn is_handed_to_call(&self, owner: OwnerId) -> bool {
        let facts = self.project.facts(owner.file);
        match self.project.owner(owner).kind {
            OwnerKind::Object(node) => matches!(facts.node(facts.parent(node)), Node::Call { .. }),
            OwnerKind::Class(_) | OwnerKind::Constructor(_) => false,
        }
    }

    /// Whether a name stands for a function itself, rather than for what a call made of it.
    fn is_one_function(&self, place: &Place) -> bool {
        let definitions = self.project.definitions(place);
        definitions
            .iter()
            .all(|d| matches!(self.project.node(*d), Node::Function(_)))
    }

    /// Whether a release stands in the handler it takes off.
    fn is_within_handler(&self, a: &Acquisition, release: Ref) -> bool {
        let Kind::Pair { handler: Some(h), .. } = &a.kind else {
            return false;
        };
        let Some(f) = self.project.function_value(*h, 0) else {
            return false;
        };
        f.file == release.file
            && self
                .project
                .facts(f.file)
                .is_inside(release.node, self.project.function(f).node)
    }

    /// Whether a handler is a parameter that callers hand functions to.
    pub(in crate::lifetime) fn is_function_parameter(&self, at: Ref) -> bool {
        let Node::Binding(b) = self.project.node(at) else {
            return false;
        };
        if self.project.facts(at.file).binding(b).kind != BindingKind::Param {
            return false;
        }
        let Some((f, index)) = self.project.param_position(at.file, b) else {
            return false;
        };
        self.project.callers(f).calls.into_iter().any(|call| {
            let Node::Call { args, .. } = self.project.node(call) else {
                return false;
            };
            let arg = self.project.facts(call.file).item(args, index);
            arg.is_some_and(|node| self.project.function_value(Ref { file: call.file, node }, 0).is_some())
        })
    }
}
