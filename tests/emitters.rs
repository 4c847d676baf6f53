//! Emitters that people write themselves, in every shape: how they keep functions, what they are (a class, an object, what a
//! factory gives, a module), how a function is taken out again, and through what it is put in. Of each shape two programs
//! are made: one that adds a function for each request and leaves it there, which is reported, and one that takes it out
//! when the answer is over, which is not.

use std::collections::BTreeSet;
use std::fs;

use leaklint::config::Config;
use leaklint::session::{Request, check};

/// How functions are kept: the empty list, and code that adds `F` for the event `E` to `S`, takes it out, and calls all.
const STORES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "lists in an object",
        "{}",
        "(S[E] || (S[E] = [])).push(F);",
        "const list = S[E]; const i = list ? list.indexOf(F) : -1; if (i >= 0) list.splice(i, 1);",
        "(S[E] || []).forEach((one) => one(A));",
    ),
    (
        "lists in an object, filtered",
        "{}",
        "if (!S[E]) { S[E] = []; } S[E].push(F);",
        "if (!S[E]) return; S[E] = S[E].filter((one) => one !== F);",
        "const list = S[E]; if (list) { for (const one of list) one(A); }",
    ),
    (
        "lists in a map",
        "new Map()",
        "if (!S.has(E)) S.set(E, []); S.get(E).push(F);",
        "const list = S.get(E); if (!list) return; list.splice(list.indexOf(F), 1);",
        "const list = S.get(E); if (list) list.forEach((one) => one(A));",
    ),
    (
        "lists in a map, put back",
        "new Map()",
        "const list = S.get(E) || []; list.push(F); S.set(E, list);",
        "const list = S.get(E) || []; S.set(E, list.filter((one) => one !== F));",
        "for (const one of S.get(E) || []) one(A);",
    ),
    (
        "sets in a map",
        "new Map()",
        "let set = S.get(E); if (!set) { set = new Set(); S.set(E, set); } set.add(F);",
        "const set = S.get(E); if (set) set.delete(F);",
        "const set = S.get(E); if (set) for (const one of set) one(A);",
    ),
    (
        "sets in an object",
        "{}",
        "(S[E] ??= new Set()).add(F);",
        "S[E]?.delete(F);",
        "S[E]?.forEach((one) => one(A));",
    ),
    (
        "a list",
        "[]",
        "S.push(F);",
        "const i = S.indexOf(F); if (i !== -1) S.splice(i, 1);",
        "S.forEach((one) => one(A));",
    ),
    (
        "a list, copied",
        "[]",
        "S = [...S, F];",
        "S = S.filter((one) => one !== F);",
        "S.forEach((one) => one(A));",
    ),
    (
        "a list, put together",
        "[]",
        "S = S.concat(F);",
        "S = S.filter((one) => one !== F);",
        "for (const one of S) { one(A); }",
    ),
    (
        "a set",
        "new Set()",
        "S.add(F);",
        "S.delete(F);",
        "S.forEach((one) => one(A));",
    ),
    (
        "a list of entries",
        "[]",
        "S.push({ event: E, handler: F });",
        "S = S.filter((one) => !(one.event === E && one.handler === F));",
        "S.filter((one) => one.event === E).forEach((one) => one.handler(A));",
    ),
    (
        "lists of entries",
        "{}",
        "let list = S[E]; if (!list) { list = []; S[E] = list; } list.push({ run: F, on: null });",
        "const list = S[E]; if (list) { const i = list.findIndex((one) => one.run === F); if (i >= 0) list.splice(i, 1); }",
        "const list = S[E]; if (list) for (const one of list.slice()) one.run.call(one.on, A);",
    ),
];

/// What an emitter is.
#[derive(Clone, Copy, Debug)]
enum Form {
    Class,
    Private,
    Prototype,
    Literal,
    Factory,
    Module,
}

/// How a function is taken out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Undo {
    /// By another function.
    Off,
    /// By what adding gives back.
    Call,
    /// By a method of what adding gives back.
    Method,
    /// Not at all.
    Never,
}

/// Through what a function is added.
#[derive(Clone, Copy, Debug)]
enum Way {
    Directly,
    /// A function around it.
    Around,
    /// A function that is given the emitter.
    Given,
}

