//! `leaklint cache clear`.

use std::io::Write;

use super::args::{CacheAction, CacheArgs};
use super::{Failure, Outcome};
use crate::cache;

pub(super) fn run(args: CacheArgs) -> Result<Outcome, Failure> {
    let CacheAction::Clear { cache_dir } = args.action;
    let Some(folder) = cache_dir.or_else(cache::default_folder) else {
        return Err(Failure::with_hint(
            "this system names no cache folder",
            "name one with --cache-dir",
        ));
    };
    let cleared = cache::clear(&folder)
        .map_err(|error| Failure::new(format!("{} cannot be cleared: {error}", folder.display())))?;
    writeln!(
        std::io::stdout(),
        "removed {} of {:.1} MB from {}",
        if cleared.files == 1 {
            "1 file".to_owned()
        } else {
            format!("{} files", cleared.files)
        },
        cleared.bytes as f64 / 1e6,
        folder.display()
    )?;
    Ok(Outcome::Clean)
}
