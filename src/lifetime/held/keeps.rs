//! What a registered function keeps alive: the variables and the object it uses beside its own.

use crate::facts::{BindingId, BindingKind, FunctionId, Node};
use crate::finding::Role;
use crate::lifetime::{Evidence, Judge};
use crate::link::{Func, Ref};

/// How many names a reader wants to see.
const MAX_NAMES: usize = 3;

impl Judge<'_> {
    /// Evidence of what a handler keeps, at its first use in there.
    pub(in crate::lifetime) fn kept_by_handler(&self, handler: Ref) -> Option<Evidence> {
        let f = self.project.function_value(handler, 0)?;
        let names = self.kept_names(f);
        let own = self.project.function(f);
        let keeps_this = own.flags.uses_this && self.project.this_of(f).is_some();
        let first = names.first().and_then(|&b| self.first_use(f, b));
        let at = match (first, keeps_this) {
            (Some(at), _) => at,
            (None, true) => self.first_this(f)?,
            (None, false) => return None,
        };
        let facts = self.project.facts(f.file);
        let mut shown: Vec<String> = names
            .iter()
            .take(MAX_NAMES)
            .map(|&b| format!("`{}`", facts.name(facts.binding(b).name)))
            .collect();
        if keeps_this && shown.len() < MAX_NAMES {
            shown.push("`this`".into());
        }
        if names.len() > MAX_NAMES {
            shown.push("more".into());
        }
        let text = match shown.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("keeps {} and {last} alive", rest.join(", ")),
            _ => format!("keeps {} alive", shown.concat()),
        };
        Some(Evidence {
            role: Role::Captured,
            at,
            text,
        })
    }

    /// Variables of surrounding activations, in the order of their declaration.
    fn kept_names(&self, f: Func) -> Vec<BindingId> {
        let facts = self.project.facts(f.file);
        let mut names: Vec<_> = self
            .project
            .function(f)
            .captures
            .iter()
            .copied()
            .filter(|&b| {
                let binding = facts.binding(b);
                binding.function != FunctionId::MODULE
                    && !matches!(
                        binding.kind,
                        BindingKind::Function | BindingKind::Class | BindingKind::Implicit
                    )
            })
            .collect();
        names.sort_unstable();
        names
    }

    fn first_use(&self, f: Func, b: BindingId) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let body = self.project.function(f).node;
        let node = facts.references_of(b).find(|&n| facts.is_inside(n, body))?;
        Some(Ref { file: f.file, node })
    }

    fn first_this(&self, f: Func) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let mut stack = vec![self.project.function(f).body];
        let mut first: Option<Ref> = None;
        while let Some(node) = stack.pop() {
            if facts.node(node) == Node::This {
                let at = Ref { file: f.file, node };
                if first.is_none_or(|old| self.project.span(at).start < self.project.span(old).start) {
                    first = Some(at);
                }
            }
            facts.children(node, |c| stack.push(c));
        }
        first
    }
}
