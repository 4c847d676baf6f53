//! The nodes of the fact tree.

use serde::{Deserialize, Serialize};

use super::{BindingId, ClassId, FunctionId};
use crate::finding::Span;

/// An interned string of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name(pub u32);

/// Index of a [`Node`] in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u32);

/// A run of operands; see [`super::FileFacts::list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List(pub u32);

impl List {
    /// The empty list, shared.
    pub const EMPTY: List = List(0);
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallKind {
    /// `f()`.
    Call,
    /// `f?.()`, or a call inside an optional chain.
    Optional,
    /// `new F()`.
    New,
    /// `` f`...` ``.
    Tagged,
    /// `import("...")`.
    Import,
}

/// Assignment operators, as far as anything depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssignOp {
    /// `=`.
    Set,
    /// `+=`.
    Add,
    /// `||=`.
    Or,
    /// `&&=`.
    And,
    /// `??=`.
    Nullish,
    /// Every arithmetic other one.
    Other,
}

/// Short-circuit operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogicalOp {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `??`.
    Nullish,
}

/// Binary operators, as far as anything depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinaryOp {
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `*`.
    Mul,
    /// `/`.
    Div,
    /// `**`.
    Pow,
    /// `<<`.
    Shl,
    /// `==` and `===`.
    Eq,
    /// `!=` and `!==`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `in`.
    In,
    /// `instanceof`.
    InstanceOf,
    /// Everything else.
    Other,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `!`.
    Not,
    /// `-`.
    Minus,
    /// `+`.
    Plus,
    /// `void`.
    Void,
    /// `typeof`.
    TypeOf,
    /// `~`.
    BitNot,
}

/// Loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoopKind {
    /// `for (;;)`: parts are init, test, update (absent ones are [`Node::Empty`]).
    For,
    /// `for (x in y)`: parts are target, object.
    ForIn,
    /// `for (x of y)`: parts are target, iterable.
    ForOf,
    /// `for await (x of y)`.
    ForAwait,
    /// `while (test)`.
    While,
    /// `do ... while (test)`.
    DoWhile,
}

/// How an object's property is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropertyKind {
    /// `key: value` or shorthand.
    Value,
    /// `key() {}`.
    Method,
    /// `get key() {}`.
    Getter,
    /// `set key(v) {}`.
    Setter,
}

