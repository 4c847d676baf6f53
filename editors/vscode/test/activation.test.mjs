// The bundled extension, activated against a stub of the editor's API. What is behind the stub's client, the server
// itself, is tested over its real pipes by `cargo test --test lsp`.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));

/** An editor with these settings and this folder. */
function editor({ settings = {}, folder, trusted = true, fails = false }) {
  const told = { clients: [], errors: [], sent: [], opened: [] };
  const listeners = {};
  class LanguageClient {
    constructor(id, name, server, options) {
      Object.assign(this, { id, name, server, options, running: false });
      told.clients.push(this);
    }
    async start() {
      if (fails) throw new Error('no such program');
      this.running = true;
    }
    async stop() {
      this.running = false;
    }
    sendNotification(method, params) {
      told.sent.push({ method, params });
    }
  }
  const disposable = () => ({ dispose() {} });
  const vscode = {
    commands: { registerCommand: (name, run) => ((listeners[name] = run), disposable()) },
    workspace: {
      isTrusted: trusted,
      workspaceFolders: folder && [{ uri: { fsPath: folder } }],
      getConfiguration: (section) => ({ get: (name, usual) => settings[`${section}.${name}`] ?? usual }),
      onDidChangeConfiguration: (run) => ((listeners.configuration = run), disposable()),
      onDidGrantWorkspaceTrust: (run) => ((listeners.trust = run), disposable()),
    },
    window: { showErrorMessage: async (text, action) => (told.errors.push(text), action) },
    env: { openExternal: async (uri) => told.opened.push(uri) },
    Uri: { parse: (text) => text },
  };
  const stubs = { vscode, 'vscode-languageclient/node': { LanguageClient } };
  const load = Module._load;
  Module._load = (name, ...rest) => stubs[name] ?? load(name, ...rest);
  const bundle = join(root, 'dist/extension.test.js');
  delete require.cache[bundle];
  const extension = require(bundle);
  Module._load = load;
  const changed = (...names) =>
    listeners.configuration({ affectsConfiguration: (name) => names.some((one) => one === name || one.startsWith(`${name}.`)) });
  return { extension, told, listeners, changed, context: { subscriptions: [] } };
}

function folderWithServer() {
  const folder = mkdtempSync(join(tmpdir(), 'leaklint-'));
  const bin = join(folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'leaklint');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o755);
  return { folder, program };
}

test('the server of the folder is started, told of settings, restarted and stopped', async () => {
  const { folder, program } = folderWithServer();
  const settings = { 'leaklint.pedantic': true };
  const { extension, told, listeners, changed, context } = editor({ settings, folder });
  await extension.activate(context);
  const [client] = told.clients;
  assert.equal(client.server.command, program);
  assert.deepEqual(client.server.args, ['lsp', '--stdio']);
  assert.deepEqual(client.options.initializationOptions, { pedantic: true, requireReason: false });
  assert.ok(client.running);
  assert.equal(context.subscriptions.length, 3);

  settings['leaklint.requireReason'] = true;
  changed('leaklint.requireReason');
  assert.deepEqual(told.sent, [
    { method: 'workspace/didChangeConfiguration', params: { settings: { leaklint: { pedantic: true, requireReason: true } } } },
  ]);
  settings['leaklint.path'] = '/opt/leaklint';
  await changed('leaklint.path');
  assert.equal(told.clients.length, 2);
  assert.ok(!client.running && told.clients[1].running);
  assert.equal(told.clients[1].server.command, '/opt/leaklint');
  await Promise.all([listeners['leaklint.restart'](), listeners['leaklint.restart']()]);
  assert.deepEqual(told.clients.map((one) => one.running), [false, false, false, true]);
  await extension.deactivate();
  assert.ok(told.clients.every((one) => !one.running));
});

test('no program of a folder that is not trusted is started', async () => {
  const { folder } = folderWithServer();
  const before = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    const { extension, told, context } = editor({ folder, trusted: false });
    await extension.activate(context);
    assert.equal(told.clients.length, 0);
    assert.match(told.errors[0], /not installed/);
    assert.deepEqual(told.opened, ['https://leaklint.dev/']);
  } finally {
    process.env.PATH = before;
  }
});

test('a server that cannot be started is said, and can be tried again', async () => {
  const { extension, told, listeners, context } = editor({ settings: { 'leaklint.path': './tools/leaklint' }, folder: '/f', fails: true });
  await extension.activate(context);
  assert.equal(told.clients[0].server.command, '/f/tools/leaklint');
  assert.match(told.errors[0], /could not be started.*no such program/);
  await listeners['leaklint.restart']();
  assert.equal(told.clients.length, 2);
  await extension.deactivate();
});

test('every language that starts the extension is one it selects', async () => {
  const { activationEvents, contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { folder } = folderWithServer();
  const { extension, told, context, listeners } = editor({ folder });
  await extension.activate(context);
  const selected = told.clients[0].options.documentSelector.map((one) => `onLanguage:${one.language}`);
  assert.deepEqual(activationEvents.filter((event) => event.startsWith('onLanguage:')).sort(), selected.sort());
  assert.ok(contributes.commands.every(({ command }) => command in listeners));
  await extension.deactivate();
});
