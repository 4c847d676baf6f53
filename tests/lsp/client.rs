//! An editor made of a script: speaks the protocol with the real binary over real pipes.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than anything takes on a busy machine; a server that is silent for so long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    next_id: i64,
    /// The last diagnostics published for each URI, with their version.
    pub(crate) published: HashMap<String, Value>,
    /// What else the server said or asked, in order.
    pub(crate) heard: Vec<Value>,
}

pub(crate) fn uri(path: &Path) -> String {
    url::Url::from_file_path(path).unwrap().to_string()
}

impl Client {
    /// Starts a server, and greets it.
    pub(crate) fn start(folders: &[&Path], capabilities: Value, options: Value) -> (Self, Value) {
        let mut client = Self::spawn();
        let folders: Vec<_> = folders
            .iter()
            .map(|path| json!({ "uri": uri(path), "name": "folder" }))
            .collect();
        let answer = client.request(
            "initialize",
            json!({
                "processId": null, "rootUri": null, "capabilities": capabilities,
                "workspaceFolders": folders, "initializationOptions": options,
            }),
        );
        client.notify("initialized", json!({}));
        (client, answer)
    }

    pub(crate) fn spawn() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_leaklint"))
            .args(["lsp", "--stdio", "--no-cache"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = receive(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            input,
            messages,
            next_id: 0,
            published: HashMap::new(),
            heard: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and does not wait for its answer.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The whole answer to a request: with `result` or `error`.
    pub(crate) fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.take(message);
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer:#}");
        answer["result"].clone()
    }

    fn next(&mut self) -> Value {
        match self.messages.recv_timeout(PATIENCE) {
            Ok(message) => message,
            Err(error) => panic!("the server says nothing: {error}; heard {:#?}", self.heard),
        }
    }

    fn take(&mut self, message: Value) {
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let params = message["params"].clone();
                self.published
                    .insert(params["uri"].as_str().unwrap().to_owned(), params);
            }
            Some(_) => {
                if let Some(id) = message.get("id") {
                    let id = id.clone();
                    self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
                }
                self.heard.push(message);
            }
            None => panic!("an answer nobody asked for: {message:#}"),
        }
    }

    /// Waits until the server said something that fits.
    pub(crate) fn wait(&mut self, what: &str, fits: impl Fn(&Self) -> bool) {
        while !fits(self) {
            match self.messages.recv_timeout(PATIENCE) {
                Ok(message) => self.take(message),
                Err(_) => panic!(
                    "{what} did not come; published {:#?}, heard {:#?}",
                    self.published, self.heard
                ),
            }
        }
    }

    /// The diagnostics published for a version of a document.
    pub(crate) fn diagnostics(&mut self, path: &Path, version: i64) -> Vec<Value> {
        let uri = uri(path);
        self.wait(&format!("version {version} of {uri}"), |client| {
            client
                .published
                .get(&uri)
                .is_some_and(|params| params["version"] == version)
        });
        self.published[&uri]["diagnostics"].as_array().unwrap().clone()
    }

    pub(crate) fn open(&mut self, path: &Path, version: i64, text: &str) {
        let document = json!({ "uri": uri(path), "languageId": "javascript", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(crate) fn change(&mut self, path: &Path, version: i64, changes: Value) {
        let document = json!({ "uri": uri(path), "version": version });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": changes }),
        );
    }

    pub(crate) fn watched(&mut self, path: &Path, kind: u32) {
        let changes = json!([{ "uri": uri(path), "type": kind }]);
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    /// What a client that asks is told about a document.
    pub(crate) fn pull(&mut self, path: &Path) -> Vec<Value> {
        let params = json!({ "textDocument": { "uri": uri(path) } });
        let report = self.request("textDocument/diagnostic", params);
        report["items"].as_array().unwrap().clone()
    }

    /// Says goodbye, and returns the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.child.wait().unwrap().code()
    }

    /// Leaves without a word; returns the exit code and what the server complained of.
    pub(crate) fn hang_up(mut self) -> (Option<i32>, String) {
        self.input = None;
        let mut complaint = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut complaint).unwrap();
        (self.child.wait().unwrap().code(), complaint)
    }
}

fn receive(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// A folder with these files; its path has no links in it.
pub(crate) fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    (folder, root)
}
