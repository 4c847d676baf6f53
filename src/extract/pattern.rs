//! Patterns: declarations and assignments that take values apart.

use swc_ecma_ast as ast;

use super::{Lower, span_of};
use crate::facts::{Node, NodeId, PropertyKind};
use crate::finding::Span;

impl Lower {
    /// A pattern whose names are already declared.
    pub(super) fn pattern(&mut self, pattern: &ast::Pat) -> NodeId {
        use ast::Pat;
        let span = span_of(pattern);
        match pattern {
            Pat::Ident(i) => self.identifier(&i.id.sym, span_of(&i.id)),
            Pat::Array(a) => self.array_pattern(&a.elems, span),
            Pat::Object(o) => {
                let node = self.object_pattern(&o.props, span);
                if let Some(name) = self.annotation(o.type_ann.as_deref()) {
                    self.facts.pattern_types.push((node, name));
                }
                node
            }
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
                    // What is written in its own value, or in a function above, is no less its first value.
                    if binding.init.is_none() {
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
