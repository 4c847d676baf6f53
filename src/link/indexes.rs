//! Indexes: the nodes and bindings of a file by what they are asked for, each made when it is first asked.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{FileId, Func, Project, ProjectFile, Ref, modules};
use crate::facts::{Binding, BindingId, BindingKind, FileFacts, FunctionId, Name, Node, NodeId};

/// What is known of one file by now.
#[derive(Default)]
pub(super) struct Indexes {
    /// Assignments by the name of the property they write.
    writes_to: OnceLock<FxHashMap<Name, Vec<NodeId>>>,
    /// Calls by the last name of their callee.
    calls_by_name: OnceLock<FxHashMap<Name, Vec<NodeId>>>,
    /// Calls by the function they stand in.
    calls_in: OnceLock<Vec<Vec<NodeId>>>,
    /// Writes by the function they stand in.
    writes_in: OnceLock<Vec<Vec<NodeId>>>,
    /// Where functions wait or jump, by the function.
    jumps_in: OnceLock<Vec<Vec<NodeId>>>,
    /// Variables that may be another name of a part of another module, in source order.
    required: OnceLock<Vec<Required>>,
    /// Variables that get a module when it is needed, and the module, as it is named there.
    required_later: OnceLock<FxHashMap<BindingId, Name>>,
    /// Reads and writes of names that no binding has, by the name, sorted.
    globals_named: OnceLock<Vec<(Name, NodeId)>>,
    /// Bindings by their name, sorted.
    bindings_named: OnceLock<Vec<(Name, BindingId)>>,
    /// Tags of custom elements in the texts of the file.
    tags: OnceLock<FxHashSet<Box<str>>>,
    /// Bindings by what they begin with, sorted.
    begun_with: OnceLock<Vec<(NodeId, BindingId)>>,
    /// Elements of markup inside of code, with their identifiers.
    pub(super) identified: OnceLock<Vec<(NodeId, NodeId)>>,
}

/// A variable that may be another name of a part of another module.
pub(super) struct Required {
    pub binding: BindingId,
    /// The only module that it may be a part of, as it is named there; none where that takes more than a look.
    pub from: Option<Name>,
}

impl ProjectFile {
    /// Assignments to properties by the property's name.
    pub(super) fn writes_by_name(&self) -> &FxHashMap<Name, Vec<NodeId>> {
        self.indexes.writes_to.get_or_init(|| {
            let mut index: FxHashMap<Name, Vec<NodeId>> = FxHashMap::default();
            for &write in &self.facts.writes {
                let (Node::Assign { target, .. } | Node::Update { target, .. } | Node::Delete(target)) =
                    self.facts.node(write)
                else {
                    continue;
                };
                if let Node::Member { property, .. } = self.facts.node(target) {
                    index.entry(property).or_default().push(write);
                }
            }
            index
        })
    }

    /// The names of the properties that are assigned to, and of what is declared for all scripts of a page.
    pub(super) fn written_names(&self) -> FxHashSet<&str> {
        let written = self.writes_by_name().keys().copied();
        let names = written.chain(self.names_for_scripts());
        names.map(|name| self.facts.name(name)).collect()
    }

    /// Calls by the last name of what they call, also where an import or a pattern gave it another.
    pub(super) fn calls_by_name(&self) -> &FxHashMap<Name, Vec<NodeId>> {
        self.indexes.calls_by_name.get_or_init(|| {
            let mut index: FxHashMap<Name, Vec<NodeId>> = FxHashMap::default();
            let renamed = self.facts.renamed();
            for &call in &self.facts.calls {
                let Node::Call { callee, .. } = self.facts.node(call) else {
                    continue;
                };
                let last = match self.facts.node(callee) {
                    Node::Member { property, .. } => property,
                    Node::Global(n) => n,
                    Node::Binding(b) => {
                        if let Some(&original) = renamed.get(&b) {
                            index.entry(original).or_default().push(call);
                        }
                        self.facts.binding(b).name
                    }
                    _ => continue,
                };
                index.entry(last).or_default().push(call);
            }
            index
        })
    }

    /// The bindings of a name, in source order.
    pub(super) fn bindings_named(&self, name: Name) -> impl Iterator<Item = BindingId> + '_ {
        let known = self.indexes.bindings_named.get_or_init(|| {
            let bindings = self.facts.bindings.iter().zip(0..);
            let mut known: Vec<_> = bindings.map(|(b, index)| (b.name, BindingId(index))).collect();
            known.sort_unstable();
            known
        });
        under(known, name)
    }
}

