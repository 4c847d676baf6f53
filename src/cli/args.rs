//! What was typed. The doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::sinks::{Sink, SinkParser};

/// Finds memory leaks in JavaScript and TypeScript before they ship
///
/// leaklint reports what is kept for ever: collections that only grow, timers and listeners that nothing
/// removes, large values held by closures. It reads code and runs nothing.
#[derive(Debug, Parser)]
#[command(name = "leaklint", version, args_conflicts_with_subcommands = true, after_long_help = AFTER_HELP)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub check: CheckArgs,
}

const AFTER_HELP: &str = "\
What is read: the files named, or found in the folders named, are reported on. The rest of the project \
around them (up to the nearest workspace or repository, else the current folder if it has a package.json, else the \
nearest package.json or tsconfig.json) is \
read as far as the answer needs, so one file is judged as if the whole project had been checked.

Exit codes: 0 nothing at or above --fail-on; 1 findings or syntax errors; 2 wrong usage, broken \
configuration or unreadable input.

Examples:
  leaklint                              check the current folder
  leaklint src/server.ts --format json  check one file, for a tool
  leaklint -f auto -f sarif:out.sarif   two reports of one run
  leaklint explain uncleared-timer      what a rule reports, with examples
  leaklint trace src/clock.ts:12        why a line is, or is not, a leak";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check files and folders; this is what happens without a command
    #[command(after_long_help = AFTER_HELP)]
    Check(CheckArgs),
    /// Write today's findings down, so that only new ones are reported from now on
    ///
    /// What is written is what a check with the same options shows. Findings of files that are not named stay
    /// as they are; findings that are fixed go.
    Baseline(BaselineArgs),
    /// Start using leaklint here: write a configuration, and on request a baseline and a git hook
    Init(InitArgs),
    /// Explain a rule: what it reports, why that leaks, how to fix it
    Explain(ExplainArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Show every acquisition at a place, with its verdict and the evidence, also when it is no leak
    Trace(TraceArgs),
    /// Serve an editor over standard input and output, in the language server protocol
    Lsp(LspArgs),
    /// Manage what is kept between runs
    Cache(CacheArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

/// From which severity on findings make the exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Only errors
    Error,
    /// Errors and warnings
    #[default]
    Warning,
    /// Any finding that is shown
    Info,
    /// No finding, and no syntax error either
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options of every command that reads a project.
#[derive(Debug, Args)]
pub(super) struct ProjectArgs {
    /// Read the configuration from this file
    ///
    /// Without it, the nearest leaklint.toml, or package.json with a "leaklint" key, in the current folder
    /// or one above it is used.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "no_config",
        help_heading = "Configuration"
    )]
    pub config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, help_heading = "Configuration")]
    pub no_config: bool,
    /// Check files that .gitignore, .ignore and .leaklintignore exclude
    ///
    /// Installed packages, build output, minified or bundled files and .d.ts files stay out unless they are named.
    #[arg(long, help_heading = "Files")]
    pub no_ignore: bool,
    /// Do not parse files longer than this, such as 500KB or 20MiB
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "8MiB", help_heading = "Files")]
    pub max_file_size: u64,
    /// Use this many threads [default: as many as processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, help_heading = "Output")]
    pub color: ColorChoice,
    /// Keep what was read and found in this folder [default: leaklint in the user's cache folder]
    #[arg(
        long,
        value_name = "DIR",
        env = "LEAKLINT_CACHE_DIR",
        hide_env_values = true,
        help_heading = "Cache"
    )]
    pub cache_dir: Option<PathBuf>,
    /// Parse every file anew and keep nothing
    #[arg(long, help_heading = "Cache")]
    pub no_cache: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("change").args(["staged", "changed", "since"]).multiple(true))]
pub(super) struct CheckArgs {
    /// Files and folders to report on [default: .]
    ///
    /// A file named here is always checked, also when it is ignored, minified or has another extension.
    #[arg(value_name = "PATHS")]
    pub paths: Vec<PathBuf>,
    /// Check the text on standard input as if it stood in the file NAME
    #[arg(long, value_name = "NAME", conflicts_with = "paths", help_heading = "Files")]
    pub stdin_filename: Option<PathBuf>,

    /// Leave files out that the configuration, their name or their folder excludes, also when they are named
    ///
    /// For hooks, which name every file that was touched.
    #[arg(long, help_heading = "Files")]
    pub force_exclude: bool,

