//! The words of `resumable login`.

use crate::transport::Kind;

/// `resumable login`.
#[derive(Debug, clap::Args)]
pub(crate) struct Login {
    /// The profile to log in
    pub(crate) profile: String,
    /// Print the link instead of drawing a QR code
    #[arg(long)]
    pub(crate) plain: bool,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}