/// The emitter, as the file `bus.js`.
fn emitter(store: usize, form: Form, undo: Undo) -> String {
    let (_, empty, add, remove, fire) = STORES[store];
    let place = match form {
        Form::Class | Form::Prototype | Form::Literal => "this.kept",
        Form::Private => "this.#kept",
        Form::Factory | Form::Module => "kept",
    };
    let code = |text: &str| {
        let word = |c: char, with: &str, text: String| {
            let mut out = String::new();
            let chars: Vec<char> = text.chars().collect();
            for (i, &at) in chars.iter().enumerate() {
                let is_part = |j: Option<usize>| j.and_then(|j| chars.get(j)).is_some_and(|n| n.is_alphanumeric());
                let is_alone = !is_part(i.checked_sub(1)) && !is_part(Some(i + 1));
                match at == c && is_alone {
                    true => out.push_str(with),
                    false => out.push(at),
                }
            }
            out
        };
        let text = word('S', place, text.to_owned());
        let text = word('E', "event", text);
        word('A', "value", word('F', "handler", text))
    };
    let undone = code(remove);
    let gives = match undo {
        Undo::Call => format!(" return () => {{ {undone} }};"),
        Undo::Method => format!(" return {{ remove: () => {{ {undone} }} }};"),
        Undo::Off | Undo::Never => String::new(),
    };
    let mut methods = vec![
        ("on(event, handler)", format!("{}{gives}", code(add))),
        ("emit(event, value)", code(fire)),
    ];
    if undo == Undo::Off {
        methods.push(("off(event, handler)", undone));
    }
    let all = |begin: &str, end: &str| -> String {
        let method = |(head, body): &(&str, String)| format!("{begin}{head} {{ {body} }}{end}\n");
        methods.iter().map(method).collect()
    };
    let made = "export const bus = ";
    match form {
        Form::Class => format!(
            "class Bus {{ constructor() {{ this.kept = {empty}; }}\n{}}}\n{made}new Bus();\n",
            all("", "")
        ),
        Form::Private => format!("class Bus {{ #kept = {empty};\n{}}}\n{made}new Bus();\n", all("", "")),
        Form::Literal => format!("{made}{{ kept: {empty},\n{}}};\n", all("", ",")),
        Form::Factory => format!(
            "function makeBus() {{ let kept = {empty}; return {{\n{}}}; }}\n{made}makeBus();\n",
            all("", ",")
        ),
        Form::Module => format!("let kept = {empty};\n{}", all("export function ", "")),
        Form::Prototype => {
            let method = |(head, body): &(&str, String)| {
                let (name, params) = head.split_once('(').unwrap();
                format!("Bus.prototype.{name} = function ({params} {{ {body} }};\n")
            };
            let methods: String = methods.iter().map(method).collect();
            format!("function Bus() {{ this.kept = {empty}; }}\n{methods}{made}new Bus();\n")
        }
    }
}

/// The program that uses it, as the file `main.js`.
fn user(form: Form, undo: Undo, way: Way, ends: bool) -> String {
    let import = match form {
        Form::Module => "* as bus",
        _ => "{ bus }",
    };
    let (helper, add) = match way {
        Way::Directly => ("", "bus.on('news', say)"),
        Way::Around => (
            "function hear(event, run) { return bus.on(event, run); }",
            "hear('news', say)",
        ),
        Way::Given => (
            "function follow(source, run) { return source.on('news', run); }",
            "follow(bus, say)",
        ),
    };
    let end = match undo {
        _ if !ends => "",
        Undo::Off => "bus.off('news', say);",
        Undo::Call => "undo();",
        Undo::Method => "undo.remove();",
        Undo::Never => unreachable!(),
    };
    format!(
        "import http from 'node:http';\nimport {import} from './bus.js';\n{helper}\n\
         http.createServer((request, response) => {{\n  const say = (text) => response.write(text);\n  \
         const undo = {add};\n  response.on('close', () => {{ {end} }});\n}}).listen(8080);\n"
    )
}

#[test]
fn emitters_of_every_shape_are_known() {
    let forms = [
        Form::Class,
        Form::Private,
        Form::Prototype,
        Form::Literal,
        Form::Factory,
        Form::Module,
    ];
    let undos = [Undo::Off, Undo::Call, Undo::Method, Undo::Never];
    let ways = [Way::Directly, Way::Around, Way::Given];
    let folder = tempfile::Builder::new().prefix("leaklint-").tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let mut programs = Vec::new();
    for (store, (name, ..)) in STORES.iter().enumerate() {
        for form in forms {
            for undo in undos {
                for way in ways {
                    for ends in [false, true] {
                        if ends && undo == Undo::Never {
                            continue;
                        }
                        let below = root.join(format!("{:04}", programs.len()));
                        fs::create_dir(&below).unwrap();
                        fs::write(below.join("bus.js"), emitter(store, form, undo)).unwrap();
                        fs::write(below.join("main.js"), user(form, undo, way, ends)).unwrap();
                        programs.push((below, ends, format!("{name}, {form:?}, {undo:?}, {way:?}")));
                    }
                }
            }
        }
    }
    fs::write(root.join("package.json"), "{\"type\": \"module\"}").unwrap();
    let request = Request {
        cwd: root.clone(),
        paths: vec![root.clone()],
        root: root.clone(),
        config: Config::default(),
        no_ignore: true,
        max_file_size: 1 << 20,
        ..Request::default()
    };
    let report = check(&request, &|_, _| {});
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    assert_eq!(report.files.len(), 2 * programs.len());
    let reported: BTreeSet<_> = report
        .findings
        .iter()
        .filter_map(|finding| root.join(&*finding.file).parent().map(ToOwned::to_owned))
        .collect();
    let wrong: Vec<String> = programs
        .iter()
        .filter(|(below, ends, _)| reported.contains(below) == *ends)
        .map(|(below, ends, name)| {
            let what = if *ends {
                "reported, and ends"
            } else {
                "silent, and leaks"
            };
            let text = |file| fs::read_to_string(below.join(file)).unwrap();
            format!("{name}: {what}\n{}{}", text("bus.js"), text("main.js"))
        })
        .collect();
    println!("{} programs", programs.len());
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}
