//! Handles that a handler is told: `new IntersectionObserver((entries, observer) => observer.disconnect())`, and those that
//! come out of a helper as a part of something.

use crate::facts::Node;
use crate::lifetime::acquired::helpers::Part;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Func, Key, Place, Ref, Root};

impl Judge<'_> {
    /// Where the handle of an acquisition goes, the parameter of its own handler included.
    pub(in crate::lifetime) fn flow_of(&self, a: &Acquisition) -> Flow {
        let mut flow = self.flow(a.at);
        flow.places.extend(self.told_handle(a));
        flow.places.extend(self.told_in_options(a));
        if let Kind::Pair { via: Some(helper), .. } = &a.kind {
            self.follow_part(helper.part(), a.at, &mut flow);
        }
        flow
    }

    /// Follows a handle that comes out of a helper as a part of something: `const heard = listen(); heard.links.remove()`.
    fn follow_part(&self, part: &Part, acquired: Ref, flow: &mut Flow) {
        let name = match part {
            Part::Whole => return,
            // Which part it is, nobody sees.
            Part::Inside => {
                flow.other |= !flow.dropped;
                return;
            }
            Part::Named(name) => name,
        };
        for mut place in flow.places.clone() {
            place.path.push(Key::Name(name.clone()));
            for read in self.references_to(&place, &self.release_files(acquired, std::slice::from_ref(&place))) {
                self.follow(read, flow, 0);
            }
            flow.places.push(place);
        }
    }

    fn told_handle(&self, a: &Acquisition) -> Option<Place> {
        let index = self.project.tables.pairs[a.row()?].told?;
        let f = self.project.function_value(a.handler()?, 0)?;
        self.parameter_at(f, index)
    }

    /// What functions among the options of an acquisition call the handle that they are told.
    fn told_in_options(&self, a: &Acquisition) -> Vec<Place> {
        let names = a.row().map_or(&[][..], |row| &self.project.tables.pairs[row].told_in);
        let Some((_, args)) = self.callee_of(a.at).filter(|_| !names.is_empty()) else {
            return Vec::new();
        };
        let told = |options: &Ref| {
            let given = names.iter().filter_map(|name| self.project.property(*options, name));
            let functions = given.filter_map(|given| self.project.function_value(given, 0));
            functions.filter_map(|f| self.parameter_at(f, 0)).collect::<Vec<_>>()
        };
        args.iter().flat_map(told).collect()
    }

    fn parameter_at(&self, f: Func, index: usize) -> Option<Place> {
        let facts = self.project.facts(f.file);
        let node = facts.item(facts.function(f.function).params, index)?;
        match self.project.node(Ref { file: f.file, node }) {
            Node::Binding(b) => Some(Place::root(Root::Binding(f.file, b))),
            _ => None,
        }
    }
}
