//! Elements that code puts on the page and that nobody takes away when what made them ends.

use crate::facts::{FunctionId, LogicalOp, Node};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Key, OwnerId, Place, Ref, Repetition, Root, Use};
use crate::tables::Every;

/// Through how many functions that are handed an element it is followed.
const MAX_HANDED_ON: u32 = 2;

impl Judge<'_> {
    /// Judges calls that put an element on the page itself: `document.body.appendChild(element)`.
    pub(in crate::lifetime) fn judge_on_page(&self, file: FileId, out: &mut Vec<Judged>) {
        let conventions = &self.project.tables.conventions;
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        for put in &conventions.node_puts {
            for &node in self.project.calls_named(file, put) {
                let Some(call) = facts.method_call(node) else {
                    continue;
                };
                // By another name it may be any part of the page, or one that is emptied.
                let is_page = matches!(facts.node(call.object), Node::Member { .. })
                    && self
                        .project
                        .path_of(here(call.object))
                        .is_some_and(|path| conventions.page.contains(&path));
                let Some(element) = facts.item(call.args, 0).filter(|_| is_page) else {
                    continue;
                };
                let (at, element) = (here(node), here(element));
                if let Some(verdict) = self.judge_put(at, element) {
                    let place = self.project.place(element);
                    out.push(Judged::parked("detached-node", "element", at, place, verdict));
                }
            }
        }
    }

    /// Nothing where it is not known that each run puts another element there.
    fn judge_put(&self, at: Ref, element: Ref) -> Option<Verdict> {
        let named = self.project.place(element);
        let place = self.kept_element(&named);
        let made = self.made_for_page(&place, element);
        let made = made.or_else(|| self.made_for_page(&named, element))?;
        // A hook keeps one element for each component: it is put there as often as the effect runs for a new one.
        let repetition = match self.made_by_hook(&place) {
            Some(_) => self.another_each_time(at, &place)?,
            None => self.another_each_time(made, &place)?,
        };
        if self.is_written(made, &place, &repetition) {
            return Some(Verdict::bounded("what an event writes on the page is there to be read"));
        }
        let is_let_once = |at| self.lets_once(at, None).is_some();
        if is_let_once(at) || is_let_once(made) || self.is_filled_once(at, &repetition).is_some() {
            return Some(Verdict::bounded("a mark lets it happen once only"));
        }
        if self.is_put_for_want(at) {
            return Some(Verdict::bounded("the page is searched for it before"));
        }
        let taken = self.leaves_page(made, &place, at)?;
        if taken.is_empty() && (self.is_searched_for_elsewhere(&place) || self.is_searched_by_class(&place, at.file)) {
            return Some(Verdict::unknown(
                "other code searches the page for it by its identifier",
            ));
        }
        let skipped = taken.last().and_then(|taken| self.skipped_cleanup(at, *taken, &place));
        if let (Some(taken), None) = (taken.last(), &skipped) {
            return Some(Verdict::released("it is taken away again", Some(*taken)));
        }
        let is_of_mount = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Mount,
                proven: true,
                ..
            }
        );
        let mut evidence = vec![Evidence {
            role: Role::Flow,
            at: made,
            text: "this element".into(),
        }];
        let is_skipped = skipped.is_some();
        evidence.extend(skipped.into_iter().flatten());
        evidence.extend(self.context_evidence(&repetition));
        let page = match self.project.node(at) {
            Node::Call { callee, .. } => match self.project.node(Ref { node: callee, ..at }) {
                Node::Member { object, .. } => self.show(Ref { node: object, ..at }),
                _ => return None,
            },
            _ => return None,
        };
        let shown = match place.root {
            Root::Value(_) => "element".into(),
            _ => self.show_place(&place),
        };
        Some(Verdict::Leak(Leak {
            cause: if is_skipped {
                Cause::NotOnEveryPath
            } else {
                Cause::NeverReleased
            },
            confidence: if is_of_mount && !is_skipped {
                Confidence::High
            } else {
                Confidence::Medium
            },
            holder: format!("`{page}`"),
            often: self.often(&repetition, at),
            remedy: Remedy::of(format!("{shown}.remove()")),
            evidence,
        }))
    }

    /// Whether an event writes a paragraph, a list or the like on the page, which no object keeps.
    fn is_written(&self, made: Ref, place: &Place, repetition: &Repetition) -> bool {
        let of_event = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Event,
                ..
            }
        );
        let tag = self.project.argument(made, 0);
        let tag = tag.and_then(|tag| self.project.constant_text(tag, 0));
        let written = &self.project.tables.conventions.written;
        of_event
            && !matches!(place.root, Root::This(_))
            && tag.is_some_and(|tag| written.iter().any(|known| known.eq_ignore_ascii_case(&tag)))
    }

    /// Whether code puts on the page what it searched the page for and did not find, by the name that gets what is made:
    /// `let box = document.querySelector(name); if (!box) { box = make(); ... }`.
    fn is_put_for_want(&self, put: Ref) -> bool {
        let f = self.project.function_at(put);
        let is_search = |value: &Ref| {
            let callee = self.callee_of(*value).map(|(callee, _)| callee);
            let name = callee.and_then(|callee| self.project.last_name(callee));
            name.is_some_and(|name| self.names_search(name))
        };
        self.falsy_values(put).into_iter().any(|value| {
            let named = self.project.place(value);
            let given = match (&named.root, &named.path[..]) {
                (Root::Binding(..), []) => self.project.definitions(&named),
                _ => return false,
            };
            let mut others = given.iter().filter(|value| !is_search(value));
            let is_filled = others.next().is_some() && others.next().is_none();
            is_filled && given.len() > 1 && given.iter().all(|value| self.project.function_at(*value) == f)
        })
    }

    /// Whether a call of this name searches the page.
    fn names_search(&self, name: &str) -> bool {
        let conventions = &self.project.tables.conventions;
        let searches = conventions.searches.iter().chain(&conventions.finds_elements);
        let mut names = searches.filter_map(|path| path.rsplit(['.', ':']).next());
        names.any(|known| known == name)
    }

    /// Whether the program searches the page for the identifier that an element is given: `overlay.id = 'share'`, and
    /// `document.getElementById('share')?.remove()`.
    fn is_searched_for_elsewhere(&self, element: &Place) -> bool {
        let mut named = element.clone();
        named.path.push(Key::Name("id".into()));
        let ids = self.project.definitions(&named).into_iter();
        let mut ids = ids.filter_map(|id| self.project.constant_text(id, 0));
        ids.any(|id| {
            let words = [id.to_string(), format!("#{id}")];
            words.iter().any(|text| {
                let mut files = self
                    .project
                    .files_naming(text)
                    .iter()
                    .copied()
                    .collect::<Vec<_>>()
                    .into_iter();
                files.any(|file| self.searches_for(file, text))
            })
        })
    }

    /// Whether the file searches the page for the class that an element is given: `box.className = 'hint'`, and
    /// `document.querySelectorAll('.hint')`.
    fn is_searched_by_class(&self, element: &Place, file: FileId) -> bool {
        let mut named = element.clone();
        named.path.push(Key::Name("className".into()));
        let classes = self.project.definitions(&named).into_iter();
        let mut classes = classes.filter_map(|class| self.project.constant_text(class, 0));
        classes.any(|classes| {
            let mut classes = classes.split_whitespace();
            classes.any(|class| self.searches_for(file, &format!(".{class}")) || self.searches_for(file, class))
        })
    }

    /// Whether code of a file searches the page for these words.
    fn searches_for(&self, file: FileId, words: &str) -> bool {
        let conventions = &self.project.tables.conventions;
        let searches = conventions.searches.iter().chain(&conventions.finds_elements);
        let mut calls = searches.filter_map(|path| path.rsplit(['.', ':']).next());
        calls.any(|last| {
            self.project.calls_named(file, last).iter().any(|&node| {
                let asked = self.project.argument(Ref { file, node }, 0);
                asked
                    .and_then(|asked| self.project.constant_text(asked, 0))
                    .is_some_and(|text| *text == *words)
            })
        })
    }

    /// The field in which an object keeps the element that a name of a function stands for:
    /// `let box = this.box; if (!box) box = this.box = document.createElement('div')`.
    fn kept_element(&self, place: &Place) -> Place {
        let kept = |at: Ref| match self.project.node(at) {
            Node::Assign { target, .. } => self.project.place(Ref { node: target, ..at }),
            _ => self.project.place(at),
        };
        let definitions = match (&place.root, &place.path[..]) {
            (Root::Binding(..), []) => self.project.definitions(place),
            _ => return place.clone(),
        };
        let mut places = definitions.into_iter().map(kept);
        let is_field = |kept: &Place| matches!(kept.root, Root::This(_)) && kept.path.len() == 1;
        let first = places.next().filter(is_field);
        let known = first.filter(|first| places.all(|other| other == *first));
        known.unwrap_or_else(|| self.field_given_later(place).unwrap_or_else(|| place.clone()))
    }

    /// The only field that gets what a name of a function stands for, after that has its value: `this.box = box`.
    fn field_given_later(&self, place: &Place) -> Option<Place> {
        let made = self.project.value_of_place(place)?;
        let flow = self.flow(made);
        let is_field = |kept: &&Place| matches!(kept.root, Root::This(_)) && kept.path.len() == 1;
        let mut fields = flow.places.iter().filter(is_field);
        let field = fields.next()?.clone();
        let definitions = self.project.definitions(&field);
        let is_alone = definitions
            .iter()
            .filter(|d| !self.project.node(**d).is_absent())
            .count()
            == 1;
        (is_alone && fields.next().is_none()).then_some(field)
    }

    /// Evidence that the cleanup which takes an element away is given back on some ways only.
    fn skipped_cleanup(&self, put: Ref, taken: Ref, element: &Place) -> Option<[Evidence; 2]> {
        let f = self.project.function_at(put);
        let cleanup = self.project.function_at(taken);
        let uses = self.project.uses(cleanup);
        let [Use::Returned { from }] = uses[..] else {
            return None;
        };
        let given = self.project.function_node(cleanup);
        let before = self.conditions_of(put);
        let asks_for_it = |test: &Ref| {
            let reads = self.references_in(element, test.file);
            let facts = self.project.facts(test.file);
            reads.iter().any(|read| facts.is_inside(read.node, test.node))
        };
        let ways = self.conditions_of(given).into_iter().map(|(test, _)| test);
        let mut only = ways.filter(|test| !before.iter().any(|(other, _)| other == test) && !asks_for_it(test));
        let test = only.next().filter(|_| from == f)?;
        Some([
            Evidence {
                role: Role::Release,
                at: taken,
                text: "taken away here".into(),
            },
            Evidence {
                role: Role::Flow,
                at: test,
                text: "only if this is so is that given back".into(),
            },
        ])
    }

    /// What makes the element of a box of a component: `useRef(document.createElement('div'))`.
    fn made_by_hook(&self, place: &Place) -> Option<Ref> {
        let call = match place.root {
            Root::Binding(file, b) => Ref {
                node: self.project.facts(file).binding(b).init?,
                file,
            },
            Root::Value(at) => at,
            _ => return None,
        };
        let (callee, args) = self.callee_of(call)?;
        let hook = self.project.path_of(callee)?;
        let conventions = &self.project.tables.conventions;
        let first = *args.first()?;
        match &place.path[..] {
            [Key::Name(member)] if conventions.ref_hooks.contains(&hook) => {
                let is_box = conventions.reference_members.iter().any(|m| **m == **member);
                is_box.then_some(first)
            }
            _ => None,
        }
    }

    /// What makes an element that is put on the page: `document.createElement('div')`, or a component's own.
    fn made_for_page(&self, place: &Place, element: Ref) -> Option<Ref> {
        if let (Root::This(owner), [Key::Name(name)]) = (&place.root, place.path.as_slice())
            && self.project.lifecycle(*owner).is_some()
            && self
                .project
                .tables
                .conventions
                .own_elements
                .iter()
                .any(|own| **own == **name)
        {
            return Some(element);
        }
        let made = match place.root {
            _ if let Some(made) = self.made_by_hook(place) => made,
            Root::Value(at) => at,
            _ => {
                let mut definitions = self.project.definitions(place);
                definitions.retain(|at| !self.project.node(*at).is_absent());
                match definitions[..] {
                    [one] => one,
                    _ => self.project.value_of_place(place)?,
                }
            }
        };
        let Node::Call { callee, args, .. } = self.project.node(made) else {
            return None;
        };
        let conventions = &self.project.tables.conventions;
        let maker = self.project.last_name(Ref { node: callee, ..made })?;
        let is_element = self
            .project
            .type_of(made)
            .filter(|t| self.project.tables.is_a(*t, "Element"));
        if is_element.is_none() || !conventions.makes_elements.iter().any(|makes| makes == maker) {
            return None;
        }
        let facts = self.project.facts(made.file);
        let mut tags = facts
            .list(args)
            .filter_map(|node| self.project.constant_text(Ref { node, ..made }, 0));
        let is_of_page = |tag: &str| conventions.page_parts.iter().any(|part| part.eq_ignore_ascii_case(tag));
        (!tags.any(|tag| is_of_page(&tag))).then_some(made)
    }

    /// How often another element is made, and its owner ends.
    fn another_each_time(&self, made: Ref, place: &Place) -> Option<Repetition> {
        let f = self.project.function_at(made);
        if f.function == FunctionId::MODULE {
            return None;
        }
        let scope = self.scope_of(f);
        let repetition = match place.root {
            Root::This(owner) => self.project.instances_of(owner),
            _ => self.repetition_here(made, f, &scope),
        };
        match (&repetition, place.root.clone()) {
            (Repetition::Repeated { .. }, _) => Some(repetition),
            (Repetition::Unknown, Root::This(owner)) if self.ends_and_leaves(owner) => Some(repetition),
            _ => None,
        }
    }

    pub(in crate::lifetime) fn ends_and_leaves(&self, owner: OwnerId) -> bool {
        let (teardowns, _) = self.teardowns(owner);
        !self.is_singleton(owner) && teardowns.iter().any(|f| self.ends_its_object(*f))
    }

    /// Where an element is taken away again; nothing where it goes to code that may do it.
    fn leaves_page(&self, made: Ref, place: &Place, put: Ref) -> Option<Vec<Ref>> {
        let mut places = vec![place.clone()];
        let mut calls = Vec::new();
        for from in [made, put] {
            // A component's own element is made by nobody.
            if from == made && self.project.place(made) == *place && !matches!(place.root, Root::Value(_)) {
                continue;
            }
            let flow = self.flow(from);
            // `append` looks like a list's method.
            let is_listed = flow.collections.iter().any(|(_, call)| *call != put);
            if !flow.returned.is_empty() || is_listed || flow.other || flow.taken_apart {
                return None;
            }
            calls.extend(flow.method_calls);
            calls.extend(flow.passed);
            places.extend(flow.places);
        }
        for place in &places {
            let is_field = matches!(place.root, Root::This(_)) && place.path.len() == 1;
            let is_box = self.made_by_hook(place).is_some() && self.is_only_box(place);
            if !is_field && !is_box && !place.path.is_empty() {
                return None;
            }
            let files = self.release_files(put, std::slice::from_ref(place));
            for read in self.references_to(place, &files) {
                calls.extend(self.call_with(read)?);
            }
        }
        let mut taken = Vec::new();
        let backwards: Vec<Ref> = calls.iter().flat_map(|call| self.reads_backwards(*call, put)).collect();
        for read in backwards {
            calls.extend(self.call_with(read)?);
        }
        for call in calls {
            self.taken_by(call, place, &mut taken, 0)?;
        }
        Some(taken)
    }

    /// Where code comes back to an element from the part that a call on it gave: `this.shadow.host`.
    fn reads_backwards(&self, call: Ref, put: Ref) -> Vec<Ref> {
        let method = self.project.facts(call.file).method_call(call.node);
        let name = method.map(|method| self.project.text(call.file, method.method));
        let pairs = self.project.tables.conventions.leads_back.iter();
        let Some((_, back)) = pairs.into_iter().find(|(gives, _)| name == Some(gives)) else {
            return Vec::new();
        };
        let parts = self.flow(call).places.into_iter().map(|mut part| {
            part.path.push(Key::Name(back.as_str().into()));
            part
        });
        let read_in = |part: Place| self.references_to(&part, &self.release_files(put, std::slice::from_ref(&part)));
        parts.flat_map(read_in).collect()
    }

    /// Adds where a call on an element, or with it, takes it away; nothing where nobody says what the call does.
    fn taken_by(&self, call: Ref, element: &Place, taken: &mut Vec<Ref>, depth: u32) -> Option<()> {
        let conventions = &self.project.tables.conventions;
        let Node::Call { callee, .. } = self.project.node(call) else {
            return None;
        };
        let name = self.project.last_name(Ref { node: callee, ..call })?;
        let is = |list: &[String]| list.iter().any(|n| n == name);
        if is(&conventions.node_takes) {
            taken.push(call);
        } else if !is(&conventions.node_puts) && !is(&conventions.node_uses) {
            let (file, given) = self.parameter_given(call, element).filter(|_| depth < MAX_HANDED_ON)?;
            for read in self.references_in(&given, file) {
                if let Some(inner) = self.call_with(read)? {
                    self.taken_by(inner, &given, taken, depth + 1)?;
                }
            }
        }
        Some(())
    }

    /// The parameter of a function of the project that is handed an element.
    fn parameter_given(&self, call: Ref, element: &Place) -> Option<(FileId, Place)> {
        let f = self.project.called_function(call)?;
        let (_, args) = self.callee_of(call)?;
        let position = args
            .iter()
            .position(|arg| self.project.same_place(&self.project.place(*arg), element))?;
        let facts = self.project.facts(f.file);
        let param = facts.item(self.project.function(f).params, position)?;
        match facts.node(param) {
            Node::Binding(b) => Some((f.file, Place::root(Root::Binding(f.file, b)))),
            _ => None,
        }
    }

    /// Whether nothing but its member is read of the variable of a box.
    fn is_only_box(&self, place: &Place) -> bool {
        let (file, b) = match place.root {
            Root::Binding(file, b) => (file, b),
            Root::Value(at) => match self.project.begun_with(at).next() {
                Some(b) => (at.file, b),
                None => return false,
            },
            _ => return false,
        };
        let facts = self.project.facts(file);
        facts.references_of(b).all(|node| {
            let up = facts.parent(node);
            match facts.node(up) {
                Node::Member { object, .. } => object == node,
                Node::Declare { target, .. } => target == node,
                _ => false,
            }
        })
    }

    /// The call that a read of an element is part of, if any; nothing where it is read for something else.
    fn call_with(&self, read: Ref) -> Option<Option<Ref>> {
        let facts = self.project.facts(read.file);
        let up = facts.parent(read.node);
        let beyond = facts.parent(up);
        let call = match facts.node(up) {
            // `Object.assign(box.style, { top })`: a part of it is handed on, and not what it stands in.
            Node::Member { object, property, .. }
                if object == read.node
                    && matches!(facts.node(beyond), Node::Call { callee, .. } if callee != up)
                    && !self.project.leads_outside(facts.name(property)) =>
            {
                return Some(None);
            }
            Node::Member { object, .. } if object == read.node => beyond,
            Node::Call { .. } => up,
            // The parameter that is given it.
            Node::Function(f) if facts.list(facts.function(f).params).any(|p| p == read.node) => return Some(None),
            // Where it goes from here was followed; a look at whether it is there.
            Node::Assign { .. }
            | Node::Declare { .. }
            | Node::If { .. }
            | Node::Unary { .. }
            | Node::Binary { .. }
            | Node::Logical { op: LogicalOp::And, .. } => return Some(None),
            _ => return None,
        };
        let is_call = matches!(facts.node(call), Node::Call { .. });
        Some(is_call.then_some(Ref { node: call, ..read }))
    }
}
