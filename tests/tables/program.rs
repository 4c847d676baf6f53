//! Programs made from the patterns of a row.

use std::fmt::Write as _;

use leaklint::tables::{Base, CallPattern, PairRow, Param, Tables};

/// Where the acquisition stands, and where the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// An effect of a component and its cleanup.
    Effect,
    /// The handler of a request, one after the other.
    Handler,
    /// The same, with a result that has to be awaited.
    AwaitingHandler,
    /// A method of an exported class that runs again and again, and its teardown.
    Class,
    /// A function that arms itself anew, in an effect.
    Chain,
    /// The handler of a request, whose answer takes what is read.
    Piped,
}

impl Shape {
    pub(crate) const ALL: &[Shape] = &[
        Shape::Effect,
        Shape::Handler,
        Shape::AwaitingHandler,
        Shape::Class,
        Shape::Chain,
        Shape::Piped,
    ];
}

/// Stands for the callback in a call that gives it what is acquired.
const CALLBACK: &str = "CALLBACK";

/// What a program needs before its code.
#[derive(Default)]
struct Header {
    imports: Vec<String>,
    constants: Vec<String>,
    /// What stands for the options.
    options: String,
}

/// The program, if the patterns can be written in this shape.
pub(crate) fn program(
    tables: &Tables,
    pair: &PairRow,
    acquire: &str,
    release: Option<&str>,
    shape: Shape,
) -> Option<String> {
    let acquire = CallPattern::parse(acquire).unwrap();
    let release = release.map(|release| CallPattern::parse(release).unwrap());
    let mut header = Header {
        options: options(pair),
        ..Header::default()
    };
    let receiver = match &acquire.base {
        Base::Method(name) => Some(receiver(tables, name, &mut header, 0)?),
        Base::AnyMethod => Some("subject".to_owned()),
        _ => None,
    };
    if let Some(receiver) = &receiver {
        header.constants.push(format!("const receiver = {receiver};"));
    }
    let handle = if shape == Shape::Class { "this.handle" } else { "handle" };
    let handler = if shape == Shape::Class {
        "this.handler"
    } else {
        "handler"
    };
    let taken = call(&acquire, &mut header, handle, handler);
    let ended = match &release {
        Some(release) => format!("{};", release_call(release, &acquire, &mut header, handle, handler)?),
        None => String::new(),
    };
    if acquire.position(&Param::Callback).is_some() {
        let taken = taken.replace(
            CALLBACK,
            &format!("(error, handle) => {{\n    {ended}\n    res.end();\n  }}"),
        );
        let body = format!("createServer((req, res) => {{\n  {taken};\n}}).listen(1);\n");
        return (shape == Shape::Handler).then(|| written(header, &body));
    }
    let begun = begun(pair, handle);
    let is_given = acquire.position(&Param::Handler).is_some();
    let piped = if is_given { "" } else { "handle.pipe(res);" };
    let body = match shape {
        Shape::Effect => format!(
            "export function Owner() {{\n  useEffect(() => {{\n    const handler = () => note();\n    \
             const handle = {taken};{begun}\n    return () => {{ {ended} }};\n  }}, []);\n  return null;\n}}\n"
        ),
        Shape::Handler => format!(
            "createServer((req, res) => {{\n  const handler = () => note();\n  const handle = {taken};{begun}\n  \
             {ended}\n  res.end();\n}}).listen(1);\n"
        ),
        Shape::AwaitingHandler => format!(
            "createServer(async (req, res) => {{\n  const handler = () => note();\n  const handle = await {taken};{begun}\n  \
             {ended}\n  res.end();\n}}).listen(1);\n"
        ),
        Shape::Class => format!(
            "export class Owner {{\n  handler = () => note();\n  start() {{\n    this.handle = {taken};{begun}\n  }}\n  \
             destroy() {{\n    {ended}\n  }}\n}}\n"
        ),
        Shape::Chain => format!(
            "export function Owner() {{\n  useEffect(() => {{\n    let handle;\n    const handler = () => {{\n      note();\n      \
             handle = {taken};\n    }};\n    handle = {taken};\n    return () => {{ {ended} }};\n  }}, []);\n  return null;\n}}\n"
        ),
        Shape::Piped => format!(
            "createServer((req, res) => {{\n  const handler = (given) => given.pipe(res);\n  const handle = {taken};{begun}\n  \
             {piped}\n  res.on('close', () => {{ {ended} }});\n}}).listen(1);\n"
        ),
    };
    Some(written(header, &body))
}

fn written(mut header: Header, body: &str) -> String {
    header.imports.extend([
        "import { createServer } from 'node:http';".to_owned(),
        "import { useEffect } from 'react';".to_owned(),
        "import { note, subject } from './elsewhere';".to_owned(),
    ]);
    header.imports.dedup();
    format!("{}\n{}\n{body}", header.imports.join("\n"), header.constants.join("\n"))
}

