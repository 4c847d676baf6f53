//! Facts as text that people read: every table of a file's facts, with names in place of ids, and lines and columns
//! in place of offsets.

use std::fmt::Write as _;

use leaklint::facts::{
    AssignOp, BinaryOp, BindingId, CallKind, ExportValue, FileFacts, Function, FunctionId, Imported, List, LogicalOp,
    MemberKind, Name, Node, NodeId, PropertyKind, UnaryOp,
};
use leaklint::finding::Span;
use leaklint::syntax::lines::LineIndex;

/// Everything the facts of one file say.
pub(crate) fn dump(facts: &FileFacts, text: &str) -> String {
    let dump = Dump {
        facts,
        text,
        lines: LineIndex::new(text),
    };
    let mut out = format!("{:?}, {}\n", facts.kind, if facts.sloppy { "sloppy" } else { "strict" });
    dump.bindings(&mut out);
    dump.functions(&mut out);
    dump.classes(&mut out);
    dump.types(&mut out);
    dump.modules(&mut out);
    dump.section("calls", facts.calls.iter().map(|&call| dump.placed(call)), &mut out);
    dump.section("writes", facts.writes.iter().map(|&write| dump.placed(write)), &mut out);
    dump.section("members", dump.members(), &mut out);
    let template = facts.template_names.iter().map(|&name| facts.name(name).to_owned());
    dump.section("template names", template, &mut out);
    out.push_str("code\n");
    dump.statement(facts.function(FunctionId::MODULE).body, 1, &mut out);
    out
}

struct Dump<'a> {
    facts: &'a FileFacts,
    text: &'a str,
    lines: LineIndex,
}

