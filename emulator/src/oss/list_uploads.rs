//! `GET /?uploads`: the unfinished uploads of a bucket, by key and id, by pages.
//!
//! Parameters: `prefix`, `max-uploads`, `key-marker` and `upload-id-marker` (the last entry of the page before),
//! `encoding-type=url`. Without `delimiter`.

use super::answer::Success;
use super::call::Call;
use super::error::{Error, NOT_IMPLEMENTED};
use crate::date;
use crate::part_store::{Page, UploadsFrom, Xml};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    let text = |name: &str| call.query.get(name).unwrap_or_default();
    if !text("delimiter").is_empty() {
        return Err(NOT_IMPLEMENTED.error());
    }
    let (prefix, key_marker, id_marker) = (text("prefix"), text("key-marker"), text("upload-id-marker"));
    let page = call.server.config.limits.page;
    let max = call.number("max-uploads", page, 1..=page)?;
    let from = UploadsFrom { prefix, key: key_marker, id: id_marker };
    let Page { entries: listed, is_truncated: truncated } =
        from.page(call.server.uploads.of_bucket(call.bucket), max as usize);
    Ok(Success::xml(Xml::document("ListMultipartUploadsResult", |xml| {
        style.tell(xml);
        xml.leaf("Bucket", call.bucket);
        xml.leaf("KeyMarker", &style.key(key_marker));
        xml.leaf("UploadIdMarker", id_marker);
        let last = listed.last().filter(|_| truncated);
        xml.leaf("NextKeyMarker", &last.map_or(String::new(), |(it, _)| style.key(&it.key)));
        xml.leaf("NextUploadIdMarker", last.map_or("", |(_, id)| id));
        xml.leaf("Delimiter", "");
        xml.leaf("Prefix", &style.key(prefix));
        xml.number("MaxUploads", max.into());
        xml.leaf("IsTruncated", if truncated { "true" } else { "false" });
        listed.iter().for_each(|(it, id)| {
            xml.nest("Upload", |xml| {
                xml.leaf("Key", &style.key(&it.key));
                xml.leaf("UploadId", id);
                xml.leaf("StorageClass", "Standard");
                xml.leaf("Initiated", &date::iso8601(it.begun));
            });
        });
    })))
}
