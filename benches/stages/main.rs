//! Where the time goes: each stage on one corpus, the whole run against parsing alone, a second run and a keystroke,
//! memory, and startup.
//!
//! `cargo bench --bench stages`; `LEAKLINT_BENCH_CORPUS=FOLDER` measures other code, `LEAKLINT_BENCH_RUNS=N` changes the
//! number of runs, of which the median is shown. See `benches/README.md`.

mod again;
mod corpus;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use leaklint::facts::FileFacts;
use leaklint::reading;
use leaklint::report::{Report, json};
use leaklint::session::{Request, check};
use leaklint::syntax;
use rayon::prelude::*;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Asks this program for one whole run, so that its peak of memory is that of the run.
const PEAK: &str = "--peak-of";

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == PEAK) {
        let folder = PathBuf::from(&args[at + 1]);
        if args[at + 2] == "run" {
            black_box(whole(&folder));
        } else {
            let files = listed(&folder);
            pool().install(|| files.par_iter().map(|path| parse(path, &read(path))).sum::<usize>());
        }
        println!("{}", peak().unwrap_or(0));
        return;
    }
    let written = tempfile::tempdir().unwrap();
    let folder = match std::env::var_os("LEAKLINT_BENCH_CORPUS") {
        Some(folder) => PathBuf::from(folder).canonicalize().unwrap(),
        None => {
            corpus::write(written.path());
            written.path().canonicalize().unwrap()
        }
    };
    let files = listed(&folder);
    let bytes: u64 = files.iter().map(|path| path.metadata().map_or(0, |m| m.len())).sum();
    println!(
        "{} files, {:.1} MB, {} threads",
        files.len(),
        mega(bytes),
        rayon::current_num_threads()
    );
    pool().install(|| stages(&folder, &files, bytes));
    again::runs(&folder, &files);
    again::keystrokes(&folder, &files);
    memory(&folder, bytes);
    startup();
}

fn runs() -> usize {
    let set = std::env::var("LEAKLINT_BENCH_RUNS").ok();
    set.and_then(|runs| runs.parse().ok()).unwrap_or(5)
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed<T>(work: impl Fn() -> T) -> Duration {
    let once = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    once();
    median((0..runs()).map(|_| once()).collect())
}

fn pool() -> rayon::ThreadPool {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(syntax::WORKER_STACK);
    pool.build().unwrap()
}

/// What a run of the folder reads.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let inputs = request(folder).inputs().inputs;
    inputs.into_iter().map(|input| folder.join(&*input.path)).collect()
}

fn request(folder: &Path) -> Request {
    Request {
        cwd: folder.to_path_buf(),
        paths: vec![folder.to_path_buf()],
        root: folder.to_path_buf(),
        max_file_size: leaklint::session::DEFAULT_MAX_FILE_SIZE,
        ..Request::default()
    }
}

fn whole(folder: &Path) -> Report {
    check(&request(folder), &|_, _| {})
}

fn read(path: &Path) -> String {
    syntax::read(path, syntax::MAX_TEXT).unwrap_or_default()
}

/// Parses and drops the tree; the number of scripts, so that there is something to tell.
fn parse(path: &Path, text: &str) -> usize {
    syntax::parse(path, text).scripts.len()
}

