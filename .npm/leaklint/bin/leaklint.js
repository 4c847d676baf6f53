#!/usr/bin/env node
// Runs the program of this platform, which its own package brings; see .npm/build.mjs.
'use strict';

const { spawnSync } = require('node:child_process');
const { constants } = require('node:os');

function program() {
  if (process.env.LEAKLINT_BINARY) return process.env.LEAKLINT_BINARY;
  const { platform, arch } = process;
  const { header } = platform === 'linux' ? process.report.getReport() : {};
  const musl = header && !header.glibcVersionRuntime ? '-musl' : '';
  const name = `@leaklint/${platform}-${arch}${musl}`;
  try {
    return require.resolve(`${name}/leaklint${platform === 'win32' ? '.exe' : ''}`);
  } catch {
    const known = Object.keys(require('../package.json').optionalDependencies);
    const help = known.includes(name)
      ? 'install again without --omit=optional or --no-optional'
      : 'build it with `cargo install leaklint` and set LEAKLINT_BINARY to the program';
    process.stderr.write(`error: the package ${name} is not installed\n  help: ${help}\n`);
    process.exit(2);
  }
}

const done = spawnSync(program(), process.argv.slice(2), { stdio: 'inherit' });
if (done.error) {
  process.stderr.write(`error: ${done.error.message}\n`);
  process.exit(2);
}
// The shell's code for a program that a signal has ended.
process.exit(done.signal ? 128 + constants.signals[done.signal] : done.status);
