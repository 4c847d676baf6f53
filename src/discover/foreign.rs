//! Code that a person did not write here: minified and bundled texts, copies of libraries.

use std::path::Path;

use memchr::memmem;

/// Folders for copies of libraries.
const KEEP_COPIES: [&str; 6] = [
    "vendor",
    "vendors",
    "third_party",
    "third-party",
    "thirdparty",
    "bower_components",
];

/// Folders for libraries, which may be the program's own.
const KEEP_LIBRARIES: [&str; 5] = ["lib", "libs", "ext", "external", "externals"];

/// What tells in a comment whose a text is.
const TELL_OWNER: [&str; 7] = [
    "license",
    "licence",
    "copyright",
    "(c)",
    "\u{a9}",
    "http://",
    "https://",
];

/// Whether a text is minified, whatever its name says: nobody reads lines of that length. The measure is that of
/// GitHub's linguist, with room for data in sources: <https://github.com/github-linguist/linguist>, `minified_files?`.
pub fn is_minified(text: &str) -> bool {
    const MIN_BYTES: usize = 4 * 1024;
    const BYTES_PER_LINE: usize = 500;
    let lines = lines(text);
    let is_long = |bytes: usize| bytes >= MIN_BYTES && bytes / lines > BYTES_PER_LINE;
    is_long(text.len()) && is_long(text.lines().map(|line| line.len() - quoted(line)).sum())
}

fn lines(text: &str) -> usize {
    1 + memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

/// Where a word stands in a text.
fn places<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    memmem::find_iter(text.as_bytes(), word)
}

