//! Sameness: whether two expressions stand for one place, one key or one text.

use super::{Key, Place, Root};
use super::{MAX_DEPTH, Project, Ref};
use crate::facts::{BinaryOp, BindingId, CallKind, Node};

/// How deep in the head of a loop its counter gets its first value.
const MAX_WITHIN_HEAD: u32 = 3;

impl Project {
    /// Whether an expression is a constant text, and which of a list.
    pub fn is_text_of(&self, at: Ref, texts: &[String]) -> bool {
        self.constant_text(at, 0)
            .is_some_and(|found| texts.iter().any(|text| **text == *found))
    }

    /// The text of a constant: a literal, or a name or member that stands for one.
    pub fn constant_text(&self, at: Ref, depth: u32) -> Option<Box<str>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let facts = self.facts(at.file);
        match facts.node(at.node) {
            Node::Str(n) => Some(facts.name(n).into()),
            Node::Number(n) => Some(facts.numbers[n as usize].to_string().into()),
            Node::Template(parts) => {
                let mut out = String::new();
                for part in facts.list(parts) {
                    out.push_str(&self.constant_text(
                        Ref {
                            file: at.file,
                            node: part,
                        },
                        depth + 1,
                    )?);
                }
                Some(out.into())
            }
            Node::Binary {
                left,
                right,
                op: crate::facts::BinaryOp::Add,
            } => {
                let left = self.constant_text(
                    Ref {
                        file: at.file,
                        node: left,
                    },
                    depth + 1,
                )?;
                let right = self.constant_text(
                    Ref {
                        file: at.file,
                        node: right,
                    },
                    depth + 1,
                )?;
                Some(format!("{left}{right}").into())
            }
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } => {
                let place = self.place_at(at, depth + 1);
                let value = self.value_of_place(&place)?;
                let text = (value != at).then(|| self.constant_text(value, depth + 1)).flatten();
                text.filter(|_| !self.is_counted(&place))
            }
            _ => None,
        }
    }

    /// Whether two places are the same; fields of related owners are.
    pub fn same_place(&self, a: &Place, b: &Place) -> bool {
        self.same_place_within(a, b, 0)
    }

    pub(super) fn same_place_within(&self, a: &Place, b: &Place, depth: u32) -> bool {
        if a.path.len() != b.path.len() {
            return false;
        }
        let roots = match (&a.root, &b.root) {
            (Root::This(x), Root::This(y)) => self.is_related(*x, *y),
            (Root::Value(x), Root::Value(y)) => {
                x == y || self.same_expression(*x, *y) || self.same_element(a, b, depth)
            }
            (x, y) => x == y || self.same_element(a, b, depth),
        };
        roots
            && a.path.iter().zip(&b.path).all(|(x, y)| match (x, y) {
                (Key::Dynamic(x), Key::Dynamic(y)) => self.same_key(*x, *y),
                (x, y) => x == y,
            })
    }

    /// Whether two expressions without a name of their own read the same thing: `document.querySelector("x")`.
    fn same_expression(&self, a: Ref, b: Ref) -> bool {
        match (self.node(a), self.node(b)) {
            // Nobody knows whose; within one file it is taken for the same object.
            (Node::This, Node::This) => a.file == b.file,
            (
                Node::Call {
                    callee: ca,
                    args: aa,
                    kind: ka,
                },
                Node::Call {
                    callee: cb,
                    args: ab,
                    kind: kb,
                },
            ) => {
                if ka != kb || ka == CallKind::New {
                    return false;
                }
                if a != b && self.gives_another(a) {
                    return false;
                }
                if self.is_hook(Ref { file: a.file, node: ca }) && self.function_at(a) != self.function_at(b) {
                    return false;
                }
                let (fa, fb) = (self.facts(a.file), self.facts(b.file));
                let same_callee = self.same_place(
                    &self.place(Ref { file: a.file, node: ca }),
                    &self.place(Ref { file: b.file, node: cb }),
                );
                same_callee
                    && fa.list(aa).len() == fb.list(ab).len()
                    && fa
                        .list(aa)
                        .zip(fb.list(ab))
                        .all(|(x, y)| self.same_key(Ref { file: a.file, node: x }, Ref { file: b.file, node: y }))
            }
            _ => false,
        }
    }

    /// Whether each call gives another object: `matchMedia('print')`.
    pub fn gives_another(&self, call: Ref) -> bool {
        self.type_of(call).is_some_and(|t| self.tables.type_row(t).anew)
    }

    /// `useState`, which gives each component its own.
    fn is_hook(&self, callee: Ref) -> bool {
        let Some(name) = self.last_name(callee) else {
            return false;
        };
        self.is_name_of_hook(name)
    }

    /// Whether a name is one of a hook: `useState`.
    pub(super) fn is_name_of_hook(&self, name: &str) -> bool {
        let words = &self.tables.conventions.hook_words;
        words.iter().any(|word| {
            let rest = name.strip_prefix(word.as_str());
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })
    }

    /// Where the counter of a loop begins: `0` of `for (let i = 0; ...; i++)`. Two loops that begin at the same number go
    /// through the same elements, and so does one that begins at the last of them.
    fn start_of_counter(&self, at: Ref) -> Option<Box<str>> {
        let facts = self.facts(at.file);
        let Node::Binding(b) = facts.node(at.node) else {
            return None;
        };
        if !self.is_counted(&Place::root(Root::Binding(at.file, b))) {
            return None;
        }
        let first = facts.ancestors(at.node).find_map(|up| match facts.node(up) {
            Node::Loop { parts, .. } => self.first_value(
                b,
                Ref {
                    node: facts.item(parts, 0)?,
                    ..at
                },
                0,
            ),
            _ => None,
        })?;
        let begins_at_last = || match facts.node(first.node) {
            Node::Binary { left, .. } => facts.node(left),
            other => other,
        };
        self.constant_text(first, 0).or_else(|| match begins_at_last() {
            Node::Member { property, .. } if facts.name(property) == "length" => Some("0".into()),
            _ => None,
        })
    }

    /// What the head of a loop sets a variable to, however many it sets.
    fn first_value(&self, b: BindingId, head: Ref, depth: u32) -> Option<Ref> {
        let facts = self.facts(head.file);
        let here = |node| Ref { node, ..head };
        match facts.node(head.node) {
            Node::Declare { target, value } | Node::Assign { target, value, .. }
                if facts.node(target) == Node::Binding(b) =>
            {
                Some(here(value))
            }
            Node::Function(_) => None,
            _ if depth >= MAX_WITHIN_HEAD => None,
            _ => {
                let mut found = None;
                facts.children(head.node, |node| {
                    found = found.or_else(|| self.first_value(b, here(node), depth + 1))
                });
                found
            }
        }
    }

    /// Whether two keys (events, map keys) are the same value.
    pub fn same_key(&self, a: Ref, b: Ref) -> bool {
        if a == b {
            return true;
        }
        match (self.constant_text(a, 0), self.constant_text(b, 0)) {
            (Some(x), Some(y)) => return x == y,
            (Some(_), None) | (None, Some(_)) => return false,
            (None, None) => {}
        }
        if let (Some(x), Some(y)) = (self.start_of_counter(a), self.start_of_counter(b)) {
            return x == y;
        }
        match (self.node(a), self.node(b)) {
            (Node::Template(x), Node::Template(y)) => {
                let (fa, fb) = (self.facts(a.file), self.facts(b.file));
                fa.list(x).len() == fb.list(y).len()
                    && fa
                        .list(x)
                        .zip(fb.list(y))
                        .all(|(x, y)| self.same_key(Ref { file: a.file, node: x }, Ref { file: b.file, node: y }))
            }
            (
                Node::Binary {
                    left: la, right: ra, ..
                },
                Node::Binary {
                    left: lb, right: rb, ..
                },
            ) => {
                self.same_key(Ref { file: a.file, node: la }, Ref { file: b.file, node: lb })
                    && self.same_key(Ref { file: a.file, node: ra }, Ref { file: b.file, node: rb })
            }
            _ => {
                let (x, y) = (self.place(a), self.place(b));
                !matches!((&x.root, x.path.is_empty()), (Root::Value(_), true)) && self.same_place(&x, &y)
                    || self.same_place(&x, &y)
            }
        }
    }

    /// Whether a key that is put together around constant text may come out as a text: `'on' + type` never says
    /// `'cache'`.
    pub fn could_say(&self, made: Ref, text: &str) -> bool {
        let facts = self.facts(made.file);
        let ends = match facts.node(made.node) {
            Node::Template(parts) => {
                let mut parts = facts.list(parts);
                let first = parts.next();
                first.map(|first| (first, parts.next_back().unwrap_or(first)))
            }
            Node::Binary {
                left,
                right,
                op: BinaryOp::Add,
            } => Some((left, right)),
            _ => None,
        };
        let Some((first, last)) = ends else { return true };
        let told = |node| self.constant_text(Ref { node, ..made }, 0);
        // Lists of events, and the names that jQuery puts behind them.
        let is_several = |text: &str| text.contains(char::is_whitespace) || text.starts_with('.');
        let (head, tail) = (told(first), told(last));
        if is_several(text) || [&head, &tail].into_iter().flatten().any(|part| is_several(part)) {
            return true;
        }
        head.is_none_or(|head| text.starts_with(&*head)) && tail.is_none_or(|tail| text.ends_with(&*tail))
    }

    /// The texts that an expression chooses from, where it is one of a few that stand there:
    /// `const action = back ? 'undo' : 'redo'`.
    pub(super) fn chosen_texts(&self, at: Ref, depth: u32) -> Option<Vec<Box<str>>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let inner = |node| self.chosen_texts(Ref { node, ..at }, depth + 1);
        match self.node(at) {
            Node::Str(_) => Some(vec![self.constant_text(at, depth)?]),
            Node::Conditional { yes, no, .. } => Some([inner(yes)?, inner(no)?].concat()),
            Node::Binding(b) => {
                let binding = self.facts(at.file).binding(b);
                binding.init.filter(|_| binding.writes == 0).and_then(inner)
            }
            _ => None,
        }
    }
}
