//! Where a report goes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::Failure;

/// Standard output, or a file.
pub(super) struct Output(Option<BufWriter<File>>);

impl Output {
    /// Creates the file, when one is named.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let open = |path: &Path| {
            let file = File::create(path);
            file.map_err(|error| Failure::new(format!("{} cannot be written: {error}", path.display())))
        };
        Ok(Self(path.map(open).transpose()?.map(BufWriter::new)))
    }

    /// Lets `print` write, and flushes.
    pub(super) fn write(&mut self, print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match &mut self.0 {
            Some(file) => {
                print(file)?;
                file.flush()
            }
            None => {
                let mut out = BufWriter::new(io::stdout().lock());
                print(&mut out)?;
                out.flush()
            }
        }
    }
}
