//! `leaklint init`: a configuration to start from, and on request a baseline and a hook.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::args::{BaselineArgs, InitArgs};
use super::{Failure, Outcome, baseline, settings};
use crate::config::load;
use crate::git;

/// What is written. Every setting is commented out, so that nothing changes until somebody wants it to.
const TEMPLATE: &str = include_str!("init.toml");

/// What a hook runs.
const HOOK: &str = "leaklint --staged";

pub(super) fn run(args: &InitArgs) -> Result<Outcome, Failure> {
    let cwd = std::env::current_dir()
        .map_err(|error| Failure::new(format!("the current directory cannot be used: {error}")))?;
    let mut out = io::stdout();
    write_configuration(&cwd, args.force, &mut out)?;

    let ask = io::stdin().is_terminal() && io::stdout().is_terminal();
    let wanted = |given: bool, question: &str| -> io::Result<bool> {
        if given || !ask {
            return Ok(given);
        }
        question_answered(question, &mut io::stdout(), &mut io::stdin().lock())
    };
    let mut outcome = Outcome::Clean;
    if wanted(
        args.baseline,
        "Write today's findings to a baseline, so that only new ones are reported?",
    )? {
        outcome = baseline::run(&BaselineArgs {
            paths: Vec::new(),
            baseline: None,
            prune: false,
            pedantic: false,
            project: settings::project_args(),
        })?;
    } else {
        writeln!(
            out,
            "later: `leaklint baseline` writes today's findings down, so that only new ones are reported"
        )?;
    }
    if wanted(args.hook, "Check staged files before each commit?")? {
        hook(&cwd, &mut out)?;
    } else {
        writeln!(out, "later: `{HOOK}` in a hook checks what is about to be committed")?;
    }
    writeln!(out, "now: `leaklint`")?;
    Ok(outcome)
}

fn write_configuration(cwd: &Path, force: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let path = cwd.join(load::FILE_NAME);
    if !force && (path.exists() || in_package(cwd)) {
        writeln!(
            out,
            "{}: there already, left as it is (--force writes it anew)",
            load::FILE_NAME
        )?;
        return Ok(());
    }
    fs::write(&path, TEMPLATE)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}", load::FILE_NAME)))?;
    writeln!(
        out,
        "{}: written; every setting is in it, commented out",
        load::FILE_NAME
    )?;
    Ok(())
}

/// Whether the package in this folder holds a configuration.
fn in_package(cwd: &Path) -> bool {
    let package = fs::read_to_string(cwd.join("package.json")).ok();
    let package = package.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    package.is_some_and(|package| package.get("leaklint").is_some())
}

/// Asks once; anything but a yes is a no.
fn question_answered(question: &str, out: &mut dyn Write, answers: &mut dyn BufRead) -> io::Result<bool> {
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Sets a hook up where that harms nothing, and says what to write where a tool keeps the hooks.
fn hook(cwd: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let hooks = git::hooks(cwd).map_err(|error| match error.hint() {
        Some(hint) => Failure::with_hint(&error, hint),
        None => Failure::new(&error),
    })?;
    let tools = [
        (
            ".pre-commit-config.yaml",
            "repos:\n- repo: https://github.com/leaklint/leaklint\n  rev: v0.1.0\n  hooks:\n  - id: leaklint",
        ),
        (
            "lefthook.yml",
            "pre-commit:\n  commands:\n    leaklint:\n      run: leaklint --staged",
        ),
    ];
    for (name, text) in tools {
        if hooks.top.join(name).is_file() {
            writeln!(out, "{name}: add\n\n{text}\n")?;
            return Ok(());
        }
    }
    let husky = hooks.top.join(".husky");
    let path = if husky.is_dir() {
        husky.join("pre-commit")
    } else {
        hooks.folder.join("pre-commit")
    };
    let shown = crate::discover::relative(&path, cwd);
    match fs::read_to_string(&path) {
        Ok(text) if text.contains("leaklint") => {
            writeln!(out, "{}: it calls leaklint already", shown.display())?;
        }
        Ok(_) => {
            writeln!(
                out,
                "{}: there is a hook already; add the line `{HOOK}` to it",
                shown.display()
            )?;
        }
        Err(_) => {
            create(&path).map_err(|error| Failure::new(format!("{} cannot be written: {error}", shown.display())))?;
            writeln!(out, "{}: written; it runs `{HOOK}`", shown.display())?;
        }
    }
    Ok(())
}

fn create(path: &PathBuf) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, format!("#!/bin/sh\nexec {HOOK}\n"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_means_nothing_until_settings_are_taken_in() {
        let config = |text: &str| toml::from_str::<crate::config::file::ConfigFile>(text);
        assert_eq!(config(TEMPLATE).unwrap(), crate::config::file::ConfigFile::default());
        // A setting follows its `#` at once, prose after a blank.
        let settings: Vec<&str> = TEMPLATE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => rest,
                _ => line,
            })
            .collect();
        let all = config(&settings.join("\n")).unwrap();
        assert!(!all.include.is_empty() && !all.overrides.is_empty() && !all.pair.is_empty());
        for rule in crate::config::rule_names() {
            assert!(TEMPLATE.contains(rule), "{rule} is not in the template");
            assert!(all.rules.contains_key(rule), "{rule}");
        }
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, expected) in [
            ("y\n", true),
            ("YES\n", true),
            ("\n", false),
            ("", false),
            ("no\n", false),
        ] {
            let mut out = Vec::new();
            assert_eq!(
                question_answered("Q?", &mut out, &mut answer.as_bytes()).unwrap(),
                expected
            );
            assert_eq!(out, b"Q? [y/N] ");
        }
    }
}