/// An expression whose value has a type of the tables: a construction, a value, an annotation, or a part of another.
fn receiver(tables: &Tables, name: &str, header: &mut Header, depth: usize) -> Option<String> {
    let id = tables.type_named(name)?;
    let row = tables.type_row(id);
    if let Some(class) = row.classes.first() {
        let constructor = path(class, header);
        return Some(format!("new {constructor}()"));
    }
    if let Some(value) = tables.values.iter().find(|v| v.type_name.as_deref() == Some(name)) {
        return Some(path(&value.at[0], header));
    }
    if let Some(annotation) = row.annotations.first() {
        header.imports.push("import { obtain } from './elsewhere';".to_owned());
        let known = format!("known{}", header.constants.len());
        header
            .constants
            .push(format!("const {known}: {annotation} = obtain();"));
        return Some(known);
    }
    if depth > 3 {
        return None;
    }
    let given = tables.types.iter().find_map(|t| {
        let part = t.gives.iter().find(|(_, given)| given.as_str() == name)?.0;
        (t.name != name).then_some((t, part))
    });
    if let Some((whole, part)) = given {
        let whole = receiver(tables, &whole.name, header, depth + 1)?;
        header.constants.push(format!("const whole{depth} = {whole};"));
        return Some(format!("whole{depth}.{part}"));
    }
    let below = tables.types.iter().find(|t| t.extends.iter().any(|e| e == name))?;
    receiver(tables, &below.name, header, depth + 1)
}

/// `module:path` as an import and the name it gives; a global as it is.
fn path(text: &str, header: &mut Header) -> String {
    let Some((module, path)) = text.split_once(':') else {
        return text.to_owned();
    };
    let (first, rest) = path.split_at(path.find(['.', '(']).unwrap_or(path.len()));
    // Names of their own: those of globals would hide them.
    let local = format!("{}Import", if first == "default" { "whole" } else { first });
    let import = format!("import {{ {first} as {local} }} from '{module}';");
    if !header.imports.contains(&import) {
        header.imports.push(import);
    }
    format!("{local}{rest}")
}

/// Options that say what the row asks for.
fn options(pair: &PairRow) -> String {
    let wanted = pair.only_with.first().map(|w| w.split_once('=').unwrap_or((w, "{}")));
    match wanted {
        None => "{}".to_owned(),
        Some(("*", _)) => "{ some: subject }".to_owned(),
        Some((name, value)) => format!("{{ {name}: {value} }}"),
    }
}

/// What sets going what is acquired.
fn begun(pair: &PairRow, handle: &str) -> String {
    let set = pair.set_to.first().and_then(|s| s.split_once('='));
    let set = set.map(|(name, value)| format!("\n    {handle}.{name} = {value};"));
    let called = pair
        .begun_by
        .first()
        .map(|method| format!("\n    {handle}.{method}();"));
    format!("{}{}", set.unwrap_or_default(), called.unwrap_or_default())
}

fn arguments(pattern: &CallPattern, header: &Header, handle: &str, handler: &str) -> String {
    let mut out = String::new();
    for (i, param) in pattern.params.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        let argument = match param {
            Param::Key => "'change'".to_owned(),
            Param::Handler | Param::Handlers | Param::Teardown => handler.to_owned(),
            Param::Setup | Param::Maker => format!("() => {handler}"),
            Param::Options => header.options.clone(),
            Param::Delay => "1000".to_owned(),
            Param::Count => "0".to_owned(),
            Param::Handle => handle.to_owned(),
            Param::Literal(text) => format!("'{text}'"),
            Param::Members(names) => format!("{{ {}: {handler} }}", names[0].split('.').next().unwrap_or("handler")),
            Param::Any | Param::Target => "subject".to_owned(),
            Param::Callback => CALLBACK.to_owned(),
        };
        let _ = write!(out, "{comma}{argument}");
    }
    out
}

fn call(pattern: &CallPattern, header: &mut Header, handle: &str, handler: &str) -> String {
    let callee = match &pattern.base {
        Base::Method(_) | Base::AnyMethod => format!("receiver.{}", pattern.path),
        Base::Module(module) => path(&format!("{module}:{}", pattern.path), header),
        Base::Global => pattern.path.clone(),
        Base::Handle => handle.to_owned(),
    };
    let new = if pattern.is_new { "new " } else { "" };
    format!("{new}{callee}({})", arguments(pattern, header, handle, handler))
}

/// A release: of the handle, or of the receiver of the acquisition.
fn release_call(
    release: &CallPattern,
    acquire: &CallPattern,
    header: &mut Header,
    handle: &str,
    handler: &str,
) -> Option<String> {
    let arguments = arguments(release, header, handle, handler);
    match &release.base {
        Base::AnyMethod => Some(format!("{handle}.{}({arguments})", release.path)),
        // `Type#stop()` of the object that gave the handle.
        Base::Method(_) => {
            matches!(acquire.base, Base::Method(_)).then(|| format!("receiver.{}({arguments})", release.path))
        }
        _ => Some(call(release, header, handle, handler)),
    }
}
