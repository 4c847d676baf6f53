//! The lenders of a receiver: whose parameter it comes from, and whether those who hand it in made it together with what
//! registers on it.

use crate::facts::{BindingKind, CallKind, Node};
use crate::finding::Role;
use crate::lifetime::held::lent::MAX_LENDERS;
use crate::lifetime::{Evidence, Judge, Verdict};
use crate::link::{Func, Key, Life, OwnerId, Phase, Place, Ref, Repetition, Root, Step};
use crate::tables::{Every, Lives};

/// How many callers are asked what they hand in.
const MAX_CALLERS: usize = 40;

/// A parameter that a place begins at.
#[derive(Clone, Debug)]
pub(in crate::lifetime) struct Lender {
    /// Whose parameter.
    pub function: Func,
    /// Which one.
    pub index: usize,
    /// The way from the parameter to the place.
    pub path: Vec<Key>,
}

impl Judge<'_> {
    /// Whether nobody is seen who hands over a receiver: it comes as a parameter of a method of what a framework makes,
    /// and neither the code calls that method nor the framework by itself. A template does, with what its own parts tell.
    pub(in crate::lifetime) fn is_handed_by_nobody(&self, target: Ref) -> bool {
        let Some(lender) = self.lender(&self.project.place(target)) else {
            return false;
        };
        let Some((owner, name, method)) = self.project.method_around(lender.function) else {
            return false;
        };
        let is_other = |owner| {
            let cycle = self.project.lifecycle(owner);
            cycle.is_some_and(|c| c.phase(name) == Phase::Other)
        };
        method == lender.function
            && name != "constructor"
            && is_other(owner)
            && self.project.method_uses(owner, name).is_empty()
    }

    /// Whether all who hand over a receiver, as their objects are made, hand over their own object: what it keeps ends
    /// with it.
    pub(in crate::lifetime) fn is_handed_by_itself(&self, target: Ref, repetition: &Repetition) -> bool {
        if !matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Mount | Every::Instance,
                ..
            }
        ) {
            return false;
        }
        let place = self.project.place(target);
        let Some(lender) = self.lender(&place).filter(|lender| lender.path.is_empty()) else {
            return false;
        };
        let mut calls = self.project.callers(lender.function).calls;
        calls.retain(|call| !self.project.is_test_of(call.file, target.file));
        let is_own = |call: &Ref| {
            let given = self.project.argument(*call, lender.index);
            given.is_some_and(|at| matches!(self.project.node(at), Node::This) || self.is_found_in_own(at))
        };
        !calls.is_empty() && calls.iter().all(is_own)
    }

    /// Whether each object of a class is given, where it is made, to something that is made there too: what hands itself
    /// to a method of the object ends with both. `const map = new Map(); map.addControl(new Scale())`
    pub(in crate::lifetime) fn is_given_to_what_is_made(&self, target: Ref) -> bool {
        let lender = self.lender(&self.project.place(target));
        let Some(lender) = lender.filter(|lender| lender.path.is_empty()) else {
            return false;
        };
        let Some((owner, name, method)) = self.project.method_around(lender.function) else {
            return false;
        };
        if method != lender.function || name == "constructor" || !self.project.method_uses(owner, name).is_empty() {
            return false;
        }
        let mut made = self.project.constructions(owner);
        made.retain(|call| !self.project.is_test_of(call.file, owner.file));
        let is_made_here = |call: Ref, f: Func| {
            let method = self.project.facts(call.file).method_call(call.node);
            method.is_some_and(|method| {
                let object = self.project.place(Ref {
                    node: method.object,
                    ..call
                });
                matches!(self.project.life_of(&object), Life::Call(g) if g == f)
            })
        };
        let is_beside = |made: &Ref| {
            let f = self.project.function_at(*made);
            let passed = self.flow(*made).passed;
            !passed.is_empty() && passed.into_iter().all(|call| is_made_here(call, f))
        };
        !made.is_empty() && made.iter().all(is_beside)
    }

    /// `this.element.querySelector('ul')`: a node that is looked for in one of the object's own.
    fn is_found_in_own(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let Some(call) = facts.method_call(at.node) else {
            return false;
        };
        let finds = &self.project.tables.conventions.finds_within;
        let object = self.project.place(Ref {
            node: call.object,
            ..at
        });
        finds.iter().any(|name| name == facts.name(call.method))
            && !object.path.is_empty()
            && matches!(object.root, Root::This(_))
            && matches!(self.project.life_of(&object), Life::Instance(_))
    }

    /// A target that ends together with what registers on it, by what its lenders hand in.
    pub(in crate::lifetime) fn lent_by_its_maker(&self, target: Ref) -> Option<Verdict> {
        let at = self.handed_in_by_maker(&self.project.place(target), 0)?;
        Some(Verdict::Bounded(
            "whoever calls this makes its target too".into(),
            vec![Evidence {
                role: Role::Flow,
                at,
                text: "handed in here".into(),
            }],
        ))
    }

    /// Where an object is handed in, if everybody who does made it for that, or got it from who did.
    fn handed_in_by_maker(&self, place: &Place, depth: u32) -> Option<Ref> {
        let lender = self.lender(place)?;
        let mut callers = self.project.callers(lender.function).calls;
        // A test may hand in what it likes.
        callers.retain(|call| !self.project.is_test_of(call.file, lender.function.file));
        if callers.is_empty() || callers.len() > MAX_CALLERS {
            return None;
        }
        let all = callers.iter().all(|&call| self.shares_life_with(call, &lender, depth));
        all.then_some(callers[0])
    }

    /// The parameter a place begins at, itself or through the one value of a field.
    pub(in crate::lifetime) fn lender(&self, place: &Place) -> Option<Lender> {
        self.lender_below(place, 0)
    }

    fn lender_below(&self, place: &Place, depth: u32) -> Option<Lender> {
        match &place.root {
            Root::Binding(file, b) => {
                if self.project.facts(*file).binding(*b).kind != BindingKind::Param {
                    return None;
                }
                let (function, index) = self.project.param_position(*file, *b)?;
                Some(Lender {
                    function,
                    index,
                    path: place.path.clone(),
                })
            }
            Root::This(owner) => {
                let Some((Key::Name(name), rest)) = place.path.split_first() else {
                    return None;
                };
                let mut definitions: Vec<Ref> = self
                    .project
                    .field_definitions(*owner, name)
                    .into_iter()
                    .filter(|d| !self.project.node(*d).is_absent())
                    .collect();
                definitions.dedup();
                let [only] = definitions[..] else { return None };
                let mut from = self.project.place(only);
                // `this.owner = this.options.owner`
                if depth >= MAX_LENDERS || matches!(from.root, Root::This(_)) && from.path.len() < 2 {
                    return None;
                }
                from.path.extend(rest.iter().cloned());
                self.lender_below(&from, depth + 1)
            }
            Root::Value(at) => {
                let (function, index) = self.project.pattern_position(*at)?;
                Some(Lender {
                    function,
                    index,
                    path: place.path.clone(),
                })
            }
            _ => None,
        }
    }

    /// Whether a place is a part that each object makes for itself which its variable may hold: `session.bus` of
    /// `const session = remote ? new RemoteSession() : new Session()`.
    fn is_part_of_made(&self, place: &Place) -> bool {
        let (Root::Binding(..), [Key::Name(_)]) = (&place.root, &place.path[..]) else {
            return false;
        };
        let whole = Place::root(place.root.clone());
        let mut values = self.project.definitions(&whole);
        let mut made = 0;
        while let Some(value) = values.pop() {
            if let Node::Conditional { yes, no, .. } = self.project.node(value) {
                values.extend([yes, no].map(|node| Ref { node, ..value }));
                continue;
            }
            let Some(owner) = self.project.owner_of_object(value, 0) else {
                return false;
            };
            let mut part = Place::root(Root::This(owner));
            part.path.clone_from(&place.path);
            if !matches!(self.project.life_of(&part), Life::Instance(_)) {
                return false;
            }
            made += 1;
        }
        made > 0
    }

    /// Whether a call hands in something that its own code made, or the object that owns what is called.
    fn shares_life_with(&self, call: Ref, lender: &Lender, depth: u32) -> bool {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, args, kind } = facts.node(call.node) else {
            return false;
        };
        let here = |node| Ref { file: call.file, node };
        let Some(arg) = facts.item(args, lender.index) else {
            return false;
        };
        if facts.list(args).any(|a| matches!(facts.node(a), Node::Spread(_))) {
            return false;
        }
        if let Node::Member { property, .. } = facts.node(callee)
            && matches!(facts.name(property), "call" | "apply")
        {
            return false;
        }
        let (given, rest) = self.part_of_literal(here(arg), &lender.path);
        let mut place = self.project.place(given);
        place.path.extend(rest.iter().cloned());
        // What is handed on may be of the type that only one of several callers hands in.
        if self.is_parameter(&place) && place.path.is_empty() {
            return self.is_handed_on_whole(call, &place, depth);
        }
        let part = self.project.type_of_place(&place, 0);
        if part.is_some_and(|t| self.project.tables.type_row(t).lives == Some(Lives::Part)) {
            // A part of what is there for good is there for good.
            return self.project.life_of(&Place::root(place.root)) != Life::Process;
        }
        // `this.box`, and `this.refs.box`.
        if let (Root::This(owner), [Key::Name(name)] | [Key::Name(name), _]) = (&place.root, place.path.as_slice())
            && (self.project.is_own_part(*owner, name)
                || place.path.len() == 1 && self.is_filled_by_template(*owner, name))
        {
            return true;
        }
        match self.project.life_of(&place) {
            Life::Call(_) => {
                // A part of something made here may be older than it, unless it is the node that a component holds.
                let is_it =
                    place.path.is_empty() || self.is_reference_of_template(&place) || self.is_part_of_made(&place);
                is_it && self.is_of_this_turn(&place, call) && self.outlives_code_within(given).is_none()
            }
            Life::Instance(owner) => {
                let f = self.project.function_at(call);
                // `new Part(this)` in a constructor, `this.part.attach(this)`, `this.part.attach(this.other)`.
                let by_constructor = self.project.method_around(f).is_some_and(|(o, name, method)| {
                    o == owner && name == "constructor" && (method == f || !self.runs_again_within(f, method))
                });
                // `listen(this)`, where the object begins: it registers on itself.
                let on_itself = place.path.is_empty() && self.is_setup_of(call, owner);
                let of_own_part = match facts.node(callee) {
                    Node::Member { object, .. } => {
                        let receiver = self.project.place(here(object));
                        matches!(receiver.root, Root::This(o) if o == owner) && !receiver.path.is_empty()
                    }
                    _ => false,
                };
                kind == CallKind::New && by_constructor || of_own_part || on_itself
            }
            Life::Outer => {
                self.is_handed_on_whole(call, &place, depth) || self.is_handed_on_by_owner(call, &place, depth)
            }
            _ => false,
        }
    }

    /// Whether a function within another one is registered there to run again and again:
    /// `server.on('connection', (socket) => new Part(this, socket))`.
    fn runs_again_within(&self, f: Func, outer: Func) -> bool {
        let repetition = self.project.repetition(f);
        let within = |step: &Step| self.project.is_within(self.project.function_at(step.at), outer);
        self.serves(&repetition).is_some_and(|steps| steps.iter().all(within))
    }

    /// What stands at a way into an object that a call is written with, and the rest of the way: of
    /// `load({ signal: controller.signal })`, the signal.
    fn part_of_literal<'a>(&self, given: Ref, path: &'a [Key]) -> (Ref, &'a [Key]) {
        if let (Node::Object(_), Some((Key::Name(name), rest))) = (self.project.node(given), path.split_first())
            && let Some(value) = self.project.property(given, name)
        {
            return self.part_of_literal(value, rest);
        }
        (given, path)
    }

    /// Whether a call hands on what everybody handed in who made it for that: as it is to a function, or to an object that is
    /// made with it, or to another method of the same object.
    fn is_handed_on_whole(&self, call: Ref, place: &Place, depth: u32) -> bool {
        let Node::Call { callee, kind, .. } = self.project.node(call) else {
            return false;
        };
        let facts = self.project.facts(call.file);
        let to_itself = match facts.node(callee) {
            Node::Member { object, .. } => facts.node(object) == Node::This,
            _ => false,
        };
        // `bind(node)` of `bindAll(node)`
        let to_function = kind == CallKind::Call && matches!(facts.node(callee), Node::Binding(_));
        depth < MAX_LENDERS
            && (to_itself || (to_function || kind == CallKind::New) && place.path.is_empty())
            && matches!(place.root, Root::Binding(..))
            && self.handed_in_by_maker(place, depth + 1).is_some()
    }

    /// Whether an object makes a part of it as it begins, and hands it what it got from who made that and the object:
    /// `this.brush = new Brush(this)`, of which the brush takes `painter.board`.
    fn is_handed_on_by_owner(&self, call: Ref, place: &Place, depth: u32) -> bool {
        let (
            Root::This(owner),
            Node::Call {
                kind: CallKind::New, ..
            },
        ) = (&place.root, self.project.node(call))
        else {
            return false;
        };
        let f = self.project.function_at(call);
        let around = self.project.method_around(f);
        let is_at_begin = around.is_some_and(|(o, name, method)| o == *owner && name == "constructor" && method == f);
        depth < MAX_LENDERS && is_at_begin && self.handed_in_by_maker(place, depth + 1).is_some()
    }

    /// Whether a call stands in no loop without an end, or hands in what each turn of that loop makes anew.
    fn is_of_this_turn(&self, place: &Place, call: Ref) -> bool {
        let Some(around) = self.project.endless_loop_around(call) else {
            return true;
        };
        let made = match place.root {
            Root::Value(at) => vec![at],
            _ => self.project.definitions(&Place::root(place.root.clone())),
        };
        let mut made = made.iter().filter(|d| !self.project.node(**d).is_absent()).peekable();
        let facts = self.project.facts(around.file);
        made.peek().is_some() && made.all(|d| d.file == around.file && facts.is_inside(d.node, around.node))
    }

    /// Whether a call stands in a method that a framework runs at the beginning of an object.
    fn is_setup_of(&self, call: Ref, owner: OwnerId) -> bool {
        let f = self.project.function_at(call);
        let around = self
            .project
            .method_around(f)
            .filter(|(o, _, method)| *o == owner && *method == f);
        around.is_some_and(|(_, name, _)| {
            let cycle = self.project.lifecycle(owner);
            cycle.is_some_and(|c| c.phase(name) == Phase::Setup)
        })
    }
}
