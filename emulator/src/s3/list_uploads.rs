//! `GET /?uploads`: the unfinished uploads of a bucket, by key and id, by pages (reference §3.5).
//!
//! Parameters: `prefix`, `max-uploads`, `key-marker` and `upload-id-marker` (the last entry of the page before),
//! `encoding-type=url`. Without `delimiter`.

use super::answer::Success;
use super::call::Call;
use super::checksums::word;
use super::description;
use super::error::{Error, NOT_IMPLEMENTED};
use crate::date;
use crate::part_store::{Page, UploadsFrom, owner};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    let text = |name: &str| call.query.get(name).unwrap_or_default();
    if !text("delimiter").is_empty() {
        return Err(NOT_IMPLEMENTED.because("The emulator does not group uploads."));
    }
    let (prefix, key_marker, id_marker) = (text("prefix"), text("key-marker"), text("upload-id-marker"));
    let max = call.page("max-uploads")?;
    let from = UploadsFrom { prefix, key: key_marker, id: call.server.own_id(id_marker).unwrap_or_default() };
    let Page { entries: listed, is_truncated } = from.page(call.server.uploads.of_bucket(call.bucket), max as usize);
    let told_id = |id: &str| call.server.told_id(id);
    Ok(call.document("ListMultipartUploadsResult", |xml| {
        style.tell(xml);
        xml.leaf("Bucket", call.bucket);
        xml.leaf("KeyMarker", &style.key(key_marker));
        xml.leaf("UploadIdMarker", id_marker);
        if let Some((it, id)) = listed.last().filter(|_| is_truncated) {
            xml.leaf("NextKeyMarker", &style.key(&it.key));
            xml.leaf("NextUploadIdMarker", &told_id(id));
        }
        xml.leaf("Prefix", &style.key(prefix));
        xml.number("MaxUploads", max.into());
        xml.leaf("IsTruncated", if is_truncated { "true" } else { "false" });
        listed.iter().for_each(|(it, id)| {
            xml.nest("Upload", |xml| {
                xml.leaf("Key", &style.key(&it.key));
                xml.leaf("UploadId", &told_id(id));
                xml.nest("Initiator", |xml| {
                    xml.leaf("ID", "emulator");
                    xml.leaf("DisplayName", "emulator");
                });
                owner(xml);
                xml.leaf("StorageClass", description::storage_class(&it.description));
                xml.leaf("Initiated", &date::iso8601(it.begun));
                if let Some(declared) = it.own.checksum {
                    xml.leaf("ChecksumAlgorithm", word(declared.algorithm));
                    xml.leaf("ChecksumType", declared.kind.word());
                }
            });
        });
    }))
}
