//! Whether a stream ends with who subscribes to it: which of its sources live longer, and whether what should end
//! them really does.

use crate::facts::{CallKind, Node, UnaryOp};
use crate::finding::{Cause, Confidence, Role};
use crate::lifetime::acquired::streams::{Guard, Source};
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Leak, Verdict};
use crate::link::{Func, Key, Life, OwnerId, Ref, Repetition, Root, Use};
use crate::tables::{Every, Param};

/// A source that goes on, and why.
#[derive(Debug)]
pub(in crate::lifetime) struct Open {
    /// The source.
    pub at: Ref,
    /// How long it lives.
    pub life: Life,
    /// Whether it is one that an operator adds for each value of another.
    pub nested: bool,
    /// What was meant to end it, and why it does not.
    pub defect: Option<Defect>,
}

/// Something that was meant to end a stream and does not.
#[derive(Clone, Debug)]
pub(in crate::lifetime) struct Defect {
    /// Why.
    pub cause: Cause,
    /// Where.
    pub evidence: Vec<Evidence>,
    /// Whether it never does, whatever happens.
    certain: bool,
}

/// What becomes of a stream.
#[derive(Debug)]
pub(in crate::lifetime) enum StreamEnd {
    /// It ends, or nobody knows.
    Verdict(Verdict),
    /// It goes on until the subscriber unsubscribes.
    Open(Open),
}

/// What becomes of a notifier.
enum Notice {
    /// It gives a value in time, for all that is known; the calls, where it is one's own.
    Given(Vec<Ref>),
    /// It does not.
    Missed(Defect),
}

