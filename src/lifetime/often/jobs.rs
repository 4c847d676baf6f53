//! Jobs: programs of their own that are run by hand or by a build, run through and end, such as scripts, migrations and
//! seeds. What they leave behind goes with their process.

use crate::finding::Confidence;
use crate::lifetime::{Judge, Judged, Verdict};
use crate::link::FileId;

/// Through how many files a job's parts are followed to it.
const MAX_IMPORTERS: u32 = 6;

impl Judge<'_> {
    /// Makes what a job leaves behind no more than plausible: nobody says that it runs for long.
    pub(in crate::lifetime) fn weigh_job(&self, file: FileId, judged: &mut [Judged]) {
        let leaks = |j: &Judged| matches!(j.verdict, Verdict::Leak(_));
        if !judged.iter().any(leaks) || !self.is_of_job(file, 0) {
            return;
        }
        for j in judged {
            if let Verdict::Leak(leak) = &mut j.verdict {
                leak.confidence = Confidence::Low;
            }
        }
    }

    /// Whether a file is a job, or a part of jobs only.
    fn is_of_job(&self, file: FileId, depth: u32) -> bool {
        let importers = self.project.importers(file);
        self.project.file(file).is_job
            && depth < MAX_IMPORTERS
            && match importers {
                [] => self.project.runs_in_node(file),
                _ => importers.iter().all(|&(importer, _)| {
                    importer == file || self.project.file(importer).is_test || self.is_of_job(importer, depth + 1)
                }),
            }
    }
}
