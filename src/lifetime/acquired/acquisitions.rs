//! What is acquired: calls that match the pair tables.

use crate::facts::{BindingId, BindingKind, CallKind, FunctionId, Node, NodeId};
use crate::lifetime::survey::Called;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Callee, FileId, OwnerId, Place, Ref, Root};
use crate::tables::{Base, CallPattern, Entry, Lives, PairRow, Param};

/// The rule of what is of no use without its function.
const LISTENS: &str = "unremoved-listener";

impl Judge<'_> {
    /// The calls of a file that acquire something, by what they call or through a helper, in source order.
    pub(in crate::lifetime) fn pair_acquisitions(&self, file: FileId) -> &[Acquisition] {
        self.survey.acquired(file)
    }

    /// The calls of a file that acquire something by what they call, in source order.
    pub(in crate::lifetime) fn direct_acquisitions(&self, file: FileId, called: &Called) -> Vec<Acquisition> {
        let mut out = Vec::new();
        for (last, nodes) in called.by_name() {
            out.extend(
                nodes
                    .iter()
                    .filter_map(|&node| self.acquisition_by(last, Ref { file, node })),
            );
        }
        out.sort_unstable_by_key(|a| a.at.node);
        out
    }

    /// What a call acquires.
    pub(in crate::lifetime) fn acquisition_at(&self, call: Ref) -> Option<Acquisition> {
        self.acquisition_by(&self.name_called(call)?, call)
    }

    /// What a call acquires; `last` is the name of what it calls.
    fn acquisition_by(&self, last: &str, call: Ref) -> Option<Acquisition> {
        let entries = self.project.tables.acquisitions(last);
        self.paired(call, entries)
            .or_else(|| self.of_subclass(call))
            .or_else(|| entries.iter().find_map(|e| self.streamed(call, e)))
            .or_else(|| self.own_subscription(call, last))
            .or_else(|| self.disposable_event(call, last))
            .or_else(|| entries.iter().find_map(|e| self.guessed(call, e)))
            .or_else(|| self.own_signal(call, last))
            .or_else(|| entries.iter().find_map(|e| self.registered_by(call, e)))
            .or_else(|| self.closed_by_itself(call))
    }

    /// What the first fitting row says. Of the ways that a row may be written in (`later(handler)` and
    /// `later(_, handler)`), it is the one whose function is a function.
    fn paired(&self, call: Ref, entries: &[Entry]) -> Option<Acquisition> {
        let callee = &self.project.callee(call)?;
        let (at, first) = entries
            .iter()
            .enumerate()
            .find_map(|(i, e)| Some((i, self.acquisition(call, callee, e)?)))?;
        let is_written_so = |a: &Acquisition| match a.kind {
            Kind::Pair { handler: Some(h), .. } => self.project.function_value(h, 0).is_some(),
            _ => false,
        };
        let others = entries[at + 1..].iter().filter(|e| e.row == entries[at].row);
        let mut others = others.filter(|e| e.pattern.params.contains(&Param::Handler)).peekable();
        if others.peek().is_none() || is_written_so(&first) {
            return Some(first);
        }
        others
            .filter_map(|e| self.acquisition(call, callee, e))
            .find(is_written_so)
            .or(Some(first))
    }

    /// `const x = await open(); ...; await x.close()`: what it is, the code says by closing it.
    fn closed_by_itself(&self, call: Ref) -> Option<Acquisition> {
        let facts = self.project.facts(call.file);
        let Node::Call { kind, .. } = facts.node(call.node) else {
            return None;
        };
        let awaited = facts.parent(call.node);
        if !matches!(facts.node(awaited), Node::Await(_)) || kind == CallKind::Import {
            return None;
        }
        let (Node::Declare { target, .. } | Node::Assign { target, .. }) = facts.node(facts.parent(awaited)) else {
            return None;
        };
        let Node::Binding(b) = facts.node(target) else {
            return None;
        };
        let f = facts.enclosing_function(call.node);
        let binding = facts.binding(b);
        if f == FunctionId::MODULE || binding.function != f || binding.writes > 1 {
            return None;
        }
        let row = self.project.tables.pairs.iter().position(|p| p.inferred)?;
        // What a call gives back of its arguments was there before, too: `await inTime(work)`.
        if self.is_found(call) || self.project.given_back(call).is_some() || self.gives_what_is_kept(call) {
            return None;
        }
        let closes = facts.references_of(b).any(|n| {
            let Some(called) = facts.method_called_on(n) else {
                return false;
            };
            let releases = &self.project.tables.releases[row];
            facts.enclosing_function(n) == f
                // What is closed under a condition only, after a failure say, is somebody else's otherwise.
                && !self.is_conditional(Ref { file: call.file, node: n })
                && releases.iter().any(|r| r.last() == facts.name(called.method))
        });
        closes.then(|| Acquisition::of_row(row, &self.project.tables.pairs[row], call, false))
    }

    /// Whether a call gives back what the function that it runs keeps for all callers, once it is there:
    /// `if (database) return database; ...`
    fn gives_what_is_kept(&self, call: Ref) -> bool {
        let Some(f) = self.project.called_function(call) else {
            return false;
        };
        let is_given = |value: Ref, kept: &Place| {
            let facts = self.project.facts(value.file);
            let read = self.references_in(kept, value.file);
            read.iter().any(|read| facts.is_inside(read.node, value.node))
        };
        let is_kept = |place: &Place| match place.root {
            Root::Binding(file, b) => self.project.facts(file).binding(b).function == FunctionId::MODULE,
            _ => matches!(place.root, Root::This(_)),
        };
        self.project.returned_values(f).into_iter().any(|value| {
            let mut tests = self.conditions_of(value).into_iter();
            tests.any(|(test, holds)| {
                let place = self.project.place(test);
                holds && is_kept(&place) && is_given(value, &place)
            })
        })
    }

    /// `findOne()`, `findById()`: what is found was there before, and to destroy it is no end of a use.
    fn is_found(&self, call: Ref) -> bool {
        let finds = &self.project.tables.conventions.finds;
        let is_find = |name: &str| {
            finds.iter().any(|word| {
                name.strip_prefix(word.as_str())
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
            })
        };
        let callee = self.callee_of(call).map(|(callee, _)| callee);
        callee.and_then(|c| self.project.last_name(c)).is_some_and(is_find)
    }

    fn acquisition(&self, call: Ref, callee: &Callee<'_>, entry: &Entry) -> Option<Acquisition> {
        let row = &self.project.tables.pairs[entry.row];
        if row.guess && entry.pattern.takes_target() {
            return None;
        }
        let typed = callee.matches(&entry.pattern, row.bare)?;
        // What is taken out of its object has nobody to be taken off by name: only its result tells.
        if matches!(entry.pattern.base, Base::Method(_)) && self.calls_a_variable(call) && row.release_is_on_target() {
            return None;
        }
        self.literals_match(call, entry)?;
        if entry.pattern.position(&Param::Callback).is_some() {
            let (_, args) = self.callee_of(call)?;
            (args.len() == entry.pattern.params.len()).then_some(())?;
        }
        if self.has_count(call, entry) {
            return None;
        }
        // With a function to run it ends by itself.
        if row.without_function && !self.is_called_with_objects(call) {
            return None;
        }
        let made = self.make(call, entry, typed);
        if let Kind::Pair { options, .. } = made.kind {
            let is_first = entry.pattern.position(&Param::Options) == Some(0);
            self.options_fit(row, options, is_first)?;
        }
        // `addEventListener('test', null, options)` registers nothing, and `util.addEventListener(element, 'test', f)` is
        // another function of this name.
        let is_nothing = |h: Ref| {
            self.project.node(h).is_nullish() || row.rule == LISTENS && self.project.constant_text(h, 0).is_some()
        };
        let is_empty = match made.kind {
            Kind::Pair { handler: Some(h), .. } => is_nothing(h),
            // `element.scroll()` asks for the event itself, where `element.scroll(f)` listens to it.
            Kind::Pair { handler: None, .. } => row.rule == LISTENS && self.is_called_without(call, entry),
            _ => false,
        };
        (!is_empty).then_some(made)
    }

    /// Whether a call says after how many runs it ends by itself.
    fn has_count(&self, call: Ref, entry: &Entry) -> bool {
        let position = entry.pattern.position(&Param::Count);
        let count = position.and_then(|position| self.project.argument(call, position));
        count.is_some_and(|count| !self.project.node(count).is_unset() && self.number(count, 0) != Some(0.0))
    }

    /// Whether a call is one of a method that a variable was given: `const { watchBlocks } = client`.
    fn calls_a_variable(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        matches!(facts.node(call.node), Node::Call { callee, .. } if matches!(facts.node(callee), Node::Binding(_)))
    }

    /// Whether a call has no argument where a pattern has its only parameter, a function.
    fn is_called_without(&self, call: Ref, entry: &Entry) -> bool {
        let args = self.callee_of(call).map(|(_, args)| args);
        entry.pattern.params == [Param::Handler] && args.is_some_and(|args| args.is_empty())
    }

    /// Whether all arguments of a call are objects that are written down: none of them is a function.
    fn is_called_with_objects(&self, call: Ref) -> bool {
        let Some((_, args)) = self.callee_of(call) else {
            return false;
        };
        let written = |arg: Ref| self.project.value_of_place(&self.project.place(arg)).unwrap_or(arg);
        let is_object = |arg: Ref| matches!(self.project.node(written(arg)), Node::Object(_));
        args.into_iter().all(is_object)
    }

    /// Whether the options say that there is something to end. Text in their place, where they come first, asks what is
    /// there already for something: `$(x).select2('open')`.
    fn options_fit(&self, row: &PairRow, options: Option<Ref>, is_first: bool) -> Option<()> {
        let is_text = |o: Ref| matches!(self.project.node(o), Node::Str(_) | Node::Template(_));
        if is_first && options.is_some_and(is_text) {
            return None;
        }
        let says_one_of = |names: &[String]| {
            let has = |object: Ref| names.iter().any(|name| self.has_option(object, name));
            let known = |options| self.project.value_of_place(&self.project.place(options));
            !names.is_empty() && options.is_some_and(|o| has(o) || known(o).is_some_and(has))
        };
        let fits = row.only_with.is_empty() || says_one_of(&row.only_with);
        (fits && !says_one_of(&row.not_with)).then_some(())
    }

    fn literals_match(&self, call: Ref, entry: &Entry) -> Option<()> {
        let Node::Call { args, .. } = self.project.node(call) else {
            return None;
        };
        let facts = self.project.facts(call.file);
        for (i, p) in entry.pattern.params.iter().enumerate() {
            if let Param::Literal(wanted) = p {
                let node = facts.item(args, i)?;
                let text = self.project.constant_text(Ref { file: call.file, node }, 0)?;
                if &*text != wanted.as_str() {
                    return None;
                }
            }
        }
        Some(())
    }

    /// `x.subscribe(...)` on something that definitions, not types, show to be a stream.
    fn streamed(&self, call: Ref, entry: &Entry) -> Option<Acquisition> {
        if !self.project.tables.pairs[entry.row].stream {
            return None;
        }
        let facts = self.project.facts(call.file);
        let Node::Call { callee, .. } = facts.node(call.node) else {
            return None;
        };
        let Node::Member { object, .. } = facts.node(callee) else {
            return None;
        };
        self.stream_of(Ref {
            file: call.file,
            node: object,
        })?;
        Some(self.make(call, entry, true))
    }

    /// `x.on("event", function)` and `service.stream.subscribe(function)` on something of unknown type: an emitter or
    /// a stream by all evidence but the type.
    fn guessed(&self, call: Ref, entry: &Entry) -> Option<Acquisition> {
        let Base::Method(_) = entry.pattern.base else {
            return None;
        };
        if !self.project.tables.pairs[entry.row].guess {
            return None;
        }
        let facts = self.project.facts(call.file);
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let Node::Member { object, .. } = facts.node(callee) else {
            return None;
        };
        let receiver = Ref {
            file: call.file,
            node: object,
        };
        let method = self.project.called_function(call);
        let is_of_project = method.is_some();
        if self.project.type_of(receiver).is_some() || is_of_project && !self.could_be_undone(receiver, entry) {
            return None;
        }
        // Handed on to an emitter of the project: `export const on = (name, listener) => hub.on(name, listener)`. What it
        // gives back may be what takes it off.
        let gives = |f| {
            self.project
                .returned_values(f)
                .into_iter()
                .any(|v| self.project.node(v) != Node::This)
        };
        let is_plain = method.is_some_and(|f| !gives(f));
        let handed_on = |at: Ref| is_plain && self.parameter_of(&self.project.place(at)).is_some();
        let at = |i| facts.item(args, i).map(|node| Ref { file: call.file, node });
        if entry.pattern.params.first() == Some(&Param::Key) {
            // A third argument is the `this` of the handler.
            let context = at(2);
            if facts.list(args).len() > 3 || context.is_some_and(|at| !self.is_object_itself(at) && !handed_on(at)) {
                return None;
            }
            let key = at(0)?;
            if self.names_an_event(key).is_none()
                && !self.takes_off_under(call, receiver, key, entry)
                && !handed_on(key)
            {
                return None;
            }
            let handler = at(1)?;
            // `this.update`, with the object that it is called on: a method that another part of the class has.
            let is_own = self.is_member_of_itself(handler) && (context.is_some() || self.has_unseen_base(handler));
            let is_function = self.is_callback(handler) || self.is_function_parameter(handler) || handed_on(handler);
            if !is_own && !is_function && !self.is_callback_of_component(handler) {
                return None;
            }
        } else {
            // A stream that is kept in a property of something handed in. The result of a call may well end by
            // itself, as answers of HTTP clients do.
            let place = self.project.place(receiver);
            // What a method is handed may live shorter than its object; what a constructor is handed rarely does.
            let is_own = match place.root {
                Root::Binding(file, b) if let Some((f, _)) = self.project.param_position(file, b) => {
                    !self.project.is_plain_method(f)
                }
                // What components around this one share lives longer than it. An undo that is kept tells more.
                Root::Binding(..) | Root::Value(_) => self.is_dropped(call) && self.is_shared_by_parents(&place),
                _ => place.path.len() > 1,
            };
            let is_property = matches!(facts.node(object), Node::Member { .. }) && is_own;
            if !is_property || self.project.life_of(&place) != crate::link::Life::Outer {
                return None;
            }
            self.project.function_value(at(0)?, 0)?;
        }
        Some(self.make(call, entry, false))
    }

    /// Whether a place is part of what a call gives that stands in the tables with a life longer than its caller's:
    /// `getContext('bus').changes`.
    fn is_shared_by_parents(&self, place: &Place) -> bool {
        let whole = Place::root(place.root.clone());
        let given = match place.root {
            Root::Value(at) => Some(at),
            _ => self.project.value_of_place(&whole),
        };
        let at = given.map(|at| match self.project.node(at) {
            // `getContext('bus') ?? {}`
            Node::Logical { left, .. } => Ref { node: left, ..at },
            _ => at,
        });
        let path = at
            .and_then(|at| self.callee_of(at))
            .and_then(|(callee, _)| self.project.path_of(callee));
        let row = path.and_then(|path| self.project.tables.value(&format!("{path}()")));
        !place.path.is_empty() && row.is_some_and(|row| row.lives == Lives::Outer)
    }

    /// Whether a function that is made beside a call takes something off the same thing under the same key. So that is
    /// an event, however it is written.
    fn takes_off_under(&self, call: Ref, receiver: Ref, key: Ref, entry: &Entry) -> bool {
        let facts = self.project.facts(call.file);
        let here = |node| Ref { node, ..call };
        let f = self.project.function_at(call).function;
        let on = self.project.place(receiver);
        let is_undo = |node: NodeId, release: &CallPattern| {
            let index = release.position(&Param::Key);
            let (Some(method), Some(index)) = (facts.method_call(node), index) else {
                return false;
            };
            let inner = facts.enclosing_function(node);
            inner != f
                && facts.is_nested(inner, f)
                && self.project.same_place(&self.project.place(here(method.object)), &on)
                && facts
                    .item(method.args, index)
                    .is_some_and(|k| self.project.same_key(here(k), key))
        };
        let releases = &self.project.tables.releases[entry.row];
        releases.iter().any(|release| {
            let calls = self.project.calls_named(call.file, release.last());
            calls.iter().any(|&node| is_undo(node, release))
        })
    }

    /// Whether an expression is `this`, or a variable that holds it: `const self = this`.
    pub(in crate::lifetime) fn is_object_itself(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        self.project.node(at) == Node::This || matches!(place.root, Root::This(_)) && place.path.is_empty()
    }

    /// `this.update`
    fn is_member_of_itself(&self, handler: Ref) -> bool {
        let facts = self.project.facts(handler.file);
        matches!(facts.node(handler.node), Node::Member { object, .. } if facts.node(object) == Node::This)
    }

    /// Whether code stands in a class that extends one which no file of the project has: its methods may be that one's.
    fn has_unseen_base(&self, at: Ref) -> bool {
        let around = self.project.method_around(self.project.function_at(at));
        around.is_some_and(|(owner, ..)| self.extends_unseen(owner))
    }

    /// Whether a class extends one which no file of the project has.
    pub(in crate::lifetime) fn extends_unseen(&self, owner: OwnerId) -> bool {
        let top = self.project.lineage(owner).pop().unwrap_or(owner);
        self.project.owner(top).superclass.is_some()
    }

    /// Whether an object of the project's own, whose methods were read, can take off what is added to it. One that
    /// cannot is no emitter.
    fn could_be_undone(&self, receiver: Ref, entry: &Entry) -> bool {
        let Some(owner) = self.project.owner_of_object(receiver, 0) else {
            return false;
        };
        self.project.tables.releases[entry.row]
            .iter()
            .any(|release| self.project.member(owner, release.last()).is_some())
    }

    /// `x` in `x.on(...).on(...)`, in `x.off(...).off(...)` and in `x.click(...).click(...)`: all give the emitter back.
    pub(in crate::lifetime) fn chain_base(&self, receiver: Ref) -> Ref {
        let facts = self.project.facts(receiver.file);
        let tables = &self.project.tables;
        let takes_key = |params: &[Param], row: usize| params.first() == Some(&Param::Key) && tables.pairs[row].guess;
        let gives_back = |method: &str| {
            let mut added = tables.acquisitions(method).iter();
            let mut removed = tables.releases_named(method).iter();
            added.any(|e| takes_key(&e.pattern.params, e.row))
                || removed.any(|&(row, i)| tables.releases[row].get(i).is_some_and(|p| takes_key(&p.params, row)))
        };
        let mut at = receiver;
        while let Node::Call { callee, args, .. } = facts.node(at.node)
            && let Node::Member { object, property, .. } = facts.node(callee)
            && (facts.list(args).len() >= 2 && gives_back(facts.name(property))
                || facts.list(args).len() == 1 && self.gives_itself(Ref { node: object, ..at }, facts.name(property)))
        {
            at.node = object;
        }
        at
    }

    /// Whether a method of an object's type registers its one argument and gives the object back: `$(window).resize(f)`.
    fn gives_itself(&self, object: Ref, method: &str) -> bool {
        let tables = &self.project.tables;
        let is_of = |entry: &Entry, t| match &entry.pattern.base {
            Base::Method(of) => entry.pattern.params[..] == [Param::Handler] && tables.is_a(t, of),
            _ => false,
        };
        let entries = tables.acquisitions(method);
        !entries.is_empty()
            && self.project.type_of(object).is_some_and(|t| {
                entries.iter().any(|entry| is_of(entry, t)) && tables.part(t, &format!("{method}()")) == Some(t)
            })
    }

    /// A constant, text put together with something else, a list of such, or what is written like a constant.
    pub(in crate::lifetime) fn names_an_event(&self, key: Ref) -> Option<()> {
        let facts = self.project.facts(key.file);
        let is_text = |node| matches!(facts.node(node), Node::Str(_));
        let by_form = match facts.node(key.node) {
            Node::Template(parts) => facts.list(parts).any(is_text),
            Node::Binary { left, right, .. } => is_text(left) || is_text(right),
            Node::Array(items) => {
                let mut items = facts.list(items);
                let first = items.next()?;
                let is_event = |node| self.names_an_event(Ref { node, ..key }).is_some();
                is_event(first) && items.all(is_event)
            }
            // `ErrorEvents.FATAL`, `Events.Closed` of a package: defined where nobody reads it.
            Node::Member { property, .. } => {
                let name = facts.name(property);
                let is_constant =
                    name.contains(|c: char| c.is_ascii_uppercase()) && !name.contains(|c: char| c.is_ascii_lowercase());
                is_constant || name.starts_with(|c: char| c.is_ascii_uppercase()) && self.is_of_package(key)
            }
            _ => false,
        };
        (by_form || self.project.constant_text(key, 0).is_some()).then_some(())
    }

    /// Whether an expression names something that a package exports.
    fn is_of_package(&self, at: Ref) -> bool {
        self.project.path_of(at).is_some_and(|path| path.contains(':'))
    }

    /// A function by all evidence: written here, found, bound, or a parameter that something calls or resolves.
    pub(in crate::lifetime) fn is_callback(&self, at: Ref) -> bool {
        if self.project.function_value(at, 0).is_some() {
            return true;
        }
        let facts = self.project.facts(at.file);
        match facts.node(at.node) {
            Node::Binding(b) => {
                let called = facts
                    .references_of(b)
                    .any(|r| matches!(facts.node(facts.parent(r)), Node::Call { callee, .. } if callee == r));
                if facts.binding(b).kind == BindingKind::Param {
                    return called || self.is_of_executor(at.file, b);
                }
                let made = self.project.definitions(&self.project.place(at));
                let made = made.first().filter(|_| made.len() == 1);
                made.is_some_and(|d| matches!(self.project.node(*d), Node::Call { .. }) && self.is_callback(*d))
            }
            Node::Call { callee, args, .. } => {
                // `bind(this, method)`, `bind(method, this)`
                matches!(facts.node(callee), Node::Member { .. })
                    && facts.list(args).take(2).any(|a| facts.node(a) == Node::This)
                    || self.gives_function(at)
            }
            _ => false,
        }
    }

    /// Whether a function of the project that is called gives back a function: `handlerOf(this, 'close')`.
    fn gives_function(&self, call: Ref) -> bool {
        self.project.called_function(call).is_some_and(|f| {
            let given = self.project.returned_values(f);
            !given.is_empty() && given.iter().all(|v| self.project.function_value(*v, 0).is_some())
        })
    }

    /// Whether a parameter is one of a promise's executor.
    pub(in crate::lifetime) fn is_of_executor(&self, file: FileId, b: BindingId) -> bool {
        let facts = self.project.facts(file);
        let function = facts.function(facts.binding(b).function);
        let call = facts.parent(function.node);
        matches!(
            facts.node(call),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        ) && self.runs_at_once(Ref { file, node: call })
    }

    pub(in crate::lifetime) fn make(&self, call: Ref, entry: &Entry, typed: bool) -> Acquisition {
        let facts = self.project.facts(call.file);
        let row = &self.project.tables.pairs[entry.row];
        let (callee, args) = match facts.node(call.node) {
            Node::Call { callee, args, .. } => (callee, args),
            _ => (call.node, crate::facts::List::EMPTY),
        };
        let arg = |p: &Param| {
            let i = entry.pattern.position(p)?;
            // `on(...[listener, ...more])`
            let node = facts.item(args, i).map(|node| match facts.node(node) {
                Node::Spread(list) => match facts.node(list) {
                    Node::Array(items) => facts.item(items, 0).unwrap_or(node),
                    _ => node,
                },
                _ => node,
            });
            node.map(|node| Ref { file: call.file, node })
        };
        let target = match (&entry.pattern.base, facts.node(callee)) {
            _ if entry.pattern.takes_target() => arg(&Param::Target),
            // `new library.Mat()`: what holds the class is no receiver.
            _ if entry.pattern.is_new => None,
            (Base::Method(_) | Base::AnyMethod, Node::Member { object, .. }) => Some(self.chain_base(Ref {
                file: call.file,
                node: object,
            })),
            // `process.on`, `document.addEventListener` written as a path.
            (Base::Global | Base::Module(_), Node::Member { object, .. })
                if arg(&Param::Key).is_some() || entry.pattern.path.contains('.') && row.release_is_on_target() =>
            {
                Some(Ref {
                    file: call.file,
                    node: object,
                })
            }
            _ => None,
        };
        Acquisition {
            rule: row.rule.clone(),
            what: row.what.clone(),
            at: call,
            kind: Kind::Pair {
                row: entry.row,
                target: target.map(|t| self.project.meant(t)),
                key: arg(&Param::Key),
                handler: arg(&Param::Handler).or_else(|| arg(&Param::Setup)),
                options: arg(&Param::Options),
                delay: arg(&Param::Delay),
                typed,
                via: None,
            },
        }
    }
}
