//! Requests and answers as text, so that a dictionary and a corpus can hold them: a first line, a line for each header, an
//! empty line, the body.

use bytes::Bytes;
use http::header::HeaderMap;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};

use crate::draw::Draw;

/// An answer; what cannot be one is left out of it.
pub fn response(text: &[u8]) -> Response<Bytes> {
    let mut draw = Draw::new(text);
    let status = number(draw.until(b'\n')).and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status.unwrap_or_default();
    *response.headers_mut() = headers(&mut draw);
    *response.body_mut() = Bytes::copy_from_slice(draw.rest());
    response
}

/// A request, if there is one: `METHOD URI` stands in the first line.
pub fn request(text: &[u8]) -> Option<Request<Bytes>> {
    let mut draw = Draw::new(text);
    let line = draw.until(b'\n');
    let space = line.iter().position(|byte| *byte == b' ')?;
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::from_bytes(&line[..space]).ok()?;
    *request.uri_mut() = Uri::try_from(&line[space + 1..]).ok()?;
    *request.headers_mut() = headers(&mut draw);
    *request.body_mut() = Bytes::copy_from_slice(draw.rest());
    Some(request)
}

/// An answer as text.
pub fn of_response(response: &Response<Bytes>) -> Vec<u8> {
    written(response.status().as_str(), response.headers(), response.body())
}

/// A request as text.
pub fn of_request(request: &Request<Bytes>) -> Vec<u8> {
    let line = format!("{} {}", request.method(), request.uri());
    written(&line, request.headers(), request.body())
}

fn written(line: &str, headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut text = line.as_bytes().to_vec();
    for (name, value) in headers {
        text.extend([b"\n", name.as_str().as_bytes(), b": ", value.as_bytes()].concat());
    }
    text.extend_from_slice(b"\n\n");
    text.extend_from_slice(body);
    text
}

fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

fn headers(draw: &mut Draw<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    loop {
        let line = draw.until(b'\n');
        if line.is_empty() {
            return headers;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line.get(colon + 1..).unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            // More of them than a map can hold are none of any transport's.
            let _ = headers.try_append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = b"206\ndate: now\nx-a: \xff\n\nbody\n\0";
        assert_eq!(of_response(&response(text)), text);
        let text = b"PUT /a?b=c\nhost: h\n\n";
        assert_eq!(of_request(&request(text).unwrap()), text);
    }

    #[test]
    fn what_is_no_message_is_left_out() {
        assert_eq!(response(b"what\nno header\n\n").status(), 200);
        assert!(request(b"").is_none() && request(b"GET").is_none() && request(b"GET \n").is_none());
    }
}
