//! Types that the code writes down: names of annotations, and what interfaces, aliases and type literals are made of.

use std::borrow::Cow;

use swc_ecma_ast as ast;

use super::Lower;
use crate::facts::{ELEMENT, KEY, Name, Node, NodeId, OPTION, TYPE_OF, WrittenType};

/// Types of TypeScript and React that say nothing of their own: their first argument is what matters.
const WRAPPERS: [&str; 10] = [
    "Readonly",
    "Partial",
    "Required",
    "NonNullable",
    "Maybe",
    "Nullable",
    "Omit",
    "Pick",
    "Awaited",
    "PropsWithChildren",
];

/// Whether a type has only the values that are written down: a literal, a union of literals, the keys or elements of a
/// value of the code.
fn is_few_literals(ty: &ast::TsType) -> bool {
    use ast::{TsType, TsTypeOperatorOp, TsUnionOrIntersectionType};
    fn is_of_value(ty: &TsType) -> bool {
        match ty {
            TsType::TsParenthesizedType(p) => is_of_value(&p.type_ann),
            other => matches!(other, TsType::TsTypeQuery(_)),
        }
    }
    match ty {
        TsType::TsLitType(l) => matches!(l.lit, ast::TsLit::Str(_) | ast::TsLit::Number(_) | ast::TsLit::Bool(_)),
        TsType::TsParenthesizedType(p) => is_few_literals(&p.type_ann),
        TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(u)) => {
            u.types.iter().all(|t| is_few_literals(t))
        }
        // The keys of a value, and of a type that has a name: they are written down.
        TsType::TsTypeOperator(o) if o.op == TsTypeOperatorOp::KeyOf => match &*o.type_ann {
            TsType::TsTypeRef(r) => r.type_params.is_none(),
            other => is_of_value(other),
        },
        TsType::TsIndexedAccessType(i) => is_of_value(&i.obj_type),
        _ => false,
    }
}

impl Lower {
    /// The name of an annotation's type.
    pub(super) fn annotation(&mut self, annotation: Option<&ast::TsTypeAnn>) -> Option<Name> {
        self.written_type(&annotation?.type_ann)
    }

    /// The name of the type of what a function gives back; of what it promises, if it promises something.
    pub(super) fn returned_type(&mut self, annotation: Option<&ast::TsTypeAnn>) -> Option<Name> {
        let ty = &*annotation?.type_ann;
        let promised = match ty {
            ast::TsType::TsTypeRef(r) if last_name(&r.type_name) == "Promise" => {
                r.type_params.as_ref().and_then(|p| p.params.first())
            }
            _ => None,
        };
        self.written_type(promised.map_or(ty, |t| &**t))
    }

    /// What the function that is being lowered says to give back.
    pub(super) fn returns(&mut self, annotation: Option<&ast::TsTypeAnn>) {
        let function = self.current();
        self.facts.functions[function.0 as usize].type_name = self.returned_type(annotation);
    }

    /// An interface of the code.
    pub(super) fn interface(&mut self, d: &ast::TsInterfaceDecl) {
        let bases = d.extends.iter().filter_map(|e| self.class_name(&e.expr)).collect();
        let parts = self.parts(&d.body.body);
        let name = self.intern(&d.id.sym);
        self.facts.types.push(WrittenType { name, bases, parts });
    }

    /// A name for a type.
    pub(super) fn type_alias(&mut self, d: &ast::TsTypeAliasDecl) {
        let name = self.intern(&d.id.sym);
        if is_few_literals(&d.type_ann) {
            self.facts.literal_types.push(name);
        }
        use ast::TsUnionOrIntersectionType::TsUnionType;
        let (bases, mut parts) = match &*d.type_ann {
            ast::TsType::TsTypeLit(l) => (Vec::new(), self.parts(&l.members)),
            other => (self.written_type(other).into_iter().collect(), Vec::new()),
        };
        if let ast::TsType::TsUnionOrIntersectionType(TsUnionType(u)) = &*d.type_ann {
            let option = self.intern(OPTION);
            parts.extend(u.types.iter().map(|t| (option, self.option(t))));
        }
        self.facts.types.push(WrittenType { name, bases, parts });
    }

