//! Extraction: a syntax tree in, [`FileFacts`] out, and the tree is dropped.
//!
//! One walk resolves every identifier (declarations of a scope are known before its code is read), lowers code to
//! the fact tree and records imports and exports. This room knows the language and no API; it makes no judgement.

mod buffers;
mod class;
mod declare;
mod expression;
mod jsx;
mod module;
mod pattern;
mod sloppy;
mod statement;
mod symbols;
mod types;

use rustc_hash::FxHashSet;
use swc_common::Spanned;
use swc_ecma_ast as ast;

use crate::facts::{
    Binding, BindingId, BindingKind, FileFacts, FileKind, Function, FunctionFlags, FunctionId, List, Name, Node,
    NodeId, TemplatePart,
};
use crate::finding::Span;

/// One program of a file, and whether it runs once for each component instance.
pub struct Input<'a> {
    /// The tree; its positions are offsets in the whole file, plus one.
    pub program: &'a ast::Program,
    /// `<script setup>`, Svelte's instance script.
    pub per_instance: bool,
}

/// What the markup of a file refers to.
#[derive(Default)]
pub struct Template<'s> {
    /// Identifiers in its expressions.
    pub names: Vec<&'s str>,
    /// Functions that it gives to its elements, as dotted paths.
    pub actions: Vec<(&'s str, Span)>,
    /// Its elements that are none of HTML: the tag, the one around it, and whether it is drawn whenever that one is.
    pub parts: Vec<(&'s str, Option<u32>, bool)>,
    /// The identifiers that it gives its elements.
    pub ids: Vec<&'s str>,
}

/// Lowers the scripts of one file.
pub fn extract(inputs: &[Input<'_>], kind: FileKind, template: &Template<'_>) -> FileFacts {
    let mut lower = Lower::new(kind);
    for text in &template.names {
        let name = lower.intern(text);
        lower.facts.template_names.push(name);
    }
    for &(text, inside, always) in &template.parts {
        let name = lower.intern(text);
        lower.facts.template_parts.push(TemplatePart { name, inside, always });
    }
    for text in &template.ids {
        let id = lower.intern(text);
        lower.facts.template_ids.push(id);
    }
    lower.module(inputs, &template.actions);
    lower.finish()
}

/// The state of the walk.
struct Lower {
    facts: FileFacts,
    /// Bindings in force for each name, innermost last.
    active: Vec<Vec<BindingId>>,
    /// Names declared by each open scope.
    scopes: Vec<Vec<Name>>,
    /// Open functions, innermost last.
    functions: Vec<FunctionId>,
    /// Depth of loop bodies within the innermost function.
    loop_depth: u32,
    /// Whether the code at hand is in strict mode.
    strict: bool,
    /// Offsets of the names of functions that a block declares in the function around it.
    hoisted: FxHashSet<u32>,
    /// Constants at module level that are symbols.
    symbols: FxHashSet<String>,
    scratch: Vec<NodeId>,
}

fn span_of(node: &impl Spanned) -> Span {
    to_span(node.span())
}

fn to_span(span: swc_common::Span) -> Span {
    Span::new(span.lo.0.saturating_sub(1), span.hi.0.saturating_sub(1))
}

impl Lower {
    fn new(kind: FileKind) -> Self {
        Self {
            facts: buffers::begin(kind),
            active: Vec::new(),
            scopes: Vec::new(),
            functions: Vec::new(),
            loop_depth: 0,
            strict: false,
            hoisted: FxHashSet::default(),
            symbols: FxHashSet::default(),
            scratch: Vec::new(),
        }
    }

    fn intern(&mut self, text: &str) -> Name {
        if let Some(known) = self.facts.find_name(text) {
            return known;
        }
        let (index, _) = self.facts.names.insert_full(text.into());
        self.active.push(Vec::new());
        Name(index as u32)
    }

    /// Adds a node and becomes the parent of its children.
    fn add(&mut self, node: Node, span: Span) -> NodeId {
        let id = NodeId(self.facts.nodes.len() as u32);
        self.facts.nodes.push(node);
        self.facts.spans.push(span);
        self.facts.parents.push(id);
        let mut children = std::mem::take(&mut self.scratch);
        self.facts.children(id, |child| children.push(child));
        for child in children.drain(..) {
            self.facts.parents[child.0 as usize] = id;
        }
        self.scratch = children;
        match node {
            Node::Call { .. } => self.facts.calls.push(id),
            Node::Assign { .. } | Node::Update { .. } | Node::Delete(_) => self.facts.writes.push(id),
            Node::Member { property, .. } => self.facts.members.push((property, id)),
            Node::Binding(b) => self.facts.references.push((b, id)),
            _ => {}
        }
        id
    }

    fn empty(&mut self, span: Span) -> NodeId {
        self.add(Node::Empty, Span::new(span.start, span.start))
    }

    fn list(&mut self, items: &[NodeId]) -> List {
        if items.is_empty() {
            return List::EMPTY;
        }
        let list = List(self.facts.lists.len() as u32);
        self.facts.lists.push(items.len() as u32);
        self.facts.lists.extend(items.iter().map(|n| n.0));
        list
    }

    fn current(&self) -> FunctionId {
        self.functions.last().copied().unwrap_or(FunctionId::MODULE)
    }

    fn open_scope(&mut self) {
        self.scopes.push(Vec::new());
    }

    fn close_scope(&mut self) {
        for name in self.scopes.pop().unwrap_or_default() {
            self.active[name.0 as usize].pop();
        }
    }

    /// Declares a name in the innermost scope; a second declaration of it there is the same binding.
    fn declare(&mut self, text: &str, kind: BindingKind, span: Span) -> BindingId {
        let name = self.intern(text);
        if self.scopes.last().is_some_and(|scope| scope.contains(&name))
            && let Some(&known) = self.active[name.0 as usize].last()
        {
            return known;
        }
        let id = BindingId(self.facts.bindings.len() as u32);
        self.facts.bindings.push(Binding {
            name,
            kind,
            function: self.current(),
            span,
            init: None,
            pattern: None,
            type_name: None,
            writes: 0,
            in_loop: self.loop_depth > 0,
        });
        self.active[name.0 as usize].push(id);
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(name);
        }
        id
    }

    fn lookup(&mut self, text: &str) -> Result<BindingId, Name> {
        let name = self.intern(text);
        match self.active[name.0 as usize].last() {
            Some(&id) => {
                self.capture(id);
                Ok(id)
            }
            None => Err(name),
        }
    }

    /// Records that every function between here and the binding's own refers to it.
    fn capture(&mut self, id: BindingId) {
        let home = self.facts.bindings[id.0 as usize].function;
        if home == FunctionId::MODULE {
            return;
        }
        for &f in self.functions.iter().rev() {
            if f == home {
                break;
            }
            let captures = &mut self.facts.functions[f.0 as usize].captures;
            if captures.last() != Some(&id) {
                captures.push(id);
            }
        }
    }

    /// An identifier, read or written.
    fn identifier(&mut self, text: &str, span: Span) -> NodeId {
        match self.lookup(text) {
            Ok(id) => self.add(Node::Binding(id), span),
            Err(_) if text == "undefined" => self.add(Node::Undefined, span),
            Err(name) => self.add(Node::Global(name), span),
        }
    }

    /// Counts a write to whatever a target names.
    fn wrote(&mut self, target: NodeId) {
        match self.facts.node(target) {
            Node::Binding(b) => self.facts.bindings[b.0 as usize].writes += 1,
            Node::ObjectPattern(l) | Node::ArrayPattern(l) => {
                let items: Vec<_> = self.facts.list(l).collect();
                items.into_iter().for_each(|i| self.wrote(i));
            }
            Node::Property { value, .. } => self.wrote(value),
            Node::Default { target, .. } | Node::Rest(target) => self.wrote(target),
            _ => {}
        }
    }

    /// Opens a function: `fill` lowers its parameters and body and returns them.
    fn function(
        &mut self,
        name: Option<&str>,
        span: Span,
        flags: FunctionFlags,
        fill: impl FnOnce(&mut Self) -> (List, NodeId),
    ) -> NodeId {
        let id = FunctionId(self.facts.functions.len() as u32);
        let name = name.map(|n| self.intern(n));
        let parent = self.functions.last().copied();
        self.facts.functions.push(Function {
            name,
            span,
            node: NodeId(0),
            params: List::EMPTY,
            body: NodeId(0),
            parent,
            class: None,
            flags,
            type_name: None,
            captures: Vec::new(),
        });
        self.functions.push(id);
        let loops = std::mem::take(&mut self.loop_depth);
        self.open_scope();
        let (params, body) = fill(self);
        self.close_scope();
        self.loop_depth = loops;
        self.functions.pop();
        let node = self.add(Node::Function(id), span);
        let parts: Vec<_> = self.facts.list(params).chain([body]).collect();
        for part in parts {
            self.facts.parents[part.0 as usize] = node;
        }
        let function = &mut self.facts.functions[id.0 as usize];
        function.node = node;
        function.params = params;
        function.body = body;
        let inner = function.flags;
        if let Some(outer) = parent.filter(|_| inner.is_arrow) {
            let outer = &mut self.facts.functions[outer.0 as usize].flags;
            outer.uses_this |= inner.uses_this;
        }
        if let Some(outer) = parent.filter(|_| inner.has_eval) {
            self.facts.functions[outer.0 as usize].flags.has_eval = true;
        }
        node
    }

    fn finish(mut self) -> FileFacts {
        self.exports_through_parameters();
        sort_by_key(&mut self.facts.references, self.facts.bindings.len(), |b| b.0 as usize);
        sort_by_key(&mut self.facts.members, self.facts.names.len(), |name| name.0 as usize);
        self.order_types();
        for function in &mut self.facts.functions {
            function.captures.sort_unstable();
            function.captures.dedup();
        }
        buffers::end(self.facts)
    }
}

/// Sorts nodes, which are there in their own order, by keys of which there are so many. They are a large part of the facts,
/// and counting takes a quarter of what comparing does.
fn sort_by_key<K: Copy>(nodes: &mut [(K, NodeId)], keys: usize, number: impl Fn(K) -> usize) {
    let mut starts = vec![0; keys];
    for &(key, _) in &*nodes {
        starts[number(key)] += 1;
    }
    let mut end = 0;
    for start in &mut starts {
        end += std::mem::replace(start, end);
    }
    let unsorted = nodes.to_vec();
    for (key, node) in unsorted {
        let at = &mut starts[number(key)];
        nodes[*at] = (key, node);
        *at += 1;
    }
}
