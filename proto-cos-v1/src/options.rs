//! What a user may choose about an upload.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use resumable_proto_cos::options::{InvalidOptions, check};

use crate::limits;

/// The options of one upload. Slice size and order are pinned into its session when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The slice size to ask for, in bytes: one that the vendor's SDKs use (512 KiB, 1, 2, 3 MiB). The vendor's answer
    /// wins.
    pub slice_size: u64,
    /// Send slices side by side, as many as the window holds. The vendor's page allows for it in passing and promises
    /// nothing; where a slice is lost then, up to one window of slices is sent again.
    pub parallel: bool,
    /// The slice sizes that may be asked for, in bytes: the vendor's. A server with other limits has others.
    pub slice_sizes: Vec<u64>,
    /// Files up to this many bytes go in one request; never above 20,000,000. An empty file always does.
    pub one_request_max: u64,
    /// The largest file, in bytes: the vendor's 64 GiB.
    pub file_max: u64,
    /// Refuse to overwrite another file at the path.
    pub insert_only: bool,
    /// The vendor's opaque attribute of the object.
    pub biz_attr: Option<String>,
    /// How long each signature is good for; every request has its own.
    pub signature_life: Duration,
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), InvalidOptions> {
        check(self.slice_size, &self.slice_sizes, self.signature_life)
    }

    /// The largest file that goes in one request.
    pub(crate) fn one_request_most(&self) -> u64 {
        self.one_request_max.min(limits::ONE_REQUEST_BYTES)
    }
}

impl Default for Options {
    /// 1 MiB one after the other, 8 MiB in one request, no overwriting, signatures good for an hour.
    fn default() -> Self {
        Self {
            slice_size: 1 << 20,
            slice_sizes: limits::SLICE_SIZES.to_vec(),
            parallel: false,
            one_request_max: 8 << 20,
            file_max: limits::FILE_BYTES,
            insert_only: true,
            biz_attr: None,
            signature_life: Duration::from_secs(3600),
        }
    }
}
