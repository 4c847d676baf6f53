//! Entries: what code puts into a table and looks up there again.
//!
//! `if (!rooms.has(name)) rooms.set(name, new Room()); return rooms.get(name);` gives a room that is as old as the table
//! lets it be, whoever asks.

use super::types::Life;
use super::{Func, OwnerId, Place, Project, Ref, Root};
use crate::facts::{CallKind, Node};

/// How many steps may lead to a table whose entries are asked for their class.
const MAX_STEPS: u32 = 4;

/// How many calls may put something into such a table.
const MAX_PUTS: usize = 4;

impl Project {
    /// The table that a call looks an entry up in: `rooms.get(name)`.
    pub(super) fn table_looked_up(&self, call: Ref) -> Option<Place> {
        let facts = self.facts(call.file);
        let looked_up = facts.method_call(call.node)?;
        let mut looks_up = self.tables.conventions.look_up.iter();
        if !looks_up.any(|l| l == facts.name(looked_up.method)) || facts.list(looked_up.args).len() != 1 {
            return None;
        }
        let table = self.place(Ref {
            node: looked_up.object,
            ..call
        });
        let is_map = |at: Ref| {
            let is_made = matches!(
                self.node(at),
                Node::Call {
                    kind: CallKind::New,
                    ..
                }
            );
            is_made && self.type_of(at).is_some_and(|of| self.tables.is_a(of, "Map"))
        };
        let is_table = self.is_shared_place(&table) && self.value_of_place(&table).is_some_and(is_map);
        is_table.then_some(table)
    }

    /// The calls that put something into a table, with what they put, in the file of the table: `rooms.set(name, room)`.
    fn puts_into(&self, table: &Place) -> Vec<(Ref, Ref)> {
        let file = match table.root {
            Root::Binding(file, _) => file,
            Root::This(owner) => owner.file,
            _ => return Vec::new(),
        };
        let facts = self.facts(file);
        let here = |node| Ref { file, node };
        let grow = self.tables.conventions.grow.iter();
        let calls = grow.flat_map(|name| self.calls_named(file, name)).copied();
        let put = calls.filter_map(|call| {
            let put = facts.method_call(call)?;
            let value = facts.item(put.args, 1)?;
            let into = self.place(here(put.object));
            self.same_place(&into, table).then_some((here(call), here(value)))
        });
        put.collect()
    }

    /// The class of what a table holds, where all that is put in is of one.
    pub(super) fn owner_of_entry(&self, call: Ref, depth: u32) -> Option<OwnerId> {
        if depth > MAX_STEPS {
            return None;
        }
        let puts = self.puts_into(&self.table_looked_up(call)?);
        if puts.len() > MAX_PUTS {
            return None;
        }
        let mut owners = puts
            .into_iter()
            .map(|(_, value)| self.owner_of_object(value, depth + 1));
        let first = owners.next()??;
        owners.all(|owner| owner == Some(first)).then_some(first)
    }

    /// Whether the function that is called gives what a table has, and puts one in where there is none yet.
    pub fn is_got_or_made(&self, call: Ref) -> bool {
        self.called_function(call)
            .is_some_and(|f| match self.given_values(f)[..] {
                [only] => self.life_of_got_or_made(f, only, 0).is_some(),
                _ => false,
            })
    }

    /// How long what a function gives back lives, where it looks that up in a table, and puts one in where there is none
    /// yet: as long as the table.
    pub(super) fn life_of_got_or_made(&self, f: Func, given: Ref, depth: u32) -> Option<Life> {
        let held = match self.node(given) {
            Node::Call { .. } => vec![given],
            Node::Binding(_) => self.definitions(&self.place(given)),
            _ => return None,
        };
        let table = held.iter().find_map(|at| self.table_looked_up(*at))?;
        let puts = self.puts_into(&table);
        let name = self.place(given);
        let is_put = |made: &Ref| {
            let is_it = |value: Ref| value == *made || self.same_place(&self.place(value), &name);
            puts.iter()
                .any(|(call, value)| self.function_at(*call) == f && is_it(*value) && self.is_let_in(*call))
        };
        let is_of_table = |at: &Ref| self.table_looked_up(*at).is_some_and(|of| self.same_place(&of, &table));
        let own = puts.iter().filter(|(call, _)| self.function_at(*call) == f);
        if !own.clone().all(|(call, _)| self.is_let_in(*call)) || own.count() == 0 {
            return None;
        }
        let mut held = held.iter().filter(|at| !self.node(**at).is_absent());
        if !held.all(|at| is_of_table(at) || is_put(at)) {
            return None;
        }
        match self.life_at(&table, depth + 1) {
            life @ (Life::Process | Life::Instance(_)) => Some(life),
            _ => None,
        }
    }

    /// Whether a test decides within its function whether a call is reached.
    fn is_let_in(&self, call: Ref) -> bool {
        let facts = self.facts(call.file);
        let mut above = facts
            .ancestors(call.node)
            .take_while(|&up| !matches!(facts.node(up), Node::Function(_)));
        above.any(|up| {
            matches!(
                facts.node(up),
                Node::If { .. } | Node::Conditional { .. } | Node::Logical { .. }
            )
        })
    }
}
