//! What a user may choose about an upload.

use crate::limits::{Limits, ONE_REQUEST_BELOW};
use crate::sign::DigestMode;

/// The options of one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The slice size in bytes, within [`Options::limits`]. A file that would need more slices than the vendor takes
    /// gets larger ones. Pinned when the upload begins.
    pub slice_size: u64,
    /// Files below this many bytes, and empty ones, go in one request. Pinned when the upload begins.
    pub one_request_below: u64,
    /// Send slices side by side, up to the window. No client is known to do so, and the vendor says nothing about it.
    pub parallel: bool,
    /// Which digest the JSON calls send.
    pub digest: DigestMode,
    /// The vendor's limits.
    pub limits: Limits,
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
