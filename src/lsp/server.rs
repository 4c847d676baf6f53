//! The loop, and what each message means.

mod folders;
mod outbox;

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self as notes, Notification as _};
use lsp_types::request::{self as asks, Request as _};
use lsp_types::{
    Diagnostic, DocumentDiagnosticReport, FileChangeType, FullDocumentDiagnosticReport, InitializeParams, MessageType,
    NumberOrString, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, Uri, WorkspaceDiagnosticReport,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::documents::Documents;
use super::folder::{Folder, Settings};
use super::report::{Report, result_id};
use super::text::Encoding;
use super::{actions, convert};

/// What the client can do.
struct Client {
    /// It asks for diagnostics, so it need not be told.
    pulls: bool,
    /// It asks again when told that answers may have changed.
    refreshes: bool,
    /// It watches files when asked to.
    watches: bool,
    /// It shows progress.
    progress: bool,
    /// It opens pages.
    shows_documents: bool,
}

impl Client {
    fn new(params: &InitializeParams) -> Self {
        let text = params.capabilities.text_document.as_ref();
        let workspace = params.capabilities.workspace.as_ref();
        let window = params.capabilities.window.as_ref();
        Self {
            pulls: text.is_some_and(|text| text.diagnostic.is_some()),
            refreshes: workspace
                .and_then(|workspace| workspace.diagnostic.as_ref()?.refresh_support)
                .unwrap_or(false),
            watches: workspace
                .and_then(|workspace| workspace.did_change_watched_files?.dynamic_registration)
                .unwrap_or(false),
            progress: window.and_then(|window| window.work_done_progress).unwrap_or(false),
            shows_documents: window
                .and_then(|window| window.show_document.as_ref())
                .is_some_and(|show| show.support),
        }
    }
}

pub(super) struct Server {
    connection: Connection,
    encoding: Encoding,
    client: Client,
    settings: Settings,
    cache: Option<PathBuf>,
    folders: Vec<Folder>,
    /// Folders that are still to be read.
    unread: VecDeque<PathBuf>,
    /// Folders whose configuration is to be read again, and such that are to be listed again.
    reload: HashSet<PathBuf>,
    rescan: HashSet<PathBuf>,
    documents: Documents,
    /// Requests that wait for their turn.
    waiting: VecDeque<Request>,
    /// Reports on all files that are being made, or wait for it.
    reports: VecDeque<Report>,
    /// Documents whose diagnostics may have to be published, the one that changed last first.
    unpublished: VecDeque<PathBuf>,
    /// What was published last, with the version it was for.
    published: HashMap<PathBuf, (Option<i32>, Vec<Diagnostic>)>,
    next_id: i32,
}

/// Why the loop ends.
#[derive(Debug)]
pub(super) enum End {
    Goodbye,
    Broken(String),
}

impl Server {
    pub(super) fn new(
        connection: Connection,
        params: InitializeParams,
        encoding: Encoding,
        cache: Option<PathBuf>,
    ) -> Self {
        let client = Client::new(&params);
        let folders = params.workspace_folders.clone().unwrap_or_default();
        let mut unread: VecDeque<_> = folders.iter().filter_map(|folder| convert::path(&folder.uri)).collect();
        // Older editors have one root instead.
        #[allow(deprecated)]
        if unread.is_empty()
            && let Some(root) = params.root_uri.as_ref().and_then(convert::path)
        {
            unread.push_back(root);
        }
        Self {
            connection,
            encoding,
            client,
            settings: settings(params.initialization_options.unwrap_or_default()),
            cache,
            folders: Vec::new(),
            unread,
            reload: HashSet::new(),
            rescan: HashSet::new(),
            documents: Documents::default(),
            waiting: VecDeque::new(),
            reports: VecDeque::new(),
            unpublished: VecDeque::new(),
            published: HashMap::new(),
            next_id: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<(), String> {
        self.watch();
        loop {
            let message = if self.has_work() {
                self.connection.receiver.try_recv().ok()
            } else {
                match self.connection.receiver.recv() {
                    Ok(message) => Some(message),
                    Err(_) => return Err("the editor left without saying goodbye".to_owned()),
                }
            };
            let ended = match message {
                Some(message) => self.hear(message),
                None => {
                    self.work();
                    Ok(())
                }
            };
            match ended {
                Ok(()) => {}
                Err(End::Goodbye) => return Ok(()),
                Err(End::Broken(why)) => return Err(why),
            }
        }
    }

    pub(super) fn has_work(&self) -> bool {
        !(self.unread.is_empty()
            && self.reload.is_empty()
            && self.rescan.is_empty()
            && self.waiting.is_empty()
            && self.reports.is_empty()
            && self.unpublished.is_empty())
    }

    /// Takes note of a message.
    pub(super) fn hear(&mut self, message: Message) -> Result<(), End> {
        match message {
            Message::Request(request) => match self.connection.handle_shutdown(&request) {
                Ok(true) => return Err(End::Goodbye),
                Ok(false) => self.waiting.push_back(request),
                Err(error) => return Err(End::Broken(error.to_string())),
            },
            Message::Notification(note) if note.method == notes::Exit::METHOD => {
                return Err(End::Broken("the editor left without saying goodbye".to_owned()));
            }
            Message::Notification(note) => self.note(note),
            // Answers to what the server asked change nothing.
            Message::Response(_) => {}
        }
        Ok(())
    }

    fn note(&mut self, note: Notification) {
        let method = note.method.clone();
        let understood = match method.as_str() {
            notes::DidOpenTextDocument::METHOD => read::<notes::DidOpenTextDocument>(note).map(|params| {
                let path = self.documents.open(params.text_document);
                self.touched(path);
            }),
            notes::DidChangeTextDocument::METHOD => read::<notes::DidChangeTextDocument>(note).map(|params| {
                let path = self.documents.change(params, self.encoding);
                self.touched(path);
            }),
            notes::DidCloseTextDocument::METHOD => {
                read::<notes::DidCloseTextDocument>(note).map(|params| self.closed(&params.text_document.uri))
            }
            notes::DidSaveTextDocument::METHOD => read::<notes::DidSaveTextDocument>(note).map(|params| {
                if let Some(path) = convert::path(&params.text_document.uri) {
                    self.changed_on_disk(&path, FileChangeType::CHANGED);
                }
            }),
            notes::DidChangeWatchedFiles::METHOD => read::<notes::DidChangeWatchedFiles>(note).map(|params| {
                for change in params.changes {
                    if let Some(path) = convert::path(&change.uri) {
                        self.changed_on_disk(&path, change.typ);
                    }
                }
                self.refresh();
            }),
            notes::DidChangeWorkspaceFolders::METHOD => read::<notes::DidChangeWorkspaceFolders>(note).map(|params| {
                let gone: Vec<_> = params
                    .event
                    .removed
                    .iter()
                    .filter_map(|f| convert::path(&f.uri))
                    .collect();
                self.folders.retain(|folder| !gone.contains(&folder.path));
                self.unread.retain(|path| !gone.contains(path));
                let new = params.event.added.iter().filter_map(|f| convert::path(&f.uri));
                self.unread.extend(new);
                self.refresh();
            }),
            notes::DidChangeConfiguration::METHOD => read::<notes::DidChangeConfiguration>(note).map(|params| {
                self.settings = settings(params.settings);
                self.reload = self.folders.iter().map(|folder| folder.path.clone()).collect();
                self.refresh();
            }),
            notes::Cancel::METHOD => read::<notes::Cancel>(note).map(|params| {
                let id: RequestId = match params.id {
                    NumberOrString::Number(id) => id.into(),
                    NumberOrString::String(id) => id.into(),
                };
                self.cancel(id);
            }),
            // What is not known may be passed over, says the protocol.
            _ => Ok(()),
        };
        if let Err(why) = understood {
            self.log(&format!("{method} was not understood: {why}"));
        }
        // What does not begin with `$/` may change what is said of files.
        if !method.starts_with("$/") {
            for report in &mut self.reports {
                report.begin_anew();
            }
        }
    }

    fn cancel(&mut self, id: RequestId) {
        let asked = self.waiting.len() + self.reports.len();
        self.waiting.retain(|request| request.id != id);
        self.reports.retain(|report| report.id != id);
        if self.waiting.len() + self.reports.len() < asked {
            self.refuse(id, ErrorCode::RequestCanceled, "cancelled");
        }
    }

    /// A document was opened or changed: all that are open may be concerned, itself first.
    fn touched(&mut self, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        if !self.client.pulls {
            let mut paths = self.documents.paths();
            paths.retain(|other| *other != path);
            self.unpublished = std::iter::once(path.clone()).chain(paths).collect();
        }
        self.adopt(&path);
    }

    fn closed(&mut self, uri: &Uri) {
        let Some((path, document)) = self.documents.close(uri) else {
            return;
        };
        for folder in &mut self.folders {
            if folder.workspace.set_text(&path, None) {
                self.rescan.insert(folder.path.clone());
            }
        }
        self.unpublished.retain(|other| *other != path);
        if self.published.remove(&path).is_some() {
            self.publish(document.uri, Vec::new(), None);
        }
        self.republish();
    }

    /// Everything open may have other diagnostics.
    fn republish(&mut self) {
        if !self.client.pulls {
            self.unpublished = self.documents.paths().into();
        }
    }

    /// Tells a client that asks to ask again, and tells one that does not.
    fn refresh(&mut self) {
        self.republish();
        if self.client.pulls && self.client.refreshes {
            self.ask::<asks::WorkspaceDiagnosticRefresh>(Value::Null);
        }
    }

    /// Does one piece of work. A panic in it is a fault of leaklint; the editor keeps its server all the same.
    pub(super) fn work(&mut self) {
        let done = catch_unwind(AssertUnwindSafe(|| self.piece_of_work()));
        if done.is_err() {
            self.log("leaklint made a mistake and left one piece of work undone; please report what you did");
        }
    }

    fn piece_of_work(&mut self) {
        if let Some(path) = self.unread.pop_front() {
            return self.read_folder(path);
        }
        self.tell_folders();
        if let Some(request) = self.waiting.pop_front() {
            return self.answer(request);
        }
        if let Some(path) = self.unpublished.pop_front() {
            return self.publish_document(&path);
        }
        self.go_on_with_report();
    }

    fn diagnostics(&mut self, path: &Path) -> Vec<Diagnostic> {
        let encoding = self.encoding;
        let Some(folder) = self.folder_of(path) else {
            return Vec::new();
        };
        match folder.workspace.answers(&[path.to_path_buf()]).pop().flatten() {
            Some(answer) => convert::diagnostics(&folder.workspace, path, &answer, encoding),
            None => Vec::new(),
        }
    }

    fn publish_document(&mut self, path: &Path) {
        let Some(document) = self.documents.get(path) else {
            return;
        };
        let (uri, version) = (document.uri.clone(), Some(document.version));
        let new = (version, self.diagnostics(path));
        if self.published.get(path) != Some(&new) {
            self.publish(uri, new.1.clone(), version);
            self.published.insert(path.to_path_buf(), new);
        }
    }

    fn answer(&mut self, request: Request) {
        let id = request.id.clone();
        let method = request.method.clone();
        let answer = match method.as_str() {
            asks::DocumentDiagnosticRequest::METHOD => {
                ask::<asks::DocumentDiagnosticRequest>(request).and_then(|params| {
                    let path = convert::path(&params.text_document.uri);
                    let items = path.map_or_else(Vec::new, |path| self.diagnostics(&path));
                    result(document_report(items, params.previous_result_id))
                })
            }
            asks::WorkspaceDiagnosticRequest::METHOD => match ask::<asks::WorkspaceDiagnosticRequest>(request) {
                Ok(params) => return self.reports.push_back(Report::new(id, params)),
                Err(refusal) => Err(refusal),
            },
            asks::HoverRequest::METHOD => ask::<asks::HoverRequest>(request).and_then(|params| {
                let at = params.text_document_position_params;
                result(self.at(&at.text_document.uri, |workspace, path, answer, encoding| {
                    actions::hover(workspace, path, answer, at.position, encoding)
                }))
            }),
            asks::CodeActionRequest::METHOD => ask::<asks::CodeActionRequest>(request).and_then(|params| {
                result(self.at(&params.text_document.uri, |workspace, path, answer, encoding| {
                    Some(actions::code_actions(workspace, path, answer, &params, encoding))
                }))
            }),
            asks::ExecuteCommand::METHOD => ask::<asks::ExecuteCommand>(request).and_then(|params| {
                let rule = params.arguments.first().and_then(Value::as_str).unwrap_or_default();
                self.explain(&params.command, rule)
            }),
            _ => Err((ErrorCode::MethodNotFound, format!("{method} is not known here"))),
        };
        self.reply(id, answer);
    }

    fn reply(&self, id: RequestId, answer: Answered) {
        match answer {
            Ok(value) => self.send(Message::Response(Response::new_ok(id, value))),
            Err((code, message)) => self.refuse(id, code, &message),
        }
    }

    /// Asks something about a file and what is said of it.
    fn at<T>(
        &mut self,
        uri: &Uri,
        ask: impl FnOnce(&crate::workspace::Workspace, &Path, &crate::workspace::Answer, Encoding) -> Option<T>,
    ) -> Option<T> {
        let encoding = self.encoding;
        let path = convert::path(uri)?;
        let folder = self.folder_of(&path)?;
        let answer = folder.workspace.answers(std::slice::from_ref(&path)).pop()??;
        ask(&folder.workspace, &path, &answer, encoding)
    }

    /// Makes one portion of the report that was asked for first.
    fn go_on_with_report(&mut self) {
        let Some(mut report) = self.reports.pop_front() else {
            return;
        };
        if report.go_on(&mut self.folders, &self.documents, self.encoding) {
            if let Some(token) = &report.partial
                && !report.items.is_empty()
            {
                let items = std::mem::take(&mut report.items);
                self.tell::<notes::Progress>(json!({ "token": token, "value": { "items": items } }));
            }
            self.reports.push_front(report);
        } else {
            let items = WorkspaceDiagnosticReport { items: report.items };
            self.reply(report.id, result(items));
        }
    }

    /// Opens the page of a rule, or says what it is about where no page can be opened.
    fn explain(&mut self, command: &str, rule: &str) -> Answered {
        if command != actions::EXPLAIN {
            return Err((ErrorCode::InvalidParams, format!("there is no command `{command}`")));
        }
        let mut known = crate::rules::all().iter().chain(&crate::suppress::NOTICES);
        let Some(rule) = known.find(|known| known.name == rule) else {
            return Err((ErrorCode::InvalidParams, format!("there is no rule `{rule}`")));
        };
        let url = format!("{}{}", crate::finding::RULE_URL, rule.name);
        if self.client.shows_documents {
            self.ask::<asks::ShowDocument>(json!({ "uri": url, "external": true }));
        } else {
            let message = format!("{}: {}. {url}", rule.name, rule.summary);
            self.tell::<notes::ShowMessage>(json!({ "type": MessageType::INFO, "message": message }));
        }
        Ok(Value::Null)
    }
}

type Answered = Result<Value, (ErrorCode, String)>;

fn result(value: impl Serialize) -> Answered {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

fn ask<R: asks::Request>(request: Request) -> Result<R::Params, (ErrorCode, String)> {
    parse(request.params).map_err(|error| (ErrorCode::InvalidParams, error))
}

fn read<N: notes::Notification>(note: Notification) -> Result<N::Params, String> {
    parse(note.params)
}

fn parse<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

/// The settings, whether they stand under the server's name or by themselves. Unknown ones are passed over: editors
/// send what else their users wrote.
fn settings(value: Value) -> Settings {
    let own = value.get("leaklint").cloned().unwrap_or(value);
    serde_json::from_value(own).unwrap_or_default()
}

fn document_report(items: Vec<Diagnostic>, before: Option<String>) -> DocumentDiagnosticReport {
    let id = result_id(&items);
    if before.as_ref() == Some(&id) {
        return DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        });
    }
    DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport {
            result_id: Some(id),
            items,
        },
    })
}
