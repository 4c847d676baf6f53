//! Guards: code under a mark that it sets itself, or under a look at what is registered already, happens once for
//! each mark.

use crate::facts::{AssignOp, BinaryOp, LogicalOp, MemberKind, Node, NodeId, UnaryOp};
use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind, Verdict};
use crate::link::{Func, Key, Life, Place, Ref, Repetition, Root};

/// How far up conditions are looked for.
const MAX_CONDITIONS: usize = 24;

/// How deep a test is taken apart.
const MAX_NESTED_TESTS: u32 = 8;

/// How many functions that are called behind a test are asked whether they set its mark.
const MAX_CALLED: usize = 64;

/// How many marks may stand behind each other, each made where the next one lets it.
const MAX_MARKS: u32 = 4;

/// What keeps code from running again.
#[derive(Clone, Debug)]
pub(in crate::lifetime) enum Guard {
    /// A mark that the guarded code sets, and nothing takes away.
    Mark(Place, Ref),
    /// A look at the target's own list of listeners.
    Looked(Ref),
}

impl Judge<'_> {
    /// The guard that a node stands under, within its function.
    pub(in crate::lifetime) fn guard_of(&self, at: Ref) -> Option<Guard> {
        let mut unset = Vec::new();
        for (test, truth) in self.conditions_of(at) {
            if self.looks_at_listeners(test) {
                return Some(Guard::Looked(test));
            }
            unset.extend(self.falsy_parts(test, truth, 0));
        }
        // Of several marks of which one has to be unset, each has to be set here.
        unset.into_iter().find_map(|parts| {
            let marks: Option<Vec<Guard>> = parts.iter().map(|part| self.mark(*part, at)).collect();
            marks?.into_iter().next()
        })
    }

    /// The values that are falsy, or absent from a set, wherever a node is reached.
    pub(in crate::lifetime) fn falsy_values(&self, at: Ref) -> Vec<Ref> {
        let conditions = self.conditions_of(at).into_iter();
        let parts = conditions.flat_map(|(test, truth)| self.falsy_parts(test, truth, 0));
        parts
            .filter_map(|parts| match parts[..] {
                [one] => Some(one),
                _ => None,
            })
            .collect()
    }

    /// The verdict on what a mark lets happen only once, for as long as the process or for each target.
    pub(in crate::lifetime) fn lets_once(&self, at: Ref, target: Option<Ref>) -> Option<Verdict> {
        let place = target.map(|t| self.project.place(t));
        self.lets_once_below(at, place.as_ref(), 0)
    }

    /// The verdict on what a helper does once for all that call it, under a mark of its own.
    pub(in crate::lifetime) fn lets_helper_once(&self, a: &Acquisition) -> Option<Verdict> {
        let Kind::Pair { via: Some(helper), .. } = &a.kind else {
            return None;
        };
        self.lets_once(helper.inner(), None)
    }

    /// The verdict on what a mark lets happen once for each object, where nobody says that there are many.
    pub(in crate::lifetime) fn lets_once_for_each(&self, at: Ref) -> Option<Verdict> {
        let Guard::Mark(place, _) = self.guard_of(at)? else {
            return None;
        };
        let Root::This(owner) = place.root else { return None };
        (!self.project.instances_of(owner).is_repeated())
            .then(|| Verdict::unknown("a mark lets it happen once for each object, and nobody says how many there are"))
    }

    fn lets_once_below(&self, at: Ref, target: Option<&Place>, depth: u32) -> Option<Verdict> {
        let set_at = self.is_guarded_below(at, target, depth)?;
        // What another function sets under a condition of its own may not come: a stream that nobody grants.
        if self.project.function_at(set_at) != self.project.function_at(at) && self.is_conditional(set_at) {
            return Some(Verdict::unknown("a mark lets it happen once, if what it calls sets it"));
        }
        let evidence = vec![Evidence {
            role: Role::Flow,
            at: set_at,
            text: "this lets it happen once".into(),
        }];
        Some(Verdict::Bounded("a mark lets it happen once only".into(), evidence))
    }

    /// The verdict on code that is called under such a mark, by a caller up to what repeats.
    pub(in crate::lifetime) fn lets_call_once(&self, repetition: &Repetition) -> Option<Verdict> {
        self.lets_call_once_below(repetition, 0)
    }

    fn lets_call_once_below(&self, repetition: &Repetition, depth: u32) -> Option<Verdict> {
        let Repetition::Repeated { steps, .. } = repetition else {
            return None;
        };
        // The first one repeats: what stands in front of it lets it begin, and not happen.
        steps
            .iter()
            .skip(1)
            .find_map(|step| self.lets_once_below(step.at, None, depth))
    }

    /// Whether the guard of a node holds for as long as the process, or for as long as what the code around it makes.
    pub(in crate::lifetime) fn is_guarded_for_good(&self, at: Ref, target: Option<&Place>) -> Option<Ref> {
        self.is_guarded_below(at, target, 0)
    }

    fn is_guarded_below(&self, at: Ref, target: Option<&Place>, depth: u32) -> Option<Ref> {
        let (place, set_at) = match self.guard_of(at)? {
            Guard::Looked(test) => return Some(test),
            Guard::Mark(place, set_at) => (place, set_at),
        };
        // `target[mark] = true`: once for each target.
        if target.is_some_and(|t| t.root == place.root && place.path.starts_with(&t.path)) {
            return Some(set_at);
        }
        match &place.root {
            Root::This(owner) => {
                // The mark may stand in a base class: it is the object of the code that counts.
                let around = self.project.method_around(self.project.function_at(at));
                let own = around.map(|(o, ..)| o).filter(|o| self.project.is_related(*o, *owner));
                let owner = own.unwrap_or(*owner);
                let is_one = matches!(self.project.instances_of(owner), Repetition::Once) || self.is_singleton(owner);
                is_one.then_some(set_at)
            }
            Root::Binding(file, b) => {
                let function = self.project.facts(*file).binding(*b).function;
                let own = Func { file: *file, function };
                if own == self.project.function_at(at) && place.path.is_empty() {
                    return None;
                }
                // What one activation makes or is handed has the mark of that activation.
                let is_beside = |t: &Place| {
                    matches!(t.root, Root::Binding(of, x)
                        if of == *file && self.project.facts(of).binding(x).function == function)
                };
                if target.is_some_and(is_beside) {
                    return Some(set_at);
                }
                let made = self.project.repetition(own);
                // What makes the mark may be let happen once itself, by the mark of another.
                let is_made_once = || depth < MAX_MARKS && self.lets_call_once_below(&made, depth + 1).is_some();
                let is_kept = matches!(self.project.life_of(&place), Life::Process);
                (is_kept || !made.is_repeated() || is_made_once()).then_some(set_at)
            }
            _ => matches!(self.project.life_of(&place), Life::Process).then_some(set_at),
        }
    }

    /// The tests that decide whether a node is reached within its function, with the result they must have.
    pub(in crate::lifetime) fn conditions_of(&self, at: Ref) -> Vec<(Ref, bool)> {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { file: at.file, node };
        let mut out = Vec::new();
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => break,
                Node::If { test, yes, no } | Node::Conditional { test, yes, no } => {
                    if yes == below {
                        out.push((here(test), true));
                    } else if no == below {
                        out.push((here(test), false));
                    }
                }
                Node::Logical { left, right, op } if right == below => {
                    out.push((here(left), op == LogicalOp::And));
                }
                // `known ??= make()`
                Node::Assign {
                    target,
                    value,
                    op: AssignOp::Or | AssignOp::Nullish,
                } if value == below => out.push((here(target), false)),
                Node::Block(statements) => {
                    for statement in facts.list(statements).take_while(|&s| s != below) {
                        if let Node::If { test, yes, no } = facts.node(statement)
                            && facts.node(no) == Node::Empty
                            && self.always_leaves(here(yes))
                        {
                            out.push((here(test), false));
                        }
                    }
                }
                _ => {}
            }
            if out.len() > MAX_CONDITIONS {
                break;
            }
            below = up;
        }
        out
    }

    /// Whether a test with this result tells something, by itself or by a part that must then have come out one way.
    pub(in crate::lifetime) fn says(
        &self,
        test: Ref,
        result: bool,
        depth: u32,
        tells: &dyn Fn(Ref, bool, u32) -> bool,
    ) -> bool {
        if depth > MAX_NESTED_TESTS {
            return false;
        }
        let part = |node, result| self.says(Ref { node, ..test }, result, depth + 1, tells);
        match self.project.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => part(value, !result),
            Node::Logical { left, right, op } => match (op, result) {
                (LogicalOp::And, true) | (LogicalOp::Or, false) => part(left, result) || part(right, result),
                _ => false,
            },
            _ => tells(test, result, depth),
        }
    }

    /// `return`, `throw`, or a block that ends in one.
    pub(in crate::lifetime) fn always_leaves(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        match facts.node(at.node) {
            Node::Return(_) | Node::Throw(_) => true,
            Node::Block(list) => facts
                .list(list)
                .next_back()
                .is_some_and(|node| self.always_leaves(Ref { file: at.file, node })),
            _ => false,
        }
    }

    /// Groups of values, in each of which one is falsy (or absent from a set) where a test has this result.
    fn falsy_parts(&self, test: Ref, truth: bool, depth: u32) -> Vec<Vec<Ref>> {
        if depth > MAX_NESTED_TESTS {
            return Vec::new();
        }
        let inner = |node, truth| self.falsy_parts(Ref { file: test.file, node }, truth, depth + 1);
        let facts = self.project.facts(test.file);
        match facts.node(test.node) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => inner(value, !truth),
            Node::Logical { left, right, op } => {
                let (mut lefts, rights) = (inner(left, truth), inner(right, truth));
                if op == if truth { LogicalOp::And } else { LogicalOp::Or } {
                    lefts.extend(rights);
                    return lefts;
                }
                let either = lefts
                    .iter()
                    .flat_map(|l| rights.iter().map(|r| [&l[..], &r[..]].concat()));
                either.take(MAX_CONDITIONS).collect()
            }
            // `key in table`
            Node::Binary { op: BinaryOp::In, .. } if !truth => vec![vec![test]],
            Node::Binary { left, right, op } => match self.falsy_by_comparison(test, (left, right), op, truth) {
                Some(value) => inner(value, false),
                None => Vec::new(),
            },
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } | Node::Index { .. } | Node::Call { .. }
                if !truth =>
            {
                let mut parts = vec![vec![test]];
                if let Some(answer) = self.answer_to(test) {
                    let inner = self.falsy_parts(answer, truth, depth + 1).into_iter();
                    parts.extend(inner.map(|group| self.holders_only(group)));
                }
                parts
            }
            _ => Vec::new(),
        }
    }

    /// The value that is falsy where a comparison has this result: `x == null`, `true !== x`, `typeof x === "undefined"`.
    /// What is not yet of the type that it gets counts as well: `typeof x !== "number"`.
    fn falsy_by_comparison(&self, test: Ref, sides: (NodeId, NodeId), op: BinaryOp, truth: bool) -> Option<NodeId> {
        let facts = self.project.facts(test.file);
        let is_equal = match op {
            BinaryOp::Eq => truth,
            BinaryOp::Ne => !truth,
            _ => return None,
        };
        let asked_of = |value, constant| match (facts.node(constant), facts.node(value)) {
            (Node::Undefined | Node::Null | Node::Bool(false), _) => is_equal.then_some(value),
            (Node::Bool(true), _) => (!is_equal).then_some(value),
            (
                Node::Str(text),
                Node::Unary {
                    value,
                    op: UnaryOp::TypeOf,
                },
            ) => (is_equal == (facts.name(text) == "undefined")).then_some(value),
            _ => None,
        };
        asked_of(sides.0, sides.1).or_else(|| asked_of(sides.1, sides.0))
    }

    /// Whether a test asks of a value that it is there at all: `x === undefined`, `typeof x === "undefined"`.
    fn is_asked_for_absence(&self, value: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let up = facts.parent(value.node);
        let compared = match facts.node(up) {
            Node::Unary {
                op: UnaryOp::TypeOf, ..
            } => return true,
            Node::Binary { left, right, .. } if left == value.node => right,
            Node::Binary { left, right, .. } if right == value.node => left,
            _ => return false,
        };
        facts.node(compared).is_absent()
    }

    /// What a question gives back: of a method, function or getter that only says one thing, `isConnected()`, and
    /// `Boolean(x)`.
    fn answer_to(&self, question: Ref) -> Option<Ref> {
        let asked = match self.project.node(question) {
            Node::Call { .. } => {
                let (callee, args) = self.callee_of(question)?;
                if let (Some("Boolean"), [only]) = (self.project.path_of(callee).as_deref(), &args[..]) {
                    return Some(*only);
                }
                self.project.called_function(question).filter(|_| args.is_empty())?
            }
            Node::Member { .. } => self.getter_of(&self.project.place(question))?,
            _ => return None,
        };
        match self.project.returned_values(asked)[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The getter that a field of an object is.
    fn getter_of(&self, place: &Place) -> Option<Func> {
        let (Root::This(owner), [Key::Name(name)]) = (&place.root, place.path.as_slice()) else {
            return None;
        };
        let (o, member) = self.project.member(*owner, name)?;
        let function = member.function.filter(|_| member.kind == MemberKind::Getter)?;
        Some(Func { file: o.file, function })
    }

    /// Of `this.client` and `this.client.isOpen` the first: the second is a state of it.
    fn holders_only(&self, group: Vec<Ref>) -> Vec<Ref> {
        let places: Vec<Place> = group.iter().map(|r| self.project.place(*r)).collect();
        let is_state = |place: &Place| {
            places
                .iter()
                .any(|p| p.root == place.root && p.path.len() < place.path.len() && place.path.starts_with(&p.path))
        };
        let kept = group.iter().zip(&places).filter(|(_, place)| !is_state(place));
        kept.map(|(r, _)| *r).collect()
    }

    /// `emitter.listenerCount("x")` and its kin within a test.
    fn looks_at_listeners(&self, test: Ref) -> bool {
        let facts = self.project.facts(test.file);
        let checks = &self.project.tables.conventions.listener_checks;
        checks.iter().any(|check| {
            self.project.calls_named(test.file, check).iter().any(|&call| {
                facts.is_inside(call, test.node)
                    && matches!(facts.node(call), Node::Call { callee, .. }
                        if matches!(facts.node(callee), Node::Member { .. }))
            })
        })
    }

    /// The mark that a falsy value is, if the function that tests it sets it and nothing takes it away.
    fn mark(&self, falsy: Ref, at: Ref) -> Option<Guard> {
        let facts = self.project.facts(falsy.file);
        let here = |node| Ref { file: falsy.file, node };
        if let Some((table, key)) = self.asks_for_key(falsy) {
            let mut entry = self.project.place(table);
            entry.path.push(Key::Dynamic(key));
            let set_at = self.sets_mark(&entry, falsy, at)?;
            return Some(Guard::Mark(entry, set_at));
        }
        if let Node::Call { callee, .. } = facts.node(falsy.node) {
            // `seen.has(x)` with `seen.add(x)` in the same function.
            let Node::Member { object, property, .. } = facts.node(callee) else {
                return None;
            };
            if facts.name(property) != "has" {
                return None;
            }
            let set = self.project.place(here(object));
            if self.is_taken_out(&set, falsy) {
                return None;
            }
            let f = self.project.function_at(falsy);
            return self.project.calls_in(f).iter().find_map(|&call| {
                let Node::Call { callee, .. } = facts.node(call) else {
                    return None;
                };
                let Node::Member { object, property, .. } = facts.node(callee) else {
                    return None;
                };
                let adds = self
                    .project
                    .tables
                    .conventions
                    .grow
                    .iter()
                    .any(|g| g == facts.name(property));
                (adds && self.project.same_place(&self.project.place(here(object)), &set))
                    .then(|| Guard::Mark(set.clone(), here(call)))
            });
        }
        let place = self.project.place(falsy);
        let set_at = self.sets_mark(&place, falsy, at)?;
        Some(Guard::Mark(place, set_at))
    }

    /// The table and the key of `key in table`, `table.hasOwnProperty(key)`, `Object.hasOwn(table, key)`.
    fn asks_for_key(&self, test: Ref) -> Option<(Ref, Ref)> {
        let here = |node| Ref { node, ..test };
        if let Node::Binary {
            left,
            right,
            op: BinaryOp::In,
        } = self.project.node(test)
        {
            return Some((here(right), here(left)));
        }
        let (callee, args) = self.callee_of(test)?;
        let asks = |at: Ref| {
            let name = self.project.last_name(at);
            let words = &self.project.tables.conventions.asks_own;
            name.is_some_and(|name| words.iter().any(|w| w == name))
        };
        let Node::Member { object, .. } = self.project.node(callee) else {
            return None;
        };
        match args[..] {
            [key] if asks(callee) => Some((here(object), key)),
            // `Object.prototype.hasOwnProperty.call(table, key)`
            [table, key] if asks(callee) || asks(here(object)) => Some((table, key)),
            _ => None,
        }
    }

    /// Whether code of a file takes marks out of a set again.
    fn is_taken_out(&self, set: &Place, within: Ref) -> bool {
        let facts = self.project.facts(within.file);
        let conventions = &self.project.tables.conventions;
        let takes = conventions.take.iter().chain(&conventions.empty);
        let mut calls = takes.flat_map(|method| self.project.calls_named(within.file, method));
        calls.any(|&call| {
            let Node::Call { callee, .. } = facts.node(call) else {
                return false;
            };
            let Node::Member { object, .. } = facts.node(callee) else {
                return false;
            };
            let place = self.project.place(Ref { node: object, ..within });
            self.project.same_place(&place, set)
        })
    }

    /// What a part of an object is for the method of it that a node calls: a field of its `this`.
    fn field_of_called(&self, place: &Place, at: Ref) -> Option<Place> {
        let Node::Call { callee, .. } = self.project.node(at) else {
            return None;
        };
        let Node::Member { object, .. } = self.project.node(Ref { node: callee, ..at }) else {
            return None;
        };
        let on = self.project.place(Ref { node: object, ..at });
        let is_part = place.parent().is_some_and(|of| self.project.same_place(&of, &on));
        let (owner, ..) = self
            .project
            .method_around(self.project.called_function(at)?)
            .filter(|_| is_part)?;
        let mut field = Place::root(Root::This(owner));
        field.path.push(place.path.last()?.clone());
        Some(field)
    }

    /// Whether tests call a function, and the program does not: `export function reset() { started = false; }`.
    fn is_for_tests_only(&self, f: Func) -> bool {
        let calls = self.project.callers(f).calls;
        !calls.is_empty() && calls.iter().all(|call| self.project.is_test_of(call.file, f.file))
    }

    /// Where the function of a test gives a place a truthy value, if no other code takes it back. What is tested may
    /// stand in another file than the code that it lets through: in a method that a base class has.
    fn sets_mark(&self, place: &Place, falsy: Ref, at: Ref) -> Option<Ref> {
        // `if (known === undefined) known = false`: only what is absent lets it happen again.
        let asks_for_absence = self.is_asked_for_absence(falsy);
        let is_nothing = |value: Ref| match asks_for_absence {
            true => self.project.node(value).is_absent(),
            false => self.project.node(value).is_unset(),
        };
        // `if (!bar.element) bar.add()`: for the method it is a field of its own.
        let field = self.field_of_called(place, at);
        let is_mark = |target: Ref| {
            let written = || self.project.place(target);
            target.file == falsy.file && self.project.node(target) == self.project.node(falsy)
                || self.project.same_place(&written(), place)
                || field
                    .as_ref()
                    .is_some_and(|field| self.project.same_place(&written(), field))
        };
        let sets = |write: &Ref| match self.project.node(*write) {
            Node::Assign { target, value, op } => {
                let here = |node| Ref { node, ..*write };
                let mut targets = self.project.facts(write.file).targets_in(target).into_iter();
                op != AssignOp::And && !is_nothing(here(value)) && targets.any(|target| is_mark(here(target)))
            }
            _ => false,
        };
        // `if (!this.ready) this.prepare()`, and it is `prepare` that sets the mark.
        let called = self
            .project
            .called_function(at)
            .filter(|f| f.file == at.file || field.is_some());
        // `if (!ready) library.load((error) => { ready = true; })`: the answer does.
        let answer = self.project.answer_of(at).filter(|f| f.file == at.file);
        let setters = [self.project.function_at(at)].into_iter().chain(called).chain(answer);
        let writes = setters.flat_map(|f| {
            let written = self.project.writes_in(f).iter();
            written.map(move |&node| Ref { file: f.file, node })
        });
        let set_at = writes.filter(sets).max();
        let set_at = set_at.or_else(|| self.set_by_called(place, falsy, at, &sets))?;
        // Taken back: not by an initial value.
        let takes_back = |write: Ref| {
            let here = |node| Ref { node, ..write };
            let target = match self.project.node(write) {
                Node::Assign { target, value, op } if op != AssignOp::And && is_nothing(here(value)) => target,
                Node::Delete(target) => target,
                _ => return false,
            };
            // What runs once, like the factory of a module, only begins with it. Where the marked work failed, nothing was
            // begun.
            is_mark(here(target))
                && !self.is_where_marked_work_failed(write, set_at)
                && !self.is_constructor(write)
                && !self.is_for_tests_only(self.project.function_at(write))
                && !matches!(
                    self.project.repetition(self.project.function_at(write)),
                    Repetition::Once
                )
        };
        let mut files = vec![at.file, falsy.file, set_at.file];
        files.sort_unstable();
        files.dedup();
        let taken = files.into_iter().any(|file| {
            let writes = match place.last() {
                Some(name) => self.project.writes_to(file, name),
                None => &self.project.facts(file).writes,
            };
            writes.iter().map(|&node| Ref { file, node }).any(takes_back)
        });
        (!taken && !self.is_taken_back_elsewhere(place, at.file)).then_some(set_at)
    }
    /// Where a function that is called behind the same test sets a mark, by itself or by what it calls in turn. What an
    /// inner function sets when its time comes may come too late.
    fn set_by_called(&self, place: &Place, falsy: Ref, at: Ref, sets: &dyn Fn(&Ref) -> bool) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { node, ..at };
        let writes = match place.last() {
            Some(name) => self.project.writes_to(at.file, name),
            None => &facts.writes,
        };
        let writes: Vec<Ref> = writes.iter().map(|&node| here(node)).filter(sets).collect();
        let tests = |at: Ref| {
            let all = self.conditions_of(at).into_iter();
            all.filter(|(test, _)| test.file == falsy.file && facts.is_inside(falsy.node, test.node))
        };
        let test = tests(at).next().filter(|_| !writes.is_empty())?;
        let begin = self.project.calls_in(self.project.function_at(at)).iter();
        let begin = begin
            .map(|&node| here(node))
            .filter(|call| tests(*call).any(|t| t == test));
        let mut called: Vec<Func> = begin.filter_map(|call| self.project.called_function(call)).collect();
        let mut next = 0;
        while let Some(&f) = called.get(next) {
            if let Some(write) = writes.iter().find(|w| self.project.function_at(**w) == f) {
                return Some(*write);
            }
            for &node in self.project.calls_in(f) {
                let inner = self.project.called_function(Ref { node, file: f.file });
                called.extend(inner.filter(|g| called.len() < MAX_CALLED && !called.contains(g)));
            }
            next += 1;
        }
        None
    }
}
