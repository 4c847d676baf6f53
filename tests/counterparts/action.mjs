// Runs the shell steps of action.yml as the runner does: its expressions by the runner's own library, each script
// with the shell's documented flags, and the files of GITHUB_OUTPUT and GITHUB_PATH read back between the steps.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import assert from 'node:assert';

const { REPOSITORY, LEAKLINT, TOOLS } = process.env;
const require = createRequire(TOOLS + '/');
const yaml = require('js-yaml');
const { Parser, Lexer, Evaluator, data } = await import(TOOLS + '/node_modules/@actions/expressions/dist/index.js');
const action = yaml.load(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8'));

const toData = (value) => {
  if (typeof value !== 'object') return new data.StringData(String(value));
  const dictionary = new data.Dictionary();
  for (const [key, inner] of Object.entries(value)) dictionary.add(key, toData(inner));
  return dictionary;
};
const evaluate = (text, context) => {
  const tree = new Parser(new Lexer(text).lex().tokens, Object.keys(context), []).parse();
  const names = toData(context);
  return new Evaluator(tree, names).evaluate().coerceString();
};
const fill = (text, context) => String(text).replace(/\$\{\{(.*?)\}\}/g, (_, inner) => evaluate(inner, context));

// Runs the action in `workspace`; tells the code of the first step that failed, the log, outputs and uploads.
export function run(workspace, given, path = dirname(LEAKLINT) + delimiter + process.env.PATH) {
  const inputs = Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']));
  for (const name of Object.keys(given)) assert.ok(name in inputs, `${name} is no input`);
  const context = { inputs: { ...inputs, ...given }, steps: {}, github: { action_path: REPOSITORY } };
  const files = resolve('runner');
  mkdirSync(files, { recursive: true });
  const result = { code: 0, log: '', uploads: [], summary: '' };
  writeFileSync(join(files, 'summary'), '');
  for (const step of action.runs.steps) {
    const condition = step.if && fill(step.if, context);
    if (condition === 'false') continue;
    const id = step.id ?? step.name;
    context.steps[id] = { outputs: { 'exit-code': '', 'sarif-file': '' } };
    if (step.uses) {
      const given = Object.entries(step.with).map(([key, value]) => [key, fill(value, context)]);
      result.uploads.push([step.uses, Object.fromEntries(given)]);
      continue;
    }
    assert.equal(step.shell, 'bash');
    for (const name of ['output', 'path']) writeFileSync(join(files, name), '');
    writeFileSync(join(files, 'script.sh'), fill(step.run, context));
    const env = {
      ...process.env,
      PATH: path,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: join(files, 'output'),
      GITHUB_PATH: join(files, 'path'),
      GITHUB_STEP_SUMMARY: join(files, 'summary'),
      RUNNER_TEMP: join(files, 'temp'),
      ...Object.fromEntries(Object.entries(step.env ?? {}).map(([key, value]) => [key, fill(value, context)])),
    };
    const shell = ['--noprofile', '--norc', '-e', '-o', 'pipefail', join(files, 'script.sh')];
    const cwd = resolve(workspace, fill(step['working-directory'] ?? '.', context));
    const done = spawnSync('bash', shell, { cwd, env, encoding: 'utf8' });
    result.log += done.stdout + done.stderr;
    for (const line of readFileSync(join(files, 'output'), 'utf8').split('\n').filter(Boolean)) {
      const at = line.indexOf('=');
      context.steps[id].outputs[line.slice(0, at)] = line.slice(at + 1);
    }
    const more = readFileSync(join(files, 'path'), 'utf8').split('\n').filter(Boolean);
    path = [...more, path].join(delimiter);
    if (done.status !== 0) {
      result.code = done.status;
      break;
    }
  }
  result.summary = readFileSync(join(files, 'summary'), 'utf8');
  result.outputs = Object.fromEntries(Object.entries(action.outputs).map(([name, output]) => [name, fill(output.value, context)]));
  return result;
}

const leak = 'const http = require("http");\nconst kept = [];\nhttp.createServer((req) => { kept.push(req.url); });\n';
const workspace = resolve('workspace');
mkdirSync(join(workspace, 'web/src $(touch pwned)'), { recursive: true });
spawnSync('git', ['init', '-q', workspace]);
writeFileSync(join(workspace, 'web/package.json'), '{}');
writeFileSync(join(workspace, 'web/src $(touch pwned)/leak.js'), leak);
writeFileSync(join(workspace, 'web/clean.js'), 'export const a = 1;\n');

let done = run(workspace, {});
assert.equal(done.code, 1, done.log);
assert.match(done.log, /^::error title=leaklint growing-collection\/never-bounded,file=web\/src \$\(touch pwned\)\/leak\.js,line=3/m);
assert.match(done.summary, /^## leaklint/);
assert.deepEqual(done.uploads, []);
assert.deepEqual(done.outputs, { 'exit-code': '1', 'sarif-file': '' });

done = run(workspace, { paths: 'clean.js\n', 'working-directory': 'web' });
assert.equal(done.code, 0, done.log);

done = run(workspace, { 'working-directory': 'web', paths: 'src $(touch pwned)\nclean.js', 'upload-sarif': 'true' });
assert.equal(done.code, 1, done.log);
assert.deepEqual(done.uploads, [
  ['github/codeql-action/upload-sarif@v3', { sarif_file: 'web/leaklint.sarif', category: 'leaklint' }],
]);
const sarif = JSON.parse(readFileSync(join(workspace, 'web/leaklint.sarif'), 'utf8'));
assert.equal(sarif.runs[0].results.length, 1);

done = run(workspace, { 'fail-on': 'never', 'sarif-file': 'a.sarif', args: '--only\nuncleared-timer', format: 'compact' });
assert.deepEqual([done.code, done.outputs['sarif-file']], [0, './a.sarif'], done.log);

done = run(workspace, { baseline: 'nowhere.json' });
assert.deepEqual([done.code, done.outputs['exit-code']], [2, '2'], done.log);
spawnSync(LEAKLINT, ['baseline', '--baseline', 'known.json'], { cwd: workspace });
done = run(workspace, { baseline: 'known.json' });
assert.equal(done.code, 0, done.log);
assert.throws(() => readFileSync(join(workspace, 'web/pwned')));

// Without leaklint on the path the action builds it.
if (process.env.BUILD_ACTION !== 'no') {
  process.env.CARGO_TARGET_DIR = join(REPOSITORY, 'target');
  const bare = process.env.PATH.split(delimiter).filter((one) => one !== dirname(LEAKLINT)).join(delimiter);
  done = run(workspace, {}, bare);
  assert.equal(done.code, 1, done.log);
  assert.match(done.log, /growing-collection/);
}
console.log('the steps of the action run, by @actions/expressions and bash');
