//! What stands at a path: one [`stat`].

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString as _};

use bytes::Bytes;
use http::Response;
use resumable_core::{Digest, Found, HashKind, Rejection, Told, numbered};

use crate::op::Op;
use crate::path::ObjectPath;
use crate::place::{Place, Version};
use crate::stat::{self, StatReply};

/// Reads the answer to a `stat`: what stands there. An upload that is not finished may show as an object of which less is
/// there than its length: that is nothing. `op` is the version's name for this call.
///
/// # Errors
/// As with [`stat::decode`].
pub fn decode<V, O: Op>(place: &Place<V>, op: O, response: &Response<Bytes>) -> Result<Told<()>, Rejection<O::Fault>> {
    let stat = match stat::decode(op, response)? {
        StatReply::Object(stat) if stat.is_whole() => stat,
        StatReply::Object(_) | StatReply::Nothing => return Ok(Told::Nothing),
    };
    let mut found = Found::default();
    found.len = stat.filesize;
    let sha = stat.sha.and_then(|sha| hex::decode(sha).ok()).filter(|sha| sha.len() == 20);
    found.digests.extend(sha.map(|sha| (HashKind::Sha1, Digest::new(sha))));
    found.url = stat.urls.best().map(str::to_owned);
    found.id = stat.urls.resource_path;
    found.modified = stat.mtime;
    found.name = Some(place.path().to_string());
    Ok(Told::Found(found))
}

/// The same place under the `nth` other name, from 1, and that path. `None` if it makes no URL.
pub fn renamed<V: Version>(place: &Place<V>, nth: u32) -> Option<(Place<V>, String)> {
    let path = numbered(place.path().as_str(), nth);
    let place = Place::new(place.endpoint(), place.appid(), place.bucket(), ObjectPath::new(path.as_str()).ok()?);
    Some((place.ok()?, path))
}
