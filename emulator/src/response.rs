//! Responses, as far as all vendors write them alike.

use std::ops::Range;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::service::Outcome;

/// A whole body, of a kind and a date that a header can hold.
pub(crate) fn response(status: u16, kind: &'static str, body: Bytes, date: &str) -> Response<Bytes> {
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_LENGTH, length);
    if let Ok(date) = HeaderValue::from_str(date) {
        headers.insert(DATE, date);
    }
    response
}

/// A page for people, as a gateway in front of the service writes it. A status that is none becomes a 502.
pub(crate) fn page(status: u16, gateway: &str) -> (u16, Bytes) {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         <hr><center>{gateway}</center>\r\n</body>\r\n</html>\r\n"
    );
    (status.as_u16(), page.into())
}

/// Where the blanks are in a body that is sent slowly: an extension of the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blanks(pub(crate) Range<usize>);

impl Outcome {
    /// The same with status 200, and with so many blanks behind the XML declaration.
    pub(crate) fn with_blanks(mut self, count: u64) -> Outcome {
        const MOST: usize = 1024 * 1024;
        let count = usize::try_from(count).unwrap_or(MOST).min(MOST);
        let body = self.response.body();
        let at = body.windows(2).position(|it| it == b"?>").map_or(0, |at| at + 2);
        let whole = [&body[..at], vec![b' '; count].as_slice(), &body[at..]].concat();
        let length = HeaderValue::from(whole.len());
        *self.response.body_mut() = Bytes::from(whole);
        *self.response.status_mut() = StatusCode::OK;
        self.response.headers_mut().insert(CONTENT_LENGTH, length);
        self.response.extensions_mut().insert(Blanks(at..at + count));
        self
    }

    /// The same, with a `Retry-After` if there is one.
    pub(crate) fn retry_after(mut self, seconds: Option<u64>) -> Outcome {
        let header = seconds.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds)));
        self.response.headers_mut().extend(header);
        self
    }
}
