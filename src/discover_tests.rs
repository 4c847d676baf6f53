//! Tests of [`super`], apart so that the module stays short.

use std::fs;

use super::*;

/// A project with a workspace root and, below it, what a walk must and must not find.
fn project() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for file in [
        "package.json",
        "src/a.ts",
        "src/b.vue",
        "src/c.min.js",
        "src/d.d.ts",
        "src/e.txt",
        "src/dist/f.js",
        "src/.hidden/g.js",
        "lib/h.js",
        "lib/ignored.js",
        "node_modules/p/index.js",
        "node_modules/p/dist/main.js",
        "node_modules/p/node_modules/q/x.js",
        ".js",
    ] {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{ \"workspaces\": [] }").unwrap();
    }
    fs::write(root.join(".leaklintignore"), "lib/ignored.js\n").unwrap();
    fs::write(root.join(".gitignore"), "node_modules\n").unwrap();
    (folder, root)
}

fn found(root: &Path, paths: &[&str], no_ignore: bool) -> (Vec<String>, Vec<String>, usize) {
    let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
    let project = project_root(root, &paths);
    let config = Config::default();
    let search = Search {
        cwd: root,
        paths: &paths,
        root: &project,
        config: &config,
        no_ignore,
        force_exclude: false,
        threads: Some(2),
    };
    let found = discover(&search);
    let names = |report| {
        let inputs = found.inputs.iter().filter(|input| input.report == report);
        inputs.map(|input| crate::report::slashed(&input.path)).collect()
    };
    (names(true), names(false), found.errors.len())
}

#[test]
fn a_folder_is_walked() {
    let (_folder, root) = project();
    let (report, read, errors) = found(&root, &["."], false);
    assert_eq!(report, ["lib/h.js", "src/a.ts", "src/b.vue"]);
    assert!(read.is_empty());
    assert_eq!(errors, 0);
    assert_eq!(
        found(&root, &["."], true).0,
        ["lib/h.js", "lib/ignored.js", "src/a.ts", "src/b.vue"]
    );
}

#[test]
fn what_is_named_is_checked_and_the_rest_is_read() {
    let (_folder, root) = project();
    let (report, read, _) = found(&root, &["src/c.min.js", "src/e.txt", "lib/ignored.js"], false);
    assert_eq!(report, ["lib/ignored.js", "src/c.min.js", "src/e.txt"]);
    assert_eq!(read, ["lib/h.js", "src/a.ts", "src/b.vue"]);
    assert_eq!(found(&root, &["src/dist"], false).0, ["src/dist/f.js"]);
}

#[test]
fn an_installed_package_can_be_named() {
    let (_folder, root) = project();
    let (report, ..) = found(&root, &["node_modules/p"], false);
    assert_eq!(report, ["node_modules/p/dist/main.js", "node_modules/p/index.js"]);
}

#[test]
fn duplicates_and_missing_paths() {
    let (_folder, root) = project();
    let (report, _, errors) = found(&root, &["src", "src/a.ts", "./src/../src/a.ts", "nowhere"], false);
    assert_eq!(report, ["src/a.ts", "src/b.vue"]);
    assert_eq!(errors, 1);
}

#[cfg(unix)]
#[test]
fn links_are_harmless() {
    let (_folder, root) = project();
    std::os::unix::fs::symlink(&root, root.join("src/loop")).unwrap();
    std::os::unix::fs::symlink(root.join("src/a.ts"), root.join("src/again.ts")).unwrap();
    assert_eq!(found(&root, &["src"], false).0, ["src/a.ts", "src/b.vue"]);
    assert_eq!(
        found(&root, &["src/again.ts", "src/a.ts"], false).0,
        ["src/again.ts"],
        "one file, checked once"
    );
}

#[test]
fn the_root_is_the_workspace() {
    let (_folder, root) = project();
    fs::write(root.join("src/tsconfig.json"), "{}").unwrap();
    assert_eq!(project_root(&root, &[root.join("src/a.ts")]), root);
    // TypeScript projects of a package refer to each other; without a package, the nearest is all there is.
    fs::write(root.join("package.json"), "{}").unwrap();
    assert_eq!(project_root(&root, &[root.join("src/a.ts")]), root);
    fs::remove_file(root.join("package.json")).unwrap();
    assert_eq!(project_root(&root, &[root.join("src/a.ts")]), root.join("src"));
    fs::write(root.join("package.json"), "{}").unwrap();
    assert_eq!(project_root(&root, &[root.join("lib/h.js")]), root);
    assert_eq!(
        project_root(&root, &[root.join("lib/h.js"), root.join("src/a.ts")]),
        root
    );
    // One package of several is judged as part of the folder it is checked from.
    fs::write(root.join("src/package.json"), "{}").unwrap();
    assert_eq!(project_root(&root, &[root.join("src/a.ts")]), root);
    let elsewhere = root.join("lib");
    assert_eq!(project_root(&elsewhere, &[root.join("src/a.ts")]), root.join("src"));
}

