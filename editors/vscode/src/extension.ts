// Starts `leaklint lsp` and lets the editor talk to it. What is shown comes from the server.

import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';

import { findServer } from './server.js';

/** The languages whose files leaklint reads. */
const LANGUAGES = [
  'javascript',
  'javascriptreact',
  'typescript',
  'typescriptreact',
  'vue',
  'svelte',
  'astro',
  'html',
];

const INSTALL = 'https://leaklint.dev/';

let client: LanguageClient | undefined;
// Starts and stops follow each other, however fast settings change.
let turn: Promise<void> = Promise.resolve();

export function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand('leaklint.restart', restart),
    vscode.workspace.onDidGrantWorkspaceTrust(() => restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('leaklint.path')) {
        return restart();
      }
      if (event.affectsConfiguration('leaklint')) {
        return client?.sendNotification('workspace/didChangeConfiguration', { settings: { leaklint: settings() } });
      }
      return undefined;
    }),
  );
  return restart();
}

export function deactivate(): Promise<void> {
  return inTurn(stop);
}

function restart(): Promise<void> {
  return inTurn(async () => {
    await stop();
    await start();
  });
}

function inTurn(act: () => Promise<void>): Promise<void> {
  turn = turn.then(act, act);
  return turn;
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  try {
    await old?.stop();
  } catch {
    // A server that is gone already cannot be stopped.
  }
}

function settings() {
  const values = vscode.workspace.getConfiguration('leaklint');
  return { pedantic: values.get('pedantic', false), requireReason: values.get('requireReason', false) };
}

async function start(): Promise<void> {
  const command = findServer({
    setting: vscode.workspace.getConfiguration('leaklint').get('path', '').trim(),
    folder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
    trusted: vscode.workspace.isTrusted,
    environment: process.env,
    platform: process.platform,
  });
  if (command === undefined) {
    const chosen = await vscode.window.showErrorMessage(
      'leaklint is not installed: neither in node_modules nor on PATH. Install it, or name it in the setting leaklint.path.',
      'How to Install',
    );
    if (chosen !== undefined) {
      await vscode.env.openExternal(vscode.Uri.parse(INSTALL));
    }
    return;
  }
  const server: ServerOptions = {
    command,
    args: ['lsp', '--stdio'],
    // A script of npm can be started only by a shell there.
    options: { shell: command.endsWith('.cmd') },
  };
  const options: LanguageClientOptions = {
    documentSelector: LANGUAGES.map((language) => ({ scheme: 'file', language })),
    diagnosticCollectionName: 'leaklint',
    initializationOptions: settings(),
  };
  const made = new LanguageClient('leaklint', 'leaklint', server, options);
  client = made;
  try {
    await made.start();
  } catch (error) {
    client = undefined;
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`leaklint could not be started (${command}): ${why}`);
  }
}
