//! Whatever the text, leaklint answers: no panic, no overflow, no endless loop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use leaklint::finding::ErrorKind;
use leaklint::syntax::{Parsed, WORKER_STACK, parse};

/// Runs on a thread like those that do the work.
fn on_worker<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new()
        .stack_size(WORKER_STACK)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap()
}

/// A small generator of numbers that are the same in every run (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }
}

fn corpus() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| leaklint::syntax::Language::of(path).is_some())
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    assert!(files.len() >= 5);
    files
}

/// What must hold for every text.
fn check(path: &Path, text: &str) -> Parsed {
    let parsed = parse(path, text);
    let is_markup = !matches!(path.extension().unwrap().to_str(), Some("js" | "ts" | "tsx"));
    assert!(
        is_markup || !parsed.scripts.is_empty() || !parsed.errors.is_empty(),
        "neither tree nor error"
    );
    let spans = parsed.scripts.iter().map(|script| script.span);
    let spans = spans.chain(parsed.errors.iter().filter_map(|error| error.span));
    let spans = spans
        .chain(parsed.comments.iter().map(|comment| comment.span))
        .chain(parsed.template);
    for span in spans.chain(parsed.template_identifiers.iter().map(|(_, span)| *span)) {
        assert!(
            span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some(),
            "{span:?}"
        );
    }
    for error in &parsed.errors {
        assert!(!error.message.is_empty() && error.span.is_some());
    }
    assert!(parsed.comments.is_sorted());
    parsed
}

#[test]
fn corpus_parses() {
    on_worker(|| {
        for (path, text) in corpus() {
            let parsed = check(&path, &text);
            assert_eq!(parsed.errors, [], "{}", path.display());
            assert!(!parsed.scripts.is_empty());
        }
    });
}

#[test]
fn truncated_text_is_answered() {
    on_worker(|| {
        for (path, text) in corpus() {
            for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
                check(&path, &text[..end]);
            }
        }
    });
}

#[test]
fn mutated_text_is_answered() {
    const ROUNDS: usize = 600;
    const PIECES: &[&str] = &[
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "</",
        "/>",
        "`",
        "${",
        "'",
        "\"",
        "/",
        "/*",
        "*/",
        "//",
        "<!--",
        "-->",
        "=>",
        "=",
        ";",
        ",",
        ".",
        "?.",
        "...",
        ":",
        "?",
        "!",
        "@",
        "#",
        "\\",
        "\n",
        "\u{2028}",
        "é",
        "😀",
        "\u{feff}",
        "0x",
        "1_",
        "\\u{",
        "await ",
        "async ",
        "yield ",
        "class ",
        "function ",
        "if (",
        "else ",
        "for (",
        "import ",
        "export ",
        "new ",
        "type ",
        "enum ",
        "as ",
        "<script>",
        "</script>",
        "{{",
        "}}",
        "---\n",
        "{#if ",
        "leaklint-",
        "in ",
        "of ",
        "case ",
        "static ",
        "get ",
        "declare ",
        "abstract ",
        "<T,>",
        "import.meta",
        "new.target",
        "super",
        "let ",
        "using ",
    ];
    on_worker(|| {
        let mut numbers = Numbers(0x5EED_1EAF);
        let files = corpus();
        for (path, text) in &files {
            for _ in 0..ROUNDS {
                let mut bytes: Vec<char> = text.chars().collect();
                for _ in 0..=numbers.below(4) {
                    let at = numbers.below(bytes.len());
                    let length = numbers.below(12).min(bytes.len() - at);
                    let piece = PIECES[numbers.below(PIECES.len())].chars();
                    match numbers.below(4) {
                        0 => drop(bytes.drain(at..at + length)),
                        1 => drop(bytes.splice(at..at, piece)),
                        2 => drop(bytes.splice(at..at + length, piece)),
                        _ => {
                            let other: Vec<char> = files[numbers.below(files.len())].1.chars().collect();
                            let from = numbers.below(other.len());
                            let part = other[from..(from + 80).min(other.len())].to_vec();
                            bytes.splice(at..at, part);
                        }
                    }
                }
                check(path, &bytes.into_iter().collect::<String>());
            }
        }
    });
}

