//! What stands at a key: one [`head_object`]; and which uploads are open in a bucket.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString as _};

use http::Request;
use resumable_core::excerpt::printable;
use resumable_core::leftovers::Ask;
use resumable_core::{
    Answer, Body, Env, Found, IfExists, Located, Lookup, Outline, Rejection, SourceInfo, Told, numbered,
};
use resumable_proto_multipart::Dialect;
use resumable_proto_multipart::leftovers::{Bucket, Leftovers};
use resumable_proto_multipart::limits::REPLY_BYTES;

use crate::codes::Class;
use crate::dialect::DIALECT;
use crate::head_object;
use crate::machine::Oss;
use crate::object::Object;
use crate::object_key::ObjectKey;
use crate::sign::{Signing, Version};
use crate::stage::{Stage, Wire};
use crate::{Credential, Fault, Op};

/// The question what stands at a key. The digest that it tells is the CRC-64, which old objects may lack.
#[derive(Clone, Debug)]
pub struct OssLookup {
    object: Object,
    version: Version,
}

impl Lookup for OssLookup {
    const ID: &'static str = "oss/1";
    type Credential = Credential;
    type Question = ();
    type Finding = Found;
    type Fault = Fault;

    fn target(&self) -> String {
        self.object.url().to_owned()
    }

    fn first(&self) {}

    fn name((): &()) -> &'static str {
        Op::HeadObject.name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn reply_bytes(&self, (): &()) -> u64 {
        REPLY_BYTES
    }

    fn encode(&self, (): &(), credential: &Credential, env: &Env<'_>) -> Result<Request<Body>, Fault> {
        head_object::encode(&self.object, &Signing { credential, version: self.version, now: env.now.unix })
    }

    fn decode(&self, (): &(), answer: &Answer) -> Result<Told<()>, Rejection<Fault>> {
        resumable_proto_multipart::head_object::told(
            &DIALECT,
            self.object.url(),
            self.object.key().as_str(),
            &answer.response,
        )
    }
}

/// The bucket of an object, and what signs.
#[derive(Clone, Debug)]
pub struct OssBucket {
    root: Object,
    version: Version,
}

impl Bucket for OssBucket {
    const ID: &'static str = "oss/1";
    const DIALECT: &'static Dialect = &DIALECT;
    type Credential = Credential;

    fn url(&self) -> String {
        self.root.url().to_owned()
    }

    fn with_wire(
        &self,
        key: Option<&str>,
        credential: &Credential,
        env: &Env<'_>,
        request: impl FnOnce(&dyn resumable_proto_multipart::Wire) -> Result<Request<Body>, Fault>,
    ) -> Result<Request<Body>, Fault> {
        let signing = Signing { credential, version: self.version, now: env.now.unix };
        let Some(key) = key else { return request(&Wire::bare(&self.root, signing)) };
        let unsendable = |why: String| Fault::Key { key: printable(key, usize::MAX), why };
        let checked = ObjectKey::new(key).map_err(|why| unsendable(why.to_string()))?;
        let object = self.root.with_key(checked).map_err(|why| unsendable(why.to_string()))?;
        request(&Wire::bare(&object, signing))
    }
}

impl Located for Oss {
    type Lookup = OssLookup;
    type Leftovers = Leftovers<OssBucket>;

    fn leftovers(&self, first: Ask) -> Option<Leftovers<OssBucket>> {
        let root = self.object().with_key(ObjectKey::none()).ok()?;
        Some(Leftovers::new(OssBucket { root, version: self.options().signature }, first))
    }

    fn open_upload(session: &Stage) -> Option<&str> {
        session.upload_id()
    }

    fn lookup(&self) -> Option<OssLookup> {
        Some(OssLookup { object: self.object().clone(), version: self.options().signature })
    }

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Fault> {
        let stage = Stage::new(&self.options().stage(), source.len);
        let parts = stage.parts();
        stage.check()?;
        Ok(Outline::new(parts, if stage.is_one_request() { 1 } else { parts + 2 }, false))
    }

    fn part_size(&self) -> u64 {
        self.options().part_size
    }

    fn with_part_size(&self, bytes: u64) -> Self {
        let limits = &self.options().limits;
        let options = self.options().clone().part_size(bytes.clamp(limits.part_min, limits.part_max));
        self.clone().with_options(options).unwrap_or_else(|_| self.clone())
    }

    fn compares_content(&self) -> bool {
        false
    }

    fn if_exists(&self) -> Option<IfExists> {
        Some(if self.options().forbid_overwrite { IfExists::Refuse } else { IfExists::Replace })
    }

    fn with_if_exists(&self, policy: IfExists) -> Option<Self> {
        let forbid_overwrite = match policy {
            IfExists::Replace => false,
            IfExists::Refuse => true,
            _ => return None,
        };
        self.clone().with_options(self.options().clone().forbid_overwrite(forbid_overwrite)).ok()
    }

    fn renamed(&self, nth: u32) -> Option<(Self, String)> {
        let name = numbered(self.object().key().as_str(), nth);
        let object = self.object().with_key(ObjectKey::new(name.as_str()).ok()?).ok()?;
        Some((Self::new(object, self.options().clone()).ok()?, name))
    }

    fn is_kept_from_asking(fault: &Fault) -> bool {
        fault.error().is_some_and(|error| error.code.as_deref() == Some("AccessDenied"))
    }

    fn is_taken(fault: &Fault) -> bool {
        matches!(fault, Fault::Taken) || fault.class() == Some(Class::FileAlreadyExists)
    }
}
