//! The language server: what editors ask, over standard input and output.
//!
//! One loop does everything, in turns. What the editor *says* (opened, changed, closed) is taken note of at once and
//! costs nothing; only when nothing is waiting to be read is one piece of work done: a folder is read, the texts
//! that changed are analysed, a request is answered, the diagnostics of one document are published. So many
//! keystrokes at once cost one analysis, a request that is cancelled while it waits is never begun, and a report on all
//! files is made in portions between which the editor is heard.
//!
//! Who asks for diagnostics (pull) is answered; who does not is told (push). The answers are those of
//! [`crate::workspace`], which are those of a fresh run.

mod actions;
mod convert;
mod documents;
mod folder;
mod report;
mod server;
mod text;

use std::path::PathBuf;

use lsp_server::{Connection, Message};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, DiagnosticOptions, DiagnosticServerCapabilities,
    ExecuteCommandOptions, HoverProviderCapability, InitializeParams, OneOf, SaveOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

use server::Server;
use text::Encoding;

/// Serves an editor on the standard streams until it says goodbye. The error is a sentence: the streams broke, or the
/// editor left without a word.
pub fn run(cache: Option<PathBuf>) -> Result<(), String> {
    let (connection, threads) = Connection::stdio();
    let result = serve(connection, cache);
    // The threads end when the connection is gone; after an error they may wait for ever for a client that is not.
    if result.is_ok() {
        threads.join().map_err(|error| error.to_string())?;
    }
    result
}

fn serve(connection: Connection, cache: Option<PathBuf>) -> Result<(), String> {
    let (id, params) = connection.initialize_start().map_err(|error| error.to_string())?;
    let params: InitializeParams = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => {
            let message = format!("the parameters of `initialize` cannot be understood: {error}");
            let code = lsp_server::ErrorCode::InvalidParams as i32;
            let refusal = lsp_server::Response::new_err(id, code, message.clone());
            // Whether or not it arrives, this is the end.
            let _ = connection.sender.send(Message::Response(refusal));
            return Err(message);
        }
    };
    let offered = params.capabilities.general.as_ref();
    let encoding = Encoding::choose(offered.and_then(|general| general.position_encodings.as_deref()));
    let answer = serde_json::json!({
        "capabilities": capabilities(encoding),
        "serverInfo": { "name": "leaklint", "version": env!("CARGO_PKG_VERSION") },
    });
    connection
        .initialize_finish(id, answer)
        .map_err(|error| error.to_string())?;
    Server::new(connection, params, encoding, cache).run()
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions {
                include_text: Some(false),
            })),
            ..TextDocumentSyncOptions::default()
        })),
        diagnostic_provider: Some(DiagnosticServerCapabilities::Options(DiagnosticOptions {
            identifier: Some("leaklint".to_owned()),
            inter_file_dependencies: true,
            workspace_diagnostics: true,
            ..DiagnosticOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![actions::EXPLAIN.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}
