//! Where a value goes within the code that was read: names, fields, collections, returns, arguments.

use crate::facts::{AssignOp, BindingId, CallKind, FileFacts, FunctionId, MemberKind, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::limits::{self, Limit};
use crate::link::{FileId, Func, Key, Place, Ref, Root};

/// Everything that happens to a value.
#[derive(Debug, Default)]
pub(in crate::lifetime) struct Flow {
    /// Variables and fields that hold it.
    pub places: Vec<Place>,
    /// Collections it is put in, with the call that puts it there.
    pub collections: Vec<(Place, Ref)>,
    /// Functions that give it back, itself or inside an object.
    pub returned: Vec<Func>,
    /// Calls of unknown code that get it.
    pub passed: Vec<Ref>,
    /// Calls of a method on it, or of itself.
    pub method_calls: Vec<Ref>,
    /// Whether it goes nowhere.
    pub dropped: bool,
    /// Whether a pattern takes parts of it, its methods perhaps.
    pub taken_apart: bool,
    /// Whether it goes somewhere that is not followed.
    pub other: bool,
    pub(in crate::lifetime) nodes: u32,
}

impl Flow {
    /// The collection that it is put into, if it is one only, in a field of the object around.
    pub(in crate::lifetime) fn only_collection(&self) -> Option<&Place> {
        match &self.collections[..] {
            [(only, _)] => (matches!(only.root, Root::This(_)) && only.path.len() == 1).then_some(only),
            _ => None,
        }
    }
}

/// How many expressions a value is followed through.
const MAX_FLOW: u32 = 400;

/// How many times one after the other it is handed on.
const MAX_HANDS: u32 = 24;

impl Judge<'_> {
    /// Where the value of an expression goes.
    pub(in crate::lifetime) fn flow(&self, at: Ref) -> Flow {
        let mut flow = Flow::default();
        self.follow(at, &mut flow, 0);
        self.follow_held(at, &mut flow);
        flow.dropped = flow.places.is_empty()
            && flow.collections.is_empty()
            && flow.returned.is_empty()
            && flow.passed.is_empty()
            && flow.method_calls.is_empty()
            && !flow.taken_apart
            && !flow.other;
        flow
    }

    /// Where a value goes that a parameter is given, for an acquisition.
    pub(in crate::lifetime) fn flow_into(&self, parameter: Ref, acquired: Ref) -> Flow {
        let mut flow = Flow::default();
        self.follow_into(parameter, &mut flow, 0);
        self.follow_held(acquired, &mut flow);
        flow
    }

    /// The field that the code which acquires something puts it into as well: `this.view = this.editor`.
    fn second_holder(&self, acquired: Ref, read: Ref) -> Option<Place> {
        let facts = self.project.facts(read.file);
        let Node::Assign {
            target,
            value,
            op: AssignOp::Set,
        } = facts.node(facts.parent(read.node))
        else {
            return None;
        };
        let is_of_run = self.project.function_at(read) == self.project.function_at(acquired);
        if value != read.node || !is_of_run || !self.is_before(acquired, read) {
            return None;
        }
        let place = self.project.place(Ref { node: target, ..read });
        (matches!(place.root, Root::This(_)) && place.path.len() == 1).then_some(place)
    }

    /// Where a value goes that is read back from where it is held: into the project's own functions that end it, and
    /// under other names. What else those do with it counts for nothing: the holder still has it.
    fn follow_held(&self, at: Ref, flow: &mut Flow) {
        let mut next = 0;
        while let Some(place) = flow.places.get(next).cloned() {
            next += 1;
            let is_held = match &place.root {
                Root::This(_) => !place.path.is_empty(),
                Root::Binding(file, b) => {
                    !place.path.is_empty() || self.project.facts(*file).binding(*b).function == FunctionId::MODULE
                }
                _ => false,
            };
            if !is_held {
                continue;
            }
            for read in self.references_to(&place, &self.release_files(at, std::slice::from_ref(&place))) {
                if limits::exceeds(Limit::Flow, flow.nodes > MAX_FLOW) {
                    return;
                }
                let facts = self.project.facts(read.file);
                let up = facts.parent(read.node);
                if let Node::Assign { target, value, .. } = facts.node(up)
                    && value == read.node
                    && let Node::Binding(b) = facts.node(target)
                {
                    // `(t = this.handle) == null || t.close()`, as compilers write `this.handle?.close()`.
                    let name = Place::root(Root::Binding(read.file, b));
                    if !flow.places.contains(&name) {
                        flow.places.push(name);
                    }
                }
                if let Node::Default { target, value } = facts.node(up)
                    && value == read.node
                {
                    // `const { last = shown } = given`
                    let name = self.project.place(Ref { node: target, ..read });
                    if !flow.places.contains(&name) {
                        flow.places.push(name);
                    }
                }
                flow.places
                    .extend(self.second_holder(at, read).filter(|p| !flow.places.contains(p)));
                self.follow_promise_held(read, flow);
                if let (Node::Property { value, .. }, Node::Jsx { tag, .. }) =
                    (facts.node(up), facts.node(facts.parent(up)))
                    && value == read.node
                {
                    let here = |node| Ref { node, ..read };
                    let given = self.property_in_component(here(tag), here(up));
                    flow.places.extend(given.filter(|place| !flow.places.contains(place)));
                }
                if let Node::Array(_) = facts.node(up) {
                    // `this.disposables = [this.panel]`: with the other parts that the object ends.
                    let array = Ref { node: up, ..read };
                    let lists = self.lists_named(array).into_iter();
                    let of_object = lists.filter(|list| matches!(list.root, Root::This(_)));
                    flow.collections.extend(of_object.map(|list| (list, array)));
                }
                let Node::Call { callee, args, .. } = facts.node(up) else {
                    continue;
                };
                let call = Ref {
                    file: read.file,
                    node: up,
                };
                if callee == read.node {
                    continue;
                }
                if self.is_growing(Ref { node: callee, ..read }) {
                    if let Some(index) = facts.list(args).position(|a| a == read.node) {
                        self.follow_argument(call, index, flow, 0);
                    }
                    continue;
                }
                if self.project.called_function(call).is_none() {
                    let is_new = matches!(
                        facts.node(up),
                        Node::Call {
                            kind: CallKind::New,
                            ..
                        }
                    );
                    let is_own = self
                        .project
                        .owner_of_class_value(Ref { node: callee, ..read }, 0)
                        .is_some();
                    let is_known = self.project.type_of(call).is_some();
                    if is_new && !is_own && !is_known {
                        // Another object gets it, whose class nobody sees: it may be that one's to end.
                        flow.passed.push(call);
                    }
                    continue;
                }
                let mut there = Flow {
                    nodes: flow.nodes,
                    ..Flow::default()
                };
                if let Some(index) = facts.list(args).position(|a| a == read.node) {
                    self.follow_argument(call, index, &mut there, 0);
                }
                flow.nodes = there.nodes;
                for place in there.places {
                    if !flow.places.contains(&place) {
                        flow.places.push(place);
                    }
                }
                flow.method_calls.extend(there.method_calls);
                // `this.own(this.channel)`, which puts it into a list that the object empties.
                for put in there.collections {
                    if !flow.collections.contains(&put) {
                        flow.collections.push(put);
                    }
                }
            }
        }
    }

    /// `this.lock?.then((lock) => lock.release())`: what a promise that is held is for has another name there.
    fn follow_promise_held(&self, read: Ref, flow: &mut Flow) {
        let called = self.project.facts(read.file).method_called_on(read.node);
        let step = called
            .map(|call| Ref { node: call.at, ..read })
            .filter(|call| self.is_promise_step(*call));
        let first = step.and_then(|call| self.project.argument(call, 0));
        let Some(f) = first.and_then(|first| self.project.function_value(first, 0)) else {
            return;
        };
        if let Some(node) = self.project.facts(f.file).item(self.project.function(f).params, 0)
            && let Node::Binding(b) = self.project.facts(f.file).node(node)
        {
            let name = Place::root(Root::Binding(f.file, b));
            if !flow.places.contains(&name) {
                flow.places.push(name);
            }
        }
    }

    pub(super) fn follow(&self, at: Ref, flow: &mut Flow, depth: u32) {
        flow.nodes += 1;
        if limits::exceeds(Limit::Flow, depth > MAX_HANDS || flow.nodes > MAX_FLOW) {
            flow.other = true;
            return;
        }
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        if up == at.node {
            return;
        }
        let here = |node| Ref { file: at.file, node };
        match facts.node(up) {
            Node::Assign { target, value, .. } if value == at.node && self.collects(here(target)) => {
                if let Node::Member { object, .. } = facts.node(target) {
                    self.collect(here(object), here(up), flow);
                }
            }
            Node::Assign { target, value, .. } if value == at.node => {
                self.follow_into(here(target), flow, depth);
                self.follow(here(up), flow, depth + 1);
            }
            Node::Declare { target, value } if value == at.node => self.follow_into(here(target), flow, depth),
            Node::Return(_) => self.follow_returned(self.project.function_at(here(up)), flow, depth),
            Node::Function(function) if facts.function(function).body == at.node => match self.initialized_field(at) {
                Some(field) => flow.places.push(field),
                None => {
                    let file = at.file;
                    self.follow_returned(Func { file, function }, flow, depth);
                }
            },
            Node::Property { value, .. } if value == at.node => match facts.node(facts.parent(up)) {
                Node::Object(_) => self.follow_object(here(facts.parent(up)), here(up), flow, depth + 1),
                Node::Jsx { tag, .. } => {
                    flow.other |= facts.string(tag).is_none() || self.hands_over(here(up));
                    flow.places.extend(self.property_in_component(here(tag), here(up)));
                }
                _ => flow.other = true,
            },
            Node::Array(_) => {
                let lists = self.lists_named(here(up));
                flow.collections.extend(lists.into_iter().map(|list| (list, here(up))));
                self.follow_elements(here(up), flow, depth);
                match facts.node(facts.parent(up)) {
                    // `list.push([event, handler])`
                    Node::Call { callee, .. } if callee != up && self.is_growing(here(callee)) => {
                        self.follow(here(up), flow, depth + 1);
                    }
                    Node::Call { .. } if self.is_dependency_list(here(up)) => {}
                    // What the other code does with each element is not followed.
                    Node::Call { callee, .. } if callee != up => flow.passed.push(here(facts.parent(up))),
                    _ => self.follow(here(up), flow, depth + 1),
                }
            }
            Node::Spread(_) | Node::Await(_) | Node::Yield(_) => self.follow(here(up), flow, depth + 1),
            Node::Logical { .. } | Node::Conditional { .. } => {
                let is_test = matches!(facts.node(up), Node::Conditional { test, .. } if test == at.node);
                if !is_test {
                    self.follow(here(up), flow, depth + 1);
                }
            }
            Node::Sequence(list) if facts.list(list).next_back() == Some(at.node) => {
                self.follow(here(up), flow, depth + 1);
            }
            Node::Call { callee, .. } if callee == at.node => flow.method_calls.push(here(up)),
            Node::Call { args, .. } => {
                if let Some(index) = facts.list(args).position(|a| a == at.node) {
                    self.follow_argument(here(up), index, flow, depth);
                }
            }
            Node::Member { object, .. } if object == at.node => {
                let call = facts.parent(up);
                let is_result = matches!(facts.node(at.node), Node::Call { .. });
                if self.is_promised(here(up)) {
                    flow.places.push(self.project.place(here(up)));
                    self.follow(here(up), flow, depth + 1);
                } else if !matches!(facts.node(call), Node::Call { callee, .. } if callee == up) {
                    // `open().close`: the method that ends it may be what is kept.
                    flow.taken_apart |= is_result;
                } else if self.is_promise_step(here(call)) {
                    self.follow_promised(here(call), flow, depth + 1);
                } else {
                    flow.method_calls.push(here(call));
                    // A chained call may give the thing itself back: `setInterval(...).unref()`.
                    if depth < 6 && is_result && !self.gives_plain(here(call)) {
                        self.follow(here(call), flow, depth + 1);
                    }
                }
            }
            // An element of the page keeps what it shows, and goes with the component.
            Node::Jsx { tag, .. } => flow.other |= facts.string(tag).is_none(),
            // A text that has it keeps nothing of it: only another function that the parts are given to may.
            Node::Template(_) => match facts.node(facts.parent(up)) {
                Node::Call { callee, .. } if callee != up => flow.other = true,
                _ => self.follow(here(up), flow, depth + 1),
            },
            _ => {}
        }
    }

    /// What a call puts into a list, or a function that puts its own result there, is in that list.
    pub(in crate::lifetime) fn collect(&self, list: Ref, call: Ref, flow: &mut Flow) {
        if self.project.node(list).is_absent() {
            return;
        }
        let place = self.project.place(list);
        flow.dropped = false;
        match self.is_list_of_others(&place) {
            true => flow.passed.push(call),
            false => flow.collections.push((place, call)),
        }
    }

    /// `subscriptions.sink = stream.subscribe(handler)`: what is assigned is added to what was assigned before.
    fn collects(&self, target: Ref) -> bool {
        let facts = self.project.facts(target.file);
        let Node::Member { object, property, .. } = facts.node(target.node) else {
            return false;
        };
        let of = self.project.type_of(Ref { node: object, ..target });
        of.is_some_and(|of| {
            let sinks = &self.project.tables.type_row(of).sinks;
            sinks.iter().any(|sink| sink == facts.name(property))
        })
    }

    /// `out.write.apply(out, parts)`: a thing's own method, called on the thing.
    fn is_called_on_itself(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let here = |node| Ref { node, ..call };
        let Some((method, this)) = facts.call_with_this(call.node) else {
            return false;
        };
        let Node::Member { object, .. } = facts.node(method) else {
            return false;
        };
        self.project
            .same_place(&self.project.place(here(object)), &self.project.place(here(this)))
    }

    /// Whether a callee is a method that adds to a collection.
    fn is_growing(&self, callee: Ref) -> bool {
        let grow = &self.project.tables.conventions.grow;
        let is_member = matches!(self.project.node(callee), Node::Member { .. });
        is_member
            && self
                .project
                .last_name(callee)
                .is_some_and(|name| grow.iter().any(|g| g == name))
    }

    /// Whether an attribute gives its value to other code: `ref`, `onClick`.
    fn hands_over(&self, property: Ref) -> bool {
        let facts = self.project.facts(property.file);
        let Node::Property { key, .. } = facts.node(property.node) else {
            return true;
        };
        let references = &self.project.tables.conventions.node_attributes;
        facts
            .string(key)
            .is_none_or(|name| name.starts_with("on") || references.iter().any(|r| r == name))
    }

    /// The field whose initial value an expression is.
    /// The names that a list is given, of one of several lists as well: a collection of what stands in it.
    fn lists_named(&self, array: Ref) -> Vec<Place> {
        let facts = self.project.facts(array.file);
        let chosen = outermost_choice(facts, array.node);
        let named = match facts.node(facts.parent(chosen)) {
            Node::Declare { target, value } | Node::Assign { target, value, .. }
                if value == chosen && matches!(facts.node(target), Node::Binding(_) | Node::Member { .. }) =>
            {
                Some(self.project.place(Ref { node: target, ..array }))
            }
            _ => None,
        };
        named.into_iter().chain(self.initialized_field(array)).collect()
    }

    fn initialized_field(&self, at: Ref) -> Option<Place> {
        let facts = self.project.facts(at.file);
        let Node::Function(function) = facts.node(facts.parent(at.node)) else {
            return None;
        };
        let file = at.file;
        self.project.field_initialized_by(Func { file, function })
    }

    /// Whether an expression gives plain data: `tensor.dataSync()`.
    pub(in crate::lifetime) fn gives_plain(&self, at: Ref) -> bool {
        let given = self.project.type_of(at);
        given.is_some_and(|t| self.project.tables.type_row(t).plain)
    }

    /// Whether a member is a promise of what its object is for: `getDocument(file).promise`.
    pub(in crate::lifetime) fn is_promised(&self, member: Ref) -> bool {
        let Node::Member { property, .. } = self.project.node(member) else {
            return false;
        };
        let name = self.project.text(member.file, property);
        self.project.tables.conventions.promised.iter().any(|p| p == name)
    }

    /// `promise.then(f)`, `promise.finally(f)`.
    pub(in crate::lifetime) fn is_promise_step(&self, call: Ref) -> bool {
        let Node::Call { callee, .. } = self.project.node(call) else {
            return false;
        };
        let callee = Ref {
            file: call.file,
            node: callee,
        };
        let last = self.project.last_name(callee);
        last.is_some_and(|name| self.project.tables.conventions.react.iter().any(|s| s == name))
    }

    /// What a promise is for comes to the first function of `then`, and out of it again.
    fn follow_promised(&self, call: Ref, flow: &mut Flow, depth: u32) {
        let facts = self.project.facts(call.file);
        let Node::Call { args, .. } = facts.node(call.node) else {
            return;
        };
        let Some(first) = facts.item(args, 0) else { return };
        let first = Ref {
            file: call.file,
            node: first,
        };
        match self.project.function_value(first, 0) {
            Some(f) => {
                let there = self.project.facts(f.file);
                if let Some(param) = there.item(there.function(f.function).params, 0) {
                    self.follow_into(
                        Ref {
                            file: f.file,
                            node: param,
                        },
                        flow,
                        depth + 1,
                    );
                }
            }
            // `then(resolve)`.
            None => flow.passed.push(call),
        }
        self.follow(call, flow, depth + 1);
    }

    fn follow_object(&self, object: Ref, property: Ref, flow: &mut Flow, depth: u32) {
        let mut place = self.project.place_of_literal(object);
        if place.root != Root::Value(object)
            && let Node::Property { key, .. } = self.project.node(property)
        {
            let node = key;
            place.path.push(self.project.key_of_property(Ref { node, ..property }));
            flow.places.push(place);
        }
        self.follow(object, flow, depth + 1);
    }

    pub(in crate::lifetime) fn follow_into(&self, target: Ref, flow: &mut Flow, depth: u32) {
        let facts = self.project.facts(target.file);
        match facts.node(target.node) {
            Node::Binding(b) => {
                let place = Place::root(Root::Binding(target.file, b));
                if !flow.places.contains(&place) {
                    flow.places.push(place);
                    self.follow_reads(target.file, b, flow, depth);
                }
            }
            Node::Member { object, .. } => {
                flow.places.push(self.project.place(target));
                let node = object;
                if self.is_held_by_others(Ref { node, ..target }) {
                    flow.passed.push(target);
                }
            }
            Node::Index { object, .. } => {
                let place = self.project.place(Ref {
                    file: target.file,
                    node: object,
                });
                flow.collections.push((place, target));
                flow.places.push(self.project.place(target));
            }
            Node::ObjectPattern(_) => flow.taken_apart = true,
            _ => flow.other = true,
        }
    }

    fn follow_reads(&self, file: FileId, b: BindingId, flow: &mut Flow, depth: u32) {
        let facts = self.project.facts(file);
        for node in facts.references_of(b) {
            if !facts.is_written(node) {
                self.follow(Ref { file, node }, flow, depth + 1);
            }
        }
        let exported = facts
            .exports
            .iter()
            .any(|e| matches!(&e.value, crate::facts::ExportValue::Binding(x) if *x == b));
        if exported {
            flow.other = true;
        }
    }

    /// The field that a parameter of a constructor is, too: `constructor(private socket: Socket) {}`.
    fn field_of_parameter(&self, f: Func, param: NodeId) -> Option<Place> {
        let (owner, ..) = self.project.method_around(f)?;
        let mut members = self.project.owner(owner).members.iter();
        let field = members.find(|m| m.kind == MemberKind::ParamField && m.value == Some(param))?;
        let mut place = Place::root(Root::This(owner));
        place
            .path
            .push(Key::Name(self.project.text(owner.file, field.name).into()));
        Some(place)
    }

    /// Whether a call only looks at what it is handed: `console.log(x)`.
    pub(in crate::lifetime) fn is_inert(&self, call: Ref) -> bool {
        let path = self
            .callee_of(call)
            .and_then(|(callee, _)| self.project.path_of(callee));
        path.is_some_and(|path| self.project.tables.conventions.inert.contains(&path))
    }

    /// `new MediaRecorder(stream)`: what is made uses what it is handed, ends it nowhere, and has it under a name.
    fn follow_user(&self, call: Ref, flow: &mut Flow, depth: u32) -> bool {
        let uses = &self.project.tables.conventions.made_to_use;
        let callee = self.callee_of(call).map(|(callee, _)| callee);
        let Some(name) = callee.and_then(|callee| self.project.last_name(callee)) else {
            return false;
        };
        let Some((_, part)) = uses.iter().find(|(maker, _)| maker == name) else {
            return false;
        };
        let mut there = Flow {
            nodes: flow.nodes,
            ..Flow::default()
        };
        self.follow(call, &mut there, depth + 1);
        flow.nodes = there.nodes;
        flow.places.extend(there.places.into_iter().map(|mut place| {
            place.path.push(Key::Name(part.as_str().into()));
            place
        }));
        flow.passed.extend(there.passed);
        flow.returned.extend(there.returned);
        flow.taken_apart |= there.taken_apart;
        flow.other |= there.other || !there.collections.is_empty();
        true
    }

    /// Whether an argument stands behind the words of a message: `log.debug('observing', observer)`.
    fn is_told_to_log(&self, call: Ref, index: usize) -> bool {
        let Some((callee, args)) = self.callee_of(call) else {
            return false;
        };
        let name = self.project.last_name(callee).unwrap_or_default();
        let begins_with_words = || {
            let first = args.first().map(|first| self.project.node(*first));
            matches!(first, Some(Node::Str(_) | Node::Template(_)))
        };
        index > 0 && self.project.tables.conventions.logs.iter().any(|l| l == name) && begins_with_words()
    }

    /// `link.setAttribute('href', url)` puts a value where `link.href = url` does.
    fn attribute_set(&self, call: Ref) -> Option<Place> {
        let facts = self.project.facts(call.file);
        let of = facts.method_call(call.node)?;
        let sets = &self.project.tables.conventions.sets_attributes;
        if !sets.iter().any(|name| name == facts.name(of.method)) {
            return None;
        }
        let name = self.project.constant_text(self.project.argument(call, 0)?, 0)?;
        let mut place = self.project.place(Ref {
            node: of.object,
            ..call
        });
        place.path.push(Key::Name(name));
        Some(place)
    }

    fn follow_argument(&self, call: Ref, index: usize, flow: &mut Flow, depth: u32) {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, .. } = facts.node(call.node) else {
            return;
        };
        if let Node::Member { object, property, .. } = facts.node(callee) {
            let method = facts.name(property);
            if index == 1
                && let Some(field) = self.field_put(call)
            {
                flow.places.push(field);
                return;
            }
            if self.project.tables.conventions.grow.iter().any(|g| g == method) {
                self.collect(Ref { node: object, ..call }, call, flow);
                return;
            }
        }
        let callee = Ref {
            file: call.file,
            node: callee,
        };
        if index == 0
            && let Some(promise) = self.promise_fulfilled_by(callee)
        {
            self.follow(promise, flow, depth + 1);
            return;
        }
        if index == 1
            && let Some(attribute) = self.attribute_set(call)
        {
            flow.places.push(attribute);
            return;
        }
        if let Some(state) = self.set_state(callee) {
            self.follow_into(state, flow, depth + 1);
            flow.places.push(self.project.place(state));
            return;
        }
        if index == 0 && self.follow_into_hook(call, flow, depth) {
            return;
        }
        if self.is_inert(call) || self.is_told_to_log(call, index) {
            return;
        }
        if self.follow_user(call, flow, depth) {
            return;
        }
        if index == 0 && self.is_called_on_itself(call) {
            flow.method_calls.push(call);
            return;
        }
        if let Some(f) = self.project.called_function(call) {
            let there = self.project.facts(f.file);
            if let Some(param) = parameter_for(there, f.function, index) {
                // A wrapper that hands all its arguments on hands on this one.
                let (param, is_list) = match there.node(param) {
                    Node::Default { target, .. } => (target, false),
                    Node::Rest(target) => (target, true),
                    _ => (param, false),
                };
                if let Node::Binding(b) = there.node(param) {
                    if is_list && is_worked_on(there, b) {
                        flow.passed.push(call);
                        return;
                    }
                    let place = Place::root(Root::Binding(f.file, b));
                    if !flow.places.contains(&place) {
                        flow.places.push(place);
                        flow.places.extend(self.field_of_parameter(f, param));
                        self.follow_reads(f.file, b, flow, depth + 1);
                        // `const first = await inTime(work)`: what comes of that is the same under another name.
                        if !is_list && self.project.given_back(call) == self.project.argument(call, index) {
                            self.follow(call, flow, depth + 1);
                        }
                        self.follow_message(call, flow, depth);
                    }
                    return;
                }
            }
        }
        // `markRaw(new ResizeObserver(f))`, which is the same under another name.
        if self.project.wrapper_of(call, index) == Some(true) {
            self.follow(call, flow, depth + 1);
            return;
        }
        flow.passed.push(call);
    }
}

