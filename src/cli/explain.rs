//! `leaklint explain RULE`.

use std::io::{self, Write};

use super::args::ExplainArgs;
use super::{Failure, Outcome, settings, unknown_rule};
use crate::finding::RULE_URL;
use crate::rule::RuleMeta;

pub(super) fn run(args: &ExplainArgs) -> Result<Outcome, Failure> {
    let mut known = crate::rules::all().iter().chain(&crate::suppress::NOTICES);
    let rule = known
        .find(|rule| rule.name == args.rule)
        .ok_or_else(|| unknown_rule(&args.rule))?;
    let text = document(rule);
    let styled = if settings::style(args.color, false).color {
        styled(&text)
    } else {
        text
    };
    io::stdout().write_all(styled.as_bytes())?;
    Ok(Outcome::Clean)
}

fn document(rule: &RuleMeta) -> String {
    let title = if rule.doc.trim_start().starts_with("# ") {
        String::new()
    } else {
        format!("# {}\n\n", rule.name)
    };
    let body = if rule.doc.trim().is_empty() {
        rule.summary
    } else {
        rule.doc.trim()
    };
    format!("{title}{body}\n\n{RULE_URL}{}\n", rule.name)
}

/// Markdown with light colours: headings, code blocks and code words. The text itself stays as it is, so
/// that it can be copied.
fn styled(text: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            out += &format!("\u{1b}[2m{line}\u{1b}[0m");
        } else if in_code {
            out += &format!("\u{1b}[36m{line}\u{1b}[0m");
        } else if line.starts_with('#') {
            out += &format!("\u{1b}[1m{line}\u{1b}[0m");
        } else {
            for (index, part) in line.split('`').enumerate() {
                // Every second part stands between two backticks.
                out += &if index % 2 == 1 {
                    format!("\u{1b}[36m`{part}`\u{1b}[0m")
                } else {
                    part.to_owned()
                };
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::styled;

    #[test]
    fn code_and_headings_are_coloured() {
        let text = styled("# T\nuse `x`\n```js\n# no heading `y`\n```\n");
        insta::assert_snapshot!(text.replace('\u{1b}', "ESC"), @r"
ESC[1m# TESC[0m
use ESC[36m`x`ESC[0m
ESC[2m```jsESC[0m
ESC[36m# no heading `y`ESC[0m
ESC[2m```ESC[0m
");
    }
}
