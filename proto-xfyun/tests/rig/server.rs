//! The vendor in memory: keeps slices, puts them together in the order of their ids, and remembers what it was sent.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Body, Segment};
use serde_json::{Value, json};

use super::says;

/// What a complete of a finished upload is answered with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    Gone,
    SameUrl,
}

pub(crate) struct Server {
    pub(crate) unix: Duration,
    pub(crate) again: Again,
    /// A slice whose id is there already is refused with 10001.
    pub(crate) once: bool,
    pub(crate) open: BTreeMap<String, BTreeMap<u64, Vec<u8>>>,
    /// By upload id.
    completed: BTreeMap<String, String>,
    /// Finished files by url.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) seen: Vec<Seen>,
    opened: usize,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) kind: String,
    pub(crate) uri: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) file_name: Option<String>,
    pub(crate) date: Duration,
    pub(crate) source_bytes: u64,
}

impl Server {
    pub(crate) fn new(unix: Duration) -> Self {
        Self {
            unix,
            again: Again::Gone,
            once: false,
            open: BTreeMap::new(),
            completed: BTreeMap::new(),
            files: BTreeMap::new(),
            seen: Vec::new(),
            opened: 0,
        }
    }

    pub(crate) fn handle(&mut self, request: &Request<Body>, source: &[u8]) -> Response<Bytes> {
        let seen = Seen::of(request);
        let (kind, dated, fields) = (seen.kind.clone(), seen.date, seen.fields.clone());
        self.seen.push(seen);
        if dated.abs_diff(self.unix) > Duration::from_secs(300) {
            let mut refusal = says(
                403,
                r#"{"message":"HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication"}"#,
            );
            let own = httpdate::fmt_http_date(UNIX_EPOCH + self.unix);
            refusal.headers_mut().insert("date", own.parse().unwrap());
            return refusal;
        }
        match self.act(&kind, &fields, bytes_of(request, source)) {
            Ok(data) => {
                says(200, &json!({"code": 0, "data": data, "message": "success", "sid": "ost0001@dx1"}).to_string())
            }
            Err(code) => says(500, &json!({"code": code, "message": "no", "sid": "ost0001@dx1"}).to_string()),
        }
    }

    fn act(&mut self, kind: &str, fields: &BTreeMap<String, String>, bytes: Vec<u8>) -> Result<Value, i64> {
        if fields.get("app_id").is_none_or(|id| id != "app00001") || !fields.contains_key("request_id") {
            return Err(10001);
        }
        let upload_id = fields.get("upload_id").cloned().unwrap_or_default();
        match kind {
            "upload" => Ok(json!({"url": self.store(bytes)})),
            "init" => {
                self.opened += 1;
                let upload_id = format!("up_{}", self.opened);
                self.open.insert(upload_id.clone(), BTreeMap::new());
                Ok(json!({"upload_id": upload_id}))
            }
            "complete" if self.again == Again::SameUrl && self.completed.contains_key(&upload_id) => {
                Ok(json!({"url": self.completed[&upload_id]}))
            }
            "complete" => {
                let slices = self.open.remove(&upload_id).filter(|slices| !slices.is_empty()).ok_or(10005)?;
                let url = self.store(slices.into_values().flatten().collect());
                self.completed.insert(upload_id, url.clone());
                Ok(json!({"url": url}))
            }
            "cancel" => self.open.remove(&upload_id).map(|_| json!(null)).ok_or(10005),
            _ => {
                let slice_id: u64 = fields["slice_id"].parse().map_err(|_| 10001)?;
                if slice_id == 0 || bytes.is_empty() {
                    return Err(10001);
                }
                let slices = self.open.get_mut(&upload_id).ok_or(10005)?;
                if self.once && slices.contains_key(&slice_id) {
                    return Err(10001);
                }
                slices.insert(slice_id, bytes);
                Ok(json!(null))
            }
        }
    }

    fn store(&mut self, bytes: Vec<u8>) -> String {
        let url = format!("https://files.example/{}", self.files.len());
        self.files.insert(url.clone(), bytes);
        url
    }

    /// Slice ids in the order in which they arrived.
    pub(crate) fn slice_ids(&self) -> Vec<u64> {
        self.seen.iter().filter_map(|seen| seen.fields.get("slice_id")?.parse().ok()).collect()
    }

    pub(crate) fn received(&self) -> u64 {
        self.seen.iter().map(|seen| seen.source_bytes).sum()
    }
}

impl Seen {
    fn of(request: &Request<Body>) -> Self {
        let path = request.uri().path();
        let kind = if path == "/file/mpupload/upload" { "slice" } else { path.rsplit('/').next().unwrap() };
        let date = httpdate::parse_http_date(request.headers()["date"].to_str().unwrap()).unwrap();
        let text = bytes_of_text(request);
        let file_name = text.split_once("filename=\"").map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
        Self {
            kind: kind.to_owned(),
            uri: request.uri().to_string(),
            fields: fields_of(&text),
            file_name,
            date: date.duration_since(UNIX_EPOCH).unwrap(),
            source_bytes: request.body().source_len(),
        }
    }
}

/// The text fields of a form, or those of a JSON body.
fn fields_of(text: &str) -> BTreeMap<String, String> {
    if let Ok(json) = serde_json::from_str::<BTreeMap<String, String>>(text) {
        return json;
    }
    let parts = text.split("Content-Disposition: form-data; name=\"").skip(1);
    let field = |part: &str| {
        let (name, rest) = part.split_once("\"\r\n\r\n")?;
        Some((name.to_owned(), rest.split_once("\r\n--")?.0.to_owned()))
    };
    parts.filter_map(field).collect()
}

fn bytes_of_text(request: &Request<Body>) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(_) => String::new(),
    };
    request.body().segments().iter().map(text).collect()
}

fn bytes_of(request: &Request<Body>, source: &[u8]) -> Vec<u8> {
    let at = |offset: u64| usize::try_from(offset).unwrap();
    let bytes = |segment: &Segment| match segment {
        Segment::Bytes(_) => Vec::new(),
        Segment::Source(range) => source[at(range.start)..at(range.end)].to_vec(),
    };
    request.body().segments().iter().flat_map(bytes).collect()
}
