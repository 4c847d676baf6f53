//! Growth: elements added again and again to a collection that outlives the code that adds them.

use super::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::facts::{BinaryOp, BindingKind, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::link::{FileId, Func, OwnerId, Place, Ref, Repetition, Root};

const RULE: &str = "growing-collection";

use super::growth::Growth;
use super::touches::Touch;

impl Judge<'_> {
    /// Judges every growth of a file.
    pub(super) fn judge_collections(&self, file: FileId, out: &mut Vec<Judged>) {
        for growth in self.growths(file) {
            let place = self.project.place(growth.collection);
            if !self.may_outlive(&place) {
                continue;
            }
            let verdict = self.judge_growth(&growth, &place);
            let acquisition = Acquisition {
                rule: RULE.to_owned(),
                what: "element".to_owned(),
                at: growth.at,
                kind: Kind::Growth { place, key: growth.key },
            };
            out.push(Judged { acquisition, verdict });
        }
    }

    /// Only module state, statics, globals and fields can outlive what adds to them.
    fn may_outlive(&self, place: &Place) -> bool {
        match &place.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(*file);
                let binding = facts.binding(*b);
                binding.function == crate::facts::FunctionId::MODULE && binding.kind != BindingKind::Catch
            }
            Root::This(_) => place.path.len() == 1,
            Root::Global => !place.path.is_empty(),
            _ => false,
        }
    }

    fn judge_growth(&self, growth: &Growth, place: &Place) -> Verdict {
        let f = self.project.function_at(growth.at);
        if let Some(reason) = self.not_a_plain_collection(place, growth) {
            return Verdict::bounded(reason);
        }
        if self.is_capped(place, growth) {
            return Verdict::bounded("it takes nothing more once it is full");
        }
        if let Some(reason) = growth.key.and_then(|k| self.bounded_key(k, growth.at)) {
            return Verdict::bounded(reason);
        }
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(growth.at, f, &scope);
        let mut confidence = match self.growth_confidence(place, &repetition, f) {
            Ok(confidence) => confidence,
            Err(verdict) => return verdict,
        };
        let mut evidence = Vec::new();
        let mut cause = Cause::NeverBounded;
        for at in self.collection_references(place, growth.at) {
            match self.touch(at, place, 0) {
                Touch::Shrinks => {
                    return Verdict::released("something takes elements out", Some(at));
                }
                Touch::Escapes => {
                    return Verdict::Unknown(
                        "the collection is handed to other code".into(),
                        vec![Evidence {
                            role: Role::Flow,
                            at,
                            text: "handed on here".into(),
                        }],
                    );
                }
                Touch::ReadsForNothing => {
                    cause = Cause::ReleaseWithoutEffect;
                    evidence.push(Evidence {
                        role: Role::Release,
                        at,
                        text: "its result is dropped; nothing is taken out".into(),
                    });
                }
                Touch::Grows | Touch::Reads => {}
            }
        }
        if self.size_check(place, growth) {
            confidence = confidence.min(Confidence::Medium);
        }
        if let Some(at) = self.declaration(place) {
            let text = format!("`{}` lives as long as the process", self.show_place(place));
            evidence.insert(
                0,
                Evidence {
                    role: Role::Holder,
                    at,
                    text,
                },
            );
        }
        evidence.extend(self.context_evidence(&repetition));
        Verdict::Leak(Leak {
            cause,
            confidence,
            holder: format!("`{}`", self.show_place(place)),
            often: self.often(&repetition),
            release: String::new(),
            evidence,
        })
    }

    fn growth_confidence(&self, place: &Place, repetition: &Repetition, f: Func) -> Result<Confidence, Verdict> {
        if f.function == crate::facts::FunctionId::MODULE || matches!(repetition, Repetition::Once) {
            return Err(Verdict::bounded("this code runs once"));
        }
        if let Root::This(owner) = place.root {
            return self.field_confidence(owner, repetition);
        }
        match repetition {
            Repetition::Repeated { proven: true, .. } => Ok(Confidence::High),
            Repetition::Repeated { .. } => Ok(Confidence::Medium),
            _ => Ok(Confidence::Low),
        }
    }

    /// A field outlives what adds to it if its object does: one object, many events.
    fn field_confidence(&self, owner: OwnerId, repetition: &Repetition) -> Result<Confidence, Verdict> {
        let proven = matches!(repetition, Repetition::Repeated { proven: true, .. });
        match self.project.instances_of(owner) {
            Repetition::Once if proven => Ok(Confidence::High),
            Repetition::Once if repetition.is_repeated() => Ok(Confidence::Medium),
            Repetition::Repeated { .. } => Err(Verdict::unknown("the object itself comes and goes")),
            Repetition::Unknown | Repetition::Once => Ok(Confidence::Low),
        }
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
            let Node::Member { object, property, .. } = facts.node(left) else {
                return false;
            };
            facts.is_inside(growth.at.node, yes)
                && matches!(facts.name(property), "length" | "size")
                && self.project.same_place(
                    &self.project.place(Ref {
                        file: growth.at.file,
                        node: object,
                    }),
                    place,
                )
        })
    }

    /// Whether something asks how large the collection is before it grows.
    fn size_check(&self, place: &Place, growth: &Growth) -> bool {
        let facts = self.project.facts(growth.at.file);
        facts.ancestors(growth.at.node).any(|up| match facts.node(up) {
            Node::If { test, .. } => {
                let mut found = false;
                let mut stack = vec![test];
                while let Some(node) = stack.pop() {
                    if let Node::Member { object, property, .. } = facts.node(node)
                        && matches!(facts.name(property), "length" | "size")
                        && self.project.same_place(
                            &self.project.place(Ref {
                                file: growth.at.file,
                                node: object,
                            }),
                            place,
                        )
                    {
                        found = true;
                    }
                    facts.children(node, |c| stack.push(c));
                }
                found
            }
            _ => false,
        })
    }
}