impl Project {
    /// Assignments to a property of this name in a file, whatever the object.
    pub fn writes_to(&self, file: FileId, property: &str) -> &[NodeId] {
        let Some(name) = self.name_in(file, property) else {
            return &[];
        };
        self.file(file).writes_by_name().get(&name).map_or(&[], Vec::as_slice)
    }

    /// Calls in a file whose callee ends in this name, also where an import or a pattern gave it another.
    pub fn calls_named(&self, file: FileId, last: &str) -> &[NodeId] {
        let Some(name) = self.name_in(file, last) else {
            return &[];
        };
        self.calls_by_name(file).get(&name).map_or(&[], Vec::as_slice)
    }

    /// The calls of a file by the last name of what they call, as [`calls_named`](Self::calls_named) gives them.
    pub fn calls_by_name(&self, file: FileId) -> &FxHashMap<Name, Vec<NodeId>> {
        self.file(file).calls_by_name()
    }

    /// The bindings that begin with what stands here, in source order: a variable, and the name of a class or function.
    pub(crate) fn begun_with(&self, at: Ref) -> impl Iterator<Item = BindingId> + '_ {
        let file = self.file(at.file);
        let known = file.indexes.begun_with.get_or_init(|| {
            let bindings = file.facts.bindings.iter().zip(0..);
            let mut known: Vec<_> = bindings
                .filter_map(|(binding, index)| Some((binding.init?, BindingId(index))))
                .collect();
            known.sort_unstable();
            known
        });
        under(known, at.node)
    }

    /// Where a file names something of the global object by a bare name, in source order.
    pub fn globals_named(&self, file: FileId, name: Name) -> impl Iterator<Item = NodeId> + '_ {
        let file = self.file(file);
        let known = file.indexes.globals_named.get_or_init(|| {
            let nodes = file.facts.nodes.iter().zip(0..);
            let mut known: Vec<_> = nodes
                .filter_map(|(node, index)| match node {
                    Node::Global(name) => Some((*name, NodeId(index))),
                    _ => None,
                })
                .collect();
            known.sort_unstable();
            known
        });
        under(known, name)
    }

    /// Calls that stand in a function itself, not in functions inside it.
    pub fn calls_in(&self, f: Func) -> &[NodeId] {
        let file = self.file(f.file);
        let index = file
            .indexes
            .calls_in
            .get_or_init(|| by_function(&file.facts, &file.facts.calls));
        &index[f.function.0 as usize]
    }

    /// Writes that stand in a function itself, not in functions inside it.
    pub fn writes_in(&self, f: Func) -> &[NodeId] {
        let file = self.file(f.file);
        let index = file
            .indexes
            .writes_in
            .get_or_init(|| by_function(&file.facts, &file.facts.writes));
        &index[f.function.0 as usize]
    }

    /// Where a function itself, not one inside it, waits or leaves the next statement aside, in source order: `return`,
    /// `throw`, `break`, `continue`, `await`, `yield`.
    pub fn jumps_in(&self, f: Func) -> &[NodeId] {
        let file = self.file(f.file);
        let index = file.indexes.jumps_in.get_or_init(|| {
            let is_jump = |node: &Node| {
                matches!(
                    node,
                    Node::Return(_) | Node::Throw(_) | Node::Break | Node::Continue | Node::Await(_) | Node::Yield(_)
                )
            };
            let nodes = file.facts.nodes.iter().zip(0..);
            let jumps: Vec<NodeId> = nodes
                .filter(|(node, _)| is_jump(node))
                .map(|(_, index)| NodeId(index))
                .collect();
            by_function(&file.facts, &jumps)
        });
        &index[f.function.0 as usize]
    }

    /// Variables of a module that may be another name of a part of another module, imports aside: what takes something
    /// apart, and what begins with a call or a member.
    pub(super) fn required_in(&self, file: FileId) -> &[Required] {
        let file = self.file(file);
        file.indexes.required.get_or_init(|| {
            let facts = &file.facts;
            let is_part = |node| matches!(facts.node(node), Node::Call { .. } | Node::Member { .. });
            let may_be = |b: &Binding| {
                let may_stand = match b.function {
                    FunctionId::MODULE => b.pattern.is_some() || b.init.is_some_and(is_part),
                    _ => b.pattern.is_some_and(|pattern| takes_module_apart(facts, pattern)),
                };
                b.kind != BindingKind::Import && b.writes == 0 && may_stand
            };
            let bindings = facts.bindings.iter().zip(0..);
            let required = bindings.filter(|(b, _)| may_be(b)).map(|(b, index)| Required {
                binding: BindingId(index),
                from: module_of(facts, b),
            });
            required.collect()
        })
    }

    /// The module that a variable gets when it is needed, if it gets nothing else: `redis = require('redis')` in a function.
    pub(super) fn required_later(&self, file: FileId, b: BindingId) -> Option<Name> {
        let file = self.file(file);
        let index = file.indexes.required_later.get_or_init(|| {
            let facts = &file.facts;
            let calls = facts.calls.iter();
            let required = calls.filter(|&&call| modules::required(facts, call).is_some());
            let got = required.filter_map(|&call| match facts.node(facts.parent(call)) {
                Node::Assign { target, .. } => match facts.node(target) {
                    Node::Binding(b) => Some(b),
                    _ => None,
                },
                _ => None,
            });
            got.filter_map(|b| Some((b, modules::only_required(facts, b)?)))
                .collect()
        });
        index.get(&b).copied()
    }

    /// The tags of custom elements that open in the markup of a file's texts: `<walk-map` in a template.
    pub(super) fn tags_in(&self, file: FileId) -> &FxHashSet<Box<str>> {
        let file = self.file(file);
        let is_of_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        file.indexes.tags.get_or_init(|| {
            let texts = file.facts.names.iter().flat_map(|text| text.split('<').skip(1));
            let tags = texts.map(|rest| rest.split_once(|c| !is_of_tag(c)).map_or(rest, |(tag, _)| tag));
            tags.filter(|tag| tag.contains('-')).map(Into::into).collect()
        })
    }

    /// The bindings of this name in a file, in source order.
    pub fn bindings_named(&self, file: FileId, name: Name) -> impl Iterator<Item = BindingId> + '_ {
        self.file(file).bindings_named(name)
    }
}

