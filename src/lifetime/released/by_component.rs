//! Releases by the component that an element gives the handle to: `<Seen observer={this.observer} />`.

use crate::link::{Func, Place, Ref, Root};

use crate::lifetime::Judge;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::teardown::Scope;

impl Judge<'_> {
    /// Whether a release stands in the cleanup of an effect, where a component has the handle as a property: the component
    /// ends no later than what draws it.
    pub(super) fn is_ended_by_component(&self, release: Ref, flow: &Flow) -> bool {
        let is_given = |place: &Place| {
            let file = match place.root {
                Root::Binding(file, _) => file,
                Root::Value(at) => at.file,
                _ => return false,
            };
            file == release.file && self.is_property_of_component(place)
        };
        let f = self.project.function_at(release);
        let Some(function) = self
            .project
            .function(f)
            .parent
            .filter(|_| flow.places.iter().any(is_given))
        else {
            return false;
        };
        match self.scope_of(Func { function, ..f }) {
            Scope::Effect { setup } => self.project.reach(&self.cleanup_of(setup)).contains(&f),
            _ => false,
        }
    }
}
