//! Objects that enlist with another one by a method of it, `host.add(this)`, and never leave, although there is a
//! method to leave by: `host.remove(this)`.
//!
//! Who keeps what is added is the other object's affair. What tells that it keeps them is its other half, called
//! elsewhere in the project: by the object itself before it enlists with the next one, or by objects of other classes
//! at their end.

use crate::facts::{CallKind, MethodCall, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::grown::collections::LEFTOVER;
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Func, Life, OwnerId, Place, Ref, Repetition, Root};

/// `host.add(this)`.
struct Enlisted {
    at: Ref,
    /// The host.
    host: Place,
    /// What takes the object off again: `remove`.
    other_half: Vec<String>,
    owner: OwnerId,
}

impl Judge<'_> {
    /// Judges every `host.add(this)` of a file.
    pub(in crate::lifetime) fn judge_enlisted(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        let found: Vec<Enlisted> = facts
            .method_calls()
            .filter_map(|call| self.enlisted(file, &call))
            .collect();
        for enlisted in &found {
            if let Some(verdict) = self.enlisted_verdict(enlisted) {
                let place = enlisted.host.clone();
                out.push(Judged::parked(LEFTOVER, "element", enlisted.at, place, verdict));
            }
        }
    }

    /// The call by which an object enlists, if its host has a life of its own.
    fn enlisted(&self, file: FileId, call: &MethodCall) -> Option<Enlisted> {
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let is_call = matches!(
            facts.node(call.at),
            Node::Call {
                kind: CallKind::Call,
                ..
            }
        );
        let gives_this = facts.list(call.args).any(|a| facts.node(a) == Node::This);
        // What it gives back may be the way to leave.
        if !is_call || !gives_this || !self.is_dropped(here(call.at)) {
            return None;
        }
        let other_half = self.other_halves(facts.name(call.method));
        if other_half.is_empty() {
            return None;
        }
        let host = self.project.place(here(call.object));
        let (owner, ..) = self.project.method_around(self.project.function_at(here(call.at)))?;
        let is_other = match host.root {
            Root::This(o) => !host.path.is_empty() && self.project.is_related(o, owner),
            Root::Binding(..) => true,
            _ => false,
        };
        is_other.then(|| Enlisted {
            at: here(call.at),
            host,
            other_half,
            owner,
        })
    }

    /// `removeObserver` for `addObserver`.
    pub(in crate::lifetime) fn other_halves(&self, method: &str) -> Vec<String> {
        let words = &self.project.tables.conventions.element_words;
        let halves = words.iter().filter_map(|(adds, removes)| {
            let rest = method.strip_prefix(adds.as_str())?;
            let is_word = !rest.starts_with(|c: char| c.is_ascii_lowercase());
            is_word.then(|| format!("{removes}{rest}"))
        });
        halves.collect()
    }

    fn enlisted_verdict(&self, e: &Enlisted) -> Option<Verdict> {
        let leaves = self.leaves_of(e);
        if leaves.is_empty() {
            return self.never_left(e);
        }
        self.left_but_once(e, &leaves)
    }

    /// Where the class takes its objects off by the other half, whatever it calls the host there.
    fn leaves_of(&self, e: &Enlisted) -> Vec<Ref> {
        let mut files: Vec<FileId> = self.project.lineage(e.owner).iter().map(|o| o.file).collect();
        files.dedup();
        let of_file = files.into_iter().flat_map(|file| self.calls_with_this(file, e));
        of_file
            .filter(|at| {
                let around = self.project.method_around(self.project.function_at(*at));
                around.is_some_and(|(o, ..)| self.project.is_related(o, e.owner))
            })
            .collect()
    }

    /// `host.remove(this)` in a file.
    fn calls_with_this(&self, file: FileId, e: &Enlisted) -> Vec<Ref> {
        let facts = self.project.facts(file);
        let calls = e
            .other_half
            .iter()
            .flat_map(|name| self.project.calls_named(file, name));
        calls
            .filter(|&&node| {
                facts
                    .method_call(node)
                    .is_some_and(|call| facts.list(call.args).any(|a| facts.node(a) == Node::This))
            })
            .map(|&node| Ref { file, node })
            .collect()
    }

    /// The field of the host is emptied by a method that does not leave it, while another method leaves it before it
    /// puts the next one there.
    fn left_but_once(&self, e: &Enlisted, leaves: &[Ref]) -> Option<Verdict> {
        if !matches!(e.host.root, Root::This(_)) || e.host.path.len() != 1 {
            return None;
        }
        let left: Vec<Ref> = leaves
            .iter()
            .copied()
            .filter(|at| {
                let call = self.project.facts(at.file).method_call(at.node);
                call.is_some_and(|c| self.project.place(Ref { node: c.object, ..*at }) == e.host)
            })
            .collect();
        let f = self.project.function_at(e.at);
        let made = self.project.definitions(&e.host);
        let &before = left.iter().find(|at| {
            let replaces =
                |d: &Ref| self.project.function_at(*d) == f && self.is_before(**at, *d) && self.is_before(*d, e.at);
            self.project.function_at(**at) == f && made.iter().any(replaces)
        })?;
        let left_in: Vec<Func> = left.iter().map(|at| self.project.function_at(*at)).collect();
        let emptied = self.emptied(e.at.file, &e.host).into_iter().find(|at| {
            let g = self.project.function_at(*at);
            let Some((o, name, method)) = self.project.method_around(g) else {
                return false;
            };
            let reach = self.project.reach(&[g]);
            let callers = self.project.callers(g);
            let follows = callers.calls.iter().any(|c| {
                let around = self.project.reach(&[self.project.function_at(*c)]);
                left_in.iter().any(|l| around.contains(l))
            });
            self.project.is_related(o, e.owner)
                && method == g
                && name != "constructor"
                && !follows
                && !reach.contains(&f)
                && !left_in.iter().any(|l| reach.contains(l))
        })?;
        let evidence = vec![
            Evidence {
                role: Role::Flow,
                at: emptied,
                text: format!("`{}` is emptied here, and keeps this object", self.show_place(&e.host)),
            },
            Evidence {
                role: Role::Release,
                at: before,
                text: "taken off here before the next one comes".into(),
            },
        ];
        Some(self.enlisted_leak(e, Cause::NotOnEveryPath, evidence))
    }

    /// The end of the object lets go of the host and stays with it, where objects of other classes leave hosts like it
    /// at their end.
    fn never_left(&self, e: &Enlisted) -> Option<Verdict> {
        let ends = self.final_methods(e.owner);
        let end = *ends.first()?;
        let is_own = matches!(self.life_of_thing(&e.host), Life::Call(_) | Life::Instance(_));
        if is_own || self.is_singleton(e.owner) || !self.is_made_in_passing(e.owner) {
            return None;
        }
        let reach = self.project.reach(&ends);
        if self.hands_itself_over(&reach) {
            return None;
        }
        let sibling = self.left_by_another(e)?;
        let evidence = vec![
            Evidence {
                role: Role::Release,
                at: self.project.function_node(end),
                text: "ends it, and leaves it there".into(),
            },
            Evidence {
                role: Role::Flow,
                at: sibling,
                text: "others leave at their end".into(),
            },
        ];
        Some(self.enlisted_leak(e, Cause::NeverReleased, evidence))
    }

    /// Whether objects of an owner are made by methods of others, as they are needed: not only while another object is
    /// made, which may end together with them.
    fn is_made_in_passing(&self, owner: OwnerId) -> bool {
        let made = self.project.constructions(owner).into_iter();
        let mut made = made
            .filter(|call| !self.project.is_test_of(call.file, owner.file))
            .peekable();
        made.peek().is_some()
            && made.all(|call| {
                let around = self.project.method_around(self.project.function_at(call));
                around.is_some_and(|(o, name, _)| !self.is_part_of_construction(o, name) && name != "constructor")
            })
    }

    /// Where the end of an object of another class leaves a host of the same name.
    fn left_by_another(&self, e: &Enlisted) -> Option<Ref> {
        let parent = e.host.parent();
        let of = parent.as_ref().and_then(Place::last).filter(|_| e.host.path.len() > 1);
        let half = e.other_half.first()?;
        for &file in self.project.files_naming(half).iter() {
            for at in self.calls_with_this(file, e) {
                let call = self.project.facts(file).method_call(at.node)?;
                let host = self.project.place(Ref {
                    node: call.object,
                    ..at
                });
                let parent = host.parent();
                let is_like = host.last().is_some() && host.last() == e.host.last()
                    || of.is_some() && parent.as_ref().and_then(Place::last) == of;
                let Some((o, ..)) = self.project.method_around(self.project.function_at(at)) else {
                    continue;
                };
                let ends = self.final_methods(o);
                let at_end = self.project.reach(&ends).contains(&self.project.function_at(at));
                if is_like && at_end && !self.project.is_related(o, e.owner) {
                    return Some(at);
                }
            }
        }
        None
    }

    fn enlisted_leak(&self, e: &Enlisted, cause: Cause, mut evidence: Vec<Evidence>) -> Verdict {
        let repetition = match self.project.instances_of(e.owner) {
            Repetition::Once => Repetition::Unknown,
            found => found,
        };
        evidence.extend(self.context_evidence(&repetition));
        let half = e.other_half.first().map(String::as_str).unwrap_or_default();
        let holder = format!("`{}`", self.show_place(&e.host));
        Verdict::Leak(Leak {
            cause,
            confidence: Confidence::Medium,
            remedy: Remedy::of(format!("{}.{half}(this)", self.show_place(&e.host))),
            holder,
            often: self.often(&repetition, e.at),
            evidence,
        })
    }
}
