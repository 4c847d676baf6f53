//! What to do about a leak, in the words of the code it stands in: the call that is missing, what has to get a name
//! before it can be written, and where it belongs.

use super::acquired::helpers::Undo;
use super::grown::growth::Growth;
use super::held::flow::Flow;
use super::released::teardown::Scope;
use super::{Acquisition, Judge, Kind};
use crate::facts::{FunctionId, Node};
use crate::finding::{Cause, Remedy, Unnamed};
use crate::link::{Func, OwnerId, Phase, Place, Ref, Repetition, Root, Use};
use crate::tables::{Base, CallPattern, Every, PairRow, Param};

/// The rule whose acquisitions may say their event by their own name.
const LISTENER: &str = "unremoved-listener";

impl Judge<'_> {
    /// What an acquisition of a row lacks; at which end, unless it is missed on some paths.
    pub(super) fn remedy(
        &self,
        a: &Acquisition,
        row: &PairRow,
        cause: Cause,
        scope: &Scope,
        repetition: &Repetition,
    ) -> Remedy {
        let mut remedy = self.missing_call(a, row).unwrap_or_default();
        if cause != Cause::NotOnEveryPath && !self.is_of_one_turn(a, scope) {
            let end = self.end_in_words(scope, repetition);
            // The same function once more is no second listener.
            let is_one = row.idempotent && remedy.unnamed == Unnamed::Nothing;
            // What a framework ends with the component is begun more than once before that.
            remedy.end = match !end.is_empty() && !is_one && self.comes_again_before_end(scope, repetition) {
                true => format!("before this runs again, and {end}").into(),
                false => end.into(),
            };
        }
        if cause != Cause::NotOnEveryPath && (remedy.end.is_empty() || remedy.unnamed != Unnamed::Nothing) {
            let used = row.used.as_deref().map(Into::into);
            remedy.end = used.unwrap_or(remedy.end);
        }
        remedy
    }

    /// Whether only a variable of a function that its object runs now and then has the handle: the end of the object
    /// does not know it.
    fn is_of_one_turn(&self, a: &Acquisition, scope: &Scope) -> bool {
        let Scope::Owner { owner, method } = scope else {
            return false;
        };
        let f = self.project.function_at(a.at);
        let flow = self.flow(a.at);
        let is_local = |place: &Place| match place.root {
            Root::Binding(file, b) => file == f.file && self.project.facts(file).binding(b).function == f.function,
            _ => false,
        };
        !flow.places.is_empty()
            && flow.collections.is_empty()
            && flow.places.iter().all(is_local)
            && self.phase(*owner, method).0 == Phase::Other
    }

    /// What takes an element of this growth out again: `seen.delete(id)`, `delete seen[id]`, `seen.shift()`. Empty
    /// where the collection is made anew each time.
    pub(super) fn shrinking(&self, growth: &Growth, name: &str) -> String {
        let Some(name) = plain(name.to_owned()) else {
            return String::new();
        };
        let key = |k| plain(self.show(k)).unwrap_or_else(|| "key".to_owned());
        match (self.project.node(growth.at), growth.key) {
            (Node::Call { .. }, Some(k)) => format!("{name}.delete({})", key(k)),
            // Which of several functions is not needed any more, only who put it in knows.
            (Node::Call { .. }, None) if growth.value.is_some_and(|v| self.is_function_put_in(v)) => {
                let function = growth.value.and_then(|v| plain(self.show(v)));
                let function = function.unwrap_or_else(|| "handler".to_owned());
                format!("{name}.splice({name}.indexOf({function}), 1)")
            }
            (Node::Call { .. }, None) => format!("{name}.shift()"),
            (_, Some(k)) => format!("delete {name}[{}]", key(k)),
            (_, None) => String::new(),
        }
    }

    fn is_function_put_in(&self, value: Ref) -> bool {
        self.is_callback(value) || self.is_function_parameter(value)
    }

    fn missing_call(&self, a: &Acquisition, row: &PairRow) -> Option<Remedy> {
        let Kind::Pair {
            row: index,
            target,
            key,
            handler,
            options,
            via,
            ..
        } = &a.kind
        else {
            return None;
        };
        let releases = self.project.tables.releases.get(*index)?;
        // Of an object of the project it is the method that its class has.
        let owner = target
            .filter(|_| row.own_signal || row.guess)
            .and_then(|t| self.project.owner_at_place(&self.project.place(t), 0));
        let has_method = |p: &&CallPattern| owner.is_some_and(|o| self.project.method(o, p.last()).is_some());
        // Of a thing that is known by its end alone it is that end.
        let is_inferred = self.project.tables.pairs[*index].inferred;
        let written = || is_inferred.then(|| self.release_as_written(a, releases)).flatten();
        let called = self.name_called(a.at);
        let is_counterpart = |p: &&CallPattern| called.as_deref().is_some_and(|c| self.are_counterparts(c, p.last()));
        let pattern = releases.iter().find(has_method).or_else(written);
        // What is ended by its handle, is so by newer versions of a library.
        let is_by_handler = releases.first().is_some_and(|p| p.position(&Param::Handler).is_some());
        let counterpart = || releases.iter().find(is_counterpart).filter(|_| is_by_handler);
        let pattern = pattern.or_else(counterpart).or(releases.first())?;
        let held = self.name_of_handle(&self.flow_of(a), a.at);
        let is_undo = match via.as_ref().map(|helper| &helper.undo) {
            Some(undo) => matches!(undo, Undo::Call),
            None => matches!(pattern.base, Base::Handle) && pattern.path.is_empty(),
        };
        let (without, word) = match (&held, is_undo) {
            (Some(_), _) => (Unnamed::Nothing, ""),
            (None, true) => (Unnamed::Undo, "undo"),
            (None, false) => (Unnamed::Handle, "handle"),
        };
        let handle = held.unwrap_or_else(|| word.to_owned());
        let on_handle = |code: String| {
            Some(Remedy {
                code: code.into(),
                unnamed: without,
                ..Remedy::default()
            })
        };
        match via.as_ref().map(|helper| &helper.undo) {
            Some(Undo::Call) => return on_handle(format!("{handle}()")),
            Some(Undo::Methods(methods)) if !methods.is_empty() => {
                return on_handle(format!("{handle}.{}()", methods[0]));
            }
            _ => {}
        }
        let teardown = if row.owned { self.teardown_of_child(a.at) } else { None };
        let path = teardown.map_or_else(|| pattern.path.clone(), |name| name.to_string());
        let mut unnamed = Unnamed::Nothing;
        let callee = match &pattern.base {
            Base::Handle | Base::AnyMethod => {
                unnamed = without;
                if path.is_empty() {
                    handle.clone()
                } else {
                    format!("{handle}.{path}")
                }
            }
            Base::Method(_) => match target.and_then(|t| self.receiver_as_written(a.at, t)) {
                Some(target) => format!("{target}.{path}"),
                None => path,
            },
            Base::Module(_) => self.beside(a.at, path),
            Base::Global => path,
        };
        let mut arguments = Vec::new();
        for param in &pattern.params {
            arguments.push(match param {
                Param::Key => key.map_or_else(|| "key".to_owned(), |k| self.key_as_written(k)),
                Param::Handler | Param::Handlers => match handler.and_then(|h| plain(self.show(h))) {
                    Some(name) => name,
                    None => {
                        unnamed = Unnamed::Handler;
                        "handler".to_owned()
                    }
                },
                Param::Options => match options.and_then(|o| self.flag_as_written(o)) {
                    Some(flag) => flag,
                    None => continue,
                },
                Param::Handle => {
                    unnamed = without;
                    handle.clone()
                }
                Param::Literal(text) => format!("'{text}'"),
                // `$(window).keydown(f)`: the event is what the method is called.
                Param::Any if key.is_none() && row.rule == LISTENER && arguments.is_empty() => self
                    .name_called(a.at)
                    .map_or_else(|| "…".to_owned(), |name| format!("'{name}'")),
                _ => "…".to_owned(),
            });
        }
        Some(Remedy {
            code: format!(
                "{callee}({}){}",
                arguments.join(", "),
                row.followed_by.as_deref().unwrap_or_default()
            )
            .into(),
            unnamed,
            ..Remedy::default()
        })
    }

    /// Whether two methods have names that are each other's opposites: `addListener` and `removeListener`.
    fn are_counterparts(&self, adds: &str, takes: &str) -> bool {
        let words = &self.project.tables.conventions.counterparts;
        words.iter().any(|(add, take)| {
            let rests = adds.strip_prefix(add.as_str()).zip(takes.strip_prefix(take.as_str()));
            rests.is_some_and(|(one, other)| one == other)
        })
    }

    /// The way to release something, of several, that the code takes somewhere itself.
    fn release_as_written<'r>(&self, a: &Acquisition, ways: &'r [CallPattern]) -> Option<&'r CallPattern> {
        self.releases_of(a, &self.flow(a.at)).into_iter().find_map(|release| {
            let (callee, _) = self.callee_of(release.at)?;
            let name = self.project.last_name(callee)?;
            ways.iter().find(|way| way.last() == name)
        })
    }

    /// The key as it can be written again; a place to fill in where it is long.
    fn key_as_written(&self, key: Ref) -> String {
        const MAX_LENGTH: usize = 60;
        let shown = self.show(key);
        let is_whole = shown.chars().count() <= MAX_LENGTH && !shown.contains(['…', '(']);
        if is_whole { shown } else { "…".to_owned() }
    }

    /// What the options of a registration leave for its removal to say: whether it captures, and nothing else
    /// (<https://dom.spec.whatwg.org/#dom-eventtarget-removeeventlistener>).
    fn flag_as_written(&self, options: Ref) -> Option<String> {
        match self.captures(Some(options)) {
            Some(false) => None,
            Some(true) => Some("true".to_owned()),
            None => Some(plain(self.show(options)).unwrap_or_else(|| "options".to_owned())),
        }
    }

    /// What the release has to be called on: `$(window)`, where the target was put into an object that registers on it,
    /// and `$('body')`, which gives the same elements when it is asked again.
    fn receiver_as_written(&self, acquisition: Ref, target: Ref) -> Option<String> {
        let object = self
            .callee_of(acquisition)
            .and_then(|(callee, _)| match self.project.node(callee) {
                // `$(window)` of `$(window).on('a', f).on('b', g)`
                Node::Member { object, .. } => Some(self.chain_base(Ref { node: object, ..callee })),
                _ => None,
            });
        let asked = object.and_then(|receiver| {
            let (_, args) = self.callee_of(receiver)?;
            let by_text = || matches!(args[..], [only] if matches!(self.project.node(only), Node::Str(_)));
            (args[..] == [target] || receiver == target && by_text()).then(|| self.show(receiver))
        });
        let asked = asked.filter(|text| !text.contains('…'));
        asked
            .or_else(|| plain(self.show(target)))
            .or_else(|| self.search_as_written(target))
    }

    /// `document.getElementById(id)`, which has to be asked again, or kept.
    fn search_as_written(&self, target: Ref) -> Option<String> {
        let (callee, _) = self.callee_of(target)?;
        let path = self.project.path_of(callee)?;
        let shown = self.show(target);
        let searches = &self.project.tables.conventions.searches;
        (searches.contains(&path) && !shown.contains('…')).then_some(shown)
    }

    /// The path of an export as the acquisition's code would write it: beside what it calls.
    fn beside(&self, acquisition: Ref, path: String) -> String {
        let written = self
            .callee_of(acquisition)
            .and_then(|(callee, _)| plain(self.show(callee)));
        let last = path.rsplit('.').next().unwrap_or_default();
        match written.as_deref().and_then(|text| text.rsplit_once('.')) {
            Some((module, _)) => format!("{module}.{last}"),
            None => path,
        }
    }

    /// The first variable or field that holds what an acquisition gave, or that a collection of such has. Other functions
    /// may know it by a name that means nothing where it was acquired.
    fn name_of_handle(&self, flow: &Flow, acquired: Ref) -> Option<String> {
        let f = self.project.function_at(acquired);
        let is_known = |place: &&Place| match place.root {
            Root::Binding(file, b) => {
                let function = self.project.facts(file).binding(b).function;
                let of = Func { file, function };
                function == FunctionId::MODULE || self.project.is_within(f, of) || self.project.is_within(of, f)
            }
            _ => true,
        };
        let mut known = flow.places.iter().filter(is_known);
        known.find_map(|place| plain(self.show_place(place)))
    }

    /// The name of the method that ends objects of an owner: one that is there, or one that its framework would call.
    fn teardown_name(&self, owner: OwnerId) -> Option<String> {
        let (methods, _) = self.teardowns(owner);
        // `off(event, handler)` takes off one of many, and is no end of its own.
        let weak = &self.project.tables.conventions.weak_teardown;
        let is_end = |&(f, ref name): &(Func, String)| {
            !weak.contains(name) || self.project.facts(f.file).list(self.project.function(f).params).len() == 0
        };
        let written = methods
            .iter()
            .filter_map(|&f| Some((f, self.name_of_method(owner, f)?)));
        let written = written.filter(is_end).map(|(_, name)| name).next();
        written.or_else(|| {
            let cycle = self.project.lifecycle(owner)?;
            let first = cycle.teardown_names().first()?;
            let said = |name: &str| self.project.files_naming(name).len();
            let formerly = cycle.formerly().filter(|old| said(old) > said(first));
            Some(formerly.unwrap_or(first).to_owned())
        })
    }

    fn name_of_method(&self, owner: OwnerId, f: Func) -> Option<String> {
        self.project.lineage(owner).into_iter().find_map(|o| {
            let members = &self.project.owner(o).members;
            let member = members
                .iter()
                .find(|m| o.file == f.file && m.function == Some(f.function))?;
            Some(self.project.text(o.file, member.name).to_owned())
        })
    }

    /// What is called with a function as such a parameter, as it is written.
    fn callee_handed(&self, f: Func, as_param: Param) -> Option<String> {
        self.project.uses(f).iter().find_map(|used| {
            let Use::Passed { call, arg } = used else { return None };
            let (_, param) = self.project.context_of(*call, *arg)?;
            let (callee, _) = self.callee_of(*call)?;
            let callee = plain(self.show(callee))?;
            (param == as_param).then_some(callee)
        })
    }

    /// Where the owner of an acquisition ends.
    fn end_in_words(&self, scope: &Scope, repetition: &Repetition) -> String {
        let known = match scope {
            Scope::Effect { setup } => {
                let callee = self.callee_handed(*setup, Param::Setup);
                let whose = callee.map_or_else(|| "effect".to_owned(), |callee| format!("callback of `{callee}`"));
                Some(format!("in the function that the {whose} returns"))
            }
            Scope::Owner { owner, .. } => self.teardown_name(*owner).map(|name| format!("in `{name}`")),
            Scope::Setup { teardowns, .. } => teardowns.first().and_then(|&f| {
                let callee = self.callee_handed(f, Param::Teardown)?;
                Some(format!("in the callback of `{callee}`"))
            }),
            Scope::Function => None,
        };
        let by_context = || match repetition {
            Repetition::Repeated { every, .. } => match every {
                Every::Request => "when the request ends",
                Every::Connection => "when the connection closes",
                Every::Mount | Every::Update => "when the component ends",
                _ => "",
            },
            _ => "",
        };
        known.unwrap_or_else(|| by_context().to_owned())
    }

    /// Whether code of a component runs again before the component's end: for each event, at each message.
    fn comes_again_before_end(&self, scope: &Scope, repetition: &Repetition) -> bool {
        let by_framework = match scope {
            Scope::Setup { .. } | Scope::Effect { .. } => true,
            Scope::Owner { owner, .. } => self.project.lifecycle(*owner).is_some(),
            Scope::Function => false,
        };
        let again = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Event | Every::Message | Every::Connection | Every::Tick | Every::Run | Every::Turn,
                ..
            }
        );
        by_framework && again
    }
}

/// A name or a short path, as it can be written again; no call, nothing cut.
fn plain(text: String) -> Option<String> {
    const MAX_LENGTH: usize = 40;
    let is_plain = !text.is_empty() && text.chars().count() <= MAX_LENGTH && !text.contains(['…', '(']);
    is_plain.then_some(text)
}
