//! What stands at a key: one [`head_object`].

use alloc::borrow::ToOwned;
use alloc::string::String;

use http::Request;
use resumable_core::{Answer, Body, Env, IfExists, Located, Lookup, Outline, Rejection, SourceInfo, Told, numbered};
use resumable_proto_multipart::limits::REPLY_BYTES;

use crate::codes::Class;
use crate::dialect::DIALECT;
use crate::head_object;
use crate::machine::Oss;
use crate::object::Object;
use crate::object_key::ObjectKey;
use crate::sign::{Signing, Version};
use crate::stage::Stage;
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

impl Located for Oss {
    type Lookup = OssLookup;

    fn lookup(&self) -> Option<OssLookup> {
        Some(OssLookup { object: self.object().clone(), version: self.options().signature })
    }

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Fault> {
        let stage = Stage::new(&self.options().stage(), source.len);
        let parts = stage.parts();
        stage.check()?;
        Ok(Outline::new(parts, if stage.is_one_request() { 1 } else { parts + 2 }, false))
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
