//! Mixins: functions that make a class of another one, `class Panel extends Sized(LitElement)`.

use super::modules::required;
use super::{Func, MAX_DEPTH, OwnerId, Project, Ref, Root, Use};
use crate::facts::{BindingKind, CallKind, Node};

/// Through how many calls and names the classes are followed that a class extends.
const MAX_MIXINS: u32 = 6;

impl Project {
    /// Adds the owners that a value which is extended stands for, nearest first: a class, what a mixin makes of it, and
    /// the class that the mixin is given.
    pub(super) fn add_extended(&self, at: Ref, line: &mut Vec<OwnerId>, depth: u32) {
        if depth > MAX_MIXINS || line.len() as u32 > MAX_DEPTH {
            return;
        }
        if let Some(call) = self.mixed(at) {
            if let Some(class) = self.class_of_mixin(call)
                && !line.contains(&class)
            {
                line.push(class);
                self.add_parents(class, line, depth + 1);
            }
            for given in self.arguments(call) {
                self.add_extended(given, line, depth + 1);
            }
        } else if let Some(owner) = self.owner_of_class_value(at, 0)
            && !line.contains(&owner)
        {
            line.push(owner);
            self.add_parents(owner, line, depth + 1);
        }
    }

    /// Adds the owners that an owner extends.
    pub(super) fn add_parents(&self, of: OwnerId, line: &mut Vec<OwnerId>, depth: u32) {
        if let Some(node) = self.owner(of).superclass {
            self.add_extended(Ref { file: of.file, node }, line, depth);
        }
    }

    /// The call that gives a class, here or where the name that stands here gets its value.
    fn mixed(&self, at: Ref) -> Option<Ref> {
        let is_call = |at: &Ref| {
            let is_call = matches!(
                self.node(*at),
                Node::Call {
                    kind: CallKind::Call,
                    ..
                }
            );
            is_call && required(self.facts(at.file), at.node).is_none()
        };
        if is_call(&at) {
            return Some(at);
        }
        self.value_of_place(&self.place(at)).filter(is_call)
    }

    fn arguments(&self, call: Ref) -> Vec<Ref> {
        let facts = self.facts(call.file);
        match facts.node(call.node) {
            Node::Call { callee, args, .. } => {
                let args = facts.list(args).map(|node| Ref { node, ..call });
                // `connect(store)(Base)`: what the first call is given is no class, unless it is one.
                let inner = matches!(facts.node(callee), Node::Call { .. }).then_some(Ref { node: callee, ..call });
                args.chain(inner).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The class that a mixin of the project gives: `(Base) => class extends Base {}`.
    fn class_of_mixin(&self, call: Ref) -> Option<OwnerId> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        let value = self.value_of_place(&self.place(Ref { node: callee, ..call }))?;
        let function = match self.node(value) {
            // `dedupe((Base) => class extends Base {})`
            Node::Call { .. } => self.argument(value, 0)?,
            _ => value,
        };
        let Node::Function(f) = self.node(function) else {
            return None;
        };
        let [given] = self.given_values(Func {
            file: function.file,
            function: f,
        })[..] else {
            return None;
        };
        let class = match self.node(given) {
            Node::Binding(_) => self.value_of_place(&self.place(given))?,
            _ => given,
        };
        matches!(self.node(class), Node::Class(_)).then(|| self.owner_made_by(class))?
    }

    /// The paths of the classes of packages that a value which is extended stands for: of `Sized(LitElement)`, those of
    /// both; of what a mixin is given, those that it is given.
    pub(super) fn extended_paths(&self, at: Ref) -> Vec<String> {
        let mut found = Vec::new();
        self.add_paths(at, &mut found, 0);
        found
    }

    fn add_paths(&self, at: Ref, found: &mut Vec<String>, depth: u32) {
        if depth > MAX_MIXINS {
            return;
        }
        if let Some(call) = self.mixed(at) {
            for given in self.arguments(call) {
                self.add_paths(given, found, depth + 1);
            }
            return;
        }
        if let Some(path) = self.path_of(at) {
            found.push(path);
            return;
        }
        let place = self.place(at);
        if let (&Root::Binding(file, b), []) = (&place.root, &place.path[..])
            && self.facts(file).binding(b).kind == BindingKind::Param
            && let Some((f, index)) = self.param_position(file, b)
        {
            for call in self.mixing_calls(f) {
                if let Some(given) = self.argument(call, index) {
                    self.add_paths(given, found, depth + 1);
                }
            }
        }
    }

    /// The calls of a mixin that stand behind `extends`, or where a name gets its value.
    fn mixing_calls(&self, mixin: Func) -> Vec<Ref> {
        let uses = self.uses(mixin);
        let calls = uses.iter().filter_map(|used| match used {
            Use::Called { call } => Some(*call),
            _ => None,
        });
        let stands_there = |call: &Ref| {
            let facts = self.facts(call.file);
            matches!(
                facts.node(facts.parent(self.outermost_mixin(*call).node)),
                Node::Declare { .. } | Node::Class(_)
            )
        };
        calls.filter(stands_there).collect()
    }

    /// The call around a call of a mixin that is not given to another one.
    fn outermost_mixin(&self, call: Ref) -> Ref {
        let facts = self.facts(call.file);
        let mut at = call.node;
        loop {
            let up = facts.parent(at);
            match facts.node(up) {
                Node::Call { callee, .. } if callee != at => at = up,
                _ => return Ref { node: at, ..call },
            }
        }
    }

    /// The classes that extend what a mixin gives; none if it is given to something else.
    pub(super) fn heirs_of_mixin(&self, mixin: Func) -> Option<Vec<OwnerId>> {
        let uses = self.uses(mixin);
        let heirs = uses.iter().filter(|used| !matches!(used, Use::Exported)).map(|used| {
            let Use::Called { call } = used else { return None };
            let outermost = self.outermost_mixin(*call);
            let node = self.facts(call.file).parent(outermost.node);
            self.owner_made_by(Ref { node, ..outermost })
        });
        heirs.collect()
    }
}
