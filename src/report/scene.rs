//! Where a report is printed, as far as a format may care.

use std::path::{Path, PathBuf};

use super::pretty::Style;
use super::slashed;

/// What a format may know about the place it prints to.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// How output for people looks.
    pub style: Style,
    /// Whether nothing but findings is wanted.
    pub quiet: bool,
    /// The current directory, absolute.
    pub cwd: PathBuf,
    /// The checkout that services name files from, absolute; the current directory when it is not known.
    pub repository: Option<PathBuf>,
    /// Where the files of the repository can be looked at: a path and `#L1` follow.
    pub blob_url: Option<String>,
}

impl Scene {
    /// The folder that services name files from.
    pub fn base(&self) -> &Path {
        self.repository.as_deref().unwrap_or(&self.cwd)
    }

    /// A path of a report (relative to the current directory), absolute.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        crate::discover::normalised(path, &self.cwd)
    }

    /// A path of a report as a service wants it: relative to the repository when it lies in it, with `/`.
    pub fn in_repository(&self, path: &Path) -> String {
        if self.cwd.as_os_str().is_empty() {
            return slashed(path);
        }
        let absolute = self.absolute(path);
        absolute
            .strip_prefix(self.base())
            .map_or_else(|_| slashed(&absolute), slashed)
    }
}

/// A path as part of a URI: with `/`, everything unusual as `%` and two hexadecimal digits.
pub(super) fn uri_path(path: &Path) -> String {
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec();
    #[cfg(not(unix))]
    let bytes = slashed(path).into_bytes();
    let mut uri = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"/-._~!$'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// An absolute path as a `file:` URI.
pub(super) fn file_uri(path: &Path) -> String {
    let path = uri_path(path);
    // A Windows path begins with its drive.
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_repository() {
        let scene = Scene {
            cwd: "/r/packages/a".into(),
            repository: Some("/r".into()),
            ..Scene::default()
        };
        assert_eq!(scene.in_repository(Path::new("src/x.js")), "packages/a/src/x.js");
        assert_eq!(scene.in_repository(Path::new("../b/x.js")), "packages/b/x.js");
        assert_eq!(scene.in_repository(Path::new("../../../s/x.js")), "/s/x.js");
    }

    #[test]
    fn uris_are_encoded() {
        assert_eq!(uri_path(Path::new("a b/é#%.js")), "a%20b/%C3%A9%23%25.js");
        assert_eq!(file_uri(Path::new("/a b")), "file:///a%20b");
    }
}
