//! Modules: top-level code, imports and exports of both module systems.

use swc_ecma_ast as ast;

use super::sloppy::{is_strict, pattern_names};
use super::{Input, Lower, span_of};
use crate::facts::{
    BindingId, BindingKind, CallKind, Export, ExportValue, Function, FunctionFlags, FunctionId, Import, Imported, List,
    Name, Node, NodeId,
};
use crate::finding::Span;

/// The name of the call that stands for a function which a template gives to an element.
const ACTION: &str = "$use";

impl Lower {
    pub(super) fn module(&mut self, inputs: &[Input<'_>], actions: &[(&str, Span)]) {
        let whole = inputs.iter().fold(Span::default(), |all, i| {
            let span = span_of(i.program);
            Span::new(all.start, all.end.max(span.end))
        });
        self.facts.functions.push(Function {
            name: None,
            span: whole,
            node: NodeId(0),
            params: List::EMPTY,
            body: NodeId(0),
            parent: None,
            class: None,
            flags: FunctionFlags::default(),
            type_name: None,
            captures: Vec::new(),
        });
        self.functions.push(FunctionId::MODULE);
        self.facts.sloppy = inputs.iter().all(|i| is_sloppy(i.program));
        self.open_scope();
        let mut items = Vec::new();
        for input in inputs {
            self.declare_program(input);
            self.note_symbols(input);
        }
        for input in inputs.iter().filter(|i| !i.per_instance) {
            self.program(input.program, &mut items);
        }
        for input in inputs.iter().filter(|i| i.per_instance) {
            let node = self.instance(input.program, actions);
            if let Node::Function(f) = self.facts.node(node) {
                self.facts.instance = Some(f);
            }
            items.push(node);
        }
        self.close_scope();
        let list = self.list(&items);
        let root = self.add(Node::Block(list), whole);
        let module = &mut self.facts.functions[0];
        module.node = root;
        module.body = root;
        self.functions.pop();
    }

    /// Code that runs once for each component instance, as a function of its own.
    fn instance(&mut self, program: &ast::Program, actions: &[(&str, Span)]) -> NodeId {
        let span = span_of(program);
        self.function(
            Some("setup"),
            span,
            FunctionFlags {
                is_async: true,
                ..FunctionFlags::default()
            },
            |lower| {
                lower.declare_locals(program);
                let mut items = Vec::new();
                lower.program(program, &mut items);
                items.extend(actions.iter().map(|&(path, at)| lower.action(path, at)));
                let list = lower.list(&items);
                let body = lower.add(Node::Block(list), span);
                (List::EMPTY, body)
            },
        )
    }

    /// A function that the template gives to an element, as the call that it amounts to: `use:name` as `$use(name)`. No
    /// variable of a component can have that name.
    fn action(&mut self, path: &str, at: Span) -> NodeId {
        let name = self.intern(ACTION);
        let callee = self.add(Node::Global(name), at);
        let mut names = path.split('.');
        let mut value = self.identifier(names.next().unwrap_or_default(), at);
        for name in names {
            let property = self.intern(name);
            value = self.add(
                Node::Member {
                    object: value,
                    property,
                    optional: false,
                },
                at,
            );
        }
        let args = self.list(&[value]);
        self.add(
            Node::Call {
                callee,
                args,
                kind: CallKind::Call,
            },
            at,
        )
    }

    fn declare_program(&mut self, input: &Input<'_>) {
        if let ast::Program::Module(m) = input.program {
            for item in &m.body {
                if let ast::ModuleItem::ModuleDecl(d) = item {
                    self.declare_import(d);
                }
            }
        }
        if !input.per_instance {
            self.declare_locals(input.program);
        }
    }

    fn declare_locals(&mut self, program: &ast::Program) {
        match program {
            ast::Program::Script(s) => {
                self.hoist_vars(&s.body);
                self.declare_lexical(&s.body);
                self.strict = is_strict(&s.body);
                self.hoist_functions(&s.body);
            }
            ast::Program::Module(m) => self.declare_items(&m.body),
        }
    }

    fn declare_items(&mut self, items: &[ast::ModuleItem]) {
        for item in items {
            match item {
                ast::ModuleItem::Stmt(s) => {
                    self.hoist_vars(std::slice::from_ref(s));
                    self.declare_lexical([s]);
                }
                ast::ModuleItem::ModuleDecl(d) => self.declare_export(d),
            }
        }
    }

    fn declare_export(&mut self, declaration: &ast::ModuleDecl) {
        match declaration {
            ast::ModuleDecl::ExportDecl(e) => {
                if let ast::Decl::Var(d) = &e.decl
                    && d.kind == ast::VarDeclKind::Var
                {
                    d.decls
                        .iter()
                        .for_each(|d| self.declare_pattern(&d.name, BindingKind::Var));
                }
                self.declare_declaration(&e.decl);
            }
            ast::ModuleDecl::ExportDefaultDecl(e) => match &e.decl {
                ast::DefaultDecl::Class(c) => {
                    if let Some(i) = &c.ident {
                        self.declare(&i.sym, BindingKind::Class, span_of(i));
                    }
                }
                ast::DefaultDecl::Fn(f) => {
                    if let Some(i) = &f.ident {
                        self.declare(&i.sym, BindingKind::Function, span_of(i));
                    }
                }
                ast::DefaultDecl::TsInterfaceDecl(_) => {}
            },
            _ => {}
        }
    }

    fn declare_import(&mut self, declaration: &ast::ModuleDecl) {
        match declaration {
            ast::ModuleDecl::Import(d) => {
                // Types are evidence too: `constructor(private bus: EventBus)`.
                let specifier = self.intern(&d.src.value.to_string_lossy());
                for s in &d.specifiers {
                    let (local, imported) = match s {
                        ast::ImportSpecifier::Default(s) => (&s.local, Imported::Default),
                        ast::ImportSpecifier::Namespace(s) => (&s.local, Imported::Namespace),
                        ast::ImportSpecifier::Named(s) => {
                            let name = match &s.imported {
                                Some(name) => self.export_name(name),
                                None => self.intern(&s.local.sym),
                            };
                            (&s.local, self.imported(name))
                        }
                    };
                    let binding = self.declare(&local.sym, BindingKind::Import, span_of(local));
                    self.facts.imports.push(Import {
                        binding,
                        specifier,
                        imported,
                    });
                }
            }
            ast::ModuleDecl::TsImportEquals(d) => match &d.module_ref {
                ast::TsModuleRef::TsExternalModuleRef(r) => {
                    let specifier = self.intern(&r.expr.value.to_string_lossy());
                    let binding = self.declare(&d.id.sym, BindingKind::Import, span_of(&d.id));
                    self.facts.imports.push(Import {
                        binding,
                        specifier,
                        imported: Imported::Namespace,
                    });
                }
                // `import name = Space.name`: another name for a value.
                ast::TsModuleRef::TsEntityName(_) => {
                    self.declare(&d.id.sym, BindingKind::Const, span_of(&d.id));
                }
            },
            _ => {}
        }
    }

    fn imported(&self, name: Name) -> Imported {
        if self.facts.name(name) == "default" {
            Imported::Default
        } else {
            Imported::Named(name)
        }
    }

    fn export_name(&mut self, name: &ast::ModuleExportName) -> Name {
        match name {
            ast::ModuleExportName::Ident(i) => self.intern(&i.sym),
            ast::ModuleExportName::Str(s) => self.intern(&s.value.to_string_lossy()),
        }
    }

    fn program(&mut self, program: &ast::Program, out: &mut Vec<NodeId>) {
        self.strict = match program {
            ast::Program::Script(s) => is_strict(&s.body),
            ast::Program::Module(_) => true,
        };
        match program {
            ast::Program::Script(s) => s.body.iter().for_each(|s| self.statement(s, out)),
            ast::Program::Module(m) => {
                for item in &m.body {
                    match item {
                        ast::ModuleItem::Stmt(s) => self.statement(s, out),
                        ast::ModuleItem::ModuleDecl(d) => self.module_declaration(d, out),
                    }
                }
            }
        }
    }

    fn export(&mut self, name: &str, value: ExportValue) {
        let name = self.intern(name);
        self.facts.exports.push(Export { name, value });
    }

    /// `export default name`: what is exported is the variable, so that those who import it and those who name it here
    /// speak of the same thing.
    fn exported_value(&self, node: NodeId) -> ExportValue {
        match self.facts.node(node) {
            Node::Binding(b) => ExportValue::Binding(b),
            _ => ExportValue::Node(node),
        }
    }

    fn module_declaration(&mut self, declaration: &ast::ModuleDecl, out: &mut Vec<NodeId>) {
        use ast::ModuleDecl as D;
        match declaration {
            D::ExportDecl(e) => {
                self.declaration(&e.decl, out);
                for name in declared_names(&e.decl) {
                    if let Ok(b) = self.lookup(name) {
                        self.export(name, ExportValue::Binding(b));
                    }
                }
            }
            D::ExportDefaultDecl(e) => {
                let span = span_of(e);
                let (node, name) = match &e.decl {
                    ast::DefaultDecl::Class(c) => {
                        let name = c.ident.as_ref().map(|i| i.sym.to_string());
                        (self.class(name.as_deref().or(Some("default")), &c.class, span), name)
                    }
                    ast::DefaultDecl::Fn(f) => {
                        let name = f.ident.as_ref().map(|i| i.sym.to_string());
                        let label = name.as_deref().or(Some("default"));
                        (self.function_like(label, &f.function, span, |_| {}), name)
                    }
                    ast::DefaultDecl::TsInterfaceDecl(d) => return self.interface(d),
                };
                out.push(node);
                match name.and_then(|n| self.lookup(&n).ok()) {
                    Some(b) => {
                        self.facts.bindings[b.0 as usize].init.get_or_insert(node);
                        self.export("default", ExportValue::Binding(b));
                    }
                    None => self.export("default", ExportValue::Node(node)),
                }
            }
            D::ExportDefaultExpr(e) => {
                let node = self.named_expression(&e.expr, "default");
                out.push(node);
                let value = self.exported_value(node);
                self.export("default", value);
            }
            D::ExportNamed(e) => self.export_named(e),
            D::ExportAll(e) => {
                let specifier = self.intern(&e.src.value.to_string_lossy());
                self.facts.star_exports.push(specifier);
            }
            D::TsExportAssignment(e) => {
                let node = self.expression(&e.expr);
                out.push(node);
                let value = self.exported_value(node);
                self.export("=", value);
            }
            D::TsImportEquals(d) => self.alias(d, out),
            D::Import(_) | D::TsNamespaceExport(_) => {}
        }
    }

    /// `namespace A { ... }`: runs once, like the block of an immediately called function.
    pub(super) fn namespace(&mut self, body: Option<&ast::TsNamespaceBody>, span: Span, out: &mut Vec<NodeId>) {
        match body {
            Some(ast::TsNamespaceBody::TsModuleBlock(b)) => {
                self.open_scope();
                for item in &b.body {
                    if let ast::ModuleItem::ModuleDecl(d) = item {
                        self.declare_import(d);
                    }
                }
                self.declare_items(&b.body);
                let mut items = Vec::new();
                for item in &b.body {
                    match item {
                        ast::ModuleItem::Stmt(s) => self.statement(s, &mut items),
                        // Exports of a namespace are none of the file.
                        ast::ModuleItem::ModuleDecl(ast::ModuleDecl::ExportDecl(e)) => {
                            self.declaration(&e.decl, &mut items);
                        }
                        ast::ModuleItem::ModuleDecl(ast::ModuleDecl::TsImportEquals(d)) => self.alias(d, &mut items),
                        ast::ModuleItem::ModuleDecl(_) => {}
                    }
                }
                let list = self.list(&items);
                out.push(self.add(Node::Block(list), span));
                self.close_scope();
            }
            Some(ast::TsNamespaceBody::TsNamespaceDecl(d)) => self.namespace(Some(&d.body), span, out),
            None => {}
        }
    }

    /// `import name = Space.name`.
    fn alias(&mut self, d: &ast::TsImportEqualsDecl, out: &mut Vec<NodeId>) {
        if let ast::TsModuleRef::TsEntityName(entity) = &d.module_ref {
            let value = self.entity(entity);
            let target = self.identifier(&d.id.sym, span_of(&d.id));
            self.bind_pattern(target, value, target);
            out.push(self.add(Node::Declare { target, value }, span_of(d)));
        }
    }

    /// `Space.name`, written where a type may stand too.
    fn entity(&mut self, entity: &ast::TsEntityName) -> NodeId {
        match entity {
            ast::TsEntityName::Ident(i) => self.identifier(&i.sym, span_of(i)),
            ast::TsEntityName::TsQualifiedName(q) => {
                let object = self.entity(&q.left);
                let property = self.intern(&q.right.sym);
                let node = Node::Member {
                    object,
                    property,
                    optional: false,
                };
                self.add(node, span_of(entity))
            }
        }
    }

    fn export_named(&mut self, e: &ast::NamedExport) {
        let specifier = e.src.as_ref().map(|s| self.intern(&s.value.to_string_lossy()));
        for s in &e.specifiers {
            match (s, specifier) {
                (ast::ExportSpecifier::Namespace(n), Some(specifier)) => {
                    let name = self.export_name(&n.name);
                    let value = ExportValue::From {
                        specifier,
                        imported: Imported::Namespace,
                    };
                    self.facts.exports.push(Export { name, value });
                }
                (ast::ExportSpecifier::Named(n), Some(specifier)) => {
                    let original = self.export_name(&n.orig);
                    let name = n.exported.as_ref().map_or(original, |x| self.export_name(x));
                    let value = ExportValue::From {
                        specifier,
                        imported: self.imported(original),
                    };
                    self.facts.exports.push(Export { name, value });
                }
                (ast::ExportSpecifier::Named(n), None) => {
                    let ast::ModuleExportName::Ident(local) = &n.orig else {
                        continue;
                    };
                    let name = match &n.exported {
                        Some(x) => self.export_name(x),
                        None => self.intern(&local.sym),
                    };
                    if let Ok(b) = self.lookup(&local.sym) {
                        self.facts.exports.push(Export {
                            name,
                            value: ExportValue::Binding(b),
                        });
                    }
                }
                _ => {}
            }
        }
    }

    /// `const name = module.exports = value`: what is exported is the variable, and the variable is the value.
    pub(super) fn exported_at_once(&mut self, target: NodeId, value: NodeId) -> NodeId {
        let Node::Binding(b) = self.facts.node(target) else {
            return value;
        };
        let mut inner = value;
        while let Node::Assign {
            target, value: next, ..
        } = self.facts.node(inner)
        {
            if !self.facts.is_exports(target) && self.exported_name(target).is_none() {
                return value;
            }
            inner = next;
        }
        if matches!(self.facts.node(inner), Node::Function(_)) {
            return value;
        }
        if inner != value {
            for export in &mut self.facts.exports {
                if matches!(export.value, ExportValue::Node(node) if node == inner) {
                    export.value = ExportValue::Binding(b);
                }
            }
        }
        inner
    }

    /// `module.exports = value`, `exports.name = value`, `module.exports.name = value`.
    pub(super) fn common_js(&mut self, target: NodeId, value: NodeId) {
        if let Some(name) = self.exported_name(target) {
            self.export_by_name(name, value);
        }
    }

    fn export_by_name(&mut self, name: Name, value: NodeId) {
        // `exports = module.exports = value`: the value is what counts.
        let value = self.facts.assigned(value);
        let value = match self.facts.node(value) {
            Node::Binding(b) => ExportValue::Binding(b),
            _ => ExportValue::Node(value),
        };
        self.facts.exports.push(Export { name, value });
    }

    /// `(function (api) { api.name = value; })(exports)`: the parameter is what the file exports. The call is seen after the
    /// code of its function.
    pub(super) fn exports_through_parameters(&mut self) {
        let given: Vec<_> = self
            .facts
            .calls
            .iter()
            .flat_map(|&call| self.given_exports(call))
            .collect();
        if given.is_empty() {
            return;
        }
        for write in self.facts.writes.clone() {
            let Node::Assign { target, value, .. } = self.facts.node(write) else {
                continue;
            };
            if let Node::Member { object, property, .. } = self.facts.node(target)
                && matches!(self.facts.node(object), Node::Binding(b) if given.contains(&b))
            {
                self.export_by_name(property, value);
            }
        }
    }

    /// The parameters of a function that is called where it is written, `(function () {})(exports)` or
    /// `(function () {}).call(this, exports)`, which are given all that the file exports.
    fn given_exports(&self, call: NodeId) -> Vec<BindingId> {
        let facts = &self.facts;
        let Node::Call { callee, args, .. } = facts.node(call) else {
            return Vec::new();
        };
        let (function, before) = match facts.node(callee) {
            Node::Member { object, property, .. } if facts.name(property) == "call" => (object, 1),
            _ => (callee, 0),
        };
        let Node::Function(f) = facts.node(function) else {
            return Vec::new();
        };
        let params = facts.list(facts.function(f).params);
        let is_given = |&(_, arg): &(NodeId, NodeId)| facts.is_exports(arg);
        let given = params.zip(facts.list(args).skip(before)).filter(is_given);
        let named = given.filter_map(|(param, _)| match facts.node(param) {
            Node::Binding(b) => Some(b),
            _ => None,
        });
        named.filter(|b| facts.binding(*b).writes == 0).collect()
    }

    /// What an assignment to this exports: a name, or everything.
    fn exported_name(&mut self, target: NodeId) -> Option<Name> {
        let Node::Member { object, property, .. } = self.facts.node(target) else {
            return None;
        };
        if self.facts.is_exports(target) {
            return Some(self.intern("="));
        }
        self.facts.is_exports(object).then_some(property)
    }
}

/// The names that an exported declaration declares.
fn declared_names(declaration: &ast::Decl) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    match declaration {
        ast::Decl::Class(d) => out.push(&d.ident.sym),
        ast::Decl::Fn(d) => out.push(&d.ident.sym),
        ast::Decl::Var(d) => d.decls.iter().for_each(|d| pattern_names(&d.name, &mut out)),
        ast::Decl::TsEnum(d) => out.push(&d.id.sym),
        ast::Decl::TsModule(d) => out.extend(d.id.as_ident().map(|i| &*i.sym)),
        _ => {}
    }
    out
}

/// Neither ESM syntax nor a `"use strict"` directive: undeclared assignments make globals.
fn is_sloppy(program: &ast::Program) -> bool {
    match program {
        ast::Program::Script(s) => !is_strict(&s.body),
        ast::Program::Module(m) => m.body.iter().enumerate().all(|(i, item)| match item {
            ast::ModuleItem::ModuleDecl(_) => false,
            ast::ModuleItem::Stmt(s) => i > 0 || !is_strict(std::slice::from_ref(s)),
        }),
    }
}
