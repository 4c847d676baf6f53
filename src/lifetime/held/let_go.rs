//! Objects that their holder lets go of, to make another one later: `this.call = null`.
//!
//! A class that has no end still has objects whose time is over. What one of them began and the runtime holds goes on.

use crate::facts::{CallKind, Node};
use crate::finding::Role;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{FileId, Key, OwnerId, OwnerKind, Place, Ref, Root};
use crate::tables::Every;

impl Judge<'_> {
    /// Evidence that the object which acquires what only the runtime holds is made again and again, and let go of
    /// without a word.
    pub(in crate::lifetime) fn let_go_with(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let (Kind::Pair { row, target: None, .. }, Scope::Owner { owner, .. }) = (&a.kind, scope) else {
            return None;
        };
        let row = &self.project.tables.pairs[*row];
        if row.one_shot || row.collectable || !self.teardowns(*owner).0.is_empty() {
            return None;
        }
        self.let_go_of(*owner)
    }

    /// Evidence that each object of a class is kept for good: it begins, as it is made, what the runtime goes on with by
    /// itself and what needs the object, and nothing of the class ends it.
    pub(in crate::lifetime) fn kept_without_end(&self, a: &Acquisition, scope: &Scope) -> Option<Evidence> {
        let (
            Kind::Pair {
                row,
                target: None,
                handler: Some(handler),
                ..
            },
            Scope::Owner { owner, method },
        ) = (&a.kind, scope)
        else {
            return None;
        };
        let row = &self.project.tables.pairs[*row];
        let owner = *owner;
        let is_kind = matches!(
            self.project.owner(owner).kind,
            OwnerKind::Class(_) | OwnerKind::Constructor(_)
        );
        if row.one_shot || row.collectable || !is_kind || method != "constructor" {
            return None;
        }
        let is_one = self.is_singleton(owner) || self.is_made_at_start(owner);
        let keeps = || self.keeps_state(*handler, self.project.function_at(a.at));
        // What waits for an event may wait on a part of the object.
        let ticks = || {
            let (_, args) = self.callee_of(a.at)?;
            let position = args.iter().position(|arg| arg == handler)?;
            let (row, _) = self.project.context_of(a.at, position)?;
            Some(self.project.tables.contexts[row].every == Every::Tick)
        };
        let has_end = !self.teardowns(owner).0.is_empty();
        if is_one || has_end || !keeps() || ticks() != Some(true) || self.is_made_by_scripts(owner) {
            return None;
        }
        if self
            .flow(a.at)
            .places
            .iter()
            .any(|held| self.is_handed_on_by_others(held, owner.file))
        {
            return None;
        }
        Some(Evidence {
            role: Role::Holder,
            at: Ref {
                file: owner.file,
                node: self.project.owner(owner).node,
            },
            text: "nothing ends an object of this kind, and what it began keeps it".into(),
        })
    }

    /// Whether scripts make objects of a class by a global name that no file declares but the one of the class: how often
    /// they do is not known.
    fn is_made_by_scripts(&self, owner: OwnerId) -> bool {
        let Some(name) = self.project.owner(owner).name else {
            return false;
        };
        let place = Place {
            root: Root::Global,
            path: vec![Key::Name(self.project.text(owner.file, name).into())],
        };
        let is_made = |at: &Ref| {
            let facts = self.project.facts(at.file);
            matches!(facts.node(facts.parent(at.node)), Node::Call { callee, kind: CallKind::New, .. } if callee == at.node)
        };
        self.project.constructions(owner).is_empty() && self.project.references_on_global(&place).iter().any(is_made)
    }

    /// Whether code hands on what a field of this name holds in something else than its own object, which may be an object
    /// of the class: `clear(part.timer)`.
    fn is_handed_on_by_others(&self, field: &Place, of: FileId) -> bool {
        let (Root::This(_), [Key::Name(name)]) = (&field.root, &field.path[..]) else {
            return false;
        };
        self.project.files_naming(name).iter().any(|&file| {
            let facts = self.project.facts(file);
            let mut members = self
                .project
                .name_in(file, name)
                .into_iter()
                .flat_map(|n| facts.members_named(n));
            !self.project.is_test_of(file, of)
                && members.any(|member| match (facts.node(member), facts.node(facts.parent(member))) {
                    (Node::Member { object, .. }, Node::Call { callee, .. }) if callee != member => {
                        let whole = self.project.place(Ref { file, node: object });
                        !matches!(whole.root, Root::This(_)) || !whole.path.is_empty()
                    }
                    _ => false,
                })
        })
    }

    /// Where the holder of an object empties the field that it puts each new object of a class in. Every object of the
    /// class has such a holder.
    pub(in crate::lifetime) fn let_go_of(&self, owner: OwnerId) -> Option<Evidence> {
        let made = self.project.constructions(owner).into_iter();
        let made = made.filter(|call| !self.project.is_test_of(call.file, owner.file));
        let emptied: Vec<Option<Ref>> = made.map(|call| self.emptied_after(call, owner)).collect();
        let at = emptied.into_iter().collect::<Option<Vec<Ref>>>()?.first().copied()?;
        Some(Evidence {
            role: Role::Flow,
            at,
            text: "the object is let go of here, to be made anew, and what it began goes on".into(),
        })
    }

    fn emptied_after(&self, made: Ref, owner: OwnerId) -> Option<Ref> {
        let facts = self.project.facts(made.file);
        let Node::Call {
            kind: CallKind::New, ..
        } = facts.node(made.node)
        else {
            return None;
        };
        let Node::Assign { target, value, .. } = facts.node(facts.parent(made.node)) else {
            return None;
        };
        let field = self.project.place(Ref { node: target, ..made });
        let Root::This(holder) = field.root else { return None };
        if value != made.node || field.path.len() != 1 || self.project.is_related(holder, owner) {
            return None;
        }
        if !self.is_after_making(made) || self.is_handed_back(&field, made) {
            return None;
        }
        let emptied = self.emptied(made.file, &field).into_iter();
        emptied.filter(|at| self.is_after_making(*at)).min()
    }

    /// Whether a node stands in a method that runs after its object was made.
    fn is_after_making(&self, at: Ref) -> bool {
        let around = self.project.method_around(self.project.function_at(at));
        around.is_some_and(|(_, name, _)| name != "constructor")
    }

    /// Whether the object in a field goes elsewhere: who has it may know how to end it.
    fn is_handed_back(&self, field: &Place, made: Ref) -> bool {
        let files = self.release_files(made, std::slice::from_ref(field));
        self.references_to(field, &files).into_iter().any(|read| {
            let facts = self.project.facts(read.file);
            let up = facts.parent(read.node);
            match facts.node(up) {
                Node::Return(_) | Node::Array(_) | Node::Property { .. } | Node::Spread(_) => true,
                Node::Call { callee, .. } => callee != read.node,
                Node::Assign { value, .. } | Node::Declare { value, .. } => value == read.node,
                _ => false,
            }
        })
    }
}
