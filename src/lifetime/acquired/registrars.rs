//! Registrars: functions that take what they register on as their first argument: `Events.on(player, 'play', f)`.
//!
//! Where they keep the function is their own affair: in a table beside the object, in a field of it, behind a function
//! of theirs that is the only listener. What tells them is their other half, which takes off what they registered.

use crate::facts::{CallKind, FunctionId, Node, NodeId};
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Func, Key, Place, Ref, Root};
use crate::tables::{CallPattern, Entry};

impl Judge<'_> {
    /// `Events.on(object, "event", function)`, where `Events.off(object, ...)` is written as well: in the same file, or
    /// beside the function that is called.
    pub(in crate::lifetime) fn registered_by(&self, call: Ref, entry: &Entry) -> Option<Acquisition> {
        let row = &self.project.tables.pairs[entry.row];
        if !row.guess || !entry.pattern.takes_target() || !self.is_dropped(call) {
            return None;
        }
        let facts = self.project.facts(call.file);
        let Node::Call {
            callee,
            args,
            kind: CallKind::Call,
            ..
        } = facts.node(call.node)
        else {
            return None;
        };
        let Node::Member { object, .. } = facts.node(callee) else {
            return None;
        };
        let at = |i| facts.item(args, i).map(|node| Ref { file: call.file, node });
        if facts.list(args).len() > 4 || self.project.constant_text(at(0)?, 0).is_some() {
            return None;
        }
        self.names_an_event(at(1)?)?;
        if !self.is_callback(at(2)?) && !self.is_function_parameter(at(2)?) {
            return None;
        }
        let registrar = Ref {
            file: call.file,
            node: object,
        };
        if self.project.type_of(registrar).is_some() {
            return None;
        }
        // What it does can be read: it is a helper.
        if self
            .project
            .called_function(call)
            .is_some_and(|f| self.registers_on_first(f))
        {
            return None;
        }
        let registrar = self.project.place(registrar);
        (self.is_shared_by_code(&registrar) && self.has_other_half(call, &registrar, entry))
            .then(|| self.make(call, entry, false))
    }

    /// Whether a function registers something on its first argument by a method of that: `on(node, type, f) {
    /// node.addEventListener(type, f); }`.
    fn registers_on_first(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        self.project.calls_in(f).iter().any(|&node| {
            let Some(call) = facts.method_call(node) else {
                return false;
            };
            let on = self.project.place(Ref {
                file: f.file,
                node: call.object,
            });
            let given = self.parameter_of(&on).filter(|_| on.path.is_empty());
            given == Some((f, 0)) && !self.project.tables.acquisitions(facts.name(call.method)).is_empty()
        })
    }

    /// Whether nothing but the look of a call says that it registers something.
    pub(in crate::lifetime) fn is_by_registrar(&self, a: &Acquisition) -> bool {
        let Kind::Pair { row, via: None, .. } = &a.kind else {
            return false;
        };
        let releases = &self.project.tables.releases[*row];
        self.project.tables.pairs[*row].guess && releases.iter().any(CallPattern::takes_target)
    }

    /// `method` of `bind(this, method)` and `bind(method, this)`: registrars know by a number of theirs what such a
    /// function stands for, however often it is made.
    pub(in crate::lifetime) fn bound_by_helper(&self, handler: Ref) -> Ref {
        let is_this = |at: &Ref| self.project.node(*at) == Node::This;
        let args = self.callee_of(handler).map(|(_, args)| args).unwrap_or_default();
        match args[..] {
            [this, method, ..] if is_this(&this) => method,
            [method, this, ..] if is_this(&this) => method,
            _ => handler,
        }
    }

    /// Whether a place is the same for all code of its file: of a module, a package, or global.
    fn is_shared_by_code(&self, place: &Place) -> bool {
        match place.root {
            Root::Binding(file, b) => self.project.facts(file).binding(b).function == FunctionId::MODULE,
            Root::Global => !place.path.is_empty(),
            Root::Value(at) => self.project.function_at(at).function == FunctionId::MODULE,
            Root::External(_) | Root::Module(_) => true,
            Root::This(_) => false,
        }
    }

    /// Whether something takes off what a registrar registers.
    fn has_other_half(&self, call: Ref, registrar: &Place, entry: &Entry) -> bool {
        let releases = &self.project.tables.releases[entry.row];
        releases.iter().any(|release| {
            let takes_off = |&node: &NodeId| {
                let Some((callee, args)) = self.callee_of(Ref { node, ..call }) else {
                    return false;
                };
                let Node::Member { object, .. } = self.project.node(callee) else {
                    return false;
                };
                args.len() > 1 && self.project.place(Ref { node: object, ..callee }) == *registrar
            };
            let calls = self.project.calls_named(call.file, release.last());
            calls.iter().any(takes_off) || self.is_defined_in(registrar, release.last())
        })
    }

    /// Whether the project says what a part of an object is.
    fn is_defined_in(&self, object: &Place, part: &str) -> bool {
        let mut place = object.clone();
        place.path.push(Key::Name(part.into()));
        let mut defined = self.project.definitions(&place);
        defined.extend(self.project.value_on_global(&place));
        defined.into_iter().any(|d| self.project.function_value(d, 0).is_some())
    }
}
