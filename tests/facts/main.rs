//! What extraction says of small files, as snapshots: `fixtures/facts/*`.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test facts`, then read the difference.

mod dump;

use std::path::{Path, PathBuf};

use leaklint::facts::{FileFacts, Node, NodeId};
use leaklint::reading;
use leaklint::syntax::WORKER_STACK;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Parses on a stack like those of the program's threads.
fn facts(path: &Path) -> (FileFacts, String) {
    let path = path.to_owned();
    let work = move || {
        let text = std::fs::read_to_string(&path).unwrap();
        let reading = reading::read(&path, &text);
        assert_eq!(reading.errors, [], "{}", path.display());
        ((*reading.facts).clone(), text)
    };
    let worker = std::thread::Builder::new().stack_size(WORKER_STACK);
    worker.spawn(work).unwrap().join().unwrap()
}

#[test]
fn facts_of_small_files() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../fixtures/facts/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for path in fixtures("facts").into_iter().filter(|path| path.is_file()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (facts, text) = facts(&path);
        settings.bind(|| insta::assert_snapshot!(name, dump::dump(&facts, &text)));
    }
}

/// Every node is a child of the one node that is its parent, and stands within it.
#[test]
fn nodes_form_a_tree() {
    for path in fixtures("facts")
        .into_iter()
        .chain(fixtures("corpus"))
        .filter(|path| path.is_file())
    {
        let (facts, _) = facts(&path);
        let mut children_of = vec![0_u32; facts.nodes.len()];
        for parent in (0..facts.nodes.len() as u32).map(NodeId) {
            let mut children = Vec::new();
            facts.children(parent, |child| children.push(child));
            if let Node::Function(f) = facts.node(parent) {
                children.extend(facts.list(facts.function(f).params).chain([facts.function(f).body]));
            }
            for child in children {
                children_of[child.0 as usize] += 1;
                assert_eq!(facts.parent(child), parent, "{}: {child:?}", path.display());
            }
        }
        let root = facts.function(leaklint::facts::FunctionId::MODULE).node;
        for node in (0..facts.nodes.len() as u32).map(NodeId) {
            let wanted = u32::from(node != root);
            let here = facts.span(node);
            let shown = facts.node(node);
            assert_eq!(
                children_of[node.0 as usize],
                wanted,
                "{}: {shown:?} at {here:?}",
                path.display()
            );
        }
    }
}
