//! Expressions: the values of the fact tree.

use swc_ecma_ast as ast;

use super::{Lower, span_of};
use crate::facts::{
    AssignOp, BinaryOp, BindingKind, CallKind, FunctionFlags, List, LogicalOp, Node, NodeId, PropertyKind, UnaryOp,
};
use crate::finding::Span;

/// Array literals longer than this that hold only literals keep [`KEPT_ELEMENTS`] and a count: their elements
/// can hold nothing alive, and data tables would outweigh the code.
const LONG_ARRAY: usize = 64;
const KEPT_ELEMENTS: usize = 8;

impl Lower {
    /// An expression that gives its name to an anonymous function or class.
    pub(super) fn named_expression(&mut self, expression: &ast::Expr, name: &str) -> NodeId {
        let span = span_of(expression);
        match expression {
            ast::Expr::Arrow(a) => self.arrow(Some(name), a),
            ast::Expr::Fn(f) if f.ident.is_none() => self.function_like(Some(name), &f.function, span, |_| {}),
            ast::Expr::Class(c) if c.ident.is_none() => self.class(Some(name), &c.class, span),
            e => self.expression(e),
        }
    }

    pub(super) fn expression(&mut self, expression: &ast::Expr) -> NodeId {
        use ast::Expr;
        let span = span_of(expression);
        match expression {
            Expr::This(_) => self.this(span),
            Expr::Array(a) => self.array(&a.elems, span),
            Expr::Object(o) => self.object(o),
            Expr::Fn(f) => self.function_expression(f),
            Expr::Arrow(a) => self.arrow(None, a),
            Expr::Class(c) => self.class_expression(c),
            Expr::Unary(u) => self.unary(u),
            Expr::Update(u) => {
                let target = self.expression(&u.arg);
                self.wrote(target);
                let increment = u.op == ast::UpdateOp::PlusPlus;
                self.add(Node::Update { target, increment }, span)
            }
            Expr::Bin(_) => self.binary_chain(expression),
            Expr::Assign(a) => self.assign(a),
            Expr::Member(m) => {
                let object = self.expression(&m.obj);
                self.member(object, &m.prop, false, span)
            }
            Expr::SuperProp(s) => self.super_property(s),
            Expr::Cond(c) => {
                let test = self.expression(&c.test);
                let yes = self.expression(&c.cons);
                let no = self.expression(&c.alt);
                self.add(Node::Conditional { test, yes, no }, span)
            }
            Expr::Call(c) => self.call(c),
            Expr::New(n) => {
                let callee = self.expression(&n.callee);
                let args = self.arguments(n.args.as_deref().unwrap_or_default());
                self.add(
                    Node::Call {
                        callee,
                        args,
                        kind: CallKind::New,
                    },
                    span,
                )
            }
            Expr::OptChain(o) => self.optional_chain(o),
            Expr::Seq(s) => {
                let items: Vec<_> = s.exprs.iter().map(|e| self.expression(e)).collect();
                let list = self.list(&items);
                self.add(Node::Sequence(list), span)
            }
            Expr::Ident(i) => self.identifier(&i.sym, span),
            Expr::Lit(l) => self.literal(l, span),
            Expr::Tpl(t) => self.template(t, span),
            Expr::TaggedTpl(t) => {
                let callee = self.expression(&t.tag);
                let value = self.template(&t.tpl, span_of(&*t.tpl));
                let args = self.list(&[value]);
                self.add(
                    Node::Call {
                        callee,
                        args,
                        kind: CallKind::Tagged,
                    },
                    span,
                )
            }
            Expr::Yield(y) => {
                let value = match &y.arg {
                    Some(e) => self.expression(e),
                    None => self.empty(span),
                };
                self.add(Node::Yield(value), span)
            }
            Expr::Await(a) => {
                let value = self.expression(&a.arg);
                self.add(Node::Await(value), span)
            }
            Expr::MetaProp(_) => self.add(Node::Meta, span),
            Expr::Paren(p) => self.expression(&p.expr),
            Expr::JSXElement(e) => self.jsx_element(e),
            Expr::JSXFragment(f) => self.jsx_fragment(f),
            Expr::TsTypeAssertion(t) => self.expression(&t.expr),
            Expr::TsConstAssertion(t) => self.expression(&t.expr),
            Expr::TsNonNull(t) => self.expression(&t.expr),
            Expr::TsAs(t) => self.expression(&t.expr),
            Expr::TsInstantiation(t) => self.expression(&t.expr),
            Expr::TsSatisfies(t) => self.expression(&t.expr),
            _ => self.empty(span),
        }
    }

