//! `GET /?uploads`: the unfinished uploads of a bucket, by key and id, by pages.
//!
//! Parameters: `prefix`, `max-uploads`, `key-marker` and `upload-id-marker` (the last entry of the page before),
//! `encoding-type=url`. Without `delimiter`.

use super::answer::Success;
use super::call::Call;
use super::error::{Error, NOT_IMPLEMENTED};
use super::listing;
use super::xml::Xml;
use crate::date;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let encodes = call.encodes_keys()?;
    let text = |name: &str| call.query.get(name).unwrap_or_default();
    if !text("delimiter").is_empty() {
        return Err(NOT_IMPLEMENTED.error());
    }
    let (prefix, key_marker, id_marker) = (text("prefix"), text("key-marker"), text("upload-id-marker"));
    let page = call.server.config.limits.page;
    let max = call.number("max-uploads", page, 1..=page)?;
    let is_behind = |key: &str, id: &str| match key.cmp(key_marker) {
        _ if key_marker.is_empty() => true,
        std::cmp::Ordering::Equal => !id_marker.is_empty() && id > id_marker,
        order => order.is_gt(),
    };
    let all = call.server.uploads.of_bucket(call.bucket);
    let mut found = all.iter().filter(|(it, id)| it.key.starts_with(prefix) && is_behind(&it.key, id));
    let listed: Vec<_> = found.by_ref().take(max as usize).collect();
    let truncated = found.next().is_some();
    Ok(Success::xml(Xml::document("ListMultipartUploadsResult", |xml| {
        listing::encoding(xml, encodes);
        xml.leaf("Bucket", call.bucket);
        xml.leaf("KeyMarker", &listing::key(key_marker, encodes));
        xml.leaf("UploadIdMarker", id_marker);
        let last = listed.last().filter(|_| truncated);
        xml.leaf("NextKeyMarker", &last.map_or(String::new(), |(it, _)| listing::key(&it.key, encodes)));
        xml.leaf("NextUploadIdMarker", last.map_or("", |(_, id)| id));
        xml.leaf("Delimiter", "");
        xml.leaf("Prefix", &listing::key(prefix, encodes));
        xml.number("MaxUploads", max.into());
        xml.leaf("IsTruncated", if truncated { "true" } else { "false" });
        listed.iter().for_each(|(it, id)| {
            xml.nest("Upload", |xml| {
                xml.leaf("Key", &listing::key(&it.key, encodes));
                xml.leaf("UploadId", id);
                xml.leaf("StorageClass", "Standard");
                xml.leaf("Initiated", &date::iso8601(it.begun));
            });
        });
    })))
}
