//! Callers that a node is not reached for: it stands under a test of a parameter, and what they give for that comes out
//! the other way. `log('note', text)`, where only what stands under `case 'warning':` keeps its text.

use crate::facts::{BinaryOp, Node, NodeId, UnaryOp};
use crate::lifetime::Judge;
use crate::link::{Func, Ref};

/// What has to hold of a parameter, or not to hold, for a node to be reached.
struct Asked {
    index: usize,
    /// The values it is compared with; it is asked for its truth if there are none.
    values: Vec<Known>,
    holds: bool,
}

/// A value that stands in the code.
#[derive(PartialEq, Eq)]
enum Known {
    Text(Box<str>),
    Bool(bool),
    Nothing,
}

impl Judge<'_> {
    /// The calls of the function around a node that cannot come to it, by the constants they give.
    pub(in crate::lifetime) fn calls_past(&self, at: Ref) -> Vec<Ref> {
        let f = self.project.function_at(at);
        if self.project.facts(f.file).list(self.project.function(f).params).len() == 0 {
            return Vec::new();
        }
        let asked = self.asked_of_parameters(at, f);
        if asked.is_empty() {
            return Vec::new();
        }
        let leads_elsewhere = |call: &Ref| asked.iter().any(|a| self.comes_out(*call, f, a) == Some(!a.holds));
        self.project
            .callers(f)
            .calls
            .into_iter()
            .filter(leads_elsewhere)
            .collect()
    }

    /// The tests of parameters that decide whether a node is reached.
    fn asked_of_parameters(&self, at: Ref, f: Func) -> Vec<Asked> {
        let tests = self.conditions_of(at).into_iter();
        let mut out: Vec<Asked> = tests
            .filter_map(|(test, holds)| self.asked_by(test, holds, f))
            .collect();
        out.extend(self.asked_by_switches(at, f));
        out
    }

    fn asked_by(&self, test: Ref, holds: bool, f: Func) -> Option<Asked> {
        let here = |node| Ref { node, ..test };
        match self.project.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => self.asked_by(here(value), !holds, f),
            Node::Binary {
                left,
                right,
                op: op @ (BinaryOp::Eq | BinaryOp::Ne),
            } => {
                let of = |asked, with| Some((self.parameter_read(here(asked), f)?, self.known_value(here(with))?));
                let (index, value) = of(left, right).or_else(|| of(right, left))?;
                Some(Asked {
                    index,
                    values: vec![value],
                    holds: holds == (op == BinaryOp::Eq),
                })
            }
            _ => Some(Asked {
                index: self.parameter_read(test, f)?,
                values: Vec::new(),
                holds,
            }),
        }
    }

    /// `switch (kind) { case 'a': case 'b': ... }`, for a node under one of the cases.
    fn asked_by_switches(&self, at: Ref, f: Func) -> Vec<Asked> {
        let facts = self.project.facts(at.file);
        let mut out = Vec::new();
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => break,
                Node::Switch { value, cases } => {
                    let index = self.parameter_read(Ref { node: value, ..at }, f);
                    let before = facts.list(cases).take_while(|&case| case != below);
                    let labels = self.labels_of(at, below, before.collect());
                    if let (Some(index), Some(values)) = (index, labels) {
                        out.push(Asked {
                            index,
                            values,
                            holds: true,
                        });
                    }
                }
                _ => {}
            }
            below = up;
        }
        out
    }

    /// The values for which a case of a switch runs: its own, and those of the cases that fall through to it.
    fn labels_of(&self, at: Ref, case: NodeId, before: Vec<NodeId>) -> Option<Vec<Known>> {
        let facts = self.project.facts(at.file);
        let label = |case: NodeId| match facts.node(case) {
            Node::Case { test, .. } => self.known_value(Ref { node: test, ..at }),
            _ => None,
        };
        let mut values = vec![label(case)?];
        for &above in before.iter().rev() {
            let Node::Case { body, .. } = facts.node(above) else {
                return None;
            };
            if self.leaves_case(Ref { node: body, ..at }) {
                break;
            }
            values.push(label(above)?);
        }
        Some(values)
    }

    fn leaves_case(&self, body: Ref) -> bool {
        let facts = self.project.facts(body.file);
        match facts.node(body.node) {
            Node::Break | Node::Continue => true,
            Node::Block(list) => {
                let last = facts.list(list).next_back();
                last.is_some_and(|node| self.leaves_case(Ref { node, ..body }))
            }
            _ => self.always_leaves(body),
        }
    }

    /// The position of the parameter that a node reads, if it stays what the call gave.
    fn parameter_read(&self, at: Ref, f: Func) -> Option<usize> {
        let Node::Binding(b) = self.project.node(at) else {
            return None;
        };
        let (of, index) = self.project.param_position(at.file, b)?;
        let is_given = of == f && self.project.facts(at.file).binding(b).writes == 0;
        is_given.then_some(index)
    }

    fn known_value(&self, at: Ref) -> Option<Known> {
        match self.project.node(at) {
            Node::Empty => None,
            Node::Bool(b) => Some(Known::Bool(b)),
            node if node.is_nullish() => Some(Known::Nothing),
            _ => self.project.constant_text(at, 0).map(Known::Text),
        }
    }

    /// How a test of a parameter comes out for a call, if what it gives stands in the code.
    fn comes_out(&self, call: Ref, f: Func, asked: &Asked) -> Option<bool> {
        let Node::Call { args, .. } = self.project.node(call) else {
            return None;
        };
        let facts = self.project.facts(call.file);
        if facts.list(args).any(|a| matches!(facts.node(a), Node::Spread(_))) {
            return None;
        }
        let given = match facts.item(args, asked.index) {
            Some(node) => self.known_value(Ref { node, ..call })?,
            None => self.default_value(f, asked.index)?,
        };
        Some(match &asked.values[..] {
            [] => match given {
                Known::Text(text) => !text.is_empty() && &*text != "0",
                Known::Bool(b) => b,
                Known::Nothing => false,
            },
            values => values.contains(&given),
        })
    }

    /// What a parameter is where a call leaves it out.
    fn default_value(&self, f: Func, index: usize) -> Option<Known> {
        let facts = self.project.facts(f.file);
        let param = facts.item(self.project.function(f).params, index)?;
        match facts.node(param) {
            Node::Default { value, .. } => self.known_value(Ref {
                file: f.file,
                node: value,
            }),
            Node::Rest(_) => None,
            _ => Some(Known::Nothing),
        }
    }
}
