//! What a user may choose about an upload.

use http::HeaderValue;
use resumable_proto_multipart::stage::{InvalidSizes, Probe, Settings};
use resumable_proto_multipart::{ChecksumKind, Limits};

use crate::limits::{TRAFFIC, limits};
use crate::object_headers::ObjectHeaders;

/// The options of one upload. How the file is cut is pinned when the upload begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The length of a part in bytes, within [`Options::limits`]; it grows with the file, so that the largest number of
    /// parts suffices.
    pub part_size: u64,
    /// Files up to this many bytes, and empty ones, go in one request; more than `limits.put_max` counts as that.
    pub one_request_max: u64,
    /// The vendor refuses to overwrite an object that is there already. A bucket that has versions, or had them, ignores it.
    pub forbid_overwrite: bool,
    /// The vendor's limits.
    pub limits: Limits,
    /// How many bytes a second the vendor takes of each request that carries content, within [`crate::limits::TRAFFIC`]; as
    /// many as come where nothing is said.
    pub traffic_limit: Option<u64>,
    /// Calls go to the vendor's other domain after a failure that is not the vendor's word. Only its hosts in a region have
    /// one.
    pub backup_domain: bool,
    /// The content's type; `application/octet-stream` where nothing is said.
    pub content_type: Option<HeaderValue>,
    /// What else is kept with the object.
    pub headers: ObjectHeaders,
}

impl Options {
    resumable_core::setters! {
        part_size: u64,
        one_request_max: u64,
        forbid_overwrite: bool,
        limits: Limits,
        traffic_limit: u64,
        backup_domain: bool,
        content_type: HeaderValue,
        headers: ObjectHeaders,
    }

    pub(crate) fn stage(&self) -> Settings {
        let Self { part_size, one_request_max, forbid_overwrite, limits, .. } = *self;
        let settings = Settings::default().part_size(part_size).one_request_max(one_request_max).limits(limits);
        settings.forbid_overwrite(forbid_overwrite).probe(Probe::Look).checksum(Some(ChecksumKind::Crc64))
    }

    pub(crate) fn check(&self) -> Result<(), InvalidOptions> {
        self.stage().check()?;
        match self.traffic_limit.filter(|limit| !TRAFFIC.contains(limit)) {
            Some(limit) => Err(InvalidOptions::TrafficLimit { limit }),
            None => Ok(()),
        }
    }
}

impl Default for Options {
    /// Parts of 8 MiB side by side, files up to 5 MiB in one request, objects are overwritten, one host.
    fn default() -> Self {
        Self {
            part_size: 8 << 20,
            one_request_max: 5 << 20,
            forbid_overwrite: false,
            limits: limits(),
            traffic_limit: None,
            backup_domain: false,
            content_type: None,
            headers: ObjectHeaders::default(),
        }
    }
}

/// Options that no upload could go by.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// Sizes that the limits do not allow, or limits that allow none.
    #[error(transparent)]
    Sizes(#[from] InvalidSizes),
    /// The vendor takes no such traffic limit.
    #[error("traffic_limit is {limit} bytes a second; the vendor takes {} to {}", TRAFFIC.start(), TRAFFIC.end())]
    TrafficLimit {
        /// The limit, in bytes a second.
        limit: u64,
    },
    /// There is no other domain.
    #[error(
        "backup_domain is for the vendor's own host in a region, like https://cos.ap-guangzhou.myqcloud.com; \
         this endpoint has none"
    )]
    NoBackup,
}

resumable_core::debug_in_words!(InvalidOptions);
