//! One file's bindings, held against swc's resolver.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use leaklint::facts::{BindingId, BindingKind, FileFacts, Node, NodeId};
use leaklint::reading;
use leaklint::syntax::lines::LineIndex;
use leaklint::syntax::{Language, file_offset, parse};
use swc_common::{GLOBALS, Globals, Mark, SyntaxContext};
use swc_ecma_ast as ast;
use swc_ecma_transforms_base::resolver;
use swc_ecma_visit::{Visit, VisitWith};

/// What came of one file.
#[derive(Default)]
pub(crate) struct Outcome {
    /// How many identifiers were compared.
    pub(crate) compared: usize,
    /// `LINE: NAME: what differs`.
    pub(crate) wrong: Vec<String>,
}

/// Resolves a text both ways. Text that does not parse has nothing to compare.
pub(crate) fn compare(path: &Path, text: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let parsed = parse(path, text);
    if !parsed.errors.is_empty() {
        return outcome;
    }
    let reading = reading::read(path, text);
    let typescript = matches!(Language::of(path), Some(Language::Ts | Language::Tsx)) || text.contains("lang=\"ts\"");
    for script in parsed.scripts {
        GLOBALS.set(&Globals::new(), || {
            let (unresolved, top) = (Mark::new(), Mark::new());
            let mut program = script.program;
            program.mutate(resolver(unresolved, top, typescript));
            let mut oracle = Oracle::new(&reading.facts, text, unresolved);
            oracle.ends = (script.span.start, script.span.end);
            program.visit_with(&mut Ambient(&mut oracle.ambient));
            program.visit_with(&mut oracle);
            outcome.compared += oracle.compared;
            outcome.wrong.extend(oracle.wrong);
        });
    }
    outcome
}

type Theirs = (String, SyntaxContext);

/// Compares identifiers as it meets them. Left out by intent, because they are no code that runs or are not names of
/// values: types, labels, closing tags, names of imports and exports, and decorators of parameters.
struct Oracle<'a> {
    facts: &'a FileFacts,
    text: &'a str,
    lines: LineIndex,
    unresolved: Mark,
    /// Where the script stands in the file.
    ends: (u32, u32),
    /// What we say of the identifier that begins at an offset.
    ours: HashMap<u32, Option<BindingId>>,
    known: HashMap<Theirs, BindingId>,
    taken: HashMap<BindingId, Theirs>,
    /// Names declared with `declare`: the resolver counts them as declarations, but they are somebody else's.
    ambient: HashSet<String>,
    /// Members of enums, by the offsets of their names: the resolver leaves them unresolved in values that follow.
    members: HashSet<u32>,
    compared: usize,
    wrong: Vec<String>,
}

impl<'a> Oracle<'a> {
    fn new(facts: &'a FileFacts, text: &'a str, unresolved: Mark) -> Self {
        let mut ours = HashMap::new();
        for (i, binding) in facts.bindings.iter().enumerate() {
            ours.insert(binding.span.start, Some(BindingId(i as u32)));
        }
        for (i, node) in facts.nodes.iter().enumerate() {
            let at = facts.span(NodeId(i as u32)).start;
            match node {
                Node::Binding(b) => drop(ours.insert(at, Some(*b))),
                Node::Global(_) | Node::Undefined => drop(ours.insert(at, None)),
                _ => {}
            }
        }
        Self {
            facts,
            text,
            lines: LineIndex::new(text),
            unresolved,
            ends: (0, 0),
            ours,
            known: HashMap::new(),
            taken: HashMap::new(),
            ambient: HashSet::new(),
            members: HashSet::new(),
            compared: 0,
            wrong: Vec::new(),
        }
    }

    fn complain(&mut self, ident: &ast::Ident, what: &str) {
        let at = file_offset(ident.span.lo);
        let span = leaklint::finding::Span::new(at, at);
        let start = self.lines.range(span, self.text).start;
        self.wrong
            .push(format!("{}:{}: `{}` {what}", start.line, start.column, ident.sym));
    }

