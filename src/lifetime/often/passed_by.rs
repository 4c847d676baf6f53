//! Callers that a node is not reached for: it stands under a test of a parameter, or of a property of one, and what they
//! give for that comes out the other way. `log('note', text)`, where only what stands under `case 'warning':` keeps its
//! text; `load({ url })`, where `signal?.addEventListener()` waits for who gives a signal.

use crate::facts::{BinaryOp, BindingId, Node, NodeId, UnaryOp};
use crate::lifetime::Judge;
use crate::link::{FileId, Func, Ref};

/// What has to hold of a parameter, or not to hold, for a node to be reached.
struct Asked {
    of: Given,
    /// The values it is compared with; it is asked for its truth if there are none.
    values: Vec<Known>,
    holds: bool,
}

/// A parameter, or a property of one.
struct Given {
    index: usize,
    property: Option<Part>,
}

/// A property of a parameter.
struct Part {
    name: Box<str>,
    /// What stands for it where an object has no such property, if that is known.
    left_out: Option<Known>,
}

/// A value that stands in the code.
#[derive(Clone, PartialEq, Eq)]
enum Known {
    Text(Box<str>),
    Bool(bool),
    Nothing,
}

impl Judge<'_> {
    /// The calls of a function, the one whose activation a node is part of, that cannot come to the node, by the
    /// constants they give.
    pub(in crate::lifetime) fn calls_past(&self, at: Ref) -> (Func, Vec<Ref>) {
        let f = self.activation(self.project.function_at(at));
        if self.project.facts(f.file).list(self.project.function(f).params).len() == 0 {
            return (f, Vec::new());
        }
        let mut asked = self.asked_of_parameters(at, f);
        let mut inner = self.project.function_at(at);
        while let Some(parent) = self.project.function(inner).parent.filter(|_| inner != f) {
            asked.extend(self.asked_of_parameters(self.project.function_node(inner), f));
            inner.function = parent;
        }
        if asked.is_empty() {
            return (f, Vec::new());
        }
        let leads_elsewhere = |call: &Ref| asked.iter().any(|a| self.comes_out(*call, f, a) == Some(!a.holds));
        let calls = self.project.callers(f).calls.into_iter();
        (f, calls.filter(leads_elsewhere).collect())
    }

    /// The tests of parameters that decide whether a node is reached.
    fn asked_of_parameters(&self, at: Ref, f: Func) -> Vec<Asked> {
        let tests = self.conditions_of(at).into_iter();
        let mut out: Vec<Asked> = tests
            .filter_map(|(test, holds)| self.asked_by(test, holds, f))
            .collect();
        out.extend(self.asked_by_switches(at, f));
        out.extend(self.asked_by_chain(at, f));
        out
    }

    /// `signal?.addEventListener(...)`.
    fn asked_by_chain(&self, at: Ref, f: Func) -> Option<Asked> {
        let here = |node| Ref { node, ..at };
        let Node::Call { callee, .. } = self.project.node(at) else {
            return None;
        };
        let Node::Member {
            object, optional: true, ..
        } = self.project.node(here(callee))
        else {
            return None;
        };
        Some(Asked {
            of: self.given_read(here(object), f)?,
            values: Vec::new(),
            holds: true,
        })
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
                let of = |asked, with| Some((self.given_read(here(asked), f)?, self.known_value(here(with))?));
                let (of, value) = of(left, right).or_else(|| of(right, left))?;
                Some(Asked {
                    of,
                    values: vec![value],
                    holds: holds == (op == BinaryOp::Eq),
                })
            }
            _ => Some(Asked {
                of: self.given_read(test, f)?,
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
                    let of = self.given_read(Ref { node: value, ..at }, f);
                    let before = facts.list(cases).take_while(|&case| case != below);
                    let labels = self.labels_of(at, below, before.collect());
                    if let (Some(of), Some(values)) = (of, labels) {
                        out.push(Asked {
                            of,
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

    /// Whether the statements of a case, or one of them, end with what leaves it.
    pub(in crate::lifetime) fn leaves_case(&self, body: Ref) -> bool {
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

    /// The parameter that a node reads, or the property of one, if it stays what the call gave.
    fn given_read(&self, at: Ref, f: Func) -> Option<Given> {
        let facts = self.project.facts(at.file);
        match facts.node(at.node) {
            Node::Binding(b) => match self.parameter(at.file, b, f) {
                Some(index) => Some(Given { index, property: None }),
                None => self.part_taken(b, f),
            },
            Node::Member { object, property, .. } => {
                let Node::Binding(b) = facts.node(object) else {
                    return None;
                };
                let index = self.parameter(at.file, b, f)?;
                let is_set = facts.members_named(property).any(|member| facts.is_written(member));
                (!is_set).then(|| Given {
                    index,
                    property: Some(Part {
                        name: facts.name(property).into(),
                        left_out: Some(Known::Nothing),
                    }),
                })
            }
            _ => None,
        }
    }

    fn parameter(&self, file: FileId, b: BindingId, f: Func) -> Option<usize> {
        let (of, index) = self.project.param_position(file, b)?;
        let is_given = of == f && self.project.facts(file).binding(b).writes == 0;
        is_given.then_some(index)
    }

    /// The variable of a pattern that is a parameter: `function load({ url, signal }) {}`.
    fn part_taken(&self, b: BindingId, f: Func) -> Option<Given> {
        let facts = self.project.facts(f.file);
        if facts.binding(b).function != f.function || facts.binding(b).writes > 0 {
            return None;
        }
        let here = |node| Ref { file: f.file, node };
        let mut params = facts.list(self.project.function(f).params).enumerate();
        params.find_map(|(index, param)| {
            let (pattern, _) = self.with_default(here(param));
            let Node::ObjectPattern(parts) = facts.node(pattern) else {
                return None;
            };
            facts.list(parts).find_map(|part| {
                let Node::Property { key, value, .. } = facts.node(part) else {
                    return None;
                };
                let (target, default) = self.with_default(here(value));
                (facts.node(target) == Node::Binding(b)).then_some(())?;
                Some(Given {
                    index,
                    property: Some(Part {
                        name: facts.string(key)?.into(),
                        left_out: match default {
                            Some(node) => self.known_value(here(node)),
                            None => Some(Known::Nothing),
                        },
                    }),
                })
            })
        })
    }

    /// A parameter or a part of a pattern, and what stands for it where nothing is given.
    fn with_default(&self, at: Ref) -> (NodeId, Option<NodeId>) {
        match self.project.node(at) {
            Node::Default { target, value } => (target, Some(value)),
            _ => (at.node, None),
        }
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
        let argument = facts.item(args, asked.of.index).map(|node| Ref { node, ..call });
        let given = match (&asked.of.property, argument) {
            (None, Some(given)) => self.known_value(given)?,
            (None, None) => self.default_value(f, asked.of.index)?,
            (Some(part), Some(whole)) => self.part_given(whole, part)?,
            (Some(part), None) => self.part_left_out(f, asked.of.index, part)?,
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

    /// What an object literal has for a property.
    fn part_given(&self, whole: Ref, part: &Part) -> Option<Known> {
        let facts = self.project.facts(whole.file);
        let Node::Object(list) = facts.node(whole.node) else {
            return None;
        };
        // What is spread or computed may be the property.
        let is_told = |node| matches!(facts.node(node), Node::Property { key, .. } if facts.string(key).is_some());
        if !facts.list(list).all(is_told) {
            return None;
        }
        match self.project.property(whole, &part.name) {
            Some(value) => self.known_value(value),
            None => part.left_out.clone(),
        }
    }

    /// What a property of a parameter is where a call leaves the parameter out.
    fn part_left_out(&self, f: Func, index: usize, part: &Part) -> Option<Known> {
        let facts = self.project.facts(f.file);
        let param = facts.item(self.project.function(f).params, index)?;
        match facts.node(param) {
            Node::Default { value, .. } => self.part_given(
                Ref {
                    file: f.file,
                    node: value,
                },
                part,
            ),
            Node::Rest(_) => None,
            _ => part.left_out.clone(),
        }
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
