//! State that was never meant to live so long: undeclared names that become globals.

use crate::facts::{Assignment, FileFacts, FunctionId, LoopKind, Name, Node, NodeId};
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Func, Key, Place, Ref, Repetition, Root};

const RULE: &str = "accidental-global";

/// In how many other files a name is looked for.
const MAX_FILES: usize = 16;

impl Judge<'_> {
    /// Judges assignments to undeclared names.
    pub(in crate::lifetime) fn judge_globals(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        // The compiler of TypeScript refuses a name that nobody declares: another script does.
        if !facts.sloppy || facts.kind != crate::facts::FileKind::Module || self.project.is_typescript(file) {
            return;
        }
        let mut told: Vec<(FunctionId, Name)> = Vec::new();
        for Assignment { at, target, value } in facts.assignments().chain(heads_of_loops(facts)) {
            let Node::Global(name) = facts.node(target) else {
                continue;
            };
            let text = facts.name(name);
            if facts.enclosing_function(at) == FunctionId::MODULE
                || self
                    .project
                    .tables
                    .conventions
                    .declared_elsewhere
                    .iter()
                    .any(|n| n == text)
                || self.project.tables.value(text).is_some()
                || self.is_known_global(file, text)
                || self.reads_itself(Ref { file, node: value }, name)
            {
                continue;
            }
            let f = facts.enclosing_function(at);
            let at = Ref { file, node: at };
            let place = Place {
                root: Root::Global,
                path: vec![Key::Name(text.into())],
            };
            let mut verdict = self.judge_global(at, Ref { file, node: value }, text);
            if matches!(verdict, Verdict::Leak(_)) {
                // One declaration is enough for all that share a name.
                let place = match self.is_used_by_others(Func { file, function: f }, text) {
                    true => (FunctionId::MODULE, name),
                    false => (f, name),
                };
                match told.contains(&place) {
                    true => verdict = Verdict::unknown("told with the first assignment of this name"),
                    false => told.push(place),
                }
            }
            out.push(Judged::parked(RULE, "global", at, place, verdict));
        }
    }

    /// A name that the file tests or reads elsewhere as something that exists already (`typeof X`, a comment's
    /// `global` declaration is not seen): host objects and other scripts' names.
    fn is_known_global(&self, file: FileId, text: &str) -> bool {
        let facts = self.project.facts(file);
        let Some(name) = self.project.name_in(file, text) else {
            return false;
        };
        let mut named = self.project.globals_named(file, name);
        named.any(|node| {
            matches!(
                facts.node(facts.parent(node)),
                Node::Unary {
                    op: crate::facts::UnaryOp::TypeOf,
                    ..
                }
            )
        })
    }

    /// `name = name || other`: without such a global already, this would throw.
    fn reads_itself(&self, value: Ref, name: crate::facts::Name) -> bool {
        let facts = self.project.facts(value.file);
        match facts.node(value.node) {
            Node::Logical { left, .. } => facts.node(left) == Node::Global(name),
            _ => false,
        }
    }

    /// Whether another script reads a name and assigns nothing to it: the page, or a script that is not seen, declares it
    /// for all of them.
    fn is_read_by_scripts(&self, file: FileId, text: &str) -> bool {
        let files = self.project.files_naming(text);
        let is_other = |&other: &FileId| other != file && !self.project.is_test_of(other, file);
        files.iter().copied().filter(is_other).take(MAX_FILES).any(|other| {
            let facts = self.project.facts(other);
            let Some(name) = self.project.name_in(other, text) else {
                return false;
            };
            let named = (0..facts.nodes.len() as u32).map(NodeId);
            let mut named = named.filter(|&at| facts.node(at) == Node::Global(name)).peekable();
            named.peek().is_some() && named.all(|at| !facts.is_written(at))
        })
    }

    /// Whether another script declares a name at its top, where all scripts of a page see it, or puts it on the page.
    fn is_declared_by_scripts(&self, file: FileId, text: &str) -> bool {
        let place = Place {
            root: Root::Global,
            path: vec![Key::Name(text.into())],
        };
        let is_other = |other: FileId| other != file && !self.project.is_test_of(other, file);
        let mut put = self.project.definitions_on_global(&place).into_iter();
        put.any(|value| is_other(value.file))
            || self.project.is_script(file) && self.project.scripts_declaring(text).into_iter().any(is_other)
    }

    /// What declares a name: `const name`, or `let name` where its function assigns it more than once, and where others
    /// use it as well.
    fn declaration_of(&self, at: Ref, name: &str) -> Remedy {
        let f = self.project.function_at(at);
        let here = self
            .functions_assigning(at.file, name)
            .into_iter()
            .filter(|g| *g == f.function);
        let end = match (self.is_used_by_others(f, name), here.count()) {
            (true, _) => "around all the functions that use it",
            (false, 0 | 1) => return Remedy::of(format!("const {name}")),
            (false, _) => "before the first of its assignments",
        };
        Remedy {
            end: end.into(),
            ..Remedy::of(format!("let {name}"))
        }
    }

    /// The functions in which a file assigns to an undeclared name, one for each assignment.
    fn functions_assigning(&self, file: FileId, name: &str) -> Vec<FunctionId> {
        let facts = self.project.facts(file);
        let is_it = |a: &Assignment| matches!(facts.node(a.target), Node::Global(n) if facts.name(n) == name);
        facts
            .assignments()
            .filter(is_it)
            .map(|a| facts.enclosing_function(a.at))
            .collect()
    }

    /// Whether other functions use an undeclared name that one assigns: a function around it assigns it too, or one reads
    /// it that neither assigns it nor stands in a function which does.
    fn is_used_by_others(&self, f: Func, name: &str) -> bool {
        let facts = self.project.facts(f.file);
        let Some(known) = self.project.name_in(f.file, name) else {
            return false;
        };
        let assigning = self.functions_assigning(f.file, name);
        let around = |inner: FunctionId| {
            let outer = std::iter::successors(Some(inner), |g| facts.function(*g).parent);
            outer.take_while(|g| *g != FunctionId::MODULE)
        };
        let mut named = self.project.globals_named(f.file, known);
        around(f.function).skip(1).any(|g| assigning.contains(&g))
            || named.any(|node| !around(facts.enclosing_function(node)).any(|g| assigning.contains(&g)))
    }

    /// Whether a function, or one around it, runs a text as code, which may declare variables there: `eval('var a, b;')`.
    fn is_declared_by_text(&self, f: Func) -> bool {
        let around = std::iter::successors(Some(f), |g| {
            let function = self.project.function(*g).parent?;
            Some(Func { function, ..*g })
        });
        let mut inner = around.take_while(|g| g.function != FunctionId::MODULE);
        // The flag is that of the functions around as well, in which the text declares nothing.
        inner.any(|g| {
            let facts = self.project.facts(g.file);
            let is_eval = |node| match facts.node(node) {
                Node::Call { callee, .. } => {
                    matches!(facts.node(callee), Node::Global(name) if facts.name(name) == "eval")
                }
                _ => false,
            };
            self.project.function(g).flags.has_eval && self.project.calls_in(g).iter().any(|&node| is_eval(node))
        })
    }

    /// Whether a value is a function or class that the program writes down, or one of two.
    fn is_code(&self, value: Ref) -> bool {
        match self.project.node(value) {
            Node::Conditional { yes, no, .. } => [yes, no].into_iter().all(|node| self.is_code(Ref { node, ..value })),
            Node::Class(_) => true,
            _ => self.project.function_value(value, 0).is_some(),
        }
    }

    fn judge_global(&self, at: Ref, value: Ref, name: &str) -> Verdict {
        if self.is_plain(value) {
            return Verdict::bounded("a plain value keeps nothing alive");
        }
        if self.is_read_by_scripts(at.file, name) {
            return Verdict::unknown("another script reads the name as one that is there");
        }
        if self.is_declared_by_scripts(at.file, name) {
            return Verdict::unknown("another script declares the name for all of them");
        }
        let f = self.project.function_at(at);
        if self.is_declared_by_text(f) {
            return Verdict::unknown("code in a text may declare the name");
        }
        let scope = self.scope_of(f);
        let repetition = self.repetition_here(at, f, &scope);
        if matches!(repetition, Repetition::Once) && self.is_code(value) {
            return Verdict::bounded("a function of the program, put there once, keeps nothing else alive");
        }
        let evidence = vec![Evidence {
            role: Role::Holder,
            at: match self.project.node(at) {
                Node::Assign { target, .. } => Ref {
                    file: at.file,
                    node: target,
                },
                _ => at,
            },
            text: format!("`{name}` is declared nowhere, so it becomes a global"),
        }];
        Verdict::Leak(Leak {
            cause: Cause::NeverReleased,
            confidence: match repetition {
                Repetition::Repeated { proven: true, .. } => Confidence::High,
                _ => Confidence::Medium,
            },
            holder: format!("the global `{name}`"),
            often: self.often(&repetition, at),
            remedy: self.declaration_of(at, name),
            evidence,
        })
    }
}

/// The heads of loops over elements, which set a name that is there before: `for (node of nodes)`. What `for (key in
/// table)` sets is a text.
fn heads_of_loops(facts: &FileFacts) -> impl Iterator<Item = Assignment> + '_ {
    facts.nodes.iter().filter_map(|&node| match node {
        Node::Loop {
            parts,
            kind: LoopKind::ForOf | LoopKind::ForAwait,
            ..
        } => {
            let (target, value) = (facts.item(parts, 0)?, facts.item(parts, 1)?);
            let is_undeclared = matches!(facts.node(target), Node::Global(_));
            is_undeclared.then_some(Assignment {
                at: target,
                target,
                value,
            })
        }
        _ => None,
    })
}
