//! Comparison: whether a call that looks like the release of an acquisition is that one, and what it gets wrong.

use std::sync::Arc;

use crate::facts::Node;
use crate::finding::Cause;
use crate::lifetime::Judge;
use crate::link::{FileId, Func, Key, Life, Place, Ref, Root};
use crate::tables::{CallPattern, Lives, Param, TypeId};

/// How many names one object is followed through.
const MAX_NAMES: usize = 8;

/// What tells one object from another, wherever it is named.
#[derive(Debug)]
pub(in crate::lifetime) struct Identity {
    /// Its type, if there is one object of that type only.
    only: Option<TypeId>,
    /// The places it is known by.
    names: Vec<Place>,
}

/// The acquisition that a release has to fit.
pub(in crate::lifetime) struct Wanted<'a> {
    /// The row that it is of.
    pub row: usize,
    pub target: Option<&'a Place>,
    pub key: Option<Ref>,
    /// What was registered.
    pub handler: Option<Ref>,
    pub options: Option<Ref>,
    /// The module whose own functions keep what is registered and take it out again, if that is no object's.
    pub module: Option<FileId>,
}

/// What a call that may be a release is given.
pub(in crate::lifetime) struct CallArgs {
    pub receiver: Option<Ref>,
    pub key: Option<Ref>,
    /// What is taken off.
    pub handler: Option<Ref>,
    pub options: Option<Ref>,
}

