//! What a user may choose about an upload.

use crate::limits::{Limits, ONE_REQUEST_BYTES, ONE_REQUEST_DEFAULT};
use crate::sign::DigestMode;

/// The options of one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The size of a slice in bytes, within [`Options::limits`]. A file that would need more slices than the vendor takes
    /// gets larger ones. Pinned while an upload in slices is open at the vendor.
    pub part_size: u64,
    /// Files up to this many bytes, and empty ones, go in one request; more than 31,457,279 counts as 31,457,279. Pinned
    /// likewise.
    pub one_request_max: u64,
    /// Send slices side by side, up to the window. No client is known to do so, and the vendor says nothing about it.
    pub parallel: bool,
    /// Which digest the JSON calls send.
    pub digest: DigestMode,
    /// The vendor's limits.
    pub limits: Limits,
}

impl Options {
    resumable_core::setters! {
        part_size: u64,
        one_request_max: u64,
        parallel: bool,
        digest: DigestMode,
        limits: Limits,
    }

    /// Whether slices can be made by them.
    pub(crate) fn check(&self) -> Result<(), InvalidOptions> {
        let Limits { part_min, part_max, parts } = self.limits;
        if part_min == 0 || part_max < part_min || parts == 0 {
            return Err(InvalidOptions::Limits);
        }
        if !(part_min..=part_max).contains(&self.part_size) {
            return Err(InvalidOptions::PartSize { size: self.part_size, least: part_min, most: part_max });
        }
        Ok(())
    }

    /// The largest file that goes in one request.
    pub(crate) fn one_request_most(&self) -> u64 {
        self.one_request_max.min(ONE_REQUEST_BYTES)
    }
}

/// Options that nobody could go by.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// The size of a slice is none that the limits allow.
    #[error("part_size is {size} bytes; the vendor takes {least} to {most}")]
    PartSize {
        /// The size, in bytes.
        size: u64,
        /// The smallest possible size, in bytes.
        least: u64,
        /// The largest possible size, in bytes.
        most: u64,
    },
    /// The limits allow no slice at all.
    #[error("limits: part_min must be 1 byte at least and not above part_max, and parts must be 1 at least")]
    Limits,
}

resumable_core::debug_in_words!(InvalidOptions);

impl Default for Options {
    /// Slices of 8 MiB one after the other, files up to 29,999,999 bytes in one request, the digest of nothing.
    fn default() -> Self {
        Self {
            part_size: 8 << 20,
            one_request_max: ONE_REQUEST_DEFAULT,
            parallel: false,
            digest: DigestMode::default(),
            limits: Limits::default(),
        }
    }
}
