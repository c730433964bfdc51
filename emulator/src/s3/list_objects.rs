//! `GET /` and `GET /?list-type=2`: the objects of a bucket, by pages.
//!
//! Parameters: `prefix`, `delimiter`, `max-keys`, `encoding-type=url`; where to begin, `marker` in the first form, `start-after`
//! and `continuation-token` in the second. The first form names the owner of each object, the second where `fetch-owner=true`
//! asks for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::Success;
use super::call::{Call, wrong_argument};
use super::description;
use super::error::Error;
use crate::date;
use crate::part_store::{Entry, KeyStyle, Page, Xml, entries, owner};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    let is_v2 = call.query.get("list-type") == Some("2");
    let text = |name: &str| call.query.get(name).unwrap_or_default();
    let owned = !is_v2 || text("fetch-owner").eq_ignore_ascii_case("true");
    let (prefix, delimiter) = (text("prefix"), text("delimiter"));
    let max = call.page("max-keys")?;
    let behind = if is_v2 { behind_of_v2(call)? } else { text("marker").to_owned() };
    let all = entries(call.server.objects.keys(call.bucket, prefix, &behind), prefix, delimiter, &behind);
    let Page { entries, is_truncated } = Page::of(all.into_iter(), max as usize);
    let next = entries.last().filter(|_| is_truncated).map(Entry::text);
    Ok(call.document("ListBucketResult", |xml| {
        style.tell(xml);
        xml.leaf("Name", call.bucket);
        xml.leaf("Prefix", &style.key(prefix));
        xml.number("MaxKeys", max.into());
        if !delimiter.is_empty() {
            xml.leaf("Delimiter", &style.key(delimiter));
        }
        xml.leaf("IsTruncated", if is_truncated { "true" } else { "false" });
        if is_v2 {
            next.into_iter().for_each(|next| xml.leaf("NextContinuationToken", &STANDARD.encode(next)));
            xml.number("KeyCount", entries.len() as u64);
        } else {
            xml.leaf("Marker", &style.key(&behind));
            next.into_iter().for_each(|next| xml.leaf("NextMarker", &style.key(next)));
        }
        entries.iter().for_each(|entry| write(xml, call, entry, style, owned));
    }))
}

fn behind_of_v2(call: &Call<'_>) -> Result<String, Error> {
    let Some(token) = call.query.get("continuation-token").filter(|token| !token.is_empty()) else {
        return Ok(call.query.get("start-after").unwrap_or_default().to_owned());
    };
    let key = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| wrong_argument("continuation-token", token))
}

fn write(xml: &mut Xml, call: &Call<'_>, entry: &Entry, style: KeyStyle, owned: bool) {
    let key = match entry {
        Entry::Prefix(prefix) => {
            return xml.nest("CommonPrefixes", |xml| xml.leaf("Prefix", &style.key(prefix)));
        }
        Entry::Object(key) => key,
    };
    // One that went meanwhile is not told of.
    let Some(object) = call.server.objects.find(call.bucket, key, call.storage()) else { return };
    xml.nest("Contents", |xml| {
        xml.leaf("Key", &style.key(key));
        xml.leaf("LastModified", &date::iso8601(object.modified));
        call.told_etag(&object.etag).into_iter().for_each(|etag| xml.leaf("ETag", &etag));
        xml.number("Size", object.length);
        xml.leaf("StorageClass", description::storage_class(&object.description));
        if owned {
            owner(xml);
        }
    });
}
