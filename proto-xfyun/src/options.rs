//! What a user may choose about an upload.

use crate::limits::{Limits, ONE_REQUEST_BELOW};
use crate::sign::DigestMode;

/// The options of one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The slice size in bytes, within [`Options::limits`]. A file that would need more slices than the vendor takes
    /// gets larger ones. Pinned while an upload in slices is open at the vendor.
    pub slice_size: u64,
    /// Files below this many bytes, and empty ones, go in one request. Pinned likewise.
    pub one_request_below: u64,
    /// Send slices side by side, up to the window. No client is known to do so, and the vendor says nothing about it.
    pub parallel: bool,
    /// Which digest the JSON calls send.
    pub digest: DigestMode,
    /// The vendor's limits.
    pub limits: Limits,
}

impl Options {
    /// Whether slices can be made by them.
    pub(crate) fn check(&self) -> Result<(), InvalidOptions> {
        let Limits { slice_min, slice_max, slices } = self.limits;
        if slice_min == 0 || slice_max < slice_min || slices == 0 {
            return Err(InvalidOptions::Limits);
        }
        if !(slice_min..=slice_max).contains(&self.slice_size) {
            return Err(InvalidOptions::SliceSize { size: self.slice_size, least: slice_min, most: slice_max });
        }
        Ok(())
    }
}

/// Options that nobody could go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// The slice size is none that the limits allow.
    #[error("slice_size is {size} bytes; the vendor takes {least} to {most}")]
    SliceSize {
        /// The size, in bytes.
        size: u64,
        /// The smallest possible size, in bytes.
        least: u64,
        /// The largest possible size, in bytes.
        most: u64,
    },
    /// The limits allow no slice at all.
    #[error("slice_min must be 1 byte at least and not above slice_max, and slices must be 1 at least")]
    Limits,
}

impl Default for Options {
    /// Slices of 8 MiB one after the other, files below 30,000,000 bytes in one request, the digest of nothing.
    fn default() -> Self {
        Self {
            slice_size: 8 << 20,
            one_request_below: ONE_REQUEST_BELOW,
            parallel: false,
            digest: DigestMode::default(),
            limits: Limits::default(),
        }
    }
}
