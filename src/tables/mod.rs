//! What leaklint knows of APIs, as data: acquire/release pairs, types, values and execution contexts.
//!
//! The rows stand in `rules/resources/*.toml` and in a user's `leaklint.toml`; this room only reads them and makes
//! them quick to ask. No Rust in the house compares an API's name; whatever names one is a row.

mod load;
mod pattern;
mod rows;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

pub use load::TableError;
pub use pattern::{Base, CallPattern, Param};
pub use rows::{
    Bound, ContextRow, Conventions, Drained, Every, Filled, InScopeRow, LifecycleRow, Lives, Measure, OperatorRow,
    PairRow, Runs, ScopeEnd, ScopeRow, SizeRow, StreamEffect, StreamKind, TypeRow, ValueRow, WrapperRow,
};

/// The content of one table file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    #[serde(rename = "type")]
    types: Vec<TypeRow>,
    #[serde(rename = "value")]
    values: Vec<ValueRow>,
    #[serde(rename = "pair")]
    pairs: Vec<PairRow>,
    #[serde(rename = "context")]
    contexts: Vec<ContextRow>,
    #[serde(rename = "lifecycle")]
    lifecycles: Vec<LifecycleRow>,
    #[serde(rename = "wrapper")]
    wrappers: Vec<WrapperRow>,
    #[serde(rename = "operator")]
    operators: Vec<OperatorRow>,
    #[serde(rename = "size")]
    sizes: Vec<SizeRow>,
    #[serde(rename = "scope")]
    scopes: Vec<ScopeRow>,
    #[serde(rename = "in-scope")]
    in_scope: Vec<InScopeRow>,
    conventions: Conventions,
}

/// Index of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

/// One way to write an acquisition, a release or a context: a pattern and the row it belongs to.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The pattern.
    pub pattern: CallPattern,
    /// Index into the rows of its kind.
    pub row: usize,
}

/// All rows, with the indexes that make them quick to ask. Indexes go by the last name of a callee, so that most
/// calls of a program are dismissed by one look-up.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Types.
    pub types: Vec<TypeRow>,
    /// Values.
    pub values: Vec<ValueRow>,
    /// Pairs.
    pub pairs: Vec<PairRow>,
    /// Contexts.
    pub contexts: Vec<ContextRow>,
    /// Lifecycles.
    pub lifecycles: Vec<LifecycleRow>,
    /// Wrappers.
    pub wrappers: Vec<WrapperRow>,
    /// Operators of streams.
    pub operators: Vec<OperatorRow>,
    /// Sizes.
    pub sizes: Vec<SizeRow>,
    /// Scopes.
    pub scopes: Vec<ScopeRow>,
    /// Names in scope without an import.
    pub in_scope: Vec<InScopeRow>,
    /// Conventions.
    pub conventions: Conventions,
    /// Releases of each pair, parsed.
    pub releases: Vec<Vec<CallPattern>>,
    acquire_index: FxHashMap<String, Vec<Entry>>,
    own_signal_index: FxHashMap<String, Vec<usize>>,
    release_index: FxHashMap<String, Vec<(usize, usize)>>,
    context_index: FxHashMap<String, Vec<Entry>>,
    teardown_names: FxHashSet<String>,
    repeat_names: FxHashSet<String>,
    /// Names of parameters, and the context row that functions with such fall under, in the order of the rows.
    pub(crate) signatures: Vec<(usize, Vec<String>)>,
    file_globs: globset::GlobSet,
    /// For each glob the context row it belongs to.
    file_rows: Vec<usize>,
    scope_index: FxHashMap<String, Vec<Entry>>,
    wrapper_index: FxHashMap<String, Vec<Entry>>,
    operator_index: FxHashMap<String, Vec<usize>>,
    value_index: FxHashMap<String, usize>,
    size_index: FxHashMap<String, usize>,
    /// For each name in scope without an import its module, and whether it is the module as a whole.
    in_scope_index: FxHashMap<String, (Arc<str>, bool)>,
    class_index: FxHashMap<String, TypeId>,
    annotation_index: FxHashMap<String, TypeId>,
    type_index: FxHashMap<String, TypeId>,
    injected_index: FxHashMap<String, TypeId>,
    /// The names on the global object that rows begin with: `document`, `L` of `L.map`.
    global_names: FxHashSet<String>,
}

