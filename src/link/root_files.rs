//! Files that are a component, of which a program mounts one itself when it starts: `createApp(App).mount('#app')`.

use super::{FileId, OwnerId, OwnerKind, Project, Ref, Repetition};
use crate::facts::{ExportValue, FileKind, Node};

/// How far above its name the call may stand that mounts a component: `new Vue({ render: h => h(App) })`.
const MAX_ABOVE: usize = 8;

impl Project {
    /// Whether the component that a file is gets mounted by the start of the program, and nowhere else.
    pub(super) fn is_mounted_at_start(&self, file: FileId) -> bool {
        if !matches!(self.facts(file).kind, FileKind::Vue | FileKind::Svelte) {
            return false;
        }
        let mut mounted = 0;
        for &(importer, specifier) in self.importers(file) {
            if self.is_test_of(importer, file) {
                continue;
            }
            let facts = self.facts(importer);
            let bindings = || facts.imports.iter().filter(|i| i.specifier == specifier);
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
        mounted == 1
    }

    /// Whether an owner is the component of such a file.
    pub(super) fn is_component_of_root_file(&self, id: OwnerId) -> bool {
        let OwnerKind::Object(object) = self.owner(id).kind else {
            return false;
        };
        let facts = self.facts(id.file);
        let is_default = facts.exports.iter().any(|e| {
            facts.name(e.name) == "default"
                && match e.value {
                    ExportValue::Node(n) => n == object || facts.is_inside(object, n) && facts.parent(object) == n,
                    _ => false,
                }
        });
        is_default && self.is_mounted_at_start(id.file)
    }

    /// Whether a call registers what runs when the component of such a file is mounted: `onMounted(f)`.
    pub(super) fn is_hook_of_root_file(&self, call: Ref) -> bool {
        self.facts(call.file).instance == Some(self.function_at(call).function) && self.is_mounted_at_start(call.file)
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
                }
                Node::Property { .. } | Node::Object(_) | Node::Return(_) | Node::Block(_) | Node::Function(_) => {}
                _ => return false,
            }
            below = up;
        }
        false
    }
}
