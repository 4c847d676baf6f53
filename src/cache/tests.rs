use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::reading;

const TEXT: &str = "const seen = [];\nexport function f(x) { seen.push(x); }\n";

fn filled(folder: &Path, texts: &[&str]) {
    let cache = Cache::open(folder, Path::new("/project"));
    for text in texts {
        let key = Key::new(Path::new("a.ts"), text);
        if cache.get(key).is_none() {
            cache.put(key, &reading::read(Path::new("a.ts"), text));
        }
    }
    cache.finish();
}

fn packs(folder: &Path) -> Vec<PathBuf> {
    store::packs_in(&Cache::open(folder, Path::new("/project")).folder)
}

fn get(folder: &Path, text: &str) -> Option<Reading> {
    Cache::open(folder, Path::new("/project")).get(Key::new(Path::new("a.ts"), text))
}

#[test]
fn what_was_put_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    assert!(get(folder.path(), TEXT).is_none());
    filled(folder.path(), &[TEXT, "let broken = ;", "// leaklint-disable-file\n"]);
    for text in [TEXT, "let broken = ;", "// leaklint-disable-file\n"] {
        let fresh = format!("{:?}", reading::read(Path::new("a.ts"), text));
        assert_eq!(format!("{:?}", get(folder.path(), text).unwrap()), fresh);
    }
    assert!(get(folder.path(), "other").is_none());
    let script = Key::new(Path::new("a.js"), TEXT);
    assert!(
        Cache::open(folder.path(), Path::new("/project")).get(script).is_none(),
        "another language"
    );
    assert!(
        Cache::open(folder.path(), Path::new("/other"))
            .get(Key::new(Path::new("a.ts"), TEXT))
            .is_none()
    );
    assert_eq!(packs(folder.path()).len(), 1, "a run that adds nothing writes nothing");
}

/// Every byte of a pack is spoilt in turn, and every length cut: no entry is ever wrong, and a run mends it.
#[test]
fn damage_is_noticed_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), &[TEXT]);
    let pack = packs(folder.path()).remove(0);
    let good = fs::read(&pack).unwrap();
    let fresh = format!("{:?}", reading::read(Path::new("a.ts"), TEXT));
    let spoilt = (0..good.len()).map(|at| {
        let mut bytes = good.clone();
        bytes[at] ^= 0x41;
        bytes
    });
    let cut = (0..good.len()).map(|length| good[..length].to_vec());
    for bytes in spoilt.chain(cut) {
        fs::write(&pack, &bytes).unwrap();
        if let Some(found) = get(folder.path(), TEXT) {
            assert_eq!(format!("{found:?}"), fresh);
        }
    }
    fs::write(&pack, &good[..good.len() / 2]).unwrap();
    filled(folder.path(), &[TEXT]);
    assert_eq!(packs(folder.path()).len(), 1, "the damaged pack is gone");
    assert!(get(folder.path(), TEXT).is_some());
    let mut bytes = good.clone();
    bytes[3] ^= 1;
    fs::write(&packs(folder.path())[0], &bytes).unwrap();
    filled(folder.path(), &[TEXT]);
    assert!(get(folder.path(), TEXT).is_some(), "the damaged entry was written anew");
    assert_eq!(packs(folder.path()).len(), 1);
}

#[test]
fn many_packs_become_one_without_what_is_no_longer_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<String> = (0..=MAX_PACKS).map(|i| format!("let a = {i};")).collect();
    for text in &texts {
        filled(folder.path(), &[TEXT, text]);
    }
    assert_eq!(packs(folder.path()).len(), 1);
    assert!(get(folder.path(), TEXT).is_some());
    assert!(get(folder.path(), texts.last().unwrap()).is_some());
    assert!(get(folder.path(), &texts[0]).is_none());
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let folder = folder.path();
            scope.spawn(move || {
                for round in 0..20 {
                    let own = format!("let t{thread} = {round};");
                    filled(folder, &[TEXT, &own]);
                    let found = get(folder, TEXT);
                    assert!(found.is_none_or(|found| found.errors.is_empty() && !found.facts.calls.is_empty()));
                }
            });
        }
    });
    filled(folder.path(), &[TEXT]);
    assert!(get(folder.path(), TEXT).is_some());
}

#[test]
fn clearing_removes_what_leaklint_wrote_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), &[TEXT]);
    let pack = packs(folder.path()).remove(0);
    let foreign = [folder.path().join("notes.txt"), pack.with_file_name("mine.txt")];
    for path in &foreign {
        fs::write(path, "keep").unwrap();
    }
    let cleared = clear(folder.path()).unwrap();
    assert_eq!(cleared.files, 1);
    assert!(cleared.bytes > 0 && !pack.exists());
    assert!(foreign.iter().all(|path| path.exists()));
    assert_eq!(clear(Path::new("/nowhere/at/all")).unwrap(), Cleared::default());
}

#[test]
fn old_packs_make_room() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), &[TEXT]);
    let pack = packs(folder.path()).remove(0);
    let left = pack.with_file_name("00.tmp");
    fs::write(&left, "").unwrap();
    for (path, days) in [(&pack, 100), (&left, 1)] {
        let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
        fs::File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(then)
            .unwrap();
    }
    store::prune(folder.path());
    assert!(!pack.exists() && !left.exists());
    // A sparse file counts with its length.
    filled(folder.path(), &[TEXT]);
    let pack = packs(folder.path()).remove(0);
    let huge = pack.with_file_name("ff.pack");
    fs::File::create(&huge).unwrap().set_len(store::MAX_BYTES - 10).unwrap();
    let then = SystemTime::now() - Duration::from_secs(60);
    fs::File::options()
        .append(true)
        .open(&pack)
        .unwrap()
        .set_modified(then)
        .unwrap();
    store::prune(folder.path());
    assert!(huge.exists() && !pack.exists(), "the one used last stays");
}
