//! JSX.

use swc_ecma_ast as ast;

use super::{Lower, span_of};
use crate::facts::{Node, NodeId, PropertyKind};

impl Lower {
    pub(super) fn jsx_element(&mut self, element: &ast::JSXElement) -> NodeId {
        let span = span_of(element);
        let tag = self.jsx_name(&element.opening.name);
        let mut attributes = Vec::new();
        for attribute in &element.opening.attrs {
            match attribute {
                ast::JSXAttrOrSpread::SpreadElement(s) => {
                    let value = self.expression(&s.expr);
                    attributes.push(self.add(Node::Spread(value), span_of(attribute)));
                }
                ast::JSXAttrOrSpread::JSXAttr(a) => attributes.push(self.jsx_attribute(a)),
            }
        }
        let children = self.jsx_children(&element.children);
        let attributes = self.list(&attributes);
        let children = self.list(&children);
        self.mark_jsx();
        self.add(
            Node::Jsx {
                tag,
                attributes,
                children,
            },
            span,
        )
    }

    pub(super) fn jsx_fragment(&mut self, fragment: &ast::JSXFragment) -> NodeId {
        let span = span_of(fragment);
        let tag = self.empty(span);
        let children = self.jsx_children(&fragment.children);
        let children = self.list(&children);
        self.mark_jsx();
        self.add(
            Node::Jsx {
                tag,
                attributes: crate::facts::List::EMPTY,
                children,
            },
            span,
        )
    }

    fn mark_jsx(&mut self) {
        let current = self.current();
        self.facts.functions[current.0 as usize].flags.has_jsx = true;
    }

    fn jsx_name(&mut self, name: &ast::JSXElementName) -> NodeId {
        let span = span_of(name);
        match name {
            ast::JSXElementName::Ident(i) => {
                if i.sym.starts_with(|c: char| c.is_ascii_lowercase()) {
                    let name = self.intern(&i.sym);
                    self.add(Node::Str(name), span)
                } else {
                    self.identifier(&i.sym, span)
                }
            }
            ast::JSXElementName::JSXMemberExpr(m) => self.jsx_member(m),
            ast::JSXElementName::JSXNamespacedName(n) => {
                let name = self.intern(&format!("{}:{}", n.ns.sym, n.name.sym));
                self.add(Node::Str(name), span)
            }
        }
    }

    fn jsx_member(&mut self, m: &ast::JSXMemberExpr) -> NodeId {
        let object = match &m.obj {
            ast::JSXObject::JSXMemberExpr(inner) => self.jsx_member(inner),
            ast::JSXObject::Ident(i) => self.identifier(&i.sym, span_of(i)),
        };
        let property = self.intern(&m.prop.sym);
        self.add(
            Node::Member {
                object,
                property,
                optional: false,
            },
            span_of(m),
        )
    }

    fn jsx_attribute(&mut self, a: &ast::JSXAttr) -> NodeId {
        let span = span_of(a);
        let text = match &a.name {
            ast::JSXAttrName::Ident(i) => i.sym.to_string(),
            ast::JSXAttrName::JSXNamespacedName(n) => format!("{}:{}", n.ns.sym, n.name.sym),
        };
        let name = self.intern(&text);
        let key = self.add(Node::Str(name), span_of(&a.name));
        let value = match &a.value {
            None => self.add(Node::Bool(true), span),
            Some(ast::JSXAttrValue::Str(s)) => {
                let name = self.intern(&s.value.to_string_lossy());
                self.add(Node::Str(name), span)
            }
            Some(ast::JSXAttrValue::JSXExprContainer(c)) => self.jsx_container(c),
            Some(ast::JSXAttrValue::JSXElement(e)) => self.jsx_element(e),
            Some(ast::JSXAttrValue::JSXFragment(f)) => self.jsx_fragment(f),
        };
        self.add(
            Node::Property {
                key,
                value,
                kind: PropertyKind::Value,
            },
            span,
        )
    }

    fn jsx_container(&mut self, c: &ast::JSXExprContainer) -> NodeId {
        match &c.expr {
            ast::JSXExpr::Expr(e) => self.expression(e),
            ast::JSXExpr::JSXEmptyExpr(_) => self.empty(span_of(c)),
        }
    }

    fn jsx_children(&mut self, children: &[ast::JSXElementChild]) -> Vec<NodeId> {
        let mut out = Vec::new();
        for child in children {
            match child {
                ast::JSXElementChild::JSXText(_) => {}
                ast::JSXElementChild::JSXExprContainer(c) => out.push(self.jsx_container(c)),
                ast::JSXElementChild::JSXSpreadChild(s) => out.push(self.expression(&s.expr)),
                ast::JSXElementChild::JSXElement(e) => out.push(self.jsx_element(e)),
                ast::JSXElementChild::JSXFragment(f) => out.push(self.jsx_fragment(f)),
            }
        }
        out
    }
}
