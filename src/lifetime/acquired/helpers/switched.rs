//! Helpers that a parameter tells to begin or to end: `toggle(target, isOn, listener)`.

use crate::facts::{Node, UnaryOp};
use crate::lifetime::{Acquisition, Judge};
use crate::link::{Func, Ref};

/// A parameter that decides which of the two a helper does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Switch {
    /// Its position.
    pub param: usize,
    /// What it is where the helper begins.
    pub on: bool,
}

impl Judge<'_> {
    /// The parameter of a function on which it depends whether it acquires something or calls a release of its kind.
    pub(super) fn switch_of(&self, f: Func, a: &Acquisition) -> Option<Switch> {
        let facts = self.project.facts(a.at.file);
        let mut below = a.at.node;
        for up in facts.ancestors(a.at.node) {
            match facts.node(up) {
                Node::If { test, yes, no } | Node::Conditional { test, yes, no } if below != test => {
                    let is_yes = yes == below;
                    let other = if is_yes { no } else { yes };
                    let asked = self.asked_parameter(f, Ref { node: test, ..a.at });
                    if let Some((param, truth)) = asked
                        && self.releases_within(a, Ref { node: other, ..a.at })
                    {
                        let on = is_yes == truth;
                        return Some(Switch { param, on });
                    }
                }
                Node::Function(_) => return None,
                _ => {}
            }
            below = up;
        }
        None
    }

    /// The parameter that a condition asks, and what it is where the condition holds.
    fn asked_parameter(&self, f: Func, test: Ref) -> Option<(usize, bool)> {
        match self.project.node(test) {
            Node::Unary {
                op: UnaryOp::Not,
                value,
            } => {
                let (param, truth) = self.asked_parameter(f, Ref { node: value, ..test })?;
                Some((param, !truth))
            }
            _ => Some((self.param_of(f, test)?, true)),
        }
    }

    /// Whether a call that is named like a release of an acquisition stands in some code.
    pub(super) fn releases_within(&self, a: &Acquisition, code: Ref) -> bool {
        let facts = self.project.facts(code.file);
        let Some(row) = a.row() else { return false };
        self.project.tables.releases[row].iter().any(|pattern| {
            let mut calls = self.project.calls_named(code.file, pattern.last()).iter();
            calls.any(|&call| facts.is_inside(call, code.node))
        })
    }

    /// Whether a call surely tells a helper to begin.
    pub(super) fn switches_on(&self, call: Ref, switch: Switch) -> bool {
        let told = self.project.argument(call, switch.param);
        told.is_some_and(|at| self.project.node(at) == Node::Bool(switch.on))
    }
}
