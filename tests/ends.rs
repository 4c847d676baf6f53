//! Ends of what is acquired, in every shape: what has the handle, where the handle or its undo is kept, and how the end
//! goes about it. Of each shape a program is made that ends what it acquires, and is not reported, or one that only seems to,
//! and is.

use std::collections::BTreeSet;
use std::fs;

use leaklint::config::Config;
use leaklint::session::{Request, check};

/// What has the handle: its name, its file, how its code names a field `x`, how it declares it (`I` is the first value), and
/// its text with `DECLARE`, `BEGIN` and `END`.
const OWNERS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "a class",
        "panel.js",
        "this.x",
        "x = I;",
        "export class Panel {\n  DECLARE\n  constructor(node) {\n    this.node = node;\n    BEGIN\n  }\n  \
         destroy() {\n    END\n    this.node.remove();\n  }\n}\n",
    ),
    (
        "a class of connections",
        "server.js",
        "this.#x",
        "#x = I;",
        "import { createServer } from 'node:net';\nclass Session {\n  DECLARE\n  begin() { BEGIN }\n  end() { END }\n}\n\
         createServer((socket) => {\n  const session = new Session();\n  session.begin();\n  \
         socket.on('close', () => session.end());\n}).listen(7000);\n",
    ),
    (
        "a connection",
        "server.js",
        "x",
        "let x = I;",
        "import { createServer } from 'node:net';\ncreateServer((socket) => {\n  DECLARE\n  BEGIN\n  \
         socket.on('close', () => { END });\n}).listen(7000);\n",
    ),
    (
        "a request",
        "server.js",
        "x",
        "let x = I;",
        "import http from 'node:http';\nhttp.createServer((request, response) => {\n  DECLARE\n  BEGIN\n  \
         response.on('close', () => { END });\n}).listen(8080);\n",
    ),
    (
        "an effect",
        "Ticker.jsx",
        "x",
        "let x = I;",
        "import { useEffect } from 'react';\nexport function Ticker({ topic }) {\n  useEffect(() => {\n    DECLARE\n    \
         BEGIN\n    return () => { END };\n  }, [topic]);\n  return <p>{topic}</p>;\n}\n",
    ),
    (
        "a ref",
        "Ticker.jsx",
        "x.current",
        "const x = useRef(I);",
        "import { useEffect, useRef } from 'react';\nexport function Ticker({ topic }) {\n  DECLARE\n  useEffect(() => {\n    \
         BEGIN\n    return () => { END };\n  }, [topic]);\n  return <p>{topic}</p>;\n}\n",
    ),
    (
        "a component of React",
        "Ticker.jsx",
        "this.x",
        "x = I;",
        "import React from 'react';\nexport class Ticker extends React.Component {\n  DECLARE\n  \
         componentDidMount() { BEGIN }\n  componentWillUnmount() { END }\n  render() { return <p />; }\n}\n",
    ),
    (
        "a component of Vue",
        "Ticker.vue",
        "this.x",
        "x: I,",
        "<template><p /></template>\n<script>\nexport default {\n  data() { return { DECLARE }; },\n  \
         mounted() { BEGIN },\n  beforeUnmount() { END },\n};\n</script>\n",
    ),
    (
        "a setup of Vue",
        "Ticker.vue",
        "x",
        "let x = I;",
        "<template><p /></template>\n<script setup>\nimport { onBeforeUnmount, onMounted } from 'vue';\nDECLARE\n\
         onMounted(() => { BEGIN });\nonBeforeUnmount(() => { END });\n</script>\n",
    ),
    (
        "a component of Svelte",
        "Ticker.svelte",
        "x",
        "let x = I;",
        "<script>\n  import { onDestroy, onMount } from 'svelte';\n  DECLARE\n  onMount(() => { BEGIN });\n  \
         onDestroy(() => { END });\n</script>\n<p></p>\n",
    ),
    (
        "a component of Angular",
        "ticker.component.ts",
        "this.x",
        "private x: any = I;",
        "import { Component, OnDestroy, OnInit } from '@angular/core';\n\
         @Component({ selector: 'app-ticker', template: '<p></p>' })\n\
         export class Ticker implements OnInit, OnDestroy {\n  DECLARE\n  ngOnInit() { BEGIN }\n  \
         ngOnDestroy() { END }\n}\n",
    ),
    (
        "an element",
        "ticker.js",
        "this.x",
        "x = I;",
        "class Ticker extends HTMLElement {\n  DECLARE\n  connectedCallback() { BEGIN }\n  \
         disconnectedCallback() { END }\n}\ncustomElements.define('app-ticker', Ticker);\n",
    ),
];

