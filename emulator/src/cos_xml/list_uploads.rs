//! `GET /?uploads`: the unfinished uploads of a bucket, by key and id, by pages (reference §3.5).
//!
//! Parameters: `prefix`, `max-uploads`, `key-marker` and `upload-id-marker` (the last entry of the page before), `encoding-type=url`.
//! Without `delimiter`.

use super::answer::Success;
use super::call::{Call, write_owners};
use super::description;
use super::error::{Error, NOT_IMPLEMENTED};
use crate::date;
use crate::faults::Fault;
use crate::part_store::{KeyStyle, Page, UploadsFrom, Xml};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    let text = |name: &str| call.query.get(name).unwrap_or_default();
    if !text("delimiter").is_empty() {
        return Err(NOT_IMPLEMENTED.error());
    }
    let from = UploadsFrom { prefix: text("prefix"), key: text("key-marker"), id: text("upload-id-marker") };
    let page = call.server.config.limits.page;
    let max = call.number("max-uploads", page, 1..=page)?;
    let Page { entries, is_truncated } = from.page(call.server.uploads.of_bucket(call.bucket), max as usize);
    let last = entries.last().filter(|_| is_truncated).map(|(it, id)| (it.key.as_str(), id.as_str()));
    let (truncated, next) = match call.fault {
        Some(Fault::StuckMarker) => (true, Some((from.key, from.id))),
        Some(Fault::MissingMarker) => (true, None),
        _ => (is_truncated, last),
    };
    Ok(Success::xml(Xml::document("ListMultipartUploadsResult", |xml| {
        xml.leaf("Bucket", call.bucket);
        if style == KeyStyle::Url {
            xml.leaf("Encoding-Type", "url");
        }
        call.write_key(xml, "KeyMarker", from.key, style);
        xml.leaf("UploadIdMarker", from.id);
        xml.number("MaxUploads", max.into());
        xml.leaf("IsTruncated", if truncated { "true" } else { "false" });
        call.write_key(xml, "Prefix", from.prefix, style);
        xml.leaf("Delimiter", "");
        if let Some((key, id)) = next {
            call.write_key(xml, "NextKeyMarker", key, style);
            xml.leaf("NextUploadIdMarker", id);
        }
        for (it, id) in &entries {
            xml.nest("Upload", |xml| {
                call.write_key(xml, "Key", &it.key, style);
                xml.leaf("UploadId", id);
                xml.leaf("StorageClass", description::storage_class(&it.description));
                write_owners(xml, call.bucket);
                xml.leaf("Initiated", &date::iso8601(it.begun));
            });
        }
    })))
}