    /// One type of a union; all of them count where it is asked how many values there are.
    fn option(&mut self, ty: &ast::TsType) -> Name {
        match self.written_type(ty) {
            Some(name) => name,
            None => self.intern(""),
        }
    }

    /// What the value of a declaration says of its type: `x as T`, `new Map<K, V>()`, `useRef<T>(null)`.
    pub(super) fn type_of_value(&mut self, value: &ast::Expr) -> Option<Name> {
        match value {
            ast::Expr::Paren(p) => self.type_of_value(&p.expr),
            ast::Expr::TsAs(t) => self.written_type(&t.type_ann),
            ast::Expr::New(n) => self.made_with(&n.callee, n.type_args.as_deref(), true),
            ast::Expr::Call(c) => self.made_with(c.callee.as_expr()?, c.type_args.as_deref(), false),
            _ => None,
        }
    }

    /// The type of what a class or function with written type arguments makes; a function is no type itself.
    fn made_with(
        &mut self,
        callee: &ast::Expr,
        arguments: Option<&ast::TsTypeParamInstantiation>,
        is_type: bool,
    ) -> Option<Name> {
        let arguments = arguments?;
        let name = path_of(callee)?;
        self.container(&name, &arguments.params, is_type)
    }

    /// The name of the type that a class or interface extends or implements.
    pub(super) fn class_name(&mut self, of: &ast::Expr) -> Option<Name> {
        Some(self.intern(&path_of(of)?))
    }

    /// Gives a declared name the type that its value says, where it has no annotation.
    pub(super) fn type_by_value(&mut self, target: NodeId, value: &ast::Expr) {
        if let Node::Binding(b) = self.facts.node(target)
            && self.facts.binding(b).type_name.is_none()
        {
            self.facts.bindings[b.0 as usize].type_name = self.type_of_value(value);
        }
    }