/// What parses has to be carried by all that follows.
#[test]
fn mutated_code_is_judged() {
    const ROUNDS: usize = 100;
    leaklint::syntax::silence_parser_panics();
    let mut numbers = Numbers(0x1EAF_5EED);
    let files = code();
    let mut inputs = Vec::new();
    for (number, (path, text)) in files.iter().enumerate() {
        let lines: Vec<&str> = text.lines().collect();
        for round in 0..ROUNDS {
            // Whole lines mostly: what is left of a program is more often a program.
            let mut mutated = lines.clone();
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(mutated.len());
                let other: Vec<&str> = files[numbers.below(files.len())].1.lines().collect();
                match numbers.below(4) {
                    0 if mutated.len() > 1 => drop(mutated.remove(at)),
                    1 => mutated.insert(at, other[numbers.below(other.len())]),
                    2 => mutated[at] = other[numbers.below(other.len())],
                    _ => {
                        let with = numbers.below(mutated.len());
                        mutated.swap(at, with);
                    }
                }
            }
            let extension = path.extension().unwrap().to_string_lossy();
            inputs.push(leaklint::session::Input {
                path: Arc::new(PathBuf::from(format!("{number}-{round}.{extension}"))),
                text: Some(mutated.join("\n").into()),
                report: true,
                explicit: true,
            });
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let options = leaklint::session::Options {
        threads: None,
        max_file_size: 1 << 20,
        large_object_bytes: 1 << 16,
        long_lived_names: Vec::new(),
        teardown_names: Vec::new(),
        extra_tables: None,
        cwd: folder.path().to_path_buf(),
        root: folder.path().to_path_buf(),
        cache: None,
    };
    let count = inputs.len();
    let analysis = leaklint::analysis::analyze(inputs, &options, &|_, _| {});
    assert!(analysis.errors.len() < count, "some of it parses");
    assert!(analysis.errors.iter().all(|error| error.kind == ErrorKind::Syntax));
}

/// The corpus, and the programs of the fixtures of facts, which say more in fewer lines.
fn code() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/facts");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files.extend(corpus());
    files
}

#[test]
fn panics_of_the_parser_are_entries() {
    leaklint::syntax::silence_parser_panics();
    let parsed = on_worker(|| check(Path::new("a.js"), "x = <a:b.c/>"));
    assert_eq!(parsed.errors.len(), 1);
}

#[test]
fn deep_text_is_parsed_or_refused() {
    let nested = |open: &str, middle: &str, close: &str, count: usize| {
        format!("{}{middle}{}", open.repeat(count), close.repeat(count))
    };
    let mut texts = Vec::new();
    for count in [1_000, 2_000, 10_000, 100_000] {
        for (open, middle, close) in [
            ("(", "a", ")"),
            ("[", "", "]"),
            ("f(", "", ")"),
            ("x={a:", "1", "}"),
            ("a=>(", "b", ")"),
            ("`${", "a", "}`"),
            ("function f(){", "", "}"),
            ("(function(){", "", "})()"),
            ("()=>{", "", "}"),
            ("if(a){", "", "}"),
            ("class A{m(){", "", "}}"),
            ("try{", "", "}finally{}"),
            ("<a>", "b", "</a>"),
            ("<a b={", "1", "}/>"),
            ("a?(", "b", "):c"),
            ("async(a,", "b", ")"),
            ("{", "", "}"),
            ("switch(a){case 1:", "", "}"),
        ] {
            texts.push(nested(open, middle, close, count));
        }
    }
    for count in [1_000, 20_000, 200_000] {
        for (start, link, end) in [
            ("x=", "a+", "a"),
            ("x=", "'a'\n+ ", "b"),
            ("a", ".b", ""),
            ("a", ".b()\n", ""),
            ("a", "[0]", ""),
            ("", "a=", "1"),
            ("x=", "a=>", "1"),
            ("x=", "!", "a"),
            ("", "await ", "a"),
            ("x=", "a?b:", "c"),
            ("x=", "a&&", "b"),
            ("if(a)b();", "else if(a)b();", ""),
            ("if(a){b()}", " else if (a) { b() }", ""),
            ("", "if(a)", ";"),
            ("", "for(;;)", ";"),
            ("", "do ", ";"),
            ("x=", "new ", "a"),
            ("x=", "typeof ", "a"),
            ("a", "``", ""),
        ] {
            texts.push(format!("{start}{}{end}", link.repeat(count)));
        }
    }
    on_worker(move || {
        for text in &texts {
            for name in ["a.js", "a.ts", "a.tsx"] {
                let started = Instant::now();
                let parsed = check(Path::new(name), text);
                let shape = &text[..text.len().min(30)];
                assert!(
                    started.elapsed().as_secs() < 20,
                    "{name}: {shape}: {:?}",
                    started.elapsed()
                );
                let refused = parsed.errors.iter().any(|error| error.kind == ErrorKind::TooDeep);
                assert!(refused || text.len() < 1_000_000, "{name}: {shape}");
            }
        }
    });
}

#[test]
fn twenty_thousand_terms_and_a_thousand_functions_parse() {
    on_worker(|| {
        for text in [
            format!("x={}a", "a+".repeat(20_000)),
            format!("{}{}", "function f(){".repeat(1_000), "}".repeat(1_000)),
            format!("x=[{}]", "{a:[1,-2,'b('],c:d=>e.f(g)},".repeat(50_000)),
        ] {
            let parsed = check(Path::new("a.js"), &text);
            assert_eq!(parsed.errors, []);
        }
    });
}

#[test]
fn one_long_line_parses() {
    const MINIFIED: &str = "!function(e,t){if(e)return t.a<0?void 0:e.b&&(t=e.c,!0);for(var n=0;n<e.length;n++)e[n]in t||\
        (t[e[n]]=/[/\"]/.test(n)?1:2);else_(function(){try{e()}catch(r){throw r}});var i=class extends t{m(){}},o=`x${e}`}(a,b);";
    on_worker(|| {
        let text = MINIFIED.repeat(5_000_000 / MINIFIED.len());
        let parsed = check(Path::new("a.js"), &text);
        assert_eq!(parsed.errors, []);
    });
}