/// The bytes of the first text that a line quotes, if that is most of the line: a picture or a program as data.
fn quoted(line: &str) -> usize {
    let Some(open) = line.find(['\'', '"', '`']) else {
        return 0;
    };
    let (quote, rest) = (line.as_bytes()[open], &line.as_bytes()[open + 1..]);
    let mut escaped = false;
    let close = rest.iter().position(|&byte| {
        let closes = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    close.filter(|bytes| *bytes > line.len() / 2).unwrap_or(0)
}

/// Whether a text is what webpack makes of a program, with all modules in one file: who reads it reads the modules.
pub fn is_bundle(text: &str) -> bool {
    const MARK: &str = "function __webpack_require__(";
    let is_mark = |at: usize| {
        let line = &text[text[..at].rfind('\n').map_or(0, |i| i + 1)..at];
        line.trim_start_matches("/******/").trim().is_empty()
    };
    places(text, MARK).any(is_mark) || runs_renamed_modules(text) || is_packed(text)
}

/// Whether a text is what Browserify makes of a program, or Emscripten of one in another language.
fn is_packed(text: &str) -> bool {
    // `4:[function(require,module,exports){`
    const MODULE: &str = ":[function(require,module,exports){";
    let is_numbered = |at: usize| text[..at].ends_with(|c: char| c.is_ascii_digit());
    let names = |word: &str| places(text, word).next().is_some();
    places(text, MODULE).any(is_numbered)
        || names("ENVIRONMENT_IS_WORKER") && (names("wasmBinary") || names("almost asm") || names("use asm"))
}

/// Whether a text runs modules as webpack does where its names were shortened: `e[r].call(o.exports, o, o.exports, n)`.
/// A formatter may have made lines of it.
fn runs_renamed_modules(text: &str) -> bool {
    const SHORT: usize = 2;
    let is_run = |arguments: &str| {
        let mut parts = arguments.splitn(4, ',').map(str::trim);
        let module = parts.next().and_then(|part| part.strip_suffix(".exports"));
        module.is_some_and(|module| {
            let is_name = (1..=SHORT).contains(&module.len()) && module.bytes().all(|b| b.is_ascii_alphanumeric());
            let is_exports = |part: &str| part.strip_suffix(".exports") == Some(module);
            is_name && parts.next() == Some(module) && parts.next().is_some_and(is_exports)
        })
    };
    const CALL: &str = "].call(";
    places(text, CALL).any(|at| is_run(&text[at + CALL.len()..]))
}

/// Whether a file is a copy of a library's release that somebody put beside the program's own code: it stands in a
/// folder for those, and begins with the banner of a release or as a bundler lets libraries begin, or is written for no
/// reader. TypeScript is nobody's release.
pub fn is_library_copy(path: &Path, text: &str) -> bool {
    const MIN_BYTES: usize = 2 * 1024;
    const BYTES_PER_LINE: usize = 200;
    let is_script = path
        .extension()
        .is_some_and(|e| matches!(e.to_str(), Some("js" | "cjs" | "mjs")));
    if is_script && is_in_release(path) {
        return true;
    }
    let is_for_no_reader = || text.len() >= MIN_BYTES && text.len() / lines(text) > BYTES_PER_LINE;
    if is_script && is_below(path, &KEEP_LIBRARIES) && is_for_no_reader() {
        return true;
    }
    if !is_script || !is_in_folder_of_copies(path) {
        return false;
    }
    is_for_no_reader() || has_release_banner(text) || is_file_of_release(path, text) || begins_as_universal_module(text)
}

/// Whether a text begins, after its comments, with what Rollup puts around the modules of a library for every kind of
/// loader: `(function (global, factory) { typeof exports === 'object' && ...`.
fn begins_as_universal_module(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let comment = match (rest.strip_prefix("/*"), rest.strip_prefix("//")) {
            (Some(comment), _) => comment.split_once("*/"),
            (_, Some(comment)) => comment.split_once('\n'),
            _ => break,
        };
        let Some((_, after)) = comment else { return false };
        rest = after.trim_start();
    }
    let mut words = rest
        .split_whitespace()
        .flat_map(|word| word.split_inclusive(['(', ')', '{', ',']));
    let begins = [
        "(", "function", "(", "global,", "factory)", "{", "typeof", "exports", "===",
    ];
    begins.iter().all(|wanted| words.next() == Some(wanted))
}

/// Whether one of the folders that a file stands in has one of some names.
fn is_below(path: &Path, names: &[&str]) -> bool {
    let mut folders = path.parent().into_iter().flat_map(Path::iter);
    folders.any(|part| part.to_str().is_some_and(|name| names.contains(&name)))
}

/// `vendor/...`, `public/js/lib/...`; a package's own code may stand in its `lib`.
fn is_in_folder_of_copies(path: &Path) -> bool {
    let folders = path.parent().into_iter().flat_map(Path::iter).enumerate();
    folders
        .filter_map(|(i, part)| Some((i, part.to_str()?)))
        .any(|(i, name)| match name {
            _ if KEEP_COPIES.contains(&name) => true,
            _ => i > 0 && KEEP_LIBRARIES.contains(&name),
        })
}

/// `libs/table.js/src/...`, `lib/table-2.4.0/...`: a folder that is named like a whole release, where libraries are kept.
fn is_in_release(path: &Path) -> bool {
    let folders: Vec<&str> = path
        .parent()
        .into_iter()
        .flat_map(Path::iter)
        .filter_map(|f| f.to_str())
        .collect();
    let keeps = |name: &str| KEEP_LIBRARIES.contains(&name) || KEEP_COPIES.contains(&name);
    let is_release = |name: &str| {
        let version = name.rsplit_once('-').map(|(_, version)| version.split('.'));
        let is_number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
        name.ends_with(".js") || version.is_some_and(|mut v| v.clone().count() > 1 && v.all(is_number))
    };
    folders.windows(2).any(|pair| keeps(pair[0]) && is_release(pair[1]))
}

/// Whether a text begins with a comment that names a release and whose it is: `/*! table v2.4.0 | MIT license */`.
fn has_release_banner(text: &str) -> bool {
    const MAX_LINES: usize = 5;
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | ';'));
    let Some((comment, _)) = start.strip_prefix("/*").and_then(|rest| rest.split_once("*/")) else {
        return false;
    };
    let lower = comment.to_lowercase();
    TELL_OWNER.iter().any(|word| lower.contains(word)) && comment.lines().take(MAX_LINES).any(names_release)
}

/// Whether a file is named after a release, `table-2.4.js`, `table-1.5pre.min.js`, and one of the comments that its text
/// begins with says whose it is.
fn is_file_of_release(path: &Path, text: &str) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let stem = stem.strip_suffix(".min").unwrap_or(stem);
    let is_number = |n: Option<&str>| n.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
    let is_release = |(name, version): (&str, &str)| {
        let mut numbers = version.split('.');
        !name.is_empty() && is_number(numbers.next()) && is_number(numbers.next())
    };
    if !stem.rsplit_once('-').is_some_and(is_release) {
        return false;
    }
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | ';'));
        let Some((comment, after)) = rest.strip_prefix("/*").and_then(|rest| rest.split_once("*/")) else {
            return false;
        };
        let lower = comment.to_lowercase();
        if TELL_OWNER.iter().any(|word| lower.contains(word)) {
            return true;
        }
        rest = after;
    }
}

/// `v2.4.0`, `2.4.0-beta`: three numbers.
fn names_release(line: &str) -> bool {
    let mut words = line.split(|c: char| c.is_whitespace() || matches!(c, '|' | ',' | '(' | ')'));
    words.any(|word| {
        let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let mut numbers = word.splitn(3, '.');
        let is_number = |n: Option<&str>| n.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        is_number(numbers.next())
            && is_number(numbers.next())
            && numbers
                .next()
                .is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
    })
}
