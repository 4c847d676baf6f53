//! Who hands a receiver to the code that registers on it, and what that says of how long the receiver lives.
//!
//! A socket given to a constructor is, most often, the constructor's to keep: it closes the socket, and both end
//! together. A bus given to a component is not. The callers say which it is; where none can be seen, only what the code
//! itself does with the receiver does, which `handed` asks.

use crate::facts::{BindingKind, FunctionId, MemberKind, Node};
use crate::lifetime::Acquisition;
use crate::lifetime::Judge;
use crate::lifetime::released::teardown::Scope;
use crate::link::{Func, Key, Life, OwnerId, Place, Ref, Repetition, Root, Step};
use crate::tables::Every;

/// How many callers up a value is followed.
pub(in crate::lifetime) const MAX_LENDERS: u32 = 3;

/// What is known of a receiver that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Lent {
    /// It was not handed over, or a caller hands over something that outlives the call.
    Outlives,
    /// Every caller makes one for this call.
    Fresh,
    /// Nobody can be seen who hands it over.
    Unknown,
}

impl Judge<'_> {
    /// What the callers say of a receiver.
    pub(in crate::lifetime) fn lent(&self, a: &Acquisition, target: Ref) -> Lent {
        let place = self.project.place(target);
        if self.has_long_lived_name(&place) || self.is_service(a, &place) {
            // A name says less than all who hand it over.
            let is_fresh = place.path.is_empty() && self.is_parameter(&place);
            return match is_fresh.then(|| self.lender_of(&place, 0)) {
                Some(Lent::Fresh) => Lent::Fresh,
                _ => Lent::Outlives,
            };
        }
        // Reached through what was handed over, and of a type that is known to live longer: the socket of a request.
        if !place.path.is_empty() && self.is_parameter(&place) && self.is_lent(target) {
            return match self.is_part_of_just_made(&place) {
                true => Lent::Fresh,
                false => Lent::Outlives,
            };
        }
        match self.project.life_of(&place) {
            Life::Connection if self.is_added_to_for_each_message(a, target) => Lent::Outlives,
            Life::Outer | Life::Connection => match self.lender_of(&place, 0) {
                Lent::Unknown
                    if self.is_shared(target)
                        || self.is_named_like_shared(a, target)
                        || self.is_around_node(target, &place) =>
                {
                    Lent::Outlives
                }
                lent => lent,
            },
            _ => Lent::Outlives,
        }
    }

    /// Whether a connection gets one more function for each of its messages, that keeps something of it.
    fn is_added_to_for_each_message(&self, a: &Acquisition, target: Ref) -> bool {
        let f = self.project.function_at(target);
        a.registration()
            .is_some_and(|(_, handler)| self.keeps_state(handler, f))
            && self.outlives_code_within(target).is_some()
    }

    /// Whether a receiver is what a node of the page stands in: `this.form = this.closest('form')`, or what a function
    /// of the project gives that looks for it.
    pub(super) fn is_around_node(&self, target: Ref, place: &Place) -> bool {
        let mut values = self.project.definitions(place);
        values.push(target);
        values.into_iter().any(|value| {
            let given = self
                .project
                .called_function(value)
                .map(|f| self.project.returned_values(f));
            self.is_found_around(value) || given.is_some_and(|given| given.iter().any(|v| self.is_found_around(*v)))
        })
    }

    /// `node.parentElement`, `node.closest('form')`, or a variable of a function that holds such.
    fn is_found_around(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let leads = |node| match facts.node(node) {
            Node::Member { property, .. } => self.project.leads_outside(facts.name(property)),
            _ => false,
        };
        match facts.node(value.node) {
            Node::Call { callee, .. } => leads(callee),
            Node::Binding(b) => facts.binding(b).init.is_some_and(|init| match facts.node(init) {
                Node::Call { callee, .. } => leads(callee),
                _ => leads(init),
            }),
            _ => leads(value.node),
        }
    }

    fn is_shared(&self, target: Ref) -> bool {
        let found = self.project.type_of(target);
        found.is_some_and(|t| self.project.tables.type_row(t).shared)
    }

    /// Whether a receiver of unknown type is called like the only type that has what is acquired, and that is lent to
    /// many: `options.signal.addEventListener('abort', f)`.
    pub(in crate::lifetime) fn is_named_like_shared(&self, a: &Acquisition, target: Ref) -> bool {
        let (Some(row), Some(name)) = (a.row(), self.project.last_name(target)) else {
            return false;
        };
        let tables = &self.project.tables;
        let row = &tables.pairs[row];
        let mut types = row.acquire.iter().filter_map(|p| p.split_once('#'));
        row.bare
            && types.any(|(of, _)| {
                let is_shared = tables.type_named(of).is_some_and(|t| tables.type_row(t).shared);
                is_shared && of.to_lowercase().ends_with(&name.to_lowercase())
            })
    }

    /// Whether what is lent to many stands in an object that the owner made of what it was given:
    /// `this.options = new Options(given)`, `this.options.signal`.
    pub(in crate::lifetime) fn is_among_given(&self, a: &Acquisition, target: Ref) -> bool {
        let place = self.project.place(target);
        let (Root::This(owner), [Key::Name(field), _]) = (&place.root, place.path.as_slice()) else {
            return false;
        };
        let is_param = |at: Ref| self.is_parameter(&self.project.place(at));
        let is_of_given = |d: &Ref| match self.project.node(*d) {
            Node::Call { args, .. } => {
                let facts = self.project.facts(d.file);
                facts.list(args).any(|node| is_param(Ref { node, ..*d }))
            }
            _ => false,
        };
        self.is_named_like_shared(a, target) && self.project.field_definitions(*owner, field).iter().any(is_of_given)
    }

    pub(in crate::lifetime) fn has_long_lived_name(&self, place: &Place) -> bool {
        let name = match (&place.root, place.last()) {
            (_, Some(last)) => last.to_owned(),
            (Root::Binding(file, b), None) => {
                let facts = self.project.facts(*file);
                facts.name(facts.binding(*b).name).to_owned()
            }
            _ => return false,
        };
        self.settings.long_lived.contains(&name) || self.project.tables.conventions.long_lived.contains(&name)
    }

    /// Whether the receiver of an event subscription is there for many: an injector filled the field, or it is called
    /// like a service.
    pub(in crate::lifetime) fn is_service(&self, a: &Acquisition, place: &Place) -> bool {
        let Some(row) = a.row() else { return false };
        if !self.project.tables.pairs[row].told_elsewhere {
            return false;
        }
        let (name, type_name) = match (&place.root, place.path.as_slice()) {
            (Root::This(owner), [Key::Name(name)]) => {
                if self.project.is_injected(*owner, name) {
                    return true;
                }
                let member = self.project.member(*owner, name);
                let annotated = member.and_then(|(o, m)| Some(self.project.text(o.file, m.type_name?)));
                (&**name, annotated)
            }
            (_, [.., Key::Name(last)]) => (&**last, None),
            (Root::Binding(file, b), []) => {
                let facts = self.project.facts(*file);
                let binding = facts.binding(*b);
                (facts.name(binding.name), binding.type_name.map(|t| facts.name(t)))
            }
            _ => return false,
        };
        let ends = &self.project.tables.conventions.long_lived_ends;
        let ends_like_one = |name: &str| ends.iter().any(|e| name.len() > e.len() && name.ends_with(e.as_str()));
        // `Service` of `users.Service<,User>`
        let type_name = type_name.and_then(|name| name.split('<').next()?.rsplit('.').next());
        ends_like_one(name) || type_name.is_some_and(ends_like_one)
    }

    fn lender_of(&self, place: &Place, depth: u32) -> Lent {
        if depth > MAX_LENDERS {
            return Lent::Unknown;
        }
        match &place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(*file).binding(*b);
                if binding.function == FunctionId::MODULE {
                    return Lent::Outlives;
                }
                if binding.kind != BindingKind::Param {
                    let defined = self.project.definitions(&Place::root(place.root.clone()));
                    return self.all_of(defined.into_iter().map(|d| self.lender_of_value(d, depth)));
                }
                let Some((f, index)) = self.project.param_position(*file, *b) else {
                    return Lent::Unknown;
                };
                match self.promise_behind(f, index) {
                    Some(promise) => self.lender_of_value(promise, depth + 1),
                    None => self.handed_over(f, index, &place.path, depth),
                }
            }
            Root::This(owner) => {
                let at = place.path.iter().position(|k| matches!(k, Key::Name(_)));
                let Some((Key::Name(name), rest)) = at.and_then(|i| place.path[i..].split_first()) else {
                    return Lent::Unknown;
                };
                let mut found = Vec::new();
                if let Some((o, member)) = self.project.member(*owner, name)
                    && member.kind == MemberKind::ParamField
                {
                    found.push(self.lender_of_param_field(o, name, rest, depth));
                }
                for def in self.project.field_definitions(*owner, name) {
                    if !matches!(
                        self.project.node(def),
                        Node::Null | Node::Undefined | Node::Empty | Node::Bool(_)
                    ) {
                        found.push(self.lender_of_part(def, rest, depth));
                    }
                }
                self.all_of(found.into_iter())
            }
            Root::Value(at) => match self.project.pattern_position(*at) {
                Some((f, index)) => self.handed_over(f, index, &place.path, depth),
                None => self.lender_of_value(*at, depth + 1),
            },
            Root::Global | Root::External(_) | Root::Module(_) => Lent::Outlives,
        }
    }

    /// The promise whose value a function gets: `getBus().then((bus) => ...)`.
    fn promise_behind(&self, f: Func, index: usize) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let node = self.project.function(f).node;
        let call = facts.method_call(facts.parent(node))?;
        let reacts = self
            .project
            .tables
            .conventions
            .react
            .iter()
            .any(|r| r == facts.name(call.method));
        let is_first = facts.item(call.args, 0) == Some(node);
        (index == 0 && reacts && is_first).then_some(Ref {
            file: f.file,
            node: call.object,
        })
    }

    fn lender_of_param_field(&self, owner: OwnerId, name: &str, path: &[Key], depth: u32) -> Lent {
        let Some(c) = self.project.constructor(owner) else {
            return Lent::Unknown;
        };
        let facts = self.project.facts(c.file);
        let params = facts.list(self.project.function(c).params);
        let index = params.into_iter().position(|p| {
            let inner = match facts.node(p) {
                Node::Default { target, .. } => target,
                _ => p,
            };
            matches!(facts.node(inner), Node::Binding(b) if facts.name(facts.binding(b).name) == name)
        });
        index.map_or(Lent::Unknown, |index| self.handed_over(c, index, path, depth))
    }

    /// What the callers of a function hand over at a position, or in an object there, by the way to it.
    fn handed_over(&self, f: Func, index: usize, path: &[Key], depth: u32) -> Lent {
        let mut callers = self.project.callers(f);
        // A test may hand in what it likes.
        callers.calls.retain(|call| !self.project.is_test_of(call.file, f.file));
        if callers.goes_elsewhere {
            // A callback, or a function for others: what they hand over cannot be seen.
            let outlives = |call: &Ref| {
                let given = self.project.argument(*call, index).filter(|_| path.is_empty());
                given.is_some_and(|given| self.outlives_code_within(given).is_some())
            };
            return match callers.calls.iter().any(outlives) {
                true => Lent::Outlives,
                false => Lent::Unknown,
            };
        }
        self.all_of(callers.calls.into_iter().map(|call| {
            let Node::Call { args, .. } = self.project.node(call) else {
                return Lent::Unknown;
            };
            let Some(node) = self.project.facts(call.file).item(args, index) else {
                return Lent::Fresh;
            };
            let given = Ref { file: call.file, node };
            if self.is_of_who_keeps(call, given) || self.is_of_who_serves(call, given) {
                return Lent::Outlives;
            }
            match self.hands_over_just_made(given) {
                true => Lent::Fresh,
                false => self.lender_of_part(given, path, depth),
            }
        }))
    }

    /// Whether one of many objects is handed something of the object that keeps them all in a table.
    fn is_of_who_keeps(&self, made: Ref, given: Ref) -> bool {
        let place = self.project.place(given);
        let table = || self.project.kept_among_many(made);
        matches!(place.root, Root::This(_)) && table().is_some_and(|table| table.root == place.root)
    }

    /// Whether something is handed the object, or something of it, that listens for what makes the one after the other:
    /// `createServer((socket) => new Session(this, socket))`.
    fn is_of_who_serves(&self, made: Ref, given: Ref) -> bool {
        let Root::This(owner) = self.project.place(given).root else {
            return false;
        };
        let repetition = self.project.repetition(self.project.function_at(made));
        let is_own = |step: &Step| {
            let around = self.project.method_around(self.project.function_at(step.at));
            around.is_some_and(|(of, ..)| self.project.is_related(of, owner))
        };
        self.serves(&repetition).is_some_and(|steps| steps.iter().all(is_own))
    }

    /// `edit({ grid: this.grid })`: the object is made for the call, what stands in it need not be.
    fn lender_of_part(&self, at: Ref, path: &[Key], depth: u32) -> Lent {
        let mut place = self.project.place(at);
        // `new Part(this)`: a part of the object may have been there before it.
        let is_of_object = place.path.is_empty() && matches!(place.root, Root::This(_));
        if !path.is_empty() && (is_of_object || self.is_parameter(&place)) {
            place.path.extend_from_slice(path);
            return match self.project.life_of(&place) {
                Life::Outer | Life::Connection => self.lender_of(&place, depth + 1),
                _ => self.lender_of_value(at, depth),
            };
        }
        let defined = self.project.definitions(&place);
        let literal = match (self.project.node(at), &defined[..]) {
            (Node::Object(_), _) => Some(at),
            (_, [only]) if matches!(self.project.node(*only), Node::Object(_)) => Some(*only),
            _ => None,
        };
        let part = match (literal, path.split_first()) {
            (Some(object), Some((Key::Name(name), rest))) => self.project.property(object, name).map(|v| (v, rest)),
            _ => None,
        };
        match part {
            Some((value, rest)) if depth <= MAX_LENDERS => self.lender_of_part(value, rest, depth + 1),
            _ => self.lender_of_value(at, depth),
        }
    }

    fn lender_of_value(&self, at: Ref, depth: u32) -> Lent {
        let place = self.project.place(at);
        match self.project.life_of(&place) {
            Life::Process => Lent::Outlives,
            Life::Call(_) | Life::Connection if self.outlives_code_within(at).is_some() => Lent::Outlives,
            Life::Call(_) | Life::Request => Lent::Fresh,
            Life::Outer | Life::Connection if matches!(place.root, Root::Value(v) if v == at) => Lent::Unknown,
            Life::Outer | Life::Connection => self.lender_of(&place, depth + 1),
            Life::Instance(_) | Life::Unknown => Lent::Unknown,
        }
    }

    fn all_of(&self, each: impl Iterator<Item = Lent>) -> Lent {
        let mut out = None;
        for one in each {
            match one {
                Lent::Outlives => return Lent::Outlives,
                _ if out.is_some_and(|o| o != one) => out = Some(Lent::Unknown),
                _ => out = Some(one),
            }
        }
        out.unwrap_or(Lent::Unknown)
    }

    /// Whether a target is a part of something that was handed over to an object which has an end: whoever handed it
    /// over has it before and after.
    pub(in crate::lifetime) fn is_part_of_lent(&self, a: &Acquisition, target: Ref, scope: &Scope) -> bool {
        let Scope::Owner { owner, .. } = scope else {
            return false;
        };
        let place = self.project.place(target);
        // A disposable tells by itself that who subscribes has to end it.
        let is_whole = a.row().is_some_and(|row| self.project.tables.pairs[row].told_elsewhere);
        let is_part = match &place.root {
            Root::Binding(..) => self.is_parameter(&place) && (is_whole || !place.path.is_empty()),
            Root::This(_) => is_whole || place.path.len() > 1,
            _ => false,
        };
        let (teardowns, _) = self.teardowns(*owner);
        is_part
            && !self.is_of_its_end(a)
            && teardowns.iter().any(|t| self.ends_its_object(*t))
            && self.lender(&place).is_some_and(|lender| {
                // An element of a list that a callback is given is nobody's in particular, and so is one of many that
                // a method is given.
                let method = self.project.method_around(lender.function);
                let is_own = method.is_some_and(|(of, name, f)| {
                    let keeps = || matches!(place.root, Root::This(_)) || self.keeps_in_field(&place, f);
                    f == lender.function && self.project.is_related(of, *owner) && (name == "constructor" || keeps())
                });
                if !is_own {
                    return false;
                }
                let calls = self.project.callers(lender.function).calls;
                let gives_itself = |call: &Ref| {
                    let arg = self.project.argument(*call, lender.index);
                    arg.is_some_and(|at| matches!(self.project.node(at), Node::This))
                };
                !calls.iter().any(gives_itself)
            })
    }

    /// Whether a method puts the parameter that a place begins at into a field of its object.
    fn keeps_in_field(&self, place: &Place, method: Func) -> bool {
        let whole = Place::root(place.root.clone());
        self.project.writes_in(method).iter().any(|&write| {
            let facts = self.project.facts(method.file);
            let Node::Assign { target, value, .. } = facts.node(write) else {
                return false;
            };
            let at = |node| {
                self.project.place(Ref {
                    file: method.file,
                    node,
                })
            };
            let (field, kept) = (at(target), at(value));
            matches!(field.root, Root::This(_)) && field.path.len() == 1 && self.project.same_place(&kept, &whole)
        })
    }

    /// Whether a value is asked of something whose content was written anew before, in the same function:
    /// `box.innerHTML = text; list = box.querySelector('ul')`.
    fn is_of_new_content(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let Node::Call { callee, .. } = facts.node(value.node) else {
            return false;
        };
        let Node::Member { object, .. } = facts.node(callee) else {
            return false;
        };
        let here = |node| Ref { node, ..value };
        let f = self.project.function_at(value);
        let contents = &self.project.tables.conventions.contents;
        facts.assignments().any(|written| {
            let Node::Member {
                object: of, property, ..
            } = facts.node(written.target)
            else {
                return false;
            };
            written.at < value.node
                && contents.iter().any(|c| c == facts.name(property))
                && self.project.function_at(here(written.at)) == f
                && self
                    .project
                    .same_place(&self.project.place(here(of)), &self.project.place(here(object)))
        })
    }

    /// Whether a variable gets a new object in this very function before something is registered on it: `child =
    /// spawn(...)`. What was there before goes, and its listeners with it.
    pub(in crate::lifetime) fn is_made_anew(&self, target: Ref, place: &Place) -> bool {
        let holder = match (&place.root, &place.path[..]) {
            (Root::Binding(..), _) => Place::root(place.root.clone()),
            (Root::This(_), [Key::Name(_)]) => place.clone(),
            _ => return false,
        };
        let f = self.project.function_at(target);
        let turns_of = self.runs_in_turns(f);
        let mut anew = false;
        for d in self.project.definitions(&holder) {
            match self.project.node(d) {
                Node::Null | Node::Undefined | Node::Empty | Node::Bool(_) => continue,
                _ => {}
            }
            let made_by = self.project.function_at(d);
            let is_here = made_by == f || turns_of == Some(made_by) && self.is_written_beside(d, target);
            let is_before = is_here && d.file == target.file && d.node < target.node;
            let d = self.value_written(d);
            if self.project.copied_part(d, &place.path).is_some() {
                return false;
            }
            let life = self.project.life_of(&self.project.place(d));
            let is_new = matches!(life, Life::Call(_)) || self.gives_what_it_makes(d);
            let is_made = || is_before && !self.is_conditional(d) && self.sounds_like_making(d);
            if !is_new && !self.is_of_new_content(d) && !is_made() {
                return false;
            }
            anew |= is_before && !self.is_made_at_need(d, target, &holder);
        }
        anew
    }

    /// Whether the assignment of a value is a statement of a block that a node stands in.
    fn is_written_beside(&self, value: Ref, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let block = facts.parent(facts.parent(value.node));
        value.file == at.file && matches!(facts.node(block), Node::Block(_)) && facts.is_inside(at.node, block)
    }

    /// The function that goes through a list with this one: `names.forEach(name => source.addEventListener(name, show))`.
    fn runs_in_turns(&self, f: Func) -> Option<Func> {
        let facts = self.project.facts(f.file);
        let node = facts.function(f.function).node;
        let call = Ref {
            file: f.file,
            node: facts.parent(node),
        };
        let Node::Call { args, .. } = self.project.node(call) else {
            return None;
        };
        let index = facts.list(args).position(|arg| arg == node)?;
        let (row, _) = self.project.context_of(call, index)?;
        let is_at_once = self.project.tables.contexts[row].every == Every::Call;
        is_at_once.then(|| self.project.function_at(call))
    }

    /// Whether a look at a variable decides whether it is filled, and not whether what comes later is reached:
    /// `if (!connection) connection = await connect(); await connection.createChannel()`.
    fn is_made_at_need(&self, made: Ref, later: Ref, holder: &Place) -> bool {
        let facts = self.project.facts(made.file);
        let f = self.project.function_at(made);
        let mut beside = later;
        while self.project.function_at(beside) != f && self.project.is_within(self.project.function_at(beside), f) {
            beside = self.project.function_node(self.project.function_at(beside));
        }
        let shared = self.conditions_of(beside);
        let looks = |test: Ref| {
            self.references_in(holder, test.file)
                .into_iter()
                .any(|r| facts.is_inside(r.node, test.node))
        };
        let own = self.conditions_of(made).into_iter().filter(|c| !shared.contains(c));
        own.into_iter().any(|(test, _)| looks(test))
    }

    /// `io()` of `socket = pad.socket = await io()`.
    pub(super) fn value_written(&self, at: Ref) -> Ref {
        match self.project.node(at) {
            Node::Assign { value, .. } | Node::Await(value) => self.value_written(Ref { node: value, ..at }),
            _ => at,
        }
    }

    /// Whether a function of the project makes what it gives back, each time that it is called.
    pub(super) fn gives_what_it_makes(&self, call: Ref) -> bool {
        let made_in = |f: Func| move |life| matches!(life, Life::Call(g) if g == f);
        let made_by = self.project.called_function(call);
        made_by.filter(|_| !self.project.is_got_or_made(call)).is_some_and(|f| {
            let given = self.project.returned_values(f);
            let mut lives = given.iter().map(|v| self.project.life_of(&self.project.place(*v)));
            !given.is_empty() && lives.all(made_in(f))
        })
    }

    /// Whether a call is one of a library by the name it was imported under as a whole, or says by its own name that it
    /// makes something: `io(server)`, `child.fork(path)`.
    pub(in crate::lifetime) fn sounds_like_making(&self, call: Ref) -> bool {
        let Some((callee, _)) = self.callee_of(call) else {
            return false;
        };
        // `$(window)` stands for what was there before.
        if self.project.wraps_page(call) || self.project.is_got_or_made(call) {
            return false;
        }
        let place = self.project.place(callee);
        let is_whole = match &place.path[..] {
            [] => true,
            [Key::Name(name)] => &**name == "default",
            _ => false,
        };
        let conventions = &self.project.tables.conventions;
        let name = self.project.last_name(callee).unwrap_or_default();
        // What a page has is asked for, and not made.
        let type_name = self
            .project
            .type_of(call)
            .map(|t| &self.project.tables.type_row(t).name);
        if conventions.gives_page.iter().any(|(by, _)| by == name)
            || type_name.is_some_and(|t| conventions.few_types.contains(t))
        {
            return false;
        }
        matches!(place.root, Root::External(_)) && is_whole
            || conventions.makes.iter().any(|word| {
                let rest = name.strip_prefix(word.as_str());
                rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
            })
    }

    /// Whether a framework begins and ends the scope: what it lends outlives it.
    pub(in crate::lifetime) fn is_run_by_framework(&self, scope: &Scope, repetition: &Repetition) -> bool {
        if let Repetition::Repeated {
            every: Every::Mount | Every::Update,
            ..
        } = repetition
        {
            return true;
        }
        match scope {
            Scope::Effect { .. } | Scope::Setup { .. } => true,
            Scope::Owner { owner, .. } => self.teardowns(*owner).1,
            Scope::Function => false,
        }
    }

    /// What the callers of a method hand over for the parameter that a place is: `this.hook(this.grid)`. Where many
    /// call, it stands for no object in particular.
    pub(in crate::lifetime) fn handed_to(&self, place: &Place) -> Vec<Place> {
        let (Root::Binding(file, b), true) = (&place.root, self.is_parameter(place)) else {
            return Vec::new();
        };
        let Some((f, index)) = self.project.param_position(*file, *b) else {
            return Vec::new();
        };
        if !self.project.is_plain_method(f) {
            return Vec::new();
        }
        let calls = self.project.callers(f).calls;
        let [call] = calls[..] else { return Vec::new() };
        let Some(arg) = self.project.argument(call, index) else {
            return Vec::new();
        };
        let mut given = self.project.place(arg);
        if !matches!(given.root, Root::This(_)) || given.path.is_empty() {
            return Vec::new();
        }
        given.path.extend(place.path.iter().cloned());
        vec![given]
    }
}
