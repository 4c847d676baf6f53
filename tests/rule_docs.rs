//! The blocks under `## Bad` and `## Good` of every rule's text: findings and annotations agree, both ways.

mod support;

use support::{Annotation, Case};

/// A block with what its heading says.
struct Block {
    rule: &'static str,
    bad: bool,
    title: String,
    cause: Option<String>,
    confidence: Option<String>,
    files: Vec<(String, String)>,
}

/// All blocks of one `rule.md`; panics where the text has not the form that `fixtures/README.md` asks for.
fn blocks(rule: &'static str, doc: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut section, mut heading) = ("", None::<&str>);
    let mut lines = doc.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
            if !matches!(section, "Bad" | "Good") {
                continue;
            }
            let heading = heading
                .take()
                .unwrap_or_else(|| panic!("{rule}: a block under `{section}` without a heading of its own"));
            let (title, cause, confidence) = split(heading);
            blocks.push(Block {
                rule,
                bad: section == "Bad",
                title: title.to_owned(),
                cause,
                confidence,
                files: files(language.trim(), &code),
            });
        } else if let Some(title) = line.strip_prefix("## ") {
            assert!(heading.is_none(), "{rule}: no block under {heading:?}");
            section = title.trim();
        } else if let Some(title) = line.strip_prefix("### ")
            && matches!(section, "Bad" | "Good")
        {
            assert!(heading.is_none(), "{rule}: no block under {heading:?}");
            heading = Some(title.trim());
        }
    }
    assert!(heading.is_none(), "{rule}: no block under {heading:?}");
    blocks
}

/// `title (cause: CAUSE, confidence: LEVEL)` in its parts.
fn split(heading: &str) -> (&str, Option<String>, Option<String>) {
    let parts = heading.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (cause: "));
    let Some((title, said)) = parts else {
        return (heading, None, None);
    };
    match said.split_once(", confidence: ") {
        Some((cause, confidence)) => (title, Some(cause.to_owned()), Some(confidence.to_owned())),
        None => (title, Some(said.to_owned()), None),
    }
}

fn files(language: &str, code: &[&str]) -> Vec<(String, String)> {
    let mut files = vec![(format!("block.{language}"), String::new())];
    for line in code {
        if let Some(name) = line.strip_prefix("// file: ") {
            files.push((name.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    files.retain(|(_, text)| !text.trim().is_empty());
    files
}

fn all() -> Vec<Block> {
    leaklint::rules::all()
        .iter()
        .flat_map(|rule| blocks(rule.name, rule.doc))
        .collect()
}

fn annotations(block: &Block) -> Vec<Annotation> {
    let each = block
        .files
        .iter()
        .map(|(file, text)| support::annotations(file, text).0);
    each.flatten().collect()
}

#[test]
fn headings_agree_with_annotations() {
    let mut wrong = Vec::new();
    for block in all() {
        let name = format!("{}: {}", block.rule, block.title);
        let annotations = annotations(&block);
        if !block.bad {
            if !annotations.is_empty() || block.cause.is_some() {
                wrong.push(format!("{name}: a good block names a cause"));
            }
            continue;
        }
        let agrees = annotations.iter().any(|annotation| {
            annotation.rule == block.rule
                && Some(&annotation.cause) == block.cause.as_ref()
                && annotation.confidence == block.confidence
        });
        if !agrees {
            wrong.push(format!("{name}: no annotation of what the heading says"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_shows_both_sides() {
    for rule in leaklint::rules::all().iter().filter(|rule| rule.word.is_some()) {
        let blocks = blocks(rule.name, rule.doc);
        assert!(blocks.iter().any(|block| block.bad), "{}: no bad block", rule.name);
        assert!(blocks.iter().any(|block| !block.bad), "{}: no good block", rule.name);
    }
}

#[test]
fn findings_agree_with_annotations() {
    let cases: Vec<Case> = all()
        .into_iter()
        .map(|block| Case {
            name: format!("rule-doc:{}:{}", block.rule, block.title),
            files: block.files,
        })
        .collect();
    support::check_all("rule-doc:", "blocks", &cases);
}

#[test]
fn the_list_of_gaps_has_no_other_entries() {
    for entry in support::gaps() {
        assert!(
            entry.starts_with("rule-doc:") || entry.starts_with("project:"),
            "fixtures/known-gaps.txt: what is `{entry}`?"
        );
    }
}
