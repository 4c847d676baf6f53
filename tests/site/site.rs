//! Writes the pages that the `url` of a finding points to: `cargo run --example site -- FOLDER`.
//!
//! One page for each rule, made of its `rule.md`, one for each notice about comments, and one for each text in
//! the guides in `editors`. The pages need no script and no other host.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

const STYLE: &str = "\
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --code: light-dark(#f5f5f3, #1d1f21) }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 48rem; margin: 0 auto; padding: 1rem 1.25rem 4rem }
nav { border-bottom: 1px solid var(--line); padding-bottom: .5rem }
h1, h2, h3 { line-height: 1.25 } h2 { margin-top: 2.25rem }
pre { background: var(--code); padding: .75rem 1rem; overflow-x: auto; border-radius: 6px }
code { font: .9em/1.5 ui-monospace, monospace }
table { border-collapse: collapse } td, th { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left }
";

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: cargo run --example site -- FOLDER");
        return ExitCode::from(2);
    };
    match write(Path::new(&folder)) {
        Ok(pages) => {
            println!("{} pages in {}", pages.len(), Path::new(&folder).display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One page: its folder in the site, its title and its Markdown.
struct Page {
    folder: String,
    title: String,
    text: String,
}

/// Writes the site; the files written, relative to `folder`.
pub(crate) fn write(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let pages = pages()?;
    let mut written = Vec::new();
    for page in &pages {
        let file = Path::new(&page.folder).join("index.html");
        let path = folder.join(&file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, render(page))?;
        written.push(file);
    }
    Ok(written)
}

fn pages() -> io::Result<Vec<Page>> {
    let mut pages = Vec::new();
    let mut list = String::from(
        "# leaklint\n\nA static linter that finds memory leaks in JavaScript and TypeScript before they ship.\n\n\
         ## Rules\n\n| rule | reports |\n|---|---|\n",
    );
    let mut notices = String::from("\n## Notices about suppression comments\n\n| notice | reports |\n|---|---|\n");
    let rules = leaklint::rules::all();
    for rule in rules.iter().chain(&leaklint::suppress::NOTICES) {
        let table = if rule.word.is_some() { &mut list } else { &mut notices };
        let _ = writeln!(table, "| [{0}](rules/{0}/) | {1} |", rule.name, rule.summary);
        pages.push(Page {
            folder: format!("rules/{}", rule.name),
            title: rule.name.to_owned(),
            text: rule.doc.to_owned(),
        });
    }
    list += &notices;
    list += "\n## Guides\n\n";
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors");
    let mut names: Vec<PathBuf> = fs::read_dir(guides)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    names.retain(|path| path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("README.md"));
    names.sort();
    for path in names {
        let text = fs::read_to_string(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let title = text.lines().next().unwrap_or(&name).trim_start_matches("# ").to_owned();
        let _ = writeln!(list, "- [{title}](guides/{name}/)");
        pages.push(Page {
            folder: format!("guides/{name}"),
            title,
            text,
        });
    }
    pages.push(Page {
        folder: String::new(),
        title: "leaklint".to_owned(),
        text: list,
    });
    Ok(pages)
}

fn render(page: &Page) -> String {
    let mut events: Vec<Event<'_>> = Parser::new_ext(&page.text, Options::ENABLE_TABLES).collect();
    headings(&mut events);
    let mut body = String::new();
    html::push_html(&mut body, events.into_iter());
    let up = "../".repeat(page.folder.split('/').filter(|part| !part.is_empty()).count());
    let home = if up.is_empty() { "./" } else { &up };
    let title = if page.folder.is_empty() {
        "leaklint".to_owned()
    } else {
        format!("{} · leaklint", page.title)
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n\
         <meta name=\"viewport\" content=\"width=device-width\" />\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<nav><a href=\"{home}\">leaklint</a></nav>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// Gives every heading an id made of its words, so that it can be linked to.
fn headings(events: &mut [Event<'_>]) {
    let mut open: Option<usize> = None;
    let mut ids: Vec<(usize, String)> = Vec::new();
    let mut text = String::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if *level != HeadingLevel::H1 => {
                open = Some(index);
                text.clear();
            }
            Event::Text(part) | Event::Code(part) if open.is_some() => text.push_str(part),
            Event::End(TagEnd::Heading(_)) => {
                if let Some(start) = open.take() {
                    let words = text
                        .split(|c: char| !c.is_ascii_alphanumeric())
                        .filter(|word| !word.is_empty());
                    let mut id = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
                    let twins = ids.iter().filter(|(_, other)| *other == id).count();
                    if twins > 0 {
                        let _ = write!(id, "-{}", twins + 1);
                    }
                    ids.push((start, id));
                }
            }
            _ => {}
        }
    }
    for (start, name) in ids {
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
            *id = Some(CowStr::from(name));
        }
    }
}
