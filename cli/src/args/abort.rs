//! The words of `resumable abort`.

use std::time::Duration;

use resumable::units::parse_time;

use crate::transport::Kind;

/// `resumable abort`.
#[derive(Debug, clap::Args)]
pub(crate) struct Abort {
    /// The upload's key as `resumable list` shows it, or the first characters of it
    pub(crate) upload: String,
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
