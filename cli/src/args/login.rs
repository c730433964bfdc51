//! The words of `resumable login`.

use crate::transport::Kind;

/// `resumable login`.
#[derive(Debug, clap::Args)]
pub(crate) struct Login {
    /// The profile
    pub(crate) profile: String,
    /// Draw no code, write down what is in it
    #[arg(long)]
    pub(crate) plain: bool,
    /// What carries the requests [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}
