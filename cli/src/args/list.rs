//! The words of `resumable list`.

use super::remote::Bucket;
use crate::transport::Kind;

/// `resumable list`.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Show what is open at the vendor instead, in the bucket of this profile, and known to no checkpoint here
    #[arg(long, value_name = "PROFILE[:PREFIX]")]
    pub(crate) remote: Option<Bucket>,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum, requires = "remote")]
    pub(crate) transport: Option<Kind>,
}
