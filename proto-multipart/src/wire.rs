//! What a vendor's crate adds to a message: its place, its headers, its signature.

use alloc::string::String;

use http::{HeaderMap, Method, Request, Uri};
use resumable_core::Body;

use crate::checksum::{Checksum, ChecksumKind};
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::op::Op;

/// One object at one vendor, and who signs its requests now.
pub trait Wire {
    /// How the vendor speaks.
    fn dialect(&self) -> &'static Dialect;

    /// The object's URL with these parameters; one with an empty value stands there as its bare name, or as the vendor
    /// wants it.
    fn uri(&self, query: &[(&str, String)]) -> Uri;

    /// Adds what the headers of a call say at this vendor.
    fn describe(&self, said: &Said<'_>, headers: &mut HeaderMap);

    /// Adds date, token and signature.
    ///
    /// # Errors
    /// When it cannot be signed.
    fn sign(&self, draft: &Draft<'_>, headers: &mut HeaderMap) -> Result<(), Fault>;
}

/// What the headers of a call may depend on. All of it is pinned for the life of an upload, so one that is resumed says the
/// same again.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The call.
    pub op: Op,
    /// The file's length in bytes.
    pub len: u64,
    /// An object that is there already stays.
    pub forbid_overwrite: bool,
    /// The sum that proves content, if any does.
    pub checksum: Option<ChecksumKind>,
    /// Of a complete: the file's sum, if it is known.
    pub whole: Option<Checksum>,
    /// The random name of this attempt, to be kept with the object.
    pub name: Option<&'a str>,
}

impl Said<'_> {
    /// A call that depends on nothing.
    pub fn bare(op: Op) -> Self {
        Self { op, len: 0, forbid_overwrite: false, checksum: None, whole: None, name: None }
    }
}

/// A request that is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The method.
    pub method: &'a Method,
    /// The query, not percent-encoded, sorted by name; an empty value is a bare name.
    pub query: &'a [(&'a str, String)],
    /// The body.
    pub body: &'a Body,
    /// The SHA-256 of source bytes in the body, where it was taken before.
    pub sha256: Option<[u8; 32]>,
}

impl Draft<'_> {
    pub(crate) fn finish(
        self,
        wire: &dyn Wire,
        said: &Said<'_>,
        mut headers: HeaderMap,
    ) -> Result<Request<Body>, Fault> {
        wire.describe(said, &mut headers);
        wire.sign(&self, &mut headers)?;
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = wire.uri(self.query);
        *request.headers_mut() = headers;
        Ok(request)
    }
}
