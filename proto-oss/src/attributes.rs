//! What an object is to be.

use http::HeaderValue;

use crate::object_headers::ObjectHeaders;

/// What an object is to be besides its content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attributes<'a> {
    /// Its type; `application/octet-stream` where nothing is said.
    pub content_type: Option<&'a HeaderValue>,
    /// What else is kept with it.
    pub headers: Option<&'a ObjectHeaders>,
    /// The vendor refuses to overwrite an object that is there already.
    pub forbid_overwrite: bool,
}