impl Judge<'_> {
    /// The promise that a call of a name fulfils: the first parameter of its executor.
    fn promise_fulfilled_by(&self, callee: Ref) -> Option<Ref> {
        let Node::Binding(b) = self.project.node(callee) else {
            return None;
        };
        let (_, index) = self.project.param_position(callee.file, b)?;
        self.executed_by(callee.file, b).filter(|_| index == 0)
    }
}

/// The parameter that gets an argument: one of its own, or the one for all the rest.
fn parameter_for(facts: &FileFacts, f: FunctionId, index: usize) -> Option<NodeId> {
    let params = facts.function(f).params;
    let last = || facts.list(params).next_back();
    facts
        .item(params, index)
        .or_else(|| last().filter(|last| matches!(facts.node(*last), Node::Rest(_))))
}

/// Whether a list of arguments is more than handed on: what is made of it (`handlers.flat()`) is not followed.
fn is_worked_on(facts: &FileFacts, list: BindingId) -> bool {
    facts.references_of(list).any(|node| {
        let up = facts.parent(node);
        matches!(facts.node(up), Node::Member { object, .. } if object == node)
            || matches!(facts.node(up), Node::Loop { .. })
    })
}

/// What a value is one of the outcomes of: `mobile ? [a] : [b]`.
fn outermost_choice(facts: &FileFacts, value: NodeId) -> NodeId {
    let mut chosen = value;
    loop {
        let up = facts.parent(chosen);
        match facts.node(up) {
            Node::Conditional { test, .. } if test != chosen => chosen = up,
            Node::Logical { right, .. } if right == chosen => chosen = up,
            _ => return chosen,
        }
    }
}
