//! What other code hands to a function that it was given among its options: `edit({ setup: (editor) => ... })`. Who gives
//! such options asks for what the function is handed, and it goes with who asked, as far as anybody can see.

use crate::facts::{BindingKind, FunctionId, Node};
use crate::lifetime::Judge;
use crate::link::{Place, Root, Use};

impl Judge<'_> {
    /// Whether a place begins at the parameter of a function that stands in an object, made where code runs, which no
    /// code of the project calls.
    pub(in crate::lifetime) fn is_handed_to_option(&self, place: &Place) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        if facts.binding(b).kind != BindingKind::Param {
            return false;
        }
        let Some((f, _)) = self.project.param_position(file, b) else {
            return false;
        };
        let node = self.project.function(f).node;
        let property = facts.parent(node);
        let is_option = matches!(facts.node(property), Node::Property { value, .. } if value == node)
            && matches!(facts.node(facts.parent(property)), Node::Object(_));
        let made_in = facts.enclosing_function(property);
        let is_known = |used: &Use| match used {
            Use::Called { .. } => true,
            Use::PassedIn { call, arg, path } => self.project.context_of_member(*call, *arg, path).is_some(),
            _ => false,
        };
        is_option && made_in != FunctionId::MODULE && !self.project.uses(f).iter().any(is_known)
    }
}
