//! The words of `resumable verify`.

use std::path::PathBuf;

use super::destination::{self, Destination};
use crate::transport::Kind;

/// `resumable verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The file
    pub(crate) file: PathBuf,
    /// What to compare it with: a profile of the configuration file, and the path there; a path that ends with / gets the
    /// file's name
    #[arg(value_name = "PROFILE:PATH", value_parser = destination::parser())]
    pub(crate) destination: Destination,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}