    fn this(&mut self, span: Span) -> NodeId {
        let current = self.current();
        self.facts.functions[current.0 as usize].flags.uses_this = true;
        self.add(Node::This, span)
    }

    fn literal(&mut self, literal: &ast::Lit, span: Span) -> NodeId {
        let node = match literal {
            ast::Lit::Str(s) => Node::Str(self.intern(&s.value.to_string_lossy())),
            ast::Lit::Bool(b) => Node::Bool(b.value),
            ast::Lit::Null(_) => Node::Null,
            ast::Lit::Num(n) => {
                self.facts.numbers.push(n.value);
                Node::Number(self.facts.numbers.len() as u32 - 1)
            }
            _ => Node::Empty,
        };
        self.add(node, span)
    }

    fn template(&mut self, template: &ast::Tpl, span: Span) -> NodeId {
        let text = |q: &ast::TplElement| match &q.cooked {
            Some(c) => c.to_string_lossy().into_owned(),
            None => q.raw.to_string(),
        };
        if let ([only], []) = (&template.quasis[..], &template.exprs[..]) {
            let name = self.intern(&text(only));
            return self.add(Node::Str(name), span);
        }
        let mut items = Vec::new();
        for (i, quasi) in template.quasis.iter().enumerate() {
            let name = self.intern(&text(quasi));
            items.push(self.add(Node::Str(name), span_of(quasi)));
            if let Some(e) = template.exprs.get(i) {
                items.push(self.expression(e));
            }
        }
        let list = self.list(&items);
        self.add(Node::Template(list), span)
    }

    fn array(&mut self, elements: &[Option<ast::ExprOrSpread>], span: Span) -> NodeId {
        let plain = |e: &Option<ast::ExprOrSpread>| {
            e.as_ref()
                .is_none_or(|e| e.spread.is_none() && matches!(&*e.expr, ast::Expr::Lit(_)))
        };
        let long = elements.len() > LONG_ARRAY && elements.iter().all(plain);
        let kept = if long { KEPT_ELEMENTS } else { elements.len() };
        let mut items: Vec<_> = elements[..kept]
            .iter()
            .map(|e| match e {
                Some(e) => self.argument(e),
                None => self.empty(span),
            })
            .collect();
        if long {
            items.push(self.add(Node::Elided((elements.len() - kept) as u32), span));
        }
        let list = self.list(&items);
        self.add(Node::Array(list), span)
    }

    fn argument(&mut self, argument: &ast::ExprOrSpread) -> NodeId {
        let value = self.expression(&argument.expr);
        match argument.spread {
            Some(_) => self.add(Node::Spread(value), span_of(argument)),
            None => value,
        }
    }

    fn arguments(&mut self, arguments: &[ast::ExprOrSpread]) -> List {
        let items: Vec<_> = arguments.iter().map(|a| self.argument(a)).collect();
        self.list(&items)
    }

    pub(super) fn property_name(&mut self, name: &ast::PropName) -> NodeId {
        let span = span_of(name);
        match name {
            ast::PropName::Ident(i) => {
                let name = self.intern(&i.sym);
                self.add(Node::Str(name), span)
            }
            ast::PropName::Str(s) => {
                let name = self.intern(&s.value.to_string_lossy());
                self.add(Node::Str(name), span)
            }
            ast::PropName::Num(n) => {
                let name = self.intern(&n.value.to_string());
                self.add(Node::Str(name), span)
            }
            ast::PropName::Computed(c) => match self.symbol_name(&c.expr) {
                Some(text) => {
                    let name = self.intern(&text);
                    let key = self.expression(&c.expr);
                    let node = self.add(Node::Str(name), span);
                    self.facts.parents[key.0 as usize] = node;
                    node
                }
                None => self.expression(&c.expr),
            },
            ast::PropName::BigInt(_) => self.empty(span),
        }
    }

    /// The text of a property's name, if it is not computed.
    pub(super) fn static_name(name: &ast::PropName) -> Option<String> {
        match name {
            ast::PropName::Ident(i) => Some(i.sym.to_string()),
            ast::PropName::Str(s) => Some(s.value.to_string_lossy().into_owned()),
            ast::PropName::Num(n) => Some(n.value.to_string()),
            ast::PropName::Computed(c) => match &*c.expr {
                ast::Expr::Lit(ast::Lit::Str(s)) => Some(s.value.to_string_lossy().into_owned()),
                _ => None,
            },
            ast::PropName::BigInt(_) => None,
        }
    }

