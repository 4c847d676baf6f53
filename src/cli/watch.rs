//! `--watch`: checks again whenever a file of the project, the configuration or the baseline changes.
//!
//! The files are listed and looked at in turn rather than watched by the system: ignore files are honoured, no
//! limit on watches is reached by `node_modules`, and it works the same on every system and network folder.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use super::args::CheckArgs;
use super::{Failure, Outcome, check, settings};
use crate::baseline;

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(400);
/// A look may take this part of the time.
const SHARE: u32 = 10;

/// Runs until it is interrupted, or nobody reads any more.
pub(super) fn run(args: &CheckArgs) -> Result<Outcome, Failure> {
    let screen = io::stdout().is_terminal();
    loop {
        // Seen before the run: what changes meanwhile is checked again.
        let (seen, _) = look(args);
        if screen {
            // Clears the screen and what has scrolled away, so that only the last report is there.
            write!(io::stdout(), "\u{1b}[2J\u{1b}[3J\u{1b}[H")?;
        }
        match check::once(args) {
            Ok(done) if done.closed => return Ok(done.outcome),
            Ok(_) => {}
            Err(Failure(message)) => writeln!(io::stderr(), "{}", message.trim_end())?,
        }
        writeln!(io::stderr(), "watching {}; Ctrl-C ends it", seen.told())?;
        loop {
            let started = Instant::now();
            let (now, took) = look(args);
            if now != seen {
                break;
            }
            sleep(PAUSE.max(took * SHARE).saturating_sub(started.elapsed()));
        }
    }
}

/// What a run depends on, as far as it shows from outside.
#[derive(PartialEq, Eq)]
enum Seen {
    /// Every file with its time and length.
    Files(Vec<(PathBuf, Option<SystemTime>, u64)>),
    /// What is wrong with the configuration or the baseline.
    Broken(String),
}

impl Seen {
    fn told(&self) -> String {
        match self {
            Seen::Files(files) => format!("{} files", files.len()),
            Seen::Broken(_) => "the configuration".to_owned(),
        }
    }
}

fn look(args: &CheckArgs) -> (Seen, Duration) {
    let started = Instant::now();
    let seen = match settings::check_request(args) {
        Err(Failure(message)) => Seen::Broken(message),
        Ok(request) => {
            let mut paths: Vec<PathBuf> = request
                .inputs()
                .inputs
                .iter()
                .map(|input| (*input.path).clone())
                .collect();
            paths.extend(request.config.path.clone());
            paths.extend(
                args.baseline
                    .clone()
                    .or_else(|| baseline::find(&request.cwd, &request.root)),
            );
            let stamped = paths.into_iter().map(|path| {
                let data = std::fs::metadata(&path).ok();
                let time = data.as_ref().and_then(|data| data.modified().ok());
                (path, time, data.map_or(0, |data| data.len()))
            });
            Seen::Files(stamped.collect())
        }
    };
    (seen, started.elapsed())
}
