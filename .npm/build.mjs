// Packs the npm packages: node .npm/build.mjs OUT TARGET=BINARY...
//
// OUT receives one tarball for the launcher `leaklint` and one for each platform, such as
// linux-x64=target/release/leaklint. The versions are that of Cargo.toml.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [out, ...binaries] = process.argv.slice(2);
if (!out || binaries.length === 0 || binaries.some((one) => !one.includes('='))) {
  console.error('usage: node .npm/build.mjs OUT TARGET=BINARY...');
  process.exit(2);
}
const version = /^version = "(.*)"$/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'))[1];
const launcher = JSON.parse(readFileSync(join(root, '.npm/leaklint/package.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'leaklint-npm-'));
mkdirSync(out, { recursive: true });

const write = (folder, name, value) => writeFileSync(join(folder, name), JSON.stringify(value, null, 2) + '\n');
const pack = (folder) => {
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', resolve(out)], { cwd: folder, encoding: 'utf8' });
  console.log(join(out, printed.trim().split('\n').pop()));
};

try {
  for (const one of binaries) {
    const [target, binary] = one.split('=');
    const name = `@leaklint/${target}`;
    if (!(name in launcher.optionalDependencies)) throw new Error(`${target} is no platform of .npm/leaklint/package.json`);
    const [os, cpu, libc] = target.split('-');
    const program = os === 'win32' ? 'leaklint.exe' : 'leaklint';
    const folder = join(scratch, target);
    mkdirSync(folder);
    copyFileSync(binary, join(folder, program));
    chmodSync(join(folder, program), 0o755);
    write(folder, 'package.json', {
      name,
      version,
      description: `The program of leaklint for ${target}`,
      license: launcher.license,
      repository: launcher.repository,
      files: [program],
      os: [os],
      cpu: [cpu],
      ...(os === 'linux' ? { libc: [libc ?? 'glibc'] } : {}),
      preferUnplugged: true,
    });
    writeFileSync(join(folder, 'README.md'), `# ${name}\n\nThe program of [leaklint](https://www.npmjs.com/package/leaklint) for ${target}.\n`);
    pack(folder);
  }
  const folder = join(scratch, 'leaklint');
  cpSync(join(root, '.npm/leaklint'), folder, { recursive: true });
  cpSync(join(root, 'src/schemas'), join(folder, 'schemas'), { recursive: true });
  mkdirSync(join(folder, 'man'));
  // The page is the same for every platform; any program that runs here can print it.
  const runs = binaries.map((one) => one.split('=')[1]).find((binary) => {
    try {
      writeFileSync(join(folder, 'man/leaklint.1'), execFileSync(resolve(binary), ['man'], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return true;
    } catch {
      return false;
    }
  });
  if (!runs) throw new Error('none of the programs runs here, and one must print the manual page');
  const dependencies = Object.keys(launcher.optionalDependencies).map((name) => [name, version]);
  write(folder, 'package.json', { ...launcher, version, optionalDependencies: Object.fromEntries(dependencies) });
  pack(folder);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
