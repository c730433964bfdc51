//! What a user may choose about an upload.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use resumable_proto_cos::options::{InvalidOptions, Shared};
use serde::{Deserialize, Serialize};

use crate::limits;

/// How much of the content the vendor is told to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Nothing: no byte is read before the first one is sent, and there is no instant upload. A session that is found
    /// at the vendor is gone on with only if it is the saved one or holds no bytes.
    None,
    /// The SHA-1 of the whole file: one pass before the first byte is sent; instant upload.
    Sha1,
    /// The SHA-1 of the whole file, and its state after every part, so that the vendor can verify every slice.
    Chain,
}

/// The options of one upload, pinned into its session when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// What the vendor verifies.
    pub integrity: Integrity,
    /// The size of the slices to ask for, in bytes: one of the vendor's (512 KiB, 1, 2, 3 MiB). The vendor's answer wins.
    pub part_size: u64,
    /// The sizes that may be asked for, in bytes: the vendor's. A server with other limits has others, up to 64 MiB.
    pub part_sizes: Vec<u64>,
    /// Files up to this many bytes go in one request; more than 20,000,000 counts as 20,000,000. An empty file always
    /// does.
    pub one_request_max: u64,
    /// The largest file, in bytes: at most the vendor's 64 GiB.
    pub file_max: u64,
    /// Refuse to overwrite another file at the path.
    pub insert_only: bool,
    /// Delete an unfinished upload of other content at the path, instead of giving up. A finished object is never
    /// deleted.
    pub replace_unfinished: bool,
    /// The vendor's opaque attribute of the object.
    pub biz_attr: Option<String>,
    /// How long each signature is good for; every request has its own.
    pub signature_life: Duration,
}

impl Options {
    resumable_core::setters! {
        integrity: Integrity,
        part_size: u64,
        part_sizes: Vec<u64>,
        one_request_max: u64,
        file_max: u64,
        insert_only: bool,
        replace_unfinished: bool,
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
    /// Chain, 1 MiB, 8 MiB in one request, no overwriting, nothing deleted, signatures good for an hour and a half: a clock
    /// that is an hour off, as after a change of season, does no harm.
    fn default() -> Self {
        Self {
            integrity: Integrity::Chain,
            part_size: 1 << 20,
            part_sizes: limits::PART_SIZES.to_vec(),
            one_request_max: 8 << 20,
            file_max: limits::FILE_BYTES,
            insert_only: true,
            replace_unfinished: false,
            biz_attr: None,
            signature_life: Duration::from_secs(90 * 60),
        }
    }
}
