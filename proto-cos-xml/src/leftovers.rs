//! Which uploads are open in a bucket.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString as _};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::excerpt::printable;
use resumable_core::{Body, Env, Rejection};
use resumable_proto_multipart::{Dialect, Fault, Wire, leftovers};

use crate::credential::Credential;
use crate::dialect::{CosWire, DIALECT};
use crate::machine::{CosXml, dated};
use crate::object_key::ObjectKey;
use crate::sign::Signing;

/// The bucket of an object, and how it is asked.
#[derive(Clone, Debug)]
pub struct CosXmlBucket(pub(crate) CosXml);

impl leftovers::Bucket for CosXmlBucket {
    const ID: &'static str = "cos-xml/1";
    const DIALECT: &'static Dialect = &DIALECT;
    type Credential = Credential;

    fn url(&self) -> String {
        let bucket = self.0.object().with_key(ObjectKey::none());
        bucket.map_or_else(|_| self.0.object().url().to_owned(), |bucket| bucket.url().to_owned())
    }

    fn with_wire(
        &self,
        key: Option<&str>,
        credential: &Credential,
        env: &Env<'_>,
        request: impl FnOnce(&dyn Wire) -> Result<Request<Body>, Fault>,
    ) -> Result<Request<Body>, Fault> {
        let unsendable = |why: String| Fault::Key { key: printable(key.unwrap_or_default(), usize::MAX), why };
        let key = key.map_or(Ok(ObjectKey::none()), ObjectKey::new).map_err(|why| unsendable(why.to_string()))?;
        let object = self.0.object().with_key(key).map_err(|why| unsendable(why.to_string()))?;
        let signing = Signing { credential, now: env.now.unix };
        request(&CosWire { object: &object, options: self.0.options(), signing, backup: false })
    }

    fn advised(refused: Rejection<Fault>, response: &Response<Bytes>) -> Rejection<Fault> {
        dated(refused, response)
    }
}
