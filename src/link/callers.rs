//! Callers: the calls of a function or method that were read.

use std::sync::Arc;

use super::known::Rank;
use super::{Func, OwnerId, Project, Ref, Use};

/// Who calls a function.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    /// Its calls, in order; constructions, if it is a constructor.
    pub calls: Vec<Ref>,
    /// Whether it also goes where it is not seen to be called: it is handed on, stored or exported.
    pub goes_elsewhere: bool,
}

impl Project {
    /// The calls of a function, and whether others may call it too.
    pub fn callers(&self, f: Func) -> Callers {
        let mut out = Callers::default();
        for used in self.uses(f).iter() {
            match used {
                Use::Called { call } => out.calls.push(*call),
                // As a method of a class stands in its class.
                Use::Stored { .. } if self.is_prototype_slot(f, used) => {}
                _ => out.goes_elsewhere = true,
            }
        }
        if let Some((owner, name, method)) = self.method_around(f)
            && method == f
        {
            if self.constructor(owner) == Some(f) {
                out.calls.extend(self.constructions(owner));
                out.calls.extend(self.constructions_of_heirs(owner));
            } else {
                for used in self.method_uses(owner, name).iter() {
                    match used {
                        Use::Called { call } => out.calls.push(*call),
                        _ => out.goes_elsewhere = true,
                    }
                }
            }
        }
        out.calls.sort_unstable();
        out.calls.dedup();
        out
    }

    /// What happens to a method of an owner, wherever it is read from an object of it.
    pub fn method_uses(&self, owner: OwnerId, name: &str) -> Arc<[Use]> {
        let of = (owner, name.into());
        self.known(Rank::MethodUses, &self.known.method_uses, of, || {
            let mut uses = Vec::new();
            for at in self.method_references(owner, name) {
                self.value_uses(at, &mut uses, 0);
            }
            uses.into()
        })
    }
}
