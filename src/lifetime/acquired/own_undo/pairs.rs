//! The project's own signals: a class with a method that keeps a function in a list, and one that takes it out again.

use crate::facts::{CallKind, Node};
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Func, OwnerId, Place, Ref};
use crate::tables::Param;

impl Judge<'_> {
    /// `signal.connect(f)`, where `connect` keeps the function in a collection that `disconnect` takes it out of, and
    /// nothing else does but what empties it whole.
    pub(in crate::lifetime) fn own_signal(&self, call: Ref, last: &str) -> Option<Acquisition> {
        let rows = self.project.tables.own_signals(last);
        if rows.is_empty() {
            return None;
        }
        let Node::Call {
            callee,
            args,
            kind: CallKind::Call | CallKind::Optional,
        } = self.project.node(call)
        else {
            return None;
        };
        let Node::Member { object, .. } = self.project.node(Ref { node: callee, ..call }) else {
            return None;
        };
        let may_be_function = |node| {
            matches!(
                self.project.node(Ref { node, ..call }),
                Node::Function(_) | Node::Binding(_) | Node::Member { .. } | Node::Call { .. }
            )
        };
        // Which method it is, is the dearest question.
        if !self.project.facts(call.file).list(args).take(2).any(may_be_function) {
            return None;
        }
        let f = self.project.called_function(call)?;
        let (owner, _, method) = self.project.method_around(f)?;
        if method != f {
            return None;
        }
        let (param, base) = self.params_kept_by(f, &self.params_of(f)).next()?;
        let takes_key = |row: usize| {
            let mut releases = self.project.tables.releases[row].iter();
            releases.any(|r| r.position(&Param::Key).is_some())
        };
        let row = *rows.iter().find(|row| takes_key(**row) == (param == 1))?;
        let pair = &self.project.tables.pairs[row];
        let releases = &self.project.tables.releases[row];
        let is_undone = releases
            .iter()
            .any(|r| self.takes_out_again(owner, r.last(), f, param, &base));
        if !is_undone || param > 1 || self.loses_by_itself(owner, f, param, &base) {
            return None;
        }
        let at = |index| {
            let node = self.project.facts(call.file).item(args, index)?;
            Some(Ref { node, ..call })
        };
        let (target, handler) = (Ref { node: object, ..call }, at(param)?);
        if self.project.type_of(target).is_some() || !self.is_surely_function(handler) {
            return None;
        }
        Some(Acquisition {
            rule: pair.rule.clone(),
            what: pair.what.clone(),
            at: call,
            kind: Kind::Pair {
                row,
                target: Some(target),
                key: at(0).filter(|_| param == 1),
                handler: Some(handler),
                options: None,
                typed: true,
                delay: None,
                via: None,
            },
        })
    }

    /// Whether a value is a function that stands here, a variable's or a method of the object.
    fn is_surely_function(&self, at: Ref) -> bool {
        let is_own = match self.project.node(at) {
            Node::Function(_) | Node::Binding(_) => true,
            Node::Member { object, .. } => self.project.node(Ref { node: object, ..at }) == Node::This,
            Node::Call { callee, .. } => {
                return matches!(self.project.node(Ref { node: callee, ..at }), Node::Member { object, property, .. }
                    if self.project.text(at.file, property) == "bind" && self.is_surely_function(Ref { node: object, ..at }));
            }
            _ => false,
        };
        is_own && self.project.function_value(at, 0).is_some()
    }

    /// Whether the method of a name takes what it is given out of the collection that another one puts it into.
    fn takes_out_again(&self, owner: OwnerId, name: &str, keeper: Func, param: usize, base: &Place) -> bool {
        let Some(method) = self.project.method(owner, name) else {
            return false;
        };
        method != keeper && self.params_of(method).len() > param && self.shrunk_in(method).contains(base)
    }

    /// Whether objects take out of a collection what nobody asks them to: a queue of jobs, handlers for one time. What
    /// empties it whole is called so.
    fn loses_by_itself(&self, owner: OwnerId, keeper: Func, param: usize, base: &Place) -> bool {
        let conventions = &self.project.tables.conventions;
        let empties = |name: &str| {
            let mut words = conventions
                .teardown
                .iter()
                .chain(&conventions.empty)
                .chain(&conventions.end);
            words.any(|word| word == name) || name == "constructor"
        };
        self.project.lineage(owner).into_iter().any(|o| {
            let methods = self.project.owner(o).members.iter();
            methods
                .filter_map(|m| Some((m.name, m.function?)))
                .any(|(name, function)| {
                    let f = Func { file: o.file, function };
                    let gets_it = self.params_of(f).len() > param;
                    f != keeper
                        && !gets_it
                        && !empties(self.project.text(o.file, name))
                        && self.shrunk_in(f).contains(base)
                })
        })
    }
}