/// What is acquired: how, and what ends the handle `H`.
const ACQUIRED: &[(&str, &str)] = &[
    ("setInterval(() => console.log('tick'), 1000)", "clearInterval(H)"),
    ("new WebSocket('wss://example.com/feed')", "H.close()"),
];

/// Where a handle is kept. `A` acquires one, `X` is where it is kept, and `E(H)` ends the handle `H`.
struct Kept {
    name: &'static str,
    /// What is there first.
    first: &'static str,
    /// Acquires and keeps it.
    begin: &'static str,
    /// Code that ends it.
    right: &'static [&'static str],
    /// Code that only seems to.
    wrong: &'static [&'static str],
}

const KEPT: &[Kept] = &[
    Kept {
        name: "a handle",
        first: "null",
        begin: "X = A;",
        right: &[
            "E(X);",
            "if (X) { E(X); X = null; }",
            "if (X !== null) E(X);",
            "try { console.log('end'); } finally { E(X); }",
        ],
        wrong: &["", "X = null;", "X = null; if (X) E(X);", "if (!X) E(X);"],
    },
    Kept {
        name: "an undo",
        first: "null",
        begin: "const one = A; X = () => E(one);",
        right: &[
            "X();",
            "X?.();",
            "if (X) { X(); X = null; }",
            "const undo = X; X = null; if (undo) undo();",
        ],
        wrong: &["", "X = null;"],
    },
    Kept {
        name: "a list of handles",
        first: "[]",
        begin: "for (const name of ['a', 'b']) { const one = A; X.push(one); }",
        right: &[
            "X.forEach((one) => E(one)); X = [];",
            "for (const one of X) E(one);",
            "while (X.length) E(X.pop());",
        ],
        wrong: &["", "X = [];"],
    },
    Kept {
        name: "a list of undos",
        first: "[]",
        begin: "const one = A; X.push(() => E(one));",
        right: &[
            "X.forEach((undo) => undo());",
            "for (const undo of X) undo();",
            "while (X.length) X.pop()();",
            "X.splice(0).forEach((undo) => undo());",
        ],
        wrong: &["", "X = [];"],
    },
    Kept {
        name: "a map of handles",
        first: "new Map()",
        begin: "for (const name of ['a', 'b']) { const one = A; X.set(name, one); }",
        right: &[
            "X.forEach((one) => E(one)); X.clear();",
            "for (const one of X.values()) E(one);",
            "for (const [name, one] of X) { E(one); X.delete(name); }",
        ],
        wrong: &[""],
    },
];

/// Code with what ends a handle put in for each `E(H)`.
fn with_ends(code: &str, end: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("E(") {
        let handle = &rest[at + 2..];
        let mut depth = 1;
        let close = handle.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        let (handle, after) = handle.split_at(close.expect("a closing parenthesis"));
        out += &rest[..at];
        out += &end.replace('H', handle);
        rest = &after[1..];
    }
    out + rest
}

#[test]
fn ends_of_every_shape_are_known() {
    let folder = tempfile::Builder::new().prefix("leaklint-").tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let mut programs = Vec::new();
    for (owner, file, field, declare, text) in OWNERS {
        for (acquire, end) in ACQUIRED {
            for kept in KEPT {
                let ends = kept
                    .right
                    .iter()
                    .map(|e| (e, true))
                    .chain(kept.wrong.iter().map(|e| (e, false)));
                for (code, is_right) in ends {
                    let put = |code: &str| {
                        let code = with_ends(&code.replace('X', "HELD"), end).replace('A', acquire);
                        code.replace("HELD", &field.replace('x', "held"))
                    };
                    let text = text
                        .replace("DECLARE", &declare.replace('x', "held").replace('I', kept.first))
                        .replace("BEGIN", &put(kept.begin))
                        .replace("END", &put(code));
                    let below = root.join(format!("{:04}", programs.len()));
                    fs::create_dir(&below).unwrap();
                    fs::write(below.join(file), &text).unwrap();
                    programs.push((below, is_right, format!("{owner}, {}, `{code}`", kept.name), text));
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
    assert_eq!(report.files.len(), programs.len());
    let reported: BTreeSet<_> = report
        .findings
        .iter()
        .filter_map(|finding| root.join(&*finding.file).parent().map(ToOwned::to_owned))
        .collect();
    let wrong: Vec<String> = programs
        .iter()
        .filter(|(below, is_right, ..)| reported.contains(below) == *is_right)
        .map(|(_, is_right, name, text)| {
            let what = if *is_right {
                "reported, and ends"
            } else {
                "silent, and leaks"
            };
            format!("{name}: {what}\n{text}")
        })
        .collect();
    println!("{} programs", programs.len());
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}