impl Judge<'_> {
    /// Whether the stream that is subscribed to ends; nothing if it is no stream.
    pub(in crate::lifetime) fn stream_end(&self, a: &Acquisition, target: Ref, scope: &Scope) -> Option<StreamEnd> {
        let stream = self.stream_of(target)?;
        if self.is_handed_subscriber(a.at) {
            let text = "it hands on its subscriber, who ends it";
            return Some(StreamEnd::Verdict(Verdict::released(text, Some(a.at))));
        }
        let mut open: Vec<Open> = Vec::new();
        let mut ended_at = None;
        for source in &stream.sources {
            match self.source_end(a, source) {
                Ok(at) => ended_at = ended_at.or(at),
                Err(None) if let Some(at) = self.completed_by_giver(source.at) => ended_at = ended_at.or(Some(at)),
                Err(defect) => open.push(Open {
                    at: source.at,
                    life: self.life_beside(scope, source),
                    nested: source.nested,
                    defect,
                }),
            }
        }
        let Some(worst) = open.into_iter().rev().max_by_key(rank) else {
            return Some(StreamEnd::Verdict(Verdict::released(
                "the stream ends by itself or with its owner",
                ended_at,
            )));
        };
        let verdict = match (&worst.life, &worst.defect) {
            (Life::Process | Life::Outer | Life::Connection, _)
            | (Life::Unknown, Some(Defect { certain: true, .. }))
            | (
                _,
                Some(Defect {
                    cause: Cause::HandleLost,
                    ..
                }),
            ) => {
                return Some(StreamEnd::Open(worst));
            }
            (
                Life::Unknown,
                Some(Defect {
                    cause: Cause::ReleaseWithoutEffect,
                    ..
                }),
            ) if self.is_asked_of_service(worst.at) => return Some(StreamEnd::Open(worst)),
            (Life::Unknown, _) => Verdict::unknown("nobody says how long its source lives"),
            (Life::Request, _) => Verdict::bounded("the request ends with what it holds"),
            // Each subscriber of a stream that the object gives adds one more to it.
            (Life::Instance(_), _) if self.is_for_each_subscriber(a.at) => return Some(StreamEnd::Open(worst)),
            (Life::Instance(_), _) => Verdict::bounded("it is part of the object that subscribes to it"),
            (Life::Call(maker), _) if self.outlives_subscriptions(target, *maker) => {
                return Some(StreamEnd::Open(worst));
            }
            (Life::Call(_), _) => Verdict::bounded("it was made here and ends with what it holds"),
        };
        Some(StreamEnd::Verdict(verdict))
    }

    /// `new Observable((subscriber) => { source.subscribe(subscriber); })`: what a subscriber is subscribed to ends with it.
    fn is_handed_subscriber(&self, subscribe: Ref) -> bool {
        let subscriber = self
            .project
            .argument(subscribe, 0)
            .map(|at| (at, self.project.node(at)));
        let Some((at, Node::Binding(b))) = subscriber else {
            return false;
        };
        let Some((f, 0)) = self.project.param_position(at.file, b) else {
            return false;
        };
        self.makes_new_stream(f)
    }

    /// Whether a function around a subscription made its stream, and sees the code that subscribes run again and again.
    fn outlives_subscriptions(&self, stream: Ref, maker: Func) -> bool {
        let facts = self.project.facts(stream.file);
        let mut base = stream;
        // `changes` of `changes.pipe(...)`
        while let Some(call) = facts.method_call(base.node) {
            base.node = call.object;
        }
        let place = self.project.place(base);
        self.life_beyond(&place, maker, self.project.function_at(stream))
            .is_some()
    }

    /// Whether code is run for each subscriber of a stream that it makes.
    fn is_for_each_subscriber(&self, at: Ref) -> bool {
        self.makes_new_stream(self.project.function_at(at))
    }

    /// Whether a function is what a new stream runs for each of its subscribers.
    fn makes_new_stream(&self, f: Func) -> bool {
        let is_of_new_stream = |used: &Use| match used {
            Use::Passed { call, arg } => {
                let setup = self.project.context_of(*call, *arg);
                let made = self.project.type_of(*call);
                matches!(setup, Some((_, Param::Setup)))
                    && made.is_some_and(|t| self.project.tables.is_a(t, "Observable"))
            }
            _ => false,
        };
        self.project.uses(f).iter().any(is_of_new_stream)
    }

    /// How long a source lives, seen from an owner: longer than what lives as long as the application is nothing but
    /// that, and what a method is handed may live shorter than its object.
    fn life_beside(&self, scope: &Scope, source: &Source) -> Life {
        let (Scope::Owner { owner, .. }, Life::Outer) = (scope, &source.life) else {
            return source.life.clone();
        };
        if self.project.providers(*owner).is_some_and(|p| p.is_empty()) && !self.listens_to_page(source.at) {
            return Life::Unknown;
        }
        if self.is_of_component_around(source.at) {
            return Life::Unknown;
        }
        if let Root::Binding(file, b) = self.project.place(source.at).root
            && let Some((f, _)) = self.project.param_position(file, b)
            && self.project.is_plain_method(f)
        {
            return Life::Unknown;
        }
        Life::Outer
    }

    /// Whether an injector gave the object that a source is a part of, and it is another component or directive: the
    /// one around, which most often goes with what is in it.
    fn is_of_component_around(&self, source: Ref) -> bool {
        let mut place = self.project.place(source);
        if place.path.is_empty() || matches!((&place.root, place.path.len()), (Root::This(_), 1)) {
            return false;
        }
        place.path.pop();
        let Some(owner) = self.owner_at(&place, 0) else {
            return false;
        };
        let is_component = self.project.lifecycle(owner).is_some_and(|c| {
            c.row.provided_in.is_empty() && c.row.every == Every::Mount && !c.row.decorators.is_empty()
        });
        is_component && !matches!(place.root, Root::This(o) if o == owner)
    }

    /// `this.access.granted()`, where an injector fills the field with an object of a class of the project. What is read
    /// of it does not say that the stream ends.
    fn is_asked_of_service(&self, source: Ref) -> bool {
        let facts = self.project.facts(source.file);
        let Some(asked) = facts.method_call(source.node) else {
            return false;
        };
        let service = Ref {
            node: asked.object,
            ..source
        };
        let place = self.project.place(service);
        let is_field = matches!(place.root, Root::This(_)) && place.path.len() == 1;
        let class = self.project.owner_of_object(service, 0).filter(|_| is_field);
        class.is_some_and(|class| self.project.providers(class).is_some())
    }

    /// `fromEvent(this.document, 'keyup')`
    fn listens_to_page(&self, source: Ref) -> bool {
        let first = self.project.argument(source, 0);
        first.is_some_and(|thing| self.has_long_lived_name(&self.project.place(thing)))
    }

    /// Where a source ends, or what should have ended it.
    fn source_end(&self, a: &Acquisition, source: &Source) -> Result<Option<Ref>, Option<Defect>> {
        if source.completes {
            return Ok(None);
        }
        let mut defect = None;
        for guard in &source.guards {
            match guard {
                Guard::Sure(at) | Guard::Unknown(at) => return Ok(Some(*at)),
                Guard::Notifier(n) => match self.notice(a, *n) {
                    Notice::Given(given) => {
                        let lasts =
                            source.ticks || matches!(source.life, Life::Process | Life::Outer | Life::Instance(_));
                        let ended_in = given.iter().map(|&c| self.project.function_at(c)).collect();
                        match self.piles_up(a.at, &ended_in).filter(|_| lasts && !given.is_empty()) {
                            Some(evidence) => {
                                defect = defect.or(Some(Defect {
                                    cause: Cause::HandleLost,
                                    evidence,
                                    certain: false,
                                }));
                            }
                            None => return Ok(Some(*n)),
                        }
                    }
                    Notice::Missed(missed) => defect = defect.or(Some(missed)),
                },
                Guard::Condition(at) => {
                    if source.ticks || !self.is_flag_of_teardown(*at) {
                        return Ok(Some(*at));
                    }
                    let text = "is looked at with the next value only, and none may come";
                    defect = defect.or(Some(Defect {
                        cause: Cause::ReleaseWithoutEffect,
                        evidence: vec![note(*at, text)],
                        certain: false,
                    }));
                }
            }
        }
        Err(defect)
    }

    /// Whether a notifier gives a value when its owner ends.
    fn notice(&self, a: &Acquisition, notifier: Ref) -> Notice {
        let place = self.project.place(notifier);
        let is_own = matches!(
            (&place.root, place.path.as_slice()),
            (Root::This(_), [Key::Name(_)]) | (Root::Binding(..), [])
        );
        let defs = self.project.definitions(&place);
        let is_made = |d: &Ref| {
            matches!(
                self.project.node(*d),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            )
        };
        if !is_own || defs.is_empty() || !defs.iter().all(is_made) {
            return Notice::Given(Vec::new());
        }
        let files = self.release_files(a.at, std::slice::from_ref(&place));
        let mut given = Vec::new();
        let mut completed = None;
        for at in self.references_to(&place, &files) {
            match self.emission(at) {
                Emission::Value(call) => given.push(call),
                Emission::End(call) => completed = Some(call),
                Emission::None => {}
                Emission::Elsewhere => return Notice::Given(Vec::new()),
            }
        }
        if given.is_empty() {
            let name = self.show_place(&place);
            let mut evidence = vec![note(
                notifier,
                &format!("`{name}` never gives a value, so this ends nothing"),
            )];
            if let Some(call) = completed {
                evidence.push(note(call, "ends without a value; only a value ends the stream"));
            }
            return Notice::Missed(Defect {
                cause: Cause::ReleaseWithoutEffect,
                evidence,
                certain: true,
            });
        }
        let Root::This(owner) = place.root else {
            return Notice::Given(Vec::new());
        };
        let (teardowns, by_framework) = self.teardowns(owner);
        let reach = self.project.reach(&teardowns);
        let by_others = self.project.providers(owner).is_some();
        if !by_framework || by_others || given.iter().any(|&c| reach.contains(&self.project.function_at(c))) {
            return Notice::Given(given);
        }
        let text = "the teardown does not reach this";
        Notice::Missed(Defect {
            cause: Cause::NotOnTeardown,
            evidence: vec![note(given[0], text)],
            certain: false,
        })
    }

    /// What a reference to a subject does with it.
    fn emission(&self, at: Ref) -> Emission {
        let facts = self.project.facts(at.file);
        if facts.is_written(at.node) {
            return Emission::None;
        }
        let up = facts.parent(at.node);
        let here = |node| Ref { file: at.file, node };
        match facts.node(up) {
            Node::Member { object, property, .. } if object == at.node => {
                let call = facts.parent(up);
                if !matches!(facts.node(call), Node::Call { callee, .. } if callee == up) {
                    return Emission::Elsewhere;
                }
                let conventions = &self.project.tables.conventions;
                let is_one_of = |names: &[String]| names.iter().any(|name| name == facts.name(property));
                if is_one_of(&conventions.gives_value) {
                    Emission::Value(here(call))
                } else if is_one_of(&conventions.ends_stream) {
                    Emission::End(here(call))
                } else {
                    Emission::None
                }
            }
            Node::Call { callee, .. } if callee != at.node && self.effect_of(here(callee)).is_some() => Emission::None,
            Node::Call { callee, .. } if callee != at.node => match facts.node(callee) {
                Node::Member { property, .. }
                    if self.project.tables.operator_method(facts.name(property)).is_some() =>
                {
                    Emission::None
                }
                _ => Emission::Elsewhere,
            },
            Node::Block(_) | Node::If { .. } | Node::Logical { .. } | Node::Unary { .. } => Emission::None,
            _ => Emission::Elsewhere,
        }
    }

    /// `takeWhile(() => this.alive)`, where the end of the owner sets the flag.
    fn is_flag_of_teardown(&self, operator: Ref) -> bool {
        let Some(f) = self
            .project
            .argument(operator, 0)
            .and_then(|a| self.project.function_value(a, 0))
        else {
            return false;
        };
        let [only] = self.project.returned_values(f)[..] else {
            return false;
        };
        let flag = match self.project.node(only) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => Ref {
                file: only.file,
                node: value,
            },
            _ => only,
        };
        let place = self.project.place(flag);
        let (Root::This(owner), [Key::Name(name)]) = (&place.root, place.path.as_slice()) else {
            return false;
        };
        let (teardowns, by_framework) = self.teardowns(*owner);
        let reach = self.project.reach(&teardowns);
        by_framework && self.writes_of(*owner, name).iter().any(|f| reach.contains(f))
    }

    /// Functions that set a field.
    fn writes_of(&self, owner: OwnerId, field: &str) -> Vec<Func> {
        let definitions = self.project.field_definitions(owner, field);
        definitions.into_iter().map(|d| self.project.function_at(d)).collect()
    }

    /// Says of a leak what is known of its stream.
    pub(in crate::lifetime) fn tell_stream(
        &self,
        open: &Open,
        typed: bool,
        scope: &Scope,
        repetition: &Repetition,
        verdict: Verdict,
    ) -> Verdict {
        let Verdict::Leak(leak) = verdict else { return verdict };
        let certain = !open.nested && open.defect.as_ref().is_none_or(|d| d.certain);
        let confidence = if typed && open.life == Life::Process && certain {
            let found = self.confidence(scope, repetition).unwrap_or(leak.confidence);
            found.max(leak.confidence.min(Confidence::Medium))
        } else {
            leak.confidence.min(Confidence::Medium)
        };
        Verdict::Leak(Leak { confidence, ..leak })
    }
}

/// What a reference to a subject does.
enum Emission {
    Value(Ref),
    End(Ref),
    None,
    Elsewhere,
}

fn note(at: Ref, text: &str) -> Evidence {
    Evidence {
        role: Role::Release,
        at,
        text: text.to_owned(),
    }
}

/// The source that lives longest says most.
fn rank(open: &Open) -> u8 {
    match (&open.life, &open.defect) {
        (Life::Process, _) => 6,
        (Life::Outer, _) => 5,
        (Life::Connection, _) => 4,
        (Life::Unknown, Some(_)) => 3,
        (Life::Unknown, None) => 2,
        _ => 1,
    }
}
