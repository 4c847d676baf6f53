//! Entries of a table under a key that whoever asks gives: another one under the same key overwrites the only handle of
//! the first.

use crate::facts::{Node, NodeId};
use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, Place, Ref, Repetition, Root, Step};
use crate::tables::Every;

/// Through how many variables and calls a key is followed.
const MAX_STEPS: usize = 4;

/// Where a handle is kept in a table.
struct Entry {
    table: Ref,
    key: Ref,
    /// The assignment or call that puts it there.
    put: Ref,
}

impl Judge<'_> {
    /// Evidence that a handler puts what it begins into a table of the module, under a key that it is told, and looks for
    /// none that is there: `app.post('/:id', (request) => { beats[request.params.id] = setInterval(f); })`.
    pub(in crate::lifetime) fn lost_under_same_key(
        &self,
        a: &Acquisition,
        repetition: &Repetition,
    ) -> Option<Vec<Evidence>> {
        let row = &self.project.tables.pairs[a.row()?];
        if row.release_is_on_target() || row.one_shot || row.collectable || row.inferred {
            return None;
        }
        let entry = self.entry_of(a.at)?;
        let table = self.project.place(entry.table);
        let handler = self.handler_behind(a.at, repetition)?;
        if self.project.life_of(&table) != Life::Process
            || !self.may_be_told_again(entry.key, handler, repetition)
            || self.looks_into(handler, &table, entry.put)
        {
            return None;
        }
        Some(vec![Evidence {
            role: Role::Context,
            at: entry.put,
            text: format!("another one under the same `{}` overwrites it", self.show(entry.key)),
        }])
    }

    /// `table[key] = begin()`, `table.set(key, begin())`.
    fn entry_of(&self, at: Ref) -> Option<Entry> {
        let facts = self.project.facts(at.file);
        let here = |node| Ref { node, ..at };
        let put = facts.parent(at.node);
        match facts.node(put) {
            Node::Assign { target, value, .. } if value == at.node => match facts.node(target) {
                Node::Index { object, key } => Some(Entry {
                    table: here(object),
                    key: here(key),
                    put: here(put),
                }),
                _ => None,
            },
            Node::Call { .. } => {
                let call = facts.method_call(put)?;
                let (key, value) = (facts.item(call.args, 0)?, facts.item(call.args, 1)?);
                let puts = &self.project.tables.conventions.grow;
                let is_put = value == at.node && puts.iter().any(|name| name == facts.name(call.method));
                is_put.then(|| Entry {
                    table: here(call.object),
                    key: here(key),
                    put: here(put),
                })
            }
            _ => None,
        }
    }

    /// The function that something served runs again and again, and that the code stands in.
    fn handler_behind(&self, at: Ref, repetition: &Repetition) -> Option<Func> {
        let [Step { at: registered, .. }] = self.serves(repetition)? else {
            return None;
        };
        let f = self.project.function_at(at);
        let facts = self.project.facts(f.file);
        let is_given = registered.file == f.file && facts.parent(self.project.function_node(f).node) == registered.node;
        is_given.then_some(f)
    }

    /// Whether a handler may be told the same key once more: a part of a request, or anything that a message says or that
    /// its connection has.
    fn may_be_told_again(&self, key: Ref, handler: Func, repetition: &Repetition) -> bool {
        let Some(place) = self.told_place(self.project.place(key)) else {
            return false;
        };
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let given_to = self.project.param_position(file, b).map(|(f, _)| f);
        let Repetition::Repeated { every, .. } = repetition else {
            return false;
        };
        match every {
            // `request.id` is another one each time.
            Every::Request => given_to == Some(handler) && place.path.len() > 1,
            Every::Message => given_to.is_some(),
            _ => false,
        }
    }

    /// The parameter, or the part of one, that a key is read from, also as text: `const { room } = JSON.parse(text)`.
    fn told_place(&self, mut place: Place) -> Option<Place> {
        for _ in 0..MAX_STEPS {
            if self.is_parameter(&place) {
                return Some(place);
            }
            let value = match place.root {
                Root::Value(at) => at,
                Root::Binding(..) => match self.project.definitions(&Place::root(place.root.clone()))[..] {
                    [only] => only,
                    _ => return None,
                },
                _ => return None,
            };
            // What reads a text says what the text says.
            let from = match self.callee_of(value) {
                Some((_, args)) => *args.first().filter(|_| args.len() == 1)?,
                None => value,
            };
            let mut read = self.project.place(from);
            if read == place {
                return None;
            }
            read.path.append(&mut place.path);
            place = read;
        }
        None
    }

    /// Whether a function names a table elsewhere than where it puts something in.
    fn looks_into(&self, handler: Func, table: &Place, put: Ref) -> bool {
        let facts = self.project.facts(handler.file);
        let Root::Binding(file, b) = table.root else {
            return true;
        };
        let around = self.project.function_node(handler).node;
        let is_other = |node: NodeId| facts.is_inside(node, around) && !facts.is_inside(node, put.node);
        file != handler.file || facts.references_of(b).any(is_other)
    }
}
