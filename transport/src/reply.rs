use std::fmt;

use bytes::{Bytes, BytesMut};
use http::header::TRANSFER_ENCODING;
use http::{HeaderValue, Response, Version, response};
use resumable_core::Limits;

use crate::error::WireError;

/// The body of a reply in the making, never longer than the limits of its request allow.
pub struct Reply {
    bytes: BytesMut,
    most: u64,
}

// Tokens come in answers.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Reply {
    /// A reply without bytes yet.
    pub fn new(limits: &Limits) -> Self {
        Self { bytes: BytesMut::new(), most: limits.reply_bytes }
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// [`WireError::ReplyTooLong`] once they are more than [`Limits::reply_bytes`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        if (self.bytes.len() as u64).saturating_add(bytes.len() as u64) > self.most {
            return Err(WireError::ReplyTooLong(self.most));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The whole reply, with this head. Whatever else a client keeps in its extensions stays behind.
    ///
    /// # Errors
    /// [`WireError::Garbage`] for a reply that nobody knows the end of: of HTTP/1.0 with a `Transfer-Encoding` (RFC 9112, 6.1),
    /// or with another one than `chunked`, which only a `TE` of the request would allow (RFC 9112, 7.4).
    pub fn finish(self, head: response::Parts) -> Result<Response<Bytes>, WireError> {
        let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
        if let Some(coding) = codings.next() {
            if head.version < Version::HTTP_11 {
                return Err(WireError::Garbage("HTTP/1.0 has no Transfer-Encoding".to_owned()));
            }
            if !is_chunked(coding) || codings.next().is_some() {
                return Err(WireError::Garbage("its Transfer-Encoding is not just chunked".to_owned()));
            }
        }
        let mut reply = Response::new(self.bytes.freeze());
        *reply.status_mut() = head.status;
        *reply.version_mut() = head.version;
        *reply.headers_mut() = head.headers;
        Ok(reply)
    }
}

/// Whether a `Transfer-Encoding` is the one that each client understands.
pub(crate) fn is_chunked(coding: &HeaderValue) -> bool {
    coding.as_bytes().eq_ignore_ascii_case(b"chunked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_bug_79_a_reply_is_shown_by_its_length() {
        let mut reply = Reply::new(&Limits::default());
        reply.push(b"s3cret").unwrap();
        assert_eq!(format!("{reply:?}"), "Reply { len: 6, .. }");
    }

    #[test]
    fn a_reply_may_be_as_long_as_its_limit_and_no_longer() {
        let mut reply = Reply::new(&Limits { reply_bytes: 5, ..Limits::default() });
        reply.push(b"abc").unwrap();
        reply.push(b"de").unwrap();
        assert!(matches!(reply.push(b"f"), Err(WireError::ReplyTooLong(5))));
        let (head, ()) = Response::builder().status(404).header("a", "b").body(()).unwrap().into_parts();
        let whole = reply.finish(head).unwrap();
        assert_eq!(
            (whole.status().as_u16(), &whole.headers()["a"], whole.body().as_ref()),
            (404, &"b".parse().unwrap(), &b"abcde"[..])
        );
    }
}
