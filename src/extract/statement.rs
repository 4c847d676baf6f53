//! Statements: the regions of the fact tree.

use swc_ecma_ast as ast;

use super::sloppy::is_strict;
use super::{Lower, span_of};
use crate::facts::{BindingKind, FunctionFlags, LoopKind, Node, NodeId, PropertyKind};
use crate::finding::Span;

impl Lower {
    /// The body of a function: parameters are in the same scope and already declared.
    pub(super) fn body(&mut self, statements: &[ast::Stmt], span: Span) -> NodeId {
        let strict = self.strict;
        self.strict = strict || is_strict(statements);
        self.hoist_vars(statements);
        self.declare_lexical(statements);
        self.hoist_functions(statements);
        let block = self.sequence(statements, span);
        self.strict = strict;
        block
    }

    fn sequence(&mut self, statements: &[ast::Stmt], span: Span) -> NodeId {
        let mut items = Vec::with_capacity(statements.len());
        // Function declarations are evaluated first; so they are lowered in place but bound already.
        for statement in statements {
            self.statement(statement, &mut items);
        }
        let list = self.list(&items);
        self.add(Node::Block(list), span)
    }

    pub(super) fn block(&mut self, statements: &[ast::Stmt], span: Span) -> NodeId {
        self.open_scope();
        self.declare_lexical(statements);
        let block = self.sequence(statements, span);
        self.close_scope();
        block
    }

    /// A statement that stands alone, as in `if (x) statement`.
    fn nested(&mut self, statement: &ast::Stmt) -> NodeId {
        if let ast::Stmt::Block(b) = statement {
            return self.block(&b.stmts, span_of(b));
        }
        let mut items = Vec::new();
        self.open_scope();
        self.declare_lexical([statement]);
        self.statement(statement, &mut items);
        self.close_scope();
        match items[..] {
            [one] => one,
            _ => {
                let list = self.list(&items);
                self.add(Node::Block(list), span_of(statement))
            }
        }
    }

    fn optional(&mut self, value: Option<&ast::Expr>, span: Span) -> NodeId {
        match value {
            Some(e) => self.expression(e),
            None => self.empty(span),
        }
    }

    pub(super) fn statement(&mut self, statement: &ast::Stmt, out: &mut Vec<NodeId>) {
        use ast::Stmt;
        let span = span_of(statement);
        let node = match statement {
            Stmt::Block(b) => self.block(&b.stmts, span),
            Stmt::Empty(_) | Stmt::Debugger(_) => return,
            Stmt::With(s) => {
                let object = self.expression(&s.obj);
                let body = self.nested(&s.body);
                let list = self.list(&[object, body]);
                self.add(Node::Block(list), span)
            }
            Stmt::Return(s) => {
                let value = self.optional(s.arg.as_deref(), span);
                self.add(Node::Return(value), span)
            }
            Stmt::Labeled(s) => {
                let label = self.intern(&s.label.sym);
                let body = self.nested(&s.body);
                self.add(Node::Labeled { label, body }, span)
            }
            Stmt::Break(_) => self.add(Node::Break, span),
            Stmt::Continue(_) => self.add(Node::Continue, span),
            Stmt::If(s) => self.if_chain(s),
            Stmt::Switch(s) => self.switch(s),
            Stmt::Throw(s) => {
                let value = self.expression(&s.arg);
                self.add(Node::Throw(value), span)
            }
            Stmt::Try(s) => self.try_statement(s),
            // A turn is a step of the generator that this once was, and no repetition.
            Stmt::While(s) if is_generator_by_states(s) => return self.statement(&s.body, out),
            Stmt::While(s) => {
                let test = self.expression(&s.test);
                self.finish_loop(LoopKind::While, &[test], &s.body, span)
            }
            Stmt::DoWhile(s) => {
                let test = self.expression(&s.test);
                self.finish_loop(LoopKind::DoWhile, &[test], &s.body, span)
            }
            Stmt::For(s) => self.for_statement(s),
            Stmt::ForIn(s) => self.for_each(LoopKind::ForIn, &s.left, &s.right, &s.body, span),
            Stmt::ForOf(s) => {
                let kind = if s.is_await {
                    LoopKind::ForAwait
                } else {
                    LoopKind::ForOf
                };
                self.for_each(kind, &s.left, &s.right, &s.body, span)
            }
            Stmt::Decl(d) => return self.declaration(d, out),
            Stmt::Expr(s) => self.expression(&s.expr),
        };
        out.push(node);
    }