impl Tables {
    /// The rows that come with leaklint.
    pub fn builtin() -> Arc<Tables> {
        static BUILTIN: std::sync::LazyLock<Arc<Tables>> = std::sync::LazyLock::new(|| {
            Arc::new(load::builtin().unwrap_or_else(|e| unreachable!("a test reads every built-in table: {e}")))
        });
        BUILTIN.clone()
    }

    /// The module of a name that programs use without an import, and whether it is the module as a whole.
    pub fn in_scope(&self, name: &str) -> Option<(Arc<str>, bool)> {
        self.in_scope_index.get(name).cloned()
    }

    /// The built-in rows and a user's. Rows of the user come first.
    ///
    /// # Errors
    /// If a row cannot be read; the message names the row.
    pub fn with_user_rows(text: &str) -> Result<Arc<Tables>, TableError> {
        load::with_user_rows(text).map(Arc::new)
    }

    /// The rows of pairs whose first halves are called so where they are methods of a signal of the project's own.
    pub fn own_signals(&self, last: &str) -> &[usize] {
        self.own_signal_index.get(last).map_or(&[], Vec::as_slice)
    }

    /// The releases of a row of these tables, parsed.
    pub fn releases_of(&self, row: &PairRow) -> &[CallPattern] {
        let index = self.pairs.iter().position(|pair| std::ptr::eq(pair, row));
        index.map_or(&[], |index| self.releases[index].as_slice())
    }

    /// Whether some row is about a name on the global object, or about a part of what it has.
    pub fn names_global(&self, name: &str) -> bool {
        self.global_names.contains(name)
    }

    /// Whether a method of this name ends its object by convention.
    pub fn is_teardown(&self, method: &str) -> bool {
        self.teardown_names.contains(method)
    }

    /// Whether a method of this name runs again and again on one object by convention.
    pub fn is_repeat(&self, method: &str) -> bool {
        self.repeat_names.contains(method)
    }

    /// Acquisitions whose callee ends in this name.
    pub fn acquisitions(&self, last: &str) -> &[Entry] {
        self.acquire_index.get(last).map_or(&[], Vec::as_slice)
    }

    /// Releases whose callee ends in this name: the pair's row, and which of its releases.
    pub fn releases_named(&self, last: &str) -> &[(usize, usize)] {
        self.release_index.get(last).map_or(&[], Vec::as_slice)
    }

    /// Whether a member by its name is a node of the page wherever an event has it: `target`.
    pub fn is_node_of_event(&self, member: &str) -> bool {
        self.types.iter().any(|row| row.nodes.iter().any(|node| node == member))
    }

    /// The row of what is known by its end alone, if that is a method of this name.
    pub fn row_ended_by(&self, method: &str) -> Option<usize> {
        let is_method = |row: usize, release: usize| self.releases[row][release].base != Base::Handle;
        let mut named = self.releases_named(method).iter();
        named
            .find(|&&(row, release)| self.pairs[row].told_by_end && is_method(row, release))
            .map(|(row, _)| *row)
    }

    /// The row of what is known by its end alone, if that is a call of what was given: `undo()`.
    pub fn row_ended_by_call(&self) -> Option<usize> {
        let by_call = |row: usize| self.releases[row].iter().any(|r| r.base == Base::Handle);
        (0..self.pairs.len()).find(|&row| self.pairs[row].told_by_end && by_call(row))
    }

    /// Contexts whose callee ends in this name.
    pub fn contexts_named(&self, last: &str) -> &[Entry] {
        self.context_index.get(last).map_or(&[], Vec::as_slice)
    }

    /// Contexts that look for exports of a file.
    pub fn contexts_of_file(&self, path: &std::path::Path) -> Vec<usize> {
        let mut rows: Vec<_> = self
            .file_globs
            .matches(path)
            .into_iter()
            .map(|i| self.file_rows[i])
            .collect();
        rows.dedup();
        rows
    }

    /// Scopes whose callee ends in this name.
    pub fn scopes_named(&self, last: &str) -> &[Entry] {
        self.scope_index.get(last).map_or(&[], Vec::as_slice)
    }

