//! What OSS's requests say besides their message: headers, place, signature.

use alloc::string::String;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use resumable_proto_multipart::{Dialect, Draft, Fault, Op, Said};

use crate::callback::Callback;
use crate::dialect::DIALECT;
use crate::object::Object;
use crate::object_headers::ObjectHeaders;
use crate::sign::Signing;

const FORBID_OVERWRITE: HeaderName = HeaderName::from_static("x-oss-forbid-overwrite");

/// Where an object goes, who signs, and what else its requests say.
#[derive(Clone, Copy, Debug)]
pub struct Wire<'a> {
    /// Where it goes.
    pub object: &'a Object,
    /// Who signs, and when.
    pub signing: Signing<'a>,
    /// What to call when the object is complete.
    pub callback: Option<&'a Callback>,
    /// The content's type.
    pub content_type: Option<&'a HeaderValue>,
    /// What else is kept with the object.
    pub headers: Option<&'a ObjectHeaders>,
}

impl<'a> Wire<'a> {
    /// An object's requests that say nothing else.
    pub(crate) fn bare(object: &'a Object, signing: Signing<'a>) -> Self {
        Self { object, signing, callback: None, content_type: None, headers: None }
    }
}

impl resumable_proto_multipart::Wire for Wire<'_> {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn uri(&self, query: &[(&str, String)]) -> Uri {
        self.object.uri(query)
    }

    fn describe(&self, said: &Said<'_>, headers: &mut HeaderMap) {
        let begins = matches!(said.op, Op::PutObject | Op::InitiateMultipartUpload);
        let ends = matches!(said.op, Op::PutObject | Op::CompleteMultipartUpload);
        if said.op == Op::PutObject {
            let unknown = HeaderValue::from_static("application/octet-stream");
            headers.insert(CONTENT_TYPE, self.content_type.cloned().unwrap_or(unknown));
        } else if let (true, Some(content_type)) = (begins, self.content_type) {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        if let (true, Some(callback)) = (ends, self.callback) {
            callback.add_to(headers);
        }
        if let (true, Some(kept)) = (begins, self.headers) {
            kept.add_described(headers);
        }
        if let (true, Some(kept)) = (ends, self.headers) {
            kept.add_at_the_end(headers);
        }
        if said.forbid_overwrite && (begins || ends) {
            headers.insert(FORBID_OVERWRITE, HeaderValue::from_static("true"));
        }
    }

    fn sign(&self, draft: &Draft<'_>, headers: &mut HeaderMap) -> Result<(), Fault> {
        self.signing.sign(draft.method, self.object, draft.query, headers)
    }
}
