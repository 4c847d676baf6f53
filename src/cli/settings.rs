//! What the arguments mean: paths, the project, its configuration and the looks of the output, resolved.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{CommandFactory, Parser};

use super::Failure;
use super::args::{CheckArgs, Cli, ColorChoice, ProjectArgs};
use crate::baseline;
use crate::cache;
use crate::changed::Changed;
use crate::config::{Config, ConfigError, load};
use crate::discover;
use crate::git::{self, Against};
use crate::report::Scene;
use crate::report::pretty::{self, Style};
use crate::session::Request;

/// Where output is wrapped when there is no terminal to ask.
const DEFAULT_WIDTH: usize = 100;
/// Wider lines are hard to read, narrower ones cannot be drawn.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=140;

/// A request for the paths and options of `check`.
pub(super) fn check_request(args: &CheckArgs) -> Result<Request, Failure> {
    super::known_rules(&args.only)?;
    super::known_rules(&args.skip)?;
    let mut paths = args.paths.clone();
    command_first(&paths)?;
    let stdin = args
        .stdin_filename
        .as_ref()
        .map(|name| read_stdin().map(|text| (name.clone(), text)))
        .transpose()?;
    if paths.is_empty() && stdin.is_none() {
        paths.push(".".into());
    }
    let request = request(&args.project, paths, stdin)?;
    let baseline = match &args.baseline {
        _ if args.no_baseline => None,
        Some(path) => Some(super::baseline::read(path)?),
        None => match baseline::find(&request.cwd, &request.root) {
            Some(path) => Some(super::baseline::read(&discover::relative(&path, &request.cwd))?),
            None => None,
        },
    };
    let changed = changed(args, &request.cwd)?;
    Ok(Request {
        baseline,
        changed,
        force_exclude: args.force_exclude,
        pedantic: args.pedantic,
        only: args.only.clone(),
        skip: args.skip.clone(),
        require_reason: args.require_reason,
        ..request
    })
}

/// The options of a command that was given none.
pub(super) fn project_args() -> ProjectArgs {
    Cli::parse_from(["leaklint"]).check.project
}

/// What git is asked for.
fn changed(args: &CheckArgs, cwd: &Path) -> Result<Option<Changed>, Failure> {
    let against = match &args.since {
        _ if args.staged => Against::Staged,
        Some(name) => Against::Fork(name.clone()),
        None if args.changed => Against::Head,
        None => return Ok(None),
    };
    let wanted = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| discover::is_source_name(&name))
    };
    let changes = git::changes(cwd, &against, &wanted).map_err(|error| match error.hint() {
        Some(hint) => Failure::with_hint(&error, hint),
        None => Failure::new(&error),
    })?;
    Ok(Some(Changed {
        changes,
        lines_only: args.changed_lines,
    }))
}

/// After an option, a command would be taken for a path that does not exist; say so instead.
fn command_first(paths: &[PathBuf]) -> Result<(), Failure> {
    let commands = Cli::command();
    let name = paths
        .first()
        .and_then(|path| path.to_str())
        .filter(|name| commands.find_subcommand(name).is_some());
    match name {
        Some(name) if !Path::new(name).exists() => {
            let hint = format!("write `leaklint {name}` first and the options of `{name}` after it");
            Err(Failure::with_hint(
                format!("`{name}` is a command, and a command comes before options"),
                hint,
            ))
        }
        _ => Ok(()),
    }
}

/// A request that shows everything.
pub(super) fn request(
    args: &ProjectArgs,
    paths: Vec<PathBuf>,
    stdin: Option<(PathBuf, Arc<str>)>,
) -> Result<Request, Failure> {
    let cwd = std::env::current_dir()
        .map_err(|error| Failure::new(format!("the current directory cannot be used: {error}")))?;
    let named: Vec<PathBuf> = paths
        .iter()
        .chain(stdin.iter().map(|(name, _)| name))
        .cloned()
        .collect();
    let root = discover::project_root(&cwd, &named);
    let inside = named
        .iter()
        .all(|path| discover::normalised(path, &cwd).starts_with(&cwd));
    let config = config(args, &cwd, if inside { &cwd } else { &root })?;
    Ok(Request {
        cwd,
        paths,
        stdin,
        root,
        config,
        no_ignore: args.no_ignore,
        pedantic: true,
        only: Vec::new(),
        skip: Vec::new(),
        require_reason: false,
        threads: args.threads.map(usize::from),
        max_file_size: args.max_file_size,
        baseline: None,
        changed: None,
        force_exclude: false,
        cache: cache_folder(args.cache_dir.as_ref(), args.no_cache)?,
    })
}

