//! What git says has changed: the files, and the lines in them. Git itself is asked, the program on the path.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Compared with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The index with the last commit: what the next commit will hold.
    Staged,
    /// The working tree with the last commit; untracked files too.
    Head,
    /// The working tree with the commit where the current branch left this one; untracked files too.
    Fork(String),
}

/// Changed lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lines {
    /// The whole file is new, or its lines are not known.
    All,
    /// First and last line of each change, from 1. Where lines were only taken out, those on both sides.
    Some(Vec<(u32, u32)>),
}

/// What has changed. Paths are absolute, as git tells them: without links.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Changed, new and renamed files that still exist.
    pub files: HashMap<PathBuf, Lines>,
    /// With [`Against::Staged`]: the text in the index of the files that are different on disk.
    pub staged: HashMap<PathBuf, Vec<u8>>,
}

/// Why git could not be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitError {
    /// There is no program `git`.
    Missing,
    /// The current directory is in no repository, or in one without a working tree.
    NotARepository,
    /// There is no such commit.
    UnknownRef(String),
    /// There is no commit that both sides come from.
    NothingShared(String),
    /// Git's own words.
    Failed(String),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::Missing => f.write_str("git cannot be run: there is no program `git` on the path"),
            GitError::NotARepository => {
                f.write_str("the current directory is not in the working tree of a git repository")
            }
            GitError::UnknownRef(name) => write!(f, "git knows no commit `{name}`"),
            GitError::NothingShared(name) => write!(f, "git finds no commit that `{name}` and HEAD both come from"),
            GitError::Failed(words) => write!(f, "git failed: {words}"),
        }
    }
}

impl GitError {
    /// What to do.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            GitError::Missing => Some("install git, or name the files to check"),
            GitError::NotARepository => Some("name the files to check instead"),
            GitError::UnknownRef(_) => Some("fetch the branch first, or write it as `origin/NAME`"),
            GitError::NothingShared(_) => {
                Some("a shallow clone lacks it: fetch the whole history (`git fetch --unshallow`)")
            }
            GitError::Failed(_) => None,
        }
    }
}

/// What has changed in the repository that holds `cwd`. `wanted` says of which files the staged text is needed.
pub fn changes(cwd: &Path, against: &Against, wanted: &dyn Fn(&Path) -> bool) -> Result<Changes, GitError> {
    let top = path(trimmed(&git(cwd, &["rev-parse", "--show-toplevel"])?));
    let base = match against {
        Against::Staged => "--cached".to_owned(),
        Against::Head => head(&top)?,
        Against::Fork(name) => fork(&top, name)?,
    };
    let mut changes = Changes::default();
    for name in names(&diff(&top, &["--name-status", "-z", &base, "--"])?) {
        changes.files.insert(top.join(name), Lines::All);
    }
    for (name, lines) in hunks(&diff(&top, &["-U0", &base, "--"])?) {
        if let Some(entry) = changes.files.get_mut(&top.join(name)) {
            *entry = Lines::Some(lines);
        }
    }
    if *against == Against::Staged {
        for name in split(&git(
            &top,
            &[
                "diff",
                "--name-only",
                "-z",
                "--no-relative",
                "--ignore-submodules=all",
                "--no-ext-diff",
            ],
        )?) {
            if !wanted(&name) {
                continue;
            }
            let mut object = std::ffi::OsString::from(":");
            object.push(&name);
            // A path in conflict has no one staged text; it is then read from disk.
            if let Ok(bytes) = run(&top, &["cat-file".as_ref(), "blob".as_ref(), &object]) {
                changes.staged.insert(top.join(name), bytes);
            }
        }
    } else {
        let others = git(&top, &["ls-files", "-z", "--others", "--exclude-standard"])?;
        for name in split(&others) {
            // Another repository inside this one is told as a folder.
            if !name.as_os_str().as_encoded_bytes().ends_with(b"/") {
                changes.files.insert(top.join(name), Lines::All);
            }
        }
    }
    Ok(changes)
}

/// Where a repository keeps its hooks.
#[derive(Clone, Debug)]
pub struct Hooks {
    /// The root of the working tree.
    pub top: PathBuf,
    /// The folder of the hooks, whatever is configured.
    pub folder: PathBuf,
}

/// The hooks of the repository that holds `cwd`.
pub fn hooks(cwd: &Path) -> Result<Hooks, GitError> {
    let top = path(trimmed(&git(cwd, &["rev-parse", "--show-toplevel"])?));
    let folder = path(trimmed(&git(&top, &["rev-parse", "--git-path", "hooks"])?));
    Ok(Hooks {
        folder: top.join(folder),
        top,
    })
}

/// The last commit, or the empty tree before the first one.
fn head(top: &Path) -> Result<String, GitError> {
    match git(top, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]) {
        Ok(commit) => Ok(word(&commit)),
        Err(GitError::Failed(_)) => Ok(word(&git(top, &["hash-object", "-t", "tree", "--stdin"])?)),
        Err(error) => Err(error),
    }
}

