//! What is done about what stands at the destination already.

use resumable::IfExists;

/// Part of `resumable put`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Existing {
    /// If something else is at the destination already: skip, replace, refuse or rename [default: the profile's, or the
    /// vendor's own]
    #[arg(long, value_name = "POLICY")]
    pub(crate) if_exists: Option<IfExists>,
    /// Send files again that were sent before or are there already
    #[arg(long, conflicts_with = "checksum")]
    pub(crate) force: bool,
}
