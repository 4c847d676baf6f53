//! Patterns: declarations and assignments that take values apart. Also the names of type annotations.

use swc_ecma_ast as ast;

use super::{Lower, span_of};
use crate::facts::{Node, NodeId, PropertyKind};
use crate::finding::Span;

/// The last name of a type: `Map` for `Map<K, V>`, `Timeout` for `NodeJS.Timeout`, `Array` for `T[]`, `string` for
/// the keyword. Of a union, the first part that is neither `null` nor `undefined`.
pub(super) fn type_name(ty: &ast::TsType) -> Option<String> {
    use ast::{TsEntityName, TsKeywordTypeKind, TsType, TsUnionOrIntersectionType};
    match ty {
        TsType::TsTypeRef(r) => {
            let name = match &r.type_name {
                TsEntityName::Ident(i) => i.sym.to_string(),
                TsEntityName::TsQualifiedName(q) => q.right.sym.to_string(),
            };
            // Wrappers whose content is what matters.
            match (name.as_str(), &r.type_params) {
                ("Readonly" | "Partial" | "Required" | "NonNullable" | "Maybe" | "Nullable", Some(p)) => {
                    p.params.first().and_then(|t| type_name(t))
                }
                _ => Some(name),
            }
        }
        TsType::TsArrayType(_) | TsType::TsTupleType(_) => Some("Array".into()),
        TsType::TsFnOrConstructorType(_) => Some("Function".into()),
        TsType::TsParenthesizedType(p) => type_name(&p.type_ann),
        TsType::TsOptionalType(o) => type_name(&o.type_ann),
        TsType::TsTypeOperator(o) => type_name(&o.type_ann),
        TsType::TsKeywordType(k) => match k.kind {
            TsKeywordTypeKind::TsStringKeyword => Some("string".into()),
            TsKeywordTypeKind::TsNumberKeyword => Some("number".into()),
            TsKeywordTypeKind::TsBooleanKeyword => Some("boolean".into()),
            _ => None,
        },
        TsType::TsLitType(l) => match l.lit {
            ast::TsLit::Str(_) => Some("literal".into()),
            ast::TsLit::Number(_) => Some("number".into()),
            ast::TsLit::Bool(_) => Some("boolean".into()),
            _ => None,
        },
        TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(u)) => {
            u.types.iter().find_map(|t| type_name(t))
        }
        TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsIntersectionType(u)) => {
            u.types.iter().find_map(|t| type_name(t))
        }
        _ => None,
    }
}

/// Whether a type has only the values that are written down: a literal, a union of literals, the keys or elements of a
/// value of the code.
pub(super) fn is_few_literals(ty: &ast::TsType) -> bool {
    use ast::{TsType, TsTypeOperatorOp, TsUnionOrIntersectionType};
    let is_of_value = |ty: &TsType| match ty {
        TsType::TsParenthesizedType(p) => matches!(&*p.type_ann, TsType::TsTypeQuery(_)),
        other => matches!(other, TsType::TsTypeQuery(_)),
    };
    match ty {
        TsType::TsLitType(l) => matches!(l.lit, ast::TsLit::Str(_) | ast::TsLit::Number(_) | ast::TsLit::Bool(_)),
        TsType::TsParenthesizedType(p) => is_few_literals(&p.type_ann),
        TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(u)) => {
            u.types.iter().all(|t| is_few_literals(t))
        }
        TsType::TsTypeOperator(o) => o.op == TsTypeOperatorOp::KeyOf && is_of_value(&o.type_ann),
        TsType::TsIndexedAccessType(i) => is_of_value(&i.obj_type),
        _ => false,
    }
}

impl Lower {
    /// A pattern whose names are already declared.
    pub(super) fn pattern(&mut self, pattern: &ast::Pat) -> NodeId {
        use ast::Pat;
        let span = span_of(pattern);
        match pattern {
            Pat::Ident(i) => self.identifier(&i.id.sym, span_of(&i.id)),
            Pat::Array(a) => self.array_pattern(&a.elems, span),
            Pat::Object(o) => self.object_pattern(&o.props, span),
            Pat::Rest(r) => {
                let inner = self.pattern(&r.arg);
                self.add(Node::Rest(inner), span)
            }
            Pat::Assign(a) => {
                let target = self.pattern(&a.left);
                let value = self.expression(&a.right);
                self.add(Node::Default { target, value }, span)
            }
            Pat::Expr(e) => self.expression(e),
            Pat::Invalid(_) => self.empty(span),
        }
    }

    pub(super) fn array_pattern(&mut self, elements: &[Option<ast::Pat>], span: Span) -> NodeId {
        let items: Vec<_> = elements
            .iter()
            .map(|e| match e {
                Some(p) => self.pattern(p),
                None => self.empty(span),
            })
            .collect();
        let list = self.list(&items);
        self.add(Node::ArrayPattern(list), span)
    }

    pub(super) fn object_pattern(&mut self, properties: &[ast::ObjectPatProp], span: Span) -> NodeId {
        let mut items = Vec::with_capacity(properties.len());
        for property in properties {
            let here = span_of(property);
            let item = match property {
                ast::ObjectPatProp::KeyValue(p) => {
                    let key = self.property_name(&p.key);
                    let value = self.pattern(&p.value);
                    self.add(
                        Node::Property {
                            key,
                            value,
                            kind: PropertyKind::Value,
                        },
                        here,
                    )
                }
                ast::ObjectPatProp::Assign(p) => {
                    let name = self.intern(&p.key.id.sym);
                    let key = self.add(Node::Str(name), span_of(&p.key.id));
                    let mut value = self.identifier(&p.key.id.sym, span_of(&p.key.id));
                    if let Some(default) = &p.value {
                        let default = self.expression(default);
                        value = self.add(
                            Node::Default {
                                target: value,
                                value: default,
                            },
                            here,
                        );
                    }
                    self.add(
                        Node::Property {
                            key,
                            value,
                            kind: PropertyKind::Value,
                        },
                        here,
                    )
                }
                ast::ObjectPatProp::Rest(r) => {
                    let inner = self.pattern(&r.arg);
                    self.add(Node::Rest(inner), here)
                }
            };
            items.push(item);
        }
        let list = self.list(&items);
        self.add(Node::ObjectPattern(list), span)
    }

    /// Tells the names in a declared pattern where they come from.
    pub(super) fn bind_pattern(&mut self, target: NodeId, value: NodeId, root: NodeId) {
        match self.facts.node(target) {
            Node::Binding(b) => {
                let binding = &mut self.facts.bindings[b.0 as usize];
                if target == root {
                    if binding.init.is_none() && binding.writes == 0 {
                        binding.init = Some(value);
                    } else {
                        binding.writes += 1;
                    }
                } else {
                    binding.pattern = Some(target);
                }
            }
            Node::ObjectPattern(l) | Node::ArrayPattern(l) => {
                let items: Vec<_> = self.facts.list(l).collect();
                items.into_iter().for_each(|i| self.bind_pattern(i, value, root));
            }
            Node::Property { value: inner, .. } => self.bind_pattern(inner, value, root),
            Node::Default { target, .. } | Node::Rest(target) => self.bind_pattern(target, value, root),
            _ => {}
        }
    }
}
