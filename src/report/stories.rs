//! Findings of one file that differ only in the line they are about: ten listeners added one after the other in one
//! function are one story for a reader. Programs get each finding by itself.

use std::collections::HashMap;
use std::path::Path;

use crate::finding::{Cause, Finding, Role, Severity, Span};

/// Findings that are told together.
#[derive(Clone, Debug)]
pub(super) struct Story<'a> {
    /// The finding that is told in full.
    pub(super) told: &'a Finding,
    /// Those it is told for as well, in the order of the report.
    pub(super) likewise: Vec<&'a Finding>,
}

/// The stories of a report's findings, which are sorted by file, each where its first finding stands.
pub(super) fn stories(findings: &[Finding]) -> Vec<Story<'_>> {
    let mut made: Vec<Story<'_>> = Vec::new();
    let mut known: HashMap<Plot<'_>, usize> = HashMap::new();
    for finding in findings {
        let slot = *known.entry(Plot::of(finding)).or_insert(made.len());
        match made.get_mut(slot) {
            Some(story) => story.likewise.push(finding),
            None => made.push(Story {
                told: finding,
                likewise: Vec::new(),
            }),
        }
    }
    made
}

/// What findings of one story have in common: they say the same, and run as often because of the same code.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Plot<'a> {
    file: &'a Path,
    rule: &'static str,
    cause: Cause,
    severity: Severity,
    message: &'a str,
    again: Vec<(&'a Path, Span)>,
}

impl<'a> Plot<'a> {
    fn of(finding: &'a Finding) -> Self {
        let again = finding
            .labels
            .iter()
            .filter(|label| matches!(label.role, Role::Context | Role::Flow));
        Self {
            file: finding.file.as_path(),
            rule: finding.rule,
            cause: finding.cause,
            severity: finding.severity,
            message: &finding.message,
            again: again.map(|label| (label.file.as_path(), label.span)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::samples;

    /// The sample's finding at another place, with its context there too if it is another function's.
    fn moved(finding: &Finding, by: u32, function: u32) -> Finding {
        let mut made = finding.clone();
        made.span = Span::new(made.span.start + by, made.span.end + by);
        for label in made.labels.iter_mut().filter(|label| label.role == Role::Context) {
            label.span.start += function;
        }
        made
    }

    #[test]
    fn what_runs_as_often_for_the_same_reason_is_one_story() {
        let finding = &samples::report().findings[1];
        let mut elsewhere = finding.clone();
        elsewhere.file = Arc::new("src/other.js".into());
        let mut another = moved(finding, 3, 0);
        another.message = "another message".to_owned();
        let findings = [
            finding.clone(),
            moved(finding, 1, 0),
            moved(finding, 2, 1),
            another,
            moved(finding, 4, 0),
            elsewhere,
        ];
        let told = stories(&findings);
        let starts = |of: &[&Finding]| of.iter().map(|f| f.span.start - finding.span.start).collect::<Vec<_>>();
        let shape: Vec<_> = told
            .iter()
            .map(|story| (starts(&[story.told]), starts(&story.likewise)))
            .collect();
        let alone = |at| (vec![at], Vec::new());
        assert_eq!(shape, [(vec![0], vec![1, 4]), alone(2), alone(3), alone(0)]);
    }
}