    /// Report only on files that are staged, as the index holds them
    ///
    /// The whole project is read all the same. Git is asked; renamed files count, submodules do not.
    #[arg(long, conflicts_with_all = ["stdin_filename", "changed", "since"], help_heading = "Changed code")]
    pub staged: bool,
    /// Report only on files that differ from the last commit, untracked ones too
    #[arg(long, conflicts_with = "stdin_filename", help_heading = "Changed code")]
    pub changed: bool,
    /// Report only on files that differ from where this branch left REF, such as origin/main
    #[arg(
        long,
        value_name = "REF",
        conflicts_with = "stdin_filename",
        help_heading = "Changed code"
    )]
    pub since: Option<String>,
    /// Of these, report only findings that touch a changed line: with their own place or with a label
    ///
    /// A finding in a file that has not changed is reported when a label of it touches a changed line. A leak
    /// made by taking its release out touches the lines around that release only if they are part of the story.
    #[arg(long, requires = "change", help_heading = "Changed code")]
    pub changed_lines: bool,

    /// Print the report in this form, on standard output or into FILE; may be repeated
    ///
    /// Without it, or with auto: pretty on a terminal, github inside GitHub Actions, compact elsewhere.
    #[arg(
        long,
        short,
        value_name = "FORMAT[:FILE]",
        value_parser = SinkParser,
        help_heading = "Output"
    )]
    pub format: Vec<Sink>,
    /// Write to this file what would go to standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub output_file: Option<PathBuf>,
    /// Check again whenever a file of the project, the configuration or the baseline changes
    #[arg(long, conflicts_with = "stdin_filename", help_heading = "Output")]
    pub watch: bool,
    /// Print the findings and nothing else: no summary, no progress, no warnings
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,
    /// Print how many findings there are of each severity, rule and cause, on standard error
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,
    /// Print how long each stage took, on standard error
    #[arg(long, help_heading = "Output")]
    pub timings: bool,

    /// Also show infos: plausible leaks with a link unknown, and leaks in tests and examples
    #[arg(long, help_heading = "Findings")]
    pub pedantic: bool,
    /// Show only findings of these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Findings")]
    pub only: Vec<String>,
    /// Show no findings of these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Findings")]
    pub skip: Vec<String>,
    /// Make the exit code 1 for findings of this severity and above
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        default_value_t,
        help_heading = "Findings"
    )]
    pub fail_on: FailOn,
    /// Make a suppression comment without `-- reason` an error
    #[arg(long, help_heading = "Findings")]
    pub require_reason: bool,

    /// Do not report the findings that this file knows [default: leaklint-baseline.json, if there is one]
    ///
    /// Without it, the nearest leaklint-baseline.json in the current folder or one above it is used, up to the
    /// root of the project. `leaklint baseline` writes it.
    #[arg(long, value_name = "FILE", help_heading = "Findings")]
    pub baseline: Option<PathBuf>,
    /// Report known findings too
    #[arg(long, conflicts_with = "baseline", help_heading = "Findings")]
    pub no_baseline: bool,

    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    /// Files and folders whose findings are written down [default: .]
    #[arg(value_name = "PATHS")]
    pub paths: Vec<PathBuf>,
    /// Write this file [default: leaklint-baseline.json in the root of the project, or where it is already]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Only take out what is fixed; add nothing
    #[arg(long)]
    pub prune: bool,
    /// Write infos down too
    #[arg(long)]
    pub pedantic: bool,
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Write leaklint.toml also when there is one
    #[arg(long)]
    pub force: bool,
    /// Write today's findings to a baseline, without asking
    #[arg(long)]
    pub baseline: bool,
    /// Set a git hook up that checks staged files, without asking
    #[arg(long)]
    pub hook: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule, such as uncleared-timer
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: ColorChoice,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormat {
    /// A table for people
    #[default]
    Table,
    /// A JSON array for tools
    Json,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// Print the list in this form
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: RulesFormat,
}

#[derive(Debug, Args)]
pub(super) struct TraceArgs {
    /// The place: FILE:LINE or FILE:LINE:COLUMN, both from 1
    #[arg(value_name = "FILE:LINE[:COLUMN]")]
    pub place: String,
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, Args)]
pub(super) struct LspArgs {
    /// Standard input and output are used in any case; editors name it all the same
    #[arg(long)]
    pub stdio: bool,
    /// Keep what was read and found in this folder [default: leaklint in the user's cache folder]
    #[arg(long, value_name = "DIR", env = "LEAKLINT_CACHE_DIR", hide_env_values = true)]
    pub cache_dir: Option<PathBuf>,
    /// Parse every file anew and keep nothing
    #[arg(long)]
    pub no_cache: bool,
}

#[derive(Debug, Args)]
pub(super) struct CacheArgs {
    #[command(subcommand)]
    pub action: CacheAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum CacheAction {
    /// Remove everything from the cache
    Clear {
        /// The folder [default: leaklint in the user's cache folder]
        #[arg(long, value_name = "DIR", env = "LEAKLINT_CACHE_DIR", hide_env_values = true)]
        cache_dir: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write the page, and one for each command, into this folder instead
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
}

/// A number of bytes with an optional unit.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return Err("a number of bytes, with an optional unit such as KB or MiB, is expected".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "a number is expected before the unit".to_owned())?;
    // Offsets are 32 bits wide everywhere, so a larger bound could not be kept.
    let bytes = number.checked_mul(factor).filter(|bytes| *bytes < u64::from(u32::MAX));
    bytes.ok_or_else(|| "files of 4 GiB and more cannot be checked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_units() {
        assert_eq!([size("10"), size("5KB"), size("2MiB")], [Ok(10), Ok(5000), Ok(2 << 20)]);
        assert!(size("MB").is_err() && size("5 parsecs").is_err() && size("9GiB").is_err());
    }
}
