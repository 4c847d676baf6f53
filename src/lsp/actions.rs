//! What an editor offers at a finding: its story and its rule's explanation, and a way to silence it.

use std::collections::HashMap;
use std::path::Path;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, Hover, HoverContents, MarkupContent,
    MarkupKind, Position, TextEdit, WorkspaceEdit,
};

use super::convert;
use super::text::{Encoding, Lines};
use crate::finding::{Finding, Span};
use crate::workspace::{Answer, Workspace};

/// The command that opens the page of the rule that is its argument.
pub(super) const EXPLAIN: &str = "leaklint.explain";

/// Stands where people say why a finding may stay.
const REASON: &str = "TODO: say why this may stay";

/// The story of the finding at a position, and the explanation of its rule.
pub(super) fn hover(
    workspace: &Workspace,
    path: &Path,
    answer: &Answer,
    at: Position,
    encoding: Encoding,
) -> Option<Hover> {
    let text = workspace.text(path)?;
    let lines = Lines::new(text, encoding);
    let offset = lines.offset(at) as u32;
    let hit = |finding: &&Finding| finding.span.start <= offset && offset <= finding.span.end;
    // The narrowest one is the one that is pointed at.
    let finding = answer
        .findings
        .iter()
        .filter(hit)
        .min_by_key(|finding| finding.span.end - finding.span.start)?;
    let mut value = format!(
        "**{}/{}**: {}\n\n{}\n\n",
        finding.rule,
        finding.cause.as_str(),
        finding.message,
        finding.help
    );
    for label in &finding.labels {
        let file = workspace.absolute(&label.file);
        let line = workspace
            .text(&file)
            .map_or(0, |text| Lines::new(text, encoding).position(label.span.start).line)
            + 1;
        let place = format!("{}:{line}", crate::report::slashed(&label.file));
        let link = convert::uri(&file).map_or(place.clone(), |uri| format!("[{place}]({}#L{line})", uri.as_str()));
        value += &format!("- {link} {}\n", label.message);
    }
    value += &format!("\n[{}]({})\n\n---\n\n", finding.rule, finding.url());
    let mut known = crate::rules::all().iter().chain(&crate::suppress::NOTICES);
    if let Some(rule) = known.find(|rule| rule.name == finding.rule) {
        value += rule.doc.trim();
    }
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value,
        }),
        range: Some(lines.range(finding.span)),
    })
}

/// What can be done about the findings that a range touches.
pub(super) fn code_actions(
    workspace: &Workspace,
    path: &Path,
    answer: &Answer,
    params: &CodeActionParams,
    encoding: Encoding,
) -> Vec<CodeActionOrCommand> {
    let Some(text) = workspace.text(path) else {
        return Vec::new();
    };
    let wants = |kind: &CodeActionKind| {
        params.context.only.as_ref().is_none_or(|only| {
            only.iter().any(|wanted| {
                kind.as_str() == wanted.as_str() || kind.as_str().starts_with(&format!("{}.", wanted.as_str()))
            })
        })
    };
    let lines = Lines::new(text, encoding);
    let asked = Span::new(
        lines.offset(params.range.start) as u32,
        lines.offset(params.range.end) as u32,
    );
    let touched = answer
        .findings
        .iter()
        .filter(|finding| finding.span.start <= asked.end && asked.start <= finding.span.end);
    let mut actions = Vec::new();
    for finding in touched {
        let diagnostics = params.context.diagnostics.iter();
        let range = lines.range(finding.span);
        let fixed: Vec<_> = diagnostics
            .filter(|diagnostic| diagnostic.range == range)
            .cloned()
            .collect();
        if wants(&CodeActionKind::QUICKFIX)
            && let Some((offset, comment)) = suppression(workspace, path, text, finding)
        {
            let at = lines.position(offset);
            let edit = TextEdit::new(lsp_types::Range::new(at, at), comment);
            // A map of this type is what the protocol's crate has; its keys are never changed.
            #[allow(clippy::mutable_key_type)]
            let changes = HashMap::from([(params.text_document.uri.clone(), vec![edit])]);
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: format!("Suppress {} here, with a reason", finding.rule),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(fixed).filter(|fixed| !fixed.is_empty()),
                edit: Some(WorkspaceEdit::new(changes)),
                ..CodeAction::default()
            }));
        }
        if params.context.only.is_none() {
            let title = format!("Explain {}", finding.rule);
            actions.push(CodeActionOrCommand::Command(Command {
                title,
                command: EXPLAIN.to_owned(),
                arguments: Some(vec![finding.rule.into()]),
            }));
        }
    }
    actions
}

/// A comment that silences a finding, and where to put it. Which form of comment is right depends on where the
/// finding stands (code, JSX, markup), so each is tried until one does what it says.
fn suppression(workspace: &Workspace, path: &Path, text: &str, finding: &Finding) -> Option<(u32, String)> {
    // A notice about a comment is not silenced by another one.
    crate::rules::find(finding.rule)?;
    let at = finding.span.start as usize;
    let is_break = |c| matches!(c, '\n' | '\r');
    let start = text.get(..at)?.rfind(is_break).map_or(0, |end| end + 1);
    let end = at + text[at..].find(is_break).unwrap_or(text.len() - at);
    let line = &text[start..end];
    let bare = line.trim_start_matches([' ', '\t', '\u{feff}']);
    let indent = &line[..line.len() - bare.len()];
    let (start, indent) = match indent.strip_prefix('\u{feff}') {
        Some(rest) => (start + 3, rest),
        None => (start, indent),
    };
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let body = |word: &str| format!("leaklint-{word} {} -- {REASON}", finding.rule);
    let next = body("disable-next-line");
    let above = [
        format!("// {next}"),
        format!("{{/* {next} */}}"),
        format!("<!-- {next} -->"),
    ];
    let above = above.map(|comment| (start, format!("{indent}{comment}{eol}")));
    let beside = (end, format!(" // {}", body("disable-line")));
    above.into_iter().chain([beside]).find_map(|(offset, comment)| {
        let mut after = text.to_owned();
        after.insert_str(offset, &comment);
        let shift = if offset <= at { comment.len() as u32 } else { 0 };
        let mut moved = finding.clone();
        moved.span = Span::new(finding.span.start + shift, finding.span.end + shift);
        workspace
            .silences(path, &after, moved)
            .then_some((offset as u32, comment))
    })
}