    /// The name of a type: `net.Socket` with what it is part of, `import("net").Socket` likewise, `string` for the keyword,
    /// `Map<,Room>` for `Map<string, Room>`, `Array<,Room>` for `Room[]`, `Map` where nothing is known of the content,
    /// `literal` for a few written values, `connect()` for `ReturnType<typeof connect>`. Of a union, the first part that
    /// is neither `null` nor `undefined`.
    fn written_type(&mut self, ty: &ast::TsType) -> Option<Name> {
        use ast::{TsType, TsUnionOrIntersectionType};
        match ty {
            TsType::TsTypeRef(r) => {
                let head = entity_path(&r.type_name);
                let Some(arguments) = &r.type_params else {
                    return Some(self.intern(&head));
                };
                let last = last_name(&r.type_name);
                if let Some(name) = self.type_by_value_of(last, arguments.params.first()?) {
                    return Some(name);
                }
                if WRAPPERS.contains(&last) {
                    return self.written_type(arguments.params.first()?);
                }
                self.container(&head, &arguments.params, true)
            }
            TsType::TsImportType(i) => self.imported_type(i),
            TsType::TsTypeQuery(q) => self.queried_type(q),
            TsType::TsArrayType(a) => self.container("Array", std::slice::from_ref(&a.elem_type), true),
            TsType::TsTupleType(_) => Some(self.intern("Array")),
            TsType::TsFnOrConstructorType(_) => Some(self.intern("Function")),
            TsType::TsParenthesizedType(p) => self.written_type(&p.type_ann),
            TsType::TsOptionalType(o) => self.written_type(&o.type_ann),
            TsType::TsTypeOperator(o) if o.op == ast::TsTypeOperatorOp::KeyOf => {
                is_few_literals(ty).then(|| self.intern("literal"))
            }
            TsType::TsTypeOperator(o) => self.written_type(&o.type_ann),
            TsType::TsTypeLit(l) => {
                let parts = self.parts(&l.members);
                (!parts.is_empty()).then(|| self.unnamed(Vec::new(), parts))
            }
            TsType::TsKeywordType(k) => keyword(k.kind).map(|text| self.intern(text)),
            TsType::TsLitType(l) => literal(&l.lit).map(|text| self.intern(text)),
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(u)) => {
                u.types.iter().find_map(|t| self.written_type(t))
            }
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsIntersectionType(i)) => {
                let bases: Vec<_> = i.types.iter().filter_map(|t| self.written_type(t)).collect();
                match bases[..] {
                    [] | [_] => bases.first().copied(),
                    _ => Some(self.unnamed(bases, Vec::new())),
                }
            }
            _ => None,
        }
    }

    /// `InstanceType<typeof Room>`, `ReturnType<typeof connect>`
    fn type_by_value_of(&mut self, by: &str, of: &ast::TsType) -> Option<Name> {
        let ast::TsType::TsTypeQuery(query) = of else {
            return None;
        };
        let ast::TsTypeQueryExpr::TsEntityName(value) = &query.expr_name else {
            return None;
        };
        let value = entity_path(value);
        match by {
            "InstanceType" => Some(self.intern(&value)),
            "ReturnType" => Some(self.intern(&format!("{value}()"))),
            _ => None,
        }
    }

    /// `typeof net`, `typeof import("net")`: the type of a value.
    fn queried_type(&mut self, query: &ast::TsTypeQuery) -> Option<Name> {
        let text = match &query.expr_name {
            ast::TsTypeQueryExpr::TsEntityName(value) => entity_path(value).into_owned(),
            ast::TsTypeQueryExpr::Import(import) => self.imported_path(import),
        };
        Some(self.intern(&format!("{TYPE_OF}{text}")))
    }

    /// `import("net").Socket`; its specifier is one of the file.
    fn imported_path(&mut self, import: &ast::TsImportType) -> String {
        let specifier = import.arg.value.to_string_lossy();
        let name = self.intern(&specifier);
        if !self.facts.type_imports.contains(&name) {
            self.facts.type_imports.push(name);
        }
        let path = import.qualifier.as_ref().map(|q| entity_path(q)).unwrap_or_default();
        format!("import(\"{specifier}\").{path}")
    }

    fn imported_type(&mut self, import: &ast::TsImportType) -> Option<Name> {
        import.qualifier.as_ref()?;
        let head = self.imported_path(import);
        match &import.type_args {
            Some(arguments) => self.container(&head, &arguments.params, true),
            None => Some(self.intern(&head)),
        }
    }

    /// A type with arguments: the last is what it has inside, the one before it by what that is found.
    fn container(&mut self, head: &str, arguments: &[Box<ast::TsType>], is_type: bool) -> Option<Name> {
        let base = is_type.then(|| self.intern(head));
        let (key, content) = match arguments {
            [key, content] => (self.argument_type(key), self.argument_type(content)),
            [.., content] => (None, self.argument_type(content)),
            [] => (None, None),
        };
        if key.is_none() && content.is_none() {
            return base;
        }
        let text = |name: Option<Name>| name.map_or("", |n| self.facts.name(n));
        let text = format!("{head}<{},{}>", text(key), text(content));
        let known = self.facts.find_name(&text);
        let name = self.intern(&text);
        if known.is_none() {
            let mut parts = Vec::new();
            parts.extend(key.map(|key| (self.intern(KEY), key)));
            parts.extend(content.map(|content| (self.intern(ELEMENT), content)));
            let bases = base.into_iter().collect();
            self.facts.types.push(WrittenType { name, bases, parts });
        }
        Some(name)
    }

    /// What a type argument says: nothing, if it is a plain text or number.
    fn argument_type(&mut self, ty: &ast::TsType) -> Option<Name> {
        match ty {
            ast::TsType::TsKeywordType(_) => None,
            _ => self.written_type(ty),
        }
    }

    /// A type without a name; it gets one that no code can have.
    fn unnamed(&mut self, bases: Vec<Name>, parts: Vec<(Name, Name)>) -> Name {
        let name = self.intern(&format!("{{{}}}", self.facts.types.len()));
        self.facts.types.push(WrittenType { name, bases, parts });
        name
    }

    /// What the members of an interface or type literal are: `name` for a property, `name()` for what a method gives
    /// back, `[]` for an index signature.
    fn parts(&mut self, members: &[ast::TsTypeElement]) -> Vec<(Name, Name)> {
        use ast::TsTypeElement as E;
        let mut parts = Vec::new();
        for member in members {
            match member {
                E::TsPropertySignature(p) => self.property_type(&p.key, p.type_ann.as_deref(), &mut parts),
                E::TsGetterSignature(g) => self.property_type(&g.key, g.type_ann.as_deref(), &mut parts),
                E::TsMethodSignature(m) => {
                    if let Some(text) = key_text(&m.key) {
                        self.result_type(&text, m.type_ann.as_deref(), &mut parts);
                    }
                }
                E::TsIndexSignature(i) => {
                    if let Some(name) = self.annotation(i.type_ann.as_deref()) {
                        parts.push((self.intern(ELEMENT), name));
                    }
                }
                E::TsCallSignatureDecl(_) | E::TsConstructSignatureDecl(_) | E::TsSetterSignature(_) => {}
            }
        }
        parts
    }

    fn property_type(&mut self, key: &ast::Expr, ty: Option<&ast::TsTypeAnn>, parts: &mut Vec<(Name, Name)>) {
        let (Some(text), Some(ty)) = (key_text(key), ty) else {
            return;
        };
        if let ast::TsType::TsFnOrConstructorType(ast::TsFnOrConstructorType::TsFnType(f)) = &*ty.type_ann {
            return self.result_type(&text, Some(&f.type_ann), parts);
        }
        if let Some(name) = self.annotation(Some(ty)) {
            parts.push((self.intern(&text), name));
        }
    }

    fn result_type(&mut self, text: &str, ty: Option<&ast::TsTypeAnn>, parts: &mut Vec<(Name, Name)>) {
        if let Some(ty) = ty.filter(|t| !is_plain(&t.type_ann))
            && let Some(name) = self.returned_type(Some(ty))
        {
            parts.push((self.intern(&format!("{text}()")), name));
        }
    }

    /// Puts the written types in order, those of one name together.
    pub(super) fn order_types(&mut self) {
        let types = &mut self.facts.types;
        types.sort_by_key(|t| t.name);
        types.dedup_by(|later, first| {
            let same = later.name == first.name;
            if same {
                first.bases.append(&mut later.bases);
                first.parts.append(&mut later.parts);
            }
            same
        });
    }
}

