//! A report made by hand, for the tests of the formats.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Report, Summary};
use crate::finding::{Cause, Confidence, ErrorKind, Finding, InputError, Label, Role, Span};

const STORE: &str = "// the log of every request\nexport const requestLogs = [];\n";
const SERVER: &str = "import http from 'node:http';
import { requestLogs } from './store.js';

http.createServer((req, res) => {
  requestLogs.push({ url: req.url, at: Date.now() });
  res.end('ok');
});
";
const BROKEN: &str = "function f( {\n";

/// The span of `what` in `text`.
pub(crate) fn span(text: &str, what: &str) -> Span {
    let start = text.find(what).unwrap();
    Span::new(start as u32, (start + what.len()) as u32)
}

fn growing(server: &Arc<PathBuf>, store: &Arc<PathBuf>) -> Finding {
    let label = |role, message: &str, file: &Arc<PathBuf>, span| Label {
        role,
        message: message.to_owned(),
        file: Arc::clone(file),
        span,
    };
    Finding {
        rule: "growing-collection",
        cause: Cause::NeverBounded,
        severity: Confidence::High.severity(),
        confidence: Confidence::High,
        message: "`requestLogs` lives as long as the process and grows with every request".to_owned(),
        help: "drop old entries, for example `if (requestLogs.length > 100) requestLogs.shift()`".to_owned(),
        file: Arc::clone(server),
        span: span(SERVER, "requestLogs.push({ url: req.url, at: Date.now() })"),
        labels: vec![
            label(
                Role::Context,
                "this handler runs for every request",
                server,
                span(SERVER, "createServer"),
            ),
            label(
                Role::Holder,
                "the array is created once, when the module is loaded",
                store,
                span(STORE, "requestLogs"),
            ),
        ],
        fingerprint: "0123456789abcdef".to_owned(),
    }
}

/// A timer on one very long line, as a bundler writes it.
fn minified(file: &Arc<PathBuf>, text: &str) -> Finding {
    Finding {
        rule: "uncleared-timer",
        cause: Cause::HandleLost,
        severity: Confidence::Medium.severity(),
        confidence: Confidence::Medium,
        message: "the handle of this interval is thrown away".to_owned(),
        help: "keep the handle and clear it in `destroy`".to_owned(),
        file: Arc::clone(file),
        span: span(text, "setInterval(t,9)"),
        labels: vec![Label {
            role: Role::Context,
            message: "called for every instance".to_owned(),
            file: Arc::clone(file),
            span: span(text, "constructor"),
        }],
        fingerprint: "fedcba9876543210".to_owned(),
    }
}

/// Two findings, one over two files and one on a long line, and two inputs that could not be read.
pub(crate) fn report() -> Report {
    let path = |name: &str| Arc::new(PathBuf::from(name));
    let (server, store, bundle, broken) = (
        path("src/server.js"),
        path("src/store.js"),
        path("lib/b.js"),
        path("x.js"),
    );
    let filler = "a=1;".repeat(500);
    let long = format!("// bundle\n{filler}class A{{constructor(){{{filler}this.x=setInterval(t,9)}}}}{filler}\n");
    let findings = vec![minified(&bundle, &long), growing(&server, &store)];
    let errors = vec![
        InputError {
            kind: ErrorKind::Unreadable,
            message: "permission denied".to_owned(),
            file: path("src/secret.js"),
            span: None,
        },
        InputError {
            kind: ErrorKind::Syntax,
            message: "expected `}`, got end of file".to_owned(),
            file: Arc::clone(&broken),
            span: Some(Span::new(BROKEN.len() as u32, BROKEN.len() as u32)),
        },
    ];
    let texts = [(server, SERVER), (store, STORE), (broken, BROKEN), (bundle, &long)];
    let sources: HashMap<_, Arc<str>> = texts.into_iter().map(|(file, text)| (file, text.into())).collect();
    let summary = Summary {
        files: 120,
        skipped: 40,
        errors: 1,
        warnings: 1,
        infos: 0,
        suppressed: 2,
        baselined: 0,
        duration: Duration::from_millis(7),
    };
    Report {
        root: ".".into(),
        findings,
        errors,
        sources,
        summary,
        ..Report::default()
    }
}
