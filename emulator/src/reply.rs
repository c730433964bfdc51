//! Answers: the vendor's shapes, and what the wire should do with them.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::code::Code;

/// An answer, and what to do with it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The whole answer.
    pub response: Response<Bytes>,
    /// How much of it to send.
    pub delivery: Delivery,
    /// How long to wait before.
    pub delay: Duration,
}

/// How much of an answer reaches the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// All of it.
    Send,
    /// Nothing: close the connection.
    Drop,
    /// The head and so many bytes of the body, then close the connection.
    Cut(usize),
}

/// What a successful call answers; fields in the order the vendor prints them.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub(crate) enum Data {
    Nothing,
    Urls(Urls),
    Session(SessionData),
    Slice(SliceData),
    List(ListData),
    Stat(StatData),
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Urls {
    pub(crate) access_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview_url: Option<String>,
    pub(crate) resource_path: String,
    pub(crate) source_url: String,
    pub(crate) url: String,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct SessionData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) serial_upload: Option<u8>,
    pub(crate) session: String,
    pub(crate) slice_size: u64,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct SliceData {
    pub(crate) datalen: u64,
    pub(crate) offset: u64,
    pub(crate) session: String,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct ListData {
    pub(crate) filesize: u64,
    pub(crate) listparts: Vec<ListPart>,
    pub(crate) session: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha: Option<String>,
    pub(crate) slice_size: u64,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct ListPart {
    pub(crate) datalen: u64,
    pub(crate) offset: u64,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct StatData {
    pub(crate) access_url: String,
    pub(crate) biz_attr: String,
    pub(crate) ctime: u64,
    pub(crate) filelen: u64,
    pub(crate) filesize: u64,
    pub(crate) mtime: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview_url: Option<String>,
    pub(crate) resource_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha: Option<String>,
    pub(crate) source_url: String,
    pub(crate) url: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    code: i32,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Data>,
}

/// The head every answer shares.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) date: String,
    pub(crate) request_id: Option<String>,
}

pub(crate) fn success(data: &Data, stamp: &Stamp) -> Response<Bytes> {
    let data = (*data != Data::Nothing).then_some(data);
    json(200, 0, "SUCCESS", data, stamp)
}

pub(crate) fn refusal(code: Code, stamp: &Stamp) -> Response<Bytes> {
    json(code.status, code.number, code.message, None, stamp)
}

fn json(status: u16, code: i32, message: &str, data: Option<&Data>, stamp: &Stamp) -> Response<Bytes> {
    let envelope = Envelope { code, message, request_id: stamp.request_id.as_deref(), data };
    let body = serde_json::to_vec(&envelope).unwrap_or_default();
    response(status, "application/json; charset=utf-8", body.into(), stamp)
}

/// A page for people, as a gateway in front of the service answers.
pub(crate) fn html(status: u16, stamp: &Stamp) -> Response<Bytes> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         <hr><center>tencent-cos</center>\r\n</body>\r\n</html>\r\n"
    );
    response(status.as_u16(), "text/html", page.into(), stamp)
}

pub(crate) fn garbage(stamp: &Stamp) -> Response<Bytes> {
    let body = Bytes::from_static(b"{\"code\":0,\"mess\xff\xfe");
    response(200, "application/json; charset=utf-8", body, stamp)
}

fn response(status: u16, kind: &'static str, body: Bytes, stamp: &Stamp) -> Response<Bytes> {
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, length);
    headers.insert(header::SERVER, HeaderValue::from_static("tencent-cos"));
    if let Ok(date) = HeaderValue::from_str(&stamp.date) {
        headers.insert(header::DATE, date);
    }
    if let Some(Ok(id)) = stamp.request_id.as_deref().map(HeaderValue::from_str) {
        headers.insert("x-cos-request-id", id);
    }
    response
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
