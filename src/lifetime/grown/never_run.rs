//! Releases of collections that do not happen while the program does what it is for: in functions that nobody calls, or
//! that only tests call, and where something has failed.

use crate::facts::{FileKind, FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::grown::touches::Shrink;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{FileId, Func, Phase, Ref, Repetition, Use};

/// Through how many callers the end of the program is looked for.
const MAX_CALLERS: u32 = 4;

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

    /// Why elements stay in a collection of a running program that only the program's end empties.
    pub(in crate::lifetime) fn emptied_at_program_end(
        &self,
        touched: &Touched,
        repetition: &Repetition,
    ) -> Option<Found> {
        let &(first, _) = touched.shrinks.first()?;
        if touched.escapes.is_some() || touched.leaves.is_some() || self.serves(repetition).is_none() {
            return None;
        }
        let ends = |at: Ref| self.runs_at_program_end(self.project.function_at(at), 0);
        let at_end = touched.shrinks.iter().all(|(at, how)| *how == Shrink::All && ends(*at));
        at_end.then(|| Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: vec![Evidence {
                role: Role::Release,
                at: first,
                text: "emptied only when the program ends".into(),
            }],
            tells: false,
        })
    }

    /// Whether a function runs when the program ends, and at no other time: it hears of that, it is the end of an object
    /// that there is once, or only such functions call it.
    fn runs_at_program_end(&self, f: Func, depth: u32) -> bool {
        if let Some((owner, name, _)) = self.project.method_around(f).filter(|(.., method)| *method == f)
            && self.project.lifecycle(owner).is_some()
        {
            let is_end = self.phase(owner, name) == (Phase::Teardown, true);
            return is_end && self.project.instances_of(owner) == Repetition::Once;
        }
        let uses = self.uses_by_name(f);
        let mut uses = uses.iter().filter(|used| !matches!(used, Use::Exported)).peekable();
        uses.peek().is_some()
            && depth < MAX_CALLERS
            && uses.all(|used| match used {
                Use::Called { call } => self.runs_at_program_end(self.project.function_at(*call), depth + 1),
                Use::Passed { call, arg } => self
                    .project
                    .context_of(*call, *arg)
                    .is_some_and(|(row, _)| self.project.tables.contexts[row].at_program_end),
                _ => false,
            })
    }

    /// Why elements stay in a collection that is shrunk only where something has failed: while all goes well, it grows.
    pub(in crate::lifetime) fn taken_out_by_failure(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let &(first, _) = touched.shrinks.first()?;
        let is_entry = |how: &Shrink| matches!(how, Shrink::Entry(_));
        let element = self.made_here(grown);
        let is_for_own_error = |at: Ref| {
            let f = self.project.function_at(at);
            element.as_ref().is_some_and(|element| self.hears_own_error(f, element))
        };
        let fails = |at: Ref| self.is_where_it_failed(at) || is_for_own_error(at);
        let by_failure = touched.shrinks.iter().all(|(at, how)| is_entry(how) && fails(*at));
        (by_failure && touched.leaves.is_none()).then(|| Found {
            rule: GROWING,
            cause: Cause::NotOnEveryPath,
            evidence: vec![Evidence {
                role: Role::Release,
                at: first,
                text: "runs only if it fails".into(),
            }],
            tells: is_for_own_error(first) || self.remembered(grown, touched).is_some(),
        })
    }

    /// Whether a node stands in a `catch`, or in what a promise calls when it is rejected.
    pub(in crate::lifetime) fn is_where_it_failed(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        let body = self.project.function_node(f);
        let mut ways = facts.ancestors(at.node).take_while(|&up| up != body.node);
        if ways.any(|up| matches!(facts.node(up), Node::Catch { .. })) {
            return true;
        }
        let is_for_rejection = |used: &Use| match used {
            Use::Passed { call, arg } => {
                let called = self.project.facts(call.file).method_call(call.node);
                called.is_some_and(|c| {
                    let method = self.project.text(call.file, c.method);
                    matches!((method, arg), ("catch", 0) | ("then", 1))
                })
            }
            _ => false,
        };
        let uses = self.project.uses(f);
        !uses.is_empty() && uses.iter().all(is_for_rejection)
    }

    /// Evidence that what the program acquires again and again is released by functions alone that nobody calls.
    pub(in crate::lifetime) fn released_in_idle_code(
        &self,
        a: &Acquisition,
        scope: &Scope,
        right: &[&Release],
    ) -> Option<Evidence> {
        let first = right.first()?;
        let f = self.project.function_at(a.at);
        // Who makes many objects ends each of them; that is asked where they are made.
        let is_one = match scope {
            Scope::Function => true,
            Scope::Owner { owner, .. } => self.project.instances_of(*owner) == Repetition::Once,
            _ => false,
        };
        // What is given back has to be run by who gets it; that is asked there.
        let is_idle = |r: &&Release| {
            let g = self.project.function_at(r.at);
            !self.is_part_of_object(g) && self.is_run_by_nobody(g, a.at.file, true)
        };
        let idle = is_one && right.iter().all(is_idle) && self.is_of_program(&self.repetition_here(a.at, f, scope));
        idle.then(|| Evidence {
            role: Role::Release,
            at: first.at,
            text: "nobody calls this".into(),
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

    /// Whether a node stands in a function with a name that its module never says again, or in a function within one.
    pub(in crate::lifetime) fn is_in_dead_code(&self, at: Ref) -> bool {
        let mut around = Some(self.project.function_at(at).function);
        while let Some(function) = around.filter(|f| *f != FunctionId::MODULE) {
            let f = Func {
                file: at.file,
                function,
            };
            let is_method = || self.project.method_around(f).is_some_and(|(.., method)| method == f);
            if self.project.uses(f).is_empty()
                && self.name_by_which_called(f).is_some()
                && !is_method()
                && !self.is_part_of_object(f)
                && self.is_of_a_module(at.file)
            {
                return true;
            }
            around = self.project.function(f).parent;
        }
        false
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
        let Some(name) = self.name_by_which_called(f) else {
            return false;
        };
        let is_by_tests = |at: &Ref| self.project.is_test_of(at.file, of);
        let is_idle = |used: &Use| match used {
            Use::Called { call } | Use::Passed { call, .. } | Use::PassedIn { call, .. } => is_by_tests(call),
            Use::Exported => is_program && self.is_for_the_program_only(f.file),
            _ => false,
        };
        let of_object = self.project.method_around(f).is_some_and(|(.., method)| method == f);
        let stands_in_it = |used: &&Use| of_object && matches!(used, Use::Stored { .. });
        let uses = self.project.uses(f);
        if !uses.iter().filter(|used| !stands_in_it(used)).all(is_idle)
            || !self.is_of_a_module(f.file)
            || self.is_named_in_markup(name)
        {
            return false;
        }
        match self.project.method_around(f).filter(|(.., method)| *method == f) {
            // A method without callers may be one that a framework or a base class calls.
            Some((owner, ..)) => {
                is_program
                    && name != "constructor"
                    && self.project.lifecycle(owner).is_none()
                    && self.project.owner(owner).superclass.is_none()
                    && !self.is_singleton(owner)
                    && !self.is_named_somewhere(name, f.file, of)
            }
            None => uses.is_empty() && !self.is_part_of_object(f) || !self.is_named_somewhere(name, f.file, of),
        }
    }

    /// The name of a function, or of what it is put in where it is made.
    pub(in crate::lifetime) fn name_by_which_called(&self, f: Func) -> Option<&str> {
        if let Some((_, name, _)) = self.project.method_around(f).filter(|(.., method)| *method == f) {
            return Some(name);
        }
        let facts = self.project.facts(f.file);
        if let Some(name) = self.project.function(f).name {
            return Some(facts.name(name));
        }
        let made = self.project.function_node(f).node;
        match facts.node(facts.parent(made)) {
            Node::Declare { target, value } | Node::Assign { target, value, .. } if value == made => {
                self.project.last_name(Ref {
                    file: f.file,
                    node: target,
                })
            }
            Node::Property { key, value, .. } if value == made => facts.string(key),
            _ => None,
        }
    }

    /// Whether a function is put in an object, by which others may call it.
    fn is_part_of_object(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        let made = self.project.function_node(f);
        let is_part =
            |node: NodeId| matches!(facts.node(facts.parent(node)), Node::Property { value, .. } if value == node);
        let mut names = self.project.begun_with(made);
        is_part(made.node) || names.any(|b| facts.references_of(b).any(is_part))
    }

    /// Whether code that is no test reads something of this name: in another file than its own, or off an object.
    fn is_named_somewhere(&self, name: &str, own: FileId, of: FileId) -> bool {
        let is_read = |file: FileId| {
            let facts = self.project.facts(file);
            let wanted = self.project.name_in(file, name);
            wanted.is_some_and(|name| facts.members_named(name).any(|node| !facts.is_written(node)))
        };
        let files = self.project.files_naming(name);
        let mut files = files.iter().filter(|&&file| !self.project.is_test_of(file, of));
        files.any(|&file| file != own || is_read(file))
    }

    /// Whether a component names something, whose markup may call it.
    fn is_named_in_markup(&self, name: &str) -> bool {
        let files = self.project.files_naming(name);
        files
            .iter()
            .any(|&file| self.project.facts(file).kind != FileKind::Module)
    }

    /// Whether what a file exports is for other files of the program alone: one that nobody imports may be run by a
    /// framework, and what is exported again is for others.
    fn is_for_the_program_only(&self, file: FileId) -> bool {
        !self.project.importers(file).is_empty() && !self.project.is_exported_again(file)
    }

    /// Whether a file is a module: what it declares is nobody else's, neither another script's nor that of a page or of
    /// a component's markup.
    pub(in crate::lifetime) fn is_of_a_module(&self, file: FileId) -> bool {
        let facts = self.project.facts(file);
        let is_module = !facts.imports.is_empty() || !facts.exports.is_empty();
        facts.kind == FileKind::Module && (is_module || !self.project.calls_named(file, "require").is_empty())
    }
}
