//! What survives a crash.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, HashJob};
use crate::protocol::Protocol;
use crate::source::SourceInfo;

/// The format of checkpoints that this version writes and reads.
pub const FORMAT: u32 = 1;

/// Everything needed to go on with an upload in another process: bound to its source and its target, free of secrets,
/// below 16 KiB whatever the size of the source.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct Checkpoint<P: Protocol> {
    pub(crate) format: u32,
    pub(crate) protocol: String,
    pub(crate) target: String,
    pub(crate) source: SourceInfo,
    pub(crate) saved_unix: Duration,
    pub(crate) confirmed: u64,
    pub(crate) restarts: u32,
    pub(crate) rehashes: u32,
    pub(crate) digests: Vec<(HashJob, Digest)>,
    pub(crate) in_doubt: Option<P::Call>,
    pub(crate) session: P::Session,
}

impl<P: Protocol> Checkpoint<P> {
    /// The format version, [`FORMAT`] when this version of the crate wrote it.
    pub fn format(&self) -> u32 {
        self.format
    }

    /// [`Protocol::ID`] of the vendor that it belongs to.
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    /// Where the upload goes.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The source as it was when the upload began.
    pub fn source(&self) -> &SourceInfo {
        &self.source
    }

    /// When it was made, as time since 1970.
    pub fn saved_unix(&self) -> Duration {
        self.saved_unix
    }

    /// Bytes that the vendor had acknowledged.
    pub fn confirmed(&self) -> u64 {
        self.confirmed
    }
}

impl<P: Protocol> fmt::Debug for Checkpoint<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("protocol", &self.protocol)
            .field("target", &self.target)
            .field("confirmed", &self.confirmed)
            .field("in_doubt", &self.in_doubt)
            .finish_non_exhaustive()
    }
}

/// Why a checkpoint cannot be resumed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It was written by another version of this crate.
    #[error("the checkpoint has format {found}; this version reads format {FORMAT}")]
    Format {
        /// The format found.
        found: u32,
    },
    /// It belongs to another vendor.
    #[error("the checkpoint is of protocol {found}, not {expected}")]
    Protocol {
        /// The protocol found.
        found: String,
        /// The protocol that was to be resumed.
        expected: &'static str,
    },
    /// It belongs to another destination.
    #[error("the checkpoint is for {found}, not for {expected}")]
    Target {
        /// The target found.
        found: String,
        /// The target that was to be resumed.
        expected: String,
    },
    /// The source is not what it was.
    #[error("the file changed since the upload began: it was {was}; it is {now}")]
    Changed {
        /// What it was.
        was: Box<SourceInfo>,
        /// What it is.
        now: Box<SourceInfo>,
    },
}
