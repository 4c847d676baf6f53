//! Declarations of a scope, made before its code is lowered: names can be used before they are declared.

use swc_ecma_ast as ast;

use super::{Lower, span_of};
use crate::facts::BindingKind;

impl Lower {
    /// `var`s of a function body, wherever they stand in it.
    pub(super) fn hoist_vars(&mut self, statements: &[ast::Stmt]) {
        for statement in statements {
            self.hoist_var(statement);
        }
    }

    fn hoist_var(&mut self, statement: &ast::Stmt) {
        use ast::Stmt;
        match statement {
            Stmt::Decl(ast::Decl::Var(d)) => self.hoist_declaration(d),
            Stmt::Block(b) => self.hoist_vars(&b.stmts),
            Stmt::With(s) => self.hoist_var(&s.body),
            Stmt::Labeled(s) => self.hoist_var(&s.body),
            Stmt::If(s) => {
                // Long `else if` chains are walked in a loop, not by recursion.
                self.hoist_var(&s.cons);
                let mut rest = s.alt.as_deref();
                while let Some(next) = rest {
                    if let Stmt::If(inner) = next {
                        self.hoist_var(&inner.cons);
                        rest = inner.alt.as_deref();
                    } else {
                        self.hoist_var(next);
                        rest = None;
                    }
                }
            }
            Stmt::Switch(s) => s.cases.iter().for_each(|c| self.hoist_vars(&c.cons)),
            Stmt::Try(s) => {
                self.hoist_vars(&s.block.stmts);
                if let Some(h) = &s.handler {
                    self.hoist_vars(&h.body.stmts);
                }
                if let Some(f) = &s.finalizer {
                    self.hoist_vars(&f.stmts);
                }
            }
            Stmt::While(s) => self.hoist_var(&s.body),
            Stmt::DoWhile(s) => self.hoist_var(&s.body),
            Stmt::For(s) => {
                if let Some(ast::VarDeclOrExpr::VarDecl(d)) = &s.init {
                    self.hoist_declaration(d);
                }
                self.hoist_var(&s.body);
            }
            Stmt::ForIn(ast::ForInStmt { left, body, .. }) | Stmt::ForOf(ast::ForOfStmt { left, body, .. }) => {
                if let ast::ForHead::VarDecl(d) = left {
                    self.hoist_declaration(d);
                }
                self.hoist_var(body);
            }
            _ => {}
        }
    }

    fn hoist_declaration(&mut self, declaration: &ast::VarDecl) {
        if declaration.kind == ast::VarDeclKind::Var && !declaration.declare {
            for d in &declaration.decls {
                self.declare_pattern(&d.name, BindingKind::Var);
            }
        }
    }

    /// `let`, `const`, functions and classes that stand directly in a block.
    pub(super) fn declare_lexical<'a>(&mut self, statements: impl IntoIterator<Item = &'a ast::Stmt>) {
        for statement in statements {
            match statement {
                ast::Stmt::Decl(d) => self.declare_declaration(d),
                ast::Stmt::Labeled(l) => {
                    // Svelte's `$: name = value` declares the name.
                    if let (true, ast::Stmt::Expr(e)) = (l.label.sym == "$", &*l.body) {
                        self.declare_reactive(&e.expr);
                    }
                }
                _ => {}
            }
        }
    }

    fn declare_reactive(&mut self, expression: &ast::Expr) {
        let expression = match expression {
            ast::Expr::Paren(p) => &*p.expr,
            e => e,
        };
        if let ast::Expr::Assign(ast::AssignExpr {
            left: ast::AssignTarget::Simple(ast::SimpleAssignTarget::Ident(i)),
            ..
        }) = expression
            && self.lookup(&i.id.sym).is_err()
        {
            self.declare(&i.id.sym, BindingKind::Let, span_of(&i.id));
        }
    }

    /// Declares what one declaration declares in its block.
    pub(super) fn declare_declaration(&mut self, declaration: &ast::Decl) {
        use ast::Decl;
        match declaration {
            Decl::Class(d) if !d.declare => {
                self.declare(&d.ident.sym, BindingKind::Class, span_of(&d.ident));
            }
            Decl::Fn(d) if !d.declare && d.function.body.is_some() => {
                if self.hoisted.contains(&span_of(&d.ident).start) {
                    return;
                }
                self.declare(&d.ident.sym, BindingKind::Function, span_of(&d.ident));
            }
            Decl::Var(d) if !d.declare && d.kind != ast::VarDeclKind::Var => {
                let kind = if d.kind == ast::VarDeclKind::Const {
                    BindingKind::Const
                } else {
                    BindingKind::Let
                };
                d.decls.iter().for_each(|d| self.declare_pattern(&d.name, kind));
            }
            Decl::Using(d) => d
                .decls
                .iter()
                .for_each(|d| self.declare_pattern(&d.name, BindingKind::Using)),
            Decl::TsEnum(d) if !d.declare => {
                self.declare(&d.id.sym, BindingKind::Enum, span_of(&d.id));
            }
            Decl::TsModule(d) if !d.declare => {
                if let ast::TsModuleName::Ident(id) = &d.id {
                    self.declare(&id.sym, BindingKind::Enum, span_of(id));
                }
            }
            _ => {}
        }
    }

    /// Declares the names inside a pattern.
    pub(super) fn declare_pattern(&mut self, pattern: &ast::Pat, kind: BindingKind) {
        use ast::Pat;
        match pattern {
            Pat::Ident(i) => {
                let id = self.declare(&i.id.sym, kind, span_of(&i.id));
                if let Some(name) = self.annotation(i.type_ann.as_deref()) {
                    self.facts.bindings[id.0 as usize].type_name = Some(name);
                }
            }
            Pat::Array(a) => a.elems.iter().flatten().for_each(|p| self.declare_pattern(p, kind)),
            Pat::Rest(r) => self.declare_pattern(&r.arg, kind),
            Pat::Assign(a) => self.declare_pattern(&a.left, kind),
            Pat::Object(o) => {
                for property in &o.props {
                    match property {
                        ast::ObjectPatProp::KeyValue(p) => self.declare_pattern(&p.value, kind),
                        ast::ObjectPatProp::Assign(p) => {
                            self.declare(&p.key.id.sym, kind, span_of(&p.key.id));
                        }
                        ast::ObjectPatProp::Rest(r) => self.declare_pattern(&r.arg, kind),
                    }
                }
            }
            Pat::Invalid(_) | Pat::Expr(_) => {}
        }
    }
}
