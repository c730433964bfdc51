//! The requests: forms in `application/x-www-form-urlencoded`, and queries in the same writing.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use resumable_core::Body;

use crate::token::AccessToken;

/// What stays as it is in a form; a space becomes `+`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// Fields in their order, as `name=value&name=value`.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let value = |text: &str| utf8_percent_encode(text, ENCODED).to_string().replace("%20", "+");
    fields.iter().map(|(name, text)| format!("{name}={}", value(text))).collect::<Vec<_>>().join("&")
}

/// A `POST` of these fields.
pub(crate) fn post(uri: Uri, token: Option<&AccessToken>, fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = request(Method::POST, uri, token, Bytes::from(encoded(fields)).into());
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, form);
    request
}

/// A `GET`.
pub(crate) fn get(uri: Uri, token: Option<&AccessToken>) -> Request<Body> {
    request(Method::GET, uri, token, Body::empty())
}

fn request(method: Method, uri: Uri, token: Option<&AccessToken>, body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, token.to_header_value());
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_written_as_browsers_do() {
        let fields = [("a", "示例 视频+1.mkv"), ("b", ""), ("c", "&=%\r\n~*-._/")];
        assert_eq!(encoded(&fields), "a=%E7%A4%BA%E4%BE%8B+%E8%A7%86%E9%A2%91%2B1.mkv&b=&c=%26%3D%25%0D%0A%7E*-._%2F");
    }
}
