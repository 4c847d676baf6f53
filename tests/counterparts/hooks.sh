# Hooks that stop a commit: pre-commit, lefthook, lint-staged. Run by .ci/counterparts in an empty folder.
set -euo pipefail
unset GITHUB_ACTIONS
export PRE_COMMIT_HOME="$PWD/home" PATH="$(dirname "$LEAKLINT"):$TOOLS/venv/bin:$TOOLS/node_modules/.bin:$PATH"
export GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.com GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.com
clean='export const a = 1;'
leak='const http = require("http");
const kept = [];
http.createServer((req) => { kept.push(req.url); });'

# A repository in $1 whose hook is installed by the command that follows.
repository() {
  git init --quiet "$1"
  git -C "$1" commit --quiet --allow-empty -m first
  (cd "$1" && echo '{}' > package.json && echo node_modules > .gitignore && shift && "$@" > /dev/null)
}
# Commits a leaking file, which must fail and tell why, and then a clean one, which must pass.
try() (
  cd "$1"
  echo "$leak" > 'a b.mjs'
  git add .
  if git commit -qm leaking > log.txt 2>&1; then echo "$1: the leak was committed"; cat log.txt; exit 1; fi
  grep -q 'growing-collection/never-bounded' log.txt || { echo "$1: no finding was shown"; cat log.txt; exit 1; }
  echo "$clean" > 'a b.mjs'
  git add .
  git commit -qm clean > log.txt 2>&1 || { echo "$1: a clean commit was stopped"; cat log.txt; exit 1; }
)

# pre-commit, with the hook that runs the installed binary.
packaged() {
  printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: %s\n' \
    "$REPOSITORY" "$(git -C "$REPOSITORY" rev-parse HEAD)" leaklint-packaged > .pre-commit-config.yaml
  pre-commit install
}
repository packaged packaged
try packaged

# The same configuration with the hook that builds from source. The build output is shared to save time.
source_hook() {
  printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: %s\n' \
    "$REPOSITORY" "$(git -C "$REPOSITORY" rev-parse HEAD)" leaklint > .pre-commit-config.yaml
  pre-commit install
  pre-commit install-hooks
}
if [ "${BUILD_HOOK:-}" != no ]; then
repository source source_hook
(PATH="${PATH#*:}" try source)
fi

# lefthook: the staged text, whatever is on disk.
with_lefthook() {
  printf 'pre-commit:\n  commands:\n    leaklint:\n      run: leaklint --staged\n' > lefthook.yml
  lefthook install
}
repository lefthook with_lefthook
try lefthook

# lint-staged, as husky calls it from .git/hooks or .husky.
with_lint_staged() {
  echo '{ "lint-staged": { "*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,vue,svelte}": "leaklint --force-exclude" } }' > package.json
  printf '#!/bin/sh\nlint-staged\n' > .git/hooks/pre-commit
  chmod +x .git/hooks/pre-commit
}
repository lint-staged with_lint_staged
try lint-staged
echo 'pre-commit, lefthook and lint-staged stop a leak and let a clean commit pass'
