//! Growth: elements added again and again to a collection that outlives the code that adds them.

use super::{Acquisition, Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::facts::{AssignOp, BinaryOp, BindingKind, CallKind, Node};
use crate::finding::{Cause, Confidence, Role};
use crate::link::{FileId, Func, Key, OwnerId, Place, Ref, Repetition, Root, Use};

const RULE: &str = "growing-collection";

/// Through how many functions a collection that is an argument is followed.
const MAX_HANDED_ON: u32 = 4;

/// One place in the code where a collection grows.
struct Growth {
    at: Ref,
    /// The expression of the collection.
    collection: Ref,
    key: Option<Ref>,
}

/// What a reference to a collection does to it.
enum Touch {
    /// Takes something out, empties or replaces it.
    Shrinks,
    /// Adds to it.
    Grows,
    /// Reads it.
    Reads,
    /// Calls a reader whose result is dropped: meant to shrink it, perhaps.
    ReadsForNothing,
    /// Hands it to code that is not followed.
    Escapes,
}

impl Judge<'_> {
    /// Judges every growth of a file.
    pub(super) fn judge_collections(&self, file: FileId, out: &mut Vec<Judged>) {
        for growth in self.growths(file) {
            let place = self.project.place(growth.collection);
            if !self.may_outlive(&place) {
                continue;
            }
            let verdict = self.judge_growth(&growth, &place);
            let acquisition = Acquisition {
                rule: RULE.to_owned(),
                what: "element".to_owned(),
                at: growth.at,
                kind: Kind::Growth { place, key: growth.key },
            };
            out.push(Judged { acquisition, verdict });
        }
    }

    fn growths(&self, file: FileId) -> Vec<Growth> {
        let facts = self.project.facts(file);
        let conventions = &self.project.tables.conventions;
        let here = |node| Ref { file, node };
        let mut out = Vec::new();
        for &node in &facts.calls {
            let Node::Call { callee, args, .. } = facts.node(node) else {
                continue;
            };
            let Node::Member { object, property, .. } = facts.node(callee) else {
                continue;
            };
            let method = facts.name(property);
            if !conventions.grow.iter().any(|g| g == method) || matches!(method, "splice" | "concat") {
                continue;
            }
            let arity = facts.list(args).len();
            if arity == 0 || (method == "set" && arity != 2) || (method == "add" && arity != 1) {
                continue;
            }
            let keyed = matches!(method, "set" | "add");
            out.push(Growth {
                at: here(node),
                collection: here(object),
                key: if keyed { facts.item(args, 0).map(here) } else { None },
            });
        }
        for &node in &facts.writes {
            let Node::Assign { target, value, op } = facts.node(node) else {
                continue;
            };
            match facts.node(target) {
                Node::Index { object, key }
                    if matches!(op, AssignOp::Set | AssignOp::Or | AssignOp::Nullish)
                        && self.project.constant_text(here(key), 0).is_none() =>
                {
                    // A dynamic key; constant ones are fields.
                    out.push(Growth {
                        at: here(node),
                        collection: here(object),
                        key: Some(here(key)),
                    });
                }
                Node::Binding(_) | Node::Member { .. } => {
                    let grows = match op {
                        AssignOp::Add => self.is_text(here(target)),
                        AssignOp::Set => self.is_spread_of(here(value), here(target)),
                        _ => false,
                    };
                    if grows {
                        out.push(Growth {
                            at: here(node),
                            collection: here(target),
                            key: None,
                        });
                    }
                }
                _ => {}
            }
        }
        out.sort_by_key(|g| g.at);
        out
    }

    /// A variable that starts as a string.
    fn is_text(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        self.project
            .definitions(&place)
            .first()
            .is_some_and(|d| matches!(self.project.node(*d), Node::Str(_) | Node::Template(_)))
    }

    /// `[...target, x]`, `{ ...target, [k]: v }`, `target.concat(x)`.
    fn is_spread_of(&self, value: Ref, target: Ref) -> bool {
        let facts = self.project.facts(value.file);
        let place = self.project.place(target);
        let same = |node| {
            self.project
                .same_place(&self.project.place(Ref { file: value.file, node }), &place)
        };
        match facts.node(value.node) {
            Node::Array(items) => {
                facts.list(items).len() > 1
                    && facts
                        .list(items)
                        .any(|i| matches!(facts.node(i), Node::Spread(v) if same(v)))
            }
            Node::Object(items) => {
                facts
                    .list(items)
                    .any(|i| matches!(facts.node(i), Node::Spread(v) if same(v)))
                    && facts.list(items).any(|i| match facts.node(i) {
                        Node::Property { key, .. } => facts.string(key).is_none(),
                        _ => false,
                    })
            }
            Node::Call { callee, .. } => match facts.node(callee) {
                Node::Member { object, property, .. } => facts.name(property) == "concat" && same(object),
                _ => false,
            },
            Node::Binary {
                left,
                op: BinaryOp::Add,
                ..
            } => same(left) && self.is_text(target),
            _ => false,
        }
    }

    /// Only module state, statics, globals and fields can outlive what adds to them.
    fn may_outlive(&self, place: &Place) -> bool {
        match &place.root {
            Root::Binding(file, b) => {
                let facts = self.project.facts(*file);
                let binding = facts.binding(*b);
                binding.function == crate::facts::FunctionId::MODULE && binding.kind != BindingKind::Catch
            }
            Root::This(_) => place.path.len() == 1,
            Root::Global => !place.path.is_empty(),
            _ => false,
        }
    }

    fn judge_growth(&self, growth: &Growth, place: &Place) -> Verdict {
        let f = self.project.function_at(growth.at);
        if let Some(reason) = self.not_a_plain_collection(place, growth) {
            return Verdict::bounded(reason);
        }
        if self.is_capped(place, growth) {
            return Verdict::bounded("it takes nothing more once it is full");
        }
        if let Some(reason) = growth.key.and_then(|k| self.bounded_key(k, growth.at)) {
            return Verdict::bounded(reason);
        }
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(growth.at, f, &scope);
        let mut confidence = match self.growth_confidence(place, &repetition, f) {
            Ok(confidence) => confidence,
            Err(verdict) => return verdict,
        };
        let mut evidence = Vec::new();
        let mut cause = Cause::NeverBounded;
        for at in self.collection_references(place, growth.at) {
            match self.touch(at, place, 0) {
                Touch::Shrinks => {
                    return Verdict::released("something takes elements out", Some(at));
                }
                Touch::Escapes => {
                    return Verdict::Unknown(
                        "the collection is handed to other code".into(),
                        vec![Evidence {
                            role: Role::Flow,
                            at,
                            text: "handed on here".into(),
                        }],
                    );
                }
                Touch::ReadsForNothing => {
                    cause = Cause::ReleaseWithoutEffect;
                    evidence.push(Evidence {
                        role: Role::Release,
                        at,
                        text: "its result is dropped; nothing is taken out".into(),
                    });
                }
                Touch::Grows | Touch::Reads => {}
            }
        }
        if self.size_check(place, growth) {
            confidence = confidence.min(Confidence::Medium);
        }
        if let Some(at) = self.declaration(place) {
            let text = format!("`{}` lives as long as the process", self.show_place(place));
            evidence.insert(
                0,
                Evidence {
                    role: Role::Holder,
                    at,
                    text,
                },
            );
        }
        evidence.extend(self.context_evidence(&repetition));
        Verdict::Leak(Leak {
            cause,
            confidence,
            holder: format!("`{}`", self.show_place(place)),
            often: self.often(&repetition),
            release: String::new(),
            evidence,
        })
    }

    fn growth_confidence(&self, place: &Place, repetition: &Repetition, f: Func) -> Result<Confidence, Verdict> {
        if f.function == crate::facts::FunctionId::MODULE || matches!(repetition, Repetition::Once) {
            return Err(Verdict::bounded("this code runs once"));
        }
        if let Root::This(owner) = place.root {
            return self.field_confidence(owner, repetition);
        }
        match repetition {
            Repetition::Repeated { proven: true, .. } => Ok(Confidence::High),
            Repetition::Repeated { .. } => Ok(Confidence::Medium),
            _ => Ok(Confidence::Low),
        }
    }

    /// A field outlives what adds to it if its object does: one object, many events.
    fn field_confidence(&self, owner: OwnerId, repetition: &Repetition) -> Result<Confidence, Verdict> {
        let proven = matches!(repetition, Repetition::Repeated { proven: true, .. });
        match self.project.instances_of(owner) {
            Repetition::Once if proven => Ok(Confidence::High),
            Repetition::Once if repetition.is_repeated() => Ok(Confidence::Medium),
            Repetition::Repeated { .. } => Err(Verdict::unknown("the object itself comes and goes")),
            Repetition::Unknown | Repetition::Once => Ok(Confidence::Low),
        }
    }

    /// Weak collections, caches with a bound, and things that are no collections at all.
    fn not_a_plain_collection(&self, place: &Place, growth: &Growth) -> Option<String> {
        let defs: Vec<_> = self
            .project
            .definitions(place)
            .into_iter()
            .filter(|d| !matches!(self.project.node(*d), Node::Null | Node::Undefined | Node::Empty))
            .collect();
        if matches!(place.root, Root::Global) && defs.is_empty() {
            // `window.dataLayer.push`, `process.env[x] = y`: somebody else's.
            return Some("the collection belongs to other code".into());
        }
        if defs.is_empty() {
            return Some("nobody says what the collection is".into());
        }
        for def in defs {
            if let Some(t) = self.project.type_of(def)
                && self.project.tables.is_a(t, "Weak")
            {
                return Some("weak collections keep nothing alive".into());
            }
            let plain = self.is_plain_collection(def, 0)
                || self.is_spread_of(def, growth.collection)
                || matches!(
                    self.project.node(def),
                    Node::Str(_) | Node::Template(_) | Node::Binary { .. }
                );
            if !plain {
                return Some("not a plain array, Map, Set or object".into());
            }
        }
        None
    }

    fn is_plain_collection(&self, def: Ref, depth: u32) -> bool {
        if depth > 4 {
            return false;
        }
        let facts = self.project.facts(def.file);
        let inner = |node| self.is_plain_collection(Ref { file: def.file, node }, depth + 1);
        match facts.node(def.node) {
            Node::Array(_) | Node::Object(_) => true,
            Node::Call { callee, kind, .. } => {
                let callee = Ref {
                    file: def.file,
                    node: callee,
                };
                let path = self.project.path_of(callee);
                match (kind, path.as_deref()) {
                    (CallKind::New, Some(p)) => self
                        .project
                        .tables
                        .class_type(p)
                        .is_some_and(|t| ["Map", "Set", "Array"].iter().any(|n| self.project.tables.is_a(t, n))),
                    (_, Some("Object.create" | "Array" | "Object")) => true,
                    _ => false,
                }
            }
            Node::Logical { left, right, .. } => inner(right) || inner(left),
            Node::Assign { value, .. } => inner(value),
            _ => false,
        }
    }

    /// Keys of which there are only so many.
    fn bounded_key(&self, key: Ref, growth: Ref) -> Option<String> {
        let facts = self.project.facts(key.file);
        if self.project.constant_text(key, 0).is_some() {
            return Some("its key is a constant".into());
        }
        if let Node::Binding(b) = facts.node(key.node) {
            let binding = facts.binding(b);
            let typed = binding.type_name.map(|n| facts.name(n));
            if matches!(typed, Some("literal" | "boolean")) {
                return Some("its key has only a few values".into());
            }
            // A name bound by a loop over something that is there already.
            let looped = facts.ancestors(growth.node).any(|up| match facts.node(up) {
                Node::Loop { parts, .. } => facts
                    .item(parts, 0)
                    .is_some_and(|t| facts.is_inside(self.first_node(key.file, b), t)),
                _ => false,
            });
            if looped {
                return Some("its keys come from a loop over what is there already".into());
            }
        }
        if self.is_always_constant(key) {
            return Some("every caller gives a constant key".into());
        }
        // `process.env.X`, `req.method`: few values.
        if let Node::Member { property, .. } = facts.node(key.node)
            && matches!(
                facts.name(property),
                "method" | "nodeName" | "tagName" | "constructor" | "type" | "kind"
            )
        {
            return Some("its key has only a few values".into());
        }
        // `arr[arr.length - 1] = x`, `arr[i % n] = x`: slots.
        if let Node::Binary { op, .. } = facts.node(key.node)
            && matches!(op, BinaryOp::Other | BinaryOp::Sub)
        {
            return Some("its key is a slot number".into());
        }
        None
    }

    /// A parameter for which every caller gives a constant.
    fn is_always_constant(&self, key: Ref) -> bool {
        let Node::Binding(b) = self.project.node(key) else {
            return false;
        };
        let Some((f, index)) = self.project.param_position(key.file, b) else {
            return false;
        };
        let uses = self.project.uses(f);
        !uses.is_empty()
            && uses.iter().all(|used| match used {
                Use::Called { call } => match self.project.node(*call) {
                    Node::Call { args, .. } => self
                        .project
                        .facts(call.file)
                        .item(args, index)
                        .is_some_and(|node| self.project.constant_text(Ref { file: call.file, node }, 0).is_some()),
                    _ => false,
                },
                _ => false,
            })
    }

    /// `if (collection.size < limit) collection.add(x)`.
    fn is_capped(&self, place: &Place, growth: &Growth) -> bool {
        let facts = self.project.facts(growth.at.file);
        facts.ancestors(growth.at.node).any(|up| {
            let Node::If { test, yes, .. } = facts.node(up) else {
                return false;
            };
            let Node::Binary {
                left,
                op: BinaryOp::Lt | BinaryOp::Le,
                ..
            } = facts.node(test)
            else {
                return false;
            };
            let Node::Member { object, property, .. } = facts.node(left) else {
                return false;
            };
            facts.is_inside(growth.at.node, yes)
                && matches!(facts.name(property), "length" | "size")
                && self.project.same_place(
                    &self.project.place(Ref {
                        file: growth.at.file,
                        node: object,
                    }),
                    place,
                )
        })
    }

    fn first_node(&self, file: FileId, b: crate::facts::BindingId) -> crate::facts::NodeId {
        let facts = self.project.facts(file);
        facts.references_of(b).next().unwrap_or(crate::facts::NodeId(0))
    }

    /// Every reference to the collection in the project.
    fn collection_references(&self, place: &Place, growth: Ref) -> Vec<Ref> {
        let mut files = self.release_files(growth, std::slice::from_ref(place));
        if let Root::This(owner) = place.root {
            for &(importer, _) in self.project.importers(owner.file) {
                if !files.contains(&importer) {
                    files.push(importer);
                }
            }
        }
        let mut out = self.references_to(place, &files);
        if let (Root::Binding(file, b), true) = (&place.root, place.path.is_empty()) {
            let facts = self.project.facts(*file);
            for export in &facts.exports {
                if matches!(&export.value, crate::facts::ExportValue::Binding(x) if x == b) {
                    out.extend(self.project.imported_references(*file, facts.name(export.name), place));
                }
            }
            // Exported as a property of `module.exports = { collection }`.
            out.extend(
                self.project
                    .imported_references(*file, facts.name(facts.binding(*b).name), place),
            );
        }
        if let (Root::This(_), Some(Key::Name(name))) = (&place.root, place.path.first()) {
            // `object.field` outside the class.
            for &file in &files {
                let Some(wanted) = self.project.name_in(file, name) else {
                    continue;
                };
                let facts = self.project.facts(file);
                out.extend(facts.members_named(wanted).map(|node| Ref { file, node }));
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    fn touch(&self, at: Ref, place: &Place, depth: u32) -> Touch {
        let facts = self.project.facts(at.file);
        let conventions = &self.project.tables.conventions;
        let up = facts.parent(at.node);
        let here = |node| Ref { file: at.file, node };
        match facts.node(up) {
            Node::Assign { target, value, op } if target == at.node => {
                let at_load = facts.enclosing_function(at.node) == crate::facts::FunctionId::MODULE
                    && matches!(place.root, Root::Binding(..));
                let creates = matches!(op, AssignOp::Or | AssignOp::Nullish)
                    || at_load
                    || self.is_guarded_creation(here(up), place)
                    || self.is_constructor(here(up));
                if op == AssignOp::Add || self.is_spread_of(here(value), at) {
                    Touch::Grows
                } else if creates {
                    Touch::Reads
                } else {
                    Touch::Shrinks
                }
            }
            Node::Declare { target, .. } if target == at.node => Touch::Reads,
            Node::Delete(_) => Touch::Shrinks,
            Node::Index { object, .. } if object == at.node => match facts.node(facts.parent(up)) {
                Node::Delete(_) => Touch::Shrinks,
                Node::Assign { target, value, .. } if target == up => {
                    if matches!(facts.node(value), Node::Undefined | Node::Null) {
                        Touch::Reads
                    } else {
                        Touch::Grows
                    }
                }
                _ => Touch::Reads,
            },
            Node::Member { object, property, .. } if object == at.node => {
                let name = facts.name(property);
                let outer = facts.parent(up);
                match facts.node(outer) {
                    Node::Call { callee, .. } if callee == up => {
                        if conventions.shrink.iter().any(|s| s == name) {
                            Touch::Shrinks
                        } else if name == "filter" && self.is_dropped(here(outer)) {
                            Touch::ReadsForNothing
                        } else {
                            Touch::Reads
                        }
                    }
                    Node::Assign { target, .. } if target == up => {
                        if name == "length" {
                            Touch::Shrinks
                        } else {
                            Touch::Reads
                        }
                    }
                    Node::Update { .. } if name == "length" => Touch::Shrinks,
                    Node::Delete(_) => Touch::Shrinks,
                    _ => Touch::Reads,
                }
            }
            Node::Call { callee, .. } if callee != at.node => match self.project.last_name(here(callee)) {
                Some(
                    "log" | "stringify" | "keys" | "values" | "entries" | "isArray" | "from" | "info" | "debug" | "has"
                    | "call" | "hasOwn" | "all" | "isEmpty" | "size" | "forEach" | "send" | "json" | "render"
                    | "Number" | "String" | "String.raw" | "Boolean" | "Map" | "Set" | "assign" | "push"
                    | "hasOwnProperty" | "equal" | "deepEqual" | "inspect" | "format" | "each" | "some" | "end"
                    | "write",
                ) => Touch::Reads,
                _ => self.touch_by_function(here(up), at, depth + 1),
            },
            _ => Touch::Reads,
        }
    }

    /// `if (!x) x = []` and the like make a collection; they do not empty one.
    fn is_guarded_creation(&self, assign: Ref, place: &Place) -> bool {
        let facts = self.project.facts(assign.file);
        facts.ancestors(assign.node).take(4).any(|up| match facts.node(up) {
            Node::If { test, .. } => match facts.node(test) {
                Node::Unary { value, .. } => self.project.same_place(
                    &self.project.place(Ref {
                        file: assign.file,
                        node: value,
                    }),
                    place,
                ),
                _ => false,
            },
            _ => false,
        })
    }

    fn is_constructor(&self, at: Ref) -> bool {
        let f = self.project.function_at(at);
        self.project
            .method_around(f)
            .is_some_and(|(_, name, method)| name == "constructor" && method == f)
    }

    fn is_dropped(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        matches!(facts.node(facts.parent(call.node)), Node::Block(_))
    }

    /// Handed to a function: one of the project's that only reads it, or another.
    fn touch_by_function(&self, call: Ref, at: Ref, depth: u32) -> Touch {
        if depth > MAX_HANDED_ON {
            return Touch::Escapes;
        }
        let Some(f) = self.project.called_function(call) else {
            return Touch::Escapes;
        };
        let facts = self.project.facts(call.file);
        let Node::Call { args, .. } = facts.node(call.node) else {
            return Touch::Escapes;
        };
        let Some(index) = facts.list(args).position(|a| a == at.node) else {
            return Touch::Escapes;
        };
        let there = self.project.facts(f.file);
        let Some(param) = there.item(there.function(f.function).params, index) else {
            return Touch::Reads;
        };
        let Node::Binding(b) = there.node(param) else {
            return Touch::Escapes;
        };
        let place = Place::root(Root::Binding(f.file, b));
        for node in there.references_of(b) {
            if node == param {
                continue;
            }
            if matches!(
                self.touch(Ref { file: f.file, node }, &place, depth),
                Touch::Shrinks | Touch::Escapes
            ) {
                return Touch::Shrinks;
            }
        }
        Touch::Reads
    }

    /// Whether something asks how large the collection is before it grows.
    fn size_check(&self, place: &Place, growth: &Growth) -> bool {
        let facts = self.project.facts(growth.at.file);
        facts.ancestors(growth.at.node).any(|up| match facts.node(up) {
            Node::If { test, .. } => {
                let mut found = false;
                let mut stack = vec![test];
                while let Some(node) = stack.pop() {
                    if let Node::Member { object, property, .. } = facts.node(node)
                        && matches!(facts.name(property), "length" | "size")
                        && self.project.same_place(
                            &self.project.place(Ref {
                                file: growth.at.file,
                                node: object,
                            }),
                            place,
                        )
                    {
                        found = true;
                    }
                    facts.children(node, |c| stack.push(c));
                }
                found
            }
            _ => false,
        })
    }
}
