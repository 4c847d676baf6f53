//! Getters: they run where they are read, whatever is done with what they give.

use super::{Repetition, Walk};
use crate::facts::MemberKind;
use crate::link::{Func, OwnerId, Project, Use};

impl Project {
    /// Whether a function of an owner is a getter.
    pub fn is_getter(&self, owner: OwnerId, f: Func) -> bool {
        let mut members = self.owner(owner).members.iter();
        members.any(|m| m.kind == MemberKind::Getter && m.function == Some(f.function))
    }

    /// Whether a use of a member's name is one of a method: not of a getter, nor of the getter beside a static method.
    pub(super) fn is_for_method(&self, owner: OwnerId, name: &str, f: Func, used: &Use) -> bool {
        let of_name = |name_of| self.text(owner.file, name_of) == name;
        let mut members = self.owner(owner).members.iter();
        let getter = members.find(|m| m.kind == MemberKind::Getter && of_name(m.name));
        match getter {
            Some(m) if m.function == Some(f.function) => false,
            Some(_) => matches!(used, Use::Called { .. }),
            None => true,
        }
    }

    /// How often a getter is read; nothing if it is none, or nobody reads it.
    pub(super) fn by_reads(&self, owner: OwnerId, name: &str, f: Func, path: &mut Walk) -> Option<Repetition> {
        if !self.is_getter(owner, f) {
            return None;
        }
        let mut best: Option<Repetition> = None;
        for at in self.method_references(owner, name) {
            if self.function_at(at) != f && !self.is_test_of(at.file, f.file) {
                let found = self.at_call(at, path, || format!("reads {}", self.called(f)));
                best = Some(Repetition::either(best, found));
            }
        }
        best
    }

    /// How often what a getter gives back runs: by what those who read it do with it.
    pub(super) fn by_values_of_getter(&self, from: Func, path: &mut Walk) -> Repetition {
        let mut best = Repetition::Unknown;
        let Some((owner, name, method)) = self.method_around(from) else {
            return best;
        };
        if method != from || !self.is_getter(owner, from) {
            return best;
        }
        for at in self.method_references(owner, name) {
            let mut uses = Vec::new();
            self.value_uses(at, &mut uses, 2);
            for used in uses {
                let found = self.by_use(from, &used, path);
                best = best.or(found);
            }
        }
        best
    }
}
