//! Classes.

use swc_ecma_ast as ast;

use super::{Lower, span_of};
use crate::facts::{BindingKind, Class, ClassId, FunctionFlags, List, Member, MemberKind, Name, Node, NodeId};
use crate::finding::Span;

impl Lower {
    pub(super) fn class(&mut self, name: Option<&str>, class: &ast::Class, span: Span) -> NodeId {
        let id = ClassId(self.facts.classes.len() as u32);
        let name = name.map(|n| self.intern(n));
        let function = self.current();
        self.facts.classes.push(Class {
            name,
            node: NodeId(0),
            superclass: None,
            implements: Vec::new(),
            members: Vec::new(),
            decorators: Vec::new(),
            function,
        });
        let decorators = self.decorators(&class.decorators);
        let superclass = class.super_class.as_ref().map(|e| self.expression(e));
        let implements = class
            .implements
            .iter()
            .filter_map(|i| match &*i.expr {
                ast::Expr::Ident(i) => Some(self.intern(&i.sym)),
                ast::Expr::Member(m) => m.prop.as_ident().map(|p| self.intern(&p.sym)),
                _ => None,
            })
            .collect();
        let mut members = Vec::with_capacity(class.body.len());
        for member in &class.body {
            self.class_member(member, &mut members);
        }
        let own: Vec<_> = members
            .iter()
            .filter(|m| m.kind != MemberKind::ParamField)
            .cloned()
            .collect();
        for function in own.iter().filter_map(|m| m.evaluator.or(m.value)) {
            if let Node::Function(f) = self.facts.node(function) {
                self.facts.functions[f.0 as usize].class = Some(id);
            }
        }
        let record = &mut self.facts.classes[id.0 as usize];
        record.superclass = superclass;
        record.implements = implements;
        record.members = members;
        record.decorators = decorators;
        let node = self.add(Node::Class(id), span);
        self.facts.classes[id.0 as usize].node = node;
        node
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> Vec<NodeId> {
        decorators.iter().map(|d| self.expression(&d.expr)).collect()
    }

    fn annotation(&mut self, annotation: Option<&ast::TsTypeAnn>) -> Option<Name> {
        let text = super::pattern::type_name(&annotation?.type_ann)?;
        Some(self.intern(&text))
    }

    /// The name of a member; computed ones have none, and their key is dropped.
    fn member_name(&mut self, key: &ast::PropName) -> (Name, Span) {
        let text = Self::static_name(key).unwrap_or_default();
        (self.intern(&text), span_of(key))
    }

    fn class_member(&mut self, member: &ast::ClassMember, out: &mut Vec<Member>) {
        use ast::ClassMember as M;
        match member {
            M::Constructor(c) => self.constructor(c, out),
            M::Method(m) => {
                let (name, span) = self.member_name(&m.key);
                self.method(name, span, m.kind, m.is_static, &m.function, span_of(m), out);
            }
            M::PrivateMethod(m) => {
                let name = self.intern(&format!("#{}", m.key.name));
                self.method(name, span_of(&m.key), m.kind, m.is_static, &m.function, span_of(m), out);
            }
            M::ClassProp(p) if !p.declare => {
                let (name, span) = self.member_name(&p.key);
                let type_name = self.annotation(p.type_ann.as_deref());
                let decorators = self.decorators(&p.decorators);
                self.field(name, span, p.is_static, p.value.as_deref(), type_name, decorators, out);
            }
            M::ClassProp(p) => {
                let (name, span) = self.member_name(&p.key);
                let type_name = self.annotation(p.type_ann.as_deref());
                self.field(name, span, p.is_static, None, type_name, Vec::new(), out);
            }
            M::PrivateProp(p) => {
                let name = self.intern(&format!("#{}", p.key.name));
                let type_name = self.annotation(p.type_ann.as_deref());
                let decorators = self.decorators(&p.decorators);
                self.field(
                    name,
                    span_of(&p.key),
                    p.is_static,
                    p.value.as_deref(),
                    type_name,
                    decorators,
                    out,
                );
            }
            M::AutoAccessor(p) => {
                let (name, span) = match &p.key {
                    ast::Key::Private(k) => (self.intern(&format!("#{}", k.name)), span_of(k)),
                    ast::Key::Public(k) => self.member_name(k),
                };
                let type_name = self.annotation(p.type_ann.as_deref());
                let decorators = self.decorators(&p.decorators);
                self.field(name, span, p.is_static, p.value.as_deref(), type_name, decorators, out);
            }
            M::StaticBlock(b) => {
                let span = span_of(b);
                let name = self.intern("");
                let flags = FunctionFlags {
                    is_method: true,
                    ..FunctionFlags::default()
                };
                let node = self.function(None, span, flags, |lower| {
                    let body = lower.body(&b.body.stmts, span);
                    (List::EMPTY, body)
                });
                out.push(Member {
                    name,
                    kind: MemberKind::StaticBlock,
                    is_static: true,
                    value: Some(node),
                    evaluator: Some(node),
                    span,
                    type_name: None,
                    decorators: Vec::new(),
                });
            }
            M::TsIndexSignature(_) | M::Empty(_) => {}
        }
    }

    fn constructor(&mut self, c: &ast::Constructor, out: &mut Vec<Member>) {
        let Some(body) = &c.body else { return };
        let span = span_of(c);
        let mut fields = Vec::new();
        let flags = FunctionFlags {
            is_method: true,
            uses_this: true,
            ..FunctionFlags::default()
        };
        let node = self.function(Some("constructor"), span, flags, |lower| {
            let mut params = Vec::new();
            for param in &c.params {
                match param {
                    ast::ParamOrTsParamProp::Param(p) => lower.declare_pattern(&p.pat, BindingKind::Param),
                    ast::ParamOrTsParamProp::TsParamProp(p) => {
                        lower.declare_pattern(&param_property(p), BindingKind::Param);
                    }
                }
            }
            for param in &c.params {
                match param {
                    ast::ParamOrTsParamProp::Param(p) => params.push(lower.pattern(&p.pat)),
                    ast::ParamOrTsParamProp::TsParamProp(p) => {
                        let node = lower.pattern(&param_property(p));
                        let name_node = match lower.facts.node(node) {
                            Node::Default { target, .. } => target,
                            _ => node,
                        };
                        if let Node::Binding(b) = lower.facts.node(name_node) {
                            let binding = lower.facts.binding(b);
                            fields.push((binding.name, binding.span, binding.type_name, name_node));
                        }
                        params.push(node);
                    }
                }
            }
            params.iter().for_each(|&p| lower.bind_param(p));
            let params = lower.list(&params);
            let body = lower.body(&body.stmts, span_of(body));
            (params, body)
        });
        for (name, span, type_name, value) in fields {
            out.push(Member {
                name,
                kind: MemberKind::ParamField,
                is_static: false,
                value: Some(value),
                evaluator: None,
                span,
                type_name,
                decorators: Vec::new(),
            });
        }
        let name = self.intern("constructor");
        out.push(Member {
            name,
            kind: MemberKind::Constructor,
            is_static: false,
            value: Some(node),
            evaluator: None,
            span: Span::new(span.start, span.start + 11),
            type_name: None,
            decorators: Vec::new(),
        });
    }

    #[allow(clippy::too_many_arguments)]
    fn method(
        &mut self,
        name: Name,
        name_span: Span,
        kind: ast::MethodKind,
        is_static: bool,
        function: &ast::Function,
        span: Span,
        out: &mut Vec<Member>,
    ) {
        if function.body.is_none() {
            return;
        }
        let decorators = self.decorators(&function.decorators);
        let text = self.facts.name(name).to_owned();
        let node = self.function_like(Some(&text), function, span, |f| f.is_method = true);
        out.push(Member {
            name,
            kind: match kind {
                ast::MethodKind::Method => MemberKind::Method,
                ast::MethodKind::Getter => MemberKind::Getter,
                ast::MethodKind::Setter => MemberKind::Setter,
            },
            is_static,
            value: Some(node),
            evaluator: None,
            span: name_span,
            type_name: None,
            decorators,
        });
    }

    #[allow(clippy::too_many_arguments)]
    fn field(
        &mut self,
        name: Name,
        span: Span,
        is_static: bool,
        value: Option<&ast::Expr>,
        type_name: Option<Name>,
        decorators: Vec<NodeId>,
        out: &mut Vec<Member>,
    ) {
        let (value, evaluator) = match value {
            Some(e) => {
                let text = self.facts.name(name).to_owned();
                let flags = FunctionFlags {
                    is_method: true,
                    ..FunctionFlags::default()
                };
                let mut initial = None;
                let node = self.function(Some(&text), span_of(e), flags, |lower| {
                    let body = lower.named_expression(e, &text);
                    initial = Some(body);
                    (List::EMPTY, body)
                });
                (initial, Some(node))
            }
            None => (None, None),
        };
        out.push(Member {
            name,
            kind: MemberKind::Field,
            is_static,
            value,
            evaluator,
            span,
            type_name,
            decorators,
        });
    }
}

fn param_property(p: &ast::TsParamProp) -> ast::Pat {
    match &p.param {
        ast::TsParamPropParam::Ident(i) => ast::Pat::Ident(i.clone()),
        ast::TsParamPropParam::Assign(a) => ast::Pat::Assign(a.clone()),
    }
}
