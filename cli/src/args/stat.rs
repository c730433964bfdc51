//! The words of `resumable stat`.

use super::destination::{self, Destination};
use crate::transport::Kind;

/// `resumable stat`.
#[derive(Debug, clap::Args)]
pub(crate) struct Stat {
    /// What to ask for: a profile of the configuration file, and the path there
    #[arg(value_name = "PROFILE:PATH", value_parser = destination::parser())]
    pub(crate) destination: Destination,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}
