//! What the references to a collection do to it: shrink, grow, read, hand on.

use crate::facts::{AssignOp, FileFacts, LogicalOp, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{FileId, Key, OwnerId, OwnerKind, Place, Ref, Root};

/// Through how many functions a collection that is an argument is followed.
const MAX_HANDED_ON: u32 = 4;

/// How much a reference takes out of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Shrink {
    /// The entry of this key, or this element.
    Entry(Ref),
    /// Some elements: the oldest, those that meet a condition.
    Some,
    /// Everything.
    All,
}

/// What a reference to a collection does to it.
pub(in crate::lifetime) enum Touch {
    /// Takes something out, empties or replaces it.
    Shrinks(Shrink),
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
    /// Every reference to the collection in the project.
    pub(in crate::lifetime) fn collection_references(&self, place: &Place, growth: Ref) -> Vec<Ref> {
        let mut files = self.release_files(growth, std::slice::from_ref(place));
        if let Root::This(owner) = place.root {
            let others = self.project.users_of(owner.file).into_iter();
            for file in others.chain(self.files_that_are_handed(owner)) {
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
        let mut out = self.references_to(place, &files);
        out.extend(self.project.references_on_global(place));
        if let (Root::Binding(file, b), true) = (&place.root, place.path.is_empty()) {
            let facts = self.project.facts(*file);
            // `api.collection`, where the same file says `const api = { collection }`.
            let named = facts.members_named(facts.binding(*b).name);
            let named = named.map(|node| Ref { file: *file, node });
            out.extend(named.filter(|at| self.project.denotes(&self.project.place(*at), place)));
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
        out.extend(self.references_by_methods(place));
        if let (Root::Value(at), true) = (&place.root, place.path.is_empty()) {
            // `export default` and `module.exports =`.
            for name in ["default", "="] {
                out.extend(self.project.imported_references(at.file, name, place));
            }
        }
        if let (Root::This(_), Some(Key::Name(name))) = (&place.root, place.path.last()) {
            // `object.field` outside the class.
            for &file in &files {
                let Some(wanted) = self.project.name_in(file, name) else {
                    continue;
                };
                let facts = self.project.facts(file);
                out.extend(facts.members_named(wanted).map(|node| Ref { file, node }));
            }
            out.retain(|at| !self.is_of_other_class(*at, place));
        }
        out.retain(|at| !self.project.is_test_of(at.file, growth.file));
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The files of what objects of a class hand themselves to: `new Connection(this, socket)`.
    fn files_that_are_handed(&self, owner: OwnerId) -> Vec<FileId> {
        let facts = self.project.facts(owner.file);
        let here = |node| Ref { file: owner.file, node };
        let is_itself = |node| {
            let place = self.project.place(here(node));
            place.path.is_empty() && matches!(place.root, Root::This(of) if self.project.is_related(of, owner))
        };
        let hands_itself = |&node: &NodeId| match facts.node(node) {
            Node::Call { args, .. } => facts.list(args).any(is_itself),
            _ => false,
        };
        let calls = facts.calls.iter().copied().filter(hands_itself);
        let mut files: Vec<FileId> = calls
            .filter_map(|node| self.project.called_function(here(node)))
            .map(|f| f.file)
            .collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// References to `registry.list` in the methods of the object that the variable holds: `this.list`.
    fn references_by_methods(&self, place: &Place) -> Vec<Ref> {
        if !matches!(place.root, Root::Binding(..)) || place.path.len() != 1 {
            return Vec::new();
        }
        let object = place.parent().and_then(|p| self.project.value_of_place(&p));
        let Some(owner) = object.and_then(|at| self.project.owner_of_object(at, 0)) else {
            return Vec::new();
        };
        let own = Place {
            root: Root::This(owner),
            path: place.path.clone(),
        };
        self.references_in(&own, owner.file)
    }

    /// `this.name`, under whatever name of `this`, in a class that has nothing to do with the one whose field a place is.
    pub(in crate::lifetime) fn is_of_other_class(&self, at: Ref, place: &Place) -> bool {
        let Root::This(owner) = place.root else { return false };
        let Root::This(other) = self.project.place(at).root else {
            return false;
        };
        // What is no class may be mixed into one.
        let is_class = |o| !matches!(self.project.owner(o).kind, OwnerKind::Object(_));
        let is_this = |node| {
            let facts = self.project.facts(at.file);
            match facts.node(node) {
                Node::This => true,
                Node::Binding(b) => facts.this_named(b).is_some(),
                _ => false,
            }
        };
        let direct = matches!(self.project.node(at), Node::Member { object, .. } if is_this(object));
        direct && is_class(owner) && is_class(other) && !self.project.is_related(owner, other)
    }

    pub(in crate::lifetime) fn touch(&self, at: Ref, place: &Place, depth: u32) -> Touch {
        let facts = self.project.facts(at.file);
        let conventions = &self.project.tables.conventions;
        let up = facts.parent(at.node);
        let here = |node| Ref { file: at.file, node };
        match facts.node(up) {
            Node::Assign { target, value, op } if target == at.node => {
                let at_load = facts.enclosing_function(at.node) == crate::facts::FunctionId::MODULE
                    && matches!(place.root, Root::Binding(..) | Root::Global);
                let creates = matches!(op, AssignOp::Or | AssignOp::Nullish)
                    || at_load
                    || self.is_guarded_creation(here(up), place)
                    || self.is_constructor(here(up))
                    || self.is_of_construction(here(up));
                if op == AssignOp::Add || self.is_spread_of(here(value), at) {
                    Touch::Grows
                } else if self.is_tail_from_found(here(value), place) {
                    Touch::Reads
                } else if self.is_rest_of(here(value), place) {
                    Touch::Shrinks(self.left_out(here(value)).map_or(Shrink::Some, Shrink::Entry))
                } else if creates || self.is_one_for_one(here(value), place) {
                    Touch::Reads
                } else if self.is_plain_collection(here(value), 0) {
                    Touch::Shrinks(Shrink::All)
                } else {
                    Touch::Shrinks(Shrink::Some)
                }
            }
            Node::Declare { target, .. } if target == at.node => Touch::Reads,
            Node::Delete(_) => Touch::Shrinks(Shrink::All),
            Node::Index { object, key } if object == at.node => match facts.node(facts.parent(up)) {
                Node::Delete(_) => Touch::Shrinks(Shrink::Entry(here(key))),
                Node::Assign { target, value, .. } if target == up => {
                    if facts.node(value).is_nullish() {
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
                            if let Some(touch) = self.takes_none(name, here(outer)) {
                                return touch;
                            }
                            Touch::Shrinks(self.shrink_of_method(name, here(outer)))
                        } else if (name == "filter" || conventions.copy.iter().any(|c| c == name))
                            && self.is_dropped(here(outer))
                        {
                            Touch::ReadsForNothing
                        } else {
                            Touch::Reads
                        }
                    }
                    Node::Assign { target, .. } if target == up => {
                        if name == "length" {
                            Touch::Shrinks(Shrink::All)
                        } else {
                            Touch::Reads
                        }
                    }
                    Node::Update { .. } if name == "length" => Touch::Shrinks(Shrink::Some),
                    Node::Delete(_) => Touch::Shrinks(Shrink::Some),
                    _ => Touch::Reads,
                }
            }
            Node::Call { callee, .. } if callee != at.node => match self.project.last_name(here(callee)) {
                Some("apply" | "call") if let Some(touch) = self.touch_by_borrowed(here(up), at) => touch,
                Some(name) if conventions.read_arguments.iter().any(|r| r == name) => Touch::Reads,
                _ => self.touch_by_function(here(up), at, depth + 1),
            },
            _ => Touch::Reads,
        }
    }

    /// What `push.apply(list, more)` does to the list: a method of lists, borrowed.
    fn touch_by_borrowed(&self, call: Ref, at: Ref) -> Option<Touch> {
        let (callee, args) = self.callee_of(call)?;
        let facts = self.project.facts(call.file);
        let Node::Member { object, .. } = self.project.node(callee) else {
            return None;
        };
        let Node::Member { property, .. } = facts.node(object) else {
            return None;
        };
        let conventions = &self.project.tables.conventions;
        let name = facts.name(property);
        if args.first() != Some(&at) {
            return Some(Touch::Reads);
        }
        if conventions.shrink.iter().any(|s| s == name) {
            return Some(Touch::Shrinks(Shrink::Some));
        }
        let grows = conventions.grow.iter().any(|g| g == name);
        let reads = conventions.read.iter().any(|r| r == name);
        (grows || reads).then_some(if grows { Touch::Grows } else { Touch::Reads })
    }

    /// What a call does that could take elements out and takes none: `splice(i, 0, x)` adds, `splice(i, -1)` was meant
    /// to take one.
    fn takes_none(&self, method: &str, call: Ref) -> Option<Touch> {
        let grows = self.project.tables.conventions.grow.iter().any(|g| g == method);
        let (_, args) = self.callee_of(call).filter(|_| grows)?;
        let count = self.number(*args.get(1)?, 0)?;
        match args.len() {
            _ if count > 0.0 => None,
            2 => Some(Touch::ReadsForNothing),
            _ => Some(Touch::Grows),
        }
    }

    /// What a call of a method that shrinks takes out: with one argument, the element or key that this names.
    fn shrink_of_method(&self, method: &str, call: Ref) -> Shrink {
        let Node::Call { args, .. } = self.project.node(call) else {
            return Shrink::Some;
        };
        let facts = self.project.facts(call.file);
        let conventions = &self.project.tables.conventions;
        let mut args = facts.list(args);
        match (args.next(), args.len()) {
            (None, _) if conventions.empty.iter().any(|e| e == method) => Shrink::All,
            (Some(node), 0) if conventions.take.iter().any(|t| t == method) => {
                Shrink::Entry(Ref { file: call.file, node })
            }
            (Some(node), 0) if method == "splice" && self.number(Ref { file: call.file, node }, 0) == Some(0.0) => {
                Shrink::All
            }
            (Some(node), 1)
                if method == "splice"
                    && self.number(Ref { file: call.file, node }, 0) == Some(0.0)
                    && args.next().is_some_and(|count| is_length(facts, count)) =>
            {
                Shrink::All
            }
            (Some(node), 1) if method == "splice" => self
                .searched_element(Ref { file: call.file, node })
                .map_or(Shrink::Some, Shrink::Entry),
            _ => Shrink::Some,
        }
    }

    /// `if (!x) x = []`, `x || (x = [])`, `x = x || []` and the like make a collection; they do not empty one.
    pub(in crate::lifetime) fn is_guarded_creation(&self, assign: Ref, place: &Place) -> bool {
        let here = |node| Ref { node, ..assign };
        let is_it = |at: Ref| self.project.same_place(&self.project.place(at), place);
        if let Node::Assign { value, .. } = self.project.node(assign)
            && let Node::Logical { left, op, .. } = self.project.node(here(value))
            && op != LogicalOp::And
            && is_it(here(left))
        {
            return true;
        }
        self.falsy_values(assign).into_iter().any(is_it)
    }

    pub(in crate::lifetime) fn is_constructor(&self, at: Ref) -> bool {
        let f = self.project.function_at(at);
        self.project
            .method_around(f)
            .is_some_and(|(_, name, method)| name == "constructor" && method == f)
    }

    /// Whether a method that only constructors call prepares the object here.
    fn is_of_construction(&self, at: Ref) -> bool {
        let Some((owner, name, _)) = self.project.method_around(self.project.function_at(at)) else {
            return false;
        };
        let bare = name.trim_start_matches(['_', '#', '$']);
        let startup = &self.project.tables.conventions.startup;
        let prepares = startup.iter().any(|s| {
            bare.strip_prefix(s.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        });
        if !prepares {
            return false;
        }
        let references = self.project.method_references(owner, name);
        !references.is_empty() && references.iter().all(|r| self.is_constructor(*r))
    }

    /// `x` in `list.splice(list.indexOf(x), 1)`, also where the index has a name.
    fn searched_element(&self, index: Ref) -> Option<Ref> {
        let facts = self.project.facts(index.file);
        let at = match facts.node(index.node) {
            Node::Binding(b) => facts.binding(b).init?,
            _ => index.node,
        };
        let call = facts.method_call(at)?;
        let membership = &self.project.tables.conventions.membership;
        membership.iter().any(|m| m == facts.name(call.method)).then_some(())?;
        facts.item(call.args, 0).map(|node| Ref { file: index.file, node })
    }

    pub(in crate::lifetime) fn is_dropped(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        match facts.node(facts.parent(call.node)) {
            Node::Block(_) => true,
            Node::If { test, .. } => test != call.node,
            _ => false,
        }
    }

    /// Handed to a function: one of the project's that only reads it, or another.
    pub(in crate::lifetime) fn touch_by_function(&self, call: Ref, at: Ref, depth: u32) -> Touch {
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
                Touch::Shrinks(_) | Touch::Escapes
            ) {
                return Touch::Shrinks(Shrink::Some);
            }
        }
        Touch::Reads
    }
}

/// `list.length`.
fn is_length(facts: &FileFacts, at: NodeId) -> bool {
    matches!(facts.node(at), Node::Member { property, .. } if facts.name(property) == "length")
}
