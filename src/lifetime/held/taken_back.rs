//! What is given for a while and taken back, while what was registered for it stays: elements that one method adds and
//! another one removes, clients that a pool lends and hands out again.

use crate::facts::{BindingKind, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, OwnerId, Place, Ref, Root};

impl Judge<'_> {
    /// Evidence that a registration stays when what it was made for is taken back.
    pub(in crate::lifetime) fn left_when_taken_back(
        &self,
        a: &Acquisition,
        scope: &Scope,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let row = &self.project.tables.pairs[a.row()?];
        let adds_up = row.release_is_on_target() && !row.one_shot && self.is_new_function(handler);
        if !adds_up || self.guard_of(a.at).is_some() {
            return None;
        }
        let (at, text) = self
            .removed_by_sibling(a, target, handler, scope)
            .or_else(|| self.lent_by_pool(a, target))?;
        releases().is_empty().then(|| {
            vec![Evidence {
                role: Role::Release,
                at,
                text: text.into(),
            }]
        })
    }

    /// The method that takes back what a method was given, where that method registers something for it on the object.
    fn removed_by_sibling(
        &self,
        a: &Acquisition,
        target: Ref,
        handler: Ref,
        scope: &Scope,
    ) -> Option<(Ref, &'static str)> {
        let Scope::Owner { owner, .. } = scope else {
            return None;
        };
        let place = self.project.place(target);
        let is_own = matches!(self.project.life_of(&place), Life::Instance(o) if self.project.is_related(o, *owner));
        let (_, name, top) = self.project.method_around(self.project.function_at(a.at))?;
        let undo = self.sibling_that_removes(*owner, name).filter(|_| is_own)?;
        let g = self.project.function_value(handler, 0)?;
        let facts = self.project.facts(g.file);
        let keeps_element = g.file == top.file
            && self.project.function(g).captures.iter().any(|&b| {
                let binding = facts.binding(b);
                binding.kind == BindingKind::Param && binding.function == top.function
            });
        let at = self.project.function_node(undo);
        keeps_element.then_some((at, "takes back what was given, and leaves this"))
    }

    /// `removeTrack` for `addTrack`.
    fn sibling_that_removes(&self, owner: OwnerId, name: &str) -> Option<Func> {
        let bare = name.trim_start_matches(['_', '#']);
        let words = &self.project.tables.conventions.element_words;
        words.iter().find_map(|(adds, removes)| {
            let rest = bare.strip_prefix(adds.as_str())?;
            let is_word = rest.starts_with(|c: char| c.is_ascii_uppercase());
            let sibling = name.replacen(bare, &format!("{removes}{rest}"), 1);
            self.project.method(owner, &sibling).filter(|_| is_word)
        })
    }

    /// Where what a pool lent goes back to it.
    pub(in crate::lifetime) fn lent_by_pool(&self, a: &Acquisition, target: Ref) -> Option<(Ref, &'static str)> {
        let place = self.project.place(target);
        let made = match place.root {
            Root::Binding(file, b) if place.path.is_empty() => {
                let init = self.project.facts(file).binding(b).init;
                let init = init.map(|node| Ref { file, node });
                init.or_else(|| self.call_that_hands_over(&place))
            }
            Root::Value(at) if place.path.is_empty() => Some(at),
            _ => None,
        }?;
        if !self.is_lending(made) {
            return None;
        }
        let conventions = &self.project.tables.conventions;
        let names = conventions.gives_back.iter();
        let mut calls = names.flat_map(|name| self.project.calls_named(a.at.file, name));
        let goes_back = |&&node: &&NodeId| {
            let facts = self.project.facts(a.at.file);
            let Some(call) = facts.method_call(node) else {
                return false;
            };
            let is_it = |node| {
                self.project
                    .same_place(&self.project.place(Ref { node, ..a.at }), &place)
            };
            is_it(call.object) || facts.item(call.args, 0).is_some_and(is_it)
        };
        let &node = calls.find(goes_back)?;
        Some((
            Ref { node, ..a.at },
            "goes back to be handed out again, with this on it",
        ))
    }

    /// The call whose callback has a place as its parameter: `pool.getConnection((error, connection) => ...)`.
    fn call_that_hands_over(&self, place: &Place) -> Option<Ref> {
        let (f, _) = self.parameter_of(place)?;
        let facts = self.project.facts(f.file);
        let node = self.project.function(f).node;
        let call = facts.method_call(facts.parent(node))?;
        let is_callback = facts.list(call.args).any(|arg| arg == node);
        // `pool.acquire().then((worker) => ...)`
        let reacts = &self.project.tables.conventions.react;
        let at = match reacts.iter().any(|r| r == facts.name(call.method)) {
            true => call.object,
            false => call.at,
        };
        is_callback.then_some(Ref { file: f.file, node: at })
    }

    /// `await pool.connect()`: a call by which pools lend.
    fn is_lending(&self, made: Ref) -> bool {
        let facts = self.project.facts(made.file);
        let mut at = made.node;
        loop {
            match facts.node(at) {
                Node::Await(value) => at = value,
                Node::Call { callee, .. } => {
                    let Node::Member { object, property, .. } = facts.node(callee) else {
                        return false;
                    };
                    let conventions = &self.project.tables.conventions;
                    let is_one_of = |list: &[String]| list.iter().any(|n| n == facts.name(property));
                    if is_one_of(&conventions.lends) {
                        return true;
                    }
                    // `pool.connect().catch(fail)`
                    if !is_one_of(&conventions.settles_call) {
                        return false;
                    }
                    at = object;
                }
                _ => return false,
            }
        }
    }
}
