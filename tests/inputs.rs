//! Odd inputs as whole runs: one of them never hides findings in the others, and each has a clear entry.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use leaklint::finding::ErrorKind;
use leaklint::report::Report;
use leaklint::session::{Request, check};

const LEAK: &str = "import { createServer } from 'http';\nconst log = [];\n\
    createServer((req, res) => {\n  log.push(req.url);\n  res.end();\n}).listen(1);\n";

/// A folder with one leak in `good.js`.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let kept = tempfile::Builder::new().prefix("leaklint-").tempdir().unwrap();
    let folder = kept.path().canonicalize().unwrap();
    fs::write(folder.join("good.js"), LEAK).unwrap();
    (kept, folder)
}

fn request(folder: &Path) -> Request {
    Request {
        cwd: folder.to_path_buf(),
        paths: vec![folder.to_path_buf()],
        root: folder.to_path_buf(),
        no_ignore: true,
        max_file_size: 8 << 20,
        ..Request::default()
    }
}

fn run(folder: &Path) -> Report {
    check(&request(folder), &|_, _| {})
}

/// The files with findings, sorted.
fn found(report: &Report) -> Vec<&str> {
    report
        .findings
        .iter()
        .map(|finding| finding.file.to_str().unwrap())
        .collect()
}

fn errors(report: &Report) -> Vec<(&str, ErrorKind)> {
    let errors = report.errors.iter();
    errors.map(|error| (error.file.to_str().unwrap(), error.kind)).collect()
}

fn utf16(text: &str, unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    let marked = std::iter::once(0xfeff).chain(text.encode_utf16());
    marked.flat_map(unit).collect()
}

#[test]
fn encodings_are_read_or_refused() {
    let (_kept, folder) = folder();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes).unwrap();
    write("bom.js", format!("\u{feff}{LEAK}").into_bytes());
    write("crlf.js", LEAK.replace('\n', "\r\n").into_bytes());
    write("empty.js", Vec::new());
    write("invalid.js", [LEAK.as_bytes(), &[0xff, 0xc0, 0x80]].concat());
    write("little.js", utf16(LEAK, u16::to_le_bytes));
    write("big.js", utf16(LEAK, u16::to_be_bytes));
    write("nul.js", LEAK.replace("'http'", "'ht\0\0\0\0\0tp'").into_bytes());
    write(
        "separated.js",
        format!("const key = (a, b) => `${{a}}\0${{b}}`;\n{LEAK}").into_bytes(),
    );
    write("nuls.js", vec![0; 4096]);
    let report = run(&folder);
    assert_eq!(found(&report), ["bom.js", "crlf.js", "good.js", "separated.js"]);
    let refused = ["big.js", "invalid.js", "little.js", "nul.js", "nuls.js"];
    assert_eq!(errors(&report), refused.map(|file| (file, ErrorKind::Encoding)));
    let at = |file: &str| {
        let finding = report.findings.iter().find(|f| f.file.to_str() == Some(file)).unwrap();
        let text = &report.sources[&finding.file];
        leaklint::syntax::lines::LineIndex::new(text)
            .range(finding.span, text)
            .start
    };
    for file in ["bom.js", "crlf.js"] {
        assert_eq!(
            (at(file).line, at(file).column),
            (at("good.js").line, at("good.js").column),
            "{file}"
        );
    }
}

#[test]
fn imports_may_go_in_circles() {
    let (_kept, folder) = folder();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write(
        "a.js",
        "export * from './b.js';\nimport { B } from './b.js';\nexport class A extends B {}\nexport const f = () => g();\nimport { g } from './b.js';\n",
    );
    write(
        "b.js",
        "export * from './a.js';\nimport { A } from './a.js';\nexport class B extends A {}\nexport const g = () => f();\nimport { f } from './a.js';\n",
    );
    write(
        "self.js",
        "export * from './self.js';\nimport * as me from './self.js';\nexport const x = me.x;\nclass C extends C {}\n",
    );
    write("c.cjs", "module.exports = require('./d.cjs');\n");
    write(
        "d.cjs",
        "module.exports = require('./c.cjs');\nmodule.exports.x.on('a', () => module.exports.y);\n",
    );
    write(
        "e.js",
        "import { g, missing } from './a.js';\nimport { createServer } from 'http';\ncreateServer(() => { g(); missing.on('x', g); setInterval(g, 1); });\n",
    );
    let report = run(&folder);
    assert!(found(&report).contains(&"good.js"));
    assert_eq!(errors(&report), []);
}

