//! The diagnostics of all files, asked for at once. They are made in portions, so that what the editor says meanwhile
//! is heard: a cancellation ends the report, a change of a text begins it anew (what is known already is not judged
//! again).

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use lsp_server::RequestId;
use lsp_types::{
    Diagnostic, FullDocumentDiagnosticReport, ProgressToken, UnchangedDocumentDiagnosticReport, Uri,
    WorkspaceDiagnosticParams, WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::convert;
use super::documents::Documents;
use super::folder::Folder;
use super::text::Encoding;

/// Files of one portion: some milliseconds of work.
const PORTION: usize = 32;

/// A report that is being made.
pub(super) struct Report {
    pub(super) id: RequestId,
    /// Where the editor wants to hear of each portion, if it does.
    pub(super) partial: Option<ProgressToken>,
    /// What the editor knows: the id of the diagnostics of each file.
    before: HashMap<PathBuf, String>,
    said: HashSet<PathBuf>,
    pub(super) items: Vec<WorkspaceDocumentDiagnosticReport>,
}

impl Report {
    pub(super) fn new(id: RequestId, params: WorkspaceDiagnosticParams) -> Self {
        let before = params.previous_result_ids.into_iter();
        Self {
            id,
            partial: params.partial_result_params.partial_result_token,
            before: before
                .filter_map(|one| Some((convert::path(&one.uri)?, one.value)))
                .collect(),
            said: HashSet::new(),
            items: Vec::new(),
        }
    }

    /// The texts are not those that it began with.
    pub(super) fn begin_anew(&mut self) {
        self.said.clear();
        self.items.clear();
    }

    /// Adds one portion. Returns whether files are left.
    pub(super) fn go_on(&mut self, folders: &mut [Folder], documents: &Documents, encoding: Encoding) -> bool {
        for folder in folders {
            let mut paths = folder.workspace.reported();
            // What a deeper folder speaks for is said already.
            paths.retain(|path| !self.said.contains(path));
            if paths.is_empty() {
                continue;
            }
            paths.truncate(PORTION);
            let answers = folder.workspace.answers(&paths);
            for (path, answer) in paths.into_iter().zip(answers) {
                if let (Some(answer), Some(uri)) = (answer, convert::uri(&path)) {
                    let found = convert::diagnostics(&folder.workspace, &path, &answer, encoding);
                    let version = documents.get(&path).map(|document| i64::from(document.version));
                    self.items.extend(item(uri, version, found, self.before.get(&path)));
                }
                self.said.insert(path);
            }
            return true;
        }
        false
    }
}

/// What is said of a file; nothing where there is nothing and nothing was.
fn item(
    uri: Uri,
    version: Option<i64>,
    found: Vec<Diagnostic>,
    known: Option<&String>,
) -> Option<WorkspaceDocumentDiagnosticReport> {
    if found.is_empty() && known.is_none() {
        return None;
    }
    let id = result_id(&found);
    Some(if known == Some(&id) {
        WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
            uri,
            version,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        })
    } else {
        WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(id),
                items: found,
            },
        })
    })
}

