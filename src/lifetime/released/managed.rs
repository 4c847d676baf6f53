//! Listeners beside managed ones: `this.listenTo(model, "change", f)` is taken back by the end of its object, and what
//! the same code adds to something of the page or the process in another way is not.

use crate::facts::Node;
use crate::finding::Role;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Life, Ref};

impl Judge<'_> {
    /// Evidence that an object has an end which takes back what it listens to, and that this is added past it.
    pub(in crate::lifetime) fn beside_managed(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let Kind::Pair {
            target: Some(target),
            handler: Some(handler),
            via: None,
            ..
        } = &a.kind
        else {
            return None;
        };
        let Scope::Owner { owner, .. } = scope else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let at = self.managed_in(f)?;
        let stays = matches!(self.project.life_of(&self.project.place(*target)), Life::Process);
        if !stays || self.is_singleton(*owner) || !self.keeps_state(*handler, f) {
            return None;
        }
        Some(Evidence {
            role: Role::Flow,
            at,
            text: "what is listened to like this ends with the object".into(),
        })
    }

    /// Where a function listens to something by a method of its own object that the end of the object takes back.
    fn managed_in(&self, f: crate::link::Func) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let names = &self.project.tables.conventions.managed_listening;
        let mut calls = self.project.calls_in(f).iter();
        let call = calls.find(|&&call| {
            facts
                .method_call(call)
                .is_some_and(|m| facts.node(m.object) == Node::This && names.iter().any(|n| n == facts.name(m.method)))
        })?;
        Some(Ref {
            file: f.file,
            node: *call,
        })
    }
}
