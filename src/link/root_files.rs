//! Files that are a component, of which a program mounts one itself when it starts, `createApp(App).mount('#app')`, or
//! that such a component always draws.

use super::templates::MAX_BELOW;
use super::{FileId, Func, OwnerId, OwnerKind, Project, Ref, Repetition};
use crate::facts::{BindingId, ExportValue, FileKind, FunctionId, Node, NodeId};
use crate::tables::Every;

/// How far above its name the call may stand that mounts a component: `new Vue({ render: h => h(App) })`.
const MAX_ABOVE: usize = 8;

impl Project {
    /// Whether the component that a file is gets mounted by the start of the program, and nowhere else.
    pub(super) fn is_mounted_at_start(&self, file: FileId) -> bool {
        self.is_root_file(file, 0)
    }

    /// Whether a file is such a component, or one that the templates of such components draw always.
    fn is_root_file(&self, file: FileId, depth: usize) -> bool {
        if !matches!(self.facts(file).kind, FileKind::Vue | FileKind::Svelte) || depth > MAX_BELOW {
            return false;
        }
        if self.is_around_all_pages(file) {
            return true;
        }
        let mut mounted = 0;
        let mut drawn = 0;
        for &(importer, specifier) in self.importers(file) {
            if self.is_test_of(importer, file) {
                continue;
            }
            if self.is_user_of(importer, file) {
                return false;
            }
            let facts = self.facts(importer);
            let bindings = || facts.imports.iter().filter(|i| i.specifier == specifier);
            let told = || bindings().map(|import| self.drawn_always(importer, import.binding, depth));
            if !self.is_exported_from(importer, specifier)
                && let Some(times) = told().sum::<Option<usize>>()
                && bindings().next().is_some()
            {
                if times > 0 && !self.is_root_file(importer, depth + 1) {
                    return false;
                }
                drawn += times;
                continue;
            }
            // `() => import('./App.vue')`: a route, or a part that is drawn when it is needed.
            if self.passes_on(importer, specifier) || bindings().next().is_none() {
                return false;
            }
            for import in bindings() {
                for node in facts.references_of(import.binding) {
                    if !self.mounts_at_start(Ref { file: importer, node }) {
                        return false;
                    }
                    mounted += 1;
                }
            }
        }
        mounted == 1 && drawn == 0 || mounted == 0 && drawn > 0
    }

    /// Whether a framework shows a file once, by where it stands.
    pub(super) fn is_around_all_pages(&self, file: FileId) -> bool {
        let function = FunctionId::MODULE;
        let mut rows = self.contexts_of_file(Func { file, function }).iter();
        rows.any(|&row| self.tables.contexts[row].every == Every::Once)
    }

    /// Whether an owner is the component of such a file.
    pub(super) fn is_component_of_root_file(&self, id: OwnerId) -> bool {
        let facts = self.facts(id.file);
        let is_default = match self.owner(id).kind {
            OwnerKind::Object(object) => facts.exports.iter().any(|e| {
                facts.name(e.name) == "default"
                    && match e.value {
                        ExportValue::Node(n) => n == object || facts.is_inside(object, n) && facts.parent(object) == n,
                        _ => false,
                    }
            }),
            OwnerKind::Class(_) => {
                let node = self.owner(id).node;
                let made = Ref { file: id.file, node };
                self.is_default_export(made, self.begun_with(made).next())
            }
            OwnerKind::Constructor(_) => false,
        };
        is_default && self.is_mounted_at_start(id.file)
    }

    /// Whether a call registers what runs when the component of such a file is mounted: `onMounted(f)`.
    pub(super) fn is_hook_of_root_file(&self, call: Ref) -> bool {
        self.facts(call.file).instance == Some(self.function_at(call).function) && self.is_mounted_at_start(call.file)
    }

    /// Whether a function of the project mounts the component that it is handed: `begin(App)`. The framework may be
    /// handed to it as well.
    fn is_mounted_by_called(&self, call: Ref, name: Ref) -> bool {
        let Some(f) = self.called_function(call) else {
            return false;
        };
        let facts = self.facts(f.file);
        let parameter = |argument: NodeId| {
            let Node::Call { args, .. } = self.node(call) else {
                return None;
            };
            let index = self.facts(call.file).list(args).position(|a| a == argument)?;
            match facts.node(facts.item(self.function(f).params, index)?) {
                Node::Binding(b) => Some(b),
                _ => None,
            }
        };
        let Some(component) = parameter(name.node) else {
            return false;
        };
        let mounts = |callee: NodeId| {
            let handed = match facts.node(callee) {
                Node::Binding(b) => self.handed_as(call, f, b),
                _ => None,
            };
            let path = self.path_of(handed.unwrap_or(Ref {
                file: f.file,
                node: callee,
            }));
            path.is_some_and(|p| self.tables.conventions.mounts.contains(&p))
        };
        let mut uses = facts
            .references_of(component)
            .filter(|&node| !self.is_parameter_itself(f, node));
        uses.next().is_some_and(|node| {
            let mut above = facts.ancestors(node).take(MAX_ABOVE);
            above.any(|up| matches!(facts.node(up), Node::Call { callee, .. } if mounts(callee)))
        }) && uses.next().is_none()
    }

    /// What a call hands to a function under the name of a parameter.
    fn handed_as(&self, call: Ref, f: Func, b: BindingId) -> Option<Ref> {
        let (of, index) = self.param_position(f.file, b)?;
        self.argument(call, index).filter(|_| of == f)
    }

    fn is_parameter_itself(&self, f: Func, node: NodeId) -> bool {
        self.facts(f.file).list(self.function(f).params).any(|p| p == node)
    }

    /// Whether a component's name stands in a call that mounts it, in code that runs once.
    fn mounts_at_start(&self, name: Ref) -> bool {
        let facts = self.facts(name.file);
        let mut below = name.node;
        for up in facts.ancestors(name.node).take(MAX_ABOVE) {
            match facts.node(up) {
                Node::Call { callee, .. } => {
                    let path = self.path_of(Ref { node: callee, ..name });
                    let mounts = path.is_some_and(|p| self.tables.conventions.mounts.contains(&p))
                        // `new App({ target: document.body })`.
                        || callee == name.node;
                    if mounts {
                        let f = self.function_at(Ref { node: up, ..name });
                        return matches!(self.repetition(f), Repetition::Once);
                    }
                    // `h(App)` in a function that draws.
                    if callee == below {
                        return false;
                    }
                    if below == name.node && self.is_mounted_by_called(Ref { node: up, ..name }, name) {
                        let f = self.function_at(Ref { node: up, ..name });
                        return matches!(self.repetition(f), Repetition::Once);
                    }
                }
                Node::Property { .. } | Node::Object(_) | Node::Return(_) | Node::Block(_) | Node::Function(_) => {}
                _ => return false,
            }
            below = up;
        }
        false
    }
}
