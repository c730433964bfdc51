//! `GET /`: the objects of a bucket, by pages.
//!
//! Parameters: `prefix`, `delimiter`, `marker` (the last entry of the page before), `max-keys`, `encoding-type=url`.

use super::answer::Success;
use super::call::Call;
use super::description;
use super::error::Error;
use crate::date;
use crate::part_store::{Entry, KeyStyle, Page, Xml, entries};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    let text = |name: &str| call.query.get(name).unwrap_or_default();
    let (prefix, delimiter, marker) = (text("prefix"), text("delimiter"), text("marker"));
    let page = call.server.config.limits.page;
    let max = call.number("max-keys", page, 1..=page)?;
    let all = entries(call.server.objects.keys(call.bucket, prefix, marker), prefix, delimiter, marker);
    let Page { entries, is_truncated } = Page::of(all.into_iter(), max as usize);
    Ok(Success::xml(Xml::document("ListBucketResult", |xml| {
        xml.leaf("Name", call.bucket);
        if style == KeyStyle::Url {
            xml.leaf("EncodingType", "url");
        }
        call.write_key(xml, "Prefix", prefix, style);
        call.write_key(xml, "Marker", marker, style);
        xml.number("MaxKeys", max.into());
        call.write_key(xml, "Delimiter", delimiter, style);
        xml.leaf("IsTruncated", if is_truncated { "true" } else { "false" });
        if let Some(last) = entries.last().filter(|_| is_truncated) {
            call.write_key(xml, "NextMarker", last.text(), style);
        }
        entries.iter().for_each(|entry| write(xml, call, entry, style));
    })))
}

fn write(xml: &mut Xml, call: &Call<'_>, entry: &Entry, style: KeyStyle) {
    let key = match entry {
        Entry::Prefix(prefix) => {
            return xml.nest("CommonPrefixes", |xml| call.write_key(xml, "Prefix", prefix, style));
        }
        Entry::Object(key) => key,
    };
    // One that went meanwhile is not told of.
    let Some(object) = call.server.objects.find(call.bucket, key, call.storage()) else { return };
    let appid = call.bucket.rsplit_once('-').map_or("", |(_, appid)| appid);
    xml.nest("Contents", |xml| {
        call.write_key(xml, "Key", key, style);
        xml.leaf("LastModified", &date::iso8601(object.modified));
        call.write_etag(xml, &object.etag);
        xml.number("Size", object.length);
        xml.nest("Owner", |xml| {
            xml.leaf("ID", appid);
            xml.leaf("DisplayName", appid);
        });
        xml.leaf("StorageClass", description::storage_class(&object.description));
    });
}
