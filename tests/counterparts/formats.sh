# The output formats, read by the programs they are for. Run by .ci/counterparts in an empty folder.
set -euo pipefail
unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY GITHUB_WORKSPACE CI_PROJECT_DIR
git init --quiet .
mkdir -p 'src/a b'
cat > 'src/a b/é,100%:[x];.js' << 'JS'
const http = require('http');
const kept = [];
http.createServer((req, res) => {
  kept.push(req.url);
  // leaklint-disable-next-line uncleared-timer -- on purpose
  setInterval(() => res.write('x'), 10);
});
JS
printf 'function f( {\n' > src/broken.js
printf 'export const a = 1;\n' > src/clean.js
status=0
"$LEAKLINT" -f json:o.json -f sarif:o.sarif -f github:o.github -f azure:o.azure -f gitlab:o.gitlab.json \
  -f junit:o.junit.xml -f checkstyle:o.checkstyle.xml -f eslint:o.eslint.json > log.txt || status=$?
[ "$status" = 1 ] || { echo "exit code $status"; exit 1; }

# Microsoft's validator: the rules of the standard and those of GitHub's code scanning.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
multitool="$TOOLS/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
"$multitool" validate o.sarif --rule-kind 'Sarif;Ghas' --level 'Error;Warning' --output v.sarif --log ForceOverwrite > v.txt
node -e '
  const [run] = JSON.parse(require("fs").readFileSync("v.sarif", "utf8").replace(/^\uFEFF/, "")).runs;
  for (const r of run.results) console.log(r.ruleId, r.level, JSON.stringify(r.message.arguments));
  process.exit(run.results.length ? 1 : 0);'
"$TOOLS/venv/bin/sarif" csv --output o.csv o.sarif > /dev/null
grep -q growing-collection o.csv

# JUnit.
"$TOOLS/venv/bin/python" - << 'PY'
from junitparser import JUnitXml, Error, Failure
xml = JUnitXml.fromfile("o.junit.xml")
results = [type(r) for suite in xml for case in suite for r in case.result]
assert (results.count(Failure), results.count(Error)) == (1, 1), results
assert (xml.tests, xml.failures, xml.errors) == (3, 1, 1), (xml.tests, xml.failures, xml.errors)
import xml.etree.ElementTree as tree
names = [f.get("name") for f in tree.parse("o.checkstyle.xml").getroot()]
assert names == ["src/a b/é,100%:[x];.js", "src/broken.js"], names
PY

# The libraries of GitHub and Azure write every command as leaklint wrote it; ESLint's formatters take the results.
cat > check.mjs << 'JS'
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert';
const require = createRequire(process.env.TOOLS + '/');
const core = await import(process.env.TOOLS + '/node_modules/@actions/core/lib/core.js');
const { commandFromString, TaskCommand } = require('azure-pipelines-task-lib/taskcommand');
const { ESLint } = require('eslint');

const captured = (run) => {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = (chunk) => ((text += chunk), true);
  try { run(); } finally { process.stdout.write = write; }
  return text.trimEnd();
};
const plain = (s) => s.replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%25/g, '%');
let commands = 0;
for (const line of readFileSync('o.github', 'utf8').split('\n').filter((line) => /^::(error|warning|notice) /.test(line))) {
  const [, word, properties, message] = /^::(\w+) (.*?)::(.*)$/.exec(line);
  const p = Object.fromEntries(properties.split(',').map((one) => one.split('=').map(plain)));
  const at = { title: p.title, file: p.file, startLine: p.line, endLine: p.endLine, startColumn: p.col, endColumn: p.endColumn };
  assert.equal(captured(() => core[word](plain(message), at)), line);
  commands += 1;
}
assert.equal(commands, 2);

const issues = readFileSync('o.azure', 'utf8').trim().split('\n').map((line) => [line, commandFromString(line)]);
for (const [line, issue] of issues) assert.equal(new TaskCommand(issue.command, issue.properties, issue.message).toString(), line);
assert.equal(issues[1][1].properties.sourcepath, 'src/a b/é,100%:[x];.js');

const results = JSON.parse(readFileSync('o.eslint.json', 'utf8'));
for (const name of ['stylish', 'json']) {
  const formatter = await new ESLint({ overrideConfigFile: true, cwd: process.cwd() }).loadFormatter(name);
  assert.match(await formatter.format(results), /growing-collection/);
}

const report = JSON.parse(readFileSync('o.json', 'utf8'));
const gitlab = JSON.parse(readFileSync('o.gitlab.json', 'utf8'));
assert.deepEqual(gitlab.filter((e) => e.content).map((e) => e.fingerprint), report.diagnostics.map((d) => d.fingerprint));
assert.equal(new Set(gitlab.map((e) => e.fingerprint)).size, gitlab.length);
JS
node check.mjs

# GitLab reads Code Climate's issues; the compiler holds the report against their published types.
{ echo "import type { Issue } from 'codeclimate-types';"; echo 'export const report: Issue[] ='; cat o.gitlab.json; } > gitlab.ts
sed 's/"issue"/"problem"/' gitlab.ts > wrong.ts
ln -s "$TOOLS/node_modules" node_modules
types() { node_modules/.bin/tsc --noEmit --strict --module esnext --moduleResolution bundler "$1"; }
types gitlab.ts
if types wrong.ts > /dev/null; then echo 'the types say nothing'; exit 1; fi
echo 'sarif-multitool, sarif-tools, junitparser, @actions/core, azure-pipelines-task-lib, eslint and codeclimate-types agree'
