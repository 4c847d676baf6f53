//! What the use of an acquisition says of how often it happens, where nobody says it otherwise.
//!
//! A client that is opened, asked for something and forgotten in the function that opened it is for one call, when the
//! project does so in more than one place. An interval that waits for a promise's condition is for that promise.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, BindingKind, FunctionId, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, OwnerKind, Phase, Ref, Root, Use};

/// How many members and calls a question to a handle may be long: `db.user.findMany().then(f)`.
const MAX_QUESTION: usize = 8;

impl Judge<'_> {
    /// Evidence that what is never released is for one piece of work, which comes again.
    pub(in crate::lifetime) fn told_by_use(&self, a: &Acquisition) -> Option<Evidence> {
        self.waits_for_promise(a)
            .or_else(|| self.answers_promise(a))
            .or_else(|| self.opened_per_call(a))
            .or_else(|| self.begun_for_objects(a))
    }

    /// `new Promise(resolve => { setInterval(() => { if (ready()) resolve(); }, n); })`: it goes on for ever after that.
    fn waits_for_promise(&self, a: &Acquisition) -> Option<Evidence> {
        let Kind::Pair {
            row,
            target: None,
            handler: Some(handler),
            ..
        } = &a.kind
        else {
            return None;
        };
        let repeats = !self.project.tables.pairs[*row].one_shot;
        let f = self.project.function_at(a.at);
        (repeats && self.is_executor(f) && self.settles(*handler)).then(|| Evidence {
            role: Role::Flow,
            at: *handler,
            text: "settles the promise, and goes on after that".into(),
        })
    }

    /// A function that begins something and drops its handle, called by methods of objects that have an end: those can
    /// never end it.
    fn begun_for_objects(&self, a: &Acquisition) -> Option<Evidence> {
        let Kind::Pair {
            row,
            target: None,
            handler: Some(_),
            via: None,
            ..
        } = &a.kind
        else {
            return None;
        };
        if self.project.tables.pairs[*row].one_shot || !self.flow(a.at).dropped {
            return None;
        }
        let f = self.project.function_at(a.at);
        let around = self.project.method_around(f);
        if around.is_some_and(|(owner, name, _)| self.begins_at_start(owner, name)) {
            return None;
        }
        let callers = self.project.callers(f).calls;
        let is_of_mortal = |call: &Ref| {
            let around = self.project.method_around(self.project.function_at(*call));
            around.is_some_and(|(owner, name, _)| {
                let is_class = !matches!(self.project.owner(owner).kind, OwnerKind::Object(_));
                let ends = is_class && !self.teardowns(owner).0.is_empty();
                ends && self.phase(owner, name).0 != Phase::Teardown && !self.begins_at_start(owner, name)
            })
        };
        let first = *callers.first()?;
        callers.iter().all(is_of_mortal).then(|| Evidence {
            role: Role::Flow,
            at: first,
            text: "begun for an object that has an end, which cannot end this".into(),
        })
    }

    /// A handle that only a variable of one call holds, which asks it for something: the project opens one in several
    /// functions, or calls the one that does from several places.
    fn opened_per_call(&self, a: &Acquisition) -> Option<Evidence> {
        let asked = self.asked_here(a)?;
        let f = self.project.function_at(a.at);
        let name = self.project.function(f).name.map(|n| self.project.text(f.file, n));
        if name.is_some_and(|n| self.is_startup_name(n)) {
            return None;
        }
        let is_sibling = |o: &&Acquisition| {
            o.at != a.at && o.row() == a.row() && self.project.function_at(o.at) != f && self.asked_here(o).is_some()
        };
        let callers = self.project.callers(f).calls;
        let from: FxHashSet<Func> = callers.iter().map(|c| self.project.function_at(*c)).collect();
        if let Some(other) = self.pair_acquisitions(a.at.file).iter().find(is_sibling) {
            return Some(Evidence {
                role: Role::Flow,
                at: other.at,
                text: "another call opens one of its own here".into(),
            });
        }
        let second = callers.get(1).filter(|_| from.len() > 1)?;
        Some(Evidence {
            role: Role::Flow,
            at: *second,
            text: "one of several calls of this code".into(),
        })
        .filter(|e| e.at != asked)
    }

    /// `new Promise((resolve) => { const client = open(); client.ask((error, answer) => resolve(answer)); })`: it is for
    /// that answer.
    fn answers_promise(&self, a: &Acquisition) -> Option<Evidence> {
        let f = self.project.function_at(a.at);
        if !self.is_executor(f) {
            return None;
        }
        self.held_here(a)?;
        let facts = self.project.facts(f.file);
        let resolve = match facts.node(facts.item(facts.function(f.function).params, 0)?) {
            Node::Binding(b) => b,
            _ => return None,
        };
        let is_answer = |node: NodeId| {
            let Node::Call { callee, args, .. } = facts.node(facts.parent(node)) else {
                return false;
            };
            let mut given = facts.item(args, 0).filter(|_| callee == node);
            while let Some(Node::Member { object, .. }) = given.map(|n| facts.node(n)) {
                given = Some(object);
            }
            match given.map(|n| facts.node(n)) {
                Some(Node::Binding(b)) => {
                    let binding = facts.binding(b);
                    let inside = facts.is_nested(binding.function, f.function) && binding.function != f.function;
                    inside && binding.kind == BindingKind::Param
                }
                _ => false,
            }
        };
        let answer = facts.references_of(resolve).find(|node| is_answer(*node))?;
        Some(Evidence {
            role: Role::Flow,
            at: Ref {
                file: f.file,
                node: answer,
            },
            text: "the answer it was opened for".into(),
        })
    }

    /// Where the function that made a handle, and alone holds it, waits for what it gives or gives that back.
    fn asked_here(&self, a: &Acquisition) -> Option<Ref> {
        let b = self.held_here(a)?;
        let f = self.project.function_at(a.at);
        let (file, facts) = (f.file, self.project.facts(f.file));
        let asks =
            |&node: &NodeId| facts.enclosing_function(node) == f.function && self.is_question(Ref { file, node });
        facts.references_of(b).find(asks).map(|node| Ref { file, node })
    }

    /// The variable of a function that alone holds a handle which is made there and never released.
    fn held_here(&self, a: &Acquisition) -> Option<BindingId> {
        let Kind::Pair {
            row,
            target: None,
            handler: None,
            via: None,
            ..
        } = &a.kind
        else {
            return None;
        };
        let pair = &self.project.tables.pairs[*row];
        let f = self.project.function_at(a.at);
        if pair.one_shot || pair.collectable || f.function == FunctionId::MODULE {
            return None;
        }
        let flow = self.flow(a.at);
        let is_kept = !flow.collections.is_empty() || !flow.returned.is_empty() || !flow.passed.is_empty();
        if is_kept || flow.other || flow.taken_apart || self.releases_of(a, &flow).iter().any(|r| r.wrong.is_none()) {
            return None;
        }
        let [place] = &flow.places[..] else { return None };
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let binding = self.project.facts(file).binding(b);
        (place.path.is_empty() && binding.function == f.function && file == f.file).then_some(b)
    }

    /// Whether a function that is registered for events uses the handle: it is for as long as those come.
    pub(in crate::lifetime) fn is_used_by_listeners(&self, a: &Acquisition) -> bool {
        let f = self.project.function_at(a.at);
        self.flow(a.at).places.iter().any(|place| {
            let Root::Binding(file, b) = place.root else {
                return false;
            };
            let facts = self.project.facts(file);
            facts.references_of(b).any(|node| {
                let g = self.project.function_at(Ref { file, node });
                g != f
                    && self.project.uses(g).iter().any(|used| match used {
                        Use::Passed { call, .. } => self.is_named_like_listening(*call),
                        _ => false,
                    })
            })
        })
    }

    /// `source.on(key, f)`: a call of a name by which something is registered on a receiver.
    pub(in crate::lifetime) fn is_named_like_listening(&self, call: Ref) -> bool {
        let name = self
            .callee_of(call)
            .and_then(|(callee, _)| self.project.last_name(callee));
        name.is_some_and(|name| {
            let entries = self.project.tables.acquisitions(name).iter();
            let mut rows = entries.map(|e| &self.project.tables.pairs[e.row]);
            rows.any(|row| row.release_is_on_target())
        })
    }

    /// `await db.user.findMany()`, `return db.query(text)`.
    fn is_question(&self, handle: Ref) -> bool {
        let facts = self.project.facts(handle.file);
        let mut at = handle.node;
        let mut calls = false;
        for _ in 0..MAX_QUESTION {
            let up = facts.parent(at);
            match facts.node(up) {
                Node::Member { object, .. } if object == at => {}
                Node::Call { callee, .. } if callee == at => calls = true,
                Node::Await(_) => {
                    let used = facts.node(facts.parent(up));
                    return calls && matches!(used, Node::Declare { .. } | Node::Assign { .. } | Node::Return(_));
                }
                Node::Return(_) => {
                    return calls && self.project.function(self.project.function_at(handle)).flags.is_async;
                }
                _ => return false,
            }
            at = up;
        }
        false
    }
}
