//! Sloppy mode: a function declared in a block is a variable of the function around it (Annex B.3.2 of ECMAScript).

use swc_ecma_ast as ast;

use super::{Lower, span_of};
use crate::facts::BindingKind;

/// Whether code begins with the directive `"use strict"`.
pub(super) fn is_strict(statements: &[ast::Stmt]) -> bool {
    let directives = statements.iter().map_while(|s| match s {
        ast::Stmt::Expr(e) => match &*e.expr {
            ast::Expr::Lit(ast::Lit::Str(s)) => Some(s),
            _ => None,
        },
        _ => None,
    });
    directives
        .into_iter()
        .any(|s| s.value.to_string_lossy() == "use strict")
}

/// Names that a statement declares in its block by `let`, `const` or `class`.
fn lexical_names<'a>(statement: &'a ast::Stmt, out: &mut Vec<&'a str>) {
    match statement {
        ast::Stmt::Decl(ast::Decl::Var(d)) if d.kind != ast::VarDeclKind::Var => {
            d.decls.iter().for_each(|d| pattern_names(&d.name, out));
        }
        ast::Stmt::Decl(ast::Decl::Using(d)) => d.decls.iter().for_each(|d| pattern_names(&d.name, out)),
        ast::Stmt::Decl(ast::Decl::Class(d)) => out.push(&d.ident.sym),
        _ => {}
    }
}

/// The names that a pattern declares.
pub(super) fn pattern_names<'a>(pattern: &'a ast::Pat, out: &mut Vec<&'a str>) {
    match pattern {
        ast::Pat::Ident(i) => out.push(&i.id.sym),
        ast::Pat::Array(a) => a.elems.iter().flatten().for_each(|p| pattern_names(p, out)),
        ast::Pat::Assign(a) => pattern_names(&a.left, out),
        ast::Pat::Rest(r) => pattern_names(&r.arg, out),
        ast::Pat::Object(o) => {
            for p in &o.props {
                match p {
                    ast::ObjectPatProp::KeyValue(p) => pattern_names(&p.value, out),
                    ast::ObjectPatProp::Assign(p) => out.push(&p.key.id.sym),
                    ast::ObjectPatProp::Rest(r) => pattern_names(&r.arg, out),
                }
            }
        }
        ast::Pat::Invalid(_) | ast::Pat::Expr(_) => {}
    }
}

impl Lower {
    /// Declares the functions in the blocks of a body whose own declarations are made. What a block around a function
    /// declares under its name keeps it in its own block.
    pub(super) fn hoist_functions(&mut self, statements: &[ast::Stmt]) {
        if !self.strict {
            let mut between = Vec::new();
            statements.iter().for_each(|s| self.hoist_inside(s, &mut between));
        }
    }

    /// Looks into the blocks of a statement; `between` has the names that they and the blocks around them declare.
    fn hoist_inside<'a>(&mut self, statement: &'a ast::Stmt, between: &mut Vec<&'a str>) {
        use ast::Stmt;
        match statement {
            Stmt::Block(b) => self.hoist_block(b.stmts.iter(), None, between),
            Stmt::With(s) => self.hoist_nested(&s.body, between),
            Stmt::Labeled(s) => self.hoist_nested(&s.body, between),
            Stmt::If(s) => {
                self.hoist_nested(&s.cons, between);
                let mut rest = s.alt.as_deref();
                while let Some(next) = rest {
                    rest = None;
                    if let Stmt::If(inner) = next {
                        self.hoist_nested(&inner.cons, between);
                        rest = inner.alt.as_deref();
                    } else {
                        self.hoist_nested(next, between);
                    }
                }
            }
            Stmt::Switch(s) => {
                self.hoist_block(s.cases.iter().flat_map(|c| &c.cons), None, between);
            }
            Stmt::Try(s) => {
                self.hoist_block(s.block.stmts.iter(), None, between);
                if let Some(h) = &s.handler {
                    self.hoist_block(h.body.stmts.iter(), h.param.as_ref(), between);
                }
                if let Some(f) = &s.finalizer {
                    self.hoist_block(f.stmts.iter(), None, between);
                }
            }
            Stmt::While(s) => self.hoist_nested(&s.body, between),
            Stmt::DoWhile(s) => self.hoist_nested(&s.body, between),
            Stmt::For(s) => {
                let head = match &s.init {
                    Some(ast::VarDeclOrExpr::VarDecl(d)) => Some(&**d),
                    _ => None,
                };
                self.hoist_loop(head, &s.body, between);
            }
            Stmt::ForIn(ast::ForInStmt { left, body, .. }) | Stmt::ForOf(ast::ForOfStmt { left, body, .. }) => {
                let head = match left {
                    ast::ForHead::VarDecl(d) => Some(&**d),
                    _ => None,
                };
                self.hoist_loop(head, body, between);
            }
            _ => {}
        }
    }

    fn hoist_loop<'a>(&mut self, head: Option<&'a ast::VarDecl>, body: &'a ast::Stmt, between: &mut Vec<&'a str>) {
        let known = between.len();
        for d in head.into_iter().filter(|d| d.kind != ast::VarDeclKind::Var) {
            d.decls.iter().for_each(|d| pattern_names(&d.name, between));
        }
        self.hoist_nested(body, between);
        between.truncate(known);
    }

    fn hoist_nested<'a>(&mut self, statement: &'a ast::Stmt, between: &mut Vec<&'a str>) {
        match statement {
            ast::Stmt::Decl(_) => self.hoist_block(std::iter::once(statement), None, between),
            other => self.hoist_inside(other, between),
        }
    }

    fn hoist_block<'a>(
        &mut self,
        statements: impl Iterator<Item = &'a ast::Stmt> + Clone,
        head: Option<&'a ast::Pat>,
        between: &mut Vec<&'a str>,
    ) {
        let known = between.len();
        head.into_iter().for_each(|p| pattern_names(p, between));
        statements.clone().for_each(|s| lexical_names(s, between));
        for statement in statements.clone() {
            if let ast::Stmt::Decl(ast::Decl::Fn(d)) = statement
                && !d.declare
                && d.function.body.is_some()
                && !between.contains(&&*d.ident.sym)
                && !self.is_lexical_here(&d.ident.sym)
            {
                self.declare(&d.ident.sym, BindingKind::Function, span_of(&d.ident));
                self.hoisted.insert(span_of(&d.ident).start);
            }
        }
        for statement in statements {
            self.hoist_inside(statement, between);
        }
        between.truncate(known);
    }

    /// Whether the scope of the function declares a name in a way that no `var` may repeat.
    fn is_lexical_here(&self, text: &str) -> bool {
        let name = self.facts.find_name(text);
        let here = name.filter(|name| self.scopes.last().is_some_and(|scope| scope.contains(name)));
        let known = here.and_then(|name| self.active[name.0 as usize].last());
        known.is_some_and(|id| {
            !matches!(
                self.facts.bindings[id.0 as usize].kind,
                BindingKind::Var | BindingKind::Function
            )
        })
    }
}
