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
        let strict = std::mem::replace(&mut self.strict, true);
        let superclass = class.super_class.as_ref().map(|e| self.expression(e));
        let implements = class
            .implements
            .iter()
            .filter_map(|i| self.class_name(&i.expr))
            .collect();
        let mut members = Vec::with_capacity(class.body.len());
        for member in &class.body {
            self.class_member(member, &mut members);
        }
        self.strict = strict;
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

    /// The key of a member that may be computed.
    fn member_key(&mut self, key: &ast::PropName) -> MemberKey {
        let symbol = self.symbol_key(key);
        let text = Self::static_name(key).or(symbol).unwrap_or_default();
        let computed = match key {
            ast::PropName::Computed(c) if !c.expr.is_lit() => Some(self.expression(&c.expr)),
            _ => None,
        };
        MemberKey {
            name: self.intern(&text),
            span: span_of(key),
            computed,
        }
    }

    fn private_key(&mut self, key: &ast::PrivateName) -> MemberKey {
        MemberKey {
            name: self.intern(&format!("#{}", key.name)),
            span: span_of(key),
            computed: None,
        }
    }

    fn class_member(&mut self, member: &ast::ClassMember, out: &mut Vec<Member>) {
        use ast::ClassMember as M;
        match member {
            M::Constructor(c) => self.constructor(c, out),
            M::Method(m) => {
                let key = self.member_key(&m.key);
                self.method(key, m.kind, m.is_static, &m.function, span_of(m), out);
            }
            M::PrivateMethod(m) => {
                let key = self.private_key(&m.key);
                self.method(key, m.kind, m.is_static, &m.function, span_of(m), out);
            }
            M::ClassProp(p) => {
                let key = self.member_key(&p.key);
                let value = p.value.as_deref().filter(|_| !p.declare);
                let decorators: &[_] = if p.declare { &[] } else { &p.decorators };
                let field = (value, p.type_ann.as_deref(), decorators);
                self.field(key, p.is_static, field, out);
            }
            M::PrivateProp(p) => {
                let key = self.private_key(&p.key);
                let field = (p.value.as_deref(), p.type_ann.as_deref(), &p.decorators[..]);
                self.field(key, p.is_static, field, out);
            }
            M::AutoAccessor(p) => {
                let key = match &p.key {
                    ast::Key::Private(k) => self.private_key(k),
                    ast::Key::Public(k) => self.member_key(k),
                };
                let field = (p.value.as_deref(), p.type_ann.as_deref(), &p.decorators[..]);
                self.field(key, p.is_static, field, out);
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
                    key: None,
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
                key: None,
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
            key: None,
            kind: MemberKind::Constructor,
            is_static: false,
            value: Some(node),
            evaluator: None,
            span: Span::new(span.start, span.start + 11),
            type_name: None,
            decorators: Vec::new(),
        });
    }

    fn method(
        &mut self,
        key: MemberKey,
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
        let text = self.facts.name(key.name).to_owned();
        let node = self.function_like(Some(&text), function, span, |f| f.is_method = true);
        let is_getter = kind == ast::MethodKind::Getter;
        let type_name = match self.facts.node(node) {
            Node::Function(f) if is_getter => self.facts.function(f).type_name,
            _ => None,
        };
        out.push(Member {
            name: key.name,
            key: key.computed,
            kind: match kind {
                ast::MethodKind::Method => MemberKind::Method,
                ast::MethodKind::Getter => MemberKind::Getter,
                ast::MethodKind::Setter => MemberKind::Setter,
            },
            is_static,
            value: Some(node),
            evaluator: None,
            span: key.span,
            type_name,
            decorators,
        });
    }

    /// A field: its initial value, type annotation and decorators.
    fn field(
        &mut self,
        key: MemberKey,
        is_static: bool,
        (value, annotation, decorators): (Option<&ast::Expr>, Option<&ast::TsTypeAnn>, &[ast::Decorator]),
        out: &mut Vec<Member>,
    ) {
        let type_name = self.annotation(annotation).or_else(|| self.type_of_value(value?));
        let decorators = self.decorators(decorators);
        let (value, evaluator) = match value {
            Some(e) => {
                let text = self.facts.name(key.name).to_owned();
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
            name: key.name,
            key: key.computed,
            kind: MemberKind::Field,
            is_static,
            value,
            evaluator,
            span: key.span,
            type_name,
            decorators,
        });
    }
}

/// What a member is called.
struct MemberKey {
    /// Empty for what only a run can tell.
    name: Name,
    span: Span,
    computed: Option<NodeId>,
}

fn param_property(p: &ast::TsParamProp) -> ast::Pat {
    match &p.param {
        ast::TsParamPropParam::Ident(i) => ast::Pat::Ident(i.clone()),
        ast::TsParamPropParam::Assign(a) => ast::Pat::Assign(a.clone()),
    }
}