fn config(args: &ProjectArgs, cwd: &Path, start: &Path) -> Result<Config, Failure> {
    let read = match &args.config {
        _ if args.no_config => Ok(None),
        Some(path) => load::read(path).map(Some),
        None => load::find(start),
    };
    read.map(Option::unwrap_or_default)
        .map_err(|mut error: Box<ConfigError>| {
            error.path = discover::relative(&error.path, cwd);
            let style = Style {
                color: use_color(args.color, std::io::stderr().is_terminal()),
                width: width(),
            };
            Failure(pretty::config_error(&error, style))
        })
}

/// The folder of the cache: the one that was named, which must be usable, or the user's own, if there is one.
pub(super) fn cache_folder(named: Option<&PathBuf>, none: bool) -> Result<Option<PathBuf>, Failure> {
    match named {
        _ if none => Ok(None),
        Some(folder) => match cache::prepare(folder) {
            Ok(()) => Ok(Some(folder.clone())),
            Err(error) => Err(Failure::with_hint(
                format!("the cache folder {} cannot be used: {error}", folder.display()),
                "name another with --cache-dir, or use none with --no-cache",
            )),
        },
        None => Ok(cache::default_folder()),
    }
}

fn read_stdin() -> Result<Arc<str>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("standard input cannot be read: {error}")))?;
    if let Ok(text) = std::str::from_utf8(&bytes) {
        return Ok(text.into());
    }
    // A byte order mark says which other encoding it is; without one there is nothing to go by.
    match encoding_rs::Encoding::for_bom(&bytes) {
        Some((encoding, mark)) if encoding != encoding_rs::UTF_8 => {
            Ok(encoding.decode_without_bom_handling(&bytes[mark..]).0.into())
        }
        _ => Err(Failure::new("standard input is not UTF-8 text")),
    }
}

/// The looks of output on standard output, or in a file when `to_file`.
pub(super) fn style(choice: ColorChoice, to_file: bool) -> Style {
    let terminal = !to_file && std::io::stdout().is_terminal();
    Style {
        color: use_color(choice, terminal),
        width: if to_file { DEFAULT_WIDTH } else { width() },
    }
}

/// Where a report is printed: `cwd` is the current directory.
pub(super) fn scene(args: &CheckArgs, cwd: &Path, to_file: bool) -> Scene {
    Scene {
        style: style(args.project.color, to_file),
        quiet: args.quiet,
        cwd: cwd.to_path_buf(),
        repository: repository(cwd),
        blob_url: blob_url(),
    }
}

/// The checkout that a service names files from: what the service says, else the nearest repository.
fn repository(cwd: &Path) -> Option<PathBuf> {
    let told = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY"]
        .into_iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from)
        // Another folder than ours says nothing about our files.
        .find(|folder| folder.is_absolute() && cwd.starts_with(folder));
    told.or_else(|| {
        let root = cwd.ancestors().find(|folder| folder.join(".git").exists());
        root.map(Path::to_path_buf)
    })
}

/// Where GitHub shows the files of the commit that is checked.
fn blob_url() -> Option<String> {
    let told = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (server, repository, commit) = (
        told("GITHUB_SERVER_URL")?,
        told("GITHUB_REPOSITORY")?,
        told("GITHUB_SHA")?,
    );
    Some(format!("{server}/{repository}/blob/{commit}/"))
}

fn use_color(choice: ColorChoice, terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    told.or_else(asked)
        .unwrap_or(DEFAULT_WIDTH)
        .clamp(*WIDTHS.start(), *WIDTHS.end())
}
