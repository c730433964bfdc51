//! `GET /` and `GET /?list-type=2`: the objects of a bucket, by pages.
//!
//! Parameters: `prefix`, `delimiter`, `max-keys` (100), `encoding-type=url`; where to begin, `marker` in the first form,
//! `start-after` and `continuation-token` in the second. The first form names the owner of each object, the second where
//! `fetch-owner=true` asks for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::Success;
use super::call::{Call, wrong_argument};
use super::error::Error;
use super::listing;
use super::xml::Xml;
use crate::date;

const DEFAULT_PAGE: u32 = 100;

/// An entry of a page: an object, or all whose keys begin alike up to the delimiter.
enum Entry {
    Object(String),
    Prefix(String),
}

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let encodes = call.encodes_keys()?;
    let is_v2 = call.query.get("list-type") == Some("2");
    let text = |name: &str| call.query.get(name).unwrap_or_default();
    let owned = !is_v2 || text("fetch-owner").eq_ignore_ascii_case("true");
    let (prefix, delimiter) = (text("prefix"), text("delimiter"));
    let page = call.server.config.limits.page;
    let max = call.number("max-keys", DEFAULT_PAGE.min(page), 1..=page)?;
    let behind = if is_v2 { behind_of_v2(call)? } else { text("marker").to_owned() };
    let mut entries = entries(call.server.objects.keys(call.bucket, prefix, &behind), prefix, delimiter, &behind);
    let truncated = entries.len() > max as usize;
    entries.truncate(max as usize);
    let next = entries.last().filter(|_| truncated).map(|entry| match entry {
        Entry::Object(key) | Entry::Prefix(key) => key.as_str(),
    });
    Ok(Success::xml(Xml::document("ListBucketResult", |xml| {
        listing::encoding(xml, encodes);
        xml.leaf("Name", call.bucket);
        xml.leaf("Prefix", &listing::key(prefix, encodes));
        xml.number("MaxKeys", max.into());
        xml.leaf("Delimiter", &listing::key(delimiter, encodes));
        xml.leaf("IsTruncated", if truncated { "true" } else { "false" });
        if is_v2 {
            xml.leaf("StartAfter", &listing::key(text("start-after"), encodes));
            xml.leaf("ContinuationToken", text("continuation-token"));
            next.into_iter().for_each(|next| xml.leaf("NextContinuationToken", &STANDARD.encode(next)));
            xml.number("KeyCount", entries.len() as u64);
        } else {
            xml.leaf("Marker", &listing::key(&behind, encodes));
            next.into_iter().for_each(|next| xml.leaf("NextMarker", &listing::key(next, encodes)));
        }
        entries.iter().for_each(|entry| write(xml, call, entry, encodes, owned));
    })))
}

fn behind_of_v2(call: &Call<'_>) -> Result<String, Error> {
    let Some(token) = call.query.get("continuation-token").filter(|token| !token.is_empty()) else {
        return Ok(call.query.get("start-after").unwrap_or_default().to_owned());
    };
    let key = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| wrong_argument("continuation-token", token))
}

fn entries(keys: Vec<String>, prefix: &str, delimiter: &str, behind: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for key in keys {
        let rest = &key[prefix.len()..];
        let Some(end) = rest.find(delimiter).filter(|_| !delimiter.is_empty()) else {
            entries.push(Entry::Object(key));
            continue;
        };
        let common = key[..prefix.len() + end + delimiter.len()].to_owned();
        let is_there = matches!(entries.last(), Some(Entry::Prefix(last)) if *last == common);
        if !is_there && common.as_str() > behind {
            entries.push(Entry::Prefix(common));
        }
    }
    entries
}

fn write(xml: &mut Xml, call: &Call<'_>, entry: &Entry, encodes: bool, owned: bool) {
    let key = match entry {
        Entry::Prefix(prefix) => {
            return xml.nest("CommonPrefixes", |xml| xml.leaf("Prefix", &listing::key(prefix, encodes)));
        }
        Entry::Object(key) => key,
    };
    // One that went meanwhile is not told of.
    let Some((object, etag, _)) = call.server.objects.find(call.bucket, key, call.storage()) else { return };
    xml.nest("Contents", |xml| {
        xml.leaf("Key", &listing::key(key, encodes));
        xml.leaf("LastModified", &date::iso8601(object.modified));
        xml.leaf("ETag", &format!("\"{}\"", call.etag(&etag)));
        xml.leaf("Type", if object.is_multipart { "Multipart" } else { "Normal" });
        xml.number("Size", object.length);
        xml.leaf("StorageClass", "Standard");
        if owned {
            listing::owner(xml);
        }
    });
}
