//! `GET /<key>?uploadId=U`: the parts that are there, by pages (reference §3.3).
//!
//! Parameters: `max-parts`, `part-number-marker` (the number before the first one wanted).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::Success;
use super::call::Call;
use super::checksums::{Checksum, Declared, element, word};
use super::description;
use super::error::Error;
use super::switches::{IsTruncated, ListMarker};
use super::vendor::Purpose;
use crate::date;
use crate::faults::Fault;
use crate::part_store::{Page, Part, Xml, owner};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let (max, marker) = (call.page("max-parts")?, call.number("part-number-marker", 0)?);
    let switches = &call.server.config.switches;
    let is_inclusive = switches.list_marker == ListMarker::Inclusive;
    let behind = if is_inclusive { marker.saturating_sub(1) } else { marker };
    let (mut page, purpose) = call.with_upload(|upload| {
        let purpose = Arc::clone(&upload.purpose);
        let parts = upload.open(call.upload_id()).map_err(|_| call.no_such_upload())?;
        let behind = parts.behind(behind).map(|(number, part)| (number, part.clone()));
        Ok((Page::of(behind, max as usize), purpose))
    })?;
    page.lie(call.fault, behind, call.clock);
    let last = page.entries.last().map_or(behind, |(number, _)| *number);
    let next = if is_inclusive { last + 1 } else { last };
    let (is_truncated, next) = match call.fault {
        Some(Fault::StuckMarker) => (true, Some(marker)),
        Some(Fault::MissingMarker) => (true, None),
        _ => (page.is_truncated, Some(next)),
    };
    Ok(call.document("ListPartsResult", |xml| {
        xml.leaf("Bucket", call.bucket);
        xml.leaf("Key", call.key);
        xml.leaf("UploadId", call.told_upload_id());
        xml.nest("Initiator", |xml| {
            xml.leaf("ID", "emulator");
            xml.leaf("DisplayName", "emulator");
        });
        owner(xml);
        xml.leaf("StorageClass", description::storage_class(&purpose.description));
        xml.number("PartNumberMarker", marker.into());
        next.into_iter().for_each(|next| xml.number("NextPartNumberMarker", next.into()));
        xml.number("MaxParts", max.into());
        if is_truncated || switches.is_truncated == IsTruncated::Always {
            xml.leaf("IsTruncated", if is_truncated { "true" } else { "false" });
        }
        if let Some(declared) = purpose.own.checksum {
            xml.leaf("ChecksumAlgorithm", word(declared.algorithm));
            xml.leaf("ChecksumType", declared.kind.word());
        }
        page.entries.iter().for_each(|(number, part)| write_part(xml, call, &purpose, *number, part));
    }))
}

fn write_part(xml: &mut Xml, call: &Call<'_>, purpose: &Purpose, number: u32, part: &Part) {
    xml.nest("Part", |xml| {
        xml.number("PartNumber", number.into());
        xml.leaf("LastModified", &date::iso8601(part.modified));
        call.told_etag(&call.etag_of(part.md5)).into_iter().for_each(|etag| xml.leaf("ETag", &etag));
        let short = u64::from(call.fault == Some(&Fault::WrongLength));
        xml.number("Size", part.length.saturating_sub(short));
        let checksum = purpose.own.checksum.and_then(|declared| of_part(declared, part));
        if let Some(checksum) = call.told_checksum(checksum) {
            xml.leaf(&element(checksum.algorithm), &checksum.value);
        }
    });
}

/// The checksum that a part has where its upload declares one.
pub(super) fn of_part(declared: Declared, part: &Part) -> Option<Checksum> {
    let Declared { algorithm, kind } = declared;
    let value = STANDARD.encode(part.further.get(&algorithm)?);
    Some(Checksum { algorithm, kind, value })
}
