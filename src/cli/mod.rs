//! The command line: the only place that knows arguments, standard streams and exit codes.
//!
//! `args` is what was typed, `settings` what it means; each command has one file.

mod args;
mod baseline;
mod cache;
mod check;
mod explain;
mod init;
mod output;
mod progress;
mod rules;
mod settings;
mod sinks;
mod trace;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings, or files with syntax errors.
    Findings,
    /// Wrong usage, broken configuration or unreadable input.
    Unusable,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Unusable => 2,
        })
    }
}

/// Why a command gave up; printed on standard error, with [`Outcome::Unusable`].
struct Failure(String);

impl Failure {
    fn new(message: impl std::fmt::Display) -> Self {
        Self(format!("error: {message}"))
    }

    /// A failure with a line about what to do.
    fn with_hint(message: impl std::fmt::Display, hint: impl std::fmt::Display) -> Self {
        Self(format!("error: {message}\n  help: {hint}"))
    }
}

/// A command's standard output that broke is a reader who has seen enough, not a failure.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self(String::new())
        } else {
            Self::new(error)
        }
    }
}

/// Parses the arguments and runs the command.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` come here too, and may be piped into `head`.
            let _ = error.print();
            return if error.use_stderr() {
                Outcome::Unusable
            } else {
                Outcome::Clean
            }
            .into();
        }
    };
    let done = match cli.command.unwrap_or(Command::Check(cli.check)) {
        Command::Check(args) => check::run(&args),
        Command::Baseline(args) => baseline::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Trace(args) => trace::run(args),
        Command::Lsp(args) => lsp(&args),
        Command::Cache(args) => cache::run(args),
        Command::Completions(args) => completions(&args),
        Command::Man(args) => manual(&args),
    };
    match done {
        Ok(outcome) => outcome.into(),
        Err(Failure(message)) if message.is_empty() => Outcome::Clean.into(),
        Err(Failure(message)) => {
            let _ = writeln!(std::io::stderr(), "{}", message.trim_end());
            Outcome::Unusable.into()
        }
    }
}

fn lsp(args: &args::LspArgs) -> Result<Outcome, Failure> {
    let cache = settings::cache_folder(args.cache_dir.as_ref(), args.no_cache)?;
    crate::lsp::run(cache).map_err(Failure::new)?;
    Ok(Outcome::Clean)
}

fn completions(args: &args::CompletionsArgs) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "leaklint", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Outcome::Clean)
}

fn manual(args: &args::ManArgs) -> Result<Outcome, Failure> {
    let command = Cli::command();
    if let Some(folder) = &args.dir {
        let failed = |error| Failure::new(format!("{} cannot be written: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(command, folder).map_err(failed)?;
    } else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        std::io::stdout().write_all(&page)?;
    }
    Ok(Outcome::Clean)
}

/// Fails unless every name is a rule.
fn known_rules(names: &[String]) -> Result<(), Failure> {
    match names
        .iter()
        .find(|name| !crate::config::rule_names().any(|known| known == **name))
    {
        Some(name) => Err(unknown_rule(name)),
        None => Ok(()),
    }
}

fn unknown_rule(name: &str) -> Failure {
    let message = format!("there is no rule `{name}`");
    match crate::config::nearest(name, crate::config::rule_names()) {
        Some(near) => Failure::with_hint(message, format!("did you mean `{near}`?")),
        None => Failure::with_hint(message, "`leaklint rules` lists the rules"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn check_is_the_default_command() {
        let paths = |words: &[&str]| {
            let cli = Cli::try_parse_from(words).unwrap();
            match cli.command.unwrap_or(Command::Check(cli.check)) {
                Command::Check(args) => args.paths,
                _ => panic!("not a check"),
            }
        };
        assert_eq!(paths(&["leaklint", "a", "b"]), paths(&["leaklint", "check", "a", "b"]));
    }
}
