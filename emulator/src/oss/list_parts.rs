//! `GET /<key>?uploadId=U`: the parts that are there, by pages (reference §6.5).
//!
//! Parameters: `max-parts` up to the page size, `part-number-marker` (the number before the first one wanted),
//! `encoding-type=url`. A page may hold fewer parts than were asked for.

use super::answer::Success;
use super::call::{Call, part_etag};
use super::config::NextMarker;
use super::error::Error;
use crate::date;
use crate::faults::Fault;
use crate::part_store::{Page, Part, Xml};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let limits = &call.server.config.limits;
    let style = call.key_style()?;
    let max = call.number("max-parts", limits.page, 1..=limits.page)?;
    let marker = call.number("part-number-marker", 0, 0..=u32::MAX)?;
    let most = max.min(limits.page_holds.max(1)) as usize;
    let mut page = call.with_upload(|upload| {
        let behind = upload.open(call.upload_id())?.behind(marker);
        Ok(Page::of(behind.map(|(number, part)| (number, part.clone())), most))
    })?;
    page.lie(call.fault, marker, call.clock);
    let Page { entries: page, is_truncated: truncated } = page;
    let last = page.last().map_or(marker, |(number, _)| *number);
    let (truncated, next) = match call.fault {
        Some(Fault::StuckMarker) => (true, Some(marker)),
        Some(Fault::MissingMarker) => (true, None),
        _ => {
            let tells = truncated || call.server.config.switches.next_marker == NextMarker::Always;
            (truncated, tells.then_some(last))
        }
    };
    Ok(Success::xml(Xml::document("ListPartsResult", |xml| {
        style.tell(xml);
        xml.leaf("Bucket", call.bucket);
        xml.leaf("Key", &style.key(call.key));
        xml.leaf("UploadId", call.upload_id());
        xml.leaf("StorageClass", "Standard");
        xml.number("PartNumberMarker", marker.into());
        next.into_iter().for_each(|next| xml.number("NextPartNumberMarker", next.into()));
        xml.number("MaxParts", max.into());
        xml.leaf("IsTruncated", if truncated { "true" } else { "false" });
        page.iter().for_each(|(number, part)| write_part(xml, call, *number, part));
    })))
}

fn write_part(xml: &mut Xml, call: &Call<'_>, number: u32, part: &Part) {
    xml.nest("Part", |xml| {
        xml.number("PartNumber", number.into());
        xml.leaf("LastModified", &date::iso8601(part.modified));
        xml.leaf("ETag", &format!("\"{}\"", call.etag(&part_etag(part))));
        if call.server.config.switches.list_crc {
            xml.number("HashCrc64ecma", call.crc64(part.crc64));
        }
        let short = u64::from(call.fault == Some(&Fault::WrongLength));
        xml.number("Size", part.length.saturating_sub(short));
    });
}
