#!/usr/bin/env bash
# The extension for Visual Studio Code: types, activation, bundle, and the package that vsce makes.
set -euo pipefail
cp -r "$REPOSITORY/editors/vscode/." .
rm -rf node_modules dist ./*.vsix
npm ci --silent --no-fund --no-audit
npm run --silent check
npm test --silent > test.log || { cat test.log; exit 1; }
npm run --silent package > package.log || { cat package.log; exit 1; }
python3 - leaklint.vsix <<'PYTHON'
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as vsix:
    names = set(vsix.namelist())
    assert vsix.testzip() is None
    wanted = {"extension/package.json", "extension/dist/extension.js", "extension/readme.md", "extension/LICENSE.txt"}
    assert wanted <= names, names
    extra = {name for name in names if name.startswith("extension/")} - wanted
    assert not extra, f"more than was meant is packed: {extra}"
    main = json.loads(vsix.read("extension/package.json"))["main"]
    assert "extension/" + main.removeprefix("./") in names
PYTHON
echo "vsce $(npx --no-install vsce --version): leaklint.vsix"
