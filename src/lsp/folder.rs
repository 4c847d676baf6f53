//! One folder of the editor: its configuration and its project in memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::baseline::{self, Baseline, BaselineError};
use crate::config::{Config, ConfigError, load};
use crate::discover;
use crate::session::{DEFAULT_MAX_FILE_SIZE, Request};
use crate::workspace::Workspace;

/// What the editor's user set.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Settings {
    /// Whether infos are shown.
    pub pedantic: bool,
    /// Whether a suppression without a reason is an error.
    pub require_reason: bool,
}

/// One folder.
pub(super) struct Folder {
    pub path: PathBuf,
    pub workspace: Workspace,
    /// Why the configuration or the baseline cannot be used. The last good one counts meanwhile.
    pub broken: Option<Broken>,
}

/// What is wrong with a file that decides how the folder is checked.
pub(super) enum Broken {
    Config(Box<ConfigError>),
    Baseline(PathBuf, String),
}

impl Folder {
    /// Reads a folder. `open` is what the editor holds of files.
    pub(super) fn open(
        path: PathBuf,
        settings: &Settings,
        cache: Option<PathBuf>,
        open: HashMap<PathBuf, Arc<str>>,
    ) -> Self {
        let here = [path.clone()];
        let request = Request {
            root: discover::project_root(&path, &here),
            cwd: path.clone(),
            paths: here.to_vec(),
            max_file_size: DEFAULT_MAX_FILE_SIZE,
            cache,
            ..Request::default()
        };
        let (request, broken) = configured(request, settings);
        Self {
            path,
            workspace: Workspace::new(request, open),
            broken,
        }
    }

    /// Reads the configuration again, and lists the project anew under it.
    pub(super) fn reload(&mut self, settings: &Settings) {
        let (request, broken) = configured(self.workspace.request().clone(), settings);
        self.broken = broken;
        self.workspace.configure(request);
    }

    /// Whether a change of this file may change more than what the file itself says.
    pub(super) fn is_configured_by(&self, path: &Path) -> bool {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return false;
        };
        let tells = [
            load::FILE_NAME,
            baseline::FILE_NAME,
            "package.json",
            ".gitignore",
            ".ignore",
            ".leaklintignore",
        ];
        tells.contains(&name) || (name.starts_with("tsconfig") && name.ends_with(".json")) || name == "jsconfig.json"
    }
}

/// The request under the settings, the configuration and the baseline as they are now.
fn configured(mut request: Request, settings: &Settings) -> (Request, Option<Broken>) {
    request.pedantic = settings.pedantic;
    request.require_reason = settings.require_reason;
    let mut broken = None;
    match load::find(&request.cwd) {
        Ok(config) => request.config = config.unwrap_or_else(Config::default),
        Err(error) => broken = Some(Broken::Config(error)),
    }
    match baseline::find(&request.cwd, &request.root).map(|path| (Baseline::read(&path), path)) {
        None => request.baseline = None,
        Some((Ok(baseline), _)) => request.baseline = Some(baseline),
        Some((Err(error), path)) => {
            let message = match error {
                BaselineError::Unreadable(error) => format!("the baseline cannot be read: {error}"),
                BaselineError::Malformed(message, _) => format!("the baseline cannot be used: {message}"),
            };
            broken = broken.or(Some(Broken::Baseline(path, message)));
        }
    }
    (request, broken)
}
