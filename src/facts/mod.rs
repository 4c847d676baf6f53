//! Facts: what one file says, as plain data.
//!
//! A file's code is kept as one compact, *resolved* tree: regions (sequence, branch, loop, try, function) and
//! values (calls, reads, writes, literals) in a single index-based arena, every identifier already bound to its
//! [`Binding`]. This is what outlives the syntax tree: later stages ask it whatever they need, so a new rule
//! rarely needs a new kind of fact, and cached facts survive a change of tables or configuration.
//!
//! What may not enter: swc types, knowledge of any API, lifetimes, judgements, other files.

mod node;
mod query;

pub use node::{
    AssignOp, BinaryOp, CallKind, List, LogicalOp, LoopKind, Member, MemberKind, Name, Node, NodeId, PropertyKind,
    UnaryOp,
};
pub use query::{Assignment, MethodCall};

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

use crate::finding::Span;

/// Index of a [`Binding`] in [`FileFacts::bindings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BindingId(pub u32);

/// Index of a [`Function`] in [`FileFacts::functions`]. Function 0 is the module itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionId(pub u32);

/// Index of a [`Class`] in [`FileFacts::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClassId(pub u32);

impl FunctionId {
    /// The module's own top-level code.
    pub const MODULE: FunctionId = FunctionId(0);
}

/// How a name came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BindingKind {
    /// `var`.
    Var,
    /// `let`.
    Let,
    /// `const`.
    Const,
    /// `using` and `await using`: disposed when its block ends.
    Using,
    /// A parameter, or a name inside a parameter's pattern.
    Param,
    /// A function declaration or the own name of a function expression.
    Function,
    /// A class declaration or the own name of a class expression.
    Class,
    /// `catch (e)`.
    Catch,
    /// An import; see [`FileFacts::imports`].
    Import,
    /// An enum or namespace of TypeScript.
    Enum,
    /// `arguments`-like and framework names that exist without a declaration (Svelte's `$store`).
    Implicit,
}

/// A declared name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Binding {
    /// Its text.
    pub name: Name,
    /// How it was declared.
    pub kind: BindingKind,
    /// The function whose activation holds it (the module for top-level names).
    pub function: FunctionId,
    /// Where the name stands in its declaration.
    pub span: Span,
    /// The value of its declarator, function or class node, if it is declared by a plain name.
    pub init: Option<NodeId>,
    /// The pattern it stands in, with the value the pattern takes apart, when it is not declared by a plain name.
    pub pattern: Option<NodeId>,
    /// The name of its written type, see [`FileFacts::types`].
    pub type_name: Option<Name>,
    /// How many times it is written after its declaration.
    pub writes: u32,
    /// Whether it is declared inside a loop body, so that each iteration has its own.
    pub in_loop: bool,
}

/// What a function is, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionFlags {
    /// `async`.
    pub is_async: bool,
    /// `function*`.
    pub is_generator: bool,
    /// An arrow: `this` is the surrounding one.
    pub is_arrow: bool,
    /// Reads `this` itself (arrows inside count).
    pub uses_this: bool,
    /// Contains a direct `eval`.
    pub has_eval: bool,
    /// Returns or yields JSX somewhere.
    pub has_jsx: bool,
    /// A class or object method, getter, setter or constructor.
    pub is_method: bool,
}

/// A function, or the module itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its own name, or the name it is first bound to.
    pub name: Option<Name>,
    /// Where it stands, whole.
    pub span: Span,
    /// Its node; the root block for the module.
    pub node: NodeId,
    /// Its parameters: patterns.
    pub params: List,
    /// Its body: a block, or the value of a short arrow.
    pub body: NodeId,
    /// The function around it.
    pub parent: Option<FunctionId>,
    /// The class it is a member of.
    pub class: Option<ClassId>,
    /// What it is.
    pub flags: FunctionFlags,
    /// The name of the written type of what it gives back, or promises; see [`FileFacts::types`].
    pub type_name: Option<Name>,
    /// Bindings of functions around it that it, or a function inside it, refers to; sorted.
    pub captures: Vec<BindingId>,
}

/// A class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Class {
    /// Its own name, or the name it is first bound to.
    pub name: Option<Name>,
    /// Its node.
    pub node: NodeId,
    /// What it extends.
    pub superclass: Option<NodeId>,
    /// Names after `implements`.
    pub implements: Vec<Name>,
    /// Its members in source order.
    pub members: Vec<Member>,
    /// Calls or names after `@`.
    pub decorators: Vec<NodeId>,
    /// The function it is declared in.
    pub function: FunctionId,
}

/// The part of a [`WrittenType`] that its elements are, or what it promises.
pub const ELEMENT: &str = "[]";

/// The part of a [`WrittenType`] by which its elements are found: the keys of a `Map`.
pub const KEY: &str = "[key]";

/// The part of a [`WrittenType`] for each type of a union that it stands for; its name is empty where nobody can say.
pub const OPTION: &str = "|";

