//! Closures that keep large values alive, also through the context that all closures of one activation share.

use rustc_hash::FxHashMap;

use crate::facts::{BindingId, FunctionId, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{FileId, Func, Life, Place, Ref, Repetition, Root, Use};

pub(in crate::lifetime) const RULE: &str = "captured-large-object";

/// A large variable that a closure keeps.
struct Kept {
    binding: BindingId,
    /// The closure beside it that uses the variable, where this one does not.
    sibling: Option<Func>,
    /// Whether what this one calls uses it, or another one that is kept as well does.
    is_called_for: bool,
}

/// Who keeps a closure.
struct Keeper {
    holder: String,
    at: Ref,
    /// Whether the next one takes the place of this one.
    is_slot: bool,
}

impl Judge<'_> {
    /// Judges closures that something long-lived keeps.
    pub(in crate::lifetime) fn judge_captures(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        let all_large = self.large_by_function(file);
        if all_large.is_empty() {
            return;
        }
        for (i, function) in facts.functions.iter().enumerate().skip(1) {
            let f = Func {
                file,
                function: FunctionId(i as u32),
            };
            let Some(parent) = function.parent.filter(|p| *p != FunctionId::MODULE) else {
                continue;
            };
            let outer = Func { file, function: parent };
            let Some(large) = all_large.get(&parent) else {
                continue;
            };
            let Some(mut kept) = self.kept_by(f, outer, large) else {
                continue;
            };
            let Some(keeper) = self.keeper(f, out) else { continue };
            // Where a sibling that is kept as well is for the value, it stays in any case.
            let mut siblings = self.project.inner_functions(outer).filter(|g| *g != f);
            kept.is_called_for |= kept.sibling.is_some()
                && siblings.any(|g| self.uses_or_calls_for(g, kept.binding) && self.keeper(g, out).is_some());
            let binding = kept.binding;
            let verdict = self.judge_capture(f, &kept, &keeper);
            out.push(Judged {
                acquisition: Acquisition {
                    rule: RULE.to_owned(),
                    what: facts.name(facts.binding(binding).name).to_owned(),
                    at: keeper.at,
                    kind: Kind::Capture,
                },
                verdict,
            });
        }
    }

    /// Large values among the variables of functions that are still set when closures of these run.
    fn large_by_function(&self, file: FileId) -> FxHashMap<FunctionId, Vec<BindingId>> {
        let mut large: FxHashMap<FunctionId, Vec<BindingId>> = FxHashMap::default();
        for (binding, index) in self.project.facts(file).bindings.iter().zip(0..) {
            if binding.function != FunctionId::MODULE
                && binding.init.is_some_and(|node| self.is_large(Ref { file, node }))
                && !self.is_nulled(file, BindingId(index))
            {
                large.entry(binding.function).or_default().push(BindingId(index));
            }
        }
        large
    }

    pub(in crate::lifetime) fn is_nulled(&self, file: FileId, b: BindingId) -> bool {
        let facts = self.project.facts(file);
        facts.references_of(b).any(|node| match facts.node(facts.parent(node)) {
            Node::Assign { target, value, .. } => target == node && facts.node(value).is_nullish(),
            _ => false,
        })
    }

    /// The large variable a closure keeps: its own capture, or that of a sibling that shares its context.
    fn kept_by(&self, f: Func, outer: Func, large: &[BindingId]) -> Option<Kept> {
        let captures = &self.project.function(f).captures;
        let own = |binding| Kept {
            binding,
            sibling: None,
            is_called_for: false,
        };
        if let Some(&b) = large.iter().find(|b| captures.contains(b)) {
            return Some(own(b));
        }
        // Direct `eval` may use anything, so everything is kept.
        if self.project.function(f).flags.has_eval {
            return large.first().map(|&b| own(b));
        }
        // A closure that captures nothing of this activation still has its context, if it captures anything of it
        // or anything that is reached through it.
        let facts = self.project.facts(f.file);
        let uses_context = captures.iter().any(|b| facts.binding(*b).function == outer.function);
        if !uses_context {
            return None;
        }
        large.iter().find_map(|&b| {
            let sibling = self
                .project
                .inner_functions(outer)
                .find(|g| *g != f && self.project.function(*g).captures.contains(&b))?;
            Some(Kept {
                binding: b,
                sibling: Some(sibling),
                is_called_for: self.uses_or_calls_for(f, b),
            })
        })
    }

    /// Whether a closure uses a variable, or calls what does.
    fn uses_or_calls_for(&self, f: Func, b: BindingId) -> bool {
        let mut run = self.project.reach(&[f]).into_iter();
        run.any(|g| g.file == f.file && self.project.function(g).captures.contains(&b))
    }

    /// Something long-lived that keeps the closure: a leak found on the way, a module variable, a collection.
    fn keeper(&self, f: Func, found: &[Judged]) -> Option<Keeper> {
        let facts = self.project.facts(f.file);
        let node = self.project.function(f).node;
        for judged in found {
            if let Verdict::Leak(leak) = &judged.verdict
                && judged.acquisition.at.file == f.file
                && judged.acquisition.rule != RULE
                && facts.is_inside(node, judged.acquisition.at.node)
                && leak.confidence >= Confidence::Medium
            {
                return Some(Keeper {
                    holder: leak.holder.clone(),
                    at: judged.acquisition.at,
                    is_slot: false,
                });
            }
        }
        for judged in found {
            let Kind::Pair {
                handler: Some(handler),
                target,
                row,
                ..
            } = &judged.acquisition.kind
            else {
                continue;
            };
            let row = &self.project.tables.pairs[*row];
            if !matches!(judged.verdict, Verdict::Bounded(..)) || row.one_shot || !facts.is_inside(node, handler.node) {
                continue;
            }
            let ends = self.releases_of(&judged.acquisition, &self.flow(judged.acquisition.at));
            if ends.iter().any(|end| end.wrong.is_none()) {
                continue;
            }
            let holder = match target {
                Some(t) if self.project.life_of(&self.project.place(*t)) != Life::Process => continue,
                Some(t) => format!("`{}`", self.show(*t)),
                None => row.holder.clone().unwrap_or_default(),
            };
            if !holder.is_empty() {
                return Some(Keeper {
                    holder,
                    at: judged.acquisition.at,
                    is_slot: false,
                });
            }
        }
        if let Some(keeper) = self.slot(f) {
            return Some(keeper);
        }
        self.project.uses(f).iter().cloned().find_map(|used| match used {
            Use::Stored { at, place } => {
                let kept = match &place.root {
                    Root::Global | Root::Module(_) => !place.path.is_empty(),
                    _ => self.root_is_kept(&place),
                };
                kept.then(|| Keeper {
                    holder: format!("`{}`", self.show_place(&place)),
                    at,
                    is_slot: false,
                })
            }
            _ => None,
        })
    }

    /// The variable of the module, or the property of its exports, that a closure is put in:
    /// `exports.describe = () => ...`.
    fn slot(&self, f: Func) -> Option<Keeper> {
        let facts = self.project.facts(f.file);
        let made = self.project.function(f).node;
        let write = facts.parent(made);
        let Node::Assign { target, value, .. } = facts.node(write) else {
            return None;
        };
        let here = |node| Ref { file: f.file, node };
        let is_kept = match facts.node(target) {
            Node::Binding(b) => facts.binding(b).function == FunctionId::MODULE,
            _ => facts.is_export(target),
        };
        (value == made && is_kept).then(|| Keeper {
            holder: format!("`{}`", self.show(here(target))),
            at: here(write),
            is_slot: true,
        })
    }

    /// Whether a closure only reads properties of a large value.
    fn uses_a_part_only(&self, f: Func, binding: BindingId) -> bool {
        let facts = self.project.facts(f.file);
        let node = self.project.function(f).node;
        facts
            .references_of(binding)
            .filter(|&r| facts.is_inside(r, node))
            .all(|r| {
                let up = facts.parent(r);
                let read = matches!(facts.node(up), Node::Member { object, .. } if object == r);
                let called = matches!(facts.node(facts.parent(up)), Node::Call { callee, .. } if callee == up);
                read && !called
            })
    }

    fn root_is_kept(&self, place: &Place) -> bool {
        matches!(self.project.life_of(&Place::root(place.root.clone())), Life::Process)
            && matches!(place.root, Root::Binding(..))
    }

    fn judge_capture(&self, f: Func, kept: &Kept, keeper: &Keeper) -> Verdict {
        let binding = kept.binding;
        let outer = Func {
            file: f.file,
            function: self.project.facts(f.file).binding(binding).function,
        };
        let scope = self.scope_of(outer);
        let repetition = self.repetition_here(keeper.at, outer, &scope);
        let is_waste = !kept.is_called_for && (kept.sibling.is_some() || self.uses_a_part_only(f, binding));
        if keeper.is_slot && !is_waste {
            return Verdict::bounded("there is one of it, and it is used whole");
        }
        let confidence = match &repetition {
            // Kept once, for good: a waste where only a part of it is of use, else what the closure is for.
            Repetition::Once if is_waste => Confidence::High,
            Repetition::Once => return Verdict::bounded("it is made once, and used whole"),
            Repetition::Repeated { proven: true, .. } => Confidence::High,
            Repetition::Repeated { .. } => Confidence::Medium,
            // However often: what is not used is kept for nothing.
            Repetition::Unknown if is_waste => Confidence::Medium,
            Repetition::Unknown => Confidence::Low,
        };
        let facts = self.project.facts(f.file);
        let name = facts.name(facts.binding(binding).name);
        let mut evidence = Vec::new();
        let place = Place::root(Root::Binding(f.file, binding));
        if let Some(at) = self.declaration(&place) {
            evidence.push(Evidence {
                role: Role::Captured,
                at,
                text: format!("`{name}` is large and stays alive"),
            });
        }
        if let Some(sibling) = kept.sibling {
            let at = self.project.function_node(sibling);
            evidence.push(Evidence {
                role: Role::Captured,
                at,
                text: format!("this closure uses `{name}`; both share one context, so the other keeps it too"),
            });
        }
        evidence.push(Evidence {
            role: Role::Flow,
            at: self.project.function_node(f),
            text: format!("this closure is kept by {}", keeper.holder),
        });
        evidence.extend(self.context_evidence(&repetition));
        Verdict::Leak(Leak {
            cause: Cause::NeverReleased,
            confidence,
            holder: keeper.holder.clone(),
            often: match repetition {
                Repetition::Once => "for good".into(),
                _ => self.often(&repetition, keeper.at),
            },
            remedy: Remedy::default(),
            evidence,
        })
    }
}