/// A region or a value.
///
/// An identifier is the same node, [`Node::Binding`] or [`Node::Global`], whether it is read, written or declared:
/// its role follows from the node around it (see [`super::FileFacts::is_written`]).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Node {
    /// Nothing, or syntax that has no bearing on lifetimes (types, regular expressions, holes).
    Empty,
    /// `undefined`.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; index into [`super::FileFacts::numbers`].
    Number(u32),
    /// A string, or a template without substitutions.
    Str(Name),
    /// A template: its strings and values in turn.
    Template(List),
    /// A name with a declaration in this file.
    Binding(BindingId),
    /// A name without one.
    Global(Name),
    /// `this`.
    This,
    /// `super`.
    Super,
    /// `import.meta`, `new.target`.
    Meta,
    /// `object.property`, also `object?.property` and `object.#property` (whose name begins with `#`).
    Member {
        /// The object.
        object: NodeId,
        /// The property.
        property: Name,
        /// Written with `?.`.
        optional: bool,
    },
    /// `object[key]`.
    Index {
        /// The object.
        object: NodeId,
        /// The key.
        key: NodeId,
    },
    /// A call.
    Call {
        /// What is called.
        callee: NodeId,
        /// Arguments.
        args: List,
        /// How.
        kind: CallKind,
    },
    /// A function.
    Function(FunctionId),
    /// A class.
    Class(ClassId),
    /// An object literal: properties and spreads.
    Object(List),
    /// One property of an object literal.
    Property {
        /// Key; [`Node::Str`] where it is written as a name.
        key: NodeId,
        /// Value.
        value: NodeId,
        /// How it is written.
        kind: PropertyKind,
    },
    /// An array literal. Long lists of plain literals keep only their first elements; see [`Node::Elided`].
    Array(List),
    /// Stands for this many literal elements that were left out.
    Elided(u32),
    /// `...value`.
    Spread(NodeId),
    /// `target = value`.
    Assign {
        /// A name, member or pattern.
        target: NodeId,
        /// The value.
        value: NodeId,
        /// The operator.
        op: AssignOp,
    },
    /// `x++`, `--x`.
    Update {
        /// What is written.
        target: NodeId,
        /// `++`.
        increment: bool,
    },
    /// `delete x.y`.
    Delete(NodeId),
    /// `a && b` and its kin.
    Logical {
        /// Left.
        left: NodeId,
        /// Right; evaluated sometimes.
        right: NodeId,
        /// Operator.
        op: LogicalOp,
    },
    /// `test ? yes : no`.
    Conditional {
        /// Test.
        test: NodeId,
        /// Value if true.
        yes: NodeId,
        /// Value if false.
        no: NodeId,
    },
    /// `a + b` and its kin.
    Binary {
        /// Left.
        left: NodeId,
        /// Right.
        right: NodeId,
        /// Operator.
        op: BinaryOp,
    },
    /// `!a` and its kin.
    Unary {
        /// Operand.
        value: NodeId,
        /// Operator.
        op: UnaryOp,
    },
    /// `a, b`.
    Sequence(List),
    /// `await a`.
    Await(NodeId),
    /// `yield a`.
    Yield(NodeId),
    /// A JSX element: tag, then attributes ([`Node::Property`], [`Node::Spread`]) and children.
    Jsx {
        /// The tag: a string for intrinsic ones.
        tag: NodeId,
        /// Attributes.
        attributes: List,
        /// Children.
        children: List,
    },

    /// An object pattern: [`Node::Property`] whose values are patterns, and [`Node::Rest`].
    ObjectPattern(List),
    /// An array pattern.
    ArrayPattern(List),
    /// `target = default` in a pattern.
    Default {
        /// Pattern.
        target: NodeId,
        /// Value used when it is undefined.
        value: NodeId,
    },
    /// `...target` in a pattern.
    Rest(NodeId),

    /// A sequence of statements.
    Block(List),
    /// `let target = value`; the value is [`Node::Empty`] if there is none.
    Declare {
        /// Name or pattern.
        target: NodeId,
        /// Initial value.
        value: NodeId,
    },
    /// `if`.
    If {
        /// Test.
        test: NodeId,
        /// Then.
        yes: NodeId,
        /// Else; [`Node::Empty`] if there is none.
        no: NodeId,
    },
    /// A loop.
    Loop {
        /// See [`LoopKind`].
        parts: List,
        /// Body.
        body: NodeId,
        /// Kind.
        kind: LoopKind,
    },
    /// `switch`.
    Switch {
        /// What is compared.
        value: NodeId,
        /// [`Node::Case`]s.
        cases: List,
    },
    /// `case test:`; the test is [`Node::Empty`] for `default`.
    Case {
        /// Test.
        test: NodeId,
        /// Statements.
        body: NodeId,
    },
    /// `try`.
    Try {
        /// Block.
        block: NodeId,
        /// [`Node::Catch`], or [`Node::Empty`].
        handler: NodeId,
        /// `finally` block, or [`Node::Empty`].
        finalizer: NodeId,
    },
    /// `catch (param) { body }`.
    Catch {
        /// Pattern or [`Node::Empty`].
        param: NodeId,
        /// Block.
        body: NodeId,
    },
    /// `return value`.
    Return(NodeId),
    /// `throw value`.
    Throw(NodeId),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `label: body`, Svelte's `$: body`.
    Labeled {
        /// Label.
        label: Name,
        /// Statement.
        body: NodeId,
    },
}

impl Node {
    /// `null` or `undefined`.
    pub fn is_nullish(self) -> bool {
        matches!(self, Node::Null | Node::Undefined)
    }

    /// `null`, `undefined`, or nothing at all.
    pub fn is_absent(self) -> bool {
        self.is_nullish() || self == Node::Empty
    }

    /// What a mark is as long as it is not set: nothing, or `false`.
    pub fn is_unset(self) -> bool {
        self.is_absent() || self == Node::Bool(false)
    }
}

/// What a class member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberKind {
    /// `name() {}`.
    Method,
    /// `constructor() {}`.
    Constructor,
    /// `get name() {}`.
    Getter,
    /// `set name(v) {}`.
    Setter,
    /// `name = value`.
    Field,
    /// `constructor(private name: T)`: a field that holds a parameter.
    ParamField,
    /// `static {}`.
    StaticBlock,
}

/// A class member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Its name; `#x` for private ones, `[x]` for a symbol in a constant; empty for other computed keys.
    pub name: Name,
    /// Its computed key, which is evaluated once, in the code around the class.
    pub key: Option<NodeId>,
    /// What it is.
    pub kind: MemberKind,
    /// `static`.
    pub is_static: bool,
    /// Its function or initial value; for a [`MemberKind::ParamField`] the parameter's name node.
    pub value: Option<NodeId>,
    /// The made-up function that evaluates a field's initial value or a static block: such code runs with the
    /// instance (or the class) as `this`, not in the function around the class.
    pub evaluator: Option<NodeId>,
    /// Where its name stands.
    pub span: Span,
    /// The name of its written type, or of what a getter gives.
    pub type_name: Option<Name>,
    /// Calls or names after `@`.
    pub decorators: Vec<NodeId>,
}
