//! Roots: components that a program draws itself, once, rather than another component.

use super::{FileId, Func, OwnerId, OwnerKind, Phase, Place, Project, Ref, Repetition, Use};
use crate::facts::{BindingId, CallKind, ExportValue, FunctionId, LogicalOp, Node, NodeId};
use crate::tables::LifecycleRow;

/// How many elements may stand around the root component: providers, error boundaries.
const MAX_AROUND: usize = 12;

/// How far below the root component a component may be drawn.
const MAX_BELOW: usize = 6;

/// How many hooks may call each other.
const MAX_HOOKS: usize = 4;

impl Project {
    /// Whether the only element of a class is what a start-up call draws: `render(<App />, node)`.
    pub(super) fn is_drawn_once(&self, id: OwnerId, calls: &[String]) -> bool {
        !calls.is_empty() && self.is_root_component(self.made_as(id), calls)
    }

    /// What makes a class: the class itself, or the call that is handed its members, as in `View.extend({ ... })`.
    fn made_as(&self, id: OwnerId) -> Ref {
        let node = match self.owner(id).kind {
            OwnerKind::Object(object) => self.facts(id.file).parent(object),
            _ => self.owner(id).node,
        };
        Ref { file: id.file, node }
    }

    /// Whether code that runs once makes the only object of a class, by `new`.
    pub(super) fn is_constructed_once(&self, id: OwnerId) -> bool {
        let made = self.made_as(id);
        let b = self.begun_with(made).next();
        if self.is_passed_on(made, b) {
            return false;
        }
        let mut constructed = 0;
        for at in self.component_references(made, b) {
            let is_known = match self.node(self.up(at)) {
                // What it has, what is exported.
                Node::Member { object, .. } if object == at.node => true,
                Node::Block(_) => true,
                // `App.Views.Main = Main`
                Node::Assign { .. } if self.is_put_under_name(at) => true,
                Node::Call {
                    callee,
                    kind: CallKind::New,
                    ..
                } if callee == at.node => {
                    constructed += 1;
                    self.runs_once(at) && self.endless_loop_around(at).is_none()
                }
                _ => false,
            };
            if !is_known || self.is_user_of(at.file, id.file) {
                return false;
            }
        }
        constructed == 1
    }

    /// Whether an effect runs for a root component, and not again: its list of dependencies has nothing that changes.
    pub(super) fn is_effect_of_root(&self, call: Ref) -> bool {
        let facts = self.facts(call.file);
        let stays = |node| match facts.node(node) {
            Node::Binding(b) => {
                let binding = facts.binding(b);
                binding.function == FunctionId::MODULE && binding.writes == 0
            }
            _ => false,
        };
        let has_no_dependency = self
            .argument(call, 1)
            .is_some_and(|list| matches!(self.node(list), Node::Array(items) if facts.list(items).all(stays)));
        has_no_dependency && self.is_of_root_components(self.function_at(call), 0)
    }

    /// Whether a call hands over what runs when a root component comes: `onMount(f)`.
    pub(super) fn is_mount_of_root(&self, call: Ref) -> bool {
        self.argument(call, 1).is_none() && self.is_of_root_components(self.function_at(call), 0)
    }

    /// Whether a function is a root component, or a hook that only root components call.
    fn is_of_root_components(&self, f: Func, depth: usize) -> bool {
        let function = self.function(f);
        if function.flags.has_jsx {
            let node = self.function_node(f);
            let mut rows = self.tables.lifecycles.iter().filter(|row| !row.drawn_by.is_empty());
            return rows.any(|row| self.is_root_component(node, &row.drawn_by));
        }
        let named = function.name.map(|name| self.text(f.file, name));
        let is_hook = named.is_some_and(|name| self.is_name_of_hook(name));
        if !is_hook || depth > MAX_HOOKS || self.method_around(f).is_some() {
            return false;
        }
        let mut calls = self.callers(f).calls;
        calls.retain(|call| !self.is_test_of(call.file, f.file));
        let is_of_root = |call: &Ref| self.is_of_root_components(self.function_at(*call), depth + 1);
        !calls.is_empty() && calls.iter().all(is_of_root)
    }

