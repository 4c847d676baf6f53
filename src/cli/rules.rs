//! `leaklint rules`.

use std::io::{self, Write};

use super::args::{RulesArgs, RulesFormat};
use super::{Failure, Outcome};
use crate::finding::RULE_URL;

pub(super) fn run(args: &RulesArgs) -> Result<Outcome, Failure> {
    let rules = crate::rules::all();
    let mut text = match args.format {
        RulesFormat::Table => {
            let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
            let rows = rules
                .iter()
                .map(|rule| format!("{:width$}  {}\n", rule.name, rule.summary));
            let hint = "\nleaklint explain RULE tells what a rule reports, why that leaks and how to fix it.";
            rows.collect::<String>() + hint
        }
        RulesFormat::Json => {
            let rows = rules.iter().map(|rule| {
                serde_json::json!({
                    "name": rule.name,
                    "summary": rule.summary,
                    "url": format!("{RULE_URL}{}", rule.name),
                })
            });
            format!("{:#}", serde_json::Value::Array(rows.collect()))
        }
    };
    text.push('\n');
    io::stdout().write_all(text.as_bytes())?;
    Ok(Outcome::Clean)
}
