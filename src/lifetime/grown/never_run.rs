//! Releases of collections that do not happen while the program does what it is for: in functions that nobody calls, or
//! that only tests call, and where something has failed.

use crate::facts::{FileKind, FunctionId};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::{Evidence, Judge};
use crate::link::{FileId, Func, Ref, Repetition, Use};

impl Judge<'_> {
    /// Why elements stay in a collection that something shrinks, if no code that does is ever run.
    pub(in crate::lifetime) fn taken_out_by_nobody(
        &self,
        grown: &Grown,
        touched: &Touched,
        repetition: &Repetition,
    ) -> Option<Found> {
        let &(first, _) = touched.shrinks.first()?;
        if touched.leaves.is_some() {
            return None;
        }
        let is_program = self.is_of_program(repetition);
        let is_idle = |at: Ref| self.is_run_by_nobody(self.project.function_at(at), grown.growth.at.file, is_program);
        touched.shrinks.iter().all(|(at, _)| is_idle(*at)).then(|| Found {
            rule: GROWING,
            cause: Cause::NotOnTeardown,
            evidence: vec![Evidence {
                role: Role::Release,
                at: first,
                text: "nobody calls this".into(),
            }],
            tells: false,
        })
    }

    /// Whether what repeats is begun by the program itself. What a library offers, others may call, and so its ends.
    fn is_of_program(&self, repetition: &Repetition) -> bool {
        let Repetition::Repeated {
            proven: true, steps, ..
        } = repetition
        else {
            return false;
        };
        let begins = steps.first().map(|step| self.project.function_at(step.at));
        begins.is_some_and(|f| f.function == FunctionId::MODULE || self.project.repetition(f) != Repetition::Unknown)
    }

    /// Whether no code but that of tests runs a function, or one around it.
    fn is_run_by_nobody(&self, f: Func, of: FileId, is_program: bool) -> bool {
        let mut at = Some(f.function);
        while let Some(function) = at.filter(|f| *f != FunctionId::MODULE) {
            let f = Func { file: f.file, function };
            if self.is_called_by_nobody(f, of, is_program) {
                return true;
            }
            at = self.project.function(f).parent;
        }
        false
    }

    fn is_called_by_nobody(&self, f: Func, of: FileId, is_program: bool) -> bool {
        let is_by_tests = |at: &Ref| self.project.is_test_of(at.file, of);
        let is_idle = |used: &Use| match used {
            Use::Called { call } | Use::Passed { call, .. } | Use::PassedIn { call, .. } => is_by_tests(call),
            // A file that nobody imports may be one that a framework runs.
            Use::Exported => is_program && !self.project.importers(f.file).is_empty(),
            _ => false,
        };
        if !self.project.uses(f).iter().all(is_idle) {
            return false;
        }
        match self.project.method_around(f).filter(|(.., method)| *method == f) {
            // A method without callers may be one that a framework or a base class calls.
            Some((owner, name, _)) => {
                is_program
                    && name != "constructor"
                    && self.project.lifecycle(owner).is_none()
                    && self.project.owner(owner).superclass.is_none()
                    && self.project.method_references(owner, name).iter().all(is_by_tests)
                    && !self.is_named_elsewhere(owner.file, name, of)
            }
            None => self.is_of_a_module(f.file),
        }
    }

    /// Whether a file is a module: what it declares is nobody else's, neither another script's nor that of a page or of
    /// a component's markup.
    fn is_of_a_module(&self, file: FileId) -> bool {
        let facts = self.project.facts(file);
        let is_module = !facts.imports.is_empty() || !facts.exports.is_empty();
        facts.kind == FileKind::Module && (is_module || !self.project.calls_named(file, "require").is_empty())
    }

    /// Whether code of the project calls a method of this name on something that nobody knows.
    fn is_named_elsewhere(&self, own: FileId, name: &str, of: FileId) -> bool {
        self.project.files_naming(name).iter().any(|&file| {
            let calls = self.project.calls_named(file, name);
            (file != own || !calls.is_empty()) && !self.project.is_test_of(file, of) && !calls.is_empty()
        })
    }
}
