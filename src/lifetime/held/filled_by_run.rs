//! Receivers in variables and fields that the same run fills before: `current = open(url); current.on('end', f)`.
//!
//! That a variable lives long says nothing of what is put into it at each run.

use crate::facts::{BindingKind, CallKind, Node};
use crate::lifetime::Judge;
use crate::link::{Func, Key, Place, Ref, Root};

/// Through how many variables and members a value is followed to what makes it.
const MAX_STEPS: u32 = 6;

impl Judge<'_> {
    /// Whether the run that registers on what a variable or field holds fills that first, with something that nobody
    /// says was there before.
    pub(in crate::lifetime) fn is_filled_by_run(&self, target: Ref) -> bool {
        let f = self.project.function_at(target);
        self.filling(target, f)
            .is_some_and(|value| self.comes_anew(value, f, 0))
    }

    /// The value that a function puts into an outer variable or a field before it uses it.
    fn filling(&self, target: Ref, f: Func) -> Option<Ref> {
        let place = self.project.place(target);
        let holder = match (&place.root, &place.path[..]) {
            (Root::Binding(file, b), _) => {
                let binding = self.project.facts(*file).binding(*b);
                let is_outer = *file == f.file && binding.function != f.function;
                (is_outer && binding.kind != BindingKind::Import).then(|| Place::root(place.root.clone()))?
            }
            (Root::This(_), [Key::Name(field), ..]) => Place {
                path: vec![Key::Name(field.clone())],
                ..place.clone()
            },
            _ => return None,
        };
        let is_before = |d: &Ref| {
            d.file == target.file
                && d.node < target.node
                && self.project.function_at(*d) == f
                && !self.is_conditional(*d)
                && !self.project.node(*d).is_absent()
        };
        self.project.definitions(&holder).into_iter().filter(is_before).max()
    }

    /// Whether a value is another one at each run of a function, as far as the code tells.
    fn comes_anew(&self, value: Ref, f: Func, depth: u32) -> bool {
        let facts = self.project.facts(value.file);
        let inner = |node| self.comes_anew(Ref { node, ..value }, f, depth + 1);
        if depth > MAX_STEPS {
            return false;
        }
        match facts.node(value.node) {
            Node::Await(inside) => inner(inside),
            Node::Assign { value: inside, .. } => inner(inside),
            Node::Member { object, .. } | Node::Index { object, .. } => inner(object),
            // What is made of others may have parts that were there before.
            Node::Call {
                kind: CallKind::Call | CallKind::Optional,
                ..
            } => self.gives_another(value, f, depth),
            Node::Binding(b) => {
                let binding = facts.binding(b);
                let is_here = binding.function == f.function && binding.writes == 0;
                match binding.kind {
                    // What an event tells of.
                    BindingKind::Param => is_here && self.listens_with(f).is_some(),
                    _ if is_here => binding.init.is_some_and(inner),
                    _ => self
                        .filling(value, f)
                        .is_some_and(|filled| self.comes_anew(filled, f, depth + 1)),
                }
            }
            _ => false,
        }
    }

    /// Whether a call gives something else each time: it does not sound as if it gave what was there before, and is asked
    /// of nothing that was.
    fn gives_another(&self, call: Ref, f: Func, depth: u32) -> bool {
        let Some((callee, _)) = self.callee_of(call) else {
            return false;
        };
        if self.sounds_like_making(call) {
            return true;
        }
        if let Node::Member { object, .. } = self.project.node(callee) {
            return self.comes_anew(Ref { node: object, ..callee }, f, depth + 1);
        }
        if let Some(g) = self.project.called_function(call) {
            let given = self.project.returned_values(g);
            return !given.is_empty() && given.iter().all(|v| self.comes_anew(*v, g, depth + 1));
        }
        let conventions = &self.project.tables.conventions;
        let name = self.project.last_name(callee).unwrap_or_default();
        let begins_with = |word: &String| {
            let rest = name.strip_prefix(word.as_str());
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        };
        !name.is_empty()
            && !conventions.gives_again.iter().any(begins_with)
            && !conventions.searches.iter().any(|search| search == name)
            && !self.project.wraps_page(call)
    }
}