#[test]
fn relative_paths() {
    let cwd = Path::new("/a/b");
    for (path, expected) in [
        ("c.js", "c.js"),
        ("./c/../d.js", "d.js"),
        ("/a/x.js", "../x.js"),
        (".", "."),
        ("..", ".."),
    ] {
        assert_eq!(relative(Path::new(path), cwd), Path::new(expected), "{path}");
    }
}

#[test]
fn tests_are_told_by_their_path() {
    for path in [
        "test/a.js",
        "src/__tests__/a.js",
        "a.spec.ts",
        "packages/x/examples/a.js",
        "playgrounds/next/a.tsx",
        "e2e/a.ts",
        "a_test.ts",
        "packages/shop-tests/src/server.js",
        "apps/web-e2e/a.ts",
    ] {
        assert!(is_test_path(Path::new(path)), "{path}");
    }
    for path in [
        "src/latest/a.js",
        "contest.js",
        "src/test.js",
        "attest/specification.ts",
        "speed-test/a.js",
        "contests/a.js",
    ] {
        assert!(!is_test_path(Path::new(path)), "{path}");
    }
}

#[test]
fn copies_of_libraries_are_told_by_their_folder_and_banner() {
    let banner = "/*!\n * Table v2.4.0\n * https://table.example\n */\n(function () {})();\n";
    for path in [
        "vendor/table.js",
        "public/js/lib/table.js",
        "app/vendor/table/table.mjs",
    ] {
        assert!(is_library_copy(Path::new(path), banner), "{path}");
    }
    for path in ["lib/table.js", "src/table.js", "src/lib/table.ts", "vendor/table.jsx"] {
        assert!(!is_library_copy(Path::new(path), banner), "{path}");
    }
    let named = "/* jshint undef:true */\n/*\n * Table widget\n * Copyright (c) somebody\n */\n(function () {})();\n";
    for path in ["public/lib/table-1.5pre.js", "vendor/table.filter-2.4.1.min.js"] {
        assert!(is_library_copy(Path::new(path), named), "{path}");
        assert!(!is_library_copy(Path::new(path), "(function () {})();"), "{path}");
    }
    for path in ["public/lib/table-widget.js", "public/lib/part-2.js", "src/table-1.5.js"] {
        assert!(!is_library_copy(Path::new(path), named), "{path}");
    }
    let copy = Path::new("vendor/table.js");
    assert!(is_library_copy(copy, "/* table 2.4.0-beta | MIT license */ f();"));
    let packed = "f(1);".repeat(1000);
    assert!(is_library_copy(copy, &packed));
    // Nobody writes lines of that length, in the `lib` of a package either.
    assert!(is_library_copy(Path::new("libs/table.js"), &packed));
    assert!(!is_library_copy(Path::new("src/table.js"), &packed));
    for path in [
        "libs/table.js/src/rows.js",
        "lib/table-2.4.0/rows.js",
        "app/vendor/table.js/rows.js",
    ] {
        assert!(is_library_copy(Path::new(path), "f();"), "{path}");
    }
    for path in [
        "libs/table/rows.js",
        "src/table.js/rows.js",
        "lib/table-2/rows.js",
        "libs/table.js/rows.ts",
    ] {
        assert!(!is_library_copy(Path::new(path), "f();"), "{path}");
    }
    let rolled =
        "// table\n/* and chairs */\n(function (global, factory) {\n  typeof exports === 'object' ? 1 : 2;\n})();";
    assert!(is_library_copy(copy, rolled));
    assert!(!is_library_copy(Path::new("src/table.js"), rolled));
    for own in [
        "(function (global, factory) { global.table = factory(); })(this, make);",
        "/* Draws tables. See https://table.example */ f();",
        "// table v2.4.0, MIT license\nf();",
        "/* table v2.4 (c) somebody */ f();",
        "/* since 2.4.0 */ f();",
        "f('v2.4.0'); /* MIT license */",
    ] {
        assert!(!is_library_copy(copy, own), "{own}");
    }
}

#[test]
fn bundles_are_told_by_how_they_run_their_modules() {
    let renamed = "function n(r) {\n  var o = (t[r] = { exports: {} });\n  \
                   return e[r].call(o.exports, o, o.exports, n), o.exports;\n}";
    assert!(is_bundle(renamed));
    assert!(is_bundle(&renamed.replace(", ", ",")));
    assert!(is_bundle(
        "(function r(e,n,t){})({1:[function(require,module,exports){\nf();\n},{}]},{},[1]);"
    ));
    assert!(is_bundle(
        "var ENVIRONMENT_IS_WORKER = false;\nfunction run() { 'use asm'; }"
    ));
    for own in [
        "modules[id].call(module.exports, module, module.exports, require);",
        "e[r].call(o.exports, o, n);",
        "e[r].call(o, o.exports);",
        "const first = { load:[function(require,module,exports){}] };",
        "if (ENVIRONMENT_IS_WORKER) start();",
    ] {
        assert!(!is_bundle(own), "{own}");
    }
}
