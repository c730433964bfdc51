//! The fields of a signature, in the `Authorization` or in the query.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::cos_xml::error::{ACCESS_DENIED, Error, INVALID_REQUEST};

const ALGORITHM: &str = "q-sign-algorithm";
const NAMES: [&str; 7] =
    [ALGORITHM, "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature"];

/// A signature that can be read.
pub(super) struct Fields {
    pub(super) secret_id: String,
    pub(super) sign_time: Span,
    pub(super) key_time: Span,
    pub(super) headers: String,
    pub(super) parameters: String,
    pub(super) signature: String,
}

/// From when to when a signature is good, in seconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
    /// As it was signed.
    pub(super) text: String,
}

/// Whether a parameter belongs to the signature itself.
pub(super) fn is_field(name: &str) -> bool {
    NAMES.contains(&name)
}

/// What has the form of a signature, in the head or in the query.
pub(super) fn text(head: &Parts) -> Option<&str> {
    let in_head = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    in_head.filter(|text| has_algorithm(text)).or_else(|| head.uri.query().filter(|query| has_algorithm(query)))
}

fn has_algorithm(text: &str) -> bool {
    text.split('&').any(|pair| pair.strip_prefix(ALGORITHM).is_some_and(|rest| rest.starts_with('=')))
}

impl Fields {
    pub(super) fn of(head: &Parts) -> Result<Fields, Error> {
        let unreadable = || INVALID_REQUEST.because("The signature cannot be read.");
        let Some(text) = text(head) else {
            return Err(if head.headers.contains_key(AUTHORIZATION) { unreadable() } else { ACCESS_DENIED.error() });
        };
        // In a head nothing is encoded but what the lists hold anyway.
        let is_in_head = head.headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes() == text.as_bytes());
        Fields::read(text, is_in_head).ok_or_else(unreadable)
    }

    fn read(text: &str, is_in_head: bool) -> Option<Fields> {
        let mut found: [Option<Cow<'_, str>>; 7] = Default::default();
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            if let Some(at) = NAMES.iter().position(|known| *known == name) {
                let value =
                    if is_in_head { Cow::Borrowed(value) } else { percent_decode_str(value).decode_utf8().ok()? };
                // Whichever of two was signed, the other is in doubt.
                found[at].replace(value).is_none().then_some(())?;
            }
        }
        let [algorithm, secret_id, sign_time, key_time, headers, parameters, signature] = found;
        let is_good = algorithm? == "sha1" && !secret_id.as_ref()?.is_empty();
        is_good.then_some(Fields {
            secret_id: secret_id?.into_owned(),
            sign_time: Span::read(&sign_time?)?,
            key_time: Span::read(&key_time?)?,
            headers: headers?.into_owned(),
            parameters: parameters?.into_owned(),
            signature: signature?.into_owned(),
        })
    }
}

impl Span {
    fn read(text: &str) -> Option<Span> {
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let (start, end) = text.split_once(';')?;
        let (start, end): (u64, u64) = (number(start)?, number(end)?);
        (start <= end).then(|| Span { start, end, text: text.to_owned() })
    }
}