    /// `if` with its `else if`s, without recursion over the chain.
    fn if_chain(&mut self, first: &ast::IfStmt) -> NodeId {
        let mut links = Vec::new();
        let mut at = first;
        let last = loop {
            let test = self.expression(&at.test);
            let yes = self.nested(&at.cons);
            links.push((test, yes, span_of(at)));
            match at.alt.as_deref() {
                Some(ast::Stmt::If(next)) => at = next,
                Some(other) => break self.nested(other),
                None => break self.empty(Span::new(span_of(at).end, span_of(at).end)),
            }
        };
        links
            .into_iter()
            .rev()
            .fold(last, |no, (test, yes, span)| self.add(Node::If { test, yes, no }, span))
    }

    fn switch(&mut self, s: &ast::SwitchStmt) -> NodeId {
        let value = self.expression(&s.discriminant);
        self.open_scope();
        self.declare_lexical(s.cases.iter().flat_map(|c| &c.cons));
        let mut cases = Vec::new();
        for case in &s.cases {
            let span = span_of(case);
            let test = self.optional(case.test.as_deref(), span);
            let body = self.sequence(&case.cons, span);
            cases.push(self.add(Node::Case { test, body }, span));
        }
        self.close_scope();
        let cases = self.list(&cases);
        self.add(Node::Switch { value, cases }, span_of(s))
    }

    fn try_statement(&mut self, s: &ast::TryStmt) -> NodeId {
        let span = span_of(s);
        let block = self.block(&s.block.stmts, span_of(&s.block));
        let handler = match &s.handler {
            Some(h) => {
                self.open_scope();
                if let Some(p) = &h.param {
                    self.declare_pattern(p, BindingKind::Catch);
                }
                let param = match &h.param {
                    Some(p) => self.pattern(p),
                    None => self.empty(span_of(h)),
                };
                let body = self.block(&h.body.stmts, span_of(&h.body));
                self.close_scope();
                self.add(Node::Catch { param, body }, span_of(h))
            }
            None => self.empty(span),
        };
        let finalizer = match &s.finalizer {
            Some(f) => self.block(&f.stmts, span_of(f)),
            None => self.empty(span),
        };
        self.add(
            Node::Try {
                block,
                handler,
                finalizer,
            },
            span,
        )
    }

    fn finish_loop(&mut self, kind: LoopKind, parts: &[NodeId], body: &ast::Stmt, span: Span) -> NodeId {
        self.loop_depth += 1;
        let body = self.nested(body);
        self.loop_depth -= 1;
        let parts = self.list(parts);
        self.add(Node::Loop { parts, body, kind }, span)
    }

    fn for_statement(&mut self, s: &ast::ForStmt) -> NodeId {
        let span = span_of(s);
        self.open_scope();
        let init = match &s.init {
            Some(ast::VarDeclOrExpr::VarDecl(d)) => {
                self.declare_declaration(&ast::Decl::Var(d.clone()));
                let mut items = Vec::new();
                self.variables(d, &mut items);
                let list = self.list(&items);
                self.add(Node::Block(list), span_of(&**d))
            }
            Some(ast::VarDeclOrExpr::Expr(e)) => self.expression(e),
            None => self.empty(span),
        };
        let test = self.optional(s.test.as_deref(), span);
        let update = self.optional(s.update.as_deref(), span);
        let node = self.finish_loop(LoopKind::For, &[init, test, update], &s.body, span);
        self.close_scope();
        node
    }