/// Times of the stages. Those up to the facts are measured by leaving out what follows; the others as the run tells.
fn stages(folder: &Path, files: &[PathBuf], bytes: u64) {
    let reading = timed(|| files.par_iter().map(|path| read(path).len()).sum::<usize>());
    let texts: Vec<String> = files.par_iter().map(|path| read(path)).collect();
    let with_text = || files.par_iter().zip(&texts);
    let parsing = timed(|| with_text().map(|(path, text)| parse(path, text)).sum::<usize>());
    let extracting = timed(|| {
        with_text()
            .map(|(path, text)| reading::read(path, text).facts.nodes.len())
            .sum::<usize>()
    });
    let size: usize = with_text()
        .map(|(path, text)| size_of_facts(&reading::read(path, text).facts))
        .sum();
    drop(texts);
    let both = timed(|| files.par_iter().map(|path| parse(path, &read(path))).sum::<usize>());
    let run = timed(|| whole(folder));
    let report = whole(folder);
    let reporting = timed(|| {
        let mut out = Vec::new();
        json::write(&report, &mut out).unwrap();
        out.len()
    });

    let line = |name: &str, time: Duration| {
        let rate = mega(bytes) / time.as_secs_f64();
        let ratio = time.as_secs_f64() / parsing.as_secs_f64();
        println!(
            "{name:24} {:>8.1} ms {rate:>8.1} MB/s {ratio:>6.2} x parse",
            time.as_secs_f64() * 1e3
        );
    };
    line("read", reading);
    line("parse", parsing);
    line("extract", extracting.saturating_sub(parsing));
    for &(name, time) in &report.timings {
        line(&format!("  run: {name}"), time);
    }
    line("report (json)", reporting);
    line("read and parse", both);
    line("whole run", run);
    println!(
        "whole run / read and parse: {:.2}; {} findings",
        run.as_secs_f64() / both.as_secs_f64(),
        report.findings.len()
    );
    println!("facts: {:.2} bytes for each byte of source", size as f64 / bytes as f64);
}

/// Bytes that facts hold, without what the allocator adds.
fn size_of_facts(facts: &FileFacts) -> usize {
    let of = |count: usize, size: usize| count * size;
    let names: usize = facts.names.iter().map(|name| name.len() + size_of_val(name)).sum();
    let captures: usize = facts.functions.iter().map(|f| size_of_val(f.captures.as_slice())).sum();
    let members: usize = facts.classes.iter().map(|c| size_of_val(c.members.as_slice())).sum();
    names
        + captures
        + members
        + size_of_val(facts.nodes.as_slice())
        + size_of_val(facts.spans.as_slice())
        + size_of_val(facts.parents.as_slice())
        + size_of_val(facts.lists.as_slice())
        + size_of_val(facts.numbers.as_slice())
        + size_of_val(facts.bindings.as_slice())
        + size_of_val(facts.references.as_slice())
        + size_of_val(facts.members.as_slice())
        + of(facts.calls.len() + facts.writes.len(), size_of::<u32>())
        + size_of_val(facts.functions.as_slice())
        + size_of_val(facts.classes.as_slice())
        + size_of_val(facts.imports.as_slice())
        + size_of_val(facts.exports.as_slice())
}

/// The most memory this process has had, in bytes; Linux tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn memory(folder: &Path, bytes: u64) {
    let of = |what: &str| -> Option<u64> {
        let program = std::env::current_exe().ok()?;
        let out = Command::new(program).arg(PEAK).arg(folder).arg(what).output().ok()?;
        String::from_utf8(out.stdout).ok()?.trim().parse().ok()
    };
    if let (Some(run), Some(parse)) = (of("run"), of("parse"))
        && run > 0
    {
        println!(
            "peak memory: {:.0} MB for the whole run, {:.0} MB for parsing alone; {:.1} bytes for each byte of source",
            mega(run),
            mega(parse),
            run as f64 / bytes as f64
        );
    }
}

/// The program in an empty folder, against a program that does nothing.
fn startup() {
    let folder = tempfile::tempdir().unwrap();
    let spawned = |program: &str, args: &[&str]| {
        let start = Instant::now();
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().map(|_| start.elapsed()).unwrap_or_default()
    };
    let leaklint = env!("CARGO_BIN_EXE_leaklint");
    let (mut ours, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..runs() * 10 {
        ours.push(spawned(leaklint, &["--no-cache", "."]));
        nothing.push(spawned("true", &[]));
    }
    let (ours, nothing) = (median(ours), median(nothing));
    println!(
        "startup in an empty folder: {:.2} ms, {:.1} times a process that does nothing",
        ours.as_secs_f64() * 1e3,
        ours.as_secs_f64() / nothing.as_secs_f64().max(1e-6)
    );
}
