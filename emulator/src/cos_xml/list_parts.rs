//! `GET /<key>?uploadId=U`: the parts that are there, by pages (reference §3.4).
//!
//! Parameters: `max-parts` up to the page size, `part-number-marker` (the number before the first one wanted),
//! `encoding-type=url`. A page may hold fewer parts than were asked for. No part has a CRC-64 here.

use super::answer::Success;
use super::call::{Call, write_owners};
use super::config::{EncodingElement, NextMarker};
use super::description;
use super::error::{Error, LIST_PART_UPLOAD_ID_IS_EMPTY};
use crate::date;
use crate::faults::Fault;
use crate::part_store::{KeyStyle, Page, Part, Xml};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let (limits, switches) = (&call.server.config.limits, &call.server.config.switches);
    let style = call.key_style()?;
    let max = call.number("max-parts", limits.page, 1..=limits.page)?;
    let marker = call.number("part-number-marker", 0, 0..=u32::MAX)?;
    if call.upload_id().is_empty() {
        return Err(LIST_PART_UPLOAD_ID_IS_EMPTY.error());
    }
    let most = max.min(limits.page_holds.max(1)) as usize;
    let (mut page, class) = call.with_upload(|upload| {
        let class = description::storage_class(&upload.purpose.description).to_owned();
        let behind = upload.open(call.upload_id())?.behind(marker).map(|(number, part)| (number, part.clone()));
        Ok((Page::of(behind, most), class))
    })?;
    page.lie(call.fault, marker, call.clock);
    let last = page.entries.last().map_or(marker, |(number, _)| *number);
    let (truncated, next) = match call.fault {
        Some(Fault::StuckMarker) => (true, Some(marker)),
        Some(Fault::MissingMarker) => (true, None),
        _ => {
            let tells = page.is_truncated || switches.next_marker == NextMarker::Always;
            (page.is_truncated, tells.then_some(last))
        }
    };
    Ok(Success::xml(Xml::document("ListPartsResult", |xml| {
        xml.leaf("Bucket", call.bucket);
        if style == KeyStyle::Url {
            let name = match switches.encoding_element {
                EncodingElement::Dashed => "Encoding-type",
                EncodingElement::Plain => "EncodingType",
            };
            xml.leaf(name, "url");
        }
        call.write_key(xml, "Key", call.key, style);
        xml.leaf("UploadId", call.upload_id());
        write_owners(xml, call.bucket);
        xml.number("PartNumberMarker", marker.into());
        page.entries.iter().for_each(|(number, part)| write_part(xml, call, *number, part));
        next.into_iter().for_each(|next| xml.number("NextPartNumberMarker", next.into()));
        xml.leaf("StorageClass", &class);
        xml.number("MaxParts", max.into());
        xml.leaf("IsTruncated", if truncated { "true" } else { "false" });
    })))
}

fn write_part(xml: &mut Xml, call: &Call<'_>, number: u32, part: &Part) {
    xml.nest("Part", |xml| {
        xml.number("PartNumber", number.into());
        xml.leaf("LastModified", &date::iso8601(part.modified));
        call.write_etag(xml, &call.etag_of(part.md5));
        let short = u64::from(call.fault == Some(&Fault::WrongLength));
        xml.number("Size", part.length.saturating_sub(short));
    });
}