impl Dump<'_> {
    fn section(&self, title: &str, lines: impl Iterator<Item = String>, out: &mut String) {
        let lines: Vec<String> = lines.collect();
        if !lines.is_empty() {
            let _ = writeln!(out, "{title}\n  {}", lines.join("\n  "));
        }
    }

    fn at(&self, span: Span) -> String {
        let start = self.lines.range(span, self.text).start;
        format!("{}:{}", start.line, start.column)
    }

    fn name(&self, name: Option<Name>) -> String {
        name.map_or("-".to_owned(), |name| self.facts.name(name).to_owned())
    }

    /// `count#3`: a name and which of its declarations it is.
    fn binding(&self, id: BindingId) -> String {
        format!("{}#{}", self.facts.name(self.facts.binding(id).name), id.0)
    }

    fn function(&self, id: FunctionId) -> String {
        let name = self.name(self.facts.function(id).name);
        if id == FunctionId::MODULE {
            "module".to_owned()
        } else {
            format!("{name}@{}", id.0)
        }
    }

    fn placed(&self, node: NodeId) -> String {
        format!("{} {}", self.at(self.facts.span(node)), self.value(node))
    }

    fn bindings(&self, out: &mut String) {
        let lines = self.facts.bindings.iter().enumerate().map(|(i, b)| {
            let id = BindingId(i as u32);
            let mut line = format!("{} {:?} in {}", self.binding(id), b.kind, self.function(b.function));
            let _ = write!(line, ", declared {}", self.at(b.span));
            if let Some(init) = b.init {
                let _ = write!(line, ", = {}", self.value(init));
            }
            if let Some(pattern) = b.pattern {
                let _ = write!(line, ", from the pattern at {}", self.at(self.facts.span(pattern)));
            }
            if b.type_name.is_some() {
                let _ = write!(line, ", type {}", self.name(b.type_name));
            }
            if b.writes > 0 {
                let _ = write!(line, ", written {}", b.writes);
            }
            if b.in_loop {
                line.push_str(", anew in each iteration");
            }
            let spans = self.facts.references_of(id).map(|node| self.at(self.facts.span(node)));
            let _ = write!(line, "; at {}", spans.collect::<Vec<_>>().join(" "));
            line
        });
        self.section("bindings", lines, out);
    }

    fn functions(&self, out: &mut String) {
        let lines = self.facts.functions.iter().enumerate().map(|(i, f)| {
            let mut line = format!("{}({})", self.function(FunctionId(i as u32)), self.values(f.params));
            let _ = write!(line, " {}", self.at(f.span));
            if let Some(parent) = f.parent {
                let _ = write!(line, " in {}", self.function(parent));
            }
            if let Some(class) = f.class {
                let _ = write!(
                    line,
                    " of class {}",
                    self.name(self.facts.classes[class.0 as usize].name)
                );
            }
            for flag in flags(f) {
                let _ = write!(line, ", {flag}");
            }
            if f.type_name.is_some() {
                let _ = write!(line, ", gives {}", self.name(f.type_name));
            }
            if self.facts.instance == Some(FunctionId(i as u32)) {
                line.push_str(", once for each component");
            }
            if !f.captures.is_empty() {
                let captures: Vec<_> = f.captures.iter().map(|&b| self.binding(b)).collect();
                let _ = write!(line, ", captures {}", captures.join(" "));
            }
            line
        });
        self.section("functions", lines, out);
    }

    fn classes(&self, out: &mut String) {
        for class in &self.facts.classes {
            let _ = write!(
                out,
                "class {} in {}",
                self.name(class.name),
                self.function(class.function)
            );
            if let Some(superclass) = class.superclass {
                let _ = write!(out, ", extends {}", self.value(superclass));
            }
            for &name in &class.implements {
                let _ = write!(out, ", implements {}", self.facts.name(name));
            }
            for &decorator in &class.decorators {
                let _ = write!(out, ", @{}", self.value(decorator));
            }
            out.push('\n');
            for member in &class.members {
                let placement = if member.is_static { "static " } else { "" };
                let _ = write!(out, "  {placement}{} {:?}", self.facts.name(member.name), member.kind);
                let _ = write!(out, " {}", self.at(member.span));
                if member.type_name.is_some() {
                    let _ = write!(out, ", type {}", self.name(member.type_name));
                }
                if let Some(key) = member.key {
                    let _ = write!(out, ", called {}", self.value(key));
                }
                if let Some(value) = member.value {
                    let _ = write!(out, ", = {}", self.value(value));
                }
                if let (Some(evaluator), MemberKind::Field) = (member.evaluator, member.kind) {
                    let _ = write!(out, ", evaluated by {}", self.value(evaluator));
                }
                for &decorator in &member.decorators {
                    let _ = write!(out, ", @{}", self.value(decorator));
                }
                out.push('\n');
            }
        }
    }

    fn types(&self, out: &mut String) {
        let names = |names: &[Name]| names.iter().map(|&n| self.facts.name(n)).collect::<Vec<_>>().join(" ");
        let lines = self.facts.types.iter().map(|t| {
            let mut line = self.facts.name(t.name).to_owned();
            if !t.bases.is_empty() {
                let _ = write!(line, " is {}", names(&t.bases));
            }
            for &(part, name) in &t.parts {
                let _ = write!(line, ", {}: {}", self.facts.name(part), self.facts.name(name));
            }
            line
        });
        self.section("types", lines, out);
        let lines = self.facts.pattern_types.iter();
        let lines = lines.map(|&(node, name)| format!("{}: {}", self.at(self.facts.span(node)), self.facts.name(name)));
        self.section("types of patterns", lines, out);
        let lines = self.facts.literal_types.iter().map(|&n| self.facts.name(n).to_owned());
        self.section("types of a few values", lines, out);
    }

    fn modules(&self, out: &mut String) {
        let facts = self.facts;
        let imports = facts.imports.iter().map(|import| {
            let (local, from) = (self.binding(import.binding), facts.name(import.specifier));
            format!("{local} = {} of {from}", self.imported(&import.imported))
        });
        self.section("imports", imports, out);
        let stars = facts
            .star_exports
            .iter()
            .map(|&from| format!("* of {}", facts.name(from)));
        let exports = facts.exports.iter().map(|export| {
            let value = match &export.value {
                ExportValue::Binding(b) => self.binding(*b),
                ExportValue::Node(node) => self.value(*node),
                ExportValue::From { specifier, imported } => {
                    format!("{} of {}", self.imported(imported), facts.name(*specifier))
                }
            };
            format!("{} = {value}", facts.name(export.name))
        });
        self.section("exports", exports.chain(stars), out);
    }

    fn imported(&self, imported: &Imported) -> String {
        match imported {
            Imported::Default => "default".to_owned(),
            Imported::Namespace => "*".to_owned(),
            Imported::Named(name) => self.facts.name(*name).to_owned(),
        }
    }

    fn members(&self) -> impl Iterator<Item = String> + '_ {
        self.facts.members.iter().map(|&(name, node)| {
            let whole = self.value(node);
            format!("{} {} {whole}", self.facts.name(name), self.at(self.facts.span(node)))
        })
    }

    fn values(&self, list: List) -> String {
        self.facts
            .list(list)
            .map(|node| self.value(node))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// A node on one line; functions and classes by name only.
    fn value(&self, id: NodeId) -> String {
        let facts = self.facts;
        let of = |node: NodeId| self.value(node);
        match facts.node(id) {
            Node::Empty => "-".to_owned(),
            Node::Undefined => "undefined".to_owned(),
            Node::Null => "null".to_owned(),
            Node::Bool(value) => value.to_string(),
            Node::Number(n) => facts.numbers[n as usize].to_string(),
            Node::Str(name) => format!("{:?}", facts.name(name)),
            Node::Template(list) => format!("`{}`", self.values(list)),
            Node::Binding(b) => self.binding(b),
            Node::Global(name) => format!("{}#global", facts.name(name)),
            Node::This => "this".to_owned(),
            Node::Super => "super".to_owned(),
            Node::Meta => "meta".to_owned(),
            Node::Member {
                object,
                property,
                optional,
            } => {
                format!(
                    "{}{}.{}",
                    of(object),
                    if optional { "?" } else { "" },
                    facts.name(property)
                )
            }
            Node::Index { object, key } => format!("{}[{}]", of(object), of(key)),
            Node::Call { callee, args, kind } => {
                let (before, dot) = match kind {
                    CallKind::Call => ("", ""),
                    CallKind::Optional => ("", "?."),
                    CallKind::New => ("new ", ""),
                    CallKind::Tagged => ("tag ", ""),
                    CallKind::Import => ("import ", ""),
                };
                format!("{before}{}{dot}({})", of(callee), self.values(args))
            }
            Node::Function(f) => format!("function {}", self.function(f)),
            Node::Class(c) => format!("class {}", self.name(facts.classes[c.0 as usize].name)),
            Node::Object(list) => format!("{{{}}}", self.values(list)),
            Node::ObjectPattern(list) => format!("pattern {{{}}}", self.values(list)),
            Node::Property { key, value, kind } => {
                let kind = match kind {
                    PropertyKind::Value => "",
                    PropertyKind::Method => "method ",
                    PropertyKind::Getter => "get ",
                    PropertyKind::Setter => "set ",
                };
                format!("{kind}{}: {}", of(key), of(value))
            }
            Node::Array(list) => format!("[{}]", self.values(list)),
            Node::ArrayPattern(list) => format!("pattern [{}]", self.values(list)),
            Node::Elided(count) => format!("({count} more)"),
            Node::Spread(value) | Node::Rest(value) => format!("...{}", of(value)),
            Node::Assign { target, value, op } => format!("{} {} {}", of(target), assign_op(op), of(value)),
            Node::Update { target, increment } => format!("{}{}", of(target), if increment { "++" } else { "--" }),
            Node::Delete(target) => format!("delete {}", of(target)),
            Node::Logical { left, right, op } => format!("({} {} {})", of(left), logical_op(op), of(right)),
            Node::Conditional { test, yes, no } => format!("({} ? {} : {})", of(test), of(yes), of(no)),
            Node::Binary { left, right, op } => format!("({} {} {})", of(left), binary_op(op), of(right)),
            Node::Unary { value, op } => format!("{}{}", unary_op(op), of(value)),
            Node::Sequence(list) => format!("({})", self.values(list)),
            Node::Await(value) => format!("await {}", of(value)),
            Node::Yield(value) => format!("yield {}", of(value)),
            Node::Jsx {
                tag,
                attributes,
                children,
            } => {
                format!(
                    "<{} {{{}}} [{}]>",
                    of(tag),
                    self.values(attributes),
                    self.values(children)
                )
            }
            Node::Default { target, value } => format!("{} = {}", of(target), of(value)),
            // Statements have lines of their own.
            other => format!("{other:?}")
                .split(['(', ' '])
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    fn line(&self, depth: usize, text: &str, out: &mut String) {
        let _ = writeln!(out, "{}{text}", "  ".repeat(depth));
    }

    fn nested(&self, title: &str, list: impl IntoIterator<Item = NodeId>, depth: usize, out: &mut String) {
        self.line(depth, title, out);
        for node in list {
            self.statement(node, depth + 1, out);
        }
    }

    /// A node with what is nested in it, one statement on each line.
    fn statement(&self, id: NodeId, depth: usize, out: &mut String) {
        let facts = self.facts;
        match facts.node(id) {
            Node::Block(list) if facts.parent(id) == id => {
                facts.list(list).for_each(|node| self.statement(node, depth, out));
            }
            Node::Block(list) => self.nested("block", facts.list(list), depth, out),
            Node::Declare { target, value } => {
                self.line(
                    depth,
                    &format!("declare {} = {}", self.value(target), self.value(value)),
                    out,
                );
                self.inner(id, depth, out);
            }
            Node::If { test, yes, no } => {
                self.line(depth, &format!("if {}", self.value(test)), out);
                self.inner(test, depth, out);
                self.statement(yes, depth + 1, out);
                if facts.node(no) != Node::Empty {
                    self.nested("else", [no], depth, out);
                }
            }
            Node::Loop { parts, body, kind } => {
                self.line(depth, &format!("loop {kind:?} ({})", self.values(parts)), out);
                for part in facts.list(parts) {
                    if let Node::Block(_) = facts.node(part) {
                        self.statement(part, depth + 2, out);
                    }
                }
                self.statement(body, depth + 1, out);
            }
            Node::Switch { value, cases } => {
                self.nested(&format!("switch {}", self.value(value)), facts.list(cases), depth, out);
            }
            Node::Case { test, body } => self.nested(&format!("case {}", self.value(test)), [body], depth, out),
            Node::Try {
                block,
                handler,
                finalizer,
            } => {
                self.nested("try", [block], depth, out);
                if facts.node(handler) != Node::Empty {
                    self.statement(handler, depth, out);
                }
                if facts.node(finalizer) != Node::Empty {
                    self.nested("finally", [finalizer], depth, out);
                }
            }
            Node::Catch { param, body } => self.nested(&format!("catch {}", self.value(param)), [body], depth, out),
            Node::Return(value) | Node::Throw(value) => {
                let word = if matches!(facts.node(id), Node::Return(_)) {
                    "return"
                } else {
                    "throw"
                };
                self.line(depth, &format!("{word} {}", self.value(value)), out);
                self.inner(value, depth, out);
            }
            Node::Break => self.line(depth, "break", out),
            Node::Continue => self.line(depth, "continue", out),
            Node::Labeled { label, body } => {
                self.nested(&format!("{}:", facts.name(label)), [body], depth, out);
            }
            Node::Function(_) | Node::Class(_) => self.inner(id, depth - 1, out),
            _ => {
                self.line(depth, &self.value(id), out);
                self.inner(id, depth, out);
            }
        }
    }

    /// The bodies of the functions and classes in an expression, nested below its line.
    fn inner(&self, id: NodeId, depth: usize, out: &mut String) {
        let facts = self.facts;
        match facts.node(id) {
            Node::Function(f) => {
                let function = facts.function(f);
                let title = format!("{}({}):", self.function(f), self.values(function.params));
                self.line(depth + 1, &title, out);
                match facts.node(function.body) {
                    Node::Block(list) => facts.list(list).for_each(|node| self.statement(node, depth + 2, out)),
                    _ => self.statement(function.body, depth + 2, out),
                }
            }
            _ => {
                let mut children = Vec::new();
                facts.children(id, |child| children.push(child));
                children.sort_by_key(|child| facts.span(*child).start);
                children.into_iter().for_each(|child| self.inner(child, depth, out));
            }
        }
    }
}

fn flags(f: &Function) -> Vec<&'static str> {
    let flags = f.flags;
    [
        (flags.is_async, "async"),
        (flags.is_generator, "generator"),
        (flags.is_arrow, "arrow"),
        (flags.is_method, "method"),
        (flags.uses_this, "uses this"),
        (flags.has_eval, "evaluates text"),
        (flags.has_jsx, "makes elements"),
    ]
    .into_iter()
    .filter_map(|(set, word)| set.then_some(word))
    .collect()
}

fn assign_op(op: AssignOp) -> &'static str {
    match op {
        AssignOp::Set => "=",
        AssignOp::Add => "+=",
        AssignOp::Or => "||=",
        AssignOp::And => "&&=",
        AssignOp::Nullish => "??=",
        AssignOp::Other => "(op)=",
    }
}

fn logical_op(op: LogicalOp) -> &'static str {
    match op {
        LogicalOp::And => "&&",
        LogicalOp::Or => "||",
        LogicalOp::Nullish => "??",
    }
}

fn binary_op(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Pow => "**",
        BinaryOp::Shl => "<<",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::In => "in",
        BinaryOp::InstanceOf => "instanceof",
        BinaryOp::Other => "(op)",
    }
}

fn unary_op(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Not => "!",
        UnaryOp::Minus => "-",
        UnaryOp::Plus => "+",
        UnaryOp::Void => "void ",
        UnaryOp::TypeOf => "typeof ",
        UnaryOp::BitNot => "~",
    }
}