    fn object(&mut self, object: &ast::ObjectLit) -> NodeId {
        let mut items = Vec::with_capacity(object.props.len());
        for property in &object.props {
            let span = span_of(property);
            let item = match property {
                ast::PropOrSpread::Spread(s) => {
                    let value = self.expression(&s.expr);
                    self.add(Node::Spread(value), span)
                }
                ast::PropOrSpread::Prop(p) => self.property(p, span),
            };
            items.push(item);
        }
        let list = self.list(&items);
        self.add(Node::Object(list), span_of(object))
    }

    fn property(&mut self, property: &ast::Prop, span: Span) -> NodeId {
        use ast::Prop;
        let method = |f: &mut FunctionFlags| f.is_method = true;
        let (key, value, kind) = match property {
            Prop::Shorthand(i) => {
                let name = self.intern(&i.sym);
                let key = self.add(Node::Str(name), span);
                (key, self.identifier(&i.sym, span), PropertyKind::Value)
            }
            Prop::KeyValue(p) => {
                let key = self.property_name(&p.key);
                let value = match Self::static_name(&p.key) {
                    Some(name) => self.named_expression(&p.value, &name),
                    None => self.expression(&p.value),
                };
                (key, value, PropertyKind::Value)
            }
            Prop::Assign(p) => {
                let name = self.intern(&p.key.sym);
                let key = self.add(Node::Str(name), span);
                (key, self.expression(&p.value), PropertyKind::Value)
            }
            Prop::Getter(p) => {
                let key = self.property_name(&p.key);
                let name = Self::static_name(&p.key);
                (
                    key,
                    self.function_like(name.as_deref(), &p.function, span, method),
                    PropertyKind::Getter,
                )
            }
            Prop::Setter(p) => {
                let key = self.property_name(&p.key);
                let name = Self::static_name(&p.key);
                (
                    key,
                    self.function_like(name.as_deref(), &p.function, span, method),
                    PropertyKind::Setter,
                )
            }
            Prop::Method(p) => {
                let key = self.property_name(&p.key);
                let name = Self::static_name(&p.key);
                (
                    key,
                    self.function_like(name.as_deref(), &p.function, span, method),
                    PropertyKind::Method,
                )
            }
        };
        self.add(Node::Property { key, value, kind }, span)
    }

    fn function_expression(&mut self, f: &ast::FnExpr) -> NodeId {
        let span = span_of(f);
        let Some(ident) = &f.ident else {
            return self.function_like(None, &f.function, span, |_| {});
        };
        self.open_scope();
        let own = self.declare(&ident.sym, BindingKind::Function, span_of(ident));
        let node = self.function_like(Some(&ident.sym), &f.function, span, |_| {});
        self.facts.bindings[own.0 as usize].init = Some(node);
        self.close_scope();
        node
    }

    fn class_expression(&mut self, c: &ast::ClassExpr) -> NodeId {
        let span = span_of(c);
        let Some(ident) = &c.ident else {
            return self.class(None, &c.class, span);
        };
        self.open_scope();
        let own = self.declare(&ident.sym, BindingKind::Class, span_of(ident));
        let node = self.class(Some(&ident.sym), &c.class, span);
        self.facts.bindings[own.0 as usize].init = Some(node);
        self.close_scope();
        node
    }

    fn arrow(&mut self, name: Option<&str>, a: &ast::ArrowExpr) -> NodeId {
        let span = span_of(a);
        let flags = FunctionFlags {
            is_async: a.is_async,
            is_generator: a.is_generator,
            is_arrow: true,
            ..FunctionFlags::default()
        };
        self.function(name, span, flags, |lower| {
            lower.returns(a.return_type.as_deref());
            for p in &a.params {
                lower.declare_pattern(p, BindingKind::Param);
            }
            let params: Vec<_> = a.params.iter().map(|p| lower.pattern(p)).collect();
            params.iter().for_each(|&p| lower.bind_param(p));
            let params = lower.list(&params);
            let body = match &*a.body {
                ast::ArrowFunctionBody::FunctionBody(b) => lower.body(&b.stmts, span_of(b)),
                ast::ArrowFunctionBody::Expr(e) => lower.expression(e),
            };
            (params, body)
        })
    }

