//! Tests of [`super`], apart so that the module stays short.

use super::*;

/// Parses every comment of `source` that stands alone or at the end of a line, as extraction would.
fn directives(source: &str) -> Vec<Directive> {
    let lines = LineIndex::new(source);
    let mut list = Vec::new();
    let mut from = 0;
    while let Some(at) = source[from..].find(MARKER).map(|at| at + from) {
        let start = ["//", "/*", "<!--"]
            .iter()
            .filter_map(|open| source[..at].rfind(open))
            .max()
            .unwrap();
        let close = [("//", "\n"), ("/*", "*/"), ("<!--", "-->")];
        let (open, close) = close
            .iter()
            .find(|(open, _)| source[start..].starts_with(open))
            .unwrap();
        let end = source[at..]
            .find(close)
            .map_or(source.len(), |end| at + end + close.len());
        let end = if *open == "//" && source[..end].ends_with('\n') {
            end - 1
        } else {
            end
        };
        let span = Span::new(start as u32, end as u32);
        list.extend(parse(&source[start..end], span, source, &lines));
        from = end;
    }
    list
}

/// Findings of `rule` at every `LEAK` of the source.
fn findings(source: &str, rule: &'static str, file: &Arc<PathBuf>) -> Vec<Finding> {
    let at = source
        .match_indices("LEAK")
        .map(|(at, _)| Span::new(at as u32, at as u32 + 4));
    let mut out = Vec::new();
    for span in at {
        Desk {
            file,
            name: String::new(),
            text: source,
            out: &mut out,
        }
        .say(rule, Severity::Error, span, "m".into(), "h");
    }
    out.iter_mut().for_each(|finding| finding.cause = Cause::NeverReleased);
    out
}

fn run(source: &str, require_reason: bool) -> (usize, usize, Vec<String>) {
    let file = Arc::new(PathBuf::from("a.js"));
    let sources = HashMap::from([(Arc::clone(&file), Arc::from(source))]);
    let list = vec![(Arc::clone(&file), directives(source))];
    let applied = apply(
        findings(source, "uncleared-timer", &file),
        &list,
        &sources,
        &|file| file.display().to_string(),
        require_reason,
    );
    let notices = applied
        .notices
        .iter()
        .map(|notice| format!("{}: {}", notice.rule, notice.message))
        .collect();
    (applied.kept.len(), applied.suppressed.len(), notices)
}

#[test]
fn every_comment_form_is_read_alike() {
    for text in [
        "// leaklint-disable-line uncleared-timer, unremoved-listener -- it is one process",
        "/* leaklint-disable-line uncleared-timer unremoved-listener -- it is one process */",
        "{/* leaklint-disable-line uncleared-timer,unremoved-listener -- it is one process */}",
        "<!-- leaklint-disable-line uncleared-timer , unremoved-listener -- it is one process -->",
        "/** leaklint-disable-line uncleared-timer, unremoved-listener -- it is one process **/",
        " leaklint-disable-line uncleared-timer, unremoved-listener -- it is one process",
    ] {
        let directive = parse(text, Span::new(0, text.len() as u32), text, &LineIndex::new(text)).unwrap();
        assert_eq!(directive.scope, Scope::Line, "{text}");
        assert_eq!(directive.rules, ["uncleared-timer", "unremoved-listener"], "{text}");
        assert_eq!(directive.reason.as_deref(), Some("it is one process"), "{text}");
    }
    for text in [
        "// see leaklint-disable-line",
        "// eslint-disable-line",
        "/* leaklint */",
    ] {
        assert_eq!(
            parse(text, Span::default(), text, &LineIndex::new(text)),
            None,
            "{text}"
        );
    }
}

#[test]
fn next_line_skips_blank_lines_and_comments() {
    for between in [
        "\n",
        "\n\n  \n",
        "\n// why\n",
        "\n/* a\n b */\n",
        "\n{/* jsx */}\n",
        "\n<!-- x\n -->\n",
        "\r\n\r\n",
    ] {
        let source = format!("// leaklint-disable-next-line{between}LEAK\nLEAK");
        assert_eq!(run(&source, false), (1, 1, vec![]), "{between:?}");
    }
    assert_eq!(
        run("// leaklint-disable-next-line uncleared-timer\n", false).2.len(),
        1,
        "nothing follows"
    );
}

#[test]
fn line_holds_at_either_end_of_a_call() {
    assert_eq!(run("LEAK // leaklint-disable-line", false), (0, 1, vec![]));
    assert_eq!(run("LEAK\n// leaklint-disable-line", false).0, 1);
}

#[test]
fn blocks_begin_and_end_by_rule() {
    let block = "LEAK\n/* leaklint-disable uncleared-timer */\nLEAK\n/* leaklint-enable */\nLEAK";
    assert_eq!(run(block, false), (2, 1, vec![]));
    let other = "/* leaklint-disable */\nLEAK\n/* leaklint-enable unremoved-listener */\nLEAK";
    assert_eq!(run(other, false), (0, 2, vec![]));
    let open = "LEAK\n// leaklint-disable\nLEAK";
    assert_eq!(run(open, false), (1, 1, vec![]));
}

#[test]
fn file_level_holds_before_and_after() {
    assert_eq!(
        run("LEAK\n// leaklint-disable-file uncleared-timer\nLEAK", false),
        (0, 2, vec![])
    );
}

#[test]
fn what_is_wrong_with_a_directive_is_said() {
    let (kept, _, notices) = run("// leaklint-disable-line unclaered-timer\nLEAK", false);
    assert_eq!(
        (kept, notices),
        (
            1,
            vec!["unknown-suppression: the suppression names an unknown rule, `unclaered-timer`".into()]
        )
    );
    let (_, _, notices) = run(
        "LEAK // leaklint-disable-line uncleared-timer, unremoved-listener",
        true,
    );
    assert_eq!(
        notices,
        [
            "suppression-without-reason: the suppression gives no reason",
            "unused-suppression: the suppression of `unremoved-listener` silences nothing"
        ]
    );
    let (_, _, notices) = run("// leaklint-disable-nextline\nLEAK\n// leaklint-enable\n", false);
    assert_eq!(
        notices,
        [
            "unknown-suppression: `leaklint-disable-nextline` is not a directive of leaklint",
            "unused-suppression: `leaklint-enable` ends no `leaklint-disable` block"
        ]
    );
}

#[test]
fn the_narrowest_directive_is_the_used_one() {
    let source = "// leaklint-disable-file\nLEAK // leaklint-disable-line";
    assert_eq!(
        run(source, false),
        (
            0,
            1,
            vec!["unused-suppression: the suppression silences nothing".into()]
        )
    );
}
