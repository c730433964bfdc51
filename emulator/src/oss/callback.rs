//! Callbacks: what OSS tells somebody else when an object is there, and what that one answers (reference §6.7).
//!
//! Headers `x-oss-callback` and `x-oss-callback-var`, or query parameters `callback` and `callback-var`: base64 of JSON. What
//! cannot be read is `InvalidArgument`, and nothing is done. No request leaves the emulator: an address is one of a
//! [`CallbackTarget`], or nobody is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::config::FixedCallback;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// Longest answer of a callback, in bytes.
const LONGEST_ANSWER: usize = 3 * 1024 * 1024;

/// Somebody within the emulator who takes callbacks.
pub(crate) trait CallbackTarget: Send + Sync {
    /// Whether an address is its own.
    fn claims(&self, url: &str) -> bool;

    /// `clock` is the server's own idea of the time. Called while no lock of OSS is held.
    fn receive(&self, clock: Duration, content_type: &str, body: &str) -> CallbackAnswer;
}

/// What a callback was answered: only a 200 with JSON reaches the uploader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallbackAnswer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl CallbackTarget for FixedCallback {
    fn claims(&self, url: &str) -> bool {
        self.url == url
    }

    fn receive(&self, _clock: Duration, _content_type: &str, _body: &str) -> CallbackAnswer {
        CallbackAnswer { status: self.status, body: Bytes::from(self.answer.clone()) }
    }
}

/// Everything but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a request asks to be told, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Callback {
    /// One, or several with `;` between, of which the first that answers is enough.
    urls: String,
    template: String,
    kind: &'static str,
    vars: BTreeMap<String, String>,
}

/// What a template may speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) bucket: String,
    pub(super) object: String,
    pub(super) size: u64,
    /// Without quotes.
    pub(super) etag: String,
    pub(super) mime_type: String,
    pub(super) crc64: u64,
    /// Upper-case hex; absent for objects whose parts came in any order.
    pub(super) sha1: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "callbackUrl")]
    url: String,
    #[serde(rename = "callbackBody")]
    body: String,
    #[serde(rename = "callbackBodyType")]
    kind: Option<String>,
}

impl Callback {
    /// Reads the two headers. An error says what is wrong with them.
    pub(super) fn read(callback: &str, vars: Option<&str>) -> Result<Callback, &'static str> {
        let wire: Wire = serde_json::from_slice(&decoded(callback)?)
            .map_err(|_| "The callback configuration is not json format.")?;
        if wire.url.is_empty() || wire.body.is_empty() {
            return Err("The callback configuration needs callbackUrl and callbackBody.");
        }
        let kind = match wire.kind.as_deref() {
            None | Some("" | FORM) => FORM,
            Some(JSON) => JSON,
            Some(_) => return Err("The callbackBodyType of the callback configuration is not supported."),
        };
        let vars = vars.map_or(Ok(BTreeMap::new()), read_vars)?;
        Ok(Callback { urls: wire.url, template: wire.body, kind, vars })
    }

    /// Tells it; the answer for the uploader, or why there is none.
    pub(super) fn tell(
        &self,
        facts: &Facts,
        targets: &[Arc<dyn CallbackTarget>],
        clock: Duration,
    ) -> Result<Bytes, String> {
        let body = self.body(facts);
        let target = self.urls.split(';').find_map(|url| targets.iter().find(|target| target.claims(url.trim())));
        let target = target.ok_or("Error status : 502.")?;
        let answer = target.receive(clock, self.kind, &body);
        if answer.status != 200 {
            return Err(format!("Error status : {}.", answer.status));
        }
        let is_json = serde_json::from_slice::<IgnoredAny>(&answer.body).is_ok();
        if !is_json || answer.body.len() > LONGEST_ANSWER {
            return Err("Response body is not valid json format.".to_owned());
        }
        Ok(answer.body)
    }

    /// The template with every `${…}` replaced; a name that means nothing is replaced by nothing.
    fn body(&self, facts: &Facts) -> String {
        let (mut body, mut rest) = (String::new(), self.template.as_str());
        let mut in_text = false;
        while let Some((before, after)) = rest.split_once("${") {
            body.push_str(before);
            in_text ^= has_odd_quotes(before);
            let Some((name, behind)) = after.split_once('}') else {
                body.push_str("${");
                rest = after;
                continue;
            };
            let value = self.value(name, facts);
            body.push_str(&if self.kind == JSON { in_json(&value, in_text) } else { in_form(&value) });
            rest = behind;
        }
        body + rest
    }

    fn value(&self, name: &str, facts: &Facts) -> Value {
        match name {
            "bucket" => Value::from(facts.bucket.as_str()),
            "object" => Value::from(facts.object.as_str()),
            "size" => Value::from(facts.size),
            "etag" => Value::from(facts.etag.as_str()),
            "mimeType" => Value::from(facts.mime_type.as_str()),
            "crc64" => Value::from(facts.crc64.to_string()),
            "sha1" => Value::from(facts.sha1.as_deref().unwrap_or_default()),
            other => Value::from(self.vars.get(other).map_or("", String::as_str)),
        }
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, &'static str> {
    STANDARD.decode(text).map_err(|_| "The callback configuration is not base64 encoded.")
}

/// All keys begin with `x:` and have no capital.
fn read_vars(text: &str) -> Result<BTreeMap<String, String>, &'static str> {
    let vars: BTreeMap<String, String> =
        serde_json::from_slice(&decoded(text)?).map_err(|_| "The callback-var is not json format.")?;
    let is_good = |key: &String| key.starts_with("x:") && !key.chars().any(char::is_uppercase);
    if vars.keys().all(is_good) {
        Ok(vars)
    } else {
        Err("The keys of callback-var must be lower case and begin with x:.")
    }
}

fn in_form(value: &Value) -> String {
    match value.as_str() {
        Some(text) => utf8_percent_encode(text, RESERVED).to_string(),
        None => value.to_string(),
    }
}

/// A text brings its quotes along, unless it is put between some.
fn in_json(value: &Value, in_text: bool) -> String {
    let text = value.to_string();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    bare.filter(|_| in_text).map_or(text.clone(), str::to_owned)
}

fn has_odd_quotes(text: &str) -> bool {
    let (mut odd, mut escaped) = (false, false);
    for byte in text.bytes() {
        odd ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
    }
    odd
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