    fn for_each(
        &mut self,
        kind: LoopKind,
        head: &ast::ForHead,
        object: &ast::Expr,
        body: &ast::Stmt,
        span: Span,
    ) -> NodeId {
        let object = self.expression(object);
        self.open_scope();
        self.loop_depth += 1;
        let target = match head {
            ast::ForHead::VarDecl(d) => {
                let kind = match d.kind {
                    ast::VarDeclKind::Var => None,
                    ast::VarDeclKind::Let => Some(BindingKind::Let),
                    ast::VarDeclKind::Const => Some(BindingKind::Const),
                };
                let pattern = &d.decls[0].name;
                if let Some(kind) = kind {
                    self.declare_pattern(pattern, kind);
                }
                self.pattern(pattern)
            }
            ast::ForHead::UsingDecl(d) => {
                self.declare_pattern(&d.decls[0].name, BindingKind::Using);
                self.pattern(&d.decls[0].name)
            }
            ast::ForHead::Pat(p) => {
                let target = self.pattern(p);
                self.wrote(target);
                target
            }
        };
        self.loop_depth -= 1;
        // A name bound by the loop comes from the loop: its origin is the pattern inside the loop node.
        if let Node::Binding(b) = self.facts.node(target) {
            self.facts.bindings[b.0 as usize].pattern = Some(target);
        } else {
            self.bind_pattern(target, object, target);
        }
        let node = self.finish_loop(kind, &[target, object], body, span);
        self.close_scope();
        node
    }

    fn variables(&mut self, declaration: &ast::VarDecl, out: &mut Vec<NodeId>) {
        for d in &declaration.decls {
            self.variable(d, out);
        }
    }

    fn variable(&mut self, d: &ast::VarDeclarator, out: &mut Vec<NodeId>) {
        let span = span_of(d);
        let value = match (&d.init, &d.name) {
            (Some(e), ast::Pat::Ident(i)) => self.named_expression(e, &i.id.sym),
            (Some(e), _) => self.expression(e),
            (None, _) => self.empty(Span::new(span.end, span.end)),
        };
        let target = self.pattern(&d.name);
        if let Some(init) = &d.init {
            let bound = self.exported_at_once(target, value);
            self.bind_pattern(target, bound, target);
            self.type_by_value(target, init);
        }
        out.push(self.add(Node::Declare { target, value }, span));
    }

    pub(super) fn declaration(&mut self, declaration: &ast::Decl, out: &mut Vec<NodeId>) {
        use ast::Decl;
        match declaration {
            Decl::Var(d) if !d.declare => self.variables(d, out),
            Decl::Using(d) => d.decls.iter().for_each(|d| self.variable(d, out)),
            Decl::Fn(d) if !d.declare && d.function.body.is_some() => {
                let node = self.function_like(Some(&d.ident.sym), &d.function, span_of(declaration), |_| {});
                self.bind_declared(&d.ident.sym, node);
                out.push(node);
            }
            Decl::Class(d) if !d.declare => {
                let node = self.class(Some(&d.ident.sym), &d.class, span_of(declaration));
                self.bind_declared(&d.ident.sym, node);
                out.push(node);
            }
            Decl::TsEnum(d) if !d.declare => {
                let name = self.intern(&d.id.sym);
                self.facts.literal_types.push(name);
                let node = self.enumeration(d);
                out.push(node);
            }
            Decl::TsModule(d) if !d.declare => self.namespace(d.body.as_ref(), span_of(&**d), out),
            Decl::TsTypeAlias(d) => self.type_alias(d),
            Decl::TsInterface(d) => self.interface(d),
            _ => {}
        }
    }

