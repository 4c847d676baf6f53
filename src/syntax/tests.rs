use super::*;

fn parsed(name: &str, text: &str) -> Parsed {
    parse(Path::new(name), text)
}

fn accepts(name: &str, text: &str) -> bool {
    let found = parsed(name, text);
    found.scripts.len() == 1 && found.errors.is_empty()
}

#[test]
fn dialects_are_accepted() {
    for (name, text) in [
        ("a.js", ""),
        (
            "a.js",
            "#!/usr/bin/env node\n'use strict'; module.exports = require('a'); return;",
        ),
        (
            "a.js",
            "import a from 'b' with { type: 'json' }; export default <A {...b}>{c}</A>; await d;",
        ),
        (
            "a.js",
            "var a = 010, await = 1; with (a) { delete a } <!-- old\n--> old",
        ),
        (
            "a.js",
            "class A { #b = 1; static { } accessor c; @d() e() { super.x } } using f = g(); export @h class I {}",
        ),
        (
            "a.js",
            "import defer * as a from 'b'; for await (const c of d); e ??= f?.[g]?.(h)",
        ),
        (
            "a.js",
            "let a; let a; break; const b; export { nope }; new.target; a?.b = 1",
        ),
        (
            "a.js",
            "// @flow\ntype A = {| a: ?string |}; import typeof B from 'b'; (x: A);",
        ),
        (
            "a.js",
            "/** @flow strict */ opaque type A: string = string; export type {B} from 'c'; component C(d: E) {}",
        ),
        ("a.js", "const a: number = 1; interface B {} enum C { D }"),
        ("noext", "a = <T,>(b) => c"),
        (
            "a.ts",
            "let a = <T>b; const c = <U>(d: U) => d as const satisfies V; return;",
        ),
        (
            "a.ts",
            "abstract class A<in out T> { declare b: string; constructor(private readonly c?: D) {} private e(): void }",
        ),
        (
            "a.ts",
            "namespace A.B { export const c = 1 } import d = require('e'); export = d; declare module 'f';",
        ),
        (
            "a.cts",
            "export type A<B> = B extends (infer C)[] ? keyof C : `x${string}`; function g(this: H): asserts this is I",
        ),
        (
            "a.d.ts",
            "declare const a: string; export function b(): void; declare global { interface Window { c: 1 } }",
        ),
        (
            "a.tsx",
            "const a = <T,>(b: T) => <C<T> d={b as any}>e</C>; let f!: string;",
        ),
    ] {
        assert!(accepts(name, text), "{name}: {text}\n{:?}", parsed(name, text).errors);
    }
}

#[test]
fn module_or_script_follows_from_the_text() {
    let is_module = |text: &str| matches!(parsed("a.js", text).scripts[0].program, Program::Module(_));
    assert!(is_module("import 'a'") && is_module("await a") && is_module("import.meta"));
    assert!(!is_module("a()") && !is_module("var await") && !is_module("return 1"));
}

#[test]
fn broken_text_gives_one_error_in_the_right_place() {
    for (text, at, word) in [
        ("a b", 2, "Expected"),
        ("import 'a';\nfoo(1;\nbar(2;", 17, "Expected"),
        ("function f() { a(", 17, "too early"),
        ("foo(function () { bar(1\n\n", 23, "too early"),
        ("function f() { if (x) { a()\n", 27, "too early"),
        ("class A { m() {\n", 15, "too early"),
        ("x = 'abc\ny()", 4, "Unterminated string"),
        ("x = `abc", 4, "Unterminated template"),
        ("x = {a: 1}}", 10, "Expression expected"),
        ("<<<<<<< HEAD\na()\n", 0, ""),
        ("{ \"json\": true }", 8, "Expected"),
    ] {
        let found = parsed("a.js", text);
        assert_eq!(found.errors.len(), 1, "{text}: {:?}", found.errors);
        let error = &found.errors[0];
        assert_eq!(error.kind, ErrorKind::Syntax);
        assert!(error.message.contains(word), "{text}: {error:?}");
        let start = error.span.unwrap().start;
        let is_end = text.trim_end().len() == at && start as usize >= at;
        assert!(start as usize == at || is_end, "{text}: {error:?}");
    }
}

