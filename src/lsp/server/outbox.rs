//! What the server says to its client of its own accord.

use super::Server;
use crate::discover;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self as notes, Notification as _};
use lsp_types::request as asks;
use lsp_types::{Diagnostic, MessageType, PublishDiagnosticsParams, Uri};
use serde_json::{Value, json};

impl Server {
    /// Asks the editor to tell about files that change without it.
    pub(super) fn watch(&mut self) {
        if !self.client.watches {
            return;
        }
        let sources = format!("**/*.{{{}}}", discover::EXTENSIONS.join(","));
        let globs = [
            sources.as_str(),
            "**/leaklint.toml",
            "**/leaklint-baseline.json",
            "**/{package,tsconfig*,jsconfig}.json",
            "**/{.gitignore,.ignore,.leaklintignore}",
        ];
        let watchers = globs.map(|glob| json!({ "globPattern": glob }));
        self.ask::<asks::RegisterCapability>(json!({ "registrations": [{
            "id": "leaklint-files",
            "method": notes::DidChangeWatchedFiles::METHOD,
            "registerOptions": { "watchers": watchers },
        }] }));
    }

    pub(super) fn progress(&mut self, kind: &str, title: &str) {
        if !self.client.progress {
            return;
        }
        if kind == "begin" {
            self.ask::<asks::WorkDoneProgressCreate>(json!({ "token": "leaklint" }));
        }
        self.tell::<notes::Progress>(json!({ "token": "leaklint", "value": { "kind": kind, "title": title } }));
    }

    pub(super) fn publish(&mut self, uri: Uri, diagnostics: Vec<Diagnostic>, version: Option<i32>) {
        let params = PublishDiagnosticsParams::new(uri, diagnostics, version);
        if let Ok(params) = serde_json::to_value(params) {
            self.tell::<notes::PublishDiagnostics>(params);
        }
    }

    pub(super) fn log(&self, message: &str) {
        self.tell::<notes::LogMessage>(json!({ "type": MessageType::ERROR, "message": message }));
    }

    pub(super) fn tell<N: notes::Notification>(&self, params: Value) {
        self.send(Message::Notification(Notification {
            method: N::METHOD.to_owned(),
            params,
        }));
    }

    pub(super) fn ask<R: asks::Request>(&mut self, params: Value) {
        self.next_id += 1;
        self.send(Message::Request(Request {
            id: self.next_id.into(),
            method: R::METHOD.to_owned(),
            params,
        }));
    }

    pub(super) fn refuse(&self, id: RequestId, code: ErrorCode, message: &str) {
        self.send(Message::Response(Response::new_err(
            id,
            code as i32,
            message.to_owned(),
        )));
    }

    /// A client that no longer listens is noticed when it is next heard.
    pub(super) fn send(&self, message: Message) {
        let _ = self.connection.sender.send(message);
    }
}
