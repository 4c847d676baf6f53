//! A progress bar on standard error, when somebody is there to see it and has been waiting.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Shorter runs show no bar.
const PATIENCE: Duration = Duration::from_millis(700);

pub(super) struct Progress {
    started: Instant,
    wanted: bool,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(super) fn new(wanted: bool) -> Self {
        Self {
            started: Instant::now(),
            wanted: wanted && std::io::stderr().is_terminal(),
            bar: OnceLock::new(),
        }
    }

    /// Any thread may call this, for every file.
    pub(super) fn tell(&self, done: u64, total: u64) {
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} files").ok();
            let bar = ProgressBar::new(total);
            if let Some(style) = style {
                bar.set_style(style);
            }
            bar
        });
        bar.set_length(total);
        bar.set_position(done);
    }

    /// Removes the bar from the screen.
    pub(super) fn clear(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