/// What the name of a type begins with that is the type of a value: `typeof net`.
pub const TYPE_OF: &str = "typeof ";

/// A type that the code writes down with what it is made of: an interface, an alias, a type literal, a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenType {
    /// Its name, or a text that no name can be: `Map<Side,Room>`, `{3}`.
    pub name: Name,
    /// Types that it extends or stands for.
    pub bases: Vec<Name>,
    /// Its parts and the names of their types: `name` for a property, `name()` for what a method gives back, `[]` for
    /// elements and what a promise or box has inside.
    pub parts: Vec<(Name, Name)>,
}

/// What an import takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Imported {
    /// `import x from`.
    Default,
    /// `import * as x from`.
    Namespace,
    /// `import { name as x } from`.
    Named(Name),
}

/// An ESM import of one name. (`require` is a call like any other; `link` knows it.)
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The local name.
    pub binding: BindingId,
    /// The module as written.
    pub specifier: Name,
    /// What is taken.
    pub imported: Imported,
}

/// What an export gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ExportValue {
    /// A local name.
    Binding(BindingId),
    /// An expression, function or class.
    Node(NodeId),
    /// `export { name } from "specifier"`.
    From {
        /// The module as written.
        specifier: Name,
        /// What is taken from it.
        imported: Imported,
    },
}

/// One exported name: ESM, or an assignment to `module.exports` / `exports.name`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// The name others import; `default` for the default export, `=` for the whole of `module.exports`.
    pub name: Name,
    /// What they get.
    pub value: ExportValue,
}

/// What kind of script a file is; decides which framework reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// A plain module or script.
    #[default]
    Module,
    /// A Vue component.
    Vue,
    /// A Svelte component.
    Svelte,
    /// An Astro component.
    Astro,
    /// An HTML page.
    Html,
}

/// An element of a template that is none of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatePart {
    /// Its tag, as written.
    pub name: Name,
    /// The nearest such element around it, by its place in the list.
    pub inside: Option<u32>,
    /// Whether no condition, loop, key or slot stands between it and what is around it.
    pub always: bool,
}

/// Everything that is known of one file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FileFacts {
    /// What kind of file it is.
    pub kind: FileKind,
    /// Interned strings; [`Name`] indexes it.
    pub names: IndexSet<Box<str>, FxBuildHasher>,
    /// The tree.
    pub nodes: Vec<Node>,
    /// Where each node stands.
    pub spans: Vec<Span>,
    /// The node around each node; the root is its own parent.
    pub parents: Vec<NodeId>,
    /// Operands: each [`List`] points at a length, followed by that many entries.
    pub lists: Vec<u32>,
    /// Numeric literals.
    pub numbers: Vec<f64>,
    /// Declared names.
    pub bindings: Vec<Binding>,
    /// Every occurrence of a bound name: `(binding, node)`, sorted.
    pub references: Vec<(BindingId, NodeId)>,
    /// Every `x.name` and `{ name: ... }` pattern part: `(name, node)`, sorted.
    pub members: Vec<(Name, NodeId)>,
    /// Every call and construction, in source order.
    pub calls: Vec<NodeId>,
    /// Every write: assignments, updates and deletes, in source order.
    pub writes: Vec<NodeId>,
    /// Functions; the first is the module.
    pub functions: Vec<Function>,
    /// Classes.
    pub classes: Vec<Class>,
    /// ESM imports.
    pub imports: Vec<Import>,
    /// `export * from`: the specifiers.
    pub star_exports: Vec<Name>,
    /// Exported names.
    pub exports: Vec<Export>,
    /// The made-up function around code that runs once for each component instance
    /// (`<script setup>`, Svelte's instance script).
    pub instance: Option<FunctionId>,
    /// Names of types that stand for a few literals: `type Side = 'left' | 'right'`, `type Key = keyof typeof table`,
    /// enums.
    pub literal_types: Vec<Name>,
    /// Types that are made of others, by name. An annotation is called as its type: `net.Socket` and
    /// `import("net").Socket` as they are written, `Map` for `Map<string, number>`, `Map<,Room>` for `Map<string, Room>`,
    /// `connect()` for `ReturnType<typeof connect>`, `{3}` for a type literal.
    pub types: Vec<WrittenType>,
    /// The specifiers of `import("net").Socket` in annotations.
    pub type_imports: Vec<Name>,
    /// Names of the types of patterns that take parameters and variables apart, by node.
    pub pattern_types: Vec<(NodeId, Name)>,
    /// Identifiers that the template of a component uses.
    pub template_names: Vec<Name>,
    /// The elements of a template that are none of HTML, in the order of the file.
    pub template_parts: Vec<TemplatePart>,
    /// The identifiers that the template of a component gives its elements, as far as they are written down.
    pub template_ids: Vec<Name>,
    /// Whether top-level `this`/undeclared assignment make globals (no `"use strict"`, no ESM syntax).
    pub sloppy: bool,
}
