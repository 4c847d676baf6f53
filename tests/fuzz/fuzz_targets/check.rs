//! One file of any bytes, checked as a whole under every extension: never a panic, and what cannot be read is said.
//!
//! `cargo +nightly fuzz run check fixtures/corpus -- -max_total_time=300`, from the folder above.

#![no_main]

use std::path::PathBuf;
use std::sync::Arc;

use leaklint::analysis::analyze;
use leaklint::session::{DEFAULT_MAX_FILE_SIZE, Input, Options};
use leaklint::syntax::decode;
use libfuzzer_sys::fuzz_target;

const EXTENSIONS: &[&str] = &[
    "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro", "html",
];

// The fuzzer ends at every panic, also at those of the parser, which the program turns into entries.
fuzz_target!(init: leaklint::syntax::silence_parser_panics(), |bytes: &[u8]| {
    let Ok(text) = decode(bytes.to_vec()) else { return };
    let text: Arc<str> = text.into();
    let inputs = EXTENSIONS.iter().map(|extension| Input {
        path: Arc::new(PathBuf::from(format!("file.{extension}"))),
        text: Some(Arc::clone(&text)),
        report: true,
        explicit: true,
    });
    let options = Options {
        threads: Some(1),
        max_file_size: DEFAULT_MAX_FILE_SIZE,
        large_object_bytes: 1 << 16,
        long_lived_names: Vec::new(),
        teardown_names: Vec::new(),
        extra_tables: None,
        cwd: PathBuf::from("/"),
        root: PathBuf::from("/"),
        cache: None,
    };
    let analysis = analyze(inputs.collect(), &options, &|_, _| {});
    for finding in &analysis.findings {
        let span = finding.span;
        assert!(text.get(span.start as usize..span.end as usize).is_some());
        assert!(!finding.message.is_empty());
    }
});
