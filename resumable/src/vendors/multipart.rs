//! What profiles say alike of all vendors whose objects are put together of numbered parts.

use http::HeaderValue;
use resumable_proto_multipart::{HeaderRules, Limits, ObjectHeaders};
use serde::Deserialize;

use crate::profile::{Mistake, Size, Texts, set};
use crate::units::show_size;

/// How files are cut.
#[derive(Debug, Deserialize)]
pub(crate) struct Sizes {
    part_min: Option<Size>,
    part_size: Option<Size>,
    one_request_max: Option<Size>,
}

/// What an object is to be besides its content.
#[derive(Debug, Deserialize)]
pub(crate) struct Described {
    content_type: Option<String>,
    metadata: Option<Texts>,
    headers: Option<Texts>,
}

impl Sizes {
    /// Sets what the profile says. Servers that resemble the vendor's may have other limits.
    pub(super) fn apply(
        &self,
        limits: &mut Limits,
        part_size: &mut u64,
        one_request_max: &mut u64,
    ) -> Result<(), Mistake> {
        set(&mut limits.part_min, self.part_min);
        set(part_size, self.part_size);
        set(one_request_max, self.one_request_max);
        let (least, most) = (show_size(limits.part_min), show_size(limits.part_max));
        if limits.part_min == 0 || limits.part_min > limits.part_max {
            return Err(Mistake::wrong("part_min", format!("part_min must be from 1 byte to {most}")));
        }
        if !(limits.part_min..=limits.part_max).contains(part_size) {
            return Err(Mistake::wrong("part_size", format!("part_size must be from {least} to {most}")));
        }
        if *one_request_max > limits.put_max {
            let most = show_size(limits.put_max);
            return Err(Mistake::wrong("one_request_max", format!("one_request_max must be at most {most}")));
        }
        Ok(())
    }
}

impl Described {
    /// The type and the other headers of the object at `path`. Where no type is given, it is what the ending of the name
    /// says, if anything.
    pub(super) fn read<R: HeaderRules>(self, path: &str) -> Result<(Option<HeaderValue>, ObjectHeaders<R>), Mistake> {
        let content_type = self.content_type.as_deref().or_else(|| mime_guess::from_path(path).first_raw());
        let content_type = content_type.map(HeaderValue::try_from).transpose();
        let content_type =
            content_type.map_err(|_| Mistake::wrong("content_type", "content_type is not a valid header value"))?;
        let mut kept = ObjectHeaders::default();
        for (name, value) in self.metadata.unwrap_or_default().0 {
            kept = kept.metadata(&name, &value).map_err(|error| Mistake::wrong("metadata", error))?;
        }
        for (name, value) in self.headers.unwrap_or_default().0 {
            kept = kept.header(&name, &value).map_err(|error| Mistake::wrong("headers", error))?;
        }
        Ok((content_type, kept))
    }
}

/// True if `target` is another address of the object at `own`: the same key in the same bucket.
#[cfg(any(feature = "oss", feature = "s3"))]
pub(super) fn is_same_object(own: &str, bucket: &str, target: &str) -> bool {
    own != target && key_in(own, bucket).is_some_and(|key| key_in(target, bucket) == Some(key))
}

/// The key of an object in this bucket, as its url has it: the bucket stands before the host or before the key.
#[cfg(any(feature = "oss", feature = "s3"))]
fn key_in<'a>(url: &'a str, bucket: &str) -> Option<&'a str> {
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let named = host.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('.'));
    if named { Some(path) } else { path.strip_prefix(bucket)?.strip_prefix('/') }
}