    fn unary(&mut self, u: &ast::UnaryExpr) -> NodeId {
        let span = span_of(u);
        let value = self.expression(&u.arg);
        let op = match u.op {
            ast::UnaryOp::Delete => {
                self.wrote(value);
                return self.add(Node::Delete(value), span);
            }
            ast::UnaryOp::Minus => UnaryOp::Minus,
            ast::UnaryOp::Plus => UnaryOp::Plus,
            ast::UnaryOp::Bang => UnaryOp::Not,
            ast::UnaryOp::Tilde => UnaryOp::BitNot,
            ast::UnaryOp::TypeOf => UnaryOp::TypeOf,
            ast::UnaryOp::Void => UnaryOp::Void,
        };
        self.add(Node::Unary { value, op }, span)
    }

    /// `a + b + c ...` leans left and can be thousands of terms long: no recursion down the left side.
    fn binary_chain(&mut self, expression: &ast::Expr) -> NodeId {
        let mut links = Vec::new();
        let mut at = expression;
        loop {
            match at {
                ast::Expr::Bin(b) => {
                    links.push(b);
                    at = &b.left;
                }
                ast::Expr::Paren(p) => at = &p.expr,
                _ => break,
            }
        }
        let first = self.expression(at);
        links.into_iter().rev().fold(first, |left, b| {
            let right = self.expression(&b.right);
            let span = span_of(b);
            let logical = match b.op {
                ast::BinaryOp::LogicalOr => Some(LogicalOp::Or),
                ast::BinaryOp::LogicalAnd => Some(LogicalOp::And),
                ast::BinaryOp::NullishCoalescing => Some(LogicalOp::Nullish),
                _ => None,
            };
            match logical {
                Some(op) => self.add(Node::Logical { left, right, op }, span),
                None => self.add(
                    Node::Binary {
                        left,
                        right,
                        op: binary_op(b.op),
                    },
                    span,
                ),
            }
        })
    }

    fn assign(&mut self, a: &ast::AssignExpr) -> NodeId {
        use ast::{AssignTarget, AssignTargetPat};
        let span = span_of(a);
        let op = match a.op {
            ast::AssignOp::Assign => AssignOp::Set,
            ast::AssignOp::AddAssign => AssignOp::Add,
            ast::AssignOp::OrAssign => AssignOp::Or,
            ast::AssignOp::AndAssign => AssignOp::And,
            ast::AssignOp::NullishAssign => AssignOp::Nullish,
            _ => AssignOp::Other,
        };
        let name = match &a.left {
            AssignTarget::Simple(ast::SimpleAssignTarget::Ident(i)) => Some(i.id.sym.to_string()),
            AssignTarget::Simple(ast::SimpleAssignTarget::Member(m)) => match &m.prop {
                ast::MemberProp::Ident(i) => Some(i.sym.to_string()),
                ast::MemberProp::PrivateName(p) => Some(format!("#{}", p.name)),
                ast::MemberProp::Computed(_) => None,
            },
            _ => None,
        };
        let value = match &name {
            Some(name) => self.named_expression(&a.right, name),
            None => self.expression(&a.right),
        };
        let target = match &a.left {
            AssignTarget::Simple(t) => self.simple_target(t),
            AssignTarget::Pat(AssignTargetPat::Array(p)) => self.array_pattern(&p.elems, span_of(p)),
            AssignTarget::Pat(AssignTargetPat::Object(p)) => self.object_pattern(&p.props, span_of(p)),
            AssignTarget::Pat(AssignTargetPat::Invalid(_)) => self.empty(span),
        };
        self.wrote(target);
        let node = self.add(Node::Assign { target, value, op }, span);
        self.common_js(target, value);
        node
    }

    fn simple_target(&mut self, target: &ast::SimpleAssignTarget) -> NodeId {
        use ast::SimpleAssignTarget as T;
        let span = span_of(target);
        match target {
            T::Ident(i) => self.identifier(&i.id.sym, span),
            T::Member(m) => {
                let object = self.expression(&m.obj);
                self.member(object, &m.prop, false, span)
            }
            T::SuperProp(s) => self.super_property(s),
            T::Paren(p) => self.expression(&p.expr),
            T::OptChain(o) => self.optional_chain(o),
            T::TsAs(t) => self.expression(&t.expr),
            T::TsSatisfies(t) => self.expression(&t.expr),
            T::TsNonNull(t) => self.expression(&t.expr),
            T::TsTypeAssertion(t) => self.expression(&t.expr),
            T::TsInstantiation(t) => self.expression(&t.expr),
            T::Invalid(_) => self.empty(span),
        }
    }

