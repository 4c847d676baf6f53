//! What an expression stands for: the function it is, the object it is, what a call runs and gives back.

use std::borrow::Cow;

use super::known::Rank;
use super::{Func, Key, MAX_DEPTH, OwnerId, Place, Project, Ref, Root};
use crate::facts::{BindingKind, CallKind, Node};
use crate::tables::{Param, WrapperRow};

/// How many places that make objects of a class are asked for what they hand in.
const MAX_MAKERS: usize = 8;

impl Project {
    /// Whether a call gives its function argument back, or something that calls it.
    pub fn is_wrapper(&self, call: Ref, arg: usize) -> bool {
        self.wrapper_of(call, arg).is_some()
    }

    /// The wrapper row of a call, if `arg` is what it wraps: whether its result is the same each time.
    pub fn wrapper_of(&self, call: Ref, arg: usize) -> Option<bool> {
        self.wrapper_row(call, arg).map(|row| row.stable)
    }

    /// The row of a wrapper of what is an argument of a call.
    pub(super) fn wrapper_row(&self, call: Ref, arg: usize) -> Option<&WrapperRow> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        let last = self.import_aware_last(Ref {
            file: call.file,
            node: callee,
        })?;
        let callee = self.callee(call)?;
        self.tables.wrappers_named(&last).iter().find_map(|entry| {
            let position = entry.pattern.position(&Param::Handler)?;
            (position == arg && callee.matches(&entry.pattern, true).is_some())
                .then(|| &self.tables.wrappers[entry.row])
        })
    }

    /// The last name of a callee as its module calls it: `w` imported as `{ watch as w }` is `watch`.
    pub fn import_aware_last(&self, at: Ref) -> Option<Cow<'_, str>> {
        let facts = self.facts(at.file);
        match facts.node(at.node) {
            Node::Member { property, .. } => Some(facts.name(property).into()),
            Node::Global(n) => Some(facts.name(n).into()),
            Node::Binding(_) => {
                let place = self.place(at);
                match place.path.last() {
                    Some(Key::Name(n)) => Some(n.to_string().into()),
                    _ => match place.root {
                        Root::External(_) => Some("default".into()),
                        _ => self.last_name(at).map(Into::into),
                    },
                }
            }
            _ => None,
        }
    }

    /// The function an expression stands for, through names, members, `.bind` and wrappers.
    pub fn function_value(&self, at: Ref, depth: u32) -> Option<Func> {
        match depth {
            0 => self.known(Rank::Function, &self.known.functions, at, || {
                self.find_function_value(at, 0)
            }),
            _ => self.find_function_value(at, depth),
        }
    }

    fn find_function_value(&self, at: Ref, depth: u32) -> Option<Func> {
        let _leave = super::fuel::spend()?;
        if depth > MAX_DEPTH {
            return None;
        }
        let facts = self.facts(at.file);
        match facts.node(at.node) {
            Node::Function(function) => Some(Func {
                file: at.file,
                function,
            }),
            Node::Assign { value, .. } => self.function_value(
                Ref {
                    file: at.file,
                    node: value,
                },
                depth + 1,
            ),
            Node::Logical { left, right, .. } => self
                .function_value(
                    Ref {
                        file: at.file,
                        node: left,
                    },
                    depth + 1,
                )
                .or_else(|| {
                    self.function_value(
                        Ref {
                            file: at.file,
                            node: right,
                        },
                        depth + 1,
                    )
                }),
            Node::Call { callee, args, kind } if kind != CallKind::New => {
                if let Node::Member { object, property, .. } = facts.node(callee)
                    && facts.name(property) == "bind"
                {
                    return self.function_value(
                        Ref {
                            file: at.file,
                            node: object,
                        },
                        depth + 1,
                    );
                }
                // A function that is called where it is written, for the function it gives back.
                if let Node::Function(function) = facts.node(callee) {
                    let made = Func {
                        file: at.file,
                        function,
                    };
                    let returned = self.returned_values(made);
                    return returned.into_iter().find_map(|r| self.function_value(r, depth + 1));
                }
                // `require("./make")()`
                if super::modules::required(facts, at.node).is_some() {
                    let value = self.value_of_place(&self.place(at)).filter(|value| *value != at)?;
                    return self.function_value(value, depth + 1);
                }
                let mut arguments = facts.list(args).enumerate();
                match arguments.find(|(i, _)| self.is_wrapper(at, *i)) {
                    Some((_, node)) => self.function_value(Ref { node, ..at }, depth + 1),
                    None => self.function_given(Ref { node: callee, ..at }, depth),
                }
            }
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } | Node::Index { .. } => {
                let place = self.place(at);
                if let (Root::This(owner), [Key::Name(name)]) = (&place.root, place.path.as_slice())
                    && let Some((o, member)) = self.member(*owner, name)
                    && let Some(function) = member.function
                {
                    return Some(Func { file: o.file, function });
                }
                if let Some(value) = self.value_of_place(&place)
                    && value != at
                {
                    return self.function_value(value, depth + 1);
                }
                if let Some(value) = self.value_on_global(&place)
                    && value != at
                {
                    return self.function_value(value, depth + 1);
                }
                // A method of an object of a known class.
                if let Node::Member { object, property, .. } = facts.node(at.node) {
                    let owner = self.owner_of_object(
                        Ref {
                            file: at.file,
                            node: object,
                        },
                        depth + 1,
                    )?;
                    return self.method(owner, facts.name(property));
                }
                None
            }
            _ => None,
        }
    }

    /// The function that a function of the project gives back, if it gives one only: `handlerOf(this, 'close')`.
    fn function_given(&self, callee: Ref, depth: u32) -> Option<Func> {
        let giver = self.function_value(callee, depth + 1)?;
        let flags = self.function(giver).flags;
        match self.returned_values(giver)[..] {
            [only] if !flags.is_async && !flags.is_generator => match self.node(only) {
                Node::Function(function) => Some(Func {
                    file: only.file,
                    function,
                }),
                _ => None,
            },
            _ => None,
        }
    }

    /// The owner whose object an expression is.
    pub fn owner_of_object(&self, at: Ref, depth: u32) -> Option<OwnerId> {
        match depth {
            0 => self.known(Rank::OwnerOfObject, &self.known.owners_of_objects, at, || {
                self.find_owner_of_object(at, 0)
            }),
            _ => self.find_owner_of_object(at, depth),
        }
    }

    fn find_owner_of_object(&self, at: Ref, depth: u32) -> Option<OwnerId> {
        let _leave = super::fuel::spend()?;
        if depth > MAX_DEPTH / 2 {
            return None;
        }
        let facts = self.facts(at.file);
        match facts.node(at.node) {
            Node::Call {
                callee,
                kind: CallKind::New,
                ..
            } => self.owner_of_class_value(
                Ref {
                    file: at.file,
                    node: callee,
                },
                depth + 1,
            ),
            Node::Object(_) => self.owner_made_by(at),
            Node::This => self.this_of(self.function_at(at)),
            Node::Await(v) | Node::Assign { value: v, .. } => {
                self.owner_of_object(Ref { file: at.file, node: v }, depth + 1)
            }
            Node::Logical { left, right, .. } => self
                .owner_of_object(
                    Ref {
                        file: at.file,
                        node: left,
                    },
                    depth + 1,
                )
                .or_else(|| {
                    self.owner_of_object(
                        Ref {
                            file: at.file,
                            node: right,
                        },
                        depth + 1,
                    )
                }),
            Node::Call { callee, .. } => {
                if self.gives_its_argument(at) {
                    return self.owner_of_class_value(self.argument(at, 0)?, depth + 1);
                }
                if let Some(argument) = self.given_argument(at, depth) {
                    return self.owner_of_object(argument, depth + 1);
                }
                let callee = Ref {
                    file: at.file,
                    node: callee,
                };
                // A function that gives back what it makes.
                let Some(f) = self.function_value(callee, depth + 1) else {
                    return self.owner_of_entry(at, depth);
                };
                let returned = self.returned_values(f);
                match returned[..] {
                    [only] => self.owner_of_object(only, depth + 1),
                    _ => None,
                }
            }
            Node::Binding(_) | Node::Global(_) | Node::Member { .. } => {
                let place = self.place(at);
                self.owner_at_place(&place, depth + 1)
            }
            _ => None,
        }
    }

    /// An argument of a call.
    pub fn argument(&self, call: Ref, index: usize) -> Option<Ref> {
        let Node::Call { args, .. } = self.node(call) else {
            return None;
        };
        let node = self.facts(call.file).item(args, index)?;
        Some(Ref { file: call.file, node })
    }

    /// Whether a call gives an object of the class that is its first argument: `inject(Service)`.
    fn gives_its_argument(&self, call: Ref) -> bool {
        let Node::Call { callee, args, .. } = self.node(call) else {
            return false;
        };
        let first = self
            .facts(call.file)
            .item(args, 0)
            .map(|node| self.node(Ref { node, ..call }));
        let may_be_class = first.is_some_and(|n| matches!(n, Node::Binding(_) | Node::Global(_) | Node::Member { .. }));
        may_be_class
            && self
                .path_of(Ref { node: callee, ..call })
                .is_some_and(|p| self.tables.value(&format!("{p}()")).is_some_and(|row| row.of_argument))
    }

    /// The owner whose object is at a place.
    pub fn owner_at_place(&self, place: &Place, depth: u32) -> Option<OwnerId> {
        let _leave = super::fuel::spend()?;
        if depth > MAX_DEPTH / 2 {
            return None;
        }
        match (&place.root, place.path.as_slice()) {
            (Root::This(owner), []) => return Some(*owner),
            (Root::This(owner), [Key::Name(name)]) => {
                let annotated = self.ask_of_member(*owner, name, |file, t| self.owner_of_annotation(file, t));
                if annotated.is_some() {
                    return annotated;
                }
            }
            (Root::Binding(file, b), []) => {
                if let Some(name) = self.facts(*file).binding(*b).type_name
                    && let Some(found) = self.owner_of_annotation(*file, name)
                {
                    return Some(found);
                }
            }
            // `export default new Sessions()`
            (Root::Value(at), []) if matches!(self.node(*at), Node::Call { .. } | Node::Object(_)) => {
                return self.owner_of_object(*at, depth + 1);
            }
            _ => {}
        }
        let made = self
            .definitions(place)
            .into_iter()
            .filter(|d| !matches!(self.node(*d), Node::Binding(_) | Node::Member { .. }) || depth < 6)
            .find_map(|d| self.owner_of_object(d, depth + 1));
        made.or_else(|| self.owner_by_annotations(place))
            .or_else(|| self.owner_given_to_constructor(place, depth))
    }

    /// The owner of what a constructor is handed, where everybody hands in an object of the same: `new Shop(new Store())`,
    /// `new Shop({ store })`.
    fn owner_given_to_constructor(&self, place: &Place, depth: u32) -> Option<OwnerId> {
        let (f, index, part) = match (&place.root, &place.path[..]) {
            (Root::Binding(file, b), []) if self.facts(*file).binding(*b).kind == BindingKind::Param => {
                let (f, index) = self.param_position(*file, *b)?;
                (f, index, None)
            }
            (Root::Value(at), [Key::Name(part)]) => {
                let facts = self.facts(at.file);
                let Node::Function(function) = facts.node(facts.parent(at.node)) else {
                    return None;
                };
                let index = facts.list(facts.function(function).params).position(|p| p == at.node)?;
                let f = Func {
                    file: at.file,
                    function,
                };
                (f, index, Some(part))
            }
            _ => return None,
        };
        let (owner, ..) = self.method_around(f).filter(|(.., method)| *method == f)?;
        if self.constructor(owner) != Some(f) {
            return None;
        }
        let mut made = self.constructions(owner);
        made.retain(|call| !self.is_test_of(call.file, f.file));
        let handed_in = |call: &Ref| {
            let argument = self.argument(*call, index)?;
            let argument = match part {
                Some(part) => self.property(argument, part)?,
                None => argument,
            };
            self.owner_of_object(argument, depth + 1)
        };
        let first = handed_in(made.first().filter(|_| made.len() <= MAX_MAKERS)?)?;
        made[1..]
            .iter()
            .all(|call| handed_in(call) == Some(first))
            .then_some(first)
    }

    /// What a function gives back: the values of its `return`s, or its short body.
    pub fn returned_values(&self, f: Func) -> Vec<Ref> {
        let facts = self.facts(f.file);
        let function = facts.function(f.function);
        if !matches!(facts.node(function.body), Node::Block(_)) {
            return vec![Ref {
                file: f.file,
                node: function.body,
            }];
        }
        let values = self.jumps_in(f).iter().filter_map(|&jump| match facts.node(jump) {
            Node::Return(v) if !matches!(facts.node(v), Node::Empty | Node::Undefined) => Some(v),
            _ => None,
        });
        let mut out: Vec<Ref> = values.map(|node| Ref { file: f.file, node }).collect();
        out.sort_unstable();
        out
    }

    /// The project's own function a call runs.
    pub fn called_function(&self, call: Ref) -> Option<Func> {
        let Node::Call { callee, kind, .. } = self.node(call) else {
            return None;
        };
        let callee = Ref {
            file: call.file,
            node: callee,
        };
        if kind == CallKind::New {
            return self.constructor(self.owner_of_class_value(callee, 0)?);
        }
        if self.node(callee) == Node::Super {
            let line = self.lineage(self.this_of(self.function_at(call))?);
            return line.get(1..)?.iter().find_map(|&up| self.constructor(up));
        }
        if let Node::Member { object, property, .. } = self.node(callee) {
            if self.node(Ref {
                file: call.file,
                node: object,
            }) == Node::Super
            {
                let owner = self.this_of(self.function_at(call))?;
                return self.super_method(owner, self.text(call.file, property));
            }
            if matches!(self.text(call.file, property), "call" | "apply") {
                return self.function_value(
                    Ref {
                        file: call.file,
                        node: object,
                    },
                    0,
                );
            }
        }
        self.function_value(callee, 0)
    }

    /// The functions that a call of a variable may run, where what the variable is depends on how the code went:
    /// `const stop = watches ? watch() : () => clearInterval(timer)`.
    pub(super) fn possibly_called(&self, call: Ref) -> Vec<Func> {
        let Node::Call { callee, .. } = self.node(call) else {
            return Vec::new();
        };
        let Node::Binding(b) = self.node(Ref { node: callee, ..call }) else {
            return Vec::new();
        };
        let place = Place::root(Root::Binding(call.file, b));
        let mut values = self.definitions(&place);
        let mut found = Vec::new();
        while let Some(value) = values.pop() {
            match self.node(value) {
                Node::Conditional { yes, no, .. } => {
                    values.extend([yes, no].map(|node| Ref { node, ..value }));
                }
                Node::Function(function) => found.push(Func {
                    file: value.file,
                    function,
                }),
                _ => {}
            }
        }
        found
    }
}
