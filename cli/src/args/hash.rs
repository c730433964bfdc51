//! The words of `resumable hash`.

use std::path::PathBuf;

/// `resumable hash`.
#[derive(Debug, clap::Args)]
pub(crate) struct Hash {
    /// Files to read
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}
