//! The method that ends a handle, given back as an effect's cleanup without being called: `return subscription.remove`.

use crate::facts::Node;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Judge, Verdict};
use crate::link::{Key, Place, Ref, Root};
use crate::tables::{Base, CallPattern};

impl Judge<'_> {
    /// The verdict on a handle whose own method of the release is the cleanup of the effect that acquires it.
    pub(in crate::lifetime) fn ended_by_own_method(
        &self,
        a: &Acquisition,
        flow: &Flow,
        scope: &Scope,
    ) -> Option<Verdict> {
        let Scope::Effect { setup } = scope else { return None };
        let row = a.row()?;
        if self.project.function_at(a.at) != *setup || self.project.function(*setup).flags.is_async {
            return None;
        }
        let releases = &self.project.tables.releases[row];
        let mut given_back = self.project.returned_values(*setup).into_iter();
        let at = given_back.find(|value| {
            let place = self.project.place(*value);
            let Some(Key::Name(method)) = place.path.last() else {
                return false;
            };
            let ends = |p: &&CallPattern| !matches!(p.base, Base::Global | Base::Module(_)) && p.last() == &**method;
            releases.iter().any(|p| ends(&p))
                && place
                    .parent()
                    .is_some_and(|handle| self.is_handle_of(&handle, a.at, flow))
        })?;
        Some(Verdict::released("its own method is the effect's cleanup", Some(at)))
    }

    /// The verdict on a handle whose own method of the release is kept and given to the caller: `return { stop: undo }`.
    pub(in crate::lifetime) fn gives_own_end(&self, a: &Acquisition, flow: &Flow) -> Option<Verdict> {
        let row = a.row()?;
        let methods = self.project.tables.releases[row].iter();
        let methods = methods.filter(|p| matches!(p.base, Base::AnyMethod) && p.params.is_empty());
        let mut read = methods.flat_map(|p| self.reads_off(a.at.file, p.last(), flow));
        let is_given = |read: &Ref| !self.flow(*read).returned.is_empty();
        read.find(is_given)?;
        Some(Verdict::unknown("who calls this gets the method that ends it"))
    }

    fn is_handle_of(&self, place: &Place, at: Ref, flow: &Flow) -> bool {
        let is_result =
            matches!(place.root, Root::Value(v) if v == at) && matches!(self.project.node(at), Node::Call { .. });
        place.path.is_empty() && is_result || flow.places.iter().any(|p| self.project.same_place(p, place))
    }
}
