//! Questions about owners: their members, ancestors and framework life cycle.

use super::known::Rank;
use super::owners::{OwnerMember, has_signature_of};
use super::{FileId, Func, Key, Lifecycle, MAX_DEPTH, Owner, OwnerId, OwnerKind, Place, Project, Ref, Root};
use crate::facts::{CallKind, FileKind, MemberKind, Node, NodeId};
use crate::tables::{LifecycleRow, Param};

/// How many classes made from each other are followed to the first.
const MAX_LINE: u32 = 4;

impl Project {
    /// An owner.
    pub fn owner(&self, id: OwnerId) -> &Owner {
        &self.file(id.file).owners[id.index as usize]
    }

    /// All owners of a file.
    pub fn owners_of(&self, file: FileId) -> impl Iterator<Item = OwnerId> + '_ {
        (0..self.file(file).owners.len()).map(move |i| OwnerId { file, index: i as u32 })
    }

    /// The owner that is `this` in a function.
    pub fn this_of(&self, f: Func) -> Option<OwnerId> {
        self.file(f.file).this[f.function.0 as usize]
    }

    /// The owner that a class, constructor function or object literal node makes.
    pub fn owner_made_by(&self, at: Ref) -> Option<OwnerId> {
        let owners = &self.file(at.file).owners;
        let index = match self.node(at) {
            Node::Class(c) => c.0 as usize,
            Node::Function(f) => owners.iter().position(|o| o.kind == OwnerKind::Constructor(f))?,
            Node::Object(_) => owners.iter().position(|o| o.kind == OwnerKind::Object(at.node))?,
            _ => return None,
        };
        Some(OwnerId {
            file: at.file,
            index: index as u32,
        })
    }

    /// The method that `super.name()` runs in code of an owner.
    pub(super) fn super_method(&self, id: OwnerId, name: &str) -> Option<Func> {
        let line = self.lineage(id);
        line.get(1..)?.iter().find_map(|&up| self.method(up, name))
    }

    /// The owner whose objects `new value` makes.
    pub fn owner_of_class_value(&self, at: Ref, depth: u32) -> Option<OwnerId> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(owner) = self.owner_made_by(at) {
            return Some(owner);
        }
        // Mixins: `extends mixin(Base)`.
        if let Node::Call {
            args,
            kind: CallKind::Call,
            ..
        } = self.node(at)
        {
            let args: Vec<_> = self.facts(at.file).list(args).collect();
            return args
                .into_iter()
                .find_map(|node| self.owner_of_class_value(Ref { file: at.file, node }, depth + 1));
        }
        let place = self.place(at);
        let value = self.value_of_place(&place)?;
        (value != at)
            .then(|| self.owner_of_class_value(value, depth + 1))
            .flatten()
    }

    /// An owner and the owners it extends, nearest first.
    pub fn lineage(&self, id: OwnerId) -> Vec<OwnerId> {
        self.known(Rank::Lineage, &self.known.lineages, id, || self.find_lineage(id))
    }

    fn find_lineage(&self, id: OwnerId) -> Vec<OwnerId> {
        let mut line = vec![id];
        self.add_parents(id, &mut line, 0);
        line
    }

    /// Whether objects of one can be objects of the other.
    pub fn is_related(&self, a: OwnerId, b: OwnerId) -> bool {
        a == b || self.lineage(a).contains(&b) || self.lineage(b).contains(&a)
    }

    /// A member of an owner or of what it extends.
    pub fn member<'p>(&'p self, id: OwnerId, name: &str) -> Option<(OwnerId, &'p OwnerMember)> {
        self.lineage(id).into_iter().find_map(|o| {
            let wanted = self.name_in(o.file, name)?;
            self.owner(o)
                .members
                .iter()
                .rev()
                .find(|m| m.name == wanted && m.kind != MemberKind::Constructor)
                .map(|m| (o, m))
        })
    }

    /// The method of that name.
    pub fn method(&self, id: OwnerId, name: &str) -> Option<Func> {
        let (owner, member) = self.member(id, name)?;
        match member.function {
            Some(function) => Some(Func {
                file: owner.file,
                function,
            }),
            None => self.function_value(
                Ref {
                    file: owner.file,
                    node: member.value?,
                },
                0,
            ),
        }
    }

    /// The constructor, own or inherited.
    pub fn constructor(&self, id: OwnerId) -> Option<Func> {
        self.lineage(id).into_iter().find_map(|o| {
            let owner = self.owner(o);
            let member = owner.members.iter().find(|m| m.kind == MemberKind::Constructor)?;
            Some(Func {
                file: o.file,
                function: member.function?,
            })
        })
    }

    /// The name of the member a function is, in the owner that is its `this`; closures count as their method.
    pub fn method_around(&self, f: Func) -> Option<(OwnerId, &str, Func)> {
        let mut at = Some(f.function);
        while let Some(function) = at {
            let here = Func { file: f.file, function };
            if let Some(owner) = self.this_of(here)
                && let Some(name) = self.member_name(owner, here)
            {
                return Some((owner, name, here));
            }
            at = self.function(here).parent;
        }
        None
    }

    /// Whether a function is a method of an owner, and not its constructor.
    pub fn is_plain_method(&self, f: Func) -> bool {
        self.method_around(f)
            .is_some_and(|(_, name, method)| method == f && name != "constructor")
    }

    /// The field whose initial value a function of this kind computes: its result goes nowhere else.
    pub fn field_initialized_by(&self, f: Func) -> Option<Place> {
        let owner = self.this_of(f)?;
        let OwnerKind::Class(c) = self.owner(owner).kind else {
            return None;
        };
        let facts = self.facts(f.file);
        let node = facts.function(f.function).node;
        let mut members = facts.classes[c.0 as usize].members.iter();
        let member = members.find(|m| m.evaluator == Some(node) && m.kind == MemberKind::Field && !m.is_static)?;
        Some(Place {
            root: Root::This(owner),
            path: vec![Key::Name(facts.name(member.name).into())],
        })
    }

    pub(super) fn member_name(&self, id: OwnerId, f: Func) -> Option<&str> {
        if id.file != f.file {
            return None;
        }
        let owner = self.owner(id);
        for member in &owner.members {
            if member.function == Some(f.function) {
                let is_constructor = member.kind == MemberKind::Constructor;
                return Some(if is_constructor {
                    "constructor"
                } else {
                    self.text(id.file, member.name)
                });
            }
        }
        // Field initialisers and static blocks run as part of the construction.
        if let OwnerKind::Class(c) = owner.kind {
            let node = self.facts(f.file).function(f.function).node;
            let class = &self.facts(f.file).classes[c.0 as usize];
            if let Some(m) = class.members.iter().find(|m| m.evaluator == Some(node)) {
                return Some(if m.is_static { "static" } else { "constructor" });
            }
        }
        None
    }

    /// The functions that a framework calls again and again on one object, whenever something changes: those in the
    /// `watch` of a Vue component, as they stand there, in an object (`{ handler }`) or by the name of a method.
    pub fn reactions(&self, id: OwnerId) -> Vec<Func> {
        let (Some(cycle), OwnerKind::Object(object)) = (self.own_lifecycle(id), &self.owner(id).kind) else {
            return Vec::new();
        };
        let object = Ref {
            file: id.file,
            node: *object,
        };
        let groups = cycle
            .row
            .reactions
            .iter()
            .filter_map(|name| self.property(object, name));
        let function = |value: Ref| match self.node(value) {
            Node::Str(method) => self.method(id, self.facts(id.file).name(method)),
            Node::Object(_) => self.function_value(self.property(value, "handler")?, 0),
            _ => self.function_value(value, 0),
        };
        let facts = self.facts(id.file);
        groups
            .filter_map(|group| match facts.node(group.node) {
                Node::Object(properties) => Some(facts.list(properties)),
                _ => None,
            })
            .flatten()
            .filter_map(|property| match facts.node(property) {
                Node::Property { value, .. } => function(Ref { node: value, ..object }),
                _ => None,
            })
            .collect()
    }

    /// What a framework does with the objects of an owner, or of what it extends.
    pub fn lifecycle(&self, id: OwnerId) -> Option<Lifecycle<'_>> {
        let rows = &self.tables.lifecycles;
        let found = self.known(Rank::Lifecycle, &self.known.lifecycles, id, || {
            let line = self.lineage(id);
            let own = line.iter().find_map(|&o| self.own_lifecycle(o)).map(|own| own.row);
            let own = own.or_else(|| self.told_by_methods(&line))?;
            rows.iter().position(|row| std::ptr::eq(row, own))
        });
        found.map(|row| Lifecycle { row: &rows[row] })
    }

    /// What only the methods of a class tell, where its base is one of a package or none.
    fn told_by_methods(&self, line: &[OwnerId]) -> Option<&LifecycleRow> {
        let rows = self
            .tables
            .lifecycles
            .iter()
            .filter(|row| !row.class_members.is_empty());
        let base = line.last().and_then(|o| Some((o.file, self.owner(*o).superclass?)));
        let is_unseen = base.is_none_or(|(file, node)| {
            let paths = self.extended_paths(Ref { file, node });
            paths.iter().all(|path| path.contains(':'))
        });
        let mut classes = line
            .iter()
            .filter(|o| matches!(self.owner(**o).kind, OwnerKind::Class(_)));
        let names_of = |o: &OwnerId| {
            let facts = self.facts(o.file);
            let members = self.owner(*o).members.iter().filter(|m| !m.is_static);
            members.map(|m| facts.name(m.name)).collect::<Vec<_>>()
        };
        let found = classes.find_map(|o| {
            let names = names_of(o);
            let is_of = |row: &&LifecycleRow| row.class_members.iter().any(|n| names.contains(&n.as_str()));
            rows.clone().find(is_of)
        })?;
        // What only its base makes an object of a framework has one.
        (is_unseen && (base.is_some() || found.extends.is_empty())).then_some(found)
    }

    pub(super) fn own_lifecycle(&self, id: OwnerId) -> Option<Lifecycle<'_>> {
        let rows = &self.tables.lifecycles;
        let owner = self.owner(id);
        let facts = self.facts(id.file);
        let row = match owner.kind {
            OwnerKind::Class(c) => {
                let class = &facts.classes[c.0 as usize];
                let parents = (class.superclass).map(|node| self.extended_paths(Ref { file: id.file, node }));
                let parents = parents.unwrap_or_default();
                let decorators: Vec<_> = class
                    .decorators
                    .iter()
                    .filter_map(|&d| {
                        let callee = match facts.node(d) {
                            Node::Call { callee, .. } => callee,
                            _ => d,
                        };
                        let path = self.path_of(Ref {
                            file: id.file,
                            node: callee,
                        })?;
                        Some((path, d))
                    })
                    .collect();
                let has_option = |d: NodeId, option: &str| {
                    let given = self.argument(Ref { file: id.file, node: d }, 0);
                    given.is_some_and(|g| self.keys_of(g).contains(&option))
                };
                let is_of = |r: &LifecycleRow, (path, d): &(String, NodeId)| {
                    r.decorators.contains(path) && !r.unless.iter().any(|option| has_option(*d, option))
                };
                rows.iter()
                    .find(|r| decorators.iter().any(|d| is_of(r, d)) || parents.iter().any(|p| r.extends.contains(p)))
            }
            OwnerKind::Constructor(_) => {
                let parents = self.extended_paths(Ref {
                    file: id.file,
                    node: owner.superclass?,
                });
                rows.iter().find(|r| parents.iter().any(|p| r.extends.contains(p)))
            }
            OwnerKind::Object(node) => self.object_lifecycle(id.file, node, owner, rows),
        };
        row.map(|row| Lifecycle { row })
    }

    pub(super) fn object_lifecycle<'t>(
        &self,
        file: FileId,
        node: NodeId,
        owner: &Owner,
        rows: &'t [LifecycleRow],
    ) -> Option<&'t LifecycleRow> {
        let facts = self.facts(file);
        let up = facts.parent(node);
        if let Node::Call { callee, .. } = facts.node(up) {
            let path = self.path_of(Ref { file, node: callee }).map(|p| format!("{p}()"));
            let last = self.last_name(Ref { file, node: callee }).map(|l| format!("#{l}()"));
            let found = rows.iter().find(|r| {
                r.object_of
                    .iter()
                    .any(|o| Some(o) == path.as_ref() || Some(o) == last.as_ref())
            });
            if found.is_some() {
                return found;
            }
            let path = self.path_of_first(Ref { file, node: callee }).map(|p| format!("{p}()"));
            if let Some(row) = path.and_then(|p| rows.iter().find(|r| r.object_of.contains(&p))) {
                return Some(row);
            }
        }
        let is_default = facts.exports.iter().any(|e| {
            matches!(e.value, crate::facts::ExportValue::Node(n) if n == node) && facts.name(e.name) == "default"
        });
        let kind = match facts.kind {
            FileKind::Vue => "vue",
            FileKind::Svelte => "svelte",
            FileKind::Astro => "astro",
            FileKind::Html => "html",
            FileKind::Module => "module",
        };
        if let (true, Some(row)) = (is_default, rows.iter().find(|r| r.files.iter().any(|f| f == kind))) {
            return Some(row);
        }
        // An object that is exported or passed on whole, with members that only one framework calls so.
        let exposed = matches!(
            facts.node(up),
            Node::Call { .. } | Node::Declare { .. } | Node::Block(_)
        );
        let keys = self.keys_of(Ref { file, node });
        let by_shape = || {
            let is_of = |shape: &Vec<String>| shape.iter().all(|n| keys.contains(&n.as_str()));
            rows.iter().find(|r| r.shapes.iter().any(is_of))
        };
        if !exposed && !is_default {
            // What a factory gives back.
            return match facts.node(up) {
                Node::Return(_) => by_shape().or_else(|| self.given_by_maker(Ref { file, node }, rows)),
                Node::Function(_) => self.given_by_maker(Ref { file, node }, rows),
                _ => None,
            };
        }
        if let Some(row) = rows.iter().find(|r| has_signature_of(facts, node, r)) {
            return Some(row);
        }
        let named = rows.iter().find(|r| {
            !r.members.is_empty()
                && owner
                    .members
                    .iter()
                    .any(|m| m.function.is_some() && r.members.iter().any(|n| n == facts.name(m.name)))
        });
        named.or_else(by_shape)
    }

    /// The kind of an object that a function gives back which is handed to a framework for that:
    /// `directive('name', () => ({ link(scope) {} }))`.
    pub(super) fn given_by_maker<'t>(&self, object: Ref, rows: &'t [LifecycleRow]) -> Option<&'t LifecycleRow> {
        let keys = self.keys_of(object);
        let mut rows = rows.iter().filter(|row| {
            let mut begins = row.setup.iter().chain(&row.makers);
            !row.given_by.is_empty() && begins.any(|hook| keys.contains(&hook.as_str()))
        });
        let row = rows.next()?;
        let (context, _) = self.maker_context(self.function_at(object))?;
        let calls = &self.tables.contexts[context].call;
        row.given_by.iter().any(|given| calls.contains(given)).then_some(row)
    }

    /// The path of the first callee of a line of classes that are made from each other by calls of one method:
    /// `Page = Route.extend({}); Page.extend({})`.
    fn path_of_first(&self, callee: Ref) -> Option<String> {
        let mut at = callee;
        for _ in 0..MAX_LINE {
            let Node::Member { object, property, .. } = self.node(at) else {
                return None;
            };
            let method = self.facts(at.file).name(property);
            let value = self.value_of_place(&self.place(Ref { node: object, ..at }))?;
            let Node::Call { callee: inner, .. } = self.node(value) else {
                return None;
            };
            at = Ref { node: inner, ..value };
            match self.node(at) {
                Node::Member { property, .. } if self.facts(at.file).name(property) == method => {}
                _ => return None,
            }
            if let Some(path) = self.path_of(at) {
                return Some(path);
            }
        }
        None
    }

    /// The names of an object literal's properties.
    pub(super) fn keys_of(&self, object: Ref) -> Vec<&str> {
        let facts = self.facts(object.file);
        let Node::Object(properties) = facts.node(object.node) else {
            return Vec::new();
        };
        let keys = facts.list(properties).filter_map(|p| match facts.node(p) {
            Node::Property { key, .. } => facts.string(key),
            _ => None,
        });
        keys.collect()
    }

    /// The last name of a callee.
    pub fn last_name(&self, at: Ref) -> Option<&str> {
        let facts = self.facts(at.file);
        match facts.node(at.node) {
            Node::Member { property, .. } => Some(facts.name(property)),
            Node::Global(n) => Some(facts.name(n)),
            Node::Binding(b) => Some(facts.name(facts.binding(b).name)),
            _ => None,
        }
    }

    /// Whether a function is named only to be taken off a list of handlers.
    pub fn is_only_taken_off(&self, named: Ref) -> bool {
        let facts = self.facts(named.file);
        let call = facts.parent(named.node);
        let Node::Call { args, .. } = facts.node(call) else {
            return false;
        };
        let position = facts.list(args).position(|a| a == named.node);
        position.is_some_and(|arg| self.is_taken_off(Ref { node: call, ..named }, arg))
    }

    /// Whether a call takes off the function that it is given as an argument: `bus.off(event, handler)`.
    pub fn is_taken_off(&self, call: Ref, arg: usize) -> bool {
        let Node::Call { callee, .. } = self.node(call) else {
            return false;
        };
        let Some(name) = self.last_name(Ref { node: callee, ..call }) else {
            return false;
        };
        let takes_off = |&(row, i): &(usize, usize)| {
            self.tables.releases[row]
                .get(i)
                .is_some_and(|release| release.position(&Param::Handler) == Some(arg))
        };
        self.tables.acquisitions(name).is_empty() && self.tables.releases_named(name).iter().any(takes_off)
    }
}