/// The commit where the current branch left `name`.
fn fork(top: &Path, name: &str) -> Result<String, GitError> {
    let commit = format!("{name}^{{commit}}");
    let found = git(top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
    let commit = match found {
        Ok(commit) => word(&commit),
        Err(GitError::Failed(_)) => return Err(GitError::UnknownRef(name.to_owned())),
        Err(error) => return Err(error),
    };
    match git(top, &["merge-base", &commit, "HEAD"]) {
        Ok(base) => Ok(word(&base)),
        Err(GitError::Failed(_)) => Err(GitError::NothingShared(name.to_owned())),
        Err(error) => Err(error),
    }
}

/// `git diff` with the looks that the parsers here read, whatever the user has configured.
fn diff(top: &Path, args: &[&str]) -> Result<Vec<u8>, GitError> {
    let looks = [
        "diff",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-relative",
        "--ignore-submodules=all",
        "--find-renames",
        "--diff-filter=d",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    ];
    git(top, &[&looks, args].concat())
}

fn git(folder: &Path, args: &[&str]) -> Result<Vec<u8>, GitError> {
    let args: Vec<&std::ffi::OsStr> = args.iter().map(AsRef::as_ref).collect();
    run(folder, &args)
}

fn run(folder: &Path, args: &[&std::ffi::OsStr]) -> Result<Vec<u8>, GitError> {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        // Looking must not lock the index of a repository that somebody works in.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => GitError::Missing,
        _ => GitError::Failed(error.to_string()),
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    if words.contains("not a git repository") || words.contains("must be run in a work tree") {
        return Err(GitError::NotARepository);
    }
    let first = words
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("it said nothing");
    Err(GitError::Failed(first.trim_start_matches("fatal: ").to_owned()))
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

fn word(bytes: &[u8]) -> String {
    String::from_utf8_lossy(trimmed(bytes)).into_owned()
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Paths that end with a zero byte each.
fn split(bytes: &[u8]) -> impl Iterator<Item = PathBuf> + '_ {
    bytes.split(|byte| *byte == 0).filter(|one| !one.is_empty()).map(path)
}

/// The new paths of `--name-status -z`: a status, then one path, or two for a rename or a copy.
fn names(bytes: &[u8]) -> Vec<PathBuf> {
    let mut fields = bytes.split(|byte| *byte == 0).filter(|one| !one.is_empty());
    let mut names = Vec::new();
    while let Some(status) = fields.next() {
        let two = matches!(status.first(), Some(b'R' | b'C'));
        let name = if two { fields.nth(1) } else { fields.next() };
        names.extend(name.map(path));
    }
    names
}

/// The changed lines of each file of a patch without context.
fn hunks(patch: &[u8]) -> Vec<(PathBuf, Vec<(u32, u32)>)> {
    let mut files: Vec<(PathBuf, Vec<(u32, u32)>)> = Vec::new();
    // Lines of a hunk may look like anything, a header too; they are counted and passed over.
    let mut body = 0;
    for line in patch.split(|byte| *byte == b'\n') {
        if body > 0 && matches!(line.first(), Some(b'+' | b'-')) {
            body -= 1;
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            files.extend(new_name(name).map(|name| (name, Vec::new())));
        } else if let Some((old, (start, new))) = line.strip_prefix(b"@@ ").and_then(hunk) {
            body = old + new;
            if let Some((_, lines)) = files.last_mut() {
                lines.push(if new > 0 {
                    (start, start + new - 1)
                } else {
                    (start.max(1), start + 1)
                });
            }
        }
    }
    files
}

/// How many lines `-a,b +c,d @@` takes out, and where it puts how many in.
fn hunk(header: &[u8]) -> Option<(u32, (u32, u32))> {
    let header = std::str::from_utf8(header.split(|byte| *byte == b'@').next()?).ok()?;
    let mut parts = header.split_whitespace();
    let mut side = |sign: char| -> Option<(u32, u32)> {
        let side = parts.next()?.strip_prefix(sign)?;
        // A count of one is not written.
        let (start, count) = side.split_once(',').unwrap_or((side, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let old = side('-')?;
    let new = side('+')?;
    Some((old.1, new))
}

/// The path of a `+++` line, which git quotes when it holds unusual bytes and ends with a tab when it holds
/// blanks.
fn new_name(name: &[u8]) -> Option<PathBuf> {
    let name = trimmed(name);
    let name = name.strip_suffix(b"\t").unwrap_or(name);
    let name = match name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")) {
        Some(quoted) => unquoted(quoted),
        None => name.to_vec(),
    };
    name.strip_prefix(b"b/").map(path)
}

fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            made.push(byte);
            continue;
        }
        let Some(letter) = bytes.next() else { break };
        made.push(match letter {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            b'0'..=b'7' => {
                let digits = [letter, bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                digits.iter().fold(0_u8, |value, digit| {
                    value.wrapping_mul(8).wrapping_add(digit.wrapping_sub(b'0'))
                })
            }
            other => other,
        });
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_read() {
        let patch = b"diff --git a/x y.js b/x y.js\n--- a/x y.js\t\n+++ b/x y.js\t\n@@ -1 +1,2 @@ f() {\n-a\n+++ b/no.js\n+@@ -1 +1 @@\n@@ -9,2 +10,0 @@\n-a\n-b\n\\ No newline at end of file\ndiff --git \"a/\\303\\251\\\".js\" \"b/\\303\\251\\\".js\"\n--- /dev/null\n+++ \"b/\\303\\251\\\".js\"\n@@ -0,0 +1 @@\n+x\n";
        let expected = [
            (PathBuf::from("x y.js"), vec![(1, 2), (10, 11)]),
            (PathBuf::from("é\".js"), vec![(1, 1)]),
        ];
        assert_eq!(hunks(patch), expected);
    }

    #[test]
    fn names_of_renames_are_the_new_ones() {
        let names = names(b"M\0a.js\0R087\0old.js\0new.js\0A\0b.js\0");
        assert_eq!(names, ["a.js", "new.js", "b.js"].map(PathBuf::from));
    }
}
