//! What is done a second time: a run that finds a cache, and the answer to a keystroke.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use leaklint::reading;
use leaklint::session::{Request, check};
use leaklint::workspace::Workspace;

use super::{median, read, request, timed};

/// How many files are typed in, beside the one that most others import.
const FILES: usize = 40;

/// How many keys are pressed in each.
const KEYS: usize = 12;

/// A first run, a second on the same texts, and one with another text in a single file.
pub(crate) fn runs(folder: &Path, files: &[PathBuf]) {
    let cache = tempfile::tempdir().unwrap();
    let cached = || Request {
        cache: Some(cache.path().to_path_buf()),
        ..request(folder)
    };
    let cold = timed(|| check(&request(folder), &|_, _| {}));
    let warm = timed(|| check(&cached(), &|_, _| {}));
    let middle = &files[files.len() / 2];
    let text: Arc<str> = format!("{}\n", read(middle)).into();
    let edited = timed(|| {
        let stdin = Some((middle.clone(), Arc::clone(&text)));
        check(&Request { stdin, ..cached() }, &|_, _| {})
    });
    let ratio = |time: Duration| cold.as_secs_f64() / time.as_secs_f64();
    println!(
        "without a cache {:.1} ms; nothing changed since the last run {:.1} ms, {:.1} times faster; one file changed {:.1} ms, \
         {:.1} times faster",
        cold.as_secs_f64() * 1e3,
        warm.as_secs_f64() * 1e3,
        ratio(warm),
        edited.as_secs_f64() * 1e3,
        ratio(edited)
    );
}

/// From a key to the findings of the file it was pressed in, the project in memory, against reading that one file.
pub(crate) fn keystrokes(folder: &Path, files: &[PathBuf]) {
    let mut workspace = Workspace::new(request(folder), HashMap::new());
    // The first answers are those of a whole run.
    black_box(workspace.answers(files));
    let step = (files.len() / FILES).max(1);
    let mut times: Vec<Typed> = files
        .iter()
        .step_by(step)
        .map(|file| typed(&mut workspace, file))
        .collect();
    times.sort_by_key(|typed| typed.answer);
    println!("a keystroke, in {} files of {}:", times.len(), files.len());
    times[times.len() / 2].print("  median file");
    times[times.len() - 1].print("  slowest file");
    if let Some(hub) = most_imported(files) {
        typed(&mut workspace, hub).print("  most imported file");
    }
}

/// The medians of one file.
struct Typed {
    answer: Duration,
    reading: Duration,
}

impl Typed {
    fn print(&self, name: &str) {
        println!(
            "{name:22} {:>6.1} ms, {:>6.1} times reading that file",
            self.answer.as_secs_f64() * 1e3,
            self.answer.as_secs_f64() / self.reading.as_secs_f64()
        );
    }
}

fn typed(workspace: &mut Workspace, file: &Path) -> Typed {
    let text = read(file);
    let mut answers = Vec::new();
    let mut readings = Vec::new();
    for key in 0..KEYS {
        let text: Arc<str> = format!("const typed{key} = {key};\n{text}").into();
        let start = Instant::now();
        black_box(reading::read(file, &text));
        readings.push(start.elapsed());
        let start = Instant::now();
        workspace.set_text(file, Some(text));
        black_box(workspace.answers(&[file.to_path_buf()]));
        answers.push(start.elapsed());
    }
    workspace.set_text(file, None);
    black_box(workspace.answers(&[file.to_path_buf()]));
    Typed {
        answer: median(answers),
        reading: median(readings),
    }
}

/// The file whose name ends most quoted paths.
fn most_imported(files: &[PathBuf]) -> Option<&PathBuf> {
    let mut count: HashMap<String, usize> = HashMap::new();
    for file in files {
        for quoted in read(file)
            .split(['\'', '"'])
            .filter(|text| text.starts_with('.') || text.contains('/'))
        {
            if let Some(last) = quoted.rsplit('/').next() {
                *count.entry(last.to_owned()).or_default() += 1;
            }
        }
    }
    let imported = |file: &&PathBuf| {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        stem.and_then(|stem| count.get(&stem).copied()).unwrap_or_default()
    };
    files.iter().max_by_key(imported)
}
