/// A step that did not fail.
pub(crate) enum Verdict {
    Passed,
    Skipped(String),
}