/// The bindings under one key of a sorted list.
fn under<K: Ord + Copy, T: Copy>(known: &[(K, T)], key: K) -> impl Iterator<Item = T> + use<'_, K, T> {
    let start = known.partition_point(|(other, _)| *other < key);
    let from = known[start..].iter();
    from.take_while(move |(other, _)| *other == key)
        .map(|(_, found)| *found)
}

/// Nodes by the function they stand in itself.
fn by_function(facts: &FileFacts, nodes: &[NodeId]) -> Vec<Vec<NodeId>> {
    let mut index = vec![Vec::new(); facts.functions.len()];
    for &node in nodes {
        index[facts.enclosing_function(node).0 as usize].push(node);
    }
    index
}

/// The specifier of the module that a variable is declared as a part of: `require("./module").part`.
fn module_of(facts: &FileFacts, binding: &Binding) -> Option<Name> {
    let mut at = match (binding.pattern, binding.init) {
        (Some(pattern), _) => value_taken_apart(facts, pattern)?,
        (None, init) => init?,
    };
    loop {
        match facts.node(at) {
            Node::Member { object, .. } | Node::Await(object) => at = object,
            _ => return modules::required(facts, at),
        }
    }
}

/// The value that the pattern around a name takes apart.
fn value_taken_apart(facts: &FileFacts, pattern: NodeId) -> Option<NodeId> {
    let mut at = pattern;
    loop {
        let up = facts.parent(at);
        match facts.node(up) {
            Node::Property { .. } | Node::ObjectPattern(_) | Node::ArrayPattern(_) | Node::Default { .. } => at = up,
            Node::Declare { value, .. } => return Some(value),
            _ => return None,
        }
    }
}

/// Whether a pattern takes apart what is required or imported right there: `const { part } = await import("./module")`.
fn takes_module_apart(facts: &FileFacts, pattern: NodeId) -> bool {
    let mut at = pattern;
    loop {
        let up = facts.parent(at);
        match facts.node(up) {
            Node::Property { .. } | Node::ObjectPattern(_) | Node::Default { .. } => at = up,
            Node::Declare { value, .. } => {
                let value = match facts.node(value) {
                    Node::Await(value) => value,
                    _ => value,
                };
                return modules::required(facts, value).is_some();
            }
            Node::Function(_) => return modules::waited_for(facts, up).is_some(),
            _ => return false,
        }
    }
}
