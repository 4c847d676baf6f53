//! Injection: who makes the objects of a class that no code constructs, and how often.

use std::sync::Arc;

use super::known::Rank;
use super::{Func, Lifecycle, OwnerId, OwnerKind, Place, Project, Ref, Root, Use};
use crate::facts::{CallKind, ClassId, ExportValue, FunctionId, Node, NodeId};
use crate::tables::Every;

/// How many nodes stand between a class in a list of a decorator and the decorator, at most.
const MAX_LIST_DEPTH: usize = 10;

impl Project {
    /// References to a class by its name, in every file.
    pub(super) fn class_references(&self, id: OwnerId) -> Arc<Vec<Ref>> {
        self.known(Rank::ClassReferences, &self.known.class_references, id, || {
            Arc::new(self.find_class_references(id))
        })
    }

    fn find_class_references(&self, id: OwnerId) -> Vec<Ref> {
        let facts = self.facts(id.file);
        let node = self.owner(id).node;
        let Some(b) = self.begun_with(Ref { file: id.file, node }).next() else {
            return Vec::new();
        };
        let mut out: Vec<_> = facts.references_of(b).map(|node| Ref { file: id.file, node }).collect();
        let place = Place::root(Root::Binding(id.file, b));
        for export in &facts.exports {
            if matches!(&export.value, ExportValue::Binding(x) if *x == b) {
                out.extend(self.imported_references(id.file, facts.name(export.name), &place));
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Classes whose decorators list a class under one of these names, and not under one of the others.
    fn listed_by(&self, id: OwnerId, names: &[String], others: &[String]) -> Vec<OwnerId> {
        let mut out: Vec<_> = self
            .class_references(id)
            .iter()
            .filter_map(|&at| self.listed_at(at, names, others))
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The class whose decorator lists what stands here.
    pub(super) fn listed_at(&self, at: Ref, names: &[String], others: &[String]) -> Option<OwnerId> {
        let facts = self.facts(at.file);
        let mut named = false;
        for up in facts.ancestors(at.node).take(MAX_LIST_DEPTH) {
            match facts.node(up) {
                Node::Property { key, .. } => {
                    let text = facts.string(key)?;
                    if others.iter().any(|other| other == text) {
                        return None;
                    }
                    named |= names.iter().any(|name| name == text);
                }
                Node::Call { .. } => {
                    if let Some(c) = facts.classes.iter().position(|c| c.decorators.contains(&up)) {
                        return named.then_some(OwnerId {
                            file: at.file,
                            index: c as u32,
                        });
                    }
                }
                Node::Block(_) => return None,
                _ => {}
            }
        }
        None
    }

    /// Who provides the objects of an injected class, each with an object of its own: empty if the application does,
    /// nothing if no injector makes such objects.
    pub fn providers(&self, id: OwnerId) -> Option<Arc<[OwnerId]>> {
        self.known(Rank::Providers, &self.known.providers, id, || self.find_providers(id))
    }

    fn find_providers(&self, id: OwnerId) -> Option<Arc<[OwnerId]>> {
        let row = self.lifecycle(id)?.row;
        if row.provided_in.is_empty() {
            return None;
        }
        let mut listed = self.listed_by(id, &row.provided_in, &row.not_provided_by);
        listed.retain(|&o| self.lifecycle(o).is_some_and(|c| c.row.every != Every::Once));
        Some(listed.into())
    }

    /// Whether the application's injector is told to make one object of a class, and nothing else makes any:
    /// `bind(X).toSelf().inSingletonScope()`.
    pub fn is_bound_once(&self, id: OwnerId) -> bool {
        let references = self.class_references(id);
        let bound = references
            .iter()
            .filter(|at| !self.file(at.file).is_test)
            .filter_map(|&at| self.binding_around(at));
        let mut bound = bound.peekable();
        bound.peek().is_some() && bound.all(|once| once) && self.constructions(id).is_empty()
    }

    /// Whether the chain of calls that a class is given to binds it, and if so, to one object of the application.
    fn binding_around(&self, class: Ref) -> Option<bool> {
        let facts = self.facts(class.file);
        let single = |name: &str| self.tables.conventions.single.iter().any(|s| s == name);
        let given_to = facts.parent(class.node);
        let Node::Call { callee, args, .. } = facts.node(given_to) else {
            return None;
        };
        facts.list(args).find(|a| *a == class.node)?;
        if self.last_name(Ref { node: callee, ..class }).is_some_and(single) {
            return Some(true);
        }
        // An injector below the application's is a thing with methods: `child.bind(X)`.
        let is_of_application = matches!(
            self.first_callee(class, given_to),
            Some(Node::Binding(_) | Node::Global(_))
        );
        let mut at = given_to;
        for up in facts.ancestors(given_to).take(MAX_LIST_DEPTH) {
            match facts.node(up) {
                Node::Member { object, property, .. } if object == at && single(facts.name(property)) => {
                    return Some(is_of_application);
                }
                Node::Member { object, .. } if object == at => {}
                Node::Call { callee, .. } if callee == at => {}
                _ => break,
            }
            at = up;
        }
        let is_bound_itself = matches!(facts.node(callee), Node::Binding(_)) && at != given_to;
        is_bound_itself.then_some(false)
    }

    /// What a chain of calls begins with: `bind` for `bind(X).toSelf()`.
    fn first_callee(&self, class: Ref, chain: NodeId) -> Option<Node> {
        let facts = self.facts(class.file);
        let mut at = chain;
        loop {
            let Node::Call { callee, .. } = facts.node(at) else {
                return None;
            };
            match facts.node(callee) {
                Node::Member { object, .. } if matches!(facts.node(object), Node::Call { .. }) => at = object,
                other => return Some(other),
            }
        }
    }

    /// Whether a decorator says that what a field holds is a part of the object.
    pub fn is_own_part(&self, id: OwnerId, field: &str) -> bool {
        let Some(cycle) = self.lifecycle(id) else {
            return false;
        };
        self.is_decorated(id, field, |decorator| {
            self.path_of(decorator).is_some_and(|p| cycle.row.parts.contains(&p))
        })
    }

    /// Whether a decorator says that an injector fills a field: what it holds was there before the object.
    pub fn is_injected(&self, id: OwnerId, field: &str) -> bool {
        let injects = &self.tables.conventions.injects;
        self.is_decorated(id, field, |decorator| {
            self.last_name(decorator)
                .is_some_and(|name| injects.iter().any(|i| i == name))
        })
    }

    /// Whether a field of a class has a decorator of some kind; asked of what stands after the `@`.
    fn is_decorated(&self, id: OwnerId, field: &str, is_it: impl Fn(Ref) -> bool) -> bool {
        self.lineage(id).into_iter().any(|o| {
            let OwnerKind::Class(ClassId(c)) = self.owner(o).kind else {
                return false;
            };
            let facts = self.facts(o.file);
            let mut members = facts.classes[c as usize].members.iter();
            members.any(|m| {
                facts.name(m.name) == field
                    && m.decorators.iter().any(|&d| {
                        let node = match facts.node(d) {
                            Node::Call { callee, .. } => callee,
                            _ => d,
                        };
                        is_it(Ref { file: o.file, node })
                    })
            })
        })
    }

    /// Whether a framework makes one object of an owner for the whole application.
    pub(super) fn is_made_once(&self, id: OwnerId, cycle: &Lifecycle<'_>) -> bool {
        if !cycle.row.provided_in.is_empty() {
            return self.providers(id).is_some_and(|p| p.is_empty());
        }
        !cycle.row.root.is_empty() && self.is_application_root(id, cycle)
            || self.is_in_root_template(id, cycle, 0)
            || self.is_drawn_once(id, &cycle.row.drawn_by)
            || self.is_component_of_root_file(id)
            || self.is_mounted_on_element(id)
            || cycle.row.made_by_new && self.is_constructed_once(id)
            || !cycle.row.tagged_by.is_empty() && self.is_placed_once(id, cycle.row)
    }

    /// Whether an object with options makes one component in the place of one element of the page, which is gone then:
    /// `new Vue({ el: '#app' })`, in code that is not known to run again.
    fn is_mounted_on_element(&self, id: OwnerId) -> bool {
        let OwnerKind::Object(node) = self.owner(id).kind else {
            return false;
        };
        let object = Ref { file: id.file, node };
        let made = Ref {
            node: self.facts(id.file).parent(node),
            ..object
        };
        let is_made = matches!(
            self.node(made),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        );
        let options = &self.tables.conventions.mount_options;
        let mut elements = options.iter().filter_map(|option| self.property(object, option));
        is_made
            && elements.any(|at| self.constant_text(at, 0).is_some_and(|text| text.starts_with('#')))
            && self.is_only_handed_on(self.function_at(made))
    }

    /// Whether nothing is known of a function but that it is handed to code which nobody knows to run it again and again.
    fn is_only_handed_on(&self, f: Func) -> bool {
        f.function == FunctionId::MODULE
            || self.uses(f).iter().all(|used| match used {
                Use::Passed { call, arg } => self.context_of(*call, *arg).is_none_or(|(row, _)| {
                    let every = self.tables.contexts[row].every;
                    matches!(every, Every::Once | Every::Call | Every::Later)
                }),
                _ => false,
            })
    }

    /// Whether a class may be what some calls start: one of them is given it, or the project has none of them.
    fn is_started(&self, id: OwnerId, calls: &[String]) -> bool {
        let is_start = |at: &Ref| {
            let facts = self.facts(at.file);
            let Node::Call { callee, .. } = facts.node(facts.parent(at.node)) else {
                return false;
            };
            let name = self.last_name(Ref { node: callee, ..*at });
            callee != at.node && name.is_some_and(|name| calls.iter().any(|call| call == name))
        };
        calls.iter().all(|call| self.files_naming(call).is_empty()) || self.class_references(id).iter().any(is_start)
    }

    pub(super) fn is_application_root(&self, id: OwnerId, cycle: &Lifecycle<'_>) -> bool {
        let OwnerKind::Class(ClassId(c)) = self.owner(id).kind else {
            return false;
        };
        let facts = self.facts(id.file);
        let has_option = facts.classes[c as usize].decorators.iter().any(|&d| {
            let Node::Call { args, .. } = facts.node(d) else {
                return false;
            };
            let Some(node) = facts.item(args, 0) else { return false };
            cycle.row.root_options.iter().any(|option| {
                option.split_once('=').is_some_and(|(name, text)| {
                    self.property(Ref { file: id.file, node }, name)
                        .and_then(|v| self.constant_text(v, 0))
                        .is_some_and(|v| &*v == text)
                })
            })
        });
        has_option
            || self
                .listed_by(id, &cycle.row.root, &cycle.row.not_provided_by)
                .into_iter()
                .any(|list| self.is_started(list, &cycle.row.root_listed_by))
            || self.class_references(id).iter().any(|at| {
                let facts = self.facts(at.file);
                let up = facts.parent(at.node);
                let Node::Call { callee, .. } = facts.node(up) else {
                    return false;
                };
                let callee = Ref {
                    file: at.file,
                    node: callee,
                };
                callee.node != at.node
                    && self
                        .path_of(callee)
                        .is_some_and(|p| cycle.row.root.iter().any(|r| r.strip_suffix("()") == Some(&p)))
            })
    }
}
