//! What has to outlive the process: a line for each change, in a store that keeps drafts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::code::{self, Code};
use super::drive::File;
use super::tasks::Task;
use super::token_pair::Change;
use crate::storage::Storage;

/// Where the lines are.
const DRAFT: &str = "115-state";

/// One change.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// Another pair of tokens is good.
    Tokens(Change),
    /// There is a folder.
    Folder { path: String },
    /// There is a file, or something more is known of it.
    File { path: String, file: File },
    /// There is a task, or it changed; it may take the place of one with another name.
    Task { task: Task, instead_of: Option<String> },
    /// A task's file is in the drive.
    Done { pick_code: String, path: String },
}

#[derive(Clone)]
pub(super) struct Journal {
    storage: Arc<dyn Storage>,
}

impl Journal {
    pub(super) fn new(storage: Arc<dyn Storage>) -> Journal {
        Journal { storage }
    }

    pub(super) fn note(&self, line: &Line) -> Result<(), Code> {
        self.storage.note(DRAFT, line).map_err(|_| code::FAILED)
    }

    /// What an earlier process noted. A line that makes no sense is left out; anybody may have edited it.
    pub(super) fn lines(&self) -> std::io::Result<Vec<Line>> {
        let drafts = self.storage.drafts()?;
        let ours = drafts.into_iter().filter(|draft| draft.id == DRAFT).flat_map(|draft| draft.journal);
        Ok(ours.filter_map(|line| serde_json::from_str(&line).ok()).collect())
    }
}