/// `net.Socket`
fn entity_path(name: &ast::TsEntityName) -> Cow<'_, str> {
    match name {
        ast::TsEntityName::Ident(i) => Cow::Borrowed(&i.sym),
        ast::TsEntityName::TsQualifiedName(q) => format!("{}.{}", entity_path(&q.left), q.right.sym).into(),
    }
}

/// The same of an expression, where it is made of names only.
fn path_of(of: &ast::Expr) -> Option<Cow<'_, str>> {
    match of {
        ast::Expr::Ident(i) => Some(Cow::Borrowed(&i.sym)),
        ast::Expr::Member(m) => Some(format!("{}.{}", path_of(&m.obj)?, m.prop.as_ident()?.sym).into()),
        _ => None,
    }
}

fn last_name(name: &ast::TsEntityName) -> &str {
    match name {
        ast::TsEntityName::Ident(i) => &i.sym,
        ast::TsEntityName::TsQualifiedName(q) => &q.right.sym,
    }
}

fn key_text(key: &ast::Expr) -> Option<String> {
    match key {
        ast::Expr::Ident(i) => Some(i.sym.to_string()),
        ast::Expr::Lit(ast::Lit::Str(s)) => Some(s.value.to_string_lossy().into_owned()),
        _ => None,
    }
}

fn keyword(kind: ast::TsKeywordTypeKind) -> Option<&'static str> {
    match kind {
        ast::TsKeywordTypeKind::TsStringKeyword => Some("string"),
        ast::TsKeywordTypeKind::TsNumberKeyword => Some("number"),
        ast::TsKeywordTypeKind::TsBooleanKeyword => Some("boolean"),
        _ => None,
    }
}

fn literal(literal: &ast::TsLit) -> Option<&'static str> {
    match literal {
        ast::TsLit::Str(_) => Some("literal"),
        ast::TsLit::Number(_) => Some("number"),
        ast::TsLit::Bool(_) => Some("boolean"),
        _ => None,
    }
}

/// Whether a type is a keyword or a literal: nothing that holds or gives anything.
fn is_plain(ty: &ast::TsType) -> bool {
    matches!(ty, ast::TsType::TsKeywordType(_) | ast::TsType::TsLitType(_))
}