    fn say(&self, id: BindingId) -> String {
        let binding = self.facts.binding(id);
        let line = self.lines.range(binding.span, self.text).start.line;
        format!("the {:?} of line {line}", binding.kind)
    }

    /// Declarations that only the whole component makes: another script of the file, or Svelte's `$: name = value`.
    fn is_of_component(&self, id: BindingId) -> bool {
        let binding = self.facts.binding(id);
        let elsewhere = binding.span.start < self.ends.0 || binding.span.start >= self.ends.1;
        elsewhere || (self.facts.kind == leaklint::facts::FileKind::Svelte && binding.kind == BindingKind::Let)
    }

    /// `catch (e) { var e }`: the resolver takes the variable of the function for what is caught. They are two.
    fn is_caught_again(&self, one: BindingId, two: BindingId) -> bool {
        let kinds = [one, two].map(|id| self.facts.binding(id).kind);
        kinds.contains(&BindingKind::Catch) && kinds.contains(&BindingKind::Var)
    }

    fn compare(&mut self, ident: &ast::Ident) {
        self.compared += 1;
        let Some(&ours) = self.ours.get(&file_offset(ident.span.lo)) else {
            return self.complain(ident, "is lost");
        };
        let unresolved = ident.ctxt.outer() == self.unresolved || ident.ctxt == SyntaxContext::empty();
        let theirs = (ident.sym.to_string(), ident.ctxt);
        match ours {
            Some(id) if unresolved && self.members.contains(&self.facts.binding(id).span.start) => {}
            Some(id) if unresolved && !self.is_of_component(id) => {
                let said = self.say(id);
                self.complain(ident, &format!("is {said}, and a global to the resolver"));
            }
            None if !unresolved && !self.ambient.contains(ident.sym.as_str()) => {
                self.complain(ident, "is a global, and declared to the resolver");
            }
            Some(id) if !unresolved => {
                let first = *self.known.entry(theirs.clone()).or_insert(id);
                if first != id && !self.is_caught_again(first, id) {
                    let (said, other) = (self.say(id), self.say(first));
                    self.complain(ident, &format!("is {said}, and one with {other} to the resolver"));
                }
                let taken = self.taken.entry(id).or_insert_with(|| theirs.clone()).clone();
                if taken != theirs && first == id {
                    let said = self.say(id);
                    self.complain(ident, &format!("is {said}, and another thing to the resolver"));
                }
            }
            _ => {}
        }
    }
}

