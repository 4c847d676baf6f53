//! The project's own signals: a class with a method that keeps a function in a list, and one that takes it out again.

use crate::facts::{BindingKind, CallKind, FunctionId, Node};
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{FileId, Func, OwnerId, Place, Ref, Root};
use crate::tables::Param;

/// What keeps the functions.
#[derive(Clone, Copy, Debug)]
enum Keeper {
    /// An object, by its methods.
    Object(OwnerId),
    /// A module, by its functions.
    Module(FileId),
}

impl Judge<'_> {
    /// `signal.connect(f)`, where `connect` keeps the function in a collection that `disconnect` takes it out of, and
    /// nothing else does but what empties it whole. Both may be functions of a module: `listen("saved", f)`.
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
        let keeper = self.keeper_of(f)?;
        let target = match (keeper, self.project.node(Ref { node: callee, ..call })) {
            (Keeper::Module(_), _) => None,
            (Keeper::Object(_), Node::Member { object, .. }) => Some(Ref { node: object, ..call }),
            _ => return None,
        };
        let at = |index| {
            let node = self.project.facts(call.file).item(args, index)?;
            Some(Ref { node, ..call })
        };
        // `list.push({ event, handler })` keeps both, and the caller of a wrapper may give both.
        let (param, base) = self
            .params_kept_by(f, &self.params_of(f))
            .filter(|(param, _)| *param <= 1 && at(*param).is_some_and(|given| self.may_be_kept_function(given)))
            .max_by_key(|(param, _)| *param)?;
        if matches!(keeper, Keeper::Module(_)) && !self.is_of_module(&base) {
            return None;
        }
        let takes_key = |row: usize| {
            let mut releases = self.project.tables.releases[row].iter();
            releases.any(|r| r.position(&Param::Key).is_some())
        };
        let row = *rows.iter().find(|row| takes_key(**row) == (param == 1))?;
        let pair = &self.project.tables.pairs[row];
        let releases = &self.project.tables.releases[row];
        let is_undone = releases
            .iter()
            .any(|r| self.takes_out_again(keeper, r.last(), f, param, &base));
        if !is_undone || self.loses_by_itself(keeper, row, f, param, &base) {
            return None;
        }
        if target.is_some_and(|t| self.project.type_of(t).is_some()) {
            return None;
        }
        Some(Acquisition {
            rule: pair.rule.clone(),
            what: pair.what.clone(),
            at: call,
            kind: Kind::Pair {
                row,
                target,
                key: at(0).filter(|_| param == 1),
                handler: at(param),
                options: None,
                typed: true,
                delay: None,
                via: None,
            },
        })
    }

    /// Whose method a function is, or the module whose own function it is.
    fn keeper_of(&self, f: Func) -> Option<Keeper> {
        if let Some((owner, _, method)) = self.project.method_around(f) {
            return (method == f).then_some(Keeper::Object(owner));
        }
        (self.project.function(f).parent == Some(FunctionId::MODULE)).then_some(Keeper::Module(f.file))
    }

    fn is_of_module(&self, place: &Place) -> bool {
        matches!(place.root, Root::Binding(file, b)
            if self.project.facts(file).binding(b).function == FunctionId::MODULE)
    }

    /// The list in which functions of a module keep what is registered and from which others take it out, if that is no
    /// object's.
    pub(in crate::lifetime) fn list_of_module(&self, a: &Acquisition) -> Option<(FileId, Place)> {
        let Kind::Pair { row, target, via, .. } = &a.kind else {
            return None;
        };
        if target.is_some() || !self.project.tables.pairs[*row].own_signal {
            return None;
        }
        let inner = via.as_ref().map_or(a.at, |helper| helper.inner());
        let f = self.project.called_function(inner)?;
        let Keeper::Module(file) = self.keeper_of(f)? else {
            return None;
        };
        let (_, list) = self.params_kept_by(f, &self.params_of(f)).next()?;
        Some((file, list))
    }

    /// Whether a call takes out of a list of the project's own what another method, or function of that module, keeps there.
    pub(in crate::lifetime) fn ends_own_signal(&self, row: usize, call: Ref) -> bool {
        let Some(f) = self.project.called_function(call) else {
            return false;
        };
        let Some(keeper) = self.keeper_of(f) else {
            return false;
        };
        let shrunk = self.shrunk_in(f);
        let keeps = |g: Func| {
            g != f
                && self
                    .params_kept_by(g, &self.params_of(g))
                    .any(|(_, base)| shrunk.contains(&base))
        };
        let mut names = self.project.tables.pairs[row].acquire_names.iter();
        !shrunk.is_empty()
            && match keeper {
                Keeper::Object(owner) => names.any(|name| self.project.method(owner, name).is_some_and(keeps)),
                Keeper::Module(file) => self
                    .functions_of_module(file)
                    .any(|(known, g)| names.clone().any(|name| name == known) && keeps(g)),
            }
    }

    /// Whether a value is surely a function, or what a function is given by its caller.
    pub(in crate::lifetime) fn may_be_kept_function(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let is_given = matches!(facts.node(at.node), Node::Binding(b) if facts.binding(b).kind == BindingKind::Param);
        is_given || self.is_surely_function(at)
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
    fn takes_out_again(&self, keeper: Keeper, name: &str, f: Func, param: usize, base: &Place) -> bool {
        let takes = |g: Func| g != f && self.params_of(g).len() > param && self.shrunk_in(g).contains(base);
        match keeper {
            Keeper::Object(owner) => self.project.method(owner, name).is_some_and(takes),
            Keeper::Module(file) => self.functions_of_module(file).any(|(n, g)| n == name && takes(g)),
        }
    }

    /// The functions that stand in a module itself, with their names.
    fn functions_of_module(&self, file: FileId) -> impl Iterator<Item = (&str, Func)> {
        let facts = self.project.facts(file);
        facts.functions.iter().enumerate().filter_map(move |(index, function)| {
            let id = FunctionId(index as u32);
            let name = function.name.filter(|_| function.parent == Some(FunctionId::MODULE))?;
            Some((facts.name(name), Func { file, function: id }))
        })
    }

    /// Whether objects take out of a collection what nobody asks them to: a queue of jobs, handlers for one time. What
    /// empties it whole is called so.
    fn loses_by_itself(&self, keeper: Keeper, row: usize, keeping: Func, param: usize, base: &Place) -> bool {
        let conventions = &self.project.tables.conventions;
        let releases = &self.project.tables.releases[row];
        let empties = |name: &str| {
            let mut words = conventions
                .teardown
                .iter()
                .chain(&conventions.empty)
                .chain(&conventions.end);
            words.any(|word| word == name) || name == "constructor" || releases.iter().any(|r| r.last() == name)
        };
        let loses = |(name, f): (&str, Func)| {
            let gets_it = self.params_of(f).len() > param;
            f != keeping && !gets_it && !empties(name) && self.shrunk_in(f).contains(base)
        };
        let owner = match keeper {
            Keeper::Module(file) => return self.functions_of_module(file).any(loses),
            Keeper::Object(owner) => owner,
        };
        self.project.lineage(owner).into_iter().any(|o| {
            let mut methods = self.project.owner(o).members.iter().filter_map(|m| {
                let f = Func {
                    file: o.file,
                    function: m.function?,
                };
                Some((self.project.text(o.file, m.name), f))
            });
            methods.any(loses)
        })
    }
}
