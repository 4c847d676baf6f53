//! Answers that are found once and kept for everybody who asks.
//!
//! An answer that is kept must not depend on who asked first. So a kept question is asked apart: with a budget of its
//! own, whatever is left of the asker's. Kept questions ask each other in circles where code is circular; therefore they
//! are ranked, and a question asks only those below it apart and takes part in the others as a part of itself.

use std::hash::Hash;
use std::sync::Arc;

use super::contents::Read;
use super::record::{Dependencies, Memo};
use super::{FileId, Func, OwnerId, Place, Project, Ref, Repetition, Use, fuel, repetition};
use crate::facts::{BindingId, Name};
use crate::tables::{Param, TypeId};

/// The kept questions, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Script,
    Users,
    Import,
    Given,
    Alias,
    OnGlobal,
    Implementer,
    AnnotatedOwner,
    Lineage,
    Lifecycle,
    OwnerType,
    AnnotatedType,
    ClassUses,
    Constructions,
    ImportedReferences,
    Reads,
    OwnerOfObject,
    MethodReferences,
    Uses,
    MethodUses,
    Type,
    Context,
    Function,
    Run,
    ClassReferences,
    Providers,
    /// No kept question is being answered.
    Outermost,
}

/// The answers. What is kept beyond one question has to stand here, so that an edit makes it forgotten.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub naming: Memo<Box<str>, Arc<[FileId]>>,
    pub writing: Memo<Box<str>, Arc<[FileId]>>,
    pub scripts: Memo<Box<str>, Option<(FileId, BindingId)>>,
    pub users: Memo<FileId, Arc<[FileId]>>,
    pub imports: Memo<(FileId, BindingId), Option<Place>>,
    pub given: Memo<Func, Option<Place>>,
    pub aliases: Memo<(FileId, BindingId), Option<Place>>,
    pub on_global: Memo<Place, Vec<Ref>>,
    pub implementers: Memo<(FileId, Name), Option<OwnerId>>,
    pub annotated_owners: Memo<(FileId, Name), Option<OwnerId>>,
    pub lineages: Memo<OwnerId, Vec<OwnerId>>,
    pub lifecycles: Memo<OwnerId, Option<usize>>,
    pub owner_types: Memo<OwnerId, Option<TypeId>>,
    pub annotated_types: Memo<(FileId, Name), Option<TypeId>>,
    pub owners_of_objects: Memo<Ref, Option<OwnerId>>,
    pub method_references: Memo<(OwnerId, Box<str>), Vec<Ref>>,
    pub uses: Memo<Func, Arc<Vec<Use>>>,
    pub method_uses: Memo<(OwnerId, Box<str>), Arc<[Use]>>,
    pub class_uses: Memo<OwnerId, Arc<[Use]>>,
    pub constructions: Memo<OwnerId, Vec<Ref>>,
    pub imported_references: Memo<(FileId, Box<str>, Place), Vec<Ref>>,
    pub reads: Memo<Place, Arc<[Read]>>,
    pub types: Memo<Ref, Option<TypeId>>,
    pub contexts: Memo<(Ref, usize), Option<(usize, Param)>>,
    pub functions: Memo<Ref, Option<Func>>,
    pub run: Memo<Func, Arc<[Func]>>,
    pub class_references: Memo<OwnerId, Arc<Vec<Ref>>>,
    pub providers: Memo<OwnerId, Option<Arc<[OwnerId]>>>,
    pub repetitions: Memo<Func, Arc<repetition::Known>>,
    pub instances: Memo<OwnerId, Repetition>,
}

impl Known {
    /// Forgets what depends on what an edit changed.
    pub(super) fn forget(&self, changed: &Dependencies) {
        self.naming.forget(changed);
        self.writing.forget(changed);
        self.scripts.forget(changed);
        self.users.forget(changed);
        self.imports.forget(changed);
        self.given.forget(changed);
        self.aliases.forget(changed);
        self.on_global.forget(changed);
        self.implementers.forget(changed);
        self.annotated_owners.forget(changed);
        self.lineages.forget(changed);
        self.lifecycles.forget(changed);
        self.owner_types.forget(changed);
        self.annotated_types.forget(changed);
        self.owners_of_objects.forget(changed);
        self.method_references.forget(changed);
        self.uses.forget(changed);
        self.method_uses.forget(changed);
        self.class_uses.forget(changed);
        self.constructions.forget(changed);
        self.imported_references.forget(changed);
        self.reads.forget(changed);
        self.types.forget(changed);
        self.contexts.forget(changed);
        self.functions.forget(changed);
        self.run.forget(changed);
        self.class_references.forget(changed);
        self.providers.forget(changed);
        self.repetitions.forget(changed);
        self.instances.forget(changed);
    }
}

impl Project {
    /// The kept answer to a question, asked now if nobody has before.
    pub(super) fn known<K: Hash + Eq, T: Clone>(
        &self,
        rank: Rank,
        memo: &Memo<K, T>,
        of: K,
        ask: impl FnOnce() -> T,
    ) -> T {
        if !fuel::is_above(rank) {
            return ask();
        }
        if let Some(known) = memo.get(&of) {
            return known;
        }
        fuel::apart(rank, || self.remembered(memo, of, ask))
    }
}