    fn super_property(&mut self, s: &ast::SuperPropExpr) -> NodeId {
        let span = span_of(s);
        let object = self.add(Node::Super, Span::new(span.start, span.start + 5));
        let current = self.current();
        self.facts.functions[current.0 as usize].flags.uses_this = true;
        match &s.prop {
            ast::SuperProp::Ident(i) => {
                let property = self.intern(&i.sym);
                self.add(
                    Node::Member {
                        object,
                        property,
                        optional: false,
                    },
                    span,
                )
            }
            ast::SuperProp::Computed(c) => {
                let key = self.expression(&c.expr);
                self.add(Node::Index { object, key }, span)
            }
        }
    }

    fn member(&mut self, object: NodeId, property: &ast::MemberProp, optional: bool, span: Span) -> NodeId {
        match property {
            ast::MemberProp::Ident(i) => {
                let property = self.intern(&i.sym);
                self.add(
                    Node::Member {
                        object,
                        property,
                        optional,
                    },
                    span,
                )
            }
            ast::MemberProp::PrivateName(p) => {
                let property = self.intern(&format!("#{}", p.name));
                self.add(
                    Node::Member {
                        object,
                        property,
                        optional,
                    },
                    span,
                )
            }
            ast::MemberProp::Computed(c) => {
                if let ast::Expr::Lit(ast::Lit::Str(s)) = &*c.expr {
                    let property = self.intern(&s.value.to_string_lossy());
                    return self.add(
                        Node::Member {
                            object,
                            property,
                            optional,
                        },
                        span,
                    );
                }
                let key = self.expression(&c.expr);
                if let Some(text) = self.symbol_name(&c.expr) {
                    let property = self.intern(&text);
                    let member = Node::Member {
                        object,
                        property,
                        optional,
                    };
                    let node = self.add(member, span);
                    self.facts.parents[key.0 as usize] = node;
                    return node;
                }
                self.add(Node::Index { object, key }, span)
            }
        }
    }

    fn optional_chain(&mut self, o: &ast::OptChainExpr) -> NodeId {
        let span = span_of(o);
        match &*o.base {
            ast::OptChainBase::Member(m) => {
                let object = self.expression(&m.obj);
                self.member(object, &m.prop, o.optional, span)
            }
            ast::OptChainBase::Call(c) => {
                let callee = self.expression(&c.callee);
                let args = self.arguments(&c.args);
                self.add(
                    Node::Call {
                        callee,
                        args,
                        kind: CallKind::Optional,
                    },
                    span,
                )
            }
        }
    }

    fn call(&mut self, c: &ast::CallExpr) -> NodeId {
        let span = span_of(c);
        let (callee, kind) = match &c.callee {
            ast::Callee::Super(s) => (self.add(Node::Super, span_of(s)), CallKind::Call),
            ast::Callee::Import(i) => (self.empty(span_of(i)), CallKind::Import),
            ast::Callee::Expr(e) => {
                if matches!(&**e, ast::Expr::Ident(i) if i.sym == "eval") {
                    let current = self.current();
                    self.facts.functions[current.0 as usize].flags.has_eval = true;
                }
                (self.expression(e), CallKind::Call)
            }
        };
        let args = self.arguments(&c.args);
        self.add(Node::Call { callee, args, kind }, span)
    }
}

fn binary_op(op: ast::BinaryOp) -> BinaryOp {
    match op {
        ast::BinaryOp::Add => BinaryOp::Add,
        ast::BinaryOp::Sub => BinaryOp::Sub,
        ast::BinaryOp::Mul => BinaryOp::Mul,
        ast::BinaryOp::Div => BinaryOp::Div,
        ast::BinaryOp::Exp => BinaryOp::Pow,
        ast::BinaryOp::LShift => BinaryOp::Shl,
        ast::BinaryOp::EqEq | ast::BinaryOp::EqEqEq => BinaryOp::Eq,
        ast::BinaryOp::NotEq | ast::BinaryOp::NotEqEq => BinaryOp::Ne,
        ast::BinaryOp::Lt => BinaryOp::Lt,
        ast::BinaryOp::LtEq => BinaryOp::Le,
        ast::BinaryOp::Gt => BinaryOp::Gt,
        ast::BinaryOp::GtEq => BinaryOp::Ge,
        ast::BinaryOp::In => BinaryOp::In,
        ast::BinaryOp::InstanceOf => BinaryOp::InstanceOf,
        _ => BinaryOp::Other,
    }
}
