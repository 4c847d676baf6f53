//! Who holds a collection, and how sure it is that its holder outlives what is added.

use crate::facts::{BindingKind, Export, ExportValue, FunctionId, Node};
use crate::finding::Confidence;
use crate::lifetime::often::guards::Guard;
use crate::lifetime::{Judge, Verdict};
use crate::link::{Func, Key, Life, OwnerId, Place, Ref, Repetition, Root, Step, Use};
use crate::tables::Every;

/// Who holds a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Holder {
    /// Module state, a static, a property of the global object.
    Process,
    /// The objects of an owner, each its own.
    Field(OwnerId),
    /// The activations of a function, as long as a closure made in them is kept.
    Closure(Func),
}

impl Judge<'_> {
    /// The holder of a collection that grows in the function `f`, if it can outlive what is added to it.
    pub(in crate::lifetime) fn holder_of(&self, place: &Place, f: Func) -> Option<Holder> {
        match &place.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(*file);
                let binding = facts.binding(*b);
                if binding.kind == BindingKind::Catch {
                    return None;
                }
                if binding.function == FunctionId::MODULE {
                    return Some(Holder::Process);
                }
                let inner = f.file == *file && f.function != binding.function;
                let made_here = matches!(binding.kind, BindingKind::Var | BindingKind::Let | BindingKind::Const);
                (inner && made_here && place.path.is_empty() && !binding.in_loop).then_some(Holder::Closure(Func {
                    file: *file,
                    function: binding.function,
                }))
            }
            Root::This(owner) => self.is_held_by_its_object(place).then_some(Holder::Field(*owner)),
            Root::Global => (!place.path.is_empty()).then_some(Holder::Process),
            Root::Value(at) => self.is_exported_whole(*at).then_some(Holder::Process),
            _ => None,
        }
    }

    /// `this.list`, and `this.state.list` where the constructor says `this.state = { list: [] }`.
    fn is_held_by_its_object(&self, place: &Place) -> bool {
        let is_literal = |whole: &Place| {
            let value = self.project.value_of_place(whole);
            value.is_some_and(|value| matches!(self.project.node(value), Node::Object(_)))
        };
        match &place.path[..] {
            [_] => true,
            [Key::Name(_), Key::Name(_)] => place.parent().is_some_and(|whole| is_literal(&whole)),
            _ => false,
        }
    }

    /// Whether a module exports a value without giving it a name: `export default new Map()`.
    pub(in crate::lifetime) fn is_exported_whole(&self, at: Ref) -> bool {
        let exports = &self.project.facts(at.file).exports;
        let is_it = |e: &Export| matches!(e.value, ExportValue::Node(n) if n == at.node);
        self.project.function_at(at).function == FunctionId::MODULE && exports.iter().any(is_it)
    }

    /// How sure it is that a holder outlives what the function `f` adds, as far as contexts tell it. The verdict if it
    /// does not.
    pub(in crate::lifetime) fn outlives(
        &self,
        holder: Holder,
        place: &Place,
        repetition: &Repetition,
        f: Func,
    ) -> Result<Confidence, Verdict> {
        if f.function == FunctionId::MODULE || matches!(repetition, Repetition::Once) {
            return Err(Verdict::bounded("this code runs once"));
        }
        match holder {
            Holder::Process => Ok(match repetition {
                Repetition::Repeated { proven: true, .. } => Confidence::High,
                Repetition::Repeated { .. } => Confidence::Medium,
                _ => Confidence::Low,
            }),
            Holder::Field(owner) if self.runs_as_object_is_made(owner, f) => {
                Err(Verdict::bounded("this runs once for each object that holds it"))
            }
            Holder::Field(owner) => self.field_outlives(owner, repetition),
            Holder::Closure(outer) => self.closure_outlives(outer, place, repetition, f),
        }
    }

    /// Whether a function is the constructor, or a method that only it calls, on objects of this owner.
    fn runs_as_object_is_made(&self, owner: OwnerId, f: Func) -> bool {
        self.project.method_around(f).is_some_and(|(o, name, method)| {
            let is_of_it = method == f && self.project.is_related(o, owner);
            is_of_it && (name == "constructor" || self.is_part_of_construction(o, name))
        })
    }

    /// A field outlives what adds to it if its object does: one object, many events.
    fn field_outlives(&self, owner: OwnerId, repetition: &Repetition) -> Result<Confidence, Verdict> {
        let proven = matches!(repetition, Repetition::Repeated { proven: true, .. });
        let instances = match self.project.instances_of(owner) {
            Repetition::Repeated { .. } if self.is_one_for_all(owner) => Repetition::Once,
            instances => instances,
        };
        match instances {
            Repetition::Once if proven => Ok(Confidence::High),
            Repetition::Once if repetition.is_repeated() => Ok(Confidence::Medium),
            Repetition::Repeated { .. } => Err(Verdict::unknown("the object itself comes and goes")),
            Repetition::Unknown | Repetition::Once => {
                // One object registers what then runs on it again and again.
                let own = self.serves(repetition).is_some_and(|steps| {
                    steps.iter().all(|s| {
                        self.project
                            .method_around(self.project.function_at(s.at))
                            .is_some_and(|(o, ..)| self.project.is_related(o, owner))
                    })
                });
                Ok(if own { Confidence::Medium } else { Confidence::Low })
            }
        }
    }

    /// Whether every object of an owner is made under a mark that lets that happen once: `Hub.one ??= new Hub()`.
    pub(in crate::lifetime) fn is_one_for_all(&self, owner: OwnerId) -> bool {
        let made = self.project.constructions(owner);
        let mut made = made
            .iter()
            .filter(|call| !self.project.is_test_of(call.file, owner.file))
            .peekable();
        let is_behind_mark = |call: &Ref| match self.guard_of(*call) {
            // One for each key is not one for all.
            Some(Guard::Mark(place, _)) => {
                let is_named = place.path.iter().all(|key| matches!(key, Key::Name(_)));
                is_named && self.project.life_of(&place) == Life::Process
            }
            _ => false,
        };
        made.peek().is_some() && made.all(is_behind_mark)
    }

    /// A variable of a function outlives what closures add to it if one activation sees them run again and again.
    fn closure_outlives(
        &self,
        outer: Func,
        place: &Place,
        repetition: &Repetition,
        f: Func,
    ) -> Result<Confidence, Verdict> {
        let within = |s: &Step| self.project.is_within(self.project.function_at(s.at), outer);
        let own = self.serves(repetition).is_some_and(|steps| steps.iter().all(within));
        let made = match self.project.repetition(outer) {
            made if self.lets_call_once(&made).is_some() => Repetition::Once,
            made => made,
        };
        match made {
            Repetition::Repeated { .. } => Err(Verdict::unknown("the variable itself comes and goes")),
            Repetition::Once | Repetition::Unknown if own => Ok(Confidence::High),
            Repetition::Once | Repetition::Unknown if self.may_serve(repetition, within) => Ok(Confidence::Medium),
            _ if !self.activation_is_kept(outer, place, f) => {
                Err(Verdict::bounded("it ends with the function that made it"))
            }
            // One activation for all that is served, as far as the code says.
            Repetition::Once if self.serves(repetition).is_some() => Ok(Confidence::High),
            Repetition::Once
                if self.is_run_by_module(outer) && matches!(repetition, Repetition::Repeated { proven: true, .. }) =>
            {
                Ok(Confidence::High)
            }
            Repetition::Unknown if self.serves(repetition).is_some() => Ok(Confidence::Medium),
            _ => Ok(Confidence::Low),
        }
    }

    /// `(function () { ... })()` at the top of a module: what it declares lives as long as what the module declares, if
    /// a closure has it.
    fn is_run_by_module(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        let node = facts.function(f.function).node;
        let around = facts.parent(node);
        matches!(facts.node(around), Node::Call { callee, .. } if callee == node)
            && facts.enclosing_function(around) == FunctionId::MODULE
    }

    /// How sure it is that what code registers on lives longer than that code, because a function around it has it, whose
    /// one activation sees the code run again and again: what it made, or a connection that it was handed.
    /// `main() { const bus = new EventEmitter(); serve(() => bus.on(...)) }`
    pub(in crate::lifetime) fn outlives_code_within(&self, target: Ref) -> Option<Confidence> {
        let place = self.project.place(target);
        let f = self.project.function_at(target);
        match self.project.life_of(&place) {
            Life::Call(maker) => self.life_beyond(&place, maker, f),
            Life::Connection => {
                let repetition = self.project.repetition(f);
                let Root::Binding(file, b) = place.root else {
                    return None;
                };
                let (handed, _) = self.project.param_position(file, b)?;
                let within = |step: &Step| self.project.is_within(self.project.function_at(step.at), handed);
                let is_served = place.path.is_empty() && self.serves(&repetition)?.iter().all(within);
                (handed != f && is_served).then_some(Confidence::Medium)
            }
            _ => None,
        }
    }

    /// How sure it is that what a function made outlives what a function within it adds.
    pub(in crate::lifetime) fn life_beyond(&self, place: &Place, maker: Func, f: Func) -> Option<Confidence> {
        if maker == f || !self.project.is_within(f, maker) {
            return None;
        }
        let sure = self
            .closure_outlives(maker, place, &self.project.repetition(f), f)
            .ok()?;
        (sure > Confidence::Low).then_some(sure)
    }

    /// Whether a function gives away, registers or stores a closure through which `f` runs later.
    fn activation_is_kept(&self, outer: Func, place: &Place, f: Func) -> bool {
        let Root::Binding(_, b) = place.root else {
            return false;
        };
        self.project.inner_functions(outer).any(|inner| {
            let kept = self.project.uses(inner).iter().any(|used| match used {
                Use::Returned { .. } | Use::Stored { .. } | Use::Attribute { .. } | Use::Exported => true,
                Use::Passed { call, arg } => match self.project.context_of(*call, *arg) {
                    Some((row, _)) => !matches!(
                        self.project.tables.contexts[row].every,
                        Every::Call | Every::Once | Every::Later
                    ),
                    None => self.project.called_function(*call).is_none(),
                },
                Use::PassedIn { .. } => true,
                Use::Called { .. } | Use::Extended { .. } | Use::Other => false,
            });
            let kept = kept || self.is_method_given(inner, outer);
            kept && (self.project.function(inner).captures.contains(&b) || self.project.reach(&[inner]).contains(&f))
        })
    }

    /// Whether a function is a part of an object that the function around it gives back.
    fn is_method_given(&self, inner: Func, outer: Func) -> bool {
        let facts = self.project.facts(inner.file);
        let node = self.project.function_node(inner).node;
        let at = Ref { file: inner.file, node };
        let names = self
            .project
            .begun_with(at)
            .filter(|&b| facts.binding(b).function == outer.function);
        // `{ add }` of `function add() {}` or `const add = () => {}`.
        let named = names.flat_map(|b| facts.references_of(b));
        std::iter::once(node)
            .chain(named)
            .any(|node| self.is_part_given(Ref { node, ..at }, outer))
    }

    /// Whether a value is a part of an object that a function gives back.
    fn is_part_given(&self, part: Ref, outer: Func) -> bool {
        let facts = self.project.facts(part.file);
        let mut node = part.node;
        while let up = facts.parent(node)
            && let Node::Property { value, .. } = facts.node(up)
            && value == node
        {
            node = facts.parent(up);
        }
        let object = Ref { node, ..part };
        let is_it = |v: &Ref| *v == object || self.project.value_of_place(&self.project.place(*v)) == Some(object);
        matches!(facts.node(node), Node::Object(_)) && self.project.returned_values(outer).iter().any(is_it)
    }

    /// Whether a receiver that is known by its name only serves what repeats, all of it within one activation:
    /// `server.on('request', f)`.
    fn may_serve(&self, repetition: &Repetition, within: impl Fn(&Step) -> bool) -> bool {
        match repetition {
            Repetition::Repeated {
                every: Every::Request | Every::Connection,
                steps,
                ..
            } => !steps.is_empty() && steps.iter().all(within),
            _ => false,
        }
    }

    /// The steps from a registration that is there to serve others again and again: requests, connections, messages.
    /// Events that come only for a while (`data` of a stream) are none of these, and neither are turns of a loop.
    pub(in crate::lifetime) fn serves<'r>(&self, repetition: &'r Repetition) -> Option<&'r [Step]> {
        match repetition {
            Repetition::Repeated {
                every: Every::Request | Every::Connection | Every::Message | Every::Tick | Every::Run,
                proven: true,
                steps,
            } if steps
                .first()
                .is_some_and(|s| matches!(self.project.node(s.at), Node::Call { .. })) =>
            {
                Some(steps)
            }
            _ => None,
        }
    }
}
