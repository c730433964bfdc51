//! What a user may choose about an upload.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use resumable_proto_cos::options::{InvalidOptions, Shared};

use crate::limits;

/// The options of one upload. Slice size and order are pinned into its session when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The size of the slices to ask for, in bytes: one that the vendor's SDKs use (512 KiB, 1, 2, 3 MiB). The vendor's
    /// answer wins.
    pub part_size: u64,
    /// Send slices side by side, as many as the window holds. The vendor's page allows for it in passing and promises
    /// nothing; where a slice is lost then, up to one window of slices is sent again.
    pub parallel: bool,
    /// The sizes that may be asked for, in bytes: the vendor's. A server with other limits has others, up to 64 MiB.
    pub part_sizes: Vec<u64>,
    /// Files up to this many bytes go in one request; more than 20,000,000 counts as 20,000,000. An empty file always
    /// does.
    pub one_request_max: u64,
    /// The largest file, in bytes: at most the vendor's 64 GiB.
    pub file_max: u64,
    /// Refuse to overwrite another file at the path.
    pub insert_only: bool,
    /// The vendor's opaque attribute of the object.
    pub biz_attr: Option<String>,
    /// How long each signature is good for; every request has its own.
    pub signature_life: Duration,
}

impl Options {
    resumable_core::setters! {
        part_size: u64,
        part_sizes: Vec<u64>,
        parallel: bool,
        one_request_max: u64,
        file_max: u64,
        insert_only: bool,
        signature_life: Duration,
    }

    /// The same with this [`biz_attr`](Self#structfield.biz_attr).
    #[must_use]
    pub fn biz_attr(self, biz_attr: impl Into<String>) -> Self {
        Self { biz_attr: Some(biz_attr.into()), ..self }
    }

    pub(crate) fn check(&self) -> Result<(), InvalidOptions> {
        let Self { part_size, ref part_sizes, file_max, ref biz_attr, signature_life, .. } = *self;
        Shared { part_size, part_sizes, file_max, biz_attr: biz_attr.as_deref(), signature_life }.check()
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
            part_size: 1 << 20,
            part_sizes: limits::PART_SIZES.to_vec(),
            parallel: false,
            one_request_max: 8 << 20,
            file_max: limits::FILE_BYTES,
            insert_only: true,
            biz_attr: None,
            signature_life: Duration::from_secs(3600),
        }
    }
}
