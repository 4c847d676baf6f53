# The packages for npm, PyPI and crates.io, made and installed from local files. Run by .ci/counterparts.
set -euo pipefail
unset GITHUB_ACTIONS
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$REPOSITORY/Cargo.toml" | head -1)
mkdir project
cat > project/leak.js << 'JS'
const http = require('http');
const kept = [];
http.createServer((req) => { kept.push(req.url); });
JS
echo 'export const a = 1;' > project/clean.js
# Runs the given command as leaklint, which must be this version, find the leak and pass the clean file.
works() (
  cd project
  [ "$("$@" --version)" = "leaklint $version" ]
  status=0
  "$@" leak.js > found.txt 2> /dev/null || status=$?
  [ "$status" = 1 ] && grep -q 'leak.js:3:30: error\[growing-collection/never-bounded\]' found.txt
  echo 'f(' | { status=0; "$@" --stdin-filename x.ts > found.txt 2> /dev/null || status=$?; [ "$status" = 1 ]; }
  "$@" clean.js 2> /dev/null
)

# npm: the launcher and the package of this platform, from tarballs.
node "$REPOSITORY/.npm/build.mjs" tarballs "linux-x64=$LEAKLINT"
tarballs=("$PWD/tarballs/leaklint-$version.tgz" "$PWD/tarballs/leaklint-linux-x64-$version.tgz")
echo '{ "private": true }' > project/package.json
(cd project && npm install --silent --no-fund --no-audit "${tarballs[@]}")
works npx --no-install leaklint
test -s project/node_modules/leaklint/man/leaklint.1
rm -r project/node_modules/@leaklint
status=0
(cd project && npx --no-install leaklint clean.js) 2> error.txt || status=$?
[ "$status" = 2 ] && grep -q 'the package @leaklint/linux-x64 is not installed' error.txt
rm -r project/node_modules project/package.json project/package-lock.json

# pre-commit installs the npm package by itself for a hook of the repository's own.
export PRE_COMMIT_HOME="$PWD/home" GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.com GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.com
cp -r project hooked
cat > hooked/.pre-commit-config.yaml << YAML
repos:
- repo: local
  hooks:
  - id: leaklint
    name: leaklint
    language: node
    entry: leaklint --force-exclude
    files: \.[jt]s$
    require_serial: true
    additional_dependencies: ["${tarballs[0]}", "${tarballs[1]}"]
YAML
(
  cd hooked
  git init --quiet .
  git add clean.js
  PATH="$TOOLS/venv/bin:$PATH" pre-commit run --all-files > log.txt || { cat log.txt; exit 1; }
  git add leak.js
  if PATH="$TOOLS/venv/bin:$PATH" pre-commit run --all-files > log.txt; then cat log.txt; exit 1; fi
  grep -q growing-collection log.txt
)

# PyPI: a wheel that holds the program.
"$TOOLS/venv/bin/maturin" build --quiet --release --locked --manifest-path "$REPOSITORY/Cargo.toml" --out wheels
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-index wheels/leaklint-"$version"-*.whl
works "$PWD/venv/bin/leaklint"

# crates.io: the crate as it would be published builds from its own files alone.
(cd "$REPOSITORY" && cargo package --quiet --locked --allow-dirty)
echo 'npx, pre-commit, pip and cargo take the packages'
