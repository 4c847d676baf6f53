# The GitHub Action: its file by a validator, its steps as the runner runs them. Run by .ci/counterparts.
set -euo pipefail
"$TOOLS/node_modules/.bin/action-validator" "$REPOSITORY/action.yml"
node "$REPOSITORY/tests/counterparts/action.mjs"
