//! Parts that a computed name chooses: `page[setting]()` runs one of them, and nobody says which.

use super::Repetition;
use crate::facts::Node;
use crate::link::{FileId, Func, Project, Ref, Use};

impl Project {
    /// A call of whichever part a name says that is computed proves nothing for a part that others call by its own name:
    /// `page[setting]()` of `page.begin()`.
    pub(super) fn weigh_choice(&self, mut found: Repetition, used: &Use, f: Func) -> Repetition {
        if let Repetition::Repeated { proven, .. } = &mut found
            && *proven
            && self.is_by_any_name(used)
            && self.is_called_by_its_name(f)
        {
            *proven = false;
        }
        found
    }

    /// Whether a use is a call of a part by a name that is computed, and may be any.
    fn is_by_any_name(&self, used: &Use) -> bool {
        let Use::Called { call } = used else { return false };
        let Node::Call { callee, .. } = self.node(*call) else {
            return false;
        };
        let here = |node| Ref { node, ..*call };
        match self.node(here(callee)) {
            Node::Index { key, .. } => self.chosen_texts(here(key), 0).is_none(),
            _ => false,
        }
    }

    /// Whether code calls something by the name of a function: `this.begin()`, whatever `this` is.
    fn is_called_by_its_name(&self, f: Func) -> bool {
        let Some(name) = self.function(f).name.map(|name| self.text(f.file, name)) else {
            return false;
        };
        let calls = |file: FileId| {
            let facts = self.facts(file);
            let mut named = self
                .name_in(file, name)
                .into_iter()
                .flat_map(|n| facts.members_named(n));
            named.any(|at| matches!(facts.node(facts.parent(at)), Node::Call { callee, .. } if callee == at))
        };
        let files = self.files_naming(name);
        let mut files = files.iter().copied().filter(|file| !self.is_test_of(*file, f.file));
        files.any(calls)
    }
}
