//! Functions of something long-lived that are wrapped and put back each time the code runs.

use crate::facts::{Assignment, CallKind, FunctionId, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Func, Key, Life, Place, Ref, Repetition, Root};

const RULE: &str = "rewrapped-function";

impl Judge<'_> {
    /// Judges assignments that wrap what they replace.
    pub(in crate::lifetime) fn judge_rewraps(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        for Assignment { at, target, value } in facts.assignments() {
            if !matches!(facts.node(target), Node::Member { .. } | Node::Index { .. })
                || facts.enclosing_function(at) == FunctionId::MODULE
            {
                continue;
            }
            let at = Ref { file, node: at };
            let place = self.project.place(Ref { file, node: target });
            // What stands in `arguments` ends with the call.
            if place.root == Root::Global && place.path.first() == Some(&Key::Name("arguments".into())) {
                continue;
            }
            if !self.wraps(Ref { file, node: value }, &place) {
                continue;
            }
            let verdict = self.judge_rewrap(at, &place);
            out.push(Judged::parked(RULE, "wrapper", at, place, verdict));
        }
    }

    /// Whether a value is a function that keeps what is at a place now.
    fn wraps(&self, value: Ref, place: &Place) -> bool {
        let facts = self.project.facts(value.file);
        match facts.node(value.node) {
            Node::Function(f) => facts.function(f).captures.iter().any(|&b| {
                facts.references_of(b).next().is_some_and(|first| {
                    let name = Ref {
                        file: value.file,
                        node: first,
                    };
                    self.is_original(name, place)
                })
            }),
            Node::Binding(b) if facts.binding(b).writes == 0 => facts.binding(b).init.is_some_and(|node| {
                matches!(facts.node(node), Node::Function(_)) && self.wraps(Ref { file: value.file, node }, place)
            }),
            // `x.f = wrap(x.f)`, where `wrap` gives back a function that keeps its argument.
            Node::Call { args, kind, .. } if kind != CallKind::New => facts.list(args).enumerate().any(|(i, node)| {
                self.is_original(Ref { file: value.file, node }, place) && self.gives_back_wrapper(value, i)
            }),
            _ => false,
        }
    }

    /// Whether an expression is what stood at a place before: the place itself, another name for it, a bound copy, or what
    /// a function gives back of these.
    fn is_original(&self, at: Ref, place: &Place) -> bool {
        let here = self.project.place(at);
        if self.project.same_place(&here, place) || self.is_given_original(&here, place) {
            return true;
        }
        self.project.definitions(&here).into_iter().any(|d| {
            let bound = match self.project.node(d) {
                Node::Call { callee, .. } => match self.project.facts(d.file).node(callee) {
                    Node::Member { object, .. } => Some(Ref {
                        file: d.file,
                        node: object,
                    }),
                    _ => None,
                },
                _ => Some(d),
            };
            bound.is_some_and(|b| b != at && self.project.same_place(&self.project.place(b), place))
        })
    }

    /// `const [log] = this.listen()`, where that function gives back what stood at the place when it was called.
    fn is_given_original(&self, given: &Place, place: &Place) -> bool {
        let Root::Value(call) = given.root else { return false };
        let Some(f) = self.project.called_function(call) else {
            return false;
        };
        let part = |value: Ref| match (&given.path[..], self.project.node(value)) {
            ([], _) => Some(value),
            ([Key::Name(name)], Node::Object(_)) => self.project.property(value, name),
            ([Key::Name(index)], Node::Array(items)) => {
                let node = self.project.facts(value.file).item(items, index.parse().ok()?)?;
                Some(Ref { node, ..value })
            }
            _ => None,
        };
        let mut values = self.project.returned_values(f).into_iter().filter_map(part);
        // What is there now, is what was put there.
        let is_name = |value: Ref| matches!(self.project.node(value), Node::Binding(_));
        values.any(|value| {
            let named = self.project.place(value);
            let known = self.project.definitions(&named).into_iter();
            let mut all = known.map(|d| self.project.place(d)).chain([named]);
            is_name(value) && all.any(|known| self.project.same_place(&known, place))
        })
    }

    /// Whether the project's own function that a call runs gives back a function that keeps this argument.
    fn gives_back_wrapper(&self, call: Ref, arg: usize) -> bool {
        let Some(f) = self.project.called_function(call) else {
            return false;
        };
        let facts = self.project.facts(f.file);
        let Some(param) = facts.item(facts.function(f.function).params, arg) else {
            return false;
        };
        let Node::Binding(b) = facts.node(param) else {
            return false;
        };
        self.project.returned_values(f).into_iter().any(|v| {
            self.project
                .function_value(v, 0)
                .is_some_and(|g| g.file == f.file && self.project.function(g).captures.contains(&b))
        })
    }

    /// The object whose function an assignment wraps: `task` of `task.cancel = ...`.
    fn wrapped_object(&self, at: Ref) -> Option<Ref> {
        let Node::Assign { target, .. } = self.project.node(at) else {
            return None;
        };
        match self.project.node(Ref { node: target, ..at }) {
            Node::Member { object, .. } | Node::Index { object, .. } => Some(Ref { node: object, ..at }),
            _ => None,
        }
    }

    fn judge_rewrap(&self, at: Ref, place: &Place) -> Verdict {
        let f = self.project.function_at(at);
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(at, f, &scope);
        if matches!(repetition, Repetition::Once) {
            return Verdict::bounded("this code runs once");
        }
        if let Some(verdict) = self.lets_call_once(&repetition) {
            return verdict;
        }
        let owner = place.parent();
        if let Some(owner) = &owner
            && self
                .wrapped_object(at)
                .is_some_and(|object| self.is_made_anew(object, owner))
        {
            return Verdict::bounded("its object is made anew before");
        }
        match owner.as_ref().map(|o| self.project.life_of(o)) {
            Some(Life::Process) => {}
            Some(Life::Connection) if repetition.is_repeated() => {}
            Some(Life::Outer)
                if owner
                    .as_ref()
                    .is_some_and(|o| self.is_around_what_repeats(o, f, &repetition)) => {}
            Some(Life::Unknown) | None => return Verdict::unknown("nobody says how long its object lives"),
            Some(Life::Instance(_)) if self.wraps_for_each_wait(at, f, place) => {
                return self.chain_of_waits(at, place, &repetition);
            }
            _ => return Verdict::bounded("its object does not outlive this code"),
        }
        if self.is_guarded_for_good(at, owner.as_ref()).is_some() || self.is_marked(at, place) {
            return Verdict::bounded("a mark lets it happen once only");
        }
        let mut cause = Cause::NeverBounded;
        let mut evidence = Vec::new();
        match self.restored(at, f, place, &scope) {
            Some(Ok(write)) => return Verdict::released("the original is put back", Some(write)),
            Some(Err((missed, write, text))) => {
                cause = missed;
                evidence.push(Evidence {
                    role: Role::Release,
                    at: write,
                    text: text.to_owned(),
                });
            }
            None => {}
        }
        let Some(confidence) = self.confidence(&scope, &repetition) else {
            return Verdict::unknown("nobody says how often this runs");
        };
        evidence.extend(self.context_evidence(&repetition));
        let holder = format!("`{}`", self.show_place(place));
        Verdict::Leak(Leak {
            cause,
            confidence,
            remedy: Remedy::of(format!("{} = original", self.show_place(place))),
            holder,
            often: self.often(&repetition, at),
            evidence,
        })
    }

    /// Whether an object stands in a variable of a function that is called once for all the runs of a function in it:
    /// `const spy = ({ client }) => (request, response, next) => { ... }`.
    fn is_around_what_repeats(&self, object: &Place, f: Func, repetition: &Repetition) -> bool {
        let Root::Binding(file, b) = object.root else {
            return false;
        };
        let outer = Func {
            file,
            function: self.project.facts(file).binding(b).function,
        };
        outer != f
            && self.project.is_within(f, outer)
            && repetition.is_repeated()
            && !self.project.repetition(outer).is_repeated()
    }

    /// `new Promise((resolve) => { const before = this.done; this.done = () => { before(); resolve(); }; })`, where
    /// nothing sets the field anew: each wait adds a function to those of the waits before, for as long as the object is
    /// there.
    fn wraps_for_each_wait(&self, at: Ref, f: Func, place: &Place) -> bool {
        let facts = self.project.facts(at.file);
        let Node::Assign { value, .. } = facts.node(at.node) else {
            return false;
        };
        let Node::Function(wrapper) = facts.node(value) else {
            return false;
        };
        let mut kept = facts.function(wrapper).captures.iter();
        let settles = kept.any(|&b| facts.binding(b).function == f.function && self.executed_by(at.file, b).is_some());
        settles
            && place.path.len() == 1
            && self
                .project
                .definitions(place)
                .into_iter()
                .all(|d| d.node == value && d.file == at.file || self.is_constructor(d) || self.is_field_value(d))
    }

    /// Whether a value is what a class gives a field to begin with.
    fn is_field_value(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        !matches!(facts.node(facts.parent(at.node)), Node::Assign { .. })
    }

    fn chain_of_waits(&self, at: Ref, place: &Place, repetition: &Repetition) -> Verdict {
        let mut evidence = vec![Evidence {
            role: Role::Captured,
            at,
            text: "keeps the functions of all waits before".into(),
        }];
        evidence.extend(self.context_evidence(repetition));
        let name = self.show_place(place);
        Verdict::Leak(Leak {
            cause: Cause::NeverBounded,
            confidence: Confidence::Medium,
            remedy: Remedy::of(format!("{name} = () => {{}}")),
            holder: format!("`{name}`"),
            often: self.often(repetition, at),
            evidence,
        })
    }

    /// Whether the code stands under a look at a mark on the function itself: `if (x.f.patched) return`.
    fn is_marked(&self, at: Ref, place: &Place) -> bool {
        self.falsy_values(at).into_iter().any(|v| {
            let mark = self.project.place(v);
            mark.root == place.root && mark.path.len() > place.path.len() && mark.path.starts_with(&place.path)
        })
    }

    /// The writes that put the original back: whether they count, and if not, why.
    #[allow(clippy::type_complexity)]
    fn restored(
        &self,
        at: Ref,
        f: Func,
        place: &Place,
        scope: &Scope,
    ) -> Option<Result<Ref, (Cause, Ref, &'static str)>> {
        let writes = self.restoring_writes(at, place);
        let first = *writes.first()?;
        if let Some(&elsewhere) = writes.iter().find(|w| self.project.function_at(**w) != f) {
            let reached = match scope {
                Scope::Effect { setup } => {
                    let reach = self.project.reach(&self.cleanup_of(*setup));
                    writes.iter().any(|w| reach.contains(&self.project.function_at(*w)))
                }
                _ => true,
            };
            return Some(if reached {
                Ok(elsewhere)
            } else {
                Err((Cause::NotOnTeardown, first, "the effect's cleanup does not reach this"))
            });
        }
        if writes.iter().any(|&w| self.is_in_finalizer(w))
            || !self.waits_between(at, first) && !self.is_conditional(first)
        {
            return Some(Ok(first));
        }
        Some(Err((
            Cause::NotOnEveryPath,
            first,
            "not reached if the code before it fails",
        )))
    }

    /// Assignments to a place of what stood there before.
    fn restoring_writes(&self, at: Ref, place: &Place) -> Vec<Ref> {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { file: at.file, node };
        let restores = |Assignment { target, value, .. }: &Assignment| {
            let (target, value) = (*target, *value);
            matches!(facts.node(value), Node::Binding(_) | Node::Member { .. })
                && self.project.same_place(&self.project.place(here(target)), place)
                && self.is_original(here(value), place)
                || self.restores_by_key(here(target), here(value), at, place)
        };
        let writes = facts.assignments().filter(|w| w.at != at.node && restores(w));
        writes.map(|w| here(w.at)).collect()
    }

    /// `loaders[name] = this.before[name]`, where the function that wraps put what it found there under its key:
    /// `this.before[ext] = loaders[ext]`.
    fn restores_by_key(&self, target: Ref, value: Ref, at: Ref, place: &Place) -> bool {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { file: at.file, node };
        let by_key = |of: Ref| match facts.node(of.node) {
            Node::Index { object, key } => Some((self.project.place(here(object)), here(key))),
            _ => None,
        };
        let (Some((to, to_key)), Some((table, key)), Some(holder)) = (by_key(target), by_key(value), place.parent())
        else {
            return false;
        };
        let f = self.project.function_at(at);
        let keeps = |write: &Assignment| {
            by_key(here(write.target)).is_some_and(|(kept, _)| self.project.same_place(&kept, &table))
                && self.project.function_at(here(write.at)) == f
                && self.is_original(here(write.value), place)
        };
        self.project.same_place(&to, &holder)
            && self.project.same_key(to_key, key)
            && facts.assignments().any(|write| keeps(&write))
    }

    fn is_in_finalizer(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Try { finalizer, .. } if finalizer == below => return true,
                Node::Function(_) => return false,
                _ => below = up,
            }
        }
        false
    }

    /// Whether the function of two nodes waits for something between them.
    fn waits_between(&self, from: Ref, to: Ref) -> bool {
        let facts = self.project.facts(from.file);
        let f = self.project.function_at(from);
        let (start, end) = (facts.span(from.node).end, facts.span(to.node).start);
        self.project.jumps_in(f).iter().any(|&node| {
            matches!(facts.node(node), Node::Await(_) | Node::Yield(_))
                && (start..end).contains(&facts.span(node).start)
        })
    }
}
