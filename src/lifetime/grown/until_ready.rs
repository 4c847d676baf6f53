//! What is kept until something is there: nothing is added any more once it is. `if (!this.isOpen) this.asked.push(x)`,
//! where `isOpen` is only ever set to true.

use crate::facts::{FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::link::{Key, Place, Ref, Root};
use crate::tables::Every;

impl Judge<'_> {
    /// Whether a node is reached only as long as something has not come that comes once, and stays; from then on the
    /// code does something else with what it is given.
    pub(in crate::lifetime) fn is_before_ready(&self, at: Ref) -> bool {
        let is_told = |part: Ref, holds: bool, _: u32| !holds && self.comes_and_stays(part);
        self.conditions_of(at)
            .into_iter()
            .any(|(test, outcome)| self.says(test, outcome, 0, &is_told) && self.is_worked_on_beside(at, test))
    }

    /// Whether a parameter that stands in a node is used as well where a test comes out the other way: `if (isOpen) send(x)
    /// else asked.push(x)`. What is only thrown away at the end says nothing of a beginning.
    fn is_worked_on_beside(&self, at: Ref, test: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let around = facts.parent(test.node);
        let Node::If { yes, no, .. } = facts.node(around) else {
            return false;
        };
        let beside: Vec<NodeId> = match (facts.is_inside(at.node, yes), facts.node(no)) {
            (true, Node::Empty) => match facts.node(facts.parent(around)) {
                Node::Block(list) => facts.list(list).skip_while(|&s| s != around).skip(1).collect(),
                _ => return false,
            },
            (true, _) => vec![no],
            (false, _) => vec![yes],
        };
        let f = self.project.function_at(at);
        facts.list(self.project.function(f).params).any(|param| {
            let Node::Binding(b) = facts.node(param) else {
                return false;
            };
            let stands_in = |part: NodeId| facts.references_of(b).any(|node| facts.is_inside(node, part));
            stands_in(at.node) && beside.iter().any(|&part| stands_in(part))
        })
    }

    /// Whether a value is false until what it tells of has come, and true from then on.
    fn comes_and_stays(&self, told: Ref) -> bool {
        match self.project.node(told) {
            Node::Call { .. } => self.asks_for_what_comes_once(told),
            Node::Binding(_) | Node::Member { .. } => self.is_set_for_good(&self.project.place(told)),
            _ => false,
        }
    }

    /// `app.isReady()`, by the tables.
    fn asks_for_what_comes_once(&self, call: Ref) -> bool {
        let asked = self
            .callee_of(call)
            .and_then(|(callee, _)| self.project.path_of(callee));
        let Some((whole, name)) = asked.as_deref().and_then(|path| path.rsplit_once('.')) else {
            return false;
        };
        self.project.tables.contexts.iter().any(|row| {
            let is_of_it = |call: &String| call.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
            matches!(row.every, Every::Once | Every::Later)
                && row.told_by.iter().any(|told| told == name)
                && row.call.iter().any(is_of_it)
        })
    }

    /// Whether a variable or field begins as false and is only ever set to true, somewhere.
    fn is_set_for_good(&self, place: &Place) -> bool {
        let definitions = match (&place.root, place.path.as_slice()) {
            (Root::Binding(..), []) => self.project.definitions(place),
            (Root::This(owner), [Key::Name(name)]) => self.project.field_definitions(*owner, name),
            _ => return false,
        };
        let is_true = |d: &Ref| self.project.node(*d) == Node::Bool(true);
        let is_first = |d: &Ref| self.project.node(*d).is_unset() && self.begins_with(place, *d);
        let is_end = |d: &Ref| is_true(d) && self.is_of_teardown(*d);
        definitions.iter().any(is_true)
            && definitions.iter().all(|d| is_true(d) || is_first(d))
            && !definitions.iter().any(is_end)
    }

    /// Whether code stands in a function that ends something, by its name.
    fn is_of_teardown(&self, at: Ref) -> bool {
        let f = self.project.function_at(at);
        let method = self.project.method_around(f).map(|(_, name, _)| name);
        let named = self
            .project
            .function(f)
            .name
            .map(|name| self.project.text(f.file, name));
        method
            .or(named)
            .is_some_and(|name| self.project.tables.is_teardown(name))
    }

    /// Whether a value is what a variable of a module or a field begins with.
    fn begins_with(&self, place: &Place, value: Ref) -> bool {
        match place.root {
            Root::Binding(file, b) => {
                let binding = self.project.facts(file).binding(b);
                binding.function == FunctionId::MODULE && binding.init == Some(value.node)
            }
            _ => {
                let f = self.project.function_at(value);
                let around = self.project.method_around(f);
                around.is_none_or(|(_, name, method)| name == "constructor" && method == f)
            }
        }
    }
}
