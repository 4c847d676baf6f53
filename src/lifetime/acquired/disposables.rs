//! Events whose listeners are disposables: `service.onDidChange(f)` gives what ends the listener.
//!
//! The type of such a method is rarely in sight: it is a property of an interface, or comes from a package. The code
//! says it by what it does with the result of the same method elsewhere: it disposes of it, or puts it with others.

use crate::facts::{CallKind, FileFacts, MemberKind, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::survey::Event;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{FileId, Func, OwnerId, Place, Ref, Root, Use};
use crate::tables::Base;

/// How many arguments such a method takes: the listener, its `this`, and a list of disposables.
const MAX_ARGUMENTS: usize = 2;

/// The member of an emitter that adds a listener and gives back its disposable.
const EVENT: &str = "event";

impl Judge<'_> {
    /// The names of the event methods of a file whose results it disposes of or collects (`true`), and of those that its
    /// classes define by an emitter.
    pub(in crate::lifetime) fn disposed_events_in(&self, file: FileId) -> Vec<Event> {
        let Some(row) = self.disposable_row() else {
            return Vec::new();
        };
        let facts = self.project.facts(file);
        let mut out: Vec<Event> = Vec::new();
        for &node in &facts.calls {
            if let Some(name) = event_method(facts, node)
                && !out.iter().any(|(n, _)| **n == *name)
                && self.is_disposed_of(Ref { file, node }, row)
            {
                out.push((name.into(), true));
            }
        }
        out.extend(self.events_of_emitters(file).into_iter().map(|name| (name, false)));
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The names of the event methods that classes of a file define by an emitter: `onDidChange = this.changed.event`.
    fn events_of_emitters(&self, file: FileId) -> Vec<Box<str>> {
        let facts = self.project.facts(file);
        let is_event = |node: NodeId| {
            matches!(facts.node(node), Node::Member { object, property, .. }
                if facts.name(property) == EVENT && matches!(facts.node(object), Node::Member { .. } | Node::Binding(_)))
        };
        let mut out: Vec<Box<str>> = Vec::new();
        for owner in self.project.owners_of(file) {
            for member in &self.project.owner(owner).members {
                let name = facts.name(member.name);
                if member.is_static || !is_event_name(name) {
                    continue;
                }
                let by_emitter = match (member.kind, member.function) {
                    (MemberKind::Getter, Some(function)) => {
                        let given = self.project.returned_values(Func { file, function });
                        given.len() == 1 && given[0].file == file && is_event(given[0].node)
                    }
                    (MemberKind::Field, None) => member.value.is_some_and(is_event),
                    _ => false,
                };
                if by_emitter {
                    out.push(name.into());
                }
            }
        }
        out
    }

    fn disposable_row(&self) -> Option<usize> {
        self.project.tables.pairs.iter().position(|p| p.told_elsewhere)
    }

    /// The call of a method whose results are disposed of elsewhere.
    pub(in crate::lifetime) fn disposable_event(&self, call: Ref, last: &str) -> Option<Acquisition> {
        let facts = self.project.facts(call.file);
        let is_event = event_method(facts, call.node).is_some() && self.gives_disposable(call, last);
        // What has to be waited for crosses to another process, and comes back as something else.
        if !is_event || matches!(facts.node(facts.parent(call.node)), Node::Await(_)) {
            return None;
        }
        let row = self.disposable_row()?;
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let Node::Member { object, .. } = facts.node(callee) else {
            return None;
        };
        let here = |node| Ref { node, ..call };
        let handler = here(facts.item(args, 0)?);
        if self.project.type_of(here(object)).is_some() || !self.is_callback(handler) {
            return None;
        }
        // A method that was read and gives nothing back cannot be undone by its result.
        if let Some(f) = self.project.called_function(call)
            && self.project.returned_values(f).is_empty()
        {
            return None;
        }
        let pair = &self.project.tables.pairs[row];
        Some(Acquisition {
            rule: pair.rule.clone(),
            what: pair.what.clone(),
            at: call,
            kind: Kind::Pair {
                row,
                target: Some(here(object)),
                key: None,
                handler: Some(handler),
                options: None,
                delay: None,
                typed: false,
                via: None,
            },
        })
    }

    /// Whether what an event method gives is a disposable: by what code does with it, by its name, or by its type.
    fn gives_disposable(&self, call: Ref, last: &str) -> bool {
        self.survey.disposed_events.contains_key(last) || self.is_named_with_mood(last) || self.is_of_event_type(call)
    }

    /// `onDidChange`, `onWillSave`: what gives disposables has such names, and hardly anything else.
    fn is_named_with_mood(&self, name: &str) -> bool {
        let rest = name.strip_prefix("on").unwrap_or_default();
        let mut moods = self.project.tables.conventions.event_moods.iter();
        moods.any(|mood| {
            let event = rest.strip_prefix(&**mood);
            event.is_some_and(|event| event.starts_with(char::is_uppercase))
        })
    }

    /// Whether the method of a call has the type of an event, which is a function: `readonly onChange: Event<void>`.
    fn is_of_event_type(&self, call: Ref) -> bool {
        let callee = self.callee_of(call).map(|(callee, _)| self.project.place(callee));
        let written = callee.and_then(|place| self.project.type_written_at(&place));
        written.is_some_and(|name| self.project.tables.conventions.event_types.iter().any(|t| *t == *name))
    }

    /// Another event subscription of the same method that is kept: its author knows that these have to be disposed of.
    pub(in crate::lifetime) fn kept_sibling(&self, a: &Acquisition) -> Option<Evidence> {
        let row = a.row()?;
        let f = self.project.function_at(a.at);
        let mut others = self.pair_acquisitions(a.at.file).iter();
        let kept = others.find(|o| {
            let is_sibling = matches!(o.kind, Kind::Pair { row: r, .. } if r == row) && o.at != a.at;
            is_sibling && self.project.function_at(o.at) == f && !self.flow(o.at).dropped
        })?;
        Some(Evidence {
            role: Role::Release,
            at: kept.at,
            text: "another one is kept to be disposed of, this one is not".into(),
        })
    }

    /// Whether the objects that subscribe are disposables themselves, by a method of theirs, or, where a base class is
    /// not seen, by a subscription that is kept.
    pub(in crate::lifetime) fn is_disposed_itself(&self, a: &Acquisition, scope: &Scope) -> bool {
        let (Kind::Pair { row, .. }, Scope::Owner { owner, .. }) = (&a.kind, scope) else {
            return false;
        };
        if self.is_only_defined(a, scope) {
            return false;
        }
        let mut releases = self.project.tables.releases[*row].iter();
        let top = self.project.lineage(*owner).pop().unwrap_or(*owner);
        releases.any(|r| self.project.method(*owner, r.last()).is_some())
            || self.project.owner(top).superclass.is_some() && self.kept_sibling(a).is_some()
    }

    /// Whether nothing but its definition tells that the result of an event method has to be disposed of: the project
    /// never does, and the object that listens keeps no store of what it disposes of.
    pub(in crate::lifetime) fn is_only_defined(&self, a: &Acquisition, scope: &Scope) -> bool {
        let Some(row) = a.row() else { return false };
        let keeps = match scope {
            Scope::Owner { owner, .. } => self.has_store(*owner, row),
            _ => false,
        };
        !keeps && !self.is_disposed_somewhere(a.at)
    }

    /// Whether the project disposes of what the event method of a call gives, here or elsewhere.
    fn is_disposed_somewhere(&self, call: Ref) -> bool {
        let name = event_method(self.project.facts(call.file), call.node);
        name.is_some_and(|name| self.survey.disposed_events.get(name) == Some(&true))
    }

    /// Whether the teardown of a class disposes of a store that things are put into: it is for more than one, and
    /// whoever forgets to put something into it leaves that behind.
    fn has_store(&self, owner: OwnerId, row: usize) -> bool {
        let (teardowns, _) = self.teardowns(owner);
        let is_filled = |store: &Place, file: FileId| {
            let files = self.release_files(self.class_node(owner), std::slice::from_ref(store));
            let files = if files.contains(&file) { files } else { vec![file] };
            self.references_to(store, &files).into_iter().any(|read| {
                let facts = self.project.facts(read.file);
                let member = facts.parent(read.node);
                let conventions = &self.project.tables.conventions;
                let mut fills = conventions.grow.iter().chain(&conventions.keeps_disposables);
                matches!(facts.node(member), Node::Member { object, property, .. }
                    if object == read.node && fills.any(|f| f == facts.name(property)))
            })
        };
        let mut reach: Vec<Func> = self.project.reach(&teardowns).into_iter().collect();
        reach.sort_unstable();
        reach.into_iter().any(|f| {
            let facts = self.project.facts(f.file);
            self.project.calls_in(f).iter().any(|&call| {
                let Node::Call { callee, .. } = facts.node(call) else {
                    return false;
                };
                let Node::Member { object, property, .. } = facts.node(callee) else {
                    return false;
                };
                let store = self.project.place(Ref {
                    file: f.file,
                    node: object,
                });
                let is_own = matches!(store.root, Root::This(o) if self.project.is_related(o, owner));
                is_own
                    && store.path.len() == 1
                    && self.is_dispose(row, facts.name(property))
                    && is_filled(&store, f.file)
            })
        })
    }

    fn class_node(&self, owner: OwnerId) -> Ref {
        Ref {
            file: owner.file,
            node: self.project.owner(owner).node,
        }
    }

    /// `x.onDidClose(f)`, `x.onExit(f)`: the last event of what it is asked of.
    pub(in crate::lifetime) fn listens_for_the_end(&self, call: Ref, ending: &[String]) -> bool {
        let facts = self.project.facts(call.file);
        let Some(name) = event_method(facts, call.node) else {
            return false;
        };
        let name = name.strip_prefix("on").unwrap_or(name);
        let conventions = &self.project.tables.conventions;
        let mut moods = conventions.event_moods.iter();
        let event = moods.find_map(|mood| name.strip_prefix(&**mood)).unwrap_or(name);
        let event = event.to_lowercase();
        ending.contains(&event) || conventions.last_words.contains(&event)
    }

    /// Whether a release stands in a listener of the last event of something: `editor.onDidDispose(() => ...)`.
    pub(in crate::lifetime) fn hears_of_an_end(&self, release: Ref) -> bool {
        self.hears_of_an_end_in(self.project.function_at(release))
    }

    /// Whether a function is a listener of the last event of something.
    pub(in crate::lifetime) fn hears_of_an_end_in(&self, f: Func) -> bool {
        let ending = &self.project.tables.conventions.ending_events;
        let uses = self.project.uses(f);
        let mut calls = uses.iter().filter_map(|used| match used {
            Use::Passed { call, .. } => Some(*call),
            _ => None,
        });
        calls.any(|call| self.listens_for_the_end(call, ending))
    }

    /// Whether the result of a call is put in a list, handed to a constructor, or disposed of under its name.
    fn is_disposed_of(&self, call: Ref, row: usize) -> bool {
        let facts = self.project.facts(call.file);
        let mut at = call.node;
        let mut up = facts.parent(at);
        if matches!(facts.node(up), Node::Array(_)) {
            at = up;
            up = facts.parent(up);
        }
        match facts.node(up) {
            Node::Call { callee, kind, .. } if callee != at => match facts.node(callee) {
                Node::Member { property, .. } => {
                    let conventions = &self.project.tables.conventions;
                    let name = facts.name(property);
                    conventions
                        .grow
                        .iter()
                        .chain(&conventions.keeps_disposables)
                        .any(|g| g == name)
                }
                _ => kind == CallKind::New,
            },
            Node::Member { property, .. } => self.is_dispose(row, facts.name(property)),
            Node::Declare { target, value } | Node::Assign { target, value, .. } if value == at => {
                self.is_disposed_as(call.file, target, row)
            }
            _ => false,
        }
    }

    fn is_dispose(&self, row: usize, method: &str) -> bool {
        self.project.tables.releases[row]
            .iter()
            .any(|r| r.base == Base::AnyMethod && r.last() == method)
    }

    /// Whether a variable or a field of the file has its method called that disposes of it.
    fn is_disposed_as(&self, file: FileId, target: NodeId, row: usize) -> bool {
        let facts = self.project.facts(file);
        let is_disposed = |reference: NodeId| {
            let member = facts.parent(reference);
            matches!(facts.node(member), Node::Member { object, property, .. }
                if object == reference && self.is_dispose(row, facts.name(property)))
        };
        match facts.node(target) {
            Node::Binding(b) => facts.references_of(b).any(is_disposed),
            Node::Member { property, .. } => facts.members_named(property).any(is_disposed),
            _ => false,
        }
    }
}

/// `onSomething`
fn is_event_name(name: &str) -> bool {
    name.strip_prefix("on")
        .is_some_and(|rest| rest.starts_with(char::is_uppercase))
}

/// The name of the method, if a call is written like one of an event: `x.onSomething(listener)`.
fn event_method(facts: &FileFacts, call: NodeId) -> Option<&str> {
    let Node::Call { callee, args, kind } = facts.node(call) else {
        return None;
    };
    if !matches!(kind, CallKind::Call | CallKind::Optional) {
        return None;
    }
    let Node::Member { property, .. } = facts.node(callee) else {
        return None;
    };
    let name = facts.name(property);
    let listener = facts.item(args, 0)?;
    let may_listen = matches!(
        facts.node(listener),
        Node::Function(_) | Node::Member { .. } | Node::Binding(_) | Node::Call { .. }
    );
    (is_event_name(name) && may_listen && facts.list(args).len() <= MAX_ARGUMENTS).then_some(name)
}
