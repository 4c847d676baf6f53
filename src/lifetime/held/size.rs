//! How large a value is, as far as the code says it.

use crate::facts::{BinaryOp, CallKind, Node, UnaryOp};
use crate::lifetime::Judge;
use crate::link::Ref;
use crate::tables::{Measure, SizeRow};

/// Values of at least this many bytes are large, unless the configuration says otherwise.
pub const LARGE_BYTES: u64 = 64 * 1024;

/// What is known of a value's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifetime) enum Size {
    /// About this many bytes.
    Bytes(u64),
    /// Large by its nature: file contents, bodies.
    Large,
    /// Not known, or small.
    Small,
}

impl Judge<'_> {
    /// The size of an expression's value.
    pub(in crate::lifetime) fn size_of(&self, at: Ref) -> Size {
        self.size_at(at, 0)
    }

    /// Whether a value is large.
    pub(in crate::lifetime) fn is_large(&self, at: Ref) -> bool {
        match self.size_of(at) {
            Size::Large => true,
            Size::Bytes(n) => n >= self.settings.large_bytes,
            Size::Small => false,
        }
    }

    fn size_at(&self, at: Ref, depth: u32) -> Size {
        if depth > 12 {
            return Size::Small;
        }
        let facts = self.project.facts(at.file);
        let inner = |node| self.size_at(Ref { file: at.file, node }, depth + 1);
        match facts.node(at.node) {
            Node::Await(v) | Node::Assign { value: v, .. } => inner(v),
            Node::Array(list) => {
                let elided: u64 = facts
                    .list(list)
                    .map(|n| match facts.node(n) {
                        Node::Elided(n) => u64::from(n),
                        _ => 1,
                    })
                    .sum();
                Size::Bytes(elided * 8)
            }
            Node::Call { callee, args, kind } => {
                let args: Vec<_> = facts.list(args).collect();
                self.size_of_call(
                    Ref {
                        file: at.file,
                        node: callee,
                    },
                    &args,
                    kind,
                    depth,
                )
            }
            _ => Size::Small,
        }
    }

    fn size_of_call(&self, callee: Ref, args: &[crate::facts::NodeId], kind: CallKind, depth: u32) -> Size {
        let number = |i: usize| {
            args.get(i).and_then(|&node| {
                self.number(
                    Ref {
                        file: callee.file,
                        node,
                    },
                    depth + 1,
                )
            })
        };
        let tables = &self.project.tables;
        if let Some(path) = self.project.path_of(callee) {
            if let Some(row) = tables.size(&path) {
                let argument = || {
                    args.first().map(|&node| Ref {
                        file: callee.file,
                        node,
                    })
                };
                return match row.size {
                    Measure::Elements => number(0).map_or(Size::Small, |n| Size::Bytes((n * row.bytes as f64) as u64)),
                    Measure::Argument => argument().map_or(Size::Small, |at| self.size_at(at, depth + 1)),
                    Measure::Whole => Size::Large,
                    Measure::Picture => picture(row, number(row.width), number(row.width + 1)),
                    Measure::Receiver | Measure::Copies => Size::Small,
                };
            }
            if kind != CallKind::New && tables.value(&format!("{path}()")).is_some_and(|r| r.large) {
                return Size::Large;
            }
        }
        // `new Array(n).fill(x)`, `"x".repeat(n)`, `Array(n).join("x")`.
        let Node::Member { object, property, .. } = self.project.node(callee) else {
            return Size::Small;
        };
        let object = Ref {
            file: callee.file,
            node: object,
        };
        let method = self.project.text(callee.file, property);
        let Some(row) = tables.size(&format!("#{method}")) else {
            return Size::Small;
        };
        match row.size {
            Measure::Copies => {
                let len = self.project.constant_text(object, 0).map_or(1, |t| t.len().max(1));
                number(0).map_or(Size::Small, |n| Size::Bytes((n * len as f64) as u64))
            }
            Measure::Receiver => self.size_at(object, depth + 1),
            Measure::Picture => picture(row, number(row.width), number(row.width + 1)),
            Measure::Elements | Measure::Argument | Measure::Whole => Size::Small,
        }
    }

    /// The value of a constant number.
    pub(in crate::lifetime) fn number(&self, at: Ref, depth: u32) -> Option<f64> {
        if depth > 12 {
            return None;
        }
        let facts = self.project.facts(at.file);
        match facts.node(at.node) {
            Node::Number(n) => Some(facts.numbers[n as usize]),
            Node::Unary {
                value,
                op: UnaryOp::Minus,
            } => Some(-self.number(Ref { node: value, ..at }, depth + 1)?),
            Node::Binary { left, right, op } => {
                let l = self.number(
                    Ref {
                        file: at.file,
                        node: left,
                    },
                    depth + 1,
                )?;
                let r = self.number(
                    Ref {
                        file: at.file,
                        node: right,
                    },
                    depth + 1,
                )?;
                Some(match op {
                    BinaryOp::Add => l + r,
                    BinaryOp::Sub => l - r,
                    BinaryOp::Mul => l * r,
                    BinaryOp::Div => l / r,
                    BinaryOp::Pow => l.powf(r),
                    BinaryOp::Shl => ((l as i64).wrapping_shl(r as u32)) as f64,
                    _ => return None,
                })
            }
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } => {
                let place = self.project.place(at);
                let value = self.project.value_of_place(&place)?;
                (value != at).then(|| self.number(value, depth + 1)).flatten()
            }
            _ => None,
        }
    }
}

/// The size of a picture, from its width and height in pixels where they are constants.
fn picture(row: &SizeRow, width: Option<f64>, height: Option<f64>) -> Size {
    match (width, height) {
        (Some(width), Some(height)) => Size::Bytes((width * height * row.bytes as f64) as u64),
        (None, None) => Size::Large,
        _ => Size::Small,
    }
}