impl Judge<'_> {
    /// How a release-like call differs from the release that is wanted: not at all (`Some(None)`), in one thing, or
    /// so much that it is somebody else's.
    pub(in crate::lifetime) fn compare(
        &self,
        pattern: &CallPattern,
        wanted: &Wanted<'_>,
        given: &CallArgs,
    ) -> Option<Option<(Cause, String)>> {
        let takes_handler = pattern.position(&Param::Handler).is_some();
        let takes_key = pattern.position(&Param::Key).is_some();
        let key_same = match (wanted.key, given.key) {
            _ if !takes_key => true,
            (Some(a), Some(b)) => self.may_be_same_key(a, b),
            (_, None) => true,
            (None, Some(_)) => true,
        };
        let listed = self.is_listed(wanted, given);
        let key_same = key_same || listed;
        let handler_same = match (wanted.handler, given.handler) {
            _ if listed => true,
            _ if !takes_handler => true,
            (Some(a), Some(b)) => self.same_handler(a, b),
            // Everything of that key goes, except where the platform needs the function.
            (_, None) => {
                let needing = &self.project.tables.conventions.needs_handler;
                !needing.iter().any(|name| name == pattern.last())
            }
            (None, Some(_)) => true,
        };
        // Another function under another key is somebody else's, whatever it is called on; that is most of them.
        if !key_same && !handler_same && given.handler.is_some() {
            return None;
        }
        let target_same = match (wanted.target, given.receiver) {
            _ if listed && self.is_listed_with_target(given) => true,
            (Some(t), Some(r)) => self.same_target(t, &self.project.place(r)),
            (None, None) => true,
            (Some(t), None) => *t == Place::root(Root::Global),
            (None, Some(r)) => self.project.place(r) == Place::root(Root::Global),
        };
        if target_same && key_same && handler_same {
            if let (Some(a), true) = (wanted.options, takes_handler)
                && let (Some(x), Some(y)) = (self.captures(Some(a)), self.captures(given.options))
                && x != y
            {
                return Some(Some((
                    Cause::WrongOptions,
                    "removes with another `capture` flag".into(),
                )));
            }
            return Some(None);
        }
        // The handler where the key belongs.
        if target_same
            && let (Some(h), Some(k)) = (wanted.handler, given.key)
            && takes_handler
            && given.handler.is_none()
            && self.same_handler(h, k)
        {
            return Some(Some((
                Cause::WrongOptions,
                "the function stands where the event name belongs".into(),
            )));
        }
        let constant_keys = |a: Option<Ref>, b: Option<Ref>| match (a, b) {
            (Some(a), Some(b)) => {
                self.project.constant_text(a, 0).is_some() && self.project.constant_text(b, 0).is_some()
            }
            _ => false,
        };
        // A wrong function is only told where the key is surely the same.
        let key_certain = match (wanted.key, given.key) {
            (Some(a), Some(b)) if takes_key => self.project.same_key(a, b),
            _ => true,
        };
        match (target_same, key_same, handler_same) {
            (true, true, false) if key_certain => {
                match given.handler.and_then(|h| self.is_handed_in(wanted.handler?, h)) {
                    Some(true) => return Some(None),
                    Some(false) => return None,
                    None => {}
                }
                match given.handler.and_then(|h| self.may_come_from_table(wanted.handler?, h)) {
                    Some(true) => return Some(None),
                    Some(false) => return None,
                    None => {}
                }
                let what = match given.handler {
                    None => "removes nothing without the function".to_owned(),
                    Some(h) if matches!(self.project.node(h), Node::Function(_)) => {
                        "this function is a new one; it was never added".to_owned()
                    }
                    Some(h) if matches!(self.project.node(h), Node::Call { .. }) => {
                        "makes a new function; it was never added".to_owned()
                    }
                    Some(h) => format!("removes `{}`, which is another function", self.show(h)),
                };
                Some(Some((Cause::WrongHandler, what)))
            }
            (true, false, true) if takes_handler && given.handler.is_some() && constant_keys(wanted.key, given.key) => {
                Some(Some((Cause::WrongKey, "removes from another event".into())))
            }
            (false, true, true) if takes_handler && given.handler.is_some() && wanted.handler.is_some() => {
                // An object that nobody can name here may well be the same one, unless each call gives another one.
                let is_told = |p: &Place| match p.root {
                    Root::Value(at) => p.path.is_empty() && self.project.gives_another(at),
                    _ => true,
                };
                let nameable = |p: &Place| is_told(p) && !self.is_parameter(p);
                let other = given.receiver.map(|r| self.project.place(r));
                let is_whole = || {
                    let whole = wanted.target.zip(given.receiver);
                    whole.is_some_and(|(target, receiver)| self.is_whole_of(target, receiver))
                };
                let named = wanted.target.is_none_or(nameable) && other.as_ref().is_none_or(nameable);
                let may_be_same = || {
                    let both = wanted.target.zip(other.as_ref());
                    both.is_some_and(|(target, receiver)| self.may_be_found_and_kept(target, receiver))
                };
                if !named && !is_whole() || may_be_same() {
                    return Some(None);
                }
                let text = match given.receiver {
                    Some(r) => format!("removes from `{}`, which is another object", self.show(r)),
                    None => "removes from another object".into(),
                };
                Some(Some((Cause::WrongTarget, text)))
            }
            _ => None,
        }
    }

    /// Whether two keys can be the same: events of a list that a loop goes through are taken to be.
    pub(in crate::lifetime) fn may_be_same_key(&self, a: Ref, b: Ref) -> bool {
        let constant = |at| self.project.constant_text(at, 0).is_some();
        let is_function = |at| self.project.function_value(at, 0).is_some();
        if is_function(a) != is_function(b) {
            return false;
        }
        if self.is_namespace_of(a, b) {
            return true;
        }
        if let (Some(x), Some(y)) = (self.listed_keys(a), self.listed_keys(b)) {
            return self.have_one_in_common(&x, &y);
        }
        if !self.could_say(a, b) || !self.could_say(b, a) {
            return false;
        }
        !(constant(a) && constant(b) || self.is_made_of_text(a) && self.is_made_of_text(b))
            || self.project.same_key(a, b)
    }

    /// Whether a key that is put together may come out as a constant one: `id + ':progress'` never says `'resize'`.
    fn could_say(&self, made: Ref, constant: Ref) -> bool {
        let text = self.project.constant_text(constant, 0);
        text.is_none_or(|text| self.project.could_say(made, &text))
    }

    /// `.off('.menu')` takes off what was added as `click.menu`, and `.off('.' + name)` what was as `'click.' + name`.
    fn is_namespace_of(&self, added: Ref, removed: Ref) -> bool {
        if let (Some((event, name)), Some((dot, wanted))) = (self.made_up_end(added), self.made_up_end(removed)) {
            return &*dot == "." && event.ends_with('.') && self.project.same_key(name, wanted);
        }
        let (Some(added), Some(removed)) = (
            self.project.constant_text(added, 0),
            self.project.constant_text(removed, 0),
        ) else {
            return false;
        };
        let mut wanted = match removed.strip_prefix('.') {
            Some(names) => names.split('.'),
            None => return false,
        };
        wanted.all(|name| added.split('.').skip(1).any(|n| n == name))
    }

    /// What a key that is put together ends with, and the text before that: `name` behind `click.` of `'click.' + name`.
    fn made_up_end(&self, key: Ref) -> Option<(Box<str>, Ref)> {
        let facts = self.project.facts(key.file);
        let here = |node| Ref { node, ..key };
        let text = |node| self.project.constant_text(here(node), 0);
        match facts.node(key.node) {
            Node::Binary { left, right, .. } => {
                let before = match facts.node(left) {
                    Node::Binary { right, .. } => right,
                    _ => left,
                };
                Some((text(before)?, here(right)))
            }
            Node::Template(parts) => {
                let mut parts = facts
                    .list(parts)
                    .rev()
                    .skip_while(|part| text(*part).is_some_and(|t| t.is_empty()));
                let name = parts.next()?;
                Some((text(parts.next()?)?, here(name)))
            }
            _ => None,
        }
    }

    /// Whether a key is put together of something that is no constant: `'answer-' + id`.
    pub(in crate::lifetime) fn is_name_of_one_run(&self, key: Ref) -> bool {
        let made = self.read_from(key);
        self.is_made_of_text(made) && self.project.constant_text(made, 0).is_none()
    }

    /// Whether a key is put together around some constant text.
    fn is_made_of_text(&self, at: Ref) -> bool {
        matches!(self.project.node(at), Node::Template(_) | Node::Binary { .. })
    }

    /// Whether a place begins at a parameter.
    pub(in crate::lifetime) fn is_parameter(&self, place: &Place) -> bool {
        match place.root {
            Root::Binding(file, b) => self.project.facts(file).binding(b).kind == crate::facts::BindingKind::Param,
            _ => false,
        }
    }

    /// Whether both are what the page gives for the same words: `document.querySelector('#menu')`, in two places.
    fn is_same_search(&self, a: &Place, b: &Place) -> bool {
        match (self.search_for(a), self.search_for(b)) {
            (Some((x, words)), Some((y, others))) => x == y && self.project.same_key(words, others),
            _ => false,
        }
    }

    /// The search of the page that a place is the result of, and what it is for.
    fn search_for(&self, place: &Place) -> Option<(String, Ref)> {
        let found = match place.root {
            Root::Binding(..) if place.path.is_empty() => self.project.definitions(place),
            Root::Value(at) if place.path.is_empty() => vec![at],
            _ => return None,
        };
        let [only] = found[..] else { return None };
        let (callee, args) = self.callee_of(only)?;
        let path = self.project.path_of(callee)?;
        let [words] = args[..] else { return None };
        let searches = &self.project.tables.conventions.searches;
        searches.contains(&path).then_some((path, words))
    }

    /// Whether one is found on the page, and the other is what a library keeps in an object of its own, which may be the
    /// same: `document.querySelector('x-scene')`, `STAGE.scenes[0]`.
    fn may_be_found_and_kept(&self, a: &Place, b: &Place) -> bool {
        let is_kept = |place: &Place| {
            let first = Place {
                path: place.path.iter().take(1).cloned().collect(),
                ..place.clone()
            };
            let name = self.project.path_of_place(&first).filter(|_| place.path.len() > 1);
            place.root == Root::Global
                && name.is_some_and(|name| self.project.tables.value(&name).is_none())
                && self.project.type_of_place(place, 0).is_none()
        };
        let is_found = |place: &Place| self.search_for(place).is_some();
        is_found(a) && is_kept(b) || is_kept(a) && is_found(b)
    }

    /// Whether both are asked of one method of the same object, or of one function, that only looks something up:
    /// `const page = this.page()`, in two places.
    fn is_same_question(&self, a: &Place, b: &Place) -> bool {
        let asked = |place: &Place| {
            let only = match place.root {
                Root::Binding(..) if !self.is_parameter(place) => {
                    match self.project.definitions(&Place::root(place.root.clone()))[..] {
                        [only] => only,
                        _ => return None,
                    }
                }
                Root::Value(at) => at,
                _ => return None,
            };
            let (_, args) = self.callee_of(only)?;
            let f = self.project.called_function(only).filter(|_| args.is_empty())?;
            let answer = Place {
                root: Root::Value(only),
                path: place.path.clone(),
            };
            Some((f, answer))
        };
        let (Some((f, x)), Some((g, y))) = (asked(a), asked(b)) else {
            return false;
        };
        let given = self.project.returned_values(f);
        let is_looked_up = |value: &Ref| {
            let life = self.project.life_of(&self.project.place(*value));
            !matches!(life, Life::Call(_)) && !self.sounds_like_making(*value)
        };
        f == g && !given.is_empty() && given.iter().all(is_looked_up) && self.project.same_place(&x, &y)
    }

    /// The same object; a field that holds what a parameter was is taken for it.
    pub(in crate::lifetime) fn same_target(&self, a: &Place, b: &Place) -> bool {
        if self.project.same_place(a, b)
            || self.is_same_slot(a, b)
            || self.is_same_search(a, b)
            || self.is_same_question(a, b)
        {
            return true;
        }
        let (a, b) = (self.identity(a), self.identity(b));
        if a.only.is_some() && a.only == b.only {
            return true;
        }
        let is_named = |x: &Place| b.names.iter().any(|y| self.project.same_place(x, y));
        a.names.iter().any(is_named)
    }

    /// The places an object is known by: this one, and those its value comes from.
    pub(in crate::lifetime) fn names_of_object(&self, place: &Place) -> Vec<Place> {
        self.identity(place).names.clone()
    }

    fn identity(&self, place: &Place) -> Arc<Identity> {
        let known = &self.survey.identities;
        let ask = || {
            self.project.remembered(known, place.clone(), || {
                // There is one document and one window, by whatever way they are reached.
                let only = self.project.type_of_place(place, 0).filter(|&t| {
                    let row = self.project.tables.type_row(t);
                    row.lives == Some(Lives::Process) && !row.anew
                });
                let names = self.find_names(place);
                Arc::new(Identity { only, names })
            })
        };
        known.get(place).unwrap_or_else(ask)
    }

    fn find_names(&self, place: &Place) -> Vec<Place> {
        let mut names = vec![place.clone()];
        let mut next = 0;
        while next < names.len() && names.len() < MAX_NAMES {
            let from = names[next].clone();
            next += 1;
            if matches!(from.root, Root::Value(_)) {
                continue;
            }
            for at in self.held_values(&from) {
                let there = self.project.place(self.project.meant(at));
                if !matches!((&there.root, there.path.is_empty()), (Root::Value(_), true)) && !names.contains(&there) {
                    names.push(there);
                }
            }
            for there in self.handed_to(&from) {
                if !names.contains(&there) {
                    names.push(there);
                }
            }
        }
        names
    }

    /// What the object's own file sets a part of a field to: `this.state.target = target`.
    fn set_in_part(&self, part: &Place) -> Vec<Ref> {
        let (Root::This(owner), [Key::Name(_), Key::Name(name)]) = (&part.root, part.path.as_slice()) else {
            return Vec::new();
        };
        let file = owner.file;
        let facts = self.project.facts(file);
        let writes = self.project.writes_to(file, name).iter();
        let set = writes.filter_map(|&write| match facts.node(write) {
            Node::Assign { target, value, .. } => Some((Ref { file, node: target }, Ref { file, node: value })),
            _ => None,
        });
        set.filter(|(target, _)| self.project.same_place(&self.project.place(*target), part))
            .map(|(_, value)| value)
            .collect()
    }

    /// What a variable or field is ever set to, at the end of chained assignments; what a getter gives.
    fn held_values(&self, field: &Place) -> Vec<Ref> {
        let mut out = Vec::new();
        let mut set = self.project.definitions(field);
        set.extend(self.set_in_part(field));
        for mut at in set {
            out.push(at);
            while let Node::Assign { value, .. } = self.project.node(at) {
                at.node = value;
                out.push(at);
            }
        }
        if let (Root::This(owner), [Key::Name(name)]) = (&field.root, field.path.as_slice())
            && let Some((o, member)) = self.project.member(*owner, name)
            && let (crate::facts::MemberKind::Getter, Some(function)) = (member.kind, member.function)
        {
            out.extend(self.project.returned_values(Func { file: o.file, function }));
        }
        out
    }

    /// The same function object.
    pub(in crate::lifetime) fn same_handler(&self, a: Ref, b: Ref) -> bool {
        if a == b {
            return true;
        }
        let fresh = |at: Ref| matches!(self.project.node(at), Node::Function(_) | Node::Call { .. });
        if fresh(a) || fresh(b) {
            return false;
        }
        let (x, y) = (self.project.place(a), self.project.place(b));
        if self.project.same_place(&x, &y) {
            return true;
        }
        // One name for the other: `this.handler = handler`.
        self.same_target(&x, &y)
            || self.is_member_of_another(a, b)
            || self.is_kept_as(a, b)
            || matches!((self.project.function_value(a, 0), self.project.function_value(b, 0)),
                (Some(f), Some(g)) if f == g && !self.is_bound_copy(a) && !self.is_bound_copy(b))
    }

    /// Whether what is removed is a parameter for which a caller hands in the handler; it stays open where not all
    /// callers can be seen.
    fn is_handed_in(&self, handler: Ref, removed: Ref) -> Option<bool> {
        let Node::Binding(b) = self.project.node(removed) else {
            return None;
        };
        let (f, index) = self.project.param_position(removed.file, b)?;
        let callers = self.project.callers(f);
        let hands_in = callers.calls.iter().any(|&call| match self.project.node(call) {
            Node::Call { args, .. } => self
                .project
                .facts(call.file)
                .item(args, index)
                .is_some_and(|node| self.same_handler(handler, Ref { file: call.file, node })),
            _ => false,
        });
        if hands_in {
            return Some(true);
        }
        callers.goes_elsewhere.then_some(false)
    }

    /// The same member of two objects that cannot be told apart from here: two instances of one class.
    fn is_member_of_another(&self, a: Ref, b: Ref) -> bool {
        let member = |at: Ref| match self.project.node(at) {
            Node::Member { property, .. } => Some(self.project.text(at.file, property)),
            _ => None,
        };
        let own = |at: Ref| matches!(self.project.place(at).root, Root::This(_));
        !(own(a) && own(b)) && matches!((member(a), member(b)), (Some(x), Some(y)) if x == y)
    }

    /// Whether a function was stored under the name by which it is removed: `el.onOutside = handler`.
    fn is_kept_as(&self, handler: Ref, removed: Ref) -> bool {
        let removed = self.read_from(removed);
        let Node::Member { property, .. } = self.project.node(removed) else {
            return false;
        };
        let kept = self.project.place(handler);
        let name = self.project.text(removed.file, property).to_owned();
        if self.is_property_of_literal(handler, &name) {
            return true;
        }
        self.project.writes_to(handler.file, &name).iter().any(|&write| {
            let Node::Assign { value, .. } = self.project.facts(handler.file).node(write) else {
                return false;
            };
            let value = Ref {
                file: handler.file,
                node: value,
            };
            value == handler || self.project.place(value) == kept
        })
    }

    /// What a variable that is set once was read from: `card.onOutside` of `const handler = card.onOutside`.
    pub(in crate::lifetime) fn read_from(&self, at: Ref) -> Ref {
        let Node::Binding(b) = self.project.node(at) else {
            return at;
        };
        let binding = self.project.facts(at.file).binding(b);
        let init = binding.init.filter(|_| binding.writes == 0);
        init.map_or(at, |node| Ref { node, ..at })
    }

    /// `element.handlers = { onReady }`
    fn is_property_of_literal(&self, handler: Ref, name: &str) -> bool {
        let facts = self.project.facts(handler.file);
        let Node::Binding(b) = facts.node(handler.node) else {
            return false;
        };
        facts.references_of(b).any(|node| match facts.node(facts.parent(node)) {
            Node::Property { key, value, .. } => value == node && facts.string(key) == Some(name),
            _ => false,
        })
    }

    /// Whether a name stands for the result of `.bind` rather than for the function itself.
    fn is_bound_copy(&self, at: Ref) -> bool {
        let place = self.project.place(at);
        self.project
            .definitions(&place)
            .into_iter()
            .any(|d| matches!(self.project.node(d), Node::Call { .. }))
    }

    /// The `capture` flag of listener options.
    pub(in crate::lifetime) fn captures(&self, options: Option<Ref>) -> Option<bool> {
        let Some(at) = options else { return Some(false) };
        match self.project.node(at) {
            Node::Bool(b) => Some(b),
            Node::Undefined | Node::Null => Some(false),
            Node::Conditional { yes, no, .. } => {
                let of = |node| self.captures(Some(Ref { file: at.file, node }));
                of(yes).filter(|y| of(no) == Some(*y))
            }
            Node::Object(_) => match self.project.property(at, "capture") {
                None => Some(false),
                Some(v) => match self.project.node(v) {
                    Node::Bool(b) => Some(b),
                    _ => None,
                },
            },
            Node::Binding(_) | Node::Member { .. } => {
                let place = self.project.place(at);
                match self.project.value_of_place(&place) {
                    Some(v) if v != at => self.captures(Some(v)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