    /// Wrappers whose callee ends in this name.
    pub fn wrappers_named(&self, last: &str) -> &[Entry] {
        self.wrapper_index.get(last).map_or(&[], Vec::as_slice)
    }

    /// Whether values of a type are streams, and of which kind.
    pub fn stream_kind(&self, id: TypeId) -> Option<StreamKind> {
        let row = self.type_row(id);
        row.stream.or_else(|| {
            let mut parents = row.extends.iter();
            parents.find_map(|e| self.type_named(e).and_then(|t| self.stream_kind(t)))
        })
    }

    /// What the export of a module does to streams.
    pub fn operator(&self, module: &str, name: &str) -> Option<StreamEffect> {
        let fits = |m: &String| match m.strip_suffix('*') {
            Some(start) => module.starts_with(start),
            None => m == module,
        };
        let found = [name, "*"].into_iter().find_map(|name| {
            let mut rows = self.operator_index.get(name)?.iter();
            rows.find(|&&r| self.operators[r].modules.iter().any(fits))
        })?;
        Some(self.operators[*found].effect)
    }

    /// What a method of a stream, or a static one of its class, does to it.
    pub fn operator_method(&self, name: &str) -> Option<StreamEffect> {
        Some(self.operators[*self.operator_index.get(name)?.first()?].effect)
    }

    /// The row of a value: `document.body`, `fs:createReadStream()`.
    pub fn value(&self, path: &str) -> Option<&ValueRow> {
        self.value_index.get(path).map(|&i| &self.values[i])
    }

    /// How large what a call gives is, by the path of what is called, or by `#` and the name of a method.
    pub fn size(&self, path: &str) -> Option<&SizeRow> {
        self.size_index.get(path).map(|&i| &self.sizes[i])
    }

    /// The type a class makes: `events:EventEmitter`, `MutationObserver`.
    pub fn class_type(&self, path: &str) -> Option<TypeId> {
        self.class_index.get(path).copied()
    }

    /// The type an annotation names.
    pub fn annotation_type(&self, name: &str) -> Option<TypeId> {
        self.annotation_index.get(name).copied()
    }

    /// A type by its name in the tables.
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        self.type_index.get(name).copied()
    }

    /// The type whose values are called so, or end so: `abortSignal`. The name is in lower case.
    pub fn type_held_by(&self, name: &str) -> Option<TypeId> {
        let is_such = |row: &TypeRow| row.named.iter().any(|n| name.ends_with(n.as_str()));
        self.types.iter().position(is_such).map(|index| TypeId(index as u32))
    }

    /// The type of what an injector gives to parameters of a name: `$scope`.
    pub fn type_injected(&self, name: &str) -> Option<TypeId> {
        self.injected_index.get(name).copied()
    }

    /// The row of a type.
    pub fn type_row(&self, id: TypeId) -> &TypeRow {
        &self.types[id.0 as usize]
    }

    /// Whether values of a type have the methods of the type of this name.
    pub fn is_a(&self, id: TypeId, name: &str) -> bool {
        let row = self.type_row(id);
        row.name == name
            || row
                .extends
                .iter()
                .any(|e| self.type_named(e).is_some_and(|t| self.is_a(t, name)))
    }

    /// Whether a method of this type gives back what it is called on: `"off()"`.
    pub fn is_chained(&self, id: TypeId, method: &str) -> bool {
        let row = self.type_row(id);
        match row.gives.get(method) {
            Some(given) => given == "this",
            None => row
                .extends
                .iter()
                .any(|e| self.type_named(e).is_some_and(|t| self.is_chained(t, method))),
        }
    }

    /// The type of a part of a value of this type: `"socket"`, `"pipe()"`.
    pub fn part(&self, id: TypeId, part: &str) -> Option<TypeId> {
        let row = self.type_row(id);
        if let Some(given) = row.gives.get(part).or_else(|| row.gives.get("*")) {
            return if given == "this" {
                Some(id)
            } else {
                self.type_named(given)
            };
        }
        row.extends
            .iter()
            .find_map(|e| self.type_named(e).and_then(|t| self.part(t, part)))
    }
}