/// Stands for diagnostics, so that equal ones need not be sent again.
pub(super) fn result_id(items: &[Diagnostic]) -> String {
    let text = serde_json::to_vec(items).unwrap_or_default();
    blake3::hash(&text).to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use lsp_server::{Connection, Message, Notification, Request, Response};
    use serde_json::{Value, json};

    use super::super::server::Server;
    use super::*;

    const LEAK: &str = "const seen = [];\nrequire('http').createServer((req) => { seen.push(req.url); });\n";

    /// A server that is driven by hand, with a project of more files than one portion, each with one finding.
    struct Driven {
        server: Server,
        client: Connection,
        folder: tempfile::TempDir,
    }

    impl Driven {
        const FILES: usize = PORTION * 2 + 1;

        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("package.json"), "{}").unwrap();
            for i in 0..Self::FILES {
                fs::write(folder.path().join(format!("{i}.js")), LEAK).unwrap();
            }
            let uri = convert::uri(folder.path()).unwrap();
            let params = json!({
                "capabilities": { "textDocument": { "diagnostic": {} } },
                "workspaceFolders": [{ "uri": uri, "name": "folder" }],
            });
            let (connection, client) = Connection::memory();
            let params = serde_json::from_value(params).unwrap();
            let mut driven = Self {
                server: Server::new(connection, params, Encoding::choose(None), None),
                client,
                folder,
            };
            driven.server.work();
            driven
        }

        fn ask(&mut self, id: i32, params: Value) {
            let method = "workspace/diagnostic".to_owned();
            let request = Request {
                id: id.into(),
                method,
                params,
            };
            assert!(self.server.hear(Message::Request(request)).is_ok());
        }

        fn tell(&mut self, method: &str, params: Value) {
            let method = method.to_owned();
            assert!(
                self.server
                    .hear(Message::Notification(Notification { method, params }))
                    .is_ok()
            );
        }

        fn cancel(&mut self, id: i32) {
            self.tell("$/cancelRequest", json!({ "id": id }));
        }

        fn work(&mut self) {
            while self.server.has_work() {
                self.server.work();
            }
        }

        /// The answers since it was last asked, and the items of the portions.
        fn heard(&self) -> (Vec<Response>, Vec<usize>) {
            let (mut answers, mut portions) = (Vec::new(), Vec::new());
            for message in self.client.receiver.try_iter() {
                match message {
                    Message::Response(answer) => answers.push(answer),
                    Message::Notification(note) if note.method == "$/progress" => {
                        portions.push(note.params["value"]["items"].as_array().unwrap().len());
                    }
                    _ => {}
                }
            }
            (answers, portions)
        }
    }

    fn all() -> Value {
        json!({ "previousResultIds": [] })
    }

    fn refusal(answer: &Response) -> (RequestId, Option<i32>) {
        (
            answer.id.clone(),
            answer.response_result.as_ref().err().map(|error| error.code),
        )
    }

    fn items(answer: &Response) -> &[Value] {
        match &answer.response_result {
            Ok(result) => result["items"].as_array().unwrap(),
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn a_report_is_cancelled_before_it_begins_and_while_it_is_made_and_not_after() {
        let mut driven = Driven::new();
        driven.ask(1, all());
        driven.cancel(1);
        driven.ask(2, all());
        driven.server.work();
        driven.server.work();
        let (answers, _) = driven.heard();
        assert_eq!(answers.len(), 1, "the second is being made");
        assert_eq!(refusal(&answers[0]), (1.into(), Some(-32800)));
        driven.cancel(2);
        assert!(!driven.server.has_work());
        let (answers, _) = driven.heard();
        assert_eq!(answers.len(), 1);
        assert_eq!(refusal(&answers[0]), (2.into(), Some(-32800)));

        driven.ask(3, all());
        driven.work();
        driven.cancel(3);
        driven.work();
        let (answers, _) = driven.heard();
        assert_eq!(answers.len(), 1, "what is answered is not refused as well");
        assert_eq!(items(&answers[0]).len(), Driven::FILES);
    }

    #[test]
    fn portions_are_told_to_who_wants_them() {
        let mut driven = Driven::new();
        driven.ask(1, json!({ "previousResultIds": [], "partialResultToken": "part" }));
        driven.work();
        let (answers, portions) = driven.heard();
        assert_eq!(portions, [PORTION, PORTION, 1]);
        assert!(items(&answers[0]).is_empty());
    }

    #[test]
    fn a_text_that_changes_meanwhile_counts() {
        let mut driven = Driven::new();
        driven.ask(1, all());
        driven.server.work();
        driven.server.work();
        let file = driven.folder.path().join("0.js");
        let uri = convert::uri(&file).unwrap();
        let document = json!({ "uri": uri, "languageId": "javascript", "version": 1, "text": "" });
        driven.tell("textDocument/didOpen", json!({ "textDocument": document }));
        driven.work();
        let (answers, _) = driven.heard();
        assert_eq!(answers.len(), 1);
        assert_eq!(items(&answers[0]).len(), Driven::FILES - 1);
    }
}