    fn bind_declared(&mut self, name: &str, node: NodeId) {
        if let Ok(b) = self.lookup(name) {
            let binding = &mut self.facts.bindings[b.0 as usize];
            if binding.init.is_none() {
                binding.init = Some(node);
            } else {
                binding.writes += 1;
            }
        }
    }

    fn enumeration(&mut self, d: &ast::TsEnumDecl) -> NodeId {
        let span = span_of(d);
        let mut items = Vec::new();
        // Members are names to the values that follow them: `High = Low << 1`.
        self.open_scope();
        for member in &d.members {
            let here = span_of(member);
            let (text, at) = match &member.id {
                ast::TsEnumMemberId::Ident(i) => (i.sym.to_string(), span_of(i)),
                ast::TsEnumMemberId::Str(s) => (s.value.to_string_lossy().into_owned(), span_of(s)),
            };
            let own = self.declare(&text, BindingKind::Const, at);
            let name = self.intern(&text);
            let key = self.add(Node::Str(name), here);
            let value = match &member.init {
                Some(e) => self.expression(e),
                None => self.add(Node::Str(name), here),
            };
            self.facts.bindings[own.0 as usize].init.get_or_insert(value);
            items.push(self.add(
                Node::Property {
                    key,
                    value,
                    kind: PropertyKind::Value,
                },
                here,
            ));
        }
        self.close_scope();
        let list = self.list(&items);
        let value = self.add(Node::Object(list), span);
        let target = self.identifier(&d.id.sym, span_of(&d.id));
        self.bind_pattern(target, value, target);
        self.add(Node::Declare { target, value }, span)
    }

    /// A function of the syntax tree, without its decorators; `extra` adds to its flags.
    pub(super) fn function_like(
        &mut self,
        name: Option<&str>,
        function: &ast::Function,
        span: Span,
        extra: impl FnOnce(&mut FunctionFlags),
    ) -> NodeId {
        let mut flags = FunctionFlags {
            is_async: function.is_async,
            is_generator: function.is_generator,
            ..FunctionFlags::default()
        };
        extra(&mut flags);
        self.function(name, span, flags, |lower| {
            lower.returns(function.return_type.as_deref());
            for p in &function.params {
                lower.declare_pattern(&p.pat, BindingKind::Param);
            }
            let params: Vec<_> = function.params.iter().map(|p| lower.pattern(&p.pat)).collect();
            params.iter().for_each(|&p| lower.bind_param(p));
            let params = lower.list(&params);
            let body = match &function.body {
                Some(b) => lower.body(&b.stmts, span_of(b)),
                None => lower.empty(span),
            };
            (params, body)
        })
    }

    /// Names inside a parameter's pattern remember the pattern; plain ones need nothing.
    pub(super) fn bind_param(&mut self, param: NodeId) {
        let inner = match self.facts.node(param) {
            Node::Default { target, .. } => target,
            _ => param,
        };
        if !matches!(self.facts.node(inner), Node::Binding(_)) {
            self.bind_pattern(inner, inner, NodeId(u32::MAX));
        }
    }
}

/// `while (1) switch (state.prev = state.next) { ... }`: what Babel makes of generators and asynchronous functions.
fn is_generator_by_states(statement: &ast::WhileStmt) -> bool {
    let body = match &*statement.body {
        ast::Stmt::Block(block) => match &block.stmts[..] {
            [only] => only,
            _ => return false,
        },
        body => body,
    };
    let ast::Stmt::Switch(switch) = body else { return false };
    let ast::Expr::Assign(step) = &*switch.discriminant else {
        return false;
    };
    let ast::AssignTarget::Simple(ast::SimpleAssignTarget::Member(to)) = &step.left else {
        return false;
    };
    let is = |member: &ast::MemberExpr, name: &str| member.prop.as_ident().is_some_and(|ident| ident.sym == *name);
    let from = step.right.as_member();
    from.is_some_and(|from| is(from, "next") && is(to, "prev"))
}
