//! Values parked where they outlive their use: the last request in a variable of the module, a component on `window`.

use std::sync::Arc;

use crate::facts::{Assignment, BindingKind, CallKind, FunctionId, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Life, Place, Ref, Repetition, Root, Use};

const RULE: &str = "accidental-global";

/// Through how many names a number or a text may come.
const MAX_PLAIN: u32 = 4;

impl Judge<'_> {
    /// Judges assignments that park a request or an instance in a place of the whole process.
    pub(in crate::lifetime) fn judge_parked(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        for Assignment { at, target, value } in facts.assignments() {
            if facts.enclosing_function(at) == FunctionId::MODULE {
                continue;
            }
            let at = Ref { file, node: at };
            let place = self.project.place(Ref { file, node: target });
            let value = Ref { file, node: value };
            if self.is_scratch(&place) && self.is_referenced_node(value) {
                let release = format!("{} = null", self.show_place(&place));
                let verdict = self.judge_parking(at, &place, Remedy::of(release));
                out.push(Judged::parked("detached-node", "node", at, place, verdict));
                continue;
            }
            if (self.is_scratch(&place) || self.is_static(&place)) && self.is_mounted_instance(value) {
                let verdict = at_most_medium(self.judge_parking(at, &place, self.emptying(&place)));
                out.push(Judged::parked("detached-node", "component", at, place, verdict));
                continue;
            }
            if let Some((rule, what, verdict)) = self.judge_last_one(at, &place, value) {
                out.push(Judged::parked(rule, what, at, place, verdict));
                continue;
            }
            let (what, release) = if self.is_scratch(&place) && self.is_of_a_request(value) {
                ("request", format!("{} = undefined", self.show_place(&place)))
            } else if self.is_on_global_object(&place) && self.is_mounted_instance(value) {
                ("component", format!("window.{} = null", self.show_place(&place)))
            } else if self.is_global_by_this(Ref { file, node: target }) && !self.is_plain(value) {
                ("value", format!("const {} = ...", place.last().unwrap_or_default()))
            } else {
                if let Some(verdict) = self
                    .is_scratch(&place)
                    .then(|| self.judge_positioned(at, &place, value))
                    .flatten()
                {
                    out.push(Judged::parked("detached-node", "node", at, place, verdict));
                } else if let Some(verdict) = self.judge_forgotten_slot(at, &place, value) {
                    out.push(Judged::parked("leftover-reference", "value", at, place, verdict));
                }
                continue;
            };
            let verdict = self.judge_parking(at, &place, Remedy::of(release));
            out.push(Judged::parked(RULE, what, at, place, verdict));
        }
    }

    /// A variable of the module that is written again.
    pub(in crate::lifetime) fn is_scratch(&self, place: &Place) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let binding = self.project.facts(file).binding(b);
        place.path.is_empty()
            && binding.function == FunctionId::MODULE
            && matches!(binding.kind, BindingKind::Let | BindingKind::Var)
    }

    /// A static field of a class of the module.
    fn is_static(&self, place: &Place) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let binding = self.project.facts(file).binding(b);
        place.path.len() == 1 && binding.function == FunctionId::MODULE && binding.kind == BindingKind::Class
    }

    /// A request, a response or a context: a parameter that a server makes for each request.
    fn is_of_a_request(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        if let Node::Object(parts) = facts.node(value.node) {
            return facts.list(parts).any(|part| match facts.node(part) {
                Node::Property { value: part, .. } => self.is_of_a_request(Ref { node: part, ..value }),
                _ => false,
            });
        }
        let Node::Binding(b) = self.project.node(value) else {
            return false;
        };
        self.project.facts(value.file).binding(b).kind == BindingKind::Param
            && self.project.life_of(&self.project.place(value)) == Life::Request
    }

    /// `this.x` in a function of sloppy code that is only ever called bare: `this` is the global object.
    fn is_global_by_this(&self, target: Ref) -> bool {
        let facts = self.project.facts(target.file);
        let Node::Member { object, .. } = facts.node(target.node) else {
            return false;
        };
        if facts.node(object) != Node::This || !facts.sloppy {
            return false;
        }
        let f = self.project.function_at(target);
        let flags = facts.function(f.function).flags;
        if flags.is_arrow || flags.is_method || self.project.this_of(f).is_some() {
            return false;
        }
        let uses = self.project.uses(f);
        !uses.is_empty()
            && uses.iter().all(|u| match u {
                Use::Called { call } => match self.project.node(*call) {
                    Node::Call {
                        callee,
                        kind: CallKind::Call,
                        ..
                    } => matches!(self.project.facts(call.file).node(callee), Node::Binding(_)),
                    _ => false,
                },
                _ => false,
            })
    }

    /// Numbers, texts and the like: a name too many, but nothing that keeps anything alive.
    pub(in crate::lifetime) fn is_plain(&self, value: Ref) -> bool {
        self.is_plain_below(value, 0)
    }

    fn is_plain_below(&self, value: Ref, depth: u32) -> bool {
        let facts = self.project.facts(value.file);
        let conventions = &self.project.tables.conventions;
        let is_of = |names: &[String], name: &str| names.iter().any(|n| n == name);
        let inner = |node| self.is_plain_below(Ref { file: value.file, node }, depth + 1);
        match facts.node(value.node) {
            // A pattern that is written down, `/\d+/`, and a number that ends in `n`.
            Node::Empty
            | Node::Null
            | Node::Undefined
            | Node::Bool(_)
            | Node::Number(_)
            | Node::Str(_)
            | Node::Template(_)
            | Node::Unary { .. }
            | Node::Binary { .. } => true,
            Node::Binding(b) if depth < MAX_PLAIN && facts.binding(b).kind != BindingKind::Param => {
                let made = self.project.definitions(&self.project.place(value));
                facts.binding(b).init.is_some() && made.iter().all(|d| self.is_plain_below(*d, depth + 1))
            }
            Node::Member { object, property, .. } => {
                let is_of_texts = matches!(facts.node(object), Node::Member { property: whole, .. }
                    if is_of(&conventions.whole_of_texts, facts.name(whole)));
                is_of_texts || is_of(&conventions.light_names, facts.name(property))
            }
            Node::Conditional { yes, no, .. } => inner(yes) && inner(no),
            // What is a number or a text where nothing is there is one otherwise, too.
            Node::Logical { right, .. } if matches!(facts.node(right), Node::Number(_) | Node::Str(_)) => true,
            Node::Logical { left, right, .. } => inner(left) && inner(right),
            Node::Assign { value, .. } => inner(value),
            Node::Call { callee, .. } => {
                let path = self.project.path_of(Ref { node: callee, ..value });
                // `slice` gives a part of a list or of a buffer as well.
                let is_text = |name: &str| {
                    is_of(&conventions.gives_texts, name)
                        || is_of(&conventions.gives_text, name) && !is_of(&conventions.copy, name)
                };
                path.is_some_and(|path| is_of(&conventions.clocks, &path))
                    || self
                        .name_called(value)
                        .is_some_and(|name| self.says_yes_or_no(&name) || is_text(&name))
            }
            _ => false,
        }
    }

    /// Whether a method answers yes or no, by its name: `isShown`, `includes`.
    fn says_yes_or_no(&self, method: &str) -> bool {
        let conventions = &self.project.tables.conventions;
        let is_question = |word: &String| {
            let rest = method.strip_prefix(word.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase()))
        };
        conventions.yes_or_no.iter().any(|name| name == method) || conventions.questions.iter().any(is_question)
    }

    fn is_on_global_object(&self, place: &Place) -> bool {
        place.root == Root::Global && place.path.len() == 1
    }

    /// `this` of a component.
    fn is_mounted_instance(&self, value: Ref) -> bool {
        let place = self.project.place(value);
        match place.root {
            Root::This(owner) => {
                place.path.is_empty() && self.project.lifecycle(owner).is_some() && !self.is_singleton(owner)
            }
            _ => false,
        }
    }

    pub(in crate::lifetime) fn judge_parking(&self, at: Ref, place: &Place, remedy: Remedy) -> Verdict {
        let f = self.project.function_at(at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(at, f, &scope);
        let Repetition::Repeated { proven: true, .. } = repetition else {
            return Verdict::unknown("nobody says how often this runs");
        };
        if let Some(emptied) = self.emptied_anywhere(place) {
            return Verdict::released("it is emptied again", Some(emptied));
        }
        self.slot_leak(place, "process", Confidence::High, remedy, None, (at, &repetition))
    }

    /// A leak of what a place of the module keeps as long as the process or page lives, with the evidence that its
    /// declaration and the repetition do not tell.
    pub(in crate::lifetime) fn slot_leak(
        &self,
        place: &Place,
        life: &str,
        confidence: Confidence,
        remedy: Remedy,
        told: Option<Evidence>,
        (at, repetition): (Ref, &Repetition),
    ) -> Verdict {
        let declared = self.declaration(place).map(|at| Evidence {
            role: Role::Holder,
            at,
            text: format!("lives as long as the {life}"),
        });
        let evidence = declared.into_iter().chain(told);
        Verdict::Leak(Leak {
            cause: Cause::NeverReleased,
            confidence,
            holder: format!("`{}`", self.show_place(place)),
            often: self.often(repetition, at),
            remedy,
            evidence: evidence.chain(self.context_evidence(repetition)).collect(),
        })
    }

    /// `slot = null`
    pub(in crate::lifetime) fn emptying(&self, place: &Place) -> Remedy {
        Remedy::of(format!("{} = null", self.show_place(place)))
    }

    /// A write that takes the value away again: nothing, a plain value, or `delete`.
    pub(in crate::lifetime) fn emptied_anywhere(&self, place: &Place) -> Option<Ref> {
        self.emptyings(place).into_iter().next()
    }

    /// All of them.
    pub(in crate::lifetime) fn emptyings(&self, place: &Place) -> Vec<Ref> {
        let files: Arc<[FileId]> = match place.root {
            // A variable is written where it is declared, or through what its file exports.
            Root::Binding(file, _) => {
                let importers = self.project.importers(file).iter().map(|&(importer, _)| importer);
                std::iter::once(file).chain(importers).collect()
            }
            _ => place
                .last()
                .map_or_else(|| self.all_files().into(), |name| self.project.files_naming(name)),
        };
        let writes = files.iter().flat_map(|&file| {
            let writes = self.project.facts(file).writes.iter();
            writes.map(move |&node| Ref { file, node })
        });
        writes.filter(|at| self.empties(*at, place)).collect()
    }

    /// Whether a write in a function takes away what a place has.
    fn empties(&self, at: Ref, place: &Place) -> bool {
        let facts = self.project.facts(at.file);
        let target = match facts.node(at.node) {
            Node::Delete(target) => target,
            Node::Assign { target, value, .. }
                if matches!(
                    facts.node(facts.assigned(value)),
                    Node::Null | Node::Undefined | Node::Bool(_)
                ) =>
            {
                target
            }
            _ => return false,
        };
        facts.enclosing_function(at.node) != FunctionId::MODULE
            && self
                .project
                .same_place(&self.project.place(Ref { node: target, ..at }), place)
    }
}
