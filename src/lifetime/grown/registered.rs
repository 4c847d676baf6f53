//! Objects that put themselves into a list of something that outlives them, and what their end leaves there.

use rustc_hash::FxHashSet;

use crate::facts::{CallKind, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown, LEFTOVER};
use crate::lifetime::grown::growth::Growth;
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::lifetime::held::holding::Holder;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{Func, OwnerId, Place, Ref, Repetition, Root};

impl Judge<'_> {
    /// Judges every `this.parent.list.push(this)` of a file.
    pub(in crate::lifetime) fn judge_registrations(&self, growths: &[Growth], out: &mut Vec<Judged>) {
        for growth in growths.iter().filter(|g| self.adds_this(g)) {
            let Some((verdict, place)) = self.registration_verdict(growth, growths) else {
                continue;
            };
            out.push(Judged {
                acquisition: Acquisition {
                    rule: LEFTOVER.to_owned(),
                    what: "element".to_owned(),
                    at: growth.at,
                    kind: Kind::Growth { place, key: growth.key },
                },
                verdict,
            });
        }
    }

    fn adds_this(&self, growth: &Growth) -> bool {
        growth.value.is_some_and(|v| self.project.node(v) == Node::This)
    }

    /// An object adds itself to two lists of another, and its end takes it out of one of them.
    fn registration_verdict(&self, growth: &Growth, all: &[Growth]) -> Option<(Verdict, Place)> {
        let place = self.project.place(growth.collection);
        let Root::This(owner) = place.root else { return None };
        let parent = place.parent().filter(|p| !p.path.is_empty())?;
        let f = self.project.function_at(growth.at);
        let (teardowns, by_framework) = self.teardowns(owner);
        if teardowns.is_empty() {
            return None;
        }
        let reach = self.ended_by(&teardowns, &parent);
        let leaves = |list: &Place| self.takes_from(&reach, list);
        if leaves(&place).is_some() || self.hands_itself_over(&reach) {
            return Some((
                Verdict::Transferred("its end tells the other object".into(), Vec::new()),
                place,
            ));
        }
        let sibling = all.iter().find_map(|other| {
            let list = self.project.place(other.collection);
            let same = other.at != growth.at
                && self.adds_this(other)
                && self.project.function_at(other.at) == f
                && list != place
                && list.parent().as_ref() == Some(&parent);
            same.then(|| leaves(&list).map(|at| (list, at))).flatten()
        });
        let Some((list, at)) = sibling else {
            let text = "the other object may end together with this one";
            return Some((Verdict::unknown(text), place));
        };
        let repetition = self.project.instances_of(owner);
        let mut evidence = vec![Evidence {
            role: Role::Release,
            at,
            text: format!("taken out of `{}` only", self.show_place(&list)),
        }];
        evidence.extend(self.context_evidence(&repetition));
        let leak = Leak {
            cause: Cause::NeverReleased,
            confidence: if by_framework || !repetition.is_repeated() {
                Confidence::Medium
            } else {
                Confidence::Low
            },
            holder: format!("`{}`", self.show_place(&place)),
            often: self.often(&repetition, growth.at),
            remedy: Remedy::default(),
            evidence,
        };
        Some((Verdict::Leak(leak), place))
    }

    /// What runs at the end of an object, with the methods of another that are called there by their names.
    fn ended_by(&self, teardowns: &[Func], parent: &Place) -> FxHashSet<Func> {
        let mut reach = self.project.reach(teardowns);
        let mut more = Vec::new();
        for &f in &reach {
            let facts = self.project.facts(f.file);
            for &call in self.project.calls_in(f) {
                if let Node::Call { callee, .. } = facts.node(call)
                    && let Node::Member { object, property, .. } = facts.node(callee)
                    && self.project.place(Ref {
                        file: f.file,
                        node: object,
                    }) == *parent
                {
                    more.extend(self.methods_named(facts.name(property)));
                }
            }
        }
        reach.extend(self.project.reach(&more));
        reach
    }

    /// Methods of any owner of the project with a name.
    fn methods_named(&self, name: &str) -> Vec<Func> {
        let mut out = Vec::new();
        for &file in self.project.files_naming(name).iter() {
            let Some(wanted) = self.project.name_in(file, name) else {
                continue;
            };
            for owner in self.project.owners_of(file) {
                let members = &self.project.owner(owner).members;
                let found = members.iter().filter(|m| m.name == wanted).filter_map(|m| m.function);
                out.extend(found.map(|function| Func { file, function }));
            }
        }
        out
    }

    /// Where one of these functions names a list.
    fn takes_from(&self, functions: &FxHashSet<Func>, list: &Place) -> Option<Ref> {
        let name = list.last()?;
        let mut found: Vec<Ref> = functions
            .iter()
            .filter_map(|f| {
                let facts = self.project.facts(f.file);
                let wanted = self.project.name_in(f.file, name)?;
                let node = facts
                    .members_named(wanted)
                    .find(|&m| facts.enclosing_function(m) == f.function)?;
                Some(Ref { file: f.file, node })
            })
            .collect();
        found.sort_unstable();
        found.into_iter().next()
    }

    /// Whether one of these functions gives its object to code that may take it out of anything.
    pub(in crate::lifetime) fn hands_itself_over(&self, functions: &FxHashSet<Func>) -> bool {
        let read = &self.project.tables.conventions.membership;
        let take = &self.project.tables.conventions.take;
        functions.iter().any(|f| {
            let facts = self.project.facts(f.file);
            self.project.calls_in(*f).iter().any(|&call| match facts.node(call) {
                Node::Call { callee, args, .. } => {
                    let method = self.project.last_name(Ref {
                        file: f.file,
                        node: callee,
                    });
                    let known = method.is_some_and(|m| read.iter().chain(take).any(|r| r == m));
                    !known
                        && facts.list(args).any(|a| facts.node(a) == Node::This)
                        && self
                            .project
                            .called_function(Ref {
                                file: f.file,
                                node: call,
                            })
                            .is_none()
                }
                _ => false,
            })
        })
    }

    /// A table of all objects of a class: a method takes one out, nobody calls it, and the end of the object does not.
    pub(in crate::lifetime) fn forgotten_by_end(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        if !self.adds_this(&grown.growth) {
            return None;
        }
        let (owner, ..) = self.project.method_around(grown.f)?;
        let (at, how) = touched.shrinks.first()?;
        let ends = self.final_methods(owner);
        let reach = self.project.reach(&ends);
        let unreached = |at: Ref| {
            let f = self.project.function_at(at);
            self.project.method_around(f).is_some_and(|(o, name, method)| {
                o == owner
                    && method == f
                    && !ends.contains(&f)
                    && !reach.contains(&f)
                    && self.project.method_references(o, name).is_empty()
            })
        };
        let entry = matches!(how, Shrink::Entry(key) if self.project.node(*key) == Node::This);
        let forgotten = !ends.is_empty() && entry && touched.shrinks.iter().all(|(at, _)| unreached(*at));
        (forgotten && !self.mentioned_in(&reach, &grown.place)).then(|| {
            Found::by_release(
                GROWING,
                Cause::NotOnTeardown,
                *at,
                "nobody calls this, and the end of the object does not",
            )
        })
    }

    /// Each object lists itself when it is made, and only who ends them all empties the list: an object that is ended by
    /// itself stays.
    pub(in crate::lifetime) fn listed_until_all_end(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let (owner, ..) = self.project.method_around(grown.f)?;
        let &(first, _) = touched.shrinks.first()?;
        if touched.leaves.is_some() || !self.lists_itself(grown) {
            return None;
        }
        let ends = self.final_methods(owner);
        let &end = ends.first()?;
        let reach = self.project.reach(&ends);
        let by_all = |(at, how): &(Ref, Shrink)| {
            let f = self.project.function_at(*at);
            *how == Shrink::All && !reach.contains(&f) && self.ends_another(f, &ends)
        };
        let left = touched.shrinks.iter().all(by_all) && !self.mentioned_in(&reach, &grown.place);
        left.then(|| Found {
            rule: GROWING,
            cause: Cause::NotOnTeardown,
            evidence: vec![
                Evidence {
                    role: Role::Release,
                    at: first,
                    text: "emptied only where all of them are ended".into(),
                },
                Evidence {
                    role: Role::Flow,
                    at: self.project.function_node(end),
                    text: "ends one of them, and leaves it in the list".into(),
                },
            ],
            tells: true,
        })
    }

    /// Whether a function calls one of these methods on another object than its own.
    fn ends_another(&self, f: Func, ends: &[Func]) -> bool {
        let facts = self.project.facts(f.file);
        self.project.calls_in(f).iter().any(|&node| {
            facts.method_call(node).is_some_and(|call| {
                let name = facts.name(call.method);
                let is_named = |g: &Func| self.project.method_around(*g).is_some_and(|(_, end, _)| end == name);
                facts.node(call.object) != Node::This && ends.iter().any(is_named)
            })
        })
    }

    /// Made here and given to the caller, who ends it one day; it knows where it is listed, and its end leaves it there.
    pub(in crate::lifetime) fn given_out(&self, grown: &Grown) -> Option<Found> {
        let value = grown.growth.value?;
        let facts = self.project.facts(value.file);
        let Node::Binding(b) = facts.node(value.node) else {
            return None;
        };
        let binding = facts.binding(b);
        let made = binding.init?;
        let Node::Call {
            args,
            kind: CallKind::New,
            ..
        } = facts.node(made)
        else {
            return None;
        };
        let knows_this = facts.list(args).any(|a| facts.node(a) == Node::This);
        if binding.function != grown.f.function || binding.in_loop || binding.writes > 1 || !knows_this {
            return None;
        }
        let place = self.project.place(value);
        let child = self.owner_at(&place, 0)?;
        let given = |at: &Ref| self.project.place(*at) == place;
        if !self.project.returned_values(grown.f).iter().any(given) {
            return None;
        }
        let ends = self.final_methods(child);
        let &end = ends.first()?;
        let kept = self.mentioned_in(&self.project.reach(&ends), &grown.place);
        (!kept).then(|| Found {
            rule: LEFTOVER,
            cause: Cause::NeverReleased,
            evidence: vec![Evidence {
                role: Role::Release,
                at: self.project.function_node(end),
                text: format!("ends it, and leaves it in `{}`", self.show_place(&grown.place)),
            }],
            tells: true,
        })
    }

    /// What serves others fills a field each time, and only its own end empties it.
    pub(in crate::lifetime) fn emptied_at_end_only(
        &self,
        grown: &Grown,
        touched: &Touched,
        repetition: &Repetition,
    ) -> Option<Found> {
        let Holder::Field(owner) = grown.holder else {
            return None;
        };
        let first = touched.shrinks.first()?.0;
        if touched.escapes.is_some() || touched.leaves.is_some() || self.serves(repetition).is_none() {
            return None;
        }
        let ends = self.final_methods(owner);
        let at_end = touched
            .shrinks
            .iter()
            .all(|(at, how)| *how == Shrink::All && ends.contains(&self.project.function_at(*at)));
        at_end.then(|| Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: vec![Evidence {
                role: Role::Release,
                at: first,
                text: "emptied only when its holder ends".into(),
            }],
            tells: false,
        })
    }

    pub(in crate::lifetime) fn mentioned_in(&self, functions: &FxHashSet<Func>, place: &Place) -> bool {
        functions.iter().any(|f| self.mentions(*f, place))
    }

    /// The methods of an owner whose names say that its object is over.
    pub(in crate::lifetime) fn final_methods(&self, owner: OwnerId) -> Vec<Func> {
        let last = &self.project.tables.conventions.last;
        let (teardowns, _) = self.teardowns(owner);
        teardowns
            .into_iter()
            .filter(|&f| {
                self.project
                    .method_around(f)
                    .is_some_and(|(_, name, _)| last.iter().any(|l| l == name.trim_start_matches(['_', '#'])))
            })
            .collect()
    }
}
