//! The language server as editors meet it: the real binary, real pipes, a scripted client.

mod client;
mod edits;

use std::fs;

use client::{Client, project, uri};
use serde_json::{Value, json};

const LEAK: &str = "const seen = [];\nrequire('http').createServer((req) => {\n  seen.push(req.url);\n}).listen(1);\n";
const CLEAN: &str = "export const answer = 42;\n";

fn pulling() -> Value {
    json!({ "textDocument": { "diagnostic": {} } })
}

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[test]
fn opening_changing_and_closing_push_diagnostics() {
    let (_keep, root) = project(&[("package.json", "{}"), ("a.js", LEAK)]);
    let (mut client, greeting) = Client::start(&[&root], json!({}), Value::Null);
    assert_eq!(greeting["serverInfo"]["name"], "leaklint");
    assert_eq!(greeting["capabilities"]["positionEncoding"], "utf-16");
    let a = root.join("a.js");
    client.open(&a, 1, LEAK);
    let found = client.diagnostics(&a, 1);
    assert_eq!(codes(&found), ["growing-collection/never-bounded"]);
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["source"], "leaklint");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 2, "character": 2 }));
    assert_eq!(
        found[0]["codeDescription"]["href"],
        "https://leaklint.dev/rules/growing-collection"
    );
    let related = found[0]["relatedInformation"].as_array().unwrap();
    assert!(
        related
            .iter()
            .any(|label| label["location"]["range"]["start"]["line"] == 0)
    );
    assert!(related.iter().all(|label| label["location"]["uri"] == uri(&a)));

    let cap = json!({ "start": { "line": 2, "character": 2 }, "end": { "line": 2, "character": 2 } });
    client.change(
        &a,
        2,
        json!([{ "range": cap, "text": "if (seen.length > 9) seen.shift();\n  " }]),
    );
    assert!(client.diagnostics(&a, 2).is_empty());
    client.change(&a, 3, json!([{ "text": LEAK }, { "range": cap, "text": "/* é😀 */ " }]));
    let found = client.diagnostics(&a, 3);
    assert_eq!(found[0]["range"]["start"], json!({ "line": 2, "character": 12 }));
    client.change(&a, 4, json!([{ "text": "let broken = (" }]));
    assert_eq!(codes(&client.diagnostics(&a, 4)), ["syntax"]);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&a) } }));
    let address = uri(&a);
    client.wait("the empty list of a closed document", |client| {
        client.published[&address]["diagnostics"] == json!([])
    });
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn positions_are_counted_as_agreed() {
    for (offered, chosen, column) in [
        (json!(["utf-16", "utf-8"]), "utf-8", 9),
        (json!(["utf-32"]), "utf-32", 6),
        (json!(["utf-16"]), "utf-16", 7),
    ] {
        let (_keep, root) = project(&[("package.json", "{}")]);
        let capabilities = json!({ "general": { "positionEncodings": offered } });
        let (mut client, greeting) = Client::start(&[&root], capabilities, Value::Null);
        assert_eq!(greeting["capabilities"]["positionEncoding"], chosen);
        let a = root.join("new.js");
        client.open(&a, 1, &LEAK.replace("  seen.push", "/*😀*/seen.push"));
        assert_eq!(client.diagnostics(&a, 1)[0]["range"]["start"]["character"], column - 1);
        assert_eq!(client.stop(), Some(0));
    }
}

