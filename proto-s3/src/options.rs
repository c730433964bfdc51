//! What a user may choose about an upload.

use http::HeaderValue;
use resumable_proto_multipart::Dialect;
use resumable_proto_multipart::stage::{InvalidSizes, Payload, Probe, Settings};

use crate::dialect::{NAMED, UNNAMED};
use crate::object_headers::ObjectHeaders;
use crate::presets::Preset;

/// The options of one upload. How the file is cut, and what proves it, is pinned when the upload begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// What the service takes.
    pub preset: Preset,
    /// The length of a part in bytes, within the service's limits; it grows with the file, so that the largest number of parts
    /// suffices. All parts but the last have this length.
    pub part_size: u64,
    /// Files up to this many bytes, and empty ones, go in one request; more than `limits.put_max` counts as that.
    pub one_request_max: u64,
    /// The service refuses to overwrite an object that is there already.
    pub forbid_overwrite: bool,
    /// Whether signatures cover the bytes of the file, which are then read twice.
    pub payload: Payload,
    /// The content's type; `application/octet-stream` where nothing is said.
    pub content_type: Option<HeaderValue>,
    /// What else is kept with the object.
    pub headers: ObjectHeaders,
}

impl Options {
    resumable_core::setters! {
        preset: Preset,
        part_size: u64,
        one_request_max: u64,
        forbid_overwrite: bool,
        payload: Payload,
        content_type: HeaderValue,
        headers: ObjectHeaders,
    }

    /// Parts of 8 MiB side by side, files up to 5 MiB in one request, objects are overwritten, the content is not signed.
    pub fn of(preset: Preset) -> Self {
        let Settings { part_size, one_request_max, .. } = Settings::default();
        Self {
            preset,
            part_size,
            one_request_max,
            forbid_overwrite: false,
            payload: Payload::Unsigned,
            content_type: None,
            headers: ObjectHeaders::default(),
        }
    }

    pub(crate) fn stage(&self) -> Settings {
        let Preset { limits, checksum, tags, .. } = self.preset;
        Settings::default()
            .part_size(self.part_size)
            .one_request_max(self.one_request_max)
            .forbid_overwrite(self.forbid_overwrite)
            .probe(Probe::Look)
            .checksum(checksum)
            .tags(tags)
            .payload(self.payload)
            .limits(limits)
    }

    pub(crate) fn dialect(&self) -> &'static Dialect {
        if self.preset.names_requests { &NAMED } else { &UNNAMED }
    }

    /// Whether an upload could go by them.
    pub(crate) fn check(&self) -> Result<(), InvalidOptions> {
        self.stage().check()?;
        if self.forbid_overwrite && !self.preset.conditional {
            return Err(InvalidOptions::Unconditional { service: self.preset.name });
        }
        Ok(())
    }
}

impl Default for Options {
    /// For Amazon's own service: see [`Options::of`].
    fn default() -> Self {
        Self::of(*Preset::amazon())
    }
}

/// Options that no upload could go by.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// No file could be cut by the sizes and limits.
    #[error(transparent)]
    Sizes(#[from] InvalidSizes),
    /// The service would overwrite all the same.
    #[error(
        "forbid_overwrite: the service \"{service}\" is not known to refuse an object because one is there already"
    )]
    Unconditional {
        /// The service's name.
        service: &'static str,
    },
}

resumable_core::debug_in_words!(InvalidOptions);
