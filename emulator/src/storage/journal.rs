//! What lets an unfinished upload outlive the process: a draft, and a journal with a line for each change.

use std::io;

use serde::Serialize;

use super::Storage;

impl dyn Storage + '_ {
    /// Adds a line to a draft's journal, if drafts outlive the process.
    pub(crate) fn note(&self, draft: &str, line: &impl Serialize) -> io::Result<()> {
        if !self.keeps_drafts() {
            return Ok(());
        }
        self.record(draft, &serde_json::to_string(line).map_err(io::Error::other)?)
    }

    /// Whether a draft holds all bytes before `end`.
    pub(crate) fn holds(&self, draft: &str, end: u64) -> bool {
        end.checked_sub(1).is_none_or(|last| self.read_draft(draft, last, &mut [0]).is_ok_and(|read| read == 1))
    }
}
