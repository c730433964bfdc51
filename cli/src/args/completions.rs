//! The words of `resumable completions` and `resumable man`.

use std::path::PathBuf;

use clap_complete::Shell;

/// `resumable completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// Shell to complete in
    pub(crate) shell: Shell,
}

/// `resumable man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Folder to write the pages to
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}
