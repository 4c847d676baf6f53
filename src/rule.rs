//! What a rule is.

/// What a rule says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// Its name, as written in outputs, configuration and suppressions.
    pub name: &'static str,
    /// One line: what is held.
    pub summary: &'static str,
    /// The text of `rule.md`.
    pub doc: &'static str,
}