impl Visit for Oracle<'_> {
    fn visit_ident(&mut self, ident: &ast::Ident) {
        self.compare(ident);
    }

    fn visit_jsx_element_name(&mut self, name: &ast::JSXElementName) {
        let intrinsic =
            matches!(name, ast::JSXElementName::Ident(i) if i.sym.starts_with(|c: char| c.is_ascii_lowercase()));
        if !intrinsic && !matches!(name, ast::JSXElementName::JSXNamespacedName(_)) {
            name.visit_children_with(self);
        }
    }

    fn visit_fn_decl(&mut self, node: &ast::FnDecl) {
        // Overloads and `declare` have no code.
        if node.function.body.is_none() || node.declare {
            return;
        }
        // A binding that is declared twice remembers one place.
        if self.ours.contains_key(&file_offset(node.ident.span.lo)) {
            self.compare(&node.ident);
        }
        node.function.visit_with(self);
    }

    fn visit_function(&mut self, node: &ast::Function) {
        if node.body.is_some() {
            node.visit_children_with(self);
        }
    }

    fn visit_constructor(&mut self, node: &ast::Constructor) {
        if node.body.is_some() {
            node.visit_children_with(self);
        }
    }

    fn visit_param(&mut self, node: &ast::Param) {
        node.pat.visit_with(self);
    }

    fn visit_ts_param_prop(&mut self, node: &ast::TsParamProp) {
        node.param.visit_with(self);
    }

    fn visit_class_decl(&mut self, node: &ast::ClassDecl) {
        if !node.declare {
            node.visit_children_with(self);
        }
    }

    fn visit_class_prop(&mut self, node: &ast::ClassProp) {
        if !node.declare {
            node.visit_children_with(self);
        }
    }

    fn visit_var_decl(&mut self, node: &ast::VarDecl) {
        if !node.declare {
            node.visit_children_with(self);
        }
    }

    fn visit_ts_enum_decl(&mut self, node: &ast::TsEnumDecl) {
        if !node.declare {
            self.visit_ident(&node.id);
            self.members.extend(node.members.iter().map(|m| file_offset(m.span.lo)));
            node.members
                .iter()
                .filter_map(|m| m.init.as_ref())
                .for_each(|init| init.visit_with(self));
        }
    }

    fn visit_ts_module_decl(&mut self, node: &ast::TsModuleDecl) {
        if !node.declare
            && let Some(body) = &node.body
        {
            body.visit_with(self);
        }
    }

    fn visit_ts_namespace_decl(&mut self, node: &ast::TsNamespaceDecl) {
        node.body.visit_with(self);
    }

    fn visit_import_decl(&mut self, _: &ast::ImportDecl) {}
    fn visit_named_export(&mut self, _: &ast::NamedExport) {}
    fn visit_export_all(&mut self, _: &ast::ExportAll) {}
    fn visit_ts_import_equals_decl(&mut self, node: &ast::TsImportEqualsDecl) {
        if let ast::TsModuleRef::TsEntityName(entity) = &node.module_ref {
            self.visit_ident(&node.id);
            entity.visit_with(self);
        }
    }
    fn visit_ts_namespace_export_decl(&mut self, _: &ast::TsNamespaceExportDecl) {}
    fn visit_jsx_closing_element(&mut self, _: &ast::JSXClosingElement) {}
    fn visit_labeled_stmt(&mut self, node: &ast::LabeledStmt) {
        node.body.visit_with(self);
    }
    fn visit_break_stmt(&mut self, _: &ast::BreakStmt) {}
    fn visit_continue_stmt(&mut self, _: &ast::ContinueStmt) {}
    fn visit_ts_type(&mut self, _: &ast::TsType) {}
    fn visit_ts_type_ann(&mut self, _: &ast::TsTypeAnn) {}
    fn visit_ts_type_param_decl(&mut self, _: &ast::TsTypeParamDecl) {}
    fn visit_ts_type_param_instantiation(&mut self, _: &ast::TsTypeParamInstantiation) {}
    fn visit_ts_interface_decl(&mut self, _: &ast::TsInterfaceDecl) {}
    fn visit_ts_type_alias_decl(&mut self, _: &ast::TsTypeAliasDecl) {}
    fn visit_ts_expr_with_type_args(&mut self, _: &ast::TsExprWithTypeArgs) {}
    fn visit_ts_index_signature(&mut self, _: &ast::TsIndexSignature) {}
}

/// Collects the names of `declare`.
struct Ambient<'a>(&'a mut HashSet<String>);

impl Visit for Ambient<'_> {
    fn visit_decl(&mut self, decl: &ast::Decl) {
        let declared: Vec<ast::Id> = match decl {
            ast::Decl::Class(d) if d.declare => vec![d.ident.to_id()],
            ast::Decl::Fn(d) if d.declare || d.function.body.is_none() => vec![d.ident.to_id()],
            ast::Decl::Var(d) if d.declare => plain_names(&d.decls),
            ast::Decl::TsEnum(d) if d.declare => vec![d.id.to_id()],
            ast::Decl::TsModule(d) if d.declare => d.id.as_ident().map(ast::Ident::to_id).into_iter().collect(),
            _ => Vec::new(),
        };
        self.0.extend(declared.into_iter().map(|(name, _)| name.to_string()));
        decl.visit_children_with(self);
    }
}

fn plain_names(decls: &[ast::VarDeclarator]) -> Vec<ast::Id> {
    decls
        .iter()
        .filter_map(|d| d.name.as_ident().map(|name| name.id.to_id()))
        .collect()
}