#[test]
fn another_file_decides_and_is_heard() {
    let helper = "export function every(f) { return setInterval(f, 1000); }\n";
    let user = "import { every } from './helper.js';\nexport class Clock {\n  start() { this.t = every(() => this.tick()); }\n  tick() {}\n  stop() { clearInterval(this.t); }\n}\nexport function make() { const c = new Clock(); c.start(); return 1; }\n";
    let (_keep, root) = project(&[
        ("package.json", "{}"),
        ("helper.js", helper),
        ("user.js", user),
        ("list.js", LEAK),
    ]);
    let (mut client, _) = Client::start(&[&root], pulling(), json!({ "pedantic": true }));
    let (list, server) = (root.join("list.js"), root.join("server.js"));
    let shared = "export const seen = [];\n";
    client.open(&list, 1, shared);
    let grow = "import { seen } from './list.js';\nimport http from 'node:http';\nhttp.createServer((req) => { seen.push(req.url); });\n";
    client.open(&server, 1, grow);
    let found = client.pull(&server);
    assert_eq!(codes(&found), ["growing-collection/never-bounded"]);
    assert!(found[0]["relatedInformation"].to_string().contains("list.js"));
    // The other file empties the list, and nothing is said any more.
    let whole = json!([{ "text": "export const seen = [];\nsetInterval(() => { seen.length = 0; }, 1000);\n" }]);
    client.change(&list, 2, whole);
    assert!(client.pull(&server).is_empty());
    client.change(&list, 3, json!([{ "text": shared }]));
    assert_eq!(client.pull(&server), found);
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn who_pulls_is_answered_and_not_told() {
    let (_keep, root) = project(&[("package.json", "{}"), ("a.js", LEAK), ("b.js", LEAK), ("c.js", CLEAN)]);
    let (mut client, greeting) = Client::start(&[&root], pulling(), Value::Null);
    let provider = &greeting["capabilities"]["diagnosticProvider"];
    assert_eq!(
        (&provider["interFileDependencies"], &provider["workspaceDiagnostics"]),
        (&json!(true), &json!(true))
    );
    let params = json!({ "textDocument": { "uri": uri(&root.join("a.js")) } });
    let first = client.request("textDocument/diagnostic", params.clone());
    assert_eq!(
        (first["kind"].as_str(), first["items"].as_array().unwrap().len()),
        (Some("full"), 1)
    );
    let mut again = params;
    again["previousResultId"] = first["resultId"].clone();
    let second = client.request("textDocument/diagnostic", again);
    assert_eq!(second, json!({ "kind": "unchanged", "resultId": first["resultId"] }));

    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{all:#}");
    let before: Vec<_> = items
        .iter()
        .map(|item| json!({ "uri": item["uri"], "value": item["resultId"] }))
        .collect();
    let b = root.join("b.js");
    client.open(&b, 7, CLEAN);
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": before }));
    let items = all["items"].as_array().unwrap();
    assert_eq!(items[0]["kind"], "unchanged");
    assert_eq!(
        (&items[1]["kind"], &items[1]["items"], &items[1]["version"]),
        (&json!("full"), &json!([]), &json!(7))
    );
    assert!(client.published.is_empty());
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn hover_tells_the_story_and_actions_silence_it() {
    let jsx = "import { useEffect } from 'react';\nexport function Clock() {\n  useEffect(() => { setInterval(() => {}, 1000); }, []);\n  return <b>x</b>;\n}\n";
    let vue = "<template><p>x</p></template>\n<script setup>\nimport { onMounted } from 'vue';\nonMounted(() => {\n  setInterval(() => {}, 1000);\n});\n</script>\n";
    let (_keep, root) = project(&[("package.json", "{}"), ("a.js", LEAK), ("b.jsx", jsx), ("c.vue", vue)]);
    let (mut client, _) = Client::start(&[&root], pulling(), Value::Null);
    for name in ["a.js", "b.jsx", "c.vue"] {
        let path = root.join(name);
        let text = fs::read_to_string(&path).unwrap();
        client.open(&path, 1, &text);
        let found = client.pull(&path);
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        let document = json!({ "uri": uri(&path) });
        let at = &found[0]["range"]["start"];
        let hover = client.request(
            "textDocument/hover",
            json!({ "textDocument": document, "position": at }),
        );
        let story = hover["contents"]["value"].as_str().unwrap();
        let rule = found[0]["code"].as_str().unwrap().split('/').next().unwrap();
        assert!(story.contains(rule) && story.contains("## "), "{story}");
        assert_eq!(hover["range"], found[0]["range"]);

        let context = json!({ "diagnostics": found, "only": ["quickfix"] });
        let params = json!({ "textDocument": document, "range": found[0]["range"], "context": context });
        let actions = client.request("textDocument/codeAction", params);
        let actions = actions.as_array().unwrap();
        assert_eq!(actions.len(), 1);
        let edit = &actions[0]["edit"]["changes"][&uri(&path)][0];
        assert!(edit["newText"].as_str().unwrap().contains(&format!("{rule} -- ")));
        client.change(&path, 2, json!([{ "range": edit["range"], "text": edit["newText"] }]));
        assert!(client.pull(&path).is_empty(), "{name}: the comment silences");
        let nothing = client.request(
            "textDocument/hover",
            json!({ "textDocument": document, "position": at }),
        );
        assert_eq!(nothing, Value::Null);
    }
    let empty = json!({ "diagnostics": [] });
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let a = root.join("a.js");
    client.change(&a, 3, json!([{ "text": LEAK }]));
    let params = json!({ "textDocument": { "uri": uri(&a) }, "range": range, "context": empty });
    let actions = client.request("textDocument/codeAction", params);
    let explain = &actions[1];
    assert_eq!(explain["command"], "leaklint.explain");
    let params = json!({ "command": explain["command"], "arguments": explain["arguments"] });
    client.request("workspace/executeCommand", params);
    client.wait("the explanation", |client| {
        client
            .heard
            .iter()
            .any(|message| message["method"] == "window/showMessage")
    });
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn configuration_is_reloaded_and_a_broken_one_is_shown_and_loses_nothing() {
    let (_keep, root) = project(&[("package.json", "{}"), ("a.js", LEAK), ("leaklint.toml", "")]);
    let capabilities = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let (mut client, _) = Client::start(&[&root], capabilities, Value::Null);
    let (a, config) = (root.join("a.js"), root.join("leaklint.toml"));
    client.open(&a, 1, LEAK);
    assert_eq!(client.diagnostics(&a, 1).len(), 1);
    assert!(
        client
            .heard
            .iter()
            .any(|message| message["method"] == "client/registerCapability")
    );
    let address = uri(&a);
    let shown = |client: &Client| client.published[&address]["diagnostics"].as_array().unwrap().len();

    fs::write(&config, "[rules]\ngrowing-collection = \"off\"\n").unwrap();
    client.watched(&config, 2);
    client.wait("no finding", |client| shown(client) == 0);
    fs::write(&config, "[rules]\ngrowing-collection = \"loud\"\n").unwrap();
    client.watched(&config, 2);
    let place = uri(&config);
    client.wait("the error", |client| client.published.contains_key(&place));
    let error = client.published[&place]["diagnostics"][0].clone();
    assert_eq!(
        error["range"]["start"],
        json!({ "line": 1, "character": 21 }),
        "{error:#}"
    );
    client.change(&a, 2, json!([{ "text": format!("{LEAK}\n") }]));
    assert!(
        client.diagnostics(&a, 2).is_empty(),
        "the last good configuration counts"
    );
    fs::write(&config, "").unwrap();
    client.watched(&config, 2);
    client.wait("the finding", |client| shown(client) == 1);
    assert_eq!(client.published[&place]["diagnostics"], json!([]));
    client.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "leaklint": { "pedantic": true } } }),
    );
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn files_that_come_change_and_go_are_seen() {
    let (_keep, root) = project(&[("package.json", "{}"), ("list.js", "export const seen = [];\n")]);
    let (mut client, _) = Client::start(&[&root], pulling(), Value::Null);
    let (server, empties) = (root.join("server.js"), root.join("empties.js"));
    let grow = "import { seen } from './list.js';\nimport http from 'node:http';\nhttp.createServer((req) => { seen.push(req.url); });\n";
    fs::write(&server, grow).unwrap();
    client.watched(&server, 1);
    assert_eq!(client.pull(&server).len(), 1);
    fs::write(
        &empties,
        "import { seen } from './list.js';\nsetInterval(() => { seen.length = 0; }, 9);\n",
    )
    .unwrap();
    client.watched(&empties, 1);
    assert!(client.pull(&server).is_empty());
    fs::write(&empties, "import { seen } from './list.js';\nconsole.log(seen);\n").unwrap();
    client.watched(&empties, 2);
    assert_eq!(client.pull(&server).len(), 1);
    fs::remove_file(&server).unwrap();
    client.watched(&server, 3);
    assert!(client.pull(&server).is_empty());
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn what_is_no_longer_minified_is_reported() {
    let bundle = format!("{};{}", LEAK.replace('\n', ""), "f(1);".repeat(4000));
    let (_keep, root) = project(&[("package.json", "{}"), ("a.js", &bundle)]);
    let (mut client, _) = Client::start(&[&root], pulling(), Value::Null);
    let a = root.join("a.js");
    client.open(&a, 1, &bundle);
    assert!(client.pull(&a).is_empty());
    client.change(&a, 2, json!([{ "text": LEAK }]));
    assert_eq!(client.pull(&a).len(), 1);
    client.change(&a, 3, json!([{ "text": bundle }]));
    assert!(client.pull(&a).is_empty());
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn each_folder_has_its_own_configuration() {
    let off = "[rules]\ngrowing-collection = \"off\"\n";
    let (_a, one) = project(&[("package.json", "{}"), ("a.js", LEAK)]);
    let (_b, two) = project(&[("package.json", "{}"), ("a.js", LEAK), ("leaklint.toml", off)]);
    let (_c, three) = project(&[("package.json", "{}"), ("a.js", LEAK)]);
    let (mut client, _) = Client::start(&[&one, &two], pulling(), Value::Null);
    assert_eq!(client.pull(&one.join("a.js")).len(), 1);
    assert!(client.pull(&two.join("a.js")).is_empty());
    assert!(client.pull(&three.join("a.js")).is_empty(), "not opened, in no folder");
    client.open(&three.join("a.js"), 1, LEAK);
    assert_eq!(
        client.pull(&three.join("a.js")).len(),
        1,
        "the project around an open file is read"
    );
    let folder = |path| json!([{ "uri": uri(path), "name": "x" }]);
    let event = json!({ "added": [], "removed": folder(&one) });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    assert!(client.pull(&one.join("a.js")).is_empty());
    let event = json!({ "added": folder(&one), "removed": [] });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    assert_eq!(client.pull(&one.join("a.js")).len(), 1);
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn nonsense_breaks_nothing() {
    let (_keep, root) = project(&[("package.json", "{}"), ("a.js", LEAK)]);
    let (mut client, _) = Client::start(&[&root], pulling(), Value::Null);
    let a = root.join("a.js");
    client.pull(&a);
    let params = json!({ "textDocument": { "uri": uri(&a) } });
    let id = client.ask("leaklint/unheardOf", json!({}));
    assert_eq!(client.answer(id)["error"]["code"], -32601);
    let id = client.ask("textDocument/hover", json!({ "position": 3 }));
    assert_eq!(client.answer(id)["error"]["code"], -32602);
    client.notify("textDocument/didOpen", json!({ "nothing": true }));
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": "untitled:x", "version": 2 }, "contentChanges": [] }),
    );
    client.notify("$/unheardOf", json!({}));
    assert_eq!(
        client.request("textDocument/diagnostic", params)["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn an_editor_that_leaves_ends_the_server() {
    let (_keep, root) = project(&[("package.json", "{}")]);
    let (client, _) = Client::start(&[&root], json!({}), Value::Null);
    let (code, complaint) = client.hang_up();
    assert_eq!(code, Some(2));
    assert!(complaint.contains("goodbye"), "{complaint}");
}
