//! The words of `resumable abort`.

use std::time::Duration;

use resumable::units::parse_time;

use super::remote::Bucket;
use crate::transport::Kind;

/// `resumable abort`.
#[derive(Debug, clap::Args)]
pub(crate) struct Abort {
    /// The upload's key as `resumable list` shows it, or the first characters of it
    #[arg(required_unless_present = "remote")]
    pub(crate) upload: Option<String>,
    /// Cancel what is open at the vendor in the bucket of this profile, and known to no checkpoint here: `resumable list
    /// --remote` shows it. Uploads of other machines are among it
    #[arg(long, value_name = "PROFILE[:PREFIX]", conflicts_with_all = ["upload", "local"])]
    pub(crate) remote: Option<Bucket>,
    /// With --remote: only what was begun this long ago or longer
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "7d", requires = "remote")]
    pub(crate) older_than: Duration,
    /// With --remote: do not ask
    #[arg(long, requires = "remote")]
    pub(crate) yes: bool,
    /// Forget the upload on this machine only: nothing is asked of the vendor, and what was sent stays there
    #[arg(long, conflicts_with_all = ["patience", "transport"])]
    pub(crate) local: bool,
    /// Keep retrying this long without progress before giving up: 90s, 10m, 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "1m")]
    pub(crate) patience: Duration,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}
