//! Code that a framework runs again and again on one object, and handles that the next run overwrites.

use rustc_hash::FxHashSet;

use crate::facts::{Node, UnaryOp};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::often::guards::Guard;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Key, OwnerId, Phase, Place, Ref, Root, Use};

impl Judge<'_> {
    /// The methods from which a framework reaches a function again and again on one object.
    pub(in crate::lifetime) fn repeat_roots(&self, owner: OwnerId, f: Func) -> Vec<Func> {
        let Some((_, _, top)) = self.project.method_around(f) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for o in self.project.lineage(owner) {
            let reactions = self.project.reactions(o).into_iter();
            out.extend(reactions.filter(|root| self.project.reach(&[*root]).contains(&top)));
            for member in &self.project.owner(o).members {
                let Some(function) = member.function else { continue };
                let (phase, certain) = self.phase(owner, self.project.text(o.file, member.name));
                let root = Func { file: o.file, function };
                if phase == Phase::Repeat && certain && self.project.reach(&[root]).contains(&top) {
                    out.push(root);
                }
            }
        }
        out
    }

    /// A handle in a field that a repeated method sets again without releasing or checking it first.
    pub(in crate::lifetime) fn overwritten(
        &self,
        a: &Acquisition,
        owner: OwnerId,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        if flow.collections.iter().any(|(p, _)| matches!(p.root, Root::This(_))) {
            return None;
        }
        let field = flow
            .places
            .iter()
            .find(|p| matches!(p.root, Root::This(_)) && p.path.len() == 1)?;
        let f = self.project.function_at(a.at);
        let mut roots = self.repeat_roots(owner, f);
        roots.retain(|root| !self.is_ended_in_turn(owner, *root, right));
        let root = *roots.first()?;
        let reach = self.project.reach(&roots);
        if right.iter().any(|r| reach.contains(&self.project.function_at(r.at))) {
            return None;
        }
        // Any look at the field before is a guard.
        let guarded = self.references_in(field, a.at.file).into_iter().any(|r| {
            let g = self.project.function_at(r);
            !self.project.facts(r.file).is_written(r.node)
                && if self.same_method(g, f) {
                    self.is_before(r, a.at)
                } else {
                    roots.contains(&g)
                }
        });
        if guarded || self.is_guarded_by_another(a, right) || self.is_called_under_marks(f, &reach) {
            return None;
        }
        let name = self.project.method_around(root).map_or("", |(_, name, _)| name);
        Some(vec![Evidence {
            role: Role::Context,
            at: self.project.function_node(root),
            text: format!("`{name}` runs again and overwrites `{}`", self.show_place(field)),
        }])
    }

    /// Whether the framework runs a release between two runs of a method: `activated`, and `deactivated`.
    fn is_ended_in_turn(&self, owner: OwnerId, root: Func, right: &[&Release]) -> bool {
        let (Some(cycle), Some((_, name, _))) = (self.project.lifecycle(owner), self.project.method_around(root))
        else {
            return false;
        };
        let ends = cycle.row.turns.iter().filter(|[begins, _]| begins == name);
        let ends: Vec<Func> = ends.filter_map(|[_, end]| self.project.method(owner, end)).collect();
        let reach = self.project.reach(&ends);
        right.iter().any(|r| reach.contains(&self.project.function_at(r.at)))
    }

    /// Whether code that is reached calls a method only under marks of the object, which nothing takes back: it runs once
    /// for each object.
    fn is_called_under_marks(&self, f: Func, reach: &FxHashSet<Func>) -> bool {
        let Some((_, _, method)) = self.project.method_around(f) else {
            return false;
        };
        let callers = self.project.callers(method).calls.into_iter();
        let mut callers = callers
            .filter(|call| reach.contains(&self.project.function_at(*call)))
            .peekable();
        let is_under_mark = |call: Ref| {
            let guard = self.guard_of(call);
            matches!(guard, Some(Guard::Mark(place, _)) if matches!(place.root, Root::This(_)))
        };
        callers.peek().is_some() && callers.all(is_under_mark)
    }

    /// Whether another field says that it is held: it is set with the handle, looked at before, and emptied only where
    /// the handle is released.
    fn is_guarded_by_another(&self, a: &Acquisition, right: &[&Release]) -> bool {
        let f = self.project.function_at(a.at);
        let releasing: Vec<Func> = right.iter().map(|r| self.project.function_at(r.at)).collect();
        let is_empty = |d: Ref| matches!(self.project.node(d), Node::Null | Node::Undefined | Node::Bool(false));
        let is_begin = |g: Func| {
            let around = self.project.method_around(g);
            around.is_none_or(|(_, name, _)| name == "constructor")
        };
        self.falsy_values(a.at).into_iter().any(|tested| {
            let mark = self.project.place(tested);
            let (Root::This(owner), [Key::Name(name)]) = (&mark.root, mark.path.as_slice()) else {
                return false;
            };
            let definitions = self.project.field_definitions(*owner, name);
            let is_set = |d: &Ref| !is_empty(*d) && self.project.function_at(*d) == f;
            definitions.iter().any(is_set)
                && definitions.iter().filter(|d| is_empty(**d)).all(|d| {
                    let g = self.project.function_at(*d);
                    is_begin(g) || releasing.contains(&g)
                })
        })
    }

    /// A handle kept outside an effect that every run of the effect sets again, while only the end of the component
    /// releases it.
    pub(in crate::lifetime) fn overwritten_by_effect(
        &self,
        a: &Acquisition,
        setup: Func,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let dependency = self.changing_dependency(setup)?;
        let is_outside = |p: &&Place| !matches!(p.root, Root::Binding(_, b) if self.is_declared_in(setup, b));
        let held = flow.places.iter().find(is_outside)?;
        let at_end_only = |r: &&&Release| {
            let around = self.effect_around(self.project.function_at(r.at));
            around.is_some_and(|s| s != setup && self.dependencies(s).is_some_and(|d| d.is_empty()))
        };
        if right.iter().filter(at_end_only).count() < right.len() {
            return None;
        }
        let is_asked = self.is_read_before(held, a.at, setup) || self.is_under_lasting_mark(a.at, setup);
        let evidence = Evidence {
            role: Role::Context,
            at: dependency,
            text: format!(
                "whenever this changes, the effect runs again and overwrites `{}`",
                self.show_place(held)
            ),
        };
        (!is_asked).then(|| vec![evidence])
    }

    /// Whether code of an effect stands under a mark that is empty before, that the effect sets, and that nothing takes
    /// back: `if (!drawing.current) { drawing.current = made; ... }`.
    fn is_under_lasting_mark(&self, at: Ref, setup: Func) -> bool {
        self.falsy_values(at).into_iter().any(|tested| {
            let mark = self.project.place(tested);
            let is_outside = matches!(mark.root, Root::Binding(_, b) if !self.is_declared_in(setup, b));
            let set: Vec<Ref> = self.project.definitions(&mark);
            let is_written = |d: &&Ref| {
                let up = self.project.facts(d.file).parent(d.node);
                matches!(self.project.node(Ref { node: up, ..**d }), Node::Assign { value, .. } if value == d.node)
            };
            let mut written = set.iter().filter(is_written).peekable();
            is_outside
                && written.peek().is_some()
                && written.all(|d| !self.project.node(*d).is_absent() && self.project.function_at(*d) == setup)
        })
    }

    fn is_declared_in(&self, setup: Func, binding: crate::facts::BindingId) -> bool {
        let facts = self.project.facts(setup.file);
        let f = facts.binding(binding).function;
        f == setup.function || facts.is_nested(f, setup.function)
    }

    /// The setup function of the effect that a function stands in.
    fn effect_around(&self, f: Func) -> Option<Func> {
        match self.scope_of(f) {
            Scope::Effect { setup } => Some(setup),
            _ => None,
        }
    }

    /// The list of what an effect depends on; none if it runs each time its component is drawn.
    pub(in crate::lifetime) fn dependencies(&self, setup: Func) -> Option<Vec<Ref>> {
        self.project.uses(setup).iter().find_map(|used| {
            let Use::Passed { call, arg } = used else { return None };
            let (_, args) = self.callee_of(*call)?;
            let list = args.get(arg + 1)?;
            let Node::Array(items) = self.project.node(*list) else {
                return None;
            };
            let facts = self.project.facts(list.file);
            Some(facts.list(items).map(|node| Ref { node, ..*list }).collect())
        })
    }

    /// Something that an effect depends on and that changes while the component lives.
    fn changing_dependency(&self, setup: Func) -> Option<Ref> {
        let mut list = self.dependencies(setup)?.into_iter();
        list.find(|&d| self.is_changing_property_or_state(d))
    }

    /// Whether something is a part of a component's state, or a property of it that is no callback.
    pub(in crate::lifetime) fn is_changing_property_or_state(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        let is_made_by_call =
            matches!(place.root, Root::Value(at) if matches!(self.project.node(at), Node::Call { .. }));
        let changes = is_made_by_call && self.is_state(&place) || self.is_property_of_component(&place);
        let is_callback = || {
            let name = self.project.last_name(at).unwrap_or_default();
            let beginnings = &self.project.tables.conventions.callback_names;
            beginnings.iter().any(|begin| name.starts_with(&**begin))
        };
        changes && !is_callback()
    }

    /// What a repeated method begins anew while what it began before goes on until its owner ends.
    pub(in crate::lifetime) fn piles_up(&self, at: Ref, ended_in: &FxHashSet<Func>) -> Option<Vec<Evidence>> {
        let f = self.project.function_at(at);
        let (owner, ..) = self.project.method_around(f)?;
        let roots = self.repeat_roots(owner, f);
        let root = *roots.first()?;
        let reach = self.project.reach(&roots);
        if reach.iter().any(|g| ended_in.contains(g)) || self.is_behind_flag(at, &reach) {
            return None;
        }
        let name = self.project.method_around(root).map_or("", |(_, name, _)| name);
        Some(vec![Evidence {
            role: Role::Context,
            at: self.project.function_node(root),
            text: format!("`{name}` runs again, and what it began before lasts until its owner ends"),
        }])
    }

    /// Whether a field that the same code sets decides whether a node is reached.
    fn is_behind_flag(&self, at: Ref, reach: &FxHashSet<Func>) -> bool {
        reach.iter().any(|f| {
            let facts = self.project.facts(f.file);
            facts.nodes.iter().enumerate().any(|(i, node)| {
                let Node::If { test, .. } = node else { return false };
                if facts.enclosing_function(crate::facts::NodeId(i as u32)) != f.function {
                    return false;
                }
                let bare = match facts.node(*test) {
                    Node::Unary {
                        value,
                        op: UnaryOp::Not,
                    } => value,
                    _ => *test,
                };
                let place = self.project.place(Ref {
                    file: f.file,
                    node: bare,
                });
                self.is_field(&place) && self.is_set_within(&place, reach)
            }) && f.file == at.file
        })
    }

    fn is_field(&self, place: &Place) -> bool {
        matches!(place.root, Root::This(_)) && place.path.len() == 1
    }

    fn is_set_within(&self, place: &Place, reach: &FxHashSet<Func>) -> bool {
        let definitions = self.project.definitions(place);
        definitions
            .into_iter()
            .any(|d| reach.contains(&self.project.function_at(d)))
    }

    /// Whether code outside an owner runs the method of it in which a release stands, or an injector decides about
    /// its end.
    pub(in crate::lifetime) fn is_ended_by_others(&self, owner: OwnerId, release: Ref) -> bool {
        if self.project.providers(owner).is_some() {
            return true;
        }
        let Some((_, name, _)) = self.project.method_around(self.project.function_at(release)) else {
            return true;
        };
        // A base class may call what its heirs define.
        let (teardowns, _) = self.teardowns(owner);
        let reach = self.project.reach(&teardowns);
        self.project.method_references(owner, name).into_iter().any(|r| {
            let f = self.project.function_at(r);
            let around = self.project.method_around(f);
            reach.contains(&f) && !self.project.is_only_taken_off(r)
                || !around.is_some_and(|(o, ..)| self.project.is_related(o, owner))
        }) || self.is_ended_by_mixin(owner, release)
    }

    /// Whether a mixin calls, at its end, a method of the owner by which a release is reached.
    fn is_ended_by_mixin(&self, owner: OwnerId, release: Ref) -> bool {
        let Some((_, _, method)) = self.project.method_around(self.project.function_at(release)) else {
            return false;
        };
        let members = self.project.owner(owner).members.iter();
        let mut methods = members.filter_map(|m| {
            let file = owner.file;
            Some((
                self.project.text(file, m.name),
                Func {
                    file,
                    function: m.function?,
                },
            ))
        });
        methods.any(|(name, f)| self.is_called_by_mixin(owner, name) && self.project.reach(&[f]).contains(&method))
    }

    /// Whether an object that an owner's file imports calls a method of that name on `this` at its end: that of whoever
    /// mixes it in, which replaces its own.
    fn is_called_by_mixin(&self, owner: OwnerId, name: &str) -> bool {
        let files = self.project.files_naming(name);
        files.iter().filter(|file| **file != owner.file).any(|&file| {
            let calls = self.project.calls_named(file, name).iter();
            let mut calls = calls
                .map(|&node| Ref { file, node })
                .filter(|&call| self.is_own_call(call));
            let is_imported = || {
                self.project
                    .importers(file)
                    .iter()
                    .any(|(importer, _)| *importer == owner.file)
            };
            calls.any(|call| {
                let around = self.project.method_around(self.project.function_at(call));
                around.is_some_and(|(o, hook, _)| {
                    !self.project.is_related(o, owner) && self.phase(owner, hook).0 == Phase::Teardown
                })
            }) && is_imported()
        })
    }
}
