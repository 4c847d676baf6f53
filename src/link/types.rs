//! Types of values, as far as evidence goes: construction, imports, annotations, results of known calls, parameters
//! of known callbacks. And how long a value lives.

use super::known::Rank;
use super::qualified::last_part;
use super::{Func, Key, MAX_DEPTH, OwnerId, Place, Project, Ref, Root, Use};
use crate::facts::{BindingId, BindingKind, CallKind, ELEMENT, FileFacts, MemberKind, Name, Node, TYPE_OF};
use crate::tables::{Lives, TypeId};

/// How long the thing at a place lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// As long as the process or page: globals, module state, singletons of packages.
    Process,
    /// Longer than what uses it: handed in, injected, imported from an owner.
    Outer,
    /// As long as a connection.
    Connection,
    /// As long as a request.
    Request,
    /// As long as the object it is a field of.
    Instance(OwnerId),
    /// As long as one activation of a function, unless it escapes.
    Call(Func),
    /// Nobody knows.
    Unknown,
}

impl Project {
    /// The type of an expression's value.
    pub fn type_of(&self, at: Ref) -> Option<TypeId> {
        self.known(Rank::Type, &self.known.types, at, || self.type_at(at, 0))
    }

    fn type_at(&self, at: Ref, depth: u32) -> Option<TypeId> {
        let _leave = super::fuel::spend()?;
        if depth > MAX_DEPTH {
            return None;
        }
        let facts = self.facts(at.file);
        let inner = |node| self.type_at(Ref { file: at.file, node }, depth + 1);
        match facts.node(at.node) {
            Node::Await(v) => {
                let promise = Ref { node: v, ..at };
                self.type_of_promised(promise, depth).or_else(|| inner(v))
            }
            Node::Spread(v) => inner(v),
            Node::Assign { value, .. } => inner(value),
            Node::Logical { left, right, .. } => inner(left).or_else(|| inner(right)),
            Node::Conditional { yes, no, .. } => inner(yes).or_else(|| inner(no)),
            Node::Sequence(list) => facts.list(list).next_back().and_then(inner),
            Node::Array(_) => self.tables.type_named("Array"),
            Node::This => {
                let f = Func {
                    file: at.file,
                    function: facts.enclosing_function(at.node),
                };
                self.type_of_owner(self.this_of(f)?, depth)
            }
            Node::Call { callee, kind, .. } => {
                let callee = Ref {
                    file: at.file,
                    node: callee,
                };
                if kind == CallKind::New {
                    return self.type_of_class(callee, depth);
                }
                if let Some(path) = self.path_of(callee)
                    && let Some(row) = self.tables.value(&format!("{path}()"))
                {
                    if row.of_argument {
                        return self.type_of_class(self.argument(at, 0)?, depth);
                    }
                    return row.type_name.as_deref().and_then(|n| self.tables.type_named(n));
                }
                if let Some(kept) = self.made_for_component(at) {
                    return self.type_at(kept, depth + 1);
                }
                if let Node::Member { object, property, .. } = facts.node(callee.node)
                    && let Some(ty) = inner(object)
                    && let Some(part) = self.tables.part(ty, &format!("{}()", facts.name(property)))
                {
                    return Some(part);
                }
                match self.given_argument(at, depth) {
                    Some(argument) => self.type_at(argument, depth + 1),
                    None => self.type_of_result(at, depth),
                }
            }
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } | Node::Index { .. } => {
                let direct = match facts.node(at.node) {
                    Node::Binding(b) => self.annotated(at.file, b, depth),
                    _ => None,
                };
                direct
                    .or_else(|| self.type_of_place(&self.place(at), depth + 1))
                    .or_else(|| match facts.node(at.node) {
                        Node::Binding(b) => inner(facts.default_of(b)?),
                        Node::Member { object, property, .. } => {
                            let ty = inner(object)?;
                            self.tables.part(ty, facts.name(property))
                        }
                        _ => None,
                    })
            }
            _ => None,
        }
    }

    /// The type of what a function gets that goes through a list: `list.querySelectorAll('li').forEach((item) => ...)`.
    fn type_of_element(&self, file: super::FileId, b: BindingId, depth: u32) -> Option<TypeId> {
        let binding = self.facts(file).binding(b);
        if binding.kind != BindingKind::Param {
            // `for (const client of server.clients)`
            let is_of_loop = matches!(binding.kind, BindingKind::Const | BindingKind::Let) && binding.init.is_none();
            let (list, part) = self.gone_through(file, b).filter(|_| is_of_loop)?;
            let list = self.type_at(list, depth + 1).filter(|_| part.is_empty())?;
            return self.tables.part(list, ELEMENT);
        }
        let (f, 0) = self.param_position(file, b)? else {
            return None;
        };
        let facts = self.facts(file);
        let function = self.function(f).node;
        let call = facts.method_call(facts.parent(function))?;
        let method = facts.name(call.method);
        let goes_through = self.tables.conventions.read.iter().any(|m| m == method);
        if !goes_through || facts.item(call.args, 0) != Some(function) {
            return None;
        }
        let list = self.type_at(
            Ref {
                file,
                node: call.object,
            },
            depth + 1,
        )?;
        self.tables.part(list, ELEMENT)
    }

    fn annotated(&self, file: super::FileId, b: BindingId, depth: u32) -> Option<TypeId> {
        let name = self.facts(file).binding(b).type_name?;
        self.type_of_annotation(file, name, depth)
    }

    /// The type an annotation names: through an import if there is one, else a well-known name.
    pub fn type_of_annotation(&self, file: super::FileId, name: Name, depth: u32) -> Option<TypeId> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.known(Rank::AnnotatedType, &self.known.annotated_types, (file, name), || {
            self.find_type_of_annotation(file, name, 0)
        })
    }

    fn find_type_of_annotation(&self, file: super::FileId, name: Name, depth: u32) -> Option<TypeId> {
        let _leave = super::fuel::spend().filter(|_| depth <= MAX_DEPTH)?;
        let text = self.text(file, name);
        if let Some(function) = text.strip_suffix("()") {
            return self.type_of_results(file, function, depth);
        }
        if let Some(value) = text.strip_prefix(TYPE_OF) {
            let place = self.place_of_type(file, value, depth + 1)?;
            return self.type_of_place(&place, depth + 1);
        }
        if let Some(place) = self.place_of_type(file, text, depth + 1) {
            if let Some(path) = self.path_of_place(&place)
                && let Some(t) = self.tables.class_type(&path)
            {
                return Some(t);
            }
            if let Some(value) = self.value_of_place(&place)
                && let Some(owner) = self.owner_made_by(value)
            {
                return self.type_of_owner(owner, depth + 1);
            }
            if let Some((home, name)) = self.in_own_namespace(&place) {
                return self.find_type_of_annotation(home, name, depth + 1);
            }
            let is_written = || self.facts(file).written_type(name).is_some();
            if matches!(place.root, Root::Binding(home, _) if home == file) && !is_written() {
                return None;
            }
        }
        match self.bases_of(file, name) {
            Some(mut bases) => bases.find_map(|(home, base)| self.find_type_of_annotation(home, base, depth + 1)),
            None => {
                let last = last_part(text);
                // `L.Map` is no `Map` of the language.
                let is_meant = |_: &TypeId| last.len() == text.len() || self.tables.class_type(last).is_none();
                self.tables.annotation_type(last).filter(is_meant)
            }
        }
    }

    /// What a hook keeps for a component: the one value that its function gives, as in `useMemo(() => new Map(), [])`.
    fn made_for_component(&self, call: Ref) -> Option<Ref> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        let hook = self.path_of(Ref { node: callee, ..call })?;
        if !self.tables.conventions.memo_hooks.contains(&hook) {
            return None;
        }
        let f = self.function_value(self.argument(call, 0)?, 0)?;
        match self.returned_values(f)[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The type of what a function of this name gives back, wherever it is called.
    fn type_of_results(&self, file: super::FileId, function: &str, depth: u32) -> Option<TypeId> {
        let place = self.place_of_type(file, function, depth + 1)?;
        if let Some(path) = self.path_of_place(&place)
            && let Some(row) = self.tables.value(&format!("{path}()"))
        {
            return self.tables.type_named(row.type_name.as_deref()?);
        }
        let f = self.function_value(self.value_of_place(&place)?, depth + 1)?;
        let name = self.function(f).type_name?;
        self.find_type_of_annotation(f.file, name, depth + 1)
    }

    /// The project's own class that an annotation names.
    pub fn owner_of_annotation(&self, file: super::FileId, name: Name) -> Option<OwnerId> {
        self.known(Rank::AnnotatedOwner, &self.known.annotated_owners, (file, name), || {
            self.find_owner_of_annotation(file, name, 0)
        })
    }

    fn find_owner_of_annotation(&self, file: super::FileId, name: Name, depth: u32) -> Option<OwnerId> {
        let _leave = super::fuel::spend().filter(|_| depth <= MAX_DEPTH)?;
        let text = self.text(file, name);
        if let Some(place) = self.place_of_type(file, text, 0) {
            if let Some(owner) = self.value_of_place(&place).and_then(|v| self.owner_made_by(v)) {
                return Some(owner);
            }
            if let Some((home, name)) = self.in_own_namespace(&place) {
                return self.find_owner_of_annotation(home, name, depth + 1);
            }
        }
        let mut bases = self.bases_of(file, name)?;
        bases
            .find_map(|(home, base)| self.find_owner_of_annotation(home, base, depth + 1))
            .or_else(|| self.implementer(file, name))
    }

    /// The type `new value` makes.
    fn type_of_class(&self, at: Ref, depth: u32) -> Option<TypeId> {
        if let Some(t) = self.path_of(at).and_then(|p| self.tables.class_type(&p)) {
            return Some(t);
        }
        self.type_of_owner(self.owner_of_class_value(at, depth + 1)?, depth + 1)
    }

    /// The type of an owner's objects: that of the outermost class they extend.
    pub fn type_of_owner(&self, id: OwnerId, depth: u32) -> Option<TypeId> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.known(Rank::OwnerType, &self.known.owner_types, id, || {
            self.find_type_of_owner(id)
        })
    }

    fn find_type_of_owner(&self, id: OwnerId) -> Option<TypeId> {
        if let Some(cycle) = self.lifecycle(id)
            && let Some(name) = &cycle.row.type_name
        {
            return self.tables.type_named(name);
        }
        for o in self.lineage(id) {
            let Some(superclass) = self.owner(o).superclass else {
                continue;
            };
            let at = Ref {
                file: o.file,
                node: superclass,
            };
            let mut paths = self.extended_paths(at).into_iter();
            if let Some(t) = paths.find_map(|path| self.tables.class_type(&path)) {
                return Some(t);
            }
        }
        None
    }

    /// The type of the value at a place.
    pub fn type_of_place(&self, place: &Place, depth: u32) -> Option<TypeId> {
        let _leave = super::fuel::spend()?;
        if depth > MAX_DEPTH {
            return None;
        }
        self.type_by_values(place, depth)
            .or_else(|| self.type_by_annotations(place, depth))
    }

    fn type_by_values(&self, place: &Place, depth: u32) -> Option<TypeId> {
        if let Some(path) = self.path_of_place(place)
            && let Some(row) = self.tables.value(&path)
        {
            return row.type_name.as_deref().and_then(|n| self.tables.type_named(n));
        }
        match (&place.root, place.path.as_slice()) {
            (Root::Value(at), []) => match self.node(*at) {
                Node::ObjectPattern(_) => None,
                _ => self.type_at(*at, depth + 1),
            },
            (Root::Binding(file, b), []) => {
                let binding = self.facts(*file).binding(*b);
                // What the list is part of says more than how the callback calls its elements.
                if let Some(t) = self.type_of_element(*file, *b, depth) {
                    return Some(t);
                }
                // What a framework hands in is more special than what the code calls it.
                if binding.kind == BindingKind::Param
                    && let Some(t) = self.type_of_hook_param(*file, *b)
                {
                    return Some(t);
                }
                if let Some(t) = self.annotated(*file, *b, depth) {
                    return Some(t);
                }
                if binding.kind == BindingKind::Param {
                    let injected = || self.type_by_injected_name(*file, binding.name);
                    return self.type_of_param(*file, *b, depth + 1).or_else(injected);
                }
                self.definitions(place)
                    .into_iter()
                    .find_map(|d| self.type_at(d, depth + 1))
            }
            (Root::This(owner), []) => self.type_of_owner(*owner, depth + 1),
            (Root::This(owner), [Key::Name(name)]) => {
                let annotated = self.ask_of_member(*owner, name, |file, t| self.type_of_annotation(file, t, depth + 1));
                if annotated.is_some() {
                    return annotated;
                }
                let own = self
                    .field_definitions(*owner, name)
                    .into_iter()
                    .find_map(|d| self.type_at(d, depth + 1));
                own.or_else(|| self.tables.part(self.type_of_owner(*owner, depth + 1)?, name))
            }
            (_, [.., Key::Name(name)]) => {
                if let Some(value) = self.value_of_place(place)
                    && let Some(t) = self.type_at(value, depth + 1)
                {
                    return Some(t);
                }
                // `db.sequelize = sequelize`, where an object is filled and exported.
                let is_of_module = matches!(place.root, Root::Binding(file, b)
                    if self.facts(file).binding(b).function == crate::facts::FunctionId::MODULE);
                let mut put = is_of_module.then(|| self.definitions(place)).into_iter().flatten();
                if let Some(t) = put.find_map(|d| self.type_at(d, depth + 1)) {
                    return Some(t);
                }
                let parent = self.type_of_place(&place.parent()?, depth + 1)?;
                self.tables.part(parent, name)
            }
            _ => None,
        }
    }

    /// The type of what an injector gives to a parameter of a name; without `$`, where the file names the framework.
    fn type_by_injected_name(&self, file: super::FileId, name: Name) -> Option<TypeId> {
        let text = self.text(file, name);
        let found = self.tables.type_injected(text)?;
        let frameworks = &self.tables.conventions.injecting;
        let is_meant = || {
            frameworks
                .iter()
                .any(|framework| self.name_in(file, framework).is_some())
        };
        (text.starts_with('$') || is_meant()).then_some(found)
    }

    /// The function and position of a parameter.
    pub fn param_position(&self, file: super::FileId, b: BindingId) -> Option<(Func, usize)> {
        let facts = self.facts(file);
        let function = facts.binding(b).function;
        let index = facts.list(facts.function(function).params).position(|p| {
            let inner = match facts.node(p) {
                Node::Default { target, .. } | Node::Rest(target) => target,
                _ => p,
            };
            facts.node(inner) == Node::Binding(b)
        })?;
        Some((Func { file, function }, index))
    }

    /// Whose parameter a pattern is, and the how many-th: `function load({ url, signal })`.
    pub fn pattern_position(&self, pattern: Ref) -> Option<(Func, usize)> {
        let facts = self.facts(pattern.file);
        let Node::Function(function) = facts.node(facts.parent(pattern.node)) else {
            return None;
        };
        let index = facts
            .list(facts.function(function).params)
            .position(|p| p == pattern.node)?;
        let file = pattern.file;
        Some((Func { file, function }, index))
    }

    /// The type of what a framework hands to a hook of an object of its own. One that runs again is handed the same
    /// again, and does not own it.
    fn type_of_hook_param(&self, file: super::FileId, b: BindingId) -> Option<TypeId> {
        let (f, index) = self.param_position(file, b)?;
        let (owner, name, method) = self.method_around(f)?;
        let cycle = self.lifecycle(owner).filter(|_| method == f)?;
        let t = cycle.row.params.get(index).filter(|n| !n.is_empty())?;
        matches!(cycle.phase(name), super::Phase::Setup | super::Phase::Teardown).then(|| self.tables.type_named(t))?
    }

    fn type_of_param(&self, file: super::FileId, b: BindingId, depth: u32) -> Option<TypeId> {
        let (f, index) = self.param_position(file, b)?;
        let of_row = |row: usize| {
            let name = self.tables.contexts[row].params.get(index).filter(|n| !n.is_empty())?;
            self.tables.type_named(name)
        };
        if let Some(t) = self.found_by_framework(f).and_then(|found| of_row(found.row)) {
            return Some(t);
        }
        for used in self.uses(f).iter().cloned() {
            if let Some(t) = self.context_row_of(&used).and_then(of_row) {
                return Some(t);
            }
            match used {
                Use::Returned { from } => {
                    let name = self.made_by(from).and_then(|made| made.params.get(index));
                    let by_maker = name.filter(|n| !n.is_empty()).and_then(|n| self.tables.type_named(n));
                    let by_result = || self.rows_of_result(from).into_iter().find_map(of_row);
                    if let Some(t) = by_maker.or_else(by_result) {
                        return Some(t);
                    }
                }
                Use::Called { call } if depth < 6 => {
                    if let Node::Call { args, .. } = self.node(call)
                        && let Some(node) = self.facts(call.file).item(args, index)
                        && let Some(t) = self.type_at(Ref { file: call.file, node }, depth + 4)
                    {
                        return Some(t);
                    }
                }
                _ => {}
            }
        }
        self.found_by_signature(f).and_then(|found| of_row(found.row))
    }

    /// How long the value at a place lives, seen from the code of a function.
    pub fn life_of(&self, place: &Place) -> Life {
        self.life_at(place, 0)
    }

    pub(super) fn life_at(&self, place: &Place, depth: u32) -> Life {
        if depth > 8 {
            return Life::Unknown;
        }
        if let Some(path) = self.path_of_place(place)
            && let Some(row) = self.tables.value(&path)
        {
            return lives(row.lives);
        }
        if let (Some(last), Some(node)) = (place.last(), place.parent())
            && self.leads_outside(last)
            && self.was_before(&node, depth)
        {
            return Life::Outer;
        }
        match &place.root {
            Root::Global => Life::Process,
            Root::External(_) => Life::Process,
            Root::Module(_) => Life::Process,
            Root::This(owner) => match place.path.as_slice() {
                [] => Life::Instance(*owner),
                [Key::Name(name), ..] => self.life_of_field(*owner, name, place, depth),
                _ => Life::Unknown,
            },
            Root::Binding(file, b) => self.life_of_binding(*file, *b, place, depth),
            Root::Value(at) => self.life_of_value(*at, depth),
        }
    }

    /// Whether a member of a node leads to what it stands in.
    pub fn leads_outside(&self, member: &str) -> bool {
        self.tables.conventions.leads_outside.iter().any(|m| m == member)
    }

    /// Whether a node of the page was there before the code that names it: it was handed in, or is the object itself.
    fn was_before(&self, node: &Place, depth: u32) -> bool {
        let is_itself = matches!(node.root, Root::This(_)) && node.path.is_empty();
        // `event.target`: a node of whoever listens.
        let is_part = !matches!(node.root, Root::This(_)) && !node.path.is_empty();
        is_itself || !is_part && self.life_at(node, depth + 1) == Life::Outer
    }

    fn life_of_binding(&self, file: super::FileId, b: BindingId, place: &Place, depth: u32) -> Life {
        let facts = self.facts(file);
        let binding = facts.binding(b);
        if binding.function == crate::facts::FunctionId::MODULE {
            return Life::Process;
        }
        if binding.kind == BindingKind::Param {
            if let Some(t) = self.type_of_place(place, depth + 1)
                && let Some(l) = self.tables.type_row(t).lives
            {
                return lives(l);
            }
            let made: Vec<_> = if place.path.is_empty() {
                Vec::new()
            } else {
                self.definitions(place)
            };
            let here = Func {
                file,
                function: binding.function,
            };
            let is_made_here = |d: &Ref| {
                let function = self.function_at(*d);
                matches!(self.life_of_value(*d, depth + 1), Life::Call(_)) && function == here
            };
            if !made.is_empty() && made.iter().all(is_made_here) {
                // A part that is made here ends with what it is a part of.
                return Life::Call(here);
            }
            if place.path.is_empty() && self.is_made_for_step(here, b, depth) {
                return Life::Call(here);
            }
            return Life::Outer;
        }
        let here = Life::Call(Func {
            file,
            function: binding.function,
        });
        if !place.path.is_empty() {
            return self.life_of_part(place, depth).unwrap_or(here);
        }
        let mut defined = self.definitions(place);
        if defined.len() > 1 {
            // `let target = null; if (wide) target = window; else target = box;`
            defined.retain(|d| !self.node(*d).is_absent());
            if defined.iter().any(|d| self.is_page(*d)) {
                return Life::Process;
            }
        }
        if let [only] = defined[..] {
            return match self.life_of_value(only, depth + 1) {
                Life::Unknown => here,
                known => known,
            };
        }
        if defined.is_empty()
            && let Some(life) = self.life_of_element(file, b, depth)
        {
            return life;
        }
        // `let box = element.parentElement; while (box) box = box.parentElement;`
        let is_outside = |d: &Ref| match self.node(*d) {
            Node::Member { property, .. } => self.leads_outside(self.text(d.file, property)),
            _ => false,
        };
        if depth < 4 && !defined.is_empty() && defined.iter().all(is_outside) {
            return match self.life_of_value(defined[0], depth + 1) {
                Life::Outer => Life::Outer,
                _ => here,
            };
        }
        here
    }

    /// How long what a loop goes through lives, where the list was there before, or is written down with the page in it:
    /// `for (const link of this.links)`, `for (const target of [window, box])`.
    fn life_of_element(&self, file: super::FileId, b: BindingId, depth: u32) -> Option<Life> {
        let (list, _) = self.gone_through(file, b)?;
        if let Node::Array(items) = self.node(list) {
            let mut items = self.facts(file).list(items);
            return items
                .any(|node| self.is_page(Ref { file, node }))
                .then_some(Life::Process);
        }
        match self.life_of_value(list, depth + 1) {
            Life::Process | Life::Outer | Life::Connection => Some(Life::Outer),
            _ => None,
        }
    }

    /// Whether a parameter gets what a function of the project has made for a promise: `open().then((stream) => { ... })`.
    fn is_made_for_step(&self, f: Func, parameter: BindingId, depth: u32) -> bool {
        let facts = self.facts(f.file);
        let step = self.function_node(f);
        let call = Ref {
            node: facts.parent(step.node),
            ..step
        };
        let steps = &self.tables.conventions.on_success;
        let method = facts.method_call(call.node);
        let Some(method) = method.filter(|m| steps.iter().any(|s| s == facts.name(m.method))) else {
            return false;
        };
        let is_first = self.argument(call, 0) == Some(step) && self.param_position(f.file, parameter) == Some((f, 0));
        let asked = Ref {
            node: method.object,
            ..call
        };
        let Some(maker) = self.called_function(asked).filter(|_| is_first) else {
            return false;
        };
        let given = self.returned_values(maker);
        let is_made = |value: &Ref| self.life_of_value(*value, depth + 1) == Life::Call(maker);
        !given.is_empty() && given.iter().all(is_made)
    }

    /// How long a part of what a variable got from elsewhere lives: as long as that, unless it is made on the spot.
    fn life_of_part(&self, place: &Place, depth: u32) -> Option<Life> {
        if !self.definitions(place).is_empty() {
            return None;
        }
        let whole = Place::root(place.root.clone());
        let [only] = self.definitions(&whole)[..] else {
            return None;
        };
        let life = match self.copied_part(only, &place.path) {
            Some(part) => self.life_at(&part, depth + 1),
            None => self.life_of_value(only, depth + 1),
        };
        matches!(life, Life::Process | Life::Outer).then_some(life)
    }

    /// What a part of a copy is a part of first: `given.signal` for the signal of `{ retries: 10, ...given }`.
    pub fn copied_part(&self, copy: Ref, path: &[Key]) -> Option<Place> {
        let (Node::Object(list), Some(Key::Name(name))) = (self.node(copy), path.first()) else {
            return None;
        };
        if self.property(copy, name).is_some() {
            return None;
        }
        let facts = self.facts(copy.file);
        let copied = facts.list(list).rev().find_map(|part| match facts.node(part) {
            Node::Spread(value) => Some(Ref { node: value, ..copy }),
            _ => None,
        })?;
        let mut part = self.place(copied);
        part.path.extend(path.iter().cloned());
        Some(part)
    }

    fn life_of_field(&self, owner: OwnerId, name: &str, place: &Place, depth: u32) -> Life {
        let lives_as = self
            .type_of_place(place, depth + 1)
            .map(|t| self.tables.type_row(t).lives);
        if lives_as == Some(Some(Lives::Part)) {
            return Life::Instance(owner);
        }
        if let Some(life) = self.life_of_own_part(owner, name, depth) {
            return life;
        }
        for o in self.lineage(owner) {
            let Some(wanted) = self.name_in(o.file, name) else {
                continue;
            };
            for m in self.owner(o).members.iter().filter(|m| m.name == wanted) {
                if m.kind == MemberKind::ParamField {
                    return Life::Outer;
                }
            }
        }
        let defs: Vec<_> = self
            .field_definitions(owner, name)
            .into_iter()
            .filter(|d| {
                !matches!(
                    self.node(*d),
                    Node::Null | Node::Undefined | Node::Empty | Node::Bool(_)
                )
            })
            .collect();
        let mut life = Life::Unknown;
        for def in &defs {
            life = match self.life_of_value(*def, depth + 1) {
                Life::Call(_) => Life::Instance(owner),
                other => other,
            };
            if matches!(life, Life::Process | Life::Outer | Life::Connection) {
                return life;
            }
        }
        if defs.is_empty() {
            // A field that only others fill, or a framework: what it holds came from outside.
            if let Some(t) = self.type_of_place(place, depth + 1)
                && let Some(l) = self.tables.type_row(t).lives
            {
                return lives(l);
            }
            return match self.is_injected(owner, name) {
                true => Life::Outer,
                false => Life::Unknown,
            };
        }
        life
    }

    /// How long what a getter gives lives, where that is what its object has or what a part of it gives:
    /// `get name() { return this.form.get('name'); }`.
    fn life_of_own_part(&self, owner: OwnerId, name: &str, depth: u32) -> Option<Life> {
        let (o, getter) = self.member(owner, name).filter(|(_, m)| m.kind == MemberKind::Getter)?;
        let f = Func {
            file: o.file,
            function: getter.function?,
        };
        let [only] = self.given_values(f)[..] else { return None };
        let part = match self.node(only) {
            Node::Call { callee, .. } => match self.node(Ref { node: callee, ..only }) {
                Node::Member { object, .. } => Ref { node: object, ..only },
                _ => return None,
            },
            _ => only,
        };
        let place = self.place(part);
        let is_own = matches!(place.root, Root::This(of) if self.is_related(of, owner)) && !place.path.is_empty();
        is_own.then(|| self.life_at(&place, depth + 1))
    }

    /// How long what a construction makes lives, where that is longer than who makes it: it polls by itself, or is heard
    /// through something that was there before.
    fn life_of_made(&self, at: Ref, class: Ref, depth: u32) -> Option<Life> {
        let row = self.tables.type_row(self.type_of_class(class, depth)?);
        if row.stays_heard {
            return Some(Life::Process);
        }
        let through = self.argument(at, row.heard_through?)?;
        match self.life_of_value(through, depth + 1) {
            Life::Call(_) | Life::Unknown => None,
            _ if self.is_ended_where_made(through) => None,
            life => Some(life),
        }
    }

    /// Whether code ends what a variable of a function holds, or takes off all that listens to it.
    fn is_ended_where_made(&self, at: Ref) -> bool {
        let facts = self.facts(at.file);
        let Node::Binding(b) = facts.node(at.node) else {
            return false;
        };
        let is_end = |method: &str| {
            let takes_all = |&(row, i): &(usize, usize)| self.tables.releases[row][i].params.is_empty();
            self.tables.conventions.end.iter().any(|end| end == method)
                || self.tables.releases_named(method).iter().any(takes_all)
        };
        let mut called = facts.references_of(b).filter_map(|n| facts.method_called_on(n));
        called.any(|call| facts.list(call.args).next().is_none() && is_end(facts.name(call.method)))
    }

    pub(super) fn life_of_value(&self, at: Ref, depth: u32) -> Life {
        if depth > 8 {
            return Life::Unknown;
        }
        let facts = self.facts(at.file);
        match facts.node(at.node) {
            Node::Call { callee, kind, .. } => {
                let callee = Ref {
                    file: at.file,
                    node: callee,
                };
                let here = Func {
                    file: at.file,
                    function: facts.enclosing_function(at.node),
                };
                if kind == CallKind::New {
                    return self.life_of_made(at, callee, depth).unwrap_or_else(|| made_in(here));
                }
                // `spawn.apply(null, args)` gives what `spawn(...args)` gives.
                let applied = match facts.node(callee.node) {
                    Node::Member { object, property, .. } if matches!(facts.name(property), "apply" | "call") => Ref {
                        file: at.file,
                        node: object,
                    },
                    _ => callee,
                };
                if let Some(path) = self.path_of(applied)
                    && let Some(row) = self.tables.value(&format!("{path}()"))
                {
                    if row.wraps_argument && self.wraps_page(at) {
                        return Life::Process;
                    }
                    // `inject(ElementRef)`: what an injector gives may be a part of who asks for it.
                    let of_asker = row.of_argument.then(|| self.type_of(at)).flatten();
                    let is_part = of_asker.is_some_and(|t| self.tables.type_row(t).lives == Some(Lives::Part));
                    return match row.lives {
                        Lives::Fresh | Lives::Part => made_in(here),
                        _ if is_part => made_in(here),
                        other => lives(other),
                    };
                }
                if let Node::Member { object, property, .. } = facts.node(callee.node)
                    && self.leads_outside(facts.name(property))
                    && self.was_before(&self.place(Ref { node: object, ..at }), depth)
                {
                    return Life::Outer;
                }
                if let Some(receiver) = self.before_chained(at) {
                    return self.life_of_value(receiver, depth + 1);
                }
                if let Some(place) = self.given_place(at, depth) {
                    return self.life_at(&place, depth + 1);
                }
                if let Some(argument) = self.given_argument(at, depth) {
                    return self.life_of_value(argument, depth + 1);
                }
                match made_in(here) {
                    Life::Process => Life::Process,
                    _ => self.life_of_asked(at, depth).unwrap_or(Life::Unknown),
                }
            }
            Node::Object(_) | Node::Array(_) | Node::Function(_) | Node::Class(_) | Node::Template(_) => {
                made_in(Func {
                    file: at.file,
                    function: facts.enclosing_function(at.node),
                })
            }
            Node::ObjectPattern(_) | Node::ArrayPattern(_) | Node::Default { .. } => Life::Outer,
            // One of the ways leads to the page: `wide ? window : box`.
            Node::Logical {
                left: one, right: two, ..
            }
            | Node::Conditional { yes: one, no: two, .. }
                if self.is_page(Ref { node: one, ..at }) || self.is_page(Ref { node: two, ..at }) =>
            {
                Life::Process
            }
            Node::Logical { left, right, .. } => match self.life_of_value(
                Ref {
                    file: at.file,
                    node: left,
                },
                depth + 1,
            ) {
                Life::Unknown => self.life_of_value(
                    Ref {
                        file: at.file,
                        node: right,
                    },
                    depth + 1,
                ),
                known => known,
            },
            Node::Conditional { yes, no, .. } => {
                match self.life_of_value(
                    Ref {
                        file: at.file,
                        node: yes,
                    },
                    depth + 1,
                ) {
                    Life::Unknown => self.life_of_value(
                        Ref {
                            file: at.file,
                            node: no,
                        },
                        depth + 1,
                    ),
                    known => known,
                }
            }
            Node::Binding(_) | Node::Member { .. } | Node::Global(_) | Node::This => {
                let place = self.place(at);
                if place.root == Root::Value(at) {
                    Life::Unknown
                } else {
                    self.life_at(&place, depth + 1)
                }
            }
            Node::Await(v) | Node::Assign { value: v, .. } => {
                self.life_of_value(Ref { file: at.file, node: v }, depth + 1)
            }
            _ => Life::Unknown,
        }
    }
}

/// What a function makes ends with it, if nothing else holds it; what a module makes, as in `export default new Bus()`,
/// lives as long as the module.
fn made_in(f: Func) -> Life {
    if f.function == crate::facts::FunctionId::MODULE {
        Life::Process
    } else {
        Life::Call(f)
    }
}

fn lives(l: Lives) -> Life {
    match l {
        Lives::Process => Life::Process,
        Lives::Outer => Life::Outer,
        Lives::Connection => Life::Connection,
        Lives::Request => Life::Request,
        Lives::Fresh | Lives::Part => Life::Unknown,
    }
}

pub(super) fn top_level_binding(facts: &FileFacts, name: Name) -> Option<BindingId> {
    facts
        .bindings
        .iter()
        .position(|b| b.name == name && b.function == crate::facts::FunctionId::MODULE)
        .map(|i| BindingId(i as u32))
}
