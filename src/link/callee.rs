//! Which API a call calls, as rows write it.

use std::cell::OnceCell;

use super::{Key, Place, Project, Ref, Root};
use crate::facts::{CallKind, Node};
use crate::tables::{Base, CallPattern, TypeId};

/// What a call calls. What is found of it is kept, since many patterns may be compared with one call.
pub struct Callee<'a> {
    project: &'a Project,
    at: Ref,
    is_new: bool,
    path: OnceCell<Option<String>>,
    receiver: OnceCell<Option<TypeId>>,
}

impl Project {
    /// What a call calls; nothing else than a call calls anything.
    pub fn callee(&self, call: Ref) -> Option<Callee<'_>> {
        let Node::Call { callee, kind, .. } = self.node(call) else {
            return None;
        };
        let callee = Ref { node: callee, ..call };
        let extended = self.extended_by(callee);
        Some(Callee {
            project: self,
            at: extended.unwrap_or(callee),
            is_new: kind == CallKind::New || extended.is_some(),
            path: OnceCell::new(),
            receiver: OnceCell::new(),
        })
    }

    /// What a class extends that makes its object by `super(...)`, as `new` of it does.
    pub(super) fn extended_by(&self, callee: Ref) -> Option<Ref> {
        if self.node(callee) != Node::Super {
            return None;
        }
        let owner = self.this_of(self.function_at(callee))?;
        let node = self.owner(owner).superclass?;
        Some(Ref { file: owner.file, node })
    }

    /// Whether a call matches a pattern's base (its arguments aside).
    pub fn matches_callee(&self, call: Ref, pattern: &CallPattern, bare: bool) -> Option<bool> {
        self.callee(call)?.matches(pattern, bare)
    }

    /// How rows write a value: `document.body`, `fs:watch`, `events:EventEmitter`.
    pub fn path_of(&self, at: Ref) -> Option<String> {
        self.path_of_place(&self.place(at))
    }

    /// How rows write a place.
    pub fn path_of_place(&self, place: &Place) -> Option<String> {
        if !matches!(place.root, Root::Global | Root::External(_)) {
            return None;
        }
        let mut parts = Vec::with_capacity(place.path.len());
        for key in &place.path {
            match key {
                Key::Name(n) => parts.push(&**n),
                Key::Dynamic(_) => return None,
            }
        }
        let Root::External(module) = &place.root else {
            return Some(parts.join("."));
        };
        if parts.len() > 1 && parts[0] == "default" {
            parts.remove(0);
        }
        if parts.is_empty() {
            parts.push("default");
        }
        Some([&**module, ":", &parts.join(".")].concat())
    }
}

impl Callee<'_> {
    /// Whether it is what a pattern calls, and whether that rests on what is known of it: with `bare` a method of
    /// anything unknown fits as well.
    pub fn matches(&self, pattern: &CallPattern, bare: bool) -> Option<bool> {
        if self.is_new != pattern.is_new {
            return None;
        }
        match &pattern.base {
            Base::Global => (self.path()? == pattern.path).then_some(true),
            Base::Module(_) => pattern.is_of_module(self.path()?).then_some(true),
            Base::AnyMethod => matches!(self.project.node(self.at), Node::Member { .. }).then_some(true),
            Base::Method(ty) => self.is_method_of(ty, bare),
            Base::Handle => None,
        }
    }

    fn is_method_of(&self, ty: &str, bare: bool) -> Option<bool> {
        let is_of = |t: TypeId| self.project.tables.is_a(t, ty).then_some(true);
        match self.project.node(self.at) {
            // `const { watchBlocks } = client`
            Node::Binding(_) => is_of(
                (*self.receiver.get_or_init(|| {
                    let whole = self.project.place(self.at).parent()?;
                    self.project.type_of_place(&whole, 0)
                }))?,
            ),
            Node::Member { object, .. } => {
                let receiver = self.receiver.get_or_init(|| {
                    self.project.type_of(Ref {
                        node: object,
                        ..self.at
                    })
                });
                match *receiver {
                    Some(t) => is_of(t),
                    None => bare.then_some(false),
                }
            }
            // A bare call of a global's own method: `addEventListener(...)` on `window`.
            at => (bare && matches!(at, Node::Global(_))).then_some(true),
        }
    }

    fn path(&self) -> Option<&str> {
        self.path.get_or_init(|| self.project.path_of(self.at)).as_deref()
    }
}