    /// The framework of a file's components, if it runs such a function once for each mount.
    pub(super) fn mounted_function(&self, file: FileId) -> Option<&LifecycleRow> {
        let is_of = |module: &str, package: &String| {
            let rest = module.strip_prefix(package.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.tables.lifecycles.iter().find(|row| {
            let packages = &row.functions_with;
            !packages.is_empty() && self.imports_one(file, |module| packages.iter().any(|p| is_of(module, p)))
        })
    }

    pub(super) fn is_root_component(&self, made: Ref, calls: &[String]) -> bool {
        self.is_rooted(made, calls, 0)
    }

    /// Whether start-up code draws a function, no other component does, and nothing can make it draw again: it uses no hook.
    pub(super) fn is_drawn_only_once(&self, f: Func) -> bool {
        let uses_hook = || {
            let mut calls = self.calls_in(f).iter();
            calls.any(|&node| match self.facts(f.file).node(node) {
                Node::Call { callee, .. } => {
                    let name = self.last_name(Ref {
                        file: f.file,
                        node: callee,
                    });
                    name.is_some_and(|name| self.is_name_of_hook(name))
                }
                _ => false,
            })
        };
        let node = self.function_node(f);
        let mut rows = self.tables.lifecycles.iter().filter(|row| !row.drawn_by.is_empty());
        rows.any(|row| self.is_rooted(node, &row.drawn_by, MAX_BELOW)) && !uses_hook()
    }

    /// Whether all that a component's name stands for is drawn by start-up code, or by a root component as its own part.
    fn is_rooted(&self, made: Ref, calls: &[String], depth: usize) -> bool {
        let b = self.begun_with(made).next();
        if depth > MAX_BELOW || self.is_passed_on(made, b) {
            return false;
        }
        if let Some(call) = self.call_made_of(made) {
            return self.is_rooted(call, calls, depth + 1);
        }
        if self.is_around_all_pages(made.file) && self.is_default_export(made, b) {
            return true;
        }
        let mut drawn = 0;
        for at in self.component_references(made, b) {
            let up = self.up(at);
            let is_so = match self.node(up) {
                // `App.TITLE`: what it has, and not another one of it.
                Node::Member { object, .. } if object == at.node => continue,
                // `export default App`
                Node::Block(_) => continue,
                // `module.exports = App`
                Node::Assign { target, value, .. } if value == at.node && self.facts(at.file).is_export(target) => {
                    continue;
                }
                // `const App = require('./app').default`: the places of that name are among these.
                Node::Declare { target, .. } if target == at.node => continue,
                Node::Declare { target, value } if value == at.node && self.is_required_as(at.file, target) => continue,
                Node::Jsx { tag, .. } if tag == at.node => {
                    self.is_drawn_by(at, calls) || self.is_part_of_root(up, calls, depth)
                }
                _ if self.written_tag(up) == Some(at) => {
                    self.is_drawn_by(at, calls) || self.is_part_of_root(up, calls, depth)
                }
                _ => self.is_drawn_by(at, calls) || self.is_wrapped_for_root(at, calls, depth),
            };
            if !is_so || self.is_user_of(at.file, made.file) {
                return false;
            }
            drawn += 1;
        }
        drawn > 0
    }

    /// The call that makes another component of one which has no other name: `memo(function List() { ... })`.
    fn call_made_of(&self, made: Ref) -> Option<Ref> {
        let up = self.up(made);
        match (self.node(made), self.node(up)) {
            (
                Node::Function(_) | Node::Class(_),
                Node::Call {
                    callee,
                    kind: CallKind::Call,
                    ..
                },
            ) if callee != made.node => Some(up),
            _ => None,
        }
    }

    pub(super) fn is_default_export(&self, made: Ref, b: Option<BindingId>) -> bool {
        let facts = self.facts(made.file);
        let mut exports = facts.exports.iter().filter(|e| facts.name(e.name) == "default");
        exports.any(|e| match e.value {
            ExportValue::Binding(exported) => Some(exported) == b,
            ExportValue::Node(node) => {
                node == made.node || matches!(facts.node(node), Node::Binding(x) if Some(x) == b)
            }
            ExportValue::From { .. } => false,
        })
    }

    /// Whether a name that is declared here is another one of what another module exports.
    fn is_required_as(&self, file: FileId, declared: NodeId) -> bool {
        let declared = self.node(Ref { file, node: declared });
        matches!(declared, Node::Binding(b) if self.required_in(file).iter().any(|r| r.binding == b))
    }

    /// Whether a root component draws an element whenever it draws: no condition and no key decides about it, nor a
    /// component around it that may leave its children out.
    fn is_part_of_root(&self, element: Ref, calls: &[String], depth: usize) -> bool {
        let facts = self.facts(element.file);
        let here = |node| Ref { node, ..element };
        let mut at = element.node;
        for _ in 0..MAX_AROUND {
            if self.has_key(here(at)) {
                return false;
            }
            let below = at;
            at = facts.parent(at);
            match facts.node(at) {
                Node::Jsx { tag, .. } if self.draws_children(here(tag)) => {}
                Node::Call { .. } if self.is_child_of_written(here(at), below) => {}
                Node::Return(_) | Node::Block(_) => {}
                Node::Function(_) => break,
                _ if self.is_on_lasting_way(here(at), below) => {}
                _ => return false,
            }
        }
        let f = self.function_at(element);
        let is_left_for_good = |value: &Ref| self.is_left_for_good(*value, element);
        if self.function(f).node != at || !self.returned_values(f).iter().all(is_left_for_good) {
            return false;
        }
        let around = self.method_around(f).filter(|(.., method)| *method == f);
        let component = match around {
            Some((owner, name, _)) => {
                let cycle = self.lifecycle(owner);
                if !cycle.is_some_and(|c| c.phase(name) == Phase::Repeat) {
                    return false;
                }
                self.made_as(owner)
            }
            None => self.function_node(f),
        };
        self.is_rooted(component, calls, depth + 1)
    }

    /// Whether a name stands where a function makes another component of it, and that one is drawn by the root alone:
    /// `const App = connect(select)(View)`.
    fn is_wrapped_for_root(&self, at: Ref, calls: &[String], depth: usize) -> bool {
        let facts = self.facts(at.file);
        let mut made = at.node;
        for up in facts.ancestors(at.node).take(MAX_AROUND) {
            match facts.node(up) {
                Node::Call { callee, .. } if callee != made => made = up,
                _ => break,
            }
        }
        made != at.node && self.is_rooted(Ref { node: made, ..at }, calls, depth + 1)
    }

    /// Whether a condition decides for a part of it, and for good once it does: `ready && <Main />`.
    fn is_on_lasting_way(&self, condition: Ref, part: NodeId) -> bool {
        let holds = |node, wanted| self.holds_for_good(Ref { node, ..condition }, wanted);
        match self.node(condition) {
            Node::Logical {
                left,
                right,
                op: LogicalOp::And,
            } => right == part && holds(left, true),
            Node::Conditional { test, yes, no } | Node::If { test, yes, no } => {
                yes == part && holds(test, true) || no == part && holds(test, false)
            }
            _ => false,
        }
    }

    /// Whether what a function may give back is what an element stands in, or comes before it for a while only:
    /// `if (!ready) return null`.
    fn is_left_for_good(&self, value: Ref, element: Ref) -> bool {
        let facts = self.facts(value.file);
        if value.file == element.file && (value == element || facts.is_inside(element.node, value.node)) {
            return true;
        }
        let mut below = value.node;
        for up in facts.ancestors(value.node).take(MAX_AROUND) {
            match facts.node(up) {
                Node::If { test, yes, .. } if yes == below => {
                    let is_aside = value.file == element.file && !facts.is_inside(element.node, up);
                    return is_aside && self.holds_for_good(Ref { node: test, ..value }, false);
                }
                Node::Return(_) | Node::Block(_) => below = up,
                _ => return false,
            }
        }
        false
    }

    /// The tag of an element that is written as a call: `App` of `h(App, { user })`.
    fn written_tag(&self, element: Ref) -> Option<Ref> {
        let Node::Call { callee, .. } = self.node(element) else {
            return None;
        };
        let callee = Ref {
            node: callee,
            ..element
        };
        let mut rows = self.tables.lifecycles.iter().flat_map(|row| &row.written_by);
        rows.any(|call| self.is_call_of(callee, call))
            .then(|| self.argument(element, 0))?
    }

    /// Whether a call writes an element that shows its children whatever happens, and a node is one of these.
    fn is_child_of_written(&self, element: Ref, child: NodeId) -> bool {
        let is_given = |index| self.argument(element, index).is_some_and(|given| given.node == child);
        let is_shown = |tag| self.draws_children(tag) && !is_given(0) && !is_given(1);
        self.written_tag(element).is_some_and(is_shown)
    }

    /// Whether an element is another one for each value of something: `<Session key={id} />`.
    fn has_key(&self, element: Ref) -> bool {
        let facts = self.facts(element.file);
        let attributes = match facts.node(element.node) {
            Node::Jsx { attributes, .. } => attributes,
            Node::Call { .. } => match self.argument(element, 1).map(|given| self.node(given)) {
                Some(Node::Object(properties)) if self.written_tag(element).is_some() => properties,
                // Nobody sees what they are.
                Some(given) => return self.written_tag(element).is_some() && !given.is_absent(),
                None => return false,
            },
            _ => return false,
        };
        facts.list(attributes).any(|a| match facts.node(a) {
            Node::Property { key, .. } => matches!(facts.node(key), Node::Str(name) if facts.name(name) == "key"),
            _ => true,
        })
    }

    /// Whether a tag is of an element that shows its children whatever happens.
    fn draws_children(&self, tag: Ref) -> bool {
        match self.node(tag) {
            // `<main>`, `<>`
            Node::Str(_) | Node::Empty => true,
            _ => self.last_name(tag).is_some_and(|name| {
                let ends = &self.tables.conventions.draws_children;
                ends.iter().any(|end| name.ends_with(end.as_str()))
            }),
        }
    }

    fn up(&self, at: Ref) -> Ref {
        Ref {
            node: self.facts(at.file).parent(at.node),
            ..at
        }
    }

    /// The places where a component's name stands, in every file; not where it is made or exported.
    fn component_references(&self, made: Ref, b: Option<BindingId>) -> Vec<Ref> {
        let facts = self.facts(made.file);
        let place = b.map_or_else(|| self.place(made), |b| self.binding_place(made.file, b, 0));
        let here = b.into_iter().flat_map(|b| facts.references_of(b));
        let mut out: Vec<Ref> = here
            .map(|node| Ref { node, ..made })
            .filter(|at| !self.is_declaration(*at, made.node))
            .collect();
        for export in &facts.exports {
            let is_it = match &export.value {
                ExportValue::Binding(x) => Some(*x) == b,
                ExportValue::Node(n) => *n == made.node,
                ExportValue::From { .. } => false,
            };
            if is_it {
                out.extend(self.imported_references(made.file, facts.name(export.name), &place));
            }
        }
        let names = out.iter().copied().chain([made]).filter_map(|at| self.name_put_to(at));
        let names: Vec<Place> = names.collect();
        for name in names {
            out.extend(self.references_on_global(&name));
            out.extend(self.references_in_declaring_scripts(&name));
        }
        out.retain(|at| !self.file(at.file).is_test);
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Whether a name stands in an assignment that only gives its value a name which all scripts share, or the one it has:
    /// `App.Views.Main = Main`, `App.Views.Main = Main = Main`.
    fn is_put_under_name(&self, at: Ref) -> bool {
        let here = |node| Ref { node, ..at };
        let Node::Assign { target, value, .. } = self.node(self.up(at)) else {
            return false;
        };
        let is_itself = self.node(here(target)) == self.node(here(value));
        (value == at.node || target == at.node) && (is_itself || self.is_shared_name(&self.place(here(target))))
    }

    /// The name that all scripts share under which an assignment puts a value: `App.Views.Main = Backbone.View.extend()`.
    fn name_put_to(&self, value: Ref) -> Option<Place> {
        let up = self.up(value);
        let Node::Assign {
            target, value: given, ..
        } = self.node(up)
        else {
            return None;
        };
        let name = self.place(Ref { node: target, ..value });
        match given == value.node {
            true if self.is_shared_name(&name) => Some(name),
            true => self.name_put_to(up),
            false => None,
        }
    }

    /// Whether a place is a part of what hangs on the global object, and the program puts one value there: a name in a
    /// namespace of scripts.
    fn is_shared_name(&self, place: &Place) -> bool {
        self.is_in_namespace(place) && self.definitions_on_global(place).len() == 1
    }

    /// Whether a name stands where its value is made or exported.
    fn is_declaration(&self, at: Ref, made: NodeId) -> bool {
        let facts = self.facts(at.file);
        let exported = facts
            .exports
            .iter()
            .any(|e| matches!(e.value, ExportValue::Node(n) if n == at.node));
        exported
            || matches!(self.node(self.up(at)), Node::Declare { target, value } if target == at.node && value == made)
    }

    /// Whether another file gives the component on, under any name: a library's users may draw it.
    fn is_passed_on(&self, made: Ref, b: Option<BindingId>) -> bool {
        let facts = self.facts(made.file);
        let is_exported = facts.exports.iter().any(|e| match &e.value {
            ExportValue::Binding(x) => Some(*x) == b,
            ExportValue::Node(n) => *n == made.node,
            ExportValue::From { .. } => false,
        });
        is_exported
            && self.importers(made.file).iter().any(|&(importer, specifier)| {
                let facts = self.facts(importer);
                facts.star_exports.contains(&specifier)
                    || facts.exports.iter().any(|e| match e.value {
                        ExportValue::From { specifier: s, .. } => s == specifier,
                        // `exports.Panel = require('./Panel')`
                        ExportValue::Node(node) => super::modules::required(facts, node) == Some(specifier),
                        ExportValue::Binding(_) => false,
                    })
            })
    }

    /// Whether an element stands in a call that draws it on the page, in code that runs once.
    fn is_drawn_by(&self, tag: Ref, calls: &[String]) -> bool {
        let facts = self.facts(tag.file);
        if self.file(tag.file).is_test {
            return false;
        }
        let mut at = tag.node;
        for _ in 0..MAX_AROUND {
            let up = facts.parent(at);
            match facts.node(up) {
                // `render(() => <App />, node)`, `register('app', () => App)`
                Node::Jsx { .. } | Node::Function(_) | Node::Block(_) | Node::Return(_) => at = up,
                Node::Call { callee, .. } if callee != at && self.written_tag(Ref { node: up, ..tag }).is_some() => {
                    at = up
                }
                Node::Call { callee, .. } if callee != at => {
                    let callee = Ref { node: callee, ..tag };
                    let is_drawing = calls.iter().any(|call| self.is_call_of(callee, call));
                    return is_drawing && self.draws_once(Ref { node: up, ..tag });
                }
                _ => return false,
            }
        }
        false
    }

    /// Whether a callee is what a row writes as `module:call()` or `Type#method()`.
    fn is_call_of(&self, callee: Ref, row: &str) -> bool {
        let Some(row) = row.strip_suffix("()") else {
            return false;
        };
        match (row.split_once('#'), self.node(callee)) {
            (Some((ty, method)), Node::Member { object, property, .. }) => {
                self.text(callee.file, property) == method
                    && self
                        .type_of(Ref { node: object, ..callee })
                        .is_some_and(|t| self.tables.is_a(t, ty))
            }
            (Some(_), _) => false,
            (None, _) => self.path_of(callee).is_some_and(|path| path == row),
        }
    }

    /// Whether a call that draws runs once, as far as anybody says: `whenKnown(settings => root.render(<App />))`, where
    /// the module itself hands the function over, and nobody knows of a second run.
    fn draws_once(&self, at: Ref) -> bool {
        let f = self.function_at(at);
        if self.repetition(f) != Repetition::Unknown {
            return self.runs_once(at);
        }
        let facts = self.facts(f.file);
        let handed = facts.parent(self.function_node(f).node);
        let is_handed = matches!(facts.node(handed), Node::Call { callee, .. } if callee != self.function_node(f).node);
        if is_handed && facts.enclosing_function(handed) == FunctionId::MODULE && self.function(f).name.is_none() {
            return true;
        }
        self.is_called_at_start(f)
    }

    /// Whether an exported function has callers in its package, all of them in code that runs once.
    fn is_called_at_start(&self, f: Func) -> bool {
        let uses = self.uses(f);
        let is_told = |used: &&Use| {
            let is_test = used.file().is_some_and(|file| self.is_test_of(file, f.file));
            !is_test && !matches!(used, Use::Exported)
        };
        let mut seen = uses.iter().filter(is_told).peekable();
        seen.peek().is_some()
            && seen.all(|used| match used {
                Use::Called { call } => !self.is_user_of(call.file, f.file) && self.runs_once(*call),
                _ => false,
            })
    }

    fn runs_once(&self, at: Ref) -> bool {
        let f: Func = self.function_at(at);
        matches!(self.repetition(f), Repetition::Once)
    }
}
