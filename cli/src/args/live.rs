//! The words of `resumable live`.

use std::path::PathBuf;

use crate::transport::Kind;

/// `resumable live`.
#[derive(Debug, clap::Args)]
pub(crate) struct Live {
    /// The profile, or PROFILE:FOLDER to upload below that folder
    pub(crate) profile: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Where to write the report [default: resumable-live-PROFILE.md]
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
    /// The process that is killed: uploads this file to this path with checkpoints in this folder, and pauses
    #[arg(long, hide = true, num_args = 3, value_names = ["FILE", "PATH", "DIR"])]
    pub(crate) victim: Option<Vec<PathBuf>>,
}
