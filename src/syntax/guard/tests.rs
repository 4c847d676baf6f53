use super::*;

fn deep(text: &str) -> bool {
    too_deep(text, true).is_some()
}

/// The highest cost in a text, without the shortcuts.
fn cost(text: &str) -> u32 {
    let mut scan = Scan::new(text.as_bytes(), true);
    let mut highest = 0;
    while scan.at < scan.bytes.len() {
        let here = scan.at;
        scan.one();
        assert!(scan.at > here, "no progress at {here} of {text:?}");
        highest = highest.max(scan.outer_cost + scan.level.cost());
    }
    highest
}

#[test]
fn everything_that_nests_is_refused_in_time() {
    for shape in [
        "(",
        "[",
        "{",
        "f(",
        "`${",
        "a=>(",
        "()=>{",
        "function f(){",
        "<a>",
        "<a b={",
        "if(a)",
        "if(a){",
        "for(;;)",
        "while(a)",
        "if(a)b();else ",
        "if (a) { b() } else ",
        "if(a)\n",
        "a?(",
        "async(a,",
        "class A{m(){",
        "(a=",
        "new a(",
        "case(",
        "{a:",
    ] {
        assert!(deep(&shape.repeat(10_000)), "{shape}");
    }
    for chain in [
        "a+",
        "a.",
        "a&&",
        "!",
        "- ",
        "a?b:",
        "a=",
        "a=>",
        "await ",
        "typeof\n",
        "a\n+",
        ".b()",
        "[0]",
        "``",
        "a as ",
        "a<",
        "A<b,",
        "?.b",
        ".b\n",
        "do ",
        "x instanceof\n",
        "- /a/ ",
    ] {
        assert!(deep(&format!("x{}", chain.repeat(60_000))), "{chain}");
    }
}

#[test]
fn long_but_flat_text_passes() {
    for flat in [
        "a=b+c;",
        "foo(bar, [1,2], {a: 1});",
        "foo(bar)\n",
        "a = b\n",
        "if(a)b();",
        "if(a){b()}",
        "if(a){b()}else{c()}",
        "function f(){return 1}",
        "x = '((((((';",
        "// ((((( don't\n",
        "/* {{{{{ */",
        "y = /[/(\"]\\/(((/g;",
        "`((({{{`;",
        "a = `x${b}`;",
        "const z = <p>don&apos;t</p>;",
        "const z = <p>don't <br /> (ok)</p>\n",
        "for(;;){}",
        "for(let i=0;i<n;++i)x.y(i);",
        "++a;if(b)c;",
        "x = a < b;",
        "class A { m() { } n() { } }",
        "type A = Map<string, Array<B>>;",
        "import a from 'b'\n",
        "export default { a }\n",
        "@dec() class B {}\n",
        "switch(a){case 1:b();break;default:c()}",
        "do{a()}while(b);",
        "try{a()}catch(e){b()}",
        "x = '\\'(';",
    ] {
        let text = flat.repeat(30_000);
        assert_eq!(too_deep(&text, true).map(|at| &text[at..at + 9]), None, "{flat}");
    }
    let list = format!("x = [{}]", "{a: 'b(', c: [1, 2, -3]},\n".repeat(30_000));
    assert!(!deep(&list));
    let page = format!(
        "x = <ul>{}</ul>",
        "<li a={b} c=\"d\">it's <b>e</b> {f} <br/></li>\n".repeat(30_000)
    );
    assert!(!deep(&page));
    assert!(
        !deep(&format!("x = {}'a'", "'a' + ".repeat(20_000))),
        "20,000 terms parse"
    );
}

#[test]
fn blind_count_stands_behind_the_scan() {
    // A backtick in JSX text hides what follows from the scan.
    let text = format!("x = <p>`</p>;\n{}", "[".repeat(20_000));
    assert!(deep(&text));
    let text = format!("x = <p>`</p>;\n{}; y = <p>`</p>", "[".repeat(20_000));
    assert!(deep(&text));
    let text = format!("if (a) /`/.test(b);\n{}; if (a) /`/.test(b)", "[".repeat(20_000));
    assert!(deep(&text));
}

#[test]
fn cost_follows_the_innermost_point() {
    assert_eq!(cost("a"), 0);
    assert_eq!(cost("(a)"), 1 + NESTING_COST);
    assert_eq!(cost("a.b.c"), 2);
    assert_eq!(cost("a;b;c;d"), 0);
    assert!(cost("if(a)b();else if(c)d();else if(e)f();") >= 3 * NESTING_COST);
    assert!(cost("if(a)b();if(c)d();if(e)f();") < 3 * NESTING_COST);
}

#[test]
fn offset_points_at_the_excess() {
    let text = format!("{};{}", " ".repeat(100_000), "(".repeat(5_000));
    let at = too_deep(&text, false).unwrap();
    assert!(text.as_bytes()[at] == b'(' && at > 100_001 && at < 102_502, "{at}");
}

#[test]
fn hostile_repetition_takes_linear_time() {
    let started = std::time::Instant::now();
    for hostile in [
        "'\\", "\"'", "/", "/*", "<", "<!--", "\\'", "`", "${", "`${", "}", "/[", "a'",
    ] {
        too_deep(&hostile.repeat(1_000_000), true);
    }
    assert!(started.elapsed().as_secs() < 20);
}