#[cfg(unix)]
#[test]
fn links_and_locked_files() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (_kept, folder) = folder();
    symlink(&folder, folder.join("loop")).unwrap();
    symlink(folder.join("nowhere.js"), folder.join("dangling.js")).unwrap();
    symlink(folder.join("itself.js"), folder.join("itself.js")).unwrap();
    fs::create_dir(folder.join("folder.js")).unwrap();
    let locked = folder.join("locked.js");
    fs::write(&locked, LEAK).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let report = run(&folder);
    // The superuser may read everything.
    if fs::read(&locked).is_ok() {
        assert_eq!(found(&report), ["good.js", "locked.js"]);
    } else {
        assert_eq!(found(&report), ["good.js"]);
        assert_eq!(errors(&report), [("locked.js", ErrorKind::Unreadable)]);
    }
    // This one nobody may read, the superuser neither.
    #[cfg(target_os = "linux")]
    {
        let memory = folder.join("memory.js");
        symlink("/proc/self/mem", &memory).unwrap();
        let mut named = request(&folder);
        named.paths = vec![memory.clone(), folder.join("good.js")];
        let report = check(&named, &|_, _| {});
        assert_eq!(errors(&report), [("memory.js", ErrorKind::Unreadable)]);
        assert_eq!(found(&report), ["good.js"], "and the others are checked");
        fs::remove_file(memory).unwrap();
    }
    let mut named = request(&folder);
    named.paths = ["good.js", "dangling.js", "itself.js", "loop/good.js"]
        .map(|name| folder.join(name))
        .to_vec();
    let report = check(&named, &|_, _| {});
    assert_eq!(found(&report), ["good.js"], "one file by two ways is one file");
    let mut broken = errors(&report);
    broken.sort();
    assert_eq!(
        broken,
        [
            ("dangling.js", ErrorKind::Unreadable),
            ("itself.js", ErrorKind::Unreadable)
        ]
    );
}

#[test]
fn folders_may_vanish_during_a_run() {
    let (_kept, folder) = folder();
    let vanishing = folder.join("z");
    fs::create_dir(&vanishing).unwrap();
    for i in 0..20 {
        fs::write(vanishing.join(format!("{i:02}.js")), LEAK).unwrap();
    }
    let mut request = request(&folder);
    request.threads = Some(1);
    let report = check(&request, &|_, _| {
        // Gone from the second file on.
        let _ = fs::remove_dir_all(&vanishing);
    });
    assert!(found(&report).contains(&"good.js") || !vanishing.exists());
    assert!(
        report.errors.iter().all(|error| error.kind == ErrorKind::Unreadable),
        "{:?}",
        report.errors
    );
    assert!(
        report.errors.len() + report.findings.len() == 21,
        "every file is told of"
    );
}

/// The texts that [`leaklint::syntax`] carries have to be carried by all that follows.
#[test]
fn long_and_deep_code_is_judged() {
    const MINIFIED: &str =
        "!function(e,t){var n=[];e.on('x',function(r){n.push(r)});t.a=function(){setInterval(e,5)}}(a,b);";
    let (_kept, folder) = folder();
    let texts = [
        ("sum.js", format!("x={}a", "a+".repeat(20_000))),
        ("text.js", format!("x={}b", "'a'\n+ ".repeat(20_000))),
        ("calls.js", format!("a{}", ".b()\n".repeat(3_000))),
        ("brackets.js", format!("x={}{}", "[".repeat(10_000), "]".repeat(10_000))),
        ("braces.js", format!("{}{}", "{".repeat(10_000), "}".repeat(10_000))),
        (
            "functions.js",
            format!("{}setInterval(f){}", "function f(){".repeat(900), "}".repeat(900)),
        ),
        (
            "handlers.js",
            format!("{}{}", "e.on('x',()=>{".repeat(60), "})".repeat(60)),
        ),
        ("else.js", format!("if(a)b();{}", "else if(a)b();".repeat(3_000))),
        ("minified.js", MINIFIED.repeat(100)),
        (
            "cases.js",
            format!("switch(a){{{}}}", "case 1:l.push(a);break;".repeat(5_000)),
        ),
    ];
    for (name, text) in &texts {
        fs::write(folder.join(name), text).unwrap();
    }
    let started = Instant::now();
    let mut request = request(&folder);
    // Named files are checked, however they look.
    request.paths = texts
        .iter()
        .map(|(name, _)| folder.join(name))
        .chain([folder.join("good.js")])
        .collect();
    let report = check(&request, &|_, _| {});
    assert!(found(&report).contains(&"good.js"));
    assert!(
        report.errors.iter().all(|error| error.kind == ErrorKind::TooDeep),
        "{:?}",
        report.errors
    );
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}
