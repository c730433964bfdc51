//! Signatures: V1 (`OSS <id>:<HMAC-SHA1>`) and V4 (`OSS4-HMAC-SHA256 Credential=…`), both in the `Authorization` header.

pub mod v1;
pub mod v4;

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use http::header::{AUTHORIZATION, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
pub use resumable_proto_multipart::signature::Authorization;
use resumable_proto_multipart::signature::{header_lines, text_of};
use resumable_proto_multipart::{Credential, Fault};

use crate::object::Object;

const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-oss-security-token");
const OSS_DATE: HeaderName = HeaderName::from_static("x-oss-date");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-oss-content-sha256");

/// Which signature requests carry. The vendor has taken V1 from accounts since their beginning, and gives it to new
/// ones no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// HMAC-SHA1. Needs no region.
    V1,
    /// HMAC-SHA256, over all of the query. Needs the region.
    #[default]
    V4,
}

/// What every call is signed with.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// Who signs.
    pub credential: &'a Credential,
    /// Which signature.
    pub version: Version,
    /// Time since 1970-01-01 UTC by the vendor's clock, when the request leaves.
    pub now: Duration,
}

/// What a signature covers. `Debug` shows no header and no query: the security token is in either.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The method.
    pub method: &'a Method,
    /// The bucket: it is signed even where the host names it.
    pub bucket: &'a str,
    /// The object's key, not percent-encoded.
    pub key: &'a str,
    /// The query, not percent-encoded; an empty value is a bare name.
    pub query: &'a [(&'a str, String)],
    /// The headers, with the date and the security token.
    pub headers: &'a HeaderMap,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, bucket, key, query: _, headers: _ } = self;
        let mut shown = f.debug_struct("Subject");
        shown.field("method", method).field("bucket", bucket).field("key", key);
        shown.finish_non_exhaustive()
    }
}

impl Signing<'_> {
    /// Adds the date, the security token and the signature to the headers of a request.
    ///
    /// # Errors
    /// For V4, when the endpoint's region is not known.
    pub(crate) fn sign(
        &self,
        method: &Method,
        object: &Object,
        query: &[(&str, String)],
        headers: &mut HeaderMap,
    ) -> Result<(), Fault> {
        let plain = |text: &str| HeaderValue::from_str(text).expect("dates are printable ASCII");
        if let Some(token) = self.credential.token() {
            let mut token = HeaderValue::from_str(token).expect("a checked token makes a header value");
            token.set_sensitive(true);
            headers.insert(SECURITY_TOKEN, token);
        }
        match self.version {
            Version::V1 => headers.insert(DATE, plain(&v1::date(self.now))),
            Version::V4 => {
                headers.insert(CONTENT_SHA256, HeaderValue::from_static(v4::UNSIGNED_PAYLOAD));
                headers.insert(OSS_DATE, plain(&v4::date(self.now)))
            }
        };
        let subject = Subject { method, bucket: object.bucket(), key: object.key().as_str(), query, headers };
        let authorization = match self.version {
            Version::V1 => v1::authorization(self.credential, &v1::string_to_sign(&subject)),
            Version::V4 => {
                let region = object.endpoint().region().ok_or(Fault::NoRegion)?;
                let request = v4::canonical_request(&subject, &[]);
                v4::authorization(self.credential, &v4::date(self.now), region, &request, &[])
            }
        };
        headers.insert(AUTHORIZATION, authorization.to_header_value());
        Ok(())
    }
}
