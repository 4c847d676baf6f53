//! Objects that are given to something and taken back: `layer.onAdd(map)`, `layer.onRemove(map)`.
//!
//! What such an object is given to was there before and goes on after. So what it registers on it has to be taken off
//! by the method that undoes the other.

use crate::finding::Role;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Root};

impl Judge<'_> {
    /// Evidence that a target is what its method was given the object for, and that the opposite method leaves it.
    pub(in crate::lifetime) fn attached_to(&self, a: &Acquisition, target: Ref, scope: &Scope) -> Option<Evidence> {
        let Scope::Owner { owner, method } = scope else {
            return None;
        };
        let bare = |name: &str| name.trim_start_matches(['_', '#']).to_owned();
        let opposites = &self.project.tables.conventions.opposites;
        let named = bare(method);
        let mut undoing = opposites.iter().filter(|(given, _)| *given == named);
        let undo = undoing.find_map(|(_, back)| {
            let method = self.project.method(*owner, back);
            method.or_else(|| self.project.method(*owner, &format!("_{back}")))
        })?;
        let handler = a.handler()?;
        let f = self.project.function_at(a.at);
        if self.is_of_its_end(a) || !self.keeps_state(handler, f) || self.ends_target(a, target).is_some() {
            return None;
        }
        let place = self.project.place(target);
        self.is_given_to(f, &place).then(|| Evidence {
            role: Role::Release,
            at: self.project.function_node(undo),
            text: "undoes what was done here, and leaves this".into(),
        })
    }

    /// Whether a place is a parameter of a function, or a field that holds one.
    fn is_given_to(&self, f: Func, place: &Place) -> bool {
        let mut names = vec![place.clone()];
        names.extend(self.names_of_object(place));
        names.iter().any(|name| match name.root {
            Root::Binding(file, b) => {
                name.path.is_empty()
                    && file == f.file
                    && self.is_parameter(name)
                    && self.project.facts(file).binding(b).function == f.function
            }
            _ => false,
        })
    }
}
