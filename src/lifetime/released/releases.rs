//! Releases: calls that end an acquisition, and calls that were meant to.

use crate::facts::{LogicalOp, Node, NodeId};
use crate::finding::Cause;
use crate::lifetime::acquired::helpers::{Slot, Undo};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::comparison::{CallArgs, Wanted};
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{FileId, Key, Place, Ref, Repetition, Root};
use crate::tables::{Base, CallPattern, Param};

/// How many calls of a function are asked what they hand in.
const MAX_HANDED_IN: usize = 8;

/// How many functions hand an object on to each other.
const MAX_HANDED_ON: u32 = 3;

/// A call that looks like the release of an acquisition.
#[derive(Clone, Debug)]
pub(in crate::lifetime) struct Release {
    /// The call, or the reference through which a collection is drained.
    pub at: Ref,
    /// Why it does not release this acquisition; nothing if it does.
    pub wrong: Option<(Cause, String)>,
}

impl Judge<'_> {
    /// The files in which a release can stand: the acquisition's own, those of related classes, and importers of a
    /// shared holder.
    pub(in crate::lifetime) fn release_files(&self, at: Ref, places: &[Place]) -> Vec<FileId> {
        let mut files = vec![at.file];
        let mut add = |file: FileId| {
            if !files.contains(&file) {
                files.push(file);
            }
        };
        let mut owners: Vec<_> = places
            .iter()
            .filter_map(|p| match p.root {
                Root::This(o) => Some(o),
                _ => None,
            })
            .collect();
        owners.extend(
            self.project
                .method_around(self.project.function_at(at))
                .map(|(o, ..)| o),
        );
        for owner in owners {
            self.project.lineage(owner).into_iter().for_each(|o| add(o.file));
            for importer in self.project.users_of(owner.file) {
                let extends = self
                    .project
                    .owners_of(importer)
                    .any(|o| o != owner && self.project.lineage(o).contains(&owner));
                if extends {
                    add(importer);
                }
            }
        }
        for place in places {
            if let Root::Value(value) = place.root
                && self.is_exported_whole(value)
            {
                add(value.file);
                let importers = self.project.importers(value.file).iter();
                importers.for_each(|(importer, _)| add(*importer));
            }
            if let Root::Binding(file, b) = place.root {
                add(file);
                let binding = self.project.facts(file).binding(b);
                if binding.function == crate::facts::FunctionId::MODULE {
                    self.project
                        .importers(file)
                        .iter()
                        .for_each(|(importer, _)| add(*importer));
                    let named = self.project.references_of_scripts(file, b);
                    named.into_iter().for_each(|at| add(at.file));
                }
            }
        }
        files
    }

    /// Every call that is, or was meant to be, the release of an acquisition.
    pub(in crate::lifetime) fn releases_of(&self, a: &Acquisition, flow: &Flow) -> Vec<Release> {
        let Kind::Pair {
            row,
            target,
            key,
            handler,
            options,
            via,
            typed,
            ..
        } = &a.kind
        else {
            return Vec::new();
        };
        let mut places = flow.places.clone();
        let target_place = target.map(|t| self.project.place(t));
        places.extend(target_place.clone());
        let files = self.release_files(a.at, &places);
        let mut out: Vec<Release> = Vec::new();
        let by_handle = via.as_ref().is_none_or(|v| v.undo == Undo::Handle);
        let by_handler = via.as_ref().is_none_or(|v| matches!(v.handler, Slot::Param(_)));
        if let Some(helper) = via {
            for &file in &files {
                match &helper.undo {
                    Undo::Call => self.calls_of_handle(file, flow, &mut out),
                    Undo::Methods(methods) => self.calls_of_undo(file, methods, flow, &mut out),
                    Undo::No | Undo::Handle => {}
                }
            }
        }
        self.releases_through(a, &files, &mut out);
        let wanted = Wanted {
            row: *row,
            target: target_place.as_ref(),
            key: *key,
            handler: *handler,
            options: *options,
            module: self.list_of_module(a).map(|(module, _)| module),
        };
        let on_target = |judge: &Self, pattern: &CallPattern, file, out: &mut Vec<Release>| {
            judge.calls_on_target(file, a.at, pattern, &wanted, out);
        };
        let by_registrar = Wanted {
            handler: handler.map(|h| self.bound_by_helper(h)),
            ..wanted
        };
        for pattern in &self.project.tables.releases[*row] {
            if matches!(pattern.base, Base::Module(_)) && pattern.params.is_empty() && by_handler && flow.dropped {
                self.calls_for_all(a, pattern, &files, &mut out);
            }
            for &file in &files {
                match pattern.base {
                    _ if pattern.takes_target() && !by_handler => {}
                    Base::Method(_) if !by_handler => {}
                    // `unwatchFile(key, handler)`, `unregisterAll()`
                    Base::Global | Base::Module(_) if pattern.position(&Param::Handle).is_none() => {
                        if by_handler {
                            self.calls_with_arguments(file, a, pattern, &mut out);
                        }
                    }
                    Base::AnyMethod if pattern.takes_target() => {
                        self.calls_on_target(file, a.at, pattern, &by_registrar, &mut out);
                    }
                    Base::Handle | Base::AnyMethod | Base::Global | Base::Module(_) if !by_handle => {}
                    Base::Handle => self.calls_of_handle(file, flow, &mut out),
                    Base::AnyMethod => self.methods_of_handle(file, &pattern.path, flow, &mut out),
                    Base::Global | Base::Module(_) => self.calls_with_handle(file, pattern, flow, &mut out),
                    Base::Method(_) if via.is_none() && pattern.position(&Param::Handle).is_some() => {
                        let mut found = Vec::new();
                        on_target(self, pattern, file, &mut found);
                        out.extend(found.into_iter().filter(|r| self.may_take_handle(r.at, pattern, flow)));
                    }
                    Base::Method(_) => on_target(self, pattern, file, &mut out),
                }
            }
        }
        // What is only taken for a stream may be a store, which gives back a function.
        let pair = &self.project.tables.pairs[*row];
        let is_result = via.as_ref().is_none_or(|helper| helper.gives_unknown_result());
        if is_result && (pair.release_is_on_target() || pair.guess && !typed) {
            files
                .iter()
                .for_each(|&file| self.calls_of_result(file, flow, &mut out));
        }
        for (collection, grown_at) in &flow.collections {
            self.drains(collection, *grown_at, &files, &mut out);
        }
        if let Some(end) = &pair.ends_parts_by {
            out.retain(|r| !self.leaves_parts(r.at, end));
        }
        out.sort_by_key(|r| (r.at, r.wrong.is_some()));
        out.dedup_by_key(|r| r.at);
        out
    }

    /// Whether a call on the receiver gives back what was acquired, and not another one of its kind: `pool.release(line)`.
    fn may_take_handle(&self, call: Ref, pattern: &CallPattern, flow: &Flow) -> bool {
        let given = pattern
            .position(&Param::Handle)
            .and_then(|position| self.project.argument(call, position));
        let is_followed = flow.collections.is_empty() && !flow.other && !flow.taken_apart && !flow.places.is_empty();
        given.is_none_or(|given| !is_followed || self.is_one_of(&self.project.place(given), &flow.places))
    }

    /// `globalShortcut.unregisterAll()`, which means the same in whatever file it stands, unless it runs at the end of
    /// the program only.
    fn calls_for_all(&self, a: &Acquisition, pattern: &CallPattern, known: &[FileId], out: &mut Vec<Release>) {
        let files = self.project.files_naming(pattern.last());
        for &file in files.iter().filter(|file| !known.contains(file)) {
            let mut found = Vec::new();
            self.calls_with_arguments(file, a, pattern, &mut found);
            let comes_again = |r: &Release| self.project.repetition(self.project.function_at(r.at)) != Repetition::Once;
            out.extend(found.into_iter().filter(comes_again));
        }
    }

    /// What a call calls, and its arguments.
    pub(in crate::lifetime) fn callee_of(&self, call: Ref) -> Option<(Ref, Vec<Ref>)> {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let args = facts.list(args).map(|node| Ref { file: call.file, node }).collect();
        Some((
            Ref {
                file: call.file,
                node: callee,
            },
            args,
        ))
    }

    pub(in crate::lifetime) fn is_one_of(&self, place: &Place, places: &[Place]) -> bool {
        places.iter().any(|p| {
            self.project.same_place(p, place)
                || self.is_same_slot(p, place)
                || self.goes_through(place, p)
                || self.is_part_handed_in(place, p)
        }) || self.is_named_in_list(place, places)
    }

    /// `session.log` in `close(session)`, where `this.session` is handed to that, or to what hands it on, and the log is
    /// held there.
    fn is_part_handed_in(&self, place: &Place, held: &Place) -> bool {
        !place.path.is_empty() && self.is_handed_in_as(place, held, 0)
    }

    fn is_handed_in_as(&self, place: &Place, held: &Place, depth: u32) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        if depth > MAX_HANDED_ON || !held.path.ends_with(&place.path) || !self.is_parameter(place) {
            return false;
        }
        let Some((f, index)) = self.project.param_position(file, b) else {
            return false;
        };
        let whole = Place {
            root: held.root.clone(),
            path: held.path[..held.path.len() - place.path.len()].to_vec(),
        };
        let is_whole = |given: Ref| {
            let given = self.project.place(given);
            self.project.same_place(&given, &whole) || self.is_handed_in_as(&given, &whole, depth + 1)
        };
        let calls = self.project.callers(f).calls;
        calls.len() <= MAX_HANDED_IN
            && calls
                .iter()
                .any(|call| self.project.argument(*call, index).is_some_and(is_whole))
    }

    /// `element.observer` in two functions of one file that both are given the element: one sets it up, the other one
    /// ends it.
    pub(in crate::lifetime) fn is_same_slot(&self, a: &Place, b: &Place) -> bool {
        let (Root::Binding(file, x), Root::Binding(other, y)) = (&a.root, &b.root) else {
            return false;
        };
        let facts = self.project.facts(*file);
        let moved = Place {
            root: a.root.clone(),
            path: b.path.clone(),
        };
        file == other
            && !a.path.is_empty()
            && self.is_parameter(a)
            && self.is_parameter(b)
            && facts.binding(*x).function != facts.binding(*y).function
            && self.project.same_place(a, &moved)
    }

    /// `handle()`, also `handle?.()` and `handle.call(...)`.
    pub(in crate::lifetime) fn calls_of_handle(&self, file: FileId, flow: &Flow, out: &mut Vec<Release>) {
        for place in &flow.places {
            let Some(last) = self.last_text(place) else { continue };
            for &node in self.project.calls_named(file, &last) {
                let call = Ref { file, node };
                let Some((callee, _)) = self.callee_of(call) else {
                    continue;
                };
                if self.is_one_of(&self.project.place(callee), std::slice::from_ref(place)) {
                    out.push(Release { at: call, wrong: None });
                }
            }
        }
        out.extend(flow.method_calls.iter().filter(|c| c.file == file).filter_map(|&call| {
            let (callee, _) = self.callee_of(call)?;
            (!matches!(self.project.node(callee), Node::Member { .. })).then_some(Release { at: call, wrong: None })
        }));
    }

    /// Calls of what `on` gave back, or of its undo: whoever makes one knows that it takes the listener off.
    fn calls_of_result(&self, file: FileId, flow: &Flow, out: &mut Vec<Release>) {
        if flow.places.is_empty() && flow.method_calls.is_empty() {
            return;
        }
        self.calls_of_handle(file, flow, out);
        let mut found = Vec::new();
        for method in &self.project.tables.conventions.undo_methods {
            self.methods_of_handle(file, method, flow, &mut found);
        }
        let takes_nothing = |call: Ref| self.callee_of(call).is_some_and(|(_, args)| args.is_empty());
        out.extend(found.into_iter().filter(|r| takes_nothing(r.at)));
    }

    fn last_text(&self, place: &Place) -> Option<String> {
        if let Some(last) = place.last() {
            return Some(last.to_owned());
        }
        match place.root {
            Root::Binding(file, b) if place.path.is_empty() => {
                let facts = self.project.facts(file);
                Some(facts.name(facts.binding(b).name).to_owned())
            }
            _ => None,
        }
    }

    /// What a call of a method stands on, if its path is that of a pattern: `handle` in `handle.port.close()`.
    fn receiver_of(&self, callee: Ref, path: &str) -> Option<Place> {
        let Node::Member { object, .. } = self.project.node(callee) else {
            return None;
        };
        let mut place = self.place_read(Ref {
            file: callee.file,
            node: object,
        });
        for part in path.rsplit('.').skip(1) {
            if place.path.pop() != Some(Key::Name(part.into())) {
                return None;
            }
        }
        Some(place)
    }

    /// `emitter` of the `emitter.all` in `emitter.all.clear()`, where a pattern is of that path.
    fn before_path(&self, mut object: Ref, pattern: &CallPattern) -> Ref {
        let facts = self.project.facts(object.file);
        for part in pattern.path.rsplit('.').skip(1) {
            match facts.node(object.node) {
                Node::Member {
                    object: inner,
                    property,
                    ..
                } if facts.name(property) == part => object.node = inner,
                _ => break,
            }
        }
        object
    }

    /// `handle.close()`.
    pub(in crate::lifetime) fn methods_of_handle(&self, file: FileId, path: &str, flow: &Flow, out: &mut Vec<Release>) {
        let method = path.rsplit('.').next().unwrap_or(path);
        for &node in self.project.calls_named(file, method) {
            let call = Ref { file, node };
            let Some((callee, _)) = self.callee_of(call) else {
                continue;
            };
            let Some(place) = self.receiver_of(callee, path) else {
                continue;
            };
            if self.is_one_of(&place, &flow.places) || flow.method_calls.contains(&call) {
                out.push(Release { at: call, wrong: None });
            }
        }
        // `kept = handle.close; ...; kept.call(handle)`
        if !self.is_read_off(file, method) {
            return;
        }
        for by in ["call", "apply"] {
            let calls = self.project.calls_named(file, by).iter();
            let calls = calls.map(|&node| Ref { file, node });
            let ends = calls.filter(|call| self.calls_kept_method(*call, method, flow));
            out.extend(ends.map(|at| Release { at, wrong: None }));
        }
        // `undo = handle.close; ...; undo()`
        for read in self.reads_off(file, method, flow) {
            self.calls_of_handle(file, &self.flow(read), out);
        }
    }

    /// Where a file reads a method of a handle off it without calling it: `undo = handle.close`.
    pub(super) fn reads_off(&self, file: FileId, method: &str, flow: &Flow) -> Vec<Ref> {
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let name = self.project.name_in(file, method);
        let members = name.into_iter().flat_map(|name| facts.members_named(name));
        let is_called = |node| matches!(facts.node(facts.parent(node)), Node::Call { callee, .. } if callee == node);
        let is_of_handle = |node| match facts.node(node) {
            Node::Member { object, .. } => self.is_one_of(&self.project.place(here(object)), &flow.places),
            _ => false,
        };
        let read = members.filter(|&node| !is_called(node) && !facts.is_written(node) && is_of_handle(node));
        read.map(here).collect()
    }

    /// Whether a file reads methods of this name off objects without calling them.
    fn is_read_off(&self, file: FileId, method: &str) -> bool {
        let facts = self.project.facts(file);
        let mut members = self
            .project
            .name_in(file, method)
            .into_iter()
            .flat_map(|name| facts.members_named(name));
        members.any(|node| !matches!(facts.node(facts.parent(node)), Node::Call { callee, .. } if callee == node))
    }

    /// Whether a call runs a method of a handle, on that handle, that is read off it there or was before.
    fn calls_kept_method(&self, call: Ref, method: &str, flow: &Flow) -> bool {
        let here = |node| Ref { node, ..call };
        let Some((function, this)) = self.project.facts(call.file).call_with_this(call.node) else {
            return false;
        };
        let is_handle = |at: Ref| self.is_one_of(&self.project.place(at), &flow.places);
        let is_method = |at: Ref| match self.project.node(at) {
            Node::Member { object, property, .. } => {
                self.project.text(at.file, property) == method && is_handle(Ref { node: object, ..at })
            }
            _ => false,
        };
        let was_read = || {
            let kept = self.project.place(here(function));
            self.project.definitions(&kept).into_iter().any(is_method)
        };
        is_handle(here(this)) && (is_method(here(function)) || was_read())
    }

    /// `clearInterval(handle)`.
    fn calls_with_handle(&self, file: FileId, pattern: &CallPattern, flow: &Flow, out: &mut Vec<Release>) {
        let position = pattern.position(&Param::Handle).unwrap_or(0);
        for &node in self.project.calls_named(file, pattern.last()) {
            let call = Ref { file, node };
            if self.project.matches_callee(call, pattern, true).is_none() {
                continue;
            }
            let Some((_, args)) = self.callee_of(call) else {
                continue;
            };
            let Some(&arg) = args.get(position) else { continue };
            let is_handle = |arg: Ref| self.is_one_of(&self.place_read(arg), &flow.places);
            let facts = self.project.facts(file);
            let is_among = || match facts.node(arg.node) {
                Node::Array(items) => facts.list(items).any(|node| is_handle(Ref { file, node })),
                _ => false,
            };
            if is_handle(arg) || is_among() {
                out.push(Release { at: call, wrong: None });
            }
        }
        // `clear.bind(null, handle)` and `setTimeout(clearInterval, ms, handle)`: the handle is an argument next to it.
        for &call in flow.passed.iter().filter(|c| c.file == file) {
            let Some((callee, args)) = self.callee_of(call) else {
                continue;
            };
            let named = |at: Ref| self.project.last_name(at) == Some(pattern.last());
            let bound = match self.project.node(callee) {
                Node::Member { object, .. } => named(Ref { file, node: object }),
                _ => false,
            };
            if bound || args.iter().any(|&a| named(a)) {
                out.push(Release { at: call, wrong: None });
            }
        }
    }

    /// `target.off(key, handler)`.
    fn calls_on_target(
        &self,
        file: FileId,
        acquired: Ref,
        pattern: &CallPattern,
        wanted: &Wanted<'_>,
        out: &mut Vec<Release>,
    ) {
        for &node in self.project.calls_named(file, pattern.last()) {
            let call = Ref { file, node };
            if call == acquired {
                continue;
            }
            let Some((callee, args)) = self.callee_of(call) else {
                continue;
            };
            if self.says_another_word(pattern, &args) {
                continue;
            }
            // `removeAllListeners('load')` is another call than `removeAllListeners()`.
            let is_text = |at: &Ref| self.project.constant_text(*at, 0).is_some();
            if pattern.params.is_empty() && wanted.key.is_some() && args.first().is_some_and(is_text) {
                continue;
            }
            if wanted.key.is_none() && self.is_for_another_event(acquired, pattern, &args)
                || self.takes_one_function_off(wanted.row, pattern, &args)
            {
                continue;
            }
            let receiver = match self.project.node(callee) {
                // Functions of a module keep it and take it out.
                _ if wanted.module.is_some() => {
                    if self.project.called_function(call).map(|f| f.file) != wanted.module {
                        continue;
                    }
                    None
                }
                _ if pattern.takes_target() => {
                    let Some(&target) = args.first() else { continue };
                    Some(self.project.meant(target))
                }
                Node::Member { object, .. } => {
                    let object = self.before_path(Ref { file, node: object }, pattern);
                    Some(self.project.meant(self.chain_base(object)))
                }
                Node::Global(_) => None,
                _ => continue,
            };
            // `off('change', null, this)`: nothing in a place is as good as no argument there.
            let is_given = |at: &Ref| !self.project.node(*at).is_nullish();
            let arg = |p: &Param| pattern.position(p).and_then(|i| args.get(i).copied()).filter(is_given);
            let handler = arg(&Param::Handler);
            let mut release = CallArgs {
                receiver,
                key: arg(&Param::Key),
                handler: match pattern.takes_target() {
                    true => handler.map(|h| self.bound_by_helper(h)),
                    false => handler,
                },
                options: arg(&Param::Options),
            };
            if let Some(handler) = self.in_event_table(wanted, &release) {
                release.key = wanted.key;
                release.handler = Some(handler);
            }
            let mut compared = self.compare(pattern, wanted, &release);
            if handler.is_none() && compared == Some(None) && self.is_of_another_context(acquired, pattern, &args) {
                let text = "takes off only what was registered with this object";
                compared = Some(Some((Cause::WrongOptions, text.into())));
            }
            if let Some(wrong) = compared {
                out.push(Release { at: call, wrong });
            }
        }
    }

    /// Whether a call names a function where the same method of a row takes one, and a pattern has none in that place:
    /// `off('blur', f)` is another release than `off('blur')`.
    fn takes_one_function_off(&self, row: usize, pattern: &CallPattern, args: &[Ref]) -> bool {
        let own = pattern.position(&Param::Handler);
        let mut others = self.project.tables.releases[row].iter();
        others.any(|other| {
            let place = other.position(&Param::Handler).filter(|place| Some(*place) != own);
            let given = place.and_then(|place| args.get(place));
            other.last() == pattern.last() && given.is_some_and(|at| self.project.function_value(*at, 0).is_some())
        })
    }

    /// Whether a release names an event that the method which acquired is not named after, or a function that its pattern
    /// does not take: `off('resize')` of `scroll(f)`, and `off('scroll', g)` for one that takes off them all.
    fn is_for_another_event(&self, acquired: Ref, pattern: &CallPattern, args: &[Ref]) -> bool {
        if !matches!(pattern.params.first(), None | Some(Param::Any)) {
            return false;
        }
        let text = args.first().and_then(|at| self.project.constant_text(*at, 0));
        let method = self
            .callee_of(acquired)
            .and_then(|(callee, _)| self.project.last_name(callee));
        let (Some(text), Some(method)) = (text, method) else {
            return false;
        };
        let mut events = text
            .split_whitespace()
            .map(|event| event.split('.').next().unwrap_or(event));
        let takes_function = pattern.position(&Param::Handler).is_some();
        !events.any(|event| event == method) || !takes_function && args.len() > pattern.params.len()
    }

    /// Whether an argument is another text than the one that a pattern asks for: `select2('open')` for
    /// `select2('destroy')`.
    fn says_another_word(&self, pattern: &CallPattern, args: &[Ref]) -> bool {
        pattern.params.iter().zip(args).any(|(param, arg)| match param {
            Param::Literal(wanted) => {
                let text = self.project.constant_text(*arg, 0);
                text.is_some_and(|text| &*text != wanted.as_str())
            }
            _ => false,
        })
    }

    /// Whether a call that names no function names the object for which functions were registered, and a registration
    /// names none: `off('change', null, this)` of `on('change', f)`.
    fn is_of_another_context(&self, acquired: Ref, pattern: &CallPattern, args: &[Ref]) -> bool {
        let Some(context) = pattern.position(&Param::Handler).map(|i| i + 1) else {
            return false;
        };
        args.get(context).is_some()
            && self
                .callee_of(acquired)
                .is_some_and(|(_, given)| given.get(context).is_none())
    }

    /// References to a collection of handles that take them out again: loops, `forEach`, `pop`, or handing it on.
    pub(in crate::lifetime) fn drains(
        &self,
        collection: &Place,
        grown_at: Ref,
        files: &[FileId],
        out: &mut Vec<Release>,
    ) {
        self.drains_at(collection, grown_at, files, out);
        // A slot of a table that is gone through: `table[key][kind]`.
        if let Some(table) = collection.parent().filter(|_| collection.last().is_none()) {
            self.drains_at(&table, grown_at, files, out);
        }
    }

    fn drains_at(&self, collection: &Place, grown_at: Ref, files: &[FileId], out: &mut Vec<Release>) {
        for at in self.references_to(collection, files) {
            let facts = self.project.facts(at.file);
            if facts.is_inside(at.node, grown_at.node) && at.file == grown_at.file || facts.is_written(at.node) {
                continue;
            }
            let up = self.around_or_none(at);
            let grows = match facts.node(up) {
                Node::Member { property, .. } => {
                    let method = facts.name(property);
                    let conventions = &self.project.tables.conventions;
                    let is_call = matches!(facts.node(facts.parent(up)), Node::Call { callee, .. } if callee == up);
                    (is_call && conventions.grow.iter().any(|g| g == method) && method != "splice")
                        || matches!(method, "length" | "size" | "has" | "includes" | "indexOf")
                }
                Node::Logical { .. } | Node::Unary { .. } | Node::Binary { .. } => true,
                Node::If { test, .. } => test == at.node,
                // `table[key] = {}`
                Node::Index { object, .. } => {
                    let is_set = matches!(facts.node(facts.parent(up)), Node::Assign { target, .. } if target == up);
                    object == at.node && is_set
                }
                _ => false,
            };
            if !grows {
                out.push(Release { at, wrong: None });
            }
        }
    }

    /// What stands around a read of a collection: beyond the brackets in `(this.undos || []).forEach(...)`.
    fn around_or_none(&self, at: Ref) -> NodeId {
        let facts = self.project.facts(at.file);
        let up = facts.parent(at.node);
        let is_list_or_none = match facts.node(up) {
            Node::Logical { left, right, op } => {
                left == at.node
                    && op != LogicalOp::And
                    && matches!(facts.node(right), Node::Array(list) if facts.list(list).len() == 0)
            }
            _ => false,
        };
        let beyond = facts.parent(up);
        match facts.node(beyond) {
            Node::Member { object, .. } if is_list_or_none && object == up => beyond,
            Node::Loop { .. } if is_list_or_none => beyond,
            _ => up,
        }
    }

    /// Reads of a place in one file.
    pub(in crate::lifetime) fn references_in(&self, place: &Place, file: FileId) -> Vec<Ref> {
        let mut out = self.references_to(place, &[file]);
        out.retain(|at| at.file == file);
        out
    }

    /// Reads of a place in some files, and of a variable where it is declared, whichever file that is.
    pub(in crate::lifetime) fn references_to(&self, place: &Place, files: &[FileId]) -> Vec<Ref> {
        let mut out = Vec::new();
        if let (Root::Binding(file, b), true) = (&place.root, place.path.is_empty()) {
            let facts = self.project.facts(*file);
            out.extend(facts.references_of(*b).map(|node| Ref { file: *file, node }));
        }
        let Some(last) = self.last_text(place) else { return out };
        for &file in files {
            let Some(name) = self.project.name_in(file, &last) else {
                continue;
            };
            let facts = self.project.facts(file);
            let members = facts.members_named(name);
            out.extend(
                members
                    .map(|node| Ref { file, node })
                    .filter(|&at| self.project.same_place(&self.project.place(at), place)),
            );
            if matches!(place.root, Root::Binding(of, _) if of != file) && place.path.is_empty() {
                // A variable of another script.
                let named = self.project.globals_named(file, name).map(|node| Ref { file, node });
                out.extend(named.filter(|&at| self.project.same_place(&self.project.place(at), place)));
            }
            // Aliases by another variable: imports and `const { x } = this`.
            let own = match place.root {
                Root::Binding(f, b) if f == file && place.path.is_empty() => Some(b),
                _ => None,
            };
            // Most variables go through no list, and then no other variable with a value of its own is the same.
            let is_alone = own.is_some_and(|b| !self.project.is_element(file, b));
            for id in self.project.bindings_named(file, name) {
                if own == Some(id) || is_alone && self.project.has_own_place(file, id) {
                    continue;
                }
                let Some(first) = facts.references_of(id).next() else {
                    continue;
                };
                if self
                    .project
                    .same_place(&self.project.place(Ref { file, node: first }), place)
                {
                    out.extend(facts.references_of(id).map(|node| Ref { file, node }));
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Whether a node comes before another in the text of the same function.
    pub(in crate::lifetime) fn is_before(&self, a: Ref, b: Ref) -> bool {
        a.file == b.file && self.project.span(a).start < self.project.span(b).start
    }
}
