//! What a user may choose about an upload.

use http::HeaderValue;

use crate::callback::Callback;
use crate::limits::Limits;
use crate::object_headers::ObjectHeaders;
use crate::sign::Version;
use crate::stage::{InvalidSizes, Probe, Settings};

/// The options of one upload. How the file is cut is pinned when the upload begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The length of a part in bytes, within [`Options::limits`]; it grows with the file, so that the largest number of
    /// parts suffices.
    pub part_size: u64,
    /// Files up to this many bytes, and empty ones, go in one request; more than `limits.put_max` counts as that.
    pub one_request_max: u64,
    /// Parts come one after the other, and none is replaced.
    pub sequential: bool,
    /// The vendor refuses to overwrite an object that is there already.
    pub forbid_overwrite: bool,
    /// The vendor's limits.
    pub limits: Limits,
    /// Which signature.
    pub signature: Version,
    /// What OSS calls when the object is complete.
    pub callback: Option<Callback>,
    /// The content's type; `application/octet-stream` where nothing is said.
    pub content_type: Option<HeaderValue>,
    /// What else is kept with the object.
    pub headers: ObjectHeaders,
}

impl Options {
    resumable_core::setters! {
        part_size: u64,
        one_request_max: u64,
        sequential: bool,
        forbid_overwrite: bool,
        limits: Limits,
        signature: Version,
        callback: Callback,
        content_type: HeaderValue,
        headers: ObjectHeaders,
    }

    pub(crate) fn stage(&self) -> Settings {
        let Self { part_size, one_request_max, sequential, forbid_overwrite, limits, .. } = *self;
        let settings = Settings::default().part_size(part_size).one_request_max(one_request_max).probe(Probe::Head);
        settings.sequential(sequential).forbid_overwrite(forbid_overwrite).limits(limits)
    }
}

impl Default for Options {
    /// Parts of 8 MiB side by side, files up to 5 MiB in one request, objects are overwritten, V4 signatures.
    fn default() -> Self {
        let Settings { part_size, one_request_max, sequential, forbid_overwrite, limits, .. } = Settings::default();
        Self {
            part_size,
            one_request_max,
            sequential,
            forbid_overwrite,
            limits,
            signature: Version::default(),
            callback: None,
            content_type: None,
            headers: ObjectHeaders::default(),
        }
    }
}

/// Options that no upload could go by.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// No file could be cut by the sizes and limits.
    #[error(transparent)]
    Sizes(#[from] InvalidSizes),
    /// V4 is to be signed, and the endpoint's name does not tell its region.
    #[error("cannot tell the region from the endpoint, and signature V4 needs it: set the region")]
    Region,
}

resumable_core::debug_in_words!(InvalidOptions);
