//! Properties whose names are symbols: `this[kClients]`.
//!
//! A symbol that the module keeps in a constant names one property, as a word does. Such a property is lowered to a
//! named member, so that all uses of it are known by its name, in brackets: `[kClients]`.

use swc_ecma_ast as ast;

use super::{Input, Lower};

impl Lower {
    /// Notes the constants at module level that are symbols.
    pub(super) fn note_symbols(&mut self, input: &Input<'_>) {
        match input.program {
            ast::Program::Module(m) => {
                for item in &m.body {
                    match item {
                        ast::ModuleItem::ModuleDecl(ast::ModuleDecl::Import(d)) => self.note_imported(d),
                        ast::ModuleItem::ModuleDecl(ast::ModuleDecl::ExportDecl(d)) => self.note_declared(&d.decl),
                        ast::ModuleItem::Stmt(ast::Stmt::Decl(d)) => self.note_declared(d),
                        _ => {}
                    }
                }
            }
            ast::Program::Script(s) => {
                for statement in &s.body {
                    if let ast::Stmt::Decl(d) = statement {
                        self.note_declared(d);
                    }
                }
            }
        }
    }

    fn note_imported(&mut self, import: &ast::ImportDecl) {
        for specifier in &import.specifiers {
            if let ast::ImportSpecifier::Named(named) = specifier
                && reads_as_symbol(&named.local.sym)
            {
                self.symbols.insert(named.local.sym.to_string());
            }
        }
    }

    fn note_declared(&mut self, declaration: &ast::Decl) {
        let ast::Decl::Var(declaration) = declaration else {
            return;
        };
        for d in &declaration.decls {
            let Some(init) = d.init.as_deref() else { continue };
            match &d.name {
                ast::Pat::Ident(i) if is_made_symbol(init) => {
                    self.symbols.insert(i.id.sym.to_string());
                }
                // What it is is said in another file: its name tells.
                ast::Pat::Object(o) => {
                    for property in &o.props {
                        let local = match property {
                            ast::ObjectPatProp::Assign(p) => Some(&p.key.id.sym),
                            ast::ObjectPatProp::KeyValue(p) => match &*p.value {
                                ast::Pat::Ident(i) => Some(&i.id.sym),
                                _ => None,
                            },
                            ast::ObjectPatProp::Rest(_) => None,
                        };
                        if let Some(local) = local.filter(|l| reads_as_symbol(l)) {
                            self.symbols.insert(local.to_string());
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The name of a member whose key is a symbol.
    pub(super) fn symbol_key(&self, key: &ast::PropName) -> Option<String> {
        match key {
            ast::PropName::Computed(c) => self.symbol_name(&c.expr),
            _ => None,
        }
    }

    /// The name of a property whose key is a symbol.
    pub(super) fn symbol_name(&self, key: &ast::Expr) -> Option<String> {
        match key {
            ast::Expr::Ident(i) if self.symbols.contains(i.sym.as_str()) => Some(format!("[{}]", i.sym)),
            ast::Expr::Paren(p) => self.symbol_name(&p.expr),
            _ => None,
        }
    }
}

/// `Symbol("name")`, `Symbol.for("name")`.
fn is_made_symbol(init: &ast::Expr) -> bool {
    let ast::Expr::Call(call) = init else { return false };
    let ast::Callee::Expr(callee) = &call.callee else {
        return false;
    };
    match &**callee {
        ast::Expr::Ident(i) => i.sym == "Symbol",
        ast::Expr::Member(m) => {
            matches!(&*m.obj, ast::Expr::Ident(i) if i.sym == "Symbol")
                && matches!(&m.prop, ast::MemberProp::Ident(p) if p.sym == "for")
        }
        _ => false,
    }
}

/// `kClients`, `clientsSymbol`, `clientsSym`: how constants that are symbols are named.
fn reads_as_symbol(name: &str) -> bool {
    let after_k = name.strip_prefix('k').and_then(|rest| rest.chars().next());
    after_k.is_some_and(char::is_uppercase) || (name.ends_with("Symbol") || name.ends_with("Sym"))
}
