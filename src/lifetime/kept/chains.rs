//! Chains through shared contexts: each new value of a variable holds a closure, whose context holds the value before.
//!
//! All closures of one activation share its context. So a method that uses nothing keeps what its sibling captures:
//! <https://mrale.ph/blog/2012/09/23/grokking-v8-closures-for-fun.html>.

use crate::facts::{Assignment, BindingId, FunctionId, Node, NodeId};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{FileId, Func, Place, Ref, Repetition, Root};

impl Judge<'_> {
    /// Judges assignments of a file that add a link to such a chain.
    pub(in crate::lifetime) fn judge_chains(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        for Assignment { at, target, value } in facts.assignments() {
            let f = Func {
                file,
                function: facts.enclosing_function(at),
            };
            if f.function == FunctionId::MODULE {
                continue;
            }
            let place = self.project.place(Ref { file, node: target });
            if !self.is_scratch(&place) {
                continue;
            }
            let Some((before, user)) = self.value_before(f, &place) else {
                continue;
            };
            if !self.holds_closure_of(f, value) {
                continue;
            }
            let at = Ref { file, node: at };
            let verdict = self.judge_chain(at, f, &place, before, user);
            out.push(Judged {
                acquisition: Acquisition {
                    rule: crate::lifetime::kept::captures::RULE.to_owned(),
                    what: facts.name(facts.binding(before).name).to_owned(),
                    at,
                    kind: Kind::Capture,
                },
                verdict,
            });
        }
    }

    /// A variable of an activation that has the value of a place from before, and the closure that captures it.
    fn value_before(&self, f: Func, place: &Place) -> Option<(BindingId, Func)> {
        let facts = self.project.facts(f.file);
        self.project.inner_functions(f).find_map(|user| {
            let captures = &self.project.function(user).captures;
            let before = captures.iter().copied().find(|&b| {
                let binding = facts.binding(b);
                let init = binding.init.filter(|_| binding.function == f.function);
                init.is_some_and(|node| {
                    let read = Ref { file: f.file, node };
                    self.project.place(read) == *place && !self.is_set_before(f, place, read)
                }) && !self.is_nulled(f.file, b)
            })?;
            Some((before, user))
        })
    }

    /// Whether the activation sets a place anew before it reads it, so that what it reads is not from before.
    fn is_set_before(&self, f: Func, place: &Place, read: Ref) -> bool {
        let facts = self.project.facts(f.file);
        facts.assignments().any(|Assignment { at, target, .. }| {
            let at = Ref { file: f.file, node: at };
            self.project.function_at(at) == f
                && self.is_before(at, read)
                && self.project.place(Ref {
                    file: f.file,
                    node: target,
                }) == *place
        })
    }

    /// Whether a value holds a closure that is made in an activation: it is one, or an object or list with one in it.
    fn holds_closure_of(&self, f: Func, value: NodeId) -> bool {
        let facts = self.project.facts(f.file);
        match facts.node(value) {
            Node::Function(g) => facts.function(g).parent == Some(f.function),
            Node::Object(_) | Node::Array(_) | Node::Property { .. } => {
                let mut found = false;
                facts.children(value, |child| found |= self.holds_closure_of(f, child));
                found
            }
            _ => false,
        }
    }

    fn judge_chain(&self, at: Ref, f: Func, place: &Place, before: BindingId, user: Func) -> Verdict {
        let repetition = self.repetition_here(at, f, &self.scope_of(f));
        let confidence = match &repetition {
            Repetition::Once => return Verdict::bounded("this code runs once"),
            Repetition::Repeated { proven: true, .. } => Confidence::High,
            Repetition::Repeated { .. } => Confidence::Medium,
            Repetition::Unknown => Confidence::Low,
        };
        let facts = self.project.facts(f.file);
        let name = facts.name(facts.binding(before).name);
        let holder = format!("`{}`", self.show_place(place));
        let declared = self.declaration(&Place::root(Root::Binding(f.file, before)));
        let mut evidence: Vec<Evidence> = declared
            .map(|at| Evidence {
                role: Role::Holder,
                at,
                text: format!("`{name}` is the value of {holder} from before"),
            })
            .into_iter()
            .collect();
        evidence.push(Evidence {
            role: Role::Captured,
            at: self.project.function_node(user),
            text: format!("this closure uses `{name}`; the new value's share its context, and so keep it too"),
        });
        evidence.extend(self.context_evidence(&repetition));
        Verdict::Leak(Leak {
            cause: Cause::NeverReleased,
            confidence,
            holder,
            often: self.often(&repetition, at),
            remedy: Remedy::default(),
            evidence,
        })
    }
}