#[test]
fn what_is_no_script_yet_is_no_error() {
    let page = |script: &str| {
        parsed("page.html", &format!("<p>x</p><script>{script}</script>"))
            .errors
            .len()
    };
    for script in [
        "var a = {{ user|json }};",
        "{% if x %} a() {% endif %}",
        "var a = <%= user %>;",
        "var a = <?= $user ?>;",
    ] {
        assert_eq!(page(script), 0, "{script}");
    }
    assert_eq!(page("var a = ;"), 1);
    assert_eq!(parsed("a.js", "var a = <%= user %>;").errors.len(), 1);
    for name in ["de.ts", "tiles.tsx"] {
        let found = parsed(
            name,
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<TS version=\"2.1\"></TS>\n",
        );
        assert!(found.errors.is_empty() && found.scripts.is_empty(), "{name}");
    }
    assert_eq!(
        parsed(
            "flow.js",
            "declare export opaque type Id: string;\nimport { type A, typeof B } from 'x';"
        )
        .errors
        .len(),
        0
    );
}

#[test]
fn mended_text_keeps_its_program() {
    let found = parsed("a.js", "function f() { a()");
    assert_eq!((found.scripts.len(), found.errors.len()), (1, 1));
}

#[test]
fn positions_count_from_the_start_of_the_file() {
    let first = |name: &str, text: &str| {
        let found = parsed(name, text);
        let span = match &found.scripts[0].program {
            Program::Module(module) => module.body[0].span(),
            Program::Script(script) => script.body[0].span(),
        };
        let span = file_span(span);
        text[span.start as usize..span.end as usize].to_string()
    };
    assert_eq!(first("a.js", "  é();"), "é();");
    assert_eq!(first("a.js", "\u{feff}abc();"), "abc();");
    assert_eq!(first("a.js", "\u{feff}#!node\nabc();"), "abc();");
    assert_eq!(first("a.vue", "<p>ü</p><script> abc(); </script>"), "abc();");
    assert_eq!(first("a.astro", "\u{feff}---\nabc();\n---\n"), "abc();");
    let found = parsed("a.vue", "<script>ok()</script><script setup>a b</script>");
    assert_eq!(found.errors[0].span.unwrap(), Span::new(37, 38));
    assert_eq!(found.scripts[0].kind, ScriptKind::VueOptions);
    let found = parsed("a.html", "<script>f(</script>");
    assert_eq!(
        found.errors[0].span.unwrap().start,
        10,
        "the end of the script, not of the file"
    );
}

#[test]
fn comments_with_the_marker_are_sorted_and_unique() {
    let text = "// leaklint-a\nf(); /* leaklint-b */ g(/* no */);\n'// leaklint-no'; x = <p>{/* leaklint-c */}</p>\n// leaklint-d";
    let found = parsed("a.js", text).comments;
    let words: Vec<_> = found.iter().map(|comment| comment.text.trim()).collect();
    assert_eq!(words, ["leaklint-a", "leaklint-b", "leaklint-c", "leaklint-d"]);
    assert_eq!(found[0].span, Span::new(0, 13));
    assert_eq!(
        &text[found[1].span.start as usize..found[1].span.end as usize],
        "/* leaklint-b */"
    );
    let found = parsed("a.vue", "<!-- leaklint-a --><script>// leaklint-b\n</script>").comments;
    assert_eq!(
        found.iter().map(|comment| comment.span.start).collect::<Vec<_>>(),
        [0, 27]
    );
    assert_eq!(
        parsed("a.js", "// leaklint-a").comments.len(),
        1,
        "a file of nothing else"
    );
    assert_eq!(
        parsed("a.js", "with (a) { /* leaklint-a */ }").comments.len(),
        1,
        "a script, parsed twice"
    );
    assert_eq!(
        parsed("a.js", "/* leaklint-a */ let b: C = 1").comments.len(),
        1,
        "a second grammar"
    );
}

#[test]
fn too_deep_text_is_an_entry() {
    let text = format!("a();{}", "(".repeat(9_000));
    let found = parsed("a.js", &text);
    assert!(found.scripts.is_empty());
    assert_eq!(found.errors[0].kind, ErrorKind::TooDeep);
    let found = parsed("a.vue", &format!("<script>a()</script><script setup>{text}</script>"));
    assert_eq!((found.scripts.len(), found.errors.len()), (1, 1));
    assert!(found.errors[0].span.unwrap().start > 38);
}
